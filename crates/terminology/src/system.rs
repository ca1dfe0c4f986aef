//! A code system in memory: its concepts, what lies above what, and what each is called.
//!
//! * Made from a CodeSystem resource or from the built-in table; never changed afterwards.
//! * Concepts stand in the order of their resource; a parent is known by its number.

use crate::fold::fold;
use crate::typing::Typing;
use crate::ucum;
use fhir::Value;
use fhir::definitions::{self, Content};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// A code system.
pub struct System {
    /// Its canonical address, without version.
    pub url: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// Its name for people, else for programs.
    pub name: Option<String>,
    /// The language of its displays: English where it does not say.
    pub language: Box<str>,
    /// How much of it is here.
    pub content: Content,
    /// The concepts, in the order they were told.
    pub concepts: Vec<Concept>,
    by_code: HashMap<Box<str>, u32>,
    is_case_sensitive: bool,
    /// The first code of each way to write it, by its small letters: only where capitals make no difference.
    by_small: OnceLock<HashMap<String, u32>>,
    typing: OnceLock<Typing>,
    children: OnceLock<HashMap<u32, Vec<u32>>>,
    /// Properties and filters the resource declares.
    declared: Vec<Box<str>>,
    properties: OnceLock<HashSet<Box<str>>>,
    /// What stands below a concept is a part of it, as a wheel of a car, and no kind of it.
    is_of_parts: bool,
}

/// Properties that concepts of every system may have, and what filters call a concept by.
/// <https://hl7.org/fhir/R4/codesystem.html#defined-props>
const USUAL_PROPERTIES: [&str; 14] = [
    "code", "concept", "display", "definition", "parent", "child", "partOf", "inactive", "status", "deprecated", "effectiveDate", "deprecationDate", "notSelectable", "synonym",
];

/// A concept.
#[derive(Default)]
pub struct Concept {
    /// Its code.
    pub code: Box<str>,
    /// What it is called in the system's own language.
    pub display: Option<Box<str>>,
    /// What it means.
    pub definition: Option<Box<str>>,
    /// The broader ones right above it.
    pub parents: Vec<u32>,
    /// What it is called elsewhere.
    pub designations: Vec<Designation>,
    /// Properties, each with the JSON member of its value (`valueCode`) and the value's text.
    pub properties: Vec<(Box<str>, Box<str>, Box<str>)>,
    /// No longer to be used.
    pub is_inactive: bool,
    /// A heading, not a code to be chosen.
    pub is_abstract: bool,
}

/// A name of a concept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Designation {
    /// BCP 47: `es`, `vi`.
    pub language: Option<Box<str>>,
    /// The name.
    pub value: Box<str>,
    /// What kind of name: a Coding, as it stood in the resource.
    pub usage: Option<Box<str>>,
}

impl Designation {
    /// True for what a code covers too: people find it by that, but it is not called so.
    fn is_note(&self) -> bool {
        self.usage.as_deref().is_some_and(|usage| usage.contains(USES) && usage.contains("\"inclusion\""))
    }
}

/// The code system of Carnet's own kinds of names.
pub(crate) const USES: &str = "https://carnet.health/fhir/CodeSystem/designation-use";

/// Whether a code exists.
#[derive(Debug, PartialEq, Eq)]
pub enum Existence {
    /// It is held under this number.
    Held(u32),
    /// It is not listed, but well formed by the grammar of its system; with its meaning in words.
    Formed(String),
    /// It does not exist; with the reason, where the system has more than a list.
    Absent(Option<String>),
    /// Only a part of the system is held, and the code is not in it.
    Unknown,
}

impl System {
    /// Reads a CodeSystem resource. None where it has no url.
    pub fn read(resource: Value<'_>) -> Option<System> {
        let text = |name: &str| resource.string(name).map(|text| text.into_owned());
        let content = match resource.string("content").as_deref() {
            Some("complete") => Content::Complete,
            Some("fragment") => Content::Fragment,
            Some("example") => Content::Example,
            Some("supplement") => Content::Supplement,
            _ => Content::NotPresent,
        };
        let mut concepts = Vec::new();
        let mut broader: Vec<(u32, Box<str>, bool)> = Vec::new();
        if let Some(list) = resource.get("concept") {
            nested(list, None, &mut concepts, &mut broader);
        }
        let is_case_sensitive = resource.get("caseSensitive").and_then(|value| value.as_bool()).unwrap_or(true);
        let mut system = System::of(text("url")?, text("version"), text("title").or_else(|| text("name")), content, concepts, is_case_sensitive);
        let declared = ["property", "filter"].into_iter().flat_map(|list| resource.get(list)).flat_map(|list| list.items());
        system.is_of_parts = resource.string("hierarchyMeaning").as_deref() == Some("part-of");
        system.declared = declared.filter_map(|one| one.string("code").map(|code| code.into())).collect();
        if let Some(language) = text("language") {
            system.display_first(&language);
            system.language = language.into();
        }
        for (number, code, upwards) in broader {
            if let Some(other) = system.place(&code) {
                let (child, parent) = if upwards { (number, other) } else { (other, number) };
                let parents = &mut system.concepts[child as usize].parents;
                if !parents.contains(&parent) {
                    parents.push(parent);
                }
            }
        }
        Some(system)
    }

