//! Amendments of one document that are begun beside each other, over the real door and RocksDB.

use access::Role;
use attest::Algorithm;
use axum::http::StatusCode;
use chart::Labelling;
use fhir::{Document, ResourceType};
use web::words::Language;

use crate::desk::{PASSWORD, Reader, between, site, small_form};

/// A form with two questions.
fn two_questions() -> String {
    small_form("plain", "").replace(r#""item":["#, r#""item":[{"linkId":"place","text":"Place","type":"string"},"#)
}

async fn sign(reader: &Reader<'_>, place: &str, fields: &[(&str, &str)]) {
    let page = reader.act(place, "sign", fields).await;
    assert_eq!(page.location(), format!("{place}/sign"), "{}", page.text);
    let page = reader.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
}

async fn amendment(reader: &Reader<'_>, place: &str) -> String {
    let page = reader.post(place, &[("act", "amend"), ("reason", "a slip")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.location()
}

#[tokio::test]
async fn an_amendment_does_not_take_away_unsaid_what_another_one_put_right_meanwhile() {
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    let place = ana.begin("/plain").await;
    sign(&ana, &place, &[("a::place", "left"), ("a::note", "first")]).await;
    let (hers, his) = (amendment(&ana, &place).await, amendment(&ruiz, &place).await);
    ana.act(&hers, "save", &[("a::note", "hers")]).await;
    sign(&ruiz, &his, &[("a::place", "right")]).await;
    // Whoever opens the draft is told, and may go to the newer version.
    for language in Language::ALL {
        let page = ana.get_in(&hers, language).await;
        assert!(page.status == StatusCode::OK && page.text.contains(&format!("<a href=\"{place}\">")) && page.text.contains("value=\"anew\"") && !page.text.contains('⟦'), "{}", page.text);
    }
    let page = ana.get(&format!("{hers}/sign")).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("amended after this amendment was begun"), "{}", page.text);
    // A page that was open since before cannot sign it either.
    let page = ana.post(&format!("{hers}/sign"), &[("version", "2"), ("act", "sign"), ("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("amended after this amendment was begun"), "{}", page.text);
    assert!(ana.get(&place).await.text.contains(">right<"));
    // Begun anew it keeps what she changed and says what he put right.
    let page = ana.act(&hers, "anew", &[("a::note", "hers, at last")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Begun anew") && page.text.contains("In the other version: <b>first</b>") && !page.text.contains("amended after this"), "{}", page.text);
    sign(&ana, &hers, &[]).await;
    let page = ana.get(&place).await.text;
    assert!(page.contains(">right<") && page.contains("hers, at last") && !page.contains(">left<"), "{page}");
    let stands = site.record("QuestionnaireResponse").await;
    assert!(stands.len() == 1 && !stands[0].contains("form-amends"), "{stands:?}");
}

#[tokio::test]
async fn what_was_taken_out_of_force_is_not_brought_back_by_an_amendment_begun_before() {
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    sign(&ana, &place, &[("a::note", "first")]).await;
    let draft = amendment(&ana, &place).await;
    let page = ana.post(&format!("{place}/sign"), &[("version", "3"), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let page = ana.act(&draft, "sign", &[("a::note", "second")]).await;
    let page = ana.get(&page.location()).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("taken out of force after") && !page.text.contains("value=\"anew\""), "{}", page.text);
    assert_eq!(ana.act(&draft, "anew", &[("a::note", "second")]).await.status, StatusCode::CONFLICT);
    assert!(ana.get(&place).await.text.contains("Out of force"));
    // The draft can be thrown away.
    assert_eq!(ana.act(&draft, "discard", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_amendment_goes_on_to_say_what_its_document_answers() {
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let text = r#"{"resourceType":"QuestionnaireResponse","id":"sent","identifier":{"system":"https://form.example/id","value":"7"},"basedOn":[{"reference":"ServiceRequest/asked"}],"questionnaire":"https://form.example/plain|1","status":"completed","subject":{"reference":"Patient/p"},"authored":"2026-03-02T08:00:00Z","item":[{"linkId":"note","answer":[{"valueString":"first"}]}]}"#;
    let asked = r#"{"resourceType":"ServiceRequest","id":"asked","status":"active","intent":"order","code":{"text":"Look"},"subject":{"reference":"Patient/p"}}"#;
    let system = testkit::caller(access::Role::Integration);
    for (kind, id, text) in [("ServiceRequest", "asked", asked), ("QuestionnaireResponse", "sent", text)] {
        site.chart.update(&system, fhir::ResourceType::named(kind).unwrap(), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    }
    let draft = amendment(&ana, "/person/p/forms/sent").await;
    assert_eq!(ana.act(&draft, "complete", &[("a::note", "second")]).await.status, StatusCode::OK);
    let stands = site.record("QuestionnaireResponse").await;
    assert!(stands.len() == 1 && stands[0].contains("\"status\":\"amended\"") && stands[0].contains("ServiceRequest/asked") && stands[0].contains("https://form.example/id"), "{stands:?}");
}

#[tokio::test]
async fn an_unsigned_amendment_is_held_back_in_the_same_way() {
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    ana.act(&place, "complete", &[("a::note", "first")]).await;
    let (one, other) = (amendment(&ana, &place).await, amendment(&ana, &place).await);
    assert_eq!(ana.act(&one, "complete", &[("a::note", "second")]).await.status, StatusCode::OK);
    let page = ana.act(&other, "complete", &[("a::place", "third")]).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("amended after this amendment was begun"), "{}", page.text);
    assert!(ana.get(&place).await.text.contains("second"));
}

#[tokio::test]
async fn a_document_keeps_its_labels_when_it_is_signed_amended_and_annulled() {
    const RESTRICTED: &str = r#"{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}"#;
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    let id = place.rsplit('/').next().unwrap();
    let label = Document::read(RESTRICTED).unwrap();
    site.chart.label(&testkit::caller(Role::Console), ResourceType::named("QuestionnaireResponse").unwrap(), id, Labelling::Add, label.root(), None).await.unwrap();
    sign(&ana, &place, &[("a::note", "first")]).await;
    let labels = async || site.record("QuestionnaireResponse").await.iter().map(|text| text.contains("\"code\":\"R\"")).collect::<Vec<_>>();
    assert_eq!(labels().await, [true], "signed");
    let draft = amendment(&ana, &place).await;
    assert_eq!(labels().await, [true, true], "the draft says what the document says");
    sign(&ana, &draft, &[("a::note", "second")]).await;
    assert_eq!(labels().await, [true], "amended");
    let page = ana.get(&format!("{place}/sign?annul")).await;
    let version = between(&page.text, "name=\"version\" value=\"", "\"");
    let page = ana.post(&format!("{place}/sign"), &[("version", version.as_str()), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(labels().await, [true], "annulled");
}
