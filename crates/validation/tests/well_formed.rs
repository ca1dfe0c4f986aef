//! Small resources of many types that are well formed, and what happens when they are spoilt.
//!
//! * Every spoilt resource must give an issue; nothing may make the validator panic.

use fhir::{Document, Kind, Value};
use std::path::PathBuf;
use validation::{Options, validate};

/// (file name, text) of each resource in `tests/valid`.
fn valid() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/valid");
    let mut all: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() >= 30, "{} resources", all.len());
    all
}

fn issues(text: &str) -> Vec<fhir::Issue> {
    let document = Document::read(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
    validate(document.root(), &Options::default())
}

#[test]
fn well_formed_resources_have_no_issues() {
    for (name, text) in valid() {
        assert_eq!(issues(&text), [], "{name}");
    }
}

/// A random number from a seed; the same seed gives the same numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % bound as u64) as usize
    }
}

/// Every value of a document, with the name of the member it came from.
fn places<'d>(value: Value<'d>, name: &str, out: &mut Vec<(String, Value<'d>)>) {
    out.push((name.to_owned(), value));
    match value.kind() {
        Kind::Object => value.members().for_each(|(key, member)| places(member, &key, out)),
        Kind::Array => value.items().for_each(|item| places(item, name, out)),
        _ => {}
    }
}

fn replaced(text: &str, value: Value<'_>, with: &str) -> String {
    let span = value.span();
    format!("{}{with}{}", &text[..span.start], &text[span.end..])
}

/// Ways to spoil a value that always break a rule; none where this way does not apply.
fn spoilt(way: usize, text: &str, name: &str, value: Value<'_>, is_root: bool) -> Option<String> {
    let kind = value.kind();
    let is_plain = !matches!(kind, Kind::Null) && !is_root;
    match way {
        // Another kind of JSON value: no element of R4 is written in two kinds.
        0 if kind == Kind::String => Some(replaced(text, value, "true")),
        0 if kind == Kind::Bool => Some(replaced(text, value, "\"true\"")),
        0 if kind == Kind::Number => Some(replaced(text, value, "\"1\"")),
        0 if kind == Kind::Object && is_plain => Some(replaced(text, value, "\"x\"")),
        // An array in an array or around a single value.
        1 if is_plain => Some(replaced(text, value, &format!("[{}]", value.raw()))),
        2 if kind == Kind::Array => Some(replaced(text, value, "[]")),
        3 if kind == Kind::String => Some(replaced(text, value, "\"\"")),
        4 if kind == Kind::String => Some(replaced(text, value, "\" \\t \"")),
        5 if kind == Kind::Object && is_plain => Some(replaced(text, value, "{}")),
        6 if kind == Kind::Object => Some(replaced(text, value, &value.raw().replacen('{', "{\"unheardOf\":1,", 1))),
        // Beside a value a null in the companion array says only that there is nothing more.
        7 if is_plain && kind != Kind::Array && !name.starts_with('_') => Some(replaced(text, value, "null")),
        8 if name == "reference" && kind == Kind::String => Some(replaced(text, value, "\"Nothing/1\"")),
        9 if name == "resourceType" => Some(replaced(text, value, "\"Nothing\"")),
        10 if kind == Kind::String => Some(replaced(text, value, "\"a\\u0001\"")),
        // One type of a choice beside another.
        11 if kind == Kind::Object && value.get("valueString").is_some() => Some(replaced(text, value, &value.raw().replacen('{', "{\"valueInteger\":1,", 1))),
        12 if kind == Kind::Number => Some(replaced(text, value, "99999999999999999.5e300")).filter(|_| !DECIMALS.contains(&name)),
        // An array where the item stood alone loses its brackets.
        13 if kind == Kind::Array && value.items().count() == 1 => Some(replaced(text, value, value.items().next()?.raw())),
        _ => None,
    }
}

const DECIMALS: &[&str] = &["value", "valueDecimal", "longitude", "latitude", "score", "period", "net"];

