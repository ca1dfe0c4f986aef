//! The promise an engine keeps: sorted bytes, atomic batches, views that stand still.
//!
//! The record façade is written against this page and never against a product.
//!
//! * A batch is written whole or not at all, and is on the disk (fsync) before
//!   its `done` is called.
//! * Batches take effect one after another: a precondition sees everything that
//!   batches before it wrote, and nothing of those after.
//! * Each shard has a commit number that grows by one with each batch touching
//!   it, in the same atomic write; whoever remembers a number notices a
//!   shortened or rolled back store.
//! * A snapshot promises one shard. Some engines give more; nobody may lean on it.
//! * Nothing here knows what a key or a value means. Values arrive sealed.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::batch::Batch;

/// A key space of the engine. The numbers are part of the disk format: they are
/// never reused and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// Entries and heads of records. The first byte of a key is its shard, the
    /// first eight are the record.
    Record = 0,
    /// Index entries: everything is in the key, the value is empty. The first
    /// byte of a key is its shard.
    Posting = 1,
    /// From a type and id to the record, under its own hash.
    Locator = 2,
    /// Unique identifiers, leases and conditions, under their own hash.
    Claim = 3,
    /// The log of openings. The first byte of a key is its shard.
    Log = 4,
    /// What the store knows of itself. Keys that begin with a zero byte belong
    /// to the engine.
    Meta = 5,
}

impl Space {
    /// Every space, in the order of its number.
    pub const ALL: [Space; 6] = [
        Space::Record,
        Space::Posting,
        Space::Locator,
        Space::Claim,
        Space::Log,
        Space::Meta,
    ];

    /// A short lasting name, for an engine that names its tables or families.
    pub fn name(self) -> &'static str {
        match self {
            Space::Record => "record",
            Space::Posting => "posting",
            Space::Locator => "locator",
            Space::Claim => "claim",
            Space::Log => "log",
            Space::Meta => "meta",
        }
    }

    /// The shard a key of this space belongs to: its first byte in the spaces
    /// that are clustered by record, none in the others.
    pub fn shard_of(self, key: &[u8]) -> Option<u8> {
        match self {
            Space::Record | Space::Posting | Space::Log => key.first().copied(),
            Space::Locator | Space::Claim | Space::Meta => None,
        }
    }
}

/// The keys from one (included) to another (excluded), or to the end of the space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first key that belongs to the span.
    pub from: Vec<u8>,
    /// The first key that no longer belongs to it; without one, the span is open.
    pub to: Option<Vec<u8>>,
}

impl Span {
    /// The whole space.
    pub fn all() -> Span {
        Span {
            from: Vec::new(),
            to: None,
        }
    }

    /// From a key (included) to a key (excluded).
    pub fn between(from: impl Into<Vec<u8>>, to: impl Into<Vec<u8>>) -> Span {
        Span {
            from: from.into(),
            to: Some(to.into()),
        }
    }

    /// Every key that begins with these bytes.
    pub fn prefix(prefix: impl Into<Vec<u8>>) -> Span {
        let from = prefix.into();
        let to = after_prefix(&from);
        Span { from, to }
    }

    /// Whether a key lies in the span.
    pub fn holds(&self, key: &[u8]) -> bool {
        key >= self.from.as_slice() && self.to.as_ref().is_none_or(|to| key < to.as_slice())
    }

    /// Whether no key can lie in the span.
    pub fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| to <= &self.from)
    }
}

/// The first key after all those that begin with `prefix`; none when the prefix
/// is empty or all ones.
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

/// What a scan calls for each key and value. It may stop the scan; it must not
/// wait for a commit.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Reading, from the newest committed state (an [`Engine`]) or from a state that
/// stands still (a [`Snapshot`]).
pub trait Read {
    /// Shows the value under a key without copying it; false when there is none
    /// (then `see` is not called).
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error>;

