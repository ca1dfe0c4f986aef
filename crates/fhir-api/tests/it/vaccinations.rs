//! Which vaccinations are due, over HTTP.

use crate::clinic::Clinic;
use fhir::Document;

/// A child of ten weeks: BCG and hepatitis B at birth, a hexavalent at five weeks.
fn child() -> Clinic {
    let clinic = Clinic::open();
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","birthDate":"2025-01-15","address":[{"country":"MX"}]} => 201
        PUT /Patient/eva <<< {"resourceType":"Patient","id":"eva","birthDate":"2025-01-15"} => 201
        PUT /Patient/old <<< {"resourceType":"Patient","id":"old","birthDate":"2025","address":[{"country":"mx"}]} => 201
        PUT /Immunization/bcg <<< {"resourceType":"Immunization","id":"bcg","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}]},"patient":{"reference":"Patient/ana"},"occurrenceDateTime":"2025-01-15"} => 201
        PUT /Immunization/hb <<< {"resourceType":"Immunization","id":"hb","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}]},"patient":{"reference":"Patient/ana"},"occurrenceDateTime":"2025-01-15"} => 201
        PUT /Immunization/hexa <<< {"resourceType":"Immunization","id":"hexa","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"146"}]},"patient":{"reference":"Patient/ana"},"occurrenceDateTime":"2025-02-19"} => 201
    "#);
    clinic
}

#[test]
fn what_is_due_is_told_with_dates_and_reasons_and_what_does_not_count_too() {
    child().check(r#"
        GET /Patient/ana/$immds-forecast?assessmentDate=2025-03-20 => 200 ; ~ "resourceType":"ImmunizationRecommendation" ; ~ "code":"30980-7"}]},"value":"2025-03-19" ; ~ "code":"gap-over" ; ~ "code":"too-young" ; ~ it would have counted from 2025-02-22 on ; ~ "immunizationEvent":{"reference":"Immunization/hexa"} ; ~ "supportingImmunization":[{"reference":"Immunization/bcg"}]
        POST /Patient/ana/$immds-forecast <<< {"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"2025-03-20"}]} => 200 ; ~ "date":"2025-03-20"
        GET /Patient/ana/$immds-forecast => 200 ; ~ overdue
        GET /Patient/ana/$immds-forecast?assessmentDate=2025-03 => 400 value
        GET /Patient/ana/$immds-forecast?assessmentDate=2025-01-14 => 400 value ; ~ http.assessmentDate ; ~ before the person's birth date ; !~ 2025
        GET /Patient/ana/$immds-forecast?assessmentDate=2025-01-15 => 200
        GET /Patient/ana/$immds-forecast?assessmentDate=2175-01-15 => 200
        GET /Patient/ana/$immds-forecast?assessmentDate=2175-01-16 => 400 value ; ~ http.assessmentDate ; ~ 150 years
        GET /Patient/ana/$immds-forecast?assessmentDate=9999-12-31 => 400 value
        POST /Patient/ana/$immds-forecast <<< {"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"1925-03-20"}]} => 400 value
        GET /Patient/ana/$immds-forecast?calendar=xx => 400 not-supported
        GET /Patient/ana/$immds-forecast?calendar=ru&assessmentDate=2025-03-20 => 200 ; ~ RU-PCV-1
        GET /Patient/eva/$immds-forecast => 400 required ; ~ http.calendar
        GET /Patient/eva/$immds-forecast?calendar=vn&assessmentDate=2025-03-20 => 200 ; ~ VN-PENTA-1
        GET /Patient/old/$immds-forecast => 400 required ; ~ Patient.birthDate
        GET /Patient/none/$immds-forecast => 404 not-found
        GET /Patient/ana/$immds-forecast?x=1 => 400 not-supported
        GET /Immunization/$immds-forecast => 404
    "#);
}

#[test]
fn a_system_brings_the_person_along_and_nothing_is_stored() {
    let clinic = child();
    clinic.check(r#"
        POST /$immds-forecast <<< {"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"2025-03-20"},{"name":"patient","resource":{"resourceType":"Patient","id":"x","birthDate":"2025-01-15","address":[{"country":"RU"}]}},{"name":"immunization","resource":{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}]},"patient":{"reference":"Patient/x"},"occurrenceDateTime":"2025-01-18"}}]} => 200 ; ~ Patient/x ; ~ "code":"tuberculosis" ; ~ a dose of the request
        POST /$immds-forecast <<< {"resourceType":"Parameters"} => 400 required
        POST /Patient/ana/$immds-forecast <<< {"resourceType":"Parameters","parameter":[{"name":"patient","valueString":"x"}]} => 400 not-supported
        POST /Patient/ana/$immds-forecast <<< {"resourceType":"Parameters","parameter":[{"name":"immunization","resource":{"resourceType":"Immunization"}}]} => 400 not-supported
        GET /Patient/x => 404
    "#);
}

#[test]
fn the_answer_is_made_of_valid_resources() {
    let clinic = child();
    let reply = clinic.get("/Patient/ana/$immds-forecast?assessmentDate=2025-03-20");
    let document = Document::read(reply.text()).unwrap();
    let resources: Vec<_> = document.root().get("parameter").unwrap().items().map(|parameter| parameter.get("resource").unwrap()).collect();
    assert!(resources.len() > 5);
    for resource in resources {
        let kind = resource.string("resourceType").unwrap();
        clinic.check(&format!("POST /{kind}/$validate <<< {} => 200 ; !~ \"severity\":\"error\"", resource.raw()));
    }
}

/// A body for the operation: a person and what is brought along.
fn brought(patient: &str, others: &[(&str, &str)]) -> String {
    let others: String = others.iter().map(|(name, resource)| format!(r#",{{"name":"{name}","resource":{resource}}}"#)).collect();
    format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"assessmentDate","valueDate":"2026-06-01"}},{{"name":"patient","resource":{patient}}}{others}]}}"#)
}

#[test]
fn a_pregnancy_known_by_a_date_forbids_what_one_known_by_a_code_forbids() {
    let clinic = Clinic::open();
    for (country, live) in [("MX", "mmr"), ("RU", "mmr"), ("VN", "measles")] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"x","gender":"female","birthDate":"1998-01-15","address":[{{"country":"{country}"}}]}}"#);
        let observed = |code: &str, day: &str| format!(r#"{{"resourceType":"Observation","status":"final","subject":{{"reference":"Patient/x"}},"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"valueDateTime":"{day}"}}"#);
        let status = |more: &[(&str, &str)]| {
            let reply = clinic.ask("POST", "/$immds-forecast", &[("content-type", "application/fhir+json")], brought(&patient, more));
            let document = Document::read(reply.text()).unwrap();
            let lines = document.root().get("parameter").unwrap().items().next().unwrap().get("resource").unwrap().get("recommendation").unwrap();
            lines.items().find(|line| line.string("series").as_deref() == Some(live)).map(|line| line.path(&["forecastStatus", "coding"]).unwrap().string("code").unwrap().into_owned())
        };
        assert_ne!(status(&[]).as_deref(), Some("contraindicated"), "{country}");
        for (code, day) in [("8665-2", "2026-03-01"), ("11778-8", "2026-12-01")] {
            assert_eq!(status(&[("observation", &observed(code, day))]).as_deref(), Some("contraindicated"), "{country} {code}");
        }
    }
}

