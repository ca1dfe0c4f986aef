//! Subscriptions, end to end: the real server, a real endpoint on loopback, and the plug.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fhir::Document;

use crate::site::Site;
use crate::web::{Client, Server};

/// What somebody was told.
#[derive(Clone, Debug)]
struct Told {
    method: String,
    path: String,
    headers: String,
    body: String,
}

/// An endpoint that keeps what it is told and answers what it is told to; 200 where nothing is said.
struct Endpoint {
    origin: String,
    told: Arc<Mutex<Vec<Told>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
    pause: Arc<Mutex<Duration>>,
}

impl Endpoint {
    fn new() -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = Endpoint { origin, told: Arc::default(), answers: Arc::default(), pause: Arc::default() };
        let (told, answers, pause) = (endpoint.told.clone(), endpoint.answers.clone(), endpoint.pause.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, answers, pause) = (told.clone(), answers.clone(), pause.clone());
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some(one) = read(&mut stream) {
                        std::thread::sleep(*pause.lock().unwrap());
                        let answer = answers.lock().unwrap().pop_front().unwrap_or_else(|| "200 OK".to_owned());
                        told.lock().unwrap().push(one);
                        if stream.get_mut().write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        endpoint
    }

    fn answers(&self, answers: &[&str]) {
        self.answers.lock().unwrap().extend(answers.iter().map(|answer| answer.to_string()));
    }

    fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until so much was told.
    fn wait(&self, count: usize) -> Vec<Told> {
        let began = Instant::now();
        while self.told().len() < count {
            assert!(began.elapsed() < Duration::from_secs(20), "told {} of {count}", self.told().len());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.told()
    }
}

fn read(stream: &mut BufReader<std::net::TcpStream>) -> Option<Told> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') && name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Told { method, path, headers, body: String::from_utf8(body).ok()? })
}

/// A site that may notify these.
fn site(endpoints: &[&Endpoint], attempts: u32) -> Site {
    let site = Site::new();
    let file = site.data.join("carnet.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let origins: Vec<String> = endpoints.iter().map(|endpoint| format!("\"{}\"", endpoint.origin)).collect();
    let lines = text.lines().map(|line| match line.split(" = ").next() {
        Some("subscription_targets") => format!("subscription_targets = [{}]", origins.join(", ")),
        Some("subscription_attempts") => format!("subscription_attempts = {attempts}"),
        Some("subscription_wait_ms") => "subscription_wait_ms = 20".to_owned(),
        _ => line.to_owned(),
    });
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    site
}

fn put(client: &mut Client, path: &str, body: &str) -> String {
    let answer = client.ask("PUT", &format!("/fhir/{path}"), "", body).unwrap();
    assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.body);
    answer.body
}

fn subscription(endpoint: &Endpoint, criteria: &str, channel: &str) -> String {
    format!(
        r#"{{"resourceType":"Subscription","id":"s","status":"requested","reason":"test","criteria":"{criteria}","channel":{{"type":"rest-hook","endpoint":"{}/hook"{channel}}}}}"#,
        endpoint.origin
    )
}

