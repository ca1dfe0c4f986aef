//! LOINC: `Loinc.csv` of its distribution, and the tables of its linguistic variants.
//!
//! Taken are the long common name, the short and the display name, the six axes, class and status.
//! The rest of the table stays where it is.

use super::table::{Column, Columns, Shape, read as read_table};
use super::{About, Reading, Said, Unreadable};
use crate::starter::LOINC;
use std::io::BufRead;

/// What every copy has to say.
pub const NOTICE: &str = "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the license at http://loinc.org/license. LOINC® is a registered United States trademark of Regenstrief Institute, Inc.";

/// Reads the main table.
pub fn read(input: impl BufRead) -> Result<Reading, Unreadable> {
    let meaning = |heading: &str| match heading.trim() {
        "LOINC_NUM" => Column::Code,
        "LONG_COMMON_NAME" => Column::Display,
        "SHORTNAME" | "DisplayName" => Column::Name(Some("en".to_owned())),
        "STATUS" => Column::Status,
        axis @ ("COMPONENT" | "PROPERTY" | "TIME_ASPCT" | "SYSTEM" | "SCALE_TYP" | "METHOD_TYP" | "CLASS") => Column::Property(axis.to_owned()),
        _ => Column::Passed,
    };
    let mut reading = read_table(input, &Shape { divider: Some(b','), columns: Columns::Headed(&meaning), names_only: false }).map_err(explained)?;
    for row in &mut reading.rows {
        for (name, _) in row.properties.iter_mut().filter(|(name, _)| name == "status") {
            *name = "STATUS".to_owned();
        }
        // DISCOURAGED and TRIAL may still be used.
        row.properties.retain(|(name, said)| name != "STATUS" || *said != Said::Text("ACTIVE".to_owned()));
        row.names.dedup();
    }
    reading.about = About {
        url: LOINC.to_owned(),
        name: "LOINC".to_owned(),
        title: "LOINC".to_owned(),
        publisher: Some("Regenstrief Institute, Inc.".to_owned()),
        copyright: Some(NOTICE.to_owned()),
        language: Some("en".to_owned()),
        ..About::default()
    };
    Ok(reading)
}

/// Reads the table of a linguistic variant: names in one language.
pub fn variant(input: impl BufRead, language: &str) -> Result<Reading, Unreadable> {
    let meaning = |heading: &str| match heading.trim() {
        "LOINC_NUM" => Column::Code,
        "LONG_COMMON_NAME" | "LinguisticVariantDisplayName" => Column::Name(Some(language.to_owned())),
        _ => Column::Passed,
    };
    read_table(input, &Shape { divider: Some(b','), columns: Columns::Headed(&meaning), names_only: true }).map_err(explained)
}

/// The language of a variant, by the name of its file: `esMX12LinguisticVariant.csv` is `es-MX`.
pub fn language_of(file_name: &str) -> Option<String> {
    let start = file_name.strip_suffix("LinguisticVariant.csv")?;
    let letters: String = start.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_one = letters.len() == 4 && start[4..].bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| format!("{}-{}", &letters[..2], &letters[2..]))
}

fn explained(cause: Unreadable) -> Unreadable {
    match cause.reason.starts_with("No column") {
        true => Unreadable { reason: "No column is headed LOINC_NUM: this is not Loinc.csv of the distribution (LoincTable/Loinc.csv).".to_owned(), ..cause },
        false => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_a_variant_are_read() {
        let text = "\"LOINC_NUM\",\"COMPONENT\",\"PROPERTY\",\"STATUS\",\"CHNG_TYPE\",\"LONG_COMMON_NAME\",\"SHORTNAME\"\n\"718-7\",\"Hemoglobin\",\"MCnc\",\"ACTIVE\",\"MIN\",\"Hemoglobin [Mass/volume] in Blood\",\"Hgb Bld-mCnc\"\n\"1-8\",\"x\",\"y\",\"DEPRECATED\",\"\",\"An old one\",\"\"\n";
        let mut reading = read(text.as_bytes()).unwrap();
        let (first, second) = (&reading.rows[0], &reading.rows[1]);
        assert_eq!(first.properties, [("COMPONENT".to_owned(), Said::Text("Hemoglobin".into())), ("PROPERTY".to_owned(), Said::Text("MCnc".into()))]);
        assert!(!first.is_inactive && second.is_inactive);
        let names = variant(&b"\"ID\",\"LOINC_NUM\",\"LONG_COMMON_NAME\"\n\"1\",\"718-7\",\"Hemoglobina\"\n\"2\",\"9-9\",\"nada\"\n"[..], "es-MX").unwrap();
        let rejects = reading.name_more(names);
        assert_eq!(reading.rows[0].names.last().unwrap().value, "Hemoglobina");
        assert_eq!(rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn the_name_of_a_file_tells_the_language() {
        for (name, expect) in [("esMX12LinguisticVariant.csv", Some("es-MX")), ("ruRU11LinguisticVariant.csv", Some("ru-RU")), ("Loinc.csv", None), ("LinguisticVariant.csv", None), ("abcdeLinguisticVariant.csv", None)] {
            assert_eq!(language_of(name).as_deref(), expect, "{name}");
        }
    }

    #[test]
    fn another_table_is_not_taken_for_it() {
        assert!(read(&b"code,display\n1,2\n"[..]).unwrap_err().reason.contains("LOINC_NUM"));
    }
}
