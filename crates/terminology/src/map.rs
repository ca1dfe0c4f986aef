//! Concept maps: from the codes of one system to those of another.
//! <https://hl7.org/fhir/R4/conceptmap.html>

use crate::set::{Library, Set, is_same_code};
use crate::system::System;
use fhir::Value;
use std::sync::Arc;

/// No system is held: then codes are the same to the letter only.
struct Nothing;

impl Library for Nothing {
    fn system(&self, _: &str) -> Option<Arc<System>> {
        None
    }

    fn set(&self, _: &str) -> Option<Arc<Set>> {
        None
    }
}

/// A concept map.
pub struct Map {
    /// Its canonical address.
    pub url: String,
    /// Between what it translates.
    pub sides: Sides,
    groups: Vec<Group>,
}

/// Between which value sets and code systems a map translates.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sides {
    /// The value set its codes were chosen from.
    pub source: Option<String>,
    /// The value set they are translated into.
    pub target: Option<String>,
    /// From which code system to which, group by group.
    pub systems: Vec<(Option<String>, Option<String>)>,
}

/// What somebody wants translated who names no map. With `reverse` both sides change places.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sought<'s> {
    /// The system of the code.
    pub system: Option<&'s str>,
    /// The value set the code was chosen from.
    pub source: Option<&'s str>,
    /// The value set wanted.
    pub target: Option<&'s str>,
    /// The code system wanted.
    pub into: Option<&'s str>,
    /// From the target of the map to its source.
    pub reverse: bool,
}

struct Group {
    source: Option<String>,
    target: Option<String>,
    source_version: Option<String>,
    target_version: Option<String>,
    elements: Vec<(String, Vec<Target>)>,
    unmapped: Option<Unmapped>,
}

/// What becomes of a code that a group does not name.
/// <https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.unmapped>
enum Unmapped {
    /// The code itself.
    Provided,
    /// Always this one.
    Fixed { code: String, display: Option<String> },
    /// What another map says.
    Other(String),
}

#[derive(Default)]
struct Target {
    code: Option<String>,
    display: Option<String>,
    equivalence: String,
    products: Vec<Product>,
    is_conditional: bool,
}

/// Another element that is told by a translation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Which element.
    pub element: String,
    /// The code system of its value.
    pub system: Option<String>,
    /// Its value.
    pub value: String,
    /// What the value is called.
    pub display: Option<String>,
}

/// What a code is translated to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Translation {
    /// `equivalent`, `wider`, `narrower`…, seen from the code asked about.
    pub equivalence: String,
    /// Where the code found belongs.
    pub system: Option<String>,
    /// The code found; none where the map says that there is none.
    pub code: Option<String>,
    /// What it is called.
    pub display: Option<String>,
    /// What else follows.
    pub products: Vec<Product>,
    /// True where it holds only for some values of other elements.
    pub is_conditional: bool,
}

impl Sides {
    /// Reads those of a ConceptMap resource.
    pub fn read(resource: Value<'_>) -> Sides {
        let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned());
        Sides {
            source: text(resource, "sourceCanonical").or_else(|| text(resource, "sourceUri")),
            target: text(resource, "targetCanonical").or_else(|| text(resource, "targetUri")),
            systems: list(resource, "group").map(|group| (text(group, "source"), text(group, "target"))).collect(),
        }
    }

    /// Whether it may answer: a set that is named must be the map's own, and one group must be of the systems named.
    /// A map that names no set was made for none, so it answers only who names none.
    pub fn fit(&self, sought: Sought<'_>) -> bool {
        let (source, target) = if sought.reverse { (&self.target, &self.source) } else { (&self.source, &self.target) };
        let is_set = |own: &Option<String>, asked: Option<&str>| asked.is_none_or(|asked| own.as_deref().is_some_and(|own| is_same(own, asked)));
        let is_system = |own: &Option<String>, asked: Option<&str>| asked.is_none_or(|asked| own.as_deref() == Some(asked));
        let is_group = |(from, to): &(Option<String>, Option<String>)| {
            let (from, to) = if sought.reverse { (to, from) } else { (from, to) };
            is_system(from, sought.system) && is_system(to, sought.into)
        };
        is_set(source, sought.source) && is_set(target, sought.target) && self.systems.iter().any(is_group)
    }
}

/// Two canonical addresses of one thing: a version counts where both have one.
fn is_same(left: &str, right: &str) -> bool {
    let parts = |text: &str| text.split_once('|').map_or((text.to_owned(), None), |(url, version)| (url.to_owned(), Some(version.to_owned())));
    let ((left, left_version), (right, right_version)) = (parts(left), parts(right));
    left == right && (left_version.is_none() || right_version.is_none() || left_version == right_version)
}

