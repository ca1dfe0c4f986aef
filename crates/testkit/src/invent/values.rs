//! Values of primitives and of the common data types, from small pools.

use fhir::definitions::{Code, Element, Kind, Strength, TypeRef, r4};
use fhir::{ResourceType, home};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use super::tree::Tree;
use super::{Inventor, PEOPLE};
use crate::BASE_URL;

pub(super) const SYSTEMS: [&str; 4] = ["http://loinc.org", "urn:oid:1.2.3", "http://a.example/s|x", "http://terminology.hl7.org/CodeSystem/v3-ActCode"];
pub(super) const CODES: [&str; 8] = ["8480-6", "E11", "e11", "A,B", "x|y", "Ж1", "AMB", "IMP"];
pub(super) const VALUES: [&str; 6] = ["123", "A-1", "a-1", "7,8", "1$2", "0001"];
pub(super) const WORDS: [&str; 14] = [
    "María", "Mar", "Nguyễn", "Đỗ", "An", "García López", "O'Brien", "de la Cruz", "Щукина", "Юлия", "Shchukina", "Santa Maria", "Ёлкин", "Ana-Lucía",
];
pub(super) const DAYS: [&str; 11] = ["2024", "2024-02", "2024-04", "2024-05-17", "2024-02-29", "2024-03-01", "2023-12-31", "1958-03-12", "1958-03", "1958", "2101-01-01"];
pub(super) const MOMENTS: [&str; 6] = [
    "2024-02-29T23:30:00-06:00", "2024-03-01T05:30:00Z", "2024-01-31T23:59:59.999+14:00", "1969-12-31T20:00:00-06:00", "1980-06-15T12:00:00Z", "2024-03-01T00:00:00+07:00",
];
/// Times in the middle of the long stays below.
pub(super) const WITHIN_STAYS: [&str; 5] = ["2024-03", "2024-03-20", "2024-04", "2024-04-15T10:00:00Z", "2024-05"];
pub(super) const NUMBERS: [&str; 8] = ["5.4", "5.40", "5", "0.0054", "100", "1e2", "-3", "0"];
/// Number, unit in words, system, code: some of them the same amount.
pub(super) const AMOUNTS: [(&str, &str, &str, &str); 10] = [
    ("5.4", "mg", UCUM, "mg"), ("0.0054", "g", UCUM, "g"), ("5400", "µg", UCUM, "ug"), ("5.40", "mg", UCUM, "mg"), ("120", "mm Hg", UCUM, "mm[Hg]"),
    ("16", "kPa", UCUM, "kPa"), ("37", "°C", UCUM, "Cel"), ("98.6", "°F", UCUM, "[degF]"), ("2", "tablets", "urn:oid:1.2.3", "tbl"), ("100", "mg/dL", UCUM, "mg/dL"),
];
pub(super) const UCUM: &str = "http://unitsofmeasure.org";
const CURRENCIES: [&str; 2] = ["MXN", "VND"];

/// The ids that resources of a type have when they are about this person.
pub(super) fn ids(kind: ResourceType, person: &str) -> [String; 2] {
    match kind {
        ResourceType::PATIENT => [person.to_owned(), person.to_owned()],
        _ if home::is_shared(kind) => ["s1".to_owned(), "s2".to_owned()],
        _ => [format!("{person}-1"), format!("{person}-2")],
    }
}

