//! Unforeseeable bytes for many threads at once.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use seal::{Chance, Stream};

/// Several streams out of one seed, so that threads rarely wait for each other.
pub(crate) struct Chances {
    streams: Vec<Mutex<Stream>>,
}

const STREAMS: usize = 16;

thread_local! {
    static PLACE: Cell<usize> = const { Cell::new(usize::MAX) };
}

impl Chances {
    /// The seed must come from the operating system, except in tests.
    pub fn new(seed: [u8; 32]) -> Chances {
        let mut first = Stream::new(seed);
        let streams = (0..STREAMS).map(|_| {
            let mut seed = [0; 32];
            first.fill(&mut seed);
            Mutex::new(Stream::new(seed))
        });
        Chances { streams: streams.collect() }
    }

    /// Works with this thread's stream.
    pub fn with<T>(&self, work: impl FnOnce(&mut dyn Chance) -> T) -> T {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let place = PLACE.with(|place| {
            if place.get() == usize::MAX {
                place.set(NEXT.fetch_add(1, Ordering::Relaxed) % STREAMS);
            }
            place.get()
        });
        work(&mut *self.streams[place].lock())
    }

    /// So many fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|chance| chance.fill(&mut bytes));
        bytes
    }
}
