//! Codes that must come from a value set.
//!
//! * Only what is surely outside is an issue: where the definitions do not hold the codes
//!   of a system, nothing is said. A Coding without a system is outside of every set.
//! * Of a CodeableConcept one coding suffices, the others may translate it.
//! * A display without a code is words, and words are no code; an extension may say why there is none.
//! * Rules: <https://hl7.org/fhir/R4/terminologies.html#required>.

use crate::place::Place;
use crate::schema::{Bound, Role};
use crate::walk::Walk;
use fhir::{IssueCode, Value};

/// A Coding, CodeableConcept or Quantity under a required binding.
pub(crate) fn check<'d>(walk: &mut Walk<'d, '_>, bound: &Bound, role: Role, value: Value<'d>, place: &Place<'_>) {
    let is_outside = match role {
        Role::CodeableConcept => match value.get("coding") {
            Some(codings) => {
                let is_explained = value.get("extension").is_some() && !codings.items().any(|coding| coding.get("code").is_some());
                codings.items().all(|coding| is_bare(coding) || excludes(bound, coding) || (!is_explained && has_no_code(coding)))
            }
            None => value.get("text").is_some() && value.get("extension").is_none(),
        },
        Role::Coding => is_bare(value) || has_no_code(value) || excludes(bound, value),
        _ => excludes(bound, value),
    };
    if !is_outside {
        return;
    }
    let is_any_bare = if role == Role::CodeableConcept { value.get("coding").into_iter().flat_map(|codings| codings.items()).any(is_bare) } else { role == Role::Coding && is_bare(value) };
    if !is_any_bare {
        return report(walk, bound, value, place);
    }
    let message = format!("The code must be one of the value set {}, and a Coding means nothing without its system: name that, too.", bound.url);
    walk.findings.error(IssueCode::CodeInvalid, place, value.span().start, message);
}

/// A code without its system means nothing: who searches for it by both would miss it.
fn is_bare(coding: Value<'_>) -> bool {
    coding.get("code").is_some() && coding.get("system").is_none()
}

/// True of a Coding that has no code and does not say why.
pub(crate) fn has_no_code(coding: Value<'_>) -> bool {
    ["code", "_code", "extension"].iter().all(|name| coding.get(name).is_none())
}

/// True if a Coding or Quantity has a code and it is surely outside.
fn excludes(bound: &Bound, coding: Value<'_>) -> bool {
    coding.string("code").is_some_and(|code| bound.excludes(coding.string("system").as_deref(), &code))
}

/// The code is outside.
pub(crate) fn report<'d>(walk: &mut Walk<'d, '_>, bound: &Bound, value: Value<'d>, place: &Place<'_>) {
    let message = format!("The code must be one of the value set {}; choose one of its codes.", bound.url);
    walk.findings.error(IssueCode::CodeInvalid, place, value.span().start, message);
}
