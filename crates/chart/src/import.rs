//! Taking in what files hold: repeatable, entry by entry, nothing lost without a word.
//!
//! * The UUID of a fullUrl becomes the id, so the same file twice changes nothing.
//! * What is refused comes back with its reason; the rest is kept.
//! * What waits for something that may still come is told apart from what is wrong.

use std::collections::HashSet;

use access::{Caller, Role};
use fhir::{Issue, IssueCode, ResourceType, Value, is_id};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::WrittenAs;
use crate::transaction::{Deed, Order, Rules};

/// One resource that arrives.
#[derive(Clone, Debug)]
pub struct Arrival<'b> {
    /// The resource; none for a deletion.
    pub body: Option<Value<'b>>,
    /// `Bundle.entry.fullUrl`.
    pub full_url: Option<String>,
    /// `POST`, `PUT` or `DELETE`; none where the file says nothing.
    pub method: Option<String>,
    /// `Bundle.entry.request.url`.
    pub url: Option<String>,
    /// `Bundle.entry.request.ifNoneExist`.
    pub if_none_exist: Option<String>,
}

/// What became of an arrival.
#[derive(Clone, Debug)]
pub enum Imported {
    /// It is in the record.
    Kept {
        /// Its type.
        kind: ResourceType,
        /// The id it has here.
        id: String,
        /// Created, updated, unchanged, deleted.
        done: WrittenAs,
        /// True if it was kept with flaws.
        flawed: bool,
    },
    /// It names something that is not here (yet): try again when more has arrived.
    Waiting(Vec<Issue>),
    /// It cannot be kept as it is.
    Rejected(Vec<Issue>),
}

/// How to import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Importer {
    /// Keep flawed resources, with their issues beside them.
    pub keep_flawed: bool,
    /// More is to come: what names something that is not here, where it might have its home, waits.
    pub more_to_come: bool,
}

