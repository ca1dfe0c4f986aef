//! The starter set: common tests, vital signs, vaccines, routes and units with names in four
//! languages, so that a new site finds what a ward says. Where it comes from and under which
//! licences: `definitions/ORIGIN.md`.
//!
//! * Of LOINC, CVX and UCUM it is a part: a code that is not here may exist all the same.
//! * The names in other languages are Carnet's own, unofficial, and say so.
//! * What a site stores under the same address counts before it; the names are added to it.

use crate::import::loinc;
use crate::set::Set;
use crate::system::{Concept, Designation, System};
use crate::ucum;
use fhir::definitions::Content;
use std::sync::OnceLock;

/// LOINC's canonical address.
pub const LOINC: &str = "http://loinc.org";
/// CVX's canonical address.
pub const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// What stands before the name of each value set here.
pub const SETS: &str = "https://carnet.health/fhir/ValueSet/";

/// The value sets: the end of the address, and what it is called.
const NAMED_SETS: [(&str, &str); 5] =
    [("laboratory", "Common laboratory tests"), ("vital-signs", "Vital signs and measurements"), ("vaccines", "Common vaccines"), ("routes", "Common routes of administration"), ("units", "Common units")];

/// The kind of name ours are: a Coding.
const OURS: &str = r#"{"system":"https://carnet.health/fhir/CodeSystem/designation-use","code":"unofficial","display":"Carnet's own name, unofficial"}"#;

/// One code of the set.
struct Row {
    system: &'static str,
    code: &'static str,
    set: &'static str,
    /// Only where R4 does not publish the system.
    display: Option<&'static str>,
    names: [(&'static str, &'static str); 3],
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let files = [
            (LOINC, include_str!("../definitions/loinc.tsv")),
            (CVX, include_str!("../definitions/cvx.tsv")),
            (ucum::SYSTEM, include_str!("../definitions/ucum.tsv")),
            ("", include_str!("../definitions/names.tsv")),
        ];
        files.iter().flat_map(|(system, text)| text.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(|line| row(system, line))).collect()
    })
}

/// A line: `code set en es vi ru`, or, where R4 has the system, `system code set es vi ru`.
fn row(system: &'static str, line: &'static str) -> Option<Row> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [first, second, third, es, vi, ru] = cells[..] else { return None };
    let names = [("es", es), ("vi", vi), ("ru", ru)];
    Some(match system {
        "" => Row { system: first, code: second, set: third, display: None, names },
        _ => Row { system, code: first, set: second, display: Some(third), names },
    })
}

/// The part of a code system that is shipped, where R4 does not publish the system itself.
pub fn system(url: &str) -> Option<System> {
    let concept = |row: &Row| Some(Concept { code: row.code.into(), display: Some(row.display?.into()), ..Concept::default() });
    let concepts: Vec<Concept> = rows().iter().filter(|row| row.system == url).filter_map(concept).collect();
    let name = match url {
        LOINC => "LOINC (a part)",
        CVX => "CVX: vaccines administered (a part)",
        _ => "UCUM: units of measure",
    };
    (!concepts.is_empty()).then(|| System::of(url.to_owned(), None, Some(name.to_owned()), Content::Fragment, concepts, true))
}

/// The addresses of these parts.
pub fn systems() -> [&'static str; 3] {
    [LOINC, CVX, ucum::SYSTEM]
}

/// Our names for the codes of a system.
pub fn names(url: &str) -> impl Iterator<Item = (&'static str, Designation)> {
    let named = |(language, value): (&'static str, &'static str)| Designation { language: Some(language.into()), value: value.into(), usage: Some(OURS.into()) };
    rows().iter().filter(move |row| row.system == url).flat_map(move |row| row.names.map(|name| (row.code, named(name))))
}

/// A value set of the starter set, by its address.
pub fn set(url: &str) -> Option<Set> {
    let wanted = url.strip_prefix(SETS)?;
    let (name, title) = NAMED_SETS.iter().find(|(name, _)| *name == wanted)?;
    let mut set = Set::listed(url.to_owned(), title, rows().iter().filter(|row| row.set == *name).map(|row| (row.system, row.code)));
    set.copyright = match *name {
        "laboratory" | "vital-signs" => Some(loinc::NOTICE.to_owned()),
        "units" => Some(ucum::NOTICE.to_owned()),
        _ => None,
    };
    Some(set)
}

