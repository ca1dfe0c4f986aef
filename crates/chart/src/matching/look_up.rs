//! Looking up candidates by postings: groups of terms, intersected, each read at most once.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use access::PermittedSet;
use fhir::{Moment, RecordId, ResourceType, Value};
use mpi::{Block, Group, Key, Person, Population, blocks};
use parking_lot::Mutex;
use search::{ParameterId, UNDATED, fold};
use store::{Class, Location, OwnedTerm, Term};

use crate::door::Chart;
use crate::error::Result;

/// A word that about so many bear is too frequent to be read.
const MOST_OF_A_WORD: usize = 20_000;
/// A block with more persons is made narrower.
const MOST_OF_A_BLOCK: usize = 1_000;
/// A block with no more persons need not be made narrower.
const FEW: usize = 200;
/// Records or postings looked at to estimate how many there are.
const SAMPLE: usize = 512;
/// How long an estimate is good for.
const ESTIMATE_LASTS_MS: i64 = 600_000;

/// How many persons there are, as estimated last.
#[derive(Default)]
pub(crate) struct Census(Mutex<Option<(Moment, u64)>>);

/// What reading one term gave.
#[derive(Clone)]
enum Readout {
    Few(Rc<[Location]>),
    /// About so many.
    TooMany(u64),
}

pub(super) struct LookUp<'l> {
    chart: &'l Chart,
    set: &'l PermittedSet,
    read: HashMap<(u16, Vec<u8>), Readout>,
}

