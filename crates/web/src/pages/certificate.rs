//! The vaccination card that a person carries: codes that anybody can check without asking this server.

use askama::Template;
use axum::extract::{Form as Fields, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{PersonRecord, Stored};
use fhir::{Document, Value, is_id};
use schedule::Day;
use schedule::record::{is_whole_dose, second_entries};
use std::collections::HashMap;
use std::sync::Arc;

use super::fault::{self, Fault};
use crate::banner::{Allergies, Banner};
use crate::frame::Frame;
use crate::house::{House, Reader, show};
use crate::picture;
use crate::rail::{self, RailLink, Section};
use crate::record::{Record, clinical};

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    cards: Vec<CardView>,
    left_out: Option<String>,
    /// What may be there twice, in words.
    seconds: Option<String>,
    /// Why there is no card, in words.
    without: String,
    issuer: String,
    /// The address is none that checking applications accept.
    is_trial: bool,
}

/// One code and what it says.
struct CardView {
    picture: String,
    doses: Vec<(String, String)>,
}

/// The page with the codes.
pub async fn page(reader: Reader, Path(id): Path<String>) -> Response {
    let (record, given, issuer) = match made(&reader, &id).await {
        Ok(made) => made,
        Err(response) => return response,
    };
    let frame = reader.frame();
    let today = reader.now().civil(frame.voice.zone_offset_minutes);
    let read = Record::new(&record).told_in(frame.voice.code(), reader.visitor.house.door.clone());
    let Counted { doses: all, seconds } = counted(&reader, &record);
    let said = |place: &usize| {
        let item = read.valid("Immunization").find(|item| item.stored.id == all[*place].id);
        let title = item.and_then(|item| clinical::title(&read, item.root())).unwrap_or_default();
        let day = item.and_then(|item| read.when(item, &frame.voice)).map_or_else(String::new, |when| frame.voice.date(&when.date));
        (day, title)
    };
    let label = frame.voice.say("certificate-picture");
    let cards = given.cards.iter().map(|card| CardView { picture: picture::digits("shc:/", &attest::numeric(&card.jws), &label), doses: card.doses.iter().map(said).collect() }).collect();
    let without = frame.voice.say(if given.lacks_person { "certificate-no-person" } else { "certificate-nothing" });
    let left_out = (given.left_out > 0).then(|| frame.voice.count("certificate-left-out", given.left_out));
    let seconds = (seconds > 0).then(|| frame.voice.count("certificate-second", seconds));
    let (banner, rail) = (Banner::of(&read, &frame.voice, today), rail::rail(&read, &frame.voice, today, Some(Section::Vaccinations)));
    let is_trial = !issuer.starts_with("https://");
    show(StatusCode::OK, &CertificatePage { frame, banner, rail, cards, left_out, seconds, without, issuer, is_trial })
}

/// The same as a file that applications take.
pub async fn file(reader: Reader, Path(id): Path<String>) -> Response {
    match made(&reader, &id).await {
        Ok((_, given, _)) => {
            let all: Vec<String> = given.cards.iter().map(|card| format!("\"{}\"", card.jws)).collect();
            let body = format!("{{\"verifiableCredential\":[{}]}}", all.join(","));
            let headers = [(header::CONTENT_TYPE, "application/smart-health-card"), (header::CONTENT_DISPOSITION, "attachment; filename=\"vaccinations.smart-health-card\"")];
            (StatusCode::OK, headers, body).into_response()
        }
        Err(response) => response,
    }
}

