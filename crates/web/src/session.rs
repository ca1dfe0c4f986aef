//! Who is signed in: sessions in memory, proofs for forms, and patience with wrong passwords.
//!
//! * A session ends after half an hour without a request and after twelve hours in any case.
//! * Its id is 256 random bits, new at every sign-in, and never leaves the cookie.
//! * Failed sign-ins slow down their own login and nobody else's.
//! * Time and chance enter as arguments.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use access::{Account, Caller, Purpose, Session};
use fhir::Moment;
use parking_lot::Mutex;
use seal::Chance;

/// A session lasts this long without a request.
const IDLE_MS: i64 = 30 * 60_000;
/// So many sign-ins may fail before a login has to wait.
const FREE_ATTEMPTS: u32 = 5;
/// The first wait; each further failure doubles it.
const FIRST_WAIT_MS: i64 = 60_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// Failures are forgotten after this time without one.
const FORGET_MS: i64 = 60 * 60_000;
/// How many logins are remembered; beyond, the oldest failure is forgotten.
const REMEMBERED: usize = 10_000;

/// What a session holds.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who asks, for the door.
    pub caller: Caller,
    /// Proof that a form came from a page of this session.
    pub token: String,
    /// What was searched last, so that going back to the results works.
    pub query: String,
    used: Moment,
}

/// All sessions of this process.
#[derive(Default)]
pub struct Sessions {
    entries: Mutex<HashMap<String, Entry>>,
    failures: Mutex<HashMap<u64, Failure>>,
    hasher: RandomState,
}

struct Failure {
    count: u32,
    last: Moment,
    wait_until: Moment,
}

impl Sessions {
    /// Opens a session and says its id.
    pub fn open(&self, account: Account, now: Moment, chance: &mut dyn Chance) -> String {
        let id = random_hex(chance);
        let mut number = [0; 8];
        chance.fill(&mut number);
        let session = Session { number: u64::from_le_bytes(number), began: now };
        let entry = Entry { caller: Caller { account, purpose: Purpose::Treatment, session }, token: random_hex(chance), query: String::new(), used: now };
        let mut entries = self.entries.lock();
        entries.retain(|_, entry| is_alive(entry, now));
        entries.insert(id.clone(), entry);
        id
    }

    /// The session of an id, if it is still alive; asking keeps it so.
    pub fn find(&self, id: &str, now: Moment) -> Option<Entry> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(id)?;
        if !is_alive(entry, now) {
            entries.remove(id);
            return None;
        }
        entry.used = now;
        Some(entry.clone())
    }

    /// Remembers what was searched.
    pub fn remember_query(&self, id: &str, query: &str) {
        if let Some(entry) = self.entries.lock().get_mut(id) {
            query.clone_into(&mut entry.query);
        }
    }

    /// Ends a session.
    pub fn close(&self, id: &str) {
        self.entries.lock().remove(id);
    }

    /// How long a login has to wait before its next attempt; none where it may try now.
    pub fn wait_of(&self, login: &str, now: Moment) -> Option<i64> {
        let failures = self.failures.lock();
        let failure = failures.get(&self.key(login))?;
        (failure.wait_until > now).then_some(failure.wait_until.0 - now.0)
    }

    /// Notes a failed sign-in.
    pub fn failed(&self, login: &str, now: Moment) {
        let mut failures = self.failures.lock();
        if failures.len() >= REMEMBERED {
            failures.retain(|_, failure| now.0 - failure.last.0 < FORGET_MS);
        }
        if failures.len() >= REMEMBERED
            && let Some(oldest) = failures.iter().min_by_key(|(_, failure)| failure.last).map(|(key, _)| *key)
        {
            failures.remove(&oldest);
        }
        let failure = failures.entry(self.key(login)).or_insert(Failure { count: 0, last: now, wait_until: now });
        if now.0 - failure.last.0 >= FORGET_MS {
            failure.count = 0;
        }
        failure.count += 1;
        failure.last = now;
        if failure.count >= FREE_ATTEMPTS {
            let doubled = FIRST_WAIT_MS.saturating_mul(1 << (failure.count - FREE_ATTEMPTS).min(10));
            failure.wait_until = Moment(now.0 + doubled.min(LONGEST_WAIT_MS));
        }
    }

    /// Forgets the failures of a login that has signed in.
    pub fn succeeded(&self, login: &str) {
        self.failures.lock().remove(&self.key(login));
    }

    /// A digest: people type passwords into the wrong field, and those are not kept.
    fn key(&self, login: &str) -> u64 {
        self.hasher.hash_one(login.trim().to_lowercase())
    }
}

