//! Papers that can be used once: using one, and whether it was used.
//!
//! * In one house a paper is used once; of two at once one is told so.
//! * Houses do not ask each other. So the use of a paper travels with its record, as a Provenance, and what was used
//!   there is used here.
//! * That Provenance is the houses' alone: it comes with a record that is taken in, or with a site that is imported.
//!   Nobody else writes one, another version of it, or a deletion.
//! * A document that was written to the wrong chart is written anew in the right one: what was used is used there, too,
//!   and what may have been used in another house is as doubtful there.
//! * What was not used when it left may be used in either house since. Neither pretends to know: the house that took
//!   it in says that it was signed elsewhere, the one that handed it over says when it left, and each wants somebody to
//!   say that they asked the other.

use ::forms::Json;
use access::{Act, Caller, Permitted};
use fhir::{Document, Issue, IssueCode, Moment, RecordId, Reference, ResourceType, Value};
use store::{Method, NoteChange};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::papers::{clean, hands_out, refused};
use crate::provenance::{Agent, Provenance, reference};
use crate::stored::Stored;
use crate::terminology::house;
use crate::transaction::Rules;

/// The codes of what happens to papers.
const PAPER: &str = "https://carnet.health/fhir/CodeSystem/paper";
/// How the id of a Provenance begins that tells of a use.
const TOLD: &str = "used-";

/// Why nobody here knows whether a paper was used that can be used once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsure {
    /// It was signed in another house.
    SignedElsewhere,
    /// The record was handed over to another house, at this moment the last time.
    HandedOver(Moment),
}

impl Unsure {
    fn written(self) -> String {
        match self {
            Unsure::SignedElsewhere => "elsewhere".to_owned(),
            Unsure::HandedOver(at) => format!("left {}", at.0),
        }
    }

    fn read(note: &[u8]) -> Option<Unsure> {
        match std::str::from_utf8(note).ok()? {
            "elsewhere" => Some(Unsure::SignedElsewhere),
            text => Some(Unsure::HandedOver(Moment(text.strip_prefix("left ")?.parse().ok()?))),
        }
    }
}

