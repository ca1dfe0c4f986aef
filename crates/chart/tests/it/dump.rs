//! What the host of the disks can find: nothing.
//!
//! Unique markers are planted in every kind of element, and every file of the store, log
//! included, is searched for them in plain, base64, hexadecimal and UTF-16.

use std::path::Path;
use std::sync::Arc;

use access::Role;
use chart::{Arrival, Importer, NewAccount, Terms};
use fhir::{Document, ResourceType};
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic_on};

/// A marker nobody writes by chance. Its letters are valid in ids, codes, URIs, names and base64.
fn marker(number: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(number as u64 + 1);
    let letters = (0..14).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (b'A' + ((state >> 33) % 26) as u8) as char
    });
    letters.collect()
}

/// Resources with `$n` where marker n goes: every primitive type that can carry one, and places
/// that are easy to forget (ids, contained resources, extensions, narrative, comments of a flaw).
const PLANTED: &[&str] = &[
    r#"{"resourceType":"Patient","id":"$0","meta":{"source":"urn:$1","tag":[{"system":"urn:x","code":"$2","display":"$3"}],"profile":["http://$4.example/p"]},
        "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">$5</div>"},
        "contained":[{"resourceType":"Organization","id":"$6","name":"$7"}],
        "extension":[{"url":"http://$8.example/e","valueString":"$9"},{"url":"http://x.example/b","valueBase64Binary":"$10AA"}],
        "identifier":[{"system":"urn:$11","value":"$12","assigner":{"display":"$13"}}],
        "name":[{"text":"$14","family":"$15","given":["$16"],"prefix":["$17"]}],"telecom":[{"system":"phone","value":"$18"}],
        "gender":"female","birthDate":"1958-03-14","address":[{"line":["$19"],"city":"$20","postalCode":"$21"}],
        "maritalStatus":{"text":"$22"},"contact":[{"name":{"family":"$23"}}],"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"$24"}]}}],
        "managingOrganization":{"reference":"\#$6"}}"#,
    r#"{"resourceType":"Observation","id":"$25","status":"final","code":{"coding":[{"system":"urn:$26","code":"$27","display":"$28"}],"text":"$29"},
        "subject":{"reference":"Patient/$0","display":"$30"},"effectiveDateTime":"2025-10-11","valueString":"$31","note":[{"text":"$32","authorString":"$33"}]}"#,
    r#"{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/$0"},"description":"$34","content":[{"attachment":{"contentType":"text/plain","data":"$35AA","title":"$36","url":"http://$37.example/a"}}]}"#,
    r#"{"resourceType":"Organization","id":"$38","name":"$39","alias":["$40"]}"#,
    r#"{"resourceType":"Group","type":"person","actual":true,"name":"$41","member":[{"entity":{"reference":"Patient/$0"}}]}"#,
    r#"{"resourceType":"Binary","contentType":"text/plain","data":"$42AA"}"#,
    r#"{"resourceType":"Parameters","parameter":[{"name":"a","valueUuid":"urn:uuid:12345678-1234-4234-8234-123456789abc"},{"name":"$43","valueOid":"urn:oid:1.2.3"},{"name":"b","valueMarkdown":"$44"},{"name":"c","valueQuantity":{"value":1.5,"unit":"$45"}}]}"#,
    r#"{"resourceType":"Observation","$46":"an element that R4 does not have","status":"final","code":{"text":"flawed"},"subject":{"reference":"Patient/$0"}}"#,
];
const MARKERS: usize = 51;

fn planted(template: &str) -> String {
    let mut text = template.replace("\\#", "#");
    for number in (0..MARKERS).rev() {
        text = text.replace(&format!("${number}"), &marker(number));
    }
    text
}

#[test]
fn no_file_of_the_store_shows_a_marker_in_any_dress() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
        let clinic = clinic_on(open("record"), open("keyring"), 1);
        let system = caller(Role::Console);
        for template in PLANTED {
            let text = planted(template);
            let document = Document::read(&text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
            let arrival = Arrival { body: Some(document.root()), full_url: None, method: None, url: None, if_none_exist: None };
            let fates = clinic.chart.import(&system, &[arrival], Importer { keep_flawed: true, ..Importer::default() }).await.unwrap();
            assert!(matches!(fates[0], chart::Imported::Kept { .. }), "{:?}", fates[0]);
        }
        let new = NewAccount { login: marker(47), display: marker(48), role: Role::Physician, institution: marker(49), language: "en".to_owned(), terms: Terms { licence: marker(51), ..Terms::default() } };
        clinic.chart.add_account(&caller(Role::Console).account, new, &marker(50)).unwrap();
        let changed = planted(PLANTED[3]).replace("\"alias\"", "\"partOf\":{\"display\":\"x\"},\"alias\"");
        clinic.chart.update(&system, ResourceType::named("Organization").unwrap(), &marker(38), changed.as_bytes(), None).await.unwrap();
        clinic.chart.person(&caller(Role::Physician), &marker(0)).await.unwrap();
        // Once with everything still in the log, once with everything in sorted files.
        let seen = search(folder.path());
        assert!(seen > 10_000, "only {seen} bytes were searched");
        clinic.chart.settle(&system, true).unwrap();
        search(folder.path());
        // The search itself can find: the markers are in what the door gives out.
        let read = clinic.chart.read(&caller(Role::Physician), ResourceType::PATIENT, &marker(0)).await.unwrap();
        assert!(forms(&marker(15)).iter().any(|form| contains(read.text.as_bytes(), form)));
        clinic.chart.close().unwrap();
    });
}

/// Searches every file below a folder; the bytes searched.
fn search(folder: &Path) -> usize {
    let mut bytes_seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            bytes_seen += search(&path);
            continue;
        }
        // A file may go while the engine tidies up.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        bytes_seen += bytes.len();
        for number in 0..MARKERS {
            for form in forms(&marker(number)) {
                assert!(!contains(&bytes, &form), "marker {number} lies open in {}", path.display());
            }
        }
    }
    bytes_seen
}

/// A marker as itself, folded, in three alignments of base64, in hexadecimal and UTF-16.
fn forms(marker: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for text in [marker.to_owned(), marker.to_lowercase()] {
        let bytes = text.as_bytes();
        forms.push(bytes.to_vec());
        for lead in 0..3 {
            let mut encoded = String::new();
            fhir::base64::encode(&[&vec![0; lead][..], bytes].concat(), &mut encoded);
            // Letters at either end depend on what stands around the marker.
            forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
        }
        forms.push(bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
        forms.push(bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect());
        forms.push(bytes.iter().flat_map(|byte| [*byte, 0]).collect());
        forms.push(bytes.iter().flat_map(|byte| [0, *byte]).collect());
    }
    forms
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let (first, rest) = (form[0], &form[1..]);
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        let start = from + at + 1;
        if bytes[start..].starts_with(rest) {
            return true;
        }
        from = start;
    }
    false
}
