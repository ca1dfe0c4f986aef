//! Choosing a facility, and its children who are behind with vaccinations.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use fhir::Document;

use super::fault::{self, Fault};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::overdue::{self, Behind, LOOKED_AT};
use crate::record::concept;

#[derive(Template)]
#[template(path = "overdue.html")]
struct OverduePage {
    frame: Frame,
    /// What was typed to find a facility.
    typed: String,
    /// Facilities found: address and name.
    facilities: Option<Vec<(String, String)>>,
    /// The facility shown.
    list: Option<List>,
}

struct List {
    name: String,
    behind: Behind,
    looked_at: String,
    next: Option<String>,
}

/// How many facilities a search lists.
const FACILITIES: usize = 50;

/// The choice of a facility. Its name is nobody's secret, so it may stand in an address.
pub async fn choose(reader: Reader, Query(query): Query<HashMap<String, String>>) -> Response {
    if !access::may_recall(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let typed: String = query.get("name").map_or("", String::as_str).trim().chars().take(200).collect();
    let mut facilities = None;
    if !typed.is_empty() {
        match reader.visitor.house.door.facilities(&reader.entry.caller, &typed, FACILITIES).await {
            Ok(found) => facilities = Some(found.iter().map(|one| (format!("/overdue/{}", one.id), name_of(&one.text).unwrap_or_else(|| one.id.clone()))).collect()),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        }
    }
    show(StatusCode::OK, &OverduePage { frame: reader.frame(), typed, facilities, list: None })
}

/// The list of one facility, page by page.
pub async fn list(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    if !access::may_recall(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let voice = reader.visitor.voice;
    let today = reader.now().civil(voice.zone_offset_minutes);
    let born_since = overdue::born_since(today);
    let (door, caller) = (&reader.visitor.house.door, &reader.entry.caller);
    let facility = match door.facility(caller, &id).await {
        Ok(facility) => facility,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let page = match door.children_of(caller, &id, &born_since, LOOKED_AT, query.get("cursor").map(String::as_str)).await {
        Ok(page) => page,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let looked_at = voice.count("overdue-looked-at", page.items.len());
    let next = page.next.map(|cursor| format!("/overdue/{id}?cursor={cursor}"));
    // A hundred forecasts take a while of a core; other requests must not wait for it.
    let Ok(behind) = tokio::task::spawn_blocking(move || overdue::overdue(&page.items, &voice, today)).await else { return fault::show(&reader.visitor, Fault::Failed) };
    let list = List { name: name_of(&facility.text).unwrap_or_else(|| id.clone()), behind, looked_at, next };
    show(StatusCode::OK, &OverduePage { frame: reader.frame(), typed: String::new(), facilities: None, list: Some(list) })
}

fn name_of(text: &str) -> Option<String> {
    concept::said(Document::read(text).ok()?.root(), "name")
}
