//! A store as a whole: made once, opened with the institution's key, and what it knows of itself.

use std::path::Path;
use std::sync::Arc;

use fhir::{RecordId, ResourceType};
use seal::{InstitutionKey, Purpose, SiteKey, SmallSealer, Tokens};

use crate::batch::Batch;
use crate::chance::Chances;
use crate::engine::{CommitError, Engine, Space};
use crate::error::Error;
use crate::head::Class;
use crate::keyring::{self, Keyring, keep_site_key, site_key};
use crate::openings::Tree;
use crate::tick::Tick;

/// The record on top of two engines: one for the data, one for the keys.
pub struct Store {
    pub(crate) data: Arc<dyn Engine>,
    pub(crate) keys: Keyring,
    pub(crate) tokens: Tokens,
    pub(crate) heads: SmallSealer,
    pub(crate) lines: SmallSealer,
    pub(crate) claims: SmallSealer,
    pub(crate) cursors: SmallSealer,
    pub(crate) meta: SmallSealer,
    pub(crate) chances: Chances,
    pub(crate) tree: Tree,
    pub(crate) site: SiteKey,
    pub(crate) is_apart: bool,
    shards: u8,
}

/// One of several small things that are kept together.
#[derive(Clone, Copy, Debug)]
pub struct NoteChange<'a> {
    /// Its name.
    pub name: &'a str,
    /// What must be there before; none where nothing may be.
    pub before: Option<&'a [u8]>,
    /// What is there after.
    pub now: &'a [u8],
}

/// What a new store is made with.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Shards of the record space. A posting list is read shard by shard, so one machine wants few.
    pub shards: u8,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { shards: 8 }
    }
}

/// The format of everything in this crate but the engine.
pub const FORMAT: u32 = 1;

/// Parts of the shared space a type is spread over, so that writers rarely meet.
const SHARED_PARTS: u64 = 16;

/// In the clear: the format, the number of shards, which key is wanted; and a tag under that
/// key, so that nobody else can change them. Nothing else.
pub(crate) const SITE: &[u8] = b"\x01site";
/// What is under the tag: `format 4 ‖ shards 1 ‖ fingerprint 8`.
const SITE_LENGTH: usize = 13;

impl Store {
    /// Makes a new store on an empty engine, whose site has no key of its own.
    pub fn create(data: &Arc<dyn Engine>, key: &InstitutionKey, shape: Shape) -> Result<(), Error> {
        write_site(data, &key.as_site(), shape)
    }

    /// Makes a new store on empty engines, with a key of the site in the keyring. `seed` must come
    /// from the operating system, except in tests.
    pub fn create_apart(data: &Arc<dyn Engine>, keyring: &dyn Engine, key: &InstitutionKey, shape: Shape, seed: [u8; 32]) -> Result<(), Error> {
        // A keyring that is in use belongs to a store whose data lies elsewhere just now: another key of the site in the
        // place of its own would be the end of it.
        if Store::exists(data)? || !keyring::is_empty(keyring)? {
            return Err(Error::StoreExists);
        }
        let chances = Chances::new(seed);
        let site = chances.with(SiteKey::new);
        keep_site_key(keyring, key, &site, &chances)?;
        write_site(data, &site, shape)
    }

    /// True if the engine holds a store.
    pub fn exists(data: &Arc<dyn Engine>) -> Result<bool, Error> {
        Ok(data.get(Space::Meta, SITE)?.is_some())
    }

    /// Opens a store. `seed` must come from the operating system, except in tests.
    pub fn open(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>, key: &InstitutionKey, seed: [u8; 32]) -> Result<Store, Error> {
        Store::open_between(data, keyring, key, None, seed)
    }

    /// Opens a store in which the wraps of an older key may not all have been moved to the newer one.
    pub fn open_between(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>, key: &InstitutionKey, older: Option<&InstitutionKey>, seed: [u8; 32]) -> Result<Store, Error> {
        let site = data.get(Space::Meta, SITE)?.ok_or(Error::NoStore)?;
        let damaged = || Error::Damaged("the line that describes it is not the one it was created with");
        let format = site.first_chunk().map(|format| u32::from_be_bytes(*format)).ok_or_else(damaged)?;
        if format > FORMAT {
            return Err(Error::NewerFormat { found: format, known: FORMAT });
        }
        let (line, tag) = site.split_at_checked(SITE_LENGTH).ok_or_else(damaged)?;
        let (shards, fingerprint) = (line[4], &line[5..]);
        let keys: Vec<&InstitutionKey> = std::iter::once(key).chain(older).collect();
        let site_key = site_key(&*keyring, &keys)?.unwrap_or_else(|| key.as_site());
        if fingerprint != site_key.fingerprint() {
            return Err(Error::OtherKey);
        }
        let tokens = site_key.tokens();
        if shards == 0 || tag != tokens.claim("site", line) {
            return Err(damaged());
        }
        let store = Store {
            tree: Tree::new(&site_key),
            keys: Keyring::new(keyring, key, older, shards),
            tokens,
            heads: site_key.small(Purpose::Head),
            lines: site_key.small(Purpose::LogEntry),
            claims: site_key.small(Purpose::Claim),
            cursors: site_key.small(Purpose::Cursor),
            meta: site_key.small(Purpose::Meta),
            chances: Chances::new(seed),
            is_apart: site_key.fingerprint() != key.fingerprint() && older.is_none_or(|older| older.fingerprint() != site_key.fingerprint()),
            site: site_key,
            data,
            shards,
        };
        store.open_tree()?;
        Ok(store)
    }

