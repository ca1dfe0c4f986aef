//! Who comes to a record from home: the person's own account, and those who act for the person.
//!
//! A health station gives the account and entrusts the record to others; the person, and whoever
//! acts, sees all that and can end it.

use std::collections::HashMap;

use access::{AccountAct, ProxyKind, Role, may_keep};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Contact, Error, Letter, NewPerson, NewProxy, PersonAccount, ProxyState};
use fhir::date::Precision;
use fhir::{Issue, Moment, PartialDateTime, ResourceType, is_id};

use super::fault::{self, Fault};
use super::person::with_record;
use crate::banner::{self, Allergies, Banner};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::{self, RailLink};
use crate::record::{Record, clinical, concept};
use crate::session::Once;
use crate::voice::Voice;
use crate::words::Language;

#[derive(Template)]
#[template(path = "trust.html")]
struct TrustPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    said: Said,
    account: Option<AccountView>,
    can_send: bool,
    addresses: Vec<String>,
    documents: Vec<(String, String)>,
    proxies: Vec<ProxyRow>,
    kinds: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "slip.html")]
struct SlipPage {
    frame: Frame,
    patient: String,
    code: Option<String>,
    sent_to: Option<String>,
    until: String,
    site: String,
}

/// What the page says about the act before.
#[derive(Clone, Default)]
struct Said {
    news: Option<String>,
    code: Option<String>,
    fault: Option<String>,
}

/// The account as a health station sees it.
struct AccountView {
    login: String,
    state: String,
    is_open: bool,
    acts: Vec<(&'static str, String)>,
}

/// Somebody who acts, or acted.
struct ProxyRow {
    id: String,
    name: String,
    kind: String,
    agreed: bool,
    span: String,
    seen: String,
    state: String,
    holds: bool,
    may_end: bool,
}

/// What a station can do with the account, with the word on its button.
const ACTS: [(AccountAct, &str); 4] = [
    (AccountAct::GiveCode, "accounts-code"),
    (AccountAct::EndSessions, "accounts-end"),
    (AccountAct::Block, "accounts-block"),
    (AccountAct::Unblock, "accounts-unblock"),
];

/// Documents offered as evidence.
const DOCUMENTS: usize = 20;

/// The page.
pub async fn page(reader: Reader, Path(id): Path<String>) -> Response {
    answer(reader, id, StatusCode::OK, Said::default()).await
}

/// One act.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    match form.get("act").map_or("", String::as_str) {
        "invite" => invite(reader, id, form).await,
        "entrust" => entrust(reader, id, form).await,
        "end-trust" => {
            let proxy = form.get("proxy").cloned().unwrap_or_default();
            let gate = reader.visitor.house.door.gate();
            let done = gate.end_trust(&reader.entry.caller, &id, &proxy).await;
            match done {
                // Whoever has just given up what let them read the record has nothing to look at there.
                Ok(()) if reader.entry.caller.account.role == Role::Person && !is_own(&reader, &id) => Redirect::to("/").into_response(),
                Ok(()) => {
                    let news = Some(reader.visitor.voice.say("trust-ended"));
                    answer(reader, id, StatusCode::OK, Said { news, ..Said::default() }).await
                }
                Err(error) => fault::of_error(&reader.visitor, &error),
            }
        }
        word => match AccountAct::named(word).filter(|act| ACTS.iter().any(|(one, _)| one == act)) {
            Some(act) => account_act(reader, id, act).await,
            None => fault::show(&reader.visitor, Fault::NotFound),
        },
    }
}

fn is_own(reader: &Reader, id: &str) -> bool {
    reader.visitor.house.door.gate().own_patient(&reader.entry.caller.account).is_ok_and(|own| own.as_deref() == Some(id))
}

