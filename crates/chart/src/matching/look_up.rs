//! Looking up candidates by postings: groups of terms, intersected, each read at most once.
//! Whoever is found is kept in order and once.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use access::PermittedSet;
use fhir::{Moment, RecordId, ResourceType, Value};
use mpi::{Block, Group, Key, Person, Population, blocks};
use parking_lot::Mutex;
use search::{ParameterId, UNDATED, fold};
use store::{Class, Lists, Location, OwnedTerm, Probe, Term};

use crate::door::Chart;
use crate::error::Result;

/// A word that about so many bear is too frequent to be read.
const MOST_OF_A_WORD: usize = 20_000;
/// A block with more persons is made narrower.
const MOST_OF_A_BLOCK: usize = 1_000;
/// A block with no more persons need not be made narrower.
const FEW: usize = 200;
/// Postings that are read in the time it takes to ask whether one resource has a term.
const POSTINGS_A_QUESTION: usize = 8;
/// More persons than this are not asked about one by one: their block is too large anyway, or becomes smaller otherwise.
const MOST_ASKED_ABOUT: usize = 5_000;
/// Records or postings looked at to estimate how many there are.
const SAMPLE: usize = 128;
/// How long an estimate is good for.
const ESTIMATE_LASTS_MS: i64 = 600_000;

/// How many persons there are, as estimated last.
#[derive(Default)]
pub(crate) struct Census(Mutex<Option<(Moment, u64)>>);

/// A term as the store knows it: the number of the parameter, and its value.
type TermKey = (u16, Vec<u8>);

/// What reading one term gave.
#[derive(Clone)]
enum Readout {
    Few(Rc<[Location]>),
    TooMany,
}

pub(super) struct LookUp<'l> {
    chart: &'l Chart,
    set: &'l PermittedSet,
    /// About how many have a term; exact where the first look came to its end.
    about: HashMap<TermKey, u64>,
    read: HashMap<TermKey, Readout>,
    lists: Lists<'l>,
}

