//! Signing what was written: the signature and what it signs are one act, and what is signed stays.
//!
//! * A signature covers the exact bytes of one version of a response, as they are stored. It lies in a
//!   Provenance beside it; the response is not changed by being signed.
//! * From then on that response has no update and no deletion, whoever asks and by whatever way. It
//!   gets another version only with a reason, and only one that is signed in the same act.
//! * Neither does a Provenance that holds a signature.
//! * How a signature is made is not known here: that comes in with the act, as a [`Pen`].

use std::ops::ControlFlow;

use ::forms::{Filling, Json};
use access::{Account, Act, Caller, Permitted, Role};
use fhir::{Document, Issue, IssueCode, Moment, RecordId, Reference, ResourceType, Value};
use store::{Method, Tick};

use crate::accounts::Presence;
use crate::births::keeper;
use crate::bundle::EntryResult;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::{Completion, Filled};
use crate::handover::{is_draft, says_the_same, signed_elsewhere};
use crate::provenance::{Agent, Provenance, versioned};
use crate::stored::Stored;
use crate::terminology::house;
use crate::transaction::{Fill, Rules};

/// The format of a JWS in a FHIR Signature. <https://hl7.org/fhir/R4/signatures.html>
const JOSE: &str = "application/jose";

/// What is to be signed, and by whom.
pub struct Signee<'s> {
    /// The bytes of the version as they will be stored.
    pub text: &'s str,
    /// When.
    pub at: Moment,
    /// Whose signature it is.
    pub account: &'s Account,
    /// The number of their licence; may be empty.
    pub licence: &'s str,
    /// The institution is to sign as well.
    pub by_institution: bool,
}

/// A version of a response with its signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedVersion {
    /// Which.
    pub version: u32,
    /// Its bytes, as they were signed.
    pub text: String,
    /// The signatures: each a JWS without its payload.
    pub signatures: Vec<String>,
    /// Why it took the place of the one before.
    pub reason: Option<String>,
    /// Where it was signed in another house and came with a parcel: what was signed there. The number of the version
    /// is then the one it has there.
    pub elsewhere: Option<Elsewhere>,
    /// The version here that is signed by this: the same, or of what was signed elsewhere the one that says the same to
    /// the letter, but for version and time. None where no version here does.
    pub here: Option<u32>,
}

/// A version as another house signed it: here it bears another version and time, so its own bytes are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The bytes that were signed.
    pub text: String,
    /// The evidence, as it came.
    pub file: String,
}

