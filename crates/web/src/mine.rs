//! A record as its person reads it: in plain words, what matters at home first.
//!
//! * Nothing is left out that the other pages show; it is put in another order and in words.
//! * What stands there was written by those who treated the person, and is not softened.

use std::cmp::Reverse;

use fhir::Moment;

use crate::banner::{Allergies, allergies};
use crate::cards::{due, medicines, problems, results, sources, story};
use crate::record::{Item, Kind, Record, When, clinical};
use crate::series::{self, SeriesRow};
use crate::voice::{Day, Voice};

/// How many of the newest the page shows; the rail leads to all.
const RESULTS: usize = 12;
const VISITS: usize = 5;
const DOCUMENTS: usize = 8;
const VACCINATIONS: usize = 12;

/// Another record the reader may read.
#[derive(Clone, Debug)]
pub struct Other {
    /// The id of the Patient.
    pub patient: String,
    /// The name in it.
    pub name: String,
    /// It is the reader's own.
    pub is_own: bool,
}

/// The page.
#[derive(Clone, Debug)]
pub struct MyRecordPage {
    /// Other records of this reader.
    pub others: Vec<Other>,
    /// What to do next.
    pub due: Vec<due::DueRow>,
    /// What is taken now.
    pub medicines: Vec<medicines::MedicineRow>,
    /// What must not be given; the same words as in the strip above.
    pub allergies: Allergies,
    /// The newest result of each test, in a sentence.
    pub results: Vec<ResultLine>,
    /// Vaccinations, the newest first.
    pub vaccinations: Vec<Line>,
    /// What somebody is treated for.
    pub problems: Vec<problems::ProblemRow>,
    /// Visits, the newest first.
    pub visits: Vec<story::StoryRow>,
    /// Letters, reports and notes, the newest first.
    pub documents: Vec<Line>,
    /// Who has sent what.
    pub sources: sources::Sources,
}

/// A result in a sentence.
#[derive(Clone, Debug)]
pub struct ResultLine {
    /// What was measured.
    pub name: String,
    /// The value and its unit.
    pub value: String,
    /// Where it lies: in the reference range, above it, below it.
    pub standing: String,
    /// It lies outside.
    pub is_abnormal: bool,
    /// The range.
    pub range: String,
    /// The day, and the value before with its day.
    pub when: String,
    /// Where it is shown.
    pub link: String,
}

/// A thing with its day.
#[derive(Clone, Debug)]
pub struct Line {
    /// The day.
    pub day: String,
    /// What it is.
    pub title: String,
    /// Of which kind, where that is not plain.
    pub kind: String,
    /// Where, where that is known.
    pub place: String,
    /// Where it is shown.
    pub link: String,
}

/// Reads the page out of a record.
pub fn my_record(record: &Record<'_>, now: Moment, voice: &Voice, others: Vec<Other>) -> MyRecordPage {
    let today: Day = now.civil(voice.zone_offset_minutes);
    let series = series::read(record, voice);
    MyRecordPage {
        others,
        due: due::due(record, voice, today, now.0),
        medicines: medicines::medicines(record, voice, today).current,
        allergies: allergies(record, voice),
        results: results::results(record, &series.results, voice, now.0, RESULTS).into_iter().map(|row| result(row, voice)).collect(),
        vaccinations: lines(record, &["Immunization"], voice, VACCINATIONS),
        problems: problems::problems(record, voice).active,
        visits: story::story(record, voice, VISITS),
        documents: lines(record, &["DocumentReference", "Composition", "DiagnosticReport"], voice, DOCUMENTS),
        sources: sources::sources(record, voice, now.0),
    }
}

fn result(row: SeriesRow, voice: &Voice) -> ResultLine {
    let before = |day: &str| voice.with("mine-before", &[("value", &row.previous), ("date", day)]);
    let standing = match (row.standing.is_empty(), row.range.is_empty()) {
        (false, _) => row.standing.clone(),
        // Without a sign and with a range, it lies inside.
        (true, false) => voice.say("result-normal"),
        (true, true) => String::new(),
    };
    let when = if row.previous.is_empty() { row.day.clone() } else { format!("{} · {}", row.day, before(&row.previous_day)) };
    ResultLine { value: [row.value.as_str(), row.unit.as_str()].join(" ").trim().to_owned(), name: row.name, standing, is_abnormal: row.is_abnormal, range: row.range, when, link: row.link }
}

/// Entries of some types, the newest first; those without a day last.
fn lines(record: &Record<'_>, types: &[&str], voice: &Voice, most: usize) -> Vec<Line> {
    let mut found: Vec<(Option<When>, &Item<'_>)> = types.iter().flat_map(|name| record.valid(name)).map(|item| (record.when(item, voice), item)).collect();
    found.sort_by_key(|(when, item)| (Reverse(when.map_or(i64::MIN, |when| when.at)), item.stored.id.as_str()));
    found.into_iter().take(most).map(|(when, item)| line(record, when, item, voice)).collect()
}

fn line(record: &Record<'_>, when: Option<When>, item: &Item<'_>, voice: &Voice) -> Line {
    let kind = voice.say(Kind::of(item).key());
    let title = clinical::title(record, item.root()).unwrap_or_else(|| kind.clone());
    Line {
        day: when.map_or_else(|| voice.say("timeline-no-date"), |when| voice.date(&when.date)),
        kind: if title == kind { String::new() } else { kind },
        title,
        place: record.place_of(item).unwrap_or_default(),
        link: format!("/person/{}/document/{}/{}", record.person(), item.type_name(), item.stored.id),
    }
}
