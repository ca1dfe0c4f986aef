//! What the Observations of a record measured, as a schedule counts it: a weight, the age of a pregnancy at birth.
//!
//! * A code of UCUM speaks alone; without one a unit is read as people write it.
//! * What cannot be read is told, and never taken for another number.

use fhir::{Moment, PartialDateTime, Value};

use super::codes;
use crate::day::Day;

/// The age at one's own birth, as the Observations of a record tell it: by the code for it (LOINC 76516-4) before any other,
/// then the newest; never one that was cancelled or entered in error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gestation {
    /// In days of pregnancy.
    pub days: Option<i32>,
    /// One of them has a value that cannot be read: another unit, a text, or weeks in which nobody is born alive.
    pub is_unread: bool,
    /// How much the one counts that is taken: its code, its time, when it was written.
    weight: Option<(bool, Option<Moment>, Option<Moment>)>,
}

impl Gestation {
    /// Of the Observations in the record of somebody born on `birth`.
    pub fn read<'r>(observations: impl Iterator<Item = Value<'r>>, birth: Option<Day>) -> Gestation {
        let mut found = Gestation::default();
        for observation in observations {
            found.take(observation, birth);
        }
        found
    }

    pub(super) fn take(&mut self, observation: Value<'_>, birth: Option<Day>) {
        if is_withdrawn(observation) || !tells_gestation(observation, birth) {
            return;
        }
        let Some(days) = days(observation) else {
            self.is_unread |= observation.members().any(|(name, _)| name.starts_with("value"));
            return;
        };
        let moment = |text: Option<std::borrow::Cow<'_, str>>| Some(PartialDateTime::parse(&text?)?.range(0).0);
        let of = ["effectiveDateTime", "effectiveInstant"].into_iter().find_map(|member| moment(observation.string(member)));
        let of = of.or_else(|| moment(observation.path(&["effectivePeriod", "start"])?.as_str()));
        let written = moment(observation.path(&["meta", "lastUpdated"]).and_then(|updated| updated.as_str()));
        let is_of_birth = codes(observation, "code").any(|(system, code)| system == "http://loinc.org" && code == AT_BIRTH);
        let weight = Some((is_of_birth, of, written));
        if weight >= self.weight {
            self.weight = weight;
            self.days = Some(days);
        }
    }
}

/// An Observation that says nothing any more.
pub(super) fn is_withdrawn(observation: Value<'_>) -> bool {
    matches!(observation.string("status").as_deref(), Some("entered-in-error" | "cancelled"))
}

/// The age of pregnancy at birth, in LOINC.
const AT_BIRTH: &str = "76516-4";
/// In the calendar years before this many after birth a pregnancy that is told of is the one that ended with that birth.
const CHILD_YEARS: i32 = 8;

/// Whether an Observation is of the weeks of pregnancy at one's own birth: by its code (LOINC 11884-4 and 76516-4), or by the
/// code of any pregnancy (18185-9) at an age at which nobody has one of their own.
fn tells_gestation(resource: Value<'_>, birth: Option<Day>) -> bool {
    let is = |wanted: &[&str]| codes(resource, "code").any(|(system, code)| system == "http://loinc.org" && wanted.contains(&code.as_str()));
    let year = || resource.string("effectiveDateTime").as_deref().and_then(PartialDateTime::parse).map(|date| date.year);
    let is_of_a_child = || birth.zip(year()).is_some_and(|(birth, year)| (0..CHILD_YEARS).contains(&(year - birth.civil().0)));
    is(&["11884-4", AT_BIRTH]) || (is(&["18185-9"]) && is_of_a_child())
}

/// A quantity in weeks or days, as days. A code speaks alone; without one the unit is read as people write it.
fn days(resource: Value<'_>) -> Option<i32> {
    let quantity = resource.get("valueQuantity")?;
    let value: f64 = quantity.get("value")?.as_number()?.parse().ok()?;
    let length = match quantity.string("code") {
        Some(code) => match &*code {
            "wk" => 7.0,
            "d" => 1.0,
            _ => return None,
        },
        None => days_of(&quantity.string("unit")?)?,
    };
    let days = value * length;
    (140.0..=315.0).contains(&days).then_some(days as i32)
}

/// A weight in grams. A code speaks alone; without one the unit is read.
pub(super) fn grams(resource: Value<'_>) -> Option<u32> {
    let quantity = resource.get("valueQuantity")?;
    let value: f64 = quantity.get("value")?.as_number()?.parse().ok()?;
    let unit = quantity.string("code").or_else(|| quantity.string("unit"))?;
    let factor = match &*unit.to_lowercase() {
        "g" | "г" => 1.0,
        "kg" | "кг" => 1000.0,
        _ => return None,
    };
    let grams = (value * factor).round();
    (1.0..=700_000.0).contains(&grams).then_some(grams as u32)
}

/// How many days a unit has that is written in words.
fn days_of(unit: &str) -> Option<f64> {
    match unit.trim().trim_end_matches('.').to_lowercase().as_str() {
        "wk" | "wks" | "week" | "weeks" | "sem" | "semana" | "semanas" | "tuần" | "tua\u{302}\u{300}n" | "нед" | "неделя" | "недели" | "недель" => Some(7.0),
        "d" | "day" | "days" | "día" | "días" | "dia" | "dias" | "ngày" | "дн" | "день" | "дня" | "дней" => Some(1.0),
        _ => None,
    }
}