/// Makes signatures: that of the author first, then that of the institution where it is wanted. Each
/// is a JWS without its payload. An error says why none was made, without a name.
pub type Signs<'p> = &'p (dyn Fn(&Signee<'_>) -> std::result::Result<Vec<String>, String> + Send + Sync);

/// What signs, in the hand of somebody who has just shown who they are.
pub struct Pen<'p> {
    /// Who holds it.
    pub presence: Presence,
    /// How it writes.
    pub signs: Signs<'p>,
}

impl Chart {
    /// Completes a draft and signs what it became, as one act: after it, both are there or neither.
    pub async fn sign_form(&self, caller: &Caller, draft: &Filled, filling: &Filling, pen: Pen<'_>) -> Result<Completion> {
        self.may_sign(caller, draft, &pen)?;
        if draft.status == "in-progress" {
            let completion = self.completed_with(caller, draft, filling, Some(&pen)).await?;
            if let Completion::Done(signed, _) = &completion {
                self.issue(caller, signed).await;
            }
            return Ok(completion);
        }
        // It was completed before and waits for its signature.
        if draft.status != "completed" && draft.status != "amended" {
            return Err(refused("Only what is completed can be signed."));
        }
        let json = Json::read(&draft.stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        if json.get("author") != Some(&self.author(caller)?) {
            return Err(refused("Only who completed a form signs it; amend it to answer for it yourself."));
        }
        // Of two signatures at once, as by two clicks, the second finds the first: no version parts them.
        let name = format!("signature of {}", draft.stored.id);
        let _signing = self.inner.locks.conditions([name.as_str()]).await;
        self.inner.times.settled().await;
        if !self.signed_versions(self.record_of(&draft.stored)?, &draft.stored.id)?.is_empty() {
            return Err(Error::Conflict("the document is signed already"));
        }
        let address = format!("QuestionnaireResponse/{}", draft.stored.id);
        let version = draft.stored.version;
        let same = format!("{{\"resource\":{},\"request\":{{\"method\":\"PUT\",\"url\":\"{address}\",\"ifMatch\":\"W/\\\"{version}\\\"\"}}}}", draft.stored.text);
        let bundle = format!("{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{same},{}]}}", self.signature_entry(caller, draft, &pen, version, None)?.written());
        let written = self.signed_bundle(caller, draft, &pen, &bundle, version, 1).await?;
        let signed = self.again(written, draft.form.clone(), &draft.patient)?;
        self.issue(caller, &signed).await;
        Ok(Completion::Done(Box::new(signed), 0))
    }

    /// The certificate that a document is gets its paper and its code with the signature. The document stands as it is
    /// whatever becomes of that: where none was made, its page of papers says so and makes one.
    async fn issue(&self, caller: &Caller, signed: &Filled) {
        let _made = self.certificate_of(caller, signed).await;
    }

    /// Takes a signed document out of force, with a reason: another version says so and is signed.
    pub async fn annul_form(&self, caller: &Caller, signed: &Filled, reason: &str, pen: Pen<'_>) -> Result<Filled> {
        self.may_sign(caller, signed, &pen)?;
        let reason = self.reason(reason)?;
        if !matches!(signed.status.as_str(), "completed" | "amended") || self.signed_versions(self.record_of(&signed.stored)?, &signed.stored.id)?.is_empty() {
            return Err(refused("Only a signed document is annulled."));
        }
        let own = format!("QuestionnaireResponse/{}", signed.stored.id);
        let mut json = Json::read(&signed.stored.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        crate::meta::keep_labels(&mut json);
        json.set("status", Json::text("entered-in-error"));
        let version = signed.stored.version + 1;
        let mut entries = vec![crate::forms::put(&own, json, signed.stored.version)];
        entries.extend(self.retired(caller, &signed.patient, &own).await?);
        let mut writer = caller.clone();
        if signed.form.certificate.as_ref().is_some_and(|one| one.kind == "birth") {
            // The caller's own right is asked for; what follows is in the record of somebody else.
            self.permit_write(caller, self.record_of(&signed.stored)?)?;
            writer = keeper(caller);
            entries.extend(self.unborn(&writer, &own).await?);
        }
        entries.push(self.signature_entry(caller, signed, &pen, version, Some(&reason))?);
        let place = entries.len() - 1;
        let bundle = Json::object([("resourceType", Json::text("Bundle")), ("type", Json::text("transaction")), ("entry", Json::List(entries))]);
        let written = self.signed_by(caller, &writer, signed, &pen, &bundle.written(), version, place).await?;
        self.again(written, signed.form.clone(), &signed.patient)
    }

    /// The signed versions of a response that this caller may see, the newest first.
    pub async fn signatures(&self, caller: &Caller, response: &Stored) -> Result<Vec<SignedVersion>> {
        let kind = ResourceType::named("Provenance").expect("R4 has the type");
        let (at, permitted) = self.find(caller, Act::Read, response.kind, &response.id)?;
        let mut found: Vec<SignedVersion> = Vec::new();
        self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
            if entry.kind == kind && entry.method != Method::Delete && entry.text.contains(&response.id) && let Ok(document) = Document::read(entry.text) {
                let root = document.root();
                for (_, version) in signs(root).into_iter().filter(|(of, _)| *of == response.id) {
                    let data = root.get("signature").into_iter().flat_map(|list| list.items()).filter_map(|one| String::from_utf8(fhir::base64::decode(&one.string("data")?)?).ok());
                    let reason = root.get("reason").and_then(|list| list.items().next()).and_then(|one| one.string("text").map(|text| text.into_owned()));
                    found.push(SignedVersion { version, text: String::new(), signatures: data.collect(), reason, elsewhere: None, here: None });
                }
            }
            ControlFlow::Continue(())
        })?;
        found.sort_by_key(|one| std::cmp::Reverse(one.version));
        let came = if found.is_empty() { Vec::new() } else { self.signed_elsewhere(&permitted, &response.id)? };
        let mut here: Vec<(u32, String)> = Vec::new();
        if !came.is_empty() {
            self.store().versions(&permitted, response.kind, at, &mut |entry| {
                if entry.method != Method::Delete {
                    here.push((entry.version, entry.text.to_owned()));
                }
                ControlFlow::Continue(())
            })?;
        }
        let mut read = Vec::with_capacity(found.len());
        for one in found {
            let evidence = came.iter().find(|(version, _, signatures, _)| *version == one.version && signatures.iter().any(|jws| one.signatures.contains(jws)));
            // What was signed here, went away and came back is ours.
            let is_ours = |text: &String| here.iter().any(|(version, own)| *version == one.version && own == text);
            if let Some((_, text, _, file)) = evidence.filter(|(_, text, ..)| !is_ours(text)) {
                let same = here.iter().find(|(_, own)| says_the_same(own, text)).map(|(version, _)| *version);
                read.push(SignedVersion { text: text.clone(), elsewhere: Some(Elsewhere { text: text.clone(), file: file.clone() }), here: same, ..one });
                continue;
            }
            match self.vread(caller, response.kind, &response.id, &one.version.to_string()).await {
                Ok(stored) => read.push(SignedVersion { text: stored.text, here: Some(one.version), ..one }),
                // It signs a version that is not there: nobody's signature.
                Err(Error::NotFound | Error::Gone { .. }) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(read)
    }

    /// True where this version here is signed, by whatever house.
    pub(crate) async fn is_version_signed(&self, caller: &Caller, filled: &Filled) -> Result<bool> {
        let version = filled.stored.version;
        if filled.elsewhere.is_some() {
            return Ok(false);
        }
        Ok(self.signed_versions(self.record_of(&filled.stored)?, &filled.stored.id)?.contains(&version) || self.signatures(caller, &filled.stored).await?.iter().any(|one| one.here == Some(version)))
    }

    /// True where a version here was signed in another house: its evidence lies in the record and says the same.
    pub(crate) fn came_signed(&self, permitted: &Permitted, stored: &Stored) -> Result<bool> {
        let came = self.signed_elsewhere(permitted, &stored.id)?;
        Ok(came.iter().any(|(_, text, ..)| *text != stored.text && says_the_same(text, &stored.text)))
    }

    /// True where some version of a response is signed.
    pub fn is_signed(&self, response: &Stored) -> Result<bool> {
        Ok(!self.signed_versions(self.record_of(response)?, &response.id)?.is_empty())
    }

    /// That this caller may sign this, with this pen.
    fn may_sign(&self, caller: &Caller, filled: &Filled, pen: &Pen<'_>) -> Result<()> {
        // What is shown for one account opens nothing for another; a program never signs for its user.
        if pen.presence.number != caller.account.number || caller.grant.is_some() {
            return Err(Error::Forbidden);
        }
        if filled.lacks_form || filled.elsewhere.is_some() {
            return Err(refused("Only with the form it answers, and in its newest version here, a document is signed or taken out of force."));
        }
        if filled.form.signing.needs_licence && pen.presence.licence.is_empty() {
            let message = "This form is signed by somebody with a licence, and the account names none; whoever keeps the accounts can add it.";
            return Err(Error::Refused(vec![Issue { rule: "licence".to_owned(), ..Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message) }]));
        }
        Ok(())
    }

    /// Carries a transaction out whose first entry is signed in the entry of a place; the first, as written.
    pub(crate) async fn signed_bundle(&self, caller: &Caller, signed: &Filled, pen: &Pen<'_>, bundle: &str, version: u32, place: usize) -> Result<Stored> {
        self.signed_by(caller, caller, signed, pen, bundle, version, place).await
    }

    /// The same, written by the house in the name of whoever signs.
    #[allow(clippy::too_many_arguments)]
    pub(crate) async fn signed_by(&self, caller: &Caller, writer: &Caller, signed: &Filled, pen: &Pen<'_>, bundle: &str, version: u32, place: usize) -> Result<Stored> {
        let at = self.now();
        let by_institution = signed.form.signing.by_institution;
        let with = |text: &str| -> Result<Vec<(String, String)>> {
            if version_of(text) != Some(version) {
                return Err(Error::Conflict("the document changed while it was being signed; look at it again"));
            }
            let signee = Signee { text, at, account: &caller.account, licence: &pen.presence.licence, by_institution };
            let made = (pen.signs)(&signee).map_err(|_| Error::Conflict("the signature could not be made; try again in a moment"))?;
            if made.len() != 1 + usize::from(by_institution) {
                return Err(Error::Store(store::Error::Damaged("a signature is missing")));
            }
            Ok(made.iter().enumerate().map(|(number, jws)| (blank(number), base64(jws.as_bytes()))).collect())
        };
        let outcome = match self.bundle_filled(writer, bundle.as_bytes(), Some((place, Fill { from: 0, with: &with }))).await {
            Err(Error::Entry { cause, .. }) if matches!(*cause, Error::VersionMismatch { .. } | Error::NotFound | Error::Gone { .. } | Error::Conflict(_)) => return Err(*cause),
            outcome => outcome?,
        };
        let first = outcome.entries.into_iter().next().map(|entry| entry.result).ok_or(Error::NotFound)??;
        let EntryResult::Written(written) = first else { return Err(Error::NotFound) };
        Ok(written.stored)
    }

    /// The Provenance that will hold the signatures, with blanks where they come.
    pub(crate) fn signature_entry(&self, caller: &Caller, signed: &Filled, pen: &Pen<'_>, version: u32, reason: Option<&str>) -> Result<Json> {
        let account = &caller.account;
        let id = signed.amends.as_ref().unwrap_or(&signed.stored.id);
        let target = versioned(signed.stored.kind, id, version);
        let now = self.now();
        let coding = |system: &str, code: &str, display: &str| Json::object([("system", Json::text(system)), ("code", Json::text(code)), ("display", Json::text(display))]);
        let institution = Json::object([("display", Json::text(if account.institution.is_empty() { "Carnet" } else { &account.institution }))]);
        let mut who = self.author(caller)?;
        if !pen.presence.licence.is_empty() && who.get("identifier").is_none() {
            who.set("identifier", Json::object([("type", Json::object([("text", Json::text("licence"))])), ("value", Json::text(&pen.presence.licence))]));
        }
        let signature = |number: usize, kind: Json, who: Json| {
            Json::object([("type", Json::List(vec![kind])), ("when", Json::text(now.to_string())), ("who", who), ("targetFormat", Json::text("application/fhir+json")), ("sigFormat", Json::text(JOSE)), ("data", Json::text(blank(number)))])
        };
        const KINDS: &str = "urn:iso-astm:E1762-95:2013";
        let mut signatures = vec![signature(0, coding(KINDS, "1.2.840.10065.1.12.1.1", "Author's Signature"), who.clone())];
        if signed.form.signing.by_institution {
            signatures.push(signature(1, coding(KINDS, "1.2.840.10065.1.12.1.5", "Verification Signature"), institution.clone()));
        }
        let kind = Json::object([("coding", Json::List(vec![coding("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "legal", "Legal Authenticator")]))]);
        let agent = Agent { kind: Some(kind), role: Some(account.role.word()), who, on_behalf_of: Some(institution) };
        let act = coding("http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", "LA", "legally authenticated");
        Ok(Provenance::of(vec![target], now, agent).because(reason).doing(act).signed(signatures).posted())
    }

    /// What evidence in the record says of a response.
    fn signed_elsewhere(&self, permitted: &Permitted, response: &str) -> Result<Vec<(u32, String, Vec<String>, String)>> {
        let mut found = Vec::new();
        let kinds: Vec<ResourceType> = ResourceType::named("Binary").into_iter().collect();
        self.store().scan_types(permitted, &kinds, Tick::END, None, &mut |entry| {
            if entry.method != Method::Delete {
                found.extend(signed_elsewhere(entry.id, entry.text, response));
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    pub(crate) fn record_of(&self, stored: &Stored) -> Result<RecordId> {
        Ok(self.store().locate(stored.kind, &stored.id)?.ok_or(Error::NotFound)?.record)
    }

    /// The versions of a response that are signed. Whoever asks: what they may not see binds them too.
    pub(crate) fn signed_versions(&self, record: RecordId, id: &str) -> Result<Vec<u32>> {
        Ok(self.signed_moments(record, id)?.into_iter().map(|(version, _)| version).collect())
    }

    /// When a version of a response was first signed, by the clock of this record: where the signature came with a
    /// parcel, when that was taken in.
    pub(crate) fn signed_at(&self, record: RecordId, id: &str, version: u32) -> Result<Option<Moment>> {
        Ok(self.signed_moments(record, id)?.into_iter().filter(|(own, _)| *own == version).map(|(_, at)| at).min())
    }

    fn signed_moments(&self, record: RecordId, id: &str) -> Result<Vec<(u32, Moment)>> {
        let kind = ResourceType::named("Provenance").expect("R4 has the type");
        let set = self.permitted_set(&house(), Act::Read)?;
        let Some(permitted) = self.right(&set, record)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
            if entry.kind == kind && entry.method != Method::Delete && entry.text.contains(id) && let Ok(document) = Document::read(entry.text) {
                found.extend(signs(document.root()).into_iter().filter(|(of, _)| of == id).map(|(_, version)| (version, entry.last_updated)));
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Who may bring a signature that was not made here: it binds what it names from then on, so only registered
    /// systems and the console may, as they bring whole records.
    pub(crate) fn may_bring_signature(&self, caller: &Caller, written: Value<'_>, rules: Rules) -> Result<()> {
        if rules.signs || matches!(caller.account.role, Role::Integration | Role::Console) || signs(written).is_empty() {
            return Ok(());
        }
        Err(signed("Provenance", "A signature of a document is made on its page. One that was made elsewhere is brought by a registered system."))
    }

    /// Refuses another version, or a deletion, of what is signed.
    pub(crate) fn refuse_signed(&self, record: RecordId, was: &Stored, rules: Rules) -> Result<()> {
        match was.kind.name() {
            "Provenance" => {
                let document = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
                if signs(document.root()).is_empty() { Ok(()) } else { Err(signed("Provenance", "A Provenance that holds the signature of a document is not altered and not deleted.")) }
            }
            // A draft is signed by becoming something else.
            "QuestionnaireResponse" if !rules.signs && !is_draft(was) => match self.signed_versions(record, &was.id)?.is_empty() {
                true => Ok(()),
                false => Err(signed("QuestionnaireResponse", "A signed document is not altered and not deleted. Amend it on its page: another version, with a reason and signed anew.")),
            },
            _ => Ok(()),
        }
    }
}

fn refused(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message)])
}

fn signed(place: &str, message: &str) -> Error {
    Error::Refused(vec![Issue { rule: "signed".to_owned(), ..Issue::error(IssueCode::BusinessRule, place, message) }])
}

/// True for a text in which a signature of a document may lie: it is there as it stands, or behind escapes.
pub(crate) fn may_hold_a_signature(text: &str) -> bool {
    text.contains(JOSE) || text.contains('\\')
}

/// Where a signature comes in before it is known.
fn blank(number: usize) -> String {
    base64(format!("the signature of number {number} comes here").as_bytes())
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    fhir::base64::encode(bytes, &mut out);
    out
}

/// The responses, with their versions, that a Provenance holds a signature of.
fn signs(provenance: Value<'_>) -> Vec<(String, u32)> {
    let has_signature = provenance.get("signature").is_some_and(|list| list.items().any(|one| one.string("sigFormat").as_deref() == Some(JOSE)));
    let targets = provenance.get("target").into_iter().flat_map(|list| list.items()).filter(|_| has_signature);
    let named = targets.filter_map(|target| {
        let text = target.string("reference")?;
        match Reference::parse(&text) {
            Reference::Local { kind, id, version: Some(version) } if kind.name() == "QuestionnaireResponse" => Some((id.to_owned(), version.parse().ok()?)),
            _ => None,
        }
    });
    named.collect()
}

fn version_of(text: &str) -> Option<u32> {
    let document = Document::read(text).ok()?;
    document.root().get("meta")?.string("versionId")?.parse().ok()
}
