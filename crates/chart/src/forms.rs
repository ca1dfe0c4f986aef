//! Filling in a form: begun, saved again and again, completed, amended.
//!
//! * A draft is a QuestionnaireResponse `in-progress`. Each save is a version of it, on disk before
//!   it is acknowledged; whoever saves over the version of somebody else is told.
//! * Completing is one transaction (`forms/complete.rs`).
//! * What is completed is not altered here: an amendment is a draft of its own until it takes its
//!   place, as a new version with a reason; what followed before is then marked as an error.
//! * A form is a Questionnaire of the shared space; it concerns nobody.

mod amend;
mod around;
mod complete;
mod offered;
mod then;

use std::sync::Arc;

use ::forms::{Filling, Form, Json};
use access::{Account, Caller};
use fhir::{Issue, IssueCode, ResourceType};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::own_forms::SaidBy;
use crate::provenance::reference;
use crate::stored::Stored;

pub use amend::Overtaken;
pub use complete::Completion;
pub use offered::Offered;

/// Names the response that an amendment will take the place of.
const AMENDS: &str = "https://carnet.health/fhir/StructureDefinition/form-amends";
/// The number of the version from which an amendment was begun; only in its draft.
const AMENDS_VERSION: &str = "https://carnet.health/fhir/StructureDefinition/form-amends-version";
/// Why something is amended; only in the draft of the amendment.
const REASON: &str = "https://carnet.health/fhir/StructureDefinition/form-amendment-reason";
/// Names the template that a completed response is printed by, as it was on the day it was completed.
const TEMPLATE: &str = "https://carnet.health/fhir/StructureDefinition/form-template";
/// Names an item of a draft for which what the record says could not be worked out.
const NOT_BEGUN: &str = "https://carnet.health/fhir/StructureDefinition/form-not-begun";
/// Names a group of a draft and for how many rows of the record it had no room: `item` and `count`.
const LEFT_OUT: &str = "https://carnet.health/fhir/StructureDefinition/form-left-out";
/// Where what Carnet says of a response in extensions begins.
const OWN_EXTENSIONS: &str = "https://carnet.health/";
/// A signature that others put into a response: it is of one version.
const SIGNATURE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature";
/// Characters of a reason.
const REASON_LONGEST: usize = 1000;

/// A response with its form.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The QuestionnaireResponse.
    pub stored: Stored,
    /// What it answers.
    pub form: Arc<Form>,
    /// Its status.
    pub status: String,
    /// The answers.
    pub filling: Filling,
    /// Whom it is about.
    pub patient: String,
    /// The id of the response it will take the place of.
    pub amends: Option<String>,
    /// The version of it from which this was begun; none in drafts from before 0.2.0.
    pub amends_version: Option<u32>,
    /// The name of the template it was completed with; none in what was completed before there were any.
    pub template: Option<String>,
    /// The id of the signed response to which it adds something.
    pub appends: Option<String>,
    /// Who said it, where that was nobody who works here.
    pub said_by: Option<SaidBy>,
    /// Items of a draft for which what the record says could not be worked out.
    pub not_begun: Vec<String>,
    /// Groups of a draft that had no room for rows of the record, and for how many.
    pub left_out: Vec<(String, usize)>,
    /// The form it answers is not held here: [`Filled::form`] is made of the answers, and nothing is written with it.
    pub lacks_form: bool,
    /// It was signed in another house and no version here says the same: it is read from the evidence, under the
    /// number it has there.
    pub elsewhere: Option<u32>,
}

fn kind(name: &'static str) -> ResourceType {
    ResourceType::named(name).expect("R4 has the type")
}

/// What others say of a response in extensions, without signatures: it goes on to hold for its next version.
fn told_by_others(response: &Json) -> Vec<Json> {
    let is_theirs = |one: &&Json| one.string("url").is_some_and(|url| !url.starts_with(OWN_EXTENSIONS) && url != SIGNATURE);
    response.each("extension").iter().filter(is_theirs).cloned().collect()
}