// Nothing here is held while anybody waits: see `match_person`.
impl<'l> LookUp<'l> {
    pub fn new(chart: &'l Chart, set: &'l PermittedSet) -> LookUp<'l> {
        LookUp { chart, set, read: HashMap::new() }
    }

    /// How many persons there are and how frequent the names of the one asked for are.
    pub fn population(&mut self, asked: &Person) -> Result<Population> {
        let mut population = Population::new(self.chart.persons_estimated()?);
        for word in asked.names.iter().flat_map(|name| name.words()) {
            let mut all: HashSet<Location> = HashSet::new();
            let mut more = 0;
            for term in terms(&Key::NameWord(word.written().to_owned())) {
                match self.term(term)? {
                    Readout::Few(found) => all.extend(found.iter()),
                    Readout::TooMany(about) => more = more.max(about),
                }
            }
            population.counted(word.latin(), more.max(all.len() as u64));
        }
        Ok(population)
    }

    /// Everybody worth comparing, and the names of the blocks that were too large.
    pub fn candidates(&mut self, asked: &Person, most: usize) -> Result<(Vec<Location>, Vec<&'static str>)> {
        let (mut all, mut known, mut too_large) = (Vec::new(), HashSet::new(), Vec::new());
        for block in blocks(asked) {
            match self.block(&block)? {
                Some(found) if all.len() + found.len() <= most => all.extend(found.into_iter().filter(|location| known.insert(*location))),
                _ => too_large.push(block.name),
            }
        }
        // In one order, so that the same question reads the store in the same way.
        all.sort_by_key(|location: &Location| (location.record, location.entry));
        Ok((all, too_large))
    }

    /// Who is in a block; none where even the narrowest is too large.
    fn block(&mut self, block: &Block) -> Result<Option<HashSet<Location>>> {
        let mut within: Option<HashSet<Location>> = None;
        for group in block.groups.iter().chain(&block.narrower) {
            if within.as_ref().is_some_and(|within| within.len() <= FEW) {
                break;
            }
            if let Some(found) = self.group(group)? {
                within = Some(match within {
                    Some(within) => within.into_iter().filter(|location| found.contains(location)).collect(),
                    None => found,
                });
            }
        }
        Ok(within.filter(|within| within.len() <= MOST_OF_A_BLOCK))
    }

    /// Who has any of a group's keys; none where all are too frequent to tell.
    fn group(&mut self, group: &Group) -> Result<Option<HashSet<Location>>> {
        let mut found: Option<HashSet<Location>> = None;
        for term in group.iter().flat_map(terms) {
            if let Readout::Few(some) = self.term(term)? {
                found.get_or_insert_default().extend(some.iter());
            }
        }
        Ok(found)
    }

    fn term(&mut self, term: (u16, Vec<u8>)) -> Result<Readout> {
        if let Some(known) = self.read.get(&term) {
            return Ok(known.clone());
        }
        let store = self.chart.store();
        let shards = store.shards();
        let (mut found, mut about) = (Vec::new(), None);
        for shard in 0..shards {
            store.postings(self.set, Term { parameter: term.0, value: &term.1, month: UNDATED }, shard, None, &mut |posting| {
                found.push(posting.location);
                // Postings are sorted by what looks like chance: where one stands tells how many there are.
                if found.len() == SAMPLE || found.len() > MOST_OF_A_WORD {
                    let read = f64::from(shard) + f64::from(u32::from_be_bytes([posting.block[0], posting.block[1], posting.block[2], posting.block[3]])) / 4_294_967_296.0;
                    let all = (found.len() as f64 * f64::from(shards) / read.max(1e-9)) as u64;
                    about = (all > MOST_OF_A_WORD as u64 || found.len() > MOST_OF_A_WORD).then_some(all);
                }
                if about.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if about.is_some() {
                break;
            }
        }
        let readout = match about {
            Some(about) => Readout::TooMany(about),
            None => Readout::Few(found.into()),
        };
        self.read.insert(term, readout.clone());
        Ok(readout)
    }
}

/// The terms under which a key is found: as `search` writes them for a Patient.
fn terms(key: &Key) -> Vec<(u16, Vec<u8>)> {
    let term = |parameter: ParameterId, text: &str| {
        let mut value = ResourceType::PATIENT.number().to_be_bytes().to_vec();
        value.extend_from_slice(text.as_bytes());
        (parameter.0, value)
    };
    match key {
        Key::Number(value) => vec![term(ParameterId::IDENTIFIER_VALUE, value)],
        Key::Contact(text) => vec![term(ParameterId::CONTACT, text)],
        Key::Street(text) => vec![term(ParameterId::STREET, text)],
        Key::BirthDate(date) | Key::BirthMonth(date) => vec![term(ParameterId::BIRTH_DATE, date)],
        Key::NameWord(word) => {
            let folded = fold::fold(word);
            let mut forms = Vec::new();
            for word in fold::words(&folded) {
                forms.push(term(ParameterId::NAME_WORD, word));
                let mut latin = String::new();
                if fold::transliterated(word, &mut latin) && !latin.is_empty() {
                    forms.push(term(ParameterId::NAME_WORD, &latin));
                }
            }
            forms
        }
    }
}

/// The terms of a Patient by which nothing but a match is looked up.
pub(crate) fn traces_of(patient: Value<'_>) -> Vec<OwnedTerm> {
    let keys = mpi::traces(&Person::read(patient));
    let owned = |(parameter, value)| OwnedTerm { parameter, value, month: UNDATED, seconds: 0 };
    keys.iter().flat_map(terms).map(owned).collect()
}

impl Chart {
    /// About how many persons there are: record numbers are random, so the density of the
    /// first few tells how many there are in all.
    fn persons_estimated(&self) -> Result<u64> {
        let now = self.now();
        let mut kept = self.inner.census.0.lock();
        if let Some((at, persons)) = *kept
            && (0..ESTIMATE_LASTS_MS).contains(&(now.0 - at.0))
        {
            return Ok(persons);
        }
        let (mut seen, mut persons, mut last) = (0, 0u64, RecordId(0));
        self.store().records(None, &mut |record| {
            seen += 1;
            persons += u64::from(Class::of(record) == Class::Person);
            last = record;
            if seen == SAMPLE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if seen == SAMPLE {
            // The sample ends somewhere in a shard; every shard is as dense.
            let covered = f64::from(last.shard()) + ((last.0 & 0x00ff_ffff_ffff_ffff) as f64 / (1u64 << 56) as f64);
            persons = (persons as f64 / covered.max(1e-9) * f64::from(self.store().shards())) as u64;
        }
        *kept = Some((now, persons));
        Ok(persons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    #[test]
    fn a_key_is_looked_up_under_the_terms_a_patient_is_found_by() {
        let patient = r#"{"resourceType":"Patient","birthDate":"1958-03-12","identifier":[{"system":"urn:x","value":"A1"}],"name":[{"family":"Щукин","given":["Đào"]}],"telecom":[{"value":"+7 900 123-45-67"}],"address":[{"line":["Лунная улица 5"]}]}"#;
        let document = Document::read(patient).unwrap();
        let mut known = HashSet::new();
        for term in crate::search::terms_of(&search::Custom::default(), &|_| true, ResourceType::PATIENT, document.root()) {
            known.insert((term.parameter, term.value));
        }
        let keys = ["Щукин", "щукин", "Đào", "đào", "dao"].map(|word| Key::NameWord(word.into())).into_iter().chain([Key::Number("A1".into()), Key::BirthDate("1958-03-12".into()), Key::BirthMonth("1958-03".into()), Key::Contact("001234567".into())]);
        let traces = mpi::traces(&Person::read(document.root()));
        assert_eq!(traces.len(), 2, "a telephone number and a street");
        let keys = keys.chain(traces);
        for key in keys {
            assert!(!terms(&key).is_empty() && terms(&key).iter().all(|term| known.contains(term)), "{key:?}");
        }
    }
}
