//! What a caller may not see changes no answer on any way out.
//!
//! Three clinics are filled alike but for secrets: two have some that differ, the third has none
//! (`testkit::secrets`). Whoever may not see them is answered alike by the first two, to the byte,
//! headers and order included; and by the third, where only the order of what nobody asked to be
//! ordered may differ. The door's own test asks searches and reads; here everything is asked that
//! leaves through HTTP: operations, GraphQL, bundles, subscriptions and what they tell, exports.
//!
//! `CARNET_PAIRS=100000` asks so many generated searches instead of 400.

use std::sync::{Arc, Mutex};

use access::{Caller, Role, Session};
use fhir::{Moment, ResourceType};
use fhir_api::{Carrying, Courier, Deliverer, Parcel, Patience};
use serde_json::Value;
use testkit::invent::{PEOPLE, TOLD, spoken};
use testkit::secrets::{SECRETS, Three, is_sealed, secret};
use testkit::{OPENS, block_on, caller};

use crate::clinic::{Clinic, Reply};

const JSON: (&str, &str) = ("content-type", "application/fhir+json");

/// The three clinics behind their faces, entered by one caller.
struct Faces {
    all: Vec<Clinic>,
    /// Milliseconds since they were filled: each request has its own moment, the same in all.
    at: i64,
}

struct Asked {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
    /// The third clinic can be compared: nothing in the answer looks like chance.
    with_none: bool,
}

fn get(path: impl Into<String>) -> Asked {
    Asked { method: "GET", path: path.into(), headers: vec![], body: String::new(), with_none: true }
}

fn send(method: &'static str, path: impl Into<String>, body: impl Into<String>) -> Asked {
    Asked { method, path: path.into(), headers: vec![JSON], body: body.into(), with_none: true }
}

impl Asked {
    fn with(mut self, name: &'static str, value: &'static str) -> Asked {
        self.headers.push((name, value));
        self
    }

    /// Where pages end, and which id comes next, differs with an order that looks like chance.
    fn by_chance(self) -> Asked {
        Asked { with_none: false, ..self }
    }
}

impl Faces {
    fn entered_by(three: &Three, who: &Caller) -> Faces {
        let all = three.all.iter().map(|clinic| Clinic::around(testkit::Clinic { chart: clinic.chart.clone(), hands: clinic.hands.clone(), data: clinic.data.clone(), keyring: clinic.keyring.clone() }, Some(who.clone()), fhir_api::Settings::default())).collect();
        Faces { all, at: 0 }
    }

    /// The same moment in all clinics, later than all before.
    fn stand(&mut self, three: &mut Three) {
        self.at += 1;
        three.steps += 1;
        for clinic in &self.all {
            clinic.hands.stand_at(Moment(OPENS.0 + three.steps * 60_000));
        }
    }

    /// Asks all three and compares; gives what the first said.
    fn ask(&mut self, three: &mut Three, asked: &Asked) -> Reply {
        let mut replies: Vec<Reply> = Vec::new();
        for number in 0..self.all.len() {
            self.all[number].hands.stand_at(Moment(OPENS.0 + (three.steps + 1) * 60_000));
            let mut headers = vec![("x-request-id", "asked")];
            headers.extend(&asked.headers);
            replies.push(self.all[number].ask(asked.method, &asked.path, &headers, asked.body.clone()));
        }
        self.stand(three);
        let place = || format!("{} {} {}", asked.method, asked.path, asked.body);
        let first = whole(&replies[0]);
        assert!(!replies[0].status.is_server_error(), "{}: {first}", place());
        assert_eq!(first, whole(&replies[1]), "{}: secrets that differ are told apart", place());
        if asked.with_none {
            assert_eq!(unordered(&replies[0]), unordered(&replies[2]), "{}: a secret is told from none", place());
        }
        replies.swap_remove(0)
    }
}

/// Status, headers and body.
fn whole(reply: &Reply) -> String {
    let mut headers: Vec<String> = reply.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default())).collect();
    headers.sort();
    format!("{}\n{}\n{}", reply.status, headers.join("\n"), String::from_utf8_lossy(&reply.body))
}

