//! The right edge of a tree: all that must be remembered to append to it and to tell its root.

use crate::hash::{Hash, node_hash, sha256};
use crate::tile::TILE_WIDTH;

/// The hashes of the last, unfinished tile of each level, the leaves first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// A hash that is final: it stands for 256 to the power of its level leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// The level of its tile; from 1, as the leaves are level 0.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
    /// The hash.
    pub hash: Hash,
}

impl Frontier {
    /// The edge of a tree of this size; `hashes(level, index)` are the hashes of its last tiles.
    pub fn read<E>(size: u64, mut hashes: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Frontier, E> {
        let (mut levels, mut count, mut level) = (Vec::new(), size, 0);
        while count > 0 {
            let first = count - count % TILE_WIDTH;
            levels.push((first..count).map(|index| hashes(level, index)).collect::<Result<Vec<_>, E>>()?);
            count /= TILE_WIDTH;
            level += 1;
        }
        Ok(Frontier { size, levels })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. `done` is told each hash that is final with it.
    pub fn append(&mut self, leaf: Hash, mut done: impl FnMut(Node)) {
        let (mut hash, mut count) = (leaf, self.size);
        self.size += 1;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(TILE_WIDTH as usize));
            }
            let tile = &mut self.levels[level];
            tile.push(hash);
            if tile.len() < TILE_WIDTH as usize {
                return;
            }
            hash = perfect_root(tile);
            tile.clear();
            count /= TILE_WIDTH;
            done(Node { level: level as u8 + 1, index: count, hash });
        }
    }

    /// The hash of the whole tree. That of an empty one is the hash of nothing.
    pub fn root(&self) -> Hash {
        // From the right: the smallest perfect trees are joined first.
        let mut root: Option<Hash> = None;
        for tile in &self.levels {
            let mut rest = tile.as_slice();
            while !rest.is_empty() {
                let width = 1 << rest.len().trailing_zeros();
                let (front, last) = rest.split_at(rest.len() - width);
                let left = perfect_root(last);
                root = Some(root.map_or(left, |right| node_hash(&left, &right)));
                rest = front;
            }
        }
        root.unwrap_or_else(|| sha256(&[]))
    }
}

/// The root of a tree whose leaves are a power of two.
pub(crate) fn perfect_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [only] => *only,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&perfect_root(left), &perfect_root(right))
        }
    }
}
