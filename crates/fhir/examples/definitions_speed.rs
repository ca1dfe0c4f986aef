//! How long the definitions table takes to decode and to answer.
//! `cargo run --release -p fhir --example definitions_speed`

use fhir::definitions::r4;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let start = Instant::now();
    r4();
    println!("decode, first use   {:>9.3} ms", start.elapsed().as_secs_f64() * 1e3);

    let names: Vec<(&fhir::definitions::Type, &str)> = r4()
        .types
        .iter()
        .flat_map(|t| t.elements.iter().flat_map(move |e| e.types.iter().map(move |one| (t, one.json_name))))
        .collect();
    each("Type::element", names.len(), || {
        for (t, name) in &names {
            black_box(t.element(black_box(name)));
        }
    });
    let patient = r4().type_named("Patient").unwrap();
    let members = ["resourceType", "id", "meta", "identifier", "name", "gender", "birthDate", "deceasedBoolean", "address", "contact"];
    each("  of a Patient", members.len(), || {
        for name in members {
            black_box(patient.element(black_box(name)));
        }
    });
    each("type_named", names.len(), || {
        for (t, _) in &names {
            black_box(r4().type_named(black_box(t.name)));
        }
    });
    each("parameter", 1, || {
        black_box(r4().parameter(black_box("Observation"), black_box("code")));
    });
    let start = Instant::now();
    let sets: Vec<_> = r4().value_sets().collect();
    for set in &sets {
        black_box(set.contains(None, "x"));
    }
    println!("all value sets once {:>9.3} ms", start.elapsed().as_secs_f64() * 1e3);
    each("value_set + contains", 1, || {
        let set = r4().value_set(black_box("http://hl7.org/fhir/ValueSet/administrative-gender")).unwrap();
        black_box(set.contains(None, black_box("female")));
    });
    let set = r4().value_set("http://hl7.org/fhir/ValueSet/observation-status").unwrap();
    each("contains", 1, || {
        black_box(set.contains(None, black_box("final")));
    });
}

fn each(what: &str, count: usize, mut run: impl FnMut()) {
    let rounds = 2_000_000 / count;
    let start = Instant::now();
    for _ in 0..rounds {
        run();
    }
    println!("{what:<20}{:>9.1} ns", start.elapsed().as_secs_f64() * 1e9 / (rounds * count) as f64);
}
