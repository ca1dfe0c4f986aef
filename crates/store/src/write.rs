//! Writing: new versions, their postings, locators, claims, guests, heads and the log line, in one batch.
//!
//! * A commit is whole or not there, and on disk before it is acknowledged.
//! * A version is added, never overwritten. Postings of earlier versions stay: they only narrow,
//!   and pages that began earlier still need them.
//! * Each commit leaves exactly one line in the log of each shard it touches, so that the
//!   number of lines and the shard's commit number must agree.

use std::collections::BTreeMap;

use access::{Act, Permitted};
use fhir::{Issue, RecordId, ResourceType};
use seal::Dictionaries;

use crate::batch::Batch;
use crate::engine::{CommitError, Space};
use crate::entry::{self, Method};
use crate::error::{Error, Refused};
use crate::flaws;
use crate::head::Head;
use crate::layout::{self, EntryKey};
use crate::read::{Location, OwnedTerm, Term, covers};
use crate::store::Store;
use crate::tick::Tick;

/// A claim on something only one resource may have: a unique identifier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Claim(pub Vec<u8>);

/// One version to write.
pub struct Change<'a> {
    /// The right to write to the record.
    pub permitted: Permitted,
    /// The type.
    pub kind: ResourceType,
    /// The logical id.
    pub id: &'a str,
    /// Its entry number in the record; none for a resource that is new.
    pub entry: Option<u32>,
    /// From 1.
    pub version: u32,
    /// How it comes to be.
    pub method: Method,
    /// When: its `lastUpdated`, finer.
    pub at: Tick,
    /// The stamped tokens; empty for a deletion.
    pub text: &'a str,
    /// What an import found wrong and keeps.
    pub flaws: &'a [Issue],
    /// Terms under which it is found.
    pub terms: &'a [OwnedTerm],
    /// Other persons' records in which it is a guest from now on.
    pub guests_added: &'a [RecordId],
    /// Other persons' records in which it no longer is.
    pub guests_removed: &'a [RecordId],
    /// Claims it takes.
    pub claims_added: &'a [Claim],
    /// Claims it gives up.
    pub claims_removed: &'a [Claim],
}

/// A commit ready to be handed to the engine.
pub struct Prepared {
    batch: Batch,
    causes: Vec<Cause>,
    /// Where each change lies, in order.
    pub locations: Vec<Location>,
}

#[derive(Clone, Copy)]
pub(crate) enum Cause {
    Id(usize),
    Claim(usize),
    Head,
}

/// What has been gathered for one record of a commit.
struct Touched {
    head: Head,
    was: Option<Vec<u8>>,
    sealer: std::sync::Arc<seal::Sealer>,
}

/// The lines of a commit, shard by shard.
#[derive(Default)]
struct Lines(BTreeMap<u8, Vec<u8>>);

impl Lines {
    /// `record 8 ‖ type 2 ‖ entry 4 ‖ version 4`
    fn version(&mut self, key: EntryKey, kind: ResourceType) {
        let line = self.0.entry(key.record.shard()).or_default();
        line.extend_from_slice(&key.record.0.to_be_bytes());
        line.extend_from_slice(&kind.number().to_be_bytes());
        line.extend_from_slice(&key.entry.to_be_bytes());
        line.extend_from_slice(&key.version.to_be_bytes());
    }

    /// `record 8 ‖ ffff ‖ commits 8`: how often the record was written to, this commit included.
    fn head(&mut self, record: RecordId, commits: u64) {
        let line = self.0.entry(record.shard()).or_default();
        line.extend_from_slice(&record.0.to_be_bytes());
        line.extend_from_slice(&HEAD_LINE.to_be_bytes());
        line.extend_from_slice(&commits.to_be_bytes());
    }
}

/// The length of a part of a line, whether about a version or about a head.
pub(crate) const LINE_LENGTH: usize = 18;
/// Where a line about a version has its type, one about a head has this: no type's number.
pub(crate) const HEAD_LINE: u16 = u16::MAX;

