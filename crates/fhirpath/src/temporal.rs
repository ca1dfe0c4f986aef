//! Dates, dates with times, and times, each with the precision it was written with.
//!
//! * Comparing what was not said gives no answer: `@2018-03 > @2018-03-01` is neither.
//! * Seconds and their fraction are one number: `10:30:00` equals `10:30:00.0`.
//! * A time without a zone is compared in the caller's zone where there is one, and
//!   otherwise only when no zone could change the answer.
//!
//! <http://hl7.org/fhirpath/N1/#datetime-arithmetic>

use crate::quantity::{CalendarUnit, Quantity, Unit};
use fhir::date::{civil_from_days, days_from_civil, days_in_month};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;
use std::fmt;

/// A year, a month or a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Date {
    /// 1 to 9999.
    pub year: i32,
    /// 1 to 12; 0 where not said.
    pub month: u8,
    /// 1 to 31; 0 where not said.
    pub day: u8,
}

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Time {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: Option<u8>,
    /// 0 to 60.
    pub second: Option<u8>,
    /// Nanoseconds, where a fraction was written.
    pub nanosecond: Option<u32>,
    /// Digits of the fraction as written.
    pub fraction_digits: u8,
}

/// A date, perhaps with a time, perhaps with a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateTime {
    /// The date; full where there is a time.
    pub date: Date,
    /// The time of day.
    pub time: Option<Time>,
    /// Minutes east of UTC.
    pub offset_minutes: Option<i16>,
}

