//! Subscriptions: what somebody elsewhere is to be told, and what there is to tell.
//!
//! * **The log is the outbox.** Every version lies in the log of its shard from the commit that
//!   wrote it; a subscription is a place in that log which moves on when the other side has
//!   taken what lies before it. Nothing is written twice to be sent once.
//! * Events come in one order, and each at least once: a place is kept after a delivery, so
//!   what was delivered just before the plug was pulled is delivered again, with its number.
//! * Only what the owner may see when it is sent is sent, and the openings it leaves are on
//!   disk before it is handed out.
//! * Nothing here knows HTTP: who carries it, how long to wait and when to give up are a
//!   face's affair.

mod accept;
mod events;
mod state;
mod topic;

use access::{Act, Caller};
use fhir::{Document, Moment, PartialDateTime, ResourceType, Value};
use search::{Handling, Query, split_query};
use store::Tick;
use tokio::sync::watch;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;
pub use events::{Event, Events, Place};
pub use state::{Delivered, SubscriptionState};
pub use topic::{TOPICS, Topic};

pub(crate) const SUBSCRIPTION: &str = "Subscription";
const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// Counts writes, for those who wait for them.
pub(crate) struct Written {
    any: watch::Sender<u64>,
    subscriptions: watch::Sender<u64>,
}

impl Written {
    /// Resources of these types were written.
    pub fn tell(&self, kinds: &[ResourceType]) {
        self.any.send_modify(|count| *count += 1);
        if kinds.iter().any(|kind| kind.name() == SUBSCRIPTION) {
            self.subscriptions.send_modify(|count| *count += 1);
        }
    }
}

impl Default for Written {
    fn default() -> Written {
        Written { any: watch::Sender::new(0), subscriptions: watch::Sender::new(0) }
    }
}

/// Where a subscription stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubscriptionStatus {
    /// Waiting to be taken up.
    Requested,
    /// Telling.
    Active,
    /// Given up; an update takes it up again where it stopped.
    Error,
    /// Ended by its owner or by its date.
    Off,
}

impl SubscriptionStatus {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            SubscriptionStatus::Requested => "requested",
            SubscriptionStatus::Active => "active",
            SubscriptionStatus::Error => "error",
            SubscriptionStatus::Off => "off",
        }
    }

    fn of(code: &str) -> SubscriptionStatus {
        match code {
            "off" => SubscriptionStatus::Off,
            "error" => SubscriptionStatus::Error,
            "active" => SubscriptionStatus::Active,
            _ => SubscriptionStatus::Requested,
        }
    }
}

/// How a notification looks and how much it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Telling {
    /// R4: an empty message.
    Ping,
    /// R4: the resource itself, put to its address below the endpoint.
    Resource,
    /// R5 backport: a notification without a word about what happened to whom.
    BundleEmpty,
    /// R5 backport: with the addresses of the resources.
    BundleIds,
    /// R5 backport: with the resources.
    BundleResources,
}

impl Telling {
    /// True where somebody may be recognised in it.
    fn discloses(self) -> bool {
        !matches!(self, Telling::Ping | Telling::BundleEmpty)
    }

    /// True for the notifications of the backport, which have a handshake and heartbeats.
    pub fn is_bundle(self) -> bool {
        matches!(self, Telling::BundleEmpty | Telling::BundleIds | Telling::BundleResources)
    }
}

