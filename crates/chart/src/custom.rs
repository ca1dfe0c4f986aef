//! The site's own SearchParameters: which are in force.
//!
//! * An active SearchParameter of the shared space is in force from the moment it is written; one
//!   that is retired, changed or deleted is out of force as soon.
//! * What cannot be compiled is not written as active; one that an older program kept is passed over.
//! * Whatever is written from then on has their terms; what was there before gets them in the
//!   background, record by record, each under its lock. It begins when every write that was drafted
//!   without them has ended, so that none is missed between the two, a new record's neither.
//!   Until all is done a search does without: it finds the same, and looks at more.
//! * The terms of one that went out of force are taken away in the same way.
//! * How far that is lies in a note, so it goes on after a restart, and after a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::{Act, Caller};
use fhir::{Document, Issue, RecordId, ResourceType, Value};
use parking_lot::{Mutex, RwLock};
use search::{Custom, Own};
use store::{Location, Method, OwnedTerm, Tick};
use tokio::sync::{OwnedRwLockReadGuard, RwLock as Drafting};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

/// The type whose resources are read here.
pub(crate) const SEARCH_PARAMETER: &str = "SearchParameter";

/// What is in force.
#[derive(Default)]
pub(crate) struct InForce {
    now: RwLock<Arc<Custom>>,
    /// Held by whoever changes the note.
    note: Mutex<()>,
    /// Held while what is in force is read anew, so that an older reading never comes after a newer one.
    reading: Mutex<()>,
    /// Shared by every write from its draft to its end.
    drafting: Arc<Drafting<()>>,
    is_indexing: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl InForce {
    /// What a write drafts by stays in force until its guard is dropped, as far as indexing is concerned:
    /// no pass begins meanwhile.
    pub async fn drafting(&self) -> OwnedRwLockReadGuard<()> {
        self.drafting.clone().read_owned().await
    }

    /// Waits until every write that may have been drafted by what was in force before has ended.
    async fn drafted(&self) {
        drop(self.drafting.write().await);
    }
}

/// How far the terms of each parameter are, by its number.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct OwnIndex {
    states: BTreeMap<u64, State>,
    /// Some parameter went out of force, and nobody knows any more what it meant: its postings stay
    /// until the index is made anew.
    has_leftovers: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Since when, which tells one time from another, and up to which record it is done.
    Building(u64, Option<RecordId>),
    /// Out of force: its terms are being taken away, as far as here.
    Clearing(u64, Option<RecordId>),
    Ready,
}

impl State {
    /// The same, when so much more is done.
    fn after(self, record: RecordId) -> State {
        match self {
            State::Building(began, _) => State::Building(began, Some(record)),
            State::Clearing(began, _) => State::Clearing(began, Some(record)),
            State::Ready => State::Ready,
        }
    }

    /// Since when.
    fn began(self) -> Option<u64> {
        match self {
            State::Building(began, _) | State::Clearing(began, _) => Some(began),
            State::Ready => None,
        }
    }

    /// Up to which record it is done.
    fn place(self) -> Option<RecordId> {
        match self {
            State::Building(_, after) | State::Clearing(_, after) => after,
            State::Ready => None,
        }
    }
}

/// How far the index of one SearchParameter is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum IndexState {
    /// It is not in force: not active, or older than the rules.
    Absent,
    /// Searches by it look at more than they need; so many hundredths are done.
    Building(u8),
    /// Searches by it are narrowed.
    Ready,
}

impl OwnIndex {
    pub fn is_ready(&self, key: u64) -> bool {
        self.states.get(&key) == Some(&State::Ready)
    }

    /// True if the postings are exactly those of the parameters that are ready.
    pub fn is_settled(&self) -> bool {
        !self.has_leftovers && self.states.values().all(|state| *state == State::Ready)
    }

    /// The beginning of what begins now: later than all before, also where the clock stood still meanwhile. A pass that is
    /// under way tells by it that its parameter went out of force and came back, and begins again.
    fn beginning(&self, now: u64) -> u64 {
        self.states.values().filter_map(|state| state.began()).fold(now, |latest, began| latest.max(began.saturating_add(1)))
    }

