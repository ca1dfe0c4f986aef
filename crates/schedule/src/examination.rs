//! Which preventive examinations a child has had, has missed and is due.
//!
//! * An examination belongs to the age whose time it falls in: from a few days before that age, and no more than half
//!   of it, until a few days before the next one.
//! * An age whose time is over without an examination was missed; it is said and not made up for.

use country::{Age, Examination, Timetable};

use crate::day::Day;

/// How one examination of the timetable stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// At which age.
    pub age: Age,
    /// Who looks and what is measured, by the keys of the timetable.
    pub parts: Vec<String>,
    /// No source confirms the age or the parts.
    pub proposed: bool,
    /// The day of that age.
    pub day: Day,
    /// From this day on it is late.
    pub late_from: Day,
    /// How it stands.
    pub status: TurnStatus,
}

/// How an examination stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TurnStatus {
    /// It was on this day.
    Done(Day),
    /// Its time is over.
    Missed,
    /// Its time has come, and passed the limit.
    Late,
    /// Its time has come.
    Due,
    /// A later day.
    NotYet,
}

/// The timetable of a child born on a day, with the days it was examined on.
pub fn turns(timetable: &Timetable, birth: Day, examined: &[Day], today: Day) -> Vec<Turn> {
    let begins = |one: &Examination| {
        let day = birth.after(one.age);
        // Half of that age at most: what was measured at birth is no examination of the first week.
        day.plus(-i32::from(timetable.early_days).min((day.0 - birth.0) / 2))
    };
    let all = &timetable.examination;
    let turn = |(place, one): (usize, &Examination)| {
        let end = all.get(place + 1).map(&begins);
        let day = birth.after(one.age);
        let late_from = day.after(timetable.late_after).plus(1);
        let mine = examined.iter().copied().filter(|on| *on <= today && *on >= begins(one) && end.is_none_or(|end| *on < end));
        let status = match mine.min() {
            Some(on) => TurnStatus::Done(on),
            None if end.is_some_and(|end| today >= end) => TurnStatus::Missed,
            None if today >= late_from => TurnStatus::Late,
            None if today >= day => TurnStatus::Due,
            None => TurnStatus::NotYet,
        };
        Turn { age: one.age, parts: one.parts.clone(), proposed: timetable.proposed || one.parts_proposed, day, late_from, status }
    };
    all.iter().enumerate().map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ages with their status, a letter each: done, missed, late, due, not yet.
    fn check(country: &str, birth: &str, examined: &[&str], today: &str, expected: &str) {
        let day = |text: &str| Day::parse(text).unwrap();
        let examined: Vec<Day> = examined.iter().map(|text| day(text)).collect();
        let turns = turns(&country::by_code(country).unwrap().examinations, day(birth), &examined, day(today));
        let letter = |turn: &Turn| match turn.status {
            TurnStatus::Done(_) => 'd',
            TurnStatus::Missed => 'm',
            TurnStatus::Late => 'l',
            TurnStatus::Due => 'D',
            TurnStatus::NotYet => '.',
        };
        let found: String = turns.iter().map(letter).collect();
        assert!(found.starts_with(expected) && found[expected.len()..].chars().all(|letter| letter == '.'), "{found}");
    }

    #[test]
    fn a_russian_infant_is_examined_every_month() {
        check("ru", "2025-01-15", &[], "2025-02-14", "");
        check("ru", "2025-01-15", &[], "2025-02-15", "D");
        check("ru", "2025-01-15", &["2025-02-10"], "2025-03-15", "dD");
        check("ru", "2025-01-15", &["2025-02-10", "2025-04-20"], "2025-05-01", "dmd");
    }

    #[test]
    fn a_visit_ten_days_before_its_age_belongs_to_that_age() {
        check("ru", "2025-01-15", &["2025-03-05"], "2025-03-05", "md");
        check("ru", "2025-01-15", &["2025-03-04"], "2025-03-04", "d");
    }

    #[test]
    fn what_was_measured_at_birth_is_no_examination_of_the_first_week() {
        for (examined, expected) in [("2026-03-01", "D"), ("2026-03-04", "D"), ("2026-03-05", "d"), ("2026-03-08", "d")] {
            check("mx", "2026-03-01", &[examined], "2026-03-08", expected);
        }
        // The next one is as early as before.
        check("mx", "2026-03-01", &["2026-03-06", "2026-03-19"], "2026-03-19", "dd");
    }

    #[test]
    fn a_yearly_examination_is_due_for_a_month_and_then_late() {
        let every_month: Vec<String> = (1..=12).map(|month| Day::of(2020, 3, 10).plus(month * 30 + 6).to_string()).collect();
        let mut examined: Vec<&str> = every_month.iter().map(String::as_str).collect();
        examined.extend(["2021-06-10", "2021-09-10", "2022-03-10"]);
        check("ru", "2020-03-10", &examined, "2023-04-10", "dddddddddddddddD");
        check("ru", "2020-03-10", &examined, "2023-04-11", "dddddddddddddddl");
        check("ru", "2020-03-10", &examined, "2024-02-29", "dddddddddddddddm");
    }
}
