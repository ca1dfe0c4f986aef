//! Two Patients that are one person, and entries that were written to the wrong chart.
//!
//! * Merging joins two records by a link in each Patient and moves nothing, so it can be undone: what
//!   was there before lies where it lay, and what came later is told, to be assigned.
//! * An entry in the wrong chart is written anew in the right one and ended in the other; both say so
//!   in a Provenance, and what was stays in the history.
//! * Each of these acts is one transaction, with a reason.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ::forms::Json;
use access::{Account, Act, Caller, Disclosure, may_join, may_merge};
use fhir::{Document, Issue, IssueCode, Moment, Reference, ResourceType, Value, home};
use fhirpath::json_patch::json_patch;
use store::{Location, Method, Tick};

use crate::acts::reason;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::joined::{MOST_JOINED, Member, links, links_of};
use crate::provenance::{Agent, Provenance, reference, tells_of_a_life, versioned};
use crate::stored::{Stored, Written};
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;

/// Entries moved to another chart at once.
const MOST_MOVED: usize = 200;

/// What a merge wrote.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The Patient that stays.
    pub stays: Stored,
    /// The one that it replaces.
    pub replaced: Stored,
}

/// What an unmerge wrote, and what it leaves to be decided.
#[derive(Clone, Debug)]
pub struct Unmerged {
    /// The Patient that had stayed.
    pub stayed: Stored,
    /// The one that stands for itself again.
    pub restored: Stored,
    /// What was written to either record while they were one, or to another that was one with them through these two.
    pub later: Vec<Later>,
}

/// Something written while two records were one.
#[derive(Clone, Debug)]
pub struct Later {
    /// The id of the Patient in whose record it lies.
    pub patient: String,
    /// What: the newest of its versions. A Patient that was changed is told too, and so is what was deleted.
    pub stored: Stored,
}

impl Later {
    /// True where it was deleted.
    pub fn is_deleted(&self) -> bool {
        self.stored.method == Method::Delete
    }

    /// True where it can be moved to the other chart: a Patient is never moved, and what is deleted is nowhere.
    pub fn can_move(&self) -> bool {
        self.stored.kind != ResourceType::PATIENT && !self.is_deleted()
    }
}

/// A Patient as it is now.
pub(crate) struct Subject {
    pub at: Location,
    pub stored: Stored,
}

impl Chart {
    /// Joins two Patients: the first stays, the second is replaced by it.
    ///
    /// # Errors
    /// Hidden ones are not found; one that was merged already, or more than can be joined, is refused.
    pub async fn merge(&self, caller: &Caller, stays: &str, replaced: &str, why: &str) -> Result<Merged> {
        let why = allowed(caller, why)?;
        let (one, other) = (self.subject(caller, stays)?, self.subject(caller, replaced)?);
        if one.at.record == other.at.record {
            return Err(refused("Patient", "These are the same Patient; a merge needs two."));
        }
        let (joined, others) = (self.joined(one.at.record)?, self.joined(other.at.record)?);
        if joined.iter().any(|member| member.record == other.at.record) {
            return Err(Error::Conflict("these two are one person already"));
        }
        let is_replaced = |joined: &[crate::joined::Member], subject: &Subject| joined.first().is_some_and(|first| first.record != subject.at.record);
        if is_replaced(&joined, &one) || is_replaced(&others, &other) {
            return Err(Error::Conflict("one of these was merged into another Patient; merge with the one that stays"));
        }
        if joined.len().max(1) + others.len().max(1) > MOST_JOINED {
            return Err(refused("Patient.link", &format!("More than {MOST_JOINED} Patients cannot be one person; something else is wrong here.")));
        }
        let one_text = self.patched_text(&one.stored, &format!("[{}]", add_link(&one.stored, "replaces", replaced)))?;
        let other_text = self.patched_text(&other.stored, &format!("[{},{{\"op\":\"add\",\"path\":\"/active\",\"value\":false}}]", add_link(&other.stored, "replaced-by", stays)))?;
        let told = self.provenance_of_both(caller, "merge", why, &[&one.stored, &other.stored]);
        let mut written = self.write_both(caller, [(&one.stored, &one_text), (&other.stored, &other_text)], &told).await?;
        let replaced = written.remove(1).stored;
        Ok(Merged { stays: written.remove(0).stored, replaced })
    }