    fn read(note: &str) -> OwnIndex {
        let mut index = OwnIndex::default();
        for line in note.lines() {
            let mut words = line.split(' ');
            let number = |word: Option<&str>| u64::from_str_radix(word?, 16).ok();
            match (words.next(), number(words.next())) {
                (Some("ready"), Some(key)) => drop(index.states.insert(key, State::Ready)),
                (Some("building"), Some(key)) => {
                    let began = number(words.next()).unwrap_or_default();
                    index.states.insert(key, State::Building(began, number(words.next()).map(RecordId)));
                }
                (Some("clearing"), Some(key)) => {
                    let began = number(words.next()).unwrap_or_default();
                    index.states.insert(key, State::Clearing(began, number(words.next()).map(RecordId)));
                }
                (Some("leftovers"), _) => index.has_leftovers = true,
                _ => {}
            }
        }
        index
    }

    fn text(&self) -> String {
        let mut text = String::from(if self.has_leftovers { "leftovers\n" } else { "" });
        for (key, state) in &self.states {
            let _ = match state {
                State::Ready => writeln!(text, "ready {key:x}"),
                State::Building(began, None) => writeln!(text, "building {key:x} {began:x}"),
                State::Building(began, Some(after)) => writeln!(text, "building {key:x} {began:x} {:x}", after.0),
                State::Clearing(began, None) => writeln!(text, "clearing {key:x} {began:x}"),
                State::Clearing(began, Some(after)) => writeln!(text, "clearing {key:x} {began:x} {:x}", after.0),
            };
        }
        text
    }
}

/// Somebody indexes. When this goes, also with a panic or with the runtime, somebody else may.
struct Indexing(Chart);

impl Drop for Indexing {
    fn drop(&mut self) {
        self.0.inner.custom.is_indexing.store(false, Ordering::Release);
    }
}

const NOTE: &str = "own search parameters";
/// Records between two notes of how far an index is.
const RECORDS: usize = 256;

impl Chart {
    /// The site's own parameters.
    pub fn custom(&self) -> Arc<Custom> {
        self.inner.custom.now.read().clone()
    }

    /// How far the terms are.
    pub(crate) fn own_index(&self) -> Result<OwnIndex> {
        Ok(self.store().note(NOTE)?.map(|note| OwnIndex::read(&String::from_utf8_lossy(&note))).unwrap_or_default())
    }

    fn change_own_index(&self, change: impl FnOnce(&mut OwnIndex)) -> Result<OwnIndex> {
        let _held = self.inner.custom.note.lock();
        let before = self.store().note(NOTE)?;
        let was = before.as_ref().map(|note| OwnIndex::read(&String::from_utf8_lossy(note))).unwrap_or_default();
        let mut index = was.clone();
        change(&mut index);
        if index != was && !self.store().keep_note(NOTE, before.as_deref(), index.text().as_bytes())? {
            return Err(store::Error::Damaged("a note changed while it was held").into());
        }
        Ok(index)
    }

    /// After the index was made anew as a whole.
    pub(crate) fn own_index_is_whole(&self) -> Result<()> {
        self.change_own_index(|index| {
            index.has_leftovers = false;
            index.states.retain(|_, state| !matches!(state, State::Clearing(..)));
            index.states.values_mut().for_each(|state| *state = State::Ready);
        })?;
        self.read_custom()
    }

    /// How far the index of a SearchParameter is.
    pub async fn index_state(&self, caller: &Caller, id: &str) -> Result<IndexState> {
        let kind = ResourceType::named(SEARCH_PARAMETER).ok_or(Error::NotFound)?;
        let stored = self.read(caller, kind, id).await?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let url = document.root().string("url").unwrap_or_default();
        let (custom, index) = (self.custom(), self.own_index()?);
        let is_active = document.root().string("status").as_deref() == Some("active");
        let own = custom.all().iter().filter(|own| is_active && own.parameter.definition.url == url);
        let states: Vec<f64> = own.map(|own| match index.states.get(&own.key) {
            Some(State::Ready) if custom.narrows(own.key) => 1.0,
            // Written, and not yet taken up by the searches.
            Some(State::Ready) => 0.99,
            Some(State::Building(_, Some(after))) => self.part_of(*after),
            _ => 0.0,
        }).collect();
        Ok(match states.iter().copied().reduce(f64::min) {
            None => IndexState::Absent,
            Some(1.0) => IndexState::Ready,
            Some(_) => IndexState::Building((states.iter().sum::<f64>() / states.len() as f64 * 100.0).clamp(0.0, 99.0) as u8),
        })
    }

