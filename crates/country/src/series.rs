//! How the doses of a calendar form series: which follows which, for whom, and what counts.
//!
//! * A step names a row of `immunisation.toml` and takes its ages from there; an age written at
//!   the step stands above it.
//! * The first plan of a series that fits a person is the person's plan, so what is special
//!   stands before what is general.
//! * What no source confirms is `proposed`. It is shown as such and never called law.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::immunisation::{Age, Dose};

/// The rules of one country's calendar.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Where the rules come from, by language, for the administrator who confirms them.
    pub source: BTreeMap<String, String>,
    /// So many days a dose may come early and still count.
    pub grace_days: u16,
    /// Two live vaccines given by needle lie on one day or so many days apart.
    pub live_gap_days: u16,
    /// The least time between two doses of a series, where a step names none.
    pub least_gap: Age,
    /// So long after its recommended day a dose is overdue.
    pub late_after: Age,
    /// CVX codes of live vaccines given by needle.
    pub live: Vec<String>,
    /// The series, in the order of the card.
    pub series: Vec<Series>,
    /// What forbids a vaccine.
    #[serde(default)]
    pub contraindication: Vec<Contraindication>,
    /// What makes somebody a person at risk.
    #[serde(default)]
    pub risk: Vec<Risk>,
}

/// Protection from one disease or group of diseases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Its name for programs: `hepatitis-b`. Texts of the pages hang on it.
    pub key: String,
    /// CVX codes that count, alone or in a combination.
    pub counts: Vec<String>,
    /// CVX codes that protect from a part of it alone: they do not count, and are told with the series.
    #[serde(default)]
    pub partly: Vec<String>,
    /// The ways through it; the first that fits is taken.
    pub plan: Vec<Plan>,
}

/// One way through a series. Conditions that are absent hold for everybody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Born on this day or later: year, month, day.
    #[serde(default, deserialize_with = "day")]
    pub born_from: Option<(i32, u8, u8)>,
    /// Born before this day.
    #[serde(default, deserialize_with = "day")]
    pub born_before: Option<(i32, u8, u8)>,
    /// Only for persons with this risk (the key of a [`Risk`]).
    #[serde(default)]
    pub risk: Option<String>,
    /// Only in pregnancy.
    #[serde(default)]
    pub pregnant: bool,
    /// With [`Plan::pregnant`]: it begins anew with each pregnancy, and doses before it are another's.
    #[serde(default)]
    pub each_pregnancy: bool,
    /// Only for those who were given one of these vaccines (CVX codes), which wants more doses than the usual one.
    #[serde(default)]
    pub given: Vec<String>,
    /// Only for those who are this old today, however many doses they had.
    #[serde(default)]
    pub aged_from: Option<Age>,
    /// Only from this age on, for those who had fewer than [`Plan::fewer_than`] doses before it that count by the usual plan.
    #[serde(default)]
    pub from_age: Option<Age>,
    /// Goes with [`Plan::from_age`].
    #[serde(default = "one")]
    pub fewer_than: usize,
    /// A valid dose at this age or later completes the series.
    #[serde(default)]
    pub completes_from: Option<Age>,
    /// No source confirms this plan.
    #[serde(default)]
    pub proposed: bool,
    /// The doses, in order.
    pub steps: Vec<Step>,
}

/// One dose of a plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The row of the calendar it is: `MX-HEXA-1`.
    pub row: String,
    /// The recommended age.
    #[serde(default)]
    pub age: Option<Age>,
    /// Not before.
    #[serde(default)]
    pub age_min: Option<Age>,
    /// Not after; the day this age is reached is the last.
    #[serde(default)]
    pub age_max: Option<Age>,
    /// The least time after the dose before.
    #[serde(default)]
    pub gap: Option<Age>,
    /// The recommended time after the dose before.
    #[serde(default)]
    pub every: Option<Age>,
    /// The last step comes again and again.
    #[serde(default)]
    pub repeats: bool,
    /// Only these CVX codes count here; empty: all of the series.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// Only after so many valid doses.
    #[serde(default)]
    pub needs: usize,
    /// Only from this completed week of the pregnancy on.
    #[serde(default)]
    pub from_week: Option<u16>,
    /// The recommended completed week of the pregnancy.
    #[serde(default)]
    pub week: Option<u16>,
    /// Another vaccine from an age on, the youngest age first.
    #[serde(default)]
    pub instead: Vec<Instead>,
    /// No source confirms the dose or its age.
    #[serde(default)]
    pub proposed: bool,
    /// CVX code of the vaccine to give; from the row.
    #[serde(skip)]
    pub cvx: String,
}

