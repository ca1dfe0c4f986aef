//! The published value sets and code systems: is this code in that set, and what is it called.
//!
//! * The answer has three values. Where a code system is not in the table (LOINC, SNOMED CT,
//!   UCUM, languages, media types) or a filter cannot be computed from it, the answer is
//!   [`Membership::Unknown`], never a guess.
//! * A code system or value set is decoded the first time someone asks for it, and kept.
//! * Codes are compared exactly, except in the code systems that say case does not matter.
//! * Nothing here knows where a code was found or what a wrong one leads to.

use super::decode::{Reader, Strings};
use super::names::{NameHasher, NameMap};
use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::OnceLock;

type CodeSet = HashSet<&'static str, BuildHasherDefault<NameHasher>>;

/// All value sets and code systems of the table.
pub(super) struct Terminology {
    strings: Strings,
    code_systems: Vec<StoredSystem>,
    value_sets: Vec<StoredSet>,
    system_by_url: NameMap<u32>,
    set_by_url: NameMap<u32>,
}

struct StoredSystem {
    url: &'static str,
    content: Content,
    is_case_sensitive: bool,
    body: Reader,
    concepts: OnceLock<Concepts>,
}

struct StoredSet {
    url: &'static str,
    body: Reader,
    compose: OnceLock<Compose>,
}

struct Concepts {
    rows: Vec<Row>,
    by_code: NameMap<u32>,
}

struct Row {
    code: &'static str,
    display: &'static str,
    parents: Vec<u32>,
}

struct Compose {
    includes: Vec<Part>,
    excludes: Vec<Part>,
}

/// One include or exclude: the codes of a system that are also in every set named.
struct Part {
    system: Option<&'static str>,
    codes: Codes,
    sets: Vec<&'static str>,
}

enum Codes {
    /// No system is named: whatever the value sets hold.
    Any,
    /// Every code of a code system of the table.
    Whole(u32),
    /// These.
    Listed(CodeSet),
    /// Nobody here can tell.
    Unknown(Unknown),
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    Out,
    /// The table cannot tell, and says why.
    Unknown(Unknown),
}

/// Why the table cannot tell whether a code is in a value set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// The codes of this system are not in the table.
    SystemNotHeld(&'static str),
    /// Only some codes of this system are in the table.
    SystemIncomplete(&'static str),
    /// The set filters this system by something the table does not hold.
    Filter(&'static str),
    /// This set is built on one that is not in the table.
    ValueSetNotHeld(&'static str),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::SystemNotHeld(url) => write!(f, "the codes of {url} are not held"),
            Unknown::SystemIncomplete(url) => write!(f, "only a part of {url} is held"),
            Unknown::Filter(url) => write!(f, "the set filters {url} by what is not held"),
            Unknown::ValueSetNotHeld(url) => write!(f, "the value set {url} is not held"),
        }
    }
}

impl Membership {
    fn and(self, other: impl FnOnce() -> Membership) -> Membership {
        match self {
            Membership::Out => Membership::Out,
            Membership::In => other(),
            Membership::Unknown(why) => match other() {
                Membership::Out => Membership::Out,
                _ => Membership::Unknown(why),
            },
        }
    }

    fn not(self) -> Membership {
        match self {
            Membership::In => Membership::Out,
            Membership::Out => Membership::In,
            unknown => unknown,
        }
    }

    /// In if any is in; unknown if none is but one is unknown.
    fn any(all: impl Iterator<Item = Membership>) -> Membership {
        let mut found = Membership::Out;
        for one in all {
            match one {
                Membership::In => return Membership::In,
                Membership::Unknown(_) if found == Membership::Out => found = one,
                _ => {}
            }
        }
        found
    }
}

/// How much of a code system was published with R4.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// All its codes.
    Complete,
    /// Some of them.
    Fragment,
    /// A few, for illustration.
    Example,
    /// None.
    NotPresent,
    /// Additions to another code system.
    Supplement,
}

/// A published code system.
#[derive(Clone, Copy)]
pub struct CodeSystem {
    terminology: &'static Terminology,
    index: u32,
}

/// A published value set.
#[derive(Clone, Copy)]
pub struct ValueSet {
    terminology: &'static Terminology,
    index: u32,
}

