//! What an expression yields: items, in order.

use crate::quantity::Quantity;
use crate::temporal::{Date, DateTime, Time};
use crate::{Node, TypeSpecifier};
use rust_decimal::Decimal;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;

/// One item of a collection.
#[derive(Clone)]
pub enum Item<'d> {
    /// A place in a resource.
    Node(Node<'d>),
    /// `System.Boolean`.
    Boolean(bool),
    /// `System.String`.
    String(Cow<'d, str>),
    /// `System.Integer`: 32 bits; wider results are empty.
    Integer(i64),
    /// `System.Decimal`.
    Decimal(Decimal),
    /// `System.Date`.
    Date(Date),
    /// `System.DateTime`.
    DateTime(DateTime),
    /// `System.Time`.
    Time(Time),
    /// `System.Quantity`.
    Quantity(Quantity),
    /// What `type()` answers.
    Type(TypeSpecifier),
}

impl fmt::Debug for Item<'_> {
    /// Never shows content: an item may be about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::compare::type_name(self))
    }
}

/// Items in order. One item or none is kept without allocating.
#[derive(Clone, Debug, Default)]
pub struct Collection<'d>(SmallVec<[Item<'d>; 1]>);

impl<'d> Collection<'d> {
    /// Nothing.
    pub fn empty() -> Self {
        Collection::default()
    }

    /// One item.
    pub fn one(item: impl Into<Item<'d>>) -> Self {
        let mut items = SmallVec::new();
        items.push(item.into());
        Collection(items)
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: impl Into<Item<'d>>) {
        self.0.push(item.into());
    }

    /// The items.
    pub fn iter(&self) -> std::slice::Iter<'_, Item<'d>> {
        self.0.iter()
    }

    /// The items as a slice.
    pub fn as_slice(&self) -> &[Item<'d>] {
        &self.0
    }

    /// The first item.
    pub fn first(&self) -> Option<&Item<'d>> {
        self.0.first()
    }

    /// The nodes among the items.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'d>> + '_ {
        self.iter().filter_map(|item| match item {
            Item::Node(node) => Some(*node),
            _ => None,
        })
    }

    /// True, false or neither, if it is a single boolean (a `FHIR.boolean` counts).
    pub fn as_boolean(&self) -> Option<bool> {
        match self.as_slice() {
            [Item::Boolean(value)] => Some(*value),
            [Item::Node(node)] => node.value?.as_bool(),
            _ => None,
        }
    }
}

impl<'d> IntoIterator for Collection<'d> {
    type Item = Item<'d>;
    type IntoIter = smallvec::IntoIter<[Item<'d>; 1]>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, 'd> IntoIterator for &'a Collection<'d> {
    type Item = &'a Item<'d>;
    type IntoIter = std::slice::Iter<'a, Item<'d>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'d> FromIterator<Item<'d>> for Collection<'d> {
    fn from_iter<I: IntoIterator<Item = Item<'d>>>(items: I) -> Self {
        Collection(items.into_iter().collect())
    }
}

impl<'d> Extend<Item<'d>> for Collection<'d> {
    fn extend<I: IntoIterator<Item = Item<'d>>>(&mut self, items: I) {
        self.0.extend(items);
    }
}

impl<'d> From<Item<'d>> for Collection<'d> {
    fn from(item: Item<'d>) -> Self {
        Collection::one(item)
    }
}

impl<'d> From<Node<'d>> for Item<'d> {
    fn from(node: Node<'d>) -> Self {
        Item::Node(node)
    }
}

impl From<bool> for Item<'_> {
    fn from(value: bool) -> Self {
        Item::Boolean(value)
    }
}

impl From<i64> for Item<'_> {
    fn from(value: i64) -> Self {
        Item::Integer(value)
    }
}

impl From<Decimal> for Item<'_> {
    fn from(value: Decimal) -> Self {
        Item::Decimal(value)
    }
}

impl From<String> for Item<'_> {
    fn from(value: String) -> Self {
        Item::String(Cow::Owned(value))
    }
}

impl<'d> From<&'d str> for Item<'d> {
    fn from(value: &'d str) -> Self {
        Item::String(Cow::Borrowed(value))
    }
}

impl From<Quantity> for Item<'_> {
    fn from(value: Quantity) -> Self {
        Item::Quantity(value)
    }
}
