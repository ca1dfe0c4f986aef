//! Dates as FHIR writes them: with the precision they came with.
//!
//! * A [`PartialDateTime`] is never filled up: `1958` stays a year.
//! * Its [`range`](PartialDateTime::range) is what it covers on the time line; text without a
//!   zone is taken in the zone the caller names (the institution's).

use std::fmt;

/// A point on the time line: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(pub i64);

/// How much of a date was said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Precision { Year, Month, Day, Minute, Second, Fraction }

/// A FHIR date, dateTime or instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartialDateTime {
    /// 1 to 9999.
    pub year: i32,
    /// 1 to 12; 1 where not said.
    pub month: u8,
    /// 1 to 31; 1 where not said.
    pub day: u8,
    /// 0 where not said.
    pub hour: u8,
    /// 0 where not said.
    pub minute: u8,
    /// 0 where not said; 60 is accepted as received.
    pub second: u8,
    /// Milliseconds of the second; further digits are cut.
    pub millisecond: u16,
    /// Digits of the fraction as received, at most 9 kept count.
    pub fraction_digits: u8,
    /// Offset east of UTC in minutes, if said.
    pub offset_minutes: Option<i16>,
    /// How much was said.
    pub precision: Precision,
}

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// Minutes east of UTC, as a time of FHIR ends with them: `+05:30`.
pub fn offset_text(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl PartialDateTime {
    /// Reads `YYYY[-MM[-DD[Thh:mm[:ss[.f]][zone]]]]`; none where it is not one or the day does not exist.
    pub fn parse(text: &str) -> Option<PartialDateTime> {
        let bytes = text.as_bytes();
        let mut date = PartialDateTime {
            year: digits(bytes, 0, 4)? as i32,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            millisecond: 0,
            fraction_digits: 0,
            offset_minutes: None,
            precision: Precision::Year,
        };
        if date.year == 0 {
            return None;
        }
        if bytes.len() == 4 {
            return Some(date);
        }
        date.month = expect(bytes, 4, b'-').and_then(|()| digits(bytes, 5, 2)).filter(|month| (1..=12).contains(month))? as u8;
        date.precision = Precision::Month;
        if bytes.len() == 7 {
            return Some(date);
        }
        let last = days_in_month(date.year, date.month) as u32;
        date.day = expect(bytes, 7, b'-').and_then(|()| digits(bytes, 8, 2)).filter(|day| (1..=last).contains(day))? as u8;
        date.precision = Precision::Day;
        if bytes.len() == 10 {
            return Some(date);
        }
        expect(bytes, 10, b'T')?;
        date.read_time(&bytes[11..])
    }

    fn read_time(mut self, bytes: &[u8]) -> Option<PartialDateTime> {
        self.hour = digits(bytes, 0, 2).filter(|hour| *hour < 24)? as u8;
        expect(bytes, 2, b':')?;
        self.minute = digits(bytes, 3, 2).filter(|minute| *minute < 60)? as u8;
        self.precision = Precision::Minute;
        let mut at = 5;
        if bytes.get(at) == Some(&b':') {
            self.second = digits(bytes, 6, 2).filter(|second| *second <= 60)? as u8;
            self.precision = Precision::Second;
            at = 8;
            if bytes.get(at) == Some(&b'.') {
                let fraction: Vec<u8> = bytes[9..].iter().copied().take_while(u8::is_ascii_digit).collect();
                if fraction.is_empty() {
                    return None;
                }
                self.millisecond = (0..3).fold(0, |sum, place| sum * 10 + fraction.get(place).map_or(0, |digit| (digit - b'0') as u16));
                self.fraction_digits = fraction.len().min(9) as u8;
                self.precision = Precision::Fraction;
                at = 9 + fraction.len();
            }
        }
        self.offset_minutes = match &bytes[at..] {
            [] => None,
            [b'Z'] => Some(0),
            [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 => {
                let hours = digits(rest, 0, 2).filter(|hours| *hours <= 14)? as i16;
                expect(rest, 2, b':')?;
                let minutes = digits(rest, 3, 2).filter(|minutes| *minutes < 60)? as i16;
                let offset = hours * 60 + minutes;
                Some(if *sign == b'-' { -offset } else { offset })
            }
            _ => return None,
        };
        Some(self)
    }

    /// The first moment it covers and the first it no longer covers; text without a zone is
    /// taken `default_offset_minutes` east of UTC.
    pub fn range(&self, default_offset_minutes: i16) -> (Moment, Moment) {
        let offset_ms = self.offset_minutes.unwrap_or(default_offset_minutes) as i64 * 60_000;
        let day = days_from_civil(self.year, self.month, self.day) * DAY_MS;
        let time = ((self.hour as i64 * 60 + self.minute as i64) * 60 + self.second as i64) * 1000 + self.millisecond as i64;
        let low = day + time - offset_ms;
        let high = match self.precision {
            Precision::Year => days_from_civil(self.year + 1, 1, 1) * DAY_MS - offset_ms,
            Precision::Month if self.month == 12 => days_from_civil(self.year + 1, 1, 1) * DAY_MS - offset_ms,
            Precision::Month => days_from_civil(self.year, self.month + 1, 1) * DAY_MS - offset_ms,
            Precision::Day => low + DAY_MS,
            Precision::Minute => low + 60_000,
            Precision::Second => low + 1000,
            Precision::Fraction => low + [1000, 100, 10, 1][(self.fraction_digits.min(3)) as usize],
        };
        (Moment(low), Moment(high))
    }
}

fn expect(bytes: &[u8], at: usize, byte: u8) -> Option<()> {
    (bytes.get(at) == Some(&byte)).then_some(())
}

fn digits(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let part = bytes.get(at..at + count)?;
    part.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + (byte - b'0') as u32))
}

