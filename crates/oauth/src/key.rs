//! The key with which this server signs who somebody is. It lies in a sealed note and is made when it is first asked for.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
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
}

#[derive(Serialize, Deserialize)]
struct Kept {
    pkcs8: String,
    subjects: String,
}

impl Server {
    /// The public keys, as a JWKS.
    pub fn jwks(&self) -> Result<Value> {
        let key = self.signing_key()?;
        let (x, y) = key.public[1..].split_at(32);
        Ok(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key.kid, "x": encode::text(x), "y": encode::text(y) }] }))
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
        let kid = encode::text(&encode::sha256(&public)[..12]);
        Ok(SigningKey { kid, public, private: EncodingKey::from_ec_der(&pkcs8), subjects: encode::array(&kept.subjects).ok_or_else(damaged)? })
    }

    fn make_key(&self) -> Result<Vec<u8>> {
        let failed = || store::Error::Damaged("a signing key could not be made");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| failed())?;
        let kept = Kept { pkcs8: encode::text(pkcs8.as_ref()), subjects: encode::text(self.drawer.random::<32>()) };
        let note = serde_json::to_vec(&kept).map_err(|_| failed())?;
        if self.drawer.keep(NOTE, None, &note)? { Ok(note) } else { Err(Error::Busy) }
    }
}
