//! Writing several resources as one act, and the one path every write takes.
//!
//! * A single create or update is a transaction of one.
//! * Conditions are looked up and acted on under a lock, so two creates under one condition are one.
//! * Everything is decided before anything is written; then all of it is written, or nothing.

mod aim;
mod check;
mod draft;
mod each;
mod hand_over;
mod homes;
mod names;

use std::sync::Arc;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Issue, RecordId, ResourceType, Value};
use store::Tick;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::locks::Held;
use crate::stored::Written;
use aim::Aim;
use draft::Draft;
use hand_over::UnderWay;
pub(crate) use names::{Names, address_of, name_of};

/// What is to be done with one resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    Create,
    Update,
    Delete,
}

/// One act of a transaction, read but not decided.
pub(crate) struct Order<'b> {
    pub deed: Deed,
    pub kind: ResourceType,
    /// The id in the address, or the one an import gives.
    pub id: Option<String>,
    /// If-None-Exist, or the query of a conditional update or delete.
    pub condition: Option<String>,
    /// A bare version id; `0` where nothing may live there yet.
    pub if_match: Option<String>,
    /// How other entries of the bundle name this one.
    pub full_url: Option<String>,
    /// For creates and updates.
    pub body: Option<Value<'b>>,
    /// What is put into the body once an order before it is settled to the letter.
    pub fill: Option<Fill<'b>>,
}

/// Something in a body that is known only when another resource has its id, version and time.
#[derive(Clone, Copy)]
pub(crate) struct Fill<'b> {
    /// The place of the order whose text is wanted; it stands before this one.
    pub from: usize,
    /// Given that text: each text to look for in this body, and what takes its place.
    pub with: &'b (dyn Fn(&str) -> Result<Vec<(String, String)>> + Send + Sync),
}

/// What this transaction allows that others do not.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    /// References by search are looked up and rewritten.
    pub conditional_references: bool,
    /// Flawed resources are kept with their issues.
    pub keep_flawed: bool,
    /// A create whose id exists already is an update: an import can be repeated. Everything that
    /// is refused is told at once, not the first alone.
    pub repeatable: bool,
    /// What names something that is not here yet, and might have its home with it, is refused.
    pub orphans_wait: bool,
    /// The server itself writes where a subscription stands.
    pub by_the_server: bool,
    /// What another house says of its papers is taken in with a record, or with a whole site.
    pub takes_in: bool,
    /// Links that join two Patients may be taken away.
    pub unjoins: bool,
    /// Entries are moved to the chart they belong to.
    pub moves: bool,
    /// A signed document gets another version, which is signed in the same act.
    pub signs: bool,
    /// Where nothing is there for a deletion it has nothing to do, and is not refused. What is hidden is passed
    /// over in the same way. <https://hl7.org/fhir/R4/http.html#delete>
    pub absent_is_deleted: bool,
}

impl Order<'_> {
    /// The address that the relative references of this entry are completed with.
    fn root(&self) -> Option<&str> {
        self.full_url.as_deref().and_then(names::root_of)
    }

    /// True for a deletion that has done its work where nothing is there.
    fn may_be_absent(&self, rules: Rules) -> bool {
        self.deed == Deed::Delete && self.if_match.is_none() && rules.absent_is_deleted
    }

    /// What is told where something is there that the caller does not see: as if nothing were there. Only an update
    /// under an id that is taken cannot be as if it were free.
    fn finds_nothing(&self) -> Error {
        let is_checked = self.deed == Deed::Update && self.if_match.as_deref().is_some_and(|wanted| wanted != "0");
        if is_checked { Error::VersionMismatch { current: 0 } } else { Error::NotFound }
    }
}

/// How often a transaction is tried again when somebody else was faster.
const TRIES: usize = 8;

/// What is carried out as one act: all of it, or nothing.
pub(crate) struct Transaction<'t> {
    pub caller: &'t Caller,
    pub orders: &'t [Order<'t>],
    pub rules: Rules,
    /// What is wrong with the body of each order, and kept with it.
    pub flaws: &'t [Vec<Issue>],
    /// Names that stand for resources that are no part of it.
    pub others: &'t [(String, ResourceType, String)],
}

/// What each order is about, where it lives, whom else it names, and what its references mean.
struct Settled<'t> {
    aims: Vec<Aim>,
    names: Names<'t>,
    guests: Vec<Vec<RecordId>>,
}

impl Chart {
    /// Carries out all orders, or none.
    pub(crate) async fn transact(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules) -> Result<Vec<Written>> {
        self.transact_named(caller, orders, rules, &[]).await
    }

    /// The same, where some names stand for resources that are no part of it.
    pub(crate) async fn transact_named(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules, others: &[(String, ResourceType, String)]) -> Result<Vec<Written>> {
        let flaws = self.validate(orders, rules)?;
        let done = self.transact_validated(&Transaction { caller, orders, rules, flaws: &flaws, others }).await;
        done.map_err(|mut refused| refused.swap_remove(0))
    }

