//! One's own account: where one is signed in, and the second factor.

use std::collections::HashMap;

use access::{AccountAct, Role};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Contact, Error, Letter, PasswordChange, Presented};
use fhir::Issue;

use super::fault::{self, Fault};
use super::new_password::fault_key;
use super::sign_in::wait_page;
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::session::{Entry, Stage};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    login: String,
    role: String,
    factor: String,
    may_add_factor: bool,
    has_factor: bool,
    /// How many passkeys; none where there can be none.
    passkeys: Option<usize>,
    contact: ContactView,
    /// The provider's name, and whether it lets this account in; none where there is none for this account.
    provider: Option<(String, bool)>,
    /// There is a key with which this account signs documents.
    has_key: bool,
    news: Option<String>,
    fault: Option<String>,
    rows: Vec<Row>,
}

/// One session.
struct Row {
    number: String,
    began: String,
    used: String,
    browser: String,
    is_this: bool,
}

/// Where codes can be sent.
struct ContactView {
    /// Codes can be sent here at all, and this is a person.
    is_offered: bool,
    /// The confirmed address, as far as it may be shown.
    known: Option<String>,
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    with_words(&reader, StatusCode::OK, None, None)
}

fn with_words(reader: &Reader, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let account = &reader.entry.caller.account;
    let gate = reader.visitor.house.door.gate();
    let left = match gate.recovery_codes_left(account.number) {
        Ok(left) => left,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let known = match gate.contact_of(account) {
        Ok(contact) => contact.map(|contact| contact.hint()),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let passkeys = match gate.passkeys(account.number) {
        Ok(passkeys) => gate.passkey_site().filter(|_| account.role != Role::Integration).map(|_| passkeys.len()),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let provider = reader.visitor.house.settings.provider.as_ref().filter(|_| account.role == Role::Person);
    let provider = match provider.map(|provider| Ok::<_, chart::Error>((provider.name().to_owned(), gate.is_linked(account.number)?))).transpose() {
        Ok(provider) => provider,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let has_key = match super::signing::desk(reader).has_key(account.number) {
        Ok(has_key) => has_key,
        Err(error) => return super::signing::failed(reader, &error),
    };
    let is_offered = account.role == Role::Person && reader.visitor.house.settings.post.is_some();
    let sessions = reader.visitor.house.sessions.of(account, reader.entry.era, reader.now());
    let this = reader.entry.caller.session.number;
    show(status, &AccountPage {
        frame: reader.frame(),
        login: account.login.clone(),
        role: voice.role(account.role),
        factor: left.map_or_else(|| voice.say("account-factor-off"), |left| voice.with("account-factor-on", &[("left", &left.to_string())])),
        may_add_factor: left.is_none() && account.role != Role::Integration,
        has_factor: left.is_some(),
        passkeys,
        contact: ContactView { is_offered, known },
        provider,
        has_key,
        news,
        fault,
        rows: sessions.iter().map(|entry| row(entry, this, &voice)).collect(),
    })
}

fn row(entry: &Entry, this: u64, voice: &Voice) -> Row {
    let number = entry.caller.session.number;
    Row {
        number: format!("{number:016x}"),
        began: voice.moment(entry.caller.session.began),
        used: voice.moment(entry.used),
        browser: entry.browser.name().map_or_else(|| voice.say("account-browser-other"), str::to_owned),
        is_this: number == this,
    }
}

/// The page with what came of something done elsewhere.
pub fn told(reader: &Reader, status: StatusCode, words: &str) -> Response {
    let words = Some(words.to_owned());
    if status.is_success() { with_words(reader, status, words, None) } else { with_words(reader, status, None, words) }
}

/// Another password for oneself.
pub async fn password(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (account, current, new, from) = (reader.entry.caller.account.clone(), field("current"), field("password"), reader.visitor.from);
    let done = reader.visitor.at_the_gate(move |gate| said(gate.change_own_password(&account, &current, &new, from))).await;
    changed(reader, done, "account-password-done")
}

/// The second factor off, for who gets another telephone.
pub async fn factor_off(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (account, current, code, from) = (reader.entry.caller.account.clone(), field("current"), field("code"), reader.visitor.from);
    let done = reader.visitor.at_the_gate(move |gate| said(gate.drop_own_factor(&account, &current, &code, from))).await;
    changed(reader, done, "account-factor-gone")
}

/// The certificate of the key with which this account signs documents is revoked.
pub async fn signing_key(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let (account, typed, from) = (reader.entry.caller.account.clone(), form.get("secret").cloned().unwrap_or_default(), reader.visitor.from);
    let (desk, now, voice) = (super::signing::desk(&reader), reader.now(), reader.visitor.voice);
    let done = reader.visitor.at_the_gate(move |gate| {
        let presented = gate.show_presence(&account, &typed, from)?;
        if !matches!(presented, Presented::Here(_)) {
            return Ok(Err(presented));
        }
        let revoked = desk.revoke(account.number, now).map_err(|_| Error::Conflict("the key changed at this moment; try again"))?;
        if revoked {
            gate.note_program(&account, AccountAct::RevokeKey, "")?;
        }
        Ok(Ok(revoked))
    });
    match done.await {
        Ok(Ok(true)) => with_words(&reader, StatusCode::OK, Some(voice.say("signing-key-revoked")), None),
        Ok(Ok(false)) => with_words(&reader, StatusCode::CONFLICT, None, Some(voice.say("signing-key-none"))),
        Ok(Err(Presented::Later(seconds))) => wait_page(seconds, &voice, |status, fault| with_words(&reader, status, None, Some(fault))),
        Ok(Err(_)) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("account-current-wrong"))),
        Err(response) => response,
    }
}

/// What was refused with its reason is an answer here and no failure.
fn said(done: chart::Result<PasswordChange>) -> chart::Result<Result<PasswordChange, Vec<Issue>>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Refused(issues)) => Ok(Err(issues)),
        Err(error) => Err(error),
    }
}