    /// The published one.
    pub fn of_r4(held: definitions::CodeSystem) -> System {
        let rows: Vec<_> = held.concepts().collect();
        let places: HashMap<&str, u32> = rows.iter().zip(0..).map(|(row, place)| (row.code, place)).collect();
        let concepts = rows.iter().map(|row| Concept {
            code: row.code.into(),
            display: row.display.map(Into::into),
            parents: row.parents().filter_map(|parent| places.get(parent.code).copied()).collect(),
            ..Concept::default()
        });
        System::of(held.url().to_owned(), None, None, held.content(), concepts.collect(), held.is_case_sensitive())
    }

    /// Whether its concepts may have a property: one that every system has, one it declares, or one that any of them bears.
    pub fn has_property(&self, name: &str) -> bool {
        let own = || self.concepts.iter().flat_map(|concept| &concept.properties).map(|(name, ..)| name).chain(&self.declared).cloned().collect::<HashSet<_>>();
        USUAL_PROPERTIES.contains(&name) || self.properties.get_or_init(own).contains(name)
    }

    /// One that is told concept by concept.
    pub(crate) fn of(url: String, version: Option<String>, name: Option<String>, content: Content, concepts: Vec<Concept>, is_case_sensitive: bool) -> System {
        let mut by_code = HashMap::with_capacity(concepts.len());
        for (concept, place) in concepts.iter().zip(0u32..) {
            by_code.entry(concept.code.clone()).or_insert(place);
        }
        System { url, version, name, language: "en".into(), content, concepts, by_code, is_case_sensitive, by_small: OnceLock::new(), typing: OnceLock::new(), children: OnceLock::new(), declared: Vec::new(), properties: OnceLock::new(), is_of_parts: false }
    }

    /// One whose every code is told here, each called as its language has it.
    pub fn whole(url: &str, name: &str, language: &str, concepts: Vec<Concept>) -> System {
        let system = System::of(url.to_owned(), None, Some(name.to_owned()), Content::Complete, concepts, true);
        System { language: language.into(), ..system }
    }

    /// True where a code that is not here does not exist.
    pub fn is_complete(&self) -> bool {
        self.content == Content::Complete && !self.concepts.is_empty()
    }

    /// The number of a code.
    pub fn place(&self, code: &str) -> Option<u32> {
        let exact = self.by_code.get(code).copied();
        if exact.is_some() || self.is_case_sensitive {
            return exact;
        }
        let by_small = || {
            let mut all = HashMap::with_capacity(self.concepts.len());
            for (concept, place) in self.concepts.iter().zip(0u32..) {
                all.entry(concept.code.to_ascii_lowercase()).or_insert(place);
            }
            all
        };
        self.by_small.get_or_init(by_small).get(&code.to_ascii_lowercase()).copied()
    }

    /// Whether two codes are one here: to the letter, or but for capitals where the system makes no difference.
    pub fn is_same_code(&self, left: &str, right: &str) -> bool {
        left == right || (!self.is_case_sensitive && left.eq_ignore_ascii_case(right))
    }

