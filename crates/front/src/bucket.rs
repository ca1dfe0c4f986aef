//! Token buckets, so many that memory stays bounded whoever comes.
//!
//! A bucket holds as many tokens as may be taken at once and fills at a steady rate. Only the
//! moment when it will be full again is kept: a bucket that is full is no different from one
//! that was never used, and is forgotten first.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::limits::BURST_S;

/// Buckets kept at most: about two megabytes.
const KEPT_MOST: usize = 32_768;

/// The buckets of one kind of key.
pub(crate) struct Buckets<K> {
    kept: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Buckets<K> {
    pub fn new() -> Buckets<K> {
        Buckets { kept: Mutex::new(HashMap::new()) }
    }

    /// Takes a token, or says after how many seconds one will be there. A rate of 0 has no limit.
    pub fn take(&self, key: K, per_second: u32, now: Instant) -> Result<(), u32> {
        if per_second == 0 {
            return Ok(());
        }
        let one = Duration::from_secs(1) / per_second;
        let whole = Duration::from_secs(u64::from(BURST_S));
        let mut kept = self.kept.lock();
        if kept.len() >= KEPT_MOST && !kept.contains_key(&key) {
            make_room(&mut kept, now);
        }
        let full_at = kept.entry(key).or_insert(now);
        let next = (*full_at).max(now) + one;
        let ahead = next - now;
        if ahead > whole {
            return Err(((ahead - whole).as_secs() + 1) as u32);
        }
        *full_at = next;
        Ok(())
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.kept.lock().len()
    }
}

/// Forgets what is full; where that is not enough, whatever comes first. A flood from many
/// addresses may so be let off early, never let in for good: the line behind still holds.
fn make_room<K: Eq + Hash>(kept: &mut HashMap<K, Instant>, now: Instant) {
    kept.retain(|_, full_at| *full_at > now);
    if kept.len() >= KEPT_MOST {
        let mut spare = KEPT_MOST / 4;
        kept.retain(|_, _| {
            spare = spare.saturating_sub(1);
            spare == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let (buckets, began) = (Buckets::new(), Instant::now());
        let taken = (0..1000).filter(|_| buckets.take("a", 5, began).is_ok()).count();
        assert_eq!(taken, 50, "ten seconds' worth at once");
        assert_eq!(buckets.take("a", 5, began), Err(1));
        assert_eq!(buckets.take("b", 5, began), Ok(()), "another key is not touched");
        let later = began + Duration::from_secs(2);
        assert_eq!((0..1000).filter(|_| buckets.take("a", 5, later).is_ok()).count(), 10);
        assert_eq!(buckets.take("a", 0, later), Ok(()), "no limit");
    }

    #[test]
    fn a_million_addresses_take_bounded_memory() {
        let (buckets, began) = (Buckets::new(), Instant::now());
        for number in 0..1_000_000u32 {
            let _ = buckets.take(number, 1000, began);
        }
        assert!(buckets.len() <= KEPT_MOST);
    }
}
