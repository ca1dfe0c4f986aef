//! How far a set is followed into those it is built on.

use super::{Body, Reason, Set};
use std::cell::Cell;

/// How deep value sets may be built on one another.
pub(super) const MOST_NESTING: usize = 12;
/// Parts and codes of other sets that are looked at for one code.
pub(super) const MOST_FOR_ONE: u64 = 5_000_000;
/// The same for all codes of a set.
pub(super) const MOST_FOR_ALL: u64 = 1_000_000_000;

/// The way down from a set. A few sets that name each other ten times would be followed without end, so it is bounded by
/// what is looked at, too.
#[derive(Clone, Copy)]
pub(super) struct Way<'w> {
    depth: usize,
    left: &'w Cell<u64>,
}

impl<'w> Way<'w> {
    pub fn of(left: &'w Cell<u64>) -> Way<'w> {
        Way { depth: 0, left }
    }

    /// Into a set that is named.
    pub fn down(self, set: &Set) -> Result<Way<'w>, Reason> {
        if self.depth == MOST_NESTING {
            return Err("value sets that are built on one another in a circle, or deeper than this server follows".to_owned());
        }
        let left = self.left.get().checked_sub(weight(set)).ok_or("value sets that are built on one another more often than this server follows")?;
        self.left.set(left);
        Ok(Way { depth: self.depth + 1, ..self })
    }
}

fn weight(set: &Set) -> u64 {
    match &set.body {
        Body::Published(_, Some(composed)) | Body::Composed(composed) => 1 + composed.includes.iter().chain(&composed.excludes).map(|part| 1 + part.codes.len() as u64).sum::<u64>(),
        Body::Published(_, None) | Body::Untold(_) => 1,
    }
}
