//! The published R4 test suite of the language.
//!
//! Every test must pass, or be listed with its reason in `exceptions.txt`; a listed test
//! that passes fails this one.

mod support;

use fhir::Document;
use fhirpath::{Collection, Context, Expression, Item};
use std::collections::HashMap;
use std::path::Path;
use support::xml::{self, Xml};

const EXCEPTIONS: &str = include_str!("exceptions.txt");

#[test]
fn the_published_suite_passes() {
    let Some(folder) = support::shared("fhirpath-and-patch-tests/fhirpath-r4") else { return };
    let suite = xml::parse(&std::fs::read_to_string(folder.join("tests.xml")).unwrap());
    let exceptions: HashMap<&str, &str> = EXCEPTIONS.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).map(|line| line.split_once(": ").expect("name: reason")).collect();
    let mut inputs = HashMap::new();
    let (mut passed, mut wrong) = (0, Vec::new());
    for test in suite.all("group").flat_map(|group| group.all("test")) {
        let name = test.attribute("name").unwrap_or_default();
        let file = test.attribute("inputfile").unwrap_or("patient-example.xml");
        let input = inputs.entry(file.to_owned()).or_insert_with(|| Document::read_owned(read_input(&folder.join("input"), file)).unwrap());
        match (run(test, input), exceptions.get(name)) {
            (Ok(()), None) => passed += 1,
            (Ok(()), Some(_)) => wrong.push(format!("{name}: listed as an exception, but passes; take it off the list")),
            (Err(_), Some(_)) => {}
            (Err(problem), None) => wrong.push(format!("{name}: {}\n    {problem}", test.child("expression").map(|expression| expression.text.trim()).unwrap_or_default())),
        }
    }
    println!("{passed} published tests passed, {} are listed as exceptions", exceptions.len());
    assert!(passed > 400, "only {passed} tests were found");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), passed + wrong.len(), wrong.join("\n"));
}

fn read_input(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    // The JSON twins of some XML inputs lack an extension that tests ask for.
    if name.ends_with(".xml") { xml::resource_to_json(&xml::parse(&text)) } else { text }
}

fn run(test: &Xml, input: &Document<'_>) -> Result<(), String> {
    let expression = test.child("expression").ok_or("no expression")?;
    let is_strict = test.attribute("mode") == Some("strict") || expression.attribute("mode") == Some("strict");
    let outcome = evaluate(&expression.text, is_strict, input);
    if expression.attribute("invalid").is_some() {
        return match outcome {
            Ok(found) => Err(format!("should be refused, gave {found:?}")),
            Err(_) => Ok(()),
        };
    }
    let found = outcome?;
    let mut expected: Vec<(String, String)> = test.all("output").map(|output| (output.attribute("type").unwrap_or_default().to_owned(), output.text.clone())).collect();
    let mut found = if test.attribute("predicate") == Some("true") { vec![("boolean".to_owned(), (!found.is_empty()).to_string())] } else { found };
    if test.attribute("ordered") == Some("false") {
        found.sort();
        expected.sort();
    }
    let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(found, expected)| is_same(found, expected));
    if same { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

fn is_same(found: &(String, String), expected: &(String, String)) -> bool {
    let bare = |text: &str| text.trim_start_matches('@').trim_start_matches('T').to_owned();
    let same_type = expected.0.is_empty() || found.0.eq_ignore_ascii_case(&expected.0) || (found.0 == "integer" && expected.0 == "decimal");
    let same_number = match (found.1.parse::<fhirpath::Decimal>(), expected.1.parse::<fhirpath::Decimal>()) {
        // Without a type, digits count: `1.58650000`.
        (Ok(found_number), Ok(number)) => found_number == number && (!expected.0.is_empty() || number.is_zero() || found.1 == expected.1),
        _ => false,
    };
    same_type && (found.1 == expected.1 || bare(&found.1) == bare(&expected.1) || same_number)
}

fn evaluate(text: &str, is_strict: bool, input: &Document<'_>) -> Result<Vec<(String, String)>, String> {
    let expression = Expression::parse(text).map_err(|error| error.to_string())?;
    if is_strict {
        let type_name = input.root().string("resourceType").unwrap_or_default();
        if let Some(complaint) = expression.check(&type_name).first() {
            return Err(complaint.to_string());
        }
    }
    let mut context = Context::of(input.root());
    context.now = fhir::PartialDateTime::parse("2026-01-31T12:30:00.000+07:00");
    let found: Collection<'_> = expression.evaluate_on(&context, input.root()).map_err(|error| error.to_string())?;
    Ok(found.iter().map(describe).collect())
}

fn describe(item: &Item<'_>) -> (String, String) {
    let kind = match item {
        Item::Node(node) => node.type_name(),
        Item::Boolean(_) => "boolean",
        Item::String(_) => "string",
        Item::Integer(_) => "integer",
        Item::Decimal(_) => "decimal",
        Item::Date(_) => "date",
        Item::DateTime(_) => "dateTime",
        Item::Time(_) => "time",
        Item::Quantity(_) => "Quantity",
        Item::Type(_) => "TypeInfo",
    };
    let text = match item {
        Item::Node(node) => node.text().map(|text| text.into_owned()).unwrap_or_default(),
        Item::String(text) => text.to_string(),
        Item::Date(date) => date.to_string(),
        Item::DateTime(moment) => moment.to_string(),
        Item::Time(time) => time.to_string(),
        Item::Quantity(quantity) => quantity.to_string(),
        other => {
            let mut out = String::new();
            fhirpath::write_item(other, &mut out);
            out
        }
    };
    (kind.to_owned(), text)
}
