//! How long validation takes for each resource in bundles: `validation_speed FOLDER [ROUNDS]`.
//!
//! Prints the mean over all resources, and for each type its count, mean size and mean time.

use std::collections::BTreeMap;
use std::time::Instant;
use validation::profile::{Asked, Shipped, Site, survey};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder of bundles");
    let rounds: u32 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let Ok(document) = fhir::Document::read(&text) else { continue };
        for resource in document.root().get("entry").into_iter().flat_map(|entries| entries.items()).filter_map(|entry| entry.get("resource")) {
            texts.push(resource.raw().to_owned());
        }
    }
    let options = validation::Options { conditional_references: true, ..Default::default() };
    let started = Instant::now();
    let documents: Vec<fhir::Document<'_>> = texts.iter().map(|text| fhir::Document::read(text).expect("it was read before")).collect();
    let reading = started.elapsed();
    let mut issues = 0;
    for document in &documents {
        issues += validation::validate(document.root(), &options).len();
    }
    let mut by_type: BTreeMap<String, (u32, usize, f64)> = BTreeMap::new();
    let total_bytes: usize = texts.iter().map(String::len).sum();
    for invariants in [true, false] {
        let options = validation::Options { invariants, ..options.clone() };
        let mut fastest = f64::MAX;
        for _ in 0..rounds {
            let started = Instant::now();
            for document in &documents {
                issues += validation::validate(document.root(), &options).len();
            }
            fastest = fastest.min(started.elapsed().as_secs_f64());
        }
        println!("validate, invariants {invariants}: {:.2} µs a resource", fastest / documents.len() as f64 * 1e6);
    }
    // What a write pays that claims a profile, and what `$validate` adds for any resource.
    let site = Site { profiles: &Shipped, codes: &terminology::R4 };
    let vital = documents.iter().filter(|document| document.root().path(&["category", "coding", "code"]).is_some_and(|code| code.as_str().as_deref() == Some("vital-signs")));
    let vital: Vec<_> = vital.collect();
    let mut hold = |name: &str, documents: &[&fhir::Document<'_>], asked: &Asked<'_>| {
        let mut fastest = f64::MAX;
        for _ in 0..rounds {
            let started = Instant::now();
            for document in documents {
                issues += survey(document.root(), asked, site).len();
            }
            fastest = fastest.min(started.elapsed().as_secs_f64());
        }
        println!("{name}: {:.2} µs a resource, {} resources", fastest / documents.len().max(1) as f64 * 1e6, documents.len());
    };
    hold("vital signs profile alone", &vital, &Asked { profiles: &["http://hl7.org/fhir/StructureDefinition/vitalsigns"], only_profiles: true });
    hold("codes, extensions and claims", &documents.iter().collect::<Vec<_>>(), &Asked::default());
    for (document, text) in documents.iter().zip(&texts) {
        let started = Instant::now();
        issues += validation::validate(document.root(), &options).len();
        let entry = by_type.entry(document.root().string("resourceType").unwrap_or_default().into_owned()).or_default();
        entry.0 += 1;
        entry.1 += text.len();
        entry.2 += started.elapsed().as_secs_f64();
    }
    println!("{} resources of {} bytes, {issues} issues; reading {:.2} µs", documents.len(), total_bytes / documents.len(), reading.as_secs_f64() / documents.len() as f64 * 1e6);
    for (name, (count, bytes, seconds)) in by_type {
        println!("{name:28} {count:7} × {:6} bytes {:7.2} µs", bytes / count as usize, seconds / f64::from(count) * 1e6);
    }
}
