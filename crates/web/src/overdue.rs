//! Who of a facility is behind with vaccinations: a page of children, each with what is overdue.
//!
//! * Of whom nothing can be told, because the day of birth or the country is not known, is listed with the reason: who is
//!   on no list is up to date, died, or is not in use.
//! * They are grouped by the province or state of today in which they live today.

use std::collections::BTreeMap;

use chart::ChildRecord;
use fhir::{Document, Value};
use schedule::Day;
use schedule::immunisation::{Status, forecast};
use schedule::record::Facts;

use crate::{address, banner, units};
use crate::voice::{self, Age, Voice};

/// How many children one page looks at.
pub const LOOKED_AT: usize = 100;
/// Up to this age, in years, somebody is on the list.
pub const YEARS: i32 = 18;

/// The province or state in which somebody lives today. Its name comes first, so that they stand in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// As lists show it.
    pub name: String,
    /// As addresses of pages name it: country and key, `vn-24`.
    pub key: String,
}

impl Area {
    fn of(patient: Value<'_>, today: voice::Day) -> Option<Area> {
        let (country, unit) = units::of_today(address::of_today(patient, today)?)?;
        Some(Area { name: country.units.shown(unit), key: format!("{}-{}", country.code, unit.key) })
    }

    /// The one of a key; none where there is none.
    pub fn named(key: &str) -> Option<Area> {
        let (code, unit) = key.split_once('-')?;
        let country = country::by_code(code)?;
        Some(Area { name: country.units.shown(country.units.get(unit)?), key: key.to_owned() })
    }
}

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
    /// Where they live; none where the address does not tell.
    pub area: Option<Area>,
    /// Since when the first is overdue.
    since: Day,
    /// By what those who are behind as long are sorted.
    key: country::NameKey,
}

/// One child of whom nothing can be told.
#[derive(Clone, Debug)]
pub struct UnjudgedRow {
    /// Logical id.
    pub person: String,
    /// As their country composes it.
    pub name: String,
    /// Birth date, as far as it is known.
    pub born: String,
    /// Why nothing can be told, and what would help.
    pub why: String,
    /// Where they live; none where the address does not tell.
    pub area: Option<Area>,
    /// By what they are sorted.
    key: country::NameKey,
}

/// The children of a page.
#[derive(Clone, Debug, Default)]
pub struct Behind {
    /// Who is behind, the longest first.
    pub rows: Vec<OverdueRow>,
    /// Of whom nothing can be told, by name.
    pub unjudged: Vec<UnjudgedRow>,
}

impl Behind {
    /// The provinces in which those who are listed live, each with how many, in the order of their names; those of whom
    /// that is not known come last.
    pub fn areas(&self) -> Vec<(Option<Area>, usize)> {
        let mut counts: BTreeMap<(bool, Option<Area>), usize> = BTreeMap::new();
        for area in self.rows.iter().map(|row| &row.area).chain(self.unjudged.iter().map(|row| &row.area)) {
            *counts.entry((area.is_none(), area.clone())).or_default() += 1;
        }
        counts.into_iter().map(|((_, area), count)| (area, count)).collect()
    }

    /// Leaves those who live in one province, or of whom that is not known.
    pub fn only(&mut self, area: Option<&str>) {
        let is_there = |own: &Option<Area>| own.as_ref().map(|own| own.key.as_str()) == area;
        self.rows.retain(|row| is_there(&row.area));
        self.unjudged.retain(|row| is_there(&row.area));
    }
}

/// The children of a page who are behind, and those of whom nothing can be told.
pub fn overdue(children: &[ChildRecord], voice: &Voice, today: voice::Day) -> Behind {
    let mut behind = Behind::default();
    for child in children {
        match row(child, voice, today) {
            Ok(row) => behind.rows.extend(row),
            Err(row) => behind.unjudged.push(*row),
        }
    }
    behind.rows.sort_by(|one, other| (one.since, &one.key).cmp(&(other.since, &other.key)));
    behind.unjudged.sort_by(|one, other| one.key.cmp(&other.key));
    behind
}

