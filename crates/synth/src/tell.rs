//! Telling a life: visit after visit, what was measured, found, prescribed and
//! written, as one transaction Bundle.

use crate::body::Body;
use crate::chance::{Chance, mix};
use crate::chronic::{self, Kind};
use crate::day::{Day, Moment, push_decimal, push_padded};
use crate::drugs::{self, Drug};
use crate::json::{Id, Json};
use crate::life::{self, Life, Purpose, Visit};
use crate::measure::{self, Measure, Panel};
use crate::note::{self, Note};
use crate::people::{Case, Person, Registry, Role};
use crate::places::{self, Work};
use crate::stats::{Stats, Type};
use crate::words::{Tongue, Words};
use crate::Shape;

mod administrative;
mod births;
mod clinical;
mod ills;
mod results;
mod reviews;
mod values;
mod visits;

/// A condition as it develops.
struct Known {
    kind: Kind,
    onset: Day,
    severity: f64,
    /// Its Condition, once written.
    id: Option<Id>,
    /// How far treatment has been stepped up.
    step: usize,
    /// When its laboratory values were last taken.
    measured: Day,
}

/// A medicine taken for long.
struct Taken {
    drug: &'static Drug,
    /// The latest prescription.
    prescription: Id,
    since: Day,
    renewed: Day,
}

/// Which allergies are on record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allergy {
    /// Nobody asked.
    NotAsked,
    /// Asked, and none.
    Denied,
    Penicillin,
    Sulfonamides,
    Peanut,
    Nsaid,
    Mite,
}

/// Everything at hand while one person's Bundle is written.
struct Teller<'a> {
    json: Json<'a>,
    stats: &'a mut Stats,
    registry: &'a Registry,
    person: &'a Person,
    tongue: Tongue,
    rich: bool,
    body: Body,
    chance: Chance,
    /// The next id's number; 0 is the patient.
    next: u64,
    started: usize,
    known: Vec<Known>,
    taken: Vec<Taken>,
    allergy: Allergy,
    doses: Vec<&'static str>,
    /// When lasting medicines were last renewed, decided before telling.
    last_review: Option<Day>,
    life_end: Day,
    previous_a1c: f64,
    /// The Condition of the pregnancy being looked after, and its first day.
    pregnancy: Option<(Id, Day)>,
    asked_smoking: bool,
}

/// The visit being told.
struct Here {
    encounter: Id,
    at: Moment,
    facility: usize,
    practitioner: usize,
    signature: String,
}

/// Appends one person's Bundle.
pub(crate) fn write(registry: &Registry, person: &Person, shape: Shape, out: &mut String, stats: &mut Stats) {
    let start = out.len();
    let life = life::plan(registry, person, shape);
    let mut chance = Chance::new(mix(person.key, 31));
    let allergy = match person.case {
        Some(Case::ManyConditions) => Allergy::Penicillin,
        Some(Case::AsthmaticTeenager) => Allergy::Mite,
        Some(Case::GrowingChild) => Allergy::Peanut,
        Some(Case::Pregnant) => Allergy::Denied,
        Some(Case::Newborn) => Allergy::NotAsked,
        Some(Case::WeakHeart) => Allergy::Nsaid,
        None => match chance.below(100) {
            0..30 => Allergy::NotAsked,
            30..86 => Allergy::Denied,
            86..91 => Allergy::Penicillin,
            91..94 => Allergy::Sulfonamides,
            94..96 => Allergy::Peanut,
            96..98 => Allergy::Nsaid,
            _ => Allergy::Mite,
        },
    };
    let known: Vec<Known> = life
        .standing
        .iter()
        .map(|standing| {
            let steps = chronic::of(standing.kind).steps.len();
            let treated_before = standing.onset < life.start;
            let step = if treated_before && steps > 1 && person.case.is_none() { usize::from(chance.happens(0.5)) } else { 0 };
            Known { kind: standing.kind, onset: standing.onset, severity: standing.severity, id: None, step, measured: Day(i32::MIN / 2) }
        })
        .collect();
    let last_review = life.visits.iter().filter(|visit| matches!(visit.purpose, Purpose::Review)).map(|visit| visit.day).next_back();
    let mut teller = Teller {
        // The long record is as long as a measured one that had no narratives.
        json: Json { out, bare: shape == Shape::Long },
        stats,
        registry,
        person,
        tongue: person.tongue,
        rich: life.rich,
        body: Body::of(person, life.has(Kind::Obesity) || matches!(person.case, Some(Case::ManyConditions))),
        chance,
        next: 1,
        started: 0,
        known,
        taken: Vec::new(),
        allergy,
        doses: Vec::new(),
        last_review,
        life_end: life.end,
        previous_a1c: 0.0,
        pregnancy: None,
        asked_smoking: false,
    };
    teller.json.out.push_str("{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[");
    teller.patient();
    teller.relatives();
    teller.coverage(&life);
    teller.allergies(&life);
    teller.booklet(&life);
    for visit in &life.visits {
        teller.visit(&life, visit);
    }
    teller.ahead(&life);
    out.push_str("]}");
    stats.bundles += 1;
    stats.bytes += (out.len() - start) as u64;
}

impl Teller<'_> {
    fn id(&mut self) -> Id {
        self.next += 1;
        Id::of(self.person.key, self.next)
    }

    fn patient_id(&self) -> Id {
        Id::of(self.person.key, 0)
    }

    fn begin(&mut self, kind: Type, id: Id) {
        self.json.item();
        self.json.key("fullUrl");
        self.json.out.push_str("\"urn:uuid:");
        id.write(self.json.out);
        self.json.out.push('"');
        self.json.key("resource");
        self.started = self.json.out.len();
        self.json.out.push('{');
        self.json.text("resourceType", kind.name());
    }

    fn finish(&mut self, kind: Type) {
        self.json.close();
        self.stats.add(kind, self.json.out.len() - self.started);
        self.json.open("request");
        self.json.text("method", "POST");
        self.json.text("url", kind.name());
        self.json.close();
        self.json.close();
    }

    fn subject(&mut self, name: &str) {
        let id = self.patient_id();
        self.json.reference(name, id, "");
    }

    fn encounter(&mut self, here: &Here) {
        self.json.reference("encounter", here.encounter, "");
    }

    fn by(&mut self, name: &str, here: &Here) {
        self.json.open(name);
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &here.signature, here.practitioner);
        self.json.close();
    }

    fn at_facility(&mut self, name: &str, kind: &str, facility: usize) {
        self.json.open(name);
        crate::resources::facility_members(&mut self.json, self.registry.country, self.tongue, kind, facility);
        self.json.close();
    }

    fn moment(&self, day: Day, minute: i32) -> Moment {
        Moment { day, minute, offset_minutes: self.registry.country.utc_offset_minutes }
    }

    fn say(&self, words: &Words) -> &'static str {
        self.tongue.say(words)
    }
}
