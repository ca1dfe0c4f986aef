//! The whole record.

use crate::clinic::Clinic;
use fhir::Document;

fn record(observations: usize) -> Clinic {
    let clinic = Clinic::open();
    clinic.put("/Organization/org", r#"{"resourceType":"Organization","id":"org","name":"Clinic"}"#);
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a","managingOrganization":{"reference":"Organization/org"}}"#);
    clinic.put("/Patient/b", r#"{"resourceType":"Patient","id":"b"}"#);
    let filler = "x".repeat(900);
    for number in 0..observations {
        let body = format!(
            r#"{{"resourceType":"Observation","id":"o{number}","status":"final","code":{{"text":"{filler}"}},"subject":{{"reference":"Patient/a"}},"effectiveDateTime":"202{}-01-01"}}"#,
            number % 7
        );
        assert_eq!(clinic.put(&format!("/Observation/o{number}"), body).status, 201);
    }
    clinic
}

fn count(text: &str) -> usize {
    Document::read(text).unwrap().root().get("entry").map_or(0, |entries| entries.items().count())
}

#[test]
fn the_whole_record_is_one_answer() {
    let clinic = record(7);
    clinic.check(r#"
        GET /Patient/a/$everything => 200 ; ~ "type":"searchset" ; ~ Observation/o6 ; ~ Organization/org ; !~ Patient/b
        GET /Patient/a/%24everything => 200
        GET /Patient/a/$everything?_type=Observation => 200 ; ~ Observation/o1 ; !~ "resourceType":"Patient"
        GET /Patient/a/$everything?start=2024&end=2025 => 200 ; ~ Observation/o4 ; !~ Observation/o1"
        GET /Patient/a/$everything?_since=2999-01-01 => 200 ; !~ Observation/o1"
        GET /Patient/a/$everything?_type=Nonsense => 400 value
        GET /Patient/a/$everything?start=soon => 400 value
        GET /Patient/a/$everything?start=2025&end=2024 => 400 value ; ~ http.end
        GET /Patient/a/$everything?start=2025-03-02&end=2025 => 200
        GET /Patient/a/$everything?name=x => 400 not-supported
        GET /Patient/none/$everything => 404 not-found
        GET /Patient/$everything => 403 too-costly
        POST /Patient/a/$everything => 200 ; ~ Observation/o6
        POST /Patient/a/$everything <<< {"resourceType":"Parameters","parameter":[{"name":"_type","valueCode":"Patient"}]} => 200 ; !~ "resourceType":"Observation"
        POST /Patient/a/$everything <<< {"resourceType":"Parameters","parameter":[{"name":"_count","valueInteger":2}]} => 200 ; ~ "next"
        POST /Patient/a/$everything <<< {"resourceType":"Patient"} => 400 structure
        POST /Patient/a/$everything <<< {"resourceType":"Parameters","parameter":[{"name":"_type"}]} => 400 value
    "#);
}

#[test]
fn a_long_record_is_sent_in_pieces_and_is_complete() {
    let clinic = record(700);
    let whole = clinic.get("/Patient/a/$everything");
    assert_eq!(count(whole.text()), 702);
    assert!(whole.body.len() > 600_000);
    let mut pages = 0;
    let (mut path, mut total) = ("/Patient/a/$everything?_count=200".to_owned(), 0);
    loop {
        let reply = clinic.get(&path);
        total += count(reply.text());
        pages += 1;
        let document = Document::read(reply.text()).unwrap();
        let mut links = document.root().get("link").unwrap().items();
        match links.find(|link| link.string("relation").unwrap() == "next") {
            Some(link) => path = link.string("url").unwrap().strip_prefix("http://localhost/fhir").unwrap().to_owned(),
            None => break,
        }
        assert!(pages < 10);
    }
    assert_eq!(total, 702);
    let packed = clinic.ask("GET", "/Patient/a/$everything", &[("accept-encoding", "zstd")], "");
    assert_eq!(zstd::decode_all(&packed.body[..]).unwrap(), whole.body);
    let head = clinic.ask("HEAD", "/Patient/a/$everything", &[], "");
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}
