//! Import and export again: every resource comes back token for token, apart from its id, its
//! meta and the references that were resolved.
//!
//! `CARNET_SHARED_DATA` names a folder of published samples, `CARNET_ROUND_TRIP` any folder with
//! FHIR in it. Where they are not set, nothing is compared with them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use fhir::{Document, Value};

use crate::site::{Site, synth, text_at};

/// What a text says differently from what was received: a path, if anything.
fn difference(received: Value<'_>, kept: Value<'_>, names: &HashMap<String, String>, path: &str) -> Option<String> {
    use fhir::json::Kind;
    if received.kind() != kept.kind() {
        return Some(path.to_owned());
    }
    match received.kind() {
        Kind::Object => {
            let is_root = path.is_empty();
            let served = |name: &str| is_root && matches!(name, "id" | "meta");
            let mine: Vec<_> = received.members().filter(|(name, _)| !served(name)).collect();
            let theirs: Vec<_> = kept.members().filter(|(name, _)| !served(name)).collect();
            if mine.len() != theirs.len() {
                return Some(path.to_owned());
            }
            mine.iter().zip(&theirs).find_map(|((name, mine), (other, theirs))| {
                let path = format!("{path}.{name}");
                if name == other { difference(*mine, *theirs, names, &path) } else { Some(path) }
            })
        }
        Kind::Array => {
            let (mine, theirs): (Vec<_>, Vec<_>) = (received.items().collect(), kept.items().collect());
            if mine.len() != theirs.len() {
                return Some(path.to_owned());
            }
            mine.iter().zip(&theirs).enumerate().find_map(|(number, (mine, theirs))| difference(*mine, *theirs, names, &format!("{path}[{number}]")))
        }
        _ if received.raw() == kept.raw() => None,
        _ => {
            let text = received.as_str().unwrap_or_default();
            let resolved = kept.as_str().unwrap_or_default();
            let by_name = names.get(text.as_ref()).is_some_and(|name| *name == resolved);
            let by_search = text.split_once('?').is_some_and(|(kind, _)| resolved.starts_with(&format!("{kind}/")));
            let is_link = path.ends_with(".reference") || text.starts_with("urn:uuid:");
            (!(is_link && (by_name || by_search))).then(|| path.to_owned())
        }
    }
}

struct Received {
    /// `Type/id` as the import will call it; several where a resource came several times.
    resources: HashMap<String, Vec<String>>,
    names: HashMap<String, String>,
    conditional: Vec<String>,
}

fn read(paths: &[PathBuf]) -> Received {
    let mut received = Received { resources: HashMap::new(), names: HashMap::new(), conditional: Vec::new() };
    for path in paths {
        let text = fs::read_to_string(path).unwrap();
        match Document::read(&text) {
            Ok(document) => take(document.root(), &mut received),
            Err(_) => text.lines().for_each(|line| take(Document::read(line).unwrap().root(), &mut received)),
        }
    }
    received
}

fn take(root: Value<'_>, received: &mut Received) {
    let kind = text_at(root, &["resourceType"]);
    let taken_apart = ["transaction", "batch", "collection", "document", "searchset", "message", "history"];
    if kind != "Bundle" || !taken_apart.contains(&text_at(root, &["type"]).as_str()) {
        let name = format!("{kind}/{}", text_at(root, &["id"]));
        received.resources.entry(name).or_default().push(root.raw().to_owned());
        return;
    }
    for entry in root.get("entry").into_iter().flat_map(|entries| entries.items()) {
        let Some(resource) = entry.get("resource") else { continue };
        let kind = text_at(resource, &["resourceType"]);
        let full_url = text_at(entry, &["fullUrl"]);
        let last = full_url.strip_prefix("urn:uuid:").unwrap_or(full_url.rsplit('/').next().unwrap_or_default());
        let id = if fhir::is_id(last) { last.to_owned() } else { text_at(resource, &["id"]) };
        let put = text_at(entry, &["request", "url"]);
        let id = if text_at(entry, &["request", "method"]) == "PUT" { put.rsplit('/').next().unwrap_or_default().to_owned() } else { id };
        let name = format!("{kind}/{id}");
        if entry.path(&["request", "ifNoneExist"]).is_some() {
            received.conditional.push(name.clone());
        }
        received.names.insert(full_url, name.clone());
        received.resources.entry(name).or_default().push(resource.raw().to_owned());
    }
}

