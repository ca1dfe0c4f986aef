//! Signing in and out.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::{Form, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Attempt, SignIn};

use super::fault::{self, Fault};
use super::passkeys::Ask;
use crate::frame::Frame;
use crate::house::{LANGUAGE_COOKIE, Visitor, cookie, cookie_of, session_cookie};
use crate::session::Stage;
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    fault: Option<String>,
    news: Option<String>,
    login: String,
    back: String,
    can_send: bool,
    passkey: Option<Ask>,
    provider: Option<String>,
}

impl SignInPage {
    /// The form, with nothing said over it.
    fn of(visitor: &Visitor, frame: Frame, back: String) -> SignInPage {
        let passkey = Ask::of(visitor, &frame.token);
        SignInPage { fault: None, news: None, login: String::new(), back, can_send: visitor.house.settings.post.is_some(), passkey, provider: visitor.house.settings.provider.as_ref().map(|provider| provider.name().to_owned()), frame }
    }
}

/// Where to go after signing in: a page of a person or a question of a program, else the search. Never elsewhere.
pub fn safe_back(back: &str) -> String {
    let is_ours = (back.starts_with("/person/") || back.starts_with("/authorize/")) && back.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_')) && !back.contains("//");
    if is_ours { back.to_owned() } else { "/".to_owned() }
}

/// The form.
pub async fn page(visitor: Visitor, Query(query): Query<HashMap<String, String>>) -> Response {
    let back = safe_back(query.get("back").map_or("", String::as_str));
    if visitor.session.is_some() {
        return Redirect::to(&back).into_response();
    }
    // A cookie without a session behind it was one that ended.
    let has_ended = visitor.pending.is_none() && cookie_of(&visitor.headers, session_cookie(&visitor.house.settings)).is_some_and(|id| !id.is_empty());
    let fault = has_ended.then(|| visitor.voice.say("sign-in-ended"));
    visitor.show_at_door(StatusCode::OK, |frame| SignInPage { fault, ..SignInPage::of(&visitor, Frame { path: "/sign-in".to_owned(), ..frame }, back) })
}

/// The form once more, with what was wrong.
pub fn again(visitor: &Visitor, status: StatusCode, fault: String, login: String, back: String) -> Response {
    visitor.show_at_door(status, |frame| SignInPage { fault: Some(fault), login, ..SignInPage::of(visitor, frame, back) })
}

/// Somebody asks to come in.
pub async fn act(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let login = form.get("login").map_or("", String::as_str).trim().to_owned();
    let password = form.get("password").cloned().unwrap_or_default();
    let back = safe_back(form.get("back").map_or("", String::as_str));
    let again = |status: StatusCode, fault: String| again(&visitor, status, fault, login.clone(), back.clone());
    if visitor.session.is_some() && visitor.proves(&form) {
        return Redirect::to(&back).into_response();
    }
    if !visitor.proves(&form) {
        return again(StatusCode::FORBIDDEN, visitor.voice.say("sign-in-expired"));
    }
    let (holder, from) = (login.clone(), visitor.from);
    let required = visitor.house.door.gate().settings().second_factor_required;
    let looked = visitor.at_the_gate(move |gate| gate.sign_in(&Attempt { login: &holder, password: &password, from })).await;
    if let Ok(SignIn::Welcome(signed_in)) = &looked
        && let Some(answer) = visitor.wants_passkey(signed_in)
    {
        return answer.unwrap_or_else(|error| fault::of_error(&visitor, &error));
    }
    match looked {
        Ok(SignIn::Welcome(signed_in)) if !required || signed_in.account.role == Role::Person => visitor.begin_session(signed_in, Stage::Whole, Redirect::to(&back).into_response()),
        // A system has nobody who could hold a second factor.
        Ok(SignIn::Welcome(signed_in)) if signed_in.account.role == Role::Integration => again(StatusCode::FORBIDDEN, visitor.voice.say("sign-in-system")),
        Ok(SignIn::Welcome(signed_in)) => visitor.begin_session(signed_in, Stage::Enrolment, Redirect::to("/account/second-factor").into_response()),
        Ok(SignIn::Half(signed_in)) => visitor.begin_session(signed_in, Stage::Code, Redirect::to(&format!("/sign-in/code?back={back}")).into_response()),
        Ok(SignIn::Later(seconds)) => wait_page(seconds, &visitor.voice, again),
        Ok(SignIn::Refused) => again(StatusCode::UNPROCESSABLE_ENTITY, visitor.voice.say("sign-in-refused")),
        Err(response) => response,
    }
}

/// 429 with the wait, on the page where it happened.
pub fn wait_page(seconds: u32, voice: &Voice, page: impl FnOnce(StatusCode, String) -> Response) -> Response {
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, voice.count("sign-in-wait", (seconds as usize).div_ceil(60)));
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// The form with good news over it.
pub fn with_news(visitor: &Visitor, news: String, login: String) -> Response {
    visitor.show_at_door(StatusCode::OK, |frame| SignInPage { news: Some(news), login, ..SignInPage::of(visitor, Frame { path: "/sign-in".to_owned(), ..frame }, "/".to_owned()) })
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
            ("/authorize/aB-_9", "/authorize/aB-_9"),
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
