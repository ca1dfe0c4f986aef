//! Forms that persons fill in: about themselves, or about somebody for whom they act.
//!
//! * Who may read a record as its person, or for its person, may fill in there what a form says is for them; it is
//!   found at each act as the right to read is (`accounts/person.rs`), and ends with it.
//! * The answer is theirs: its author and its source are the Patient, or the RelatedPerson who acts. Nobody who works
//!   here writes into it, and they write into nobody else's. Until it is sent only its author sees it, by whatever
//!   way (`access`, `unsent.rs`).
//! * Nothing follows from it for the record, save a Consent: what somebody agrees to or refuses is theirs to say, what
//!   they have is for a clinician to judge.
//! * A program writes nothing in a person's name.

use ::forms::extract::Extracted;
use ::forms::{Filler, Form, Json};
use access::{Act, Caller, ProxyKind, Role, scribe, unsent_author};
use fhir::{Document, Issue, IssueCode, ResourceType, Value};
use store::Method;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::stored::Stored;
use crate::terminology::house;
use crate::transaction::Rules;

/// Who said what stands in a form, where that was nobody who works here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// The person it is about.
    Person,
    /// Somebody who acts for that person.
    Proxy,
}

impl SaidBy {
    /// What a response says of its author.
    pub fn of(response: &Json) -> Option<SaidBy> {
        match response.get("author")?.string("reference")?.split('/').next()? {
            "Patient" => Some(SaidBy::Person),
            "RelatedPerson" => Some(SaidBy::Proxy),
            _ => None,
        }
    }
}

/// Refuses that somebody who works here alters or deletes what a person said, or who acts for them. They may label it,
/// and move it to the chart it belongs to. A connected system brings what it was told, and the house writes for persons.
///
/// # Errors
/// [`Error::Refused`] with the rule `said-by-person`.
pub(crate) fn refuse_other_words(caller: &Caller, was: &Stored, now: Option<Value<'_>>, rules: Rules) -> Result<()> {
    if was.kind.name() != "QuestionnaireResponse" || rules.moves || matches!(caller.account.role, Role::Integration | Role::Console) {
        return Ok(());
    }
    let before = Json::read(&was.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
    if SaidBy::of(&before).is_none() {
        return Ok(());
    }
    let words = |mut json: Json| {
        ["id", "meta"].iter().for_each(|member| _ = json.remove(member));
        json
    };
    if now.is_some_and(|now| words(Json::of(now)) == words(before)) {
        return Ok(());
    }
    let message = "This was said by a person, or by who acts for them, and stays as it was said. Write down in a document of your own what follows from it.";
    Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message).of_rule("said-by-person")]))
}

impl Chart {
    /// As whom this caller fills in forms about a person, and for a person the address by which a response names
    /// them; none where they may not. What a role of staff may write is decided where it is written.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record is not theirs to read.
    pub fn filling_as(&self, caller: &Caller, patient_id: &str) -> Result<Option<(Filler, Option<String>)>> {
        let (at, _) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        if caller.account.role != Role::Person {
            return Ok(Some((Filler::Staff, None)));
        }
        if caller.grant.is_some() {
            return Ok(None);
        }
        let joined = self.joined(at.record)?;
        let is_here = |record| record == at.record || joined.iter().any(|member| member.record == record);
        if let Some(own) = self.own_patient(&caller.account)?
            && let Some(own_at) = self.store().locate(ResourceType::PATIENT, &own)?
            && is_here(own_at.record)
        {
            return Ok(Some((Filler::Person, Some(format!("Patient/{own}")))));
        }
        for (record, kind, id) in self.acting_for(caller.account.number)? {
            if is_here(record) {
                let filler = if kind == ProxyKind::Carer { Filler::Carer } else { Filler::Guardian };
                return Ok(Some((filler, Some(format!("RelatedPerson/{id}")))));
            }
        }
        Ok(None)
    }

    /// Whether this caller may fill in this form about a person.
    pub fn may_fill(&self, caller: &Caller, form: &Form, patient_id: &str) -> Result<bool> {
        Ok(self.filling_as(caller, patient_id)?.is_some_and(|(filler, _)| form.fillers.contains(&filler)))
    }

