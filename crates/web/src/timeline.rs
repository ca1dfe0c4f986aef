//! One timeline: everything that happened, by year, filtered by plain links.
//!
//! * Measurements of one encounter or day are one entry, orders of medicines too, and results
//!   stand inside their report, so that ten thousand values do not hide forty visits.
//! * Without a filter a note stands inside its encounter; with the filter, on its own.
//! * Every entry tells at which institution it was written; values of two institutions are never one entry.
//! * Within a day, encounters come first and what was recorded in them after.
//! * Without a filter, everything clinical is shown; administration has its own link.
//! * Addresses carry kinds, pages and the digest of a place; never words about the person.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::cards::{medicines, story, vitals};
use crate::record::quantity;
use crate::record::{Item, Kind, Record, When, clinical, concept};
use crate::voice::Voice;

/// How many entries a page holds.
pub const PAGE_ENTRIES: usize = 60;
/// How many values one entry lists; of more it says how many.
const VALUES: usize = 24;
/// How many places the filter offers at once; the others are folded.
const PLACES: usize = 12;

/// What is asked of the timeline.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimelineQuery {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only the place of this digest.
    pub place: Option<u32>,
    /// From 1.
    pub page: usize,
}

/// The page, ready to be written.
#[derive(Clone, Debug, Default)]
pub struct TimelinePage {
    /// How many entries, in words.
    pub summary: String,
    /// Filter by kind.
    pub kinds: Vec<FilterLink>,
    /// Filter by place.
    pub places: Vec<FilterLink>,
    /// The places that have fewer entries, and how many they are, in words; none where all stand above.
    pub fewer: Option<(String, Vec<FilterLink>)>,
    /// Jumps to years.
    pub years: Vec<FilterLink>,
    /// The entries of this page.
    pub groups: Vec<YearGroup>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
    /// `Page 2 of 9`.
    pub position: String,
}

/// A link of a filter.
#[derive(Clone, Debug)]
pub struct FilterLink {
    /// Where it leads.
    pub link: String,
    /// Its word.
    pub word: String,
    /// How many entries it shows.
    pub count: String,
    /// True for the filter that is on.
    pub is_here: bool,
}

/// The entries of one year.
#[derive(Clone, Debug)]
pub struct YearGroup {
    /// The year, or words for entries without a date.
    pub year: String,
    /// The same as part of an address.
    pub anchor: String,
    /// Newest first.
    pub events: Vec<EventRow>,
}

/// One entry.
#[derive(Clone, Debug, Default)]
pub struct EventRow {
    /// Its day, or days.
    pub day: String,
    /// The word for its kind.
    pub kind: String,
    /// Name of the kind, for its mark.
    pub kind_name: &'static str,
    /// What it is about.
    pub title: String,
    /// Place and person.
    pub place: String,
    /// Further words.
    pub lines: Vec<String>,
    /// Measured values.
    pub values: Vec<EventValue>,
    /// Words for how many more were measured than are listed; empty where all are.
    pub more: String,
    /// Several medicines ordered together.
    pub orders: Vec<EventOrder>,
    /// Where it is shown.
    pub link: String,
}

/// One value of an entry.
#[derive(Clone, Debug)]
pub struct EventValue {
    /// What was measured.
    pub name: String,
    /// The value with its unit.
    pub value: String,
    /// ▲, ▼ or nothing.
    pub sign: &'static str,
    /// The word for the sign.
    pub standing: String,
    /// True for what must not be overlooked.
    pub is_abnormal: bool,
    /// Where it is shown.
    pub link: String,
}

/// One medicine among several.
#[derive(Clone, Debug)]
pub struct EventOrder {
    /// Name and strength.
    pub name: String,
    /// How to take it, may be empty.
    pub how: String,
    /// Where it is shown.
    pub link: String,
}

