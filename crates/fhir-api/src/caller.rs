//! Who is calling: HTTP Basic against the accounts of the record, a program's token, or a system's certificate.
//!
//! * A password is checked by the door, which takes tens of milliseconds by intent; what it
//!   accepted is remembered for a quarter of an hour under a keyed hash, never as text. Whether
//!   the account may still be used is asked on every request.
//! * Checks wait in a short line. A flood of wrong passwords is told to come back later and
//!   takes neither the processors nor the place of those already known.
//! * A token is asked about on every request: one that was taken back is worth nothing at once.
//! * A password alone is not enough for an account with a second factor.
//! * A session is one stretch of work of one sign-in, twelve hours at most.
//! * Nobody else comes in: there is no anonymous caller. A fixed one exists only where the
//!   binary was started for trials.

use chart::{Attempt, Chart, SignIn, SignedIn};
use crate::outcome::Trouble;
use access::{Account, Arrival, Caller, Purpose, Role, Session};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir::{IssueCode, Moment};
use oauth::{Borne, Brought, Refusal, Server};
use parking_lot::{Mutex, RwLock};
use seal::{Chance, Stream};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How long a verified password needs no second check.
const TRUST_MS: i64 = 15 * 60_000;
/// How long a refused sign-in is known to be refused.
const DISTRUST_MS: i64 = 60_000;
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
    oauth: Arc<Server>,
    key: [u8; 32],
    known: RwLock<HashMap<Fingerprint, Known>>,
    refused: Mutex<HashMap<Fingerprint, Refused>>,
    checks: Arc<Semaphore>,
    waiting: std::sync::atomic::AtomicUsize,
    chance: Mutex<Stream>,
}

#[derive(Clone)]
struct Known {
    caller: Arc<Caller>,
    /// The era of the account when the password was checked; none under `open`.
    era: Option<u64>,
    checked_at: Moment,
}

/// One exact sign-in that was refused.
#[derive(Clone, Copy)]
struct Refused {
    why: Why,
    at: Moment,
}

#[derive(Clone, Copy)]
enum Why {
    Wrong,
    SecondFactor,
}

impl From<Why> for Trouble {
    fn from(why: Why) -> Trouble {
        match why {
            Why::Wrong => Trouble::sign_in("Login or password is wrong."),
            Why::SecondFactor => {
                let message = "A password alone does not open this account: its holder signs in at the pages with a second factor. Give a system an account of its own with the role integration.";
                Trouble::new(StatusCode::FORBIDDEN, IssueCode::Security, message)
            }
        }
    }
}

impl Callers {
    /// Nobody is known yet. With `open`, everybody is that caller.
    pub fn new(open: Option<Caller>, oauth: Arc<Server>, mut chance: Stream) -> Callers {
        let mut key = [0; 32];
        chance.fill(&mut key);
        Callers {
            open: open.map(Arc::new),
            oauth,
            key,
            known: RwLock::default(),
            refused: Mutex::default(),
            checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
            waiting: Default::default(),
            chance: Mutex::new(chance),
        }
    }

    /// True where no sign-in is asked for.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The caller a request comes from, at the address it comes from, or 401; 429 where that account asks too often.
    pub async fn caller(&self, chart: &Chart, way: Way<'_>, headers: &HeaderMap, arrival: Option<&Arrival>, from: Option<IpAddr>) -> Result<Arc<Caller>, Trouble> {
        let caller = self.known(chart, way, headers, arrival, from).await?;
        let too_often = |seconds| Trouble::later(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, seconds, "This account asks too often; wait as long as Retry-After says.");
        arrival.map_or(Ok(()), |arrival| arrival.take(&caller.account)).map_err(too_often)?;
        Ok(caller)
    }

