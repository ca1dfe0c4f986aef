//! The keys of the records: wrapped under the institution's key, in an engine of their own.
//!
//! * A key is on disk in the keyring before the first value sealed with it is written.
//! * New keys are made in advance, many per commit, so that a new person costs one fsync, not two.
//!   What is left over when the process ends are wraps that open nothing.
//! * Opened keys are kept in memory, the least recently used go first.
//! * When the institution's key is changed, each wrap moves to the new one by itself; a record has one
//!   wrap at any moment, under the old key or under the new. Reading and writing go on.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fhir::RecordId;
use lru::LruCache;
use parking_lot::{Mutex, RwLock};
use seal::{InstitutionKey, PersonKey, Sealer, SiteKey, Wrapper};

use crate::batch::Batch;
use crate::chance::Chances;
use crate::engine::{CommitError, Engine, Space, Span};
use crate::error::Error;
use crate::head::Class;

/// Keys made at once; the shared space and sets need fewer.
const MADE_AT_ONCE: usize = 256;
/// Opened keys held in memory.
const HELD: usize = 65_536;
const SHELVES: usize = 16;
/// The first version of every key.
const KEY_VERSION: u32 = 1;
/// Wraps that are moved to another key with one batch.
const MOVED_AT_ONCE: usize = 1024;
/// What the key of the site lies under, followed by the holder who can open it.
const SITE_KEY: &[u8] = b"\x01site key";

/// Who can open wraps: an institution key, named by its fingerprint.
struct Holder {
    name: [u8; 8],
    wrapper: Wrapper,
}

impl Holder {
    fn of(key: &InstitutionKey) -> Holder {
        Holder { name: key.fingerprint(), wrapper: key.wrapper() }
    }

    fn unwrap(&self, record: RecordId, wrap: &[u8]) -> Result<PersonKey, Error> {
        Ok(self.wrapper.unwrap(record.0, KEY_VERSION, &self.name, wrap)?)
    }
}

struct Holders {
    /// Under whose key new wraps are made.
    current: Holder,
    /// Whose wraps are being moved to the current one.
    older: Option<Holder>,
}

pub(crate) struct Keyring {
    engine: Arc<dyn Engine>,
    holders: RwLock<Holders>,
    shards: u8,
    opened: Vec<Mutex<LruCache<u64, Arc<Sealer>>>>,
    /// Counts destructions: what was read before one is not remembered after it.
    destroyed: AtomicU64,
    spare: [Mutex<Vec<(RecordId, Arc<Sealer>)>>; 4],
}

fn key_of(record: RecordId, holder: &[u8; 8]) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&record.0.to_be_bytes());
    key[8..].copy_from_slice(holder);
    key
}

fn site_key_of(holder: &[u8; 8]) -> Vec<u8> {
    [SITE_KEY, holder].concat()
}

/// The key of the site as the keyring holds it for one of several institution keys. None where the
/// keyring holds none at all: so is a store whose site has no key of its own.
pub(crate) fn site_key(engine: &dyn Engine, keys: &[&InstitutionKey]) -> Result<Option<SiteKey>, Error> {
    for key in keys {
        if let Some(wrap) = engine.get(Space::Meta, &site_key_of(&key.fingerprint()))? {
            return Ok(Some(key.unwrap_site(&wrap)?));
        }
    }
    let mut is_held = false;
    engine.scan(Space::Meta, &Span::prefix(SITE_KEY), &mut |_, _| {
        is_held = true;
        ControlFlow::Break(())
    })?;
    if is_held { Err(Error::OtherKey) } else { Ok(None) }
}

/// True if the key of the site lies there for an institution key.
pub(crate) fn is_known(engine: &dyn Engine, key: &InstitutionKey) -> Result<bool, Error> {
    Ok(engine.get(Space::Meta, &site_key_of(&key.fingerprint()))?.is_some())
}

