//! What becomes of a Subscription that is written: checked, its secrets sealed, its owner noted.
//!
//! * Only origins the operator has named are ever connected to, and plain HTTP only on this machine.
//! * A header is sealed for its subscription and its endpoint: nobody reads it back, and it opens
//!   nowhere else.
//! * The owner is whoever wrote it last, never whom the body names.

use access::Caller;
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, Value};
use search::{Contained, Query};

use super::{Place, SubscriptionState, SubscriptionStatus, Telling, Wanted, extension, topic};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::origin::{is_listed, is_overheard, origin};
use crate::stored::{Method, Stored};

pub(super) const OWNER: &str = "https://carnet.health/fhir/StructureDefinition/subscription-owner";
pub(super) const PASSES_OVER: &str = "https://carnet.health/fhir/StructureDefinition/subscription-passes-over";
pub(super) const USUAL_TIMEOUT_SECONDS: u64 = 10;
pub(super) const USUAL_EVENTS: u64 = 20;
/// Each reads the log for itself: more would slow down every write.
pub(super) const MOST_SUBSCRIPTIONS: usize = 500;
const SEALED: &str = "sealed:";
/// Headers that are the courier's own.
const NOT_YOURS: [&str; 9] = ["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "upgrade", "te", "trailer"];

impl Chart {
    /// The text to keep for a Subscription that somebody sends.
    pub(crate) fn accepted_subscription(&self, caller: &Caller, body: Value<'_>, id: &str, was: Option<&Stored>) -> Result<String> {
        let refused = |issue: Issue| Error::Refused(vec![issue]);
        let channel = body.get("channel").ok_or_else(|| refused(Issue::error(IssueCode::Required, "Subscription.channel", "A subscription has a channel.")))?;
        if channel.string("type").as_deref() != Some("rest-hook") {
            return Err(refused(Issue::error(IssueCode::NotSupported, "Subscription.channel.type", "This server notifies by rest-hook; websocket, email, sms and message are not offered.")));
        }
        let endpoint = channel.string("endpoint").unwrap_or_default();
        self.may_be_told(&endpoint).map_err(refused)?;
        let criteria = body.string("criteria").unwrap_or_default();
        let wanted = self.wanted(body, &criteria)?;
        telling(channel, matches!(wanted, Wanted::Topic { .. })).map_err(refused)?;
        topic::within(channel, "backport-heartbeat-period", 1, 86_400).map_err(refused)?;
        topic::within(channel, "backport-timeout", 1, 60).map_err(refused)?;
        topic::within(channel, "backport-max-count", 1, 100).map_err(refused)?;
        let status = match body.string("status").as_deref() {
            Some("off") => SubscriptionStatus::Off,
            Some("error") => SubscriptionStatus::Error,
            _ => SubscriptionStatus::Requested,
        };
        if status == SubscriptionStatus::Requested {
            let told = self.subscriptions(caller)?;
            if told.len() >= MOST_SUBSCRIPTIONS && !told.iter().any(|other| other == id) {
                let message = format!("This server tells {MOST_SUBSCRIPTIONS} subscriptions at once; set one to off first.");
                return Err(refused(Issue::error(IssueCode::TooCostly, "Subscription.status", message)));
            }
        }
        let mut lines = Vec::new();
        for line in channel.get("header").into_iter().flat_map(|list| list.each()) {
            lines.push(self.sealed_header(id, &endpoint, &line.as_str().unwrap_or_default())?);
        }
        let went_on = was.filter(|was| was.method != Method::Delete).and_then(|was| Document::read(&was.text).ok()).is_some_and(|was| was.root().string("status").as_deref() != Some("off"));
        let state = self.subscription_state(id)?;
        if let Some(number) = super::passed_over(body).filter(|_| status == SubscriptionStatus::Requested) {
            let next = state.as_ref().filter(|_| went_on).map(|state| state.events + 1);
            if next != Some(number) {
                let message = match next {
                    Some(next) => format!("The event that waits is number {next}; only that one can be passed over. Leave the extension subscription-passes-over out, or name it."),
                    None => "No event waits for this subscription, so none can be passed over. Leave the extension subscription-passes-over out.".to_owned(),
                };
                return Err(refused(Issue::error(IssueCode::BusinessRule, "Subscription.extension", message)));
            }
        }
        if !went_on && state.is_some() {
            // What happened while it was off or gone is nobody's; after an error it is still owed.
            self.keep_subscription_state(id, &SubscriptionState::beginning(Place::before(self.now())))?;
        }
        Ok(rewritten(body, caller.account.number, status, None, Some(&lines)))
    }

    /// Why nothing may be sent to an endpoint, if so. The operator may have changed the list since it was written.
    pub fn may_be_told(&self, endpoint: &str) -> std::result::Result<(), Issue> {
        let wrong = |code, message: &str| Err(Issue::error(code, "Subscription.channel.endpoint", message));
        let Some(origin) = origin(endpoint) else {
            return wrong(IssueCode::Value, "The endpoint is an address as https://system.example/hook, without user, fragment or spaces.");
        };
        if !is_listed(&origin, &self.inner.settings.subscription_targets) {
            return wrong(IssueCode::Security, "This server sends nothing to that origin. Its operator can allow it: subscription_targets in carnet.toml.");
        }
        if is_overheard(&origin) {
            return wrong(IssueCode::Security, "Notifications leave this machine by https only.");
        }
        Ok(())
    }

    fn sealed_header(&self, id: &str, endpoint: &str, line: &str) -> Result<String> {
        let wrong = |message: &str| Error::Refused(vec![Issue::error(IssueCode::Value, "Subscription.channel.header", message)]);
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("A header is a line, as Authorization: Bearer abc."))?;
        let (name, value) = (name.trim(), value.trim());
        let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token || value.bytes().any(|byte| byte < 0x20 || byte == 0x7f || !byte.is_ascii()) || line.len() > 4096 {
            return Err(wrong("A header is a name, a colon and a value of ASCII, at most 4096 letters."));
        }
        if NOT_YOURS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(wrong("That header is the server's own."));
        }
        if let Some(sealed) = value.strip_prefix(SEALED) {
            // What was read back is written again: it must still be of this subscription and endpoint.
            return match self.store().open_cursor(about(id, endpoint).as_bytes(), sealed) {
                Some(_) => Ok(line.to_owned()),
                None => Err(wrong("A sealed header belongs to another subscription or endpoint; give its value anew.")),
            };
        }
        Ok(format!("{name}: {SEALED}{}", self.store().seal_cursor(about(id, endpoint).as_bytes(), value.as_bytes())))
    }
}

