//! Signing in and out.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{DOOR_COOKIE, LANGUAGE_COOKIE, Visitor, cookie, cookie_of, session_cookie};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    fault: Option<String>,
    login: String,
    back: String,
}

/// Where to go after signing in: a page of a person, else the search. Never elsewhere.
pub fn safe_back(back: &str) -> String {
    let is_ours = back.starts_with("/person/") && back.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.')) && !back.contains("//");
    if is_ours { back.to_owned() } else { "/".to_owned() }
}

/// The form.
pub async fn page(visitor: Visitor, Query(query): Query<HashMap<String, String>>) -> Response {
    let back = safe_back(query.get("back").map_or("", String::as_str));
    if visitor.session.is_some() {
        return Redirect::to(&back).into_response();
    }
    // A cookie without a session behind it was one that ended.
    let has_ended = cookie_of(&visitor.headers, session_cookie(&visitor.house.settings)).is_some_and(|id| !id.is_empty());
    let fault = has_ended.then(|| visitor.voice.say("sign-in-ended"));
    visitor.show_at_door(StatusCode::OK, |frame| SignInPage { frame: Frame { path: "/sign-in".to_owned(), ..frame }, fault, login: String::new(), back })
}

/// Somebody asks to come in.
pub async fn act(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let login = form.get("login").map_or("", String::as_str).trim().to_owned();
    let password = form.get("password").cloned().unwrap_or_default();
    let back = safe_back(form.get("back").map_or("", String::as_str));
    let again = |status: StatusCode, fault: String| visitor.show_at_door(status, |frame| SignInPage { frame, fault: Some(fault), login: login.clone(), back: back.clone() });
    if visitor.session.is_some() && visitor.proves(&form) {
        return Redirect::to(&back).into_response();
    }
    if !visitor.proves(&form) {
        return again(StatusCode::FORBIDDEN, visitor.voice.say("sign-in-expired"));
    }
    let house = &visitor.house;
    if let Some(wait_ms) = house.sessions.wait_of(&login, house.door.now()) {
        let minutes = (wait_ms as usize).div_ceil(60_000);
        return again(StatusCode::TOO_MANY_REQUESTS, visitor.voice.count("sign-in-wait", minutes));
    }
    let answer = match house.at_the_door.acquire().await {
        Ok(_permit) => {
            let (door, login, password) = (house.door.clone(), login.clone(), password);
            tokio::task::spawn_blocking(move || door.sign_in(&login, &password)).await
        }
        Err(_) => return fault::show(&visitor, Fault::Failed),
    };
    match answer {
        Ok(Ok(Some(account))) => {
            house.sessions.succeeded(&login);
            let id = house.sessions.open(account, house.door.now(), house.chance.lock().as_mut());
            let mut response = Redirect::to(&back).into_response();
            response.headers_mut().append(header::SET_COOKIE, cookie(&house.settings, session_cookie(&house.settings), &id));
            response.headers_mut().append(header::SET_COOKIE, cookie(&house.settings, DOOR_COOKIE, ""));
            response
        }
        Ok(Ok(None)) => {
            house.sessions.failed(&login, house.door.now());
            again(StatusCode::UNPROCESSABLE_ENTITY, visitor.voice.say("sign-in-refused"))
        }
        Ok(Err(error)) => fault::of_error(&visitor, &error),
        Err(_) => fault::show(&visitor, Fault::Failed),
    }
}

/// Somebody leaves; the next one at this machine starts with their own language.
pub async fn out(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let Some((id, _)) = &visitor.session else { return Redirect::to("/sign-in").into_response() };
    if !visitor.proves(&form) {
        return fault::show(&visitor, Fault::Form);
    }
    visitor.house.sessions.close(id);
    let settings = &visitor.house.settings;
    let mut response = Redirect::to("/sign-in").into_response();
    for name in [session_cookie(settings), LANGUAGE_COOKIE] {
        response.headers_mut().append(header::SET_COOKIE, cookie(settings, name, ""));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::safe_back;

    #[test]
    fn after_signing_in_one_comes_back_to_our_own_pages_only() {
        for (asked, answer) in [
            ("/person/a-1/timeline", "/person/a-1/timeline"),
            ("//evil.example/person/", "/"),
            ("/person//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/person/a?x=\r\nSet-Cookie:", "/"),
            ("", "/"),
        ] {
            assert_eq!(safe_back(asked), answer, "{asked}");
        }
    }
}
