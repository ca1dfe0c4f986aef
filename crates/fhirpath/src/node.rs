//! A place in a resource: its JSON value, its FHIR type, and for primitives the sibling
//! object (`_birthDate`) that carries their id and extensions.
//!
//! * A node is copied, never owned: it points into the document it came from.
//! * A primitive may have a sibling and no value; it then exists but has no value.
//! * Children come in the order of the document.

use crate::model::{Child, TypeId, model};
use fhir::{Kind, Value};
use std::borrow::Cow;

/// A place in a resource.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    /// The JSON value; none for a primitive of which only the sibling was sent.
    pub value: Option<Value<'d>>,
    /// For primitives: the object with `id` and `extension`.
    pub sibling: Option<Value<'d>>,
    /// The FHIR type.
    pub kind: TypeId,
}

impl PartialEq for Node<'_> {
    /// The same place, not the same content.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.sibling == other.sibling
    }
}

impl<'d> Node<'d> {
    /// The node of a resource, its type taken from `resourceType`.
    pub fn resource(value: Value<'d>) -> Node<'d> {
        let kind = value.string("resourceType").and_then(|name| TypeId::named(&name));
        Node { value: Some(value), sibling: None, kind: kind.unwrap_or(TypeId::UNKNOWN) }
    }

    /// The node of an element of a known type.
    pub fn element(value: Value<'d>, type_name: &str) -> Node<'d> {
        Node { value: Some(value), sibling: None, kind: TypeId::named(type_name).unwrap_or(TypeId::UNKNOWN) }
    }

    /// `Patient`, `HumanName`, `string`, `Patient.contact`.
    pub fn type_name(&self) -> &'static str {
        self.kind.name()
    }

    /// The decoded text of a primitive: a string, a number's text, `true` or `false`.
    pub fn text(&self) -> Option<Cow<'d, str>> {
        let value = self.value?;
        match value.kind() {
            Kind::String => value.as_str(),
            Kind::Number | Kind::Bool => Some(Cow::Borrowed(value.raw())),
            _ => None,
        }
    }

    /// True if it is a primitive that has a value.
    pub fn has_value(&self) -> bool {
        self.value.is_some_and(|value| matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool))
    }

    /// True if the type is primitive, or unknown and the value is a scalar.
    pub fn is_primitive(&self) -> bool {
        self.kind.is_primitive() || (self.kind == TypeId::UNKNOWN && self.has_value())
    }

    /// The nodes of one element, choices included: `value` finds `valueQuantity`.
    pub fn for_each_member(&self, name: &str, found: &mut dyn FnMut(Node<'d>)) {
        self.each_member(name, &|kind| kind.row().child(name), found);
    }

    /// The same, asking `child_of` for the element of that name in a type.
    pub(crate) fn each_member(&self, name: &str, child_of: &dyn Fn(TypeId) -> Option<&'static Child>, found: &mut dyn FnMut(Node<'d>)) {
        if self.kind.is_primitive() {
            let Some(sibling) = self.sibling else { return };
            let element = Node { value: Some(sibling), sibling: None, kind: model().known.element };
            return element.each_member(name, child_of, found);
        }
        let Some(value) = self.value else { return };
        if self.kind == TypeId::UNKNOWN {
            return self.for_each_unknown(value, name, found);
        }
        if let Some(child) = child_of(self.kind) {
            each_of_child(value, child, found);
        }
    }

    /// In a type that R4 does not define, names are what JSON says.
    fn for_each_unknown(&self, value: Value<'d>, name: &str, found: &mut dyn FnMut(Node<'d>)) {
        if name == "resourceType" {
            return;
        }
        let sibling_name = format!("_{name}");
        let (plain, sibling) = (value.get(name), value.get(&sibling_name));
        each_pair(plain, sibling, TypeId::UNKNOWN, found);
    }

    /// All child nodes in the order of the document.
    pub fn for_each_child(&self, found: &mut dyn FnMut(&'d str, Node<'d>)) {
        if self.kind.is_primitive() {
            if let Some(sibling) = self.sibling {
                Node { value: Some(sibling), sibling: None, kind: model().known.element }.for_each_child(found);
            }
            return;
        }
        let Some(value) = self.value else { return };
        let row = self.kind.row();
        let is_known = self.kind != TypeId::UNKNOWN;
        let has_siblings = has_siblings(value);
        let mut members = value.members();
        while let Some((key, member)) = members.next_with_key() {
            let raw = key.raw();
            let name = &raw[1..raw.len() - 1];
            if let Some(plain_name) = name.strip_prefix('_') {
                // Reported with its value, unless it stands alone.
                if value.get(plain_name).is_none() {
                    let kind = row.member(plain_name).map_or(TypeId::UNKNOWN, |(_, kind)| kind);
                    each_pair(None, Some(member), kind, &mut |node| found(plain_name, node));
                }
                continue;
            }
            let kind = match row.member(name) {
                Some((_, kind)) => kind,
                // What a known type does not have, `resourceType` among it, is no element.
                None if is_known || name == "resourceType" => continue,
                None => TypeId::UNKNOWN,
            };
            let sibling = if has_siblings && (kind.is_primitive() || !is_known) { sibling_of(value, name) } else { None };
            each_pair(Some(member), sibling, kind, &mut |node| found(name, node));
        }
    }

    /// The resource this node is, or the nearest that would hold it, cannot be told from a
    /// node alone; this only says whether it is one.
    pub fn is_resource(&self) -> bool {
        self.kind.is_resource() || (self.kind == TypeId::UNKNOWN && self.value.is_some_and(|value| value.get("resourceType").is_some()))
    }
}

