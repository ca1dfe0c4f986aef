//! What comes with the matches: order and includes.

mod support;

use fhir::{Document, Moment, ResourceType};
use search::{Include, Meta};
use std::cmp::Ordering;
use support::parse;

/// Sorts resources (id and text) by a query and tells the ids in order.
fn sorted(kind: &str, query: &str, resources: &[(&str, &str)]) -> Vec<String> {
    let query = parse(ResourceType::named(kind).unwrap(), query);
    let mut keyed: Vec<_> = resources
        .iter()
        .enumerate()
        .map(|(number, (id, text))| {
            let document = Document::read(text).unwrap();
            (query.sort_values(document.root(), Meta { id, last_updated: Moment(number as i64), version: 1 }), *id)
        })
        .collect();
    keyed.sort_by(|left, right| query.compare_sorted(&left.0, &right.0));
    keyed.into_iter().map(|(_, id)| id.to_owned()).collect()
}

#[test]
fn matches_come_in_the_order_asked_for() {
    let stays = [
        ("a", r#"{"resourceType":"Encounter","period":{"start":"2024-01-01","end":"2024-06-01"},"status":"finished"}"#),
        ("b", r#"{"resourceType":"Encounter","period":{"start":"2024-02-01","end":"2024-02-02"},"status":"planned"}"#),
        ("c", r#"{"resourceType":"Encounter","status":"arrived"}"#),
    ];
    assert_eq!(sorted("Encounter", "_sort=date", &stays), ["a", "b", "c"]);
    assert_eq!(sorted("Encounter", "_sort=-date", &stays), ["a", "b", "c"]);
    assert_eq!(sorted("Encounter", "_sort=status", &stays), ["c", "a", "b"]);
    assert_eq!(sorted("Encounter", "_sort=-_lastUpdated", &stays), ["c", "b", "a"]);
    assert_eq!(sorted("Encounter", "_sort=-_id", &stays), ["c", "b", "a"]);
    let people = [
        ("a", r#"{"resourceType":"Patient","name":[{"family":"Ñu"}],"birthDate":"1958"}"#),
        ("b", r#"{"resourceType":"Patient","name":[{"family":"núñez"}],"birthDate":"1958-03"}"#),
        ("c", r#"{"resourceType":"Patient","name":[{"family":"Nunez"}],"birthDate":"1940"}"#),
        ("d", r#"{"resourceType":"Patient"}"#),
    ];
    assert_eq!(sorted("Patient", "_sort=family,birthdate", &people), ["a", "c", "b", "d"]);
    assert_eq!(sorted("Patient", "_sort=-family,-birthdate", &people), ["b", "c", "a", "d"]);
    let measured = |value: &str| format!(r#"{{"resourceType":"Observation","valueQuantity":{{{value}}}}}"#);
    let weights = [
        ("a", measured(r#""value":5.4,"system":"http://unitsofmeasure.org","code":"kg""#)),
        ("b", measured(r#""value":900,"system":"http://unitsofmeasure.org","code":"g""#)),
        ("c", measured(r#""value":5.40001,"system":"http://unitsofmeasure.org","code":"kg""#)),
        ("d", measured(r#""comparator":"<","value":1,"system":"http://unitsofmeasure.org","code":"g""#)),
        ("e", r#"{"resourceType":"Observation"}"#.to_owned()),
    ];
    let weights: Vec<(&str, &str)> = weights.iter().map(|(id, text)| (*id, text.as_str())).collect();
    assert_eq!(sorted("Observation", "_sort=value-quantity", &weights), ["d", "b", "a", "c", "e"]);
    assert_eq!(sorted("Observation", "_sort=-value-quantity", &weights), ["c", "a", "b", "d", "e"]);
    let risks = [
        ("a", r#"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.25},{"probabilityDecimal":1e-2}]}"#),
        ("b", r#"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.100}]}"#),
    ];
    assert_eq!(sorted("RiskAssessment", "_sort=probability", &risks), ["a", "b"]);
    assert_eq!(sorted("RiskAssessment", "_sort=-probability", &risks), ["a", "b"]);
    let of = [
        ("a", r#"{"resourceType":"Observation","subject":{"reference":"Patient/9"}}"#),
        ("b", r#"{"resourceType":"Observation","subject":{"reference":"Patient/10"}}"#),
    ];
    assert_eq!(sorted("Observation", "_sort=subject", &of), ["b", "a"]);
    let query = parse(ResourceType::PATIENT, "_sort=family");
    assert_eq!(query.compare_sorted(&[None], &[None]), Ordering::Equal);
}

fn included(query: &str, resource: &str) -> Vec<String> {
    let document = Document::read(resource).unwrap();
    let kind = ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
    let mut found = Vec::new();
    let query = parse(kind, query);
    for include in &query.includes {
        include.follow(kind, document.root(), support::BASE, &search::Custom::default(), &mut |kind, id| found.push(format!("{kind}/{id}")));
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn an_include_follows_the_references_it_names() {
    let resource = r##"{"resourceType":"Observation","subject":{"reference":"Patient/p/_history/2"},"encounter":{"reference":"Encounter/e"},
        "performer":[{"reference":"https://carnet.example/fhir/Practitioner/d"},{"reference":"https://other.example/Practitioner/x"},{"reference":"#c"},{"display":"nobody"},{"reference":"Organization/o"}],
        "contained":[{"resourceType":"Organization","id":"c"}]}"##;
    let cases: [(&str, &[&str]); 9] = [
        ("_include=Observation:subject", &["Patient/p"]),
        ("_include=Observation:patient", &["Patient/p"]),
        ("_include=Observation:subject:Group", &[]),
        ("_include=Observation:performer", &["Organization/o", "Practitioner/d"]),
        ("_include=Observation:performer:Organization", &["Organization/o"]),
        ("_include=Observation:encounter&_include=Observation:subject", &["Encounter/e", "Patient/p"]),
        ("_include=*", &["Encounter/e", "Organization/o", "Patient/p", "Practitioner/d"]),
        ("_include=Observation:*", &["Encounter/e", "Organization/o", "Patient/p", "Practitioner/d"]),
        ("_include:iterate=Patient:organization", &[]),
    ];
    for (query, expect) in cases {
        assert_eq!(included(query, resource), expect, "{query}");
    }
}

#[test]
fn an_include_reads_back_as_it_was_written() {
    let query = parse(ResourceType::PATIENT, "_include=*&_include=Patient:organization&_include:iterate=Patient:general-practitioner:Practitioner");
    let texts: Vec<_> = query.includes.iter().map(Include::text).collect();
    assert_eq!(texts, ["*", "Patient:organization", "Patient:general-practitioner:Practitioner"]);
    assert_eq!(query.includes.iter().map(|include| include.iterate).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn a_sort_key_counts_where_it_stands_first() {
    let query = parse(ResourceType::PATIENT, &format!("_sort=family,-family{},-birthdate", ",family".repeat(1_000)));
    assert_eq!(query.sort.iter().map(|key| (key.parameter.code(), key.descending)).collect::<Vec<_>>(), [("family", false), ("birthdate", true)]);
    assert!(query.to_self_link().ends_with("_sort=family,-birthdate"), "{}", query.to_self_link());
}
