//! What the links of a query say about where to look.
//!
//! * Narrowing only adds conditions that every match meets: the matcher still decides.
//! * The other end is looked up first where it is the narrower one, and only up to a limit.
//! * The same query at the same tick is always narrowed alike, so pages go on where they ended.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use access::PermittedSet;
use fhir::{Reference, ResourceType};
use search::{Contained, Link, Parameter, ParameterId, Plan, Query, TermQuery, What, is_single_valued};
use store::Tick;

use super::beyond::Beyond;
use super::look::Look;
use crate::door::Chart;
use crate::error::Result;

/// Resources at the other end of a chain that are worth looking for one by one.
const MOST_CHAINED: usize = 1000;
/// Resources named by the other end of `_has`, looked at by id.
const MOST_NAMED: usize = 100_000;

impl<'l> Look<'l> {
    /// A look for a query, narrowed by its links.
    pub fn new(chart: &'l Chart, set: &'l PermittedSet, query: &'l Query, tick: Tick, beyond: &'l Beyond<'l>) -> Result<Look<'l>> {
        if query.reads_words() && !query.is_within_one_record() {
            beyond.refuse("_text and _content look through all that a resource says, so they work within one person's record only. Add one patient, as patient=23 or in the compartment Patient/23.");
            beyond.broken()?;
        }
        let mut look = Look { chart, set, plan: search::plan(query), query: Cow::Borrowed(query), tick, beyond };
        if query.contained != Contained::False {
            look.among_containers();
            return Ok(look);
        }
        for (number, link) in query.links.iter().enumerate() {
            match joint(query, number) {
                Joint::Alone => look.narrow(link)?,
                Joint::First(inner, parameter) => look.narrow_by_chain(parameter, &inner)?,
                Joint::Later => {}
            }
        }
        if look.scans_everything() {
            beyond.expect_a_scan();
            look.walk_by_date_if_sorted();
        }
        Ok(look)
    }

    /// Resources inside others are looked for where those lie.
    fn among_containers(&mut self) {
        let owner = self.query.links.iter().find_map(|link| match &link.what {
            What::Compartment { kind, id, .. } if matches!(kind.name(), "Patient" | "Encounter" | "RelatedPerson") => Some((*kind, id.clone())),
            _ => None,
        });
        self.plan = match owner {
            Some(owner) => Plan::Record { records: vec![owner], guests: true },
            None => search::plan_contained(&self.query),
        };
        if self.scans_everything() {
            self.beyond.expect_a_scan();
        }
    }

    /// Everything of a dated type, newest first or oldest first, is walked month by month.
    fn walk_by_date_if_sorted(&mut self) {
        if let Plan::Type { listing: Some(listing) } = &self.plan
            && self.is_sorted_by_date()
        {
            self.plan = Plan::Postings(vec![listing.clone()]);
        }
    }

    /// A look for a query as it is.
    pub fn plain(chart: &'l Chart, set: &'l PermittedSet, query: Query, tick: Tick, beyond: &'l Beyond<'l>) -> Result<Look<'l>> {
        Ok(Look { chart, set, plan: search::plan(&query), query: Cow::Owned(query), tick, beyond })
    }

    pub(super) fn scans_everything(&self) -> bool {
        matches!(self.plan, Plan::Type { .. })
    }

