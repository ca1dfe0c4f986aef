//! Lists of the children of a facility: complete page by page, bounded, and traced.

use access::{Caller, Role};
use chart::{Chart, Error};
use fhir::ResourceType;
use testkit::{block_on, caller, clinic};

fn created(chart: &Chart, kind: &str, body: &str) -> String {
    let kind = ResourceType::named(kind).unwrap();
    block_on(chart.create(&caller(Role::Integration), kind, body.as_bytes(), None)).unwrap().stored.id
}

fn child(chart: &Chart, facility: &str, born: &str) -> String {
    let id = created(chart, "Patient", &format!(r#"{{"resourceType":"Patient","birthDate":"{born}","managingOrganization":{{"reference":"Organization/{facility}"}}}}"#));
    created(chart, "Immunization", &format!(r#"{{"resourceType":"Immunization","status":"completed","vaccineCode":{{"text":"BCG"}},"patient":{{"reference":"Patient/{id}"}},"occurrenceDateTime":"{born}"}}"#));
    created(chart, "Encounter", &format!(r#"{{"resourceType":"Encounter","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/{id}"}}}}"#));
    id
}

fn each_was_opened(chart: &Chart, by: &Caller, patients: &[String]) {
    for id in patients {
        let lines = block_on(chart.openings_from(&caller(Role::Console), id, None, 10)).unwrap();
        assert!(lines.iter().any(|line| line.account == by.account.number), "{id} has no opening");
    }
}

#[test]
fn the_children_of_a_facility_come_page_by_page_and_nobody_elses() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let here = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic of the North"}"#);
    let there = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic of the South"}"#);
    let mut expected: Vec<String> = ["2012-05-01", "2019-01-31", "2025-03-03"].iter().map(|born| child(chart, &here, born)).collect();
    child(chart, &here, "1980-01-01");
    child(chart, &there, "2020-01-01");
    let nurse = caller(Role::Nurse);
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = block_on(chart.children_of(&nurse, &here, "2008-01-01", 2, cursor.as_deref())).unwrap();
        assert!(page.items.len() <= 2);
        for one in page.items {
            assert_eq!(one.resources.iter().map(|one| one.kind.name()).collect::<Vec<_>>(), ["Immunization"], "only what a schedule needs");
            found.push(one.patient.id);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    // Each of them sees in the log that the nurse looked.
    each_was_opened(chart, &nurse, &expected);
}

#[test]
fn persons_of_a_facility_without_any_birth_date_are_found_and_traced() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let here = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic"}"#);
    let there = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Hospital"}"#);
    child(chart, &here, "2020-01-01");
    let undated = |facility: &str| created(chart, "Patient", &format!(r#"{{"resourceType":"Patient","managingOrganization":{{"reference":"Organization/{facility}"}}}}"#));
    let mut expected = vec![undated(&here), undated(&here), undated(&here)];
    undated(&there);
    let nurse = caller(Role::Nurse);
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = block_on(chart.undated_of(&nurse, &here, 2, cursor.as_deref())).unwrap();
        found.extend(page.items.into_iter().map(|one| one.patient.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    each_was_opened(chart, &nurse, &expected);
    assert!(matches!(block_on(chart.undated_of(&nurse, "a b", 10, None)), Err(Error::NotFound)));
}

#[test]
fn who_may_not_read_records_gets_no_list_and_what_is_no_id_is_not_there() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let here = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic"}"#);
    child(chart, &here, "2020-01-01");
    for role in [Role::ProgrammeOfficer, Role::Operator, Role::Auditor] {
        let page = block_on(chart.children_of(&caller(role), &here, "2008-01-01", 10, None)).unwrap();
        assert!(page.items.is_empty(), "{role:?}");
    }
    assert!(matches!(block_on(chart.children_of(&caller(Role::Nurse), "a b", "2008-01-01", 10, None)), Err(Error::NotFound)));
}

#[test]
fn a_facility_is_found_by_the_beginnings_of_its_words() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let id = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clínica del Norte, 1|2"}"#);
    created(chart, "Organization", r#"{"resourceType":"Organization","name":"Hospital del Sur"}"#);
    for (typed, expected) in [("clinica", 1), ("Clín Nor", 1), ("del", 2), ("x", 0), (" ", 0), ("a,b|c", 0)] {
        let found = block_on(chart.find_facilities(&caller(Role::Nurse), typed, 10)).unwrap();
        assert_eq!(found.len(), expected, "{typed}");
        assert!(expected != 1 || found[0].id == id);
    }
}

#[test]
fn a_child_that_was_registered_twice_is_one_line_with_the_doses_of_both() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let here = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic"}"#);
    let (one, other) = (child(chart, &here, "2020-01-01"), child(chart, &here, "2020-01-01"));
    let listed = || block_on(chart.children_of(&caller(Role::Nurse), &here, "2008-01-01", 10, None)).unwrap().items;
    assert_eq!(listed().len(), 2);
    block_on(chart.merge(&caller(Role::RecordsClerk), &one, &other, "same card")).unwrap();
    let lines = listed();
    assert_eq!(lines.iter().map(|line| (line.patient.id.clone(), line.resources.len())).collect::<Vec<_>>(), [(one.clone(), 2)]);
    block_on(chart.unmerge(&caller(Role::RecordsClerk), &other, "two children")).unwrap();
    assert_eq!(listed().iter().map(|line| line.resources.len()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_child_is_on_the_list_of_the_unit_that_any_of_its_registrations_names() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let here = created(chart, "Organization", r#"{"resourceType":"Organization","name":"Clinic"}"#);
    let stays = created(chart, "Patient", r#"{"resourceType":"Patient","birthDate":"2020-01-01"}"#);
    let nurse = caller(Role::Nurse);
    let listed = || block_on(chart.children_of(&nurse, &here, "2008-01-01", 10, None)).unwrap().items;
    // The one that stays belongs to no unit; of two others that belong to this one the child is listed once.
    for registrations in 1..=2 {
        let other = child(chart, &here, "2020-01-01");
        block_on(chart.merge(&caller(Role::RecordsClerk), &stays, &other, "same card")).unwrap();
        assert_eq!(listed().iter().map(|line| (line.patient.id.clone(), line.resources.len())).collect::<Vec<_>>(), [(stays.clone(), registrations)]);
    }
    let lines = block_on(chart.openings_from(&caller(Role::Console), &stays, None, 10)).unwrap();
    assert!(lines.iter().any(|line| line.account == nurse.account.number), "the nurse saw who stays");
    // Nor a second time for a registration without a birth date.
    let undated = created(chart, "Patient", &format!(r#"{{"resourceType":"Patient","managingOrganization":{{"reference":"Organization/{here}"}}}}"#));
    let on_both = || listed().len() + block_on(chart.undated_of(&nurse, &here, 10, None)).unwrap().items.len();
    assert_eq!(on_both(), 2);
    block_on(chart.merge(&caller(Role::RecordsClerk), &stays, &undated, "same card")).unwrap();
    assert_eq!(on_both(), 1);
}
