//! A plan may only narrow: whatever matches is among what the plan names.

mod support;

use fhir::{Document, Moment};
use search::{Custom, Handling, Matcher, Meta, Plan, Query, QueryContext, plan, split_query, terms};
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

/// The same of parameters that a site defines, in every kind of value that has terms of its own.
#[test]
fn terms_of_the_sites_own_parameters_only_narrow() {
    let mut custom = Custom::default();
    for (code, base, of, expression) in [
        ("my-code", "Observation", "token", "Observation.code | Observation.identifier"),
        ("my-date", "Observation", "date", "Observation.effective"),
        ("my-who", "Observation", "reference", "Observation.subject | Observation.encounter"),
        ("my-name", "Patient", "string", "Patient.name"),
        ("my-given", "Patient", "string", "Patient.name.given"),
        ("my-sex", "Patient", "token", "Patient.gender | Patient.identifier"),
    ] {
        let text = format!(r#"{{"resourceType":"SearchParameter","status":"active","url":"http://a.example/{code}","code":"{code}","base":["{base}"],"type":"{of}","expression":"{expression}"}}"#);
        custom.add(Document::read(&text).unwrap().root()).unwrap();
    }
    let keys: Vec<u64> = custom.all().iter().map(|own| own.key).collect();
    keys.into_iter().for_each(|key| custom.is_indexed_now(key));
    let custom = std::sync::Arc::new(custom);
    let context = QueryContext { custom: custom.clone(), ..support::context() };
    let (mut by_own, mut found) = (0, 0);
    for seed in 0..60_000u64 {
        let mut chance = Chance(seed);
        let made = resource(&mut chance);
        let (patient, observation) = (made.kind.name() == "Patient", made.kind.name() == "Observation");
        if !patient && !observation {
            continue;
        }
        let modifier = |chance: &mut Chance, of: &[&'static str]| if chance.seldom() { chance.one(of).to_owned() } else { String::new() };
        let text = match (patient, chance.below(3)) {
            (true, 0) => format!("my-name{}={}", modifier(&mut chance, &[":exact", ":contains"]), chance.one(&["mar", "María", "lopez", "ng", "shchuk", "Щукина", "юл", "iuliia", "ana lucia", "de la", "y"])),
            (true, 1) => format!("my-given{}={}", modifier(&mut chance, &[":exact", ":missing"]).replace(":missing", ":contains"), chance.one(&["María", "mar", "garcia lo", "obrien", "santa m", "elkin", "ёл"])),
            (true, _) => format!("my-sex{}={}", modifier(&mut chance, &[":not"]), chance.one(&["female", "male", "123", "a-1", "A-1", "urn:oid:1.2|123", "urn:oid:1.2|"])),
            (false, 0) => format!("my-code{}={}", modifier(&mut chance, &[":not", ":text"]), chance.one(&["8480-6", "e11", "E11,8480-6", "http://loinc.org|e11", "urn:oid:1.2|", "123", "ж1"])),
            (false, 1) => format!("my-date={}", chance.one(&["2024", "ge2024-02", "lt2024", "ne2024", "1980-06-15"])),
            (false, _) => format!("my-who{}={}", modifier(&mut chance, &[":Patient", ":Group"]), chance.one(&["Patient/p1", "p1", "https://carnet.example/fhir/Patient/p2", "Encounter/e1", "Group/g"])),
        };
        let pairs = split_query(&text);
        // A modifier and a value of another type say nothing together.
        let Ok(query) = Query::parse(made.kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()) else { continue };
        let document = Document::read(&made.text).unwrap();
        let meta = Meta { id: &made.id, last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        let Plan::Postings(wanted) = plan(&query) else { continue };
        by_own += 1;
        if !Matcher::new(&query).matches(document.root(), meta) {
            continue;
        }
        found += 1;
        let mut had = Vec::new();
        custom.terms(made.kind, document.root(), &|_| true, &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
        let among = wanted.iter().all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket)));
        assert!(among, "seed {seed}: {}\n{}?{text}\n{wanted:?}", made.text, made.kind);
    }
    assert!(by_own > 5_000 && found > 1_000, "{by_own} {found}");
}

/// The store makes absolute references under its base local before it looks for a home.
fn local(text: &str) -> String {
    text.replace(&format!("{}/", support::BASE), "")
}
