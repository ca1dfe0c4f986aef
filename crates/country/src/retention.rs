//! How long a country has records kept: computed, never carried out by itself.
//!
//! Several rules may hold for one record; the longest counts. Nothing is erased because a term has run out:
//! somebody decides.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::CodeRange;

/// Year, month and day.
type Day = (i32, u8, u8);

/// From when years are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// The last thing that was done for the person. It moves on with each further one.
    LastAct,
    /// The person's death: as long as they live, the record is kept.
    Death,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// What it is about, by language.
    pub name: BTreeMap<String, String>,
    /// How many years.
    pub years: u16,
    /// From when.
    pub since: Since,
    /// Counted from the end of the year.
    #[serde(default)]
    pub whole_year: bool,
    /// Only for records of people who have died.
    #[serde(default)]
    pub of_the_dead: bool,
    /// Only for records that hold one of these codes; empty for all.
    #[serde(default)]
    pub codes: Vec<CodeRange>,
    /// Where it comes from, as it is cited everywhere.
    pub source: String,
    /// What the source leaves open and how it is read here, by language; empty where it leaves nothing open.
    #[serde(default)]
    pub note: BTreeMap<String, String>,
    /// Whether the source says so of a whole record, or it is proposed here.
    pub is_proposed: bool,
}

/// The rules of a country.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// All of them.
    #[serde(rename = "rule")]
    pub rules: Vec<RetentionRule>,
}

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// At least to the end of this day.
    Day(Day),
    /// Nobody wrote the day to count from: until when cannot be told.
    Undated,
    /// As long as the person lives, and so many years more.
    AfterDeath(u16),
}

/// How long a record is kept, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term<'r> {
    /// Until when.
    pub until: Until,
    /// The rule that says so.
    pub rule: &'r RetentionRule,
}

/// What a term depends on.
pub struct RecordFacts<'t> {
    /// The latest day on which the last thing can have been done; none where nobody knows.
    pub last_act: Option<Day>,
    /// Whether the person has died, and the latest day on which that can have been; none where nobody knows.
    pub died: Option<Option<Day>>,
    /// Whether the record holds one of these codes.
    pub holds: &'t dyn Fn(&CodeRange) -> bool,
}

impl Retention {
    /// The terms of all rules that say something of a record. A rule without a day to count from says so: it does not
    /// fall away, and no other day is put in its place.
    pub fn terms(&self, facts: &RecordFacts<'_>) -> Vec<Term<'_>> {
        let of = |rule: &RetentionRule| -> Option<Until> {
            if (rule.of_the_dead && facts.died.is_none()) || (!rule.codes.is_empty() && !rule.codes.iter().any(|range| (facts.holds)(range))) {
                return None;
            }
            let from = match (rule.since, facts.died) {
                (Since::Death, None) => return Some(Until::AfterDeath(rule.years)),
                (Since::Death, Some(died)) => died,
                (Since::LastAct, _) => facts.last_act,
            };
            Some(from.map_or(Until::Undated, |from| Until::Day(after(from, rule))))
        };
        self.rules.iter().filter_map(|rule| Some(Term { until: of(rule)?, rule })).collect()
    }
}

/// So many years later; the 29th of February becomes the 28th.
fn after((year, month, day): Day, rule: &RetentionRule) -> Day {
    let year = year + i32::from(rule.years);
    match rule.whole_year {
        true => (year, 12, 31),
        false => (year, month, if (month, day) == (2, 29) { 28 } else { day }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(country: &str, last_act: Option<Day>, died: Option<Option<Day>>, codes: &[&str]) -> Until {
        let holds = |range: &CodeRange| codes.iter().any(|code| range.holds("http://hl7.org/fhir/sid/icd-10", code));
        crate::by_code(country).unwrap().retention.terms(&RecordFacts { last_act, died, holds: &holds }).into_iter().map(|term| term.until).max().unwrap()
    }

    #[test]
    fn the_longest_rule_counts() {
        assert_eq!(term("mx", Some((2024, 2, 29)), None, &[]), Until::Day((2029, 2, 28)));
        assert_eq!(term("ru", Some((2024, 3, 1)), None, &[]), Until::Day((2049, 3, 1)));
        // A living person's health book is kept.
        assert_eq!(term("vn", Some((2024, 3, 1)), None, &["F20.0"]), Until::AfterDeath(10));
        // Thirty years from the end of the year for the record of a death, ten for the book.
        assert_eq!(term("vn", Some((2024, 3, 1)), Some(Some((2024, 3, 2))), &[]), Until::Day((2054, 12, 31)));
    }

    #[test]
    fn a_further_act_moves_the_term_on_and_without_a_day_nobody_can_tell_it() {
        assert_eq!(term("mx", Some((2025, 1, 1)), None, &[]), Until::Day((2030, 1, 1)));
        assert_eq!(term("mx", None, None, &[]), Until::Undated);
        // Who lives is kept, whatever is known of the last act.
        assert_eq!(term("vn", None, None, &[]), Until::AfterDeath(10));
        // Of a death without a day no other day is taken, though it is not before the last act.
        assert_eq!(term("vn", Some((2010, 3, 1)), Some(None), &[]), Until::Undated);
    }

    #[test]
    fn every_rule_says_in_four_languages_what_it_is_about_and_where_it_comes_from() {
        for country in crate::all() {
            assert!(!country.retention.rules.is_empty(), "{}", country.code);
            for rule in &country.retention.rules {
                assert!(["en", "es", "vi", "ru"].iter().all(|language| rule.name.get(*language).is_some_and(|name| !name.is_empty())), "{rule:?}");
                assert!(!rule.source.is_empty() && rule.years > 0, "{rule:?}");
                assert!(rule.note.is_empty() || ["en", "es", "vi", "ru"].iter().all(|language| rule.note.get(*language).is_some_and(|note| !note.is_empty())), "{rule:?}");
            }
        }
    }
}
