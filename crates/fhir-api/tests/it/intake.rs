//! Bulk import: begun, fetched from a source that does what it likes, asked for, ended.

use crate::clinic::{Clinic, Reply};
use bytes::Bytes;
use fhir::Document;
use fhir_api::{Fetched, Fetcher, Fetching, IntakeLimits, Intaker};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// One answer of a source.
#[derive(Clone)]
enum Says {
    /// A file under a tag, in pieces of a hundred bytes.
    File(&'static str, Vec<u8>),
    /// So many bytes of it, then nothing ever.
    Silence(Vec<u8>),
    /// The same, then the connection breaks.
    Break(Vec<u8>),
    Status(u16),
}

/// What lies where: each answer is given once, the last one again and again.
#[derive(Clone, Default)]
struct Source(Arc<Mutex<HashMap<String, Vec<Says>>>>);

impl Source {
    fn says(&self, name: &str, says: &[Says]) {
        self.0.lock().unwrap().insert(format!("https://files.example/{name}"), says.iter().rev().cloned().collect());
    }

    fn lines(&self, name: &str, lines: &[String]) {
        self.says(name, &[Says::File("1", lines.join("\n").into_bytes())]);
    }

    fn asked(&self, address: &str) -> Says {
        let mut all = self.0.lock().unwrap();
        match all.get_mut(address) {
            Some(answers) if answers.len() > 1 => answers.pop().unwrap(),
            Some(answers) => answers[0].clone(),
            None => Says::Status(404),
        }
    }
}

impl Fetcher for Source {
    fn fetch(&self, address: String) -> Fetching<'_> {
        let says = self.asked(&address);
        Box::pin(async move {
            let pieces = |bytes: &[u8]| bytes.chunks(100).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>();
            let (status, tag, pieces) = match says {
                Says::File(tag, bytes) => (200, tag, futures_util::stream::iter(pieces(&bytes)).boxed()),
                Says::Silence(bytes) => (200, "1", futures_util::stream::iter(pieces(&bytes)).chain(futures_util::stream::pending()).boxed()),
                Says::Break(bytes) => (200, "1", futures_util::stream::iter(pieces(&bytes)).chain(futures_util::stream::iter([Err("the connection broke off")])).boxed()),
                Says::Status(0) => return Err("no connection to the other side"),
                Says::Status(status) => (status, "1", futures_util::stream::empty().boxed()),
            };
            Ok(Fetched { status, tag: Some(tag.to_owned()), pieces })
        })
    }
}

const LIMITS: IntakeLimits = IntakeLimits {
    file_bytes: 1 << 20,
    file_time: Duration::from_secs(60),
    silence: Duration::from_millis(40),
    line_bytes: 10_000,
    first_wait: Duration::from_millis(1),
    attempts: 3,
};

fn clinic(source: &Source, limits: IntakeLimits) -> (Clinic, watch::Sender<bool>) {
    let clinic = Clinic::fetching();
    let (stop, stopped) = watch::channel(false);
    clinic.meanwhile(Intaker { chart: clinic.chart.clone(), fetcher: Arc::new(source.clone()), limits }.run(stopped));
    (clinic, stop)
}

/// Begins an import of these files; the address of its job.
fn begin(clinic: &Clinic, files: &[(&str, &str)]) -> String {
    let inputs: Vec<String> = files.iter().map(|(kind, name)| format!(r#"{{"name":"input","part":[{{"name":"type","valueCode":"{kind}"}},{{"name":"url","valueUrl":"https://files.example/{name}"}}]}}"#)).collect();
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"inputFormat","valueCode":"application/fhir+ndjson"}},{{"name":"inputSource","valueUri":"https://files.example"}},{}]}}"#, inputs.join(","));
    let begun = clinic.ask("POST", "/$import", &[("prefer", "respond-async"), ("content-type", "application/fhir+json")], body);
    assert_eq!(begun.status, 202, "{}", begun.text());
    begun.header("content-location").split_once("/fhir").unwrap().1.to_owned()
}

fn ended(clinic: &Clinic, job: &str) -> Reply {
    for _ in 0..2000 {
        let answer = clinic.get(job);
        match answer.status.as_u16() {
            202 => clinic.wait(),
            200 => return answer,
            other => panic!("{other}: {}", answer.text()),
        }
    }
    panic!("it does not end: {}", clinic.get(job).header("x-progress"));
}