    /// How many shards the record space has.
    pub fn shards(&self) -> u8 {
        self.shards
    }

    /// A new record of a class, its key on disk. Waits for an fsync once in a few hundred calls.
    pub fn new_record(&self, class: Class) -> Result<RecordId, Error> {
        self.keys.new_record(class, &self.chances)
    }

    /// The part of the shared space in which a resource of a shared type lives.
    pub fn shared_record(&self, kind: ResourceType, id: &str) -> Result<RecordId, Error> {
        let part = crate::layout::number(&self.tokens.claim("part", id.as_bytes())[..8]) % SHARED_PARTS;
        let record = self.shared_part(kind, part);
        // A new key over what an older one has sealed: what is there would be lost even if that one came back.
        if self.keys.find(record)?.is_none() && self.has_head(record)? {
            // Somebody else may have begun it in between: its key comes first.
            self.keys.sealer(record)?;
        }
        self.keys.ensure(record, &self.chances)?;
        Ok(record)
    }

    /// All parts of the shared space that can hold a type.
    pub fn shared_records(&self, kind: ResourceType) -> impl Iterator<Item = RecordId> + '_ {
        (0..SHARED_PARTS).map(move |part| self.shared_part(kind, part))
    }

    fn shared_part(&self, kind: ResourceType, part: u64) -> RecordId {
        let mut name = kind.number().to_be_bytes().to_vec();
        name.push(part as u8);
        Class::Shared.record(crate::layout::number(&self.tokens.claim("shared", &name)[..8]), self.shards)
    }

    /// When the newest version of a shared type was written, as the heads of its parts tell; zero where there is none.
    pub fn newest_shared(&self, kind: ResourceType) -> Result<Tick, Error> {
        let mut newest = Tick(0);
        for record in self.shared_records(kind) {
            newest = newest.max(self.head(record)?.map_or(Tick(0), |(head, _)| head.newest));
        }
        Ok(newest)
    }

    /// Random bytes for ids.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        self.chances.bytes()
    }

    /// Seals where a page ended, as text for an address.
    pub fn seal_cursor(&self, about: &[u8], place: &[u8]) -> String {
        self.chances.with(|chance| self.cursors.seal_text(about, place, chance))
    }

    /// Opens such a text; none if it is not one of ours about the same thing.
    pub fn open_cursor(&self, about: &[u8], text: &str) -> Option<Vec<u8>> {
        self.cursors.open_text(about, text).ok()
    }

    /// A small sealed thing the store keeps about itself (accounts, settings).
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let key = self.note_key(name);
        match self.data.get(Space::Meta, &key)? {
            Some(sealed) => Ok(Some(self.meta.open(&key, &sealed)?)),
            None => Ok(None),
        }
    }

    /// Keeps a small thing, if what was there before is still `before`. False if it is not.
    pub fn keep_note(&self, name: &str, before: Option<&[u8]>, now: &[u8]) -> Result<bool, Error> {
        self.keep_notes(&[NoteChange { name, before, now }])
    }

    /// Keeps a small thing like [`keep_note`](Self::keep_note), sealed without chance: the same content under the same
    /// name is the same bytes, and whether it was kept shifts nothing else that is random. For notes that tell of what
    /// somebody may not see.
    pub fn keep_note_steadily(&self, change: &NoteChange<'_>) -> Result<bool, Error> {
        self.keep_notes_with(std::slice::from_ref(change), &|key, now| self.meta.seal_same(key, now))
    }

    /// Keeps several small things, all or none. False if one of them is not as it was before.
    pub fn keep_notes(&self, changes: &[NoteChange<'_>]) -> Result<bool, Error> {
        self.keep_notes_with(changes, &|key, now| self.chances.with(|chance| self.meta.seal(key, now, chance)))
    }

    fn keep_notes_with(&self, changes: &[NoteChange<'_>], seal: &dyn Fn(&[u8], &[u8]) -> Vec<u8>) -> Result<bool, Error> {
        let mut batch = Batch::new();
        for change in changes {
            let key = self.note_key(change.name);
            let found = self.data.get(Space::Meta, &key)?;
            let opened = found.as_ref().map(|sealed| self.meta.open(&key, sealed)).transpose()?;
            if opened.as_deref() != change.before {
                return Ok(false);
            }
            batch.require_unchanged(Space::Meta, &key, found.as_deref());
            batch.put(Space::Meta, &key, &seal(&key, change.now));
        }
        match self.data.commit_wait(batch) {
            Ok(_) => Ok(true),
            Err(CommitError::Precondition { .. }) => Ok(false),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(CommitError::Invalid { .. }) => Err(Error::Damaged("a note was refused")),
        }
    }

    /// Leaves nothing of a note.
    pub fn drop_note(&self, name: &str) -> Result<(), Error> {
        let key = self.note_key(name);
        if self.data.get(Space::Meta, &key)?.is_none() {
            return Ok(());
        }
        let mut batch = Batch::new();
        batch.delete(Space::Meta, &key);
        match self.data.commit_wait(batch) {
            Ok(_) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(CommitError::Precondition { .. } | CommitError::Invalid { .. }) => Err(Error::Damaged("a note could not be dropped")),
        }
    }

    fn note_key(&self, name: &str) -> Vec<u8> {
        let mut key = vec![2];
        key.extend_from_slice(&self.tokens.claim("note", name.as_bytes()));
        key
    }

    /// The commit number of each shard: to be kept elsewhere and compared at the next opening.
    pub fn commit_numbers(&self) -> Result<Vec<u64>, Error> {
        (0..self.shards).map(|shard| Ok(self.data.commit_number(shard)?)).collect()
    }

    /// Compares the store with numbers it once had. Fewer now means that commits were lost.
    pub fn compare_with(&self, anchored: &[u64]) -> Result<(), Error> {
        let numbers = self.commit_numbers()?;
        if numbers.len() != anchored.len() {
            return Err(Error::Damaged("it has not as many shards as the anchor"));
        }
        for (shard, (found, anchored)) in numbers.into_iter().zip(anchored.iter().copied()).enumerate() {
            if found < anchored {
                return Err(Error::RolledBack { shard: shard as u8, found, anchored });
            }
        }
        Ok(())
    }

    /// Bytes on disk of data and keyring.
    pub fn size_bytes(&self) -> Result<u64, Error> {
        Ok(self.data.size_bytes()? + self.keys.engine().size_bytes()?)
    }

    /// Moves what is in memory into lasting files and, where asked, gives back room. Takes long.
    pub fn settle(&self, compact: bool) -> Result<(), Error> {
        for engine in [&self.data, self.keys.engine()] {
            engine.flush()?;
            if compact {
                engine.compact()?;
            }
        }
        Ok(())
    }

    /// False once a write of data or keys has failed: nothing is written, and nobody is opened anew, until it is reopened.
    pub fn takes_writes(&self) -> bool {
        self.data.takes_writes() && self.keys.engine().takes_writes()
    }

    /// Leaves no byte of destroyed keys in the files of the keyring: a wrap there is the way back to who was erased.
    ///
    /// # Errors
    /// The engine failed.
    pub fn settle_keys(&self) -> Result<(), Error> {
        self.keys.engine().flush()?;
        Ok(self.keys.engine().compact()?)
    }

    /// Copies data and keyring as they are now, each into a folder that does not exist yet. Others may write meanwhile.
    /// The keyring comes last: every key that the data needs is in its copy.
    ///
    /// # Errors
    /// The engine failed, or it cannot be copied.
    pub fn copy_to(&self, data: &Path, keyring: &Path) -> Result<(), Error> {
        self.data.checkpoint(data)?;
        Ok(self.keys.engine().checkpoint(keyring)?)
    }

    /// Finishes what was handed over and refuses everything later.
    pub fn close(&self) -> Result<(), Error> {
        self.data.close()?;
        Ok(self.keys.engine().close()?)
    }

    /// The newest time at which anything was written: time never runs backwards from there.
    pub fn newest_tick(&self) -> Result<Tick, Error> {
        let mut newest = Tick(0);
        for shard in 0..self.shards {
            self.commits_back(shard, None, &mut |line| {
                newest = newest.max(line.at);
                std::ops::ControlFlow::Break(())
            })?;
        }
        Ok(newest)
    }
}

fn write_site(data: &Arc<dyn Engine>, key: &SiteKey, shape: Shape) -> Result<(), Error> {
    let mut site = FORMAT.to_be_bytes().to_vec();
    site.push(shape.shards.max(1));
    site.extend_from_slice(&key.fingerprint());
    let tag = key.tokens().claim("site", &site);
    site.extend_from_slice(&tag);
    let mut batch = Batch::new();
    batch.require_absent(Space::Meta, SITE);
    batch.put(Space::Meta, SITE, &site);
    match data.commit_wait(batch) {
        Ok(_) => Ok(()),
        Err(CommitError::Engine(cause)) => Err(cause.into()),
        Err(_) => Err(Error::StoreExists),
    }
}
