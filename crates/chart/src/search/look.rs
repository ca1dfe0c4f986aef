//! One look for what answers a query: the walks, each in one order that never changes.
//!
//! * The plan says where to look; the matcher decides about each candidate.
//! * A look shows only what the caller may see, and stops where its query has cost enough.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use access::{Permitted, PermittedSet};
use fhir::{Document, RecordId, ResourceType, Value};
use search::{Buckets, Matcher, Meta, Plan, Query, SPANNING, TermQuery, UNDATED};
use store::{Class, EntryRef, Location, Method, Posting, Term, Tick};

use super::beyond::Beyond;
use super::place::Place;
use crate::door::Chart;
use crate::error::Result;
use crate::history::stale;
use crate::stored::Stored;

/// A match, with the right that shows it.
pub(crate) struct Match {
    pub stored: Stored,
    pub permitted: Permitted,
    pub place: Place,
}

/// One look for what answers a query.
pub(crate) struct Look<'l> {
    pub chart: &'l Chart,
    pub set: &'l PermittedSet,
    /// The query, narrowed by what is known of the other ends of its links.
    pub query: Cow<'l, Query>,
    pub plan: Plan,
    pub tick: Tick,
    pub beyond: &'l Beyond<'l>,
}

/// A match while it is being sorted.
struct Ranked {
    values: Vec<Option<search::sort::SortValue>>,
    /// In which order the walk showed it: equal ones stay in that order.
    number: u64,
    kind: ResourceType,
    id: String,
}

/// What a walk shows of a candidate.
pub(crate) type Show<'s> = dyn FnMut(EntryRef<'_>, Value<'_>, Permitted, Place) -> ControlFlow<()> + 's;

