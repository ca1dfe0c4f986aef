//! Searching: the planner says where to look, the matcher decides, the door shows.
//!
//! * Pages stand still: later pages see what the first one saw ([`Times::settled`]), whatever
//!   others write in between; nothing is skipped and nothing comes twice.
//! * What the caller may not see is not there: it is neither counted nor waited for.

use std::collections::HashSet;
use std::ops::ControlFlow;

use access::{Act, Caller, Permitted, PermittedSet};
use fhir::{Document, Issue, IssueCode, RecordId, ResourceType, Value};
use search::{Buckets, Matcher, Meta, Plan, Query, QueryContext, SPANNING, Summary, TermQuery, Total, UNDATED};
use store::{Class, EntryRef, Location, Method, OwnedTerm, Posting, Term, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::history::stale;
use crate::stored::{Hit, Page, SearchMode, Stored};

/// The terms under which a resource is found, as the store wants them.
pub(crate) fn terms_of(kind: ResourceType, resource: Value<'_>) -> Vec<OwnedTerm> {
    let mut terms = Vec::new();
    search::terms(kind, resource, &mut |term| {
        terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time });
    });
    terms
}

/// Where a walk is. Sealed into cursors; later walks begin after it.
#[derive(Clone, PartialEq, Eq)]
enum Place {
    Id(u32),
    Record(u32, [u8; 6]),
    Guest(u32, [u8; 8]),
    Posting { bucket: u16, value: u16, shard: u8, block: [u8; 16] },
    Shared(u8, [u8; 6]),
    Type(RecordId, [u8; 6]),
    Sorted(u32),
}

impl Place {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(24);
        match self {
            Place::Id(number) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Place::Record(number, place) => {
                bytes.push(2);
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(place);
            }
            Place::Guest(record, token) => {
                bytes.push(3);
                bytes.extend_from_slice(&record.to_be_bytes());
                bytes.extend_from_slice(token);
            }
            Place::Posting { bucket, value, shard, block } => {
                bytes.push(4);
                bytes.extend_from_slice(&bucket.to_be_bytes());
                bytes.extend_from_slice(&value.to_be_bytes());
                bytes.push(*shard);
                bytes.extend_from_slice(block);
            }
            Place::Shared(part, place) => {
                bytes.push(5);
                bytes.push(*part);
                bytes.extend_from_slice(place);
            }
            Place::Type(record, place) => {
                bytes.push(6);
                bytes.extend_from_slice(&record.0.to_be_bytes());
                bytes.extend_from_slice(place);
            }
            Place::Sorted(number) => {
                bytes.push(7);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Place> {
        let (tag, rest) = bytes.split_first()?;
        let number = |from: usize| Some(u32::from_be_bytes(rest.get(from..from + 4)?.try_into().ok()?));
        let place = |from: usize| rest.get(from..from + 6)?.try_into().ok();
        Some(match tag {
            1 => Place::Id(number(0)?),
            2 => Place::Record(number(0)?, place(4)?),
            3 => Place::Guest(number(0)?, rest.get(4..12)?.try_into().ok()?),
            4 => Place::Posting {
                bucket: u16::from_be_bytes(rest.get(..2)?.try_into().ok()?),
                value: u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?),
                shard: *rest.get(4)?,
                block: rest.get(5..21)?.try_into().ok()?,
            },
            5 => Place::Shared(*rest.first()?, place(1)?),
            6 => Place::Type(RecordId(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?)), place(8)?),
            7 => Place::Sorted(number(0)?),
            _ => return None,
        })
    }
}

/// A match, with the right that shows it.
struct Match {
    stored: Stored,
    permitted: Permitted,
    place: Place,
}

impl Chart {
    pub(crate) fn query_context(&self) -> QueryContext {
        let settings = &self.inner.settings;
        QueryContext { default_offset_minutes: settings.zone_offset_minutes, base_url: settings.base_url.clone() }
    }

