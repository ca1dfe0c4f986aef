//! The journal of accounts: who did what to which account, and when.
//!
//! The entries are chained (`chain`); the mark is a line of the note of the accounts.

use access::{Account, AccountAct};
use fhir::Moment;

use crate::chain;
use crate::door::Chart;
use crate::error::Result;

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalEntry {
    /// When.
    pub at: Moment,
    /// The login of who did it; `console` is the command line.
    pub by: String,
    /// What was done.
    pub act: AccountAct,
    /// The login it was done to.
    pub holder: String,
    /// What changed, where the act alone does not say it.
    pub detail: String,
}

/// How far the journal has come.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub count: u64,
    pub digest: String,
}

impl Mark {
    pub fn read(line: &str) -> Option<Mark> {
        let mut parts = line.split('\t').skip(1);
        Some(Mark { count: parts.next()?.parse().ok()?, digest: parts.next()?.to_owned() })
    }

    pub fn written(&self) -> String {
        if self.count == 0 { String::new() } else { format!("journal\t{}\t{}\n", self.count, self.digest) }
    }
}

/// The next entry: the name of its note, its text, and how far the journal has then come.
pub(super) fn next(before: &Mark, at: Moment, by: &Account, act: AccountAct, holder: &Account, detail: &str) -> (String, String, Mark) {
    let count = before.count + 1;
    let text = format!("{}\t{at}\t{}\t{}\t{}\t{}\t{}\t{detail}", before.digest, by.number, by.login, act.word(), holder.number, holder.login);
    let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
    (name(count), text, Mark { count, digest })
}

fn name(number: u64) -> String {
    format!("account-journal-{number}")
}

impl Chart {
    /// The whole journal, the oldest entry first; an error where it is not whole.
    pub fn account_journal(&self) -> Result<Vec<JournalEntry>> {
        let damaged = || store::Error::Damaged("the journal of accounts is not as it was written");
        let mark = || self.book().map(|book| (book.journal.count, book.journal.digest.clone()));
        chain::entries(self.store(), mark, name, read, damaged)
    }
}

fn read(text: &str, digest_before: &str) -> Option<JournalEntry> {
    let mut parts = text.splitn(8, '\t');
    let mut next = || parts.next();
    if next()? != digest_before {
        return None;
    }
    let at = Moment::parse(next()?)?;
    let _number = next()?;
    let by = next()?.to_owned();
    let act = AccountAct::named(next()?)?;
    let _holder_number = next()?;
    Some(JournalEntry { at, by, act, holder: next()?.to_owned(), detail: next()?.to_owned() })
}
