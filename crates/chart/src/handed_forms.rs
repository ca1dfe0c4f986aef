//! Forms that travel with what answers them.
//!
//! * A response names a form by its address and version; without it neither its questions nor its order can be read.
//!   So each form that a handed-over record answers goes along, in the version that was answered.
//! * Where its words were changed since under that version, those go along that were answered last.
//! * A form that is here under that address and version stays, whatever the other house has under it. Where the two
//!   say something else, that is told.
//! * A form that is not here is kept `retired`: what answers it is read with it, and nobody is offered it. So a parcel
//!   changes no form that somebody here fills in.

use std::collections::BTreeMap;

use ::forms::Json;
use fhir::{Moment, ResourceType};

use crate::door::Chart;
use crate::error::Result;
use crate::handover::TakenIn;
use crate::stored::Stored;

/// What becomes of something of the shared space that arrives.
pub(crate) enum Arriving {
    /// It is no form, or one without an address: it is known by its id.
    NoForm,
    /// A form of its address and version is here.
    Known(TakenIn),
    /// A form that is not here, as it will be kept.
    Kept(String),
}

impl Chart {
    /// The forms of these addresses, each as it was when it was answered last; those that never were here are left out.
    pub(crate) fn forms_of(&self, answered: &BTreeMap<String, Moment>) -> Result<Vec<Stored>> {
        let mut found: Vec<Stored> = Vec::new();
        for (canonical, at) in answered {
            let one = self.form_then(canonical, Some(*at))?;
            found.extend(one.filter(|one| found.iter().all(|other| other.id != one.id)));
        }
        Ok(found)
    }

    /// Judges something of the shared space that arrives.
    pub(crate) fn arriving_form(&self, text: &str) -> Result<Arriving> {
        let Ok(mut json) = Json::read(text) else { return Ok(Arriving::NoForm) };
        let Some(url) = json.string("url").filter(|_| json.string("resourceType") == Some("Questionnaire")).map(str::to_owned) else { return Ok(Arriving::NoForm) };
        let version = json.string("version").unwrap_or_default().to_owned();
        let canonical = format!("{url}|{version}");
        if let Some(held) = self.canonical_stored("Questionnaire", &canonical) {
            let is_same = Json::read(&held.text).is_ok_and(|held| asked(held) == asked(json));
            return Ok(Arriving::Known(if is_same { TakenIn::Same } else { TakenIn::Differs }));
        }
        if json.string("status") == Some("active") {
            json.set("status", Json::text("retired"));
        }
        let is_taken = match json.string("id") {
            Some(id) => self.store().locate(questionnaire(), id)?.is_some(),
            None => true,
        };
        if is_taken {
            // Another form is here under that id, or was.
            json.set("id", Json::text(format!("form-{}", &blake3::hash(canonical.as_bytes()).to_hex()[..32])));
        }
        Ok(Arriving::Kept(json.written()))
    }
}

/// The address of the form that a response answers.
pub(crate) fn answers(text: &str) -> Option<String> {
    // Most of a record answers nothing.
    if !text.contains("\"QuestionnaireResponse\"") {
        return None;
    }
    let json = Json::read(text).ok()?;
    json.string("questionnaire").filter(|_| json.string("resourceType") == Some("QuestionnaireResponse")).map(str::to_owned)
}

/// A form without what a house says of it: its id, version and time there, and whether it is offered.
fn asked(mut form: Json) -> Json {
    for name in ["id", "meta", "status"] {
        form.remove(name);
    }
    form
}

fn questionnaire() -> ResourceType {
    ResourceType::named("Questionnaire").expect("R4 has the type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_the_same_whatever_a_house_says_of_it() {
        let form = |text: &str| asked(Json::read(text).unwrap());
        let here = form(r#"{"resourceType":"Questionnaire","id":"a","meta":{"versionId":"3"},"url":"u","version":"1","status":"retired","title":"T"}"#);
        assert_eq!(here, form(r#"{"resourceType":"Questionnaire","id":"b","url":"u","version":"1","status":"active","title":"T"}"#));
        assert_ne!(here, form(r#"{"resourceType":"Questionnaire","id":"a","url":"u","version":"1","status":"retired","title":"Another"}"#));
    }

    #[test]
    fn only_a_response_answers_a_form() {
        assert_eq!(answers(r#"{"resourceType":"QuestionnaireResponse","questionnaire":"u|1"}"#).as_deref(), Some("u|1"));
        assert_eq!(answers(r#"{"resourceType":"Observation","note":[{"text":"\"QuestionnaireResponse\""}],"questionnaire":"u"}"#), None);
        assert_eq!(answers("no json"), None);
    }
}
