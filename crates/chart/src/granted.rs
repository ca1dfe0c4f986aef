//! What the scopes of a program mean here: searches that a resource must answer, and deeds that no scope names.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use access::{Act, Answers, Caller, Deed, Deeds, Extent, Facts, Grant, NoAnswers, Rule};
use fhir::{Moment, RecordId, ResourceType};
use search::{Handling, Matcher, Meta, Query, What, split_query};
use store::Class;

use crate::door::Chart;
use crate::error::{Error, Result};

/// The searches of a grant, read.
struct Searches(HashMap<(ResourceType, String), Query>);

impl fmt::Debug for Searches {
    /// How many, and never what: a search may name what somebody has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} searches", self.0.len())
    }
}

impl Answers for Searches {
    fn answers(&self, query: &str, resource: &Facts<'_>) -> bool {
        let Some(query) = self.0.get(&(resource.kind(), query.to_owned())) else { return false };
        let Some(root) = resource.root() else { return false };
        Matcher::new(query).matches(root, Meta { id: resource.id(), last_updated: Moment(0), version: 1 })
    }
}

impl Chart {
    /// True if the search of a scope means something that one resource alone can answer.
    pub fn understands(&self, rule: &Rule) -> bool {
        rule.kind.is_some_and(|kind| self.restriction(kind, &rule.query).is_some())
    }

    fn restriction(&self, kind: ResourceType, text: &str) -> Option<Query> {
        let pairs = split_query(text);
        // Names that begin with `_` are about versions, pages and what lies around a resource.
        if pairs.is_empty() || pairs.iter().any(|(name, _)| name.starts_with('_')) {
            return None;
        }
        let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, self.query_context_without_codes()).ok()?;
        (!query.looks_beyond() && !query.criteria.is_empty()).then_some(query)
    }

    /// The same grant, where the patient that was chosen is the whole person, as it is now.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn whole_grant(&self, grant: Arc<Grant>) -> Result<Arc<Grant>> {
        let [chosen] = grant.patients[..] else { return Ok(grant) };
        let joined = self.joined(chosen)?;
        if joined.is_empty() {
            return Ok(grant);
        }
        Ok(Arc::new(Grant { patients: joined.iter().map(|member| member.record).collect(), ..grant.as_ref().clone() }))
    }

    /// Who knows whether resources answer the searches of a caller's scopes.
    pub(crate) fn scope_answers(&self, caller: &Caller) -> Arc<dyn Answers> {
        let rules = caller.grant.iter().flat_map(|grant| &grant.rules).filter(|rule| !rule.query.is_empty());
        let searches: HashMap<_, _> = rules.filter_map(|rule| Some(((rule.kind?, rule.query.clone()), self.restriction(rule.kind?, &rule.query)?))).collect();
        if searches.is_empty() { Arc::new(NoAnswers) } else { Arc::new(Searches(searches)) }
    }

    /// Refuses a deed on a type that no scope of the caller's program names. It tells nothing about
    /// what there is: the answer depends on the scopes alone.
    pub(crate) fn check_scope(&self, caller: &Caller, deeds: impl Into<Deeds>, kind: ResourceType) -> Result<()> {
        match &caller.grant {
            Some(grant) if grant.extent_anywhere(deeds.into(), kind) == Extent::Nothing => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// Refuses a query that asks, beside its own type, what there is of a type whose resources the caller's program may
    /// read one by one alone: what names a match, by `_has` and `_revinclude`. A type that no scope names is not there.
    pub(crate) fn check_named(&self, caller: &Caller, query: &Query) -> Result<()> {
        let Some(grant) = &caller.grant else { return Ok(()) };
        let may = |deed: Deed, kind: ResourceType| grant.extent_anywhere(deed.into(), kind) != Extent::Nothing;
        let is_read_alone = |kind: &ResourceType| may(Deed::Read, *kind) && !may(Deed::Search, *kind);
        let mut kinds = Vec::new();
        types_that_name(query, &mut kinds);
        for include in query.includes.iter().filter(|include| include.reverse) {
            match include.source {
                Some(kind) => kinds.push(kind),
                None => kinds.extend(ResourceType::all()),
            }
        }
        if kinds.iter().any(is_read_alone) { Err(Error::Forbidden) } else { Ok(()) }
    }

    /// Those of these types of which the caller's program may not read all in the record of a person: what is said of the
    /// whole record would be said from a part of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the caller does not see the Patient, [`Error::Forbidden`] where no scope names Patients.
    pub fn not_read_whole<'k>(&self, caller: &Caller, patient_id: &str, kinds: &[&'k str]) -> Result<Vec<&'k str>> {
        let Some(grant) = &caller.grant else { return Ok(Vec::new()) };
        let (at, _) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let is_whole = |name: &str| ResourceType::named(name).is_some_and(|kind| grant.extent(Deeds::READING, Class::subject(at.record), kind) == Extent::Whole);
        Ok(kinds.iter().copied().filter(|name| !is_whole(name)).collect())
    }

    /// Refuses a deed on this resource, as it is or as it would be, where no scope of the caller's program allows it.
    pub(crate) fn check_write(&self, caller: &Caller, deed: Deed, record: RecordId, resource: &Facts<'_>) -> Result<()> {
        match &caller.grant {
            Some(grant) if !grant.allows(deed.into(), Class::subject(record), resource, self.scope_answers(caller).as_ref()) => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// Refuses what would go on after a token has ended, unless the token allows all of it.
    pub(crate) fn check_outlives(&self, caller: &Caller, is_allowed: impl Fn(&access::Grant) -> bool) -> Result<()> {
        match &caller.grant {
            Some(grant) if !is_allowed(grant) => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }
}

/// The types of what must name a match, or something that a match names.
fn types_that_name(query: &Query, kinds: &mut Vec<ResourceType>) {
    for link in &query.links {
        match &link.what {
            What::Has { inner, .. } => {
                kinds.push(inner.resource_type);
                types_that_name(inner, kinds);
            }
            What::Chain { inner, .. } => inner.iter().for_each(|one| types_that_name(one, kinds)),
            What::Listed(_) | What::Compartment { .. } => {}
        }
    }
}
