//! Writing several resources as one act, and the one path every write takes.
//!
//! * A single create or update is a transaction of one.
//! * Conditions are looked up and acted on under a lock, so two creates under one condition are one.
//! * Everything is decided before anything is written; then all of it is written, or nothing.

mod draft;
mod homes;
mod names;

use std::collections::{HashMap, HashSet};

use access::{Act, Caller, Deeds, Disclosure, Facts, Permitted};
use fhir::{Document, Issue, IssueCode, RecordId, Reference, ResourceType, Value, home, is_id, splice};
use store::{Change, Location, Method, Refused};
use tokio::sync::oneshot;
use validation::profile::{Asked, survey};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::identity;
use crate::stored::{Stored, Written, WrittenAs};
use crate::custom::SEARCH_PARAMETER;
use crate::subscription::SUBSCRIPTION;
use draft::Draft;
pub(crate) use names::Names;

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
    /// Links that join two Patients may be taken away.
    pub unjoins: bool,
    /// A signed document gets another version, which is signed in the same act.
    pub signs: bool,
}

/// How often a transaction is tried again when somebody else was faster.
const TRIES: usize = 8;

/// An order whose target is known.
struct Aim {
    id: String,
    at: Option<Location>,
    /// A conditional create that found one: nothing to write.
    found: bool,
    record: Option<RecordId>,
}

