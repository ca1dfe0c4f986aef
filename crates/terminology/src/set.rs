//! Value sets: what they are composed of, whether a code is among them, and all their codes.
//! <https://hl7.org/fhir/R4/valueset.html>
//!
//! * What cannot be computed from what is held is unknown, and says why; never a guess.
//! * A set that names itself, however far around, is unknown too.

mod definition;
mod filter;
mod part;
mod way;

use part::{Part, part, taken};
use way::{MOST_FOR_ALL, MOST_FOR_ONE, Way};
use crate::system::{Concept, System};
use crate::typing::answers;
use fhir::Value;
use fhir::definitions::{Membership, ValueSet as Published};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

/// Where systems and sets are found, by canonical address (`url` or `url|version`).
pub trait Library {
    /// A code system.
    fn system(&self, url: &str) -> Option<Arc<System>>;
    /// A value set.
    fn set(&self, url: &str) -> Option<Arc<Set>>;
}

/// Whether two codes of a system are one. Only codes that differ in nothing but capitals need the system, and where it is
/// not held they are two.
pub(crate) fn is_same_code(library: &dyn Library, system: Option<&str>, left: &str, right: &str) -> bool {
    left == right || (left.eq_ignore_ascii_case(right) && system.and_then(|url| library.system(url)).is_some_and(|held| held.is_same_code(left, right)))
}

/// A value set.
pub struct Set {
    /// Its canonical address, without version; empty for one that was only sent along.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// Its name for people, else for programs.
    pub name: Option<String>,
    /// What every copy has to say.
    pub copyright: Option<String>,
    /// Whether it is in force, as its owner says; none where nobody says so.
    pub status: Option<String>,
    /// The day of whose versions of its systems it wants to be built; this server knows them as they are held.
    /// <https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.lockedDate>
    pub locked_date: Option<String>,
    body: Body,
}

enum Body {
    Composed(Composed),
    /// One of R4's; and how it is composed, where the table does not hold all its codes.
    Published(Published, Option<Composed>),
    /// It does not say which codes are in it; and why that is so.
    Untold(&'static str),
}

struct Composed {
    includes: Vec<Part>,
    excludes: Vec<Part>,
}

/// A code that is in a set, not yet told: an expansion of which ten codes are shown may hold a hundred thousand.
#[derive(Clone)]
pub struct Found {
    system: Arc<str>,
    whose: Whose,
}

#[derive(Clone)]
enum Whose {
    /// A concept of a system, by its number.
    Held(Arc<System>, u32),
    /// As the set lists it.
    Listed(Arc<Concept>),
}

impl Found {
    /// Its code system.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// What is known of it.
    pub fn concept(&self) -> &Concept {
        match &self.whose {
            Whose::Held(system, place) => &system.concepts[*place as usize],
            Whose::Listed(concept) => concept,
        }
    }

    /// The version of its system, where the code was taken from there and it has one.
    pub fn version(&self) -> Option<&str> {
        match &self.whose {
            Whose::Held(system, _) => system.version.as_deref(),
            Whose::Listed(_) => None,
        }
    }

    /// As it is told, called what it is called in a language where it has a name in it.
    pub fn told(&self, language: Option<&str>) -> Member {
        let concept = self.concept();
        Member { system: self.system.to_string(), code: concept.code.to_string(), display: concept.display_in(language).map(str::to_owned) }
    }
}

/// A code of an expansion, with its name in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its code system.
    pub system: String,
    /// The code.
    pub code: String,
    /// What it is called.
    pub display: Option<String>,
}

/// What an expansion should hold.
#[derive(Clone, Copy, Default, Debug)]
pub struct Wanted<'w> {
    /// Only names with words that begin like each of these.
    pub filter: Option<&'w str>,
    /// No code that is no longer to be used.
    pub active_only: bool,
}

/// Why a set could not be told whole.
pub type Reason = String;

/// How deep the headings of a stored expansion are followed.
const MOST_DEEP: usize = 40;

/// Codes of one expansion that are gathered at most.
pub const MOST_MEMBERS: usize = 500_000;

