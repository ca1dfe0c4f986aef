//! Verifying a whole store, and building its index anew from the records alone.
//!
//! * Every value is opened, every record compared with its head, every claim of the index
//!   compared with the records, in memory that does not grow with the store.
//! * Postings, locators and claims are looked up one by one from the records and compared as sums
//!   of digests: what is missing is named, what is too many shows in the sum.
//! * Records, their heads and the log vouch for each other: each line tells of the versions it
//!   wrote, how often each record had been written to by then, and the openings written with it.
//! * What nothing here can notice is a shard put back whole, log, number and all: that is what
//!   the anchor is for ([`Store::compare_with`]).
//! * Nobody may write meanwhile.
//! * A report names places and counts, never content.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use fhir::{Document, RecordId, ResourceType, Value};

use crate::batch::Batch;
use crate::engine::{CommitError, Space, Span};
use crate::entry::Method;
use crate::erase::ErasedRecord;
use crate::error::Error;
use crate::head::Head;
use crate::layout::{self, EntryKey};
use crate::log::Openings;
use crate::read::{Location, OwnedTerm, Tally, Term, open, open_guest};
use crate::store::{SITE, Store};
use crate::tick::Tick;
use crate::write::{Claim, LINE_LENGTH, holder_bytes};

/// What is wrong somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which record, where one is concerned.
    pub record: Option<RecordId>,
    /// What, in words for an operator.
    pub what: String,
    /// True if `--repair-index` mends it.
    pub in_index: bool,
}

/// What a check saw.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Versions of resources, tombstones included.
    pub versions: u64,
    /// Postings in the store.
    pub postings: u64,
    /// Locators in the store.
    pub locators: u64,
    /// Claims on unique identifiers in the store.
    pub claims: u64,
    /// Guest pointers.
    pub guests: u64,
    /// Lines of the log.
    pub log_lines: u64,
    /// Openings in the log.
    pub openings: u64,
    /// Records that were erased.
    pub erased: u64,
    /// Versions an import kept with flaws.
    pub flawed: u64,
    /// What is wrong; at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub further: u64,
    /// No terms are being added or taken away in the background: the postings are just those that are called for.
    pub is_settled: bool,
}

/// Findings listed one by one.
pub const MOST_FINDINGS: usize = 200;

/// What follows from a resource: the caller's to say, because the store does not know what it means.
pub struct Meaning<'m> {
    /// The terms it is found by.
    pub terms_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<OwnedTerm>,
    /// The claims it makes, as long as it is the newest version.
    pub claims_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<Claim>,
    /// Claims that it no longer makes and may still hold, because an earlier version of the program wrote them.
    pub former_claims_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<Claim>,
    /// The terms are all there should be: none are being added, and none are left over.
    pub is_settled: bool,
}

impl Checked {
    pub(crate) fn find(&mut self, record: Option<RecordId>, in_index: bool, what: impl Into<String>) {
        if self.findings.len() == MOST_FINDINGS {
            self.further += 1;
        } else {
            self.findings.push(Finding { record, what: what.into(), in_index });
        }
    }

    /// True if nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Keys counted without keeping them.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    count: u64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
        let hash = hasher.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        self.count += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(bytes));
    }
}

/// What the records say the index must hold.
#[derive(Default)]
struct Expected {
    postings: Sum,
    locators: Sum,
    claims: Sum,
    /// How often each record was written to, one digest for each time.
    writes: Sum,
    /// Records of which nothing is left.
    erased: BTreeMap<RecordId, ErasedRecord>,
}

/// What the log of a shard tells.
#[derive(Default)]
struct ShardLog {
    lines: u64,
    openings: u64,
    /// Versions told of that are not there.
    lost: u64,
    /// Heads that are older than a line.
    rolled_back: u64,
    /// Lines that do not open.
    broken: u64,
    /// Openings the lines tell of.
    told: Openings,
    /// Openings that are there.
    found: Openings,
}

/// One entry of a record and everything that follows from it.
struct EntryState {
    entry: u32,
    postings: BTreeSet<[u8; 27]>,
}

