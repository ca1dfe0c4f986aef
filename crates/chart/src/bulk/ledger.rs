//! Where jobs are written down: a note that lists them, and a sealed note each.
//!
//! * What is over leaves an empty note, or none.

use access::{Account, Caller, Purpose, Role, Session};
use fhir::Moment;
use store::Store;

use super::LASTS_MS;
use crate::door::Chart;
use crate::error::{Error, Result};

/// Jobs of one kind.
pub(crate) struct Ledger {
    list: &'static str,
    prefix: &'static str,
}

/// What is taken elsewhere.
pub(crate) const EXPORTS: Ledger = Ledger { list: "bulk jobs", prefix: "bulk job" };
/// What is fetched from elsewhere.
pub(crate) const INTAKES: Ledger = Ledger { list: "bulk imports", prefix: "bulk import" };

impl Ledger {
    /// The ids of all jobs that are not forgotten.
    pub fn ids(&self, store: &Store) -> Result<Vec<String>> {
        let note = store.note(self.list)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&note).lines().map(str::to_owned).collect())
    }

    /// Puts a job on the list, or takes it off.
    pub fn list(&self, store: &Store, id: &str, is_there: bool) -> Result<()> {
        loop {
            let before = store.note(self.list)?;
            let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
            let mut ids: Vec<&str> = text.lines().filter(|other| *other != id).collect();
            if is_there {
                ids.push(id);
            }
            if store.keep_note(self.list, before.as_deref(), ids.join("\n").as_bytes())? {
                return Ok(());
            }
        }
    }

    /// What is written of a job; none where it is over or never was.
    pub fn read(&self, store: &Store, id: &str) -> Result<Option<Vec<u8>>> {
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        Ok(store.note(&self.name(id))?.filter(|note| !note.is_empty()))
    }

    /// Writes a job down, whatever was there.
    pub fn write(&self, store: &Store, id: &str, bytes: &[u8]) -> Result<()> {
        loop {
            let before = store.note(&self.name(id))?;
            if store.keep_note(&self.name(id), before.as_deref(), bytes)? {
                return Ok(());
            }
        }
    }

    /// Writes a job down, if it still says what it said. False if somebody ended it meanwhile.
    pub fn replace(&self, store: &Store, id: &str, before: &[u8], now: &[u8]) -> Result<bool> {
        Ok(store.keep_note(&self.name(id), Some(before), now)?)
    }

    /// Nothing is left of a job but an empty note.
    pub fn forget(&self, store: &Store, id: &str) -> Result<()> {
        self.list(store, id, false)?;
        self.write(store, id, b"")
    }

    /// The name of the note of a job.
    pub fn name(&self, id: &str) -> String {
        format!("{} {id}", self.prefix)
    }
}

/// Who asked for a job, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owner {
    pub account: u64,
    role: Role,
    session: u64,
    pub began: Moment,
}

impl Owner {
    /// Whoever calls.
    pub fn of(caller: &Caller, began: Moment) -> Owner {
        Owner { account: caller.account.number, role: caller.account.role, session: caller.session.number, began }
    }

    /// Nobody: what a note that says nothing is read as.
    pub fn nobody() -> Owner {
        Owner { account: u64::MAX, role: Role::Operator, session: 0, began: Moment(0) }
    }

    /// Who works: with the rights of whoever asked.
    pub fn caller(&self) -> Caller {
        Caller {
            account: Account { number: self.account, login: String::new(), display: String::new(), role: self.role, institution: String::new(), language: "en".to_owned() },
            purpose: Purpose::Operations,
            session: Session { number: self.session, began: self.began },
            grant: None,
        }
    }

    /// The same, with what is known of the account today: its institution may have another name now.
    ///
    /// # Errors
    /// Nobody works on for an account that was blocked or is out of its dates.
    pub fn caller_at(&self, chart: &Chart) -> Result<Caller> {
        let caller = self.caller();
        let account = chart.account(self.account)?;
        if account.is_some() && chart.standing(self.account)?.is_none() {
            return Err(Error::Conflict("the account that began this job is blocked or out of its dates; begin the job again with one that may be used"));
        }
        Ok(match account {
            // The role it was begun in: nobody gains by becoming somebody else meanwhile.
            Some(account) => Caller { account: Account { role: self.role, ..account }, ..caller },
            None => caller,
        })
    }

    /// The lines of a note that tell it.
    pub fn lines(&self) -> String {
        format!("account {}\nrole {}\nsession {}\nbegan {}\n", self.account, self.role.word(), self.session, self.began.0)
    }

    /// Learns one line of a note; nothing where the line tells something else, none where it is wrong.
    pub fn learn(&mut self, word: &str, value: &str) -> Option<()> {
        match word {
            "account" => self.account = value.parse().ok()?,
            "role" => self.role = Role::named(value)?,
            "session" => self.session = value.parse().ok()?,
            "began" => self.began = Moment(value.parse().ok()?),
            _ => {}
        }
        Some(())
    }
}

/// Until when what is there since a moment may be fetched.
pub(crate) fn expiry(since: Moment) -> Moment {
    Moment(since.0.saturating_add(LASTS_MS))
}