    /// Undoes a merge: the replaced Patient stands for itself again.
    ///
    /// # Errors
    /// Hidden ones are not found; who was not merged is refused.
    pub async fn unmerge(&self, caller: &Caller, replaced: &str, why: &str) -> Result<Unmerged> {
        let why = allowed(caller, why)?;
        let other = self.subject(caller, replaced)?;
        let joined = self.joined(other.at.record)?;
        let by = links_of(&other.stored.text).into_iter().find(|(replaces, id)| !replaces && joined.iter().any(|member| member.patient == *id));
        let Some((_, stays)) = by else { return Err(refused("Patient.link", "This Patient was not merged into another one.")) };
        let one = self.subject(caller, &stays)?;
        let since = self.merged_since(caller, &other, &stays)?;
        let more = self.those_beside(caller, joined.iter().cloned(), [&one, &other])?;
        let one_text = self.patched_text(&one.stored, &format!("[{}]", remove_link(&one.stored, true, replaced)?))?;
        // Whoever wrote the Patient in between may have taken the element away that is to go.
        let has_active = Document::read(&other.stored.text).is_ok_and(|document| document.root().get("active").is_some());
        let before = match since.active.as_deref() {
            Some(active) => format!(",{{\"op\":\"add\",\"path\":\"/active\",\"value\":{active}}}"),
            None if has_active => format!(",{}", remove("/active")),
            None => String::new(),
        };
        let other_text = self.patched_text(&other.stored, &format!("[{}{before}]", remove_link(&other.stored, false, &stays)?))?;
        let told = self.provenance_of_both(caller, "unmerge", why, &[&one.stored, &other.stored]);
        let mut written = self.write_both(caller, [(&one.stored, &one_text), (&other.stored, &other_text)], &told).await?;
        let later = self.written_since(caller, &[&one, &other].into_iter().chain(&more).collect::<Vec<_>>(), &since)?;
        let restored = written.remove(1).stored;
        Ok(Unmerged { stayed: written.remove(0).stored, restored, later })
    }

    /// What was written to the records of two Patients, and to those of whoever else is one with either of them, since
    /// these two were last merged, whether or not they still are; the newest first. It is what a clerk assigns after an unmerge.
    ///
    /// # Errors
    /// Hidden ones are not found; two that never were one are refused.
    pub async fn written_while_merged(&self, caller: &Caller, stayed: &str, replaced: &str) -> Result<Vec<Later>> {
        let (one, other) = (self.subject(caller, stayed)?, self.subject(caller, replaced)?);
        let since = self.merged_since(caller, &other, stayed)?;
        let (with_one, with_other) = (self.joined(one.at.record)?, self.joined(other.at.record)?);
        let more = self.those_beside(caller, with_one.iter().chain(with_other.iter()).cloned(), [&one, &other])?;
        let all: Vec<&Subject> = [&one, &other].into_iter().chain(&more).collect();
        let later = self.written_since(caller, &all, &since)?;
        let rights: Vec<_> = all.iter().map(|subject| self.permit(caller, Act::Read, subject.at.record)).collect::<Result<_>>()?;
        self.disclose(Disclosure::Chart, rights).await?;
        Ok(later)
    }

