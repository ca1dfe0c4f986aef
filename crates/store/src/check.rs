//! Verifying a whole store.
//!
//! * Every value is opened, every record compared with its head, every claim of the index
//!   compared with the records, in memory that does not grow with the store.
//! * Postings, locators and claims are looked up one by one from the records and compared as sums
//!   of digests: what is missing is named, what is too many shows in the sum.
//! * Records, their heads and the log vouch for each other: each line tells of the versions it
//!   wrote, how often each record had been written to by then, and the openings written with it.
//! * What nothing here can notice is a shard put back whole, log, number and all: that is what
//!   the anchor is for ([`Store::compare_with`]).
//! * Nobody may write meanwhile.
//! * A report names places and counts, never content.

mod log;
mod records;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fhir::{RecordId, ResourceType, Value};

use crate::engine::{Space, Span};
use crate::erase::ErasedRecord;
use crate::error::Error;
use crate::layout;
use crate::read::OwnedTerm;
use crate::store::{SITE, Store};
use crate::write::Claim;

/// What is wrong somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which record, where one is concerned.
    pub record: Option<RecordId>,
    /// What, in words for an operator.
    pub what: String,
    /// True if `--repair-index` mends it.
    pub in_index: bool,
}

/// What a check saw.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Versions of resources, tombstones included.
    pub versions: u64,
    /// Postings in the store.
    pub postings: u64,
    /// Locators in the store.
    pub locators: u64,
    /// Claims on unique identifiers in the store.
    pub claims: u64,
    /// Guest pointers.
    pub guests: u64,
    /// Lines of the log.
    pub log_lines: u64,
    /// Openings in the log.
    pub openings: u64,
    /// Records that were erased.
    pub erased: u64,
    /// Versions an import kept with flaws.
    pub flawed: u64,
    /// What is wrong; at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub further: u64,
    /// No terms are being added or taken away in the background: the postings are just those that are called for.
    pub is_settled: bool,
}

/// Findings listed one by one.
pub const MOST_FINDINGS: usize = 200;

/// What follows from a resource: the caller's to say, because the store does not know what it means.
pub struct Meaning<'m> {
    /// The terms it is found by.
    pub terms_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<OwnedTerm>,
    /// The claims it makes, as long as it is the newest version.
    pub claims_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<Claim>,
    /// Claims that it no longer makes and may still hold, because an earlier version of the program wrote them.
    pub former_claims_of: &'m dyn Fn(ResourceType, Value<'_>) -> Vec<Claim>,
    /// The terms are all there should be: none are being added, and none are left over.
    pub is_settled: bool,
}

impl Checked {
    pub(crate) fn find(&mut self, record: Option<RecordId>, in_index: bool, what: impl Into<String>) {
        if self.findings.len() == MOST_FINDINGS {
            self.further += 1;
        } else {
            self.findings.push(Finding { record, what: what.into(), in_index });
        }
    }

    /// True if nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Keys counted without keeping them.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    count: u64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
        let hash = hasher.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        self.count += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(bytes));
    }
}

/// What the records say the index must hold.
#[derive(Default)]
struct Expected {
    postings: Sum,
    locators: Sum,
    claims: Sum,
    /// How often each record was written to, one digest for each time.
    writes: Sum,
    /// Records of which nothing is left.
    erased: BTreeMap<RecordId, ErasedRecord>,
}

impl Store {
    /// Looks at everything: engine checksums, seals, heads, postings, locators, claims, guests, notes and the log.
    pub fn check(&self, meaning: &Meaning<'_>, progress: &mut dyn FnMut(u64)) -> Result<Checked, Error> {
        let mut checked = Checked::default();
        for (engine, name) in [(&self.data, "record"), (self.keys.engine(), "keyring")] {
            if let Err(cause) = engine.verify() {
                checked.find(None, false, format!("the engine's own checksums of the {name} do not agree: {}", in_full(&cause)));
            }
        }
        let mut expected = Expected::default();
        let erasures = self.check_erased(&mut checked).map(|erased| {
            for (record, mark) in &erased {
                (1..=mark.commits).for_each(|commit| self.count_write(*record, commit, &mut expected.writes));
            }
            expected.erased = erased;
        });
        // What cannot be read to its end is a finding too, and the rest is looked at all the same.
        let records = self.check_records(meaning, &mut checked, &mut expected, progress);
        let index = self.check_index(&expected, meaning, &mut checked);
        let notes = self.check_notes(&mut checked);
        let log = self.check_log(&expected, &mut checked);
        for (outcome, name) in [(erasures, "marks of erased records"), (records, "records"), (index, "index"), (notes, "notes"), (log, "log")] {
            if let Err(cause) = outcome {
                checked.find(None, false, format!("the {name} could not be read to the end: {}", in_full(&cause)));
            }
        }
        Ok(checked)
    }

    fn count_write(&self, record: RecordId, commit: u64, sum: &mut Sum) {
        sum.add(&record.0.to_be_bytes(), &self.tokens.claim("written", &[record.0.to_be_bytes(), commit.to_be_bytes()].concat()));
    }

    fn check_index(&self, expected: &Expected, meaning: &Meaning<'_>, checked: &mut Checked) -> Result<(), Error> {
        let mut found = Expected::default();
        self.data.scan(Space::Posting, &Span::all(), &mut |key, value| {
            found.postings.add(key, value);
            ControlFlow::Continue(())
        })?;
        self.data.scan(Space::Locator, &Span::all(), &mut |key, value| {
            found.locators.add(key, value);
            ControlFlow::Continue(())
        })?;
        (checked.postings, checked.locators) = (found.postings.count, found.locators.count);
        self.data.scan(Space::Claim, &Span::all(), &mut |key, sealed| {
            match self.claims.open(key, sealed) {
                Ok(holder) => found.claims.add(key, &holder),
                Err(_) => found.claims.count += 1,
            }
            ControlFlow::Continue(())
        })?;
        (checked.postings, checked.locators, checked.claims) = (found.postings.count, found.locators.count, found.claims.count);
        let compared = [("postings", found.postings, expected.postings), ("locators", found.locators, expected.locators), ("claims", found.claims, expected.claims)];
        checked.is_settled = meaning.is_settled;
        for (name, found, expected) in compared {
            let may_differ = name == "postings" && !meaning.is_settled;
            if found != expected && !may_differ {
                let what = format!("the store holds {} {name}, the records call for {}, and they are not the same ones", found.count, expected.count);
                checked.find(None, true, what);
            }
        }
        Ok(())
    }

    /// Every note opens where it lies, and nothing else lies beside them.
    fn check_notes(&self, checked: &mut Checked) -> Result<(), Error> {
        let mut wrong = 0;
        self.data.scan(Space::Meta, &Span::all(), &mut |key, sealed| {
            let stands = match key.first() {
                Some(0) => key.len() == 2,
                Some(1) => key == SITE,
                // The tree is looked at with the log.
                Some(&layout::TREE) => true,
                _ => self.meta.open(key, sealed).is_ok(),
            };
            wrong += u64::from(!stands);
            ControlFlow::Continue(())
        })?;
        if wrong > 0 {
            checked.find(None, false, format!("{wrong} notes the store keeps about itself do not open; accounts may be among them"));
        }
        Ok(())
    }
}

/// An error with its sources, which say what the engine saw. Errors carry no content.
fn in_full(cause: &dyn std::error::Error) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
