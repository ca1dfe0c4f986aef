//! What was unusual about the openings at an institution, for its privacy officer.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{Alarm, Error, Scope, Sighting, Sign};

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "unusual.html")]
struct UnusualPage {
    frame: Frame,
    news: Option<String>,
    fault: Option<String>,
    rows: Vec<Row>,
    signs: Vec<SignRow>,
}

/// One opening that should be asked about.
struct SignRow {
    id: String,
    when: String,
    who: String,
    login: String,
    role: String,
    why: String,
    patient: String,
    verdict: Option<(String, String)>,
}

/// One alarm.
struct Row {
    id: String,
    when: String,
    who: String,
    login: String,
    role: String,
    what: String,
    whose: String,
    is_refused: bool,
    verdict: Option<(String, String)>,
}

/// The page, with what was opened until now.
pub async fn page(reader: Reader) -> Response {
    if reader.entry.caller.account.role == Role::PrivacyOfficer
        && let Err(response) = reader.visitor.at_the_gate(|gate| gate.look_for_signs()).await
    {
        return response;
    }
    answer(&reader, StatusCode::OK, None, None)
}

/// A verdict, or more room for somebody today.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (by, voice) = (reader.entry.caller.account.clone(), reader.visitor.voice);
    match field("act").as_str() {
        "raise" => {
            let login = field("login");
            let holder = login.clone();
            match reader.visitor.at_the_gate(move |gate| gate.raise_budget(&by, &login)).await {
                Ok(_) => answer(&reader, StatusCode::OK, Some(voice.with("unusual-raised", &[("login", &holder)])), None),
                Err(response) => response,
            }
        }
        act @ ("judge" | "judge-sign") => {
            let (id, verdict, is_sign) = (field("alarm"), field("verdict"), act == "judge-sign");
            let judge = move |gate: &chart::Chart| if is_sign { gate.judge_sighting(&by, &id, &verdict) } else { gate.judge(&by, &id, &verdict) };
            let judged = reader.visitor.at_the_gate(move |gate| match judge(gate) {
                Ok(()) => Ok(true),
                Err(Error::Refused(_)) => Ok(false),
                Err(error) => Err(error),
            });
            match judged.await {
                Ok(true) => answer(&reader, StatusCode::OK, Some(voice.say("unusual-judged")), None),
                Ok(false) => answer(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("unusual-verdict-wrong"))),
                Err(response) => response,
            }
        }
        _ => fault::show(&reader.visitor, Fault::NotFound),
    }
}

fn answer(reader: &Reader, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let by = &reader.entry.caller.account;
    if by.role != Role::PrivacyOfficer {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let (gate, voice) = (reader.visitor.house.door.gate(), reader.visitor.voice);
    let rows = gate.alarms(by).and_then(|alarms| alarms.into_iter().map(|alarm| row(gate, alarm, &voice)).collect());
    let signs = gate.sightings(by).and_then(|found| found.into_iter().map(|sighting| sign_row(gate, sighting, &voice)).collect::<chart::Result<Vec<_>>>());
    match rows.and_then(|rows| Ok((rows, signs?))) {
        Ok((rows, signs)) => show(status, &UnusualPage { frame: reader.frame(), news, fault, rows, signs }),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn row(gate: &chart::Chart, alarm: Alarm, voice: &Voice) -> chart::Result<Row> {
    let account = gate.account_of(alarm.account)?;
    let what = voice.count(if alarm.listed { "unusual-listed" } else { "unusual-opened" }, alarm.persons);
    Ok(Row {
        when: voice.moment(alarm.at),
        who: account.as_ref().map_or_else(|| voice.say("opening-unknown"), |account| account.display.clone()),
        role: account.as_ref().map_or_else(String::new, |account| voice.role(account.role)),
        login: account.map_or_else(String::new, |account| account.login),
        whose: match alarm.scope {
            Scope::Account => String::new(),
            Scope::Role => voice.say("unusual-of-role"),
            Scope::Institution => voice.say("unusual-of-institution"),
        },
        what,
        is_refused: alarm.refused,
        verdict: alarm.verdict.map(|(text, by, at)| (text, format!("{by} · {}", voice.moment(at)))),
        id: alarm.id,
    })
}

fn sign_row(gate: &chart::Chart, sighting: Sighting, voice: &Voice) -> chart::Result<SignRow> {
    let account = gate.account_of(sighting.account)?;
    Ok(SignRow {
        when: voice.moment(sighting.at),
        who: account.as_ref().map_or_else(|| voice.say("opening-unknown"), |account| account.display.clone()),
        role: account.as_ref().map_or_else(String::new, |account| voice.role(account.role)),
        login: account.map_or_else(String::new, |account| account.login),
        why: voice.say(match sighting.sign {
            Sign::Own => "sign-own",
            Sign::SameAddress => "sign-address",
            Sign::SameContact => "sign-contact",
            Sign::Related => "sign-related",
            Sign::Namesake => "sign-namesake",
            Sign::Colleague => "sign-colleague",
            Sign::WellKnown => "sign-well-known",
            Sign::Night => "sign-night",
        }),
        verdict: sighting.verdict.map(|(text, by, at)| (text, format!("{by} · {}", voice.moment(at)))),
        patient: sighting.patient,
        id: sighting.id,
    })
}