/// A substitute for older persons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// From this age on.
    pub from: Age,
    /// CVX code.
    pub cvx: String,
}

/// What forbids some vaccines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contraindication {
    /// Its name for programs: `immunodeficiency`.
    pub key: String,
    /// Beginnings of ICD-10 codes.
    pub codes: Vec<String>,
    /// A pregnancy is enough, however it is known: by a code, by the last period or by the expected day.
    #[serde(default)]
    pub pregnant: bool,
    /// It forbids whoever weighs less, in grams. Where a weight is known it decides alone; else the codes do.
    #[serde(default)]
    pub below_grams: Option<u32>,
    /// From this age on it forbids nothing any more.
    #[serde(default)]
    pub until_age: Option<Age>,
    /// CVX codes it forbids.
    pub forbids: Vec<String>,
    /// CVX code of the vaccine to give instead.
    #[serde(default)]
    pub instead: Option<String>,
    /// It passes: the dose is postponed, not cancelled.
    #[serde(default)]
    pub passes: bool,
}

/// A group at risk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Its name for programs.
    pub key: String,
    /// Beginnings of ICD-10 codes.
    pub codes: Vec<String>,
}

fn one() -> usize {
    1
}

fn day<'de, D: Deserializer<'de>>(source: D) -> Result<Option<(i32, u8, u8)>, D::Error> {
    let text = String::deserialize(source)?;
    let mut parts = text.split('-');
    let mut next = || parts.next().and_then(|part| part.parse::<i32>().ok());
    match (next(), next(), next()) {
        (Some(year), Some(month @ 1..=12), Some(day @ 1..=31)) => {
            Ok(Some((year, month as u8, day as u8)))
        }
        _ => Err(serde::de::Error::custom("not a day: write 2020-07-01")),
    }
}

impl Calendar {
    /// Reads the rules over the rows of a calendar.
    ///
    /// # Errors
    /// What is wrong with the text, or the row a step names that is not there.
    pub fn read(text: &str, rows: &[Dose]) -> Result<Calendar, String> {
        let mut calendar: Calendar = toml::from_str(text).map_err(|error| error.to_string())?;
        let steps = calendar.series.iter_mut().flat_map(|series| &mut series.plan);
        for step in steps.flat_map(|plan| &mut plan.steps) {
            let row = rows
                .iter()
                .find(|row| row.id == step.row)
                .ok_or_else(|| format!("a step names {}, which is no row", step.row))?;
            step.take(row);
        }
        Ok(calendar)
    }

    /// The series with this key.
    pub fn series(&self, key: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.key == key)
    }
}

