//! Bindings of every strength, against what the site knows.
//!
//! * required: the code is in the set. extensible: in the set, or, if none there fits, another;
//!   nobody can know whether one fits, so one outside gives a warning. preferred: a hint.
//! * A set whose codes are not held is told once, where it binds. Of R4's own bindings only one outside
//!   which nothing may be (required, or the widest) is told so, and a preference once for each set.
//! * What is written as no code of such a set is, is told nevertheless.
//! * A display is one of the names of its code, where the code's system is held whole.
//! * Rules: <https://hl7.org/fhir/R4/terminologies.html#strength>.

use super::slices::Verdict;
use super::survey::{Survey, offset};
use super::tree::Bound;
use super::{Site, shape};
use crate::binding::has_no_code;
use crate::place::Place;
use fhir::definitions::{Binding, Membership, Strength};
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
    /// It has no code: words, a display or a system alone.
    Words,
    /// There is nothing but what an extension says.
    Empty,
}

/// How a value stands to a set by what `codes` knows.
pub(super) fn stand(codes: &dyn Codes, node: Node<'_>, set: &str) -> Standing {
    let of = |coding: Value<'_>| coding.string("code").map(|code| codes.member(set, coding.string("system").as_deref(), &code));
    // A Coding without a system means nothing, whatever its code: searches by system and code miss it.
    let of_coding = |coding: Value<'_>| match coding.get("system") {
        Some(_) => of(coding),
        None => coding.get("code").map(|_| Membership::Out),
    };
    let found: Vec<_> = match (node.type_name(), node.value) {
        (_, None) => return Standing::Empty,
        ("CodeableConcept", Some(value)) => {
            let codings = || value.get("coding").into_iter().flat_map(|codings| codings.items());
            let found: Vec<_> = codings().filter_map(of_coding).collect();
            if found.is_empty() {
                let is_said = value.get("text").is_some() || (value.get("extension").is_none() && codings().any(has_no_code));
                return if is_said { Standing::Words } else { Standing::Empty };
            }
            found
        }
        ("Coding", Some(value)) if has_no_code(value) => return Standing::Words,
        ("Coding", Some(value)) => of_coding(value).into_iter().collect(),
        ("Quantity" | "Age" | "Duration" | "Count" | "Distance" | "MoneyQuantity" | "SimpleQuantity", Some(value)) => of(value).into_iter().collect(),
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

/// The sets outside which nothing may be, however loosely R4 binds: of each set bound, the wider one.
/// The table of R4's definitions does not hold this extension, and it stands nowhere else.
/// <https://hl7.org/fhir/R4/extension-elementdefinition-maxvalueset.html>
const MAXIMA: [(&str, &str); 2] = [
    ("http://hl7.org/fhir/ValueSet/languages", "http://hl7.org/fhir/ValueSet/all-languages"),
    ("http://hl7.org/fhir/ValueSet/expression-language", "http://www.rfc-editor.org/bcp/bcp13.txt"),
];

/// Quantities whose unit R4 binds on the type: the set, extensibly, and the wider one.
/// <https://hl7.org/fhir/R4/datatypes.html#Age>
const UNITS: [(&str, &str, &str); 3] = [
    ("Age", "http://hl7.org/fhir/ValueSet/age-units", "http://hl7.org/fhir/ValueSet/all-time-units"),
    ("Duration", "http://hl7.org/fhir/ValueSet/duration-units", "http://hl7.org/fhir/ValueSet/all-time-units"),
    ("Distance", "http://hl7.org/fhir/ValueSet/distance-units", "http://hl7.org/fhir/ValueSet/all-distance-units"),
];

impl<'d> Survey<'d, '_> {
    /// A value under a binding that R4 itself states on an element.
    pub(super) fn bound_by_r4(&mut self, binding: Binding, node: Node<'d>, place: &Place<'_>) {
        let of = |strength, set: &str, is_maximum| Bound { strength, value_set: set.to_owned(), is_maximum };
        // A profile only narrows: what it says of the same place is enough.
        let is_judged = binding.strength == Strength::Preferred && node.value.is_some_and(|value| self.judged.contains(&value.order()));
        if !is_judged {
            self.bound(&of(binding.strength, binding.value_set, false), node, place, true);
        }
        let maximum = MAXIMA.iter().find(|(set, _)| *set == binding.value_set).map(|(_, maximum)| *maximum);
        self.within(maximum, binding.value_set, node, place);
    }

    /// The unit of a quantity of a kind that has a unit of its own.
    pub(super) fn unit_of_r4(&mut self, node: Node<'d>, place: &Place<'_>) {
        let Some((_, set, maximum)) = UNITS.iter().find(|(kind, ..)| *kind == node.type_name()) else { return };
        self.bound(&Bound { strength: Strength::Extensible, value_set: (*set).to_owned(), is_maximum: false }, node, place, true);
        self.within(Some(*maximum), set, node, place);
    }

    /// What is in the set is in the wider one, too; only of anything else it is asked.
    fn within(&mut self, maximum: Option<&str>, set: &str, node: Node<'d>, place: &Place<'_>) {
        let Some(maximum) = maximum.filter(|_| matches!(stand(self.site.codes, node, set), Standing::Outside | Standing::Unknown)) else { return };
        self.bound(&Bound { strength: Strength::Required, value_set: maximum.to_owned(), is_maximum: true }, node, place, true);
    }

    /// Whether a Coding calls its code what the code's system does, in any language.
    pub(super) fn is_called(&mut self, node: Node<'d>, place: &Place<'_>) {
        let Some(coding) = node.value else { return };
        let (Some(system), Some(code), Some(display)) = (coding.string("system"), coding.string("code"), coding.string("display")) else { return };
        let address = match coding.string("version").filter(|_| !system.contains('|')) {
            Some(version) => format!("{system}|{version}"),
            None => system.into_owned(),
        };
        if self.site.codes.is_called(&address, &code, &display) == Some(false) {
            let message = "The code's system, which is held whole, calls the code something else in every language it has; if the code is the right one, write one of its names or leave the display out.";
            let offset = coding.get("display").map_or(0, |display| display.span().start);
            self.findings.ruled("display").add(Severity::Warning, IssueCode::Invalid, &place.member("display"), offset, message);
        }
    }

    /// A value under a binding. Of R4's own bindings a set that is not held is no news, unless nothing may be outside it:
    /// media types (BCP 13) and currencies (ISO 4217) are required, and nobody here knows all of them.
    pub(super) fn bound(&mut self, bound: &Bound, node: Node<'d>, place: &Place<'_>, is_base: bool) {
        if bound.strength == Strength::Example {
            return;
        }
        if !is_base {
            self.note_judged(node);
        }
        let set = &bound.value_set;
        let told = |severity, message: String| Some((severity, IssueCode::CodeInvalid, message));
        let found = match (stand(self.site.codes, node, set), bound.strength) {
            (Standing::Inside | Standing::Empty, _) => None,
            (Standing::Outside, Strength::Required) if bound.is_maximum => told(Severity::Error, format!("However it is bound, the code must be one of {set}.")),
            (Standing::Outside, Strength::Required) => told(Severity::Error, format!("The code must be one of the value set {set}, with its system.")),
            (Standing::Outside, Strength::Extensible) => told(Severity::Warning, format!("The code is not of the value set {set}; another is permitted only if none there fits.")),
            // Where R4 prefers something everybody does, once is enough.
            (Standing::Outside, _) if is_base && !self.is_news(format!("preferred {set}")) => None,
            (Standing::Outside, _) => told(Severity::Information, format!("The value set {set} is preferred here.")),
            (Standing::Words, Strength::Required) => told(Severity::Error, format!("There is no code here, and words alone are not enough; add a code of the value set {set}.")),
            (Standing::Words, Strength::Extensible) => told(Severity::Information, format!("There is no code here; add one of the value set {set} if one fits.")),
            (Standing::Words, _) => None,
            (Standing::Unknown, strength) => {
                // Nobody here can say that it is one; that it is none is seen.
                if let Some(form) = node.text().and_then(|code| shape::breaks(set, &code)) {
                    self.findings.ruled("binding-shape").add(Severity::Warning, IssueCode::CodeInvalid, place, offset(node), form);
                }
                let is_told = !is_base || bound.is_maximum || strength == Strength::Required;
                if is_told && strength != Strength::Preferred && self.is_news(set.clone()) {
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
