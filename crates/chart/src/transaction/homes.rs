//! In which record each resource of a transaction lives, and whom else it names.

use access::{Act, Caller, Subject};
use fhir::home::Fallback;
use fhir::{Document, Issue, IssueCode, RecordId, ResourceType, Value, home};
use store::{Class, Location};

use super::aim::Aim;
use super::names::refused;
use super::{Names, Order, Transaction, Trouble, entry};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::home::{Home, new_home};

impl Chart {
    /// Decides in which record each new resource lives, and that old ones stay where they are.
    pub(super) fn settle_homes(&self, act: &Transaction<'_>, aims: &mut [Aim], names: &Names<'_>) -> std::result::Result<(), Trouble> {
        let Transaction { caller, orders, rules, .. } = *act;
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
            if let Err(cause) = named.and_then(|()| self.settle_home(caller, index, orders, aims, names, 0)) {
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

    /// The record of one order, which the caller may write to.
    fn settle_home(&self, caller: &Caller, index: usize, orders: &[Order<'_>], aims: &mut [Aim], names: &Names<'_>, depth: usize) -> Result<RecordId> {
        if let Some(record) = aims[index].record {
            return Ok(record);
        }
        let (order, at) = (&orders[index], aims[index].at);
        let home = match order.body {
            None => None,
            Some(body) => match self.home_of(caller, order.kind, order.root(), body, orders, aims, names, depth) {
                Ok(home) => Some(home),
                Err(cause) => return Err(self.unseen(caller, order, &aims[index], None)?.unwrap_or(cause)),
            },
        };
        let record = match (at, home) {
            (Some(at), Some(home)) if !home.agrees_with(at.record) && !self.names_the_same(caller, order, at, home, names)? => return Err(self.refuse_move(caller, order, &aims[index], home, names)),
            (Some(at), _) => at.record,
            (None, Some(home)) => new_home(self.store(), order.kind, &aims[index].id, home)?,
            // A deletion of what never was: the draft says so.
            (None, None) => return Err(Error::NotFound),
        };
        match self.permit_write(caller, record) {
            Ok(_) => {}
            Err(Error::NotFound) if at.is_some() => return Err(self.unseen(caller, order, &aims[index], home)?.unwrap_or(Error::NotFound)),
            Err(Error::NotFound) if self.is_named(order, names, record)? => return Err(self.nobody_here(caller, order.kind)),
            Err(cause) => return Err(cause),
        }
        aims[index].record = Some(record);
        Ok(record)
    }

    /// True where a resource of a person's record is updated that names, as before, what brought it there, and the caller
    /// does not see that: it stays.
    fn names_the_same(&self, caller: &Caller, order: &Order<'_>, at: Location, home: Home, names: &Names<'_>) -> Result<bool> {
        let (Home::None { .. }, Some(body)) = (home, order.body) else { return Ok(false) };
        if Class::of(at.record) != Class::Person || !self.sees(caller, order.kind, Some(at))? {
            return Ok(false);
        }
        let Some(was) = self.newest(&self.permit_write(caller, at.record)?, order.kind, at)? else { return Ok(false) };
        let Ok(before) = Document::read(&was.text) else { return Ok(false) };
        // What is kept was completed when it was written.
        let targets = |root: Option<&str>, resource: Value<'_>| home::candidate_texts(order.kind, resource).iter().filter_map(|text| names.target(root, text)).collect::<Vec<_>>();
        let now = targets(order.root(), body);
        Ok(!now.is_empty() && now == targets(None, before.root()))
    }

    /// Where something lies that gives another resource its home. What the caller does not see is as if it were not
    /// here, save a Patient: of whom they are told elsewhere.
    fn located(&self, caller: &Caller, kind: ResourceType, id: &str) -> Result<Option<Location>> {
        let Some(at) = self.store().locate(kind, id)? else { return Ok(None) };
        let is_told = kind == ResourceType::PATIENT || Class::of(at.record) != Class::Person || self.sees(caller, kind, Some(at))?;
        Ok(is_told.then_some(at))
    }

    /// What an update is told that would bring a resource to another home; none of it tells of what the caller does not see.
    fn refuse_move(&self, caller: &Caller, order: &Order<'_>, aim: &Aim, home: Home, names: &Names<'_>) -> Error {
        let told = || -> Result<Error> {
            if let Some(cause) = self.unseen(caller, order, aim, Some(home))? {
                return Ok(cause);
            }
            if let Home::Of(person) = home
                && matches!(self.permit_write(caller, person), Err(Error::NotFound))
                && self.is_named(order, names, person)?
            {
                return Ok(self.nobody_here(caller, order.kind));
            }
            let message = "This would move the resource to another person's record. Correct the person by an act of its own, not by an update.";
            Ok(refused(IssueCode::BusinessRule, message.to_owned()))
        };
        told().unwrap_or_else(|cause| cause)
    }

    /// What the caller is told who does not see what an order would write over, whatever is wrong with the order; none
    /// where nothing is there, or they see it.
    fn unseen(&self, caller: &Caller, order: &Order<'_>, aim: &Aim, home: Option<Home>) -> Result<Option<Error>> {
        let Some(at) = aim.at else { return Ok(None) };
        match self.permit_write(caller, at.record) {
            Ok(permitted) => match self.newest(&permitted, order.kind, at)? {
                Some(was) if !self.shows(caller, at.record, &was)? => Ok(Some(order.finds_nothing())),
                _ => Ok(None),
            },
            Err(Error::NotFound) => {
                // Had nothing been there, the version would have been asked for only where the caller may write.
                let free = home.map(|home| new_home(self.store(), order.kind, &aim.id, home)).transpose()?;
                let may_write = free.is_some_and(|record| self.permit_write(caller, record).is_ok());
                Ok(Some(if may_write { order.finds_nothing() } else { Error::NotFound }))
            }
            Err(cause) => Ok(Some(cause)),
        }
    }

    /// True where what gives an order its home is the name of this person, and not something else of theirs.
    fn is_named(&self, order: &Order<'_>, names: &Names<'_>, record: RecordId) -> Result<bool> {
        let Some(body) = order.body else { return Ok(false) };
        for text in home::candidate_texts(order.kind, body) {
            let Some((ResourceType::PATIENT, id)) = names.target(order.root(), &text) else { continue };
            if self.store().locate(ResourceType::PATIENT, &id)?.is_some_and(|at| at.record == record) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the caller is told of a resource about a Patient who is not here, or of whom they may not know: the same.
    fn nobody_here(&self, caller: &Caller, kind: ResourceType) -> Error {
        // A number that nobody has: what the caller may do with anybody.
        let may = |act| self.permitted_set(caller, act).map(|set| set.of(Subject::Person(RecordId(0)), &self.inner.known.nobody(), false).is_some());
        match (may(Act::Write), may(Act::Read)) {
            (Ok(true), _) => refused(IssueCode::NotFound, format!("{kind} names a Patient that is not here; create the Patient first.")),
            (Ok(false), Ok(true)) => Error::Forbidden,
            (Ok(false), Ok(false)) => Error::NotFound,
            (Err(cause), _) | (Ok(false), Err(cause)) => cause,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn home_of(&self, caller: &Caller, kind: ResourceType, root: Option<&str>, body: Value<'_>, orders: &[Order<'_>], aims: &mut [Aim], names: &Names<'_>, depth: usize) -> Result<Home> {
        if kind == ResourceType::PATIENT {
            return Ok(Home::Person);
        }
        let mut missing = None;
        for text in home::candidate_texts(kind, body) {
            let Some(target) = names.target(root, &text) else { continue };
            // Chains are short (provenance → observation → encounter → patient); a circle has no home.
            if let Some(other) = names.ours.get(&target) && depth < 8 {
                let record = self.settle_home(caller, *other, orders, aims, names, depth + 1)?;
                if Class::of(record) == Class::Person {
                    return Ok(Home::Of(record));
                }
            } else if let Some(at) = self.located(caller, target.0, &target.1)? {
                if Class::of(at.record) == Class::Person {
                    return Ok(Home::Of(at.record));
                }
            } else if target.0 == ResourceType::PATIENT {
                return Err(self.nobody_here(caller, kind));
            } else {
                missing = Some(target.0);
            }
        }
        if let Some(other) = missing.filter(|_| names.orphans_wait) {
            return Err(refused(IssueCode::NotFound, format!("{kind} names a {other} that is not here.")));
        }
        Ok(Home::None { named: home::names_a_subject(kind, body) })
    }

    /// The records of other persons that a resource names, whose relative references are completed with `root`.
    pub(super) fn guests_of(&self, root: Option<&str>, body: Option<Value<'_>>, aim: &Aim, names: &Names<'_>, aims: &[Aim]) -> Result<Vec<RecordId>> {
        let (Some(body), Some(record)) = (body, aim.record) else { return Ok(Vec::new()) };
        let mut guests = Vec::new();
        let mut outcome = Ok(());
        home::reference_texts(body, &mut |text| {
            let Some((ResourceType::PATIENT, id)) = names.target(root, &text) else { return };
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
    let is_unresolved = |text: &str| (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) && names.target(order.root(), text).is_none();
    match home::candidate_places(order.kind, body).into_iter().find(|(_, text)| is_unresolved(text)) {
        None => Ok(()),
        Some((path, _)) => {
            let message = "This name (urn:uuid: or urn:oid:) is borne by nothing that is sent along, so it is not known whose this is. Send both in one transaction, the other with this name as its fullUrl, or name what is here, as in Patient/23.";
            Err(Error::Refused(vec![Issue::error(IssueCode::NotFound, format!("{}.{path}", order.kind), message)]))
        }
    }
}
