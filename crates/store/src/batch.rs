//! A batch: what must hold, and what is then written, whole or not at all.
//!
//! Keys and values lie one after another in a single piece of memory, so that a
//! batch of hundreds of small writes costs a handful of allocations.
//!
//! * Writes keep their order; of two to one key the later wins.
//! * Preconditions look at the state before the batch, in the order they were added.

use std::ops::Range;

use crate::engine::{CommitError, Space};

/// Preconditions and writes that take effect together.
#[derive(Clone, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    preconditions: Vec<(Demand, Space, Range<usize>, Range<usize>)>,
    writes: Vec<(Act, Space, Range<usize>, Range<usize>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Demand {
    Absent,
    Present,
    Equals,
}

#[derive(Clone, Copy, PartialEq)]
enum Act {
    Put,
    Delete,
}

/// What must hold before a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition<'a> {
    /// There is nothing under the key.
    Absent(Space, &'a [u8]),
    /// There is something under the key.
    Present(Space, &'a [u8]),
    /// Exactly this value lies under the key.
    Equals(Space, &'a [u8], &'a [u8]),
}

impl<'a> Precondition<'a> {
    /// Whether what lies under the key satisfies the precondition.
    pub fn holds(&self, found: Option<&[u8]>) -> bool {
        match self {
            Precondition::Absent(..) => found.is_none(),
            Precondition::Present(..) => found.is_some(),
            Precondition::Equals(_, _, value) => found == Some(*value),
        }
    }

    /// The key the precondition asks about.
    pub fn key(&self) -> (Space, &'a [u8]) {
        match self {
            Precondition::Absent(space, key)
            | Precondition::Present(space, key)
            | Precondition::Equals(space, key, _) => (*space, key),
        }
    }
}

/// One write of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write<'a> {
    /// Put a value under a key, in place of whatever lay there.
    Put(Space, &'a [u8], &'a [u8]),
    /// Leave nothing under a key.
    Delete(Space, &'a [u8]),
}

impl<'a> Write<'a> {
    /// The key that is written.
    pub fn key(&self) -> (Space, &'a [u8]) {
        match self {
            Write::Put(space, key, _) | Write::Delete(space, key) => (*space, key),
        }
    }
}

impl Batch {
    /// A batch that demands and writes nothing.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// An empty batch with room for so many writes and so many bytes of keys and values.
    pub fn with_capacity(writes: usize, bytes: usize) -> Batch {
        Batch {
            bytes: Vec::with_capacity(bytes),
            preconditions: Vec::new(),
            writes: Vec::with_capacity(writes),
        }
    }

    /// Demands that there be nothing under a key.
    pub fn require_absent(&mut self, space: Space, key: &[u8]) -> &mut Batch {
        self.demand(Demand::Absent, space, key, &[])
    }

    /// Demands that there be something under a key.
    pub fn require_present(&mut self, space: Space, key: &[u8]) -> &mut Batch {
        self.demand(Demand::Present, space, key, &[])
    }

    /// Demands that exactly this value lie under a key.
    pub fn require_equals(&mut self, space: Space, key: &[u8], value: &[u8]) -> &mut Batch {
        self.demand(Demand::Equals, space, key, value)
    }

    /// Demands what was read: this value, or nothing.
    pub fn require_unchanged(
        &mut self,
        space: Space,
        key: &[u8],
        read: Option<&[u8]>,
    ) -> &mut Batch {
        match read {
            Some(value) => self.require_equals(space, key, value),
            None => self.require_absent(space, key),
        }
    }

    /// Puts a value under a key.
    pub fn put(&mut self, space: Space, key: &[u8], value: &[u8]) -> &mut Batch {
        let (key, value) = (self.keep(key), self.keep(value));
        self.writes.push((Act::Put, space, key, value));
        self
    }

    /// Leaves nothing under a key.
    pub fn delete(&mut self, space: Space, key: &[u8]) -> &mut Batch {
        let key = self.keep(key);
        self.writes.push((Act::Delete, space, key, 0..0));
        self
    }

    /// Adds everything another batch demands and writes, after what is here.
    pub fn append(&mut self, other: &Batch) -> &mut Batch {
        let start = self.bytes.len();
        let moved = |range: &Range<usize>| range.start + start..range.end + start;
        self.bytes.extend_from_slice(&other.bytes);
        self.preconditions.extend(
            other
                .preconditions
                .iter()
                .map(|(d, s, k, v)| (*d, *s, moved(k), moved(v))),
        );
        self.writes.extend(
            other
                .writes
                .iter()
                .map(|(a, s, k, v)| (*a, *s, moved(k), moved(v))),
        );
        self
    }

    /// What must hold, in the order it was added.
    pub fn preconditions(&self) -> impl ExactSizeIterator<Item = Precondition<'_>> {
        self.preconditions
            .iter()
            .map(|(demand, space, key, value)| {
                let (key, value) = (&self.bytes[key.clone()], &self.bytes[value.clone()]);
                match demand {
                    Demand::Absent => Precondition::Absent(*space, key),
                    Demand::Present => Precondition::Present(*space, key),
                    Demand::Equals => Precondition::Equals(*space, key, value),
                }
            })
    }

    /// What is written, in the order it was added.
    pub fn writes(&self) -> impl ExactSizeIterator<Item = Write<'_>> {
        self.writes.iter().map(|(act, space, key, value)| {
            let (key, value) = (&self.bytes[key.clone()], &self.bytes[value.clone()]);
            match act {
                Act::Put => Write::Put(*space, key, value),
                Act::Delete => Write::Delete(*space, key),
            }
        })
    }

    /// Whether the batch writes nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// How many writes the batch holds.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Bytes of all keys and values.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The shards the batch touches, ascending, each once. Refuses a key that
    /// should have a shard and is empty, and a key that belongs to the engine.
    pub fn shards(&self) -> Result<Vec<u8>, CommitError> {
        let mut shards = Vec::new();
        for (index, write) in self.writes().enumerate() {
            match write.key() {
                (Space::Meta, [0, ..]) => {
                    return Err(CommitError::Invalid {
                        index,
                        why: "uses a key of the engine",
                    });
                }
                (_, []) => {
                    return Err(CommitError::Invalid {
                        index,
                        why: "has an empty key",
                    });
                }
                (space, key) => {
                    if let Some(shard) = space.shard_of(key)
                        && shards.last() != Some(&shard)
                    {
                        shards.push(shard);
                    }
                }
            }
        }
        shards.sort_unstable();
        shards.dedup();
        Ok(shards)
    }

    fn demand(&mut self, demand: Demand, space: Space, key: &[u8], value: &[u8]) -> &mut Batch {
        let (key, value) = (self.keep(key), self.keep(value));
        self.preconditions.push((demand, space, key, value));
        self
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }
}

