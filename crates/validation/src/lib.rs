//! Whether a resource is well formed: what is wrong with it, where, and how to mend it.
//!
//! [`validate`] gives issues, not errors: what to do with a flawed resource is for others to say.
//!
//! * A well-formed resource gives no issue and costs next to no allocation.
//! * An issue names a place and a remedy, never a value.
//! * What the definitions do not know for sure is no issue.
//! * The same resource and options always give the same issues in the same order.
//! * Nothing here knows who is asking, a clock, a store, or whether a reference's target exists.

#![forbid(unsafe_code)]

mod binding;
mod findings;
mod logic;
mod narrative;
mod native;
mod place;
pub mod primitive;
pub mod profile;
mod reference;
mod rules;
mod schema;
mod scope;
mod simple_quantity;
mod walk;
mod words;

pub use findings::MOST_ISSUES;

use fhir::{Issue, ResourceType, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// What a caller wants looked at.
#[derive(Clone, Debug)]
pub struct Options {
    /// References by search (`Patient?identifier=…`) are permitted: true inside a transaction or batch.
    pub conditional_references: bool,
    /// The published invariants are evaluated; structure is checked in any case.
    pub invariants: bool,
    /// Invariants that R4 marks as best practice (dom-6: a resource should have a narrative) give warnings.
    pub best_practice: bool,
    /// What the resource is sent along with, by the `fullUrl` that its references use, and of which type each is:
    /// a reference to one is held to the types that may stand there.
    /// <https://hl7.org/fhir/R4/bundle.html#references>
    pub sent_along: Option<Arc<HashMap<String, ResourceType>>>,
}

impl Default for Options {
    fn default() -> Options {
        Options { conditional_references: false, invariants: true, best_practice: false, sent_along: None }
    }
}

/// What is wrong with an R4 resource; empty if nothing is. At most [`MOST_ISSUES`] issues and a
/// last one that counts the rest.
pub fn validate(resource: Value<'_>, options: &Options) -> Vec<Issue> {
    let name = resource.string("resourceType");
    let name = name.as_deref().filter(|name| place::is_showable(name)).unwrap_or("Resource");
    let root = place::Place::root(name);
    let mut walk = walk::Walk { schema: schema::Schema::r4(), options, findings: findings::Findings::default(), scope: scope::Scope::of(resource), bundle: None };
    walk.root_resource(resource, &root);
    walk.findings.finish(name)
}
