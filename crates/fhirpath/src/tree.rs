//! A JSON value being changed, of which only the changed parts are taken apart.
//!
//! * What is not touched stays a [`Value`] and is written with its own tokens.
//! * Members keep their order; a new one comes last.

use fhir::{Kind, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// A value, kept or taken apart.
#[derive(Clone)]
pub(crate) enum Tree<'d> {
    Kept(Value<'d>),
    /// Keys as JSON strings, quotes included.
    Object(Vec<(Cow<'d, str>, Tree<'d>)>),
    Array(Vec<Tree<'d>>),
    /// JSON text made elsewhere.
    Text(Cow<'d, str>),
}

impl<'d> Tree<'d> {
    /// Appends it as JSON without white space.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Tree::Kept(value) => value.write_compact(out),
            Tree::Text(text) => out.push_str(text),
            Tree::Object(members) => {
                out.push('{');
                for (number, (key, member)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    out.push_str(key);
                    out.push(':');
                    member.write(out);
                }
                out.push('}');
            }
            Tree::Array(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
        }
    }

    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Takes one level apart, if it is an object or an array.
    fn open(&mut self) {
        let Tree::Kept(value) = self else { return };
        match value.kind() {
            Kind::Object => {
                let mut members = Vec::new();
                let mut each = value.members();
                while let Some((key, member)) = each.next_with_key() {
                    members.push((Cow::Borrowed(key.raw()), Tree::Kept(member)));
                }
                *self = Tree::Object(members);
            }
            Kind::Array => *self = Tree::Array(value.items().map(Tree::Kept).collect()),
            _ => {}
        }
    }

    /// The members, if it is an object.
    pub(crate) fn members(&mut self) -> Option<&mut Vec<(Cow<'d, str>, Tree<'d>)>> {
        self.open();
        match self {
            Tree::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub(crate) fn items(&mut self) -> Option<&mut Vec<Tree<'d>>> {
        self.open();
        match self {
            Tree::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The member of a decoded name.
    pub(crate) fn member(&mut self, name: &str) -> Option<&mut Tree<'d>> {
        self.members()?.iter_mut().find(|(key, _)| decoded(key) == name).map(|(_, member)| member)
    }

    /// Sets a member, in its place if it is there, else last.
    pub(crate) fn set(&mut self, name: &str, value: Tree<'d>) {
        if let Some(member) = self.member(name) {
            *member = value;
        } else if let Some(members) = self.members() {
            members.push((Cow::Owned(quoted(name)), value));
        }
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Tree<'d>> {
        let members = self.members()?;
        let at = members.iter().position(|(key, _)| decoded(key) == name)?;
        Some(members.remove(at).1)
    }

    /// True for JSON's null.
    pub(crate) fn is_null(&self) -> bool {
        match self {
            Tree::Kept(value) => value.is_null(),
            Tree::Text(text) => text == "null",
            _ => false,
        }
    }

    /// Equal as JSON: numbers by value, objects in any order.
    pub(crate) fn is_same(&self, other: Value<'_>) -> bool {
        match self {
            Tree::Kept(value) => same_json(*value, other),
            Tree::Text(text) => fhir::Document::read(text).is_ok_and(|document| same_json(document.root(), other)),
            Tree::Object(members) => other.kind() == Kind::Object && {
                let others = Members::of(other);
                members.len() == others.len() && members.iter().all(|(key, member)| others.get(&decoded(key)).is_some_and(|other| member.is_same(other)))
            },
            Tree::Array(items) => other.kind() == Kind::Array && items.len() == other.items().count() && items.iter().zip(other.items()).all(|(item, other)| item.is_same(other)),
        }
    }

    pub(crate) fn null() -> Tree<'d> {
        Tree::Text(Cow::Borrowed("null"))
    }

    /// Bytes it would be written with, about.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Tree::Kept(value) => value.span().len(),
            Tree::Text(text) => text.len(),
            Tree::Object(members) => members.iter().map(|(key, member)| key.len() + 2 + member.size_bytes()).sum::<usize>() + 2,
            Tree::Array(items) => items.iter().map(|item| item.size_bytes() + 1).sum::<usize>() + 2,
        }
    }
}

/// A JSON string's text.
pub(crate) fn decoded<'k>(key: &'k str) -> Cow<'k, str> {
    let inner = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    match fhir::Document::read(key) {
        Ok(document) => Cow::Owned(document.root().as_str().unwrap_or_default().into_owned()),
        Err(_) => Cow::Borrowed(inner),
    }
}

/// Text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::new();
    fhir::splice::write_string(text, &mut out);
    out
}

/// The members of an object by name.
struct Members<'d>(HashMap<Cow<'d, str>, Value<'d>>);

impl<'d> Members<'d> {
    fn of(object: Value<'d>) -> Members<'d> {
        Members(object.members().collect())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, name: &str) -> Option<Value<'d>> {
        self.0.get(name).copied()
    }
}

fn same_json(left: Value<'_>, right: Value<'_>) -> bool {
    match (left.kind(), right.kind()) {
        (Kind::Object, Kind::Object) => {
            let others = Members::of(right);
            left.members().count() == others.len() && left.members().all(|(name, member)| others.get(&name).is_some_and(|other| same_json(member, other)))
        }
        (Kind::Array, Kind::Array) => left.items().count() == right.items().count() && left.items().zip(right.items()).all(|(left, right)| same_json(left, right)),
        (Kind::Number, Kind::Number) => same_number(left.raw(), right.raw()),
        (Kind::String, Kind::String) => left.as_str() == right.as_str(),
        (left_kind, right_kind) => left_kind == right_kind && left.raw() == right.raw(),
    }
}

/// Digits without leading and trailing zeros and the power of ten of the last, with a sign.
fn same_number(left: &str, right: &str) -> bool {
    left == right || plain_number(left) == plain_number(right)
}

fn plain_number(text: &str) -> (bool, String, i64) {
    let (text, exponent) = text.split_once(['e', 'E']).map_or((text, 0), |(text, exponent)| (text, exponent.parse().unwrap_or(i64::MAX / 2)));
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() {
        return (false, String::new(), 0);
    }
    let power = i64::saturating_add(exponent, (digits.len() - trimmed.len()) as i64 - fraction.len() as i64);
    (negative, trimmed.to_owned(), power)
}
