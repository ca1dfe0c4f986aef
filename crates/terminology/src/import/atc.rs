//! ATC: the table of the WHO Collaborating Centre. What lies above a code is told by its length.

use super::table::{self, Column, Columns, Shape};
use super::{About, Reading, Row, Unreadable};
use std::collections::HashMap;
use std::io::BufRead;

/// ATC's canonical address.
pub const ATC: &str = "http://www.whocc.no/atc";

/// Reads it. `heading` may say what a column means; else the usual headings of ATC count.
pub fn read(input: impl BufRead, heading: &dyn Fn(&str) -> Option<Column>) -> Result<Reading, Unreadable> {
    let meaning = |text: &str| heading(text).unwrap_or_else(|| usual(text));
    let mut reading = table::read(input, &Shape { divider: None, columns: Columns::Headed(&meaning), names_only: false })?;
    join_doses(&mut reading);
    let rows = std::mem::take(&mut reading.rows);
    for mut row in rows {
        let Some(parent) = parent_of(&row.code) else {
            reading.reject(row.line, Some(&row.code), "An ATC code has 1, 3, 4, 5 or 7 letters and digits, as A, A10, A10B, A10BA or A10BA02.");
            continue;
        };
        if row.parents.is_empty() {
            row.parents.extend(parent.map(str::to_owned));
        }
        row.is_abstract = row.code.len() < 7;
        reading.rows.push(row);
    }
    reading.about = About {
        url: ATC.to_owned(),
        name: "ATC".to_owned(),
        title: "ATC: Anatomical Therapeutic Chemical classification".to_owned(),
        publisher: Some("WHO Collaborating Centre for Drug Statistics Methodology".to_owned()),
        ..About::default()
    };
    Ok(reading)
}

fn usual(heading: &str) -> Column {
    let plain: String = heading.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "atc" | "atccode" => Column::Code,
        "name" | "atcname" | "atclevelname" | "levelname" => Column::Display,
        _ => table::usual(heading),
    }
}

/// A substance has a line for each defined daily dose: one code with several doses.
fn join_doses(reading: &mut Reading) {
    let mut first: HashMap<(String, Option<String>), usize> = HashMap::new();
    let mut rows: Vec<Row> = Vec::with_capacity(reading.rows.len());
    for row in std::mem::take(&mut reading.rows) {
        match first.get(&(row.code.clone(), row.display.clone())) {
            Some(place) => rows[*place].properties.extend(row.properties),
            None => {
                first.insert((row.code.clone(), row.display.clone()), rows.len());
                rows.push(row);
            }
        }
    }
    reading.rows = rows;
}

/// The code right above one (none for a top); none at all where it is no ATC code.
fn parent_of(code: &str) -> Option<Option<&str>> {
    let shape = ['A', '9', '9', 'A', 'A', '9', '9'];
    let fits = code.chars().zip(shape).all(|(letter, kind)| if kind == 'A' { letter.is_ascii_uppercase() } else { letter.is_ascii_digit() });
    let above = match code.len() {
        1 => None,
        3 => Some(1),
        4 => Some(3),
        5 => Some(4),
        7 => Some(5),
        _ => return None,
    };
    fits.then(|| above.map(|length| &code[..length]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_code_tells_what_lies_above() {
        let text = "ATC code,ATC level name,DDD,U,Adm.R\nA,ALIMENTARY TRACT,,,\nA10,DRUGS,,,\nA10B,ORAL,,,\nA10BA,BIGUANIDES,,,\nA10BA02,metformin,2,g,O\nB01,BLOOD,,,\nA1,odd,,,\nÄ10,odd,,,\n";
        let mut reading = read(text.as_bytes(), &|_| None).unwrap();
        reading.settle(false);
        assert_eq!(reading.rows.iter().map(|row| (&*row.code, row.parents.first().map(String::as_str), row.is_abstract)).collect::<Vec<_>>(), [("A", None, true), ("A10", Some("A"), true), ("A10B", Some("A10"), true), ("A10BA", Some("A10B"), true), ("A10BA02", Some("A10BA"), false)]);
        assert_eq!(reading.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [8, 9, 7]);
    }

    #[test]
    fn several_doses_are_one_code() {
        let mut reading = read(&b"code,name,DDD,Adm.R\nA,TOP,,\nA10,x,,\nA10B,x,,\nA10BA,x,,\nA10BA02,metformin,2,O\nA10BA02,metformin,3,P\nA10BA02,another,3,P\n"[..], &|_| None).unwrap();
        reading.settle(false);
        assert_eq!(reading.rows.last().unwrap().properties.len(), 4);
        assert_eq!(reading.rejects.len(), 1);
    }
}
