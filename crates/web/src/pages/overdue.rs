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
use crate::overdue::{self, Area, Behind, LOOKED_AT};
use crate::record::concept;
use crate::voice::Voice;

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
    /// Persons of whom it is known that they are not of age yet; none on a page of the others.
    looked_at: Option<String>,
    /// Persons of whom no birth date is known; none where there are none.
    undated: Option<String>,
    /// Where those who are listed live; empty where that is one place.
    areas: Vec<AreaLink>,
    next: Option<String>,
    /// More of whom no birth date is known.
    next_undated: Option<String>,
}

/// A province or state, as a link to those who live there.
struct AreaLink {
    link: String,
    name: String,
    count: usize,
    is_chosen: bool,
}

/// The word by which an address asks for those of whom it is not known where they live.
const NOWHERE: &str = "none";

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
    let (cursor, undated_cursor) = (query.get("cursor").map(String::as_str), query.get("undated").map(String::as_str));
    // Those of whom no birth date is known begin on the first page and go on by themselves.
    let (mut children, mut looked_at, mut next) = (Vec::new(), None, None);
    if undated_cursor.is_none() {
        match door.children_of(caller, &id, &born_since, LOOKED_AT, cursor).await {
            Ok(page) => (looked_at, next, children) = (Some(voice.count("overdue-looked-at", page.items.len())), page.next, page.items),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        }
    }
    let (mut undated, mut next_undated) = (None, None);
    if cursor.is_none() {
        match door.undated_of(caller, &id, LOOKED_AT, undated_cursor).await {
            Ok(page) => {
                undated = (!page.items.is_empty()).then(|| voice.count("overdue-undated", page.items.len()));
                next_undated = page.next;
                children.extend(page.items);
            }
            Err(error) => return fault::of_error(&reader.visitor, &error),
        }
    }
    // A hundred forecasts take a while of a core; other requests must not wait for it.
    let Ok(mut behind) = tokio::task::spawn_blocking(move || overdue::overdue(&children, &voice, today)).await else { return fault::show(&reader.visitor, Fault::Failed) };
    let chosen = query.get("area").filter(|key| *key == NOWHERE || Area::named(key).is_some()).map(String::as_str);
    let to = |cursor: Option<(&str, &str)>, area: Option<&str>| {
        let mut address = url::form_urlencoded::Serializer::new(String::new());
        address.extend_pairs(cursor);
        address.extend_pairs(area.map(|area| ("area", area)));
        let query = address.finish();
        if query.is_empty() { format!("/overdue/{id}") } else { format!("/overdue/{id}?{query}") }
    };
    let here = cursor.map(|cursor| ("cursor", cursor)).or(undated_cursor.map(|cursor| ("undated", cursor)));
    let areas = areas(&behind, chosen, &voice, &|area: Option<&str>| to(here, area));
    if let Some(area) = chosen {
        behind.only(Some(area).filter(|area| *area != NOWHERE));
    }
    let list = List {
        name: name_of(&facility.text).unwrap_or_else(|| id.clone()),
        behind,
        looked_at,
        undated,
        areas,
        next: next.map(|cursor| to(Some(("cursor", cursor.as_str())), chosen)),
        next_undated: next_undated.map(|cursor| to(Some(("undated", cursor.as_str())), chosen)),
    };
    show(StatusCode::OK, &OverduePage { frame: reader.frame(), typed: String::new(), facilities: None, list: Some(list) })
}

/// All, and each province in which somebody of a page lives, as links; nothing where there is nothing to choose.
fn areas(behind: &Behind, chosen: Option<&str>, voice: &Voice, to: &dyn Fn(Option<&str>) -> String) -> Vec<AreaLink> {
    let mut all = behind.areas();
    // What was chosen stays to be seen, also where nobody of this page lives there.
    let is_listed = all.iter().any(|(area, _)| Some(area.as_ref().map_or(NOWHERE, |area| area.key.as_str())) == chosen);
    if let Some(key) = chosen.filter(|_| !is_listed) {
        all.push((Area::named(key), 0));
    }
    if all.len() < 2 && chosen.is_none() {
        return Vec::new();
    }
    let whole = AreaLink { link: to(None), name: voice.say("overdue-area-all"), count: behind.rows.len() + behind.unjudged.len(), is_chosen: chosen.is_none() };
    let each = all.into_iter().map(|(area, count)| {
        let key = area.as_ref().map_or(NOWHERE, |area| area.key.as_str());
        AreaLink { link: to(Some(key)), is_chosen: chosen == Some(key), name: area.as_ref().map_or_else(|| voice.say("overdue-area-none"), |area| area.name.clone()), count }
    });
    std::iter::once(whole).chain(each).collect()
}

fn name_of(text: &str) -> Option<String> {
    concept::said(Document::read(text).ok()?.root(), "name")
}
