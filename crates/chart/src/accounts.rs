//! Sign-ins: who has one, whether it may be used now, and who changed what about it.
//!
//! * Passwords, recovery codes and codes for a new password are kept as argon2id hashes, secrets
//!   of second factors as they are; all inside sealed notes, never logged or shown again.
//! * Each change and its entry in the journal are one write.
//! * An account carries an era. What ends its sessions begins another one, so that a session or a
//!   remembered password of an older era is worth nothing from that moment on.
//! * This process is the only one that holds the store, so what it remembers of the accounts is true.

mod activation;
mod code;
mod common;
mod contact;
mod forget;
mod journal;
mod ledger;
mod own;
mod passkeys;
mod password;
mod patience;
mod person;
mod provider;
mod proxies;
mod second_factor;
mod sign_in;

use access::{Account, AccountAct, Role};
use fhir::{Issue, IssueCode};

pub use activation::{Activation, Invitation, NewPerson};
pub use code::CodeUse;
pub use contact::{Contact, Letter, LetterError, Post};
pub use journal::JournalEntry;
pub use own::{PasswordChange, Presence, Presented};
pub use passkeys::{NewPasskey, Passkey, PasskeyAdded, PasskeyAttempt};
pub use person::PersonAccount;
pub use provider::{Elsewhere, Linking};
pub use proxies::{Entrusted, NewProxy, ProxyState};
pub use sign_in::{Attempt, SignIn, SignedIn};

use crate::door::Chart;
use crate::error::{Error, Result};
use ledger::{Kept, Whose};
pub(crate) use ledger::Ledger;
pub(crate) use second_factor::LETTERS;
pub(crate) use sign_in::seconds;

/// A day of the calendar, in the zone of the site.
pub type Day = (i32, u8, u8);

/// Between which days an account may be used, and what its holder may sign with.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The number of the professional licence; empty where there is none.
    pub licence: String,
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub until: Option<Day>,
}

impl Terms {
    fn hold_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

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
    /// When it may be used, and the holder's licence.
    pub terms: Terms,
}

/// What is to change about an account; what is absent stays.
#[derive(Clone, Default, Debug)]
pub struct AccountChange {
    /// Another role.
    pub role: Option<Role>,
    /// Another licence; empty takes it off.
    pub licence: Option<String>,
    /// Another first day, or none.
    pub from: Option<Option<Day>>,
    /// Another last day, or none.
    pub until: Option<Option<Day>>,
}

/// An account and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountState {
    /// The account.
    pub account: Account,
    /// Its dates and licence.
    pub terms: Terms,
    /// Nobody may use it.
    pub blocked: bool,
    /// Today lies within its dates.
    pub in_time: bool,
    /// Its holder has added a second factor.
    pub has_second_factor: bool,
    /// The site wants a passkey, and its holder has none yet.
    pub lacks_passkey: bool,
}

impl Chart {
    /// Makes an account. The login must be free.
    pub fn add_account(&self, by: &Account, new: NewAccount, password: &str) -> Result<Account> {
        check_login(&new.login)?;
        if new.role == Role::Person {
            return Err(refused("The account of a person is made by the person, with a code that a health station gives on the page of the person."));
        }
        check_terms(&new.terms)?;
        password::check(&new.login, password)?;
        let hash = password::hash(self.store(), password)?;
        let detail = format!("role {}{}", new.role.word(), told(&new.terms));
        self.change_accounts(by, AccountAct::Add, &detail, Whose::Staff, &[], |kept| {
            if kept.iter().any(|kept| kept.account.login == new.login) || self.number_of_login(&new.login)?.is_some() {
                return Err(Error::Conflict("the login is taken"));
            }
            let account = Account {
                number: kept.iter().map(|kept| kept.account.number).max().unwrap_or(0) + 1,
                login: new.login,
                display: clean(&new.display),
                role: new.role,
                institution: clean(&new.institution),
                language: clean(&new.language),
            };
            let terms = Terms { licence: clean(&new.terms.licence), ..new.terms };
            kept.push(Kept { account: account.clone(), hash, terms, blocked: false, era: 0, person: None });
            Ok(account)
        })
    }

    /// Changes what an account may be and when. Another role ends its sessions.
    pub fn change_account(&self, by: &Account, login: &str, change: AccountChange) -> Result<Account> {
        let detail = change_told(&change);
        self.change_account_of(by, AccountAct::Change, login, &detail, |kept| {
            if change.role.is_some_and(|role| (role == Role::Person) != kept.person.is_some()) {
                return Err(refused("An account of staff and one of a person stay what they are; each is made anew."));
            }
            if let Some(role) = change.role.filter(|role| *role != kept.account.role) {
                kept.account.role = role;
                kept.era += 1;
            }
            if let Some(licence) = &change.licence {
                kept.terms.licence = clean(licence);
            }
            kept.terms.from = change.from.unwrap_or(kept.terms.from);
            kept.terms.until = change.until.unwrap_or(kept.terms.until);
            check_terms(&kept.terms)
        })
    }

    /// From now on nobody may use the account.
    pub fn block_account(&self, by: &Account, login: &str) -> Result<Account> {
        self.change_account_of(by, AccountAct::Block, login, "", |kept| {
            kept.blocked = true;
            kept.era += 1;
            Ok(())
        })
    }

