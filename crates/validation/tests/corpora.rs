//! The published examples, synthetic records and collected oddities: well formed, or known not to be.
//!
//! They are not part of this project. The test looks for them in the folder that the
//! environment variable `CARNET_SHARED_DATA` names and passes over them where it is not set.

use fhir::Document;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use validation::{Options, validate};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            out.push(path);
        }
    }
}

/// Of each corpus: file name and the kinds of error it is known for.
fn known_flawed() -> BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>> {
    let mut known: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    let mut corpus = "";
    for line in include_str!("known_flawed_examples.txt").lines() {
        if let Some(name) = line.strip_prefix("## ") {
            corpus = name;
            known.entry(corpus).or_default();
        } else if !line.is_empty() && !line.starts_with('#') {
            let parts: Vec<&str> = line.split(" | ").collect();
            let [file, codes, reason] = parts[..] else { panic!("file | kinds | reason: {line}") };
            assert!(!reason.is_empty(), "{file} has no reason");
            known.entry(corpus).or_default().insert(file, codes.split(", ").collect());
        }
    }
    known
}

#[test]
fn published_resources_are_well_formed_or_known_not_to_be() {
    let Some(data) = std::env::var_os("CARNET_SHARED_DATA").map(PathBuf::from) else {
        println!("passed over: CARNET_SHARED_DATA is not set");
        return;
    };
    let options = Options { conditional_references: true, ..Options::default() };
    for (corpus, known) in known_flawed() {
        let mut paths = Vec::new();
        files(&data.join(corpus), &mut paths);
        if paths.is_empty() {
            println!("passed over: there is no {corpus}");
            continue;
        }
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for path in &paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(path).unwrap();
            let document = Document::read(&text).unwrap_or_else(|cause| panic!("{name}: {cause}"));
            let issues = validate(document.root(), &options);
            let errors: BTreeSet<&str> = issues.iter().filter(|issue| issue.is_error()).map(|issue| issue.code.code()).collect();
            let expected = known.get(name.as_str()).cloned().unwrap_or_default();
            if errors != expected {
                let told: Vec<String> = issues.iter().filter(|issue| issue.is_error()).take(5).map(|issue| format!("{}: {}", issue.expression, issue.message)).collect();
                wrong.push(format!("{name}: expected {expected:?}, found {errors:?} {told:?}"));
            }
            // Nothing but the rule on computable names gives a warning there.
            for issue in issues.iter().filter(|issue| !issue.is_error() && !issue.message.ends_with("-0).") && issue.code != fhir::IssueCode::Incomplete) {
                wrong.push(format!("{name}: {}: {}", issue.expression, issue.message));
            }
            seen.insert(name);
        }
        wrong.extend(known.keys().filter(|name| !seen.contains(**name)).map(|name| format!("{name} is listed and not there")));
        assert!(wrong.is_empty(), "{corpus}, {} of {} files:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
        println!("{corpus}: {} files, {} known flawed", paths.len(), known.len());
    }
}
