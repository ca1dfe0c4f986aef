//! To which unit a person is assigned, and that they go to another institution: each one act.
//!
//! * `Patient.managingOrganization` is the unit of now, for whoever reads the Patient alone. Each assignment
//!   is an EpisodeOfCare too, and stays when it has ended: together they are the history.
//! * A transfer ends the assignment and the coverages at one institution and begins those at another, in one
//!   transaction. From then on the institution that was left sees what it wrote itself (`access`).
//! * The family doctor goes with the unit: a new one is named there.
//!
//! <https://hl7.org/fhir/R4/episodeofcare.html>

use ::forms::Json;
use access::{ASSIGNED_UNIT, ASSIGNMENT, Act, Caller, INSTITUTION, TRANSFERRED, institutions_of, may_assign, may_tell_of_units, may_undo_transfer, tells_of_assignment, tells_of_leaving};
use fhir::{Document, RecordId, Reference, ResourceType, Value};
use std::ops::ControlFlow;
use store::{Method, Tick};

use crate::acts::reason;
use crate::births::keeper;
use crate::circumstances::EPISODE;
use crate::coverage::{Named, NewCoverage, coverage, day, ruled, wrong};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::merge::Subject;
use crate::provenance::{reference, versioned};
use crate::stored::Stored;
use crate::terminology::house;
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;

/// That a person goes to another institution.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<'a> {
    /// The id of the Organization to which they are assigned from now on.
    pub unit: &'a str,
    /// The ids of the Coverages that end.
    pub ends: &'a [String],
    /// Their last day; the first day of the new one may be the next.
    pub until: &'a str,
    /// Who pays from now on.
    pub begins: Option<NewCoverage<'a>>,
    /// Why, in one line and without names.
    pub reason: &'a str,
}

/// What an assignment or a transfer wrote.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// The Patient.
    pub patient: Stored,
    /// The assignment that began, as an EpisodeOfCare.
    pub began: Stored,
    /// The one that ended; none where the person had no unit.
    pub ended: Option<Stored>,
    /// The Coverages that ended, and the one that began, in this order.
    pub coverages: Vec<Stored>,
    /// By its types whoever pays from now on treats: somebody may look again.
    pub has_rare_payor: bool,
}

/// The names by which the parts of the transaction call each other.
const NEW_EPISODE: &str = "urn:uuid:5f3c6f0e-0000-4000-8000-000000000001";
const NEW_COVERAGE: &str = "urn:uuid:5f3c6f0e-0000-4000-8000-000000000002";
const OLD_EPISODE: &str = "urn:uuid:5f3c6f0e-0000-4000-8000-000000000003";
/// Coverages that end at once.
const MOST_ENDED: usize = 20;

impl Chart {
    /// Assigns a person to another unit. What was there before stays and is ended.
    ///
    /// # Errors
    /// Hidden ones are not found; the unit of now, one that is not in use, and one that is no Organization here are refused.
    pub async fn assign_unit(&self, caller: &Caller, patient: &str, unit: &str, why: &str) -> Result<Assigned> {
        let why = allowed(caller, why)?;
        let move_to = self.planned(caller, patient, unit)?;
        self.assign(caller, &move_to, None, &[], None, why).await
    }

    /// Moves a person to another institution: unit and coverages there end, unit and coverage here begin.
    ///
    /// # Errors
    /// As with [`Chart::assign_unit`]; a unit of the same institution, and a person who belongs to no institution, are refused.
    pub async fn transfer(&self, caller: &Caller, patient: &str, transfer: &Transfer<'_>) -> Result<Assigned> {
        let why = allowed(caller, transfer.reason)?;
        let move_to = self.planned(caller, patient, transfer.unit)?;
        if transfer.ends.len() > MOST_ENDED {
            return Err(wrong("ends", "So many coverages do not end at once."));
        }
        let ended = transfer.ends.iter().map(|id| self.ended_coverage(caller, patient, id, transfer.until)).collect::<Result<Vec<_>>>()?;
        let left = match &move_to.from {
            Some(unit) => self.institution_of(unit)?,
            // Whoever has no unit leaves the institution that paid.
            None => match ended.iter().find_map(|(stored, _)| named(&stored.text, &["payor"])) {
                Some(payor) => self.institution_of(&payor)?,
                None => return Err(wrong("unit", "This person belongs to no institution yet: assign them to the unit, and begin the coverage.")),
            },
        };
        if left == move_to.institution {
            return Err(wrong("unit", "That unit is part of the institution the person belongs to: this is a change of unit and no transfer."));
        }
        if let Some(new) = &transfer.begins
            && !transfer.ends.is_empty()
            && day("from", new.from)?.range(0).0 < day("until", transfer.until)?.range(0).1
        {
            return Err(ruled("overlaps", "from", "The new coverage begins before the last day of those that end is over. Let it begin the day after, or let them end earlier."));
        }
        let begins = transfer.begins.map(|new| self.coverage_text(caller, patient, &new)).transpose()?;
        let payor = transfer.begins.map(|new| self.organization(caller, new.payor)).transpose()?.flatten();
        let assigned = self.assign(caller, &move_to, Some(&left), &ended, begins.as_deref(), why).await?;
        Ok(Assigned { has_rare_payor: payor.is_some_and(|payor| payor.is_asked_whether_it_pays), ..assigned })
    }

