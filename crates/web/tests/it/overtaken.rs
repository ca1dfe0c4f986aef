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
async fn what_others_said_of_a_document_and_what_hides_it_stays_with_its_amendments() {
    const MODE: &str = r#"{"url":"http://hl7.org/fhir/StructureDefinition/questionnaireresponse-completionMode","valueCodeableConcept":{"text":"by telephone"}}"#;
    const SIGNATURE: &str = r#"{"url":"http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature","valueSignature":{"type":[{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}],"when":"2026-03-02T08:00:00Z","who":{"display":"Somebody"}}}"#;
    let site = site(&[two_questions()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let text = format!(
        r#"{{"resourceType":"QuestionnaireResponse","id":"sent","meta":{{"security":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}}]}},"extension":[{MODE},{SIGNATURE}],"questionnaire":"https://form.example/plain|1","status":"completed","subject":{{"reference":"Patient/p"}},"authored":"2026-03-02T08:00:00Z","item":[{{"linkId":"note","answer":[{{"valueString":"first"}}]}}]}}"#
    );
    let kind = fhir::ResourceType::named("QuestionnaireResponse").unwrap();
    site.chart.update(&testkit::caller(access::Role::Integration), kind, "sent", text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    let keeps = |text: &str| text.contains("by telephone") && text.contains(r#""code":"R""#) && !text.contains("questionnaireresponse-signature");
    let draft = amendment(&ana, "/person/p/forms/sent").await;
    let both = site.record("QuestionnaireResponse").await;
    assert!(both.len() == 2 && both.iter().any(|one| one.contains("in-progress") && keeps(one)), "{both:?}");
    assert_eq!(ana.act(&draft, "complete", &[("a::note", "second")]).await.status, StatusCode::OK);
    let stands = site.record("QuestionnaireResponse").await;
    assert!(stands.len() == 1 && stands[0].contains("second") && keeps(&stands[0]) && !stands[0].contains("form-amend"), "{stands:?}");
    // A signature and an annulment leave them, too.
    let place = ana.begin("/plain").await;
    let id = place.rsplit('/').next().unwrap();
    let meta = r#"{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}"#;
    let meta = fhir::Document::read(meta).unwrap();
    site.chart.label(&testkit::caller(access::Role::Integration), kind, id, chart::Labelling::Add, meta.root(), None).await.unwrap();
    sign(&ana, &place, &[("a::note", "third")]).await;
    let page = ana.post(&format!("{place}/sign"), &[("version", "4"), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let annulled: Vec<String> = site.record("QuestionnaireResponse").await.into_iter().filter(|one| one.contains("third")).collect();
    assert!(annulled.len() == 1 && annulled[0].contains("entered-in-error") && annulled[0].contains(r#""code":"R""#), "{annulled:?}");
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

#[tokio::test]
async fn a_choice_that_was_made_before_the_form_was_changed_is_not_read_as_another_one() {
    const LEFT_FIRST: &str = r#"{"valueCoding":{"code":"l","display":"left"}},{"valueCoding":{"code":"r","display":"right"}}"#;
    const RIGHT_FIRST: &str = r#"{"valueCoding":{"code":"r","display":"right"}},{"valueCoding":{"code":"l","display":"left"}}"#;
    let form = small_form("plain", "").replace(r#""item":["#, &format!(r#""item":[{{"linkId":"side","text":"Side","type":"choice","answerOption":[{LEFT_FIRST}]}},"#));
    let site = site(std::slice::from_ref(&form), Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    let asked = between(&ana.get(&place).await.text, "name=\"asked\" value=\"", "\"");
    assert!(!asked.is_empty());
    let id = site.form("/plain");
    let changed = form.replace(LEFT_FIRST, RIGHT_FIRST).replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    site.chart.update(&testkit::caller(access::Role::Console), fhir::ResourceType::named("Questionnaire").unwrap(), &id, changed.as_bytes(), None).await.unwrap();
    let page = ana.act(&place, "save", &[("asked", &asked), ("a::side", "c0"), ("a::note", "typed before")]).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("was changed after this page was opened") && page.text.contains("typed before"), "{}", page.text);
    let page = ana.post(&place, &[("act", "save"), ("auto", "1"), ("version", "1"), ("asked", &asked), ("p::side", "1"), ("a::side", "c0")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
    assert!(!site.record("QuestionnaireResponse").await[0].contains("valueCoding"));
    // The page that says so asks what is asked now.
    let asked = between(&ana.get(&place).await.text, "name=\"asked\" value=\"", "\"");
    assert_eq!(ana.act(&place, "save", &[("asked", &asked), ("a::side", "c0"), ("a::note", "typed before")]).await.status, StatusCode::SEE_OTHER);
    let draft = &site.record("QuestionnaireResponse").await[0];
    assert!(draft.contains(r#""code":"r""#) && draft.contains("typed before"), "{draft}");
}
