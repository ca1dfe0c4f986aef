//! Legal holds: records that nobody may erase, by whom and why.
//!
//! They are one sealed note of the store. A hold stays until it is released, whoever asks for an erasure.

use access::{Act, Caller};
use fhir::{Issue, IssueCode, Moment, RecordId, ResourceType};
use store::Class;

use crate::acts::{SiteAct, reason};
use crate::door::Chart;
use crate::error::{Error, Result};

const NOTE: &str = "holds";

/// A record that may not be erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// The record.
    pub record: RecordId,
    /// The id of the person's Patient.
    pub patient_id: String,
    /// Since when.
    pub at: Moment,
    /// The login of who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Chart {
    /// All holds, the oldest first.
    pub fn holds(&self, caller: &Caller) -> Result<Vec<Hold>> {
        self.may_maintain(caller)?;
        Ok(self.read_holds()?.1)
    }

    /// Keeps a person's record from being erased.
    pub async fn add_hold(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<()> {
        let (record, why) = (self.record_as_a_whole(caller, patient_id)?, reason(why)?);
        // Nobody erases it in between.
        let _held = self.inner.locks.records([record]).await;
        let (note, mut holds) = self.read_holds()?;
        if holds.iter().any(|hold| hold.record == record) {
            return Err(Error::Conflict("the record is held already; `carnet hold list` says by whom and why"));
        }
        let by = caller.account.login.clone();
        holds.push(Hold { record, patient_id: patient_id.to_owned(), at: self.now(), by, reason: why.to_owned() });
        self.keep_holds(note, &holds)?;
        self.note_act(&caller.account, SiteAct::Hold, &told(record), why)?;
        Ok(())
    }

    /// Lets a person's record be erased again.
    pub async fn release_hold(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<()> {
        let (record, why) = (self.record_as_a_whole(caller, patient_id)?, reason(why)?);
        let _held = self.inner.locks.records([record]).await;
        let (note, mut holds) = self.read_holds()?;
        let before = holds.len();
        holds.retain(|hold| hold.record != record);
        if holds.len() == before {
            return Err(Error::Conflict("the record is not held"));
        }
        self.keep_holds(note, &holds)?;
        self.note_act(&caller.account, SiteAct::Release, &told(record), why)?;
        Ok(())
    }

    /// True if the record is held, or one that was merged with it.
    pub(crate) fn is_held(&self, record: RecordId) -> Result<bool> {
        let joined = self.joined(record)?;
        Ok(self.read_holds()?.1.iter().any(|hold| hold.record == record || joined.iter().any(|member| member.record == hold.record)))
    }

    /// The record of a person, for an act on it as a whole.
    pub(crate) fn record_as_a_whole(&self, caller: &Caller, patient_id: &str) -> Result<RecordId> {
        self.may_maintain(caller)?;
        let (at, permitted) = self.find(caller, Act::Maintain, ResourceType::PATIENT, patient_id)?;
        if Class::of(at.record) != Class::Person {
            return Err(Error::NotFound);
        }
        Ok(permitted.record())
    }

    fn read_holds(&self) -> Result<(Option<Vec<u8>>, Vec<Hold>)> {
        let note = self.store().note(NOTE)?;
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let holds = text.lines().map(|line| read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?;
        Ok((note, holds))
    }

    fn keep_holds(&self, before: Option<Vec<u8>>, holds: &[Hold]) -> Result<()> {
        let text: String = holds.iter().map(|hold| format!("{}\t{}\t{}\t{}\t{}\n", told(hold.record), hold.patient_id, hold.at, hold.by, hold.reason)).collect();
        if self.store().keep_note(NOTE, before.as_deref(), text.as_bytes())? {
            return Ok(());
        }
        Err(Error::Conflict("the holds changed at the same time; try again"))
    }
}

/// What an erasure of a held record is refused with.
pub(crate) fn refusal() -> Error {
    let message = "The record is under a legal hold and may not be erased; `carnet hold list` says by whom and why, `carnet hold release` ends it.";
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "", message)])
}

/// A record as its number.
pub(crate) fn told(record: RecordId) -> String {
    format!("{:016x}", record.0)
}

fn damaged() -> store::Error {
    store::Error::Damaged("the legal holds could not be read")
}

fn read(line: &str) -> Option<Hold> {
    let mut parts = line.splitn(5, '\t');
    let mut next = || parts.next();
    Some(Hold {
        record: RecordId(u64::from_str_radix(next()?, 16).ok()?),
        patient_id: next()?.to_owned(),
        at: Moment::parse(next()?)?,
        by: next()?.to_owned(),
        reason: next()?.to_owned(),
    })
}
