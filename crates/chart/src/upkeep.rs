//! Verifying and mending the store, without showing anything of it.

use std::path::Path;

use access::{Act, Caller};
use fhir::{RecordId, Value};
pub use store::{Checked, Finding};
use store::Meaning;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::identity;
use crate::months::{self, Passing};
use crate::search::terms_of;
use crate::systems::PassingCodes;

/// The note that is there from before the index is thrown away until it is whole again.
const REPAIRING: &str = "index is being made anew";

impl Chart {
    /// Looks at everything in the store; `progress` is told the number of records done.
    pub fn check(&self, caller: &Caller, progress: &mut dyn FnMut(u64)) -> Result<Checked> {
        self.may_maintain(caller)?;
        let passing = Passing::new();
        let (custom, index) = (self.custom(), self.own_index()?);
        let is_half_made = self.lacks_index()?;
        let codes = PassingCodes::default();
        let terms_of = |kind, resource: Value<'_>| {
            codes.see(kind, resource);
            passing.seen(terms_of(&custom, &|key| index.is_ready(key), kind, resource))
        };
        let mut checked = self.store().check(&Meaning { terms_of: &terms_of, claims_of: &identity::claims, former_claims_of: &identity::former_claims, is_settled: index.is_settled() }, progress)?;
        if is_half_made {
            let what = "the index was being made anew and was not finished: resources would look absent, and identifiers free";
            checked.findings.push(Finding { record: None, what: what.to_owned(), in_index: true });
        }
        // Where a journal is not whole, whoever walks it tells of it.
        if let Ok(lost @ 1..) = self.lost_holds() {
            let what = format!("{lost} legal holds that the journal of the site tells of are not kept, and nobody released them");
            checked.findings.push(Finding { record: None, what, in_index: false });
        }
        let ((kept_first, kept_last), (first, last)) = (months::kept(self.store())?, passing.months());
        if first <= last && (first < kept_first || last > kept_last) {
            let what = "the note of the months in use is older than the records: searches by date would not look in all of them";
            checked.findings.push(Finding { record: None, what: what.to_owned(), in_index: true });
        }
        if !self.remembers(&codes) {
            let what = "the notes of the systems of codes are older than the records: counts by a code with its system would be wrong";
            checked.findings.push(Finding { record: None, what: what.to_owned(), in_index: true });
        }
        Ok(checked)
    }

    /// True if somebody began to make the index anew and did not come to the end: much of what is there would look
    /// absent, and who writes would write it a second time. [`Chart::repair_index`] ends it.
    ///
    /// # Errors
    /// The store failed.
    pub fn lacks_index(&self) -> Result<bool> {
        Ok(self.store().note(REPAIRING)?.is_some())
    }

    /// Makes postings, locators and claims anew from the records alone. Nobody may write meanwhile.
    pub fn repair_index(&self, caller: &Caller, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        self.may_maintain(caller)?;
        let passing = Passing::new();
        let custom = self.custom();
        let codes = PassingCodes::default();
        let terms_of = |kind, resource: Value<'_>| {
            codes.see(kind, resource);
            passing.seen(terms_of(&custom, &|_| true, kind, resource))
        };
        // Before anything is thrown away: whoever is killed from here on leaves a store that says so.
        while !self.lacks_index()? {
            self.store().keep_note(REPAIRING, None, b"1")?;
        }
        let records = self.store().repair_index(&Meaning { terms_of: &terms_of, claims_of: &identity::claims, former_claims_of: &identity::former_claims, is_settled: true }, progress)?;
        self.keep_months(passing.months())?;
        self.keep_all_systems(codes)?;
        self.own_index_is_whole()?;
        self.store().drop_note(REPAIRING)?;
        Ok(records)
    }

    /// Bytes on disk, after moving everything into lasting files.
    pub fn settle(&self, caller: &Caller, compact: bool) -> Result<u64> {
        self.may_maintain(caller)?;
        self.store().settle(compact)?;
        Ok(self.store().size_bytes()?)
    }

    /// Leaves no byte of destroyed keys in the files of the keyring.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller does not maintain the store; the store failed.
    pub fn settle_keys(&self, caller: &Caller) -> Result<()> {
        self.may_maintain(caller)?;
        Ok(self.store().settle_keys()?)
    }

    /// Copies data and keyring as they are now, each into a folder that does not exist yet. Others may write meanwhile.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller does not maintain the store; the store failed.
    pub fn copy_store(&self, caller: &Caller, data: &Path, keyring: &Path) -> Result<()> {
        self.may_maintain(caller)?;
        Ok(self.store().copy_to(data, keyring)?)
    }

    pub(crate) fn may_maintain(&self, caller: &Caller) -> Result<()> {
        // Maintenance is about the store as a whole; the rule is the same for every record.
        match self.right(&self.permitted_set(caller, Act::Maintain)?, RecordId(0))? {
            Some(_) => Ok(()),
            None => Err(Error::Forbidden),
        }
    }
}
