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

use crate::custom::names;
use crate::include::can_include;
use crate::matcher::{Matcher, reference_text};
use crate::parameter::Parameter;
use crate::path::Shape;
use crate::plan::is_single_valued;
use crate::query::{Modifier, Query, QueryContext};
use crate::Meta;
use fhir::definitions::ParameterKind;
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
        /// Those of others that are the same, as [`Query::naming_all`] found them.
        others: Vec<String>,
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

    /// Whether the resource with that id answers all of these queries, each about its type.
    fn answers_all(&self, queries: &[&Query], id: &str) -> bool {
        queries.iter().all(|query| self.answers(query, id))
    }

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
    /// Whether a resource inside another one meets it. Nobody outside can name it: `_has` and `_list`
    /// find none. It belongs to the compartments of what contains it, too.
    pub(crate) fn is_met_inside(&self, kind: ResourceType, resource: Value<'_>, container: Value<'_>, meta: Meta<'_>, base_url: &str, world: &dyn World) -> bool {
        match &self.what {
            What::Has { .. } | What::Listed(_) => false,
            What::Compartment { kind: owner, id, others, .. } => {
                let around = container.string("resourceType").and_then(|name| ResourceType::named(&name));
                let parameters = around.and_then(|around| crate::compartment::parameters_of(*owner, around)).unwrap_or_default();
                let belongs = |parameter: &&'static Parameter| leads(parameter, container, &mut |text| names_one(text, base_url, *owner, id, others));
                parameters.iter().any(belongs) || self.is_met(kind, resource, meta, base_url, world)
            }
            What::Chain { .. } => self.is_met(kind, resource, meta, base_url, world),
        }
    }

    /// Whether a resource of that type meets the condition.
    pub(crate) fn is_met(&self, kind: ResourceType, resource: Value<'_>, meta: Meta<'_>, base_url: &str, world: &dyn World) -> bool {
        match &self.what {
            What::Chain { parameter, inner } => {
                let elsewhere = leads(parameter, resource, &mut |text| {
                    let target = Reference::within(text, base_url);
                    target.local().is_some_and(|(target, id)| inner.iter().any(|query| query.resource_type == target && world.answers(query, id)))
                });
                elsewhere || holds(parameter, resource, &mut |held| inner.iter().any(|query| answers_in_place(query, held, meta, world)))
            }
            What::Has { parameter, inner } => world.is_named_by(inner, parameter, kind, meta.id),
            What::Listed(lists) => lists.iter().any(|list| world.is_listed(list, kind, meta.id)),
            What::Compartment { kind: owner, id, others, parameters } => {
                (*owner == kind && (id == meta.id || others.iter().any(|other| other == meta.id)))
                    || parameters.iter().any(|parameter| leads(parameter, resource, &mut |text| names_one(text, base_url, *owner, id, others)))
            }
        }
    }
}

/// The chains of a query through the same reference as this one, this one first, where they are met together.
///
/// `patient.family=…&patient.birthdate=…` asks for one patient who meets both, because a resource has
/// one patient. Where a reference may have several values, each chain may be met by another one.
pub enum Together<'q> {
    /// It is met by itself.
    Alone,
    /// The first of several: for each of them, a query for each type it may lead to.
    First(&'static Parameter, Vec<&'q [Arc<Query>]>),
    /// An earlier one speaks for it.
    Later,
}

impl<'q> Together<'q> {
    /// What stands together with the link of this number.
    pub fn of(query: &'q Query, number: usize) -> Together<'q> {
        let chain = |link: &'q Link| match &link.what {
            What::Chain { parameter, inner } => Some((*parameter, inner.as_slice())),
            _ => None,
        };
        let Some((parameter, inner)) = chain(&query.links[number]) else { return Together::Alone };
        let same = |link: &'q Link| chain(link).filter(|(other, _)| std::ptr::eq(*other, parameter)).map(|(_, inner)| inner);
        let is_one_of_several = query.links.iter().filter_map(same).count() > 1;
        if !is_one_of_several || !is_single_valued(query.resource_type, parameter) {
            return Together::Alone;
        }
        if query.links[..number].iter().any(|link| same(link).is_some()) {
            return Together::Later;
        }
        Together::First(parameter, std::iter::once(inner).chain(query.links[number + 1..].iter().filter_map(same)).collect())
    }
}

