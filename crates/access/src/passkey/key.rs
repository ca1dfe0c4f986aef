//! The public half of a passkey, and what it has signed (RFC 9053, section 2).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};

use super::PasskeyRefusal;
use super::cbor::Item;

/// The algorithms that are taken, the best first, with their numbers in COSE: ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key, by its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyKey {
    algorithm: i64,
    /// The point of a curve, or modulus and exponent.
    parts: Vec<Vec<u8>>,
}

impl PasskeyKey {
    /// The key of a COSE map.
    pub(super) fn read(item: &Item<'_>) -> Result<PasskeyKey, PasskeyRefusal> {
        let algorithm = item.number_member(3).and_then(Item::number).ok_or(PasskeyRefusal::Malformed)?;
        let number = |label| item.number_member(label).and_then(Item::number);
        let bytes = |label| item.number_member(label).and_then(Item::bytes);
        let parts = match (algorithm, number(1), number(-1)) {
            // Key types and curves: https://www.iana.org/assignments/cose/cose.xhtml
            (ES256, Some(2), Some(1)) => {
                let (Some(x), Some(y)) = (bytes(-2).filter(|x| x.len() == 32), bytes(-3).filter(|y| y.len() == 32)) else { return Err(PasskeyRefusal::KeyNotTaken) };
                vec![[&[4], x, y].concat()]
            }
            (EDDSA, Some(1), Some(6)) => vec![bytes(-2).filter(|x| x.len() == 32).ok_or(PasskeyRefusal::KeyNotTaken)?.to_vec()],
            (RS256, Some(3), _) => {
                let (Some(modulus), Some(exponent)) = (bytes(-1).filter(|n| (256..=1024).contains(&n.len())), bytes(-2).filter(|e| (1..=8).contains(&e.len()))) else { return Err(PasskeyRefusal::KeyNotTaken) };
                vec![modulus.to_vec(), exponent.to_vec()]
            }
            _ => return Err(PasskeyRefusal::KeyNotTaken),
        };
        let key = PasskeyKey { algorithm, parts };
        if key.is_on_its_curve() { Ok(key) } else { Err(PasskeyRefusal::KeyNotTaken) }
    }

    /// The number of its algorithm, and its parts, for keeping.
    pub fn parts(&self) -> (i64, &[Vec<u8>]) {
        (self.algorithm, &self.parts)
    }

    /// The key of what was kept; none where it is not one.
    pub fn of_parts(algorithm: i64, parts: Vec<Vec<u8>>) -> Option<PasskeyKey> {
        let expected = match algorithm {
            ES256 | EDDSA => 1,
            RS256 => 2,
            _ => return None,
        };
        (parts.len() == expected).then_some(PasskeyKey { algorithm, parts })
    }

    fn is_on_its_curve(&self) -> bool {
        match self.algorithm {
            ES256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.parts[0]).is_ok(),
            EDDSA => ParsedPublicKey::new(&ED25519, &self.parts[0]).is_ok(),
            _ => true,
        }
    }

    /// True if the key has signed the message.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match (self.algorithm, self.parts.as_slice()) {
            (ES256, [point]) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok(),
            (EDDSA, [point]) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok(),
            (RS256, [n, e]) => RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok(),
            _ => false,
        }
    }
}
