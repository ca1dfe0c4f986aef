//! Who is shown what: every address, every type, every role, every kind of person and thing.
//!
//! * What is expected stands in `matrix.txt`, for somebody to read who judges rules and no code.
//! * The addresses are those of the router's own table: one that `matrix.txt` does not name, or
//!   that this test does not know how to ask, fails the test.
//! * Each thing bears a mark of its kind. No answer, in body or headers, may hold the mark of what
//!   is not permitted; and what is not permitted is answered like what is not there.
//! * What is permitted is seen, so that the test can fail.

use std::collections::{BTreeMap, BTreeSet};

use access::{Caller, Policy, ProxyKind, Purpose, Role, Session};
use chart::{Activation, NewPerson, NewProxy};
use fhir::{Document, ResourceType, home};
use fhir_api::Address;
use serde_json::{Value, json};
use testkit::invent::Inventor;
use testkit::{block_on, caller};

use crate::clinic::{Clinic, Reply};

const TABLE: &str = include_str!("matrix.txt");
const JSON: (&str, &str) = ("content-type", "application/fhir+json");
/// Content of a Binary would come without what stands around it.
const FHIR: (&str, &str) = ("accept", "application/fhir+json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// No version has it: a write that is permitted stops here and changes nothing.
const STALE: (&str, &str) = ("if-match", "W/\"99\"");
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// What `matrix.txt` says.
struct Table {
    /// The act of an address and a method.
    acts: BTreeMap<(String, String), String>,
    kinds: Vec<String>,
    /// The kinds that a role may touch with an act.
    may: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Table {
    fn read(text: &str) -> Table {
        let mut table = Table { acts: BTreeMap::new(), kinds: Vec::new(), may: BTreeMap::new() };
        let (mut head, mut in_roles) = (Vec::new(), false);
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[0] {
                "address" => head = words[1..].to_vec(),
                "role" => (in_roles, table.kinds) = (true, words[2..].iter().map(|word| (*word).to_owned()).collect()),
                _ if in_roles => {
                    assert_eq!(words.len(), table.kinds.len() + 2, "{line}");
                    assert!(words[2..].iter().all(|word| matches!(*word, "yes" | "-")), "{line}");
                    let yes = table.kinds.iter().zip(&words[2..]).filter(|(_, word)| **word == "yes").map(|(kind, _)| kind.clone()).collect();
                    assert!(table.may.insert((words[0].to_owned(), words[1].to_owned()), yes).is_none(), "twice: {line}");
                }
                pattern => {
                    assert_eq!(words.len(), head.len() + 1, "{line}");
                    for (method, act) in head.iter().zip(&words[1..]).filter(|(_, act)| **act != "-") {
                        assert!(["open", "shows", "tells", "writes", "takes", "works"].contains(act), "{line}");
                        let pattern = if pattern == "(base)" { "" } else { pattern };
                        assert!(table.acts.insert((pattern.to_owned(), (*method).to_owned()), (*act).to_owned()).is_none(), "twice: {line}");
                    }
                }
            }
        }
        table
    }

    fn may(&self, role: &str, act: &str, kind: &str) -> bool {
        let act = if matches!(act, "writes" | "takes") { act } else { "reads" };
        self.may.get(&(role.to_owned(), act.to_owned())).unwrap_or_else(|| panic!("{role} {act} has no line in matrix.txt")).contains(kind)
    }
}

/// One thing that is kept, of a kind of the table.
struct Thing {
    kind: &'static str,
    of: ResourceType,
    id: String,
    /// Whose record it lies in; its own id where that is nobody's.
    person: &'static str,
    text: String,
}

/// The persons of the matrix, and the kind their records are of.
const PERSONS: [(&str, &str, &str); 4] = [
    ("own", "own", r#""birthDate":"1980-05-01","managingOrganization":{"reference":"Organization/matrix-here"}"#),
    ("kid", "entrusted", r#""birthDate":"2022-01-01","managingOrganization":{"reference":"Organization/matrix-here"}"#),
    ("oth", "other", r#""birthDate":"1970-01-01""#),
    ("els", "elsewhere", r#""birthDate":"1960-01-01","managingOrganization":{"reference":"Organization/matrix-there"}"#),
];

fn mark(kind: &str) -> String {
    format!("mark-of-{kind}-mark")
}

/// The same text with the mark of its kind, and with what the kind adds.
fn marked(text: &str, kind: &'static str) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let security = match kind {
        "sealed" => json!([{ "system": CONFIDENTIALITY, "code": "V" }]),
        "labelled" => json!([{ "system": ACT_CODE, "code": "HIV" }]),
        _ => Value::Null,
    };
    let mut meta = json!({ "tag": [{ "system": "urn:matrix", "code": mark(kind) }] });
    if !security.is_null() {
        meta["security"] = security;
    }
    value["meta"] = meta;
    // One that is in force would rule over all the rest.
    if value["resourceType"] == "Consent" {
        value["status"] = "inactive".into();
    }
    // What a person is still writing is theirs alone, and has tests of its own.
    if value["resourceType"] == "QuestionnaireResponse" && value["status"] == "in-progress" {
        value["status"] = "completed".into();
    }
    if kind == "linked" {
        value["extension"] = json!([{ "url": "urn:matrix:linked", "valueReference": { "reference": "Patient/own" } }]);
    }
    value.to_string()
}

/// Something of a type that lies with a person; none where nothing of the type does.
fn about(inventor: &mut Inventor, of: ResourceType, person: &'static str, id: &str) -> Option<String> {
    if home::rule(of).paths.is_empty() || of.name() == "Subscription" {
        return None;
    }
    let wanted = (ResourceType::PATIENT, person.to_owned());
    for _ in 0..400 {
        let text = inventor.about(person).resource(of, id);
        let lies = home::candidates(of, Document::read(&text).unwrap().root()).first() == Some(&wanted);
        // Nothing in it may say by itself that it is sensitive, or whom it names besides.
        if lies && !["ana", "bao", "vera"].iter().any(|other| text.contains(&format!("Patient/{other}"))) {
            return Some(text);
        }
    }
    None
}

/// Of these types are the things about which addresses without a type are asked.
const WITHOUT_TYPE: [&str; 8] = ["Patient", "Observation", "Condition", "Encounter", "Consent", "Group", "Organization", "Subscription"];

/// Sets no type: the paper is the text of the document, marks and all.
#[derive(Debug)]
struct Copyist;

impl chart::Press for Copyist {
    fn document<'a>(&'a self, _: &'a Caller, filled: chart::Filled, _: &'a str, _: &'a str) -> chart::Pressing<'a> {
        Box::pin(async move { Ok(filled.stored.text.into_bytes()) })
    }
}

struct Ward {
    console: Clinic,
    things: Vec<Thing>,
    callers: Vec<(&'static str, Clinic)>,
}

/// A site with all its rules turned on, and one thing of each kind and type.
fn ward() -> Ward {
    let rules = &country::all()[0].sensitivities;
    let policy = Policy { sensitivities: std::sync::Arc::from(rules.labels.clone()), needs_relation: true, ..Policy::default() };
    let console = Clinic::set(chart::Settings { policy, subscription_targets: vec!["https://told.example".to_owned()], ..testkit::settings() });
    let put = |of: ResourceType, id: &str, text: &str| {
        let reply = console.put(&format!("/{of}/{id}"), text.to_owned());
        assert!(matches!(reply.status.as_u16(), 200 | 201), "{of}/{id}: {} {}\n{text}", reply.status, reply.text());
    };
    let kind = |name: &str| ResourceType::named(name).unwrap();
    for (id, name) in [("matrix-here", "Test clinic"), ("matrix-there", "Another clinic")] {
        put(kind("Organization"), id, &format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}"}}"#));
    }
    let mut things = Vec::new();
    for (person, of_kind, more) in PERSONS {
        let known = if of_kind == "other" || of_kind == "elsewhere" { "who" } else { of_kind };
        let text = marked(&format!(r#"{{"resourceType":"Patient","id":"{person}","name":[{{"family":"Matrix"}}],{more}}}"#), known);
        put(ResourceType::PATIENT, person, &text);
        things.push(Thing { kind: known, of: ResourceType::PATIENT, id: person.to_owned(), person, text });
    }
    let mut inventor = Inventor::new(11);
    let mut refused = Vec::new();
    let entry_kinds = [("own", "own", "1"), ("kid", "entrusted", "1"), ("oth", "other", "1"), ("els", "elsewhere", "1"), ("els", "linked", "2"), ("own", "labelled", "3"), ("own", "sealed", "4"), ("own", "refused", "5")];
    // Encounters first: the rest names them.
    let types = [ResourceType::ENCOUNTER].into_iter().chain(ResourceType::all().filter(|of| *of != ResourceType::ENCOUNTER && *of != ResourceType::PATIENT));
    for of in types {
        for (person, of_kind, number) in entry_kinds {
            let id = format!("{person}-{number}");
            let Some(text) = about(&mut inventor, of, person, &id) else { continue };
            // Where a consent refuses something, all consents of the record are like that one: `refusal`.
            if person == "own" && of.name() == "Consent" {
                continue;
            }
            if of_kind == "linked" && matches!(of.name(), "Binary" | "Bundle" | "Parameters") {
                continue;
            }
            let text = marked(&text, of_kind);
            put(of, &id, &text);
            if of_kind == "refused" {
                refused.push(format!(r#"{{"meaning":"instance","reference":{{"reference":"{of}/{id}"}}}}"#));
            }
            things.push(Thing { kind: of_kind, of, id, person, text });
        }
        if home::is_shared(of) && of.name() != "Subscription" {
            let text = marked(&inventor.about("ana").resource(of, "shared-1"), "shared");
            let reply = console.put(&format!("/{of}/shared-1"), text.clone());
            if matches!(reply.status.as_u16(), 200 | 201) {
                things.push(Thing { kind: "shared", of, id: "shared-1".to_owned(), person: "ana", text });
            }
        }
    }
    for (of_kind, of, id, body) in [
        ("set", "Group", "set-1", r#""type":"person","actual":true,"member":[{"entity":{"reference":"Patient/own"}}]"#),
        ("set", "List", "set-1", r#""status":"current","mode":"working","entry":[{"item":{"reference":"Patient/own"}}]"#),
        ("loose", "Observation", "loose-1", r#""status":"final","code":{"text":"x"}"#),
        ("wiring", "Subscription", "wired-1", r#""status":"requested","reason":"x","criteria":"Observation?code=8480-6","channel":{"type":"rest-hook","endpoint":"https://told.example/hook","payload":"application/fhir+json"}"#),
    ] {
        let text = marked(&format!(r#"{{"resourceType":"{of}","id":"{id}",{body}}}"#), of_kind);
        put(kind(of), id, &text);
        things.push(Thing { kind: of_kind, of: kind(of), id: id.to_owned(), person: "own", text });
    }
    let consent = format!(
        r#"{{"resourceType":"Consent","id":"own-6","status":"active","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"coding":[{{"system":"http://loinc.org","code":"59284-0"}}]}}],"patient":{{"reference":"Patient/own"}},"dateTime":"2026-01-01","policyRule":{{"text":"x"}},"provision":{{"type":"deny","data":[{}]}}}}"#,
        refused.join(",")
    );
    let consent = marked_in_force(&consent);
    put(kind("Consent"), "own-6", &consent);
    things.push(Thing { kind: "refusal", of: kind("Consent"), id: "own-6".to_owned(), person: "own", text: consent });
    let own = person(&console);
    let seen_as = |open: Option<Caller>| console.seen_with(open, fhir_api::Settings { press: Some(std::sync::Arc::new(Copyist)), ..fhir_api::Settings::default() });
    let callers = Role::ALL.iter().map(|(role, word)| (*word, seen_as(Some(if *role == Role::Person { own.clone() } else { caller(*role) })))).chain([("stranger", seen_as(None))]).collect();
    Ward { console, things, callers }
}

/// The consent that refuses, with its mark and still in force.
fn marked_in_force(text: &str) -> String {
    let mut value: Value = serde_json::from_str(&marked(text, "refusal")).unwrap();
    value["status"] = "active".into();
    value.to_string()
}

/// The person whose record is `own`, to whom `kid` is entrusted.
fn person(console: &Clinic) -> Caller {
    let station = caller(Role::Nurse);
    let new = NewPerson { patient: "own", display: "Own", language: "en", evidence: "passport", contact: None };
    let code = console.chart.invite(&station, &new).unwrap().code;
    let Activation::Done(signed_in) = console.chart.activate(&code, "own", "correct horse", None).unwrap() else { panic!("no account") };
    let trust = NewProxy { login: "own".into(), kind: ProxyKind::Parent, agreed: false, until: None, evidence: "birth certificate".into(), document: None };
    block_on(console.chart.entrust(&station, "kid", &trust)).unwrap();
    let session = Session { number: signed_in.account.number, began: testkit::OPENS };
    Caller { account: signed_in.account, purpose: Purpose::Own, session, grant: None }
}

/// A request about something.
struct Question {
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

/// How an address is asked about a thing: its own id, or another in its place, of the same length.
fn question(pattern: &str, method: &str, thing: &Thing, id: &str, person: &str) -> Vec<Question> {
    let (of, version) = (thing.of.name(), "1");
    let path = [("{type}", of), ("{id}", id), ("{version}", version)].iter().fold(format!("/{pattern}"), |path, (name, value)| path.replace(name, value));
    let get = |more: &str| vec![Question { path: format!("{path}{more}"), headers: vec![FHIR], body: String::new() }];
    let send = |more: &str, kind: (&'static str, &'static str), body: String| vec![Question { path: format!("{path}{more}"), headers: vec![kind], body }];
    let stale = |more: &str, kind: (&'static str, &'static str), body: String| vec![Question { path: format!("{path}{more}"), headers: vec![kind, STALE], body }];
    let body = || thing.text.replace(&format!("\"id\":\"{}\"", thing.id), &format!("\"id\":\"{id}\""));
    let parameters = |list: Value| json!({ "resourceType": "Parameters", "parameter": list }).to_string();
    let called = |name: &str, list: Value, in_address: &str| match method {
        "POST" => send("", JSON, parameters(list)),
        _ => get(&if in_address.is_empty() { String::new() } else { format!("?{name}{in_address}") }),
    };
    let none = |_: ()| called("", json!([]), "");
    let members = "Observation,Condition,Encounter,Procedure,Consent,List,DiagnosticReport,AuditEvent";
    match (pattern, method) {
        ("metadata" | "openapi.json" | ".well-known/smart-configuration" | ".well-known/openid-configuration", _) => get(""),
        ("", "POST") => {
            let entry = |url: String| json!({ "request": { "method": "GET", "url": url } });
            let bundle = json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry(format!("{of}/{id}")), entry(format!("{of}?_id={id}")), entry(format!("{of}/{id}/_history"))] });
            send("", JSON, bundle.to_string())
        }
        ("", _) => get(&format!("?_type={of}&_id={id}")),
        ("_history" | "{type}/_history", _) => get("?_count=1000"),
        ("_search", _) => send("", FORM, format!("_type={of}&_id={id}")),
        ("{type}", "POST") => {
            let mut body: Value = serde_json::from_str(&body()).unwrap();
            body["meta"] = json!({});
            // Where somebody may create, the condition finds what is there and nothing is made.
            vec![Question { path, headers: vec![JSON, ("if-none-exist", "_id=own,own-1,kid,set-1,shared-1,loose-1,wired-1")], body: body.to_string() }]
        }
        ("{type}", "PUT") => stale(&format!("?_id={id}"), JSON, body()),
        ("{type}", "PATCH") => stale(&format!("?_id={id}"), ("content-type", "application/json-patch+json"), "[]".to_owned()),
        ("{type}", "DELETE") => stale(&format!("?_id={id}"), JSON, String::new()),
        ("{type}", _) => {
            let mut all = get(&format!("?_id={id}"));
            all.extend(get("?_count=200&_total=accurate&_sort=-_lastUpdated"));
            all
        }
        ("{type}/_search", _) => send("", FORM, format!("_id={id}")),
        ("{type}/{id}", "PUT") => stale("", JSON, body()),
        ("{type}/{id}", "PATCH") => stale("", ("content-type", "application/json-patch+json"), "[]".to_owned()),
        ("{type}/{id}", "DELETE") => stale("", JSON, String::new()),
        ("{type}/{id}" | "{type}/{id}/_history" | "{type}/{id}/_history/{version}", _) => get(""),
        ("{type}/{id}/{member}", _) => vec![
            Question { path: format!("/{of}/{id}/Observation?_count=200"), headers: vec![], body: String::new() },
            Question { path: format!("/{of}/{id}/*?_type={members}&_count=200"), headers: vec![], body: String::new() },
        ],
        ("{type}/{id}/{member}/_search", _) => vec![Question { path: format!("/{of}/{id}/Observation/_search"), headers: vec![FORM], body: "_count=200".to_owned() }],
        ("_jobs/{job}" | "_jobs/{job}/{file}", _) => Vec::new(),
        ("$export" | "{type}/$export" | "{type}/{id}/$export", _) => Vec::new(),
        ("$import", _) => vec![Question { path, headers: vec![JSON, ("prefer", "respond-async")], body: parameters(json!([{ "name": "inputFormat", "valueCode": "application/fhir+ndjson" }, { "name": "input", "part": [{ "name": "type", "valueCode": of }, { "name": "url", "valueUrl": "https://unlisted.example/x" }] }])) }],
        ("{type}/$everything", _) => get(""),
        ("{type}/{id}/$everything" | "{type}/{id}/$summary" | "$meta" | "{type}/$meta" | "{type}/{id}/$meta" | "{type}/{id}/_history/{version}/$meta" | "{type}/{id}/$events" | "{type}/{id}/$status" | "{type}/{id}/$document" | "{type}/{id}/$immds-forecast", _) => none(()),
        ("{type}/$summary", _) => called("identifier=urn:matrix|", json!([{ "name": "identifier", "valueString": format!("urn:matrix|{id}") }]), id),
        ("{type}/$document", _) => called("id=", json!([{ "name": "id", "valueUri": format!("Composition/{id}") }]), id),
        ("{type}/$status", _) => called("id=", json!([{ "name": "id", "valueId": id }]), id),
        ("{type}/$lastn", _) => called("subject=Patient/", json!([{ "name": "subject", "valueString": format!("Patient/{person}") }]), person),
        ("{type}/$stats", _) => called("statistic=count,total-count,maximum&code=8480-6&include=true&subject=Patient/", json!([{ "name": "subject", "valueString": format!("Patient/{person}") }, { "name": "code", "valueString": "8480-6" }, { "name": "statistic", "valueCode": "count" }]), person),
        ("{type}/$match", _) => send("", JSON, parameters(json!([{ "name": "resource", "resource": { "resourceType": "Patient", "name": [{ "family": "Matrix" }], "birthDate": "1970-01-01" } }]))),
        ("$graphql" | "{type}/$graphql", _) => {
            let query = format!("{{ {of}(id: \"{id}\") {{ id meta {{ tag {{ code }} }} }} {of}List(_id: \"{id}\") {{ id meta {{ tag {{ code }} }} }} }}");
            match method {
                "POST" => send("", ("content-type", "application/graphql"), query),
                _ => get(&format!("?query={}", escaped(&query))),
            }
        }
        ("{type}/{id}/$graphql", "POST") => send("", ("content-type", "application/graphql"), "{ id meta { tag { code } } }".to_owned()),
        ("{type}/{id}/$graphql", _) => get(&format!("?query={}", escaped("{ id meta { tag { code } } }"))),
        ("$fhirpath", _) => send("", JSON, parameters(json!([{ "name": "expression", "valueString": format!("'{of}/{id}'.resolve().meta.tag.code") }, { "name": "resource", "resource": { "resourceType": "Patient", "link": [{ "other": { "reference": format!("{of}/{id}") }, "type": "seealso" }] } }]))),
        ("{type}/$validate" | "{type}/{id}/$validate", "POST") => send("", JSON, body()),
        ("{type}/$validate" | "{type}/{id}/$validate", _) => get(""),
        // Both are the same one, which is refused after it was looked for; and nobody here was merged.
        ("{type}/$merge", _) => send("", JSON, parameters(json!([{ "name": "source-patient", "valueReference": { "reference": format!("Patient/{id}") } }, { "name": "target-patient", "valueReference": { "reference": format!("Patient/{id}") } }, { "name": "reason", "valueString": "matrix" }]))),
        ("{type}/{id}/$unmerge", _) => send("", JSON, parameters(json!([{ "name": "reason", "valueString": "matrix" }]))),
        // To a unit that is nowhere, so that everybody stays where they are.
        ("{type}/{id}/$assign-unit" | "{type}/{id}/$transfer", _) => send("", JSON, parameters(json!([{ "name": "unit", "valueReference": { "reference": "Organization/nowhere" } }, { "name": "reason", "valueString": "matrix" }]))),
        // It lies in that person's record already, or in nobody's.
        ("$correct-person", _) => send("", JSON, parameters(json!([{ "name": "entry", "valueReference": { "reference": format!("{of}/{id}") } }, { "name": "patient", "valueReference": { "reference": format!("Patient/{person}") } }, { "name": "reason", "valueString": "matrix" }]))),
        ("{type}/$populate" | "{type}/{id}/$populate", "POST") => send("", JSON, parameters(json!([{ "name": "subject", "valueReference": { "reference": "Patient/own" } }]))),
        ("{type}/$populate" | "{type}/{id}/$populate" | "{type}/$extract" | "{type}/{id}/$extract", "GET" | "HEAD") => get(""),
        ("{type}/$extract", _) => send("", JSON, parameters(json!([{ "name": "questionnaire-response", "resource": { "resourceType": "QuestionnaireResponse", "status": "completed" } }]))),
        ("{type}/{id}/$extract", _) => send("", JSON, parameters(json!([]))),
        ("{type}/{id}/$paper", _) => none(()),
        // Without a reason, so that it stays whole.
        ("{type}/{id}/$break-glass", _) => send("", JSON, parameters(json!([]))),
        ("{type}/{id}/$meta-add" | "{type}/{id}/$meta-delete", _) => send("", JSON, parameters(json!([{ "name": "meta", "valueMeta": { "tag": [{ "system": "urn:matrix", "code": "of-nobody" }] } }]))),
        ("$immds-forecast", _) => send("", JSON, parameters(json!([{ "name": "patient", "resource": { "resourceType": "Patient", "birthDate": "2022-01-01" } }]))),
        ("$closure", _) => send("", JSON, parameters(json!([{ "name": "name", "valueString": "matrix" }]))),
        ("{type}/$expand" | "{type}/{id}/$expand" | "{type}/$lookup" | "{type}/$subsumes" | "{type}/{id}/$subsumes" | "{type}/$translate" | "{type}/{id}/$translate" | "{type}/$validate-code" | "{type}/{id}/$validate-code", _) => {
            called("code=female&url=", json!([{ "name": "code", "valueCode": "female" }]), "http://hl7.org/fhir/administrative-gender")
        }
        _ => panic!("say in this test how {method} {pattern} is asked"),
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Everything of an answer that must not tell: status, body and headers, where the id that was
/// asked for has one face, and what is new in every answer has gone.
fn told(reply: &Reply, asked: &[&str]) -> String {
    let mut headers: Vec<String> = reply.headers.iter().filter(|(name, _)| *name != "x-request-id").map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default())).collect();
    headers.sort();
    let mut text = format!("{}\n{}\n{}", reply.status, headers.join("\n"), String::from_utf8_lossy(&reply.body));
    let request = reply.header("x-request-id");
    if !request.is_empty() {
        text = text.replace(request, "(request)");
    }
    for (word, face) in asked.iter().zip(["(id)", "(person)"]) {
        for (before, after) in [("/", ""), ("\"", "\""), ("=", ""), ("|", ""), ("'", ""), ("%2F", ""), ("%7C", ""), ("%22", "%22")] {
            text = text.replace(&format!("{before}{word}{after}"), &format!("{before}{face}{after}"));
        }
    }
    // The moment of a Bundle, and of an expansion.
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("\"lastUpdated\":\"").or_else(|| rest.find("\"timestamp\":\"")) {
        let start = at + rest[at..].find(":\"").unwrap_or_default() + 2;
        out.push_str(&rest[..start]);
        rest = rest[start..].split_once('"').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// The kinds whose marks an answer holds.
fn seen(reply: &Reply, kinds: &[String]) -> BTreeSet<String> {
    let mut text = String::from_utf8_lossy(&reply.body).into_owned();
    reply.headers.values().for_each(|value| text.push_str(value.to_str().unwrap_or_default()));
    kinds.iter().filter(|kind| text.contains(&mark(kind))).cloned().collect()
}

/// As long as an id, and nobody's.
fn nobody(id: &str) -> String {
    let mut other: String = id.chars().rev().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect();
    if other == id || !other.contains('9') {
        other = "z".repeat(id.len());
    }
    other
}

#[test]
fn every_address_is_in_the_table_and_asks_for_what_it_takes() {
    let table = Table::read(TABLE);
    let mut listed: BTreeSet<(String, String)> = table.acts.keys().cloned().collect();
    for Address { pattern, methods, .. } in fhir_api::addresses() {
        for method in methods.split(", ").filter(|method| *method != "HEAD") {
            let key = (pattern.clone(), method.to_owned());
            assert!(table.acts.contains_key(&key), "say in matrix.txt what {method} {pattern} does");
            listed.remove(&key);
        }
    }
    assert!(listed.is_empty(), "matrix.txt names what is not there: {listed:?}");
    for (_, role) in Role::ALL.iter().map(|(role, word)| (role, *word)).chain([(&Role::Person, "stranger")]) {
        for act in ["reads", "writes", "takes"] {
            assert!(table.may.contains_key(&(role.to_owned(), act.to_owned())), "say in matrix.txt what {role} {act}");
        }
    }
}

#[test]
fn nobody_is_shown_or_told_what_the_table_does_not_give_them() {
    let table = Table::read(TABLE);
    let ward = ward();
    let mut failures: Vec<String> = Vec::new();
    let mut shown: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut asked, mut alike) = (0u64, 0u64);
    // What names nothing in particular is asked once by each role.
    let mut before: BTreeSet<(String, String)> = BTreeSet::new();
    let all = fhir_api::addresses();
    let kind_of_person = |person: &str| PERSONS.iter().find(|(id, ..)| *id == person).map_or("other", |(_, kind, _)| *kind);
    for thing in &ward.things {
        let is_asked = |address: &&Address| if address.types.is_empty() { WITHOUT_TYPE.contains(&thing.of.name()) } else { address.types.contains(&thing.of) };
        for address in all.iter().filter(is_asked) {
            for method in address.methods.split(", ") {
                let listed = if method == "HEAD" { "GET" } else { method };
                let act = &table.acts[&(address.pattern.clone(), listed.to_owned())];
                let other_id = nobody(&thing.id);
                for (role, clinic) in &ward.callers {
                    // Who may look into the record is told what else is in it.
                    let other_person = if table.may(role, "reads", kind_of_person(thing.person)) { thing.person.to_owned() } else { nobody(thing.person) };
                    let may = table.may(role, act, thing.kind);
                    let questions = question(&address.pattern, method, thing, &thing.id, thing.person);
                    let absent = question(&address.pattern, method, thing, &other_id, &other_person);
                    for (question, absent) in questions.iter().zip(&absent) {
                        if question.path == absent.path && question.body == absent.body && !before.insert(((*role).to_owned(), format!("{method} {} {}", question.path, question.body))) {
                            continue;
                        }
                        // A delete by criteria that finds one thing deletes it: only those ask who may not.
                        if method == "DELETE" && address.pattern == "{type}" && may {
                            continue;
                        }
                        let reply = clinic.ask(method, &question.path, &question.headers, question.body.clone());
                        asked += 1;
                        let place = || format!("{role} {method} {} ({}, {} of {})", question.path, act, thing.of, thing.kind);
                        if reply.status.is_server_error() {
                            failures.push(format!("{} fails: {}", place(), reply.status));
                        }
                        if *role == "stranger" && act != "open" && reply.status != 401 {
                            failures.push(format!("{}: a stranger is answered {}", place(), reply.status));
                        }
                        for kind in seen(&reply, &table.kinds) {
                            if !table.may(role, act, &kind) {
                                failures.push(format!("{} shows the mark of {kind}", place()));
                            }
                            if kind == thing.kind {
                                shown.insert(((*role).to_owned(), kind));
                            }
                        }
                        let is_shown = seen(&reply, &table.kinds).contains(thing.kind);
                        if act == "shows" && method == "GET" && may && question.path.contains(&thing.id) && address.pattern.starts_with("{type}/{id}") && !is_shown {
                            failures.push(format!("{} does not show it: {}", place(), reply.status));
                        }
                        // What one may read and not write is there, and refused.
                        let is_known = table.may(role, "reads", thing.kind);
                        if !may && !is_known && *role != "stranger" {
                            let other = clinic.ask(method, &absent.path, &absent.headers, absent.body.clone());
                            alike += 1;
                            let (one, two) = (told(&reply, &[thing.id.as_str(), thing.person]), told(&other, &[other_id.as_str(), other_person.as_str()]));
                            if one != two {
                                failures.push(format!("{} is told from what is not there:\n    {}\n    {}", place(), one.replace('\n', "\n    "), two.replace('\n', "\n    ")));
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{asked} asked, {alike} compared with what is not there");
    for (role, _) in &ward.callers {
        for kind in &table.kinds {
            if table.may(role, "reads", kind) != shown.contains(&((*role).to_owned(), kind.clone())) {
                failures.push(format!("{role} reads {kind}: the table says {}, and the mark was {}", table.may(role, "reads", kind), if shown.contains(&((*role).to_owned(), kind.clone())) { "seen" } else { "never seen" }));
            }
        }
    }
    report(&failures);
}

/// Tells each sort of failure once, with how often it came.
fn report(failures: &[String]) {
    let mut sorts: BTreeMap<String, (usize, &String)> = BTreeMap::new();
    for failure in failures {
        let words: Vec<&str> = failure.split_whitespace().collect();
        let sort = format!("{} {} {}", words.first().unwrap_or(&""), words.get(1).unwrap_or(&""), failure.split_once('(').map_or("", |(_, rest)| rest.lines().next().unwrap_or_default()));
        sorts.entry(sort).or_insert((0, failure)).0 += 1;
    }
    for (times, failure) in sorts.values().take(200) {
        println!("{times} times: {failure}");
    }
    assert!(failures.is_empty(), "{} failures of {} sorts, told above", failures.len(), sorts.len());
}

/// Begins an export and gives the marks of all its files; none where it was refused.
fn exported(clinic: &Clinic, path: &str, kinds: &[String]) -> Option<BTreeSet<String>> {
    let begun = clinic.ask("GET", path, &[("prefer", "respond-async")], "");
    if begun.status != 202 {
        assert!(begun.status.is_client_error(), "{path}: {}", begun.text());
        assert!(seen(&begun, kinds).is_empty());
        return None;
    }
    let status = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let manifest = clinic.finished(&status);
    let mut marks = BTreeSet::new();
    let told: Value = serde_json::from_str(manifest.text()).unwrap();
    for file in told["output"].as_array().unwrap() {
        let path = file["url"].as_str().unwrap().split_once("/fhir").unwrap().1.to_owned();
        marks.extend(seen(&clinic.get(&path), kinds));
    }
    Some(marks)
}

#[test]
fn an_export_holds_what_the_table_gives_and_nothing_else_and_is_there_for_nobody_else() {
    let table = Table::read(TABLE);
    let ward = ward();
    let begun = ward.callers.iter().find(|(role, _)| *role == "integration").unwrap().1.ask("GET", "/$export", &[("prefer", "respond-async")], "");
    let job = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let mut taken = 0;
    for (role, clinic) in &ward.callers {
        let may: BTreeSet<String> = table.kinds.iter().filter(|kind| table.may(role, "takes", kind)).cloned().collect();
        match exported(clinic, "/$export", &table.kinds) {
            None => assert!(may.is_empty(), "{role} is refused an export"),
            Some(marks) => {
                assert_eq!(marks, may, "{role} takes what the table does not say");
                taken += 1;
            }
        }
        for path in ["/Patient/$export", "/Group/set-1/$export"] {
            let marks = exported(clinic, path, &table.kinds).unwrap_or_default();
            assert!(marks.is_subset(&may), "{role} {path}: {marks:?}");
        }
        if !matches!(*role, "integration" | "stranger") {
            let nothing = "/_jobs/00000000000000000000000000000000";
            for (one, other) in [(job.clone(), nothing.to_owned()), (format!("{job}/Patient.0.ndjson"), format!("{nothing}/Patient.0.ndjson"))] {
                let (theirs, none) = (clinic.get(&one), clinic.get(&other));
                assert_eq!((theirs.status.as_u16(), told(&theirs, &[])), (404, told(&none, &[])), "{role} {one}");
            }
            assert_eq!(clinic.ask("DELETE", &job, &[], "").status, 404, "{role}");
        }
    }
    assert_eq!(taken, 2, "connected systems and the command line export");
    assert_eq!(ward.console.get(&job).status, 404, "a job is its account's");
}
