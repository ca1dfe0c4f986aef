//! How many keys resources get and how long matching takes, on real files.
//!
//! `cargo run --release -p search --example search_speed -- FOLDER`, a folder of NDJSON files and Bundles.

use fhir::{Document, Moment, ResourceType, Value};
use search::{Handling, Matcher, Meta, Query, QueryContext, plan, split_query, terms};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("name a folder of NDJSON files and Bundles");
        std::process::exit(2);
    };
    let start = Instant::now();
    black_box(fhir::definitions::r4());
    println!("definitions decoded in {:?}", start.elapsed());
    let start = Instant::now();
    let count: usize = ResourceType::all().map(|kind| search::parameters(kind).len()).sum();
    println!("{count} parameters of all types compiled in {:?}", start.elapsed());
    let mut texts = Vec::new();
    read(Path::new(&folder), &mut texts);
    let documents: Vec<Document<'_>> = texts.iter().filter_map(|text| Document::read(text).ok()).collect();
    let typed: Vec<(ResourceType, Value<'_>)> =
        documents.iter().filter_map(|document| Some((fhir::home::resource_type_of(document)?, document.root()))).collect();
    println!("{} resources, {} bytes on average", typed.len(), texts.iter().map(String::len).sum::<usize>() / texts.len().max(1));
    keys(&typed);
    let few = &typed[..typed.len().min(300)];
    measure("terms", few.len() * 50, || {
        for _ in 0..50 {
            few.iter().for_each(|(kind, value)| terms(*kind, *value, &mut |term| { black_box(term); }));
        }
    });
    for (kind, text) in [
        ("Observation", "code=http://loinc.org|8480-6&date=ge2015-01-01"),
        ("Observation", "code=http://loinc.org|8302-2&date=ge2015-01-01"),
        ("Observation", "patient=x"),
        ("Observation", "category=vital-signs&status=final"),
        ("Condition", "clinical-status=active"),
        ("Patient", "name=ros&birthdate=1958-03-12"),
    ] {
        let kind = ResourceType::named(kind).unwrap();
        let of_kind: Vec<_> = typed.iter().filter(|(found, _)| *found == kind).map(|(_, value)| *value).collect();
        let pairs = split_query(text);
        let context = QueryContext { default_offset_minutes: 0, base_url: "http://localhost/fhir".into(), ..QueryContext::default() };
        let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()).unwrap();
        let matcher = Matcher::new(&query);
        let meta = Meta { id: "x", last_updated: Moment(0), version: 1 };
        let found = of_kind.iter().filter(|value| matcher.matches(**value, meta)).count();
        // One record's worth, as a scan meets it: just read, so in the processor's cache.
        let record = &of_kind[..of_kind.len().min(50)];
        measure(&format!("match {kind}?{text} ({found} of {})", of_kind.len()), record.len() * 200, || {
            for _ in 0..200 {
                record.iter().for_each(|value| { black_box(matcher.matches(*value, meta)); });
            }
        });
        measure(&format!("read and plan {kind}?{text}"), 1000, || {
            for _ in 0..1000 {
                let pairs = split_query(text);
                let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()).unwrap();
                black_box(plan(&query));
            }
        });
    }
}

fn read(path: &Path, texts: &mut Vec<String>) {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|path| read(path, texts));
    } else if path.extension().is_some_and(|end| end == "ndjson")
        && let Ok(text) = std::fs::read_to_string(path)
    {
        texts.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    } else if path.extension().is_some_and(|end| end == "json")
        && let Ok(text) = std::fs::read_to_string(path)
        && let Ok(bundle) = Document::read(&text)
    {
        for resource in bundle.root().get("entry").into_iter().flat_map(|entries| entries.each()).filter_map(|entry| entry.get("resource")) {
            let mut compact = String::new();
            resource.write_compact(&mut compact);
            texts.push(compact);
        }
    }
}

fn keys(typed: &[(ResourceType, Value<'_>)]) {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (kind, value) in typed {
        let count = counts.entry(kind.name()).or_default();
        count.0 += 1;
        // An entry and a locator beside the terms.
        count.1 += 2;
        terms(*kind, *value, &mut |_| count.1 += 1);
    }
    let (all, all_keys) = counts.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    for (name, (number, keys)) in counts {
        println!("{name:28} {number:8} {:6.2} keys each", keys as f64 / number as f64);
    }
    println!("{:28} {all:8} {:6.2} keys each", "all", all_keys as f64 / all.max(1) as f64);
}

fn measure(name: &str, items: usize, mut work: impl FnMut()) {
    work();
    let mut best = f64::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_nanos() as f64 / items.max(1) as f64);
    }
    println!("{best:9.0} ns  {name}");
}
