//! What follows from a birth certificate for the newborn, and what becomes of it when the certificate is amended or
//! annulled.
//!
//! * Which record was begun for the child is never guessed: where several may be it, nothing is signed.
//! * A birth is told once: a record with a provisional number, the mother named in it, what the certificate measured,
//!   and a Task that waits for the registry. Where a desk began the record, it is taken up. Nothing is sent from here:
//!   the registry's system finds the Task, or is told of it by a Subscription, and says in its status that it has taken it.
//! * An amendment corrects what the certificate said and nobody has changed since. Of what somebody changed, a Task
//!   asks a person; another tells the registry that the certificate was amended.
//! * Where the newborn's Patient was merged into another one, a person judges what an amendment changes of it: the one
//!   that stays was begun by somebody else, and the replaced one is never changed alone.
//! * An annulment deletes nothing. What the registry has not taken is cancelled; what it has taken is followed by a
//!   Task that tells it of the annulment.
//! * A record that holds nothing but what the certificate made goes out of use. One that holds more is somebody's
//!   record: a Task asks a person to judge it, and it stays as it is.

use std::ops::ControlFlow;

use ::forms::{Fault, Filling, Json};
use access::{Act, Caller, Role};
use country::provisional::Case;
use fhir::{RecordId, Reference, ResourceType};
use search::{Handling, Query};
use store::{Method, Tick};

use crate::born::{Born, as_the_mother, country_of, follows_from, of_child, own_country, said};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::{Filled, put};
use crate::newborn::{Begun, Sought, mother_of, patient_of, provisional_number};
use crate::provenance::{Agent, Provenance, reference, versioned};
use crate::stored::Stored;
use crate::terminology::house;

/// The system of what a Task of ours asks for.
pub(crate) const TASKS: &str = "https://carnet.health/fhir/CodeSystem/task";
/// Asks the registry to take note of a birth.
pub(crate) const NOTIFICATION: &str = "birth-notification";
/// Asks the registry to take back what it noted.
const ANNULMENT: &str = "birth-annulment";
/// Tells the registry that a certificate was amended.
const CORRECTION: &str = "birth-correction";
/// Asks a person what becomes of a newborn's record.
const REVIEW: &str = "newborn-review";
/// How the entries of the transaction name the child.
const CHILD: &str = "urn:uuid:00000000-0000-4000-8000-0000000000b1";

fn code_of(code: &str, text: &str) -> Json {
    let coding = Json::object([("system", Json::text(TASKS)), ("code", Json::text(code))]);
    Json::object([("coding", Json::List(vec![coding])), ("text", Json::text(text))])
}

fn posted(url: &str, of: &str, resource: Json) -> Json {
    Json::object([("fullUrl", Json::text(url)), ("resource", resource), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text(of))]))])
}

/// What follows from a birth: entries of the transaction, and the record that was taken up. Or why nothing is signed.
type Followed<T> = std::result::Result<T, Fault>;

