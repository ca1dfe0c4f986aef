//! What each connection is doing, and since when; and who must leave.
//!
//! One walk over all connections every half second finds those that take too long. A
//! connection has no timer of its own: ten thousand idle ones cost a walk, not ten thousand
//! wake-ups.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::Limits;
use crate::metrics::Metrics;

/// How often all connections are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a connection is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Agreeing on keys, or sending the line and headers of a request.
    Asking,
    /// Being served.
    Served,
    /// Between two requests.
    Idle,
}

/// One connection.
pub(crate) struct Pulse {
    began: Instant,
    phase: AtomicU8,
    since_ms: AtomicU64,
    /// Since when the other side takes nothing; 0 where it does.
    blocked_since_ms: AtomicU64,
    blocked_ms: AtomicU64,
    written_bytes: AtomicU64,
    end: Notify,
}

impl Pulse {
    fn new(began: Instant) -> Pulse {
        let pulse = Pulse {
            began,
            phase: AtomicU8::new(Phase::Asking as u8),
            since_ms: AtomicU64::new(0),
            blocked_since_ms: AtomicU64::new(0),
            blocked_ms: AtomicU64::new(0),
            written_bytes: AtomicU64::new(0),
            end: Notify::new(),
        };
        pulse.since_ms.store(pulse.now_ms(), Relaxed);
        pulse
    }

    /// Never 0.
    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64 + 1
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Asking,
            1 => Phase::Served,
            _ => Phase::Idle,
        }
    }

    /// A new phase begins.
    pub fn enter(&self, phase: Phase) {
        if phase == Phase::Served {
            self.written_bytes.store(0, Relaxed);
            self.blocked_ms.store(0, Relaxed);
        }
        self.since_ms.store(self.now_ms(), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// Bytes came: an idle connection begins to ask.
    pub fn heard(&self) {
        if self.phase() == Phase::Idle {
            self.enter(Phase::Asking);
        }
    }

    /// The other side took so many bytes.
    pub fn told(&self, bytes: usize) {
        self.written_bytes.fetch_add(bytes as u64, Relaxed);
        let since = self.blocked_since_ms.swap(0, Relaxed);
        if since > 0 {
            self.blocked_ms.fetch_add(self.now_ms().saturating_sub(since), Relaxed);
        }
    }

    /// The other side takes nothing for now.
    pub fn blocked(&self) {
        let _ = self.blocked_since_ms.compare_exchange(0, self.now_ms(), Relaxed, Relaxed);
    }

    /// Waits until somebody decides that this connection ends.
    pub async fn ended(&self) {
        self.end.notified().await;
    }

    /// True where, over `grace_s` of waiting for the other side, it took less than the pace. Each
    /// such stretch is judged by itself: what buffers swallowed at first is no credit for later.
    fn takes_too_little(&self, limits: &Limits, now: u64) -> bool {
        let since = self.blocked_since_ms.load(Relaxed);
        let blocked_ms = self.blocked_ms.load(Relaxed) + if since > 0 { now.saturating_sub(since) } else { 0 };
        if since == 0 || blocked_ms < limits.grace_s * 1000 {
            return false;
        }
        self.blocked_ms.store(0, Relaxed);
        self.blocked_since_ms.store(now, Relaxed);
        self.written_bytes.swap(0, Relaxed) < limits.pace_bytes_s * blocked_ms / 1000
    }

    /// Why this connection must end now.
    fn overdue(&self, limits: &Limits) -> Option<Overdue> {
        let now = self.now_ms();
        if self.takes_too_little(limits, now) {
            return Some(Overdue::Reading);
        }
        let waited_ms = now.saturating_sub(self.since_ms.load(Relaxed));
        match self.phase() {
            Phase::Asking if waited_ms > limits.header_s * 1000 => Some(Overdue::Asking),
            Phase::Idle if waited_ms > limits.idle_s * 1000 => Some(Overdue::Idle),
            _ => None,
        }
    }
}

/// What took too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overdue {
    /// Handshake, line or headers.
    Asking,
    /// Nothing came.
    Idle,
    /// The answer was not taken.
    Reading,
}

/// All connections.
pub(crate) struct Connections {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    all: HashMap<u64, (IpAddr, Arc<Pulse>)>,
    per_address: HashMap<IpAddr, usize>,
}

/// A connection's seat, free again when dropped.
pub(crate) struct Seat {
    number: u64,
    connections: Arc<Connections>,
    /// What it is doing.
    pub pulse: Arc<Pulse>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.inner.lock().leave(self.number);
    }
}

impl Inner {
    fn leave(&mut self, number: u64) {
        let Some((address, _)) = self.all.remove(&number) else { return };
        if let Some(count) = self.per_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&address);
            }
        }
    }

    /// Whom a newcomer may displace: the one who has been silent the longest.
    fn silent_longest(&self) -> Option<u64> {
        let silent = self.all.iter().filter(|(_, (_, pulse))| pulse.phase() != Phase::Served);
        // A connection that lies idle goes before one that has just begun to ask.
        silent.min_by_key(|(_, (_, pulse))| (pulse.phase() != Phase::Idle, pulse.began.checked_add(Duration::from_millis(pulse.since_ms.load(Relaxed))))).map(|(number, _)| *number)
    }
}