    /// A page of what answers a query.
    pub async fn search(&self, caller: &Caller, query: &Query, cursor: Option<&str>) -> Result<Page<Hit>> {
        let about = format!("search {}", query.to_self_link());
        let began = match cursor {
            Some(text) => {
                let bytes = self.opened_cursor(&about, text)?;
                let (tick, place) = bytes.split_at_checked(8).ok_or_else(stale)?;
                let tick = Tick(i64::from_be_bytes(tick.try_into().map_err(|_| stale())?));
                Some((tick, Place::read(place).ok_or_else(stale)?))
            }
            None => None,
        };
        let tick = match &began {
            Some((tick, _)) => *tick,
            None => self.inner.times.settled().await,
        };
        let set = self.permitted_set(caller, Act::Read);
        let look = Look { chart: self, set: &set, query, tick };
        let only_count = query.summary == Some(Summary::Count) || query.count == Some(0);
        let settings = &self.inner.settings;
        let size = query.count.map_or(settings.usual_page, |count| count as usize).clamp(1, settings.largest_page);
        if only_count {
            let total = look.count()?;
            return Ok(Page { items: Vec::new(), total: Some(total), next: None, issues: Vec::new() });
        }
        let first = began.is_none();
        let (matches, more) = look.page(began.map(|(_, place)| place), size)?;
        let total = match query.total {
            Some(Total::Accurate | Total::Estimate) => Some(look.count()?),
            _ if first && !more => Some(matches.len() as u64),
            _ => None,
        };
        let next = matches.last().filter(|_| more).map(|last| {
            let mut place = tick.0.to_be_bytes().to_vec();
            place.extend_from_slice(&last.place.bytes());
            self.store().seal_cursor(about.as_bytes(), &place)
        });
        let mut rights: Vec<Permitted> = matches.iter().map(|found| found.permitted).collect();
        let mut items: Vec<Hit> = matches.into_iter().map(|found| Hit { stored: found.stored, mode: SearchMode::Match }).collect();
        if !query.includes.is_empty() {
            self.include(&set, query, tick, &mut items, &mut rights)?;
        }
        self.disclose(rights).await?;
        Ok(Page { items, total, next, issues: Vec::new() })
    }

    /// Adds what `_include` asks for and the caller may see.
    fn include(&self, set: &PermittedSet, query: &Query, tick: Tick, items: &mut Vec<Hit>, rights: &mut Vec<Permitted>) -> Result<()> {
        let mut known: HashSet<(ResourceType, String)> = items.iter().map(|hit| (hit.stored.kind, hit.stored.id.clone())).collect();
        let (mut from, mut round) = (0, 0);
        while from < items.len() {
            let mut wanted = Vec::new();
            for hit in &items[from..] {
                let Ok(document) = Document::read(&hit.stored.text) else { continue };
                for include in query.includes.iter().filter(|include| round == 0 || include.iterate) {
                    include.follow(hit.stored.kind, document.root(), &self.inner.settings.base_url, &mut |kind, id| {
                        if known.insert((kind, id.to_owned())) {
                            wanted.push((kind, id.to_owned()));
                        }
                    });
                }
            }
            from = items.len();
            round += 1;
            for (kind, id) in wanted {
                let Some((permitted, stored)) = self.look_up(set, kind, &id, tick)? else { continue };
                rights.push(permitted);
                items.push(Hit { stored, mode: SearchMode::Include });
            }
        }
        Ok(())
    }

    /// A living resource the caller may see, as it was at a tick.
    pub(crate) fn look_up(&self, set: &PermittedSet, kind: ResourceType, id: &str, tick: Tick) -> Result<Option<(Permitted, Stored)>> {
        let Some(at) = self.store().locate(kind, id)? else { return Ok(None) };
        let Some(permitted) = set.of(Class::subject(at.record)) else { return Ok(None) };
        let mut found = None;
        self.store().as_of(&permitted, kind, at, tick, &mut |entry| {
            if entry.method != Method::Delete {
                found = Some(Stored::from(entry));
            }
        })?;
        Ok(found.map(|stored| (permitted, stored)))
    }