    fn narrow(&mut self, link: &Link) -> Result<()> {
        if matches!(self.plan, Plan::ById(_)) {
            return Ok(());
        }
        match &link.what {
            What::Listed(lists) => {
                let mut ids = BTreeSet::new();
                for list in lists {
                    ids.extend(self.beyond.listed_of(list, self.query.resource_type)?);
                }
                self.only(ids);
            }
            What::Compartment { kind, id, parameters } => self.within(*kind, id, parameters),
            What::Chain { parameter, inner } => self.narrow_by_chain(parameter, inner)?,
            What::Has { parameter, inner } if self.scans_everything() || matches!(self.plan, Plan::Shared) => {
                let mut ids = BTreeSet::new();
                let look = Look::new(self.chart, self.set, inner, self.tick, self.beyond)?;
                let base_url = &self.chart.settings().base_url;
                look.walk(None, &mut |_, resource, _, _| {
                    parameter.any(resource, &mut |found| {
                        let text = found.value.string("reference").unwrap_or_default();
                        if let Some((kind, id)) = Reference::within(&text, base_url).local()
                            && kind == self.query.resource_type
                            && self.beyond.hold(id.len())
                        {
                            ids.insert(id.to_owned());
                        }
                        false
                    });
                    if ids.len() > MOST_NAMED {
                        self.beyond.refuse("More resources than this server joins answer the condition after _has. Add a condition on what is looked for, or narrow the one after _has, as by a date.");
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                })?;
                self.beyond.broken()?;
                self.only(ids);
            }
            _ => {}
        }
        Ok(())
    }

    fn narrow_by_chain(&mut self, parameter: &'static Parameter, inner: &[Arc<Query>]) -> Result<()> {
        if matches!(self.plan, Plan::ById(_) | Plan::Record { .. }) || search::holds_resources(parameter) {
            return Ok(());
        }
        if let Some(targets) = self.other_ends(inner)? {
            let query = self.query.as_ref().clone();
            match targets.is_empty() {
                true => self.only(BTreeSet::new()),
                false => self.replan(query.leading_to(parameter, &targets)),
            }
        }
        Ok(())
    }

    /// Everything at the other end of a chain; none where that is too much to be looked for one by one.
    fn other_ends(&self, inner: &[Arc<Query>]) -> Result<Option<Vec<(ResourceType, String)>>> {
        let mut targets = Vec::new();
        for query in inner {
            let mut look = Look { chart: self.chart, set: self.set, plan: search::plan(query), query: Cow::Borrowed(query), tick: self.tick, beyond: self.beyond };
            for link in &query.links {
                look.narrow(link)?;
            }
            if look.scans_everything() {
                return Ok(None);
            }
            look.walk(None, &mut |entry, _, _, _| {
                targets.push((entry.kind, entry.id.to_owned()));
                if targets.len() > MOST_CHAINED || !self.beyond.hold(entry.id.len()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if targets.len() > MOST_CHAINED {
                return Ok(None);
            }
        }
        Ok(Some(targets))
    }

    /// Where what belongs to a compartment lies. As with `encounter=…`, a resource in another
    /// person's record that names this encounter or related person is found there, not here.
    fn within(&mut self, kind: ResourceType, id: &str, parameters: &[&'static search::Parameter]) {
        match (kind.name(), parameters) {
            ("Patient", _) => self.plan = Plan::Record { records: vec![(kind, id.to_owned())], guests: true },
            ("Encounter" | "RelatedPerson", _) => self.plan = Plan::Record { records: vec![(kind, id.to_owned())], guests: false },
            (_, [only]) if self.query.resource_type != kind => {
                let query = self.query.as_ref().clone();
                self.replan(query.leading_to(only, &[(kind, id.to_owned())]));
            }
            _ if self.query.resource_type != kind => {
                if let Some(term) = search::compartment_term(&self.query, kind, id, parameters) {
                    self.also_by(term);
                }
            }
            _ => {}
        }
    }

    /// Looks at the postings of a term where nothing names fewer resources: a date or a code is wider.
    fn also_by(&mut self, term: TermQuery) {
        match &mut self.plan {
            Plan::Type { .. } | Plan::Shared => self.plan = Plan::Postings(vec![term]),
            Plan::Postings(terms) if terms.first().is_some_and(|first| matches!(first.parameter, ParameterId::DATE | ParameterId::CODE)) => terms.insert(0, term),
            _ => {}
        }
    }

    fn only(&mut self, ids: BTreeSet<String>) {
        let ids: Vec<String> = ids.into_iter().collect();
        let query = self.query.as_ref().clone();
        self.plan = Plan::ById(ids.clone());
        self.query = Cow::Owned(query.with_ids(ids));
    }

    fn replan(&mut self, query: Query) {
        self.plan = search::plan(&query);
        self.query = Cow::Owned(query);
    }
}

/// How a chain is narrowed: `patient.family=…&patient.birthdate=…` asks for one patient who meets
/// both, because a resource has one patient. Where a reference may have several values, each
/// chain may be met by another one, and each narrows by itself.
enum Joint {
    Alone,
    First(Vec<Arc<Query>>, &'static Parameter),
    Later,
}

fn joint(query: &Query, number: usize) -> Joint {
    let chain = |link: &Link| match &link.what {
        What::Chain { parameter, inner } => Some((*parameter, inner.clone())),
        _ => None,
    };
    let Some((parameter, mut inner)) = chain(&query.links[number]) else { return Joint::Alone };
    if !is_single_valued(query.resource_type, parameter) {
        return Joint::Alone;
    }
    let same = |link: &Link| chain(link).filter(|(other, _)| std::ptr::eq(*other, parameter));
    if query.links[..number].iter().any(|link| same(link).is_some()) {
        return Joint::Later;
    }
    for (_, others) in query.links[number + 1..].iter().filter_map(same) {
        let both = |one: &Arc<Query>| {
            let other = others.iter().find(|other| other.resource_type == one.resource_type)?;
            let mut both = one.as_ref().clone();
            both.criteria.extend(other.criteria.iter().cloned());
            both.links.extend(other.links.iter().cloned());
            both.filters.extend(other.filters.iter().cloned());
            Some(Arc::new(both))
        };
        inner = inner.iter().filter_map(both).collect();
    }
    Joint::First(inner, parameter)
}