/// Days in a month of the Gregorian calendar.
pub fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a Gregorian date, negative before.
pub fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    // The year is counted from March, so that the leap day is its last day; eras have 400 years.
    let shifted_year = year as i64 - (month <= 2) as i64;
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month as i64 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The Gregorian date of a day count since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u8;
    ((year_of_era + era * 400 + (month <= 2) as i64) as i32, month, day)
}

impl Moment {
    /// The moment a full instant names.
    pub fn parse(text: &str) -> Option<Moment> {
        let date = PartialDateTime::parse(text)?;
        (date.precision >= Precision::Second && date.offset_minutes.is_some()).then(|| date.range(0).0)
    }

    /// Months since January 1970 in UTC, floored at 0: the unit of posting buckets.
    pub fn month(self) -> u16 {
        let (year, month, _) = civil_from_days(self.0.div_euclid(DAY_MS));
        ((year as i64 - 1970) * 12 + month as i64 - 1).clamp(0, u16::MAX as i64) as u16
    }

    /// Year, month and day at an offset east of UTC.
    pub fn civil(self, offset_minutes: i16) -> (i32, u8, u8) {
        civil_from_days((self.0 + offset_minutes as i64 * 60_000).div_euclid(DAY_MS))
    }
}

impl fmt::Display for Moment {
    /// As an instant in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute, second, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, low: &str, high: &str) {
        let date = PartialDateTime::parse(text).unwrap_or_else(|| panic!("{text}"));
        let range = date.range(7 * 60);
        assert_eq!((range.0.to_string(), range.1.to_string()), (low.to_owned(), high.to_owned()), "{text}");
    }

    #[test]
    fn a_date_covers_what_it_said() {
        check("1958", "1957-12-31T17:00:00.000Z", "1958-12-31T17:00:00.000Z");
        check("2024-02", "2024-01-31T17:00:00.000Z", "2024-02-29T17:00:00.000Z");
        check("2024-12", "2024-11-30T17:00:00.000Z", "2024-12-31T17:00:00.000Z");
        check("2024-02-29", "2024-02-28T17:00:00.000Z", "2024-02-29T17:00:00.000Z");
        check("2024-02-29T10:00:01Z", "2024-02-29T10:00:01.000Z", "2024-02-29T10:00:02.000Z");
        check("2024-02-29T10:00:01.25-05:00", "2024-02-29T15:00:01.250Z", "2024-02-29T15:00:01.260Z");
        check("2024-02-29T10:00", "2024-02-29T03:00:00.000Z", "2024-02-29T03:01:00.000Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "19", "1958-13", "2023-02-29", "1958-1-1", "2024-01-01T", "2024-01-01T24:00:00Z", "2024-01-01T10:00:00+15:00", "2024-01-01 10:00", "0000", "2024-01-01T10:00:00.Z"] {
            assert_eq!(PartialDateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_and_dates_agree_over_four_centuries() {
        for days in (-150_000..150_000).step_by(7) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(Moment(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Moment::parse("1970-02-01T00:00:00Z").unwrap().month(), 1);
    }
}
