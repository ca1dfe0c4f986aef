//! Finding a person. The words searched for travel in the body of a form, never in an address.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::fault::{self, Fault};
use crate::find::{self, FoundPage};
use crate::frame::Frame;
use crate::house::{Reader, show};

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    frame: Frame,
    query: String,
    page: Option<FoundPage>,
    duties: Vec<Duty>,
}

/// What waits for this reader's answer.
struct Duty {
    address: &'static str,
    title: String,
    told: String,
    waits: bool,
}

/// The queues of a privacy officer; nobody else has any.
fn duties(reader: &Reader) -> chart::Result<Vec<Duty>> {
    if reader.entry.caller.account.role != Role::PrivacyOfficer {
        return Ok(Vec::new());
    }
    let gate = reader.visitor.house.door.gate();
    let duties = gate.duties(&reader.entry.caller)?;
    let voice = reader.visitor.voice;
    let duty = |address, title: &str, queue: chart::Queue| Duty {
        address,
        title: voice.say(title),
        told: match queue.since {
            None => voice.say("duty-none"),
            Some(since) => format!("{} {}", voice.count("duty-waiting", queue.waiting), voice.with("duty-since", &[("time", &voice.moment(since))])),
        },
        waits: queue.waiting > 0,
    };
    let mut all = vec![duty("/glass", "glasses-title", duties.glass), duty("/unusual", "unusual-title", duties.unusual), duty("/questions", "asked-title", duties.questions)];
    if gate.needs_agreement()? {
        all.push(duty("/agreements", "agreements-title", duties.agreements));
    }
    Ok(all)
}

/// The first page after signing in.
pub async fn home(reader: Reader) -> Response {
    if reader.entry.caller.account.role == Role::Person {
        return to_own_record(&reader);
    }
    match duties(&reader) {
        Ok(duties) => show(StatusCode::OK, &FindPage { frame: reader.frame(), query: String::new(), page: None, duties }),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// Whoever is not at work here comes to their own record, and finds nobody else.
fn to_own_record(reader: &Reader) -> Response {
    match reader.visitor.house.door.gate().own_patient(&reader.entry.caller.account) {
        Ok(Some(patient)) => Redirect::to(&format!("/person/{patient}")).into_response(),
        Ok(None) => fault::show(&reader.visitor, Fault::NotFound),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// A search.
pub async fn search(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let query: String = form.get("q").map_or("", String::as_str).trim().chars().take(200).collect();
    reader.visitor.house.sessions.remember_query(&reader.session, &query);
    answer(reader, query).await
}

/// The last search of this session, for coming back from a record.
pub async fn again(reader: Reader) -> Response {
    let query = reader.entry.query.clone();
    answer(reader, query).await
}

async fn answer(reader: Reader, query: String) -> Response {
    if query.is_empty() || reader.entry.caller.account.role == Role::Person {
        return Redirect::to("/").into_response();
    }
    let hits = match reader.visitor.house.door.find_persons(&reader.entry.caller, &query, find::LIMIT).await {
        Ok(hits) => hits,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let page = find::found(&hits, &voice, reader.now().civil(voice.zone_offset_minutes));
    show(StatusCode::OK, &FindPage { frame: reader.frame(), query, page: Some(page), duties: Vec::new() })
}
