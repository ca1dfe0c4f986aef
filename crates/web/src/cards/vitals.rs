//! Vital signs and body measures, always in the same order.

use fhir::Value;

use crate::figure;
use crate::record::quantity::{self, Standing};
use crate::record::{Item, Record, concept};
use crate::series::{Series, SeriesRow};
use crate::voice::{Age, Day, Voice};

/// LOINC codes of a sign and the key of its word, in the order of the table.
const SIGNS: &[(&[&str], &str)] = &[
    (&["85354-9", "55284-4", "35094-2"], "vital-blood-pressure"),
    (&["8867-4"], "vital-pulse"),
    (&["59408-5", "2708-6"], "vital-saturation"),
    (&["8310-5", "8331-1"], "vital-temperature"),
    (&["9279-1"], "vital-breathing"),
    (&["29463-7", "3141-9"], "vital-weight"),
    (&["8302-2", "8306-3"], "vital-height"),
    (&["39156-5"], "vital-mass-index"),
    (&["9843-4", "8287-5"], "vital-head"),
];

const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// Adults from 140 systolic or 90 diastolic: hypertension as the WHO defines it.
/// https://www.who.int/news-room/fact-sheets/detail/hypertension
const HIGH_PRESSURE: (f64, f64) = (140.0, 90.0);

/// True for the code of a sign of the table.
pub fn is_vital(code: &str) -> bool {
    SIGNS.iter().any(|(codes, _)| codes.contains(&code))
}

/// Vital signs with the day of the latest set.
#[derive(Clone, Debug, Default)]
pub struct Vitals {
    /// One line per sign that was ever measured.
    pub rows: Vec<SeriesRow>,
    /// The day most lines share; a line of another day shows its own.
    pub day: String,
}

/// Reads the latest vital signs.
pub fn vitals(record: &Record<'_>, series: &[Series<'_, '_>], voice: &Voice, today: Day) -> Vitals {
    let is_adult = crate::banner::birth(record.patient.root()).and_then(|birth| Age::on(&birth, today)).is_none_or(|age| age.years() >= 18);
    let mut rows = Vec::new();
    for (codes, key) in SIGNS {
        let Some(series) = series.iter().filter(|series| codes.contains(&series.key)).max_by_key(|series| series.readings.first().map(|(when, _)| when.at)) else { continue };
        let row = if *key == "vital-blood-pressure" { pressure(record, series, voice, is_adult) } else { series.row(record, voice) };
        if let Some(mut row) = row {
            row.name = voice.say(key);
            row.name_is_clinical = false;
            rows.push(row);
        }
    }
    let day = rows.iter().max_by_key(|row| row.at).map(|row| row.day.clone()).unwrap_or_default();
    Vitals { rows, day }
}

/// Signs outside the table, for the full page.
pub fn others(record: &Record<'_>, series: &[Series<'_, '_>], voice: &Voice) -> Vec<SeriesRow> {
    series.iter().filter(|series| !is_vital(series.key)).filter_map(|series| series.row(record, voice)).collect()
}

/// Systolic and diastolic as the two ends of one line.
fn pressure(record: &Record<'_>, series: &Series<'_, '_>, voice: &Voice, is_adult: bool) -> Option<SeriesRow> {
    let (when, latest) = series.readings.first()?;
    let pair = Pair::of(latest)?;
    let standing = pair.standing(is_adult);
    let previous = series.readings.get(1).and_then(|(earlier, item)| Some((Pair::of(item)?, earlier.date)));
    let mut readings = Vec::new();
    let mut values = Vec::new();
    for (when, item) in series.recent() {
        if let Some(pair) = Pair::of(item) {
            readings.push((when.at, pair.systolic, pair.diastolic));
            values.push(pair.text());
        }
    }
    let name = voice.say("vital-blood-pressure");
    let label = voice.with("trend-label", &[("name", &name), ("values", &values.join("; "))]);
    Some(SeriesRow {
        day: voice.date(&when.date),
        value: pair.text(),
        unit: voice.say("unit-mercury"),
        sign: standing.sign(),
        standing: standing.key().map_or_else(String::new, |key| voice.say(key)),
        is_abnormal: standing.is_abnormal(),
        previous: previous.as_ref().map_or_else(String::new, |(pair, _)| pair.text()),
        previous_day: previous.map_or_else(String::new, |(_, date)| voice.date(&date)),
        trend: if readings.len() > 1 { figure::bars(&readings, standing.is_abnormal(), &label) } else { String::new() },
        link: latest.link(record.person()),
        at: when.at,
        ..SeriesRow::default()
    })
}

/// One reading of blood pressure.
#[derive(Clone, Debug)]
struct Pair {
    systolic: f64,
    diastolic: f64,
    said: Standing,
}

impl Pair {
    fn of(item: &Item<'_>) -> Option<Pair> {
        let root = item.root();
        let component = |code: &str| root.get("component")?.each().find(|component| component.get("code").is_some_and(|concept| concept::has_code(concept, code)));
        let (systolic, diastolic) = (component(SYSTOLIC)?, component(DIASTOLIC)?);
        let standings = [root, systolic, diastolic].map(quantity::standing);
        let said = standings.into_iter().find(|standing| standing.is_abnormal()).unwrap_or(standings[0]);
        Some(Pair { systolic: quantity::number(systolic)?, diastolic: quantity::number(diastolic)?, said })
    }

    /// `148/86`: whole millimetres are what a cuff tells.
    fn text(&self) -> String {
        format!("{:.0}/{:.0}", self.systolic, self.diastolic)
    }

    fn standing(&self, is_adult: bool) -> Standing {
        let is_high = self.systolic >= HIGH_PRESSURE.0 || self.diastolic >= HIGH_PRESSURE.1;
        match self.said {
            Standing::Unknown if is_adult && is_high => Standing::High,
            said => said,
        }
    }
}

/// Blood pressure as text, for lists that show any observation.
pub fn pressure_text(item: &Item<'_>, voice: &Voice) -> Option<String> {
    Pair::of(item).map(|pair| format!("{}\u{a0}{}", pair.text(), voice.say("unit-mercury")))
}

/// The word for a sign, where it is one of the table.
pub fn sign_name(root: Value<'_>, voice: &Voice) -> Option<String> {
    let concept = root.get("code")?;
    let found = SIGNS.iter().find(|(codes, _)| codes.iter().any(|code| concept::has_code(concept, code)));
    found.map(|(_, key)| voice.say(key))
}
