//! What this site knows about codes and profiles: what is stored, and below it what ships.
//!
//! * CodeSystems, ValueSets, ConceptMaps, StructureDefinitions and Questionnaires are resources of the shared
//!   space. They are read the first time somebody asks, and forgotten when one of them is written.
//! * A stored one counts before a published one of the same address; of several stored ones the
//!   active one with the highest version.
//! * Carnet's own names for common codes are added wherever the owner gives none in that language.
//! * Nothing here concerns a person, so nothing here leaves an opening.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::{Account, Act, Caller, Purpose, Role, Session};
use fhir::{Document, ResourceType, Value, r4};
use parking_lot::RwLock;
use schedule::growth::Standards;
use search::Query;
use store::{Method, Store, Tick};
use terminology::{Codes, Existence, Library, Map, Membership, Set, Sides, Sought, System, Unknown, Wanted, starter};
use validation::profile::{Profile, Profiles, Site, shipped};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Offered;
use crate::search::beyond::Beyond;
use crate::search::look::Look;
use crate::stored::Stored;
use crate::units;

/// Concepts kept in memory at most, over all code systems.
const MOST_CONCEPTS: usize = 3_000_000;
/// Bytes that weigh as much as a concept.
const BYTES_A_CONCEPT: usize = 64;
/// What a profile weighs beside concepts.
const PROFILE_WEIGHT: usize = 100;
/// Profiles that derive from profiles, one from the other.
const MOST_DERIVED: u32 = 16;

/// The types that say which codes there are.
const CODES: [&str; 2] = ["CodeSystem", "ValueSet"];

/// What was read and has not been forgotten. An absence is remembered too.
pub(crate) struct Shelf {
    kept: RwLock<Kept>,
    /// The tick of the newest write of codes.
    codes_written: AtomicI64,
}

#[derive(Default)]
struct Kept {
    systems: HashMap<String, Option<Arc<System>>>,
    sets: HashMap<String, Option<Arc<Set>>>,
    maps: HashMap<String, Option<Arc<Map>>>,
    profiles: HashMap<String, Option<Arc<Profile>>>,
    whole: HashMap<String, bool>,
    listed: Option<Arc<Vec<StoredSystem>>>,
    sides: Option<Arc<Vec<(String, Sides)>>>,
    offered: Option<Arc<Vec<Offered>>>,
    growth: Option<Arc<Standards>>,
    concepts: usize,
    /// Counts what was forgotten, so that nothing read before is kept afterwards.
    turns: u64,
}

impl Shelf {
    /// An empty one.
    pub fn of(store: &Store) -> Result<Shelf> {
        let newest = CODES.iter().filter_map(|name| ResourceType::named(name)).map(|kind| store.newest_shared(kind)).try_fold(Tick(0), |newest, tick| Ok::<_, store::Error>(newest.max(tick?)))?;
        Ok(Shelf::new(newest))
    }

    /// An empty one, where codes were written at that tick last.
    fn new(codes_written: Tick) -> Shelf {
        Shelf { kept: RwLock::default(), codes_written: AtomicI64::new(codes_written.0) }
    }

    /// True where what was known of codes at that tick may be another thing now.
    pub fn codes_changed_since(&self, tick: Tick) -> bool {
        tick.0 < self.codes_written.load(Ordering::Acquire)
    }

    /// Forgets what the writing of such a resource at a tick made old.
    pub fn forget(&self, kind: ResourceType, at: Tick) {
        if CODES.contains(&kind.name()) {
            self.codes_written.fetch_max(at.0, Ordering::AcqRel);
        }
        let mut kept = self.kept.write();
        kept.turns += 1;
        match kind.name() {
            // Codes are built on neither of these: they stay known.
            "ConceptMap" => {
                kept.maps.clear();
                kept.sides = None;
            }
            "Questionnaire" => kept.offered = None,
            "StructureDefinition" => kept.profiles.clear(),
            "Library" => kept.growth = None,
            _ => *kept = Kept { turns: kept.turns, ..Kept::default() },
        }
    }

    /// True for types whose change makes what is kept here old.
    pub fn holds(kind: ResourceType) -> bool {
        matches!(kind.name(), "CodeSystem" | "ValueSet" | "ConceptMap" | "StructureDefinition" | "Questionnaire" | "Library")
    }

