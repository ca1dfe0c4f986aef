//! Malformed resources, each with every issue expected, from the table `malformed.txt`.

use fhir::Document;
use std::collections::HashMap;
use validation::{Options, validate};

struct Case {
    line: usize,
    resource: String,
    expected: Vec<String>,
}

/// Reads the table: see its first lines.
fn cases(table: &str) -> Vec<Case> {
    let mut beginnings: HashMap<&str, &str> = HashMap::new();
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in table.lines().enumerate() {
        let line_number = number + 1;
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(template) = line.strip_prefix('@') {
            let (name, members) = template.split_once(' ').unwrap_or((template, ""));
            beginnings.insert(name, members);
        } else if let Some(issue) = line.strip_prefix("  ") {
            cases.last_mut().unwrap_or_else(|| panic!("line {line_number}: an issue without a case")).expected.push(issue.trim().to_owned());
        } else if line.starts_with(|letter: char| letter.is_ascii_uppercase()) {
            let (name, members) = line.split_once(' ').unwrap();
            let beginning = beginnings.get(name).unwrap_or_else(|| panic!("line {line_number}: no @{name}"));
            let members: Vec<&str> = [*beginning, members].into_iter().filter(|part| !part.is_empty()).collect();
            cases.push(Case { line: line_number, resource: format!("{{\"resourceType\":\"{name}\",{}}}", members.join(",")), expected: Vec::new() });
        } else {
            cases.push(Case { line: line_number, resource: line.to_owned(), expected: Vec::new() });
        }
    }
    cases
}

#[test]
fn every_flaw_is_told_with_its_code_and_place_and_nothing_else_is() {
    let cases = cases(include_str!("malformed.txt"));
    assert!(cases.len() > 300, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let document = match Document::read(&case.resource) {
            Ok(document) => document,
            Err(cause) => {
                wrong.push(format!("line {}: {cause}", case.line));
                continue;
            }
        };
        let issues = validate(document.root(), &Options::default());
        let mut found: Vec<String> = issues.iter().map(|issue| format!("{}{} {}", if issue.is_error() { "" } else { "warning " }, issue.code.code(), issue.expression)).collect();
        let mut expected = case.expected.clone();
        found.sort();
        expected.sort();
        if found != expected {
            let messages: Vec<&str> = issues.iter().map(|issue| issue.message.as_str()).collect();
            wrong.push(format!("line {}: {}\n  expected {expected:?}\n  found    {found:?}\n  {messages:?}", case.line, case.resource));
        }
        for issue in &issues {
            assert!(issue.offset.is_some_and(|offset| offset < case.resource.len()), "line {}: an issue without a place", case.line);
            assert!(issue.message.ends_with('.'), "line {}: {}", case.line, issue.message);
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn no_message_or_place_contains_a_value() {
    const SECRET: &str = "Nguyễn-7731";
    let resources = [
        format!(r#"{{"resourceType":"Patient","birthDate":"{SECRET}","gender":"{SECRET}","name":[{{"use":"{SECRET}","given":"{SECRET}"}}]}}"#),
        format!(r#"{{"resourceType":"Patient","{SECRET}":"x","name":[{{"{SECRET}":1}}]}}"#),
        format!(r#"{{"resourceType":"{SECRET}"}}"#),
        format!(r#"{{"resourceType":"Patient","managingOrganization":{{"reference":"{SECRET}","type":"{SECRET} x"}}}}"#),
        format!(r##"{{"resourceType":"Patient","managingOrganization":{{"reference":"#{SECRET}"}},"contained":[{{"resourceType":"Patient","id":"{SECRET}"}}]}}"##),
        format!(r#"{{"resourceType":"Patient","text":{{"status":"{SECRET}","div":"{SECRET}"}},"extension":[{{"url":"{SECRET} x"}}]}}"#),
        format!(r#"{{"resourceType":"Condition","subject":{{"reference":"Patient/1"}},"clinicalStatus":{{"coding":[{{"system":"{SECRET}","code":"{SECRET}"}}]}}}}"#),
    ];
    for resource in resources {
        let document = Document::read(&resource).unwrap();
        let issues = validate(document.root(), &Options::default());
        assert!(!issues.is_empty(), "{resource}");
        for issue in issues {
            assert!(!issue.message.contains("7731") && !issue.expression.contains("7731"), "{issue:?}");
        }
    }
}

#[test]
fn a_hundred_issues_are_told_and_the_rest_counted() {
    let names: Vec<&str> = vec!["{}"; 250];
    let text = format!(r#"{{"resourceType":"Patient","name":[{}]}}"#, names.join(","));
    let document = Document::read(&text).unwrap();
    let issues = validate(document.root(), &Options::default());
    assert_eq!(issues.len(), validation::MOST_ISSUES + 1);
    assert!(issues[100].message.contains("150"), "{}", issues[100].message);
    assert!(issues[100].is_error());
}

#[test]
fn what_options_change() {
    let check = |text: &str, options: &Options| {
        let document = Document::read(text).unwrap();
        validate(document.root(), options).iter().map(|issue| format!("{} {}", issue.severity.code(), issue.code.code())).collect::<Vec<_>>()
    };
    let by_search = r#"{"resourceType":"Patient","managingOrganization":{"reference":"Organization?identifier=a|b"}}"#;
    assert_eq!(check(by_search, &Options::default()), ["error value"]);
    let inside = Options { conditional_references: true, ..Options::default() };
    assert!(check(by_search, &inside).is_empty());
    assert_eq!(check(r#"{"resourceType":"Patient","managingOrganization":{"reference":"Patient?identifier=a"}}"#, &inside), ["error value"]);
    assert_eq!(check(r#"{"resourceType":"Patient","managingOrganization":{"reference":"Organization?"}}"#, &inside), ["error value"]);
    let bare = r#"{"resourceType":"Patient","contact":[{"id":"a","gender":"male"}]}"#;
    assert_eq!(check(bare, &Options::default()), ["error invariant"]);
    assert!(check(bare, &Options { invariants: false, ..Options::default() }).is_empty());
    let good = Options { best_practice: true, ..Options::default() };
    assert_eq!(check(r#"{"resourceType":"Patient","active":true}"#, &good), ["warning invariant"]);
}
