//! The key with which cards are signed.

use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::Drawer;

const NOTE: &str = "card-key";

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
        Ok(json!({ "keys": [{ "kty": "EC", "kid": key.kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": key.x, "y": key.y }] }))
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

/// The name of a key, from the key itself (RFC 7638).
pub(crate) fn thumbprint(x: &str, y: &str) -> String {
    let members = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
}
