//! Where a number or a time lies, coarsely: the parts a value is looked up by, and those that a range
//! is covered by.
//!
//! * Every value that meets what is wanted shares a part with the cover; some that do not, too.
//! * Numbers go by their power of ten and first digit, times by month, year and decade: a range
//!   without an end is covered by a few dozen parts.
//! * What is no single number and no short time ([`WIDE`]) is always looked at.

use crate::matcher::{around, covered, extent, extent_in_base_units};
use crate::path::Found;
use crate::wanted::{Prefix, System, Wanted};
use fhir::Moment;
use fhir::definitions::ParameterKind;

/// The part of what lies everywhere.
const WIDE: &str = "~";
/// Measured in a unit of UCUM that nobody can convert.
const ODD: &str = "u?";
/// How far a date may move because two sides took different zones, in milliseconds.
const ZONE_MS: i64 = fhir::date::DAY_MS;
const UCUM: &str = "http://unitsofmeasure.org";

/// Calls `visit` with each part of a found value.
pub(crate) fn each_part(kind: ParameterKind, found: Found<'_>, visit: &mut dyn FnMut(&str)) {
    match kind {
        ParameterKind::Date => {
            if let Some((low, high)) = covered(found, 0) {
                times(low, high, visit);
            }
        }
        ParameterKind::Number | ParameterKind::Quantity => {
            match extent(found) {
                None => return,
                Some(None) => return visit(WIDE),
                Some(Some(number)) => Spot::of(number).each_part("r", visit),
            }
            match extent_in_base_units(found) {
                None => {}
                Some(None) => visit(ODD),
                Some(Some(number)) => Spot::of(number).each_part("u", visit),
            }
        }
        _ => {}
    }
}

/// Parts of which whatever meets a wanted value has one; none where that may be anything.
pub(crate) fn cover(wanted: &Wanted) -> Option<Vec<String>> {
    let mut parts = vec![WIDE.to_owned()];
    match wanted {
        Wanted::Date { prefix, low, high, .. } => {
            let (from, to) = match prefix {
                Prefix::Ne => return None,
                Prefix::Eq | Prefix::Po => (Some(*low), Some(*high)),
                Prefix::Ge | Prefix::Gt | Prefix::Sa => (Some(*low), None),
                Prefix::Lt | Prefix::Le | Prefix::Eb => (None, Some(*high)),
                Prefix::Ap => {
                    let (low, high) = around(*low, *high);
                    (Some(low), Some(high))
                }
            };
            let month = |moment: Option<Moment>, moved: i64, otherwise: i64| moment.map_or(otherwise, |moment| month_of(Moment(moment.0.saturating_add(moved))));
            cover_months(month(from, -ZONE_MS, FIRST_MONTH), month(to, ZONE_MS, LAST_MONTH), &mut parts);
        }
        Wanted::Number { prefix, number } => {
            let (low, high) = range(*prefix, *number)?;
            cover_numbers("r", low, high, &mut parts);
        }
        Wanted::Quantity { prefix, number, system: System::Is(system), unit: Some(unit) } if system == UCUM => {
            let (low, high) = range(*prefix, *number)?;
            let base = |side: f64| if side.is_finite() { in_base_units(side, unit) } else { Some(side) };
            parts.push(ODD.to_owned());
            // Conversions round: a little more is looked at.
            let (low, high) = (base(low)?, base(high)?);
            let more = |side: f64, by: f64| if side.is_finite() { side + side.abs() * by } else { side };
            cover_numbers("u", more(low, -1e-6), more(high, 1e-6), &mut parts);
        }
        Wanted::Quantity { prefix, number, .. } => {
            let (low, high) = range(*prefix, *number)?;
            cover_numbers("r", low, high, &mut parts);
        }
        _ => return None,
    }
    Some(parts)
}

fn in_base_units(number: f64, unit: &str) -> Option<f64> {
    let value = fhirpath::Decimal::try_from(number).ok()?;
    fhirpath::Quantity { value, unit: fhirpath::Unit::from_code(unit) }.in_base_units()
}

/// Between which numbers whatever compares so lies, both included.
fn range(prefix: Prefix, number: crate::decimal::Decimal) -> Option<(f64, f64)> {
    let read = |number: crate::decimal::Decimal| number.to_string().parse::<f64>().ok();
    let both = |(low, high): (crate::decimal::Decimal, crate::decimal::Decimal)| Some((read(low)?, read(high)?));
    match prefix {
        Prefix::Ne => None,
        Prefix::Eq | Prefix::Po => both(number.range()),
        Prefix::Ap => both(number.around()),
        Prefix::Ge | Prefix::Gt | Prefix::Sa => Some((read(number)?, f64::INFINITY)),
        Prefix::Lt | Prefix::Le | Prefix::Eb => Some((f64::NEG_INFINITY, read(number)?)),
    }
}

/// Powers of ten beyond these are taken together.
const LARGEST_POWER: i32 = 20;

/// A power of ten and a first digit, in the order of the numbers: 0 is zero, and each power has nine places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot(i32);

impl Spot {
    const LARGEST: i32 = (2 * LARGEST_POWER + 1) * 9;