/// The Patient that a desk began with what the certificate knows better; none where it knows nothing better. What
/// somebody has written meanwhile stays.
fn taken_up(begun: &Stored, told: Vec<(&'static str, Json)>) -> Result<Option<Json>> {
    let mut json = Json::read(&begun.text).map_err(|_| damaged())?;
    let mut is_better = false;
    for (name, value) in told {
        let is_open = match name {
            "gender" => json.string("gender").is_none_or(|sex| sex == "unknown"),
            // The mother's name stands in for one that is not given yet.
            "name" => json.each("name").iter().all(|name| name.string("use") == Some("temp") && name.string("family").is_none()),
            "multipleBirthInteger" | "multipleBirthBoolean" => json.choice("multipleBirth").is_none(),
            name => json.get(name).is_none(),
        };
        if is_open && json.get(name) != Some(&value) {
            json.set(name, value);
            is_better = true;
        }
    }
    crate::meta::keep_labels(&mut json);
    Ok(is_better.then_some(json))
}

impl Chart {
    /// What follows from a birth: a record for the newborn with a provisional number, the mother named
    /// in it, and the notification that waits for the registry. The record that a desk began for the same child is
    /// taken up. Says, too, which record that is: whoever signs may never have seen it.
    pub(crate) async fn newborn(&self, caller: &Caller, draft: &Filled, filling: &Filling, mother: &Stored, response: &str) -> Result<Followed<(Vec<Json>, Option<RecordId>)>> {
        let nothing = Ok(Ok((Vec::new(), None)));
        let Some(certificate) = draft.form.certificate.as_ref().filter(|one| one.kind == "birth") else { return nothing };
        let Some(born) = Born::told(&draft.form, certificate, filling, &mother.text, self.settings().zone_offset_minutes) else { return nothing };
        let mother_json = Json::read(&mother.text).map_err(|_| damaged())?;
        let begun = self.begun_for(&keeper(caller), &mother.id, &Sought::of(&born)).await?;
        let told = born.elements.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(as_the_mother(&mother_json, own_country(&mother.text).or_else(|| country_of(&draft.form, &mother.text))));
        let (mut entries, mut targets, mut record, mut child) = (Vec::new(), Vec::new(), None, CHILD.to_owned());
        match begun {
            Begun::Doubtful => return Ok(Err(Fault::WhichNewborn)),
            Begun::Record(begun) => {
                child = format!("Patient/{}", begun.id);
                record = self.store().locate(ResourceType::PATIENT, &begun.id)?.map(|at| at.record);
                if let Some(json) = taken_up(&begun, told.collect())? {
                    targets.push(versioned(ResourceType::PATIENT, &begun.id, begun.version + 1));
                    entries.push(put(&child, json, begun.version));
                }
            }
            Begun::Nothing => {
                let mut patient = patient_of(told);
                patient.push("identifier", provisional_number(Case::Newborn, u64::from_be_bytes(self.store().random())));
                const MOTHER: &str = "urn:uuid:00000000-0000-4000-8000-0000000000b2";
                entries.extend([posted(CHILD, "Patient", patient), posted(MOTHER, "RelatedPerson", mother_of(CHILD, &mother_json))]);
                targets.extend([reference(CHILD), reference(MOTHER)]);
            }
        }
        let now = self.now();
        let hours = certificate.rule("notify-hours").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(24);
        let mut task = Json::object([("resourceType", Json::text("Task")), ("status", Json::text("requested")), ("intent", Json::text("order"))]);
        task.set("code", code_of(NOTIFICATION, "Birth notification"));
        task.set("focus", reference(response));
        task.set("for", reference(&child));
        task.set("authoredOn", Json::text(now.to_string()));
        task.set("restriction", Json::object([("period", Json::object([("end", Json::text(fhir::Moment(now.0 + hours * 3_600_000).to_string()))]))]));
        entries.push(posted("urn:uuid:00000000-0000-4000-8000-0000000000b3", "Task", task));
        let performer = self.author(caller)?;
        for (place, observed) in born.observed.into_iter().filter_map(|one| one.resource).enumerate() {
            let url = format!("urn:uuid:00000000-0000-4000-8000-0000000000c{place:x}");
            entries.push(posted(&url, "Observation", of_child(observed, &child, response, Some(performer.clone()))));
            targets.push(reference(&url));
        }
        if !targets.is_empty() {
            entries.push(self.told_of(caller, targets, response)?);
        }
        Ok(Ok((entries, record)))
    }

    /// Who wrote something into a newborn's record, and from which certificate.
    fn told_of(&self, caller: &Caller, targets: Vec<Json>, response: &str) -> Result<Json> {
        Ok(Provenance::of(targets, self.now(), Agent::known_as(self.author(caller)?)).from("source", [reference(response)]).posted())
    }

    /// For a certificate that is amended: what of the newborn's record is put right, what a person is asked, and what
    /// the registry is told. The keeper acts for the house, as whoever signs may not see the newborn's record.
    #[allow(clippy::too_many_arguments)]
    pub(crate) async fn born_anew(&self, caller: &Caller, keeper: &Caller, draft: &Filled, was: &Filling, filling: &Filling, mother: &Stored, response: &str) -> Result<Followed<Vec<Json>>> {
        let Some(certificate) = draft.form.certificate.as_ref().filter(|one| one.kind == "birth") else { return Ok(Ok(Vec::new())) };
        let told = |filling: &Filling| Born::told(&draft.form, certificate, filling, &mother.text, self.settings().zone_offset_minutes);
        let Some(now) = told(filling) else { return Ok(Ok(Vec::new())) };
        // Older certificates may be without their day; nothing followed from them.
        let Some(was) = told(was) else { return Ok(self.newborn(caller, draft, filling, mother, response).await?.map(|(entries, _)| entries)) };
        let mut entries = Vec::new();
        for task in self.tasks_of(keeper, response, NOTIFICATION).await? {
            let Some((told_to, child)) = child_of(&task)? else { continue };
            let staying = self.staying(&child)?;
            let address = format!("Patient/{}", staying.as_deref().unwrap_or(&child));
            let Some((corrected, contested)) = self.corrected(caller, &child, staying.as_deref(), &was, &now, response)? else { continue };
            entries.extend(corrected);
            if !contested.is_empty() {
                let text = format!("The birth certificate was amended, and this record says something else since: {}. Judge the record", contested.join(", "));
                entries.push(self.asked_of(REVIEW, &text, response, &address, None));
            }
            if !matches!(told_to.string("status"), Some("cancelled" | "entered-in-error")) {
                entries.push(self.asked_of(CORRECTION, "Birth certificate amended", response, &address, Some(&task.id)));
            }
        }
        Ok(Ok(entries))
    }

    /// The Patient into which a newborn's was merged; none where it stands for itself.
    fn staying(&self, child: &str) -> Result<Option<String>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, child)? else { return Ok(None) };
        self.merged_into(at.record)
    }

    /// What an amendment puts right in a newborn's record, and the elements that somebody else has changed since, or
    /// that the Patient says otherwise into which it was merged; none where there is no such record.
    fn corrected(&self, caller: &Caller, child: &str, staying: Option<&str>, was: &Born, now: &Born, response: &str) -> Result<Option<(Vec<Json>, Vec<&'static str>)>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, child)? else { return Ok(None) };
        let Some(permitted) = self.right(&self.permitted_set(&house(), Act::Read)?, at.record)? else { return Ok(None) };
        let (mut patient, mut observed) = (None, Vec::new());
        let observation = ResourceType::named("Observation").expect("R4 has the type");
        self.store().scan_types(&permitted, &[ResourceType::PATIENT, observation], Tick::END, None, &mut |entry| {
            match entry.method {
                Method::Delete => {}
                _ if entry.kind == ResourceType::PATIENT && entry.id == child => patient = Some(Stored::from(entry)),
                _ if entry.kind == observation => observed.push(Stored::from(entry)),
                _ => {}
            }
            ControlFlow::Continue(())
        })?;
        let Some(patient) = patient else { return Ok(None) };
        let patient = match staying {
            Some(id) => self.patient_now(id)?.unwrap_or(patient),
            None => patient,
        };
        let (mut entries, mut targets, mut contested) = (Vec::new(), Vec::new(), Vec::new());
        let mut json = Json::read(&patient.text).map_err(|_| damaged())?;
        let mut is_changed = false;
        for ((name, before), (_, after)) in was.elements.iter().zip(&now.elements) {
            let held = json.get(name).cloned();
            if before == after || held == *after {
                continue;
            }
            // What is not there contradicts nothing; of a Patient that this certificate did not make, a person judges.
            if staying.is_some() || (held.is_some() && held != *before) {
                contested.push(*name);
                continue;
            }
            match after {
                Some(value) => json.set(name, value.clone()),
                None => drop(json.remove(name)),
            }
            is_changed = true;
        }
        if is_changed {
            crate::meta::keep_labels(&mut json);
            targets.push(versioned(ResourceType::PATIENT, child, patient.version + 1));
            entries.push(put(&format!("Patient/{child}"), json, patient.version));
        }
        for (place, (before, after)) in was.observed.iter().zip(&now.observed).enumerate() {
            if before.resource.as_ref().map(said) == after.resource.as_ref().map(said) {
                continue;
            }
            let held = observed.iter().find_map(|stored| {
                let json = Json::read(&stored.text).ok().filter(|json| follows_from(json, response))?;
                let is_it = json.get("code").is_some_and(|code| code.each("coding").iter().any(|coding| coding.string("code") == Some(after.code)));
                is_it.then_some((stored, json))
            });
            match (held, &after.resource) {
                (None, None) => {}
                (None, Some(resource)) => {
                    let url = format!("urn:uuid:00000000-0000-4000-8000-0000000000d{place:x}");
                    let resource = of_child(resource.clone(), &format!("Patient/{child}"), response, Some(self.author(caller)?));
                    entries.push(posted(&url, "Observation", resource));
                    targets.push(reference(&url));
                }
                (Some((_, json)), after) if after.as_ref().map(said) == Some(said(&json)) && json.string("status") != Some("entered-in-error") => {}
                (Some((_, json)), _) if Some(said(&json)) != before.resource.as_ref().map(said) || json.string("status") == Some("entered-in-error") => contested.push("Observation"),
                (Some((stored, mut json)), after) => {
                    crate::meta::keep_labels(&mut json);
                    match after {
                        Some(after) => {
                            json.set("status", Json::text("corrected"));
                            for name in ["effectiveDateTime", "valueQuantity", "valueInteger"] {
                                match after.get(name) {
                                    Some(value) => json.set(name, value.clone()),
                                    None => drop(json.remove(name)),
                                }
                            }
                        }
                        None => json.set("status", Json::text("entered-in-error")),
                    }
                    targets.push(versioned(observation, &stored.id, stored.version + 1));
                    entries.push(put(&format!("Observation/{}", stored.id), json, stored.version));
                }
            }
        }
        if !targets.is_empty() {
            entries.push(self.told_of(caller, targets, response)?);
        }
        contested.dedup();
        Ok(Some((entries, contested)))
    }

    /// The Tasks of ours about a certificate, with this code.
    async fn tasks_of(&self, keeper: &Caller, certificate: &str, code: &str) -> Result<Vec<Stored>> {
        let kind = ResourceType::named("Task").expect("R4 has the type");
        let code = format!("{TASKS}|{code}");
        let pairs = [("code", code.as_str()), ("focus", certificate)];
        let query = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        Ok(self.search(keeper, &query, None).await?.items.into_iter().map(|hit| hit.stored).collect())
    }

    /// For a certificate that is annulled: what becomes of the newborn's record and of the notification. The caller
    /// acts for the house, as whoever signs may not see the record of a child that was never in their care.
    pub(crate) async fn unborn(&self, keeper: &Caller, certificate: &str) -> Result<Vec<Json>> {
        let mut entries = Vec::new();
        // A correction that nobody has taken yet has nothing to correct any more.
        for stored in self.tasks_of(keeper, certificate, CORRECTION).await? {
            let task = Json::read(&stored.text).map_err(|_| damaged())?;
            if is_waiting(&task) {
                entries.push(cancelled(&stored, task));
            }
        }
        for stored in self.tasks_of(keeper, certificate, NOTIFICATION).await? {
            let Some((task, child)) = child_of(&stored)? else { continue };
            let address = format!("Patient/{}", self.staying(&child)?.as_deref().unwrap_or(&child));
            match task.string("status") {
                _ if is_waiting(&task) => entries.push(cancelled(&stored, task)),
                Some("cancelled" | "rejected" | "entered-in-error") => {}
                _ => entries.push(self.asked_of(ANNULMENT, "Birth certificate annulled", certificate, &address, None)),
            }
            match self.untouched(&child, certificate)? {
                Some(all) => {
                    for stored in all {
                        let mut json = Json::read(&stored.text).map_err(|_| damaged())?;
                        crate::meta::keep_labels(&mut json);
                        match stored.kind.name() {
                            "Observation" => json.set("status", Json::text("entered-in-error")),
                            _ => json.set("active", Json::Bool(false)),
                        }
                        entries.push(put(&format!("{}/{}", stored.kind, stored.id), json, stored.version));
                    }
                }
                None => entries.push(self.asked_of(REVIEW, "The birth certificate of this record was annulled: judge the record", certificate, &address, None)),
            }
        }
        Ok(entries)
    }

    /// What the certificate made of a newborn's record, if the record holds nothing else and nobody changed it.
    fn untouched(&self, child: &str, certificate: &str) -> Result<Option<Vec<Stored>>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, child)? else { return Ok(Some(Vec::new())) };
        let Some(permitted) = self.right(&self.permitted_set(&house(), Act::Read)?, at.record)? else { return Ok(None) };
        let (mut found, mut made, mut has_more) = (Vec::new(), Vec::new(), false);
        self.store().scan_record(&permitted, Tick::END, &mut |entry| {
            let json = Json::read(entry.text).ok();
            match (entry.kind.name(), json) {
                ("Task", Some(json)) if is_ours(&json, certificate) => {}
                // Who wrote which version of the record from the certificate.
                ("Provenance", Some(json)) if entry.version == 1 && json.each("entity").iter().any(|one| one.get("what").and_then(|what| what.string("reference")) == Some(certificate)) => {
                    made.extend(json.each("target").iter().filter_map(|target| target.string("reference").map(str::to_owned)));
                }
                ("Patient" | "RelatedPerson", _) if entry.method != Method::Delete => found.push(Stored::from(entry)),
                ("Observation", Some(json)) if follows_from(&json, certificate) => found.push(Stored::from(entry)),
                _ => has_more = true,
            }
            ControlFlow::Continue(())
        })?;
        let is_made = |one: &Stored| one.version == 1 || made.contains(&format!("{}/{}/_history/{}", one.kind, one.id, one.version));
        let is_as_made = !has_more && found.iter().all(is_made) && found.iter().filter(|one| one.kind.name() == "RelatedPerson").count() <= 1 && found.iter().any(|one| one.kind == ResourceType::PATIENT && one.id == child);
        Ok(is_as_made.then_some(found))
    }

    /// A Task of ours about a certificate, for a newborn; part of another one where its id is given.
    fn asked_of(&self, code: &str, text: &str, certificate: &str, child: &str, part_of: Option<&str>) -> Json {
        let mut task = Json::object([("resourceType", Json::text("Task")), ("status", Json::text("requested")), ("intent", Json::text("order"))]);
        task.set("code", code_of(code, text));
        task.set("focus", reference(certificate));
        task.set("for", reference(child));
        task.set("authoredOn", Json::text(self.now().to_string()));
        if let Some(task_id) = part_of {
            task.set("partOf", Json::List(vec![reference(&format!("Task/{task_id}"))]));
        }
        Json::object([("resource", task), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text("Task"))]))])
    }
}

