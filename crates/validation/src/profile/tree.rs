//! A profile as a tree: what it says of each element it speaks of, and of nothing else.
//!
//! A profile only ever narrows its base, so what it does not name is as the base has it. The tree
//! therefore starts from the base profile's tree, or from nothing where the base is R4's own
//! type, and each element of the differential adds to one node. Snapshots are not needed.

use super::expected::Expected;
use super::read::Unusable;
use fhir::definitions::Strength;
use fhirpath::Expression;
use std::sync::Arc;

/// A StructureDefinition made ready for checking. Cheap to share, never changes.
pub struct Profile {
    /// Canonical address, without version.
    pub url: String,
    /// Its version; empty where none is said.
    pub version: String,
    /// The R4 type it constrains: `Patient`, `Extension`, `Quantity`.
    pub kind: String,
    /// Of an extension: where it may stand.
    pub(super) contexts: Vec<Place>,
    /// What was not understood, each in one sentence; told with every use.
    pub notes: Vec<String>,
    /// The node at 0 is the type itself.
    pub(super) nodes: Vec<Node>,
    /// Whether it could be read at all.
    pub(super) is_usable: bool,
}

/// Where an extension may stand.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Place {
    /// On an element or type: `Patient.birthDate`, `Quantity`, `Element`.
    Element(String),
    /// Inside another extension.
    Extension(String),
    /// On what the expression selects.
    Path(String),
}

/// What a profile says of one element or slice.
#[derive(Clone, Default)]
pub(super) struct Node {
    /// Without `[x]`; of the root the type.
    pub(super) name: String,
    /// Of a slice, its name.
    pub(super) slice: Option<String>,
    pub(super) min: u32,
    /// None is without a bound.
    pub(super) max: Option<u32>,
    pub(super) fixed: Option<Expected>,
    pub(super) pattern: Option<Expected>,
    /// Empty: as the base has it.
    pub(super) types: Vec<TypeRule>,
    pub(super) bindings: Vec<Bound>,
    pub(super) invariants: Vec<Arc<Invariant>>,
    pub(super) max_length: Option<usize>,
    /// The member's name and value: `Integer`, `Date`, `Quantity`…
    pub(super) least: Option<Expected>,
    pub(super) most: Option<Expected>,
    pub(super) slicing: Option<Slicing>,
    /// Numbers of the slices of this element.
    pub(super) slices: Vec<usize>,
    /// Numbers of the nodes below.
    pub(super) children: Vec<usize>,
    /// Of an extension's definition: it changes the meaning of what it stands on.
    pub(super) is_modifier: bool,
}

/// One permitted type.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct TypeRule {
    pub(super) code: String,
    /// One of these must be met by the value.
    pub(super) profiles: Vec<String>,
    /// One of these must be met by what a reference leads to.
    pub(super) targets: Vec<String>,
}

/// A value set bound to an element.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Bound {
    pub(super) strength: Strength,
    pub(super) value_set: String,
    /// The set outside which nothing may be, however loose the binding is.
    pub(super) is_maximum: bool,
}

/// An invariant of a profile.
pub(super) struct Invariant {
    pub(super) key: String,
    pub(super) is_error: bool,
    pub(super) human: String,
    pub(super) expression: Expression,
}

/// How the items of an element are told apart.
#[derive(Clone, Debug)]
pub(super) struct Slicing {
    pub(super) discriminators: Vec<Discriminator>,
    pub(super) rules: Rules,
    pub(super) is_ordered: bool,
}

/// What may stand beside the slices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(super) enum Rules { Open, OpenAtEnd, Closed }

/// One thing that tells slices apart.
#[derive(Clone, Debug)]
pub(super) struct Discriminator {
    pub(super) by: By,
    /// As written: `$this`, `code`, `resolve()`.
    pub(super) path: String,
    pub(super) expression: Expression,
}

/// What is compared at a discriminator's path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(super) enum By { Value, Exists, Type, Profile }

impl Profile {
    /// A definition that is held and cannot be used: whoever asks for it is told why.
    pub fn unusable(url: &str, why: &Unusable) -> Profile {
        Profile { url: url.to_owned(), version: String::new(), kind: "Element".to_owned(), contexts: Vec::new(), notes: vec![format!("It cannot be used. {}", why.0)], nodes: vec![Node::named("Element", None)], is_usable: false }
    }

    /// The node below `parent` of that element.
    pub(super) fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.nodes[parent].children.iter().copied().find(|number| self.nodes[*number].name == name)
    }

    /// The slice of that name.
    pub(super) fn slice(&self, of: usize, name: &str) -> Option<usize> {
        self.nodes[of].slices.iter().copied().find(|number| self.nodes[*number].slice.as_deref() == Some(name))
    }

    /// True if the definition of an extension makes it a modifier.
    pub fn is_modifier(&self) -> bool {
        self.nodes[0].is_modifier
    }
}

impl Node {
    /// Everything permitted.
    pub(super) fn named(name: &str, slice: Option<&str>) -> Node {
        Node { name: name.to_owned(), slice: slice.map(str::to_owned), ..Node::default() }
    }

    /// True if it says something by which a value can be told from others.
    pub(super) fn is_decisive(&self) -> bool {
        self.fixed.is_some() || self.pattern.is_some() || self.bindings.iter().any(|bound| bound.strength == Strength::Required)
    }
}
