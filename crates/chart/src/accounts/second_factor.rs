//! The second factor of an account: a secret shared with an application, and codes for the day it is lost.
//!
//! One note an account: `totp`, the secret, the last step used; then one line for each recovery
//! code that is left. All recovery codes of an account share a salt, so that looking for one of
//! ten costs one hash.

use std::fmt::Write;

use access::{Account, AccountAct, Role, totp};
use store::Store;

use super::ledger::Whose;
use super::{password, refused};
use crate::door::Chart;
use crate::error::{Error, Result};

const RECOVERY_CODES: usize = 10;
/// Letters that are hard to confuse.
pub(crate) const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

struct Factor {
    secret: Vec<u8>,
    last_step: i64,
    salt: [u8; 16],
    recovery: Vec<String>,
}

impl Chart {
    /// A secret for somebody who adds a second factor. It is kept only once [`Chart::enrol`] has
    /// seen a code of it.
    pub fn new_factor_secret(&self) -> [u8; totp::SECRET_BYTES] {
        self.store().random()
    }

    /// Adds a second factor to one's own account, if `typed` is a code of it now. Gives the
    /// recovery codes, which nobody will see again; none where the code is wrong.
    pub fn enrol(&self, account: &Account, secret: &[u8], typed: &str) -> Result<Option<Vec<String>>> {
        if account.role == Role::Integration {
            return Err(refused("A system signs in with its password alone; its account takes no second factor."));
        }
        if self.has_second_factor(account.number)? {
            return Err(Error::Conflict("the account has a second factor already"));
        }
        let Some(step) = totp::step_of(secret, typed, self.now(), 0) else { return Ok(None) };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code(self.store())).collect();
        let salt = self.store().random();
        let recovery = codes.iter().map(|code| password::hash_with(&salt, &plain(code))).collect::<Result<_>>()?;
        let factor = Factor { secret: secret.to_vec(), last_step: step, salt, recovery };
        self.change_accounts(account, AccountAct::Enrol, "", Whose::Number(account.number), &[(name(account.number), factor.written())], |kept| {
            // Two at once: the accounts are held here, and the second finds the factor of the first.
            if self.has_second_factor(account.number)? {
                return Err(Error::Conflict("the account has a second factor already"));
            }
            kept.iter().find(|kept| kept.account.number == account.number).map(|kept| kept.account.clone()).ok_or(Error::NotFound)
        })?;
        Ok(Some(codes))
    }

    /// Takes the second factor off and ends the sessions of the account. Where somebody else than its
    /// holder does it, passkeys go too.
    pub fn reset_second_factor(&self, by: &Account, login: &str) -> Result<Account> {
        let number = self.kept_of_login(login)?.ok_or(Error::NotFound)?.account.number;
        // The holder changes telephones; somebody else comes because all is lost, or in other hands.
        let mut notes = if by.number == number { Vec::new() } else { self.without_passkeys(number)? };
        if self.has_second_factor(number)? {
            notes.push((name(number), Vec::new()));
        }
        if notes.is_empty() {
            return Err(Error::Conflict("the account has no second factor"));
        }
        self.change_accounts(by, AccountAct::ResetSecondFactor, "", Whose::Number(number), &notes, |kept| {
            let kept = kept.iter_mut().find(|kept| kept.account.number == number).ok_or(Error::NotFound)?;
            kept.era += 1;
            Ok(kept.account.clone())
        })
    }

    /// True if the account has a second factor.
    pub fn has_second_factor(&self, number: u64) -> Result<bool> {
        Ok(self.factor(number)?.is_some())
    }

    /// How many recovery codes are left; none without a second factor.
    pub fn recovery_codes_left(&self, number: u64) -> Result<Option<usize>> {
        Ok(self.factor(number)?.map(|(factor, _)| factor.recovery.len()))
    }

    /// True if what was typed opens, which it then does not do again.
    pub(super) fn uses_second_factor(&self, account: &Account, typed: &str) -> Result<bool> {
        let Some((mut factor, note)) = self.factor(account.number)? else { return Ok(false) };
        if let Some(step) = totp::step_of(&factor.secret, typed, self.now(), factor.last_step) {
            factor.last_step = step;
            return Ok(self.store().keep_note(&name(account.number), Some(&note), &factor.written())?);
        }
        let typed = plain(typed);
        // Six digits are a code of the application and nothing else; the hash would cost its time for nothing.
        if typed.len() <= 6 {
            return Ok(false);
        }
        let hash = password::hash_with(&factor.salt, &typed)?;
        let Some(place) = factor.recovery.iter().position(|kept| *kept == hash) else { return Ok(false) };
        factor.recovery.remove(place);
        let detail = format!("{} left", factor.recovery.len());
        let used = self.change_accounts(account, AccountAct::Recover, &detail, Whose::Number(account.number), &[(name(account.number), factor.written())], |_| {
            // Two at once: the accounts are held here. What another code changed meanwhile is not undone by this one.
            let is_still = self.factor(account.number)?.is_some_and(|(_, now)| now == note);
            if is_still { Ok(account.clone()) } else { Err(Error::Conflict("the second factor was just used")) }
        });
        match used {
            Ok(_) => Ok(true),
            Err(Error::Conflict(_)) => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    fn factor(&self, number: u64) -> Result<Option<(Factor, Vec<u8>)>> {
        let Some(note) = self.store().note(&name(number))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let factor = std::str::from_utf8(&note).ok().and_then(Factor::read).ok_or(store::Error::Damaged("a second factor could not be read"))?;
        Ok(Some((factor, note)))
    }
}

impl Factor {
    fn written(&self) -> Vec<u8> {
        let mut text = format!("totp\t{}\t{}\nsalt\t{}\n", hex(&self.secret), self.last_step, hex(&self.salt));
        for hash in &self.recovery {
            let _ = writeln!(text, "recovery\t{hash}");
        }
        text.into_bytes()
    }

    fn read(text: &str) -> Option<Factor> {
        let mut lines = text.lines();
        let (secret, step) = lines.next()?.strip_prefix("totp\t")?.split_once('\t')?;
        let salt = bytes(lines.next()?.strip_prefix("salt\t")?)?;
        let recovery = lines.map(|line| line.strip_prefix("recovery\t").map(str::to_owned)).collect::<Option<_>>()?;
        Some(Factor { secret: bytes(secret)?, last_step: step.parse().ok()?, salt: salt.try_into().ok()?, recovery })
    }
}

pub(super) fn name(number: u64) -> String {
    format!("second-factor-{number}")
}

/// Twelve letters in groups of four: sixty random bits.
pub(super) fn code(store: &Store) -> String {
    let groups: Vec<String> = store.random::<12>().chunks(4).map(|group| group.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()).collect();
    groups.join("-")
}

/// What was typed without what people put between the groups.
pub(super) fn plain(typed: &str) -> String {
    typed.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
