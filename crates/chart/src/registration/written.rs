//! A person who was typed in at a desk is held against who is there already, and written once.
//!
//! * Who bears the same number that only one person may have is the person: nobody is registered beside them. Who bore
//!   it once is shown before.
//! * A form is written once, however often it is sent: the Patient's id follows from the session and the form.
//! * A newborn is begun with the mother, who is somebody here: whom she bore that day is shown before another is written,
//!   and of that one it is said which of them it is.
//! * Two desks that register one person at once, without a number, leave a pair in the queue of duplicates.

use std::collections::HashSet;
use std::fmt::Write as _;

use access::{Caller, may_register};
use country::provisional::Case;
use fhir::{Document, ResourceType};
use sha2::{Digest, Sha256};

use super::{BornTo, Draft, Registered, RegistrationKind};
use crate::coverage::wrong;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::matching::{Grade, MatchWish, Matched, Reason};
use crate::newborn::{mother_of, order_of, provisional_number};
use crate::provenance::reference;
use crate::terminology::search_value;
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;

/// Likely persons shown at most.
const MOST_LIKELY: usize = 12;

impl Chart {
    /// Who may be the person that was typed, the likeliest first, and whether one of them bears a number that only
    /// one person may have: then nobody is registered beside them.
    ///
    /// # Errors
    /// Whoever may not begin a record is refused.
    pub async fn likely_of(&self, caller: &Caller, draft: &Draft) -> Result<Vec<(Matched, bool)>> {
        if !may_register(caller) {
            return Err(Error::Forbidden);
        }
        let text = draft.patient.written();
        let document = self.read_body(text.as_bytes())?;
        if let Some(born) = &draft.newborn {
            return Ok(self.likely_newborns(caller, born).await?.into_iter().map(|one| (one, false)).collect());
        }
        match self.match_person(caller, document.root(), MatchWish { only_certain: false, count: MOST_LIKELY }).await {
            Ok(matches) => {
                let mut all = matches.items;
                let former = self.former_bearers(caller, draft, &all).await?;
                all.extend(former);
                Ok(all.into_iter().map(|one| { let is_held = draft.has_number_of(&one.patient.text); (one, is_held) }).collect())
            }
            // Who has neither a name nor a number is like nobody.
            Err(Error::Refused(_)) => Ok(Vec::new()),
            Err(cause) => Err(cause),
        }
    }

    /// Those who bore a number of the draft that only one person may have, and bear it no more: it was a slip there, or
    /// is one here. Whom the match found already is left out.
    async fn former_bearers(&self, caller: &Caller, draft: &Draft, matched: &[Matched]) -> Result<Vec<Matched>> {
        let former = Reason { field: "Patient.identifier", code: "bore-this-number", bits: 0.0 };
        let mut found: Vec<Matched> = Vec::new();
        for identifier in draft.patient.each("identifier") {
            let (Some(system), Some(value)) = (identifier.string("system"), identifier.string("value")) else { continue };
            if !country::identifier_system(system).is_some_and(|known| known.unique) {
                continue;
            }
            let condition = format!("identifier={}|{}", search_value(system), search_value(value));
            for (_, id) in self.find_by_condition(caller, ResourceType::PATIENT, &condition, MOST_LIKELY)? {
                if matched.iter().chain(&found).any(|one| one.patient.id == id) {
                    continue;
                }
                let patient = self.read(caller, ResourceType::PATIENT, &id).await?;
                found.push(Matched { patient, score: 0.0, grade: Grade::Possible, reasons: vec![former.clone()] });
            }
        }
        Ok(found)
    }

    /// The children of a mother of that day who may be the one: all but those of another place in the order.
    async fn likely_newborns(&self, caller: &Caller, born: &BornTo) -> Result<Vec<Matched>> {
        let is_other = |text: &str| Document::read(text).ok().and_then(|document| order_of(document.root())).is_some_and(|order| born.order.is_some_and(|own| own != order));
        let children = self.newborns_of(caller, &born.mother_id, &born.day).await?;
        let same = Reason { field: "Patient.birthDate", code: "same-mother-and-day", bits: 0.0 };
        Ok(children.into_iter().filter(|child| !is_other(&child.text)).map(|patient| Matched { patient, score: 0.5, grade: Grade::Probable, reasons: vec![same.clone()] }).collect())
    }