    /// The account may be used again.
    pub fn unblock_account(&self, by: &Account, login: &str) -> Result<Account> {
        self.change_account_of(by, AccountAct::Unblock, login, "", |kept| {
            kept.blocked = false;
            Ok(())
        })
    }

    /// Another password; whoever is signed in with the old one is signed out.
    pub fn set_password(&self, by: &Account, login: &str, password: &str) -> Result<Account> {
        password::check(login, password)?;
        let hash = password::hash(self.store(), password)?;
        self.change_account_of(by, AccountAct::SetPassword, login, "", |kept| {
            kept.hash = hash;
            kept.era += 1;
            Ok(())
        })
    }

    /// Everybody signed in with the account is signed out.
    pub fn end_sessions(&self, by: &Account, login: &str) -> Result<Account> {
        self.change_account_of(by, AccountAct::EndSessions, login, "", |kept| {
            kept.era += 1;
            Ok(())
        })
    }

    /// The number of the licence of an account; empty where there is none.
    pub fn licence_of(&self, account: &Account) -> Result<String> {
        Ok(self.kept_of_number(account.number)?.map(|kept| kept.terms.licence).unwrap_or_default())
    }

    /// The number of the account of a login.
    pub(crate) fn number_of_account(&self, login: &str) -> Result<Option<u64>> {
        Ok(self.kept_of_login(login)?.map(|kept| kept.account.number))
    }

    /// Writes a note about an account, and the act into the journal; the account stays as it is.
    pub(crate) fn note_about(&self, by: &Account, act: AccountAct, number: u64, detail: &str, note: (String, Vec<u8>)) -> Result<Account> {
        self.change_accounts(by, act, detail, Whose::Number(number), &[note], |kept| {
            let kept = kept.iter().find(|kept| kept.account.number == number);
            kept.map(|kept| kept.account.clone()).ok_or(Error::NotFound)
        })
    }

    /// Writes into the journal what a holder allowed a program, or took back: the program by its identifier.
    pub fn note_program(&self, account: &Account, act: AccountAct, program: &str) -> Result<()> {
        self.change_account_of(account, act, &account.login, &clean(program), |_| Ok(())).map(|_| ())
    }

    /// All accounts of staff, without their passwords.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.book()?.kept.iter().map(|kept| kept.account.clone()).collect())
    }

    /// All accounts of staff and how they stand.
    pub fn account_states(&self) -> Result<Vec<AccountState>> {
        let today = self.today();
        let state = |kept: &Kept| {
            Ok(AccountState {
                account: kept.account.clone(),
                terms: kept.terms.clone(),
                blocked: kept.blocked,
                in_time: kept.terms.hold_on(today),
                has_second_factor: self.has_second_factor(kept.account.number)?,
                lacks_passkey: self.owes_passkey(&kept.account) && self.passkeys(kept.account.number)?.is_empty(),
            })
        };
        self.book()?.kept.iter().map(state).collect()
    }

    /// The account of a number, whether or not it may be used.
    pub fn account(&self, number: u64) -> Result<Option<Account>> {
        Ok(self.book()?.kept.iter().map(|kept| &kept.account).find(|account| account.number == number).cloned())
    }

    /// The era of an account that may be used now; none where it is blocked, out of its dates or gone.
    pub fn standing(&self, number: u64) -> Result<Option<u64>> {
        let kept = self.kept_of_number(number)?;
        Ok(kept.filter(|kept| self.is_usable(kept)).map(|kept| kept.era))
    }

    fn is_usable(&self, kept: &Kept) -> bool {
        !kept.blocked && kept.terms.hold_on(self.today())
    }

    /// The day it is where this site stands.
    pub(crate) fn today(&self) -> Day {
        self.now().civil(self.settings().zone_offset_minutes)
    }
}

fn check_login(login: &str) -> Result<()> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
    if login.is_empty() || login.len() > 64 || !login.bytes().all(good) {
        return Err(Error::Refused(vec![Issue {
            rule: "login".to_owned(),
            ..Issue::error(IssueCode::Value, "", "A login has 1 to 64 letters, digits, points, hyphens, underscores or @.")
        }]));
    }
    Ok(())
}

fn refused(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::Value, "", message)])
}

/// Tabs and ends of lines part the fields of the note.
fn clean(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

fn check_terms(terms: &Terms) -> Result<()> {
    match (terms.from, terms.until) {
        (Some(from), Some(until)) if until < from => Err(refused("The last day of an account lies before its first.")),
        _ => Ok(()),
    }
}

pub(crate) fn day_told(day: Day) -> String {
    format!("{:04}-{:02}-{:02}", day.0, day.1, day.2)
}

fn told(terms: &Terms) -> String {
    let licence = if terms.licence.is_empty() { String::new() } else { format!(", licence {}", clean(&terms.licence)) };
    let from = terms.from.map_or_else(String::new, |day| format!(", from {}", day_told(day)));
    let until = terms.until.map_or_else(String::new, |day| format!(", until {}", day_told(day)));
    format!("{licence}{from}{until}")
}

fn change_told(change: &AccountChange) -> String {
    let day = |day: Option<Day>| day.map_or_else(|| "open".to_owned(), day_told);
    let parts = [
        change.role.map(|role| format!("role {}", role.word())),
        change.licence.as_ref().map(|licence| format!("licence {}", clean(licence))),
        change.from.map(|from| format!("from {}", day(from))),
        change.until.map(|until| format!("until {}", day(until))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
