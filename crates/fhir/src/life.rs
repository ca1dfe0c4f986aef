//! Birth and death as a Patient tells them.
//!
//! * A death is told by its day or by a flag, and `deceasedBoolean: false` tells of none.
//! * Whether the two can be true is asked with the time given; nothing here has a clock.

use crate::date::{DAY_MS, Moment, PartialDateTime};
use crate::{Issue, IssueCode, ResourceType, Value};

/// The rule of an error about a birth in days to come.
pub const BIRTH_IN_FUTURE: &str = "birth-in-future";
/// The rule of an error about a death in days to come.
pub const DEATH_IN_FUTURE: &str = "death-in-future";
/// The rule of an error about a death before the birth.
pub const DEATH_BEFORE_BIRTH: &str = "death-before-birth";

/// That a person died.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Death {
    /// When, as far as it was said.
    On(PartialDateTime),
    /// Nobody said when, or not so that it can be read.
    Undated,
}

impl Death {
    /// When, where that was said.
    pub fn day(self) -> Option<PartialDateTime> {
        match self {
            Death::On(day) => Some(day),
            Death::Undated => None,
        }
    }
}

/// Whether a Patient has died, and when.
/// <https://hl7.org/fhir/R4/patient-definitions.html#Patient.deceased_x_>
pub fn death(patient: Value<'_>) -> Option<Death> {
    match patient.get("deceasedDateTime") {
        Some(said) => Some(said.as_str().and_then(|text| PartialDateTime::parse(&text)).map_or(Death::Undated, Death::On)),
        None => (patient.get("deceasedBoolean").and_then(|flag| flag.as_bool()) == Some(true)).then_some(Death::Undated),
    }
}

/// The types that tell when somebody was born.
fn tells_birth(kind: ResourceType) -> bool {
    matches!(kind.name(), "Patient" | "Person" | "RelatedPerson" | "Practitioner")
}

/// What of birth and death cannot be true at a moment: a day that has begun nowhere on Earth yet, and a death before the
/// birth. A year or a month that is not over is no day to come. An issue names the place and the remedy, never a date.
pub fn flaws(kind: ResourceType, resource: Value<'_>, now: Moment) -> Vec<Issue> {
    let mut issues = Vec::new();
    if !tells_birth(kind) {
        return issues;
    }
    let read = |member: &'static str| {
        let value = resource.get(member)?;
        Some((value, PartialDateTime::parse(&value.as_str()?)?))
    };
    let mut refuse = |member: &str, value: Value<'_>, rule: &str, message: &str| {
        issues.push(Issue::error(IssueCode::BusinessRule, format!("{kind}.{member}"), message).of_rule(rule).at(value.span().start));
    };
    // Somewhere it may be tomorrow already, so a day is allowed.
    let lies_ahead = |date: &PartialDateTime| date.range(0).0.0 > now.0.saturating_add(DAY_MS);
    let born = read("birthDate");
    if let Some((value, date)) = &born
        && lies_ahead(date)
    {
        refuse("birthDate", *value, BIRTH_IN_FUTURE, "This birth date lies in the future. Correct it; of a birth date that is not known in full give the year, or the year and the month.");
    }
    if kind != ResourceType::PATIENT {
        return issues;
    }
    if let Some((value, died)) = read("deceasedDateTime") {
        if lies_ahead(&died) {
            refuse("deceasedDateTime", value, DEATH_IN_FUTURE, "This day of death lies in the future. Correct it, or take it out.");
        }
        // With a time the two may be told in different zones.
        let allowed = if died.offset_minutes.is_some() { DAY_MS } else { 0 };
        if born.is_some_and(|(_, born)| died.range(0).1.0.saturating_add(allowed) <= born.range(0).0.0) {
            refuse("deceasedDateTime", value, DEATH_BEFORE_BIRTH, "This day of death lies before Patient.birthDate. Correct the one that is wrong.");
        }
    }
    issues
}

/// True for the rules of [`flaws`].
pub fn is_about_life(issue: &Issue) -> bool {
    [BIRTH_IN_FUTURE, DEATH_IN_FUTURE, DEATH_BEFORE_BIRTH].contains(&issue.rule.as_str())
}