fn observation(client: &mut Client, number: usize, code: &str) {
    let body = format!(r#"{{"resourceType":"Observation","id":"o{number}","status":"final","code":{{"coding":[{{"code":"{code}"}}]}},"subject":{{"reference":"Patient/a"}}}}"#);
    put(client, &format!("Observation/o{number}"), &body);
}

/// Waits until the subscription has that status; gives the resource.
fn status(client: &mut Client, wanted: &str) -> String {
    let began = Instant::now();
    loop {
        let body = client.ask("GET", "/fhir/Subscription/s", "", "").unwrap().body;
        if Document::read(&body).unwrap().root().string("status").as_deref() == Some(wanted) {
            return body;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "not {wanted}: {body}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn start(site: &Site) -> (Server, Client) {
    let server = Server::start(site);
    let mut client = server.client();
    put(&mut client, "Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    (server, client)
}

#[test]
fn what_happens_is_told_in_order_with_its_headers_and_again_until_it_is_taken() {
    let endpoint = Endpoint::new();
    let site = site(&[&endpoint], 10);
    let (_server, mut client) = start(&site);
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?code=a", r#","payload":"application/fhir+json","header":["Authorization: Bearer of-nobody","X-Ward: 7"]"#));
    let shown = status(&mut client, "active");
    assert!(shown.contains("Authorization: sealed:") && !shown.contains("of-nobody"), "{shown}");
    endpoint.answers(&["200 OK", "503 Busy", "500 Broken", "200 OK"]);
    for number in 0..12 {
        observation(&mut client, number, if number % 3 == 2 { "b" } else { "a" });
    }
    let told = endpoint.wait(10);
    let paths: Vec<&str> = told.iter().map(|one| one.path.as_str()).collect();
    let expect = [0, 1, 1, 1, 3, 4, 6, 7, 9, 10].map(|number| format!("/hook/Observation/o{number}"));
    assert_eq!(paths, expect);
    for one in &told {
        assert_eq!(one.method, "PUT");
        assert!(one.body.starts_with(r#"{"resourceType":"Observation""#), "{}", one.body);
        assert!(one.headers.to_ascii_lowercase().contains("authorization: bearer of-nobody\r\n") && one.headers.to_ascii_lowercase().contains("x-ward: 7\r\n"), "{}", one.headers);
    }
    // What is read back and written again keeps its secret; another endpoint does not get it.
    let changed = client.ask("PUT", "/fhir/Subscription/s", "", &shown).unwrap();
    assert_eq!(changed.status, 200, "{}", changed.body);
    let moved = client.ask("PUT", "/fhir/Subscription/s", "", &shown.replace("/hook\"", "/other\"")).unwrap();
    assert_eq!(moved.status, 422, "{}", moved.body);
    observation(&mut client, 99, "a");
    assert!(endpoint.wait(11)[10].headers.to_ascii_lowercase().contains("bearer of-nobody"));
}

#[test]
fn a_redirect_is_not_followed_the_error_is_told_and_nothing_is_lost() {
    let (endpoint, elsewhere) = (Endpoint::new(), Endpoint::new());
    let site = site(&[&endpoint, &elsewhere], 3);
    let (_server, mut client) = start(&site);
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?", ""));
    status(&mut client, "active");
    let redirect = format!("307 Elsewhere\r\nLocation: {}/hook", elsewhere.origin);
    endpoint.answers(&[&redirect, &redirect, &redirect]);
    observation(&mut client, 0, "a");
    let shown = status(&mut client, "error");
    let error = Document::read(&shown).unwrap().root().string("error").unwrap().into_owned();
    assert!(error.contains("3 attempts") && error.contains("redirect") && !error.contains("127.0.0.1"), "{error}");
    observation(&mut client, 1, "a");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!((endpoint.told().len(), elsewhere.told().len()), (3, 0));
    // Taken up again by an update: both events arrive.
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?", ""));
    assert!(endpoint.wait(5).iter().all(|one| one.method == "POST" && one.path == "/hook" && one.body.is_empty()));
    assert!(!status(&mut client, "active").contains("\"error\""));
    // Ended, and begun anew: what happened in between is nobody's.
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?", "").replace("requested", "off"));
    observation(&mut client, 2, "a");
    std::thread::sleep(Duration::from_millis(100));
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?", ""));
    status(&mut client, "active");
    observation(&mut client, 3, "a");
    endpoint.wait(6);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(endpoint.told().len(), 6);
}

#[test]
fn an_event_that_is_never_taken_holds_up_the_others_no_longer_than_its_owner_wants() {
    let endpoint = Endpoint::new();
    let site = site(&[&endpoint], 2);
    let (server, mut client) = start(&site);
    let body = subscription(&endpoint, "Observation?", r#","payload":"application/fhir+json""#);
    put(&mut client, "Subscription/s", &body);
    status(&mut client, "active");
    observation(&mut client, 0, "a");
    endpoint.wait(1);
    // The second is never taken; a third waits behind it.
    endpoint.answers(&["422 No", "422 No"]);
    observation(&mut client, 1, "a");
    observation(&mut client, 2, "a");
    let error = status(&mut client, "error");
    assert!(error.contains("at event 2") && error.contains("status 422") && error.contains("valuePositiveInt 2"), "{error}");
    // Taken up again as it is, it stands at the same event; given up by its owner, it goes on behind it.
    endpoint.answers(&["422 No", "422 No"]);
    put(&mut client, "Subscription/s", &body);
    status(&mut client, "error");
    let passing = body.replacen('{', r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/subscription-passes-over","valuePositiveInt":2}],"#, 1);
    put(&mut client, "Subscription/s", &passing);
    let told = endpoint.wait(6);
    let paths: Vec<&str> = told.iter().map(|one| one.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(paths, ["o0", "o1", "o1", "o1", "o1", "o2"]);
    let mended = status(&mut client, "active");
    assert!(!mended.contains("\"error\""));
    observation(&mut client, 3, "a");
    assert!(endpoint.wait(7)[6].path.ends_with("/o3"));
    // It counts as told when the endpoint's answer is kept, which is a moment after the endpoint has it.
    let is_counted = |client: &mut Client| client.ask("GET", "/fhir/Subscription/s/$status", "", "").unwrap().body.contains(r#"{"name":"events-since-subscription-start","valueString":"4"}"#);
    let until = Instant::now() + Duration::from_secs(20);
    while !is_counted(&mut client) {
        assert!(Instant::now() < until, "the fourth event is never counted");
        std::thread::sleep(Duration::from_millis(25));
    }
    // What was given up is no standing order: it is gone from the resource, and no other number is taken.
    assert!(!client.ask("GET", "/fhir/Subscription/s", "", "").unwrap().body.contains("passes-over"));
    let again = client.ask("PUT", "/fhir/Subscription/s", "", &passing).unwrap();
    assert!(again.status == 422 && again.body.contains("number 5"), "{}", again.body);
    // An origin that the operator has taken off the list is told nothing more.
    drop(server);
    let file = site.data.join("carnet.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace(&endpoint.origin, "http://127.0.0.1:9");
    std::fs::write(&file, text).unwrap();
    let server = Server::start(&site);
    let mut client = server.client();
    observation(&mut client, 4, "a");
    let error = status(&mut client, "error");
    assert!(error.contains("subscription_targets") && !error.contains("at event"), "{error}");
    assert_eq!(endpoint.told().len(), 7);
}

#[test]
fn when_the_plug_is_pulled_every_event_still_arrives_in_order() {
    let endpoint = Endpoint::new();
    let site = site(&[&endpoint], 1000);
    *endpoint.pause.lock().unwrap() = Duration::from_millis(15);
    let (mut server, mut client) = start(&site);
    put(&mut client, "Subscription/s", &subscription(&endpoint, "Observation?", r#","payload":"application/fhir+json""#));
    let mut written = 0;
    for round in 1..=4 {
        for _ in 0..12 {
            observation(&mut client, written, "a");
            written += 1;
        }
        endpoint.wait(round * 5);
        server.kill();
        server = Server::start(&site);
        client = server.client();
    }
    let began = Instant::now();
    let last = format!("/hook/Observation/o{}", written - 1);
    while endpoint.told().last().is_none_or(|one| one.path != last) {
        assert!(began.elapsed() < Duration::from_secs(30), "{} told", endpoint.told().len());
        std::thread::sleep(Duration::from_millis(20));
    }
    let numbers: Vec<usize> = endpoint.told().iter().map(|one| one.path.rsplit('o').next().unwrap().parse().unwrap()).collect();
    let mut newest = 0;
    for number in &numbers {
        // An event may come again after a start, but none is left out and none overtakes.
        assert!(*number <= newest, "{number} after {newest}: {numbers:?}");
        newest = newest.max(number + 1);
    }
    assert_eq!(newest, written);
    assert!(numbers.len() < written + 12, "{numbers:?}");
}

#[test]
fn a_topic_has_a_handshake_numbers_heartbeats_and_a_memory() {
    let endpoint = Endpoint::new();
    let site = site(&[&endpoint], 5);
    let (_server, mut client) = start(&site);
    put(&mut client, "Patient/b", r#"{"resourceType":"Patient","id":"b"}"#);
    let backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";
    let channel = format!(
        r#","payload":"application/fhir+json","_payload":{{"extension":[{{"url":"{backport}/backport-payload-content","valueCode":"full-resource"}}]}},"extension":[{{"url":"{backport}/backport-heartbeat-period","valueUnsignedInt":1}}]"#
    );
    let filter = format!(r#","_criteria":{{"extension":[{{"url":"{backport}/backport-filter-criteria","valueString":"Encounter?patient=Patient/a"}}]}},"channel""#);
    let body = subscription(&endpoint, "https://carnet.health/fhir/SubscriptionTopic/admission", &channel).replacen(r#","channel""#, &filter, 1);
    put(&mut client, "Subscription/s", &body);
    let handshake = endpoint.wait(1).remove(0);
    assert!(handshake.body.contains(r#"{"name":"type","valueCode":"handshake"}"#) && handshake.body.contains(r#""valueCode":"requested""#), "{}", handshake.body);
    status(&mut client, "active");
    let stay = |id: &str, person: &str, status: &str| {
        format!(r#"{{"resourceType":"Encounter","id":"{id}","status":"{status}","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"}},"subject":{{"reference":"Patient/{person}"}}}}"#)
    };
    // Planned, admitted, changed while there; somebody else.
    for (id, person, state) in [("e", "a", "planned"), ("e", "a", "in-progress"), ("f", "b", "in-progress"), ("g", "a", "in-progress")] {
        put(&mut client, &format!("Encounter/{id}"), &stay(id, person, state));
    }
    put(&mut client, "Encounter/e", &stay("e", "a", "in-progress").replacen('{', r#"{"language":"en","#, 1));
    let began = Instant::now();
    let events = loop {
        let told = endpoint.told();
        let events: Vec<Told> = told.iter().filter(|one| one.body.contains("notification-event")).cloned().collect();
        let counted: usize = events.iter().map(|one| one.body.matches(r#""name":"notification-event""#).count()).sum();
        if counted == 2 && told.iter().any(|one| one.body.contains("heartbeat")) {
            break events;
        }
        assert!(counted <= 2 && began.elapsed() < Duration::from_secs(20), "{told:?}");
        std::thread::sleep(Duration::from_millis(20));
    };
    let all: String = events.iter().map(|one| one.body.as_str()).collect();
    for text in [r#""event-number","valueString":"1""#, r#""event-number","valueString":"2""#, "/fhir/Encounter/e", "/fhir/Encounter/g", r#""resourceType":"Encounter""#, r#""type":"history""#] {
        assert!(all.contains(text), "lacks {text}: {all}");
    }
    assert!(!all.contains("Encounter/f") && !all.contains("Patient/b"), "{all}");
    let shown = client.ask("GET", "/fhir/Subscription/s/$status", "", "").unwrap();
    assert!(shown.status == 200 && shown.body.contains(r#"{"name":"events-since-subscription-start","valueString":"2"}"#) && shown.body.contains("query-status"), "{}", shown.body);
    let several = client.ask("GET", "/fhir/Subscription/$status?id=s&id=s", "", "").unwrap();
    assert!(several.status == 200 && several.body.matches("query-status").count() == 2, "{}", several.body);
    let again = client.ask("GET", "/fhir/Subscription/s/$events?eventsSinceNumber=2&content=id-only", "", "").unwrap();
    assert!(again.status == 200 && again.body.contains("Encounter/g") && !again.body.contains("Encounter/e\"") && !again.body.contains(r#""resourceType":"Encounter""#), "{}", again.body);
    Document::read(&again.body).unwrap();
}