    async fn known(&self, chart: &Chart, way: Way<'_>, headers: &HeaderMap, arrival: Option<&Arrival>, from: Option<IpAddr>) -> Result<Arc<Caller>, Trouble> {
        let now = chart.now();
        if let Some(open) = &self.open {
            return self.open_session(chart, open, now);
        }
        let Some(header) = headers.get(AUTHORIZATION) else {
            return match arrival.and_then(|arrival| arrival.certified.as_deref()) {
                Some(login) => self.certified(chart, login, now),
                None => Err(Trouble::sign_in("Sign in: this server takes HTTP Basic, and tokens of SMART (Bearer, DPoP).")),
            };
        };
        if let Some((token, is_dpop)) = token(header.as_bytes()) {
            let Some(proofs) = headers.get_all("dpop").iter().map(|line| line.to_str().ok()).collect::<Option<Vec<_>>>() else { return Err(Trouble::bad_proof("The DPoP header cannot be read.")) };
            let certificate = arrival.and_then(|arrival| arrival.certificate);
            return self.borne(chart, &Brought { token, is_dpop, proofs: &proofs, method: way.method, path: way.path, certificate }, now);
        }
        let fingerprint = *blake3::keyed_hash(&self.key, header.as_bytes()).as_bytes();
        if let Some(caller) = self.recall(chart, fingerprint, now)? {
            return Ok(caller);
        }
        let (login, password) = credentials(header.as_bytes()).ok_or_else(|| Trouble::sign_in("The sign-in cannot be read; this server takes HTTP Basic."))?;
        self.refuse_known(fingerprint, now)?;
        if let Some(seconds) = chart.wait_of(&login, from, now) {
            return Err(wait(seconds));
        }
        self.check(chart, fingerprint, login, password, from).await
    }

    /// Whoever a program works for, with no more rights than were given to it.
    fn borne(&self, chart: &Chart, brought: &Brought<'_>, now: Moment) -> Result<Arc<Caller>, Trouble> {
        let bearer = match self.oauth.borne(brought, now).map_err(|cause| Trouble { inside: Some(cause.to_string()), ..Trouble::inside() })? {
            Borne::Good(bearer) => bearer,
            Borne::Worthless => return Err(Trouble::bad_token()),
            Borne::Unproved(Refusal { code: oauth::Code::TemporarilyUnavailable, .. }) => return Err(Trouble::later(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Throttled, 60, "Too many requests with proofs at once.")),
            Borne::Unproved(refusal) => return Err(Trouble::bad_proof(refusal.message)),
        };
        let account = chart.account_of(bearer.account)?.ok_or_else(Trouble::bad_token)?;
        if chart.standing(account.number)? != Some(bearer.era) {
            return Err(Trouble::bad_token());
        }
        let purpose = Purpose::usual(account.role);
        Ok(Arc::new(Caller { account, purpose, session: bearer.session, grant: Some(chart.whole_grant(bearer.grant)?) }))
    }

    /// The system a client's certificate stands for. A person never signs in by one.
    fn certified(&self, chart: &Chart, login: &str, now: Moment) -> Result<Arc<Caller>, Trouble> {
        let mut keyed = blake3::Hasher::new_keyed(&self.key);
        // No Authorization header begins like this.
        keyed.update(b"certificate\n").update(login.as_bytes());
        let fingerprint = *keyed.finalize().as_bytes();
        if let Some(caller) = self.recall(chart, fingerprint, now)? {
            return Ok(caller);
        }
        let account = chart.accounts()?.into_iter().find(|account| account.login == login && account.role == Role::Integration);
        let nobody = || Trouble::sign_in("The client's certificate stands for no account of a connected system.");
        let number = account.ok_or_else(nobody)?.number;
        let era = chart.standing(number)?.ok_or_else(nobody)?;
        // Read after its era: what changes about it from here on begins another one.
        let account = chart.account(number)?.filter(|account| account.role == Role::Integration).ok_or_else(nobody)?;
        Ok(self.remember(fingerprint, account, Some(era), Purpose::Treatment, now))
    }

    /// A caller of the last quarter of an hour whose account may still be used as it was then.
    fn recall(&self, chart: &Chart, fingerprint: Fingerprint, now: Moment) -> Result<Option<Arc<Caller>>, Trouble> {
        let Some(known) = self.known.read().get(&fingerprint).cloned() else { return Ok(None) };
        if now.0 - known.checked_at.0 >= TRUST_MS || !known.caller.session.lasts_at(now) {
            return Ok(None);
        }
        let account = &known.caller.account;
        // A second factor that was added meanwhile counts at once.
        let stands = known.era.is_none() || (chart.standing(account.number)? == known.era && (account.role == Role::Integration || !chart.has_second_factor(account.number)?));
        if !stands {
            self.known.write().remove(&fingerprint);
        }
        Ok(stands.then_some(known.caller))
    }

    /// The fixed caller; its session is renewed like any other.
    fn open_session(&self, chart: &Chart, open: &Arc<Caller>, now: Moment) -> Result<Arc<Caller>, Trouble> {
        if open.session.lasts_at(now) {
            return Ok(open.clone());
        }
        if let Some(caller) = self.recall(chart, [0; 32], now)? {
            return Ok(caller);
        }
        Ok(self.remember([0; 32], open.account.clone(), None, open.purpose, now))
    }

