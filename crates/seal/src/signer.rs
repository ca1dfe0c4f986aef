//! The key an institution vouches for its log with, and a witness for the logs of others.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroize;

/// Signs by Ed25519. The public half may be given to anybody.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// Of a key of its own, for who vouches for no institution: a witness.
    pub fn of_seed(seed: [u8; 32]) -> Signer {
        Signer::new(seed)
    }

    pub(crate) fn new(mut seed: [u8; 32]) -> Signer {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("the seed has the length of the algorithm");
        seed.zeroize();
        Signer(pair)
    }

    /// The signature of a text.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(text).as_ref());
        signature
    }

    /// What a signature is verified with.
    pub fn public_key(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.0.public_key().as_ref());
        public
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("Signer")
    }
}
