//! Growth of a child: the child's own points over age, and how they compare with the standards a site holds.
//!
//! * Without the tables of the World Health Organization, which do not ship, only the child's own points are drawn.
//! * A child born before 37 weeks is compared at the corrected age until two years, and the page says so.
//! * A figure is drawn and compared in kilograms or centimetres, and shown as it was written. One that is neither is counted.
//! * Only a day has an age: of a birth date without its day nothing is told, and a measurement without one, or of a day to
//!   come, is shown in the table alone.
//! * A score that no child has is no score: the page asks for another look at the measurement.

use fhir::Value;
use fhir::date::{Precision, days_from_civil};
use schedule::growth::table::Sex;
use schedule::growth::{self as standard, Lms, Measure, STANDING_FROM_DAYS, Standards};
use schedule::{Day, record::Gestation};
use terminology::ucum;

use crate::banner;
use crate::figure::{self, Curve, GrowthPoint};
use crate::record::{Item, Record, quantity};
use crate::series::{self, AllSeries};
use crate::voice::{self, Age, Voice};

/// Growth up to the nineteenth birthday.
#[derive(Clone, Debug, Default)]
pub struct GrowthPage {
    /// One for each measure that was taken.
    pub charts: Vec<GrowthChart>,
    /// Why there is no chart, in words; empty where there is one.
    pub without: String,
    /// What the figures are compared with, in words.
    pub note: String,
    /// What else is to be known: a corrected age, tables that cannot be read, figures that are left out.
    pub notices: Vec<String>,
}

/// One measure over age.
#[derive(Clone, Debug)]
pub struct GrowthChart {
    /// What was measured.
    pub title: String,
    /// The picture; safe markup.
    pub picture: String,
    /// Its figures are compared with a standard.
    pub is_compared: bool,
    /// The figures, newest first.
    pub rows: Vec<GrowthRow>,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct GrowthRow {
    /// Its day.
    pub day: String,
    /// The child's age on it; empty where the day is not known, or to come.
    pub age: String,
    /// Value and unit.
    pub value: String,
    /// Deviations from the median, with a sign, or that no child has such a score; empty where there is no standard.
    pub score: String,
    /// More than two deviations from the median, or implausible.
    pub is_far: bool,
    /// Where it is shown.
    pub link: String,
}

/// LOINC codes of a measure, the key of its title, and what it is compared as.
const MEASURES: [(&[&str], &str, Measure); 3] = [
    (&["29463-7", "3141-9"], "growth-weight", Measure::WeightForAge),
    (&["8302-2", "8306-3"], "growth-height", Measure::HeightForAge),
    (&["9843-4", "8287-5"], "growth-head", Measure::HeadForAge),
];
/// Body height, lying.
const LYING: &str = "8306-3";
/// Deviations that are drawn.
const CURVES: [f64; 5] = [-3.0, -2.0, 0.0, 2.0, 3.0];
/// The standards end with the nineteenth birthday.
const MOST_DAYS: i64 = 19 * 365;
const MONTH_DAYS: f64 = 30.4375;
/// From 61 months on weight is compared through the body-mass index, no longer with height.
const BY_INDEX_FROM_DAYS: i32 = 1857;
const BMI_UNIT: &str = "kg/m²";

/// One measurement, read.
struct Reading<'i, 'r> {
    item: &'i Item<'r>,
    day: (i32, u8, u8),
    when: String,
    days: i32,
    /// In the unit of its measure.
    value: f64,
    /// As it was written.
    shown: String,
    is_lying: Option<bool>,
    /// Its day is known and not to come: it has an age.
    is_placed: bool,
}

/// What is not drawn or not compared, and how often.
#[derive(Default)]
struct LeftOut {
    unconverted: usize,
    undated: usize,
    to_come: usize,
    before_birth: usize,
}

/// The child's birth and the day of today.
struct Life {
    birth: voice::Day,
    today: voice::Day,
}

/// Whom the child is compared with.
struct Against<'s> {
    standards: &'s Standards,
    sex: Option<Sex>,
    birth: Day,
    gestation: Option<i32>,
}

