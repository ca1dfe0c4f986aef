//! Reading the table `definitions/r4.bin`.
//!
//! The table is little-endian: four bytes `R4D1`, then sections, each preceded by its length
//! in four bytes. Numbers are LEB128 varints; an optional number or string is itself plus one,
//! zero being none; a list is its length and its members; a string is its place in the first
//! section, an inline string its length and its UTF-8.
//!
//! | Section | |
//! |---|---|
//! | strings | count, lengths, then all text |
//! | invariants | key, 1 for an error or 0 for a warning, human, expression |
//! | types | name, kind (+ 16 if abstract), base?, pattern?, invariants, elements |
//! | element, in a type | name, flags, min, max?, (strength, value set) if flagged, types (code, JSON name, targets), invariants |
//! | search parameters | code, url, kind, bases, expression, targets, components (definition, expression) |
//! | code systems | url, flags, body length, body: concepts (inline code, inline display, parents' places) |
//! | value sets | url, body length, body: includes, excludes (see `terminology`) |
//!
//! * The table is part of the program: a flaw in it is a flaw in the build, and panics.
//! * Bodies of code systems and value sets are left as bytes until someone asks for them.

use super::names::{NameMap, Names};
use super::terminology::Terminology;
use super::*;

static TABLE: &[u8] = include_bytes!("../../definitions/r4.bin");

/// A place in the table, moving on as it reads.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    bytes: &'static [u8],
}

impl Reader {
    pub(super) fn new(bytes: &'static [u8]) -> Reader {
        Reader { bytes }
    }

    pub(super) fn take(&mut self, count: usize) -> &'static [u8] {
        let (taken, rest) = self.bytes.split_at(count);
        self.bytes = rest;
        taken
    }

    #[inline]
    pub(super) fn number(&mut self) -> usize {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let (byte, rest) = self.bytes.split_first().expect("the definitions table ends too early");
            self.bytes = rest;
            value |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return value;
            }
            shift += 7;
        }
    }

    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut Reader) -> T) -> Vec<T> {
        let count = self.number();
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(one(self));
        }
        all
    }

    pub(super) fn inline(&mut self) -> &'static str {
        let length = self.number();
        std::str::from_utf8(self.take(length)).expect("the definitions table is UTF-8")
    }

    fn optional(&mut self) -> Option<usize> {
        self.number().checked_sub(1)
    }

    fn section(&mut self) -> Reader {
        let length = self.take(4).try_into().map(u32::from_le_bytes).expect("four bytes");
        Reader::new(self.take(length as usize))
    }
}

/// The shared strings, by place.
pub(super) struct Strings(Vec<&'static str>);

impl Strings {
    fn read(mut section: Reader) -> Strings {
        let lengths = section.list(Reader::number);
        let mut text = std::str::from_utf8(section.bytes).expect("the definitions table is UTF-8");
        let cut = |length: usize| {
            let (one, rest) = text.split_at(length);
            text = rest;
            one
        };
        Strings(lengths.into_iter().map(cut).collect())
    }

    #[inline]
    pub(super) fn next(&self, reader: &mut Reader) -> &'static str {
        self.0[reader.number()]
    }

    fn optional(&self, reader: &mut Reader) -> Option<&'static str> {
        reader.optional().map(|place| self.0[place])
    }

    pub(super) fn at(&self, place: usize) -> &'static str {
        self.0[place]
    }
}

/// Decodes the whole table except the bodies of code systems and value sets.
pub(super) fn definitions() -> Definitions {
    let mut table = Reader::new(TABLE);
    assert_eq!(table.take(4), b"R4D1", "the definitions table has another format than this program");
    let strings = Strings::read(table.section());
    let invariants = table.section().list(|r| invariant(r, &strings));
    let mut types = table.section().list(|r| read_type(r, &strings, &invariants));
    let search_parameters = table.section().list(|r| parameter(r, &strings));
    let code_systems = table.section();
    let value_sets = table.section();

    let type_by_name: NameMap<u32> = types.iter().enumerate().map(|(index, t)| (t.name, index as u32)).collect();
    for t in &mut types {
        t.base_index = t.base.map(|base| type_by_name[base]);
        for type_ref in t.elements.iter_mut().flat_map(|element| &mut element.types) {
            type_ref.type_index = type_by_name[type_ref.code];
        }
    }
    Definitions {
        parameters_by_type: parameters_by_type(&types, &type_by_name, &search_parameters),
        parameter_by_url: search_parameters.iter().enumerate().map(|(index, p)| (p.url, index as u32)).collect(),
        terminology: Terminology::new(strings, code_systems, value_sets),
        types,
        search_parameters,
        type_by_name,
    }
}

