//! What follows from a birth certificate for the newborn, and what becomes of it when the certificate is annulled.
//!
//! * A birth is told once: a record with a provisional number, the mother named in it, and a Task that waits for the
//!   registry. Where a desk began the record, the Task comes to it. Nothing is sent from here: the registry's system finds the Task, or is told of it by a Subscription, and
//!   says in its status that it has taken it.
//! * An annulment deletes nothing. What the registry has not taken is cancelled; what it has taken is followed by a
//!   Task that tells it of the annulment.
//! * A record that holds nothing but what the certificate made goes out of use. One that holds more is somebody's
//!   record: a Task asks a person to judge it, and it stays as it is.

use std::ops::ControlFlow;

use ::forms::{Datum, Filling, Json};
use access::{Act, Caller, Role};
use fhir::{RecordId, Reference, ResourceType};
use search::{Handling, Query};
use store::{Method, Tick};

use crate::accounts::day_told;
use crate::certificates::{code_of as coded, day};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::{Filled, put};
use crate::newborn::{Newborn, mother_of, told_at};
use crate::provenance::reference;
use crate::stored::Stored;
use crate::terminology::house;

/// The system of what a Task of ours asks for.
pub(crate) const TASKS: &str = "https://carnet.health/fhir/CodeSystem/task";
/// Asks the registry to take note of a birth.
pub(crate) const NOTIFICATION: &str = "birth-notification";
/// Asks the registry to take back what it noted.
const ANNULMENT: &str = "birth-annulment";
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