/// What one include or exclude of a value set takes, for whoever holds code systems that the table does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The code system; none where only other sets are named.
    pub system: Option<&'static str>,
    /// The codes that are listed; none where every code is meant that passes the filters.
    pub codes: Option<Vec<&'static str>>,
    /// Property, operator and value of each filter.
    pub filters: Vec<(&'static str, &'static str, &'static str)>,
    /// The sets of which a code must be, too.
    pub sets: Vec<&'static str>,
}

/// A code in its system.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Code {
    /// Canonical URL of the code system.
    pub system: &'static str,
    /// The code.
    pub code: &'static str,
}

/// What a code system says of one of its codes.
#[derive(Clone, Copy)]
pub struct Concept {
    /// The code.
    pub code: &'static str,
    /// Its published English display, if it has one.
    pub display: Option<&'static str>,
    system: CodeSystem,
    row: u32,
}

impl Terminology {
    pub(super) fn new(strings: Strings, mut code_systems: Reader, mut value_sets: Reader) -> Terminology {
        let code_systems = code_systems.list(|r| {
            let url = strings.next(r);
            let flags = r.number();
            StoredSystem { url, content: content(flags & 7), is_case_sensitive: flags & 8 == 0, body: body(r), concepts: OnceLock::new() }
        });
        let value_sets = value_sets.list(|r| StoredSet { url: strings.next(r), body: body(r), compose: OnceLock::new() });
        Terminology {
            system_by_url: code_systems.iter().enumerate().map(|(index, one)| (one.url, index as u32)).collect(),
            set_by_url: value_sets.iter().enumerate().map(|(index, one)| (one.url, index as u32)).collect(),
            strings,
            code_systems,
            value_sets,
        }
    }

    pub(super) fn value_set(&'static self, url: &str) -> Option<ValueSet> {
        self.set_by_url.get(url).map(|&index| ValueSet { terminology: self, index })
    }

    pub(super) fn value_sets(&'static self) -> impl Iterator<Item = ValueSet> {
        (0..self.value_sets.len() as u32).map(move |index| ValueSet { terminology: self, index })
    }

    pub(super) fn code_system(&'static self, url: &str) -> Option<CodeSystem> {
        self.system_by_url.get(url).map(|&index| CodeSystem { terminology: self, index })
    }

    pub(super) fn code_systems(&'static self) -> impl Iterator<Item = CodeSystem> {
        (0..self.code_systems.len() as u32).map(move |index| CodeSystem { terminology: self, index })
    }

    fn part(&'static self, r: &mut Reader) -> Part {
        let system = r.number().checked_sub(1).map(|place| self.strings.at(place));
        let sets = r.list(|r| self.strings.next(r));
        let codes = match (r.number(), system) {
            (0, None) => Codes::Any,
            (0, Some(url)) => match self.code_system(url) {
                Some(system) => Codes::Whole(system.index),
                None => Codes::Unknown(Unknown::SystemNotHeld(url)),
            },
            (1, _) => Codes::Listed(r.list(Reader::inline).into_iter().collect()),
            (2, Some(url)) => {
                let filters = r.list(|r| (self.strings.next(r), self.strings.next(r), self.strings.next(r)));
                self.filtered(url, &filters)
            }
            (other, _) => panic!("the definitions table has an unknown part {other}"),
        };
        Part { system, codes, sets }
    }

    fn taken(&'static self, r: &mut Reader) -> Taken {
        let system = r.number().checked_sub(1).map(|place| self.strings.at(place));
        let sets = r.list(|r| self.strings.next(r));
        let (codes, filters) = match r.number() {
            0 => (None, Vec::new()),
            1 => (Some(r.list(Reader::inline)), Vec::new()),
            2 => (None, r.list(|r| (self.strings.next(r), self.strings.next(r), self.strings.next(r)))),
            other => panic!("the definitions table has an unknown part {other}"),
        };
        Taken { system, codes, filters, sets }
    }