impl Set {
    /// Reads a ValueSet resource.
    pub fn read(resource: Value<'_>) -> Set {
        let text = |name: &str| resource.string(name).map(|text| text.into_owned());
        let parts = |name: &str| -> Vec<Part> { resource.get("compose").and_then(|compose| compose.get(name)).into_iter().flat_map(|list| list.items()).map(part).collect() };
        let active_only = resource.get("compose").and_then(|compose| compose.get("inactive")).and_then(|told| told.as_bool()) == Some(false);
        let includes: Vec<Part> = parts("include").into_iter().map(|part| Part { active_only, ..part }).collect();
        let body = match (resource.get("compose"), resource.get("expansion")) {
            (Some(_), _) => Body::Composed(Composed { includes, excludes: parts("exclude") }),
            (None, Some(expansion)) => expanded(expansion),
            (None, None) => Body::Untold("a value set that does not say what it is composed of"),
        };
        Set { url: text("url").unwrap_or_default(), version: text("version"), name: text("title").or_else(|| text("name")), copyright: text("copyright"), status: text("status"), locked_date: resource.get("compose").and_then(|compose| compose.string("lockedDate")).map(|text| text.into_owned()), body }
    }

    /// The versions of a system that the set itself is built on; empty where it names none, or not for all its parts.
    pub fn versions_of(&self, system: &str) -> Vec<&str> {
        let Body::Composed(composed) = &self.body else { return Vec::new() };
        let of_it = composed.includes.iter().filter(|part| part.system.as_deref() == Some(system));
        of_it.map(|part| part.version.as_deref()).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// A published one. What the table does not hold of it, a library may.
    pub fn of_r4(published: Published) -> Set {
        let composed = published.codes().is_none().then(|| {
            let (includes, excludes) = published.composed();
            Composed { includes: includes.into_iter().map(taken).collect(), excludes: excludes.into_iter().map(taken).collect() }
        });
        Set { url: published.url().to_owned(), version: Some("4.0.1".to_owned()), name: None, copyright: None, status: None, locked_date: None, body: Body::Published(published, composed) }
    }

    /// Every code of a system: what its implicit set holds.
    pub fn whole(url: &str) -> Set {
        Set::of(String::new(), None, vec![Part { system: Some(url.to_owned()), ..Part::default() }])
    }

    /// Codes of several systems, listed one by one.
    pub fn listed<'c>(url: String, name: &str, codes: impl Iterator<Item = (&'c str, &'c str)>) -> Set {
        let codes = codes.map(|(system, code)| (system, Concept { code: code.into(), ..Concept::default() }));
        Set::of(url, Some(name.to_owned()), by_system(codes))
    }

    /// The same as a version of itself.
    pub fn of_version(self, version: &str) -> Set {
        Set { version: Some(version.to_owned()), ..self }
    }

    fn of(url: String, name: Option<String>, includes: Vec<Part>) -> Set {
        Set { url, version: None, name, copyright: None, status: None, locked_date: None, body: Body::Composed(Composed { includes, excludes: Vec::new() }) }
    }

    /// True for one of R4's whose codes are all told by R4's own table, whatever versions of its systems are stored.
    pub fn is_fixed(&self) -> bool {
        matches!(self.body, Body::Published(_, None))
    }

    /// Whether a code is in the set. Without a system in any of its systems.
    pub fn contains(&self, system: Option<&str>, code: &str, library: &dyn Library) -> Result<bool, Reason> {
        self.holds(system, code, library, Way::of(&Cell::new(MOST_FOR_ONE)))
    }

    fn holds(&self, system: Option<&str>, code: &str, library: &dyn Library, way: Way<'_>) -> Result<bool, Reason> {
        match &self.body {
            Body::Published(published, composed) => match (published.contains(system, code), composed) {
                (Membership::In, _) => Ok(true),
                (Membership::Out, _) => Ok(false),
                // The table does not hold the system; perhaps the site does.
                (Membership::Unknown(_), Some(composed)) => composed.holds(system, code, library, way),
                (Membership::Unknown(why), None) => Err(why.to_string()),
            },
            Body::Composed(composed) => composed.holds(system, code, library, way),
            Body::Untold(why) => Err((*why).to_owned()),
        }
    }

