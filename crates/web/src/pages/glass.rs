//! Breaking the glass, what an emergency needs first, and the answers of whoever watches over privacy.
//!
//! * The page before is the same for every person, there or not: it tells nothing.

use std::collections::HashMap;

use access::{GlassReason, Role, may_break_glass};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{BrokenGlass, Error, GLASS_WORDS_LONGEST};
use fhir::{Moment, is_id};

use super::fault::{self, Fault};
use super::person::with_record;
use crate::banner::{Allergies, Banner};
use crate::cards::emergency::{Emergency, emergency};
use crate::cards::{medicines, problems};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::{self, RailLink};
use crate::voice::{Voice, clock_of};

#[derive(Template)]
#[template(path = "glass.html")]
struct Before {
    frame: Frame,
    person: String,
    reasons: Vec<(&'static str, String)>,
    longest: usize,
    /// What was sent did not say why.
    lacks_words: bool,
}

#[derive(Template)]
#[template(path = "emergency.html")]
struct After {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    until: String,
    problems: problems::Problems,
    medicines: medicines::Medicines,
    emergency: Emergency,
}

#[derive(Template)]
#[template(path = "glasses.html")]
struct Queue {
    frame: Frame,
    rows: Vec<GlassRow>,
    longest: usize,
    /// What was sent did not say anything.
    lacks_words: bool,
}

/// One breaking of the glass, in words.
pub struct GlassRow {
    /// Its id.
    pub id: String,
    /// The Patient's id.
    pub patient: String,
    /// Who, and where.
    pub who: String,
    /// From when until when.
    pub when: String,
    /// Why.
    pub why: String,
    /// What was written.
    pub words: String,
    /// What was answered: whether there was good reason, by whom and when, and the words.
    pub review: Option<(bool, String, String)>,
}

/// One breaking in the words of a reader.
pub fn row(broken: BrokenGlass, voice: &Voice) -> GlassRow {
    let moment = |at: Moment| format!("{} {}", voice.day(at.civil(voice.zone_offset_minutes)), clock_of(at, voice.zone_offset_minutes));
    let both = |one: &str, other: &str| [one, other].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    GlassRow {
        who: both(&broken.by, &broken.institution),
        when: format!("{} – {}", moment(broken.at), moment(broken.until)),
        why: voice.say(reason_key(broken.reason)),
        review: broken.review.map(|review| (review.is_justified, both(&review.by, &moment(review.at)), review.words)),
        id: broken.id,
        patient: broken.patient,
        words: broken.words,
    }
}

fn reason_key(reason: GlassReason) -> &'static str {
    match reason {
        GlassReason::Danger => "glass-danger",
        GlassReason::CannotSpeak => "glass-cannot-speak",
        GlassReason::Asked => "glass-asked",
        GlassReason::StandingIn => "glass-standing-in",
        GlassReason::Other => "glass-other",
    }
}

/// Asks for a reason; where the glass is broken, what an emergency needs.
pub async fn page(reader: Reader, Path(id): Path<String>) -> Response {
    if !may_break_glass(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let until = match reader.visitor.house.door.gate().glass_until(&reader.entry.caller, &id) {
        Ok(until) => until,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let Some(until) = until else { return ask(&reader, id, false) };
    with_record(reader, id, move |record, frame, now| {
        let voice = &frame.voice;
        let today = now.civil(voice.zone_offset_minutes);
        let (problems, medicines, emergency) = (problems::problems(record, voice), medicines::medicines(record, voice, today), emergency(record, voice));
        let (banner, rail) = (Banner::of(record, voice, today), rail::rail(record, voice, today, None));
        let until = voice.with("glass-until", &[("time", &clock_of(until, voice.zone_offset_minutes))]);
        Some(show(StatusCode::OK, &After { frame, banner, rail, until, problems, medicines, emergency }))
    })
    .await
}

fn ask(reader: &Reader, person: String, lacks_words: bool) -> Response {
    let frame = reader.frame();
    let reasons = GlassReason::ALL.iter().map(|(reason, word)| (*word, frame.voice.say(reason_key(*reason)))).collect();
    let status = if lacks_words { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    show(status, &Before { frame, person, reasons, longest: GLASS_WORDS_LONGEST, lacks_words })
}

/// Breaks it.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_break_glass(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let Some(reason) = form.get("reason").and_then(|word| GlassReason::named(word)) else { return ask(&reader, id, true) };
    let words = form.get("text").map_or("", String::as_str);
    match reader.visitor.house.door.gate().break_glass(&reader.entry.caller, &id, reason, words).await {
        Ok(_) => Redirect::to(&format!("/person/{id}/glass")).into_response(),
        Err(Error::Refused(_)) => ask(&reader, id, true),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// Mends it before its time.
pub async fn mend(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    match reader.visitor.house.door.gate().mend_glass(&reader.entry.caller, &id) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// Those nobody has answered.
pub async fn queue(reader: Reader) -> Response {
    waiting(&reader, false)
}

fn waiting(reader: &Reader, lacks_words: bool) -> Response {
    if reader.entry.caller.account.role != Role::PrivacyOfficer {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    match reader.visitor.house.door.gate().glass_waiting(&reader.entry.caller) {
        Ok(waiting) => {
            let frame = reader.frame();
            let rows = waiting.into_iter().map(|broken| row(broken, &frame.voice)).collect();
            let status = if lacks_words { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            show(status, &Queue { frame, rows, longest: GLASS_WORDS_LONGEST, lacks_words })
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// An answer.
pub async fn answer(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let said = |name: &str| form.get(name).map_or("", String::as_str);
    let is_justified = match said("justified") {
        "yes" => true,
        "no" => false,
        _ => return waiting(&reader, true),
    };
    match reader.visitor.house.door.gate().review_glass(&reader.entry.caller, said("id"), is_justified, said("text")) {
        Ok(()) => Redirect::to("/glass").into_response(),
        Err(Error::Refused(_)) => waiting(&reader, true),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}
