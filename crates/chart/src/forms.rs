//! Filling in a form: begun, saved again and again, completed, amended.
//!
//! * A draft is a QuestionnaireResponse `in-progress`. Each save is a version of it, on disk before
//!   it is acknowledged; whoever saves over the version of somebody else is told.
//! * Completing is one transaction: the response, what follows from it, and where that comes from.
//! * What is completed is not altered here: an amendment is a draft of its own until it takes its
//!   place, as a new version with a reason; what followed before is then marked as an error.
//! * A form is a Questionnaire of the shared space; it concerns nobody.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::forms::{Around, Filling, Form, Json, Fault};
use access::{Account, Act, Caller};
use fhir::{Document, Issue, IssueCode, PartialDateTime, ResourceType, is_id};
use search::{Handling, Query};
use store::{Method, Tick};

use crate::bundle::EntryResult;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::own_forms::SaidBy;
use crate::provenance::{Agent, Provenance, reference};
use crate::signing::Pen;
use crate::stored::Stored;
use crate::terminology::{house, search_value};

/// Names the response that an amendment will take the place of.
const AMENDS: &str = "https://carnet.health/fhir/StructureDefinition/form-amends";
/// Why something is amended; only in the draft of the amendment.
const REASON: &str = "https://carnet.health/fhir/StructureDefinition/form-amendment-reason";
/// Names the template that a completed response is printed by, as it was on the day it was completed.
const TEMPLATE: &str = "https://carnet.health/fhir/StructureDefinition/form-template";
/// Names an item of a draft for which what the record says could not be worked out.
const NOT_BEGUN: &str = "https://carnet.health/fhir/StructureDefinition/form-not-begun";
/// Resources a search of a form may bring.
const MOST_FOUND: u32 = 200;
/// Characters of a reason.
const REASON_LONGEST: usize = 1000;

/// A form that can be begun.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The id of the Questionnaire.
    pub id: String,
    /// The form.
    pub form: Arc<Form>,
}

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
    /// The name of the template it was completed with; none in what was completed before there were any.
    pub template: Option<String>,
    /// The id of the signed response to which it adds something.
    pub appends: Option<String>,
    /// Who said it, where that was nobody who works here.
    pub said_by: Option<SaidBy>,
    /// Items of a draft for which what the record says could not be worked out.
    pub not_begun: Vec<String>,
}

/// What became of completing a form.
#[derive(Debug)]
pub enum Completion {
    /// It is in the record, with so many resources that follow from it.
    Done(Box<Filled>, usize),
    /// Nothing was written: here is what is wrong, each with its place.
    Faulty(Vec<(String, Fault)>),
}

fn kind(name: &'static str) -> ResourceType {
    ResourceType::named(name).expect("R4 has the type")
}

fn refused(message: impl Into<String>) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message)])
}

impl Chart {
    /// The forms of this site that can be begun, in the order of their addresses. They are read once, and again
    /// after a Questionnaire was written.
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
        found.sort_by(|left, right| (&left.form.url, &left.form.version).cmp(&(&right.form.url, &right.form.version)));
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
    fn form_by_id(&self, id: &str) -> Option<String> {
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
        let form = json.string("questionnaire").and_then(|canonical| self.form(canonical)).ok_or_else(|| refused("The form that this response answers is not held here."))?;
        Ok(self.read_filled(stored, &json, form, patient_id))
    }