impl Step {
    fn take(&mut self, row: &Dose) {
        self.cvx.clone_from(&row.cvx);
        self.age = self.age.or(row.age);
        self.age_min = self.age_min.or(row.age_min);
        self.age_max = self.age_max.or(row.age_max);
        self.gap = self.gap.or(row.min_gap);
        self.proposed |= row.status != "S";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_combination_counts_for_all_it_holds() {
        // By CDC's table: what each is made of, as far as these calendars ask for it.
        for (cvx, of) in [
            ("198", &["hepatitis-b", "dtp", "hib"][..]),
            ("170", &["dtp", "hib", "polio", "polio-oral", "polio-inactivated"]),
            ("50", &["dtp", "hib"]),
            ("51", &["hib", "hepatitis-b"]),
            ("106", &["dtp"]),
            ("107", &["dtp"]),
            ("196", &["dtp", "tetanus-pregnancy"]),
            ("47", &["hib"]),
            ("49", &["hib"]),
            ("152", &["pneumococcal"]),
            ("215", &["pneumococcal"]),
            ("158", &["influenza"]),
            ("182", &["polio", "polio-oral"]),
            ("179", &[]),
            ("132", &["hepatitis-b", "dtp", "hib", "polio", "polio-oral", "polio-inactivated"]),
            ("138", &["dtp", "tetanus-pregnancy"]),
            ("195", &["dtp", "polio", "polio-oral", "polio-inactivated"]),
            ("134", &["japanese-encephalitis"]),
            ("161", &["influenza"]),
            ("186", &["influenza"]),
            ("218", &["covid"]),
            ("511", &["covid"]),
            ("05", &["measles"]),
            ("38", &["rubella"]),
            ("115", &["dtp", "tetanus-pregnancy", "pertussis-pregnancy"]),
            ("142", &["tetanus-pregnancy"]),
            ("44", &["hepatitis-b"]),
            ("193", &["hepatitis-b", "hepatitis-a"]),
            ("84", &["hepatitis-a"]),
            ("148", &["hib"]),
            ("327", &["pneumococcal"]),
            ("201", &["influenza"]),
            ("331", &["influenza"]),
            ("503", &["covid"]),
            ("160", &[]),
        ] {
            for country in crate::all() {
                for series in &country.calendar.series {
                    let counts = series.counts.iter().any(|code| code == cvx);
                    assert_eq!(counts, of.contains(&series.key.as_str()), "{} {} {cvx}", country.code, series.key);
                }
            }
        }
    }

    #[test]
    fn what_is_live_in_one_country_is_live_in_all() {
        let of = |country: &crate::Country| -> BTreeSet<String> { country.calendar.live.iter().cloned().collect() };
        for country in crate::all() {
            let live = of(country);
            assert_eq!(live, of(&crate::all()[0]), "{}", country.code);
            assert!(["38", "183", "184"].iter().all(|cvx| live.contains(*cvx)), "{}", country.code);
        }
    }

    #[test]
    fn what_protects_from_a_part_alone_counts_for_nothing() {
        for country in crate::all() {
            for series in &country.calendar.series {
                assert!(series.partly.iter().all(|cvx| !series.counts.contains(cvx)), "{} {}", country.code, series.key);
            }
        }
        let partly = |code: &str| crate::by_code(code).unwrap().calendar.series("mmr").unwrap().partly.iter().any(|cvx| cvx == "05");
        assert!(partly("mx") && partly("ru"));
    }

    #[test]
    fn every_plan_is_in_the_order_of_ages_and_only_its_last_step_repeats() {
        for country in crate::all() {
            for (series, plan) in country
                .calendar
                .series
                .iter()
                .flat_map(|series| series.plan.iter().map(move |plan| (series, plan)))
            {
                let place = format!("{} {}", country.code, series.key);
                let ages: Vec<u32> = plan
                    .steps
                    .iter()
                    .filter_map(|step| step.age.map(Age::approximate_days))
                    .collect();
                assert!(ages.is_sorted(), "{place}: {ages:?}");
                let last = plan.steps.len() - 1;
                for (number, step) in plan.steps.iter().enumerate() {
                    assert!(!step.repeats || number == last, "{place}");
                    assert!(!step.repeats || step.every.is_some(), "{place}");
                    assert!(
                        step.age_min.map(Age::approximate_days)
                            <= step.age.map(Age::approximate_days),
                        "{place} {}",
                        step.row
                    );
                    assert!(series.counts.contains(&step.cvx), "{place} {}", step.row);
                }
            }
        }
    }

    #[test]
    fn every_row_for_a_whole_cohort_belongs_to_a_series() {
        for country in crate::all() {
            let used: BTreeSet<&str> = country
                .calendar
                .series
                .iter()
                .flat_map(|series| &series.plan)
                .flat_map(|plan| &plan.steps)
                .map(|step| step.row.as_str())
                .collect();
            let unused: Vec<&str> = country
                .immunisation
                .iter()
                .filter(|row| row.target == crate::Target::All && !used.contains(row.id.as_str()))
                .map(|row| row.id.as_str())
                .collect();
            assert!(unused.is_empty(), "{}: {unused:?}", country.code);
        }
    }

    #[test]
    fn every_plan_for_a_risk_names_one_that_exists() {
        for country in crate::all() {
            let calendar = &country.calendar;
            for plan in calendar.series.iter().flat_map(|series| &series.plan) {
                if let Some(key) = &plan.risk {
                    assert!(calendar.risk.iter().any(|risk| &risk.key == key), "{key}");
                }
            }
        }
    }

    #[test]
    fn a_step_without_a_row_is_told() {
        let text = "
            source = { en = 'ours' }
            grace_days = 4
            live_gap_days = 28
            least_gap = 'P28D'
            late_after = 'P1M'
            live = []
            [[series]]
            key = 'x'
            counts = []
            [[series.plan]]
            steps = [{ row = 'NO-1' }]
        ";
        assert!(Calendar::read(text, &[]).unwrap_err().contains("NO-1"));
    }
}
