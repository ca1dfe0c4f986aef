//! Verifying a whole store, and building its index anew from the records alone.
//!
//! * Every value is opened, every record compared with its head, every claim of the index
//!   compared with the records, in memory that does not grow with the store.
//! * Postings and locators are compared as sums of digests: what is missing or too many shows
//!   in the sum, and what is missing is also named one by one.
//! * A report names places and counts, never content.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use fhir::{Document, RecordId, ResourceType, Value};

use crate::batch::Batch;
use crate::engine::{CommitError, Space, Span};
use crate::entry::Method;
use crate::error::Error;
use crate::head::Head;
use crate::layout::{self, EntryKey};
use crate::read::{OwnedTerm, Tally, Term, open, open_guest};
use crate::store::Store;
use crate::write::LINE_LENGTH;

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
    /// Guest pointers.
    pub guests: u64,
    /// Lines of the log.
    pub log_lines: u64,
    /// Openings in the log.
    pub openings: u64,
    /// Versions an import kept with flaws.
    pub flawed: u64,
    /// What is wrong; at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub further: u64,
}

/// Findings listed one by one.
pub const MOST_FINDINGS: usize = 200;

/// The terms a resource is found by: the caller's, because the store does not know what they mean.
pub type TermsOf<'t> = dyn Fn(ResourceType, Value<'_>) -> Vec<OwnedTerm> + 't;

impl Checked {
    fn find(&mut self, record: Option<RecordId>, in_index: bool, what: impl Into<String>) {
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
}

/// One entry of a record and everything that follows from it.
struct EntryState {
    entry: u32,
    postings: BTreeSet<[u8; 27]>,
}

impl Store {
    /// Looks at everything: engine checksums, seals, heads, postings, locators, claims, guests and the log.
    pub fn check(&self, terms_of: &TermsOf<'_>, progress: &mut dyn FnMut(u64)) -> Result<Checked, Error> {
        let mut checked = Checked::default();
        for (engine, name) in [(&self.data, "record"), (self.keys.engine(), "keyring")] {
            if let Err(cause) = engine.verify() {
                checked.find(None, false, format!("the engine's own checksums of the {name} do not agree: {cause}"));
            }
        }
        let mut expected = Expected::default();
        self.check_records(terms_of, &mut checked, &mut expected, progress)?;
        self.check_index(&expected, &mut checked)?;
        self.check_claims(&mut checked)?;
        self.check_log(&mut checked)?;
        Ok(checked)
    }

