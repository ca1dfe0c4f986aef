//! Every page over samples, in every language, and every address without a sign-in.

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
    "/", "/overdue", "/overdue?name=Clinic", "/overdue?name=nonsense", "/overdue/clinic", "/overdue/clinic?cursor=more", "/person/child/vaccinations", "/person/child/card", "/person/p/card", "/person/empty/card", "/person/h/card", "/person/p/vaccinations", "/person/empty/vaccinations", "/person/h/vaccinations", "/account", "/account/programs", "/account/second-factor", "/person/p", "/person/p/timeline", "/person/p/timeline?kind=note", "/person/p/timeline?kind=administration&page=99", "/person/p/timeline?kind=nonsense&place=zz", "/person/p/problems", "/person/p/medicines", "/person/p/results",
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
async fn what_is_due_is_said_with_its_reason_and_what_does_not_count_too() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for (language, words) in [
        ("en", &["Overdue", "Hexavalente", "Diphtheria, tetanus, whooping cough, dose 1", "The recommended age is reached: 2 months.", "too young; would have counted from 27/07/2026", "Vacuna sin clave", "The day is not known", "✓ Tuberculosis, dose 1"][..]),
        ("es", &["Atrasada", "Ya tiene la edad recomendada: 2 meses.", "edad insuficiente; habría contado desde el 27/07/2026"][..]),
        ("vi", &["Quá hạn", "Đã đến tuổi nên tiêm: 2 tháng.", "chưa đủ tuổi"][..]),
        ("ru", &["Просрочена", "Рекомендуемый возраст наступил: 2 месяца.", "засчиталась бы с 27.07.2026"][..]),
    ] {
        let (status, _, page) = get(&house, "/person/child/vaccinations", &format!("{session}; carnet_language={language}")).await;
        assert_eq!(status, StatusCode::OK);
        for word in words {
            assert!(page.contains(word), "{language} does not say {word}: {page}");
        }
        // The overdue stand above what is only due or comes later.
        let overdue = page.find(words[0]).unwrap();
        assert!(page.find("chip warn").is_none_or(|due| overdue < due));
    }
    let (_, _, empty) = get(&house, "/person/empty/vaccinations", &format!("{session}; carnet_language=en")).await;
    assert!(empty.contains("Neither a number nor the address") && empty.contains("No vaccination is recorded."));
}

#[tokio::test]
async fn a_childs_card_names_its_gaps_and_its_examinations() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let (_, _, page) = get(&house, "/person/child/card", &format!("{session}; carnet_language=en")).await;
    for words in ["The weight at birth is not recorded.", "A parent or guardian is not recorded.", "No examination at the age of 2 months.", "Vaccinations are overdue: Rotavirus.", "Missed", "Late", "4 months", "newborn screening"] {
        assert!(page.contains(words), "the card does not say {words}: {page}");
    }
    assert!(!page.contains("The facility is not recorded."));
    assert!(get(&house, "/person/empty/card", &format!("{session}; carnet_language=en")).await.2.contains("Neither a number nor the address"));
}

#[tokio::test]
async fn a_facility_sees_who_is_behind_and_since_when() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let cookies = format!("{session}; carnet_language=en");
    let (_, _, choice) = get(&house, "/overdue?name=Clinic", &cookies).await;
    assert!(choice.contains("href=\"/overdue/clinic\"") && choice.contains("Clinic &#60;b&#62;One"));
    let (_, _, page) = get(&house, "/overdue/clinic", &cookies).await;
    assert!(page.contains("href=\"/person/child/vaccinations\"") && page.contains("Rotavirus, since 15/08/2026"), "{page}");
    assert!(page.contains("1 person under 18 looked at") && page.contains("href=\"/overdue/clinic?cursor=more\""));
    assert!(!get(&house, "/overdue/clinic?cursor=more", &cookies).await.2.contains("cursor=more\">Look"));
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

