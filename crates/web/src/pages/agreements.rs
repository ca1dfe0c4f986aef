//! What takes two: a privacy officer agrees that a person is erased or the whole site taken elsewhere, or declines.

use std::collections::HashMap;

use access::{Role, may_agree};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{Agreement, Error, Matter};

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "agreements.html")]
struct AgreementsPage {
    frame: Frame,
    news: Option<String>,
    fault: Option<String>,
    rows: Vec<Row>,
}

/// One request.
struct Row {
    id: String,
    what: String,
    patient: Option<String>,
    asked: String,
    reason: String,
    until: String,
    /// Who agreed, and when.
    agreed: Option<String>,
    is_export: bool,
    may_answer: bool,
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    answer(&reader, StatusCode::OK, None, None)
}

/// Agrees, declines, or takes back what was agreed to.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let said = |name: &str| form.get(name).map_or("", String::as_str);
    let (by, gate, id) = (&reader.entry.caller.account, reader.visitor.house.door.gate(), said("request"));
    let (done, news) = match said("act") {
        "agree" => (gate.agree(by, id, false).await, "agreements-agreed"),
        "agree-standing" => (gate.agree(by, id, true).await, "agreements-agreed"),
        "decline" => (gate.decline(by, id, said("reason")), "agreements-declined"),
        "withdraw" => (gate.withdraw(by, id), "agreements-withdrawn"),
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    let voice = reader.visitor.voice;
    match done {
        Ok(()) => answer(&reader, StatusCode::OK, Some(voice.say(news)), None),
        Err(Error::Refused(_)) => answer(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("agreements-reason-wrong"))),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn answer(reader: &Reader, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let by = &reader.entry.caller.account;
    if by.role != Role::PrivacyOfficer {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let (gate, voice) = (reader.visitor.house.door.gate(), reader.visitor.voice);
    let rows = gate.agreements(by).and_then(|all| all.into_iter().map(|asked| Ok(Row { may_answer: may_agree(by, asked.by), ..row(gate, asked, &voice)? })).collect());
    match rows {
        Ok(rows) => show(status, &AgreementsPage { frame: reader.frame(), news, fault, rows }),
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn row(gate: &chart::Chart, asked: Agreement, voice: &Voice) -> chart::Result<Row> {
    let account = gate.account_of(asked.by)?;
    let who = account.map_or_else(|| voice.role(Role::Console), |account| [account.display, voice.role(account.role), account.institution].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "));
    let (what, patient) = match &asked.matter {
        Matter::Erasure { patient, .. } => ("agreements-erasure", Some(patient.clone())),
        Matter::Export | Matter::BulkExport { patients: false } => ("agreements-export", None),
        Matter::BulkExport { patients: true } => ("agreements-persons", None),
    };
    Ok(Row {
        what: voice.say(what),
        asked: format!("{who} · {}", voice.moment(asked.at)),
        until: voice.with("agreements-until", &[("time", &voice.moment(asked.until()))]),
        agreed: asked.agreed.as_ref().map(|agreed| format!("{} · {}", agreed.by, voice.moment(agreed.at))),
        is_export: patient.is_none(),
        may_answer: false,
        reason: if asked.reason.is_empty() { voice.say("agreements-no-reason") } else { asked.reason },
        patient,
        id: asked.id,
    })
}
