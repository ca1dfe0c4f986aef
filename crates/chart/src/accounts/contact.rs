//! Where a person can be reached with a code, and what carries it there.
//!
//! * A code is sent only to an address whose holder has shown that codes arrive there.
//! * Whoever asks for one is answered alike, whether or not there is such a login.
//! * What is sent never says whose record it is about.

use access::{Account, AccountAct};
use fhir::Moment;

use super::ledger::Whose;
use super::second_factor::{code, plain};
use super::{password, refused};
use crate::door::Chart;
use crate::error::{Error, Result};

/// How long a code that confirms an address may be used.
const VALID_MS: i64 = 30 * 60_000;
/// So many wrong codes and a new one has to be sent.
const ATTEMPTS: u32 = 6;
/// Nobody is sent a second code before this time has passed.
const PAUSE_MS: i64 = 2 * 60_000;

/// An address codes can be sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contact {
    /// An address of e-mail.
    Email(String),
    /// A number of a telephone that takes messages, as `+` and digits.
    Phone(String),
}

impl Contact {
    /// Reads what somebody typed; none where it is neither an address nor a number with its country.
    pub fn typed(text: &str) -> Option<Contact> {
        let text = text.trim();
        if let Some((name, domain)) = text.rsplit_once('@') {
            let good = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"@<>,;:\"()[]\\".contains(&byte));
            let is_domain = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
            return (text.len() <= 254 && good(name) && good(domain) && is_domain).then(|| Contact::Email(text.to_owned()));
        }
        let number: String = text.chars().filter(|sign| !matches!(sign, ' ' | '-' | '(' | ')' | '.')).collect();
        let digits = number.strip_prefix('+')?;
        let is_number = (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        is_number.then_some(Contact::Phone(number))
    }

    /// So much of it that its holder knows it again, and nobody else learns it.
    pub fn hint(&self) -> String {
        match self {
            Contact::Email(text) => {
                let (name, domain) = text.rsplit_once('@').unwrap_or((text, ""));
                format!("{}…@{domain}", name.chars().next().unwrap_or('…'))
            }
            Contact::Phone(text) => format!("…{}", &text[text.len().saturating_sub(3)..]),
        }
    }

    pub(super) fn read(text: &str) -> Option<Contact> {
        let (kind, address) = text.split_once(':')?;
        let contact = Contact::typed(address)?;
        (kind == contact.kind()).then_some(contact)
    }

    pub(super) fn written(&self) -> String {
        format!("{}:{}", self.kind(), self.address())
    }

    /// `email` or `phone`.
    pub fn kind(&self) -> &'static str {
        match self {
            Contact::Email(_) => "email",
            Contact::Phone(_) => "phone",
        }
    }

    /// The address itself.
    pub fn address(&self) -> &str {
        match self {
            Contact::Email(text) | Contact::Phone(text) => text,
        }
    }
}

/// A message to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Where it goes.
    pub to: Contact,
    /// What it is about, for kinds of message that say so.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// The message was not taken.
