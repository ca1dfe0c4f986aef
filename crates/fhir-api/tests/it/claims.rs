//! Every claim of the CapabilityStatement, tried on resources invented from the definitions: each
//! interaction of each type, and each search parameter with a value that must find its resource.

use crate::clinic::{Clinic, Reply};
use fhir::{Document, ResourceType, Value};
use search::{Parameter, parameter};
use testkit::BASE_URL;
use testkit::invent::{Inventor, PEOPLE, spoken, values_of};

const JSON: (&str, &str) = ("content-type", "application/fhir+json");
const AS_FHIR: (&str, &str) = ("accept", "application/fhir+json");

/// What the statement says of one type.
struct Claimed {
    kind: ResourceType,
    interactions: Vec<String>,
    parameters: Vec<String>,
}

fn texts(of: Value<'_>, list: &str, member: &str) -> Vec<String> {
    of.get(list).into_iter().flat_map(|list| list.items()).filter_map(|one| one.string(member)).map(|text| text.into_owned()).collect()
}

fn claims() -> Vec<Claimed> {
    let reply = Clinic::open().get("/metadata");
    let document = Document::read(reply.text()).unwrap();
    let rest = document.root().get("rest").unwrap().items().next().unwrap();
    let of = |resource: Value<'_>| Claimed {
        kind: ResourceType::named(&resource.string("type").unwrap()).unwrap(),
        interactions: texts(resource, "interaction", "code"),
        parameters: texts(resource, "searchParam", "name"),
    };
    let claimed: Vec<Claimed> = rest.get("resource").unwrap().items().map(of).collect();
    assert_eq!(claimed.len(), ResourceType::all().count());
    claimed
}

/// A clinic with the persons and visits that invented resources speak of.
fn peopled() -> Clinic {
    let clinic = Clinic::open_telling(&[testkit::invent::TOLD]);
    for person in PEOPLE {
        assert_eq!(clinic.put(&format!("/Patient/{person}"), format!(r#"{{"resourceType":"Patient","id":"{person}"}}"#)).status, 201);
        for number in [1, 2] {
            let visit = format!(r#"{{"resourceType":"Encounter","id":"{person}-{number}","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/{person}"}}}}"#);
            assert_eq!(clinic.put(&format!("/Encounter/{person}-{number}"), visit).status, 201);
        }
    }
    clinic
}

fn told(reply: &Reply) -> String {
    format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body).chars().take(600).collect::<String>())
}

/// The wrong answers of one type, each with what was asked.
struct Tried<'c> {
    clinic: &'c Clinic,
    wrong: Vec<String>,
}

impl Tried<'_> {
    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str, expected: u16) -> Reply {
        let reply = self.clinic.ask(method, path, headers, body.to_owned());
        if reply.status.as_u16() != expected {
            self.wrong.push(format!("{method} {path}: expected {expected}, found {}", told(&reply)));
        }
        reply
    }
}

/// Does what an interaction promises; the resource `x` of the type is there before and after.
fn interact(tried: &mut Tried<'_>, kind: ResourceType, code: &str, body: &str) {
    let place = format!("/{kind}/x");
    let shows = |reply: &Reply| String::from_utf8_lossy(&reply.body).contains(&format!("\"resourceType\":\"{kind}\""));
    match code {
        "read" => drop(tried.ask("GET", &place, &[AS_FHIR], "", 200)),
        "vread" => drop(tried.ask("GET", &format!("{place}/_history/1"), &[AS_FHIR], "", 200)),
        "create" => {
            let reply = tried.ask("POST", &format!("/{kind}"), &[JSON, AS_FHIR], body, 201);
            if !reply.header("location").contains(&format!("/{kind}/")) {
                tried.wrong.push(format!("POST /{kind} names no Location"));
            }
        }
        "update" => {
            let reply = tried.ask("PUT", &place, &[JSON, AS_FHIR], &in_language(body, "vi"), 200);
            if reply.header("etag") == "W/\"1\"" {
                tried.wrong.push(format!("PUT {place} made no new version"));
            }
        }
        "patch" => {
            let patch = r#"[{"op":"add","path":"/language","value":"es"}]"#;
            drop(tried.ask("PATCH", &place, &[("content-type", "application/json-patch+json"), AS_FHIR], patch, 200));
            let read = tried.ask("GET", &place, &[AS_FHIR], "", 200);
            if !read.text().contains(r#""language":"es""#) {
                tried.wrong.push(format!("PATCH {place} changed nothing"));
            }
        }
        "delete" => {
            tried.ask("DELETE", &place, &[], "", 204);
            tried.ask("GET", &place, &[AS_FHIR], "", 410);
            tried.ask("PUT", &place, &[JSON], body, 201);
        }
        "history-instance" | "history-type" | "search-type" => {
            let path = match code {
                "history-instance" => format!("{place}/_history"),
                "history-type" => format!("/{kind}/_history"),
                _ => format!("/{kind}?_id=x"),
            };
            let reply = tried.ask("GET", &path, &[AS_FHIR], "", 200);
            if !shows(&reply) {
                tried.wrong.push(format!("GET {path} does not show it"));
            }
        }
        other => tried.wrong.push(format!("{kind}: this test does not know the interaction {other}")),
    }
}