    /// What is said of a code.
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        self.place(code).map(|place| &self.concepts[place as usize])
    }

    /// Whether a concept is the other one or lies below it. Where the system says that its hierarchy is one of parts,
    /// nothing is a kind of anything else. <https://hl7.org/fhir/R4/valueset-codesystem-hierarchy-meaning.html>
    pub fn is_a(&self, place: u32, ancestor: u32) -> bool {
        if self.is_of_parts {
            return place == ancestor;
        }
        let (mut waiting, mut seen) = (vec![place], HashSet::new());
        while let Some(one) = waiting.pop() {
            if one == ancestor {
                return true;
            }
            if seen.insert(one) {
                waiting.extend(&self.concepts[one as usize].parents);
            }
        }
        false
    }

    /// Every concept that is wider than one, itself not among them.
    pub fn above(&self, place: u32) -> HashSet<u32> {
        if self.is_of_parts {
            return HashSet::new();
        }
        let (mut waiting, mut seen) = (self.concepts[place as usize].parents.clone(), HashSet::new());
        while let Some(one) = waiting.pop() {
            if one != place && seen.insert(one) {
                waiting.extend(&self.concepts[one as usize].parents);
            }
        }
        seen
    }

    /// Whether a code exists, by list or by grammar.
    pub fn existence(&self, code: &str) -> Existence {
        match self.place(code) {
            Some(place) => Existence::Held(place),
            None if self.url == ucum::SYSTEM => ucum::meaning(code).map_or_else(|why| Existence::Absent(Some(why)), Existence::Formed),
            None if self.is_complete() => Existence::Absent(None),
            None => Existence::Unknown,
        }
    }

    /// The same as [`System::is_a`] where enough is held to tell: in a part of a system only a
    /// relation that is there is certain.
    pub fn is_surely_a(&self, place: u32, ancestor: u32) -> Option<bool> {
        match self.is_a(place, ancestor) {
            true => Some(true),
            false => self.is_complete().then_some(false),
        }
    }

    /// The concepts right below one.
    pub fn children(&self, place: u32) -> impl Iterator<Item = &Concept> {
        let below = self.children.get_or_init(|| {
            let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
            for (concept, number) in self.concepts.iter().zip(0u32..) {
                concept.parents.iter().for_each(|parent| below.entry(*parent).or_default().push(number));
            }
            below
        });
        below.get(&place).into_iter().flatten().map(|number| &self.concepts[*number as usize])
    }

    /// Where a concept has other names in the language of its display, the display is the first of them.
    fn display_first(&mut self, language: &str) {
        for concept in &mut self.concepts {
            let Some(display) = concept.display.clone() else { continue };
            if concept.designations.iter().any(|one| one.language.as_deref().map(primary) == Some(primary(language))) {
                concept.designations.insert(0, Designation { language: Some(language.into()), value: display, usage: None });
            }
        }
    }

    /// What a concept is called in a language, where a text calls it so in another one, or is but its code: none where
    /// the text is one of its names in that language, or is not seen to be in another.
    pub fn translated<'s>(&'s self, concept: &'s Concept, text: &str, language: &str) -> Option<&'s str> {
        let folded = fold(text);
        let own = concept.display.as_deref().map(|display| (primary(&self.language), display));
        let named = concept.designations.iter().filter_map(|one| Some((primary(one.language.as_deref()?), &*one.value)));
        let names: Vec<(String, &str)> = named.chain(own.clone()).collect();
        let is_said = |wanted: bool| names.iter().any(|(told, name)| (*told == language) == wanted && fold(name) == folded);
        let is_code = *text == *concept.code;
        let is_foreign = is_code || is_said(false) || written_in(text).is_some_and(|told| told != language);
        let found = concept.named_in(language).or_else(|| own.filter(|(told, _)| told == language).map(|(_, display)| display))?;
        (!is_said(true) && is_foreign).then_some(found)
    }

    /// Adds names in languages in which a concept has none; codes that are not here are passed over.
    pub fn name_more<'n>(mut self, names: impl Iterator<Item = (&'n str, Designation)>) -> System {
        for (code, name) in names {
            let Some(place) = self.place(code) else { continue };
            let concept = &mut self.concepts[place as usize];
            let has_one = concept.designations.iter().any(|own| own.language.as_deref().map(primary) == name.language.as_deref().map(primary));
            if !has_one {
                concept.designations.push(name);
            }
        }
        self
    }

    /// The concepts whose names hold a word that begins like each word typed, the likeliest first.
    pub fn typed(&self, text: &str) -> Vec<u32> {
        self.typing.get_or_init(|| Typing::new(&self.concepts)).find(text, &self.concepts)
    }
}

impl Concept {
    /// What it is called in a language (`vi`, also where `vi-VN` is asked for), else in the system's own.
    pub fn display_in(&self, language: Option<&str>) -> Option<&str> {
        language.and_then(|language| self.named_exactly(language).or_else(|| self.named_in(&primary(language)))).or(self.display.as_deref())
    }

