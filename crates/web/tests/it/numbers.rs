//! Numbers as they are typed: asked again where they can be read in two ways, and never lost. Over the real door and
//! RocksDB.

use attest::Algorithm;
use axum::http::StatusCode;
use web::words::Language;

use crate::desk::{Site, site};

const FORM: &str = r#"{"resourceType":"Questionnaire","url":"https://form.example/numbers","version":"1","title":"Numbers","status":"active","subjectType":["Patient"],"item":[{"linkId":"dose","text":"Dose","type":"decimal"},{"linkId":"count","text":"Count","type":"integer"},{"linkId":"note","text":"Note","type":"string"}]}"#;

async fn house() -> Site {
    site(&[FORM.to_owned()], Algorithm::Es256).await
}

#[tokio::test]
async fn a_number_that_can_be_read_in_two_ways_is_asked_again_in_each_language() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/numbers").await;
    let page = ana.act(&place, "complete", &[("a::dose", "5,000"), ("a::note", "what else was typed")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
    assert!(page.text.contains("value=\"5,000\"") && page.text.contains("what else was typed"), "{}", page.text);
    for (language, said) in [(Language::English, "can be read in two ways"), (Language::Spanish, "de dos maneras"), (Language::Russian, "двояко"), (Language::Vietnamese, "hai cách")] {
        let page = ana.get_in(&place, language).await.text;
        assert!(page.contains(said) && page.contains("value=\"5,000\"") && !page.contains('⟦'), "{page}");
    }
    assert_eq!(ana.act(&place, "complete", &[("a::dose", "5000")]).await.status, StatusCode::OK);
    assert!(site.record("QuestionnaireResponse").await[0].contains("\"valueDecimal\":5000"));
}

#[tokio::test]
async fn a_saved_number_is_shown_as_the_reader_writes_it_and_stays_when_it_is_sent_again() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/numbers").await;
    ana.act(&place, "save", &[("a::dose", "1.2340")]).await;
    for (language, shown) in [(Language::English, "1.2340"), (Language::Spanish, "1.2340"), (Language::Russian, "1,2340"), (Language::Vietnamese, "1,2340")] {
        let page = ana.get_in(&place, language).await.text;
        assert!(page.contains(&format!("value=\"{shown}\"")), "{page}");
    }
    assert_eq!(ana.act(&place, "complete", &[("a::dose", "1.2340")]).await.status, StatusCode::OK);
    assert!(site.record("QuestionnaireResponse").await[0].contains("\"valueDecimal\":1.2340"));
}

#[tokio::test]
async fn a_whole_number_that_is_too_large_is_said_and_nothing_is_lost() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/numbers").await;
    for (typed, bound) in [("3000000000", "At most 2147483647."), ("-3000000000", "At least -2147483648.")] {
        let page = ana.act(&place, "complete", &[("a::count", typed), ("a::note", "what else was typed")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
        assert!(page.text.contains(bound) && page.text.contains(&format!("value=\"{typed}\"")) && page.text.contains("what else was typed"), "{}", page.text);
        let page = ana.get(&place).await.text;
        assert!(page.contains("what else was typed") && page.contains(typed), "{page}");
    }
    assert_eq!(ana.act(&place, "complete", &[("a::count", "2147483647")]).await.status, StatusCode::OK);
}
