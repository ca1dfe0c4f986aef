//! A person's record as pages read it.
//!
//! * A resource is parsed when a page first touches it, and once; those of a very long record
//!   are parsed at once by several threads.
//! * What was entered in error is not clinical: it is left out of every summary and stays
//!   readable as a document.
//! * Nothing here knows a session or a store; what comes in has already been permitted.

pub mod clinical;
pub mod concept;
pub mod kind;
pub mod quantity;
mod task;

use std::cell::OnceCell;
use std::collections::HashMap;

use std::fmt;
use std::sync::{Arc, OnceLock};

use chart::{HeldLine, PersonRecord, Stored};
use fhir::{Document, PartialDateTime, Reference, ResourceType, Value};

use crate::door::Door;
use crate::voice::Voice;
use crate::words::Language;
pub use kind::Kind;

/// One resource of the record, parsed when first asked for.
#[derive(Debug)]
pub struct Item<'r> {
    /// As the door gave it.
    pub stored: &'r Stored,
    document: OnceCell<Document<'r>>,
    is_error: OnceCell<bool>,
    encounter: OnceCell<Option<u32>>,
}

/// From this many entries on, a record is parsed by several threads.
const LONG_RECORD: usize = 2000;

/// A document; an empty object where the text cannot be read, so that one bad entry does not
/// close a record.
fn parse(stored: &Stored) -> Document<'_> {
    Document::read(&stored.text).unwrap_or_else(|_| Document::read("{}").expect("an empty object is JSON"))
}

impl<'r> Item<'r> {
    fn new(stored: &'r Stored) -> Item<'r> {
        Item { stored, document: OnceCell::new(), is_error: OnceCell::new(), encounter: OnceCell::new() }
    }

    /// The resource.
    pub fn root(&self) -> Value<'_> {
        self.document.get_or_init(|| parse(self.stored)).root()
    }

    /// True for what was entered in error.
    pub fn is_error(&self) -> bool {
        *self.is_error.get_or_init(|| clinical::is_error(self.root()))
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
    registrations: usize,
    holds: &'r [HeldLine],
    names: Names,
    /// The institutions that Provenances tell of, by the address of the entry.
    told: OnceLock<HashMap<String, String>>,
}

/// Who knows what codes are called in the reader's language.
#[derive(Clone, Default)]
struct Names(Option<(Arc<dyn Door>, &'static str)>);

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({:?})", self.0.as_ref().map(|(_, language)| language))
    }
}

impl<'r> Record<'r> {
    /// What of the record is held and may not be erased.
    pub fn holds(&self) -> &'r [HeldLine] {
        self.holds
    }

    /// Arranges what the door gave; parses nothing yet.
    pub fn new(record: &'r PersonRecord) -> Record<'r> {
        let items: Vec<Item<'r>> = record.resources.iter().chain(&record.shared).map(Item::new).collect();
        if record.resources.len() >= LONG_RECORD {
            parse_all(&items);
        }
        let mut by_type: HashMap<ResourceType, Vec<u32>> = HashMap::new();
        let mut by_reference = HashMap::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            by_reference.insert((item.stored.kind, item.stored.id.as_str()), place as u32);
            if place < record.resources.len() {
                by_type.entry(item.stored.kind).or_default().push(place as u32);
            }
        }
        Record { patient: Item::new(&record.patient), items, by_type, by_reference, shared_from: record.resources.len(), registrations: record.merged.len() + 1, holds: &record.holds, names: Names::default(), told: OnceLock::new() }
    }

    /// The same, for a reader of this language: a code's name in it stands behind a text in another.
    pub fn told_in(mut self, language: &'static str, door: Arc<dyn Door>) -> Record<'r> {
        self.names = Names(Some((door, language)));
        self
    }

    /// The country in which the site stands that keeps the record; none where it names none.
    pub fn site(&self) -> Option<&'static country::Country> {
        let (door, _) = self.names.0.as_ref()?;
        country::by_code(&door.gate().settings().country)
    }

    /// The births that certificates in the record tell of, of those that the reader may see, as Observations of their days.
    pub fn deliveries(&self) -> Vec<String> {
        let Some((door, _)) = self.names.0.as_ref() else { return Vec::new() };
        door.gate().deliveries_told(self.valid("QuestionnaireResponse").map(|item| item.stored)).unwrap_or_default()
    }