/// A code for the person's account: on a slip, or sent.
async fn invite(reader: Reader, id: String, form: HashMap<String, String>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str).trim().to_owned();
    let voice = reader.visitor.voice;
    let (evidence, typed) = (field("evidence"), field("address"));
    let language = Language::of_code(&field("language")).unwrap_or(voice.language);
    let post = reader.visitor.house.settings.post.clone();
    let contact = Contact::typed(&typed);
    if !typed.is_empty() && (contact.is_none() || post.is_none()) {
        let fault = Some(voice.say("invite-address-wrong"));
        return answer(reader, id, StatusCode::UNPROCESSABLE_ENTITY, Said { fault, ..Said::default() }).await;
    }
    let display = match reader.visitor.house.door.gate().read(&reader.entry.caller, ResourceType::PATIENT, &id).await {
        Ok(stored) => banner::name_of(&stored, &voice),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let (by, patient, to) = (reader.entry.caller.clone(), id.clone(), contact.clone());
    let made = reader.visitor.at_the_gate(move |gate| {
        let new = NewPerson { patient: &patient, display: &display, language: language.code(), evidence: &evidence, contact: to.as_ref() };
        match gate.invite(&by, &new) {
            Ok(invitation) => Ok(Ok(invitation)),
            Err(Error::Refused(_)) => Ok(Err("invite-evidence-wrong")),
            Err(Error::Conflict(_)) => Ok(Err("invite-there")),
            Err(error) => Err(error),
        }
    });
    let invitation = match made.await {
        Ok(Ok(invitation)) => invitation,
        Ok(Err(key)) => {
            let fault = Some(voice.say(key));
            return answer(reader, id, StatusCode::UNPROCESSABLE_ENTITY, Said { fault, ..Said::default() }).await;
        }
        Err(response) => return response,
    };
    let mut slip = Once::Slip { patient: id.clone(), code: Some(invitation.code.clone()), sent_to: None, until: invitation.until };
    if let (Some(to), Some(post)) = (contact, post) {
        let theirs = Voice { language, ..voice };
        let until = theirs.moment(invitation.until);
        let text = theirs.with("letter-invite", &[("code", &invitation.code), ("site", &reader.visitor.site()), ("until", &until)]);
        let (hint, letter) = (to.hint(), Letter { to, subject: theirs.say("letter-subject"), text });
        match tokio::task::spawn_blocking(move || post.send(&letter)).await {
            Ok(Ok(())) => slip = Once::Slip { patient: id.clone(), code: None, sent_to: Some(hint), until: invitation.until },
            // The code is good all the same: it is printed instead.
            Ok(Err(error)) => tracing::error!(%error, "a code for an account was not sent"),
            Err(_) => tracing::error!("a code for an account was not sent"),
        }
    }
    reader.visitor.house.sessions.keep_once(&reader.session, Some(slip));
    Redirect::to(&format!("/person/{id}/trust/slip")).into_response()
}

/// The slip, until it was handed over.
pub async fn slip(reader: Reader, Path(id): Path<String>) -> Response {
    match &reader.entry.once {
        Some(Once::Slip { patient, code, sent_to, until }) if *patient == id => show(StatusCode::OK, &SlipPage {
            frame: reader.frame(),
            patient: id,
            code: code.clone(),
            sent_to: sent_to.clone(),
            until: reader.visitor.voice.moment(*until),
            site: reader.visitor.site(),
        }),
        _ => fault::show(&reader.visitor, Fault::NotFound),
    }
}

/// It was handed over, and is shown no more.
pub async fn slip_done(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) || !is_id(&id) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    reader.visitor.house.sessions.keep_once(&reader.session, None);
    Redirect::to(&format!("/person/{id}/trust")).into_response()
}

async fn account_act(reader: Reader, id: String, act: AccountAct) -> Response {
    let (by, patient) = (reader.entry.caller.clone(), id.clone());
    let done = reader.visitor.at_the_gate(move |gate| {
        let login = gate.person_account(&by, &patient)?.ok_or(Error::NotFound)?.account.login;
        let by = &by.account;
        let code = match act {
            AccountAct::GiveCode => Some(gate.give_code(by, &login)?),
            AccountAct::EndSessions => gate.end_sessions(by, &login).map(|_| None)?,
            AccountAct::Block => gate.block_account(by, &login).map(|_| None)?,
            _ => gate.unblock_account(by, &login).map(|_| None)?,
        };
        Ok((login, code))
    });
    let voice = reader.visitor.voice;
    match done.await {
        Ok((login, code)) => {
            let news = voice.with(if code.is_some() { "accounts-code-given" } else { "accounts-done" }, &[("login", &login)]);
            answer(reader, id, StatusCode::OK, Said { news: Some(news), code, fault: None }).await
        }
        Err(response) => response,
    }
}