impl Store {
    /// Seals the changes into one batch. Heads are read here: the caller keeps others from
    /// writing to the same records in between, or is told [`Refused::RecordMoved`].
    pub fn prepare(&self, changes: &[Change<'_>]) -> Result<Prepared, Error> {
        let size = changes.iter().map(|change| change.text.len() / 3 + 400).sum();
        let mut work = Work::new(self, changes.len(), size);
        let mut locations = Vec::with_capacity(changes.len());
        let mut at = Tick(0);
        for (index, change) in changes.iter().enumerate() {
            locations.push(work.change(index, change)?);
            at = at.max(change.at);
        }
        let causes = work.finish(at);
        Ok(Prepared { batch: work.into_batch(), causes, locations })
    }

    /// Hands a commit to the engine; `done` is called when it is on disk or refused.
    pub fn commit(&self, prepared: Prepared, done: Box<dyn FnOnce(Result<(), Refused>) + Send>) {
        let causes = prepared.causes;
        self.data.commit(
            prepared.batch,
            Box::new(move |result| done(result.map(|_| ()).map_err(|error| refused(error, &causes)))),
        );
    }

    pub(crate) fn claim_key(&self, claim: &Claim) -> [u8; 16] {
        self.tokens.claim("unique", &claim.0)
    }

    /// Under what the pointers to persons named in a resource lie.
    pub(crate) fn guest_token(&self, named_in: Location) -> [u8; 8] {
        let mut token = [0; 8];
        token.copy_from_slice(&self.tokens.claim("guest", &holder_bytes(named_in))[..8]);
        token
    }

    /// Who holds a claim.
    pub fn claimed_by(&self, claim: &Claim) -> Result<Option<Location>, Error> {
        let key = self.claim_key(claim);
        let Some(sealed) = self.data.get(Space::Claim, &key)? else { return Ok(None) };
        let plain = self.claims.open(&key, &sealed)?;
        if plain.len() != 12 {
            return Err(Error::Damaged("a claim could not be read"));
        }
        Ok(Some(Location { record: RecordId(layout::number(&plain[..8])), entry: layout::number(&plain[8..]) as u32 }))
    }
}

/// What a claim says when it is open: `record 8 ‖ entry 4`.
pub(crate) fn holder_bytes(holder: Location) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&holder.record.0.to_be_bytes());
    bytes[8..].copy_from_slice(&holder.entry.to_be_bytes());
    bytes
}

/// First byte of a line about versions, and of one about openings.
pub(crate) const VERSIONS: u8 = 1;
pub(crate) const OPENINGS: u8 = 2;

pub(crate) fn refused(error: CommitError, causes: &[Cause]) -> Refused {
    match error {
        CommitError::Precondition { index } => match causes.get(index) {
            Some(Cause::Id(change)) => Refused::IdTaken(*change),
            Some(Cause::Claim(change)) => Refused::ClaimTaken(*change),
            Some(Cause::Head) | None => Refused::RecordMoved,
        },
        CommitError::Engine(cause) => Refused::Store(cause.into()),
        CommitError::Invalid { .. } => Refused::Store(Error::Damaged("a write had no key")),
    }
}

pub(crate) struct Work<'s> {
    store: &'s Store,
    pub batch: Batch,
    causes: Vec<Cause>,
    touched: BTreeMap<RecordId, Touched>,
    lines: Lines,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