/// True if a keyring holds no key, neither a site's nor a record's.
pub(crate) fn is_empty(engine: &dyn Engine) -> Result<bool, Error> {
    let mut is_empty = true;
    for (space, span) in [(Space::Meta, Span::prefix(SITE_KEY)), (Space::Record, Span::all())] {
        engine.scan(space, &span, &mut |_, _| {
            is_empty = false;
            ControlFlow::Break(())
        })?;
    }
    Ok(is_empty)
}

/// Puts the key of the site into the keyring for an institution key.
pub(crate) fn keep_site_key(engine: &dyn Engine, key: &InstitutionKey, site: &SiteKey, chances: &Chances) -> Result<(), Error> {
    let mut batch = Batch::new();
    batch.put(Space::Meta, &site_key_of(&key.fingerprint()), &chances.with(|chance| key.wrap_site(site, chance)));
    done(engine.commit_wait(batch))
}

fn done(result: Result<crate::engine::Committed, CommitError>) -> Result<(), Error> {
    match result {
        Ok(_) => Ok(()),
        Err(CommitError::Engine(cause)) => Err(cause.into()),
        Err(CommitError::Precondition { .. } | CommitError::Invalid { .. }) => Err(Error::Damaged("the keyring refused a key")),
    }
}

impl Keyring {
    /// The keyring for its key; while wraps are being moved, the one they come from beside it.
    pub fn new(engine: Arc<dyn Engine>, key: &InstitutionKey, older: Option<&InstitutionKey>, shards: u8) -> Keyring {
        let room = NonZeroUsize::new(HELD / SHELVES).unwrap_or(NonZeroUsize::MIN);
        Keyring {
            engine,
            holders: RwLock::new(Holders { current: Holder::of(key), older: older.map(Holder::of) }),
            shards,
            opened: (0..SHELVES).map(|_| Mutex::new(LruCache::new(room))).collect(),
            destroyed: AtomicU64::new(0),
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
        let destroyed = self.destroyed.load(Ordering::Acquire);
        let Some(sealer) = self.find_on_disk(record)? else { return Ok(None) };
        let sealer = Arc::new(sealer);
        let mut shelf = self.shelf(record).lock();
        if self.destroyed.load(Ordering::Acquire) == destroyed {
            shelf.put(record.0, sealer.clone());
        }
        Ok(Some(sealer))
    }

    /// The same, whatever is in memory: what a check wants to know.
    pub fn find_on_disk(&self, record: RecordId) -> Result<Option<Sealer>, Error> {
        let holders = self.holders.read();
        let older = holders.older.as_ref();
        // A wrap may move to the current holder between two looks: then the third finds it.
        let looks = [Some(&holders.current), older, older.map(|_| &holders.current)];
        for holder in looks.into_iter().flatten() {
            if let Some(wrap) = self.engine.get(Space::Record, &key_of(record, &holder.name))? {
                return Ok(Some(Sealer::new(&holder.unwrap(record, &wrap)?)));
            }
        }
        Ok(None)
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
        loop {
            // Until the wraps are on disk nobody changes the key they are under.
            let holders = self.holders.read();
            let mut made = Vec::with_capacity(count);
            let mut batch = Batch::with_capacity(count, count * 96);
            for _ in 0..count {
                let record = class.record(u64::from_be_bytes(chances.bytes()), self.shards);
                made.push((record, Arc::new(Sealer::new(&wrap_new(&holders.current, record, chances, &mut batch)))));
            }
            match self.engine.commit_wait(batch) {
                Ok(_) => return Ok(made),
                // A number that exists already: a chance of one in many thousand millions. Draw again.
                Err(CommitError::Precondition { .. }) => {}
                failed => done(failed)?,
            }
        }
    }

    /// Sees to it that a record whose number follows from what it holds has a key.
    pub fn ensure(&self, record: RecordId, chances: &Chances) -> Result<(), Error> {
        if self.find(record)?.is_some() {
            return Ok(());
        }
        let holders = self.holders.read();
        let mut batch = Batch::new();
        if let Some(holder) = &holders.older {
            batch.require_absent(Space::Record, &key_of(record, &holder.name));
        }
        wrap_new(&holders.current, record, chances, &mut batch);
        match self.engine.commit_wait(batch) {
            // Somebody else was faster: then theirs is the key.
            Ok(_) | Err(CommitError::Precondition { .. }) => Ok(()),
            failed => done(failed),
        }
    }

    /// Leaves no wrap of a record, whoever could open it.
    pub fn destroy(&self, record: RecordId) -> Result<(), Error> {
        loop {
            let mut batch = Batch::new();
            self.engine.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |key, _| {
                batch.delete(Space::Record, key);
                ControlFlow::Continue(())
            })?;
            {
                // The last time round nothing is left on disk, and whoever read before remembers nothing after.
                let mut shelf = self.shelf(record).lock();
                self.destroyed.fetch_add(1, Ordering::AcqRel);
                shelf.pop(&record.0);
            }
            if batch.is_empty() {
                return Ok(());
            }
            // Looked at again: a wrap may have been moved in between.
            done(self.engine.commit_wait(batch))?;
        }
    }

