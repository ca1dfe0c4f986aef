//! What somebody has allowed a program to do in their name: scopes, as rules.
//!
//! * A grant only narrows. What the account may not do, no scope gives it.
//! * A deed that no rule names is refused.
//! * Rules of a patient reach the record that was chosen and nothing else about a person; of what
//!   concerns no person they may read.
//!
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>

use std::fmt::Debug;
use std::sync::Arc;

use fhir::{RecordId, ResourceType};

use crate::{Act, Facts, Sieve, Subject};

/// Whose records a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reach {
    /// Those of the patient that was chosen.
    Patient,
    /// Those the account may see.
    User,
    /// The same, where no person takes part.
    System,
}

/// One thing that is done with a resource.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Deed {
    /// A new one.
    Create = 1,
    /// One of them, as it is or was.
    Read = 2,
    /// A further version.
    Update = 4,
    /// Its end.
    Delete = 8,
    /// Which of them there are.
    Search = 16,
}

/// Some deeds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Deeds(u8);

impl Deeds {
    /// All of them with their letters, in the order in which a scope writes them.
    pub const LETTERS: [(char, Deed); 5] = [('c', Deed::Create), ('r', Deed::Read), ('u', Deed::Update), ('d', Deed::Delete), ('s', Deed::Search)];
    /// What shows something.
    pub const READING: Deeds = Deeds(Deed::Read as u8 | Deed::Search as u8);
    /// What changes something.
    pub const WRITING: Deeds = Deeds(Deed::Create as u8 | Deed::Update as u8 | Deed::Delete as u8);

    /// The deeds of letters in their order, as `rs`; none where a letter is unknown, twice or out of order.
    pub fn of_letters(letters: &str) -> Option<Deeds> {
        let mut rest = letters;
        let mut deeds = 0;
        for (letter, deed) in Deeds::LETTERS {
            if let Some(after) = rest.strip_prefix(letter) {
                deeds |= deed as u8;
                rest = after;
            }
        }
        (rest.is_empty() && deeds != 0).then_some(Deeds(deeds))
    }

    /// The two together.
    pub fn and(self, other: Deeds) -> Deeds {
        Deeds(self.0 | other.0)
    }

    /// True if one of them is among the others.
    pub fn meets(self, other: Deeds) -> bool {
        self.0 & other.0 != 0
    }

    /// True if all of the others are among these.
    pub fn holds(self, other: Deeds) -> bool {
        self.0 & other.0 == other.0
    }
}

impl From<Deed> for Deeds {
    fn from(deed: Deed) -> Deeds {
        Deeds(deed as u8)
    }
}

impl From<Act> for Deeds {
    /// What an act on a record may turn out to be.
    fn from(act: Act) -> Deeds {
        match act {
            Act::Write => Deeds::WRITING,
            Act::Read | Act::Export | Act::Audit => Deeds::READING,
            // Verifying a store is nothing a scope speaks of.
            Act::Maintain => Deeds(0),
        }
    }
}

/// One scope about resources.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Rule {
    /// Whose.
    pub reach: Reach,
    /// Of which type; all of them where none is named.
    pub kind: Option<ResourceType>,
    /// What may be done.
    pub deeds: Deeds,
    /// The search that a resource must answer, as `category=laboratory`; any where it is empty.
    pub query: String,
}

/// How much of a type may be touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent<'g> {
    /// Nothing.
    Nothing,
    /// What answers one of these searches.
    Answering(Vec<&'g str>),
    /// All of it.
    Whole,
}

/// What a program may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The program's identifier.
    pub client: String,
    /// The rules; one that speaks is enough.
    pub rules: Vec<Rule>,
    /// The record of the patient that was chosen; where several Patients are one person, that of each. None: nobody was chosen.
    pub patients: Vec<RecordId>,
}

