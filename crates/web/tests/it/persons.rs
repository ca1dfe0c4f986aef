//! What persons do at the pages: make an account, read their record, act for others, keep their account.

use std::sync::{Arc, Mutex};

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chart::{Letter, LetterError, Post};
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

use crate::common;

const RICH: &str = include_str!("../samples/rich.json");
const HOSTILE: &str = include_str!("../samples/hostile.json");

/// Keeps what is sent.
#[derive(Debug, Default)]
struct Letters(Mutex<Vec<Letter>>);

impl Post for Letters {
    fn send(&self, letter: &Letter) -> Result<(), LetterError> {
        self.0.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

struct Site {
    house: Router,
    door: chart::Chart,
    sent: Arc<Letters>,
}

/// The pages over samples whose persons are in the record too, so that accounts can be bound to them.
async fn site() -> Site {
    let mut shelf = common::Shelf::new("en", false);
    let born = r#""birthDate":"1959-03-28""#;
    let with_address = RICH.replace(born, &format!(r#"{born},"telecom":[{{"system":"email","value":"p@mail.example"}}]"#));
    for bundle in [with_address.as_str(), HOSTILE] {
        shelf.add_bundle(bundle);
    }
    for (id, born) in [("p", "1959-03-28"), ("h", "2024-01-01")] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Ví Dụ","given":["{id}"]}}],"birthDate":"{born}","telecom":[{{"system":"email","value":"p@mail.example"}}]}}"#);
        shelf.clinic.chart.update(&testkit::caller(Role::Integration), fhir::ResourceType::PATIENT, id, patient.as_bytes(), None).await.unwrap();
    }
    let (door, sent) = (shelf.clinic.chart.clone(), Arc::new(Letters::default()));
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let settings = Settings { language: Language::English, zone_offset_minutes: 420, post: Some(sent.clone()), ..Settings::default() };
    let oauth = shelf.clinic.oauth();
    Site { house: router_of(shelf, oauth, Box::new(chance), settings), door, sent }
}

impl Site {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let (parts, body) = self.house.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn get(&self, path: &str, cookies: &str) -> (StatusCode, HeaderMap, String) {
        self.ask(Request::get(path).header(header::HOST, "record.example").header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookies: &str, form: &str) -> (StatusCode, HeaderMap, String) {
        self.ask(Request::post(path).header(header::HOST, "record.example").header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Sends a form of the door, from a page that was just opened.
    async fn knock(&self, path: &str, form: &str) -> (StatusCode, HeaderMap, String) {
        let (_, headers, page) = self.get(path, "").await;
        self.post(path, &cookie(&headers, "carnet_door"), &format!("{form}&token={}", token(&page))).await
    }

    async fn sign_in(&self, login: &str, password: &str) -> (String, String) {
        let (status, headers, _) = self.knock("/sign-in", &format!("login={login}&password={}", password.replace(' ', "+"))).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{login}");
        let session = cookie(&headers, "carnet");
        let proof = token(&self.get("/account", &session).await.2);
        (session, proof)
    }

    /// The code a station gives, from the slip.
    async fn invited(&self, patient: &str) -> String {
        let (desk, proof) = self.sign_in("desk", common::PASSWORD).await;
        let (status, headers, page) = self.post(&format!("/person/{patient}/trust"), &desk, &format!("act=invite&evidence=passport&language=es&address=&token={proof}")).await;
        assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, format!("/person/{patient}/trust/slip")), "{page}");
        let page = self.get(&format!("/person/{patient}/trust/slip"), &desk).await.2;
        between(&page, "secret large\">", "<")
    }

    /// Somebody of a record who has an account and is signed in.
    async fn person(&self, patient: &str) -> (String, String) {
        let code = self.invited(patient).await;
        let (status, headers, page) = self.knock("/sign-in/activate", &format!("code={code}&login={patient}.person&password=a+fine+word")).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let session = cookie(&headers, "carnet");
        let proof = token(&self.get("/account", &session).await.2);
        (session, proof)
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> String {
    let all = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
}

fn location(headers: &HeaderMap) -> String {
    headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned()
}

fn between(page: &str, from: &str, to: &str) -> String {
    page.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default().to_owned()
}

fn token(page: &str) -> String {
    between(page, "name=\"token\" value=\"", "\"")
}

#[tokio::test]
async fn a_person_makes_an_account_with_the_slip_and_comes_to_their_own_record() {
    let site = site().await;
    let (desk, proof) = site.sign_in("desk", common::PASSWORD).await;
    let (status, headers, _) = site.post("/person/p/trust", &desk, &format!("act=invite&evidence=passport&language=vi&address=&token={proof}")).await;
    assert_eq!((status, location(&headers).as_str()), (StatusCode::SEE_OTHER, "/person/p/trust/slip"));
    let mut code = String::new();
    for language in Language::ALL {
        let (_, _, page) = site.get("/person/p/trust/slip", &format!("{desk}; carnet_language={}", language.code())).await;
        code = between(&page, "secret large\">", "<");
        assert!(code.len() == 14 && page.contains("http://record.example/sign-in/activate") && !page.contains('⟦'), "{}", language.code());
        assert!(!page.contains("Ví Dụ"), "whoever finds the slip does not learn whose it is");
    }
    assert_eq!(site.get("/person/h/trust/slip", &desk).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.post("/person/p/trust/slip", &desk, &format!("token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(site.get("/person/p/trust/slip", &desk).await.0, StatusCode::NOT_FOUND, "shown no more");
    for (form, words) in [
        (format!("code={code}&login=a+b&password=a+fine+word"), "1 to 64 of"),
        (format!("code={code}&login=le&password=short"), "at least 8"),
        (format!("code={code}&login=ana&password=a+fine+word"), "Somebody else has this login"),
        ("code=aaaa-aaaa-aaaa&login=le&password=a+fine+word".to_owned(), "no longer valid"),
    ] {
        let (status, _, page) = site.knock("/sign-in/activate", &form).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains(words), "{form}: {status} {page}");
        assert!(!page.contains("fine word"), "a password is not shown again");
    }
    let (status, headers, _) = site.knock("/sign-in/activate", &format!("code={code}&login=Le.Person&password=a+fine+word")).await;
    assert_eq!((status, location(&headers).as_str()), (StatusCode::SEE_OTHER, "/"));
    let session = cookie(&headers, "carnet");
    assert_eq!(location(&site.get("/", &session).await.1), "/person/p");
    let (_, _, page) = site.get("/person/p", &session).await;
    assert!(page.contains("lang=\"vi\"") && page.contains("Thuốc tôi đang dùng"), "in the language that was chosen");
    assert_eq!(site.sign_in("le.person", "a fine word").await.1.len(), 64);
    let (_, _, page) = site.get("/person/p/trust", &desk).await;
    assert!(page.contains("le.person") && !page.contains("act\" value=\"invite"));
}

#[tokio::test]
async fn my_record_says_in_plain_words_what_the_record_holds() {
    let site = site().await;
    let (session, _) = site.person("p").await;
    for language in Language::ALL {
        let cookies = format!("{session}; carnet_language={}", language.code());
        for path in ["/person/p", "/person/p/timeline", "/person/p/results", "/person/p/openings", "/person/p/trust", "/account", "/person/p/document/Observation/b1"] {
            let (status, _, page) = site.get(path, &cookies).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(!page.contains('⟦') && !page.contains("style=\"") && !page.contains("action=\"/find\""), "{path} in {}", language.code());
        }
    }
    let (_, _, page) = site.get("/person/p", &format!("{session}; carnet_language=en")).await;
    for words in ["What I take", "<b>Metformin</b>", "My results", "above the reference range", "What I must not be given", "Penicillin", "Vaccinations", "Letters, reports and notes", "Bệnh viện Mẫu"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("act for this person. They see"), "it is their own");
    // Looking for others leads home.
    let proof = token(&page);
    assert_eq!(location(&site.post("/find", &session, &format!("q=le&token={proof}")).await.1), "/");
    assert_eq!(site.get("/accounts", &session).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_a_station_and_the_person_see_who_comes_from_home() {
    let site = site().await;
    let (physician, proof) = site.sign_in("ana", common::PASSWORD).await;
    assert_eq!(site.get("/person/p/trust", &physician).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.post("/person/p/trust", &physician, &format!("act=invite&evidence=x&token={proof}")).await.0, StatusCode::FORBIDDEN);
    let (desk, proof) = site.sign_in("desk", common::PASSWORD).await;
    for language in Language::ALL {
        let (status, _, page) = site.get("/person/p/trust", &format!("{desk}; carnet_language={}", language.code())).await;
        assert!(status == StatusCode::OK && !page.contains('⟦'), "{}", language.code());
    }
    for (form, status) in [
        ("act=invite&evidence=passport".to_owned(), StatusCode::FORBIDDEN),
        (format!("act=invite&evidence=&token={proof}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("act=invite&evidence=passport&address=nonsense&token={proof}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("act=nonsense&token={proof}"), StatusCode::NOT_FOUND),
        (format!("act=reset-second-factor&token={proof}"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(site.post("/person/p/trust", &desk, &form).await.0, status, "{form}");
    }
    assert_eq!(site.post("/person/nobody/trust", &desk, &format!("act=invite&evidence=passport&token={proof}")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_parent_is_entrusted_with_a_child_and_every_page_says_so() {
    let site = site().await;
    let (session, _) = site.person("p").await;
    let (desk, proof) = site.sign_in("desk", common::PASSWORD).await;
    for (form, words) in [
        ("login=nobody&kind=parent&evidence=certificate", "Nobody signs in with that login"),
        ("login=p.person&kind=parent&evidence=", "1 to 200 letters"),
        ("login=p.person&kind=friend&evidence=x", "Choose what the person is"),
        ("login=p.person&kind=parent&evidence=x&until=soon", "Choose what the person is"),
        ("login=p.person&kind=parent&evidence=x&until=2020-01-01", "would be over already"),
        ("login=p.person&kind=parent&evidence=x&document=none", "no such document"),
    ] {
        let (status, _, page) = site.post("/person/h/trust", &desk, &format!("act=entrust&{form}&token={proof}")).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains(words), "{form}: {status}");
    }
    let (status, _, page) = site.post("/person/h/trust", &desk, &format!("act=entrust&login=p.person&kind=parent&evidence=birth+certificate&until=&token={proof}")).await;
    assert!(status == StatusCode::OK && page.contains("The record is entrusted") && page.contains("birth certificate"));
    let english = format!("{session}; carnet_language=en");
    let (_, _, page) = site.get("/person/p", &english).await;
    assert!(page.contains("Other records you may read") && page.contains("href=\"/person/h\""));
    for path in ["/person/h", "/person/h/timeline", "/person/h/trust"] {
        let (status, _, page) = site.get(path, &english).await;
        assert!(status == StatusCode::OK && page.contains("This is not your record"), "{path}");
    }
    let (_, _, page) = site.get("/person/h/trust", &english).await;
    let id = between(&page, "name=\"proxy\" value=\"", "\"");
    let (status, headers, _) = site.post("/person/h/trust", &session, &format!("act=end-trust&proxy={id}&token={}", token(&page))).await;
    assert_eq!((status, location(&headers).as_str()), (StatusCode::SEE_OTHER, "/"));
    assert!(!site.get("/person/p", &english).await.2.contains("Other records"));
}

#[tokio::test]
async fn a_code_by_post_makes_an_account_and_renews_a_password_and_tells_nobody_who_has_one() {
    let site = site().await;
    let (desk, proof) = site.sign_in("desk", common::PASSWORD).await;
    let (_, _, page) = site.get("/person/p/trust", &desk).await;
    assert!(page.contains("<option value=\"p@mail.example\">"));
    site.post("/person/p/trust", &desk, &format!("act=invite&evidence=passport&language=en&address=p%40mail.example&token={proof}")).await;
    let (_, _, page) = site.get("/person/p/trust/slip", &format!("{desk}; carnet_language=en")).await;
    assert!(page.contains("p…@mail.example") && !page.contains("p@mail.example") && !page.contains("secret large"));
    let letter = site.sent.0.lock().unwrap().pop().unwrap();
    assert!(letter.to.address() == "p@mail.example" && letter.text.contains("http://record.example/sign-in/activate") && !letter.text.contains("Ví Dụ"));
    let code = between(&letter.text, "Code: ", ".");
    assert_eq!(site.knock("/sign-in/activate", &format!("code={code}&login=p.person&password=a+fine+word")).await.0, StatusCode::SEE_OTHER);
    let mut answers = Vec::new();
    for login in ["p.person", "nobody", "ana"] {
        let (status, _, page) = site.knock("/sign-in/forgotten", &format!("login={login}")).await;
        assert_eq!(status, StatusCode::OK);
        answers.push(page.replace(&token(&page), ""));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let mut sent = None;
    for _ in 0..200 {
        sent = sent.or_else(|| site.sent.0.lock().unwrap().pop());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        if sent.is_some() { break }
    }
    let code = between(&sent.unwrap().text, "password: ", ".");
    assert!(site.sent.0.lock().unwrap().is_empty(), "one letter");
    assert_eq!(site.knock("/sign-in/new-password", &format!("login=p.person&code={code}&password=another+word")).await.0, StatusCode::OK);
    site.sign_in("p.person", "another word").await;
}

#[tokio::test]
async fn an_address_is_confirmed_before_codes_go_there() {
    let site = site().await;
    let (session, proof) = site.person("p").await;
    let cookies = format!("{session}; carnet_language=en");
    let send = async |form: &str| site.post("/account/contact", &cookies, &format!("{form}&token={proof}")).await;
    assert_eq!(send("act=ask&address=nonsense").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(send("act=ask&address=p%40mail.example").await.2.contains("A code was sent there"));
    assert_eq!(send("act=ask&address=p%40mail.example").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let code = between(&site.sent.0.lock().unwrap().pop().unwrap().text, "address: ", ".");
    assert_eq!(send("act=confirm&code=aaaa-aaaa-aaaa").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(send(&format!("act=confirm&code={code}")).await.2.contains("p…@mail.example"));
    assert!(!send("act=drop").await.2.contains("p…@mail.example"));
    assert_eq!(send("act=nonsense").await.0, StatusCode::NOT_FOUND);
    let (ana, proof) = site.sign_in("ana", common::PASSWORD).await;
    assert_eq!(site.post("/account/contact", &ana, &format!("act=ask&address=p%40mail.example&token={proof}")).await.0, StatusCode::NOT_FOUND, "staff get codes from a second person");
}

#[tokio::test]
async fn everybody_changes_their_own_password_and_takes_the_factor_off() {
    let site = site().await;
    let (other, _) = site.sign_in("ana", common::PASSWORD).await;
    let (ana, proof) = site.sign_in("ana", common::PASSWORD).await;
    let cookies = |session: &str| format!("{session}; carnet_language=en");
    let change = async |session: &str, form: &str| site.post("/account/password", &cookies(session), form).await;
    assert_eq!(change(&ana, "current=a+secret+word&password=another+word").await.0, StatusCode::FORBIDDEN);
    for (form, words) in [("current=wrong&password=another+word", "Nothing was changed"), ("current=a+secret+word&password=short", "at least 8"), ("current=a+secret+word&password=a+secret+word", "the password you have now")] {
        let (status, _, page) = change(&ana, &format!("{form}&token={proof}")).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains(words), "{form}");
    }
    let (status, headers, page) = change(&ana, &format!("current=a+secret+word&password=another+word&token={proof}")).await;
    assert!(status == StatusCode::OK && page.contains("The new password is set"));
    let ana_now = cookie(&headers, "carnet");
    assert_eq!([site.get("/", &other).await.0, site.get("/", &ana).await.0, site.get("/", &ana_now).await.0], [StatusCode::SEE_OTHER, StatusCode::SEE_OTHER, StatusCode::OK]);
    let account = site.door.accounts().unwrap().into_iter().find(|account| account.login == "ana").unwrap();
    let secret = site.door.new_factor_secret();
    let codes = site.door.enrol(&account, &secret, &access::totp::code(&secret, access::totp::step_at(site.door.now()))).unwrap().unwrap();
    let proof = token(&page);
    let drop = async |form: &str| site.post("/account/factor-off", &cookies(&ana_now), form).await;
    assert_eq!(drop(&format!("current=another+word&code=000000&token={proof}")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(drop(&format!("current=another+word&code={}", codes[0])).await.0, StatusCode::FORBIDDEN);
    let (status, _, page) = drop(&format!("current=another+word&code={}&token={proof}", codes[0])).await;
    assert!(status == StatusCode::OK && page.contains("The second factor is off"), "{page}");
}

#[tokio::test]
async fn without_a_post_nothing_offers_to_send_codes() {
    let shelf = common::Shelf::new("en", false);
    let oauth = shelf.clinic.oauth();
    let house = router_of(shelf, oauth, Box::new(|bytes: &mut [u8]| bytes.fill(7)), Settings::default());
    for (path, expected) in [("/sign-in/forgotten", StatusCode::NOT_FOUND), ("/sign-in", StatusCode::OK)] {
        let (parts, body) = house.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().into_parts();
        let page = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        assert!(parts.status == expected && !page.contains("href=\"/sign-in/forgotten\""), "{path}");
    }
}