/// One entry before it is put into words.
struct Event<'r, 'i> {
    when: Option<When>,
    kind: Kind,
    place: Option<u32>,
    /// True for a note whose encounter shows it already.
    is_inside: bool,
    /// The entry, or all measurements that are one entry.
    items: Vec<&'i Item<'r>>,
}

/// Reads one page of the timeline.
pub fn timeline(record: &Record<'_>, voice: &Voice, query: TimelineQuery) -> TimelinePage {
    let (events, place_names) = events(record, voice);
    let fits_kind = |event: &Event<'_, '_>| query.kind.map_or(event.kind.is_clinical() && !event.is_inside, |kind| event.kind == kind);
    let fits_place = |event: &Event<'_, '_>| query.place.is_none() || event.place == query.place;
    let shown: Vec<&Event<'_, '_>> = events.iter().filter(|event| fits_kind(event) && fits_place(event)).collect();
    let pages = shown.len().div_ceil(PAGE_ENTRIES).max(1);
    let page = query.page.clamp(1, pages);
    let address = Address { person: record.person(), query };
    let mut places = place_links(&events, &fits_kind, &place_names, &address, voice);
    // The first is that of every place.
    let fewer = places.split_off(places.len().min(PLACES + 1));
    let on_page = &shown[(page - 1) * PAGE_ENTRIES..(page * PAGE_ENTRIES).min(shown.len())];
    TimelinePage {
        summary: voice.count("timeline-events", shown.len()),
        kinds: kind_links(&events, &fits_place, &address, voice),
        places,
        fewer: (!fewer.is_empty()).then(|| (voice.with("banner-more", &[("count", &voice.whole(fewer.len()))]), fewer)),
        years: year_links(&shown, &address, voice),
        groups: groups(record, on_page, voice),
        newer: (page > 1).then(|| address.page(page - 1)),
        older: (page < pages).then(|| address.page(page + 1)),
        position: voice.with("page-of", &[("page", &page.to_string()), ("pages", &pages.to_string())]),
    }
}

/// Builds the addresses of this timeline.
struct Address<'a> {
    person: &'a str,
    query: TimelineQuery,
}

impl Address<'_> {
    fn of(&self, kind: Option<Kind>, place: Option<u32>, page: usize) -> String {
        let mut parts = Vec::new();
        if let Some(kind) = kind {
            parts.push(format!("kind={}", kind.name()));
        }
        if let Some(place) = place {
            parts.push(format!("place={place:08x}"));
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        let question = if parts.is_empty() { "" } else { "?" };
        format!("/person/{}/timeline{question}{}", self.person, parts.join("&"))
    }

    fn page(&self, page: usize) -> String {
        self.of(self.query.kind, self.query.place, page)
    }
}

/// All entries, newest first, those without a date last; and the names of places by digest.
fn events<'r, 'i>(record: &'i Record<'r>, voice: &Voice) -> (Vec<Event<'r, 'i>>, HashMap<u32, String>) {
    let mut names: HashMap<u32, String> = HashMap::new();
    let mut encounter_places: HashMap<&str, Option<u32>> = HashMap::new();
    let in_reports = results_in_reports(record);
    let mut events: Vec<Event<'_, '_>> = Vec::new();
    let mut measured: HashMap<(Kind, String), usize> = HashMap::new();
    for item in record.all() {
        if item.is_error() || item.type_name() == "Provenance" || item.type_name() == "AuditEvent" || (item.type_name() == "Communication" && chart::is_log_question(item.root())) {
            continue;
        }
        let is_observation = item.type_name() == "Observation";
        if is_observation && in_reports.contains(item.stored.id.as_str()) {
            continue;
        }
        let encounter = if item.type_name() == "Encounter" { Some(item) } else { record.encounter(item) };
        let place = match encounter {
            Some(encounter) => *encounter_places.entry(encounter.stored.id.as_str()).or_insert_with(|| clinical::own_place(record, encounter.root()).map(|name| learn(&mut names, name))),
            None => record.place_of(item).map(|name| learn(&mut names, name)),
        };
        let when = record.when(item, voice);
        let kind = Kind::of(item);
        if is_observation || item.type_name() == "MedicationRequest" {
            // What two institutions measured on one day are two entries.
            let day = || format!("{} {}", when.map_or_else(String::new, |when| voice.date(&when.date)), place.unwrap_or_default());
            let set = encounter.map_or_else(day, |encounter| encounter.stored.id.clone());
            if let Some(place) = measured.get(&(kind, set.clone())) {
                events[*place].items.push(item);
                continue;
            }
            measured.insert((kind, set), events.len());
        }
        let is_inside = kind == Kind::Note && encounter.is_some();
        events.push(Event { when, kind, place, is_inside, items: vec![item] });
    }
    let day = |event: &Event<'_, '_>| event.when.map(|when| voice.local(&when.date).0);
    events.sort_by_cached_key(|event| (Reverse(day(event)), event.kind, Reverse(event.when.map(|when| when.at))));
    (events, names)
}

