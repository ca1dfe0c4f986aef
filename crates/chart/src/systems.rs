//! In which code system each code was ever said, so that a count by a code with its system need not
//! open what it counts: terms hold codes alone.
//!
//! * What is remembered is at least what was ever written: it is on disk before the resource is.
//!   A code that was said in one system only, in all resources of a type there ever were, tells the
//!   system by itself.
//! * A store that was written to before this was remembered claims nothing, until its index is made anew.
//! * Neither codes nor systems are kept, only digests of them. More than [`MOST`] codes are not remembered.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use fhir::{ResourceType, Value};
use parking_lot::{Mutex, RwLock};
use search::each_main_code;
use store::{NoteChange, Store};

use crate::door::Chart;
use crate::error::Result;

/// Codes remembered, of all types together: 6 MB.
const MOST: usize = 200_000;
/// Notes they are spread over, so that a new code rewrites a few kilobytes.
const NOTES: usize = 256;
/// There is this note where everything that was ever written is remembered.
const WHOLE: &str = "systems of codes are whole";
/// The code was said in several systems, or in none.
const SEVERAL: u64 = 0;

/// Of the term of a type and a code.
type Key = [u8; 16];

/// What is known.
#[derive(Default)]
pub(crate) struct Systems {
    /// The one system of each code, as a digest, or [`SEVERAL`].
    known: RwLock<HashMap<Key, u64>>,
    is_whole: AtomicBool,
    /// Who writes a note reads it first.
    writing: Mutex<()>,
}

impl Systems {
    /// What the store remembers. A store nobody has written to remembers everything there was.
    pub fn of(store: &Store, is_new: bool) -> Result<Systems> {
        let systems = Systems::default();
        if store.note(WHOLE)?.is_none() {
            if !is_new {
                return Ok(systems);
            }
            store.keep_note(WHOLE, None, &[])?;
        }
        let mut known = HashMap::new();
        for number in 0..NOTES {
            if let Some(note) = store.note(&name_of(number))? {
                known.extend(read(&note));
            }
        }
        *systems.known.write() = known;
        systems.is_whole.store(true, Ordering::Release);
        Ok(systems)
    }
}

fn name_of(number: usize) -> String {
    format!("systems of codes {number:02x}")
}

fn read(note: &[u8]) -> impl Iterator<Item = (Key, u64)> {
    note.as_chunks::<24>().0.iter().map(|line| {
        let (key, system) = line.split_at(16);
        (key.try_into().expect("sixteen of them"), u64::from_be_bytes(system.try_into().expect("eight of them")))
    })
}

fn written(known: &BTreeMap<Key, u64>) -> Vec<u8> {
    known.iter().flat_map(|(key, system)| key.iter().copied().chain(system.to_be_bytes())).collect()
}

/// Of the bytes of a code's term: codes that are found together, as in capitals and not, are one.
fn key_of(term: &[u8]) -> Key {
    blake3::hash(term).as_bytes()[..16].try_into().expect("a digest has 32 bytes")
}

fn digest_of(system: Option<&str>) -> u64 {
    let Some(system) = system else { return SEVERAL };
    let digest = u64::from_be_bytes(blake3::hash(system.as_bytes()).as_bytes()[..8].try_into().expect("a digest has 32 bytes"));
    digest.max(1)
}

/// Codes that pass by, with their systems, for comparing with what is remembered.
#[derive(Default)]
pub(crate) struct PassingCodes(Mutex<HashMap<Key, u64>>);

impl PassingCodes {
    /// Looks at a resource.
    pub fn see(&self, kind: ResourceType, resource: Value<'_>) {
        each_main_code(kind, resource, &mut |term, system| merge(&mut self.0.lock(), key_of(term), digest_of(system)));
    }
}

fn merge(known: &mut HashMap<Key, u64>, key: Key, system: u64) {
    known.entry(key).and_modify(|one| *one = if *one == system { system } else { SEVERAL }).or_insert(system);
}

impl Chart {
    /// True if whatever has the code of this term, in all resources of the type there ever were, has it in this system.
    pub(crate) fn is_sole_system(&self, term: &[u8], system: &str) -> bool {
        let systems = &self.inner.systems;
        systems.is_whole.load(Ordering::Acquire) && systems.known.read().get(&key_of(term)) == Some(&digest_of(Some(system)))
    }

    /// Remembers the codes of a resource, before it is written.
    pub(crate) fn remember_systems(&self, kind: ResourceType, resource: Value<'_>) -> Result<()> {
        let systems = &self.inner.systems;
        if !systems.is_whole.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut news: Vec<(Key, u64)> = Vec::new();
        each_main_code(kind, resource, &mut |term, system| {
            let (key, system) = (key_of(term), digest_of(system));
            if !is_covered(&systems.known.read(), &key, system) {
                news.push((key, system));
            }
        });
        if news.is_empty() { Ok(()) } else { self.keep_systems(news) }
    }

    fn keep_systems(&self, news: Vec<(Key, u64)>) -> Result<()> {
        let systems = &self.inner.systems;
        let _writing = systems.writing.lock();
        let mut changed: HashMap<Key, u64> = HashMap::new();
        {
            let known = systems.known.read();
            for (key, system) in news {
                if known.contains_key(&key) || known.len() + changed.len() < MOST {
                    let was = changed.get(&key).or_else(|| known.get(&key)).copied();
                    changed.insert(key, was.map_or(system, |was| if was == system { system } else { SEVERAL }));
                }
            }
        }
        let numbers: std::collections::BTreeSet<usize> = changed.keys().map(|key| usize::from(key[0])).collect();
        for number in numbers {
            let name = name_of(number);
            let before = self.store().note(&name)?;
            let mut lines: BTreeMap<Key, u64> = before.as_deref().map(|note| read(note).collect()).unwrap_or_default();
            lines.extend(changed.iter().filter(|(key, _)| usize::from(key[0]) == number));
            // Nobody else writes it: they would hold the lock.
            if !self.store().keep_note_steadily(&NoteChange { name: &name, before: before.as_deref(), now: &written(&lines) })? {
                return Err(store::Error::Damaged("a note changed under its lock").into());
            }
        }
        systems.known.write().extend(changed);
        Ok(())
    }

    /// True if what passed by is all remembered.
    pub(crate) fn remembers(&self, passed: &PassingCodes) -> bool {
        let systems = &self.inner.systems;
        let known = systems.known.read();
        !systems.is_whole.load(Ordering::Acquire) || passed.0.lock().iter().all(|(key, system)| is_covered(&known, key, *system))
    }

    /// Remembers what passed by, and that it is everything there is. Nobody may write meanwhile.
    pub(crate) fn keep_all_systems(&self, passed: PassingCodes) -> Result<()> {
        let store = self.store();
        for number in 0..NOTES {
            store.drop_note(&name_of(number))?;
        }
        self.inner.systems.known.write().clear();
        self.keep_systems(passed.0.into_inner().into_iter().collect())?;
        if store.note(WHOLE)?.is_none() {
            store.keep_note(WHOLE, None, &[])?;
        }
        self.inner.systems.is_whole.store(true, Ordering::Release);
        Ok(())
    }
}

/// True if a code in a system tells nothing new. A code that found no room any more tells none either:
/// what is not remembered is never taken for sole.
fn is_covered(known: &HashMap<Key, u64>, key: &Key, system: u64) -> bool {
    match known.get(key) {
        Some(one) => *one == SEVERAL || *one == system,
        None => known.len() >= MOST,
    }
}
