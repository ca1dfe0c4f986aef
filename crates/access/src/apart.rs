//! What some parts of the shared space hold apart: seen by whoever it belongs to, as the door knows it.
//!
//! * The parts are told by the door. In all others nothing is asked, and so it costs nothing there.
//! * It hides, and never shows what something else hides.

use std::fmt;
use std::sync::Arc;

use fhir::RecordId;

use crate::decision::Subject;
use crate::{Residual, Sieve};

/// Parts of the shared space, and what is asked of each resource in them.
#[derive(Clone)]
pub(crate) struct Apart {
    pub records: Arc<[RecordId]>,
    pub sieve: Arc<dyn Sieve>,
}

impl Apart {
    /// What is left to ask in a record, with what is asked here.
    pub fn also(&self, subject: Subject, residual: Residual) -> Residual {
        match subject {
            Subject::Shared(record) if self.records.contains(&record) => residual.and(self.sieve.clone()),
            _ => residual,
        }
    }
}

impl fmt::Debug for Apart {
    /// Where, and never what is asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Apart({})", self.records.len())
    }
}
