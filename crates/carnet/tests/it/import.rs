//! What an import takes, in which order, what it refuses and what it says.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::site::{Site, synth, text_at, without_meta};
use crate::web::Server;

fn patient(id: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Example"}}]}}"#)
}

fn observation(id: &str, subject: &str) -> String {
    format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"weight"}},"subject":{{"reference":"{subject}"}},"valueDecimal":1}}"#)
        .replace(r#","valueDecimal":1"#, "")
}

fn bundle(kind: &str, resources: &[String]) -> String {
    let entries: Vec<String> = resources.iter().map(|resource| format!(r#"{{"resource":{resource}}}"#)).collect();
    format!("{{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"{kind}\",\n  \"entry\": [{}]\n}}", entries.join(",\n"))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn bzip(text: &str) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_form_in_every_wrapping_is_read_whatever_its_name() {
    let site = Site::new();
    let folder = site.folder("in");
    let deep = site.folder("in/deeper/still");
    let mut expected = Vec::new();
    let wrappings: [(&str, fn(&str) -> Vec<u8>); 4] =
        [("plain", |text| text.as_bytes().to_vec()), ("gz", gzip), ("zst", |text| zstd::encode_all(text.as_bytes(), 1).unwrap()), ("bz2", bzip)];
    for (wrapping, wrap) in wrappings {
        for form in ["transaction", "batch", "collection", "document", "searchset", "message", "history", "lines", "single"] {
            let id = format!("{form}-{wrapping}");
            let (one, two) = (patient(&id), observation(&id, &format!("Patient/{id}")));
            expected.push(format!("Patient/{id}"));
            if form != "single" {
                expected.push(format!("Observation/{id}"));
            }
            let text = match form {
                "single" => one.replace(",", ",\n "),
                "lines" => format!("{one}\r\n\n{two}"),
                kind => bundle(kind, &[two, one]),
            };
            let place = if form == "batch" { &deep } else { &folder };
            // The name says nothing, or the wrong thing.
            fs::write(place.join(format!("{id}.dat")), wrap(&text)).unwrap();
        }
    }
    expected.sort();
    let said = site.import(&folder, &[]).ok();
    assert_eq!(said.counts("total"), [expected.len() as u64, 0, 0, 0, 0], "{}", said.out);
    assert_eq!(site.export().into_keys().collect::<Vec<_>>(), expected);
    assert!(!site.data.join("rejects-1.ndjson").exists());
    assert!(!site.data.join("import-progress.json").exists());
}

#[test]
fn references_are_resolved_whatever_comes_first() {
    let site = Site::new();
    let folder = site.folder("in");
    // In one file, far enough apart that they are not taken in together.
    let mut lines: Vec<String> = (0..300).map(|number| observation(&format!("o{number}"), "Patient/late")).collect();
    lines.extend((0..300).map(|number| patient(&format!("p{number}"))));
    // A home that is found by way of another resource.
    lines.insert(0, r#"{"resourceType":"Provenance","id":"pr","target":[{"reference":"Observation/o7"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]}"#.into());
    lines.push(patient("late"));
    fs::write(folder.join("a.ndjson"), lines.join("\n")).unwrap();
    // By a UUID that only another file knows.
    let uuid = "urn:uuid:6f1c7f5e-0d43-4e1b-9d41-2f0a4a7c1b11";
    fs::write(folder.join("b.json"), bundle("transaction", &[observation("by-uuid", uuid)])).unwrap();
    let named = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"{uuid}","resource":{}}}]}}"#, patient("x").replace(r#""id":"x","#, ""));
    fs::write(folder.join("z.json"), named).unwrap();
    // By a search, before what it finds.
    fs::write(folder.join("c.json"), bundle("batch", &[observation("by-search", "Patient?identifier=http://ids.example|77")])).unwrap();
    let found = r#"{"resourceType":"Patient","id":"found","identifier":[{"system":"http://ids.example","value":"77"}]}"#;
    fs::write(folder.join("y.ndjson"), format!("{}\n{found}", patient("filler"))).unwrap();

    let said = site.import(&folder, &[]).ok();
    assert_eq!(said.counts("Observation")[0], 302, "{}", said.out);
    let all = site.export();
    assert!(all["Observation/by-uuid"].contains("\"Patient/6f1c7f5e-0d43-4e1b-9d41-2f0a4a7c1b11\""), "{}", all["Observation/by-uuid"]);
    assert!(all["Observation/by-search"].contains("\"Patient/found\""));
    let server = Server::start(&site);
    let answer = server.client().ask("GET", "/fhir/Patient/late/$everything", "", "").unwrap();
    assert_eq!(answer.body.matches("\"Observation/").count(), 1, "the provenance's target");
    assert_eq!(answer.body.matches("\"resourceType\":\"Observation\"").count(), 300);
    assert_eq!(answer.body.matches("\"resourceType\":\"Provenance\"").count(), 1, "it lives with what it is about");
}

