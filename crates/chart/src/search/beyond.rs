//! What lies beyond the resource at hand, as the caller may see it; and what a query may cost.
//!
//! * Every look of one query, those at the other ends of its links too, draws on one budget, even
//!   where several threads count.
//! * A query that has cost too much is refused whole: there is no half answer.
//! * What was found out once about another resource is remembered for the query, within bounds.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use access::PermittedSet;
use fhir::{Document, Issue, IssueCode, Moment, Reference, ResourceType};
use parking_lot::Mutex;
use search::{Matcher, Meta, Parameter, Query, World};
use store::Tick;

use super::look::Look;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::joined::links_of;
use crate::stored::Stored;

/// Answers about other resources that are remembered at most.
const MOST_REMEMBERED: usize = 200_000;
/// What stands around a thing that is held: its length, its place in a list, a key.
const AROUND_BYTES: usize = 64;
/// How many candidates are looked at between two looks at the clock.
const CLOCK_EVERY: u64 = 256;
/// Postings that are not followed and cost as much as one candidate.
const POSTINGS_A_CANDIDATE: u64 = 16;

/// The rest of the record, for one query.
pub(crate) struct Beyond<'l> {
    chart: &'l Chart,
    set: &'l PermittedSet,
    tick: Tick,
    left: AtomicUsize,
    looked_at: AtomicU64,
    passed: AtomicU64,
    answered: AtomicU64,
    /// Bytes that may still be held.
    memory: AtomicUsize,
    began: Moment,
    until: Moment,
    broken: Mutex<Option<Error>>,
    /// What would make this query cheaper, beside what is said of every query.
    advice: Mutex<Option<String>>,
    /// By the query (its address while it lives) and the id.
    known: Mutex<HashMap<(usize, String), bool>>,
    lists: Mutex<HashMap<String, HashSet<(ResourceType, String)>>>,
}

