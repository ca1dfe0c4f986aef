//! A new password for somebody who lost theirs, with a code from a second person.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{CodeUse, Error};
use fhir::Issue;

use super::fault::{self, Fault};
use super::sign_in::{self, wait_page};
use crate::frame::Frame;
use crate::house::Visitor;
use crate::voice::Voice;
use crate::words::Language;

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    fault: Option<String>,
    login: String,
}

#[derive(Template)]
#[template(path = "forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    fault: Option<String>,
    is_sent: bool,
}

/// Asking for a code that is sent to the address one has confirmed.
pub async fn forgotten_page(visitor: Visitor) -> Response {
    if visitor.house.settings.post.is_none() {
        return fault::show(&visitor, Fault::NotFound);
    }
    visitor.show_at_door(StatusCode::OK, |frame| ForgottenPage { frame, fault: None, is_sent: false })
}

/// Sends it. Whoever asks is answered alike, whether or not there is anybody to send it to.
pub async fn forgotten(visitor: Visitor, Form(fields): Form<HashMap<String, String>>) -> Response {
    let Some(post) = visitor.house.settings.post.clone() else { return fault::show(&visitor, Fault::NotFound) };
    if !visitor.proves(&fields) {
        let fault = Some(visitor.voice.say("sign-in-expired"));
        return visitor.show_at_door(StatusCode::FORBIDDEN, |frame| ForgottenPage { frame, fault, is_sent: false });
    }
    let login = fields.get("login").map_or("", String::as_str).trim().to_owned();
    let (voice, site) = (visitor.voice, visitor.site());
    // Made and sent in one go: who goes away meanwhile is sent it all the same, and no other is made so soon.
    let made = visitor.at_the_gate(move |gate| {
        let Some((code, to, language)) = gate.code_by_post(&login)? else { return Ok(()) };
        let voice = Voice { language: Language::of_code(&language).unwrap_or(voice.language), ..voice };
        let text = voice.with("letter-renew", &[("code", &code), ("site", &site)]);
        let letter = chart::Letter { to, subject: voice.say("letter-subject"), text };
        // Not waited for: how long it takes would tell that there is somebody.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = post.send(&letter) {
                tracing::error!(%error, "a code for a new password was not sent");
            }
        });
        Ok(())
    });
    if let Err(response) = made.await {
        return response;
    }
    visitor.show_at_door(StatusCode::OK, |frame| ForgottenPage { frame, fault: None, is_sent: true })
}

/// The form.
pub async fn page(visitor: Visitor) -> Response {
    form(&visitor, StatusCode::OK, None, String::new())
}

fn form(visitor: &Visitor, status: StatusCode, fault: Option<String>, login: String) -> Response {
    visitor.show_at_door(status, |frame| NewPasswordPage { frame, fault, login })
}

/// Sets it.
pub async fn act(visitor: Visitor, Form(fields): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let login = field("login").trim().to_owned();
    let voice = visitor.voice;
    let again = |status: StatusCode, fault: String| form(&visitor, status, Some(fault), login.clone());
    if !visitor.proves(&fields) {
        return again(StatusCode::FORBIDDEN, voice.say("sign-in-expired"));
    }
    let (code, password, from, holder) = (field("code"), field("password"), visitor.from, login.clone());
    let done = visitor.at_the_gate(move |gate| match gate.use_code(&holder, &code, &password, from) {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Refused(issues)) => Ok(Err(issues)),
        Err(error) => Err(error),
    });
    match done.await {
        Ok(Ok(CodeUse::Done)) => sign_in::with_news(&visitor, voice.say("new-password-done"), login),
        Ok(Ok(CodeUse::Refused)) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("new-password-refused")),
        Ok(Ok(CodeUse::Later(seconds))) => wait_page(seconds, &voice, again),
        Ok(Err(issues)) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, voice.say(fault_key(&issues)))
        }
        Err(response) => response,
    }
}

/// The words for what is wrong with a login or a password.
pub fn fault_key(issues: &[Issue]) -> &'static str {
    match issues.first().map_or("", |issue| issue.rule.as_str()) {
        "login" => "login-letters",
        "password-long" => "password-long",
        "password-login" => "password-login",
        "password-common" => "password-common",
        "password-same" => "password-same",
        _ => "password-short",
    }
}
