//! Days counted from 1970-01-01, and their Gregorian names.

/// A day without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of this Gregorian date; the month counts from 1.
    pub const fn of(year: i32, month: u32, day: u32) -> Day {
        // Years begin in March, so that the leap day is the last of its year.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y - era * 400;
        let month_from_march = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month from 1, day from 1.
    pub const fn parts(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted - era * 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month as u32, day as u32)
    }

    /// This many days later, or earlier when negative.
    pub const fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// Whole years from a birth to this day.
    pub const fn years_since(self, birth: Day) -> i32 {
        let (year, month, day) = self.parts();
        let (birth_year, birth_month, birth_day) = birth.parts();
        year - birth_year - if month * 32 + day < birth_month * 32 + birth_day { 1 } else { 0 }
    }

    /// Years from a birth to this day, with a fraction.
    pub(crate) fn age(self, birth: Day) -> f64 {
        f64::from(self.0 - birth.0) / 365.25
    }

    /// Monday is 0.
    pub(crate) fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }

    /// The same day, or the Monday after a weekend.
    pub(crate) fn working(self) -> Day {
        match self.weekday() {
            5 => self.plus(2),
            6 => self.plus(1),
            _ => self,
        }
    }

    /// Appends `2026-11-22`.
    pub(crate) fn write(self, out: &mut String) {
        let (year, month, day) = self.parts();
        push_padded(out, year as u32, 4);
        out.push('-');
        push_padded(out, month, 2);
        out.push('-');
        push_padded(out, day, 2);
    }
}

/// A moment: a day, its minute, and how far its clock is from UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub day: Day,
    pub minute: i32,
    pub offset_minutes: i32,
}

impl Moment {
    /// This many minutes later.
    pub fn plus(self, minutes: i32) -> Moment {
        let total = self.minute + minutes;
        Moment { day: self.day.plus(total.div_euclid(1440)), minute: total.rem_euclid(1440), ..self }
    }

    /// Appends `2026-11-22T09:05:48-06:00`. Seconds are a plain function of
    /// the moment: what happens does not happen on the full minute.
    pub fn write(self, out: &mut String) {
        let second = (self.day.0 as u32).wrapping_mul(31).wrapping_add(self.minute as u32 * 17) % 60;
        self.write_with(second, out);
    }

    /// Appends `2026-11-22T09:05:00-06:00`.
    pub fn write_whole(self, out: &mut String) {
        self.write_with(0, out);
    }

    fn write_with(self, second: u32, out: &mut String) {
        self.day.write(out);
        out.push('T');
        push_padded(out, self.minute as u32 / 60, 2);
        out.push(':');
        push_padded(out, self.minute as u32 % 60, 2);
        out.push(':');
        push_padded(out, second, 2);
        out.push(if self.offset_minutes < 0 { '-' } else { '+' });
        let offset = self.offset_minutes.unsigned_abs();
        push_padded(out, offset / 60, 2);
        out.push(':');
        push_padded(out, offset % 60, 2);
    }
}

/// Appends a number with leading zeros.
pub(crate) fn push_padded(out: &mut String, number: u32, width: usize) {
    let mut digits = [b'0'; 10];
    let mut rest = number;
    let mut at = digits.len();
    while rest > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    for digit in &digits[at..] {
        out.push(char::from(*digit));
    }
}

/// Appends a decimal with exactly this many places, rounded half away from zero.
pub(crate) fn push_decimal(out: &mut String, value: f64, places: u8) {
    let scale = 10_i64.pow(u32::from(places));
    let scaled = (value * scale as f64).round() as i64;
    if scaled < 0 {
        out.push('-');
    }
    let scaled = scaled.unsigned_abs();
    push_padded(out, (scaled / scale as u64) as u32, 1);
    if places > 0 {
        out.push('.');
        push_padded(out, (scaled % scale as u64) as u32, usize::from(places));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_names_they_had() {
        for (day, parts) in [(0, (1970, 1, 1)), (19_782, (2024, 2, 29)), (-25_567, (1900, 1, 1)), (20_779, (2026, 11, 22))] {
            assert_eq!(Day(day).parts(), parts);
            assert_eq!(Day::of(parts.0, parts.1, parts.2), Day(day));
        }
        assert_eq!(Day::of(2026, 11, 22).weekday(), 6);
    }

    #[test]
    fn a_birthday_is_reached_on_the_day_and_not_before() {
        let birth = Day::of(1958, 3, 14);
        assert_eq!(Day::of(2025, 3, 13).years_since(birth), 66);
        assert_eq!(Day::of(2025, 3, 14).years_since(birth), 67);
    }

    #[test]
    fn decimals_keep_their_places() {
        for (value, places, text) in [(7.4, 1, "7.4"), (7.0, 1, "7.0"), (-0.05, 2, "-0.05"), (120.0, 0, "120"), (0.996, 2, "1.00")] {
            let mut out = String::new();
            push_decimal(&mut out, value, places);
            assert_eq!(out, text);
        }
    }
}
