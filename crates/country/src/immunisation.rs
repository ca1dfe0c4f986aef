//! A country's immunisation calendar, as data.
//!
//! Vaccine, dose and recommended age come from the official calendars (by way
//! of secondary sources, see the packs). The limits and gaps are general
//! vaccinology and need a clinician's word before a forecast relies on them.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A span of life: `P2M`, `P4M15D`, `P6Y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// Whole years.
    pub years: u16,
    /// Whole months beyond the years.
    pub months: u16,
    /// Days beyond the months, weeks counted as seven.
    pub days: u16,
    /// Hours beyond the days, for doses due at birth.
    pub hours: u16,
}

impl Age {
    /// Reads an ISO 8601 duration made of years, months, weeks, days and hours.
    pub fn parse(text: &str) -> Option<Age> {
        let mut age = Age::default();
        let mut number: Option<u16> = None;
        for sign in text.strip_prefix('P')?.chars() {
            match sign {
                '0'..='9' => {
                    let digit = sign as u16 - '0' as u16;
                    number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
                }
                'Y' => age.years = number.take()?,
                'M' => age.months = number.take()?,
                'W' => age.days += number.take()? * 7,
                'D' => age.days += number.take()?,
                'T' => {}
                'H' => age.hours = number.take()?,
                _ => return None,
            }
        }
        number.is_none().then_some(age)
    }

    /// About how many days it lasts; months are counted as 30.44 days.
    pub fn approximate_days(self) -> u32 {
        let months = u32::from(self.years) * 12 + u32::from(self.months);
        months * 3044 / 100 + u32::from(self.days)
    }
}

impl fmt::Display for Age {
    /// As ISO 8601 writes it: `P4M15D`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        for (number, sign) in [(self.years, 'Y'), (self.months, 'M'), (self.days, 'D')] {
            if number > 0 {
                write!(f, "{number}{sign}")?;
            }
        }
        if self.hours > 0 {
            write!(f, "T{}H", self.hours)?;
        } else if *self == Age::default() {
            f.write_str("0D")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Age, D::Error> {
        let text = String::deserialize(source)?;
        Age::parse(&text).ok_or_else(|| serde::de::Error::custom("not a duration"))
    }
}

/// Who a dose is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The whole cohort.
    All,
    /// Risk groups.
    Risk,
    /// Those who missed it.
    Catchup,
    /// In pregnancy.
    Pregnant,
    /// Women.
    Female,
    /// Men.
    Male,
    /// When the epidemic calendar says so.
    Epi,
}

/// One dose of the calendar.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// Our id: `MX-BCG-1`.
    pub id: String,
    /// The vaccine, in the country's language.
    pub vaccine: String,
    /// What it protects from, by short names.
    pub antigens: Vec<String>,
    /// Which dose of the series, in the country's notation.
    #[serde(default)]
    pub dose: Option<String>,
    /// The recommended age.
    #[serde(default)]
    pub age: Option<Age>,
    /// Not before.
    #[serde(default)]
    pub age_min: Option<Age>,
    /// Not after.
    #[serde(default)]
    pub age_max: Option<Age>,
    /// The least time after the previous dose.
    #[serde(default)]
    pub min_gap: Option<Age>,
    /// For whom.
    pub target: Target,
    /// `S`: secondary source, `U`: unverified.
    pub status: String,
    /// Cohorts, risk groups, stages of the national dictionary.
    #[serde(default)]
    pub note: Option<String>,
    /// The closest code in `http://hl7.org/fhir/sid/cvx`.
    pub cvx: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_and_anything_else_is_not() {
        for (text, days) in [
            ("P0D", 0),
            ("P4M15D", 136),
            ("P6W", 42),
            ("P6Y", 2191),
            ("P24H", 0),
        ] {
            assert_eq!(
                Age::parse(text).map(Age::approximate_days),
                Some(days),
                "{text}"
            );
        }
        for (text, written) in [
            ("P0D", "P0D"),
            ("P6W", "P42D"),
            ("P1Y2M3D", "P1Y2M3D"),
            ("P24H", "PT24H"),
        ] {
            let age = Age::parse(text).map(|age| age.to_string());
            assert_eq!(age.as_deref(), Some(written));
        }
        for wrong in ["", "6Y", "P6", "PX", "P99999Y"] {
            assert_eq!(Age::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_calendar_begins_at_birth_and_reaches_school() {
        for country in crate::all() {
            let ages: Vec<u32> = country
                .immunisation
                .iter()
                .filter(|dose| dose.target == Target::All)
                .filter_map(|dose| dose.age.map(Age::approximate_days))
                .collect();
            assert_eq!(ages.iter().min(), Some(&0), "{}", country.code);
            assert!(ages.iter().max() > Some(&2100), "{}", country.code);
        }
    }
}
