//! The programs that may ask for access: operators answer for those that registered themselves.

use std::collections::HashMap;

use access::{Account, Role};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chart::SiteAct;
use oauth::{Client, ClientKind};

use super::authorize::of_error;
use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "programs.html")]
struct ProgramsPage {
    frame: Frame,
    said: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    proof: String,
    scopes: String,
    places: Vec<String>,
    is_approved: bool,
}

/// True for whoever answers for programs.
pub fn keeps(account: &Account) -> bool {
    account.role == Role::Operator
}

/// All of them.
pub async fn page(reader: Reader) -> Response {
    list(&reader, None)
}

fn list(reader: &Reader, said: Option<String>) -> Response {
    if !keeps(&reader.entry.caller.account) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let voice = reader.visitor.voice;
    match reader.visitor.house.oauth.clients() {
        Ok(clients) => show(StatusCode::OK, &ProgramsPage { frame: reader.frame(), said, rows: clients.iter().map(|client| row(client, &voice)).collect() }),
        Err(error) => of_error(&reader.visitor, &error),
    }
}

fn row(client: &Client, voice: &Voice) -> Row {
    let proof = voice.say(match client.kind {
        ClientKind::Public => "programs-public",
        ClientKind::Secret(_) => "programs-secret",
        ClientKind::Keys(_) | ClientKind::KeysAt(_) => "programs-keys",
    });
    let places = client.redirect_uris.iter().chain(&client.launch_uri).cloned().collect();
    Row { id: client.id.clone(), name: client.name.clone(), proof, scopes: client.scopes.clone(), places, is_approved: client.approved }
}

/// Approves one, or takes it off.
pub async fn act(reader: Reader, Form(form): Form<HashMap<String, String>>) -> Response {
    if !keeps(&reader.entry.caller.account) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let (oauth, id) = (reader.visitor.house.oauth.clone(), form.get("program").map_or("", String::as_str));
    let (done, act) = match form.get("act").map(String::as_str) {
        Some("approve") => (oauth.approve(id), SiteAct::ApproveProgram),
        Some("remove") => (oauth.remove(id), SiteAct::RemoveProgram),
        _ => return fault::show(&reader.visitor, Fault::NotFound),
    };
    match done {
        Ok(true) => {
            let (account, id) = (reader.entry.caller.account.clone(), id.to_owned());
            match reader.visitor.at_the_gate(move |gate| gate.note_of_programs(&account, act, &id)).await {
                Ok(()) => list(&reader, Some(reader.visitor.voice.say("programs-done"))),
                Err(response) => response,
            }
        }
        Ok(false) => fault::show(&reader.visitor, Fault::NotFound),
        Err(error) => of_error(&reader.visitor, &error),
    }
}
