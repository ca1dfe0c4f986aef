//! Verifying the records: every value opens, every head agrees, and what the index must hold for each resource is there.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use fhir::{Document, RecordId};

use super::{Checked, Expected, Meaning};
use crate::engine::{Space, Span};
use crate::entry::{EntryRef, Method};
use crate::error::Error;
use crate::layout::{self, EntryKey};
use crate::read::{Location, Tally, open, open_guest};
use crate::store::Store;
use crate::write::{Claim, holder_bytes};

/// One entry of a record and everything that follows from it.
struct EntryState {
    entry: u32,
    postings: BTreeSet<[u8; 27]>,
}

impl Store {
    pub(super) fn check_records(&self, meaning: &Meaning<'_>, checked: &mut Checked, expected: &mut Expected, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
        let mut records = Vec::new();
        let mut last = None;
        loop {
            records.clear();
            self.records(last, &mut |record| {
                records.push(record);
                if records.len() < 1024 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let Some(newest) = records.last() else { return Ok(()) };
            last = Some(*newest);
            for record in &records {
                self.check_record(*record, meaning, checked, expected)?;
                checked.records += 1;
                progress(checked.records);
            }
        }
    }

    fn check_record(&self, record: RecordId, meaning: &Meaning<'_>, checked: &mut Checked, expected: &mut Expected) -> Result<(), Error> {
        if record.shard() >= self.shards() {
            checked.find(Some(record), false, "it lies in a shard the store does not have");
        }
        if expected.erased.contains_key(&record) {
            checked.find(Some(record), false, "it was erased and something lies in it again; the next start of the server erases it, or `carnet erase replay`");
            return Ok(());
        }
        let sealer = match self.keys.find_on_disk(record) {
            Ok(Some(sealer)) => sealer,
            Ok(None) => {
                checked.find(Some(record), false, "its key is not in the keyring: nothing in it can be opened; restore the keyring");
                return Ok(());
            }
            Err(cause) => {
                checked.find(Some(record), false, format!("its key does not open: {cause}"));
                return Ok(());
            }
        };
        let mut tally = Tally::default();
        let mut buffer = Vec::new();
        let mut state: Option<EntryState> = None;
        let mut guests = Vec::new();
        let mut seen = false;
        self.data.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |key, value| {
            seen = true;
            tally.count(&sealer, key, value);
            match key.get(8) {
                Some(&layout::HEAD) => {}
                Some(&layout::ENTRY) => match open(&sealer, key, value, &mut buffer) {
                    Ok(version) => self.check_version(record, version, meaning, checked, expected, &mut state),
                    Err(cause) => checked.find(Some(record), false, format!("a version does not open: {cause}")),
                },
                Some(&layout::GUEST) => match open_guest(&sealer, key, value, &mut buffer) {
                    Ok(pointer) => guests.push(pointer),
                    Err(cause) => checked.find(Some(record), false, format!("a guest pointer does not open: {cause}")),
                },
                _ => checked.find(Some(record), false, "a key of no known kind lies in it"),
            }
            ControlFlow::Continue(())
        })?;
        if let Some(state) = state.take() {
            self.close_entry(record, &state, checked, expected);
        }
        match tally.verify(self, record) {
            Ok(commits) => (1..=commits).for_each(|commit| self.count_write(record, commit, &mut expected.writes)),
            Err(cause) => checked.find(Some(record), false, cause.to_string()),
        }
        if !seen {
            checked.find(Some(record), false, "a key of no known kind lies where it would be");
        }
        checked.guests += guests.len() as u64;
        for (kind, at) in guests {
            let there = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version: 0 }.entry_prefix();
            let mut found = false;
            self.data.scan(Space::Record, &Span::prefix(there), &mut |_, _| {
                found = true;
                ControlFlow::Break(())
            })?;
            if !found && expected.erased.contains_key(&at.record) {
                checked.find(Some(record), true, "a guest pointer leads to an erased record");
            } else if !found {
                checked.find(Some(record), false, "a guest pointer leads to nothing");
            }
        }
        Ok(())
    }

    fn check_version(
        &self,
        record: RecordId,
        version: EntryRef<'_>,
        meaning: &Meaning<'_>,
        checked: &mut Checked,
        expected: &mut Expected,
        state: &mut Option<EntryState>,
    ) {
        checked.versions += 1;
        checked.flawed += u64::from(version.is_flawed());
        // The newest version of an entry comes first.
        let newest = state.as_ref().is_none_or(|state| state.entry != version.entry);
        if newest {
            self.open_entry(record, &version, checked, expected, state);
        }
        if version.method == Method::Delete {
            return;
        }
        let Some(state) = state else { return };
        let Ok(document) = Document::read(version.text) else {
            return checked.find(Some(record), false, "a version opens but is not JSON");
        };
        for term in (meaning.terms_of)(version.kind, document.root()) {
            state.postings.insert(self.posting_of(record, version.entry, &term));
        }
        if newest {
            for claim in (meaning.claims_of)(version.kind, document.root()) {
                self.check_claim(&claim, Location { record, entry: version.entry }, checked, expected);
            }
            let at = Location { record, entry: version.entry };
            for claim in (meaning.former_claims_of)(version.kind, document.root()) {
                if self.claimed_by(&claim).is_ok_and(|holder| holder == Some(at)) {
                    expected.claims.add(&self.claim_key(&claim), &holder_bytes(at));
                }
            }
        }
    }

    /// Turns to the next entry of a record: its locator.
    fn open_entry(&self, record: RecordId, version: &EntryRef<'_>, checked: &mut Checked, expected: &mut Expected, state: &mut Option<EntryState>) {
        if let Some(done) = state.take() {
            self.close_entry(record, &done, checked, expected);
        }
        *state = Some(EntryState { entry: version.entry, postings: BTreeSet::new() });
        let (token, key) = self.locator(version.kind, version.id);
        let block = key.seal(layout::locator_block(record, version.entry));
        expected.locators.add(&token, &block);
        match self.data.get(Space::Locator, &token) {
            Ok(Some(found)) if found == block => {}
            Ok(Some(_)) => checked.find(Some(record), true, "the locator of a resource leads elsewhere"),
            Ok(None) => checked.find(Some(record), true, "a resource has lost its locator"),
            Err(cause) => checked.find(Some(record), true, format!("a locator could not be read: {cause}")),
        }
    }

    fn check_claim(&self, claim: &Claim, at: Location, checked: &mut Checked, expected: &mut Expected) {
        // A claim is sealed with chance: its key and what it opens to are what counts.
        expected.claims.add(&self.claim_key(claim), &holder_bytes(at));
        match self.claimed_by(claim) {
            Ok(Some(holder)) if holder == at => {}
            Ok(Some(_)) => checked.find(Some(at.record), true, "the claim on a unique identifier is held for another resource"),
            Ok(None) => checked.find(Some(at.record), true, "a resource has lost its claim on a unique identifier"),
            Err(cause) => checked.find(Some(at.record), true, format!("a claim does not open: {cause}")),
        }
    }

    fn close_entry(&self, record: RecordId, state: &EntryState, checked: &mut Checked, expected: &mut Expected) {
        for posting in &state.postings {
            expected.postings.add(posting, &[]);
            match self.data.view(Space::Posting, posting, &mut |_| {}) {
                Ok(true) => {}
                Ok(false) => checked.find(Some(record), true, "a resource has lost a posting: a search would not find it"),
                Err(cause) => checked.find(Some(record), true, format!("a posting could not be read: {cause}")),
            }
        }
    }
}
