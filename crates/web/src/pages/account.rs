//! One's own account: where one is signed in, and the second factor.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::session::Entry;
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    login: String,
    role: String,
    factor: String,
    may_add_factor: bool,
    rows: Vec<Row>,
}

/// One session.
struct Row {
    number: String,
    began: String,
    used: String,
    browser: String,
    is_this: bool,
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    let account = &reader.entry.caller.account;
    let gate = reader.visitor.house.door.gate();
    let left = match gate.recovery_codes_left(account.number) {
        Ok(left) => left,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let sessions = reader.visitor.house.sessions.of(account, reader.entry.era, reader.now());
    let this = reader.entry.caller.session.number;
    show(StatusCode::OK, &AccountPage {
        frame: reader.frame(),
        login: account.login.clone(),
        role: voice.role(account.role),
        factor: left.map_or_else(|| voice.say("account-factor-off"), |left| voice.with("account-factor-on", &[("left", &left.to_string())])),
        may_add_factor: left.is_none() && account.role != access::Role::Integration,
        rows: sessions.iter().map(|entry| row(entry, this, &voice)).collect(),
    })
}

fn row(entry: &Entry, this: u64, voice: &Voice) -> Row {
    let number = entry.caller.session.number;
    Row {
        number: format!("{number:016x}"),
        began: voice.moment(entry.caller.session.began),
        used: voice.moment(entry.used),
        browser: entry.browser.name().map_or_else(|| voice.say("account-browser-other"), str::to_owned),
        is_this: number == this,
    }
}

/// Ends one session, or all of them.
pub async fn end(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let account = reader.entry.caller.account.clone();
    match form.get("session").map_or("", String::as_str) {
        // The account begins another era, so programs that remember its password ask again too.
        "all" => match reader.visitor.at_the_gate(move |gate| gate.end_sessions(&account, &account.login)).await {
            Ok(_) => Redirect::to("/sign-in").into_response(),
            Err(response) => response,
        },
        number => {
            let ended = u64::from_str_radix(number, 16).is_ok_and(|number| reader.visitor.house.sessions.close_one(&account, number));
            if ended { Redirect::to("/account").into_response() } else { fault::show(&reader.visitor, Fault::NotFound) }
        }
    }
}
