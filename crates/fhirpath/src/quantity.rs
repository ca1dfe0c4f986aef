//! Amounts with a unit: UCUM codes, or the calendar words of the language.
//!
//! * Comparison goes through the canonical unit with exact decimals, never floats.
//! * A calendar year or month has no length in seconds: `1 year = 1 'a'` has no answer,
//!   `1 year ~ 1 'a'` is true.
//!
//! <http://hl7.org/fhirpath/N1/#quantity>

use octofhir_ucum::Number;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An amount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quantity {
    /// How much.
    pub value: Decimal,
    /// Of what.
    pub unit: Unit,
}

/// A unit of measure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A UCUM code; `1` is the unit of bare numbers.
    Code(Box<str>),
    /// `year`, `days`…
    Calendar(CalendarUnit),
}

/// The words for spans of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum CalendarUnit { Year, Month, Week, Day, Hour, Minute, Second, Millisecond }

impl CalendarUnit {
    const ALL: [(CalendarUnit, &'static str, &'static str); 8] = [
        (CalendarUnit::Year, "year", "a"), (CalendarUnit::Month, "month", "mo"), (CalendarUnit::Week, "week", "wk"), (CalendarUnit::Day, "day", "d"),
        (CalendarUnit::Hour, "hour", "h"), (CalendarUnit::Minute, "minute", "min"), (CalendarUnit::Second, "second", "s"), (CalendarUnit::Millisecond, "millisecond", "ms"),
    ];

    /// From `day` or `days`.
    pub fn from_word(word: &str) -> Option<CalendarUnit> {
        let singular = word.strip_suffix('s').unwrap_or(word);
        Self::ALL.iter().find(|row| row.1 == singular).map(|row| row.0)
    }

    /// In the singular.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The UCUM unit that comes nearest.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Its length; a year has 365 days here and a month 30.
    pub fn milliseconds(self) -> i64 {
        match self {
            CalendarUnit::Year => 365 * 86_400_000,
            CalendarUnit::Month => 30 * 86_400_000,
            CalendarUnit::Week => 7 * 86_400_000,
            CalendarUnit::Day => 86_400_000,
            CalendarUnit::Hour => 3_600_000,
            CalendarUnit::Minute => 60_000,
            CalendarUnit::Second => 1000,
            CalendarUnit::Millisecond => 1,
        }
    }
}

impl Unit {
    /// The unit of bare numbers.
    pub fn one() -> Unit {
        Unit::Code("1".into())
    }

    /// From a quoted UCUM code.
    pub fn from_code(code: &str) -> Unit {
        Unit::Code(code.into())
    }

    /// From a calendar word.
    pub fn from_word(word: &str) -> Option<Unit> {
        CalendarUnit::from_word(word).map(Unit::Calendar)
    }

    /// As UCUM.
    pub fn code(&self) -> &str {
        match self {
            Unit::Code(code) => code,
            Unit::Calendar(unit) => unit.code(),
        }
    }
}

/// Bytes of the longest unit that is understood; all published ones are far shorter.
const LONGEST_UNIT: usize = 200;

/// An amount in its canonical unit.
struct Canonical {
    value: Number,
    unit: String,
}

impl Quantity {
    /// A bare number.
    pub fn number(value: Decimal) -> Quantity {
        Quantity { value, unit: Unit::one() }
    }

    fn canonical(&self, calendar_is_definite: bool) -> Option<Canonical> {
        if self.unit.code().len() > LONGEST_UNIT {
            return None;
        }
        let value = number(self.value)?;
        let code = match &self.unit {
            Unit::Calendar(unit @ (CalendarUnit::Year | CalendarUnit::Month)) if !calendar_is_definite => {
                let months = if *unit == CalendarUnit::Year { Number::from(12) } else { Number::ONE };
                return Some(Canonical { value: value.checked_mul(months)?, unit: "calendar month".to_owned() });
            }
            unit => unit.code(),
        };
        let canonical = octofhir_ucum::get_canonical_units(code).ok()?;
        Some(Canonical { value: value.checked_mul(canonical.factor)?.checked_add(canonical.offset)?, unit: canonical.unit })
    }

    /// How it stands to another; none where the units cannot be compared.
    pub fn compare(&self, other: &Quantity) -> Option<Ordering> {
        if self.unit == other.unit {
            return Some(self.value.cmp(&other.value));
        }
        let (left, right) = (self.canonical(false)?, other.canonical(false)?);
        (left.unit == right.unit).then(|| left.value.cmp(&right.value))
    }

    /// Equal up to the precision of the less precise; calendar and UCUM durations alike.
    pub fn is_equivalent(&self, other: &Quantity) -> bool {
        if self.unit == other.unit {
            return crate::numbers::decimals_are_equivalent(self.value, other.value);
        }
        let (Some(left), Some(right)) = (self.canonical(true), other.canonical(true)) else { return false };
        if left.unit != right.unit {
            return false;
        }
        left.value == right.value
    }

    /// Whether the units measure the same kind of thing.
    pub fn is_comparable(&self, other: &Quantity) -> bool {
        match (self.canonical(false), other.canonical(false)) {
            (Some(left), Some(right)) => left.unit == right.unit,
            _ => self.unit == other.unit,
        }
    }

