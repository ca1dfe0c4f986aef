//! Persons who come by the word of a provider elsewhere.
//!
//! * Who is whom is a note: the digest of the provider's name and of its name for the person leads to
//!   an account. A first link is made with the code of a health station, or by who is signed in to an
//!   account that exists and proves themselves to the provider anew; never by what a provider says.
//! * A person with a second factor of their own is asked for it as after a password.

use std::net::IpAddr;

use access::{Account, AccountAct};
use fhir::{Document, Moment};

use super::activation::{Activation, Wanted, links_name};
use super::ledger::Whose;
use super::own::PasswordChange;
use super::second_factor::code;
use super::sign_in::{SignIn, signed_in};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

/// How long somebody may take to type the code.
const TICKET_MS: i64 = 15 * 60_000;
/// What a ticket is sealed about.
const ABOUT: &[u8] = b"a person proved by a provider";

/// Who somebody is, by the word of a provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// System and value of an identifier that the record must bear, where the site asks for one.
    pub identifier: Option<(String, String)>,
}

/// What came of linking an account that exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linking {
    /// The provider lets its holder in from now on.
    Done,
    /// One of both is linked already.
    Taken,
    /// The provider names somebody else than the record.
    Unlike,
}

/// Marks a refusal among conflicts.
const TAKEN: &str = "the account or the one at the provider is linked already";

impl Chart {
    /// Lets in who is known by the word of a provider; none where nobody is.
    pub fn sign_in_elsewhere(&self, who: &Elsewhere) -> Result<Option<SignIn>> {
        let Some(note) = self.store().note(&link_name(who))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let number: u64 = std::str::from_utf8(&note).ok().and_then(|text| text.parse().ok()).ok_or(store::Error::Damaged("the link of a person to a provider could not be read"))?;
        let Some(kept) = self.kept_of_number(number)?.filter(|kept| self.is_usable(kept)) else { return Ok(Some(SignIn::Refused)) };
        let signed_in = signed_in(&kept);
        Ok(Some(if self.has_second_factor(number)? { SignIn::Half(signed_in) } else { SignIn::Welcome(signed_in) }))
    }

    /// Keeps who was proved, sealed, for the page that asks for a code; for that browser to bring back.
    pub fn ticket_for(&self, who: &Elsewhere, bound_to: &str) -> String {
        let (system, value) = who.identifier.clone().unwrap_or_default();
        let parts = [bound_to, &self.now().0.to_string(), &who.issuer, &who.subject, &system, &value].map(str::to_owned);
        self.store().seal_cursor(ABOUT, parts.join("\n").as_bytes())
    }

    /// Who a ticket is for; none where it is another browser's, too old, or none of ours.
    pub fn open_ticket(&self, ticket: &str, bound_to: &str) -> Option<Elsewhere> {
        let text = String::from_utf8(self.store().open_cursor(ABOUT, ticket)?).ok()?;
        let parts: Vec<&str> = text.split('\n').collect();
        let [bound, at, issuer, subject, system, value] = parts[..] else { return None };
        let at = Moment(at.parse().ok()?);
        if bound.is_empty() || bound != bound_to || !(0..TICKET_MS).contains(&(self.now().0 - at.0)) {
            return None;
        }
        let identifier = (!system.is_empty()).then(|| (system.to_owned(), value.to_owned()));
        Some(Elsewhere { issuer: issuer.to_owned(), subject: subject.to_owned(), identifier })
    }

    /// Makes the account of an invitation for somebody who was proved by a provider. Login and password
    /// are made up and known to nobody: the holder comes by the provider.
    ///
    /// # Errors
    /// Where the store fails; what does not fit is an [`Activation`].
    pub fn activate_elsewhere(&self, typed: &str, who: &Elsewhere, from: Option<IpAddr>) -> Result<Activation> {
        let letters = |count: usize| std::iter::repeat_with(|| code(self.store())).take(count).collect::<Vec<_>>().join("").replace('-', "");
        let (login, password) = (format!("p-{}", letters(1)), letters(4));
        let wanted = Wanted { login: &login, password: &password, link: Some((link_name(who), who.identifier.as_ref())) };
        self.activate_as(typed, &wanted, from)
    }

