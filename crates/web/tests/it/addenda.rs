//! What is added to a signed document, and what becomes of a birth whose certificate is annulled, over the real door
//! and RocksDB.

use access::Role;
use attest::Algorithm;
use axum::http::StatusCode;
use fhir::{Document, ResourceType};
use web::words::Language;

use desk::{PASSWORD, Reader, Site, between, site, small_form};

use crate::desk;

fn of_pack(country: &str, end: &str) -> String {
    let pack = country::by_code(country).unwrap();
    let sheet = pack.forms.iter().find(|text| text.contains(&format!("Questionnaire/{end} "))).unwrap();
    forms::sheet::questionnaire(sheet, &country::form_part).unwrap()
}

/// Fills in, signs: where it is.
async fn signed(reader: &Reader<'_>, end: &str, fields: &[(&str, &str)]) -> String {
    let place = reader.begin(end).await;
    sign(reader, &place, fields).await;
    place
}

async fn sign(reader: &Reader<'_>, place: &str, fields: &[(&str, &str)]) {
    let page = reader.act(place, "sign", fields).await;
    assert_eq!(page.location(), format!("{place}/sign"), "{}", page.text);
    let page = reader.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
}

fn id(place: &str) -> String {
    place.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_addendum_is_a_signed_document_of_its_own_and_changes_no_byte() {
    let site = site(&[small_form("plain", ""), of_pack("mx", "mx-adenda")], Algorithm::Es256).await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    // Nothing is added to what is not signed, and the form of an addendum is not begun by itself.
    let open = ana.begin("/plain").await;
    ana.act(&open, "complete", &[("a::note", "open")]).await;
    assert_eq!(ana.act(&open, "append", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!ana.get(&open).await.text.contains("value=\"append\"") && !ana.get("/person/p/forms").await.text.contains("<b>Addendum"));
    let place = signed(&ana, "/plain", &[("a::note", "first")]).await;
    let own = id(&place);
    let before = site.record("QuestionnaireResponse").await.into_iter().find(|text| text.contains(&own)).unwrap();
    let page = ruiz.act(&place, "append", &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let addendum = page.location();
    // It is completed by being signed, and until then it stands nowhere.
    assert_eq!(ruiz.act(&addendum, "complete", &[("a::added-text", "no growth after three days"), ("a::added-why", "c0")]).await.location(), format!("{addendum}/sign"));
    assert!(!ana.get(&place).await.text.contains("no growth"));
    sign(&ruiz, &addendum, &[("a::added-text", "no growth after three days"), ("a::added-why", "c0")]).await;
    let all = site.record("QuestionnaireResponse").await;
    assert!(all.contains(&before), "the document stays to the byte");
    let added = all.iter().find(|text| text.contains("no growth")).unwrap();
    assert!(added.contains("\"valueCode\":\"appends\"") && added.contains(&format!("QuestionnaireResponse/{own}/_history/3")), "{added}");
    for language in Language::ALL {
        let page = ana.get_in(&place, language).await.text;
        assert!(page.contains("first") && page.contains("no growth after three days") && page.contains("Dr. ruiz") && !page.contains('⟦'), "{}: {page}", language.code());
    }
    let page = ana.get(&addendum).await.text;
    assert!(page.contains("An addendum to:") && page.contains(&format!("href=\"{place}\"")), "{page}");
    assert!(!page.contains("value=\"append\""), "nothing is added to an addition");
    assert_eq!(ana.act(&addendum, "append", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // It is bound as every signed document is.
    let kind = ResourceType::named("QuestionnaireResponse").unwrap();
    let system = testkit::caller(Role::Integration);
    assert!(site.chart.update(&system, kind, &id(&addendum), added.replace("no growth", "growth").as_bytes(), None).await.is_err());
    // Corrected, it is an addition still.
    let correction = ruiz.post(&addendum, &[("act", "amend"), ("reason", "a slip")]).await.location();
    sign(&ruiz, &correction, &[("a::added-text", "no growth after three days, and none after five")]).await;
    let page = ana.get(&place).await.text;
    assert!(page.contains("and none after five") && page.matches("no growth").count() == 1, "{page}");
    assert!(ana.get(&addendum).await.text.contains("An addendum to:"));
    // Signed anew, the document still shows it; out of force, nothing more is added.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a slip")]).await.location();
    sign(&ana, &draft, &[("a::note", "second")]).await;
    assert!(ana.get(&place).await.text.contains("no growth after three days"));
    let page = ana.post(&format!("{addendum}/sign"), &[("version", "4"), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(ana.get(&place).await.text.matches("Out of force").count() == 1, "shown, and said to be out of force");
    let late = ruiz.act(&place, "append", &[]).await.location();
    let page = ana.post(&format!("{place}/sign"), &[("version", "4"), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    // It says why: also of an addition that was begun before.
    let page = ana.act(&place, "append", &[]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("Nothing is added to a document that was taken out of force"), "{}", page.text);
    let page = ruiz.act(&late, "sign", &[("a::added-text", "too late"), ("a::added-why", "c0")]).await;
    let page = ruiz.get(&page.location()).await;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("Nothing is added to a document that was taken out of force") && page.text.contains(&format!("href=\"{place}\"")), "{}", page.text);
    let page = ruiz.post(&format!("{late}/sign"), &[("version", "2"), ("act", "sign"), ("secret", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
    assert!(!ana.get(&place).await.text.contains("too late"));
}

#[tokio::test]
async fn where_no_form_is_made_for_it_nothing_is_added() {
    let site = site(&[small_form("plain", "")], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana, "/plain", &[("a::note", "first")]).await;
    let page = ana.act(&place, "append", &[]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("where the site holds a form for it"), "{}", page.text);
}

/// All Tasks of ours, each as `code status`, of a newborn's record.
async fn tasks(site: &Site, child: &str) -> Vec<String> {
    let record = site.chart.person(&testkit::caller(Role::Integration), child).await.unwrap();
    let mut found: Vec<String> = record.resources.iter().filter(|one| one.kind.name() == "Task").map(|one| {
        let document = Document::read(&one.text).unwrap();
        let code = document.root().path(&["code", "coding", "code"]).unwrap().first().unwrap().as_str().unwrap().into_owned();
        format!("{code} {}", document.root().string("status").unwrap())
    }).collect();
    found.sort();
    found
}

/// A birth is certified: where, and the newborn's id.
async fn born(site: &Site, ana: &Reader<'_>) -> (String, String) {
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let fields = [("a::born", "2026-03-02T07:15"), ("a::sex", "c0"), ("a::surname", "Ejemplo"), ("a::weeks", "39"), ("a::birth-weight", "3250"), ("a::apgar", "9"), ("a::plurality", "c0"), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")];
    let place = signed(ana, "mx-nacimiento", &fields).await;
    let asked = format!("code=https://carnet.health/fhir/CodeSystem/task|birth-notification&focus=QuestionnaireResponse/{}", id(&place));
    let tasks = testkit::found(&site.chart, &testkit::caller(Role::Console), "Task", &asked).await;
    let task = Document::read(&tasks[0]).unwrap();
    let child = task.root().get("for").unwrap().string("reference").unwrap().trim_start_matches("Patient/").to_owned();
    (place, child)
}

async fn annul(ana: &Reader<'_>, place: &str) {
    let page = ana.get(&format!("{place}/sign?annul")).await;
    let version = between(&page.text, "name=\"version\" value=\"", "\"");
    let page = ana.post(&format!("{place}/sign"), &[("version", version.as_str()), ("act", "annul"), ("secret", PASSWORD), ("reason", "no birth")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Out of force"), "{}", page.text);
}

#[tokio::test]
async fn an_annulled_birth_takes_back_what_nobody_has_used() {
    let site = site(&[of_pack("mx", "mx-nacimiento")], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let system = testkit::caller(Role::Integration);
    let (place, child) = born(&site, &ana).await;
    assert_eq!(tasks(&site, &child).await, ["birth-notification requested"]);
    annul(&ana, &place).await;
    assert_eq!(tasks(&site, &child).await, ["birth-notification cancelled"]);
    let record = site.chart.person(&system, &child).await.unwrap();
    assert!(record.patient.version == 2 && record.patient.text.contains("\"active\":false"), "{}", record.patient.text);
    assert!(record.resources.iter().filter(|one| one.kind.name() == "RelatedPerson").all(|one| one.text.contains("\"active\":false")));
    // Nothing is gone: the first version says what it said.
    let first = site.chart.vread(&system, ResourceType::PATIENT, &child, "1").await.unwrap();
    assert!(first.text.contains("\"birthDate\":\"2026-03-02\"") && !first.text.contains("\"active\":false"));
}

#[tokio::test]
async fn a_newborn_who_has_more_than_the_certificate_is_judged_by_a_person() {
    let site = site(&[of_pack("mx", "mx-nacimiento")], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let system = testkit::caller(Role::Integration);
    for more in ["observation", "name", "taken"] {
        let (place, child) = born(&site, &ana).await;
        let before = site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap();
        match more {
            "observation" => {
                let body = format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"weight"}},"subject":{{"reference":"Patient/{child}"}}}}"#);
                site.chart.create(&system, ResourceType::named("Observation").unwrap(), body.as_bytes(), None).await.unwrap();
            }
            "name" => {
                let named = before.text.replace("\"gender\"", "\"active\":true,\"gender\"");
                site.chart.update(&system, ResourceType::PATIENT, &child, named.as_bytes(), None).await.unwrap();
            }
            _ => {
                // The registry has taken note of it.
                let record = site.chart.person(&system, &child).await.unwrap();
                let task = record.resources.iter().find(|one| one.kind.name() == "Task").unwrap();
                site.chart.update(&system, task.kind, &task.id, task.text.replace("\"requested\"", "\"completed\"").as_bytes(), None).await.unwrap();
            }
        }
        let held = site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap();
        annul(&ana, &place).await;
        let after = site.chart.read(&system, ResourceType::PATIENT, &child).await.unwrap();
        if more == "taken" {
            assert_eq!(tasks(&site, &child).await, ["birth-annulment requested", "birth-notification completed"]);
            assert!(after.text.contains("\"active\":false"));
        } else {
            assert_eq!(tasks(&site, &child).await, ["birth-notification cancelled", "newborn-review requested"], "{more}");
            assert_eq!(after.text, held.text, "{more}: the record stays as it is");
            // Whoever opens the record is told.
            assert!(ana.get(&format!("/person/{child}")).await.text.contains("birth certificate of this record was annulled"), "{more}");
        }
    }
}

#[tokio::test]
async fn whoever_was_registered_twice_is_one_person_for_certificates() {
    let extension = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"sick-leave"},{"url":"from","valueString":"from"},{"url":"until","valueString":"until"},{"url":"apart","valueString":"yes"}]}"#;
    let form = small_form("leave", extension).replace(r#"{"linkId":"note","text":"Note","type":"string","required":true}"#, r#"{"linkId":"from","text":"From","type":"date"},{"linkId":"until","text":"Until","type":"date"}"#);
    let site = site(&[form], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let leave = [("a::from", "2026-03-02"), ("a::until", "2026-03-06")];
    let place = signed(&ana, "/leave", &leave).await;
    let other = ana.post("/person/other/forms", &[("form", &site.form("/leave"))]).await.location();
    ana.act(&other, "save", &leave).await;
    assert_eq!(ana.get(&format!("{other}/sign")).await.status, StatusCode::OK, "two persons may be ill at once");
    site.chart.merge(&testkit::caller(Role::RecordsClerk), "other", "p", "registered twice").await.unwrap();
    let page = ana.get(&format!("{other}/sign")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("lie in another certificate (02/03/2026 – 06/03/2026)"), "{}", page.text);
    // What was written about the one is read with the other.
    let page = ana.get(&place.replace("/person/p/", "/person/other/")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(ana.get("/person/other/forms").await.text.contains(&id(&place)));
}
