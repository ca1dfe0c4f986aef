//! The R4 types as the engine walks them: by name, by JSON member, by ancestry.
//!
//! * Built once per process from the definitions table.
//! * A [`TypeId`] is a small number; two nodes have the same type exactly when it is equal.
//! * A resource type that R4 does not define has [`TypeId::UNKNOWN`], and so have its
//!   elements: they are walked by their JSON names.

use fhir::definitions::{self, Kind};
use std::collections::HashMap;
use std::sync::OnceLock;

/// One type of the model.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct TypeId(u16);

impl TypeId {
    /// What R4 does not define.
    pub const UNKNOWN: TypeId = TypeId(0);

    /// The type of that name: `Patient`, `HumanName`, `string`, `Patient.contact`.
    pub fn named(name: &str) -> Option<TypeId> {
        model().by_name.get(name).copied()
    }

    /// Its name; empty for [`TypeId::UNKNOWN`].
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// True for `string`, `date`, `code`…
    pub fn is_primitive(self) -> bool {
        self.row().kind == Kind::Primitive
    }

    /// True for `Patient`, `Observation`…
    pub fn is_resource(self) -> bool {
        self.row().kind == Kind::Resource
    }

    /// True for `other` itself and for what descends from it.
    pub fn is_a(self, other: TypeId) -> bool {
        let mut at = Some(self);
        while let Some(kind) = at {
            if kind == other {
                return true;
            }
            at = kind.row().base;
        }
        false
    }

    pub(crate) fn number(self) -> u16 {
        self.0
    }

    pub(crate) fn row(self) -> &'static TypeRow {
        &model().types[self.0 as usize]
    }
}

pub(crate) struct TypeRow {
    pub name: &'static str,
    pub kind: Kind,
    pub base: Option<TypeId>,
    /// Sorted by name.
    pub children: Vec<Child>,
    /// Where each JSON member leads, sorted by member name; without the `_` siblings.
    members: Vec<(Box<str>, u16, TypeId)>,
}

/// One element of a type.
pub(crate) struct Child {
    pub name: &'static str,
    pub is_choice: bool,
    /// JSON member and type: one entry, or one for each type of a choice.
    pub members: Vec<Member>,
}

pub(crate) struct Member {
    /// `birthDate`, `valueQuantity`.
    pub json: &'static str,
    /// `_birthDate` for primitives.
    pub sibling: Option<&'static str>,
    pub kind: TypeId,
}

impl TypeRow {
    /// The element of that name.
    pub fn child(&self, name: &str) -> Option<&Child> {
        self.children.binary_search_by(|child| child.name.cmp(name)).ok().map(|at| &self.children[at])
    }

    /// The element and type a JSON member stands for; the name without a leading `_`.
    pub fn member(&self, json: &str) -> Option<(&Child, TypeId)> {
        let at = self.members.binary_search_by(|(name, ..)| (**name).cmp(json)).ok()?;
        let (_, child, kind) = &self.members[at];
        Some((&self.children[*child as usize], *kind))
    }
}

pub(crate) struct Model {
    types: Vec<TypeRow>,
    by_name: HashMap<&'static str, TypeId>,
    /// Types the engine itself mentions.
    pub known: Known,
}

/// Types the engine itself mentions.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub(crate) struct Known {
    pub integer: TypeId,
    pub decimal: TypeId,
    pub date: TypeId,
    pub date_time: TypeId,
    pub instant: TypeId,
    pub time: TypeId,
    pub quantity: TypeId,
    pub element: TypeId,
    pub resource: TypeId,
    pub reference: TypeId,
    pub bundle: TypeId,
}

pub(crate) fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| build(fhir::r4()))
}

fn build(table: &'static definitions::Definitions) -> Model {
    let mut types = vec![TypeRow { name: "", kind: Kind::Complex, base: None, children: Vec::new(), members: Vec::new() }];
    let mut by_name = HashMap::new();
    for (number, published) in table.types.iter().enumerate() {
        by_name.insert(published.name, TypeId(number as u16 + 1));
    }
    let find = |code: &str| by_name.get(code).copied().unwrap_or(TypeId::UNKNOWN);
    let is_primitive = |kind: TypeId| kind != TypeId::UNKNOWN && table.types[kind.0 as usize - 1].kind == Kind::Primitive;
    for published in &table.types {
        types.push(row(published, &find, &is_primitive));
    }
    let known = Known {
        integer: find("integer"),
        decimal: find("decimal"),
        date: find("date"),
        date_time: find("dateTime"),
        instant: find("instant"),
        time: find("time"),
        quantity: find("Quantity"),
        element: find("Element"),
        resource: find("Resource"),
        reference: find("Reference"),
        bundle: find("Bundle"),
    };
    Model { types, by_name, known }
}

fn row(published: &'static definitions::Type, find: &dyn Fn(&str) -> TypeId, is_primitive: &dyn Fn(TypeId) -> bool) -> TypeRow {
    let mut children: Vec<Child> = Vec::new();
    for element in &published.elements {
        let mut members = Vec::new();
        for permitted in &element.types {
            // The published table calls the id of a resource a string; its page and the tests say id.
            let is_resource_id = published.kind == Kind::Resource && element.name == "id";
            let kind = find(if is_resource_id { "id" } else { permitted.code });
            let json: &'static str = if element.is_choice { choice_name(element.name, permitted.code) } else { element.name };
            let sibling = is_primitive(kind).then(|| leak(format!("_{json}")));
            members.push(Member { json, sibling, kind });
        }
        children.push(Child { name: element.name, is_choice: element.is_choice, members });
    }
    children.sort_by_key(|child| child.name);
    let mut members: Vec<(Box<str>, u16, TypeId)> = Vec::new();
    for (number, child) in children.iter().enumerate() {
        members.extend(child.members.iter().map(|member| (member.json.into(), number as u16, member.kind)));
    }
    members.sort_by(|left, right| left.0.cmp(&right.0));
    TypeRow { name: published.name, kind: published.kind, base: published.base.map(find).filter(|base| *base != TypeId::UNKNOWN), children, members }
}

/// `value` and `Quantity` make `valueQuantity`; `value` and `boolean` make `valueBoolean`.
fn choice_name(element: &str, code: &str) -> &'static str {
    let mut letters = code.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    leak(element.chars().chain(first).chain(letters).collect())
}

/// The model lives as long as the process; its few thousand made-up names do too.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
