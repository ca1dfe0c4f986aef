//! What a form finds when it is opened: the person, who writes, the contact, and what its searches bring; and what can be
//! worked out of that without keeping anything.

use ::forms::{Around, Form, Json};
use access::Caller;
use fhir::{Document, Issue, IssueCode, PartialDateTime, Reference, ResourceType};
use search::{Handling, Query};

use super::kind;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::provenance::reference;

/// Resources a search of a form may bring.
const MOST_FOUND: u32 = 200;

impl Chart {
    /// What lies around a form: the person, who writes, the contact, and what its searches find. A contact of another person
    /// is left out: what is known of that one is nothing of this form.
    pub async fn around(&self, caller: &Caller, form: &Form, patient_id: &str, encounter: Option<&str>) -> Result<Around<'static>> {
        self.around_of(caller, form, patient_id, encounter, false).await
    }

    /// The same for a form that is begun, which names no contact of another person.
    pub(super) async fn around_begun(&self, caller: &Caller, form: &Form, patient_id: &str, encounter: Option<&str>) -> Result<Around<'static>> {
        self.around_of(caller, form, patient_id, encounter, true).await
    }

    async fn around_of(&self, caller: &Caller, form: &Form, patient_id: &str, encounter: Option<&str>, is_begun: bool) -> Result<Around<'static>> {
        let own = |text: String| Document::read_owned(text).map_err(|_| Error::Store(store::Error::Damaged("a resource could not be read")));
        let patient = self.read(caller, ResourceType::PATIENT, patient_id).await?;
        let mut around = Around { named: vec![("patient".to_owned(), own(patient.text)?)], now: PartialDateTime::parse(&self.local_now()) };
        if let Some(id) = encounter {
            let visit = own(self.read(caller, ResourceType::ENCOUNTER, id).await?.text)?;
            let whose = visit.root().path(&["subject", "reference"]).and_then(|reference| reference.as_str()).and_then(|text| Some(Reference::parse(&text).local()?.1.to_owned()));
            if whose.map_or(Ok(true), |whose| self.are_one_person(&[patient_id, &whose]))? {
                around.named.push(("encounter".to_owned(), visit));
            } else if is_begun {
                let message = "The encounter is another person's: name one of the person that the form is about, or none.";
                return Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse.encounter", message).of_rule("encounter-of-another")]));
            }
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
            // What was entered in error, refuted or called off is nobody's answer, unless the form asks for it.
            for (code, values) in [("status", if of.name() == "Observation" { "entered-in-error,cancelled" } else { "entered-in-error" }), ("verification-status", "entered-in-error,refuted")] {
                let is_asked = pairs.iter().any(|(name, _)| name.split(':').next() == Some(code));
                if !is_asked && search::parameter(of, code).is_some() {
                    pairs.push((format!("{code}:not"), values.to_owned()));
                }
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

    /// A response to a form with what is known of a person, as a draft that is kept nowhere.
    pub async fn populated(&self, caller: &Caller, form: &Form, canonical: &str, patient_id: &str, encounter: Option<&str>) -> Result<String> {
        self.check_scope(caller, access::Deed::Read, kind("Questionnaire"))?;
        let around = self.around_begun(caller, form, patient_id, encounter).await?;
        let ::forms::Begun { filling, stopped, left_out } = ::forms::begun(form, &around);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse")), ("questionnaire", Json::text(canonical)), ("status", Json::text("in-progress")), ("subject", reference(&format!("Patient/{patient_id}")))]);
        if let Some(encounter) = encounter {
            json.set("encounter", reference(&format!("Encounter/{encounter}")));
        }
        super::note_begun(&mut json, stopped, left_out);
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
}
