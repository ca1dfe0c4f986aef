//! What is added to a signed document later.
//!
//! * An addendum is a document of its own, signed like any other; it names the version it adds to and changes no byte
//!   of it. What is wrong in a document is corrected by another version with a reason (`forms.rs`, `signing.rs`).
//! * It says `appends`, as documents say it of each other.
//!   <https://hl7.org/fhir/R4/valueset-document-relationship-type.html>
//! * With which form something is added is said by that form itself.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::forms::{Filling, Form, Json};
use access::{Act, Caller};
use fhir::{Issue, IssueCode, Reference};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::stored::Stored;

/// How a response stands to another: `code` and `target`.
const RELATES: &str = "https://carnet.health/fhir/StructureDefinition/form-relates-to";
/// So many additions to one document are shown.
const MOST: usize = 200;

/// What a response says of the one it adds to, as it says it.
pub(crate) fn relation(response: &Json) -> Option<Json> {
    response.extensions(RELATES).find(|one| one.extension("code").and_then(Json::as_str) == Some("appends")).cloned()
}

/// The id of the response it adds to.
pub(crate) fn appends(response: &Json) -> Option<String> {
    let relation = relation(response)?;
    match Reference::parse(relation.extension("target")?.string("reference")?) {
        Reference::Local { kind, id, .. } if kind.name() == "QuestionnaireResponse" => Some(id.to_owned()),
        _ => None,
    }
}

impl Chart {
    /// The form with which something is added to a document: one of its country, else any; none where there is none.
    fn addendum_form(&self, to: &Form) -> Result<Option<Arc<Form>>> {
        let all = self.forms()?;
        let fits = |form: &Form| form.countries.is_empty() || form.countries.iter().any(|country| to.countries.contains(country));
        let addenda = || all.iter().rev().filter(|one| one.form.is_addendum);
        Ok(addenda().find(|one| fits(&one.form)).or_else(|| addenda().next()).map(|one| one.form.clone()))
    }

    /// Begins an addition to a signed document: a draft that names the version that stands now.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is not signed, or is an addition itself, and where no form is made for it; with the
    /// rule `annulled` for what was taken out of force.
    pub async fn append_form(&self, caller: &Caller, signed: &Filled) -> Result<Filled> {
        let refused = |message: &str| Error::Refused(vec![Issue { rule: "addendum".to_owned(), ..Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message) }]);
        if signed.status == "entered-in-error" {
            return Err(crate::papers::annulled("The document was taken out of force: nothing is added to it any more."));
        }
        if !matches!(signed.status.as_str(), "completed" | "amended") || !self.is_version_signed(caller, signed).await? {
            return Err(refused("Something is added to a document that is signed and in force; what is not signed is amended."));
        }
        if signed.appends.is_some() {
            return Err(refused("This is an addition itself: add to the document it belongs to."));
        }
        let form = self.addendum_form(&signed.form)?.ok_or_else(|| refused("This site holds no form for additions."))?;
        self.form_writer(caller, &form, &signed.patient)?;
        let was = Json::read(&signed.stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let target = format!("QuestionnaireResponse/{}/_history/{}", signed.stored.id, signed.stored.version);
        let part = |url: &str, member: &str, value: Json| Json::object([("url", Json::text(url)), (member, value)]);
        let parts = vec![part("code", "valueCode", Json::text("appends")), part("target", "valueReference", Json::object([("reference", Json::text(target))]))];
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse"))]);
        json.push("extension", Json::object([("url", Json::text(RELATES)), ("extension", Json::List(parts))]));
        json.set("questionnaire", Json::text(form.canonical()));
        json.set("status", Json::text("in-progress"));
        for name in ["subject", "encounter"] {
            if let Some(value) = was.get(name) {
                json.set(name, value.clone());
            }
        }
        // What hides a document hides what is added to it.
        crate::meta::keep_labels(&mut json, Some(&was));
        self.new_draft(caller, json, form, &signed.patient, &Filling::default()).await
    }

    /// What was added to a response, is signed and in force: what goes with a certified copy of it.
    pub(crate) async fn addenda_in_force(&self, caller: &Caller, to: &Filled) -> Result<Vec<Filled>> {
        let mut found = Vec::new();
        for one in self.addenda(caller, to).await? {
            let is_signed = self.is_version_signed(caller, &one).await?;
            if is_signed && matches!(one.status.as_str(), "completed" | "amended") {
                found.push(one);
            }
        }
        Ok(found)
    }

    /// What was added to a response and completed, the oldest first, as far as this caller may see it.
    pub async fn addenda(&self, caller: &Caller, to: &Filled) -> Result<Vec<Filled>> {
        let (_, permitted) = self.find(caller, Act::Read, to.stored.kind, &to.stored.id)?;
        let mut found: Vec<Stored> = Vec::new();
        self.store().scan_types(&permitted, &[to.stored.kind], Tick::END, None, &mut |entry| {
            if entry.kind == to.stored.kind && entry.method != Method::Delete && entry.text.contains(RELATES) && entry.text.contains(&to.stored.id) {
                found.push(Stored::from(entry));
            }
            if found.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let mut addenda = Vec::new();
        for stored in found {
            let Ok(json) = Json::read(&stored.text) else { continue };
            if appends(&json).as_deref() != Some(&to.stored.id) || json.string("status") == Some("in-progress") {
                continue;
            }
            let Some(form) = self.form_answered(&json, &stored)? else { continue };
            addenda.push(self.read_filled(stored, &json, form, &to.patient));
        }
        addenda.sort_by_key(|one| one.stored.last_updated);
        Ok(addenda)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addition_names_what_it_adds_to() {
        let says = |code: &str, target: &str| appends(&Json::read(&format!(r#"{{"extension":[{{"url":"{RELATES}","extension":[{{"url":"code","valueCode":"{code}"}},{{"url":"target","valueReference":{{"reference":"{target}"}}}}]}}]}}"#)).unwrap());
        assert_eq!(says("appends", "QuestionnaireResponse/a/_history/3").as_deref(), Some("a"));
        assert_eq!(says("appends", "Patient/a"), None);
        assert_eq!(says("replaces", "QuestionnaireResponse/a"), None);
        assert_eq!(appends(&Json::read("{}").unwrap()), None);
    }
}
