//! The definitions in the shape the walk wants: for each type a table of its JSON members.
//!
//! * A table is made the first time its type occurs and kept for the life of the process.
//! * Everything is looked up by number; names are compared once per member.

use crate::logic::Names;
use crate::primitive::Primitive;
use crate::rules::Rule;
use crate::simple_quantity::is_simple;
use crate::words::Words;
use fhir::definitions::{self, Definitions, Kind, Membership, Strength, Type, ValueSet};
use fhir::ResourceType;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// All tables.
pub(crate) struct Schema {
    definitions: &'static Definitions,
    tables: Vec<OnceLock<Table>>,
    /// Value sets that several elements share.
    bounds: Mutex<HashMap<&'static str, &'static Bound>>,
    /// What the companion of a primitive (`_birthDate`) holds.
    pub(crate) element: u32,
}

/// One type.
pub(crate) struct Table {
    /// `Patient`, `Patient.contact`, `HumanName`.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) elements: Vec<Element>,
    members: Vec<Member>,
    names: Words,
    /// Elements that must occur, as bits.
    pub(crate) required: u64,
    /// The bit of `id`, which alone does not make an element.
    pub(crate) id_bit: u64,
    /// The invariants of the type.
    pub(crate) rules: Vec<Rule>,
}

/// Types the walk has something more to say about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(crate) enum Role { Plain, Reference, Extension, Coding, CodeableConcept, Quantity }

/// One element.
pub(crate) struct Element {
    pub(crate) name: &'static str,
    pub(crate) is_choice: bool,
    /// JSON writes it as an array.
    pub(crate) is_array: bool,
    pub(crate) min: u16,
    pub(crate) max: Option<u16>,
}

/// One JSON member: an element, for a choice with one of its types.
pub(crate) struct Member {
    pub(crate) element: u8,
    pub(crate) type_name: &'static str,
    pub(crate) shape: Shape,
    /// Types that a reference or canonical may name; none is any.
    pub(crate) targets: Option<Targets>,
    /// A value set that must hold the code.
    pub(crate) bound: Option<&'static Bound>,
    /// Only a SimpleQuantity may stand here.
    pub(crate) is_simple_quantity: bool,
    /// The invariants of the element, beside those of its type.
    pub(crate) rules: Vec<Rule>,
}

/// What a member's value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// A JSON scalar.
    Primitive(Primitive),
    /// An object of the type with this number.
    Object(u32),
    /// Any resource.
    Resource,
}

/// A set of resource types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Targets([u64; 3]);