/// What came of a change that ends sessions.
pub fn changed(mut reader: Reader, done: Result<Result<PasswordChange, Vec<Issue>>, Response>, news: &str) -> Response {
    let voice = reader.visitor.voice;
    match done {
        Ok(Ok(PasswordChange::Done(signed_in))) => {
            let owes_factor = reader.visitor.house.door.gate().settings().second_factor_required && signed_in.account.role.owes_second_factor();
            match reader.visitor.house.door.gate().has_second_factor(signed_in.account.number) {
                Ok(false) if owes_factor => return reader.visitor.begin_session(signed_in, Stage::Enrolment, Redirect::to("/account/second-factor").into_response()),
                Ok(_) => {}
                Err(error) => return fault::of_error(&reader.visitor, &error),
            }
            // The account began another era: this browser goes on in a session of its own, all others have ended.
            let id = reader.visitor.open_session(signed_in, Stage::Whole);
            let Some(entry) = reader.visitor.house.sessions.find(&id, reader.now()) else { return Redirect::to("/sign-in").into_response() };
            reader.visitor.session = Some((id.clone(), entry.clone()));
            (reader.session, reader.entry) = (id.clone(), entry);
            let page = with_words(&reader, StatusCode::OK, Some(voice.say(news)), None);
            reader.visitor.with_session(&id, page)
        }
        Ok(Ok(PasswordChange::Refused)) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("account-current-wrong"))),
        Ok(Ok(PasswordChange::Later(seconds))) => wait_page(seconds, &voice, |status, fault| with_words(&reader, status, None, Some(fault))),
        Ok(Err(issues)) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(fault_key(&issues)))),
        Err(response) => response,
    }
}

/// An address codes may be sent to: asking for it, confirming it, taking it off.
pub async fn contact(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let account = reader.entry.caller.account.clone();
    let Some(post) = reader.visitor.house.settings.post.clone().filter(|_| account.role == Role::Person) else { return fault::show(&reader.visitor, Fault::NotFound) };
    let voice = reader.visitor.voice;
    let field = |name: &str| form.get(name).map_or("", String::as_str).trim().to_owned();
    let told = match field("act").as_str() {
        "ask" => {
            let Some(contact) = Contact::typed(&field("address")) else {
                return with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("invite-address-wrong")));
            };
            let (subject, site) = (voice.say("letter-subject"), reader.visitor.site());
            let sent = reader.visitor.at_the_gate(move |gate| {
                let code = match gate.ask_contact(&account, &contact) {
                    Ok(code) => code,
                    Err(Error::Refused(_) | Error::Conflict(_)) => return Ok(Err("contact-too-soon")),
                    Err(error) => return Err(error),
                };
                let text = voice.with("letter-confirm", &[("code", &code), ("site", &site)]);
                Ok(post.send(&Letter { to: contact, subject, text }).map(|()| "contact-asked").map_err(|error| {
                    tracing::error!(%error, "a code to confirm an address was not sent");
                    "contact-not-sent"
                }))
            });
            sent.await
        }
        "confirm" => {
            let code = field("code");
            reader.visitor.at_the_gate(move |gate| Ok(if gate.confirm_contact(&account, &code)? { Ok("contact-confirmed") } else { Err("contact-wrong") })).await
        }
        "drop" => reader.visitor.at_the_gate(move |gate| gate.drop_contact(&account).map(|()| Ok("contact-dropped"))).await,
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    match told {
        Ok(Ok(news)) => with_words(&reader, StatusCode::OK, Some(voice.say(news)), None),
        Ok(Err(fault)) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(fault))),
        Err(response) => response,
    }
}

/// Ends one session, or all of them; or ends one and goes on here where its reader was there.
pub async fn end(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let account = reader.entry.caller.account.clone();
    if let Some(number) = form.get("here") {
        let sessions = &reader.visitor.house.sessions;
        let own = reader.visitor.session.as_ref().map_or("", |(id, _)| id.as_str());
        let place = u64::from_str_radix(number, 16).ok().and_then(|number| sessions.take_over(&account, number, own));
        return place.map_or_else(|| fault::show(&reader.visitor, Fault::NotFound), |place| Redirect::to(&place).into_response());
    }
    match form.get("session").map_or("", String::as_str) {
        // The account begins another era, so programs that remember its password ask again too.
        "all" => match reader.visitor.at_the_gate(move |gate| gate.end_sessions(&account, &account.login)).await {
            Ok(_) => Redirect::to("/sign-in").into_response(),
            Err(response) => response,
        },
        number => {
            let ended = u64::from_str_radix(number, 16).is_ok_and(|number| reader.visitor.house.sessions.close_one(&account, number));
            if ended { Redirect::to("/account").into_response() } else { fault::show(&reader.visitor, Fault::NotFound) }
        }
    }
}
