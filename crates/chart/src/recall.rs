//! The children of a facility, with what a schedule needs of their records: for lists of who is
//! behind with vaccinations.
//!
//! * A page looks at a bounded number of records, found by the facility they belong to; the nation
//!   is never scanned.
//! * Every child looked at leaves an opening, whether it is listed or not.
//! * Of several Patients that are one person the unit of any counts, and the person is listed once, as the one that stays.

use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Document, ResourceType};
use search::{Handling, Matcher, Meta, Query};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::persons::escaped;
use crate::stored::{Page, Stored};

/// The types a schedule reads.
const TYPES: [&str; 5] = ["Immunization", "Condition", "Observation", "Consent", "AdverseEvent"];

/// A child of a facility.
#[derive(Clone, Debug)]
pub struct ChildRecord {
    /// The Patient.
    pub patient: Stored,
    /// Immunizations, conditions, observations, consents and what happened after vaccines.
    pub resources: Vec<Stored>,
}

impl Chart {
    /// A page of the persons whose `managingOrganization` is this one, born on a day (`2008-01-01`)
    /// or later.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no id; what a search may fail with.
    pub async fn children_of(&self, caller: &Caller, organization_id: &str, born_since: &str, size: usize, cursor: Option<&str>) -> Result<Page<ChildRecord>> {
        let born = format!("ge{born_since}");
        self.looked_at(caller, organization_id, ("birthdate", &born), None, size, cursor).await
    }

    /// A page of the persons whose `managingOrganization` is this one and of whom no birth date is known at all: whether
    /// they are children nobody can tell.
    ///
    /// # Errors
    /// As with [`Chart::children_of`].
    pub async fn undated_of(&self, caller: &Caller, organization_id: &str, size: usize, cursor: Option<&str>) -> Result<Page<ChildRecord>> {
        self.looked_at(caller, organization_id, ("birthdate:missing", "true"), Some(("birthdate:missing", "false")), size, cursor).await
    }

    /// `unless` says whom another list has.
    async fn looked_at(&self, caller: &Caller, organization_id: &str, born: (&str, &str), unless: Option<(&str, &str)>, size: usize, cursor: Option<&str>) -> Result<Page<ChildRecord>> {
        if !fhir::is_id(organization_id) {
            return Err(Error::NotFound);
        }
        let facility = format!("Organization/{organization_id}");
        let asked = |born| Query::parse(ResourceType::PATIENT, [("organization", facility.as_str()), born].into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed);
        let mut query = asked(born)?;
        let unless = unless.map(asked).transpose()?;
        query.count = Some(size as u32);
        let page = self.search(caller, &query, cursor).await?;
        let (mut items, mut rights) = (Vec::new(), Vec::new());
        for hit in page.items {
            items.extend(self.child(caller, &query, unless.as_ref(), hit.stored, &mut rights)?);
        }
        self.disclose(Disclosure::Search, rights).await?;
        Ok(Page { items, total: None, next: page.next, issues: page.issues })
    }

    /// Organisations whose name has words that begin with what was typed.
    ///
    /// # Errors
    /// What a search may fail with.
    pub async fn find_facilities(&self, caller: &Caller, text: &str, limit: usize) -> Result<Vec<Stored>> {
        let words: Vec<String> = text.split_whitespace().map(escaped).collect();
        let Some(kind) = ResourceType::named("Organization").filter(|_| !words.is_empty()) else { return Ok(Vec::new()) };
        let pairs = words.iter().map(|word| ("name", word.as_str()));
        let mut query = Query::parse(kind, pairs, Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        query.count = Some(limit as u32);
        let page = self.search(caller, &query, None).await?;
        Ok(page.items.into_iter().map(|hit| hit.stored).collect())
    }

    /// The opening of the search covers what is read here of the record that it found; what else there
    /// is of the person needs one of its own.
    fn child(&self, caller: &Caller, query: &Query, unless: Option<&Query>, hit: Stored, rights: &mut Vec<Permitted>) -> Result<Option<ChildRecord>> {
        let (_, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, &hit.id)?;
        let all = self.whole_person(caller, &permitted)?;
        let Some(patient) = self.listed_as(query, unless, hit, &permitted, &all)? else { return Ok(None) };
        let kinds: Vec<ResourceType> = TYPES.iter().filter_map(|name| ResourceType::named(name)).collect();
        let mut resources = Vec::new();
        rights.extend(all.iter().skip(1).cloned());
        for permitted in all {
            self.store().scan_types(&permitted, &kinds, Tick::END, None, &mut |entry| {
                if entry.method != Method::Delete {
                    resources.push(Stored::from(entry));
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(Some(ChildRecord { patient, resources }))
    }

    /// As which Patient somebody stands on a list who was found for it: the one that stays. Where several Patients of one
    /// person are found, none but at the first of them; where `unless` finds one of them, not at all.
    fn listed_as(&self, query: &Query, unless: Option<&Query>, hit: Stored, permitted: &Permitted, all: &[Permitted]) -> Result<Option<Stored>> {
        let (mut stays, mut first_found) = (None, None);
        for member in self.joined(permitted.record())?.iter() {
            let Some(right) = all.iter().find(|right| right.record() == member.record) else { continue };
            let Some(at) = self.store().locate(ResourceType::PATIENT, &member.patient)? else { continue };
            let Some(patient) = self.newest(right, ResourceType::PATIENT, at)?.filter(|one| one.method != Method::Delete) else { continue };
            if unless.is_some_and(|unless| finds(unless, &patient)) {
                return Ok(None);
            }
            if first_found.is_none() && finds(query, &patient) {
                first_found = Some(patient.id.clone());
            }
            stays.get_or_insert(patient);
        }
        Ok(match (stays, first_found) {
            (Some(stays), Some(first)) => (first == hit.id).then_some(stays),
            _ => Some(hit),
        })
    }
}

/// Whether a query finds a Patient by what it says itself.
fn finds(query: &Query, patient: &Stored) -> bool {
    let meta = Meta { id: &patient.id, last_updated: patient.last_updated, version: patient.version };
    Document::read(&patient.text).is_ok_and(|document| Matcher::new(query).matches(document.root(), meta))
}
