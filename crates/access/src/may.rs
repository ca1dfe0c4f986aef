//! Who may do what is an act of its own, and not the reading or writing of one record.
//!
//! * Each is asked where it is done, whatever the face; what it reads and writes on the way is decided besides.
//! * Where no scope of a program speaks of an act, no program does it.

use fhir::{RecordId, ResourceType};

use crate::decision::rule;
use crate::{Act, Caller, Deeds, Extent, Role, Subject};

/// May the caller read the log of openings of all records?
pub fn may_audit(caller: &Caller) -> bool {
    let is_granted = caller.grant.as_ref().is_none_or(|grant| ResourceType::named("AuditEvent").is_some_and(|kind| grant.extent_anywhere(Deeds::READING, kind) == Extent::Whole));
    is_granted && rule(caller.account.role, Act::Audit, Subject::Person(RecordId(0)))
}

/// May the caller say that two Patients are one person, or that an entry belongs to another? It is
/// the desk's and the clerk's work, and that of a system which does it elsewhere.
pub fn may_merge(caller: &Caller) -> bool {
    caller.grant.is_none() && matches!(caller.account.role, Role::Admissions | Role::RecordsClerk | Role::Integration | Role::Console)
}

/// May the caller write links that join two Patients? Who may merge, and a connected system that merges elsewhere,
/// by whatever program: it tells of both.
pub fn may_join(caller: &Caller) -> bool {
    may_merge(caller) || caller.account.role == Role::Integration
}

/// May the caller begin the record of a person? Whoever may write into one may: at night nobody sits at the desk.
pub fn may_register(caller: &Caller) -> bool {
    caller.grant.is_none() && rule(caller.account.role, Act::Write, Subject::Person(RecordId(0)))
}

/// May the caller say to which unit a person is assigned, who pays for their care, and that they go to another
/// institution? It is the desk's and the clerk's work, and that of a system which does it elsewhere.
pub fn may_assign(caller: &Caller) -> bool {
    caller.grant.is_none() && matches!(caller.account.role, Role::Admissions | Role::RecordsClerk | Role::Integration | Role::Console)
}

/// May the caller write down that a person died, or that this was said of the wrong one? Who treats learns of it first,
/// and the desk and the clerk see the papers.
pub fn may_tell_of_death(caller: &Caller) -> bool {
    may_assign(caller) || (caller.grant.is_none() && caller.account.role == Role::Physician)
}

/// May the caller write down by themselves to which unit a person is assigned, or that they left an institution? Who may
/// assign, and a connected system that does it elsewhere, by whatever program.
pub fn may_tell_of_units(caller: &Caller) -> bool {
    may_assign(caller) || caller.account.role == Role::Integration
}

/// May the caller change what tells of a transfer? The act that wrote it may, and whoever holds the keys.
pub fn may_undo_transfer(caller: &Caller) -> bool {
    caller.account.role == Role::Console
}

/// May the caller erase a person's record for good? Whoever holds the keys carries out what others decided.
pub fn may_erase(caller: &Caller) -> bool {
    caller.account.role == Role::Console
}

/// May the holder of an account agree to what another account asked for? A privacy officer may, and never to their own.
pub fn may_agree(by: &crate::Account, asked_by: u64) -> bool {
    by.role == Role::PrivacyOfficer && by.number != asked_by
}

/// May the caller see the names of those at a facility who are behind with vaccinations? Whoever vaccinates, and
/// whoever invites them; a list of names is more than a look at one record.
pub fn may_recall(caller: &Caller) -> bool {
    caller.grant.is_none() && matches!(caller.account.role, Role::Physician | Role::Nurse | Role::Admissions)
}

/// May the caller answer what a person asks about the log?
pub fn may_answer_questions(caller: &Caller) -> bool {
    matches!(caller.account.role, Role::Admissions | Role::PrivacyOfficer | Role::Console)
}
