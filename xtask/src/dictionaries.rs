//! Dictionaries for sealing, trained on the synthetic population of three countries.
//!
//! A dictionary that has been shipped is never changed: values name it for as long as they
//! exist. What this makes is added under new numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use fhir::splice::{Stamp, write_stamped};
use fhir::{Document, Reference, ResourceType};
use synth::{Population, Shape};

/// Persons a country; samples beyond [`SAMPLES`] of a type are left out.
const PEOPLE: u64 = 1200;
const SAMPLES: usize = 8000;
/// Types with fewer samples share the general dictionary.
const FEWEST: usize = 600;
const LARGE: usize = 64 << 10;

/// Trains on samples as they are sealed: the stamped tokens with rewritten references.
pub fn train(folder: &Path) -> Result<()> {
    let mut samples: BTreeMap<ResourceType, Vec<Vec<u8>>> = BTreeMap::new();
    for (seed, country) in (900..).zip(country::all()) {
        let shapes = [(Shape::Usual, PEOPLE), (Shape::Long, 40)];
        for (shape, people) in shapes {
            let mut bundles = Population::new(country, seed).shaped(shape).bundles(people);
            let mut text = String::new();
            while bundles.write_bundle(&mut text) {
                gather(&text, &mut samples)?;
            }
        }
    }
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    let mut general = Vec::new();
    let mut number = 1;
    for (kind, all) in &samples {
        // One of many, spread over the countries, so that each weighs the same.
        let step = all.len().div_ceil(SAMPLES);
        let chosen: Vec<Vec<u8>> = all.iter().step_by(step.max(1)).cloned().collect();
        general.extend(chosen.iter().step_by((chosen.len() / 400).max(1)).cloned());
        if all.len() < FEWEST {
            continue;
        }
        keep(folder, number, kind.name(), &chosen)?;
        number += 1;
    }
    keep(folder, number, "", &general)
}

fn keep(folder: &Path, number: u8, name: &str, samples: &[Vec<u8>]) -> Result<()> {
    let bytes: usize = samples.iter().map(Vec::len).sum();
    let trained = seal::train(samples, LARGE.min(bytes / 20).max(4 << 10)).context("a dictionary could not be trained")?;
    let shown = if name.is_empty() { "general".to_owned() } else { name.to_lowercase() };
    let file = format!("{number:03}-{shown}.dict");
    fs::write(folder.join(&file), &trained.bytes).with_context(|| format!("could not write {file}"))?;
    eprintln!("{file}: {} samples, {} bytes, ratio {:.1}", samples.len(), trained.bytes.len(), trained.ratio);
    println!("    Line {{ id: {number}, type_name: \"{name}\", digest: \"\", bytes: include_bytes!(\"../dictionaries/{file}\") }},");
    Ok(())
}

fn gather(text: &str, samples: &mut BTreeMap<ResourceType, Vec<Vec<u8>>>) -> Result<()> {
    let document = Document::read(text).context("a made-up bundle could not be read")?;
    let entries = || document.root().get("entry").into_iter().flat_map(|entries| entries.items());
    let mut names = BTreeMap::new();
    for entry in entries() {
        if let (Some(url), Some(resource)) = (entry.string("fullUrl"), entry.get("resource")) {
            let kind = resource.string("resourceType").unwrap_or_default().into_owned();
            let id = url.trim_start_matches("urn:uuid:").to_owned();
            names.insert(url.into_owned(), (kind, id));
        }
    }
    for entry in entries() {
        let (Some(url), Some(resource)) = (entry.string("fullUrl"), entry.get("resource")) else { continue };
        let Some(kind) = resource.string("resourceType").and_then(|name| ResourceType::named(&name)) else { continue };
        let id = url.trim_start_matches("urn:uuid:");
        let mut out = String::new();
        let stamp = Stamp { id, version: 1, last_updated: "2026-11-22T16:16:37.297Z" };
        write_stamped(resource, stamp, &mut out, &mut |member, value| {
            let text = value.as_str().filter(|_| member == "reference")?;
            if let Some((kind, id)) = names.get(text.as_ref()) {
                return Some(format!("\"{kind}/{id}\""));
            }
            // A reference by search becomes a type and a UUID; which one does not matter here.
            match Reference::parse(&text) {
                Reference::Conditional { kind, .. } => Some(format!("\"{kind}/{id}\"")),
                _ => None,
            }
        });
        samples.entry(kind).or_default().push(out.into_bytes());
    }
    Ok(())
}
