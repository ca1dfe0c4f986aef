//! Passkeys over the pages, with an authenticator in software: added, listed, used, taken off.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use testkit::authenticator::{Authenticator, as_text};
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

use crate::common;

fn house(second_factor_required: bool) -> Router {
    house_set(chart::Settings { second_factor_required, ..testkit::settings() })
}

fn house_set(settings: chart::Settings) -> Router {
    let shelf = common::Shelf::set("en", settings);
    let oauth = shelf.clinic.oauth();
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    router_of(shelf, oauth, Box::new(chance), Settings { language: Language::English, ..Settings::default() })
}

async fn ask(house: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = house.clone().oneshot(request).await.unwrap().into_parts();
    (parts.status, parts.headers, String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned())
}

async fn get(house: &Router, path: &str, cookies: &str) -> (StatusCode, HeaderMap, String) {
    ask(house, Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
}

async fn post(house: &Router, path: &str, cookies: &str, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path).header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    ask(house, request.body(Body::from(form)).unwrap()).await
}

fn cookie(headers: &HeaderMap, name: &str) -> String {
    let all = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_default().to_owned()
}

fn between(page: &str, from: &str) -> String {
    page.split(from).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

fn token(page: &str) -> String {
    between(page, "name=\"token\" value=\"")
}

async fn sign_in(house: &Router, login: &str) -> String {
    let (_, headers, page) = get(house, "/sign-in", "").await;
    let door = cookie(&headers, "carnet_door");
    let (status, headers, _) = post(house, "/sign-in", &door, &[("login", login), ("password", common::PASSWORD), ("token", &token(&page))]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    cookie(&headers, "carnet")
}

fn device() -> Authenticator {
    Authenticator::new(-7, "record.example", "http://record.example", &[5; 16])
}

async fn adds(house: &Router, session: &str, device: &Authenticator, password: &str, name: &str) -> (StatusCode, String) {
    let page = get(house, "/account/passkeys", session).await.2;
    let question = between(&page, "data-question=\"");
    let made = device.make(&question);
    let (client, attestation) = (as_text(&made.client_data), as_text(&made.attestation));
    let fields = [("act", "add"), ("token", &token(&page)), ("question", &question), ("client", &client), ("attestation", &attestation), ("name", name), ("current", password)];
    let (status, _, page) = post(house, "/account/passkeys", session, &fields).await;
    (status, page)
}

/// Somebody at the door with the device: the answer and the session.
async fn comes(house: &Router, device: &Authenticator, back: &str) -> (StatusCode, HeaderMap, String) {
    let (_, headers, page) = get(house, &format!("/sign-in?back={back}"), "").await;
    let door = cookie(&headers, "carnet_door");
    let question = between(&page, "data-question=\"");
    let answer = device.answer(&question);
    let [id, client, authenticator, signature] = [&device.id, &answer.client_data, &answer.authenticator_data, &answer.signature].map(|bytes| as_text(bytes));
    post(house, "/sign-in/passkey", &door, &[("token", &token(&page)), ("question", &question), ("id", &id), ("client", &client), ("authenticator", &authenticator), ("signature", &signature), ("handle", ""), ("back", back)]).await
}

#[tokio::test]
async fn a_passkey_is_added_listed_used_and_taken_off_over_the_pages() {
    let house = house(false);
    let session = sign_in(&house, "ana").await;
    let mut device = device();
    let (status, page) = adds(&house, &session, &device, "wrong password", "telephone").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("password of now is not right"), "{page}");
    let (status, page) = adds(&house, &session, &device, common::PASSWORD, "my <b>telephone</b>").await;
    assert!(status == StatusCode::OK && page.contains("my &#60;b&#62;telephone") && page.contains("not yet"), "{page}");
    let (status, page) = adds(&house, &session, &device, common::PASSWORD, "once more").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("there already"), "{page}");
    for language in Language::ALL {
        for path in ["/account/passkeys", "/account"] {
            let (_, _, page) = get(&house, path, &format!("{session}; carnet_language={}", language.code())).await;
            assert!(!page.contains('⟦') && page.contains("passkeys"), "{path} {}", language.code());
            assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/assets/").count(), "{path}: nothing inline");
        }
    }
    device.counter = 7;
    let (status, headers, _) = comes(&house, &device, "/person/p").await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p"));
    let second = cookie(&headers, "carnet");
    let (_, _, page) = get(&house, "/account/passkeys", &second).await;
    assert!(!page.contains("not yet"), "{page}");
    let (proof, id) = (token(&page), between(&page, "<option value=\""));
    assert_eq!(post(&house, "/account/passkeys", &second, &[("act", "remove"), ("id", &id), ("current", common::PASSWORD), ("token", "x")]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/account/passkeys", &second, &[("act", "remove"), ("id", "nobody"), ("current", common::PASSWORD), ("token", &proof)]).await.0, StatusCode::NOT_FOUND);
    let (status, headers, page) = post(&house, "/account/passkeys", &second, &[("act", "remove"), ("id", &id), ("current", common::PASSWORD), ("token", &proof)]).await;
    assert!(status == StatusCode::OK && page.contains("The passkey is gone") && page.contains("none yet"), "{page}");
    assert_eq!(get(&house, "/account", &cookie(&headers, "carnet")).await.0, StatusCode::OK, "this browser goes on");
    for ended in [&session, &second] {
        assert_eq!(get(&house, "/account", ended).await.0, StatusCode::SEE_OTHER, "everywhere else it ended");
    }
    device.counter = 8;
    let (status, _, page) = comes(&house, &device, "/").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("does not open an account"), "{page}");
}

#[tokio::test]
async fn where_a_second_factor_is_required_a_passkey_is_enough() {
    let open = house(false);
    let session = sign_in(&open, "ana").await;
    assert_eq!(adds(&open, &session, &device(), common::PASSWORD, "key").await.0, StatusCode::OK);
    // The same site, with the factor required, would ask the password for one; see chart's tests. Here:
    // the session of a passkey is whole at once.
    let mut device = device();
    let (status, page) = adds(&open, &session, &device, common::PASSWORD, "another").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    device.id = vec![6; 16];
    assert_eq!(adds(&open, &session, &device, common::PASSWORD, "another").await.0, StatusCode::OK);
    device.counter = 2;
    let (_, headers, _) = comes(&open, &device, "/").await;
    assert_eq!(get(&open, "/account", &cookie(&headers, "carnet")).await.0, StatusCode::OK);
    // Half a sign-in adds none.
    let strict = house(true);
    let half = sign_in(&strict, "ana").await;
    assert_eq!(get(&strict, "/account/passkeys", &half).await.0, StatusCode::SEE_OTHER);
    assert_eq!(post(&strict, "/account/passkeys", &half, &[("act", "add")]).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn forms_that_are_not_whole_are_refused_and_break_nothing() {
    let house = house(false);
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let (door, proof) = (cookie(&headers, "carnet_door"), token(&page));
    let question = between(&page, "data-question=\"");
    assert!(!question.is_empty());
    for fields in [
        &[("token", proof.as_str())][..],
        &[("token", &proof), ("question", &question)],
        &[("token", &proof), ("question", &question), ("id", "!!"), ("client", "e30"), ("authenticator", "AA"), ("signature", "AA")],
        &[("token", &proof), ("question", "AAAA"), ("id", "AA"), ("client", "AA"), ("authenticator", "AA"), ("signature", "AA")],
    ] {
        let (status, _, page) = post(&house, "/sign-in/passkey", &door, fields).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && !page.contains('⟦'), "{fields:?}");
    }
    assert_eq!(post(&house, "/sign-in/passkey", &door, &[("token", "wrong")]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/sign-in/passkey", "", &[("token", &proof)]).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_site_that_takes_passkeys_only_leads_to_one_and_then_takes_no_password() {
    let house = house_set(chart::Settings { passkeys_only: true, second_factor_required: true, ..testkit::settings() });
    // The first administrator comes in with the password, as far as the page where a passkey is added.
    let session = sign_in(&house, "root").await;
    for path in ["/", "/account", "/accounts", "/account/second-factor", "/programs"] {
        let (status, headers, _) = get(&house, path, &session).await;
        assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/account/passkeys"), "{path}");
    }
    for language in Language::ALL {
        let (status, _, page) = get(&house, "/account/passkeys", &format!("{session}; carnet_language={}", language.code())).await;
        assert!(status == StatusCode::OK && page.contains("role=\"status\"") && !page.contains('⟦') && !page.contains("href=\"/account\">"), "{page}");
    }
    let device = device();
    let (status, _) = adds(&house, &session, &device, "wrong", "Key").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = get(&house, "/account/passkeys", &session).await.2;
    let question = between(&page, "data-question=\"");
    let made = device.make(&question);
    let fields = [("token", token(&page)), ("act", "add".into()), ("question", question), ("client", as_text(&made.client_data)), ("attestation", as_text(&made.attestation)), ("name", "Key".into()), ("current", common::PASSWORD.into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, headers, _) = post(&house, "/account/passkeys", &session, &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let whole = cookie(&headers, "carnet");
    assert_ne!(whole, session);
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER, "what began with a password alone is over");
    let (status, _, page) = get(&house, "/accounts", &whole).await;
    assert!(status == StatusCode::OK && page.contains("no passkey yet"), "{page}");
    // From now on the password opens nothing.
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let door = cookie(&headers, "carnet_door");
    let (status, headers, page) = post(&house, "/sign-in", &door, &[("login", "root"), ("password", common::PASSWORD), ("token", &token(&page))]).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("takes passkeys only") && cookie(&headers, "carnet").is_empty(), "{page}");
    // The last one stays.
    let page = get(&house, "/account/passkeys", &whole).await.2;
    let id = between(&page, "<option value=\"");
    let (status, _, page) = post(&house, "/account/passkeys", &whole, &[("token", &token(&page)), ("act", "remove"), ("id", &id), ("current", common::PASSWORD)]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("your last passkey"), "{page}");
}