impl Against<'_> {
    /// The age in days at which a day is compared.
    fn age(&self, (year, month, day): (i32, u8, u8)) -> Option<i32> {
        standard::age_days(self.birth, self.gestation, Day::of(year, month, day))
    }

    fn at(&self, measure: Measure, place: f64) -> Option<Lms> {
        self.standards.at(measure, self.sex?, place)
    }

    fn score(&self, measure: Measure, reading: &Reading<'_, '_>) -> Option<f64> {
        let age = self.age(reading.day).filter(|_| reading.is_placed)?;
        let value = reading.value;
        let value = if measure == Measure::HeightForAge { standard::as_measured(value, reading.is_lying, age) } else { value };
        standard::z_score(measure, value, self.at(measure, f64::from(age))?)
    }
}

/// Reads the growth of a person, up to the nineteenth birthday.
pub fn growth(record: &Record<'_>, voice: &Voice, standards: &Standards, today: voice::Day) -> GrowthPage {
    // Ages from a month or a year would be guesses.
    let Some(birth) = banner::birth(record.patient.root()).filter(|birth| birth.precision >= Precision::Day) else {
        return GrowthPage { without: voice.say("growth-no-birth"), ..GrowthPage::default() };
    };
    let sex = match record.patient.root().string("gender").as_deref() {
        Some("female") => Some(Sex::Girl),
        Some("male") => Some(Sex::Boy),
        _ => None,
    };
    let born = Day::of(birth.year, birth.month, birth.day);
    let gestation = Gestation::read(record.valid("Observation").map(|item| item.root()), Some(born));
    let against = Against { standards, sex, birth: born, gestation: gestation.days };
    let life = Life { birth: (birth.year, birth.month, birth.day), today };
    let all = series::read(record, voice);
    let mut left = LeftOut::default();
    let [weights, heights, heads] = MEASURES.map(|(codes, _, measure)| readings(&all, codes, unit_of(measure), &life, voice, &mut left));
    let mut charts = Vec::new();
    for ((_, key, measure), readings) in MEASURES.into_iter().zip([&weights, &heights, &heads]) {
        charts.extend(chart(record, voice, &against, readings, key, measure));
    }
    charts.extend(for_height(record, voice, &against, &weights, &heights));
    charts.extend(by_index(record, voice, &against, &weights, &heights));
    let is_compared = charts.iter().any(|chart| chart.is_compared);
    let mut notices = Vec::new();
    if is_compared && against.gestation.is_some_and(|days| days < 259) {
        notices.push(voice.say("growth-corrected"));
    }
    if gestation.days.is_none() && gestation.is_unread {
        notices.push(voice.say("growth-gestation-unread"));
    }
    for (key, count) in [("growth-unconverted", left.unconverted), ("growth-undated", left.undated), ("growth-to-come", left.to_come), ("growth-before-birth", left.before_birth), ("growth-unread", standards.unread)] {
        if count > 0 {
            notices.push(voice.count(key, count));
        }
    }
    let without = if charts.is_empty() && left.unconverted == 0 && left.before_birth == 0 { voice.say("growth-none") } else { String::new() };
    GrowthPage { charts, without, note: voice.say(if is_compared { "growth-compared" } else { "growth-note" }), notices }
}

/// The unit in which a measure is drawn and compared.
fn unit_of(measure: Measure) -> &'static str {
    match measure {
        Measure::WeightForAge | Measure::WeightForHeight | Measure::WeightForLength => "kg",
        Measure::HeightForAge | Measure::HeadForAge => "cm",
        Measure::BmiForAge => BMI_UNIT,
    }
}

