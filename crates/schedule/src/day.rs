//! A day of the calendar, and the day on which somebody reaches an age.

use std::fmt;

use country::Age;
use fhir::date::{civil_from_days, days_from_civil, days_in_month};

/// Days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

impl Day {
    /// The day of a date that exists.
    pub fn of(year: i32, month: u8, day: u8) -> Day {
        Day(days_from_civil(year, month, day) as i32)
    }

    /// Reads `2025-03-15`.
    pub fn parse(text: &str) -> Option<Day> {
        let date = fhir::PartialDateTime::parse(text)?;
        (date.precision == fhir::date::Precision::Day).then(|| Day::of(date.year, date.month, date.day))
    }

    /// Year, month, day.
    pub fn civil(self) -> (i32, u8, u8) {
        civil_from_days(i64::from(self.0))
    }

    /// So many days later.
    pub fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// The day an age or a gap is full: years and months by the calendar, then days. Where the
    /// month has no such day it is the first of the next, so that nobody is called a day early.
    /// Begun days count, as in `PT24H`: the calendar knows no hours.
    pub fn after(self, age: Age) -> Day {
        let (year, month, day) = self.civil();
        let months = year * 12 + i32::from(month) - 1 + i32::from(age.years) * 12 + i32::from(age.months);
        let (year, month) = (months.div_euclid(12), (months.rem_euclid(12) + 1) as u8);
        let last = days_in_month(year, month);
        let there = Day::of(year, month, day.min(last)).plus(i32::from(day > last));
        there.plus(i32::from(age.days) + i32::from(age.hours.div_ceil(24)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_full_on_its_day_or_where_the_month_has_none_on_the_first_of_the_next() {
        for (from, age, then) in [
            ("2025-01-15", "P2M", "2025-03-15"),
            ("2025-01-31", "P1M", "2025-03-01"),
            ("2024-01-31", "P1M", "2024-03-01"),
            ("2024-02-29", "P1Y", "2025-03-01"),
            ("2025-12-31", "P2M", "2026-03-01"),
            ("2025-01-15", "P4M15D", "2025-05-30"),
            ("2025-01-15", "P6W", "2025-02-26"),
            ("2025-01-15", "P24H", "2025-01-16"),
            ("2025-01-15", "P0D", "2025-01-15"),
        ] {
            let there = Day::parse(from).unwrap().after(Age::parse(age).unwrap());
            assert_eq!(there.to_string(), then, "{from} {age}");
        }
    }

    #[test]
    fn only_a_whole_day_is_a_day() {
        assert_eq!(Day::parse("2025-01"), None);
        assert_eq!(Day::parse("2025-02-30"), None);
        assert_eq!(Day::parse("1970-01-02"), Some(Day(1)));
    }
}