/// Whether one resource at the other end of a reference meets all of these chains.
pub(crate) fn one_meets_all(parameter: &'static Parameter, chains: &[&[Arc<Query>]], resource: Value<'_>, meta: Meta<'_>, base_url: &str, world: &dyn World) -> bool {
    let elsewhere = leads(parameter, resource, &mut |text| {
        let Some((target, id)) = Reference::within(text, base_url).local() else { return false };
        let of_target = chains.iter().map(|inner| inner.iter().map(Arc::as_ref).find(|query| query.resource_type == target));
        let queries: Option<Vec<&Query>> = of_target.collect();
        queries.is_some_and(|queries| world.answers_all(&queries, id))
    });
    elsewhere || holds(parameter, resource, &mut |held| chains.iter().all(|inner| inner.iter().any(|query| answers_in_place(query, held, meta, world))))
}

/// True if a reference leads to this one or to one of the others.
fn names_one(text: &str, base_url: &str, owner: ResourceType, id: &str, others: &[String]) -> bool {
    Reference::within(text, base_url).local().is_some_and(|(kind, named)| kind == owner && (named == id || others.iter().any(|other| other == named)))
}

/// Calls `visit` with each resource that stands in the place of a reference, as in `Bundle.composition`.
fn holds<'d>(parameter: &'d Parameter, resource: Value<'d>, visit: &mut dyn FnMut(Value<'d>) -> bool) -> bool {
    let mut routes = parameter.routes().iter().filter(|route| route.shape == Shape::Resource);
    routes.any(|route| route.any(resource, resource, &mut |found| visit(found.value)))
}

/// Whether a resource inside another one answers a query; it was written when the other one was.
fn answers_in_place(query: &Query, held: Value<'_>, around: Meta<'_>, world: &dyn World) -> bool {
    let said = |name: &str| held.string(name).unwrap_or_default();
    said("resourceType") == query.resource_type.name() && Matcher::new(query).matches_in(held, Meta { id: &said("id"), ..around }, world)
}

/// Where a chain leads whose first step is `patient` or `subject:Patient`: the parameter, and the
/// types at its other end. The error tells what would work.
pub(crate) fn chain_targets(context: &QueryContext, kind: ResourceType, head: &str) -> Result<(&'static Parameter, Vec<ResourceType>), String> {
    let (code, narrowed) = head.split_once(':').map_or((head, None), |(code, kind)| (code, Some(kind)));
    let Some(found) = context.parameter(kind, code).filter(|found| can_chain(found)) else {
        let known = names(&context.custom, kind, can_chain);
        return Err(format!("a chain begins with a reference; of {kind} these lead further: {known}"));
    };
    let targets = match narrowed {
        Some(target) => match ResourceType::named(target).filter(|target| Modifier::Type(*target).works_on(found)) {
            Some(target) => vec![target],
            None => return Err(format!("{} does not lead to that type", found.code())),
        },
        None if found.definition.targets.is_empty() => ResourceType::all().collect(),
        None => found.definition.targets.iter().filter_map(|target| ResourceType::named(target)).collect(),
    };
    Ok((found, targets))
}

/// True for references through which a chain may go on.
fn can_chain(parameter: &Parameter) -> bool {
    can_include(parameter) || holds_resources(parameter)
}

/// True for parameters whose values are resources inside the resource, not references to others.
pub fn holds_resources(parameter: &Parameter) -> bool {
    parameter.kind() == ParameterKind::Reference && parameter.routes().iter().any(|route| route.shape == Shape::Resource)
}

/// Calls `visit` with each reference of a parameter until it says true; tells whether it did.
fn leads(parameter: &Parameter, resource: Value<'_>, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut routes = parameter.routes().iter().filter(|route| route.shape == Shape::Reference);
    routes.any(|route| route.any(resource, resource, &mut |found| reference_text(found).is_some_and(|text| visit(&text))))
}
