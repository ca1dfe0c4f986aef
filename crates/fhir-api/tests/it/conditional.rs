//! Request ids, races and trouble inside.

use crate::clinic::Clinic;

#[test]
fn a_request_id_is_kept_if_it_can_be() {
    let clinic = Clinic::open();
    let given = clinic.ask("GET", "/Patient/none", &[("x-request-id", "abc-1.2")], "");
    assert_eq!(given.header("x-request-id"), "abc-1.2");
    assert!(given.text().contains(r#""id":"abc-1.2""#));
    for bad in ["a b", "<x>", "", &"a".repeat(65)] {
        let reply = clinic.ask("GET", "/Patient/none", &[("x-request-id", bad)], "");
        let id = reply.header("x-request-id").to_owned();
        assert!(id != bad && fhir::is_id(&id), "{bad}");
        assert!(reply.text().contains(&format!("\"id\":\"{id}\"")));
    }
    assert_ne!(clinic.get("/Patient/none").header("x-request-id"), clinic.get("/Patient/none").header("x-request-id"));
}

const JSON: (&str, &str) = ("content-type", "application/fhir+json");

/// The statuses of the same request sent 48 times at once, sorted.
fn race(clinic: &Clinic, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u16> {
    let mut statuses: Vec<_> = clinic.at_once(48, method, path, headers, body).iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_many_at_once_under_one_condition_one_wins() {
    let clinic = Clinic::open();
    let body = r#"{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]}"#;
    let created = race(&clinic, "POST", "/Patient", &[JSON, ("if-none-exist", "identifier=http://n.example|1")], body);
    assert_eq!((created[0], created[46], created[47]), (200, 200, 201), "{created:?}");
    assert!(clinic.get("/Patient?identifier=http://n.example|1&_total=accurate").text().contains("\"total\":1"));

    let updated = race(&clinic, "PUT", "/Patient?identifier=http://n.example|2", &[JSON], &body.replace("\"1\"", "\"2\""));
    assert_eq!((updated[46], updated[47]), (200, 201), "{updated:?}");

    let body = r#"{"resourceType":"Patient","id":"a"}"#;
    let absent = race(&clinic, "PUT", "/Patient/a", &[JSON, ("if-none-match", "*")], body);
    assert_eq!((absent[0], absent[1], absent[47]), (201, 412, 412), "{absent:?}");

    let body = r#"{"resourceType":"Patient","id":"a","active":true}"#;
    let matching = race(&clinic, "PUT", "/Patient/a", &[JSON, ("if-match", "W/\"1\"")], body);
    assert_eq!((matching[0], matching[1], matching[47]), (200, 412, 412), "{matching:?}");

    let patch = r#"[{"op":"replace","path":"/active","value":false}]"#;
    let patched = race(&clinic, "PATCH", "/Patient/a", &[("content-type", "application/json-patch+json"), ("if-match", "W/\"2\"")], patch);
    assert_eq!((patched[0], patched[1], patched[47]), (200, 412, 412), "{patched:?}");
    assert_eq!(clinic.get("/Patient/a").header("etag"), "W/\"3\"");
}

#[test]
fn of_many_writers_none_is_lost() {
    let clinic = Clinic::open();
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}},"request":{"method":"POST","url":"Observation"}},{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}}]}"#;
    let statuses = race(&clinic, "POST", "/", &[JSON], bundle);
    let done = statuses.iter().filter(|status| **status == 200).count();
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 503)), "{statuses:?}");
    assert!(done > 0);
    let record = clinic.get("/Patient/a/$everything");
    assert_eq!(record.text().matches("\"resourceType\":\"Observation\"").count(), done);
}

#[test]
fn what_takes_too_long_or_breaks_inside_is_answered() {
    use axum::body::{Body, Bytes};
    use std::time::Duration;
    let settings = |body, answer| fhir_api::Settings { body_patience: Duration::from_millis(body), answer_patience: Duration::from_millis(answer), ..Default::default() };
    let never = || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let slow_sender = Clinic::open_with(settings(20, 10_000)).ask("POST", "/Patient", &[JSON], never());
    assert_eq!((slow_sender.status.as_u16(), slow_sender.code().as_str()), (408, "timeout"));
    let slow_answer = Clinic::open_with(settings(10_000, 20)).ask("POST", "/Patient", &[JSON], never());
    assert_eq!((slow_answer.status.as_u16(), slow_answer.code().as_str(), slow_answer.header("retry-after")), (503, "timeout", "10"));

    let clinic = Clinic::open();
    let shaken = Body::from_stream(futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, std::io::Error>>> { panic!("inside") }));
    let reply = clinic.ask("POST", "/Patient", &[JSON, ("x-request-id", "r-7")], shaken);
    assert_eq!((reply.status.as_u16(), reply.code().as_str(), reply.header("x-request-id")), (500, "exception", "r-7"));
    assert!(!reply.text().contains("inside\""), "{}", reply.text());
    assert_eq!(clinic.get("/Patient/none").status, 404);
    let broken = Body::from_stream(futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("gone"))]));
    assert_eq!(clinic.ask("POST", "/Patient", &[JSON], broken).status, 400);
}