/// True where two versions say the same of birth and death.
pub fn says_the_same(one: Value<'_>, other: Value<'_>) -> bool {
    ["birthDate", "deceasedDateTime", "deceasedBoolean"].iter().all(|member| one.get(member).map(|value| value.raw()) == other.get(member).map(|value| value.raw()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    #[test]
    fn a_death_is_told_by_its_day_or_by_a_flag() {
        for (text, expected) in [
            (r#"{}"#, None),
            (r#"{"deceasedBoolean":false}"#, None),
            (r#"{"deceasedBoolean":true}"#, Some(None)),
            (r#"{"deceasedDateTime":"2020"}"#, Some(Some("2020"))),
            (r#"{"deceasedDateTime":"soon"}"#, Some(None)),
        ] {
            let document = Document::read(text).unwrap();
            assert_eq!(death(document.root()).map(Death::day), expected.map(|day: Option<&str>| day.map(|day| PartialDateTime::parse(day).unwrap())), "{text}");
        }
    }

    #[test]
    fn what_lies_ahead_everywhere_and_a_death_before_the_birth_are_flaws() {
        // Half past ten in the evening of 31 December 2026 in UTC: in the east the new year has begun.
        let now = Moment::parse("2026-12-31T22:30:00Z").unwrap();
        for (kind, text, expected) in [
            ("Patient", r#"{"birthDate":"2026-12-31"}"#, ""),
            ("Patient", r#"{"birthDate":"2026"}"#, ""),
            ("Patient", r#"{"birthDate":"2027"}"#, ""),
            ("Patient", r#"{"birthDate":"2027-01-01"}"#, ""),
            ("Patient", r#"{"birthDate":"2027-01-02"}"#, "Patient.birthDate birth-in-future"),
            ("Patient", r#"{"birthDate":"2027-02"}"#, "Patient.birthDate birth-in-future"),
            ("Patient", r#"{"birthDate":"2028"}"#, "Patient.birthDate birth-in-future"),
            ("Patient", r#"{"birthDate":"9999-12-31"}"#, "Patient.birthDate birth-in-future"),
            ("RelatedPerson", r#"{"birthDate":"2028"}"#, "RelatedPerson.birthDate birth-in-future"),
            ("Practitioner", r#"{"birthDate":"2028"}"#, "Practitioner.birthDate birth-in-future"),
            ("Person", r#"{"birthDate":"2028"}"#, "Person.birthDate birth-in-future"),
            ("Observation", r#"{"birthDate":"2028"}"#, ""),
            ("Patient", r#"{"birthDate":"soon"}"#, ""),
            ("Patient", r#"{"deceasedDateTime":"2027-01-02T10:00:00Z"}"#, "Patient.deceasedDateTime death-in-future"),
            ("Patient", r#"{"birthDate":"1980-05-12","deceasedDateTime":"1980-05-11"}"#, "Patient.deceasedDateTime death-before-birth"),
            ("Patient", r#"{"birthDate":"1980-05-12","deceasedDateTime":"1980-05-12"}"#, ""),
            ("Patient", r#"{"birthDate":"1980-05-12","deceasedDateTime":"1980-05"}"#, ""),
            ("Patient", r#"{"birthDate":"1980","deceasedDateTime":"1980-01-01"}"#, ""),
            ("Patient", r#"{"birthDate":"1980","deceasedDateTime":"1979"}"#, "Patient.deceasedDateTime death-before-birth"),
            // The same instant is the day before further west.
            ("Patient", r#"{"birthDate":"1980-05-12","deceasedDateTime":"1980-05-11T20:00:00-06:00"}"#, ""),
            ("Patient", r#"{"birthDate":"1980-05-12","deceasedDateTime":"1980-05-10T10:00:00-06:00"}"#, "Patient.deceasedDateTime death-before-birth"),
        ] {
            let document = Document::read(text).unwrap();
            let found: Vec<String> = flaws(ResourceType::named(kind).unwrap(), document.root(), now).iter().map(|issue| format!("{} {}", issue.expression, issue.rule)).collect();
            assert_eq!(found.join(" "), expected, "{kind} {text}");
        }
    }
}
