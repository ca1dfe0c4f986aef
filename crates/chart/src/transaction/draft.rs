//! What one order comes to: the version to write, and what goes with it.

use std::collections::HashSet;

use access::{Act, Caller, Facts, Permitted};
use fhir::{Document, Issue, IssueCode, RecordId, ResourceType, Value, splice};
use store::{Change, Method, OwnedTerm, Tick};

use super::aim::Aim;
use super::{CLAIMED, Deed, Names, Rules, Settled, Transaction, Trouble, entry};
use crate::circumstances::{CONSENT, EPISODE};
use crate::custom::SEARCH_PARAMETER;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::identity;
use crate::stored::{Stored, Written, WrittenAs};
use crate::subscription::SUBSCRIPTION;

/// What one order comes to.
pub(super) struct Draft<'f> {
    pub written: Written,
    pub permitted: Option<Permitted>,
    pub entry: Option<u32>,
    pub terms: Vec<OwnedTerm>,
    pub guests_added: Vec<RecordId>,
    pub guests_removed: Vec<RecordId>,
    pub claims_added: Vec<store::Claim>,
    pub claims_removed: Vec<store::Claim>,
    pub flaws: &'f [Issue],
}

impl<'f> Draft<'f> {
    pub fn nothing(stored: Stored, issues: Vec<Issue>) -> Draft<'f> {
        Draft {
            written: Written { stored, done: WrittenAs::Unchanged, issues, is_shown: true },
            permitted: None,
            entry: None,
            terms: Vec::new(),
            guests_added: Vec::new(),
            guests_removed: Vec::new(),
            claims_added: Vec::new(),
            claims_removed: Vec::new(),
            flaws: &[],
        }
    }

    pub fn becoming(mut self, done: WrittenAs) -> Draft<'f> {
        self.written.done = done;
        self
    }

    /// False where all is there already, and nothing is to be written.
    pub fn is_written(&self) -> bool {
        self.permitted.is_some()
    }

    /// What is to be written at a time, if anything is.
    pub fn change(&self, at: Tick) -> Option<Change<'_>> {
        let stored = &self.written.stored;
        Some(Change {
            permitted: self.permitted.clone()?,
            kind: stored.kind,
            id: &stored.id,
            entry: self.entry,
            version: stored.version,
            method: stored.method,
            at,
            text: &stored.text,
            flaws: self.flaws,
            terms: &self.terms,
            guests_added: &self.guests_added,
            guests_removed: &self.guests_removed,
            claims_added: &self.claims_added,
            claims_removed: &self.claims_removed,
        })
    }
}

