//! A person's record as pages read it.
//!
//! * A resource is parsed when a page first touches it, and once.
//! * What was entered in error is not clinical: it is left out of every summary and stays
//!   readable as a document.
//! * Nothing here knows a session or a store; what comes in has already been permitted.

pub mod clinical;
pub mod concept;
pub mod kind;
pub mod quantity;

use std::cell::OnceCell;
use std::collections::HashMap;

use chart::{PersonRecord, Stored};
use fhir::{Document, PartialDateTime, Reference, ResourceType, Value};

use crate::voice::Voice;
pub use kind::Kind;

/// One resource of the record, parsed when first asked for.
#[derive(Debug)]
pub struct Item<'r> {
    /// As the door gave it.
    pub stored: &'r Stored,
    document: OnceCell<Document<'r>>,
}

impl<'r> Item<'r> {
    fn new(stored: &'r Stored) -> Item<'r> {
        Item { stored, document: OnceCell::new() }
    }

    /// The resource; an empty object where its text cannot be read, so that one bad entry
    /// does not close a record.
    pub fn root(&self) -> Value<'_> {
        let document = self.document.get_or_init(|| Document::read(&self.stored.text).unwrap_or_else(|_| Document::read("{}").expect("an empty object is JSON")));
        document.root()
    }

    /// The name of its type.
    pub fn type_name(&self) -> &'static str {
        self.stored.kind.name()
    }

    /// Where this entry is shown.
    pub fn link(&self, person: &str) -> String {
        format!("/person/{person}/document/{}/{}", self.stored.kind.name(), self.stored.id)
    }
}

/// Everything of one person that the caller may see, and the shared things it names.
#[derive(Debug)]
pub struct Record<'r> {
    /// The person.
    pub patient: Item<'r>,
    items: Vec<Item<'r>>,
    by_type: HashMap<ResourceType, Vec<u32>>,
    by_reference: HashMap<(ResourceType, &'r str), u32>,
    /// From this place on, items are shared ones and not part of the record.
    shared_from: usize,
}

impl<'r> Record<'r> {
    /// Arranges what the door gave; parses nothing yet.
    pub fn new(record: &'r PersonRecord) -> Record<'r> {
        let items: Vec<Item<'r>> = record.resources.iter().chain(&record.shared).map(Item::new).collect();
        let mut by_type: HashMap<ResourceType, Vec<u32>> = HashMap::new();
        let mut by_reference = HashMap::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            by_reference.insert((item.stored.kind, item.stored.id.as_str()), place as u32);
            if place < record.resources.len() {
                by_type.entry(item.stored.kind).or_default().push(place as u32);
            }
        }
        Record { patient: Item::new(&record.patient), items, by_type, by_reference, shared_from: record.resources.len() }
    }

    /// The person's logical id.
    pub fn person(&self) -> &'r str {
        &self.patient.stored.id
    }

    /// The entries of a type, without the shared ones.
    pub fn of(&self, type_name: &str) -> impl Iterator<Item = &Item<'r>> {
        let places = ResourceType::named(type_name).and_then(|kind| self.by_type.get(&kind));
        places.into_iter().flatten().map(|place| &self.items[*place as usize])
    }

    /// The entries of a type that were not entered in error.
    pub fn valid(&self, type_name: &str) -> impl Iterator<Item = &Item<'r>> {
        self.of(type_name).filter(|item| !clinical::is_error(item.root()))
    }

    /// All entries of the record, without the person and the shared ones.
    pub fn all(&self) -> impl Iterator<Item = &Item<'r>> {
        self.items[..self.shared_from].iter()
    }

    /// How many entries of a type there are, without parsing any.
    pub fn count_of(&self, type_name: &str) -> usize {
        ResourceType::named(type_name).and_then(|kind| self.by_type.get(&kind)).map_or(0, Vec::len)
    }

    /// The entry or shared thing of that type and id.
    pub fn find(&self, kind: ResourceType, id: &str) -> Option<&Item<'r>> {
        if kind == self.patient.stored.kind && id == self.person() {
            return Some(&self.patient);
        }
        self.by_reference.get(&(kind, id)).map(|place| &self.items[*place as usize])
    }

    /// The entry a Reference element points to, if it is here.
    pub fn target(&self, reference: Value<'_>) -> Option<&Item<'r>> {
        let text = reference.string("reference")?;
        let (kind, id) = Reference::parse(&text).local()?;
        self.find(kind, id)
    }

    /// How a referenced person, place or thing is called: what the reference says itself, else
    /// what its target says, else what a contained resource says.
    pub fn name_of(&self, owner: Value<'_>, reference: Value<'_>) -> Option<String> {
        if let Some(display) = reference.string("display").filter(|display| !display.trim().is_empty()) {
            return Some(display.into_owned());
        }
        if let Some(target) = self.target(reference) {
            return title(self, target.root());
        }
        let text = reference.string("reference")?;
        let contained = text.strip_prefix('#')?;
        let inner = owner.get("contained")?.items().find(|inner| inner.string("id").as_deref() == Some(contained))?;
        title(self, inner)
    }

    /// The encounter an entry was recorded in.
    pub fn encounter_of(&self, root: Value<'_>) -> Option<&Item<'r>> {
        let direct = root.get("encounter").filter(|reference| reference.get("reference").is_some());
        let reference = direct.or_else(|| root.path(&["context", "encounter"])).or_else(|| root.get("context").filter(|context| context.get("reference").is_some()))?;
        self.target(reference.first()?).filter(|item| item.type_name() == "Encounter")
    }

    /// Where an entry comes from, as a name: what it says itself, else its encounter's place.
    pub fn place_of(&self, item: &Item<'_>) -> Option<String> {
        let root = item.root();
        clinical::own_place(self, root).or_else(|| {
            let encounter = self.encounter_of(root)?;
            clinical::own_place(self, encounter.root())
        })
    }

    /// The day and moment an entry is about, for sorting and showing.
    pub fn when(&self, item: &Item<'_>, voice: &Voice) -> Option<When> {
        clinical::date_of(item.type_name(), item.root()).map(|date| When::new(date, voice))
    }
}

/// A date with its place on the time line.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// As it was written.
    pub date: PartialDateTime,
    /// The first moment it covers, in milliseconds since 1970.
    pub at: i64,
}

impl When {
    /// Places a date on the time line of the reader.
    pub fn new(date: PartialDateTime, voice: &Voice) -> When {
        When { date, at: date.range(voice.zone_offset_minutes).0.0 }
    }

    /// Reads a FHIR date.
    pub fn read(value: Option<Value<'_>>, voice: &Voice) -> Option<When> {
        Some(When::new(PartialDateTime::parse(&value?.as_str()?)?, voice))
    }
}

/// What a resource is called by those who work with it.
pub fn title(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    clinical::title(record, root)
}
