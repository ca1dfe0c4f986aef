//! The key of a site, from which every key of its store comes but those of the records.
//!
//! It lies in the keyring only, wrapped under the institution's key, and stays when that one is
//! changed: tokens, heads, notes and the log would otherwise all have to be written anew.
//! In a store of the first release it is the institution's key itself.

use aws_lc_rs::hkdf;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Chance;
use crate::signer::Signer;
use crate::small::{Purpose, SmallSealer};
use crate::tokens::Tokens;

/// Thirty-two random bytes. Gone from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SiteKey(pub(crate) [u8; 32]);

impl SiteKey {
    /// A new key.
    pub fn new(chance: &mut dyn Chance) -> SiteKey {
        let mut key = [0; 32];
        chance.fill(&mut key);
        SiteKey(key)
    }

    /// Eight bytes that name the site without revealing the key. They stay as long as the store.
    pub fn fingerprint(&self) -> [u8; 8] {
        sub_key(&self.0, FINGERPRINT)
    }

    /// What turns the terms of an index into tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(sub_key(&self.0, "carnet/index/1"))
    }

    /// What seals the small things of one purpose.
    pub fn small(&self, purpose: Purpose) -> SmallSealer {
        SmallSealer::new(purpose, sub_key(&self.0, purpose.label()))
    }

    /// What signs the checkpoints of the log of openings.
    pub fn log_signer(&self) -> Signer {
        Signer::new(sub_key(&self.0, "carnet/log signing/1"))
    }

    /// Sixteen bytes that only a holder of the key can put under a text kept outside the store.
    pub fn tag(&self, text: &[u8]) -> [u8; 16] {
        let key: [u8; 32] = sub_key(&self.0, "carnet/outside/1");
        let mut tag = [0; 16];
        tag.copy_from_slice(&blake3::keyed_hash(&key, text).as_bytes()[..16]);
        tag
    }
}

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("SiteKey")
    }
}

pub(crate) const FINGERPRINT: &str = "carnet/fingerprint/1";

/// A key for one use, by HKDF-SHA-256 (RFC 5869).
pub(crate) fn sub_key<const N: usize>(secret: &[u8; 32], label: &str) -> [u8; N] {
    let mut key = [0; N];
    // Expanding fails only for more than 255 hashes of output; ours is at most one.
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"carnet institution")
        .extract(secret)
        .expand(&[label.as_bytes()], Length(N))
        .and_then(|output| output.fill(&mut key))
        .expect("a key is shorter than 255 hashes");
    key
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn key() -> SiteKey {
        SiteKey::new(&mut Stream::new([1; 32]))
    }

    #[test]
    fn the_key_of_the_log_follows_from_the_sites_and_is_no_other() {
        let other = SiteKey::new(&mut Stream::new([2; 32]));
        assert_eq!(key().log_signer().public_key(), key().log_signer().public_key());
        assert_ne!(key().log_signer().public_key(), other.log_signer().public_key());
        assert_ne!(key().log_signer().sign(b"a"), key().log_signer().sign(b"b"));
        assert_ne!(key().tag(b"a"), other.tag(b"a"));
    }

    #[test]
    fn every_use_has_a_key_of_its_own() {
        let labels = ["carnet/wrap/1", "carnet/wrap nonce/1", "carnet/file check/1", "carnet/index/1", FINGERPRINT, "carnet/log signing/1", "carnet/outside/1"];
        let mut keys: Vec<[u8; 32]> = labels.into_iter().chain(Purpose::ALL.map(Purpose::label)).map(|label| sub_key(&key().0, label)).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
