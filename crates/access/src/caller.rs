//! Who is calling, and for what.

use std::sync::Arc;

use fhir::{Moment, RecordId};

use crate::Grant;

/// What a member of staff or a machine is at an institution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Treats persons.
    Physician,
    /// Cares for persons.
    Nurse,
    /// Receives persons and their identities.
    Admissions,
    /// Examines specimens and reports results.
    Laboratory,
    /// Dispenses and watches over medicines.
    Pharmacy,
    /// Makes and reads images.
    Imaging,
    /// Keeps records in order: paper, copies, identities.
    RecordsClerk,
    /// Plans and watches a programme of public health by its figures.
    ProgrammeOfficer,
    /// Examines who did what.
    Auditor,
    /// Answers for the privacy of the persons of an institution.
    PrivacyOfficer,
    /// Runs the machines and opens no chart.
    Operator,
    /// Another system of the institution, trusted with its records.
    Integration,
    /// The command line on the machine that holds the keys.
    Console,
    /// Somebody whose record is kept here, reading it.
    Person,
}

impl Role {
    /// All roles, with the word that names each on disk and on the command line.
    pub const ALL: &[(Role, &str)] = &[
        (Role::Physician, "physician"),
        (Role::Nurse, "nurse"),
        (Role::Admissions, "admissions"),
        (Role::Operator, "operator"),
        (Role::Integration, "integration"),
        (Role::Console, "console"),
        (Role::Laboratory, "laboratory"),
        (Role::Pharmacy, "pharmacy"),
        (Role::Imaging, "imaging"),
        (Role::RecordsClerk, "records-clerk"),
        (Role::ProgrammeOfficer, "programme-officer"),
        (Role::Auditor, "auditor"),
        (Role::PrivacyOfficer, "privacy-officer"),
        (Role::Person, "person"),
    ];

    /// The roles an account of staff can have: the command line has none, and a person's is made
    /// where the person is.
    pub fn of_accounts() -> impl Iterator<Item = (Role, &'static str)> {
        Role::ALL.iter().copied().filter(|(role, _)| !matches!(role, Role::Console | Role::Person))
    }

    /// True for those of whom a site that asks for a second factor asks it: a system has nobody who
    /// could hold one, and a person reads no record but their own.
    pub fn owes_second_factor(self) -> bool {
        !matches!(self, Role::Integration | Role::Person)
    }

    /// True for a health station, where the sign-ins of persons begin.
    pub fn receives_persons(self) -> bool {
        matches!(self, Role::Admissions | Role::Nurse)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Role::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }

    /// The role of that word.
    pub fn named(word: &str) -> Option<Role> {
        Role::ALL.iter().find(|(_, name)| *name == word).map(|(role, _)| *role)
    }
}

/// Why a record is opened (after HL7 PurposeOfUse).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// TREAT.
    Treatment,
    /// HOPERAT: moving and keeping records, watching over them.
    Operations,
    /// HPAYMT: paying for care.
    Payment,
    /// PUBHLTH: the health of all.
    PublicHealth,
    /// ETREAT: treating somebody whose life may depend on it, with the glass broken.
    Emergency,
    /// PATRQT: a person reads their own record.
    Own,
    /// FAMRQT: somebody reads for a person who is entrusted to them.
    Entrusted,
}

impl Purpose {
    /// All of them, with the codes of HL7 (<http://terminology.hl7.org/CodeSystem/v3-ActReason>).
    pub const ALL: &[(Purpose, &str)] = &[
        (Purpose::Treatment, "TREAT"),
        (Purpose::Operations, "HOPERAT"),
        (Purpose::Payment, "HPAYMT"),
        (Purpose::PublicHealth, "PUBHLTH"),
        (Purpose::Emergency, "ETREAT"),
        (Purpose::Own, "PATRQT"),
        (Purpose::Entrusted, "FAMRQT"),
    ];

    /// HL7's code.
    pub fn code(self) -> &'static str {
        Purpose::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, code)| code)
    }

    /// The purpose of a code. `BTG`, breaking the glass, is an emergency.
    pub fn named(code: &str) -> Option<Purpose> {
        let code = if code == "BTG" { "ETREAT" } else { code };
        Purpose::ALL.iter().find(|(_, known)| *known == code).map(|(purpose, _)| *purpose)
    }

    /// What a role usually asks for.
    pub fn usual(role: Role) -> Purpose {
        match role {
            Role::Operator => Purpose::Operations,
            Role::Person => Purpose::Own,
            _ => Purpose::Treatment,
        }
    }
}

