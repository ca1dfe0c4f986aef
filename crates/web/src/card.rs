//! A child's card: how complete it is, with every gap named, and the preventive examinations.
//!
//! * A day on which weight or length was measured counts as an examination; the page says so.
//! * A measurement counts with a value and a day: one that was cancelled, has no value, or is dated by its month counts
//!   for nothing; the dates of those without a day are told.
//! * Of who has died only what was done is told; nothing is asked any more.
//! * A gap is a word and a way to close it, never only a number.

use country::IdentifierKind;
use fhir::PartialDateTime;
use fhir::date::Precision;
use schedule::Day;
use schedule::card::{Gap, Known, completeness};
use schedule::examination::{Turn, TurnStatus, turns};
use schedule::immunisation::forecast;
use schedule::milestone::{self, Standing, Step};
use schedule::record::Facts;

use crate::banner;
use crate::record::{Record, clinical, concept};
use crate::vaccinations::span;
use crate::voice::{self, Voice};

/// The page.
#[derive(Clone, Debug, Default)]
pub struct CardPage {
    /// Why there is none, in words.
    pub without: Option<String>,
    /// Why nothing is asked any more, in words; then there are no gaps.
    pub closed: Option<String>,
    /// Dates of measurements whose day is not known, in words; empty where there are none.
    pub undated: String,
    /// `87 %: 13 of 15 are there`.
    pub score: String,
    /// What is missing.
    pub gaps: Vec<String>,
    /// Milestones of development; none of an older child of whom nothing was written.
    pub steps: Vec<StepRow>,
    /// Where the milestones come from.
    pub steps_source: String,
    /// The examinations whose time has come, and the next one.
    pub turns: Vec<TurnRow>,
    /// Where the timetable comes from.
    pub source: String,
    /// No source confirms the timetable.
    pub is_proposed: bool,
}

/// One examination.
#[derive(Clone, Debug)]
pub struct TurnRow {
    /// At which age.
    pub age: String,
    /// The day of that age.
    pub day: String,
    /// How it stands.
    pub state: String,
    /// The class of its chip.
    pub chip: &'static str,
    /// When it was.
    pub done: String,
    /// Who looks and what is measured.
    pub parts: String,
    /// No source confirms the age, or who looks and what is measured.
    pub is_proposed: bool,
}

/// One milestone.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// What the child does.
    pub name: String,
    /// From which age to which.
    pub ages: String,
    /// How it stands.
    pub state: String,
    /// The class of its chip.
    pub chip: &'static str,
    /// When it was seen, or looked for.
    pub day: String,
    /// Why it is late; empty otherwise.
    pub why: String,
    /// No source confirms it or its ages.
    pub is_proposed: bool,
}

/// Weight, length and height.
const MEASURED: [&str; 4] = ["29463-7", "3141-9", "8302-2", "8306-3"];
/// Weight.
const WEIGHED: [&str; 2] = ["29463-7", "3141-9"];
/// Weight at birth.
const BIRTH_WEIGHT: [&str; 1] = ["8339-4"];

