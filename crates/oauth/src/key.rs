//! The key with which this server signs who somebody is. It lies in a sealed note and is made when it is first asked for.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use fhir::Moment;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::encode;
use crate::error::{Error, Result};
use crate::server::Server;

const NOTE: &str = "signing-key";

/// The key, ready to sign.
pub(crate) struct SigningKey {
    kid: String,
    public: Vec<u8>,
    private: EncodingKey,
    /// Makes the names under which programs know people.
    subjects: [u8; 32],
    former: Vec<(Vec<u8>, Moment)>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    pkcs8: String,
    subjects: String,
    /// Keys that sign no more, while what they signed is still good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<Former>,
}

/// The public half of a key that was replaced.
#[derive(Clone, Serialize, Deserialize)]
struct Former {
    public: String,
    /// From then on nothing it signed is good any more, in milliseconds since 1970.
    until: i64,
}

/// How long an id_token is good, and some minutes for clocks that differ.
const SIGNED_MS: i64 = 3_600_000 + 5 * 60_000;

impl Server {
    /// The public keys, as a JWKS: the one that signs, and those before it while what they signed is good.
    ///
    /// # Errors
    /// Where the keys cannot be read.
    pub fn jwks(&self, now: Moment) -> Result<Value> {
        let key = self.signing_key()?;
        let former = key.former.iter().filter(|(_, until)| now < *until).map(|(public, _)| jwk(public));
        Ok(json!({ "keys": std::iter::once(jwk(&key.public)).chain(former).collect::<Vec<_>>() }))
    }

    /// Takes a new key into use and says its name. The one before stays public until nothing it
    /// signed is good any more. Names of people stay as they are.
    ///
    /// # Errors
    /// [`Error::Busy`] where somebody else did so at the same moment.
    pub fn rotate_key(&self, now: Moment) -> Result<String> {
        let old = self.signing_key()?;
        let note = self.drawer.note(NOTE)?;
        let mut kept: Kept = note.as_deref().and_then(|note| serde_json::from_slice(note).ok()).ok_or(store::Error::Damaged("the signing key could not be read"))?;
        kept.former.retain(|former| now.0 < former.until);
        kept.former.push(Former { public: encode::text(&old.public), until: now.0 + SIGNED_MS });
        kept.pkcs8 = encode::text(new_pkcs8()?);
        let new = serde_json::to_vec(&kept).map_err(|_| store::Error::Damaged("a signing key could not be made"))?;
        let mut held = self.key.lock();
        if !self.drawer.keep(NOTE, note.as_deref(), &new)? {
            return Err(Error::Busy);
        }
        let key = Arc::new(self.read_key()?);
        let kid = key.kid.clone();
        *held = Some(key);
        Ok(kid)
    }

    /// Signs claims.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String> {
        let key = self.signing_key()?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::ES256) };
        Ok(jsonwebtoken::encode(&header, claims, &key.private).map_err(|_| store::Error::Damaged("the signing key cannot sign"))?)
    }

    /// The name under which programs know an account: the same for all, and none from which the
    /// account's number could be told.
    pub fn subject(&self, account: u64) -> Result<String> {
        Ok(encode::text(&blake3::keyed_hash(&self.signing_key()?.subjects, &account.to_le_bytes()).as_bytes()[..18]))
    }

    fn signing_key(&self) -> Result<Arc<SigningKey>> {
        let mut held = self.key.lock();
        if let Some(key) = &*held {
            return Ok(key.clone());
        }
        let key = Arc::new(self.read_key()?);
        *held = Some(key.clone());
        Ok(key)
    }

    fn read_key(&self) -> Result<SigningKey> {
        let damaged = || store::Error::Damaged("the signing key could not be read");
        let note = match self.drawer.note(NOTE)? {
            Some(note) => note,
            None => self.make_key()?,
        };
        let kept: Kept = serde_json::from_slice(&note).map_err(|_| damaged())?;
        let pkcs8 = encode::bytes(&kept.pkcs8).ok_or_else(damaged)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map_err(|_| damaged())?;
        let public = pair.public_key().as_ref().to_vec();
        let former = kept.former.iter().map(|former| Some((encode::bytes(&former.public).filter(|public| public.len() == 65)?, Moment(former.until)))).collect::<Option<_>>().ok_or_else(damaged)?;
        Ok(SigningKey { kid: kid(&public), public, private: EncodingKey::from_ec_der(&pkcs8), subjects: encode::array(&kept.subjects).ok_or_else(damaged)?, former })
    }

    fn make_key(&self) -> Result<Vec<u8>> {
        let kept = Kept { pkcs8: encode::text(new_pkcs8()?), subjects: encode::text(self.drawer.random::<32>()), former: Vec::new() };
        let note = serde_json::to_vec(&kept).map_err(|_| store::Error::Damaged("a signing key could not be made"))?;
        if self.drawer.keep(NOTE, None, &note)? { Ok(note) } else { Err(Error::Busy) }
    }
}

fn new_pkcs8() -> Result<Vec<u8>> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| store::Error::Damaged("a signing key could not be made"))?;
    Ok(pkcs8.as_ref().to_vec())
}

/// The name of a key, from the key itself.
fn kid(public: &[u8]) -> String {
    encode::text(&encode::sha256(public)[..12])
}

fn jwk(public: &[u8]) -> Value {
    let (x, y) = public[1..].split_at(32);
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid(public), "x": encode::text(x), "y": encode::text(y) })
}
