//! The pages over samples: the house that the files beside try, and what a chart, a log and broken glass say.

mod due;
mod entry;
mod language;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

use crate::common;

const RICH: &str = include_str!("../samples/rich.json");
const HOSTILE: &str = include_str!("../samples/hostile.json");

const PAGES: &[&str] = &[
    "/", "/overdue", "/overdue?name=Clinic", "/overdue?name=nonsense", "/overdue/clinic", "/overdue/clinic?cursor=more", "/overdue/clinic?undated=further", "/overdue/clinic?area=none", "/person/child/vaccinations", "/person/child/card", "/person/p/card", "/person/empty/card", "/person/h/card", "/person/p/vaccinations", "/person/empty/vaccinations", "/person/h/vaccinations", "/account", "/account/programs", "/account/second-factor", "/person/p", "/person/p/timeline", "/person/p/timeline?kind=note", "/person/p/timeline?kind=administration&page=99", "/person/p/timeline?kind=nonsense&place=zz", "/person/p/problems", "/person/p/medicines", "/person/p/results",
    "/person/p/vitals", "/person/p/growth", "/person/p/openings", "/person/p/openings?before=150", "/person/p/openings?before=nonsense", "/person/asking/openings", "/person/asking/openings?before=3", "/person/p/document/Encounter/e", "/person/p/document/Encounter/e2", "/person/p/document/DocumentReference/n", "/person/p/document/Composition/k", "/person/p/document/Patient/p",
    "/person/p/document/Observation/b1", "/person/p/document/DiagnosticReport/d", "/person/p/document/Condition/c3", "/person/p/document/Immunization/i", "/person/p/document/AllergyIntolerance/a", "/person/p/document/Claim/l",
    "/person/p/document/MedicationRequest/m1", "/person/p/document/Coverage/v", "/person/p/document/ServiceRequest/s", "/person/h", "/person/h/timeline", "/person/h/problems", "/person/h/medicines", "/person/h/results", "/person/h/vitals",
    "/person/h/document/Patient/h", "/person/h/document/Composition/hk", "/person/h/document/DocumentReference/hd", "/person/h/document/Basic/hq", "/person/h/document/Condition/hx", "/person/h/document/Observation/ho",
    "/person/h/document/Encounter/he", "/person/empty", "/person/empty/timeline", "/person/empty/problems", "/person/empty/growth",
];

const NOT_THERE: &[&str] = &["/person/nobody", "/person/nobody/vaccinations", "/overdue/nobody", "/person/p/nonsense", "/person/p/document/Observation/nothing", "/person/p/document/Nonsense/n", "/person/a%20b", "/nowhere", "/person", "/person/p/document/Observation/ho"];