/// The Patient that a desk began with what the certificate knows better; none where it knows nothing better.
fn completed(begun: &Stored, newborn: &Newborn<'_>) -> Result<Option<Json>> {
    let mut json = Json::read(&begun.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
    let told = newborn.patient();
    let mut is_better = false;
    if newborn.sex != "unknown" && json.string("gender").is_none_or(|sex| sex == "unknown") {
        json.set("gender", Json::text(newborn.sex));
        is_better = true;
    }
    // Who has been named meanwhile keeps that name.
    let names = match json.each("name") {
        [] => Some(told.each("name").to_vec()),
        [name] if name.string("use") == Some("temp") && name.string("family").is_none() => {
            let mut name = name.clone();
            name.set("family", Json::text(newborn.family.unwrap_or_default()));
            Some(vec![name])
        }
        _ => None,
    };
    if let Some(names) = names.filter(|_| newborn.family.is_some()) {
        json.set("name", Json::List(names));
        is_better = true;
    }
    if json.get("_birthDate").is_none() && let Some(at) = told.get("_birthDate") {
        json.set("_birthDate", at.clone());
        is_better = true;
    }
    json.remove("meta");
    Ok(is_better.then_some(json))
}

impl Chart {
    /// What follows from a birth: a record for the newborn with a provisional number, the mother named
    /// in it, and the notification that waits for the registry. The record that a desk began for the same child is
    /// taken up. Says, too, which record that is: whoever signs may never have seen it.
    pub(crate) async fn newborn(&self, caller: &Caller, draft: &Filled, filling: &Filling, mother: &Stored, response: &str) -> Result<(Vec<Json>, Option<RecordId>)> {
        let nothing = Ok((Vec::new(), None));
        let Some(certificate) = draft.form.certificate.as_ref().filter(|one| one.kind == "birth") else { return nothing };
        let answer = |name: &str| certificate.rule(name).and_then(|question| filling.first(question));
        let Some(born) = answer("born").and_then(day) else { return nothing };
        let mother_json = Json::read(&mother.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let own_name = match answer("name").map(|answer| &answer.value) {
            Some(Some(Datum::Text(name))) => Some(name.clone()),
            _ => None,
        };
        let at = match answer("born").map(|answer| &answer.value) {
            Some(Some(Datum::DateTime(text))) => told_at(text, self.settings().zone_offset_minutes),
            _ => None,
        };
        let sex = answer("sex").and_then(coded).unwrap_or_else(|| "unknown".to_owned());
        let newborn = Newborn { mother: &mother_json, family: own_name.as_deref(), sex: &sex, day: day_told(born), at, order: None, country: country::by_code(&self.settings().country) };
        let begun = self.begun_for(&keeper(caller), &mother.id, &newborn).await?;
        let (mut entries, mut record, mut child) = (Vec::new(), None, CHILD.to_owned());
        match begun {
            Some(begun) => {
                child = format!("Patient/{}", begun.id);
                record = self.store().locate(ResourceType::PATIENT, &begun.id)?.map(|at| at.record);
                entries.extend(completed(&begun, &newborn)?.map(|json| put(&child, json, begun.version)));
            }
            None => {
                let number = country::provisional::number(country::provisional::Case::Newborn, u64::from_be_bytes(self.store().random()));
                let mut patient = newborn.patient();
                patient.set("identifier", Json::List(vec![Json::object([("use", Json::text("temp")), ("system", Json::text(country::provisional::SYSTEM)), ("value", Json::text(number))])]));
                entries.push(posted("urn:uuid:00000000-0000-4000-8000-0000000000b2", "RelatedPerson", mother_of(CHILD, &mother_json)));
                entries.insert(0, posted(CHILD, "Patient", patient));
            }
        }
        let hours = certificate.rule("notify-hours").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(24);
        let now = self.now();
        let mut task = Json::object([("resourceType", Json::text("Task")), ("status", Json::text("requested")), ("intent", Json::text("order"))]);
        task.set("code", code_of(NOTIFICATION, "Birth notification"));
        task.set("focus", reference(response));
        task.set("for", reference(&child));
        task.set("authoredOn", Json::text(now.to_string()));
        task.set("restriction", Json::object([("period", Json::object([("end", Json::text(fhir::Moment(now.0 + hours * 3_600_000).to_string()))]))]));
        entries.push(posted("urn:uuid:00000000-0000-4000-8000-0000000000b3", "Task", task));
        Ok((entries, record))
    }

    /// For a certificate that is annulled: what becomes of the newborn's record and of the notification. The caller
    /// acts for the house, as whoever signs may not see the record of a child that was never in their care.
    pub(crate) async fn unborn(&self, keeper: &Caller, certificate: &str) -> Result<Vec<Json>> {
        let kind = ResourceType::named("Task").expect("R4 has the type");
        let code = format!("{TASKS}|{NOTIFICATION}");
        let pairs = [("code", code.as_str()), ("focus", certificate)];
        let query = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        let mut entries = Vec::new();
        for hit in self.search(keeper, &query, None).await?.items {
            let damaged = || store::Error::Damaged("a stored resource cannot be read");
            let mut task = Json::read(&hit.stored.text).map_err(|_| damaged())?;
            let Some(child) = task.get("for").and_then(|one| one.string("reference")).and_then(|text| match Reference::parse(text) {
                Reference::Local { kind: ResourceType::PATIENT, id, .. } => Some(id.to_owned()),
                _ => None,
            }) else { continue };
            let address = format!("Patient/{child}");
            match task.string("status") {
                Some("draft" | "requested" | "received" | "ready" | "on-hold") => {
                    task.remove("meta");
                    task.set("status", Json::text("cancelled"));
                    task.set("statusReason", Json::object([("text", Json::text("The certificate was annulled."))]));
                    entries.push(put(&format!("Task/{}", hit.stored.id), task, hit.stored.version));
                }
                Some("cancelled" | "rejected" | "entered-in-error") => {}
                _ => entries.push(self.asked_of(ANNULMENT, "Birth certificate annulled", certificate, &address)),
            }
            match self.untouched(&child, &hit.stored)? {
                Some(all) => {
                    for stored in all {
                        let mut json = Json::read(&stored.text).map_err(|_| damaged())?;
                        json.remove("meta");
                        json.set("active", Json::Bool(false));
                        entries.push(put(&format!("{}/{}", stored.kind, stored.id), json, stored.version));
                    }
                }
                None => entries.push(self.asked_of(REVIEW, "The birth certificate of this record was annulled: judge the record", certificate, &address)),
            }
        }
        Ok(entries)
    }

    /// What the certificate made of a newborn's record, if the record holds nothing else and nobody changed it.
    fn untouched(&self, child: &str, task: &Stored) -> Result<Option<Vec<Stored>>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, child)? else { return Ok(Some(Vec::new())) };
        let Some(permitted) = self.right(&self.permitted_set(&house(), Act::Read)?, at.record)? else { return Ok(None) };
        let (mut own, mut has_more) = (Vec::new(), false);
        self.store().scan_record(&permitted, Tick::END, &mut |entry| {
            match entry.kind.name() {
                "Task" if entry.id == task.id => {}
                "Patient" | "RelatedPerson" if entry.version == 1 && entry.method != Method::Delete => own.push(Stored::from(entry)),
                _ => has_more = true,
            }
            ControlFlow::Continue(())
        })?;
        let is_as_made = !has_more && own.len() <= 2 && own.iter().any(|one| one.kind == ResourceType::PATIENT && one.id == child);
        Ok(is_as_made.then_some(own))
    }

    fn asked_of(&self, code: &str, text: &str, certificate: &str, child: &str) -> Json {
        let mut task = Json::object([("resourceType", Json::text("Task")), ("status", Json::text("requested")), ("intent", Json::text("order"))]);
        task.set("code", code_of(code, text));
        task.set("focus", reference(certificate));
        task.set("for", reference(child));
        task.set("authoredOn", Json::text(self.now().to_string()));
        Json::object([("resource", task), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text("Task"))]))])
    }
}

/// The caller as the house: the same account and session, so that the log says whose act it is.
pub(crate) fn keeper(caller: &Caller) -> Caller {
    let mut keeper = caller.clone();
    keeper.account.role = Role::Console;
    keeper.grant = None;
    keeper
}
