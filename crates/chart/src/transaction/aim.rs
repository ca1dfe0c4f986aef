//! Which resource each order is about.

use std::collections::{HashMap, HashSet};

use access::{Act, Caller};
use fhir::{Issue, IssueCode, RecordId, ResourceType, is_id};
use search::split_query;
use store::{Location, Method};

use super::{Deed, Transaction, Trouble, entry};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::search::CONDITION_FINDS;

/// An order whose target is known.
pub(super) struct Aim {
    pub id: String,
    pub at: Option<Location>,
    /// A conditional create that found one, or a deletion that found nothing: nothing to write.
    pub found: bool,
    pub record: Option<RecordId>,
}

/// What the orders before have aimed at.
#[derive(Default)]
struct Aimed {
    under_condition: HashMap<String, usize>,
    chosen: HashSet<(ResourceType, String)>,
    /// What is deleted: for a create it is not there any more. <https://hl7.org/fhir/R4/http.html#trules>
    deleted: HashSet<(ResourceType, String)>,
}

impl Chart {
    /// Finds out which resource each order is about. An import is told all that have no aim at once:
    /// one after the other would cost the square of its length.
    pub(super) fn aim(&self, act: &Transaction<'_>) -> std::result::Result<Vec<Aim>, Trouble> {
        let Transaction { orders, rules, .. } = *act;
        let mut aims: Vec<Aim> = orders.iter().map(|_| Aim { id: String::new(), at: None, found: true, record: None }).collect();
        let mut seen = Aimed::default();
        let mut refused = Vec::new();
        // Deletions come first, wherever they stand.
        let (deletions, others): (Vec<usize>, Vec<usize>) = (0..orders.len()).partition(|index| orders[*index].deed == Deed::Delete);
        for index in deletions.into_iter().chain(others) {
            match self.aim_one(act, index, &aims, &mut seen) {
                Ok(aim) => aims[index] = aim,
                Err(Trouble::Refused(cause)) => {
                    refused.push(entry(index, orders, cause));
                    if !rules.repeatable {
                        break;
                    }
                }
                Err(trouble) => return Err(trouble),
            }
        }
        if refused.is_empty() { Ok(aims) } else { Err(Trouble::Several(refused)) }
    }

    fn aim_one(&self, act: &Transaction<'_>, index: usize, aims: &[Aim], seen: &mut Aimed) -> std::result::Result<Aim, Trouble> {
        let Transaction { caller, orders, rules, .. } = *act;
        let order = &orders[index];
        let mut aim = Aim { id: String::new(), at: None, found: false, record: None };
        if let Some(condition) = &order.condition {
            // A second create under the same condition in one bundle is the first one.
            let name = compared(order.kind, condition);
            if order.deed == Deed::Create && let Some(first) = seen.under_condition.get(&name) {
                let first = &aims[*first];
                return Ok(Aim { id: first.id.clone(), at: first.at, found: true, record: None });
            }
            let is_again = order.deed != Deed::Delete && seen.under_condition.insert(name, index).is_some();
            let mut found = match order.deed {
                Deed::Create => {
                    let gone = seen.deleted.iter().filter(|(kind, _)| *kind == order.kind).count();
                    let mut found = self.find_by_condition(caller, order.kind, condition, CONDITION_FINDS + gone)?;
                    found.retain(|(_, id)| !seen.deleted.contains(&(order.kind, id.clone())));
                    found
                }
                _ => self.find_by_condition(caller, order.kind, condition, CONDITION_FINDS)?,
            };
            match (found.len(), order.deed) {
                (0, Deed::Delete) if order.may_be_absent(rules) => return Ok(Aim { id: self.new_id(), found: true, ..aim }),
                (0, Deed::Delete) => return Err(Error::NotFound.into()),
                // The order before makes what this one would look for.
                (0, _) if is_again => return Err(twice().into()),
                (0, _) => {}
                (1, deed) => {
                    let (at, id) = found.remove(0);
                    aim = Aim { id, at: Some(at), found: deed == Deed::Create, record: None };
                }
                _ => return Err(Error::MultipleMatches.into()),
            }
        }
        let body_id = order.body.and_then(|body| body.string("id"));
        if aim.at.is_none() {
            aim.id = match (&order.id, order.deed) {
                (Some(id), _) => id.clone(),
                // An update under a condition that finds nothing may choose the id.
                (None, Deed::Update) if body_id.is_some() => body_id.as_deref().unwrap_or_default().to_owned(),
                _ => self.new_id(),
            };
            if !is_id(&aim.id) {
                let message = "An id has 1 to 64 letters, digits, hyphens and points.";
                return Err(Error::Malformed(vec![Issue::error(IssueCode::Value, format!("{}.id", order.kind), message)]).into());
            }
            // The id of an update under a condition is said by its body alone.
            if crate::audit::is_of_the_log(order.kind, Some(&aim.id)) {
                return Err(Error::Refused(vec![crate::audit::nobody_writes()]).into());
            }
            if order.id.is_some() || order.deed == Deed::Update {
                aim.at = self.store().locate(order.kind, &aim.id)?;
            }
            // Criteria that find nothing are no leave to write over what lives under the id of the body: it does not answer
            // them. <https://hl7.org/fhir/R4/http.html#cond-update>
            if let (None, Deed::Update, Some(at), false) = (&order.id, order.deed, aim.at, rules.repeatable)
                && self.lives(caller, order.kind, at)?
            {
                return Err(Error::Conflict("the criteria find nothing, and another resource has the id in the body; leave the id out, or name the resource by its id alone").into());
            }
            aim.found = aim.at.is_none() && order.may_be_absent(rules);
        }
        if order.deed == Deed::Update && body_id.as_deref().is_some_and(|id| id != aim.id) {
            let message = "The id in the body is not the id of the resource that is updated; make them equal.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Invalid, format!("{}.id", order.kind), message)]).into());
        }
        if order.deed == Deed::Create && aim.at.is_some() && !aim.found && !rules.repeatable {
            return Err(Error::Conflict("the id is taken").into());
        }
        if (!aim.found || order.deed == Deed::Delete) && !seen.chosen.insert((order.kind, aim.id.clone())) {
            return Err(twice().into());
        }
        if order.deed == Deed::Delete && !aim.found {
            seen.deleted.insert((order.kind, aim.id.clone()));
        }
        Ok(aim)
    }

