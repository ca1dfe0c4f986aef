//! A table with headings: comma, semicolon, tab or bar between the cells.
//!
//! | Heading | Meaning |
//! |---|---|
//! | `code` | the code |
//! | `display` | what it is called |
//! | `display:es` | what it is called in a language |
//! | `definition`, `parent`, `status`, `inactive` | as they say; several parents are divided by a bar |
//! | any other | a property of that name |

use super::bounded::{Bounded, too_long};
use super::quotes::Quotes;
use super::{MOST_ROWS, Name, Reading, Row, Said, Unreadable, is_code};
use std::io::BufRead;

/// A longer cell is a quotation mark that was never closed.
const LONGEST_CELL: usize = 64 << 10;

/// What a column means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The code.
    Code,
    /// What it is called.
    Display,
    /// What it is called in a language.
    Name(Option<String>),
    /// What it means.
    Definition,
    /// The codes right above it.
    Parent,
    /// `active`, `retired`…
    Status,
    /// True or 1 for what is no longer used.
    Inactive,
    /// A property.
    Property(String),
    /// Not taken.
    Passed,
}

/// How a table is written.
pub struct Shape<'s> {
    /// Between the cells; none where the first line tells.
    pub divider: Option<u8>,
    /// What each column means, by its heading; or, without headings, by its number and their count.
    pub columns: Columns<'s>,
    /// A row without a display is kept: names for codes that stand elsewhere.
    pub names_only: bool,
}

/// How the meaning of columns is known.
pub enum Columns<'s> {
    /// By the headings of the first line.
    Headed(&'s dyn Fn(&str) -> Column),
    /// By their place.
    Placed(&'s dyn Fn(usize, usize) -> Column),
}

/// The usual meaning of a heading.
pub fn usual(heading: &str) -> Column {
    let heading = heading.trim();
    let lower = heading.to_lowercase();
    match lower.as_str() {
        "code" => Column::Code,
        "display" => Column::Display,
        "definition" => Column::Definition,
        "parent" => Column::Parent,
        "status" => Column::Status,
        "inactive" => Column::Inactive,
        "" => Column::Passed,
        _ => match lower.strip_prefix("display:") {
            Some(language) => Column::Name(Some(language.to_owned())),
            None => Column::Property(property(heading)),
        },
    }
}

/// A heading as the code of a property.
pub fn property(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join("_")
}

/// Reads a table.
pub fn read(input: impl BufRead, shape: &Shape<'_>) -> Result<Reading, Unreadable> {
    let unread = |cause: std::io::Error| Unreadable::new(None, format!("It could not be read: {cause}"));
    let mut input = Bounded::new(input, b"\n").map_err(unread)?;
    let divider = match shape.divider {
        Some(divider) => divider,
        None => divider_of(input.fill_buf().map_err(unread)?),
    };
    // Tables with tabs and bars are written without quotation marks, which stand for themselves there.
    let is_quoted = matches!(divider, b',' | b';');
    let mut rows = csv::ReaderBuilder::new().delimiter(divider).quoting(is_quoted).flexible(true).has_headers(false).from_reader(Quotes::new(input, is_quoted.then_some(divider)));
    let mut record = csv::ByteRecord::new();
    let mut columns: Option<Vec<Column>> = None;
    let mut reading = Reading::default();
    loop {
        let place = rows.position().byte();
        match rows.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(cause) => {
                let reason = if cause.to_string().contains(&too_long()) { too_long() } else { format!("It could not be read: {cause}") };
                return Err(Unreadable::new(rows.get_ref().inner.line_at(place), reason));
            }
        }
        let line = rows.get_ref().inner.line_at(place);
        let is_torn = rows.get_ref().is_torn(place, rows.position().byte());
        if is_torn && columns.is_none() {
            return Err(Unreadable::new(line, TORN));
        }
        let columns = match (&columns, &shape.columns) {
            (Some(columns), _) => columns,
            (None, Columns::Headed(meaning)) => {
                columns = Some(headings(&record, line, meaning)?);
                continue;
            }
            (None, Columns::Placed(meaning)) => columns.insert((0..record.len()).map(|place| meaning(place, record.len())).collect()),
        };
        if reading.rows.len() >= MOST_ROWS {
            return Err(Unreadable::new(line, format!("The table has more than {MOST_ROWS} rows; divide it.")));
        }
        let read = match row(&record, line, columns, shape.names_only) {
            Ok(read) if is_torn => Err((read.map(|row| row.code), TORN.to_owned())),
            Err((code, _)) if is_torn => Err((code, TORN.to_owned())),
            read => read,
        };
        match read {
            Ok(Some(row)) => reading.rows.push(row),
            Ok(None) => {}
            Err((code, reason)) => reading.reject(line, code.as_deref(), reason),
        }
    }
    if columns.is_none() {
        return Err(Unreadable::new(None, "The file is empty."));
    }
    Ok(reading)
}

