//! What every population keeps: the same bytes, sound JSON, references that
//! resolve, identifiers that pass and are nobody's twice.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use synth::{Case, Day, Population, Shape, Stats};

const COUNTRIES: [&str; 3] = ["mx", "vn", "ru"];

fn population(code: &str, seed: u64) -> Population {
    Population::new(country::by_code(code).expect("a country"), seed)
}

fn bundle(population: &Population, index: u64) -> Value {
    let mut out = String::new();
    population.write_person(index, &mut out, &mut Stats::default());
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("person {index} is no JSON: {error}"))
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"])
}

fn of_type<'a>(bundle: &'a Value, kind: &'a str) -> Vec<&'a Value> {
    resources(bundle).filter(|resource| resource["resourceType"] == kind).collect()
}

fn visit<'a>(value: &'a Value, found: &mut dyn FnMut(&str, &'a Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                found(name, member);
                visit(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, found)),
        _ => {}
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_people() {
    for code in COUNTRIES {
        let written: Vec<String> = population(code, 7).bundles(15).collect();
        assert_eq!(written, population(code, 7).bundles(15).collect::<Vec<_>>());
        let mut alone = String::new();
        population(code, 7).write_person(13, &mut alone, &mut Stats::default());
        assert_eq!(written[14], alone, "a person alone is the same as among others");
        assert_ne!(population(code, 7).person(40).name_text() + &population(code, 7).person(41).name_text(), population(code, 8).person(40).name_text() + &population(code, 8).person(41).name_text());
    }
}

/// FNV-1a, 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[test]
fn the_bytes_of_a_seed_are_the_same_on_every_machine() {
    // Whoever changes what is written, on purpose, writes the new numbers here.
    let written = COUNTRIES.map(|code| {
        let mut out = String::new();
        for index in [0, 13, 77] {
            population(code, 7).write_person(index, &mut out, &mut Stats::default());
        }
        digest(&out)
    });
    assert_eq!(written, [2_877_147_501_821_342_945, 774_891_405_500_688_160, 9_202_078_909_229_715_988]);
}

#[test]
fn no_two_people_share_an_identifier_that_is_unique_in_one_population_or_in_several() {
    for code in COUNTRIES {
        let country = country::by_code(code).expect("a country");
        let mut seen: HashMap<&str, HashSet<String>> = HashMap::new();
        for (seed, people) in [(3, 20_000), (1, 5_000), (2, 5_000), (4, 5_000), (2026, 5_000)] {
            let population = population(code, seed);
            for index in 0..people {
                for (uri, value) in population.person(index).identifiers {
                    let system = country::identifier_system(uri).expect("a known system");
                    assert_eq!(system.check(&value), Ok(()), "{uri}");
                    assert!(system.is_synthetic(&value), "{uri} may be somebody's");
                    if system.unique {
                        assert!(seen.entry(uri).or_default().insert(value), "{uri} is given twice");
                    }
                }
            }
        }
        // Nobody here comes with a certificate of birth in place of a number.
        let unique = country.identifiers.iter().filter(|system| system.unique && system.key != "birth-certificate").count();
        assert_eq!(seen.len(), unique);
    }
}

#[test]
fn every_reference_resolves_in_the_bundle_or_in_the_bundle_of_places() {
    for code in COUNTRIES {
        let population = population(code, 11);
        let mut text = String::new();
        population.write_places(&mut text, &mut Stats::default());
        let places: Value = serde_json::from_str(&text).expect("JSON");
        let mut known: HashSet<String> = HashSet::new();
        for resource in resources(&places) {
            let identifier = &resource["identifier"][0];
            known.insert(format!(
                "{}?identifier={}|{}",
                resource["resourceType"].as_str().unwrap_or(""),
                identifier["system"].as_str().unwrap_or(""),
                identifier["value"].as_str().unwrap_or("")
            ));
        }
        for index in (0..60).chain(5000..5010) {
            let bundle = bundle(&population, index);
            let urls: Vec<&str> = bundle["entry"].as_array().into_iter().flatten().filter_map(|entry| entry["fullUrl"].as_str()).collect();
            let unique: HashSet<&str> = urls.iter().copied().collect();
            assert_eq!(unique.len(), urls.len(), "a fullUrl occurs twice");
            visit(&bundle, &mut |name, value| {
                if name == "reference"
                    && let Some(reference) = value.as_str()
                {
                    assert!(unique.contains(reference) || known.contains(reference), "{code} {index}: {reference}");
                }
            });
        }
    }
}