/// What became of each file: `Patient 2 taken 1 refused`, and then each refusal: file, line, text.
fn imported(clinic: &Clinic, files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let manifest = ended(clinic, &begin(clinic, files));
    let document = Document::read(manifest.text()).unwrap();
    let list = |name: &str| document.root().get(name).unwrap().items().collect::<Vec<_>>();
    let (mut counts, mut refused) = (Vec::new(), Vec::new());
    for file in list("output") {
        let url = file.string("inputUrl").unwrap();
        let error = list("error").into_iter().find(|error| error.string("inputUrl").unwrap() == url);
        let wrong = error.map_or("0", |error| error.get("count").unwrap().raw());
        counts.push(format!("{} {} taken {wrong} refused", file.string("type").unwrap(), file.get("count").unwrap().raw()));
        let Some(error) = error else { continue };
        let address = error.string("url").unwrap();
        let answer = clinic.get(address.split_once("/fhir").unwrap().1);
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/fhir+ndjson"));
        assert_eq!(answer.text().lines().count().to_string(), wrong);
        for line in answer.text().lines() {
            let outcome = Document::read(line).unwrap();
            let issue = outcome.root().get("issue").unwrap().first().unwrap();
            assert_eq!(outcome.root().string("resourceType").as_deref(), Some("OperationOutcome"));
            let at = issue.get("extension").and_then(|list| list.first()).map_or("-".to_owned(), |one| one.get("valueInteger").unwrap().raw().to_owned());
            refused.push(format!("{} line {at}: {} {}", outcome.root().string("id").unwrap(), issue.string("code").unwrap(), issue.string("diagnostics").unwrap_or_default()));
        }
    }
    (counts, refused)
}

fn patient(id: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#)
}

