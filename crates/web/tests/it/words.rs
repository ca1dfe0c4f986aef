//! Every key a page uses has a message, and every message is used.

use std::collections::BTreeSet;
use std::path::Path;

fn texts(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, found);
        } else {
            found.push_str(&std::fs::read_to_string(&path).expect("a text file"));
            found.push('\n');
        }
    }
}

/// All string literals that look like keys.
fn literals(text: &str) -> BTreeSet<&str> {
    text.split('"').filter(|part| part.starts_with(|sign: char| sign.is_ascii_lowercase()) && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')).collect()
}

/// The keys that stand in calls where a key must stand.
fn calls(text: &str) -> BTreeSet<&str> {
    ["say(\"", "count(\"", "voice.with(\""].into_iter().flat_map(|call| text.split(call).skip(1)).filter_map(|rest| rest.split('"').next()).filter(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')).collect()
}

/// The keys that come from the calendars of countries, and from what a forecast or a form can say.
fn of_others() -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for country in country::all() {
        let calendar = &country.calendar;
        found.extend(calendar.series.iter().map(|one| format!("series-{}", one.key)));
        found.extend(calendar.contraindication.iter().map(|one| format!("contraindication-{}", one.key)));
        found.extend(calendar.risk.iter().map(|one| format!("risk-{}", one.key)));
        found.extend(country.milestones.all.iter().map(|one| format!("milestone-{}", one.key)));
        found.extend(country.examinations.examination.iter().flat_map(|one| &one.parts).map(|part| format!("examination-part-{part}")));
    }
    let mut forecaster = String::new();
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedule/src"), &mut forecaster);
    found.extend(literals(&forecaster).into_iter().flat_map(|code| [format!("reason-{code}"), format!("vaccine-{code}")]));
    let faults = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../forms/src/fault.rs")).expect("the faults of forms");
    found.extend(literals(&faults).into_iter().map(|word| format!("form-fault-{word}")));
    found
}

#[test]
fn the_words_used_are_the_words_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    texts(&root.join("src"), &mut sources);
    texts(&root.join("templates"), &mut sources);
    let english = std::fs::read_to_string(root.join("translations/en.ftl")).expect("the English words");
    let keys: BTreeSet<&str> = english.lines().filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase())).filter_map(|line| line.split(" =").next()).collect();
    let missing: Vec<_> = calls(&sources).into_iter().filter(|key| !keys.contains(key)).collect();
    assert!(missing.is_empty(), "add to all four translations: {missing:?}");
    let used = literals(&sources);
    let of_others = of_others();
    let unused: Vec<_> = keys.iter().filter(|key| !used.contains(**key) && !of_others.contains(**key)).collect();
    assert!(unused.is_empty(), "remove from all four translations: {unused:?}");
}

#[test]
fn templates_hold_no_script_no_style_and_nothing_from_elsewhere() {
    let mut templates = String::new();
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut templates);
    for forbidden in ["style=", "<style", "onclick", "onload", "onsubmit", "javascript:", "hx-on", "js:", "http://", "https://", "<script>"] {
        assert!(!templates.contains(forbidden), "a template holds {forbidden}");
    }
}
