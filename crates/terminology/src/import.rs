//! Code systems as their owners publish them, read into rows and written as one CodeSystem.
//!
//! ```text
//! a file ──▶ Reading (rows, rejects) ──settle──▶ rows that fit together ──write──▶ CodeSystem
//! ```
//!
//! * A row that cannot be kept is a [`Reject`] with its line and the reason; nothing goes silently.
//! * A system of which a row was rejected is a fragment: what is not in it is unknown, not absent.
//! * Nothing here opens a file, and nothing grows with the length of one line.

pub mod atc;
mod bounded;
pub mod claml;
pub mod cvx;
pub mod loinc;
mod quotes;
pub mod table;
mod write;

pub use write::{About, code_system, value_set};

use std::collections::{HashMap, HashSet};

/// More codes are no code system anybody types from.
pub const MOST_ROWS: usize = 1_000_000;

/// One code as its file tells it.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands, from 1.
    pub line: u64,
    /// The code.
    pub code: String,
    /// What it is called.
    pub display: Option<String>,
    /// What it means.
    pub definition: Option<String>,
    /// The codes right above it.
    pub parents: Vec<String>,
    /// Its other names.
    pub names: Vec<Name>,
    /// Whatever else is told of it.
    pub properties: Vec<(String, Said)>,
    /// No longer to be used.
    pub is_inactive: bool,
    /// A heading, not a code to be chosen.
    pub is_abstract: bool,
}

/// Another name of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// BCP 47, where it is known.
    pub language: Option<String>,
    /// The name.
    pub value: String,
    /// `inclusion` for what a code covers too; none for a plain name.
    pub kind: Option<&'static str>,
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A code.
    Code(String),
    /// Words.
    Text(String),
}

/// A row that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where it stands, from 1.
    pub line: u64,
    /// Its code, where that can be read.
    pub code: Option<String>,
    /// Why.
    pub reason: String,
}

/// What a file holds.
#[derive(Default, Debug)]
pub struct Reading {
    /// What it says of itself.
    pub about: About,
    /// Its codes in their order.
    pub rows: Vec<Row>,
    /// What was not kept.
    pub rejects: Vec<Reject>,
}

/// The file as a whole is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it goes wrong, from 1; none where the whole of it is meant.
    pub line: Option<u64>,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    fn new(line: impl Into<Option<u64>>, reason: impl Into<String>) -> Unreadable {
        Unreadable { line: line.into(), reason: reason.into() }
    }
}

impl Reading {
    fn reject(&mut self, line: u64, code: Option<&str>, reason: impl Into<String>) {
        self.rejects.push(Reject { line, code: code.map(str::to_owned), reason: reason.into() });
    }

    /// Adds names told by another file; a code that is not here is rejected with that file's line.
    pub fn name_more(&mut self, others: Reading) -> Vec<Reject> {
        let places: HashMap<String, usize> = self.rows.iter().enumerate().map(|(place, row)| (row.code.clone(), place)).collect();
        let mut rejects = others.rejects;
        for row in others.rows {
            match places.get(&row.code) {
                Some(place) => self.rows[*place].names.extend(row.names),
                None => rejects.push(Reject { line: row.line, code: Some(row.code), reason: "The code is not in the main table.".to_owned() }),
            }
        }
        rejects
    }

    /// Sees to it that each code stands once and that every line of parents ends at a top. A row
    /// whose parent is not here is rejected, or kept at the top if `keep_orphans`.
    pub fn settle(&mut self, keep_orphans: bool) {
        self.reject_repeated();
        if keep_orphans {
            let known: HashSet<String> = self.rows.iter().map(|row| row.code.clone()).collect();
            self.rows.iter_mut().for_each(|row| row.parents.retain(|parent| known.contains(parent)));
        }
        self.reject_without_a_top();
    }

    fn reject_repeated(&mut self) {
        let mut first: HashMap<String, u64> = HashMap::with_capacity(self.rows.len());
        let mut kept = Vec::with_capacity(self.rows.len());
        for row in std::mem::take(&mut self.rows) {
            match first.get(&row.code) {
                Some(line) => {
                    let reason = format!("The code stands on line {line} already.");
                    self.reject(row.line, Some(&row.code), reason);
                }
                None => {
                    first.insert(row.code.clone(), row.line);
                    kept.push(row);
                }
            }
        }
        self.rows = kept;
    }

