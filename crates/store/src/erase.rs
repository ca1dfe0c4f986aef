//! Erasing the record of a person: everything under it, and everything that leads to it.
//!
//! * In one batch go its versions, guests and head, its locators, postings and claims, and the pointers
//!   in other persons' records that led into it; a mark stays, so that the log can be read with it.
//! * Then go its wraps, without which no copy of the data can be read either.
//! * Openings of the record stay: they say who looked and when, under a number that leads to nothing.
//! * Done twice it is done once, so that an erasure can be replayed over a restored backup.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use access::{Act, Permitted};
use fhir::{Document, RecordId, ResourceType, Value};
use seal::Sealer;

use crate::check::{Checked, Meaning};
use crate::engine::{CommitError, Space, Span};
use crate::entry::Method;
use crate::error::{Error, Refused};
use crate::head::Class;
use crate::layout;
use crate::read::{Location, covers, open, open_guest};
use crate::store::Store;
use crate::tick::Tick;
use crate::write::{Work, refused};

/// What is known of an erased record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErasedRecord {
    /// When.
    pub at: Tick,
    /// How often it had been written to.
    pub commits: u64,
}

impl ErasedRecord {
    fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.commits.to_be_bytes());
        bytes[8..].copy_from_slice(&self.at.0.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<ErasedRecord> {
        let (commits, at) = bytes.split_at_checked(8).filter(|(_, at)| at.len() == 8)?;
        Some(ErasedRecord { commits: layout::number(commits), at: Tick(layout::number(at) as i64) })
    }
}

/// What was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Erased {
    /// Versions of resources.
    pub versions: u64,
    /// Its key was gone already, so nobody could say which locators, postings and claims were its own.
    /// They lead to nothing; building the index anew clears them.
    pub leaves_index: bool,
}

/// What other persons a resource names: the caller's to say, because the store does not know what it means.
pub type GuestsOf<'g> = dyn Fn(ResourceType, Value<'_>) -> Vec<RecordId> + 'g;

impl Store {
    /// What is known of the erasure of a record; none where it was not erased.
    pub fn erased(&self, record: RecordId) -> Result<Option<ErasedRecord>, Error> {
        let key = layout::erased_key(record);
        let Some(sealed) = self.data.get(Space::Meta, &key)? else { return Ok(None) };
        let mark = ErasedRecord::read(&self.meta.open(&key, &sealed)?);
        mark.map(Some).ok_or(Error::Damaged("the mark of an erased record could not be read"))
    }

    /// All records that were erased.
    pub fn all_erased(&self) -> Result<BTreeMap<RecordId, ErasedRecord>, Error> {
        let mut keys = Vec::new();
        self.data.scan(Space::Meta, &Span::prefix([layout::ERASED]), &mut |key, _| {
            keys.push(RecordId(layout::number(&key[1..])));
            ControlFlow::Continue(())
        })?;
        let mut all = BTreeMap::new();
        for record in keys {
            all.extend(self.erased(record)?.map(|mark| (record, mark)));
        }
        Ok(all)
    }

    /// What a check has to know of erased records; one whose key is there again is found.
    pub(crate) fn check_erased(&self, checked: &mut Checked) -> Result<BTreeMap<RecordId, ErasedRecord>, Error> {
        let erased = self.all_erased()?;
        checked.erased = erased.len() as u64;
        for record in erased.keys() {
            if self.keys.holds(*record)? {
                checked.find(Some(*record), false, "it was erased and its key is in the keyring again; the next start of the server erases it, or `carnet erase replay`");
            }
        }
        Ok(erased)
    }

    /// True if a record was erased and nothing of it, and no key, is there any more.
    pub fn is_erased_whole(&self, record: RecordId) -> Result<bool, Error> {
        if self.erased(record)?.is_none() || self.keys.holds(record)? {
            return Ok(false);
        }
        Ok(!self.is_in_use(record)?)
    }

