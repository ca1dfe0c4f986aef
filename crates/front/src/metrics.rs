//! What is counted. Labels come from fixed lists: no name, path or id can become one.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use access::Urgency;
use http::StatusCode;

/// Upper bounds of the latencies counted, in milliseconds.
const BOUNDS_MS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000, 30_000];

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

#[derive(Default)]
struct OfRank {
    /// By the first digit of the status.
    by_class: [Count; 6],
    within: [Count; BOUNDS_MS.len()],
    total_us: AtomicU64,
    shed: Count,
}

/// All counts of the way in.
#[derive(Default)]
pub struct Metrics {
    /// The last one is for what has no rank: health, assets.
    ranks: [OfRank; Urgency::ALL.len() + 1],
    pub(crate) accepted: Count,
    pub(crate) displaced: Count,
    pub(crate) turned_away: Count,
    pub(crate) handshakes_failed: Count,
    pub(crate) slow_headers: Count,
    pub(crate) slow_bodies: Count,
    pub(crate) slow_readers: Count,
    pub(crate) idle_ended: Count,
    pub(crate) throttled_addresses: Count,
    pub(crate) throttled_accounts: Count,
    pub(crate) csp_reports: Count,
}

impl Metrics {
    fn of(&self, rank: Option<Urgency>) -> &OfRank {
        &self.ranks[rank.map_or(Urgency::ALL.len(), |rank| rank as usize)]
    }

    pub(crate) fn answered(&self, rank: Option<Urgency>, status: StatusCode, took: Duration) {
        let of = self.of(rank);
        of.by_class[usize::from(status.as_u16() / 100).min(5)].add();
        let took_ms = took.as_millis() as u64;
        if let Some(place) = BOUNDS_MS.iter().position(|bound| took_ms < *bound) {
            of.within[place].add();
        }
        of.total_us.fetch_add(took.as_micros() as u64, Relaxed);
    }

    pub(crate) fn shed(&self, rank: Urgency) {
        self.of(Some(rank)).shed.add();
    }

    /// Everything, as Prometheus reads it, with what is true just now.
    /// https://prometheus.io/docs/instrumenting/exposition_formats/
    pub(crate) fn write(&self, now: &[(&str, &str, u64)]) -> String {
        let mut out = String::with_capacity(8192);
        let ranks = || Urgency::ALL.iter().map(|(_, word)| *word).chain(["none"]).zip(&self.ranks);
        head(&mut out, "carnet_requests_total", "counter", "Requests answered, by urgency and first digit of the status.");
        for (word, of) in ranks() {
            for (class, count) in of.by_class.iter().enumerate().skip(1) {
                let _ = writeln!(out, "carnet_requests_total{{rank=\"{word}\",status=\"{class}xx\"}} {}", count.get());
            }
        }
        head(&mut out, "carnet_request_seconds", "histogram", "From the last header of a request to the first byte of its answer.");
        for (word, of) in ranks() {
            let mut below = 0;
            for (bound, count) in BOUNDS_MS.iter().zip(&of.within) {
                below += count.get();
                let _ = writeln!(out, "carnet_request_seconds_bucket{{rank=\"{word}\",le=\"{}\"}} {below}", *bound as f64 / 1000.0);
            }
            let all: u64 = of.by_class.iter().map(Count::get).sum();
            let _ = writeln!(out, "carnet_request_seconds_bucket{{rank=\"{word}\",le=\"+Inf\"}} {all}");
            let _ = writeln!(out, "carnet_request_seconds_sum{{rank=\"{word}\"}} {}", of.total_us.load(Relaxed) as f64 / 1e6);
            let _ = writeln!(out, "carnet_request_seconds_count{{rank=\"{word}\"}} {all}");
        }
        head(&mut out, "carnet_shed_total", "counter", "Requests refused with 503 because they could not begin in time.");
        for (word, of) in ranks().take(Urgency::ALL.len()) {
            let _ = writeln!(out, "carnet_shed_total{{rank=\"{word}\"}} {}", of.shed.get());
        }
        for (name, help, count) in [
            ("carnet_connections_accepted_total", "Connections accepted.", &self.accepted),
            ("carnet_connections_displaced_total", "Silent connections ended to make room.", &self.displaced),
            ("carnet_connections_turned_away_total", "Connections refused: too many of one address, or all are at work.", &self.turned_away),
            ("carnet_connections_idle_ended_total", "Connections ended because nothing came.", &self.idle_ended),
            ("carnet_handshakes_failed_total", "TLS handshakes that failed.", &self.handshakes_failed),
            ("carnet_slow_headers_total", "Connections ended because headers or handshake took too long.", &self.slow_headers),
            ("carnet_slow_bodies_total", "Requests refused because their body came too slowly.", &self.slow_bodies),
            ("carnet_slow_readers_total", "Connections ended because the answer was not taken.", &self.slow_readers),
            ("carnet_throttled_addresses_total", "Requests refused with 429 for their address.", &self.throttled_addresses),
            ("carnet_throttled_accounts_total", "Requests refused with 429 for their account.", &self.throttled_accounts),
            ("carnet_csp_reports_total", "Violations of the content security policy that browsers reported.", &self.csp_reports),
        ] {
            head(&mut out, name, "counter", help);
            let _ = writeln!(out, "{name} {}", count.get());
        }
        for (name, help, value) in now {
            head(&mut out, name, "gauge", help);
            let _ = writeln!(out, "{name} {value}");
        }
        out
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_only_grows_and_ends_with_all() {
        let metrics = Metrics::default();
        for (ms, status) in [(0, 200), (3, 200), (70_000, 503)] {
            metrics.answered(Some(Urgency::Read), StatusCode::from_u16(status).unwrap(), Duration::from_millis(ms));
        }
        let text = metrics.write(&[("carnet_connections", "Open.", 3)]);
        for line in [
            "carnet_requests_total{rank=\"read\",status=\"2xx\"} 2",
            "carnet_requests_total{rank=\"read\",status=\"5xx\"} 1",
            "carnet_request_seconds_bucket{rank=\"read\",le=\"0.001\"} 1",
            "carnet_request_seconds_bucket{rank=\"read\",le=\"0.005\"} 2",
            "carnet_request_seconds_bucket{rank=\"read\",le=\"30\"} 2",
            "carnet_request_seconds_bucket{rank=\"read\",le=\"+Inf\"} 3",
            "carnet_request_seconds_count{rank=\"read\"} 3",
            "carnet_connections 3",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        let is_sound = |line: &str| line.starts_with("# ") || line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(text.lines().all(is_sound));
    }
}