/// Ids of observations that stand inside a report.
fn results_in_reports<'i>(record: &'i Record<'_>) -> HashSet<&'i str> {
    let mut ids = HashSet::new();
    for report in record.valid("DiagnosticReport") {
        for reference in report.root().get("result").into_iter().flat_map(|all| all.items()) {
            if let Some(target) = record.target(reference) {
                ids.insert(target.stored.id.as_str());
            }
        }
    }
    ids
}

fn learn(names: &mut HashMap<u32, String>, name: String) -> u32 {
    // FNV-1a: a place needs a short name in addresses, not a secret.
    let digest = name.bytes().fold(0x811c_9dc5u32, |hash, byte| (hash ^ byte as u32).wrapping_mul(0x0100_0193));
    names.entry(digest).or_insert(name);
    digest
}

fn kind_links(events: &[Event<'_, '_>], fits_place: &dyn Fn(&Event<'_, '_>) -> bool, address: &Address<'_>, voice: &Voice) -> Vec<FilterLink> {
    let mut counts: HashMap<Kind, usize> = HashMap::new();
    for event in events.iter().filter(|event| fits_place(event)) {
        *counts.entry(event.kind).or_default() += 1;
    }
    let clinical = events.iter().filter(|event| fits_place(event) && event.kind.is_clinical() && !event.is_inside).count();
    let link = |kind: Option<Kind>, word: String, count: usize| FilterLink { link: address.of(kind, address.query.place, 1), word, count: voice.whole(count), is_here: address.query.kind == kind };
    let mut links = vec![link(None, voice.say("timeline-everything"), clinical)];
    links.extend(Kind::all().filter_map(|kind| Some(link(Some(kind), voice.say(kind.key()), counts.get(&kind).copied()?))));
    links
}

fn place_links(events: &[Event<'_, '_>], fits_kind: &dyn Fn(&Event<'_, '_>) -> bool, names: &HashMap<u32, String>, address: &Address<'_>, voice: &Voice) -> Vec<FilterLink> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    let mut total = 0;
    for event in events.iter().filter(|event| fits_kind(event)) {
        total += 1;
        if let Some(place) = event.place {
            *counts.entry(place).or_default() += 1;
        }
    }
    let mut counted: Vec<(u32, usize)> = counts.into_iter().collect();
    counted.sort_by_key(|(place, count)| (Reverse(*count), *place));
    let link = |place: Option<u32>, word: String, count: usize| FilterLink { link: address.of(address.query.kind, place, 1), word, count: voice.whole(count), is_here: address.query.place == place };
    let mut links = vec![link(None, voice.say("timeline-every-place"), total)];
    links.extend(counted.into_iter().filter_map(|(place, count)| Some(link(Some(place), names.get(&place)?.clone(), count))));
    links
}

