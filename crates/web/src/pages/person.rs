//! The pages of one person's record.

use std::collections::HashMap;

use access::{Purpose, Role};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use chart::PersonRecord;
use fhir::{Moment, ResourceType, is_id};

use super::fault::{self, Fault};
use super::launch::{self, Program};
use crate::banner::{self, Allergies, Banner};
use crate::card::{self, CardPage};
use crate::cards::{medicines, problems, results, vitals};
use crate::document::{Body, DocumentPage};
use crate::frame::Frame;
use crate::mine::{self, MyRecordPage, Other};
use crate::growth::{self, GrowthPage};
use crate::house::{Reader, show};
use crate::overview::{self, OverviewPage};
use crate::rail::{self, RailLink, Section};
use crate::record::{Kind, Record};
use crate::series::{self, SeriesRow};
use crate::timeline::{self, TimelinePage, TimelineQuery};
use crate::vaccinations::{self, VaccinationsPage};

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: OverviewPage,
    programs: Vec<Program>,
}

#[derive(Template)]
#[template(path = "mine.html")]
struct MyRecord {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: MyRecordPage,
    /// Titles of the forms that the reader may fill in here, and what they are for.
    forms: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Timeline {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: TimelinePage,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    title: String,
    list: List,
}

/// A section shown in full.
enum List {
    Problems(problems::Problems),
    Medicines(medicines::Medicines),
    Results(Vec<SeriesRow>),
    Vitals(vitals::Vitals, Vec<SeriesRow>),
    Growth(GrowthPage),
}

#[derive(Template)]
#[template(path = "vaccinations.html")]
struct Vaccinations {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: VaccinationsPage,
}

#[derive(Template)]
#[template(path = "card.html")]
struct Card {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: CardPage,
}

#[derive(Template)]
#[template(path = "document.html")]
struct Document {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    page: DocumentPage,
}

/// The overview.
pub async fn overview(reader: Reader, Path(id): Path<String>) -> Response {
    if reader.entry.caller.account.role == Role::Person {
        return mine(reader, id).await;
    }
    let programs = launch::programs(&reader.visitor);
    with_record(reader, id, move |record, frame, now| {
        let page = overview::overview_of(record, now, &frame.voice);
        Some(show(StatusCode::OK, &Overview { banner: page.banner.clone(), rail: page.rail.clone(), frame, page, programs }))
    })
    .await
}

/// The first page of a record for the person it is about, or whoever acts for them.
async fn mine(reader: Reader, id: String) -> Response {
    let others = match others(&reader, &id).await {
        Ok(others) => others,
        Err(response) => return response,
    };
    let offered = match super::forms::offered_to(&reader, &id) {
        Ok((offered, own)) => own.map_or_else(Vec::new, |_| offered.fitting),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let country = reader.visitor.house.door.gate().settings().country.clone();
    with_record(reader, id, move |record, frame, now| {
        let forms = super::forms::titles(record, &offered, &country, now, &frame.voice);
        let page = mine::my_record(record, now, &frame.voice, others);
        let (banner, rail) = around(record, &frame, now, Section::Overview);
        Some(show(StatusCode::OK, &MyRecord { frame, banner, rail, page, forms }))
    })
    .await
}

/// The other records this reader may read, each with the name it bears.
async fn others(reader: &Reader, id: &str) -> Result<Vec<Other>, Response> {
    let (gate, caller, voice) = (reader.visitor.house.door.gate(), &reader.entry.caller, reader.visitor.voice);
    let refused = |error: &chart::Error| fault::of_error(&reader.visitor, error);
    let mut others = Vec::new();
    for one in gate.readable_now(&caller.account).map_err(|error| refused(&error))? {
        if one.patient == id {
            continue;
        }
        // To show a name is to show something of the record: it is in the log of that person.
        match gate.read(caller, ResourceType::PATIENT, &one.patient).await {
            Ok(stored) => others.push(Other { name: banner::name_of(&stored, &voice), patient: one.patient, is_own: one.purpose == Purpose::Own }),
            Err(chart::Error::NotFound | chart::Error::Gone { .. }) => {}
            Err(error) => return Err(refused(&error)),
        }
    }
    Ok(others)
}

/// The timeline.
pub async fn timeline(reader: Reader, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    let query = TimelineQuery {
        kind: query.get("kind").and_then(|name| Kind::named(name)),
        place: query.get("place").and_then(|digest| u32::from_str_radix(digest, 16).ok()),
        page: query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
    };
    with_record(reader, id, move |record, frame, now| {
        let page = timeline::timeline(record, &frame.voice, query);
        let (banner, rail) = around(record, &frame, now, rail::section_of_kind(query.kind));
        Some(show(StatusCode::OK, &Timeline { frame, banner, rail, page }))
    })
    .await
}

/// Problems, medicines, results, vital signs or growth in full.
pub async fn list(reader: Reader, Path((id, name)): Path<(String, String)>) -> Response {
    // Only one of the lists compares with anything.
    let standards = match (name == "growth").then(|| reader.visitor.house.door.gate().growth()).transpose() {
        Ok(standards) => standards.unwrap_or_default(),
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    with_record(reader, id, move |record, frame, now| {
        let voice = &frame.voice;
        let today = now.civil(voice.zone_offset_minutes);
        let (section, key, list) = match name.as_str() {
            "problems" => (Section::Problems, "section-problems", List::Problems(problems::problems(record, voice))),
            "medicines" => (Section::Medicines, "section-medicines", List::Medicines(medicines::medicines(record, voice, today))),
            "results" => (Section::Results, "section-results", List::Results(results::results(record, &series::read(record, voice).results, voice, now.0, usize::MAX))),
            "vitals" => {
                let all = series::read(record, voice);
                (Section::Vitals, "section-vitals", List::Vitals(vitals::vitals(record, &all.vitals, voice, today), vitals::others(record, &all.vitals, voice)))
            }
            "growth" => (Section::Growth, "section-growth", List::Growth(growth::growth(record, voice, &standards, today))),
            _ => return None,
        };
        let title = voice.say(key);
        let (banner, rail) = around(record, &frame, now, section);
        Some(show(StatusCode::OK, &ListPage { frame, banner, rail, title, list }))
    })
    .await
}

/// What was given and what is due.
pub async fn vaccinations(reader: Reader, Path(id): Path<String>) -> Response {
    let may_add = super::forms::may_write(reader.entry.caller.account.role);
    with_record(reader, id, move |record, frame, now| {
        let page = VaccinationsPage { may_add, ..vaccinations::vaccinations(record, &frame.voice, now.civil(frame.voice.zone_offset_minutes)) };
        let (banner, rail) = around(record, &frame, now, Section::Vaccinations);
        Some(show(StatusCode::OK, &Vaccinations { frame, banner, rail, page }))
    })
    .await
}

/// A child's card and its examinations.
pub async fn card(reader: Reader, Path(id): Path<String>) -> Response {
    with_record(reader, id, |record, frame, now| {
        let page = card::card(record, &frame.voice, now.civil(frame.voice.zone_offset_minutes));
        let (banner, rail) = around(record, &frame, now, Section::Card);
        Some(show(StatusCode::OK, &Card { frame, banner, rail, page }))
    })
    .await
}

/// One entry.
pub async fn document(reader: Reader, Path((id, kind, document)): Path<(String, String, String)>) -> Response {
    with_record(reader, id, move |record, frame, now| {
        let kind = ResourceType::named(&kind)?;
        let page = crate::document::document(record, kind, &document, &frame.voice)?;
        let today = now.civil(frame.voice.zone_offset_minutes);
        let (banner, rail) = (Banner::of(record, &frame.voice, today), rail::rail(record, &frame.voice, today, None));
        Some(show(StatusCode::OK, &Document { frame, banner, rail, page }))
    })
    .await
}

pub(super) fn around(record: &Record<'_>, frame: &Frame, now: Moment, section: Section) -> (Banner, Vec<RailLink>) {
    let today = now.civil(frame.voice.zone_offset_minutes);
    (Banner::of(record, &frame.voice, today), rail::rail(record, &frame.voice, today, Some(section)))
}

/// Opens a record and writes a page over it; `None` is a page that is not there.
pub(super) async fn with_record(reader: Reader, id: String, write: impl FnOnce(&Record<'_>, Frame, Moment) -> Option<Response> + Send + 'static) -> Response {
    if !is_id(&id) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    let record: PersonRecord = match reader.visitor.house.door.person(&reader.entry.caller, &id).await {
        Ok(record) => record,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let (mut frame, now) = (reader.frame(), reader.now());
    if frame.is_person() {
        frame.acts_for = match reader.visitor.house.door.gate().own_patient(&reader.entry.caller.account) {
            Ok(own) => own.as_deref() != Some(id.as_str()),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        };
    }
    frame.is_copy = match reader.visitor.house.door.gate().sees_a_copy(&reader.entry.caller, &id) {
        Ok(is_copy) => is_copy,
        // The record is another's sample.
        Err(chart::Error::NotFound) => false,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    // A long record takes tens of milliseconds of a core; other requests must not wait for it.
    let (door, language) = (reader.visitor.house.door.clone(), frame.voice.code());
    match tokio::task::spawn_blocking(move || write(&Record::new(&record).told_in(language, door), frame, now)).await {
        Ok(Some(response)) => response,
        Ok(None) => fault::show(&reader.visitor, Fault::NotFound),
        Err(_) => fault::show(&reader.visitor, Fault::Failed),
    }
}