/// The card of a record.
pub fn card(record: &Record<'_>, voice: &Voice, today: voice::Day) -> CardPage {
    let today = Day::of(today.0, today.1, today.2);
    let patient = record.patient.root();
    let Some(country) = banner::country_of(patient) else {
        return CardPage { without: Some(voice.say("vaccinations-no-country")), ..CardPage::default() };
    };
    let items = || record.valid("Immunization").chain(record.valid("Condition")).chain(record.valid("Observation")).chain(record.valid("Consent"));
    let facts = Facts::read(country, patient, items().map(|item| item.root()), today, voice.zone_offset_minutes);
    let Some(person) = facts.person() else {
        return CardPage { without: Some(voice.say("vaccinations-no-birth")), ..CardPage::default() };
    };
    let undated: Vec<String> = measured(record, &MEASURED).filter(|date| date.precision < Precision::Day).map(|date| voice.date(&date)).collect();
    let undated = if undated.is_empty() { String::new() } else { voice.with("card-undated", &[("dates", &undated.join(", "))]) };
    let turns = turns(&country.examinations, person.birth, &examined(record, voice), today);
    let milestones = &country.milestones;
    let steps = milestone::steps(milestones, person.birth, facts.gestation_days, &facts.milestones, today);
    let source = country.examinations.source.get(voice.code()).cloned().unwrap_or_default();
    let steps_source = milestones.source.get(voice.code()).cloned().unwrap_or_default();
    let is_proposed = country.examinations.proposed;
    if facts.has_died {
        let done = turns.iter().rev().filter(|turn| matches!(turn.status, TurnStatus::Done(_))).map(|turn| row(turn, voice)).collect();
        let reached = steps.iter().filter(|step| matches!(step.standing, Standing::Reached(_))).map(|step| step_row(step, voice)).collect();
        return CardPage { closed: Some(voice.say("reason-died")), undated, steps: reached, steps_source, turns: done, source, is_proposed, ..CardPage::default() };
    }
    let is_asked = today < person.birth.after(milestones.until);
    let asked = if is_asked { steps.as_slice() } else { &[] };
    let complete = completeness(known(record, &facts, person.birth, voice), &forecast(&country.calendar, &person, today), &turns, asked);
    let score = [("percent", complete.percent()), ("said", complete.said), ("asked", complete.asked)].map(|(name, number)| (name, number.to_string()));
    CardPage {
        without: None,
        closed: None,
        undated,
        score: voice.with("card-score", &[(score[0].0, &score[0].1), (score[1].0, &score[1].1), (score[2].0, &score[2].1)]),
        gaps: complete.gaps.iter().map(|gap| gap_text(gap, &facts, voice)).collect(),
        steps: if is_asked || !facts.milestones.is_empty() { steps.iter().map(|step| step_row(step, voice)).collect() } else { Vec::new() },
        steps_source,
        turns: shown(&turns).map(|turn| row(turn, voice)).collect(),
        source,
        is_proposed,
    }
}

/// When something was measured, as far as it is known: with a value, and not called off.
fn measured<'r>(record: &'r Record<'_>, codes: &'static [&'static str]) -> impl Iterator<Item = PartialDateTime> + 'r {
    let is_one = move |root: fhir::Value<'_>| root.get("code").is_some_and(|code| codes.iter().any(|one| concept::has_code(code, one)));
    let is_measured = |root: fhir::Value<'_>| {
        let is_called_off = matches!(root.string("status").as_deref(), Some("cancelled" | "entered-in-error"));
        !is_called_off && root.path(&["valueQuantity", "value"]).is_some()
    };
    record.valid("Observation").filter(move |item| is_one(item.root()) && is_measured(item.root())).filter_map(|item| clinical::date_of("Observation", item.root()))
}

/// The days of measurements whose day is known.
fn measured_on<'r>(record: &'r Record<'_>, codes: &'static [&'static str], voice: &'r Voice) -> impl Iterator<Item = Day> + 'r {
    measured(record, codes).filter(|date| date.precision >= Precision::Day).map(move |date| {
        let (year, month, day) = voice.local(&date).0;
        Day::of(year, month, day)
    })
}

fn examined(record: &Record<'_>, voice: &Voice) -> Vec<Day> {
    measured_on(record, &MEASURED, voice).collect()
}

fn known(record: &Record<'_>, facts: &Facts, birth: Day, voice: &Voice) -> Known {
    let patient = record.patient.root();
    // Only a number that can be true is one.
    let is_national = |identifier: fhir::Value<'_>| {
        let known = concept::said(identifier, "system").and_then(|system| country::identifier_system(&system)).filter(|known| known.kind == IdentifierKind::National);
        let is_in_use = identifier.string("use").as_deref() != Some("old");
        is_in_use && known.zip(concept::said(identifier, "value")).is_some_and(|(known, value)| known.check(&value).is_ok())
    };
    let mut numbers = patient.get("identifier").into_iter().flat_map(|all| all.each());
    Known {
        birth_weight: measured(record, &BIRTH_WEIGHT).next().is_some() || measured_on(record, &WEIGHED, voice).any(|day| (0..=1).contains(&(day.0 - birth.0))),
        gestation: facts.gestation_days.is_some(),
        allergies: record.valid("AllergyIntolerance").next().is_some(),
        guardian: patient.get("contact").is_some() || record.valid("RelatedPerson").next().is_some(),
        national_number: numbers.any(is_national),
        facility: patient.get("managingOrganization").is_some() || patient.get("generalPractitioner").is_some(),
    }
}