fn year_links(shown: &[&Event<'_, '_>], address: &Address<'_>, voice: &Voice) -> Vec<FilterLink> {
    let mut years: BTreeMap<Reverse<i32>, (usize, usize)> = BTreeMap::new();
    for (place, event) in shown.iter().enumerate() {
        if let Some(when) = event.when {
            years.entry(Reverse(voice.local(&when.date).0.0)).or_insert((place, 0)).1 += 1;
        }
    }
    years.into_iter().map(|(year, (first, count))| FilterLink { link: format!("{}#y{}", address.page(first / PAGE_ENTRIES + 1), year.0), word: year.0.to_string(), count: voice.whole(count), is_here: false }).collect()
}

fn groups(record: &Record<'_>, events: &[&Event<'_, '_>], voice: &Voice) -> Vec<YearGroup> {
    let notes = if events.iter().any(|event| event.kind.is_encounter()) { notes(record) } else { HashMap::new() };
    let mut groups: Vec<YearGroup> = Vec::new();
    for event in events {
        let year = event.when.map(|when| voice.local(&when.date).0.0.to_string());
        let anchor = year.clone().unwrap_or_default();
        if groups.last().is_none_or(|group| group.anchor != anchor) {
            groups.push(YearGroup { year: year.unwrap_or_else(|| voice.say("timeline-no-date")), anchor, events: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.events.push(row(record, event, &notes, voice));
        }
    }
    groups
}

/// The first note of every encounter.
fn notes<'r, 'i>(record: &'i Record<'r>) -> HashMap<&'i str, &'i Item<'r>> {
    let mut notes = HashMap::new();
    for note in ["ClinicalImpression", "Composition", "DocumentReference"].into_iter().flat_map(|kind| record.valid(kind)) {
        if let Some(encounter) = record.encounter(note) {
            notes.entry(encounter.stored.id.as_str()).or_insert(note);
        }
    }
    notes
}

fn row(record: &Record<'_>, event: &Event<'_, '_>, notes: &HashMap<&str, &Item<'_>>, voice: &Voice) -> EventRow {
    let Some(item) = event.items.first() else { return EventRow::default() };
    let root = item.root();
    let is_measured = item.type_name() == "Observation";
    let mut row = EventRow {
        day: event.when.map_or_else(|| voice.say("timeline-no-date"), |when| voice.date(&when.date)),
        kind: voice.say(event.kind.key()),
        kind_name: event.kind.name(),
        title: if is_measured || event.items.len() > 1 { String::new() } else { clinical::title(record, root).unwrap_or_default() },
        // Of every entry it is said at which institution it was written, also that nobody said so.
        place: [Some(record.place_of(item).unwrap_or_else(|| voice.say("institution-not-stated"))), clinical::person_of(record, root)].into_iter().flatten().collect::<Vec<_>>().join(", "),
        link: item.link(record.person()),
        ..EventRow::default()
    };
    match item.type_name() {
        "Encounter" => {
            row.title = story::reason(record, root).unwrap_or_default();
            row.day = event.when.map_or(row.day, |when| story::period(when, root, voice));
            row.lines = notes.get(item.stored.id.as_str()).map_or_else(Vec::new, |note| story::assessment(note.root()));
        }
        "Composition" | "DocumentReference" | "ClinicalImpression" => row.lines = story::assessment(root),
        "Observation" => row.values = event.items.iter().filter_map(|item| value(record, item, voice)).collect(),
        "DiagnosticReport" => {
            row.values = root.get("result").into_iter().flat_map(|all| all.items()).filter_map(|reference| value(record, record.target(reference)?, voice)).collect();
            row.lines = concept::said(root, "conclusion").into_iter().collect();
        }
        "MedicationRequest" if event.items.len() > 1 => row.orders = event.items.iter().filter_map(|item| order(record, item, voice)).collect(),
        "MedicationRequest" | "MedicationStatement" => {
            row.lines = how(root, voice).into_iter().collect();
        }
        _ => row.lines = root.get("note").and_then(|notes| concept::said(notes.first()?, "text")).into_iter().collect(),
    }
    if let Some(more) = row.values.len().checked_sub(VALUES).filter(|more| *more > 0) {
        // What is out of range comes first, so that it is not among those that are only counted.
        row.values.sort_by_key(|value| !value.is_abnormal);
        row.values.truncate(VALUES);
        row.more = voice.count("timeline-values-more", more);
    }
    row
}

/// How a medicine is to be taken, all steps of it; of one that is not to be given that it is not.
fn how(root: fhir::Value<'_>, voice: &Voice) -> Option<String> {
    let forbidden = (root.get("doNotPerform").and_then(|flag| flag.as_bool()) == Some(true)).then(|| voice.say("medicine-not-given"));
    let dosages = root.get("dosageInstruction").or_else(|| root.get("dosage")).into_iter().flat_map(|all| all.each().collect::<Vec<_>>());
    let told: Vec<String> = forbidden.into_iter().chain(dosages.filter_map(|dosage| medicines::dosage_text(dosage, voice))).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn order(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> Option<EventOrder> {
    Some(EventOrder { name: clinical::title(record, item.root())?, how: how(item.root(), voice).unwrap_or_default(), link: item.link(record.person()) })
}

/// One measured value, however it was recorded; none where it has no value.
pub fn value(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> Option<EventValue> {
    let root = item.root();
    let standing = quantity::standing(root);
    let text = vitals::pressure_text(item, voice).or_else(|| quantity::shown(voice, root).map(|shown| quantity::joined(&shown))).or_else(|| components(root, voice))?;
    let name = vitals::sign_name(root, voice).or_else(|| clinical::title(record, root))?;
    Some(EventValue { name, value: text, sign: standing.sign(), standing: standing.key().map_or_else(String::new, |key| voice.say(key)), is_abnormal: standing.is_abnormal(), link: item.link(record.person()) })
}

/// A panel without a value of its own: its components.
fn components(root: fhir::Value<'_>, voice: &Voice) -> Option<String> {
    let parts: Vec<String> = root
        .get("component")?
        .each()
        .filter_map(|component| {
            let value = quantity::joined(&quantity::shown(voice, component)?);
            Some(format!("{} {value}", component.get("code").and_then(concept::text)?))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn the_places_beyond_the_first_are_folded_and_counted() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: fhir::ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        for (count, expected) in [(12, None), (14, Some(("2 more", 2)))] {
            let visit = |number: usize| stored("Encounter", &format!("e{number}"), format!(r#"{{"resourceType":"Encounter","id":"e{number}","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/p"}},"period":{{"start":"2026-02-01"}},"serviceProvider":{{"display":"Clinic {number}"}}}}"#));
            let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources: (0..count).map(visit).collect(), shared: Vec::new(), holds: Vec::new() };
            let page = timeline(&Record::new(&record), &Voice { language: Language::English, zone_offset_minutes: 0 }, TimelineQuery::default());
            assert_eq!(page.places.len(), PLACES + 1, "every place, and the first of them");
            assert_eq!(page.fewer.as_ref().map(|(words, links)| (words.as_str(), links.len())), expected);
        }
    }

    #[test]
    fn every_step_of_a_dosage_is_told_and_what_is_not_given() {
        let voice = Voice { language: Language::English, zone_offset_minutes: 0 };
        let told = |text: &str| how(fhir::Document::read(text).unwrap().root(), &voice);
        assert_eq!(told(r#"{"dosageInstruction":[{"text":"40 mg"},{"text":"20 mg"}]}"#).as_deref(), Some("40 mg; 20 mg"));
        assert_eq!(told(r#"{"doNotPerform":true,"dosageInstruction":[{"text":"100 mg"}]}"#).as_deref(), Some("Not to be given; 100 mg"));
        assert_eq!(told("{}"), None);
    }
}
