//! Who is whom, over HTTP.

use crate::clinic::Clinic;
use access::Role;
use fhir::Document;

fn clinic(role: Role) -> Clinic {
    let clinic = Clinic::open_as(role);
    let person = |id: &str, family: &str, given: &str, birth: &str, more: &str| {
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["{given}"]}}],"gender":"female","birthDate":"{birth}"{more}}}"#);
        assert_eq!(clinic.put(&format!("/Patient/{id}"), body).status, 201, "{id}");
    };
    let number = |value: &str| format!(r#","identifier":[{{"system":"https://carnet.health/id/vn/cccd","value":"{value}"}}]"#);
    person("ximena", "Cruz Zaldívar", "Ximena", "2011-05-12", "");
    person("renata", "Cruz Zaldívar", "Renata", "2011-05-12", "");
    person("mistyped", "Ibarra Ríos", "Citlali", "1980-05-12", "");
    person("hoa", "Nguyễn", "Thị Hoa", "1958-03-14", &number("912158012345"));
    person("lan", "Nguyễn", "Thị Lan", "1991-07-09", "");
    person("once", "Ortega Luna", "Itzel", "1975-11-02", "");
    person("twice", "Ortega Luna", "Itzel", "1975-11-02", "");
    person("moved", "Rentería", "Yolotzin", "1969-01-30", r#","telecom":[{"system":"phone","value":"+52 000 123 4567"},{"system":"email","value":"Yolo@Example.org"}],"address":[{"line":["Calle Luna 5-b"],"city":"Aldea"}]"#);
    clinic
}

/// Ids with their grades, as they stand in the answer.
fn ask(clinic: &Clinic, patient: &str, more: &str) -> (Vec<String>, String) {
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{{"resourceType":"Patient",{patient}}}}}{more}]}}"#);
    let reply = clinic.ask("POST", "/Patient/$match", &[("content-type", "application/fhir+json")], body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let document = Document::read(reply.text()).unwrap();
    let entries = document.root().get("entry").map(|entries| entries.items().collect::<Vec<_>>()).unwrap_or_default();
    let mut last = 2.0;
    let found = entries.iter().filter(|entry| entry.path(&["search", "score"]).is_some()).map(|entry| {
        let score: f64 = entry.path(&["search", "score"]).unwrap().as_number().unwrap().parse().unwrap();
        assert!(score <= last && (0.0..=1.0).contains(&score), "{}", reply.text());
        last = score;
        let grade = entry.path(&["search", "extension", "valueCode"]).unwrap().as_str().unwrap();
        format!("{} {grade}", entry.path(&["resource", "id"]).unwrap().as_str().unwrap())
    });
    (found.collect(), reply.text().to_owned())
}

