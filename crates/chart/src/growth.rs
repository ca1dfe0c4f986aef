//! The tables of growth a site holds: Libraries of the shared space, one for each measure, sex and range of ages.
//!
//! * None ships: they are read from the files their publisher gives out, by `carnet growth import`.
//! * They are read the first time somebody asks, and forgotten when a Library is written.

use std::ops::ControlFlow;
use std::sync::Arc;

use access::Act;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhir::{Document, ResourceType};
use schedule::growth::Standards;
use schedule::growth::table::{self, Table};
use schedule::growth::Measure;
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::Result;
use crate::terminology::house;

/// The canonical address of a table begins with this; its measure comes next, then its sex and where it begins.
pub const GROWTH_TABLE: &str = "https://carnet.health/fhir/Library/growth-";

impl Chart {
    /// The tables of growth.
    ///
    /// # Errors
    /// Where the store cannot be read. A Library under such an address that is no table is left out and counted.
    pub fn growth(&self) -> Result<Arc<Standards>> {
        self.inner.shelf.growth(|| self.read_growth())
    }

    fn read_growth(&self) -> Result<Standards> {
        let kind = ResourceType::named("Library").expect("R4 has the type");
        let set = self.permitted_set(&house(), Act::Read)?;
        let (mut tables, mut unread): (Vec<(String, Vec<Table>)>, usize) = (Vec::new(), 0);
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.method != Method::Delete && entry.kind == kind {
                    match tables_of(entry.text) {
                        Some(Ok(found)) => tables.push(found),
                        Some(Err(())) => unread += 1,
                        None => {}
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        tables.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Standards { tables: tables.into_iter().flat_map(|(_, tables)| tables).collect(), unread })
    }
}

/// The tables of a Library with its address; nothing of one that is about something else or not in force.
fn tables_of(text: &str) -> Option<std::result::Result<(String, Vec<Table>), ()>> {
    let document = Document::read(text).ok()?;
    let root = document.root();
    let url = root.string("url").filter(|url| url.starts_with(GROWTH_TABLE))?.into_owned();
    if root.string("status").as_deref() != Some("active") {
        return None;
    }
    let measure = Measure::ALL.iter().map(|(measure, _)| *measure).find(|measure| url[GROWTH_TABLE.len()..].starts_with(&format!("{}-", measure.name())));
    let data = root.get("content").and_then(|content| content.items().next()).and_then(|content| content.string("data").map(|data| data.into_owned()));
    let read = measure.zip(data).and_then(|(measure, data)| {
        let text = String::from_utf8(STANDARD.decode(data).ok()?).ok()?;
        table::read(&text, measure, None, false).ok()
    });
    Some(read.map(|tables| (url, tables)).ok_or(()))
}
