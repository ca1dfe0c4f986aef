//! `_include` and `_revinclude`: what is brought along.
//!
//! * A person who was registered more than once is followed by each of their Patients.
//! * Each resource is decided about by itself: what the caller may not see is left out.
//! * A version that a reference names is brought as it was; where others name another one, what is there now, and that is told.
//! * There is a limit, and an answer that reaches it says so.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use access::Permitted;
use fhir::{Document, Issue, IssueCode, ResourceType};
use search::{Handling, Include, Query};
use store::Method;

use super::look::Look;
use crate::error::Result;
use crate::stored::{Hit, SearchMode, Stored};
use crate::terminology::search_value;

/// Said once of a page.
const OTHER_VERSION: &str = "A reference names a version that is not brought along: what it names comes as it is now. Read the version at its own address.";

/// The versions of one resource that references name; none where one names it without.
type Versions = BTreeSet<Option<u32>>;

/// A page and what is brought along with it.
pub(super) struct Gathering<'g> {
    pub items: &'g mut Vec<Hit>,
    pub rights: &'g mut Vec<Permitted>,
    pub issues: &'g mut Vec<Issue>,
    /// Resources that may still be brought along.
    pub room: usize,
}

impl Look<'_> {
    /// Adds what the includes of a query ask for and the caller may see.
    pub(super) fn include(&self, includes: &[Include], gathering: &mut Gathering<'_>) -> Result<()> {
        // What lies inside another resource has an id there only: nothing else names it by that.
        let mut known: HashSet<(ResourceType, String)> = gathering.items.iter().filter(|hit| hit.inside.is_none()).map(|hit| (hit.stored.kind, hit.stored.id.clone())).collect();
        let (mut from, mut round) = (0, 0);
        let custom = &self.query.context.custom;
        while from < gathering.items.len() {
            let to = gathering.items.len();
            let due = |include: &&Include| round == 0 || include.iterate;
            let (mut named, mut versions) = (Vec::new(), HashMap::<(ResourceType, String), Versions>::new());
            for hit in &gathering.items[from..to] {
                let Ok(document) = Document::read(&hit.stored.text) else { continue };
                for include in includes.iter().filter(due).filter(|include| !include.reverse) {
                    include.follow_versions(hit.stored.kind, document.root(), &self.chart.settings().base_url, custom, &mut |kind, id, version| {
                        versions.entry((kind, id.to_owned())).or_default().insert(version.and_then(|version| version.parse().ok()));
                        if known.insert((kind, id.to_owned())) {
                            named.push((kind, id.to_owned()));
                        }
                    });
                }
            }
            // Whoever was registered more than once is brought along with each of their Patients.
            let mut others = Vec::new();
            for (_, id) in named.iter().filter(|(kind, _)| *kind == ResourceType::PATIENT) {
                others.extend(self.beyond.others_of(id)?.into_iter().map(|other| (ResourceType::PATIENT, other)));
            }
            named.extend(others.into_iter().filter(|other| known.insert(other.clone())));
            let mut found = Vec::new();
            for (kind, id) in named {
                if found.len() > gathering.room || !self.beyond.spend() {
                    break;
                }
                if let Some((permitted, stored)) = self.chart.look_up(self.set, kind, &id, self.tick)? {
                    let stored = self.as_named(&permitted, stored, versions.get(&(kind, id)), gathering.issues)?;
                    self.beyond.hold(stored.text.len());
                    found.push((permitted, stored));
                }
            }
            self.beyond.broken()?;
            for include in includes.iter().filter(due) {
                self.those_at_addresses(include, &gathering.items[from..to], gathering.room, &mut known, &mut found)?;
            }
            for include in includes.iter().filter(due).filter(|include| include.reverse) {
                let mut targets: Vec<(ResourceType, String)> = gathering.items[from..to]
                    .iter()
                    .filter(|hit| hit.inside.is_none())
                    .filter(|hit| include.target.is_none_or(|wanted| wanted == hit.stored.kind))
                    .map(|hit| (hit.stored.kind, hit.stored.id.clone()))
                    .collect();
                let mut others = Vec::new();
                for (_, id) in targets.iter().filter(|(kind, _)| *kind == ResourceType::PATIENT) {
                    others.extend(self.beyond.others_of(id)?.into_iter().map(|other| (ResourceType::PATIENT, other)));
                }
                targets.extend(others);
                self.those_who_name(include, &targets, gathering.room, &mut known, &mut found)?;
            }
            (from, round) = (to, round + 1);
            for (permitted, stored) in found {
                if gathering.room == 0 {
                    let message = "More is referred to than this server brings along on one page; ask for the rest by its own search, or for smaller pages.";
                    gathering.issues.push(Issue::warning(IssueCode::Incomplete, "", message));
                    return Ok(());
                }
                gathering.room -= 1;
                gathering.rights.push(permitted);
                gathering.items.push(Hit::new(stored, SearchMode::Include));
            }
        }
        Ok(())
    }

    /// The version that is named, where all that name the resource name the same one and it may be seen; else what is there
    /// now, and that is told. <https://hl7.org/fhir/R4/search.html#include>
    fn as_named(&self, permitted: &Permitted, stored: Stored, named: Option<&Versions>, issues: &mut Vec<Issue>) -> Result<Stored> {
        let Some(named) = named.filter(|named| named.iter().flatten().any(|version| *version != stored.version)) else { return Ok(stored) };
        let mut then: Option<Stored> = None;
        if let (1, Some(Some(version))) = (named.len(), named.first())
            && let Some(at) = self.chart.store().locate(stored.kind, &stored.id)?
        {
            self.chart.store().version(permitted, stored.kind, at, *version, &mut |entry| {
                if entry.tick <= self.tick && entry.method != Method::Delete {
                    then = Some(Stored::from(entry));
                }
            })?;
        }
        if then.is_none() && !issues.iter().any(|issue| issue.message == OTHER_VERSION) {
            issues.push(Issue::information(IssueCode::Informational, "", OTHER_VERSION));
        }
        Ok(then.unwrap_or(stored))
    }

    /// Resources of the include's type that name one of the targets; one more than there is room for at most.
    fn those_who_name(
        &self,
        include: &Include,
        targets: &[(ResourceType, String)],
        room: usize,
        known: &mut HashSet<(ResourceType, String)>,
        found: &mut Vec<(Permitted, Stored)>,
    ) -> Result<()> {
        let ways = include.sources(&self.query.context.custom).into_iter().flat_map(|(source, parameters)| parameters.into_iter().map(move |parameter| (source, parameter)));
        for (source, parameter) in ways {
            let leads = |kind: ResourceType| parameter.definition.targets.is_empty() || parameter.definition.targets.contains(&kind.name());
            let targets: Vec<_> = targets.iter().filter(|(kind, _)| leads(*kind)).cloned().collect();
            if targets.is_empty() {
                continue;
            }
            let query = Query::all(source, self.query.context.clone()).leading_to(parameter, &targets);
            self.bring(query, room, known, found)?;
        }
        Ok(())
    }

    /// What these resources name by canonical address in the way of the include: the version that is said, or else each that is here.
    /// <https://hl7.org/fhir/R4/references.html#canonical>
    fn those_at_addresses(&self, include: &Include, hits: &[Hit], room: usize, known: &mut HashSet<(ResourceType, String)>, found: &mut Vec<(Permitted, Stored)>) -> Result<()> {
        let mut addresses = BTreeSet::new();
        for hit in hits {
            let Ok(document) = Document::read(&hit.stored.text) else { continue };
            include.follow_addresses(hit.stored.kind, document.root(), &mut |kind, address| {
                addresses.insert((kind, address.to_owned()));
            });
        }
        for (kind, address) in addresses {
            let (url, version) = address.split_once('|').map_or((address.as_str(), None), |(url, version)| (url, Some(version)));
            let said: Vec<(&str, String)> = [("url", Some(url)), ("version", version.filter(|version| !version.is_empty()))].into_iter().filter_map(|(name, value)| Some((name, search_value(value?)))).collect();
            let pairs = said.iter().map(|(name, value)| (*name, value.as_str()));
            // What nobody can ask for is at no address, either.
            let Ok(query) = Query::parse(kind, pairs, Handling::Strict, self.query.context.clone()) else { continue };
            self.bring(query, room, known, found)?;
            if found.len() > room {
                break;
            }
        }
        Ok(())
    }

    /// Adds what answers a query and is not on the page yet, up to one more than there is room for.
    fn bring(&self, query: Query, room: usize, known: &mut HashSet<(ResourceType, String)>, found: &mut Vec<(Permitted, Stored)>) -> Result<()> {
        let look = Look::plain(self.chart, self.set, query, self.tick, self.beyond)?;
        if look.scans_everything() {
            self.beyond.expect_a_scan();
        }
        // What is on the page already takes no room; one more than fits tells that there is more.
        look.walk(None, &mut |entry, _, permitted, _| {
            if known.insert((entry.kind, entry.id.to_owned())) {
                found.push((permitted.clone(), Stored::from(entry)));
                if !self.beyond.hold(entry.id.len() + entry.text.len()) {
                    return ControlFlow::Break(());
                }
            }
            if found.len() > room { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}
