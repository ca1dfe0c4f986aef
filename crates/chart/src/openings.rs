//! The trace a disclosure leaves: one opening a person, session, purpose and how, on disk first;
//! and the log of them, for who may read it.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};

use access::{Act, Caller, Disclosure, Opening, Permitted, persons_held};
use fhir::{RecordId, ResourceType};
use parking_lot::Mutex;
use store::{Class, Method, Tick};
pub use store::OpeningLine;
use tokio::sync::oneshot;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

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
    pub(crate) async fn disclose(&self, how: Disclosure, permitted: impl IntoIterator<Item = Permitted>) -> Result<()> {
        self.leave_openings(how, permitted, true).await
    }

    /// The same without regard to budgets: where the glass is broken, and where that was asked before.
    pub(crate) async fn disclose_uncounted(&self, how: Disclosure, permitted: impl IntoIterator<Item = Permitted>) -> Result<()> {
        self.leave_openings(how, permitted, false).await
    }

    /// Refuses before a write what its answer would disclose beyond a budget. Once it is written it is told of by
    /// [`Chart::disclose_uncounted`]: whoever was refused then would send it again, and have written it twice.
    pub(crate) fn may_disclose(&self, how: Disclosure, permitted: &[Permitted]) -> Result<()> {
        let missing = self.unknown_openings(how, permitted)?;
        if missing.is_empty() { Ok(()) } else { self.spend(&missing) }
    }

    async fn leave_openings(&self, how: Disclosure, permitted: impl IntoIterator<Item = Permitted>, is_counted: bool) -> Result<()> {
        let permitted: Vec<Permitted> = permitted.into_iter().collect();
        let missing = self.unknown_openings(how, &permitted)?;
        if missing.is_empty() {
            return Ok(());
        }
        if is_counted {
            self.spend(&missing)?;
        }
        self.keep_openings(&missing).await?;
        missing.into_iter().for_each(|opening| self.inner.opened.learn(opening));
        Ok(())
    }

    /// The openings that these rights owe and that are not known to be on disk, each once.
    fn unknown_openings(&self, how: Disclosure, permitted: &[Permitted]) -> Result<Vec<Opening>> {
        let mut missing: Vec<Opening> = Vec::new();
        for opening in permitted.iter().filter_map(|right| right.opening(how)) {
            if self.inner.opened.knows(&opening) || missing.contains(&opening) {
                continue;
            }
            missing.push(opening);
            if how == Disclosure::Audit || Class::of(opening.record) != Class::Set {
                continue;
            }
            for record in self.persons_held_in(opening.record)? {
                let of_person = Opening { record, ..opening };
                if !self.inner.opened.knows(&of_person) && !missing.contains(&of_person) {
                    missing.push(of_person);
                }
            }
        }
        Ok(missing)
    }

    /// The records of those of whom something is kept in a record of nobody's, as in a Bundle: who sees that sees them.
    fn persons_held_in(&self, record: RecordId) -> Result<Vec<RecordId>> {
        let permitted = self.permit(&house(), Act::Read, record)?;
        let mut named: BTreeSet<String> = BTreeSet::new();
        self.store().scan_versions(&permitted, &mut |entry| {
            if entry.method != Method::Delete {
                named.extend(persons_held(entry.text));
            }
        })?;
        let located = named.iter().map(|id| self.store().locate(ResourceType::PATIENT, id)).collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(located.into_iter().flatten().map(|at| at.record).filter(|record| Class::of(*record) == Class::Person).collect())
    }

    /// Writes openings and waits for the disk.
    pub(crate) async fn keep_openings(&self, openings: &[Opening]) -> Result<()> {
        let (told, waiting) = oneshot::channel();
        let at = Tick::at(self.inner.times.now());
        self.store().record_openings(
            openings,
            at,
            Box::new(move |result| {
                // A caller that hung up needs no answer.
                let _ = told.send(result);
            }),
        );
        match waiting.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(store::Refused::Store(cause))) => Err(cause.into()),
            _ => Err(Error::Store(store::Error::Engine(store::engine::Error::Closed))),
        }
    }

    /// Who opened a person's record, newest first, at most so many.
    pub async fn openings(&self, caller: &Caller, patient_id: &str, limit: usize) -> Result<Vec<OpeningLine>> {
        self.openings_from(caller, patient_id, None, limit).await
    }

    /// The same, from before a place in the log.
    pub async fn openings_from(&self, caller: &Caller, patient_id: &str, before: Option<u64>, limit: usize) -> Result<Vec<OpeningLine>> {
        let all: Vec<Permitted> = self.find_seen_records(caller, patient_id)?.into_iter().map(|(_, permitted)| permitted).collect();
        self.disclose(Disclosure::Audit, all.clone()).await?;
        let mut lines = Vec::new();
        for permitted in &all {
            lines.extend(self.store().openings(permitted, permitted.record(), before, limit)?);
        }
        // One who opened both of two records that are one person's has two lines.
        lines.sort_by(|one, other| other.index.cmp(&one.index));
        lines.truncate(limit);
        Ok(lines)
    }

    /// How many openings the log holds.
    pub fn log_size(&self) -> u64 {
        self.store().log_size()
    }

    /// The public key of the log, as text.
    pub fn log_key(&self) -> String {
        self.store().log_key().text()
    }

    /// The signed note over the log as it is on disk. It holds a hash and a number: anybody may see it.
    pub fn log_checkpoint(&self) -> String {
        self.store().log_checkpoint()
    }

    /// A tile of the log's tree: hashes only, so anybody may see it. None where the log has not come so far.
    pub fn log_tile(&self, tile: ledger::TilePath) -> Result<Option<Vec<u8>>> {
        Ok(match tile.level {
            Some(level) => self.store().log_tile(level, tile.index, tile.width)?,
            None => self.store().log_entries(tile.index, tile.width)?,
        })
    }

    /// A file that proves one opening to whoever has the public key. It tells who opened what, by numbers.
    pub fn prove_opening(&self, caller: &Caller, index: u64) -> Result<String> {
        self.may_maintain(caller)?;
        let set = self.permitted_set(caller, Act::Maintain)?;
        self.store().prove_opening(&set, index)?.ok_or(Error::NotFound)
    }

    /// A file that proves that the log only adds to what it was at an older checkpoint.
    pub fn prove_growth(&self, old_note: &str) -> Result<String> {
        Ok(self.store().prove_growth(old_note)?)
    }

    /// The hashes that show that the log of a size only adds to that of an older one. Anybody may see them.
    pub fn log_consistency(&self, old: u64, size: u64) -> Result<Vec<ledger::Hash>> {
        Ok(self.store().log_consistency(old, size)?)
    }

    /// Compares the log with a checkpoint that was kept elsewhere.
    pub fn compare_with_checkpoint(&self, note: &str) -> Result<()> {
        Ok(self.store().compare_with_checkpoint(note)?)
    }
}