fn damaged() -> store::Error {
    store::Error::Damaged("a stored resource cannot be read")
}

/// True where nobody has begun what a Task asks.
fn is_waiting(task: &Json) -> bool {
    matches!(task.string("status"), Some("draft" | "requested" | "received" | "ready" | "on-hold"))
}

/// True where a Task of ours is about a certificate.
fn is_ours(task: &Json, certificate: &str) -> bool {
    let is_coded = task.get("code").is_some_and(|code| code.each("coding").iter().any(|coding| coding.string("system") == Some(TASKS)));
    is_coded && task.get("focus").and_then(|focus| focus.string("reference")) == Some(certificate)
}

/// A Task whose certificate was annulled before anybody took it.
fn cancelled(stored: &Stored, mut task: Json) -> Json {
    task.remove("meta");
    task.set("status", Json::text("cancelled"));
    task.set("statusReason", Json::object([("text", Json::text("The certificate was annulled."))]));
    put(&format!("Task/{}", stored.id), task, stored.version)
}

/// A Task and the id of the newborn it is for.
fn child_of(stored: &Stored) -> Result<Option<(Json, String)>> {
    let task = Json::read(&stored.text).map_err(|_| damaged())?;
    let child = task.get("for").and_then(|one| one.string("reference")).and_then(|text| match Reference::parse(text) {
        Reference::Local { kind: ResourceType::PATIENT, id, .. } => Some(id.to_owned()),
        _ => None,
    });
    Ok(child.map(|child| (task, child)))
}

/// The caller as the house: the same account and session, so that the log says whose act it is.
pub(crate) fn keeper(caller: &Caller) -> Caller {
    let mut keeper = caller.clone();
    keeper.account.role = Role::Console;
    keeper.grant = None;
    keeper
}
