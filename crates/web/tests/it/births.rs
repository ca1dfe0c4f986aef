//! Birth certificates over the real door and RocksDB: what is refused, what the newborn's record gets, and what becomes of
//! both when the certificate is amended.

use access::Role;
use attest::Algorithm;
use axum::http::StatusCode;
use fhir::{Document, ResourceType};
use forms::Json;

use desk::{PASSWORD, Reader, Site, between, site};

use crate::{desk, growth};

async fn clinic() -> Site {
    let sheet = country::by_code("mx").unwrap().forms.iter().find(|text| text.contains("Questionnaire/mx-nacimiento ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01","address":[{"use":"old","city":"A"},{"use":"home","city":"B","period":{"start":"2019"}}],"managingOrganization":{"display":"Unit 7"}"#).await;
    site
}

const BIRTH: [(&str, &str); 11] = [("a::born", "2026-03-01T09:15"), ("a::sex", "c0"), ("a::weeks", "30"), ("a::birth-weight", "1400"), ("a::birth-length", "40"), ("a::apgar", "8"), ("a::plurality", "c0"), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")];

fn with<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields: Vec<(&str, &str)> = BIRTH.to_vec();
    for (name, value) in changes.iter().copied() {
        match fields.iter_mut().find(|(own, _)| *own == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields
}

/// Signs a draft; what it is refused by, or nothing.
async fn sign(ana: &Reader<'_>, place: &str, fields: &[(&str, &str)]) -> Option<String> {
    let page = ana.act(place, "sign", fields).await;
    if page.status == StatusCode::UNPROCESSABLE_ENTITY {
        return Some(page.text);
    }
    assert_eq!(page.location(), format!("{place}/sign"), "{}", page.text);
    let page = ana.get(&format!("{place}/sign")).await;
    if page.status == StatusCode::UNPROCESSABLE_ENTITY {
        return Some(page.text);
    }
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
    None
}

async fn certify(ana: &Reader<'_>, changes: &[(&str, &str)]) -> (String, Option<String>) {
    let place = ana.begin("mx-nacimiento").await;
    let refused = sign(ana, &place, &with(changes)).await;
    (place, refused)
}

async fn amend(ana: &Reader<'_>, place: &str, changes: &[(&str, &str)]) {
    let draft = ana.post(place, &[("act", "amend"), ("reason", "a slip")]).await.location();
    assert_eq!(sign(ana, &draft, changes).await, None);
}

/// The newborns of a certificate, told by the Tasks about it.
async fn children(site: &Site, place: &str) -> Vec<String> {
    let id = place.rsplit('/').next().unwrap();
    let asked = format!("code=https://carnet.health/fhir/CodeSystem/task|birth-notification&focus=QuestionnaireResponse/{id}");
    let tasks = testkit::found(&site.chart, &testkit::caller(Role::Console), "Task", &asked).await;
    let child = |text: &str| Document::read(text).unwrap().root().get("for").unwrap().string("reference").unwrap().trim_start_matches("Patient/").to_owned();
    tasks.iter().map(|task| child(task)).collect()
}

/// The Patient, and the rest of the record, of a newborn.
async fn record(site: &Site, child: &str) -> (Json, Vec<Json>) {
    let record = site.chart.person(&testkit::caller(Role::Integration), child).await.unwrap();
    (Json::read(&record.patient.text).unwrap(), record.resources.iter().map(|one| Json::read(&one.text).unwrap()).collect())
}

/// What a newborn's Tasks ask, as `code status`.
fn tasks(all: &[Json]) -> Vec<String> {
    let mut found: Vec<String> = all.iter().filter(|one| one.string("resourceType") == Some("Task")).map(|task| format!("{} {}", task.get("code").unwrap().each("coding")[0].string("code").unwrap(), task.string("status").unwrap())).collect();
    found.sort();
    found
}

/// The Observation of a code: its status and value.
fn observed(all: &[Json], code: &str) -> Option<(String, String)> {
    let one = all.iter().find(|one| one.string("resourceType") == Some("Observation") && one.get("code").is_some_and(|own| own.each("coding").iter().any(|coding| coding.string("code") == Some(code))))?;
    let value = one.get("valueQuantity").map(|quantity| format!("{} {}", quantity.get("value").unwrap().as_number().unwrap(), quantity.string("code").unwrap()));
    Some((one.string("status").unwrap().to_owned(), value.unwrap_or_else(|| one.get("valueInteger").unwrap().as_number().unwrap().to_owned())))
}

#[tokio::test]
async fn what_cannot_be_true_of_a_birth_is_refused_and_nothing_follows() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    // What is said of the mother, what is answered otherwise, and what refuses it.
    type Story<'s> = (&'s str, &'s [(&'s str, &'s str)], &'s str);
    let stories: [Story<'_>; 8] = [
        (r#""birthDate":"1990-05-01""#, &[("a::born", "2026-03")], "whole days"),
        (r#""birthDate":"1990-05-01""#, &[("a::born", "2026-03-04T09:15")], "lies in the future"),
        (r#""birthDate":"1990-05-01""#, &[("a::born", "1989-03-01T09:15")], "outside the ages of 10–60 years"),
        (r#""birthDate":"2023-01-01""#, &[], "outside the ages of 10–60 years"),
        (r#""birthDate":"1958-03-14""#, &[], "outside the ages of 10–60 years"),
        (r#""birthDate":"1990-05-01","deceasedDateTime":"2026-02-27""#, &[], "had died before"),
        (r#""birthDate":"1990-05-01""#, &[("a::weeks", "24"), ("a::birth-weight", "3600")], "does not fit the weeks"),
        (r#""birthDate":"1990-05-01""#, &[("a::weeks", "40"), ("a::birth-weight", "400")], "does not fit the weeks"),
    ];
    for (mother, changes, said) in stories {
        site.mother(mother).await;
        let (place, refused) = certify(&ana, changes).await;
        assert!(refused.as_ref().is_some_and(|text| text.contains(said)), "{said}: {refused:?}");
        assert!(children(&site, &place).await.is_empty(), "{said}");
    }
    let man = r#"{"resourceType":"Patient","id":"p","name":[{"family":"Prueba"}],"gender":"male","birthDate":"1990-05-01"}"#;
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, "p", man.as_bytes(), None).await.unwrap();
    assert!(certify(&ana, &[]).await.1.is_some_and(|text| text.contains("this person is a man")));
    // What is not known refuses nothing.
    for mother in [r#""birthDate":"1966""#, r#""deceasedBoolean":true"#] {
        site.mother(mother).await;
        let day = if mother.contains("1966") { "2026-03-01T09:15" } else { "2025-06-01T09:15" };
        assert_eq!(certify(&ana, &[("a::born", day)]).await.1, None, "{mother}");
    }
}

#[tokio::test]
async fn no_birth_is_signed_that_is_to_come_or_too_near_to_another_of_the_mother() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    // The clinic opens at eight: the same day at 23:59 is to come, the minute before it opened is not.
    let (place, refused) = certify(&ana, &[("a::born", "2026-03-02T23:59")]).await;
    assert!(refused.is_some_and(|text| text.contains("look at its day and hour")));
    assert!(children(&site, &place).await.is_empty());
    let (first, refused) = certify(&ana, &[("a::born", "2026-03-02T07:59")]).await;
    assert_eq!(refused, None);
    for (changes, said) in [
        (&[("a::born", "2025-10-20T09:15"), ("a::weeks", "39"), ("a::birth-weight", "3250")][..], "no time for a pregnancy"),
        (&[("a::born", "2026-03-01T09:15")][..], "no time for a pregnancy"),
        (&[("a::born", "2026-03-01T09:15"), ("a::plurality", "c1"), ("a::order", "2")][..], "was born alone"),
        (&[("a::born", "2026-03-02T07:50"), ("a::plurality", "c1"), ("a::order", "2")][..], "was born alone"),
    ] {
        let (place, refused) = certify(&ana, changes).await;
        assert!(refused.as_ref().is_some_and(|text| text.contains(said) && text.contains(&first)), "{changes:?}: {refused:?}");
        assert!(children(&site, &place).await.is_empty());
    }
    // A pregnancy of thirty weeks before the one of March fits, and a twin of the day before once both say so.
    assert_eq!(certify(&ana, &[("a::born", "2025-06-10T09:15"), ("a::weeks", "39"), ("a::birth-weight", "3250")]).await.1, None);
    amend(&ana, &first, &[("a::plurality", "c1"), ("a::order", "2")]).await;
    assert_eq!(certify(&ana, &[("a::born", "2026-03-01T23:50"), ("a::plurality", "c1"), ("a::order", "1")]).await.1, None);
}

#[tokio::test]
async fn a_birth_certificate_ends_the_pregnancy_of_the_mother() {
    let site = clinic().await;
    site.mother(r#""birthDate":"1990-05-01","address":[{"country":"MX"}]"#).await;
    let condition = r#"{"resourceType":"Condition","id":"z","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"onsetDateTime":"2025-08-01","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"Z34.9"}]},"subject":{"reference":"Patient/p"}}"#;
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::named("Condition").unwrap(), "z", condition.as_bytes(), None).await.unwrap();
    let ana = site.sign_in("ana").await;
    let of_pregnancy = "Whooping cough, in pregnancy";
    let page = ana.get("/person/p/vaccinations").await.text;
    assert!(page.contains(of_pregnancy), "{page}");
    assert_eq!(certify(&ana, &[]).await.1, None);
    let page = ana.get("/person/p/vaccinations").await.text;
    assert!(!page.contains(of_pregnancy), "{page}");
}

#[tokio::test]
async fn a_child_has_one_certificate_and_twins_have_two() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (first, refused) = certify(&ana, &[]).await;
    assert_eq!(refused, None);
    let (_, refused) = certify(&ana, &[("a::born", "2026-03-01T09:20")]).await;
    assert!(refused.is_some_and(|text| text.contains("has a birth certificate already") && text.contains(&first)), "it names the first");
    // The first is amended; it is no duplicate of itself.
    amend(&ana, &first, &[("a::plurality", "c1"), ("a::order", "1")]).await;
    let (second, refused) = certify(&ana, &[("a::plurality", "c1"), ("a::order", "2")]).await;
    assert_eq!(refused, None);
    assert!(certify(&ana, &[("a::plurality", "c1"), ("a::order", "2")]).await.1.is_some_and(|text| text.contains(&second)));
    for (place, order) in [(&first, "1"), (&second, "2")] {
        let children = children(&site, place).await;
        assert_eq!(children.len(), 1);
        let (patient, _) = record(&site, &children[0]).await;
        assert_eq!(patient.get("multipleBirthInteger").and_then(Json::as_number), Some(order));
        assert!(patient.get("multipleBirthBoolean").is_none());
    }
}

#[tokio::test]
async fn a_newborn_has_country_unit_name_weeks_and_weight() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (place, refused) = certify(&ana, &[]).await;
    assert_eq!(refused, None);
    let child = children(&site, &place).await.remove(0);
    let (patient, all) = record(&site, &child).await;
    let address = &patient.each("address")[0];
    assert_eq!((address.string("city"), address.string("country"), address.get("period")), (Some("B"), Some("MX"), None));
    assert_eq!(patient.get("managingOrganization").and_then(|unit| unit.string("display")), Some("Unit 7"));
    assert_eq!(patient.each("name")[0].string("text"), Some("Recién nacida de Rosa Prueba"));
    for (code, value) in [("76516-4", "30 wk"), ("8339-4", "1400 g"), ("29463-7", "1400 g"), ("89269-5", "40 cm"), ("9274-2", "8")] {
        assert_eq!(observed(&all, code), Some(("final".to_owned(), value.to_owned())), "{code}");
    }
    let person = site.chart.person(&testkit::caller(Role::Integration), &child).await.unwrap();
    let growth = growth::page(&person, &growth::standards());
    assert!(growth.charts.first().is_some_and(|chart| chart.rows.len() == 1), "the weight at birth is the first of its growth");
    let page = ana.get(&format!("/person/{child}/card")).await;
    assert!(page.status == StatusCode::OK && !page.text.contains("whose calendar applies") && !page.text.contains("The weight at birth is not recorded.") && !page.text.contains("The weeks of pregnancy at birth are not recorded."), "{}", page.text);
}

#[tokio::test]
async fn an_amendment_corrects_what_nobody_has_changed_and_tells_the_registry() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let system = testkit::caller(Role::Integration);
    let (place, _) = certify(&ana, &[]).await;
    let child = children(&site, &place).await.remove(0);
    amend(&ana, &place, &[("a::sex", "c1"), ("a::born", "2026-02-28T09:15"), ("a::birth-weight", "1600")]).await;
    let (patient, all) = record(&site, &child).await;
    assert_eq!((patient.string("gender"), patient.string("birthDate"), patient.each("name")[0].string("text")), (Some("male"), Some("2026-02-28"), Some("Recién nacido de Rosa Prueba")));
    assert_eq!(observed(&all, "8339-4"), Some(("corrected".to_owned(), "1600 g".to_owned())));
    assert_eq!(tasks(&all), ["birth-correction requested", "birth-notification requested"]);
    // Nobody but the certificate wrote there: an annulment takes all of it back.
    let page = ana.get(&format!("{place}/sign?annul")).await;
    let version = between(&page.text, "name=\"version\" value=\"", "\"");
    let page = ana.post(&format!("{place}/sign"), &[("version", version.as_str()), ("act", "annul"), ("secret", PASSWORD), ("reason", "no birth")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let (patient, all) = record(&site, &child).await;
    assert_eq!(patient.get("active").and_then(Json::as_bool), Some(false));
    assert_eq!(observed(&all, "8339-4").unwrap().0, "entered-in-error");
    assert_eq!(tasks(&all), ["birth-correction cancelled", "birth-notification cancelled"]);
    // What somebody has changed since is theirs, and a person is asked; the registry is told in any case.
    let (place, refused) = certify(&ana, &[]).await;
    assert_eq!(refused, None, "a certificate out of force is no certificate");
    let child = children(&site, &place).await.remove(0);
    let held = site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap().text;
    site.chart.update(&system, ResourceType::PATIENT, &child, held.replace("\"female\"", "\"other\"").as_bytes(), None).await.unwrap();
    let record_now = site.chart.person(&system, &child).await.unwrap();
    let task = record_now.resources.iter().find(|one| one.kind.name() == "Task").unwrap();
    site.chart.update(&system, task.kind, &task.id, task.text.replace("\"requested\"", "\"completed\"").as_bytes(), None).await.unwrap();
    amend(&ana, &place, &[("a::sex", "c1"), ("a::born", "2026-02-27T09:15")]).await;
    let (patient, all) = record(&site, &child).await;
    assert_eq!((patient.string("gender"), patient.string("birthDate")), (Some("other"), Some("2026-02-27")));
    assert_eq!(tasks(&all), ["birth-correction requested", "birth-notification completed", "newborn-review requested"]);
    assert!(ana.get(&format!("/person/{child}")).await.text.contains("says something else since: gender"), "whoever opens the record is told which");
    // A certificate that says nothing new changes nothing of the record.
    let before = site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap().version;
    amend(&ana, &place, &[("a::visits", "3")]).await;
    assert_eq!(site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap().version, before);
}

#[tokio::test]
async fn an_amendment_of_a_merged_newborn_asks_a_person_on_the_record_that_stays() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let system = testkit::caller(Role::Integration);
    let (place, refused) = certify(&ana, &[]).await;
    assert_eq!(refused, None);
    let child = children(&site, &place).await.remove(0);
    let body = r#"{"resourceType":"Patient","active":true,"gender":"female","birthDate":"2026-03-01"}"#;
    let stays = site.chart.create(&system, ResourceType::PATIENT, body.as_bytes(), None).await.unwrap().stored.id;
    site.chart.merge(&testkit::caller(Role::RecordsClerk), &stays, &child, "registered twice").await.unwrap();
    let version = |id: String| {
        let (chart, system) = (&site.chart, &system);
        async move { chart.read(system, ResourceType::PATIENT, &id).await.unwrap().version }
    };
    let before = (version(stays.clone()).await, version(child.clone()).await);
    amend(&ana, &place, &[("a::sex", "c1"), ("a::born", "2026-02-28T09:15"), ("a::birth-weight", "1600")]).await;
    assert_eq!((version(stays.clone()).await, version(child.clone()).await), before, "neither is changed alone");
    let (_, all) = record(&site, &stays).await;
    assert_eq!(tasks(&all), ["birth-correction requested", "birth-notification requested", "newborn-review requested"]);
    let is_review = |one: &&Json| one.get("code").is_some_and(|code| code.each("coding").iter().any(|coding| coding.string("code") == Some("newborn-review")));
    let review = all.iter().find(is_review).unwrap();
    assert_eq!(review.get("for").and_then(|one| one.string("reference")), Some(format!("Patient/{stays}").as_str()));
    let text = review.get("code").and_then(|code| code.string("text")).unwrap();
    assert!(text.contains("gender") && text.contains("birthDate"), "{text}");
    assert_eq!(observed(&all, "8339-4"), Some(("corrected".to_owned(), "1600 g".to_owned())), "what the certificate measured is corrected where it lies");
}
