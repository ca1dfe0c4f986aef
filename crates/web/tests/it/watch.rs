//! What waits for a privacy officer: counted on the first page, told in words, answered.

use access::{Caller, Purpose, Role, Session};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chart::{NewAccount, Terms};
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

use crate::common;

struct House {
    router: Router,
    door: chart::Chart,
}

async fn house() -> House {
    house_where(false).await
}

async fn house_where(second_person: bool) -> House {
    let shelf = common::Shelf::set("en", chart::Settings { second_person, ..testkit::settings() });
    let door = shelf.clinic.chart.clone();
    let new = NewAccount { login: "vera".into(), display: "Vera".into(), role: Role::PrivacyOfficer, institution: "Carnet".into(), language: "en".into(), terms: Terms::default() };
    door.add_account(&testkit::caller(Role::Console).account, new, common::PASSWORD).unwrap();
    // Ana, a physician of the shelf, and a person at her address.
    for (kind, id, body) in [
        ("Practitioner", "ana", r#"{"resourceType":"Practitioner","id":"ana","identifier":[{"system":"https://carnet.health/fhir/NamingSystem/account","value":"ana"}],"address":[{"line":["Calle de la Prueba 7"],"city":"Puebla"}]}"#),
        ("Patient", "near", r#"{"resourceType":"Patient","id":"near","name":[{"family":"Secreto"}],"address":[{"line":["Calle de la Prueba 7"],"city":"Puebla"}]}"#),
    ] {
        door.update(&testkit::caller(Role::Integration), fhir::ResourceType::named(kind).unwrap(), id, body.as_bytes(), None).await.unwrap();
    }
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let oauth = shelf.clinic.oauth();
    House { router: router_of(shelf, oauth, Box::new(chance), Settings { language: Language::English, ..Settings::default() }), door }
}

impl House {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned())
    }

    async fn get(&self, path: &str, cookies: &str) -> (StatusCode, String) {
        let (status, _, page) = self.ask(Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await;
        (status, page)
    }

    async fn post(&self, path: &str, cookies: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post(path).header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, _, page) = self.ask(request.body(Body::from(form.to_owned())).unwrap()).await;
        (status, page)
    }

    async fn sign_in(&self, login: &str) -> (String, String) {
        let (_, headers, page) = self.ask(Request::get("/sign-in").body(Body::empty()).unwrap()).await;
        let door = cookie(&headers, "carnet_door");
        let form = format!("login={login}&password={}&token={}", common::PASSWORD.replace(' ', "+"), token(&page));
        let request = Request::post("/sign-in").header(header::COOKIE, door).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, headers, _) = self.ask(request.body(Body::from(form)).unwrap()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{login}");
        let session = cookie(&headers, "carnet");
        let proof = token(&self.get("/account", &session).await.1);
        (session, proof)
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> String {
    let all = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
}

fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    page.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

fn token(page: &str) -> String {
    between(page, "name=\"token\" value=\"", "\"").to_owned()
}

fn at_work(door: &chart::Chart, login: &str) -> Caller {
    let account = door.accounts().unwrap().into_iter().find(|account| account.login == login).unwrap();
    Caller { account, purpose: Purpose::Treatment, session: Session { number: 77, began: door.now() }, grant: None }
}

#[tokio::test]
async fn what_waits_is_counted_told_in_words_and_answered() {
    let house = house().await;
    let (vera, proof) = house.sign_in("vera").await;
    let (_, before) = house.get("/", &vera).await;
    assert!(before.contains("Waits for your answer") && before.matches("nothing").count() == 3, "{before}");
    let ana = at_work(&house.door, "ana");
    house.door.read(&ana, fhir::ResourceType::PATIENT, "near").await.unwrap();
    let line = house.door.openings(&ana, "near", 9).await.unwrap().into_iter().find(|line| line.account == ana.account.number).unwrap();
    house.door.question_opening(&ana, "near", line.index, "Who <b>was</b> this?").await.unwrap();
    house.door.break_glass(&ana, "near", access::GlassReason::Danger, "found").await.unwrap();
    let (status, page) = house.get("/unusual", &vera).await;
    assert!(status == StatusCode::OK && page.contains("lives at the same address") && page.contains("Patient/near") && !page.contains("Secreto"), "{page}");
    let (_, start) = house.get("/", &vera).await;
    assert_eq!(start.matches("1 waits").count(), 3, "{start}");
    for language in Language::ALL {
        for path in ["/", "/unusual", "/questions"] {
            let (status, page) = house.get(path, &format!("{vera}; carnet_language={}", language.code())).await;
            assert!(status == StatusCode::OK && !page.contains('⟦') && !page.contains("Secreto"), "{path} {}", language.code());
        }
    }
    // The sign is judged once.
    let id = between(&page, "value=\"judge-sign\"><input type=\"hidden\" name=\"alarm\" value=\"", "\"").to_owned();
    assert_eq!(house.post("/unusual", &vera, &format!("act=judge-sign&alarm={id}&verdict=fine")).await.0, StatusCode::FORBIDDEN, "without the proof");
    assert_eq!(house.post("/unusual", &vera, &format!("act=judge-sign&alarm={id}&verdict=+&token={proof}")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, page) = house.post("/unusual", &vera, &format!("act=judge-sign&alarm={id}&verdict=neighbours%2C+asked&token={proof}")).await;
    assert!(status == StatusCode::OK && page.contains("neighbours, asked") && page.contains("Vera"), "{page}");
    assert_eq!(house.post("/unusual", &vera, &format!("act=judge-sign&alarm={id}&verdict=again&token={proof}")).await.0, StatusCode::NOT_FOUND);
    // The question is answered, and escaped.
    let (_, page) = house.get("/questions", &vera).await;
    assert!(page.contains("Who &#60;b&#62;was") && page.contains("Dr. ana"), "{page}");
    let id = between(&page, "name=\"id\" value=\"", "\"").to_owned();
    assert_eq!(house.post("/questions", &vera, &format!("id={id}&text=+&token={proof}")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(house.post("/questions", &vera, &format!("id={id}&text=The+round.&token=x")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(house.post("/questions", &vera, &format!("id={id}&text=The+round.&token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(house.post("/questions", &vera, &format!("id={id}&text=The+round.&token={proof}")).await.0, StatusCode::NOT_FOUND);
    assert!(house.get("/questions", &vera).await.1.contains("Nobody waits"));
}

#[tokio::test]
async fn what_takes_two_is_asked_by_one_and_agreed_to_by_another() {
    let house = house_where(true).await;
    let mut console = testkit::caller(Role::Console);
    // The command line's number is nobody else's.
    console.account.number = 0;
    let (vera, proof) = house.sign_in("vera").await;
    assert!(house.get("/agreements", &vera).await.1.contains("Nobody waits for you"));
    let erasure = house.door.ask_erasure(&console, "near", "case <b>7</b>").await.unwrap();
    let export = house.door.ask_export(&console, "yearly copy").unwrap();
    let (_, start) = house.get("/", &vera).await;
    assert!(start.contains("2 wait"), "{start}");
    for language in Language::ALL {
        let (status, page) = house.get("/agreements", &format!("{vera}; carnet_language={}", language.code())).await;
        assert!(status == StatusCode::OK && page.contains("case &#60;b&#62;7") && page.contains("Patient/near") && !page.contains('⟦') && !page.contains("Secreto"), "{page}");
        assert_eq!((page.matches("value=\"agree\"").count(), page.matches("value=\"agree-standing\"").count()), (2, 1), "an erasure is agreed to by itself");
    }
    for (form, status) in [
        (format!("act=agree&request={erasure}"), StatusCode::FORBIDDEN),
        (format!("act=agree&request=nothing&token={proof}"), StatusCode::NOT_FOUND),
        (format!("act=fly&request={erasure}&token={proof}"), StatusCode::NOT_FOUND),
        (format!("act=agree-standing&request={erasure}&token={proof}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("act=decline&request={erasure}&reason=+&token={proof}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("act=decline&request={erasure}&reason=no+case&token={proof}"), StatusCode::OK),
        (format!("act=agree&request={erasure}&token={proof}"), StatusCode::NOT_FOUND),
        (format!("act=agree-standing&request={export}&token={proof}"), StatusCode::OK),
        (format!("act=agree&request={export}&token={proof}"), StatusCode::NOT_FOUND),
        (format!("act=withdraw&request={export}&token={proof}"), StatusCode::OK),
        (format!("act=withdraw&request={export}&token={proof}"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(house.post("/agreements", &vera, &form).await.0, status, "{form}");
    }
    for login in ["ana", "desk", "root"] {
        let (session, proof) = house.sign_in(login).await;
        let id = house.door.ask_export(&console, "once more").unwrap_or_default();
        assert_eq!(house.get("/agreements", &session).await.0, StatusCode::FORBIDDEN, "{login}");
        assert_eq!(house.post("/agreements", &session, &format!("act=agree&request={id}&token={proof}")).await.0, StatusCode::FORBIDDEN, "{login}");
    }
    assert_eq!(house.get("/agreements", "").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_else_sees_what_waits() {
    let house = house().await;
    for login in ["ana", "desk", "root"] {
        let (session, proof) = house.sign_in(login).await;
        assert!(!house.get("/", &session).await.1.contains("Waits for your answer"), "{login}");
        for path in ["/questions", "/unusual"] {
            assert_eq!(house.get(path, &session).await.0, StatusCode::FORBIDDEN, "{login} {path}");
        }
        assert_eq!(house.post("/questions", &session, &format!("id=x&text=y&token={proof}")).await.0, StatusCode::NOT_FOUND, "{login}");
    }
    assert_eq!(house.get("/questions", "").await.0, StatusCode::SEE_OTHER);
}
