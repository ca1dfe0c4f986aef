//! Our own suite: tables of expressions with the JSON they give.
//!
//! `tests/cases/*.txt` hold lines of `expression => [results]`, or `=> error part of the
//! message`; `input NAME` chooses a resource from `tests/cases/inputs`. A result that ends
//! in `…` is compared up to there.

use fhir::{Document, Value};
use fhirpath::{Code, Collection, Context, Expression, Node, Terminology, TraceLines, to_json_lines};
use std::path::Path;

/// Knows two value sets and no hierarchy.
struct Words;

impl Terminology for Words {
    fn member_of(&self, code: &Code<'_>, value_set: &str) -> Option<bool> {
        match value_set {
            "http://example.org/vs" => Some(code.code == "female"),
            "http://example.org/codes" => Some(code.code == "29463-7"),
            "http://example.org/other" => Some(false),
            _ => None,
        }
    }

    fn subsumes(&self, _broad: &Code<'_>, _narrow: &Code<'_>) -> Option<bool> {
        None
    }

    fn conforms_to(&self, _node: &Node<'_>, _profile: &str) -> Option<bool> {
        None
    }
}

fn evaluate(expression: &str, resource: Value<'_>) -> Result<String, String> {
    let trace = TraceLines::default();
    let mut context = Context::of(resource).with("ward", Collection::one("seven"));
    context.now = fhir::PartialDateTime::parse("2026-01-31T12:30:00.000+07:00");
    context.terminology = Some(&Words);
    context.trace = Some(&trace);
    let expression = Expression::parse(expression).map_err(|error| error.to_string())?;
    let found = expression.evaluate_on(&context, resource).map_err(|error| error.to_string())?;
    let lines = to_json_lines(&found);
    Ok(format!("[{}]", lines.lines().collect::<Vec<_>>().join(",")))
}

#[test]
fn an_amount_in_a_unit_of_another_system_is_no_bare_number() {
    let document = Document::read(r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":5,"system":"http://snomed.info/sct","code":"385055001"}}"#).unwrap();
    for (expression, expect) in [("value > 3", "[]"), ("value > 3 'mg'", "[]"), ("value = value", "[true]"), ("value <= value", "[true]")] {
        assert_eq!(evaluate(expression, document.root()).as_deref(), Ok(expect), "{expression}");
    }
}

#[test]
fn what_is_only_a_bound_is_no_amount() {
    let document = Document::read(r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":5,"comparator":"<","unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}"#).unwrap();
    let rows = [
        ("value = 5 'mg'", "[]"),
        ("value < 10 'mg'", "[]"),
        ("value >= 5 'mg'", "[]"),
        ("5 'mg' != value", "[]"),
        ("value ~ 5 'mg'", "[false]"),
        ("value + 1 'mg'", "[]"),
        ("value = value", "[true]"),
        ("value <= value", "[]"),
        ("value.exists()", "[true]"),
        ("value.value > 3", "[true]"),
    ];
    for (expression, expect) in rows {
        assert_eq!(evaluate(expression, document.root()).as_deref(), Ok(expect), "{expression}");
    }
}

#[test]
fn every_case_gives_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut resource = Document::read_owned("{}".to_owned()).unwrap();
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = line.strip_prefix("input ") {
                resource = Document::read_owned(std::fs::read_to_string(folder.join("inputs").join(format!("{name}.json"))).unwrap()).unwrap();
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{}:{}: {line}", file.file_name().unwrap().to_string_lossy(), number + 1);
            let Some((expression, expect)) = line.rsplit_once(" => ") else {
                wrong.push(format!("{place}\n    no `=>`"));
                continue;
            };
            count += 1;
            let found = evaluate(expression, resource.root());
            let fits = match (&found, expect.strip_prefix("error ")) {
                (Err(message), Some(part)) => message.contains(part),
                (Ok(found), None) => expect.strip_suffix('…').map_or(found == expect, |start| found.starts_with(start)),
                _ => false,
            };
            if !fits {
                wrong.push(format!("{place}\n    gave {found:?}"));
            }
        }
    }
    assert!(count > 400, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