#[test]
fn whoever_may_be_the_one_is_named_with_grade_and_reasons() {
    let clinic = clinic(Role::Admissions);
    for (patient, expect) in [
        (r#""name":[{"family":"Cruz Zaldivar","given":["Ximena"]}],"birthDate":"2011-05-12","gender":"female""#, vec!["ximena certain", "renata possible"]),
        (r#""name":[{"family":"Ibarra Rios","given":["Citlali"]}],"birthDate":"1980-12-05""#, vec!["mistyped probable"]),
        (r#""name":[{"family":"Ibarra","given":["Citlali"]}],"birthDate":"1980""#, vec!["mistyped probable"]),
        (r#""name":[{"family":"NGUYEN","given":["THI HOA"]}],"birthDate":"1958-03-14""#, vec!["hoa certain"]),
        (r#""name":[{"text":"Hoa"}],"identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"912 158 012 345"}],"birthDate":"1958-03-14""#, vec!["hoa certain"]),
        (r#""name":[{"family":"Nobody","given":["Known"]}],"birthDate":"1901-01-09""#, vec![]),
        // Married, and the birth date is another one: only how she is reached leads to her.
        (r#""name":[{"family":"Olvera","given":["Yolotzin"]}],"gender":"female","birthDate":"1969-08-11","telecom":[{"system":"phone","value":"000-123-4567"}],"address":[{"line":["CALLE LUNA 5 B"]}]"#, vec!["moved possible"]),
        (r#""name":[{"family":"Olvera","given":["Yolotzin"]}],"gender":"female","telecom":[{"system":"email","value":"yolo@example.org"}]"#, vec!["moved possible"]),
        (r#""name":[{"family":"Olvera","given":["Yolotzin"]}],"gender":"female","address":[{"line":["calle luna 5b"]}]"#, vec!["moved possible"]),
        (r#""name":[{"family":"Olvera","given":["Yolotzin"]}],"gender":"female""#, vec![]),
    ] {
        let (found, text) = ask(&clinic, patient, "");
        assert_eq!(found, expect, "{patient}\n{text}");
    }
    let (_, text) = ask(&clinic, r#""name":[{"family":"Cruz Zaldivar","given":["Ximena"]}],"birthDate":"2011-05-12""#, "");
    assert!(text.contains(r#"match-reason","extension":[{"url":"element","valueString":"Patient.name.family"},{"url":"code","valueCode":"accents-left-out"}"#), "{text}");
    assert!(text.contains("may-be-twins"), "{text}");
}

#[test]
fn half_a_name_finds_who_bears_it_and_too_little_is_told() {
    let clinic = clinic(Role::Admissions);
    let zed = r#"{"resourceType":"Patient","id":"zed","name":[{"family":"Zed"}],"birthDate":"1980"}"#;
    assert_eq!(clinic.put("/Patient/zed", zed.to_owned()).status, 201);
    for (patient, expect) in [
        // What was stored, word for word; the name alone; more of the date than is known here.
        (r#""name":[{"family":"Zed"}],"birthDate":"1980""#, vec!["zed possible"]),
        (r#""name":[{"family":"Zed"}]"#, vec!["zed possible"]),
        (r#""name":[{"family":"zed"}],"birthDate":"1980-07-24""#, vec!["zed possible"]),
        (r#""name":[{"family":"Zed","given":["Ana"]}],"birthDate":"1980""#, vec![]),
        (r#""name":[{"family":"Rentería"}],"birthDate":"1969-01""#, vec!["moved probable"]),
        (r#""name":[{"given":["Yolotzin"]}],"birthDate":"1969""#, vec!["moved possible"]),
        (r#""name":[{"given":["Yolotzin"]}]"#, vec!["moved possible"]),
        (r#""name":[{"family":"Zedd"}],"birthDate":"1935""#, vec![]),
    ] {
        let (found, text) = ask(&clinic, patient, "");
        assert_eq!(found, expect, "{patient}\n{text}");
        assert!(!text.contains("OperationOutcome"), "{patient}\n{text}");
    }
    let (found, text) = ask(&clinic, r#""name":[{"family":"Z"}],"birthDate":"1980""#, "");
    assert!(found.is_empty() && text.contains("leads nowhere to look") && text.contains("incomplete"), "{text}");
    for number in 0..16 {
        let body = format!(r#"{{"resourceType":"Patient","id":"many{number}","name":[{{"family":"Quill"}}],"birthDate":"19{:02}-03-0{}"}}"#, 40 + number, 1 + number % 9);
        assert_eq!(clinic.put(&format!("/Patient/many{number}"), body).status, 201);
    }
    let (found, text) = ask(&clinic, r#""name":[{"family":"Quill"}]"#, "");
    assert!(found.is_empty() && text.contains("too many would answer it as well") && !text.contains("Quill"), "{text}");
    let (found, text) = ask(&clinic, r#""name":[{"family":"Quill"}],"birthDate":"1941-03-02""#, "");
    assert!(found == ["many1 probable"] && !text.contains("too many"), "{found:?} {text}");
}

#[test]
fn in_certain_only_mode_one_is_named_or_nobody() {
    let clinic = clinic(Role::Integration);
    let only = r#",{"name":"onlyCertainMatches","valueBoolean":true}"#;
    let (found, _) = ask(&clinic, r#""name":[{"family":"Cruz Zaldivar","given":["Ximena"]}],"birthDate":"2011-05-12""#, only);
    assert_eq!(found, ["ximena certain"]);
    let itzel = r#""name":[{"family":"Ortega Luna","given":["Itzel"]}],"birthDate":"1975-11-02""#;
    let (found, text) = ask(&clinic, itzel, only);
    assert!(found.is_empty() && text.contains("multiple-matches") && !text.contains("Itzel"), "{text}");
    assert_eq!(ask(&clinic, itzel, "").0, ["once certain", "twice certain"]);
    assert_eq!(ask(&clinic, itzel, r#",{"name":"count","valueInteger":1}"#).0, ["once certain"]);
    // A twin who is not there is nobody.
    assert!(ask(&clinic, r#""name":[{"family":"Cruz Zaldívar","given":["Valeria"]}],"birthDate":"2011-05-12""#, only).0.is_empty());
}

#[test]
fn what_cannot_be_matched_is_refused_and_who_may_not_see_finds_nobody() {
    clinic(Role::Integration).check(r#"
        POST /Patient/$match <<< {"resourceType":"Patient","name":[{"family":"Nguyen"}],"birthDate":"1958-03-14"} => 200 ; ~ "hoa"
        POST /Patient/$match <<< {"resourceType":"Patient","birthDate":"1958-03-14"} => 422 required
        POST /Patient/$match <<< {"resourceType":"Observation"} => 400 required
        POST /Patient/$match => 400 required
        POST /Patient/$match <<< {"resourceType":"Parameters","parameter":[{"name":"person","valueString":"x"}]} => 400 not-supported
        POST /Patient/$match <<< {"resourceType":"Parameters","parameter":[{"name":"count","valueInteger":0},{"name":"resource","resource":{"resourceType":"Patient","name":[{"family":"x"}]}}]} => 400 value
        GET /Patient/$match => 405
        GET /metadata => 200 ; ~ Patient-match
    "#);
    let operator = Clinic::open_as(Role::Operator);
    let reply = operator.ask("POST", "/Patient/$match", &[("content-type", "application/fhir+json")], r#"{"resourceType":"Patient","name":[{"family":"Nguyen"}],"birthDate":"1958-03-14"}"#);
    assert!(reply.text().contains("\"total\":0"), "{}", reply.text());
}
