//! The page of where a person lives: the units of today, a move that loses nothing, a mend, and what the desk may.

use axum::http::StatusCode;
use fhir::{Document, ResourceType};
use web::words::Language;

use crate::desk;

const OLD: &str = r#"{"resourceType":"Patient","id":"p","name":[{"family":"Prueba","given":["Rosa"]}],"gender":"female","birthDate":"1958-03-14","address":[{"use":"home","line":["Old <b>street</b> 1"],"state":"Hà Tây","country":"VN","period":{"start":"2001-05-01"}},{"use":"work","city":"Elsewhere"},{"use":"old","text":"Long ago"}]}"#;

async fn site() -> desk::Site {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    site.chart.update(&testkit::caller(access::Role::Console), ResourceType::PATIENT, "p", OLD.as_bytes(), None).await.unwrap();
    site
}

async fn patient(site: &desk::Site) -> String {
    site.chart.read(&testkit::caller(access::Role::Console), ResourceType::PATIENT, "p").await.unwrap().text
}

const MOVE: [(&str, &str); 8] = [("act", "move"), ("country", "vn"), ("state", "tinh lao cai"), ("district", "Sa Pa"), ("city", "Tả Van"), ("line", "Số 5\nThôn 2"), ("postal", "330000"), ("from", "2026-02-01")];

fn with<'f>(fields: &[(&'f str, &'f str)], name: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    fields.iter().map(|(of, was)| (*of, if *of == name { value } else { *was })).collect()
}

#[tokio::test]
async fn what_was_written_is_shown_with_what_it_is_today_and_only_the_desk_changes_it() {
    let site = site().await;
    let (desk, doctor) = (site.sign_in("desk").await, site.sign_in("ana").await);
    for (language, since) in [(Language::English, "since 2008 Hà Nội"), (Language::Spanish, "desde 2008 Hà Nội"), (Language::Vietnamese, "từ 2008 là Hà Nội"), (Language::Russian, "с 2008 года Hà Nội")] {
        for reader in [&desk, &doctor] {
            let page = reader.get_in("/person/p/address", language).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            let main = &page.text[page.text.find("id=\"main\"").unwrap()..];
            assert!(main.contains("Old &#60;b&#62;street") && main.contains("Hà Tây") && main.contains(since) && main.contains("Long ago"), "{main}");
            assert!(!main.contains(">address-"), "{}: a word is missing\n{main}", language.code());
        }
    }
    let page = desk.get("/person/p/address").await.text;
    assert!(page.contains("name=\"act\" value=\"move\"") && page.contains("<option value=\"Lào Cai\">") && !page.contains("<option value=\"Yên Bái\">"), "units of today are offered: {page}");
    assert!(!doctor.get("/person/p/address").await.text.contains("name=\"act\""), "who only reads finds no form");
    for act in ["move", "mend"] {
        assert_eq!(doctor.post("/person/p/address", &with(&MOVE, "act", act)).await.status, StatusCode::FORBIDDEN, "{act}");
    }
    assert_eq!(site.sign_in("auditor").await.get("/person/p/address").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post("/person/nobody/address", &MOVE).await.status, StatusCode::NOT_FOUND);
    // The list of another country, and none.
    assert!(desk.get("/person/p/address?country=mx").await.text.contains("<option value=\"Ciudad de México\">"));
    assert!(desk.get("/person/p/address?country=").await.text.contains("name=\"elsewhere\""));
    assert_eq!(patient(&site).await.matches("\"period\"").count(), 1, "nothing was written");
}

