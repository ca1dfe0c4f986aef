//! The decision and the proof of it that storage asks for.

use crate::apart::Apart;
use crate::consent::Consent;
use crate::grant::Scoped;
use crate::judge::{Judge, keeps_consents, keeps_labels};
use crate::kept::Kept;
use crate::unsent::Unsent;
use crate::{Answers, Around, Asker, Caller, Circumstances, Disclosure, Grant, NoAnswers, Nowhere, Opening, Policy, Purpose, Readable, Residual, Role, Sieve};
use fhir::{Moment, RecordId, Value};
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permitted {
    act: Act,
    record: RecordId,
    opening: Option<Opening>,
    residual: Residual,
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

    /// What is left to ask of each resource of the record.
    pub fn residual(&self) -> &Residual {
        &self.residual
    }

    /// The opening that must be on disk before this anything; none where no person is concerned.
    pub fn opening(&self, how: Disclosure) -> Option<Opening> {
        self.opening.map(|opening| Opening { how, ..opening })
    }
}

/// The records that an act over many records may touch, decided before it is planned.
#[derive(Clone, Debug)]
pub struct PermittedSet {
    act: Act,
    role: Role,
    account: u64,
    session: u64,
    purpose: Purpose,
    wiring: Arc<[RecordId]>,
    asker: Arc<Asker>,
    policy: Arc<Policy>,
    grant: Option<Arc<Grant>>,
    answers: Arc<dyn Answers>,
    around: Arc<dyn Around>,
    readable: Arc<[Readable]>,
    apart: Option<Apart>,
}

/// What the door knows around an act: the site's rules, for whom the caller stands, what time it is.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The site's rules.
    pub policy: Arc<Policy>,
    /// The institution and the practitioner the caller stands for: `Organization/1`.
    pub stands_for: Arc<[String]>,
    /// The organisations of which these are parts, and these.
    pub within: Arc<[String]>,
    /// Now.
    pub at: Moment,
    /// Who knows whether a resource answers the search of a scope.
    pub answers: Arc<dyn Answers>,
    /// Who can look around a resource.
    pub around: Arc<dyn Around>,
}

impl PermittedSet {
    /// The same set, where a person may read these records.
    pub fn knowing_persons(self, readable: Arc<[Readable]>) -> PermittedSet {
        PermittedSet { readable, ..self }
    }

    /// The only records of persons that the set can hold, where it can hold no others.
    pub fn readable(&self) -> Option<&[Readable]> {
        (self.role == Role::Person).then_some(&*self.readable)
    }

    fn purpose_of(&self, subject: Subject) -> Option<Purpose> {
        match (self.role, subject) {
            (Role::Person, Subject::Person(record)) => self.readable.iter().find(|one| one.record == record).map(|one| one.purpose),
            _ => Some(self.purpose),
        }
    }

    /// The same set, where these parts of the shared space are wiring.
    pub fn knowing_wiring(self, wiring: Arc<[RecordId]>) -> PermittedSet {
        PermittedSet { wiring, ..self }
    }

    /// The same set, where these parts of the shared space hold what is asked about one by one.
    pub fn knowing_apart(self, records: Arc<[RecordId]>, sieve: Arc<dyn Sieve>) -> PermittedSet {
        PermittedSet { apart: Some(Apart { records, sieve }), ..self }
    }

    /// The right on one member of the set, under its circumstances; none for what is outside it.
    /// Who broke the glass for this record sees what is sealed in it, and leaves an opening that says so.
    pub fn of(&self, subject: Subject, circumstances: &Arc<Circumstances>, broke_glass: bool) -> Option<Permitted> {
        let subject = match subject {
            Subject::Shared(record) if self.wiring.contains(&record) => Subject::Wiring(record),
            subject => subject,
        };
        let own_purpose = self.purpose_of(subject)?;
        self.may(subject).then(|| {
            let record = subject.record();
            let person = matches!(subject, Subject::Person(_) | Subject::Unassigned(_) | Subject::Set(_));
            let disclosed = person && matches!(self.act, Act::Read | Act::Export | Act::Audit);
            let purpose = match self.act {
                // Whoever reads the log looks after the house, whatever they came for. https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html
                Act::Audit => Purpose::Operations,
                _ if broke_glass => Purpose::Emergency,
                _ => own_purpose,
            };
            let opening = Opening { record, account: self.account, session: self.session, purpose, how: Disclosure::default() };
            let residual = if person { self.residual(subject, circumstances, broke_glass) } else { self.content(self.set_apart(subject)) };
            Permitted { act: self.act, record, opening: disclosed.then_some(opening), residual }
        })
    }

    /// False where the circumstances of a record change nothing: then nobody need look them up.
    pub fn asks_about(&self, subject: Subject) -> bool {
        let person = matches!(subject, Subject::Person(_) | Subject::Unassigned(_) | Subject::Set(_));
        person && matches!(self.act, Act::Read | Act::Export) && self.role != Role::Console && self.may(subject)
    }

    /// True where the caller sees of a record what their institution wrote alone, as the person left it.
    pub fn sees_a_copy(&self, circumstances: &Circumstances, broke_glass: bool) -> bool {
        self.role != Role::Console && !broke_glass && circumstances.was_left(&self.asker)
    }

