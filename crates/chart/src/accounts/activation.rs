//! How the account of a person begins: a code from a health station, and what its receiver chooses.
//!
//! * The first five letters of a code say which invitation is meant, the other seven prove it. Six
//!   wrong proofs end an invitation; so does a newer one, its use, and the fourteenth day.
//! * Who gave a code to whom and what they had seen is in the journal.
//! * A login or password that cannot be taken costs nothing: the code stays.

use std::net::IpAddr;

use access::{Account, AccountAct, Caller, Role, may_keep};
use fhir::{Moment, RecordId};

use super::contact::Contact;
use super::ledger::{Kept, Whose};
use super::person::{Binding, login_name, record_name};
use super::second_factor::{code, plain};
use super::sign_in::{SignedIn, seconds, signed_in};
use super::{Terms, check_login, clean, password, refused};
use crate::door::Chart;
use crate::error::{Error, Result};

/// How long a code may be used.
const VALID_MS: i64 = 14 * fhir::date::DAY_MS;
/// So many wrong proofs and the code is void.
const ATTEMPTS: u32 = 6;
/// Letters of a code that say which one it is.
const SELECTOR: usize = 5;
/// The most letters of what was seen.
const EVIDENCE_LONGEST: usize = 200;

/// Whom an account is for.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// The id of the Patient.
    pub patient: &'a str,
    /// How the log will name the person.
    pub display: &'a str,
    /// The language of the pages.
    pub language: &'a str,
    /// What was seen to know who this is.
    pub evidence: &'a str,
    /// Where the code is sent, if it is; where it arrives, later ones may be sent too.
    pub contact: Option<&'a Contact>,
}

/// A code to make an account with. It is not shown again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The code.
    pub code: String,
    /// Until when it may be used.
    pub until: Moment,
}

/// What came of a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Activation {
    /// The account is made, and its holder has come in.
    Done(SignedIn),
    /// It is no code, or not any more: nobody is told which.
    Refused,
    /// Somebody has that login already, or is linked to the provider's account already.
    Taken,
    /// The record is not that of whom the provider names.
    Unlike,
    /// Too many attempts; come back in so many seconds.
    Later(u32),
}

/// What the account will be called, and how its holder will come.
pub(super) struct Wanted<'a> {
    pub login: &'a str,
    pub password: &'a str,
    /// The note that leads from a provider to the account, and the identifier the record must bear.
    pub link: Option<(String, Option<&'a (String, String)>)>,
}

/// An invitation as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Given {
    until: Moment,
    hash: String,
    failed: u32,
    number: u64,
    record: RecordId,
    patient: String,
    display: String,
    language: String,
    contact: Option<Contact>,
}

impl Given {
    fn written(&self) -> Vec<u8> {
        let Given { until, hash, failed, number, record, patient, display, language, contact } = self;
        let contact = contact.as_ref().map_or_else(String::new, Contact::written);
        format!("{}\t{hash}\t{failed}\t{number}\t{:016x}\t{patient}\t{display}\t{language}\t{contact}", until.0, record.0).into_bytes()
    }

    fn read(text: &str) -> Option<Given> {
        let parts: Vec<&str> = text.split('\t').collect();
        let [until, hash, failed, number, record, patient, display, language, contact] = parts.as_slice() else { return None };
        Some(Given {
            until: Moment(until.parse().ok()?),
            hash: (*hash).to_owned(),
            failed: failed.parse().ok()?,
            number: number.parse().ok()?,
            record: RecordId(u64::from_str_radix(record, 16).ok()?),
            patient: (*patient).to_owned(),
            display: (*display).to_owned(),
            language: (*language).to_owned(),
            contact: if contact.is_empty() { None } else { Some(Contact::read(contact)?) },
        })
    }
}

