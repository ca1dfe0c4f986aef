//! That a person died, and that this was said of the wrong one: two forms on the page of the address, which say who the
//! person is beside all that is known of them.

use std::collections::HashMap;

use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, NewDeath};

use super::address;
use super::fault::{self, Fault};
use crate::house::Reader;
use crate::record::Record;
use crate::voice::{Day, Voice};

/// The longest reason, in characters.
const LONGEST: usize = 500;

/// What was typed and refused.
#[derive(Clone, Default)]
pub(super) struct TypedDeath {
    is_taken_back: bool,
    day: String,
    time: String,
    is_undated: bool,
    reason: String,
    fault: String,
}

/// The two forms.
pub(super) struct DeathForm {
    /// The version of the Patient, so that two do not write over each other.
    pub version: u32,
    /// The Patient tells of a death: it can be put right or taken back.
    pub is_told: bool,
    /// The last day that can be chosen.
    pub today: String,
    /// The longest reason, in characters.
    pub longest: usize,
    /// Which form comes back as it was typed.
    pub is_recording: bool,
    pub is_taken_back: bool,
    pub day: String,
    pub time: String,
    pub is_undated: bool,
    /// From where the death is known, as it was typed.
    pub known_from: String,
    /// Why it is taken back, as it was typed.
    pub why: String,
    pub fault: Option<String>,
}

/// The forms about a person, with what was typed where it was refused.
pub(super) fn form(record: &Record<'_>, today: Day, typed: Option<TypedDeath>) -> DeathForm {
    let fault = typed.as_ref().map(|typed| typed.fault.clone());
    let typed = typed.unwrap_or_default();
    let (known_from, why) = if typed.is_taken_back { (String::new(), typed.reason) } else { (typed.reason, String::new()) };
    DeathForm {
        version: record.patient.stored.version,
        is_told: fhir::life::death(record.patient.root()).is_some(),
        today: format!("{:04}-{:02}-{:02}", today.0, today.1, today.2),
        longest: LONGEST,
        is_recording: fault.is_some() && !typed.is_taken_back,
        is_taken_back: typed.is_taken_back,
        day: typed.day,
        time: typed.time,
        is_undated: typed.is_undated,
        known_from,
        why,
        fault,
    }
}

/// A death is written down, put right or taken back.
pub(super) async fn act(reader: Reader, id: String, fields: &HashMap<String, String>) -> Response {
    let said = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let Ok(version) = said("version").parse::<u32>() else { return fault::show(&reader.visitor, Fault::NotFound) };
    let is_taken_back = match said("death") {
        "record" => false,
        "take-back" => true,
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    let new = NewDeath { day: said("day"), time: said("time"), is_undated: said("undated") == "1", known_from: said("reason") };
    let (gate, caller) = (reader.visitor.house.door.gate(), &reader.entry.caller);
    let done = match is_taken_back {
        true => gate.take_back_death(caller, &id, version, said("reason")).await,
        false => gate.record_death(caller, &id, version, &new).await,
    };
    match done {
        Ok(_) => Redirect::to(&format!("/person/{id}/address")).into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_) | Error::VersionMismatch { .. } | Error::Invalid(_))) => {
            let fault = refusal(&error, &reader.visitor.voice);
            let typed = TypedDeath { is_taken_back, day: new.day.to_owned(), time: new.time.to_owned(), is_undated: new.is_undated, reason: new.known_from.to_owned(), fault };
            address::one(reader, id, None, None, None, Some(typed)).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// What has to be put right, by the place that was refused.
fn refusal(error: &Error, voice: &Voice) -> String {
    voice.say(match error.issues().first().map_or("", |issue| issue.expression.as_str()) {
        "day" => "death-fault-day",
        "day-to-come" => "death-fault-to-come",
        "birth" => "death-fault-birth",
        "reason" => "same-say-why",
        _ if matches!(error, Error::Invalid(_)) => "life-fault-record",
        _ => "coverage-fault",
    })
}
