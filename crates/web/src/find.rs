//! Finding a person: namesakes stay separable by age, sex, identifier, place and last visit.

use chart::PersonHit;
use country::NameKey;
use fhir::Document;

use crate::banner;
use crate::plain;
use crate::record::concept;
use crate::units;
use crate::voice::{Day, Voice};

/// How many persons a page lists.
pub const LIMIT: usize = 50;

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// How many, in words.
    pub summary: String,
    /// The persons.
    pub rows: Vec<FoundRow>,
    /// Words where there may be more.
    pub more: Option<String>,
}

/// One person.
#[derive(Clone, Debug)]
pub struct FoundRow {
    /// Logical id.
    pub person: String,
    /// As their country composes it.
    pub name: String,
    /// Birth date.
    pub born: String,
    /// Age today, empty for the dead.
    pub age: String,
    /// Day of death.
    pub died: Option<String>,
    /// The word for the administrative gender.
    pub sex: String,
    /// What the identifier is called.
    pub identifier_label: String,
    /// The identifier without its last four signs.
    pub identifier_head: String,
    /// Its last four, shown strong: what people say at a desk.
    pub identifier_tail: String,
    /// Commune, municipality or city.
    pub place: String,
    /// When last seen.
    pub seen: String,
}

/// Puts the persons found into words.
pub fn found(hits: &[PersonHit], voice: &Voice, today: Day) -> FoundPage {
    let mut rows: Vec<(NameKey, FoundRow)> = hits.iter().take(LIMIT).filter_map(|hit| row(hit, voice, today)).collect();
    // Namesakes keep the order in which they were found.
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let rows: Vec<FoundRow> = rows.into_iter().map(|(_, row)| row).collect();
    FoundPage { summary: voice.count("find-count", rows.len()), more: (hits.len() >= LIMIT).then(|| voice.count("find-more", LIMIT)), rows }
}

fn row(hit: &PersonHit, voice: &Voice, today: Day) -> Option<(NameKey, FoundRow)> {
    let document = Document::read(&hit.patient.text).ok()?;
    let patient = document.root();
    let died = fhir::life::death(patient).map(|death| death.day().map_or_else(String::new, |day| voice.date(&day)));
    let (label, shown) = banner::identifiers(patient, voice).into_iter().next().unwrap_or_default();
    let split = shown.char_indices().rev().filter(|(_, sign)| sign.is_alphanumeric()).nth(3).map_or(0, |(place, _)| place);
    let address = patient.get("address").and_then(|addresses| addresses.first());
    let place = address.and_then(|address| {
        let parts: Vec<(&str, String)> = ["city", "district", "state"].into_iter().filter_map(|member| Some((member, concept::said(address, member)?))).take(2).collect();
        if parts.is_empty() {
            return plain::address(address, voice);
        }
        let today = units::today(address, voice).filter(|_| parts.iter().any(|(member, _)| *member == "state"));
        let parts: Vec<&str> = parts.iter().map(|(_, part)| part.as_str()).collect();
        Some(parts.join(", ") + &today.map_or_else(String::new, |today| format!(" ({today})")))
    });
    let key = banner::sort_key(patient, banner::country_of(patient));
    let row = FoundRow {
        person: hit.patient.id.clone(),
        name: banner::name(patient, banner::country_of(patient)).unwrap_or_else(|| voice.say("name-unknown")),
        born: banner::born(patient, voice).unwrap_or_else(|| voice.say("not-stated")),
        age: if died.is_some() { String::new() } else { banner::age(patient, voice, today).unwrap_or_default() },
        died,
        sex: banner::sex(patient, voice),
        identifier_label: label,
        identifier_head: shown[..split].to_owned(),
        identifier_tail: shown[split..].to_owned(),
        place: place.unwrap_or_default(),
        seen: hit.last_seen.map_or_else(String::new, |moment| voice.day(moment.civil(voice.zone_offset_minutes))),
    };
    Some((key, row))
}
