//! What happened after a vaccination: written down beside the dose, for whoever gives the next one.
//!
//! * It says what was seen, not that the vaccine was the cause.
//! * Whoever reads the record sees it; whoever writes in the record may add to it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use fhir::{PartialDateTime, ResourceType, date::Precision, is_id};

use super::fault::{self, Fault};
use super::person::{around, with_record};
use crate::banner::{Allergies, Banner};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::{RailLink, Section};
use crate::record::{Record, clinical};
use crate::vaccinations::{EVENTS, EVENT_CODES};
use crate::voice::Voice;

/// What somebody writes at most.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "vaccine_event.html")]
struct EventPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    doses: Vec<Dose>,
    kinds: Vec<(&'static str, String)>,
    longest: usize,
    today: String,
    fault: Option<String>,
    /// The field that is wrong; empty where none is.
    focus: &'static str,
    typed: Typed,
}

/// What was typed and was not written.
#[derive(Default)]
struct Typed {
    dose: String,
    kind: String,
    words: String,
    day: String,
    is_serious: bool,
}

/// What is wrong: its words, and the field.
type Wrong = (&'static str, &'static str);

/// A dose that was given.
struct Dose {
    id: String,
    told: String,
    is_chosen: bool,
}

fn doses(record: &Record<'_>, chosen: &str, voice: &Voice) -> Vec<Dose> {
    let given = record.valid("Immunization").filter(|item| item.root().string("status").as_deref() == Some("completed"));
    let mut found: Vec<(Option<fhir::PartialDateTime>, Dose)> = given
        .map(|item| {
            let date = clinical::date_of("Immunization", item.root());
            let title = clinical::title(record, item.root()).unwrap_or_else(|| voice.say("not-stated"));
            let day = date.map_or_else(|| voice.say("not-stated"), |date| voice.date(&date));
            (date, Dose { id: item.stored.id.clone(), told: format!("{day} · {title}"), is_chosen: item.stored.id == chosen })
        })
        .collect();
    found.sort_by_key(|(date, _)| std::cmp::Reverse(date.map(|date| date.range(0).0)));
    found.into_iter().map(|(_, dose)| dose).collect()
}

async fn ask(reader: Reader, id: String, typed: Typed, wrong: Option<Wrong>) -> Response {
    // Whoever may not write is answered alike whomever they ask about.
    if !super::forms::may_write(reader.entry.caller.account.role) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = around(record, &frame, now, Section::Vaccinations);
        let voice = frame.voice;
        let (year, month, day) = now.civil(voice.zone_offset_minutes);
        let kinds = EVENTS.iter().map(|(code, key)| (*code, voice.say(key))).collect();
        let page = EventPage { banner, rail, doses: doses(record, &typed.dose, &voice), kinds, longest: LONGEST, today: format!("{year:04}-{month:02}-{day:02}"), fault: wrong.map(|(key, _)| voice.say(key)), focus: wrong.map_or("", |(_, field)| field), typed, frame };
        Some(show(if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
    })
    .await
}

/// The page that asks what happened.
pub async fn page(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    ask(reader, id, Typed { dose: query.get("dose").cloned().unwrap_or_default(), ..Typed::default() }, None).await
}

/// Writes it down.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let record = match reader.visitor.house.door.person(&reader.entry.caller, &id).await {
        Ok(record) => record,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    if !super::forms::may_write(reader.entry.caller.account.role) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let said = |name: &str| form.get(name).map_or("", |text| text.trim());
    let (dose, kind, words) = (said("dose"), said("kind"), said("words"));
    let typed = || Typed { dose: dose.to_owned(), kind: kind.to_owned(), words: words.to_owned(), day: said("day").to_owned(), is_serious: form.contains_key("serious") };
    // The dose is one of this very record.
    let Some(given) = record.resources.iter().find(|one| one.kind.name() == "Immunization" && one.id == dose) else {
        return ask(reader, id, typed(), Some(("event-fault-dose", "event-dose"))).await;
    };
    let code = EVENTS.iter().find(|(code, _)| *code == kind);
    if code.is_none() || words.chars().count() > LONGEST || (kind == "other" && words.is_empty()) {
        let field = if code.is_none() { "event-kind" } else { "event-words" };
        return ask(reader, id, typed(), Some(("event-fault-what", field))).await;
    }
    let (year, month, day) = reader.now().civil(reader.visitor.voice.zone_offset_minutes);
    let of_dose = fhir::Document::read(&given.text).ok().and_then(|document| clinical::date_of("Immunization", document.root()));
    let is_of_then = |date: &PartialDateTime| {
        // A dose without its day is no bound.
        let from = of_dose.filter(|dose| dose.precision >= Precision::Day).map(|dose| (dose.year, dose.month, dose.day));
        let on = (date.year, date.month, date.day);
        date.precision == Precision::Day && on <= (year, month, day) && from.is_none_or(|from| from <= on)
    };
    let Some(date) = PartialDateTime::parse(said("day")).filter(is_of_then) else {
        return ask(reader, id, typed(), Some(("event-fault-day", "event-day"))).await;
    };
    let named = code.map_or_else(String::new, |(_, key)| reader.visitor.voice.say(key));
    let text = event(&record.patient.id, dose, (kind, &named), words, &format!("{:04}-{:02}-{:02}", date.year, date.month, date.day), form.contains_key("serious"));
    let Some(adverse) = ResourceType::named("AdverseEvent") else { return fault::show(&reader.visitor, Fault::Failed) };
    match reader.visitor.house.door.gate().create(&reader.entry.caller, adverse, text.as_bytes(), None).await {
        Ok(_) => Redirect::to(&format!("/person/{id}/vaccinations")).into_response(),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// The resource. <https://hl7.org/fhir/R4/adverseevent.html>
fn event(patient: &str, dose: &str, (kind, named): (&str, &str), words: &str, day: &str, is_serious: bool) -> String {
    let mut out = String::from(r#"{"resourceType":"AdverseEvent","actuality":"actual","event":{"coding":[{"system":""#);
    out.push_str(EVENT_CODES);
    out.push_str(&format!(r#"","code":"{kind}","display":"#));
    fhir::splice::write_string(named, &mut out);
    out.push_str("}]");
    if !words.is_empty() {
        out.push_str(",\"text\":");
        fhir::splice::write_string(words, &mut out);
    }
    let gravity = if is_serious { "serious" } else { "non-serious" };
    out.push_str(&format!(
        r#"}},"subject":{{"reference":"Patient/{patient}"}},"date":"{day}","seriousness":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"{gravity}"}}]}},"suspectEntity":[{{"instance":{{"reference":"Immunization/{dose}"}}}}]}}"#
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_cannot_break_out_of_its_place() {
        let text = event("p", "d", ("other", "Something else"), "a \"quoted\" word\n\\", "2026-03-01", true);
        let document = fhir::Document::read(&text).unwrap();
        assert_eq!(document.root().path(&["event"]).unwrap().string("text").as_deref(), Some("a \"quoted\" word\n\\"));
        assert!(text.contains("\"code\":\"serious\""));
    }
}