/// The keys with which cards are checked. They are nobody's secret.
pub async fn keys(State(house): State<Arc<House>>) -> Response {
    match signer(&house).jwks() {
        Ok(keys) => published(&keys),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The list of cards that were taken back under a key.
pub async fn revoked(State(house): State<Arc<House>>, Path(file): Path<String>) -> Response {
    let Some(kid) = file.strip_suffix(".json") else { return StatusCode::NOT_FOUND.into_response() };
    match signer(&house).revocation_list(kid) {
        Ok(Some(list)) => published(&list),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What any page of the web may read: checking applications run in browsers too.
/// <https://spec.smarthealth.cards/#determining-keys-associated-with-an-issuer>
fn published(json: &impl std::fmt::Display) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], json.to_string()).into_response()
}

/// The signer of cards of this house.
pub fn signer(house: &House) -> attest::Signer {
    attest::Signer::new(house.door.gate().drawer(ROOM))
}

/// Takes back every card of a person that was issued until now.
pub async fn take_back(reader: Reader, Path(id): Path<String>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    // Whoever may have the cards may take them back: the person, who acts for them, and who writes here.
    let record = match reader.visitor.house.door.person(&reader.entry.caller, &id).await {
        Ok(record) => record,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    if !(reader.entry.caller.account.role == access::Role::Person || super::forms::may_write(reader.entry.caller.account.role)) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    // Those of this very second too: the next ones come after it.
    match signer(&reader.visitor.house).revoke_cards(&record.patient.id, reader.now().0 / 1000 + 1) {
        Ok(()) => Redirect::to(&format!("/person/{id}/vaccinations")).into_response(),
        Err(error) => {
            tracing::error!(%error, "cards could not be taken back");
            fault::show(&reader.visitor, Fault::Failed)
        }
    }
}

const ROOM: &str = "attest";

fn immunizations(record: &PersonRecord) -> impl Iterator<Item = &Stored> {
    record.resources.iter().filter(|stored| stored.kind.name() == "Immunization")
}

/// What of a record stands on cards.
struct Counted<'r> {
    doses: Vec<&'r Stored>,
    /// How many more may be second entries of these.
    seconds: usize,
}

/// The doses that can count, each once: a card says nothing that a forecast would not take, and what may be the second entry
/// of a dose is left out until somebody writes its day.
fn counted<'r>(reader: &Reader, record: &'r PersonRecord) -> Counted<'r> {
    let zone = reader.visitor.voice.zone_offset_minutes;
    let (year, month, day) = reader.now().civil(zone);
    let today = Day::of(year, month, day);
    let patient = Document::read(&record.patient.text).ok();
    let birth = patient.as_ref().and_then(|patient| Day::parse(&patient.root().string("birthDate")?));
    let read = |stored: &'r Stored| Document::read(&stored.text).ok().map(|document| (stored, document));
    let whole: Vec<(&Stored, Document<'_>)> = immunizations(record).filter_map(read).filter(|(_, dose)| is_whole_dose(dose.root(), birth, today, zone)).collect();
    let roots: Vec<Value<'_>> = whole.iter().map(|(_, document)| document.root()).collect();
    let seconds = patient.as_ref().map_or_else(Vec::new, |patient| second_entries(patient.root(), &roots, today, zone));
    let doses = whole.iter().enumerate().filter(|(place, _)| !seconds.contains(place)).map(|(_, (stored, _))| *stored).collect();
    Counted { doses, seconds: seconds.len() }
}

async fn made(reader: &Reader, id: &str) -> Result<(PersonRecord, attest::Given, String), Response> {
    if !is_id(id) {
        return Err(fault::show(&reader.visitor, Fault::NotFound));
    }
    let door = &reader.visitor.house.door;
    let record = door.person(&reader.entry.caller, id).await.map_err(|error| fault::of_error(&reader.visitor, &error))?;
    let issuer = reader.visitor.site();
    let Counted { doses, seconds } = counted(reader, &record);
    let texts: Vec<&str> = doses.into_iter().map(|stored| stored.text.as_str()).collect();
    let not_counted = immunizations(&record).count() - texts.len() - seconds;
    let signer = signer(&reader.visitor.house);
    let given = attest::cards_of(&signer, &issuer, reader.now().0 / 1000, &record.patient.text, &texts);
    match given {
        Ok(mut given) => {
            given.left_out += not_counted;
            Ok((record, given, issuer))
        }
        Err(attest::Error::TooLong) => Err(fault::show(&reader.visitor, Fault::NotFound)),
        Err(_) => Err(fault::show(&reader.visitor, Fault::Failed)),
    }
}