/// What divides the first line most often.
fn divider_of(start: &[u8]) -> u8 {
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |divider: &u8| first.iter().filter(|byte| *byte == divider).count();
    *[b',', b';', b'|', b'\t'].iter().max_by_key(|divider| count(divider)).unwrap_or(&b',')
}

fn headings(record: &csv::ByteRecord, line: u64, meaning: &dyn Fn(&str) -> Column) -> Result<Vec<Column>, Unreadable> {
    let mut columns = Vec::with_capacity(record.len());
    for cell in record {
        let heading = std::str::from_utf8(cell).map_err(|_| Unreadable::new(line, NOT_UTF8))?;
        columns.push(meaning(heading));
    }
    for single in [Column::Code, Column::Display] {
        if columns.iter().filter(|column| **column == single).count() > 1 {
            return Err(Unreadable::new(line, format!("Two columns mean {single:?}; one may.")));
        }
    }
    if !columns.contains(&Column::Code) {
        return Err(Unreadable::new(line, "No column is headed `code`; rename one, or say which it is with --column code=HEADING."));
    }
    Ok(columns)
}

const NOT_UTF8: &str = "It is not UTF-8; convert the file, as with `iconv -f WINDOWS-1251 -t UTF-8`.";

const TORN: &str = "A quotation mark is not closed where its cell ends, and lines after it were read as one cell; close it, or double it where it stands for itself.";

type Refused = (Option<String>, String);

