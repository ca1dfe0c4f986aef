//! Which records an export goes through, and what of them belongs to it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use access::{Permitted, PermittedSet};
use fhir::{Document, PartialDateTime, RecordId, Reference, ResourceType, Value};
use search::{Matcher, Meta, Query};
use store::EntryRef;

use super::job::{BulkLevel, BulkRequest};
use super::{is_deletion, is_persons};
use crate::door::Chart;
use crate::error::{Error, Result};

/// Records fetched at once.
const FETCHED: usize = 512;

/// One export, ready to be walked.
pub(crate) struct Scope<'s> {
    chart: &'s Chart,
    set: &'s PermittedSet,
    request: &'s BulkRequest,
    filters: Vec<Query>,
    /// For a group: the members' records.
    members: Option<HashSet<RecordId>>,
}

impl<'s> Scope<'s> {
    pub fn new(chart: &'s Chart, set: &'s PermittedSet, request: &'s BulkRequest) -> Result<Scope<'s>> {
        let members = match &request.level {
            BulkLevel::Group(id) => Some(members(chart, set, request, id)?),
            _ => None,
        };
        chart.check_codes(request)?;
        Ok(Scope { chart, set, request, filters: chart.bulk_filters(&request.filters)?, members })
    }

    /// Visits the records that belong to the export after one, up to the end of a shard.
    pub fn records(&self, after: Option<RecordId>, shard: u8, visit: &mut dyn FnMut(RecordId, Permitted) -> Result<ControlFlow<()>>) -> Result<()> {
        let mut after = after;
        loop {
            let mut found = Vec::with_capacity(FETCHED);
            self.chart.store().records(after, &mut |record| {
                if record.shard() > shard {
                    return ControlFlow::Break(());
                }
                found.push(record);
                if found.len() < FETCHED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(*last);
            for record in found {
                if !self.includes(record) {
                    continue;
                }
                let Some(permitted) = self.chart.right(self.set, record)? else { continue };
                if visit(record, permitted)?.is_break() {
                    return Ok(());
                }
            }
        }
    }

    fn includes(&self, record: RecordId) -> bool {
        match (&self.request.level, &self.members) {
            (BulkLevel::System, _) => true,
            (BulkLevel::Patients, _) => is_persons(record),
            (_, Some(members)) => members.contains(&record),
            _ => false,
        }
    }

    /// The entries of one file in a record: of a type, or the deletions.
    pub fn entries(&self, permitted: &Permitted, kind: Option<ResourceType>, visit: &mut dyn FnMut(EntryRef<'_>)) -> Result<()> {
        let mut look = |entry: EntryRef<'_>| {
            if is_deletion(entry.method) == kind.is_none() && self.is_wanted(&entry) {
                visit(entry);
            }
            ControlFlow::Continue(())
        };
        match kind {
            Some(kind) => self.chart.store().scan_types(permitted, &[kind], self.request.at, None, &mut look)?,
            None => self.chart.store().scan_record(permitted, self.request.at, &mut look)?,
        }
        Ok(())
    }

    /// Tells the type of each entry that belongs to the export, and whether it is a deletion.
    pub fn counted(&self, permitted: &Permitted, tell: &mut dyn FnMut(ResourceType, bool)) -> Result<()> {
        self.chart.store().scan_record(permitted, self.request.at, &mut |entry| {
            if self.is_wanted(&entry) {
                tell(entry.kind, is_deletion(entry.method));
            }
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    fn is_wanted(&self, entry: &EntryRef<'_>) -> bool {
        let request = self.request;
        if !(request.types.is_empty() || request.types.contains(&entry.kind)) || request.since.is_some_and(|since| entry.last_updated < since) {
            return false;
        }
        if is_deletion(entry.method) {
            // Only whoever has an earlier state needs to know.
            return request.since.is_some();
        }
        let mut filters = self.filters.iter().filter(|query| query.resource_type == entry.kind).peekable();
        if filters.peek().is_none() {
            return true;
        }
        let Ok(document) = Document::read(entry.text) else { return false };
        let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
        filters.any(|query| Matcher::new(query).matches(document.root(), meta))
    }
}

/// The records of a group's members at the moment of the export; members of a group that is a member are, too.
fn members(chart: &Chart, set: &PermittedSet, request: &BulkRequest, id: &str) -> Result<HashSet<RecordId>> {
    let group = ResourceType::named("Group").ok_or(Error::NotFound)?;
    let (mut members, mut known, mut waiting) = (HashSet::new(), HashSet::from([id.to_owned()]), vec![id.to_owned()]);
    while let Some(next) = waiting.pop() {
        let Some((_, stored)) = chart.look_up(set, group, &next, request.at)? else {
            // A member that is hidden or gone has no members.
            if next == id {
                return Err(Error::NotFound);
            }
            continue;
        };
        let document = Document::read(&stored.text).map_err(|_| Error::NotFound)?;
        let listed = document.root().get("member").into_iter().flat_map(|list| list.items());
        for reference in listed.filter(|member| is_member(*member, request, chart)).filter_map(|member| member.get("entity")?.string("reference")) {
            match Reference::within(&reference, &chart.settings().base_url).local() {
                Some((ResourceType::PATIENT, id)) => {
                    let Some(at) = chart.store().locate(ResourceType::PATIENT, id)? else { continue };
                    members.insert(at.record);
                    // Whoever is a member is one with all Patients of the person.
                    members.extend(chart.joined(at.record)?.iter().map(|member| member.record));
                }
                Some((kind, id)) if kind == group && known.insert(id.to_owned()) => waiting.push(id.to_owned()),
                _ => {}
            }
        }
    }
    Ok(members)
}

/// True for who is still a member at the moment of the export.
fn is_member(member: Value<'_>, request: &BulkRequest, chart: &Chart) -> bool {
    let is_inactive = member.get("inactive").and_then(|value| value.as_bool()) == Some(true);
    let told = |name: &str| {
        let date = member.get("period")?.string(name).and_then(|date| PartialDateTime::parse(&date))?;
        Some(date.range(chart.settings().zone_offset_minutes))
    };
    let is_over = told("end").is_some_and(|end| end.1 <= request.at.moment());
    let is_to_come = told("start").is_some_and(|start| start.0 > request.at.moment());
    !is_inactive && !is_over && !is_to_come
}
