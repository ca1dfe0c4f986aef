//! Opening a program from a person's page, so that it knows whose record is open.
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>

use std::collections::HashMap;

use axum::extract::{Form, Path};
use axum::response::Response;
use chart::PersonRecord;
use fhir::{Document, ResourceType};
use oauth::{LaunchContext, Patient};

use super::authorize::{going_on, of_error};
use super::fault::{self, Fault};
use crate::house::{Reader, Visitor};

/// A program that can be opened here.
pub struct Program {
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// The programs that can be opened from a person's page.
pub fn programs(visitor: &Visitor) -> Vec<Program> {
    match visitor.house.oauth.clients() {
        Ok(clients) => clients.iter().filter(|client| client.approved && client.launch_uri.is_some()).map(|client| Program { id: client.id.clone(), name: client.name.clone() }).collect(),
        Err(error) => {
            // A chart is read all the same.
            tracing::error!(%error, "the registered programs could not be read");
            Vec::new()
        }
    }
}

/// Opens one.
pub async fn act(reader: Reader, Path(id): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    let visitor = &reader.visitor;
    if !visitor.proves(&form) {
        return fault::show(visitor, Fault::Form);
    }
    let (door, caller) = (&visitor.house.door, &reader.entry.caller);
    let record = match door.gate().person_record(caller, &id) {
        Ok(record) => record,
        Err(error) => return fault::of_error(visitor, &error),
    };
    let encounter = match door.person(caller, &id).await {
        Ok(person) => open_encounter(&person),
        Err(error) => return fault::of_error(visitor, &error),
    };
    let context = LaunchContext { patient: Some(Patient { record: record.0, id }), encounter };
    let program = form.get("program").map_or("", String::as_str);
    match visitor.house.oauth.launch(program, caller.account.number, context, reader.now()) {
        Ok(Some(address)) => going_on(visitor, visitor.voice.say("consent-going-on"), address),
        Ok(None) => fault::show(visitor, Fault::NotFound),
        Err(error) => of_error(visitor, &error),
    }
}

/// The visit that is open now: the one that began last.
fn open_encounter(person: &PersonRecord) -> Option<String> {
    let open = person.resources.iter().filter(|resource| resource.kind == ResourceType::ENCOUNTER).filter_map(|resource| {
        let document = Document::read(&resource.text).ok()?;
        let root = document.root();
        let is_open = root.string("status").as_deref() == Some("in-progress");
        let began = root.path(&["period", "start"]).and_then(|start| start.as_str()).map(|start| start.into_owned());
        is_open.then(|| (began, resource.id.clone()))
    });
    open.max().map(|(_, id)| id)
}
