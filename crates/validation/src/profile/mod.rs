//! Profiles: what a guide asks of a resource beyond R4 itself.
//!
//! ```text
//! StructureDefinition ──read──▶ Profile (a tree of what it narrows)
//!                                  │
//! resource ──▶ Survey ─────────────┴──▶ issues
//!              every element: bindings, extensions, claims
//!              every claim:   the profile's tree, its slices, what its references lead to
//! ```
//!
//! * What a profile asks and cannot be looked at (a set, a profile that is not held) is told.
//! * Work is bounded: profiles refer to profiles, and resources to resources.
//! * Messages name what the profile says, never what the resource says.

mod bounds;
mod code;
mod context;
mod expected;
mod read;
mod rules;
mod shape;
pub mod shipped;
mod slices;
mod survey;
mod targets;
mod tree;

pub use read::Unusable;
pub use tree::Profile;

use fhir::{Issue, Value};
use std::sync::Arc;
use terminology::Codes;

/// Finds profiles. A stored one counts before one that ships with Carnet.
pub trait Profiles {
    /// The profile of a canonical address, `url` or `url|version`.
    fn profile(&self, address: &str) -> Option<Arc<Profile>>;
}

/// What a site knows beside R4.
#[derive(Clone, Copy)]
pub struct Site<'s> {
    /// Its profiles and extension definitions.
    pub profiles: &'s dyn Profiles,
    /// Its codes.
    pub codes: &'s dyn Codes,
}

/// What to hold a resource against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Profiles the resource must meet, whatever it claims.
    pub profiles: &'a [&'a str],
    /// Only what it claims and what is asked: no codes and extensions beyond them.
    pub only_profiles: bool,
}

/// What is wrong with a resource by the profiles asked for, the profiles it claims, the codes and
/// the extensions the site knows. The rules of R4 itself are for [`crate::validate`].
pub fn survey(resource: Value<'_>, asked: &Asked<'_>, site: Site<'_>) -> Vec<Issue> {
    survey::Survey::of(resource, site).all(asked)
}

/// Whether a resource or an element meets a profile; none where that cannot be told because the
/// profile is not held.
pub fn meets(node: fhirpath::Node<'_>, profile: &str, site: Site<'_>) -> Option<bool> {
    let value = node.value?;
    survey::Survey::of(value, site).meets(node, profile, survey::Around::of(value))
}

/// The profiles that ship with Carnet, and no others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shipped;

impl Profiles for Shipped {
    fn profile(&self, address: &str) -> Option<Arc<Profile>> {
        shipped::profile(address)
    }
}

/// Whether a resource, or one inside it, claims a profile; costs next to nothing where none does.
pub fn claims_any(resource: Value<'_>) -> bool {
    let inside = |resource: Value<'_>| resource.get("meta").is_some_and(|meta| meta.get("profile").is_some());
    let contained = || resource.get("contained").into_iter().flat_map(|all| all.items());
    let entries = || resource.get("entry").into_iter().flat_map(|all| all.items()).filter_map(|entry| entry.get("resource"));
    inside(resource) || contained().any(inside) || entries().any(claims_any)
}
