//! A plan may only narrow: whatever matches is among what the plan names.

mod support;

use fhir::{Document, Moment};
use search::{Matcher, Meta, Plan, plan, terms};
use std::collections::BTreeMap;
use support::{Chance, parse, query, resource};

#[test]
fn whatever_matches_is_among_what_the_plan_names() {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for seed in 0..40_000u64 {
        let mut chance = Chance(seed);
        let made = resource(&mut chance);
        let text = query(&mut chance, made.kind);
        let query = parse(made.kind, &text);
        let document = Document::read(&made.text).unwrap();
        let meta = Meta { id: &made.id, last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        let matches = Matcher::new(&query).matches(document.root(), meta);
        let plan = plan(&query);
        let kind = match &plan {
            Plan::ById(_) => "by id",
            Plan::Record { .. } => "record",
            Plan::Postings(_) => "postings",
            Plan::Shared => "shared",
            Plan::Type { .. } => "type",
        };
        let count = counts.entry(kind).or_default();
        count.0 += 1;
        if !matches {
            continue;
        }
        count.1 += 1;
        let mut had = Vec::new();
        terms(made.kind, document.root(), &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
        let among = match &plan {
            Plan::ById(ids) => ids.contains(&made.id),
            Plan::Record { records, guests } => {
                let made_local = local(&made.text);
                let document = Document::read(&made_local).unwrap();
                let homes = fhir::home::candidates(made.kind, document.root());
                let mut named = Vec::new();
                fhir::home::reference_texts(document.root(), &mut |text| named.extend(fhir::Reference::parse(&text).local().map(|(kind, id)| (kind, id.to_owned()))));
                let person_only = homes.first().into_iter().filter(|(kind, _)| *kind == fhir::ResourceType::PATIENT);
                records.iter().any(|record| {
                    if *guests { named.contains(record) } else if record.0 == fhir::ResourceType::ENCOUNTER { homes.contains(record) } else { person_only.clone().any(|home| home == record) }
                })
            }
            Plan::Postings(wanted) => wanted
                .iter()
                .all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket))),
            Plan::Shared => fhir::home::is_shared(made.kind),
            Plan::Type { listing } => listing
                .iter()
                .all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket))),
        };
        assert!(among, "seed {seed}: {}\n{}?{text}\n{plan:?}", made.text, made.kind);
    }
    println!("{counts:?}");
    let postings = counts["postings"];
    assert!(postings.0 > 5_000 && postings.1 > 1_000, "the test must try enough plans and find enough: {counts:?}");
    for (kind, (tried, found)) in counts {
        assert!(found * 50 > tried, "{kind}: too few of the queries find their resource: {found} of {tried}");
    }
}

/// The store makes absolute references under its base local before it looks for a home.
fn local(text: &str) -> String {
    text.replace(&format!("{}/", support::BASE), "")
}
