//! What persons asked about the log of their records, for the privacy officer who answers.
//!
//! The record stays closed: the question brings its words, and who opened when.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, QUESTION_LONGEST, WaitingQuestion};

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "questions.html")]
struct QuestionsPage {
    frame: Frame,
    rows: Vec<Row>,
    longest: usize,
    /// What was sent did not say anything.
    lacks_words: bool,
}

/// One question.
struct Row {
    id: String,
    from: String,
    text: String,
    about: String,
    patient: String,
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    waiting(&reader, false)
}

/// An answer.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let said = |name: &str| form.get(name).map_or("", String::as_str);
    match reader.visitor.house.door.gate().answer_waiting(&reader.entry.caller, said("id"), said("text")).await {
        Ok(()) => Redirect::to("/questions").into_response(),
        Err(Error::Refused(_)) => waiting(&reader, true),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn waiting(reader: &Reader, lacks_words: bool) -> Response {
    if reader.entry.caller.account.role != Role::PrivacyOfficer {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let (gate, voice) = (reader.visitor.house.door.gate(), reader.visitor.voice);
    let rows = gate.questions_waiting(&reader.entry.caller).and_then(|waiting| waiting.into_iter().map(|question| row(gate, question, &voice)).collect());
    match rows {
        Ok(rows) => {
            let status = if lacks_words { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            show(status, &QuestionsPage { frame: reader.frame(), rows, longest: QUESTION_LONGEST, lacks_words })
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn row(gate: &chart::Chart, question: WaitingQuestion, voice: &Voice) -> chart::Result<Row> {
    let account = gate.account_of(question.account)?;
    let who = account.as_ref().map_or_else(|| voice.say("opening-unknown"), |account| format!("{} · {}", account.display, voice.role(account.role)));
    let both = |one: &str, other: &str| [one, other].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(Row { from: both(&question.by, &voice.moment(question.at)), about: both(&who, &voice.moment(question.opened_at)), text: question.text, patient: question.patient, id: question.id })
}
