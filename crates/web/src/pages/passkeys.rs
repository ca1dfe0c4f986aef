//! Passkeys: one's own, and signing in with one.
//!
//! The browser's part is `assets/passkey.js`; it fills hidden fields of ordinary forms. Without
//! script nothing of it is shown, and everything else works.

use std::collections::HashMap;

use access::Role;
use access::passkey::{ALGORITHMS, ShownPasskey};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, NewPasskey, Passkey, PasskeyAdded, PasskeyAttempt, PasswordChange, SignIn, SignedIn};
use fhir::Issue;

use super::fault::{self, Fault};
use super::sign_in::{self, safe_back, wait_page};
use crate::frame::Frame;
use crate::house::{Reader, Visitor, show};
use crate::session::Stage;
use crate::voice::Voice;

/// What a form asks an authenticator.
pub struct Ask {
    /// The question.
    pub question: String,
    /// The domain keys are made for.
    pub site: String,
    /// The address of our pages where they are.
    pub address: String,
}

impl Ask {
    /// A question for who holds the proof of a form; none where the site has no passkeys.
    pub fn of(visitor: &Visitor, token: &str) -> Option<Ask> {
        let gate = visitor.house.door.gate();
        let site = gate.passkey_site()?;
        Some(Ask { question: gate.passkey_question(token), site: site.id.clone(), address: site.origins.first().cloned().unwrap_or_default() })
    }
}

#[derive(Template)]
#[template(path = "passkeys.html")]
struct PasskeysPage {
    frame: Frame,
    news: Option<String>,
    fault: Option<String>,
    login: String,
    display: String,
    handle: String,
    known: String,
    algorithms: String,
    ask: Ask,
    rows: Vec<Row>,
    /// Nothing else opens until one is added.
    is_required: bool,
}

/// One passkey.
struct Row {
    id: String,
    name: String,
    made: String,
    used: String,
    where_it_is: String,
}

fn row(passkey: &Passkey, voice: &Voice) -> Row {
    Row {
        id: passkey.id.clone(),
        name: passkey.name.clone(),
        made: voice.moment(passkey.made_at),
        used: passkey.used_at.map_or_else(|| voice.say("passkey-never"), |at| voice.moment(at)),
        where_it_is: voice.say(if passkey.is_synced { "passkey-synced" } else { "passkey-single" }),
    }
}

/// Who may add a passkey: somebody signed in, or on the way to it for want of one.
fn enrolling(visitor: Visitor) -> Result<Reader, Response> {
    match visitor.any_session().cloned() {
        Some((session, entry)) if matches!(entry.stage, Stage::Whole | Stage::Passkey) => Ok(Reader { visitor, session, entry }),
        Some(_) => Err(Redirect::to(visitor.next_step()).into_response()),
        None => Err(Redirect::to("/sign-in").into_response()),
    }
}

/// One's own passkeys.
pub async fn page(visitor: Visitor) -> Response {
    match enrolling(visitor) {
        Ok(reader) => with_words(&reader, StatusCode::OK, None, None),
        Err(response) => response,
    }
}

fn with_words(reader: &Reader, status: StatusCode, news: Option<&str>, fault: Option<String>) -> Response {
    let account = &reader.entry.caller.account;
    let frame = reader.frame();
    let ask = Ask::of(&reader.visitor, &reader.entry.token).filter(|_| account.role != Role::Integration);
    let Some(ask) = ask else { return fault::show(&reader.visitor, Fault::NotFound) };
    let gate = reader.visitor.house.door.gate();
    let (passkeys, handle) = match gate.passkeys(account.number).and_then(|passkeys| Ok((passkeys, gate.passkey_handle(account.number)?))) {
        Ok(found) => found,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let known: Vec<&str> = passkeys.iter().map(|passkey| passkey.id.as_str()).collect();
    show(status, &PasskeysPage {
        news: news.map(|news| voice.say(news)),
        fault,
        login: account.login.clone(),
        display: account.display.clone(),
        handle,
        known: known.join(" "),
        algorithms: ALGORITHMS.map(|number| number.to_string()).join(" "),
        ask,
        rows: passkeys.iter().map(|passkey| row(passkey, &voice)).collect(),
        is_required: reader.entry.stage == Stage::Passkey,
        frame,
    })
}

/// Adds one, or takes one off.
pub async fn act(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let reader = match enrolling(visitor) {
        Ok(reader) => reader,
        Err(response) => return response,
    };
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    match form.get("act").map_or("", String::as_str) {
        "add" => add(reader, form).await,
        "remove" if reader.entry.stage == Stage::Whole => remove(reader, form).await,
        _ => fault::show(&reader.visitor, Fault::NotFound),
    }
}

async fn add(reader: Reader, form: HashMap<String, String>) -> Response {
    let (account, bound_to, from) = (reader.entry.caller.account.clone(), reader.entry.token.clone(), reader.visitor.from);
    let done = reader.visitor.at_the_gate(move |gate| {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let (client_data, attestation) = (bytes(field("client")), bytes(field("attestation")));
        let new = NewPasskey { name: field("name"), bound_to: &bound_to, question: field("question"), client_data: &client_data, attestation: &attestation };
        told(gate.add_passkey(&account, field("current"), &new, from))
    });
    let voice = reader.visitor.voice;
    let again = |key: &str| with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say(key)));
    match done.await {
        Ok(Ok(PasskeyAdded::Done)) if reader.entry.stage == Stage::Passkey => {
            // What was begun with a password alone does not go on: a new session, and all others of the account end.
            reader.visitor.house.sessions.close_others(&reader.entry.caller.account, &reader.session);
            let signed_in = SignedIn { account: reader.entry.caller.account.clone(), era: reader.entry.era };
            reader.visitor.begin_session(signed_in, Stage::Whole, Redirect::to("/").into_response())
        }
        Ok(Ok(PasskeyAdded::Done)) => with_words(&reader, StatusCode::OK, Some("passkey-done"), None),
        Ok(Ok(PasskeyAdded::Refused)) => again("passkey-password-wrong"),
        Ok(Ok(PasskeyAdded::Later(seconds))) => wait_page(seconds, &voice, |status, fault| with_words(&reader, status, None, Some(fault))),
        Ok(Ok(PasskeyAdded::Unproved)) => again("passkey-unproved"),
        Ok(Err(issues)) => again(match issues.first().map_or("", |issue| issue.rule.as_str()) {
            "passkey-many" => "passkey-many",
            "passkey-there" => "passkey-there",
            _ => "passkey-name-wrong",
        }),
        Err(response) => response,
    }
}

