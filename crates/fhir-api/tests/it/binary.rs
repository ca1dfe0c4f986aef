//! Content as it is.

use crate::clinic::Clinic;

#[test]
fn content_goes_in_and_comes_out_as_it_is() {
    let clinic = Clinic::open();
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    let bytes: Vec<u8> = (0..=255).collect();
    let reply = clinic.ask("POST", "/Binary", &[("content-type", "application/pdf"), ("x-security-context", "Patient/a")], bytes.clone());
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert!(reply.text().contains(r#""securityContext":{"reference":"Patient/a"}"#));
    let path = reply.header("location").strip_prefix("http://localhost/fhir").unwrap().split("/_history").next().unwrap().to_owned();
    for accept in ["*/*", "application/pdf", "text/html"] {
        let content = clinic.ask("GET", &path, &[("accept", accept)], "");
        assert_eq!((content.status.as_u16(), content.header("content-type")), (200, "application/pdf"), "{accept}");
        assert_eq!(content.body, bytes);
        assert_eq!(content.header("content-disposition"), "attachment");
        assert_eq!(content.header("content-security-policy"), "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assert_eq!(content.header("x-content-type-options"), "nosniff");
        assert_eq!(content.header("etag"), "W/\"1\"");
    }
    for (accept, path) in [("application/fhir+json", path.clone()), ("application/json", path.clone()), ("text/html", format!("{path}?_format=json"))] {
        let resource = clinic.ask("GET", &path, &[("accept", accept)], "");
        assert!(resource.text().contains(r#""resourceType":"Binary""#), "{accept}");
    }
    assert_eq!(clinic.ask("GET", &path, &[("accept", "application/fhir+xml")], "").status, 406);
}

#[test]
fn what_cannot_be_content_is_refused() {
    Clinic::open().check(r#"
        POST /Binary | Content-Type: application/pdf | X-Security-Context: Ana <<< x => 400 value
        POST /Binary | Content-Type: pdf <<< x => 400 value
        POST /Binary | -Content-Type <<< x => 415 not-supported
        PUT /Binary/b | Content-Type: text/plain <<< hello => 201
        GET /Binary/b => 200 ; Content-Type: text/plain ; ~ hello
        PUT /Binary/b | Content-Type: text/plain; charset=utf-8 <<< hello again => 200
        GET /Binary/b/_history/1 => 200 ; ~ hello ; !~ again
        HEAD /Binary/b => 200 ; Content-Type: text/plain; charset=utf-8
    "#);
}
