//! Tables of coefficients, read from the text files their publisher gives out.
//!
//! * A file has a head and columns parted by tabs, commas or semicolons, among them `L`, `M`, `S`, one
//!   for the place (`age` or `day` in days, `week`, `month`, `length` or `height` in cm) and, in files for
//!   both sexes, `sex` (1 boys, 2 girls, or in words). Other columns are left alone.
//! * What a spreadsheet makes of such a file is read too: cells in quotes, figures with a decimal comma where commas
//!   do not part the columns, lines of a title above the head, empty lines of separators below the rows.
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
    /// The line has signs that no table has; counted from 1.
    Signs(usize),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Column(name) => write!(f, "the head has no column {name}"),
            Wrong::Sex => f.write_str("the file has no column sex: say --sex girl or --sex boy"),
            Wrong::Line(line, column) => write!(f, "line {line}: {column} is not a number that can be"),
            Wrong::Order(line) => write!(f, "line {line}: its age or length is not above the one before"),
            Wrong::Empty => f.write_str("the file has no rows"),
            Wrong::Signs(line) => write!(f, "line {line} has signs that are no text"),
        }
    }
}

impl std::error::Error for Wrong {}

/// Days of a month in tables by month.
const MONTH_DAYS: f64 = 30.4375;

/// The columns that can tell the place, by their letters alone, and what one unit of them is in ours.
const PLACES: [(&str, f64); 19] = [
    ("day", 1.0),
    ("days", 1.0),
    ("age", 1.0),
    ("agedays", 1.0),
    ("ageindays", 1.0),
    ("week", 7.0),
    ("weeks", 7.0),
    ("agemonths", MONTH_DAYS),
    ("ageinmonths", MONTH_DAYS),
    ("agemos", MONTH_DAYS),
    ("month", MONTH_DAYS),
    ("months", MONTH_DAYS),
    ("length", 1.0),
    ("lengthcm", 1.0),
    ("height", 1.0),
    ("heightcm", 1.0),
    ("lengthincm", 1.0),
    ("heightincm", 1.0),
    ("lorh", 1.0),
];
/// Lines above the head are looked through for it up to here.
const MOST_TITLE_LINES: usize = 10;

/// Reads a file. `months` tells that a column `age` counts months, as the files for 5 to 19 years do.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(text: &str, measure: Measure, sex: Option<Sex>, months: bool) -> Result<Vec<Table>, Wrong> {
    // What is no text might still hold figures by chance.
    if let Some((number, _)) = text.lines().enumerate().find(|(_, line)| line.chars().any(|sign| sign.is_control() && sign != '\t')) {
        return Err(Wrong::Signs(number + 1));
    }
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| line.chars().any(char::is_alphanumeric)).peekable();
    lines.peek().ok_or(Wrong::Empty)?;
    let above: Vec<&str> = lines.clone().take(MOST_TITLE_LINES).map(|(_, line)| line).collect();
    // A title stands above the head, and has no columns of these names.
    let title_lines = above.iter().position(|line| is_head(line)).unwrap_or(0);
    let columns = Columns::of(above.get(title_lines).copied().unwrap_or_default(), sex.is_some(), months)?;
    let lines = lines.skip(title_lines + 1);
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
        let (sign, names) = names_of(head);
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
        let figure = |place: usize, name: &'static str| cells.get(place).and_then(|cell| self.figure(cell)).ok_or(Wrong::Line(number, name));
        let positive = |place: usize, name: &'static str| figure(place, name).and_then(|figure| if figure > 0.0 { Ok(figure) } else { Err(Wrong::Line(number, name)) });
        let whose = match (self.sex, sex) {
            (Some(place), _) => cells.get(place).and_then(|cell| sex_named(cell)).ok_or(Wrong::Line(number, "sex"))?,
            (None, Some(sex)) => sex,
            (None, None) => return Err(Wrong::Line(number, "sex")),
        };
        let lms = Lms { l: figure(self.lms[0], "L")?, m: positive(self.lms[1], "M")?, s: positive(self.lms[2], "S")? };
        Ok((whose, figure(self.place, "age")? * self.unit, lms))
    }

    /// A figure, with a point or, where commas do not part the columns, a decimal comma.
    fn figure(&self, cell: &str) -> Option<f64> {
        let is_figure = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
        let with_comma = self.sign != Some(',') && !cell.contains('.') && cell.matches(',').count() == 1;
        let signed = cell.replace('\u{2212}', "-");
        let text = if with_comma { signed.replace(',', ".") } else { signed };
        text.parse::<f64>().ok().filter(|figure| figure.is_finite() && is_figure(&text))
    }
}