/// The same without the order of entries and lines, and without cursors.
fn unordered(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let body = match serde_json::from_str::<Value>(&text) {
        Ok(mut value) => {
            without_milliseconds(&mut value);
            if value["entry"].is_array() {
                let entries = value["entry"].as_array_mut().unwrap();
                // What was made for the answer alone has a new name each time.
                for entry in entries.iter_mut().filter(|entry| entry["fullUrl"].as_str().is_some_and(|url| url.starts_with("urn:uuid:"))) {
                    entry["fullUrl"] = Value::Null;
                    entry["resource"]["id"] = Value::Null;
                }
                entries.sort_by_key(Value::to_string);
                value["link"] = Value::Null;
            }
            sorted_lists(&mut value["data"]);
            value.to_string()
        }
        Err(_) => {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        }
    };
    let mut headers: Vec<String> = reply.headers.iter().filter(|(name, _)| *name != "content-length").map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default())).collect();
    headers.sort();
    format!("{}\n{}\n{body}", reply.status, headers.join("\n"))
}

/// What GraphQL lists has no order.
/// The clock of a clinic moves on with each look at it, and how often somebody looked is no answer.
fn without_milliseconds(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_milliseconds),
        Value::Object(members) => {
            if let Some(Value::String(written)) = members.get_mut("lastUpdated")
                && let Some(at) = written.find('.')
            {
                written.truncate(at);
            }
            members.values_mut().for_each(without_milliseconds);
        }
        _ => {}
    }
}

fn sorted_lists(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sorted_lists);
            items.sort_by_key(Value::to_string);
        }
        Value::Object(members) => members.values_mut().for_each(sorted_lists),
        _ => {}
    }
}

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