    /// The text of a CodeableConcept, and behind it its name in the reader's language, where the
    /// text is in another one or there is only a code. The text itself is never left out.
    pub fn says(&self, concept: Value<'_>) -> Option<String> {
        let text = concept::text(concept)?;
        let Some((door, language)) = &self.names.0 else { return Some(text) };
        if let Some(asked) = Language::of_code(language).and_then(|language| task::asked(concept, &text, language)) {
            return Some(asked);
        }
        let mut codings = concept.get("coding").into_iter().flat_map(|codings| codings.each());
        let name = codings.find_map(|coding| door.called(&concept::said(coding, "system")?, &concept::said(coding, "code")?, &text, language));
        Some(match name {
            Some(name) => format!("{text} ({name})"),
            None => text,
        })
    }

    /// What a code is called in the reader's language, where the site knows it.
    pub fn called(&self, system: &str, code: &str) -> Option<String> {
        let (door, language) = self.names.0.as_ref()?;
        door.called(system, code, code, language)
    }

    /// The same of one or many concepts, joined.
    pub fn says_all(&self, concepts: Option<Value<'_>>) -> Option<String> {
        let all: Vec<String> = concepts?.each().filter_map(|concept| self.says(concept)).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// Under how many Patients the person is kept: more than one where some were merged.
    pub fn registrations(&self) -> usize {
        self.registrations
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
        self.of(type_name).filter(|item| !item.is_error())
    }

    /// All entries of the record, without the person and the shared ones.
    pub fn all(&self) -> impl Iterator<Item = &Item<'r>> {
        self.items[..self.shared_from].iter()
    }

    /// The entries of a type and the shared things of that type that any of them names.
    pub fn named(&self, type_name: &str) -> impl Iterator<Item = &Item<'r>> {
        self.items.iter().filter(move |item| item.type_name() == type_name)
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

    /// The same for an entry of this record, looked up once.
    pub fn encounter(&self, item: &Item<'_>) -> Option<&Item<'r>> {
        let place = item.encounter.get_or_init(|| {
            let encounter = self.encounter_of(item.root())?;
            self.by_reference.get(&(encounter.stored.kind, encounter.stored.id.as_str())).copied()
        });
        place.map(|place| &self.items[place as usize])
    }

    /// Where an entry comes from, as a name: what it says itself, else its encounter's place, else what its Provenance
    /// tells, else where those work in whose role it was written.
    pub fn place_of(&self, item: &Item<'_>) -> Option<String> {
        let root = item.root();
        let of_encounter = || clinical::own_place(self, self.encounter(item)?.root());
        let told = || self.told.get_or_init(|| self.institutions_told()).get(&format!("{}/{}", item.stored.kind, item.stored.id)).cloned();
        clinical::own_place(self, root).or_else(of_encounter).or_else(told).or_else(|| clinical::place_of_role(self, root))
    }

    /// For which institution the agents of Provenances acted, by what they tell of.
    fn institutions_told(&self) -> HashMap<String, String> {
        let mut told = HashMap::new();
        for provenance in self.valid("Provenance") {
            let root = provenance.root();
            let agents = || root.get("agent").into_iter().flat_map(|agents| agents.each());
            let acted_for = agents().find_map(|agent| self.name_of(root, agent.get("onBehalfOf")?));
            let institution = acted_for.or_else(|| agents().filter_map(|agent| agent.get("who")).filter(|who| who.string("reference").is_some_and(|text| text.starts_with("Organization/"))).find_map(|who| self.name_of(root, who)));
            let Some(institution) = institution else { continue };
            for target in root.get("target").into_iter().flat_map(|targets| targets.each()) {
                if let Some(text) = target.string("reference")
                    && let Some((kind, id)) = Reference::parse(&text).local()
                {
                    told.entry(format!("{kind}/{id}")).or_insert_with(|| institution.clone());
                }
            }
        }
        told
    }

    /// The day and moment an entry is about, for sorting and showing.
    pub fn when(&self, item: &Item<'_>, voice: &Voice) -> Option<When> {
        clinical::date_of(item.type_name(), item.root()).map(|date| When::new(date, voice))
    }
}

/// Parses all entries, each thread its share.
fn parse_all(items: &[Item<'_>]) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let stored: Vec<&Stored> = items.iter().map(|item| item.stored).collect();
    let share = stored.len().div_ceil(threads).max(1);
    let documents: Vec<Vec<Document<'_>>> = std::thread::scope(|scope| {
        let shares: Vec<_> = stored.chunks(share).map(|share| scope.spawn(|| share.iter().map(|stored| parse(stored)).collect::<Vec<_>>())).collect();
        // A share that failed is parsed when it is touched.
        shares.into_iter().map(|share| share.join().unwrap_or_default()).collect()
    });
    for (items, documents) in items.chunks(share).zip(documents) {
        for (item, document) in items.iter().zip(documents) {
            // The cell is new, so it takes the document.
            let _ = item.document.set(document);
        }
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