    /// Moves entries that were written to the wrong chart: each is written anew for the right person
    /// and ended where it was. What they name of each other goes with them; a visit that stays is no
    /// longer named.
    ///
    /// # Errors
    /// What is hidden is not found. What names, or is named by, something of the old record that stays
    /// is refused, and told what would have to go along.
    pub async fn correct_person(&self, caller: &Caller, entries: &[(ResourceType, String)], to: &str, why: &str) -> Result<Vec<Stored>> {
        let why = allowed(caller, why)?;
        if entries.is_empty() || entries.len() > MOST_MOVED {
            return Err(refused("entry", &format!("From 1 to {MOST_MOVED} entries can be moved at once.")));
        }
        let right_one = self.subject(caller, to)?;
        let (mut moved, mut doubts) = (Vec::new(), Vec::new());
        for (kind, id) in entries {
            let (at, permitted) = self.find(caller, Act::Read, *kind, id)?;
            let stored = self.newest(&permitted, *kind, at)?.ok_or(Error::NotFound)?;
            if stored.method == Method::Delete {
                return Err(Error::Gone { version: stored.version });
            }
            doubts.push(if kind.name() == "QuestionnaireResponse" { self.use_unsure(&permitted, &stored)? } else { None });
            moved.push((at, stored));
        }
        let from = moved[0].0.record;
        if moved.iter().any(|(_, stored)| stored.kind == ResourceType::PATIENT) || moved.iter().any(|(at, _)| at.record != from) || store::Class::of(from) != store::Class::Person {
            return Err(refused("entry", "Entries of one person's record are moved, and not the Patient: two Patients that are one person are merged."));
        }
        if from == right_one.at.record {
            return Err(refused("patient", "The entries are in this person's record already."));
        }
        let wrong_one = self.patient_of(caller, from)?;
        self.refuse_ties(caller, &moved, &wrong_one)?;
        let texts: Vec<String> = moved.iter().map(|(at, stored)| self.without_visits(stored, at.record, &moved)).collect::<Result<_>>()?;
        let documents: Vec<Document<'_>> = texts.iter().map(|text| self.read_body(text.as_bytes())).collect::<Result<_>>()?;
        refuse_homeless(&moved, &documents)?;
        let provenances = [self.provenance_of_moved(caller, why, &moved), self.provenance_of_left(caller, why, &moved, &wrong_one)];
        let told: Vec<Document<'_>> = provenances.iter().map(|text| self.read_body(text.as_bytes())).collect::<Result<_>>()?;
        let provenance = ResourceType::named("Provenance").ok_or(Error::NotFound)?;
        let mut orders: Vec<Order<'_>> = Vec::new();
        // A document gets its new id here: that its paper was used must be known before it is there.
        let ids: Vec<Option<String>> = moved.iter().map(|(_, stored)| (stored.kind.name() == "QuestionnaireResponse").then(|| self.new_id())).collect();
        for (((_, stored), document), id) in moved.iter().zip(&documents).zip(&ids) {
            orders.push(Order { id: id.clone(), full_url: Some(format!("{}/{}", stored.kind, stored.id)), ..order(Deed::Create, stored.kind, Some(document.root())) });
        }
        orders.extend(told.iter().map(|document| order(Deed::Create, provenance, Some(document.root()))));
        for (_, stored) in &moved {
            orders.push(Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Delete, stored.kind, None) });
        }
        let names = [(format!("Patient/{}", wrong_one.id), ResourceType::PATIENT, right_one.stored.id.clone())];
        let renamed = || moved.iter().zip(&ids).filter_map(|((_, stored), id)| Some((&stored.id, id.as_ref()?)));
        renamed().try_for_each(|(from, to)| self.carry_use(from, to, right_one.at.record))?;
        for (doubt, id) in doubts.iter().zip(&ids) {
            if let (Some(doubt), Some(id)) = (doubt, id) {
                self.carry_doubt(*doubt, id, right_one.at.record)?;
            }
        }
        let written = self.transact_named(caller, &orders, Rules { moves: true, ..Rules::default() }, &names).await;
        match &written {
            // It may have been used until it was moved; from then on nobody uses it where it was.
            Ok(_) => renamed().try_for_each(|(from, to)| self.carry_use(from, to, right_one.at.record))?,
            Err(_) => renamed().try_for_each(|(_, to)| self.drop_use(to))?,
        }
        Ok(written?.into_iter().take(moved.len()).map(|one| one.stored).collect())
    }

    /// What tells of links that would be lost by a write, or gained. Only who may merge adds one that joins two records,
    /// and an update keeps those that do: only an unmerge ends them.
    pub(crate) fn keep_joined(&self, caller: &Caller, was: Option<&Stored>, now: Option<Value<'_>>, at: Option<Location>, rules: Rules) -> Result<()> {
        let now = now.map(links).unwrap_or_default();
        let before = was.map(|was| links_of(&was.text)).unwrap_or_default();
        if !may_join(caller) && now.iter().any(|link| !before.contains(link)) {
            let message = "Whoever joins two Patients is shown the records of both: the desk, the records clerk or a connected system merges them. Leave links replaces and replaced-by as they are.";
            return Err(refused("Patient.link", message));
        }
        if !now.is_empty() {
            self.expect_joined()?;
        }
        let (Some(at), false) = (at, rules.unjoins) else { return Ok(()) };
        let lost: Vec<(bool, String)> = before.into_iter().filter(|link| !now.contains(link)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        let joined = self.joined(at.record)?;
        if lost.iter().any(|(_, id)| joined.iter().any(|member| member.patient == *id)) {
            let message = "This Patient was merged with another one, and this write would end that. Keep its link in what you send, or undo the merge first with Patient/$unmerge.";
            return Err(refused("Patient.link", message));
        }
        Ok(())
    }

    pub(crate) fn subject(&self, caller: &Caller, patient_id: &str) -> Result<Subject> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let stored = self.newest(&permitted, ResourceType::PATIENT, at)?.ok_or(Error::NotFound)?;
        if stored.method == Method::Delete {
            return Err(Error::Gone { version: stored.version });
        }
        Ok(Subject { at, stored })
    }

    pub(crate) fn patched_text(&self, stored: &Stored, operations: &str) -> Result<String> {
        let before = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let patch = self.read_patch(operations)?;
        json_patch(before.root(), patch.root()).map_err(|_| Error::Conflict("the resource cannot be changed as this act needs; look at it"))
    }

    fn read_patch<'t>(&self, operations: &'t str) -> Result<Document<'t>> {
        Document::read_within(operations, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))
    }

    async fn write_both(&self, caller: &Caller, both: [(&Stored, &String); 2], told: &str) -> Result<Vec<Written>> {
        let bodies = [self.read_body(both[0].1.as_bytes())?, self.read_body(both[1].1.as_bytes())?];
        let told = self.read_body(told.as_bytes())?;
        let mut orders: Vec<Order<'_>> = Vec::new();
        for ((stored, _), body) in both.iter().zip(&bodies) {
            orders.push(Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Update, stored.kind, Some(body.root())) });
        }
        orders.push(order(Deed::Create, ResourceType::named("Provenance").ok_or(Error::NotFound)?, Some(told.root())));
        self.transact(caller, &orders, Rules { unjoins: true, ..Rules::default() }).await
    }

    /// The Provenance of an act on Patients, about the versions that it makes.
    fn provenance_of_both(&self, caller: &Caller, act: &str, why: &str, patients: &[&Stored]) -> String {
        let targets = patients.iter().map(|patient| versioned(ResourceType::PATIENT, &patient.id, patient.version + 1)).collect();
        self.provenance_of_act(&caller.account, act, why, targets).written()
    }

    /// The Provenance of an act of an account, with its reason.
    pub(crate) fn provenance_of_act(&self, account: &Account, act: &str, why: &str, targets: Vec<Json>) -> Provenance {
        Provenance::of(targets, self.now(), Agent::of_account(account)).because(Some(why)).living(act)
    }

    fn provenance_of_moved(&self, caller: &Caller, why: &str, moved: &[(Location, Stored)]) -> String {
        // What bears the name of an entry is, in this transaction, the new one.
        let targets = moved.iter().map(|(_, stored)| reference(&format!("{}/{}", stored.kind, stored.id))).collect();
        self.provenance_of_act(&caller.account, "transform", why, targets).from("source", as_they_were(moved)).written()
    }

    fn provenance_of_left(&self, caller: &Caller, why: &str, moved: &[(Location, Stored)], wrong_one: &Stored) -> String {
        let target = versioned(ResourceType::PATIENT, &wrong_one.id, wrong_one.version);
        self.provenance_of_act(&caller.account, "amend", why, vec![target]).from("removal", as_they_were(moved)).written()
    }

    /// Since when a Patient was last replaced by another one, and what it said of being in use before.
    fn merged_since(&self, caller: &Caller, replaced: &Subject, stays: &str) -> Result<Since> {
        let permitted = self.permit(caller, Act::Read, replaced.at.record)?;
        let (mut since, mut is_done, mut until) = (None, false, None);
        // The newest first.
        self.store().versions(&permitted, ResourceType::PATIENT, replaced.at, &mut |entry| {
            let says = links_of(entry.text).iter().any(|(replaces, id)| !replaces && id == stays);
            match (&mut since, says) {
                (_, true) => since = Some(Since { at: entry.last_updated, until, active: None }),
                (Some(since), false) => {
                    since.active = Document::read(entry.text).ok().and_then(|document| document.root().get("active").map(|active| active.raw().to_owned()));
                    is_done = true;
                }
                (None, false) => until = Some(entry.last_updated),
            }
            if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        since.ok_or_else(|| refused("Patient.link", "These two never were one person."))
    }

    /// Of Patients that are one person those that are neither of two, each once. What is hidden from the caller is left out.
    fn those_beside(&self, caller: &Caller, joined: impl Iterator<Item = Member>, two: [&Subject; 2]) -> Result<Vec<Subject>> {
        let mut found: Vec<Subject> = Vec::new();
        for member in joined {
            if two.into_iter().chain(&found).any(|known| known.at.record == member.record) {
                continue;
            }
            match self.subject(caller, &member.patient) {
                Ok(subject) => found.push(subject),
                Err(Error::NotFound) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(found)
    }

    fn written_since(&self, caller: &Caller, all: &[&Subject], since: &Since) -> Result<Vec<Later>> {
        let rights: Vec<_> = all.iter().map(|subject| self.permit(caller, Act::Read, subject.at.record)).collect::<Result<_>>()?;
        let (mut later, mut deleted, mut joining) = (Vec::new(), Vec::new(), BTreeSet::new());
        let was_while_one = |at: Moment| at >= since.at && since.until.is_none_or(|until| at <= until);
        for (subject, permitted) in all.iter().zip(&rights) {
            let mut changed_since = Vec::new();
            self.store().scan_record(permitted, Tick::END, &mut |entry| {
                let told = || Later { patient: subject.stored.id.clone(), stored: Stored::from(entry) };
                let tells = entry.kind.name() == "Provenance" && tells_of_a_life(entry.text);
                if tells {
                    joining.extend(versions_of_acts(entry.text));
                }
                match entry.method {
                    _ if entry.kind == ResourceType::PATIENT || tells => {}
                    Method::Delete if was_while_one(entry.last_updated) => deleted.push(told()),
                    Method::Delete => {}
                    _ if was_while_one(entry.last_updated) => later.push(told()),
                    // After they were parted: it counts where an earlier version was written in between.
                    _ if entry.last_updated >= since.at && entry.version > 1 => changed_since.push((entry.entry, told())),
                    _ => {}
                }
                ControlFlow::Continue(())
            })?;
            for (entry, told) in changed_since {
                let mut was_written = false;
                self.store().versions(permitted, told.stored.kind, Location { record: subject.at.record, entry }, &mut |version| {
                    was_written |= was_while_one(version.last_updated);
                    if was_written { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                })?;
                later.extend(was_written.then_some(told));
            }
        }
        // What was moved to the other chart by this very assigning was not lost.
        later.extend(deleted.into_iter().filter(|one| !joining.contains(&address(&one.stored, one.stored.version.saturating_sub(1)))));
        for (subject, permitted) in all.iter().zip(&rights) {
            let mut versions: Vec<Stored> = Vec::new();
            // The newest first, and the one before the time that is asked for: by it is told what the next one changed.
            self.store().versions(permitted, ResourceType::PATIENT, subject.at, &mut |entry| {
                let is_before = entry.last_updated < since.at;
                versions.push(Stored::from(entry));
                if is_before { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            // What joined and parted them, or one of them and somebody else, is no change of the person.
            let is_change = |place: usize, stored: &Stored| {
                let is_join = joining.contains(&address(stored, stored.version)) || versions.get(place + 1).is_some_and(|older| only_joins(&stored.text, &older.text));
                stored.last_updated >= since.at && was_while_one(stored.last_updated) && !is_join
            };
            let changed = versions.iter().enumerate().find(|(place, stored)| is_change(*place, stored)).map(|(_, stored)| stored.clone());
            later.extend(changed.map(|stored| Later { patient: subject.stored.id.clone(), stored }));
        }
        later.sort_by(|one, other| other.stored.last_updated.cmp(&one.stored.last_updated).then_with(|| one.stored.id.cmp(&other.stored.id)));
        Ok(later)
    }

    /// The Patient in whose record something lies.
    fn patient_of(&self, caller: &Caller, record: fhir::RecordId) -> Result<Stored> {
        let permitted = self.permit(caller, Act::Read, record)?;
        let mut patient = None;
        self.store().scan_types(&permitted, &[ResourceType::PATIENT], Tick::END, None, &mut |entry| {
            patient = Some(Stored::from(entry));
            ControlFlow::Break(())
        })?;
        patient.ok_or(Error::NotFound)
    }

    /// Refuses what would tear apart entries that name each other.
    fn refuse_ties(&self, caller: &Caller, moved: &[(Location, Stored)], wrong_one: &Stored) -> Result<()> {
        let permitted = self.permit(caller, Act::Read, moved[0].0.record)?;
        let names: BTreeSet<(ResourceType, String)> = moved.iter().map(|(_, stored)| (stored.kind, stored.id.clone())).collect();
        let mut along = BTreeSet::new();
        for (_, stored) in moved {
            for (kind, id) in named_by(&stored.text, true) {
                let is_its_own = names.contains(&(kind, id.clone())) || (kind == ResourceType::PATIENT && id == wrong_one.id);
                if !is_its_own && self.store().locate(kind, &id)?.is_some_and(|at| at.record == moved[0].0.record) {
                    along.insert((kind, id));
                }
            }
        }
        self.store().scan_record(&permitted, Tick::END, &mut |entry| {
            let own = (entry.kind, entry.id.to_owned());
            // Who wrote or saw something may name it after it is gone.
            let only_tells = matches!(entry.kind.name(), "Provenance" | "AuditEvent");
            if entry.method != Method::Delete && !only_tells && !names.contains(&own) && named_by(entry.text, false).iter().any(|named| names.contains(named)) {
                along.insert(own);
            }
            ControlFlow::Continue(())
        })?;
        if along.is_empty() {
            return Ok(());
        }
        let issues = along.iter().map(|(kind, id)| {
            let message = format!("{kind}/{id} of the same record names what is to be moved, or is named by it. Move it along.");
            Issue::error(IssueCode::BusinessRule, "entry", message)
        });
        Err(Error::Refused(issues.collect()))
    }

    /// True for a reference to something of the record that is not moved along.
    fn stays_behind(&self, reference: &str, record: fhir::RecordId, moved: &[(Location, Stored)]) -> Result<bool> {
        let Some((kind, id)) = Reference::parse(reference).local() else { return Ok(false) };
        let goes_along = moved.iter().any(|(_, other)| other.kind == kind && other.id == id);
        Ok(!goes_along && self.store().locate(kind, id)?.is_some_and(|at| at.record == record))
    }

    /// The text of an entry without the visit that stays behind.
    fn without_visits(&self, stored: &Stored, record: fhir::RecordId, moved: &[(Location, Stored)]) -> Result<String> {
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let mut operations = Vec::new();
        for member in VISITS {
            let Some(text) = document.root().path(&[member, "reference"]).and_then(|text| Some(text.as_str()?.into_owned())) else { continue };
            if self.stays_behind(&text, record, moved)? {
                operations.push(remove(&format!("/{member}")));
            }
        }
        // Of a DocumentReference the visits are a list in its context. The last goes first, so that the places hold.
        if let Some(context) = document.root().get("context") {
            let visits: Vec<Value<'_>> = context.get("encounter").into_iter().flat_map(|visits| visits.each()).collect();
            let mut lost = Vec::new();
            for (place, visit) in visits.iter().enumerate() {
                if let Some(text) = visit.string("reference") && self.stays_behind(&text, record, moved)? {
                    lost.push(place);
                }
            }
            let is_all = !lost.is_empty() && lost.len() == visits.len();
            match is_all {
                true if context.members().count() == 1 => operations.push(remove("/context")),
                true => operations.push(remove("/context/encounter")),
                false => operations.extend(lost.iter().rev().map(|place| remove(&format!("/context/encounter/{place}")))),
            }
        }
        if operations.is_empty() { Ok(stored.text.clone()) } else { self.patched_text(stored, &format!("[{}]", operations.join(","))) }
    }
}

/// The elements that name the visit during which something was written.
const VISITS: [&str; 2] = ["encounter", "context"];

struct Since {
    at: Moment,
    /// When they were parted again, if they were.
    until: Option<Moment>,
    /// The token of `active` before, if there was one.
    active: Option<String>,
}

fn allowed<'w>(caller: &Caller, why: &'w str) -> Result<&'w str> {
    if may_merge(caller) { reason(why) } else { Err(Error::Forbidden) }
}

fn refused(place: &str, message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, place, message.to_owned())])
}

/// The operation that takes an element away.
fn remove(path: &str) -> String {
    format!("{{\"op\":\"remove\",\"path\":\"{path}\"}}")
}

/// Refuses to move what says by a visit that stays behind whose it is, and by nothing else: it would be nobody's.
fn refuse_homeless(moved: &[(Location, Stored)], documents: &[Document<'_>]) -> Result<()> {
    let homeless = moved.iter().zip(documents).filter(|((_, stored), document)| home::candidate_texts(stored.kind, document.root()).is_empty());
    let issues: Vec<Issue> = homeless
        .map(|((_, stored), _)| {
            let message = format!("{}/{} says whose it is by its visit alone. Move the visit along, or let it name the person first.", stored.kind, stored.id);
            Issue::error(IssueCode::BusinessRule, "entry", message)
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(Error::Refused(issues)) }
}

/// True where a version of a Patient differs from the one before in its links, and in being in use, and in nothing else.
fn only_joins(newer: &str, older: &str) -> bool {
    let person = |text: &str| {
        let mut json = Json::read(text).ok()?;
        for name in ["meta", "link", "active"] {
            json.remove(name);
        }
        Some(json)
    };
    links_of(newer) != links_of(older) && person(newer).is_some_and(|newer| person(older) == Some(newer))
}

/// Where a version is.
fn address(stored: &Stored, version: u32) -> String {
    format!("{}/{}/_history/{version}", stored.kind, stored.id)
}

/// The versions that an act on persons made, or took out of a chart.
fn versions_of_acts(provenance: &str) -> Vec<String> {
    let Ok(json) = Json::read(provenance) else { return Vec::new() };
    let acts = json.get("activity").map(|activity| activity.each("coding")).unwrap_or_default();
    let joins = acts.iter().any(|act| matches!(act.string("code"), Some("merge" | "unmerge")));
    let made = json.each("target").iter().filter(|_| joins);
    let taken = json.each("entity").iter().filter(|entity| entity.string("role") == Some("removal")).filter_map(|entity| entity.get("what"));
    made.chain(taken).filter_map(|one| one.string("reference").map(str::to_owned)).collect()
}

fn as_they_were(moved: &[(Location, Stored)]) -> impl Iterator<Item = Json> {
    moved.iter().map(|(_, stored)| versioned(stored.kind, &stored.id, stored.version))
}

/// What a resource names; without the visit it was written in, if that is said.
fn named_by(text: &str, without_visits: bool) -> Vec<(ResourceType, String)> {
    let Ok(document) = Document::read(text) else { return Vec::new() };
    let mut named = Vec::new();
    let mut add = |text: std::borrow::Cow<'_, str>| named.extend(Reference::parse(&text).local().map(|(kind, id)| (kind, id.to_owned())));
    for (name, value) in document.root().members() {
        if !(without_visits && VISITS.contains(&name.as_ref())) {
            value.each().for_each(|one| home::reference_texts(one, &mut add));
        } else {
            // The context of a DocumentReference names more than visits.
            let more = value.members().filter(|(name, _)| !matches!(name.as_ref(), "reference" | "encounter"));
            more.for_each(|(_, value)| value.each().for_each(|one| home::reference_texts(one, &mut add)));
        }
    }
    named
}

fn add_link(stored: &Stored, kind: &str, other: &str) -> String {
    let link = format!("{{\"other\":{{\"reference\":\"Patient/{other}\"}},\"type\":\"{kind}\"}}");
    let has_links = Document::read(&stored.text).is_ok_and(|document| document.root().get("link").is_some());
    if has_links {
        format!("{{\"op\":\"add\",\"path\":\"/link/-\",\"value\":{link}}}")
    } else {
        format!("{{\"op\":\"add\",\"path\":\"/link\",\"value\":[{link}]}}")
    }
}

/// Takes the one link away, and with the last one the element.
fn remove_link(stored: &Stored, replaces: bool, other: &str) -> Result<String> {
    let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
    let all: Vec<Value<'_>> = document.root().get("link").into_iter().flat_map(|links| links.each()).collect();
    let wanted = if replaces { "replaces" } else { "replaced-by" };
    let is_it = |link: &Value<'_>| {
        let names = link.path(&["other", "reference"]).and_then(|text| Some(Reference::parse(&text.as_str()?).local()? == (ResourceType::PATIENT, other)));
        link.string("type").as_deref() == Some(wanted) && names == Some(true)
    };
    let place = all.iter().position(is_it).ok_or(Error::Conflict("somebody else has changed these Patients; look again"))?;
    Ok(if all.len() == 1 { "{\"op\":\"remove\",\"path\":\"/link\"}".to_owned() } else { format!("{{\"op\":\"remove\",\"path\":\"/link/{place}\"}}") })
}