/// Those who may not see the secrets.
fn outsiders() -> [Caller; 4] {
    [caller(Role::Physician), caller(Role::Integration), caller(Role::Admissions), caller(Role::Imaging)]
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Names and dates for the persons, and a subscription, before anybody asks.
fn prepared(seed: u64) -> Three {
    let mut three = block_on(Three::filled(seed));
    for (person, family, born) in [("ana", "Ruiz", "1980-05-01"), ("bao", "Pham", "2024-01-01"), ("vera", "Orlova", "1960-01-01")] {
        let text = format!(r#"{{"resourceType":"Patient","id":"{person}","name":[{{"family":"{family}","given":["Test"]}}],"gender":"female","birthDate":"{born}"}}"#);
        assert!(block_on(three.write(ResourceType::PATIENT, person, [Some(&text); 3])));
    }
    three
}

/// Everything that leaves through HTTP and is no search.
fn ways_out() -> Vec<Asked> {
    let mut all = vec![get("/metadata"), get("/openapi.json"), get("/_history?_count=1000"), get("/_history?_count=3").by_chance(), get("/$meta"), get("/AuditEvent?_count=5")];
    for person in PEOPLE {
        for path in ["$everything", "$everything?_count=1000", "$everything?_type=Observation,Condition", "$everything?_since=2026-03-02", "$summary", "$summary?_language=vi", "$immds-forecast", "$meta", "$validate", "_history", "Observation?_count=200", "Condition?_count=200&_total=accurate", "*?_type=Observation,Condition,Encounter,List,Provenance,Consent&_count=500"] {
            all.push(get(format!("/Patient/{person}/{path}")));
        }
        all.push(get(format!("/Patient/{person}/$everything?_count=2")).by_chance());
        all.push(get(format!("/Encounter/{person}-1/$everything?_count=500")));
        all.push(get(format!("/Encounter/{person}-9/$everything")));
        all.push(get(format!("/Encounter/{person}-1/*?_type=Observation,Condition,Encounter&_count=200")));
        for code in ["http://loinc.org|8480-6", "75622-1", "8480-6"] {
            all.push(get(format!("/Observation/$stats?subject=Patient/{person}&code={code}&statistic=count,total-count,average,maximum,minimum,sum,median,std-dev,variance,skew,kurtosis,regression&include=true")));
        }
        for more in ["", "&max=2", "&code=http://loinc.org|8480-6", "&category=vital-signs"] {
            all.push(get(format!("/Observation/$lastn?subject=Patient/{person}{more}")));
        }
        for number in ["1", "2", "9"] {
            all.push(get(format!("/Composition/{person}-{number}/$document")));
        }
        let inner: String = SECRETS.iter().map(|of| format!(" {of}List(_count: 200) {{ id resourceType meta {{ versionId }} }}")).collect();
        all.push(get(format!("/$graphql?query={}", escaped(&format!("{{{inner} }}")))));
        all.push(get(format!("/Patient/{person}/$graphql?query={}", escaped("{ id name { family } ObservationList(_reference: subject) { id encounter { resource { ... on Encounter { id } } } } ConditionList(_reference: subject) { id } ListList(_reference: subject) { id entry { item { reference resource { ... on Observation { id } } } } } ObservationConnection(_reference: subject) { count edges { resource { id } } } }"))));
        all.push(get(format!("/Observation/{person}-1/$graphql?query={}", escaped("{ id DiagnosticReportList(_reference: result) { id } ProvenanceList(_reference: target) { id } }"))));
        for of in SECRETS {
            let path = format!("/{of}/{person}-9");
            for more in ["", "/_history", "/_history/1", "/_history/2", "/$meta", "/_history/1/$meta", "/$validate"] {
                all.push(get(format!("{path}{more}")));
            }
            all.push(get(format!("{path}/$graphql?query=%7Bid%7D")));
            all.push(get(format!("/{of}?_id={person}-9&_revinclude=*&_include=*")));
            all.push(get(format!("/{of}?explain=true&_id={person}-9")));
            all.push(Asked { method: "HEAD", ..get(path.clone()) });
            // Writes that must fail say no more than reads.
            all.push(send("DELETE", path.clone(), ""));
            all.push(send("DELETE", path.clone(), "").with("if-match", "W/\"1\""));
            // In a transaction a deletion that finds nothing has nothing to do, and neither has one of what is hidden.
            for url in [format!("{of}/{person}-9"), format!("{of}?_id={person}-9")] {
                all.push(send("POST", "/", format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"request":{{"method":"DELETE","url":"{url}"}}}}]}}"#)));
            }
            all.push(Asked { headers: vec![("content-type", "application/json-patch+json")], ..send("PATCH", path.clone(), r#"[{"op":"test","path":"/id","value":"x"}]"#) });
            all.push(send("PUT", path.clone(), secret(of, person, &mut testkit::invent::Chance(0))).with("if-match", "W/\"1\""));
            // What would move to another person is not told of either, where nobody sees that it is there.
            for other in PEOPLE.into_iter().filter(|other| *other != person) {
                let moved = secret(of, other, &mut testkit::invent::Chance(0)).replace(&format!("{other}-9"), &format!("{person}-9"));
                all.push(send("PUT", path.clone(), moved).with("if-match", "W/\"1\""));
            }
            all.push(send("POST", format!("{path}/$meta-add"), r#"{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}]}}]}"#));
        }
        let entries: Vec<String> = SECRETS.iter().flat_map(|of| [format!("{of}/{person}-9"), format!("{of}?_id={person}-9"), format!("{of}?subject=Patient/{person}&_count=200")]).map(|url| format!(r#"{{"request":{{"method":"GET","url":"{url}"}}}}"#)).collect();
        all.push(send("POST", "/", format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{}]}}"#, entries.join(","))).by_chance());
        // A reference by search finds what may be seen; a transaction that finds nothing is refused whole.
        for of in ["Condition", "Observation", "Encounter"] {
            all.push(send("POST", "/", format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{{"resourceType":"Task","status":"requested","intent":"order","for":{{"reference":"Patient/{person}"}},"focus":{{"reference":"{of}?_id={person}-9"}}}},"request":{{"method":"POST","url":"Task"}}}}]}}"#)));
        }
    }
    for of in SECRETS {
        all.push(get(format!("/{of}/_history?_count=1000")));
        all.push(get(format!("/{of}/$meta")));
        all.push(get(format!("/{of}?_summary=count")));
        all.push(get(format!("/{of}?_count=500&_total=accurate")));
    }
    let described = r#"{"resourceType":"Patient","name":[{"family":"Ruiz","given":["Test"]}],"birthDate":"1980-05-01"}"#;
    all.push(send("POST", "/Patient/$match", described));
    all.push(send("POST", "/$fhirpath", r#"{"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"entry.item.resolve().code"},{"name":"resource","resource":{"resourceType":"List","status":"current","mode":"working","entry":[{"item":{"reference":"Observation/ana-9"}},{"item":{"reference":"Condition/ana-9"}}]}}]}"#));
    all
}

#[test]
fn no_way_out_tells_what_is_hidden() {
    let mut three = prepared(1);
    let (mut asked, mut showed) = (0, 0);
    for who in outsiders() {
        let mut faces = Faces::entered_by(&three, &who);
        for one in ways_out() {
            let reply = faces.ask(&mut three, &one);
            asked += 1;
            showed += usize::from(reply.status == 200);
        }
    }
    // Whoever may see the secrets is told them, on most of the ways on which they could leave.
    let console = Faces::entered_by(&three, &caller(Role::Console));
    let mut would_have = 0;
    let all = ways_out();
    for one in all.iter().filter(|one| one.method == "GET") {
        let [with, without] = [0, 2].map(|number| {
            console.all[number].hands.stand_at(Moment(OPENS.0 + (three.steps + 1) * 60_000));
            console.all[number].ask(one.method, &one.path, &[("x-request-id", "asked")], "")
        });
        would_have += usize::from(unordered(&with) != unordered(&without));
    }
    println!("{asked} asked, {showed} answered with something, {would_have} of {} tell the console", all.len());
    assert!(showed * 5 > asked && would_have * 3 > all.len());
}

#[test]
fn a_visit_that_is_hidden_brings_nothing_into_a_record() {
    let mut three = prepared(7);
    for (number, who) in outsiders().into_iter().enumerate() {
        let mut faces = Faces::entered_by(&three, &who);
        for person in PEOPLE {
            let id = format!("{person}-during-{number}");
            let during = |visit: &str| format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}},"encounter":{{"reference":"Encounter/{person}-{visit}"}}}}"#);
            let path = format!("/Observation/{id}");
            for asked in [
                send("PUT", path.clone(), during("9")),
                get(path.clone()),
                get(format!("/Patient/{person}/$everything?_count=1000")),
                get(format!("/Observation?encounter=Encounter/{person}-9&_count=200")),
                send("PUT", path.clone(), during("9").replace("final", "amended")),
                // Into the record of a visit that is seen it may not move, as it could not from nowhere.
                send("PUT", path.clone(), during("1")),
                send("DELETE", path.clone(), ""),
            ] {
                faces.ask(&mut three, &asked);
            }
        }
    }
}

