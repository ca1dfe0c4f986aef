//! All tokens that come of one consent are a family: proved by one secret, ended together.
//!
//! A token is not kept. It names its family and says what it is; a digest under the family's secret
//! proves it. An account's families lie in one sealed note.

use std::collections::HashMap;
use std::sync::Arc;

use access::Session;
use fhir::Moment;
use serde::{Deserialize, Serialize};

use crate::authorize::LaunchContext;
use crate::binding::Binding;
use crate::encode;
use crate::error::{Code, Error, Result, refused};
use crate::server::Server;

/// Families one account may have; the oldest goes first.
const FAMILIES_MOST: usize = 100;
const ACCESS: u8 = 1;
const REFRESH: u8 = 2;
/// As `ACCESS`, with the place of its fewer scopes behind the times.
const NARROWED: u8 = 3;
/// In how many ways the tokens of one consent may be narrowed.
const NARROWER_MOST: usize = 50;
const MAC_BYTES: usize = 32;

/// What came of one consent, or of one proof of a program that works without a person.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Family {
    pub id: String,
    pub client: String,
    pub account: u64,
    /// The era of the account at the consent: a new password ends it.
    pub era: u64,
    pub scopes: String,
    /// Fewer scopes for which tokens for access were asked; such a token names its place here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrower: Vec<String>,
    pub context: LaunchContext,
    pub began: i64,
    pub secret: String,
    /// How often it was renewed.
    pub generation: u32,
    /// When it was renewed last, in milliseconds since 1970; 0 where nobody knows.
    #[serde(default)]
    pub renewed_at: i64,
    /// True if it may be renewed.
    pub renews: bool,
    /// When it ends, in milliseconds since 1970.
    pub until: i64,
    /// Tokens for access made before this moment are worth nothing.
    pub valid_from: i64,
    /// To what its tokens are bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
}

/// A token, read but not yet believed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub account: u64,
    pub family: [u8; 16],
    proved: Vec<u8>,
    mac: [u8; MAC_BYTES],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    Access { made_at: Moment, until: Moment, narrowed: Option<u32> },
    Refresh { generation: u32 },
}

impl Token {
    /// Reads a token; none where it is none of ours.
    pub fn read(text: &str) -> Option<Token> {
        if text.len() > 200 {
            return None;
        }
        let bytes = encode::bytes(text)?;
        let (proved, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        let (first, rest) = proved.split_first()?;
        let number = |bytes: &[u8]| Some(i64::from_le_bytes(bytes.try_into().ok()?));
        let account = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
        let family = rest.get(8..24)?.try_into().ok()?;
        let kind = match (*first, rest.get(24..)?) {
            (ACCESS, times) if times.len() == 16 => TokenKind::Access { made_at: Moment(number(&times[..8])?), until: Moment(number(&times[8..])?), narrowed: None },
            (NARROWED, rest) if rest.len() == 20 => TokenKind::Access { made_at: Moment(number(&rest[..8])?), until: Moment(number(&rest[8..16])?), narrowed: Some(u32::from_le_bytes(rest[16..].try_into().ok()?)) },
            (REFRESH, generation) => TokenKind::Refresh { generation: u32::from_le_bytes(generation.try_into().ok()?) },
            _ => return None,
        };
        Some(Token { kind, account, family, proved: proved.to_vec(), mac: mac.try_into().ok()? })
    }
}

impl Family {
    /// A token for access, from one moment to another; where it is narrowed, with the scopes of that place.
    pub fn access(&self, made_at: Moment, until: Moment, narrowed: Option<u32>) -> String {
        let times = [made_at.0.to_le_bytes(), until.0.to_le_bytes()].concat();
        match narrowed {
            None => self.token(ACCESS, &times),
            Some(place) => self.token(NARROWED, &[&times[..], &place.to_le_bytes()].concat()),
        }
    }

    /// The place of fewer scopes; none where they are all that were given. What was given stays as it was.
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-6>
    pub fn narrow(&mut self, scopes: String) -> Result<Option<u32>> {
        if scopes == self.scopes {
            return Ok(None);
        }
        let known = self.narrower.iter().position(|other| *other == scopes);
        if known.is_none() && self.narrower.len() >= NARROWER_MOST {
            return refused(Code::InvalidScope, "Fewer scopes were asked for in too many ways: name scopes as before, or none for all that were given.");
        }
        let place = known.unwrap_or_else(|| {
            self.narrower.push(scopes);
            self.narrower.len() - 1
        });
        Ok(Some(place as u32))
    }

