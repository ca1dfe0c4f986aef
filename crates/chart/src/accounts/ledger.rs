//! The note of all accounts: its lines, what is remembered of it, and how it changes.
//!
//! One account a line: number, login, display, role, institution, language, hash, then what not
//! every account has as `name=value`. The first line may say how far the journal has come. Lines
//! written before there were more than seven fields are read like any other.
//!
//! Persons are many more than staff: each account of a person is a note of its own with one such
//! line, found by its number, its login and its record.

use std::sync::Arc;

use access::{Account, AccountAct, Role, may_keep};
use fhir::PartialDateTime;
use fhir::date::Precision;
use parking_lot::Mutex;
use store::NoteChange;

use super::journal::{self, Mark};
use super::passkeys::Questions;
use super::patience::Patience;
use super::person::{Binding, is_person_number};
use super::{Day, Terms, day_told};
use super::contact::Contact;
use crate::door::Chart;
use crate::error::{Error, Result};

const NOTE: &str = "accounts";

/// What the door remembers of accounts, and of failures to sign in.
#[derive(Default)]
pub(crate) struct Ledger {
    book: Mutex<Option<Arc<Book>>>,
    pub(crate) patience: Patience,
    pub(super) questions: Questions,
    /// Held while it changes who acts for whom.
    pub(super) trusts: Mutex<()>,
}

/// The note, read.
pub(super) struct Book {
    note: Option<Vec<u8>>,
    pub(super) kept: Vec<Kept>,
    pub(super) journal: Mark,
}

/// One account with what is never shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Kept {
    pub account: Account,
    pub hash: String,
    pub terms: Terms,
    pub blocked: bool,
    pub era: u64,
    /// Whose record it is bound to; only a person's account is.
    pub person: Option<Binding>,
}

impl Kept {
    /// Refuses what was begun in another era: hashes take their time, and meanwhile somebody may have blocked the
    /// account or set another password.
    pub fn is_still_of(&self, era: u64) -> Result<()> {
        if self.era == era && !self.blocked { Ok(()) } else { Err(Error::Conflict("the account was changed at the same time")) }
    }
}

/// Whose accounts a change is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of staff.
    Staff,
    /// The one of this number, whoever's it is.
    Number(u64),
    /// A person's that is being made.
    NewPerson,
}

impl Chart {
    pub(super) fn book(&self) -> Result<Arc<Book>> {
        self.book_in(&mut self.inner.ledger.book.lock())
    }

    fn book_in(&self, held: &mut Option<Arc<Book>>) -> Result<Arc<Book>> {
        if let Some(book) = held {
            return Ok(book.clone());
        }
        let book = Arc::new(Book::read(self.store().note(NOTE)?)?);
        *held = Some(book.clone());
        Ok(book)
    }

    /// The account of a login. Logins of persons are kept in small letters.
    pub(super) fn kept_of_login(&self, login: &str) -> Result<Option<Kept>> {
        if let Some(kept) = self.book()?.kept.iter().find(|kept| kept.account.login == login) {
            return Ok(Some(kept.clone()));
        }
        match self.number_of_login(login)? {
            Some(number) => self.kept_of_number(number),
            None => Ok(None),
        }
    }

    /// The account of a number.
    pub(super) fn kept_of_number(&self, number: u64) -> Result<Option<Kept>> {
        if is_person_number(number) {
            return Ok(self.person_note(number)?.map(|(kept, _)| kept));
        }
        Ok(self.book()?.kept.iter().find(|kept| kept.account.number == number).cloned())
    }

    /// The account of a number, whoever's it is.
    pub fn account_of(&self, number: u64) -> Result<Option<Account>> {
        Ok(self.kept_of_number(number)?.map(|kept| kept.account))
    }

    fn person_note(&self, number: u64) -> Result<Option<(Kept, Vec<u8>)>> {
        let Some(note) = self.store().note(&person_name(number))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let kept = std::str::from_utf8(&note).ok().and_then(|text| read(text.trim_end_matches('\n')));
        let kept = kept.filter(|kept| kept.account.number == number && kept.person.is_some());
        let kept = kept.ok_or(store::Error::Damaged("the account of a person could not be read"))?;
        Ok(Some((kept, note)))
    }

    /// Changes one account.
    pub(super) fn change_account_of(&self, by: &Account, act: AccountAct, login: &str, detail: &str, edit: impl FnOnce(&mut Kept) -> Result<()>) -> Result<Account> {
        let number = self.kept_of_login(login)?.ok_or(Error::NotFound)?.account.number;
        self.change_accounts(by, act, detail, Whose::Number(number), &[], |kept| {
            let kept = kept.iter_mut().find(|kept| kept.account.number == number).ok_or(Error::NotFound)?;
            edit(kept)?;
            Ok(kept.account.clone())
        })
    }

