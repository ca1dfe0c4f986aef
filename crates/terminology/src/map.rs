//! Concept maps: from the codes of one system to those of another.
//! <https://hl7.org/fhir/R4/conceptmap.html>

use fhir::Value;

/// A concept map.
pub struct Map {
    /// Its canonical address.
    pub url: String,
    groups: Vec<Group>,
}

struct Group {
    source: Option<String>,
    target: Option<String>,
    elements: Vec<(String, Vec<Target>)>,
}

struct Target {
    code: Option<String>,
    display: Option<String>,
    equivalence: String,
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
}

impl Map {
    /// Reads a ConceptMap resource.
    pub fn read(resource: Value<'_>) -> Map {
        let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned());
        fn list<'d>(value: Value<'d>, name: &str) -> impl Iterator<Item = Value<'d>> {
            value.get(name).into_iter().flat_map(|list| list.items())
        }
        let target = |one: Value<'_>| Target { code: text(one, "code"), display: text(one, "display"), equivalence: text(one, "equivalence").unwrap_or_else(|| "relatedto".to_owned()) };
        let groups = list(resource, "group").map(|group| Group {
            source: text(group, "source"),
            target: text(group, "target"),
            elements: list(group, "element").filter_map(|element| Some((text(element, "code")?, list(element, "target").map(target).collect()))).collect(),
        });
        Map { url: text(resource, "url").unwrap_or_default(), groups: groups.collect() }
    }

    /// One within a system: each code with what it becomes, as code, name and equivalence.
    pub fn within(url: &str, system: &str, codes: impl Iterator<Item = (String, Vec<(String, String, &'static str)>)>) -> Map {
        let target = |(code, display, equivalence): (String, String, &str)| Target { code: Some(code), display: Some(display), equivalence: equivalence.to_owned() };
        let elements = codes.map(|(code, targets)| (code, targets.into_iter().map(target).collect())).collect();
        Map { url: url.to_owned(), groups: vec![Group { source: Some(system.to_owned()), target: Some(system.to_owned()), elements }] }
    }

    /// What a code of a system becomes; `reverse` asks the other way. `into` names the system wanted.
    pub fn translate(&self, system: Option<&str>, code: &str, into: Option<&str>, reverse: bool) -> Vec<Translation> {
        let mut found = Vec::new();
        for group in &self.groups {
            let (from, to) = if reverse { (&group.target, &group.source) } else { (&group.source, &group.target) };
            let differs = |own: &Option<String>, asked: Option<&str>| asked.is_some_and(|asked| own.as_deref().is_some_and(|own| own != asked));
            if differs(from, system) || differs(to, into) {
                continue;
            }
            for (element, targets) in &group.elements {
                for target in targets {
                    if reverse && target.code.as_deref() == Some(code) {
                        found.push(Translation { equivalence: turned(&target.equivalence), system: to.clone(), code: Some(element.clone()), display: None });
                    } else if !reverse && element == code {
                        found.push(Translation { equivalence: target.equivalence.clone(), system: to.clone(), code: target.code.clone(), display: target.display.clone() });
                    }
                }
            }
        }
        found
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
}
