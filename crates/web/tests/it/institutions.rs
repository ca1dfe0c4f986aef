//! Every entry of a record tells at which institution it was written.

use fhir::ResourceType;
use web::words::Language;

use crate::desk;

async fn put(site: &desk::Site, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let (of, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    site.chart.update(&testkit::caller(access::Role::Console), ResourceType::named(&of).unwrap(), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

async fn filled() -> desk::Site {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    for (id, name) in [("north", "Northern house"), ("south", "Southern house")] {
        put(&site, &format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}"}}"#)).await;
    }
    put(&site, r#"{"resourceType":"Practitioner","id":"one","name":[{"text":"One Writer"}]}"#).await;
    put(&site, r#"{"resourceType":"PractitionerRole","id":"of-one","practitioner":{"reference":"Practitioner/one"},"organization":{"reference":"Organization/south","display":"Southern house"}}"#).await;
    let value = |id: &str, day: &str, more: &str| format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],"code":{{"text":"Test {id}"}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"{day}","valueString":"x"{more}}}"#);
    put(&site, &value("of-north", "2026-03-01", r#","performer":[{"reference":"Organization/north"}]"#)).await;
    put(&site, &value("of-south", "2026-03-01", r#","performer":[{"reference":"Organization/south"}]"#)).await;
    put(&site, &value("by-role", "2026-02-01", r#","performer":[{"reference":"PractitionerRole/of-one"}]"#)).await;
    put(&site, &value("by-told", "2026-01-01", r#","performer":[{"reference":"Practitioner/one"}]"#)).await;
    put(&site, r#"{"resourceType":"Provenance","id":"told","target":[{"reference":"Observation/by-told"}],"recorded":"2026-01-01T10:00:00Z","agent":[{"who":{"reference":"Practitioner/one"},"onBehalfOf":{"reference":"Organization/north"}}]}"#).await;
    put(&site, &value("by-nobody", "2025-12-01", "")).await;
    site
}

/// The lines of place on the timeline, the newest entry first.
fn places(page: &str) -> Vec<String> {
    let events = page.split("<ol class=\"events\">").skip(1).flat_map(|list| list.split("<li>").skip(1));
    events.map(|event| desk::between(event, "<p class=\"quiet\"", "</p>").split_once('>').map_or_else(String::new, |(_, text)| text.to_owned())).collect()
}

#[tokio::test]
async fn the_timeline_tells_of_each_entry_at_which_institution_it_was_written() {
    let site = filled().await;
    let doctor = site.sign_in("ana").await;
    for (language, nobody) in [(Language::English, "institution not stated"), (Language::Spanish, "institución sin dato"), (Language::Vietnamese, "chưa ghi cơ sở y tế"), (Language::Russian, "учреждение не указано")] {
        let page = doctor.get_in("/person/p/timeline", language).await.text;
        let mut found = places(&page);
        // The two of one day, in either order: they are two entries.
        found[..2].sort();
        assert_eq!(found, ["Northern house", "Southern house", "Southern house, One Writer", "Northern house, One Writer", nobody], "{page}");
    }
}

#[tokio::test]
async fn an_entry_tells_it_too() {
    let site = filled().await;
    let doctor = site.sign_in("ana").await;
    for (id, institution) in [("of-north", "Northern house"), ("by-role", "Southern house"), ("by-told", "Northern house"), ("by-nobody", "institution not stated")] {
        let page = doctor.get(&format!("/person/p/document/Observation/{id}")).await.text;
        let card = desk::between(&page, "<dl class=\"fields\">", "</dl>");
        assert!(card.contains(institution), "{id}: {card}");
    }
}
