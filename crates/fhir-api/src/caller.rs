//! Who is calling: HTTP Basic against the accounts of the record, or a system's certificate.
//!
//! * A password is checked by the door, which takes tens of milliseconds by intent; what it
//!   accepted is remembered for a quarter of an hour under a keyed hash, never as text.
//! * Checks wait in a short line. A flood of wrong passwords is told to come back later and
//!   takes neither the processors nor the place of those already known.
//! * A session is one stretch of work of one sign-in, twelve hours at most.
//! * Nobody else comes in: there is no anonymous caller. A fixed one exists only where the
//!   binary was started for trials.

use chart::Chart;
use crate::outcome::Trouble;
use access::{Account, Arrival, Caller, Purpose, Role, Session};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir::{IssueCode, Moment};
use parking_lot::{Mutex, RwLock};
use seal::{Chance, Stream};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How long a verified password needs no second check.
const TRUST_MS: i64 = 15 * 60_000;
/// How long a wrong password is known to be wrong.
const DISTRUST_MS: i64 = 60_000;
/// Wrong passwords for one login within [`DISTRUST_MS`] before its unknown passwords wait.
const WRONG_MOST: u32 = 10;
/// Checks at one time: each takes a processor for tens of milliseconds.
const CHECKS_AT_ONCE: usize = 2;
/// Requests that may wait for a check.
const WAITING_MOST: usize = 512;
/// Sign-ins remembered; far more than a server has accounts.
const KNOWN_MOST: usize = 10_000;

type Fingerprint = [u8; 32];

/// Knows the callers of the last quarter of an hour.
pub(crate) struct Callers {
    open: Option<Arc<Caller>>,
    key: [u8; 32],
    known: RwLock<HashMap<Fingerprint, Known>>,
    wrong: Mutex<HashMap<Fingerprint, Wrong>>,
    checks: Semaphore,
    waiting: std::sync::atomic::AtomicUsize,
    chance: Mutex<Stream>,
}

#[derive(Clone)]
struct Known {
    caller: Arc<Caller>,
    checked_at: Moment,
}

/// Failures, of one exact sign-in or of one login.
#[derive(Clone, Copy)]
struct Wrong {
    count: u32,
    since: Moment,
}

impl Callers {
    /// Nobody is known yet. With `open`, everybody is that caller.
    pub fn new(open: Option<Caller>, mut chance: Stream) -> Callers {
        let mut key = [0; 32];
        chance.fill(&mut key);
        Callers {
            open: open.map(Arc::new),
            key,
            known: RwLock::default(),
            wrong: Mutex::default(),
            checks: Semaphore::new(CHECKS_AT_ONCE),
            waiting: Default::default(),
            chance: Mutex::new(chance),
        }
    }

    /// True where no sign-in is asked for.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The caller a request comes from, or 401; 429 where that account asks too often.
    pub async fn caller(&self, chart: &Chart, headers: &HeaderMap, arrival: Option<&Arrival>) -> Result<Arc<Caller>, Trouble> {
        let caller = self.known(chart, headers, arrival).await?;
        let too_often = |seconds| Trouble::later(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, seconds, "This account asks too often; wait as long as Retry-After says.");
        arrival.map_or(Ok(()), |arrival| arrival.take(&caller.account)).map_err(too_often)?;
        Ok(caller)
    }

    async fn known(&self, chart: &Chart, headers: &HeaderMap, arrival: Option<&Arrival>) -> Result<Arc<Caller>, Trouble> {
        let now = chart.now();
        if let Some(open) = &self.open {
            return Ok(self.open_session(open, now));
        }
        let Some(header) = headers.get(AUTHORIZATION) else {
            return match arrival.and_then(|arrival| arrival.certified.as_deref()) {
                Some(login) => self.certified(chart, login, now),
                None => Err(Trouble::sign_in("Sign in: this server takes HTTP Basic.")),
            };
        };
        let fingerprint = *blake3::keyed_hash(&self.key, header.as_bytes()).as_bytes();
        if let Some(caller) = self.recall(fingerprint, now) {
            return Ok(caller);
        }
        let (login, password) = credentials(header.as_bytes()).ok_or_else(|| Trouble::sign_in("The sign-in cannot be read; this server takes HTTP Basic."))?;
        let login_mark = *blake3::keyed_hash(&self.key, login.as_bytes()).as_bytes();
        self.refuse_known_wrong(fingerprint, login_mark, now)?;
        self.check(chart, fingerprint, login_mark, login, password).await
    }

    /// The system a client's certificate stands for. A person never signs in by one.
    fn certified(&self, chart: &Chart, login: &str, now: Moment) -> Result<Arc<Caller>, Trouble> {
        let mut keyed = blake3::Hasher::new_keyed(&self.key);
        // No Authorization header begins like this.
        keyed.update(b"certificate\n").update(login.as_bytes());
        let fingerprint = *keyed.finalize().as_bytes();
        if let Some(caller) = self.recall(fingerprint, now) {
            return Ok(caller);
        }
        let account = chart.accounts()?.into_iter().find(|account| account.login == login && account.role == Role::Integration);
        let account = account.ok_or_else(|| Trouble::sign_in("The client's certificate stands for no account of a connected system."))?;
        Ok(self.remember(fingerprint, account, Purpose::Treatment, now))
    }

