//! Equality, equivalence and order of items.
//!
//! * An answer of `None` is "cannot be told", which the language shows as empty.
//! * Elements of primitive types are compared as the system values they stand for.

use crate::error::EvalError;
use crate::model::model;
use crate::numbers::decimals_are_equivalent;
use crate::quantity::{CalendarUnit, Quantity, Unit, parse_decimal};
use crate::temporal::{Date, DateTime, Time};
use crate::{Item, Node};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Nesting of elements that is compared; resources nest at most 100 deep.
const DEEPEST: u32 = 120;

/// The system value an element stands for; other items and complex elements stay.
pub(crate) fn system_value<'d>(item: &Item<'d>) -> Item<'d> {
    match item {
        Item::Node(node) => node_value(node).unwrap_or_else(|| item.clone()),
        _ => item.clone(),
    }
}

/// The system value of a primitive element or of a quantity that has one.
pub(crate) fn node_value<'d>(node: &Node<'d>) -> Option<Item<'d>> {
    let known = &model().known;
    if node.kind.is_a(known.quantity) {
        return quantity_of(node).map(Item::Quantity);
    }
    let value = node.value?;
    if let Some(boolean) = value.as_bool() {
        return Some(Item::Boolean(boolean));
    }
    if let Some(number) = value.as_number() {
        let decimal = parse_decimal(number)?;
        let is_integer = node.kind.is_a(known.integer) || (node.kind != known.decimal && !number.contains(['.', 'e', 'E']));
        let integer = if is_integer { decimal.try_into().ok() } else { None };
        return Some(integer.map_or(Item::Decimal(decimal), Item::Integer));
    }
    let text = value.as_str()?;
    let moment = if node.kind == known.date {
        Date::parse(&text).map(Item::Date)
    } else if node.kind == known.date_time || node.kind == known.instant {
        DateTime::parse(&text).map(Item::DateTime)
    } else if node.kind == known.time {
        Time::parse(&text).map(Item::Time)
    } else {
        None
    };
    Some(moment.unwrap_or(Item::String(text)))
}

/// True for a quantity of which only a bound is known (`< 5`): how it stands to another nobody can tell.
/// <https://hl7.org/fhir/R4/datatypes-definitions.html#Quantity.comparator>
pub(crate) fn is_bound(item: &Item<'_>) -> bool {
    matches!(item, Item::Node(node) if node.kind.is_a(model().known.quantity) && node.value.is_some_and(|value| value.get("comparator").is_some()))
}

/// None for a bound, which is no amount. <https://hl7.org/fhir/R4/fhirpath.html#quantity>
fn quantity_of(node: &Node<'_>) -> Option<Quantity> {
    let value = node.value?;
    if value.get("comparator").is_some() {
        return None;
    }
    let amount = parse_decimal(value.get("value")?.as_number()?)?;
    let is_ucum = value.string("system").as_deref() == Some("http://unitsofmeasure.org");
    // The unit of another system is none of UCUM's, and certainly not the one of bare numbers.
    let foreign = || Some(Cow::Owned(format!("{}|{}", value.string("system").unwrap_or_default(), value.string("code")?)));
    let code = value.string("code").filter(|_| is_ucum).or_else(|| value.string("unit")).or_else(foreign).unwrap_or(Cow::Borrowed("1"));
    let unit = match &*code {
        "a" if is_ucum => Unit::Calendar(CalendarUnit::Year),
        "mo" if is_ucum => Unit::Calendar(CalendarUnit::Month),
        "d" if is_ucum => Unit::Calendar(CalendarUnit::Day),
        "h" if is_ucum => Unit::Calendar(CalendarUnit::Hour),
        "min" if is_ucum => Unit::Calendar(CalendarUnit::Minute),
        "s" if is_ucum => Unit::Calendar(CalendarUnit::Second),
        code => Unit::from_code(code),
    };
    Some(Quantity { value: amount, unit })
}

/// Steps that comparing with this item counts for: an element may have much below it.
pub(crate) fn cost(item: &Item<'_>) -> usize {
    match item {
        Item::Node(node) if !node.is_primitive() => 1 + node.value.map_or(0, |value| value.token_count() / 16),
        _ => 1,
    }
}

/// `left = right`.
pub(crate) fn equal(left: &Item<'_>, right: &Item<'_>, zone: Option<i16>) -> Option<bool> {
    equal_within(left, right, zone, 0)
}

fn equal_within(left: &Item<'_>, right: &Item<'_>, zone: Option<i16>, depth: u32) -> Option<bool> {
    if let (Item::Node(left), Item::Node(right)) = (left, right)
        && left == right
    {
        return Some(true);
    }
    let both_bounds = is_bound(left) && is_bound(right);
    match (&system_value(left), &system_value(right)) {
        // What is written differently may still be the same bound in another unit.
        (Item::Node(left), Item::Node(right)) if both_bounds => nodes_match(left, right, depth, &mut |left, right, depth| equal_within(left, right, zone, depth).unwrap_or(false)).then_some(true),
        (Item::Node(left), Item::Node(right)) => Some(nodes_match(left, right, depth, &mut |left, right, depth| equal_within(left, right, zone, depth).unwrap_or(false))),
        (Item::Boolean(left), Item::Boolean(right)) => Some(left == right),
        (Item::String(left), Item::String(right)) => Some(left == right),
        (Item::Type(left), Item::Type(right)) => Some(left == right),
        (left, right) => match order(left, right, zone) {
            Ok(ordering) => ordering.map(Ordering::is_eq),
            Err(_) => Some(false),
        },
    }
}

