//! Every value a parameter looks at finds its own resource again, and the plan for it names
//! one of the resource's terms: for every parameter of every type that occurs.

mod support;

use fhir::definitions::ParameterKind;
use fhir::{Document, Moment, ResourceType, Value};
use search::parameter::Source;
use search::path::{Found, Shape};
use search::{Handling, Matcher, Meta, Plan, Query, parameters, plan, terms};
use support::{Chance, context};

#[derive(Default)]
struct Tally {
    asked: usize,
    by_postings: usize,
    wrong: Vec<String>,
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

fn text(value: Value<'_>, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(|text| escaped(&text))
}

/// Values that should find what was found here.
fn questions(kind: ParameterKind, found: Found<'_>) -> Vec<String> {
    let value = found.value;
    let coded = |coding: Value<'_>, code: &str| {
        let (system, code) = (text(coding, "system"), text(coding, code));
        let both = code.as_ref().zip(system.as_ref()).map(|(code, system)| format!("{system}|{code}"));
        let alone = code.as_ref().filter(|_| system.is_none()).map(|code| format!("|{code}"));
        [code, both, alone].into_iter().flatten().collect::<Vec<_>>()
    };
    let plain = || value.as_str().map(|text| escaped(&text)).into_iter().collect::<Vec<_>>();
    match (kind, found.shape()) {
        (ParameterKind::Token, Shape::CodeableConcept) => value.get("coding").into_iter().flat_map(|codings| codings.each()).flat_map(|coding| coded(coding, "code")).collect(),
        (ParameterKind::Token, Shape::Coding) => coded(value, "code"),
        (ParameterKind::Token, Shape::Identifier) => coded(value, "value"),
        (ParameterKind::Token, Shape::ContactPoint) => text(value, "value").into_iter().collect(),
        (ParameterKind::Token, Shape::Boolean) => vec![value.raw().to_owned()],
        (ParameterKind::Token | ParameterKind::Uri, _) => plain(),
        (ParameterKind::String, Shape::HumanName) => {
            let given = value.get("given").into_iter().flat_map(|given| given.each()).filter_map(|given| Some(escaped(&given.as_str()?)));
            given.chain(["family", "text"].iter().filter_map(|name| text(value, name))).flat_map(|name| [search::fold::fold(&name), name]).collect()
        }
        (ParameterKind::String, Shape::Address) => ["city", "country"].iter().filter_map(|name| text(value, name)).collect(),
        (ParameterKind::String, Shape::CodeableConcept) => text(value, "text").into_iter().collect(),
        (ParameterKind::String, _) => plain(),
        (ParameterKind::Date, Shape::Date) => plain().iter().flat_map(|date| [date.clone(), format!("ge{date}"), format!("le{date}"), format!("ap{date}"), date[..4].to_owned()]).collect(),
        (ParameterKind::Date, Shape::Period) => {
            let start = text(value, "start").into_iter().flat_map(|start| [format!("ge{start}"), format!("le{start}")]);
            start.chain(text(value, "end").map(|end| format!("ge{end}"))).collect()
        }
        (ParameterKind::Reference, Shape::Reference) => text(value, "reference").filter(|text| !text.starts_with('#')).into_iter().collect(),
        (ParameterKind::Reference, _) => plain(),
        (ParameterKind::Number, Shape::Number) => vec![value.raw().to_owned()],
        (ParameterKind::Quantity, Shape::Quantity) => {
            let number = value.get("value").filter(|_| value.get("comparator").is_none()).and_then(|number| number.as_number());
            let unit = text(value, "code").map(|code| format!("|{}|{code}", text(value, "system").unwrap_or_default()));
            number.into_iter().flat_map(|number| [number.to_owned(), format!("ge{number}"), format!("{number}{}", unit.clone().unwrap_or_default())]).collect()
        }
        _ => Vec::new(),
    }
}

fn check(name: &str, document: &Document<'_>, tally: &mut Tally) {
    let resource = document.root();
    let Some(kind) = resource.string("resourceType").and_then(|name| ResourceType::named(&name)) else { return };
    let mut had = Vec::new();
    terms(kind, resource, &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
    let meta = Meta { id: "x", last_updated: Moment(0), version: 1 };
    for parameter in parameters(kind) {
        let Source::Routes(_) = parameter.source else { continue };
        let mut asked = Vec::new();
        parameter.any(resource, &mut |found| {
            asked.extend(questions(parameter.kind(), found));
            false
        });
        for question in asked {
            // A text of marks alone cannot be asked for; nor a reference of a kind R4 does not know.
            let Ok(query) = Query::parse(kind, [(parameter.code(), question.as_str())].into_iter(), Handling::Strict, context()) else { continue };
            tally.asked += 1;
            if !Matcher::new(&query).matches(resource, meta) {
                tally.wrong.push(format!("{name}: {kind}?{}={question} does not find it", parameter.code()));
            } else if let Plan::Postings(wanted) = plan(&query) {
                tally.by_postings += 1;
                let among = wanted.iter().all(|wanted| {
                    had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket))
                });
                if !among {
                    tally.wrong.push(format!("{name}: {kind}?{}={question} has no term of the plan", parameter.code()));
                }
            }
        }
    }
}

#[test]
fn every_value_finds_its_resource_again() {
    let mut tally = Tally::default();
    for seed in 0..3_000 {
        let made = support::resource(&mut Chance(seed));
        check(&format!("seed {seed}"), &Document::read(&made.text).unwrap(), &mut tally);
    }
    assert!(tally.asked > 10_000 && tally.by_postings > 5_000, "{} {}", tally.asked, tally.by_postings);
    for (number, text) in support::population(12).iter().enumerate() {
        check(&format!("synthetic {number}"), &Document::read(text).unwrap(), &mut tally);
    }
    match std::env::var_os("CARNET_SHARED_DATA").map(|root| std::path::Path::new(&root).join("fhir-r4-examples/fhir-r4-examples")).filter(|folder| folder.is_dir()) {
        None => println!("CARNET_SHARED_DATA is not set or has no fhir-r4-examples: the published examples were passed over"),
        Some(folder) => {
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if let Ok(document) = Document::read(&std::fs::read_to_string(&path).unwrap()) {
                    check(&path.file_name().unwrap().to_string_lossy(), &document, &mut tally);
                }
            }
        }
    }
    println!("{} questions, {} by postings", tally.asked, tally.by_postings);
    assert!(tally.wrong.is_empty(), "{} wrong, first:\n{}", tally.wrong.len(), tally.wrong.iter().take(30).cloned().collect::<Vec<_>>().join("\n"));
}
