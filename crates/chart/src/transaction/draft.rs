//! What one order comes to: the version to write, and what goes with it.

use access::Permitted;
use fhir::{Issue, RecordId};
use store::{Change, OwnedTerm};

use crate::stored::{Stored, Written, WrittenAs};

/// What one order comes to.
pub(super) struct Draft<'f> {
    pub written: Written,
    pub permitted: Option<Permitted>,
    pub entry: Option<u32>,
    pub terms: Vec<OwnedTerm>,
    pub guests_added: Vec<RecordId>,
    pub guests_removed: Vec<RecordId>,
    pub claims_added: Vec<store::Claim>,
    pub claims_removed: Vec<store::Claim>,
    pub flaws: &'f [Issue],
}

impl<'f> Draft<'f> {
    pub fn nothing(stored: Stored, issues: Vec<Issue>) -> Draft<'f> {
        Draft {
            written: Written { stored, done: WrittenAs::Unchanged, issues },
            permitted: None,
            entry: None,
            terms: Vec::new(),
            guests_added: Vec::new(),
            guests_removed: Vec::new(),
            claims_added: Vec::new(),
            claims_removed: Vec::new(),
            flaws: &[],
        }
    }

    pub fn becoming(mut self, done: WrittenAs) -> Draft<'f> {
        self.written.done = done;
        self
    }

    /// What is to be written, if anything is.
    pub fn change(&self, stamp: &crate::times::Stamp<'_>) -> Option<Change<'_>> {
        let stored = &self.written.stored;
        Some(Change {
            permitted: self.permitted.clone()?,
            kind: stored.kind,
            id: &stored.id,
            entry: self.entry,
            version: stored.version,
            method: stored.method,
            at: stamp.at,
            text: &stored.text,
            flaws: self.flaws,
            terms: &self.terms,
            guests_added: &self.guests_added,
            guests_removed: &self.guests_removed,
            claims_added: &self.claims_added,
            claims_removed: &self.claims_removed,
        })
    }
}
