//! Resources and queries invented from the R4 definitions, for tests that treat all types alike.
//!
//! * Everything follows from a seed.
//! * What is invented is well formed: whatever the rules of R4 object to is taken out again.
//! * Few words, codes, days and neighbours: so a query often meets a resource.
//! * A resource speaks of one person. It may name others, as guests; but its encounter and its
//!   related persons are that person's own, as in life.

mod ask;
mod tree;
mod values;

pub use ask::{Asked, spoken, values_of};

use fhir::definitions::{Element, Type, TypeRef, r4};
use fhir::{Document, ResourceType};
use search::Parameter;
use search::parameter::Source;
use search::path::Shape;
use tree::Tree;

/// SplitMix64: small, and the same for ever.
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit.max(1) as u64) as usize
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The ids of the persons whom everything is about.
pub const PEOPLE: [&str; 3] = ["ana", "bao", "vera"];

/// Where an invented subscription tells what happens.
pub const TOLD: &str = "https://told.example";

/// Elements that are always there, with the one value that this server or the rules of R4 take.
const GIVEN: [(&str, &str, &str); 9] = [
    ("StructureDefinition", "type", "Patient"), ("StructureDefinition", "differential.element.id", "Patient"), ("StructureDefinition", "differential.element.path", "Patient"),
    ("Subscription", "status", "requested"), ("Subscription", "criteria", "Observation?code=8480-6"), ("Subscription", "channel.type", "rest-hook"),
    ("Subscription", "channel.endpoint", "https://told.example/hook"), ("Subscription", "channel.payload", "application/fhir+json"),
    ("Subscription", "channel.header", "X-Site: north"),
];

/// Elements that are there where the element they are part of is: a snapshot says of each element what it is, and from where.
const GIVEN_WITHIN: [(&str, &str, &str); 8] = [
    ("StructureDefinition", "snapshot.element.id", "Patient"), ("StructureDefinition", "snapshot.element.path", "Patient"),
    ("StructureDefinition", "snapshot.element.definition", "Whoever is cared for"), ("StructureDefinition", "snapshot.element.min", "0"),
    ("StructureDefinition", "snapshot.element.max", "*"), ("StructureDefinition", "snapshot.element.base.path", "Patient"),
    ("StructureDefinition", "snapshot.element.base.min", "0"), ("StructureDefinition", "snapshot.element.base.max", "*"),
];

/// The element whose parts [`GIVEN_WITHIN`] are.
const WITHIN: &str = "snapshot.element";

/// Where an element is looked for: the names of its members, from the resource down.
type Path = Vec<String>;

/// Invents resources and what to ask about them.
pub struct Inventor {
    chance: Chance,
    person: &'static str,
    /// The type that is being invented.
    kind: ResourceType,
    /// One optional element in so many is there, on the outermost level.
    sparse: usize,
}

impl Inventor {
    /// The one of a seed.
    pub fn new(seed: u64) -> Inventor {
        Inventor { chance: Chance(seed), person: PEOPLE[0], kind: ResourceType::PATIENT, sparse: 3 }
    }

