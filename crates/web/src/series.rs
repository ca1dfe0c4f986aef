//! Measurements of the same thing over time.
//!
//! One pass over all observations sorts them into series; only what is shown is put into words.

use std::collections::HashMap;

use fhir::Value;

use crate::figure::{self, Point};
use crate::record::quantity::{self, Shown, Standing};
use crate::record::{Item, Kind, Record, When, concept};
use crate::voice::Voice;

/// All readings of one test or sign, the newest first.
pub struct Series<'r, 'i> {
    /// The code that makes them comparable.
    pub key: &'i str,
    /// Moment and reading.
    pub readings: Vec<(When, &'i Item<'r>)>,
}

/// Results and vital signs of a record.
pub struct AllSeries<'r, 'i> {
    /// What laboratories and examinations found.
    pub results: Vec<Series<'r, 'i>>,
    /// Vital signs and body measures.
    pub vitals: Vec<Series<'r, 'i>>,
}

/// Sorts all observations of a record into series.
pub fn read<'r, 'i>(record: &'i Record<'r>, voice: &Voice) -> AllSeries<'r, 'i> {
    let (mut results, mut vitals) = (Collector::default(), Collector::default());
    for item in record.valid("Observation") {
        let root = item.root();
        // What was called off was not found.
        if root.string("status").as_deref() == Some("cancelled") {
            continue;
        }
        let is_known_vital = code(root).is_some_and(|code| crate::cards::vitals::is_vital(code));
        let into = match Kind::of(item) {
            Kind::Measurement => &mut vitals,
            _ if is_known_vital => &mut vitals,
            Kind::Result | Kind::Imaging => &mut results,
            _ => continue,
        };
        let Some(when) = record.when(item, voice) else { continue };
        into.add(code(root).unwrap_or_default(), when, item);
    }
    AllSeries { results: results.sorted(), vitals: vitals.sorted() }
}

/// The code of an observation as it stands in the text: the first coding's code, else the text.
fn code(root: Value<'_>) -> Option<&str> {
    let concept = root.get("code")?;
    let code = concept.path(&["coding", "code"]).or_else(|| concept.get("text"))?;
    Some(code.raw().trim_matches('"'))
}

#[derive(Default)]
struct Collector<'r, 'i> {
    places: HashMap<&'i str, usize>,
    series: Vec<Series<'r, 'i>>,
}

impl<'r, 'i> Collector<'r, 'i> {
    fn add(&mut self, key: &'i str, when: When, item: &'i Item<'r>) {
        let place = *self.places.entry(key).or_insert_with(|| {
            self.series.push(Series { key, readings: Vec::new() });
            self.series.len() - 1
        });
        self.series[place].readings.push((when, item));
    }

    fn sorted(mut self) -> Vec<Series<'r, 'i>> {
        for series in &mut self.series {
            series.readings.sort_by(|one, other| other.0.at.cmp(&one.0.at));
        }
        self.series
    }
}

/// One line of a table of measurements.
#[derive(Clone, Debug, Default)]
pub struct SeriesRow {
    /// What was measured.
    pub name: String,
    /// True where the name is the record's own text and not a word of the pages.
    pub name_is_clinical: bool,
    /// Day of the latest value.
    pub day: String,
    /// The latest value.
    pub value: String,
    /// Its unit, may be empty.
    pub unit: String,
    /// ▲, ▼, or nothing.
    pub sign: &'static str,
    /// The word for the sign.
    pub standing: String,
    /// True for what must not be overlooked.
    pub is_abnormal: bool,
    /// The reference range, may be empty.
    pub range: String,
    /// The value before, may be empty.
    pub previous: String,
    /// Its day.
    pub previous_day: String,
    /// The last twelve months as a small picture; safe markup.
    pub trend: String,
    /// Where the latest value is shown.
    pub link: String,
    /// A word where the value is not final.
    pub remark: String,
    /// When, for sorting.
    pub at: i64,
}

const YEAR_MS: i64 = 366 * fhir::date::DAY_MS;

