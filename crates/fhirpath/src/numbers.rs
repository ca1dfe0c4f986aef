//! Arithmetic on exact decimals, and the few functions that need approximation.

use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

/// Digits after the point that say something: trailing zeros do not.
fn significant_scale(value: Decimal) -> u32 {
    value.normalize().scale()
}

/// Equal when both are rounded to the digits of the less precise one.
/// <http://hl7.org/fhirpath/N1/#equivalent>
pub(crate) fn decimals_are_equivalent(left: Decimal, right: Decimal) -> bool {
    let digits = significant_scale(left).min(significant_scale(right));
    round(left, digits) == round(right, digits)
}

/// Rounds half away from zero.
pub(crate) fn round(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// The lowest or highest number that, written with as many digits as `value`, is `value`;
/// given with `digits` digits. None where that many digits cannot be kept.
pub(crate) fn boundary(value: Decimal, high: bool, digits: i64) -> Option<Decimal> {
    let digits = u32::try_from(digits).ok().filter(|digits| *digits <= 28)?;
    let half = Decimal::from_i128_with_scale(5, value.scale() + 1);
    let exact = if high { value.checked_add(half)? } else { value.checked_sub(half)? };
    let mut out = match high {
        true => exact.round_dp_with_strategy(digits, RoundingStrategy::ToPositiveInfinity),
        false => exact.round_dp_with_strategy(digits, RoundingStrategy::ToNegativeInfinity),
    };
    // What vanishes at this precision stays zero; the published tests want it so.
    if value.trunc_with_scale(digits).is_zero() && !value.is_zero() && round(exact, digits).is_zero() {
        out = Decimal::ZERO;
    }
    out.rescale(digits);
    (out.scale() == digits).then_some(out)
}

/// A power; none where there is no real or no exact enough one.
pub(crate) fn power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    if exponent.fract().is_zero() {
        let whole: i64 = exponent.try_into().ok()?;
        let out = base.checked_powi(whole)?;
        return Some(if whole < 0 { out.normalize() } else { out });
    }
    if base.is_sign_negative() && !base.is_zero() {
        return None;
    }
    tidy(base.checked_powd(exponent)?)
}

pub(crate) fn square_root(value: Decimal) -> Option<Decimal> {
    tidy(value.sqrt()?)
}

pub(crate) fn exponential(value: Decimal) -> Option<Decimal> {
    tidy(value.checked_exp()?)
}

pub(crate) fn natural_logarithm(value: Decimal) -> Option<Decimal> {
    tidy(value.checked_ln()?)
}

/// Logarithm to a base; exact where the base divides the value evenly.
pub(crate) fn logarithm(value: Decimal, base: Decimal) -> Option<Decimal> {
    let below = base.checked_ln().filter(|below| !below.is_zero())?;
    let approximate = value.checked_ln()?.checked_div(below)?;
    let whole = approximate.round();
    let is_whole = (approximate - whole).abs() < Decimal::new(1, 8) && power(base, whole) == Some(value);
    if is_whole { Some(whole) } else { tidy(approximate) }
}

/// Cuts the digits an approximation does not deserve.
fn tidy(value: Decimal) -> Option<Decimal> {
    Some(round(value, 16).normalize())
}
