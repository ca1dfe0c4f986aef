//! Codes: which ones a value set holds, which lies below which, what each is called.
//!
//! ```text
//! CodeSystem ──▶ System ◀──┐
//! ValueSet   ──▶ Set ──────┴─▶ contains, expand      through a Library that finds both
//! ConceptMap ──▶ Map ────────▶ translate
//! ```
//!
//! * What is not known is said to be unknown, with the reason; never guessed.
//! * Systems, sets and maps are read once and never change; who keeps them keeps the newest.
//! * Nothing here knows a store, a clock, HTTP, or who is asking.

#![forbid(unsafe_code)]

pub mod bcp47;
pub mod fold;
pub mod import;
mod map;
mod set;
pub mod starter;
mod system;
mod typing;
pub mod ucum;

pub use map::{Map, Product, Sides, Sought, Translation};
pub use set::{Found, Library, MOST_MEMBERS, Member, Reason, Set, Wanted};
pub use system::{Concept, Designation, Existence, System, is_called};

pub use fhir::definitions::{Membership, Unknown};
use fhir::definitions::{Content, r4};

/// What is known about codes. Search and validation ask it; the door hands it in.
pub trait Codes: Send + Sync {
    /// Whether a code is in a value set, named by its canonical address (`url` or
    /// `url|version`). Without a system the code alone decides.
    fn member(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership;

    /// Whether a code is the other one or lies below it in the hierarchy of their system;
    /// none where the system is not held or has no hierarchy that is known.
    fn is_a(&self, system: &str, code: &str, ancestor: &str) -> Option<bool>;

    /// Whether every code of a value set is known.
    fn holds_value_set(&self, value_set: &str) -> bool;

    /// Whether a code system is held whole, with its hierarchy.
    fn holds_hierarchy(&self, system: &str) -> bool;

    /// Whether a code is in a code system that is held whole; true also where that cannot be told.
    fn may_exist(&self, _system: &str, _code: &str) -> bool {
        true
    }

    /// Whether a code may be called that, in any language; none where its system is not held whole,
    /// does not have the code or has no name for it.
    fn is_called(&self, _system: &str, _code: &str, _display: &str) -> Option<bool> {
        None
    }

    /// Every way in which a province or state is written, and each one that went into it over time: by its name, or by
    /// its code in a system. Nothing where no such place is known.
    fn names_below(&self, _system: Option<&str>, _place: &str) -> Vec<String> {
        Vec::new()
    }
}

/// What R4 itself publishes, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct R4;

impl Codes for R4 {
    fn member(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership {
        let url = value_set.split('|').next().unwrap_or(value_set);
        match r4().value_set(url) {
            Some(set) => set.contains(system, code),
            None => Membership::Unknown(Unknown::ValueSetNotHeld("a value set that is not part of R4")),
        }
    }

    fn is_a(&self, system: &str, code: &str, ancestor: &str) -> Option<bool> {
        if code == ancestor {
            return Some(true);
        }
        let held = r4().code_system(system)?;
        match held.concept(code) {
            Some(concept) => Some(concept.is_a(ancestor)),
            None if held.content() == Content::Complete => Some(false),
            None => None,
        }
    }

    fn holds_value_set(&self, value_set: &str) -> bool {
        let url = value_set.split('|').next().unwrap_or(value_set);
        r4().value_set(url).is_some_and(|set| set.codes().is_some())
    }

    fn holds_hierarchy(&self, system: &str) -> bool {
        r4().code_system(system).is_some_and(|held| held.content() == Content::Complete)
    }

    fn may_exist(&self, system: &str, code: &str) -> bool {
        !self.holds_hierarchy(system) || r4().concept(system, code).is_some()
    }

    fn is_called(&self, system: &str, code: &str, display: &str) -> Option<bool> {
        let held = r4().code_system(system).filter(|held| held.content() == Content::Complete)?;
        let name = held.concept(code)?.display?;
        Some(is_called([name].into_iter(), display))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_answers_for_its_own_sets() {
        let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
        assert_eq!(R4.member(gender, None, "female"), Membership::In);
        assert_eq!(R4.member(&format!("{gender}|4.0.1"), None, "femme"), Membership::Out);
        assert!(matches!(R4.member("urn:x", None, "female"), Membership::Unknown(_)));
    }

    #[test]
    fn a_code_lies_below_itself_and_its_ancestors() {
        let act = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
        assert_eq!(R4.is_a(act, "IMP", "_ActEncounterCode"), Some(true));
        assert_eq!(R4.is_a(act, "IMP", "IMP"), Some(true));
        assert_eq!(R4.is_a(act, "IMP", "AMB"), Some(false));
        assert_eq!(R4.is_a("urn:x", "a", "b"), None);
    }

    #[test]
    fn a_code_is_called_what_its_system_calls_it_without_case_spaces_and_accents() {
        let status = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
        assert_eq!(R4.is_called(status, "M", " MÁRRIED "), Some(true));
        assert_eq!(R4.is_called(status, "M", "Divorced"), Some(false));
        assert_eq!(R4.is_called(status, "nonsense", "Divorced"), None);
        assert_eq!(R4.is_called("urn:x", "M", "Divorced"), None);
        assert!(R4.may_exist(status, "M") && R4.may_exist("urn:x", "M") && !R4.may_exist(status, "nonsense"));
    }
}
