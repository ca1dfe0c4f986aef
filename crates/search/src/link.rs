//! Conditions that look beyond the resource itself: chains, `_has`, lists, compartments.
//!
//! * A link holds a whole query about the resource at its other end, so links nest.
//! * What lies at the other end is asked of a [`World`], which knows what the caller may see:
//!   what is hidden is not there.
//! * A chain follows references to resources of their own; it does not enter contained ones, which
//!   are found through what contains them only.
//! * Nothing here knows how the other end is found.
//!
//! <https://hl7.org/fhir/R4/search.html#chaining>

use crate::matcher::reference_text;
use crate::parameter::Parameter;
use crate::path::Shape;
use crate::query::Query;
use crate::Meta;
use fhir::{Reference, ResourceType, Value};
use std::fmt;
use std::sync::Arc;

/// How deep links may nest: `a.b.c.d.e.f.name` is the longest chain.
pub const MOST_LINKS: usize = 6;

/// A condition that looks beyond the resource.
#[derive(Clone)]
pub struct Link {
    /// What it asks.
    pub what: What,
    /// Name and value as received, for the self link.
    pub(crate) text: (String, String),
}

/// The kinds of links.
#[derive(Clone)]
pub enum What {
    /// `patient.name=…`: a resource it refers to answers one of the queries.
    Chain {
        /// Through which reference.
        parameter: &'static Parameter,
        /// One query for each type the reference may lead to.
        inner: Vec<Arc<Query>>,
    },
    /// `_has:Observation:patient:code=…`: a resource that refers to it answers a query.
    Has {
        /// Through which reference of the query's type.
        parameter: &'static Parameter,
        /// What that resource answers.
        inner: Arc<Query>,
    },
    /// `_list=23`: one of these lists names it.
    Listed(Vec<String>),
    /// It belongs to the compartment of a resource.
    /// <https://hl7.org/fhir/R4/compartmentdefinition.html>
    Compartment {
        /// The type whose compartment it is.
        kind: ResourceType,
        /// The id.
        id: String,
        /// The references of which one must lead there.
        parameters: Vec<&'static Parameter>,
    },
}

impl fmt::Debug for Link {
    /// Never shows a value: it may identify a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Chain { parameter, inner } => write!(f, "{} leads to {inner:?}", parameter.code()),
            What::Has { parameter, inner } => write!(f, "named by {} of {inner:?}", parameter.code()),
            What::Listed(lists) => write!(f, "in one of {} lists", lists.len()),
            What::Compartment { kind, .. } => write!(f, "in the compartment of a {kind}"),
        }
    }
}

/// What a matcher asks about other resources, as the caller may see them.
pub trait World {
    /// Whether the resource of the query's type with that id answers the query. The same query
    /// lies at the same address for as long as the one that links to it lives.
    fn answers(&self, query: &Query, id: &str) -> bool;

    /// Whether some resource answers the query and refers through the parameter to this one.
    fn is_named_by(&self, query: &Query, parameter: &'static Parameter, kind: ResourceType, id: &str) -> bool;

    /// Whether the List of that id names the resource.
    fn is_listed(&self, list: &str, kind: ResourceType, id: &str) -> bool;
}

/// Nothing but the resource at hand.
#[derive(Clone, Copy, Debug)]
pub struct NoWorld;

impl World for NoWorld {
    fn answers(&self, _: &Query, _: &str) -> bool {
        false
    }

    fn is_named_by(&self, _: &Query, _: &'static Parameter, _: ResourceType, _: &str) -> bool {
        false
    }

    fn is_listed(&self, _: &str, _: ResourceType, _: &str) -> bool {
        false
    }
}

impl Link {
    /// Whether a resource of that type meets the condition.
    pub(crate) fn is_met(&self, kind: ResourceType, resource: Value<'_>, meta: Meta<'_>, base_url: &str, world: &dyn World) -> bool {
        match &self.what {
            What::Chain { parameter, inner } => leads(parameter, resource, &mut |text| {
                let target = Reference::within(text, base_url);
                target.local().is_some_and(|(target, id)| inner.iter().any(|query| query.resource_type == target && world.answers(query, id)))
            }),
            What::Has { parameter, inner } => world.is_named_by(inner, parameter, kind, meta.id),
            What::Listed(lists) => lists.iter().any(|list| world.is_listed(list, kind, meta.id)),
            What::Compartment { kind: owner, id, parameters } => {
                (*owner == kind && id == meta.id)
                    || parameters.iter().any(|parameter| leads(parameter, resource, &mut |text| Reference::within(text, base_url).local() == Some((*owner, id.as_str()))))
            }
        }
    }
}

/// Calls `visit` with each reference of a parameter until it says true; tells whether it did.
fn leads(parameter: &Parameter, resource: Value<'_>, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut routes = parameter.routes().iter().filter(|route| route.shape == Shape::Reference);
    routes.any(|route| route.any(resource, resource, &mut |found| reference_text(found).is_some_and(|text| visit(&text))))
}
