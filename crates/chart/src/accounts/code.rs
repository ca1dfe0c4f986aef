//! A code from a second person, with which the holder of an account sets a new password.

use std::net::IpAddr;

use access::{Account, AccountAct};
use fhir::Moment;

use super::ledger::Whose;
use super::second_factor::{code, plain};
use super::sign_in::seconds;
use super::password;
use crate::door::Chart;
use crate::error::{Error, Result};

/// How long a code may be used.
const VALID_MS: i64 = 60 * 60_000;

/// What came of a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeUse {
    /// The new password is set.
    Done,
    /// There is no such login, or it is not its code, or not any more.
    Refused,
    /// Too many attempts from there; come back in so many seconds.
    Later(u32),
}

impl Chart {
    /// Makes a code for somebody else's account. It is valid for an hour and once, takes the place
    /// of an older one, and is not shown again. The old password works until the code is used.
    pub fn give_code(&self, by: &Account, login: &str) -> Result<String> {
        let number = self.kept_of_login(login)?.ok_or(Error::NotFound)?.account.number;
        self.make_code(by, AccountAct::GiveCode, number)
    }

    pub(super) fn make_code(&self, by: &Account, act: AccountAct, number: u64) -> Result<String> {
        let code = code(self.store());
        let hash = password::hash(self.store(), &plain(&code))?;
        let note = format!("{}\t{hash}", self.now().0 + VALID_MS).into_bytes();
        self.change_accounts(by, act, "", Whose::Number(number), &[(name(number), note)], |kept| {
            let kept = kept.iter().find(|kept| kept.account.number == number);
            kept.map(|kept| kept.account.clone()).ok_or(Error::NotFound)
        })?;
        Ok(code)
    }

    /// When the last code for an account was made, if it could still be used.
    pub(super) fn code_made_at(&self, number: u64) -> Result<Option<Moment>> {
        let now = self.now();
        Ok(self.given(number)?.filter(|given| given.until > now).map(|given| Moment(given.until.0 - VALID_MS)))
    }

    /// Sets a new password with a code and ends all sessions of the account. Takes tens of
    /// milliseconds, whether or not there is such a login.
    pub fn use_code(&self, login: &str, typed: &str, new_password: &str, from: Option<IpAddr>) -> Result<CodeUse> {
        let patience = &self.inner.ledger.patience;
        if let Err(wait_ms) = patience.begin(login, from, self.now()) {
            return Ok(CodeUse::Later(seconds(wait_ms)));
        }
        let account = self.kept_of_login(login)?.map(|kept| kept.account);
        let given = account.as_ref().map(|account| self.given(account.number)).transpose()?.flatten();
        let is_right = password::is_right(given.as_ref().map_or(password::STRANGER, |given| &given.hash), &plain(typed))?;
        let (Some(account), Some(given)) = (account, given) else { return Ok(CodeUse::Refused) };
        if !is_right || self.now() >= given.until {
            return Ok(CodeUse::Refused);
        }
        patience.undecided(login, from);
        password::check(login, new_password)?;
        let hash = password::hash(self.store(), new_password)?;
        let used = self.change_accounts(&account, AccountAct::UseCode, "", Whose::Number(account.number), &[(name(account.number), Vec::new())], |kept| {
            // Two at once with one code: the accounts are held here, and only one of them still finds it.
            if self.given(account.number)?.is_none_or(|now| now.hash != given.hash) {
                return Err(Error::Conflict("the code was just used"));
            }
            let kept = kept.iter_mut().find(|kept| kept.account.number == account.number).ok_or(Error::NotFound)?;
            kept.hash = hash;
            kept.era += 1;
            Ok(kept.account.clone())
        });
        match used {
            Ok(_) => patience.succeeded(login, from),
            Err(Error::Conflict(_)) => return Ok(CodeUse::Refused),
            Err(cause) => return Err(cause),
        }
        Ok(CodeUse::Done)
    }

    fn given(&self, number: u64) -> Result<Option<Given>> {
        let Some(note) = self.store().note(&name(number))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let given = std::str::from_utf8(&note).ok().and_then(Given::read);
        Ok(Some(given.ok_or(store::Error::Damaged("a code could not be read"))?))
    }
}

struct Given {
    until: Moment,
    hash: String,
}

impl Given {
    fn read(text: &str) -> Option<Given> {
        let (until, hash) = text.split_once('\t')?;
        Some(Given { until: Moment(until.parse().ok()?), hash: hash.to_owned() })
    }
}

pub(super) fn name(number: u64) -> String {
    format!("password-code-{number}")
}