/// Notes in a draft what could not be worked out, and for which rows there was no room.
fn note_begun(json: &mut Json, not_begun: Vec<String>, left_out: Vec<(String, usize)>) {
    for link_id in not_begun.into_iter().filter(|link_id| !link_id.is_empty()) {
        json.push("extension", Json::object([("url", Json::text(NOT_BEGUN)), ("valueString", Json::text(link_id))]));
    }
    for (link_id, count) in left_out {
        let item = Json::object([("url", Json::text("item")), ("valueString", Json::text(link_id))]);
        let count = Json::object([("url", Json::text("count")), ("valueInteger", Json::Number(count.to_string()))]);
        json.push("extension", Json::object([("url", Json::text(LEFT_OUT)), ("extension", Json::List(vec![item, count]))]));
    }
}

/// A group and for how many rows it had no room, as a draft says it.
fn left_out_of(one: &Json) -> Option<(String, usize)> {
    Some((one.extension("item")?.as_str()?.to_owned(), one.extension("count")?.as_number()?.parse().ok()?))
}

fn refused(message: impl Into<String>) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message)])
}

impl Chart {
    /// A response about a person, with its form.
    pub async fn filled(&self, caller: &Caller, patient_id: &str, id: &str) -> Result<Filled> {
        let stored = self.read(caller, kind("QuestionnaireResponse"), id).await?;
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let subject = json.get("subject").and_then(|subject| subject.string("reference")).unwrap_or_default();
        // Whoever was registered twice is one person: what answers about one is found with the other.
        let patient_id = match subject.strip_prefix("Patient/") {
            Some(own) if own == patient_id => patient_id,
            Some(own) if self.are_one(own, patient_id)? => own,
            _ => return Err(Error::NotFound),
        };
        self.read_answered(stored, &json, patient_id)
    }

    /// A response with the form it answers. Where that is not held here, it is read without it.
    ///
    /// # Errors
    /// [`Error::Refused`] where it says nothing that could be read.
    fn read_answered(&self, stored: Stored, json: &Json, patient_id: &str) -> Result<Filled> {
        if let Some(form) = self.form_answered(json, &stored)? {
            return Ok(self.read_filled(stored, json, form, patient_id));
        }
        let form = crate::unknown_form::of(json).ok_or_else(|| refused("The form that this response answers is not held here."))?;
        Ok(Filled { lacks_form: true, ..self.read_filled(stored, json, Arc::new(form), patient_id) })
    }

    /// A response about a person, with its form, found by its own id.
    ///
    /// # Errors
    /// [`Error::Refused`] where it is about nobody, or says nothing that could be read; what a read may fail with.
    pub async fn document_filled(&self, caller: &Caller, id: &str) -> Result<Filled> {
        let stored = self.read(caller, kind("QuestionnaireResponse"), id).await?;
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let patient = json.get("subject").and_then(|subject| subject.string("reference")).and_then(|text| text.strip_prefix("Patient/")).map(str::to_owned);
        let patient = patient.ok_or_else(|| refused("The response is about no Patient."))?;
        self.read_answered(stored, &json, &patient)
    }