/// Imports files, exports everything, compares. What is rejected must be in the rejects file.
fn check(paths: &[PathBuf], options: &[&str]) -> String {
    let received = read(paths);
    let site = Site::new();
    let mut all: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    all.extend_from_slice(options);
    let said = site.run("import", &all);
    assert!(said.code < 2, "{}{}", said.out, said.err);
    let kept = site.export();
    let rejected: Vec<String> = site
        .rejects()
        .iter()
        .filter_map(|line| {
            let resource = line.root().get("resource").or_else(|| line.root().get("content"))?;
            let mut text = String::new();
            resource.write_compact(&mut text);
            Some(text)
        })
        .collect();
    let mut wrong = Vec::new();
    let (mut same, mut refused) = (0, 0);
    for (name, texts) in &received.resources {
        let matches = |text: &String, kept: &String| {
            let (mine, theirs) = (Document::read(text).unwrap(), Document::read(kept).unwrap());
            difference(mine.root(), theirs.root(), &received.names, "").map(|place| format!("{name}{place}"))
        };
        let outcome = match kept.get(name) {
            // Of several versions the last one taken in is the newest.
            Some(kept) => texts.iter().map(|text| matches(text, kept)).find(|found| found.is_none()).unwrap_or_else(|| matches(&texts[0], kept)),
            None => Some(format!("{name} is not there")),
        };
        match outcome {
            None => same += 1,
            Some(place) => {
                let mut compact = String::new();
                Document::read(&texts[0]).unwrap().root().write_compact(&mut compact);
                let kind = name.split('/').next().unwrap_or_default();
                // A condition may have found another one, and what is no id does not become one.
                let is_named_otherwise = received.conditional.contains(name) || !name.split_once('/').is_some_and(|(_, id)| fhir::is_id(id));
                let found_elsewhere = is_named_otherwise
                    && kept.iter().any(|(other, kept)| other.starts_with(kind) && matches(&texts[0], kept).is_none());
                match (rejected.contains(&compact), found_elsewhere) {
                    (true, _) => refused += 1,
                    (false, true) => same += 1,
                    (false, false) => wrong.push(place),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(kept.len() <= received.resources.len(), "the export holds what was never received");
    format!("{same} came back token for token, {refused} are in the rejects file with their reasons")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "json" || ending == "ndjson") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn made_up_people_of_three_countries_come_back_as_they_went_in() {
    for country in ["mx", "vn", "ru"] {
        let folder = tempfile::tempdir().unwrap();
        synth(folder.path(), country, 8);
        let said = check(&files(folder.path()), &[]);
        assert!(said.contains(", 0 are in the rejects"), "{country}: {said}");
    }
}

#[test]
fn published_samples_come_back_as_they_went_in() {
    let Some(shared) = std::env::var_os("CARNET_SHARED_DATA").map(PathBuf::from).filter(|path| path.is_dir()) else {
        println!("passed over: CARNET_SHARED_DATA is not set");
        return;
    };
    let synthea = shared.join("synthea-100-people");
    if synthea.is_dir() {
        let all = files(&synthea);
        let is_place = |path: &PathBuf| path.to_string_lossy().contains("Information");
        let mut some: Vec<PathBuf> = all.iter().filter(|path| is_place(path)).cloned().collect();
        let mut people: Vec<PathBuf> = all.into_iter().filter(|path| !is_place(path)).collect();
        people.sort_by_key(|path| fs::metadata(path).unwrap().len());
        some.extend(people.into_iter().take(5));
        println!("five of synthea-100-people: {}", check(&some, &["--keep-flawed"]));
    }
    for name in ["edge-cases", "fhir-r4-examples"] {
        let folder = shared.join(name);
        if folder.is_dir() {
            println!("{name}: {}", check(&files(&folder), &["--keep-flawed"]));
        }
    }
}

#[test]
fn a_folder_that_was_named_comes_back_as_it_went_in() {
    match std::env::var_os("CARNET_ROUND_TRIP").map(PathBuf::from) {
        Some(folder) => println!("{}: {}", folder.display(), check(&files(&folder), &["--keep-flawed"])),
        None => println!("passed over: CARNET_ROUND_TRIP is not set"),
    }
}