    /// True if a wrap of the record lies there, whoever can open it.
    pub fn holds(&self, record: RecordId) -> Result<bool, Error> {
        let mut found = false;
        self.engine.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |_, _| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// How many wraps each holder can open.
    pub fn holders(&self) -> Result<BTreeMap<[u8; 8], u64>, Error> {
        let mut counts = BTreeMap::new();
        self.engine.scan(Space::Record, &Span::all(), &mut |key, _| {
            if let Some(holder) = key.get(8..).and_then(|holder| holder.try_into().ok()) {
                *counts.entry(holder).or_default() += 1;
            }
            ControlFlow::Continue(())
        })?;
        Ok(counts)
    }

    /// The fingerprint of the key in use, and of the one whose wraps are being moved.
    pub fn named(&self) -> ([u8; 8], Option<[u8; 8]>) {
        let holders = self.holders.read();
        (holders.current.name, holders.older.as_ref().map(|holder| holder.name))
    }

    /// New wraps are made under another key from now on; those there are stay where they are until
    /// they are moved. The key of the site must be in the keyring for it already.
    pub fn turn_to(&self, key: &InstitutionKey) -> Result<(), Error> {
        let mut holders = self.holders.write();
        let next = Holder::of(key);
        if next.name == holders.current.name {
            return Ok(());
        }
        if holders.older.is_some() {
            return Err(Error::Rotating);
        }
        holders.older = Some(std::mem::replace(&mut holders.current, next));
        Ok(())
    }

    /// Moves all wraps of the older key to the current one; how many were moved. Others may read and
    /// write meanwhile, and after a kill in the middle it is simply done again.
    pub fn move_wraps(&self, chances: &Chances, progress: &mut dyn FnMut(u64)) -> Result<u64, Error> {
        let (mut moved, mut from) = (0, Vec::new());
        loop {
            let holders = self.holders.read();
            let Some(older) = &holders.older else { return Ok(moved) };
            let mut batch = Batch::with_capacity(2 * MOVED_AT_ONCE, 96 * MOVED_AT_ONCE);
            let (mut found, mut outcome, mut last) = (0, Ok(()), Vec::new());
            self.engine.scan(Space::Record, &Span { from: from.clone(), to: None }, &mut |key, wrap| {
                if key.get(8..) == Some(&older.name) {
                    outcome = rewrap(older, &holders.current, key, wrap, chances, &mut batch);
                    found += 1;
                }
                last = key.to_vec();
                if outcome.is_ok() && found < MOVED_AT_ONCE as u64 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            outcome?;
            if found == 0 {
                return Ok(moved);
            }
            match self.engine.commit_wait(batch) {
                Ok(_) => (moved, from) = (moved + found, last),
                // A record was erased in between: look again from the same place.
                Err(CommitError::Precondition { .. }) => {}
                failed => done(failed)?,
            }
            drop(holders);
            progress(moved);
        }
    }

    /// Forgets the older key, once nothing is wrapped under it.
    pub fn retire(&self) -> Result<(), Error> {
        let mut holders = self.holders.write();
        let Some(older) = holders.older.as_ref().map(|holder| holder.name) else { return Ok(()) };
        if self.holders_of(older)? > 0 {
            return Err(Error::Rotating);
        }
        let mut batch = Batch::new();
        batch.delete(Space::Meta, &site_key_of(&older));
        done(self.engine.commit_wait(batch))?;
        holders.older = None;
        Ok(())
    }

    fn holders_of(&self, holder: [u8; 8]) -> Result<u64, Error> {
        Ok(self.holders()?.get(&holder).copied().unwrap_or(0))
    }
}

fn wrap_new(holder: &Holder, record: RecordId, chances: &Chances, batch: &mut Batch) -> PersonKey {
    let (key, wrap) = chances.with(|chance| {
        let key = PersonKey::new(chance);
        let wrap = holder.wrapper.wrap(record.0, KEY_VERSION, &holder.name, &key, chance);
        (key, wrap)
    });
    let name = key_of(record, &holder.name);
    batch.require_absent(Space::Record, &name);
    batch.put(Space::Record, &name, &wrap);
    key
}

/// One wrap goes, the other comes, if the first is still as it was.
fn rewrap(from: &Holder, to: &Holder, name: &[u8], wrap: &[u8], chances: &Chances, batch: &mut Batch) -> Result<(), Error> {
    let record = RecordId(crate::layout::number(&name[..8]));
    let key = from.unwrap(record, wrap)?;
    let new = chances.with(|chance| to.wrapper.wrap(record.0, KEY_VERSION, &to.name, &key, chance));
    batch.require_unchanged(Space::Record, name, Some(wrap));
    batch.delete(Space::Record, name);
    batch.put(Space::Record, &key_of(record, &to.name), &new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use seal::Stream;

    use super::*;
    use crate::engine::{Cursor, Done, Error as EngineError, Read, Snapshot, Visit};
    use crate::memory::Memory;

    type Act = Box<dyn FnOnce() + Send>;

    /// An engine in memory in which something happens between a look and its answer.
    struct Interrupted {
        within: Memory,
        act: Mutex<Option<Act>>,
    }

    impl Read for Interrupted {
        fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, EngineError> {
            let found = self.within.view(space, key, see);
            let act = self.act.lock().take();
            if let Some(act) = act {
                act();
            }
            found
        }

        fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), EngineError> {
            self.within.scan(space, span, visit)
        }

        fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), EngineError> {
            self.within.scan_back(space, span, visit)
        }

        fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, EngineError> {
            self.within.cursor(space, span)
        }
    }

    impl Engine for Interrupted {
        fn snapshot(&self, shard: u8) -> Result<Box<dyn Snapshot + '_>, EngineError> {
            self.within.snapshot(shard)
        }

        fn commit(&self, batch: Batch, done: Done) {
            self.within.commit(batch, done);
        }

        fn flush(&self) -> Result<(), EngineError> {
            self.within.flush()
        }

        fn compact(&self) -> Result<(), EngineError> {
            self.within.compact()
        }

        fn verify(&self) -> Result<(), EngineError> {
            self.within.verify()
        }

        fn size_bytes(&self) -> Result<u64, EngineError> {
            self.within.size_bytes()
        }

        fn checkpoint(&self, folder: &Path) -> Result<(), EngineError> {
            self.within.checkpoint(folder)
        }

        fn close(&self) -> Result<(), EngineError> {
            self.within.close()
        }
    }

    #[test]
    fn a_key_that_is_destroyed_while_it_is_read_is_not_remembered() {
        let engine = Arc::new(Interrupted { within: Memory::new(), act: Mutex::default() });
        let (key, chances) = (InstitutionKey::new(&mut Stream::new([3; 32])), Chances::new([4; 32]));
        let keyring = || Arc::new(Keyring::new(engine.clone(), &key, None, 1));
        let record = keyring().new_record(Class::Person, &chances).unwrap();
        // Another one has none in memory yet.
        let keyring = keyring();
        let destroying = keyring.clone();
        *engine.act.lock() = Some(Box::new(move || destroying.destroy(record).unwrap()));
        assert!(keyring.find(record).unwrap().is_some());
        assert!(keyring.find(record).unwrap().is_none());
    }
}