    /// Changes the accounts as `edit` does, which says whose account it is, and other notes with
    /// them; writes the journal. All or nothing, and nothing where `by` may not do it.
    pub(super) fn change_accounts(&self, by: &Account, act: AccountAct, detail: &str, whose: Whose, notes: &[(String, Vec<u8>)], edit: impl FnOnce(&mut Vec<Kept>) -> Result<Account>) -> Result<Account> {
        let mut held = self.inner.ledger.book.lock();
        let book = self.book_in(&mut held)?;
        let mut kept = book.kept.clone();
        let person = match whose {
            Whose::Number(number) if is_person_number(number) => self.person_note(number)?,
            _ => None,
        };
        let person_before = person.map(|(person, note)| {
            kept.push(person);
            note
        });
        // Read before `edit` looks at them: what changes after its look is found by the commit.
        let others = notes.iter().map(|(name, now)| Ok((name, self.store().note(name)?, now))).collect::<Result<Vec<_>>>()?;
        let holder = edit(&mut kept)?;
        if !may_keep(by, act, &holder) {
            return Err(Error::Forbidden);
        }
        let person = kept.pop_if(|last| last.person.is_some());
        if kept.iter().any(|kept| kept.person.is_some()) || person.is_some() != (person_before.is_some() || whose == Whose::NewPerson) {
            return Err(store::Error::Damaged("the account of a person came among those of staff").into());
        }
        let (name, entry, journal) = journal::next(&book.journal, self.now(), by, act, &holder, detail);
        let note = written(&journal, &kept).into_bytes();
        let person = person.map(|person| (person_name(person.account.number), written(&Mark::default(), &[person]).into_bytes()));
        let mut changes = vec![
            NoteChange { name: NOTE, before: book.note.as_deref(), now: &note },
            NoteChange { name: &name, before: None, now: entry.as_bytes() },
        ];
        if let Some((name, now)) = &person {
            changes.push(NoteChange { name, before: person_before.as_deref(), now });
        }
        changes.extend(others.iter().map(|(name, before, now)| NoteChange { name, before: before.as_deref(), now }));
        let is_kept = self.store().keep_notes(&changes);
        *held = None;
        if !is_kept? {
            return Err(Error::Conflict("the accounts changed at the same time"));
        }
        *held = Some(Arc::new(Book { note: Some(note), kept, journal }));
        Ok(holder)
    }
}

impl Book {
    fn read(note: Option<Vec<u8>>) -> Result<Book> {
        let Some(note) = note else { return Ok(Book { note: None, kept: Vec::new(), journal: Mark::default() }) };
        let text = std::str::from_utf8(&note).map_err(|_| store::Error::Damaged("the accounts could not be read"))?;
        let damaged = || store::Error::Damaged("an account could not be read");
        let (journal, lines) = match text.split_once('\n').filter(|(first, _)| first.starts_with("journal\t")) {
            Some((first, rest)) => (Mark::read(first).ok_or_else(damaged)?, rest),
            None => (Mark::default(), text),
        };
        let kept = lines.lines().map(|line| read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?;
        Ok(Book { kept, journal, note: Some(note) })
    }
}

fn written(journal: &Mark, kept: &[Kept]) -> String {
    let mut text = journal.written();
    for Kept { account, hash, terms, blocked, era, person } in kept {
        let Account { number, login, display, role, institution, language } = account;
        text.push_str(&format!("{number}\t{login}\t{display}\t{}\t{institution}\t{language}\t{hash}", role.word()));
        if !terms.licence.is_empty() {
            text.push_str(&format!("\tlicence={}", terms.licence));
        }
        for (name, day) in [("from", terms.from), ("until", terms.until)] {
            if let Some(day) = day {
                text.push_str(&format!("\t{name}={}", day_told(day)));
            }
        }
        if *blocked {
            text.push_str("\tblocked=yes");
        }
        if *era > 0 {
            text.push_str(&format!("\tera={era}"));
        }
        if let Some(person) = person {
            text.push_str(&person.written());
        }
        text.push('\n');
    }
    text
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
    let mut kept = Kept { account, hash: next()?.to_owned(), terms: Terms::default(), blocked: false, era: 0, person: None };
    for part in parts {
        match part.split_once('=')? {
            ("licence", text) => kept.terms.licence = text.to_owned(),
            ("from", text) => kept.terms.from = Some(day_of(text)?),
            ("until", text) => kept.terms.until = Some(day_of(text)?),
            ("blocked", "yes") => kept.blocked = true,
            ("era", text) => kept.era = text.parse().ok()?,
            ("person", text) => kept.person = Some(Binding::read(text)?),
            ("contact", text) => kept.person.as_mut()?.contact = Some(Contact::read(text)?),
            // A newer program may have said something that keeps somebody out.
            _ => return None,
        }
    }
    Some(kept)
}

/// The name of the note of a person's account.
pub(super) fn person_name(number: u64) -> String {
    format!("person-account-{number}")
}

fn day_of(text: &str) -> Option<Day> {
    let date = PartialDateTime::parse(text)?;
    (date.precision == Precision::Day).then_some((date.year, date.month, date.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1\tana\tAna\tphysician\tClinic\tes\t$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";

    #[test]
    fn an_account_written_before_there_were_terms_is_read_and_written_as_it_was() {
        let book = Book::read(Some(format!("{OLD}\n").into_bytes())).unwrap();
        let kept = &book.kept[0];
        assert_eq!((kept.account.login.as_str(), kept.account.role, &kept.terms, kept.blocked, kept.era), ("ana", Role::Physician, &Terms::default(), false, 0));
        assert_eq!(written(&Mark::default(), &book.kept), format!("{OLD}\n"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut kept = read(OLD).unwrap();
        kept.terms = Terms { licence: "A=1 /2".into(), from: Some((2026, 1, 31)), until: Some((2027, 2, 1)) };
        kept.blocked = true;
        kept.era = 9;
        kept.person = Some(Binding { record: fhir::RecordId(0xabc), patient: "p-1".into(), contact: Contact::read("email:a=b@example.org") });
        let journal = Mark { count: 3, digest: "abc".into() };
        let text = written(&journal, std::slice::from_ref(&kept));
        let book = Book::read(Some(text.into_bytes())).unwrap();
        assert_eq!((book.kept, book.journal), (vec![kept], journal));
    }

    #[test]
    fn what_is_not_understood_is_damage_and_never_left_out() {
        for more in ["person=zz", "person=", "contact=email:a@b.example", "until=2026", "until=2026-02-30", "blocked=no", "era=x", "colour=red", "word"] {
            assert!(read(&format!("{OLD}\t{more}")).is_none(), "{more}");
        }
    }
}
