//! The worker that notifies: one task a subscription, until it ends or the server does.

use super::notification::{Kind, Notification, Numbered};
use super::{Courier, Parcel, Patience};
use access::{Caller, Purpose, Session};
use bytes::Bytes;
use chart::{Chart, Event, Place, Subscribed, SubscriptionState, SubscriptionStatus, Telling};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How long many writes are gathered before the log is looked at; longer where many look.
const BREATH: Duration = Duration::from_millis(10);
/// How often to look, should nobody say that something was written.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Sends what subscriptions wait for.
#[derive(Clone)]
pub struct Deliverer {
    /// The door.
    pub chart: Chart,
    /// Who carries.
    pub courier: Arc<dyn Courier>,
    /// How patient to be.
    pub patience: Patience,
    /// The server itself: it reads subscriptions and writes where they stand.
    pub server: Caller,
    /// Under `--open`: who everybody is.
    pub open: Option<Caller>,
}

/// Why a task ends.
enum End {
    /// It was told to stop, or the subscription is over.
    Done,
    /// The store failed; another task will try again later.
    Failed(chart::Error),
}

impl From<chart::Error> for End {
    fn from(cause: chart::Error) -> End {
        match cause {
            chart::Error::NotFound | chart::Error::Gone { .. } => End::Done,
            cause => End::Failed(cause),
        }
    }
}