impl Chart {
    /// Takes in arrivals in their order: in one commit, unless one resource comes twice.
    pub async fn import_in_order(&self, caller: &Caller, arrivals: &[Arrival<'_>], importer: Importer) -> Result<Vec<Imported>> {
        let mut fates = Vec::with_capacity(arrivals.len());
        let mut names = HashSet::new();
        let mut from = 0;
        for at in 0..=arrivals.len() {
            let name = arrivals.get(at).and_then(Arrival::name);
            let is_no_content = arrivals.get(at).is_some_and(Arrival::is_request);
            let ends = at == arrivals.len() || is_no_content || name.as_ref().is_some_and(|name| names.contains(name));
            if ends {
                if at > from {
                    fates.extend(self.import(caller, &arrivals[from..at], importer).await?);
                }
                names.clear();
                from = at;
            }
            if is_no_content {
                let message = "This entry asks for something or patches it; an import takes resources and deletions.";
                fates.push(Imported::Rejected(vec![Issue::error(IssueCode::NotSupported, "request.method", message)]));
                from = at + 1;
            } else {
                names.extend(name);
            }
        }
        Ok(fates)
    }

    /// Takes in arrivals that belong together, in one commit where possible. Fails only if the
    /// store does.
    pub async fn import(&self, caller: &Caller, arrivals: &[Arrival<'_>], importer: Importer) -> Result<Vec<Imported>> {
        let mut fates: Vec<Option<Imported>> = Vec::with_capacity(arrivals.len());
        let (mut orders, mut places) = (Vec::new(), Vec::new());
        for (index, arrival) in arrivals.iter().enumerate() {
            match ordered(arrival) {
                Ok(order) => {
                    orders.push(order);
                    places.push(index);
                    fates.push(None);
                }
                Err(issue) => fates.push(Some(Imported::Rejected(vec![issue]))),
            }
        }
        let rules = Rules {
            conditional_references: true,
            keep_flawed: importer.keep_flawed,
            repeatable: true,
            orphans_wait: importer.more_to_come,
            by_the_server: false, unjoins: false,
            // Who keeps the site brings another one whole.
            takes_in: caller.account.role == Role::Console && caller.grant.is_none(),
            moves: false,
            signs: false,
            absent_is_deleted: false,
        };
        for (place, done) in places.into_iter().zip(self.transact_each(caller, orders, rules).await?) {
            fates[place] = Some(match done {
                Ok(written) => Imported::Kept { kind: written.stored.kind, id: written.stored.id, done: written.done, flawed: written.issues.iter().any(Issue::is_error) },
                Err(cause) => fate(&cause),
            });
        }
        Ok(fates.into_iter().map(|fate| fate.unwrap_or(Imported::Rejected(Vec::new()))).collect())
    }
}

impl Arrival<'_> {
    /// What it becomes, as far as it says: of two with one name only one can be taken in at a time.
    pub fn name(&self) -> Option<(ResourceType, String)> {
        let order = ordered(self).ok()?;
        Some((order.kind, order.id?))
    }

    /// True for an entry of a batch that carries nothing to be kept.
    fn is_request(&self) -> bool {
        matches!(self.method.as_deref(), Some("GET" | "HEAD" | "PATCH"))
    }
}

/// Whether a refusal may go away by itself.
fn fate(cause: &Error) -> Imported {
    let mut issues = cause.issues().to_vec();
    if issues.is_empty() {
        issues.push(Issue::error(IssueCode::Processing, "", cause.to_string()));
    }
    let waits = matches!(cause, Error::Refused(issues) if issues.iter().any(|issue| issue.code == IssueCode::NotFound));
    if waits || matches!(cause, Error::Conflict(_)) { Imported::Waiting(issues) } else { Imported::Rejected(issues) }
}

/// What an arrival asks for.
fn ordered<'b>(arrival: &Arrival<'b>) -> std::result::Result<Order<'b>, Issue> {
    let url = arrival.url.as_deref().unwrap_or_default();
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query.to_owned())));
    let mut steps = path.trim_matches('/').rsplit('/');
    let (last, before) = (steps.next().unwrap_or_default(), steps.next());
    let by_url = match before.and_then(ResourceType::named) {
        Some(kind) if is_id(last) => Some((kind, Some(last.to_owned()))),
        _ => ResourceType::named(last).map(|kind| (kind, None)),
    };
    if arrival.method.as_deref() == Some("DELETE") {
        let (kind, id) = by_url.ok_or_else(|| Issue::error(IssueCode::Invalid, "request.url", "A deletion names a type and an id."))?;
        return Ok(Order { deed: Deed::Delete, kind, id, condition: query, if_match: None, full_url: None, body: None, fill: None });
    }
    let body = arrival.body.ok_or_else(|| Issue::error(IssueCode::Required, "resource", "The entry has no resource."))?;
    let name = body.string("resourceType").ok_or_else(|| Issue::error(IssueCode::Required, "resourceType", "This is no FHIR resource: resourceType is missing."))?;
    let kind = ResourceType::named(&name).ok_or_else(|| Issue::error(IssueCode::Invalid, "resourceType", "R4 has no resource type of this name."))?;
    let url_id = by_url.and_then(|(_, id)| id).filter(|_| arrival.method.as_deref() == Some("PUT"));
    let own_id = body.string("id").map(|id| id.into_owned());
    let condition = match arrival.method.as_deref() {
        Some("PUT") => query,
        _ => arrival.if_none_exist.clone(),
    };
    let id = url_id.or_else(|| arrival.full_url.as_deref().and_then(uuid_of)).or(own_id).filter(|id| is_id(id));
    // A name that others use and that is no id, as `urn:oid:…`: without one of its own it would be another resource each time.
    let id = id.or_else(|| (arrival.full_url.is_some() && condition.is_none()).then(|| content_id(body)));
    let deed = match arrival.method.as_deref() {
        // Under a condition an update is one; otherwise the id decides what it becomes.
        Some("PUT") if condition.is_some() => Deed::Update,
        _ => Deed::Create,
    };
    Ok(Order { deed, kind, id, condition, if_match: None, full_url: arrival.full_url.clone(), body: Some(body), fill: None })
}

/// The id of what has none: a UUID that follows from its content, so that it is the same the next time.
pub(crate) fn content_id(body: Value<'_>) -> String {
    let mut text = String::with_capacity(body.raw().len());
    fhir::splice::write(body, &mut text, &mut |_, _| None);
    let digest = blake3::hash(text.as_bytes()).to_hex();
    let (a, b, c, d, e) = (&digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32]);
    // A UUID of version 8: made by a rule of our own.
    format!("{a}-{b}-8{c}-8{d}-{e}")
}

/// The UUID of `urn:uuid:…`, or the id an absolute address ends with.
fn uuid_of(full_url: &str) -> Option<String> {
    let id = match full_url.strip_prefix("urn:uuid:") {
        Some(uuid) => uuid,
        None => full_url.rsplit('/').next()?,
    };
    is_id(id).then(|| id.to_owned())
}
