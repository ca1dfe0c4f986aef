//! Names that reveal nothing: keyed tokens for the keys of the store.
//!
//! Whoever lacks the key cannot tell what a token stands for, nor test a guess.
//! The same term gives the same token always, so an index works.
//!
//! A posting is a token and one block. The block is sealed with a key that comes
//! from the term as well, so only who looks for a term can read which records
//! have it, and two postings of one record have nothing in common.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The kinds of token, first byte of what is hashed. Part of the format.
const TERM: u8 = 0;
const LOCATOR: u8 = 1;
const CLAIM: u8 = 2;
const TYPE: u8 = 3;

/// Makes tokens under the institution's index key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Tokens {
    key: [u8; 32],
}

impl Tokens {
    pub(crate) fn new(key: [u8; 32]) -> Tokens {
        Tokens { key }
    }

    /// The token of a term, and the key of the blocks of its postings.
    ///
    /// `parameter` is the search parameter, `value` its normalised value, `month`
    /// the month as the caller counts them (or one number for terms without a date).
    pub fn term(&self, parameter: &str, value: &[u8], month: u16) -> ([u8; 10], BlockKey) {
        let mut hash = self.hash(TERM, &month.to_be_bytes(), parameter.as_bytes(), value);
        let (mut token, mut key) = ([0; 10], [0; 16]);
        token.copy_from_slice(&hash[..10]);
        key.copy_from_slice(&hash[16..]);
        hash.zeroize();
        (token, BlockKey(key))
    }

    /// The token of a resource's type and logical id.
    pub fn locator(&self, type_name: &str, id: &str) -> [u8; 12] {
        first(self.hash(LOCATOR, &[], type_name.as_bytes(), id.as_bytes()))
    }

    /// The token of a claim: on an identifier, an id, a condition. `kind` keeps
    /// claims of different kinds apart.
    pub fn claim(&self, kind: &str, claimed: &[u8]) -> [u8; 16] {
        first(self.hash(CLAIM, &[], kind.as_bytes(), claimed))
    }

    /// The token of a resource type within one record: the same type looks different
    /// in every record. Two types of a record may share one.
    pub fn type_within(&self, record: u64, type_code: u16) -> u16 {
        let hash = self.hash(TYPE, &type_code.to_be_bytes(), &[], &record.to_be_bytes());
        u16::from_be_bytes(first(hash))
    }

    /// The keyed hash of a kind and three parts, none of which can pass for another:
    /// the first has a fixed length for its kind, the second its length in front.
    fn hash(&self, kind: u8, fixed: &[u8], first: &[u8], second: &[u8]) -> [u8; 32] {
        let length = u32::try_from(first.len())
            .expect("names are short")
            .to_be_bytes();
        let parts: [&[u8]; 5] = [&[kind], fixed, &length[1..], first, second];
        // One call on bytes that lie together takes half the time of five small ones.
        let mut together = [0; 192];
        let mut used = 0;
        for part in parts {
            let Some(room) = together.get_mut(used..used + part.len()) else {
                let mut hash = blake3::Hasher::new_keyed(&self.key);
                parts.iter().for_each(|part| {
                    hash.update(part);
                });
                return hash.finalize().into();
            };
            room.copy_from_slice(part);
            used += part.len();
        }
        blake3::keyed_hash(&self.key, &together[..used]).into()
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("Tokens")
    }
}

fn first<const N: usize>(hash: [u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&hash[..N]);
    bytes
}

/// The key of the blocks of one term's postings.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct BlockKey([u8; 16]);

impl BlockKey {
    /// Seals a block: one block of AES-128. The same block gives the same bytes, so
    /// writing a posting twice is writing it once.
    pub fn seal(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = block.into();
        aes::Aes128Enc::new(&self.0.into()).encrypt_block(&mut block);
        block.into()
    }

    /// Opens one block. For many of the same term, make an opener.
    pub fn open(&self, sealed: [u8; 16]) -> [u8; 16] {
        self.opener().open(sealed)
    }

    /// What opens many blocks of one term.
    pub fn opener(&self) -> BlockOpener {
        BlockOpener(aes::Aes128Dec::new(&self.0.into()))
    }
}

impl std::fmt::Debug for BlockKey {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("BlockKey")
    }
}

