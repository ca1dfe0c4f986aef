//! Who is signed in: sessions in memory, and proofs for forms.
//!
//! * A session ends when nobody uses it for a while, and after twelve hours in any case.
//! * Its id is 256 random bits, new at every step of signing in, and never leaves the cookie.
//! * A session that has not yet shown its second factor opens nothing but the way to it.
//! * Time and chance enter as arguments.

use std::collections::HashMap;
use std::fmt::Write;

use access::{Account, Caller, Purpose, Session};
use chart::SignedIn;
use fhir::Moment;
use parking_lot::Mutex;
use seal::Chance;

use crate::browser::Browser;

/// How long somebody may take for the second factor.
const STEP_MS: i64 = 10 * 60_000;

/// How far somebody has come in signing in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// All the way.
    Whole,
    /// The password was right, the code is wanted.
    Code,
    /// The password was right, and the institution wants a second factor to be added first.
    Enrolment,
    /// The same, where it wants a passkey.
    Passkey,
}

/// What a session holds.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who asks, for the door.
    pub caller: Caller,
    /// The era of the account in which it began.
    pub era: u64,
    /// How far it has come.
    pub stage: Stage,
    /// Proof that a form came from a page of this session.
    pub token: String,
    /// What was searched last, so that going back to the results works.
    pub query: String,
    /// The page of a record that was opened last, so that its reader goes on there at another workstation;
    /// empty before the first.
    pub place: String,
    /// The secret of a second factor that is being added.
    pub secret: Option<Vec<u8>>,
    /// What is shown until its reader has kept it.
    pub once: Option<Once>,
    /// The browser it began in.
    pub browser: Browser,
    /// When it was used last.
    pub used: Moment,
}

/// What is made once and kept nowhere else: it is shown again when the page is, as in another
/// language, until its reader goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Once {
    /// The recovery codes of a second factor that was just added.
    Recovery(Vec<String>),
    /// The code with which a person makes an account.
    Slip {
        /// The id of the Patient.
        patient: String,
        /// The code; none where it was sent.
        code: Option<String>,
        /// Where it was sent, as far as that may be shown.
        sent_to: Option<String>,
        /// Until when it may be used.
        until: Moment,
    },
}

/// All sessions of this process.
pub struct Sessions {
    entries: Mutex<HashMap<String, Entry>>,
    idle_ms: i64,
}

impl Sessions {
    /// No sessions yet; each will last so long without a request.
    pub fn new(idle_minutes: u32) -> Sessions {
        Sessions { entries: Mutex::default(), idle_ms: i64::from(idle_minutes) * 60_000 }
    }

    /// Opens a session and says its id.
    pub fn open(&self, SignedIn { account, era }: SignedIn, stage: Stage, browser: Browser, now: Moment, chance: &mut dyn Chance) -> String {
        let id = random_hex(chance);
        let mut number = [0; 8];
        chance.fill(&mut number);
        let session = Session { number: u64::from_le_bytes(number), began: now };
        let purpose = Purpose::usual(account.role);
        let caller = Caller { account, purpose, session, grant: None };
        let entry = Entry { caller, era, stage, token: random_hex(chance), query: String::new(), place: String::new(), secret: None, once: None, browser, used: now };
        let mut entries = self.entries.lock();
        entries.retain(|_, entry| self.is_alive(entry, now));
        entries.insert(id.clone(), entry);
        id
    }

