//! How complete a child's card is, with every gap named.
//!
//! * The card is asked only for what the child's age and the country's timetable call for.
//! * A dose or examination that was missed is no gap of the card; that nobody knows it is one.

use country::Age;

use crate::examination::{Turn, TurnStatus};
use crate::immunisation::{Forecast, Status};
use crate::milestone::{Standing, Step};

/// What is known of a child besides vaccinations and examinations.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Known {
    /// The weight at birth.
    pub birth_weight: bool,
    /// The weeks of pregnancy at birth.
    pub gestation: bool,
    /// Allergies, or that there are none.
    pub allergies: bool,
    /// A parent or guardian.
    pub guardian: bool,
    /// A number of the national register.
    pub national_number: bool,
    /// The facility the child belongs to.
    pub facility: bool,
}

/// Something the card should say and does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gap {
    /// The weight at birth.
    BirthWeight,
    /// The weeks of pregnancy at birth.
    Gestation,
    /// Allergies, or that there are none.
    Allergies,
    /// A parent or guardian.
    Guardian,
    /// A number of the national register.
    NationalNumber,
    /// The facility the child belongs to.
    Facility,
    /// An examination whose time has come or gone without one.
    Examination {
        /// Its age.
        age: Age,
    },
    /// A milestone of development that nearly all children have reached by now, and nobody wrote of.
    Milestone {
        /// Its key.
        key: String,
    },
    /// Vaccinations of a series that should have been given.
    Vaccination {
        /// The key of the series.
        series: String,
    },
}

/// How complete a card is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completeness {
    /// How many things the card says.
    pub said: usize,
    /// How many it should say.
    pub asked: usize,
    /// What is missing, in the order of the card.
    pub gaps: Vec<Gap>,
}

impl Completeness {
    /// In whole percent, rounded down: only a card without gaps has a hundred.
    pub fn percent(&self) -> usize {
        (self.said * 100).checked_div(self.asked).unwrap_or(100)
    }
}

/// How complete a card is. `steps` are the milestones it is asked for: none of an older child.
pub fn completeness(known: Known, forecast: &Forecast, turns: &[Turn], steps: &[Step]) -> Completeness {
    let facts = [
        (known.birth_weight, Gap::BirthWeight),
        (known.gestation, Gap::Gestation),
        (known.allergies, Gap::Allergies),
        (known.guardian, Gap::Guardian),
        (known.national_number, Gap::NationalNumber),
        (known.facility, Gap::Facility),
    ];
    let turns = turns.iter().filter(|turn| !matches!(turn.status, TurnStatus::NotYet | TurnStatus::Due));
    let examined = turns.map(|turn| (matches!(turn.status, TurnStatus::Done(_)), Gap::Examination { age: turn.age }));
    let steps = steps.iter().filter(|step| !matches!(step.standing, Standing::Now | Standing::NotYet | Standing::Skipped));
    let developed = steps.map(|step| (step.standing != Standing::Unknown, Gap::Milestone { key: step.key.clone() }));
    let called = forecast.lines.iter().filter(|line| !matches!(line.status, Status::NotYet | Status::Due | Status::Contraindicated) || line.valid() > 0);
    let vaccinated = called.map(|line| (line.status != Status::Overdue, Gap::Vaccination { series: line.series.clone() }));
    let all: Vec<(bool, Gap)> = facts.into_iter().chain(examined).chain(developed).chain(vaccinated).collect();
    let asked = all.len();
    let gaps: Vec<Gap> = all.into_iter().filter(|(said, _)| !said).map(|(_, gap)| gap).collect();
    Completeness { said: asked - gaps.len(), asked, gaps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;
    use crate::examination::turns;
    use crate::immunisation::{Given, Person, forecast};

    fn told(known: Known, given: &[Given], examined: &[Day]) -> Completeness {
        let country = country::by_code("ru").unwrap();
        let (birth, today) = (Day::of(2025, 1, 15), Day::of(2025, 3, 1));
        let person = Person { birth, given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
        completeness(known, &forecast(&country.calendar, &person, today), &turns(&country.examinations, birth, examined, today), &[])
    }

    const ALL: Known = Known { birth_weight: true, gestation: true, allergies: true, guardian: true, national_number: true, facility: true };

    #[test]
    fn a_full_card_has_a_hundred_percent_and_no_gap() {
        let given = |day: (i32, u8, u8), cvx: &str| Given { day: Day::of(day.0, day.1, day.2), cvx: cvx.to_owned(), is_subpotent: false, since: None };
        let given = [given((2025, 1, 15), "08"), given((2025, 1, 18), "19"), given((2025, 2, 15), "08")];
        let full = told(ALL, &given, &[Day::of(2025, 2, 14)]);
        assert_eq!((full.percent(), full.gaps), (100, Vec::new()));
    }

    #[test]
    fn a_milestone_nobody_wrote_of_is_a_gap_and_one_that_is_late_is_none() {
        let country = country::by_code("vn").unwrap();
        let (birth, today) = (Day::of(2025, 1, 15), Day::of(2025, 6, 1));
        let seen = [crate::milestone::Seen { key: "smiles".to_owned(), day: Day::of(2025, 5, 1), is_reached: false }];
        let steps = crate::milestone::steps(&country.milestones, birth, None, &seen, today);
        let person = Person { birth, given: &[], refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
        let of = |steps: &[Step]| completeness(ALL, &forecast(&country.calendar, &person, today), &[], steps);
        assert!(of(&steps).gaps.contains(&Gap::Milestone { key: "holds-head".to_owned() }));
        assert!(!of(&steps).gaps.contains(&Gap::Milestone { key: "smiles".to_owned() }));
        assert_eq!((of(&steps).asked - of(&[]).asked, of(&steps).said - of(&[]).said), (2, 1));
    }

    #[test]
    fn every_gap_is_named_and_lowers_the_score() {
        let gaps = told(Known { guardian: false, ..ALL }, &[], &[]);
        let series = |key: &str| Gap::Vaccination { series: key.to_owned() };
        assert_eq!(gaps.gaps, [Gap::Guardian, series("tuberculosis"), series("hepatitis-b")]);
        assert_eq!((gaps.said, gaps.asked, gaps.percent()), (5, 8, 62));
    }
}