    /// A response about a person, with its form, found by its own id.
    ///
    /// # Errors
    /// [`Error::Refused`] where it is about nobody, or its form is not held here; what a read may fail with.
    pub async fn document_filled(&self, caller: &Caller, id: &str) -> Result<Filled> {
        let stored = self.read(caller, kind("QuestionnaireResponse"), id).await?;
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let patient = json.get("subject").and_then(|subject| subject.string("reference")).and_then(|text| text.strip_prefix("Patient/")).map(str::to_owned);
        let patient = patient.ok_or_else(|| refused("The response is about no Patient."))?;
        let form = json.string("questionnaire").and_then(|canonical| self.form(canonical)).ok_or_else(|| refused("The form that this response answers is not held here."))?;
        Ok(self.read_filled(stored, &json, form, &patient))
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
        let template = json.extension(TEMPLATE).and_then(Json::as_str).map(str::to_owned);
        Filled { status: json.string("status").unwrap_or_default().to_owned(), filling: Filling::read(json), patient: patient_id.to_owned(), amends, template, appends: crate::addenda::appends(json), said_by: SaidBy::of(json), not_begun: json.extensions(NOT_BEGUN).filter_map(|one| one.string("valueString").map(str::to_owned)).collect(), stored, form }
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
        let around = self.around(caller, &form, patient_id, encounter).await?;
        let (filling, not_begun) = ::forms::begun(&form, &around);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse")), ("questionnaire", Json::text(canonical)), ("status", Json::text("in-progress")), ("subject", reference(&format!("Patient/{patient_id}")))]);
        if let Some(encounter) = encounter {
            json.set("encounter", reference(&format!("Encounter/{encounter}")));
        }
        for link_id in not_begun.into_iter().filter(|link_id| !link_id.is_empty()) {
            json.push("extension", Json::object([("url", Json::text(NOT_BEGUN)), ("valueString", Json::text(link_id))]));
        }
        let body = self.response(caller, patient_id, json, &filling)?;
        let written = self.create(&writer, kind("QuestionnaireResponse"), body.as_bytes(), None).await?;
        self.again(written.stored, form, patient_id)
    }

    /// A response to a form with what is known of a person, as a draft that is kept nowhere.
    pub async fn populated(&self, caller: &Caller, form: &Form, canonical: &str, patient_id: &str, encounter: Option<&str>) -> Result<String> {
        self.check_scope(caller, access::Deed::Read, kind("Questionnaire"))?;
        let around = self.around(caller, form, patient_id, encounter).await?;
        let filling = ::forms::begin(form, &around);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse")), ("questionnaire", Json::text(canonical)), ("status", Json::text("in-progress")), ("subject", reference(&format!("Patient/{patient_id}")))]);
        if let Some(encounter) = encounter {
            json.set("encounter", reference(&format!("Encounter/{encounter}")));
        }
        self.response(caller, patient_id, json, &filling)
    }