    /// Goes on with what has to be indexed, in the background. Does nothing where that happens already. Whoever
    /// serves calls it now and then: after a failure, and after the end of whatever it ran in, it goes on with that.
    pub fn resume_indexing(&self) {
        if self.inner.custom.is_indexing.swap(true, Ordering::AcqRel) {
            return;
        }
        let indexing = Indexing(self.clone());
        tokio::spawn(async move {
            let outcome = loop {
                match indexing.0.index_next().await {
                    Ok(true) => {}
                    other => break other,
                }
            };
            let chart = indexing.0.clone();
            drop(indexing);
            match outcome {
                // One may have come into force since the last look.
                Ok(_) if matches!(chart.next_to_index(), Ok(Some(_))) => chart.resume_indexing(),
                Ok(_) => {}
                Err(cause) => *chart.inner.custom.failure.lock() = Some(cause),
            }
        });
    }

    /// What kept indexing from going on since somebody asked last.
    pub fn indexing_failure(&self) -> Option<Error> {
        self.inner.custom.failure.lock().take()
    }

    /// What comes next: those that are in force first.
    fn next_to_index(&self) -> Result<Option<(Own, State)>> {
        let (custom, index) = (self.custom(), self.own_index()?);
        let building = custom.with_terms().find_map(|own| match index.states.get(&own.key) {
            Some(state @ State::Building(..)) => Some((*own, *state)),
            _ => None,
        });
        if building.is_some() {
            return Ok(building);
        }
        // While the writes still have its terms, there is no use in taking them away.
        let in_force: BTreeSet<u64> = custom.with_terms().map(|own| own.key).collect();
        for (key, state) in index.states.iter().filter(|(key, state)| matches!(state, State::Clearing(..)) && !in_force.contains(key)) {
            if let Some(own) = self.meant_once(*key)? {
                return Ok(Some((own, *state)));
            }
            self.change_own_index(|index| {
                index.states.remove(key);
                index.has_leftovers = true;
            })?;
        }
        Ok(None)
    }