/// The same resource in a language: what is invented has none.
fn in_language(body: &str, language: &str) -> String {
    let end = body.len() - 1;
    format!("{},\"language\":\"{language}\"}}", &body[..end])
}

#[test]
fn every_interaction_of_every_type_does_what_it_promises() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for claimed in claims() {
        let clinic = peopled();
        let mut tried = Tried { clinic: &clinic, wrong: Vec::new() };
        let body = Inventor::new(claimed.kind.number().into()).resource(claimed.kind, "x");
        let first = tried.ask("PUT", &format!("/{}/x", claimed.kind), &[JSON], &body, 201);
        if first.status != 201 {
            wrong.push(format!("{body}\n  {}", tried.wrong.join("\n")));
            continue;
        }
        for code in &claimed.interactions {
            interact(&mut tried, claimed.kind, code, &body);
            count += 1;
        }
        conditional(&mut tried, claimed.kind, &body);
        wrong.extend(tried.wrong);
    }
    assert!(count > 1000, "{count}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}

/// Conditional create, read, update and delete, which the statement promises for all types.
fn conditional(tried: &mut Tried<'_>, kind: ResourceType, body: &str) {
    tried.ask("POST", &format!("/{kind}"), &[JSON, ("if-none-exist", "_id=x")], body, 200);
    let read = tried.ask("GET", &format!("/{kind}/x"), &[AS_FHIR], "", 200);
    tried.ask("GET", &format!("/{kind}/x"), &[AS_FHIR, ("if-none-match", read.header("etag"))], "", 304);
    tried.ask("PUT", &format!("/{kind}?_id=x"), &[JSON], &in_language(body, "ru"), 200);
    tried.ask("DELETE", &format!("/{kind}?_id=x"), &[], "", 204);
    tried.ask("GET", &format!("/{kind}/x"), &[AS_FHIR], "", 410);
}

/// What a value of a parameter is asked by: `_id` and `_lastUpdated` are said by the server.
fn values(parameter: &Parameter, id: &str, text: &str) -> Vec<String> {
    match parameter.code() {
        "_id" => vec![id.to_owned()],
        "_lastUpdated" => vec!["ge2000".to_owned()],
        _ => values_of(parameter, Document::read(text).unwrap().root()),
    }
}

#[test]
fn every_parameter_of_every_type_finds_what_has_its_value() {
    let (mut wrong, mut asked, mut parameters) = (Vec::new(), 0, 0);
    for claimed in claims() {
        let clinic = peopled();
        let kind = claimed.kind;
        for (number, code) in claimed.parameters.iter().enumerate() {
            let Some(parameter) = parameter(kind, code) else {
                wrong.push(format!("{kind}.{code} is claimed and not known"));
                continue;
            };
            let id = format!("p{number}");
            // What is asked of things inside others is tried elsewhere (`tests/matching.rs` of `search`).
            let is_within = matches!((kind.name(), code.as_str()), ("Bundle", "composition" | "message") | ("MolecularSequence", "chromosome-variant-coordinate" | "referenceseqid-variant-coordinate"));
            if is_within {
                continue;
            }
            let Some(text) = Inventor::new(number as u64).resource_with(kind, &id, parameter) else {
                wrong.push(format!("{kind}.{code}: no well-formed resource with a value of it could be invented"));
                continue;
            };
            let written = clinic.put(&format!("/{kind}/{id}"), text.clone());
            // An active parameter of the site that cannot be understood is refused, rightly.
            if kind.name() == "SearchParameter" && written.status == 422 {
                continue;
            }
            if written.status != 201 {
                wrong.push(format!("{kind}.{code}: {} of {text}", told(&written)));
                continue;
            }
            parameters += 1;
            let mut values = values(parameter, &id, &text);
            values.truncate(6);
            for value in values {
                asked += 1;
                let query = spoken(&vec![(code.clone(), value), ("_count".to_owned(), "1000".to_owned())]);
                let reply = clinic.get(&format!("/{kind}?{query}"));
                if reply.status != 200 || !reply.text().contains(&format!("\"fullUrl\":\"{BASE_URL}/{kind}/{id}\"")) {
                    wrong.push(format!("{kind}?{query} does not find {text}\n  {}", told(&reply)));
                }
            }
        }
    }
    println!("{parameters} parameters, {asked} values");
    assert!(parameters > 1800 && asked > 2000, "{parameters} parameters, {asked} values");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_interaction_of_the_system_does_what_it_promises() {
    let clinic = peopled();
    let reply = clinic.get("/metadata");
    let document = Document::read(reply.text()).unwrap();
    let rest = document.root().get("rest").unwrap().items().next().unwrap();
    let codes = texts(rest, "interaction", "code");
    assert!(codes.len() >= 4, "{codes:?}");
    for code in codes {
        clinic.check(match code.as_str() {
            "transaction" => r#"POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/ana"}}]} => 200 ; ~ transaction-response ; ~ "200"#,
            "batch" => r#"POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/ana"}},{"request":{"method":"GET","url":"Patient/none"}}]} => 200 ; ~ batch-response ; ~ "200 ; ~ "404"#,
            "search-system" => "GET /?_type=Patient,Encounter&_id=ana => 200 ; ~ Patient/ana",
            "history-system" => "GET /_history => 200 ; ~ Patient/ana ; ~ Encounter/ana-1",
            other => panic!("this test does not know the interaction {other}"),
        });
    }
}
