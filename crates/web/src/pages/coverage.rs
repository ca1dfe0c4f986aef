//! The page of coverage and unit: two lines of time, and for the desk what begins, ends and moves.

use std::collections::HashMap;

use access::may_assign;
use askama::Template;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use country::IdentifierKind;
use chart::{COVERAGE_KINDS, Error, NewCoverage, Transfer};
use fhir::{Document, Moment, is_id};

use super::fault::{self, Fault};
use super::person::{around, with_record};
use crate::banner::{Allergies, Banner};
use crate::coverage::{Choice, CoveragePage, Line, Standing, coverage_kind_key, coverage_page};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::{RailLink, Section};
use crate::voice::Voice;

/// Organisations found at most.
const MOST: usize = 50;
/// The longest reason.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoverageTemplate {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: CoveragePage,
    /// What somebody at the desk needs; none for whoever only reads.
    desk: Option<Desk>,
    fault: Option<String>,
}

struct Desk {
    asked: String,
    /// Nothing was found.
    found_none: bool,
    /// Units to choose from: id and name.
    units: Vec<(String, String)>,
    /// Who may pay: id and name, those that mostly treat behind the others.
    payors: Vec<(String, String)>,
    /// Some of these mostly treat.
    asks_payor: bool,
    kinds: Vec<(&'static str, String)>,
    schemes: Vec<(String, String)>,
    today: String,
    tomorrow: String,
    longest: usize,
    /// What was typed and refused.
    typed: Typed,
}

/// What was typed and refused, by the act it was for.
#[derive(Default)]
struct Typed {
    fields: Vec<(String, String)>,
    /// The field that is wrong, by its id; empty where it is none of these.
    focus: &'static str,
}

impl Typed {
    fn is_for(&self, act: &str) -> bool {
        self.fields.iter().any(|(name, value)| name == "act" && value == act)
    }

    /// What was typed into a field of an act, else what it begins with.
    fn said<'t>(&'t self, act: &str, name: &str, otherwise: &'t str) -> &'t str {
        if !self.is_for(act) {
            return otherwise;
        }
        self.fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str())
    }

    /// True where this was chosen in a list of an act.
    fn chose(&self, act: &str, name: &str, value: &str) -> bool {
        self.is_for(act) && self.fields.iter().any(|(own, chosen)| own == name && chosen == value)
    }
}

/// The page. The name of an organisation is nobody's secret, so it may stand in an address.
pub async fn page(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    let asked: String = query.get("organization").map_or("", String::as_str).trim().chars().take(200).collect();
    one(reader, id, asked, StatusCode::OK, None, Typed::default()).await
}

/// Who may pay: those that pay by their types, then the others, who are marked.
fn payors(choices: &[Choice], voice: &Voice) -> Vec<(String, String)> {
    let (asked, others): (Vec<&Choice>, Vec<&Choice>) = choices.iter().partition(|one| one.is_asked_whether_it_pays);
    let marked = asked.into_iter().map(|one| (one.id.clone(), voice.with("coverage-payor-treats", &[("name", &one.name)])));
    others.into_iter().map(|one| (one.id.clone(), one.name.clone())).chain(marked).collect()
}

async fn one(reader: Reader, id: String, asked: String, status: StatusCode, fault: Option<String>, typed: Typed) -> Response {
    let caller = &reader.entry.caller;
    let is_desk = may_assign(caller);
    let mut found = Vec::new();
    if is_desk && !asked.is_empty() {
        match reader.visitor.house.door.facilities(caller, &asked, MOST).await {
            Ok(all) => found = all.iter().filter_map(|one| Some(Choice::of(&one.id, Document::read(&one.text).ok()?.root()))).collect(),
            Err(Error::Malformed(_) | Error::TooCostly(_)) => {}
            Err(error) => return fault::of_error(&reader.visitor, &error),
        }
    }
    with_record(reader, id, move |record, frame, now| {
        let voice = frame.voice;
        let today = now.civil(voice.zone_offset_minutes);
        let page = coverage_page(record, &voice, today);
        let found_none = !asked.is_empty() && found.is_empty();
        let choices = if found.is_empty() { page.known.clone() } else { found };
        let tomorrow = Moment(now.0 + 86_400_000).civil(voice.zone_offset_minutes);
        let desk = is_desk.then(|| Desk {
            found_none,
            units: choices.iter().filter(|one| one.may_be_unit).map(|one| (one.id.clone(), one.name.clone())).collect(),
            payors: payors(&choices, &voice),
            asks_payor: choices.iter().any(|one| one.is_asked_whether_it_pays),
            asked,
            kinds: COVERAGE_KINDS.iter().filter_map(|(code, _)| Some((*code, voice.say(coverage_kind_key(code)?)))).collect(),
            schemes: country::all().iter().flat_map(|country| &country.identifiers).filter(|scheme| scheme.kind != IdentifierKind::National).map(|scheme| (scheme.key.clone(), scheme.label.clone())).collect(),
            today: format!("{:04}-{:02}-{:02}", today.0, today.1, today.2),
            tomorrow: format!("{:04}-{:02}-{:02}", tomorrow.0, tomorrow.1, tomorrow.2),
            longest: LONGEST,
            typed,
        });
        let (banner, rail) = around(record, &frame, now, Section::Coverage);
        Some(show(status, &CoverageTemplate { frame, banner, rail, page, desk, fault }))
    })
    .await
}