impl Chart {
    /// Uses a paper that can be used once. False where it was used already: of two at once one is told so. Where it may
    /// have been used in another house, `has_asked` says that whoever takes it in asked there.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is no such paper, with the rule `expired` where its time is over, `elsewhere` where
    /// nobody asked the other house; [`Error::Forbidden`] for who takes no papers in.
    pub async fn use_paper(&self, caller: &Caller, filled: &Filled, has_asked: bool) -> Result<bool> {
        if caller.grant.is_some() || !hands_out(caller.account.role) {
            return Err(Error::Forbidden);
        }
        if !is_once(filled) || !matches!(filled.status.as_str(), "completed" | "amended") {
            return Err(refused("This is no paper that is used once.".to_owned()));
        }
        let told = |rule: &str, message: &str| Error::Refused(vec![Issue { rule: rule.to_owned(), ..Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message) }]);
        if self.is_expired(filled) {
            return Err(told("expired", "The time of this paper is over; whoever signed it can issue another."));
        }
        let record = self.record_of(&filled.stored)?;
        // Nobody moves it to another chart in between, and an erasure takes the uses with it: none is kept after it.
        let _held = self.inner.locks.records([record]).await;
        if self.record_of(&filled.stored)? != record {
            return Err(Error::Conflict("the paper was just moved to another chart; look for it there"));
        }
        self.read(caller, filled.stored.kind, &filled.stored.id).await?;
        if self.is_used(&filled.stored.id)? {
            return Ok(false);
        }
        if !has_asked && self.use_doubt(caller, filled)?.is_some() {
            return Err(told("elsewhere", "This paper may have been used in another house: ask there first."));
        }
        let account = &caller.account;
        let note = format!("{}\t{}\t{}\n", self.now(), account.number, clean(&account.institution));
        self.keep_use(record, &filled.stored.id, note.as_bytes())
    }

    /// Keeps that a paper of a record was used; false where that was kept already.
    fn keep_use(&self, record: RecordId, response: &str, note: &[u8]) -> Result<bool> {
        self.keep_listed(record, response, &use_of(response), note)
    }

    /// Keeps a note of a paper under a name, and the paper in the list of its record; false where there is one.
    fn keep_listed(&self, record: RecordId, response: &str, name: &str, note: &[u8]) -> Result<bool> {
        let list = uses_in(record);
        for _ in 0..8 {
            let before = self.store().note(&list)?;
            let mut now = before.clone().unwrap_or_default();
            now.extend_from_slice(format!("{response}\n").as_bytes());
            let changed = before.as_deref();
            if self.store().keep_notes(&[NoteChange { name, before: None, now: note }, NoteChange { name: &list, before: changed, now: &now }])? {
                return Ok(true);
            }
            if self.store().note(name)?.is_some() {
                return Ok(false);
            }
        }
        Err(Error::Conflict("others keep using papers of the same record; try again in a moment"))
    }

    /// Keeps that a document that goes into another record under another id was used, if it was, here or elsewhere. It
    /// may be asked again: what is kept stays.
    pub(crate) fn carry_use(&self, from: &str, to: &str, record: RecordId) -> Result<()> {
        let note = match self.store().note(&use_of(from))? {
            Some(note) => note,
            None => match self.told_elsewhere(from)? {
                Some(told) => {
                    let document = Document::read(&told.text).map_err(|_| damaged())?;
                    let root = document.root();
                    let at = root.string("recorded").and_then(|text| Moment::parse(&text)).unwrap_or(told.last_updated);
                    let place = root.path(&["agent", "who", "display"]).and_then(|text| text.as_str().map(|text| clean(&text))).unwrap_or_default();
                    format!("{at}\t0\t{place}\n").into_bytes()
                }
                None => return Ok(()),
            },
        };
        self.keep_use(record, to, &note).map(drop)
    }

    /// Keeps that nobody knows whether a document was used that goes into another record under another id: there nothing
    /// else tells of it. What is kept stays.
    pub(crate) fn carry_doubt(&self, doubt: Unsure, to: &str, record: RecordId) -> Result<()> {
        self.keep_listed(record, to, &doubt_of(to), doubt.written().as_bytes()).map(drop)
    }

    /// Forgets a use, and a doubt, that was carried to an id under which nothing came to be.
    pub(crate) fn drop_use(&self, response: &str) -> Result<()> {
        let kind = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        // What was written, and could not be answered, keeps its use.
        if self.store().locate(kind, response)?.is_none() {
            self.store().drop_note(&use_of(response))?;
            self.store().drop_note(&doubt_of(response))?;
        }
        Ok(())
    }

    /// Leaves nothing of the uses and the departures of a record: it was erased.
    pub(crate) fn forget_uses(&self, record: RecordId) -> Result<()> {
        let list = uses_in(record);
        let note = self.store().note(&list)?;
        let responses = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| store::Error::Damaged("the uses of papers could not be read"))?;
        for response in responses.lines() {
            self.store().drop_note(&use_of(response))?;
            self.store().drop_note(&doubt_of(response))?;
        }
        self.store().drop_note(&list)?;
        Ok(self.store().drop_note(&handed_over(record))?)
    }

    /// True where a paper that can be used once was used, here or in a house from which it came.
    ///
    /// # Errors
    /// The store failed.
    pub fn is_used(&self, response: &str) -> Result<bool> {
        Ok(self.store().note(&use_of(response))?.is_some() || self.told_elsewhere(response)?.is_some())
    }

    /// Why nobody here knows whether a paper was used; none where this house would know.
    ///
    /// # Errors
    /// What a read may fail with.
    pub fn use_doubt(&self, caller: &Caller, filled: &Filled) -> Result<Option<Unsure>> {
        let (_, permitted) = self.find(caller, Act::Read, filled.stored.kind, &filled.stored.id)?;
        self.use_unsure(&permitted, &filled.stored)
    }

    /// The same for the house.
    pub(crate) fn use_unsure(&self, permitted: &Permitted, stored: &Stored) -> Result<Option<Unsure>> {
        // What was doubtful in the chart from which it was moved is so in this one.
        if let Some(note) = self.store().note(&doubt_of(&stored.id))? {
            return Ok(Some(Unsure::read(&note).ok_or_else(damaged)?));
        }
        if self.came_signed(permitted, stored)? {
            return Ok(Some(Unsure::SignedElsewhere));
        }
        let Some(note) = self.store().note(&handed_over(permitted.record()))? else { return Ok(None) };
        let left_at = std::str::from_utf8(&note).ok().and_then(|text| text.trim().parse().ok()).map(Moment);
        let left_at = left_at.ok_or(store::Error::Damaged("when a record was handed over could not be read"))?;
        // What was signed after it left did not leave.
        let signed_at = self.signed_at(permitted.record(), &stored.id, stored.version)?;
        Ok((signed_at.unwrap_or(stored.last_updated) <= left_at).then_some(Unsure::HandedOver(left_at)))
    }

    /// Keeps that records left for another house.
    pub(crate) fn note_hand_over(&self, rights: &[Permitted]) -> Result<()> {
        for permitted in rights {
            let name = handed_over(permitted.record());
            // Who is faster says the same.
            self.store().keep_note(&name, self.store().note(&name)?.as_deref(), self.now().0.to_string().as_bytes())?;
        }
        Ok(())
    }

    /// What tells another house that this was used here; none where it was not, or where that is told already.
    pub(crate) fn use_told(&self, stored: &Stored) -> Result<Option<Stored>> {
        if stored.kind.name() != "QuestionnaireResponse" {
            return Ok(None);
        }
        let (kind, id) = (provenance(), told_id(&stored.id));
        let Some(note) = self.store().note(&use_of(&stored.id))? else { return Ok(None) };
        if self.store().locate(kind, &id)?.is_some() {
            return Ok(None);
        }
        let text = String::from_utf8(note).map_err(|_| damaged())?;
        let mut parts = text.trim_end().split('\t');
        let at = parts.next().and_then(Moment::parse).ok_or_else(damaged)?;
        let place = parts.nth(1).filter(|place| !place.is_empty()).unwrap_or("Carnet");
        let act = Json::object([("system", Json::text(PAPER)), ("code", Json::text("used")), ("display", Json::text("Used"))]);
        let agent = Agent::known_as(Json::object([("display", Json::text(place))]));
        let text = Provenance::of(vec![reference(&format!("QuestionnaireResponse/{}", stored.id))], at, agent).named(&id).doing(act).written();
        Ok(Some(Stored { kind, id, version: 1, last_updated: at, method: Method::Create, text, flaws: Vec::new() }))
    }

    /// What another house told of the use of a document, if it lies beside the document.
    fn told_elsewhere(&self, response: &str) -> Result<Option<Stored>> {
        let set = self.permitted_set(&house(), Act::Read)?;
        let Some((permitted, told)) = self.look_up(&set, provenance(), &told_id(response), store::Tick::END)? else { return Ok(None) };
        let kind = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        // Only what lies beside the document speaks of it.
        let is_beside = self.store().locate(kind, response)?.is_some_and(|at| at.record == permitted.record());
        Ok((is_beside && says_used(&told.text, response)).then_some(told))
    }
}

