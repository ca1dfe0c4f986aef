//! What one has allowed programs, and taking it back.

use std::collections::HashMap;

use access::AccountAct;
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use oauth::Consent;

use super::authorize::{of_error, wish};
use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "consents.html")]
struct ConsentsPage {
    frame: Frame,
    news: Option<String>,
    rows: Vec<Row>,
}

/// One consent.
struct Row {
    id: String,
    program: String,
    began: String,
    until: String,
    /// Whose record, by the id of the Patient.
    patient: Option<String>,
    wishes: Vec<(String, String)>,
}

fn row(consent: Consent, voice: &Voice) -> Row {
    Row {
        program: consent.name.unwrap_or_else(|| voice.say("allowed-gone")),
        began: voice.moment(consent.began),
        until: voice.moment(consent.until),
        patient: consent.patient,
        wishes: consent.scopes.iter().map(|(_, scope)| wish(0, scope, voice)).map(|wish| (wish.what, wish.whose)).collect(),
        id: consent.id,
    }
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    list(&reader, None)
}

fn list(reader: &Reader, news: Option<&str>) -> Response {
    let voice = reader.visitor.voice;
    match reader.visitor.house.oauth.consents(reader.entry.caller.account.number, reader.entry.era, reader.now()) {
        Ok(consents) => show(StatusCode::OK, &ConsentsPage { frame: reader.frame(), news: news.map(|news| voice.say(news)), rows: consents.into_iter().map(|consent| row(consent, &voice)).collect() }),
        Err(error) => of_error(&reader.visitor, &error),
    }
}

/// Takes one back.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let account = reader.entry.caller.account.clone();
    let id = form.get("consent").map_or("", String::as_str);
    match reader.visitor.house.oauth.withdraw(account.number, id, reader.now()) {
        Ok(Some(program)) => match reader.visitor.at_the_gate(move |gate| gate.note_program(&account, AccountAct::WithdrawProgram, &program)).await {
            Ok(()) => list(&reader, Some("allowed-withdrawn")),
            Err(response) => response,
        },
        Ok(None) => fault::show(&reader.visitor, Fault::NotFound),
        Err(error) => of_error(&reader.visitor, &error),
    }
}
