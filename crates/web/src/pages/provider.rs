//! Persons who sign in with a provider elsewhere.
//!
//! * What the browser must bring back lies in a cookie that comes along from another site, good for
//!   this one way and ten minutes; every other cookie of ours stays at home.
//! * Who comes for the first time types the code of a health station; the provider alone opens no record.
//! * Who has an account links it: the session that begins and the one that ends are the same, and the
//!   provider asks the person anew.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::{Form, Query, RawQuery};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Activation, Elsewhere, Linking, SignIn};
use oauth::ProviderTrouble;

use super::account;
use super::authorize::going_on;
use super::fault::{self, Fault};
use super::sign_in::{self, safe_back, wait_page};
use crate::frame::Frame;
use crate::house::{Reader, Settings, Visitor, cookie_of, show};
use crate::session::Stage;

/// How long ago somebody who links may have proved themselves to the provider.
const FRESH_MS: i64 = 10 * 60_000;

#[derive(Template)]
#[template(path = "provider_confirm.html")]
struct ConfirmPage {
    frame: Frame,
    name: String,
    ticket: String,
}

#[derive(Template)]
#[template(path = "provider.html")]
struct LinkPage {
    frame: Frame,
    fault: Option<String>,
    name: String,
    ticket: String,
}

/// The name of the cookie of a way to the provider and back.
fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_secure { "__Host-carnet_provider" } else { "carnet_provider" }
}

/// The cookie comes back with a browser that another site sends here.
fn with_cookie(settings: &Settings, value: &str, mut response: Response) -> Response {
    let secure = if settings.is_secure { "; Secure" } else { "" };
    let age = if value.is_empty() { 0 } else { 600 };
    if let Ok(cookie) = HeaderValue::try_from(format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(settings))) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Sends the browser to the provider.
pub async fn begin(visitor: Visitor, Query(query): Query<HashMap<String, String>>) -> Response {
    let Some(provider) = visitor.house.settings.provider.clone() else { return fault::show(&visitor, Fault::NotFound) };
    let back = safe_back(query.get("back").map_or("", String::as_str));
    if visitor.session.is_some() {
        return Redirect::to(&back).into_response();
    }
    let mut chance = [0; 96];
    visitor.house.chance.lock().fill(&mut chance);
    match provider.begin(&chance, &back, visitor.house.door.now()).await {
        Ok(errand) => with_cookie(&visitor.house.settings, &errand.cookie, Redirect::to(&errand.address).into_response()),
        Err(trouble) => troubled(&visitor, trouble),
    }
}

/// The browser comes back from the provider.
pub async fn back(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let Some(provider) = visitor.house.settings.provider.clone() else { return fault::show(&visitor, Fault::NotFound) };
    let parameters: Vec<(String, String)> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let cookie = cookie_of(&visitor.headers, cookie_name(&visitor.house.settings)).unwrap_or_default().to_owned();
    let proved = provider.finish(&cookie, &parameters, visitor.house.door.now()).await;
    let answer = match proved {
        Ok(proved) => {
            let who = Elsewhere { issuer: proved.issuer, subject: proved.subject, identifier: proved.identifier };
            if let Some(session) = proved.back.strip_prefix(LINKING) {
                let now = visitor.house.door.now();
                // Signed in there long ago is not signed in there now.
                let is_fresh = proved.signed_in_at.is_some_and(|at| now.0 - at.0 < FRESH_MS);
                if !is_fresh {
                    return with_cookie(&visitor.house.settings, "", troubled(&visitor, ProviderTrouble::Unproved("the person was not asked anew")));
                }
                // Our session stays at home on a way from elsewhere: the next page has it.
                let ticket = visitor.house.door.gate().ticket_for(&who, session);
                return with_cookie(&visitor.house.settings, &ticket, going_on(&visitor, visitor.voice.say("provider-link-title"), "/account/provider/confirm".to_owned()));
            }
            let back = safe_back(&proved.back);
            let asked = who.clone();
            match visitor.at_the_gate(move |gate| gate.sign_in_elsewhere(&asked)).await {
                Ok(Some(SignIn::Welcome(signed_in))) => enter(&visitor, signed_in, Stage::Whole, back),
                Ok(Some(SignIn::Half(signed_in))) => enter(&visitor, signed_in, Stage::Code, format!("/sign-in/code?back={back}")),
                Ok(Some(_)) => sign_in::again(&visitor, StatusCode::FORBIDDEN, visitor.voice.say("provider-refused"), String::new(), back),
                Ok(None) => link_page(&visitor, StatusCode::OK, None, &who, provider.name()),
                Err(response) => response,
            }
        }
        Err(trouble) => troubled(&visitor, trouble),
    };
    with_cookie(&visitor.house.settings, "", answer)
}

/// Somebody who is signed in wants to come by the provider, too: they go there, and prove themselves anew.
pub async fn begin_link(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    let Some(provider) = reader.visitor.house.settings.provider.clone().filter(|_| is_person(&reader)) else { return fault::show(&reader.visitor, Fault::NotFound) };
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let mut chance = [0; 96];
    reader.visitor.house.chance.lock().fill(&mut chance);
    // The proof of this very session: whoever comes back to another one links nothing.
    let back = format!("{LINKING}{}", reader.entry.token);
    match provider.begin_fresh(&chance, &back, reader.now()).await {
        // A form's answer may not send the browser to another site (form-action): a page leads on.
        Ok(errand) => with_cookie(&reader.visitor.house.settings, &errand.cookie, going_on(&reader.visitor, reader.visitor.voice.say("provider-link-title"), errand.address)),
        Err(trouble) => troubled(&reader.visitor, trouble),
    }
}