fn observation(id: &str, names: &str) -> String {
    format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/p1"}}{names}}}"#)
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn lines_are_kept_or_refused_with_their_place_and_twice_is_once() {
    let source = Source::default();
    let (clinic, _stop) = clinic(&source, LIMITS);
    // What names others comes first, backwards, and one names nobody who ever comes.
    let part_of = |id: &str| format!(r#","partOf":[{{"reference":"Procedure/{id}"}}]"#);
    let procedure = |id: &str, names: &str| format!(r#"{{"resourceType":"Procedure","id":"{id}","status":"completed","subject":{{"reference":"Patient/p1"}}{names}}}"#);
    source.lines("o", &[observation("o1", ""), observation("o2", "").replace("p1", "nobody"), "{\"resourceType\":".into(), String::new(), observation("o3", "").replace("final", "blue"), patient("stray"), "x".repeat(20_000)]);
    source.lines("r", &[procedure("r1", &part_of("r2")), procedure("r2", &part_of("r3")), procedure("r3", "")]);
    source.says("p", &[Says::File("1", gzip(&format!("{}\n{}\n{}\n", patient("p1"), patient("p2"), patient("p1").replace('}', r#","gender":"male"}"#))))]);
    source.lines("d", &[r#"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/p2"}}]}"#.into()]);
    let files = [("Observation", "o"), ("Procedure", "r"), ("Patient", "p"), ("Bundle", "d")];
    let (counts, refused) = imported(&clinic, &files);
    assert_eq!(counts, ["Observation 1 taken 5 refused", "Procedure 3 taken 0 refused", "Patient 3 taken 0 refused", "Bundle 1 taken 0 refused"]);
    let expect = ["file-0-line-3 line 3: structure", "file-0-line-5 line 5: code-invalid", "file-0-line-6 line 6: invalid", "file-0-line-7 line 7: too-long", "file-0-line-2 line 2: not-found"];
    for (found, expect) in refused.iter().zip(expect) {
        assert!(found.starts_with(expect), "{expect}: {refused:?}");
    }
    assert!(!refused.iter().any(|text| text.contains("blue") || text.contains("nobody")), "{refused:?}");
    clinic.check("
        GET /Patient/p1 => 200 ; etag: W/\"2\" ; ~ male
        GET /Patient/p2 => 410
        GET /Patient/stray => 404
        GET /Procedure/r1 => 200 ; etag: W/\"1\"
        GET /Observation/o1 => 200 ; etag: W/\"1\"
        GET /Observation/o2 => 404
    ");
    // The same once more makes no new version of what is the same.
    assert_eq!(imported(&clinic, &files[..2]).0, counts[..2]);
    clinic.check("
        GET /Procedure/r1 => 200 ; etag: W/\"1\"
        GET /Observation/o1 => 200 ; etag: W/\"1\"
    ");
}

#[test]
fn a_source_that_fails_is_asked_again_and_nothing_is_settled_twice() {
    let source = Source::default();
    let (clinic, _stop) = clinic(&source, LIMITS);
    let lines: Vec<String> = (0..600).map(|number| patient(&format!("q{number}"))).collect();
    let whole = lines.join("\n").into_bytes();
    let half = || whole[..whole.len() / 2].to_vec();
    source.says("p", &[Says::Status(503), Says::Status(0), Says::Break(half()), Says::Silence(half()), Says::File("1", whole.clone())]);
    assert_eq!(imported(&clinic, &[("Patient", "p")]).0, ["Patient 600 taken 0 refused"]);
    let ending = |says: &[Says]| {
        source.says("p", says);
        imported(&clinic, &[("Patient", "p")]).1.remove(0)
    };
    for (says, expect) in [
        (vec![Says::Status(302)], "file-0 line -: security The source answered with a redirect"),
        (vec![Says::Status(404)], "file-0 line -: not-found The source answered with status 404"),
        (vec![Says::Status(500)], "file-0 line -: incomplete Given up after 3 attempts: the source answered with status 500"),
        (vec![Says::Silence(vec![])], "file-0 line -: incomplete Given up after 3 attempts: the source was silent"),
        (vec![Says::File("1", gzip("{}\n")[..9].to_vec())], "file-0 line -: incomplete Given up after 3 attempts: what it sent is no gzip"),
        (vec![Says::File("1", vec![b' '; 2 << 20])], "file-0 line -: too-long The file holds more"),
        (vec![Says::File("1", gzip(&" ".repeat(2 << 20)))], "file-0 line -: too-long The file holds more"),
        (vec![Says::Break(half()), Says::File("2", whole.clone())], "file-0 line -: conflict The file was changed while it was read. Its first "),
    ] {
        let found = ending(&says);
        assert!(found.starts_with(expect), "{found}, expected {expect}");
    }
    let slow = IntakeLimits { file_time: Duration::ZERO, ..LIMITS };
    let (other, _stop) = self::clinic(&source, slow);
    source.says("p", &[Says::File("1", whole)]);
    assert!(imported(&other, &[("Patient", "p")]).1[0].starts_with("file-0 line -: timeout"));
}

#[test]
fn whoever_goes_on_after_an_interruption_doubles_nothing_and_an_end_is_an_end() {
    let source = Source::default();
    let patience = IntakeLimits { silence: Duration::from_secs(30), ..LIMITS };
    let (clinic, stop) = clinic(&source, patience);
    let lines: Vec<String> = (0..700).map(|number| if number % 100 == 7 { "{}".to_owned() } else { patient(&format!("q{number}")) }).collect();
    let whole = lines.join("\n").into_bytes();
    source.says("p", &[Says::Silence(whole[..whole.len() / 2].to_vec()), Says::File("1", whole)]);
    let job = begin(&clinic, &[("Patient", "p")]);
    while !clinic.get(&job).header("x-progress").contains("256 lines") {
        clinic.wait();
    }
    assert!(stop.send(true).is_ok());
    let (_stop, stopped) = watch::channel(false);
    clinic.meanwhile(Intaker { chart: clinic.chart.clone(), fetcher: Arc::new(source.clone()), limits: LIMITS }.run(stopped));
    let manifest = ended(&clinic, &job);
    assert!(manifest.text().contains(r#""type":"Patient","count":693,"#) && manifest.text().contains(r#""type":"OperationOutcome","count":7,"#), "{}", manifest.text());
    assert!(manifest.text().contains(r#""inputSource":"https://files.example""#) && !manifest.header("expires").is_empty());
    clinic.check("
        GET /Patient/q0 => 200 ; etag: W/\"1\"
        GET /Patient/q699 => 200 ; etag: W/\"1\"
        GET /Patient?_summary=count => 200 ; ~ \"total\":693
    ");
    // Ended under way: what was taken in stays, the job is gone.
    source.says("p", &[Says::Silence((patient("early") + "\n").into_bytes())]);
    let job = begin(&clinic, &[("Patient", "p")]);
    while clinic.get("/Patient/early").status != 200 {
        assert_eq!(clinic.get(&job).status, 202);
        clinic.wait();
        source.says("p", &[Says::File("1", (patient("early") + "\n").into_bytes())]);
    }
    let silent = begin(&clinic, &[("Patient", "silent")]);
    assert_eq!(clinic.ask("DELETE", &silent, &[], "").status, 202);
    clinic.check(&format!("
        GET {silent} => 404 not-found
        GET {silent}/refused.0.ndjson => 404 not-found
        DELETE {silent} => 404 not-found
        GET /Patient/early => 200
    "));
    let ended = ended(&clinic, &job);
    assert_eq!(ended.status, 200);
    // A day later it is gone by itself.
    clinic.hands.forward_ms(25 * 3_600_000);
    assert_eq!(clinic.get(&job).status, 404);
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let body = |inputs: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"inputFormat","valueCode":"application/fhir+ndjson"}}{inputs}]}}"#);
    let input = |kind: &str, url: &str| format!(r#",{{"name":"input","part":[{{"name":"type","valueCode":"{kind}"}},{{"name":"url","valueUrl":"{url}"}}]}}"#);
    let fine = body(&input("Patient", "https://files.example/p"));
    let clinic = Clinic::fetching();
    let mut story = format!("
        POST /$import <<< {fine} => 400 required ; ~ respond-async
        GET /$import | Prefer: respond-async => 405
        POST /Patient/$import | Prefer: respond-async <<< {fine} => 404
        POST /$import | Prefer: respond-async <<< {} => 400 not-supported ; ~ inputFormat
        POST /$import | Prefer: respond-async <<< {} => 400 not-supported ; ~ storageDetail
        POST /$import | Prefer: respond-async <<< {} => 400 required ; ~ input
    ", fine.replace("fhir+ndjson", "csv"), body(r#",{"name":"storageDetail","part":[{"name":"type","valueCode":"aws-s3"}]}"#), body(""));
    for (inputs, expect) in [
        (input("Nonsense", "https://files.example/p"), "400 value ; ~ [0]"),
        (input("Patient", ""), "422 value ; ~ [0]"),
        (input("Patient", "https://other.example/p"), "422 security ; ~ import_sources"),
        (input("Patient", "https://files.example.evil.example/p"), "422 security ; ~ import_sources"),
        (input("Patient", "https://files.example@evil.example/p"), "422 value"),
        (input("Patient", "http://files.example/p"), "422 security ; ~ import_sources"),
        (input("Patient", "https://127.0.0.1/p"), "422 security ; ~ import_sources"),
        (input("Patient", "file:///etc/passwd"), "422 value"),
        (r#",{"name":"input","part":[{"name":"type","valueCode":"Patient"}]}"#.to_owned(), "400 value ; ~ url"),
        (r#",{"name":"output","valueString":"x"}"#.to_owned(), "400 not-supported"),
        // A second file in one input would be read by nobody.
        (r#",{"name":"input","part":[{"name":"type","valueCode":"Patient"},{"name":"url","valueUrl":"https://files.example/p"},{"name":"url","valueUrl":"https://files.example/q"}]}"#.to_owned(), "400 value ; ~ input[0] ; ~ once and as text"),
        (r#",{"name":"input","part":[{"name":"type","valueCode":"Patient"},{"name":"url","valueUrl":"https://files.example/p"},{"name":"key","valueString":"x"}]}"#.to_owned(), "400 value ; ~ input[0]"),
        (format!(r#",{{"name":"storageDetail","part":[{{"name":"bucket","valueString":"x"}}]}}{}"#, input("Patient", "https://files.example/p")), "400 value ; ~ storageDetail"),
    ] {
        story.push_str(&format!("POST /$import | Prefer: respond-async <<< {} => {expect}\n", body(&inputs)));
    }
    clinic.check(&story);
    // The draft's own form.
    let manifest = r#"{"inputFormat":"application/fhir+ndjson","inputSource":"https://files.example","storageDetail":{"type":"https"},"input":[{"type":"Patient","url":"https://files.example/p"}]}"#;
    clinic.check(&format!("
        POST /$import | Prefer: respond-async | Content-Type: application/json <<< {manifest} => 202
        POST /$import | Prefer: respond-async <<< {} => 400 structure ; ~ Parameters
        POST /$import | Prefer: respond-async <<< {} => 422 security ; ~ input[0]
        POST /$import | Prefer: respond-async <<< [] => 400
        POST /$import | Prefer: respond-async <<< {} => 400 value ; ~ storageDetail
        POST /$import | Prefer: respond-async <<< {} => 400 value ; ~ input[0]
        POST /$import | Prefer: respond-async <<< {} => 400 value ; ~ inputSource
    ", manifest.replacen("inputFormat", "format", 1), manifest.replace("files.example/p", "other.example/p"),
        manifest.replace(r#"{"type":"https"}"#, r#""aws-s3""#), manifest.replace(r#"/p"}"#, r#"/p","more":"x"}"#), manifest.replace(r#""https://files.example","#, "7,")));
    let nobody = format!("POST /$import | Prefer: respond-async <<< {fine} => 403 forbidden");
    for role in [access::Role::Physician, access::Role::Nurse, access::Role::Admissions, access::Role::Operator] {
        Clinic::open_as(role).check(&nobody);
    }
    Clinic::open().check(&format!("POST /$import | Prefer: respond-async <<< {fine} => 422 security ; ~ import_sources"));
}
