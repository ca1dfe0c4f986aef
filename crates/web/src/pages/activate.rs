//! A person makes an account with the code of a health station.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Activation, Error};

use super::new_password::fault_key;
use super::sign_in::wait_page;
use crate::frame::Frame;
use crate::house::Visitor;
use crate::session::Stage;

#[derive(Template)]
#[template(path = "activate.html")]
struct ActivatePage {
    frame: Frame,
    fault: Option<String>,
    code: String,
    login: String,
}

/// The form.
pub async fn page(visitor: Visitor) -> Response {
    if visitor.session.is_some() {
        return Redirect::to("/").into_response();
    }
    form(&visitor, StatusCode::OK, None, String::new(), String::new())
}

fn form(visitor: &Visitor, status: StatusCode, fault: Option<String>, code: String, login: String) -> Response {
    visitor.show_at_door(status, |frame| ActivatePage { frame, fault, code, login })
}

/// Makes it, and lets its holder in.
pub async fn act(visitor: Visitor, Form(fields): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| fields.get(name).map_or("", String::as_str).trim().to_owned();
    let (code, login, voice) = (field("code"), field("login"), visitor.voice);
    let again = |status: StatusCode, fault: String| form(&visitor, status, Some(fault), code.clone(), login.clone());
    if !visitor.proves(&fields) {
        return again(StatusCode::FORBIDDEN, voice.say("sign-in-expired"));
    }
    let password = fields.get("password").cloned().unwrap_or_default();
    let (typed, wanted, from) = (code.clone(), login.clone(), visitor.from);
    let made = visitor.at_the_gate(move |gate| match gate.activate(&typed, &wanted, &password, from) {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Refused(issues)) => Ok(Err(issues)),
        Err(error) => Err(error),
    });
    match made.await {
        Ok(Ok(Activation::Done(signed_in))) => visitor.begin_session(signed_in, Stage::Whole, Redirect::to("/").into_response()),
        Ok(Ok(Activation::Refused)) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("activate-refused")),
        Ok(Ok(Activation::Taken | Activation::Unlike)) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("activate-taken")),
        Ok(Ok(Activation::Later(seconds))) => wait_page(seconds, &voice, again),
        Ok(Err(issues)) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say(fault_key(&issues))),
        Err(response) => response,
    }
}