async fn remove(mut reader: Reader, form: HashMap<String, String>) -> Response {
    let (account, from) = (reader.entry.caller.account.clone(), reader.visitor.from);
    let done = reader.visitor.at_the_gate(move |gate| {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        match gate.remove_passkey(&account, field("current"), field("id"), from) {
            Err(Error::Refused(_)) => Ok(None),
            done => done.map(Some),
        }
    });
    let voice = reader.visitor.voice;
    match done.await {
        Ok(None) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("passkey-last"))),
        Ok(Some(PasswordChange::Done(signed_in))) => {
            // The account began another era: this browser goes on in a session of its own.
            let id = reader.visitor.open_session(signed_in, Stage::Whole);
            let Some(entry) = reader.visitor.house.sessions.find(&id, reader.now()) else { return Redirect::to("/sign-in").into_response() };
            reader.visitor.session = Some((id.clone(), entry.clone()));
            (reader.session, reader.entry) = (id.clone(), entry);
            let page = with_words(&reader, StatusCode::OK, Some("passkey-gone"), None);
            reader.visitor.with_session(&id, page)
        }
        Ok(Some(PasswordChange::Refused)) => with_words(&reader, StatusCode::UNPROCESSABLE_ENTITY, None, Some(voice.say("passkey-password-wrong"))),
        Ok(Some(PasswordChange::Later(seconds))) => wait_page(seconds, &voice, |status, fault| with_words(&reader, status, None, Some(fault))),
        Err(response) => response,
    }
}

/// What was refused with its reason is an answer here and no failure.
fn told(done: chart::Result<PasskeyAdded>) -> chart::Result<Result<PasskeyAdded, Vec<Issue>>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Refused(issues)) => Ok(Err(issues)),
        Err(error) => Err(error),
    }
}

/// Somebody comes in with a passkey: both factors in one.
pub async fn sign_in(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let back = safe_back(form.get("back").map_or("", String::as_str));
    let voice = visitor.voice;
    if !visitor.proves(&form) {
        return sign_in::again(&visitor, StatusCode::FORBIDDEN, voice.say("sign-in-expired"), String::new(), back);
    }
    if visitor.session.is_some() {
        return Redirect::to(&back).into_response();
    }
    let bound_to = visitor.expected_token().to_owned();
    let done = visitor.at_the_gate(move |gate| {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let [id, handle, client_data, authenticator_data, signature] = ["id", "handle", "client", "authenticator", "signature"].map(|name| bytes(field(name)));
        let answer = ShownPasskey { client_data: &client_data, authenticator_data: &authenticator_data, signature: &signature };
        gate.sign_in_with_passkey(&PasskeyAttempt { bound_to: &bound_to, question: field("question"), id: &id, handle: &handle, answer })
    });
    match done.await {
        Ok(SignIn::Welcome(signed_in)) => visitor.begin_session(signed_in, Stage::Whole, Redirect::to(&back).into_response()),
        Ok(_) => sign_in::again(&visitor, StatusCode::UNPROCESSABLE_ENTITY, voice.say("sign-in-passkey-refused"), String::new(), back),
        Err(response) => response,
    }
}

/// The bytes of base64url as browsers write it; nothing where it is none.
fn bytes(text: &str) -> Vec<u8> {
    let standard: String = text.chars().map(|sign| match sign { '-' => '+', '_' => '/', other => other }).collect();
    let padded = match standard.len() % 4 {
        0 => standard,
        short => standard + &"="[..1].repeat(4 - short),
    };
    fhir::base64::decode(&padded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn what_a_browser_writes_is_read() {
        for (text, expected) in [("", &[][..]), ("AQ", &[1]), ("AQI", &[1, 2]), ("AQID", &[1, 2, 3]), ("-_8", &[0xfb, 0xff]), ("a b", &[]), ("A", &[])] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