    /// Refuses that somebody takes back what tells of a transfer, and lets an institution in again that was left.
    pub(crate) fn refuse_untransferring(&self, caller: &Caller, was: &Stored) -> Result<()> {
        let tells = was.kind.name() == EPISODE && Document::read(&was.text).is_ok_and(|document| tells_of_leaving(document.root()));
        if tells && !may_undo_transfer(caller) {
            return Err(wrong("EpisodeOfCare", "This tells that the person left an institution; it is not altered and not deleted. Somebody who comes back is transferred back."));
        }
        Ok(())
    }

    /// Refuses that somebody says by the way to which unit a person is assigned, or that they left an institution: it tells
    /// who sees the record.
    pub(crate) fn refuse_assigning(&self, caller: &Caller, kind: ResourceType, episode: Value<'_>) -> Result<()> {
        if kind.name() == EPISODE && !may_tell_of_units(caller) && tells_of_assignment(episode) {
            return Err(wrong("EpisodeOfCare.type", "This tells to which unit the person is assigned, or which institution they left, and so who sees their record. The desk, the records clerk or a connected system assigns and transfers."));
        }
        Ok(())
    }

    /// The institution of a unit: the largest of which it is a part.
    fn institution_of(&self, unit: &str) -> Result<String> {
        Ok(self.wholes_of(unit)?.pop().unwrap_or_else(|| unit.to_owned()))
    }