/// Opens the blocks of one term's postings. Any sixteen bytes open to something:
/// the record confirms.
pub struct BlockOpener(aes::Aes128Dec);

impl BlockOpener {
    /// Opens a block.
    pub fn open(&self, sealed: [u8; 16]) -> [u8; 16] {
        let mut block = sealed.into();
        self.0.decrypt_block(&mut block);
        block.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstitutionKey, Stream};

    fn tokens(seed: u8) -> Tokens {
        InstitutionKey::new(&mut Stream::new([seed; 32])).as_site().tokens()
    }

    #[test]
    fn a_token_depends_on_every_part_of_the_term_and_on_the_key() {
        let tokens_ = tokens(1);
        let (token, key) = tokens_.term("code", b"8310-5", 600);
        assert_eq!(tokens_.term("code", b"8310-5", 600).0, token);
        for (other, other_key) in [
            tokens_.term("codes", b"8310-5", 600),
            tokens_.term("code", b"8310-6", 600),
            tokens_.term("code", b"8310-5", 601),
            // The parts are told apart, not run together.
            tokens_.term("code8", b"310-5", 600),
            tokens(2).term("code", b"8310-5", 600),
        ] {
            assert_ne!(other, token);
            assert_ne!(other_key.0, key.0);
        }
    }

    #[test]
    fn long_values_are_hashed_like_short_ones() {
        let tokens = tokens(1);
        let mut seen: Vec<[u8; 12]> = (0..600)
            .map(|length| tokens.locator("Patient", &"x".repeat(length)))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 600);
        // Around the room for short ones, both ways give the plain keyed hash.
        for length in 180..200 {
            let value = vec![b'v'; length];
            let mut together = vec![CLAIM, 0, 0, 4];
            together.extend_from_slice(b"kind");
            together.extend_from_slice(&value);
            let expected = blake3::keyed_hash(&tokens.key, &together);
            assert_eq!(
                tokens.claim("kind", &value),
                expected.as_bytes()[..16],
                "{length}"
            );
        }
    }

    #[test]
    fn kinds_of_token_do_not_meet() {
        let tokens = tokens(1);
        assert_ne!(
            tokens.locator("Patient", "a")[..],
            tokens.claim("Patient", b"a")[..12]
        );
    }

    #[test]
    fn a_block_opens_with_the_key_of_its_term_only() {
        let tokens = tokens(1);
        let (_, key) = tokens.term("code", b"8310-5", 600);
        let (_, other) = tokens.term("code", b"8310-5", 601);
        let block = *b"record ent time!";
        let sealed = key.seal(block);
        assert_eq!(key.seal(block), sealed);
        assert_eq!(key.open(sealed), block);
        assert_ne!(other.open(sealed), block);
        assert_ne!(other.seal(block), sealed);
    }

    #[test]
    fn a_block_is_one_of_aes_128() {
        // FIPS 197, appendix C.1.
        let key = BlockKey(std::array::from_fn(|place| place as u8));
        let plain = std::array::from_fn(|place| (place * 0x11) as u8);
        let sealed = 0x69c4e0d86a7b0430d8cdb78070b4c55a_u128.to_be_bytes();
        assert_eq!(key.seal(plain), sealed);
        assert_eq!(key.open(sealed), plain);
    }

    #[test]
    fn two_postings_of_one_record_have_nothing_in_common() {
        let tokens = tokens(1);
        let block = *b"record ent time!";
        let mut seen: Vec<[u8; 2]> = Vec::new();
        for month in 0..200 {
            let (token, key) = tokens.term("code", b"8310-5", month);
            let posting = [&token[..], &key.seal(block)].concat();
            assert!(
                !posting
                    .windows(3)
                    .any(|bytes| block.windows(3).any(|part| part == bytes))
            );
            seen.push([posting[10], posting[11]]);
        }
        seen.sort_unstable();
        seen.dedup();
        assert!(
            seen.len() > 190,
            "blocks of one record repeat their beginnings"
        );
    }

    #[test]
    fn a_type_looks_different_in_every_record() {
        let tokens = tokens(1);
        let mut seen: Vec<u16> = (0..100)
            .map(|record| tokens.type_within(record, 3))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 95);
        assert_eq!(tokens.type_within(5, 3), tokens.type_within(5, 3));
    }
}
