//! Which page shows what to whom: every page of the router, every role, every kind of person; and
//! that what somebody may not see changes no letter of any page.
//!
//! * What is expected stands in `matrix.txt`, for somebody to read who judges rules and no code.
//! * The pages are read from the router's own source: one that `matrix.txt` does not name fails the test.
//! * What is kept bears a mark of its kind, and no page may hold the mark of what is not permitted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use access::{Policy, ProxyKind, Role};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use chart::{Activation, NewAccount, NewPerson, NewProxy, Terms};
use fhir::{Moment, ResourceType};
use http_body_util::BodyExt;
use testkit::invent::PEOPLE;
use testkit::secrets::{SECRETS, Three};
use testkit::{Clinic, OPENS, caller, clinic_set};
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

const TABLE: &str = include_str!("../matrix.txt");
const HOUSE: &str = include_str!("../../src/house.rs");
const PASSWORD: &str = "a secret word";
/// Sections of a record, and one that is none.
const LISTS: [&str; 7] = ["problems", "medicines", "results", "vitals", "growth", "contacts", "nonsense"];

/// The pages of the router with the methods they take, from its source.
fn routes() -> Vec<(String, Vec<&'static str>)> {
    let mut all = Vec::new();
    for rest in HOUSE.split(".route(\"").skip(1) {
        let (path, rest) = rest.split_once('"').unwrap();
        let line = rest.lines().next().unwrap();
        let methods = [("get(", "GET"), ("post(", "POST")].into_iter().filter(|(word, _)| line.contains(word)).map(|(_, method)| method).collect::<Vec<_>>();
        assert!(!methods.is_empty(), "{path}: how it is asked cannot be read from {line}");
        all.push((path.to_owned(), methods));
    }
    assert!(all.len() > 30, "the router could not be read: {}", all.len());
    all
}

#[derive(Default)]
struct Table {
    /// Whom a page opens for: a word of `matrix.txt`, or roles.
    pages: BTreeMap<String, Vec<String>>,
    kinds: Vec<String>,
    /// Role and kind.
    shown: BTreeSet<(String, String)>,
    roles: BTreeSet<String>,
}

impl Table {
    fn read(text: &str) -> Table {
        let mut table = Table::default();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            if words[0] == "role" {
                table.kinds = words[1..].to_vec();
            } else if words[0].starts_with('/') {
                assert!(table.pages.insert(words[0].clone(), words[1..].to_vec()).is_none(), "twice: {line}");
            } else {
                assert_eq!(words.len(), table.kinds.len() + 1, "{line}");
                let yes = table.kinds.iter().zip(&words[1..]).filter(|(_, word)| *word == "yes");
                table.shown.extend(yes.map(|(kind, _)| (words[0].clone(), kind.clone())));
                table.roles.insert(words[0].clone());
            }
        }
        table
    }

    fn shows(&self, role: &str, kind: &str) -> bool {
        self.shown.contains(&(role.to_owned(), kind.to_owned()))
    }
}

/// The pages over a real door.
struct Site {
    house: Router,
    clinic: Clinic,
}

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn cookie(&self, name: &str) -> String {
        let all = self.headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
    }

    fn token(&self) -> String {
        self.text.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    /// Everything that could tell, where the person who was asked for has one face.
    fn told(&self, person: &str) -> String {
        let mut headers: Vec<String> = self.headers.iter().filter(|(name, _)| *name != header::CONTENT_LENGTH).map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default())).collect();
        headers.sort();
        format!("{}\n{}\n{}", self.status, headers.join("\n"), self.text).replace(&format!("/person/{person}"), "/person/(whom)").replace(&format!("%2F{person}"), "%2F(whom)")
    }
}

impl Site {
    fn on(clinic: Clinic) -> Site {
        let mut next = 0u8;
        let chance = move |bytes: &mut [u8]| {
            for byte in bytes {
                next = next.wrapping_mul(37).wrapping_add(11);
                *byte = next;
            }
        };
        let settings = Settings { language: Language::English, ..Settings::default() };
        Site { house: router_of(clinic.chart.clone(), clinic.oauth(), Box::new(chance), settings), clinic }
    }

    async fn ask(&self, request: Request<Body>) -> Page {
        let (parts, body) = self.house.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Page { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, path: &str, cookies: &str) -> Page {
        self.ask(Request::get(path).header(header::HOST, "record.example").header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookies: &str, form: &str) -> Page {
        self.ask(Request::post(path).header(header::HOST, "record.example").header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form.to_owned())).unwrap()).await
    }

