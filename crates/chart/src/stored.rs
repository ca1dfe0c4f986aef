//! What the door gives out.

use fhir::{Issue, Moment, ResourceType};
use store::EntryRef;
pub use store::Method;

/// One version of a resource, as it lies in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its type.
    pub kind: ResourceType,
    /// Its logical id.
    pub id: String,
    /// From 1; 0 where a deletion found nothing.
    pub version: u32,
    /// When this version was written.
    pub last_updated: Moment,
    /// How this version came to be.
    pub method: Method,
    /// The received tokens with id and meta set; empty for a deletion.
    pub text: String,
    /// What validation found and an import kept (`--keep-flawed`); usually empty.
    pub flaws: Vec<Issue>,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct Written {
    /// The resource as it now is (for a conditional create that found one: as it was).
    pub stored: Stored,
    /// What happened.
    pub done: WrittenAs,
    /// Warnings worth telling.
    pub issues: Vec<Issue>,
    /// False where the caller's program may change the resource and not read it, and a patch made it: the answer then
    /// tells what was done, and not what the resource says.
    pub is_shown: bool,
}

/// The fates of a write that was not refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrittenAs {
    /// A new resource: 201.
    Created,
    /// A new version: 200.
    Updated,
    /// Nothing to do: the same content, a conditional create that found one, a deleted one deleted again: 200.
    Unchanged,
    /// A tombstone was written: 200 or 204.
    Deleted,
}

/// A page of results.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// How many there are in all, where it was asked for and counted.
    pub total: Option<u64>,
    /// The sealed cursor of the next page, if there is one.
    pub next: Option<String>,
    /// What was ignored or could not be done.
    pub issues: Vec<Issue>,
}

/// Why a resource is on a page of search results.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SearchMode {
    /// It answers the query.
    Match,
    /// It was asked for by `_include`.
    Include,
}

/// A search result.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The resource.
    pub stored: Stored,
    /// Why it is here.
    pub mode: SearchMode,
    /// The resource that contains it, by type and id, where it is no resource of its own.
    pub inside: Option<(ResourceType, String)>,
}

impl Hit {
    /// A resource of its own.
    pub fn new(stored: Stored, mode: SearchMode) -> Hit {
        Hit { stored, mode, inside: None }
    }
}

/// One line of a history.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The version; `method` says whether it was a creation, a change or a deletion.
    pub stored: Stored,
}

impl From<EntryRef<'_>> for Stored {
    fn from(entry: EntryRef<'_>) -> Stored {
        Stored {
            kind: entry.kind,
            id: entry.id.to_owned(),
            version: entry.version,
            last_updated: entry.last_updated,
            method: entry.method,
            text: entry.text.to_owned(),
            flaws: entry.flaws(),
        }
    }
}