/// The sex a cell names, as figure or word.
fn sex_named(cell: &str) -> Option<Sex> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "m" | "male" | "boy" | "boys" => Some(Sex::Boy),
        "2" | "f" | "female" | "girl" | "girls" => Some(Sex::Girl),
        _ => None,
    }
}

/// What parts the columns of a head, and their names by their letters alone.
fn names_of(head: &str) -> (Option<char>, Vec<String>) {
    let sign = ['\t', ';', ','].into_iter().find(|sign| head.contains(*sign));
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    (sign, cells(head, sign).map(letters).collect())
}

fn is_head(line: &str) -> bool {
    let names = names_of(line).1;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    ["l", "m", "s"].into_iter().filter(|name| has(name)).count() >= 2 && PLACES.iter().any(|(name, _)| has(name))
}

fn cells(line: &str, sign: Option<char>) -> impl Iterator<Item = &str> {
    line.split(move |letter: char| sign.map_or(letter.is_whitespace(), |sign| letter == sign)).map(|cell| cell.trim().trim_matches('"').trim())
}

/// What the name of a file tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named {
    /// What is compared.
    pub measure: Measure,
    /// A column `age` counts months.
    pub months: bool,
    /// Of whom, where the name says so.
    pub sex: Option<Sex>,
}

/// What is told by a name under which the World Health Organization gives a file out: `weianthro.txt` (0–5 years) and the
/// like, `hfawho2007.txt` (5–19 years), or a table of one sex as `bmi-girls-z-who-2007-exp.csv`.
pub fn of_file(name: &str) -> Option<Named> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    let of_both = |measure, months| Some(Named { measure, months, sex: None });
    match stem.as_str() {
        "weianthro" => return of_both(Measure::WeightForAge, false),
        "lenanthro" => return of_both(Measure::HeightForAge, false),
        "wfhanthro" => return of_both(Measure::WeightForHeight, false),
        "wflanthro" => return of_both(Measure::WeightForLength, false),
        "bmianthro" => return of_both(Measure::BmiForAge, false),
        "hcanthro" => return of_both(Measure::HeadForAge, false),
        "wfawho2007" => return of_both(Measure::WeightForAge, true),
        "hfawho2007" => return of_both(Measure::HeightForAge, true),
        "bfawho2007" => return of_both(Measure::BmiForAge, true),
        _ => {}
    }
    let words: Vec<&str> = stem.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let measure = words.iter().find_map(|word| match *word {
        "wfa" => Some(Measure::WeightForAge),
        "hfa" | "lfa" | "lhfa" => Some(Measure::HeightForAge),
        "wfh" => Some(Measure::WeightForHeight),
        "wfl" => Some(Measure::WeightForLength),
        "bfa" | "bmi" => Some(Measure::BmiForAge),
        "hcfa" => Some(Measure::HeadForAge),
        _ => None,
    })?;
    // Of the measures two words begin with the same letters, so the sex is a word of its own.
    let sex = words.iter().find_map(|word| if matches!(*word, "1" | "2" | "m" | "f") { None } else { sex_named(word) });
    let months = words.iter().any(|word| matches!(*word, "2007" | "who2007" | "5to19" | "519"));
    Some(Named { measure, months, sex })
}

/// The coefficients at a place between two rows.
pub(super) fn between((low, here): (f64, Lms), (high, there): (f64, Lms), place: f64) -> Lms {
    let part = (place - low) / (high - low);
    let mean = |one: f64, other: f64| one + (other - one) * part;
    Lms { l: mean(here.l, there.l), m: mean(here.m, there.m), s: mean(here.s, there.s) }
}

