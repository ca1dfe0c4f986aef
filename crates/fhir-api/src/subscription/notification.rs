//! What a notification says: Bundles and Parameters of the Subscriptions R5 Backport for R4.
//! https://hl7.org/fhir/uv/subscriptions-backport/notifications.html

use chart::{Event, Method, Subscribed, Telling};
use fhir::splice::write_string;
use std::fmt::Write;

const PROFILES: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// An event with its number.
pub(crate) struct Numbered<'e> {
    pub number: u64,
    pub event: &'e Event,
}

/// Why a status is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Handshake,
    Heartbeat,
    EventNotification,
    QueryStatus,
    QueryEvent,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Kind::Handshake => "handshake",
            Kind::Heartbeat => "heartbeat",
            Kind::EventNotification => "event-notification",
            Kind::QueryStatus => "query-status",
            Kind::QueryEvent => "query-event",
        }
    }
}

/// Everything a notification is made of.
pub(crate) struct Notification<'n> {
    pub base: &'n str,
    pub subscribed: &'n Subscribed,
    pub kind: Kind,
    pub status: &'n str,
    /// How many events there have been, these included.
    pub events_so_far: u64,
    pub events: &'n [Numbered<'n>],
    pub telling: Telling,
    /// When it is made, as an instant.
    pub at: &'n str,
    /// A UUID for the status.
    pub uuid: &'n str,
}

impl Notification<'_> {
    /// The whole Bundle.
    pub fn bundle(&self) -> String {
        let mut out = String::with_capacity(1024);
        let _ = write!(
            out,
            "{{\"resourceType\":\"Bundle\",\"meta\":{{\"profile\":[\"{PROFILES}backport-subscription-notification-r4\"]}},\"type\":\"history\",\"timestamp\":\"{}\",\"entry\":[{{\"fullUrl\":\"urn:uuid:{}\",\"resource\":",
            self.at, self.uuid
        );
        self.write_status(&mut out);
        let _ = write!(out, ",\"request\":{{\"method\":\"GET\",\"url\":\"{}/Subscription/{}/$status\"}},\"response\":{{\"status\":\"200\"}}}}", self.base, self.subscribed.id);
        if self.telling != Telling::BundleEmpty {
            self.events.iter().for_each(|one| self.write_entry(&one.event.stored, &mut out));
        }
        out.push_str("]}");
        out
    }

    /// The status alone, as Parameters.
    pub fn write_status(&self, out: &mut String) {
        let _ = write!(
            out,
            "{{\"resourceType\":\"Parameters\",\"id\":\"{}\",\"meta\":{{\"profile\":[\"{PROFILES}backport-subscription-status-r4\"]}},\"parameter\":[{{\"name\":\"subscription\",\"valueReference\":{{\"reference\":\"{}/Subscription/{}\"}}}}",
            self.uuid, self.base, self.subscribed.id
        );
        if let Some(topic) = self.subscribed.topic {
            out.push_str(",{\"name\":\"topic\",\"valueCanonical\":");
            write_string(topic, out);
            out.push('}');
        }
        let _ = write!(
            out,
            ",{{\"name\":\"status\",\"valueCode\":\"{}\"}},{{\"name\":\"type\",\"valueCode\":\"{}\"}},{{\"name\":\"events-since-subscription-start\",\"valueString\":\"{}\"}}",
            self.status,
            self.kind.code(),
            self.events_so_far
        );
        for one in self.events {
            let stored = &one.event.stored;
            let _ = write!(
                out,
                ",{{\"name\":\"notification-event\",\"part\":[{{\"name\":\"event-number\",\"valueString\":\"{}\"}},{{\"name\":\"timestamp\",\"valueInstant\":\"{}\"}}",
                one.number, stored.last_updated
            );
            if self.telling != Telling::BundleEmpty {
                let _ = write!(out, ",{{\"name\":\"focus\",\"valueReference\":{{\"reference\":\"{}/{}/{}\"}}}}", self.base, stored.kind, stored.id);
            }
            out.push_str("]}");
        }
        out.push_str("]}");
    }

    fn write_entry(&self, stored: &chart::Stored, out: &mut String) {
        let _ = write!(out, ",{{\"fullUrl\":\"{}/{}/{}\"", self.base, stored.kind, stored.id);
        if self.telling == Telling::BundleResources {
            out.push_str(",\"resource\":");
            out.push_str(&stored.text);
        }
        let is_new = stored.method == Method::Create;
        let (method, status) = if is_new { ("POST", "201") } else { ("PUT", "200") };
        let _ = write!(out, ",\"request\":{{\"method\":\"{method}\",\"url\":\"{}", stored.kind);
        if !is_new {
            let _ = write!(out, "/{}", stored.id);
        }
        let _ = write!(out, "\"}},\"response\":{{\"status\":\"{status}\"}}}}");
    }
}
