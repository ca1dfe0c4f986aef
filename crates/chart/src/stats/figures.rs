//! The figures themselves, over values in one unit.
//!
//! * Sums, extremes and medians of two are exact; what is divided or rooted keeps 28 digits inside
//!   and is rounded once, at the end.
//! * Spread is that of a sample (one less than the count); a boundary lies between its two
//!   neighbours in proportion (the definition most tables and spreadsheets use).
//! * A regression is the line of least squares through value and time: R4 wants gradient and
//!   intercept and leaves the unit of time open. Here it is the day, counted from the first
//!   measurement, and the correlation says how much the line is worth.
//! * Where there are too few values for a figure, there is none.

use fhir::Moment;
use fhir::date::DAY_MS;
use fhirpath::Decimal;

/// A figure of <http://terminology.hl7.org/CodeSystem/observation-statistics>.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Statistic {
    Average, Maximum, Minimum, Count, TotalCount, Median, StandardDeviation, Sum, Variance, Percent20, Percent80,
    LowerQuartile, UpperQuartile, QuartileDeviation, Quintile1, Quintile2, Quintile3, Quintile4, Skew, Kurtosis,
    Gradient, Intercept, Correlation,
}

impl Statistic {
    /// All of them, with code and display.
    pub const ALL: [(Statistic, &'static str, &'static str); 23] = [
        (Statistic::Average, "average", "Average"),
        (Statistic::Maximum, "maximum", "Maximum"),
        (Statistic::Minimum, "minimum", "Minimum"),
        (Statistic::Count, "count", "Count"),
        (Statistic::TotalCount, "total-count", "Total Count"),
        (Statistic::Median, "median", "Median"),
        (Statistic::StandardDeviation, "std-dev", "Standard Deviation"),
        (Statistic::Sum, "sum", "Sum"),
        (Statistic::Variance, "variance", "Variance"),
        (Statistic::Percent20, "20-percent", "20th Percentile"),
        (Statistic::Percent80, "80-percent", "80th Percentile"),
        (Statistic::LowerQuartile, "4-lower", "Lower Quartile"),
        (Statistic::UpperQuartile, "4-upper", "Upper Quartile"),
        (Statistic::QuartileDeviation, "4-dev", "Quartile Deviation"),
        (Statistic::Quintile1, "5-1", "1st Quintile"),
        (Statistic::Quintile2, "5-2", "2nd Quintile"),
        (Statistic::Quintile3, "5-3", "3rd Quintile"),
        (Statistic::Quintile4, "5-4", "4th Quintile"),
        (Statistic::Skew, "skew", "Skew"),
        (Statistic::Kurtosis, "kurtosis", "Kurtosis"),
        (Statistic::Gradient, "regression", "Regression"),
        (Statistic::Intercept, "regression", "Regression"),
        (Statistic::Correlation, "regression", "Regression"),
    ];

    /// The figures of that code: of a regression several, otherwise one; none where there is no such code.
    pub fn of_code(code: &str) -> Vec<Statistic> {
        Self::ALL.iter().filter(|row| row.1 == code).map(|row| row.0).collect()
    }