impl Table {
    /// The coefficients at an age in days or a length in cm; none beyond the rows.
    pub fn at(&self, place: f64) -> Option<Lms> {
        let above = self.rows.partition_point(|(own, _)| *own < place);
        let (high, there) = self.rows.get(above)?;
        if *high == place {
            return Some(*there);
        }
        Some(between(*self.rows.get(above.checked_sub(1)?)?, (*high, *there), place))
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

    /// One table, as its publisher and three spreadsheets write it.
    #[test]
    fn what_a_spreadsheet_makes_of_a_file_is_the_same_table() {
        let plain = read("sex\tage\tl\tm\ts\n2\t61\t-0.7387\t15.2441\t0.0969\n2\t62\t-0.8\t15.25\t0.097\n", Measure::BmiForAge, None, true).unwrap();
        for text in [
            "\u{feff}Month,L,M,S,SD4neg,Median\r\n61,-0.7387,15.2441,0.0969,10.1,15.2\r\n62,-0.8,15.25,0.097,10.1,15.2\r\n",
            "Month;L;M;S\r\n61;-0,7387;15,2441;0,0969\r\n62;-0,8;15,25;0,097\r\n;;;\r\n",
            "BMI-for-age GIRLS;;;\n5 to 19 years (z-scores);;;\n\nMonth;L;M;S\n61;-0,7387;15,2441;0,0969\n62;-0,8;15,25;0,097\n",
            "\"Month\",\"L\",\"M\",\"S\"\n\"61\",\"-0.7387\",\"15.2441\",\"0.0969\"\n\"62\",\"-0.8\",\"15.25\",\"0.097\"\n",
            "Age (months)\tL\tM\tS\n61\t\u{2212}0,7387\t15,2441\t0,0969\n62\t-0,8\t15,25\t0,097\n",
            "gender\tmonths\tL\tM\tS\ngirls\t61\t-0.7387\t15.2441\t0.0969\nF\t62\t-0.8\t15.25\t0.097\n",
        ] {
            assert_eq!(read(text, Measure::BmiForAge, Some(Sex::Girl), false).as_ref(), Ok(&plain), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_file_tells_what_is_compared_of_whom_and_how_ages_are_counted() {
        for (name, measure, months, sex) in [
            ("weianthro.txt", Measure::WeightForAge, false, None),
            ("HFAWHO2007.TXT", Measure::HeightForAge, true, None),
            ("bmi-girls-z-who-2007-exp.csv", Measure::BmiForAge, true, Some(Sex::Girl)),
            ("hfa_boys_z_WHO2007_exp.txt", Measure::HeightForAge, true, Some(Sex::Boy)),
            ("wfa-boys-5-10years-z.csv", Measure::WeightForAge, false, Some(Sex::Boy)),
            ("lhfa_girls_p_exp.txt", Measure::HeightForAge, false, Some(Sex::Girl)),
            ("wfl_boys_0-to-2-years_zscores.csv", Measure::WeightForLength, false, Some(Sex::Boy)),
        ] {
            assert_eq!(of_file(name), Some(Named { measure, months, sex }), "{name}");
        }
        for name in ["ssanthro.txt", "girls.csv", "acfa-girls.txt", ""] {
            assert_eq!(of_file(name), None, "{name}");
        }
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
        // A comma that parts columns is no decimal comma, and a figure has one of them.
        check("sex,age,l,m,s\n1,0,1,10,0,1\n1,x,1,1,1\n", Wrong::Line(2, "S"));
        check("sex;age;l;m;s\n1;0;1;1,0,0;1\n", Wrong::Line(2, "M"));
        check("sex;age;l;m;s\n1;0;1;1e;1\n", Wrong::Line(2, "M"));
        check("sex;age;l;m;s\n1;0;1;inf;1\n", Wrong::Line(2, "M"));
        check("sex\tage\tl\tm\ts\n1\t5\t1\t1\t1\n1\t5\t1\t1\t1\n", Wrong::Order(3));
    }
}