impl Chart {
    /// Makes a code with which the person of a record makes an account. An older one is void.
    pub fn invite(&self, by: &Caller, new: &NewPerson<'_>) -> Result<Invitation> {
        let (at, _) = self.find_seen_person(by, new.patient)?;
        let evidence = clean(new.evidence.trim());
        if evidence.is_empty() || evidence.chars().count() > EVIDENCE_LONGEST {
            return Err(refused("Say in 1 to 200 letters what you saw to know who this is, as `passport`."));
        }
        let holder = Account { number: self.new_person_number(), login: String::new(), display: clean(new.display), role: Role::Person, institution: String::new(), language: clean(new.language) };
        // Asked before the hash, which takes its time.
        if !may_keep(&by.account, AccountAct::Invite, &holder) {
            return Err(Error::Forbidden);
        }
        if self.number_of_person(at.record)?.is_some() {
            return Err(Error::Conflict("this person has an account already"));
        }
        let code = self.unused_code()?;
        let letters = plain(&code);
        let (selector, proof) = letters.split_at(SELECTOR);
        let given = Given {
            until: Moment(self.now().0 + VALID_MS),
            hash: password::hash(self.store(), proof)?,
            failed: 0,
            number: holder.number,
            record: at.record,
            patient: new.patient.to_owned(),
            display: holder.display.clone(),
            language: holder.language.clone(),
            contact: new.contact.cloned(),
        };
        let mut notes = vec![(name(selector), given.written()), (latest_name(at.record), selector.as_bytes().to_vec())];
        let latest = self.store().note(&latest_name(at.record))?;
        if let Some(older) = latest.clone().and_then(|note| String::from_utf8(note).ok()).filter(|older| older.len() == SELECTOR && older != selector) {
            notes.push((name(&older), Vec::new()));
        }
        let until = given.until;
        self.change_accounts(&by.account, AccountAct::Invite, &evidence, Whose::Staff, &notes, |_| {
            // Two at once: the accounts are held here, and the second would not know of the first to make it void.
            if self.store().note(&latest_name(at.record))? != latest || self.number_of_person(at.record)?.is_some() {
                return Err(Error::Conflict("this person was given a code at the same time; look again"));
            }
            Ok(holder)
        })?;
        Ok(Invitation { code, until })
    }

    /// Makes the account of an invitation, with a login and a password of its holder's choice.
    /// Takes tens of milliseconds, whether or not there is such a code.
    pub fn activate(&self, typed: &str, login: &str, new_password: &str, from: Option<IpAddr>) -> Result<Activation> {
        self.activate_as(typed, &Wanted { login, password: new_password, link: None }, from)
    }

