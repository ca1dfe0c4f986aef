//! What the links of a query say about where to look.
//!
//! * Narrowing only adds conditions that every match meets: the matcher still decides.
//! * The other end is looked up first where it is the narrower one, and only up to a limit.
//! * The same query at the same tick is always narrowed alike, so pages go on where they ended.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use access::PermittedSet;
use fhir::{RecordId, Reference, ResourceType};
use search::{Contained, Link, Parameter, ParameterId, Plan, Query, TermQuery, Together, What};
use store::{Term, Tick};

use super::beyond::Beyond;
use super::look::Look;
use crate::door::Chart;
use crate::error::Result;
use crate::joined::links;

/// Resources at the other end of a chain that become one condition with so many values.
const FEW_CHAINED: usize = 1000;
/// Resources at the other end of a chain that are looked for at all. Beyond it what the rest of the
/// query names is walked, and the chain decides about each.
const MOST_CHAINED: usize = 50_000;
/// Postings that are worth as much as looking into one more record.
const POSTINGS_A_RECORD: usize = 10;
/// Resources named by the other end of `_has`, looked at by id.
const MOST_NAMED: usize = 100_000;

impl<'l> Look<'l> {
    /// A look for a query, narrowed by its links.
    pub fn new(chart: &'l Chart, set: &'l PermittedSet, query: &'l Query, tick: Tick, beyond: &'l Beyond<'l>) -> Result<Look<'l>> {
        if query.reads_words() && !query.is_within_one_record() {
            beyond.refuse("_text and _content look through all that a resource says, so they work within one person's record only. Add one patient, as patient=23 or in the compartment Patient/23.");
            beyond.broken()?;
        }
        // Every search comes here with the parts of its places looked up; whatever does not is not half answered.
        if query.asks_for_parts() {
            beyond.refuse("What lies below or above a place cannot be asked for here.");
            beyond.broken()?;
        }
        let mut look = Look { chart, set, plan: search::plan(query), other_plan: None, among: None, query: Cow::Borrowed(query), tick, beyond };
        if query.contained != Contained::False {
            look.among_containers();
            look.within_readable();
            return Ok(look);
        }
        for (number, link) in query.links.iter().enumerate() {
            match Together::of(query, number) {
                Together::Alone => look.narrow(link)?,
                Together::First(parameter, chains) => look.narrow_by_chain(parameter, &all_of(&chains))?,
                Together::Later => {}
            }
        }
        look.within_readable();
        if look.scans_everything() {
            beyond.expect_a_scan();
            look.walk_by_date_if_sorted();
        }
        Ok(look)
    }

    /// Resources inside others are looked for where those lie.
    fn among_containers(&mut self) {
        let owner = self.query.links.iter().find_map(|link| match &link.what {
            What::Compartment { kind, id, others, .. } if matches!(kind.name(), "Patient" | "Encounter" | "RelatedPerson") => Some(owners(*kind, id, others)),
            _ => None,
        });
        self.plan = match owner {
            Some(records) => Plan::Record { records, guests: true },
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
        let mut look = Look { chart, set, plan: search::plan(&query), other_plan: None, among: None, query: Cow::Owned(query), tick, beyond };
        look.within_readable();
        Ok(look)
    }

    /// Where the caller can read few persons, what they have is looked at and nothing else: then
    /// nobody learns from a wait or a ceiling how much there is of others.
    fn within_readable(&mut self) {
        let kind = self.query.resource_type;
        let lies_elsewhere = fhir::home::is_shared(kind) || fhir::home::rule(kind).fallback == fhir::home::Fallback::Shared;
        let Some(readable) = self.set.readable().filter(|_| !lies_elsewhere) else { return };
        if matches!(self.plan, Plan::Postings(_) | Plan::Type { .. }) {
            let records = readable.iter().map(|one| (ResourceType::PATIENT, one.patient.clone())).collect();
            self.plan = Plan::Record { records, guests: false };
            self.other_plan = None;
        }
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
            What::Compartment { kind, id, others, parameters } => self.within(*kind, id, others, parameters),
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
                if self.query.resource_type == ResourceType::PATIENT {
                    let others: Vec<String> = ids.iter().map(|id| self.beyond.others_of(id)).collect::<Result<Vec<_>>>()?.concat();
                    ids.extend(others);
                }
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
            match targets.len() {
                0 => self.only(BTreeSet::new()),
                1..=FEW_CHAINED => self.replan(query.leading_to(parameter, &targets)),
                _ => self.among_records(search::plan(&query.leading_to(parameter, &targets)))?,
            }
        }
        Ok(())
    }

    /// Where many persons are at the other end of a chain, their records are walked, or else the
    /// postings of the rest, whichever is less; the chain itself decides about each candidate.
    fn among_records(&mut self, by_records: Plan) -> Result<()> {
        let Plan::Record { records, guests } = &by_records else { return Ok(()) };
        if let Plan::Postings(terms) = &self.plan
            && let Some(term) = terms.first()
            && self.has_at_most(term, records.len() * POSTINGS_A_RECORD)?
        {
            if !guests {
                self.among = Some(self.records_of(records)?);
            }
            self.other_plan = Some(by_records);
            return Ok(());
        }
        self.other_plan = Some(std::mem::replace(&mut self.plan, by_records));
        Ok(())
    }

    /// True if a term has so many postings or fewer.
    fn has_at_most(&self, term: &TermQuery, most: usize) -> Result<bool> {
        let mut count = 0;
        for bucket in term.buckets.newest_first(self.chart.months_in_use()) {
            for (value, shard) in term.values.iter().flat_map(|value| (0..self.chart.store().shards()).map(move |shard| (value, shard))) {
                let term = Term { parameter: term.parameter.0, value, month: bucket };
                self.chart.store().postings(self.set, term, shard, None, &mut |_| {
                    count += 1;
                    if count <= most && self.beyond.pass() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                if count > most {
                    return Ok(false);
                }
            }
        }
        self.beyond.broken()?;
        Ok(true)
    }

    /// The records in which these lie.
    fn records_of(&self, named: &[(ResourceType, String)]) -> Result<HashSet<RecordId>> {
        let mut records = HashSet::with_capacity(named.len());
        for (kind, id) in named {
            records.extend(self.chart.store().locate(*kind, id)?.map(|at| at.record));
            if !self.beyond.hold(size_of::<RecordId>()) {
                break;
            }
        }
        self.beyond.broken()?;
        Ok(records)
    }

    /// Everything at the other end of a chain; none where that is too much to be looked for one by one.
    fn other_ends(&self, inner: &[Arc<Query>]) -> Result<Option<Vec<(ResourceType, String)>>> {
        let mut targets = Vec::new();
        for query in inner {
            let mut look = Look { chart: self.chart, set: self.set, plan: search::plan(query), other_plan: None, among: None, query: Cow::Borrowed(query), tick: self.tick, beyond: self.beyond };
            for link in &query.links {
                look.narrow(link)?;
            }
            look.within_readable();
            if look.scans_everything() {
                return Ok(None);
            }
            let mut joined = Vec::new();
            look.walk(None, &mut |entry, resource, _, _| {
                targets.push((entry.kind, entry.id.to_owned()));
                if entry.kind == ResourceType::PATIENT && !links(resource).is_empty() {
                    joined.push(entry.id.to_owned());
                }
                if targets.len() > MOST_CHAINED || !self.beyond.hold(entry.id.len()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            // Whoever names one of a person's Patients names the person.
            for id in joined {
                targets.extend(self.beyond.others_of(&id)?.into_iter().map(|other| (ResourceType::PATIENT, other)));
            }
            if targets.len() > MOST_CHAINED {
                return Ok(None);
            }
        }
        Ok(Some(targets))
    }

    /// Where what belongs to a compartment lies. As with `encounter=…`, a resource in another
    /// person's record that names this encounter or related person is found there, not here.
    fn within(&mut self, kind: ResourceType, id: &str, others: &[String], parameters: &[&'static search::Parameter]) {
        match (kind.name(), parameters) {
            ("Patient", _) => self.plan = Plan::Record { records: owners(kind, id, others), guests: true },
            ("Encounter" | "RelatedPerson", _) => self.plan = Plan::Record { records: owners(kind, id, others), guests: false },
            (_, [only]) if self.query.resource_type != kind => {
                let query = self.query.as_ref().clone();
                self.replan(query.leading_to(only, &[(kind, id.to_owned())]));
                if self.scans_everything() {
                    self.advise_on_compartment(kind, parameters);
                }
            }
            _ if self.query.resource_type != kind => match search::compartment_term(&self.query, kind, id, parameters) {
                Some(term) => self.also_by(term),
                None if self.scans_everything() => self.advise_on_compartment(kind, parameters),
                None => {}
            },
            _ => {}
        }
    }

    fn advise_on_compartment(&self, owner: ResourceType, parameters: &[&'static Parameter]) {
        let named: Vec<&str> = parameters.iter().map(|parameter| parameter.code()).collect();
        let of = self.query.resource_type;
        self.beyond.advise(format!("Which {of} belong to a {owner} is told by {}, which is not indexed: add a patient, a code or a time.", named.join(", ")));
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

/// Whose compartment it is: a person may have several Patients.
fn owners(kind: ResourceType, id: &str, others: &[String]) -> Vec<(ResourceType, String)> {
    std::iter::once(id).chain(others.iter().map(String::as_str)).map(|id| (kind, id.to_owned())).collect()
}

/// Chains that one resource has to meet, as one query for each type at their other end.
fn all_of(chains: &[&[Arc<Query>]]) -> Vec<Arc<Query>> {
    let Some((first, others)) = chains.split_first() else { return Vec::new() };
    let both = |one: Arc<Query>, others: &[Arc<Query>]| {
        let other = others.iter().find(|other| other.resource_type == one.resource_type)?;
        let mut both = one.as_ref().clone();
        both.criteria.extend(other.criteria.iter().cloned());
        both.links.extend(other.links.iter().cloned());
        both.filters.extend(other.filters.iter().cloned());
        Some(Arc::new(both))
    };
    first.iter().filter_map(|one| others.iter().try_fold(one.clone(), |one, others| both(one, others))).collect()
}
