//! Which milestones of development a child has reached, and which are late.
//!
//! * Late is only what somebody looked for and did not see after nearly all children do it. What nobody wrote down is said
//!   to be unknown, never late.
//! * A child born early is judged by the corrected age as long as the list says.

use country::{Age, Milestone, Milestones};

use crate::day::Day;
use crate::growth::corrected_days;

/// The codes of milestones in Observations; the value is true for one that is reached.
pub const CODES: &str = "https://carnet.health/fhir/CodeSystem/milestone";

/// What somebody wrote of a milestone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Its key.
    pub key: String,
    /// On which day.
    pub day: Day,
    /// The child does it.
    pub is_reached: bool,
}

/// How a milestone stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// First seen on this day.
    Reached(Day),
    /// Looked for on this day, after nearly all children do it, and not seen.
    Late(Day),
    /// Its time is over, and nobody wrote of it.
    Unknown,
    /// Its time is over, and not every child does it.
    Skipped,
    /// Its time has come.
    Now,
    /// A later day.
    NotYet,
}

/// One milestone of a child.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Its key.
    pub key: String,
    /// From this age on children begin to.
    pub usual: Age,
    /// By this age nearly all do.
    pub late: Age,
    /// No source confirms it or its ages.
    pub is_proposed: bool,
    /// How it stands.
    pub standing: Standing,
}

/// The milestones of a child born on a day, by what was written of them.
pub fn steps(milestones: &Milestones, birth: Day, gestation_days: Option<i32>, seen: &[Seen], today: Day) -> Vec<Step> {
    // Whoever was born early comes to each age so much later, as long as ages are corrected.
    let reaches = |age: Age| {
        let day = birth.after(age);
        let corrected = day.plus(corrected_days(gestation_days));
        if corrected < birth.after(milestones.corrected_until) { corrected } else { day.max(birth.after(milestones.corrected_until).min(corrected)) }
    };
    let standing = |one: &Milestone| {
        let of_this = || seen.iter().filter(|seen| seen.key == one.key && seen.day <= today && seen.day >= birth);
        let late_from = reaches(one.late).plus(1);
        match of_this().filter(|seen| seen.is_reached).map(|seen| seen.day).min() {
            Some(day) => Standing::Reached(day),
            None if today < reaches(one.usual) => Standing::NotYet,
            None if today < late_from => Standing::Now,
            None if one.may_be_skipped => Standing::Skipped,
            None => of_this().map(|seen| seen.day).filter(|day| *day >= late_from).max().map_or(Standing::Unknown, Standing::Late),
        }
    };
    milestones.all.iter().map(|one| Step { key: one.key.clone(), usual: one.usual, late: one.late, is_proposed: one.is_proposed, standing: standing(one) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys with how they stand: `smiles reached 2025-03-01`, `walks-alone late 2026-08-01`…
    fn check(country: &str, born: &str, gestation_weeks: Option<i32>, seen: &[(&str, &str, bool)], today: &str, expected: &[(&str, &str)]) {
        let day = |text: &str| Day::parse(text).unwrap();
        let seen: Vec<Seen> = seen.iter().map(|(key, on, is_reached)| Seen { key: (*key).to_owned(), day: day(on), is_reached: *is_reached }).collect();
        let steps = steps(&country::by_code(country).unwrap().milestones, day(born), gestation_weeks.map(|weeks| weeks * 7), &seen, day(today));
        for (key, standing) in expected {
            let step = steps.iter().find(|step| step.key == *key).unwrap_or_else(|| panic!("{key}"));
            let told = match step.standing {
                Standing::Reached(on) => format!("reached {on}"),
                Standing::Late(on) => format!("late {on}"),
                Standing::Unknown => "unknown".to_owned(),
                Standing::Skipped => "skipped".to_owned(),
                Standing::Now => "now".to_owned(),
                Standing::NotYet => "not yet".to_owned(),
            };
            assert_eq!(told, *standing, "{country} {key} on {today}");
        }
    }

    #[test]
    fn a_child_reaches_one_after_the_other() {
        for country in ["mx", "ru", "vn"] {
            check(country, "2025-01-15", None, &[], "2025-02-14", &[("smiles", "not yet"), ("walks-alone", "not yet")]);
            check(country, "2025-01-15", None, &[("smiles", "2025-02-20", true), ("smiles", "2025-03-20", true)], "2025-04-20", &[("smiles", "reached 2025-02-20"), ("holds-head", "now"), ("sits-alone", "not yet")]);
            // Nobody wrote of it: unknown, not late.
            check(country, "2025-01-15", None, &[], "2025-10-22", &[("sits-alone", "unknown"), ("stands-with-help", "now")]);
            // Nine months and six days are 21 October; the day after it is late if somebody looked.
            check(country, "2025-01-15", None, &[("sits-alone", "2025-10-21", false)], "2025-10-21", &[("sits-alone", "now")]);
            check(country, "2025-01-15", None, &[("sits-alone", "2025-10-22", false)], "2025-10-22", &[("sits-alone", "late 2025-10-22")]);
            check(country, "2025-01-15", None, &[("sits-alone", "2025-10-22", false), ("sits-alone", "2025-11-01", true)], "2025-11-02", &[("sits-alone", "reached 2025-11-01")]);
            // Who never crawls is not late.
            check(country, "2025-01-15", None, &[("crawls", "2026-06-01", false)], "2026-06-01", &[("crawls", "skipped")]);
            check(country, "2025-01-15", None, &[], "2027-10-15", &[("crawls", "skipped")]);
            check(country, "2025-01-15", None, &[], "2025-10-22", &[("crawls", "now")]);
        }
    }

    #[test]
    fn a_child_born_at_thirty_weeks_is_given_ten_weeks_more_until_two_years() {
        let looked = [("sits-alone", "2025-12-20", false)];
        check("ru", "2025-01-15", Some(30), &looked, "2025-12-20", &[("sits-alone", "now")]);
        let looked = [("sits-alone", "2025-12-31", false)];
        check("ru", "2025-01-15", Some(30), &looked, "2025-12-31", &[("sits-alone", "late 2025-12-31")]);
        // Phrases by thirty months: past two years nothing is added.
        check("ru", "2025-01-15", Some(30), &[("phrases", "2027-07-16", false)], "2027-07-16", &[("phrases", "late 2027-07-16")]);
    }

    #[test]
    fn what_is_dated_before_birth_or_after_today_says_nothing() {
        check("mx", "2025-01-15", None, &[("smiles", "2025-01-01", true), ("smiles", "2026-01-01", true)], "2025-05-15", &[("smiles", "unknown")]);
    }
}
