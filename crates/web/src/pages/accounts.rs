//! The accounts of others, for those who may do something about them.

use std::collections::HashMap;

use access::{Account, AccountAct, Role, may_keep};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::AccountState;

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    said: Option<String>,
    code: Option<String>,
    rows: Vec<Row>,
}

/// One account.
struct Row {
    login: String,
    display: String,
    role: String,
    licence: String,
    state: String,
    is_open: bool,
    has_second_factor: bool,
    lacks_passkey: bool,
    acts: Vec<(&'static str, String)>,
}

/// What can be done here, with the word on its button.
const ACTS: [(AccountAct, &str); 4] = [
    (AccountAct::GiveCode, "accounts-code"),
    (AccountAct::EndSessions, "accounts-end"),
    (AccountAct::Block, "accounts-block"),
    (AccountAct::Unblock, "accounts-unblock"),
];

/// True where the account is of those who keep others.
pub fn keeps(account: &Account) -> bool {
    matches!(account.role, Role::Operator | Role::Admissions)
}

/// The page.
pub async fn page(reader: Reader) -> Response {
    answer(&reader, None, None)
}

/// One act on one account.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let asked = form.get("act").and_then(|word| AccountAct::named(word)).filter(|act| ACTS.iter().any(|(one, _)| one == act));
    let (Some(act), Some(login)) = (asked, form.get("login").cloned()) else { return fault::show(&reader.visitor, Fault::NotFound) };
    let by = reader.entry.caller.account.clone();
    let holder = login.clone();
    let done = reader.visitor.at_the_gate(move |gate| match act {
        AccountAct::GiveCode => gate.give_code(&by, &login).map(Some),
        AccountAct::EndSessions => gate.end_sessions(&by, &login).map(|_| None),
        AccountAct::Block => gate.block_account(&by, &login).map(|_| None),
        _ => gate.unblock_account(&by, &login).map(|_| None),
    });
    let voice = reader.visitor.voice;
    match done.await {
        Ok(Some(code)) => answer(&reader, Some(voice.with("accounts-code-given", &[("login", &holder)])), Some(code)),
        Ok(None) => answer(&reader, Some(voice.with("accounts-done", &[("login", &holder)])), None),
        Err(response) => response,
    }
}

fn answer(reader: &Reader, said: Option<String>, code: Option<String>) -> Response {
    let by = &reader.entry.caller.account;
    if !keeps(by) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let states = match reader.visitor.house.door.gate().account_states() {
        Ok(states) => states,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let rows = states.iter().map(|state| row(state, by, &voice)).filter(|row| !row.acts.is_empty()).collect();
    // The form's own address answers to GET as well, so going back works.
    show(StatusCode::OK, &AccountsPage { frame: reader.frame(), said, code, rows })
}

fn row(state: &AccountState, by: &Account, voice: &Voice) -> Row {
    let account = &state.account;
    let fits = |act: AccountAct| match act {
        AccountAct::Block => !state.blocked,
        AccountAct::Unblock => state.blocked,
        _ => true,
    };
    let acts = ACTS.iter().filter(|(act, _)| may_keep(by, *act, account) && fits(*act));
    Row {
        login: account.login.clone(),
        display: account.display.clone(),
        role: voice.role(account.role),
        licence: state.terms.licence.clone(),
        state: voice.say(match (state.blocked, state.in_time) {
            (true, _) => "accounts-blocked",
            (false, false) => "accounts-out",
            (false, true) => "accounts-open",
        }),
        is_open: !state.blocked && state.in_time,
        has_second_factor: state.has_second_factor,
        lacks_passkey: state.lacks_passkey,
        acts: acts.map(|(act, word)| (act.word(), voice.say(word))).collect(),
    }
}
