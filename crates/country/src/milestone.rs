//! A country's milestones of a child's development, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::immunisation::Age;

/// The milestones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestones {
    /// Where they come from, by language.
    pub source: BTreeMap<String, String>,
    /// Of a child born early the age is corrected until this one.
    pub corrected_until: Age,
    /// From this age on none is asked for.
    pub until: Age,
    /// Each of them, in the order in which most children reach them late.
    #[serde(rename = "milestone")]
    pub all: Vec<Milestone>,
}

/// One milestone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Its name for programs: `walks-alone`. Texts of the pages hang on it.
    pub key: String,
    /// From this age on children begin to.
    pub usual: Age,
    /// By this age nearly all do.
    pub late: Age,
    /// Some children never do, and nothing is wrong: it is never late.
    #[serde(default)]
    pub may_be_skipped: bool,
    /// No source confirms it or its ages.
    #[serde(default)]
    pub is_proposed: bool,
}

impl Milestones {
    /// Reads a list.
    ///
    /// # Errors
    /// What is wrong with the text: a key that comes twice, an age that is late before it is usual, an order that is none.
    pub fn read(text: &str) -> Result<Milestones, String> {
        let read: Milestones = toml::from_str(text).map_err(|error| error.to_string())?;
        for (place, one) in read.all.iter().enumerate() {
            if read.all[..place].iter().any(|other| other.key == one.key) {
                return Err(format!("{} comes twice", one.key));
            }
            if one.usual.approximate_days() >= one.late.approximate_days() {
                return Err(format!("{} is late before it is usual", one.key));
            }
        }
        match read.all.windows(2).all(|pair| pair[0].late.approximate_days() <= pair[1].late.approximate_days()) {
            true => Ok(read),
            false => Err("the milestones are not in the order of the ages at which they are late".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_milestones_and_says_where_they_come_from() {
        for country in crate::all() {
            let milestones = &country.milestones;
            assert!(milestones.all.iter().filter(|one| !one.is_proposed).count() >= 6, "{}", country.code);
            assert!(["en", "es", "vi", "ru"].iter().all(|language| milestones.source.contains_key(*language)));
            assert!(milestones.all.iter().all(|one| one.late.approximate_days() <= milestones.until.approximate_days()));
        }
    }

    #[test]
    fn a_list_that_contradicts_itself_is_refused() {
        let read = |rows: &str| Milestones::read(&format!("source = {{}}\ncorrected_until = 'P2Y'\nuntil = 'P3Y'\nmilestone = [{rows}]")).map(|_| ());
        assert_eq!(read("{ key = 'a', usual = 'P1M', late = 'P3M' }"), Ok(()));
        for rows in ["{ key = 'a', usual = 'P3M', late = 'P1M' }", "{ key = 'a', usual = 'P1M', late = 'P3M' }, { key = 'a', usual = 'P1M', late = 'P4M' }", "{ key = 'a', usual = 'P1M', late = 'P4M' }, { key = 'b', usual = 'P1M', late = 'P3M' }"] {
            assert!(read(rows).is_err(), "{rows}");
        }
    }
}