fn gap_text(gap: &Gap, facts: &Facts, voice: &Voice) -> String {
    match gap {
        Gap::BirthWeight => voice.say("card-gap-birth-weight"),
        Gap::Gestation => voice.say(if facts.gestation_is_unread { "card-gap-gestation-unread" } else { "card-gap-gestation" }),
        Gap::Allergies => voice.say("card-gap-allergies"),
        Gap::Guardian => voice.say("card-gap-guardian"),
        Gap::NationalNumber => voice.say("card-gap-national-number"),
        Gap::Facility => voice.say("card-gap-facility"),
        Gap::Examination { age } => voice.with("card-gap-examination", &[("age", &span(voice, age))]),
        Gap::Milestone { key } => voice.with("card-gap-milestone", &[("milestone", &voice.say(&format!("milestone-{key}")))]),
        Gap::Vaccination { series } => voice.with("card-gap-vaccination", &[("series", &voice.say(&format!("series-{series}")))]),
    }
}

fn step_row(step: &Step, voice: &Voice) -> StepRow {
    let (key, chip, day) = match step.standing {
        Standing::Reached(day) => ("milestone-is-reached", "ok", Some(day)),
        Standing::Late(day) => ("milestone-is-late", "crit", Some(day)),
        Standing::Unknown => ("milestone-is-unknown", "warn", None),
        Standing::Skipped => ("milestone-is-skipped", "none", None),
        Standing::Now => ("milestone-is-now", "none", None),
        Standing::NotYet => ("milestone-is-not-yet", "none", None),
    };
    let why = if matches!(step.standing, Standing::Late(_)) { voice.with("milestone-why-late", &[("age", &span(voice, &step.late))]) } else { String::new() };
    StepRow {
        name: voice.say(&format!("milestone-{}", step.key)),
        ages: format!("{} \u{2013} {}", span(voice, &step.usual), span(voice, &step.late)),
        state: voice.say(key),
        chip,
        day: day.map_or_else(String::new, |day| voice.day(day.civil())),
        why,
        is_proposed: step.is_proposed,
    }
}

/// What has been, and the first that is still to come.
fn shown(turns: &[Turn]) -> impl Iterator<Item = &Turn> {
    let coming = turns.iter().position(|turn| turn.status == TurnStatus::NotYet).unwrap_or(turns.len());
    turns[..turns.len().min(coming + 1)].iter().rev()
}

fn row(turn: &Turn, voice: &Voice) -> TurnRow {
    let (key, chip) = match turn.status {
        TurnStatus::Done(_) => ("examination-done", "ok"),
        TurnStatus::Missed => ("examination-missed", "none"),
        TurnStatus::Late => ("examination-late", "crit"),
        TurnStatus::Due => ("examination-due", "warn"),
        TurnStatus::NotYet => ("examination-not-yet", "none"),
    };
    let done = if let TurnStatus::Done(on) = turn.status { voice.day(on.civil()) } else { String::new() };
    let parts: Vec<String> = turn.parts.iter().map(|part| voice.say(&format!("examination-part-{part}"))).collect();
    TurnRow { age: span(voice, &turn.age), day: voice.day(turn.day.civil()), state: voice.say(key), chip, done, parts: parts.join(", "), is_proposed: turn.proposed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn every_milestone_has_its_word_in_every_language() {
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            for one in country::all().iter().flat_map(|country| &country.milestones.all) {
                assert!(!voice.say(&format!("milestone-{}", one.key)).contains('⟦'), "{} lacks {}", language.code(), one.key);
            }
        }
    }

    #[test]
    fn every_part_of_an_examination_has_its_word_in_every_language() {
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            for part in country::all().iter().flat_map(|country| &country.examinations.examination).flat_map(|one| &one.parts) {
                assert!(!voice.say(&format!("examination-part-{part}")).contains('⟦'), "{} lacks {part}", language.code());
            }
        }
    }
}
