//! In which record each resource of a transaction lives, and whom else it names.

use access::{Act, Caller};
use fhir::home::Fallback;
use fhir::{Issue, IssueCode, RecordId, ResourceType, Value, home};
use store::{Class, Location};

use super::aim::Aim;
use super::names::refused;
use super::{Names, Order, Rules, Trouble, entry};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::home::{Home, new_home};

impl Chart {
    /// Decides in which record each new resource lives, and that old ones stay where they are.
    pub(super) fn settle_homes(&self, caller: &Caller, orders: &[Order<'_>], aims: &mut [Aim], names: &Names<'_>, rules: Rules) -> std::result::Result<(), Trouble> {
        let mut refused = Vec::new();
        for index in 0..aims.len() {
            if aims[index].found {
                continue;
            }
            if orders[index].may_be_absent(rules) && !self.sees(caller, orders[index].kind, aims[index].at)? {
                // What the caller may not see is passed over as what is not there.
                let id = std::mem::take(&mut aims[index].id);
                aims[index] = Aim { id, at: None, found: true, record: None };
                continue;
            }
            let named = if aims[index].at.is_none() && !rules.repeatable { refuse_unresolved(&orders[index], names) } else { Ok(()) };
            let settled = named.and_then(|()| self.settle_home(index, orders, aims, names, 0));
            if let Err(cause) = settled.and_then(|record| self.permit_write(caller, record)) {
                refused.push(entry(index, orders, cause));
                if !rules.repeatable {
                    break;
                }
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(Trouble::Several(refused)) }
    }

    /// True where something is there that the caller sees.
    fn sees(&self, caller: &Caller, kind: ResourceType, at: Option<Location>) -> Result<bool> {
        let Some(at) = at else { return Ok(false) };
        // What a program may write is told by its scopes alone; some may write what they may not read.
        let caller = &Caller { grant: None, ..caller.clone() };
        match self.permit(caller, Act::Read, at.record) {
            Ok(permitted) => Ok(self.newest(&permitted, kind, at)?.is_some()),
            Err(Error::NotFound) => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    fn settle_home(&self, index: usize, orders: &[Order<'_>], aims: &mut [Aim], names: &Names<'_>, depth: usize) -> Result<RecordId> {
        if let Some(record) = aims[index].record {
            return Ok(record);
        }
        let (order, at) = (&orders[index], aims[index].at);
        let home = match order.body {
            None => None,
            Some(body) => Some(self.home_of(order.kind, body, orders, aims, names, depth)?),
        };
        let record = match (at, home) {
            (Some(at), Some(home)) if !home.agrees_with(at.record) => {
                let message = "This would move the resource to another person's record. Correct the person by an act of its own, not by an update.";
                return Err(refused(IssueCode::BusinessRule, message.to_owned()));
            }
            (Some(at), _) => at.record,
            (None, Some(home)) => new_home(self.store(), order.kind, &aims[index].id, home)?,
            // A deletion of what never was: the draft says so.
            (None, None) => return Err(Error::NotFound),
        };
        aims[index].record = Some(record);
        Ok(record)
    }

    fn home_of(&self, kind: ResourceType, body: Value<'_>, orders: &[Order<'_>], aims: &mut [Aim], names: &Names<'_>, depth: usize) -> Result<Home> {
        if kind == ResourceType::PATIENT {
            return Ok(Home::Person);
        }
        let mut missing = None;
        for text in home::candidate_texts(kind, body) {
            let Some(target) = names.target(&text) else { continue };
            // Chains are short (provenance → observation → encounter → patient); a circle has no home.
            if let Some(other) = names.ours.get(&target) && depth < 8 {
                let record = self.settle_home(*other, orders, aims, names, depth + 1)?;
                if Class::of(record) == Class::Person {
                    return Ok(Home::Of(record));
                }
            } else if let Some(at) = self.store().locate(target.0, &target.1)? {
                if Class::of(at.record) == Class::Person {
                    return Ok(Home::Of(at.record));
                }
            } else if target.0 == ResourceType::PATIENT {
                return Err(refused(IssueCode::NotFound, format!("{kind} names a Patient that is not here; create the Patient first.")));
            } else {
                missing = Some(target.0);
            }
        }
        if let Some(other) = missing.filter(|_| names.orphans_wait) {
            return Err(refused(IssueCode::NotFound, format!("{kind} names a {other} that is not here.")));
        }
        Ok(Home::None { named: home::names_a_subject(kind, body) })
    }

    /// The records of other persons that a resource names.
    pub(super) fn guests_of(&self, body: Option<Value<'_>>, aim: &Aim, names: &Names<'_>, aims: &[Aim]) -> Result<Vec<RecordId>> {
        let (Some(body), Some(record)) = (body, aim.record) else { return Ok(Vec::new()) };
        let mut guests = Vec::new();
        let mut outcome = Ok(());
        home::reference_texts(body, &mut |text| {
            let Some((ResourceType::PATIENT, id)) = names.target(&text) else { return };
            let newcomer = names.ours.get(&(ResourceType::PATIENT, id.clone())).and_then(|other| aims.get(*other)?.record);
            let guest = match newcomer {
                Some(guest) => Some(guest),
                None => match self.store().locate(ResourceType::PATIENT, &id) {
                    Ok(found) => found.map(|at| at.record),
                    Err(cause) => {
                        outcome = Err(cause.into());
                        None
                    }
                },
            };
            if let Some(guest) = guest && guest != record && !guests.contains(&guest) {
                guests.push(guest);
            }
        });
        outcome.map(|()| guests)
    }
}

/// Refuses something new about a person who is named in a way that means something in a bundle only, and nothing in
/// this one: it would enter nobody's record, and nobody would notice. An import has its own rule for names that come later.
fn refuse_unresolved(order: &Order<'_>, names: &Names<'_>) -> Result<()> {
    let Some(body) = order.body.filter(|_| home::rule(order.kind).fallback == Fallback::Unassigned) else { return Ok(()) };
    let is_unresolved = |text: &str| (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) && names.target(text).is_none();
    match home::candidate_places(order.kind, body).into_iter().find(|(_, text)| is_unresolved(text)) {
        None => Ok(()),
        Some((path, _)) => {
            let message = "This name (urn:uuid: or urn:oid:) is borne by nothing that is sent along, so it is not known whose this is. Send both in one transaction, the other with this name as its fullUrl, or name what is here, as in Patient/23.";
            Err(Error::Refused(vec![Issue::error(IssueCode::NotFound, format!("{}.{path}", order.kind), message)]))
        }
    }
}
