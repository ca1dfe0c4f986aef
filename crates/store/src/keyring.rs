//! The keys of the records: wrapped under the institution's key, in an engine of their own.
//!
//! * A key is on disk in the keyring before the first value sealed with it is written.
//! * New keys are made in advance, many per commit, so that a new person costs one fsync, not two.
//!   What is left over when the process ends are wraps that open nothing.
//! * Opened keys are kept in memory, the least recently used go first.

use std::num::NonZeroUsize;
use std::sync::Arc;

use fhir::RecordId;
use lru::LruCache;
use parking_lot::Mutex;
use seal::{PersonKey, Sealer, Wrapper};

use crate::batch::Batch;
use crate::chance::Chances;
use crate::engine::{CommitError, Engine, Space};
use crate::error::Error;
use crate::head::Class;

/// Keys made at once; the shared space and sets need fewer.
const MADE_AT_ONCE: usize = 256;
/// Opened keys held in memory.
const HELD: usize = 65_536;
const SHELVES: usize = 16;
/// The first version of every key.
const KEY_VERSION: u32 = 1;

pub(crate) struct Keyring {
    engine: Arc<dyn Engine>,
    wrapper: Wrapper,
    holder: [u8; 8],
    shards: u8,
    opened: Vec<Mutex<LruCache<u64, Arc<Sealer>>>>,
    spare: [Mutex<Vec<(RecordId, Arc<Sealer>)>>; 4],
}

fn key_of(record: RecordId, holder: &[u8; 8]) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&record.0.to_be_bytes());
    key[8..].copy_from_slice(holder);
    key
}

impl Keyring {
    pub fn new(engine: Arc<dyn Engine>, wrapper: Wrapper, holder: [u8; 8], shards: u8) -> Keyring {
        let room = NonZeroUsize::new(HELD / SHELVES).unwrap_or(NonZeroUsize::MIN);
        Keyring {
            engine,
            wrapper,
            holder,
            shards,
            opened: (0..SHELVES).map(|_| Mutex::new(LruCache::new(room))).collect(),
            spare: Default::default(),
        }
    }

    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    fn shelf(&self, record: RecordId) -> &Mutex<LruCache<u64, Arc<Sealer>>> {
        &self.opened[(record.0 >> 8) as usize % SHELVES]
    }

    /// What seals and opens the values of a record; none if it has no key.
    pub fn find(&self, record: RecordId) -> Result<Option<Arc<Sealer>>, Error> {
        if let Some(sealer) = self.shelf(record).lock().get(&record.0) {
            return Ok(Some(sealer.clone()));
        }
        let Some(sealer) = self.find_on_disk(record)? else { return Ok(None) };
        let sealer = Arc::new(sealer);
        self.shelf(record).lock().put(record.0, sealer.clone());
        Ok(Some(sealer))
    }

    /// The same, whatever is in memory: what a check wants to know.
    pub fn find_on_disk(&self, record: RecordId) -> Result<Option<Sealer>, Error> {
        let Some(wrap) = self.engine.get(Space::Record, &key_of(record, &self.holder))? else { return Ok(None) };
        let key = self.wrapper.unwrap(record.0, KEY_VERSION, &self.holder, &wrap)?;
        Ok(Some(Sealer::new(&key)))
    }

    /// Like [`Keyring::find`]; a missing key is an error.
    pub fn sealer(&self, record: RecordId) -> Result<Arc<Sealer>, Error> {
        self.find(record)?.ok_or(Error::KeyMissing)
    }

    /// A new record of a class, its key already on disk.
    pub fn new_record(&self, class: Class, chances: &Chances) -> Result<RecordId, Error> {
        let mut spare = self.spare[class as usize].lock();
        if spare.is_empty() {
            let count = if class == Class::Person { MADE_AT_ONCE } else { MADE_AT_ONCE / 4 };
            *spare = self.make(class, count, chances)?;
        }
        let (record, sealer) = spare.pop().ok_or(Error::Damaged("no key could be made"))?;
        drop(spare);
        self.shelf(record).lock().put(record.0, sealer);
        Ok(record)
    }

    fn make(&self, class: Class, count: usize, chances: &Chances) -> Result<Vec<(RecordId, Arc<Sealer>)>, Error> {
        let mut made = Vec::with_capacity(count);
        let mut batch = Batch::with_capacity(count, count * 96);
        for _ in 0..count {
            let record = class.record(u64::from_be_bytes(chances.bytes()), self.shards);
            made.push((record, Arc::new(Sealer::new(&self.wrap_new(record, chances, &mut batch)))));
        }
        match self.engine.commit_wait(batch) {
            Ok(_) => Ok(made),
            // A number that exists already: a chance of one in many thousand millions. Draw again.
            Err(CommitError::Precondition { .. }) => self.make(class, count, chances),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(CommitError::Invalid { .. }) => Err(Error::Damaged("the keyring refused a key")),
        }
    }

    fn wrap_new(&self, record: RecordId, chances: &Chances, batch: &mut Batch) -> PersonKey {
        let (key, wrap) = chances.with(|chance| {
            let key = PersonKey::new(chance);
            let wrap = self.wrapper.wrap(record.0, KEY_VERSION, &self.holder, &key, chance);
            (key, wrap)
        });
        let name = key_of(record, &self.holder);
        batch.require_absent(Space::Record, &name);
        batch.put(Space::Record, &name, &wrap);
        key
    }

    /// Sees to it that a record whose number follows from what it holds has a key.
    pub fn ensure(&self, record: RecordId, chances: &Chances) -> Result<(), Error> {
        if self.find(record)?.is_some() {
            return Ok(());
        }
        let mut batch = Batch::new();
        self.wrap_new(record, chances, &mut batch);
        match self.engine.commit_wait(batch) {
            // Somebody else was faster: then theirs is the key.
            Ok(_) | Err(CommitError::Precondition { .. }) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(CommitError::Invalid { .. }) => Err(Error::Damaged("the keyring refused a key")),
        }
    }
}