#[test]
fn the_same_files_twice_change_nothing() {
    let site = Site::new();
    let folder = site.folder("in");
    synth(&folder, "mx", 5);
    // What has no name of any kind is recognised by its content.
    fs::write(folder.join("nameless.ndjson"), r#"{"resourceType":"Patient","gender":"female"}"#).unwrap();
    // What has a name that is no id, too, and who names it.
    let oid = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:oid:1.2.3","resource":{"resourceType":"Patient","gender":"male"}},
        {"fullUrl":"urn:oid:1.2.4","resource":{"resourceType":"Observation","status":"final","code":{"text":"weight"},"subject":{"reference":"urn:oid:1.2.3"}}}]}"#;
    fs::write(folder.join("oid.json"), oid).unwrap();
    let first = site.import(&folder, &[]).ok();
    let before = site.export();
    let second = site.import(&folder, &[]).ok();
    let [created, ..] = first.counts("total");
    assert_eq!(created, before.len() as u64);
    assert_eq!(second.counts("total"), [0, 0, created, 0, 0], "{}", second.out);
    assert_eq!(site.export(), before);
    assert!(second.out.contains("resources/s"));
}

#[test]
fn what_has_an_id_by_its_content_is_found_by_others_where_a_bundle_is_taken_apart() {
    let site = Site::new();
    let folder = site.folder("in");
    // One entry is broken, so that the others are taken one by one.
    let oid = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:oid:1.2.3","resource":{"resourceType":"Patient","gender":"male"}},
        {"fullUrl":"urn:oid:1.2.4","resource":{"resourceType":"Observation","status":"final","code":{"text":"weight"},"subject":{"reference":"urn:oid:1.2.3"}}},
        {"fullUrl":"urn:oid:1.2.5","resource":{"resourceType":"Observation","status":"final","code":{"text":"index"},"subject":{"reference":"urn:oid:1.2.3"},"derivedFrom":[{"reference":"urn:oid:1.2.4"}]}},
        {"resource":{"resourceType":"Patient","active":tru}}]}"#;
    fs::write(folder.join("oid.json"), oid).unwrap();
    for turn in 0..2 {
        let said = site.import(&folder, &["--rejects", site.data.join(format!("rejected-{turn}")).to_str().unwrap()]);
        assert_eq!(said.code, 1, "{}{}", said.out, said.err);
        let all = site.export();
        assert_eq!(all.len(), 3, "{:?}", all.keys());
        let derived = all.values().find(|text| text.contains("derivedFrom")).unwrap();
        let document = fhir::Document::read(derived).unwrap();
        for path in [["derivedFrom", "reference"], ["subject", "reference"]] {
            assert!(all.contains_key(&text_at(document.root(), &path)), "{derived}");
        }
    }
}

