//! The API for somebody who signs in as a person.

use access::Role;
use base64::Engine as _;
use chart::{Activation, NewPerson};

use crate::clinic::{Clinic, Reply};

const SYSTEM: (&str, &str) = ("authorization", "Basic YW5hOmNvcnJlY3QtaG9yc2U=");
const JSON: (&str, &str) = ("content-type", "application/fhir+json");

/// Maria has a record and an account; Ruiz has a record where `with_others`.
fn clinic(with_others: bool) -> (Clinic, String) {
    let clinic = Clinic::closed();
    let mut persons = vec!["maria"];
    if with_others {
        persons.extend(["ruiz", "lopez"]);
    }
    for id in persons {
        for (path, body) in [
            (format!("/Patient/{id}"), format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"https://fhir.ru/ig/core/systems/other","value":"{id}"}}],"name":[{{"family":"Ríos"}}],"birthDate":"1980-01-01"}}"#)),
            (format!("/Encounter/e-{id}"), format!(r#"{{"resourceType":"Encounter","id":"e-{id}","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/{id}"}}}}"#)),
            (format!("/Observation/o-{id}"), format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}]}},"subject":{{"reference":"Patient/{id}"}},"effectiveDateTime":"2026-01-01"}}"#)),
        ] {
            assert_eq!(clinic.ask("PUT", &path, &[SYSTEM, JSON], body).status, 201);
        }
    }
    let desk = testkit::caller(Role::Admissions);
    let new = NewPerson { patient: "maria", display: "Maria Ríos", language: "es", evidence: "passport", contact: None };
    let code = clinic.chart.invite(&desk, &new).unwrap().code;
    assert!(matches!(clinic.chart.activate(&code, "maria", "correct horse", None).unwrap(), Activation::Done(_)));
    let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("maria:correct horse"));
    (clinic, header)
}

/// The ids and the total of an answer: times and cursors differ between any two stores.
fn told(reply: &Reply) -> (u16, Vec<String>) {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let words = [r#""id":""#, r#""total":"#].into_iter().flat_map(|word| text.split(word).skip(1).map(|rest| rest.split(['"', ',', '}']).next().unwrap_or_default().to_owned()).collect::<Vec<_>>());
    // The id of an OperationOutcome counts the requests of a server, of which one had more.
    let is_of_request = |word: &String| word.len() == 19 && word.as_bytes()[8] == b'-' && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (reply.status.as_u16(), words.filter(|word| !is_of_request(word)).collect())
}

const ASKED: &[&str] = &[
    "/Patient", "/Patient?_total=accurate", "/Patient?family=Ríos", "/Patient?birthdate=1980-01-01&_total=accurate", "/Patient?_sort=-birthdate", "/Patient?identifier=ruiz", "/Patient?_id=ruiz,maria",
    "/Patient?_has:Observation:patient:code=4548-4", "/Patient?_summary=count", "/Observation", "/Observation?_total=accurate", "/Observation?code=4548-4&_sort=-date", "/Observation?patient=ruiz",
    "/Observation?patient=maria&_include=Observation:patient", "/Observation?patient.identifier=ruiz", "/Observation?_filter=status%20eq%20final", "/Observation?_contained=both", "/Patient/ruiz/Observation",
    "/Patient/maria/Observation", "/Patient/maria/*?_type=Observation", "/?_type=Patient,Observation", "/Patient/maria/$everything", "/Patient/ruiz/$everything", "/Patient/ruiz/$summary", "/Patient/ruiz", "/Patient/ruiz/_history",
    "/Patient/ruiz/_history/1", "/Observation/o-ruiz", "/Patient/_history", "/_history", "/AuditEvent", "/AuditEvent?patient=ruiz", "/Group", "/List", "/Subscription",
    "/Observation/$lastn?patient=ruiz", "/Observation/$lastn?patient=maria", "/Patient/$everything", "/$export", "/Patient/$export",
];

#[test]
fn an_answer_to_a_person_is_the_same_whether_or_not_there_are_others() {
    let (alone, header) = clinic(false);
    let (among, _) = clinic(true);
    let mut shown = 0;
    for path in ASKED {
        let ask = |clinic: &Clinic| clinic.ask("GET", path, &[("authorization", &header)], "");
        let (one, other) = (ask(&alone), ask(&among));
        assert_eq!(told(&one), told(&other), "{path}\n{}\n{}", String::from_utf8_lossy(&one.body), String::from_utf8_lossy(&other.body));
        let text = String::from_utf8_lossy(&other.body).into_owned();
        assert!(!text.contains("o-ruiz") && !text.contains("lopez"), "{path}: {text}");
        shown += usize::from(text.contains("o-maria"));
    }
    assert!(shown >= 8, "the paths do show something: {shown}");
}

#[test]
fn a_person_writes_nothing_over_the_api_and_learns_nothing_by_trying() {
    let (clinic, header) = clinic(true);
    let patient = |id: &str, value: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"https://fhir.ru/ig/core/systems/other","value":"{value}"}}]}}"#);
    let ask = |method: &str, path: &str, body: String| {
        let reply = clinic.ask(method, path, &[("authorization", &header), JSON], body);
        (reply.status.as_u16(), reply.code())
    };
    let (absent, present) = (ask("PUT", "/Patient/nobody", patient("nobody", "x")), ask("PUT", "/Patient/ruiz", patient("ruiz", "x")));
    assert_eq!(absent, present);
    assert_eq!(absent.0, 404);
    assert_eq!(ask("PUT", "/Patient/maria", patient("maria", "x")).0, 403);
    assert_eq!(ask("DELETE", "/Observation/o-maria", String::new()).0, 403);
    assert_eq!(ask("DELETE", "/Observation/o-ruiz", String::new()), ask("DELETE", "/Observation/o-nobody", String::new()));
    assert_eq!(ask("POST", "/Patient", patient("", "ruiz").replace(r#""id":"","#, "")), ask("POST", "/Patient", patient("", "nobody").replace(r#""id":"","#, "")));
    let observation = |id: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{id}"}}}}"#);
    assert_eq!(ask("POST", "/Observation", observation("maria")).0, 403);
    assert!(ask("POST", "/Observation", observation("ruiz")).0 >= 400);
    assert_eq!(ask("POST", "/Observation", observation("ruiz")), ask("POST", "/Observation", observation("nobody")));
    // What is named by its encounter alone is no other way to ask.
    for kind in ["Observation", "Communication"] {
        let rest = if kind == "Observation" { r#""status":"final","code":{"text":"x"}"# } else { r#""status":"completed""# };
        let during = |id: &str| format!(r#"{{"resourceType":"{kind}",{rest},"encounter":{{"reference":"Encounter/e-{id}"}}}}"#);
        assert_eq!(ask("POST", &format!("/{kind}"), during("ruiz")), ask("POST", &format!("/{kind}"), during("nobody")), "{kind}");
        assert_eq!(ask("POST", &format!("/{kind}"), during("maria")).0, 403, "{kind}");
    }
    let matching = r#"{"resourceType":"Patient","name":[{"family":"Ríos"}]}"#;
    assert_eq!(ask("POST", "/Patient/$match", matching.to_owned()).0, 403);
    let organization = r#"{"resourceType":"Organization","name":"Mine"}"#;
    assert_eq!(ask("POST", "/Organization", organization.to_owned()).0, 403);
    let closure = r#"{"resourceType":"Parameters","parameter":[{"name":"name","valueString":"mine"}]}"#;
    assert_eq!(ask("POST", "/$closure", closure.to_owned()).0, 403);
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{},"request":{{"method":"PUT","url":"Patient/ruiz"}}}}]}}"#, patient("ruiz", "x"));
    assert_eq!(ask("POST", "/", bundle).0, 404);
}