    /// The codes that pass every filter, where the hierarchy of the code system is enough to tell.
    fn filtered(&'static self, url: &'static str, filters: &[(&str, &str, &str)]) -> Codes {
        let Some(system) = self.code_system(url) else { return Codes::Unknown(Unknown::SystemNotHeld(url)) };
        if let Some(why) = system.lacking() {
            return Codes::Unknown(why);
        }
        let mut codes: CodeSet = system.concepts().map(|concept| concept.code).collect();
        for &(property, operator, value) in filters {
            let known = matches!(property, "concept" | "code") && system.concept(value).is_some();
            let passes: fn(Concept, &str) -> bool = match operator {
                "is-a" if known => |concept, value| concept.is_a(value),
                "descendent-of" if known => |concept, value| concept.code != value && concept.is_a(value),
                "is-not-a" if known => |concept, value| !concept.is_a(value),
                _ => return Codes::Unknown(Unknown::Filter(url)),
            };
            codes.retain(|code| system.concept(code).is_some_and(|concept| passes(concept, value)));
        }
        Codes::Listed(codes)
    }
}

fn body(r: &mut Reader) -> Reader {
    let length = r.number();
    Reader::new(r.take(length))
}

fn content(number: usize) -> Content {
    [Content::Complete, Content::Fragment, Content::Example, Content::NotPresent, Content::Supplement][number]
}

impl ValueSet {
    /// Its canonical URL, without version.
    pub fn url(&self) -> &'static str {
        self.stored().url
    }

    /// Whether a code is in the set. Without a system (the element is a bare `code`), in any
    /// of the set's systems.
    pub fn contains(&self, system: Option<&str>, code: &str) -> Membership {
        let compose = self.compose();
        let any = |parts: &'static [Part]| Membership::any(parts.iter().map(|part| self.part_contains(part, system, code)));
        let included = any(&compose.includes);
        if compose.excludes.is_empty() { included } else { included.and(|| any(&compose.excludes).not()) }
    }

    /// Every code of the set, in no particular order; `None` where the table cannot tell them all.
    pub fn codes(&self) -> Option<Vec<Code>> {
        let mut all = HashSet::new();
        for part in &self.compose().includes {
            self.collect(part, &mut all)?;
        }
        all.retain(|one| self.contains(Some(one.system), one.code) == Membership::In);
        Some(all.into_iter().collect())
    }

    /// Its includes and its excludes as they were published.
    pub fn composed(&self) -> (Vec<Taken>, Vec<Taken>) {
        let mut r = self.stored().body;
        let mut parts = || r.list(|r| self.terminology.taken(r));
        (parts(), parts())
    }

    fn collect(&self, part: &'static Part, all: &mut HashSet<Code>) -> Option<()> {
        match (&part.codes, part.system) {
            (Codes::Whole(index), Some(system)) => {
                let held = CodeSystem { terminology: self.terminology, index: *index };
                if held.lacking().is_some() {
                    return None;
                }
                all.extend(held.concepts().map(|concept| Code { system, code: concept.code }));
            }
            (Codes::Listed(codes), Some(system)) => all.extend(codes.iter().map(|code| Code { system, code })),
            (Codes::Any, _) => {
                let (first, _) = part.sets.split_first()?;
                all.extend(self.terminology.value_set(first)?.codes()?);
            }
            _ => return None,
        }
        Some(())
    }

    fn part_contains(&self, part: &'static Part, system: Option<&str>, code: &str) -> Membership {
        if let (Some(wanted), Some(given)) = (part.system, system)
            && wanted != given
        {
            return Membership::Out;
        }
        let from_system = match &part.codes {
            Codes::Any => Membership::In,
            Codes::Listed(codes) if codes.contains(code) => Membership::In,
            Codes::Listed(_) => Membership::Out,
            Codes::Whole(index) => CodeSystem { terminology: self.terminology, index: *index }.contains(code),
            Codes::Unknown(why) => Membership::Unknown(*why),
        };
        part.sets.iter().fold(from_system, |so_far, &url| {
            so_far.and(|| match self.terminology.value_set(url) {
                Some(set) => set.contains(system.or(part.system), code),
                None => Membership::Unknown(Unknown::ValueSetNotHeld(url)),
            })
        })
    }

    fn stored(&self) -> &'static StoredSet {
        &self.terminology.value_sets[self.index as usize]
    }

    fn compose(&self) -> &'static Compose {
        let stored = self.stored();
        stored.compose.get_or_init(|| {
            let mut r = stored.body;
            let mut parts = || r.list(|r| self.terminology.part(r));
            Compose { includes: parts(), excludes: parts() }
        })
    }
}