#[tokio::test]
async fn who_moves_gets_a_new_address_and_keeps_the_old_one_with_its_end() {
    let site = site().await;
    let desk = site.sign_in("desk").await;
    for (name, value, says) in [
        ("state", "Yên Bái", "Today it is Lào Cai"),
        ("state", "Atlantis", "on no list"),
        ("from", "2027-01-01", "not to come"),
        ("from", "2001-05-01", "before the address of now began"),
        ("from", "2026-02-30", "Look at the first day"),
        ("from", "2024-06", "is no whole day"),
        ("city", &"x".repeat(201), "each part is a short line"),
        ("line", "1\n2\n3\n4\n5", "each part is a short line"),
    ] {
        let page = desk.post("/person/p/address", &with(&MOVE, name, value)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(says), "{name}={value}: {} {}", page.status, page.text);
        assert!(page.text.contains("Tả Van") || name == "city", "what was typed stays on the page");
    }
    let nothing: Vec<(&str, &str)> = MOVE.iter().map(|(of, was)| (*of, if ["act", "country", "from"].contains(of) { *was } else { "" })).collect();
    assert_eq!(desk.post("/person/p/address", &nothing).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let done = desk.post("/person/p/address", &MOVE).await;
    assert_eq!((done.status, done.location().as_str()), (StatusCode::SEE_OTHER, "/person/p/address"), "{}", done.text);
    let text = patient(&site).await;
    let document = Document::read(&text).unwrap();
    let all: Vec<&str> = document.root().get("address").unwrap().items().map(|one| one.raw()).collect();
    assert_eq!(all.len(), 4);
    for part in ["\"state\":\"Lào Cai\"", "\"code\":\"15-2025\"", "CodeSystem/vn-units", "\"line\":[\"Số 5\",\"Thôn 2\"]", "\"district\":\"Sa Pa\"", "\"city\":\"Tả Van\"", "\"postalCode\":\"330000\"", "\"country\":\"VN\"", "\"period\":{\"start\":\"2026-02-01\"}", "\"use\":\"home\""] {
        assert!(all[0].contains(part), "{part}: {}", all[0]);
    }
    assert_eq!(all[1], r#"{"use":"home","line":["Old <b>street</b> 1"],"state":"Hà Tây","country":"VN","period":{"start":"2001-05-01","end":"2026-01-31"}}"#);
    assert_eq!(all[2..], [r#"{"use":"work","city":"Elsewhere"}"#, r#"{"use":"old","text":"Long ago"}"#]);
    let page = desk.get("/person/p/address").await.text;
    assert!(page.contains("31/01/2026") && page.contains("since 2008 Hà Nội"), "{page}");
    assert_eq!(site.record("Provenance").await.len(), 1, "who wrote it down is told");

    // A place that is on no list is taken when somebody says so.
    let typed: Vec<(&str, &str)> = with(&with(&MOVE, "state", "Atlantis"), "from", "2026-02-02").into_iter().chain([("as-typed", "1")]).collect();
    assert_eq!(desk.post("/person/p/address", &typed).await.status, StatusCode::SEE_OTHER);
    let abroad: Vec<(&str, &str)> = with(&with(&with(&MOVE, "state", "Nowhere"), "country", ""), "from", "2026-02-03").into_iter().chain([("elsewhere", "Ruritania")]).collect();
    assert_eq!(desk.post("/person/p/address", &abroad).await.status, StatusCode::SEE_OTHER);
    let text = patient(&site).await;
    assert!(text.contains("\"state\":\"Atlantis\"") && text.contains("\"country\":\"Ruritania\"") && text.matches("valueCoding").count() == 1, "{text}");
}

#[tokio::test]
async fn a_wrong_address_is_put_right_and_a_province_that_ended_stays() {
    let site = site().await;
    let desk = site.sign_in("desk").await;
    let page = desk.get("/person/p/address?mend=0").await.text;
    let version = desk::between(&page, "name=\"version\" value=\"", "\"");
    assert!(page.contains("name=\"act\" value=\"mend\"") && page.contains("value=\"Hà Tây\""), "{page}");
    let mend = [("act", "mend"), ("place", "0"), ("version", version.as_str()), ("country", "vn"), ("state", "Hà Tây"), ("district", "Thạch Thất"), ("city", ""), ("line", "New street 2"), ("postal", ""), ("from", "2001-05-02")];
    let page = desk.post("/person/p/address", &with(&mend, "state", "Hà Nội")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("keeps what was written"), "{}", page.text);
    assert_eq!(desk.post("/person/p/address", &with(&mend, "place", "7")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post("/person/p/address", &mend).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.post("/person/p/address", &mend).await.status, StatusCode::UNPROCESSABLE_ENTITY, "somebody has changed it since");
    let text = patient(&site).await;
    let document = Document::read(&text).unwrap();
    let first = document.root().get("address").unwrap().first().unwrap();
    assert!(first.raw().contains("\"state\":\"Hà Tây\"") && first.raw().contains("New street 2") && first.raw().contains("\"start\":\"2001-05-02\"") && !first.raw().contains("Old"), "{}", first.raw());
    // Moscow's districts are units too.
    let moscow = [("act", "move"), ("country", "ru"), ("state", "Москва"), ("district", "ЦАО"), ("city", ""), ("line", ""), ("postal", ""), ("from", "2026-02-02")];
    assert_eq!(desk.post("/person/p/address", &moscow).await.status, StatusCode::SEE_OTHER);
    let text = patient(&site).await;
    assert!(text.contains("\"_district\"") && text.contains("Центральный административный округ") && text.contains("\"country\":\"RU\""), "{text}");
}

#[tokio::test]
async fn a_province_is_that_of_the_first_day() {
    let site = site().await;
    let desk = site.sign_in("desk").await;
    // An Giang of today is what An Giang and Kiên Giang went into on 1 July 2025.
    for (from, state, code) in [("2024-05-01", "Kiên Giang", "91"), ("2024-06-01", "An Giang", "89"), ("2025-06-30", "An Giang", "89"), ("2025-07-01", "An Giang", "91-2025")] {
        let page = desk.post("/person/p/address", &with(&with(&MOVE, "state", state), "from", from)).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{from} {state}: {}", page.text);
        let text = patient(&site).await;
        let document = Document::read(&text).unwrap();
        let first = document.root().get("address").unwrap().first().unwrap();
        assert!(first.raw().contains(&format!("\"state\":\"{state}\"")) && first.raw().contains(&format!("\"code\":\"{code}\"")), "{from} {state}: {}", first.raw());
    }
    let page = desk.post("/person/p/address", &with(&with(&MOVE, "state", "Kiên Giang"), "from", "2025-07-02")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("Today it is An Giang"), "{}", page.text);
}

/// The version of the Patient that the form about a death was made of.
async fn version(reader: &desk::Reader<'_>) -> String {
    desk::between(&reader.get("/person/p/address").await.text, "name=\"version\" value=\"", "\"")
}

#[tokio::test]
async fn a_death_is_written_down_put_right_and_taken_back_with_its_reason() {
    let site = site().await;
    let (desk, doctor) = (site.sign_in("desk").await, site.sign_in("ana").await);
    for language in [Language::English, Language::Spanish, Language::Vietnamese, Language::Russian] {
        let page = doctor.get_in("/person/p/address", language).await.text;
        assert!(page.contains("name=\"death\" value=\"record\"") && !page.contains("take-back") && !page.contains(">death-"), "{}: {page}", language.code());
    }
    let first = version(&doctor).await;
    let death = [("death", "record"), ("version", first.as_str()), ("day", "2026-01-15"), ("time", "06:40"), ("undated", ""), ("reason", "certificate 12")];
    for (name, value, says) in [
        ("day", "", "Look at the day: give one that exists"),
        ("day", "2026-02-30", "Look at the day: give one that exists"),
        ("day", "2026-01", "Look at the day: give one that exists"),
        ("time", "late", "Look at the day: give one that exists"),
        ("undated", "1", "Look at the day: give one that exists"),
        ("day", "2190-01-01", "after it happened"),
        ("day", "1958-03-12", "before the birth date"),
        ("reason", "", "role=\"alert\""),
    ] {
        let page = doctor.post("/person/p/address", &with(&death, name, value)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(says), "{name}={value}: {} {}", page.status, page.text);
        assert!(page.text.contains("value=\"certificate 12\"") || name == "reason", "what was typed stays on the page");
    }
    assert_eq!(doctor.post("/person/p/address", &with(&death, "death", "other")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.sign_in("auditor").await.post("/person/p/address", &death).await.status, StatusCode::FORBIDDEN);
    assert!(!patient(&site).await.contains("deceased"), "nothing was written");

    let done = doctor.post("/person/p/address", &death).await;
    assert_eq!((done.status, done.location().as_str()), (StatusCode::SEE_OTHER, "/person/p/address"), "{}", done.text);
    assert!(patient(&site).await.contains("\"deceasedDateTime\":\"2026-01-15T06:40:00"));
    assert!(site.record("Provenance").await[0].contains("\"reason\":[{\"text\":\"certificate 12\"}]"), "from where it is known is kept");
    assert_eq!(doctor.post("/person/p/address", &death).await.status, StatusCode::UNPROCESSABLE_ENTITY, "somebody has changed it since");
    assert!(desk.get("/person/p/address").await.text.contains("name=\"death\" value=\"take-back\""));

    // The day turns out to be known to nobody.
    let second = version(&doctor).await;
    let undated = [("death", "record"), ("version", second.as_str()), ("day", ""), ("time", ""), ("undated", "1"), ("reason", "found later")];
    assert_eq!(desk.post("/person/p/address", &undated).await.status, StatusCode::SEE_OTHER);
    let text = patient(&site).await;
    assert!(text.contains("\"deceasedBoolean\":true") && !text.contains("deceasedDateTime"), "{text}");

    let third = version(&doctor).await;
    let back = [("death", "take-back"), ("version", third.as_str()), ("reason", "")];
    assert_eq!(desk.post("/person/p/address", &back).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");
    assert_eq!(desk.post("/person/p/address", &with(&back, "reason", "it was somebody else")).await.status, StatusCode::SEE_OTHER);
    assert!(!patient(&site).await.contains("deceased"));
    assert_eq!(site.record("Provenance").await.len(), 3, "each act is told");
    let fourth = version(&doctor).await;
    assert_eq!(desk.post("/person/p/address", &[("death", "take-back"), ("version", fourth.as_str()), ("reason", "again")]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "there is nothing to take back");
}
