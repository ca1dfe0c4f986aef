//! A country's timetable of preventive examinations of children, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::immunisation::Age;

/// The timetable.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timetable {
    /// Where it comes from, by language.
    pub source: BTreeMap<String, String>,
    /// No source confirms the ages.
    pub proposed: bool,
    /// So many days before its age an examination may be, and no more than half of that age.
    pub early_days: u16,
    /// So long after its age an examination that has not been is late.
    pub late_after: Age,
    /// The examinations, the youngest first.
    pub examination: Vec<Examination>,
}

/// One examination.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// At which age.
    pub age: Age,
    /// Who looks and what is measured, by keys: `paediatrician`, `hips-ultrasound`.
    #[serde(default)]
    pub parts: Vec<String>,
    /// No source confirms the parts.
    #[serde(default)]
    pub parts_proposed: bool,
}

impl Timetable {
    /// Reads a timetable.
    ///
    /// # Errors
    /// What is wrong with the text, or that the ages are not in order.
    pub fn read(text: &str) -> Result<Timetable, String> {
        let timetable: Timetable = toml::from_str(text).map_err(|error| error.to_string())?;
        let ages: Vec<u32> = timetable
            .examination
            .iter()
            .map(|one| one.age.approximate_days())
            .collect();
        if ages.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(timetable)
        } else {
            Err("the examinations are not in the order of their ages".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_examines_its_children_from_the_first_month_to_school() {
        for country in crate::all() {
            let ages: Vec<u32> = country
                .examinations
                .examination
                .iter()
                .map(|one| one.age.approximate_days())
                .collect();
            assert!(ages.first() <= Some(&31), "{}", country.code);
            assert!(ages.last() >= Some(&1800), "{}", country.code);
        }
    }

    #[test]
    fn calendars_and_timetables_say_in_four_languages_where_they_come_from() {
        for country in crate::all() {
            for source in [&country.examinations.source, &country.calendar.source] {
                assert!(["en", "es", "vi", "ru"].iter().all(|language| source.get(*language).is_some_and(|text| !text.is_empty())), "{} {source:?}", country.code);
            }
        }
    }

    #[test]
    fn examinations_out_of_order_are_refused() {
        let text = "
            source = { en = 'ours' }
            proposed = true
            early_days = 7
            late_after = 'P1M'
            examination = [{ age = 'P2M' }, { age = 'P1M' }]
        ";
        assert!(Timetable::read(text).is_err());
    }
}
