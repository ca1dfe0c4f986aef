//! `_sort`: what a resource is ordered by.
//!
//! A parameter with several values is ordered by its lowest, or by its highest where the
//! order descends. A resource without a value comes last either way.
//!
//! Numbers go by their value, quantities by that in base units where their unit is UCUM's and as
//! written otherwise; of what may be several numbers, as `<5`, the end it has counts. References go
//! by type and id: all that name the same stand together.

use crate::fold;
use crate::matcher::{Meta, covered, rank};
use crate::parameter::{Parameter, Source};
use crate::path::{Found, Shape, member};
use crate::query::{Query, SortKey};
use fhir::Value;
use fhir::definitions::ParameterKind;
use std::cmp::Ordering;

/// One key's value in one resource.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SortValue {
    /// Milliseconds since 1970.
    Moment(i64),
    /// A number, as what orders like it ([`order_of`]).
    Number(i64),
    /// Folded text, a code or an id.
    Text(String),
}

/// True for parameters whose values have an order worth having.
pub(crate) fn can_sort(parameter: &Parameter) -> bool {
    match parameter.source {
        Source::Id | Source::LastUpdated => true,
        Source::Routes(_) => !matches!(parameter.kind(), ParameterKind::Composite | ParameterKind::Special),
        _ => false,
    }
}

impl Query {
    /// The values a resource is ordered by, one for each of [`Query::sort`]; none where it has none.
    pub fn sort_values(&self, resource: Value<'_>, meta: Meta<'_>) -> Vec<Option<SortValue>> {
        self.sort.iter().map(|key| value(key, resource, meta, self.context.default_offset_minutes)).collect()
    }

    /// Orders two resources by their [`sort_values`](Query::sort_values).
    pub fn compare_sorted(&self, left: &[Option<SortValue>], right: &[Option<SortValue>]) -> Ordering {
        for (key, (left, right)) in self.sort.iter().zip(left.iter().zip(right)) {
            let order = match (left, right) {
                (Some(left), Some(right)) if key.descending => right.cmp(left),
                (Some(left), Some(right)) => left.cmp(right),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

/// More letters of a text than this order nothing.
const MOST_LETTERS: usize = 200;

/// The first and the last millisecond that a resource of a month's bucket may be ordered by. Its
/// date may lie a day apart, because the bucket is reckoned in UTC, and may end a month later.
pub fn moments_of_month(month: u16, descending: bool) -> (i64, i64) {
    use fhir::date::DAY_MS;
    let begins = |month: u16| {
        let text = format!("{:04}-{:02}", 1970 + month / 12, month % 12 + 1);
        fhir::PartialDateTime::parse(&text).map_or(0, |date| date.range(0).0.0)
    };
    (begins(month) - DAY_MS, begins(month + if descending { 2 } else { 1 }) + DAY_MS)
}

fn value(key: &SortKey, resource: Value<'_>, meta: Meta<'_>, default_offset_minutes: i16) -> Option<SortValue> {
    match key.parameter.source {
        Source::Id => return Some(SortValue::Text(meta.id.to_owned())),
        Source::LastUpdated => return Some(SortValue::Moment(meta.last_updated.0)),
        _ => {}
    }
    let mut best: Option<SortValue> = None;
    key.parameter.any(resource, &mut |found| {
        if let Some(mut one) = of(key, found, default_offset_minutes) {
            if let SortValue::Text(text) = &mut one
                && let Some((end, _)) = text.char_indices().nth(MOST_LETTERS)
            {
                text.truncate(end);
            }
            let better = match &best {
                None => true,
                Some(best) if key.descending => one > *best,
                Some(best) => one < *best,
            };
            if better {
                best = Some(one);
            }
        }
        false
    });
    best
}

fn of(key: &SortKey, found: Found<'_>, default_offset_minutes: i16) -> Option<SortValue> {
    let text = |value: Value<'_>, name: &str| member(value, name).and_then(|member| member.first()?.as_str().map(|text| text.into_owned()));
    match found.shape() {
        Shape::Date | Shape::Period | Shape::Timing => {
            let (low, high) = covered(found, default_offset_minutes)?;
            // The later end of a period decides where the latest come first.
            Some(SortValue::Moment(if key.descending && high.0 != i64::MAX { high.0 - 1 } else { low.0 }))
        }
        Shape::CodeableConcept => member(found.value, "coding").and_then(|codings| text(codings.first()?, "code")).or_else(|| text(found.value, "text")).map(SortValue::Text),
        Shape::Coding => text(found.value, "code").map(SortValue::Text),
        Shape::Identifier | Shape::ContactPoint => text(found.value, "value").map(SortValue::Text),
        Shape::HumanName => text(found.value, "family").or_else(|| text(found.value, "text")).map(|text| SortValue::Text(fold::fold(&text))),
        Shape::Address => text(found.value, "text").or_else(|| text(found.value, "city")).map(|text| SortValue::Text(fold::fold(&text))),
        Shape::Number | Shape::Quantity | Shape::Money | Shape::Range | Shape::SampledData => rank(found, key.descending).map(order_of).map(SortValue::Number),
        Shape::Reference => text(found.value, "reference").map(SortValue::Text),
        Shape::Boolean => Some(SortValue::Text(found.value.raw().to_owned())),
        _ => found.value.as_str().map(|text| SortValue::Text(fold::fold(&text))),
    }
}

/// A whole number that orders as the number does.
fn order_of(number: f64) -> i64 {
    let bits = number.to_bits().cast_signed();
    if bits < 0 { i64::MIN.wrapping_sub(bits).wrapping_sub(1) } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order() {
        let ascending = [f64::NEG_INFINITY, -1e100, -5.4, -5.3, -1e-30, 0.0, 1e-30, 0.1, 5.3, 5.4, 1e100, f64::INFINITY];
        assert!(ascending.is_sorted_by(|left, right| order_of(*left) < order_of(*right)));
    }
}