/// What was measured of some codes between birth and the nineteenth birthday, the oldest first.
fn readings<'i, 'r>(all: &AllSeries<'r, 'i>, codes: &[&str], unit: &str, life: &Life, voice: &Voice, left: &mut LeftOut) -> Vec<Reading<'i, 'r>> {
    let birth_day = days_from_civil(life.birth.0, life.birth.1, life.birth.2);
    let of_these = all.vitals.iter().filter(|series| codes.contains(&series.key));
    let mut taken: Vec<_> = of_these.flat_map(|series| series.readings.iter().map(move |(when, item)| (*when, *item, series.key == LYING))).collect();
    taken.sort_by_key(|(when, ..)| when.at);
    let mut found = Vec::new();
    for (when, item, was_lying) in taken {
        let day = voice.local(&when.date).0;
        let days = days_from_civil(day.0, day.1, day.2) - birth_day;
        let is_since_birth = match when.date.precision {
            Precision::Year => day.0 >= life.birth.0,
            Precision::Month => (day.0, day.1) >= (life.birth.0, life.birth.1),
            _ => days >= 0,
        };
        let Some(shown) = quantity::shown(voice, item.root()).filter(|_| days < MOST_DAYS) else { continue };
        // One of the two days is a slip: whoever looks is told that something is left out.
        if !is_since_birth {
            left.before_birth += 1;
            continue;
        }
        let Some(value) = measured(item.root(), unit) else {
            left.unconverted += 1;
            continue;
        };
        let is_dated = when.date.precision >= Precision::Day;
        let is_to_come = is_dated && day > life.today;
        left.undated += usize::from(!is_dated);
        left.to_come += usize::from(is_to_come);
        let is_lying = codes.contains(&LYING).then_some(was_lying);
        found.push(Reading { item, day, when: voice.date(&when.date), days: days as i32, value, shown: quantity::joined(&shown), is_lying, is_placed: is_dated && !is_to_come });
    }
    found
}

/// The value of an Observation in kilograms or centimetres; none where it is no such quantity, or only a bound of one.
fn measured(observation: Value<'_>, unit: &str) -> Option<f64> {
    let quantity = observation.get("valueQuantity").filter(|quantity| quantity.get("comparator").is_none())?;
    let value: f64 = quantity.get("value")?.as_number()?.parse().ok()?;
    let is_ucum = quantity.string("system").is_none_or(|system| system == ucum::SYSTEM);
    match quantity.string("code").filter(|_| is_ucum) {
        Some(code) => ucum::converted(value, &code, unit),
        None => ucum::converted(value, in_words(&quantity.string("unit")?)?, unit),
    }
}

/// The unit of UCUM that people mean by a word.
fn in_words(unit: &str) -> Option<&'static str> {
    Some(match unit.trim().trim_end_matches('.').to_lowercase().as_str() {
        "kg" | "kgs" | "kilogram" | "kilograms" | "kilogramo" | "kilogramos" | "кг" => "kg",
        "g" | "gr" | "gram" | "grams" | "gramo" | "gramos" | "гр" | "г" => "g",
        "[lb_av]" | "lb" | "lbs" | "pound" | "pounds" | "libra" | "libras" => "[lb_av]",
        "[oz_av]" | "oz" | "ounce" | "ounces" => "[oz_av]",
        "m" | "м" => "m",
        "cm" | "cms" | "см" => "cm",
        "mm" | "мм" => "mm",
        "[in_i]" | "in" | "inch" | "inches" | "pulgada" | "pulgadas" => "[in_i]",
        "[ft_i]" | "ft" | "foot" | "feet" => "[ft_i]",
        _ => return None,
    })
}

