//! The site's own SearchParameters: which are in force.
//!
//! * An active SearchParameter of the shared space is in force from the moment it is written; one
//!   that is retired, changed or deleted is out of force as soon.
//! * What cannot be compiled is not written as active; one that an older program kept is passed over.
//! * They have no postings: a search finds by them what other criteria narrow, or scans up to the ceiling.

use std::ops::ControlFlow;
use std::sync::Arc;

use access::Act;
use fhir::{Document, Issue, ResourceType, Value};
use parking_lot::RwLock;
use search::Custom;
use store::{Class, Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

/// The type whose resources are read here.
pub(crate) const SEARCH_PARAMETER: &str = "SearchParameter";

/// What is in force.
#[derive(Default)]
pub(crate) struct InForce(RwLock<Arc<Custom>>);

impl Chart {
    /// The site's own parameters.
    pub fn custom(&self) -> Arc<Custom> {
        self.inner.custom.0.read().clone()
    }

    /// Reads anew what is in force: when the door opens, and after one was written.
    pub(crate) fn read_custom(&self) -> Result<()> {
        let mut custom = Custom::default();
        for (_, text) in self.active_parameters()? {
            if let Ok(document) = Document::read(&text) {
                // One that cannot be compiled any more is nobody's parameter; its reader is told when it is written.
                let _ = custom.add(document.root());
            }
        }
        *self.inner.custom.0.write() = Arc::new(custom);
        Ok(())
    }

    /// Refuses a SearchParameter that would be in force and cannot be.
    pub(crate) fn may_be_in_force(&self, body: Value<'_>, id: &str) -> Result<()> {
        if body.string("status").as_deref() != Some("active") {
            return Ok(());
        }
        let mut custom = Custom::default();
        for (_, text) in self.active_parameters()?.iter().filter(|(other, _)| other != id) {
            if let Ok(document) = Document::read(text) {
                let _ = custom.add(document.root());
            }
        }
        custom.add(body).map_err(|issues: Vec<Issue>| Error::Refused(issues))
    }

    /// The active SearchParameters, by id: those that come first are the ones that count.
    fn active_parameters(&self) -> Result<Vec<(String, String)>> {
        let Some(kind) = ResourceType::named(SEARCH_PARAMETER) else { return Ok(Vec::new()) };
        let set = self.permitted_set(&house(), Act::Read);
        let mut found = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = set.of(Class::subject(record)) else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                let is_active = |text: &str| Document::read(text).is_ok_and(|document| document.root().string("status").as_deref() == Some("active"));
                if entry.method != Method::Delete && entry.kind == kind && is_active(entry.text) {
                    found.push((entry.id.to_owned(), entry.text.to_owned()));
                }
                ControlFlow::Continue(())
            })?;
        }
        found.sort();
        Ok(found)
    }
}
