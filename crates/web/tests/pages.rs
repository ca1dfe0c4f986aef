//! Every page over samples, in every language, and every address without a sign-in.

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

const RICH: &str = include_str!("samples/rich.json");
const HOSTILE: &str = include_str!("samples/hostile.json");

const PAGES: &[&str] = &[
    "/", "/person/p", "/person/p/timeline", "/person/p/timeline?kind=note", "/person/p/timeline?kind=administration&page=99", "/person/p/timeline?kind=nonsense&place=zz", "/person/p/problems", "/person/p/medicines", "/person/p/results",
    "/person/p/vitals", "/person/p/growth", "/person/p/openings", "/person/p/document/Encounter/e", "/person/p/document/Encounter/e2", "/person/p/document/DocumentReference/n", "/person/p/document/Composition/k", "/person/p/document/Patient/p",
    "/person/p/document/Observation/b1", "/person/p/document/DiagnosticReport/d", "/person/p/document/Condition/c3", "/person/p/document/Immunization/i", "/person/p/document/AllergyIntolerance/a", "/person/p/document/Claim/l",
    "/person/p/document/MedicationRequest/m1", "/person/p/document/Coverage/v", "/person/p/document/ServiceRequest/s", "/person/h", "/person/h/timeline", "/person/h/problems", "/person/h/medicines", "/person/h/results", "/person/h/vitals",
    "/person/h/document/Patient/h", "/person/h/document/Composition/hk", "/person/h/document/DocumentReference/hd", "/person/h/document/Basic/hq", "/person/h/document/Condition/hx", "/person/h/document/Observation/ho",
    "/person/h/document/Encounter/he", "/person/empty", "/person/empty/timeline", "/person/empty/problems", "/person/empty/growth",
];

const NOT_THERE: &[&str] = &["/person/nobody", "/person/p/nonsense", "/person/p/document/Observation/nothing", "/person/p/document/Nonsense/n", "/person/a%20b", "/nowhere", "/person", "/person/p/document/Observation/ho"];

/// The pages over three persons.
fn house() -> Router {
    let mut shelf = common::Shelf::default();
    for bundle in [RICH, HOSTILE, r#"{"entry":[{"fullUrl":"urn:uuid:empty","resource":{"resourceType":"Patient","id":"empty"}}]}"#] {
        shelf.add_bundle(bundle);
    }
    shelf.language = "vi".to_owned();
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    router_of(shelf, Box::new(chance), Settings { language: Language::English, zone_offset_minutes: 420, is_secure: false })
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

/// Signs in and says the cookie and the proof of the session.
async fn sign_in(house: &Router) -> (String, String) {
    let (_, headers, page) = get(house, "/sign-in", "").await;
    let door = cookie(&headers, "carnet_door");
    let (status, headers, _) = post(house, "/sign-in", &door, &format!("login=ana&password=secret&token={}", token(&page))).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let session = cookie(&headers, "carnet");
    let (_, _, page) = get(house, "/", &session).await;
    (session, token(&page))
}

#[tokio::test]
async fn every_page_is_written_in_every_language_and_twice_the_same() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for language in Language::ALL {
        let cookies = format!("{session}; carnet_language={}", language.code());
        for path in PAGES {
            let (status, _, page) = get(&house, path, &cookies).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(page.contains(&format!("<html lang=\"{}\">", language.code())), "{path}");
            assert!(!page.contains('⟦'), "{path} in {} lacks a word", language.code());
            assert!(!page.contains("style=\""), "{path} has an inline style");
            let scripts = page.matches("<script").count();
            assert_eq!((scripts, page.matches("<script src=\"/assets/").count()), (1, 1), "{path}");
            for hostile in ["onload=\"y", "<img", "<marquee", "<iframe", "href=\"javascript", "<i>1</i>", "evil.example/x\">"] {
                assert!(!unescaped(&page).contains(hostile), "{path} shows {hostile} as markup");
            }
            let (_, _, again) = get(&house, path, &cookies).await;
            assert_eq!(page, again, "{path}");
        }
    }
}

/// The page without the received data, which are text and hold everything.
fn unescaped(page: &str) -> String {
    let before = page.split("<pre").next().unwrap_or_default();
    let after = page.split("</pre>").nth(1).unwrap_or_default();
    format!("{before}{after}")
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
async fn nothing_is_shown_without_a_session() {
    let house = house();
    for path in PAGES {
        let (status, headers, page) = get(&house, path, "carnet=0000").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        assert!(headers[header::LOCATION].to_str().unwrap().starts_with("/sign-in"), "{path}");
        assert!(page.is_empty(), "{path}");
    }
    for (path, expected) in [("/find", StatusCode::SEE_OTHER), ("/sign-out", StatusCode::SEE_OTHER), ("/language", StatusCode::FORBIDDEN), ("/sign-in", StatusCode::FORBIDDEN), ("/nowhere", StatusCode::NOT_FOUND)] {
        let (status, _, page) = post(&house, path, "", "q=ana&login=ana&password=secret&language=es").await;
        assert_eq!(status, expected, "{path}");
        assert!(!page.contains("Ví Dụ"), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_hidden_look_the_same_and_repeat_nothing() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for path in NOT_THERE {
        let (status, _, page) = get(&house, path, &session).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.split("<body>").next().unwrap().contains("nobody"), "{path}");
    }
}

#[tokio::test]
async fn a_form_without_its_proof_changes_nothing() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    for form in ["q=le", "q=le&token=", "q=le&token=0000"] {
        assert_eq!(post(&house, "/find", &session, form).await.0, StatusCode::FORBIDDEN);
    }
    let (status, _, page) = post(&house, "/find", &session, &format!("q=l%C3%AA&token={proof}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("LÊ Thị Ví Dụ") && page.contains("<b>7 919</b>"));
    assert_eq!(post(&house, "/sign-out", &session, "token=1").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/sign-out", &session, &format!("token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_sent_by_another_site_is_refused_even_with_everything() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    let request = Request::post("/find").header(header::COOKIE, &session).header("sec-fetch-site", "cross-site").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(format!("q=le&token={proof}"))).unwrap();
    assert_eq!(ask(&house, request).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_password_says_the_same_as_an_unknown_login_and_then_asks_for_patience() {
    let house = house();
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let (door, proof) = (cookie(&headers, "carnet_door"), token(&page));
    for attempt in 0..5 {
        let (status, headers, _) = post(&house, "/sign-in", &door, &format!("login=ana&password=wrong{attempt}&token={proof}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(cookie(&headers, "carnet").is_empty());
    }
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ana&password=secret&token={proof}")).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ruiz&password=secret&token={proof}")).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_answer_carries_the_policy_and_no_page_is_kept() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for path in ["/sign-in", "/", "/person/p", "/nowhere"] {
        let (_, headers, _) = get(&house, path, &session).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
    let page = get(&house, "/", &session).await.2;
    let sheet = page.split("href=\"/assets/").nth(2).and_then(|rest| rest.split('"').next()).unwrap();
    let (status, headers, _) = get(&house, &format!("/assets/{sheet}"), "").await;
    assert_eq!((status, headers[header::CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, "public, max-age=31536000, immutable"));
    assert_eq!(get(&house, "/assets/0000/carnet.css", "").await.0, StatusCode::NOT_FOUND);
}