fn chart(record: &Record<'_>, voice: &Voice, against: &Against<'_>, readings: &[Reading<'_, '_>], key: &str, measure: Measure) -> Option<GrowthChart> {
    readings.first()?;
    let (mut points, mut rows) = (Vec::new(), Vec::new());
    for reading in readings {
        let (age, score) = (age_of(record, voice, reading), against.score(measure, reading));
        // One figure that cannot be true would press all others into a line.
        if reading.is_placed && score.is_none_or(|z| measure.is_plausible(z)) {
            points.push(GrowthPoint { months: f64::from(reading.days) / MONTH_DAYS, value: reading.value, label: voice.with("growth-point", &[("age", &age), ("value", &reading.shown)]) });
        }
        rows.push(row(record, voice, reading, age, reading.shown.clone(), score.map(|z| (measure, z))));
    }
    rows.reverse();
    let title = format!("{}, {}", voice.say(key), unit_of(measure));
    let is_in_years = points.last().is_some_and(|point| point.months > 36.0);
    let axis = voice.say(if is_in_years { "growth-axis-years" } else { "growth-axis-months" });
    let summary = rows.iter().find(|row| !row.age.is_empty()).map_or_else(|| title.clone(), |last| format!("{title}. {}: {} {}", last.age, last.value, last.score).trim_end().to_owned());
    let curves = curves(against, measure, points.last().map_or(0.0, |point| point.months));
    let is_compared = rows.iter().any(|row| !row.score.is_empty());
    Some(GrowthChart { picture: figure::growth(&points, &curves, &axis, &summary), title, is_compared, rows })
}

/// The curves of the standard as far as the child's points reach, at the child's own days of life.
fn curves(against: &Against<'_>, measure: Measure, last_months: f64) -> Vec<Curve> {
    let last = figure::growth_span(last_months) * MONTH_DAYS;
    let step = (last / 120.0).max(7.0);
    let mut places = vec![0.0];
    while places.last().is_some_and(|place| *place < last) {
        places.push(places.last().map_or(0.0, |place: &f64| (place + step).min(last)));
    }
    let drawn = CURVES.iter().map(|deviations| {
        let points = places.iter().filter_map(|place| {
            let age = standard::age_days(against.birth, against.gestation, Day(against.birth.0 + *place as i32))?;
            Some((place / MONTH_DAYS, standard::value_at(*deviations, against.at(measure, f64::from(age))?)))
        });
        Curve { points: points.collect(), label: if *deviations > 0.0 { format!("+{deviations:.0}") } else { format!("{deviations:.0}").replace('-', "\u{2212}") }, is_median: *deviations == 0.0 }
    });
    drawn.filter(|curve| curve.points.len() > 1).collect()
}

/// The weights of days on which height was taken too, each with that height in cm as the standards want it measured.
fn with_height<'w, 'i, 'r>(against: &Against<'_>, weights: &'w [Reading<'i, 'r>], heights: &'w [Reading<'i, 'r>]) -> Vec<(&'w Reading<'i, 'r>, &'w Reading<'i, 'r>, f64, i32)> {
    let pair = |weight: &'w Reading<'i, 'r>| {
        let height = heights.iter().rev().find(|height| height.day == weight.day && height.is_placed)?;
        let age = against.age(weight.day)?;
        Some((weight, height, standard::as_measured(height.value, height.is_lying, age), age))
    };
    weights.iter().filter(|weight| weight.is_placed).filter_map(pair).collect()
}

