//! One person under two Patients: who may be the same, both side by side, the merge, its undoing, and
//! what came in between.

use std::collections::HashMap;

use access::may_merge;
use askama::Template;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, Later, MatchWish, PersonRecord, Stored};
use country::IdentifierSystem;
use fhir::{Document, ResourceType, Value, is_id};

use super::fault::{self, Fault};
use crate::banner::{self, Allergies, Banner, country_of};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::likeness;
use crate::plain;
use crate::rail::{self, RailLink};
use crate::record::{Item, Record, clinical, concept};
use crate::voice::{Day, Voice};

/// Persons named at most.
const MOST_NAMED: usize = 20;
/// The longest reason.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "same.html")]
struct SamePage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    merged: Vec<Named>,
    likely: Vec<Named>,
    asked: String,
    found: Option<Vec<Named>>,
    fault: Option<String>,
    longest: usize,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    other: String,
    other_name: String,
    rows: Vec<CompareRow>,
    fault: Option<String>,
    longest: usize,
}

#[derive(Template)]
#[template(path = "later.html")]
struct LaterPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    /// What lies in each of the two records, and may belong to the other.
    sides: Vec<Side>,
    other: String,
    news: Option<String>,
    faults: Vec<String>,
    longest: usize,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct QueuePage {
    frame: Frame,
    pairs: Vec<Pair>,
    waiting: String,
}

/// Two who may be one.
struct Pair {
    one: Named,
    other: Named,
}

/// Somebody who may be the same, or was merged.
struct Named {
    id: String,
    name: String,
    /// Birth date, sex and the first identifier.
    facts: String,
    /// How likely it is, in a word; empty where nobody judged.
    grade: String,
}

/// One thing said of both.
struct CompareRow {
    what: String,
    one: String,
    other: String,
    /// Both say it and say the same; none where one says nothing.
    agrees: Option<bool>,
}

/// Entries of one record that came while two were one.
struct Side {
    /// In whose record they lie.
    title: String,
    /// Whose they would become.
    to: String,
    choose: String,
    entries: Vec<LaterRow>,
}

struct LaterRow {
    /// `Observation/23`.
    reference: String,
    day: String,
    title: String,
    /// Why it cannot be moved; empty where it can.
    note: String,
}

/// The page.
pub async fn page(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    one(reader, id, query.get("q").cloned().unwrap_or_default(), StatusCode::OK, None).await
}

