//! One look for what answers a query: the walks, each in one order that never changes.
//!
//! * The plan says where to look; the matcher decides about each candidate.
//! * A look shows only what the caller may see, and stops where its query has cost enough.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use access::{Permitted, PermittedSet};
use fhir::{Document, RecordId, ResourceType, Value};
use search::sort::SortValue;
use search::{Buckets, Contained, Custom, Matcher, Meta, ParameterId, Plan, Query, SPANNING, TermQuery, UNDATED};
use store::{EntryRef, Location, Method, Posting, Probe, Term, Tick};

use super::beyond::Beyond;
use super::place::{Place, SortedAt};
use crate::door::Chart;
use crate::error::Result;
use crate::history::stale;
use crate::stored::Stored;

/// A term with more values than this is not asked about: opening the resource is hardly more work.
const MOST_PROBED: usize = 8;

/// The walks that need no index.
static EVERYTHING: Plan = Plan::Type { listing: None };
static SHARED: Plan = Plan::Shared;

/// A match, with the right that shows it.
pub(crate) struct Match {
    pub stored: Stored,
    pub permitted: Permitted,
    pub place: Place,
    /// What contains it, where it is no resource of its own.
    pub inside: Option<(ResourceType, String)>,
}

/// One look for what answers a query.
pub(crate) struct Look<'l> {
    pub chart: &'l Chart,
    pub set: &'l PermittedSet,
    /// The query, narrowed by what is known of the other ends of its links.
    pub query: Cow<'l, Query>,
    pub plan: Plan,
    /// The plan that seemed the longer way. An earlier page may have gone it: how many postings there
    /// are changes while others write.
    pub other_plan: Option<Plan>,
    /// The only records in which anything can answer, where a walk of postings knows them.
    pub among: Option<HashSet<RecordId>>,
    pub tick: Tick,
    pub beyond: &'l Beyond<'l>,
}

/// What a walk shows of a candidate.
pub(crate) type Show<'s> = dyn FnMut(EntryRef<'_>, Value<'_>, &Permitted, Place) -> ControlFlow<()> + 's;