/// A row; none for an empty line.
fn row(record: &csv::ByteRecord, line: u64, columns: &[Column], names_only: bool) -> Result<Option<Row>, Refused> {
    let mut row = Row { line, ..Row::default() };
    let code = columns.iter().position(|column| *column == Column::Code).and_then(|place| record.get(place)).and_then(|cell| std::str::from_utf8(cell).ok()).map(|code| code.trim().to_owned());
    let known = code.filter(|code| is_code(code));
    let refuse = |reason: &str| Err((known.clone(), reason.to_owned()));
    if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
        return Ok(None);
    }
    if record.len() > columns.len() {
        return refuse("The row has more cells than there are columns.");
    }
    if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
        return refuse("A cell has more than 65,536 letters; is a quotation mark not closed?");
    }
    for (cell, column) in record.iter().zip(columns) {
        let Ok(cell) = std::str::from_utf8(cell) else { return refuse(NOT_UTF8) };
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match column {
            Column::Code => row.code = cell.to_owned(),
            Column::Display => row.display = Some(cell.to_owned()),
            Column::Name(language) => row.names.push(Name { language: language.clone(), value: cell.to_owned(), kind: None }),
            Column::Definition => row.definition = Some(cell.to_owned()),
            Column::Parent => row.parents.extend(cell.split('|').map(|parent| parent.trim().to_owned()).filter(|parent| !parent.is_empty())),
            Column::Status => {
                row.is_inactive |= matches!(cell.to_lowercase().as_str(), "inactive" | "retired" | "deprecated" | "obsolete");
                row.properties.push(("status".to_owned(), Said::Text(cell.to_owned())));
            }
            Column::Inactive => row.is_inactive |= matches!(cell.to_lowercase().as_str(), "1" | "true" | "yes" | "y"),
            Column::Property(name) => row.properties.push((name.clone(), Said::Text(cell.to_owned()))),
            Column::Passed => {}
        }
    }
    if row.code.is_empty() {
        return refuse("The row has no code.");
    }
    if !is_code(&row.code) {
        return refuse("The code has double spaces or signs that cannot be printed, or more than 500 letters.");
    }
    if row.display.is_none() {
        // What has a name in one language only is called by it.
        row.display = row.names.first().map(|name| name.value.clone());
    }
    if row.display.is_none() && !names_only {
        return refuse("The row has a code but no display.");
    }
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual_shape() -> Shape<'static> {
        Shape { divider: None, columns: Columns::Headed(&usual), names_only: false }
    }

    fn read_usual(text: &[u8]) -> Result<Reading, Unreadable> {
        read(text, &usual_shape())
    }

    #[test]
    fn a_table_is_read_whatever_divides_it() {
        for (divider, quote) in [(",", "\""), (";", "\""), ("\t", ""), ("|", "")] {
            let text = format!("\u{feff}Code{divider}Display{divider}display:vi{divider}Parent{divider}Care level\r\nA{divider}{quote}Heart{quote}{divider}Tim{divider}{divider}2\r\n\r\nA.1{divider}Valve{divider}{divider}A{divider}\r\n");
            let reading = read_usual(text.as_bytes()).unwrap();
            assert_eq!(reading.rejects, []);
            assert_eq!(reading.rows.len(), 2, "{divider}");
            assert_eq!((&*reading.rows[0].code, reading.rows[0].display.as_deref(), reading.rows[0].line), ("A", Some("Heart"), 2));
            assert_eq!(reading.rows[0].names, [Name { language: Some("vi".into()), value: "Tim".into(), kind: None }]);
            assert_eq!(reading.rows[0].properties, [("Care_level".to_owned(), Said::Text("2".into()))]);
            assert_eq!((&reading.rows[1].parents[..], reading.rows[1].line), (&["A".to_owned()][..], 4));
        }
    }

    #[test]
    fn a_flawed_row_is_rejected_with_its_line_and_the_rest_is_kept() {
        let reading = read_usual(b"code,display\nA,Alpha\n,Nameless\nB\nC,Gamma,more\nD,\xff\xfe\nE  E,Epsilon\nF,Phi\n").unwrap();
        assert_eq!(reading.rows.iter().map(|row| &*row.code).collect::<Vec<_>>(), ["A", "F"]);
        let told: Vec<(u64, &str)> = reading.rejects.iter().map(|reject| (reject.line, &*reject.reason)).collect();
        for ((line, reason), (expect, part)) in told.iter().zip([(3, "no code"), (4, "no display"), (5, "more cells"), (6, "UTF-8"), (7, "double spaces")]) {
            assert!(*line == expect && reason.contains(part), "{line} {reason}");
        }
        assert_eq!(told.len(), 5);
    }

    #[test]
    fn what_is_no_table_is_refused_whole() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "empty"),
            (b"a,b\n1,2\n", "No column is headed"),
            (b"code,code\n1,2\n", "Two columns"),
            (b"c\xf3digo,display\n", "UTF-8"),
            (b"\0\0\0\0", "No column is headed"),
        ];
        for (text, part) in cases {
            let refused = read_usual(text).unwrap_err();
            assert!(refused.reason.contains(part), "{refused}");
        }
    }

    #[test]
    fn a_line_of_a_hundred_megabytes_ends_early_and_costs_no_memory() {
        // Made while it is read: only the bound keeps it from being held whole.
        let endless = std::io::Read::take(std::io::repeat(b'x'), 100 << 20);
        let text = std::io::BufReader::new(std::io::Read::chain(&b"code,display\nA,"[..], endless));
        let refused = read(text, &usual_shape()).unwrap_err();
        assert!(refused.reason.contains("without an end") && refused.line == Some(2), "{refused}");
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_noticed() {
        let text = format!("code,display\nA,\"Alpha\n{}", "B,Beta\n".repeat(20_000));
        let reading = read_usual(text.as_bytes()).unwrap();
        assert!(reading.rows.is_empty() && reading.rejects.len() == 1);
        assert!(reading.rejects[0].reason.contains("quotation mark"));
    }

    #[test]
    fn a_quotation_mark_that_swallows_few_rows_is_noticed_too() {
        for (text, codes, line) in [
            ("code,display\nA,\"unterminated\nB,Beta\n", &[][..], 2),
            ("code;display\nZ;Zeta\nA;\"Alpha", &["Z"][..], 3),
            ("code,display\nA,\"Alpha\nB,\"Beta\"\nC,Gamma\n", &["C"][..], 2),
        ] {
            let reading = read_usual(text.as_bytes()).unwrap();
            assert_eq!(reading.rows.iter().map(|row| &*row.code).collect::<Vec<_>>(), codes, "{text}");
            assert_eq!(reading.rejects.len(), 1, "{text}");
            let reject = &reading.rejects[0];
            assert!(reject.line == line && reject.code.as_deref() == Some("A") && reject.reason.contains("quotation mark"), "{reject:?}");
        }
        // Lines in a cell, marks within a cell, and marks of a table without quotation are no such thing.
        for text in ["code,display\nA,\"two\nlines\"\nB,5\" pipe\n", "code,display\nA,\"x \"\"y\"\"\"\nB,\"x\" y\n", "code\tdisplay\nA\t\"x\nB\ty\n"] {
            let reading = read_usual(text.as_bytes()).unwrap();
            assert_eq!((reading.rows.len(), reading.rejects.len()), (2, 0), "{text}");
        }
        assert!(read_usual(b"code,\"display\nA,Alpha\n").unwrap_err().reason.contains("quotation mark"));
    }

    #[test]
    fn a_status_tells_what_is_no_longer_used() {
        let reading = read_usual(b"code,display,status,inactive\nA,a,active,\nB,b,Retired,\nC,c,,true\n").unwrap();
        assert_eq!(reading.rows.iter().map(|row| row.is_inactive).collect::<Vec<_>>(), [false, true, true]);
    }
}
