//! The trace a disclosure leaves: one opening a person, session and purpose, on disk first.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use access::{Act, Caller, Opening, Permitted};
use fhir::ResourceType;
use parking_lot::Mutex;
use store::Tick;
pub use store::OpeningLine;
use tokio::sync::oneshot;

use crate::door::Chart;
use crate::error::{Error, Result};

const SHELVES: usize = 64;
/// Openings remembered per shelf; past that a shelf is emptied, and openings are simply written again.
const MOST: usize = 65_536;

/// Openings known to be on disk.
pub(crate) struct Remembered {
    shelves: Vec<Mutex<HashSet<Opening>>>,
    hasher: RandomState,
}

impl Remembered {
    pub fn new() -> Remembered {
        Remembered { shelves: (0..SHELVES).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }

    fn shelf(&self, opening: &Opening) -> &Mutex<HashSet<Opening>> {
        &self.shelves[self.hasher.hash_one(opening) as usize % SHELVES]
    }

    fn knows(&self, opening: &Opening) -> bool {
        self.shelf(opening).lock().contains(opening)
    }

    fn learn(&self, opening: Opening) {
        let mut shelf = self.shelf(&opening).lock();
        if shelf.len() >= MOST {
            shelf.clear();
        }
        shelf.insert(opening);
    }
}

impl Chart {
    /// Sees to it that every disclosure these rights stand for is on disk. Call it after reading
    /// and before anything leaves.
    pub(crate) async fn disclose(&self, permitted: impl IntoIterator<Item = Permitted>) -> Result<()> {
        let mut missing: Vec<Opening> = Vec::new();
        for opening in permitted.into_iter().filter_map(|right| right.opening()) {
            if !self.inner.opened.knows(&opening) && !missing.contains(&opening) {
                missing.push(opening);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let (told, waiting) = oneshot::channel();
        let at = Tick::at(self.inner.times.now());
        self.store().record_openings(
            &missing,
            at,
            Box::new(move |result| {
                // A caller that hung up needs no answer.
                let _ = told.send(result);
            }),
        );
        match waiting.await {
            Ok(Ok(())) => {
                missing.into_iter().for_each(|opening| self.inner.opened.learn(opening));
                Ok(())
            }
            Ok(Err(store::Refused::Store(cause))) => Err(cause.into()),
            _ => Err(Error::Store(store::Error::Engine(store::engine::Error::Closed))),
        }
    }

    /// Who opened a person's record, newest first, at most so many.
    pub async fn openings(&self, caller: &Caller, patient_id: &str, limit: usize) -> Result<Vec<OpeningLine>> {
        let at = self.store().locate(ResourceType::PATIENT, patient_id)?.ok_or(Error::NotFound)?;
        let permitted = self.permit(caller, Act::Read, at.record)?;
        self.disclose([permitted]).await?;
        Ok(self.store().openings(&permitted, at.record, limit)?)
    }
}
