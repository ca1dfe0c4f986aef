//! Transactions and batches. <https://hl7.org/fhir/R4/http.html#transaction>
//!
//! * A transaction is all or nothing; its reads see what its writes did.
//! * The entries of a batch are acts of their own, carried out side by side.

use std::collections::HashMap;

use access::Caller;
use fhir::{Document, Issue, IssueCode, Kind, ResourceType, Value, is_id};
use futures_util::future::join_all;
use search::{Handling, Query, split_query};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::history::{HistoryQuery, HistoryScope};
use crate::patch::Patch;
use crate::stored::{Hit, Page, Stored, Written};
use crate::transaction::{Deed, Fill, Order, Rules};
use crate::write::{Target, order};

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
    /// A read.
    Read(Stored),
    /// A read of what the caller has already (If-None-Match).
    NotModified,
    /// A search or a history.
    Page(Box<BundlePage>),
}

/// The answer to a search inside a bundle.
#[derive(Debug)]
pub struct BundlePage {
    /// The query, for the self link; none for a history.
    pub query: Option<Query>,
    /// What was found.
    pub page: Page<Hit>,
}

/// One entry, read.
struct Asked<'b> {
    verb: Verb,
    address: Address,
    full_url: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_none_exist: Option<String>,
    body: Option<Value<'b>>,
}

/// Where an entry's url leads.
struct Address {
    kind: ResourceType,
    id: Option<String>,
    query: Option<String>,
    rest: Rest,
}

enum Rest {
    Nothing,
    Version(String),
    History,
}

impl Chart {
    /// Carries out a transaction or a batch, told apart by `Bundle.type`.
    pub async fn bundle(&self, caller: &Caller, body: &[u8]) -> Result<BundleOutcome> {
        self.bundle_filled(caller, body, None).await
    }