#[test]
fn a_block_of_a_person_counts_on_the_next_request_and_a_second_factor_too() {
    let (clinic, header) = clinic(false);
    let status = || clinic.ask("GET", "/Patient/maria", &[("authorization", &header)], "").status.as_u16();
    assert_eq!(status(), 200);
    let account = clinic.chart.person_account(&testkit::caller(Role::Nurse), "maria").unwrap().unwrap().account;
    let secret = clinic.chart.new_factor_secret();
    clinic.chart.enrol(&account, &secret, &access::totp::code(&secret, access::totp::step_at(clinic.chart.now()))).unwrap().unwrap();
    assert_eq!(status(), 403);
    clinic.chart.block_account(&testkit::caller(Role::Nurse).account, "maria").unwrap();
    clinic.hands.forward_ms(120_000);
    assert_eq!(status(), 401);
}

/// A number that was cancelled and given anew: the old one stays as history and still finds its holder, and only them.
#[test]
fn a_person_with_a_new_number_is_found_by_the_old_one_too() {
    let clinic = Clinic::open();
    let cccd = "https://carnet.health/id/vn/cccd";
    let patient = |numbers: &str| format!(r#"{{"resourceType":"Patient","id":"hoa","identifier":[{numbers}],"name":[{{"family":"Lê"}}]}}"#);
    let old = format!(r#"{{"system":"{cccd}","value":"912158012345"}}"#);
    let both = format!(r#"{{"use":"old","system":"{cccd}","value":"912158012345","period":{{"end":"2026-02-01"}}}},{{"use":"official","system":"{cccd}","value":"912358012345","period":{{"start":"2026-02-01"}}}}"#);
    assert_eq!(clinic.put("/Patient/hoa", patient(&old)).status, 201);
    assert_eq!(clinic.put("/Patient/hoa", patient(&both)).status, 200);
    clinic.check(&format!(r#"
        GET /Patient?identifier={cccd}|912158012345 => 200 ; ~ "total":1 ; ~ Patient/hoa
        GET /Patient?identifier={cccd}|912358012345 => 200 ; ~ "total":1 ; ~ Patient/hoa
        GET /Patient/hoa/_history/1 => 200 ; !~ 912358012345
    "#));
}