    /// The first name in a language with its country, as `es-MX`, that is no mere note.
    fn named_exactly(&self, language: &str) -> Option<&str> {
        let mut named = self.designations.iter().filter(|one| one.language.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(language)) && !one.is_note());
        named.next().map(|one| &*one.value)
    }

    /// The first name in a language, given without its country, that is no mere note.
    fn named_in(&self, language: &str) -> Option<&str> {
        let mut named = self.designations.iter().filter(|one| one.language.as_deref().map(primary).as_deref() == Some(language) && !one.is_note());
        named.next().map(|one| &*one.value)
    }

    /// Every name it has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.display.as_deref().into_iter().chain(self.designations.iter().map(|one| &*one.value))
    }
}

/// Whether a display is one of the names of a code: case, spaces, accents and marks are nothing to go by.
pub fn is_called<'n>(mut names: impl Iterator<Item = &'n str>, display: &str) -> bool {
    let folded = fold(display);
    names.any(|name| fold(name) == folded)
}

/// The language a text is in, as far as its letters alone tell.
fn written_in(text: &str) -> Option<&'static str> {
    let has = |wanted: &dyn Fn(char) -> bool| text.chars().flat_map(char::to_lowercase).any(|letter| wanted(letter));
    if has(&|letter| ('\u{0430}'..='\u{044f}').contains(&letter)) {
        return Some("ru");
    }
    // Letters that no other language of the house has; accents alone may be Spanish.
    has(&|letter| matches!(letter, 'ă' | 'đ' | 'ơ' | 'ư') || ('\u{1ea0}'..='\u{1ef9}').contains(&letter)).then_some("vi")
}

/// The language of a tag, whatever its country: `es` of `es-MX`.
fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

/// Concepts in the order of the resource, each before those that nest in it. A text nests no
/// deeper than its reader allows.
fn nested(list: Value<'_>, parent: Option<u32>, concepts: &mut Vec<Concept>, broader: &mut Vec<(u32, Box<str>, bool)>) {
    for item in list.items() {
        let number = concepts.len() as u32;
        let Some(concept) = concept(item, parent, number, broader) else { continue };
        concepts.push(concept);
        if let Some(list) = item.get("concept") {
            nested(list, Some(number), concepts, broader);
        }
    }
}

