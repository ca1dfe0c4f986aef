//! Tables of coefficients, read from the text files their publisher gives out.
//!
//! * A file has a head and columns parted by tabs, commas or semicolons, among them `L`, `M`, `S`, one
//!   for the place (`age` or `day` in days, `month`, `length` or `height` in cm) and, in files for
//!   both sexes, `sex` (1 boys, 2 girls). Other columns are left alone.
//! * Ages between two rows are interpolated; beyond the rows there is no score.
//! * A file with one wrong line is refused as a whole, with the line.

use std::fmt;

use super::{Lms, Measure};

/// The sex a table is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sex {
    /// Girls.
    Girl,
    /// Boys.
    Boy,
}

/// Coefficients of one measure for one sex, by age in days or by length in cm.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// What is compared.
    pub measure: Measure,
    /// Of whom.
    pub sex: Sex,
    /// Place and coefficients, by place.
    pub rows: Vec<(f64, Lms)>,
}

/// What is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The head lacks a column.
    Column(&'static str),
    /// The file has no column for the sex, and nobody said whose it is.
    Sex,
    /// A line cannot be read; counted from 1, with the column.
    Line(usize, &'static str),
    /// The places of the rows do not rise.
    Order(usize),
    /// There are no rows.
    Empty,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Column(name) => write!(f, "the head has no column {name}"),
            Wrong::Sex => f.write_str("the file has no column sex: say --sex girl or --sex boy"),
            Wrong::Line(line, column) => write!(f, "line {line}: {column} is not a number that can be"),
            Wrong::Order(line) => write!(f, "line {line}: its age or length is not above the one before"),
            Wrong::Empty => f.write_str("the file has no rows"),
        }
    }
}

impl std::error::Error for Wrong {}

/// Days of a month in tables by month.
const MONTH_DAYS: f64 = 30.4375;

/// The columns that can tell the place, and what one unit of them is in ours.
const PLACES: [(&str, f64); 7] = [("day", 1.0), ("age", 1.0), ("agedays", 1.0), ("month", MONTH_DAYS), ("months", MONTH_DAYS), ("length", 1.0), ("height", 1.0)];

/// Reads a file. `months` tells that a column `age` counts months, as the files for 5 to 19 years do.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(text: &str, measure: Measure, sex: Option<Sex>, months: bool) -> Result<Vec<Table>, Wrong> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, head) = lines.next().ok_or(Wrong::Empty)?;
    let columns = Columns::of(head, sex.is_some(), months)?;
    let mut tables: Vec<Table> = Vec::new();
    for (number, line) in lines {
        let line_number = number + 1;
        let (whose, place, lms) = columns.row(line, sex, line_number)?;
        let found = tables.iter().position(|table| table.sex == whose);
        let at = found.unwrap_or_else(|| {
            tables.push(Table { measure, sex: whose, rows: Vec::new() });
            tables.len() - 1
        });
        if tables[at].rows.last().is_some_and(|(last, _)| *last >= place) {
            return Err(Wrong::Order(line_number));
        }
        tables[at].rows.push((place, lms));
    }
    if tables.is_empty() { Err(Wrong::Empty) } else { Ok(tables) }
}

struct Columns {
    sign: Option<char>,
    place: usize,
    unit: f64,
    sex: Option<usize>,
    lms: [usize; 3],
}

impl Columns {
    fn of(head: &str, is_sex_known: bool, months: bool) -> Result<Columns, Wrong> {
        let sign = ['\t', ';', ','].into_iter().find(|sign| head.contains(*sign));
        let names: Vec<String> = cells(head, sign).map(|name| name.trim_matches('"').to_ascii_lowercase()).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let (name, unit) = *PLACES.iter().find(|(name, _)| find(name).is_some()).ok_or(Wrong::Column("age, day, month, length or height"))?;
        let place = find(name).ok_or(Wrong::Column("age"))?;
        let sex = find("sex").or_else(|| find("gender"));
        if sex.is_none() && !is_sex_known {
            return Err(Wrong::Sex);
        }
        let lms = [find("l").ok_or(Wrong::Column("L"))?, find("m").ok_or(Wrong::Column("M"))?, find("s").ok_or(Wrong::Column("S"))?];
        Ok(Columns { sign, place, unit: if months && name == "age" { MONTH_DAYS } else { unit }, sex, lms })
    }

    fn row(&self, line: &str, sex: Option<Sex>, number: usize) -> Result<(Sex, f64, Lms), Wrong> {
        let cells: Vec<&str> = cells(line, self.sign).collect();
        let figure = |place: usize, name: &'static str| cells.get(place).and_then(|cell| cell.parse::<f64>().ok()).filter(|figure| figure.is_finite()).ok_or(Wrong::Line(number, name));
        let positive = |place: usize, name: &'static str| figure(place, name).and_then(|figure| if figure > 0.0 { Ok(figure) } else { Err(Wrong::Line(number, name)) });
        let whose = match (self.sex.and_then(|place| cells.get(place)), sex) {
            (Some(&"1"), _) => Sex::Boy,
            (Some(&"2"), _) => Sex::Girl,
            (None, Some(sex)) => sex,
            _ => return Err(Wrong::Line(number, "sex")),
        };
        let lms = Lms { l: figure(self.lms[0], "L")?, m: positive(self.lms[1], "M")?, s: positive(self.lms[2], "S")? };
        Ok((whose, figure(self.place, "age")? * self.unit, lms))
    }
}

