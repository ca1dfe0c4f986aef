//! Queries about somebody who is kept under several Patients: what names one of them names all.

use std::sync::Arc;

use fhir::ResourceType;

use crate::filter::Filter;
use crate::link::{Link, What};
use crate::query::{Criterion, Modifier, Query};
use crate::wanted::Wanted;

/// Gives the ids of the other Patients of the person whose Patient has this id.
pub type Others<'o> = dyn Fn(&str) -> Vec<String> + 'o;

impl Query {
    /// The same query, where each reference to a Patient may also lead to that person's others; none
    /// where that changes nothing. Which Patients there are is asked as before.
    pub fn naming_all(&self, others: &Others<'_>) -> Option<Query> {
        let (mut query, mut changed) = (self.clone(), false);
        if self.resource_type != ResourceType::PATIENT {
            query.criteria.iter_mut().for_each(|criterion| changed |= widen(criterion, others));
            query.filters.iter_mut().for_each(|filter| changed |= widen_filter(filter, others));
        }
        query.links.iter_mut().for_each(|link| changed |= widen_link(link, others));
        query.is_one_persons = changed && self.is_within_one_record();
        changed.then_some(query)
    }
}

fn widen(criterion: &mut Criterion, others: &Others<'_>) -> bool {
    if !matches!(criterion.modifier, Modifier::Plain | Modifier::Type(_)) {
        return false;
    }
    let named = criterion.wanted.iter().filter_map(|wanted| match wanted {
        // A version is one of that Patient alone.
        Wanted::Local { kind: Some(ResourceType::PATIENT), id, version: None } => Some(others(id)),
        _ => None,
    });
    let more: Vec<Wanted> = named.flatten().map(|id| Wanted::Local { kind: Some(ResourceType::PATIENT), id, version: None }).collect();
    let changed = !more.is_empty();
    criterion.wanted.extend(more);
    changed
}

fn widen_filter(filter: &mut Filter, others: &Others<'_>) -> bool {
    match filter {
        Filter::All(inner) | Filter::Any(inner) => inner.iter_mut().fold(false, |changed, one| widen_filter(one, others) | changed),
        Filter::Not(inner) => widen_filter(inner, others),
        Filter::Is(criterion) => widen(criterion, others),
        Filter::Beyond(link) => widen_link(link, others),
    }
}

fn widen_link(link: &mut Link, others: &Others<'_>) -> bool {
    let inner = |query: &mut Arc<Query>| query.naming_all(others).map(|wider| *query = Arc::new(wider)).is_some();
    match &mut link.what {
        What::Chain { inner: queries, .. } => queries.iter_mut().fold(false, |changed, query| inner(query) | changed),
        What::Has { inner: query, .. } => inner(query),
        What::Compartment { kind: ResourceType::PATIENT, id, others: more, .. } => {
            *more = others(id);
            !more.is_empty()
        }
        What::Compartment { .. } | What::Listed(_) => false,
    }
}
