//! The decision and the proof of it that storage asks for.

use crate::{Caller, Disclosure, Opening, Purpose, Role};
use fhir::RecordId;
use std::sync::Arc;

/// What somebody wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Act {
    /// See what is in a record, by read, search, history or page.
    Read,
    /// Add a version to a record, or begin one.
    Write,
    /// Take records elsewhere.
    Export,
    /// Verify and repair the store without showing content.
    Maintain,
    /// See who opened which record, and nothing of what is in it.
    Audit,
}

/// What it is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// A person's record.
    Person(RecordId),
    /// Organisations, practitioners, terminology.
    Shared(RecordId),
    /// What connected systems are told, and where: Subscriptions. Their criteria may name a person.
    Wiring(RecordId),
    /// A group, list or bundle: a record of its own that names persons.
    Set(RecordId),
    /// Clinical data that nobody has assigned to a person yet.
    Unassigned(RecordId),
}

impl Subject {
    /// The record in question.
    pub fn record(self) -> RecordId {
        match self {
            Subject::Person(record) | Subject::Shared(record) | Subject::Wiring(record) | Subject::Set(record) | Subject::Unassigned(record) => record,
        }
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Do it, with this.
    Permit(Permitted),
    /// As if it did not exist.
    Hide,
}

/// The right to do one act on one record. Only [`decide`] and [`PermittedSet::of`] make one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Permitted {
    act: Act,
    record: RecordId,
    opening: Option<Opening>,
}

impl Permitted {
    /// The record it is about.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }

    /// The opening that must be on disk before this anything; none where no person is concerned.
    pub fn opening(&self, how: Disclosure) -> Option<Opening> {
        self.opening.map(|opening| Opening { how, ..opening })
    }
}

/// The records that an act over many records may touch, decided before it is planned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PermittedSet {
    act: Act,
    role: Role,
    account: u64,
    session: u64,
    purpose: Purpose,
    wiring: Arc<[RecordId]>,
}

impl PermittedSet {
    /// The same set, where these parts of the shared space are wiring.
    pub fn knowing_wiring(self, wiring: Arc<[RecordId]>) -> PermittedSet {
        PermittedSet { wiring, ..self }
    }

    /// The right on one member of the set; none for what is outside it.
    pub fn of(&self, subject: Subject) -> Option<Permitted> {
        let subject = match subject {
            Subject::Shared(record) if self.wiring.contains(&record) => Subject::Wiring(record),
            subject => subject,
        };
        rule(self.role, self.act, subject).then(|| {
            let record = subject.record();
            let person = matches!(subject, Subject::Person(_) | Subject::Unassigned(_) | Subject::Set(_));
            let disclosed = person && matches!(self.act, Act::Read | Act::Export | Act::Audit);
            // Whoever reads the log looks after the house, whatever they came for. https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html
            let purpose = if self.act == Act::Audit { Purpose::Operations } else { self.purpose };
            let opening = Opening { record, account: self.account, session: self.session, purpose, how: Disclosure::default() };
            Permitted { act: self.act, record, opening: disclosed.then_some(opening) }
        })
    }

    /// True if whatever is in a record may be seen by whom [`PermittedSet::of`] gives a right on it:
    /// today's rules decide about whole records. Whoever counts without looking asks this first.
    pub fn shows_whole_records(&self) -> bool {
        matches!(self.act, Act::Read | Act::Export)
    }

    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }
}

/// May the caller do this to that?
pub fn decide(caller: &Caller, act: Act, subject: Subject) -> Decision {
    match decide_set(caller, act).of(subject) {
        Some(permitted) => Decision::Permit(permitted),
        None => Decision::Hide,
    }
}

/// What the caller may touch with an act over many records.
pub fn decide_set(caller: &Caller, act: Act) -> PermittedSet {
    PermittedSet {
        act,
        role: caller.account.role,
        account: caller.account.number,
        session: caller.session.number,
        purpose: caller.purpose,
        wiring: Arc::default(),
    }
}

/// May the caller read the log of openings of all records?
pub fn may_audit(caller: &Caller) -> bool {
    rule(caller.account.role, Act::Audit, Subject::Person(RecordId(0)))
}

/// May the caller erase a person's record for good? Whoever holds the keys carries out what others decided.
pub fn may_erase(caller: &Caller) -> bool {
    caller.account.role == Role::Console
}

/// May the caller answer what a person asks about the log?
pub fn may_answer_questions(caller: &Caller) -> bool {
    matches!(caller.account.role, Role::Admissions | Role::PrivacyOfficer | Role::Console)
}