/// `left ~ right`.
pub(crate) fn equivalent(left: &Item<'_>, right: &Item<'_>, zone: Option<i16>) -> bool {
    equivalent_within(left, right, zone, 0)
}

fn equivalent_within(left: &Item<'_>, right: &Item<'_>, zone: Option<i16>, depth: u32) -> bool {
    match (&system_value(left), &system_value(right)) {
        (Item::Node(left), Item::Node(right)) => nodes_match(left, right, depth, &mut |left, right, depth| equivalent_within(left, right, zone, depth)),
        (Item::String(left), Item::String(right)) => left == right || plain(left) == plain(right),
        (Item::Decimal(left), Item::Decimal(right)) => decimals_are_equivalent(*left, *right),
        (Item::Decimal(decimal), Item::Integer(integer)) | (Item::Integer(integer), Item::Decimal(decimal)) => decimals_are_equivalent(*decimal, Decimal::from(*integer)),
        (Item::Quantity(left), Item::Quantity(right)) => left.is_equivalent(right),
        (left, right) => {
            let precision = |item: &Item<'_>| match item {
                Item::Date(date) => date.precision(),
                Item::DateTime(moment) => moment.precision().min(14),
                Item::Time(time) => time.precision().min(6),
                _ => 0,
            };
            precision(left) == precision(right) && equal_within(left, right, zone, depth) == Some(true)
        }
    }
}

/// Lower case, white space as single blanks.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// Whether two complex elements have the same children, by name and in order.
fn nodes_match(left: &Node<'_>, right: &Node<'_>, depth: u32, same: &mut dyn FnMut(&Item<'_>, &Item<'_>, u32) -> bool) -> bool {
    if depth >= DEEPEST || left.is_resource() != right.is_resource() {
        return false;
    }
    let (left, right) = (sorted_children(left), sorted_children(right));
    left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| left.0 == right.0 && same(&Item::Node(left.1), &Item::Node(right.1), depth + 1))
}

fn sorted_children<'d>(node: &Node<'d>) -> Vec<(&'d str, Node<'d>)> {
    let mut children = Vec::new();
    node.for_each_child(&mut |name, child| children.push((name, child)));
    children.sort_by_key(|(name, _)| *name);
    children
}

/// How one item stands to another; none where precision or units do not tell.
pub(crate) fn order(left: &Item<'_>, right: &Item<'_>, zone: Option<i16>) -> Result<Option<Ordering>, EvalError> {
    if is_bound(left) || is_bound(right) {
        return Ok(None);
    }
    Ok(match (&system_value(left), &system_value(right)) {
        (Item::Integer(left), Item::Integer(right)) => Some(left.cmp(right)),
        (Item::Decimal(left), Item::Decimal(right)) => Some(left.cmp(right)),
        (Item::Integer(left), Item::Decimal(right)) => Some(Decimal::from(*left).cmp(right)),
        (Item::Decimal(left), Item::Integer(right)) => Some(left.cmp(&Decimal::from(*right))),
        (Item::String(left), Item::String(right)) => Some(left.cmp(right)),
        (Item::Quantity(left), Item::Quantity(right)) => left.compare(right),
        (Item::Quantity(left), Item::Integer(right)) => left.compare(&Quantity::number(Decimal::from(*right))),
        (Item::Quantity(left), Item::Decimal(right)) => left.compare(&Quantity::number(*right)),
        (Item::Integer(left), Item::Quantity(right)) => Quantity::number(Decimal::from(*left)).compare(right),
        (Item::Decimal(left), Item::Quantity(right)) => Quantity::number(*left).compare(right),
        (Item::Time(left), Item::Time(right)) => left.compare(right),
        (left, right) => match (as_moment(left), as_moment(right)) {
            (Some(left), Some(right)) => left.compare(&right, zone),
            _ => return Err(EvalError::WrongType { what: "comparison", found: format!("{} and {}", type_name(left), type_name(right)) }),
        },
    })
}

fn as_moment(item: &Item<'_>) -> Option<DateTime> {
    match item {
        Item::Date(date) => Some(DateTime { date: *date, time: None, offset_minutes: None }),
        Item::DateTime(moment) => Some(*moment),
        _ => None,
    }
}

/// The name of an item's type, for messages.
pub(crate) fn type_name(item: &Item<'_>) -> &'static str {
    match item {
        Item::Node(node) => node.type_name(),
        Item::Boolean(_) => "Boolean",
        Item::String(_) => "String",
        Item::Integer(_) => "Integer",
        Item::Decimal(_) => "Decimal",
        Item::Date(_) => "Date",
        Item::DateTime(_) => "DateTime",
        Item::Time(_) => "Time",
        Item::Quantity(_) => "Quantity",
        Item::Type(_) => "TypeInfo",
    }
}