    /// All its codes, in the order they are told; with a filter the likeliest first.
    pub fn expand(&self, wanted: Wanted<'_>, library: &dyn Library) -> Result<Vec<Found>, Reason> {
        let mut members = Vec::new();
        self.gather(wanted, library, Way::of(&Cell::new(MOST_FOR_ALL)), &mut members)?;
        Ok(members)
    }

    fn gather(&self, wanted: Wanted<'_>, library: &dyn Library, way: Way<'_>, members: &mut Vec<Found>) -> Result<(), Reason> {
        match &self.body {
            Body::Untold(why) => Err((*why).to_owned()),
            Body::Published(_, Some(composed)) | Body::Composed(composed) => composed.gather(wanted, library, way, members),
            Body::Published(published, None) => {
                let mut known: HashSet<(Arc<str>, String)> = HashSet::new();
                let codes = published.codes().ok_or("codes that this server does not hold")?;
                let mut codes: Vec<_> = codes.into_iter().collect();
                codes.sort_by_key(|one| (one.system, one.code));
                for one in codes {
                    let system = library.system(one.system);
                    let whose = match system.and_then(|system| system.place(one.code).map(|place| (system, place))) {
                        Some((system, place)) => Whose::Held(system, place),
                        None => Whose::Listed(Arc::new(Concept { code: one.code.into(), ..Concept::default() })),
                    };
                    give(Found { system: one.system.into(), whose }, wanted, &mut known, members);
                }
                Ok(())
            }
        }
    }
}

/// Concepts of several systems, as a part for each system.
fn by_system<S: AsRef<str>>(concepts: impl Iterator<Item = (S, Concept)>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (system, concept) in concepts {
        let system = system.as_ref();
        let place = parts.iter().position(|part| part.system.as_deref() == Some(system)).unwrap_or_else(|| {
            parts.push(Part { system: Some(system.to_owned()), ..Part::default() });
            parts.len() - 1
        });
        parts[place].codes.push(concept);
    }
    parts
}

/// A set of which only an expansion was stored: what it holds is what somebody else computed, where that is all of it.
/// <https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.expansion>
fn expanded(expansion: Value<'_>) -> Body {
    let mut all = Vec::new();
    if !listed_below(expansion, &mut all, 0) {
        return Body::Untold("a value set of which only an expansion is stored, and one that is nested deeper than this server follows");
    }
    let number = |name: &str| expansion.get(name).and_then(|value| value.as_number()?.parse::<usize>().ok());
    if number("offset").is_some_and(|offset| offset > 0) || number("total").is_some_and(|total| total > all.len()) {
        return Body::Untold("a value set of which only a part of an expansion is stored, and no composition");
    }
    let concepts = all.into_iter().filter_map(|(system, concept)| Some((system?, concept)));
    Body::Composed(Composed { includes: by_system(concepts), excludes: Vec::new() })
}

/// The codes of an expansion with their systems, whatever heading they stand under; headings that nobody may choose are
/// none. False where some lie deeper than is followed: of a part nobody can say that a code is not in it.
fn listed_below(parent: Value<'_>, all: &mut Vec<(Option<String>, Concept)>, depth: usize) -> bool {
    let mut is_whole = true;
    for one in parent.get("contains").into_iter().flat_map(|list| list.items()) {
        if depth > MOST_DEEP {
            return false;
        }
        let text = |name: &str| one.string(name).map(|text| text.into_owned());
        if let Some(code) = text("code").filter(|_| one.get("abstract").and_then(|value| value.as_bool()) != Some(true)) {
            all.push((text("system"), Concept { code: code.into(), display: text("display").map(String::into_boxed_str), ..Concept::default() }));
        }
        is_whole &= listed_below(one, all, depth + 1);
    }
    is_whole
}

impl Composed {
    fn holds(&self, system: Option<&str>, code: &str, library: &dyn Library, way: Way<'_>) -> Result<bool, Reason> {
        let included = any(&self.includes, |part| part.holds(system, code, library, way))?;
        Ok(included && !any(&self.excludes, |part| part.holds(system, code, library, way))?)
    }