/// May somebody in a role say that they ask for this? What they say is theirs to answer for; it is in the log.
pub fn may_ask_for(role: Role, purpose: Purpose) -> bool {
    use {Purpose::*, Role::*};
    match role {
        Physician | Nurse => !matches!(purpose, PublicHealth | Own | Entrusted),
        Laboratory | Pharmacy | Imaging => matches!(purpose, Treatment | Operations | Payment),
        Admissions | RecordsClerk => matches!(purpose, Treatment | Operations | Payment),
        ProgrammeOfficer => matches!(purpose, PublicHealth | Operations),
        Auditor | PrivacyOfficer | Operator => purpose == Operations,
        Integration => !matches!(purpose, Emergency | Own | Entrusted),
        Console => true,
        // A person says nothing: the record tells whether it is their own or entrusted.
        Person => purpose == Own,
    }
}

/// What was done with a record when it was opened, as the person will read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum Disclosure {
    /// Opened; what for was not written down. So are the openings of the first release.
    #[default]
    Opened = 0,
    /// One resource was read.
    Read = 1,
    /// Something of it was an answer to a search.
    Search = 2,
    /// Earlier versions were read.
    History = 3,
    /// The record as a whole: `$everything`, a document, the patient summary.
    Summary = 4,
    /// It was taken elsewhere.
    Export = 5,
    /// It was a candidate for being the person somebody described.
    Match = 6,
    /// A subscriber was told of it.
    Notify = 7,
    /// What was there was shown to who wrote to it.
    Write = 8,
    /// The chart was looked at on a page.
    Chart = 9,
    /// The list of those who opened it was read.
    Audit = 10,
    /// It was erased: the last line about it.
    Erased = 11,
}

impl Disclosure {
    /// All of them, with the word that names each in the log. The numbers are part of the disk format.
    pub const ALL: &[(Disclosure, &str)] = &[
        (Disclosure::Opened, "open"),
        (Disclosure::Read, "read"),
        (Disclosure::Search, "search"),
        (Disclosure::History, "history"),
        (Disclosure::Summary, "summary"),
        (Disclosure::Export, "export"),
        (Disclosure::Match, "match"),
        (Disclosure::Notify, "notify"),
        (Disclosure::Write, "write"),
        (Disclosure::Chart, "chart"),
        (Disclosure::Audit, "audit"),
        (Disclosure::Erased, "erase"),
    ];

    /// Its number on disk.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The one of a number.
    pub fn of_number(number: u8) -> Option<Disclosure> {
        Disclosure::ALL.iter().map(|(how, _)| *how).find(|how| how.number() == number)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Disclosure::ALL.iter().find(|(how, _)| *how == self).map_or("", |(_, word)| word)
    }
}

/// A sign-in that somebody can use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// A number of its own, never reused.
    pub number: u64,
    /// What is typed at the door.
    pub login: String,
    /// How pages greet and name the person: free text.
    pub display: String,
    /// What the holder may be.
    pub role: Role,
    /// The institution, as its name is shown.
    pub institution: String,
    /// The language of the pages: `es`, `vi`, `ru`, `en`.
    pub language: String,
}

impl Account {
    /// The system of identifiers that name an account in resources, by its login or number.
    pub const SYSTEM: &str = "https://carnet.health/fhir/NamingSystem/account";

    /// True if such an identifier names the account of a login and a number. Digits are a number:
    /// nobody becomes somebody else by choosing a login.
    pub fn is_named(login: &str, number: u64, value: &str) -> bool {
        if value.bytes().all(|byte| byte.is_ascii_digit()) { number.to_string() == value } else { login == value }
    }
}

/// A stretch of work of at most twelve hours, inside which one opening of a record is enough.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Session {
    /// Random.
    pub number: u64,
    /// When it began.
    pub began: Moment,
}

impl Session {
    /// How long a session may last.
    pub const LONGEST_MS: i64 = 12 * 3_600_000;

    /// False from twelve hours after its beginning.
    pub fn lasts_at(&self, now: Moment) -> bool {
        now.0 - self.began.0 < Session::LONGEST_MS
    }
}

/// Who asks, as established by a face.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The account.
    pub account: Account,
    /// Why they ask.
    pub purpose: Purpose,
    /// Inside which session.
    pub session: Session,
    /// What the program they use was allowed to do in their name; none where they use none.
    pub grant: Option<Arc<Grant>>,
}

/// What must lie on disk before the first byte about a person leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Opening {
    /// Whose record.
    pub record: RecordId,
    /// Which account.
    pub account: u64,
    /// In which session.
    pub session: u64,
    /// For what.
    pub purpose: Purpose,
    /// What was done.
    pub how: Disclosure,
}
