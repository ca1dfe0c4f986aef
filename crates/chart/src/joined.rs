//! Which Patients are one person: those that others were merged into, and those that were merged.
//!
//! * Two are joined where both say so: one that it `replaces` the other, the other that it is
//!   `replaced-by` it (<https://hl7.org/fhir/R4/patient-definitions.html#Patient.link>). What only one
//!   of them says joins nobody.
//! * Nothing moves: each keeps its record, and whoever asks for one is shown all of them.
//! * In a store where no Patient ever had a link nothing is asked and nothing is remembered.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::{Act, PermittedSet};
use fhir::{Document, RecordId, Reference, ResourceType, Value};
use search::Query;
use store::{Class, Method, Tick};

use crate::door::Chart;
use crate::error::Result;
use crate::memory::Memory;
use crate::terminology::house;

/// Patients that can be joined to one person at most.
pub(crate) const MOST_JOINED: usize = 32;
/// Records remembered; past that all are looked at again.
const MOST_KNOWN: usize = 65_536;
/// The note that says that some Patient had a link.
const NOTE: &str = "some-are-joined";

/// One of several Patients that are one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub patient: String,
    pub record: RecordId,
}

/// Who is joined with whom.
#[derive(Default)]
pub(crate) struct JoinedPersons {
    /// Some Patient has or had a link.
    any: AtomicBool,
    /// All of them, the one that stays first; empty for whoever is joined with nobody. One write of a
    /// Patient may change what is known of another, so then all of it is forgotten.
    known: Memory<RecordId, Arc<[Member]>>,
}

impl JoinedPersons {
    /// True where nobody was ever joined.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// A Patient was written.
    pub fn forget(&self) {
        if !self.is_empty() {
            self.known.forget_all();
        }
    }
}

/// What the Patient of a record says about its person.
struct Said {
    member: Member,
    /// Whether it replaces the other, and the other's id.
    links: Vec<(bool, String)>,
}

/// The links of a Patient that join persons: whether it replaces the other one, and that one's id.
pub(crate) fn links(patient: Value<'_>) -> Vec<(bool, String)> {
    let links = patient.get("link").into_iter().flat_map(|links| links.each());
    let joining = links.filter_map(|link| {
        let replaces = match link.string("type")?.as_ref() {
            "replaces" => true,
            "replaced-by" => false,
            _ => return None,
        };
        let text = link.path(&["other", "reference"])?.as_str()?.into_owned();
        let (kind, id) = Reference::parse(&text).local()?;
        (kind == ResourceType::PATIENT).then(|| (replaces, id.to_owned()))
    });
    joining.collect()
}

/// The same of a text; what cannot be read says nothing.
pub(crate) fn links_of(text: &str) -> Vec<(bool, String)> {
    // The tree is only read where there is something to find.
    let mentions = text.contains("\"link\"") || text.contains('\\');
    Document::read(text).ok().filter(|_| mentions).map(|document| links(document.root())).unwrap_or_default()
}