fn invariant(r: &mut Reader, strings: &Strings) -> Invariant {
    Invariant { key: strings.next(r), is_error: r.number() == 1, human: strings.next(r), expression: strings.next(r) }
}

fn read_type(r: &mut Reader, strings: &Strings, invariants: &[Invariant]) -> Type {
    let name = strings.next(r);
    let kind = r.number();
    let base = strings.optional(r);
    let pattern = strings.optional(r);
    let own = r.list(|r| invariants[r.number()]);
    let elements = r.list(|r| element(r, strings, invariants));
    let members: Vec<_> = elements
        .iter()
        .enumerate()
        .flat_map(|(e, element)| element.types.iter().enumerate().map(move |(t, one)| (one.json_name, e as u16, t as u16)))
        .collect();
    Type {
        name,
        kind: match kind & 15 {
            0 => Kind::Primitive,
            1 => Kind::Complex,
            2 => Kind::Resource,
            3 => Kind::Backbone,
            other => panic!("the definitions table has an unknown kind {other}"),
        },
        base,
        is_abstract: kind & 16 != 0,
        elements,
        invariants: own,
        pattern,
        base_index: None,
        members: Names::new(&members),
    }
}

fn element(r: &mut Reader, strings: &Strings, invariants: &[Invariant]) -> Element {
    let name = strings.next(r);
    let flags = r.number();
    Element {
        name,
        is_choice: flags & 1 != 0,
        is_modifier: flags & 2 != 0,
        is_summary: flags & 4 != 0,
        min: r.number() as u16,
        max: r.optional().map(|max| max as u16),
        binding: (flags & 8 != 0).then(|| Binding { strength: strength(r.number()), value_set: strings.next(r) }),
        types: r.list(|r| TypeRef {
            code: strings.next(r),
            json_name: strings.next(r),
            targets: r.list(|r| strings.next(r)),
            type_index: 0,
        }),
        invariants: r.list(|r| invariants[r.number()]),
    }
}

fn strength(number: usize) -> Strength {
    [Strength::Required, Strength::Extensible, Strength::Preferred, Strength::Example][number]
}

fn parameter(r: &mut Reader, strings: &Strings) -> SearchParameter {
    use ParameterKind::*;
    SearchParameter {
        code: strings.next(r),
        url: strings.next(r),
        kind: [Number, Date, String, Token, Reference, Composite, Quantity, Uri, Special][r.number()],
        bases: r.list(|r| strings.next(r)),
        expression: strings.next(r),
        targets: r.list(|r| strings.next(r)),
        components: r.list(|r| (strings.next(r), strings.next(r))),
    }
}

/// For every concrete resource type: its own parameters and those of the types it specialises.
fn parameters_by_type(types: &[Type], by_name: &NameMap<u32>, parameters: &[SearchParameter]) -> NameMap<Vec<u32>> {
    let mut by_base: NameMap<Vec<u32>> = NameMap::default();
    for (index, parameter) in parameters.iter().enumerate() {
        for base in &parameter.bases {
            by_base.entry(base).or_default().push(index as u32);
        }
    }
    let mut by_type = NameMap::default();
    for t in types.iter().filter(|t| t.kind == Kind::Resource && !t.is_abstract) {
        let mut all = Vec::new();
        let mut this = Some(t.name);
        while let Some(name) = this {
            all.extend(by_base.get(name).into_iter().flatten());
            this = types[by_name[name] as usize].base;
        }
        by_type.insert(t.name, all);
    }
    by_type
}
