//! The embedded engine: RocksDB behind the promise of `store`.
//!
//! * One process at a time; the second is told so.
//! * One thread commits. It takes what is queued as one group, judges each batch
//!   after those before it, writes the group once and syncs it once, and only then
//!   answers.
//! * After a failed write nothing more is written until the store is reopened,
//!   which shows what reached the disk.
//! * A store that lost writes it had once put on the disk does not open.
//! * Nothing here knows what a key or a value means.
#![forbid(unsafe_code)]

mod commit;
mod folder;
mod read;
mod tuning;

use std::path::Path;
use std::sync::Arc;

use rocksdb::checkpoint::Checkpoint;
use rocksdb::{BottommostLevelCompaction, Cache, CompactOptions, DB, FlushOptions};
use store::batch::Batch;
use store::engine::{
    Cause, CommitError, Cursor, Done, Engine, Error, Read, Snapshot, Space, Span, Visit,
};

use crate::commit::Committer;
use crate::folder::Folder;
use crate::read::View;
pub use crate::tuning::Options;

/// An open store in a folder of its own.
pub struct Rocks {
    // Dropped in this order: first the thread that writes, then the database, and
    // the lock on the folder last.
    committer: Committer,
    db: Arc<DB>,
    folder: Folder,
}

impl Rocks {
    /// True if a folder holds a store. Nothing is opened and nothing is made.
    pub fn exists(folder: &Path) -> bool {
        folder::holds_a_store(folder)
    }

    /// Opens the store in a folder, or creates one where there is nothing yet.
    pub fn open(folder: &Path, options: &Options) -> Result<Rocks, Error> {
        let folder = Folder::enter(folder)?;
        let cache = Cache::new_hyper_clock_cache(options.cache_bytes, 0);
        let families = Space::ALL.map(|space| (space.name(), options.family(space, &cache)));
        let database = options.database(!folder.has_format());
        let db = DB::open_cf_with_opts(&database, folder.database(), families)
            .map_err(|reason| failed("opening", reason))?;
        folder.compare(db.latest_sequence_number())?;
        let db = Arc::new(db);
        let committer = Committer::start(db.clone(), options)?;
        Ok(Rocks {
            committer,
            db,
            folder,
        })
    }

    fn view_now(&self) -> View<'_> {
        View::new(&self.db, None)
    }

    /// Notes how far the store has come, once that is in lasting files.
    fn note_progress(&self) -> Result<(), Error> {
        self.folder.note(self.db.latest_sequence_number())
    }
}

impl Read for Rocks {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        self.view_now().view(space, key, see)
    }

    fn multi_get(&self, space: Space, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.view_now().multi_get(space, keys)
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.view_now().scan(space, span, visit)
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.view_now().scan_back(space, span, visit)
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        read::cursor(&self.db, None, space, span)
    }

    fn jumps(&self, space: Space) -> Result<Box<dyn Cursor + '_>, Error> {
        read::jumps(&self.db, None, space)
    }
}

impl Engine for Rocks {
    fn snapshot(&self, shard: u8) -> Result<Box<dyn Snapshot + '_>, Error> {
        Ok(Box::new(read::Standing::new(&self.db, shard)))
    }

    fn commit(&self, batch: Batch, done: Done) {
        self.committer.hand_over(batch, done);
    }

    fn takes_writes(&self) -> bool {
        self.committer.takes_writes()
    }

    fn flush(&self) -> Result<(), Error> {
        let mut options = FlushOptions::default();
        options.set_wait(true);
        for space in Space::ALL {
            let family = read::family(&self.db, space)?;
            self.db
                .flush_cf_opt(family, &options)
                .map_err(|reason| failed("flushing", reason))?;
        }
        self.note_progress()
    }

    fn compact(&self) -> Result<(), Error> {
        self.flush()?;
        let mut options = CompactOptions::default();
        // The lowest level too: that is where erased things still lie.
        options.set_bottommost_level_compaction(BottommostLevelCompaction::ForceOptimized);
        for space in Space::ALL {
            let family = read::family(&self.db, space)?;
            self.db
                .compact_range_cf_opt(family, None::<&[u8]>, None::<&[u8]>, &options);
        }
        Ok(())
    }

    fn verify(&self) -> Result<(), Error> {
        Space::ALL
            .into_iter()
            .try_for_each(|space| read::verify(&self.db, space))
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        self.folder.size_bytes()
    }

    fn checkpoint(&self, folder: &Path) -> Result<(), Error> {
        folder::create_copy(folder, |database| {
            let copy = Checkpoint::new(&*self.db).and_then(|copy| copy.create_checkpoint(database));
            copy.map_err(|reason| failed("copying", reason))
        })
    }

    fn close(&self) -> Result<(), Error> {
        if self.committer.stop() {
            self.flush()?;
        }
        Ok(())
    }
}

/// An error of the library, with what we were doing.
fn failed(doing: &'static str, reason: rocksdb::Error) -> Error {
    use rocksdb::ErrorKind;
    if reason.kind() == ErrorKind::Corruption {
        // The library names files and offsets here, never keys or values.
        return Error::Damaged {
            what: format!("while {doing}: {reason}"),
        };
    }
    Error::Failed {
        doing,
        source: Cause::new(reason),
    }
}

fn failed_commit(doing: &'static str, reason: rocksdb::Error) -> CommitError {
    CommitError::Engine(failed(doing, reason))
}