fn is_alive(entry: &Entry, now: Moment) -> bool {
    now.0 - entry.used.0 < IDLE_MS && entry.caller.session.lasts_at(now)
}

/// 256 random bits as 64 signs.
pub fn random_hex(chance: &mut dyn Chance) -> String {
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares without telling by its time where two texts differ. An empty proof proves nothing.
pub fn is_same(one: &str, other: &str) -> bool {
    if one.is_empty() || one.len() != other.len() {
        return false;
    }
    std::hint::black_box(one.bytes().zip(other.bytes()).fold(0, |difference, (left, right)| difference | (left ^ right))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn account() -> Account {
        Account { number: 1, login: "l".into(), display: "D".into(), role: access::Role::Physician, institution: "I".into(), language: "es".into() }
    }

    fn chance() -> impl Chance {
        let mut next = 0u8;
        move |bytes: &mut [u8]| {
            next += 1;
            bytes.fill(next);
        }
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_twelve_hours_anyway() {
        let sessions = Sessions::default();
        let mut chance = chance();
        let id = sessions.open(account(), Moment(0), &mut chance);
        assert_eq!(id.len(), 64);
        assert!(sessions.find(&id, Moment(29 * MINUTE)).is_some());
        assert!(sessions.find(&id, Moment(58 * MINUTE)).is_some());
        assert!(sessions.find(&id, Moment(88 * MINUTE)).is_none());
        let other = sessions.open(account(), Moment(0), &mut chance);
        assert_ne!(other, id);
        for minutes in (0..720).step_by(20) {
            assert!(sessions.find(&other, Moment(minutes * MINUTE)).is_some(), "{minutes}");
        }
        assert!(sessions.find(&other, Moment(720 * MINUTE)).is_none());
    }

    #[test]
    fn a_closed_session_is_gone_and_an_invented_one_never_was() {
        let sessions = Sessions::default();
        let id = sessions.open(account(), Moment(0), &mut chance());
        sessions.close(&id);
        assert!(sessions.find(&id, Moment(1)).is_none());
        assert!(sessions.find("", Moment(1)).is_none());
    }

    #[test]
    fn wrong_passwords_slow_down_their_own_login_only() {
        let sessions = Sessions::default();
        for attempt in 0..4 {
            sessions.failed("ana", Moment(attempt));
            assert_eq!(sessions.wait_of("ana", Moment(attempt)), None);
        }
        sessions.failed("ana", Moment(4));
        assert_eq!(sessions.wait_of("Ana ", Moment(4)), Some(MINUTE));
        assert_eq!(sessions.wait_of("ruiz", Moment(4)), None);
        assert_eq!(sessions.wait_of("ana", Moment(4 + MINUTE)), None);
        sessions.failed("ana", Moment(4 + MINUTE));
        assert_eq!(sessions.wait_of("ana", Moment(4 + MINUTE)), Some(2 * MINUTE));
        sessions.succeeded("ana");
        assert_eq!(sessions.wait_of("ana", Moment(4 + MINUTE)), None);
    }

    #[test]
    fn proofs_are_compared_whole() {
        assert!(is_same("abc", "abc"));
        for (one, other) in [("abc", "abd"), ("abc", "ab"), ("", ""), ("", "a")] {
            assert!(!is_same(one, other));
        }
    }
}