#[test]
fn every_way_of_spoiling_is_noticed_at_every_place() {
    let mut count = 0;
    for (file, text) in valid() {
        let document = Document::read(&text).unwrap();
        let mut all = Vec::new();
        places(document.root(), "", &mut all);
        for (name, value) in &all {
            for way in 0..14 {
                let Some(spoilt) = spoilt(way, &text, name, *value, *value == document.root()) else { continue };
                // A member named twice is the reader's to refuse.
                let Ok(read) = Document::read(&spoilt) else { continue };
                let found = validate(read.root(), &Options::default());
                assert!(found.iter().any(fhir::Issue::is_error), "{file}: way {way} at {name}, byte {}", value.span().start);
                count += 1;
            }
        }
    }
    assert!(count > 3500, "{count} spoilt resources");
}

#[test]
fn a_renamed_member_is_noticed() {
    for (file, text) in valid() {
        let mut at = 0;
        while let Some(found) = text[at..].find("\":") {
            let end = at + found;
            at = end + 2;
            let spoilt = format!("{}Z{}", &text[..end], &text[end..]);
            assert!(issues(&spoilt).iter().any(fhir::Issue::is_error), "{file}: byte {end}");
        }
    }
}

#[test]
fn a_missing_required_member_is_noticed_or_the_resource_is_still_well_formed() {
    // Which elements are required is compared with the definitions, not with the validator.
    let mut required = 0;
    for (file, text) in valid() {
        let document = Document::read(&text).unwrap();
        let root = document.root();
        let kind = fhir::r4().type_named(&root.string("resourceType").unwrap()).unwrap();
        let members: Vec<(String, &str)> = root.members().map(|(key, value)| (key.into_owned(), value.raw())).collect();
        for (left_out, _) in &members {
            let Some((element, _)) = kind.element(left_out) else { continue };
            let kept: Vec<String> = members.iter().filter(|(key, _)| key.trim_start_matches('_') != left_out).map(|(key, raw)| format!("\"{key}\":{raw}")).collect();
            let found = issues(&format!("{{{}}}", kept.join(",")));
            if element.min > 0 {
                required += 1;
                assert!(found.iter().any(|issue| issue.code == fhir::IssueCode::Required), "{file} without {left_out}");
            }
        }
    }
    assert!(required > 50, "{required} required members");
}

#[test]
fn random_damage_never_panics() {
    let mut chance = Chance(20_260_131);
    let pieces = ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "1", "-1.5e3", "\"x\"", "\"#\"", "\"#m\"", "{}", "[]", "[null]", "\"resourceType\"", "\"extension\"", "\"_given\":", "\"contained\":"];
    let all = valid();
    let mut read = 0;
    for _ in 0..40_000 {
        let (_, text) = &all[chance.below(all.len())];
        let mut spoilt = text.clone();
        for _ in 0..=chance.below(3) {
            let mut at = chance.below(spoilt.len());
            let mut end = (at + chance.below(12)).min(spoilt.len());
            while !spoilt.is_char_boundary(at) {
                at -= 1;
            }
            while !spoilt.is_char_boundary(end) {
                end += 1;
            }
            spoilt.replace_range(at..end.max(at), pieces[chance.below(pieces.len())]);
        }
        if let Ok(document) = Document::read(&spoilt) {
            read += 1;
            validate(document.root(), &Options { best_practice: true, ..Options::default() });
        }
    }
    assert!(read > 1000, "{read} documents could be read");
}