    /// Its chance, for whatever a test decides beside.
    pub fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }

    /// From now on about this person.
    pub fn about(&mut self, person: &'static str) -> &mut Inventor {
        self.person = person;
        self
    }

    /// A well-formed resource; `id` is its own.
    pub fn resource(&mut self, kind: ResourceType, id: &str) -> String {
        self.sparse = 2;
        self.tried(kind, id, &[], &|_| true).unwrap_or_else(|| panic!("no well-formed {kind} could be invented"))
    }

    /// A small well-formed resource with a value of the parameter, where one could be found.
    pub fn resource_with(&mut self, kind: ResourceType, id: &str, parameter: &Parameter) -> Option<String> {
        self.sparse = 30;
        let ways: Vec<Vec<Path>> = match &parameter.source {
            Source::Id | Source::LastUpdated | Source::Narrative | Source::Everything | Source::Positions(_) => vec![Vec::new()],
            Source::Routes(routes) | Source::Presence(routes) => routes.iter().map(paths).collect(),
            Source::Composite { places, components } => places
                .iter()
                .map(|place| {
                    let of = |component: &search::parameter::Component| component.routes.iter().find(|(end, _)| *end == place.end).map(|(_, routes)| path(&routes[0], &path(place, &[])));
                    components.iter().filter_map(of).collect()
                })
                .collect(),
        };
        let has_it = |text: &str| Document::read(text).is_ok_and(|document| ask::has_value(parameter, document.root()));
        ways.iter().find_map(|way| self.tried(kind, id, way, &has_it))
    }

    fn tried(&mut self, kind: ResourceType, id: &str, wishes: &[Path], suits: &dyn Fn(&str) -> bool) -> Option<String> {
        let definition = r4().type_named(kind.name())?;
        self.kind = kind;
        let wished: Vec<&[String]> = wishes.iter().map(Vec::as_slice).collect();
        let usual = self.sparse;
        for attempt in 0..400 {
            // Some rules want more, others are met only by little.
            self.sparse = [usual, 4, 12, 2, 40, 8][attempt / 10 % 6];
            let mut tree = self.object(definition, 0, "", &wished);
            tree.put_first("id", Tree::text(id));
            tree.put_first("resourceType", Tree::text(kind.name()));
            if let Some(text) = tree.mended(kind, &mut self.chance).filter(|text| suits(text)) {
                return Some(text);
            }
        }
        None
    }

    fn object(&mut self, kind: &'static Type, depth: usize, place: &str, wishes: &[&[String]]) -> Tree {
        let mut members = Vec::new();
        for element in &kind.elements {
            let wished: Vec<&[String]> = wishes.iter().filter(|wish| element.types.iter().any(|one| wish.first().is_some_and(|name| name == one.json_name))).copied().collect();
            let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
            if let Some(given) = self.given(&inside(element.name)) {
                let is_number = element.types.first().is_some_and(|one| one.code == "unsignedInt");
                let one = if is_number { Tree::token(given) } else { Tree::text(given) };
                members.push((element.name.to_owned(), if element.max == Some(1) { one } else { Tree::List(vec![one]) }));
                continue;
            }
            if element.types.is_empty() || (wished.is_empty() && !self.leads_to_given(&inside(element.name)) && !self.wants(element, depth)) {
                continue;
            }
            let chosen = match wished.first() {
                Some(wish) => element.types.iter().find(|one| one.json_name == wish[0]),
                None => Some(&element.types[self.chance.below(element.types.len())]),
            };
            let Some(chosen) = chosen else { continue };
            let tails: Vec<&[String]> = wished.iter().filter(|wish| wish[0] == chosen.json_name).map(|wish| &wish[1..]).collect();
            let inside = inside(chosen.json_name);
            let value = if element.max == Some(1) {
                self.value(element, chosen, depth, &inside, &tails)
            } else {
                let most = element.max.map_or(2, usize::from);
                let count = usize::from(element.min.max(1)) + usize::from(most > 1 && self.chance.once_in(3));
                Tree::List((0..count).map(|_| self.value(element, chosen, depth, &inside, &tails)).collect())
            };
            members.push((chosen.json_name.to_owned(), value));
        }
        Tree::Object(members)
    }

    fn given(&self, place: &str) -> Option<&'static str> {
        GIVEN.iter().chain(&GIVEN_WITHIN).find(|(kind, known, _)| *kind == self.kind.name() && *known == place).map(|(.., value)| *value)
    }

    fn leads_to_given(&self, place: &str) -> bool {
        let leads = |(kind, known, _): &(&str, &str, &str)| *kind == self.kind.name() && known.strip_prefix(place).is_some_and(|rest| rest.starts_with('.'));
        GIVEN.iter().any(leads) || (place.len() > WITHIN.len() && GIVEN_WITHIN.iter().any(leads))
    }

    /// Whether an element that nobody asked for is there.
    fn wants(&mut self, element: &Element, depth: usize) -> bool {
        if matches!(element.name, "id" | "extension" | "modifierExtension" | "contained" | "text" | "implicitRules" | "language" | "versionId" | "lastUpdated") {
            return element.min > 0;
        }
        element.min > 0 || (depth < 4 && self.chance.once_in(self.sparse + depth))
    }

    fn value(&mut self, element: &'static Element, chosen: &'static TypeRef, depth: usize, place: &str, tails: &[&[String]]) -> Tree {
        let is_deep = tails.iter().any(|tail| !tail.is_empty());
        match self.usual(element, chosen, place) {
            Some(value) if !is_deep => value,
            _ if chosen.code == "Resource" => Tree::Object(vec![("resourceType".into(), Tree::text("Basic")), ("code".into(), self.concept(None))]),
            _ => self.object(chosen.definition(), depth + 1, place, tails),
        }
    }
}

/// What must be there for a route to lead somewhere. A telephone number is one by its system.
fn paths(route: &search::path::Route) -> Vec<Path> {
    let whole = path(route, &[]);
    let further: &[&str] = if route.shape == Shape::ContactPoint { &["system", "value"] } else { &[] };
    let deeper = further.iter().map(|name| whole.iter().cloned().chain([(*name).to_owned()]).collect());
    std::iter::once(whole.clone()).chain(deeper).collect()
}

/// The members on the way of a route, after those that lead to where it begins.
fn path(route: &search::path::Route, before: &[String]) -> Path {
    before.iter().cloned().chain(route.member_path().map(str::to_owned)).collect()
}
