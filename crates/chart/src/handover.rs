//! Records that leave for another house, person by person, and such as arrive from one.
//!
//! * What leaves is what is stored, to the letter: the newest version of each entry, what it names of the
//!   shared space, the forms it answers, and each signed version with its signatures. What was used that can be used
//!   once is told by a Provenance.
//! * Drafts stay: nobody has said yet what they say.
//! * An opening is on disk before anything of a person leaves.
//! * What arrives takes nobody's place. What is here already and says the same is left as it is; what
//!   says something else is told and not taken in, and so it can be done again after it was cut short.
//! * Somebody who is here already under the same unique number is never joined by a file: where number, birth date and
//!   name agree both are kept, the number stays with who was here, and a merge is proposed to whoever decides.
//! * Who opened a record elsewhere comes along and lies apart: it is no part of this house's log.
//! * Where a person came from stands in a Provenance of theirs.

use std::collections::{BTreeMap, BTreeSet};

use ::forms::Json;
use access::{Account, Act, Caller, Disclosure, Permitted, Role};
use fhir::{Document, Issue, IssueCode, Moment, ResourceType};
use search::{Handling, Query};
use mpi::{Grade, Person};
use store::{Claim, Method, Tick};

use crate::audit::event_for_elsewhere;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::everything::note_shared;
use crate::handed_forms::{Arriving, answers};
use crate::identity::{claims, numbers};
use crate::persons::Living;
use crate::provenance::{Agent, Provenance, reference};
use crate::signing::{SignedVersion, may_hold_a_signature};
use crate::stored::Stored;
use crate::terminology::house;
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;

/// Everything of one person, on its way to another house.
#[derive(Clone)]
pub struct HandedOver {
    /// What the rest names of the shared space.
    pub shared: Vec<Stored>,
    /// The Patient, and those merged into it.
    pub patients: Vec<Stored>,
    /// Everything else, the newest version of each.
    pub entries: Vec<Stored>,
    /// Signed versions.
    pub signed: Vec<SignedVersion>,
    /// Everybody who opened the record here, as Bundles of AuditEvents, the newest first; one that is empty where nobody did.
    pub logs: Vec<String>,
}

/// From where something arrives.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The institution, as it calls itself.
    pub institution: &'a str,
    /// What names the parcel.
    pub parcel: &'a str,
}

/// What became of something that arrived.
#[derive(Clone, PartialEq, Debug)]
pub enum TakenIn {
    /// It is here now.
    New,
    /// It was here already, and says the same.
    Same,
    /// It is here now, beside somebody of this id who bears the same number and is beyond doubt the same person: the
    /// number stays with them, and a merge is proposed.
    Beside(String),
    /// Something else is here under its name, or was: it was not taken in.
    Differs,
    /// It could not be taken in.
    Refused(Vec<Issue>),
}

/// Persons on one page of an institution's.
const PERSONS: u32 = 200;
/// A unit is part of an institution, which is part of something: followed so often.
const ROUNDS: usize = 6;
/// Organisations of one institution.
const MOST_UNITS: usize = 2_000;
const EVIDENCE: &str = "evidence-";
/// How the id of a Binary begins that tells who opened a record elsewhere.
pub const LOG_ELSEWHERE: &str = "log-elsewhere-";
/// Openings in one Bundle of a log.
const LOGGED_AT_ONCE: usize = 1_000;

impl Chart {
    /// Everything of one person; none for a Patient that was merged into another one, with whom it goes.
    ///
    /// # Errors
    /// Who is not there, or whom the caller may not take elsewhere, is not found.
    pub async fn hand_over(&self, caller: &Caller, patient: &str) -> Result<Option<HandedOver>> {
        let (at, permitted) = self.find(caller, Act::Export, ResourceType::PATIENT, patient)?;
        if self.merged_into(at.record)?.is_some() {
            return Ok(None);
        }
        let rights = self.whole_person(caller, &permitted)?;
        let Living { patients, resources: mut entries, mut named } = self.living(&rights)?;
        entries.retain(|one| !is_draft(one));
        let (mut shared, mut seen): (Vec<Stored>, BTreeSet<(ResourceType, String)>) = (Vec::new(), BTreeSet::new());
        for _ in 0..ROUNDS {
            let new: BTreeSet<(ResourceType, String)> = named.difference(&seen).cloned().collect();
            if new.is_empty() {
                break;
            }
            seen.extend(new.iter().cloned());
            let found = self.shared(caller, new)?;
            found.iter().for_each(|one| note_shared(&one.text, &mut named));
            // What is named comes before what names it.
            drop(shared.splice(0..0, found));
        }
        self.disclose(Disclosure::Export, rights.clone()).await?;
        let logs = self.logs_for_elsewhere(&rights, patient)?;
        let mut signed = Vec::new();
        if entries.iter().any(|one| one.kind.name() == "Provenance" && may_hold_a_signature(&one.text)) {
            for entry in entries.iter().filter(|one| one.kind.name() == "QuestionnaireResponse") {
                signed.extend(self.signatures(caller, entry).await?);
            }
        }
        // When each form was answered last; what was signed elsewhere tells no moment of here.
        let mut answered: BTreeMap<String, Moment> = signed.iter().filter_map(|one| Some((answers(&one.text)?, Moment(i64::MIN)))).collect();
        for one in &entries {
            if let Some(canonical) = answers(&one.text) {
                let at = answered.entry(canonical).or_insert(one.last_updated);
                *at = one.last_updated.max(*at);
            }
        }
        drop(shared.splice(0..0, self.forms_of(&answered)?));
        for place in 0..entries.len() {
            let used = self.use_told(&entries[place])?;
            entries.extend(used);
        }
        if !signed.is_empty() {
            self.note_hand_over(&rights)?;
        }
        Ok(Some(HandedOver { shared, patients, entries, signed, logs }))
    }