    /// The same, where the entry of a number is filled with what another one came to be; both are writes.
    pub(crate) async fn bundle_filled(&self, caller: &Caller, body: &[u8], fill: Option<(usize, Fill<'_>)>) -> Result<BundleOutcome> {
        let document = self.read_body(body)?;
        let root = document.root();
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
        let entries: Vec<Value<'_>> = root.get("entry").into_iter().flat_map(|entries| entries.items()).collect();
        let asked: Vec<Result<Asked<'_>>> = entries.iter().enumerate().map(|(index, entry)| self.read_entry(index, *entry)).collect();
        let entries = if is_transaction { self.transaction(caller, asked, fill).await? } else { self.batch(caller, asked).await };
        Ok(BundleOutcome { is_transaction, entries })
    }

    async fn batch(&self, caller: &Caller, asked: Vec<Result<Asked<'_>>>) -> Vec<EntryOutcome> {
        join_all(asked.into_iter().map(|asked| async {
            match asked {
                Ok(asked) => {
                    let verb = asked.verb;
                    EntryOutcome { verb, result: Box::pin(self.alone(caller, asked)).await }
                }
                Err(cause) => EntryOutcome { verb: Verb::Get, result: Err(cause) },
            }
        }))
        .await
    }

    async fn transaction(&self, caller: &Caller, asked: Vec<Result<Asked<'_>>>, fill: Option<(usize, Fill<'_>)>) -> Result<Vec<EntryOutcome>> {
        let mut all = Vec::with_capacity(asked.len());
        for (index, asked) in asked.into_iter().enumerate() {
            all.push(asked.map_err(|cause| Error::Entry { index, cause: Box::new(cause) })?);
        }
        told_apart(&all)?;
        let patched = self.patched_texts(caller, &all).await?;
        let documents: Vec<Option<Document<'_>>> = patched
            .iter()
            .enumerate()
            .map(|(index, patched)| {
                let read = patched.as_ref().map(|(_, _, text)| self.read_body(text.as_bytes())).transpose();
                read.map_err(|cause| Error::Entry { index, cause: Box::new(cause) })
            })
            .collect::<Result<_>>()?;
        let (mut orders, mut places) = (Vec::new(), Vec::new());
        for (index, asked) in all.iter().enumerate() {
            let deed = match asked.verb {
                Verb::Get | Verb::Head => continue,
                Verb::Post => Deed::Create,
                Verb::Put | Verb::Patch => Deed::Update,
                Verb::Delete => Deed::Delete,
            };
            places.push(index);
            let mut order = asked.order(deed);
            if let (Some((id, version, _)), Some(document)) = (&patched[index], &documents[index]) {
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
        let mut results: Vec<Option<EntryResult>> = all.iter().map(|_| None).collect();
        for (place, written) in places.iter().zip(written) {
            results[*place] = Some(EntryResult::Written(written));
        }
        let mut outcomes = Vec::with_capacity(all.len());
        for (index, (asked, result)) in all.into_iter().zip(results).enumerate() {
            let verb = asked.verb;
            let result = match result {
                Some(result) => result,
                None => Box::pin(self.alone(caller, asked)).await.map_err(|cause| Error::Entry { index, cause: Box::new(cause) })?,
            };
            outcomes.push(EntryOutcome { verb, result: Ok(result) });
        }
        Ok(outcomes)
    }

    /// For each PATCH of a transaction: id, version and text after it.
    async fn patched_texts(&self, caller: &Caller, all: &[Asked<'_>]) -> Result<Vec<Option<(String, String, String)>>> {
        let mut patched = Vec::with_capacity(all.len());
        for (index, asked) in all.iter().enumerate() {
            if asked.verb != Verb::Patch {
                patched.push(None);
                continue;
            }
            let fail = |cause| Error::Entry { index, cause: Box::new(cause) };
            let patch = asked.patch().map_err(fail)?;
            let done = self.patched(caller, asked.address.kind, asked.target().map_err(fail)?, patch.borrowed(), asked.if_match.as_deref()).await;
            patched.push(Some(done.map_err(fail)?));
        }
        Ok(patched)
    }

    /// Carries out one entry by itself.
    async fn alone(&self, caller: &Caller, asked: Asked<'_>) -> Result<EntryResult> {
        let kind = asked.address.kind;
        let if_match = asked.if_match.as_deref();
        let rules = Rules { conditional_references: true, ..Rules::default() };
        match asked.verb {
            Verb::Get | Verb::Head => self.get(caller, &asked).await,
            Verb::Patch => {
                let patch = asked.patch()?;
                Ok(EntryResult::Written(self.patch(caller, kind, asked.target()?, patch.borrowed(), if_match).await?))
            }
            verb => {
                let deed = match verb {
                    Verb::Post => Deed::Create,
                    Verb::Put => Deed::Update,
                    _ => Deed::Delete,
                };
                let mut written = self.transact(caller, &[asked.order(deed)], rules).await?;
                Ok(EntryResult::Written(written.pop().ok_or(Error::NotFound)?))
            }
        }
    }

    async fn get(&self, caller: &Caller, asked: &Asked<'_>) -> Result<EntryResult> {
        let Address { kind, id, query, rest } = &asked.address;
        match (id, rest) {
            (Some(id), Rest::Nothing) => {
                let stored = self.read(caller, *kind, id).await?;
                let known = asked.if_none_match.as_deref() == Some(stored.version.to_string().as_str());
                Ok(if known { EntryResult::NotModified } else { EntryResult::Read(stored) })
            }
            (Some(id), Rest::Version(version)) => Ok(EntryResult::Read(self.vread(caller, *kind, id, version).await?)),
            (id, Rest::History) => {
                let scope = id.as_deref().map_or(HistoryScope::Type(*kind), |id| HistoryScope::Instance(*kind, id));
                let page = self.history(caller, scope, &HistoryQuery::default()).await?;
                let items = page.items.into_iter().map(|entry| Hit::new(entry.stored, crate::SearchMode::Match)).collect();
                let page = Page { items, total: page.total, next: page.next, issues: page.issues };
                Ok(EntryResult::Page(Box::new(BundlePage { query: None, page })))
            }
            (None, _) => {
                let pairs = split_query(query.as_deref().unwrap_or_default());
                let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let query = Query::parse(*kind, pairs, Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
                let page = self.search(caller, &query, None).await?;
                Ok(EntryResult::Page(Box::new(BundlePage { query: Some(query), page })))
            }
        }
    }

    fn read_entry<'b>(&self, index: usize, entry: Value<'b>) -> Result<Asked<'b>> {
        let at = |rest: &str| format!("Bundle.entry[{index}].{rest}");
        let request = entry.get("request").ok_or_else(|| malformed(&at("request"), "An entry needs a request with method and url."))?;
        let method = request.string("method").unwrap_or_default();
        let verb = Verb::named(&method).ok_or_else(|| malformed(&at("request.method"), "The method is GET, HEAD, POST, PUT, PATCH or DELETE."))?;
        let url = request.string("url").unwrap_or_default();
        let address = Address::read(&url, &self.inner.settings.base_url).ok_or_else(|| {
            malformed(&at("request.url"), "The url is a type, a type and an id, or a type and a query, relative to this server.")
        })?;
        let body = entry.get("resource");
        if matches!(verb, Verb::Post | Verb::Put | Verb::Patch) && body.is_none() {
            return Err(malformed(&at("resource"), "This entry needs a resource."));
        }
        if verb == Verb::Post && (address.id.is_some() || address.query.is_some()) {
            return Err(malformed(&at("request.url"), "A POST names a type alone; give a condition in ifNoneExist."));
        }
        if matches!(verb, Verb::Put | Verb::Delete | Verb::Patch) && address.id.is_none() && address.query.is_none() {
            return Err(malformed(&at("request.url"), "This method needs an id or a condition in the url."));
        }
        let text = |name: &str| request.string(name).map(|text| text.into_owned());
        let (mut if_match, if_none_match) = (text("ifMatch").map(|tag| bare(&tag)), text("ifNoneMatch").map(|tag| bare(&tag)));
        if verb == Verb::Put && let Some(tag) = &if_none_match {
            if tag != "*" || if_match.is_some() {
                return Err(malformed(&at("request.ifNoneMatch"), "On a PUT, ifNoneMatch is * and stands without ifMatch."));
            }
            // To the door: nothing may be there yet.
            if_match = Some("0".to_owned());
        }
        Ok(Asked {
            verb,
            address,
            full_url: entry.string("fullUrl").map(|url| url.into_owned()),
            if_match,
            if_none_match,
            if_none_exist: text("ifNoneExist"),
            body,
        })
    }
}

/// What is written under one fullUrl is one thing: a reference could mean either. Invariant bdl-7.
fn told_apart(all: &[Asked<'_>]) -> Result<()> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (index, asked) in all.iter().enumerate().filter(|(_, asked)| matches!(asked.verb, Verb::Post | Verb::Put | Verb::Patch)) {
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

impl Address {
    fn read(url: &str, base_url: &str) -> Option<Address> {
        let url = url.strip_prefix(base_url).filter(|_| !base_url.is_empty()).unwrap_or(url).trim_start_matches('/');
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query.to_owned())));
        let steps: Vec<&str> = path.split('/').collect();
        let kind = ResourceType::named(steps.first()?)?;
        let id = |id: &str| is_id(id).then(|| Some(id.to_owned()));
        let (id, rest) = match steps[1..] {
            [] | ["_search"] => (None, Rest::Nothing),
            ["_history"] => (None, Rest::History),
            [one] => (id(one)?, Rest::Nothing),
            [one, "_history"] => (id(one)?, Rest::History),
            [one, "_history", version] => (id(one)?, Rest::Version(version.to_owned())),
            _ => return None,
        };
        Some(Address { kind, id, query, rest })
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
    fn order(&self, deed: Deed) -> Order<'b> {
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