/// Weight for length or height up to 61 months, or the body-mass index for age where there is no such table: figures without a picture.
fn for_height<'i, 'r>(record: &Record<'_>, voice: &Voice, against: &Against<'_>, weights: &[Reading<'i, 'r>], heights: &[Reading<'i, 'r>]) -> Option<GrowthChart> {
    let mut rows = Vec::new();
    for (weight, height, cm, age) in with_height(against, weights, heights).into_iter().filter(|(.., age)| *age < BY_INDEX_FROM_DAYS) {
        let of_height = if age < STANDING_FROM_DAYS { Measure::WeightForLength } else { Measure::WeightForHeight };
        let by_height = against.at(of_height, cm).and_then(|lms| standard::z_score(of_height, weight.value, lms));
        let index = weight.value / (cm / 100.0).powi(2);
        let by_index = against.at(Measure::BmiForAge, f64::from(age)).and_then(|lms| standard::z_score(Measure::BmiForAge, index, lms));
        let compared = by_height.map(|z| (of_height, z, "growth-weight-for-height")).or_else(|| by_index.map(|z| (Measure::BmiForAge, z, "growth-bmi")));
        let Some((measure, z, key)) = compared else { continue };
        let value = format!("{} · {}", weight.shown, height.shown);
        rows.push(row(record, voice, weight, age_of(record, voice, weight), format!("{value} · {}", voice.say(key)), Some((measure, z))));
    }
    if rows.is_empty() {
        return None;
    }
    rows.reverse();
    Some(GrowthChart { title: voice.say("growth-proportion"), picture: String::new(), is_compared: true, rows })
}

/// The body-mass index from two years on, of a child who has reached 61 months: its curve goes on from one table into the next.
fn by_index<'i, 'r>(record: &Record<'_>, voice: &Voice, against: &Against<'_>, weights: &[Reading<'i, 'r>], heights: &[Reading<'i, 'r>]) -> Option<GrowthChart> {
    let pairs = with_height(against, weights, heights);
    pairs.iter().find(|(.., age)| *age >= BY_INDEX_FROM_DAYS)?;
    let reading = |(weight, _, cm, _): &(&Reading<'_, '_>, &Reading<'_, '_>, f64, i32)| (weight.value / (cm / 100.0).powi(2) * 10.0).round() / 10.0;
    let readings: Vec<Reading<'_, '_>> = pairs
        .iter()
        .filter(|(.., age)| *age >= STANDING_FROM_DAYS)
        .map(|pair| {
            let (weight, value) = (pair.0, reading(pair));
            Reading { item: weight.item, day: weight.day, when: weight.when.clone(), days: weight.days, value, shown: format!("{} {BMI_UNIT}", voice.figure(&format!("{value:.1}"))), is_lying: None, is_placed: true }
        })
        .collect();
    chart(record, voice, against, &readings, "growth-index", Measure::BmiForAge)
}

fn age_of(record: &Record<'_>, voice: &Voice, reading: &Reading<'_, '_>) -> String {
    banner::birth(record.patient.root()).filter(|_| reading.is_placed).and_then(|birth| Age::on(&birth, reading.day)).map_or_else(String::new, |age| voice.age(age))
}

/// Deviations with their sign. What rounds to nothing lies on the median and not below it.
fn deviations(z: f64, voice: &Voice) -> String {
    let text = format!("{z:+.1}");
    voice.figure(if text == "-0.0" { "+0.0" } else { &text }).replace('-', "\u{2212}")
}

fn row(record: &Record<'_>, voice: &Voice, reading: &Reading<'_, '_>, age: String, value: String, compared: Option<(Measure, f64)>) -> GrowthRow {
    let (score, is_far) = match compared {
        None => (String::new(), false),
        Some((measure, z)) if !measure.is_plausible(z) => (voice.say("growth-implausible"), true),
        Some((_, z)) => (deviations(z, voice), z.abs() > 2.0),
    };
    GrowthRow { day: reading.when.clone(), age, value, score, is_far, link: reading.item.link(record.person()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn nothing_lies_below_the_median_by_nothing() {
        let voice = |language| Voice { language, zone_offset_minutes: 0 };
        for (z, expected) in [(-0.04, "+0.0"), (-0.0, "+0.0"), (0.0, "+0.0"), (0.04, "+0.0"), (-0.05001, "\u{2212}0.1"), (-2.34, "\u{2212}2.3"), (3.16, "+3.2")] {
            assert_eq!(deviations(z, &voice(Language::English)), expected, "{z}");
        }
        assert_eq!(deviations(-1.26, &voice(Language::Russian)), "\u{2212}1,3");
    }
}