/// What a reader sees of a page: no markup, none of the received data.
fn read_by_eye(page: &str) -> String {
    let page = unescaped(page);
    let (_, body) = page.split_once("<body").unwrap_or(("", &page));
    let mut text = String::new();
    for part in body.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text
}

/// Places where a day is written as programs write it, or a figure with the sign of another language.
fn foreign(text: &str, language: Language) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let is_digit = |at: usize| signs.get(at).is_some_and(char::is_ascii_digit);
    let around = |from: usize, to: usize| signs[from.saturating_sub(30)..(to + 20).min(signs.len())].iter().collect::<String>();
    let day = |at: usize| (0..10).all(|place| if place == 4 || place == 7 { signs.get(at + place) == Some(&'-') } else { is_digit(at + place) }) && !is_digit(at + 10) && (at == 0 || !is_digit(at - 1));
    let mut found: Vec<String> = (0..signs.len()).filter(|at| day(*at)).map(|at| around(at, at + 10)).collect();
    let (wrong, has_dotted_days) = match language {
        Language::English | Language::Spanish => (',', false),
        Language::Vietnamese => ('.', false),
        Language::Russian => ('.', true),
    };
    for at in (1..signs.len()).filter(|at| signs[*at] == wrong && is_digit(at - 1) && is_digit(at + 1)) {
        let begins = (0..at).rev().take_while(|place| is_digit(*place) || signs[*place] == wrong).last().unwrap_or(at);
        let ends = (at..signs.len()).take_while(|place| is_digit(*place) || signs[*place] == wrong).last().unwrap_or(at);
        let whole: String = signs[begins..=ends].iter().collect();
        // A code (J18.9) begins with a letter, an address or a version has more than one such sign.
        let is_code = begins > 0 && signs[begins - 1].is_alphabetic();
        let is_day = has_dotted_days && whole.split('.').map(str::len).eq([2, 2, 4]) || whole.split('.').map(str::len).eq([2, 4]) && has_dotted_days;
        if !is_code && !is_day && whole.matches(wrong).count() == 1 || (!is_day && !is_code && whole.matches(wrong).count() == 2 && has_dotted_days) {
            found.push(around(begins, ends));
        }
    }
    found
}

#[test]
fn what_a_reader_would_stumble_over_is_found() {
    for (text, language, count) in [
        ("born 2026-01-31.", Language::English, 1),
        ("born 31/01/2026, weight 7.4 kg", Language::English, 0),
        ("weight 7,4 kg", Language::Spanish, 1),
        ("nặng 7.4 kg, J18.9", Language::Vietnamese, 1),
        ("вес 7,4 кг, 31.01.2026, 01.2026", Language::Russian, 0),
        ("вес 7.4 кг", Language::Russian, 1),
        ("8480-6 и 12-2026-01", Language::Russian, 0),
    ] {
        assert_eq!(foreign(text, language).len(), count, "{text}");
    }
}

#[tokio::test]
async fn every_day_and_every_figure_is_written_as_the_reader_writes_it() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let mut wrong = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let cookies = format!("{session}; carnet_language={}", language.code());
        // What the hostile person says is not a clinician's.
        for path in PAGES.iter().filter(|path| !path.starts_with("/person/h")) {
            let (_, _, page) = get(&house, path, &cookies).await;
            wrong.extend(foreign(&read_by_eye(&page), language).into_iter().map(|place| format!("{} {path}: {}", language.code(), place.split_whitespace().collect::<Vec<_>>().join(" "))));
        }
    }
    assert!(wrong.is_empty(), "show it by `Voice`:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
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
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ana&password=a+secret+word&token={proof}")).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ruiz&password=a+secret+word&token={proof}")).await.0, StatusCode::SEE_OTHER);
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

