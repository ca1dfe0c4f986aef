//! Numbers and quantities. A measured value may itself be an interval: a Range, `<5`, or all that was sampled.
//! Units of UCUM are converted, so `5 mg` is also `0.005 g`; all others compare as they are written.
//! <https://hl7.org/fhir/R4/search.html#quantity>

use super::text_of;
use crate::decimal::Decimal;
use crate::path::{Found, Shape, member};
use crate::wanted::{Prefix, System};
use fhir::Value;

/// What a value may be: between two numbers, each inclusive unless `open`; none is endless.
#[derive(Clone, Copy)]
pub(super) struct Interval {
    low: Option<Decimal>,
    high: Option<Decimal>,
    low_open: bool,
    high_open: bool,
}

/// Compares a wanted number with what a value may be. Only `eq`, `ne` and `ap` look at the
/// precision the number was written with.
pub(super) fn compare(prefix: Prefix, wanted: Decimal, value: Interval) -> bool {
    let within = |(low, high): (Decimal, Decimal)| value.low.is_some_and(|found| low <= found) && value.high.is_some_and(|found| found < high);
    let overlaps = |(low, high): (Decimal, Decimal)| value.low.is_none_or(|found| found <= high) && value.high.is_none_or(|found| found >= low);
    match prefix {
        Prefix::Eq => within(wanted.range()),
        Prefix::Po => overlaps(wanted.range()),
        Prefix::Ne => !within(wanted.range()),
        Prefix::Gt => value.high.is_none_or(|high| high > wanted),
        Prefix::Lt => value.low.is_none_or(|low| low < wanted),
        Prefix::Ge => value.high.is_none_or(|high| high > wanted || (high == wanted_as(wanted, high) && !value.high_open)),
        Prefix::Le => value.low.is_none_or(|low| low < wanted || (low == wanted_as(wanted, low) && !value.low_open)),
        Prefix::Sa => value.low.is_some_and(|low| low > wanted || (value.low_open && low >= wanted)),
        Prefix::Eb => value.high.is_some_and(|high| high < wanted || (value.high_open && high <= wanted)),
        Prefix::Ap => overlaps(wanted.around()),
    }
}

/// The wanted number written as the found one where they are the same number (1.0 is 1).
fn wanted_as(wanted: Decimal, found: Decimal) -> Decimal {
    if wanted.partial_cmp(&found) == Some(std::cmp::Ordering::Equal) { found } else { wanted }
}

/// What a number, Range or Quantity may be.
pub(super) fn interval(found: Found<'_>) -> Option<Interval> {
    match found.shape() {
        Shape::Number => number(found.value),
        Shape::Quantity | Shape::Money => measured(found.value),
        Shape::Range => range(found.value),
        Shape::SampledData => sampled(found.value),
        _ => None,
    }
}

/// The number a value is; none inside for what may be several, as a range or `<5`.
pub(crate) fn extent(found: Found<'_>) -> Option<Option<f64>> {
    let interval = interval(found)?;
    if matches!(found.shape(), Shape::Range | Shape::SampledData) {
        return Some(None);
    }
    let (Some(low), Some(high)) = (interval.low, interval.high) else { return Some(None) };
    Some(if low == high { low.to_string().parse().ok() } else { None })
}

/// The same in the base units of UCUM; none for what is measured in no unit of UCUM, and none
/// inside where nobody can convert it.
pub(crate) fn extent_in_base_units(found: Found<'_>) -> Option<Option<f64>> {
    // A currency is compared as it is written, whatever system is named with it.
    if found.shape() == Shape::Money {
        return Some(None);
    }
    if found.shape() != Shape::Quantity || text_of(found.value, "system").is_none_or(|system| system != UCUM) {
        return None;
    }
    let in_base = || {
        let value = member(found.value, "value")?.as_number()?.parse().ok()?;
        fhirpath::Quantity { value, unit: fhirpath::Unit::from_code(&text_of(found.value, "code")?) }.in_base_units()
    };
    Some(in_base())
}

/// The number a value is ordered by: of what may be several the lower end, or the higher one where
/// the order descends; what is endless there, by the end it has.
pub(crate) fn rank(found: Found<'_>, descending: bool) -> Option<f64> {
    if let Some(Some(number)) = extent_in_base_units(found) {
        return Some(number);
    }
    let Interval { low, high, .. } = interval(found)?;
    let end = if descending { high.or(low) } else { low.or(high) };
    // What is too large for the order stands at its end.
    end?.to_string().parse().ok().map(|number: f64| number.clamp(f64::MIN, f64::MAX))
}

fn exactly(number: Decimal) -> Interval {
    Interval { low: Some(number), high: Some(number), low_open: false, high_open: false }
}

fn number(value: Value<'_>) -> Option<Interval> {
    Decimal::nearest(value.as_number()?).map(exactly)
}

fn range(value: Value<'_>) -> Option<Interval> {
    let side = |name: &str| member(value, name).and_then(|side| member(side, "value")).and_then(|value| Decimal::nearest(value.as_number()?));
    let (low, high) = (side("low"), side("high"));
    (low.is_some() || high.is_some()).then_some(Interval { low, high, low_open: false, high_open: false })
}

