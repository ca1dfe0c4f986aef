//! HPKE, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. <https://www.rfc-editor.org/rfc/rfc9180>

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// What sealing adds, in bytes.
pub const TAG: usize = 16;

const KEM: [u8; 5] = *b"KEM\x00\x20";
const AES_256_GCM_ID: u16 = 2;

/// What sender and receiver share: it seals or opens the pieces of one letter, each under its number.
pub struct Context {
    key: LessSafeKey,
    base_nonce: [u8; 12],
}

/// The sender's side: the secret key made for this letter and its public one, and the receiver's public key.
pub fn send(own: &[u8; 32], enc: &[u8; 32], to: &[u8; 32], info: &[u8]) -> Option<Context> {
    let secret = shared_secret(own, to, enc, to)?;
    context(&secret, info)
}

/// The receiver's side: the secret key and its public one, and what came in front of the letter.
pub fn receive(own: &[u8; 32], public: &[u8; 32], enc: &[u8; 32], info: &[u8]) -> Option<Context> {
    let secret = shared_secret(own, enc, enc, public)?;
    context(&secret, info)
}

impl Context {
    /// Seals a piece in its place.
    pub fn seal(&self, number: u64, bound: &[u8], piece: &mut Vec<u8>) -> Option<()> {
        self.key.seal_in_place_append_tag(self.nonce(number), Aad::from(bound), piece).ok()
    }

    /// Opens a piece in its place.
    pub fn open(&self, number: u64, bound: &[u8], piece: &mut Vec<u8>) -> Option<()> {
        let length = self.key.open_in_place(self.nonce(number), Aad::from(bound), piece).ok()?.len();
        piece.truncate(length);
        Some(())
    }

    fn nonce(&self, number: u64) -> Nonce {
        let mut nonce = self.base_nonce;
        nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, of_number)| *byte ^= of_number);
        Nonce::assume_unique_for_key(nonce)
    }
}

fn shared_secret(own: &[u8; 32], theirs: &[u8; 32], enc: &[u8; 32], to: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    let own = PrivateKey::from_private_key(&X25519, own).ok()?;
    agree(&own, UnparsedPublicKey::new(&X25519, theirs), (), |secret| {
        let prk = extract(&KEM, &[], b"eae_prk", secret);
        Ok(expand::<32>(&KEM, &prk, b"shared_secret", &[enc.as_slice(), to].concat()))
    }).ok()
}

fn context(secret: &[u8; 32], info: &[u8]) -> Option<Context> {
    let (key, base_nonce) = schedule::<32>(secret, info, AES_256_GCM_ID);
    Some(Context { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).ok()?), base_nonce: *base_nonce })
}

fn schedule<const KEY: usize>(secret: &[u8; 32], info: &[u8], aead: u16) -> (Zeroizing<[u8; KEY]>, Zeroizing<[u8; 12]>) {
    let suite = [b"HPKE\x00\x20\x00\x01".as_slice(), &aead.to_be_bytes()].concat();
    let psk_id_hash = extract(&suite, &[], b"psk_id_hash", &[]);
    let info_hash = extract(&suite, &[], b"info_hash", info);
    let about = [&[0u8], psk_id_hash.as_slice(), info_hash.as_slice()].concat();
    let secret = extract(&suite, secret, b"secret", &[]);
    (expand(&suite, &secret, b"key", &about), expand(&suite, &secret, b"base_nonce", &about))
}

/// LabeledExtract: HKDF-Extract is one HMAC under the salt.
fn extract(suite: &[u8], salt: &[u8], label: &[u8], secret: &[u8]) -> Zeroizing<[u8; 32]> {
    let said = Zeroizing::new([b"HPKE-v1".as_slice(), suite, label, secret].concat());
    hash(salt, &said)
}

/// LabeledExpand for at most thirty-two bytes: the first block of HKDF-Expand.
fn expand<const LENGTH: usize>(suite: &[u8], prk: &[u8; 32], label: &[u8], info: &[u8]) -> Zeroizing<[u8; LENGTH]> {
    const { assert!(LENGTH <= 32) };
    let said = [&(LENGTH as u16).to_be_bytes(), b"HPKE-v1".as_slice(), suite, label, info, &[1]].concat();
    let block = hash(prk, &said);
    let mut out = Zeroizing::new([0; LENGTH]);
    out.copy_from_slice(&block[..LENGTH]);
    out
}

fn hash(key: &[u8], said: &[u8]) -> Zeroizing<[u8; 32]> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), said);
    let mut out = Zeroizing::new([0; 32]);
    out.copy_from_slice(tag.as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        super::super::unhex(text).unwrap()
    }

    /// The vectors of RFC 9180, A.1.1: the same exchange of keys and the same schedule, there for AES-128-GCM.
    #[test]
    fn the_vectors_of_the_standard_come_out() {
        let (own, enc) = (bytes("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"), bytes("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"));
        let (to_secret, to) = (bytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"), bytes("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"));
        let sent = shared_secret(&own, &to, &enc, &to).unwrap();
        assert_eq!(*sent, bytes("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"));
        assert_eq!(*shared_secret(&to_secret, &enc, &enc, &to).unwrap(), *sent);
        let info: [u8; 20] = bytes("4f6465206f6e2061204772656369616e2055726e");
        let (key, nonce) = schedule::<16>(&sent, &info, 1);
        assert_eq!((*key, *nonce), (bytes("4531685d41d65f03dc48f6b8302c05b0"), bytes("56d890e5accaaf011cff4b7d")));
    }
}
