//! The plug is pulled while forms are filled in: what the page said was saved is there afterwards.
//!
//! The moments of the kills come from a seed; `CARNET_KILL_SEED` gives another.

use std::sync::Mutex;
use std::thread::{scope, sleep};
use std::time::Duration;

use crate::site::{CARNET, Site};
use crate::web::{Client, Server};

const ROUNDS: usize = 10;
const WRITERS: usize = 8;
const TYPED: &str = "application/x-www-form-urlencoded";
const FORM: &str = r#"{"resourceType":"Questionnaire","url":"https://form.example/note","version":"1","title":"Note","status":"active","subjectType":["Patient"],"item":[{"linkId":"note","text":"Note","type":"text"},{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"row","text":"Row","type":"integer"}]}]}"#;

fn between(text: &str, from: &str, to: &str) -> String {
    text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default().to_owned()
}

/// Cookie and token of a new session.
fn sign_in(client: &mut Client, password: &str) -> (String, String) {
    let door = client.ask("GET", "/sign-in", "", "").unwrap();
    let token = between(&door.body, "name=\"token\" value=\"", "\"");
    let form = format!("login=ana&password={password}&token={token}");
    let answer = client.ask_as(TYPED, "POST", "/sign-in", &format!("Cookie: {}\r\n", door.cookie()), &form).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.body);
    let cookie = format!("Cookie: {}\r\n", answer.cookie());
    let token = between(&client.ask("GET", "/account", &cookie, "").unwrap().body, "name=\"token\" value=\"", "\"");
    (cookie, token)
}

/// A draft and the last text of it that was said to be saved.
#[derive(Clone)]
struct Draft {
    place: String,
    saved: u64,
}

/// Saves as the script of the page does, until the server goes away.
fn fill(mut client: Client, (cookie, token): &(String, String), form: &str, patient: &str, drafts: &Mutex<Vec<Draft>>) {
    let Ok(begun) = client.ask_as(TYPED, "POST", &format!("/person/{patient}/forms"), cookie, &format!("token={token}&form={form}")) else { return };
    assert_eq!(begun.status, 303, "{}", begun.body);
    let place = begun.header("location").to_owned();
    let mut version = 1;
    let own = {
        let mut all = drafts.lock().unwrap();
        all.push(Draft { place: place.clone(), saved: 0 });
        all.len() - 1
    };
    for number in 1.. {
        let rows: String = (0..number % 4 + 1).map(|row| format!("&p%3A{row}%3Arow=1&a%3A{row}%3Arow={number}")).collect();
        let body = format!("token={token}&version={version}&act=save&auto=1&p%3A%3Anote=1&a%3A%3Anote=zq{number}qz&r%3A%3Ag={}{rows}", number % 4 + 1);
        let Ok(answer) = client.ask_as(TYPED, "POST", &place, cookie, &body) else { return };
        assert_eq!(answer.status, 200, "{}", answer.body);
        version = between(&answer.body, "\"version\":", ",").parse().unwrap_or_else(|_| panic!("{}", answer.body));
        drafts.lock().unwrap()[own].saved = number;
    }
}

#[test]
fn what_was_said_to_be_saved_of_a_draft_outlives_a_kill() {
    let mut seed: u64 = std::env::var("CARNET_KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_129);
    println!("CARNET_KILL_SEED={seed}");
    let site = Site::new();
    let output = std::process::Command::new(CARNET).args(["user", "add", "--data"]).arg(&site.data).args(["ana", "--role", "physician", "--institution", "Clinic"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let password = said.trim().strip_prefix("ana / ").unwrap_or_else(|| panic!("{said}")).to_owned();
    let (mut form, mut patient) = (String::new(), String::new());
    let mut before: Vec<Draft> = Vec::new();
    let mut saves = 0;
    for round in 0..=ROUNDS {
        let mut server = Server::start(&site);
        let mut client = server.client();
        if round == 0 {
            let id = |answer: &crate::web::Answer| between(answer.header("location"), "fhir/", "/_history").rsplit('/').next().unwrap().to_owned();
            form = id(&client.ask("POST", "/fhir/Questionnaire", "", FORM).unwrap());
            patient = id(&client.ask("POST", "/fhir/Patient", "", r#"{"resourceType":"Patient","name":[{"family":"Test"}]}"#).unwrap());
            assert!(!form.is_empty() && !patient.is_empty());
        }
        let session = sign_in(&mut client, &password);
        for draft in &before {
            let page = client.ask("GET", &draft.place, &session.0, "").unwrap();
            assert_eq!(page.status, 200, "round {round}: a draft is lost");
            // The last save may have come to the disk without its answer having come back.
            let stands = between(&page.body, "zq", "qz").parse().unwrap_or(0);
            assert!(stands == draft.saved || stands == draft.saved + 1, "round {round}: {stands} stands there and {} was saved", draft.saved);
            // All of one save or nothing of it: every row says what the text says.
            let rows = page.body.matches(&format!("value=\"{stands}\"")).count() as u64;
            assert!(stands == 0 || rows >= stands % 4 + 1, "round {round}: half a save, {rows} rows of text {stands}");
            saves += draft.saved;
        }
        if round == ROUNDS {
            server.kill();
            break;
        }
        let drafts = Mutex::new(Vec::new());
        scope(|threads| {
            for _ in 0..WRITERS {
                let (client, session, drafts, form, patient) = (server.client(), &session, &drafts, &form, &patient);
                threads.spawn(move || fill(client, session, form, patient, drafts));
            }
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            sleep(Duration::from_millis(150 + seed % 400));
            server.kill();
        });
        before = drafts.into_inner().unwrap();
    }
    println!("{saves} saves were acknowledged in {ROUNDS} rounds");
    assert!(saves > 100, "only {saves} saves: the test is too slow to say anything");
    site.run("check", &[]).ok();
}
