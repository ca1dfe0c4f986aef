//! Every resource of a population is a well-formed FHIR R4 resource.

use std::collections::BTreeMap;

use fhir::Document;
use synth::{Population, Shape, Stats};
use validation::{Options, validate};

/// Validates every resource of a Bundle; the issues found, with how often.
fn check(text: &str, best_practice: bool, found: &mut BTreeMap<String, usize>) -> usize {
    let document = Document::read(text).unwrap_or_else(|error| panic!("not strict JSON: {error:?}"));
    let options = Options { conditional_references: true, invariants: true, best_practice, sent_along: None };
    let mut count = 0;
    let entries = document.root().get("entry").map(|entries| entries.items());
    for entry in entries.into_iter().flatten() {
        let resource = entry.get("resource").expect("an entry has a resource");
        count += 1;
        for issue in validate(resource, &options) {
            *found.entry(format!("{issue:?}")).or_default() += 1;
        }
    }
    count
}

#[test]
fn a_spoiled_resource_would_be_noticed() {
    let mut out = String::new();
    Population::new(country::by_code("mx").expect("a country"), 7).write_person(0, &mut out, &mut Stats::default());
    for (sound, spoiled) in [("\"status\":\"final\"", "\"status\":\"finished-ish\""), ("\"gender\":", "\"sex\":"), ("\"birthDate\":\"", "\"birthDate\":\"x")] {
        assert!(out.contains(sound));
        let mut found = BTreeMap::new();
        check(&out.replacen(sound, spoiled, 1), false, &mut found);
        assert!(!found.is_empty(), "{spoiled}");
    }
}

#[test]
fn every_resource_of_every_country_and_shape_is_without_issues() {
    let mut found = BTreeMap::new();
    let mut count = 0;
    for code in ["mx", "vn", "ru"] {
        let population = Population::new(country::by_code(code).expect("a country"), 7);
        let mut out = String::new();
        population.write_places(&mut out, &mut Stats::default());
        count += check(&out, true, &mut found);
        for index in 0..200 {
            out.clear();
            population.write_person(index, &mut out, &mut Stats::default());
            count += check(&out, true, &mut found);
        }
        for shape in [Shape::Long, Shape::Encounters(60)] {
            out.clear();
            population.shaped(shape).write_person(30, &mut out, &mut Stats::default());
            // A long record has no narratives, which R4 recommends and does not demand.
            count += check(&out, shape != Shape::Long, &mut found);
        }
    }
    assert!(count > 20_000, "only {count} resources were looked at");
    assert!(found.is_empty(), "{} kinds of issues:\n{:#?}", found.len(), found.iter().take(12).collect::<Vec<_>>());
}