    /// Erases what lies under a person's record, and what leads to it. The keys stay: see
    /// [`Store::destroy_keys`]. Whoever calls keeps others from writing to the record.
    pub fn erase(&self, permitted: &Permitted, meaning: &Meaning<'_>, guests_of: &GuestsOf<'_>, at: Tick) -> Result<Erased, Refused> {
        let record = permitted.record();
        covers(permitted, record)?;
        if permitted.act() != Act::Maintain || Class::of(record) != Class::Person {
            return Err(Error::NotCovered.into());
        }
        let mut work = Work::new(self, 64, 4096);
        let erased = self.gather(record, meaning, guests_of, &mut work)?;
        let head = self.data.get(Space::Record, &layout::head_key(record)).map_err(Error::from)?;
        work.require_head(record, head.as_deref());
        let commits = match &head {
            Some(sealed) => crate::Head::read(&self.heads.open(&layout::head_key(record), sealed).map_err(Error::from)?)?.commits,
            None => self.erased(record)?.map_or(0, |mark| mark.commits),
        };
        let key = layout::erased_key(record);
        let mark = self.chances.with(|chance| self.meta.seal(&key, &ErasedRecord { at, commits }.bytes(), chance));
        work.batch.put(Space::Meta, &key, &mark);
        let causes = work.finish(at);
        self.data.commit_wait(work.into_batch()).map_err(|error| refused(error, &causes))?;
        Ok(erased)
    }

    /// Puts everything into the batch that has to go.
    fn gather(&self, record: RecordId, meaning: &Meaning<'_>, guests_of: &GuestsOf<'_>, work: &mut Work<'_>) -> Result<Erased, Error> {
        let sealer = self.keys.find_on_disk(record)?;
        let mut erased = Erased { versions: 0, leaves_index: sealer.is_none() };
        let (mut buffer, mut last, mut guests) = (Vec::new(), None, Vec::new());
        self.data.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |key, value| {
            work.batch.delete(Space::Record, key);
            erased.versions += u64::from(key.get(8) == Some(&layout::ENTRY));
            let Some(sealer) = sealer.as_ref().filter(|_| key.get(8) == Some(&layout::ENTRY)) else { return ControlFlow::Continue(()) };
            let Ok(version) = open(sealer, key, value, &mut buffer) else {
                erased.leaves_index = true;
                return ControlFlow::Continue(());
            };
            let newest = last.replace(version.entry) != Some(version.entry);
            if newest {
                work.batch.delete(Space::Locator, &self.locator(version.kind, version.id).0);
            }
            if version.method != Method::Delete && let Ok(document) = Document::read(version.text) {
                for term in (meaning.terms_of)(version.kind, document.root()) {
                    work.batch.delete(Space::Posting, &self.posting_of(record, version.entry, &term));
                }
                if newest {
                    let at = Location { record, entry: version.entry };
                    guests.extend(guests_of(version.kind, document.root()).into_iter().map(|guest| (guest, at)));
                    let mut claims = (meaning.claims_of)(version.kind, document.root());
                    claims.extend((meaning.former_claims_of)(version.kind, document.root()));
                    for claim in claims {
                        // Held for another resource it is not ours to give up.
                        if self.claimed_by(&claim).is_ok_and(|holder| holder == Some(at)) {
                            work.batch.delete(Space::Claim, &self.claim_key(&claim));
                        }
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        work.leave_line(record.shard());
        for (guest, at) in guests {
            if guest != record {
                work.remove_guest(guest, self.guest_token(at))?;
            }
        }
        Ok(erased)
    }

    /// Takes out of a record the pointers that lead into erased ones: those whose key was gone before
    /// them could not be asked whom they named.
    pub(crate) fn drop_dead_guests(&self, record: RecordId, sealer: &Sealer) -> Result<(), Error> {
        let mut prefix = record.0.to_be_bytes().to_vec();
        prefix.push(layout::GUEST);
        let (mut pointers, mut buffer) = (Vec::new(), Vec::new());
        self.data.scan(Space::Record, &Span::prefix(prefix), &mut |key, value| {
            // What does not open is named by the check.
            pointers.extend(open_guest(sealer, key, value, &mut buffer).ok().map(|(_, at)| (layout::guest_token(key), at)));
            ControlFlow::Continue(())
        })?;
        let mut work = Work::new(self, 1, 256);
        for (token, at) in pointers {
            if self.erased(at.record)?.is_some() {
                work.remove_guest(record, token)?;
            }
        }
        if work.batch.is_empty() {
            return Ok(());
        }
        work.finish(self.mending_tick());
        match self.data.commit_wait(work.into_batch()) {
            Ok(_) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(_) => Err(Error::Damaged("the index could not be mended")),
        }
    }

    /// Leaves no wrap of an erased record in the keyring. True if one was there.
    pub fn destroy_keys(&self, record: RecordId) -> Result<bool, Error> {
        if self.erased(record)?.is_none() {
            return Err(Error::NotCovered);
        }
        let held = self.keys.holds(record)?;
        self.keys.destroy(record)?;
        Ok(held)
    }
}
