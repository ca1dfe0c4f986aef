//! The history of what a person may read.
//!
//! * Their own records and those entrusted to them are gone through, never the log of all: nobody learns from a wait or a
//!   ceiling how much is written of others.
//! * Newest first, and pages stand still: what is written later is newer than all that is still to come.

use std::ops::ControlFlow;

use access::{Caller, Deed, Permitted, PermittedSet};
use fhir::home::{Fallback, is_shared, rule};
use fhir::{RecordId, ResourceType};
use store::{Location, Tick};

use super::{HistoryQuery, Window};
use crate::door::Chart;
use crate::error::Result;
use crate::stored::{HistoryEntry, Stored};

/// The place of a version among all, in time and then in its record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    tick: Tick,
    record: RecordId,
    entry: u32,
    version: u32,
}

impl Spot {
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = self.tick.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.record.0.to_be_bytes());
        bytes.extend_from_slice(&self.entry.to_be_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes
    }

    pub fn read(bytes: &[u8]) -> Option<Spot> {
        let (tick, rest) = bytes.split_at_checked(8)?;
        let (record, rest) = rest.split_at_checked(8)?;
        let (entry, version) = rest.split_at_checked(4)?;
        Some(Spot {
            tick: Tick(i64::from_be_bytes(tick.try_into().ok()?)),
            record: RecordId(u64::from_be_bytes(record.try_into().ok()?)),
            entry: u32::from_be_bytes(entry.try_into().ok()?),
            version: u32::from_be_bytes(version.try_into().ok()?),
        })
    }
}

/// A page, the rights by which it may be shown, and where the next one goes on.
pub(super) struct OwnPage {
    pub items: Vec<HistoryEntry>,
    pub seen: Vec<Permitted>,
    pub next: Option<Spot>,
}

/// True where all that a person may see of a type lies in records of persons.
pub(super) fn lies_in_records(kind: ResourceType) -> bool {
    !is_shared(kind) && rule(kind).fallback != Fallback::Shared
}

impl Chart {
    /// A page of what became of the records that the caller may read, from behind `after` where it is given; of the first
    /// page, as far as everything was `settled`.
    pub(super) fn own_page(&self, caller: &Caller, set: &PermittedSet, kind: Option<ResourceType>, query: &HistoryQuery, after: Option<Spot>, settled: Tick) -> Result<OwnPage> {
        let mut all: Vec<(Spot, ResourceType)> = Vec::new();
        let mut rights: Vec<Permitted> = Vec::new();
        for one in set.readable().unwrap_or_default() {
            if rights.iter().any(|permitted| permitted.record() == one.record) {
                continue;
            }
            let Some(permitted) = self.right(set, one.record)? else { continue };
            let mut there = Vec::new();
            self.store().scan_record(&permitted, Tick::END, &mut |entry| {
                if kind.is_none_or(|kind| kind == entry.kind) {
                    there.push((entry.kind, entry.entry));
                }
                ControlFlow::Continue(())
            })?;
            for (kind, entry) in there {
                if self.check_scope(caller, Deed::Search, kind).is_err() {
                    continue;
                }
                let mut window = Window::new(query);
                self.store().versions(&permitted, kind, Location { record: one.record, entry }, &mut |version| {
                    let spot = Spot { tick: version.tick, record: one.record, entry, version: version.version };
                    let is_due = after.map_or(spot.tick <= settled, |after| spot < after);
                    if window.shows(version.last_updated) && is_due {
                        all.push((spot, kind));
                    }
                    ControlFlow::Continue(())
                })?;
            }
            rights.push(permitted);
        }
        all.sort_unstable_by(|left, right| right.0.cmp(&left.0));
        let size = self.page_size(query.count);
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let mut page = OwnPage { items: Vec::new(), seen: Vec::new(), next: None };
        let mut last = None;
        for (spot, kind) in all {
            if page.items.len() == size || room_bytes == 0 {
                page.next = last;
                break;
            }
            let Some(permitted) = rights.iter().find(|permitted| permitted.record() == spot.record) else { continue };
            let mut stored = None;
            self.store().version(permitted, kind, Location { record: spot.record, entry: spot.entry }, spot.version, &mut |entry| stored = Some(Stored::from(entry)))?;
            let Some(stored) = stored else { continue };
            room_bytes = room_bytes.saturating_sub(stored.text.len());
            page.items.push(HistoryEntry { stored });
            page.seen.push(permitted.clone());
            last = Some(spot);
        }
        Ok(page)
    }
}