    fn gather(&self, wanted: Wanted<'_>, library: &dyn Library, way: Way<'_>, members: &mut Vec<Found>) -> Result<(), Reason> {
        if let ([only], []) = (&self.includes[..], &self.excludes[..]) {
            // Within one part no code comes twice.
            return only.gather(wanted, library, way, members);
        }
        let mut known: HashSet<(Arc<str>, String)> = HashSet::new();
        for part in &self.includes {
            let mut found = Vec::new();
            part.gather(wanted, library, way, &mut found)?;
            for one in found {
                let code = &one.concept().code;
                let is_out = any(&self.excludes, |part| part.holds(Some(one.system()), code, library, way))?;
                if !is_out && known.insert((one.system.clone(), code.to_string())) {
                    members.push(one);
                }
            }
            if members.len() > MOST_MEMBERS {
                return Err(format!("more than {MOST_MEMBERS} codes"));
            }
        }
        Ok(())
    }
}

/// Whether any part says yes; an unknown one only matters where none does.
fn any(parts: &[Part], holds: impl Fn(&Part) -> Result<bool, Reason>) -> Result<bool, Reason> {
    let mut unknown = None;
    for part in parts {
        match holds(part) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unknown = Some(why),
        }
    }
    unknown.map_or(Ok(false), Err)
}