async fn one(reader: Reader, id: String, asked: String, status: StatusCode, fault: Option<String>) -> Response {
    let record = match open(&reader, &id).await {
        Ok(record) => record,
        Err(response) => return response,
    };
    let (gate, caller, voice) = (reader.visitor.house.door.gate(), &reader.entry.caller, reader.visitor.voice);
    let own: Vec<&str> = record.merged.iter().chain([&record.patient]).map(|patient| patient.id.as_str()).collect();
    let Ok(document) = Document::read(&record.patient.text) else { return fault::show(&reader.visitor, Fault::Failed) };
    let likely = match gate.match_person(caller, document.root(), MatchWish { only_certain: false, count: MOST_NAMED }).await {
        Ok(matches) => matches.items.into_iter().filter(|one| !own.contains(&one.patient.id.as_str())).map(|one| named(&one.patient, likeness::grade(one.grade, &voice), &voice)).collect(),
        // Who has neither a name nor a number is like nobody.
        Err(Error::Refused(_) | Error::Invalid(_)) => Vec::new(),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let found = match asked.trim() {
        "" => None,
        text => match gate.find_persons(caller, text, MOST_NAMED).await {
            Ok(hits) => Some(hits.into_iter().filter(|hit| !own.contains(&hit.patient.id.as_str())).map(|hit| named(&hit.patient, String::new(), &voice)).collect()),
            Err(Error::Malformed(_) | Error::TooCostly(_)) => Some(Vec::new()),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        },
    };
    let merged = record.merged.iter().map(|patient| named(patient, String::new(), &voice)).collect();
    let (frame, banner, rail) = around(&reader, &record);
    show(status, &SamePage { frame, banner, rail, merged, likely, asked, found, fault, longest: LONGEST })
}

/// Both side by side.
pub async fn compare(reader: Reader, Path((id, other)): Path<(String, String)>) -> Response {
    side_by_side(reader, id, other, StatusCode::OK, None).await
}

async fn side_by_side(reader: Reader, id: String, other: String, status: StatusCode, fault: Option<String>) -> Response {
    let (one, two) = match (open(&reader, &id).await, open(&reader, &other).await) {
        (Ok(one), Ok(two)) => (one, two),
        (Err(response), _) | (_, Err(response)) => return response,
    };
    if one.patient.id == two.patient.id {
        return Redirect::to(&format!("/person/{}/same", one.patient.id)).into_response();
    }
    let voice = reader.visitor.voice;
    let (Ok(left), Ok(right)) = (Document::read(&one.patient.text), Document::read(&two.patient.text)) else { return fault::show(&reader.visitor, Fault::Failed) };
    let today = reader.now().civil(voice.zone_offset_minutes);
    let mut rows = compared(left.root(), right.root(), &voice, today);
    rows.push(CompareRow { what: voice.say("same-entries"), one: voice.whole(one.resources.len()), other: voice.whole(two.resources.len()), agrees: None });
    let (frame, banner, rail) = around(&reader, &one);
    let other_name = banner::name_of(&two.patient, &voice);
    show(status, &ComparePage { frame, banner, rail, other: two.patient.id, other_name, rows, fault, longest: LONGEST })
}

/// The pairs that wait for a decision.
pub async fn queue(reader: Reader) -> Response {
    if let Err(response) = may(&reader, &[], None) {
        return response;
    }
    let voice = reader.visitor.voice;
    match reader.visitor.house.door.gate().duplicates(&reader.entry.caller, MOST_NAMED).await {
        Ok((found, waiting)) => {
            let pairs = found.into_iter().map(|two| Pair { one: named(&two.one, likeness::grade(two.grade, &voice), &voice), other: named(&two.other, String::new(), &voice) }).collect();
            show(StatusCode::OK, &QueuePage { frame: reader.frame(), pairs, waiting: voice.count("duplicates-waiting", waiting) })
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// They are two persons.
pub async fn apart(reader: Reader, Path((id, other)): Path<(String, String)>, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Err(response) = may(&reader, &[&id, &other], Some(&form)) {
        return response;
    }
    let reason = form.get("reason").map_or("", String::as_str);
    match reader.visitor.house.door.gate().keep_apart(&reader.entry.caller, &id, &other, reason).await {
        Ok(()) => Redirect::to("/duplicates").into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_))) => {
            let fault = refusal(&error, &reader.visitor.voice);
            side_by_side(reader, id, other, StatusCode::UNPROCESSABLE_ENTITY, Some(fault)).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// They are one person.
pub async fn merge(reader: Reader, Path((id, other)): Path<(String, String)>, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Err(response) = may(&reader, &[&id, &other], Some(&form)) {
        return response;
    }
    let said = |name: &str| form.get(name).map_or("", String::as_str);
    let (stays, replaced) = if said("stays") == other { (other.clone(), id.clone()) } else { (id.clone(), other.clone()) };
    match reader.visitor.house.door.gate().merge(&reader.entry.caller, &stays, &replaced, said("reason")).await {
        Ok(_) => Redirect::to(&format!("/person/{stays}/same")).into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_))) => {
            let fault = refusal(&error, &reader.visitor.voice);
            side_by_side(reader, id, other, StatusCode::UNPROCESSABLE_ENTITY, Some(fault)).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// They are two persons after all.
pub async fn undo(reader: Reader, Path((id, other)): Path<(String, String)>, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Err(response) = may(&reader, &[&id, &other], Some(&form)) {
        return response;
    }
    let reason = form.get("reason").map_or("", String::as_str);
    match reader.visitor.house.door.gate().unmerge(&reader.entry.caller, &other, reason).await {
        Ok(unmerged) => Redirect::to(&format!("/person/{}/same/{other}/later", unmerged.stayed.id)).into_response(),
        Err(error @ (Error::Refused(_) | Error::Conflict(_))) => {
            let fault = refusal(&error, &reader.visitor.voice);
            one(reader, id, String::new(), StatusCode::UNPROCESSABLE_ENTITY, Some(fault)).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// What was written while they were one.
pub async fn later(reader: Reader, Path((id, other)): Path<(String, String)>) -> Response {
    listed(reader, id, other, StatusCode::OK, None, Vec::new()).await
}

async fn listed(reader: Reader, id: String, other: String, status: StatusCode, news: Option<String>, faults: Vec<String>) -> Response {
    let (one, two) = match (open(&reader, &id).await, open(&reader, &other).await) {
        (Ok(one), Ok(two)) => (one, two),
        (Err(response), _) | (_, Err(response)) => return response,
    };
    let entries = match reader.visitor.house.door.gate().written_while_merged(&reader.entry.caller, &id, &other).await {
        Ok(entries) => entries,
        Err(Error::Refused(_)) => return fault::show(&reader.visitor, Fault::NotFound),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    // Two who were taken for one often bear one name.
    let called = |letter: &str, record: &PersonRecord| format!("{letter} · {}", banner::name_of(&record.patient, &voice));
    let (a, b) = (called("A", &one), called("B", &two));
    let side = |mine: &str, theirs: &str, record: &PersonRecord, mine_id: &str, theirs_id: &str| Side {
        title: voice.with("later-of", &[("name", mine)]),
        to: theirs_id.to_owned(),
        choose: voice.with("later-choose", &[("name", theirs)]),
        entries: rows_of(&entries, mine_id, record, &voice),
    };
    let mut sides = vec![side(&a, &b, &one, &id, &other), side(&b, &a, &two, &other, &id)];
    // Who else is one with either of them has a list of their own: what is moved at once lies in one record.
    let mut told = vec![id.clone(), other.clone()];
    for (mine, theirs, record, theirs_id) in [(&a, &b, &one, &other), (&b, &a, &two, &id)] {
        for more in std::iter::once(&record.patient).chain(&record.merged).map(|patient| patient.id.as_str()) {
            if told.iter().any(|known| known == more) {
                continue;
            }
            told.push(more.to_owned());
            let side = side(&format!("{mine} · Patient/{more}"), theirs, record, more, theirs_id);
            sides.extend(Some(side).filter(|side| !side.entries.is_empty()));
        }
    }
    let (frame, banner, rail) = around(&reader, &one);
    show(status, &LaterPage { frame, banner, rail, sides, other, news, faults, longest: LONGEST })
}

/// What was ticked belongs to the other.
pub async fn assign(reader: Reader, Path((id, other)): Path<(String, String)>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let fields: HashMap<String, String> = form.iter().cloned().collect();
    if let Err(response) = may(&reader, &[&id, &other], Some(&fields)) {
        return response;
    }
    let entries: Vec<(ResourceType, String)> = form.iter().filter(|(name, _)| name == "entry").filter_map(|(_, reference)| {
        let (kind, entry) = reference.split_once('/')?;
        Some((ResourceType::named(kind)?, entry.to_owned()))
    }).collect();
    let to = fields.get("to").map_or("", String::as_str);
    if to != id && to != other {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let reason = fields.get("reason").map_or("", String::as_str);
    let voice = reader.visitor.voice;
    match reader.visitor.house.door.gate().correct_person(&reader.entry.caller, &entries, to, reason).await {
        Ok(written) => {
            let news = Some(voice.count("later-moved", written.len()));
            listed(reader, id, other, StatusCode::OK, news, Vec::new()).await
        }
        Err(error @ (Error::Refused(_) | Error::Conflict(_))) => {
            let along = error.issues().iter().filter_map(|issue| issue.message.split_once(" of the same record")).map(|(entry, _)| voice.with("later-along", &[("entry", entry)])).collect::<Vec<_>>();
            let faults = if along.is_empty() { vec![refusal(&error, &voice)] } else { along };
            listed(reader, id, other, StatusCode::UNPROCESSABLE_ENTITY, None, faults).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn refusal(error: &Error, voice: &Voice) -> String {
    let needs_reason = error.issues().iter().any(|issue| issue.expression == "reason");
    voice.say(if needs_reason { "same-say-why" } else { "same-refused" })
}

/// A refusal for whoever may not do this, for what is no id, and for a form that is not ours.
fn may(reader: &Reader, ids: &[&str], form: Option<&HashMap<String, String>>) -> Result<(), Response> {
    if form.is_some_and(|form| !reader.visitor.proves(form)) {
        return Err(fault::show(&reader.visitor, Fault::Form));
    }
    if !may_merge(&reader.entry.caller) {
        return Err(fault::show(&reader.visitor, Fault::Refused));
    }
    if ids.iter().all(|id| is_id(id)) { Ok(()) } else { Err(fault::show(&reader.visitor, Fault::NotFound)) }
}

async fn open(reader: &Reader, id: &str) -> Result<PersonRecord, Response> {
    may(reader, &[id], None)?;
    reader.visitor.house.door.person(&reader.entry.caller, id).await.map_err(|error| fault::of_error(&reader.visitor, &error))
}

fn around(reader: &Reader, record: &PersonRecord) -> (Frame, Banner, Vec<RailLink>) {
    let frame = reader.frame();
    let today = reader.now().civil(frame.voice.zone_offset_minutes);
    let read = Record::new(record);
    let (banner, rail) = (Banner::of(&read, &frame.voice, today), rail::rail(&read, &frame.voice, today, None));
    (frame, banner, rail)
}

fn named(patient: &Stored, grade: String, voice: &Voice) -> Named {
    let mut facts = Vec::new();
    if let Ok(document) = Document::read(&patient.text) {
        let root = document.root();
        facts.extend(banner::born(root, voice));
        facts.push(banner::sex(root, voice));
        facts.extend(banner::identifiers(root, voice).into_iter().next().map(|(label, value)| format!("{label} {value}")));
    }
    Named { id: patient.id.clone(), name: banner::name_of(patient, voice), facts: facts.join(" · "), grade }
}

fn compared(one: Value<'_>, other: Value<'_>, voice: &Voice, today: Day) -> Vec<CompareRow> {
    let said = |patient: Value<'_>| -> Vec<(String, String)> {
        let each = |member: &str, read: &dyn Fn(Value<'_>) -> Option<String>| patient.get(member).into_iter().flat_map(|all| all.each().filter_map(read).collect::<Vec<_>>()).collect::<Vec<_>>().join("\n");
        let systems = country::all().iter().flat_map(|country| &country.identifiers);
        let mut rows = vec![
            (voice.say("same-name"), banner::name(patient, country_of(patient)).unwrap_or_default()),
            (voice.say("same-other-names"), each("name", &|name| clinical::human_name(name).filter(|_| matches!(name.string("use").as_deref(), Some("old" | "maiden" | "nickname" | "usual"))))),
            (voice.say("born"), banner::born(patient, voice).unwrap_or_default()),
            (voice.say("sex"), patient.string("gender").map_or_else(String::new, |_| banner::sex(patient, voice))),
            (voice.say("died"), fhir::life::death(patient).map_or_else(String::new, |death| death.day().map_or_else(|| voice.say("not-stated"), |day| voice.date(&day)))),
        ];
        for system in systems {
            let value = each("identifier", &|identifier| concept::said(identifier, "value").filter(|_| identifier.string("system").as_deref() == Some(system.uri.as_str())).map(|value| marked(system, &value, voice, today)));
            rows.push((system.label.clone(), value));
        }
        rows.push((voice.say("same-address"), each("address", &|address| plain::address(address, voice))));
        rows.push((voice.say("same-telecom"), each("telecom", &|contact| concept::said(contact, "value"))));
        rows.push((voice.say("same-contact"), each("contact", &|contact| contact.get("name").and_then(clinical::human_name))));
        rows
    };
    let folded = |text: &str| text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let rows = said(one).into_iter().zip(said(other)).map(|((what, one), (_, other))| {
        let agrees = (!one.is_empty() && !other.is_empty()).then(|| folded(&one) == folded(&other));
        CompareRow { what, one, other, agrees }
    });
    rows.filter(|row| !row.one.is_empty() || !row.other.is_empty()).collect()
}

/// A number grouped for the eye; behind one that cannot be true, why.
fn marked(system: &IdentifierSystem, value: &str, voice: &Voice, today: Day) -> String {
    let shown = system.display(value);
    match banner::doubt(system, value, voice, today) {
        Some(doubt) => format!("{shown} ({doubt})"),
        None => shown,
    }
}

fn rows_of(entries: &[Later], patient: &str, record: &PersonRecord, voice: &Voice) -> Vec<LaterRow> {
    let read = Record::new(record);
    let own = entries.iter().filter(|entry| entry.patient == patient);
    let rows = own.map(|entry| {
        let item: Option<&Item<'_>> = read.all().find(|item| item.type_name() == entry.stored.kind.name() && item.stored.id == entry.stored.id);
        let title = item.and_then(|item| clinical::title(&read, item.root())).unwrap_or_else(|| entry.stored.kind.name().to_owned());
        let day = item.and_then(|item| read.when(item, voice)).map_or_else(|| voice.moment(entry.stored.last_updated), |when| voice.date(&when.date));
        let note = match () {
            () if entry.can_move() => String::new(),
            () if entry.stored.kind == ResourceType::PATIENT => voice.say("later-changed"),
            () => voice.say("later-deleted"),
        };
        LaterRow { reference: format!("{}/{}", entry.stored.kind, entry.stored.id), day, title, note }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_death_that_one_of_two_tells_stands_between_them() {
        let (one, other) = (Document::read(r#"{"resourceType":"Patient","deceasedDateTime":"2026-01-15"}"#).unwrap(), Document::read(r#"{"resourceType":"Patient","gender":"female"}"#).unwrap());
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            let rows = compared(one.root(), other.root(), &voice, (2026, 3, 2));
            let row = rows.iter().find(|row| row.what == voice.say("died")).unwrap();
            assert!(row.one.contains("2026") && row.other.is_empty() && row.agrees.is_none(), "{}", row.one);
            assert!(compared(other.root(), other.root(), &voice, (2026, 3, 2)).iter().all(|row| row.what != voice.say("died")));
        }
    }

    #[test]
    fn a_number_that_cannot_be_true_is_marked_beside_the_other() {
        let patient = |curp: &str| format!(r#"{{"resourceType":"Patient","identifier":[{{"system":"urn:oid:2.16.840.1.113883.4.629","value":"{curp}"}}]}}"#);
        let (one, other) = (patient("LOPA850315MDFPRN08"), patient("PEGJ850102HDFRNN08"));
        let (one, other) = (Document::read(&one).unwrap(), Document::read(&other).unwrap());
        for (language, words) in [(Language::English, "the check digit does not fit"), (Language::Spanish, "el dígito verificador no coincide"), (Language::Vietnamese, "chữ số kiểm tra không khớp"), (Language::Russian, "контрольная цифра не сходится")] {
            let rows = compared(one.root(), other.root(), &Voice { language, zone_offset_minutes: 0 }, (2026, 3, 2));
            let row = rows.iter().find(|row| row.what == "CURP").unwrap();
            assert_eq!((row.one.as_str(), row.agrees), ("LOPA 850315 MDFPRN08", Some(false)));
            assert!(row.other.starts_with("PEGJ850102HDFRNN08 (") && row.other.contains(words), "{}", row.other);
        }
    }
}
