//! Writing several resources as one act, and the one path every write takes.
//!
//! * A single create or update is a transaction of one.
//! * Conditions are looked up and acted on under a lock, so two creates under one condition are one.
//! * Everything is decided before anything is written; then all of it is written, or nothing.

mod aim;
mod check;
mod draft;
mod each;
mod homes;
mod names;

use std::sync::Arc;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Issue, RecordId, ResourceType, Value};
use store::{Change, Refused};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::RecvError;

use crate::custom::SEARCH_PARAMETER;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::locks::Held;
use crate::whole::to_its_end;
use crate::stored::Written;
use draft::Draft;
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

impl Chart {
    /// Carries out all orders, or none.
    pub(crate) async fn transact(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules) -> Result<Vec<Written>> {
        self.transact_named(caller, orders, rules, &[]).await
    }

    /// The same, where some names stand for resources that are no part of it.
    pub(crate) async fn transact_named(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules, others: &[(String, ResourceType, String)]) -> Result<Vec<Written>> {
        let flaws = self.validate(orders, rules)?;
        let done = self.transact_validated(caller, orders, rules, &flaws, others).await;
        done.map_err(|mut refused| refused.swap_remove(0))
    }

    /// The same for bodies that were validated. What is refused is told as a list that is never empty.
    pub(crate) async fn transact_validated<F: AsRef<[Issue]>>(
        &self,
        caller: &Caller,
        orders: &[Order<'_>],
        rules: Rules,
        flaws: &[F],
        others: &[(String, ResourceType, String)],
    ) -> std::result::Result<Vec<Written>, Vec<Error>> {
        if let Some(place) = orders.iter().position(|order| crate::audit::is_of_the_log(order.kind, order.id.as_deref())) {
            return Err(vec![entry(place, orders, Error::Refused(vec![crate::audit::nobody_writes()]))]);
        }
        for (place, order) in orders.iter().enumerate() {
            self.check_order(caller, order, rules).map_err(|cause| vec![entry(place, orders, cause)])?;
        }
        let conditions = orders.iter().filter_map(|order| order.condition.as_deref().map(|text| (order.kind, text)));
        let mut named: Vec<String> = conditions.map(|(kind, text)| aim::compared(kind, text)).collect();
        // An id that a client chooses is a condition too: two first updates are a create and an update.
        named.extend(orders.iter().filter_map(|order| order.id.as_ref().map(|id| format!("{}/{id}", order.kind))));
        let conditions = Arc::new(self.inner.locks.conditions(named.iter().map(String::as_str)).await);
        for _ in 0..TRIES {
            match self.attempt(caller, orders, rules, flaws, others, &conditions).await {
                Err(Trouble::Again) => continue,
                Err(Trouble::Refused(cause)) => return Err(vec![cause]),
                Err(Trouble::Several(causes)) => return Err(causes),
                Ok(written) => return Ok(written),
            }
        }
        Err(vec![Error::Conflict("others keep writing to the same records; try again in a moment")])
    }

    async fn attempt<F: AsRef<[Issue]>>(
        &self,
        caller: &Caller,
        orders: &[Order<'_>],
        rules: Rules,
        flaws: &[F],
        others: &[(String, ResourceType, String)],
        conditions: &Arc<Held>,
    ) -> std::result::Result<Vec<Written>, Trouble> {
        let mut aims = self.aim(caller, orders, rules)?;
        let names = self.name(caller, orders, &aims, rules, others)?;
        self.settle_homes(caller, orders, &mut aims, &names, rules)?;
        let guests: Vec<Vec<RecordId>> = orders.iter().zip(&aims).map(|(order, aim)| self.guests_of(order.root(), order.body, aim, &names, &aims)).collect::<Result<_>>()?;

        let touched = aims.iter().filter_map(|aim| aim.record).chain(guests.iter().flatten().copied());
        let records = self.inner.locks.records(touched).await;
        let drafting = self.inner.custom.drafting().await;
        let stamp = self.inner.times.stamp();
        let stamp_text = stamp.at.moment().to_string();

        let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(orders.len());
        let mut refused = Vec::new();
        for (index, (order, aim)) in orders.iter().zip(&aims).enumerate() {
            let filled = order.fill.and_then(|fill| Some((fill.with)(&drafts.get(fill.from)?.written.stored.text))).transpose();
            let filled = filled.map_err(|cause| Trouble::Refused(entry(index, orders, cause)))?.unwrap_or_default();
            let draft = self.draft(caller, order, aim, &names, &stamp_text, stamp.at, flaws[index].as_ref(), &guests[index], rules, &filled);
            match draft.map_err(|trouble| trouble.at(index, orders)) {
                Ok(draft) => drafts.push(draft),
                Err(Trouble::Refused(cause)) if rules.repeatable => refused.push(cause),
                Err(trouble) => return Err(trouble),
            }
        }
        if !refused.is_empty() {
            return Err(Trouble::Several(refused));
        }
        self.refuse_claims(&drafts, orders, rules)?;
        self.use_months(drafts.iter().flat_map(|draft| &draft.terms))?;
        let changes: Vec<Change<'_>> = drafts.iter().filter_map(|draft| draft.change(&stamp)).collect();
        if !changes.is_empty() {
            let places: Vec<usize> = drafts.iter().enumerate().filter(|(_, draft)| draft.permitted.is_some()).map(|(index, _)| index).collect();
            let prepared = match self.store().prepare(&changes) {
                // Somebody erased the person in between: look again who is there.
                Err(store::Error::Erased) => return Err(Trouble::Again),
                prepared => prepared?,
            };
            drop(changes);
            let (told, waiting) = oneshot::channel();
            let (aging, at, conditions) = (self.aging(), stamp.at, conditions.clone());
            let kinds: Vec<ResourceType> = orders.iter().map(|order| order.kind).collect();
            let written: Vec<(RecordId, ResourceType)> = drafts.iter().filter_map(|draft| Some((draft.permitted.as_ref()?.record(), draft.written.stored.kind))).collect();
            self.store().commit(
                prepared,
                Box::new(move |result| {
                    // What is remembered grows old with the write, also when nobody waits for the answer any more.
                    if result.is_ok() {
                        aging.after(at, &kinds, &written);
                    }
                    // Held until here, also where somebody hung up: who asks again under the same condition finds
                    // what is written and does not write it twice.
                    drop((drafting, stamp, records, conditions));
                    // Whoever hung up reads the record again.
                    let _ = told.send(result);
                }),
            );
            let told = match orders.iter().any(|order| order.kind.name() == SEARCH_PARAMETER) {
                true => to_its_end(self.clone().taken_up(waiting)).await?,
                false => waiting.await,
            };
            match told {
                Ok(Ok(())) => {}
                Ok(Err(Refused::RecordMoved | Refused::IdTaken(_))) => return Err(Trouble::Again),
                Ok(Err(Refused::ClaimTaken(change))) => {
                    return Err(Trouble::Refused(entry(places[change], orders, Error::Conflict(CLAIMED))));
                }
                Ok(Err(Refused::Store(cause))) => return Err(cause.into()),
                Err(_) => return Err(store::Error::Engine(store::engine::Error::Closed).into()),
            }
        }
        // What is answered discloses: a found or updated person has been seen.
        // Whether or not a program's scopes let it read: the answer tells what was written.
        let seer = Caller { grant: None, ..caller.clone() };
        let seen: Vec<Permitted> = aims.iter().filter_map(|aim| aim.at).filter_map(|at| self.permit(&seer, Act::Read, at.record).ok()).collect();
        self.disclose(Disclosure::Write, seen).await?;
        Ok(drafts.into_iter().map(|draft| draft.written).collect())
    }

    /// Waits for a commit of SearchParameters, and takes up what is in force from then on.
    async fn taken_up(self, waiting: oneshot::Receiver<Told>) -> Result<std::result::Result<Told, RecvError>> {
        let told = waiting.await;
        if matches!(told, Ok(Ok(()))) {
            self.read_custom()?;
            self.resume_indexing();
        }
        Ok(told)
    }
}

/// What the engine says of a commit.
type Told = std::result::Result<(), Refused>;

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
