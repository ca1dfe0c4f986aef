//! Who may bear a certificate: what must be true of its person before it is signed.
//!
//! | rule | |
//! |---|---|
//! | `mother=yes` | they may be pregnant, or a mother: no man, and of an age that mothers are of (`country::Births`) |
//! | `least-years` | on the first day they are so old |
//!
//! * As with other rules `NAME-CODE` holds in place of `NAME` for the type of that code.
//! * No day of a certificate with days lies behind the death of its person.
//! * What is not known refuses nothing. A birth certificate has rules of its own (`birth_rules.rs`).

use ::forms::{Certificate, Fault, Filling};
use fhir::Document;
use fhir::date::days_from_civil;

use crate::birth_rules::{ages, days};
use crate::born::country_of;
use crate::certificates::{code_of, day};
use crate::door::Chart;
use crate::error::Result;
use crate::forms::Filled;

impl Chart {
    /// What the rules of a certificate refuse because of its person.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn bearer_faults(&self, draft: &Filled, certificate: &Certificate, filling: &Filling) -> Result<Vec<Fault>> {
        if certificate.kind == "birth" {
            return Ok(Vec::new());
        }
        let code = certificate.rule("type").and_then(|question| filling.first(question)).and_then(code_of).unwrap_or_default();
        let rule = |name: &str| certificate.rule(&format!("{name}-{code}")).or_else(|| certificate.rule(name));
        let asked = |name: &str| rule(name).and_then(|question| filling.first(question)).and_then(day);
        let Some(first) = asked("from") else { return Ok(Vec::new()) };
        let patient = self.patient_named_by(draft)?;
        let Ok(document) = Document::read(&patient) else { return Ok(Vec::new()) };
        let person = document.root();
        let mut faults = Vec::new();
        let number = |(year, month, day): (i32, u8, u8)| days_from_civil(year, month, day);
        let last = number(asked("until").unwrap_or(first));
        let died = person.string("deceasedDateTime").and_then(|text| days(&text)).map(|(_, latest)| latest);
        let today = number(self.now().civil(self.settings().zone_offset_minutes));
        // Of whom it is only known that they died, that was today at the latest.
        let is_dead = person.get("deceasedBoolean").and_then(|value| value.as_bool()) == Some(true);
        if died.or(is_dead.then_some(today)).is_some_and(|died| last > died) {
            faults.push(Fault::PersonDied);
        }
        let ages = person.string("birthDate").and_then(|text| ages(&text, first));
        if rule("mother") == Some("yes") {
            if person.string("gender").as_deref() == Some("male") {
                faults.push(Fault::PersonIsMan);
            }
            if let Some(births) = country_of(&draft.form, &patient).map(|country| &country.births)
                && ages.is_some_and(|(youngest, oldest)| oldest < births.mother_from_years || youngest > births.mother_until_years)
            {
                faults.push(Fault::PersonAge(format!("{}–{}", births.mother_from_years, births.mother_until_years)));
            }
        }
        let least = rule("least-years").and_then(|value| value.parse::<i32>().ok());
        if let Some(least) = least && ages.is_some_and(|(_, oldest)| oldest < least) {
            faults.push(Fault::PersonAge(format!("≥ {least}")));
        }
        Ok(faults)
    }
}