    /// Whom a form of this session registered, if it was sent already.
    pub fn registered_by(&self, caller: &Caller, form: &str) -> Result<Option<String>> {
        if !may_register(caller) {
            return Err(Error::Forbidden);
        }
        let id = id_of(caller, form);
        Ok(self.store().locate(ResourceType::PATIENT, &id)?.map(|_| id))
    }

    /// Writes a Patient and who registered them, as one act and once for each form of a session. Of a newborn, whose
    /// child it is, too; where the mother has a child of that day who was not shown before, nothing is written.
    ///
    /// # Errors
    /// Whoever may not begin a record is refused, and a further child of one birth without its order; what breaks a rule
    /// of the format is told by its place.
    pub async fn register_person(&self, caller: &Caller, form: &str, kind: RegistrationKind, draft: &Draft, shown: &HashSet<&str>) -> Result<Registered> {
        if !may_register(caller) {
            return Err(Error::Forbidden);
        }
        if form.len() < 16 || form.len() > 128 {
            return Err(wrong("form", "The form does not say which one it is."));
        }
        let id = id_of(caller, form);
        if self.store().locate(ResourceType::PATIENT, &id)?.is_some() {
            return Ok(Registered::Done(id));
        }
        let _births = match &draft.newborn {
            Some(born) => Some(self.hold_certificates(&born.mother_id).await?),
            None => None,
        };
        if let Some(born) = &draft.newborn {
            if self.store().locate(ResourceType::PATIENT, &id)?.is_some() {
                return Ok(Registered::Done(id));
            }
            let others = self.likely_newborns(caller, born).await?;
            if others.iter().any(|one| !shown.contains(one.patient.id.as_str())) {
                return Ok(Registered::LookAgain);
            }
            // Without it nobody knows later which of them a birth certificate is about.
            if draft.lacks_order() && !others.is_empty() {
                return Err(wrong("birth-order", "Of several children of one birth it is said which of them each is."));
            }
        }
        let mut patient = draft.patient.clone();
        let case = match kind {
            RegistrationKind::Known => None,
            RegistrationKind::Foreigner => Some(Case::Foreigner),
            RegistrationKind::Unknown => Some(Case::Unknown),
            RegistrationKind::Newborn => Some(Case::Newborn),
        };
        if let Some(case) = case {
            patient.push("identifier", provisional_number(case, u64::from_be_bytes(self.store().random())));
        }
        let full_url = format!("urn:uuid:{id}");
        let told = self.provenance_of_act(&caller.account, "originate", "A person was registered on the page.", vec![reference(&full_url)]).written();
        let text = patient.written();
        let (body, told) = (self.read_body(text.as_bytes())?, self.read_body(told.as_bytes())?);
        let relation = draft.newborn.as_ref().map(|born| mother_of(&format!("urn:uuid:{id}"), &born.mother).written());
        let relation = relation.as_ref().map(|text| self.read_body(text.as_bytes())).transpose()?;
        let provenance = order(Deed::Create, ResourceType::named("Provenance").ok_or(Error::NotFound)?, Some(told.root()));
        let patient = Order { id: Some(id.clone()), full_url: Some(full_url), ..order(Deed::Create, ResourceType::PATIENT, Some(body.root())) };
        let mut orders = vec![patient, provenance];
        if let Some(relation) = &relation {
            orders.push(order(Deed::Create, ResourceType::named("RelatedPerson").ok_or(Error::NotFound)?, Some(relation.root())));
        }
        match self.transact(caller, &orders, Rules::default()).await {
            Ok(_) => Ok(Registered::Done(id)),
            Err(cause) => match is_conflict(&cause) {
                // The same form was sent twice at once, or somebody was faster with the same number.
                true if self.store().locate(ResourceType::PATIENT, &id)?.is_some() => Ok(Registered::Done(id)),
                true => Ok(Registered::Held),
                false => Err(cause),
            },
        }
    }
}

fn is_conflict(error: &Error) -> bool {
    match error {
        Error::Entry { cause, .. } => is_conflict(cause),
        Error::Conflict(_) => true,
        _ => false,
    }
}

/// The id that follows from a form of a session: nobody chooses it, and it is the same however often it is sent.
fn id_of(caller: &Caller, form: &str) -> String {
    let digest = Sha256::new().chain_update(b"carnet registration 1").chain_update(caller.account.number.to_be_bytes()).chain_update(caller.session.number.to_be_bytes()).chain_update(form.as_bytes()).finalize();
    let mut out = String::with_capacity(36);
    for (place, byte) in digest.iter().take(16).enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let byte = match place {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        let _ = write!(out, "{byte:02x}");
    }
    out
}
