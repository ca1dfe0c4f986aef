//! Who has looked at a record, and questions about it.

use std::collections::HashMap;

use access::may_answer_questions;
use askama::Template;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use fhir::is_id;

use super::fault::{self, Fault};
use super::glass;
use super::person::{around, with_record};
use crate::banner::{Allergies, Banner};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::openings::{OpeningsPage, openings_page};
use crate::rail::{RailLink, Section};

#[derive(Template)]
#[template(path = "openings.html")]
struct Openings {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: OpeningsPage,
    longest: usize,
}

/// How many entries a page shows.
const ENTRIES: usize = 100;

/// The log of the record, this reader included: the person will see the same list.
pub async fn page(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    let before = query.get("before").and_then(|place| place.parse().ok());
    let mut opened = match reader.visitor.house.door.openings(&reader.entry.caller, &id, before, ENTRIES + 1).await {
        Ok(opened) => opened,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let more = opened.len() > ENTRIES;
    opened.truncate(ENTRIES);
    let glass = match reader.visitor.house.door.glass_of(&reader.entry.caller, &id) {
        Ok(glass) => glass,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let may_answer = may_answer_questions(&reader.entry.caller);
    with_record(reader, id, move |record, frame, now| {
        let glass = glass.into_iter().map(|broken| glass::row(broken, &frame.voice)).collect();
        let page = openings_page(record, &opened, more, before.is_some(), may_answer, glass, &frame.voice);
        let (banner, rail) = around(record, &frame, now, Section::Openings);
        Some(show(StatusCode::OK, &Openings { frame, banner, rail, page, longest: chart::QUESTION_LONGEST }))
    })
    .await
}

/// Keeps a question about an entry.
pub async fn question(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    let Some(opening) = form.get("opening").and_then(|place| place.parse().ok()) else { return fault::show(&reader.visitor, Fault::NotFound) };
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let kept = reader.visitor.house.door.question(&reader.entry.caller, &id, opening, said(&form)).await;
    back(&reader, &id, kept, &format!("entry-{opening}"), Some(opening))
}

/// Answers a question.
pub async fn answer(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let question = form.get("question").map_or("", String::as_str);
    let kept = reader.visitor.house.door.answer(&reader.entry.caller, &id, question, said(&form)).await;
    back(&reader, &id, kept, &format!("question-{question}"), form.get("opening").and_then(|place| place.parse().ok()))
}

fn said(form: &HashMap<String, String>) -> &str {
    form.get("text").map_or("", String::as_str)
}

/// To the page that shows the entry.
fn back(reader: &Reader, id: &str, kept: chart::Result<()>, place: &str, opening: Option<u64>) -> Response {
    match kept {
        Err(error) => fault::of_error(&reader.visitor, &error),
        Ok(()) if is_id(id) && place.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) => {
            let before = opening.map_or_else(String::new, |opening| format!("?before={}", opening.saturating_add(1)));
            Redirect::to(&format!("/person/{id}/openings{before}#{place}")).into_response()
        }
        Ok(()) => fault::show(&reader.visitor, Fault::NotFound),
    }
}
