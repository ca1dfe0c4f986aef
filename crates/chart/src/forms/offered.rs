//! Which forms there are: the Questionnaires of the shared space, and how one is found and kept.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::forms::Form;
use access::{Act, Caller};
use fhir::{Document, is_id};
use store::{Method, Tick};

use super::kind;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::{by_number, house, search_value};

/// A form that can be begun.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The id of the Questionnaire.
    pub id: String,
    /// The form.
    pub form: Arc<Form>,
}

impl Chart {
    /// The forms of this site that can be begun, in the order of their addresses and of the numbers of their versions.
    /// They are read once, and again after a Questionnaire was written.
    pub fn forms(&self) -> Result<Arc<Vec<Offered>>> {
        self.inner.shelf.offered(|| self.read_forms())
    }

    fn read_forms(&self) -> Result<Vec<Offered>> {
        let kind = kind("Questionnaire");
        let set = self.permitted_set(&house(), Act::Read)?;
        let mut found: Vec<Offered> = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.method != Method::Delete
                    && entry.kind == kind
                    && let Ok(document) = Document::read(entry.text)
                    && document.root().string("status").as_deref() == Some("active")
                    && is_about_persons(document.root())
                    && let Ok(form) = Form::read(entry.text)
                    && !form.url.is_empty()
                {
                    found.push(Offered { id: entry.id.to_owned(), form: Arc::new(form) });
                }
                ControlFlow::Continue(())
            })?;
        }
        found.sort_by(|left, right| left.form.url.cmp(&right.form.url).then_with(|| by_number(&left.form.version, &right.form.version)));
        Ok(found)
    }

    /// The form of a canonical address, with its version where one is named.
    pub fn form(&self, canonical: &str) -> Option<Arc<Form>> {
        let found = match canonical.strip_prefix("Questionnaire/") {
            // A response may name the resource itself.
            Some(id) if is_id(id) => self.form_by_id(id),
            _ => self.canonical("Questionnaire", canonical),
        };
        Form::read(&found?).ok().map(Arc::new)
    }

    /// The text of the Questionnaire of a canonical address.
    pub fn form_text(&self, caller: &Caller, canonical: &str) -> Result<String> {
        self.check_scope(caller, access::Deed::Read, kind("Questionnaire"))?;
        self.canonical("Questionnaire", canonical).ok_or(Error::NotFound)
    }

    /// The text of the Questionnaire of an id.
    pub(super) fn form_by_id(&self, id: &str) -> Option<String> {
        let set = self.permitted_set(&house(), Act::Read).ok()?;
        Some(self.look_up(&set, kind("Questionnaire"), id, Tick::END).ok()??.1.text)
    }

    /// Keeps a Questionnaire, unless one of its address and version is there.
    pub async fn keep_form(&self, caller: &Caller, text: &str) -> Result<bool> {
        let form = Form::read(text).map_err(|issue| Error::Malformed(vec![issue]))?;
        let condition = format!("url={}&version={}", search_value(&form.url), search_value(&form.version));
        let written = self.create(caller, kind("Questionnaire"), text.as_bytes(), Some(&condition)).await?;
        Ok(written.done == crate::WrittenAs::Created)
    }
}

fn is_about_persons(root: fhir::Value<'_>) -> bool {
    root.get("subjectType").is_none_or(|types| types.items().any(|one| one.as_str().as_deref() == Some("Patient")))
}