#[derive(Debug, thiserror::Error)]
#[error("a message to a person could not be handed over")]
pub struct LetterError(#[from] pub std::io::Error);

/// Carries messages to persons: a gateway of e-mail or telephone, or a folder.
pub trait Post: Send + Sync + std::fmt::Debug {
    /// Hands a message over. May block.
    fn send(&self, letter: &Letter) -> std::result::Result<(), LetterError>;
}

impl Chart {
    /// A code for a new password, where it goes, and the language of its holder; none where there is
    /// nobody to send one to, or the last one has only just been sent. Takes its time in any case.
    pub fn code_by_post(&self, login: &str) -> Result<Option<(String, Contact, String)>> {
        let found = self.kept_of_login(login)?.filter(|kept| !kept.blocked);
        let found = found.and_then(|kept| Some((kept.account, kept.person?.contact?)));
        let last = found.as_ref().map(|(account, _)| self.code_made_at(account.number)).transpose()?.flatten();
        let Some((account, contact)) = found.filter(|_| last.is_none_or(|last| self.now().0 - last.0 >= PAUSE_MS)) else {
            password::hash(self.store(), login)?;
            return Ok(None);
        };
        let code = self.make_code(&account, AccountAct::SendCode, account.number)?;
        Ok(Some((code, contact, account.language)))
    }

    /// Where codes for an account are sent.
    pub fn contact_of(&self, account: &Account) -> Result<Option<Contact>> {
        Ok(self.kept_of_number(account.number)?.and_then(|kept| kept.person).and_then(|person| person.contact))
    }

    /// Begins to confirm an address of one's own: the code to be sent there.
    pub fn ask_contact(&self, account: &Account, contact: &Contact) -> Result<String> {
        let name = name(account.number);
        let before = self.store().note(&name)?;
        let asked = before.as_deref().and_then(Asked::read);
        if asked.is_some_and(|asked| self.now().0 - (asked.until.0 - VALID_MS) < PAUSE_MS) {
            return Err(refused("A code has only just been sent; wait two minutes for it before you ask for another."));
        }
        let code = code(self.store());
        let asked = Asked { until: Moment(self.now().0 + VALID_MS), failed: 0, hash: password::hash(self.store(), &plain(&code))?, contact: contact.clone() };
        match self.store().keep_note(&name, before.as_deref(), &asked.written())? {
            true => Ok(code),
            false => Err(Error::Conflict("a code was asked for at the same time")),
        }
    }

    /// Keeps an address to which a code has come. False where the code is wrong or too old.
    pub fn confirm_contact(&self, account: &Account, typed: &str) -> Result<bool> {
        let name = name(account.number);
        let Some(note) = self.store().note(&name)?.filter(|note| !note.is_empty()) else { return Ok(false) };
        let mut asked = Asked::read(&note).ok_or(store::Error::Damaged("an address to be confirmed could not be read"))?;
        // Counted before it is looked at: many at one moment are no more than many in a row.
        asked.failed += 1;
        let counted = if asked.failed >= ATTEMPTS { Vec::new() } else { asked.written() };
        if !self.store().keep_note(&name, Some(&note), &counted)? {
            return Ok(false);
        }
        if self.now() >= asked.until || !password::is_right(&asked.hash, &plain(typed))? {
            return Ok(false);
        }
        self.keep_contact(account, Some(asked.contact))?;
        Ok(true)
    }

    /// No code is sent any more.
    pub fn drop_contact(&self, account: &Account) -> Result<()> {
        self.keep_contact(account, None)
    }

    fn keep_contact(&self, account: &Account, contact: Option<Contact>) -> Result<()> {
        let detail = contact.as_ref().map_or("none", Contact::kind);
        let number = account.number;
        self.change_accounts(account, AccountAct::Confirm, detail, Whose::Number(number), &[(name(number), Vec::new())], |kept| {
            let kept = kept.iter_mut().find(|kept| kept.account.number == number).ok_or(Error::NotFound)?;
            let person = kept.person.as_mut().ok_or_else(|| refused("Codes are sent to persons; staff get one from a second person."))?;
            person.contact.clone_from(&contact);
            Ok(kept.account.clone())
        })?;
        Ok(())
    }
}

struct Asked {
    until: Moment,
    failed: u32,
    hash: String,
    contact: Contact,
}

impl Asked {
    fn read(note: &[u8]) -> Option<Asked> {
        let mut parts = std::str::from_utf8(note).ok()?.split('\t');
        let mut next = || parts.next();
        Some(Asked { until: Moment(next()?.parse().ok()?), failed: next()?.parse().ok()?, hash: next()?.to_owned(), contact: Contact::read(next()?)? })
    }

    fn written(&self) -> Vec<u8> {
        format!("{}\t{}\t{}\t{}", self.until.0, self.failed, self.hash, self.contact.written()).into_bytes()
    }
}

pub(super) fn name(number: u64) -> String {
    format!("contact-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_or_none() {
        for (typed, kept) in [
            (" ana@mail.example ", Some("email:ana@mail.example")),
            ("+52 55 1234-5678", Some("phone:+525512345678")),
            ("ana@example", None),
            ("ana@@mail.example", None),
            ("Ana <ana@mail.example>", None),
            ("ana@mail.example\nBcc: x@y.example", None),
            ("55 1234 5678", None),
            ("+0123456789", None),
            ("+52", None),
            ("", None),
        ] {
            let contact = Contact::typed(typed);
            assert_eq!(contact.as_ref().map(Contact::written).as_deref(), kept, "{typed:?}");
            assert!(kept.is_none_or(|kept| Contact::read(kept) == contact), "{typed:?}");
        }
        assert_eq!(Contact::read("phone:ana@mail.example"), None);
    }

    #[test]
    fn a_hint_tells_its_holder_and_nobody_else() {
        let hint = |text| Contact::typed(text).unwrap().hint();
        assert_eq!((hint("ana.ruiz@mail.example").as_str(), hint("+525512345678").as_str()), ("a…@mail.example", "…678"));
    }
}
