//! A few hundred requests nobody should send, each with the status and the code of its
//! refusal; and any bytes at all, which must never shake the server.

use crate::clinic::Clinic;

/// Bodies that are no JSON, or not the strict JSON this server keeps.
const BROKEN_JSON: &[&str] = &[
    "", " ", "{", "}", "[", "]", "{]", "[}", "{\"resourceType\"", "{\"resourceType\":", "{\"resourceType\":}", "{\"resourceType\":\"Patient\"",
    "{\"resourceType\":\"Patient\",}", "{\"resourceType\":\"Patient\" \"id\":\"a\"}", "{resourceType:\"Patient\"}", "{'resourceType':'Patient'}",
    "{\"resourceType\":\"Patient\"}x", "{\"resourceType\":\"Patient\"}{}", "{\"resourceType\":\"Patient\",\"active\":tru}",
    "{\"resourceType\":\"Patient\",\"active\":True}", "{\"resourceType\":\"Patient\",\"active\":nul}", "{\"resourceType\":\"Patient\",\"active\":NaN}",
    "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":01}", "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":+1}",
    "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":.5}", "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":1.}",
    "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":1e}", "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":-}",
    "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":0x1}", "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":Infinity}",
    "{\"resourceType\":\"Patient\",\"id\":\"a}", "{\"resourceType\":\"Patient\",\"id\":\"\\x\"}", "{\"resourceType\":\"Patient\",\"id\":\"\\u12\"}",
    "{\"resourceType\":\"Patient\",\"id\":\"\\ud800\"}", "{\"resourceType\":\"Patient\",\"id\":\"\\udc00\"}", "{\"resourceType\":\"Patient\",\"id\":\"\t\"}",
    "{\"resourceType\":\"Patient\",\"id\":\"\n\"}", "{\"resourceType\":\"Patient\",\"resourceType\":\"Patient\"}",
    "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"a\",\"family\":\"b\"}]}", "{\"resourceType\":\"Patient\",\"name\":[,]}",
    "{\"resourceType\":\"Patient\",\"name\":[1,]}", "{\"resourceType\":\"Patient\",,\"id\":\"a\"}", "{\"resourceType\"=\"Patient\"}",
    "/* comment */{\"resourceType\":\"Patient\"}", "{\"resourceType\":\"Patient\"} // comment", "\u{feff}{\"resourceType\":\"Patient\"}",
    "<Patient xmlns=\"http://hl7.org/fhir\"/>", "resourceType=Patient", "%PDF-1.4", "\u{0}",
];

/// JSON that is no resource of the type in the address.
const WRONG_KIND: &[&str] = &[
    "null", "true", "1", "\"Patient\"", "[]", "[{\"resourceType\":\"Patient\"}]", "{}", "{\"id\":\"a\"}", "{\"resourceType\":null}",
    "{\"resourceType\":1}", "{\"resourceType\":\"\"}", "{\"resourceType\":\"patient\"}", "{\"resourceType\":\"Patients\"}",
    "{\"resourceType\":\"Observation\"}", "{\"resourceType\":[\"Patient\"]}", "{\"resourceType\":{\"x\":\"Patient\"}}", "{\"resourceType\":\"Resource\"}",
    "{\"resourceType\":\"DomainResource\"}", "{\"resourceType\":\"Patient \"}",
];

