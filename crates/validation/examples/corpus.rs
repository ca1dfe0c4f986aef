//! Validates every JSON resource of folders and prints what is wrong: `corpus FOLDER…`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

fn main() {
    let options = validation::Options { conditional_references: true, ..Default::default() };
    let mut paths = Vec::new();
    for folder in std::env::args().skip(1) {
        files(Path::new(&folder), &mut paths);
    }
    paths.sort();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        match fhir::Document::read(&text) {
            Err(cause) => println!("{}: unreadable: {cause}", path.display()),
            Ok(document) => {
                for issue in validation::validate(document.root(), &options) {
                    println!("{}: {} {} {}: {}", path.file_name().unwrap_or_default().to_string_lossy(), issue.severity.code(), issue.code.code(), issue.expression, issue.message);
                    *kinds.entry(format!("{}: {}", issue.code.code(), issue.message)).or_default() += 1;
                }
            }
        }
    }
    for (kind, count) in kinds {
        eprintln!("{count:6} {kind}");
    }
}