    fn check_records(&self, terms_of: &TermsOf<'_>, checked: &mut Checked, expected: &mut Expected, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
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
                self.check_record(*record, terms_of, checked, expected)?;
                checked.records += 1;
                progress(checked.records);
            }
        }
    }

    fn check_record(&self, record: RecordId, terms_of: &TermsOf<'_>, checked: &mut Checked, expected: &mut Expected) -> Result<(), Error> {
        let sealer = match self.keys.find(record) {
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
        self.data.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |key, value| {
            tally.count(&sealer, key, value);
            match key.get(8) {
                Some(&layout::HEAD) => {}
                Some(&layout::ENTRY) => match open(&sealer, key, value, &mut buffer) {
                    Ok(version) => self.check_version(record, version, terms_of, checked, expected, &mut state),
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
        if let Err(cause) = tally.verify(self, record) {
            checked.find(Some(record), false, cause.to_string());
        }
        checked.guests += guests.len() as u64;
        for (kind, at) in guests {
            let there = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version: 0 }.entry_prefix();
            let mut found = false;
            self.data.scan(Space::Record, &Span::prefix(there), &mut |_, _| {
                found = true;
                ControlFlow::Break(())
            })?;
            if !found {
                checked.find(Some(record), false, "a guest pointer leads to nothing");
            }
        }
        Ok(())
    }

    fn check_version(
        &self,
        record: RecordId,
        version: crate::entry::EntryRef<'_>,
        terms_of: &TermsOf<'_>,
        checked: &mut Checked,
        expected: &mut Expected,
        state: &mut Option<EntryState>,
    ) {
        checked.versions += 1;
        checked.flawed += u64::from(version.is_flawed());
        if state.as_ref().is_none_or(|state| state.entry != version.entry) {
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
        if version.method == Method::Delete {
            return;
        }
        let Some(state) = state else { return };
        match Document::read(version.text) {
            Ok(document) => {
                for term in terms_of(version.kind, document.root()) {
                    state.postings.insert(self.posting_of(record, version.entry, &term));
                }
            }
            Err(_) => checked.find(Some(record), false, "a version opens but is not JSON"),
        }
    }

    fn posting_of(&self, record: RecordId, entry: u32, term: &OwnedTerm) -> [u8; 27] {
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

    fn check_index(&self, expected: &Expected, checked: &mut Checked) -> Result<(), Error> {
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
        for (name, found, expected) in [("postings", found.postings, expected.postings), ("locators", found.locators, expected.locators)] {
            if found != expected {
                let what = format!("the store holds {} {name}, the records call for {}, and they are not the same ones", found.count, expected.count);
                checked.find(None, true, what);
            }
        }
        Ok(())
    }

    fn check_claims(&self, checked: &mut Checked) -> Result<(), Error> {
        let mut wrong = 0;
        self.data.scan(Space::Claim, &Span::all(), &mut |key, sealed| {
            let holder = self.claims.open(key, sealed).ok().filter(|plain| plain.len() == 12);
            let stands = holder.is_some_and(|plain| {
                let record = RecordId(layout::number(&plain[..8]));
                self.data.view(Space::Record, &layout::head_key(record), &mut |_| {}).unwrap_or(false)
            });
            wrong += u64::from(!stands);
            ControlFlow::Continue(())
        })?;
        if wrong > 0 {
            checked.find(None, false, format!("{wrong} claims on unique identifiers do not open or are held by nobody"));
        }
        Ok(())
    }

    /// Every line opens, every version a line names is there, and there are as many lines as commits.
    fn check_log(&self, checked: &mut Checked) -> Result<(), Error> {
        for shard in 0..self.shards() {
            let mut lines = 0u64;
            let mut lost = 0u64;
            let mut outcome = Ok(());
            let mut broken = 0u64;
            self.data.scan(Space::Log, &Span::prefix([shard]), &mut |key, sealed| {
                if let Some(at) = layout::commit_line_time(key) {
                    lines += 1;
                    match self.read_line(key, at, sealed) {
                        Ok(line) => {
                            for version in &line.versions {
                                match self.is_there(version) {
                                    Ok(true) => {}
                                    Ok(false) => lost += 1,
                                    Err(cause) => outcome = Err(cause),
                                }
                            }
                        }
                        Err(_) => broken += 1,
                    }
                } else {
                    checked.openings += 1;
                    broken += u64::from(self.lines.open(key, sealed).is_err());
                }
                ControlFlow::Continue(())
            })?;
            outcome?;
            checked.log_lines += lines;
            let commits = self.data.commit_number(shard)?;
            if lines != commits {
                checked.find(None, false, format!("shard {shard} had {commits} commits and its log has {lines} lines: something was taken out or put in"));
            }
            if lost > 0 {
                checked.find(None, false, format!("the log of shard {shard} tells of {lost} versions that are not in their records: a record was rolled back or cut"));
            }
            if broken > 0 {
                checked.find(None, false, format!("{broken} lines in the log of shard {shard} do not open"));
            }
        }
        Ok(())
    }

    fn is_there(&self, version: &crate::log::VersionLine) -> Result<bool, Error> {
        let at = version.location;
        let key = EntryKey { record: at.record, token: self.token(at.record, version.kind), entry: at.entry, version: version.version };
        Ok(self.data.view(Space::Record, &key.bytes(), &mut |_| {})?)
    }

    /// Throws postings and locators away and makes them anew from the records. Nobody may write meanwhile.
    pub fn repair_index(&self, terms_of: &TermsOf<'_>, progress: &mut dyn FnMut(u64)) -> Result<u64, Error> {
        for space in [Space::Posting, Space::Locator] {
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
                self.index_record(record, terms_of)?;
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

    fn index_record(&self, record: RecordId, terms_of: &TermsOf<'_>) -> Result<(), Error> {
        let Some(sealer) = self.keys.find(record)? else { return Ok(()) };
        let mut batch = Batch::new();
        let mut buffer = Vec::new();
        self.data.scan(Space::Record, &Span::prefix(layout::entries_prefix(record, None)), &mut |key, value| {
            // What does not open cannot be found either; the check names it.
            let Ok(version) = open(&sealer, key, value, &mut buffer) else { return ControlFlow::Continue(()) };
            let (token, block_key) = self.locator(version.kind, version.id);
            batch.put(Space::Locator, &token, &block_key.seal(layout::locator_block(record, version.entry)));
            if version.method != Method::Delete && let Ok(document) = Document::read(version.text) {
                for term in terms_of(version.kind, document.root()) {
                    batch.put(Space::Posting, &self.posting_of(record, version.entry, &term), &[]);
                }
            }
            ControlFlow::Continue(())
        })?;
        if batch.is_empty() { Ok(()) } else { self.mend(batch) }
    }

    /// Writes a mending batch, with the line in the log that every commit leaves in each shard it touches.
    fn mend(&self, mut batch: Batch) -> Result<(), Error> {
        let shards = batch.shards().map_err(|_| Error::Damaged("a key of the index is empty"))?;
        for shard in shards {
            let key = layout::commit_line_key(shard, crate::Tick(0), self.random());
            batch.put(Space::Log, &key, &self.lines.seal_same(&key, &[MENDED]));
        }
        match self.data.commit_wait(batch) {
            Ok(_) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(_) => Err(Error::Damaged("the index could not be mended")),
        }
    }
}

/// First byte of the line a repair leaves.
const MENDED: u8 = 3;

const _: () = assert!(LINE_LENGTH == 18 && Head::LENGTH == 44, "the format of lines and heads is fixed");