    /// True where a Consent would permit something, and whoever writes it does not keep consents: what a person refuses
    /// would be opened by whom it is refused to, or by a colleague of theirs.
    pub fn may_not_permit(&self, consent: Value<'_>) -> bool {
        self.kept_by_others(consent).is_some_and(|consent| consent.permits())
    }

    /// True where a Consent denies something, and whoever would alter or end it does not keep consents.
    pub fn may_not_lift(&self, consent: Value<'_>) -> bool {
        self.kept_by_others(consent).is_some_and(|consent| consent.denies())
    }

    /// True where a version would bear fewer of the labels that keep a resource from others, and whoever writes it does
    /// not keep labels.
    pub fn may_not_unlabel(&self, before: Value<'_>, now: Value<'_>) -> bool {
        self.role != Role::Console && !keeps_labels(self.role) && self.policy.is_unlabelled(before, now)
    }

    /// A Consent in force, where the role does not keep consents.
    fn kept_by_others(&self, consent: Value<'_>) -> Option<Consent> {
        let is_keeper = self.role == Role::Console || keeps_consents(self.role);
        if is_keeper { None } else { Consent::read(consent, self.asker.at, self.policy.zone_offset_minutes) }
    }

    /// In which session of which account, for what is granted to one session alone.
    pub fn session(&self) -> (u64, u64) {
        (self.account, self.session)
    }

    /// The moment of the question.
    pub fn at(&self) -> Moment {
        self.asker.at
    }

    /// What the role may do, as far as the program it is done with may.
    fn may(&self, subject: Subject) -> bool {
        rule(self.role, self.act, subject) && self.grant.as_ref().is_none_or(|grant| grant.touches(self.act, subject))
    }

    /// What the scopes of a program leave to ask of each resource.
    fn narrowed(&self, subject: Subject) -> Residual {
        match &self.grant {
            Some(grant) if !grant.is_whole(self.act) => Residual::none().and(Arc::new(Scoped { grant: grant.clone(), act: self.act, subject, answers: self.answers.clone() })),
            _ => Residual::none(),
        }
    }

    /// The same of what belongs to nobody, with what the door holds apart there.
    fn set_apart(&self, subject: Subject) -> Residual {
        let narrowed = self.narrowed(subject);
        match &self.apart {
            Some(apart) => apart.also(subject, narrowed),
            None => narrowed,
        }
    }

    /// What a person is still writing is its author's, whatever else is open.
    fn unsent(&self, subject: Subject, circumstances: &Circumstances, residual: Residual) -> Residual {
        if !circumstances.has_unsent() || self.role == Role::Console {
            return residual;
        }
        let author = self.readable().and_then(|readable| readable.iter().find(|one| one.record == subject.record())).map(|one| one.author.clone());
        residual.and(Arc::new(Unsent { author }))
    }

    /// What lies in a record of nobody's may hold what is somebody's.
    fn kept(&self, subject: Subject, residual: Residual) -> Residual {
        if self.role == Role::Console || !matches!(subject, Subject::Set(_)) {
            return residual;
        }
        residual.and(Arc::new(Kept { asker: self.asker.clone(), policy: self.policy.clone(), around: self.around.clone() }))
    }

    fn residual(&self, subject: Subject, circumstances: &Arc<Circumstances>, broke_glass: bool) -> Residual {
        // Nobody is kept from what is said of themselves; who acts for somebody sees what is not sealed.
        let is_own = self.role == Role::Person && self.purpose_of(subject) == Some(Purpose::Own);
        let is_open = broke_glass || is_own || self.role == Role::Console || (circumstances.hide_nothing(&self.policy) && self.purpose != Purpose::Payment);
        let narrowed = self.kept(subject, self.unsent(subject, circumstances, self.narrowed(subject)));
        if is_open {
            return self.content(narrowed);
        }
        let judge = Judge { asker: self.asker.clone(), policy: self.policy.clone(), record: circumstances.clone(), around: self.around.clone() };
        self.content(narrowed.and(Arc::new(judge)))
    }

    /// Only what shows content hides any of it: a write must know the version it comes after, and
    /// upkeep and the log show none.
    fn content(&self, residual: Residual) -> Residual {
        if matches!(self.act, Act::Read | Act::Export) { residual } else { Residual::none() }
    }

    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }
}

/// May the caller do this to a record of which nothing is known but what it is?
pub fn decide(caller: &Caller, act: Act, subject: Subject) -> Decision {
    let setting = Setting { policy: Arc::default(), stands_for: Arc::default(), within: Arc::default(), at: Moment(0), answers: Arc::new(NoAnswers), around: Arc::new(Nowhere) };
    match decide_set(caller, act, setting).of(subject, &Arc::default(), false) {
        Some(permitted) => Decision::Permit(permitted),
        None => Decision::Hide,
    }
}

