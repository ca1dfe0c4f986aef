//! CVX: the file with bars between its cells that the CDC publishes, without headings.
//!
//! `code|short name|full name|note|status|…|is no vaccine|date`; older files have a number more.

use super::table::{Column, Columns, Shape, read as read_table};
use super::{About, Reading, Unreadable};
use crate::starter::CVX;
use std::io::BufRead;

/// Reads it.
pub fn read(input: impl BufRead) -> Result<Reading, Unreadable> {
    let column = |place: usize, count: usize| match place {
        0 => Column::Code,
        1 => Column::Display,
        2 => Column::Name(Some("en".to_owned())),
        3 => Column::Property("note".to_owned()),
        4 => Column::Status,
        _ if place + 2 == count => Column::Property("nonvaccine".to_owned()),
        _ if place + 1 == count => Column::Property("updated".to_owned()),
        _ => Column::Passed,
    };
    let mut reading = read_table(input, &Shape { divider: Some(b'|'), columns: Columns::Placed(&column), names_only: false })?;
    if let Some(strange) = reading.rows.iter().find(|row| row.code.is_empty() || row.code.len() > 4 || !row.code.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Unreadable::new(strange.line, "A CVX code is a number; this is not the CDC's file with bars between the cells."));
    }
    reading.about = About {
        url: CVX.to_owned(),
        name: "CVX".to_owned(),
        title: "CVX: vaccines administered".to_owned(),
        publisher: Some("United States Centers for Disease Control and Prevention".to_owned()),
        language: Some("en".to_owned()),
        ..About::default()
    };
    Ok(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_file_are_read() {
        for text in ["03     |MMR|measles, mumps and rubella||Active|False|2020/06/02\n27|botulinum \"antitoxin\"|botulinum antitoxin|a note|Inactive|True|2020/09/04\n", "03|MMR|measles, mumps and rubella||Active|17|False|2020/06/02\n27|botulinum \"antitoxin\"|botulinum antitoxin|a note|Inactive|18|True|2020/09/04\n"] {
            let reading = read(text.as_bytes()).unwrap();
            assert_eq!(reading.rejects, []);
            assert_eq!(reading.rows.iter().map(|row| (&*row.code, row.display.as_deref().unwrap(), row.is_inactive)).collect::<Vec<_>>(), [("03", "MMR", false), ("27", "botulinum \"antitoxin\"", true)]);
            assert_eq!(reading.rows[1].properties.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["note", "status", "nonvaccine", "updated"]);
        }
    }

    #[test]
    fn another_file_is_not_taken_for_it() {
        for text in ["code,display\nA,Alpha\n", "<xml/>", "LOINC_NUM|NAME\n1-8|x\n"] {
            assert!(read(text.as_bytes()).is_err() || read(text.as_bytes()).unwrap().rows.is_empty(), "{text}");
        }
    }
}
