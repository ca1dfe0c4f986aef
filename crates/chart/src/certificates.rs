//! Certificates with rules: what the form says of its kind, held against the record before it is signed.
//!
//! The rules are names and values in the form (`forms::Certificate`); nothing of a country is here.
//!
//! | rule | |
//! |---|---|
//! | `from`, `until` | the questions that tell the first and the last day |
//! | `days`, `total` | the questions that get the number of days, and of all days without a gap |
//! | `type` | the question that tells the type; `NAME-CODE` holds in place of `NAME` where it has that code |
//! | `apart=yes` | no day of it lies in another certificate of its kind |
//! | `most-days`, `most-total` | days of one paper, and without a gap, at most |
//! | `back-days`, `ahead-days` | it begins so many days before the day of issue at the earliest, after it at the latest |
//! | `follows=CODE` | of that type it begins the day after another ends |
//! | `alone-days`, `commission` | over more days without a gap, that question is answered |
//! | `valid-until`, `valid-days`, `valid-working-days` | the question that gets the last day it holds, so many days from the day of issue |
//! | `valid-within-days` | where the last day it holds is asked for: so many days after the day of issue at the latest |
//! | `uses=once` | it can be used once |
//! | `born`, `sex`, `name` | of a birth: the questions that tell when, the sex, and the family name |
//! | `weeks`, `weight`, `length`, `apgar` | of a birth: the questions that tell what was measured (`born.rs`) |
//! | `several=QUESTION:CODE`, `order` | of a birth: answered so, it is one of several, and that question tells the order |
//! | `notify-hours` | of a birth: how soon the registry is told of it |
//! | `mother`, `least-years` | who may bear it (`bearer.rs`) |
//!
//! * What is compared is every certificate of the kind of this person, also in records that were merged with this one,
//!   and also one that the signer may not see.
//! * Of two that are signed at once the second is held against the first.
//! * No day of it lies before the person was born.
//! * An amendment is the same paper: it begins and holds as of the day on which that was completed first, however late the
//!   slip is found.

use std::ops::ControlFlow;

use ::forms::{Answer, Around, Certificate, Datum, Fault, Filling, Form, Given, Json};
use access::Act;
use fhir::date::{Precision, civil_from_days, days_from_civil};
use fhir::{Document, PartialDateTime, RecordId, ResourceType};
use store::{Method, Tick};

use crate::accounts::{Day, day_told};
use crate::birth_rules::days as days_meant;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::locks::Held;
use crate::stored::Stored;
use crate::terminology::house;

/// Another certificate of the kind: its days.
struct Span {
    from: i64,
    until: i64,
}