#[test]
fn a_weak_dose_another_persons_dose_and_the_dead_are_told_apart() {
    let clinic = Clinic::open();
    let child = r#"{"resourceType":"Patient","id":"x","birthDate":"2024-01-15","address":[{"country":"MX"}]}"#;
    let dose = |whose: &str, more: &str| format!(r#"{{"resourceType":"Immunization","status":"completed",{more}"vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}}]}},"patient":{{"reference":"{whose}"}},"occurrenceDateTime":"2025-02-01"}}"#);
    let ask = |patient: &str, doses: &[&str], expected: &str| clinic.check(&format!("POST /$immds-forecast <<< {} => {expected}", brought(patient, &doses.iter().map(|dose| ("immunization", *dose)).collect::<Vec<_>>())));
    ask(child, &[&dose("Patient/x", "")], r#"200 ; ~ "code":"valid" ; !~ subpotent"#);
    ask(child, &[&dose("Patient/x", r#""isSubpotent":true,"#)], r#"200 ; ~ "code":"subpotent" ; !~ "code":"valid""#);
    ask(child, &[&dose("https://a.example/fhir/Patient/x/_history/2", "")], "200");
    ask(child, &[&dose("Patient/y", "")], "400 invalid ; ~ Immunization.patient");
    let nameless = child.replace(r#""id":"x","#, "");
    ask(&nameless, &[&dose("Patient/y", ""), &dose("Patient/y", "")], "200");
    ask(&nameless, &[&dose("Patient/y", ""), &dose("Patient/z", "")], "400 invalid");
    for died in [r#""deceasedBoolean":true,"#, r#""deceasedDateTime":"2026-01","#] {
        ask(&child.replace(r#""birthDate""#, &format!(r#"{died}"birthDate""#)), &[&dose("Patient/x", "")], r#"200 ; ~ "code":"died" ; !~ overdue ; !~ "code":"due""#);
    }
    ask(&child.replace(r#""birthDate""#, r#""deceasedBoolean":false,"birthDate""#), &[], "200 ; ~ overdue");
}