/// From one workstation to the next by an explicit act: the page goes along, the session there ends.
#[tokio::test]
async fn one_goes_on_at_another_workstation_where_one_was() {
    let house = house();
    let (ward, _) = sign_in(&house).await;
    let (desk, proof) = sign_in(&house).await;
    let (other, others_proof) = sign_in_as(&house, "ruiz").await;
    assert_eq!(get(&house, "/person/p/timeline", &ward).await.0, StatusCode::OK);
    let page = get(&house, "/account", &desk).await.2;
    let here: Vec<&str> = page.split("name=\"here\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(here.len(), 1, "only the other one is offered");
    // Nobody else takes it, nor without the proof, nor the session one is in.
    assert_eq!(post(&house, "/account/end", &other, &format!("here={}&token={others_proof}", here[0])).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&house, "/account/end", &desk, &format!("here={}", here[0])).await.0, StatusCode::FORBIDDEN);
    let own = page.split("name=\"session\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|number| *number != here[0] && *number != "all").unwrap();
    for wrong in [own, "0123456789abcdef", "nonsense"] {
        assert_eq!(post(&house, "/account/end", &desk, &format!("here={wrong}&token={proof}")).await.0, StatusCode::NOT_FOUND, "{wrong}");
    }
    let (status, headers, _) = post(&house, "/account/end", &desk, &format!("here={}&token={proof}", here[0])).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p/timeline"));
    assert_eq!(get(&house, "/", &ward).await.0, StatusCode::SEE_OTHER, "the session there has ended");
    assert_eq!(get(&house, "/person/p/timeline", &desk).await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_one_or_all() {
    let house = house();
    let (first, proof) = sign_in(&house).await;
    let (second, _) = sign_in(&house).await;
    let (other, _) = sign_in_as(&house, "ruiz").await;
    let numbers = |page: &str| -> Vec<String> { page.split("name=\"session\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|number| *number != "all").map(str::to_owned).collect() };
    let page = get(&house, "/account", &first).await.2;
    let mine = numbers(&page);
    assert_eq!((mine.len(), page.matches("chip ok").count()), (2, 1));
    // Another's session cannot be ended, nor without the proof.
    let others = numbers(&get(&house, "/account", &other).await.2);
    assert_eq!(post(&house, "/account/end", &first, &format!("session={}&token={proof}", others[0])).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&house, "/account/end", &first, &format!("session={}", mine[0])).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&house, "/", &other).await.0, StatusCode::OK);
    let this = page.split("chip ok").next().unwrap().matches("name=\"session\"").count();
    let not_this = &mine[1 - this];
    assert_eq!(post(&house, "/account/end", &first, &format!("session={not_this}&token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &second).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &first).await.0, StatusCode::OK);
    assert_eq!(post(&house, "/account/end", &first, &format!("session=all&token={proof}")).await.0, StatusCode::SEE_OTHER);
    for (session, expected) in [(&first, StatusCode::SEE_OTHER), (&other, StatusCode::OK)] {
        assert_eq!(get(&house, "/", session).await.0, expected);
    }
}

#[tokio::test]
async fn a_block_ends_every_session_on_its_next_request() {
    let shelf = common::Shelf::new("en", false);
    let door = shelf.clinic.chart.clone();
    let house = house_of(shelf, Settings::default());
    let (session, _) = sign_in(&house).await;
    let (root, proof) = sign_in_as(&house, "root").await;
    let (status, _, page) = post(&house, "/accounts", &root, &format!("act=block&login=ana&token={proof}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Done for ana.") && page.contains("Blocked"));
    assert_eq!(get(&house, "/person/p", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(knock(&house, "ana", common::PASSWORD).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    post(&house, "/accounts", &root, &format!("act=unblock&login=ana&token={proof}")).await;
    let (session, _) = sign_in(&house).await;
    door.set_password(&testkit::caller(access::Role::Console).account, "ana", "another secret word").unwrap();
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn accounts_are_kept_by_admissions_and_operators_and_by_nobody_else() {
    let house = house();
    let (ana, proof) = sign_in(&house).await;
    assert_eq!(get(&house, "/accounts", &ana).await.0, StatusCode::FORBIDDEN);
    for act in ["block", "give-code", "end-sessions", "add", "nonsense"] {
        let status = post(&house, "/accounts", &ana, &format!("act={act}&login=ruiz&token={proof}")).await.0;
        assert!(status == StatusCode::FORBIDDEN || status == StatusCode::NOT_FOUND, "{act} {status}");
    }
    let (desk, proof) = sign_in_as(&house, "desk").await;
    assert_eq!(post(&house, "/accounts", &desk, &format!("act=block&login=ruiz&token={proof}")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/accounts", &desk, "act=give-code&login=ruiz").await.0, StatusCode::FORBIDDEN);
    for language in Language::ALL {
        let (status, _, page) = get(&house, "/accounts", &format!("{desk}; carnet_language={}", language.code())).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains('⟦') && page.contains("value=\"ruiz\"") && !page.contains("value=\"root\""), "{}", language.code());
    }
}

#[tokio::test]
async fn a_lost_password_is_replaced_with_a_code_from_the_desk() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let (desk, proof) = sign_in_as(&house, "desk").await;
    let page = post(&house, "/accounts", &desk, &format!("act=give-code&login=ana&token={proof}")).await.2;
    let code = page.split("zero secret\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert_eq!(code.len(), 14);
    assert!(!get(&house, "/accounts", &desk).await.2.contains(code));
    // The old password and session work until the code is used.
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::OK);
    for language in Language::ALL {
        let (_, _, page) = get(&house, "/sign-in/new-password", &format!("carnet_language={}", language.code())).await;
        assert!(!page.contains('⟦'), "{}", language.code());
    }
    let (_, headers, page) = get(&house, "/sign-in/new-password", "carnet_language=en").await;
    let (door, proof) = (format!("{}; carnet_language=en", cookie(&headers, "carnet_door")), token(&page));
    let set = async |login: &str, code: &str, password: &str| post(&house, "/sign-in/new-password", &door, &format!("login={login}&code={code}&password={password}&token={proof}")).await;
    assert_eq!(post(&house, "/sign-in/new-password", &door, &format!("login=ana&code={code}&password=a-fine-word")).await.0, StatusCode::FORBIDDEN);
    for (login, code, password, words) in [
        ("ana", "aaaa-aaaa-aaaa", "a-fine-word", "do not belong together"),
        ("ruiz", code, "a-fine-word", "do not belong together"),
        ("ana", code, "short", "at least 8"),
        ("ana", code, "password123", "most common"),
        ("ana", code, "xx-ANA-xx", "contain the login"),
    ] {
        let (status, _, page) = set(login, code, password).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(words), "{words}");
    }
    let (status, _, page) = set("ana", code, "a-fine-word").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("The new password is set."));
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(knock(&house, "ana", common::PASSWORD).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(knock(&house, "ana", "a-fine-word").await.0, StatusCode::SEE_OTHER);
}

/// The secret a page of enrolment shows, as bytes.
fn secret_of(page: &str) -> Vec<u8> {
    let letters = page.split("zero secret\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap().replace(' ', "");
    let bits: String = letters.bytes().map(|letter| format!("{:05b}", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter).unwrap())).collect();
    bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

fn code_now(door: &chart::Chart, secret: &[u8], later: i64) -> String {
    access::totp::code(secret, access::totp::step_at(door.now()) + later)
}

#[tokio::test]
async fn a_second_factor_that_is_required_is_added_before_anything_else_and_then_asked_for() {
    let shelf = common::Shelf::new("en", true);
    let door = shelf.clinic.chart.clone();
    let house = house_of(shelf, Settings::default());
    let (status, location, pending) = knock(&house, "ana", common::PASSWORD).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/account/second-factor"));
    for path in PAGES.iter().filter(|path| **path != "/account/second-factor") {
        let (status, headers, _) = get(&house, path, &pending).await;
        assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/account/second-factor"), "{path}");
    }
    assert_eq!(knock(&house, "system", common::PASSWORD).await.0, StatusCode::FORBIDDEN);
    let page = get(&house, "/account/second-factor", &pending).await.2;
    let (secret, proof) = (secret_of(&page), token(&page));
    assert!(page.contains("<svg class=\"qr\"") && secret.len() == 20 && !page.contains("action=\"/find\""));
    assert_eq!(secret_of(&get(&house, "/account/second-factor", &pending).await.2), secret);
    assert_eq!(post(&house, "/account/second-factor", &pending, &format!("code=000000&token={proof}")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&house, "/account/second-factor", &pending, &format!("code={}", code_now(&door, &secret, 0))).await.0, StatusCode::FORBIDDEN);
    let (status, headers, _) = post(&house, "/account/second-factor", &pending, &format!("code={}&token={proof}", code_now(&door, &secret, 0))).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/account/recovery"));
    let session = cookie(&headers, "carnet");
    // The codes outlive a change of language, and end when their holder goes on.
    let page = get(&house, "/account/recovery", &session).await.2;
    let codes: Vec<&str> = page.split("<li><b>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(codes.len(), 10);
    let (_, headers, _) = post(&house, "/language", &session, &format!("language=vi&back=/account/recovery&token={}", token(&page))).await;
    assert_eq!(headers[header::LOCATION], "/account/recovery");
    for language in Language::ALL {
        let again = get(&house, "/account/recovery", &format!("{session}; carnet_language={}", language.code())).await.2;
        assert!(codes.iter().all(|code| again.contains(code)) && !again.contains('⟦'), "{}", language.code());
    }
    assert_eq!(post(&house, "/account/recovery", &session, "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/account/recovery", &session, &format!("token={}", token(&page))).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/account/recovery", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::OK);
    assert_eq!(get(&house, "/", &pending).await.0, StatusCode::SEE_OTHER);
    // The next time the code is wanted.
    let (_, location, half) = knock(&house, "ana", common::PASSWORD).await;
    assert_eq!(location, "/sign-in/code?back=/");
    for path in ["/", "/person/p", "/account", "/account/second-factor"] {
        let (status, headers, _) = get(&house, path, &half).await;
        assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/sign-in/code"), "{path}");
    }
    let page = get(&house, "/sign-in/code", &half).await.2;
    let proof = token(&page);
    let enter = async |code: &str| post(&house, "/sign-in/code", &half, &format!("back=/person/p&code={code}&token={proof}")).await;
    assert_eq!(enter("000000").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(enter(&code_now(&door, &secret, 0)).await.0, StatusCode::UNPROCESSABLE_ENTITY, "used when it was added");
    let (status, headers, _) = enter(&code_now(&door, &secret, 1)).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p"));
    assert_eq!(get(&house, "/person/p", &cookie(&headers, "carnet")).await.0, StatusCode::OK);
    let (_, _, half) = knock(&house, "ana", common::PASSWORD).await;
    let proof = token(&get(&house, "/sign-in/code", &half).await.2);
    assert_eq!(post(&house, "/sign-in/code", &half, &format!("code={}&token={proof}", codes[0])).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_that_word_of_the_browser_the_origin_tells_where_a_form_came_from() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    for (origin, expected) in [("http://record.example", StatusCode::OK), ("https://record.example", StatusCode::OK), ("http://evil.example", StatusCode::FORBIDDEN), ("null", StatusCode::FORBIDDEN), ("http://record.example.evil.example", StatusCode::FORBIDDEN)] {
        let request = Request::post("/find").header(header::COOKIE, &session).header(header::HOST, "record.example").header(header::ORIGIN, origin).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(format!("q=le&token={proof}"))).unwrap();
        assert_eq!(ask(&house, request).await.0, expected, "{origin}");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_this_host_and_never_leaves_it_in_the_clear() {
    let house = house_of(common::Shelf::new("en", false), Settings { is_secure: true, ..Settings::default() });
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let (_, headers, _) = post(&house, "/sign-in", &cookie(&headers, "carnet_door"), &format!("login=ana&password=a+secret+word&token={}", token(&page))).await;
    let sent = headers.get_all(header::SET_COOKIE).into_iter().map(|value| value.to_str().unwrap()).find(|value| value.starts_with("__Host-carnet=")).unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(sent.contains(part), "{part}");
    }
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
