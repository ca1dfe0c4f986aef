//! Birth dates, as exactly as they are known, and how one becomes another at a keyboard.

use fhir::PartialDateTime;
use fhir::date::{Precision, days_in_month};

/// A birth date with the precision it came with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Birth {
    pub year: i32,
    pub month: Option<u8>,
    pub day: Option<u8>,
}

/// How two birth dates agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BirthLikeness {
    /// The same day.
    Day,
    /// The same month, one side says no more.
    Month,
    /// The same year, one side says no more.
    Year,
    /// Day and month exchanged.
    Exchanged,
    /// One digit other, or two neighbours exchanged.
    Digit,
    /// The same year, one side being the first of January: often "the year is all we know".
    FirstOfJanuary,
    /// The same year, another day.
    OtherDay,
    /// Another year.
    Other,
}

impl BirthLikeness {
    pub fn code(self) -> &'static str {
        match self {
            BirthLikeness::Day => "same",
            BirthLikeness::Month => "same-month-no-day",
            BirthLikeness::Year => "same-year-no-day",
            BirthLikeness::Exchanged => "day-and-month-exchanged",
            BirthLikeness::Digit => "one-digit-differs",
            BirthLikeness::FirstOfJanuary => "first-of-january",
            BirthLikeness::OtherDay => "same-year-other-day",
            BirthLikeness::Other => "differs",
        }
    }

    /// log2(m/u): how often the same person's date is written so, against how often another's is.
    pub fn bits(self) -> f64 {
        // About 27,000 days of birth live at the same time.
        let (same, other): (f64, f64) = match self {
            BirthLikeness::Day => (0.92, 3.7e-5),
            BirthLikeness::Month => (0.95, 1.2e-3),
            BirthLikeness::Year => (0.95, 1.4e-2),
            BirthLikeness::Exchanged => (0.015, 1.5e-5),
            BirthLikeness::Digit => (0.025, 1.1e-3),
            BirthLikeness::FirstOfJanuary => (0.01, 3e-4),
            BirthLikeness::OtherDay => (0.008, 1.3e-2),
            BirthLikeness::Other => (0.006, 0.98),
        };
        (same / other).log2()
    }

    /// True where both may well be the same date.
    pub fn agrees(self) -> bool {
        !matches!(self, BirthLikeness::OtherDay | BirthLikeness::Other)
    }
}

impl Birth {
    pub fn read(text: &str) -> Option<Birth> {
        let date = PartialDateTime::parse(text)?;
        Some(Birth {
            year: date.year,
            month: (date.precision >= Precision::Month).then_some(date.month),
            day: (date.precision >= Precision::Day).then_some(date.day),
        })
    }

    /// How it agrees with another.
    pub fn like(&self, other: &Birth) -> BirthLikeness {
        let (Some((day, month)), Some((other_day, other_month))) = (self.day.zip(self.month), other.day.zip(other.month)) else {
            return match (self.year == other.year, self.month, other.month) {
                (false, ..) => BirthLikeness::Other,
                (true, Some(left), Some(right)) if left == right => BirthLikeness::Month,
                (true, Some(_), Some(_)) => BirthLikeness::OtherDay,
                (true, ..) => BirthLikeness::Year,
            };
        };
        if self == other {
            BirthLikeness::Day
        } else if self.year == other.year && (day, month) == (other_month, other_day) {
            BirthLikeness::Exchanged
        } else if self.is_slip_of(other) {
            BirthLikeness::Digit
        } else if self.year == other.year {
            let first = (day, month) == (1, 1) || (other_day, other_month) == (1, 1);
            if first { BirthLikeness::FirstOfJanuary } else { BirthLikeness::OtherDay }
        } else {
            BirthLikeness::Other
        }
    }

    /// Day and month exchanged, where that is another day that exists.
    pub fn exchanged(&self) -> Option<Birth> {
        let other = Birth { year: self.year, month: self.day, day: self.month };
        (other != *self && other.exists()).then_some(other)
    }

    /// True where one wrong digit, or two neighbours exchanged, makes one of the other. The
    /// century is never mistyped: nobody is born in 1058.
    fn is_slip_of(&self, other: &Birth) -> bool {
        let (one, other) = (self.digits(), other.digits());
        let differing: Vec<usize> = (0..8).filter(|place| one[*place] != other[*place]).collect();
        match differing.as_slice() {
            [place] => *place >= 2,
            [first, second] => *first >= 2 && second - first == 1 && one[*first] == other[*second] && one[*second] == other[*first],
            _ => false,
        }
    }