/// Patients that break a rule of R4.
const WRONG_PATIENTS: &[&str] = &[
    r#""unknown":1"#, r#""active":"true""#, r#""active":1"#, r#""active":[true]"#, r#""name":{"family":"a"}"#, r#""name":["a"]"#, r#""name":[]"#,
    r#""name":[{}]"#, r#""name":[null]"#, r#""name":null"#, r#""name":[{"family":["a"]}]"#, r#""name":[{"given":"a"}]"#, r#""name":[{"family":""}]"#,
    r#""name":[{"family":1}]"#, r#""name":[{"surname":"a"}]"#, r#""name":[{"use":"nickname2"}]"#, r#""gender":"f""#, r#""gender":"Female""#, r#""gender":"""#,
    r#""birthDate":"1958-13-01""#, r#""birthDate":"58""#, r#""birthDate":"1958-02-30""#, r#""birthDate":"01.02.1958""#, r#""birthDate":19580101"#,
    r#""birthDate":"1958-01-01T00:00:00Z""#, r#""deceasedBoolean":false,"deceasedDateTime":"2020""#, r#""deceasedString":"no""#, r#""deceased":true"#,
    r#""multipleBirthInteger":1.5"#, r#""multipleBirthInteger":"1""#, r#""multipleBirthInteger":99999999999"#, r#""contact":[{}]"#,
    r#""communication":[{"preferred":true}]"#, r#""link":[{"type":"seealso"}]"#, r#""link":[{"other":{"reference":"Patient/b"},"type":"x"}]"#,
    r#""identifier":[{"use":"best"}]"#, r#""identifier":{"value":"1"}"#, r#""photo":[{"data":"not base64!"}]"#, r#""photo":[{"size":-1}]"#,
    r#""telecom":[{"system":"pigeon"}]"#, r#""telecom":[{"rank":0}]"#, r#""extension":[{"valueString":"a"}]"#, r#""extension":[{"url":"http://x.example"}]"#,
    r#""extension":[{"url":"http://x.example","valueString":"a","valueCode":"b"}]"#, r#""meta":[]"#, r#""meta":{"tag":{}}"#, r#""language":5"#,
    r#""text":{"div":"<div>x</div>"}"#, r#""text":{"status":"generated"}"#, r#""text":{"status":"fine","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#,
    r#""contained":[{"id":"c"}]"#, r#""contained":[{"resourceType":"Nothing","id":"c"}]"#, r#""contained":{"resourceType":"Basic"}"#,
    r#""generalPractitioner":[{"reference":"Observation/1"}]"#, r#""managingOrganization":{"reference":"Patient/1"}"#, r#""managingOrganization":"Organization/1""#,
    r#""maritalStatus":"M""#, r#""maritalStatus":{"coding":{"code":"M"}}"#, r#""address":[{"period":{"start":"tomorrow"}}]"#, r#""_birthDate":"x""#, r#""_name":[{}]"#,
    r#""active":null"#, r#""implicitRules":{"a":1}"#, r#""name":[{"given":["a",""]}]"#, r#""name":[{"given":[1]}]"#, r#""address":[{"line":"a"}]"#,
];

