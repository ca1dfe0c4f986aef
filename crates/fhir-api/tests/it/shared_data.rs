//! Real inputs, where they are unpacked: the folder is named by `CARNET_SHARED_DATA`.

use crate::clinic::Clinic;
use fhir::json::Limits;
use fhir::{Document, ResourceType, is_id};
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

fn folder(name: &str) -> Option<Vec<PathBuf>> {
    let Some(root) = std::env::var_os("CARNET_SHARED_DATA") else {
        println!("CARNET_SHARED_DATA is not set: {name} is passed over");
        return None;
    };
    let mut found = Vec::new();
    files(&PathBuf::from(root).join(name), &mut found);
    found.sort();
    if found.is_empty() {
        println!("{name} is not there and is passed over");
    }
    (!found.is_empty()).then_some(found)
}

/// Every published example goes in and comes out, or is refused with the place of its fault.
#[test]
fn the_published_examples_go_in_and_come_out() {
    let Some(files) = folder("fhir-r4-examples") else { return };
    let clinic = Clinic::open();
    let (mut stored, mut refused) = (0, Vec::new());
    // A record begins with its Patient, and what hangs on an encounter waits for it.
    let first = |name: &str| files.iter().filter(|file| file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))).cloned().collect::<Vec<_>>();
    let ordered: Vec<_> = [first("Patient-"), first("Encounter-"), files.clone()].concat();
    for file in ordered {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        if text.len() > 300_000 {
            continue;
        }
        let Ok(document) = Document::read_within(&text, Limits::default()) else { continue };
        let root = document.root();
        let (kind, id) = (root.string("resourceType").unwrap_or_default(), root.string("id").unwrap_or_default());
        if ResourceType::named(&kind).is_none() || !is_id(&id) {
            continue;
        }
        let path = format!("/{kind}/{id}");
        let reply = clinic.put(&path, text.clone());
        assert!(!reply.status.is_server_error(), "{path}: {}", reply.text());
        if !reply.status.is_success() {
            assert!(!reply.code().is_empty() && reply.text().contains("diagnostics"), "{path}: {} {}", reply.status, reply.text());
            refused.push(format!("{path} {} {}", reply.status.as_u16(), reply.text().chars().skip(40).take(300).collect::<String>()));
            continue;
        }
        stored += 1;
        let read = clinic.ask("GET", &path, &[("accept", "application/fhir+json")], "");
        assert_eq!(read.status, 200, "{path}");
        let came = Document::read(read.text()).unwrap();
        let mut members = root.members();
        while let Some((key, value)) = members.next_with_key() {
            let name = key.as_str().unwrap();
            if name == "meta" || name == "id" {
                continue;
            }
            let (mut went, mut back) = (String::new(), String::new());
            value.write_compact(&mut went);
            came.root().get(&name).unwrap_or_else(|| panic!("{path}.{name} is gone")).write_compact(&mut back);
            assert!(went == back, "{path}.{name} has changed");
        }
    }
    println!("{stored} stored, {} refused", refused.len());
    for line in refused.iter().take(40) {
        println!("{line}");
    }
    assert!(refused.len() * 50 < stored, "{} of {stored} refused", refused.len());
}