    fn digits(&self) -> [u8; 8] {
        let number = self.year as u32 * 10_000 + u32::from(self.month.unwrap_or(0)) * 100 + u32::from(self.day.unwrap_or(0));
        let mut rest = number;
        let mut digits = [b'0'; 8];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }

    /// Every day that one wrong digit, or two neighbours exchanged, makes of this one.
    pub fn slips(&self) -> impl Iterator<Item = Birth> + '_ {
        let digits = self.digits();
        let whole = self.day.is_some();
        let others = (2..8).filter(move |_| whole).flat_map(|place| (b'0'..=b'9').map(move |digit| (place, digit)));
        let mut found: Vec<Birth> = Vec::new();
        let mut take = |digits: &[u8; 8]| {
            let slip = Birth::of_digits(digits);
            if slip != *self && slip.exists() && !found.contains(&slip) {
                found.push(slip);
            }
        };
        for (place, digit) in others {
            let mut slip = digits;
            slip[place] = digit;
            take(&slip);
        }
        for place in (2..7).filter(|_| whole) {
            let mut slip = digits;
            slip.swap(place, place + 1);
            take(&slip);
        }
        found.into_iter()
    }

    fn of_digits(digits: &[u8; 8]) -> Birth {
        let number = |from: usize, to: usize| digits[from..to].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        Birth { year: number(0, 4) as i32, month: Some(number(4, 6) as u8), day: Some(number(6, 8) as u8) }
    }

    fn exists(&self) -> bool {
        match (self.month, self.day) {
            (Some(month @ 1..=12), Some(day)) => day >= 1 && day <= days_in_month(self.year, month),
            (Some(1..=12), None) | (None, None) => true,
            _ => false,
        }
    }

    /// As FHIR writes it.
    pub fn text(&self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            _ => format!("{:04}", self.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_agree_as_they_are_mistyped() {
        use BirthLikeness::*;
        for (left, right, like) in [
            ("1980-05-12", "1980-05-12", Day),
            ("1980-05-12", "1980-12-05", Exchanged),
            ("1980-05-12", "1980-05-21", Digit),
            ("1980-05-12", "1980-05-13", Digit),
            ("1980-05-12", "1990-05-12", Digit),
            ("1980-05-12", "1908-05-12", Digit),
            ("1980-05-12", "1980", Year),
            ("1980-05-12", "1980-05", Month),
            ("1980-05-12", "1980-06", OtherDay),
            ("1980-05-12", "1981", Other),
            ("1980-05-12", "1980-01-01", FirstOfJanuary),
            ("1980-05-12", "1980-07-24", OtherDay),
            ("1980-05-12", "1971-11-30", Other),
            ("1980-05-31", "1980-05-30", Digit),
        ] {
            let (left_birth, right_birth) = (Birth::read(left).unwrap(), Birth::read(right).unwrap());
            assert_eq!(left_birth.like(&right_birth), like, "{left} {right}");
            assert_eq!(right_birth.like(&left_birth), like, "{right} {left}");
        }
    }

    #[test]
    fn slips_are_days_that_exist() {
        let slips: Vec<_> = Birth::read("1980-02-28").unwrap().slips().collect();
        assert!(slips.len() > 20 && slips.iter().all(Birth::exists));
        let birth = Birth::read("1980-02-28").unwrap();
        let days = (0..40_000).map(|day| fhir::date::civil_from_days(day - 20_000)).map(|(year, month, day)| Birth { year, month: Some(month), day: Some(day) });
        assert!(days.filter(|day| birth.is_slip_of(day)).all(|day| slips.contains(&day)) && slips.iter().all(|slip| birth.is_slip_of(slip)));
        assert_eq!(Birth::read("1980").unwrap().slips().count(), 0);
        assert_eq!(Birth::read("1980-05-05").unwrap().exchanged(), None);
        assert_eq!(Birth::read("1980-05-13").unwrap().exchanged(), None);
        assert_eq!(Birth::read("1980-05-12").unwrap().exchanged().unwrap().text(), "1980-12-05");
    }
}
