//! The published invariants, each by the cheapest way that gives the published answer.
//!
//! * An invariant is broken only if its expression is surely false: one that has no
//!   answer, because something it compares is absent, is kept.
//! * Those in [`BY_STRUCTURE`] are what the walk itself checks, with better places and words.
//! * The full engine is asked only about objects without other issues: its expressions
//!   take a well-formed object for granted.

use crate::logic::{Logic, Names};
use crate::native;
use crate::place::Place;
use crate::walk::Walk;
use fhir::definitions::Invariant;
use fhir::{IssueCode, Severity, Value};
use fhirpath::{Collection, Context, EvalError, Expression, Node};

/// One invariant and how it is checked.
pub(crate) struct Rule {
    invariant: Invariant,
    logic: Option<Logic>,
    native: Option<native::Check>,
    expression: Option<Expression>,
    is_best_practice: bool,
}

/// Invariants that have no rule of their own, and which check is theirs.
pub(crate) const BY_STRUCTURE: &[(&str, &str)] = &[
    ("ele-1", "the walk refuses empty objects, empty strings, nulls and objects with nothing but an id"),
    ("dom-2", "the walk refuses `contained` in a contained resource"),
    ("dom-3", "the walk collects what refers to contained resources; the expression would look through the whole resource once for each"),
    ("dom-4", "the walk looks at the meta of contained resources"),
    ("dom-5", "the walk looks at the meta of contained resources"),
    ("ref-1", "references to contained resources are followed, and the type found is compared"),
    ("txt-1", "the narrative is parsed by our own checker"),
    ("txt-2", "the narrative is parsed by our own checker"),
];

/// Marked by R4 as best practice: kept by the good, not asked of all.
const BEST_PRACTICE: &[&str] = &["dom-6", "con-3"];

impl Rule {
    /// The rule for an invariant of a type or element; none where the structure covers it.
    pub(crate) fn new(owner: &str, invariant: Invariant, names: Option<&Names<'_>>) -> Option<Rule> {
        if BY_STRUCTURE.iter().any(|(key, _)| *key == invariant.key) {
            return None;
        }
        let logic = names.and_then(|names| Logic::read(invariant.expression, names));
        let native = if logic.is_some() { None } else { native::named(owner, invariant.key) };
        let expression = if logic.is_some() { None } else { Expression::parse(invariant.expression).ok() };
        Some(Rule { invariant, logic, native, expression, is_best_practice: BEST_PRACTICE.contains(&invariant.key) })
    }

    fn verdict<'d>(&self, walk: &Walk<'d, '_>, value: Value<'d>, present: u64, type_name: &'static str, is_clean: bool) -> Verdict {
        if let Some(logic) = &self.logic {
            return Verdict::of(logic.evaluate(value, present));
        }
        if let Some(answer) = self.native.and_then(|check| check(value, &walk.scope)) {
            return Verdict::of(Some(answer));
        }
        match &self.expression {
            Some(expression) if is_clean => ask(expression, walk, value, type_name),
            _ => Verdict::Kept,
        }
    }
}

/// What became of an invariant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict { Kept, Broken, TooCostly }

impl Verdict {
    fn of(answer: Option<bool>) -> Verdict {
        if answer == Some(false) { Verdict::Broken } else { Verdict::Kept }
    }
}

/// Asks the full engine.
fn ask<'d>(expression: &Expression, walk: &Walk<'d, '_>, value: Value<'d>, type_name: &'static str) -> Verdict {
    let context = Context { resource: Some(Node::resource(walk.scope.resource)), root_resource: Some(Node::resource(walk.scope.root)), ..Context::default() };
    match expression.evaluate(&context, Collection::one(Node::element(value, type_name))) {
        Ok(answer) => Verdict::of(answer.as_boolean()),
        Err(EvalError::Limit(_)) => Verdict::TooCostly,
        // The expression does not fit this resource, as a comparison of many with one: nothing is surely wrong.
        Err(_) => Verdict::Kept,
    }
}

/// Checks the rules of one object or value.
pub(crate) fn check<'d>(walk: &mut Walk<'d, '_>, rules: &'static [Rule], value: Value<'d>, present: u64, type_name: &'static str, is_clean: bool, place: &Place<'_>) {
    for rule in rules {
        if rule.is_best_practice && !walk.options.best_practice {
            continue;
        }
        match rule.verdict(walk, value, present, type_name, is_clean) {
            Verdict::Kept => {}
            Verdict::Broken => {
                let severity = if rule.invariant.is_error && !rule.is_best_practice { Severity::Error } else { Severity::Warning };
                let human = rule.invariant.human.trim_end_matches('.');
                walk.findings.add(severity, IssueCode::Invariant, place, value.span().start, format!("{human} ({}).", rule.invariant.key));
            }
            Verdict::TooCostly => {
                let message = format!("This is too large to check the invariant {}; divide it.", rule.invariant.key);
                walk.findings.error(IssueCode::TooCostly, place, value.span().start, message);
            }
        }
    }
}