    /// The Patient by which a person is known who was registered more than once.
    pub(crate) fn that_person(&self, patient_id: &str) -> Result<String> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, patient_id)? else { return Ok(patient_id.to_owned()) };
        Ok(self.joined(at.record)?.first().map_or_else(|| patient_id.to_owned(), |first| first.patient.clone()))
    }

    fn are_one(&self, patient_id: &str, other: &str) -> Result<bool> {
        Ok(self.that_person(patient_id)? == self.that_person(other)?)
    }

    pub(crate) fn read_filled(&self, stored: Stored, json: &Json, form: Arc<Form>, patient_id: &str) -> Filled {
        let amends = json.extension(AMENDS).and_then(|reference| reference.string("reference")).and_then(|text| text.rsplit('/').next()).map(str::to_owned);
        let amends_version = json.extension(AMENDS_VERSION).and_then(Json::as_number).and_then(|number| number.parse().ok());
        let template = json.extension(TEMPLATE).and_then(Json::as_str).map(str::to_owned);
        Filled { status: json.string("status").unwrap_or_default().to_owned(), filling: Filling::read(json), patient: patient_id.to_owned(), amends, amends_version, template, appends: crate::addenda::appends(json), said_by: SaidBy::of(json), not_begun: json.extensions(NOT_BEGUN).filter_map(|one| one.string("valueString").map(str::to_owned)).collect(), left_out: json.extensions(LEFT_OUT).filter_map(left_out_of).collect(), lacks_form: false, elsewhere: None, stored, form }
    }

    /// Begins a form for a person: what the record knows stands in it, to be confirmed.
    ///
    /// # Errors
    /// [`Error::Refused`] with the rule `addendum` for a form that adds to a document: see [`Chart::append_form`].
    pub async fn begin_form(&self, caller: &Caller, patient_id: &str, questionnaire_id: &str, encounter: Option<&str>) -> Result<Filled> {
        let text = self.form_by_id(questionnaire_id).ok_or(Error::NotFound)?;
        let form = Arc::new(Form::read(&text).map_err(|issue| Error::Malformed(vec![issue]))?);
        if form.is_addendum {
            let message = "This form adds something to a signed document: open that document and begin it there.";
            return Err(Error::Refused(vec![Issue { rule: "addendum".to_owned(), ..Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message) }]));
        }
        let canonical = if form.url.is_empty() { format!("Questionnaire/{questionnaire_id}") } else { form.canonical() };
        let writer = self.form_writer(caller, &form, patient_id)?;
        let around = self.around_begun(caller, &form, patient_id, encounter).await?;
        let ::forms::Begun { filling, stopped: not_begun, left_out } = ::forms::begun(&form, &around);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse")), ("questionnaire", Json::text(canonical)), ("status", Json::text("in-progress")), ("subject", reference(&format!("Patient/{patient_id}")))]);
        if let Some(encounter) = encounter {
            json.set("encounter", reference(&format!("Encounter/{encounter}")));
        }
        note_begun(&mut json, not_begun, left_out);
        let body = self.response(caller, patient_id, json, &filling)?;
        let written = self.create(&writer, kind("QuestionnaireResponse"), body.as_bytes(), None).await?;
        self.again(written.stored, form, patient_id)
    }

    pub(crate) fn again(&self, stored: Stored, form: Arc<Form>, patient_id: &str) -> Result<Filled> {
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        Ok(self.read_filled(stored, &json, form, patient_id))
    }

    /// Who writes, as a response names them.
    pub(crate) fn author(&self, caller: &Caller) -> Result<Json> {
        let account = &caller.account;
        let display = if account.display.is_empty() { &account.login } else { &account.display };
        let stands_for = self.stands_for(account)?;
        let mut author = match stands_for.iter().find(|one| one.starts_with("Practitioner/")) {
            Some(practitioner) => reference(practitioner),
            None => Json::object([("type", Json::text("Practitioner")), ("identifier", Json::object([("system", Json::text(Account::SYSTEM)), ("value", Json::text(&account.login))]))]),
        };
        if !display.is_empty() {
            author.set("display", Json::text(display));
        }
        Ok(author)
    }

    /// Keeps a draft that follows from another response; for who may write it, that was asked.
    pub(crate) async fn new_draft(&self, caller: &Caller, json: Json, form: Arc<Form>, patient_id: &str, filling: &Filling) -> Result<Filled> {
        let body = self.response(caller, patient_id, json, filling)?;
        let written = self.create(caller, kind("QuestionnaireResponse"), body.as_bytes(), None).await?;
        self.again(written.stored, form, patient_id)
    }

    /// A response with these answers, written now by this caller.
    pub(crate) fn response(&self, caller: &Caller, patient_id: &str, mut json: Json, filling: &Filling) -> Result<String> {
        json.set("authored", Json::text(self.now().to_string()));
        let author = self.form_author(caller, patient_id)?;
        json.set("author", author.clone());
        if caller.account.role == access::Role::Person {
            json.set("source", author);
        }
        json.remove("item");
        let items = filling.json();
        if items != Json::List(Vec::new()) {
            json.set("item", items);
        }
        Ok(json.written())
    }

    /// Keeps the answers of a draft as its next version, if it is still the version that was read.
    ///
    /// [`Error::VersionMismatch`] where somebody else has written in between.
    pub async fn save_form(&self, caller: &Caller, draft: &Filled, filling: &Filling) -> Result<Filled> {
        let json = self.draft_going_on(draft)?;
        if *filling == draft.filling {
            return Ok(draft.clone());
        }
        let writer = self.draft_writer(caller, draft)?;
        let body = self.response(caller, &draft.patient, json, filling)?;
        let written = self.update(&writer, kind("QuestionnaireResponse"), &draft.stored.id, body.as_bytes(), Some(&draft.stored.version.to_string())).await?;
        self.again(written.stored, draft.form.clone(), &draft.patient)
    }

    /// A draft that can be filled in: one whose form is not held here can only be thrown away.
    fn draft_going_on(&self, draft: &Filled) -> Result<Json> {
        if draft.lacks_form {
            return Err(refused("The form that this response answers is not held here."));
        }
        self.under_way(draft)
    }

    fn under_way(&self, draft: &Filled) -> Result<Json> {
        if draft.status != "in-progress" {
            return Err(refused("A response that is completed is not altered; amend it."));
        }
        Json::read(&draft.stored.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))
    }

    /// A reason as it is kept.
    pub(crate) fn reason(&self, reason: &str) -> Result<String> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_LONGEST {
            let message = format!("A reason has 1 to {REASON_LONGEST} characters.");
            return Err(Error::Refused(vec![Issue { rule: "reason".to_owned(), ..Issue::error(IssueCode::Value, "QuestionnaireResponse", message) }]));
        }
        Ok(reason.to_owned())
    }

    /// A version of a response, with the form it answers. A number that no version here has is looked for among the
    /// versions that were signed elsewhere.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is neither; what a read may fail with.
    pub async fn filled_version(&self, caller: &Caller, patient_id: &str, id: &str, version: u32) -> Result<Filled> {
        let now = self.filled(caller, patient_id, id).await?;
        match self.version_here(caller, &now, version).await {
            Err(Error::NotFound) => self.version_elsewhere(caller, &now, version).await,
            outcome => outcome,
        }
    }

    /// A version of a response that was signed in another house, under the number it has there: the version here that
    /// says the same, or else what the evidence holds.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing was signed elsewhere under that number; what a read may fail with.
    pub async fn filled_elsewhere(&self, caller: &Caller, patient_id: &str, id: &str, version: u32) -> Result<Filled> {
        let now = self.filled(caller, patient_id, id).await?;
        self.version_elsewhere(caller, &now, version).await
    }

    async fn version_here(&self, caller: &Caller, now: &Filled, version: u32) -> Result<Filled> {
        let stored = self.vread(caller, now.stored.kind, &now.stored.id, &version.to_string()).await?;
        self.read_version(stored, now)
    }

    async fn version_elsewhere(&self, caller: &Caller, now: &Filled, version: u32) -> Result<Filled> {
        let signed = self.signatures(caller, &now.stored).await?;
        let one = signed.into_iter().find(|one| one.version == version && one.elsewhere.is_some()).ok_or(Error::NotFound)?;
        match (one.here, one.elsewhere) {
            (Some(here), _) => self.version_here(caller, now, here).await,
            (None, Some(signed)) => {
                let stored = Stored { version, text: signed.text, ..now.stored.clone() };
                Ok(Filled { elsewhere: Some(version), ..self.read_version(stored, now)? })
            }
            (None, None) => Err(Error::NotFound),
        }
    }

    fn read_version(&self, stored: Stored, now: &Filled) -> Result<Filled> {
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        match self.form_answered(&json, &stored)? {
            // A draft of the same document is read with the form it has now.
            None if json.string("status") == Some("in-progress") => Ok(self.read_filled(stored, &json, now.form.clone(), &now.patient)),
            Some(form) => Ok(self.read_filled(stored, &json, form, &now.patient)),
            None => self.read_answered(stored, &json, &now.patient),
        }
    }

    /// Throws a draft away, if it is still the version that was read. Its versions stay in the history.
    pub async fn discard_form(&self, caller: &Caller, draft: &Filled) -> Result<()> {
        self.under_way(draft)?;
        let writer = self.draft_writer(caller, draft)?;
        self.delete(&writer, kind("QuestionnaireResponse"), crate::Target::Id(&draft.stored.id), Some(&draft.stored.version.to_string())).await.map(|_| ())
    }
}

pub(crate) fn put(address: &str, resource: Json, version: u32) -> Json {
    Json::object([("resource", resource), ("request", Json::object([("method", Json::text("PUT")), ("url", Json::text(address)), ("ifMatch", Json::text(format!("W/\"{version}\"")))]))])
}