    fn refuse_known(&self, fingerprint: Fingerprint, now: Moment) -> Result<(), Trouble> {
        match self.refused.lock().get(&fingerprint) {
            Some(refused) if now.0 - refused.at.0 < DISTRUST_MS => Err(refused.why.into()),
            _ => Ok(()),
        }
    }

    async fn check(&self, chart: &Chart, fingerprint: Fingerprint, login: String, password: String, from: Option<IpAddr>) -> Result<Arc<Caller>, Trouble> {
        use std::sync::atomic::Ordering::Relaxed;
        let busy = || Trouble::later(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Throttled, 2, "Too many sign-ins at once; try again.");
        if self.waiting.fetch_add(1, Relaxed) >= WAITING_MOST {
            self.waiting.fetch_sub(1, Relaxed);
            return Err(busy());
        }
        let leave = Leave(&self.waiting);
        let permit = self.checks.clone().acquire_owned().await.map_err(|_| busy())?;
        // Whoever stood in front may have brought the same sign-in.
        let now = chart.now();
        if let Some(caller) = self.recall(chart, fingerprint, now)? {
            return Ok(caller);
        }
        self.refuse_known(fingerprint, now)?;
        let door = chart.clone();
        let found = tokio::task::spawn_blocking(move || {
            // The check goes on where whoever asked has hung up, and keeps its place until it ends.
            let _permit = permit;
            door.sign_in(&Attempt { login: &login, password: &password, from })
        })
        .await;
        drop(leave);
        match found.map_err(|_| Trouble::inside())?? {
            SignIn::Welcome(SignedIn { account, era }) if !account.role.owes_second_factor() || !(chart.settings().second_factor_required || chart.owes_passkey(&account)) => {
                Ok(self.remember(fingerprint, account, Some(era), Purpose::Treatment, now))
            }
            SignIn::Welcome(_) | SignIn::Half(_) => Err(self.note_refused(fingerprint, Why::SecondFactor, now)),
            SignIn::Refused => Err(self.note_refused(fingerprint, Why::Wrong, now)),
            SignIn::Later(seconds) => Err(wait(seconds)),
        }
    }

    fn remember(&self, fingerprint: Fingerprint, account: Account, era: Option<u64>, purpose: Purpose, now: Moment) -> Arc<Caller> {
        let mut known = self.known.write();
        if known.len() >= KNOWN_MOST {
            known.retain(|_, one| now.0 - one.checked_at.0 < TRUST_MS);
            if known.len() >= KNOWN_MOST {
                known.clear();
            }
        }
        let running = known.get(&fingerprint).filter(|one| one.caller.session.lasts_at(now)).map(|one| one.caller.session);
        let session = running.unwrap_or_else(|| Session { number: self.number(), began: now });
        let purpose = if matches!(account.role, Role::Operator | Role::Person) { Purpose::usual(account.role) } else { purpose };
        let caller = Arc::new(Caller { account, purpose, session, grant: None });
        known.insert(fingerprint, Known { caller: caller.clone(), era, checked_at: now });
        caller
    }

    fn note_refused(&self, fingerprint: Fingerprint, why: Why, at: Moment) -> Trouble {
        let mut refused = self.refused.lock();
        if refused.len() >= KNOWN_MOST {
            refused.retain(|_, one| at.0 - one.at.0 < DISTRUST_MS);
        }
        if refused.len() >= KNOWN_MOST {
            refused.clear();
        }
        refused.insert(fingerprint, Refused { why, at });
        why.into()
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

fn wait(seconds: u32) -> Trouble {
    Trouble::later(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, seconds, "Too many wrong passwords for this login from this address; wait as Retry-After says.")
}

/// A request, as the proof of a key names it.
#[derive(Clone, Copy)]
pub(crate) struct Way<'w> {
    /// The method.
    pub method: &'w str,
    /// The whole path.
    pub path: &'w str,
}

/// The token of a header, and whether it is brought as DPoP.
/// https://www.rfc-editor.org/rfc/rfc6750#section-2.1, https://www.rfc-editor.org/rfc/rfc9449#section-7.1
fn token(header: &[u8]) -> Option<(&str, bool)> {
    [(&b"Bearer "[..], false), (&b"DPoP "[..], true)].into_iter().find_map(|(wanted, is_dpop)| {
        let (scheme, rest) = header.split_at_checked(wanted.len())?;
        if scheme.eq_ignore_ascii_case(wanted) { Some((std::str::from_utf8(rest.trim_ascii()).ok()?, is_dpop)) } else { None }
    })
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
