//! Which months the store has dated resources in, so that a search does not look in empty ones.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use search::{LAST_MONTH, SPANNING, UNDATED};
use store::{OwnedTerm, Store};

use crate::door::Chart;
use crate::error::Result;

const NOTE: &str = "months in use";

/// First month in the upper half, last in the lower.
pub(crate) struct Months(AtomicU32);

fn packed(first: u16, last: u16) -> u32 {
    (first as u32) << 16 | last as u32
}

fn unpacked(both: u32) -> (u16, u16) {
    ((both >> 16) as u16, both as u16)
}

impl Months {
    pub fn of(store: &Store) -> Result<Months> {
        let (first, last) = kept(store)?;
        Ok(Months(AtomicU32::new(packed(first, last))))
    }
}

/// The range the note tells; the first after the last where there is none.
pub(crate) fn kept(store: &Store) -> Result<(u16, u16)> {
    let note = store.note(NOTE)?.and_then(|note| Some(u32::from_be_bytes(note.as_slice().try_into().ok()?)));
    Ok(note.map_or((LAST_MONTH, UNDATED), unpacked))
}

/// The months of terms that pass by, first and last.
pub(crate) struct Passing(Cell<(u16, u16)>);

impl Passing {
    pub fn new() -> Passing {
        Passing(Cell::new((LAST_MONTH, UNDATED)))
    }

    /// Looks at terms and hands them on.
    pub fn seen(&self, terms: Vec<OwnedTerm>) -> Vec<OwnedTerm> {
        self.0.set(widened(self.0.get(), terms.iter()));
        terms
    }

    pub fn months(&self) -> (u16, u16) {
        self.0.get()
    }
}

fn widened<'t>((mut first, mut last): (u16, u16), terms: impl Iterator<Item = &'t OwnedTerm>) -> (u16, u16) {
    for term in terms.filter(|term| term.month != UNDATED && term.month != SPANNING) {
        first = first.min(term.month);
        last = last.max(term.month);
    }
    (first, last)
}

impl Chart {
    /// The first and last month with a dated resource; the first after the last where there is none.
    pub(crate) fn months_in_use(&self) -> (u16, u16) {
        unpacked(self.inner.months.0.load(Ordering::Acquire))
    }

    /// Widens the range before resources of these terms are written. The note is on disk first.
    pub(crate) fn use_months<'t>(&self, terms: impl Iterator<Item = &'t OwnedTerm>) -> Result<()> {
        let was = self.months_in_use();
        let now = widened(was, terms);
        if now == was { Ok(()) } else { self.keep_months(now) }
    }

    /// Widens the note, and what is known of it, to a range.
    pub(crate) fn keep_months(&self, (first, last): (u16, u16)) -> Result<()> {
        loop {
            let before = self.store().note(NOTE)?;
            let kept = before.as_deref().and_then(|note| Some(unpacked(u32::from_be_bytes(note.try_into().ok()?))));
            let (kept_first, kept_last) = kept.unwrap_or((first, last));
            let (first, last) = (first.min(kept_first), last.max(kept_last));
            if self.store().keep_note(NOTE, before.as_deref(), &packed(first, last).to_be_bytes())? {
                // Of two at once the one that is heard of last may have kept less: what is known only widens, too.
                let widened = |known: u32| {
                    let (known_first, known_last) = unpacked(known);
                    Some(packed(first.min(known_first), last.max(known_last)))
                };
                let _ = self.inner.months.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, widened);
                return Ok(());
            }
        }
    }
}