/// Random JSON with the names of real elements, so that it reaches far into the walk.
fn random_value(chance: &mut Chance, depth: usize, out: &mut String) {
    const NAMES: &[&str] = &[
        "resourceType", "id", "meta", "text", "div", "contained", "extension", "url", "valueString", "valueQuantity", "valueReference", "name", "given", "_given", "reference",
        "type", "period", "start", "end", "code", "coding", "system", "status", "entry", "resource", "item", "linkId", "component", "parameter", "part", "_status", "repeat", "low", "high", "value",
    ];
    const SCALARS: &[&str] = &["null", "true", "0", "-1", "1.5", "\"x\"", "\"\"", "\"#\"", "\"#x\"", "\"Patient/1\"", "\"2026\"", "\"2026-01-31T10:00:00Z\"", "\"<div>\"", "1e400"];
    const TYPES: &[&str] = &["\"Patient\"", "\"Observation\"", "\"Bundle\"", "\"Parameters\"", "\"Questionnaire\"", "\"Basic\"", "\"StructureDefinition\"", "\"Timing\""];
    match chance.below(if depth > 5 { 1 } else { 4 }) {
        0 => out.push_str(SCALARS[chance.below(SCALARS.len())]),
        1 => {
            out.push('[');
            for place in 0..chance.below(4) {
                out.push_str(if place > 0 { "," } else { "" });
                random_value(chance, depth + 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push_str("{\"resourceType\":");
            out.push_str(TYPES[chance.below(TYPES.len())]);
            let first = chance.below(NAMES.len());
            for place in 0..chance.below(8) {
                // Steps of seven through 35 names meet five before any comes twice.
                let name = NAMES[(first + place % 5 * 7) % NAMES.len()];
                if name != "resourceType" && place < 5 {
                    out.push_str(&format!(",\"{name}\":"));
                    random_value(chance, depth + 1, out);
                }
            }
            out.push('}');
        }
    }
}

#[test]
fn arbitrary_json_never_panics() {
    let mut chance = Chance(7);
    let mut read = 0;
    for _ in 0..30_000 {
        let mut text = String::new();
        random_value(&mut chance, 0, &mut text);
        if let Ok(document) = Document::read(&text) {
            read += 1;
            validate(document.root(), &Options { best_practice: true, ..Options::default() });
        }
    }
    assert!(read > 25_000, "{read} documents could be read");
}

#[test]
fn deep_and_wide_resources_end() {
    let deep = format!("{}{}{}", r#"{"resourceType":"Questionnaire","status":"active","#.to_owned() + &r#""item":[{"linkId":"a","type":"group","#.repeat(48), r#""text":"x""#, "}]".repeat(48) + "}");
    assert!(!issues(&deep).is_empty());
    let wide: Vec<String> = (0..20_000).map(|n| format!(r#"{{"linkId":"{n}","type":"string"}}"#)).collect();
    assert_eq!(issues(&format!(r#"{{"resourceType":"Questionnaire","status":"active","item":[{}]}}"#, wide.join(","))), []);
    let codes: Vec<String> = (0..20_000).map(|n| format!(r#"{{"code":"{n}"}}"#)).collect();
    assert_eq!(issues(&format!(r#"{{"resourceType":"CodeSystem","status":"active","content":"complete","concept":[{}]}}"#, codes.join(","))), []);
    let entries: Vec<String> = (0..20_000).map(|n| format!(r#"{{"fullUrl":"http://example.org/fhir/Patient/{n}","resource":{{"resourceType":"Patient","id":"{n}"}}}}"#)).collect();
    assert_eq!(issues(&format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))), []);
    let nulls = vec!["null"; 100_000].join(",");
    let said = vec![r#"{"id":"x","extension":[{"url":"http://example.org/x","valueCode":"x"}]}"#; 100_000].join(",");
    assert_eq!(issues(&format!(r#"{{"resourceType":"Patient","name":[{{"given":[{nulls}],"_given":[{said}]}}]}}"#)), []);
    let contained: Vec<String> = (0..10_000).map(|n| format!(r#"{{"resourceType":"Patient","id":"{n}"}}"#)).collect();
    let named: Vec<String> = (0..10_000).map(|n| format!(r##"{{"url":"http://example.org/x","valueReference":{{"reference":"#{n}"}}}}"##)).collect();
    assert_eq!(issues(&format!(r#"{{"resourceType":"Patient","contained":[{}],"extension":[{}]}}"#, contained.join(","), named.join(","))), []);
    let flawed = vec!["{}"; 200_000].join(",");
    assert_eq!(issues(&format!(r#"{{"resourceType":"Patient","name":[{flawed}]}}"#)).len(), validation::MOST_ISSUES + 1);
}
