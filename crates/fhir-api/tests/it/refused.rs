//! Requests that cannot be answered, by the hundred, from the table `refused.txt`: each has a
//! refusal that names the place, never a 5xx, and what it carried about a person is repeated
//! neither to the caller nor in a line of the log.

use crate::clinic::Clinic;
use fhir::Document;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// The name of the person these requests are about.
const SECRET: &str = "Zanahoria7731";

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn ward() -> Clinic {
    let clinic = Clinic::open_telling(&["https://told.example"]);
    for (path, body) in [
        ("/Patient/a", format!(r#"{{"resourceType":"Patient","id":"a","name":[{{"family":"{SECRET}"}}],"birthDate":"1958-03-14"}}"#)),
        ("/Encounter/e", r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"}}"#.to_owned()),
        ("/Observation/o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}}"#.to_owned()),
        ("/Composition/c", r#"{"resourceType":"Composition","id":"c","status":"final","type":{"text":"x"},"subject":{"reference":"Patient/a"},"date":"2026","author":[{"display":"x"}],"title":"x"}"#.to_owned()),
    ] {
        assert_eq!(clinic.put(path, body).status, 201, "{path}");
    }
    clinic
}

/// The status, the code of the first issue and its place: an element, a line of the body or of the
/// query, or a dash where the address or the method itself is what is wrong.
fn verdict(clinic: &Clinic, request: &str) -> (String, String) {
    let (head, body) = request.split_once(" <<< ").unwrap_or((request, ""));
    let mut parts = head.split(" | ");
    let (method, path) = parts.next().unwrap().trim().split_once(' ').unwrap();
    let mut headers: Vec<(&str, &str)> = parts.map(|part| part.split_once(": ").unwrap()).collect();
    if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type", "application/fhir+json"));
    }
    let path = path.replace(' ', "%20");
    let reply = clinic.ask(method, &path, &headers, body.to_owned());
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let document = Document::read(&text).ok();
    let issue = document.as_ref().and_then(|document| document.root().get("issue")).and_then(|issues| issues.first());
    let named = |name: &str| issue.and_then(|issue| issue.get(name)).and_then(|list| list.first()?.as_str().map(|text| text.into_owned())).filter(|text| !text.is_empty());
    let in_patch = issue.and_then(|issue| issue.string("diagnostics")).and_then(|told| Some(told.strip_prefix("operation ")?.split(|sign: char| !sign.is_ascii_digit()).next()?.to_owned())).map(|number| format!("operation {number}"));
    let in_query = issue.and_then(|issue| issue.string("diagnostics")).and_then(|told| told.split_once("line ").map(|(_, rest)| format!("line {}", rest.split(|sign: char| !sign.is_ascii_digit()).next().unwrap_or_default())));
    let in_body = named("location").map(|place| place.split(',').next().unwrap_or_default().to_owned());
    let place = named("expression").or(in_body).or(in_patch).or(in_query).unwrap_or_else(|| "-".to_owned());
    (format!("{} {} {place}", reply.status.as_u16(), reply.code()), text)
}

#[test]
fn every_refusal_has_its_place_and_repeats_nothing() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(move || writer.clone()).finish();
    let (mut wrong, mut count) = (Vec::new(), 0);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!("the log is read by this test");
        let clinic = ward();
        for (number, line) in include_str!("refused.txt").lines().enumerate() {
            let Some((request, expected)) = line.rsplit_once(" => ").filter(|_| !line.starts_with('#')) else { continue };
            count += 1;
            let (found, text) = verdict(&clinic, request);
            let number = number + 1;
            if found != expected {
                wrong.push(format!("line {number}: {request}\n  expected {expected}\n  found    {found}\n  {text}"));
            }
            let (status, place) = (&found[..1], found.rsplit(' ').next().unwrap_or_default());
            let about_address = ["404", "405", "406", "410", "415"].iter().any(|status| found.starts_with(status));
            if status != "4" || (place == "-" && !about_address) {
                wrong.push(format!("line {number}: {request}\n  is no refusal that names a place: {found}"));
            }
            if text.contains(SECRET) {
                wrong.push(format!("line {number}: {request}\n  the answer repeats what was sent: {text}"));
            }
        }
    });
    assert!(count > 400, "{count}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("is read by this test"), "nothing was logged at all");
    assert!(!log.contains(SECRET), "the log repeats what was sent:\n{}", log.lines().filter(|line| line.contains(SECRET)).take(5).collect::<Vec<_>>().join("\n"));
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.iter().take(30).cloned().collect::<Vec<_>>().join("\n"));
}