    /// What a number meant, as some version of some SearchParameter says.
    fn meant_once(&self, key: u64) -> Result<Option<Own>> {
        let Some(kind) = ResourceType::named(SEARCH_PARAMETER) else { return Ok(None) };
        let set = self.permitted_set(&house(), Act::Read)?;
        let mut places = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.kind == kind {
                    places.push((permitted.clone(), Location { record, entry: entry.entry }));
                }
                ControlFlow::Continue(())
            })?;
        }
        let mut found = None;
        for (permitted, at) in places {
            self.store().versions(&permitted, kind, at, &mut |version| {
                let document = Document::read(version.text).ok();
                found = document.and_then(|document| Own::all_of(document.root()).into_iter().find(|own| own.key == key));
                if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if found.is_some() {
                break;
            }
        }
        Ok(found)
    }

    /// Indexes some records by the next parameter that needs it, or takes the terms away of one that
    /// is out of force; false where none needs either.
    async fn index_next(&self) -> Result<bool> {
        let Some((own, was)) = self.next_to_index()? else { return Ok(false) };
        if was.place().is_none() {
            self.inner.custom.drafted().await;
        }
        let mut records = Vec::with_capacity(RECORDS);
        self.store().records(was.place(), &mut |record| {
            records.push(record);
            if records.len() < RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let terms_of = |resource: Value<'_>| {
            let mut terms = Vec::new();
            own.terms(resource, &mut |term| terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time }));
            terms
        };
        for record in &records {
            let _held = self.inner.locks.records([*record]).await;
            match was {
                State::Clearing(..) => self.store().remove_postings(*record, own.kind, &terms_of)?,
                _ => self.store().add_postings(*record, own.kind, &terms_of)?,
            }
        }
        let last = records.last().filter(|_| records.len() == RECORDS);
        self.change_own_index(|index| {
            // It may have gone out of force meanwhile, and come into force again.
            if index.states.get(&own.key) != Some(&was) {
                return;
            }
            match (last, was) {
                (Some(last), _) => drop(index.states.insert(own.key, was.after(*last))),
                (None, State::Clearing(..)) => drop(index.states.remove(&own.key)),
                (None, _) => drop(index.states.insert(own.key, State::Ready)),
            }
        })?;
        if last.is_none() {
            self.read_custom()?;
        }
        tokio::task::yield_now().await;
        Ok(true)
    }

    /// Reads anew what is in force: when the door opens, and after one was written.
    pub(crate) fn read_custom(&self) -> Result<()> {
        let _held = self.inner.custom.reading.lock();
        let mut custom = Custom::beside_r4();
        for (_, text) in self.active_parameters()? {
            if let Ok(document) = Document::read(&text) {
                // One that cannot be compiled any more is nobody's parameter; its reader is told when it is written.
                let _ = custom.add(document.root());
            }
        }
        let keys: BTreeSet<u64> = custom.with_terms().map(|own| own.key).collect();
        let (now, is_empty) = (self.now().0 as u64, self.is_empty()?);
        let index = self.change_own_index(|index| {
            let began = index.beginning(now);
            let first = if is_empty { State::Ready } else { State::Building(began, None) };
            for (_, state) in index.states.iter_mut().filter(|(key, state)| !keys.contains(key) && !matches!(state, State::Clearing(..))) {
                *state = State::Clearing(began, None);
            }
            for key in &keys {
                let state = index.states.entry(*key).or_insert(first);
                if matches!(state, State::Clearing(..)) {
                    *state = State::Building(began, None);
                }
            }
        })?;
        keys.into_iter().filter(|key| index.is_ready(*key)).for_each(|key| custom.is_indexed_now(key));
        *self.inner.custom.now.write() = Arc::new(custom);
        Ok(())
    }

    /// True where no record has begun: what is written from now on has all its terms.
    fn is_empty(&self) -> Result<bool> {
        let mut is_empty = true;
        self.store().records(None, &mut |_| {
            is_empty = false;
            ControlFlow::Break(())
        })?;
        Ok(is_empty)
    }

    /// Refuses a SearchParameter that would be in force and cannot be.
    pub(crate) fn may_be_in_force(&self, body: Value<'_>, id: &str) -> Result<()> {
        if body.string("status").as_deref() != Some("active") {
            return Ok(());
        }
        let mut custom = Custom::default();
        for (_, text) in self.active_parameters()?.iter().filter(|(other, _)| other != id) {
            if let Ok(document) = Document::read(text) {
                let _ = custom.add(document.root());
            }
        }
        custom.add(body).map_err(|issues: Vec<Issue>| Error::Refused(issues))
    }

    /// The active SearchParameters, by id: those that come first are the ones that count.
    fn active_parameters(&self) -> Result<Vec<(String, String)>> {
        let Some(kind) = ResourceType::named(SEARCH_PARAMETER) else { return Ok(Vec::new()) };
        let set = self.permitted_set(&house(), Act::Read)?;
        let mut found = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                let is_active = |text: &str| Document::read(text).is_ok_and(|document| document.root().string("status").as_deref() == Some("active"));
                if entry.method != Method::Delete && entry.kind == kind && is_active(entry.text) {
                    found.push((entry.id.to_owned(), entry.text.to_owned()));
                }
                ControlFlow::Continue(())
            })?;
        }
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_is_read_as_it_was_written() {
        let states = BTreeMap::from([(7, State::Ready), (u64::MAX, State::Building(5, None)), (9, State::Building(u64::MAX, Some(RecordId(1 << 60)))), (11, State::Clearing(3, None)), (12, State::Clearing(3, Some(RecordId(5))))]);
        let index = OwnIndex { states, has_leftovers: true };
        assert_eq!(OwnIndex::read(&index.text()), index);
        assert_eq!(OwnIndex::read(""), OwnIndex::default());
        assert!(!index.is_settled() && index.is_ready(7) && !index.is_ready(9));
    }

    #[test]
    fn what_begins_anew_begins_later_than_before() {
        let states = BTreeMap::from([(7, State::Ready), (8, State::Building(5, Some(RecordId(1)))), (9, State::Clearing(6, None))]);
        let index = OwnIndex { states, has_leftovers: false };
        assert_eq!([3, 6, 7, 8].map(|now| index.beginning(now)), [7, 7, 7, 8]);
        assert_eq!(OwnIndex::default().beginning(3), 3);
    }
}