impl<'r, 'i> Series<'r, 'i> {
    /// The latest reading, the one before, and the picture of the year before the latest.
    pub fn row(&self, record: &Record<'_>, voice: &Voice) -> Option<SeriesRow> {
        let (when, latest) = self.readings.first()?;
        let root = latest.root();
        let shown = quantity::shown(voice, root).unwrap_or_else(|| Shown { value: absent(root, voice), unit: String::new() });
        let standing = quantity::standing(root);
        let name = root.get("code").and_then(|code| record.says(code)).unwrap_or_else(|| voice.say("not-stated"));
        let previous = self.readings.get(1).filter(|(earlier, _)| earlier.at < when.at).and_then(|(earlier, item)| Some((quantity::shown(voice, item.root())?, earlier.date)));
        let (previous_unit_differs, previous_day) = previous.as_ref().map_or((false, String::new()), |(earlier, day)| (earlier.unit != shown.unit, voice.date(day)));
        let previous = previous.map_or_else(String::new, |(earlier, _)| if previous_unit_differs { quantity::joined(&earlier) } else { earlier.value });
        let trend = self.trend(&name, &shown.unit, standing, voice);
        Some(SeriesRow {
            name,
            name_is_clinical: true,
            day: voice.date(&when.date),
            sign: standing.sign(),
            standing: standing.key().map_or_else(String::new, |key| voice.say(key)),
            is_abnormal: standing.is_abnormal(),
            range: quantity::band_text(voice, root).unwrap_or_default(),
            previous,
            previous_day,
            trend,
            link: latest.link(record.person()),
            remark: remark(root, voice),
            at: when.at,
            value: shown.value,
            unit: shown.unit,
        })
    }

    /// Points of the twelve months before the latest value, at least the last few, oldest first.
    pub fn recent(&self) -> impl Iterator<Item = (When, &'i Item<'r>)> {
        let latest = self.readings.first().map_or(0, |(when, _)| when.at);
        let count = self.readings.iter().take_while(|(when, _)| latest - when.at <= YEAR_MS).count().clamp(4, 24);
        self.readings.iter().take(count).rev().copied()
    }

    fn trend(&self, name: &str, unit: &str, standing: Standing, voice: &Voice) -> String {
        let mut points: Vec<Point> = Vec::new();
        let mut values: Vec<String> = Vec::new();
        for (when, item) in self.recent() {
            let root = item.root();
            let Some((value, shown)) = quantity::number(root).zip(quantity::shown(voice, root)) else { continue };
            // Never two units on one line.
            if shown.unit == unit {
                points.push((when.at, value));
                values.push(shown.value);
            }
        }
        if points.len() < 2 {
            return String::new();
        }
        let band = self.readings.first().map_or((None, None), |(_, item)| quantity::band(item.root()));
        let label = voice.with("trend-label", &[("name", name), ("values", &values.join("; "))]);
        figure::spark(&points, band, standing.is_abnormal(), &label)
    }
}

/// What stands in the place of a value that is not there.
fn absent(root: Value<'_>, voice: &Voice) -> String {
    root.get("dataAbsentReason").and_then(concept::text).unwrap_or_else(|| voice.say("result-absent"))
}

fn remark(root: Value<'_>, voice: &Voice) -> String {
    match root.string("status").as_deref() {
        Some("preliminary" | "registered") => voice.say("result-preliminary"),
        Some("amended" | "corrected") => voice.say("result-corrected"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_was_called_off_is_no_result() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: fhir::ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        let found = |id: &str, status: &str| stored("Observation", id, format!(r#"{{"resourceType":"Observation","id":"{id}","status":"{status}","code":{{"text":"Haemoglobin"}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"2026-03-01","valueQuantity":{{"value":12,"unit":"g/dL"}}}}"#));
        let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources: vec![found("done", "final"), found("off", "cancelled")], shared: Vec::new(), holds: Vec::new() };
        let record = Record::new(&record);
        let all = read(&record, &Voice { language: Language::English, zone_offset_minutes: 0 });
        let ids: Vec<&str> = all.results.iter().flat_map(|series| &series.readings).map(|(_, item)| item.stored.id.as_str()).collect();
        assert_eq!(ids, ["done"]);
    }
}