    /// The value under a key.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut value = None;
        self.view(space, key, &mut |bytes| value = Some(bytes.to_vec()))?;
        Ok(value)
    }

    /// The values under several keys of one space, in the order of the keys.
    fn multi_get(&self, space: Space, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        keys.iter().map(|key| self.get(space, key)).collect()
    }

    /// Visits the keys of a span in ascending order. One scan sees one state.
    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error>;

    /// Visits the keys of a span in descending order. One scan sees one state.
    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error>;

    /// A cursor over a span, for reading a little at a time and for jumping. It
    /// stands before the first key and sees one state.
    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error>;

    /// A cursor over a whole space for one who jumps to many places and wants of each what begins
    /// with the same bytes: where an engine keeps such keys together (a record, a term of a shard), it may
    /// end behind them, and is quicker for it. It sees one state.
    fn jumps(&self, space: Space) -> Result<Box<dyn Cursor + '_>, Error> {
        self.cursor(space, &Span::all())
    }
}

/// A key and its value, lent by a cursor until it moves.
pub type Shown<'a> = (&'a [u8], &'a [u8]);

/// A place in a span that moves on request.
pub trait Cursor {
    /// Moves to the next key and shows it with its value; none at the end, and
    /// from then on until [`Cursor::seek`] is called.
    #[allow(
        clippy::should_implement_trait,
        reason = "it lends its bytes, which Iterator cannot"
    )]
    fn next(&mut self) -> Result<Option<Shown<'_>>, Error>;

    /// Moves so that the following [`Cursor::next`] shows the first key of the
    /// span at or after this one; backwards too.
    fn seek(&mut self, key: &[u8]);
}

/// A view of one shard that does not change while others write.
///
/// Held briefly: as long as it lives, nothing it sees can be given back to the disk.
pub trait Snapshot: Read + Send {
    /// The commit number of the shard in this view.
    fn commit_number(&self) -> Result<u64, Error>;
}

/// Called once a batch is on the disk or refused, from the engine's own thread:
/// it must be quick, and must neither commit nor wait.
pub type Done = Box<dyn FnOnce(Result<Committed, CommitError>) + Send>;

/// A store of sorted bytes.
pub trait Engine: Read + Send + Sync {
    /// A view of one shard that stands still: its keys in [`Space::Record`],
    /// [`Space::Posting`] and [`Space::Log`], and its commit number.
    fn snapshot(&self, shard: u8) -> Result<Box<dyn Snapshot + '_>, Error>;

    /// Hands over a batch. `done` is called exactly once: with the commit numbers
    /// after the batch is durable, or with the reason why nothing of it was
    /// written. Waits only when too many batches are queued already.
    fn commit(&self, batch: Batch, done: Done);

    /// Hands over a batch and waits until it is durable or refused.
    fn commit_wait(&self, batch: Batch) -> Result<Committed, CommitError> {
        let (answer, wait) = std::sync::mpsc::sync_channel(1);
        self.commit(
            batch,
            Box::new(move |result| {
                // A waiter that is gone needs no answer.
                let _ = answer.send(result);
            }),
        );
        wait.recv()
            .unwrap_or(Err(CommitError::Engine(Error::Closed)))
    }

    /// False once a write has failed: from then on every other is refused until the store is reopened.
    fn takes_writes(&self) -> bool {
        true
    }

    /// How many batches have touched a shard; zero for a shard never touched.
    fn commit_number(&self, shard: u8) -> Result<u64, Error> {
        let mut number = Ok(0);
        self.view(Space::Meta, &commit_number_key(shard), &mut |bytes| {
            number = commit_number_from(bytes);
        })?;
        number
    }

    /// Moves what is in memory into the engine's lasting files. Commits are
    /// durable without it; it shortens the next opening.
    fn flush(&self) -> Result<(), Error>;

    /// Gives back the room of what was deleted or replaced. Takes long.
    fn compact(&self) -> Result<(), Error>;

    /// Reads everything and checks the engine's own checksums. Takes long.
    fn verify(&self) -> Result<(), Error>;

    /// Bytes on the disk, log files included; an engine in memory estimates.
    fn size_bytes(&self) -> Result<u64, Error>;

    /// A consistent copy of the whole store in a folder that does not exist yet.
    /// The copy opens as a store of its own.
    fn checkpoint(&self, folder: &Path) -> Result<(), Error>;