    /// What follows from a response, as a transaction that is not carried out, and what could not be
    /// taken out of it. The form is the one the response names.
    pub async fn extracted(&self, caller: &Caller, response: &str) -> Result<(String, Vec<Issue>)> {
        self.check_scope(caller, access::Deed::Read, kind("Questionnaire"))?;
        let invalid = |message: &str| Error::Invalid(vec![Issue::error(IssueCode::Required, "QuestionnaireResponse.questionnaire", message)]);
        let json = Json::read(response).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        let canonical = json.string("questionnaire").ok_or_else(|| invalid("The response names the questionnaire it answers."))?;
        let form = self.form(canonical).ok_or_else(|| invalid("The questionnaire that this response answers is not held here."))?;
        let subject = json.get("subject").and_then(|subject| subject.string("reference")).and_then(|text| text.strip_prefix("Patient/")).map(str::to_owned);
        let around = match &subject {
            Some(patient) => self.around(caller, &form, patient, None).await?,
            None => Around { named: Vec::new(), now: PartialDateTime::parse(&self.local_now()) },
        };
        let own = json.string("id").map_or_else(|| "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(), |id| format!("QuestionnaireResponse/{id}"));
        let mut numbers = 0;
        let mut new_url = || {
            numbers += 1;
            format!("urn:uuid:00000000-0000-4000-8000-{numbers:012}")
        };
        let (extracted, flaws) = ::forms::extract::extract(&form, response, &own, &around, &mut new_url).map_err(|issue| Error::Refused(vec![issue]))?;
        let entry = |one: ::forms::extract::Extracted| {
            let method = if one.is_update() { "PUT" } else { "POST" };
            Json::object([("fullUrl", Json::text(&one.full_url)), ("resource", one.resource), ("request", Json::object([("method", Json::text(method)), ("url", Json::text(one.url))]))])
        };
        let mut bundle = Json::object([("resourceType", Json::text("Bundle")), ("type", Json::text("transaction"))]);
        if !extracted.is_empty() {
            bundle.set("entry", Json::List(extracted.into_iter().map(entry).collect()));
        }
        Ok((bundle.written(), flaws))
    }

    pub(crate) fn again(&self, stored: Stored, form: Arc<Form>, patient_id: &str) -> Result<Filled> {
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        Ok(self.read_filled(stored, &json, form, patient_id))
    }

    /// What lies around a form: the person, who writes, the contact, and what its searches find.
    pub async fn around(&self, caller: &Caller, form: &Form, patient_id: &str, encounter: Option<&str>) -> Result<Around<'static>> {
        let own = |text: String| Document::read_owned(text).map_err(|_| Error::Store(store::Error::Damaged("a resource could not be read")));
        let patient = self.read(caller, ResourceType::PATIENT, patient_id).await?;
        let mut around = Around { named: vec![("patient".to_owned(), own(patient.text)?)], now: PartialDateTime::parse(&self.local_now()) };
        if let Some(id) = encounter {
            around.named.push(("encounter".to_owned(), own(self.read(caller, ResourceType::ENCOUNTER, id).await?.text)?));
        }
        let practitioner = self.stands_for(&caller.account)?.iter().find_map(|one| one.strip_prefix("Practitioner/").map(str::to_owned));
        if let Some(id) = practitioner
            && let Ok(stored) = self.read(caller, kind("Practitioner"), &id).await
        {
            around.named.push(("user".to_owned(), own(stored.text)?));
        }
        for (name, search) in form.queries() {
            let Some((of, mut pairs)) = ::forms::query(form, search, &around) else { continue };
            let Some(of) = ResourceType::named(&of) else { continue };
            // What a form asks, it asks about this person.
            if of != ResourceType::PATIENT && !fhir::home::is_shared(of) && !pairs.iter().any(|(name, _)| matches!(name.as_str(), "patient" | "subject")) {
                pairs.push(("patient".to_owned(), format!("Patient/{patient_id}")));
            }
            if of == ResourceType::PATIENT || pairs.iter().any(|(name, value)| matches!(name.as_str(), "patient" | "subject") && value.trim_start_matches("Patient/") != patient_id) {
                continue;
            }
            let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let Ok(mut query) = Query::parse(of, pairs, Handling::Strict, self.query_context()) else { continue };
            query.count = Some(query.count.unwrap_or(MOST_FOUND).min(MOST_FOUND));
            let page = self.search(caller, &query, None).await?;
            let entries: Vec<String> = page.items.iter().map(|hit| format!("{{\"resource\":{}}}", hit.stored.text)).collect();
            let bundle = format!("{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{}]}}", entries.join(","));
            around.named.push((name.to_owned(), own(bundle)?));
        }
        Ok(around)
    }

    /// Now as the institution's clock shows it, with its zone.
    fn local_now(&self) -> String {
        let minutes = self.inner.settings.zone_offset_minutes;
        let shifted = fhir::Moment(self.now().0 + minutes as i64 * 60_000).to_string();
        let (sign, east) = if minutes < 0 { ('-', -minutes) } else { ('+', minutes) };
        format!("{}{sign}{:02}:{:02}", shifted.trim_end_matches('Z'), east / 60, east % 60)
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
        let json = self.under_way(draft)?;
        if *filling == draft.filling {
            return Ok(draft.clone());
        }
        let writer = self.draft_writer(caller, draft)?;
        let body = self.response(caller, &draft.patient, json, filling)?;
        let written = self.update(&writer, kind("QuestionnaireResponse"), &draft.stored.id, body.as_bytes(), Some(&draft.stored.version.to_string())).await?;
        self.again(written.stored, draft.form.clone(), &draft.patient)
    }