impl Chart {
    /// What an order comes to, with the record locked.
    pub(super) fn draft<'t>(&self, act: &Transaction<'t>, settled: &Settled<'t>, index: usize, at: Tick, stamp_text: &str, filled: &[(String, String)]) -> std::result::Result<Draft<'t>, Trouble> {
        let Transaction { caller, orders, rules, flaws, .. } = *act;
        let (order, flaws) = (&orders[index], flaws[index].as_slice());
        let (aim, guests, names) = (&settled.aims[index], settled.guests[index].as_slice(), &settled.names);
        if aim.found && order.deed == Deed::Delete {
            return Ok(Draft::nothing(absent(order.kind, &aim.id, at), Vec::new()));
        }
        if aim.found {
            // Another entry of this very bundle creates it, or it is there already.
            let was = match aim.at {
                Some(at) => self.newest(&self.permit(caller, Act::Read, at.record)?, order.kind, at)?,
                None => None,
            };
            let stored = was.unwrap_or_else(|| empty(order.kind, &aim.id, at));
            return Ok(Draft::nothing(stored, Vec::new()));
        }
        let record = aim.record.ok_or(Error::NotFound)?;
        let permitted = self.permit_write(caller, record)?;
        let now_at = self.store().locate(order.kind, &aim.id)?;
        if now_at != aim.at {
            return Err(Trouble::Again);
        }
        let was = match aim.at {
            Some(place) => self.newest(&permitted, order.kind, place)?,
            None => None,
        };
        crate::closure::refuse_by_the_way(caller, order.kind, &aim.id, order.body, was.as_ref())?;
        if let Some(was) = &was && !self.shows(caller, record, was)? {
            if order.may_be_absent(rules) {
                return Ok(Draft::nothing(absent(order.kind, &aim.id, at), Vec::new()));
            }
            return Err(order.finds_nothing().into());
        }
        refuse_other_version(order.if_match.as_deref(), was.as_ref())?;
        if order.kind == ResourceType::PATIENT && order.deed == Deed::Delete {
            self.keep_joined(caller, was.as_ref().filter(|was| was.method != Method::Delete), None, aim.at, rules)?;
        }
        let version = was.as_ref().map_or(1, |was| was.version + 1);
        if order.deed == Deed::Delete {
            return match was {
                None => Err(Error::NotFound.into()),
                Some(was) if was.method == Method::Delete => Ok(Draft::nothing(was, Vec::new())),
                Some(was) => {
                    self.check_write(caller, access::Deed::Delete, record, &Facts::new(order.kind, &was.id, &was.text))?;
                    self.refuse_touching(caller, record, &was, None, rules)?;
                    Ok(self.tombstone(order.kind, was, permitted, aim, at)?)
                }
            };
        }
        let body = order.body.ok_or(Error::NotFound)?;
        let accepted = if order.kind.name() == SUBSCRIPTION && !rules.by_the_server { Some(self.accepted_subscription(caller, body, &aim.id, was.as_ref())?) } else { None };
        let accepted = accepted.map(Document::read_owned).transpose().map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        let body = accepted.as_ref().map_or(body, Document::root);
        if order.kind.name() == SEARCH_PARAMETER {
            self.may_be_in_force(body, &aim.id)?;
        }
        let was_alive = was.as_ref().filter(|was| was.method != Method::Delete);
        // A scope to update holds updates that make something. <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>
        let deed = if was_alive.is_some() || order.deed == Deed::Update { access::Deed::Update } else { access::Deed::Create };
        if let Some(was) = was_alive {
            self.check_write(caller, deed, record, &Facts::new(order.kind, &was.id, &was.text))?;
        }
        if let Some(was) = was_alive && self.says_the_same(order.root(), body, was, names) {
            return Ok(Draft::nothing(was.clone(), flaws.to_vec()));
        }
        if let Some(was) = was_alive {
            self.refuse_touching(caller, record, was, Some(body), rules)?;
        }
        crate::used::refuse_use(order.kind, &aim.id, Some(body), rules)?;
        if !rules.keep_flawed {
            refuse_untrue_life(flaws, body, was_alive)?;
        }
        let (root, mut text) = (order.root(), String::with_capacity(body.raw().len() + 128));
        let stamp = splice::Stamp { id: &aim.id, version, last_updated: stamp_text };
        splice::write_stamped(body, stamp, &mut text, &mut |member, value| names.rewrite(root, member, value));
        for (place, known) in filled {
            text = text.replace(place, known);
        }
        let document = Document::read_within(&text, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        self.check_write(caller, deed, record, &Facts::new(order.kind, &aim.id, &text))?;
        // As it will be kept: what is sent may name others by an entry of the bundle, or by their whole address.
        match order.kind.name() {
            "Patient" => self.keep_joined(caller, was_alive, Some(document.root()), aim.at, rules)?,
            "Provenance" => self.may_bring_signature(caller, document.root(), rules)?,
            CONSENT => self.refuse_permit(caller, document.root())?,
            EPISODE => self.refuse_assigning(caller, order.kind, document.root())?,
            "Communication" => crate::questions::refuse_by_the_way(caller, order.kind, document.root(), rules)?,
            _ => {}
        }
        self.remember_systems(order.kind, document.root())?;
        let (terms, claims) = (crate::search::terms_of(&self.custom(), &|_| true, order.kind, document.root()), identity::claims(order.kind, document.root()));
        let (mut claims_was, mut guests_was) = (Vec::new(), Vec::new());
        if let Some(was) = was_alive {
            let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
            claims_was = self.claims_held(order.kind, before.root(), aim.at)?;
            guests_was = self.guests_of(None, Some(before.root()), aim, &Names::default(), &[])?;
        }
        let method = if was.is_some() { Method::Update } else { Method::Create };
        let done = if was_alive.is_some() { WrittenAs::Updated } else { WrittenAs::Created };
        // A life that was untrue before is told of, and no fault of this write.
        let told = |issue: &Issue| if fhir::life::is_about_life(issue) && !rules.keep_flawed { Issue { severity: fhir::Severity::Warning, ..issue.clone() } } else { issue.clone() };
        let mut issues: Vec<Issue> = flaws.iter().map(told).collect();
        // Where it stands is a place of the text as it is kept, not as it was sent.
        issues.extend(identity::doubts(order.kind, document.root(), at.moment().civil(self.inner.settings.zone_offset_minutes)).into_iter().map(|issue| Issue { offset: None, ..issue }));
        if !rules.keep_flawed {
            issues.extend(self.payors_asked(caller, order.kind, document.root())?);
        }
        drop(document);
        let stored = Stored { kind: order.kind, id: aim.id.clone(), version, last_updated: at.moment(), method, text, flaws: flaws.to_vec() };
        Ok(Draft {
            written: Written { stored, done, issues, is_shown: true },
            permitted: Some(permitted),
            entry: aim.at.map(|at| at.entry),
            terms,
            // Also those it named before: they may not have been here then. The store knows which are told.
            guests_added: guests.to_vec(),
            guests_removed: guests_was.iter().filter(|guest| !guests.contains(guest)).copied().collect(),
            claims_added: claims.iter().filter(|claim| !claims_was.contains(claim)).cloned().collect(),
            claims_removed: claims_was.into_iter().filter(|claim| !claims.contains(claim)).collect(),
            flaws,
        })
    }

    /// Refuses to alter, or to end where nothing takes its place, what only some may touch, or nobody.
    fn refuse_touching(&self, caller: &Caller, record: RecordId, was: &Stored, now: Option<Value<'_>>, rules: Rules) -> Result<()> {
        self.refuse_signed(record, was, rules)?;
        crate::own_forms::refuse_other_words(caller, was, now, rules)?;
        self.refuse_untransferring(caller, was)?;
        let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        self.refuse_assigning(caller, was.kind, before.root())?;
        if was.kind.name() == CONSENT && self.permitted_set(caller, Act::Write)?.may_not_lift(before.root()) {
            return Err(keepers_of_consents());
        }
        if let Some(now) = now
            && self.permitted_set(caller, Act::Write)?.may_not_unlabel(before.root(), now)
        {
            return Err(crate::meta::keepers_of_labels());
        }
        crate::questions::refuse_by_the_way(caller, was.kind, before.root(), rules)?;
        crate::used::refuse_use(was.kind, &was.id, Some(before.root()), rules)
    }

    /// Refuses a Consent that permits something and is written by somebody who does not keep consents. Whether anything
    /// is refused to them now is not looked at: the answer would tell.
    fn refuse_permit(&self, caller: &Caller, consent: Value<'_>) -> Result<()> {
        if self.permitted_set(caller, Act::Write)?.may_not_permit(consent) { Err(keepers_of_consents()) } else { Ok(()) }
    }

    /// Refuses what claims an identifier that another resource of this transaction claims, too.
    pub(super) fn refuse_claims(&self, act: &Transaction<'_>, drafts: &[Draft<'_>]) -> std::result::Result<(), Trouble> {
        let mut seen = HashSet::new();
        let mut refused = Vec::new();
        for (index, draft) in drafts.iter().enumerate() {
            for claim in &draft.claims_added {
                // The commit decides about claims that others hold. An import looks first, because a
                // commit names only one of those it refuses.
                if !seen.insert(claim) || (act.rules.repeatable && self.store().claimed_by(claim)?.is_some()) {
                    refused.push(entry(index, act.orders, Error::Conflict(CLAIMED)));
                    break;
                }
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(Trouble::Several(refused)) }
    }

    /// True where the caller sees the newest version of a resource that is there.
    pub(crate) fn shows(&self, caller: &Caller, record: RecordId, newest: &Stored) -> Result<bool> {
        // What a program may write is told by its scopes alone; some may write what they may not read.
        let caller = &Caller { grant: None, ..caller.clone() };
        let permitted = self.permit(caller, Act::Read, record)?;
        if permitted.residual().is_none() {
            return Ok(true);
        }
        let at = self.store().locate(newest.kind, &newest.id)?.ok_or(Error::NotFound)?;
        Ok(self.newest(&permitted, newest.kind, at)?.is_some())
    }

    /// The claims that a version holds: what its numbers claim, and what it was given for others by an earlier version of
    /// the program. What somebody else holds by now is theirs, and not given up here.
    fn claims_held(&self, kind: ResourceType, before: Value<'_>, at: Option<store::Location>) -> Result<Vec<store::Claim>> {
        let mut held = identity::claims(kind, before);
        for claim in identity::former_claims(kind, before) {
            if at.is_some() && self.store().claimed_by(&claim)? == at {
                held.push(claim);
            }
        }
        Ok(held)
    }

    pub(super) fn tombstone<'f>(&self, kind: ResourceType, was: Stored, permitted: Permitted, aim: &Aim, at: Tick) -> Result<Draft<'f>> {
        let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let claims_removed = self.claims_held(kind, before.root(), aim.at)?;
        let guests_removed = self.guests_of(None, Some(before.root()), aim, &Names::default(), &[])?;
        let stored = Stored { version: was.version + 1, last_updated: at.moment(), method: Method::Delete, text: String::new(), flaws: Vec::new(), ..empty(kind, &aim.id, at) };
        Ok(Draft {
            entry: aim.at.map(|at| at.entry),
            permitted: Some(permitted),
            guests_removed,
            claims_removed,
            ..Draft::nothing(stored, Vec::new()).becoming(WrittenAs::Deleted)
        })
    }

    /// True if the body, stamped like the version that is there, is that version to the letter.
    pub(super) fn says_the_same(&self, root: Option<&str>, body: Value<'_>, was: &Stored, names: &Names<'_>) -> bool {
        let mut text = String::with_capacity(was.text.len());
        let last_updated = was.last_updated.to_string();
        let stamp = splice::Stamp { id: &was.id, version: was.version, last_updated: &last_updated };
        splice::write_stamped(body, stamp, &mut text, &mut |member, value| names.rewrite(root, member, value));
        text == was.text
    }
}

fn keepers_of_consents() -> Error {
    let message = "What a person permits is written down, and what they refuse is lifted, by those who keep consents: admissions, the records clerk, a connected system. Whoever treats writes down what is refused, and in an emergency breaks the glass.";
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Consent.provision", message).of_rule("consent-keeper")])
}

/// Refuses a birth or a death that cannot be true, unless the version that is there says so, too: it is from before there
/// was this rule, and whoever merges or moves its person can correct nothing of it.
fn refuse_untrue_life(flaws: &[Issue], body: Value<'_>, was: Option<&Stored>) -> Result<()> {
    let untrue: Vec<Issue> = flaws.iter().filter(|issue| fhir::life::is_about_life(issue)).cloned().collect();
    if untrue.is_empty() {
        return Ok(());
    }
    let before = was.map(|was| Document::read(&was.text)).transpose().map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
    if before.is_some_and(|before| fhir::life::says_the_same(before.root(), body)) { Ok(()) } else { Err(Error::Invalid(untrue)) }
}

fn empty(kind: ResourceType, id: &str, at: Tick) -> Stored {
    Stored { kind, id: id.to_owned(), version: 1, last_updated: at.moment(), method: Method::Create, text: String::new(), flaws: Vec::new() }
}

/// What a deletion leaves that had nothing to delete: no version.
fn absent(kind: ResourceType, id: &str, at: Tick) -> Stored {
    Stored { version: 0, method: Method::Delete, ..empty(kind, id, at) }
}

/// Refuses what was meant for another version than the one that is there.
fn refuse_other_version(wanted: Option<&str>, was: Option<&Stored>) -> Result<()> {
    match (wanted, was) {
        (None, _) | (Some("0"), None) => Ok(()),
        // "*" asks that something does. <https://httpwg.org/specs/rfc9110.html#field.if-match>
        (Some("*"), Some(was)) if was.method != Method::Delete => Ok(()),
        // "0" asks that nothing lives there: `If-None-Match: *` on an update.
        (Some("0"), Some(was)) if was.method == Method::Delete => Ok(()),
        (Some(wanted), Some(was)) if was.version.to_string() == wanted => Ok(()),
        (Some(_), was) => Err(Error::VersionMismatch { current: was.map_or(0, |was| was.version) }),
    }
}
