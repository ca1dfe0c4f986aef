//! Answers that were set aside, because their question is no longer asked, count for nothing.

use attest::Algorithm;
use axum::http::StatusCode;

use crate::desk::{PASSWORD, site, small_form};

#[tokio::test]
async fn a_decision_that_is_no_longer_asked_for_lengthens_no_sick_leave() {
    let rules = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"sick-leave"},{"url":"from","valueString":"from"},{"url":"until","valueString":"until"},{"url":"alone-days","valueString":"3"},{"url":"commission","valueString":"commission"}]}"#;
    let items = r#"{"linkId":"from","text":"From","type":"date"},{"linkId":"until","text":"Until","type":"date"},{"linkId":"decided","text":"Decided","type":"boolean"},{"linkId":"commission","text":"Commission","type":"string","enableWhen":[{"question":"decided","operator":"=","answerBoolean":true}]}"#;
    let form = small_form("leave", rules).replace(r#"{"linkId":"note","text":"Note","type":"string","required":true}"#, items);
    let site = site(&[form], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/leave").await;
    ana.act(&place, "save", &[("a::from", "2026-03-02"), ("a::until", "2026-03-09"), ("a::decided", "true"), ("a::commission", "No. 7")]).await;
    assert_eq!(ana.get(&format!("{place}/sign")).await.status, StatusCode::OK);
    ana.act(&place, "save", &[("a::decided", "false")]).await;
    let page = ana.get(&format!("{place}/sign")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("the commission decides: name its decision"), "{}", page.text);
    // Asked again, it is there again.
    ana.act(&place, "save", &[("a::decided", "true")]).await;
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("No. 7"), "{}", page.text);
}
