//! What goes with an erased person: the account, what it was entrusted with and to whom, what waits.
//!
//! * What can be forgotten is forgotten again and again, as the erasure itself: a restored backup
//!   brings none of it back.
//! * The journal of accounts keeps its entries: that there was an account, its login, and who did what.

use fhir::{RecordId, ResourceType};
use store::NoteChange;

use super::activation::{latest_name, links_name, name as invitation_name};
use super::code::name as code_name;
use super::contact::name as contact_name;
use super::ledger::person_name;
use super::passkeys::ring_name;
use super::person::{login_name, record_name};
use super::second_factor::name as factor_name;
use crate::door::Chart;
use crate::error::Result;

impl Chart {
    /// Forgets the account of the person of an erased record, and what others were entrusted with of it.
    pub(crate) fn forget_account(&self, record: RecordId) -> Result<()> {
        let mut gone: Vec<String> = Vec::new();
        if let Some(selector) = self.told(&latest_name(record))? {
            gone.push(invitation_name(&selector));
        }
        gone.extend([latest_name(record), record_name(record)]);
        if let Some(number) = self.number_of_record(record)? {
            if let Some(kept) = self.kept_of_number(number)? {
                gone.push(login_name(&kept.account.login));
            }
            gone.extend(self.told(&links_name(number))?);
            gone.extend([links_name(number), person_name(number), factor_name(number), code_name(number), contact_name(number)]);
            gone.extend(self.without_passkeys(number)?.into_iter().map(|(name, _)| name));
            gone.push(ring_name(number));
            self.forget_trusts_held(number)?;
            self.blank(&format!("oauth-families-{number}"), b"[]")?;
        }
        self.forget_trusts_given(record)?;
        for name in gone {
            self.blank(&name, b"")?;
        }
        Ok(())
    }

    /// Takes off what waits for an answer about persons who are not here any more.
    pub(crate) fn forget_who_is_gone(&self) -> Result<()> {
        let is_here = |patient: &str| Ok(self.store().locate(ResourceType::PATIENT, patient)?.is_some());
        self.forget_questions(&is_here)?;
        self.forget_agreements(&is_here)?;
        self.forget_sightings(&is_here)
    }

    fn told(&self, name: &str) -> Result<Option<String>> {
        Ok(self.store().note(name)?.filter(|note| !note.is_empty()).and_then(|note| String::from_utf8(note).ok()))
    }

    /// Leaves of a note what says nothing. Whoever changes it at the same moment is waited for.
    pub(crate) fn blank(&self, name: &str, to: &[u8]) -> Result<()> {
        loop {
            let Some(before) = self.store().note(name)?.filter(|note| note != to) else { return Ok(()) };
            if self.store().keep_notes(&[NoteChange { name, before: Some(&before), now: to }])? {
                return Ok(());
            }
        }
    }
}
