//! The second factor: adding it, and showing it when signing in.

use std::collections::HashMap;

use access::totp;
use askama::Template;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{SignIn, SignedIn};

use super::fault::{self, Fault};
use super::sign_in::{safe_back, wait_page};
use crate::frame::Frame;
use crate::house::{Reader, Visitor, show};
use crate::picture;
use crate::session::{Entry, Once, Stage};

#[derive(Template)]
#[template(path = "second_factor.html")]
struct FactorPage {
    frame: Frame,
    is_required: bool,
    fault: Option<String>,
    picture: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    frame: Frame,
    codes: Vec<String>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    fault: Option<String>,
    back: String,
}

/// Who may add a second factor: somebody signed in, or on the way to it for want of one.
fn enrolling(visitor: &Visitor) -> Result<(String, Entry), Response> {
    match visitor.any_session() {
        Some((id, entry)) if matches!(entry.stage, Stage::Whole | Stage::Enrolment) => Ok((id.clone(), entry.clone())),
        Some((_, entry)) if entry.stage == Stage::Passkey => Err(Redirect::to("/account/passkeys").into_response()),
        Some(_) => Err(Redirect::to("/sign-in/code").into_response()),
        None => Err(Redirect::to("/sign-in").into_response()),
    }
}

/// The page with the picture. The secret stays the same until a code of it was typed.
pub async fn page(visitor: Visitor) -> Response {
    match enrolling(&visitor) {
        Ok((id, entry)) => factor_page(&visitor, &id, &entry, StatusCode::OK, None),
        Err(response) => response,
    }
}

fn factor_page(visitor: &Visitor, id: &str, entry: &Entry, status: StatusCode, fault: Option<String>) -> Response {
    let account = &entry.caller.account;
    let gate = visitor.house.door.gate();
    match gate.has_second_factor(account.number) {
        Ok(false) => {}
        Ok(true) => return Redirect::to("/account").into_response(),
        Err(error) => return fault::of_error(visitor, &error),
    }
    let secret = entry.secret.clone().unwrap_or_else(|| gate.new_factor_secret().to_vec());
    visitor.house.sessions.remember_secret(id, &secret);
    let picture = picture::qr(&totp::address(&secret, &account.login), &visitor.voice.say("factor-picture"));
    let letters: Vec<char> = totp::base32(&secret).chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    show(status, &FactorPage { frame: visitor.frame(""), is_required: entry.stage == Stage::Enrolment, fault, picture, secret: groups.join(" ") })
}

/// A code of the new secret: from now on it is wanted. The recovery codes come next.
pub async fn act(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let (id, entry) = match enrolling(&visitor) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if !visitor.proves(&form) {
        return fault::show(&visitor, Fault::Form);
    }
    let Some(secret) = entry.secret.clone() else { return Redirect::to("/account/second-factor").into_response() };
    let (account, typed) = (entry.caller.account.clone(), form.get("code").cloned().unwrap_or_default());
    let done = visitor.at_the_gate(move |gate| gate.enrol(&account, &secret, &typed)).await;
    match done {
        Ok(Some(codes)) => {
            // What was begun with a password alone does not go on.
            visitor.house.sessions.close_others(&entry.caller.account, &id);
            let signed_in = SignedIn { account: entry.caller.account.clone(), era: entry.era };
            let id = visitor.open_session(signed_in, Stage::Whole);
            visitor.house.sessions.keep_once(&id, Some(Once::Recovery(codes)));
            visitor.with_session(&id, Redirect::to("/account/recovery").into_response())
        }
        Ok(None) => factor_page(&visitor, &id, &entry, StatusCode::UNPROCESSABLE_ENTITY, Some(visitor.voice.say("factor-wrong"))),
        Err(response) => response,
    }
}

/// The recovery codes, until their holder has kept them.
pub async fn recovery(reader: Reader) -> Response {
    match &reader.entry.once {
        Some(Once::Recovery(codes)) => show(StatusCode::OK, &RecoveryPage { frame: reader.frame(), codes: codes.clone() }),
        _ => Redirect::to("/account").into_response(),
    }
}

/// They are kept, and shown no more.
pub async fn kept(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    reader.visitor.house.sessions.keep_once(&reader.session, None);
    Redirect::to("/").into_response()
}

/// The form for the code, after the password.
pub async fn code_page(visitor: Visitor, Query(query): Query<HashMap<String, String>>) -> Response {
    let back = safe_back(query.get("back").map_or("", String::as_str));
    match &visitor.pending {
        Some((_, entry)) if entry.stage == Stage::Code => code_form(&visitor, StatusCode::OK, None, back),
        _ => Redirect::to(if visitor.session.is_some() { &back } else { "/sign-in" }).into_response(),
    }
}

fn code_form(visitor: &Visitor, status: StatusCode, fault: Option<String>, back: String) -> Response {
    show(status, &CodePage { frame: Frame { path: "/sign-in/code".to_owned(), ..visitor.frame("") }, fault, back })
}

/// The code.
pub async fn code(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let back = safe_back(form.get("back").map_or("", String::as_str));
    let number = match &visitor.pending {
        Some((_, entry)) if entry.stage == Stage::Code => entry.caller.account.number,
        _ => return Redirect::to(if visitor.session.is_some() { &back } else { "/sign-in" }).into_response(),
    };
    if !visitor.proves(&form) {
        return fault::show(&visitor, Fault::Form);
    }
    let (typed, from) = (form.get("code").cloned().unwrap_or_default(), visitor.from);
    let again = |status: StatusCode, fault: String| code_form(&visitor, status, Some(fault), back.clone());
    match visitor.at_the_gate(move |gate| gate.second_step(number, &typed, from)).await {
        Ok(SignIn::Welcome(signed_in)) => match visitor.wants_passkey(&signed_in) {
            Some(answer) => answer.unwrap_or_else(|error| fault::of_error(&visitor, &error)),
            None => visitor.begin_session(signed_in, Stage::Whole, Redirect::to(&back).into_response()),
        },
        Ok(SignIn::Later(seconds)) => wait_page(seconds, &visitor.voice, again),
        Ok(SignIn::Refused | SignIn::Half(_)) => again(StatusCode::UNPROCESSABLE_ENTITY, visitor.voice.say("code-refused")),
        Err(response) => response,
    }
}