    /// True for an assignment to an institution, or to one that is a part of it now.
    fn is_assigned_to(&self, episode: &Stored, institution: &str) -> Result<bool> {
        let named = Document::read(&episode.text).map(|document| institutions_of(document.root())).unwrap_or_default();
        for id in named.iter().filter_map(|name| name.strip_prefix("Organization/")) {
            if self.institution_of(id)? == institution {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn planned(&self, caller: &Caller, patient: &str, unit: &str) -> Result<Planned> {
        let subject = self.subject(caller, patient)?;
        let joined = self.joined(subject.at.record)?;
        if joined.first().is_some_and(|first| first.record != subject.at.record) {
            return Err(Error::Conflict("this Patient was merged into another one; the unit is that of the one that stays"));
        }
        let unit = self.organization(caller, unit)?.ok_or_else(|| wrong("unit", "A unit is an Organization of this server."))?;
        if !unit.may_be_unit {
            return Err(ruled("not-a-unit", "unit", "By its types nobody is assigned to this Organization (an insurer, a payer, a laboratory). Choose a unit; if it treats as well, give the Organization the type prov, too."));
        }
        if self.is_out_of_use(caller, &unit.id)? {
            return Err(wrong("unit", "That unit is not in use any more."));
        }
        let from = named(&subject.stored.text, &["managingOrganization"]);
        if from.as_deref() == Some(&unit.id) {
            return Err(wrong("unit", "The person is assigned to this unit already."));
        }
        let records: Vec<RecordId> = if joined.is_empty() { vec![subject.at.record] } else { joined.iter().map(|member| member.record).collect() };
        let institution = self.institution_of(&unit.id)?;
        let open = self.open_assignments(&records)?;
        Ok(Planned { subject, unit, from, institution, open })
    }

    fn is_out_of_use(&self, caller: &Caller, unit: &str) -> Result<bool> {
        let kind = ResourceType::named("Organization").ok_or(Error::NotFound)?;
        let found = self.look_up(&self.permitted_set(caller, Act::Read)?, kind, unit, Tick::END)?;
        Ok(found.is_some_and(|(_, stored)| Document::read(&stored.text).is_ok_and(|document| document.root().get("active").is_some_and(|active| active.as_bool() == Some(false)))))
    }

    /// The assignments that have not ended. The house looks: one that is hidden from the caller must end too.
    fn open_assignments(&self, records: &[RecordId]) -> Result<Vec<Stored>> {
        let kind = ResourceType::named(EPISODE).ok_or(Error::NotFound)?;
        let (house, mut open) = (house(), Vec::new());
        for record in records {
            let permitted = self.permit(&house, Act::Read, *record)?;
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.method != Method::Delete && Document::read(entry.text).is_ok_and(|document| {
                    let root = document.root();
                    let has_ended = root.get("period").is_some_and(|period| period.get("end").is_some());
                    tells_of_assignment(root) && !tells_of_leaving(root) && !has_ended && root.string("status").as_deref() == Some("active")
                }) {
                    open.push(Stored::from(entry));
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(open)
    }

    /// In whose name these assignments end. Somebody who comes back to an institution that they left is taken back at its
    /// desk, which sees nothing of the assignment elsewhere: the house ends it there, for whoever may write into the
    /// record themselves. A program ends only what it sees.
    fn writer_of(&self, caller: &Caller, open: &[Stored]) -> Result<Caller> {
        let mut hides_one = false;
        for one in open {
            let record = self.record_of(one)?;
            self.permit_write(caller, record)?;
            hides_one |= !self.shows(caller, record, one)?;
        }
        Ok(if hides_one && caller.grant.is_none() { keeper(caller) } else { caller.clone() })
    }

    async fn assign(&self, caller: &Caller, planned: &Planned, left: Option<&str>, ended: &[(Stored, String)], begins: Option<&str>, why: &str) -> Result<Assigned> {
        let now = self.now().to_string();
        let Planned { subject, unit, from, institution, open } = planned;
        let patient_id = &subject.stored.id;
        let has_doctor = Document::read(&subject.stored.text).is_ok_and(|document| document.root().get("generalPractitioner").is_some());
        let mut operations = format!(r#"[{{"op":"add","path":"/managingOrganization","value":{}}}"#, unit.reference().written());
        if has_doctor {
            operations.push_str(r#",{"op":"remove","path":"/generalPractitioner"}"#);
        }
        operations.push(']');
        let patient = self.patched_text(&subject.stored, &operations)?;
        // Only the institution that is left was left: an assignment elsewhere, in a record that was joined to this one, ends without that.
        let are_left = open.iter().map(|episode| left.map_or(Ok(false), |left| self.is_assigned_to(episode, left))).collect::<Result<Vec<bool>>>()?;
        let ends = |(episode, is_left): (&Stored, &bool)| self.patched_text(episode, &ending(episode, left.filter(|_| *is_left), &now));
        let closed = open.iter().zip(&are_left).map(ends).collect::<Result<Vec<_>>>()?;
        let began = episode(patient_id, unit.reference(), institution, Json::object([("start", Json::text(&now))]), false);
        // A unit of which no assignment was kept, and an institution without a unit, stay in the history all the same.
        let is_untold = if left.is_some() { !are_left.contains(&true) } else { open.is_empty() };
        let untold = match (is_untold, from, left) {
            (true, Some(from), _) => Some(episode(patient_id, self.organization(&house(), from)?.map_or_else(|| reference(&format!("Organization/{from}")), |named| named.reference()), left.unwrap_or_default(), Json::object([("end", Json::text(&now))]), left.is_some())),
            (true, None, Some(left)) => Some(episode(patient_id, reference(&format!("Organization/{left}")), left, Json::object([("end", Json::text(&now))]), true)),
            _ => None,
        };
        let changed = std::iter::once(&subject.stored).chain(open).map(next_version);
        let targets = changed.chain(untold.is_some().then(|| reference(OLD_EPISODE))).chain(ended.iter().map(|(one, _)| next_version(one)));
        let targets = targets.chain([reference(NEW_EPISODE)]).chain(begins.map(|_| reference(NEW_COVERAGE))).collect();
        let told = self.provenance_of_act(&caller.account, "amend", why, targets).written();

        let kind = ResourceType::named(EPISODE).ok_or(Error::NotFound)?;
        let update = |stored: &Stored| Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Update, stored.kind, None) };
        let create = |kind, name: &str| Order { full_url: Some(name.to_owned()), ..order(Deed::Create, kind, None) };
        let mut plan: Vec<(Order<'_>, &str)> = vec![(update(&subject.stored), &patient)];
        plan.extend(untold.iter().map(|text| (create(kind, OLD_EPISODE), text.as_str())));
        // The one that tells who was left comes first.
        for first in [true, false] {
            let both = open.iter().zip(&closed).zip(&are_left).filter(|(_, is_left)| **is_left == first);
            plan.extend(both.map(|((one, text), _)| (update(one), text.as_str())));
        }
        plan.extend(ended.iter().map(|(one, text)| (update(one), text.as_str())));
        plan.push((create(kind, NEW_EPISODE), &began));
        if let Some(text) = begins {
            plan.push((create(coverage()?, NEW_COVERAGE), text));
        }
        plan.push((order(Deed::Create, ResourceType::named("Provenance").ok_or(Error::NotFound)?, None), &told));
        let bodies = plan.iter().map(|(_, text)| self.read_body(text.as_bytes())).collect::<Result<Vec<_>>>()?;
        let orders: Vec<Order<'_>> = plan.into_iter().zip(&bodies).map(|((order, _), body)| Order { body: Some(body.root()), ..order }).collect();
        let writer = self.writer_of(caller, open)?;
        let written = self.transact(&writer, &orders, Rules::default()).await?;

        let mut written = written.into_iter().map(|one| one.stored);
        let patient = written.next().ok_or(Error::NotFound)?;
        let (mut episodes, mut coverages) = (Vec::new(), Vec::new());
        for stored in written {
            match stored.kind.name() {
                EPISODE => episodes.push(stored),
                "Coverage" => coverages.push(stored),
                _ => {}
            }
        }
        let began = episodes.pop().ok_or(Error::NotFound)?;
        Ok(Assigned { patient, began, ended: episodes.into_iter().next(), coverages, has_rare_payor: false })
    }
}

/// What is to be written, as far as both acts are alike.
struct Planned {
    subject: Subject,
    unit: Named,
    /// The id of the unit of now.
    from: Option<String>,
    /// The id of the institution of the new unit.
    institution: String,
    /// Assignments that have not ended.
    open: Vec<Stored>,
}

fn allowed<'w>(caller: &Caller, why: &'w str) -> Result<&'w str> {
    if may_assign(caller) { reason(why) } else { Err(Error::Forbidden) }
}

fn next_version(stored: &Stored) -> Json {
    versioned(stored.kind, &stored.id, stored.version + 1)
}

/// The id of the first local Organization that an element names.
fn named(text: &str, path: &[&str]) -> Option<String> {
    let document = Document::read(text).ok()?;
    let mut value = document.root();
    for step in path {
        value = value.get(step)?;
    }
    let reference = value.each().find_map(|one| one.string("reference").map(|text| text.into_owned()))?;
    match Reference::parse(&reference).local() {
        Some((kind, id)) if kind.name() == "Organization" => Some(id.to_owned()),
        _ => None,
    }
}

fn concept(code: &str, text: &str) -> Json {
    let coding = Json::object([("system", Json::text(ASSIGNMENT)), ("code", Json::text(code)), ("display", Json::text(text))]);
    Json::object([("coding", Json::List(vec![coding]))])
}

fn institution_extension(institution: &str) -> Json {
    Json::object([("url", Json::text(INSTITUTION)), ("valueReference", reference(&format!("Organization/{institution}")))])
}

/// An assignment, as an EpisodeOfCare.
fn episode(patient: &str, unit: Json, institution: &str, period: Json, was_left: bool) -> String {
    let has_ended = period.get("end").is_some();
    let mut kinds = vec![concept(ASSIGNED_UNIT, "Assigned unit")];
    if was_left {
        kinds.push(concept(TRANSFERRED, "Transferred to another institution"));
    }
    let mut json = Json::object([("resourceType", Json::text(EPISODE))]);
    if !institution.is_empty() {
        json.set("extension", Json::List(vec![institution_extension(institution)]));
    }
    json.set("status", Json::text(if has_ended { "finished" } else { "active" }));
    json.set("type", Json::List(kinds));
    json.set("patient", reference(&format!("Patient/{patient}")));
    json.set("managingOrganization", unit);
    json.set("period", period);
    json.written()
}

/// The operations that end an assignment.
fn ending(episode: &Stored, left: Option<&str>, now: &str) -> String {
    let document = Document::read(&episode.text);
    let root = document.as_ref().ok().map(Document::root);
    let has = |member: &str| root.is_some_and(|root| root.get(member).is_some());
    let mut operations = vec![r#"{"op":"replace","path":"/status","value":"finished"}"#.to_owned()];
    operations.push(if has("period") { format!(r#"{{"op":"add","path":"/period/end","value":"{now}"}}"#) } else { format!(r#"{{"op":"add","path":"/period","value":{{"end":"{now}"}}}}"#) });
    if let Some(left) = left {
        operations.push(format!(r#"{{"op":"add","path":"/type/-","value":{}}}"#, concept(TRANSFERRED, "Transferred to another institution").written()));
        let names_it = |one: Value<'_>| one.string("url").as_deref() == Some(INSTITUTION) && one.path(&["valueReference", "reference"]).and_then(|text| text.as_str().map(|text| text == format!("Organization/{left}"))) == Some(true);
        let is_named = root.and_then(|root| root.get("extension")).is_some_and(|extensions| extensions.each().any(names_it));
        let extension = institution_extension(left).written();
        match (is_named, has("extension")) {
            (true, _) => {}
            (false, true) => operations.push(format!(r#"{{"op":"add","path":"/extension/-","value":{extension}}}"#)),
            (false, false) => operations.push(format!(r#"{{"op":"add","path":"/extension","value":[{extension}]}}"#)),
        }
    }
    format!("[{}]", operations.join(","))
}