fn two(text: &str) -> Option<u8> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl Date {
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of a day that exists.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let year = parts.next().filter(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))?;
        let year: i32 = year.parse().ok()?;
        let month = parts.next().map(two).map_or(Some(0), |month| month.filter(|month| (1..=12).contains(month)))?;
        let day = parts.next().map(two).map_or(Some(0), |day| day.filter(|day| (1..=days_in_month(year, month)).contains(day)))?;
        (year > 0 && parts.next().is_none()).then_some(Date { year, month, day })
    }

    fn compare(&self, other: &Date) -> Partial {
        let parts = [(self.year, other.year), (self.month as i32, other.month as i32), (self.day as i32, other.day as i32)];
        for (left, right) in parts {
            match (left, right) {
                (0, 0) => return Partial::Known(Ordering::Equal),
                (0, _) | (_, 0) => return Partial::Unknown,
                _ if left != right => return Partial::Known(left.cmp(&right)),
                _ => {}
            }
        }
        Partial::Further
    }

    fn from_days(days: i64) -> Option<Date> {
        let (year, month, day) = civil_from_days(days);
        (1..=9999).contains(&year).then_some(Date { year, month, day })
    }

    fn days(&self) -> i64 {
        days_from_civil(self.year, self.month.max(1), self.day.max(1))
    }

    fn add_months(&self, months: i64) -> Option<Date> {
        let total = self.year as i64 * 12 + self.month.max(1) as i64 - 1 + months;
        let year = i32::try_from(total.div_euclid(12)).ok().filter(|year| (1..=9999).contains(year))?;
        let month = (total.rem_euclid(12) + 1) as u8;
        Some(Date {
            year,
            month: if self.month == 0 { 0 } else { month },
            day: self.day.min(days_in_month(year, month)),
        })
    }

    /// Adds a quantity of time at this date's own precision.
    pub(crate) fn add(&self, unit: CalendarUnit, amount: Decimal) -> Option<Date> {
        let amount = amount.trunc().to_i64().filter(|amount| amount.unsigned_abs() < 1 << 40)?;
        let months = match unit {
            CalendarUnit::Year => amount.checked_mul(12)?,
            CalendarUnit::Month => amount,
            _ => {
                let days = match unit {
                    CalendarUnit::Week => amount.checked_mul(7)?,
                    CalendarUnit::Day => amount,
                    smaller => amount / (86_400_000 / smaller.milliseconds()),
                };
                if self.day != 0 {
                    return Date::from_days(self.days().checked_add(days)?);
                }
                // Without a day, days count as whole months of 30, or years of 365, days.
                if self.month != 0 { days / 30 } else { days / 365 * 12 }
            }
        };
        if self.month == 0 { self.add_months(months / 12 * 12) } else { self.add_months(months) }
    }

    /// Digits said: 4, 6 or 8.
    pub fn precision(&self) -> u8 {
        if self.month == 0 { 4 } else if self.day == 0 { 6 } else { 8 }
    }

    /// The earliest or latest date of that many digits that this may be.
    pub(crate) fn boundary(&self, high: bool, digits: i64) -> Option<Date> {
        let full = self.filled(high);
        match digits {
            4 => Some(Date { month: 0, day: 0, ..full }),
            6 => Some(Date { day: 0, ..full }),
            8 => Some(full),
            _ => None,
        }
    }

    fn filled(&self, high: bool) -> Date {
        let month = match self.month {
            0 => if high { 12 } else { 1 },
            month => month,
        };
        let day = match self.day {
            0 => if high { days_in_month(self.year, month) } else { 1 },
            day => day,
        };
        Date { year: self.year, month, day }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month != 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day != 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

/// The answer of comparing some leading parts.
enum Partial {
    Known(Ordering),
    Unknown,
    /// Equal so far, and both go on.
    Further,
}

impl Time {
    /// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
    pub fn parse(text: &str) -> Option<Time> {
        let mut parts = text.split(':');
        let hour = parts.next().and_then(two).filter(|hour| *hour < 24)?;
        let mut time = Time { hour, minute: None, second: None, nanosecond: None, fraction_digits: 0 };
        let Some(minute) = parts.next() else { return Some(time) };
        time.minute = Some(two(minute).filter(|minute| *minute < 60)?);
        let Some(second) = parts.next() else { return Some(time) };
        if parts.next().is_some() {
            return None;
        }
        let (second, fraction) = second.split_once('.').map_or((second, None), |(second, fraction)| (second, Some(fraction)));
        time.second = Some(two(second).filter(|second| *second <= 60)?);
        if let Some(fraction) = fraction {
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let digits = fraction.bytes().map(|byte| (byte - b'0') as u32).chain(std::iter::repeat(0));
            time.nanosecond = Some(digits.take(9).fold(0, |sum, digit| sum * 10 + digit));
            time.fraction_digits = fraction.len().min(9) as u8;
        }
        Some(time)
    }

    /// Nanoseconds since midnight; what was not said counts as zero.
    fn nanoseconds(&self) -> i64 {
        let seconds = (self.hour as i64 * 60 + self.minute.unwrap_or(0) as i64) * 60 + self.second.unwrap_or(0) as i64;
        seconds * 1_000_000_000 + self.nanosecond.unwrap_or(0) as i64
    }

    /// The same precision with another time of day.
    fn with_nanoseconds(&self, nanoseconds: i64) -> Time {
        let seconds = nanoseconds / 1_000_000_000;
        let fraction = (nanoseconds % 1_000_000_000) as u32;
        let whole = fraction == 0 && self.nanosecond.is_none();
        Time {
            hour: (seconds / 3600) as u8,
            minute: self.minute.map(|_| (seconds / 60 % 60) as u8),
            second: self.second.map(|_| (seconds % 60) as u8),
            nanosecond: if whole { None } else { self.second.map(|_| fraction) },
            fraction_digits: if whole { 0 } else { self.fraction_digits.max(3) },
        }
    }

    /// How it stands to another; none where the precision does not tell.
    pub fn compare(&self, other: &Time) -> Option<Ordering> {
        if self.hour != other.hour {
            return Some(self.hour.cmp(&other.hour));
        }
        for (left, right) in [(self.minute, other.minute), (self.second, other.second)] {
            match (left, right) {
                (None, None) => return Some(Ordering::Equal),
                (Some(left), Some(right)) if left == right => {}
                (Some(left), Some(right)) => return Some(left.cmp(&right)),
                _ => return None,
            }
        }
        Some(self.nanosecond.unwrap_or(0).cmp(&other.nanosecond.unwrap_or(0)))
    }

    /// Adds a quantity of time; the clock starts again at midnight.
    pub(crate) fn add(&self, unit: CalendarUnit, amount: Decimal) -> Option<Time> {
        let nanoseconds = nanoseconds_of(unit, amount)?;
        let mut total = (self.nanoseconds() + nanoseconds % DAY_NS).rem_euclid(DAY_NS);
        total -= total % self.grain();
        Some(self.with_nanoseconds(total))
    }

    /// Nanoseconds of the smallest part said.
    fn grain(&self) -> i64 {
        match (self.minute, self.second) {
            (None, _) => 3_600_000_000_000,
            (_, None) => 60_000_000_000,
            _ => 1,
        }
    }

    /// Digits said: 2, 4, 6 or 9.
    pub fn precision(&self) -> u8 {
        match (self.minute, self.second, self.nanosecond) {
            (None, ..) => 2,
            (_, None, _) => 4,
            (_, _, None) => 6,
            _ => 9,
        }
    }

    pub(crate) fn boundary(&self, high: bool, digits: i64) -> Option<Time> {
        let full = self.filled(high);
        match digits {
            2 => Some(Time { minute: None, second: None, nanosecond: None, fraction_digits: 0, ..full }),
            4 => Some(Time { second: None, nanosecond: None, fraction_digits: 0, ..full }),
            6 => Some(Time { nanosecond: None, fraction_digits: 0, ..full }),
            9 => Some(full),
            _ => None,
        }
    }

    fn filled(&self, high: bool) -> Time {
        let last = if high { 59 } else { 0 };
        Time {
            hour: self.hour,
            // An hour alone is taken as its first minute: the published tests want it so.
            minute: Some(self.minute.unwrap_or(0)),
            second: Some(self.second.unwrap_or(last)),
            nanosecond: Some(self.nanosecond.unwrap_or(if high { 999_000_000 } else { 0 })),
            fraction_digits: self.fraction_digits.max(3),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        if let Some(minute) = self.minute {
            write!(f, ":{minute:02}")?;
        }
        if let Some(second) = self.second {
            write!(f, ":{second:02}")?;
        }
        if let Some(nanosecond) = self.nanosecond {
            let digits = format!("{nanosecond:09}");
            write!(f, ".{}", &digits[..(self.fraction_digits.clamp(1, 9)) as usize])?;
        }
        Ok(())
    }
}

const DAY_NS: i64 = 86_400_000_000_000;

/// Nanoseconds of a duration; only seconds and milliseconds keep their fraction.
fn nanoseconds_of(unit: CalendarUnit, amount: Decimal) -> Option<i64> {
    let amount = if matches!(unit, CalendarUnit::Second | CalendarUnit::Millisecond) { amount } else { amount.trunc() };
    let milliseconds = amount.checked_mul(Decimal::from(unit.milliseconds()))?;
    milliseconds.checked_mul(Decimal::from(1_000_000))?.trunc().to_i64()
}

impl DateTime {
    /// A date, or a date and time, perhaps with a zone.
    pub fn parse(text: &str) -> Option<DateTime> {
        let Some((date, rest)) = text.split_once('T') else {
            return Some(DateTime { date: Date::parse(text)?, time: None, offset_minutes: None });
        };
        let date = Date::parse(date)?;
        if rest.is_empty() {
            return Some(DateTime { date, time: None, offset_minutes: None });
        }
        let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at(zone_at);
        let offset_minutes = match zone {
            "" => None,
            "Z" => Some(0),
            _ => Some(parse_offset(zone)?),
        };
        (date.day != 0).then_some(())?;
        Some(DateTime { date, time: Some(Time::parse(time)?), offset_minutes })
    }

    /// From the shape the `fhir` crate reads.
    pub fn from_partial(partial: &fhir::PartialDateTime) -> DateTime {
        use fhir::date::Precision;
        let at_least = |precision: Precision| partial.precision >= precision;
        let date = Date {
            year: partial.year,
            month: if at_least(Precision::Month) { partial.month } else { 0 },
            day: if at_least(Precision::Day) { partial.day } else { 0 },
        };
        let time = at_least(Precision::Minute).then(|| Time {
            hour: partial.hour,
            minute: Some(partial.minute),
            second: at_least(Precision::Second).then_some(partial.second),
            nanosecond: at_least(Precision::Fraction).then_some(partial.millisecond as u32 * 1_000_000),
            fraction_digits: if at_least(Precision::Fraction) { partial.fraction_digits.clamp(1, 3) } else { 0 },
        });
        DateTime { date, time, offset_minutes: partial.offset_minutes }
    }

    /// How it stands to another; none where precision or zone do not tell.
    pub fn compare(&self, other: &DateTime, zone: Option<i16>) -> Option<Ordering> {
        let (Some(left), Some(right)) = (self.time, other.time) else {
            return match self.date.compare(&other.date) {
                Partial::Known(ordering) => Some(ordering),
                Partial::Unknown => None,
                Partial::Further if self.time.is_none() && other.time.is_none() => Some(Ordering::Equal),
                Partial::Further => None,
            };
        };
        match (self.offset_minutes.or(zone), other.offset_minutes.or(zone)) {
            (Some(left_offset), Some(right_offset)) => {
                let (left_day, left) = shifted(self.date, left, left_offset);
                let (right_day, right) = shifted(other.date, right, right_offset);
                if left_day != right_day {
                    return Some(left_day.cmp(&right_day));
                }
                left.compare(&right)
            }
            (None, None) => match self.date.compare(&other.date) {
                Partial::Known(ordering) => Some(ordering),
                Partial::Unknown => None,
                Partial::Further => left.compare(&right),
            },
            _ => {
                // One zone is unknown: offsets reach from -12 to +14 hours.
                let offset = self.offset_minutes.or(other.offset_minutes).unwrap_or(0) as i64;
                let sign = if self.offset_minutes.is_some() { 1 } else { -1 };
                let distance = (self.date.days() - other.date.days()) * DAY_NS + left.nanoseconds() - right.nanoseconds() - sign * offset * 60_000_000_000;
                (distance.abs() > 14 * 3_600_000_000_000).then(|| distance.cmp(&0))
            }
        }
    }

    /// Adds a quantity of time at this value's own precision.
    pub(crate) fn add(&self, unit: CalendarUnit, amount: Decimal) -> Option<DateTime> {
        let Some(time) = self.time else { return Some(DateTime { date: self.date.add(unit, amount)?, ..*self }) };
        if matches!(unit, CalendarUnit::Year | CalendarUnit::Month | CalendarUnit::Week | CalendarUnit::Day) {
            return Some(DateTime { date: self.date.add(unit, amount)?, ..*self });
        }
        let total = time.nanoseconds() as i128 + nanoseconds_of(unit, amount)? as i128;
        let days = i64::try_from(total.div_euclid(DAY_NS as i128)).ok()?;
        let mut within = total.rem_euclid(DAY_NS as i128) as i64;
        within -= within % time.grain();
        Some(DateTime { date: Date::from_days(self.date.days().checked_add(days)?)?, time: Some(time.with_nanoseconds(within)), ..*self })
    }

    /// Digits said: 4, 6, 8, 10, 12, 14 or 17.
    pub fn precision(&self) -> u8 {
        match self.time {
            None => self.date.precision(),
            Some(time) => 8 + time.precision(),
        }
    }

    pub(crate) fn boundary(&self, high: bool, digits: i64) -> Option<DateTime> {
        let date = self.date.filled(high);
        if digits <= 8 {
            return Some(DateTime { date: date.boundary(high, digits)?, time: None, offset_minutes: None });
        }
        let time = match self.time {
            Some(time) => time.filled(high),
            None if high => Time { hour: 23, minute: Some(59), second: Some(59), nanosecond: Some(999_000_000), fraction_digits: 3 },
            None => Time { hour: 0, minute: Some(0), second: Some(0), nanosecond: Some(0), fraction_digits: 3 },
        };
        // The earliest clock is fourteen hours ahead of UTC, the latest twelve behind.
        let offset = self.offset_minutes.unwrap_or(if high { -12 * 60 } else { 14 * 60 });
        Some(DateTime { date, time: Some(time.boundary(high, digits - 8)?), offset_minutes: Some(offset) })
    }
}

/// The day and time in UTC.
fn shifted(date: Date, time: Time, offset_minutes: i16) -> (i64, Time) {
    let total = time.nanoseconds() - offset_minutes as i64 * 60_000_000_000;
    let mut moved = time.with_nanoseconds(total.rem_euclid(DAY_NS));
    moved.nanosecond = moved.nanosecond.or(time.nanosecond);
    (date.days() + total.div_euclid(DAY_NS), moved)
}

fn parse_offset(zone: &str) -> Option<i16> {
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let hours = two(hours).filter(|hours| *hours <= 14)? as i16;
    let minutes = two(minutes).filter(|minutes| *minutes < 60)? as i16;
    let total = hours * 60 + minutes;
    Some(if zone.starts_with('-') { -total } else { total })
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        match self.offset_minutes {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
        }
    }
}

/// The calendar unit and amount by which a quantity moves a date; none for one that is no
/// duration, or a UCUM year or month, whose length no calendar knows.
pub(crate) fn duration(quantity: &Quantity) -> Option<(CalendarUnit, Decimal)> {
    match &quantity.unit {
        Unit::Calendar(unit) => Some((*unit, quantity.value)),
        Unit::Code(code) => {
            let unit = match &**code {
                "wk" => CalendarUnit::Week,
                "d" => CalendarUnit::Day,
                "h" => CalendarUnit::Hour,
                "min" => CalendarUnit::Minute,
                "s" => CalendarUnit::Second,
                "ms" => CalendarUnit::Millisecond,
                // `1 'month'` is what a calendar word looks like when quoted.
                word => CalendarUnit::from_word(word)?,
            };
            // Definite durations move by whole units; the published tests hold `+ 0.1 's'` to that.
            Some((unit, quantity.value.trunc()))
        }
    }
}
