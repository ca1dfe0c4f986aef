//! A child before the pages, over the real door and RocksDB: what happened after a vaccination is written down and comes back
//! with the next dose; milestones; what has become of the province in the address.

use axum::http::StatusCode;
use fhir::{Moment, ResourceType};

use desk::{Reader, Site, site};

use crate::desk;

/// A day so many days before the site's own.
fn day(site: &Site, days_ago: i64) -> String {
    let (year, month, day) = Moment(site.chart.now().0 - days_ago * 86_400_000).civil(0);
    format!("{year:04}-{month:02}-{day:02}")
}

async fn put(site: &Site, kind: &str, id: &str, body: &str) {
    let text = format!(r#"{{"resourceType":"{kind}","id":"{id}",{body}}}"#);
    site.chart.update(&testkit::caller(access::Role::Integration), ResourceType::named(kind).unwrap(), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{kind}/{id}: {cause} {:?}", cause.issues()));
}

/// Born 130 days ago in a province that is no more; one pentavalent dose.
async fn nursery() -> Site {
    let site = site(&[], attest::Algorithm::Es256).await;
    put(&site, "Patient", "kid", &format!(r#""name":[{{"family":"Phạm","given":["Văn","An"]}}],"gender":"male","birthDate":"{}","address":[{{"district":"Lục Nam","state":"Bắc Giang","country":"VN"}}]"#, day(&site, 130))).await;
    put(&site, "Immunization", "penta", &format!(r#""status":"completed","vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"102"}}],"text":"Pentavalent"}},"patient":{{"reference":"Patient/kid"}},"occurrenceDateTime":"{}""#, day(&site, 60))).await;
    put(&site, "Immunization", "hers", &format!(r#""status":"completed","vaccineCode":{{"text":"Td"}},"patient":{{"reference":"Patient/other"}},"occurrenceDateTime":"{}""#, day(&site, 60))).await;
    site
}

const EVENT: &str = "/person/kid/vaccinations/event";

async fn events(site: &Site) -> usize {
    let record = site.chart.person(&testkit::caller(access::Role::Integration), "kid").await.unwrap();
    record.resources.iter().filter(|one| one.kind.name() == "AdverseEvent").count()
}

async fn write(reader: &Reader<'_>, fields: &[(&str, &str)]) -> StatusCode {
    reader.post(EVENT, fields).await.status
}

#[tokio::test]
async fn what_happened_after_a_dose_comes_back_with_the_next_one() {
    let site = nursery().await;
    let ana = site.sign_in("ana").await;
    let page = ana.get("/person/kid/vaccinations").await;
    assert!(page.text.contains("/vaccinations/event?dose=penta") && !page.text.contains("weigh it"), "{}", page.text);
    let page = ana.get(&format!("{EVENT}?dose=penta")).await;
    assert!(page.status == StatusCode::OK && page.text.contains("value=\"penta\" selected") && !page.text.contains("hers"), "{}", page.text);
    // Another's dose, no dose, no kind, another without words, too many words, a day before the dose or to come: nothing is kept.
    let (good, before, to_come, long) = (day(&site, 59), day(&site, 61), day(&site, -1), "x".repeat(501));
    for fields in [
        [("dose", "hers"), ("kind", "fever"), ("words", ""), ("day", good.as_str())],
        [("dose", ""), ("kind", "fever"), ("words", ""), ("day", &good)],
        [("dose", "penta"), ("kind", "hiccups"), ("words", ""), ("day", &good)],
        [("dose", "penta"), ("kind", "other"), ("words", "  "), ("day", &good)],
        [("dose", "penta"), ("kind", "fever"), ("words", &long), ("day", &good)],
        [("dose", "penta"), ("kind", "fever"), ("words", ""), ("day", &before)],
        [("dose", "penta"), ("kind", "fever"), ("words", ""), ("day", &to_come)],
        [("dose", "penta"), ("kind", "fever"), ("words", ""), ("day", "2026")],
        [("dose", "penta"), ("kind", "fever"), ("words", ""), ("day", "soon")],
    ] {
        assert_eq!(write(&ana, &fields).await, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
    }
    assert_eq!(events(&site).await, 0);
    // What was typed stays, and one goes on where it is wrong.
    let page = ana.post(EVENT, &[("dose", "penta"), ("kind", "fever"), ("words", "39.5 <b>at night"), ("day", &before), ("serious", "yes")]).await.text;
    assert!(page.contains("39.5 &#60;b&#62;at night</textarea>") && page.contains("value=\"fever\" selected") && page.contains("value=\"yes\" checked") && page.contains("value=\"penta\" selected"), "{page}");
    assert!(page.contains("<a href=\"#event-day\">") && page.contains(&format!("required value=\"{before}\" autofocus>")), "{page}");
    // Whoever does not write here, and whoever is not signed in.
    let auditor = site.sign_in("auditor").await;
    let fields = [("dose", "penta"), ("kind", "seizure"), ("words", "<b>two</b> minutes"), ("day", good.as_str()), ("serious", "yes")];
    assert!(write(&auditor, &fields).await.is_client_error());
    assert_eq!(write(&site.stranger().await, &fields).await, StatusCode::SEE_OTHER);
    assert_eq!(events(&site).await, 0);
    assert_eq!(write(&ana, &fields).await, StatusCode::SEE_OTHER);
    assert_eq!(events(&site).await, 1);
    let page = ana.get("/person/kid/vaccinations").await;
    assert!(page.text.contains("Seizure: &#60;b&#62;two") && !page.text.contains("<b>two") && page.text.contains(">serious<"), "{}", page.text);
    assert!(page.text.contains("a physician decides about the next one"), "{}", page.text);
    // The entry is put right by another one, as an amended form does it: what happened stands with that one.
    for (id, status) in [("penta", "entered-in-error"), ("anew", "completed")] {
        put(&site, "Immunization", id, &format!(r#""status":"{status}","vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"102"}}],"text":"Pentavalent"}},"lotNumber":"L-2","patient":{{"reference":"Patient/kid"}},"occurrenceDateTime":"{}""#, day(&site, 60))).await;
    }
    let page = ana.get("/person/kid/vaccinations").await;
    assert!(page.text.contains("Seizure: ") && page.text.contains("a physician decides about the next one"), "{}", page.text);
}

#[tokio::test]
async fn a_card_is_signed_for_doses_that_count_and_for_somebody_with_a_name_and_a_birth_date() {
    let site = nursery().await;
    let dose = |of: &str, title: &str, more: &str, days_ago: i64| format!(r#""status":"completed",{more}"vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"10"}}],"text":"{title}"}},"patient":{{"reference":"Patient/{of}"}},"occurrenceDateTime":"{}""#, day(&site, days_ago));
    put(&site, "Immunization", "weak", &dose("kid", "Half a dose", r#""isSubpotent":true,"#, 30)).await;
    put(&site, "Immunization", "to-come", &dose("kid", "Next week", "", -7)).await;
    put(&site, "Immunization", "too-early", &dose("kid", "Before birth", "", 200)).await;
    put(&site, "Patient", "nobody", &format!(r#""birthDate":"{}""#, day(&site, 130))).await;
    put(&site, "Immunization", "theirs", &dose("nobody", "Polio", "", 30)).await;
    let ana = site.sign_in("ana").await;
    let page = ana.get("/person/kid/vaccinations/certificate").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Pentavalent") && page.text.contains("3 entries are on no card"), "{}", page.text);
    for title in ["Half a dose", "Next week", "Before birth"] {
        assert!(!page.text.contains(title), "{title}: {}", page.text);
    }
    for language in web::words::Language::ALL {
        let page = ana.get_in("/person/nobody/vaccinations/certificate", language).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("vaccinations/file") && !page.text.contains('⟦'), "{}", page.text);
    }
    assert!(ana.get("/person/nobody/vaccinations/certificate").await.text.contains("no name or no birth date"));
    assert_eq!(ana.get("/person/nobody/vaccinations/file").await.text, r#"{"verifiableCredential":[]}"#);
}

#[tokio::test]
async fn a_dose_that_was_entered_twice_stands_on_the_card_once() {
    let site = nursery().await;
    let given = day(&site, 60);
    let dose = |cvx: &str, title: &str, date: &str| format!(r#""status":"completed","vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"{cvx}"}}],"text":"{title}"}},"patient":{{"reference":"Patient/kid"}},"occurrenceDateTime":"{date}""#);
    let ana = site.sign_in("ana").await;
    // By its month, of another combination of the same series.
    put(&site, "Immunization", "again", &dose("146", "Hexa of the card", &given[..7])).await;
    for language in web::words::Language::ALL {
        let page = ana.get_in("/person/kid/vaccinations/certificate", language).await;
        assert!(page.text.contains("Pentavalent") && !page.text.contains("Hexa of the card") && !page.text.contains('⟦'), "{}", page.text);
    }
    let page = ana.get("/person/kid/vaccinations/certificate").await;
    assert!(page.text.contains("One entry is on no card: it may be the second entry"), "{}", page.text);
    // Once its day is written it is a dose of its own.
    put(&site, "Immunization", "again", &dose("146", "Hexa of the card", &day(&site, 20))).await;
    let page = ana.get("/person/kid/vaccinations/certificate").await;
    assert!(page.text.contains("Hexa of the card") && !page.text.contains("second entry"), "{}", page.text);
}

#[tokio::test]
async fn the_card_shows_milestones_and_names_those_nobody_wrote_of() {
    let site = nursery().await;
    put(&site, "Observation", "rolls", &format!(r#""status":"final","code":{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/milestone","code":"rolls"}}]}},"subject":{{"reference":"Patient/kid"}},"effectiveDateTime":"{}","valueBoolean":true"#, day(&site, 2))).await;
    let page = site.sign_in("ana").await.get("/person/kid/card").await;
    assert!(page.text.contains("Rolls over") && page.text.contains("Does it") && page.text.contains("Walks alone"), "{}", page.text);
    assert!(page.text.contains("Not written down whether the child does it: Smiles at people") && !page.text.contains("child does it: Rolls"), "{}", page.text);
    assert!(page.text.contains("windows of achievement"), "the source is told");
}

#[tokio::test]
async fn a_measurement_without_a_value_or_a_day_is_no_examination_and_no_weight_at_birth() {
    let site = nursery().await;
    let ana = site.sign_in("ana").await;
    let weighed = |status: &str, date: &str, value: &str| format!(r#""status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"subject":{{"reference":"Patient/kid"}},"effectiveDateTime":"{date}",{value}"#);
    let absent = r#""dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-performed"}]}"#;
    let grams = r#""valueQuantity":{"value":3200,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}"#;
    let (birth, month) = (day(&site, 130), day(&site, 130)[..7].to_owned());
    let gap = "The weight at birth is not recorded.";
    for (status, date, value, is_told) in [("final", birth.as_str(), absent, false), ("cancelled", birth.as_str(), grams, false), ("final", month.as_str(), grams, false), ("final", birth.as_str(), grams, true)] {
        put(&site, "Observation", "weight", &weighed(status, date, value)).await;
        let page = ana.get("/person/kid/card").await;
        assert_eq!(page.text.contains(gap), !is_told, "{status} {date} {value}: {}", page.text);
        assert_eq!(page.text.contains("they count as no examination"), date == month, "{status} {date}");
    }
}

#[tokio::test]
async fn the_card_of_a_child_who_died_asks_for_nothing() {
    let site = nursery().await;
    let ana = site.sign_in("ana").await;
    assert!(ana.get("/person/kid/card").await.text.contains("No examination at the age of"));
    put(&site, "Patient", "kid", &format!(r#""name":[{{"family":"Phạm","given":["Văn","An"]}}],"gender":"male","birthDate":"{}","deceasedDateTime":"{}","address":[{{"country":"VN"}}]"#, day(&site, 130), day(&site, 30))).await;
    let page = ana.get("/person/kid/card").await;
    assert!(page.status == StatusCode::OK && page.text.contains("The person has died."), "{}", page.text);
    for asked in ["No examination at the age of", "The weight at birth is not recorded.", "A parent or guardian is not recorded.", ">Missed<", ">Late<"] {
        assert!(!page.text.contains(asked), "{asked}: {}", page.text);
    }
}

#[tokio::test]
async fn a_death_that_a_document_tells_is_on_each_page_and_nothing_is_due() {
    let site = nursery().await;
    let ana = site.sign_in("ana").await;
    let death = |status: &str| format!(r#""status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"81956-5"}}]}},"subject":{{"reference":"Patient/kid"}},"effectiveDateTime":"{0}","valueDateTime":"{0}""#, day(&site, 3));
    for (status, is_told) in [("final", true), ("entered-in-error", false)] {
        put(&site, "Observation", "death", &death(status)).await;
        let page = ana.get("/person/kid/vaccinations").await.text;
        assert_eq!((page.contains("a document says that the person died"), page.contains("The person has died.")), (is_told, is_told), "{page}");
        assert_eq!(ana.get("/person/kid/card").await.text.contains("No examination at the age of"), !is_told);
    }
}

#[tokio::test]
async fn examinations_of_whose_parts_no_source_tells_are_marked_as_proposals() {
    let site = nursery().await;
    let ana = site.sign_in("ana").await;
    // Of Russia's timetable the parts at one month have a source, and those of the four months after it have none; Mexico's is a
    // proposal as a whole, and says so once.
    for (country, expected) in [("RU", 4), ("MX", 1)] {
        put(&site, "Patient", "kid", &format!(r#""name":[{{"family":"Prueba","given":["An"]}}],"gender":"male","birthDate":"{}","address":[{{"country":"{country}"}}]"#, day(&site, 130))).await;
        let page = ana.get("/person/kid/card").await;
        let examinations = page.text.split("<section class=\"card\">").find(|section| section.contains("Preventive examinations")).unwrap_or_default();
        assert_eq!(examinations.matches(">Proposal<").count(), expected, "{country}: {examinations}");
    }
}

#[tokio::test]
async fn an_address_in_a_province_that_is_no_more_says_what_it_is_today() {
    let site = nursery().await;
    let desk = site.sign_in("desk").await;
    let page = desk.post("/find", &[("q", "pham")]).await;
    assert!(page.text.contains("Lục Nam, Bắc Giang (today Bắc Ninh)"), "{}", page.text);
    let page = desk.get("/person/kid/document/Patient/kid").await;
    assert!(page.text.contains("Bắc Giang, VN (today Bắc Ninh)"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dose_that_a_vaccination_card_writes_counts_in_the_calendar() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/mx-cartilla-vacunacion ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    let (born, given) = (day(&site, 90), day(&site, 60));
    site.mother(&format!(r#""birthDate":"{born}","address":[{{"country":"MX"}}]"#)).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("mx-cartilla-vacunacion").await;
    let mut fields = vec![("a::card-kind", "c0"), ("a::allergy-state", "c1"), ("a::ill-today", "false"), ("a::earlier-reaction", "false"), ("a::weak-defences", "false")];
    fields.extend([("p:0:dose-vaccine", "1"), ("p:0:dose-day", "1"), ("a:0:dose-day", given.as_str()), ("p:0:dose-lot", "1"), ("a:0:dose-lot", "L-1")]);
    fields.extend([("p:0:withheld-vaccine", "1"), ("a:0:withheld-vaccine", "http://hl7.org/fhir/sid/cvx|119"), ("p:0:withheld-why", "1"), ("a:0:withheld-why", "c1")]);
    // A day and a lot without a vaccine are nothing that could be kept.
    let page = ana.act(&place, "complete", &fields).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("Say which vaccine it is"), "{}", page.text);
    fields.push(("a:0:dose-vaccine", "http://hl7.org/fhir/sid/cvx|19"));
    let page = ana.act(&place, "complete", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let written = site.record("Immunization").await;
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written.iter().any(|one| one.contains(r#""completed""#) && one.contains(r#""19""#)) && written.iter().any(|one| one.contains("PATOBJ") && one.contains(r#""119""#)), "{written:?}");
    let page = ana.get("/person/p/vaccinations").await.text;
    assert!(page.contains("Refused on") && !page.contains("cannot be read"), "{page}");
    // Who says that there is no allergy was asked; a second form does not say it twice.
    assert!(page.contains("No known allergies") && !page.contains("Allergies not asked"), "{page}");
    let second = ana.begin("mx-cartilla-vacunacion").await;
    // What the record brings is confirmed first.
    ana.act(&second, "confirm", &fields[..5]).await;
    let page = ana.act(&second, "complete", &fields[..5]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(site.record("AllergyIntolerance").await.len(), 1);
    // An amendment takes its own back and says it again.
    let draft = ana.act(&place, "amend", &[("reason", "ill that day")]).await.location();
    let page = ana.act(&draft, "complete", &[("a::ill-today", "true")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let said = site.record("AllergyIntolerance").await;
    assert_eq!((said.len(), said.iter().filter(|one| one.contains(r#""entered-in-error""#)).count()), (2, 1), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_begins_with_a_weight_only_while_it_may_still_be_true() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/mx-nota-evolucion ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let measured = |code: &str, value: &str, unit: &str, date: &str| format!(r#""status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"{date}","valueQuantity":{{"value":{value},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}"#);
    // Born, weighed and measured so many days ago; whether weight and height stand in the form.
    for (born, weighed, tall, expected) in [
        (1000, 900, 900, (false, false)),
        (1000, 8, 8, (false, false)),
        (1000, 7, 0, (true, true)),
        (10_000, 60, 1000, (true, true)),
        (10_000, 100, 1000, (false, true)),
    ] {
        site.mother(&format!(r#""birthDate":"{}""#, day(&site, born))).await;
        put(&site, "Observation", "weight", &measured("29463-7", "5.2", "kg", &day(&site, weighed))).await;
        put(&site, "Observation", "height", &measured("8302-2", "61.3", "cm", &day(&site, tall))).await;
        let place = ana.begin("mx-nota-evolucion").await;
        let page = ana.get(&place).await.text;
        assert_eq!((page.contains("value=\"5.2\""), page.contains("value=\"61.3\"")), expected, "{born} {weighed} {tall}: {page}");
    }
}

#[tokio::test]
async fn who_is_registered_without_a_number_has_the_calendar_of_the_country_that_was_chosen() {
    let site = nursery().await;
    let (desk, ana) = (site.sign_in("desk").await, site.sign_in("ana").await);
    for (number, (country, family, said)) in [("mx", "Prueba", "Calendar: Mexico"), ("vn", "Thử", "Calendar: Vietnam"), ("ru", "Пробная", "Calendar: Russia")].into_iter().enumerate() {
        let form = format!("0123456789abcdef0123456789abcde{number}");
        let born = day(&site, 100 + 40 * number as i64);
        let fields = [("form", form.as_str()), ("kind", "known"), ("country", country), ("name-0", family), ("name-1", "Uno"), ("name-2", "Ensayo"), ("sex", "female"), ("born", born.as_str())];
        let done = desk.post("/register", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{country}: {}", done.text);
        let page = ana.get(&format!("{}/vaccinations", done.location())).await;
        assert!(page.text.contains(said), "{country}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prescription_says_until_when_its_medicine_is_taken() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/mx-receta ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let ana = site.sign_in("ana").await;
    let row = [("generic", "Amoxicilina"), ("presentation", "cápsulas 500 mg"), ("rx-dose", "1 cápsula"), ("rx-route", "c0"), ("rx-often", "cada 8 horas"), ("rx-days", "7"), ("refills", "1")];
    let names: Vec<(String, String)> = row.iter().map(|(name, _)| (format!("a:0:{name}"), format!("p:0:{name}"))).collect();
    let mut fields = vec![("a::for-what", "Faringitis"), ("a::allergy-state", "c1")];
    for ((_, value), (answer, page)) in row.iter().zip(&names) {
        fields.extend([(answer.as_str(), *value), (page.as_str(), "1")]);
    }
    let place = ana.begin("mx-receta").await;
    let page = ana.act(&place, "complete", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    // Seven days and seven more, from the second of March on.
    let written = site.record("MedicationRequest").await;
    assert!(written.len() == 1 && written[0].contains(r#""boundsPeriod":{"start":"2026-03-02","end":"2026-03-16"}"#), "{written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pregnancy_that_is_told_at_a_vaccination_is_known_to_the_calendar() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/mx-cartilla-vacunacion ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    site.mother(r#""birthDate":"1995-05-01","address":[{"country":"MX"}]"#).await;
    let ana = site.sign_in("ana").await;
    let told = |is_pregnant: &'static str| [("a::card-kind", "c2"), ("a::allergy-state", "c2"), ("a::ill-today", "false"), ("a::earlier-reaction", "false"), ("a::weak-defences", "false"), ("a::pregnant", is_pregnant)];
    // Twice told it is one.
    for (is_pregnant, conditions) in [("false", 0), ("true", 1), ("true", 1)] {
        let place = ana.begin("mx-cartilla-vacunacion").await;
        let page = ana.act(&place, "complete", &told(is_pregnant)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert_eq!(site.record("Condition").await.len(), conditions);
        let page = ana.get("/person/p/vaccinations").await.text;
        assert_eq!(page.contains("Given in pregnancy"), conditions > 0, "{page}");
    }
}
