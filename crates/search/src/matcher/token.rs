//! Codes and identifiers.
//!
//! Codes compare without case, as R4 advises where a code system's own rule is not known: a
//! result too many is less dangerous than one too few. An identifier's value keeps its case,
//! for two of them must never become one person.
//! <https://hl7.org/fhir/R4/search.html#token>

use super::{each, text_of};
use crate::fold;
use crate::path::{Found, Shape, member};
use crate::query::Modifier;
use crate::wanted::{System, is_system_of_truth};
use fhir::Value;
use fhir::definitions::{Membership, r4};
use terminology::Codes;

/// Compares a value with `system|code`.
pub(super) fn compare(found: Found<'_>, system: &System, code: Option<&str>) -> bool {
    let value = found.value;
    match found.shape() {
        Shape::CodeableConcept => each(value, "coding").any(|coding| coded(coding, system, code)),
        Shape::Coding => coded(value, system, code),
        Shape::Identifier => identifier(value, system, code),
        Shape::ContactPoint => {
            // The "system" of a contact point is its use. https://hl7.org/fhir/R4/search.html#token
            has_system(value, "use", system) && code.is_none_or(|code| member(value, "value").is_some_and(|text| is_code(text, code)))
        }
        Shape::Boolean => is_system_of_truth(system) && value.as_bool().is_some() && code.is_none_or(|code| value.raw() == code),
        _ => value.as_str().is_some() && code.is_none_or(|code| is_code(value, code)) && plain_code_is_of(found, system),
    }
}

fn coded(coding: Value<'_>, system: &System, code: Option<&str>) -> bool {
    code.is_none_or(|code| member(coding, "code").is_some_and(|text| is_code(text, code))) && has_system(coding, "system", system)
}

/// Compares an Identifier with `system|value`.
pub(super) fn identifier(value: Value<'_>, system: &System, code: Option<&str>) -> bool {
    code.is_none_or(|code| member(value, "value").is_some_and(|text| crate::path::text_is(text, code))) && has_system(value, "system", system)
}

fn has_system(value: Value<'_>, name: &str, system: &System) -> bool {
    match system {
        System::Any => true,
        System::None => member(value, name).is_none(),
        System::Is(wanted) => member(value, name).is_some_and(|text| crate::path::text_is(text, wanted)),
    }
}

fn is_code(value: Value<'_>, code: &str) -> bool {
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(code))
}

/// A bare `code` element has no system of its own: the value set it is bound to tells it. Where that takes in a whole
/// system whose codes nobody lists (media types), any code may be of that system.
fn plain_code_is_of(found: Found<'_>, system: &System) -> bool {
    let System::Is(system) = system else { return true };
    let Some(set) = found.route.value_set.and_then(|url| r4().value_set(url)) else { return false };
    found.value.as_str().is_some_and(|code| set.contains(Some(system), &code) != Membership::Out)
}

/// `:in`: any code of the value in the set.
pub(super) fn is_in(found: Found<'_>, set: &str, codes: &dyn Codes) -> bool {
    let coding_is_in = |coding: Value<'_>| {
        text_of(coding, "code").is_some_and(|code| text_of(coding, "system").is_some_and(|system| codes.member(set, Some(&system), &code) == Membership::In))
    };
    match found.shape() {
        Shape::CodeableConcept => each(found.value, "coding").any(coding_is_in),
        Shape::Coding => coding_is_in(found.value),
        Shape::Text => found.value.as_str().is_some_and(|code| codes.member(set, None, &code) == Membership::In),
        _ => false,
    }
}

/// `:below`: a code that is the one asked for or lies below it; `:above`: or above it.
pub(super) fn is_above_or_below(found: Found<'_>, system: &str, code: &str, below: bool, codes: &dyn Codes) -> bool {
    let stands_right = |other: &str| {
        let (lower, upper) = if below { (other, code) } else { (code, other) };
        codes.is_a(system, lower, upper) == Some(true)
    };
    let coding_stands_right = |coding: Value<'_>| text_of(coding, "system").is_some_and(|found| found == system) && text_of(coding, "code").is_some_and(|other| stands_right(&other));
    match found.shape() {
        Shape::CodeableConcept => each(found.value, "coding").any(coding_stands_right),
        Shape::Coding => coding_stands_right(found.value),
        Shape::Text => plain_code_is_of(found, &System::Is(system.to_owned())) && found.value.as_str().is_some_and(|other| stands_right(&other)),
        _ => false,
    }
}

/// `:of-type`: an identifier by its type and its value.
pub(super) fn identifier_of_type(value: Value<'_>, system: &str, code: &str, wanted: &str) -> bool {
    member(value, "value").is_some_and(|text| crate::path::text_is(text, wanted))
        && each(value, "type").any(|kind| {
            each(kind, "coding").any(|coding| {
                member(coding, "code").is_some_and(|text| is_code(text, code)) && member(coding, "system").is_some_and(|text| crate::path::text_is(text, system))
            })
        })
}

/// A code, an identifier's value or an address that holds, begins with or ends with some letters,
/// which are in lower case.
pub(super) fn has_part(found: Found<'_>, modifier: Modifier, part: &str) -> bool {
    let has = |text: &str| {
        let text = text.to_lowercase();
        match modifier {
            Modifier::Begins => text.starts_with(part),
            Modifier::Ends => text.ends_with(part),
            _ => text.contains(part),
        }
    };
    let value = found.value;
    match found.shape() {
        Shape::CodeableConcept => each(value, "coding").any(|coding| text_of(coding, "code").is_some_and(|code| has(&code))),
        Shape::Coding => text_of(value, "code").is_some_and(|code| has(&code)),
        Shape::Identifier | Shape::ContactPoint => text_of(value, "value").is_some_and(|text| has(&text)),
        Shape::Boolean => has(value.raw()),
        _ => value.as_str().is_some_and(|text| has(&text)),
    }
}

/// `:text`: what the value says to people begins with the words asked for.
pub(super) fn says(found: Found<'_>, folded: &str) -> bool {
    let begins = |text: Option<std::borrow::Cow<'_, str>>| text.is_some_and(|text| fold::fold(&text).starts_with(folded));
    let value = found.value;
    match found.shape() {
        Shape::CodeableConcept => begins(text_of(value, "text")) || each(value, "coding").any(|coding| begins(text_of(coding, "display"))),
        Shape::Coding => begins(text_of(value, "display")),
        Shape::Identifier => each(value, "type").any(|kind| begins(text_of(kind, "text"))),
        _ => begins(value.as_str()),
    }
}
