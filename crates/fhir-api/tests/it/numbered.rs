//! Attacks by their number in the list of the security page: those that are tried over HTTP and
//! nowhere else. Where the others are tried is told there (docs/security.md, *Attacks by number*).

use std::time::{Duration, Instant};

use access::Role;

use crate::clinic::Clinic;

/// Tells work that would go on for ever from an answer; no measure of speed, which a busy machine would fail.
const PATIENCE: Duration = Duration::from_secs(60);

fn ward() -> Clinic {
    let clinic = Clinic::open();
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","name":[{"family":"Ruiz"}]} => 201
        PUT /Patient/bao <<< {"resourceType":"Patient","id":"bao","name":[{"family":"Pham"}]} => 201
        PUT /Observation/weight <<< {"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/ana"},"valueString":"70"} => 201
    "#);
    clinic
}

/// What is kept of the two persons, version by version.
fn kept(clinic: &Clinic) -> String {
    ["/Patient/ana/_history", "/Patient/bao/_history", "/Observation/weight/_history", "/Observation?_count=100&_sort=_id", "/Patient?_count=100&_sort=_id"].map(|path| clinic.get(path).text().split("\"entry\"").nth(1).unwrap_or_default().to_owned()).join("\n")
}

#[test]
fn t06_what_is_written_to_the_wrong_person_is_refused_and_nothing_is_written() {
    let clinic = ward();
    let before = kept(&clinic);
    clinic.check(r#"
        # The address and the body disagree about what is written.
        PUT /Observation/weight <<< {"resourceType":"Observation","id":"other","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/ana"}} => 400
        PUT /Observation/weight <<< {"resourceType":"Condition","id":"weight","code":{"text":"x"},"subject":{"reference":"Patient/ana"}} => 400
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"bao","name":[{"family":"Pham"}]} => 400
        # The subject becomes somebody else.
        PUT /Observation/weight <<< {"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/bao"}} => 422
        PUT /Observation/weight <<< {"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"}} => 422
        PATCH /Observation/weight | Content-Type: application/json-patch+json <<< [{"op":"replace","path":"/subject/reference","value":"Patient/bao"}] => 422
        PATCH /Observation/weight | Content-Type: application/json-patch+json <<< [{"op":"replace","path":"/id","value":"other"}] => 400
        # Somebody works on a page that is out of date.
        PUT /Observation/weight | If-Match: W/"2" <<< {"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/ana"}} => 412
        PUT /Observation/weight | If-None-Match: * <<< {"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/ana"}} => 412
        DELETE /Observation/weight | If-Match: W/"7" => 412
        # Criteria that mean more than one, or a condition in the wrong place.
        PUT /Patient?_id=ana,bao <<< {"resourceType":"Patient","name":[{"family":"X"}]} => 412
        DELETE /Patient?_id=ana,bao => 412
        POST /Patient?_id=ana <<< {"resourceType":"Patient","id":"ana","name":[{"family":"X"}]} => 400
        # Bundles whose addresses say one thing and whose bodies another.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"http://localhost/fhir/Patient/ana","resource":{"resourceType":"Patient","id":"ana","name":[{"family":"X"}]},"request":{"method":"PUT","url":"Patient/bao"}}]} => 400
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"weight","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/bao"}},"request":{"method":"PUT","url":"Observation/weight"}}]} => 422
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"ana"},"request":{"method":"PUT","url":"Patient/ana"}},{"request":{"method":"DELETE","url":"Patient/ana"}}]} => 400
    "#);
    assert_eq!(kept(&clinic), before, "nothing was written");
    // An id in the body of a create is no update of what has it.
    let reply = clinic.ask("POST", "/Observation", &[("content-type", "application/fhir+json")], r#"{"resourceType":"Observation","id":"weight","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/bao"}}"#);
    assert_eq!(reply.status, 201);
    assert!(!reply.header("location").contains("/weight/"), "{}", reply.header("location"));
    assert!(clinic.get("/Observation/weight").text().contains("Patient/ana"));
}