#[test]
fn a_bundle_that_was_a_resource_is_one_and_what_it_quotes_overwrites_nothing() {
    let site = Site::new();
    let (now, bundles) = (site.folder("now"), site.folder("bundles"));
    fs::write(now.join("Organization.ndjson"), r#"{"resourceType":"Organization","id":"clinic","name":"Its name today"}"#).unwrap();
    let kept = r#"{"resourceType":"Bundle","id":"kept","meta":{"versionId":"1"},"type":"collection","entry":[{"fullUrl":"http://elsewhere.example/fhir/Organization/clinic","resource":{"resourceType":"Organization","id":"clinic","name":"Its name then"}}]}"#;
    fs::write(bundles.join("Bundle.ndjson"), format!("{kept}\n")).unwrap();
    site.import(&now, &[]).ok();
    site.import(&bundles, &[]).ok();
    let all = site.export();
    assert!(all["Organization/clinic"].contains("Its name today"), "{}", all["Organization/clinic"]);
    assert!(all["Bundle/kept"].contains("Its name then"), "{}", all["Bundle/kept"]);
}

#[test]
fn what_is_refused_is_kept_with_its_reason_and_the_rest_goes_in() {
    let site = Site::new();
    let folder = site.folder("in");
    let lines = [
        patient("good"),
        r#"{"resourceType":"Patient","id":"broken","#.to_owned(),
        r#"{"resourceType":"Patient","id":"twice","id":"twice"}"#.to_owned(),
        r#"{"resourceType":"Dragon","id":"d"}"#.to_owned(),
        r#"{"resourceType":"Patient","id":"odd","gender":"blue"}"#.to_owned(),
        r#"{"id":"nothing"}"#.to_owned(),
        observation("lost", "Patient/never-came"),
        observation("kept", "Patient/good"),
    ];
    fs::write(folder.join("lines.ndjson"), lines.join("\n")).unwrap();
    let broken = bundle("collection", &[patient("e0"), r#"{"resourceType":"Patient","id":"e1","active":tru}"#.to_owned(), patient("e2")]);
    fs::write(folder.join("bundle.json"), broken).unwrap();
    let asks = r#"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/good"}}]}"#;
    fs::write(folder.join("asks.json"), asks).unwrap();
    let said = site.import(&folder, &[]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let mut found: Vec<(String, String, String)> = Vec::new();
    for line in site.rejects() {
        let root = line.root();
        let file = text_at(root, &["file"]);
        assert!(Path::new(&file).is_absolute());
        let number = root.get("line").or(root.get("entry")).and_then(|number| number.as_number()).unwrap().to_owned();
        let issue = root.get("issues").unwrap().first().unwrap();
        assert!(!issue.string("message").unwrap().is_empty());
        found.push((Path::new(&file).file_name().unwrap().to_str().unwrap().to_owned(), number, issue.string("code").unwrap().into_owned()));
    }
    found.sort();
    let found: Vec<(&str, &str, &str)> = found.iter().map(|(file, number, code)| (file.as_str(), number.as_str(), code.as_str())).collect();
    assert_eq!(
        found,
        [
            ("asks.json", "0", "not-supported"),
            ("bundle.json", "1", "structure"),
            ("lines.ndjson", "2", "structure"),
            ("lines.ndjson", "3", "structure"),
            ("lines.ndjson", "4", "invalid"),
            ("lines.ndjson", "5", "code-invalid"),
            ("lines.ndjson", "6", "required"),
            ("lines.ndjson", "7", "not-found"),
        ]
    );
    // What arrived is in there, to be mended and sent again.
    let kept = fs::read_to_string(site.data.join("rejects-1.ndjson")).unwrap();
    assert!(kept.contains(r#""resource":{"resourceType":"Patient","id":"odd","gender":"blue"}"#));
    assert!(kept.contains(r#"\"id\":\"broken\","#));
    assert_eq!(fs::metadata(site.data.join("rejects-1.ndjson")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(site.export().into_keys().collect::<Vec<_>>(), ["Observation/kept", "Patient/e0", "Patient/e2", "Patient/good"]);

    // The next import begins a file of its own; one that was named is never written over.
    let second = site.import(&folder, &[]);
    assert_eq!(second.code, 1);
    assert!(site.data.join("rejects-2.ndjson").exists());
    let mine = folder.join("mine.txt");
    fs::write(&mine, "mine").unwrap();
    let said = site.import(&folder, &["--rejects", mine.to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
}

#[test]
fn the_flawed_are_kept_only_on_demand_and_never_silently() {
    let site = Site::new();
    let folder = site.folder("in");
    let flawed = r#"{"resourceType":"Patient","id":"odd","gender":"blue","colour":"red"}"#;
    fs::write(folder.join("one.json"), flawed).unwrap();
    assert_eq!(site.import(&folder, &[]).code, 1);
    assert!(site.export().is_empty());
    let said = site.import(&folder, &["--keep-flawed"]).ok();
    assert!(said.out.contains("1 kept although flawed"), "{}", said.out);
    let kept = site.export();
    assert_eq!(without_meta(&kept["Patient/odd"]), r#"resourceType:"Patient"id:"odd"gender:"blue"colour:"red""#);
}

#[test]
fn rubbish_is_named_and_harms_nothing() {
    let site = Site::new();
    let folder = site.folder("in");
    let noise: Vec<u8> = (0..5000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut cut = gzip(&(0..5000).map(|number| patient(&format!("cut{number}")) + "\n").collect::<String>());
    cut.truncate(cut.len() / 2);
    fs::write(folder.join("noise.bin"), &noise).unwrap();
    fs::write(folder.join("noise.ndjson"), [b"{".as_slice(), &noise].concat()).unwrap();
    fs::write(folder.join("empty.json"), "").unwrap();
    fs::write(folder.join("cut.ndjson.gz"), cut).unwrap();
    fs::write(folder.join("patient.xml"), "<Patient xmlns=\"http://hl7.org/fhir\"/>").unwrap();
    fs::write(folder.join("README.txt"), "read me").unwrap();
    fs::write(folder.join("deep.json"), "[".repeat(10_000)).unwrap();
    fs::write(folder.join("deeper.json"), format!("{{\"a\":{}", "[".repeat(100_000))).unwrap();
    fs::write(folder.join("good.json"), patient("good")).unwrap();
    let said = site.import(&folder, &[]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let kept = site.export();
    assert!(kept.contains_key("Patient/good"));
    assert!(kept.contains_key("Patient/cut0"), "what came before the cut is kept");
    let named: std::collections::BTreeSet<String> =
        site.rejects().iter().map(|line| Path::new(&text_at(line.root(), &["file"])).file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let expected = ["README.txt", "cut.ndjson.gz", "deep.json", "deeper.json", "empty.json", "noise.bin", "noise.ndjson", "patient.xml"];
    assert_eq!(named.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(site.import(&folder.join("not-there"), &[]).code, 2);
}

#[test]
fn the_newest_of_a_history_is_what_is_read() {
    let site = Site::new();
    let folder = site.folder("in");
    let version = |gender: &str| format!(r#"{{"fullUrl":"http://old.example/fhir/Patient/h","resource":{{"resourceType":"Patient","id":"h","gender":"{gender}"}},"request":{{"method":"PUT","url":"Patient/h"}}}}"#);
    let gone = r#"{"fullUrl":"http://old.example/fhir/Patient/g","request":{"method":"DELETE","url":"Patient/g"}},{"resource":{"resourceType":"Patient","id":"g"},"request":{"method":"PUT","url":"Patient/g"}}"#;
    let text = format!(r#"{{"resourceType":"Bundle","type":"history","entry":[{},{},{gone}]}}"#, version("female"), version("unknown"));
    fs::write(folder.join("history.json"), text).unwrap();
    let said = site.import(&folder, &[]).ok();
    assert_eq!(said.counts("total"), [2, 1, 0, 1, 0], "{}", said.out);
    let all = site.export();
    assert_eq!(all.keys().collect::<Vec<_>>(), ["Patient/h"]);
    assert!(all["Patient/h"].contains("female"));
    assert!(all["Patient/h"].contains("\"versionId\":\"2\""));
}

#[test]
fn a_bundle_of_many_thousand_entries_is_taken_apart() {
    let site = Site::new();
    let folder = site.folder("in");
    let mut entries = Vec::new();
    for number in 0..4500 {
        entries.push(format!(r#"{{"fullUrl":"urn:uuid:o{number}","resource":{}}}"#, observation("x", &format!("urn:uuid:p{number}")).replace(r#""id":"x","#, "")));
    }
    for number in 0..4500 {
        entries.push(format!(r#"{{"fullUrl":"urn:uuid:p{number}","resource":{}}}"#, patient("x").replace(r#""id":"x","#, "")));
    }
    fs::write(folder.join("large.json"), format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))).unwrap();
    let said = site.import(&folder, &[]).ok();
    assert_eq!(said.counts("total"), [9000, 0, 0, 0, 0], "{}", said.out);
    let all = site.export();
    assert!(all["Observation/o4321"].contains("\"Patient/p4321\""));
}

#[test]
fn a_store_in_use_is_said_to_be_so() {
    let site = Site::new();
    let folder = site.folder("in");
    fs::write(folder.join("one.json"), patient("one")).unwrap();
    let _server = Server::start(&site);
    for said in [site.import(&folder, &[]), site.run("export", &["--out", folder.join("out").to_str().unwrap()])] {
        assert_eq!(said.code, 2);
        assert!(said.err.contains("in use by a running server, or by another command; stop it first"), "{}", said.err);
    }
}

#[test]
fn an_export_can_be_narrowed_and_never_mixes_with_another() {
    let site = Site::new();
    let folder = site.folder("in");
    synth(&folder, "vn", 3);
    site.import(&folder, &[]).ok();
    let out = site.folder("narrow");
    let said = site.run("export", &["--out", out.to_str().unwrap(), "--type", "Patient", "--type", "Encounter"]).ok();
    let mut names: Vec<String> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["Encounter.ndjson", "Patient.ndjson"], "{}", said.out);
    assert_eq!(site.run("export", &["--out", out.to_str().unwrap()]).code, 2);
    let later = site.folder("later");
    site.run("export", &["--out", later.to_str().unwrap(), "--since", "2999-01-01"]).ok();
    assert_eq!(fs::read_dir(&later).unwrap().count(), 0);
    assert_eq!(site.run("export", &["--out", later.to_str().unwrap(), "--type", "Dragon"]).code, 2);
}