/// How a way back begins that is to link, before the proof of the session that began it.
const LINKING: &str = "link ";

fn is_person(reader: &Reader) -> bool {
    reader.entry.caller.account.role == Role::Person
}

/// The browser is back among our own pages, with what the provider proved: it is asked once more.
pub async fn confirm_page(reader: Reader) -> Response {
    let Some(provider) = reader.visitor.house.settings.provider.clone().filter(|_| is_person(&reader)) else { return fault::show(&reader.visitor, Fault::NotFound) };
    let ticket = cookie_of(&reader.visitor.headers, cookie_name(&reader.visitor.house.settings)).unwrap_or_default().to_owned();
    let answer = match reader.visitor.house.door.gate().open_ticket(&ticket, &reader.entry.token) {
        Some(_) => show(StatusCode::OK, &ConfirmPage { frame: reader.frame(), name: provider.name().to_owned(), ticket }),
        None => fault::show(&reader.visitor, Fault::Form),
    };
    with_cookie(&reader.visitor.house.settings, "", answer)
}

/// Links, or takes the link off.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) || !is_person(&reader) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (account, from, voice) = (reader.entry.caller.account.clone(), reader.visitor.from, reader.visitor.voice);
    match field("act").as_str() {
        "link" => {
            let Some(who) = reader.visitor.house.door.gate().open_ticket(&field("ticket"), &reader.entry.token) else { return fault::show(&reader.visitor, Fault::Form) };
            let (status, key) = match reader.visitor.at_the_gate(move |gate| gate.link_elsewhere(&account, &who)).await {
                Ok(Linking::Done) => (StatusCode::OK, "provider-linked"),
                Ok(Linking::Taken) => (StatusCode::UNPROCESSABLE_ENTITY, "provider-taken"),
                Ok(Linking::Unlike) => (StatusCode::UNPROCESSABLE_ENTITY, "provider-unlike-account"),
                Err(response) => return response,
            };
            account::told(&reader, status, &voice.say(key))
        }
        "unlink" => {
            let current = field("current");
            let done = reader.visitor.at_the_gate(move |gate| gate.unlink_elsewhere(&account, &current, from)).await;
            account::changed(reader, done.map(Ok), "provider-unlinked")
        }
        _ => fault::show(&reader.visitor, Fault::NotFound),
    }
}

/// Opens a session. The page leads on by itself: a redirect would still be the other site's doing,
/// and leave our cookies at home.
fn enter(visitor: &Visitor, signed_in: chart::SignedIn, stage: Stage, address: String) -> Response {
    let page = going_on(visitor, visitor.voice.say("sign-in-title"), address);
    visitor.begin_session(signed_in, stage, page)
}

fn link_page(visitor: &Visitor, status: StatusCode, fault: Option<String>, who: &Elsewhere, name: &str) -> Response {
    let gate = visitor.house.door.gate();
    visitor.show_at_door(status, |frame| {
        let ticket = gate.ticket_for(who, &frame.token);
        LinkPage { frame: Frame { path: "/sign-in".to_owned(), ..frame }, fault, name: name.to_owned(), ticket }
    })
}

/// Links who was proved with the record of a code.
pub async fn link(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    let Some(provider) = visitor.house.settings.provider.clone() else { return fault::show(&visitor, Fault::NotFound) };
    let voice = visitor.voice;
    let late = || sign_in::again(&visitor, StatusCode::FORBIDDEN, voice.say("provider-late"), String::new(), "/".to_owned());
    if !visitor.proves(&form) {
        return late();
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let Some(who) = visitor.house.door.gate().open_ticket(&field("ticket"), visitor.expected_token()) else { return late() };
    let (code, asked, from) = (field("code"), who.clone(), visitor.from);
    let again = |status: StatusCode, fault: String| link_page(&visitor, status, Some(fault), &who, provider.name());
    match visitor.at_the_gate(move |gate| gate.activate_elsewhere(&code, &asked, from)).await {
        Ok(Activation::Done(signed_in)) => visitor.begin_session(signed_in, Stage::Whole, Redirect::to("/").into_response()),
        Ok(Activation::Refused) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("activate-refused")),
        Ok(Activation::Taken) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("provider-taken")),
        Ok(Activation::Unlike) => again(StatusCode::UNPROCESSABLE_ENTITY, voice.say("provider-unlike")),
        Ok(Activation::Later(seconds)) => wait_page(seconds, &voice, again),
        Err(response) => response,
    }
}

/// What went wrong, as far as a person can do something about it; the rest is for the log.
fn troubled(visitor: &Visitor, trouble: ProviderTrouble) -> Response {
    let (status, key) = match trouble {
        ProviderTrouble::Unreachable(_) | ProviderTrouble::Unlike(_) => (StatusCode::BAD_GATEWAY, "provider-unreachable"),
        ProviderTrouble::Denied => (StatusCode::FORBIDDEN, "provider-denied"),
        ProviderTrouble::Unasked(_) => (StatusCode::FORBIDDEN, "provider-late"),
        ProviderTrouble::Unproved(_) => (StatusCode::FORBIDDEN, "provider-unproved"),
    };
    tracing::warn!(%trouble, "a sign-in with the provider came to nothing");
    sign_in::again(visitor, status, visitor.voice.say(key), String::new(), "/".to_owned())
}