#[test]
fn generated_searches_tell_nothing_over_http() {
    let wanted = std::env::var("CARNET_PAIRS").map_or(400, |text| text.parse().expect("CARNET_PAIRS is a number"));
    let (mut asked, mut found, mut seed) = (0, 0, 20);
    while asked < wanted {
        let mut three = prepared(seed);
        let callers = outsiders();
        let mut faces: Vec<Faces> = callers.iter().map(|who| Faces::entered_by(&three, who)).collect();
        for number in 0..400usize {
            let of = kind(three.inventor.chance().one::<&str>(&SECRETS));
            let texts: Vec<&str> = three.texts.iter().filter(|(one, text)| *one == of && (number % 2 == 0 || text.contains("-9\""))).map(|(_, text)| text.as_str()).collect();
            let question = three.inventor.question(of, &texts);
            let chance = three.inventor.chance();
            let more = *chance.one(&["&_count=500", "&_count=500&_total=accurate", "&_count=500&_include=*", "&_count=500&_revinclude=*", "&_summary=count", "&_count=500&_elements=id", "&_count=500&_sort=-_lastUpdated", "&_count=500&explain=true"]);
            let within = if chance.once_in(6) { format!("/Patient/{}", PEOPLE[chance.below(3)]) } else { String::new() };
            let reply = faces[number % callers.len()].ask(&mut three, &get(format!("{within}/{of}?{}{more}", spoken(&question))));
            found += usize::from(String::from_utf8_lossy(&reply.body).contains("\"resource\":"));
            asked += 1;
        }
        seed += 1;
    }
    println!("{asked} asked, {found} found something");
    assert!(found * 6 > asked, "too few find anything: {found} of {asked}");
}

/// Begins an export and gives the manifest and every file of it, in order.
fn exported(clinic: &Clinic, path: &str) -> Vec<String> {
    let begun = clinic.ask("GET", path, &[("prefer", "respond-async")], "");
    if begun.status != 202 {
        return vec![whole(&begun)];
    }
    let status = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let job = status.rsplit('/').next().unwrap().to_owned();
    let manifest = clinic.finished(&status);
    let told: Value = serde_json::from_str(manifest.text()).unwrap();
    let mut all = Vec::new();
    for list in ["output", "deleted"] {
        for file in told[list].as_array().unwrap() {
            let url = file["url"].as_str().unwrap();
            let mut lines: Vec<String> = clinic.get(url.split_once("/fhir").unwrap().1).text().lines().map(str::to_owned).collect();
            lines.sort();
            all.push(format!("{} {} {}\n{}", list, file["type"], file["count"], lines.join("\n")));
        }
    }
    // Which part of the store somebody lies in looks like chance.
    all.sort();
    assert!(!all.iter().any(|text| text.contains(&job)));
    all
}