    /// Which figure of several that share a code.
    pub fn part(self) -> Option<(&'static str, &'static str)> {
        match self {
            Statistic::Gradient => Some(("gradient", "Gradient, per day")),
            Statistic::Intercept => Some(("intercept", "Intercept, at the first measurement")),
            Statistic::Correlation => Some(("correlation", "Coefficient of correlation (r)")),
            _ => None,
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Its display.
    pub fn display(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// The unit of the figure, if the values have this one; none for a whole number of values.
    pub fn unit(self, of_values: &str) -> Option<String> {
        match self {
            Statistic::Count | Statistic::TotalCount => None,
            Statistic::Skew | Statistic::Kurtosis | Statistic::Correlation => Some("1".to_owned()),
            Statistic::Gradient if of_values == "1" => Some("/d".to_owned()),
            Statistic::Gradient => Some(format!("{of_values}/d")),
            Statistic::Variance if of_values == "1" => Some("1".to_owned()),
            // A unit of letters alone takes an exponent; anything else is bracketed first.
            Statistic::Variance if of_values.bytes().all(|byte| byte.is_ascii_alphabetic()) => Some(format!("{of_values}2")),
            Statistic::Variance => Some(format!("({of_values})2")),
            _ => Some(of_values.to_owned()),
        }
    }
}

/// Values in order, ready to be told about.
pub(crate) struct Figures {
    sorted: Vec<Decimal>,
    /// Days since the first measurement and the value, of those whose time is known.
    dated: Vec<(Decimal, Decimal)>,
    total: usize,
    /// Digits after the point of the finest value.
    digits: u32,
}

impl Figures {
    /// Values with their moments, oldest first; `total` counts those without a value too.
    pub fn of(values: Vec<(Option<Moment>, Decimal)>, total: usize) -> Figures {
        let digits = values.iter().map(|(_, value)| value.scale()).max().unwrap_or(0);
        let began = values.iter().find_map(|(at, _)| *at);
        let days = |at: Moment| Decimal::from(at.0 - began.map_or(0, |began| began.0)) / Decimal::from(DAY_MS);
        let dated = values.iter().filter_map(|(at, value)| Some((days((*at)?), *value))).collect();
        let mut sorted: Vec<Decimal> = values.into_iter().map(|(_, value)| value).collect();
        sorted.sort();
        Figures { sorted, dated, total, digits }
    }

    /// A figure; none where there are too few values for it or they are too large.
    pub fn get(&self, statistic: Statistic) -> Option<Decimal> {
        let exact = match statistic {
            Statistic::Count => return Some(Decimal::from(self.sorted.len())),
            Statistic::TotalCount => return Some(Decimal::from(self.total)),
            Statistic::Sum => return self.sum(),
            Statistic::Maximum => return self.sorted.last().copied(),
            Statistic::Minimum => return self.sorted.first().copied(),
            Statistic::Average => self.average(),
            Statistic::Median => self.boundary(1, 2),
            Statistic::Variance => self.variance(),
            Statistic::StandardDeviation => root(self.variance()?),
            Statistic::Percent20 | Statistic::Quintile1 => self.boundary(1, 5),
            Statistic::Quintile2 => self.boundary(2, 5),
            Statistic::Quintile3 => self.boundary(3, 5),
            Statistic::Percent80 | Statistic::Quintile4 => self.boundary(4, 5),
            Statistic::LowerQuartile => self.boundary(1, 4),
            Statistic::UpperQuartile => self.boundary(3, 4),
            Statistic::QuartileDeviation => self.boundary(3, 4)?.checked_sub(self.boundary(1, 4)?)?.checked_div(Decimal::TWO),
            Statistic::Skew => self.skew(),
            Statistic::Kurtosis => self.kurtosis(),
            Statistic::Gradient => self.line()?.gradient(),
            Statistic::Intercept => self.line()?.intercept(),
            Statistic::Correlation => self.line()?.correlation(),
        };
        let finer = match statistic {
            // What changes in a day is small beside what is measured.
            Statistic::Gradient => 8,
            _ => 4,
        };
        exact.map(|value| value.round_dp((self.digits + finer).min(28)).normalize())
    }

    fn count(&self) -> Decimal {
        Decimal::from(self.sorted.len())
    }

    fn sum(&self) -> Option<Decimal> {
        let first = self.sorted.first()?;
        self.sorted[1..].iter().try_fold(*first, |sum, value| sum.checked_add(*value))
    }

    fn average(&self) -> Option<Decimal> {
        self.sum()?.checked_div(self.count())
    }

    /// The value below which that part of the others lie.
    fn boundary(&self, part: usize, of: usize) -> Option<Decimal> {
        let last = self.sorted.len().checked_sub(1)?;
        let (place, rest) = (last * part / of, last * part % of);
        let low = self.sorted[place];
        let high = self.sorted[(place + 1).min(last)];
        let step = high.checked_sub(low)?.checked_mul(Decimal::from(rest))?.checked_div(Decimal::from(of))?;
        low.checked_add(step)
    }

    /// The sum of a power of the distances from the average.
    fn moment(&self, power: u32) -> Option<Decimal> {
        let average = self.average()?;
        self.sorted.iter().try_fold(Decimal::ZERO, |sum, value| {
            let distance = value.checked_sub(average)?;
            let raised = (1..power).try_fold(distance, |product, _| product.checked_mul(distance))?;
            sum.checked_add(raised)
        })
    }

    fn variance(&self) -> Option<Decimal> {
        let others = self.count().checked_sub(Decimal::ONE).filter(|others| *others > Decimal::ZERO)?;
        self.moment(2)?.checked_div(others)
    }

    /// That of a sample, as spreadsheets tell it: from three values on.
    fn skew(&self) -> Option<Decimal> {
        let count = self.count();
        let deviation = root(self.variance()?).filter(|deviation| !deviation.is_zero())?;
        if self.sorted.len() < 3 {
            return None;
        }
        let cubed = deviation.checked_mul(deviation)?.checked_mul(deviation)?;
        let weight = count.checked_div((count - Decimal::ONE) * (count - Decimal::TWO))?;
        weight.checked_mul(self.moment(3)?.checked_div(cubed)?)
    }

    /// The excess of a sample over the normal distribution's: from four values on.
    fn kurtosis(&self) -> Option<Decimal> {
        let count = self.count();
        let variance = self.variance().filter(|variance| !variance.is_zero())?;
        if self.sorted.len() < 4 {
            return None;
        }
        let (one, two, three) = (Decimal::ONE, Decimal::TWO, Decimal::from(3));
        let weight = (count * (count + one)).checked_div((count - one) * (count - two) * (count - three))?;
        let correction = (three * (count - one) * (count - one)).checked_div((count - two) * (count - three))?;
        let shape = self.moment(4)?.checked_div(variance.checked_mul(variance)?)?;
        weight.checked_mul(shape)?.checked_sub(correction)
    }
}


/// What the line of least squares needs: averages, and sums of products of distances from them.
struct Line {
    time: Decimal,
    value: Decimal,
    of_times: Decimal,
    of_values: Decimal,
    of_both: Decimal,
}

impl Figures {
    /// From two moments on.
    fn line(&self) -> Option<Line> {
        let count = Decimal::from(self.dated.len());
        let average = |of: fn(&(Decimal, Decimal)) -> Decimal| self.dated.iter().map(of).try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one))?.checked_div(count);
        let mut line = Line { time: average(|one| one.0)?, value: average(|one| one.1)?, of_times: Decimal::ZERO, of_values: Decimal::ZERO, of_both: Decimal::ZERO };
        for (time, value) in &self.dated {
            let (time, value) = (time.checked_sub(line.time)?, value.checked_sub(line.value)?);
            line.of_times = line.of_times.checked_add(time.checked_mul(time)?)?;
            line.of_values = line.of_values.checked_add(value.checked_mul(value)?)?;
            line.of_both = line.of_both.checked_add(time.checked_mul(value)?)?;
        }
        (!line.of_times.is_zero()).then_some(line)
    }
}

impl Line {
    fn gradient(&self) -> Option<Decimal> {
        self.of_both.checked_div(self.of_times)
    }

