//! Bindings of every strength, against what the site knows.
//!
//! * required: the code is in the set. extensible: in the set, or, if none there fits, another;
//!   nobody can know whether one fits, so one outside gives a warning. preferred: a hint.
//! * A set whose codes are not held is told once, where it binds.
//! * Rules: <https://hl7.org/fhir/R4/terminologies.html#strength>.

use super::slices::Verdict;
use super::survey::{Survey, offset};
use super::tree::Bound;
use super::Site;
use crate::place::Place;
use fhir::definitions::Strength;
use fhir::{IssueCode, Severity, Value};
use fhirpath::{Code, Node, Terminology};
use terminology::Codes;

/// How a value stands to a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// One of its codes is in the set.
    Inside,
    /// All its codes are outside.
    Outside,
    /// The set, or the system of a code, is not held.
    Unknown,
    /// It has words only.
    Words,
    /// It has neither a code nor words.
    Empty,
}

/// How a value stands to a set by what `codes` knows.
pub(super) fn stand(codes: &dyn Codes, node: Node<'_>, set: &str) -> Standing {
    let of = |coding: Value<'_>| coding.string("code").map(|code| codes.member(set, coding.string("system").as_deref(), &code));
    let found: Vec<_> = match (node.type_name(), node.value) {
        (_, None) => return Standing::Empty,
        ("CodeableConcept", Some(value)) => {
            let found: Vec<_> = value.get("coding").into_iter().flat_map(|codings| codings.items()).filter_map(of).collect();
            if found.is_empty() {
                return if value.get("text").is_some() { Standing::Words } else { Standing::Empty };
            }
            found
        }
        ("Coding" | "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "MoneyQuantity" | "SimpleQuantity", Some(value)) => of(value).into_iter().collect(),
        _ => node.text().map(|text| codes.member(set, None, &text)).into_iter().collect(),
    };
    let answers: Vec<Option<bool>> = found.iter().map(Verdict::of_member).collect();
    match answers.as_slice() {
        [] => Standing::Empty,
        all if all.contains(&Some(true)) => Standing::Inside,
        all if all.contains(&None) => Standing::Unknown,
        _ => Standing::Outside,
    }
}

/// Whether a value is in a set; none where that is not known.
pub(super) fn is_in(survey: &Survey<'_, '_>, node: Node<'_>, set: &str) -> Option<bool> {
    match stand(survey.site.codes, node, set) {
        Standing::Inside => Some(true),
        Standing::Outside | Standing::Words | Standing::Empty => Some(false),
        Standing::Unknown => None,
    }
}

impl<'d> Survey<'d, '_> {
    /// A value under a binding. Of R4's own bindings a set that is not held is no news.
    pub(super) fn bound(&mut self, bound: &Bound, node: Node<'d>, place: &Place<'_>, is_base: bool) {
        if bound.strength == Strength::Example {
            return;
        }
        let set = &bound.value_set;
        let told = |severity, message: String| Some((severity, IssueCode::CodeInvalid, message));
        let found = match (stand(self.site.codes, node, set), bound.strength) {
            (Standing::Inside | Standing::Empty, _) => None,
            (Standing::Outside, Strength::Required) if bound.is_maximum => told(Severity::Error, format!("However it is bound, the code must be one of {set}.")),
            (Standing::Outside, Strength::Required) => told(Severity::Error, format!("The code must be one of the value set {set}.")),
            (Standing::Outside, Strength::Extensible) => told(Severity::Warning, format!("The code is not of the value set {set}; another is permitted only if none there fits.")),
            (Standing::Outside, _) => told(Severity::Information, format!("The value set {set} is preferred here.")),
            (Standing::Words, Strength::Required) => told(Severity::Error, format!("Words alone are not enough here; add a code of the value set {set}.")),
            (Standing::Words, Strength::Extensible) => told(Severity::Information, format!("There are only words here; add a code of the value set {set} if one fits.")),
            (Standing::Words, _) => None,
            (Standing::Unknown, strength) => {
                if !is_base && strength != Strength::Preferred && self.is_news(set.clone()) {
                    let message = format!("The value set {set} or the code's system is not held whole here, so the code was not looked at.");
                    self.findings.ruled("binding-unknown").add(Severity::Information, IssueCode::Incomplete, place, offset(node), message);
                }
                None
            }
        };
        if let Some((severity, code, message)) = found {
            let rule = match bound.strength {
                _ if bound.is_maximum => "binding-maximum",
                Strength::Required => "binding-required",
                Strength::Extensible => "binding-extensible",
                _ => "binding-preferred",
            };
            self.findings.ruled(rule).add(severity, code, place, offset(node), message);
        }
    }
}

/// What expressions may ask of the site.
pub(super) struct Known<'s> {
    pub(super) site: Site<'s>,
}

impl Terminology for Known<'_> {
    fn member_of(&self, code: &Code<'_>, value_set: &str) -> Option<bool> {
        Verdict::of_member(&self.site.codes.member(value_set, code.system.as_deref(), &code.code))
    }

    fn subsumes(&self, broad: &Code<'_>, narrow: &Code<'_>) -> Option<bool> {
        let system = broad.system.as_deref()?;
        if narrow.system.as_deref() != Some(system) {
            return Some(false);
        }
        self.site.codes.is_a(system, &narrow.code, &broad.code)
    }

    fn conforms_to(&self, node: &Node<'_>, profile: &str) -> Option<bool> {
        super::meets(*node, profile, self.site)
    }
}