    /// True if a provider may let the holder of an account in.
    pub fn is_linked(&self, number: u64) -> Result<bool> {
        Ok(self.store().note(&links_name(number))?.is_some_and(|note| !note.is_empty()))
    }

    /// Links an account that exists with somebody who was just proved by a provider.
    ///
    /// # Errors
    /// Where the store fails; what does not fit is a [`Linking`].
    pub fn link_elsewhere(&self, account: &Account, who: &Elsewhere) -> Result<Linking> {
        let patient = self.kept_of_number(account.number)?.and_then(|kept| kept.person).ok_or(Error::Forbidden)?.patient;
        if let Some(identifier) = &who.identifier
            && !self.bears(&patient, identifier)?
        {
            return Ok(Linking::Unlike);
        }
        let (link, own) = (link_name(who), links_name(account.number));
        let notes = [(link.clone(), account.number.to_string().into_bytes()), (own.clone(), link.clone().into_bytes())];
        let is_free = |name: &str| Ok::<_, Error>(self.store().note(name)?.is_none_or(|note| note.is_empty()));
        let linked = self.change_accounts(account, AccountAct::LinkProvider, "", Whose::Number(account.number), &notes, |kept| {
            // One of theirs, one of ours: the accounts are held here.
            if !is_free(&link)? || !is_free(&own)? {
                return Err(Error::Conflict(TAKEN));
            }
            kept.iter().find(|kept| kept.account.number == account.number).map(|kept| kept.account.clone()).ok_or(Error::NotFound)
        });
        match linked {
            Ok(_) => Ok(Linking::Done),
            Err(Error::Conflict(TAKEN)) => Ok(Linking::Taken),
            Err(cause) => Err(cause),
        }
    }

    /// Takes the link off, with the password of now: whoever has none that they know would be left
    /// outside. Whoever came in by the provider is signed out.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no link.
    pub fn unlink_elsewhere(&self, account: &Account, current: &str, from: Option<IpAddr>) -> Result<PasswordChange> {
        if let Some(answer) = self.shows_password(account, current, from)? {
            return Ok(answer);
        }
        self.inner.ledger.patience.succeeded(&account.login, from);
        let own = links_name(account.number);
        let link = self.store().note(&own)?.filter(|note| !note.is_empty()).and_then(|note| String::from_utf8(note).ok()).ok_or(Error::NotFound)?;
        let changed = self.change_accounts(account, AccountAct::UnlinkProvider, "", Whose::Number(account.number), &[(link, Vec::new()), (own, Vec::new())], |kept| {
            let kept = kept.iter_mut().find(|kept| kept.account.number == account.number).ok_or(Error::NotFound)?;
            kept.era += 1;
            Ok(kept.account.clone())
        })?;
        self.signed_in_anew(changed)
    }

    /// True if the Patient of a record bears an identifier.
    pub(super) fn bears(&self, patient: &str, (system, value): &(String, String)) -> Result<bool> {
        let (at, permitted) = self.find(&house(), access::Act::Read, fhir::ResourceType::PATIENT, patient)?;
        let Some(stored) = self.newest(&permitted, fhir::ResourceType::PATIENT, at)? else { return Ok(false) };
        let Ok(document) = Document::read(&stored.text) else { return Ok(false) };
        let mut identifiers = document.root().get("identifier").into_iter().flat_map(|list| list.each());
        Ok(identifiers.any(|one| one.string("system").as_deref() == Some(system) && one.string("value").is_some_and(|found| found.trim().eq_ignore_ascii_case(value.trim()))))
    }
}

/// A digest: what a provider calls somebody need not be known to anybody else.
fn link_name(who: &Elsewhere) -> String {
    format!("elsewhere-{}", blake3::hash(format!("{}\n{}", who.issuer, who.subject).as_bytes()).to_hex())
}
