//! An engine that holds one batch back until it is told, as a busy machine does with a thread.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use store::batch::Batch;
use store::engine::{CommitError, Cursor, Done, Engine, Error, Read, Snapshot, Space, Span, Visit};
use store::memory::Memory;

/// A store in memory with a gate before its writing.
pub struct Gated {
    within: Memory,
    is_closed: AtomicBool,
    is_refusing: AtomicBool,
    held: Mutex<Option<(Batch, Done)>>,
}

impl Gated {
    pub fn new() -> Arc<Gated> {
        Arc::new(Gated { within: Memory::new(), is_closed: AtomicBool::new(false), is_refusing: AtomicBool::new(false), held: Mutex::new(None) })
    }

    /// The next batch is held back; those after it go through.
    pub fn hold_next(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    /// Whether everything that comes is refused, as by a disk that is full.
    pub fn refuse(&self, is_refusing: bool) {
        self.is_refusing.store(is_refusing, Ordering::SeqCst);
    }

    pub fn holds_one(&self) -> bool {
        self.held.lock().is_some()
    }

    /// Waits until one is.
    pub async fn until_held(&self) {
        while !self.holds_one() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Writes what was held back.
    pub fn let_through(&self) {
        let (batch, done) = self.held.lock().take().expect("a batch is held back");
        self.within.commit(batch, done);
    }
}

impl Read for Gated {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        self.within.view(space, key, see)
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.within.scan(space, span, visit)
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.within.scan_back(space, span, visit)
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        self.within.cursor(space, span)
    }

    fn jumps(&self, space: Space) -> Result<Box<dyn Cursor + '_>, Error> {
        self.within.jumps(space)
    }
}

impl Engine for Gated {
    fn snapshot(&self, shard: u8) -> Result<Box<dyn Snapshot + '_>, Error> {
        self.within.snapshot(shard)
    }

    fn commit(&self, batch: Batch, done: Done) {
        if self.is_refusing.load(Ordering::SeqCst) {
            done(Err(CommitError::Engine(Error::WritesStopped)));
        } else if self.is_closed.swap(false, Ordering::SeqCst) {
            *self.held.lock() = Some((batch, done));
        } else {
            self.within.commit(batch, done);
        }
    }

    fn flush(&self) -> Result<(), Error> {
        self.within.flush()
    }

    fn compact(&self) -> Result<(), Error> {
        self.within.compact()
    }

    fn verify(&self) -> Result<(), Error> {
        self.within.verify()
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        self.within.size_bytes()
    }

    fn checkpoint(&self, folder: &Path) -> Result<(), Error> {
        self.within.checkpoint(folder)
    }

    fn close(&self) -> Result<(), Error> {
        self.within.close()
    }
}
