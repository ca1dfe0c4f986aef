//! UCUM: units that are not listed but written by a grammar. https://ucum.org/ucum
//!
//! * Whatever the grammar allows and its tables know exists; everything else does not, with the
//!   place at which it goes wrong.
//! * What is wrong is said without repeating it.

use octofhir_ucum::{ErrorKind, convert, evaluate, generate_display_name, is_comparable, parse_expression};

/// The canonical address of UCUM in FHIR.
pub const SYSTEM: &str = "http://unitsofmeasure.org";

/// What every copy has to say.
pub const NOTICE: &str = "This product includes expressions of the Unified Code for Units of Measure (UCUM), copyright © Regenstrief Institute, Inc. and the UCUM Organization, available at http://unitsofmeasure.org, without any warranty.";

/// A longer expression is no unit anybody means.
const LONGEST: usize = 255;

/// What an expression means, in words: `(milligram) / (deciliter)`; or why it is none.
pub fn meaning(expression: &str) -> Result<String, String> {
    if expression.is_empty() {
        return Err("A unit has at least one letter; no unit is written 1.".to_owned());
    }
    if expression.len() > LONGEST {
        return Err(format!("A unit has at most {LONGEST} letters."));
    }
    let parsed = parse_expression(expression).map_err(|cause| reason(expression, &cause.kind))?;
    evaluate(&parsed).map_err(|cause| reason(expression, &cause.kind))?;
    Ok(generate_display_name(&parsed))
}

/// Whether two units measure the same kind of quantity: `d` and `a`, but not `d` and `m`. None where one of them is no unit.
pub fn is_same_quantity(unit: &str, other: &str) -> Option<bool> {
    let known = meaning(unit).is_ok() && meaning(other).is_ok();
    known.then(|| is_comparable(unit, other).ok()).flatten()
}

/// A value of one unit in another: 3300 `g` are 3.3 `kg`. None where one of them is no unit, or they measure different things.
pub fn converted(value: f64, unit: &str, to: &str) -> Option<f64> {
    if unit == to {
        return Some(value);
    }
    let is_short = [unit, to].iter().all(|one| !one.is_empty() && one.len() <= LONGEST);
    is_short.then(|| convert(value, unit, to).ok()).flatten()
}

fn reason(expression: &str, kind: &ErrorKind) -> String {
    let character = |offset: Option<usize>| offset.and_then(|offset| expression.get(..offset)).map(|before| format!(" at character {}", before.chars().count() + 1)).unwrap_or_default();
    match kind {
        ErrorKind::UnitNotFound { unit, .. } => {
            let place = character(expression.find(unit.as_str()));
            format!("UCUM has no unit of the name that stands{place}. Upper and lower case count, and many units have brackets, as mm[Hg], [IU] and Cel.")
        }
        ErrorKind::InvalidExpression { position, .. } => {
            format!("The expression is not written as UCUM asks{}. A point multiplies, a slash divides, exponents follow without a sign between, remarks stand in braces.", character(*position))
        }
        ErrorKind::NestingTooDeep { .. } => "The expression has more brackets in each other than this server follows.".to_owned(),
        ErrorKind::SpecialUnitError { .. } => "A unit with a scale of its own, as Cel, stands alone: it is neither multiplied nor divided.".to_owned(),
        _ => "The expression cannot be computed as a unit.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_allows_exists() {
        for unit in ["1", "%", "mg/dL", "10*3/uL", "mm[Hg]", "{beats}/min", "kg/m2", "m[IU]/L", "Cel", "mL/min/{1.73_m2}", "ug/kg/min", "mg/(24.h)", "[pH]", "mmol/mol"] {
            assert!(meaning(unit).is_ok(), "{unit}: {:?}", meaning(unit));
        }
    }

    #[test]
    fn units_of_one_quantity_are_told_from_others() {
        for (unit, other, expect) in [("d", "a", Some(true)), ("km", "m", Some(true)), ("kg", "m", Some(false)), ("10.d", "a", Some(true)), ("days", "a", None), ("d", "", None)] {
            assert_eq!(is_same_quantity(unit, other), expect, "{unit} {other}");
        }
    }

    #[test]
    fn a_value_is_told_in_another_unit_of_its_kind_and_in_no_other() {
        for (value, unit, to, expected) in [(3300.0, "g", "kg", 3.3), (1.1, "m", "cm", 110.0), (7.0, "[lb_av]", "kg", 3.17514659), (20.0, "[in_i]", "cm", 50.8), (3.3, "kg", "kg", 3.3)] {
            let found = converted(value, unit, to).unwrap();
            assert!((found - expected).abs() < 1e-6, "{value} {unit}: {found}");
        }
        for (unit, to) in [("cm", "kg"), ("pounds", "kg"), ("", "kg"), ("[IU]", "kg"), ("KG", "kg")] {
            assert_eq!(converted(1.0, unit, to), None, "{unit}");
        }
    }

    #[test]
    fn what_it_does_not_allow_is_refused_with_the_place_and_without_repeating_it() {
        let deep = "(".repeat(200);
        for (unit, said) in [("mmHg", "no unit"), ("mg/dl.", "not written"), ("MG/XYZ", "no unit"), ("mg//dL", "not written"), ("Cel/min", "stands alone"), ("", "at least one"), (&*"m.".repeat(200), "at most"), (&*deep, "refused"), ("mg dL", "not written"), ("µg", "refused"), ("\u{0}", "refused")] {
            let why = meaning(unit).expect_err(unit);
            assert!(said == "refused" || why.contains(said), "{unit}: {why}");
            assert!(unit.len() < 4 || !why.contains(unit), "{why}");
        }
    }
}
