//! How much is too much. One field, one line in the operator's manual.

use serde::{Deserialize, Serialize};

/// What an operator may change about the way in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at one time; beyond, the one that has been idle the longest makes room.
    pub connections: usize,
    /// Connections of one address (of one /64 network with IPv6) at one time.
    pub connections_per_address: usize,
    /// Bytes of a request's line and headers.
    pub header_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Seconds for a request's headers to arrive, and for a TLS handshake.
    pub header_s: u64,
    /// Seconds a connection may lie idle between two requests.
    pub idle_s: u64,
    /// After `grace_s`, bodies come and answers are taken at no fewer bytes a second than this.
    pub pace_bytes_s: u64,
    /// Seconds before the pace counts.
    pub grace_s: u64,
    /// Requests at work at one time.
    pub at_work: usize,
    /// Requests that may wait for one of these places.
    pub waiting: usize,
    /// Milliseconds a request may wait before it is refused.
    pub wait_ms: u64,
    /// Requests a second from one address, on average over [`BURST_S`] seconds; 0: no limit.
    pub requests_per_address: u32,
    /// Requests a second of one person's account; 0: no limit.
    pub requests_per_person: u32,
    /// Requests a second of one connected system's account; 0: no limit.
    pub requests_per_system: u32,
}

/// So many seconds' worth of requests may come at once.
pub(crate) const BURST_S: u32 = 10;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 2000,
            connections_per_address: 256,
            header_bytes: 48 * 1024,
            headers: 100,
            header_s: 10,
            idle_s: 75,
            pace_bytes_s: 1024,
            grace_s: 10,
            at_work: 64,
            waiting: 1024,
            wait_ms: 1000,
            requests_per_address: 1000,
            requests_per_person: 50,
            requests_per_system: 1000,
        }
    }
}

impl Limits {
    /// What is wrong with these numbers; none where all is well.
    pub fn fault(&self) -> Option<&'static str> {
        match self {
            Limits { connections: ..1, .. } => Some("connections is at least 1"),
            Limits { connections_per_address: ..1, .. } => Some("connections_per_address is at least 1"),
            Limits { header_bytes: ..8192, .. } => Some("header_bytes is at least 8192"),
            Limits { headers: ..16, .. } => Some("headers is at least 16"),
            Limits { header_s: ..1, .. } | Limits { idle_s: ..1, .. } | Limits { grace_s: ..1, .. } => Some("header_s, idle_s and grace_s are at least 1"),
            Limits { pace_bytes_s: ..1, .. } => Some("pace_bytes_s is at least 1"),
            Limits { at_work: ..8, .. } => Some("at_work is at least 8"),
            Limits { waiting: ..1, .. } => Some("waiting is at least 1"),
            _ => None,
        }
    }
}