fn give(one: Found, wanted: Wanted<'_>, known: &mut HashSet<(Arc<str>, String)>, members: &mut Vec<Found>) {
    let concept = one.concept();
    let is_meant = wanted.filter.is_none_or(|text| answers(concept.names().chain([&*concept.code]), text)) && !(wanted.active_only && concept.is_inactive);
    if is_meant && known.insert((one.system.clone(), concept.code.to_string())) {
        members.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::tests::animals;
    use fhir::Document;

    struct Shelf(Vec<Arc<Set>>);

    impl Library for Shelf {
        fn system(&self, url: &str) -> Option<Arc<System>> {
            matches!(url, "urn:animals" | "urn:animals|2").then(|| Arc::new(animals()))
        }

        fn set(&self, url: &str) -> Option<Arc<Set>> {
            self.0.iter().find(|set| set.url == url).cloned()
        }
    }

    fn set(compose: &str) -> Set {
        Set::read(Document::read(&format!(r#"{{"resourceType":"ValueSet","url":"urn:set","compose":{{{compose}}}}}"#)).unwrap().root())
    }

    fn check(compose: &str, expect: &str) {
        let shelf = Shelf(vec![Arc::new(set(r#""include":[{"system":"urn:animals","concept":[{"code":"C"},{"code":"D","display":"Hound"}]}]"#)), Arc::new(Set { url: "urn:round".into(), ..set(r#""include":[{"valueSet":["urn:round"]}]"#) })]);
        let set = set(compose);
        let found = match set.expand(Wanted::default(), &shelf) {
            Ok(members) => members.iter().map(|one| one.concept().code.to_string()).collect::<Vec<_>>().join(" "),
            Err(_) => "unknown".to_owned(),
        };
        assert_eq!(found, expect, "{compose}");
        if found != "unknown" {
            for concept in animals().concepts {
                assert_eq!(set.contains(Some("urn:animals"), &concept.code, &shelf), Ok(found.split(' ').any(|code| code == &*concept.code)), "{compose}: {}", concept.code);
            }
        }
    }

    #[test]
    fn a_set_holds_what_it_is_composed_of() {
        check(r#""include":[{"system":"urn:animals"}]"#, "A C D K");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"concept","op":"is-a","value":"C"}]}]"#, "C K");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"concept","op":"descendent-of","value":"C"}]}]"#, "K");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"concept","op":"is-not-a","value":"C"}]}]"#, "A D");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"concept","op":"generalizes","value":"C"}]}]"#, "A C");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"status","op":"=","value":"retired"}]}]"#, "D");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"code","op":"in","value":"A, K"}]}]"#, "A K");
        check(r#""include":[{"system":"urn:animals","filter":[{"property":"parent","op":"exists","value":"false"}]}]"#, "A");
        check(r#""include":[{"system":"urn:animals"}],"exclude":[{"system":"urn:animals","concept":[{"code":"A"}]}]"#, "C D K");
        check(r#""include":[{"system":"urn:animals","valueSet":["urn:set"]}]"#, "C D");
        check(r#""include":[{"valueSet":["urn:set"]}]"#, "C D");
        check(r#""include":[{"valueSet":["urn:nowhere"]}]"#, "unknown");
        check(r#""include":[{"valueSet":["urn:round"]}]"#, "unknown");
        check(r#""include":[{"system":"urn:other"}]"#, "unknown");
        check(r#""include":[{"system":"urn:animals","version":"1"}]"#, "unknown");
        check(r#""inactive":false,"include":[{"system":"urn:animals"}]"#, "A C K");
        check(r#""inactive":false,"include":[{"system":"urn:animals","concept":[{"code":"C"},{"code":"D"}]}]"#, "C");
    }

    #[test]
    fn of_an_expansion_that_is_nested_too_deep_nobody_says_what_is_not_in_it() {
        let nested = |levels: usize| {
            let (begin, end) = (r#""contains":[{"system":"urn:x","code":"h","abstract":true,"#.repeat(levels), "}]".repeat(levels));
            let text = format!(r#"{{"resourceType":"ValueSet","url":"urn:set","expansion":{{{begin}"contains":[{{"system":"urn:x","code":"deep"}}]{end}}}}}"#);
            Set::read(Document::read(&text).unwrap().root()).contains(Some("urn:x"), "deep", &Shelf(Vec::new()))
        };
        assert_eq!(nested(20), Ok(true));
        assert!(nested(45).is_err());
    }

    #[test]
    fn sets_that_name_each_other_again_and_again_are_followed_no_longer_than_others() {
        let many = vec![r#"{"valueSet":["urn:round"]}"#; 10].join(",");
        let shelf = Shelf(vec![Arc::new(Set { url: "urn:round".into(), ..set(&format!(r#""include":[{many}]"#)) })]);
        let round = set(r#""include":[{"valueSet":["urn:round"]}]"#);
        assert!(round.contains(Some("urn:animals"), "C", &shelf).is_err_and(|why| why.contains("built on one another")));
        assert!(round.expand(Wanted::default(), &shelf).is_err());
    }

    #[test]
    fn what_lies_above_a_code_is_unknown_where_only_a_part_of_the_system_is_held() {
        struct Half;
        impl Library for Half {
            fn system(&self, url: &str) -> Option<Arc<System>> {
                let text = r#"{"resourceType":"CodeSystem","url":"urn:half","status":"active","content":"fragment","concept":[{"code":"A","concept":[{"code":"C"}]},{"code":"K"}]}"#;
                (url == "urn:half").then(|| System::read(Document::read(text).unwrap().root()).map(Arc::new)).flatten()
            }
            fn set(&self, _: &str) -> Option<Arc<Set>> {
                None
            }
        }
        let told = |property: &str, op: &str, value: &str, code: &str| {
            let filtered = set(&format!(r#""include":[{{"system":"urn:half","filter":[{{"property":"{property}","op":"{op}","value":"{value}"}}]}}]"#));
            filtered.contains(Some("urn:half"), code, &Half).ok()
        };
        // K may be an A by a code that is not held.
        assert_eq!((told("concept", "is-a", "A", "C"), told("concept", "is-a", "A", "K"), told("concept", "is-a", "A", "A")), (Some(true), None, Some(true)));
        assert_eq!((told("concept", "is-not-a", "A", "C"), told("concept", "is-not-a", "A", "K")), (Some(false), None));
        assert_eq!((told("concept", "descendent-of", "A", "A"), told("concept", "generalizes", "C", "K")), (Some(false), None));
        assert_eq!((told("parent", "exists", "false", "C"), told("parent", "exists", "false", "K")), (Some(false), None));
        assert_eq!((told("code", "=", "K", "K"), told("code", "=", "K", "C")), (Some(true), Some(false)));
    }

    #[test]
    fn a_set_that_has_only_an_expansion_holds_what_that_lists() {
        let read = |rest: &str| Set::read(Document::read(&format!(r#"{{"resourceType":"ValueSet","url":"urn:set"{rest}}}"#)).unwrap().root());
        let shelf = Shelf(Vec::new());
        let whole = read(r#","expansion":{"total":2,"contains":[{"system":"urn:animals","code":"A","abstract":true,"contains":[{"system":"urn:animals","code":"C"}]},{"system":"urn:other","code":"x","display":"X"}]}"#);
        let codes: Vec<_> = whole.expand(Wanted::default(), &shelf).unwrap().iter().map(|one| format!("{}|{}", one.system(), one.concept().code)).collect();
        assert_eq!(codes, ["urn:animals|C", "urn:other|x"]);
        assert_eq!((whole.contains(Some("urn:animals"), "C", &shelf), whole.contains(Some("urn:animals"), "A", &shelf)), (Ok(true), Ok(false)));
        // A part of an expansion, or nothing at all, never becomes "no".
        for rest in [r#","expansion":{"total":3,"contains":[{"system":"urn:animals","code":"C"}]}"#, r#","expansion":{"offset":10,"contains":[{"system":"urn:animals","code":"C"}]}"#, ""] {
            assert!(read(rest).contains(Some("urn:animals"), "D", &shelf).is_err() && read(rest).expand(Wanted::default(), &shelf).is_err(), "{rest}");
        }
    }

    #[test]
    fn a_code_that_its_system_lacks_is_in_no_set_that_lists_it() {
        let listed = |system: &str| set(&format!(r#""include":[{{"system":"{system}","concept":[{{"code":"C"}},{{"code":"Z","display":"Zebra"}}]}}]"#));
        let shelf = Shelf(Vec::new());
        let told = |set: &Set| set.expand(Wanted::default(), &shelf).unwrap().iter().map(|one| one.concept().code.to_string()).collect::<Vec<_>>();
        // Where the system is not held nobody knows better than the set.
        for (system, has_zebra) in [("urn:animals", false), ("urn:animals|9", true), ("urn:other", true)] {
            let (url, version) = system.split_once('|').unwrap_or((system, ""));
            let set = if version.is_empty() { listed(url) } else { set(&format!(r#""include":[{{"system":"{url}","version":"{version}","concept":[{{"code":"C"}},{{"code":"Z"}}]}}]"#)) };
            assert_eq!(set.contains(Some(url), "Z", &shelf), Ok(has_zebra), "{system}");
            assert_eq!(set.contains(Some(url), "C", &shelf), Ok(true), "{system}");
            assert_eq!(told(&set), if has_zebra { vec!["C", "Z"] } else { vec!["C"] }, "{system}");
        }
    }

    #[test]
    fn where_a_system_makes_no_difference_of_capitals_a_set_makes_none() {
        struct Both;
        impl Library for Both {
            fn system(&self, url: &str) -> Option<Arc<System>> {
                let is_sensitive = match url {
                    "urn:loose" => false,
                    "urn:strict" => true,
                    _ => return None,
                };
                let text = format!(r#"{{"resourceType":"CodeSystem","url":"{url}","status":"active","content":"complete","caseSensitive":{is_sensitive},"concept":[{{"code":"Red"}},{{"code":"Blue"}}]}}"#);
                System::read(Document::read(&text).unwrap().root()).map(Arc::new)
            }
            fn set(&self, url: &str) -> Option<Arc<Set>> {
                (url == "urn:reds").then(|| Arc::new(set(r#""include":[{"system":"urn:loose","concept":[{"code":"RED"}]}]"#)))
            }
        }
        for (system, is_loose) in [("urn:loose", true), ("urn:strict", false), ("urn:nowhere", false)] {
            let listed = set(&format!(r#""include":[{{"system":"{system}","concept":[{{"code":"Red"}},{{"code":"Blue"}}]}}],"exclude":[{{"system":"{system}","concept":[{{"code":"BLUE"}}]}}]"#));
            let holds = |code: &str| listed.contains(Some(system), code, &Both).unwrap();
            assert_eq!((holds("Red"), holds("red"), holds("green")), (true, is_loose, false), "{system}");
            assert_eq!((holds("Blue"), holds("blue")), (!is_loose, false), "{system}");
            let codes: Vec<_> = listed.expand(Wanted::default(), &Both).unwrap().iter().map(|one| one.concept().code.to_string()).collect();
            assert_eq!(codes, if is_loose { vec!["Red"] } else { vec!["Red", "Blue"] }, "{system}");
        }
        for (op, value) in [("=", "rED"), ("in", "x, rED")] {
            let filtered = set(&format!(r#""include":[{{"system":"urn:loose","filter":[{{"property":"code","op":"{op}","value":"{value}"}}]}}]"#));
            assert_eq!((filtered.contains(Some("urn:loose"), "red", &Both), filtered.contains(Some("urn:loose"), "Blue", &Both)), (Ok(true), Ok(false)), "{op}");
        }
        assert_eq!(set(r#""include":[{"valueSet":["urn:reds"]}]"#).contains(Some("urn:loose"), "red", &Both), Ok(true));
    }

    #[test]
    fn the_versions_a_set_is_built_on_are_told() {
        assert_eq!(set(r#""include":[{"system":"urn:animals","version":"2"}]"#).versions_of("urn:animals"), ["2"]);
        assert!(set(r#""include":[{"system":"urn:animals","version":"2"},{"system":"urn:animals"}]"#).versions_of("urn:animals").is_empty());
        assert!(set(r#""include":[{"system":"urn:animals","version":"2"}]"#).versions_of("urn:other").is_empty());
    }

    #[test]
    fn every_filter_of_r4_is_computed() {
        let filtered = |property: &str, op: &str, value: &str, expect: &str| check(&format!(r#""include":[{{"system":"urn:animals","filter":[{{"property":"{property}","op":"{op}","value":"{value}"}}]}}]"#), expect);
        filtered("concept", "=", "C", "C");
        filtered("code", "=", "C", "C");
        filtered("display", "=", "Cat", "C");
        filtered("parent", "=", "A", "C D");
        filtered("child", "=", "K", "C");
        filtered("inactive", "=", "true", "D");
        filtered("concept", "is-a", "A", "A C D K");
        filtered("concept", "descendent-of", "A", "C D K");
        filtered("concept", "is-not-a", "C", "A D");
        filtered("concept", "generalizes", "K", "A C K");
        filtered("concept", "in", "A, K", "A K");
        filtered("parent", "in", "A,C", "C D K");
        filtered("concept", "not-in", "A, K", "C D");
        filtered("status", "not-in", "retired", "A C K");
        filtered("status", "exists", "true", "D");
        filtered("child", "exists", "true", "A C");
        filtered("child", "exists", "false", "D K");
        filtered("display", "regex", "dog", "D");
        filtered("display", "regex", "^[A-K]", "A C D K");
        filtered("code", "regex", "^(C|K)$", "C K");
        filtered("status", "regex", "ret", "D");
    }

    #[test]
    fn a_filter_that_makes_no_sense_is_unknown_and_never_empty() {
        let refused = |property: &str, op: &str, value: &str| check(&format!(r#""include":[{{"system":"urn:animals","filter":[{{"property":"{property}","op":"{op}","value":"{value}"}}]}}]"#), "unknown");
        refused("concept", "is-a", "Z");
        refused("concept", "descendent-of", "Z");
        refused("status", "exists", "perhaps");
        refused("colour", "=", "black");
        refused("colour", "exists", "false");
        refused("code", "looks-like", "A");
        refused("code", "regex", "(");
        refused("code", "regex", "(?=A)A");
        refused("code", "regex", "((A{1000}){1000}){1000}");
        refused("code", "regex", &"A".repeat(1001));
    }

    #[test]
    fn an_expansion_is_narrowed_by_what_is_typed() {
        let all = set(r#""include":[{"system":"urn:animals"}]"#);
        let told = |wanted, language| all.expand(wanted, &Shelf(Vec::new())).unwrap().iter().map(|one| one.told(language).display.unwrap()).collect::<Vec<_>>();
        let found = |wanted| told(wanted, None);
        assert_eq!(told(Wanted { filter: Some("gat"), ..Wanted::default() }, Some("es")), ["Gato doméstico"]);
        assert_eq!(found(Wanted { filter: Some("dom"), ..Wanted::default() }), ["Domestic dog", "Cat"]);
        assert_eq!(found(Wanted { active_only: true, ..Wanted::default() }), ["Animal", "Cat", "Kitten"]);
    }
}
