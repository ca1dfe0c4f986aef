//! `minValue[x]` and `maxValue[x]`: between which values a profile wants one to lie.
//!
//! * Numbers are compared as numbers, dates and times as their text begins, quantities in the unit of the bound.
//! * Only what surely lies outside is refused: `< 5` is less than at least 10, and nobody knows whether it is more
//!   than at least 3.
//! * What cannot be brought to the unit of the bound is told as not looked at; so is a date with a bound that counts
//!   from today, because nothing here has a clock.
//!
//! <https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_>

use super::expected::{Expected, number};
use super::survey::{Survey, offset};
use super::tree::{Node as Rule, Profile};
use crate::place::Place;
use fhir::{IssueCode, Kind, Severity, Value};
use fhirpath::{Decimal, Node, Quantity, Unit};
use std::borrow::Cow;
use std::cmp::Ordering;

/// How a value stands to a bound.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Within,
    Outside,
    /// It cannot be told.
    Unknown,
}

const UCUM: &str = "http://unitsofmeasure.org";

impl<'d> Survey<'d, '_> {
    /// Holds a value against the bounds of a node.
    pub(super) fn range(&mut self, profile: &Profile, rule: &Rule, node: Node<'d>, place: &Place<'_>) {
        for (bound, is_least) in [(&rule.least, true), (&rule.most, false)] {
            let Some(bound) = bound else { continue };
            let word = if is_least { "least" } else { "most" };
            match stands(bound, is_least, node) {
                Stands::Within => {}
                Stands::Outside => {
                    let message = format!("The profile {} wants at {word} {} here.", profile.url, bound.show());
                    self.findings.ruled("value-range").error(IssueCode::Value, place, offset(node), message);
                }
                Stands::Unknown => {
                    let message = format!("The profile {} wants at {word} {} here; whether this is could not be told.", profile.url, bound.show());
                    if self.is_news(message.clone()) {
                        self.findings.ruled("not-looked-at").add(Severity::Information, IssueCode::Incomplete, place, offset(node), message);
                    }
                }
            }
        }
    }
}

fn stands(bound: &Expected, is_least: bool, node: Node<'_>) -> Stands {
    let of = |order: Ordering| if (is_least && order.is_lt()) || (!is_least && order.is_gt()) { Stands::Outside } else { Stands::Within };
    match bound {
        Expected::Number(bound) => node.value.and_then(number).map_or(Stands::Within, |found| of(found.cmp(bound))),
        Expected::Text(bound) => {
            let Some(text) = node.text() else { return Stands::Within };
            // To the precision that both have.
            let most = text.len().min(bound.len());
            text.get(..most).zip(bound.get(..most)).map_or(Stands::Within, |(text, bound)| of(text.cmp(bound)))
        }
        Expected::Object(_) if matches!(node.type_name(), "date" | "dateTime" | "instant") => Stands::Unknown,
        Expected::Object(bound) => node.value.filter(|value| value.kind() == Kind::Object).map_or(Stands::Within, |value| measured(bound, is_least, value)),
        Expected::Bool(_) | Expected::Many(_) => Stands::Within,
    }
}

/// A Quantity against one.
fn measured(bound: &[(Box<str>, Expected)], is_least: bool, value: Value<'_>) -> Stands {
    let said = |name: &str| bound.iter().find(|(member, _)| **member == *name).map(|(_, said)| said);
    let text = |name: &str| match said(name) {
        Some(Expected::Text(text)) => Some(&**text),
        _ => None,
    };
    let (Some(Expected::Number(least)), Some(found)) = (said("value"), value.get("value").and_then(number)) else { return Stands::Within };
    let own = |name: &str| value.string(name);
    let is_ucum = text("system") == Some(UCUM) && own("system").as_deref() == Some(UCUM);
    let (wanted, unit) = (text("code").or(text("unit")), own("code").or(own("unit")));
    let Some(found) = in_unit(found, unit, wanted, is_ucum) else { return Stands::Unknown };
    // What is only a bound itself reaches without end to one side.
    let comparator = own("comparator");
    match (comparator.as_deref(), is_least, found.cmp(least)) {
        (Some(">" | ">="), true, _) | (Some("<" | "<="), false, _) => Stands::Within,
        (Some("<"), true, Ordering::Equal) | (Some(">"), false, Ordering::Equal) => Stands::Outside,
        (_, true, Ordering::Less) | (_, false, Ordering::Greater) => Stands::Outside,
        _ => Stands::Within,
    }
}

/// A number in the unit of a bound; none where the units do not fit.
fn in_unit(found: Decimal, unit: Option<Cow<'_, str>>, wanted: Option<&str>, is_ucum: bool) -> Option<Decimal> {
    match (unit, wanted) {
        (None, None) => Some(found),
        (Some(unit), Some(wanted)) if unit == wanted => Some(found),
        (Some(unit), Some(wanted)) if is_ucum => Quantity { value: found, unit: Unit::from_code(&unit) }.convert(wanted).map(|converted| converted.value),
        _ => None,
    }
}