    fn under_way(&self, draft: &Filled) -> Result<Json> {
        if draft.status != "in-progress" {
            return Err(refused("A response that is completed is not altered; amend it."));
        }
        Json::read(&draft.stored.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))
    }

    /// Completes a draft, if it is still the version that was read: one transaction with all that follows.
    /// Refused where the form, or what the draft amends, wants a signature: see [`Chart::sign_form`].
    pub async fn complete_form(&self, caller: &Caller, draft: &Filled, filling: &Filling) -> Result<Completion> {
        if caller.account.role != access::Role::Person && self.wants_signature(draft)? {
            return Err(refused("This is completed by signing it."));
        }
        self.completed_with(caller, draft, filling, None).await
    }

    /// True where a draft is completed by being signed: its form says so, or what it amends is signed.
    pub fn wants_signature(&self, draft: &Filled) -> Result<bool> {
        let Some(amended) = draft.amends.as_ref().filter(|_| !draft.form.signing.is_needed) else { return Ok(draft.form.signing.is_needed) };
        match self.store().locate(kind("QuestionnaireResponse"), amended)? {
            Some(at) => Ok(!self.signed_versions(at.record, amended)?.is_empty()),
            None => Ok(false),
        }
    }

    /// Completes a draft, and signs it where there is a pen.
    pub(crate) async fn completed_with(&self, caller: &Caller, draft: &Filled, filling: &Filling, pen: Option<&Pen<'_>>) -> Result<Completion> {
        let mut json = self.under_way(draft)?;
        let writer = self.draft_writer(caller, draft)?;
        let encounter = json.get("encounter").and_then(|encounter| encounter.string("reference")).and_then(|text| text.strip_prefix("Encounter/")).map(str::to_owned);
        let around = self.around(caller, &draft.form, &draft.patient, encounter.as_deref()).await?;
        // Of two certificates that are signed at once the second is held against the first.
        let _certificates = match draft.form.certificate {
            Some(_) => Some(self.inner.locks.conditions([format!("certificates of {}", self.that_person(&draft.patient)?).as_str()]).await),
            None => None,
        };
        let (filling, refused_by) = self.certified(draft, filling).await?;
        let mut completed = ::forms::complete(&draft.form, &filling, &around, &self.knowledge());
        completed.faults.extend(refused_by.into_iter().map(|fault| (String::new(), fault)));
        if !completed.is_sound() {
            return Ok(Completion::Faulty(completed.faults));
        }
        let reason = json.extension(REASON).and_then(Json::as_str).map(str::to_owned);
        let items = completed.items(&draft.form);
        let appends = crate::addenda::relation(&json);
        json.remove("extension");
        if let Some(relation) = appends {
            json.push("extension", relation);
        }
        json = Json::read(&self.response(caller, &draft.patient, json, &completed.filling)?).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        if items != Json::List(Vec::new()) {
            json.set("item", items);
        }
        json.set("status", Json::text(if draft.amends.is_some() { "amended" } else { "completed" }));
        json.push("extension", Json::object([("url", Json::text(TEMPLATE)), ("valueCode", Json::text(draft.form.template()))]));
        let (id, version) = match &draft.amends {
            Some(amended) => (amended.clone(), self.read(caller, kind("QuestionnaireResponse"), amended).await?.version),
            None => (draft.stored.id.clone(), draft.stored.version),
        };
        json.set("id", Json::text(&id));
        json.remove("meta");
        let own = format!("QuestionnaireResponse/{id}");
        let mut numbers = 0;
        let mut new_url = || {
            numbers += 1;
            format!("urn:uuid:00000000-0000-4000-8000-{numbers:012}")
        };
        let (extracted, flaws) = ::forms::extract::extract(&draft.form, &json.written(), &own, &around, &mut new_url).map_err(|issue| Error::Refused(vec![issue]))?;
        if !flaws.is_empty() {
            return Err(Error::Refused(flaws));
        }
        let extracted = self.that_follows(caller, extracted);
        if extracted.iter().any(|one| one.is_update()) {
            return Err(refused("This form would replace resources of the record that it knows only in part; complete it over the API with $extract."));
        }
        let mut entries = vec![put(&own, json, version)];
        let mut targets: Vec<Json> = Vec::new();
        if draft.amends.is_some() {
            entries.extend(self.retired(caller, &draft.patient, &own).await?);
            entries.push(Json::object([("request", Json::object([("method", Json::text("DELETE")), ("url", Json::text(format!("QuestionnaireResponse/{}", draft.stored.id))), ("ifMatch", Json::text(format!("W/\"{}\"", draft.stored.version)))]))]));
            targets.push(reference(&own));
        }
        let count = extracted.len();
        for one in extracted {
            targets.push(reference(&one.full_url));
            entries.push(Json::object([("fullUrl", Json::text(&one.full_url)), ("resource", one.resource), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text(one.url))]))]));
        }
        if !targets.is_empty() {
            entries.push(self.provenance(caller, &draft.patient, targets, &own, reason.as_deref())?);
        }
        let mut house = None;
        // A birth is told once; a correction of the certificate is about the same child.
        if draft.amends.is_none() {
            let is_birth = draft.form.certificate.as_ref().is_some_and(|one| one.kind == "birth");
            if is_birth {
                let mother = self.read(caller, ResourceType::PATIENT, &draft.patient).await?;
                let (followed, begun) = self.newborn(caller, draft, &completed.filling, &mother, &own).await?;
                entries.extend(followed);
                if begun.is_some_and(|record| self.permit_write(caller, record).is_err()) {
                    // The caller's own right is asked for; what follows is in the record of somebody else.
                    self.permit_write(caller, self.record_of(&mother)?)?;
                    house = Some(crate::births::keeper(caller));
                }
            }
        }
        if let Some(pen) = pen {
            entries.push(self.signature_entry(caller, draft, pen, version + 1, reason.as_deref())?);
        }
        let place = entries.len() - 1;
        let bundle = Json::object([("resourceType", Json::text("Bundle")), ("type", Json::text("transaction")), ("entry", Json::List(entries))]);
        if let Some(pen) = pen {
            let written = self.signed_by(caller, house.as_ref().unwrap_or(caller), draft, pen, &bundle.written(), version + 1, place).await?;
            return Ok(Completion::Done(Box::new(self.again(written, draft.form.clone(), &draft.patient)?), count));
        }
        let outcome = match self.bundle(house.as_ref().unwrap_or(&writer), bundle.written().as_bytes()).await {
            Err(Error::Entry { cause, .. }) if matches!(*cause, Error::VersionMismatch { .. } | Error::NotFound | Error::Gone { .. }) => return Err(*cause),
            outcome => outcome?,
        };
        let first = outcome.entries.into_iter().next().map(|entry| entry.result).ok_or(Error::NotFound)??;
        let EntryResult::Written(written) = first else { return Err(Error::NotFound) };
        Ok(Completion::Done(Box::new(self.again(written.stored, draft.form.clone(), &draft.patient)?), count))
    }

    fn provenance(&self, caller: &Caller, patient_id: &str, targets: Vec<Json>, own: &str, reason: Option<&str>) -> Result<Json> {
        let agent = Agent::known_as(self.form_author(caller, patient_id)?);
        Ok(Provenance::of(targets, self.now(), agent).because(reason).from("source", [reference(own)]).posted())
    }

    /// What followed from a response before, each marked as an error, for the transaction that amends it.
    pub(crate) async fn retired(&self, caller: &Caller, patient_id: &str, own: &str) -> Result<Vec<Json>> {
        let record = self.person(caller, patient_id).await?;
        let mut followed: Vec<String> = Vec::new();
        for one in record.resources.iter().filter(|one| one.kind.name() == "Provenance") {
            let Ok(json) = Json::read(&one.text) else { continue };
            let is_source = json.each("entity").iter().any(|entity| entity.string("role") == Some("source") && entity.get("what").and_then(|what| what.string("reference")) == Some(own));
            if is_source {
                followed.extend(json.each("target").iter().filter_map(|target| target.string("reference")).filter(|target| *target != own).map(str::to_owned));
            }
        }
        let mut entries = Vec::new();
        for one in &record.resources {
            let address = format!("{}/{}", one.kind, one.id);
            if followed.contains(&address) && let Ok(json) = Json::read(&one.text) && let Some(marked) = as_error(json) {
                entries.push(put(&address, marked, one.version));
            }
        }
        Ok(entries)
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

    /// A version of a response, with the form it answers.
    pub async fn filled_version(&self, caller: &Caller, patient_id: &str, id: &str, version: u32) -> Result<Filled> {
        let now = self.filled(caller, patient_id, id).await?;
        let stored = self.vread(caller, kind("QuestionnaireResponse"), id, &version.to_string()).await?;
        let json = Json::read(&stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let form = json.string("questionnaire").and_then(|canonical| self.form(canonical)).unwrap_or(now.form);
        Ok(self.read_filled(stored, &json, form, &now.patient))
    }

    /// Begins an amendment of a completed response: a draft with its answers and the reason.
    pub async fn amend_form(&self, caller: &Caller, completed: &Filled, reason: &str) -> Result<Filled> {
        let reason = &self.reason(reason)?;
        if !matches!(completed.status.as_str(), "completed" | "amended") {
            return Err(refused("Only a response that is completed can be amended."));
        }
        if completed.said_by.is_some() || caller.account.role == access::Role::Person {
            return Err(refused("What a person said stays as it was said: they send another, and whoever works here writes their own."));
        }
        let was = Json::read(&completed.stored.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        let extension = |url: &str, member: &str, value: Json| Json::object([("url", Json::text(url)), (member, value)]);
        let own = format!("QuestionnaireResponse/{}", completed.stored.id);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse"))]);
        json.set("extension", Json::List(vec![extension(AMENDS, "valueReference", reference(&own)), extension(REASON, "valueString", Json::text(reason))]));
        for name in ["questionnaire", "status", "subject", "encounter"] {
            if let Some(value) = was.get(name) {
                json.set(name, if name == "status" { Json::text("in-progress") } else { value.clone() });
            }
        }
        let body = self.response(caller, &completed.patient, json, &completed.filling)?;
        let written = self.create(caller, kind("QuestionnaireResponse"), body.as_bytes(), None).await?;
        self.again(written.stored, completed.form.clone(), &completed.patient)
    }

    /// Throws a draft away, if it is still the version that was read. Its versions stay in the history.
    pub async fn discard_form(&self, caller: &Caller, draft: &Filled) -> Result<()> {
        self.under_way(draft)?;
        let writer = self.draft_writer(caller, draft)?;
        self.delete(&writer, kind("QuestionnaireResponse"), crate::Target::Id(&draft.stored.id), Some(&draft.stored.version.to_string())).await.map(|_| ())
    }
}

fn is_about_persons(root: fhir::Value<'_>) -> bool {
    root.get("subjectType").is_none_or(|types| types.items().any(|one| one.as_str().as_deref() == Some("Patient")))
}

pub(crate) fn put(address: &str, resource: Json, version: u32) -> Json {
    Json::object([("resource", resource), ("request", Json::object([("method", Json::text("PUT")), ("url", Json::text(address)), ("ifMatch", Json::text(format!("W/\"{version}\"")))]))])
}

/// A resource marked as an error; none where its type has no word for that, or it is one already.
fn as_error(mut json: Json) -> Option<Json> {
    const BY_STATUS: [&str; 14] = [
        "Observation", "Immunization", "MedicationRequest", "ServiceRequest", "Procedure", "Encounter", "MedicationStatement", "DiagnosticReport", "CarePlan", "Flag", "Communication", "FamilyMemberHistory", "DocumentReference", "Consent",
    ];
    let kind = json.string("resourceType")?.to_owned();
    if matches!(kind.as_str(), "Condition" | "AllergyIntolerance") {
        let system = if kind == "Condition" { "http://terminology.hl7.org/CodeSystem/condition-ver-status" } else { "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification" };
        let coding = Json::object([("system", Json::text(system)), ("code", Json::text("entered-in-error"))]);
        json.set("verificationStatus", Json::object([("coding", Json::List(vec![coding]))]));
        // With that status R4 allows no clinical one. https://hl7.org/fhir/R4/condition.html#invs
        json.remove("clinicalStatus");
        return Some(json);
    }
    let is_new = BY_STATUS.contains(&kind.as_str()) && json.string("status") != Some("entered-in-error");
    is_new.then(|| {
        json.set("status", Json::text("entered-in-error"));
        json
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_is_marked_as_an_error_where_its_type_has_a_word_for_it() {
        let marked = |text: &str| as_error(Json::read(text).unwrap()).map(|json| json.written());
        assert_eq!(marked(r#"{"resourceType":"Observation","status":"final"}"#).as_deref(), Some(r#"{"resourceType":"Observation","status":"entered-in-error"}"#));
        assert!(marked(r#"{"resourceType":"Condition","clinicalStatus":{}}"#).is_some_and(|text| text.contains("entered-in-error") && !text.contains("clinicalStatus")));
        assert_eq!(marked(r#"{"resourceType":"Observation","status":"entered-in-error"}"#), None);
        assert_eq!(marked(r#"{"resourceType":"Patient"}"#), None);
    }
}
