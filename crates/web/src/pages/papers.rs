//! Papers of a signed document: making a certified copy, printing it, taking one in that is used once.
//!
//! * Looking makes nothing: a certificate has its paper since it was signed, and one that has none says so.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form as Fields, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, Filled, Paper, PaperKind, Unsure, shown_code};
use forms::{Given, Item};

use super::fault::{self, Fault};
use super::forms::{AddendumView, addendum, filled, may_write, sides, targets};
use super::person::with_record;
use crate::banner::{Allergies, Banner, Head};
use crate::form::{self, Reading};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::picture;
use crate::rail::RailLink;
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "papers.html")]
struct PapersPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    title: String,
    /// The document is signed and in force: papers can be made.
    is_open: bool,
    /// Something of it is left out of a short copy.
    has_short: bool,
    /// It can be used once, and stands so.
    once: Option<Once>,
    /// It is a certificate of this house that has no paper yet.
    lacks_certificate: bool,
    news: Option<String>,
    fault: Option<String>,
    papers: Vec<PaperView>,
}

/// How a paper stands that can be used once.
struct Once {
    is_used: bool,
    is_expired: bool,
    /// Why it may have been used in another house, in words.
    doubt: Option<String>,
}

/// One paper in the list.
struct PaperView {
    number: usize,
    kind: String,
    version: u32,
    when: String,
    asked_by: String,
    given_by: String,
    code: String,
}

#[derive(Template)]
#[template(path = "paper.html")]
struct PaperPage {
    frame: Frame,
    /// What the record says of them stands on no paper.
    banner: Banner,
    /// Whom it is about, as they were registered when it was signed.
    head: Head,
    /// The register says something else today.
    has_changed: bool,
    response: String,
    title: String,
    /// Why it does not say what holds today; none where it does.
    state: Option<String>,
    kind: String,
    number: usize,
    version: u32,
    is_copy: bool,
    institution: String,
    when: String,
    asked_by: String,
    given_by: String,
    code: String,
    address: String,
    picture: String,
    /// Who signed it, and when.
    signatures: Vec<(String, String)>,
    parts: Vec<Reading>,
    /// What is said of additions; empty on a certificate.
    added_note: String,
    addenda: Vec<AddendumView>,
    /// Of the bytes it was made of; empty for a paper made before that was kept.
    digest: String,
}

/// The message of what a paper is.
pub fn kind_key(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Certificate => "paper-certificate",
        PaperKind::Copy => "paper-copy",
        PaperKind::Short => "paper-short",
    }
}

/// What was answered without what is nobody else's business.
pub fn without_withheld(items: &[Item], given: &[Given]) -> Vec<Given> {
    let known = given.iter().filter_map(|one| items.iter().find(|item| item.link_id == one.link_id).map(|item| (item, one)));
    known
        .filter(|(item, _)| !item.is_withheld)
        .map(|(item, one)| {
            let mut kept = one.clone();
            kept.items = without_withheld(&item.items, &one.items);
            for answer in &mut kept.answers {
                answer.items = without_withheld(&item.items, &answer.items);
            }
            kept
        })
        .collect()
}

fn withholds(items: &[Item]) -> bool {
    items.iter().any(|item| item.is_withheld || withholds(&item.items))
}

/// The papers of a document.
pub async fn page(reader: Reader, Path((id, response)): Path<(String, String)>) -> Response {
    match filled(&reader, &id, &response).await {
        Ok(filled) => listed(reader, id, filled, StatusCode::OK, None, None).await,
        Err(response) => response,
    }
}