#[test]
fn nothing_is_empty_and_nothing_lies_after_the_end() {
    for code in COUNTRIES {
        let population = population(code, 5).ending(Day::of(2025, 6, 30));
        for index in 0..60 {
            let bundle = bundle(&population, index);
            visit(&bundle, &mut |name, value| {
                let empty = match value {
                    Value::String(text) => text.is_empty(),
                    Value::Array(items) => items.is_empty(),
                    Value::Object(members) => members.is_empty(),
                    Value::Null => true,
                    _ => false,
                };
                assert!(!empty, "{code} {index}: {name} is empty");
                if let Some(text) = value.as_str() {
                    assert!(!text.contains('{') || name == "code" || name == "unit", "{code} {index}: {name} has a gap: {text}");
                    assert!(!text.contains("NaN"), "{code} {index}: {name}");
                }
            });
            for resource in resources(&bundle) {
                if resource["resourceType"] == "Appointment" {
                    continue;
                }
                for name in ["start", "end"] {
                    if resource["resourceType"] == "Encounter"
                        && let Some(moment) = resource["period"][name].as_str()
                    {
                        assert!(moment < "2025-07-01T18", "{code} {index}: {name} {moment}");
                    }
                }
                for name in ["effectiveDateTime", "recordedDate", "authoredOn"] {
                    if let Some(moment) = resource[name].as_str() {
                        assert!(moment < "2025-07-02", "{code} {index}: {name} {moment}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_usual_person_has_about_70_resources_and_110_kilobytes() {
    for code in COUNTRIES {
        let mut bundles = population(code, 21).bundles(1200);
        let mut out = String::new();
        bundles.write_bundle(&mut out);
        let (first, first_bytes) = (bundles.stats().resources(), bundles.stats().bytes);
        while bundles.write_bundle(&mut out) {}
        let resources = (bundles.stats().resources() - first) as f64 / 1200.0;
        let bytes = (bundles.stats().bytes - first_bytes) as f64 / 1200.0;
        assert!((62.0..80.0).contains(&resources), "{code}: {resources:.1} resources");
        assert!((92_000.0..132_000.0).contains(&bytes), "{code}: {bytes:.0} bytes");
        let each = bytes / resources;
        assert!((1200.0..1850.0).contains(&each), "{code}: {each:.0} bytes a resource");
    }
}

#[test]
fn long_records_and_many_encounters_are_as_large_as_asked() {
    let mut stats = Stats::default();
    let mut out = String::new();
    let long = population("mx", 7).shaped(Shape::Long);
    for index in 100..140 {
        long.write_person(index, &mut out, &mut stats);
    }
    let (resources, bytes) = (stats.resources() as f64 / 40.0, stats.bytes as f64 / 40.0);
    assert!((340.0..440.0).contains(&resources), "{resources}");
    assert!((430_000.0..620_000.0).contains(&bytes), "{bytes}");

    let many = bundle(&population("vn", 7).shaped(Shape::Encounters(2000)), 0);
    let encounters = of_type(&many, "Encounter").len();
    let observations = of_type(&many, "Observation").len();
    assert!((2000..2120).contains(&encounters), "{encounters}");
    assert!((9_500..12_500).contains(&observations), "{observations}");
}

#[test]
fn the_cast_is_worth_looking_at() {
    for code in COUNTRIES {
        let population = population(code, 7);
        let cases: Vec<Option<Case>> = (0..6).map(|index| population.person(index).case).collect();
        assert_eq!(
            cases,
            [Case::ManyConditions, Case::GrowingChild, Case::Pregnant, Case::AsthmaticTeenager, Case::Newborn, Case::WeakHeart].map(Some)
        );
        let coded = |bundle: &Value, kind: &str, start: &str| -> usize {
            of_type(bundle, kind).iter().filter(|resource| resource["code"]["coding"][0]["code"].as_str().is_some_and(|code| code.starts_with(start))).count()
        };
        let many = bundle(&population, 0);
        assert_eq!(population.person(0).birth.years_since(Day::of(1959, 1, 1)).signum(), 0);
        for icd in ["I10", "E11.9", "N18.3"] {
            assert_eq!(coded(&many, "Condition", icd), 1, "{code}: {icd}");
        }
        assert_eq!(coded(&many, "AllergyIntolerance", "91936005"), 1);
        assert!(coded(&many, "Observation", "4548-4") >= 10, "{code}: sparklines need points");
        let active = of_type(&many, "MedicationRequest").iter().filter(|request| request["status"] == "active").count();
        assert!((4..=12).contains(&active), "{code}: {active} active medicines");
        let child = bundle(&population, 1);
        assert!(coded(&child, "Observation", "29463-7") >= 12 && of_type(&child, "Immunization").len() >= 14, "{code}");
        let pregnant = bundle(&population, 2);
        assert!(coded(&pregnant, "Observation", "11881-0") >= 2, "{code}: a growing womb");
        assert!(coded(&bundle(&population, 3), "Condition", "J45") == 1);
        let newborn = bundle(&population, 4);
        assert!(of_type(&newborn, "Immunization").len() >= 2 && of_type(&newborn, "RelatedPerson").len() == 2, "{code}");
    }
}

#[test]
fn the_sugar_of_the_treated_falls() {
    let mut first = 0.0;
    let mut last = 0.0;
    for code in COUNTRIES {
        let bundle = bundle(&population(code, 7), 0);
        let values: Vec<f64> = of_type(&bundle, "Observation")
            .iter()
            .filter(|observation| observation["code"]["coding"][0]["code"] == "4548-4")
            .filter_map(|observation| observation["valueQuantity"]["value"].as_f64())
            .collect();
        first += values[..2].iter().sum::<f64>();
        last += values[values.len() - 2..].iter().sum::<f64>();
    }
    assert!(last < first, "{first} to {last}");
}