    /// The same for bodies that were validated. What is refused is told as a list that is never empty.
    pub(crate) async fn transact_validated(&self, act: &Transaction<'_>) -> std::result::Result<Vec<Written>, Vec<Error>> {
        let orders = act.orders;
        if let Some(place) = orders.iter().position(|order| crate::audit::is_of_the_log(order.kind, order.id.as_deref())) {
            return Err(vec![entry(place, orders, Error::Refused(vec![crate::audit::nobody_writes()]))]);
        }
        for (place, order) in orders.iter().enumerate() {
            self.check_order(act.caller, order, act.rules).map_err(|cause| vec![entry(place, orders, cause)])?;
        }
        let conditions = orders.iter().filter_map(|order| order.condition.as_deref().map(|text| (order.kind, text)));
        let mut named: Vec<String> = conditions.map(|(kind, text)| aim::compared(kind, text)).collect();
        // An id that a client chooses is a condition too: two first updates are a create and an update.
        named.extend(orders.iter().filter_map(|order| order.id.as_ref().map(|id| format!("{}/{id}", order.kind))));
        let conditions = Arc::new(self.inner.locks.conditions(named.iter().map(String::as_str)).await);
        for _ in 0..TRIES {
            match self.attempt(act, &conditions).await {
                Err(Trouble::Again) => continue,
                Err(Trouble::Refused(cause)) => return Err(vec![cause]),
                Err(Trouble::Several(causes)) => return Err(causes),
                Ok(written) => return Ok(written),
            }
        }
        Err(vec![Error::Conflict("others keep writing to the same records; try again in a moment")])
    }

    async fn attempt(&self, act: &Transaction<'_>, conditions: &Arc<Held>) -> std::result::Result<Vec<Written>, Trouble> {
        let settled = self.settled(act)?;
        let touched = settled.aims.iter().filter_map(|aim| aim.record).chain(settled.guests.iter().flatten().copied());
        let records = self.inner.locks.records(touched).await;
        let drafting = self.inner.custom.drafting().await;
        let under_way = UnderWay { drafting, stamp: self.inner.times.stamp(), records, conditions: conditions.clone() };
        let drafts = self.drafts(act, &settled, under_way.stamp.at)?;
        // What is answered discloses: a found or updated person has been seen.
        // Whether or not a program's scopes let it read: the answer tells what was written.
        let seer = Caller { grant: None, ..act.caller.clone() };
        let seen: Vec<Permitted> = settled.aims.iter().filter_map(|aim| aim.at).filter_map(|at| self.permit(&seer, Act::Read, at.record).ok()).collect();
        self.may_disclose(Disclosure::Write, &seen)?;
        if drafts.iter().any(Draft::is_written) {
            self.write_down(act, &drafts, under_way).await?;
        }
        self.disclose_uncounted(Disclosure::Write, seen).await?;
        Ok(drafts.into_iter().map(|draft| draft.written).collect())
    }

    /// Finds out what is written where, before anything is locked.
    fn settled<'t>(&self, act: &Transaction<'t>) -> std::result::Result<Settled<'t>, Trouble> {
        let mut aims = self.aim(act)?;
        let names = self.name(act, &aims)?;
        self.settle_homes(act, &mut aims, &names)?;
        let guests: Vec<Vec<RecordId>> = act.orders.iter().zip(&aims).map(|(order, aim)| self.guests_of(order.root(), order.body, aim, &names, &aims)).collect::<Result<_>>()?;
        Ok(Settled { aims, names, guests })
    }

    /// What all orders come to, with their records locked.
    fn drafts<'t>(&self, act: &Transaction<'t>, settled: &Settled<'t>, at: Tick) -> std::result::Result<Vec<Draft<'t>>, Trouble> {
        let stamp_text = at.moment().to_string();
        let mut drafts: Vec<Draft<'t>> = Vec::with_capacity(act.orders.len());
        let mut refused = Vec::new();
        for (index, order) in act.orders.iter().enumerate() {
            let filled = order.fill.and_then(|fill| Some((fill.with)(&drafts.get(fill.from)?.written.stored.text))).transpose();
            let filled = filled.map_err(|cause| Trouble::Refused(entry(index, act.orders, cause)))?.unwrap_or_default();
            match self.draft(act, settled, index, at, &stamp_text, &filled).map_err(|trouble| trouble.at(index, act.orders)) {
                Ok(draft) => drafts.push(draft),
                Err(Trouble::Refused(cause)) if act.rules.repeatable => refused.push(cause),
                Err(trouble) => return Err(trouble),
            }
        }
        if !refused.is_empty() {
            return Err(Trouble::Several(refused));
        }
        self.refuse_claims(act, &drafts)?;
        self.use_months(drafts.iter().flat_map(|draft| &draft.terms))?;
        Ok(drafts)
    }
}

const CLAIMED: &str = "an identifier that only one person may have belongs to another record; search for it and, if both are one person, link them";

/// Says which entry of several was refused; a transaction of one is just refused.
fn entry(index: usize, orders: &[Order<'_>], cause: Error) -> Error {
    if orders.len() == 1 { cause } else { Error::Entry { index, cause: Box::new(cause) } }
}

/// Why an attempt did not end in a commit.
enum Trouble {
    Again,
    Refused(Error),
    /// Each for its own reason; never empty.
    Several(Vec<Error>),
}

impl Trouble {
    fn at(self, index: usize, orders: &[Order<'_>]) -> Trouble {
        match self {
            Trouble::Refused(cause) => Trouble::Refused(entry(index, orders, cause)),
            again => again,
        }
    }
}

impl<E: Into<Error>> From<E> for Trouble {
    fn from(cause: E) -> Trouble {
        Trouble::Refused(cause.into())
    }
}