impl Store {
    /// Looks at everything: engine checksums, seals, heads, postings, locators, claims, guests, notes and the log.
    pub fn check(&self, meaning: &Meaning<'_>, progress: &mut dyn FnMut(u64)) -> Result<Checked, Error> {
        let mut checked = Checked::default();
        for (engine, name) in [(&self.data, "record"), (self.keys.engine(), "keyring")] {
            if let Err(cause) = engine.verify() {
                checked.find(None, false, format!("the engine's own checksums of the {name} do not agree: {}", in_full(&cause)));
            }
        }
        let mut expected = Expected::default();
        let erasures = self.check_erased(&mut checked).map(|erased| {
            for (record, mark) in &erased {
                (1..=mark.commits).for_each(|commit| self.count_write(*record, commit, &mut expected.writes));
            }
            expected.erased = erased;
        });
        // What cannot be read to its end is a finding too, and the rest is looked at all the same.
        let records = self.check_records(meaning, &mut checked, &mut expected, progress);
        let index = self.check_index(&expected, meaning, &mut checked);
        let notes = self.check_notes(&mut checked);
        let log = self.check_log(&expected, &mut checked);
        for (outcome, name) in [(erasures, "marks of erased records"), (records, "records"), (index, "index"), (notes, "notes"), (log, "log")] {
            if let Err(cause) = outcome {
                checked.find(None, false, format!("the {name} could not be read to the end: {}", in_full(&cause)));
            }
        }
        Ok(checked)
    }

    fn check_records(&self, meaning: &Meaning<'_>, checked: &mut Checked, expected: &mut Expected, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
        let mut records = Vec::new();
        let mut last = None;
        loop {
            records.clear();
            self.records(last, &mut |record| {
                records.push(record);
                if records.len() < 1024 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let Some(newest) = records.last() else { return Ok(()) };
            last = Some(*newest);
            for record in &records {
                self.check_record(*record, meaning, checked, expected)?;
                checked.records += 1;
                progress(checked.records);
            }
        }
    }

    fn check_record(&self, record: RecordId, meaning: &Meaning<'_>, checked: &mut Checked, expected: &mut Expected) -> Result<(), Error> {
        if record.shard() >= self.shards() {
            checked.find(Some(record), false, "it lies in a shard the store does not have");
        }
        if expected.erased.contains_key(&record) {
            checked.find(Some(record), false, "it was erased and something lies in it again; the next start of the server erases it, or `carnet erase replay`");
            return Ok(());
        }
        let sealer = match self.keys.find_on_disk(record) {
            Ok(Some(sealer)) => sealer,
            Ok(None) => {
                checked.find(Some(record), false, "its key is not in the keyring: nothing in it can be opened; restore the keyring");
                return Ok(());
            }
            Err(cause) => {
                checked.find(Some(record), false, format!("its key does not open: {cause}"));
                return Ok(());
            }
        };
        let mut tally = Tally::default();
        let mut buffer = Vec::new();
        let mut state: Option<EntryState> = None;
        let mut guests = Vec::new();
        let mut seen = false;
        self.data.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |key, value| {
            seen = true;
            tally.count(&sealer, key, value);
            match key.get(8) {
                Some(&layout::HEAD) => {}
                Some(&layout::ENTRY) => match open(&sealer, key, value, &mut buffer) {
                    Ok(version) => self.check_version(record, version, meaning, checked, expected, &mut state),
                    Err(cause) => checked.find(Some(record), false, format!("a version does not open: {cause}")),
                },
                Some(&layout::GUEST) => match open_guest(&sealer, key, value, &mut buffer) {
                    Ok(pointer) => guests.push(pointer),
                    Err(cause) => checked.find(Some(record), false, format!("a guest pointer does not open: {cause}")),
                },
                _ => checked.find(Some(record), false, "a key of no known kind lies in it"),
            }
            ControlFlow::Continue(())
        })?;
        if let Some(state) = state.take() {
            self.close_entry(record, &state, checked, expected);
        }
        match tally.verify(self, record) {
            Ok(commits) => (1..=commits).for_each(|commit| self.count_write(record, commit, &mut expected.writes)),
            Err(cause) => checked.find(Some(record), false, cause.to_string()),
        }
        if !seen {
            checked.find(Some(record), false, "a key of no known kind lies where it would be");
        }
        checked.guests += guests.len() as u64;
        for (kind, at) in guests {
            let there = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version: 0 }.entry_prefix();
            let mut found = false;
            self.data.scan(Space::Record, &Span::prefix(there), &mut |_, _| {
                found = true;
                ControlFlow::Break(())
            })?;
            if !found && expected.erased.contains_key(&at.record) {
                checked.find(Some(record), true, "a guest pointer leads to an erased record");
            } else if !found {
                checked.find(Some(record), false, "a guest pointer leads to nothing");
            }
        }
        Ok(())
    }

