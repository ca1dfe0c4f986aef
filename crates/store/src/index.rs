//! The index of a store, built anew from the records alone, and changed where what it holds is to be changed.
//!
//! * Postings, locators and claims follow from the records: nothing is lost with them.
//! * What a resource means is the caller's to say.

use std::ops::ControlFlow;

use fhir::{Document, RecordId, ResourceType, Value};

use crate::batch::Batch;
use crate::check::Meaning;
use crate::engine::{CommitError, Space, Span};
use crate::entry::Method;
use crate::error::Error;
use crate::layout;
use crate::read::{Location, OwnedTerm, Term, open};
use crate::store::Store;
use crate::tick::Tick;
use crate::write::holder_bytes;

/// First byte of the line a repair leaves.
const MENDED: u8 = 3;
/// Times of lines that tell of no time: before everything that was ever written.
const MENDING_TICKS_BITS: u32 = 40;

impl Store {
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

    pub(crate) fn posting_of(&self, record: RecordId, entry: u32, term: &OwnedTerm) -> [u8; 27] {
        let (token, key) = self.term(Term { parameter: term.parameter, value: &term.value, month: term.month });
        layout::posting_key(record.shard(), token, key.seal(layout::posting_block(record, entry, term.seconds)))
    }
}