fn about(id: &str, endpoint: &str) -> String {
    format!("subscription header {id} {endpoint}")
}

/// Name and value of a header as it is kept.
pub(super) fn opened_header(chart: &Chart, id: &str, endpoint: &str, line: &str) -> Result<(String, String)> {
    let (name, value) = line.split_once(": ").unwrap_or((line, ""));
    let sealed = value.strip_prefix(SEALED).unwrap_or_default();
    let opened = chart.store().open_cursor(about(id, endpoint).as_bytes(), sealed).and_then(|bytes| String::from_utf8(bytes).ok());
    Ok((name.to_owned(), opened.ok_or(store::Error::Damaged("a sealed header does not open"))?))
}

/// How a channel's notifications look.
pub(super) fn telling(channel: Value<'_>, is_topic: bool) -> std::result::Result<Telling, Issue> {
    let payload = channel.string("payload");
    if !matches!(payload.as_deref(), None | Some("" | "application/fhir+json" | "application/json")) {
        return Err(Issue::error(IssueCode::NotSupported, "Subscription.channel.payload", "The payload is application/fhir+json, or absent for an empty message."));
    }
    let content = channel.get("_payload").and_then(|element| extension(element, "backport-payload-content")).map(|one| one.string("valueCode").unwrap_or_default().into_owned());
    match (content.as_deref(), payload.is_some()) {
        (Some("empty"), _) => Ok(Telling::BundleEmpty),
        (Some("id-only"), _) => Ok(Telling::BundleIds),
        (Some("full-resource"), _) => Ok(Telling::BundleResources),
        (Some(_), _) => Err(Issue::error(IssueCode::Value, "Subscription.channel.payload", "backport-payload-content is empty, id-only or full-resource.")),
        (None, _) if is_topic => Err(Issue::error(IssueCode::Required, "Subscription.channel.payload", "A subscription to a topic says how much is told: the extension backport-payload-content on payload, with empty, id-only or full-resource.")),
        (None, true) => Ok(Telling::Resource),
        (None, false) => Ok(Telling::Ping),
    }
}