    /// The forms that can be begun, as `read` finds them where they are not known.
    pub fn offered(&self, read: impl FnOnce() -> Result<Vec<Offered>>) -> Result<Arc<Vec<Offered>>> {
        self.known_or(|kept| &kept.offered, |kept| &mut kept.offered, read)
    }

    /// The tables of growth, as `read` finds them where they are not known.
    pub fn growth(&self, read: impl FnOnce() -> Result<Standards>) -> Result<Arc<Standards>> {
        self.known_or(|kept| &kept.growth, |kept| &mut kept.growth, read)
    }

    /// Whether every code of a value set is held, as `ask` finds it where that is not known.
    fn whole_or(&self, value_set: &str, ask: impl FnOnce() -> bool) -> bool {
        let turns = {
            let kept = self.kept.read();
            if let Some(known) = kept.whole.get(value_set) {
                return *known;
            }
            kept.turns
        };
        let whole = ask();
        let mut kept = self.kept.write();
        // What was written meanwhile may have made it another set.
        if kept.turns == turns {
            // Anybody may ask for addresses that nobody ever wrote.
            let weighs = 1 + value_set.len() / BYTES_A_CONCEPT;
            if kept.concepts + weighs > MOST_CONCEPTS {
                *kept = Kept { turns, ..Kept::default() };
            }
            kept.concepts += weighs;
            kept.whole.insert(value_set.to_owned(), whole);
        }
        whole
    }

    fn known_or<T>(&self, known: fn(&Kept) -> &Option<Arc<T>>, place: fn(&mut Kept) -> &mut Option<Arc<T>>, read: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let turns = {
            let kept = self.kept.read();
            if let Some(known) = known(&kept) {
                return Ok(known.clone());
            }
            kept.turns
        };
        let found = Arc::new(read()?);
        let mut kept = self.kept.write();
        // What was written meanwhile may not be in it.
        if kept.turns == turns {
            *place(&mut kept) = Some(found.clone());
        }
        Ok(found)
    }
}

/// A code system that is stored, as a list tells it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StoredSystem {
    /// Its canonical address.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// All its codes are there, and which lies below which.
    pub is_whole: bool,
}

/// The site's knowledge, as search, validation and the faces ask for it. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    chart: Chart,
}

impl Knowledge {
    /// Whether two codes of a system are one: to the letter, or but for capitals where the system, held here, makes no
    /// difference of them.
    pub(crate) fn is_same_code(&self, system: Option<&str>, left: &str, right: &str) -> bool {
        left == right || (left.eq_ignore_ascii_case(right) && system.and_then(|url| self.system(url)).is_some_and(|held| held.is_same_code(left, right)))
    }
}

impl Chart {
    /// What this site knows about codes.
    pub fn knowledge(&self) -> Knowledge {
        Knowledge { chart: self.clone() }
    }

    /// The same for search and validation.
    pub fn codes(&self) -> Arc<dyn Codes> {
        Arc::new(self.knowledge())
    }

    /// The text of the stored resource of a canonical address (`url` or `url|version`).
    pub(crate) fn canonical(&self, kind: &str, address: &str) -> Option<String> {
        self.canonical_stored(kind, address).map(|stored| stored.text)
    }

    /// The same, with its id.
    pub(crate) fn canonical_stored(&self, kind: &str, address: &str) -> Option<Stored> {
        let kind = ResourceType::named(kind)?;
        let (url, version) = address.split_once('|').map_or((address, None), |(url, version)| (url, Some(version)));
        let escaped = search_value(url);
        let query = Query::parse(kind, [("url", escaped.as_str())].into_iter(), search::Handling::Strict, self.query_context_without_codes()).ok()?;
        let caller = house();
        let set = self.permitted_set(&caller, Act::Read).ok()?;
        let beyond = Beyond::new(self, &set, Tick::END);
        let (matches, _) = Look::new(self, &set, &query, Tick::END, &beyond).ok()?.page(None, 100).ok()?;
        let mut found: Vec<(bool, String, Stored)> = Vec::new();
        for one in matches {
            let Ok(document) = Document::read(&one.stored.text) else { continue };
            let root = document.root();
            let own = root.string("version").unwrap_or_default().into_owned();
            if version.is_none_or(|version| version == own) {
                found.push((root.string("status").as_deref() == Some("active"), own, one.stored.clone()));
            }
        }
        found.into_iter().max_by(|left, right| left.0.cmp(&right.0).then_with(|| by_number(&left.1, &right.1))).map(|(.., stored)| stored)
    }
}