// Nothing here is held while anybody waits: see `match_person`.
impl<'l> LookUp<'l> {
    pub fn new(chart: &'l Chart, set: &'l PermittedSet) -> Result<LookUp<'l>> {
        Ok(LookUp { chart, set, about: HashMap::new(), read: HashMap::new(), lists: chart.store().lists(set)? })
    }

    /// How many persons there are and how frequent the names of the one asked for are.
    pub fn population(&mut self, asked: &Person) -> Result<Population> {
        let mut population = Population::new(self.chart.persons_estimated()?);
        for word in asked.names.iter().flat_map(|name| name.words()) {
            let mut all: Vec<Location> = Vec::new();
            let mut more = 0;
            for term in terms(&Key::NameWord(word.written().to_owned())) {
                let about = self.about(&term)?;
                match self.read.get(&term) {
                    Some(Readout::Few(found)) => all.extend(found.iter()),
                    _ => more = more.max(about),
                }
            }
            population.counted(word.latin(), more.max(in_order(all).len() as u64));
        }
        Ok(population)
    }

    /// Everybody worth comparing, and the names of the blocks that were too large.
    pub fn candidates(&mut self, asked: &Person, most: usize) -> Result<(Vec<Location>, Vec<&'static str>)> {
        let (mut all, mut too_large) = (Vec::new(), Vec::new());
        for block in blocks(asked) {
            match self.block(&block)? {
                Some(found) if all.len() + found.len() <= most => {
                    all.extend(found);
                    all = in_order(all);
                }
                _ => too_large.push(block.name),
            }
        }
        Ok((all, too_large))
    }

    /// Who is in a block; none where even the narrowest is too large.
    fn block(&mut self, block: &Block) -> Result<Option<Vec<Location>>> {
        // The smallest is read; of the others it is enough to ask about those who were found.
        let mut ordered: Vec<(u64, &Group)> = Vec::new();
        for group in &block.groups {
            ordered.push((self.about_group(group)?, group));
        }
        ordered.sort_by_key(|(about, _)| *about);
        let mut within: Option<Vec<Location>> = None;
        for group in ordered.into_iter().map(|(_, group)| group).chain(&block.narrower) {
            within = match within {
                Some(within) if within.len() <= FEW => return Ok(Some(within)),
                Some(within) => Some(self.of_group(within, group)?),
                None => self.group(group)?,
            };
        }
        Ok(within.filter(|within| within.len() <= MOST_OF_A_BLOCK))
    }

    /// About how many have any of a group's keys.
    fn about_group(&mut self, group: &Group) -> Result<u64> {
        let mut all = 0u64;
        for term in group.iter().flat_map(terms) {
            all = all.saturating_add(self.about(&term)?);
        }
        Ok(all)
    }

    /// Who has any of a group's keys; none where all are too frequent to tell.
    fn group(&mut self, group: &Group) -> Result<Option<Vec<Location>>> {
        let mut found: Option<Vec<Location>> = None;
        for term in group.iter().flat_map(terms) {
            if let Readout::Few(some) = self.term(term)? {
                found.get_or_insert_default().extend(some.iter());
            }
        }
        Ok(found.map(in_order))
    }

    /// Those of some who have any of a group's keys too. Of several keys, those too frequent do not count, where any is rarer.
    fn of_group(&mut self, within: Vec<Location>, group: &Group) -> Result<Vec<Location>> {
        let mut asked: Vec<(u64, TermKey)> = Vec::new();
        for term in group.iter().flat_map(terms) {
            if !asked.iter().any(|(_, known)| *known == term) {
                asked.push((self.about(&term)?, term));
            }
        }
        let has_a_rarer_one = asked.iter().any(|(about, _)| *about <= MOST_OF_A_WORD as u64);
        asked.retain(|(about, _)| !has_a_rarer_one || *about <= MOST_OF_A_WORD as u64);
        let all: u64 = asked.iter().map(|(about, _)| *about).sum();
        if has_a_rarer_one && all < within.len() as u64 * (asked.len() * POSTINGS_A_QUESTION) as u64 {
            let found = self.group(group)?.unwrap_or_default();
            return Ok(within.into_iter().filter(|location| found.binary_search(location).is_ok()).collect());
        }
        if within.len() > MOST_ASKED_ABOUT {
            return Ok(within);
        }
        let store = self.chart.store();
        let probes: Vec<Probe> = asked.iter().map(|(_, (parameter, value))| store.probe(Term { parameter: *parameter, value, month: UNDATED })).collect();
        let (mut left, mut rest) = (Vec::new(), within);
        for probe in &probes {
            let had = store.had_among(self.set, probe, &rest)?;
            rest.retain(|location| had.binary_search(location).is_err());
            left.extend(had);
        }
        Ok(in_order(left))
    }

    /// About how many have a term. Whoever they are is known where they are few.
    fn about(&mut self, term: &TermKey) -> Result<u64> {
        if let Some(about) = self.about.get(term) {
            return Ok(*about);
        }
        let (found, about) = self.look(term, SAMPLE)?;
        let about = about.unwrap_or_else(|| {
            let exact = found.len() as u64;
            self.read.insert(term.clone(), Readout::Few(found.into()));
            exact
        });
        self.about.insert(term.clone(), about);
        Ok(about)
    }

    fn term(&mut self, term: TermKey) -> Result<Readout> {
        let about = self.about(&term)?;
        if let Some(known) = self.read.get(&term) {
            return Ok(known.clone());
        }
        let readout = match about {
            about if about > MOST_OF_A_WORD as u64 => Readout::TooMany,
            _ => match self.look(&term, MOST_OF_A_WORD)? {
                (_, Some(_)) => Readout::TooMany,
                (found, None) => Readout::Few(found.into()),
            },
        };
        self.read.insert(term, readout.clone());
        Ok(readout)
    }

    /// Who has a term; or the first of them, and about how many there are, where they are more than wanted.
    fn look(&mut self, term: &TermKey, most: usize) -> Result<(Vec<Location>, Option<u64>)> {
        let shards = self.chart.store().shards();
        let (mut found, mut about) = (Vec::new(), None);
        for shard in 0..shards {
            self.lists.of(Term { parameter: term.0, value: &term.1, month: UNDATED }, shard, &mut |posting| {
                if found.len() == most {
                    // Postings are sorted by what looks like chance: where one stands tells how many there are.
                    let read = f64::from(shard) + f64::from(u32::from_be_bytes([posting.block[0], posting.block[1], posting.block[2], posting.block[3]])) / 4_294_967_296.0;
                    let all = (found.len() as f64 * f64::from(shards) / read.max(1e-9)) as u64;
                    about = Some(all.max(most as u64 + 1));
                    return ControlFlow::Break(());
                }
                found.push(posting.location);
                ControlFlow::Continue(())
            })?;
            if about.is_some() {
                break;
            }
        }
        Ok((found, about))
    }
}

/// Each once, in the order in which they lie: the same question reads the store in the same way.
fn in_order(mut all: Vec<Location>) -> Vec<Location> {
    all.sort_unstable();
    all.dedup();
    all
}

/// The terms under which a key is found: as `search` writes them for a Patient.
fn terms(key: &Key) -> Vec<TermKey> {
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
    use std::collections::HashSet;

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
