//! The page of where a person lives: what was written, for the desk the move and the mend, and that a person died.

use std::collections::HashMap;

use access::{may_assign, may_tell_of_death};
use askama::Template;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{ADDRESS_LONGEST, Error, NewAddress};
use country::Country;
use fhir::is_id;

use super::death::{self, DeathForm, TypedDeath};
use super::fault::{self, Fault};
use super::person::{around, with_record};
use crate::address::{Fields, Home, homes};
use crate::banner::{self, Allergies, Banner};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::{RailLink, Section};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "address.html")]
struct AddressTemplate {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    homes: Vec<Home>,
    /// What somebody at the desk needs; none for whoever only reads.
    desk: Option<Desk>,
    /// What somebody needs who may tell of a death; none for whoever may not.
    death: Option<DeathForm>,
}

struct Desk {
    /// The version of the Patient, so that two desks do not write over each other.
    version: u32,
    /// The code of the country that is chosen; empty for one that is none of these.
    country: String,
    /// Countries to choose from: code and name.
    countries: Vec<(String, String)>,
    /// Units of today of the first level: name, and kind in the reader's words.
    states: Vec<(String, String)>,
    /// Units of today that lie in one of those.
    districts: Vec<String>,
    today: String,
    longest: usize,
    /// The address that is put right; none for a move.
    mends: Option<usize>,
    fields: Fields,
    fault: Option<String>,
}

/// What was typed and refused.
pub(super) struct Typed {
    fields: Fields,
    mends: Option<usize>,
    fault: String,
}

/// The page. Which country's list is shown, and which address by number is put right, is nobody's secret.
pub async fn page(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    one(reader, id, query.get("country").cloned(), query.get("mend").and_then(|place| place.parse().ok()), None, None).await
}

pub(super) async fn one(reader: Reader, id: String, asked: Option<String>, mends: Option<usize>, typed: Option<Typed>, typed_death: Option<TypedDeath>) -> Response {
    let (is_desk, tells_of_death) = (may_assign(&reader.entry.caller), may_tell_of_death(&reader.entry.caller));
    let site = reader.visitor.house.door.gate().settings().country.clone();
    let status = if typed.is_some() || typed_death.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    with_record(reader, id, move |record, frame, now| {
        let voice = frame.voice;
        let today = now.civil(voice.zone_offset_minutes);
        let homes = homes(record, &voice, today);
        let mends = typed.as_ref().map_or(mends, |typed| typed.mends).filter(|place| homes.iter().any(|home| home.place == *place));
        let mended = mends.and_then(|place| homes.iter().find(|home| home.place == place)).map(|home| home.fields.clone());
        let begins = || Fields { from: format!("{:04}-{:02}-{:02}", today.0, today.1, today.2), ..Fields::default() };
        let desk = is_desk.then(|| {
            let (fields, fault) = match typed {
                Some(typed) => (typed.fields, Some(typed.fault)),
                None => (mended.unwrap_or_else(begins), None),
            };
            // Of a form that comes back, the country typed there; else the one asked for, the address's, the person's, the site's.
            let own = Some(fields.country.clone()).filter(|country| fault.is_some() || !country.is_empty());
            let country = asked.or(own).unwrap_or_else(|| banner::country_of(record.patient.root()).map_or(site, |country| country.code.clone()));
            let known = country::by_code(&country);
            Desk {
                version: record.patient.stored.version,
                countries: country::all().iter().map(|one| (one.code.clone(), name_of(one, &voice))).collect(),
                states: known.map_or_else(Vec::new, |one| states(one, &voice)),
                districts: known.map_or_else(Vec::new, |one| one.units.today().filter(|unit| unit.within.is_some()).map(|unit| unit.name.clone()).collect()),
                country,
                today: begins().from,
                longest: ADDRESS_LONGEST,
                mends,
                fields,
                fault,
            }
        });
        let death = tells_of_death.then(|| death::form(record, today, typed_death));
        let (banner, rail) = around(record, &frame, now, Section::Address);
        Some(show(status, &AddressTemplate { frame, banner, rail, homes, desk, death }))
    })
    .await
}

fn name_of(country: &Country, voice: &Voice) -> String {
    country.names.get(voice.code()).or_else(|| country.names.get("en")).cloned().unwrap_or_else(|| country.iso.clone())
}

fn states(country: &Country, voice: &Voice) -> Vec<(String, String)> {
    let kind = |key: &str| country.units.kinds.get(key).and_then(|names| names.get(voice.code())).cloned().unwrap_or_default();
    let mut all: Vec<(String, String)> = country.units.today().filter(|unit| unit.within.is_none()).map(|unit| (unit.name.clone(), kind(&unit.kind))).collect();
    all.sort();
    all
}

/// A person moves, an address is put right, or somebody tells of a death.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(fields): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let tells_of_death = fields.contains_key("death");
    let is_allowed = if tells_of_death { may_tell_of_death(&reader.entry.caller) } else { may_assign(&reader.entry.caller) };
    if !is_allowed {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    if tells_of_death {
        return death::act(reader, id, &fields).await;
    }
    let (gate, caller) = (reader.visitor.house.door.gate(), &reader.entry.caller);
    let said = |name: &str| fields.get(name).map_or("", |text| text.trim());
    // A country of the list, or the name of another one.
    let country = if said("country").is_empty() { said("elsewhere") } else { said("country") };
    let new = NewAddress { country, state: said("state"), as_typed: said("as-typed") == "1", district: said("district"), city: said("city"), line: said("line"), postal_code: said("postal"), from: said("from") };
    let place = said("place").parse::<usize>().ok();
    let done = match (said("act"), place, said("version").parse::<u32>()) {
        ("move", ..) => gate.move_home(caller, &id, &new).await,
        ("mend", Some(place), Ok(version)) => gate.correct_address(caller, &id, version, place, &new).await,
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    match done {
        Ok(_) => Redirect::to(&format!("/person/{id}/address")).into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_) | Error::VersionMismatch { .. } | Error::Invalid(_))) => {
            let text = |text: &str| text.to_owned();
            let kept = Fields { country: text(country), state: text(new.state), district: text(new.district), city: text(new.city), line: text(new.line), postal_code: text(new.postal_code), from: text(new.from), as_typed: new.as_typed };
            let typed = Typed { fields: kept, mends: place.filter(|_| said("act") == "mend"), fault: refusal(&error, new.state, country, &reader.visitor.voice) };
            one(reader, id, None, None, Some(typed), None).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// What has to be put right, by the place that was refused.
fn refusal(error: &Error, state: &str, country: &str, voice: &Voice) -> String {
    match error.issues().first().map_or("", |issue| issue.expression.as_str()) {
        "state-ended" => voice.with("address-fault-ended", &[("place", &became(state, country))]),
        "state-kept" => voice.say("address-fault-kept"),
        "state" => voice.say("address-fault-state"),
        "from-day" => voice.say("address-fault-no-day"),
        "from" => voice.say("address-fault-day"),
        "address" | "line" | "district" | "city" | "postalCode" | "country" => voice.say("address-fault-place"),
        _ if matches!(error, Error::Invalid(_)) => voice.say("life-fault-record"),
        _ => voice.say("coverage-fault"),
    }
}

/// What provinces of a name that ended are today.
fn became(state: &str, country: &str) -> String {
    let Some(country) = country::by_code(country) else { return String::new() };
    let mut names: Vec<&str> = chart::units::named(country, None, state).into_iter().flat_map(|unit| country.units.today_of(unit)).map(|unit| unit.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
