//! That a person died, and that this was said of the wrong one: two acts on the Patient, each with its reason.
//!
//! * A death is told by its day, with the time where that is known, or as one whose day nobody knows.
//! * It is not before the birth and not to come. What was said before stays in the history.
//! * From where it is known, or why it is taken back, stands in a Provenance of the version that the act makes.
//!
//! <https://hl7.org/fhir/R4/patient-definitions.html#Patient.deceased_x_>

use access::{Caller, may_tell_of_death};
use fhir::date::{Precision, offset_text};
use fhir::{Document, PartialDateTime, Value};

use crate::acts::reason;
use crate::coverage::wrong;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;

/// A death as somebody types it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewDeath<'a> {
    /// The day, or as much of it as is known: `2026-11-22`, `2026-11`, `2026`.
    pub day: &'a str,
    /// Hours and minutes at this institution (`10:30`); empty where they are not known.
    pub time: &'a str,
    /// Nobody knows the day: then neither it nor the time is said.
    pub is_undated: bool,
    /// From where it is known, in one line.
    pub known_from: &'a str,
}

impl Chart {
    /// Writes down that a person died, or when, where that was written wrong. `version` is that of the Patient in which
    /// the day was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may not; hidden ones are not found; a day that does not exist (`day`), lies ahead
    /// (`day-to-come`) or before the birth (`birth`), and a missing `reason` are refused, with their place; another
    /// version than the one that was read.
    pub async fn record_death(&self, caller: &Caller, patient: &str, version: u32, death: &NewDeath<'_>) -> Result<Stored> {
        let stored = self.who_died(caller, patient, version)?;
        let why = reason(death.known_from)?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let mut operations = without_death(document.root());
        operations.push(match self.when_died(death, document.root())? {
            Some(when) => format!(r#"{{"op":"add","path":"/deceasedDateTime","value":"{when}"}}"#),
            None => r#"{"op":"add","path":"/deceasedBoolean","value":true}"#.to_owned(),
        });
        self.write_home(caller, &stored, &operations, why).await
    }

    /// Takes back that a person died, since it was said of the wrong one: the Patient says nothing of a death again.
    ///
    /// # Errors
    /// As with [`Chart::record_death`]; a conflict where no death is told.
    pub async fn take_back_death(&self, caller: &Caller, patient: &str, version: u32, why: &str) -> Result<Stored> {
        let stored = self.who_died(caller, patient, version)?;
        let why = reason(why)?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        if fhir::life::death(document.root()).is_none() {
            return Err(Error::Conflict("this Patient tells of no death"));
        }
        self.write_home(caller, &stored, &without_death(document.root()), why).await
    }

    fn who_died(&self, caller: &Caller, patient: &str, version: u32) -> Result<Stored> {
        if !may_tell_of_death(caller) {
            return Err(Error::Forbidden);
        }
        let subject = self.subject(caller, patient)?;
        if self.merged_into(subject.at.record)?.is_some() {
            return Err(Error::Conflict("this Patient was merged into another one; the death is told of the one that stays"));
        }
        if subject.stored.version != version {
            return Err(Error::VersionMismatch { current: subject.stored.version });
        }
        Ok(subject.stored)
    }

    /// As `deceasedDateTime` says it; none where nobody knows the day.
    fn when_died(&self, death: &NewDeath<'_>, patient: Value<'_>) -> Result<Option<String>> {
        let (day, time) = (death.day.trim(), death.time.trim());
        let no_day = || wrong("day", "Say the day of death, as 2026-11-22, with hours and minutes if they are known; or say that nobody knows the day, and leave both empty.");
        if death.is_undated {
            return if day.is_empty() && time.is_empty() { Ok(None) } else { Err(no_day()) };
        }
        let zone = self.inner.settings.zone_offset_minutes;
        let text = if time.is_empty() { day.to_owned() } else { format!("{day}T{time}:00{}", offset_text(zone)) };
        let date = PartialDateTime::parse(&text).filter(|date| date.year >= 1850 && (date.precision > Precision::Day) != time.is_empty()).ok_or_else(no_day)?;
        let (first, last) = date.range(zone);
        if first > self.now() {
            return Err(wrong("day-to-come", "A death is written down after it happened: this day or time lies ahead."));
        }
        let born = patient.string("birthDate").and_then(|text| PartialDateTime::parse(&text));
        if born.is_some_and(|born| last <= born.range(zone).0) {
            return Err(wrong("birth", "This day lies before the birth date of the person. Correct the one that is wrong."));
        }
        Ok(Some(text))
    }
}

/// What takes out all that a Patient says of a death.
fn without_death(patient: Value<'_>) -> Vec<String> {
    let members = ["deceasedBoolean", "_deceasedBoolean", "deceasedDateTime", "_deceasedDateTime"];
    members.iter().filter(|member| patient.get(member).is_some()).map(|member| format!(r#"{{"op":"remove","path":"/{member}"}}"#)).collect()
}
