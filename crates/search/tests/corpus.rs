//! Nasty query strings: read or refused as the corpus says, never a panic, never a leak.

mod support;

use fhir::{Document, Issue, Moment, ResourceType};
use search::{Handling, Matcher, Meta, Query, plan, split_query};
use support::{Chance, Draw, context};

fn parse(kind: ResourceType, text: &str, handling: Handling) -> Result<Query, Vec<Issue>> {
    let pairs = split_query(text);
    Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), handling, context())
}

#[test]
fn each_line_of_the_corpus_is_read_or_refused_as_it_says() {
    let lines = include_str!("corpus/nasty.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut wrong = Vec::new();
    for line in lines {
        let (expect, rest) = line.split_once(' ').unwrap();
        let (name, text) = rest.split_once('?').unwrap();
        let kind = ResourceType::named(name).unwrap();
        let (strict, lenient) = (parse(kind, text, Handling::Strict), parse(kind, text, Handling::Lenient));
        match expect {
            "ok" => {
                let query = strict.unwrap_or_else(|issues| panic!("{line}: {issues:?}"));
                assert!(query.dropped.is_empty(), "{line}");
                reads_back(&query, line);
            }
            "bad" if strict.is_err() && lenient.is_err() => {}
            "unknown" if strict.is_err() && lenient.as_ref().is_ok_and(|query| !query.dropped.is_empty() && query.criteria.is_empty()) => {}
            _ => wrong.push(format!("{line}: strict {:?}, lenient {:?}", strict.err(), lenient)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The self link means the same query.
fn reads_back(query: &Query, line: &str) {
    let link = query.to_self_link();
    let (address, text) = link.split_once('?').unwrap_or((&link, ""));
    assert_eq!(address, format!("{}/{}", support::BASE, query.resource_type), "{line}");
    let again = parse(query.resource_type, text, Handling::Strict).unwrap_or_else(|issues| panic!("{line} → {link}: {issues:?}"));
    assert_eq!(again.to_self_link(), link, "{line}");
    assert_eq!(plan(&again), plan(query), "{line}");
}

#[test]
fn an_issue_never_repeats_a_value() {
    let secrets = ["Zaphod", "19580312x", "ZZSECRET99"];
    let names = ["name", "birthdate", "identifier:of-type", "general-practitioner", "_count", "_sort", "_include", "_elements", "_summary", "_type", "gender:in", "nothing", "name:nothing", "value-quantity"];
    for secret in secrets {
        for name in names {
            for value in [secret.to_owned(), format!("{secret}|{secret}|{secret}|{secret}"), format!("{secret}_/{secret}"), format!("{secret}:{secret}")] {
                for handling in [Handling::Strict, Handling::Lenient] {
                    let said = match parse(ResourceType::PATIENT, &format!("{name}={value}"), handling) {
                        Ok(query) => format!("{:?} {query:?} {:?}", query.dropped, plan(&query)).replace(&format!("elements: [\"{secret}\"]"), ""),
                        Err(issues) => format!("{issues:?}"),
                    };
                    let by_id = name == "_id";
                    assert!(by_id || !said.contains(secret), "{name} {said}");
                }
            }
        }
    }
}

#[test]
fn broken_queries_and_broken_resources_never_panic() {
    let corpus: Vec<(&str, &str)> = include_str!("corpus/nasty.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' ')?.1.split_once('?'))
        .collect();
    let pieces = ["%", "|", ",", "\\", "$", ":", "=", "&", "+", "ge", "é", "\u{0}", "%F0%9F", "9", ".", "_", "😀", "2024-"];
    for seed in 0..20_000 {
        let mut chance = Chance(seed);
        let (name, text) = corpus[chance.below(corpus.len())];
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..1 + chance.below(4) {
            let at = chance.below(letters.len() + 1);
            if chance.often() || letters.is_empty() {
                letters.splice(at..at, chance.pick(&pieces).chars());
            } else {
                letters.remove(at.min(letters.len() - 1));
            }
        }
        let text: String = letters.into_iter().collect();
        let kind = ResourceType::named(name).unwrap();
        let _ = parse(kind, &text, Handling::Strict);
        let Ok(query) = parse(kind, &text, Handling::Lenient) else { continue };
        let _ = plan(&query);
        reads_back(&query, &text);
        // A resource whose members are not what they should be.
        let mut made = support::resource(&mut chance);
        for (from, to) in [("{\"coding\":[", "[[[{\"coding\":[["), ("\"reference\":", "\"reference\":7,\"x\":"), ("\"status\":\"", "\"status\":[null],\"y\":\"")] {
            if chance.seldom() && Document::read(&made.text.replacen(from, to, 1)).is_ok() {
                made.text = made.text.replacen(from, to, 1);
            }
        }
        let document = Document::read(&made.text).unwrap();
        let meta = Meta { id: "a", last_updated: Moment(0), version: 1 };
        let _ = Matcher::new(&query).matches(document.root(), meta);
        let _ = query.sort_values(document.root(), meta);
        search::terms(made.kind, document.root(), &mut |_| {});
        for include in &query.includes {
            include.follow(made.kind, document.root(), support::BASE, &search::Custom::default(), &mut |_, _| {});
        }
        if let Some(part) = query.part() {
            let mut out = String::new();
            search::write_part(made.kind, document.root(), part, &mut out);
            Document::read(&out).unwrap();
        }
    }
}

#[test]
fn conditions_hold_criteria_only_and_at_least_one() {
    let patient = ResourceType::PATIENT;
    assert!(Query::parse_condition(patient, "identifier=a|b&birthdate=1958", context()).is_ok());
    for refused in ["", "&", "_count=1", "identifier=a|b&_count=1", "identifier=a|b&_sort=_id", "identifier=", "nothing=1", "_summary=true&identifier=a"] {
        assert!(Query::parse_condition(patient, refused, context()).is_err(), "{refused}");
    }
    let query = Query::parse_reference("Patient?identifier=urn:x%7C1", context()).unwrap();
    assert_eq!((query.resource_type, query.criteria.len()), (patient, 1));
    assert!(Query::parse_reference("Patient/1", context()).is_err());
}

#[test]
fn a_search_over_several_types_is_one_query_each() {
    let across = |text: &str| {
        let pairs = split_query(text);
        Query::parse_across(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context())
            .map(|queries| queries.iter().map(|query| query.resource_type.name()).collect::<Vec<_>>())
    };
    assert_eq!(across("_type=Patient,Observation&_id=1").unwrap(), ["Patient", "Observation"]);
    let all = ResourceType::all().count();
    assert_eq!((across("_id=1").unwrap().len(), across("_list=1").unwrap().len()), (all, all));
    assert!(across("_lastUpdated=gt2000").is_err());
    assert!(across("_type=Patient,Nothing&_id=1").is_err());
    assert!(across("_type=Patient,Observation&birthdate=1958").is_err());
}
