//! Plausible people, never real ones, from a seed.
//!
//! A population is a country and a number. The same country, seed, end day
//! and shape give the same bytes on every machine: chance is our own
//! generator, no clock is read and no library has a say in a value.
//!
//! * Each person is one FHIR R4 transaction Bundle; the places and people who
//!   give care come in a first Bundle of their own.
//! * A person is made without those before, so memory does not grow.
//! * Identifiers pass every check and lie in ranges nobody uses; see
//!   `docs/synth.md`.
//! * Nothing here is medical advice or statistics: the numbers are coherent,
//!   not representative.
#![forbid(unsafe_code)]

mod body;
mod chance;
mod chronic;
mod day;
mod drugs;
mod illness;
mod json;
mod life;
mod measure;
mod names;
mod note;
mod numbers;
mod people;
mod places;
mod resources;
mod staff;
mod stats;
mod tell;
mod words;

use country::Country;

pub use day::Day;
pub use people::{Case, Person, invents};
pub use stats::{Stats, TypeCount};

use people::Registry;
use words::Tongue;

/// How much a person's record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As life goes: about 70 resources and 110 kB on average.
    Usual,
    /// Everyone is chronically ill and often seen: about 390 resources, 470 kB.
    Long,
    /// This many encounters in seven years, five measurements in each.
    Encounters(u32),
}

/// The day, as year, month and day, on which the records of a population end that is not told otherwise.
pub const LAST_DAY: (i32, u8, u8) = (2026, 11, 1);

/// All the people of one country and seed.
#[derive(Debug, Clone, Copy)]
pub struct Population {
    registry: Registry,
    shape: Shape,
}

impl Population {
    /// A population whose records end on [`LAST_DAY`].
    pub fn new(country: &'static Country, seed: u64) -> Population {
        let registry = Registry { country, tongue: Tongue::of(country), seed, end: Day::of(LAST_DAY.0, LAST_DAY.1.into(), LAST_DAY.2.into()) };
        Population { registry, shape: Shape::Usual }
    }

    /// The same, seen on another day: records end there, ages are reckoned from there.
    #[must_use]
    pub fn ending(mut self, day: Day) -> Population {
        self.registry.end = day;
        self
    }

    /// The same people with records of another size.
    #[must_use]
    pub fn shaped(mut self, shape: Shape) -> Population {
        self.shape = shape;
        self
    }

    /// The person at this place; the first few are the cast of [`Case`].
    pub fn person(&self, index: u64) -> Person {
        self.registry.person(index)
    }

    /// Appends the Bundle of facilities and practitioners, which must be
    /// imported before any person: persons refer to them by identifier.
    pub fn write_places(&self, out: &mut String, stats: &mut Stats) {
        staff::write(&self.registry, out, stats);
    }

    /// Appends one person's Bundle.
    pub fn write_person(&self, index: u64, out: &mut String, stats: &mut Stats) {
        let person = self.registry.person(index);
        tell::write(&self.registry, &person, self.shape, out, stats);
    }

    /// The places, then the first `people` persons.
    pub fn bundles(&self, people: u64) -> Bundles {
        Bundles { population: *self, people, next: None, stats: Stats::default() }
    }
}

/// Bundles one after the other, in constant memory.
#[derive(Debug)]
pub struct Bundles {
    population: Population,
    people: u64,
    /// The next person; none while the places are still to come.
    next: Option<u64>,
    stats: Stats,
}

impl Bundles {
    /// Replaces `out` with the next Bundle. False, and `out` empty, after the last.
    pub fn write_bundle(&mut self, out: &mut String) -> bool {
        out.clear();
        match self.next {
            None => {
                self.population.write_places(out, &mut self.stats);
                self.next = Some(0);
                true
            }
            Some(index) if index < self.people => {
                self.population.write_person(index, out, &mut self.stats);
                self.next = Some(index + 1);
                true
            }
            Some(_) => false,
        }
    }

    /// What has been written so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }
}

impl Iterator for Bundles {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut out = String::with_capacity(160 * 1024);
        self.write_bundle(&mut out).then_some(out)
    }
}
