//! Which concepts of a system a condition on their properties admits.

use super::Reason;
use crate::system::System;
use crate::ucum;
use regex::{Regex, RegexBuilder};
use std::cell::OnceCell;

pub(super) struct Filter {
    property: String,
    how: String,
    value: String,
    /// For `regex`: compiled once, or why it cannot be.
    pattern: Option<Result<Regex, Reason>>,
}

/// A filter over the concepts of one system. What is the same for all of them is asked once, when the first is looked at.
pub(super) struct Over<'f> {
    filter: &'f Filter,
    system: &'f System,
    has_property: OnceCell<bool>,
    /// The concept that the filter names.
    other: OnceCell<Option<u32>>,
}

/// Longer patterns are refused, and none may become a larger machine than this.
const LONGEST_PATTERN: usize = 1000;
const LARGEST_PATTERN_BYTES: usize = 1 << 20;

impl Filter {
    pub fn new(property: String, how: String, value: String) -> Filter {
        let pattern = (how == "regex").then(|| pattern(&value));
        Filter { property, how, value, pattern }
    }

    /// Property, operator and value.
    pub fn told(&self) -> [&str; 3] {
        [&self.property, &self.how, &self.value]
    }

    /// Whether a unit is meant that no list has, and that only UCUM's grammar knows: none where the
    /// filter asks for what the grammar does not tell. <https://hl7.org/fhir/R4/ucum.html>
    pub fn admits_unit(&self, unit: &str) -> Option<bool> {
        (self.property == "canonical" && self.how == "=").then(|| ucum::is_same_quantity(unit, &self.value)).flatten()
    }

    /// The same filter for every concept of a system.
    pub fn over<'f>(&'f self, system: &'f System) -> Over<'f> {
        Over { filter: self, system, has_property: OnceCell::new(), other: OnceCell::new() }
    }

    /// Whether any value of the property answers.
    pub fn any(&self, system: &System, place: u32, answers: &mut dyn FnMut(&str) -> bool) -> bool {
        let concept = &system.concepts[place as usize];
        match self.property.as_str() {
            "code" | "concept" => answers(&concept.code),
            "display" => concept.display.as_deref().is_some_and(answers),
            "definition" => concept.definition.as_deref().is_some_and(answers),
            "parent" => concept.parents.iter().any(|parent| answers(&system.concepts[*parent as usize].code)),
            "child" => system.children(place).any(|child| answers(&child.code)),
            "inactive" => answers(if concept.is_inactive { "true" } else { "false" }),
            name => concept.properties.iter().any(|(property, _, value)| **property == *name && answers(value)),
        }
    }
}

impl Over<'_> {
    /// Whether a concept of the system is meant. https://hl7.org/fhir/R4/valueset-filter-operator.html
    pub fn admits(&self, place: u32) -> Result<bool, Reason> {
        let (filter, system) = (self.filter, self.system);
        if system.url == ucum::SYSTEM && filter.property == "canonical" {
            let code = &system.concepts[place as usize].code;
            return filter.admits_unit(code).ok_or_else(|| "a filter of units by what their grammar does not tell".to_owned());
        }
        if !*self.has_property.get_or_init(|| system.has_property(&filter.property)) {
            return Err(format!("a filter by a property that {} does not have", system.url));
        }
        let other = || self.other.get_or_init(|| system.place(&filter.value)).ok_or_else(|| format!("a filter by a code that is not in {}", system.url));
        let are_codes = matches!(filter.property.as_str(), "code" | "concept" | "parent" | "child");
        let is = |wanted: &str| filter.any(system, place, &mut |value| value == wanted || (are_codes && system.is_same_code(value, wanted)));
        match filter.how.as_str() {
            "is-a" => Ok(system.is_a(place, other()?)),
            "descendent-of" => Ok(place != other()? && system.is_a(place, other()?)),
            "is-not-a" => Ok(!system.is_a(place, other()?)),
            "generalizes" => Ok(system.is_a(other()?, place)),
            "=" => Ok(is(&filter.value)),
            "in" => Ok(filter.value.split(',').any(|value| is(value.trim()))),
            "not-in" => Ok(!filter.value.split(',').any(|value| is(value.trim()))),
            "exists" => match filter.value.as_str() {
                "true" => Ok(filter.any(system, place, &mut |_| true)),
                "false" => Ok(!filter.any(system, place, &mut |_| true)),
                _ => Err("a filter `exists` whose value is neither true nor false".to_owned()),
            },
            "regex" => match &filter.pattern {
                Some(Ok(pattern)) => Ok(filter.any(system, place, &mut |value| pattern.is_match(value))),
                Some(Err(why)) => Err(why.clone()),
                None => Err("a filter without a pattern".to_owned()),
            },
            _ => Err("a filter of a kind that R4 does not have".to_owned()),
        }
    }

    /// Whether an answer stands where only a part of the system is held: of what lies above and below a concept something
    /// may be missing.
    pub fn is_certain(&self, place: u32, admits: bool) -> bool {
        let (how, property) = (self.filter.how.as_str(), self.filter.property.as_str());
        let is_of_tree = matches!(how, "is-a" | "is-not-a" | "descendent-of" | "generalizes") || matches!(property, "parent" | "child");
        let is_negative = matches!(how, "is-not-a" | "not-in") || (how == "exists" && self.filter.value == "false");
        // How it stands to itself, everybody knows.
        let is_itself = self.other.get().is_some_and(|other| *other == Some(place));
        self.system.is_complete() || !is_of_tree || is_itself || admits != is_negative
    }
}

