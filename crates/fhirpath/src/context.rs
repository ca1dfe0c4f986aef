//! What an expression may ask of the world around it.
//!
//! * The engine has no clock, no net and no store: time, other resources, codes and
//!   constants come from here, and what is absent is reported, not guessed.
//! * [`Limits`] end hostile expressions; every loop of the engine counts against them.

use crate::{Collection, Node};
use std::cell::RefCell;

/// Bounds on one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nested evaluations (functions inside functions).
    pub depth: u32,
    /// Items looked at and operations made, together.
    pub steps: u64,
    /// Items in one collection.
    pub items: usize,
    /// Bytes of one string made by an expression.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 200, steps: 2_000_000, items: 200_000, string_bytes: 1 << 20 }
    }
}

/// Finds what a reference names.
pub trait Resolver<'d> {
    /// The resource that `reference` (`Patient/1`, `urn:uuid:…`, an address) leads to.
    /// Contained resources and entries of the same bundle are found without asking.
    fn resolve(&self, reference: &str) -> Option<fhir::Value<'d>>;
}

/// Answers about codes and profiles; `None` is "not known here", which is an error.
pub trait Terminology {
    /// Whether the code is in the value set.
    fn member_of(&self, code: &Code<'_>, value_set: &str) -> Option<bool>;
    /// Whether `broad` subsumes `narrow`.
    fn subsumes(&self, broad: &Code<'_>, narrow: &Code<'_>) -> Option<bool>;
    /// Whether the node conforms to a profile.
    fn conforms_to(&self, node: &Node<'_>, profile: &str) -> Option<bool>;
}

/// A code as terminology services see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code<'a> {
    /// The code system; none for a bare `code`.
    pub system: Option<std::borrow::Cow<'a, str>>,
    /// Version of the code system.
    pub version: Option<std::borrow::Cow<'a, str>>,
    /// The code.
    pub code: std::borrow::Cow<'a, str>,
}

/// Receives what `trace()` shows.
pub trait Trace {
    /// One call of `trace(name)` with its items.
    fn trace(&self, name: &str, items: &Collection<'_>);
}

impl<F: Fn(&str, &Collection<'_>)> Trace for F {
    fn trace(&self, name: &str, items: &Collection<'_>) {
        self(name, items)
    }
}

/// The surroundings of an evaluation.
#[derive(Clone, Default)]
pub struct Context<'c, 'd> {
    /// `%resource`: the resource that holds the input. When none, the input itself is taken.
    pub resource: Option<Node<'d>>,
    /// `%rootResource`: the outermost resource. When none, `%resource`.
    pub root_resource: Option<Node<'d>>,
    /// Further `%name` constants.
    pub constants: Vec<(String, Collection<'d>)>,
    /// What `now()` answers, a full dateTime such as `2026-01-31T12:00:00.000+07:00`;
    /// `today()` and `timeOfDay()` are parts of it.
    pub now: Option<fhir::PartialDateTime>,
    /// Finds referenced resources elsewhere.
    pub resolver: Option<&'c dyn Resolver<'d>>,
    /// Answers `memberOf`, `subsumes`, `conformsTo`.
    pub terminology: Option<&'c dyn Terminology>,
    /// Where `trace()` goes.
    pub trace: Option<&'c dyn Trace>,
    /// When to give up.
    pub limits: Limits,
}

impl<'c, 'd> Context<'c, 'd> {
    /// An evaluation on one resource, with default limits and nothing else.
    pub fn of(resource: fhir::Value<'d>) -> Context<'c, 'd> {
        let node = Node::resource(resource);
        Context { resource: Some(node), root_resource: Some(node), ..Context::default() }
    }

    /// The same with a constant more.
    pub fn with(mut self, name: &str, items: Collection<'d>) -> Self {
        self.constants.push((name.to_owned(), items));
        self
    }
}

/// A [`Trace`] that keeps `name: count` lines; for tests and the command line.
#[derive(Default)]
pub struct TraceLines(pub RefCell<Vec<String>>);

impl Trace for TraceLines {
    fn trace(&self, name: &str, items: &Collection<'_>) {
        let mut line = format!("{name}:");
        for item in items {
            line.push(' ');
            crate::json::write_item(item, &mut line);
        }
        self.0.borrow_mut().push(line);
    }
}