/// Addresses with what is asked and what answers.
const ADDRESSES: &str = r#"
    GET /patient/1 => 404 not-supported
    GET /PATIENT => 404 not-supported
    GET /Patients/1 => 404 not-supported
    GET /Resource/1 => 404 not-supported
    GET /DomainResource => 404 not-supported
    GET /Patient/a_b => 400 value
    GET /Patient/a%20b => 400 value
    GET /Patient/é => 400 value
    GET /Patient/$%20 => 404 not-supported
    GET /Patient/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa => 400 value
    GET /Patient/%00 => 404 not-supported
    GET /Patient/%ff => 404 not-supported
    GET /Patient/a%2F_history => 404 not-supported
    GET /Patient/../Patient/a => 404 not-supported
    GET /Patient/.. => 404 not-found
    GET /Patient//a => 404 not-supported
    GET /Patient/a/_history/ => 200
    GET /Patient/a/_history//1 => 404 not-supported
    GET /Patient/a/_history/1/2 => 404 not-supported
    GET /Patient/a/_history/1_ => 400 value
    GET /Patient/a/Organization => 404 not-supported
    GET /Organization/a/* => 404 not-supported
    GET /Patient/a/$nothing => 404 not-supported
    GET /Patient/a/everything => 404 not-supported
    GET /Patient/$everything => 403 too-costly
    GET /$everything => 404 not-supported
    GET /$export => 400 required
    GET /metadata/x => 404 not-supported
    GET /_nothing => 404 not-supported
    GET /Patient/_nothing => 400 value
    GET /Patient/_search => 405 not-supported
    GET /_search => 405 not-supported
    PUT /Patient/a_b <<< {"resourceType":"Patient","id":"a_b"} => 400 value
    PUT /Nothing/a <<< {"resourceType":"Nothing"} => 404 not-supported
    POST /Nothing <<< {"resourceType":"Nothing"} => 404 not-supported
    PUT /Patient/a <<< {"resourceType":"Patient","id":"b"} => 400
    PUT /Patient/a <<< {"resourceType":"Observation","id":"a"} => 400
    PUT /Patient/a <<< {"resourceType":"Patient","id":5} => 400
    LINK /Patient/a => 405 not-supported
    get /Patient/a => 405 not-supported
"#;

/// Queries with what answers.
const QUERIES: &str = r#"
    GET /Patient?name => 400
    GET /Patient?name= => 400
    GET /Patient?=x => 400
    GET /Patient?% => 400 invalid
    GET /Patient?name=%f => 400 invalid
    GET /Patient?name=%ff => 400 invalid
    GET /Patient?name=%00 => 400 invalid
    GET /Patient?unknown=1 => 400
    GET /Patient?Name=x => 400
    GET /Patient?name:=x => 400
    GET /Patient?name:nothing=x => 400
    GET /Patient?birthdate:exact=2020 => 400
    GET /Patient?birthdate=2020-13 => 400
    GET /Patient?birthdate=xx2020 => 400
    GET /Patient?birthdate=2020-01-01T25:00 => 400
    GET /Patient?identifier=a|b|c => 400
    GET /Patient?identifier=| => 400
    GET /Patient?general-practitioner=a_b => 400
    GET /Patient?_count=-1 => 400
    GET /Patient?_count=1.5 => 400
    GET /Patient?_count=99999999999999999999 => 400
    GET /Patient?_total=perhaps => 400
    GET /Patient?_summary=perhaps => 400
    GET /Patient?_sort=nothing => 400
    GET /Patient?_include=x => 400
    GET /Patient?_include=Patient:nothing => 400
    GET /Patient?_include=Nothing:x => 400
    GET /Patient?_revinclude=x => 400
    GET /Patient?_cursor=x => 400
    GET /Patient?name=x&_cursor=AAAAAAAAAAAAAAAAAAAAAAAA => 400
    GET /Observation?value-quantity=x => 400
    GET /Observation?value-quantity=5|a => 400
    GET /Observation?_lastUpdated=now => 400
    GET /Observation?code:in= => 400
    GET /Observation?patient= => 400
    GET /Observation?patient=a/b/c => 400
    GET /Patient/a/_history?_count=0 => 400 value
    GET /Patient/a/_history?_count=-5 => 400 value
    GET /Patient/a/_history?_since=2020-99 => 400 value
    GET /Patient/a/_history?_at=never => 400 value
    GET /Patient/a/_history?_nothing=1 => 400 not-supported
    GET /Patient/a/$everything?_type=x => 400 value
    GET /Patient/a/$everything?_type= => 400 value
    GET /Patient/a/$everything?start=x => 400 value
    GET /Patient/a/$everything?end=2020-02-31 => 400 value
    GET /Patient/a/$everything?_count=0 => 400 value
    GET /Patient/a/$everything?_since=x => 400 value
    GET /Patient/a/$everything?unknown=1 => 400 not-supported
    GET /Patient/a?_summary=count => 400 value
    GET /Patient/a?_summary=x => 400 value
    GET /Patient/a?_pretty=x => 400 value
    GET /Patient/a?_format=x => 406 not-supported
    GET /?name=x => 400 too-costly
    POST /Patient?family=x <<< {"resourceType":"Patient"} => 400 not-supported
    POST /Patient?nonsense=x <<< {"resourceType":"Patient"} => 400 not-supported
    GET /?_type=x => 400 invalid
    POST /Patient/_search | Content-Type: application/x-www-form-urlencoded <<< name=%zz => 400 invalid
    POST /Patient/_search | Content-Type: application/x-www-form-urlencoded <<< unknown=1 => 400
    POST /Patient/_search | Content-Type: application/xml <<< x => 415 not-supported
    POST /_search | Content-Type: application/x-www-form-urlencoded <<< name=x => 400 too-costly
"#;

/// Headers with what answers.
const HEADERS: &str = r#"
    GET /Patient/a | Accept: application/fhir+xml => 406 not-supported
    GET /Patient/a | Accept: nonsense => 406 not-supported
    GET /Patient/a | If-None-Match: W/ => 400 invalid
    GET /Patient/a | If-None-Match: W/"1 => 400 invalid
    GET /Patient/a | If-None-Match: "a b" => 400 invalid
    PUT /Patient/a | If-Match: W/1" <<< {"resourceType":"Patient","id":"a"} => 400 invalid
    PUT /Patient/a | If-Match: "" <<< {"resourceType":"Patient","id":"a"} => 400 invalid
    PUT /Patient/a | If-Match: W/"99" <<< {"resourceType":"Patient","id":"a"} => 412
    PUT /Patient/a | If-Match: W/"99999999999" <<< {"resourceType":"Patient","id":"a"} => 412
    PUT /Patient?identifier=x|1 | If-Match: * <<< {"resourceType":"Patient"} => 400 not-supported
    DELETE /Patient/a | If-Match: , => 400 invalid
    POST /Patient | If-None-Exist: unknown=1 <<< {"resourceType":"Patient"} => 400
    POST /Patient | If-None-Exist: _count=1 <<< {"resourceType":"Patient"} => 400
    POST /Patient | If-None-Exist: ? <<< {"resourceType":"Patient"} => 400 invalid
    POST /Patient | Content-Type: text/plain <<< {"resourceType":"Patient"} => 415 not-supported
    POST /Patient | Content-Type: application/fhir+json; charset=utf-16 <<< {"resourceType":"Patient"} => 415 not-supported
    POST /Patient | Content-Type: multipart/form-data; boundary=x <<< x => 415 not-supported
    POST /Patient | Content-Encoding: deflate <<< {"resourceType":"Patient"} => 415 not-supported
    POST /Patient | Content-Encoding: gzip <<< {"resourceType":"Patient"} => 400 structure
    POST /Patient | Content-Encoding: zstd <<< {"resourceType":"Patient"} => 400 structure
    POST /Patient | Content-Length: 99999999999 <<< {"resourceType":"Patient"} => 413 too-long
    POST /Binary | Content-Type: x <<< x => 400 value
    POST /Binary | Content-Type: text/plain | X-Security-Context: nobody <<< x => 400 value
    PATCH /Patient/a | Content-Type: application/json <<< {} => 400
    PATCH /Patient/a | Content-Type: application/json-patch+json <<< {} => 400
    PATCH /Patient/a | Content-Type: application/json-patch+json <<< [{"op":"fly","path":"/active"}] => 400
    PATCH /Patient/a | Content-Type: application/json-patch+json <<< [{"op":"add"}] => 400
    PATCH /Patient/a | Content-Type: application/json-patch+json <<< [{"op":"remove","path":"active"}] => 400
    PATCH /Patient/a | Content-Type: application/json-patch+json <<< not json => 400
    PATCH /Patient/a | Content-Type: application/x-www-form-urlencoded <<< a=b => 415 not-supported
"#;

/// Bundles with what answers.
const BUNDLES: &str = r#"
    POST / <<< {} => 400
    POST / <<< [] => 400
    POST / <<< {"resourceType":"Bundle"} => 400
    POST / <<< {"resourceType":"Bundle","type":"searchset"} => 400
    POST / <<< {"resourceType":"Bundle","type":5} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{}]} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{}}]} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:6b1a3f0e-55b0-4c3c-9d5f-0a7f3f1f2d10","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},{"fullUrl":"urn:uuid:6b1a3f0e-55b0-4c3c-9d5f-0a7f3f1f2d10","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]} => 400 ; ~ fullUrl ; ~ Entry 0
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"FLY","url":"Patient/a"}}]} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Nothing"},"resource":{"resourceType":"Nothing"}}]} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Patient"}}]} => 400
    POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Patient/a_b"},"resource":{"resourceType":"Patient"}}]} => 400
"#;

fn ward() -> Clinic {
    let clinic = Clinic::open();
    assert_eq!(clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#).status, 201);
    clinic
}

#[test]
fn every_malformed_request_has_its_refusal() {
    for story in [ADDRESSES, QUERIES, HEADERS, BUNDLES] {
        ward().check(story);
    }
}

#[test]
fn broken_json_is_placed_by_line_and_column() {
    let clinic = ward();
    for (method, path) in [("POST", "/Patient"), ("PUT", "/Patient/a"), ("POST", "/")] {
        for body in BROKEN_JSON {
            let reply = clinic.ask(method, path, &[("content-type", "application/fhir+json")], *body);
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "structure"), "{method} {path} {body:?}: {}", reply.text());
            assert!(reply.text().contains("\"location\":[\"line ") && reply.text().contains("operationoutcome-issue-col"), "{body:?}: {}", reply.text());
        }
    }
    let reply = clinic.ask("POST", "/Patient", &[("content-type", "application/fhir+json")], "{\n  \"resourceType\": \"Patient\",\n  \"active\": yes\n}");
    assert!(reply.text().contains("line 3, column 13"), "{}", reply.text());
}

#[test]
fn another_kind_of_thing_is_refused() {
    let clinic = ward();
    for body in WRONG_KIND {
        let reply = clinic.ask("POST", "/Patient", &[("content-type", "application/fhir+json")], *body);
        assert!(reply.status == 400 || reply.status == 422, "{body}: {} {}", reply.status, reply.text());
        assert!(!reply.code().is_empty());
    }
}

#[test]
fn a_patient_against_the_rules_is_told_where() {
    let clinic = ward();
    for members in WRONG_PATIENTS {
        let body = format!(r#"{{"resourceType":"Patient","id":"a",{members}}}"#);
        let reply = clinic.put("/Patient/a", body);
        assert_eq!(reply.status, 422, "{members}: {}", reply.text());
        assert!(reply.text().contains("\"expression\":[\"Patient"), "{members}: {}", reply.text());
        assert!(reply.text().contains("\"location\":[\"line 1, column "), "{members}: {}", reply.text());
    }
    assert_eq!(clinic.get("/Patient/a").header("etag"), "W/\"1\"");
}

#[test]
fn no_outcome_repeats_what_was_sent() {
    let clinic = ward();
    for body in [
        r#"{"resourceType":"Patient","birthDate":"MARKER7"}"#, r#"{"resourceType":"Patient","gender":"MARKER7"}"#, r#"{"resourceType":"Patient","name":"MARKER7"}"#,
        r#"{"resourceType":"Patient","managingOrganization":{"reference":"Patient/MARKER7"}}"#, r#"{"resourceType":"Patient","photo":[{"data":"MARKER7!"}]}"#,
        r#"{"resourceType":"Patient","extension":[{"url":"MARKER7"}]}"#, r#"{"resourceType":"Patient","active":MARKER7}"#,
    ] {
        let reply = clinic.ask("POST", "/Patient", &[("content-type", "application/fhir+json")], body);
        assert!(reply.status.is_client_error(), "{body}");
        assert!(!reply.text().contains("MARKER7"), "{}", reply.text());
    }
    for query in ["birthdate=MARKER7", "identifier=a|b|MARKER7", "name=x&_sort=MARKER7", "_count=MARKER7", "gender:exact=MARKER7"] {
        let reply = clinic.get(&format!("/Patient?{query}"));
        assert!(reply.status.is_client_error() && !reply.text().contains("MARKER7"), "{query}: {}", reply.text());
    }
}

/// A seeded stream, so that a failure is a report.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn any_bytes_as_a_body_are_answered_and_never_shake_the_server() {
    let clinic = ward();
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    let valid: &[&str] = &[
        r#"{"resourceType":"Patient","id":"a","name":[{"family":"x","given":["y"]}],"birthDate":"1958-03-01"}"#,
        r#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}"#,
        r#"[{"op":"replace","path":"/active","value":false}]"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name[0]"}]}]}"#,
    ];
    let pieces = ["{", "}", "[", "]", "\"", ",", ":", "null", "-", "1e9", "\\u0000", "\\", "\u{7f}", "é", "_", "resourceType", "$this", "'", "`", "%", "reference"];
    let routes = [
        ("POST", "/", "application/fhir+json"), ("POST", "/Patient", "application/fhir+json"), ("PUT", "/Patient/a", "application/json"),
        ("PATCH", "/Patient/a", "application/json-patch+json"), ("PATCH", "/Patient/a", "application/fhir+json"), ("POST", "/Patient/a/$everything", "application/fhir+json"),
        ("POST", "/Patient/_search", "application/x-www-form-urlencoded"), ("PUT", "/Patient?identifier=q", "application/fhir+json"), ("POST", "/Binary", "text/plain"),
    ];
    for round in 0..4000 {
        let mut body = valid[draw.below(valid.len())].as_bytes().to_vec();
        for _ in 0..1 + draw.below(4) {
            let at = draw.below(body.len() + 1);
            match draw.below(5) {
                0 => body.truncate(at),
                1 => drop(body.splice(at..at, pieces[draw.below(pieces.len())].bytes())),
                2 if at < body.len() => body[at] = draw.below(256) as u8,
                3 => {
                    let end = (at + draw.below(20)).min(body.len());
                    body.drain(at..end);
                }
                _ => {
                    let end = (at + draw.below(40)).min(body.len());
                    let copy = body[at..end].to_vec();
                    body.splice(at..at, copy);
                }
            }
        }
        let (method, path, media) = routes[round % routes.len()];
        let reply = clinic.ask(method, path, &[("content-type", media)], body.clone());
        assert!(!reply.status.is_server_error(), "round {round} {method} {path} {:?}: {} {}", String::from_utf8_lossy(&body), reply.status, reply.text());
        assert!(reply.status.is_success() || !reply.code().is_empty(), "round {round}: {}", reply.status);
    }
}

#[test]
fn bombs_and_giants_are_measured() {
    let settings = fhir_api::Settings { body_limit_bytes: 100_000, ..Default::default() };
    let clinic = Clinic::open_with(settings);
    let json = ("content-type", "application/fhir+json");
    let bomb = zstd::encode_all(&vec![b' '; 50_000_000][..], 3).unwrap();
    assert!(bomb.len() < 10_000);
    for (headers, body) in [(vec![json], vec![b' '; 100_001]), (vec![json, ("content-encoding", "zstd")], bomb)] {
        let reply = clinic.ask("POST", "/Patient", &headers, body);
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "too-long"));
    }
    let deep = format!(r#"{{"resourceType":"Basic","extension":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(clinic.ask("POST", "/Basic", &[json], deep).status, 400);
    let long = format!("/Patient?name={}", "x".repeat(20_000));
    assert_eq!(clinic.get(&long).status, 414);
}