/// A facility and one of its children: hexavalent too early, a BCG of a year only, one dose without a code.
const FACILITY: &str = r#"{"entry":[{"fullUrl":"urn:uuid:clinic","resource":{"resourceType":"Organization","id":"clinic","name":"Clinic <b>One</b>"}}]}"#;
const CHILD: &str = r#"{"entry":[
    {"fullUrl":"urn:uuid:child","resource":{"resourceType":"Patient","id":"child","name":[{"family":"Prueba <i>1</i>","given":["Niña"]}],"gender":"female","birthDate":"2026-06-15","address":[{"country":"MX"}],"managingOrganization":{"reference":"Organization/clinic"}}},
    {"fullUrl":"urn:uuid:v1","resource":{"resourceType":"Immunization","id":"v1","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}],"text":"BCG <img src=x>"},"patient":{"reference":"Patient/child"},"occurrenceDateTime":"2026-06"}},
    {"fullUrl":"urn:uuid:v2","resource":{"resourceType":"Immunization","id":"v2","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"146"}],"text":"Hexavalente"},"patient":{"reference":"Patient/child"},"occurrenceDateTime":"2026-07-01"}},
    {"fullUrl":"urn:uuid:v3","resource":{"resourceType":"Immunization","id":"v3","status":"completed","vaccineCode":{"text":"Vacuna sin clave"},"patient":{"reference":"Patient/child"},"occurrenceDateTime":"2026-08-01"}}
]}"#;

/// Somebody who asked twice about the log, and was answered once.
const ASKING: &str = r#"{"entry":[
    {"fullUrl":"urn:uuid:asking","resource":{"resourceType":"Patient","id":"asking","name":[{"text":"Ask <b>Er</b>"}]}},
    {"fullUrl":"urn:uuid:q1","resource":{"resourceType":"Communication","id":"q1","status":"completed","category":[{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/log-question","code":"question"}]}],"subject":{"reference":"Patient/asking"},"about":[{"reference":"AuditEvent/opening-170"}],"sent":"2026-11-20T08:00:00Z","sender":{"display":"Desk"},"payload":[{"contentString":"Who was this? <img src=x>"}]}},
    {"fullUrl":"urn:uuid:a1","resource":{"resourceType":"Communication","id":"a1","status":"completed","category":[{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/log-question","code":"answer"}]}],"subject":{"reference":"Patient/asking"},"about":[{"reference":"AuditEvent/opening-170"}],"inResponseTo":[{"reference":"Communication/q1"}],"sent":"2026-11-21T08:00:00Z","sender":{"display":"Desk"},"payload":[{"contentString":"The ward clerk, for your bed."}]}},
    {"fullUrl":"urn:uuid:q2","resource":{"resourceType":"Communication","id":"q2","status":"completed","category":[{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/log-question","code":"question"}]}],"subject":{"reference":"Patient/asking"},"about":[{"reference":"AuditEvent/opening-2"}],"sent":"2026-11-20T09:00:00Z","payload":[{"contentString":"And this one?"}]}}
]}"#;

/// The pages over a few persons.
fn house() -> Router {
    house_of(common::Shelf::new("vi", false), Settings::default())
}

/// The same, and what the door was told.
fn telling_house() -> (Router, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let shelf = common::Shelf::new("vi", false);
    let said = shelf.said.clone();
    (house_of(shelf, Settings::default()), said)
}

fn house_of(mut shelf: common::Shelf, settings: Settings) -> Router {
    for bundle in [FACILITY, CHILD, RICH, HOSTILE, ASKING, r#"{"entry":[{"fullUrl":"urn:uuid:empty","resource":{"resourceType":"Patient","id":"empty"}}]}"#] {
        shelf.add_bundle(bundle);
    }
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let oauth = shelf.clinic.oauth();
    router_of(shelf, oauth, Box::new(chance), Settings { language: Language::English, zone_offset_minutes: 420, ..settings })
}

#[tokio::test]
async fn who_has_looked_is_told_day_by_day_and_page_by_page() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let cookies = format!("{session}; carnet_language=en");
    let (_, _, first) = get(&house, "/person/asking/openings", &cookies).await;
    let entries = |page: &str| page.matches("<li id=\"entry-").count();
    assert_eq!(entries(&first), 100);
    assert!(first.contains("Dr. ana") && first.contains("Not known any more") && first.contains("Took a copy of the record"));
    assert!(first.contains("href=\"/person/asking/openings?before=80\"") && !first.contains("Newest entries"));
    let (_, _, second) = get(&house, "/person/asking/openings?before=80", &cookies).await;
    assert!(entries(&second) == 80 && second.contains("Newest entries") && second.contains("<li id=\"entry-0\">"));
    // A question stands at its entry with its answer; an open one is shown wherever the reader is.
    assert!(first.contains("Who was this? &#60;img src=x&#62;") && first.contains("The ward clerk, for your bed."), "{first}");
    assert!(first.contains("And this one?") && first.contains("Open questions about other entries"));
    assert!(second.contains("And this one?") && !second.contains("Open questions about other entries"));
    assert!(!first.contains("/openings/answer"), "a physician does not answer");
    let (_, _, timeline) = get(&house, "/person/asking/timeline", &cookies).await;
    assert!(!timeline.contains("Communication"), "a question about the log is no part of the story");
}

#[tokio::test]
async fn an_entry_can_be_questioned_and_those_who_answer_for_it_answer() {
    let (house, said) = telling_house();
    let (session, token) = sign_in_as(&house, "desk").await;
    let (_, _, page) = get(&house, "/person/asking/openings", &session).await;
    assert!(page.contains("/openings/answer"));
    let (status, headers, _) = post(&house, "/person/asking/openings/question", &session, &format!("token={token}&opening=7&text=Why%3F")).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/asking/openings?before=8#entry-7"));
    let (status, _, _) = post(&house, "/person/asking/openings/answer", &session, &format!("token={token}&question=q2&text=Because")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(*said.lock().unwrap(), ["question asking 7 Why?", "answer asking q2 Because"]);
    for (path, form, expected) in [
        ("/person/asking/openings/question", "opening=7&text=x".to_owned(), StatusCode::FORBIDDEN),
        ("/person/asking/openings/answer", "question=q2&text=x".to_owned(), StatusCode::FORBIDDEN),
        ("/person/asking/openings/question", format!("token={token}&opening=x&text=x"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(post(&house, path, &session, &form).await.0, expected, "{path} {form}");
        assert_eq!(post(&house, path, "", &form).await.0, StatusCode::SEE_OTHER, "without a sign-in");
    }
    assert_eq!(said.lock().unwrap().len(), 2);
    let doctors = self::house();
    let (session, token) = sign_in(&doctors).await;
    assert_eq!(post(&doctors, "/person/asking/openings/answer", &session, &format!("token={token}&question=q2&text=x")).await.0, StatusCode::FORBIDDEN);
}

async fn ask(house: &Router, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, String) {
    let response: Response<Body> = house.clone().oneshot(request).await.expect("the pages answer");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a whole body").to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

async fn get(house: &Router, path: &str, cookies: &str) -> (StatusCode, axum::http::HeaderMap, String) {
    ask(house, Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).expect("a request")).await
}

async fn post(house: &Router, path: &str, cookies: &str, form: &str) -> (StatusCode, axum::http::HeaderMap, String) {
    let request = Request::post(path).header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form.to_owned())).expect("a request");
    ask(house, request).await
}

fn cookie(headers: &axum::http::HeaderMap, name: &str) -> String {
    let all = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
}

fn token(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Asks to come in and says the answer's status, where it leads and the cookie of the session.
async fn knock(house: &Router, login: &str, password: &str) -> (StatusCode, String, String) {
    let (_, headers, page) = get(house, "/sign-in", "").await;
    let door = cookie(&headers, "carnet_door");
    let form = format!("login={login}&password={}&token={}", password.replace(' ', "+"), token(&page));
    let (status, headers, _) = post(house, "/sign-in", &door, &form).await;
    let location = headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned();
    (status, location, cookie(&headers, "carnet"))
}

/// Signs in and says the cookie and the proof of the session.
async fn sign_in(house: &Router) -> (String, String) {
    sign_in_as(house, "ana").await
}

async fn sign_in_as(house: &Router, login: &str) -> (String, String) {
    let (status, location, session) = knock(house, login, common::PASSWORD).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/"));
    let (_, _, page) = get(house, "/", &session).await;
    (session, token(&page))
}

#[tokio::test]
async fn the_overview_says_what_a_clinician_needs() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let (_, _, page) = get(&house, "/person/p", &format!("{session}; carnet_language=vi")).await;
    for words in [
        "<title>LÊ Thị Ví Dụ", "28/03/1959 (67 tuổi)", "900 159 007 919", "Dị ứng: Penicillin, Phản vệ (2012)", "Nguy cơ té ngã", "Quỹ Mẫu", "Tăng huyết áp nguyên phát", "I10", "03/2017", "<b>Metformin</b> 500 mg viên nén", "04/2026",
        "1 viên, ngày 2 lần", "8,1", "▲", "7,6", "4,0–5,6", "148/86", "132/80", "61,5", "Huyết áp đạt mục tiêu.", "Tái khám sau 4 tuần.", "Khám đáy mắt", "Bệnh viện Mẫu", "Lần khám gần nhất 11/10/2026",
    ] {
        assert!(page.contains(words), "the overview does not say {words}");
    }
    for words in ["Ghi nhầm hoàn toàn", "BS. Mẫu</p>", "Condition", "Observation", "Ho."] {
        let visible = page.split("href=").map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect::<String>();
        assert!(!visible.contains(words), "the overview says {words}");
    }
    // What is abnormal comes before what is newer.
    assert!(page.find("HbA1c").unwrap() < page.find("Kali").unwrap());
}

#[tokio::test]
async fn a_code_is_told_in_the_readers_language_behind_what_was_written() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for path in ["/person/p", "/person/p/problems", "/person/p/document/Condition/c1"] {
        let (_, _, page) = get(&house, path, &format!("{session}; carnet_language=es")).await;
        assert!(page.contains("Tăng huyết áp nguyên phát (Hipertensión &#60;esencial&#62;)"), "{path}");
        let (_, _, page) = get(&house, path, &format!("{session}; carnet_language=vi")).await;
        assert!(page.contains("Tăng huyết áp nguyên phát") && !page.contains("esencial"), "{path}");
    }
}

#[tokio::test]
async fn the_three_states_of_allergies_look_different() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let cookies = format!("{session}; carnet_language=en");
    assert!(get(&house, "/person/p", &cookies).await.2.contains("chip crit"));
    assert!(get(&house, "/person/empty", &cookies).await.2.contains("chip open\">Allergies not asked"));
}

#[tokio::test]
async fn the_glass_is_broken_with_a_reason_and_the_privacy_officer_answers() {
    let shelf = common::Shelf::new("en", false);
    let chart = shelf.clinic.chart.clone();
    let console = testkit::caller(access::Role::Console);
    chart.update(&console, fhir::ResourceType::PATIENT, "p", br#"{"resourceType":"Patient","id":"p"}"#, None).await.unwrap();
    let officer = chart::NewAccount { login: "vera".into(), display: "Vera <b>V</b>".into(), role: access::Role::PrivacyOfficer, institution: "Carnet".into(), language: "en".into(), terms: chart::Terms::default() };
    chart.add_account(&console.account, officer, common::PASSWORD).unwrap();
    let house = house_of(shelf, Settings::default());
    let (session, proof) = sign_in(&house).await;
    let english = format!("{session}; carnet_language=en");
    // Before, the page says the same of everybody, there or not.
    let (_, _, before) = get(&house, "/person/p/glass", &english).await;
    let (status, _, nobody) = get(&house, "/person/nobody/glass", &english).await;
    assert_eq!((status, nobody.replace("nobody", "p")), (StatusCode::OK, before.clone()));
    assert!(before.contains("The person is in danger") && !before.contains("banner"));
    let form = format!("token={proof}&reason=danger&text=found+%3Cunconscious%3E");
    assert_eq!(post(&house, "/person/p/glass", &session, "reason=danger&text=x").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/person/p/glass", &session, &format!("token={proof}&reason=danger&text=")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(post(&house, "/person/nobody/glass", &session, &form).await.0, StatusCode::NOT_FOUND);
    let (status, headers, _) = post(&house, "/person/p/glass", &session, &form).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p/glass"));
    for language in Language::ALL {
        let (status, _, page) = get(&house, "/person/p/glass", &format!("{session}; carnet_language={}", language.code())).await;
        assert_eq!(status, StatusCode::OK);
        let after = page.find("id=\"main\"").unwrap();
        assert!(!page.contains("glass-") && page[after..].contains("glass/mend"), "{}: a word is missing\n{page}", language.code());
    }
    let (desk, desk_proof) = sign_in_as(&house, "desk").await;
    assert_eq!(get(&house, "/person/p/glass", &desk).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/person/p/glass", &desk, &form.replace(&proof, &desk_proof)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&house, "/glass", &session).await.0, StatusCode::FORBIDDEN);
    let (vera, vera_proof) = sign_in_as(&house, "vera").await;
    let (_, _, queue) = get(&house, "/glass", &format!("{vera}; carnet_language=en")).await;
    assert!(queue.contains("found &#60;unconscious&#62;") && queue.contains("Dr. ana"), "{queue}");
    let id = queue.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert_eq!(post(&house, "/glass", &session, &format!("token={proof}&id={id}&justified=yes&text=x")).await.0, StatusCode::NOT_FOUND, "nobody judges themselves");
    assert_eq!(post(&house, "/glass", &vera, &format!("token={vera_proof}&id={id}&justified=no&text=not+on+duty")).await.0, StatusCode::SEE_OTHER);
    for language in Language::ALL {
        let (status, _, page) = get(&house, "/glass", &format!("{vera}; carnet_language={}", language.code())).await;
        assert!(status == StatusCode::OK && !page.contains(&id) && !page.contains("glasses-"), "{}", language.code());
    }
    assert_eq!(post(&house, "/person/p/glass/mend", &session, &format!("token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/person/p/glass", &english).await.2, before);
}
