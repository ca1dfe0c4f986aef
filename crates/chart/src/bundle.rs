//! Transactions and batches. <https://hl7.org/fhir/R4/http.html#transaction>
//!
//! * A transaction is all or nothing.
//! * The entries of a batch are acts of their own, carried out side by side.
//! * What an entry asks without changing anything is answered by the face, as a request of its own is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use access::Caller;
use fhir::{Document, Issue, IssueCode, Kind, ResourceType, Value, is_id};
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::patch::{Patch, Patched};
use crate::stored::Written;
use crate::transaction::{Deed, Fill, Order, Rules, name_of};
use crate::write::{Target, order};

/// Patches of a batch that are made at once: a short patch may make a long resource.
const PATCHES_AT_ONCE: usize = 8;

/// What an entry asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Verb { Get, Head, Post, Put, Patch, Delete }

impl Verb {
    fn named(name: &str) -> Option<Verb> {
        Some(match name {
            "GET" => Verb::Get,
            "HEAD" => Verb::Head,
            "POST" => Verb::Post,
            "PUT" => Verb::Put,
            "PATCH" => Verb::Patch,
            "DELETE" => Verb::Delete,
            _ => return None,
        })
    }
}

/// What became of a bundle.
#[derive(Debug)]
pub struct BundleOutcome {
    /// A transaction, else a batch.
    pub is_transaction: bool,
    /// In the order of the request.
    pub entries: Vec<EntryOutcome>,
}

/// What became of an entry.
#[derive(Debug)]
pub struct EntryOutcome {
    /// What it asked for.
    pub verb: Verb,
    /// In a transaction always good: otherwise the whole bundle is refused.
    pub result: Result<EntryResult>,
}

/// The answer to an entry.
#[derive(Debug)]
pub enum EntryResult {
    /// A write.
    Written(Written),
    /// A question: whoever sent the bundle answers it ([`BundleAsked::questions`]).
    Question,
}

/// A transaction or a batch that was read, before anything of it is carried out.
pub struct BundleAsked<'b> {
    /// A transaction, else a batch.
    pub is_transaction: bool,
    entries: Vec<Result<Entry<'b>>>,
}

impl<'b> BundleAsked<'b> {
    /// What is asked without changing anything, in the order of the entries.
    pub fn questions(&self) -> Vec<Question<'b>> {
        let question = |entry: &Result<Entry<'b>>| match entry {
            Ok(Entry::Question(question)) => Some(question.clone()),
            _ => None,
        };
        self.entries.iter().filter_map(question).collect()
    }
}

/// An entry that changes nothing: a read, a search, a history, an operation.
#[derive(Clone, Debug)]
pub struct Question<'b> {
    /// The place of the entry, from 0.
    pub index: usize,
    /// GET or HEAD, or POST where it is an operation.
    pub verb: Verb,
    /// Relative to this server.
    pub url: String,
    /// `ifNoneMatch`, as it came.
    pub if_none_match: Option<String>,
    /// `ifModifiedSince`, as it came.
    pub if_modified_since: Option<String>,
    /// What an operation is sent.
    pub body: Option<Value<'b>>,
}

/// One entry.
enum Entry<'b> {
    Act(Asked<'b>),
    Question(Question<'b>),
}

impl<'b> Entry<'b> {
    fn act(&self) -> Option<&Asked<'b>> {
        match self {
            Entry::Act(asked) => Some(asked),
            Entry::Question(_) => None,
        }
    }
}

/// One entry that writes, read.
struct Asked<'b> {
    verb: Verb,
    address: Address,
    full_url: Option<String>,
    if_match: Option<String>,
    if_none_exist: Option<String>,
    body: Option<Value<'b>>,
}

/// Where an entry's url leads.
struct Address {
    kind: ResourceType,
    id: Option<String>,
    query: Option<String>,
}