async fn entrust(reader: Reader, id: String, form: HashMap<String, String>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str).trim().to_owned();
    let voice = reader.visitor.voice;
    let until = field("until");
    let last_day = PartialDateTime::parse(&until).filter(|date| date.precision == Precision::Day).map(|date| date.range(voice.zone_offset_minutes).1);
    let kind = ProxyKind::named(&field("kind"));
    let (Some(kind), true) = (kind, until.is_empty() || last_day.is_some()) else {
        let fault = Some(voice.say("trust-fields"));
        return answer(reader, id, StatusCode::UNPROCESSABLE_ENTITY, Said { fault, ..Said::default() }).await;
    };
    let document = Some(field("document")).filter(|document| !document.is_empty());
    let new = NewProxy { login: field("login"), kind, agreed: field("agreed") == "yes", until: last_day, evidence: field("evidence"), document };
    match reader.visitor.house.door.gate().entrust(&reader.entry.caller, &id, &new).await {
        Ok(()) => {
            let news = Some(voice.say("trust-given"));
            answer(reader, id, StatusCode::OK, Said { news, ..Said::default() }).await
        }
        Err(Error::Refused(issues)) => {
            let fault = Some(voice.say(refusal_key(&issues)));
            answer(reader, id, StatusCode::UNPROCESSABLE_ENTITY, Said { fault, ..Said::default() }).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn refusal_key(issues: &[Issue]) -> &'static str {
    match issues.first().map_or("", |issue| issue.rule.as_str()) {
        "proxy-login" => "trust-login",
        "proxy-self" => "trust-self",
        "proxy-evidence" => "trust-evidence",
        "proxy-document" => "trust-document-wrong",
        "proxy-over" => "trust-over",
        "proxy-twice" => "trust-twice",
        "proxy-many" => "trust-many",
        _ => "trust-fields",
    }
}

async fn answer(reader: Reader, id: String, status: StatusCode, said: Said) -> Response {
    let by = reader.entry.caller.account.clone();
    if by.role != Role::Person && !by.role.receives_persons() {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let gate = reader.visitor.house.door.gate();
    let found = gate.proxies_of(&reader.entry.caller, &id).and_then(|proxies| Ok((proxies, gate.person_account(&reader.entry.caller, &id)?)));
    let (proxies, account) = match found {
        Ok(found) => found,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let is_station = by.role.receives_persons();
    let account = account.filter(|_| is_station).map(|state| account_view(&state, &by, &voice));
    let proxies: Vec<ProxyRow> = proxies.into_iter().map(|state| proxy_row(state, is_station || by.role == Role::Person, &voice)).collect();
    let can_send = reader.visitor.house.settings.post.is_some();
    with_record(reader, id, move |record, frame, now| {
        let today = now.civil(frame.voice.zone_offset_minutes);
        let (banner, rail) = (Banner::of(record, &frame.voice, today), rail::rail(record, &frame.voice, today, None));
        let kinds = ProxyKind::ALL.iter().map(|(kind, word, _)| (*word, frame.voice.say(kind_key(*kind)))).collect();
        Some(show(status, &TrustPage { banner, rail, said, account, can_send, addresses: addresses(record), documents: documents(record, &frame.voice), proxies, kinds, frame }))
    })
    .await
}

fn account_view(state: &PersonAccount, by: &access::Account, voice: &Voice) -> AccountView {
    let fits = |act: AccountAct| match act {
        AccountAct::Block => !state.blocked,
        AccountAct::Unblock => state.blocked,
        _ => true,
    };
    let acts = ACTS.iter().filter(|(act, _)| may_keep(by, *act, &state.account) && fits(*act));
    AccountView {
        login: state.account.login.clone(),
        state: voice.say(if state.blocked { "accounts-blocked" } else { "accounts-open" }),
        is_open: !state.blocked,
        acts: acts.map(|(act, word)| (act.word(), voice.say(word))).collect(),
    }
}

/// The word for what somebody is who acts for a person.
pub fn kind_key(kind: ProxyKind) -> &'static str {
    match kind {
        ProxyKind::Parent => "proxy-parent",
        ProxyKind::Guardian => "proxy-guardian",
        ProxyKind::Carer => "proxy-carer",
    }
}

fn proxy_row(state: ProxyState, may_end: bool, voice: &Voice) -> ProxyRow {
    let until = |end: Option<Moment>| end.map_or_else(|| voice.say("proxy-no-end"), |end| voice.moment(end));
    let seen = match &state.document {
        Some(document) => format!("{} · DocumentReference/{document}", state.evidence),
        None => state.evidence.clone(),
    };
    let shown = match &state.ended {
        Some((at, by)) => voice.with("proxy-ended", &[("date", &voice.moment(*at)), ("by", by)]),
        None if state.holds => voice.say("proxy-holds"),
        None => voice.say("proxy-over"),
    };
    ProxyRow {
        id: state.id,
        name: state.display,
        kind: voice.say(kind_key(state.proxy.kind)),
        agreed: state.proxy.agreed,
        span: format!("{} – {}", voice.moment(state.proxy.from), until(state.ends)),
        seen: format!("{seen} · {}", state.seen_by),
        state: shown,
        may_end: may_end && state.holds,
        holds: state.holds,
    }
}

/// Addresses that stand in the record, to choose from.
fn addresses(record: &Record<'_>) -> Vec<String> {
    let telecom = record.patient.root().get("telecom");
    let all = telecom.into_iter().flat_map(|all| all.each()).filter(|one| one.string("use").as_deref() != Some("old"));
    all.filter_map(|one| concept::said(one, "value")).filter(|text| Contact::typed(text).is_some()).collect()
}

/// Documents that stand in the record, the newest first, to name as evidence.
fn documents(record: &Record<'_>, voice: &Voice) -> Vec<(String, String)> {
    let mut all: Vec<_> = record.valid("DocumentReference").map(|item| (record.when(item, voice), item)).collect();
    all.sort_by_key(|(when, item)| (std::cmp::Reverse(when.map_or(i64::MIN, |when| when.at)), item.stored.id.as_str()));
    let named = |item: &crate::record::Item<'_>| clinical::title(record, item.root()).unwrap_or_else(|| voice.say("kind-note"));
    all.into_iter().take(DOCUMENTS).map(|(when, item)| (item.stored.id.clone(), format!("{} {}", when.map_or_else(String::new, |when| voice.date(&when.date)), named(item)).trim().to_owned())).collect()
}
