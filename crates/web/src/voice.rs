//! How a page speaks: words, days, times, ages and figures for one reader.
//!
//! * A date keeps the precision it came with.
//! * A figure keeps its digits; only the sign between whole and fraction changes, and
//!   figures with more than three decimals are rounded to two, or where they are small to three digits that say
//!   something (the received text shows all). What somebody answered in a form is not rounded.

use access::Role;
use fhir::PartialDateTime;
use fhir::date::{DAY_MS, Precision, civil_from_days, days_from_civil};
use fluent_bundle::FluentValue;

use crate::words::{self, Language};

/// The language and the zone of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// The language of the page.
    pub language: Language,
    /// Minutes east of UTC in which moments are told and dates without a zone are taken.
    pub zone_offset_minutes: i16,
}

/// A day of the calendar.
pub type Day = (i32, u8, u8);

impl Voice {
    /// The message of a key.
    pub fn say(&self, key: &str) -> String {
        words::say(self.language, key, &[])
    }

    /// A message about a number of things.
    pub fn count(&self, key: &str, count: usize) -> String {
        words::say(self.language, key, &[("count", FluentValue::from(count))])
    }

    /// A message with texts in it.
    pub fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let arguments: Vec<(&str, FluentValue<'_>)> = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        words::say(self.language, key, &arguments)
    }

    /// What somebody is at an institution.
    pub fn role(&self, role: Role) -> String {
        self.say(match role {
            Role::Physician => "role-physician",
            Role::Nurse => "role-nurse",
            Role::Laboratory => "role-laboratory",
            Role::Pharmacy => "role-pharmacy",
            Role::Imaging => "role-imaging",
            Role::Admissions => "role-admissions",
            Role::RecordsClerk => "role-records-clerk",
            Role::ProgrammeOfficer => "role-programme-officer",
            Role::Auditor => "role-auditor",
            Role::PrivacyOfficer => "role-privacy-officer",
            Role::Operator => "role-operator",
            Role::Integration => "role-integration",
            Role::Console => "role-console",
            Role::Person => "role-person",
        })
    }

    /// `es`, `vi`, `ru` or `en`.
    pub fn code(&self) -> &'static str {
        self.language.code()
    }

    /// A date as this language writes it: `14/03/1958`, `14.03.1958`, `03/1958`, `1958`.
    pub fn date(&self, date: &PartialDateTime) -> String {
        let (year, month, day) = self.local(date).0;
        match date.precision {
            Precision::Year => format!("{year}"),
            Precision::Month => format!("{month:02}{}{year}", self.date_sign()),
            _ => self.day((year, month, day)),
        }
    }

    /// A whole day.
    pub fn day(&self, (year, month, day): Day) -> String {
        let sign = self.date_sign();
        format!("{day:02}{sign}{month:02}{sign}{year}")
    }

    /// Month and year where the day is known too: for columns that need no day.
    pub fn month(&self, date: &PartialDateTime) -> String {
        let ((year, month, _), _) = self.local(date);
        if date.precision == Precision::Year { format!("{year}") } else { format!("{month:02}{}{year}", self.date_sign()) }
    }

    /// A date with its time, where it has one.
    pub fn date_and_time(&self, date: &PartialDateTime) -> String {
        let (_, minutes) = self.local(date);
        if date.precision < Precision::Minute {
            return self.date(date);
        }
        format!("{} {:02}:{:02}", self.date(date), minutes / 60, minutes % 60)
    }

    /// A moment of the system with its time.
    pub fn moment(&self, moment: fhir::Moment) -> String {
        format!("{} {}", self.day(moment.civil(self.zone_offset_minutes)), clock_of(moment, self.zone_offset_minutes))
    }

    /// The day a date falls on in this zone, and the minute of that day.
    pub fn local(&self, date: &PartialDateTime) -> (Day, u32) {
        // A clinical time is told as the clock on that ward showed it; only times in UTC, which
        // machines write, are moved to the reader's zone.
        if date.precision < Precision::Minute || date.offset_minutes != Some(0) {
            return ((date.year, date.month, date.day), date.hour as u32 * 60 + date.minute as u32);
        }
        let local = date.range(self.zone_offset_minutes).0.0 + self.zone_offset_minutes as i64 * 60_000;
        (civil_from_days(local.div_euclid(DAY_MS)), (local.rem_euclid(DAY_MS) / 60_000) as u32)
    }

    fn date_sign(&self) -> char {
        if self.language == Language::Russian { '.' } else { '/' }
    }

    /// A decimal text as this language writes it.
    pub fn figure(&self, decimal: &str) -> String {
        let rounded = match decimal.split_once('.') {
            Some((whole, fraction)) if fraction.len() > 3 && !decimal.contains(['e', 'E']) => {
                // 0.0125 mg is not 0.01 mg.
                let is_small = whole.bytes().all(|sign| matches!(sign, b'-' | b'0'));
                let places = if is_small { fraction.bytes().take_while(|digit| *digit == b'0').count() + 3 } else { 2 };
                if fraction.len() <= places { decimal.to_owned() } else { decimal.parse::<f64>().map_or_else(|_| decimal.to_owned(), |value| format!("{value:.places$}")) }
            }
            _ => decimal.to_owned(),
        };
        self.exact(&rounded)
    }

    /// The same with every digit it has.
    pub fn exact(&self, decimal: &str) -> String {
        let signed = decimal.replacen('-', "\u{2212}", 1);
        match self.language {
            Language::English | Language::Spanish => signed,
            Language::Vietnamese | Language::Russian => signed.replacen('.', ",", 1),
        }
    }

    /// A whole number with narrow gaps between groups of three, from five digits on.
    pub fn whole(&self, number: usize) -> String {
        let digits = number.to_string();
        if digits.len() < 5 {
            return digits;
        }
        let mut written = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 3 == 0 {
                written.push('\u{a0}');
            }
            written.push(digit);
        }
        written
    }

    /// An age in the unit a ward uses: days to one month, months to two years, then years.
    pub fn age(&self, age: Age) -> String {
        match age {
            Age::Days(days) => self.count("age-days", days as usize),
            Age::Months(months) => self.count("age-months", months as usize),
            Age::Years(years) => self.count("age-years", years as usize),
        }
    }
}

