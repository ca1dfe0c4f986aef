//! Forms that mean harm: each act on them ends soon, keeps little, and says at which item it stopped.

use std::time::{Duration, Instant};

#[path = "it/shipped.rs"]
mod shipped;

use forms::{Act, Filling, Form, Json, Laid, begin, complete, extract::extract, lay_out, settle, typed};
use shipped::{Shipped, around};

const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// What one act may take in a build without optimisation; a hundredth of it is usual in one with.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers, as the items of a response.
fn answers(items: &str) -> Filling {
    Filling::read(&Json::read(&format!(r#"{{"item":[{items}]}}"#)).unwrap())
}

/// What is wrong, as `place word bound`.
fn faults(form: &Form, filling: &Filling) -> Vec<String> {
    let (laid, own) = lay_out(form, filling, &around(""), &Shipped);
    let mut found: Vec<String> = own.iter().map(|fault| format!("form {} {}", fault.word(), fault.bound())).collect();
    let mut gather = |laid: &Laid<'_>| found.extend(laid.faults.iter().map(|fault| format!("{} {} {}", laid.place, fault.word(), fault.bound())));
    laid.iter().for_each(|one| one.each(&mut gather));
    found
}

fn read(items: &str, more: &str) -> Result<Form, String> {
    let text = format!(r#"{{"resourceType":"Questionnaire","url":"https://example.org/q","version":"1","status":"active"{more},"item":[{items}]}}"#);
    Form::read(&text).map_err(|issue| issue.message)
}

fn formula(kind: &str, text: &str) -> String {
    format!(r#"{{"url":"{SDC}{kind}","valueExpression":{{"language":"text/fhirpath","expression":"{text}"}}}}"#)
}

fn variable(name: &str, text: &str) -> String {
    format!(r#"{{"url":"{CORE}variable","valueExpression":{{"name":"{name}","language":"text/fhirpath","expression":"{text}"}}}}"#)
}

fn item(link_id: &str, kind: &str, extensions: &[String], more: &str) -> String {
    format!(r#"{{"extension":[{}],"linkId":"{link_id}","type":"{kind}"{more}}}"#, extensions.join(","))
}

/// Everything that is done with a form, and how long the longest of it took.
fn survive(form: &Form, filling: &Filling) -> Duration {
    let mut longest = Duration::ZERO;
    let mut time = |act: &mut dyn FnMut()| {
        let began = Instant::now();
        act();
        longest = longest.max(began.elapsed());
    };
    let around = around(r#"{"resourceType":"Patient","id":"p","birthDate":"1958-03-14","gender":"female"}"#);
    time(&mut || drop(begin(form, &around)));
    time(&mut || settle(form, &mut filling.clone(), &around));
    time(&mut || drop(lay_out(form, filling, &around, &Shipped)));
    time(&mut || drop(complete(form, filling, &around, &Shipped)));
    time(&mut || drop(typed(form, filling, &[], &Act::Save, 0, "en", &Shipped)));
    let mut response = Json::read(r#"{"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"Patient/p"}}"#).unwrap();
    response.set("item", filling.json());
    time(&mut || drop(extract(form, &response.written(), "QuestionnaireResponse/1", &around, &mut || "urn:uuid:1".to_owned())));
    assert!(longest < PATIENCE, "{longest:?}");
    longest
}

/// Formulas that never end, each in another way.
const ENDLESS: [&str; 8] = [
    "repeat(%resource.repeat(item)).count()",
    "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).repeat($this + 1).count()",
    "%resource.descendants().where(%resource.descendants().where(%resource.descendants().exists()).exists()).count()",
    "%many.select(%many.select(%many.count()).sum()).sum()",
    "%many.where(%many.where(%many.where(true).exists()).exists()).count()",
    "%long.replace('a', %long).length()",
    "%many.aggregate($total & %long, 'a').length()",
    "%many.combine(%many).combine(%many).distinct().count()",
];

/// A thousand items, and a long text, for the formulas above.
fn names() -> String {
    let ten = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10)";
    let thousand = format!("{ten}.select({ten}).select({ten})");
    let text = format!("'{}'", "a".repeat(500));
    format!(r#","extension":[{},{}]"#, variable("many", &thousand), variable("long", &text))
}

#[test]
fn a_formula_that_never_ends_is_stopped_and_its_item_is_named() {
    let mut named = 0;
    for (number, endless) in ENDLESS.iter().enumerate() {
        for (kind, of) in [("calculatedExpression", "integer"), ("enableWhenExpression", "string"), ("initialExpression", "integer")] {
            let link_id = format!("x{number}");
            let form = read(&[item("a", "integer", &[], ""), item(&link_id, of, &[formula(kind, endless)], "")].join(","), &names()).unwrap();
            assert_eq!(form.issues, [], "{endless}");
            let filling = answers(r#"{"linkId":"a","answer":[{"valueInteger":1}]}"#);
            survive(&form, &filling);
            // What begins so is only asked once, and what it would have been stays open.
            if kind != "initialExpression" && faults(&form, &filling).iter().any(|fault| fault.contains("too-costly")) {
                named += 1;
            }
            // What was answered before is there after it.
            assert!(complete(&form, &filling, &around(""), &Shipped).filling.first("a").is_some());
        }
    }
    assert!(named >= 6, "only {named} said that they were stopped");
}

#[test]
fn a_rule_that_never_ends_is_stopped_and_its_item_is_named() {
    let rule = format!(r#"{{"url":"{CORE}targetConstraint","extension":[{{"url":"key","valueId":"r"}},{{"url":"severity","valueCode":"error"}},{{"url":"expression","valueExpression":{{"language":"text/fhirpath","expression":"%many.where(%many.where(%many.exists()).exists()).empty()"}}}},{{"url":"human","valueString":"no"}}]}}"#);
    let form = read(&item("a", "integer", &[rule], ""), &names()).unwrap();
    let filling = answers(r#"{"linkId":"a","answer":[{"valueInteger":1}]}"#);
    survive(&form, &filling);
    assert_eq!(faults(&form, &filling), [":a too-costly a"]);
    assert!(!complete(&form, &filling, &around(""), &Shipped).is_sound(), "what could not be checked is not completed");
}

#[test]
fn calculations_that_chase_each_other_are_named() {
    let of = |other: &str| format!("iif(%resource.item.where(linkId='{other}').answer.exists(), %resource.item.where(linkId='{other}').answer.value + 1, 0)");
    for circle in [&["a", "b"][..], &["a", "b", "c"], &["a", "b", "c", "d", "e", "f"], &["a"]] {
        let items: Vec<String> = circle.iter().enumerate().map(|(place, name)| item(name, "integer", &[formula("calculatedExpression", &of(circle[(place + 1) % circle.len()]))], "")).collect();
        let form = read(&items.join(","), "").unwrap();
        let filling = answers("");
        survive(&form, &filling);
        let found = faults(&form, &filling);
        for name in circle {
            assert!(found.contains(&format!(":{name} unsettled {name}")), "{circle:?}: {found:?}");
        }
        assert!(!complete(&form, &filling, &around(""), &Shipped).is_sound());
    }
    // A chain that only takes a while stands still in the end.
    let chain: Vec<String> = (0..6).map(|number| item(&format!("a{number}"), "integer", &[formula("calculatedExpression", &if number == 5 { "1".to_owned() } else { format!("%resource.item.where(linkId='a{}').answer.value + 1", number + 1) })], "")).collect();
    let form = read(&chain.join(","), "").unwrap();
    assert_eq!(faults(&form, &answers("")), Vec::<String>::new());
}

#[test]
fn rules_that_switch_each_other_on_and_off_are_named() {
    let rule = |question: &str| format!(r#","initial":[{{"valueInteger":1}}],"enableWhen":[{{"question":"{question}","operator":"exists","answerBoolean":false}}]"#);
    let form = read(&[item("a", "integer", &[], &rule("b")), item("b", "integer", &[], &rule("a"))].join(","), "").unwrap();
    let filling = answers(r#"{"linkId":"a","answer":[{"valueInteger":1}]},{"linkId":"b","answer":[{"valueInteger":1}]}"#);
    survive(&form, &filling);
    let (_, own) = lay_out(&form, &filling, &around(""), &Shipped);
    let all: Vec<String> = faults(&form, &filling).into_iter().chain(own.iter().map(|fault| fault.word().to_owned())).collect();
    assert!(all.iter().any(|fault| fault.contains("unsettled")), "{all:?}");
}

#[test]
fn a_form_larger_than_anybody_fills_is_refused_and_one_as_large_as_allowed_is_slow_at_worst() {
    let many = |count: usize, extensions: &[String]| (0..count).map(|number| item(&format!("i{number}"), "integer", extensions, "")).collect::<Vec<_>>().join(",");
    assert!(read(&many(10_000, &[]), "").unwrap_err().contains("3000"));
    assert!(read(&many(3_001, &[]), "").unwrap_err().contains("3000"));
    let calculated = formula("calculatedExpression", "%resource.descendants().count()");
    for extensions in [vec![], vec![calculated.clone()], vec![calculated, formula("enableWhenExpression", "%qitem.linkId.exists()")]] {
        let form = read(&many(1_500, &extensions), "").unwrap();
        survive(&form, &begin(&form, &around("")));
    }
    // More formulas, or more names for them, than any form has.
    let formulas: Vec<String> = (0..3).map(|_| formula("enableWhenExpression", "true")).collect();
    let two = [formulas[0].clone(), formula("calculatedExpression", "1")];
    assert!(read(&many(2_500, &two), "").unwrap_err().contains("4000"));
    let names: Vec<String> = (0..301).map(|number| variable(&format!("v{number}"), "1")).collect();
    assert!(read(&many(1, &names), "").unwrap_err().contains("300"));
    let names: Vec<String> = (0..300).map(|number| variable(&format!("v{number}"), "%resource.descendants()")).collect();
    survive(&read(&many(500, &[formula("calculatedExpression", "1")]), &format!(r#","extension":[{}]"#, names.join(","))).unwrap(), &answers(""));
}

#[test]
fn names_that_hold_too_much_are_emptied_and_the_item_is_named() {
    let ten = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10)";
    let thousand = format!("{ten}.select({ten}).select({ten})");
    let variables: Vec<String> = (0..40).map(|number| variable(&format!("v{number}"), &thousand)).collect();
    let form = read(&item("g", "group", &variables, r#","item":[{"linkId":"a","type":"integer"}]"#), "").unwrap();
    let filling = answers(r#"{"linkId":"g","item":[{"linkId":"a","answer":[{"valueInteger":1}]}]}"#);
    survive(&form, &filling);
    assert_eq!(faults(&form, &filling), [":g too-costly g"]);
}

#[test]
fn rows_of_rows_of_rows_end_somewhere() {
    let least = format!(r#"{{"url":"{CORE}questionnaire-minOccurs","valueInteger":200}}"#);
    let nested = |depth: usize, extensions: &[String]| (0..depth).rev().fold(r#"{"linkId":"a","type":"string"}"#.to_owned(), |below, level| item(&format!("g{level}"), "group", extensions, &format!(r#","repeats":true,"item":[{below}]"#)));
    for depth in [1, 2, 3, 6] {
        let form = read(&nested(depth, &[least.clone()]), "").unwrap();
        survive(&form, &answers(""));
        let found = faults(&form, &answers(""));
        assert_eq!(found.iter().any(|fault| fault.contains("too-costly")), depth > 1, "{depth}: {found:?}");
        let (laid, _) = lay_out(&form, &answers(""), &around(""), &Shipped);
        let mut places = 0;
        laid.iter().for_each(|one| one.each(&mut |_| places += 1));
        assert!(places <= 2 * 20_000, "{depth}: {places}");
    }
    // Rows out of the record.
    let population = format!(r#"{{"url":"{SDC}itemPopulationContext","valueExpression":{{"name":"row","language":"text/fhirpath","expression":"%patient.repeat(descendants()) | (1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10).select((1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10))"}}}}"#);
    let form = read(&nested(4, &[population]).replace(r#""type":"string""#, r#""type":"string","initial":[{"valueString":"x"}]"#), "").unwrap();
    let begun = begin(&form, &around(r#"{"resourceType":"Patient","id":"p"}"#));
    assert!(begun.json().written().len() < 8 << 20);
    // Rows that a few bytes ask for.
    let form = read(&nested(3, &[]), "").unwrap();
    let fields: Vec<(String, String)> = (0..200).flat_map(|row| [(format!("r:{row}:g1"), "200".to_owned())].into_iter().chain((0..200).map(move |below| (format!("r:{row}.{below}:g2"), "200".to_owned())))).chain([("r::g0".to_owned(), "200".to_owned())]).collect();
    let began = Instant::now();
    let asked = typed(&form, &answers(""), &fields, &Act::Save, 0, "en", &Shipped);
    let mut count = 0;
    fn given(items: &[forms::Given], count: &mut usize) {
        for one in items {
            *count += 1;
            given(&one.items, count);
        }
    }
    given(&asked.items, &mut count);
    assert!(count <= 3 * 20_000 && began.elapsed() < PATIENCE, "{count}");
}

#[test]
fn a_grid_as_large_as_a_wall_is_laid_out_once() {
    let columns: Vec<String> = (0..200).map(|number| format!(r#"{{"linkId":"c{number}","type":"decimal"}}"#)).collect();
    let form = read(&format!(r#"{{"linkId":"g","type":"group","repeats":true,"item":[{}]}}"#, columns.join(",")), "").unwrap();
    let row: String = (0..200).map(|number| format!(r#"{{"linkId":"c{number}","answer":[{{"valueDecimal":1}}]}}"#)).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = (0..200).map(|_| format!(r#"{{"linkId":"g","item":[{row}]}}"#)).collect();
    let filling = answers(&rows.join(","));
    survive(&form, &filling);
    assert!(faults(&form, &filling).iter().any(|fault| fault.contains("too-costly")), "forty thousand answers are more than a form has");
}

#[test]
fn items_inside_items_have_a_bottom() {
    let nested = |kind: &str, depth: usize| (0..depth).rev().fold(String::new(), |below, level| item(&format!("i{level}"), kind, &[], &if below.is_empty() { String::new() } else { format!(r#","item":[{below}]"#) }));
    for kind in ["group", "string"] {
        for depth in [5, 19, 20] {
            let form = read(&nested(kind, depth), "").unwrap();
            assert_eq!(form.issues, [], "{kind} {depth}");
            let answered = (0..depth).rev().fold(String::new(), |below, level| {
                let below = if below.is_empty() { String::new() } else { format!(r#","item":[{below}]"#) };
                if kind == "group" { format!(r#"{{"linkId":"i{level}"{below}}}"#) } else { format!(r#"{{"linkId":"i{level}","answer":[{{"valueString":"x"{below}}}]}}"#) }
            });
            let filling = answers(&answered);
            survive(&form, &filling);
            if kind == "string" {
                assert!(complete(&form, &filling, &around(""), &Shipped).filling.first(&format!("i{}", depth - 1)).is_some(), "{depth}");
            }
        }
        for depth in [21, 40] {
            let form = read(&nested(kind, depth), "").unwrap();
            assert!(form.issues.iter().any(|issue| issue.message.contains("twenty deep")), "{kind} {depth}");
            assert!(form.item("i19").is_some() && form.item("i20").is_none());
        }
    }
    // What is nested deeper than JSON may be is no form at all.
    assert!(read(&nested("group", 60), "").is_err());
}

#[test]
fn what_would_follow_ends_somewhere() {
    let ten = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10)";
    let thousand = format!("{ten}.select({ten}).select({ten})");
    for (name, template) in [
        ("too many", format!(r#"{{"resourceType":"Basic","id":"t","code":{{"text":"x"}},"extension":[{{"url":"{SDC}templateExtractContext","valueString":"{thousand}"}}]}}"#)),
        ("too large", format!(r#"{{"resourceType":"Basic","id":"t","code":{{"coding":[{{"extension":[{{"url":"{SDC}templateExtractContext","valueString":"{thousand}"}}],"userSelected":true,"_code":{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"{thousand}.count().toString()"}}]}}}}]}}}}"#)),
    ] {
        let form = read(&item("a", "string", &[format!(r##"{{"url":"{SDC}templateExtract","extension":[{{"url":"template","valueReference":{{"reference":"#t"}}}}]}}"##)], ""), &format!(r#","contained":[{template}]"#)).unwrap();
        let response = r#"{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"a","answer":[{"valueString":"x"}]}]}"#;
        let began = Instant::now();
        let found = extract(&form, response, "QuestionnaireResponse/1", &around(""), &mut || "urn:uuid:1".to_owned());
        assert!(began.elapsed() < PATIENCE);
        match found {
            Err(issue) => assert!(issue.message.contains("500"), "{name}: {}", issue.message),
            Ok((resources, issues)) => assert!(resources.iter().map(|one| one.resource.written().len()).sum::<usize>() < 8 << 20, "{name}: {issues:?}"),
        }
    }
}

#[test]
fn texts_and_patterns_that_mean_harm_are_bounded() {
    let pattern = |text: &str| format!(r#"{{"url":"{CORE}regex","valueString":"{text}"}}"#);
    // A pattern that other machines would try for years.
    let form = read(&item("a", "string", &[pattern("(a+)+b")], ""), "").unwrap();
    let filling = answers(&format!(r#"{{"linkId":"a","answer":[{{"valueString":"{}"}}]}}"#, "a".repeat(20_000)));
    survive(&form, &filling);
    assert_eq!(faults(&form, &filling), [":a pattern "]);
    // One that would not fit into memory is said.
    assert!(read(&item("a", "string", &[pattern("(((x{1000}){1000}){1000})")], ""), "").unwrap().issues.iter().any(|issue| issue.message.contains("pattern")));
    for broken in ["((((", "1 +", "%", "'", "where(", "a.b.c(", "\u{0}"] {
        let text = broken.replace('\u{0}', "\\u0000");
        let form = read(&item("a", "string", &[formula("calculatedExpression", &text)], ""), "").unwrap();
        assert!(!form.issues.is_empty(), "{broken}");
        survive(&form, &answers(""));
    }
    // A formula as long as a book is none.
    let long = format!("1{}", " + 1".repeat(100_000));
    assert!(!read(&item("a", "integer", &[formula("calculatedExpression", &long)], ""), "").unwrap().issues.is_empty());
}