    fn check_version(
        &self,
        record: RecordId,
        version: crate::entry::EntryRef<'_>,
        meaning: &Meaning<'_>,
        checked: &mut Checked,
        expected: &mut Expected,
        state: &mut Option<EntryState>,
    ) {
        checked.versions += 1;
        checked.flawed += u64::from(version.is_flawed());
        // The newest version of an entry comes first.
        let newest = state.as_ref().is_none_or(|state| state.entry != version.entry);
        if newest {
            self.open_entry(record, &version, checked, expected, state);
        }
        if version.method == Method::Delete {
            return;
        }
        let Some(state) = state else { return };
        let Ok(document) = Document::read(version.text) else {
            return checked.find(Some(record), false, "a version opens but is not JSON");
        };
        for term in (meaning.terms_of)(version.kind, document.root()) {
            state.postings.insert(self.posting_of(record, version.entry, &term));
        }
        if newest {
            for claim in (meaning.claims_of)(version.kind, document.root()) {
                self.check_claim(&claim, Location { record, entry: version.entry }, checked, expected);
            }
            let at = Location { record, entry: version.entry };
            for claim in (meaning.former_claims_of)(version.kind, document.root()) {
                if self.claimed_by(&claim).is_ok_and(|holder| holder == Some(at)) {
                    expected.claims.add(&self.claim_key(&claim), &holder_bytes(at));
                }
            }
        }
    }

    /// Turns to the next entry of a record: its locator.
    fn open_entry(&self, record: RecordId, version: &crate::entry::EntryRef<'_>, checked: &mut Checked, expected: &mut Expected, state: &mut Option<EntryState>) {
        if let Some(done) = state.take() {
            self.close_entry(record, &done, checked, expected);
        }
        *state = Some(EntryState { entry: version.entry, postings: BTreeSet::new() });
        let (token, key) = self.locator(version.kind, version.id);
        let block = key.seal(layout::locator_block(record, version.entry));
        expected.locators.add(&token, &block);
        match self.data.get(Space::Locator, &token) {
            Ok(Some(found)) if found == block => {}
            Ok(Some(_)) => checked.find(Some(record), true, "the locator of a resource leads elsewhere"),
            Ok(None) => checked.find(Some(record), true, "a resource has lost its locator"),
            Err(cause) => checked.find(Some(record), true, format!("a locator could not be read: {cause}")),
        }
    }

    fn check_claim(&self, claim: &Claim, at: Location, checked: &mut Checked, expected: &mut Expected) {
        // A claim is sealed with chance: its key and what it opens to are what counts.
        expected.claims.add(&self.claim_key(claim), &holder_bytes(at));
        match self.claimed_by(claim) {
            Ok(Some(holder)) if holder == at => {}
            Ok(Some(_)) => checked.find(Some(at.record), true, "the claim on a unique identifier is held for another resource"),
            Ok(None) => checked.find(Some(at.record), true, "a resource has lost its claim on a unique identifier"),
            Err(cause) => checked.find(Some(at.record), true, format!("a claim does not open: {cause}")),
        }
    }

    fn count_write(&self, record: RecordId, commit: u64, sum: &mut Sum) {
        sum.add(&record.0.to_be_bytes(), &self.tokens.claim("written", &[record.0.to_be_bytes(), commit.to_be_bytes()].concat()));
    }