    /// The scopes of a token for access; none where this family has no such place.
    pub fn scopes_of(&self, narrowed: Option<u32>) -> Option<&str> {
        match narrowed {
            None => Some(&self.scopes),
            Some(place) => self.narrower.get(usize::try_from(place).ok()?).map(String::as_str),
        }
    }

    /// The token that renews it next.
    pub fn refresh(&self) -> String {
        self.token(REFRESH, &self.generation.to_le_bytes())
    }

    /// True if this family made the token.
    pub fn made(&self, token: &Token) -> bool {
        encode::is_same(&self.mac(&token.proved), &token.mac)
    }

    /// The stretch of work at a moment: twelve hours each.
    pub fn session_at(&self, now: Moment) -> Session {
        let stretch = (now.0 - self.began).max(0) / Session::LONGEST_MS;
        let mac = self.mac(&[b"session".as_slice(), &stretch.to_le_bytes()].concat());
        let mut number = [0; 8];
        number.copy_from_slice(&mac[..8]);
        Session { number: u64::from_le_bytes(number), began: Moment(self.began + stretch * Session::LONGEST_MS) }
    }

    /// Its id as bytes.
    pub fn id_bytes(&self) -> [u8; 16] {
        encode::array(&self.id).unwrap_or_default()
    }

    fn token(&self, kind: u8, rest: &[u8]) -> String {
        let proved = [&[kind][..], &self.account.to_le_bytes(), &self.id_bytes(), rest].concat();
        let mac = self.mac(&proved);
        encode::text([proved, mac.to_vec()].concat())
    }

    fn mac(&self, of: &[u8]) -> [u8; MAC_BYTES] {
        *blake3::keyed_hash(&encode::array(&self.secret).unwrap_or_default(), of).as_bytes()
    }
}

impl Server {
    /// The family of a token, whether or not it made it.
    pub(crate) fn family_of(&self, token: &Token) -> Result<Option<Arc<Family>>> {
        if let Some(family) = self.memory.lock().machines.get(&token.family) {
            return Ok(Some(family.clone()));
        }
        let families = self.families_of(token.account)?;
        Ok(families.iter().find(|family| family.id_bytes() == token.family).cloned().map(Arc::new))
    }

    /// What an account has allowed programs, as long as it lasts.
    pub(crate) fn families_of(&self, account: u64) -> Result<Arc<Vec<Family>>> {
        self.families_in(&mut self.families.lock(), account)
    }

    fn families_in(&self, held: &mut HashMap<u64, Arc<Vec<Family>>>, account: u64) -> Result<Arc<Vec<Family>>> {
        if let Some(families) = held.get(&account) {
            return Ok(families.clone());
        }
        let Some(note) = self.drawer.note(&name(account))? else { return Ok(Arc::default()) };
        let families = serde_json::from_slice(&note).map_err(|_| store::Error::Damaged("what an account has allowed programs could not be read"))?;
        let families = Arc::new(families);
        held.insert(account, Arc::clone(&families));
        Ok(families)
    }

    /// Changes what an account has allowed, on disk before it counts. What has ended is left out.
    pub(crate) fn change_families<T>(&self, account: u64, now: Moment, edit: impl FnOnce(&mut Vec<Family>) -> Result<T>) -> Result<T> {
        let mut held = self.families.lock();
        let mut families = Vec::clone(&*self.families_in(&mut held, account)?);
        families.retain(|family| family.until > now.0);
        let done = edit(&mut families)?;
        if families.len() > FAMILIES_MOST {
            families.sort_by_key(|family| family.began);
            families.drain(..families.len() - FAMILIES_MOST);
        }
        let before = self.drawer.note(&name(account))?;
        let text = serde_json::to_vec(&families).map_err(|_| store::Error::Damaged("what an account has allowed programs could not be written"))?;
        let is_kept = self.drawer.keep(&name(account), before.as_deref(), &text);
        held.remove(&account);
        if !is_kept? {
            return Err(Error::Busy);
        }
        held.insert(account, Arc::new(families));
        Ok(done)
    }