/// A value as a query holds it: commas and the like are its own.
pub(crate) fn search_value(text: &str) -> String {
    text.chars().flat_map(|letter| matches!(letter, ',' | '|' | '$' | '\\').then_some('\\').into_iter().chain([letter])).collect()
}

/// Versions in the order of their numbers: 2.10 after 2.9.
pub(crate) fn by_number(left: &str, right: &str) -> std::cmp::Ordering {
    let parts = |text: &str| text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(|part| (part.parse::<u64>().unwrap_or(0), part.to_owned())).collect::<Vec<_>>();
    parts(left).cmp(&parts(right))
}

/// The house itself reads what concerns nobody.
pub(crate) fn house() -> Caller {
    Caller {
        account: Account { number: 0, login: String::new(), display: String::new(), role: Role::Console, institution: String::new(), language: "en".to_owned() },
        purpose: Purpose::Operations,
        session: Session { number: 0, began: fhir::Moment(0) },
        grant: None,
    }
}

impl Knowledge {
    /// The same for the validation of resources against profiles.
    pub fn site(&self) -> Site<'_> {
        Site { profiles: self, codes: self }
    }

    fn shelf(&self) -> &Shelf {
        &self.chart.inner.shelf
    }

    /// Gives what is kept under an address, or reads it and keeps it.
    fn kept<T>(&self, address: &str, of: impl Fn(&mut Kept) -> &mut HashMap<String, Option<Arc<T>>>, see: impl Fn(&Kept) -> &HashMap<String, Option<Arc<T>>>, read: impl FnOnce() -> Option<Arc<T>>, weight: impl Fn(&T) -> usize) -> Option<Arc<T>> {
        let turns = {
            let kept = self.shelf().kept.read();
            if let Some(known) = see(&kept).get(address) {
                return known.clone();
            }
            kept.turns
        };
        let found = read();
        let mut kept = self.shelf().kept.write();
        if kept.turns == turns {
            let weighs = found.as_ref().map_or(0, |found| weight(found));
            // What is not there weighs too: anybody may ask for addresses that nobody ever wrote.
            let weighs = weighs + 1 + address.len() / BYTES_A_CONCEPT;
            if kept.concepts + weighs > MOST_CONCEPTS {
                *kept = Kept { turns, ..Kept::default() };
            }
            kept.concepts += weighs;
            of(&mut kept).insert(address.to_owned(), found.clone());
        }
        found
    }

    /// The code systems that are stored, in the order of their addresses and versions.
    pub fn stored_systems(&self) -> Result<Arc<Vec<StoredSystem>>> {
        self.shelf().known_or(
            |kept| &kept.listed,
            |kept| &mut kept.listed,
            || {
                let mut found = Vec::new();
                self.each_stored("CodeSystem", &mut |root| {
                    let text = |name: &str| root.string(name).map(|text| text.into_owned());
                    let is_whole = text("content").as_deref() == Some("complete");
                    found.extend(text("url").map(|url| StoredSystem { url, version: text("version"), is_whole }));
                })?;
                found.sort();
                found.dedup();
                Ok(found)
            },
        )
    }

    /// Shows every stored resource of a type that concerns nobody.
    fn each_stored(&self, kind: &str, show: &mut dyn FnMut(Value<'_>)) -> Result<()> {
        let kind = ResourceType::named(kind).ok_or(Error::NotFound)?;
        let set = self.chart.permitted_set(&house(), Act::Read)?;
        for record in self.chart.store().shared_records(kind) {
            let Some(permitted) = self.chart.right(&set, record)? else { continue };
            self.chart.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.method != Method::Delete && entry.kind == kind && let Ok(document) = Document::read(entry.text) {
                    show(document.root());
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    }

    /// The concept maps that answer who names none, in the order of their addresses. One that is
    /// retired answers only who names it, and so does one without an address.
    pub fn maps_for(&self, sought: Sought<'_>) -> Result<Vec<Arc<Map>>> {
        let sides = self.shelf().known_or(
            |kept| &kept.sides,
            |kept| &mut kept.sides,
            || {
                let mut found = Vec::new();
                self.each_stored("ConceptMap", &mut |root| {
                    let is_in_force = root.string("status").as_deref() != Some("retired");
                    found.extend(root.string("url").filter(|_| is_in_force).map(|url| (url.into_owned(), Sides::read(root))));
                })?;
                found.extend(units::maps().filter_map(|url| units::map(&url).map(|map| (url, map.sides))));
                found.sort_by(|left, right| left.0.cmp(&right.0));
                Ok(found)
            },
        )?;
        let mut urls: Vec<&str> = sides.iter().filter(|(_, sides)| sides.fit(sought)).map(|(url, _)| url.as_str()).collect();
        urls.dedup();
        // Of several versions the one that counts decides.
        Ok(urls.into_iter().filter_map(|url| self.map(url)).filter(|map| map.sides.fit(sought)).collect())
    }

    /// What a code is called in a language, where a text calls it so in another one.
    pub fn called(&self, system: &str, code: &str, text: &str, language: &str) -> Option<String> {
        let held = self.system(system)?;
        held.translated(held.concept(code)?, text, language).map(str::to_owned)
    }

    /// How a value set is composed, as `ValueSet.compose`: in the words of the resource where one is stored.
    pub fn definition(&self, address: &str) -> Option<String> {
        match self.chart.canonical("ValueSet", address) {
            Some(text) => Document::read(&text).ok()?.root().get("compose").map(|compose| compose.raw().to_owned()),
            None => self.set(address).map(|set| set.definition()),
        }
    }

    /// A concept map.
    pub fn map(&self, address: &str) -> Option<Arc<Map>> {
        let read = || self.chart.canonical("ConceptMap", address).and_then(|text| Some(Map::read(Document::read(&text).ok()?.root()))).or_else(|| units::map(address));
        self.kept(address, |kept| &mut kept.maps, |kept| &kept.maps, || read().map(Arc::new), Map::count)
    }
}

impl Knowledge {
    /// The profile of an address: a stored one, or one that ships.
    fn profile_below(&self, address: &str, depth: u32) -> Option<Arc<Profile>> {
        if depth > MOST_DERIVED {
            return None;
        }
        let read = || {
            let Some(text) = self.chart.canonical("StructureDefinition", address) else { return shipped::profile(address) };
            let document = Document::read(&text).ok()?;
            let url = address.split('|').next().unwrap_or(address);
            let read = Profile::read(document.root(), &|base| self.profile_below(base, depth + 1));
            Some(Arc::new(read.unwrap_or_else(|why| Profile::unusable(url, &why))))
        };
        self.kept(address, |kept| &mut kept.profiles, |kept| &kept.profiles, read, |_| PROFILE_WEIGHT)
    }
}

impl Profiles for Knowledge {
    fn profile(&self, address: &str) -> Option<Arc<Profile>> {
        self.profile_below(address, 0)
    }
}

/// As what the codes that ship may be told to whoever asks for an address.
struct Ships {
    /// No version is asked for, so they are, whatever theirs is.
    as_any: bool,
    /// R4's own version is.
    as_r4: bool,
}

/// The address without its version.
fn shipped_as(address: &str) -> (&str, Ships) {
    let Some((url, version)) = address.split_once('|') else { return (address, Ships { as_any: true, as_r4: true }) };
    (url, Ships { as_any: false, as_r4: is_version_of_r4(url, version) })
}

/// Whether R4's own table tells a code system or a value set in this version. Of what ships only R4's own things have a
/// version that is known: 4.0.1 of R4 itself and of the systems that were published with it; v2 and v3 tables have dates
/// of their own, which the definitions do not tell, and the starter set is a part of whatever its owners publish.
pub fn is_version_of_r4(url: &str, version: &str) -> bool {
    let is_of_r4 = url.starts_with("http://hl7.org/fhir/") || url.starts_with("http://terminology.hl7.org/") && !url.contains("/v2-") && !url.contains("/v3-");
    is_of_r4 && (version == "4.0" || version.starts_with("4.0."))
}

impl Library for Knowledge {
    fn system(&self, address: &str) -> Option<Arc<System>> {
        let read = || {
            let stored = self.chart.canonical("CodeSystem", address).and_then(|text| System::read(Document::read(&text).ok()?.root()));
            let (url, ships) = shipped_as(address);
            let found = stored.or_else(|| starter::system(url).filter(|_| ships.as_any)).or_else(|| units::system(url)).or_else(|| r4().code_system(url).filter(|_| ships.as_r4).map(System::of_r4));
            found.map(|system| system.name_more(starter::names(url)))
        };
        self.kept(address, |kept| &mut kept.systems, |kept| &kept.systems, || read().map(Arc::new), |system| system.concepts.len())
    }

    fn set(&self, address: &str) -> Option<Arc<Set>> {
        let read = || {
            let stored = self.chart.canonical("ValueSet", address).and_then(|text| Some(Set::read(Document::read(&text).ok()?.root())));
            let (url, ships) = shipped_as(address);
            let implicit = || {
                // Code systems whose owners name the set of all their codes.
                let system = url.strip_suffix("?fhir_vs").or_else(|| (url == "http://loinc.org/vs").then_some("http://loinc.org"))?;
                self.system(system).map(|_| Set::whole(system))
            };
            stored.or_else(|| self.set_kept_here(address)).or_else(|| starter::set(url).filter(|_| ships.as_any)).or_else(|| units::set(address)).or_else(|| r4().value_set(url).filter(|_| ships.as_r4).map(Set::of_r4)).or_else(implicit)
        };
        self.kept(address, |kept| &mut kept.sets, |kept| &kept.sets, || read().map(Arc::new), |_| 0)
    }
}

impl Knowledge {
    /// The value set that is named by where it lies here: `ValueSet/23`.
    fn set_kept_here(&self, address: &str) -> Option<Set> {
        let id = address.strip_prefix("ValueSet/").filter(|id| fhir::is_id(id))?;
        let set = self.chart.permitted_set(&house(), Act::Read).ok()?;
        let (_, stored) = self.chart.look_up(&set, ResourceType::named("ValueSet")?, id, Tick::END).ok()??;
        Some(Set::read(Document::read(&stored.text).ok()?.root()))
    }
}

impl Codes for Knowledge {
    fn member(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership {
        match self.set(value_set).map(|set| set.contains(system, code, self)) {
            Some(Ok(true)) => Membership::In,
            Some(Ok(false)) => Membership::Out,
            Some(Err(_)) => Membership::Unknown(Unknown::ValueSetNotHeld("a value set whose codes are not all held")),
            None => Membership::Unknown(Unknown::ValueSetNotHeld("a value set that is not held")),
        }
    }

    fn is_a(&self, system: &str, code: &str, ancestor: &str) -> Option<bool> {
        if code == ancestor {
            return Some(true);
        }
        let held = self.system(system)?;
        match (held.place(code), held.place(ancestor)) {
            (Some(code), Some(ancestor)) => held.is_surely_a(code, ancestor),
            _ if held.is_complete() => Some(false),
            _ => None,
        }
    }

    fn holds_value_set(&self, value_set: &str) -> bool {
        self.shelf().whole_or(value_set, || self.set(value_set).is_some_and(|set| set.expand(Wanted::default(), self).is_ok()))
    }

    fn holds_hierarchy(&self, system: &str) -> bool {
        self.system(system).is_some_and(|system| system.is_complete())
    }

    fn may_exist(&self, system: &str, code: &str) -> bool {
        self.system(system).is_none_or(|held| !matches!(held.existence(code), Existence::Absent(_)))
    }

    fn is_called(&self, system: &str, code: &str, display: &str) -> Option<bool> {
        let held = self.system(system).filter(|held| held.is_complete())?;
        let concept = held.concept(code).filter(|concept| concept.names().next().is_some())?;
        Some(terminology::is_called(concept.names(), display))
    }

    fn names_below(&self, system: Option<&str>, place: &str) -> Vec<String> {
        units::names_below(system, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_while_a_set_was_written_is_asked_again() {
        let (shelf, kind) = (Shelf::new(Tick(3)), ResourceType::named("ValueSet").unwrap());
        // Written between the question and its answer.
        let meanwhile = || {
            shelf.forget(kind, Tick(5));
            false
        };
        assert!(!shelf.whole_or("urn:set", meanwhile));
        assert!(shelf.whole_or("urn:set", || true));
        assert!(shelf.whole_or("urn:set", || false), "it is remembered");
        shelf.forget(ResourceType::named("ConceptMap").unwrap(), Tick(9));
        assert_eq!([4, 5, 6].map(|tick| shelf.codes_changed_since(Tick(tick))), [true, false, false]);
    }

    #[test]
    fn the_higher_version_is_the_newer_one() {
        for (older, newer) in [("2.9", "2.10"), ("2023", "2024-05"), ("", "1"), ("4.0.1", "4.0.1-b")] {
            assert_eq!(by_number(older, newer), std::cmp::Ordering::Less, "{older} {newer}");
        }
    }
}
