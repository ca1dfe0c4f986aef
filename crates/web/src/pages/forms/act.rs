//! What somebody does with a response, by its buttons or by the script of the page.

use std::collections::{HashMap, HashSet};

use access::Role;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Completion, Error, Filled};
use fhir::is_id;
use fhir::splice::write_string;
use forms::{Act, Filling, Form, choices, lay_out, settle, typed};

use super::list::{Told, listed};
use super::read::read;
use super::{After, answer, encounter_of, filled, fills};
use crate::form::{self, MOST_FOUND};
use crate::house::Reader;
use crate::pages::fault::{self, Fault};
use crate::voice::Voice;

/// One act on a response: save, add a row, find a code, complete, throw away, amend.
pub async fn act(reader: Reader, Path((id, response)): Path<(String, String)>, body: Bytes) -> Response {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let first = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
    let is_script = !first("auto").is_empty();
    if !reader.visitor.proves(&HashMap::from([("token".to_owned(), first("token").to_owned())])) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !fills(&reader) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let is_person = reader.entry.caller.account.role == Role::Person;
    let stored = match filled(&reader, &id, &response).await {
        Ok(stored) => stored,
        // What somebody else is still writing is not shown, and whoever would write into it is told so.
        Err(_) if is_id(&id) && is_id(&response) && matches!(reader.visitor.house.door.gate().is_unsent(&reader.entry.caller, &id, &response), Ok(true)) => return fault::show(&reader.visitor, Fault::Refused),
        Err(response) => return response,
    };
    match first("act") {
        // The door refuses these to persons.
        "append" => {
            return match reader.visitor.house.door.gate().append_form(&reader.entry.caller, &stored).await {
                Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
                Err(Error::Refused(issues)) => {
                    let is_annulled = issues.iter().any(|issue| issue.rule == "annulled");
                    let said = Some(reader.visitor.voice.say(if is_annulled { "form-append-annulled" } else { "form-append-wrong" }));
                    read(reader, id, stored, StatusCode::UNPROCESSABLE_ENTITY, None, said).await
                }
                Err(error) => fault::of_error(&reader.visitor, &error),
            };
        }
        "amend" => return amend(reader, id, stored, first("reason")).await,
        "take" => {
            return match reader.visitor.house.door.gate().take_over(&reader.entry.caller, &stored).await {
                Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
                Err(error) => fault::of_error(&reader.visitor, &error),
            };
        }
        _ => {}
    }
    // What is signed is completed by it, and what a person says by being sent: the draft is kept, and the page that
    // asks comes next.
    let signs = !is_person && (first("act") == "sign" || (first("act") == "complete" && matches!(reader.visitor.house.door.gate().wants_signature(&stored), Ok(true))));
    let sends = is_person && matches!(first("act"), "complete" | "sign");
    // What was typed is kept before it is laid over the newer document.
    let begins_anew = first("act") == "anew" && stored.amends.is_some();
    let Some(act) = (if signs || sends || begins_anew { Some(Act::Save) } else { Act::read(first("act")) }) else { return fault::show(&reader.visitor, Fault::NotFound) };
    if stored.status != "in-progress" {
        // Somebody else has completed it meanwhile: what stands there is shown, and said.
        let said = Some(reader.visitor.voice.say("form-completed-meanwhile"));
        return if is_script { json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned()) } else { read(reader, id, stored, StatusCode::CONFLICT, None, said).await };
    }
    let gate = reader.visitor.house.door.gate().clone();
    let (voice, caller) = (reader.visitor.voice, reader.entry.caller.clone());
    // Without its form nothing can be read of what was typed.
    if stored.lacks_form && act != Act::Discard {
        let said = Some(voice.say("form-missing-draft"));
        return if is_script { json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned()) } else { read(reader, id, stored, StatusCode::CONFLICT, None, said).await };
    }
    if let (Act::Search(place), true) = (&act, is_script) {
        return found(&gate, &stored, place, &fields, &voice);
    }
    let around = match gate.around(&caller, &stored.form, &id, encounter_of(&stored).as_deref()).await {
        Ok(around) => around,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    // A page of before this was told, and whoever sends a form without the page, does not say what was asked.
    if act != Act::Discard && !first("asked").is_empty() && first("asked") != stored.form.fingerprint() {
        if is_script {
            return json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned());
        }
        let mut filling = typed(&stored.form, &stored.filling, &in_words(&stored.form, &fields), &Act::Save, voice.zone_offset_minutes, voice.code(), &gate.knowledge());
        settle(&stored.form, &mut filling, &around);
        if first("version") != stored.stored.version.to_string() {
            return conflict(reader, id, stored, filling, is_script).await;
        }
        return answer(reader, id, stored, StatusCode::CONFLICT, After { news: Some(voice.say("form-changed")), filling: Some(filling), ..After::default() }).await;
    }
    let mut filling = typed(&stored.form, &stored.filling, &fields, &act, voice.zone_offset_minutes, voice.code(), &gate.knowledge());
    settle(&stored.form, &mut filling, &around);
    if first("version") != stored.stored.version.to_string() {
        return conflict(reader, id, stored, filling, is_script).await;
    }
    if act == Act::Discard {
        return match gate.discard_form(&caller, &stored).await {
            Ok(()) => {
                let news = Told::News(voice.say("form-discarded"));
                listed(reader, id, StatusCode::OK, news, None).await
            }
            Err(error) => fault::of_error(&reader.visitor, &error),
        };
    }
    let saved = match gate.save_form(&caller, &stored, &filling).await {
        Ok(saved) => saved,
        Err(Error::VersionMismatch { .. }) => return conflict(reader, id, stored, filling, is_script).await,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    if is_script {
        let (laid, _) = lay_out(&saved.form, &filling, &around, &gate.knowledge());
        let (shown, locked) = form::standing(&laid, &voice);
        let said = voice.with("form-saved", &[("time", &voice.moment(saved.stored.last_updated))]);
        return json(StatusCode::OK, state(saved.stored.version, &shown, &locked, &said));
    }
    let first = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
    match act {
        _ if begins_anew => anew(reader, id, saved).await,
        _ if sends => Redirect::to(&format!("/person/{id}/forms/{}/send", saved.stored.id)).into_response(),
        _ if signs => Redirect::to(&format!("/person/{id}/forms/{}/sign", saved.stored.id)).into_response(),
        Act::Complete => complete(reader, id, saved).await,
        Act::Search(place) => {
            let search = Some((place.clone(), first(&format!("q:{place}")).to_owned()));
            answer(reader, id, saved, StatusCode::OK, After { search, filling: Some(filling), ..After::default() }).await
        }
        // Rows without an answer are on the page only: they are not in the draft.
        Act::Add(_) | Act::Remove(..) => answer(reader, id, saved, StatusCode::OK, After { filling: Some(filling), ..After::default() }).await,
        _ => Redirect::to(&format!("/person/{id}/forms/{}", saved.stored.id)).into_response(),
    }
}