/// The rules of this release: what a role may do. What no line allows is refused.
fn rule(role: Role, act: Act, subject: Subject) -> bool {
    use {Act::*, Role::*};
    let shared = matches!(subject, Subject::Shared(_));
    let wiring = matches!(subject, Subject::Wiring(_));
    match (role, act) {
        // Who may write it, and who keeps the server running.
        (Physician | Nurse | Laboratory | Pharmacy | Imaging | Admissions | RecordsClerk, _) if wiring => false,
        (Operator, Read) if wiring => true,
        // Who reads the log of all.
        (Auditor | PrivacyOfficer | Console, Audit) => !shared && !wiring,
        (_, Audit) => false,
        (Physician | Nurse | Laboratory | Pharmacy | Imaging, Read | Write) => !shared || act == Read,
        (Admissions | RecordsClerk, Read | Write) => !shared || act == Read,
        (Integration, Read | Write | Export) => true,
        (Console, _) => true,
        (ProgrammeOfficer | Auditor | PrivacyOfficer, Read) => shared,
        (Operator, Read) => shared,
        (Operator, Maintain) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Session};
    use fhir::Moment;

    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let account = Account {
                number: 1,
                login: String::new(),
                display: String::new(),
                role: Role::named(words[0]).unwrap(),
                institution: String::new(),
                language: String::new(),
            };
            let caller = Caller { account, purpose: Purpose::Treatment, session: Session { number: 1, began: Moment(0) } };
            let act = match words[1] {
                "reads" => Act::Read,
                "writes" => Act::Write,
                "exports" => Act::Export,
                "audits" => Act::Audit,
                _ => Act::Maintain,
            };
            let record = RecordId(7);
            let subject = match words[2] {
                "person" => Subject::Person(record),
                "shared" => Subject::Shared(record),
                "wiring" => Subject::Wiring(record),
                "set" => Subject::Set(record),
                _ => Subject::Unassigned(record),
            };
            let decision = decide(&caller, act, subject);
            match (words[3], decision) {
                ("hidden", Decision::Hide) => {}
                ("shown", Decision::Permit(permitted)) => assert_eq!(permitted.opening(Disclosure::Read), None, "{line}"),
                ("opened", Decision::Permit(permitted)) => assert_eq!(permitted.opening(Disclosure::Read).map(|opening| (opening.record, opening.how)), Some((record, Disclosure::Read)), "{line}"),
                (expected, found) => panic!("{line}: expected {expected}, found {found:?}"),
            }
        }
    }

    #[test]
    fn each_role_has_its_part_and_no_more() {
        check("
            physician    reads     person      opened
            physician    writes    person      shown
            physician    reads     shared      shown
            physician    writes    shared      hidden
            physician    exports   person      hidden
            nurse        reads     person      opened
            nurse        reads     set         opened
            admissions   writes    unassigned  shown
            operator     reads     person      hidden
            operator     writes    person      hidden
            operator     maintains person      shown
            operator     reads     shared      shown
            integration  reads     person      opened
            integration  exports   person      opened
            integration  maintains person      hidden
            console      exports   person      opened
            console      audits    person      opened
            auditor      audits    person      opened
            privacy-officer audits person      opened
            auditor      audits    wiring      hidden
            physician    audits    person      hidden
            nurse        audits    person      hidden
            admissions   audits    person      hidden
            operator     audits    person      hidden
            integration  audits    person      hidden
            console      writes    shared      shown
            physician    reads     wiring      hidden
            nurse        writes    wiring      hidden
            admissions   reads     wiring      hidden
            operator     reads     wiring      shown
            operator     writes    wiring      hidden
            integration  reads     wiring      shown
            integration  writes    wiring      shown
            console      writes    wiring      shown
        ");
    }

    #[test]
    fn a_set_that_knows_the_wiring_hides_it_and_nothing_else() {
        let account = Account { number: 1, login: String::new(), display: String::new(), role: Role::Physician, institution: String::new(), language: String::new() };
        let caller = Caller { account, purpose: Purpose::Treatment, session: Session { number: 1, began: Moment(0) } };
        let set = decide_set(&caller, Act::Read).knowing_wiring(Arc::new([RecordId(7)]));
        assert!(set.of(Subject::Shared(RecordId(7))).is_none() && set.of(Subject::Shared(RecordId(8))).is_some() && set.of(Subject::Person(RecordId(7))).is_some());
    }

    #[test]
    fn who_examines_dispenses_or_makes_images_has_the_part_of_a_nurse() {
        for role in ["nurse", "laboratory", "pharmacy", "imaging"] {
            check(&"
                ROLE  reads      person      opened
                ROLE  reads      set         opened
                ROLE  reads      unassigned  opened
                ROLE  reads      shared      shown
                ROLE  writes     person      shown
                ROLE  writes     unassigned  shown
                ROLE  writes     shared      hidden
                ROLE  exports    person      hidden
                ROLE  maintains  person      hidden
            ".replace("ROLE", role));
        }
    }

    #[test]
    fn a_records_clerk_has_the_part_of_admissions() {
        for role in ["admissions", "records-clerk"] {
            check(&"
                ROLE  reads      person      opened
                ROLE  reads      shared      shown
                ROLE  writes     person      shown
                ROLE  writes     unassigned  shown
                ROLE  writes     shared      hidden
                ROLE  exports    person      hidden
                ROLE  maintains  person      hidden
            ".replace("ROLE", role));
        }
    }

    #[test]
    fn who_plans_examines_or_answers_for_privacy_opens_no_chart() {
        for role in ["programme-officer", "auditor", "privacy-officer"] {
            check(&"
                ROLE  reads      person      hidden
                ROLE  reads      set         hidden
                ROLE  reads      unassigned  hidden
                ROLE  reads      shared      shown
                ROLE  writes     person      hidden
                ROLE  writes     unassigned  hidden
                ROLE  writes     shared      hidden
                ROLE  exports    person      hidden
                ROLE  exports    shared      hidden
                ROLE  maintains  person      hidden
            ".replace("ROLE", role));
        }
    }
}