    /// The number in the base units of UCUM, rounded; none where the unit is not understood.
    pub fn in_base_units(&self) -> Option<f64> {
        self.canonical(true).map(|canonical| canonical.value.to_f64())
    }

    /// In another unit, exactly where decimals allow; none where the units do not fit.
    pub fn convert(&self, code: &str) -> Option<Quantity> {
        if code.len() > LONGEST_UNIT {
            return None;
        }
        if self.unit.code() == code {
            return Some(Quantity { value: self.value, unit: Unit::from_code(code) });
        }
        let from = self.canonical(true)?;
        let to = octofhir_ucum::get_canonical_units(code).ok()?;
        if from.unit != to.unit {
            return None;
        }
        let value = from.value.checked_sub(to.offset)?.checked_div(to.factor)?;
        Some(Quantity { value: decimal(value)?, unit: Unit::from_code(code) })
    }

    /// The sum, in the finer of the two units.
    pub(crate) fn add(&self, other: &Quantity, negate: bool) -> Option<Quantity> {
        let sign = |value: Decimal| if negate { -value } else { value };
        if self.unit == other.unit {
            return Some(Quantity { value: self.value.checked_add(sign(other.value))?, unit: self.unit.clone() });
        }
        if !self.is_comparable(other) {
            return None;
        }
        let one = |unit: &Unit| Quantity { value: Decimal::ONE, unit: unit.clone() };
        let left_is_finer = one(&self.unit).compare(&one(&other.unit)) != Some(Ordering::Greater);
        let in_unit = |quantity: &Quantity, unit: &Unit| match unit {
            Unit::Calendar(CalendarUnit::Month) => quantity.value.checked_mul(Decimal::from(12)),
            unit => quantity.convert(unit.code()).map(|converted| converted.value),
        };
        if left_is_finer {
            let other_value = in_unit(other, &self.unit)?;
            return Some(Quantity { value: self.value.checked_add(sign(other_value))?, unit: self.unit.clone() });
        }
        let self_value = in_unit(self, &other.unit)?;
        Some(Quantity { value: self_value.checked_add(sign(other.value))?, unit: other.unit.clone() })
    }

    pub(crate) fn multiply(&self, other: &Quantity) -> Option<Quantity> {
        let value = self.value.checked_mul(other.value)?;
        if self.unit.code().len() + other.unit.code().len() > LONGEST_UNIT {
            return None;
        }
        let unit = match (self.unit.code(), other.unit.code()) {
            ("1", _) => other.unit.clone(),
            (_, "1") => self.unit.clone(),
            (left, right) => Unit::Code(octofhir_ucum::unit_multiply(left, right).ok()?.expression.into()),
        };
        Some(Quantity { value, unit })
    }

    pub(crate) fn divide(&self, other: &Quantity) -> Option<Quantity> {
        let value = self.value.checked_div(other.value)?;
        if self.unit.code().len() + other.unit.code().len() > LONGEST_UNIT {
            return None;
        }
        let unit = match (self.unit.code(), other.unit.code()) {
            (left, right) if left == right => Unit::one(),
            (_, "1") => self.unit.clone(),
            (left, right) => Unit::Code(octofhir_ucum::unit_divide(left, right).ok()?.expression.into()),
        };
        Some(Quantity { value, unit })
    }
}

impl fmt::Display for Quantity {
    /// `4 'mg'`, `1 week`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Code(code) => write!(f, "{} '{code}'", self.value),
            Unit::Calendar(unit) if self.value == Decimal::ONE => write!(f, "{} {}", self.value, unit.word()),
            Unit::Calendar(unit) => write!(f, "{} {}s", self.value, unit.word()),
        }
    }
}

impl FromStr for Quantity {
    type Err = ();

    /// `4`, `4 'mg'`, `1 day`: what `toQuantity()` accepts.
    fn from_str(text: &str) -> Result<Quantity, ()> {
        let text = text.trim();
        let number_ends = text.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+'))).unwrap_or(text.len());
        let (number, unit) = text.split_at(number_ends);
        let number = number.strip_prefix('+').unwrap_or(number);
        let value = parse_decimal(number).ok_or(())?;
        let unit = unit.trim();
        if unit.is_empty() {
            return Ok(Quantity::number(value));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            let sound = !code.is_empty() && !code.contains('\'') && number_ends < text.len();
            return if sound { Ok(Quantity { value, unit: Unit::from_code(code) }) } else { Err(()) };
        }
        Unit::from_word(unit).map(|unit| Quantity { value, unit }).ok_or(())
    }
}

/// An exact decimal from digits with an optional sign, point and exponent; beyond 28 digits
/// of fraction it is rounded, beyond the range there is none.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits_sound = !text.is_empty() && !text.starts_with('+') && !text.contains('_') && !text.starts_with('.') && !text.ends_with('.');
    if !digits_sound {
        return None;
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str(text).ok()
}

fn number(value: Decimal) -> Option<Number> {
    Number::parse(&value.to_string())
}

fn decimal(value: Number) -> Option<Decimal> {
    let text = value.to_string();
    parse_decimal(&text).map(|value| value.normalize())
}
