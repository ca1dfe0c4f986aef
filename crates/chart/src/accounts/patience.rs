//! Patience with wrong passwords, that nobody can use to lock somebody else out.
//!
//! * Failures slow down their own login from their own address. The right password from another
//!   address works at once, and no wait is longer than a quarter of an hour.
//! * A login that fails from everywhere has less patience with each address, but never none: the
//!   first attempt from an address is always looked at.
//! * What is remembered is bounded; the oldest goes first. It is the same for logins that do not exist.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use fhir::Moment;
use parking_lot::Mutex;

/// So many attempts may fail from one address before it has to wait.
const FREE: u32 = 5;
/// The same for a login that fails from everywhere.
const FREE_UNDER_ATTACK: u32 = 1;
/// So many failures from all addresses within [`FORGET_MS`] are an attack.
const ATTACK: u32 = 50;
/// The first wait; each further failure doubles it.
const FIRST_WAIT_MS: i64 = 15_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// Failures are forgotten after this time without one.
const FORGET_MS: i64 = 60 * 60_000;
/// How many pairs of login and address, and how many logins, are remembered.
const REMEMBERED: usize = 20_000;

/// The failures of this process.
#[derive(Default)]
pub(crate) struct Patience {
    books: Mutex<Books>,
    hasher: RandomState,
}

#[derive(Default)]
struct Books {
    pairs: HashMap<u64, Failures>,
    logins: HashMap<u64, Failures>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Moment,
    wait_until: Moment,
}

impl Patience {
    /// How long a login has to wait at an address, in milliseconds; none where it may try now.
    pub fn wait_of(&self, login: &str, from: Option<IpAddr>, now: Moment) -> Option<i64> {
        wait(&self.books.lock().pairs, self.pair(login, from), now)
    }

    /// Begins an attempt, or says how many milliseconds to wait. It counts as failed until
    /// [`Patience::succeeded`] or [`Patience::undecided`] says otherwise: of many attempts at the
    /// same moment no more are looked at than of many in a row.
    pub fn begin(&self, login: &str, from: Option<IpAddr>, now: Moment) -> Result<(), i64> {
        let (pair, login) = (self.pair(login, from), self.login(login));
        let mut books = self.books.lock();
        if let Some(wait_ms) = wait(&books.pairs, pair, now) {
            return Err(wait_ms);
        }
        let everywhere = note(&mut books.logins, login, now);
        let free = if everywhere >= ATTACK { FREE_UNDER_ATTACK } else { FREE };
        let count = note(&mut books.pairs, pair, now);
        if count >= free && let Some(failures) = books.pairs.get_mut(&pair) {
            let doubled = FIRST_WAIT_MS.saturating_mul(1 << (count - free).min(16));
            failures.wait_until = Moment(now.0 + doubled.min(LONGEST_WAIT_MS));
        }
        Ok(())
    }

    /// The attempt signed somebody in: the failures of this login at this address are forgotten.
    pub fn succeeded(&self, login: &str, from: Option<IpAddr>) {
        let mut books = self.books.lock();
        let forgotten = books.pairs.remove(&self.pair(login, from)).map_or(0, |failures| failures.count);
        if let Some(failures) = books.logins.get_mut(&self.login(login)) {
            failures.count = failures.count.saturating_sub(forgotten);
        }
    }

    /// The attempt was right as far as it went. It is not counted, and what failed before still is.
    pub fn undecided(&self, login: &str, from: Option<IpAddr>) {
        let (pair, login) = (self.pair(login, from), self.login(login));
        let mut books = self.books.lock();
        let Books { pairs, logins } = &mut *books;
        for failures in [pairs.get_mut(&pair), logins.get_mut(&login)].into_iter().flatten() {
            failures.count = failures.count.saturating_sub(1);
            failures.wait_until = failures.last;
        }
    }

    // Digests: people type passwords into the wrong field, and those are not kept.
    fn login(&self, login: &str) -> u64 {
        self.hasher.hash_one(login.trim().to_lowercase())
    }

    fn pair(&self, login: &str, from: Option<IpAddr>) -> u64 {
        self.hasher.hash_one((login.trim().to_lowercase(), from.map(network)))
    }
}

/// One household has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        four => four,
    }
}

fn wait(book: &HashMap<u64, Failures>, key: u64, now: Moment) -> Option<i64> {
    let failures = book.get(&key)?;
    (failures.wait_until > now).then_some(failures.wait_until.0 - now.0)
}

/// Counts one more, and says how many there are now.
fn note(book: &mut HashMap<u64, Failures>, key: u64, now: Moment) -> u32 {
    if book.len() >= REMEMBERED && !book.contains_key(&key) {
        make_room(book, now);
    }
    let failures = book.entry(key).or_insert(Failures { count: 0, last: now, wait_until: now });
    if now.0 - failures.last.0 >= FORGET_MS {
        failures.count = 0;
    }
    failures.count += 1;
    failures.last = now;
    failures.count
}

