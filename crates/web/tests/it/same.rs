//! The desk and the clerk decide that two Patients are one person, over the real door.

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use fhir::ResourceType;
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

use crate::common;

struct Desk {
    house: Router,
    door: chart::Chart,
}

async fn desk() -> Desk {
    let shelf = common::Shelf::new("en", false);
    let (door, oauth) = (shelf.clinic.chart.clone(), shelf.clinic.oauth());
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let house = router_of(door.clone(), oauth, Box::new(chance), Settings { language: Language::English, ..Settings::default() });
    let desk = Desk { house, door };
    for (id, family, born, curp) in [("a", "Ríos Vega", "1980-03-04", "RIVA800304MDFSGN09"), ("b", "Rios Vega", "1980-03-04", ""), ("c", "Luna <b>", "1951-01-01", "")] {
        let identifier = if curp.is_empty() { String::new() } else { format!(r#","identifier":[{{"system":"https://a.example/file","value":"{curp}"}}]"#) };
        desk.put(&format!(r#"{{"resourceType":"Patient","id":"{id}","active":true,"name":[{{"family":"{family}","given":["Ana"]}}],"birthDate":"{born}","gender":"female"{identifier}}}"#)).await;
    }
    desk.seen("first", "a").await;
    desk.seen("second", "b").await;
    desk
}

impl Desk {
    async fn put(&self, text: &str) {
        let document = fhir::Document::read(text).unwrap();
        let (kind, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
        self.door.update(&testkit::caller(Role::Integration), ResourceType::named(&kind).unwrap(), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    }

    async fn seen(&self, id: &str, patient: &str) {
        self.put(&format!(r#"{{"resourceType":"Condition","id":"{id}","code":{{"text":"Condition {id}"}},"subject":{{"reference":"Patient/{patient}"}}}}"#)).await;
    }

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

    async fn sign_in(&self, login: &str) -> (String, String) {
        let (_, headers, page) = self.get("/sign-in", "").await;
        let form = format!("login={login}&password={}&token={}", common::PASSWORD.replace(' ', "+"), token(&page));
        let (status, headers, _) = self.post("/sign-in", &cookie(&headers, "carnet_door"), &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{login}");
        let session = format!("{}; carnet_language=en", cookie(&headers, "carnet"));
        let proof = token(&self.get("/account", &session).await.2);
        (session, proof)
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> String {
    let all = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
}

fn token(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

fn location(headers: &HeaderMap) -> String {
    headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned()
}

#[tokio::test]
async fn the_desk_merges_two_looks_at_one_record_and_undoes_it() {
    let desk = desk().await;
    let (session, proof) = desk.sign_in("desk").await;
    let (status, _, page) = desk.get("/person/a/same", &session).await;
    assert!(status == StatusCode::OK && page.contains("/person/a/same/b") && !page.contains("/person/a/same/c"), "{page}");
    let (_, _, page) = desk.get("/person/a/same?q=luna", &session).await;
    assert!(page.contains("/person/a/same/c") && page.contains("LUNA &#60;B&#62;"), "{page}");
    for language in Language::ALL {
        let (status, _, page) = desk.get("/person/a/same/b", &format!("{}; carnet_language={}", session.split(';').next().unwrap(), language.code())).await;
        let main = &page[page.find("id=\"main\"").unwrap()..];
        assert!(status == StatusCode::OK && !main.contains("same-") && !main.contains("compare-"), "{}: a word is missing\n{main}", language.code());
    }
    // Without a reason, with a reason but no proof, by somebody who may not.
    let (status, _, page) = desk.post("/person/a/same/b", &session, &format!("stays=a&reason=+&token={proof}")).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("Say why"), "{page}");
    assert_eq!(desk.post("/person/a/same/b", &session, "stays=a&reason=x").await.0, StatusCode::FORBIDDEN);
    let (doctor, doctor_proof) = desk.sign_in("ana").await;
    assert_eq!(desk.get("/person/a/same", &doctor).await.0, StatusCode::FORBIDDEN);
    assert_eq!(desk.post("/person/a/same/b", &doctor, &format!("stays=a&reason=x&token={doctor_proof}")).await.0, StatusCode::FORBIDDEN);
    assert!(!desk.get("/person/a", &doctor).await.2.contains("Condition second"));

    let (status, headers, page) = desk.post("/person/a/same/b", &session, &format!("stays=a&reason=same+card&token={proof}")).await;
    assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, "/person/a/same".to_owned()), "{page}");
    for person in ["a", "b"] {
        let (status, _, page) = desk.get(&format!("/person/{person}"), &doctor).await;
        assert!(status == StatusCode::OK && page.contains("Condition first") && page.contains("Condition second") && page.contains("2 registrations merged"), "{person}: {page}");
    }
    assert_eq!(desk.get("/person/a/document/Condition/second", &doctor).await.0, StatusCode::OK);
    let (_, _, page) = desk.get("/person/b/same", &session).await;
    assert!(page.contains("/person/a/same/b/undo"), "{page}");
    let (status, _, page) = desk.post("/person/a/same/b", &session, &format!("stays=a&reason=again&token={proof}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "they are one already: {page}");

    desk.seen("late", "a").await;
    let (status, headers, page) = desk.post("/person/a/same/b/undo", &session, &format!("reason=two+persons&token={proof}")).await;
    assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, "/person/a/same/b/later".to_owned()), "{page}");
    for language in Language::ALL {
        let (status, _, page) = desk.get("/person/a/same/b/later", &format!("{}; carnet_language={}", session.split(';').next().unwrap(), language.code())).await;
        let main = &page[page.find("id=\"main\"").unwrap()..];
        assert!(status == StatusCode::OK && main.contains("Condition/late") && !main.contains("Condition/first") && !main.contains("later-of") && !main.contains("later-intro"), "{}\n{main}", language.code());
    }
    let (status, _, page) = desk.post("/person/a/same/b/later", &session, &format!("to=b&reason=was+of+the+other&token={proof}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is ticked: {page}");
    let (status, _, page) = desk.post("/person/a/same/b/later", &session, &format!("to=b&entry=Condition%2Flate&reason=was+of+the+other&token={proof}")).await;
    assert!(status == StatusCode::OK && page.contains("One entry was moved"), "{page}");
    assert!(!desk.get("/person/a", &doctor).await.2.contains("Condition late"));
    assert!(desk.get("/person/b", &doctor).await.2.contains("Condition late"));
    assert_eq!(desk.get("/person/a/same/c/later", &session).await.0, StatusCode::NOT_FOUND, "they never were one");
}

#[tokio::test]
async fn of_a_chain_the_page_lists_what_came_later_to_the_third() {
    let desk = desk().await;
    let clerk = testkit::caller(Role::RecordsClerk);
    desk.door.merge(&clerk, "a", "b", "same card").await.unwrap();
    desk.door.merge(&clerk, "c", "a", "all three").await.unwrap();
    desk.seen("late", "b").await;
    desk.door.unmerge(&clerk, "a", "another person").await.unwrap();
    let (session, proof) = desk.sign_in("desk").await;
    let (status, _, page) = desk.get("/person/c/same/a/later", &session).await;
    assert!(status == StatusCode::OK && page.matches("value=\"Condition/late\"").count() == 1 && page.contains("Patient/b"), "{page}");
    let (status, _, page) = desk.post("/person/c/same/a/later", &session, &format!("to=c&entry=Condition%2Flate&reason=was+of+the+other&token={proof}")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
}