/// The time of day of a moment, hours and minutes.
pub fn clock_of(moment: fhir::Moment, zone_offset_minutes: i16) -> String {
    let minutes = (moment.0 + zone_offset_minutes as i64 * 60_000).rem_euclid(DAY_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// How old somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    /// Under one month.
    Days(u32),
    /// Under two years.
    Months(u32),
    /// From two years on, or where only the birth year is known.
    Years(u32),
}

impl Age {
    /// The age on a day, as far as the birth date tells; none before birth.
    pub fn on(birth: &PartialDateTime, today: Day) -> Option<Age> {
        let (year, month, day) = today;
        if birth.precision == Precision::Year {
            return u32::try_from(year - birth.year).ok().map(Age::Years);
        }
        let birth_day = if birth.precision == Precision::Month { 1 } else { birth.day };
        let days = days_from_civil(year, month, day) - days_from_civil(birth.year, birth.month, birth_day);
        let whole_months = (year - birth.year) * 12 + month as i32 - birth.month as i32 - i32::from(day < birth_day);
        match (days, whole_months) {
            (days, _) if days < 0 => None,
            (_, months) if months >= 24 => Some(Age::Years(months as u32 / 12)),
            (_, months) if months >= 1 || birth.precision == Precision::Month => Some(Age::Months(months.max(0) as u32)),
            (days, _) => Some(Age::Days(days as u32)),
        }
    }

    /// In whole months, as far as it is told: who is so many years old is at least that.
    pub fn whole_months(self) -> i64 {
        match self {
            Age::Days(_) => 0,
            Age::Months(months) => i64::from(months),
            Age::Years(years) => i64::from(years) * 12,
        }
    }

    /// In whole years.
    pub fn years(self) -> u32 {
        match self {
            Age::Days(_) => 0,
            Age::Months(months) => months / 12,
            Age::Years(years) => years,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(language: Language) -> Voice {
        Voice { language, zone_offset_minutes: 420 }
    }

    #[test]
    fn a_date_is_written_as_its_readers_write_it_and_keeps_its_precision() {
        for (text, vietnamese, russian) in [
            ("1958-03-14", "14/03/1958", "14.03.1958"),
            ("1958-03", "03/1958", "03.1958"),
            ("1958", "1958", "1958"),
            ("2025-10-11T20:30:00Z", "12/10/2025", "12.10.2025"),
            ("2025-10-11T20:30:00", "11/10/2025", "11.10.2025"),
        ] {
            let date = PartialDateTime::parse(text).unwrap();
            assert_eq!((voice(Language::Vietnamese).date(&date), voice(Language::Russian).date(&date)), (vietnamese.to_owned(), russian.to_owned()));
        }
        let date = PartialDateTime::parse("2025-10-11T20:30:00Z").unwrap();
        assert_eq!(voice(Language::English).date_and_time(&date), "12/10/2025 03:30");
    }

    #[test]
    fn a_figure_keeps_its_digits_and_changes_its_sign() {
        for (given, mexican, russian) in [("8.10", "8.10", "8,10"), ("-0.5", "−0.5", "−0,5"), ("175.0822378979686", "175.08", "175,08"), ("148", "148", "148"), ("0.125", "0.125", "0,125"), ("0.0625", "0.0625", "0,0625"), ("0.0125", "0.0125", "0,0125"), ("-0.00012345", "−0.000123", "−0,000123"), ("0.123456", "0.123", "0,123"), ("0.0000", "0.0000", "0,0000"), ("1.0625", "1.06", "1,06")] {
            assert_eq!((voice(Language::Spanish).figure(given), voice(Language::Russian).figure(given)), (mexican.to_owned(), russian.to_owned()));
        }
        assert_eq!((voice(Language::Spanish).exact("-1.06250"), voice(Language::Vietnamese).exact("1.06250")), ("−1.06250".to_owned(), "1,06250".to_owned()));
        assert_eq!((voice(Language::English).whole(1234), voice(Language::English).whole(1234567)), ("1234".to_owned(), "1\u{a0}234\u{a0}567".to_owned()));
    }

    #[test]
    fn an_age_is_told_in_the_unit_of_the_ward() {
        for (birth, today, expected) in [
            ("2025-10-01", (2025, 10, 1), Some(Age::Days(0))),
            ("2025-09-20", (2025, 10, 11), Some(Age::Days(21))),
            ("2025-09-11", (2025, 10, 11), Some(Age::Months(1))),
            ("2024-01-31", (2025, 12, 30), Some(Age::Months(22))),
            ("1958-03-14", (2025, 3, 13), Some(Age::Years(66))),
            ("1958-03-14", (2025, 3, 14), Some(Age::Years(67))),
            ("1958", (2025, 1, 1), Some(Age::Years(67))),
            ("2026-01-01", (2025, 1, 1), None),
        ] {
            assert_eq!(Age::on(&PartialDateTime::parse(birth).unwrap(), today), expected, "{birth}");
        }
    }
}
