//! Verifying and mending the store, without showing anything of it.

use access::{Act, Caller};
use fhir::RecordId;
pub use store::{Checked, Finding};
use store::{Class, Store};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::search::terms_of;

impl Chart {
    /// Looks at everything in the store; `progress` is told the number of records done.
    pub fn check(&self, caller: &Caller, progress: &mut dyn FnMut(u64)) -> Result<Checked> {
        self.may_maintain(caller)?;
        Ok(self.store().check(&terms_of, progress)?)
    }

    /// Makes postings and locators anew from the records alone. Nobody may write meanwhile.
    pub fn repair_index(&self, caller: &Caller, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        self.may_maintain(caller)?;
        let store: &Store = self.store();
        Ok(store.repair_index(&terms_of, progress)?)
    }

    /// Bytes on disk, after moving everything into lasting files.
    pub fn settle(&self, caller: &Caller, compact: bool) -> Result<u64> {
        self.may_maintain(caller)?;
        self.store().settle(compact)?;
        Ok(self.store().size_bytes()?)
    }

    fn may_maintain(&self, caller: &Caller) -> Result<()> {
        // Maintenance is about the store as a whole; the rule is the same for every record.
        match self.permitted_set(caller, Act::Maintain).of(Class::subject(RecordId(0))) {
            Some(_) => Ok(()),
            None => Err(Error::Forbidden),
        }
    }
}