    /// The first few resources a condition finds, among all there are: a condition that looked only
    /// at what the caller may see would make the second of two equal persons.
    pub(crate) fn find_by_condition(&self, caller: &Caller, kind: ResourceType, condition: &str, limit: usize) -> Result<Vec<(Location, String)>> {
        let query = Query::parse_condition(kind, condition, self.query_context()).map_err(Error::Malformed)?;
        let set = self.permitted_set(caller, Act::Read);
        let look = Look { chart: self, set: &set, query: &query, tick: Tick::END };
        let (matches, _) = look.page(None, limit)?;
        let mut found = Vec::with_capacity(matches.len());
        for one in matches {
            let entry = self.store().locate(kind, &one.stored.id)?.ok_or(store::Error::Damaged("a locator is missing"))?;
            found.push((entry, one.stored.id));
        }
        Ok(found)
    }
}

/// One look for what answers a query.
struct Look<'l> {
    chart: &'l Chart,
    set: &'l PermittedSet,
    query: &'l Query,
    tick: Tick,
}

/// What a walk shows of a candidate.
type Show<'s> = dyn FnMut(EntryRef<'_>, Value<'_>, Permitted, Place) -> ControlFlow<()> + 's;

impl Look<'_> {
    /// So many matches after a place, and whether there are more.
    fn page(&self, after: Option<Place>, size: usize) -> Result<(Vec<Match>, bool)> {
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
        let mut all = Vec::new();
        self.walk(None, &mut |entry, resource, permitted, place| {
            let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
            all.push((self.query.sort_values(resource, meta), entry.kind, entry.id.to_owned(), permitted, place));
            ControlFlow::Continue(())
        })?;
        all.sort_by(|left, right| self.query.compare_sorted(&left.0, &right.0));
        let more = all.len() > skip + size;
        let mut matches = Vec::new();
        for (number, (_, kind, id, _, _)) in all.into_iter().enumerate().skip(skip).take(size) {
            if let Some((permitted, stored)) = self.chart.look_up(self.set, kind, &id, self.tick)? {
                matches.push(Match { stored, permitted, place: Place::Sorted(number as u32 + 1) });
            }
        }
        Ok((matches, more))
    }

    fn count(&self) -> Result<u64> {
        let mut count = 0;
        self.walk(None, &mut |_, _, _, _| {
            count += 1;
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    /// Shows every match after a place, in the one order this query has.
    fn walk(&self, after: Option<Place>, show: &mut Show<'_>) -> Result<()> {
        let plan = search::plan(self.query);
        let mut budget = Budget { left: self.chart.inner.settings.most_looked_at, broken: None };
        match &plan {
            Plan::ById(ids) => self.walk_ids(ids, after, show),
            Plan::Record { records, guests } => self.walk_records(records, *guests, after, &mut budget, show),
            Plan::Postings(terms) => match terms.first() {
                Some(term) => self.walk_postings(term, after, &mut budget, show),
                None => self.walk_type(after, &mut budget, show),
            },
            Plan::Shared => self.walk_shared(after, &mut budget, show),
            Plan::Type { .. } => self.walk_type(after, &mut budget, show),
        }?;
        budget.broken.map_or(Ok(()), Err)
    }

    /// Shows an entry if it lives and answers the query.
    fn consider(&self, entry: EntryRef<'_>, permitted: Permitted, place: Place, show: &mut Show<'_>) -> ControlFlow<()> {
        if entry.method == Method::Delete || entry.kind != self.query.resource_type {
            return ControlFlow::Continue(());
        }
        // An import may have kept what can hardly be read; it is found by id and history.
        let Ok(document) = Document::read(entry.text) else { return ControlFlow::Continue(()) };
        let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
        if !Matcher::new(self.query).matches(document.root(), meta) {
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

    fn walk_records(&self, records: &[(ResourceType, String)], guests: bool, after: Option<Place>, budget: &mut Budget, show: &mut Show<'_>) -> Result<()> {
        let (first, after_place, after_guest) = match after {
            None => (0, None, None),
            Some(Place::Record(number, place)) => (number, Some(place), None),
            Some(Place::Guest(number, guest)) => (number, None, Some(guest)),
            Some(_) => return Err(stale()),
        };
        let mut seen: HashSet<RecordId> = HashSet::new();
        for (number, (kind, id)) in (0u32..).zip(records) {
            let Some(at) = self.chart.store().locate(*kind, id)? else { continue };
            if !seen.insert(at.record) || number < first {
                continue;
            }
            let Some(permitted) = self.set.of(Class::subject(at.record)) else { continue };
            let resumed = number == first;
            let mut flow = ControlFlow::Continue(());
            if !(resumed && after_guest.is_some()) {
                let after = after_place.filter(|_| resumed);
                flow = self.walk_one(permitted, after, budget, &mut |entry, permitted, place, show| {
                    self.consider(entry, permitted, Place::Record(number, place), show)
                }, show)?;
            }
            if guests && flow.is_continue() {
                flow = self.walk_guests(permitted, number, after_guest.filter(|_| resumed), show)?;
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
        budget: &mut Budget,
        consider: &mut dyn FnMut(EntryRef<'_>, Permitted, [u8; 6], &mut Show<'_>) -> ControlFlow<()>,
        show: &mut Show<'_>,
    ) -> Result<ControlFlow<()>> {
        let mut flow = ControlFlow::Continue(());
        self.chart.store().scan_types(&permitted, &[self.query.resource_type], self.tick, after, &mut |entry| {
            let place = entry.place();
            flow = if budget.spend() { consider(entry, permitted, place, show) } else { ControlFlow::Break(()) };
            flow
        })?;
        Ok(flow)
    }

    /// Resources in other persons' records that name this one.
    fn walk_guests(&self, permitted: Permitted, record: u32, after: Option<[u8; 8]>, show: &mut Show<'_>) -> Result<ControlFlow<()>> {
        let mut found = Vec::new();
        self.chart.store().guests(&permitted, &mut |token, kind, at| {
            if kind == self.query.resource_type && after.is_none_or(|after| token > after) {
                found.push((token, at));
            }
        })?;
        for (token, at) in found {
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

    fn walk_postings(&self, term: &TermQuery, after: Option<Place>, budget: &mut Budget, show: &mut Show<'_>) -> Result<()> {
        let mut resume = match after {
            None => None,
            Some(Place::Posting { bucket, value, shard, block }) => Some((bucket, value, shard, block)),
            Some(_) => return Err(stale()),
        };
        let store = self.chart.store();
        let in_use = self.chart.months_in_use();
        let (earliest, latest) = search::beginnings(self.query);
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
                        if !budget.spend() {
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

    fn walk_shared(&self, after: Option<Place>, budget: &mut Budget, show: &mut Show<'_>) -> Result<()> {
        let (first, after) = match after {
            None => (0, None),
            Some(Place::Shared(part, place)) => (part, Some(place)),
            Some(_) => return Err(stale()),
        };
        for (part, record) in (0u8..).zip(self.chart.store().shared_records(self.query.resource_type)).skip(first as usize) {
            let Some(permitted) = self.set.of(Class::subject(record)) else { continue };
            let after = after.filter(|_| part == first);
            let flow = self.walk_one(permitted, after, budget, &mut |entry, permitted, place, show| {
                self.consider(entry, permitted, Place::Shared(part, place), show)
            }, show)?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn walk_type(&self, after: Option<Place>, budget: &mut Budget, show: &mut Show<'_>) -> Result<()> {
        let mut resume = match after {
            None => None,
            Some(Place::Type(record, place)) => Some((record, place)),
            Some(_) => return Err(stale()),
        };
        let mut outcome = Ok(());
        let mut look = |record: RecordId, after: Option<[u8; 6]>| -> ControlFlow<()> {
            if !budget.spend() {
                return ControlFlow::Break(());
            }
            let Some(permitted) = self.set.of(Class::subject(record)) else { return ControlFlow::Continue(()) };
            let walked = self.walk_one(permitted, after, budget, &mut |entry, permitted, place, show| {
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

/// How much a walk may still look at.
struct Budget {
    left: usize,
    broken: Option<Error>,
}

impl Budget {
    fn spend(&mut self) -> bool {
        if self.left == 0 {
            let message = "This search would look at more resources than this server allows. Name a patient, an identifier, a code or a shorter time.";
            self.broken = Some(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]));
            return false;
        }
        self.left -= 1;
        true
    }
}