/// What the caller may touch with an act over many records.
pub fn decide_set(caller: &Caller, act: Act, setting: Setting) -> PermittedSet {
    let account = &caller.account;
    let asker = Asker {
        role: account.role,
        purpose: caller.purpose,
        act,
        account: account.number,
        login: account.login.clone(),
        stands_for: setting.stands_for,
        within: setting.within,
        at: setting.at,
    };
    PermittedSet {
        act,
        role: account.role,
        account: account.number,
        session: caller.session.number,
        purpose: caller.purpose,
        wiring: Arc::default(),
        asker: Arc::new(asker),
        policy: setting.policy,
        grant: caller.grant.clone(),
        answers: setting.answers,
        around: setting.around,
        readable: Arc::default(),
        apart: None,
    }
}

/// The rules of this release: what a role may do. What no line allows is refused.
pub(crate) fn rule(role: Role, act: Act, subject: Subject) -> bool {
    use {Act::*, Role::*};
    let shared = matches!(subject, Subject::Shared(_));
    let wiring = matches!(subject, Subject::Wiring(_));
    match (role, act) {
        // Who may write it, and who keeps the server running.
        (Physician | Nurse | Laboratory | Pharmacy | Imaging | Admissions | RecordsClerk | Person, _) if wiring => false,
        (Operator, Read) if wiring => true,
        // Who reads the log of all.
        (Auditor | PrivacyOfficer | Console, Audit) => !shared && !wiring,
        (_, Audit) => false,
        (Physician | Nurse | Laboratory | Pharmacy | Imaging, Read | Write) => !shared || act == Read,
        (Admissions | RecordsClerk, Read | Write) => !shared || act == Read,
        (Integration, Read | Write | Export) => true,
        (Console, _) => true,
        // Which persons is said by the set.
        (Person, Read) => shared || matches!(subject, Subject::Person(_)),
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
            let caller = Caller { account, purpose: Purpose::Treatment, session: Session { number: 1, began: Moment(0) }, grant: None };
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
        let caller = Caller { account, purpose: Purpose::Treatment, session: Session { number: 1, began: Moment(0) }, grant: None };
        let setting = Setting { policy: Arc::default(), stands_for: Arc::default(), within: Arc::default(), at: Moment(0), answers: Arc::new(NoAnswers), around: Arc::new(Nowhere) };
        let set = decide_set(&caller, Act::Read, setting).knowing_wiring(Arc::new([RecordId(7)]));
        let of = |subject| set.of(subject, &Arc::default(), false);
        assert!(of(Subject::Shared(RecordId(7))).is_none() && of(Subject::Shared(RecordId(8))).is_some() && of(Subject::Person(RecordId(7))).is_some());
    }

    #[test]
    fn a_person_reads_the_records_that_are_theirs_to_read_and_writes_none() {
        let account = Account { number: 1, login: String::new(), display: String::new(), role: Role::Person, institution: String::new(), language: String::new() };
        let caller = Caller { account, purpose: Purpose::Own, session: Session { number: 1, began: Moment(0) }, grant: None };
        let setting = || Setting { policy: Arc::default(), stands_for: Arc::default(), within: Arc::default(), at: Moment(0), answers: Arc::new(NoAnswers), around: Arc::new(Nowhere) };
        let readable = |record: u64, purpose| Readable { record: RecordId(record), patient: String::new(), purpose, author: String::new() };
        let set = |act| decide_set(&caller, act, setting()).knowing_persons(Arc::new([readable(7, Purpose::Own), readable(8, Purpose::Entrusted)]));
        let purpose = |act, subject| set(act).of(subject, &Arc::default(), false).map(|right| right.opening(Disclosure::Chart).map(|opening| opening.purpose));
        for (act, subject, expected) in [
            (Act::Read, Subject::Person(RecordId(7)), Some(Some(Purpose::Own))),
            (Act::Read, Subject::Person(RecordId(8)), Some(Some(Purpose::Entrusted))),
            (Act::Read, Subject::Person(RecordId(9)), None),
            (Act::Read, Subject::Set(RecordId(7)), None),
            (Act::Read, Subject::Unassigned(RecordId(7)), None),
            (Act::Read, Subject::Wiring(RecordId(7)), None),
            (Act::Read, Subject::Shared(RecordId(3)), Some(None)),
            (Act::Write, Subject::Person(RecordId(7)), None),
            (Act::Write, Subject::Shared(RecordId(3)), None),
            (Act::Export, Subject::Person(RecordId(7)), None),
            (Act::Audit, Subject::Person(RecordId(7)), None),
            (Act::Maintain, Subject::Person(RecordId(7)), None),
        ] {
            assert_eq!(purpose(act, subject), expected, "{act:?} {subject:?}");
        }
        // Who is told nothing about whom may read nobody; and knowing persons gives nobody else anything.
        assert_eq!(decide(&caller, Act::Read, Subject::Person(RecordId(7))), Decision::Hide);
        assert_eq!(set(Act::Read).readable().map(<[Readable]>::len), Some(2));
        check("
            person  reads   person      hidden
            person  writes  person      hidden
            person  reads   set         hidden
            person  reads   unassigned  hidden
            person  reads   wiring      hidden
            person  reads   shared      shown
            person  writes  shared      hidden
            person  exports person      hidden
            person  audits  person      hidden
        ");
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