impl Look<'_> {
    /// So many matches after a place, and whether there are more.
    pub(crate) fn page(&self, after: Option<Place>, size: usize) -> Result<(Vec<Match>, bool)> {
        let (mut matches, mut more) = (Vec::new(), false);
        self.walk(after, &mut |entry, resource, permitted, place| {
            if matches.len() == size {
                more = true;
                return ControlFlow::Break(());
            }
            self.beyond.note_answer();
            let one = shown(&self.query, entry, resource, permitted, place);
            if !self.beyond.hold(one.stored.text.len()) {
                return ControlFlow::Break(());
            }
            matches.push(one);
            ControlFlow::Continue(())
        })?;
        Ok((matches, more))
    }

    /// True where the answer is ordered by what dates the type, first of all.
    pub(super) fn is_sorted_by_date(&self) -> bool {
        let dating = search::dating(self.query.resource_type);
        self.query.sort.first().zip(dating).is_some_and(|(key, dating)| std::ptr::eq(key.parameter, dating))
    }

    /// Shows every match, in the order of the first key as far as postings have one: then what
    /// comes before `after` is not opened, nor what `is_enough` says can be on no page.
    pub(super) fn walk_for_sorting(&self, after: Option<&SortedAt>, is_enough: &dyn Fn(SortValue) -> bool, show: &mut Show<'_>) -> Result<()> {
        let Plan::Postings(terms) = &self.plan else { return self.walk(None, show) };
        let Some(term) = terms.first().filter(|term| self.is_sorted_by_date() && matches!(term.buckets, Buckets::Months { .. })) else { return self.walk(None, show) };
        let descending = self.query.sort[0].descending;
        let in_use = self.chart.months_in_use();
        let mut buckets: Vec<u16> = term.buckets.newest_first(in_use).filter(|bucket| !matches!(*bucket, SPANNING | UNDATED)).collect();
        if !descending {
            buckets.reverse();
        }
        // What has no month may lie before all of them, or has no date and comes last.
        let has_undated = term.buckets.contains(UNDATED);
        buckets.extend((descending && has_undated).then_some(UNDATED));
        let passed = after.and_then(|after| match after.values.first()? {
            Some(SortValue::Moment(moment)) => Some(*moment),
            _ => None,
        });
        // What spans lies anywhere in the order.
        for bucket in [SPANNING].into_iter().chain((!descending && has_undated).then_some(UNDATED)) {
            if self.walk_bucket(term, in_use, bucket, &mut None, show)?.is_break() {
                return self.beyond.broken();
            }
        }
        // What has no date comes last: then every month lies before it.
        let are_passed = after.is_some_and(|after| after.values.first() == Some(&None));
        for bucket in buckets.into_iter().filter(|bucket| !are_passed || *bucket == UNDATED) {
            let (earliest, latest) = search::sort::moments_of_month(bucket, descending);
            let earliest = if bucket == UNDATED { i64::MIN } else { earliest };
            let (nearest, farthest) = if descending { (latest, earliest) } else { (earliest, latest) };
            if passed.is_some_and(|passed| if descending { farthest > passed } else { farthest < passed }) {
                continue;
            }
            if is_enough(SortValue::Moment(nearest)) || self.walk_bucket(term, in_use, bucket, &mut None, show)?.is_break() {
                break;
            }
        }
        self.beyond.broken()
    }

    /// Shows every match after a place, in the one order this query has.
    pub(super) fn walk(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        match after {
            Some(Place::Within(outer, number)) => {
                let before = outer.just_before();
                self.walk_after(before, &mut |entry, resource, permitted, place| match &place {
                    Place::Within(other, at) if *other == outer && *at <= number => ControlFlow::Continue(()),
                    _ => show(entry, resource, permitted, place),
                })
            }
            after => self.walk_after(after, show),
        }
    }

    fn walk_after(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        match self.plan_after(after.as_ref()) {
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

    /// Where it looks, in words and without values.
    pub(super) fn describe(&self) -> String {
        let mut told = self.plan.describe();
        if let Some(among) = &self.among {
            told.push_str(&format!(", passing over all but {} records", among.len()));
        }
        if let Plan::Postings(terms) = &self.plan
            && terms.len() > 1
        {
            told.push_str(&format!(", asking of each whether it has {} terms more before it is opened", terms.len() - 1));
        }
        if self.counts_by_postings_alone() {
            told.push_str(", counting unopened what they tell by themselves");
        }
        told
    }

    /// The plan whose walk the place is in.
    fn plan_after(&self, after: Option<&Place>) -> &Plan {
        match (&self.other_plan, after) {
            (Some(other @ Plan::Record { .. }), Some(Place::Record(..) | Place::Guest(..))) | (Some(other @ Plan::Postings(_)), Some(Place::Posting { .. })) => other,
            (Some(other @ Plan::Type { .. }), Some(Place::Type(..))) => other,
            // A page before went through everything, and an index has become ready since.
            (_, Some(Place::Type(..))) if matches!(self.plan, Plan::Postings(_)) => &EVERYTHING,
            (_, Some(Place::Shared(..))) if matches!(self.plan, Plan::Postings(_)) => &SHARED,
            _ => &self.plan,
        }
    }

    /// True if nothing in a record can answer.
    pub(super) fn passes_over(&self, record: RecordId) -> bool {
        self.among.as_ref().is_some_and(|among| !among.contains(&record))
    }

    /// Shows an entry if it lives and answers the query.
    pub(super) fn consider(&self, entry: EntryRef<'_>, permitted: &Permitted, place: Place, show: &mut Show<'_>) -> ControlFlow<()> {
        if entry.method == Method::Delete {
            return ControlFlow::Continue(());
        }
        if self.query.contained != Contained::False {
            return self.consider_inside(entry, permitted, place, show);
        }
        if entry.kind != self.query.resource_type {
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

    /// Shows what a resource contains and answers the query, or the resource itself for it.
    fn consider_inside(&self, entry: EntryRef<'_>, permitted: &Permitted, place: Place, show: &mut Show<'_>) -> ControlFlow<()> {
        let Ok(document) = Document::read(entry.text) else { return ControlFlow::Continue(()) };
        let (root, kind, matcher) = (document.root(), self.query.resource_type, Matcher::new(&self.query));
        let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
        let within = |number: u32| Place::Within(Box::new(place.clone()), number);
        let answers = self.query.contained == Contained::Both && entry.kind == kind && matcher.matches_in(root, meta, self.beyond);
        if answers {
            show(entry, root, permitted, within(0))?;
        }
        let contained = root.get("contained").into_iter().flat_map(|contained| contained.items());
        for (number, inner) in (1u32..).zip(contained) {
            let said = |name: &str| inner.string(name).unwrap_or_default();
            if said("resourceType") != kind.name() || !matcher.matches_inside(inner, root, Meta { id: &said("id"), ..meta }, self.beyond) {
                continue;
            }
            if self.query.shows_contained {
                show(entry, inner, permitted, within(number))?;
            } else if !answers {
                return show(entry, root, permitted, within(0));
            } else {
                break;
            }
        }
        ControlFlow::Continue(())
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
            let Some(permitted) = self.chart.right(self.set, at.record)? else { continue };
            let mut flow = ControlFlow::Continue(());
            self.chart.store().as_of(&permitted, kind, at, self.tick, &mut |entry| {
                flow = self.consider(entry, &permitted, Place::Id(number as u32), show);
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
                && let Some(permitted) = self.chart.right(self.set, at.record)?
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
                flow = self.walk_one(&permitted, after, &mut |entry, permitted, place, show| {
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

    /// The entries of the query's type in one record; all entries where any may contain what is asked for.
    fn walk_one(
        &self,
        permitted: &Permitted,
        after: Option<[u8; 6]>,
        consider: &mut dyn FnMut(EntryRef<'_>, &Permitted, [u8; 6], &mut Show<'_>) -> ControlFlow<()>,
        show: &mut Show<'_>,
    ) -> Result<ControlFlow<()>> {
        let mut flow = ControlFlow::Continue(());
        let mut visit = |entry: EntryRef<'_>| {
            let place = entry.place();
            flow = if self.beyond.spend() { consider(entry, permitted, place, show) } else { ControlFlow::Break(()) };
            flow
        };
        let store = self.chart.store();
        match (self.query.contained, after) {
            (Contained::False, after) => store.scan_types(permitted, &[self.query.resource_type], self.tick, after, &mut visit)?,
            (_, None) => store.scan_record(permitted, self.tick, &mut visit)?,
            (_, Some(after)) => store.scan_record_after(permitted, self.tick, after, &mut visit)?,
        }
        Ok(flow)
    }

    /// Where resources in other persons' records lie that name this one. What lies in one of the
    /// records that are looked at themselves, or names a person looked at before, is shown there.
    fn guests_of(&self, permitted: &Permitted, homes: &HashSet<RecordId>, told: &mut HashSet<Location>) -> Result<Vec<([u8; 8], ResourceType, Location)>> {
        let mut found = Vec::new();
        self.chart.store().guests(permitted, &mut |token, kind, at| {
            let may_hold = self.query.contained != Contained::False || kind == self.query.resource_type;
            if may_hold && !homes.contains(&at.record) && told.insert(at) {
                found.push((token, kind, at));
            }
        })?;
        Ok(found)
    }

    /// Shows what names a person as a guest, after a place in their list.
    fn walk_guests(&self, found: Vec<([u8; 8], ResourceType, Location)>, record: u32, after: Option<[u8; 8]>, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        for (token, kind, at) in found.into_iter().filter(|(token, ..)| after.is_none_or(|after| *token > after)) {
            let Some(permitted) = self.chart.right(self.set, at.record)? else { continue };
            let mut flow = ControlFlow::Continue(());
            self.chart.store().as_of(&permitted, kind, at, self.tick, &mut |entry| {
                flow = self.consider(entry, &permitted, Place::Guest(record, token), show);
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
        let in_use = self.chart.months_in_use();
        for bucket in term.buckets.newest_first(in_use) {
            if resume.is_some_and(|(at, ..)| at != bucket) {
                continue;
            }
            if self.walk_bucket(term, in_use, bucket, &mut resume, show)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The postings of one month, after a place in it.
    fn walk_bucket(&self, term: &TermQuery, in_use: (u16, u16), bucket: u16, resume: &mut Option<(u16, u16, u8, [u8; 16])>, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        let store = self.chart.store();
        let (earliest, latest) = search::beginnings(&self.query);
        let probes = self.probes(term, bucket);
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
                    // A posting of a month tells when its resource begins: most of what a date
                    // rules out need not be opened.
                    let dated = bucket != SPANNING && bucket != UNDATED;
                    let out_of_time = dated && !(earliest..=latest).contains(&posting.seconds);
                    let passed_over = match self.passes_over(posting.location.record) {
                        true => Ok(true),
                        false if out_of_time => Ok(false),
                        false => self.lacks(&probes, posting),
                    };
                    let passed_over = match passed_over {
                        Ok(passed_over) => passed_over,
                        Err(cause) => {
                            outcome = Err(cause);
                            return ControlFlow::Break(());
                        }
                    };
                    if !(if passed_over { self.beyond.pass() } else { self.beyond.spend() }) {
                        outcome = Ok(ControlFlow::Break(()));
                        return ControlFlow::Break(());
                    }
                    if passed_over || out_of_time {
                        return ControlFlow::Continue(());
                    }
                    let place = Place::Posting { bucket, value: number, shard, block: posting.block };
                    outcome = self.follow(term, in_use, posting, place, show);
                    if matches!(outcome, Ok(ControlFlow::Continue(()))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                if outcome?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The other terms of the plan, as what has a posting in a bucket of this one must have them. All terms of a resource
    /// that have months lie in the same one, and all its terms bear the same seconds.
    pub(super) fn probes(&self, term: &TermQuery, bucket: u16) -> Vec<Vec<Probe>> {
        let plans = [Some(&self.plan), self.other_plan.as_ref()];
        let others = plans.into_iter().flatten().find_map(|plan| match plan {
            Plan::Postings(terms) => terms.split_first().filter(|(first, _)| std::ptr::eq(*first, term)).map(|(_, others)| others),
            _ => None,
        });
        let asked = others.into_iter().flatten().filter(|other| other.values.len() <= MOST_PROBED);
        asked
            .filter_map(|other| {
                let month = match (term.buckets, other.buckets) {
                    (_, Buckets::Undated) => UNDATED,
                    (Buckets::Months { .. }, Buckets::Months { .. }) => bucket,
                    (Buckets::Undated, Buckets::Months { .. }) => return None,
                };
                let probe = |value: &Vec<u8>| self.chart.store().probe(Term { parameter: other.parameter.0, value, month });
                Some(other.values.iter().map(probe).collect())
            })
            .collect()
    }

    /// True where a resource lacks one of the other terms: then it answers in no version that this posting is of.
    pub(super) fn lacks(&self, probes: &[Vec<Probe>], posting: Posting) -> Result<bool> {
        'terms: for values in probes {
            for value in values {
                if self.chart.store().had(self.set, value, posting.location, posting.seconds)? {
                    continue 'terms;
                }
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Looks at the resource a posting leads to. One that has several postings of the term is
    /// shown at the first of them only; those that an earlier version left, in another month or
    /// with another time, show nothing.
    fn follow(&self, term: &TermQuery, in_use: (u16, u16), posting: Posting, place: Place, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        let Some(permitted) = self.chart.right(self.set, posting.location.record)? else { return Ok(ControlFlow::Continue(())) };
        let mut flow = ControlFlow::Continue(());
        let kind = self.query.resource_type;
        self.chart.store().as_of(&permitted, kind, posting.location, self.tick, &mut |entry| {
            flow = self.consider(entry, &permitted, place.clone(), &mut |entry, resource, permitted, place| {
                let Place::Posting { bucket, value, .. } = &place else { return ControlFlow::Continue(()) };
                if first_posting(term, in_use, &self.query.context.custom, kind, resource) == Some((*bucket, *value, posting.seconds)) {
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
            let Some(permitted) = self.chart.right(self.set, record)? else { continue };
            let after = after.filter(|_| part == first);
            let flow = self.walk_one(&permitted, after, &mut |entry, permitted, place, show| {
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
            let permitted = match self.chart.right(self.set, record) {
                Ok(Some(permitted)) => permitted,
                Ok(None) => return ControlFlow::Continue(()),
                Err(cause) => {
                    outcome = Err(cause);
                    return ControlFlow::Break(());
                }
            };
            let walked = self.walk_one(&permitted, after, &mut |entry, permitted, place, show| {
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

/// A match as the query wants it shown.
fn shown(query: &Query, entry: EntryRef<'_>, resource: Value<'_>, permitted: &Permitted, place: Place) -> Match {
    let (stored, permitted) = (Stored::from(entry), permitted.clone());
    if !matches!(place, Place::Within(_, 1..)) {
        return Match { stored, permitted, place, inside: None };
    }
    let id = resource.string("id").unwrap_or_default().into_owned();
    let inside = Some((stored.kind, stored.id));
    Match { stored: Stored { kind: query.resource_type, id, text: resource.raw().to_owned(), flaws: Vec::new(), ..stored }, permitted, place, inside }
}

/// The first posting of a term that a resource has, in the order in which postings are walked:
/// its month, which of the values, and its seconds.
pub(super) fn first_posting(term: &TermQuery, in_use: (u16, u16), custom: &Custom, kind: ResourceType, resource: Value<'_>) -> Option<(u16, u16, i64)> {
    let mut first: Option<(u16, u16, u16, i64)> = None;
    let mut look = |found: search::Term<'_>| {
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
    };
    match term.parameter {
        ParameterId::OWN => custom.terms(kind, resource, &|_| true, &mut look),
        _ => search::terms(kind, resource, &mut look),
    }
    first.map(|(_, value, bucket, seconds)| (bucket, value, seconds))
}