fn make_room(book: &mut HashMap<u64, Failures>, now: Moment) {
    book.retain(|_, failures| now.0 - failures.last.0 < FORGET_MS);
    if book.len() < REMEMBERED {
        return;
    }
    // A tenth at once, so that a flood does not look through all of them each time.
    let mut lasts: Vec<Moment> = book.values().map(|failures| failures.last).collect();
    let (_, oldest, _) = lasts.select_nth_unstable(REMEMBERED / 10);
    let oldest = *oldest;
    book.retain(|_, failures| failures.last > oldest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1000;
    const MINUTE: i64 = 60 * SECOND;

    fn at(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    fn fail(patience: &Patience, times: usize, login: &str, from: Option<IpAddr>, now: Moment) {
        for _ in 0..times {
            patience.begin(login, from, now).unwrap();
        }
    }

    #[test]
    fn an_address_waits_twice_as_long_each_time_and_never_longer_than_a_quarter_of_an_hour() {
        let patience = Patience::default();
        let mut now = Moment(0);
        fail(&patience, 5, "ana", at(1), now);
        for seconds in [15, 30, 60, 120, 240, 480, 900, 900, 900] {
            assert_eq!(patience.begin("Ana ", at(1), now), Err(seconds * SECOND));
            now = Moment(now.0 + seconds * SECOND);
            assert_eq!(patience.begin("ana", at(1), now), Ok(()));
        }
        assert!(patience.begin("ana", at(1), Moment(now.0 + 60 * MINUTE)).is_ok());
        assert_eq!(patience.wait_of("ana", at(1), Moment(now.0 + 60 * MINUTE)), None);
    }

    #[test]
    fn nobody_else_waits_with_it() {
        let patience = Patience::default();
        fail(&patience, 5, "ana", at(1), Moment(0));
        for (login, from, waits) in [("ana", at(1), true), ("ana", at(2), false), ("ana", None, false), ("ruiz", at(1), false)] {
            assert_eq!(patience.wait_of(login, from, Moment(0)).is_some(), waits, "{login} {from:?}");
        }
    }

    #[test]
    fn an_attack_from_everywhere_leaves_each_address_one_attempt_but_never_none() {
        let patience = Patience::default();
        for address in 0..50 {
            fail(&patience, 1, "ana", at(address), Moment(0));
        }
        assert_eq!(patience.begin("ana", at(200), Moment(0)), Ok(()));
        assert_eq!(patience.begin("ana", at(200), Moment(0)), Err(15 * SECOND));
        assert_eq!(patience.begin("ana", at(201), Moment(0)), Ok(()));
        patience.succeeded("ana", at(201));
        assert_eq!(patience.begin("ana", at(201), Moment(0)), Ok(()));
    }

    #[test]
    fn success_forgets_and_half_a_success_does_not() {
        let patience = Patience::default();
        fail(&patience, 4, "ana", at(1), Moment(0));
        for _ in 0..20 {
            fail(&patience, 1, "ana", at(1), Moment(0));
            patience.undecided("ana", at(1));
        }
        fail(&patience, 1, "ana", at(1), Moment(0));
        assert!(patience.begin("ana", at(1), Moment(0)).is_err());
        patience.succeeded("ana", at(1));
        fail(&patience, 5, "ana", at(1), Moment(0));
        assert!(patience.begin("ana", at(1), Moment(0)).is_err());
    }

    #[test]
    fn a_household_is_one_address() {
        let patience = Patience::default();
        let address = |text: &str| Some(text.parse().unwrap());
        fail(&patience, 5, "ana", address("2001:db8:1:2::1"), Moment(0));
        assert!(patience.wait_of("ana", address("2001:db8:1:2:ffff::9"), Moment(0)).is_some());
        assert!(patience.wait_of("ana", address("2001:db8:1:3::1"), Moment(0)).is_none());
        fail(&patience, 5, "ruiz", at(1), Moment(0));
        assert!(patience.wait_of("ruiz", address("::ffff:203.0.113.1"), Moment(0)).is_some());
    }

    #[test]
    fn a_flood_of_logins_does_not_grow_what_is_remembered() {
        let patience = Patience::default();
        for number in 0..2 * REMEMBERED as i64 + 5 {
            patience.begin(&number.to_string(), at(1), Moment(number)).unwrap();
        }
        let books = patience.books.lock();
        assert!(books.pairs.len() <= REMEMBERED && books.logins.len() <= REMEMBERED);
        assert!(books.pairs.len() > REMEMBERED / 2);
    }
}
