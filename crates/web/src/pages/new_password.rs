//! A new password for somebody who lost theirs, with a code from a second person.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{CodeUse, Error};

use super::sign_in::{self, wait_page};
use crate::frame::Frame;
use crate::house::Visitor;

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    fault: Option<String>,
    login: String,
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
            let key = match issues.first().map_or("", |issue| issue.rule.as_str()) {
                "password-long" => "password-long",
                "password-login" => "password-login",
                "password-common" => "password-common",
                _ => "password-short",
            };
            again(StatusCode::UNPROCESSABLE_ENTITY, voice.say(key))
        }
        Err(response) => response,
    }
}
