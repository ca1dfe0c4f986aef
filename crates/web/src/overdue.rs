//! Who of a facility is behind with vaccinations: a page of children, each with what is overdue.

use chart::ChildRecord;
use fhir::{Document, Value};
use schedule::Day;
use schedule::immunisation::{Status, forecast};
use schedule::record::Facts;

use crate::banner;
use crate::voice::{self, Age, Voice};

/// How many children one page looks at.
pub const LOOKED_AT: usize = 100;
/// Up to this age, in years, somebody is on the list.
pub const YEARS: i32 = 18;

/// One child.
#[derive(Clone, Debug)]
pub struct OverdueRow {
    /// Logical id.
    pub person: String,
    /// As their country composes it.
    pub name: String,
    /// Birth date.
    pub born: String,
    /// Age today.
    pub age: String,
    /// What is overdue, since when, the longest overdue first.
    pub overdue: Vec<String>,
    /// Since when the first is overdue.
    since: Day,
    /// By what those who are behind as long are sorted.
    key: country::NameKey,
}

/// The children of a page who are behind, those behind the longest first.
pub fn overdue(children: &[ChildRecord], voice: &Voice, today: voice::Day) -> Vec<OverdueRow> {
    let mut rows: Vec<OverdueRow> = children.iter().filter_map(|child| row(child, voice, today)).collect();
    rows.sort_by(|one, other| (one.since, &one.key).cmp(&(other.since, &other.key)));
    rows
}

fn row(child: &ChildRecord, voice: &Voice, today: voice::Day) -> Option<OverdueRow> {
    let document = Document::read(&child.patient.text).ok()?;
    let patient = document.root();
    if is_gone(patient) {
        return None;
    }
    let country = banner::country_of(patient)?;
    let documents: Vec<Document<'_>> = child.resources.iter().filter_map(|one| Document::read(&one.text).ok()).collect();
    let day = Day::of(today.0, today.1, today.2);
    let facts = Facts::read(country, patient, documents.iter().map(Document::root), day, voice.zone_offset_minutes);
    let lines = forecast(&country.calendar, &facts.person()?, day).lines;
    let mut late: Vec<(Day, String, Option<Day>)> = lines.iter().filter(|line| line.status == Status::Overdue).filter_map(|line| Some((line.next.as_ref()?.recommended, line.series.clone(), line.refused_on()))).collect();
    late.sort();
    let since = late.first()?.0;
    let birth = banner::birth(patient)?;
    Some(OverdueRow {
        person: child.patient.id.clone(),
        name: banner::name(patient, Some(country)).unwrap_or_else(|| voice.say("name-unknown")),
        born: voice.date(&birth),
        age: Age::on(&birth, today).map_or_else(String::new, |age| voice.age(age)),
        overdue: late
            .into_iter()
            .map(|(day, series, refused)| {
                let since = voice.with("overdue-since", &[("series", &voice.say(&format!("series-{series}"))), ("day", &voice.day(day.civil()))]);
                match refused {
                    Some(on) => voice.with("overdue-refused", &[("since", &since), ("day", &voice.day(on.civil()))]),
                    None => since,
                }
            })
            .collect(),
        since,
        key: banner::sort_key(patient, Some(country)),
    })
}

/// Somebody who died, or whose record is not in use.
fn is_gone(patient: Value<'_>) -> bool {
    fhir::life::death(patient).is_some() || patient.get("active").and_then(|flag| flag.as_bool()) == Some(false)
}
