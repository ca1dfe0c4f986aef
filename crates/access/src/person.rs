//! What somebody may read who is not at work here: their own record, and those entrusted to them.
//!
//! * Which records these are is looked up at each act: what was entrusted ends at its hour.
//! * A person writes nothing; the door writes for them what they ask about the log, that they end a trust, and the
//!   forms that are theirs to fill in.

use fhir::RecordId;

use crate::{Caller, Purpose, Role};

/// A record that a person may read, and as what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Readable {
    /// The record.
    pub record: RecordId,
    /// The id of its Patient.
    pub patient: String,
    /// [`Purpose::Own`] or [`Purpose::Entrusted`].
    pub purpose: Purpose,
    /// As whom they write there: `Patient/1`, `RelatedPerson/2`.
    pub author: String,
}

/// True for those who work here and for systems: whoever only reads their own record does not ask
/// who somebody described is, and keeps no tables.
pub fn is_at_work(caller: &Caller) -> bool {
    caller.account.role != Role::Person
}

/// Who the door writes as where it writes for somebody who may not write into the record: a person's
/// question about the log, that a trust has ended, or a form that is theirs; a privacy officer's answer. It is used for
/// nothing else.
pub fn scribe(caller: &Caller) -> Caller {
    let mut writer = caller.clone();
    if matches!(writer.account.role, Role::Person | Role::PrivacyOfficer) {
        writer.account.role = Role::Console;
    }
    writer
}
