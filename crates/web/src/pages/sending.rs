//! Sending what a person wrote: all of it stands on the page once more, and a button says that it is sent.
//!
//! * Only whoever wrote the draft sends it, and only the version that stood on the page.
//! * What is not filled in is not sent: the form says what is missing.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::{Form as Fields, Path};
use axum::http::StatusCode;
use axum::response::Response;
use chart::{Completion, Error, Filled};
use forms::FormKind;

use super::fault::{self, Fault};
use super::forms::{After, answer, encounter_of, filled, read, sides, targets};
use super::person::with_record;
use crate::banner::{Allergies, Banner};
use crate::form::{self, Reading};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::RailLink;

#[derive(Template)]
#[template(path = "send.html")]
struct SendPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    title: String,
    /// In whose name it is sent.
    sender: String,
    /// What is agreed to or refused in it holds at once.
    is_consent: bool,
    fault: Option<String>,
    parts: Vec<Reading>,
}

/// The page that shows what will be sent.
pub async fn page(reader: Reader, Path((id, response)): Path<(String, String)>) -> Response {
    match own_draft(&reader, &id, &response).await {
        Ok(draft) => asked(reader, id, draft, StatusCode::OK, None).await,
        Err(response) => response,
    }
}

/// The draft, if it is this person's to send.
async fn own_draft(reader: &Reader, id: &str, response: &str) -> Result<Filled, Response> {
    if reader.entry.caller.account.role != Role::Person {
        return Err(fault::show(&reader.visitor, Fault::Refused));
    }
    let draft = filled(reader, id, response).await?;
    match reader.visitor.house.door.gate().may_go_on(&reader.entry.caller, &draft) {
        Ok(true) => Ok(draft),
        Ok(false) => Err(fault::show(&reader.visitor, Fault::NotFound)),
        Err(error) => Err(fault::of_error(&reader.visitor, &error)),
    }
}

async fn asked(reader: Reader, id: String, mut draft: Filled, status: StatusCode, fault: Option<String>) -> Response {
    if draft.status != "in-progress" || draft.lacks_form {
        return read(reader, id, draft, StatusCode::CONFLICT, None, None).await;
    }
    let gate = reader.visitor.house.door.gate().clone();
    let around = match gate.around(&reader.entry.caller, &draft.form, &id, encounter_of(&draft).as_deref()).await {
        Ok(around) => around,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let completed = forms::complete(&draft.form, &draft.filling, &around, &gate.knowledge());
    if !completed.is_sound() {
        return faulty(reader, id, draft, completed.faults).await;
    }
    draft.filling = completed.filling;
    let account = &reader.entry.caller.account;
    let sender = if account.display.is_empty() { account.login.clone() } else { account.display.clone() };
    with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let (_, names) = targets(record, &voice);
        let page = SendPage {
            title: draft.form.title.told(voice.code()).to_owned(),
            sender,
            is_consent: draft.form.whom.kind == Some(FormKind::Consent),
            fault,
            parts: form::readings(&draft.form.items, &draft.filling.items, &voice, &names, 3),
            response: draft.stored.id.clone(),
            version: draft.stored.version,
            frame,
            banner,
            rail,
        };
        Some(show(status, &page))
    })
    .await
}

/// The form again, with what is wrong.
async fn faulty(reader: Reader, id: String, draft: Filled, faults: Vec<(String, forms::Fault)>) -> Response {
    let whole = faults.into_iter().filter(|(place, _)| place.is_empty()).map(|(_, fault)| fault).collect();
    answer(reader, id, draft, StatusCode::UNPROCESSABLE_ENTITY, After { shows_faults: true, whole, ..After::default() }).await
}

/// Sends.
pub async fn act(reader: Reader, Path((id, response)): Path<(String, String)>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let draft = match own_draft(&reader, &id, &response).await {
        Ok(draft) => draft,
        Err(response) => return response,
    };
    let voice = reader.visitor.voice;
    if draft.status != "in-progress" || fields.get("version").map(String::as_str) != Some(draft.stored.version.to_string().as_str()) {
        let said = Some(voice.say("send-changed"));
        return asked(reader, id, draft, StatusCode::CONFLICT, said).await;
    }
    match reader.visitor.house.door.gate().clone().complete_form(&reader.entry.caller, &draft, &draft.filling).await {
        Ok(Completion::Done(done, _)) => read(reader, id, *done, StatusCode::OK, Some(voice.say("send-done")), None).await,
        Ok(Completion::Faulty(faults)) => faulty(reader, id, draft, faults).await,
        Ok(Completion::Overtaken) => answer(reader, id, draft, StatusCode::CONFLICT, After::default()).await,
        Err(Error::VersionMismatch { .. } | Error::Conflict(_)) => {
            let said = Some(voice.say("send-changed"));
            match filled(&reader, &id, &draft.stored.id).await {
                Ok(now) => asked(reader, id, now, StatusCode::CONFLICT, said).await,
                Err(response) => response,
            }
        }
        Err(error @ (Error::Refused(_) | Error::Entry { .. })) => {
            // What the record refuses is a flaw of the form, not of who fills it in.
            tracing::warn!(%error, issues = error.issues().len(), "what follows from a form was refused");
            answer(reader, id, draft, StatusCode::UNPROCESSABLE_ENTITY, After { news: Some(voice.say("form-refused")), ..After::default() }).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}