    pub(crate) fn posting_of(&self, record: RecordId, entry: u32, term: &OwnedTerm) -> [u8; 27] {
        let (token, key) = self.term(Term { parameter: term.parameter, value: &term.value, month: term.month });
        layout::posting_key(record.shard(), token, key.seal(layout::posting_block(record, entry, term.seconds)))
    }

    fn close_entry(&self, record: RecordId, state: &EntryState, checked: &mut Checked, expected: &mut Expected) {
        for posting in &state.postings {
            expected.postings.add(posting, &[]);
            match self.data.view(Space::Posting, posting, &mut |_| {}) {
                Ok(true) => {}
                Ok(false) => checked.find(Some(record), true, "a resource has lost a posting: a search would not find it"),
                Err(cause) => checked.find(Some(record), true, format!("a posting could not be read: {cause}")),
            }
        }
    }

    fn check_index(&self, expected: &Expected, meaning: &Meaning<'_>, checked: &mut Checked) -> Result<(), Error> {
        let mut found = Expected::default();
        self.data.scan(Space::Posting, &Span::all(), &mut |key, value| {
            found.postings.add(key, value);
            ControlFlow::Continue(())
        })?;
        self.data.scan(Space::Locator, &Span::all(), &mut |key, value| {
            found.locators.add(key, value);
            ControlFlow::Continue(())
        })?;
        (checked.postings, checked.locators) = (found.postings.count, found.locators.count);
        self.data.scan(Space::Claim, &Span::all(), &mut |key, sealed| {
            match self.claims.open(key, sealed) {
                Ok(holder) => found.claims.add(key, &holder),
                Err(_) => found.claims.count += 1,
            }
            ControlFlow::Continue(())
        })?;
        (checked.postings, checked.locators, checked.claims) = (found.postings.count, found.locators.count, found.claims.count);
        let compared = [("postings", found.postings, expected.postings), ("locators", found.locators, expected.locators), ("claims", found.claims, expected.claims)];
        checked.is_settled = meaning.is_settled;
        for (name, found, expected) in compared {
            let may_differ = name == "postings" && !meaning.is_settled;
            if found != expected && !may_differ {
                let what = format!("the store holds {} {name}, the records call for {}, and they are not the same ones", found.count, expected.count);
                checked.find(None, true, what);
            }
        }
        Ok(())
    }

    /// Every note opens where it lies, and nothing else lies beside them.
    fn check_notes(&self, checked: &mut Checked) -> Result<(), Error> {
        let mut wrong = 0;
        self.data.scan(Space::Meta, &Span::all(), &mut |key, sealed| {
            let stands = match key.first() {
                Some(0) => key.len() == 2,
                Some(1) => key == SITE,
                // The tree is looked at with the log.
                Some(&layout::TREE) => true,
                _ => self.meta.open(key, sealed).is_ok(),
            };
            wrong += u64::from(!stands);
            ControlFlow::Continue(())
        })?;
        if wrong > 0 {
            checked.find(None, false, format!("{wrong} notes the store keeps about itself do not open; accounts may be among them"));
        }
        Ok(())
    }