impl Connections {
    pub fn new(limits: Limits) -> Arc<Connections> {
        Arc::new(Connections { limits, inner: Mutex::default() })
    }

    /// A seat for a connection from there. A proxy brings many clients and is not counted.
    pub fn enter(self: &Arc<Connections>, address: IpAddr, is_proxy: bool, metrics: &Metrics) -> Option<Seat> {
        let address = network(address);
        let mut inner = self.inner.lock();
        if !is_proxy && inner.per_address.get(&address).is_some_and(|count| *count >= self.limits.connections_per_address) {
            return None;
        }
        if inner.all.len() >= self.limits.connections {
            let number = inner.silent_longest()?;
            if let Some((_, pulse)) = inner.all.get(&number) {
                pulse.end.notify_one();
            }
            inner.leave(number);
            metrics.displaced.add();
        }
        let number = inner.next;
        inner.next += 1;
        let pulse = Arc::new(Pulse::new(Instant::now()));
        inner.all.insert(number, (address, pulse.clone()));
        *inner.per_address.entry(address).or_default() += 1;
        drop(inner);
        Some(Seat { number, connections: self.clone(), pulse })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.inner.lock().all.len()
    }

    /// Ends those that take too long.
    pub fn look(&self, metrics: &Metrics) {
        let inner = self.inner.lock();
        for (_, pulse) in inner.all.values() {
            let Some(overdue) = pulse.overdue(&self.limits) else { continue };
            pulse.end.notify_one();
            match overdue {
                Overdue::Asking => metrics.slow_headers.add(),
                Overdue::Idle => metrics.idle_ended.add(),
                Overdue::Reading => metrics.slow_readers.add(),
            }
        }
    }
}

/// Who counts as one: an address, or the network a household or host gets with IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let mut octets = six.octets();
            octets[8..].fill(0);
            IpAddr::from(octets)
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { connections: 3, connections_per_address: 2, ..Limits::default() }
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[tokio::test]
    async fn one_address_cannot_take_all_and_the_idle_make_room() {
        let (connections, metrics) = (Connections::new(limits()), Metrics::default());
        let enter = |last| connections.enter(address(last), false, &metrics);
        let (first, second) = (enter(1).unwrap(), enter(1).unwrap());
        assert!(enter(1).is_none(), "two of one address are enough");
        assert!(connections.enter(address(1), true, &metrics).is_some(), "a proxy is not counted");
        let third = enter(2).unwrap();
        first.pulse.enter(Phase::Served);
        second.pulse.enter(Phase::Idle);
        third.pulse.enter(Phase::Served);
        let fourth = enter(3).unwrap();
        second.pulse.ended().await;
        fourth.pulse.enter(Phase::Served);
        assert!(enter(4).is_none(), "nobody who is served is displaced");
        assert_eq!(connections.count(), 3);
        drop((first, second, third, fourth));
        assert_eq!(connections.count(), 0);
        assert!(connections.inner.lock().per_address.is_empty());
    }

    /// As if so much time had passed.
    fn after(pulse: &mut Pulse, ms: u64) {
        pulse.began -= Duration::from_millis(ms);
    }

    #[test]
    fn each_phase_has_its_patience() {
        let limits = Limits::default();
        let mut pulse = Pulse::new(Instant::now());
        after(&mut pulse, 9_000);
        assert_eq!(pulse.overdue(&limits), None);
        after(&mut pulse, 2_000);
        assert_eq!(pulse.overdue(&limits), Some(Overdue::Asking));
        pulse.enter(Phase::Served);
        after(&mut pulse, 1_000_000);
        assert_eq!(pulse.overdue(&limits), None, "how long the work takes is not the client's fault");
        pulse.enter(Phase::Idle);
        after(&mut pulse, 74_000);
        assert_eq!(pulse.overdue(&limits), None);
        after(&mut pulse, 2_000);
        assert_eq!(pulse.overdue(&limits), Some(Overdue::Idle));
        pulse.heard();
        assert_eq!(pulse.overdue(&limits), None, "it asks again");
    }

    #[test]
    fn who_takes_an_answer_by_the_byte_is_not_waited_for() {
        let limits = Limits::default();
        for (first, bytes, expect) in [(0, 1, Some(Overdue::Reading)), (4 << 20, 1, Some(Overdue::Reading)), (4 << 20, 4096, None)] {
            let mut pulse = Pulse::new(Instant::now());
            pulse.enter(Phase::Served);
            pulse.told(first);
            pulse.blocked();
            let mut found = None;
            for _ in 0..60 {
                after(&mut pulse, 500);
                pulse.told(bytes);
                pulse.blocked();
                found = found.or(pulse.overdue(&limits));
            }
            assert_eq!(found, expect, "{first} bytes, then {bytes} each half second");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8::1"));
        assert_eq!(of("::ffff:203.0.113.1"), of("203.0.113.1"));
    }
}
