//! The sealed notes of one room of the house, apart from those of the others.

use std::sync::Arc;

use crate::error::Error;
use crate::store::{NoteChange, Store};

/// A drawer for the sealed notes of one room. It opens no record.
#[derive(Clone)]
pub struct Drawer {
    store: Arc<Store>,
    room: &'static str,
}

impl Drawer {
    /// The drawer of a room in a store.
    pub fn new(store: Arc<Store>, room: &'static str) -> Drawer {
        Drawer { store, room }
    }

    /// A note, opened; none where nothing was kept.
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.store.note(&self.named(name))
    }

    /// Keeps a note on disk, if what was there before is still `before`. False if it is not.
    pub fn keep(&self, name: &str, before: Option<&[u8]>, now: &[u8]) -> Result<bool, Error> {
        self.store.keep_notes(&[NoteChange { name: &self.named(name), before, now }])
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        self.store.random()
    }

    fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.room)
    }
}