    /// Whether a response is this caller's to go on with: staff go on with what staff began, a person with their own.
    pub fn may_go_on(&self, caller: &Caller, filled: &Filled) -> Result<bool> {
        match self.filling_as(caller, &filled.patient)? {
            None => Ok(false),
            Some((_, None)) => Ok(filled.said_by.is_none()),
            Some((filler, Some(own))) => {
                let author = Json::read(&filled.stored.text).ok().and_then(|json| json.get("author")?.string("reference").map(str::to_owned));
                Ok(filled.form.fillers.contains(&filler) && author.as_deref() == Some(&own))
            }
        }
    }

    /// True where an id is that of a form that somebody else is still writing about this Patient, whom the caller may
    /// read. They see nothing of it; whoever would write into it is told that it is not theirs.
    pub fn is_unsent(&self, caller: &Caller, patient_id: &str, id: &str) -> Result<bool> {
        self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let kind = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        let Some(at) = self.store().locate(kind, id)? else { return Ok(false) };
        let set = self.permitted_set(&house(), Act::Read)?;
        let Some(stored) = self.right(&set, at.record)?.map(|right| self.newest(&right, kind, at)).transpose()?.flatten() else { return Ok(false) };
        let Ok(document) = Document::read(&stored.text) else { return Ok(false) };
        let is_about = document.root().path(&["subject", "reference"]).and_then(|text| text.as_str()).as_deref() == Some(&format!("Patient/{patient_id}"));
        Ok(stored.method != Method::Delete && is_about && unsent_author(kind, document.root()).is_some())
    }

    /// In whose name a form is begun here; refused where it is not for this caller.
    pub(crate) fn form_writer(&self, caller: &Caller, form: &Form, patient_id: &str) -> Result<Caller> {
        if !self.may_fill(caller, form, patient_id)? {
            return Err(Error::Forbidden);
        }
        Ok(if caller.account.role == Role::Person { scribe(caller) } else { caller.clone() })
    }

    /// In whose name a draft is written on; refused where it is somebody else's.
    pub(crate) fn draft_writer(&self, caller: &Caller, draft: &Filled) -> Result<Caller> {
        if !self.may_go_on(caller, draft)? {
            return Err(Error::Forbidden);
        }
        Ok(if caller.account.role == Role::Person { scribe(caller) } else { caller.clone() })
    }

    /// Who writes, as a response about a person names them.
    pub(crate) fn form_author(&self, caller: &Caller, patient_id: &str) -> Result<Json> {
        let Some((_, Some(reference))) = self.filling_as(caller, patient_id)? else { return self.author(caller) };
        let mut author = Json::object([("reference", Json::text(reference))]);
        if !caller.account.display.is_empty() {
            author.set("display", Json::text(&caller.account.display));
        }
        Ok(author)
    }

    /// What follows from an answer of this caller: of a person's, their consents.
    pub(crate) fn that_follows(&self, caller: &Caller, extracted: Vec<Extracted>) -> Vec<Extracted> {
        let is_person = caller.account.role == Role::Person;
        extracted.into_iter().filter(|one| !is_person || one.resource.string("resourceType") == Some("Consent")).collect()
    }

    /// Begins a form anew with what a person said in it: for whoever works here to judge, confirm answer by answer,
    /// and complete as their own. What the person said stays as it is.
    pub async fn take_over(&self, caller: &Caller, said: &Filled) -> Result<Filled> {
        let is_there = said.said_by.is_some() && matches!(said.status.as_str(), "completed" | "amended");
        if !is_there || caller.account.role == Role::Person || !said.form.fillers.contains(&Filler::Staff) {
            return Err(Error::Forbidden);
        }
        let was = Json::read(&said.stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse"))]);
        for name in ["questionnaire", "subject"] {
            if let Some(value) = was.get(name) {
                json.set(name, value.clone());
            }
        }
        json.set("status", Json::text("in-progress"));
        // Whose answers these are; the author is who judges them.
        if let Some(author) = was.get("author") {
            json.set("source", author.clone());
        }
        crate::meta::keep_labels(&mut json, Some(&was));
        let filling = said.filling.to_be_confirmed(&said.form);
        self.new_draft(caller, json, said.form.clone(), &said.patient, &filling).await
    }
}
