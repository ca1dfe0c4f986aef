//! What was looked up, remembered until something is written that could change it.
//!
//! * Forgetting ends an era. What was looked up in an era that is over by the time it is found is
//!   answered and not remembered: it may be older than the write.
//! * Call `forget` after the write is on disk and before it is acknowledged.

use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

/// The memory.
pub(crate) struct Memory<K, V>(Mutex<Kept<K, V>>);

struct Kept<K, V> {
    era: u64,
    known: HashMap<K, V>,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Memory<K, V> {
        Memory(Mutex::new(Kept { era: 0, known: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    /// Forgets one thing.
    pub fn forget(&self, key: &K) {
        let mut kept = self.0.lock();
        kept.era += 1;
        kept.known.remove(key);
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        let mut kept = self.0.lock();
        kept.era += 1;
        kept.known.clear();
    }

    /// What is known, or what is found now. It is remembered where `is_kept` says so; when `most`
    /// are, all are forgotten first.
    pub fn known_or<E>(&self, key: K, most: usize, is_kept: impl FnOnce(&V) -> bool, find: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let era = {
            let kept = self.0.lock();
            if let Some(found) = kept.known.get(&key) {
                return Ok(found.clone());
            }
            kept.era
        };
        let found = find()?;
        let mut kept = self.0.lock();
        if kept.era == era && is_kept(&found) {
            if kept.known.len() >= most {
                kept.known.clear();
            }
            kept.known.insert(key, found.clone());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn ask(memory: &Memory<u8, u8>, key: u8, find: impl FnOnce() -> u8) -> u8 {
        memory.known_or(key, 2, |found| *found > 0, || Ok::<_, Infallible>(find())).unwrap_or_default()
    }

    #[test]
    fn what_is_forgotten_is_looked_up_again_and_the_rest_is_not() {
        let memory = Memory::default();
        assert_eq!((ask(&memory, 1, || 5), ask(&memory, 2, || 6)), (5, 6));
        memory.forget(&1);
        assert_eq!((ask(&memory, 1, || 7), ask(&memory, 2, || 8)), (7, 6));
        memory.forget_all();
        assert_eq!((ask(&memory, 1, || 9), ask(&memory, 2, || 10)), (9, 10));
        // There is room for two.
        assert_eq!((ask(&memory, 3, || 11), ask(&memory, 1, || 12)), (11, 12));
    }

    #[test]
    fn what_was_found_across_a_write_is_not_remembered_and_neither_is_what_is_not_kept() {
        let memory = Memory::default();
        assert_eq!(ask(&memory, 1, || { memory.forget(&2); 5 }), 5);
        assert_eq!((ask(&memory, 1, || 6), ask(&memory, 1, || 7)), (6, 6));
        assert_eq!((ask(&memory, 2, || 0), ask(&memory, 2, || 8)), (0, 8));
    }
}
