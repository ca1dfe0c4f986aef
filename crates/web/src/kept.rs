//! How long a record is kept, in words: by which rule of the country, and until when at least; and what of it is held.

use country::{RecordFacts, Until};
use fhir::PartialDateTime;
use fhir::date::Precision;

use crate::banner::country_of;
use crate::record::{Record, When};
use crate::voice::Voice;

/// The words; none where no rule says anything of the record. `last_act` is the latest thing that was done.
pub fn kept(record: &Record<'_>, last_act: Option<When>, voice: &Voice) -> Option<String> {
    let patient = record.patient.root();
    let country = country_of(patient)?;
    let died = match patient.string("deceasedDateTime") {
        Some(text) => Some(PartialDateTime::parse(&text).filter(|date| date.precision >= Precision::Day).map(|date| voice.local(&date).0)),
        None => (patient.get("deceasedBoolean").and_then(|flag| flag.as_bool()) == Some(true)).then_some(None),
    };
    let holds = |range: &country::CodeRange| {
        let mut codings = record.valid("Condition").flat_map(|item| item.root().get("code")).flat_map(|code| code.get("coding")).flat_map(|all| all.each());
        codings.any(|coding| coding.string("system").zip(coding.string("code")).is_some_and(|(system, code)| range.holds(&system, &code)))
    };
    let term = country.retention.term(&RecordFacts { last_act: last_act.map(|when| voice.local(&when.date).0), died, holds: &holds })?;
    let name = term.rule.name.get(voice.code()).cloned().unwrap_or_default();
    let mut words = match term.until {
        Until::Day(day) => voice.with("kept-until", &[("day", &voice.day(day))]),
        Until::AfterDeath(years) => voice.count("kept-for-life", usize::from(years)),
    };
    words.push_str(&format!(" {name}: {}", term.rule.source));
    if term.rule.is_proposed {
        words.push_str(&format!(" ({})", voice.say("forms-proposed").to_lowercase()));
    }
    Some(words)
}

/// What of the record is held, a sentence each: what, until when, who asked for it and why.
pub fn held(record: &Record<'_>, voice: &Voice) -> Vec<String> {
    let told = |hold: &chart::HeldLine| {
        let what = match &hold.kind {
            None => voice.say("held-record"),
            Some(kind) => voice.with("held-kind", &[("kind", &kind.to_string())]),
        };
        let until = match hold.until {
            Some(day) => voice.with("held-until", &[("day", &voice.day(day))]),
            None => voice.say("held-open"),
        };
        format!("{what} {until} {}", voice.with("held-by", &[("login", &hold.by), ("reason", &hold.reason)]))
    };
    record.holds().iter().map(told).collect()
}
