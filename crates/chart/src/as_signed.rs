//! Whom a document is about, as they were registered when it was signed.
//!
//! * What is signed is about a person who had a name, numbers and a birth date on that day. The register may say
//!   something else today; the document goes on to say what it said.
//! * Nothing is kept for it: every version of a Patient stays, and the one in force at the instant of the signature is
//!   found again. Of a document that nobody signed it is the instant at which it was written.
//! * The Patient is the one that the document names. Whether it was merged with another later changes nothing.

use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Moment, ResourceType};
use store::{Location, Method};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::stored::Stored;

impl Chart {
    /// The Patient of a document as it was when this version was signed, or written where nobody signed it; none where
    /// this caller sees no Patient there.
    ///
    /// # Errors
    /// What a read may fail with.
    pub async fn person_then(&self, caller: &Caller, filled: &Filled) -> Result<Option<Stored>> {
        let (at, permitted) = match self.find(caller, Act::Read, ResourceType::PATIENT, &filled.patient) {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(None),
            Err(cause) => return Err(cause),
        };
        let then = self.person_of(&permitted, at, filled)?;
        self.disclose(Disclosure::Read, [permitted]).await?;
        Ok(then)
    }

    /// The same for the house, which shows it to nobody by that.
    pub(crate) fn person_of(&self, permitted: &Permitted, at: Location, filled: &Filled) -> Result<Option<Stored>> {
        let signed_at = self.signed_at(self.record_of(&filled.stored)?, &filled.stored.id, filled.stored.version)?;
        self.in_force(permitted, at, signed_at.unwrap_or(filled.stored.last_updated))
    }

    /// The version of a Patient in force at an instant. Of a Patient that came here later it is the first.
    fn in_force(&self, permitted: &Permitted, at: Location, instant: Moment) -> Result<Option<Stored>> {
        let mut found = None;
        self.store().versions(permitted, ResourceType::PATIENT, at, &mut |entry| {
            if entry.method != Method::Delete {
                found = Some(Stored::from(entry));
                if entry.last_updated <= instant {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}