/// What is waited for.
#[derive(Clone)]
enum Wanted {
    Criteria(Query),
    Topic { topic: &'static Topic, filters: Vec<Query> },
}

/// A subscription as it stands in the record.
#[derive(Clone)]
pub struct Subscribed {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// The account that wrote it.
    pub owner: u64,
    /// Where notifications go.
    pub endpoint: String,
    /// Header lines that go with them, opened: never to be shown or logged.
    pub headers: Vec<(String, String)>,
    /// How they look.
    pub telling: Telling,
    /// The topic, if it is one.
    pub topic: Option<&'static str>,
    /// How often to say that nothing happened.
    pub heartbeat_seconds: Option<u64>,
    /// How long an answer may take.
    pub timeout_seconds: u64,
    /// At most so many events in a notification.
    pub most_events: usize,
    /// The number of an event that its owner gave up: it is not told.
    pub passes_over: Option<u64>,
    /// When it ends.
    pub end: Option<Moment>,
    /// When this version was written.
    pub written_at: Moment,
    wanted: Wanted,
}

impl std::fmt::Debug for Subscribed {
    /// Neither the endpoint's path nor the headers nor the criteria: they may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subscription/{} {:?}", self.id, self.status)
    }
}

impl Chart {
    /// Changes whenever something was written.
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.inner.written.any.subscribe()
    }

    /// Changes whenever a Subscription was written.
    pub fn subscription_writes(&self) -> watch::Receiver<u64> {
        self.inner.written.subscriptions.subscribe()
    }

    /// A UUID for a thing that is made to be sent.
    pub fn new_uuid(&self) -> String {
        self.new_id()
    }

    /// The ids of the subscriptions that wait or tell.
    pub fn subscriptions(&self, caller: &Caller) -> Result<Vec<String>> {
        let Some(kind) = ResourceType::named(SUBSCRIPTION) else { return Ok(Vec::new()) };
        let set = self.permitted_set(caller, Act::Read)?;
        let mut found = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                let waits = |text: &str| Document::read(text).is_ok_and(|document| matches!(document.root().string("status").as_deref(), Some("requested" | "active")));
                if entry.method != store::Method::Delete && entry.kind == kind && waits(entry.text) {
                    found.push(entry.id.to_owned());
                }
                std::ops::ControlFlow::Continue(())
            })?;
        }
        Ok(found)
    }

    /// A subscription, if it is there.
    pub async fn subscription(&self, caller: &Caller, id: &str) -> Result<Subscribed> {
        let kind = ResourceType::named(SUBSCRIPTION).ok_or(Error::NotFound)?;
        let stored = self.read(caller, kind, id).await?;
        self.subscribed(&stored)
    }

    fn subscribed(&self, stored: &Stored) -> Result<Subscribed> {
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let root = document.root();
        let channel = root.get("channel").ok_or(Error::NotFound)?;
        let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned());
        let number = |name: &str| extension(channel, name).and_then(|one| one.get("valueUnsignedInt").or_else(|| one.get("valuePositiveInt"))?.as_number()?.parse::<u64>().ok());
        let criteria = text(root, "criteria").unwrap_or_default();
        let wanted = self.wanted(root, &criteria)?;
        let endpoint = text(channel, "endpoint").unwrap_or_default();
        let owner = owner_of(root).ok_or(Error::NotFound)?;
        let sealed = channel.get("header").into_iter().flat_map(|list| list.each()).filter_map(|line| line.as_str().map(|line| line.into_owned()));
        let headers = sealed.map(|line| accept::opened_header(self, &stored.id, &endpoint, &line)).collect::<Result<_>>()?;
        let telling = accept::telling(channel, matches!(wanted, Wanted::Topic { .. })).map_err(|issue| Error::Refused(vec![issue]))?;
        Ok(Subscribed {
            status: SubscriptionStatus::of(&text(root, "status").unwrap_or_default()),
            topic: match &wanted {
                Wanted::Topic { topic, .. } => Some(topic.url),
                Wanted::Criteria(_) => None,
            },
            end: text(root, "end").and_then(|end| PartialDateTime::parse(&end)).map(|end| end.range(self.inner.settings.zone_offset_minutes).0),
            heartbeat_seconds: number("backport-heartbeat-period"),
            timeout_seconds: number("backport-timeout").unwrap_or(accept::USUAL_TIMEOUT_SECONDS),
            most_events: if telling.is_bundle() { number("backport-max-count").unwrap_or(accept::USUAL_EVENTS) as usize } else { 1 },
            passes_over: passed_over(root),
            id: stored.id.clone(),
            version: stored.version,
            written_at: stored.last_updated,
            owner,
            endpoint,
            headers,
            telling,
            wanted,
        })
    }

    /// What its criteria mean.
    fn wanted(&self, root: Value<'_>, criteria: &str) -> Result<Wanted> {
        let refused = |issues: Vec<fhir::Issue>| Error::Refused(issues.into_iter().map(|issue| fhir::Issue { expression: "Subscription.criteria".to_owned(), offset: None, ..issue }).collect());
        let query = |kind: ResourceType, text: &str| {
            let pairs = split_query(text);
            let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, self.query_context()).map_err(refused)?;
            accept::only_criteria(query).map_err(|issue| Error::Refused(vec![issue]))
        };
        if let Some(topic) = topic::named(criteria) {
            let filters = topic::filters(root, topic).map_err(|issue| Error::Refused(vec![issue]))?;
            let kind = ResourceType::named(topic.kind).ok_or(Error::NotFound)?;
            let filters = filters.iter().map(|text| query(kind, text)).collect::<Result<_>>()?;
            return Ok(Wanted::Topic { topic, filters });
        }
        let (kind, text) = criteria.split_once('?').unwrap_or((criteria, ""));
        let kind = ResourceType::named(kind).ok_or_else(|| Error::Refused(vec![topic::unknown()]))?;
        Ok(Wanted::Criteria(query(kind, text)?))
    }

    /// Writes where a subscription stands, as the server. Nothing happens if somebody has written to it since.
    pub async fn set_subscription_status(&self, caller: &Caller, subscribed: &Subscribed, status: SubscriptionStatus, error: Option<&str>) -> Result<()> {
        let kind = ResourceType::named(SUBSCRIPTION).ok_or(Error::NotFound)?;
        let stored = self.read(caller, kind, &subscribed.id).await?;
        if stored.version != subscribed.version {
            return Ok(());
        }
        self.write_status(caller, &stored, status, error).await
    }

    /// Writes that a subscription which is not understood, any more, is in error.
    pub async fn give_up_subscription(&self, caller: &Caller, id: &str, error: &str) -> Result<()> {
        let kind = ResourceType::named(SUBSCRIPTION).ok_or(Error::NotFound)?;
        let stored = self.read(caller, kind, id).await?;
        self.write_status(caller, &stored, SubscriptionStatus::Error, Some(error)).await
    }

    async fn write_status(&self, caller: &Caller, stored: &Stored, status: SubscriptionStatus, error: Option<&str>) -> Result<()> {
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        // One without an owner was never taken up; whoever writes it next owns it.
        let text = accept::with_status(document.root(), owner_of(document.root()).unwrap_or(u64::MAX), status, error);
        let document = self.read_body(text.as_bytes())?;
        let order = Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Update, stored.kind, Some(document.root())) };
        match self.transact(caller, &[order], Rules { by_the_server: true, ..Rules::default() }).await {
            Ok(_) | Err(Error::VersionMismatch { .. }) => Ok(()),
            Err(cause) => Err(cause),
        }
    }
}

/// The account that wrote a subscription.
fn owner_of(root: Value<'_>) -> Option<u64> {
    let mut extensions = root.get("extension")?.items();
    extensions.find(|one| one.string("url").as_deref() == Some(accept::OWNER))?.string("valueString")?.parse().ok()
}

/// Which event its owner gave up, by the extension of ours.
fn passed_over(root: Value<'_>) -> Option<u64> {
    let mut extensions = root.get("extension")?.items();
    extensions.find(|one| one.string("url").as_deref() == Some(accept::PASSES_OVER))?.get("valuePositiveInt")?.as_number()?.parse().ok()
}

/// An extension of the backport on an element.
fn extension<'d>(element: Value<'d>, name: &str) -> Option<Value<'d>> {
    let mut extensions = element.get("extension")?.items();
    extensions.find(|one| one.string("url").is_some_and(|url| url.strip_prefix(BACKPORT) == Some(name)))
}