impl Targets {
    fn new(names: &[&'static str]) -> Option<Targets> {
        let mut targets = Targets([0; 3]);
        for name in names {
            // `Resource` and whatever else is no concrete type stand for all.
            let number = ResourceType::named(name)?.number() as usize;
            targets.0[number / 64] |= 1 << (number % 64);
        }
        (!names.is_empty()).then_some(targets)
    }

    pub(crate) fn contains(&self, kind: ResourceType) -> bool {
        let number = kind.number() as usize;
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// At most six names for a message, then "…".
    pub(crate) fn names(&self) -> String {
        let all: Vec<&str> = ResourceType::all().filter(|kind| self.contains(*kind)).map(ResourceType::name).collect();
        match all.len() {
            0..=6 => all.join(", "),
            more => format!("{} and {} more", all[..5].join(", "), more - 5),
        }
    }
}

/// A value set with a required binding.
pub(crate) struct Bound {
    pub(crate) url: &'static str,
    set: Option<ValueSet>,
    /// All its codes, where the definitions know all of them.
    codes: Option<Words>,
}

impl Bound {
    fn new(definitions: &'static Definitions, url: &'static str) -> Bound {
        let set = definitions.value_set(url);
        let codes = set.as_ref().and_then(ValueSet::codes).filter(|codes| codes.len() < 20_000);
        let codes = codes.map(|codes| Words::new(codes.into_iter().map(|code| code.code).collect::<Vec<_>>().into_iter()));
        Bound { url, set, codes }
    }

    /// True where a bare code is surely not in the set.
    #[inline]
    pub(crate) fn excludes_code(&self, code: &str) -> bool {
        if self.codes.as_ref().is_some_and(|codes| codes.find(code).is_some()) {
            return false;
        }
        self.excludes(None, code)
    }

    /// True where a code of a system is surely not in the set.
    pub(crate) fn excludes(&self, system: Option<&str>, code: &str) -> bool {
        self.set.as_ref().is_some_and(|set| set.contains(system, code) == Membership::Out)
    }
}

impl Schema {
    /// The tables over the R4 definitions.
    pub(crate) fn r4() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let definitions = fhir::r4();
            let tables = definitions.types.iter().map(|_| OnceLock::new()).collect();
            let mut schema = Schema { definitions, tables, bounds: Mutex::default(), element: 0 };
            schema.element = schema.number_named("Element").expect("R4 defines Element");
            schema
        })
    }

    fn number_named(&self, name: &str) -> Option<u32> {
        let found = self.definitions.type_named(name)?;
        let first = self.definitions.types.as_ptr() as usize;
        Some(((std::ptr::from_ref(found) as usize - first) / size_of::<Type>()) as u32)
    }

    /// The table of a resource type that may be sent: one that exists and is not abstract.
    pub(crate) fn resource(&'static self, name: &str) -> Option<&'static Table> {
        let number = self.number_named(name)?;
        let kind = &self.definitions.types[number as usize];
        (kind.kind == Kind::Resource && !kind.is_abstract).then(|| self.table(number))
    }

    /// The table of any type.
    #[cfg(test)]
    pub(crate) fn any(&'static self, name: &str) -> Option<&'static Table> {
        self.number_named(name).map(|number| self.table(number))
    }

    /// The table of that number.
    #[inline]
    pub(crate) fn table(&'static self, number: u32) -> &'static Table {
        self.tables[number as usize].get_or_init(|| self.build(&self.definitions.types[number as usize]))
    }

    fn bound(&self, url: &'static str) -> &'static Bound {
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        // As many as R4 has value sets, for the life of the process.
        bounds.entry(url).or_insert_with(|| Box::leak(Box::new(Bound::new(self.definitions, url))))
    }

    fn build(&self, kind: &'static Type) -> Table {
        assert!(kind.elements.len() <= 64, "{} has more elements than bits", kind.name);
        let elements: Vec<Element> = kind
            .elements
            .iter()
            .map(|element| Element { name: element.name, is_choice: element.is_choice, is_array: element.max != Some(1) && element.max != Some(0), min: element.min, max: element.max })
            .collect();
        let pairs = || kind.elements.iter().enumerate().flat_map(|(place, element)| element.types.iter().map(move |one| (place, element, one)));
        let bit_where = |wanted: &dyn Fn(&Element) -> bool| elements.iter().enumerate().filter(|(_, element)| wanted(element)).fold(0, |bits, (place, _)| bits | 1 << place);
        let members: Vec<Member> = pairs().map(|(place, element, one)| self.member(kind.name, place, element, one)).collect();
        let names = Names { elements: &elements, members: &members };
        Table {
            rules: kind.invariants.iter().filter_map(|invariant| Rule::new(kind.name, *invariant, Some(&names))).collect(),
            name: kind.name,
            role: match kind.name {
                "Reference" => Role::Reference,
                "Extension" => Role::Extension,
                "Coding" => Role::Coding,
                "CodeableConcept" => Role::CodeableConcept,
                _ if kind.is_a("Quantity") => Role::Quantity,
                _ => Role::Plain,
            },
            names: Words::new(pairs().map(|(_, _, one)| one.json_name).collect::<Vec<_>>().into_iter()),
            required: bit_where(&|element| element.min > 0),
            id_bit: bit_where(&|element| element.name == "id"),
            members,
            elements,
        }
    }

    fn member(&self, type_name: &'static str, place: usize, element: &'static definitions::Element, one: &'static definitions::TypeRef) -> Member {
        let shape = match Primitive::named(one.code) {
            // The published snapshots call a resource's id a string; the text says what an id is.
            // https://hl7.org/fhir/R4/resource.html#id
            Some(Primitive::String) if element.name == "id" && ResourceType::named(type_name).is_some() => Shape::Primitive(Primitive::Id),
            Some(primitive) => Shape::Primitive(primitive),
            None if one.code == "Resource" || one.code == "DomainResource" => Shape::Resource,
            None => Shape::Object(self.number_named(one.code).unwrap_or_else(|| panic!("R4 does not define {}", one.code))),
        };
        let is_coded = matches!(one.code, "code" | "Coding" | "CodeableConcept" | "Quantity");
        Member {
            element: place as u8,
            type_name: one.code,
            shape,
            targets: Targets::new(&one.targets),
            is_simple_quantity: one.code == "Quantity" && is_simple(type_name, element.name),
            rules: element.invariants.iter().filter_map(|invariant| Rule::new(&format!("{type_name}.{}", element.name), *invariant, None)).collect(),
            bound: element.binding.filter(|binding| is_coded && binding.strength == Strength::Required).map(|binding| self.bound(binding.value_set)),
        }
    }
}

impl Table {
    /// The member of that name; of a companion ask without the underscore.
    #[inline]
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.names.find(name).map(|place| &self.members[place])
    }
}