impl Chart {
    /// Keeps everybody else from certifying anything of a person, or telling of a birth of theirs, and waits for what
    /// is on its way to the disk: who certified something and hung up holds no lock any more.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn hold_certificates(&self, patient: &str) -> Result<Held> {
        let name = format!("certificates of {}", self.that_person(patient)?);
        let held = self.inner.locks.conditions([name.as_str()]).await;
        self.inner.times.settled().await;
        Ok(held)
    }

    /// The answers of a draft with what its certificate finds by itself, and what its rules refuse. The rules are held
    /// against what counts: an answer that was set aside, because its question is no longer asked, stands on no paper.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person is gone; what a read may fail with.
    pub async fn certified(&self, draft: &Filled, filling: &Filling, around: &Around<'_>) -> Result<(Filling, Vec<Fault>)> {
        let Some(certificate) = &draft.form.certificate else { return Ok((filling.clone(), Vec::new())) };
        let counts = &::forms::counting(&draft.form, filling, around);
        let begins = certificate.rule("from").and_then(|question| counts.first(question)).and_then(day).map(|(year, month, day)| days_from_civil(year, month, day));
        let patient = self.patient_named_by(draft)?;
        // Of a month or a year the first day.
        let born = Document::read(&patient).ok().and_then(|document| document.root().string("birthDate").and_then(|text| days_meant(&text))).map(|(first, _)| first);
        if let Some(born) = born.filter(|born| begins.is_some_and(|begins| begins < *born)) {
            return Ok((filling.clone(), vec![Fault::BeginsTooEarly(told(born))]));
        }
        let record = self.store().locate(ResourceType::PATIENT, &draft.patient)?.ok_or(Error::NotFound)?.record;
        let others = self.others(record, draft, &certificate.kind)?;
        let issued = self.issued_on(draft)?;
        let (filled, mut faults) = self.held_against(&draft.form, certificate, filling, counts, &others, issued);
        faults.extend(self.birth_faults(draft, certificate, counts, record)?);
        faults.extend(self.bearer_faults(draft, certificate, counts)?);
        Ok((filled, faults))
    }

    fn today_number(&self) -> i64 {
        let (year, month, day) = self.now().civil(self.settings().zone_offset_minutes);
        days_from_civil(year, month, day)
    }

    /// The day on which a paper is issued: today, and of an amendment the day on which what it amends was completed first.
    fn issued_on(&self, draft: &Filled) -> Result<i64> {
        let today = self.today_number();
        let Some(first) = self.completed_first(draft)? else { return Ok(today) };
        let zone = self.settings().zone_offset_minutes;
        let Some(first) = PartialDateTime::parse(&first) else { return Ok(today) };
        let (year, month, day) = first.range(zone).0.civil(zone);
        Ok(days_from_civil(year, month, day).min(today))
    }

    /// When what a draft amends was completed first, as a dateTime; none of what is no amendment.
    pub(crate) fn completed_first(&self, draft: &Filled) -> Result<Option<String>> {
        let Some(amended) = &draft.amends else { return Ok(None) };
        let (at, permitted) = self.find(&house(), Act::Read, draft.stored.kind, amended)?;
        let mut first = None;
        // The newest first, and before it was completed it was a draft.
        self.store().versions(&permitted, draft.stored.kind, at, &mut |entry| {
            let told = (entry.method != Method::Delete).then(|| Json::read(entry.text).ok()).flatten();
            if let Some(json) = told.filter(|json| matches!(json.string("status"), Some("completed" | "amended"))) {
                // What came from another house was completed there.
                first = Some(json.string("authored").map_or_else(|| entry.last_updated.to_string(), str::to_owned));
            }
            ControlFlow::Continue(())
        })?;
        Ok(first)
    }

    fn held_against(&self, form: &Form, certificate: &Certificate, filling: &Filling, counts: &Filling, others: &[Span], issued: i64) -> (Filling, Vec<Fault>) {
        let today = self.today_number();
        let (mut filled, mut faults) = (filling.clone(), Vec::new());
        let code = certificate.rule("type").and_then(|question| counts.first(question)).and_then(code_of).unwrap_or_default();
        let rule = |name: &str| certificate.rule(&format!("{name}-{code}")).or_else(|| certificate.rule(name));
        let number = |name: &str| rule(name).and_then(|value| value.parse::<i64>().ok());
        let asked = |name: &str| rule(name).and_then(|question| counts.first(question)).and_then(day).map(|(year, month, day)| days_from_civil(year, month, day));
        // Without its day no rule could be held against a date: a month would pass all of them.
        let is_no_day = |name: &str| rule(name).and_then(|question| counts.first(question)).is_some() && asked(name).is_none();
        if ["from", "until", "valid-until"].into_iter().any(is_no_day) {
            faults.push(Fault::NotWholeDay);
        }
        if let (Some(from), Some(until)) = (asked("from"), asked("until")) {
            let days = until - from + 1;
            if days < 1 {
                faults.push(Fault::EndsBefore);
            } else {
                let total = days + before(from, others);
                if let Some(question) = rule("days") {
                    set(form, &mut filled, question, Datum::Integer(days.to_string()));
                }
                if let Some(question) = rule("total") {
                    set(form, &mut filled, question, Datum::Integer(total.to_string()));
                }
                let overlapping = others.iter().find(|other| other.from <= until && from <= other.until);
                if let (Some("yes"), Some(other)) = (rule("apart"), overlapping) {
                    faults.push(Fault::Overlaps(format!("{} – {}", told(other.from), told(other.until))));
                }
                if number("most-days").is_some_and(|most| days > most) {
                    faults.push(Fault::TooManyDays(rule("most-days").unwrap_or_default().to_owned()));
                }
                if number("most-total").is_some_and(|most| total > most) {
                    faults.push(Fault::TooManyInAll(rule("most-total").unwrap_or_default().to_owned()));
                }
                let has_commission = rule("commission").and_then(|question| counts.first(question)).is_some_and(|answer| answer.value.is_some());
                if number("alone-days").is_some_and(|most| total > most) && !has_commission {
                    faults.push(Fault::NeedsCommission(rule("alone-days").unwrap_or_default().to_owned()));
                }
                if rule("follows").is_some_and(|wanted| wanted == code) && !others.iter().any(|other| other.until == from - 1) {
                    faults.push(Fault::FollowsNothing);
                }
            }
            if let Some(earliest) = number("back-days").map(|back| issued - back)
                && from < earliest
            {
                faults.push(Fault::BeginsTooEarly(told(earliest)));
            }
            if let Some(latest) = number("ahead-days").map(|ahead| issued + ahead)
                && from > latest
            {
                faults.push(Fault::BeginsTooLate(told(latest)));
            }
        }
        if let Some(question) = rule("valid-until") {
            let last = number("valid-working-days").map(|days| working(issued, days)).or_else(|| number("valid-days").map(|days| issued + days));
            if let Some(last) = last {
                set(form, &mut filled, question, Datum::Date(told(last)));
            }
            if asked("valid-until").is_some_and(|last_asked| last.is_none() && last_asked < today) {
                faults.push(Fault::EndsBefore);
            }
            if let Some(latest) = number("valid-within-days").map(|days| issued + days)
                && asked("valid-until").is_some_and(|last_asked| last.is_none() && last_asked > latest)
            {
                faults.push(Fault::HoldsTooLong(told(latest)));
            }
        }
        (filled, faults)
    }

    /// The days of the other certificates of a kind in a record that are in force.
    fn others(&self, record: RecordId, draft: &Filled, kind: &str) -> Result<Vec<Span>> {
        let mut spans = Vec::new();
        self.certificates_in_force(record, draft, kind, &mut |_, certificate, filling| {
            let asked = |name: &str| certificate.rule(name).and_then(|question| filling.first(question)).and_then(edges);
            if let (Some((from, _)), Some((_, until))) = (asked("from"), asked("until")) {
                spans.push(Span { from, until });
            }
        })?;
        Ok(spans)
    }

    /// Visits the other certificates of a kind in a record that are in force: id, rules, answers.
    pub(crate) fn certificates_in_force(&self, record: RecordId, draft: &Filled, kind: &str, visit: &mut dyn FnMut(&str, &Certificate, &Filling)) -> Result<()> {
        let response = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        let set = self.permitted_set(&house(), Act::Read)?;
        // Whoever was registered twice has one working life: all records that are one person are looked at.
        let mut found: Vec<Stored> = Vec::new();
        for record in self.records_of_person(record)? {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[response], Tick::END, None, &mut |entry| {
                let is_own = entry.id == draft.stored.id || draft.amends.as_deref() == Some(entry.id);
                if entry.kind == response && entry.method != Method::Delete && !is_own {
                    found.push(Stored::from(entry));
                }
                ControlFlow::Continue(())
            })?;
        }
        for stored in found {
            let Ok(json) = Json::read(&stored.text) else { continue };
            if !matches!(json.string("status"), Some("completed" | "amended")) {
                continue;
            }
            let Some(form) = self.form_answered(&json, &stored)? else { continue };
            let Some(certificate) = form.certificate.as_ref().filter(|one| one.kind == kind) else { continue };
            visit(&stored.id, certificate, &Filling::read(&json));
        }
        Ok(())
    }
}