impl Chart {
    /// Carries out a transaction or a batch, told apart by `Bundle.type`. What it asks is left to whoever sent it.
    pub async fn bundle(&self, caller: &Caller, body: &[u8]) -> Result<BundleOutcome> {
        self.bundle_filled(caller, body, None).await
    }

    /// The same, where the entry of a number is filled with what another one came to be; both are writes.
    pub(crate) async fn bundle_filled(&self, caller: &Caller, body: &[u8], fill: Option<(usize, Fill<'_>)>) -> Result<BundleOutcome> {
        let document = self.read_body(body)?;
        let asked = self.read_bundle(document.root())?;
        self.carried_out(caller, asked, fill).await
    }

    /// Reads a transaction or a batch and carries out nothing yet.
    pub fn read_bundle<'b>(&self, root: Value<'b>) -> Result<BundleAsked<'b>> {
        if root.string("resourceType").as_deref() != Some("Bundle") {
            return Err(malformed("resourceType", "A Bundle is expected at this address."));
        }
        let is_transaction = match root.string("type").as_deref() {
            Some("transaction") => true,
            Some("batch") => false,
            _ => return Err(malformed("Bundle.type", "Only bundles of type transaction or batch can be carried out.")),
        };
        if root.get("entry").is_some_and(|entries| entries.kind() != Kind::Array) {
            return Err(malformed("Bundle.entry", "The entries of a Bundle are a list."));
        }
        let entries = root.get("entry").into_iter().flat_map(|entries| entries.items());
        Ok(BundleAsked { is_transaction, entries: entries.enumerate().map(|(index, entry)| self.read_entry(index, entry)).collect() })
    }

    /// Carries out what was read; what it asks without changing anything is left to the face.
    pub async fn carry_out(&self, caller: &Caller, asked: BundleAsked<'_>) -> Result<BundleOutcome> {
        self.carried_out(caller, asked, None).await
    }

    async fn carried_out(&self, caller: &Caller, asked: BundleAsked<'_>, fill: Option<(usize, Fill<'_>)>) -> Result<BundleOutcome> {
        let BundleAsked { is_transaction, entries } = asked;
        let entries = if is_transaction { self.transaction(caller, entries, fill).await? } else { self.batch(caller, entries).await };
        Ok(BundleOutcome { is_transaction, entries })
    }

    async fn batch(&self, caller: &Caller, entries: Vec<Result<Entry<'_>>>) -> Vec<EntryOutcome> {
        let (turns, patched_bytes) = (Semaphore::new(PATCHES_AT_ONCE), AtomicUsize::new(0));
        join_all(entries.into_iter().map(|entry| async {
            match entry {
                Ok(Entry::Act(asked)) if asked.verb == Verb::Patch => {
                    let result = Box::pin(self.patched_alone(caller, asked, &turns, &patched_bytes)).await;
                    EntryOutcome { verb: Verb::Patch, result }
                }
                Ok(Entry::Act(asked)) => {
                    let verb = asked.verb;
                    EntryOutcome { verb, result: Box::pin(self.alone(caller, asked)).await }
                }
                Ok(Entry::Question(question)) => EntryOutcome { verb: question.verb, result: Ok(EntryResult::Question) },
                Err(cause) => EntryOutcome { verb: Verb::Get, result: Err(cause) },
            }
        }))
        .await
    }

    async fn transaction(&self, caller: &Caller, entries: Vec<Result<Entry<'_>>>, fill: Option<(usize, Fill<'_>)>) -> Result<Vec<EntryOutcome>> {
        let mut all = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            all.push(entry.map_err(|cause| Error::Entry { index, cause: Box::new(cause) })?);
        }
        told_apart(&all)?;
        let patched = self.patched_texts(caller, &all).await?;
        let documents: Vec<Option<Document<'_>>> = patched
            .iter()
            .enumerate()
            .map(|(index, patched)| {
                let read = patched.as_ref().map(|patched| self.read_body(patched.text.as_bytes())).transpose();
                read.map_err(|cause| Error::Entry { index, cause: Box::new(cause) })
            })
            .collect::<Result<_>>()?;
        let (mut orders, mut places) = (Vec::new(), Vec::new());
        for (index, entry) in all.iter().enumerate() {
            let Some(asked) = entry.act() else { continue };
            places.push(index);
            let mut order = asked.order();
            if let (Some(Patched { id, version, .. }), Some(document)) = (&patched[index], &documents[index]) {
                order = Order { id: Some(id.clone()), condition: None, if_match: Some(version.clone()), body: Some(document.root()), ..order };
            }
            if let Some((at, fill)) = fill && at == index {
                order.fill = Some(fill);
            }
            orders.push(order);
        }
        let rules = Rules { conditional_references: true, signs: fill.is_some(), absent_is_deleted: true, ..Rules::default() };
        let written = match self.transact(caller, &orders, rules).await {
            Ok(written) => written,
            Err(Error::Entry { index, cause }) => return Err(Error::Entry { index: places[index], cause }),
            Err(cause) if places.len() == 1 => return Err(Error::Entry { index: places[0], cause: Box::new(cause) }),
            Err(cause) => return Err(cause),
        };
        let mut written = written.into_iter();
        let mut outcomes = Vec::with_capacity(all.len());
        for (entry, patched) in all.iter().zip(&patched) {
            let (verb, result) = match entry {
                Entry::Act(asked) => {
                    let is_shown = patched.as_ref().is_none_or(|patched| patched.is_shown);
                    (asked.verb, EntryResult::Written(Written { is_shown, ..written.next().ok_or(Error::NotFound)? }))
                }
                Entry::Question(question) => (question.verb, EntryResult::Question),
            };
            outcomes.push(EntryOutcome { verb, result: Ok(result) });
        }
        Ok(outcomes)
    }

    /// For each PATCH of a transaction: what it makes.
    async fn patched_texts(&self, caller: &Caller, all: &[Entry<'_>]) -> Result<Vec<Option<Patched>>> {
        let (mut patched, mut patched_bytes) = (Vec::with_capacity(all.len()), 0);
        for (index, entry) in all.iter().enumerate() {
            let Some(asked) = entry.act().filter(|asked| asked.verb == Verb::Patch) else {
                patched.push(None);
                continue;
            };
            let fail = |cause| Error::Entry { index, cause: Box::new(cause) };
            self.has_room(patched_bytes).map_err(fail)?;
            let patch = asked.patch().map_err(fail)?;
            let done = self.patched(caller, asked.address.kind, asked.target().map_err(fail)?, patch.borrowed(), asked.if_match.as_deref()).await.map_err(fail)?;
            patched_bytes += done.text.len();
            patched.push(Some(done));
        }
        Ok(patched)
    }

    /// Carries out one patch of a batch by itself, in its turn, where there is room for what it makes.
    async fn patched_alone(&self, caller: &Caller, asked: Asked<'_>, turns: &Semaphore, patched_bytes: &AtomicUsize) -> Result<EntryResult> {
        let _turn = turns.acquire().await;
        self.has_room(patched_bytes.load(Relaxed))?;
        let result = self.alone(caller, asked).await?;
        if let EntryResult::Written(written) = &result {
            patched_bytes.fetch_add(written.stored.text.len(), Relaxed);
        }
        Ok(result)
    }

    /// Refuses to patch on where what was patched is held already to the length that one body may have.
    fn has_room(&self, patched_bytes: usize) -> Result<()> {
        if patched_bytes < self.inner.settings.limits.size_bytes {
            return Ok(());
        }
        let message = "The resources that this bundle patches are longer together than this server holds at once. Patch the rest by another one.";
        Err(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]))
    }

    /// Carries out one entry by itself.
    async fn alone(&self, caller: &Caller, asked: Asked<'_>) -> Result<EntryResult> {
        if asked.verb == Verb::Patch {
            let patch = asked.patch()?;
            return Ok(EntryResult::Written(self.patch(caller, asked.address.kind, asked.target()?, patch.borrowed(), asked.if_match.as_deref()).await?));
        }
        let rules = Rules { conditional_references: true, ..Rules::default() };
        let mut written = self.transact(caller, &[asked.order()], rules).await?;
        Ok(EntryResult::Written(written.pop().ok_or(Error::NotFound)?))
    }

    fn read_entry<'b>(&self, index: usize, entry: Value<'b>) -> Result<Entry<'b>> {
        let at = |rest: &str| format!("Bundle.entry[{index}].{rest}");
        let request = entry.get("request").ok_or_else(|| malformed(&at("request"), "An entry needs a request with method and url."))?;
        let method = request.string("method").unwrap_or_default();
        let verb = Verb::named(&method).ok_or_else(|| malformed(&at("request.method"), "The method is GET, HEAD, POST, PUT, PATCH or DELETE."))?;
        let url = request.string("url").unwrap_or_default();
        let url = relative(&url, &self.inner.settings.base_url);
        let text = |name: &str| request.string(name).map(|text| text.into_owned());
        let body = entry.get("resource");
        if is_question(verb, url) && !url.is_empty() {
            let (if_none_match, if_modified_since) = (text("ifNoneMatch"), text("ifModifiedSince"));
            return Ok(Entry::Question(Question { index, verb, url: url.to_owned(), if_none_match, if_modified_since, body }));
        }
        let address = Address::read(url).ok_or_else(|| {
            malformed(&at("request.url"), "The url is a type, a type and an id, or a type and a query, relative to this server; a search is a GET.")
        })?;
        if matches!(verb, Verb::Post | Verb::Put | Verb::Patch) && body.is_none() {
            return Err(malformed(&at("resource"), "This entry needs a resource."));
        }
        if verb == Verb::Put && address.id.is_some() && body.is_some_and(|body| body.string("id").is_none()) {
            let message = "An update carries the id of the resource in its body; add it.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Required, at("resource.id"), message)]));
        }
        if verb == Verb::Post && (address.id.is_some() || address.query.is_some()) {
            return Err(malformed(&at("request.url"), "A POST names a type alone; give a condition in ifNoneExist."));
        }
        if matches!(verb, Verb::Put | Verb::Delete | Verb::Patch) && address.id.is_none() && address.query.is_none() {
            return Err(malformed(&at("request.url"), "This method needs an id or a condition in the url."));
        }
        if address.id.is_some() && address.query.is_some() {
            return Err(malformed(&at("request.url"), "The url names one resource by its id, or those that a query finds, not both."));
        }
        let (mut if_match, if_none_match) = (text("ifMatch").map(|tag| bare(&tag)), text("ifNoneMatch").map(|tag| bare(&tag)));
        if verb == Verb::Put && let Some(tag) = &if_none_match {
            if tag != "*" || if_match.is_some() {
                return Err(malformed(&at("request.ifNoneMatch"), "On a PUT, ifNoneMatch is * and stands without ifMatch."));
            }
            // To the door: nothing may be there yet.
            if_match = Some("0".to_owned());
        } else if if_none_match.is_some() {
            return Err(malformed(&at("request.ifNoneMatch"), "Reads and a PUT have ifNoneMatch; leave it out."));
        } else if if_match.as_deref().is_some_and(|tag| tag.parse() == Ok(0_u32)) {
            // Versions begin at 1: the one that is named has never been. Only to the door is 0 another thing.
            return Err(Error::VersionMismatch { current: 0 });
        }
        if verb != Verb::Post && text("ifNoneExist").is_some() {
            return Err(malformed(&at("request.ifNoneExist"), "A POST alone has ifNoneExist; another method has its condition in the url."));
        }
        Ok(Entry::Act(Asked {
            verb,
            address,
            full_url: entry.string("fullUrl").map(|url| name_of(&url).into_owned()),
            if_match,
            if_none_exist: text("ifNoneExist"),
            body,
        }))
    }
}