    /// The session of an id, if it is still alive; asking keeps it so.
    pub fn find(&self, id: &str, now: Moment) -> Option<Entry> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(id)?;
        if !self.is_alive(entry, now) {
            entries.remove(id);
            return None;
        }
        entry.used = now;
        Some(entry.clone())
    }

    /// The sessions of an account in its era that have come all the way, the last used first.
    pub fn of(&self, account: &Account, era: u64, now: Moment) -> Vec<Entry> {
        let entries = self.entries.lock();
        let is_theirs = |entry: &&Entry| entry.caller.account.number == account.number && entry.era == era && entry.stage == Stage::Whole && self.is_alive(entry, now);
        let mut found: Vec<Entry> = entries.values().filter(is_theirs).cloned().collect();
        found.sort_by_key(|entry| (std::cmp::Reverse(entry.used), entry.caller.session.number));
        found
    }

    /// Remembers what was searched.
    pub fn remember_query(&self, id: &str, query: &str) {
        if let Some(entry) = self.entries.lock().get_mut(id) {
            query.clone_into(&mut entry.query);
        }
    }

    /// Remembers which page of a record was opened.
    pub fn remember_place(&self, id: &str, place: &str) {
        if let Some(entry) = self.entries.lock().get_mut(id) {
            place.clone_into(&mut entry.place);
        }
    }

    /// Ends the session of an account with that number, and gives the one of `id` what was searched there. Says where
    /// its reader was, or "/"; none where there is no such session, or it is the same one.
    pub fn take_over(&self, account: &Account, number: u64, id: &str) -> Option<String> {
        let mut entries = self.entries.lock();
        let is_it = |other: &String, entry: &Entry| other != id && entry.caller.account.number == account.number && entry.caller.session.number == number && entry.stage == Stage::Whole;
        let other = entries.iter().find(|(other, entry)| is_it(other, entry)).map(|(other, _)| other.clone())?;
        let there = entries.remove(&other)?;
        if let Some(entry) = entries.get_mut(id) {
            entry.query = there.query;
        }
        Some(if there.place.is_empty() { "/".to_owned() } else { there.place })
    }

    /// Remembers the secret of a second factor that is being added.
    pub fn remember_secret(&self, id: &str, secret: &[u8]) {
        if let Some(entry) = self.entries.lock().get_mut(id) {
            entry.secret = Some(secret.to_vec());
        }
    }

    /// Keeps what is shown once, or lets go of it.
    pub fn keep_once(&self, id: &str, once: Option<Once>) {
        if let Some(entry) = self.entries.lock().get_mut(id) {
            entry.once = once;
        }
    }

    /// Ends a session.
    pub fn close(&self, id: &str) {
        self.entries.lock().remove(id);
    }

    /// Ends the session of an account with that number. True if there was one.
    pub fn close_one(&self, account: &Account, number: u64) -> bool {
        let mut entries = self.entries.lock();
        let before = entries.len();
        entries.retain(|_, entry| entry.caller.account.number != account.number || entry.caller.session.number != number);
        entries.len() < before
    }

    /// Ends all sessions of an account but the one of that id.
    pub fn close_others(&self, account: &Account, id: &str) {
        self.entries.lock().retain(|other, entry| entry.caller.account.number != account.number || other == id);
    }

    fn is_alive(&self, entry: &Entry, now: Moment) -> bool {
        let began = entry.caller.session.began;
        let in_time = entry.stage == Stage::Whole || now.0 - began.0 < STEP_MS;
        in_time && now.0 - entry.used.0 < self.idle_ms && entry.caller.session.lasts_at(now)
    }
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
    use access::Role;

    const MINUTE: i64 = 60_000;

    fn signed_in(number: u64) -> SignedIn {
        SignedIn { account: Account { number, login: "l".into(), display: "D".into(), role: Role::Physician, institution: "I".into(), language: "es".into() }, era: 0 }
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
        let sessions = Sessions::new(15);
        let mut chance = chance();
        let id = sessions.open(signed_in(1), Stage::Whole, Browser::Firefox, Moment(0), &mut chance);
        assert_eq!(id.len(), 64);
        assert!(sessions.find(&id, Moment(14 * MINUTE)).is_some());
        assert!(sessions.find(&id, Moment(28 * MINUTE)).is_some());
        assert!(sessions.find(&id, Moment(43 * MINUTE)).is_none());
        let other = sessions.open(signed_in(1), Stage::Whole, Browser::Firefox, Moment(0), &mut chance);
        assert_ne!(other, id);
        for minutes in (0..720).step_by(10) {
            assert!(sessions.find(&other, Moment(minutes * MINUTE)).is_some(), "{minutes}");
        }
        assert!(sessions.find(&other, Moment(720 * MINUTE)).is_none());
    }

    #[test]
    fn a_closed_session_is_gone_and_an_invented_one_never_was() {
        let sessions = Sessions::new(15);
        let id = sessions.open(signed_in(1), Stage::Whole, Browser::Firefox, Moment(0), &mut chance());
        sessions.close(&id);
        assert!(sessions.find(&id, Moment(1)).is_none());
        assert!(sessions.find("", Moment(1)).is_none());
    }

    #[test]
    fn the_second_step_has_ten_minutes_however_busy() {
        let sessions = Sessions::new(15);
        let id = sessions.open(signed_in(1), Stage::Code, Browser::Firefox, Moment(0), &mut chance());
        assert!(sessions.find(&id, Moment(5 * MINUTE)).is_some());
        assert!(sessions.find(&id, Moment(10 * MINUTE)).is_none());
    }

    #[test]
    fn each_account_sees_and_ends_its_own_sessions_only() {
        let sessions = Sessions::new(15);
        let mut chance = chance();
        let mut open = |number, at| sessions.open(signed_in(number), Stage::Whole, Browser::Chrome, Moment(at), &mut chance);
        let (first, second, third, others) = (open(1, 0), open(1, 1), open(1, 2), open(2, 3));
        let account = signed_in(1).account;
        let list = sessions.of(&account, 0, Moment(4));
        assert!(sessions.of(&account, 1, Moment(4)).is_empty());
        assert_eq!(list.iter().map(|entry| entry.used.0).collect::<Vec<_>>(), [2, 1, 0]);
        let number_of = |id: &str| sessions.find(id, Moment(5)).unwrap().caller.session.number;
        assert!(!sessions.close_one(&account, number_of(&others)));
        assert!(sessions.close_one(&account, number_of(&first)));
        sessions.close_others(&account, &second);
        let alive = [&first, &second, &third, &others].map(|id| sessions.find(id, Moment(6)).is_some());
        assert_eq!(alive, [false, true, false, true]);
    }

    #[test]
    fn proofs_are_compared_whole() {
        assert!(is_same("abc", "abc"));
        for (one, other) in [("abc", "abd"), ("abc", "ab"), ("", ""), ("", "a")] {
            assert!(!is_same(one, other));
        }
    }
}