/// Whether any member is a sibling of a primitive.
fn has_siblings(object: Value<'_>) -> bool {
    let mut members = object.members();
    while let Some((key, _)) = members.next_with_key() {
        if key.raw().as_bytes().get(1) == Some(&b'_') {
            return true;
        }
    }
    false
}

/// The `_name` member beside `name`.
fn sibling_of<'d>(object: Value<'d>, name: &str) -> Option<Value<'d>> {
    let mut members = object.members();
    while let Some((key, member)) = members.next_with_key() {
        let raw = key.raw();
        if raw.as_bytes().get(1) == Some(&b'_') && &raw[2..raw.len() - 1] == name {
            return Some(member);
        }
    }
    None
}

/// The nodes of one element in an object.
pub(crate) fn each_of_child<'d>(object: Value<'d>, child: &Child, found: &mut dyn FnMut(Node<'d>)) {
    let (mut plain, mut sibling, mut kind) = (None, None, TypeId::UNKNOWN);
    let mut members = object.members();
    while let Some((key, member)) = members.next_with_key() {
        let raw = key.raw();
        let name = &raw.as_bytes()[1..raw.len() - 1];
        if child.is_choice {
            let bare = name.strip_prefix(b"_").unwrap_or(name);
            if bare.len() <= child.name.len() || !bare.starts_with(child.name.as_bytes()) {
                continue;
            }
            let Some(permitted) = child.members.iter().find(|permitted| permitted.json.as_bytes() == bare) else { continue };
            kind = permitted.kind;
            if bare.len() == name.len() { plain = Some(member) } else { sibling = Some(member) }
        } else {
            let Some(only) = child.members.first() else { return };
            kind = only.kind;
            // Most names differ in length or first letter; that is seen without a call.
            if name.len() == only.json.len() && name.first() == only.json.as_bytes().first() && name == only.json.as_bytes() {
                plain = Some(member);
                if only.sibling.is_none() {
                    break;
                }
            } else if only.sibling.is_some_and(|sibling| sibling.as_bytes() == name) {
                sibling = Some(member);
            }
        }
    }
    each_pair(plain, sibling, kind, found);
}

/// Pairs the items of `name` with those of `_name`.
pub(crate) fn each_pair<'d>(plain: Option<Value<'d>>, sibling: Option<Value<'d>>, kind: TypeId, found: &mut dyn FnMut(Node<'d>)) {
    match (plain, sibling) {
        (None, None) => {}
        (Some(plain), None) => plain.each().for_each(|value| give(Some(value), None, kind, found)),
        (plain, Some(sibling)) => {
            let (mut values, mut siblings) = (plain.map(|plain| plain.each()), sibling.each());
            loop {
                let value = values.as_mut().and_then(Iterator::next);
                let sibling = siblings.next();
                if value.is_none() && sibling.is_none() {
                    return;
                }
                give(value, sibling, kind, found);
            }
        }
    }
}

fn give<'d>(value: Option<Value<'d>>, sibling: Option<Value<'d>>, kind: TypeId, found: &mut dyn FnMut(Node<'d>)) {
    let value = value.filter(|value| !value.is_null());
    let sibling = sibling.filter(|sibling| !sibling.is_null());
    if value.is_none() && sibling.is_none() {
        return;
    }
    // An element that may be any resource says itself which one it is.
    let is_open = kind == model().known.resource || (kind == TypeId::UNKNOWN && value.is_some_and(|value| value.get("resourceType").is_some()));
    if let (true, Some(value)) = (is_open, value) {
        return found(Node::resource(value));
    }
    found(Node { value, sibling, kind })
}