/// Days of the papers that lead to a day without a gap.
fn before(mut from: i64, others: &[Span]) -> i64 {
    let mut days = 0;
    while let Some(other) = others.iter().filter(|other| other.until == from - 1 && other.from <= other.until).min_by_key(|other| other.from) {
        days += other.until - other.from + 1;
        from = other.from;
    }
    days
}

/// The day so many working days after one; Saturdays and Sundays are none.
fn working(today: i64, days: i64) -> i64 {
    let (mut day, mut left) = (today, days);
    while left > 0 {
        day += 1;
        // The first day of 1970 was a Thursday.
        if (day + 3).rem_euclid(7) < 5 {
            left -= 1;
        }
    }
    day
}

fn told(days: i64) -> String {
    day_told(civil_from_days(days))
}

/// The day of an answer.
pub(crate) fn day(answer: &Answer) -> Option<Day> {
    let (Some(Datum::Date(text)) | Some(Datum::DateTime(text))) = &answer.value else { return None };
    let date = PartialDateTime::parse(text)?;
    (date.precision >= Precision::Day).then_some((date.year, date.month, date.day))
}

/// The first and the last day an answer may mean: of a month or a year, which older papers may have, all of it.
fn edges(answer: &Answer) -> Option<(i64, i64)> {
    let (Some(Datum::Date(text)) | Some(Datum::DateTime(text))) = &answer.value else { return None };
    days_meant(text)
}