/// The codes of a published value set, always in the same order; none where not all are known.
fn codes_of(url: &'static str) -> Option<&'static [Code]> {
    static KNOWN: OnceLock<Mutex<HashMap<&'static str, Option<&'static [Code]>>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().expect("nobody panics while asking for codes");
    *known.entry(url).or_insert_with(|| {
        let mut codes = r4().value_set(url)?.codes().filter(|codes| !codes.is_empty())?;
        codes.sort_unstable_by_key(|one| (one.system, one.code));
        Some(&*codes.leak())
    })
}

impl Inventor {
    pub(super) fn text(&mut self, from: &[&str]) -> Tree {
        let text = *self.chance.one(from);
        Tree::text(text)
    }

    /// The value of a type that has a usual form here; none where its elements are invented one by one.
    pub(super) fn usual(&mut self, element: &'static Element, chosen: &'static TypeRef, place: &str) -> Option<Tree> {
        let required = element.binding.filter(|binding| binding.strength == Strength::Required).map(|binding| binding.value_set);
        let bound = element.binding.filter(|binding| binding.strength == Strength::Required || self.chance.once_in(3)).map(|binding| binding.value_set);
        if chosen.definition().kind == Kind::Primitive || chosen.code.starts_with("http://hl7.org/fhirpath/") {
            return Some(self.primitive(chosen, required, place));
        }
        Some(match chosen.code {
            "Reference" => self.reference(chosen, place),
            "Coding" => self.coding(bound),
            "CodeableConcept" => self.concept(bound),
            "Identifier" => self.identifier(),
            "Quantity" => self.quantity(true),
            "SimpleQuantity" => self.quantity(false),
            "Age" | "Duration" => Tree::object([("value", Tree::token(*self.chance.one(&["5", "40", "5.4"]))), ("unit", Tree::text("a")), ("system", Tree::text(UCUM)), ("code", Tree::text("a"))]),
            "Count" => Tree::object([("value", Tree::token("3")), ("system", Tree::text(UCUM)), ("code", Tree::text("1"))]),
            "Distance" => Tree::object([("value", Tree::token("5.4")), ("system", Tree::text(UCUM)), ("code", Tree::text("m"))]),
            "Range" => self.range(),
            "Money" => Tree::object([("value", Tree::token(*self.chance.one(&NUMBERS))), ("currency", self.text(&CURRENCIES))]),
            "Period" => self.period(),
            "Timing" => match self.chance.below(2) {
                0 => Tree::object([("event", Tree::List(vec![self.moment(), self.moment()]))]),
                _ => Tree::object([("repeat", Tree::object([("boundsPeriod", self.period())]))]),
            },
            _ => return None,
        })
    }

    fn primitive(&mut self, chosen: &'static TypeRef, bound: Option<&'static str>, place: &str) -> Tree {
        match chosen.code {
            "boolean" => Tree::token(if self.chance.once_in(2) { "true" } else { "false" }),
            "integer" => Tree::token(*self.chance.one(&["0", "5", "100", "-3"])),
            "unsignedInt" => Tree::token(*self.chance.one(&["0", "5", "100"])),
            "positiveInt" => Tree::token(*self.chance.one(&["1", "5", "100"])),
            "decimal" => Tree::token(*self.chance.one(&NUMBERS)),
            "code" => self.code(bound),
            "date" => self.text(&DAYS),
            "dateTime" => self.moment(),
            "instant" => self.text(&MOMENTS),
            "time" => self.text(&["08:00:00", "23:59:59"]),
            "base64Binary" => Tree::text("QUJD"),
            "id" => self.text(&["a1", "b-2"]),
            "oid" => Tree::text("urn:oid:1.2.3"),
            "uuid" => Tree::text("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"),
            "canonical" => self.canonical(place),
            "uri" | "url" if place == "url" => {
                let number = 1 + self.chance.below(2);
                Tree::text(&format!("http://defs.example/d/{number}"))
            }
            "uri" | "url" => self.text(&["http://defs.example/d/1", "http://defs.example/d", "urn:oid:1.2.3", "http://defs.example/Đỗ,x"]),
            _ => {
                let (first, second) = (*self.chance.one(&WORDS), *self.chance.one(&WORDS));
                Tree::text(&if self.chance.once_in(3) { format!("{first} {second}") } else { first.to_owned() })
            }
        }
    }

    fn code(&mut self, bound: Option<&'static str>) -> Tree {
        match bound.map(|url| (url, codes_of(url))) {
            Some((_, Some(codes))) => Tree::text(self.chance.one(codes).code),
            Some((url, None)) if url.ends_with("/mimetypes") => Tree::text("text/plain"),
            Some(_) => Tree::text("mg"),
            None => self.text(&CODES),
        }
    }

    pub(super) fn coding(&mut self, bound: Option<&'static str>) -> Tree {
        let mut members = Vec::new();
        match bound.and_then(codes_of) {
            Some(codes) => {
                let one = self.chance.one(codes);
                members.push(("system".to_owned(), Tree::text(one.system)));
                members.push(("code".to_owned(), Tree::text(one.code)));
            }
            None => {
                if !self.chance.once_in(4) {
                    members.push(("system".to_owned(), self.text(&SYSTEMS)));
                }
                members.push(("code".to_owned(), self.text(&CODES)));
            }
        }
        if self.chance.once_in(3) {
            members.push(("display".to_owned(), self.text(&WORDS)));
        }
        Tree::Object(members)
    }

    pub(super) fn concept(&mut self, bound: Option<&'static str>) -> Tree {
        let codings = (0..1 + self.chance.below(2)).map(|_| self.coding(bound)).collect();
        let mut members = vec![("coding".to_owned(), Tree::List(codings))];
        if self.chance.once_in(2) {
            members.push(("text".to_owned(), self.text(&WORDS)));
        }
        Tree::Object(members)
    }

    fn identifier(&mut self) -> Tree {
        let mut members = Vec::new();
        if self.chance.once_in(3) {
            let kind = Tree::object([("system", Tree::text("http://terminology.hl7.org/CodeSystem/v2-0203")), ("code", self.text(&["MR", "PPN"]))]);
            members.push(("type".to_owned(), Tree::object([("coding", Tree::List(vec![kind])), ("text", self.text(&WORDS))])));
        }
        if !self.chance.once_in(4) {
            members.push(("system".to_owned(), self.text(&SYSTEMS)));
        }
        members.push(("value".to_owned(), self.text(&VALUES)));
        Tree::Object(members)
    }

    fn quantity(&mut self, may_compare: bool) -> Tree {
        let (number, unit, system, code) = *self.chance.one(&AMOUNTS);
        let mut members = vec![("value".to_owned(), Tree::token(number))];
        if may_compare && self.chance.once_in(8) {
            members.push(("comparator".to_owned(), self.text(&["<", "<=", ">", ">="])));
        }
        if !self.chance.once_in(5) {
            members.extend([("unit".to_owned(), Tree::text(unit)), ("system".to_owned(), Tree::text(system)), ("code".to_owned(), Tree::text(code))]);
        }
        Tree::Object(members)
    }

    fn range(&mut self) -> Tree {
        let side = |number: &str| Tree::object([("value", Tree::token(number)), ("unit", Tree::text("mg")), ("system", Tree::text(UCUM)), ("code", Tree::text("mg"))]);
        match self.chance.below(3) {
            0 => Tree::object([("low", side("5"))]),
            1 => Tree::object([("high", side("5.4"))]),
            _ => Tree::object([("low", side("5")), ("high", side("100"))]),
        }
    }

    fn moment(&mut self) -> Tree {
        if self.chance.once_in(2) { self.text(&DAYS) } else { self.text(&MOMENTS) }
    }

    fn period(&mut self) -> Tree {
        match self.chance.below(10) {
            0 => Tree::object([("start", self.moment())]),
            1 => Tree::object([("end", self.moment())]),
            2 => Tree::object([("start", Tree::text("2024-01-31")), ("end", Tree::text("2024-02-01"))]),
            3 => Tree::object([("start", Tree::text("2023-12-31")), ("end", self.text(&["2024-01-05", "2024-02-29", "2024-06-30"]))]),
            // A short one over the turn of a month is found from the month before on.
            4 | 5 => Tree::object([("start", self.text(&["2024-03-25", "2024-03-31T22:00:00Z"])), ("end", self.text(&["2024-04-20", "2024-04-16T08:00:00Z"]))]),
            // Stays over many months: their postings lie apart from those of a month.
            6..9 => Tree::object([("start", self.text(&["2023-10", "2024-01-31", "2024-02"])), ("end", self.text(&["2024-05-01", "2024-06-30T12:00:00Z"]))]),
            _ => Tree::object([("start", Tree::text("2024-02-29T23:30:00-06:00")), ("end", self.text(&["2024-03-01T05:30:00Z", "2024-03-01T10:00:00+07:00"]))]),
        }
    }

    fn canonical(&mut self, place: &str) -> Tree {
        let version = *self.chance.one(&["", "", "|1.0"]);
        // A profile that is here must be met: those that are claimed are nowhere.
        let folder = if place == "meta.profile" { "http://profiles.example/p" } else { "http://defs.example/d" };
        Tree::text(&format!("{folder}/{}{version}", 1 + self.chance.below(2)))
    }

    fn reference(&mut self, chosen: &'static TypeRef, place: &str) -> Tree {
        let mut members = Vec::new();
        let target = self.target(chosen, place);
        let by_identifier_only = self.chance.once_in(12);
        if !by_identifier_only {
            members.push(("reference".to_owned(), Tree::text(&target)));
        }
        if by_identifier_only || self.chance.once_in(10) {
            members.push(("identifier".to_owned(), self.identifier()));
        }
        if self.chance.once_in(6) {
            members.push(("display".to_owned(), self.text(&WORDS)));
        }
        Tree::Object(members)
    }

    fn target(&mut self, chosen: &'static TypeRef, place: &str) -> String {
        let usual = ["Patient", "Practitioner", "Organization", "Observation", "Device", "Encounter"];
        let targets: &[&str] = if chosen.targets.is_empty() || chosen.targets.contains(&"Resource") { &usual } else { &chosen.targets };
        let is_home = home::rule(self.kind).paths.contains(&place);
        let name = if is_home && targets.contains(&"Patient") && !self.chance.once_in(5) { "Patient" } else { *self.chance.one(targets) };
        let Some(kind) = ResourceType::named(name) else { return format!("{name}/1") };
        let is_close = is_home || matches!(name, "Encounter" | "RelatedPerson") || !self.chance.once_in(4);
        let person = if is_close { self.person } else { *self.chance.one(&PEOPLE) };
        let id = self.chance.one(&ids(kind, person)).clone();
        match self.chance.below(12) {
            0 => format!("{BASE_URL}/{kind}/{id}"),
            1 => format!("{kind}/{id}/_history/1"),
            2 if !is_home => format!("https://elsewhere.example/fhir/{kind}/{id}"),
            _ => format!("{kind}/{id}"),
        }
    }
}