impl Look<'_> {
    /// So many matches after a place, and whether there are more.
    pub(crate) fn page(&self, after: Option<Place>, size: usize) -> Result<(Vec<Match>, bool)> {
        if !self.query.sort.is_empty() {
            return self.sorted_page(after, size);
        }
        let (mut matches, mut more) = (Vec::new(), false);
        self.walk(after, &mut |entry, _, permitted, place| {
            if matches.len() == size {
                more = true;
                return ControlFlow::Break(());
            }
            matches.push(Match { stored: Stored::from(entry), permitted, place });
            ControlFlow::Continue(())
        })?;
        Ok((matches, more))
    }

    /// Orders all matches and gives a part of them. The walk at one tick is always the same, so
    /// a number says where the next page begins.
    fn sorted_page(&self, after: Option<Place>, size: usize) -> Result<(Vec<Match>, bool)> {
        let skip = match after {
            None => 0,
            Some(Place::Sorted(number)) => number as usize,
            Some(_) => return Err(stale()),
        };
        let wanted = skip + size + 1;
        let mut all: Vec<Ranked> = Vec::new();
        let keep_first = |all: &mut Vec<Ranked>| {
            all.sort_by(|left, right| self.query.compare_sorted(&left.values, &right.values).then(left.number.cmp(&right.number)));
            all.truncate(wanted);
        };
        let mut number = 0;
        self.walk(None, &mut |entry, resource, _, _| {
            let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
            all.push(Ranked { values: self.query.sort_values(resource, meta), number, kind: entry.kind, id: entry.id.to_owned() });
            number += 1;
            // What can be on no page up to this one is let go.
            if all.len() >= 2 * wanted + 1024 {
                keep_first(&mut all);
            }
            ControlFlow::Continue(())
        })?;
        keep_first(&mut all);
        let more = all.len() == wanted;
        let mut matches = Vec::new();
        for (number, Ranked { kind, id, .. }) in all.into_iter().enumerate().skip(skip).take(size) {
            if let Some((permitted, stored)) = self.chart.look_up(self.set, kind, &id, self.tick)? {
                matches.push(Match { stored, permitted, place: Place::Sorted(number as u32 + 1) });
            }
        }
        Ok((matches, more))
    }

    pub(super) fn count(&self) -> Result<u64> {
        let mut count = 0;
        self.walk(None, &mut |_, _, _, _| {
            count += 1;
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    /// Shows every match after a place, in the one order this query has.
    pub(super) fn walk(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        match &self.plan {
            Plan::ById(ids) => self.walk_ids(ids, after, show),
            Plan::Record { records, guests } => self.walk_records(records, *guests, after, show),
            Plan::Postings(terms) => match terms.first() {
                Some(term) => self.walk_postings(term, after, show),
                None => self.walk_type(after, show),
            },
            Plan::Shared => self.walk_shared(after, show),
            Plan::Type { .. } => self.walk_type(after, show),
        }?;
        self.beyond.broken()
    }

    /// Shows an entry if it lives and answers the query.
    fn consider(&self, entry: EntryRef<'_>, permitted: Permitted, place: Place, show: &mut Show<'_>) -> ControlFlow<()> {
        if entry.method == Method::Delete || entry.kind != self.query.resource_type {
            return ControlFlow::Continue(());
        }
        // An import may have kept what can hardly be read; it is found by id and history.
        let Ok(document) = Document::read(entry.text) else { return ControlFlow::Continue(()) };
        let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
        if !Matcher::new(&self.query).matches_in(document.root(), meta, self.beyond) {
            return ControlFlow::Continue(());
        }
        show(entry, document.root(), permitted, place)
    }

    fn walk_ids(&self, ids: &[String], after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let from = match after {
            None => 0,
            Some(Place::Id(number)) => number as usize + 1,
            Some(_) => return Err(stale()),
        };
        let kind = self.query.resource_type;
        for (number, id) in ids.iter().enumerate().skip(from) {
            let Some(at) = self.chart.store().locate(kind, id)? else { continue };
            let Some(permitted) = self.set.of(Class::subject(at.record)) else { continue };
            let mut flow = ControlFlow::Continue(());
            self.chart.store().as_of(&permitted, kind, at, self.tick, &mut |entry| {
                flow = self.consider(entry, permitted, Place::Id(number as u32), show);
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn walk_records(&self, records: &[(ResourceType, String)], guests: bool, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let (first, after_place, after_guest) = match after {
            None => (0, None, None),
            Some(Place::Record(number, place)) => (number, Some(place), None),
            Some(Place::Guest(number, guest)) => (number, None, Some(guest)),
            Some(_) => return Err(stale()),
        };
        let mut homes: HashSet<RecordId> = HashSet::new();
        let mut located: Vec<(u32, Permitted)> = Vec::new();
        for (number, (kind, id)) in (0u32..).zip(records) {
            let Some(at) = self.chart.store().locate(*kind, id)? else { continue };
            if homes.insert(at.record)
                && let Some(permitted) = self.set.of(Class::subject(at.record))
            {
                located.push((number, permitted));
            }
        }
        let mut told = HashSet::new();
        for (number, permitted) in located {
            let found = if guests { self.guests_of(&permitted, &homes, &mut told)? } else { Vec::new() };
            if number < first {
                continue;
            }
            let resumed = number == first;
            let mut flow = ControlFlow::Continue(());
            if !(resumed && after_guest.is_some()) {
                let after = after_place.filter(|_| resumed);
                flow = self.walk_one(permitted, after, &mut |entry, permitted, place, show| {
                    self.consider(entry, permitted, Place::Record(number, place), show)
                }, show)?;
            }
            if flow.is_continue() {
                flow = self.walk_guests(found, number, after_guest.filter(|_| resumed), show)?;
            }
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The entries of the query's type in one record.
    fn walk_one(
        &self,
        permitted: Permitted,
        after: Option<[u8; 6]>,
        consider: &mut dyn FnMut(EntryRef<'_>, Permitted, [u8; 6], &mut Show<'_>) -> ControlFlow<()>,
        show: &mut Show<'_>,
    ) -> Result<ControlFlow<()>> {
        let mut flow = ControlFlow::Continue(());
        self.chart.store().scan_types(&permitted, &[self.query.resource_type], self.tick, after, &mut |entry| {
            let place = entry.place();
            flow = if self.beyond.spend() { consider(entry, permitted, place, show) } else { ControlFlow::Break(()) };
            flow
        })?;
        Ok(flow)
    }

    /// Where resources in other persons' records lie that name this one. What lies in one of the
    /// records that are looked at themselves, or names a person looked at before, is shown there.
    fn guests_of(&self, permitted: &Permitted, homes: &HashSet<RecordId>, told: &mut HashSet<Location>) -> Result<Vec<([u8; 8], Location)>> {
        let mut found = Vec::new();
        self.chart.store().guests(permitted, &mut |token, kind, at| {
            if kind == self.query.resource_type && !homes.contains(&at.record) && told.insert(at) {
                found.push((token, at));
            }
        })?;
        Ok(found)
    }

    /// Shows what names a person as a guest, after a place in their list.
    fn walk_guests(&self, found: Vec<([u8; 8], Location)>, record: u32, after: Option<[u8; 8]>, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        for (token, at) in found.into_iter().filter(|(token, _)| after.is_none_or(|after| *token > after)) {
            let Some(permitted) = self.set.of(Class::subject(at.record)) else { continue };
            let mut flow = ControlFlow::Continue(());
            self.chart.store().as_of(&permitted, self.query.resource_type, at, self.tick, &mut |entry| {
                flow = self.consider(entry, permitted, Place::Guest(record, token), show);
            })?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn walk_postings(&self, term: &TermQuery, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let mut resume = match after {
            None => None,
            Some(Place::Posting { bucket, value, shard, block }) => Some((bucket, value, shard, block)),
            Some(_) => return Err(stale()),
        };
        let store = self.chart.store();
        let in_use = self.chart.months_in_use();
        let (earliest, latest) = search::beginnings(&self.query);
        for bucket in term.buckets.newest_first(in_use) {
            if resume.is_some_and(|(at, ..)| at != bucket) {
                continue;
            }
            for (number, value) in (0u16..).zip(&term.values) {
                if resume.is_some_and(|(_, at, ..)| at != number) {
                    continue;
                }
                for shard in 0..store.shards() {
                    if resume.is_some_and(|(_, _, at, _)| at != shard) {
                        continue;
                    }
                    let after = resume.take().map(|(_, _, _, block)| block);
                    let stored_term = Term { parameter: term.parameter.0, value, month: bucket };
                    let mut outcome = Ok(ControlFlow::Continue(()));
                    store.postings(self.set, stored_term, shard, after, &mut |posting| {
                        if !self.beyond.spend() {
                            outcome = Ok(ControlFlow::Break(()));
                            return ControlFlow::Break(());
                        }
                        // A posting of a month tells when its resource begins: most of what a date
                        // rules out need not be opened.
                        let dated = bucket != SPANNING && bucket != UNDATED;
                        if dated && !(earliest..=latest).contains(&posting.seconds) {
                            return ControlFlow::Continue(());
                        }
                        let place = Place::Posting { bucket, value: number, shard, block: posting.block };
                        outcome = self.follow(term, in_use, posting, place, show);
                        if matches!(outcome, Ok(ControlFlow::Continue(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                    })?;
                    if outcome?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Looks at the resource a posting leads to. One that has several postings of the term is
    /// shown at the first of them only; those that an earlier version left, in another month or
    /// with another time, show nothing.
    fn follow(&self, term: &TermQuery, in_use: (u16, u16), posting: Posting, place: Place, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        let Some(permitted) = self.set.of(Class::subject(posting.location.record)) else { return Ok(ControlFlow::Continue(())) };
        let mut flow = ControlFlow::Continue(());
        let kind = self.query.resource_type;
        self.chart.store().as_of(&permitted, kind, posting.location, self.tick, &mut |entry| {
            flow = self.consider(entry, permitted, place.clone(), &mut |entry, resource, permitted, place| {
                let Place::Posting { bucket, value, .. } = &place else { return ControlFlow::Continue(()) };
                if first_posting(term, in_use, kind, resource) == Some((*bucket, *value, posting.seconds)) {
                    show(entry, resource, permitted, place)
                } else {
                    ControlFlow::Continue(())
                }
            });
        })?;
        Ok(flow)
    }

    fn walk_shared(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let (first, after) = match after {
            None => (0, None),
            Some(Place::Shared(part, place)) => (part, Some(place)),
            Some(_) => return Err(stale()),
        };
        for (part, record) in (0u8..).zip(self.chart.store().shared_records(self.query.resource_type)).skip(first as usize) {
            let Some(permitted) = self.set.of(Class::subject(record)) else { continue };
            let after = after.filter(|_| part == first);
            let flow = self.walk_one(permitted, after, &mut |entry, permitted, place, show| {
                self.consider(entry, permitted, Place::Shared(part, place), show)
            }, show)?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn walk_type(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let mut resume = match after {
            None => None,
            Some(Place::Type(record, place)) => Some((record, place)),
            Some(_) => return Err(stale()),
        };
        let mut outcome = Ok(());
        let mut look = |record: RecordId, after: Option<[u8; 6]>| -> ControlFlow<()> {
            if !self.beyond.spend() {
                return ControlFlow::Break(());
            }
            let Some(permitted) = self.set.of(Class::subject(record)) else { return ControlFlow::Continue(()) };
            let walked = self.walk_one(permitted, after, &mut |entry, permitted, place, show| {
                self.consider(entry, permitted, Place::Type(record, place), show)
            }, show);
            walked.unwrap_or_else(|cause| {
                outcome = Err(cause);
                ControlFlow::Break(())
            })
        };
        let last = resume.map(|(record, _)| record);
        if let Some((record, place)) = resume.take()
            && look(record, Some(place)).is_break()
        {
            return outcome;
        }
        self.chart.store().records(last, &mut |record| look(record, None))?;
        outcome
    }
}

/// The first posting of a term that a resource has, in the order in which postings are walked:
/// its month, which of the values, and its seconds.
fn first_posting(term: &TermQuery, in_use: (u16, u16), kind: ResourceType, resource: Value<'_>) -> Option<(u16, u16, i64)> {
    let mut first: Option<(u16, u16, u16, i64)> = None;
    search::terms(kind, resource, &mut |found| {
        if found.parameter != term.parameter || !term.buckets.contains(found.bucket) {
            return;
        }
        let Some(value) = term.values.iter().position(|value| value == found.value) else { return };
        // The order of `Buckets::newest_first`: spanning, then the newest month, undated last.
        let rank = match (term.buckets, found.bucket) {
            (Buckets::Months { .. }, SPANNING) => 0,
            (_, UNDATED) => u16::MAX,
            (_, month) => 1 + (in_use.1.saturating_sub(month)),
        };
        if first.is_none_or(|(best, other, ..)| (rank, value as u16) < (best, other)) {
            first = Some((rank, value as u16, found.bucket, found.time));
        }
    });
    first.map(|(_, value, bucket, seconds)| (bucket, value, seconds))
}
