//! Who is at a record or a condition right now, inside this process.
//!
//! * Locks are taken in ascending order, all at once, so nobody waits in a circle.
//! * A write takes its locks with it to the disk: who hangs up frees nothing that is still on its way.
//! * Each thing has a lock of its own while somebody holds or wants it: a bundle of a hundred
//!   resources holds a hundred, and with fewer locks than things every two bundles would meet.
//! * Two things with the same 64-bit hash share a lock; that costs a little waiting and nothing else.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use fhir::RecordId;
use parking_lot::Mutex as Brief;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Parts of a table, so that those who look something up rarely meet.
const PARTS: usize = 64;

pub(crate) struct Locks {
    records: Table,
    conditions: Table,
    hasher: std::hash::RandomState,
}

/// The locks that somebody holds or waits for.
#[derive(Clone)]
struct Table(Arc<[Brief<HashMap<u64, Arc<Mutex<()>>>>]>);

/// Held until dropped.
pub(crate) struct Held {
    table: Table,
    locks: Vec<(u64, Option<OwnedMutexGuard<()>>)>,
}

impl Locks {
    pub fn new() -> Locks {
        Locks { records: Table::new(), conditions: Table::new(), hasher: std::hash::RandomState::new() }
    }

    /// Keeps everybody else from writing to these records.
    pub async fn records(&self, records: impl IntoIterator<Item = RecordId>) -> Held {
        self.records.hold(self.places(records)).await
    }

    /// Keeps everybody else from acting under these conditions. Taken before any record.
    pub async fn conditions<'c>(&self, conditions: impl IntoIterator<Item = &'c str>) -> Held {
        self.conditions.hold(self.places(conditions)).await
    }

    fn places(&self, things: impl IntoIterator<Item = impl Hash>) -> BTreeSet<u64> {
        things.into_iter().map(|thing| self.hasher.hash_one(thing)).collect()
    }
}

impl Table {
    fn new() -> Table {
        Table((0..PARTS).map(|_| Brief::default()).collect())
    }

    fn part(&self, place: u64) -> &Brief<HashMap<u64, Arc<Mutex<()>>>> {
        &self.0[place as usize % PARTS]
    }

    async fn hold(&self, places: BTreeSet<u64>) -> Held {
        let mut held = Held { table: self.clone(), locks: Vec::with_capacity(places.len()) };
        for place in places {
            let lock = self.part(place).lock().entry(place).or_default().clone();
            // Noted first: whoever stops waiting here still clears the table.
            held.locks.push((place, None));
            let guard = lock.lock_owned().await;
            if let Some(last) = held.locks.last_mut() {
                last.1 = Some(guard);
            }
        }
        held
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for (place, guard) in self.locks.drain(..) {
            drop(guard);
            let mut part = self.table.part(place).lock();
            // Copies are made under this lock only: one left means that nobody else wants it.
            if part.get(&place).is_some_and(|lock| Arc::strong_count(lock) == 1) {
                part.remove(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    fn in_the_table(table: &Table) -> usize {
        table.0.iter().map(|part| part.lock().len()).sum()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_at_a_time_is_at_a_record_and_nothing_is_left_behind() {
        let (locks, inside) = (Arc::new(Locks::new()), Arc::new([const { AtomicUsize::new(0) }; 5]));
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..16u64 {
            let (locks, inside) = (locks.clone(), inside.clone());
            workers.spawn(async move {
                for turn in 0..200 {
                    let mine = [(worker + turn) % 5, (worker * 3 + turn * 7) % 5];
                    let _held = locks.records(mine.map(RecordId)).await;
                    for record in BTreeSet::from(mine) {
                        assert_eq!(inside[record as usize].fetch_add(1, SeqCst), 0);
                    }
                    tokio::task::yield_now().await;
                    for record in BTreeSet::from(mine) {
                        inside[record as usize].fetch_sub(1, SeqCst);
                    }
                }
            });
        }
        while let Some(done) = workers.join_next().await {
            done.unwrap();
        }
        assert_eq!(in_the_table(&locks.records), 0);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_nothing_behind() {
        let locks = Locks::new();
        let held = locks.conditions(["a", "b"]).await;
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), locks.conditions(["b", "c"])).await;
        assert!(waiting.is_err());
        drop(held);
        assert_eq!(in_the_table(&locks.conditions), 0);
    }
}