/// What is written under one fullUrl is one thing: a reference could mean either. Invariant bdl-7.
fn told_apart(all: &[Entry<'_>]) -> Result<()> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let acts = all.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.act()?)));
    for (index, asked) in acts.filter(|(_, asked)| asked.verb != Verb::Delete) {
        if let Some(full_url) = &asked.full_url
            && let Some(first) = known.insert(full_url, index)
        {
            let message = format!("Entry {first} has this fullUrl too. Give each entry its own, or leave it out.");
            return Err(Error::Entry { index, cause: Box::new(malformed("fullUrl", &message)) });
        }
    }
    Ok(())
}

/// The version id in an entity tag: `W/"3"` is 3.
fn bare(tag: &str) -> String {
    tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()
}

fn malformed(place: &str, message: &str) -> Error {
    Error::Malformed(vec![Issue::error(IssueCode::Invalid, place, message)])
}

/// The address below the base.
fn relative<'u>(url: &'u str, base_url: &str) -> &'u str {
    url.strip_prefix(base_url).filter(|_| !base_url.is_empty()).unwrap_or(url).trim_start_matches('/')
}

/// True for what changes nothing, as far as the method tells. Of operations only the face knows what each does.
fn is_question(verb: Verb, url: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    // Some senders escape the dollar sign.
    let is_operation = || path.rsplit('/').next().is_some_and(|last| last.starts_with('$') || last.starts_with("%24"));
    matches!(verb, Verb::Get | Verb::Head) || (verb == Verb::Post && is_operation())
}

