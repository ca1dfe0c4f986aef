//! What is known of a record before any of it is asked about: its consents, its labels, who cares.
//!
//! * It is told by the record itself, so nothing is kept on disk that could be older than the
//!   record, and stores made before need nothing.
//! * What was found out is remembered until somebody writes to the record what could change it.
//! * Where a record has no consent, nobody was left, no person writes forms and the site tells nothing apart, it is one
//!   look for Consents, one for EpisodesOfCare and one for answers to forms, once; every read after that copies bytes
//!   as before.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Weak};

use access::{Act, Around, Caller, Care, Circumstances, Known, PermittedSet, Permitted, Untold, tells_of_leaving};
use fhir::{Document, Moment, RecordId, Reference, ResourceType, home};
use store::{Class, Method, Tick};

use crate::door::{Chart, Inner};
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::terminology::house;

const SHELVES: usize = 64;
/// Records remembered per shelf; past that a shelf is emptied and records are looked at again.
const MOST: usize = 4096;
/// Practitioners of one record whose roles are looked up; those beyond count as unknown.
const MOST_PRACTITIONERS: usize = 2_000;
/// The same where more is remembered of each.
const MOST_READ: usize = 512;

/// The records that were looked at.
pub(crate) struct KnownRecords {
    shelves: Vec<Memory<RecordId, Arc<Circumstances>>>,
    /// Those of persons who left an institution: they hang on any write to the record, and on where practitioners work.
    left: Vec<Memory<RecordId, Arc<Circumstances>>>,
    nobody: Arc<Circumstances>,
    /// Of most persons nothing is known that matters: they share this.
    plain: Arc<Circumstances>,
}

impl Default for KnownRecords {
    fn default() -> KnownRecords {
        KnownRecords {
            shelves: (0..SHELVES).map(|_| Memory::default()).collect(),
            left: (0..SHELVES).map(|_| Memory::default()).collect(),
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

    fn left(&self, record: RecordId) -> &Memory<RecordId, Arc<Circumstances>> {
        &self.left[(record.0 >> 2) as usize % SHELVES]
    }

    /// What is known of what belongs to nobody.
    pub fn nobody(&self) -> Arc<Circumstances> {
        self.nobody.clone()
    }

    /// Forgets what was known of a record. Call it after a write is on disk and before it is acknowledged.
    pub fn forget(&self, record: RecordId) {
        self.shelf(record).forget(&record);
        self.forget_left(record);
    }

    /// The same, where only what is known of somebody who left hangs on what was written.
    pub fn forget_left(&self, record: RecordId) {
        self.left(record).forget(&record);
    }

    /// Forgets what is known of whoever left: somebody works elsewhere now.
    pub fn forget_all_left(&self) {
        self.left.iter().for_each(Memory::forget_all);
    }
}

/// Looks around for a decision about one session. A right that outlives the door does not keep it open.
struct LooksAround {
    house: Weak<Inner>,
    account: u64,
    session: u64,
    at: Moment,
}

impl fmt::Debug for LooksAround {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LooksAround")
    }
}

impl Around for LooksAround {
    fn person(&self, patient_id: &str) -> std::result::Result<Known, Untold> {
        let inner = self.house.upgrade().ok_or(Untold)?;
        Chart { inner }.known_to(self, patient_id).map_err(|_| Untold)
    }

    fn content(&self, kind: ResourceType, id: &str) -> std::result::Result<Option<String>, Untold> {
        let inner = self.house.upgrade().ok_or(Untold)?;
        Chart { inner }.last_content(kind, id).map_err(|_| Untold)
    }
}

impl Chart {
    /// Who looks around for a decision about this caller.
    pub(crate) fn who_looks_around(&self, caller: &Caller) -> Arc<dyn Around> {
        Arc::new(LooksAround { house: Arc::downgrade(&self.inner), account: caller.account.number, session: caller.session.number, at: self.now() })
    }

    /// The tokens of a resource as it was last, also where it is deleted: the house asks, and nobody is shown anything.
    fn last_content(&self, kind: ResourceType, id: &str) -> Result<Option<String>> {
        let Some(at) = self.store().locate(kind, id)? else { return Ok(None) };
        let permitted = self.permit(&house(), Act::Read, at.record)?;
        let mut text = None;
        self.store().versions(&permitted, kind, at, &mut |entry| {
            if entry.method == Method::Delete {
                return ControlFlow::Continue(());
            }
            text = Some(entry.text.to_owned());
            ControlFlow::Break(())
        })?;
        Ok(text)
    }