/// The code of an answer.
pub(crate) fn code_of(answer: &Answer) -> Option<String> {
    match &answer.value {
        Some(Datum::Coding(coding)) => coding.code.clone(),
        _ => None,
    }
}

/// Sets the answer of a question, in the groups it stands in.
fn set(form: &Form, filling: &mut Filling, link_id: &str, value: Datum) {
    fn path(items: &[::forms::Item], link_id: &str) -> Option<Vec<String>> {
        items.iter().find_map(|item| {
            if item.link_id == link_id {
                return Some(vec![item.link_id.clone()]);
            }
            path(&item.items, link_id).map(|mut rest| {
                rest.insert(0, item.link_id.clone());
                rest
            })
        })
    }
    let Some(steps) = path(&form.items, link_id) else { return };
    let mut items = &mut filling.items;
    for (place, step) in steps.iter().enumerate() {
        let at = match items.iter().position(|one| one.link_id == *step) {
            Some(at) => at,
            None => {
                items.push(Given::of(step));
                items.len() - 1
            }
        };
        if place + 1 == steps.len() {
            items[at].answers = vec![Answer::of(value.clone())];
            return;
        }
        items = &mut items[at].items;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> i64 {
        let date = PartialDateTime::parse(text).unwrap();
        days_from_civil(date.year, date.month, date.day)
    }

    #[test]
    fn working_days_leave_saturdays_and_sundays_out() {
        for (today, count, expect) in [("2026-03-02", 10, "2026-03-16"), ("2026-03-06", 1, "2026-03-09"), ("2026-03-07", 1, "2026-03-09"), ("2026-03-08", 5, "2026-03-13"), ("2026-03-02", 0, "2026-03-02")] {
            assert_eq!(told(working(days(today), count)), expect, "{today} {count}");
        }
    }

    #[test]
    fn days_are_counted_back_as_long_as_there_is_no_gap() {
        let span = |from: &str, until: &str| Span { from: days(from), until: days(until) };
        let others = [span("2026-03-01", "2026-03-05"), span("2026-03-06", "2026-03-07"), span("2026-02-01", "2026-02-27"), span("2026-04-01", "2026-04-02")];
        for (from, expect) in [("2026-03-08", 7), ("2026-03-06", 5), ("2026-03-09", 0), ("2026-03-01", 0), ("2026-04-03", 2)] {
            assert_eq!(before(days(from), &others), expect, "{from}");
        }
    }
}
