//! Sign-ins: who has one, and whether a password is theirs.
//!
//! * Passwords are kept as argon2id hashes inside a sealed note; they are never logged or shown.
//! * An unknown login takes as long as a known one.

use access::{Account, Role};
use argon2::Argon2;
use argon2::password_hash::phc::{PasswordHash, Salt};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use fhir::{Issue, IssueCode};

use crate::door::Chart;
use crate::error::{Error, Result};

const NOTE: &str = "accounts";

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed at the door: 1 to 64 of letters, digits, `.`, `-`, `_`, `@`.
    pub login: String,
    /// How pages show the holder.
    pub display: String,
    /// What the holder may be.
    pub role: Role,
    /// The institution's name.
    pub institution: String,
    /// The language of the pages.
    pub language: String,
}

struct Kept {
    account: Account,
    hash: String,
}

impl Chart {
    /// The account of a login, if the password is right. Takes tens of milliseconds either way:
    /// call it where blocking is allowed.
    pub fn sign_in(&self, login: &str, password: &str) -> Result<Option<Account>> {
        let kept = self.kept_accounts()?;
        let found = kept.iter().find(|kept| kept.account.login == login);
        // An unknown login is checked against somebody's hash, or the time taken would tell.
        let Some(checked) = found.or(kept.first()) else { return Ok(None) };
        let hash = PasswordHash::new(&checked.hash).map_err(|_| store::Error::Damaged("a password hash could not be read"))?;
        let right = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        Ok(found.filter(|_| right).map(|kept| kept.account.clone()))
    }

    /// Makes an account. The login must be free.
    pub fn add_account(&self, new: NewAccount, password: &str) -> Result<Account> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
        if new.login.is_empty() || new.login.len() > 64 || !new.login.bytes().all(good) {
            return Err(refused("A login has 1 to 64 letters, digits, points, hyphens, underscores or @."));
        }
        if password.chars().count() < 8 {
            return Err(refused("A password has at least 8 characters."));
        }
        let salt = self.store().random::<16>();
        let salt = Salt::new(&salt).map_err(|_| refused("No salt could be made."))?;
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| refused("The password could not be hashed."))?.to_string();
        loop {
            let before = self.store().note(NOTE)?;
            let mut kept = self.kept_accounts()?;
            if kept.iter().any(|kept| kept.account.login == new.login) {
                return Err(Error::Conflict("the login is taken"));
            }
            let clean = |text: &str| text.replace(['\t', '\n'], " ");
            let account = Account {
                number: kept.iter().map(|kept| kept.account.number).max().unwrap_or(0) + 1,
                login: new.login.clone(),
                display: clean(&new.display),
                role: new.role,
                institution: clean(&new.institution),
                language: clean(&new.language),
            };
            kept.push(Kept { account: account.clone(), hash: hash.clone() });
            if self.store().keep_note(NOTE, before.as_deref(), written(&kept).as_bytes())? {
                return Ok(account);
            }
        }
    }

    /// All accounts, without their passwords.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.kept_accounts()?.into_iter().map(|kept| kept.account).collect())
    }

    fn kept_accounts(&self) -> Result<Vec<Kept>> {
        let Some(note) = self.store().note(NOTE)? else { return Ok(Vec::new()) };
        let text = String::from_utf8(note).map_err(|_| store::Error::Damaged("the accounts could not be read"))?;
        text.lines().map(|line| read(line).ok_or_else(|| store::Error::Damaged("an account could not be read").into())).collect()
    }
}

fn refused(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::Value, "", message)])
}

fn written(kept: &[Kept]) -> String {
    let line = |Kept { account, hash }: &Kept| {
        let Account { number, login, display, role, institution, language } = account;
        format!("{number}\t{login}\t{display}\t{}\t{institution}\t{language}\t{hash}\n", role.word())
    };
    kept.iter().map(line).collect()
}

fn read(line: &str) -> Option<Kept> {
    let mut parts = line.split('\t');
    let mut next = || parts.next();
    let account = Account {
        number: next()?.parse().ok()?,
        login: next()?.to_owned(),
        display: next()?.to_owned(),
        role: Role::named(next()?)?,
        institution: next()?.to_owned(),
        language: next()?.to_owned(),
    };
    Some(Kept { account, hash: next()?.to_owned() })
}