impl std::fmt::Debug for Batch {
    /// Counts only: keys and values are nobody's business in a log.
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Batch")
            .field("preconditions", &self.preconditions.len())
            .field("writes", &self.writes.len())
            .field("size_bytes", &self.bytes.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_gives_back_what_it_was_given_in_order() {
        let mut tail = Batch::new();
        tail.require_absent(Space::Claim, b"c")
            .delete(Space::Record, &[1]);
        let mut batch = Batch::new();
        batch
            .require_equals(Space::Record, &[9, 9], b"old")
            .put(Space::Record, &[9, 9], b"new")
            .put(Space::Posting, &[3], b"")
            .append(&tail);
        assert_eq!(
            batch.preconditions().collect::<Vec<_>>(),
            [
                Precondition::Equals(Space::Record, &[9, 9], b"old"),
                Precondition::Absent(Space::Claim, b"c"),
            ]
        );
        assert_eq!(
            batch.writes().collect::<Vec<_>>(),
            [
                Write::Put(Space::Record, &[9, 9], b"new"),
                Write::Put(Space::Posting, &[3], b""),
                Write::Delete(Space::Record, &[1]),
            ]
        );
        assert_eq!(batch.shards().expect("all keys are allowed"), [1, 3, 9]);
    }

    #[test]
    fn a_batch_may_not_write_the_engines_own_keys_nor_empty_ones() {
        let mut own = Batch::new();
        own.put(Space::Meta, b"site", b"")
            .put(Space::Meta, &[0, 7], b"");
        assert!(matches!(
            own.shards(),
            Err(CommitError::Invalid { index: 1, .. })
        ));
        let mut empty = Batch::new();
        empty.put(Space::Record, b"", b"");
        assert!(matches!(
            empty.shards(),
            Err(CommitError::Invalid { index: 0, .. })
        ));
    }
}
