//! Growth of a child: the child's own points over age, with the figures beside them.

use fhir::date::days_from_civil;

use crate::banner;
use crate::figure::{self, GrowthPoint};
use crate::record::{Record, quantity};
use crate::series;
use crate::voice::{Age, Voice};

/// One measure over age.
#[derive(Clone, Debug)]
pub struct GrowthChart {
    /// What was measured.
    pub title: String,
    /// The picture; safe markup.
    pub picture: String,
    /// The figures, newest first.
    pub rows: Vec<GrowthRow>,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct GrowthRow {
    /// Its day.
    pub day: String,
    /// The child's age on it.
    pub age: String,
    /// Value and unit.
    pub value: String,
    /// Where it is shown.
    pub link: String,
}

/// LOINC codes of a measure and the key of its title.
const MEASURES: &[(&[&str], &str)] = &[(&["29463-7", "3141-9"], "growth-weight"), (&["8302-2", "8306-3"], "growth-height"), (&["9843-4", "8287-5"], "growth-head")];

/// Reads the growth of a person, up to the nineteenth birthday.
pub fn growth(record: &Record<'_>, voice: &Voice) -> Vec<GrowthChart> {
    let Some(birth) = banner::birth(record.patient.root()) else { return Vec::new() };
    let birth_day = days_from_civil(birth.year, birth.month, birth.day);
    let all = series::read(record, voice);
    let mut charts = Vec::new();
    for (codes, key) in MEASURES {
        let mut readings: Vec<_> = all.vitals.iter().filter(|series| codes.contains(&series.key)).flat_map(|series| series.readings.iter().copied()).collect();
        readings.sort_by_key(|(when, _)| when.at);
        let (mut points, mut rows, mut unit) = (Vec::new(), Vec::new(), String::new());
        for (when, item) in readings {
            let day = voice.local(&when.date).0;
            let days = days_from_civil(day.0, day.1, day.2) - birth_day;
            let Some((value, shown)) = quantity::number(item.root()).zip(quantity::shown(voice, item.root())) else { continue };
            if !(0..19 * 365).contains(&days) || (!unit.is_empty() && unit != shown.unit) {
                continue;
            }
            unit = shown.unit.clone();
            let age = Age::on(&birth, day).map_or_else(String::new, |age| voice.age(age));
            let text = quantity::joined(&shown);
            points.push(GrowthPoint { months: days as f64 / 30.4375, value, label: voice.with("growth-point", &[("age", &age), ("value", &text)]) });
            rows.push(GrowthRow { day: voice.date(&when.date), age, value: text, link: item.link(record.person()) });
        }
        if points.is_empty() {
            continue;
        }
        rows.reverse();
        let title = format!("{}, {unit}", voice.say(key));
        let is_in_years = points.last().is_some_and(|point| point.months > 36.0);
        let axis = voice.say(if is_in_years { "growth-axis-years" } else { "growth-axis-months" });
        let summary = rows.first().map_or_else(|| title.clone(), |last| format!("{title}. {}: {}", last.age, last.value));
        charts.push(GrowthChart { picture: figure::growth(&points, &axis, &summary), title, rows });
    }
    charts
}