impl Address {
    fn read(url: &str) -> Option<Address> {
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query.to_owned())));
        let mut steps = path.split('/');
        let kind = ResourceType::named(steps.next()?)?;
        let id = match (steps.next(), steps.next()) {
            (None, _) => None,
            (Some(id), None) if is_id(id) => Some(id.to_owned()),
            _ => return None,
        };
        Some(Address { kind, id, query })
    }
}

/// The body of a PATCH inside a bundle: a Parameters resource, or a Binary that holds a JSON Patch.
enum OwnedPatch {
    Json(Vec<u8>),
    FhirPath(String),
}

impl OwnedPatch {
    fn borrowed(&self) -> Patch<'_> {
        match self {
            OwnedPatch::Json(bytes) => Patch::Json(bytes),
            OwnedPatch::FhirPath(text) => Patch::FhirPath(text.as_bytes()),
        }
    }
}

impl<'b> Asked<'b> {
    fn order(&self) -> Order<'b> {
        let deed = match self.verb {
            Verb::Put | Verb::Patch => Deed::Update,
            Verb::Delete => Deed::Delete,
            // A question is no act.
            Verb::Post | Verb::Get | Verb::Head => Deed::Create,
        };
        let condition = if deed == Deed::Create { self.if_none_exist.clone() } else { self.address.query.clone() };
        Order {
            id: self.address.id.clone(),
            condition,
            if_match: self.if_match.clone(),
            full_url: self.full_url.clone(),
            ..order(deed, self.address.kind, if deed == Deed::Delete { None } else { self.body })
        }
    }

    fn target(&self) -> Result<Target<'_>> {
        match (&self.address.id, &self.address.query) {
            (Some(id), _) => Ok(Target::Id(id)),
            (None, Some(query)) => Ok(Target::Criteria(query)),
            (None, None) => Err(Error::NotFound),
        }
    }

    fn patch(&self) -> Result<OwnedPatch> {
        let expected = || malformed("resource", "A PATCH carries Parameters (FHIRPath Patch) or a Binary with a JSON Patch.");
        let body = self.body.ok_or_else(expected)?;
        match body.string("resourceType").as_deref() {
            Some("Parameters") => Ok(OwnedPatch::FhirPath(body.raw().to_owned())),
            Some("Binary") => {
                let data = body.string("data").ok_or_else(expected)?;
                Ok(OwnedPatch::Json(fhir::base64::decode(&data).ok_or_else(expected)?))
            }
            _ => Err(expected()),
        }
    }
}
