//! Makes the store that every later program must open: `crates/store-rocks/test_data/format_1`.
//!
//! ```text
//! cargo run --release -p testkit --example make_format_fixture -- crates/store-rocks/test_data/format_N
//! ```
//!
//! Run once for each format, never again for one that was shipped: the folder is the memory of
//! what that program wrote. It holds
//!
//! * `record/` and `keyring/`, as a process leaves them that is killed: most of it in lasting
//!   files, the last commits in the write-ahead log only;
//! * `institution.key`, the key of every test clinic, and `anchor`, its commit numbers at the end;
//! * `told.txt`, what a door says lies in it, line by line.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use access::Role;
use chart::{Arrival, Chart, Importer, NewAccount, Patch, Target, Terms};
use fhir::{Document, ResourceType};
use store_rocks::{Options, Rocks};
use testkit::told::told;
use testkit::{block_on, caller, clinic_on};

fn main() {
    let folder = std::env::args().nth(1).expect("give the folder to make");
    let folder = Path::new(&folder);
    fs::create_dir(folder).expect("a new folder, whose parent exists");
    let work = tempfile::tempdir().expect("a folder to work in");
    let engine = |name: &str| Arc::new(Rocks::open(&work.path().join(name), &Options::small()).expect("opens"));
    let clinic = clinic_on(engine("record"), engine("keyring"), 1);
    block_on(async {
        let ids = fill(&clinic.chart).await;
        clinic.chart.settle(&caller(Role::Console), true).expect("settles");
        add(&clinic.chart).await;
        for id in &ids {
            clinic.chart.person(&caller(Role::Nurse), id).await.expect("opens");
        }
        // Telling leaves openings too, so it is done before the copy is made.
        let lines = told(&clinic.chart, caller(Role::Nurse).account.number).await.expect("tells");
        fs::write(folder.join("told.txt"), lines.join("\n") + "\n").expect("writes");
        let numbers: Vec<String> = clinic.chart.commit_numbers().expect("numbers").iter().map(u64::to_string).collect();
        fs::write(folder.join("anchor"), format!("carnet-anchor-1 {}\n", numbers.join(" "))).expect("writes");
    });
    for name in ["record", "keyring"] {
        copy(&work.path().join(name), &folder.join(name));
    }
    fs::write(folder.join("institution.key"), testkit::key().to_file_text()).expect("writes");
    clinic.chart.close().expect("closes");
}

/// Six persons of three countries, then every kind of thing a record can hold. The persons' ids.
async fn fill(chart: &Chart) -> Vec<String> {
    let mut ids = Vec::new();
    for country in country::all() {
        for (place, bundle) in synth::Population::new(country, 1).shaped(synth::Shape::Encounters(1)).bundles(2).enumerate() {
            let done = chart.bundle(&caller(Role::Integration), bundle.as_bytes()).await.expect("is taken");
            if place > 0 && let Ok(chart::EntryResult::Written(written)) = &done.entries[0].result {
                ids.push(written.stored.id.clone());
            }
        }
    }
    let [child, mother] = [&ids[0], &ids[1]];
    for (kind, text) in [
        // Named in another person's record.
        ("Observation", format!(r#"{{"resourceType":"Observation","id":"of-the-mother","status":"final","code":{{"text":"Seen at home"}},"subject":{{"reference":"Patient/{child}"}},"performer":[{{"reference":"Patient/{mother}"}}],"effectiveDateTime":"1999-12-31"}}"#)),
        ("Coverage", format!(r#"{{"resourceType":"Coverage","id":"of-the-family","status":"active","beneficiary":{{"reference":"Patient/{child}"}},"subscriber":{{"reference":"Patient/{mother}"}},"payor":[{{"reference":"Patient/{}"}}]}}"#, ids[2])),
        // Of nobody alone.
        ("Group", format!(r#"{{"resourceType":"Group","id":"of-two","type":"person","actual":true,"member":[{{"entity":{{"reference":"Patient/{child}"}}}},{{"entity":{{"reference":"Patient/{mother}"}}}}]}}"#)),
        // Of nobody yet.
        ("Observation", r#"{"resourceType":"Observation","id":"unassigned","status":"final","code":{"text":"On a slip of paper"}}"#.to_owned()),
        ("Binary", format!(r#"{{"resourceType":"Binary","id":"with-context","contentType":"text/plain","securityContext":{{"reference":"Patient/{child}"}},"data":"Y2FybmV0"}}"#)),
        ("Binary", r#"{"resourceType":"Binary","id":"alone","contentType":"text/plain","data":"Y2FybmV0"}"#.to_owned()),
        ("Organization", r#"{"resourceType":"Organization","id":"shared","name":"A shared place"}"#.to_owned()),
        ("Observation", format!(r#"{{"resourceType":"Observation","id":"a-mistake","status":"final","code":{{"text":"Written into the wrong record"}},"subject":{{"reference":"Patient/{child}"}}}}"#)),
    ] {
        let kind = ResourceType::named(kind).expect("a type");
        let id = Document::read(&text).expect("JSON").root().string("id").expect("an id").into_owned();
        chart.update(&caller(Role::Integration), kind, &id, text.as_bytes(), None).await.expect("is taken");
    }
    let flawed = r#"{"resourceType":"Observation","id":"flawed","status":"final","code":{"text":"Kept with its flaw"},"notAnElement":1}"#;
    let document = Document::read(flawed).expect("JSON");
    let arrival = Arrival { body: Some(document.root()), full_url: None, method: None, url: None, if_none_exist: None };
    let fates = chart.import(&caller(Role::Console), &[arrival], Importer { keep_flawed: true, more_to_come: false }).await.expect("imports");
    assert!(matches!(fates[0], chart::Imported::Kept { flawed: true, .. }), "{fates:?}");
    for (login, role) in [("physician", Role::Physician), ("operator", Role::Operator)] {
        let new = NewAccount { login: login.to_owned(), display: login.to_owned(), role, institution: "A clinic".to_owned(), language: "en".to_owned(), terms: Terms::default() };
        chart.add_account(&caller(Role::Console).account, new, "a password of format 1").expect("an account");
    }
    ids
}

/// Versions and tombstones, after the rest went to lasting files.
async fn add(chart: &Chart) {
    let observation = ResourceType::named("Observation").expect("a type");
    let system = caller(Role::Integration);
    for text in ["Seen at home, twice", "Seen at home, three times"] {
        let patch = format!(r#"[{{"op":"replace","path":"/code/text","value":"{text}"}}]"#);
        chart.patch(&system, observation, Target::Id("of-the-mother"), Patch::Json(patch.as_bytes()), None).await.expect("is changed");
    }
    chart.delete(&system, observation, Target::Id("a-mistake"), None).await.expect("is deleted");
}

/// Copies what a store needs; the library's diaries and the locks are not part of it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("reads") {
        let path = entry.expect("reads").path();
        let name = path.file_name().expect("a name").to_owned();
        if path.is_dir() {
            copy(&path, &to.join(&name));
        } else if !["LOCK", "LOG", "OPTIONS"].iter().any(|left_out| name.to_string_lossy().starts_with(left_out)) {
            fs::copy(&path, to.join(&name)).expect("copies");
        }
    }
}
