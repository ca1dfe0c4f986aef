//! Decimal numbers as FHIR compares them: exact, and with the precision they were written in.
//!
//! `100` means everything that rounds to it, 99.5 up to 100.5; `100.00` means 99.995 up to
//! 100.005. <https://hl7.org/fhir/R4/search.html#number>

use std::cmp::Ordering;

/// mantissa × 10^-scale, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    scale: i32,
}

/// Digits beyond this many are more than any measurement has; such a number is refused.
const MOST_DIGITS: usize = 30;

/// Powers of ten beyond this one are taken for it.
const LARGEST_SCALE: i64 = 1_000;

/// The number after an `e`; one that is too large for any use is still large.
fn exponent_of(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| sign * digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000))
}

impl Decimal {
    /// Reads a JSON number (a leading `+` is allowed too, as URLs have it).
    pub fn parse(text: &str) -> Option<Decimal> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok().filter(|exponent| exponent.abs() <= 100)?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
        if whole.is_empty() || fraction.is_some_and(str::is_empty) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        if whole.len() + fraction.len() > MOST_DIGITS {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa * 10 + (byte - b'0') as i128;
        }
        Some(Decimal { mantissa: sign * mantissa, scale: fraction.len() as i32 - exponent })
    }

    /// The nearest number that is held here: like [`Decimal::parse`], save that of more digits the first thirty count, and
    /// that powers of ten beyond 1,000 are taken for that one. For numbers
    /// that were kept; one that is looked for is read by [`Decimal::parse`].
    pub fn nearest(text: &str) -> Option<Decimal> {
        if let Some(exact) = Decimal::parse(text) {
            return Some(exact);
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent_of(exponent)?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || fraction.is_some_and(|fraction| !is_digits(fraction)) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        let all = format!("{whole}{fraction}");
        let telling = all.trim_start_matches('0');
        let kept = &telling[..telling.len().min(MOST_DIGITS)];
        let scale = fraction.len() as i64 - exponent - (telling.len() - kept.len()) as i64;
        let mantissa: i128 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
        Some(Decimal { mantissa: sign * mantissa, scale: scale.clamp(-LARGEST_SCALE, LARGEST_SCALE) as i32 })
    }

    /// What it covers when written with this precision: half a unit of the last digit either way.
    pub fn range(self) -> (Decimal, Decimal) {
        let scale = self.scale + 1;
        (Decimal { mantissa: self.mantissa * 10 - 5, scale }, Decimal { mantissa: self.mantissa * 10 + 5, scale })
    }

    /// Ten per cent either way: what `ap` means.
    pub fn around(self) -> (Decimal, Decimal) {
        let (tenth, scale) = (self.mantissa.abs(), self.scale + 1);
        (Decimal { mantissa: self.mantissa * 10 - tenth, scale }, Decimal { mantissa: self.mantissa * 10 + tenth, scale })
    }
}

impl std::fmt::Display for Decimal {
    /// Plain digits with a point where there is a fraction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, mut digits) = (if self.mantissa < 0 { "-" } else { "" }, self.mantissa.unsigned_abs().to_string());
        match self.scale {
            0 => {}
            scale if scale < 0 => digits.extend(std::iter::repeat_n('0', scale.unsigned_abs() as usize)),
            scale => {
                let scale = scale as usize;
                if digits.len() <= scale {
                    digits.insert_str(0, &"0".repeat(scale + 1 - digits.len()));
                }
                digits.insert(digits.len() - scale, '.');
            }
        }
        write!(f, "{sign}{digits}")
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.compare(*other))
    }
}

impl Decimal {
    fn compare(self, other: Decimal) -> Ordering {
        let (left, right) = (self.normal(), other.normal());
        match left.mantissa.signum().cmp(&right.mantissa.signum()) {
            Ordering::Equal => {}
            other => return other,
        }
        let difference = left.scale - right.scale;
        let raised = |value: i128, by: i32| 10i128.checked_pow(by as u32).and_then(|power| value.checked_mul(power));
        let scaled = if difference >= 0 {
            raised(right.mantissa, difference).map(|right| left.mantissa.cmp(&right))
        } else {
            raised(left.mantissa, -difference).map(|left| left.cmp(&right.mantissa))
        };
        // Too far apart for one scale: the one that would overflow is the larger by magnitude.
        scaled.unwrap_or_else(|| {
            let right_is_larger = difference >= 0;
            if right_is_larger == (left.mantissa > 0) { Ordering::Less } else { Ordering::Greater }
        })
    }

    /// Without trailing zeroes; zero has scale 0.
    fn normal(self) -> Decimal {
        let Decimal { mut mantissa, mut scale } = self;
        if mantissa == 0 {
            return Decimal { mantissa: 0, scale: 0 };
        }
        while mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Decimal { mantissa, scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_compare_exactly() {
        let ascending = ["-1e100", "-100", "-1.5", "-0.0001", "0", "1e-50", "0.1", "0.10001", "1", "99.99", "1e2", "100.00001", "1e99"];
        for (place, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(number(left).compare(number(right)), place.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(number("100").compare(number("1.00e2")), Ordering::Equal);
        assert_eq!(number("-0").compare(number("0.00")), Ordering::Equal);
    }

    #[test]
    fn precision_is_half_a_unit_of_the_last_digit() {
        let cases = [("100", "99.5", "100.5"), ("100.00", "99.995", "100.005"), ("1e2", "50", "150"), ("-5.4", "-5.45", "-5.35")];
        for (text, low, high) in cases {
            let range = number(text).range();
            assert_eq!((range.0.compare(number(low)), range.1.compare(number(high))), (Ordering::Equal, Ordering::Equal), "{text}");
        }
    }

    #[test]
    fn a_number_is_written_as_digits() {
        for (text, expect) in [("5.40", "5.40"), ("-0.05", "-0.05"), ("1e3", "1000"), ("12e-3", "0.012"), ("0", "0")] {
            assert_eq!(number(text).to_string(), expect);
        }
    }

    #[test]
    fn what_is_longer_than_any_measurement_is_shortened_and_compared() {
        let nearest = |text: &str| Decimal::nearest(text).unwrap_or_else(|| panic!("{text}"));
        let ascending = [
            "-1e309", "-12345678901234567890123456789012345678901", "-1.5", "0e999", "1e-400", "1.5", "1.9999999999999999999999999999999", "2", "12345678901234567890123456789012345678901",
            "12345678901234567890123456789112345678901", "1e100", "1e309", "1e310", "1e99999999999999999999",
        ];
        for (place, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(nearest(left).compare(nearest(right)), place.cmp(&other), "{left} {right}");
            }
        }
        for text in ["1.2345678901234567890123456789012", "100000000000000000000000000000000000000000", "1e309", "00000000000000000000000000000000005.40"] {
            let (low, high) = nearest(text).range();
            assert!(low < nearest(text) && nearest(text) < high, "{text}");
        }
        assert_eq!(nearest("00000000000000000000000000000000005.40"), number("5.40"));
        for text in ["", "-", ".5", "5.", "1e", "1e+", "1e1.5", "0x1", "1 ", "NaN", "1.2.3", "12345678901234567890123456789012x"] {
            assert_eq!(Decimal::nearest(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".5", "5.", "1e", "1e999", "0x1", "1 ", "NaN", "1.2.3", "1234567890123456789012345678901"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