impl Grant {
    /// How much of a type one of these deeds may touch there.
    pub fn extent(&self, deeds: Deeds, subject: Subject, kind: ResourceType) -> Extent<'_> {
        self.extent_of(|rule| rule.kind.is_none_or(|named| named == kind) && rule.deeds.meets(deeds) && self.reaches(rule, deeds, subject))
    }

    /// True if one of these deeds may touch this resource there.
    pub fn allows(&self, deeds: Deeds, subject: Subject, resource: &Facts<'_>, answers: &dyn Answers) -> bool {
        match self.extent(deeds, subject, resource.kind()) {
            Extent::Nothing => false,
            Extent::Whole => true,
            Extent::Answering(queries) => queries.iter().any(|query| answers.answers(query, resource)),
        }
    }

    /// True if every resource of a type may be read wherever the account may, without a chosen patient.
    pub fn reads_all_of(&self, kind: ResourceType) -> bool {
        let is_whole = |rule: &Rule| rule.reach != Reach::Patient && rule.query.is_empty() && rule.deeds.holds(Deeds::READING);
        self.rules.iter().any(|rule| is_whole(rule) && rule.kind.is_none_or(|named| named == kind))
    }

    /// True if there is a type of which it may ask what there is.
    pub fn lists_anything(&self) -> bool {
        self.rules.iter().any(|rule| rule.deeds.holds(Deed::Search.into()))
    }

    /// How much of a type one of these deeds may touch anywhere.
    pub fn extent_anywhere(&self, deeds: Deeds, kind: ResourceType) -> Extent<'_> {
        self.extent_of(|rule| rule.kind.is_none_or(|named| named == kind) && rule.deeds.meets(deeds))
    }

    /// True if any rule lets an act begin there, on whatever type.
    pub fn touches(&self, act: Act, subject: Subject) -> bool {
        let deeds = Deeds::from(act);
        self.rules.iter().any(|rule| rule.deeds.meets(deeds) && self.reaches(rule, deeds, subject))
    }

    /// True if every deed on every type is allowed to a system or a user: then nothing is narrowed.
    pub fn is_whole(&self, act: Act) -> bool {
        self.rules.iter().any(|rule| rule.reach != Reach::Patient && rule.kind.is_none() && rule.query.is_empty() && rule.deeds.holds(Deeds::from(act)) && act != Act::Maintain)
    }

    fn extent_of(&self, speaks: impl Fn(&Rule) -> bool) -> Extent<'_> {
        let mut queries = Vec::new();
        for rule in self.rules.iter().filter(|rule| speaks(rule)) {
            if rule.query.is_empty() {
                return Extent::Whole;
            }
            queries.push(rule.query.as_str());
        }
        if queries.is_empty() { Extent::Nothing } else { Extent::Answering(queries) }
    }

    fn reaches(&self, rule: &Rule, deeds: Deeds, subject: Subject) -> bool {
        match (rule.reach, subject) {
            (Reach::User | Reach::System, _) => true,
            // Organisations and practitioners are named all over a record, and are nobody's.
            (Reach::Patient, Subject::Shared(_)) => !deeds.meets(Deeds::WRITING),
            (Reach::Patient, Subject::Person(record)) => self.patients.contains(&record),
            (Reach::Patient, Subject::Wiring(_) | Subject::Set(_) | Subject::Unassigned(_)) => false,
        }
    }
}

/// Who knows whether a resource answers the search of a scope: what a search means is not known here.
pub trait Answers: Send + Sync + Debug {
    /// True if it does; false where nobody understands the search.
    fn answers(&self, query: &str, resource: &Facts<'_>) -> bool;
}

/// Understands no search.
#[derive(Clone, Copy, Debug)]
pub struct NoAnswers;

impl Answers for NoAnswers {
    fn answers(&self, _query: &str, _resource: &Facts<'_>) -> bool {
        false
    }
}

/// What a grant asks of each resource of a record.
pub(crate) struct Scoped {
    pub grant: Arc<Grant>,
    pub act: Act,
    pub subject: Subject,
    pub answers: Arc<dyn Answers>,
}

impl Sieve for Scoped {
    fn shows(&self, resource: &Facts<'_>) -> bool {
        self.grant.allows(self.act.into(), self.subject, resource, self.answers.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOSEN: RecordId = RecordId(7);

    fn grant(rules: &str) -> Grant {
        let rule = |text: &str| {
            let (text, query) = text.split_once('?').unwrap_or((text, ""));
            let (reach, rest) = text.split_once('/').unwrap();
            let (kind, letters) = rest.split_once('.').unwrap();
            let reach = match reach {
                "patient" => Reach::Patient,
                "user" => Reach::User,
                _ => Reach::System,
            };
            Rule { reach, kind: ResourceType::named(kind), deeds: Deeds::of_letters(letters).unwrap(), query: query.to_owned() }
        };
        Grant { client: "app".into(), rules: rules.split(' ').map(rule).collect(), patients: vec![CHOSEN] }
    }

    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let rules = words[0].replace('+', " ");
            let subject = match words[2] {
                "chosen" => Subject::Person(CHOSEN),
                "another" => Subject::Person(RecordId(8)),
                "shared" => Subject::Shared(RecordId(9)),
                "wiring" => Subject::Wiring(RecordId(9)),
                "set" => Subject::Set(CHOSEN),
                _ => Subject::Unassigned(CHOSEN),
            };
            let grant = grant(&rules);
            let found = match grant.extent(Deeds::of_letters(words[1]).unwrap(), subject, ResourceType::named(words[3]).unwrap()) {
                Extent::Nothing => "nothing".to_owned(),
                Extent::Whole => "whole".to_owned(),
                Extent::Answering(queries) => queries.join("+"),
            };
            assert_eq!(found, words[4], "{line}");
        }
    }