/// What the orders before have aimed at.
#[derive(Default)]
struct Aimed {
    under_condition: HashMap<String, usize>,
    chosen: HashSet<(ResourceType, String)>,
}

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
        let mut named: Vec<String> = conditions.map(|(kind, text)| format!("{kind}?{text}")).collect();
        // An id that a client chooses is a condition too: two first updates are a create and an update.
        named.extend(orders.iter().filter_map(|order| order.id.as_ref().map(|id| format!("{}/{id}", order.kind))));
        let _conditions = self.inner.locks.conditions(named.iter().map(String::as_str)).await;
        for _ in 0..TRIES {
            match self.attempt(caller, orders, rules, flaws, others).await {
                Err(Trouble::Again) => continue,
                Err(Trouble::Refused(cause)) => return Err(vec![cause]),
                Err(Trouble::Several(causes)) => return Err(causes),
                Ok(written) => return Ok(written),
            }
        }
        Err(vec![Error::Conflict("others keep writing to the same records; try again in a moment")])
    }

    /// Refuses what no scope of the caller's program names, whatever it is about.
    fn check_order(&self, caller: &Caller, order: &Order<'_>, rules: Rules) -> Result<()> {
        let deeds = match order.deed {
            Deed::Create => Deeds::from(access::Deed::Create),
            Deed::Update => Deeds::from(access::Deed::Create).and(access::Deed::Update.into()),
            Deed::Delete => access::Deed::Delete.into(),
        };
        self.check_scope(caller, deeds, order.kind)?;
        if order.kind.name() == SUBSCRIPTION && !rules.by_the_server {
            self.check_outlives(caller, |_| false)?;
        }
        Ok(())
    }

    /// The issues of each body; errors unless they are kept.
    fn validate(&self, orders: &[Order<'_>], rules: Rules) -> Result<Vec<Vec<Issue>>> {
        let flaws = orders.iter().enumerate().map(|(index, order)| self.flaws_of(order, rules).map_err(|cause| entry(index, orders, cause)));
        flaws.collect()
    }

    /// What is wrong with a resource: by the rules of R4, best practice included, by the profiles
    /// asked for and those it claims, by the codes and extensions this site knows. Nothing is kept
    /// and nothing of the record is read.
    pub fn validate_resource(&self, resource: Value<'_>, profiles: &[&str]) -> Vec<Issue> {
        // References by search are understood inside what is sent to the base.
        let is_act = resource.string("resourceType").as_deref() == Some("Bundle") && matches!(resource.string("type").as_deref(), Some("transaction" | "batch"));
        let mut issues = validation::validate(resource, &validation::Options { best_practice: true, conditional_references: is_act, ..validation::Options::default() });
        issues.extend(survey(resource, &Asked { profiles, only_profiles: false }, self.knowledge().site()));
        issues
    }

    /// The issues of one body; an error unless they are kept.
    pub(crate) fn flaws_of(&self, order: &Order<'_>, rules: Rules) -> Result<Vec<Issue>> {
        let Some(body) = order.body else { return Ok(Vec::new()) };
        if body.string("resourceType").as_deref() != Some(order.kind.name()) {
            let message = format!("The body is not a {}, the type the address names.", order.kind);
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Invalid, "resourceType", message)]));
        }
        let options = validation::Options { conditional_references: rules.conditional_references, ..validation::Options::default() };
        let mut issues = validation::validate(body, &options);
        if self.inner.settings.claimed_profiles && validation::profile::claims_any(body) {
            // What is only advice is for `$validate`.
            issues.extend(survey(body, &Asked { only_profiles: true, ..Asked::default() }, self.knowledge().site()).into_iter().filter(Issue::is_error));
        }
        if !rules.keep_flawed && issues.iter().any(Issue::is_error) { Err(Error::Invalid(issues)) } else { Ok(issues) }
    }

    async fn attempt<F: AsRef<[Issue]>>(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules, flaws: &[F], others: &[(String, ResourceType, String)]) -> std::result::Result<Vec<Written>, Trouble> {
        let mut aims = self.aim(caller, orders, rules)?;
        let names = self.name(caller, orders, &aims, rules, others)?;
        self.settle_homes(caller, orders, &mut aims, &names, rules)?;
        let guests: Vec<Vec<RecordId>> = orders.iter().zip(&aims).map(|(order, aim)| self.guests_of(order.body, aim, &names, &aims)).collect::<Result<_>>()?;

        let touched = aims.iter().filter_map(|aim| aim.record).chain(guests.iter().flatten().copied());
        let _records = self.inner.locks.records(touched).await;
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
            let aging = self.aging();
            let kinds: Vec<ResourceType> = orders.iter().map(|order| order.kind).collect();
            let written: Vec<(RecordId, ResourceType)> = drafts.iter().filter_map(|draft| Some((draft.permitted.as_ref()?.record(), draft.written.stored.kind))).collect();
            self.store().commit(
                prepared,
                Box::new(move |result| {
                    // What is remembered grows old with the write, also when nobody waits for the answer any more.
                    if result.is_ok() {
                        aging.after(&kinds, &written);
                    }
                    // Whoever hung up reads the record again.
                    let _ = told.send(result);
                }),
            );
            match waiting.await {
                Ok(Ok(())) => {
                    if orders.iter().any(|order| order.kind.name() == SEARCH_PARAMETER) {
                        self.read_custom()?;
                        self.resume_indexing();
                    }
                }
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

    /// Finds out which resource each order is about. An import is told all that have no aim at once:
    /// one after the other would cost the square of its length.
    fn aim(&self, caller: &Caller, orders: &[Order<'_>], rules: Rules) -> std::result::Result<Vec<Aim>, Trouble> {
        let mut aims: Vec<Aim> = Vec::with_capacity(orders.len());
        let mut seen = Aimed::default();
        let mut refused = Vec::new();
        for (index, order) in orders.iter().enumerate() {
            match self.aim_one(caller, index, order, rules, &aims, &mut seen) {
                Ok(aim) => aims.push(aim),
                Err(Trouble::Refused(cause)) => {
                    refused.push(entry(index, orders, cause));
                    aims.push(Aim { id: String::new(), at: None, found: true, record: None });
                    if !rules.repeatable {
                        break;
                    }
                }
                Err(trouble) => return Err(trouble),
            }
        }
        if refused.is_empty() { Ok(aims) } else { Err(Trouble::Several(refused)) }
    }

    fn aim_one(&self, caller: &Caller, index: usize, order: &Order<'_>, rules: Rules, aims: &[Aim], seen: &mut Aimed) -> std::result::Result<Aim, Trouble> {
        let mut aim = Aim { id: String::new(), at: None, found: false, record: None };
        if let Some(condition) = &order.condition {
            // A second create under the same condition in one bundle is the first one.
            let name = format!("{}?{condition}", order.kind);
            if order.deed == Deed::Create && let Some(first) = seen.under_condition.get(&name) {
                let first = &aims[*first];
                return Ok(Aim { id: first.id.clone(), at: first.at, found: true, record: None });
            }
            seen.under_condition.insert(name, index);
            let mut found = self.find_by_condition(caller, order.kind, condition, 2)?;
            match (found.len(), order.deed) {
                (0, Deed::Delete) => return Err(Error::NotFound.into()),
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
            if order.id.is_some() || order.deed == Deed::Update {
                aim.at = self.store().locate(order.kind, &aim.id)?;
            }
        }
        if order.deed == Deed::Update && body_id.as_deref().is_some_and(|id| id != aim.id) {
            let message = "The id in the body is not the id of the resource that is updated; make them equal.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Invalid, format!("{}.id", order.kind), message)]).into());
        }
        if order.deed == Deed::Create && aim.at.is_some() && !aim.found && !rules.repeatable {
            return Err(Error::Conflict("the id is taken").into());
        }
        if !aim.found && !seen.chosen.insert((order.kind, aim.id.clone())) {
            let message = "The same resource appears twice; a transaction may touch each resource once.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Duplicate, "Bundle.entry", message)]).into());
        }
        Ok(aim)
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

    /// What the references of this transaction mean: entries of the bundle, and searches.
    fn name<'o>(&self, caller: &Caller, orders: &'o [Order<'_>], aims: &[Aim], rules: Rules, others: &'o [(String, ResourceType, String)]) -> std::result::Result<Names<'o>, Trouble> {
        let mut names = Names::default();
        names.base_url = self.inner.settings.base_url.clone();
        names.orphans_wait = rules.orphans_wait;
        for (order, aim) in orders.iter().zip(aims) {
            let target = (order.kind, aim.id.clone());
            if !aim.found {
                names.ours.insert(target.clone(), names.targets.len());
            }
            names.targets.push(target.clone());
            if let Some(full_url) = &order.full_url {
                names.by_url.insert(full_url, target);
            }
        }
        names.by_url.extend(others.iter().map(|(url, kind, id)| (url.as_str(), (*kind, id.clone()))));
        if rules.conditional_references {
            let mut refused = Vec::new();
            for (index, order) in orders.iter().enumerate() {
                let Some(body) = order.body else { continue };
                let mut trouble = None;
                home::reference_texts(body, &mut |text| {
                    if trouble.is_some() {
                        return;
                    }
                    let named = self.name_by_search(caller, &text, &mut names);
                    trouble = named.and_then(|()| if rules.repeatable { self.name_by_uuid(&text, &mut names) } else { Ok(()) }).err();
                });
                if let Some(cause) = trouble {
                    refused.push(entry(index, orders, cause));
                    if !rules.repeatable {
                        break;
                    }
                }
            }
            if !refused.is_empty() {
                return Err(Trouble::Several(refused));
            }
        }
        Ok(names)
    }

    fn name_by_search(&self, caller: &Caller, text: &str, names: &mut Names<'_>) -> Result<()> {
        let Reference::Conditional { kind, query } = Reference::parse(text) else { return Ok(()) };
        if names.by_search.contains_key(text) {
            return Ok(());
        }
        let found = self.find_by_condition(caller, kind, query, 2)?;
        match found.as_slice() {
            [(_, id)] => {
                names.by_search.insert(text.to_owned(), (kind, id.clone()));
                Ok(())
            }
            [] => Err(refused(IssueCode::NotFound, format!("A reference by search to a {kind} finds nothing; send that resource first."))),
            _ => Err(refused(IssueCode::MultipleMatches, format!("A reference by search to a {kind} finds more than one; make it precise."))),
        }
    }

    /// In an import a UUID that another file gave to a resource is the id of that resource.
    fn name_by_uuid(&self, text: &str, names: &mut Names<'_>) -> Result<()> {
        let Some(uuid) = text.strip_prefix("urn:uuid:").filter(|uuid| is_id(uuid)) else { return Ok(()) };
        if names.by_url.contains_key(text) || names.by_search.contains_key(text) {
            return Ok(());
        }
        for kind in ResourceType::all() {
            if self.store().locate(kind, uuid)?.is_some() {
                names.by_search.insert(text.to_owned(), (kind, uuid.to_owned()));
                return Ok(());
            }
        }
        match names.orphans_wait {
            true => Err(refused(IssueCode::NotFound, "A reference by UUID names nothing that has arrived; send that resource too.".to_owned())),
            false => Ok(()),
        }
    }

    /// What an order comes to, with the record locked.
    #[allow(clippy::too_many_arguments)]
    fn draft<'f>(
        &self,
        caller: &Caller,
        order: &Order<'_>,
        aim: &Aim,
        names: &Names<'_>,
        stamp_text: &str,
        at: store::Tick,
        flaws: &'f [Issue],
        guests: &[RecordId],
        rules: Rules,
        filled: &[(String, String)],
    ) -> std::result::Result<Draft<'f>, Trouble> {
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
        if let Some(was) = &was && !self.shows(caller, record, was)? {
            // As if nothing were there. Only an update under an id that is taken cannot be as if it were free.
            let is_checked = order.deed == Deed::Update && order.if_match.as_deref().is_some_and(|wanted| wanted != "0");
            return Err(if is_checked { Error::VersionMismatch { current: 0 } } else { Error::NotFound }.into());
        }
        if let Some(wanted) = &order.if_match {
            match &was {
                // "0" asks that nothing lives there: `If-None-Match: *` on an update.
                Some(was) if wanted == "0" && was.method == Method::Delete => {}
                None if wanted == "0" => {}
                Some(was) if was.version.to_string() == *wanted => {}
                Some(was) => return Err(Error::VersionMismatch { current: was.version }.into()),
                None => return Err(Error::VersionMismatch { current: 0 }.into()),
            }
        }
        if order.kind == ResourceType::PATIENT {
            self.keep_joined(was.as_ref().filter(|was| was.method != Method::Delete), order.body, aim.at, rules)?;
        }
        let version = was.as_ref().map_or(1, |was| was.version + 1);
        if order.deed == Deed::Delete {
            return match was {
                None => Err(Error::NotFound.into()),
                Some(was) if was.method == Method::Delete => Ok(Draft::nothing(was, Vec::new())),
                Some(was) => {
                    self.check_write(caller, access::Deed::Delete, record, &Facts::new(order.kind, &was.id, &was.text))?;
                    self.refuse_signed(record, &was, rules)?;
                    self.refuse_untransferring(caller, &was)?;
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
        let deed = if was_alive.is_some() { access::Deed::Update } else { access::Deed::Create };
        if let Some(was) = was_alive {
            self.check_write(caller, deed, record, &Facts::new(order.kind, &was.id, &was.text))?;
        }
        if let Some(was) = was_alive && self.says_the_same(body, was, names) {
            return Ok(Draft::nothing(was.clone(), flaws.to_vec()));
        }
        if let Some(was) = was_alive {
            self.refuse_signed(record, was, rules)?;
            self.refuse_untransferring(caller, was)?;
        }
        let mut text = String::with_capacity(body.raw().len() + 128);
        let stamp = splice::Stamp { id: &aim.id, version, last_updated: stamp_text };
        splice::write_stamped(body, stamp, &mut text, &mut |member, value| names.rewrite(member, value));
        for (place, known) in filled {
            text = text.replace(place, known);
        }
        let document = Document::read_within(&text, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        self.check_write(caller, deed, record, &Facts::new(order.kind, &aim.id, &text))?;
        if order.kind.name() == "Provenance" {
            self.may_bring_signature(caller, document.root(), rules)?;
        }
        self.remember_systems(order.kind, document.root())?;
        let (terms, claims) = (crate::search::terms_of(&self.custom(), &|_| true, order.kind, document.root()), identity::claims(order.kind, document.root()));
        let (mut claims_was, mut guests_was) = (Vec::new(), Vec::new());
        if let Some(was) = was_alive {
            let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
            claims_was = identity::claims(order.kind, before.root());
            guests_was = self.guests_of(Some(before.root()), aim, &Names::default(), &[])?;
        }
        let method = if was.is_some() { Method::Update } else { Method::Create };
        let done = if was_alive.is_some() { WrittenAs::Updated } else { WrittenAs::Created };
        drop(document);
        let stored = Stored { kind: order.kind, id: aim.id.clone(), version, last_updated: at.moment(), method, text, flaws: flaws.to_vec() };
        Ok(Draft {
            written: Written { stored, done, issues: flaws.to_vec() },
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

    /// Refuses what claims an identifier that another resource of this transaction claims, too.
    fn refuse_claims(&self, drafts: &[Draft<'_>], orders: &[Order<'_>], rules: Rules) -> std::result::Result<(), Trouble> {
        let mut seen = HashSet::new();
        let mut refused = Vec::new();
        for (index, draft) in drafts.iter().enumerate() {
            for claim in &draft.claims_added {
                // The commit decides about claims that others hold. An import looks first, because a
                // commit names only one of those it refuses.
                if !seen.insert(claim) || (rules.repeatable && self.store().claimed_by(claim)?.is_some()) {
                    refused.push(entry(index, orders, Error::Conflict(CLAIMED)));
                    break;
                }
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(Trouble::Several(refused)) }
    }

    /// True where the caller sees the newest version of a resource that is there.
    fn shows(&self, caller: &Caller, record: RecordId, newest: &Stored) -> Result<bool> {
        // What a program may write is told by its scopes alone; some may write what they may not read.
        let caller = &Caller { grant: None, ..caller.clone() };
        let permitted = self.permit(caller, Act::Read, record)?;
        if permitted.residual().is_none() {
            return Ok(true);
        }
        let at = self.store().locate(newest.kind, &newest.id)?.ok_or(Error::NotFound)?;
        Ok(self.newest(&permitted, newest.kind, at)?.is_some())
    }

    fn tombstone<'f>(&self, kind: ResourceType, was: Stored, permitted: Permitted, aim: &Aim, at: store::Tick) -> Result<Draft<'f>> {
        let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let claims_removed = identity::claims(kind, before.root());
        let guests_removed = self.guests_of(Some(before.root()), aim, &Names::default(), &[])?;
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
    fn says_the_same(&self, body: Value<'_>, was: &Stored, names: &Names<'_>) -> bool {
        let mut text = String::with_capacity(was.text.len());
        let last_updated = was.last_updated.to_string();
        let stamp = splice::Stamp { id: &was.id, version: was.version, last_updated: &last_updated };
        splice::write_stamped(body, stamp, &mut text, &mut |member, value| names.rewrite(member, value));
        text == was.text
    }
}

const CLAIMED: &str = "an identifier that only one person may have belongs to another record; search for it and, if both are one person, link them";

fn empty(kind: ResourceType, id: &str, at: store::Tick) -> Stored {
    Stored { kind, id: id.to_owned(), version: 1, last_updated: at.moment(), method: Method::Create, text: String::new(), flaws: Vec::new() }
}

fn refused(code: IssueCode, message: String) -> Error {
    Error::Refused(vec![Issue::error(code, "", message)])
}

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