async fn listed(reader: Reader, id: String, filled: Filled, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let gate = reader.visitor.house.door.gate().clone();
    let caller = reader.entry.caller.clone();
    let may_write = may_write(caller.account.role);
    let open = matches!(filled.status.as_str(), "completed" | "amended");
    let found = match (gate.papers_of(&caller, &filled).await, gate.signatures(&caller, &filled.stored).await, gate.is_used(&filled.stored.id), gate.use_doubt(&caller, &filled)) {
        (Ok(papers), Ok(signed), Ok(is_used), Ok(doubt)) => (papers, signed, is_used, doubt),
        (Err(error), ..) | (_, Err(error), ..) | (_, _, Err(error), _) | (.., Err(error)) => return fault::of_error(&reader.visitor, &error),
    };
    let (papers, signed, is_used, doubt) = found;
    let of_this: Vec<_> = signed.iter().filter(|one| one.here == Some(filled.stored.version)).collect();
    let (is_signed, is_own) = (!of_this.is_empty(), of_this.iter().any(|one| one.elsewhere.is_none()));
    let has_certificate = papers.iter().any(|paper| paper.kind == PaperKind::Certificate && paper.version == filled.stored.version);
    let is_once = filled.form.certificate.as_ref().is_some_and(|certificate| certificate.rule("uses") == Some("once"));
    let doubt = doubt.map(|doubt| match doubt {
        Unsure::SignedElsewhere => reader.visitor.voice.say("paper-once-elsewhere"),
        Unsure::HandedOver(at) => reader.visitor.voice.with("paper-once-left", &[("time", &reader.visitor.voice.moment(at))]),
    });
    let once = (is_once && is_signed && open).then(|| Once { is_used, is_expired: gate.is_expired(&filled), doubt });
    with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let page = PapersPage {
            title: filled.form.title.told(voice.code()).to_owned(),
            is_open: may_write && open && is_signed && !filled.lacks_form,
            lacks_certificate: may_write && open && is_own && filled.form.certificate.is_some() && !has_certificate,
            has_short: withholds(&filled.form.items),
            once,
            news,
            fault,
            papers: papers.iter().map(|paper| view(paper, &voice)).collect(),
            response: filled.stored.id.clone(),
            frame,
            banner,
            rail,
        };
        Some(show(status, &page))
    })
    .await
}

fn view(paper: &Paper, voice: &Voice) -> PaperView {
    PaperView { number: paper.number, kind: voice.say(kind_key(paper.kind)), version: paper.version, when: voice.moment(paper.at), asked_by: paper.asked_by.clone(), given_by: paper.given_by.clone(), code: shown_code(&paper.code) }
}