    fn intercept(&self) -> Option<Decimal> {
        self.value.checked_sub(self.gradient()?.checked_mul(self.time)?)
    }

    /// None where all values are the same: then there is nothing the time could explain.
    fn correlation(&self) -> Option<Decimal> {
        let spread = root(self.of_times)?.checked_mul(root(self.of_values)?)?;
        self.of_both.checked_div(spread)
    }
}

/// The square root by Newton's steps, to the last digit a decimal holds.
fn root(value: Decimal) -> Option<Decimal> {
    if value.is_sign_negative() || value.is_zero() {
        return value.is_zero().then_some(Decimal::ZERO);
    }
    let mut guess = if value > Decimal::ONE { value } else { Decimal::ONE };
    for _ in 0..200 {
        let next = guess.checked_add(value.checked_div(guess)?)?.checked_div(Decimal::TWO)?;
        if next >= guess {
            return Some(guess);
        }
        guess = next;
    }
    Some(guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &str, expect: &str) {
        // One a day, unless the line says after how many days: 5@2.5.
        let values: Vec<(Option<Moment>, Decimal)> = values.split_whitespace().enumerate().map(|(number, word)| {
            let (text, days) = word.split_once('@').map_or((word, number as f64), |(text, days)| (text, days.parse().unwrap_or(f64::NAN)));
            ((!days.is_nan()).then_some(Moment(7 + (days * DAY_MS as f64) as i64)), text.parse().unwrap())
        }).collect();
        let figures = Figures::of(values.clone(), values.len() + 1);
        for word in expect.split_whitespace() {
            let (code, expected) = word.split_once('=').unwrap();
            let statistic = Statistic::ALL.iter().map(|row| row.0).find(|one| one.part().map_or(one.code(), |part| part.0) == code).unwrap();
            let found = figures.get(statistic).map_or("none".to_owned(), |value| value.to_string());
            assert_eq!(found, expected, "{code} of {values:?}");
        }
    }

    // Checked against a spreadsheet's AVERAGE, VAR.S, STDEV.S, QUARTILE.INC, PERCENTILE.INC, SKEW and KURT.
    #[test]
    fn figures_are_those_a_spreadsheet_tells() {
        check("1 2 3 4 5 6 7 8 9 10", "sum=55 average=5.5 minimum=1 maximum=10 count=10 total-count=11 median=5.5 variance=9.1667 std-dev=3.0277 4-lower=3.25 4-upper=7.75 4-dev=2.25 20-percent=2.8 80-percent=8.2 5-2=4.6 5-3=6.4 skew=0 kurtosis=-1.2");
        check("3.5 1.25 9.75 2.0", "sum=16.50 average=4.125 median=2.75 minimum=1.25 maximum=9.75");
        check("2 2 3 9", "skew=1.8871 kurtosis=3.5761");
    }

    // Checked against a spreadsheet's SLOPE, INTERCEPT and CORREL.
    #[test]
    fn a_regression_is_the_line_a_spreadsheet_draws() {
        check("1 2 3 4", "gradient=1 intercept=1 correlation=1");
        check("72.5 71.0 70.5", "gradient=-1 intercept=72.33333 correlation=-0.96077");
        check("5@0 7@2.5 4@10 9@11", "gradient=0.10791871 intercept=5.616 correlation=0.2654");
        check("5@0 1@unknown 7@2", "gradient=1 intercept=5 correlation=1 average=4.3333");
        check("5 5 5", "gradient=0 intercept=5 correlation=none");
        check("5@1 7@1", "gradient=none intercept=none correlation=none");
        check("5", "gradient=none intercept=none correlation=none");
    }

    #[test]
    fn decimals_stay_exact() {
        check("0.1 0.2", "sum=0.3 average=0.15");
        check("0.1 0.1 0.1", "sum=0.3 average=0.1 variance=0 std-dev=0 skew=none");
    }

    #[test]
    fn too_few_values_have_no_figure() {
        check("", "count=0 total-count=1 sum=none average=none median=none variance=none maximum=none");
        check("7", "average=7 median=7 variance=none std-dev=none skew=none kurtosis=none");
    }

    #[test]
    fn the_codes_are_those_published() {
        let system = fhir::r4().code_system("http://terminology.hl7.org/CodeSystem/observation-statistics").unwrap();
        for (_, code, _) in Statistic::ALL {
            assert!(system.concept(code).is_some(), "{code}");
        }
    }
}
