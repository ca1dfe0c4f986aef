//! The engine in memory: slow, obvious, and the oracle of the others.
//!
//! Sorted maps in shelves, one per space and first byte of the key. A snapshot
//! keeps the shelves as they are; whoever writes next copies the one it touches.
//! Nothing survives the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::batch::{Batch, Write};
use crate::engine::{
    CommitError, Committed, Cursor, Done, Engine, Error, Read, Shown, Snapshot, Space, Span, Visit,
    commit_number_from, commit_number_key,
};

/// A store that lives as long as the process.
#[derive(Default)]
pub struct Memory {
    shelves: RwLock<Arc<Shelves>>,
    /// Held while a batch is judged and written: one after another.
    writing: Mutex<Closed>,
}

#[derive(Default)]
struct Closed(bool);

type Shelf = BTreeMap<Vec<u8>, Arc<[u8]>>;

#[derive(Clone)]
struct Shelves(Vec<Arc<Shelf>>);

impl Default for Shelves {
    fn default() -> Shelves {
        Shelves(vec![Arc::default(); Space::ALL.len() * 256])
    }
}

impl Shelves {
    fn place(space: Space, first: u8) -> usize {
        space as usize * 256 + usize::from(first)
    }

    fn get(&self, space: Space, key: &[u8]) -> Option<&Arc<[u8]>> {
        self.0[Shelves::place(space, *key.first()?)].get(key)
    }

    fn shelf_mut(&mut self, space: Space, key: &[u8]) -> &mut Shelf {
        Arc::make_mut(&mut self.0[Shelves::place(space, key[0])])
    }

    /// Every key and value of a span, ascending, and from the other end descending.
    fn walk<'a>(
        &'a self,
        space: Space,
        span: &'a Span,
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])> {
        let first = span.from.first().copied().unwrap_or(0);
        let last = span
            .to
            .as_ref()
            .map_or(u8::MAX, |to| to.first().copied().unwrap_or(0));
        // The bounds of an empty span would cross within a shelf.
        let shelves = (first..=last).filter(|_| !span.is_empty());
        let from = Bound::Included(span.from.as_slice());
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        shelves
            .flat_map(move |first| {
                self.0[Shelves::place(space, first)].range::<[u8], _>((from, to))
            })
            .map(|(key, value)| (key.as_slice(), value.as_ref()))
    }

    fn commit_number(&self, shard: u8) -> Result<u64, Error> {
        let number = self.get(Space::Meta, &commit_number_key(shard));
        number.map_or(Ok(0), |bytes| commit_number_from(bytes))
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// A copy that goes its own way from here.
    pub fn copy(&self) -> Memory {
        Memory {
            shelves: RwLock::new(self.now()),
            writing: Mutex::default(),
        }
    }

    /// Changes or removes a value as whoever has rights on an engine's bytes could: nothing is
    /// asked and no commit number moves. For proofs that it is noticed.
    pub fn tamper(&self, space: Space, key: &[u8], value: Option<&[u8]>) {
        let mut shelves = self.shelves.write();
        let shelf = Arc::make_mut(&mut shelves).shelf_mut(space, key);
        match value {
            Some(value) => shelf.insert(key.to_vec(), value.into()),
            None => shelf.remove(key),
        };
    }

    fn now(&self) -> Arc<Shelves> {
        self.shelves.read().clone()
    }

    fn write(&self, batch: &Batch) -> Result<Committed, CommitError> {
        let closed = self.writing.lock();
        if closed.0 {
            return Err(CommitError::Engine(Error::Closed));
        }
        let shards = batch.shards()?;
        let mut shelves = self.shelves.write();
        for (index, precondition) in batch.preconditions().enumerate() {
            let (space, key) = precondition.key();
            if !precondition.holds(shelves.get(space, key).map(AsRef::as_ref)) {
                return Err(CommitError::Precondition { index });
            }
        }
        let numbers = shards
            .into_iter()
            .map(|shard| Ok((shard, shelves.commit_number(shard)? + 1)))
            .collect::<Result<Vec<_>, Error>>()
            .map_err(CommitError::Engine)?;
        let shelves = Arc::make_mut(&mut shelves);
        for write in batch.writes() {
            match write {
                Write::Put(space, key, value) => {
                    shelves
                        .shelf_mut(space, key)
                        .insert(key.to_vec(), value.into());
                }
                Write::Delete(space, key) => {
                    shelves.shelf_mut(space, key).remove(key);
                }
            }
        }
        for (shard, number) in &numbers {
            let key = commit_number_key(*shard);
            let number = number.to_be_bytes().as_slice().into();
            shelves
                .shelf_mut(Space::Meta, &key)
                .insert(key.to_vec(), number);
        }
        Ok(Committed { numbers })
    }
}