fn list<'d>(value: Value<'d>, name: &str) -> impl Iterator<Item = Value<'d>> {
    value.get(name).into_iter().flat_map(|list| list.items())
}

impl Map {
    /// Reads a ConceptMap resource.
    pub fn read(resource: Value<'_>) -> Map {
        let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned());
        let product = |one: Value<'_>| Some(Product { element: text(one, "property")?, system: text(one, "system"), value: text(one, "value")?, display: text(one, "display") });
        let target = |one: Value<'_>| Target {
            code: text(one, "code"),
            display: text(one, "display"),
            equivalence: text(one, "equivalence").unwrap_or_else(|| "relatedto".to_owned()),
            products: list(one, "product").filter_map(product).collect(),
            is_conditional: one.get("dependsOn").is_some(),
        };
        let groups = list(resource, "group").map(|group| Group {
            source: text(group, "source"),
            target: text(group, "target"),
            source_version: text(group, "sourceVersion"),
            target_version: text(group, "targetVersion"),
            elements: list(group, "element").filter_map(|element| Some((text(element, "code")?, list(element, "target").map(target).collect()))).collect(),
            unmapped: group.get("unmapped").and_then(|unmapped| match &*text(unmapped, "mode")? {
                "provided" => Some(Unmapped::Provided),
                "fixed" => Some(Unmapped::Fixed { code: text(unmapped, "code")?, display: text(unmapped, "display") }),
                "other-map" => text(unmapped, "url").map(Unmapped::Other),
                _ => None,
            }),
        });
        Map { url: text(resource, "url").unwrap_or_default(), sides: Sides::read(resource), groups: groups.collect() }
    }

    /// One within a system: each code with what it becomes, as code, name and equivalence.
    pub fn within(url: &str, system: &str, codes: impl Iterator<Item = (String, Vec<(String, String, &'static str)>)>) -> Map {
        let target = |(code, display, equivalence): (String, String, &str)| Target { code: Some(code), display: Some(display), equivalence: equivalence.to_owned(), ..Target::default() };
        let elements = codes.map(|(code, targets)| (code, targets.into_iter().map(target).collect())).collect();
        let (source, target) = (Some(system.to_owned()), Some(system.to_owned()));
        let sides = Sides { systems: vec![(source.clone(), target.clone())], ..Sides::default() };
        Map { url: url.to_owned(), sides, groups: vec![Group { source, target, source_version: None, target_version: None, elements, unmapped: None }] }
    }

    /// How many codes it translates.
    pub fn count(&self) -> usize {
        self.groups.iter().map(|group| group.elements.len()).sum()
    }

    /// Which other maps are to be asked about a code that no group for it names.
    pub fn others(&self, system: Option<&str>, code: &str, into: Option<&str>) -> Vec<&str> {
        self.others_in(system, code, into, &Nothing)
    }

    /// The same where a library tells which systems make no difference of capitals.
    pub fn others_in(&self, system: Option<&str>, code: &str, into: Option<&str>, library: &dyn Library) -> Vec<&str> {
        let is_of = |own: &Option<String>, asked: Option<&str>| asked.is_none_or(|asked| own.as_deref().is_none_or(|own| own == asked));
        let speaking = self.groups.iter().filter(|group| is_of(&group.source, system) && is_of(&group.target, into) && !group.names(system, code, library));
        speaking.filter_map(|group| if let Some(Unmapped::Other(url)) = &group.unmapped { Some(url.as_str()) } else { None }).collect()
    }

    /// What a code of a system becomes; `reverse` asks the other way. `into` names the system wanted.
    pub fn translate(&self, system: Option<&str>, code: &str, into: Option<&str>, reverse: bool) -> Vec<Translation> {
        self.translate_of(system, None, code, into, reverse)
    }

    /// The same of a code of a version of its system: a group that is for another version does not speak of it.
    pub fn translate_of(&self, system: Option<&str>, version: Option<&str>, code: &str, into: Option<&str>, reverse: bool) -> Vec<Translation> {
        self.translate_in(system, version, code, into, reverse, &Nothing)
    }

    /// The same where a library tells which systems make no difference of capitals.
    pub fn translate_in(&self, system: Option<&str>, version: Option<&str>, code: &str, into: Option<&str>, reverse: bool, library: &dyn Library) -> Vec<Translation> {
        let mut found = Vec::new();
        for group in &self.groups {
            let (from, to) = if reverse { (&group.target, &group.source) } else { (&group.source, &group.target) };
            let from_version = if reverse { &group.target_version } else { &group.source_version };
            let differs = |own: &Option<String>, asked: Option<&str>| asked.is_some_and(|asked| own.as_deref().is_some_and(|own| own != asked));
            if differs(from, system) || differs(to, into) || differs(from_version, version) {
                continue;
            }
            let is_asked = |own: &str| is_same_code(library, from.as_deref().or(system), own, code);
            if !reverse && !group.names(system, code, library) {
                found.extend(group.unnamed(code));
            }
            for (element, targets) in &group.elements {
                for target in targets {
                    if reverse && target.code.as_deref().is_some_and(is_asked) {
                        found.push(Translation { equivalence: turned(&target.equivalence), system: to.clone(), code: Some(element.clone()), display: None, products: Vec::new(), is_conditional: target.is_conditional });
                    } else if !reverse && is_asked(element.as_str()) {
                        found.push(Translation {
                            equivalence: target.equivalence.clone(),
                            system: to.clone(),
                            code: target.code.clone(),
                            display: target.display.clone(),
                            products: target.products.clone(),
                            is_conditional: target.is_conditional,
                        });
                    }
                }
            }
        }
        found
    }
}

impl Group {
    fn names(&self, system: Option<&str>, code: &str, library: &dyn Library) -> bool {
        self.elements.iter().any(|(element, _)| is_same_code(library, self.source.as_deref().or(system), element, code))
    }

    /// What a code that is not named becomes. How the two are related, a map cannot say there.
    fn unnamed(&self, code: &str) -> Option<Translation> {
        let (code, display) = match self.unmapped.as_ref()? {
            Unmapped::Provided => (code.to_owned(), None),
            Unmapped::Fixed { code, display } => (code.clone(), display.clone()),
            Unmapped::Other(_) => return None,
        };
        Some(Translation { equivalence: "relatedto".to_owned(), system: self.target.clone(), code: Some(code), display, products: Vec::new(), is_conditional: false })
    }
}

/// A relation seen from its other side.
fn turned(equivalence: &str) -> String {
    match equivalence {
        "wider" => "narrower",
        "narrower" => "wider",
        "subsumes" => "specializes",
        "specializes" => "subsumes",
        same => same,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    #[test]
    fn a_code_is_translated_both_ways() {
        let text = r#"{"resourceType":"ConceptMap","url":"urn:map","group":[{"source":"urn:a","target":"urn:b","element":[{"code":"1","target":[{"code":"x","equivalence":"wider"}]},{"code":"2","target":[{"equivalence":"unmatched"}]}]}]}"#;
        let map = Map::read(Document::read(text).unwrap().root());
        let codes = |system, code, into, reverse| map.translate(system, code, into, reverse).into_iter().map(|one| format!("{} {}", one.equivalence, one.code.unwrap_or_default())).collect::<Vec<_>>();
        assert_eq!(codes(Some("urn:a"), "1", None, false), ["wider x"]);
        assert_eq!(codes(Some("urn:a"), "2", None, false), ["unmatched "]);
        assert_eq!(codes(Some("urn:b"), "x", Some("urn:a"), true), ["narrower 1"]);
        assert!(codes(Some("urn:c"), "1", None, false).is_empty() && codes(None, "1", Some("urn:c"), false).is_empty());
    }

    #[test]
    fn a_code_of_a_system_that_makes_no_difference_of_capitals_is_translated_however_it_is_written() {
        struct Loose;
        impl Library for Loose {
            fn system(&self, url: &str) -> Option<Arc<System>> {
                let text = r#"{"resourceType":"CodeSystem","url":"urn:a","status":"active","content":"complete","caseSensitive":false,"concept":[{"code":"Red"}]}"#;
                (url == "urn:a").then(|| System::read(Document::read(text).unwrap().root()).map(Arc::new)).flatten()
            }
            fn set(&self, _: &str) -> Option<Arc<Set>> {
                None
            }
        }
        let text = r#"{"resourceType":"ConceptMap","group":[{"source":"urn:a","target":"urn:b","element":[{"code":"Red","target":[{"code":"x","equivalence":"equal"}]}],"unmapped":{"mode":"fixed","code":"rest"}}]}"#;
        let map = Map::read(Document::read(text).unwrap().root());
        let codes = |system, code, reverse| map.translate_in(Some(system), None, code, None, reverse, &Loose).into_iter().filter_map(|one| one.code).collect::<Vec<_>>();
        assert_eq!((codes("urn:a", "RED", false), codes("urn:a", "blue", false)), (vec!["x".to_owned()], vec!["rest".to_owned()]));
        // The other side is of a system that nobody holds here.
        assert_eq!((codes("urn:b", "x", true), codes("urn:b", "X", true)), (vec!["Red".to_owned()], vec![]));
        assert_eq!(map.translate(Some("urn:a"), "RED", None, false)[0].code.as_deref(), Some("rest"));
    }

    #[test]
    fn a_code_that_no_group_names_becomes_what_the_map_says_of_such() {
        let with = |unmapped: &str| {
            let text = format!(r#"{{"resourceType":"ConceptMap","group":[{{"source":"urn:a","target":"urn:b","element":[{{"code":"1","target":[{{"code":"x","equivalence":"equal"}}]}},{{"code":"2"}}],"unmapped":{unmapped}}}]}}"#);
            Map::read(Document::read(&text).unwrap().root())
        };
        let codes = |map: &Map, code: &str| map.translate(Some("urn:a"), code, None, false).into_iter().map(|one| format!("{} {}", one.equivalence, one.code.unwrap_or_default())).collect::<Vec<_>>();
        let (fixed, provided, other) = (with(r#"{"mode":"fixed","code":"rest","display":"Others"}"#), with(r#"{"mode":"provided"}"#), with(r#"{"mode":"other-map","url":"urn:more"}"#));
        assert_eq!((codes(&fixed, "9"), codes(&provided, "9")), (vec!["relatedto rest".to_owned()], vec!["relatedto 9".to_owned()]));
        // What is named keeps its own word, even where it leads nowhere.
        assert_eq!((codes(&fixed, "1"), codes(&fixed, "2")), (vec!["equal x".to_owned()], vec![]));
        assert!(codes(&other, "9").is_empty() && fixed.translate(Some("urn:c"), "9", None, false).is_empty() && fixed.translate(Some("urn:b"), "9", None, true).is_empty());
        assert_eq!(other.others(Some("urn:a"), "9", None), ["urn:more"]);
        assert!(other.others(Some("urn:a"), "1", None).is_empty() && other.others(Some("urn:c"), "9", None).is_empty() && fixed.others(None, "9", None).is_empty());
    }

    #[test]
    fn a_map_answers_for_its_own_sets_and_systems_only() {
        let text = r#"{"resourceType":"ConceptMap","url":"urn:map","sourceCanonical":"urn:set:a|1","targetUri":"urn:set:b","group":[{"source":"urn:a","target":"urn:b"},{"source":"urn:c","target":"urn:d"}]}"#;
        let sides = Sides::read(Document::read(text).unwrap().root());
        let all = Sought { system: Some("urn:a"), source: Some("urn:set:a"), target: Some("urn:set:b|2"), into: Some("urn:b"), reverse: false };
        assert!(sides.fit(all) && sides.fit(Sought { source: Some("urn:set:a|1"), ..all }) && sides.fit(Sought::default()));
        assert!(!sides.fit(Sought { source: Some("urn:set:a|2"), ..all }));
        assert!(!sides.fit(Sought { target: Some("urn:set:a"), ..all }));
        // One group of both systems, not one of each.
        assert!(!sides.fit(Sought { into: Some("urn:d"), ..all }));
        assert!(!sides.fit(Sought { reverse: true, ..all }));
        assert!(sides.fit(Sought { system: Some("urn:d"), source: Some("urn:set:b"), target: Some("urn:set:a"), into: Some("urn:c"), reverse: true }));
        let open = Sides { systems: sides.systems.clone(), ..Sides::default() };
        assert!(open.fit(Sought { into: Some("urn:b"), ..Sought::default() }) && !open.fit(all));
    }

    #[test]
    fn what_a_translation_depends_on_and_what_follows_is_told() {
        let text = r#"{"resourceType":"ConceptMap","group":[{"source":"urn:a","sourceVersion":"1","target":"urn:b","element":[{"code":"1","target":[
            {"code":"x","equivalence":"equal","dependsOn":[{"property":"urn:sex","value":"f"}],"product":[{"property":"urn:side","system":"urn:sides","value":"left"}]},{"code":"y","equivalence":"equal"}]}]}]}"#;
        let map = Map::read(Document::read(text).unwrap().root());
        let found = map.translate_of(Some("urn:a"), Some("1"), "1", None, false);
        assert_eq!(found.iter().map(|one| (one.is_conditional, one.products.len())).collect::<Vec<_>>(), [(true, 1), (false, 0)]);
        assert_eq!(found[0].products[0].value, "left");
        assert!(map.translate_of(Some("urn:a"), Some("2"), "1", None, false).is_empty() && map.count() == 1);
        assert!(map.translate_of(Some("urn:b"), None, "x", None, true)[0].is_conditional);
    }
}