fn damaged() -> store::Error {
    store::Error::Damaged("the use of a paper could not be read")
}

/// The rule of a refusal to write that a paper was used.
const PAPER_USE: &str = "paper-use";

/// Refuses what would say of a paper that it was used, or stand where that is said.
///
/// # Errors
/// [`Error::Refused`] with the rule `paper-use`.
pub(crate) fn refuse_use(kind: ResourceType, id: &str, resource: Option<Value<'_>>, rules: Rules) -> Result<()> {
    let is_mark = kind.name() == "Provenance" && (is_told_id(id) || resource.is_some_and(is_use));
    if rules.takes_in || !is_mark {
        return Ok(());
    }
    let message = "Whether a paper was used is said by its use alone: take the paper in on its page. What was used in another house comes with the record (`carnet take-in`).";
    Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Provenance", message).of_rule(PAPER_USE)]))
}

/// True for the id of a Provenance that tells of a use.
fn is_told_id(id: &str) -> bool {
    id.strip_prefix(TOLD).is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// True where a Provenance is about the use of a paper.
fn is_use(root: Value<'_>) -> bool {
    let codings = root.get("activity").and_then(|activity| activity.get("coding"));
    codings.is_some_and(|list| list.items().any(|one| one.string("system").as_deref() == Some(PAPER) && one.string("code").as_deref() == Some("used")))
}

/// True where a Provenance says that a document was used.
fn says_used(text: &str, response: &str) -> bool {
    let Ok(document) = Document::read(text) else { return false };
    let root = document.root();
    let names = |target: Value<'_>| target.string("reference").is_some_and(|text| matches!(Reference::parse(&text), Reference::Local { kind, id, .. } if kind.name() == "QuestionnaireResponse" && id == response));
    is_use(root) && root.get("target").is_some_and(|list| list.items().any(names))
}

/// True where the form of a document says that its paper is used once.
pub(crate) fn is_once(filled: &Filled) -> bool {
    filled.form.certificate.as_ref().is_some_and(|certificate| certificate.rule("uses") == Some("once"))
}

pub(crate) fn use_of(response: &str) -> String {
    format!("paper-used-{response}")
}

/// Where it is kept of a paper that was moved to another chart why nobody knows whether it was used.
fn doubt_of(response: &str) -> String {
    format!("paper-doubt-{response}")
}

/// Where the papers of a record are listed that were used, or may have been.
fn uses_in(record: RecordId) -> String {
    format!("papers-used-in-{:016x}", record.0)
}

/// Where it lies when a record was handed over.
fn handed_over(record: RecordId) -> String {
    format!("handed-over-{:016x}", record.0)
}

/// The id of the Provenance that tells of a use: one for each document.
fn told_id(response: &str) -> String {
    format!("{TOLD}{}", &blake3::hash(response.as_bytes()).to_hex()[..32])
}

fn provenance() -> ResourceType {
    ResourceType::named("Provenance").expect("R4 has the type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_of_this_document_is_its_use() {
        let told = |system: &str, code: &str, target: &str| format!(r#"{{"resourceType":"Provenance","target":[{{"reference":"{target}"}}],"activity":{{"coding":[{{"system":"{system}","code":"{code}"}}]}}}}"#);
        assert!(says_used(&told(PAPER, "used", "QuestionnaireResponse/r"), "r"));
        for (system, code, target) in [(PAPER, "made", "QuestionnaireResponse/r"), ("https://x.example", "used", "QuestionnaireResponse/r"), (PAPER, "used", "QuestionnaireResponse/other"), (PAPER, "used", "Patient/r")] {
            assert!(!says_used(&told(system, code, target), "r"), "{system} {code} {target}");
        }
        assert!(!says_used("{}", "r") && !says_used("no json", "r"));
        for doubt in [Unsure::SignedElsewhere, Unsure::HandedOver(Moment(5))] {
            assert_eq!(Unsure::read(doubt.written().as_bytes()), Some(doubt));
        }
        assert!(Unsure::read(b"left").is_none() && Unsure::read(b"").is_none());
        assert_eq!(told_id("r"), told_id("r"));
        assert!(fhir::is_id(&told_id("r")) && told_id("r") != told_id("s"));
        assert!(is_told_id(&told_id("r")) && !is_told_id("used-by-ana") && !is_told_id("r"));
    }
}