impl Read for Memory {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        let value = self.shelves.read().get(space, key).cloned();
        Ok(value.map(|value| see(&value)).is_some())
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        Standing {
            shelves: self.now(),
            shard: 0,
        }
        .scan(space, span, visit)
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        Standing {
            shelves: self.now(),
            shard: 0,
        }
        .scan_back(space, span, visit)
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        Standing {
            shelves: self.now(),
            shard: 0,
        }
        .into_cursor(space, span)
    }
}

impl Engine for Memory {
    fn snapshot(&self, shard: u8) -> Result<Box<dyn Snapshot + '_>, Error> {
        Ok(Box::new(Standing {
            shelves: self.now(),
            shard,
        }))
    }

    fn commit(&self, batch: Batch, done: Done) {
        done(self.write(&batch));
    }

    fn flush(&self) -> Result<(), Error> {
        Ok(())
    }

    fn compact(&self) -> Result<(), Error> {
        Ok(())
    }

    fn verify(&self) -> Result<(), Error> {
        Ok(())
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        let shelves = self.now();
        let pairs = shelves.0.iter().flat_map(|shelf| shelf.iter());
        Ok(pairs
            .map(|(key, value)| (key.len() + value.len()) as u64)
            .sum())
    }

    fn checkpoint(&self, _folder: &Path) -> Result<(), Error> {
        let why = std::io::Error::from(std::io::ErrorKind::Unsupported);
        Err(Error::Failed {
            doing: "copying a store that lives in memory",
            source: crate::engine::Cause::new(why),
        })
    }

    fn close(&self) -> Result<(), Error> {
        self.writing.lock().0 = true;
        Ok(())
    }
}

/// A state that no longer changes.
struct Standing {
    shelves: Arc<Shelves>,
    shard: u8,
}

impl Standing {
    fn into_cursor(self, space: Space, span: &Span) -> Result<Box<dyn Cursor + 'static>, Error> {
        Ok(Box::new(Walk {
            shelves: self.shelves,
            space,
            span: span.clone(),
            rest: span.clone(),
            at: None,
        }))
    }
}

impl Read for Standing {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        Ok(self
            .shelves
            .get(space, key)
            .map(|value| see(value))
            .is_some())
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        let _ = self
            .shelves
            .walk(space, span)
            .try_for_each(|(key, value)| visit(key, value));
        Ok(())
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        let _ = self
            .shelves
            .walk(space, span)
            .rev()
            .try_for_each(|(key, value)| visit(key, value));
        Ok(())
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        Standing {
            shelves: self.shelves.clone(),
            shard: self.shard,
        }
        .into_cursor(space, span)
    }
}

impl Snapshot for Standing {
    fn commit_number(&self) -> Result<u64, Error> {
        self.shelves.commit_number(self.shard)
    }
}

struct Walk {
    shelves: Arc<Shelves>,
    space: Space,
    span: Span,
    /// What has not been shown yet.
    rest: Span,
    at: Option<(Vec<u8>, Arc<[u8]>)>,
}

impl Cursor for Walk {
    fn next(&mut self) -> Result<Option<Shown<'_>>, Error> {
        let found = self.shelves.walk(self.space, &self.rest).next();
        self.at = found.map(|(key, value)| (key.to_vec(), value.into()));
        let Some((key, value)) = &self.at else {
            self.rest = Span::between([], []);
            return Ok(None);
        };
        self.rest.from.clone_from(key);
        // The next possible key: the same with a zero byte behind it.
        self.rest.from.push(0);
        Ok(Some((key, value)))
    }

    fn seek(&mut self, key: &[u8]) {
        self.rest = self.span.clone();
        if key > self.rest.from.as_slice() {
            self.rest.from = key.to_vec();
        }
    }
}
