//! What is known of a record before any of it is asked about: its consents, its labels, who cares.
//!
//! * It is told by the record itself, so nothing is kept on disk that could be older than the
//!   record, and stores made before need nothing.
//! * What was found out is remembered until somebody writes to the record what could change it.
//! * Where a record has no consent, nobody was left, no person writes forms and the site tells nothing apart, it is one
//!   look for Consents, one for EpisodesOfCare and one for answers to forms, once; every read after that copies bytes
//!   as before.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use access::{Act, Care, Circumstances, PermittedSet, Permitted, tells_of_leaving};
use fhir::{Document, RecordId, ResourceType};
use store::{Class, Method, Tick};

use crate::door::Chart;
use crate::error::Result;
use crate::memory::Memory;
use crate::terminology::house;

const SHELVES: usize = 64;
/// Records remembered per shelf; past that a shelf is emptied and records are looked at again.
const MOST: usize = 4096;
/// The same where more is remembered of each.
const MOST_READ: usize = 512;

/// The records that were looked at.
pub(crate) struct KnownRecords {
    shelves: Vec<Memory<RecordId, Arc<Circumstances>>>,
    nobody: Arc<Circumstances>,
    /// Of most persons nothing is known that matters: they share this.
    plain: Arc<Circumstances>,
}

impl Default for KnownRecords {
    fn default() -> KnownRecords {
        KnownRecords {
            shelves: (0..SHELVES).map(|_| Memory::default()).collect(),
            nobody: Arc::new(Circumstances::of_nobody()),
            plain: Arc::new(Circumstances::of_person()),
        }
    }
}

impl KnownRecords {
    fn shelf(&self, record: RecordId) -> &Memory<RecordId, Arc<Circumstances>> {
        // Record numbers are random; their last two bits are not.
        &self.shelves[(record.0 >> 2) as usize % SHELVES]
    }

    /// What is known of what belongs to nobody.
    pub fn nobody(&self) -> Arc<Circumstances> {
        self.nobody.clone()
    }

    /// Forgets what was known of a record. Call it after a write is on disk and before it is acknowledged.
    pub fn forget(&self, record: RecordId) {
        self.shelf(record).forget(&record);
    }
}

impl Chart {
    /// The right of a set on one record; none for what is outside it. Every way to a record leads
    /// through here.
    pub(crate) fn right(&self, set: &PermittedSet, record: RecordId) -> Result<Option<Permitted>> {
        let subject = Class::subject(record);
        if !set.asks_about(subject) {
            return Ok(set.of(subject, &self.inner.known.nobody, false));
        }
        let broke_glass = self.broke_glass(set, record);
        Ok(set.of(subject, &self.circumstances(record)?, broke_glass))
    }

    fn circumstances(&self, record: RecordId) -> Result<Arc<Circumstances>> {
        let known = &self.inner.known;
        let most = if self.inner.policy.reads_records() { MOST_READ } else { MOST };
        // What is known of several records hangs on writes to each of them: that is looked up anew.
        let has_links = Cell::new(false);
        known.shelf(record).known_or(record, most, |_| !has_links.get(), || {
            let mut records = vec![record];
            if !self.inner.joined.is_empty() && Class::of(record) == Class::Person {
                let (joined, has) = self.find_joined(record)?;
                has_links.set(has);
                if !joined.is_empty() {
                    records = joined.iter().rev().map(|member| member.record).collect();
                }
            }
            let found = self.look_around(&records)?;
            Ok(if found == *known.plain { known.plain.clone() } else { Arc::new(found) })
        })
    }

    /// Looks at the records of a person, for what every decision about one of them needs. What is said
    /// last counts where only one can be right, as a birth date.
    fn look_around(&self, records: &[RecordId]) -> Result<Circumstances> {
        let is_persons = records.iter().all(|record| Class::of(*record) == Class::Person);
        let mut found = if is_persons { Circumstances::of_person() } else { Circumstances::of_nobody() };
        let set = self.permitted_set(&house(), Act::Read)?;
        let rights: Vec<Permitted> = records.iter().filter_map(|record| set.of(Class::subject(*record), &self.inner.known.nobody, false)).collect();
        let mut has_left = false;
        for permitted in rights.iter().filter(|_| is_persons) {
            has_left |= self.look_for_words(permitted, &mut found)?;
        }
        for permitted in &rights {
            if self.inner.policy.reads_records() {
                self.look_at_all(permitted, &mut found)?;
            } else if has_left {
                self.look_at_care(permitted, &mut found)?;
            }
        }
        found.settle();
        Ok(found)
    }

    /// Learns the consents. True where the person was transferred away from an institution.
    fn look_for_words(&self, permitted: &Permitted, found: &mut Circumstances) -> Result<bool> {
        let policy = &self.inner.policy;
        let kinds: Vec<ResourceType> = [CONSENT, EPISODE, ANSWERS].iter().filter_map(|name| ResourceType::named(name)).collect();
        let mut has_left = false;
        self.store().scan_types(permitted, &kinds, Tick::END, None, &mut |entry| {
            let document = if entry.method == Method::Delete { None } else { Document::read(entry.text).ok() };
            if entry.kind.name() == ANSWERS {
                found.learn_unsent(entry.kind, document.as_ref().map(Document::root));
            } else if let Some(document) = document {
                match entry.kind.name() {
                    CONSENT => found.learn_consent(document.root(), entry.last_updated, policy),
                    _ => has_left |= tells_of_leaving(document.root()),
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(has_left)
    }

    fn look_at_all(&self, permitted: &Permitted, found: &mut Circumstances) -> Result<()> {
        let policy = &self.inner.policy;
        let mut last = None;
        self.store().scan_versions(permitted, &mut |entry| {
            let is_newest = last.replace(entry.entry) != Some(entry.entry);
            if entry.method != Method::Delete {
                found.learn(entry.kind, entry.text, is_newest, policy);
            }
        })?;
        Ok(())
    }

    fn look_at_care(&self, permitted: &Permitted, found: &mut Circumstances) -> Result<()> {
        let policy = &self.inner.policy;
        let kinds: Vec<ResourceType> = Care::TYPES.iter().filter_map(|name| ResourceType::named(name)).collect();
        self.store().scan_types(permitted, &kinds, Tick::END, None, &mut |entry| {
            if entry.method != Method::Delete
                && let Ok(document) = Document::read(entry.text)
            {
                found.learn_care(entry.kind, document.root(), policy);
            }
            ControlFlow::Continue(())
        })?;
        Ok(())
    }
}

pub(crate) const CONSENT: &str = "Consent";
pub(crate) const EPISODE: &str = "EpisodeOfCare";
pub(crate) const ANSWERS: &str = "QuestionnaireResponse";