/// A pattern as machines understand it. A search: who means the whole value writes `^` and `$`.
/// The engine takes time in proportion to the text, whatever the pattern.
pub(super) fn pattern(text: &str) -> Result<Regex, Reason> {
    if text.len() > LONGEST_PATTERN {
        return Err(format!("a regular expression of more than {LONGEST_PATTERN} letters"));
    }
    RegexBuilder::new(text).size_limit(LARGEST_PATTERN_BYTES).dfa_size_limit(LARGEST_PATTERN_BYTES).build().map_err(|cause| match cause {
        regex::Error::CompiledTooBig(_) => "a regular expression that grows too large".to_owned(),
        _ => "a regular expression that cannot be read (look-around and back-references are not offered)".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::tests::animals;

    #[test]
    fn what_is_asked_once_for_all_concepts_is_what_each_would_be_told() {
        let system = animals();
        let filter = |property: &str, how: &str, value: &str| Filter::new(property.into(), how.into(), value.into());
        let mut filters = Vec::new();
        for how in ["is-a", "descendent-of", "is-not-a", "generalizes", "=", "in", "not-in", "exists", "regex", "unheard-of"] {
            for (property, value) in [("concept", "D"), ("concept", "A"), ("concept", "nothing"), ("code", "C,D"), ("display", "^D"), ("parent", "A"), ("inactive", "true"), ("unheard-of", "true")] {
                filters.push(filter(property, how, value));
            }
        }
        for filter in &filters {
            let over = filter.over(&system);
            for place in 0..system.concepts.len() as u32 {
                let alone = filter.over(&system).admits(place);
                assert_eq!(over.admits(place), alone, "{:?} {place}", filter.told());
                assert_eq!(over.admits(place), alone, "{:?} {place}, a second time", filter.told());
            }
        }
        let told = |property: &str, how: &str, value: &str| {
            let filter = filter(property, how, value);
            let over = filter.over(&system);
            (0..system.concepts.len() as u32).map(|place| over.admits(place)).collect::<Vec<_>>()
        };
        assert!(told("unheard-of", "=", "x").iter().all(|one| one.as_ref().is_err_and(|why| why.contains("does not have"))));
        assert!(told("concept", "is-a", "nothing").iter().all(|one| one.as_ref().is_err_and(|why| why.contains("not in"))));
        assert!(told("concept", "is-a", "D").contains(&Ok(true)) && told("concept", "is-a", "D").contains(&Ok(false)));
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_its_text() {
        // Engines that go back would take years.
        let slow = Filter::new("code".into(), "regex".into(), "^(a+)+$".into());
        let Some(Ok(pattern)) = &slow.pattern else { panic!("it is a pattern") };
        assert!(!pattern.is_match(&format!("{}!", "a".repeat(100_000))));
    }
}