/// The query, if it holds nothing that only makes sense for a page of results.
pub(super) fn only_criteria(query: Query) -> std::result::Result<Query, Issue> {
    let is_page = query.count.is_some() || query.total.is_some() || !query.sort.is_empty() || !query.includes.is_empty() || query.summary.is_some() || !query.elements.is_empty() || query.explain || query.contained != Contained::False;
    if query.asks_for_parts() {
        return Err(Issue::error(IssueCode::NotSupported, "Subscription.criteria", "Criteria hold no :below or :above of references: what is part of a place may change while a subscription waits."));
    }
    match is_page {
        true => Err(Issue::error(IssueCode::NotSupported, "Subscription.criteria", "Criteria hold no _count, _sort, _include, _contained and the like: a subscription has no pages.")),
        false => Ok(query),
    }
}

/// A stored Subscription with another status; headers stay sealed as they are.
pub(super) fn with_status(body: Value<'_>, owner: u64, status: SubscriptionStatus, error: Option<&str>) -> String {
    rewritten(body, owner, status, error, None)
}

/// The extension by which an owner gives an event up holds until it was done, and until the subscription ends.
fn keeps_passing_over(body: Value<'_>, status: SubscriptionStatus) -> bool {
    match status {
        SubscriptionStatus::Requested => true,
        SubscriptionStatus::Active => body.string("status").as_deref() == Some("requested"),
        SubscriptionStatus::Error | SubscriptionStatus::Off => false,
    }
}

fn rewritten(body: Value<'_>, owner: u64, status: SubscriptionStatus, error: Option<&str>, headers: Option<&[String]>) -> String {
    let mut out = String::with_capacity(body.raw().len() + 256);
    out.push('{');
    for (name, member) in body.members() {
        if matches!(&*name, "status" | "_status" | "error" | "_error" | "extension") {
            continue;
        }
        write_string(&name, &mut out);
        out.push(':');
        match (&*name, headers) {
            ("channel", Some(lines)) => write_channel(member, lines, &mut out),
            _ => out.push_str(member.raw()),
        }
        out.push(',');
    }
    out.push_str("\"status\":");
    write_string(status.code(), &mut out);
    if let Some(error) = error {
        out.push_str(",\"error\":");
        write_string(error, &mut out);
    }
    out.push_str(",\"extension\":[");
    let others = body.get("extension").into_iter().flat_map(|list| list.items()).filter(|one| match one.string("url").as_deref() {
        Some(OWNER) => false,
        Some(PASSES_OVER) => keeps_passing_over(body, status),
        _ => true,
    });
    for one in others {
        out.push_str(one.raw());
        out.push(',');
    }
    out.push_str(&format!("{{\"url\":\"{OWNER}\",\"valueString\":\"{owner}\"}}]}}"));
    out
}

fn write_channel(channel: Value<'_>, lines: &[String], out: &mut String) {
    out.push('{');
    for (place, (name, member)) in channel.members().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_string(&name, out);
        out.push(':');
        if name != "header" {
            out.push_str(member.raw());
            continue;
        }
        out.push('[');
        for (place, line) in lines.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            write_string(line, out);
        }
        out.push(']');
    }
    out.push('}');
}