/// What was typed without what was sent by a number, which may mean something else in a form that was changed: choices, and
/// amounts with a unit.
fn in_words(form: &Form, fields: &[(String, String)]) -> Vec<(String, String)> {
    fn place(name: &str) -> Option<&str> {
        name.split_once(':').map(|(_, place)| place)
    }
    let is_number = |value: &str| value.strip_prefix('c').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let is_numbered = |(name, value): &&(String, String)| {
        let link_id = place(name).and_then(|place| place.split_once(':')).map_or("", |(_, link_id)| link_id);
        is_number(value) || form.item(link_id).is_some_and(|item| !item.choices.is_empty() || !item.units.is_empty())
    };
    let left: HashSet<&str> = fields.iter().filter(is_numbered).filter_map(|(name, _)| place(name)).collect();
    fields.iter().filter(|(name, _)| place(name).is_none_or(|place| !left.contains(place))).cloned().collect()
}

/// An amendment goes on from the newest version of its document; what that one says otherwise stands under the fields.
async fn anew(reader: Reader, id: String, saved: Filled) -> Response {
    let voice = reader.visitor.voice;
    match reader.visitor.house.door.gate().amend_anew(&reader.entry.caller, &saved).await {
        Ok((draft, newest)) => answer(reader, id, draft, StatusCode::OK, After { news: Some(voice.say("form-anew-done")), newest: Some(newest), ..After::default() }).await,
        Err(Error::VersionMismatch { .. }) => {
            let filling = saved.filling.clone();
            conflict(reader, id, saved, filling, false).await
        }
        // The page says that the document is out of force.
        Err(Error::Refused(_)) => answer(reader, id, saved, StatusCode::CONFLICT, After::default()).await,
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

async fn complete(reader: Reader, id: String, saved: Filled) -> Response {
    let gate = reader.visitor.house.door.gate().clone();
    let voice = reader.visitor.voice;
    match gate.complete_form(&reader.entry.caller, &saved, &saved.filling).await {
        Ok(Completion::Done(done, count)) => {
            let news = Some(voice.count("form-done", count));
            read(reader, id, *done, StatusCode::OK, news, None).await
        }
        Ok(Completion::Faulty(faults)) => {
            let whole = faults.into_iter().filter(|(place, _)| place.is_empty()).map(|(_, fault)| fault).collect();
            answer(reader, id, saved, StatusCode::UNPROCESSABLE_ENTITY, After { shows_faults: true, whole, ..After::default() }).await
        }
        // The page names the newer version, and the way on.
        Ok(Completion::Overtaken) => answer(reader, id, saved, StatusCode::CONFLICT, After::default()).await,
        Err(Error::VersionMismatch { .. }) => {
            let filling = saved.filling.clone();
            conflict(reader, id, saved, filling, false).await
        }
        Err(error @ (Error::Refused(_) | Error::Entry { .. })) => {
            // What the record refuses is a flaw of the form, not of who fills it in.
            tracing::warn!(%error, issues = error.issues().len(), "what follows from a form was refused");
            answer(reader, id, saved, StatusCode::UNPROCESSABLE_ENTITY, After { news: Some(voice.say("form-refused")), ..After::default() }).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// Somebody else has saved meanwhile: nothing is written, and both are shown.
async fn conflict(reader: Reader, id: String, stored: Filled, filling: Filling, is_script: bool) -> Response {
    if is_script {
        return json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned());
    }
    let theirs = match filled(&reader, &id, &stored.stored.id).await {
        Ok(theirs) => theirs,
        Err(response) => return response,
    };
    if theirs.status != "in-progress" {
        let said = Some(reader.visitor.voice.say("form-completed-meanwhile"));
        return read(reader, id, theirs, StatusCode::CONFLICT, None, said).await;
    }
    let mine = Filled { stored: theirs.stored.clone(), ..stored };
    answer(reader, id, mine, StatusCode::CONFLICT, After { theirs: Some(theirs), filling: Some(filling), ..After::default() }).await
}

async fn amend(reader: Reader, id: String, stored: Filled, reason: &str) -> Response {
    match reader.visitor.house.door.gate().amend_form(&reader.entry.caller, &stored, reason).await {
        Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
        Err(Error::Refused(_)) => {
            let said = Some(reader.visitor.voice.say("form-amend-wrong"));
            read(reader, id, stored, StatusCode::UNPROCESSABLE_ENTITY, None, said).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// The codes that answer what is typed, for the script.
fn found(gate: &chart::Chart, stored: &Filled, place: &str, fields: &[(String, String)], voice: &Voice) -> Response {
    let link_id = place.split_once(':').map_or(place, |(_, link_id)| link_id);
    let typed = fields.iter().find(|(name, _)| name.strip_prefix("q:") == Some(place)).map_or("", |(_, value)| value.as_str());
    let Some(set) = stored.form.item(link_id).and_then(|item| item.value_set.as_deref()) else { return json(StatusCode::NOT_FOUND, "{\"found\":[],\"said\":\"\"}".to_owned()) };
    let (members, said) = match choices(&stored.form, set, typed, voice.code(), MOST_FOUND, &gate.knowledge()) {
        Ok((members, true)) => {
            let said = voice.with("form-found-more", &[("count", &members.len().to_string())]);
            (members, said)
        }
        Ok((members, false)) => {
            let said = voice.count("form-found", members.len());
            (members, said)
        }
        Err(_) => (Vec::new(), voice.say("form-no-list")),
    };
    let pairs: Vec<(String, String)> = members.iter().map(|member| (format!("{}|{}", member.system, member.code), form::called(&member.code, member.display.as_deref(), true))).collect();
    let mut out = String::from("{\"found\":");
    write_pairs(&pairs, &mut out);
    out.push_str(",\"said\":");
    write_string(&said, &mut out);
    out.push('}');
    json(StatusCode::OK, out)
}

fn state(version: u32, shown: &[String], locked: &[(String, String)], said: &str) -> String {
    let mut out = format!("{{\"version\":{version},\"shown\":[");
    for (place, one) in shown.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_string(one, &mut out);
    }
    out.push_str("],\"locked\":");
    write_pairs(locked, &mut out);
    out.push_str(",\"said\":");
    write_string(said, &mut out);
    out.push('}');
    out
}

fn write_pairs(pairs: &[(String, String)], out: &mut String) {
    out.push('[');
    for (place, (left, right)) in pairs.iter().enumerate() {
        out.push_str(if place > 0 { ",[" } else { "[" });
        write_string(left, out);
        out.push(',');
        write_string(right, out);
        out.push(']');
    }
    out.push(']');
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}