fn cells(line: &str, sign: Option<char>) -> impl Iterator<Item = &str> {
    line.split(move |letter: char| sign.map_or(letter.is_whitespace(), |sign| letter == sign)).map(str::trim)
}

/// The measure, and whether its column `age` counts months, of a file that has the name under which the
/// World Health Organization gives it out: `weianthro.txt` (0–5 years) and the like, `hfawho2007.txt` (5–19 years).
pub fn of_file(name: &str) -> Option<(Measure, bool)> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    Some(match stem.as_str() {
        "weianthro" => (Measure::WeightForAge, false),
        "lenanthro" => (Measure::HeightForAge, false),
        "wfhanthro" => (Measure::WeightForHeight, false),
        "wflanthro" => (Measure::WeightForLength, false),
        "bmianthro" => (Measure::BmiForAge, false),
        "hcanthro" => (Measure::HeadForAge, false),
        "wfawho2007" => (Measure::WeightForAge, true),
        "hfawho2007" => (Measure::HeightForAge, true),
        "bfawho2007" => (Measure::BmiForAge, true),
        _ => return None,
    })
}

impl Table {
    /// The coefficients at an age in days or a length in cm; none beyond the rows.
    pub fn at(&self, place: f64) -> Option<Lms> {
        let above = self.rows.partition_point(|(own, _)| *own < place);
        let (high, there) = self.rows.get(above)?;
        if *high == place {
            return Some(*there);
        }
        let (low, here) = self.rows.get(above.checked_sub(1)?)?;
        let part = (place - low) / (high - low);
        let between = |one: f64, other: f64| one + (other - one) * part;
        Some(Lms { l: between(here.l, there.l), m: between(here.m, there.m), s: between(here.s, there.s) })
    }

    /// The table as text in our own form, which [`read`] reads back.
    pub fn text(&self) -> String {
        use fmt::Write;
        let mut text = String::from("sex\tday\tL\tM\tS\n");
        let sex = if self.sex == Sex::Boy { 1 } else { 2 };
        for (place, lms) in &self.rows {
            let _ = writeln!(text, "{sex}\t{place}\t{}\t{}\t{}", lms.l, lms.m, lms.s);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invented coefficients: none of any publisher.
    const BOTH: &str = "sex\tage\tl\tm\ts\tloh\n1\t0\t1\t10\t0.1\tL\n1\t10\t2\t20\t0.2\tL\n2\t0\t1\t8\t0.1\tL\n2\t10\t1\t9\t0.1\tL\n";

    #[test]
    fn a_file_for_both_sexes_gives_two_tables_and_ages_between_rows_are_interpolated() {
        let tables = read(BOTH, Measure::WeightForAge, None, false).unwrap();
        assert_eq!(tables.len(), 2);
        let boys = tables.iter().find(|table| table.sex == Sex::Boy).unwrap();
        assert_eq!(boys.at(10.0), Some(Lms { l: 2.0, m: 20.0, s: 0.2 }));
        let half = boys.at(5.0).unwrap();
        assert!((half.l - 1.5).abs() < 1e-12 && (half.m - 15.0).abs() < 1e-12 && (half.s - 0.15).abs() < 1e-12);
        assert_eq!((boys.at(-1.0), boys.at(10.5)), (None, None));
    }

    #[test]
    fn months_are_counted_in_days_and_a_table_reads_back_what_it_writes() {
        let tables = read("Month,L,M,S\n0,1,10,0.1\n12,1,12,0.1\n", Measure::BmiForAge, Some(Sex::Girl), false).unwrap();
        assert_eq!(tables[0].rows[1].0, 365.25);
        assert_eq!(read(&tables[0].text(), Measure::BmiForAge, None, false).unwrap(), tables);
        let older = read("sex age l m s\n1 61 1 10 0.1\n", Measure::BmiForAge, None, true).unwrap();
        assert_eq!(older[0].rows[0].0, 61.0 * MONTH_DAYS);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |text: &str, wrong: Wrong| assert_eq!(read(text, Measure::WeightForAge, None, false), Err(wrong), "{text}");
        check("", Wrong::Empty);
        check("sex\tage\tl\tm\ts\n", Wrong::Empty);
        check("sex\tage\tl\tm\n", Wrong::Column("S"));
        check("age\tl\tm\ts\n0\t1\t1\t1\n", Wrong::Sex);
        check("sex\tage\tl\tm\ts\n1\t0\t1\tx\t1\n", Wrong::Line(2, "M"));
        check("sex\tage\tl\tm\ts\n3\t0\t1\t1\t1\n", Wrong::Line(2, "sex"));
        check("sex\tage\tl\tm\ts\n1\t0\t1\t1\t-1\n", Wrong::Line(2, "S"));
        check("sex\tage\tl\tm\ts\n1\t5\t1\t1\t1\n1\t5\t1\t1\t1\n", Wrong::Order(3));
    }
}