impl Deliverer {
    /// Works until told to stop; what is under way is finished or given up within its timeout.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut tasks: HashMap<String, JoinHandle<()>> = HashMap::new();
        let mut writes = self.chart.subscription_writes();
        let at_work = Arc::new(AtomicUsize::new(0));
        loop {
            writes.borrow_and_update();
            tasks.retain(|_, task| !task.is_finished());
            match self.chart.subscriptions(&self.server) {
                Ok(ids) => {
                    for id in ids {
                        tasks.entry(id.clone()).or_insert_with(|| tokio::spawn(self.clone().one(id, at_work.clone(), stopped.clone())));
                    }
                }
                Err(cause) => tracing::error!("subscriptions could not be read: {cause}"),
            }
            at_work.store(tasks.len(), Relaxed);
            if wait(&mut writes, LOOK_EVERY, &mut stopped).await {
                break;
            }
        }
        for (_, task) in tasks {
            let _ = task.await;
        }
    }

    async fn one(self, id: String, at_work: Arc<AtomicUsize>, mut stopped: watch::Receiver<bool>) {
        if let Err(End::Failed(cause)) = self.work(&id, &at_work, &mut stopped).await {
            tracing::error!(subscription = id, "a subscription could not go on and is tried again: {cause}");
            let _ = tokio::time::timeout(Duration::from_secs(5), stopped.changed()).await;
        }
    }

    async fn work(&self, id: &str, at_work: &AtomicUsize, stopped: &mut watch::Receiver<bool>) -> Result<(), End> {
        let mut last_said = Instant::now();
        let (mut session, mut looked_at) = (self.session(), None::<Place>);
        let mut writes = self.chart.writes();
        while !*stopped.borrow() {
            writes.borrow_and_update();
            let subscribed = match self.chart.subscription(&self.server, id).await {
                Err(chart::Error::Refused(_)) => {
                    // Written under a configuration or a release that allowed more.
                    tracing::error!(subscription = id, "a subscription is not understood; write it anew");
                    self.chart.give_up_subscription(&self.server, id, "This server does not understand these criteria or this channel any more; write the Subscription anew.").await?;
                    return Ok(());
                }
                read => read?,
            };
            if !matches!(subscribed.status, SubscriptionStatus::Requested | SubscriptionStatus::Active) {
                return Ok(());
            }
            if subscribed.end.is_some_and(|end| self.chart.now() >= end) {
                self.chart.set_subscription_status(&self.server, &subscribed, SubscriptionStatus::Off, None).await?;
                return Ok(());
            }
            if let Err(issue) = self.chart.may_be_told(&subscribed.endpoint) {
                return self.give_up(&subscribed, &issue.message).await;
            }
            if !session.lasts_at(self.chart.now()) {
                session = self.session();
            }
            let Some(owner) = self.owner(&subscribed, session)? else {
                return self.give_up(&subscribed, "the account that wrote this subscription is gone, blocked or out of its dates; write it again with one that may be used").await;
            };
            let mut state = match self.chart.subscription_state(id)? {
                Some(state) => state,
                None => SubscriptionState::beginning(Place::before(subscribed.written_at)),
            };
            if subscribed.status == SubscriptionStatus::Requested {
                if subscribed.telling.is_bundle() && !self.say((&subscribed, &owner), Kind::Handshake, &state, &[], stopped).await? {
                    return Ok(());
                }
                self.chart.keep_subscription_state(id, &state)?;
                self.chart.set_subscription_status(&self.server, &subscribed, SubscriptionStatus::Active, None).await?;
                last_said = Instant::now();
                continue;
            }
            let from = looked_at.filter(|place| *place > state.place).unwrap_or(state.place);
            let batch = match self.chart.subscription_events(&owner, &subscribed, from, subscribed.most_events).await {
                Err(chart::Error::TooCostly(_)) => {
                    return self.give_up(&subscribed, "its criteria look at more resources than this server allows; make them narrower and set the status to requested").await;
                }
                batch => batch?,
            };
            looked_at = Some(batch.reached);
            if let Some(event) = batch.found.first().filter(|_| subscribed.passes_over == Some(state.events + 1)) {
                tracing::warn!(subscription = id, number = state.events + 1, "an event is passed over, as its owner asked");
                state.delivered(event.place);
                self.chart.keep_subscription_state(id, &state)?;
                // Asked once: another event of this number, after a new beginning, is sent.
                self.chart.set_subscription_status(&self.server, &subscribed, SubscriptionStatus::Active, None).await?;
                looked_at = None;
                continue;
            }
            if !batch.found.is_empty() {
                if !self.say((&subscribed, &owner), Kind::EventNotification, &state, &batch.found, stopped).await? {
                    return Ok(());
                }
                batch.found.iter().for_each(|event| state.delivered(event.place));
                self.chart.keep_subscription_state(id, &state)?;
                last_said = Instant::now();
                continue;
            }
            if batch.more {
                continue;
            }
            let until_heartbeat = subscribed.heartbeat_seconds.filter(|_| subscribed.telling.is_bundle()).map(|seconds| Duration::from_secs(seconds).saturating_sub(last_said.elapsed()));
            if until_heartbeat.is_some_and(|left| left.is_zero()) {
                if !self.say((&subscribed, &owner), Kind::Heartbeat, &state, &[], stopped).await? {
                    return Ok(());
                }
                last_said = Instant::now();
                continue;
            }
            if !wait(&mut writes, until_heartbeat.unwrap_or(LOOK_EVERY).min(LOOK_EVERY), stopped).await {
                // Whoever writes much does not make all of us look all the time.
                tokio::time::sleep(BREATH + BREATH / 10 * at_work.load(Relaxed) as u32).await;
            }
        }
        Ok(())
    }

    /// Sends one notification, as often as it takes. False where it was not taken: the
    /// subscription is in error, was changed, or may tell something else now, or the server stops.
    async fn say(&self, (subscribed, owner): (&Subscribed, &Caller), kind: Kind, state: &SubscriptionState, events: &[Event], stopped: &mut watch::Receiver<bool>) -> Result<bool, End> {
        let parcel = self.parcel(subscribed, kind, state, events);
        let timeout = Duration::from_secs(subscribed.timeout_seconds);
        let mut wait = self.patience.first_wait;
        for attempt in 1.. {
            let answer = match tokio::time::timeout(timeout, self.courier.carry(parcel.clone())).await {
                Ok(Ok(status @ 200..=299)) => {
                    tracing::debug!(subscription = subscribed.id, status, "notified");
                    return Ok(true);
                }
                Ok(Ok(300..=399)) => "the endpoint answered with a redirect; redirects are never followed".to_owned(),
                Ok(Ok(status)) => format!("the endpoint answered with status {status}"),
                Ok(Err(why)) => why.to_owned(),
                Err(_elapsed) => format!("the endpoint did not answer within {} seconds", subscribed.timeout_seconds),
            };
            tracing::warn!(subscription = subscribed.id, attempt, "a notification was not taken: {answer}");
            if attempt >= self.patience.attempts {
                let reason = match events.is_empty() {
                    true => format!("Given up after {attempt} attempts: {answer}. Set the status to requested, and it is tried again."),
                    false => {
                        let number = state.events + 1;
                        format!("Given up after {attempt} attempts at event {number}: {answer}. Nothing is lost: set the status to requested, and it goes on with that event; to pass it over, add the extension subscription-passes-over with valuePositiveInt {number} as well.")
                    }
                };
                self.give_up(subscribed, &reason).await?;
                return Ok(false);
            }
            if tokio::time::timeout(wait, stopped.changed()).await.is_ok() {
                return Ok(false);
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            // Its owner may have ended or mended it meanwhile.
            if self.chart.subscription(&self.server, &subscribed.id).await?.version != subscribed.version {
                return Ok(false);
            }
            // So may a consent have been withdrawn, or its owner have been blocked: it is looked at anew what is told.
            let Some(owner) = self.owner(subscribed, owner.session)? else { return Ok(false) };
            let places: Vec<Place> = events.iter().map(|event| event.place).collect();
            if self.chart.subscription_events_at(&owner, subscribed, &places).await?.iter().any(Option::is_none) {
                return Ok(false);
            }
        }
        Ok(false)
    }

    async fn give_up(&self, subscribed: &Subscribed, reason: &str) -> Result<(), End> {
        tracing::error!(subscription = subscribed.id, "a subscription is in error: {reason}");
        Ok(self.chart.set_subscription_status(&self.server, subscribed, SubscriptionStatus::Error, Some(reason)).await?)
    }

    fn parcel(&self, subscribed: &Subscribed, kind: Kind, state: &SubscriptionState, events: &[Event]) -> Parcel {
        let headers = subscribed.headers.clone();
        let endpoint = subscribed.endpoint.clone();
        match (subscribed.telling, events) {
            (Telling::Ping, _) => Parcel { method: "POST", address: endpoint, headers, body: Bytes::new() },
            (Telling::Resource, [event, ..]) => {
                // The endpoint is the base of a service, and the version is put where it belongs.
                let (path, query) = endpoint.split_once('?').map_or((endpoint.as_str(), String::new()), |(path, query)| (path, format!("?{query}")));
                let address = format!("{}/{}/{}{query}", path.trim_end_matches('/'), event.stored.kind, event.stored.id);
                Parcel { method: "PUT", address, headers, body: event.stored.text.clone().into() }
            }
            (telling, events) => {
                let numbered: Vec<Numbered<'_>> = (state.events + 1..).zip(events).map(|(number, event)| Numbered { number, event }).collect();
                let notification = Notification {
                    base: &self.chart.settings().base_url,
                    subscribed,
                    kind,
                    status: if kind == Kind::Handshake { "requested" } else { "active" },
                    events_so_far: state.events + events.len() as u64,
                    events: &numbered,
                    telling,
                    at: &self.chart.now().to_string(),
                    uuid: &self.chart.new_uuid(),
                };
                Parcel { method: "POST", address: endpoint, headers, body: notification.bundle().into() }
            }
        }
    }

    /// The owner as a caller: with the account's rights as they are now; none where it may not be used.
    fn owner(&self, subscribed: &Subscribed, session: Session) -> Result<Option<Caller>, End> {
        if let Some(open) = self.open.as_ref().filter(|open| open.account.number == subscribed.owner) {
            return Ok(Some(Caller { session, ..open.clone() }));
        }
        let account = self.chart.account(subscribed.owner)?;
        if self.chart.standing(subscribed.owner)?.is_none() {
            return Ok(None);
        }
        Ok(account.map(|account| Caller { account, purpose: Purpose::Operations, session, grant: None }))
    }

    fn session(&self) -> Session {
        let uuid = self.chart.new_uuid();
        let number = u64::from_str_radix(&uuid.replace('-', "")[..15], 16).unwrap_or(1);
        Session { number, began: self.chart.now() }
    }
}

/// Waits for a write, a while, or the end. True at the end.
async fn wait(writes: &mut watch::Receiver<u64>, longest: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = writes.changed() => {}
        () = tokio::time::sleep(longest) => {}
        _ = stopped.changed() => {}
    }
    *stopped.borrow()
}
