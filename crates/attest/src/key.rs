//! The key with which cards are signed.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::Drawer;

const NOTE: &str = "card-key";
/// What `rid`s are made with.
const SECRET: &str = "card-secret";
/// What was taken back.
const REVOKED: &str = "cards-revoked";
/// Bytes of a `rid`: ninety-six bits, sixteen letters.
const RID_BYTES: usize = 12;

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed, or the key could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Somebody else made the key at this moment; try again.
    #[error("the key is being made; try again in a moment")]
    Busy,
    /// What is to be signed does not fit on a card.
    #[error("this does not fit on a card")]
    TooLong,
}

/// Signs cards.
#[derive(Clone)]
pub struct Signer {
    drawer: Drawer,
    key: Arc<Mutex<Option<Arc<Key>>>>,
}

pub(crate) struct Key {
    pub kid: String,
    x: String,
    y: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    /// A signer whose key lies in this drawer.
    pub fn new(drawer: Drawer) -> Signer {
        Signer { drawer, key: Arc::default() }
    }

    /// The public keys as a JWKS, for `/.well-known/jwks.json`.
    ///
    /// # Errors
    /// The store failed, or the key could not be read or made.
    pub fn jwks(&self) -> Result<Value, Error> {
        let key = self.key()?;
        let mut own = json!({ "kty": "EC", "kid": key.kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": key.x, "y": key.y });
        // Every key says that there is a list of what was taken back, and how far it has come, also while it is empty:
        // whoever keeps the keys would otherwise not look for a first entry. <https://spec.smarthealth.cards/#revocation>
        own["crlVersion"] = json!(version(self.revoked()?.0));
        Ok(json!({ "keys": [own] }))
    }

    /// By what the cards of a person are taken back: the same each time, and telling nothing of them.
    ///
    /// # Errors
    /// The store failed, or somebody else made the secret at this moment.
    pub fn rid(&self, person: &str) -> Result<String, Error> {
        let secret = match self.drawer.note(SECRET)? {
            Some(secret) => secret,
            None => {
                let made: [u8; 32] = self.drawer.random();
                if !self.drawer.keep(SECRET, None, &made)? {
                    return Err(Error::Busy);
                }
                made.to_vec()
            }
        };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), format!("rid\n{}\n{person}", self.key()?.kid).as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(&tag.as_ref()[..RID_BYTES]))
    }

    /// Since when a card by this `rid` may be good, in seconds since 1970: no earlier than up to when those before it
    /// were taken back.
    pub(crate) fn good_from(&self, rid: &str) -> Result<Option<i64>, Error> {
        Ok(self.revoked()?.1.into_iter().find(|(own, _)| own == rid).map(|(_, before_s)| before_s))
    }

    /// Takes back every card of a person that was issued before a moment (seconds since 1970), and those that are good
    /// from the moment on up to which others were taken back before.
    ///
    /// # Errors
    /// The store failed, or the list changed at this moment.
    pub fn revoke_cards(&self, person: &str, before_s: i64) -> Result<(), Error> {
        let rid = self.rid(person)?;
        let note = self.drawer.note(REVOKED)?;
        let (changes, mut all) = read(note.as_deref())?;
        // Those that were issued after an earlier taking back, in its very second, are good from its moment on.
        let before_s = all.iter().find(|(own, _)| *own == rid).map_or(before_s, |(_, earlier_s)| before_s.max(earlier_s + 1));
        all.retain(|(own, _)| *own != rid);
        all.push((rid, before_s));
        let text: String = std::iter::once(format!("{}\n", changes + 1)).chain(all.iter().map(|(rid, at_s)| format!("{rid}.{at_s}\n"))).collect();
        if self.drawer.keep(REVOKED, note.as_deref(), text.as_bytes())? { Ok(()) } else { Err(Error::Busy) }
    }

    /// The list of what was taken back under a key, for `/.well-known/crl/KID.json`; none where there is
    /// no such key. <https://spec.smarthealth.cards/#revocation>
    ///
    /// # Errors
    /// The store failed, or the list could not be read.
    pub fn revocation_list(&self, kid: &str) -> Result<Option<Value>, Error> {
        if self.key()?.kid != kid {
            return Ok(None);
        }
        let (changes, all) = self.revoked()?;
        let rids: Vec<String> = all.iter().map(|(rid, at_s)| format!("{rid}.{at_s}")).collect();
        Ok(Some(json!({ "kid": kid, "method": "rid", "ctr": version(changes), "rids": rids })))
    }

    /// The name of the key that signs now.
    ///
    /// # Errors
    /// The store failed, or the key could not be read or made.
    pub fn kid(&self) -> Result<String, Error> {
        Ok(self.key()?.kid.clone())
    }

    fn revoked(&self) -> Result<(u64, Vec<(String, i64)>), Error> {
        read(self.drawer.note(REVOKED)?.as_deref())
    }

    pub(crate) fn key(&self) -> Result<Arc<Key>, Error> {
        let mut held = self.key.lock();
        if let Some(key) = &*held {
            return Ok(key.clone());
        }
        let damaged = || store::Error::Damaged("the key that signs cards could not be read");
        let pkcs8 = match self.drawer.note(NOTE)? {
            Some(note) => note,
            None => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| damaged())?;
                if !self.drawer.keep(NOTE, None, made.as_ref())? {
                    return Err(Error::Busy);
                }
                made.as_ref().to_vec()
            }
        };
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map_err(|_| damaged())?;
        let public = pair.public_key().as_ref();
        let (x, y) = public.get(1..65).ok_or_else(damaged)?.split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let key = Arc::new(Key { kid: thumbprint(&x, &y), x, y, pair });
        *held = Some(key.clone());
        Ok(key)
    }
}

impl Key {
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = self.pair.sign(&SystemRandom::new(), text).map_err(|_| store::Error::Damaged("the key that signs cards cannot sign"))?;
        Ok(signed.as_ref().to_vec())
    }
}

/// The counter of a list that changed so often: an empty one that nobody touched is the first.
fn version(changes: u64) -> u64 {
    changes + 1
}

/// How often the list changed, and what is on it.
fn read(note: Option<&[u8]>) -> Result<(u64, Vec<(String, i64)>), Error> {
    let Some(note) = note else { return Ok((0, Vec::new())) };
    let damaged = || store::Error::Damaged("the list of cards that were taken back could not be read");
    let mut lines = std::str::from_utf8(note).map_err(|_| damaged())?.lines();
    let changes = lines.next().and_then(|line| line.parse().ok()).ok_or_else(damaged)?;
    let line = |line: &str| line.split_once('.').and_then(|(rid, at)| Some((rid.to_owned(), at.parse().ok()?)));
    Ok((changes, lines.map(|one| line(one).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?))
}

/// The name of a key, from the key itself (RFC 7638).
pub(crate) fn thumbprint(x: &str, y: &str) -> String {
    let members = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
}
