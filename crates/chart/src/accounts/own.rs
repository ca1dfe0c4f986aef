//! What the holder of an account changes about it alone: the password, and the second factor.
//!
//! * Both want the password of now, with the same patience as signing in: whoever finds a session
//!   open on a ward does not own the account.
//! * Both begin another era; whoever did it gets the new one and stays signed in.

use std::net::IpAddr;

use access::{Account, AccountAct};

use super::password;
use super::sign_in::{SignedIn, seconds};
use crate::door::Chart;
use crate::error::{Error, Result};

/// Somebody has just shown that they are the holder of an account. Good for one act.
#[derive(Debug)]
pub struct Presence {
    pub(crate) number: u64,
    pub(crate) licence: String,
}

/// What came of showing it.
#[derive(Debug)]
pub enum Presented {
    /// They are.
    Here(Presence),
    /// The password or the code is wrong.
    Refused,
    /// Too many attempts from there; come back in so many seconds.
    Later(u32),
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PasswordChange {
    /// Done; every other sign-in has ended.
    Done(SignedIn),
    /// The password or the code of now is wrong.
    Refused,
    /// Too many attempts from there; come back in so many seconds.
    Later(u32),
}

impl Chart {
    /// Sets another password for one's own account.
    pub fn change_own_password(&self, account: &Account, current: &str, new_password: &str, from: Option<IpAddr>) -> Result<PasswordChange> {
        let era = self.standing(account.number)?.ok_or(Error::Forbidden)?;
        if let Some(answer) = self.shows_password(account, current, from)? {
            return Ok(answer);
        }
        self.inner.ledger.patience.succeeded(&account.login, from);
        password::check(&account.login, new_password)?;
        if current == new_password {
            return Err(password::weak("password-same", "This is the password of now; choose another."));
        }
        let hash = password::hash(self.store(), new_password)?;
        let changed = self.change_account_of(account, AccountAct::SetPassword, &account.login, "", |kept| {
            kept.is_still_of(era)?;
            kept.hash = hash;
            kept.era += 1;
            Ok(())
        });
        match changed {
            // Somebody else set another one while this one was looked at: it is not the password of now.
            Err(Error::Conflict(_)) => Ok(PasswordChange::Refused),
            changed => self.signed_in_anew(changed?),
        }
    }

    /// Takes the second factor off one's own account, with the password and a code of it.
    pub fn drop_own_factor(&self, account: &Account, current: &str, code: &str, from: Option<IpAddr>) -> Result<PasswordChange> {
        if let Some(answer) = self.shows_password(account, current, from)? {
            return Ok(answer);
        }
        if !self.uses_second_factor(account, code)? {
            return Ok(PasswordChange::Refused);
        }
        self.inner.ledger.patience.succeeded(&account.login, from);
        let changed = self.reset_second_factor(account, &account.login)?;
        self.signed_in_anew(changed)
    }

    /// Looks whether whoever has a session is still its holder: by a code of the second factor where
    /// there is one, else by the password. A code opens once. Takes its time, like signing in.
    pub fn show_presence(&self, account: &Account, typed: &str, from: Option<IpAddr>) -> Result<Presented> {
        let patience = &self.inner.ledger.patience;
        if let Err(wait_ms) = patience.begin(&account.login, from, self.now()) {
            return Ok(Presented::Later(seconds(wait_ms)));
        }
        let kept = self.kept_of_number(account.number)?.ok_or(Error::NotFound)?;
        let is_right = match self.has_second_factor(account.number)? {
            true => self.uses_second_factor(account, typed)?,
            false => password::is_right(&kept.hash, typed)?,
        };
        if !is_right || !self.is_usable(&kept) {
            return Ok(Presented::Refused);
        }
        patience.succeeded(&account.login, from);
        Ok(Presented::Here(Presence { number: account.number, licence: kept.terms.licence }))
    }

    /// None where the password is right. The attempt counts as failed until somebody says otherwise.
    pub(super) fn shows_password(&self, account: &Account, current: &str, from: Option<IpAddr>) -> Result<Option<PasswordChange>> {
        if let Err(wait_ms) = self.inner.ledger.patience.begin(&account.login, from, self.now()) {
            return Ok(Some(PasswordChange::Later(seconds(wait_ms))));
        }
        let kept = self.kept_of_number(account.number)?.ok_or(Error::NotFound)?;
        Ok((!password::is_right(&kept.hash, current)?).then_some(PasswordChange::Refused))
    }

    pub(super) fn signed_in_anew(&self, account: Account) -> Result<PasswordChange> {
        let era = self.standing(account.number)?.ok_or(Error::Forbidden)?;
        Ok(PasswordChange::Done(SignedIn { account, era }))
    }
}
