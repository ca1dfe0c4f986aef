//! Completing a form: one transaction with the response, what follows from it, and where that comes from.
//!
//! * What followed from the version before is marked as an error in the same act. What follows instead is of the time
//!   at which the document was completed first.
//! * A birth is told once.

use ::forms::{Fault, Filling, Json};
use access::Caller;
use fhir::ResourceType;

use super::{Filled, REASON, TEMPLATE, kind, put, refused, told_by_others};
use crate::bundle::EntryResult;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::meta::keep_labels;
use crate::provenance::{Agent, Provenance, reference};
use crate::signing::Pen;

/// What became of completing a form.
#[derive(Debug)]
pub enum Completion {
    /// It is in the record, with so many resources that follow from it.
    Done(Box<Filled>, usize),
    /// Nothing was written: here is what is wrong, each with its place.
    Faulty(Vec<(String, Fault)>),
    /// Nothing was written: what it amends got another version after it was begun, or what it adds to is out of force.
    /// See [`Chart::overtaken`].
    Overtaken,
}

impl Chart {
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
        let mut json = self.draft_going_on(draft)?;
        let mut writer = self.draft_writer(caller, draft)?;
        let amended = match &draft.amends {
            Some(amended) => Some(self.read(caller, kind("QuestionnaireResponse"), amended).await?),
            None => None,
        };
        // What another amendment put right meanwhile is not taken away unsaid. The write holds the version read here.
        if let Some(newest) = &amended
            && self.overtaken_by(caller, draft, newest).await?.is_some()
        {
            return Ok(Completion::Overtaken);
        }
        if amended.is_none() && self.overtaken(caller, draft).await?.is_some() {
            return Ok(Completion::Overtaken);
        }
        let encounter = json.get("encounter").and_then(|encounter| encounter.string("reference")).and_then(|text| text.strip_prefix("Encounter/")).map(str::to_owned);
        let around = self.around(caller, &draft.form, &draft.patient, encounter.as_deref()).await?;
        // Of two certificates that are signed at once the second is held against the first.
        let _certificates = match draft.form.certificate {
            Some(_) => Some(self.hold_certificates(&draft.patient).await?),
            None => None,
        };
        let (filling, refused_by) = self.certified(draft, filling, &around).await?;
        let mut completed = ::forms::complete(&draft.form, &filling, &around, &self.knowledge());
        completed.faults.extend(refused_by.into_iter().map(|fault| (String::new(), fault)));
        if !completed.is_sound() {
            return Ok(Completion::Faulty(completed.faults));
        }
        let reason = json.extension(REASON).and_then(Json::as_str).map(str::to_owned);
        let items = completed.items(&draft.form);
        let kept: Vec<Json> = crate::addenda::relation(&json).into_iter().chain(told_by_others(&json)).collect();
        json.remove("extension");
        kept.into_iter().for_each(|one| json.push("extension", one));
        json = Json::read(&self.response(caller, &draft.patient, json, &completed.filling)?).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        if items != Json::List(Vec::new()) {
            json.set("item", items);
        }
        json.set("status", Json::text(if draft.amends.is_some() { "amended" } else { "completed" }));
        json.push("extension", Json::object([("url", Json::text(TEMPLATE)), ("valueCode", Json::text(draft.form.template()))]));
        let (id, version) = amended.as_ref().map_or_else(|| (draft.stored.id.clone(), draft.stored.version), |one| (one.id.clone(), one.version));
        json.set("id", Json::text(&id));
        let before = amended.as_ref().map(|one| Json::read(&one.text)).transpose().map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        keep_labels(&mut json, before.as_ref());
        let own = format!("QuestionnaireResponse/{id}");
        let mut numbers = 0;
        let mut new_url = || {
            numbers += 1;
            format!("urn:uuid:00000000-0000-4000-8000-{numbers:012}")
        };
        // What was measured was measured then, however late the slip is found.
        let mut told = json.clone();
        if let Some(first) = self.completed_first(draft)? {
            told.set("authored", Json::Text(first));
        }
        let (extracted, flaws) = ::forms::extract::extract(&draft.form, &told.written(), &own, &around, &mut new_url).map_err(|issue| Error::Refused(vec![issue]))?;
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
        let mut signer = caller.clone();
        if draft.form.certificate.as_ref().is_some_and(|one| one.kind == "birth") {
            let mother = self.read(caller, ResourceType::PATIENT, &draft.patient).await?;
            // A birth is told once; a correction of the certificate is about the same child.
            match &amended {
                None => {
                    let (followed, begun) = match self.newborn(caller, draft, &completed.filling, &mother, &own).await? {
                        Ok(followed) => followed,
                        Err(fault) => return Ok(Completion::Faulty(vec![(String::new(), fault)])),
                    };
                    entries.extend(followed);
                    if begun.is_some_and(|record| self.permit_write(caller, record).is_err()) {
                        // The caller's own right is asked for; what follows is in the record of somebody else.
                        self.permit_write(caller, self.record_of(&mother)?)?;
                        signer = crate::births::keeper(caller);
                        writer = signer.clone();
                    }
                }
                Some(amended) => {
                    // The caller's own right is asked for; what follows is in the record of somebody else.
                    self.permit_write(caller, self.record_of(amended)?)?;
                    signer = crate::births::keeper(caller);
                    let was = Json::read(&amended.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
                    match self.born_anew(caller, &signer, draft, &Filling::read(&was), &completed.filling, &mother, &own).await? {
                        Ok(followed) => entries.extend(followed),
                        Err(fault) => return Ok(Completion::Faulty(vec![(String::new(), fault)])),
                    }
                }
            }
        }
        if let Some(pen) = pen {
            entries.push(self.signature_entry(caller, draft, pen, version + 1, reason.as_deref())?);
        }
        let place = entries.len() - 1;
        let bundle = Json::object([("resourceType", Json::text("Bundle")), ("type", Json::text("transaction")), ("entry", Json::List(entries))]);
        if let Some(pen) = pen {
            let written = self.signed_by(caller, &signer, draft, pen, &bundle.written(), version + 1, place).await?;
            return Ok(Completion::Done(Box::new(self.again(written, draft.form.clone(), &draft.patient)?), count));
        }
        let outcome = match self.bundle(&writer, bundle.written().as_bytes()).await {
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
}

/// A resource marked as an error; none where its type has no word for that, or it is one already.
fn as_error(mut json: Json) -> Option<Json> {
    const BY_STATUS: [&str; 28] = [
        "Observation", "Immunization", "MedicationRequest", "ServiceRequest", "Procedure", "Encounter", "MedicationStatement", "DiagnosticReport", "CarePlan", "Flag", "Communication", "FamilyMemberHistory", "DocumentReference", "Consent",
        "MedicationAdministration", "MedicationDispense", "CareTeam", "ClinicalImpression", "CommunicationRequest", "DetectedIssue", "DeviceRequest", "DeviceUseStatement", "Media", "NutritionOrder", "RiskAssessment", "Specimen", "SupplyRequest", "VisionPrescription",
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
    if kind == "Appointment" {
        // One without its hours can only be proposed or cancelled: app-3 of https://hl7.org/fhir/R4/appointment.html#invs
        let status = if json.get("start").is_some() && json.get("end").is_some() { "entered-in-error" } else { "cancelled" };
        let is_over = matches!(json.string("status"), Some("entered-in-error" | "cancelled"));
        return (!is_over).then(|| {
            json.set("status", Json::text(status));
            json
        });
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
        assert_eq!(marked(r#"{"resourceType":"MedicationAdministration","status":"completed"}"#).as_deref(), Some(r#"{"resourceType":"MedicationAdministration","status":"entered-in-error"}"#));
        assert_eq!(marked(r#"{"resourceType":"Appointment","status":"proposed"}"#).as_deref(), Some(r#"{"resourceType":"Appointment","status":"cancelled"}"#));
        assert!(marked(r#"{"resourceType":"Appointment","status":"booked","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:30:00Z"}"#).is_some_and(|text| text.contains("entered-in-error")));
        assert_eq!(marked(r#"{"resourceType":"Appointment","status":"cancelled"}"#), None);
    }
}