impl<'s> Work<'s> {
    pub fn new(store: &'s Store, changes: usize, size_bytes: usize) -> Work<'s> {
        Work {
            store,
            batch: Batch::with_capacity(changes * 7 + 4, size_bytes),
            causes: Vec::with_capacity(changes + 4),
            touched: BTreeMap::new(),
            lines: Lines::default(),
            plain: Vec::new(),
            sealed: Vec::new(),
        }
    }

    pub fn into_batch(self) -> Batch {
        self.batch
    }

    /// The batch holds only if the head of a record is as it was seen.
    pub fn require_head(&mut self, record: RecordId, was: Option<&[u8]>) {
        self.batch.require_unchanged(Space::Record, &layout::head_key(record), was);
        self.causes.push(Cause::Head);
    }

    /// The commit leaves a line in this shard even if it writes no version there.
    pub fn leave_line(&mut self, shard: u8) {
        self.lines.0.entry(shard).or_default();
    }

    fn touch(&mut self, record: RecordId) -> Result<&mut Touched, Error> {
        if !self.touched.contains_key(&record) {
            let found = self.store.head(record)?;
            let (head, was) = match found {
                Some((head, sealed)) => (head, Some(sealed)),
                // A key may still be in memory.
                None if self.store.erased(record)?.is_some() => return Err(Error::Erased),
                None => (Head::default(), None),
            };
            let sealer = self.store.keys.sealer(record)?;
            self.touched.insert(record, Touched { head, was, sealer });
        }
        self.touched.get_mut(&record).ok_or(Error::Damaged("a record was lost from memory"))
    }

    fn change(&mut self, index: usize, change: &Change<'_>) -> Result<Location, Error> {
        let record = change.permitted.record();
        covers(&change.permitted, record)?;
        if change.permitted.act() != Act::Write {
            return Err(Error::NotCovered);
        }
        let store = self.store;
        let is_new = change.entry.is_none();
        let touched = self.touch(record)?;
        let entry = match change.entry {
            Some(entry) => entry,
            None => {
                let entry = touched.head.next_entry;
                touched.head.next_entry += 1;
                entry
            }
        };
        touched.head.newest = touched.head.newest.max(change.at);
        let sealer = touched.sealer.clone();

        let key = EntryKey { record, token: store.token(record, change.kind), entry, version: change.version };
        self.plain.clear();
        entry::write(change.kind, change.id, change.method, change.at, &flaws::write(change.flaws), change.text, &mut self.plain);
        self.sealed.clear();
        let dictionary = Dictionaries::id_for(change.kind.name());
        store.chances.with(|chance| sealer.seal(&key.place(), &self.plain, dictionary, chance, &mut self.sealed))?;
        self.batch.put(Space::Record, &key.bytes(), &self.sealed);
        let digest = sealer.digest(&key.place(), &self.sealed);
        self.touch(record)?.head.add(digest);
        self.lines.version(key, change.kind);

        if is_new {
            let (token, block_key) = store.locator(change.kind, change.id);
            self.batch.require_absent(Space::Locator, &token);
            self.causes.push(Cause::Id(index));
            self.batch.put(Space::Locator, &token, &block_key.seal(layout::locator_block(record, entry)));
        }
        self.postings(record, entry, change.terms);
        self.guests(change, record, entry)?;
        self.claims(index, change, record, entry);
        Ok(Location { record, entry })
    }

    fn postings(&mut self, record: RecordId, entry: u32, terms: &[OwnedTerm]) {
        for term in terms {
            let (token, key) = self.store.term(Term { parameter: term.parameter, value: &term.value, month: term.month });
            let block = key.seal(layout::posting_block(record, entry, term.seconds));
            self.batch.put(Space::Posting, &layout::posting_key(record.shard(), token, block), &[]);
        }
    }

    fn guests(&mut self, change: &Change<'_>, record: RecordId, entry: u32) -> Result<(), Error> {
        let token = self.store.guest_token(Location { record, entry });
        let name = holder_bytes(Location { record, entry });
        for guest in change.guests_added {
            let mut plain = change.kind.number().to_be_bytes().to_vec();
            plain.extend_from_slice(&name);
            let key = layout::guest_key(*guest, token);
            let place = layout::guest_place(*guest, token);
            let store = self.store;
            if store.data.get(Space::Record, &key)?.is_some() {
                continue;
            }
            let touched = self.touch(*guest)?;
            let mut sealed = Vec::new();
            store.chances.with(|chance| touched.sealer.seal(&place, &plain, seal::DictionaryId::NONE, chance, &mut sealed))?;
            touched.head.add(touched.sealer.digest(&place, &sealed));
            self.batch.put(Space::Record, &key, &sealed);
        }
        change.guests_removed.iter().try_for_each(|guest| self.remove_guest(*guest, token))
    }

    /// Takes a pointer out of a person's record, if it is there.
    pub fn remove_guest(&mut self, guest: RecordId, token: [u8; 8]) -> Result<(), Error> {
        let key = layout::guest_key(guest, token);
        let Some(sealed) = self.store.data.get(Space::Record, &key)? else { return Ok(()) };
        let touched = self.touch(guest)?;
        touched.head.remove(touched.sealer.digest(&layout::guest_place(guest, token), &sealed));
        self.batch.delete(Space::Record, &key);
        Ok(())
    }

    fn claims(&mut self, index: usize, change: &Change<'_>, record: RecordId, entry: u32) {
        for claim in change.claims_removed {
            let key = self.store.claim_key(claim);
            self.batch.delete(Space::Claim, &key);
        }
        for claim in change.claims_added {
            let key = self.store.claim_key(claim);
            let plain = holder_bytes(Location { record, entry });
            self.batch.require_absent(Space::Claim, &key);
            self.causes.push(Cause::Claim(index));
            let sealed = self.store.chances.with(|chance| self.store.claims.seal(&key, &plain, chance));
            self.batch.put(Space::Claim, &key, &sealed);
        }
    }

    /// Heads of all records touched, and one line for each shard touched.
    pub fn finish(&mut self, at: Tick) -> Vec<Cause> {
        for (record, touched) in &mut self.touched {
            let key = layout::head_key(*record);
            touched.head.commits += 1;
            self.batch.require_unchanged(Space::Record, &key, touched.was.as_deref());
            self.causes.push(Cause::Head);
            let sealed = self.store.chances.with(|chance| self.store.heads.seal(&key, &touched.head.bytes(), chance));
            self.batch.put(Space::Record, &key, &sealed);
            self.lines.head(*record, touched.head.commits);
        }
        for (shard, versions) in &self.lines.0 {
            let key = layout::commit_line_key(*shard, at, self.store.chances.bytes());
            let mut line = Vec::with_capacity(versions.len() + 1);
            line.push(VERSIONS);
            line.extend_from_slice(versions);
            self.batch.put(Space::Log, &key, &self.store.lines.seal_same(&key, &line));
        }
        std::mem::take(&mut self.causes)
    }
}