    /// Who opened these records of one person, as another house is told.
    fn logs_for_elsewhere(&self, rights: &[Permitted], patient: &str) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for permitted in rights {
            let mut before = None;
            loop {
                let page = self.store().openings(permitted, permitted.record(), before, LOGGED_AT_ONCE)?;
                before = page.last().map(|line| line.index);
                lines.extend(page);
                if before.is_none() {
                    break;
                }
            }
        }
        lines.sort_by(|one, other| other.index.cmp(&one.index));
        let mut accounts: BTreeMap<u64, Option<Account>> = BTreeMap::new();
        let mut entries: Vec<String> = Vec::with_capacity(lines.len());
        for line in &lines {
            if !accounts.contains_key(&line.account) {
                accounts.insert(line.account, self.account_of(line.account)?);
            }
            entries.push(format!("{{\"resource\":{}}}", event_for_elsewhere(line, accounts[&line.account].as_ref(), patient)));
        }
        let bundle = |entries: &[String]| match entries.is_empty() {
            true => "{\"resourceType\":\"Bundle\",\"type\":\"collection\"}".to_owned(),
            false => format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}", entries.join(",")),
        };
        let logs: Vec<String> = entries.chunks(LOGGED_AT_ONCE).map(bundle).collect();
        Ok(if logs.is_empty() { vec![bundle(&[])] } else { logs })
    }

    /// Begins to hand over the persons of a whole institution. Where that takes two, somebody else must have agreed,
    /// as to an export of the site.
    ///
    /// # Errors
    /// Nobody did.
    pub fn begin_hand_over(&self, caller: &Caller) -> Result<()> {
        self.use_agreed_export(&caller.account)
    }

    /// A page of the persons who are assigned to an institution, or to a part of it, and where the next begins.
    ///
    /// # Errors
    /// The institution is not here, or has more parts than are looked through.
    pub async fn persons_of(&self, caller: &Caller, institution: &str, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>)> {
        if self.organization(caller, institution)?.is_none() {
            return Err(Error::NotFound);
        }
        let mut units = vec![format!("Organization/{institution}")];
        let mut from = 0;
        while from < units.len() && units.len() < MOST_UNITS {
            for part in self.shared_by("Organization", "partof", &units[from].clone(), &|_| true)? {
                if !units.contains(&part) {
                    units.push(part);
                }
            }
            from += 1;
        }
        // Whoever is assigned to a part that was not looked for would be left behind.
        if from < units.len() {
            let message = format!("The institution has more than {MOST_UNITS} parts; hand its parts over one by one.");
            return Err(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "Organization.partOf", message)]));
        }
        let wanted = units.join(",");
        let mut query = Query::parse(ResourceType::PATIENT, [("organization", wanted.as_str())].into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        query.count = Some(PERSONS);
        let page = self.search(caller, &query, cursor).await?;
        Ok((page.items.into_iter().map(|hit| hit.stored.id).collect(), page.next))
    }

    /// Takes in what belongs to no person. A form is known by its address and version: one that is here stays as it is,
    /// one that is not is kept for reading what answers it (`handed_forms.rs`).
    ///
    /// # Errors
    /// Only whoever holds the keys may; the store failed.
    pub async fn take_in_shared(&self, caller: &Caller, texts: &[String]) -> Result<Vec<TakenIn>> {
        if caller.account.role != Role::Console {
            return Err(Error::Forbidden);
        }
        let mut fates = Vec::with_capacity(texts.len());
        let mut arriving = Vec::new();
        for text in texts {
            let form = self.arriving_form(text)?;
            let (fate, text) = match form {
                Arriving::Known(fate) => (Some(fate), None),
                Arriving::Kept(text) => (None, Some(text)),
                Arriving::NoForm => (None, Some(text.clone())),
            };
            fates.push(fate);
            arriving.extend(text);
        }
        let mut kept = self.take_in_texts(caller, &arriving).await?.into_iter();
        Ok(fates.into_iter().map(|fate| fate.or_else(|| kept.next()).unwrap_or(TakenIn::Differs)).collect())
    }

    /// Takes in a person: the Patients first, then the rest and the evidence of what was signed, and last a Provenance
    /// that says where they came from. The answer has one line for each Patient, entry, piece of evidence and log, in this order.
    ///
    /// # Errors
    /// Only whoever holds the keys may; the store failed.
    pub async fn take_in_person(&self, caller: &Caller, origin: &Origin<'_>, patients: &[String], entries: &[String], evidence: &[String], logs: &[String]) -> Result<Vec<TakenIn>> {
        let mut fates = self.take_in_texts(caller, patients).await?;
        self.take_in_beside(caller, patients, &mut fates).await?;
        let Some(first) = patients.first().and_then(|text| name_of(text)).map(|(_, id)| id) else { return Ok(fates) };
        if fates.iter().any(|fate| matches!(fate, TakenIn::Refused(_))) {
            let message = "The person could not be taken in, so nothing of them was. Somebody here may have the same number and another birth date or name: see whose number it is, and give the command again.";
            let refused = || TakenIn::Refused(vec![Issue::error(IssueCode::BusinessRule, "Patient", message)]);
            fates.extend(entries.iter().chain(evidence).chain(logs).map(|_| refused()));
            return Ok(fates);
        }
        fates.extend(self.take_in_texts(caller, entries).await?);
        let binaries: Vec<String> = evidence.iter().map(|text| evidence_binary(&first, text)).collect();
        fates.extend(self.take_in_texts(caller, &binaries).await?);
        let logs: Vec<String> = logs.iter().map(|text| binary(LOG_ELSEWHERE, "application/fhir+json", &first, text)).collect();
        fates.extend(self.take_in_texts(caller, &logs).await?);
        let id = format!("received-{}", &blake3::hash(format!("{} {first}", origin.parcel).as_bytes()).to_hex()[..32]);
        let provenance = ResourceType::named("Provenance").ok_or(Error::NotFound)?;
        if self.store().locate(provenance, &id)?.is_none() {
            let told = received(&id, &first, origin, self.now(), binaries.iter().filter_map(|text| name_of(text)).map(|(_, id)| id));
            self.take_in_texts(caller, &[told]).await?;
        }
        Ok(fates)
    }

    /// Takes in those whose number somebody here bears who is beyond doubt the same person: with the number marked as
    /// one that is not in use, so that it stays with who was here, and with a merge proposed.
    async fn take_in_beside(&self, caller: &Caller, patients: &[String], fates: &mut [TakenIn]) -> Result<()> {
        let arriving: Vec<String> = patients.iter().filter_map(|text| name_of(text)).map(|(_, id)| id).collect();
        for (text, fate) in patients.iter().zip(fates) {
            let may_be_here = match fate {
                TakenIn::Refused(_) => self.is_claimed(text)?,
                TakenIn::Differs => self.differs_in_numbers(caller, text)?,
                _ => false,
            };
            if !may_be_here {
                continue;
            }
            let Some((other, set_aside)) = self.known_here(text, &arriving)? else { continue };
            let Some((_, id)) = name_of(text) else { continue };
            let again = self.take_in_texts(caller, &[set_aside]).await?.pop();
            *fate = match again {
                Some(TakenIn::New) => TakenIn::Beside(other.clone()),
                Some(TakenIn::Same) => TakenIn::Same,
                _ => continue,
            };
            self.propose_merge(&id, &other)?;
        }
        Ok(())
    }

    /// True where somebody here bears a number of this Patient that only one person may have. The claims say so, and the
    /// index need not be asked about whoever was refused for something else.
    fn is_claimed(&self, text: &str) -> Result<bool> {
        let Ok(document) = Document::read(text) else { return Ok(false) };
        for claim in claims(ResourceType::PATIENT, document.root()) {
            if self.store().claimed_by(&claim)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True where a Patient that is here says what this one says, but for numbers that are not in use here: as one that
    /// was taken in beside somebody.
    fn differs_in_numbers(&self, caller: &Caller, text: &str) -> Result<bool> {
        let kind = ResourceType::PATIENT;
        let Some((_, id)) = name_of(text).filter(|(of, _)| *of == kind.name()) else { return Ok(false) };
        let Some(at) = self.store().locate(kind, &id)? else { return Ok(false) };
        let Some(now) = self.newest(&self.permit(caller, Act::Read, at.record)?, kind, at)? else { return Ok(false) };
        let (Ok(here), Ok(arrived)) = (Document::read(&now.text), Document::read(text)) else { return Ok(false) };
        let in_use = numbers(kind, here.root());
        let set_apart: Vec<Claim> = numbers(kind, arrived.root()).into_iter().filter(|claim| !in_use.contains(claim)).collect();
        Ok(set_aside(text, &set_apart).is_some_and(|text| says_the_same(&now.text, &text)))
    }

    /// Who here bears a unique number of somebody that arrives and agrees with them in number, birth date and name, and
    /// the text of the one that arrives with that number as one not in use.
    fn known_here(&self, text: &str, arriving: &[String]) -> Result<Option<(String, String)>> {
        let Ok(document) = Document::read(text) else { return Ok(None) };
        let person = Person::read(document.root());
        if person.says_nothing() {
            return Ok(None);
        }
        let agrees = |reasons: &[mpi::Reason], field: &str| reasons.iter().any(|reason| reason.field.starts_with(field) && reason.bits > 0.0);
        for (matched, _) in self.judged(&house(), &person, Tick::END)?.0 {
            let reasons = &matched.reasons;
            // A birth date that may be a slip of the other one is a doubt.
            let is_born_then = reasons.iter().any(|reason| reason.field == "Patient.birthDate" && reason.code == "same");
            let is_beyond_doubt = matched.grade == Grade::Certain && is_born_then && ["Patient.identifier", "Patient.name"].iter().all(|field| agrees(reasons, field));
            if !is_beyond_doubt || arriving.contains(&matched.patient.id) {
                continue;
            }
            let Ok(known) = Document::read(&matched.patient.text) else { continue };
            let held = numbers(ResourceType::PATIENT, known.root());
            return Ok(set_aside(text, &held).map(|text| (matched.patient.id.clone(), text)));
        }
        Ok(None)
    }

    async fn take_in_texts(&self, caller: &Caller, texts: &[String]) -> Result<Vec<TakenIn>> {
        if caller.account.role != Role::Console {
            return Err(Error::Forbidden);
        }
        let mut fates: Vec<Option<TakenIn>> = Vec::with_capacity(texts.len());
        let documents: Vec<Option<Document<'_>>> = texts.iter().map(|text| self.read_body(text.as_bytes()).ok()).collect();
        let (mut orders, mut places) = (Vec::new(), Vec::new());
        for (place, (document, text)) in documents.iter().zip(texts).enumerate() {
            let named = document.as_ref().and_then(|document| Some((ResourceType::named(&document.root().string("resourceType")?)?, document.root().string("id").filter(|id| fhir::is_id(id))?.into_owned(), document.root())));
            let Some((kind, id, root)) = named else {
                fates.push(Some(TakenIn::Refused(vec![Issue::error(IssueCode::Structure, "", "This is no resource of R4 with an id.")])));
                continue;
            };
            match self.store().locate(kind, &id)? {
                Some(at) => {
                    let now = self.newest(&self.permit(caller, Act::Read, at.record)?, kind, at)?;
                    let is_same = now.is_some_and(|now| now.method != Method::Delete && says_the_same(&now.text, text));
                    fates.push(Some(if is_same { TakenIn::Same } else { TakenIn::Differs }));
                }
                None => {
                    // Nothing may be under that name, also where somebody writes it at this moment.
                    orders.push(Order { id: Some(id), if_match: Some("0".to_owned()), ..order(Deed::Update, kind, Some(root)) });
                    places.push(place);
                    fates.push(None);
                }
            }
        }
        // What is flawed is kept with its flaws; what cannot be kept at all is told.
        let rules = Rules { keep_flawed: true, repeatable: true, takes_in: true, ..Rules::default() };
        for (place, done) in places.into_iter().zip(self.transact_each(caller, orders, rules).await?) {
            fates[place] = Some(done.map_or_else(|cause| fate(&cause), |_| TakenIn::New));
        }
        Ok(fates.into_iter().map(|fate| fate.unwrap_or(TakenIn::Differs)).collect())
    }
}

/// True for what somebody is still writing.
pub(crate) fn is_draft(stored: &Stored) -> bool {
    stored.kind.name() == "QuestionnaireResponse" && Json::read(&stored.text).is_ok_and(|json| json.string("status") == Some("in-progress"))
}

fn fate(cause: &Error) -> TakenIn {
    match cause {
        // Somebody was faster under that name.
        Error::VersionMismatch { .. } => TakenIn::Differs,
        cause => {
            let issues = cause.issues().to_vec();
            TakenIn::Refused(if issues.is_empty() { vec![Issue::error(IssueCode::Processing, "", cause.to_string())] } else { issues })
        }
    }
}

fn name_of(text: &str) -> Option<(String, String)> {
    let document = Document::read(text).ok()?;
    Some((document.root().string("resourceType")?.into_owned(), document.root().string("id")?.into_owned()))
}

/// True where two versions say the same but for what a house writes itself: version and time.
pub(crate) fn says_the_same(one: &str, other: &str) -> bool {
    let content = |text: &str| {
        let mut json = Json::read(text).ok()?;
        if let Some(mut meta) = json.remove("meta") {
            meta.remove("versionId");
            meta.remove("lastUpdated");
            if !meta.members().is_empty() {
                json.set("meta", meta);
            }
        }
        Some(json)
    };
    content(one).is_some_and(|one| Some(one) == content(other))
}

/// A Patient whose numbers that somebody else holds are marked as not in use; none where there is no such number.
fn set_aside(text: &str, held: &[Claim]) -> Option<String> {
    let Json::Object(mut members) = Json::read(text).ok()? else { return None };
    let mut has_marked = false;
    for (_, value) in members.iter_mut().filter(|(name, _)| name == "identifier") {
        let Json::List(identifiers) = value else { continue };
        for identifier in identifiers {
            let alone = Json::object([("identifier", Json::List(vec![identifier.clone()]))]).written();
            let own = Document::read(&alone).ok().map(|document| numbers(ResourceType::PATIENT, document.root())).unwrap_or_default();
            if own.iter().any(|claim| held.contains(claim)) {
                identifier.set("use", Json::text("old"));
                has_marked = true;
            }
        }
    }
    has_marked.then(|| Json::Object(members).written())
}

fn evidence_binary(patient: &str, evidence: &str) -> String {
    binary(EVIDENCE, "application/json", patient, evidence)
}

/// What came along as an attachment of a person's record, named by what is in it.
fn binary(named: &str, content_type: &str, patient: &str, evidence: &str) -> String {
    let id = format!("{named}{}", &blake3::hash(evidence.as_bytes()).to_hex()[..40]);
    let mut text = format!("{{\"resourceType\":\"Binary\",\"id\":\"{id}\",\"contentType\":\"{content_type}\",\"securityContext\":{{\"reference\":\"Patient/{patient}\"}},\"data\":\"");
    fhir::base64::encode(evidence.as_bytes(), &mut text);
    text.push_str("\"}");
    text
}

/// A Provenance that says where a person came from.
fn received(id: &str, patient: &str, origin: &Origin<'_>, now: Moment, evidence: impl Iterator<Item = String>) -> String {
    let parcel = Json::object([("identifier", Json::object([("system", Json::text("https://carnet.health/fhir/NamingSystem/parcel")), ("value", Json::text(origin.parcel))]))]);
    let whats = std::iter::once(parcel).chain(evidence.map(|binary| reference(&format!("Binary/{binary}"))));
    let agent = Agent::known_as(Json::object([("display", Json::text(origin.institution))]));
    Provenance::of(vec![reference(&format!("Patient/{patient}"))], now, agent).named(id).living("receive").from("source", whats).written()
}

/// What a piece of evidence, as it lies in a record, signs: the version, its text, the signatures and the file.
pub(crate) fn signed_elsewhere(binary_id: &str, binary: &str, response: &str) -> Option<(u32, String, Vec<String>, String)> {
    if !binary_id.starts_with(EVIDENCE) {
        return None;
    }
    let file = String::from_utf8(fhir::base64::decode(&Document::read(binary).ok()?.root().string("data")?)?).ok()?;
    let evidence = Document::read(&file).ok()?;
    let text = evidence.root().string("document")?.into_owned();
    let signatures = evidence.root().get("signatures")?.items().filter_map(|one| one.as_str().map(|text| text.into_owned())).collect();
    let document = Document::read(&text).ok()?;
    let root = document.root();
    let is_it = root.string("resourceType").as_deref() == Some("QuestionnaireResponse") && root.string("id").as_deref() == Some(response);
    let version = root.path(&["meta", "versionId"])?.as_str()?.parse().ok().filter(|_| is_it)?;
    drop(document);
    drop(evidence);
    Some((version, text, signatures, file))
}