/// Something begins, ends or moves.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let fields: HashMap<String, String> = form.iter().cloned().collect();
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_assign(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let (gate, caller) = (reader.visitor.house.door.gate(), &reader.entry.caller);
    let said = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let until = Some(said("last")).filter(|day| !day.is_empty());
    let new = NewCoverage { payor: said("payor"), kind: said("kind"), scheme: said("scheme"), number: said("number"), from: said("from"), until, is_confirmed: said("payor-asked") == "yes" };
    let done = match said("act") {
        "begin" => gate.begin_coverage(caller, &id, &new).await.map(|_| ()),
        "end" => gate.end_coverage(caller, &id, said("coverage"), said("until")).await.map(|_| ()),
        "unit" => gate.assign_unit(caller, &id, said("unit"), said("reason")).await.map(|_| ()),
        "transfer" => {
            let ends: Vec<String> = form.iter().filter(|(name, _)| name == "ends").map(|(_, value)| value.clone()).collect();
            let begins = Some(new).filter(|new| !new.payor.is_empty());
            gate.transfer(caller, &id, &Transfer { unit: said("unit"), ends: &ends, until: said("until"), begins, reason: said("reason") }).await.map(|_| ())
        }
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    match done {
        Ok(()) => Redirect::to(&format!("/person/{id}/coverage")).into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_) | Error::VersionMismatch { .. })) => {
            let fault = refusal(&error, &reader.visitor.voice);
            // What was found stands to be chosen again.
            let asked: String = said("found").chars().take(200).collect();
            let typed = Typed { focus: wrong_field(said("act"), &error), fields: form };
            one(reader, id, asked, StatusCode::UNPROCESSABLE_ENTITY, Some(fault), typed).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// The id of the field that was refused; empty where an act has none of that name.
fn wrong_field(act: &str, error: &Error) -> &'static str {
    let place = error.issues().first().map_or("", |issue| issue.expression.as_str());
    match (act, place) {
        ("begin", "payor") => "payor",
        ("begin", "kind") => "kind",
        ("begin", "number") => "number",
        ("begin", "scheme") => "scheme",
        ("begin", "from") => "from",
        ("begin", "until") => "last",
        ("unit", "unit") => "unit",
        ("unit", "reason") => "unit-reason",
        ("transfer", "unit") => "transfer-unit",
        ("transfer", "until") => "transfer-until",
        ("transfer", "payor") => "transfer-payor",
        ("transfer", "kind") => "transfer-kind",
        ("transfer", "number") => "transfer-number",
        ("transfer", "scheme") => "transfer-scheme",
        ("transfer", "from") => "transfer-from",
        ("transfer", "reason") => "transfer-reason",
        _ => "",
    }
}

/// What has to be put right, by the place that was refused and the rule that it breaks.
fn refusal(error: &Error, voice: &Voice) -> String {
    let (place, rule) = error.issues().first().map_or(("", ""), |issue| (issue.expression.as_str(), issue.rule.as_str()));
    voice.say(match place {
        "payor" if rule == "payor-asked" => "coverage-fault-payor-asked",
        "payor" | "kind" => "coverage-fault-payor",
        "from" | "until" => match (rule, place) {
            ("no-day", "from") => "coverage-fault-no-first-day",
            ("no-day", _) => "coverage-fault-no-last-day",
            ("far-day", "from") => "coverage-fault-far-first-day",
            ("far-day", _) => "coverage-fault-far-last-day",
            ("before-birth", _) => "coverage-fault-before-birth",
            ("overlaps", _) => "coverage-fault-overlaps",
            ("ended-already", _) => "coverage-fault-ended-already",
            ("ends-before", _) => "coverage-fault-ends-before",
            _ => "coverage-fault-day",
        },
        "number" | "scheme" => "coverage-fault-number",
        "unit" if rule == "not-a-unit" => "coverage-fault-not-a-unit",
        "unit" => "coverage-fault-unit",
        "reason" => "same-say-why",
        _ => "coverage-fault",
    })
}
