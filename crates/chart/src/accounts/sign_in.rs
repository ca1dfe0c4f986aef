//! Signing in: the password, then the second factor where there is one.

use std::net::IpAddr;

use access::Account;
use fhir::Moment;

use super::ledger::Kept;
use super::password;
use crate::door::Chart;
use crate::error::Result;

/// Somebody who wants to come in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// What they call themselves.
    pub login: &'a str,
    /// The password, or the code.
    pub password: &'a str,
    /// Where they come from; none where nobody knows.
    pub from: Option<IpAddr>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignIn {
    /// They are who they say.
    Welcome(SignedIn),
    /// The password is right; the second factor is wanted.
    Half(SignedIn),
    /// Unknown, wrong, blocked or out of its dates: nobody is told which.
    Refused,
    /// Too many attempts from there; come back in so many seconds.
    Later(u32),
}

/// An account that was proved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its era: compare it with [`Chart::standing`] before each use.
    pub era: u64,
}

impl Chart {
    /// Looks at a login and a password. Takes tens of milliseconds, whether or not there is such a
    /// login: call it where blocking is allowed.
    pub fn sign_in(&self, attempt: &Attempt<'_>) -> Result<SignIn> {
        let Attempt { login, password, from } = *attempt;
        let patience = &self.inner.ledger.patience;
        if let Err(wait_ms) = patience.begin(login, from, self.now()) {
            return Ok(SignIn::Later(seconds(wait_ms)));
        }
        let found = self.kept_of_login(login)?;
        let is_right = password::is_right(found.as_ref().map_or(password::STRANGER, |kept| &kept.hash), password)?;
        let Some(kept) = found.filter(|kept| is_right && self.is_usable(kept)) else { return Ok(SignIn::Refused) };
        let signed_in = signed_in(&kept);
        if self.has_second_factor(kept.account.number)? {
            patience.undecided(login, from);
            return Ok(SignIn::Half(signed_in));
        }
        patience.succeeded(login, from);
        Ok(SignIn::Welcome(signed_in))
    }

    /// Looks at the second factor of somebody whose password was right: six digits, or a recovery
    /// code. Each opens once.
    pub fn second_step(&self, number: u64, typed: &str, from: Option<IpAddr>) -> Result<SignIn> {
        let Some(kept) = self.kept_of_number(number)? else { return Ok(SignIn::Refused) };
        let patience = &self.inner.ledger.patience;
        if let Err(wait_ms) = patience.begin(&kept.account.login, from, self.now()) {
            return Ok(SignIn::Later(seconds(wait_ms)));
        }
        if !self.is_usable(&kept) || !self.uses_second_factor(&kept.account, typed)? {
            return Ok(SignIn::Refused);
        }
        patience.succeeded(&kept.account.login, from);
        Ok(SignIn::Welcome(signed_in(&kept)))
    }

    /// How many seconds a login has to wait at an address; none where it may try now.
    pub fn wait_of(&self, login: &str, from: Option<IpAddr>, now: Moment) -> Option<u32> {
        self.inner.ledger.patience.wait_of(login, from, now).map(seconds)
    }
}

pub(super) fn signed_in(kept: &Kept) -> SignedIn {
    SignedIn { account: kept.account.clone(), era: kept.era }
}

pub(crate) fn seconds(wait_ms: i64) -> u32 {
    u32::try_from(wait_ms.max(0).saturating_add(999) / 1000).unwrap_or(u32::MAX)
}