impl CodeSystem {
    /// Its canonical URL, without version.
    pub fn url(&self) -> &'static str {
        self.stored().url
    }

    /// How much of it the table holds.
    pub fn content(&self) -> Content {
        self.stored().content
    }

    /// False where two codes that differ in nothing but capitals are one.
    pub fn is_case_sensitive(&self) -> bool {
        self.stored().is_case_sensitive
    }

    /// Its concepts, parents before their children.
    pub fn concepts(&self) -> impl Iterator<Item = Concept> + use<> {
        let system = *self;
        (0..self.held().rows.len() as u32).map(move |row| system.at(row))
    }

    /// What it says of a code.
    pub fn concept(&self, code: &str) -> Option<Concept> {
        let held = self.held();
        let exact = held.by_code.get(code).copied();
        let row = if exact.is_some() || self.stored().is_case_sensitive {
            exact
        } else {
            held.rows.iter().position(|row| row.code.eq_ignore_ascii_case(code)).map(|row| row as u32)
        };
        row.map(|row| self.at(row))
    }

    /// Whether a code is one of its own.
    pub fn contains(&self, code: &str) -> Membership {
        match self.concept(code) {
            Some(_) => Membership::In,
            None => self.lacking().map_or(Membership::Out, Membership::Unknown),
        }
    }

    /// Why a code that is not here may yet exist. Two systems were published as complete and
    /// without a single code; they are taken for what they are.
    fn lacking(&self) -> Option<Unknown> {
        match self.content() {
            Content::Complete if !self.held().rows.is_empty() => None,
            Content::Complete | Content::NotPresent => Some(Unknown::SystemNotHeld(self.url())),
            Content::Fragment | Content::Example | Content::Supplement => Some(Unknown::SystemIncomplete(self.url())),
        }
    }

    fn at(&self, row: u32) -> Concept {
        let stored = &self.held().rows[row as usize];
        Concept { code: stored.code, display: Some(stored.display).filter(|text| !text.is_empty()), system: *self, row }
    }

    fn stored(&self) -> &'static StoredSystem {
        &self.terminology.code_systems[self.index as usize]
    }

    fn held(&self) -> &'static Concepts {
        let stored = self.stored();
        stored.concepts.get_or_init(|| {
            let mut r = stored.body;
            let rows = r.list(|r| Row { code: r.inline(), display: r.inline(), parents: r.list(|r| r.number() as u32) });
            let mut by_code = NameMap::default();
            for (place, row) in rows.iter().enumerate() {
                by_code.entry(row.code).or_insert(place as u32);
            }
            Concepts { rows, by_code }
        })
    }
}

impl Concept {
    /// The system it belongs to.
    pub fn system(&self) -> CodeSystem {
        self.system
    }

    /// The broader concepts right above it.
    pub fn parents(&self) -> impl Iterator<Item = Concept> + use<> {
        let system = self.system;
        system.held().rows[self.row as usize].parents.iter().map(move |&row| system.at(row))
    }

