//! What is part of a place or an organisation, and what it is part of, as the caller may see it.
//!
//! * A hierarchy is as it was at the moment of the search's first page, so that pages stand still.
//! * A place that the caller may not see, or that is gone, leads nowhere: as if it had no parts.
//! * Places that are parts of each other in a circle are met once.
//! * There is a limit. Past it the search is refused whole, with what to ask instead.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use access::PermittedSet;
use fhir::{Document, Reference, ResourceType, Value};
use search::{PART_OF, Parameter, Query, Way};
use store::Tick;

use super::beyond::Beyond;
use super::look::Look;
use crate::door::Chart;
use crate::error::Result;

/// Places that one criterion may lead to.
pub(crate) const MOST_PARTS: usize = 1_000;

/// For each place that has parts, their ids.
type Parts = BTreeMap<String, Vec<String>>;

/// The hierarchies of one search, each read once.
struct Hierarchies<'h> {
    chart: &'h Chart,
    set: &'h PermittedSet,
    tick: Tick,
    beyond: &'h Beyond<'h>,
    parts: RefCell<HashMap<ResourceType, Parts>>,
}

impl Chart {
    /// The same queries with the parts of the places they name; none where they ask for none.
    pub(super) fn with_parts(&self, set: &PermittedSet, queries: &[Query], tick: Tick, beyond: &Beyond<'_>) -> Result<Option<Vec<Query>>> {
        if !queries.iter().any(Query::asks_for_parts) {
            return Ok(None);
        }
        let hierarchies = Hierarchies { chart: self, set, tick, beyond, parts: RefCell::default() };
        let failed = RefCell::new(None);
        let members = |way, kind: ResourceType, id: &str| {
            let members = match way {
                Way::Below => hierarchies.below(kind, id),
                Way::Above => hierarchies.above(kind, id),
            };
            members.unwrap_or_else(|cause| {
                failed.borrow_mut().get_or_insert(cause);
                Vec::new()
            })
        };
        let followed: Vec<Query> = queries.iter().map(|query| query.with_parts(&members).unwrap_or_else(|| query.clone())).collect();
        match failed.into_inner() {
            Some(cause) => Err(cause),
            None => beyond.broken().map(|()| Some(followed)),
        }
    }
}

impl Hierarchies<'_> {
    fn above(&self, kind: ResourceType, id: &str) -> Result<Vec<String>> {
        let (mut met, mut next) = (BTreeSet::from([id.to_owned()]), vec![id.to_owned()]);
        while let Some(id) = next.pop() {
            if !self.beyond.spend() {
                break;
            }
            let Some((_, stored)) = self.chart.look_up(self.set, kind, &id, self.tick)? else { continue };
            let Ok(document) = Document::read(&stored.text) else { continue };
            self.wholes_of(kind, document.root(), &mut |whole| {
                if met.insert(whole.to_owned()) {
                    next.push(whole.to_owned());
                }
            });
            if self.are_too_many(met.len()) {
                break;
            }
        }
        Ok(others(met, id))
    }

    fn below(&self, kind: ResourceType, id: &str) -> Result<Vec<String>> {
        if self.chart.look_up(self.set, kind, id, self.tick)?.is_none() {
            return Ok(Vec::new());
        }
        self.read(kind)?;
        let parts = self.parts.borrow();
        let Some(parts) = parts.get(&kind) else { return Ok(Vec::new()) };
        let (mut met, mut next) = (BTreeSet::from([id.to_owned()]), vec![id]);
        while let Some(id) = next.pop() {
            for part in parts.get(id).into_iter().flatten() {
                if met.insert(part.clone()) {
                    next.push(part);
                }
            }
            if self.are_too_many(met.len()) {
                break;
            }
        }
        Ok(others(met, id))
    }

    /// Reads which places are parts of which, in one walk over all of the type.
    fn read(&self, kind: ResourceType) -> Result<()> {
        if self.parts.borrow().contains_key(&kind) {
            return Ok(());
        }
        let mut parts = Parts::new();
        let all = Query::all(kind, self.chart.query_context_without_codes());
        Look::plain(self.chart, self.set, all, self.tick, self.beyond)?.walk(None, &mut |entry, resource, _, _| {
            let mut has_room = true;
            self.wholes_of(kind, resource, &mut |whole| {
                has_room &= self.beyond.hold(whole.len() + entry.id.len());
                parts.entry(whole.to_owned()).or_default().push(entry.id.to_owned());
            });
            if has_room { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        self.parts.borrow_mut().insert(kind, parts);
        Ok(())
    }

    /// Shows what a place says it is part of, as far as that is here.
    fn wholes_of(&self, kind: ResourceType, place: Value<'_>, show: &mut dyn FnMut(&str)) {
        let Some(part_of) = search::parameter(kind, PART_OF) else { return };
        let base_url = &self.chart.settings().base_url;
        each_reference(part_of, place, &mut |text| {
            if let Some((named, id)) = Reference::within(text, base_url).local()
                && named == kind
            {
                show(id);
            }
        });
    }

    fn are_too_many(&self, count: usize) -> bool {
        let are_too_many = count > MOST_PARTS + 1;
        if are_too_many {
            self.beyond.refuse("More than 1,000 places or organisations are parts of the one named after :below or :above. Name one that has fewer parts.");
        }
        are_too_many
    }
}

fn each_reference(parameter: &'static Parameter, resource: Value<'_>, show: &mut dyn FnMut(&str)) {
    parameter.any(resource, &mut |found| {
        show(&found.value.string("reference").unwrap_or_default());
        false
    });
}

/// All that were met but the one named.
fn others(met: BTreeSet<String>, id: &str) -> Vec<String> {
    met.into_iter().filter(|one| one != id).collect()
}