    /// Ends a family. Nothing where it has ended already.
    pub(crate) fn end_family(&self, account: u64, id: &[u8; 16], now: Moment) -> Result<()> {
        if self.memory.lock().machines.remove(id).is_some() {
            return Ok(());
        }
        if self.families_of(account)?.iter().all(|family| family.id_bytes() != *id) {
            return Ok(());
        }
        self.change_families(account, now, |families| {
            families.retain(|family| family.id_bytes() != *id);
            Ok(())
        })
    }
}

fn name(account: u64) -> String {
    format!("families-{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Family {
        Family {
            id: encode::text([1; 16]),
            client: "app".into(),
            account: 3,
            era: 0,
            scopes: "patient/*.rs".into(),
            narrower: Vec::new(),
            context: LaunchContext::default(),
            began: 1000,
            secret: encode::text([7; 32]),
            generation: 2,
            renewed_at: 0,
            renews: true,
            until: i64::MAX,
            valid_from: 0,
            binding: None,
        }
    }

    #[test]
    fn a_token_says_what_it_is_and_only_its_family_made_it() {
        let family = family();
        let other = Family { secret: encode::text([8; 32]), ..family.clone() };
        let access = Token::read(&family.access(Moment(5), Moment(9), None)).unwrap();
        assert_eq!((access.kind, access.account, access.family), (TokenKind::Access { made_at: Moment(5), until: Moment(9), narrowed: None }, 3, [1; 16]));
        let refresh = Token::read(&family.refresh()).unwrap();
        assert_eq!(refresh.kind, TokenKind::Refresh { generation: 2 });
        for token in [&access, &refresh] {
            assert!(family.made(token) && !other.made(token));
        }
        assert_ne!(family.access(Moment(5), Moment(9), None), family.access(Moment(5), Moment(10), None));
    }

    #[test]
    fn a_token_with_one_sign_changed_is_none() {
        let family = family();
        for whole in [family.access(Moment(5), Moment(9), None), family.access(Moment(5), Moment(9), Some(1)), family.refresh()] {
            for place in 0..whole.len() {
                let mut signs: Vec<char> = whole.chars().collect();
                signs[place] = if signs[place] == 'A' { 'B' } else { 'A' };
                let changed: String = signs.into_iter().collect();
                assert!(changed == whole || Token::read(&changed).is_none_or(|token| !family.made(&token)), "{place}");
            }
        }
        for wrong in ["", "A", "not a token", &"A".repeat(98), &"A".repeat(400)] {
            assert!(Token::read(wrong).is_none_or(|token| !family.made(&token)), "{wrong}");
        }
    }

    #[test]
    fn fewer_scopes_have_a_place_and_what_was_given_stays() {
        let mut family = family();
        assert_eq!(family.narrow("patient/*.rs".into()).unwrap(), None);
        assert_eq!(family.narrow("patient/Condition.rs".into()).unwrap(), Some(0));
        assert_eq!(family.narrow("patient/Observation.rs".into()).unwrap(), Some(1));
        assert_eq!(family.narrow("patient/Condition.rs".into()).unwrap(), Some(0));
        let scopes = [None, Some(0), Some(1), Some(2)].map(|place| family.scopes_of(place).map(str::to_owned));
        assert_eq!(scopes.each_ref().map(Option::as_deref), [Some("patient/*.rs"), Some("patient/Condition.rs"), Some("patient/Observation.rs"), None]);
        let token = Token::read(&family.access(Moment(5), Moment(9), Some(1))).unwrap();
        assert!(family.made(&token));
        assert_eq!(token.kind, TokenKind::Access { made_at: Moment(5), until: Moment(9), narrowed: Some(1) });
        for place in 2..NARROWER_MOST {
            assert!(family.narrow(format!("patient/Condition.rs?code={place}")).is_ok());
        }
        assert!(family.narrow("patient/Patient.rs".into()).is_err());
    }

    #[test]
    fn a_stretch_of_work_lasts_twelve_hours() {
        let family = family();
        let first = family.session_at(Moment(1000));
        let last = family.session_at(Moment(1000 + Session::LONGEST_MS - 1));
        let next = family.session_at(Moment(1000 + Session::LONGEST_MS));
        assert_eq!(first, last);
        assert_ne!(first.number, next.number);
        assert!(next.lasts_at(Moment(1000 + Session::LONGEST_MS)));
    }
}
