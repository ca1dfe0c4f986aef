//! Places and organisations that are parts of others: `:below` and `:above` of references.
//!
//! * A criterion names a place; what is part of it, or what it is part of, somebody else knows.
//!   Until they have said so the query cannot be answered by looking at a resource alone.
//! * Only `partOf` of Location and Organization is followed: these are strict hierarchies that
//!   concern nobody.
//! * The named place itself counts, as R4 has it.
//!
//! <https://hl7.org/fhir/R4/search.html#recursive>

use std::collections::BTreeSet;
use std::sync::Arc;

use fhir::ResourceType;

use crate::link::{Link, What};
use crate::filter::Filter;
use crate::parameter::Parameter;
use crate::query::{Criterion, Modifier, Query};
use crate::wanted::Wanted;

/// The types whose resources are parts of others of their type.
pub const WHOLES: [&str; 2] = ["Location", "Organization"];

/// The parameter that leads from a part to what it is part of.
pub const PART_OF: &str = "partof";

/// In which direction a hierarchy is followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// To the parts, and their parts.
    Below,
    /// To what it is part of, and so on.
    Above,
}

/// Gives the ids of all that lie below or above a resource, itself left out.
pub type Members<'m> = dyn Fn(Way, ResourceType, &str) -> Vec<String> + 'm;

/// The types of a reference's targets that are parts of others.
pub(crate) fn wholes(parameter: &Parameter) -> impl Iterator<Item = ResourceType> + '_ {
    let targets = &parameter.definition.targets;
    WHOLES.into_iter().filter(move |name| targets.is_empty() || targets.contains(name)).filter_map(ResourceType::named)
}

impl Query {
    /// True where it, or a query at the other end of one of its links, asks for the parts of a place that
    /// nobody has looked up yet.
    pub fn asks_for_parts(&self) -> bool {
        self.criteria.iter().any(|criterion| criterion.wanted.iter().any(|wanted| matches!(wanted, Wanted::Part { .. })))
            || self.links.iter().any(asks)
            || self.filters.iter().any(|filter| !filter.each(&mut |leaf| !matches!(leaf, Filter::Beyond(link) if asks(link))))
    }

    /// The same query with the parts looked up; none where it asks for none.
    pub fn with_parts(&self, members: &Members<'_>) -> Option<Query> {
        if !self.asks_for_parts() {
            return None;
        }
        let mut query = self.clone();
        query.criteria.iter_mut().for_each(|criterion| follow(criterion, members));
        query.links.iter_mut().for_each(|link| follow_link(link, members));
        query.filters.iter_mut().for_each(|filter| follow_filter(filter, members));
        Some(query)
    }
}

fn asks(link: &Link) -> bool {
    match &link.what {
        What::Chain { inner, .. } => inner.iter().any(|query| query.asks_for_parts()),
        What::Has { inner, .. } => inner.asks_for_parts(),
        What::Listed(_) | What::Compartment { .. } => false,
    }
}

fn follow(criterion: &mut Criterion, members: &Members<'_>) {
    let way = if criterion.modifier == Modifier::Above { Way::Above } else { Way::Below };
    let mut named: BTreeSet<(ResourceType, String)> = BTreeSet::new();
    criterion.wanted.retain(|wanted| {
        let Wanted::Part { kind, id } = wanted else { return true };
        named.extend(members(way, *kind, id).into_iter().map(|member| (*kind, member)));
        named.insert((*kind, id.clone()));
        false
    });
    // In one order, so that a page goes on where the one before ended.
    criterion.wanted.extend(named.into_iter().map(|(kind, id)| Wanted::Local { kind: Some(kind), id, version: None }));
}

fn follow_link(link: &mut Link, members: &Members<'_>) {
    let inner = |query: &mut Arc<Query>| {
        if let Some(followed) = query.with_parts(members) {
            *query = Arc::new(followed);
        }
    };
    match &mut link.what {
        What::Chain { inner: queries, .. } => queries.iter_mut().for_each(inner),
        What::Has { inner: query, .. } => inner(query),
        What::Listed(_) | What::Compartment { .. } => {}
    }
}

fn follow_filter(filter: &mut Filter, members: &Members<'_>) {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter_mut().for_each(|part| follow_filter(part, members)),
        Filter::Not(part) => follow_filter(part, members),
        Filter::Is(criterion) => follow(criterion, members),
        Filter::Beyond(link) => follow_link(link, members),
    }
}
