//! The tables of growth a site holds: Libraries, one for each measure, sex and range of ages.
//!
//! * None ships: they are read from the files their publisher gives out, by `carnet growth import`.
//! * They are read the first time somebody asks, and forgotten when a Library is written.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhir::Document;
use schedule::growth::table::{self, Sex, Table};
use schedule::growth::{Measure, Standards};

use crate::door::Chart;
use crate::error::Result;

/// Tables whose first age is this many days or more are of the second range, 5 to 19 years.
const SECOND_RANGE_DAYS: f64 = 1700.0;
/// The ranges of ages for which tables are given out.
const RANGES: [&str; 2] = ["0-5", "5-19"];

/// The canonical address of a table.
pub fn growth_table(table: &Table) -> String {
    let is_second = table.rows.first().is_some_and(|(place, _)| *place >= SECOND_RANGE_DAYS);
    address(table.measure, table.sex, RANGES[usize::from(is_second)])
}

fn address(measure: Measure, sex: Sex, range: &str) -> String {
    let sex = if sex == Sex::Girl { "girls" } else { "boys" };
    format!("https://carnet.health/fhir/Library/growth-{}-{sex}-{range}", measure.name())
}

impl Chart {
    /// The tables of growth.
    ///
    /// # Errors
    /// None but of the store. A Library under such an address that is no table is left out and counted.
    pub fn growth(&self) -> Result<Arc<Standards>> {
        self.inner.shelf.growth(|| Ok(self.read_growth()))
    }

    fn read_growth(&self) -> Standards {
        let mut found = Standards::default();
        for (measure, _) in Measure::ALL {
            for (sex, range) in [Sex::Girl, Sex::Boy].into_iter().flat_map(|sex| RANGES.map(|range| (sex, range))) {
                let Some(text) = self.canonical("Library", &address(measure, sex, range)) else { continue };
                match tables_of(&text, measure) {
                    Some(tables) => found.tables.extend(tables.into_iter().filter(|table| table.sex == sex)),
                    None => found.unread += 1,
                }
            }
        }
        found
    }
}

/// The tables in a Library.
fn tables_of(text: &str, measure: Measure) -> Option<Vec<Table>> {
    let document = Document::read(text).ok()?;
    let data = document.root().get("content")?.items().next()?.string("data")?.into_owned();
    let text = String::from_utf8(STANDARD.decode(data).ok()?).ok()?;
    table::read(&text, measure, None, false).ok()
}
