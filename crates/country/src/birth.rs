//! What can be true of a birth, and how a newborn is called before it has a name.
//!
//! * The bounds are generous and proposed: they keep slips out, and judge nobody.
//! * Nothing here knows who is born.

use serde::Deserialize;

/// What a country says of births.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Births {
    /// No mother is younger, in whole years.
    pub mother_from_years: i32,
    /// None is older.
    pub mother_until_years: i32,
    /// Children of one pregnancy are born within so many days, unless their weeks say otherwise.
    pub together_days: u32,
    /// A pregnancy may be shorter than its weeks by so many: they are counted from before it, and not to the day.
    pub slack_weeks: u32,
    /// Nobody is born after fewer weeks; of a birth whose weeks are not told.
    pub shortest_weeks: u32,
    /// Where that is said, or that it is proposed.
    pub note: String,
    /// What newborns weigh, by the weeks of pregnancy, the fewest weeks first.
    pub weight: Vec<BirthWeight>,
    /// How a newborn without a name is called.
    pub called: Called,
}

/// What newborns weigh up to some week.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BirthWeight {
    /// Born in this week of pregnancy or before.
    pub until_week: u32,
    /// At least so much.
    pub least_g: u32,
    /// At most so much.
    pub most_g: u32,
}

/// How a newborn without a name is called, `{mother}` being the mother's name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Called {
    /// A girl.
    pub female: String,
    /// A boy.
    pub male: String,
    /// Where the sex is not determined.
    pub unknown: String,
}

impl Births {
    /// What a newborn of so many whole weeks may weigh; none where no line holds.
    pub fn weighs(&self, weeks: u32) -> Option<BirthWeight> {
        self.weight.iter().find(|line| weeks <= line.until_week).copied()
    }

    /// How a newborn without a name is called.
    pub fn called(&self, sex: &str, mother: &str) -> String {
        let called = match sex {
            "female" => &self.called.female,
            "male" => &self.called.male,
            _ => &self.called.unknown,
        };
        called.replace("{mother}", mother)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_country_says_what_can_be_true_of_a_birth() {
        for country in crate::all() {
            let births = &country.births;
            assert!(births.mother_from_years < births.mother_until_years && births.note.len() > 20, "{}", country.code);
            assert!(births.together_days < 14 && births.slack_weeks < births.shortest_weeks && births.shortest_weeks < 28, "{}", country.code);
            assert!(births.weight.is_sorted_by_key(|line| line.until_week) && births.weight.iter().all(|line| line.least_g < line.most_g), "{}", country.code);
            for (weeks, grams) in [(22, 450), (24, 700), (30, 1400), (34, 2300), (39, 3250), (42, 4800)] {
                let line = births.weighs(weeks).unwrap();
                assert!((line.least_g..=line.most_g).contains(&grams), "{} {weeks}", country.code);
            }
            assert!(births.weighs(24).is_some_and(|line| line.most_g < 3000) && births.weighs(60).is_none(), "{}", country.code);
            for sex in ["female", "male", "unknown"] {
                let called = births.called(sex, "X");
                assert!(called.contains('X') && !called.contains('{') && called.len() > 3, "{}", country.code);
            }
        }
    }
}