    fn recall(&self, fingerprint: Fingerprint, now: Moment) -> Option<Arc<Caller>> {
        let known = self.known.read();
        let known = known.get(&fingerprint)?;
        (now.0 - known.checked_at.0 < TRUST_MS && known.caller.session.lasts_at(now)).then(|| known.caller.clone())
    }

    /// The fixed caller; its session is renewed like any other.
    fn open_session(&self, open: &Arc<Caller>, now: Moment) -> Arc<Caller> {
        if open.session.lasts_at(now) {
            return open.clone();
        }
        if let Some(caller) = self.recall([0; 32], now) {
            return caller;
        }
        self.remember([0; 32], (**open).clone().account, open.purpose, now)
    }

    fn refuse_known_wrong(&self, fingerprint: Fingerprint, login_mark: Fingerprint, now: Moment) -> Result<(), Trouble> {
        let wrong = self.wrong.lock();
        let recent = |mark| wrong.get(mark).filter(|wrong| now.0 - wrong.since.0 < DISTRUST_MS).map_or(0, |wrong| wrong.count);
        if recent(&fingerprint) > 0 {
            return Err(not_signed_in());
        }
        if recent(&login_mark) >= WRONG_MOST {
            return Err(Trouble::later(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, 60, "Too many wrong passwords for this login; wait a minute."));
        }
        Ok(())
    }

    async fn check(&self, chart: &Chart, fingerprint: Fingerprint, login_mark: Fingerprint, login: String, password: String) -> Result<Arc<Caller>, Trouble> {
        use std::sync::atomic::Ordering::Relaxed;
        let busy = || Trouble::later(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Throttled, 2, "Too many sign-ins at once; try again.");
        if self.waiting.fetch_add(1, Relaxed) >= WAITING_MOST {
            self.waiting.fetch_sub(1, Relaxed);
            return Err(busy());
        }
        let leave = Leave(&self.waiting);
        let permit = self.checks.acquire().await.map_err(|_| busy())?;
        // Whoever stood in front may have brought the same sign-in.
        let now = chart.now();
        if let Some(caller) = self.recall(fingerprint, now) {
            return Ok(caller);
        }
        self.refuse_known_wrong(fingerprint, login_mark, now)?;
        let door = chart.clone();
        let found = tokio::task::spawn_blocking(move || door.sign_in(&login, &password)).await;
        drop(permit);
        drop(leave);
        match found.map_err(|_| Trouble::inside())?? {
            Some(account) => Ok(self.remember(fingerprint, account, Purpose::Treatment, now)),
            None => {
                self.note_wrong(fingerprint, login_mark, now);
                Err(not_signed_in())
            }
        }
    }

    fn remember(&self, fingerprint: Fingerprint, account: Account, purpose: Purpose, now: Moment) -> Arc<Caller> {
        let mut known = self.known.write();
        if known.len() >= KNOWN_MOST {
            known.retain(|_, one| now.0 - one.checked_at.0 < TRUST_MS);
            if known.len() >= KNOWN_MOST {
                known.clear();
            }
        }
        let running = known.get(&fingerprint).filter(|one| one.caller.session.lasts_at(now)).map(|one| one.caller.session);
        let session = running.unwrap_or_else(|| Session { number: self.number(), began: now });
        let purpose = if account.role == Role::Operator { Purpose::Operations } else { purpose };
        let caller = Arc::new(Caller { account, purpose, session });
        known.insert(fingerprint, Known { caller: caller.clone(), checked_at: now });
        caller
    }

    fn note_wrong(&self, fingerprint: Fingerprint, login_mark: Fingerprint, now: Moment) {
        let mut wrong = self.wrong.lock();
        if wrong.len() >= KNOWN_MOST {
            wrong.retain(|_, one| now.0 - one.since.0 < DISTRUST_MS);
        }
        if wrong.len() >= KNOWN_MOST {
            wrong.clear();
        }
        for mark in [fingerprint, login_mark] {
            let one = wrong.entry(mark).or_insert(Wrong { count: 0, since: now });
            if now.0 - one.since.0 >= DISTRUST_MS {
                *one = Wrong { count: 0, since: now };
            }
            one.count += 1;
        }
    }

    fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.chance.lock().fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// Leaves the line, however the wait ends.
struct Leave<'a>(&'a std::sync::atomic::AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }
}

fn not_signed_in() -> Trouble {
    Trouble::sign_in("Login or password is wrong.")
}

/// Login and password of a Basic header. https://httpwg.org/specs/rfc7617.html
fn credentials(header: &[u8]) -> Option<(String, String)> {
    let (scheme, rest) = header.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim_ascii()).ok()?).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_and_nothing_else() {
        let read = |header: &str| credentials(header.as_bytes()).map(|(login, password)| format!("{login} {password}"));
        assert_eq!(read("Basic YW5hOmE6Yg=="), Some("ana a:b".into()));
        assert_eq!(read("basic YW5hOmE6Yg=="), Some("ana a:b".into()));
        for header in ["", "Basic", "Basic ", "Basic !!!!", "Basic YW5h", "Bearer YW5hOmE6Yg==", "Basic /w=="] {
            assert_eq!(read(header), None, "{header}");
        }
    }
}
