//! Among whom somebody is looked for: how many there are, and how frequent their names.
//!
//! * That two persons are both called Nguyễn says little, that both are called Zaldívar says
//!   much. How much, the population itself tells: nothing here lists names.
//! * The shares come from whoever can count; a name nobody counted weighs moderately.

use std::collections::HashMap;

/// The share of a name that was not counted.
pub const UNCOUNTED: f64 = 0.004;
/// Somebody who is not among the few persons of a small store may still exist: the odds
/// begin with at least so many.
pub const LEAST_PERSONS: u64 = 10_000;

/// The persons among whom a match is judged.
#[derive(Clone, Debug)]
pub struct Population {
    persons: u64,
    shares: HashMap<String, f64>,
}

impl Population {
    /// So many persons, whose names nobody has counted yet.
    pub fn new(persons: u64) -> Population {
        Population { persons, shares: HashMap::new() }
    }

    /// Of so many persons, `count` bear the word (in the form of [`Word::latin`](crate::Word::latin)).
    pub fn counted(&mut self, word: &str, count: u64) {
        // As if so many more had been counted, with usual names: in a small store a count is
        // chance, and a name nobody bears yet is rare, not impossible.
        let (more, persons) = (LEAST_PERSONS as f64, self.persons as f64);
        let share = (count as f64 + more * UNCOUNTED) / (persons + more);
        self.shares.insert(word.to_owned(), share.clamp(1e-6, 0.5));
    }

    /// How many of all persons bear the word.
    pub fn share(&self, word: &str) -> f64 {
        self.shares.get(word).copied().unwrap_or(UNCOUNTED)
    }

    /// The odds, in bits, that one of the population is the one looked for, before anything is compared.
    pub fn prior_bits(&self) -> f64 {
        -(self.persons.max(LEAST_PERSONS) as f64).log2()
    }
}