#[test]
fn an_export_tells_nothing_of_what_is_hidden() {
    let three = prepared(3);
    let faces = Faces::entered_by(&three, &caller(Role::Integration));
    let whole_of = |clinic: &Clinic, path: &str| {
        let mut lines: Vec<String> = exported(clinic, path).iter().flat_map(|file| file.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()).collect();
        lines.sort();
        lines
    };
    for path in ["/$export", "/Patient/$export", "/Patient/$export?_type=Observation,Condition,List,Provenance", "/$export?_since=2026-03-02T08:00:00Z", "/$export?_type=Observation&_typeFilter=Observation?code=8480-6", "/Patient/$everything"] {
        for clinic in &faces.all {
            clinic.hands.stand_at(Moment(OPENS.0 + (three.steps + 1_000) * 60_000));
        }
        let told: Vec<Vec<String>> = faces.all.iter().map(|clinic| exported(clinic, path)).collect();
        assert_eq!(told[0], told[1], "{path}: secrets that differ are told apart");
        assert_eq!(whole_of(&faces.all[0], path), whole_of(&faces.all[2], path), "{path}: a secret is told from none");
        assert!(!told[0].is_empty(), "{path}");
    }
    let console = Faces::entered_by(&three, &caller(Role::Console));
    assert_ne!(whole_of(&console.all[0], "/Patient/$export"), whole_of(&console.all[2], "/Patient/$export"));
}

/// Keeps what is carried.
#[derive(Clone, Default)]
struct Bag(Arc<Mutex<Vec<String>>>);

impl Courier for Bag {
    fn carry(&self, parcel: Parcel) -> Carrying<'_> {
        Box::pin(async move {
            self.0.lock().unwrap().push(format!("{} {} {:?} {}", parcel.method, parcel.address, parcel.headers, String::from_utf8_lossy(&parcel.body)));
            Ok(200)
        })
    }
}

#[test]
fn a_subscription_tells_nothing_of_what_is_hidden() {
    let mut three = prepared(4);
    let mut faces = Faces::entered_by(&three, &caller(Role::Integration));
    for (id, criteria) in [("labs", "Observation?code=8480-6"), ("problems", "Condition?patient=Patient/ana"), ("all", "Observation?status=final")] {
        let text = format!(r#"{{"resourceType":"Subscription","id":"{id}","status":"requested","reason":"r","criteria":"{criteria}","channel":{{"type":"rest-hook","endpoint":"{TOLD}/hook","payload":"application/fhir+json"}}}}"#);
        let reply = faces.ask(&mut three, &send("PUT", format!("/Subscription/{id}"), text));
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    // After it, secrets that differ, and something that may be seen.
    for (person, number) in PEOPLE.iter().zip(0u64..) {
        for of in ["Observation", "Condition"] {
            let [one, other] = [1, 2].map(|side| secret(of, person, &mut testkit::invent::Chance(number * 10 + side)));
            assert!(is_sealed(of) || of == "Condition");
            assert!(block_on(three.write(kind(of), &format!("{person}-9"), [Some(&one), Some(&other), None])));
        }
        let seen = format!(r#"{{"resourceType":"Observation","id":"{person}-8","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6"}}]}},"subject":{{"reference":"Patient/{person}"}},"valueQuantity":{{"value":{number}}}}}"#);
        assert!(block_on(three.write(kind("Observation"), &format!("{person}-8"), [Some(&seen); 3])));
        let problem = format!(r#"{{"resourceType":"Condition","id":"{person}-8","code":{{"text":"x"}},"subject":{{"reference":"Patient/{person}"}}}}"#);
        assert!(block_on(three.write(kind("Condition"), &format!("{person}-8"), [Some(&problem); 3])));
    }
    faces.stand(&mut three);
    let mut told = Vec::new();
    for clinic in &faces.all {
        let bag = Bag::default();
        let server = Caller { session: Session { number: 999, began: OPENS }, ..caller(Role::Integration) };
        let deliverer = Deliverer { chart: clinic.chart.clone(), courier: Arc::new(bag.clone()), patience: Patience::default(), server, open: Some(caller(Role::Integration)) };
        let (stop, stopped) = tokio::sync::watch::channel(false);
        clinic.meanwhile(async move {
            deliverer.run(stopped).await;
        });
        let mut last = 0;
        for _ in 0..400 {
            clinic.wait();
            let now = bag.0.lock().unwrap().len();
            last = if now > 0 && now == last && now >= 7 { break } else { now };
        }
        assert!(last > 0 || !bag.0.lock().unwrap().is_empty());
        let _ = stop.send(true);
        let mut parcels = bag.0.lock().unwrap().clone();
        parcels.sort();
        told.push(parcels);
    }
    assert_eq!(told[0], told[1], "secrets that differ are told apart");
    assert_eq!(told[0], told[2], "a secret is told from none");
    for id in ["labs", "problems", "all"] {
        for path in [format!("/Subscription/{id}/$events"), format!("/Subscription/{id}/$events?eventsSinceNumber=1&content=full-resource"), format!("/Subscription/{id}/$status")] {
            faces.ask(&mut three, &get(path));
        }
    }
}
