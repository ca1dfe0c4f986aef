//! What follows from a birth certificate for the newborn, and what becomes of it when the certificate is annulled.
//!
//! * A birth is told once: a record with a provisional number, the mother named in it, and a Task that waits for the
//!   registry. Nothing is sent from here: the registry's system finds the Task, or is told of it by a Subscription, and
//!   says in its status that it has taken it.
//! * An annulment deletes nothing. What the registry has not taken is cancelled; what it has taken is followed by a
//!   Task that tells it of the annulment.
//! * A record that holds nothing but what the certificate made goes out of use. One that holds more is somebody's
//!   record: a Task asks a person to judge it, and it stays as it is.

use std::ops::ControlFlow;

use ::forms::{Datum, Filling, Json};
use access::{Act, Caller, Role};
use fhir::{Reference, ResourceType};
use search::{Handling, Query};
use store::{Method, Tick};

use crate::accounts::day_told;
use crate::certificates::{code_of as coded, day};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::{Filled, put};
use crate::provenance::reference;
use crate::stored::Stored;
use crate::terminology::house;

/// The system of what a Task of ours asks for.
const TASKS: &str = "https://carnet.health/fhir/CodeSystem/task";
/// Asks the registry to take note of a birth.
const NOTIFICATION: &str = "birth-notification";
/// Asks the registry to take back what it noted.
const ANNULMENT: &str = "birth-annulment";
/// Asks a person what becomes of a newborn's record.
const REVIEW: &str = "newborn-review";

fn code_of(code: &str, text: &str) -> Json {
    let coding = Json::object([("system", Json::text(TASKS)), ("code", Json::text(code))]);
    Json::object([("coding", Json::List(vec![coding])), ("text", Json::text(text))])
}

impl Chart {
    /// What follows from a birth: a record for the newborn with a provisional number, the mother named
    /// in it, and the notification that waits for the registry.
    pub(crate) fn newborn(&self, draft: &Filled, filling: &Filling, mother: &Stored, response: &str) -> Result<Vec<Json>> {
        let Some(certificate) = draft.form.certificate.as_ref().filter(|one| one.kind == "birth") else { return Ok(Vec::new()) };
        let answer = |name: &str| certificate.rule(name).and_then(|question| filling.first(question));
        let Some((year, month, day)) = answer("born").and_then(day) else { return Ok(Vec::new()) };
        let mother_json = Json::read(&mother.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let text = |of: &str, value: &str| (of.to_owned(), Json::text(value));
        let own_name = match answer("name").map(|answer| &answer.value) {
            Some(Some(Datum::Text(name))) => Some(name.clone()),
            _ => None,
        };
        let sex = answer("sex").and_then(coded).unwrap_or_else(|| "unknown".to_owned());
        let number = country::provisional::number(country::provisional::Case::Newborn, u64::from_be_bytes(self.store().random()));
        const CHILD: &str = "urn:uuid:00000000-0000-4000-8000-0000000000b1";
        let mut child = Json::object([("resourceType", Json::text("Patient"))]);
        child.set("identifier", Json::List(vec![Json::object([("use", Json::text("temp")), ("system", Json::text(country::provisional::SYSTEM)), ("value", Json::text(number))])]));
        if let Some(family) = own_name {
            child.set("name", Json::List(vec![Json::Object(vec![text("use", "temp"), text("family", &family)])]));
        }
        child.set("gender", Json::text(sex));
        child.set("birthDate", Json::text(day_told((year, month, day))));
        let mut relation = Json::object([("resourceType", Json::text("RelatedPerson")), ("active", Json::Bool(true)), ("patient", reference(CHILD))]);
        let kind = Json::object([("system", Json::text("http://terminology.hl7.org/CodeSystem/v3-RoleCode")), ("code", Json::text("MTH"))]);
        relation.set("relationship", Json::List(vec![Json::object([("coding", Json::List(vec![kind]))])]));
        for member in ["identifier", "name", "telecom"] {
            if let Some(value) = mother_json.get(member) {
                relation.set(member, value.clone());
            }
        }
        let now = self.now();
        let hours = certificate.rule("notify-hours").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(24);
        let mut task = Json::object([("resourceType", Json::text("Task")), ("status", Json::text("requested")), ("intent", Json::text("order"))]);
        task.set("code", code_of(NOTIFICATION, "Birth notification"));
        task.set("focus", reference(response));
        task.set("for", reference(CHILD));
        task.set("authoredOn", Json::text(now.to_string()));
        task.set("restriction", Json::object([("period", Json::object([("end", Json::text(fhir::Moment(now.0 + hours * 3_600_000).to_string()))]))]));
        let post = |url: &str, of: &str, resource: Json| Json::object([("fullUrl", Json::text(url)), ("resource", resource), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text(of))]))]);
        Ok(vec![post(CHILD, "Patient", child), post("urn:uuid:00000000-0000-4000-8000-0000000000b2", "RelatedPerson", relation), post("urn:uuid:00000000-0000-4000-8000-0000000000b3", "Task", task)])
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