    /// The cookie and the proof of a new session.
    async fn sign_in(&self, login: &str) -> (String, String) {
        let door = self.get("/sign-in", "").await;
        let page = self.post("/sign-in", &door.cookie("carnet_door"), &format!("login={login}&password={}&token={}", PASSWORD.replace(' ', "+"), door.token())).await;
        assert_eq!(page.status, 303, "{login}: {}", page.text);
        let session = page.cookie("carnet");
        let proof = self.get("/account", &session).await.token();
        assert!(!proof.is_empty(), "{login}");
        (session, proof)
    }
}

/// An account of each role of staff, called as its role.
fn staff(clinic: &Clinic) {
    let console = caller(Role::Console).account;
    for (role, word) in Role::of_accounts() {
        let new = NewAccount { login: word.into(), display: word.into(), role, institution: "Test clinic".into(), language: "en".into(), terms: Terms::default() };
        clinic.chart.add_account(&console, new, PASSWORD).unwrap();
    }
}

fn mark(kind: &str) -> String {
    format!("Mark{kind}mark")
}

/// What stands in the records of the matrix: type, id, whose, kind, and what makes it so.
const ENTRIES: [(&str, &str, &str, &str, &str); 9] = [
    ("Observation", "o1", "own", "own", ""),
    ("Condition", "c1", "own", "own", ""),
    ("MedicationRequest", "m1", "own", "own", ""),
    ("Observation", "o2", "kid", "entrusted", ""),
    ("Observation", "o3", "oth", "other", ""),
    ("Observation", "o4", "own", "labelled", r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]},"#),
    ("Condition", "c5", "own", "sealed", r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"#),
    ("Observation", "o6", "own", "sealed", r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"#),
    ("Condition", "c7", "own", "refused", ""),
];

async fn put(clinic: &Clinic, of: &str, id: &str, text: &str) {
    clinic.chart.update(&caller(Role::Console), ResourceType::named(of).unwrap(), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{of}/{id}: {cause} {:?}\n{text}", cause.issues()));
}

async fn site() -> Site {
    let rules = &country::all()[0].sensitivities;
    let policy = Policy { sensitivities: Arc::from(rules.labels.clone()), needs_relation: true, ..Policy::default() };
    let clinic = clinic_set(chart::Settings { policy, ..testkit::settings() });
    staff(&clinic);
    put(&clinic, "Organization", "here", r#"{"resourceType":"Organization","id":"here","name":"Test clinic"}"#).await;
    let here = r#","managingOrganization":{"reference":"Organization/here"}"#;
    for (id, born, more) in [("own", "1980-05-01", here), ("kid", "2022-01-01", here), ("oth", "1970-01-01", "")] {
        put(&clinic, "Patient", id, &format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Family{id}"}}],"gender":"female","birthDate":"{born}"{more}}}"#)).await;
    }
    for (of, id, person, kind, inner) in ENTRIES {
        let whom = format!(r#""subject":{{"reference":"Patient/{person}"}}"#);
        let word = mark(kind);
        let text = match of {
            "Observation" => format!(r#"{{"resourceType":"Observation","id":"{id}",{inner}"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"text":"{word}"}},{whom},"effectiveDateTime":"2026-02-01","valueString":"{word}"}}"#),
            "Condition" => format!(r#"{{"resourceType":"Condition","id":"{id}",{inner}"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"code":{{"text":"{word}"}},{whom},"recordedDate":"2026-02-01"}}"#),
            _ => format!(r#"{{"resourceType":"{of}","id":"{id}",{inner}"status":"active","intent":"order","medicationCodeableConcept":{{"text":"{word}"}},{whom},"authoredOn":"2026-02-01"}}"#),
        };
        put(&clinic, of, id, &text).await;
    }
    put(&clinic, "Consent", "refusal", &testkit::secrets::consent("own", "active", r#""data":[{"meaning":"instance","reference":{"reference":"Condition/c7"}}]"#).replace("own-refusal", "refusal")).await;
    let station = caller(Role::Nurse);
    let new = NewPerson { patient: "own", display: "Own", language: "en", evidence: "passport", contact: None };
    let code = clinic.chart.invite(&station, &new).unwrap().code;
    assert!(matches!(clinic.chart.activate(&code, "person", PASSWORD, None).unwrap(), Activation::Done(_)));
    let trust = NewProxy { login: "person".into(), kind: ProxyKind::Parent, agreed: false, until: None, evidence: "birth certificate".into(), document: None };
    clinic.chart.entrust(&station, "kid", &trust).await.unwrap();
    Site::on(clinic)
}

/// A page's addresses for a person.
fn addresses(route: &str, person: &str) -> Vec<String> {
    let route = route.replace("/person/{id}", &format!("/person/{person}"));
    if route.contains("{list}") {
        return LISTS.iter().map(|list| route.replace("{list}", list)).collect();
    }
    if route.contains("{document}") {
        return ENTRIES.iter().map(|(of, id, ..)| route.replace("{kind}", of).replace("{document}", id)).collect();
    }
    vec![route.replace("{id}", "here").replace("{handle}", "nothing").replace("{other}", "oth").replace("{response}", "own-1").replace("{version}", "1").replace("{number}", "1").replace("{code}", "nothing").replace("{file}", "nothing.json").replace("{digest}", "0").replace("{name}", "carnet.css")]
}

#[test]
fn every_page_of_the_router_is_in_the_table() {
    let table = Table::read(TABLE);
    let routes: BTreeSet<String> = routes().into_iter().map(|(path, _)| path).collect();
    let listed: BTreeSet<String> = table.pages.keys().cloned().collect();
    assert_eq!(routes, listed, "matrix.txt names exactly the pages of the router");
    let roles: BTreeSet<String> = Role::of_accounts().map(|(_, word)| word.to_owned()).chain(["person".to_owned(), "stranger".to_owned()]).collect();
    assert_eq!(roles, table.roles, "matrix.txt has a line for each role");
}

#[tokio::test]
async fn no_page_shows_or_tells_what_the_table_does_not_give() {
    let table = Table::read(TABLE);
    let site = site().await;
    let mut failures: Vec<String> = Vec::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut opened: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut looked_at = 0;
    for role in table.roles.clone() {
        let (session, proof) = if role == "stranger" { (String::new(), String::new()) } else { site.sign_in(&role).await };
        for (route, methods) in routes() {
            let purpose = &table.pages[&route];
            // Nobody: as long an id as the others.
            for (person, kind) in [("own", "own"), ("kid", "entrusted"), ("oth", "other")] {
                if !route.contains("/person/{id}") && person != "own" {
                    continue;
                }
                for path in addresses(&route, person) {
                    let absent_path = path.replace(&format!("/person/{person}"), "/person/zzz");
                    for method in &methods {
                        // A form without its proof does nothing; with it, only what is about a person is sent, empty.
                        let is_about_person = route.contains("/person/{id}");
                        let form = if is_about_person { format!("token={proof}&act=none&opening=999&question=none&id=none") } else { "x=y".to_owned() };
                        let (page, absent) = match *method {
                            "GET" => (site.get(&path, &session).await, site.get(&absent_path, &session).await),
                            _ => (site.post(&path, &session, &form).await, site.post(&absent_path, &session, &form).await),
                        };
                        looked_at += 1;
                        let place = format!("{role} {method} {path}");
                        if page.status >= 500 {
                            failures.push(format!("{place}: {}", page.status));
                        }
                        for kind in table.kinds.iter().filter(|kind| page.text.contains(&mark(kind))) {
                            seen.insert((role.clone(), kind.clone()));
                            if !table.shows(&role, kind) {
                                failures.push(format!("{place} shows the mark of {kind}"));
                            }
                        }
                        let may_know = table.shows(&role, "who") || table.shows(&role, kind);
                        if is_about_person && !may_know && page.told(person) != absent.told("zzz") {
                            failures.push(format!("{place} tells a person from nobody:\n{}\n{}", page.told(person), absent.told("zzz")));
                        }
                        if page.text.contains(&format!("Family{person}")) && is_about_person && !may_know {
                            failures.push(format!("{place} names the person"));
                        }
                        if *method == "POST" && !is_about_person && page.status == 200 {
                            failures.push(format!("{place}: a form without its proof is taken"));
                        }
                        if role == "stranger" && !purpose.iter().any(|word| word == "door" || word == "anybody") && !(303..=404).contains(&page.status) {
                            failures.push(format!("{place}: a stranger is answered {}", page.status));
                        }
                        if *method == "GET" && page.status == 200 {
                            opened.entry(route.clone()).or_default().insert(role.clone());
                        }
                    }
                }
            }
        }
    }
    for (route, purpose) in &table.pages {
        let is_open = |word: &str| purpose.iter().any(|one| one == word);
        if is_open("form") || is_open("record") || is_open("files") {
            continue;
        }
        let expected: BTreeSet<String> = match () {
            () if is_open("anybody") => table.roles.clone(),
            () if is_open("door") => BTreeSet::from(["stranger".to_owned()]),
            () if is_open("everybody") => table.roles.iter().filter(|role| *role != "stranger").cloned().collect(),
            () if is_open("nobody") => BTreeSet::new(),
            () => purpose.iter().cloned().collect(),
        };
        let found = opened.get(route).cloned().unwrap_or_default();
        if found != expected {
            failures.push(format!("{route} opens for {found:?}, the table says {expected:?}"));
        }
    }
    for role in &table.roles {
        for kind in table.kinds.iter().filter(|kind| *kind != "who") {
            if table.shows(role, kind) != seen.contains(&(role.clone(), kind.clone())) {
                failures.push(format!("{role} {kind}: the table says {}, the pages the opposite", table.shows(role, kind)));
            }
        }
    }
    println!("{looked_at} pages looked at");
    for failure in failures.iter().take(60) {
        println!("{}", failure.chars().take(3_000).collect::<String>());
    }
    assert!(failures.is_empty(), "{} failures, told above", failures.len());
}

/// The pages about the persons of the three clinics.
fn pages_of_persons() -> Vec<String> {
    let mut all = vec!["/".to_owned(), "/glass".to_owned(), "/unusual".to_owned(), "/overdue".to_owned()];
    for person in PEOPLE {
        for more in ["", "/timeline", "/timeline?kind=result", "/timeline?kind=note&page=2", "/vaccinations", "/card", "/openings", "/glass", "/trust"] {
            all.push(format!("/person/{person}{more}"));
        }
        all.extend(LISTS.iter().map(|list| format!("/person/{person}/{list}")));
        for of in SECRETS.iter().chain(&["Composition", "DocumentReference", "QuestionnaireResponse"]) {
            all.extend(["1", "2", "9"].map(|number| format!("/person/{person}/document/{of}/{person}-{number}")));
        }
    }
    all
}

/// A page of *Who has looked* without the numbers of the log, and without the entries of who wrote:
/// they tell that something was written, and when.
fn without_places(page: &str) -> String {
    let mut rows = page.split("<li id=\"entry-");
    let first = rows.next().unwrap_or_default().to_owned();
    let page = rows.fold(first, |page, row| match row.split_once("</div></li>") {
        Some((entry, rest)) if entry.contains("Wrote to the record") => page + rest,
        _ => page + "<li id=\"entry-" + row,
    });
    ["entry-", "ask-", "name=\"opening\" value=\"", "before="].into_iter().fold(page, |page, sign| {
        let mut parts = page.split(sign);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |whole, part| whole + sign + part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
    })
}

#[tokio::test]
async fn what_is_hidden_changes_no_letter_of_any_page() {
    for seed in [5, 6] {
        let three = Three::filled(seed).await;
        let steps = three.steps;
        let sites: Vec<Site> = three.all.into_iter().map(|clinic| {
            staff(&clinic);
            Site::on(clinic)
        }).collect();
        let (mut compared, mut shown) = (0, 0);
        for role in ["physician", "admissions", "imaging", "integration"] {
            let mut sessions = Vec::new();
            for site in &sites {
                site.clinic.hands.stand_at(Moment(OPENS.0 + (steps + 10) * 60_000));
                sessions.push(site.sign_in(role).await);
            }
            assert!(sessions.windows(2).all(|two| two[0] == two[1]), "the sites are alike");
            for path in pages_of_persons() {
                let mut pages = Vec::new();
                for site in &sites {
                    site.clinic.hands.stand_at(Moment(OPENS.0 + (steps + 11) * 60_000));
                    pages.push(site.get(&path, &sessions[0].0).await);
                }
                assert_eq!(pages[0].told(""), pages[1].told(""), "seed {seed}, {role} {path}: secrets that differ are told apart");
                // A place in the log counts all openings there were, and who wrote the secrets is listed; nothing else differs.
                let [some, none] = [&pages[0], &pages[2]].map(|page| if path.ends_with("/openings") { without_places(&page.told("")) } else { page.told("") });
                assert_eq!(some, none, "seed {seed}, {role} {path}: a secret is told from none");
                compared += 1;
                shown += usize::from(pages[0].status == 200);
            }
            let proof = &sessions[0].1;
            for words in ["ana", "bao", "vera", "8480-6", "B20"] {
                let mut pages = Vec::new();
                for site in &sites {
                    site.clinic.hands.stand_at(Moment(OPENS.0 + (steps + 11) * 60_000));
                    pages.push(site.post("/find", &sessions[0].0, &format!("text={words}&token={proof}")).await.told(""));
                }
                assert!(pages[0] == pages[1] && pages[0] == pages[2], "seed {seed}, {role} finds {words}");
            }
        }
        println!("{compared} pages compared, {shown} showed something");
        assert!(shown * 3 > compared);
    }
}