/// The addresses of all of them.
pub fn sets() -> impl Iterator<Item = String> {
    NAMED_SETS.iter().map(|(name, _)| format!("{SETS}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set::{Library, Wanted};
    use std::collections::HashSet;
    use std::sync::Arc;

    /// The starter set and R4, and nothing else.
    struct Bare;

    impl Library for Bare {
        fn system(&self, url: &str) -> Option<Arc<System>> {
            let found = system(url).or_else(|| fhir::r4().code_system(url).map(System::of_r4))?;
            Some(Arc::new(found.name_more(names(url))))
        }

        fn set(&self, url: &str) -> Option<Arc<Set>> {
            set(url).map(Arc::new)
        }
    }

    #[test]
    fn every_line_is_whole_and_no_code_comes_twice() {
        let mut seen = HashSet::new();
        for row in rows() {
            assert!(seen.insert((row.system, row.code)), "{} {}", row.system, row.code);
            let names = row.names.iter().map(|(_, name)| *name).chain(row.display);
            for name in names {
                assert!(!name.is_empty() && name.trim() == name, "{}: {name:?}", row.code);
            }
            assert!(row.set == "-" || NAMED_SETS.iter().any(|(name, _)| *name == row.set), "{}", row.set);
        }
        let of = |url: &str| rows().iter().filter(|row| row.system == url).count();
        assert!(of(LOINC) >= 300 && of(CVX) >= 60 && of(ucum::SYSTEM) >= 100);
        for text in [include_str!("../definitions/loinc.tsv"), include_str!("../definitions/cvx.tsv"), include_str!("../definitions/ucum.tsv"), include_str!("../definitions/names.tsv")] {
            assert_eq!(text.lines().filter(|line| !line.starts_with('#')).skip(1).find(|line| line.split('\t').count() != 6), None);
        }
    }

    /// LOINC's check digit: modulus 10, double-add-double from the right.
    #[test]
    fn each_loinc_code_has_its_check_digit() {
        for row in rows().iter().filter(|row| row.system == LOINC) {
            let (number, digit) = row.code.split_once('-').unwrap();
            let sum: u32 = number.bytes().rev().enumerate().map(|(place, byte)| {
                let value = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
                value / 10 + value % 10
            }).sum();
            assert_eq!((10 - sum % 10) % 10, digit.parse().unwrap(), "{}", row.code);
        }
    }

    #[test]
    fn each_unit_is_one_by_the_grammar_and_each_name_belongs_to_a_code_of_r4() {
        for row in rows() {
            match row.display {
                Some(_) if row.system == ucum::SYSTEM => assert!(ucum::meaning(row.code).is_ok(), "{}", row.code),
                Some(_) => {}
                None => assert!(fhir::r4().concept(row.system, row.code).is_some(), "{} {}", row.system, row.code),
            }
        }
    }

    #[test]
    fn a_ward_finds_its_words_in_four_languages_without_accents() {
        for (set_name, typed, code) in [
            ("laboratory", "hemoglobin", "718-7"),
            ("laboratory", "hemoglobina", "718-7"),
            ("laboratory", "huyet sac to", "718-7"),
            ("laboratory", "гемоглобин", "718-7"),
            ("laboratory", "глюкоза", "2345-7"),
            ("laboratory", "creatinina", "2160-0"),
            ("vital-signs", "huyet ap", "85354-9"),
            ("vital-signs", "presion arterial", "85354-9"),
            ("vital-signs", "давление", "8480-6"),
            ("vaccines", "sarampion", "03"),
            ("vaccines", "bai liet", "10"),
            ("vaccines", "бцж", "19"),
            ("routes", "tiem bap", "IM"),
            ("routes", "подкожно", "SQ"),
            ("units", "миллимоль", "mmol/L"),
            ("units", "miligramo por decilitro", "mg/dL"),
            ("units", "nhip moi phut", "{beats}/min"),
        ] {
            let set = set(&format!("{SETS}{set_name}")).unwrap();
            let found = set.expand(Wanted { filter: Some(typed), ..Wanted::default() }, &Bare).unwrap();
            assert!(found.iter().any(|one| *one.concept().code == *code), "{set_name} {typed}: {:?}", found.iter().map(|one| &one.concept().code).collect::<Vec<_>>());
        }
    }

    #[test]
    fn our_names_give_way_to_the_owners_and_say_that_they_are_ours() {
        let text = r#"{"resourceType":"CodeSystem","url":"http://loinc.org","status":"active","content":"complete","concept":[
            {"code":"718-7","display":"Hemoglobin [Mass/volume] in Blood","designation":[{"language":"es","value":"Hemoglobina, masa por volumen"}]}]}"#;
        let stored = System::read(fhir::Document::read(text).unwrap().root()).unwrap().name_more(names(LOINC));
        let concept = stored.concept("718-7").unwrap();
        assert_eq!(concept.display_in(Some("es")), Some("Hemoglobina, masa por volumen"));
        assert_eq!(concept.designations.iter().filter(|one| one.language.as_deref() == Some("es")).count(), 1);
        let ours = concept.designations.iter().find(|one| one.language.as_deref() == Some("vi")).unwrap();
        assert!(ours.usage.as_deref().unwrap().contains("unofficial"));
        assert_eq!(stored.concepts.len(), 1);
    }
}