    /// From the tops downwards: what is never reached lies below something that is missing, or in a circle.
    fn reject_without_a_top(&mut self) {
        let places: HashMap<&str, usize> = self.rows.iter().enumerate().map(|(place, row)| (&*row.code, place)).collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.rows.len()];
        let mut waits_for = vec![0usize; self.rows.len()];
        let mut is_orphan = vec![false; self.rows.len()];
        for (place, row) in self.rows.iter().enumerate() {
            waits_for[place] = row.parents.len();
            for parent in &row.parents {
                match places.get(&**parent) {
                    Some(parent) => children[*parent].push(place),
                    None => is_orphan[place] = true,
                }
            }
        }
        let mut reached: Vec<usize> = (0..self.rows.len()).filter(|place| waits_for[*place] == 0).collect();
        let mut at = 0;
        while at < reached.len() {
            for child in &children[reached[at]] {
                waits_for[*child] -= 1;
                if waits_for[*child] == 0 {
                    reached.push(*child);
                }
            }
            at += 1;
        }
        if reached.len() == self.rows.len() {
            return;
        }
        let below = below(&children, (0..self.rows.len()).filter(|place| is_orphan[*place]).collect());
        let is_reached: HashSet<usize> = reached.into_iter().collect();
        let mut kept = Vec::with_capacity(is_reached.len());
        for (place, row) in std::mem::take(&mut self.rows).into_iter().enumerate() {
            if is_reached.contains(&place) {
                kept.push(row);
                continue;
            }
            let reason = match (is_orphan[place], below.contains(&place)) {
                (true, _) => "Its parent is not in the file.",
                (_, true) => "A code above it was rejected.",
                _ => "Its line of parents comes back to itself, or lies below one that does.",
            };
            self.reject(row.line, Some(&row.code), reason);
        }
        self.rows = kept;
    }
}

/// Everything at or below some places.
fn below(children: &[Vec<usize>], mut waiting: Vec<usize>) -> HashSet<usize> {
    let mut found = HashSet::new();
    while let Some(place) = waiting.pop() {
        if found.insert(place) {
            waiting.extend(&children[place]);
        }
    }
    found
}

/// A FHIR code: no space at its ends, none double.
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 500 && !text.contains("  ") && text.trim() == text && !text.chars().any(|letter| letter.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(rows: &[(&str, &[&str])]) -> Reading {
        let row = |(line, (code, parents)): (usize, &(&str, &[&str]))| Row { line: line as u64 + 1, code: (*code).to_owned(), parents: parents.iter().map(|parent| (*parent).to_owned()).collect(), ..Row::default() };
        Reading { rows: rows.iter().enumerate().map(row).collect(), ..Reading::default() }
    }

    fn check(rows: &[(&str, &[&str])], kept: &str, rejected: &[(u64, &str)]) {
        let mut reading = reading(rows);
        reading.settle(false);
        assert_eq!(reading.rows.iter().map(|row| &*row.code).collect::<Vec<_>>().join(" "), kept);
        let found: Vec<(u64, &str)> = reading.rejects.iter().map(|reject| (reject.line, &*reject.reason)).collect();
        assert_eq!(found.len(), rejected.len(), "{found:?}");
        for ((line, reason), (expect_line, part)) in found.iter().zip(rejected) {
            assert!(line == expect_line && reason.contains(part), "{line} {reason}");
        }
    }

    #[test]
    fn a_code_stands_once_and_its_line_of_parents_ends_at_a_top() {
        check(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])], "a b c", &[]);
        check(&[("b", &["a"]), ("a", &[])], "b a", &[]);
        check(&[("a", &[]), ("a", &[])], "a", &[(2, "line 1 already")]);
        check(&[("a", &["z"]), ("b", &["a"]), ("c", &[])], "c", &[(1, "not in the file"), (2, "above it was rejected")]);
        check(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &[])], "d", &[(1, "comes back"), (2, "comes back"), (3, "comes back")]);
        check(&[("a", &["a"])], "", &[(1, "comes back")]);
        check(&[], "", &[]);
    }

    #[test]
    fn an_orphan_may_be_kept_at_the_top() {
        let mut reading = reading(&[("a", &["z"]), ("b", &["a", "y"])]);
        reading.settle(true);
        assert_eq!(reading.rows.iter().map(|row| row.parents.len()).collect::<Vec<_>>(), [0, 1]);
        assert!(reading.rejects.is_empty());
    }

    #[test]
    fn a_line_of_a_hundred_thousand_parents_is_no_trouble() {
        let mut reading = Reading { rows: (0..100_000u64).map(|number| Row { line: number, code: number.to_string(), parents: number.checked_sub(1).map(|before| before.to_string()).into_iter().collect(), ..Row::default() }).collect(), ..Reading::default() };
        reading.settle(false);
        assert_eq!(reading.rows.len(), 100_000);
    }
}