/// From the lowest to the highest of what was sampled: each number times the factor, above the origin. A point below or
/// above what could be measured has no end there. <https://hl7.org/fhir/R4/datatypes.html#SampledData>
fn sampled(value: Value<'_>) -> Option<Interval> {
    let number = |value: Value<'_>| {
        let text = value.as_number()?;
        text.parse::<fhirpath::Decimal>().ok().or_else(|| fhirpath::Decimal::from_scientific(text).ok())
    };
    let origin = number(member(member(value, "origin")?, "value")?)?;
    let factor = member(value, "factor").map_or(Some(fhirpath::Decimal::ONE), number)?;
    let data = text_of(value, "data")?;
    let (mut ends, mut is_below, mut is_above) = (None::<(fhirpath::Decimal, fhirpath::Decimal)>, false, false);
    for point in data.split_ascii_whitespace() {
        match point {
            // An error.
            "E" => {}
            "L" => is_below = true,
            "U" => is_above = true,
            _ => {
                let point = point.parse::<fhirpath::Decimal>().ok()?.checked_mul(factor)?.checked_add(origin)?;
                ends = Some(ends.map_or((point, point), |(low, high)| (low.min(point), high.max(point))));
            }
        }
    }
    let (low, high) = ends?;
    let side = |end: fhirpath::Decimal| Decimal::parse(&end.normalize().to_string());
    Some(Interval { low: if is_below { None } else { Some(side(low)?) }, high: if is_above { None } else { Some(side(high)?) }, low_open: false, high_open: false })
}

fn measured(value: Value<'_>) -> Option<Interval> {
    let number = Decimal::nearest(member(value, "value")?.as_number()?)?;
    let exact = exactly(number);
    Some(match text_of(value, "comparator").as_deref() {
        Some("<") => Interval { low: None, high_open: true, ..exact },
        Some("<=") => Interval { low: None, ..exact },
        Some(">") => Interval { high: None, low_open: true, ..exact },
        Some(">=") => Interval { high: None, ..exact },
        _ => exact,
    })
}

/// Compares number and unit.
pub(super) fn quantity(found: Found<'_>, prefix: Prefix, wanted: Decimal, system: &System, unit: Option<&str>) -> bool {
    let unit_is_wanted = match found.shape() {
        Shape::Range => ["low", "high"].iter().filter_map(|side| member(found.value, side)).any(|side| has_unit(side, system, unit)),
        Shape::SampledData => member(found.value, "origin").is_some_and(|origin| has_unit(origin, system, unit)),
        Shape::Money => unit.is_none_or(|unit| text_of(found.value, "currency").is_some_and(|currency| currency == unit)),
        Shape::Number => unit.is_none(),
        _ => has_unit(found.value, system, unit),
    };
    match (unit_is_wanted, system, unit) {
        (true, ..) => interval(found).is_some_and(|interval| compare(prefix, wanted, interval)),
        (false, System::Is(system), Some(unit)) if system == UCUM => interval_in(found, unit).is_some_and(|interval| compare(prefix, wanted, interval)),
        _ => false,
    }
}

const UCUM: &str = "http://unitsofmeasure.org";

/// What a measured value may be in another unit of UCUM; none where the units measure different things.
fn interval_in(found: Found<'_>, unit: &str) -> Option<Interval> {
    fn ours(value: Value<'_>) -> Option<std::borrow::Cow<'_, str>> {
        text_of(value, "system").filter(|system| system == UCUM).and_then(|_| text_of(value, "code"))
    }
    let (code, other) = match found.shape() {
        Shape::Quantity => (ours(found.value)?, None),
        Shape::SampledData => (ours(member(found.value, "origin")?)?, None),
        Shape::Range => {
            let mut sides = ["low", "high"].iter().filter_map(|side| member(found.value, side));
            (ours(sides.next()?)?, sides.next().map(ours))
        }
        _ => return None,
    };
    if other.is_some_and(|other| other.as_ref() != Some(&code)) {
        return None;
    }
    let found = interval(found)?;
    let converted = |side: Option<Decimal>| side.map(|number| convert(number, &code, unit)).map_or(Some(None), |number| number.map(Some));
    Some(Interval { low: converted(found.low)?, high: converted(found.high)?, ..found })
}

/// A number of one unit in another.
fn convert(number: Decimal, from: &str, to: &str) -> Option<Decimal> {
    let value = number.to_string().parse().ok()?;
    let quantity = fhirpath::Quantity { value, unit: fhirpath::Unit::from_code(from) };
    Decimal::parse(&quantity.convert(to)?.value.normalize().to_string())
}

/// UCUM codes keep their case: `mL` and `ML` differ a thousand million times.
fn has_unit(value: Value<'_>, system: &System, unit: Option<&str>) -> bool {
    let says = |name: &str, wanted: &str| text_of(value, name).is_some_and(|text| text == wanted);
    match system {
        System::Is(system) => says("system", system) && unit.is_none_or(|unit| says("code", unit)),
        _ => unit.is_none_or(|unit| says("code", unit) || says("unit", unit)),
    }
}
