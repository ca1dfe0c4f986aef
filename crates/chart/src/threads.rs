//! Work on many things by several threads, where a request is worth more than one core.
//!
//! * The answers come in the order of the things, whoever worked on them.
//! * Nothing here knows what the work is.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::error::Result;

/// More threads than this are not taken from others for one request.
const MOST_THREADS: usize = 4;

/// Does the work on each thing; by several threads where there are at least `worth` things for each of them.
///
/// # Errors
/// The first error met.
pub(crate) fn each<I: Sync, T: Send>(things: &[I], worth: usize, work: impl Fn(&I) -> Result<T> + Sync) -> Result<Vec<T>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(MOST_THREADS).min(things.len() / worth.max(1));
    if threads < 2 {
        return things.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || -> Result<Vec<(usize, T)>> {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Relaxed);
            let Some(thing) = things.get(place) else { return Ok(done) };
            done.push((place, work(thing)?));
        }
    };
    let parts: Vec<Result<Vec<(usize, T)>>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(&some)).collect();
        let own = some();
        let joined = others.into_iter().map(|other| other.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
        joined.chain([own]).collect()
    });
    let mut all = Vec::with_capacity(things.len());
    for part in parts {
        all.extend(part?);
    }
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, one)| one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_answers_come_in_order_and_an_error_ends_it() {
        let things: Vec<usize> = (0..1000).collect();
        for worth in [1, 10, 5000] {
            assert_eq!(each(&things, worth, |one| Ok(one * 2)).unwrap(), things.iter().map(|one| one * 2).collect::<Vec<_>>());
            assert!(matches!(each(&things, worth, |one| if *one == 700 { Err(Error::Forbidden) } else { Ok(()) }), Err(Error::Forbidden)));
        }
        assert!(each(&[] as &[usize], 1, |_| Ok(())).unwrap().is_empty());
    }
}