#[test]
fn t10_the_broken_glass_opens_one_person_and_takes_nothing_away() {
    let clinic = ward();
    let physician = clinic.seen_by(Role::Physician);
    physician.check(r#"
        POST /Patient/ana/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"},{"name":"note","valueString":"found unconscious"}]} => 200
        GET /$export | Prefer: respond-async => 403 forbidden
        GET /Patient/$export | Prefer: respond-async => 403 forbidden
        GET /Patient/$everything | Prefer: respond-async => 403 forbidden
    "#);
}

/// What interpreters of other kinds would take for orders.
const ORDERS: [&str; 16] = [
    "'; DROP TABLE patient;--", "1 OR 1=1", "\" OR \"\"=\"", "1); SELECT pg_sleep(10)--", "${7*7}", "{{7*7}}", "#{7*7}", "$(sleep 10)", "`sleep 10`", "| sleep 10", "../../../../etc/passwd", "..\\..\\windows\\win.ini", "\r\nSet-Cookie: a=b", "%0d%0aSet-Cookie:%20a=b", "\u{0}", "=cmd|'/C calc'!A1",
];

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[test]
fn t21_orders_of_other_interpreters_are_words_here_and_change_nothing() {
    let clinic = ward();
    let before = kept(&clinic);
    for order in ORDERS {
        let order = escaped(order);
        for path in [
            format!("/Patient?_sort={order}"), format!("/Patient?name={order}"), format!("/Patient?name:{order}=x"), format!("/Patient?{order}=x"), format!("/Patient?_filter={order}"), format!("/Patient?_elements={order}"),
            format!("/Patient?_include={order}"), format!("/Patient?_count={order}"), format!("/Patient?_cursor={order}"), format!("/Patient?birthdate={order}"), format!("/Observation?patient.name={order}"), format!("/Patient?_has:Observation:patient:code={order}"),
            format!("/Patient/{order}"), format!("/Binary/{order}"), format!("/Patient/ana/_history/{order}"), format!("/Patient/ana/{order}"), format!("/{order}"), format!("/Patient/${order}"), format!("/_jobs/{order}/{order}"), format!("/Patient/ana?_format={order}"), format!("/$graphql?query={order}"),
        ] {
            let began = Instant::now();
            let reply = clinic.get(&path);
            assert!(reply.status.is_client_error() || reply.status == 200, "{path}: {}", reply.status);
            assert!(reply.headers.get("set-cookie").is_none(), "{path}");
            assert!(began.elapsed() < PATIENCE, "{path} takes long");
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(!text.contains("root:") && !text.contains("SQL"), "{path}: {text}");
        }
        for name in ["x-request-id", "if-none-exist", "prefer", "accept", "accept-language", "x-purpose-of-use", "if-match", "range"] {
            let value = order.replace("%0D%0A", "");
            let reply = clinic.ask("GET", "/Patient/ana", &[(name, &value)], "");
            assert!(!reply.status.is_server_error() && reply.headers.get("set-cookie").is_none(), "{name}: {value}");
        }
    }
    assert_eq!(kept(&clinic), before, "nothing was written");
}

#[test]
fn t21_an_expression_or_a_query_that_never_ends_is_ended() {
    let clinic = ward();
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    for expression in ["(1|2|3).repeat($this + 1)", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.replaceMatches('(a*)*b', '')", "Patient.repeat(children()).repeat(children()).repeat(children())", deep.as_str()] {
        let began = Instant::now();
        let body = serde_json::json!({ "resourceType": "Parameters", "parameter": [{ "name": "expression", "valueString": expression }, { "name": "resource", "resource": { "resourceType": "Patient", "name": [{ "family": "x" }] } }] });
        let reply = clinic.ask("POST", "/$fhirpath", &[("content-type", "application/fhir+json")], body.to_string());
        assert!(!reply.status.is_server_error(), "{}: {}", reply.status, &expression[..expression.len().min(60)]);
        assert!(began.elapsed() < PATIENCE, "{} takes {:?}", &expression[..expression.len().min(60)], began.elapsed());
    }
    let nested = format!("{{ PatientList {{ {}id{} }} }}", "ObservationList(_reference: subject) { subject { resource { ... on Patient { ".repeat(40), " } } } }".repeat(40));
    let fragments = "{ Patient(id: ana) { ...a } } fragment a on Patient { ...b } fragment b on Patient { ...a }";
    for query in [nested.as_str(), fragments] {
        let began = Instant::now();
        let reply = clinic.ask("POST", "/$graphql", &[("content-type", "application/graphql")], query.to_owned());
        assert!(reply.status.is_client_error(), "{}", reply.status);
        assert!(began.elapsed() < PATIENCE);
    }
}

#[test]
fn t22_bodies_that_would_make_a_reader_work_for_ever_are_refused_at_once() {
    let clinic = ward();
    let before = kept(&clinic);
    let entities = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>"#;
    let deep = format!(r#"{{"resourceType":"Patient","extension":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let million = format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{}{{}}]}}"#, "{},".repeat(1_000_000));
    let digits = format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/ana"}},"valueQuantity":{{"value":1{}}}}}"#, "0".repeat(1_000_000));
    let twice = r#"{"resourceType":"Patient","id":"ana","gender":"male","gender":"female"}"#;
    for (media, body) in [("application/fhir+xml", entities), ("application/fhir+json", entities), ("application/fhir+json", &deep), ("application/fhir+json", &million), ("application/fhir+json", &digits), ("application/fhir+json", twice)] {
        for path in ["/", "/Patient", "/Observation", "/Patient/$validate"] {
            let began = Instant::now();
            let reply = clinic.ask("POST", path, &[("content-type", media)], body.to_owned());
            // A batch answers for each entry, however many: a million refusals are an answer.
            let is_judged = (path == "/Patient/$validate" || (path == "/" && body.len() == million.len())) && reply.status == 200;
            assert!(reply.status.is_client_error() || is_judged, "{path} {}: {} {}", &body[..body.len().min(60)], reply.status, &reply.text()[..reply.text().len().min(200)]);
            assert!(began.elapsed() < PATIENCE, "{path} {} takes {:?}", &body[..body.len().min(60)], began.elapsed());
        }
    }
    assert_eq!(kept(&clinic), before, "nothing was written");
}

#[test]
fn t24_addresses_in_resources_are_never_fetched_and_origins_are_compared_whole() {
    let clinic = Clinic::telling("https://told.example");
    for endpoint in ["https://told.example.evil.example/hook", "https://told.example@evil.example/hook", "https://told.example:8443/hook", "http://told.example/hook", "https://TOLD.example.evil.example", "https://evil.example/?https://told.example", "https://evil.example#https://told.example", "https://127.0.0.1/hook", "https://[::1]/hook", "https://169.254.169.254/latest/meta-data", "file:///etc/passwd", "gopher://told.example/hook"] {
        let body = format!(r#"{{"resourceType":"Subscription","status":"requested","reason":"r","criteria":"Observation?code=x","channel":{{"type":"rest-hook","endpoint":"{endpoint}"}}}}"#);
        let reply = clinic.ask("POST", "/Subscription", &[("content-type", "application/fhir+json")], body);
        assert!(reply.status.is_client_error(), "{endpoint}: {}", reply.status);
        assert!(!reply.text().contains("evil.example"), "{endpoint}");
    }
    // These are kept or judged; the only thing here that carries is never asked to.
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","photo":[{"contentType":"image/png","url":"http://169.254.169.254/latest"}]} => 201
        PUT /ValueSet/v <<< {"resourceType":"ValueSet","id":"v","url":"http://169.254.169.254/v","status":"active","compose":{"include":[{"valueSet":["http://169.254.169.254/other"]}]}} => 201
        GET /ValueSet/v/$expand => 422
        GET /ValueSet/$expand?url=http://169.254.169.254/unknown => 404
        POST /Patient/$validate <<< {"resourceType":"Patient","meta":{"profile":["http://169.254.169.254/profile"]}} => 200
    "#);
}