    #[test]
    fn a_rule_speaks_of_its_type_its_deeds_and_its_reach_and_of_nothing_else() {
        check("
            patient/Observation.rs                 r  chosen      Observation   whole
            patient/Observation.rs                 s  chosen      Observation   whole
            patient/Observation.rs                 c  chosen      Observation   nothing
            patient/Observation.rs                 r  chosen      Condition     nothing
            patient/Observation.rs                 r  another     Observation   nothing
            patient/Observation.r                  s  chosen      Observation   nothing
            patient/Observation.r                  rs chosen      Observation   whole
            patient/x.rs                           r  chosen      Condition     whole
            patient/x.rs                           r  shared      Organization  whole
            patient/x.cruds                        u  shared      Organization  nothing
            patient/x.cruds                        u  chosen      Condition     whole
            patient/x.rs                           r  set         Group         nothing
            patient/x.rs                           r  unassigned  Observation   nothing
            patient/x.rs                           r  wiring      Subscription  nothing
            user/Observation.rs                    r  another     Observation   whole
            user/Observation.rs                    u  another     Observation   nothing
            system/x.cruds                         d  another     Condition     whole
            system/Subscription.rs                 r  wiring      Subscription  whole
            patient/Observation.rs?category=lab    r  chosen      Observation   category=lab
            patient/Observation.rs?category=lab    r  another     Observation   nothing
            patient/Observation.rs?code=a+patient/Observation.r?code=b   r  chosen  Observation  code=a+code=b
            patient/Observation.rs?code=a+patient/Observation.r?code=b   s  chosen  Observation  code=a
            patient/Observation.rs?code=a+patient/x.rs                   r  chosen  Observation  whole
            patient/Observation.rs?code=a+user/Observation.rs            r  another Observation  whole
        ");
    }

    #[test]
    fn letters_come_in_their_order_and_once() {
        for (letters, good) in [("r", true), ("rs", true), ("cruds", true), ("cd", true), ("sr", false), ("rr", false), ("", false), ("x", false), ("R", false)] {
            assert_eq!(Deeds::of_letters(letters).is_some(), good, "{letters}");
        }
    }

    #[test]
    fn a_record_is_entered_only_where_a_rule_could_speak() {
        let table = [("patient/Observation.rs", Act::Read, 7, true), ("patient/Observation.rs", Act::Read, 8, false), ("patient/Observation.rs", Act::Write, 7, false), ("user/Observation.c", Act::Write, 8, true), ("system/x.cruds", Act::Maintain, 7, false), ("system/x.rs", Act::Export, 8, true)];
        for (rules, act, record, expected) in table {
            assert_eq!(grant(rules).touches(act, Subject::Person(RecordId(record))), expected, "{rules} {act:?} {record}");
        }
        for (rules, act, expected) in [("system/x.rs", Act::Read, true), ("system/x.r", Act::Read, false), ("patient/x.rs", Act::Read, false), ("user/x.rs?code=a", Act::Read, false), ("user/x.cruds", Act::Write, true), ("user/x.cruds", Act::Maintain, false)] {
            assert_eq!(grant(rules).is_whole(act), expected, "{rules} {act:?}");
        }
    }
}