    /// True for the code itself and for every broader one.
    pub fn is_a(&self, code: &str) -> bool {
        let rows = &self.system.held().rows;
        let mut waiting = vec![self.row];
        let mut seen = HashSet::new();
        while let Some(row) = waiting.pop() {
            if rows[row as usize].code == code {
                return true;
            }
            if seen.insert(row) {
                waiting.extend(&rows[row as usize].parents);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::r4;

    const HL7: &str = "http://hl7.org/fhir";
    const THO: &str = "http://terminology.hl7.org";

    #[test]
    fn a_code_is_in_a_set_or_not_or_nobody_here_can_tell() {
        let check = |set: &str, system: Option<&str>, code: &str, expected: &str| {
            let found = r4().value_set(set).unwrap_or_else(|| panic!("{set}")).contains(system, code);
            let said = match found {
                Membership::In => "in".to_owned(),
                Membership::Out => "out".to_owned(),
                Membership::Unknown(why) => why.to_string(),
            };
            assert_eq!(said, expected, "{set} {system:?} {code}");
        };
        let set = |name: &str| format!("{HL7}/ValueSet/{name}");
        // A whole code system.
        check(&set("administrative-gender"), None, "female", "in");
        check(&set("administrative-gender"), None, "Female", "out");
        check(&set("administrative-gender"), Some("http://hl7.org/fhir/administrative-gender"), "female", "in");
        check(&set("administrative-gender"), Some("http://hl7.org/fhir/other"), "female", "out");
        check(&format!("{}|4.0.1", set("administrative-gender")), None, "unknown", "in");
        // A list of codes of a system, held or not.
        check(&set("days-of-week"), None, "mon", "in");
        check(&set("languages"), Some("urn:ietf:bcp:47"), "es", "in");
        check(&set("languages"), Some("urn:ietf:bcp:47"), "xx", "out");
        // Systems nobody has here.
        check(&set("mimetypes"), None, "application/pdf", "the codes of urn:ietf:bcp:13 are not held");
        check(&set("observation-codes"), Some("http://loinc.org"), "1234-5", "the codes of http://loinc.org are not held");
        check(&set("observation-codes"), Some("http://hl7.org/fhir/other"), "1234-5", "out");
        check(&set("condition-code"), None, "404684003", "the codes of http://snomed.info/sct are not held");
        check(&set("service-type"), None, "nothing", "only a part of http://terminology.hl7.org/CodeSystem/service-type is held");
        check(&set("message-events"), None, "nothing", "the codes of http://hl7.org/fhir/message-events are not held");
        // A branch of a hierarchy, without its root's neighbours.
        check(&format!("{THO}/ValueSet/v3-ActEncounterCode"), Some("http://terminology.hl7.org/CodeSystem/v3-ActCode"), "AMB", "in");
        check(&format!("{THO}/ValueSet/v3-ActEncounterCode"), Some("http://terminology.hl7.org/CodeSystem/v3-ActCode"), "ALG", "out");
        // Several systems.
        check(&set("marital-status"), Some("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"), "M", "in");
        check(&set("marital-status"), Some("http://terminology.hl7.org/CodeSystem/v3-NullFlavor"), "UNK", "in");
        check(&set("marital-status"), Some("http://terminology.hl7.org/CodeSystem/v3-NullFlavor"), "ASKU", "out");
    }

    #[test]
    fn what_is_excluded_is_out() {
        let mut with_excludes = 0;
        for set in r4().value_sets() {
            for part in set.compose().excludes.iter().filter(|part| part.sets.is_empty()) {
                if let (Codes::Listed(codes), Some(system)) = (&part.codes, part.system) {
                    with_excludes += 1;
                    assert!(codes.iter().all(|code| set.contains(Some(system), code) == Membership::Out), "{}", set.url());
                }
            }
        }
        assert!(with_excludes > 5);
    }

    #[test]
    fn every_set_can_be_asked_and_its_codes_are_its_members() {
        let (mut told, mut codes) = (0, 0);
        for set in r4().value_sets() {
            assert_ne!(set.contains(None, "no such code"), Membership::In, "{}", set.url());
            for one in set.codes().into_iter().flatten() {
                codes += 1;
                assert_eq!(set.contains(Some(one.system), one.code), Membership::In, "{} {}", set.url(), one.code);
            }
            told += usize::from(set.codes().is_some_and(|codes| !codes.is_empty()));
        }
        assert!(told > 1000 && codes > 20_000, "{told} sets, {codes} codes");
    }

    #[test]
    fn a_concept_has_a_display_and_broader_ones() {
        let concept = |system: &str, code: &str| r4().concept(&format!("{THO}/CodeSystem/{system}"), code);
        assert_eq!(concept("v3-MaritalStatus", "M").unwrap().display, Some("Married"));
        assert_eq!(concept("v2-0203", "MR").unwrap().display, Some("Medical record number"));
        assert!(concept("v3-MaritalStatus", "m").is_none());
        let inpatient = concept("v3-ActCode", "IMP").unwrap();
        assert!(inpatient.is_a("_ActEncounterCode") && inpatient.is_a("IMP") && !inpatient.is_a("AMB"));
        assert_eq!(concept("v3-ActCode", "ACUTE").unwrap().parents().next().unwrap().code, "IMP");
        assert!(r4().concept("http://loinc.org", "1234-5").is_none());
    }

    #[test]
    fn every_required_binding_outside_loinc_names_a_set_of_the_table() {
        use crate::definitions::Strength;
        for t in &r4().types {
            let required = t.elements.iter().filter_map(|element| element.binding).filter(|binding| binding.strength == Strength::Required);
            for binding in required.filter(|binding| !binding.value_set.starts_with("http://loinc.org/vs/")) {
                assert!(r4().value_set(binding.value_set).is_some(), "{} {}", t.name, binding.value_set);
            }
        }
    }
}