    /// True where something lives that the caller sees.
    fn lives(&self, caller: &Caller, kind: ResourceType, at: Location) -> Result<bool> {
        // What a program may write is told by its scopes alone; some may write what they may not read.
        let caller = &Caller { grant: None, ..caller.clone() };
        match self.permit(caller, Act::Read, at.record) {
            Ok(permitted) => Ok(self.newest(&permitted, kind, at)?.is_some_and(|was| was.method != Method::Delete)),
            Err(Error::NotFound) => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    /// A new random id (a UUID of version 4).
    pub(crate) fn new_id(&self) -> String {
        let mut bytes: [u8; 16] = self.store().random();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut out = String::with_capacity(36);
        for (place, byte) in bytes.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                out.push('-');
            }
            out.push_str(&format!("{byte:02x}"));
        }
        out
    }
}

/// A condition as it is compared with others: its criteria decoded and in order, for they are the same however they are
/// spelled and whichever comes first.
pub(super) fn compared(kind: ResourceType, condition: &str) -> String {
    let mut criteria = split_query(condition);
    criteria.sort_unstable();
    criteria.dedup();
    // No criterion has a NUL in it that means anything.
    criteria.iter().fold(format!("{kind}?"), |text, (name, value)| format!("{text}{name}\0{value}\0"))
}

/// Refuses what touches twice, by id or by the same condition, what may be touched once.
fn twice() -> Error {
    let message = "The same resource appears twice; a transaction may touch each resource once.";
    Error::Malformed(vec![Issue::error(IssueCode::Duplicate, "Bundle.entry", message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_the_same_however_they_are_spelled() {
        let kind = ResourceType::PATIENT;
        for (one, other, expected) in [
            ("identifier=a|b&_tag=x", "_tag=x&identifier=a|b", true),
            ("identifier=a|b", "identifier=a%7Cb", true),
            ("identifier=a|b", "identifier=a%7cb&", true),
            ("name=Ana+Eva", "name=Ana%20Eva", true),
            ("name=a&name=a", "name=a", true),
            ("name=a&name=b", "name=b&name=a", true),
            ("identifier=a|b", "identifier=a|c", false),
            ("identifier=a", "identifier:exact=a", false),
            ("name=a%26family%3Db", "name=a&family=b", false),
            ("name=a,b", "name=a&name=b", false),
        ] {
            assert_eq!(compared(kind, one) == compared(kind, other), expected, "{one} and {other}");
        }
        assert_ne!(compared(kind, "_id=1"), compared(ResourceType::named("Group").unwrap(), "_id=1"));
    }
}