/// The first day of birth of those who are not [`YEARS`] old yet. Who was born on a 29 February reaches that age on
/// 1 March in other years.
pub fn born_since(today: voice::Day) -> String {
    let year = today.0 - YEARS;
    let (year, month, day) = Day::of(year, today.1, today.2.min(fhir::date::days_in_month(year, today.1))).plus(1).civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// A child who is behind; none who is not, and the error where nothing can be told.
fn row(child: &ChildRecord, voice: &Voice, today: voice::Day) -> Result<Option<OverdueRow>, Box<UnjudgedRow>> {
    let Ok(document) = Document::read(&child.patient.text) else { return Ok(None) };
    let patient = document.root();
    if is_gone(patient) {
        return Ok(None);
    }
    let unjudged = |why: &str| {
        let country = banner::country_of(patient);
        Box::new(UnjudgedRow {
            person: child.patient.id.clone(),
            name: banner::name(patient, country).unwrap_or_else(|| voice.say("name-unknown")),
            born: banner::birth(patient).map(|birth| voice.date(&birth)).unwrap_or_default(),
            why: voice.say(why),
            area: Area::of(patient, today),
            key: banner::sort_key(patient, country),
        })
    };
    let country = banner::country_of(patient).ok_or_else(|| unjudged("vaccinations-no-country"))?;
    let documents: Vec<Document<'_>> = child.resources.iter().filter_map(|one| Document::read(&one.text).ok()).collect();
    let day = Day::of(today.0, today.1, today.2);
    let facts = Facts::read(country, patient, documents.iter().map(Document::root), day, voice.zone_offset_minutes);
    let person = facts.person().ok_or_else(|| unjudged("vaccinations-no-birth"))?;
    let lines = forecast(&country.calendar, &person, day).lines;
    let mut late: Vec<(Day, String, Option<Day>)> = lines.iter().filter(|line| line.status == Status::Overdue).filter_map(|line| Some((line.next.as_ref()?.recommended, line.series.clone(), line.refused_on()))).collect();
    late.sort();
    let Some(since) = late.first().map(|first| first.0) else { return Ok(None) };
    let birth = banner::birth(patient).ok_or_else(|| unjudged("vaccinations-no-birth"))?;
    Ok(Some(OverdueRow {
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
        area: Area::of(patient, today),
        since,
        key: banner::sort_key(patient, Some(country)),
    }))
}

/// Somebody who died, or whose record is not in use.
fn is_gone(patient: Value<'_>) -> bool {
    fhir::life::death(patient).is_some() || patient.get("active").and_then(|flag| flag.as_bool()) == Some(false)
}

#[cfg(test)]
mod tests {
    use chart::Stored;
    use fhir::{Moment, ResourceType};

    use super::*;
    use crate::words::Language;

    fn child(id: &str, more: &str) -> ChildRecord {
        let text = format!(r#"{{"resourceType":"Patient","id":"{id}"{more}}}"#);
        let patient = Stored { kind: ResourceType::PATIENT, id: id.to_owned(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        ChildRecord { patient, resources: Vec::new() }
    }

    #[test]
    fn of_whom_nothing_can_be_told_is_listed_with_the_reason_in_every_language() {
        let children = [
            child("day", r#","birthDate":"2024-03-05","address":[{"country":"MX"}]"#),
            child("month", r#","birthDate":"2024-03","address":[{"country":"MX"}]"#),
            child("year", r#","birthDate":"2024","address":[{"country":"MX"}]"#),
            child("nowhere", r#","birthDate":"2024-03-05""#),
            child("died", r#","birthDate":"2024","deceasedBoolean":true"#),
            child("unused", r#","birthDate":"2024","active":false"#),
        ];
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            let behind = overdue(&children, &voice, (2026, 11, 30));
            assert_eq!(behind.rows.iter().map(|row| row.person.as_str()).collect::<Vec<_>>(), ["day"]);
            let mut unjudged: Vec<(&str, String)> = behind.unjudged.iter().map(|row| (row.person.as_str(), row.why.clone())).collect();
            unjudged.sort();
            let no_birth = voice.say("vaccinations-no-birth");
            assert_eq!(unjudged, [("month", no_birth.clone()), ("nowhere", voice.say("vaccinations-no-country")), ("year", no_birth)]);
        }
    }

    #[test]
    fn who_is_listed_is_grouped_by_where_they_live_today() {
        let voice = Voice { language: Language::English, zone_offset_minutes: 0 };
        let children = [
            child("was", r#","birthDate":"2024-03-05","address":[{"country":"VN","state":"Bắc Giang"}]"#),
            child("is", r#","birthDate":"2024","address":[{"country":"VN","state":"Bắc Ninh"}]"#),
            child("moved", r#","birthDate":"2024","address":[{"country":"VN","state":"Hà Nội","period":{"end":"2025-01-01"}},{"country":"VN","state":"Bắc Ninh","period":{"start":"2025-01-02"}}]"#),
            child("work", r#","birthDate":"2024","address":[{"use":"work","country":"VN","state":"Bắc Ninh"},{"use":"home","country":"VN","state":"Hà Nội"}]"#),
            child("nowhere", r#","birthDate":"2024","address":[{"country":"VN"}]"#),
        ];
        let all = overdue(&children, &voice, (2026, 11, 30));
        let told: Vec<(Option<String>, usize)> = all.areas().into_iter().map(|(area, count)| (area.map(|area| area.name), count)).collect();
        assert_eq!(told, [(Some("Bắc Ninh".to_owned()), 3), (Some("Hà Nội".to_owned()), 1), (None, 1)]);
        for (area, count) in all.areas() {
            let mut some = all.clone();
            some.only(area.as_ref().map(|area| area.key.as_str()));
            assert_eq!(some.rows.len() + some.unjudged.len(), count, "{area:?}");
            assert_eq!(area.as_ref().and_then(|area| Area::named(&area.key)), area);
        }
        assert!(Area::named("vn-nowhere").is_none() && Area::named("zz-1").is_none() && Area::named("").is_none());
    }

    #[test]
    fn who_is_eighteen_today_is_on_no_list() {
        for (today, expected) in [((2026, 11, 30), "2008-12-01"), ((2026, 12, 31), "2009-01-01"), ((2026, 2, 28), "2008-02-29"), ((2026, 3, 1), "2008-03-02"), ((2028, 2, 29), "2010-03-01")] {
            assert_eq!(born_since(today), expected, "{today:?}");
        }
    }
}
