//! The children of a facility, with what a schedule needs of their records: for lists of who is
//! behind with vaccinations.
//!
//! * A page looks at a bounded number of records, found by the facility they belong to; the nation
//!   is never scanned.
//! * Every child looked at leaves an opening, whether it is listed or not.

use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::ResourceType;
use search::{Handling, Query};
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
        self.looked_at(caller, organization_id, ("birthdate", &born), size, cursor).await
    }

    /// A page of the persons whose `managingOrganization` is this one and of whom no birth date is known at all: whether
    /// they are children nobody can tell.
    ///
    /// # Errors
    /// As with [`Chart::children_of`].
    pub async fn undated_of(&self, caller: &Caller, organization_id: &str, size: usize, cursor: Option<&str>) -> Result<Page<ChildRecord>> {
        self.looked_at(caller, organization_id, ("birthdate:missing", "true"), size, cursor).await
    }

    async fn looked_at(&self, caller: &Caller, organization_id: &str, born: (&str, &str), size: usize, cursor: Option<&str>) -> Result<Page<ChildRecord>> {
        if !fhir::is_id(organization_id) {
            return Err(Error::NotFound);
        }
        let facility = format!("Organization/{organization_id}");
        let pairs = [("organization", facility.as_str()), born];
        let mut query = Query::parse(ResourceType::PATIENT, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        query.count = Some(size as u32);
        let page = self.search(caller, &query, cursor).await?;
        let (mut items, mut rights) = (Vec::new(), Vec::new());
        for hit in page.items {
            // Whoever was merged into another Patient is on the list once, as that one.
            items.extend(self.child(caller, hit.stored, &mut rights)?);
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
    fn child(&self, caller: &Caller, patient: Stored, rights: &mut Vec<Permitted>) -> Result<Option<ChildRecord>> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, &patient.id)?;
        if self.merged_into(at.record)?.is_some() {
            return Ok(None);
        }
        let kinds: Vec<ResourceType> = TYPES.iter().filter_map(|name| ResourceType::named(name)).collect();
        let mut resources = Vec::new();
        let all = self.whole_person(caller, &permitted)?;
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
}