    /// Finishes the queued batches and refuses everything that comes later.
    fn close(&self) -> Result<(), Error>;
}

/// The key in [`Space::Meta`] under which a shard's commit number lies.
pub fn commit_number_key(shard: u8) -> [u8; 2] {
    [0, shard]
}

/// A commit number as it lies on the disk: eight bytes, most significant first.
pub fn commit_number_from(bytes: &[u8]) -> Result<u64, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::Damaged {
        what: "a commit number is not eight bytes long".into(),
    })?;
    Ok(u64::from_be_bytes(bytes))
}

/// A batch is durable: the new commit number of each shard it touched.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Committed {
    /// Shard and number, ascending by shard; empty when no shard was touched.
    pub numbers: Vec<(u8, u64)>,
}

impl Committed {
    /// The new commit number of a shard, when the batch touched it.
    pub fn number(&self, shard: u8) -> Option<u64> {
        self.numbers
            .iter()
            .find(|(of, _)| *of == shard)
            .map(|(_, number)| *number)
    }
}

/// Why a batch was not acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// A precondition did not hold; nothing was written.
    #[error("precondition {index} of the batch does not hold")]
    Precondition {
        /// The place of the first failing precondition, in the order they were added.
        index: usize,
    },
    /// The batch writes where only the engine may, or a key without a shard;
    /// nothing was written.
    #[error("write {index} of the batch {why}")]
    Invalid {
        /// The place of the write in the batch.
        index: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The engine failed. Whether the batch was written is known only after
    /// reopening; it was never acknowledged.
    #[error("the batch could not be committed")]
    Engine(#[source] Error),
}

/// An engine could not do what was asked. Carries no key and no value.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The disk or the engine's library refused.
    #[error("the storage engine failed while {doing}")]
    Failed {
        /// What the engine was doing.
        doing: &'static str,
        /// What the engine's library or the system said.
        #[source]
        source: Cause,
    },
    /// Something on the disk is not what was written there.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What does not fit, in words.
        what: String,
    },
    /// The folder was written by a newer program.
    #[error(
        "the store has format {found}, this program knows formats up to {known}; use a newer program"
    )]
    NewerFormat {
        /// The format of the folder.
        found: u32,
        /// The newest format this program reads.
        known: u32,
    },
    /// The folder holds something, but not a store of ours.
    #[error("the folder {folder} is not a store: {why}")]
    NotAStore {
        /// The folder.
        folder: String,
        /// What is missing or out of place.
        why: &'static str,
    },
    /// Another process holds the store.
    #[error("the store in {folder} is in use by another process")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// An earlier write failed. Reading goes on; writing needs a reopening, which
    /// shows what reached the disk.
    #[error(
        "the store refuses to write since an earlier write failed; free the disk and reopen it"
    )]
    WritesStopped,
    /// The engine was closed.
    #[error("the store is closed")]
    Closed,
}

/// The reason an engine's library or the system gave, shared by all who were told.
#[derive(Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Keeps a reason.
    pub fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Cause {
        Cause(Arc::from(reason.into()))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, form)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, form)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        let check = |prefix: &[u8], end: Option<&[u8]>| {
            assert_eq!(after_prefix(prefix).as_deref(), end, "prefix {prefix:?}");
        };
        check(b"", None);
        check(&[0xff, 0xff], None);
        check(&[1], Some(&[2]));
        check(&[1, 0xff], Some(&[2]));
        check(&[1, 2, 0xff, 0xff], Some(&[1, 3]));
    }

    #[test]
    fn only_the_spaces_clustered_by_record_have_shards() {
        assert_eq!(Space::Record.shard_of(&[7, 1]), Some(7));
        assert_eq!(Space::Posting.shard_of(&[8]), Some(8));
        assert_eq!(Space::Log.shard_of(&[9]), Some(9));
        assert_eq!(Space::Record.shard_of(&[]), None);
        assert_eq!(Space::Locator.shard_of(&[7]), None);
        assert_eq!(Space::Claim.shard_of(&[7]), None);
        assert_eq!(Space::Meta.shard_of(&[7]), None);
    }
}