    /// Every line opens, everything a line tells of is there, and there are as many lines as commits.
    fn check_log(&self, expected: &Expected, checked: &mut Checked) -> Result<(), Error> {
        let mut writes = Sum::default();
        for shard in 0..=u8::MAX {
            let mut log = ShardLog::default();
            let mut outcome = Ok(());
            self.data.scan(Space::Log, &Span::prefix([shard]), &mut |key, sealed| {
                outcome = self.check_line(key, sealed, &expected.erased, &mut log, &mut writes);
                if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            outcome?;
            checked.log_lines += log.lines;
            checked.openings += log.openings;
            let commits = self.data.commit_number(shard)?;
            if log.lines != commits {
                checked.find(None, false, format!("shard {shard} had {commits} commits and its log has {} lines: something was taken out or put in", log.lines));
            }
            if log.lost > 0 {
                checked.find(None, false, format!("the log of shard {shard} tells of {} versions that are not in their records: a record was rolled back or cut", log.lost));
            }
            if log.rolled_back > 0 {
                checked.find(None, false, format!("the log of shard {shard} tells {} times of a record that was written to more often than its head says: it was rolled back", log.rolled_back));
            }
            if log.broken > 0 {
                checked.find(None, false, format!("{} lines in the log of shard {shard} do not open", log.broken));
            }
            if log.told != log.found {
                checked.find(None, false, format!("the openings in the log of shard {shard} are not those its lines tell of: some were taken out"));
            }
        }
        self.check_tree(checked)?;
        if writes != expected.writes {
            let what = format!("the heads of the records tell of {} writes, the log of {}, and they are not the same ones: lines were taken out of the log", expected.writes.count, writes.count);
            checked.find(None, false, what);
        }
        Ok(())
    }

    fn check_line(&self, key: &[u8], sealed: &[u8], erased: &BTreeMap<RecordId, ErasedRecord>, log: &mut ShardLog, writes: &mut Sum) -> Result<(), Error> {
        let Some(at) = layout::commit_line_time(key) else {
            log.openings += 1;
            log.found.add(self.opening_digest(key, sealed));
            log.broken += u64::from(self.lines.open(key, sealed).is_err());
            return Ok(());
        };
        log.lines += 1;
        let Ok(line) = self.read_line(key, at, sealed) else {
            log.broken += 1;
            return Ok(());
        };
        log.told.add_all(line.opened);
        for version in &line.versions {
            log.lost += u64::from(!erased.contains_key(&version.location.record) && !self.is_there(version)?);
        }
        for (record, commits) in line.heads {
            self.count_write(record, commits, writes);
            // A head that does not open has been named before.
            let older = !erased.contains_key(&record) && self.head(record).is_ok_and(|head| head.is_none_or(|(head, _)| head.commits < commits));
            log.rolled_back += u64::from(older);
        }
        Ok(())
    }

    /// Throws postings, locators and claims away and makes them anew from the records. Nobody may
    /// write meanwhile; after a kill in the middle it is simply done again.
    pub fn repair_index(&self, meaning: &Meaning<'_>, progress: &mut dyn FnMut(u64)) -> Result<u64, Error> {
        for space in [Space::Posting, Space::Locator, Space::Claim] {
            self.clear(space)?;
        }
        let (mut done, mut last) = (0, None);
        loop {
            let mut records = Vec::new();
            self.records(last, &mut |record| {
                records.push(record);
                if records.len() < 1024 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let Some(newest) = records.last() else { return Ok(done) };
            last = Some(*newest);
            for record in records {
                self.index_record(record, meaning)?;
                done += 1;
                progress(done);
            }
        }
    }

    fn clear(&self, space: Space) -> Result<(), Error> {
        loop {
            let mut batch = Batch::new();
            self.data.scan(space, &Span::all(), &mut |key, _| {
                batch.delete(space, key);
                if batch.len() < 10_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            if batch.is_empty() {
                return Ok(());
            }
            self.mend(batch)?;
        }
    }

    /// Adds postings to what the resources of a type have in one record, in all their versions. Whoever
    /// calls keeps others from writing to the record. Postings that are there already stay as they are.
    pub fn add_postings(&self, record: RecordId, kind: ResourceType, terms_of: &dyn Fn(Value<'_>) -> Vec<OwnedTerm>) -> Result<(), Error> {
        self.change_postings(record, kind, terms_of, &|batch, key| {
            batch.put(Space::Posting, key, &[]);
        })
    }

    /// Takes postings away from the resources of a type in one record, from all their versions.
    /// Whoever calls keeps others from writing to the record.
    pub fn remove_postings(&self, record: RecordId, kind: ResourceType, terms_of: &dyn Fn(Value<'_>) -> Vec<OwnedTerm>) -> Result<(), Error> {
        self.change_postings(record, kind, terms_of, &|batch, key| {
            batch.delete(Space::Posting, key);
        })
    }

    fn change_postings(&self, record: RecordId, kind: ResourceType, terms_of: &dyn Fn(Value<'_>) -> Vec<OwnedTerm>, change: &dyn Fn(&mut Batch, &[u8])) -> Result<(), Error> {
        let Some(sealer) = self.keys.find(record)? else { return Ok(()) };
        let (mut batch, mut buffer) = (Batch::new(), Vec::new());
        let prefix = layout::entries_prefix(record, Some(self.token(record, kind)));
        self.data.scan(Space::Record, &Span::prefix(prefix), &mut |key, value| {
            // What does not open has no terms; the check names it.
            if let Ok(version) = open(&sealer, key, value, &mut buffer)
                && version.kind == kind
                && version.method != Method::Delete
                && let Ok(document) = Document::read(version.text)
            {
                for term in terms_of(document.root()) {
                    change(&mut batch, &self.posting_of(record, version.entry, &term));
                }
            }
            ControlFlow::Continue(())
        })?;
        if batch.is_empty() { Ok(()) } else { self.mend(batch) }
    }

    fn index_record(&self, record: RecordId, meaning: &Meaning<'_>) -> Result<(), Error> {
        // What does not open cannot be found either; the check names it.
        let Ok(Some(sealer)) = self.keys.find_on_disk(record) else { return Ok(()) };
        let mut batch = Batch::new();
        let mut buffer = Vec::new();
        let mut last = None;
        self.data.scan(Space::Record, &Span::prefix(layout::entries_prefix(record, None)), &mut |key, value| {
            let Ok(version) = open(&sealer, key, value, &mut buffer) else { return ControlFlow::Continue(()) };
            let (token, block_key) = self.locator(version.kind, version.id);
            batch.put(Space::Locator, &token, &block_key.seal(layout::locator_block(record, version.entry)));
            let newest = last.replace(version.entry) != Some(version.entry);
            if version.method != Method::Delete && let Ok(document) = Document::read(version.text) {
                for term in (meaning.terms_of)(version.kind, document.root()) {
                    batch.put(Space::Posting, &self.posting_of(record, version.entry, &term), &[]);
                }
                let claims = if newest { (meaning.claims_of)(version.kind, document.root()) } else { Vec::new() };
                for claim in claims {
                    let key = self.claim_key(&claim);
                    let holder = holder_bytes(Location { record, entry: version.entry });
                    batch.put(Space::Claim, &key, &self.chances.with(|chance| self.claims.seal(&key, &holder, chance)));
                }
            }
            ControlFlow::Continue(())
        })?;
        if !batch.is_empty() {
            self.mend(batch)?;
        }
        self.drop_dead_guests(record, &sealer)
    }

    /// The time of a line of a repair: none, but another for each. A repair leaves as many lines as there are records;
    /// of one time some would have the same key, and lines would be missing.
    pub(crate) fn mending_tick(&self) -> Tick {
        Tick((u64::from_be_bytes(self.random()) >> (u64::BITS - MENDING_TICKS_BITS)) as i64)
    }

    /// Writes a mending batch, with the line in the log that every commit leaves in each shard it touches.
    fn mend(&self, mut batch: Batch) -> Result<(), Error> {
        let shards = batch.shards().map_err(|_| Error::Damaged("a key of the index is empty"))?;
        for shard in shards {
            let key = layout::commit_line_key(shard, self.mending_tick(), self.random());
            batch.put(Space::Log, &key, &self.lines.seal_same(&key, &[MENDED]));
        }
        match self.data.commit_wait(batch) {
            Ok(_) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(_) => Err(Error::Damaged("the index could not be mended")),
        }
    }
}

/// Times of lines that tell of no time: before everything that was ever written.
const MENDING_TICKS_BITS: u32 = 40;

/// An error with its sources, which say what the engine saw. Errors carry no content.
fn in_full(cause: &dyn std::error::Error) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// First byte of the line a repair leaves.
const MENDED: u8 = 3;

const _: () = assert!(LINE_LENGTH == 18 && Head::LENGTH == 44, "the format of lines and heads is fixed");