impl Chart {
    /// Reads whether anybody was ever joined.
    pub(crate) fn read_joined(&self) -> Result<()> {
        if self.store().note(NOTE)?.is_some() {
            self.inner.joined.any.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// A Patient with such links is about to be written: from now on they are looked for.
    pub(crate) fn expect_joined(&self) -> Result<()> {
        if self.inner.joined.is_empty() {
            // Whoever else is writing the same note says the same.
            self.store().keep_note(NOTE, None, b"1")?;
            self.inner.joined.any.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// The Patients that are one person with that of a record, the one that stays first; none for
    /// whoever is joined with nobody.
    pub(crate) fn joined(&self, record: RecordId) -> Result<Arc<[Member]>> {
        let joined = &self.inner.joined;
        if joined.is_empty() || Class::of(record) != Class::Person {
            return Ok(Arc::default());
        }
        joined.known.known_or(record, MOST_KNOWN, |_| true, || Ok(self.find_joined(record)?.0))
    }

    /// The same as they are now, and whether the Patient has a link at all.
    pub(crate) fn find_joined(&self, record: RecordId) -> Result<(Arc<[Member]>, bool)> {
        let set = self.permitted_set(&house(), Act::Read)?;
        let Some(first) = self.said(&set, record)? else { return Ok((Arc::default(), false)) };
        let has_links = !first.links.is_empty();
        let mut found = vec![first];
        let (mut from, mut replaced) = (0, BTreeSet::new());
        while from < found.len() {
            let (own, links) = (found[from].member.patient.clone(), found[from].links.clone());
            for (replaces, other) in links {
                let Some(at) = self.store().locate(ResourceType::PATIENT, &other)? else { continue };
                let known = found.iter().position(|one| one.member.record == at.record);
                let agrees = |said: &Said| said.links.contains(&(!replaces, own.clone()));
                let agreed = match known {
                    Some(place) => agrees(&found[place]),
                    None => match self.said(&set, at.record)?.filter(|said| said.member.patient == other && agrees(said)) {
                        Some(said) if found.len() < MOST_JOINED => {
                            found.push(said);
                            true
                        }
                        _ => false,
                    },
                };
                if agreed {
                    replaced.insert(if replaces { other } else { own.clone() });
                }
            }
            from += 1;
        }
        if found.len() == 1 {
            return Ok((Arc::default(), has_links));
        }
        // Found in the order of the links: each of them finds the same ones, and the one that stays is first for all.
        found.sort_by(|one, other| {
            let rank = |said: &Said| (replaced.contains(&said.member.patient), said.member.patient.clone());
            rank(one).cmp(&rank(other))
        });
        Ok((found.into_iter().map(|said| said.member).collect(), has_links))
    }

    fn said(&self, set: &PermittedSet, record: RecordId) -> Result<Option<Said>> {
        let Some(permitted) = set.of(Class::subject(record), &self.inner.known.nobody(), true) else { return Ok(None) };
        let mut said = None;
        self.store().scan_types(&permitted, &[ResourceType::PATIENT], Tick::END, None, &mut |entry| {
            if entry.method != Method::Delete {
                said = Some(Said { member: Member { patient: entry.id.to_owned(), record }, links: links_of(entry.text) });
            }
            ControlFlow::Break(())
        })?;
        Ok(said)
    }

    /// Queries in which whoever is named by one of their Patients is named by all, and the ids that
    /// were added; none where nobody named is joined with anybody.
    pub(crate) fn naming_whole_persons(&self, queries: &[Query]) -> Result<Option<(Vec<Query>, String)>> {
        if self.inner.joined.is_empty() {
            return Ok(None);
        }
        let (failed, added) = (RefCell::new(None), RefCell::new(BTreeSet::new()));
        let others = |id: &str| match self.others_of(id) {
            Ok(others) => {
                added.borrow_mut().extend(others.iter().cloned());
                others
            }
            Err(cause) => {
                failed.borrow_mut().get_or_insert(cause);
                Vec::new()
            }
        };
        let wider: Vec<Option<Query>> = queries.iter().map(|query| query.naming_all(&others)).collect();
        if let Some(cause) = failed.into_inner() {
            return Err(cause);
        }
        if wider.iter().all(Option::is_none) {
            return Ok(None);
        }
        let wider = wider.into_iter().zip(queries).map(|(wider, query)| wider.unwrap_or_else(|| query.clone())).collect();
        Ok(Some((wider, added.into_inner().into_iter().collect::<Vec<_>>().join(","))))
    }

    /// True where all of these Patients are one person. It tells nothing of others: whoever asks knows each of them.
    ///
    /// # Errors
    /// The store failed.
    pub fn are_one_person(&self, patient_ids: &[&str]) -> Result<bool> {
        let Some((first, others)) = patient_ids.split_first() else { return Ok(false) };
        if others.iter().all(|other| other == first) {
            return Ok(true);
        }
        let joined = self.others_of(first)?;
        Ok(others.iter().all(|other| other == first || joined.iter().any(|one| one == other)))
    }

    /// The records of a whole person: that one, and those that are joined with it.
    pub(crate) fn records_of_person(&self, record: RecordId) -> Result<Vec<RecordId>> {
        let mut records: Vec<RecordId> = self.joined(record)?.iter().map(|member| member.record).collect();
        if !records.contains(&record) {
            records.push(record);
        }
        Ok(records)
    }

    /// The Patient into which that of a record was merged; none where it stands for itself.
    pub(crate) fn merged_into(&self, record: RecordId) -> Result<Option<String>> {
        Ok(self.joined(record)?.first().filter(|first| first.record != record).map(|first| first.patient.clone()))
    }

    /// The ids of the other Patients of a person.
    pub(crate) fn others_of(&self, patient_id: &str) -> Result<Vec<String>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, patient_id)? else { return Ok(Vec::new()) };
        Ok(self.joined(at.record)?.iter().filter(|member| member.patient != patient_id).map(|member| member.patient.clone()).collect())
    }
}