    pub(super) fn activate_as(&self, typed: &str, wanted: &Wanted<'_>, from: Option<IpAddr>) -> Result<Activation> {
        let letters = plain(typed);
        let selector = letters.get(..SELECTOR).unwrap_or_default();
        let proof = letters.get(SELECTOR..).unwrap_or_default();
        let (patience, about) = (&self.inner.ledger.patience, format!("activation {selector}"));
        if let Err(wait_ms) = patience.begin(&about, from, self.now()) {
            return Ok(Activation::Later(seconds(wait_ms)));
        }
        let Some(given) = self.proved(selector, proof)? else { return Ok(Activation::Refused) };
        patience.undecided(&about, from);
        let login = wanted.login.trim().to_ascii_lowercase();
        check_login(&login)?;
        password::check(&login, wanted.password)?;
        if let Some((_, Some(identifier))) = &wanted.link
            && !self.bears(&given.patient, identifier)?
        {
            return Ok(Activation::Unlike);
        }
        let hash = password::hash(self.store(), wanted.password)?;
        let account = Account { number: given.number, login: login.clone(), display: given.display.clone(), role: Role::Person, institution: String::new(), language: given.language.clone() };
        let person = Some(Binding { record: given.record, patient: given.patient.clone(), contact: given.contact.clone() });
        let kept = Kept { account: account.clone(), hash, terms: Terms::default(), blocked: false, era: 0, person };
        let number = given.number.to_string().into_bytes();
        let mut notes = vec![(name(selector), Vec::new()), (login_name(&login), number.clone()), (record_name(given.record), number.clone()), (latest_name(given.record), Vec::new())];
        if let Some((link, _)) = &wanted.link {
            notes.extend([(link.clone(), number), (links_name(given.number), link.clone().into_bytes())]);
        }
        let detail = if wanted.link.is_some() { "by a provider" } else { "" };
        let made = self.change_accounts(&account, AccountAct::Activate, detail, Whose::NewPerson, &notes, |all| {
            // Two at once with one code, or for one login: the accounts are held here.
            if all.iter().any(|other| other.account.login.eq_ignore_ascii_case(&login)) || self.number_of_login(&login)?.is_some() {
                return Err(Error::Conflict(TAKEN));
            }
            if let Some((link, _)) = &wanted.link
                && self.store().note(link)?.is_some_and(|note| !note.is_empty())
            {
                return Err(Error::Conflict(TAKEN));
            }
            if self.given_by(selector)?.is_none_or(|(now, _)| now != given) || self.number_of_person(given.record)?.is_some() {
                return Err(Error::Conflict("the code was just used"));
            }
            all.push(kept.clone());
            Ok(account.clone())
        });
        match made {
            Ok(_) => {
                patience.succeeded(&about, from);
                Ok(Activation::Done(signed_in(&kept)))
            }
            Err(Error::Conflict(TAKEN)) => Ok(Activation::Taken),
            Err(Error::Conflict(_)) => Ok(Activation::Refused),
            Err(cause) => Err(cause),
        }
    }

    /// The invitation that a proof opens; counts what does not.
    fn proved(&self, selector: &str, proof: &str) -> Result<Option<Given>> {
        let found = self.given_by(selector)?;
        let is_right = password::is_right(found.as_ref().map_or(password::STRANGER, |(given, _)| &given.hash), proof)?;
        let Some((given, note)) = found else { return Ok(None) };
        if is_right && self.now() < given.until {
            return Ok(Some(given));
        }
        self.count_failure(selector, given, note)?;
        Ok(None)
    }

    /// Of many wrong proofs at one moment each is counted.
    fn count_failure(&self, selector: &str, mut given: Given, mut note: Vec<u8>) -> Result<()> {
        loop {
            given.failed += 1;
            let now = if given.failed >= ATTEMPTS { Vec::new() } else { given.written() };
            if self.store().keep_note(&name(selector), Some(&note), &now)? {
                return Ok(());
            }
            match self.given_by(selector)? {
                Some(changed) => (given, note) = changed,
                None => return Ok(()),
            }
        }
    }

    fn given_by(&self, selector: &str) -> Result<Option<(Given, Vec<u8>)>> {
        if selector.len() != SELECTOR {
            return Ok(None);
        }
        let Some(note) = self.store().note(&name(selector))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let given = std::str::from_utf8(&note).ok().and_then(Given::read).ok_or(store::Error::Damaged("an invitation could not be read"))?;
        Ok(Some((given, note)))
    }

    /// A code whose first letters lead to no invitation that is still good.
    fn unused_code(&self) -> Result<String> {
        loop {
            let code = code(self.store());
            let letters = plain(&code);
            if self.given_by(&letters[..SELECTOR])?.is_none_or(|(given, _)| self.now() >= given.until) {
                return Ok(code);
            }
        }
    }
}

const TAKEN: &str = "the login is taken";

pub(super) fn name(selector: &str) -> String {
    format!("invitation-{selector}")
}

/// The note of an account that says by which provider its holder comes.
pub(super) fn links_name(number: u64) -> String {
    format!("elsewhere-of-{number}")
}

pub(super) fn latest_name(record: RecordId) -> String {
    format!("invitation-of-{:016x}", record.0)
}
