//! How a measurement of a child compares with a reference population: the z-score.
//!
//! * The coefficients L, M and S are never ours: they are read from the tables their publisher
//!   gives out (see [`table`]). Without a table there is no score.
//! * Where weight has a part in the measure, the tails beyond three deviations are straight, as the
//!   publisher of the growth standards prescribes: there were too few children to shape them.
//! * A child born before 37 weeks has a corrected age until two years.
//!
//! WHO Child Growth Standards, Methods and development (2006), chapter 7.

pub mod table;

use table::{Sex, Table};

use crate::day::Day;

/// The coefficients at one age (or one length).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lms {
    /// The power that makes the distribution normal.
    pub l: f64,
    /// The median.
    pub m: f64,
    /// The coefficient of variation.
    pub s: f64,
}

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Measure {
    /// Weight in kg by age.
    WeightForAge,
    /// Length (lying) or height (standing) in cm by age.
    HeightForAge,
    /// Weight in kg by height in cm, standing: from two years on.
    WeightForHeight,
    /// Weight in kg by length in cm, lying: below two years.
    WeightForLength,
    /// Body-mass index in kg/m² by age.
    BmiForAge,
    /// Head circumference in cm by age.
    HeadForAge,
}

impl Measure {
    /// All measures with their names.
    pub const ALL: [(Measure, &'static str); 6] = [
        (Measure::WeightForAge, "weight-for-age"),
        (Measure::HeightForAge, "height-for-age"),
        (Measure::WeightForHeight, "weight-for-height"),
        (Measure::WeightForLength, "weight-for-length"),
        (Measure::BmiForAge, "bmi-for-age"),
        (Measure::HeadForAge, "head-for-age"),
    ];

    /// The measure of that name.
    pub fn named(name: &str) -> Option<Measure> {
        Measure::ALL.iter().find(|(_, own)| *own == name).map(|(measure, _)| *measure)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Measure::ALL.iter().find(|(measure, _)| *measure == self).map_or("", |(_, name)| name)
    }

    /// Compared by age, not by length or height.
    pub fn is_by_age(self) -> bool {
        !matches!(self, Measure::WeightForHeight | Measure::WeightForLength)
    }

    /// A score that a child can have. Beyond it somebody measured or wrote wrongly: these are the flags of the publisher's
    /// own software, WHO Anthro. <https://www.who.int/tools/child-growth-standards/software>
    pub fn is_plausible(self, z: f64) -> bool {
        let (least, most) = match self {
            Measure::WeightForAge => (-6.0, 5.0),
            Measure::HeightForAge => (-6.0, 6.0),
            Measure::WeightForHeight | Measure::WeightForLength | Measure::BmiForAge | Measure::HeadForAge => (-5.0, 5.0),
        };
        (least..=most).contains(&z)
    }

    /// Weight has a part in it, so its tails are straight.
    pub fn has_straight_tails(self) -> bool {
        matches!(self, Measure::WeightForAge | Measure::WeightForHeight | Measure::WeightForLength | Measure::BmiForAge)
    }
}

/// The z-score of a value; none for a value or coefficients that are not positive.
pub fn z_score(measure: Measure, value: f64, lms: Lms) -> Option<f64> {
    let usable = value > 0.0 && lms.m > 0.0 && lms.s > 0.0 && lms.l.is_finite() && value.is_finite();
    usable.then(|| plain(value, lms)).filter(|z| z.is_finite()).map(|z| if measure.has_straight_tails() { straight(z, value, lms) } else { z })
}

fn plain(value: f64, Lms { l, m, s }: Lms) -> f64 {
    if l.abs() < 1e-9 { (value / m).ln() / s } else { ((value / m).powf(l) - 1.0) / (l * s) }
}

/// The value at a number of deviations.
pub fn value_at(deviations: f64, Lms { l, m, s }: Lms) -> f64 {
    if l.abs() < 1e-9 { m * (s * deviations).exp() } else { m * (1.0 + l * s * deviations).powf(1.0 / l) }
}

/// Beyond three deviations each further one is as long as the step from the second to the third.
fn straight(z: f64, value: f64, lms: Lms) -> f64 {
    if z > 3.0 {
        let third = value_at(3.0, lms);
        3.0 + (value - third) / (third - value_at(2.0, lms))
    } else if z < -3.0 {
        let third = value_at(-3.0, lms);
        -3.0 + (value - third) / (value_at(-2.0, lms) - third)
    } else {
        z
    }
}

/// The tables a site holds.
#[derive(Clone, Default, Debug)]
pub struct Standards {
    /// The tables. Where two overlap, the first counts.
    pub tables: Vec<Table>,
    /// How many more there are that cannot be read.
    pub unread: usize,
}

impl Standards {
    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The coefficients at an age in days or a length in cm; none where no table reaches. Between the end of one table
    /// and the beginning of the next, at 61 months, they are interpolated as within a table.
    pub fn at(&self, measure: Measure, sex: Sex, place: f64) -> Option<Lms> {
        let of_these = || self.tables.iter().filter(|table| table.measure == measure && table.sex == sex);
        of_these().find_map(|table| table.at(place)).or_else(|| {
            let below = of_these().filter_map(|table| table.rows.last()).filter(|row| row.0 < place).max_by(|one, other| one.0.total_cmp(&other.0))?;
            let above = of_these().filter_map(|table| table.rows.first()).filter(|row| row.0 > place).min_by(|one, other| one.0.total_cmp(&other.0))?;
            (measure.is_by_age() && above.0 - below.0 <= JOINT_DAYS).then(|| table::between(*below, *above, place))
        })
    }
}

/// As many days may lie between two tables of one measure: a month, where the first ends at 60 and the second begins
/// at 61 months, and a day.
const JOINT_DAYS: f64 = 32.0;

/// Lying a child is measured longer than standing by so many centimetres.
/// WHO Child Growth Standards, Methods and development (2006), section 2.2.
const LYING_MORE_CM: f64 = 0.7;
/// From this age in days on the standards are of children who stood.
pub const STANDING_FROM_DAYS: i32 = 731;

/// A length or height as the standards of that age want it measured: lying below two years, standing from then on.
pub fn as_measured(cm: f64, was_lying: Option<bool>, age_days: i32) -> f64 {
    match (was_lying, age_days >= STANDING_FROM_DAYS) {
        (Some(true), true) => cm - LYING_MORE_CM,
        (Some(false), false) => cm + LYING_MORE_CM,
        _ => cm,
    }
}

/// Full term in days: 40 weeks.
const TERM_DAYS: i32 = 280;
/// Born before 37 completed weeks is born early.
const EARLY_DAYS: i32 = 259;
/// The age is corrected until two years.
const CORRECTED_UNTIL: country::Age = country::Age { years: 2, months: 0, days: 0, hours: 0 };

/// The age in days that a measurement is compared at; none before the corrected day of birth.
/// `gestation_days` is the age at birth, where known.
pub fn age_days(birth: Day, gestation_days: Option<i32>, on: Day) -> Option<i32> {
    let early = if on < birth.after(CORRECTED_UNTIL) { corrected_days(gestation_days) } else { 0 };
    let corrected = on.0 - birth.0 - early;
    (corrected >= 0).then_some(corrected)
}

/// By how many days a child born before 37 weeks is younger than its birth date tells; 0 for all others.
pub fn corrected_days(gestation_days: Option<i32>) -> i32 {
    gestation_days.filter(|days| *days < EARLY_DAYS).map_or(0, |days| TERM_DAYS - days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-6), "{found:?} is not {expected}");
    }

    /// Round coefficients, so that the arithmetic can be followed by hand.
    #[test]
    fn the_median_is_zero_and_one_coefficient_of_variation_is_one() {
        let straight = Lms { l: 1.0, m: 10.0, s: 0.1 };
        near(z_score(Measure::HeightForAge, 10.0, straight), 0.0);
        near(z_score(Measure::HeightForAge, 11.0, straight), 1.0);
        near(z_score(Measure::HeightForAge, 8.0, straight), -2.0);
        // L = −1: ((20/10)⁻¹ − 1) / (−1 · 0.25) = (−0.5) / (−0.25) = 2.
        near(z_score(Measure::HeightForAge, 20.0, Lms { l: -1.0, m: 10.0, s: 0.25 }), 2.0);
        // L = 2: ((12/10)² − 1) / (2 · 0.1) = 0.44 / 0.2 = 2.2.
        near(z_score(Measure::HeightForAge, 12.0, Lms { l: 2.0, m: 10.0, s: 0.1 }), 2.2);
        // L = 0: ln(e·10/10) / 0.5 = 2.
        near(z_score(Measure::HeightForAge, 10.0 * std::f64::consts::E, Lms { l: 0.0, m: 10.0, s: 0.5 }), 2.0);
    }

    /// L = −1, M = 10, S = 0.1: two deviations are 10 / 0.8 = 12.5, three 10 / 0.7 = 14.285714…,
    /// so the step is 1.785714…; 14.285714 + 1.785714 = 16.071428… is four.
    #[test]
    fn weight_beyond_three_deviations_goes_on_straight() {
        let lms = Lms { l: -1.0, m: 10.0, s: 0.1 };
        near(z_score(Measure::WeightForAge, 12.5, lms), 2.0);
        near(z_score(Measure::WeightForAge, 10.0 / 0.7, lms), 3.0);
        near(z_score(Measure::WeightForAge, 10.0 / 0.7 + (10.0 / 0.7 - 12.5), lms), 4.0);
        // Below: −2 is 10 / 1.2, −3 is 10 / 1.3; one step further is −4.
        near(z_score(Measure::WeightForAge, 10.0 / 1.3 - (10.0 / 1.2 - 10.0 / 1.3), lms), -4.0);
        // Height keeps its curve.
        near(z_score(Measure::HeightForAge, 10.0 / 0.6, lms), 4.0);
    }

    #[test]
    fn a_child_who_stood_too_early_or_lay_too_late_is_told_as_the_standards_measure() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        near(as_measured(80.0, Some(false), 730), 80.7);
        near(as_measured(80.0, Some(true), 730), 80.0);
        near(as_measured(87.7, Some(true), 731), 87.0);
        near(as_measured(87.0, Some(false), 731), 87.0);
        near(as_measured(87.0, None, 100), 87.0);
    }

    /// The first table by day ends at 1856, or by month at 60 months; the second begins at 61 months, day 1856.6875.
    #[test]
    fn at_the_joint_of_sixty_one_months_no_day_is_without_a_score() {
        let standards = |first: &str| {
            let read = |text: &str, months| table::read(text, Measure::HeightForAge, Some(Sex::Girl), months).unwrap();
            let mut tables = read(first, false);
            tables.extend(read("age\tL\tM\tS\n61\t1\t110\t0.04\n228\t1\t163\t0.04\n", true));
            Standards { tables, unread: 0 }
        };
        for first in ["age\tL\tM\tS\n0\t1\t50\t0.04\n1856\t1\t110\t0.04\n", "month\tL\tM\tS\n0\t1\t50\t0.04\n60\t1\t109\t0.04\n"] {
            let standards = standards(first);
            let medians: Vec<f64> = (1800..1900).map(|day| standards.at(Measure::HeightForAge, Sex::Girl, f64::from(day)).unwrap_or_else(|| panic!("day {day}")).m).collect();
            assert!(medians.windows(2).all(|pair| pair[0] <= pair[1] && pair[1] - pair[0] < 0.1), "{medians:?}");
        }
        // A hole that is longer than a month is one.
        let holed = standards("month\tL\tM\tS\n0\t1\t50\t0.04\n24\t1\t86\t0.04\n");
        assert_eq!(holed.at(Measure::HeightForAge, Sex::Girl, 1000.0), None);
        assert_eq!(holed.at(Measure::HeightForAge, Sex::Girl, 8000.0), None);
    }

    #[test]
    fn a_score_leads_back_to_its_value() {
        for l in [-2.0, -1.0, 0.0, 0.5, 1.0, 2.0] {
            for z in [-2.9, -1.0, 0.0, 0.3, 2.9] {
                let lms = Lms { l, m: 14.0, s: 0.09 };
                near(z_score(Measure::WeightForAge, value_at(z, lms), lms), z);
            }
        }
    }

    #[test]
    fn what_is_no_measurement_has_no_score() {
        let lms = Lms { l: 1.0, m: 10.0, s: 0.1 };
        assert_eq!(z_score(Measure::WeightForAge, 0.0, lms), None);
        assert_eq!(z_score(Measure::WeightForAge, f64::NAN, lms), None);
        assert_eq!(z_score(Measure::WeightForAge, 1.0, Lms { m: 0.0, ..lms }), None);
    }

    #[test]
    fn a_score_beyond_the_flags_of_the_publisher_is_no_growth() {
        for (measure, z, expected) in [
            (Measure::WeightForAge, 5.0, true),
            (Measure::WeightForAge, 5.1, false),
            (Measure::WeightForAge, -6.0, true),
            (Measure::WeightForAge, 468.0, false),
            (Measure::HeightForAge, 5.9, true),
            (Measure::HeightForAge, -6.1, false),
            (Measure::WeightForLength, -5.1, false),
            (Measure::BmiForAge, 5.1, false),
            (Measure::HeadForAge, 5.0, true),
            (Measure::HeadForAge, f64::NAN, false),
        ] {
            assert_eq!(measure.is_plausible(z), expected, "{} {z}", measure.name());
        }
    }

    #[test]
    fn a_child_born_at_thirty_weeks_is_ten_weeks_younger_until_two_years() {
        let birth = Day::of(2023, 1, 1);
        assert_eq!(age_days(birth, Some(210), birth.plus(100)), Some(30));
        assert_eq!(age_days(birth, Some(210), birth.plus(69)), None);
        assert_eq!(age_days(birth, Some(210), Day::of(2024, 12, 31)), Some(730 - 70));
        assert_eq!(age_days(birth, Some(210), Day::of(2025, 1, 1)), Some(731));
        assert_eq!(age_days(birth, Some(259), birth.plus(100)), Some(100));
        assert_eq!(age_days(birth, None, birth.plus(100)), Some(100));
    }
}