    fn of(number: f64) -> Spot {
        if number == 0.0 {
            return Spot(0);
        }
        if number.is_infinite() {
            return Spot(if number > 0.0 { Spot::LARGEST } else { -Spot::LARGEST });
        }
        // As it is written: a logarithm would round.
        let text = format!("{:e}", number.abs());
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let power: i32 = power.parse().unwrap_or(0);
        let digit = i32::from(digits.as_bytes()[0].saturating_sub(b'1'));
        let place = match power {
            power if power < -LARGEST_POWER => 1,
            power if power > LARGEST_POWER => Spot::LARGEST,
            power => (power + LARGEST_POWER) * 9 + digit + 1,
        };
        Spot(if number < 0.0 { -place } else { place })
    }

    fn power(self) -> i32 {
        (self.0.abs() - 1) / 9
    }

    fn each_part(self, scale: &str, visit: &mut dyn FnMut(&str)) {
        visit(&format!("{scale}{}", self.0));
        if self.0 != 0 {
            visit(&self.power_part(scale));
        }
    }

    fn power_part(self, scale: &str) -> String {
        format!("{scale}{}^{}", if self.0 < 0 { "-" } else { "+" }, self.power())
    }

    /// True where a whole power begins, going up.
    fn begins_a_power(self) -> bool {
        match self.0 {
            0 => false,
            place if place > 0 => (place - 1) % 9 == 0,
            place => (-place) % 9 == 0,
        }
    }
}

fn cover_numbers(scale: &str, low: f64, high: f64, parts: &mut Vec<String>) {
    let (mut at, last) = (Spot::of(low), Spot::of(high));
    while at <= last {
        if at.begins_a_power() && at.0 + 8 <= last.0 {
            parts.push(at.power_part(scale));
            at = Spot(at.0 + 9);
        } else {
            parts.push(format!("{scale}{}", at.0));
            at = Spot(at.0 + 1);
        }
    }
}

/// Months since the year 0 between which times are told apart: 1800 up to 2199.
const FIRST_MONTH: i64 = 1800 * 12;
const LAST_MONTH: i64 = 2200 * 12 - 1;
/// A time over more months lies everywhere.
const MOST_MONTHS: i64 = 3;
/// How many months the larger steps have.
const STEPS: [(i64, char); 3] = [(120, 'x'), (12, 'y'), (1, 'm')];

fn month_of(moment: Moment) -> i64 {
    // Beyond some hundred thousand years there is no calendar.
    let (year, month, _) = Moment(moment.0.clamp(-1 << 52, 1 << 52)).civil(0);
    (i64::from(year) * 12 + i64::from(month) - 1).clamp(FIRST_MONTH, LAST_MONTH)
}

fn times(low: Moment, high: Moment, visit: &mut dyn FnMut(&str)) {
    let (first, last) = (month_of(low), month_of(Moment(high.0.saturating_sub(1))));
    if low.0 == i64::MIN || high.0 == i64::MAX || last - first >= MOST_MONTHS {
        return visit(WIDE);
    }
    for month in first..=last {
        STEPS.iter().for_each(|(months, name)| visit(&format!("{name}{}", month / months)));
    }
}

fn cover_months(mut at: i64, last: i64, parts: &mut Vec<String>) {
    while at <= last {
        let fitting = STEPS.iter().find(|(months, _)| at % months == 0 && at + months - 1 <= last);
        let (months, name) = fitting.unwrap_or(&STEPS[2]);
        parts.push(format!("{name}{}", at / months));
        at += months;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_range_shares_a_part_with_its_cover() {
        let numbers = [-1e25, -9.99, -5.4, -1.0, -0.05, -1e-30, 0.0, 1e-25, 0.0054, 0.1, 0.3, 0.9999, 1.0, 5.4, 9.0, 10.0, 99.5, 100.0, 120.0, 1e20, 3e25];
        for low in numbers.into_iter().chain([f64::NEG_INFINITY]) {
            for high in numbers.into_iter().chain([f64::INFINITY]).filter(|high| *high >= low) {
                let mut cover = Vec::new();
                cover_numbers("r", low, high, &mut cover);
                assert!(cover.len() < 130, "{low} {high}: {} parts", cover.len());
                for number in numbers.into_iter().filter(|number| (low..=high).contains(number)) {
                    let mut shared = false;
                    Spot::of(number).each_part("r", &mut |part| shared |= cover.iter().any(|one| one == part));
                    assert!(shared, "{number} in {low} to {high}: {cover:?}");
                }
            }
        }
        let mut cover = Vec::new();
        cover_numbers("r", 119.5, 120.5, &mut cover);
        let mut shared = false;
        Spot::of(210.0).each_part("r", &mut |part| shared |= cover.iter().any(|one| one == part));
        assert!(!shared, "a narrow range leaves most out");
    }

    #[test]
    fn every_time_of_a_range_shares_a_part_with_its_cover() {
        let moment = |text: &str| fhir::PartialDateTime::parse(text).unwrap().range(0);
        let days = ["1799-05", "1800-01-01", "1958", "1958-03-12", "1969-12-31", "2024-02", "2024-02-29", "2024-12-31", "2031", "2199-12", "2500"];
        for (first, from) in days.iter().enumerate() {
            for to in &days[first..] {
                let mut cover = Vec::new();
                cover_months(month_of(moment(from).0), month_of(moment(to).1), &mut cover);
                assert!(cover.len() < 100, "{from} {to}: {} parts", cover.len());
                for day in &days[first..] {
                    let (low, high) = moment(day);
                    if high > moment(to).1 {
                        continue;
                    }
                    let mut shared = false;
                    times(low, high, &mut |part| shared |= part == WIDE || cover.iter().any(|one| one == part));
                    assert!(shared, "{day} in {from} to {to}");
                }
            }
        }
    }
}
