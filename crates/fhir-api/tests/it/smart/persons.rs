//! A program that a person let into the records they may read.

use access::Role;
use chart::{Activation, NewPerson};
use oauth::Proof;
use serde_json::Value;
use testkit::caller;

use super::desk::*;

#[test]
fn a_program_reads_for_a_person_what_they_may_read_and_no_more() {
    let desk = Desk::open();
    let new = NewPerson { patient: "p", display: "Somebody of their own", language: "en", evidence: "passport", contact: None };
    let code = desk.chart.invite(&caller(Role::Admissions), &new).unwrap().code;
    let Activation::Done(person) = desk.chart.activate(&code, "somebody", "correct horse", None).unwrap() else { panic!("the code is good") };
    let lab = basic("lab", "correct-horse");
    for scopes in ["openid fhirUser launch/patient patient/*.cruds", "openid fhirUser user/*.cruds"] {
        let (client, _) = desk.app(Proof::None, scopes);
        let told = desk.tokens_for(&client, &desk.code_of(&client, scopes, &[], &person.account));
        let token = told["access_token"].as_str().unwrap();
        let asked = |method: &str, path: &str, body: &str| desk.with(token, method, path, body);
        for (path, status) in [("/Patient/p", 200), ("/Observation/p-lab", 200), ("/Patient/q", 404), ("/Observation/q-lab", 404), ("/Practitioner/dr", 200)] {
            assert_eq!(asked("GET", path, "").status.as_u16(), status, "{scopes}: {path}");
        }
        let found = asked("GET", "/Observation", "").text;
        assert!(found.contains("p-lab") && found.contains("p-vital") && !found.contains("q-lab"), "{scopes}: {found}");
        let written = asked("PUT", "/Observation/p-lab", &observation("p-lab", "p", "other"));
        assert_eq!(written.status, 403, "{scopes}: a program writes nothing in a person's name: {}", written.text);
        // Who uses it is told by their own Patient, and nowhere else.
        let claims = told["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap()).unwrap();
        assert_eq!(claims["fhirUser"].as_str(), Some(format!("{}/Patient/p", testkit::BASE_URL).as_str()), "{scopes}");
        let practitioners = desk.ask("GET", "/fhir/Practitioner", &[("authorization", &lab)], "");
        assert!(!practitioners.text.contains("Somebody of their own"), "{}", practitioners.text);
    }
}