/// Makes a copy, or takes in a paper that is used once.
pub async fn act(reader: Reader, Path((id, response)): Path<(String, String)>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_write(reader.entry.caller.account.role) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let filled = match filled(&reader, &id, &response).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let gate = reader.visitor.house.door.gate().clone();
    let caller = reader.entry.caller.clone();
    let voice = reader.visitor.voice;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if field("act") == "use" {
        return match gate.use_paper(&caller, &filled, field("asked") == "yes").await {
            Ok(true) => listed(reader, id, filled, StatusCode::OK, Some(voice.say("paper-used-now")), None).await,
            Ok(false) => listed(reader, id, filled, StatusCode::CONFLICT, None, Some(voice.say("paper-used-before"))).await,
            Err(Error::Refused(issues)) => {
                let is = |rule: &str| issues.iter().any(|issue| issue.rule == rule);
                let key = match () {
                    () if filled.status == "entered-in-error" => "paper-annulled",
                    () if is("expired") => "paper-expired-use",
                    () if is("elsewhere") => "paper-once-ask",
                    () => "paper-refused",
                };
                listed(reader, id, filled, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(key))).await
            }
            Err(error) => fault::of_error(&reader.visitor, &error),
        };
    }
    if field("act") == "certificate" {
        return match gate.certificate_of(&caller, &filled).await {
            Ok(Some(paper)) => Redirect::to(&format!("/person/{id}/forms/{response}/papers/{}", paper.number)).into_response(),
            Ok(None) => {
                let key = if filled.status == "entered-in-error" { "paper-annulled" } else { "paper-refused" };
                listed(reader, id, filled, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(key))).await
            }
            Err(error) => fault::of_error(&reader.visitor, &error),
        };
    }
    let Some(kind) = PaperKind::named(field("act")).filter(|kind| *kind != PaperKind::Certificate) else { return fault::show(&reader.visitor, Fault::NotFound) };
    match gate.copy_on_paper(&caller, &filled, kind, field("asked")).await {
        Ok(paper) => Redirect::to(&format!("/person/{id}/forms/{response}/papers/{}", paper.number)).into_response(),
        Err(Error::Refused(issues)) => {
            let key = if issues.iter().any(|issue| issue.rule == "annulled") { "paper-annulled" } else { "paper-refused" };
            listed(reader, id, filled, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(key))).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// A paper of a document, by its number, with the version it is of.
pub(super) async fn found(reader: &Reader, id: &str, response: &str, number: &str) -> Result<(Paper, Filled), Response> {
    let gate = reader.visitor.house.door.gate();
    let caller = &reader.entry.caller;
    let now = filled(reader, id, response).await?;
    let refused = |error: &Error| fault::of_error(&reader.visitor, error);
    let papers = gate.papers_of(caller, &now).await.map_err(|error| refused(&error))?;
    let Some(paper) = papers.into_iter().find(|paper| paper.number.to_string() == number) else { return Err(fault::show(&reader.visitor, Fault::NotFound)) };
    let filled = gate.filled_version(caller, id, response, paper.version).await.map_err(|error| refused(&error))?;
    Ok((paper, filled))
}

/// A paper, to be printed.
pub async fn print(reader: Reader, Path((id, response, number)): Path<(String, String, String)>) -> Response {
    let (paper, filled) = match found(&reader, &id, &response, &number).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let signatures = match super::signing::views(&reader, &filled).await {
        Ok(signatures) => signatures,
        Err(response) => return response,
    };
    let gate = reader.visitor.house.door.gate();
    let (with, then) = match (gate.made_with(&reader.entry.caller, &paper, &filled).await, gate.person_then(&reader.entry.caller, &filled).await) {
        (Ok(with), Ok(then)) => (with, then),
        (Err(error), _) | (_, Err(error)) => return fault::of_error(&reader.visitor, &error),
    };
    let mut added = Vec::with_capacity(with.len());
    for one in with {
        match super::signing::views(&reader, &one).await {
            Ok(signatures) => added.push((one, signatures)),
            Err(response) => return response,
        }
    }
    let address = format!("{}/verify/{}", reader.visitor.site(), paper.code);
    with_record(reader, id, move |record, frame, now| {
        let (banner, _) = sides(record, &frame, now);
        let voice = frame.voice;
        let (_, names) = targets(record, &voice);
        let shown = if paper.kind == PaperKind::Short { without_withheld(&filled.form.items, &filled.filling.items) } else { filled.filling.items.clone() };
        let today = Head::of(record.patient.root(), &voice);
        let head = then.and_then(|then| Head::of_stored(&then, &voice)).unwrap_or_else(|| today.clone());
        let page = PaperPage {
            has_changed: head != today,
            head,
            added_note: crate::press::added_note(&paper, &voice),
            addenda: added.iter().map(|(one, signatures)| addendum(one, signatures, &voice, &names)).collect(),
            digest: paper.made_of.as_ref().map_or_else(String::new, |made_of| made_of.digest.clone()),
            title: filled.form.title.told(voice.code()).to_owned(),
            state: match record.find(filled.stored.kind, &filled.stored.id) {
                _ if crate::press::is_annulled_now(record, &filled) => Some(voice.say("sign-out-of-force")),
                Some(newest) if newest.stored.version > filled.stored.version => Some(voice.say("verify-replaced")),
                _ => None,
            },
            kind: voice.say(kind_key(paper.kind)),
            number: paper.number,
            version: paper.version,
            is_copy: paper.kind != PaperKind::Certificate,
            institution: paper.institution.clone(),
            when: voice.moment(paper.at),
            asked_by: paper.asked_by.clone(),
            given_by: paper.given_by.clone(),
            code: shown_code(&paper.code),
            picture: picture::qr(&address, &voice.say("paper-picture")),
            address,
            signatures: signatures.iter().filter(|one| one.is_of(&filled) && one.is_good).map(|one| (one.who.clone(), one.when.clone())).collect(),
            parts: form::readings(&filled.form.items, &shown, &voice, &names, 3),
            response: filled.stored.id.clone(),
            frame,
            banner,
        };
        Some(show(StatusCode::OK, &page))
    })
    .await
}
