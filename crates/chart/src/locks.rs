//! Who is at a record or a condition right now, inside this process.
//!
//! * Locks are taken in ascending order, all at once, so nobody waits in a circle.
//! * Two records may share a lock; that costs a little waiting and nothing else.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use fhir::RecordId;
use tokio::sync::{Mutex, OwnedMutexGuard};

const LOCKS: usize = 4096;

pub(crate) struct Locks {
    records: Vec<Arc<Mutex<()>>>,
    conditions: Vec<Arc<Mutex<()>>>,
    hasher: std::hash::RandomState,
}

/// Held until dropped.
pub(crate) type Held = Vec<OwnedMutexGuard<()>>;

impl Locks {
    pub fn new() -> Locks {
        let many = || (0..LOCKS).map(|_| Arc::new(Mutex::new(()))).collect();
        Locks { records: many(), conditions: many(), hasher: std::hash::RandomState::new() }
    }

    fn place(&self, thing: impl Hash) -> usize {
        self.hasher.hash_one(thing) as usize % LOCKS
    }

    /// Keeps everybody else from writing to these records.
    pub async fn records(&self, records: impl IntoIterator<Item = RecordId>) -> Held {
        let places: BTreeSet<usize> = records.into_iter().map(|record| self.place(record)).collect();
        hold(&self.records, places).await
    }

    /// Keeps everybody else from acting under these conditions. Taken before any record.
    pub async fn conditions<'c>(&self, conditions: impl IntoIterator<Item = &'c str>) -> Held {
        let places: BTreeSet<usize> = conditions.into_iter().map(|condition| self.place(condition)).collect();
        hold(&self.conditions, places).await
    }
}

async fn hold(locks: &[Arc<Mutex<()>>], places: BTreeSet<usize>) -> Held {
    let mut held = Vec::with_capacity(places.len());
    for place in places {
        held.push(locks[place].clone().lock_owned().await);
    }
    held
}