impl<'l> Beyond<'l> {
    pub fn new(chart: &'l Chart, set: &'l PermittedSet, tick: Tick) -> Beyond<'l> {
        let settings = chart.settings();
        let began = chart.now();
        let until = Moment(began.0.saturating_add(settings.search_patience.as_millis() as i64));
        Beyond {
            chart,
            set,
            tick,
            left: AtomicUsize::new(settings.most_looked_at),
            looked_at: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            memory: AtomicUsize::new(settings.search_memory_bytes),
            began,
            until,
            broken: Mutex::default(),
            advice: Mutex::default(),
            known: Mutex::default(),
            lists: Mutex::default(),
        }
    }

    /// One more candidate answers.
    pub fn note_answer(&self) {
        self.answered.fetch_add(1, Relaxed);
    }

    /// One more posting that is passed over, or counted without being followed; false where the
    /// query has cost enough.
    pub fn pass(&self) -> bool {
        let passed = self.passed.fetch_add(1, Relaxed) + 1;
        passed % POSTINGS_A_CANDIDATE != 0 || self.spend()
    }

    /// What the query has cost so far, in words.
    pub fn cost(&self) -> String {
        let milliseconds = self.chart.now().0.saturating_sub(self.began.0);
        let passed = match self.passed.load(Relaxed) {
            0 => String::new(),
            passed => format!("{passed} postings read, "),
        };
        format!("{passed}{} candidates looked at, {} answered, {milliseconds} ms", self.looked_at.load(Relaxed), self.answered.load(Relaxed))
    }

    /// How many answered, for those whom the cost would tell what they may not see.
    pub fn answers(&self) -> String {
        format!("{} answered; how much was looked at is told to the console alone", self.answered.load(Relaxed))
    }

    /// Keeps so many bytes until the query ends; false where it holds enough. Only what grows with
    /// the number of resources is reckoned, with about what stands around it.
    pub fn hold(&self, bytes: usize) -> bool {
        match self.memory.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes + AROUND_BYTES)) {
            Ok(_) => true,
            Err(_) => {
                self.refuse("This search would hold more in memory than this server allows. Ask for smaller pages or fewer includes, or name a patient, an identifier, a code or a shorter time.");
                false
            }
        }
    }

    /// True if so many bytes could be held.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.memory.load(Relaxed) >= bytes + AROUND_BYTES
    }

    /// Lets go what was held.
    pub fn let_go(&self, bytes: usize) {
        self.memory.fetch_add(bytes + AROUND_BYTES, Relaxed);
    }

    /// One more candidate; false where the query has cost enough.
    pub fn spend(&self) -> bool {
        let looked_at = self.looked_at.fetch_add(1, Relaxed) + 1;
        if self.broken.lock().is_some() {
            return false;
        }
        if self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err() {
            self.refuse("This search would look at more resources than this server allows. Name a patient, an identifier, a code or a shorter time.");
            return false;
        }
        if looked_at % CLOCK_EVERY == 0 && self.chart.now() > self.until {
            self.refuse("This search takes longer than this server allows. Name a patient, an identifier, a code or a shorter time.");
            return false;
        }
        true
    }

    /// A scan of every record may look at fewer: it is what happens when nobody said whom or what is meant.
    pub fn expect_a_scan(&self) {
        let settings = self.chart.settings();
        if !settings.allow_scans {
            self.left.fetch_min(settings.most_scanned, Relaxed);
        }
    }

    /// What looked like a scan reads postings after all.
    pub fn expect_postings(&self) {
        let settings = self.chart.settings();
        let spent = self.looked_at.load(Relaxed) as usize;
        self.left.fetch_max(settings.most_looked_at.saturating_sub(spent), Relaxed);
    }

    /// Remembers what would make the query cheaper.
    pub fn advise(&self, advice: String) {
        self.advice.lock().get_or_insert(advice);
    }

    /// Ends the query as too costly.
    pub fn refuse(&self, message: &str) {
        let message = match self.advice.lock().as_deref() {
            Some(advice) => format!("{message} {advice}"),
            None => message.to_owned(),
        };
        self.broken.lock().get_or_insert(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]));
    }

    /// What ended the query, if something did.
    pub fn broken(&self) -> Result<()> {
        self.broken.lock().take().map_or(Ok(()), Err)
    }

    fn keep<T>(&self, outcome: Result<T>) -> Option<T> {
        outcome.map_err(|cause| self.broken.lock().get_or_insert(cause).to_string()).ok()
    }

    fn remembered(&self, place: usize, id: &str, find: impl FnOnce() -> bool) -> bool {
        let key = (place, id.to_owned());
        let known = self.known.lock().get(&key).copied();
        if let Some(known) = known {
            return known;
        }
        let found = self.spend() && find();
        let mut known = self.known.lock();
        if known.len() >= MOST_REMEMBERED {
            known.drain().for_each(|((_, id), _)| self.let_go(id.len()));
        }
        if self.hold(id.len()) {
            known.insert(key, found);
        }
        found
    }

    /// Whether a resource answers all these queries, or another Patient of the same person does.
    fn has_answer(&self, queries: &[&Query], id: &str) -> Result<bool> {
        let Some(first) = queries.first() else { return Ok(true) };
        let Some((_, stored)) = self.chart.look_up(self.set, first.resource_type, id, self.tick)? else { return Ok(false) };
        let is_patient = first.resource_type == ResourceType::PATIENT;
        let answers = self.is_answer(queries, &stored);
        if answers || !is_patient || self.chart.inner.joined.is_empty() || links_of(&stored.text).is_empty() {
            return Ok(answers);
        }
        for other in self.chart.others_of(id)? {
            let seen = if self.spend() { self.chart.look_up(self.set, first.resource_type, &other, self.tick)? } else { None };
            if seen.is_some_and(|(_, stored)| self.is_answer(queries, &stored)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_answer(&self, queries: &[&Query], stored: &Stored) -> bool {
        let Ok(document) = Document::read(&stored.text) else { return false };
        let meta = Meta { id: &stored.id, last_updated: stored.last_updated, version: stored.version };
        queries.iter().all(|query| Matcher::new(query).matches_in(document.root(), meta, self))
    }

    /// The ids of the other Patients of a person.
    pub fn others_of(&self, patient_id: &str) -> Result<Vec<String>> {
        if self.chart.inner.joined.is_empty() { Ok(Vec::new()) } else { self.chart.others_of(patient_id) }
    }

    /// What a List names, read once for the query.
    pub fn listed_of(&self, list: &str, kind: ResourceType) -> Result<Vec<String>> {
        let is_known = self.lists.lock().contains_key(list);
        if !is_known {
            let named = self.listed(list)?;
            self.lists.lock().insert(list.to_owned(), named);
        }
        let lists = self.lists.lock();
        let named = lists.get(list).into_iter().flatten();
        Ok(named.filter(|(named, _)| *named == kind).map(|(_, id)| id.clone()).collect())
    }

    /// What a List names, as far as it is here and the caller may see the List.
    fn listed(&self, list: &str) -> Result<HashSet<(ResourceType, String)>> {
        let mut named = HashSet::new();
        let kind = ResourceType::named("List").ok_or(Error::NotFound)?;
        if let Some((_, stored)) = self.chart.look_up(self.set, kind, list, self.tick)?
            && let Ok(document) = Document::read(&stored.text)
        {
            let entries = document.root().get("entry").into_iter().flat_map(|entries| entries.items());
            let living = entries.filter(|entry| entry.get("deleted").and_then(|deleted| deleted.as_bool()) != Some(true));
            for reference in living.filter_map(|entry| entry.get("item")?.string("reference")) {
                if let Some((kind, id)) = Reference::within(&reference, &self.chart.settings().base_url).local()
                    && self.hold(id.len())
                {
                    named.insert((kind, id.to_owned()));
                }
            }
        }
        Ok(named)
    }
}

impl World for Beyond<'_> {
    fn answers(&self, query: &Query, id: &str) -> bool {
        self.remembered(std::ptr::from_ref(query) as usize, id, || self.keep(self.has_answer(&[query], id)).unwrap_or(false))
    }

    fn answers_all(&self, queries: &[&Query], id: &str) -> bool {
        // No query lies at an odd address: what several say together is not what one of them says.
        let place = queries.last().map_or(0, |query| std::ptr::from_ref(*query) as usize) | 1;
        self.remembered(place, id, || self.keep(self.has_answer(queries, id)).unwrap_or(false))
    }

    fn is_named_by(&self, query: &Query, parameter: &'static Parameter, kind: ResourceType, id: &str) -> bool {
        self.remembered(std::ptr::from_ref(query) as usize, id, || {
            let mut named = vec![(kind, id.to_owned())];
            if kind == ResourceType::PATIENT {
                named.extend(self.keep(self.others_of(id)).unwrap_or_default().into_iter().map(|other| (kind, other)));
            }
            let narrowed = query.clone().leading_to(parameter, &named);
            let found = Look::plain(self.chart, self.set, narrowed, self.tick, self).and_then(|look| look.page(None, 1));
            self.keep(found).is_some_and(|(matches, _)| !matches.is_empty())
        })
    }

    fn is_listed(&self, list: &str, kind: ResourceType, id: &str) -> bool {
        let is_known = self.lists.lock().contains_key(list);
        if !is_known {
            let named = self.keep(self.listed(list)).unwrap_or_default();
            self.lists.lock().insert(list.to_owned(), named);
        }
        self.lists.lock().get(list).is_some_and(|named| named.contains(&(kind, id.to_owned())))
    }
}