fn concept(item: Value<'_>, parent: Option<u32>, number: u32, broader: &mut Vec<(u32, Box<str>, bool)>) -> Option<Concept> {
    let text = |value: Value<'_>, name: &str| value.string(name).map(|text| Box::<str>::from(&*text));
    let list = |name: &str| item.get(name).into_iter().flat_map(|list| list.items());
    let mut found = Concept { code: text(item, "code")?, display: text(item, "display"), definition: text(item, "definition"), parents: parent.into_iter().collect(), ..Concept::default() };
    found.designations = list("designation").filter_map(|one| Some(Designation { language: text(one, "language"), value: text(one, "value")?, usage: one.get("use").map(|usage| usage.raw().into()) })).collect();
    for property in list("property") {
        let Some(code) = text(property, "code") else { continue };
        let Some((member, value)) = property.members().find(|(member, _)| member.starts_with("value")) else { continue };
        let said = value.as_str().map(|text| text.into_owned()).or_else(|| value.string("code").map(|text| text.into_owned())).unwrap_or_else(|| value.raw().to_owned());
        match &*code {
            "parent" | "subsumedBy" => broader.push((number, said.clone().into(), true)),
            "child" => broader.push((number, said.clone().into(), false)),
            "inactive" => found.is_inactive |= said == "true",
            "status" => found.is_inactive |= matches!(said.as_str(), "retired" | "deprecated" | "inactive"),
            "notSelectable" | "abstract" => found.is_abstract |= said == "true",
            _ => {}
        }
        found.properties.push((code, (&*member).into(), said.into()));
    }
    Some(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use fhir::Document;

    pub(crate) fn animals() -> System {
        let text = r#"{"resourceType":"CodeSystem","url":"urn:animals","version":"2","status":"active","content":"complete","concept":[
            {"code":"A","display":"Animal","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
                {"code":"C","display":"Cat","designation":[{"language":"es","value":"Gato doméstico"},{"language":"vi","value":"Mèo nhà"},{"language":"ru","value":"Кошка"}]},
                {"code":"D","display":"Domestic dog","property":[{"code":"status","valueCode":"retired"}]}]},
            {"code":"K","display":"Kitten","property":[{"code":"parent","valueCode":"C"}]}]}"#;
        System::read(Document::read(text).unwrap().root()).unwrap()
    }

    #[test]
    fn a_hierarchy_is_told_by_nesting_and_by_properties() {
        let system = animals();
        let is_a = |code: &str, ancestor: &str| system.is_a(system.place(code).unwrap(), system.place(ancestor).unwrap());
        assert!(is_a("K", "A") && is_a("K", "C") && is_a("C", "C") && !is_a("A", "C") && !is_a("D", "C"));
        assert!(system.concept("D").unwrap().is_inactive && system.concept("A").unwrap().is_abstract);
        assert_eq!(system.children(system.place("C").unwrap()).map(|one| &*one.code).collect::<Vec<_>>(), ["K"]);
    }

    #[test]
    fn a_part_is_no_kind_of_the_whole() {
        let text = r#"{"resourceType":"CodeSystem","url":"urn:car","status":"active","hierarchyMeaning":"part-of","content":"complete","concept":[{"code":"car","concept":[{"code":"wheel"}]}]}"#;
        let system = System::read(Document::read(text).unwrap().root()).unwrap();
        let (car, wheel) = (system.place("car").unwrap(), system.place("wheel").unwrap());
        assert!(!system.is_a(wheel, car) && !system.is_a(car, wheel) && system.is_a(car, car));
        assert_eq!(system.is_surely_a(wheel, car), Some(false));
        assert!(system.above(wheel).is_empty());
        // It is still told what stands below what.
        assert_eq!(system.children(car).map(|one| &*one.code).collect::<Vec<_>>(), ["wheel"]);
    }

    #[test]
    fn neither_a_note_nor_a_short_name_stands_for_the_display() {
        let text = format!(r#"{{"resourceType":"CodeSystem","language":"en","url":"urn:x","status":"active","content":"complete","concept":[{{"code":"1","display":"Type 1 diabetes","designation":[
            {{"language":"en","use":{{"system":"{USES}","code":"inclusion"}},"value":"brittle"}},{{"language":"en","value":"T1D"}},
            {{"language":"es","use":{{"system":"{USES}","code":"inclusion"}},"value":"lábil"}}]}}]}}"#);
        let system = System::read(Document::read(&text).unwrap().root()).unwrap();
        let one = &system.concepts[0];
        for language in [Some("en"), Some("en-GB"), Some("es"), None] {
            assert_eq!(one.display_in(language), Some("Type 1 diabetes"), "{language:?}");
        }
        assert_eq!(system.typed("lab").len(), 1, "but it is found by it");
    }

    #[test]
    fn a_name_in_another_language_is_told_in_the_readers() {
        let system = animals();
        let cat = system.concept("C").unwrap();
        for (text, language, expect) in [
            ("Cat", "vi", Some("Mèo nhà")),
            ("gato domestico", "ru", Some("Кошка")),
            ("Gato doméstico", "es", None),
            // Known by its letters alone.
            ("кошечка", "es", Some("Gato doméstico")),
            ("con mèo đen", "ru", Some("Кошка")),
            // Nobody knows in which language this is.
            ("Felis", "es", None),
            ("Кошка", "en", Some("Cat")),
            ("Cat", "fr", None),
            // A code alone names nothing to anybody.
            ("C", "vi", Some("Mèo nhà")),
            ("C", "en", Some("Cat")),
            ("C", "fr", None),
        ] {
            assert_eq!(system.translated(cat, text, language), expect, "{text} {language}");
        }
    }

    #[test]
    fn what_ships_makes_the_difference_of_capitals_that_its_owner_makes() {
        let turned = |code: &str| code.chars().map(|letter| if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }).collect::<String>();
        let mut count = 0;
        for held in fhir::r4().code_systems() {
            let Some(first) = held.concepts().find(|concept| turned(concept.code) != concept.code) else { continue };
            let code = turned(first.code);
            assert_eq!(System::of_r4(held).place(&code).is_some(), held.concept(&code).is_some(), "{}: {code}", held.url());
            count += 1;
        }
        assert!(count > 100, "{count} systems");
    }

    #[test]
    fn a_concept_is_called_as_the_reader_speaks() {
        let system = animals();
        let cat = system.concept("C").unwrap();
        for (language, expect) in [(Some("vi-VN"), "Mèo nhà"), (Some("fr"), "Cat"), (None, "Cat")] {
            assert_eq!(cat.display_in(language), Some(expect));
        }
        // Whoever reads the Spanish of Mexico is told that, where there is one.
        let named = |language: &str, value: &str| Designation { language: Some(language.into()), value: value.into(), usage: None };
        let one = Concept { code: "1".into(), designations: vec![named("es", "bus"), named("es-MX", "camión")], ..Concept::default() };
        assert_eq!([Some("es-mx"), Some("es-AR"), Some("es")].map(|language| one.display_in(language)), [Some("camión"), Some("bus"), Some("bus")]);
    }
}