    fn known_to(&self, around: &LooksAround, patient_id: &str) -> Result<Known> {
        match self.store().locate(ResourceType::PATIENT, patient_id)? {
            Some(at) if Class::of(at.record) == Class::Person => {
                let broke_glass = self.inner.glass.is_broken_by(around.account, around.session, at.record, around.at);
                Ok(Known::Person(self.circumstances(at.record)?, broke_glass))
            }
            _ => Ok(Known::Nobody),
        }
    }

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

    /// True where this caller sees of a person what their institution wrote alone, as the person left it: what is not
    /// there was not refuted by that.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is not theirs to read.
    pub fn sees_a_copy(&self, caller: &Caller, patient_id: &str) -> Result<bool> {
        let (at, _) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let set = self.permitted_set(caller, Act::Read)?;
        if !set.asks_about(Class::subject(at.record)) {
            return Ok(false);
        }
        let broke_glass = self.broke_glass(&set, at.record);
        let circumstances = self.circumstances(at.record)?;
        Ok(set.sees_a_copy(&circumstances, broke_glass))
    }

    fn circumstances(&self, record: RecordId) -> Result<Arc<Circumstances>> {
        let known = &self.inner.known;
        let most = if self.inner.policy.reads_records() { MOST_READ } else { MOST };
        // What is known of several records hangs on writes to each of them: that is looked up anew.
        let has_links = Cell::new(false);
        let find = || {
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
        };
        known.shelf(record).known_or(record, most, |found| !has_links.get() && !found.has_left(), || {
            known.left(record).known_or(record, MOST_READ, |found| !has_links.get() && found.has_left(), find)
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
        if found.has_left() {
            self.look_at_practices(&rights, &mut found)?;
        }
        found.settle();
        Ok(found)
    }

    /// Learns where the practitioners work whom the entries of a record name.
    fn look_at_practices(&self, rights: &[Permitted], found: &mut Circumstances) -> Result<()> {
        let mut practitioners: BTreeSet<String> = BTreeSet::new();
        for permitted in rights {
            self.store().scan_record(permitted, Tick::END, &mut |entry| {
                if entry.method != Method::Delete
                    && entry.text.contains("Practitioner")
                    && let Ok(document) = Document::read(entry.text)
                {
                    home::reference_texts(document.root(), &mut |text| {
                        if let Some((kind, id)) = Reference::parse(&text).local()
                            && matches!(kind.name(), "Practitioner" | "PractitionerRole")
                        {
                            practitioners.insert(format!("{kind}/{id}"));
                        }
                    });
                }
                if practitioners.len() < MOST_PRACTITIONERS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
        }
        let (kind, set) = (ResourceType::named("PractitionerRole").ok_or(Error::NotFound)?, self.permitted_set(&house(), Act::Read)?);
        // Of a role the practitioner counts, with all the roles they have: who works for two is told apart from who works for one.
        for role in practitioners.iter().filter_map(|name| name.strip_prefix("PractitionerRole/").map(str::to_owned)).collect::<Vec<_>>() {
            let Some((_, stored)) = self.look_up(&set, kind, &role, Tick::END)? else { continue };
            let Ok(document) = Document::read(&stored.text) else { continue };
            home::reference_texts(document.root(), &mut |text| {
                if let Some((kind, id)) = Reference::parse(&text).local().filter(|(kind, _)| kind.name() == "Practitioner") {
                    practitioners.insert(format!("{kind}/{id}"));
                }
            });
        }
        let roles: RefCell<Vec<String>> = RefCell::default();
        for practitioner in practitioners.iter().filter(|name| name.starts_with("Practitioner/")) {
            self.shared_by("PractitionerRole", "practitioner", practitioner, &|text| {
                roles.borrow_mut().push(text.to_owned());
                true
            })?;
        }
        for text in roles.into_inner() {
            let Ok(document) = Document::read(&text) else { continue };
            let reference = document.root().path(&["organization", "reference"]).and_then(|text| text.as_str().map(|text| text.into_owned())).unwrap_or_default();
            let organizations = match Reference::parse(&reference).local() {
                Some((of, id)) if of.name() == "Organization" => self.wholes_of(id)?.into_iter().map(|id| format!("Organization/{id}")).collect(),
                // A role of which nobody says where tells that they may have worked elsewhere.
                _ => Vec::new(),
            };
            found.learn_practice(document.root(), organizations, &self.inner.policy);
        }
        Ok(())
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
