//! The key of one person's record, and its wraps.
//!
//! The key is random and lies nowhere but in its wraps: it cannot be derived
//! again from anything, so deleting the wraps erases the person. A wrap opens
//! only for the record, key version and holder it was made for.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Chance, Error, What};

/// Thirty-two random bytes. Gone from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PersonKey([u8; 32]);

impl PersonKey {
    /// A new key.
    pub fn new(chance: &mut dyn Chance) -> PersonKey {
        let mut key = [0; 32];
        chance.fill(&mut key);
        PersonKey(key)
    }

    pub(crate) fn of(bytes: [u8; 32]) -> PersonKey {
        PersonKey(bytes)
    }

    pub(crate) fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The keys for the uses within the record, out of one keyed hash.
    pub(crate) fn sub_keys(&self) -> [[u8; 32]; 3] {
        let mut output = blake3::Hasher::new_keyed(&self.0)
            .update(b"carnet person 1")
            .finalize_xof();
        let mut keys = [[0; 32]; 3];
        for key in &mut keys {
            output.fill(key);
        }
        keys
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("PersonKey")
    }
}

const SUITE: u8 = 1;
const NONCE: usize = 12;
const KEY: usize = 32;
const TAG: usize = 16;

/// Bytes of a wrap: suite, nonce, the key under AES-256-GCM, tag.
pub const WRAP_BYTES: usize = 1 + NONCE + KEY + TAG;

/// Wraps and unwraps the keys of persons under an institution's key.
pub struct Wrapper {
    key: LessSafeKey,
    nonce_key: [u8; 32],
}

impl Wrapper {
    pub(crate) fn new(mut key: [u8; 32], nonce_key: [u8; 32]) -> Wrapper {
        let unbound =
            UnboundKey::new(&AES_256_GCM, &key).expect("the key has the length of the algorithm");
        key.zeroize();
        Wrapper {
            key: LessSafeKey::new(unbound),
            nonce_key,
        }
    }

    /// Wraps a person's key for one holder.
    ///
    /// `holder` is the institution that may unwrap, `key_version` counts the keys
    /// the record has had.
    pub fn wrap(
        &self,
        record: u64,
        key_version: u32,
        holder: &[u8; 8],
        key: &PersonKey,
        chance: &mut dyn Chance,
    ) -> Vec<u8> {
        let bound = bound(record, key_version, holder);
        let mut drawn = [0; 32];
        chance.fill(&mut drawn);
        // Hedged: should chance repeat, the nonce still differs with the place and the key.
        let mut hash = blake3::Hasher::new_keyed(&self.nonce_key);
        hash.update(&drawn).update(&bound).update(&key.0);
        let mut nonce = [0; NONCE];
        hash.finalize_xof().fill(&mut nonce);

        let mut wrap = Vec::with_capacity(WRAP_BYTES);
        wrap.push(SUITE);
        wrap.extend_from_slice(&nonce);
        wrap.extend_from_slice(&key.0);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut wrap[1 + NONCE..],
            )
            .expect("thirty-two bytes are within the limits of the algorithm");
        wrap.extend_from_slice(tag.as_ref());
        wrap
    }

    /// Unwraps a person's key.
    pub fn unwrap(
        &self,
        record: u64,
        key_version: u32,
        holder: &[u8; 8],
        wrap: &[u8],
    ) -> Result<PersonKey, Error> {
        let what = What::Wrap;
        match wrap.first() {
            Some(&SUITE) if wrap.len() == WRAP_BYTES => {}
            Some(&suite) if suite != SUITE => return Err(Error::UnknownSuite { what, suite }),
            _ => return Err(Error::NotOpened { what }),
        }
        let (nonce, sealed) = wrap[1..].split_at(NONCE);
        let (sealed, tag) = sealed.split_at(KEY);
        let mut key = PersonKey([0; KEY]);
        Nonce::try_assume_unique_for_key(nonce)
            .and_then(|nonce| {
                let bound = Aad::from(bound(record, key_version, holder));
                self.key
                    .open_separate_gather(nonce, bound, sealed, tag, &mut key.0)
            })
            .map_err(|_| Error::NotOpened { what })?;
        Ok(key)
    }
}

impl Drop for Wrapper {
    fn drop(&mut self) {
        self.nonce_key.zeroize();
    }
}

fn bound(record: u64, key_version: u32, holder: &[u8; 8]) -> [u8; 21] {
    let mut bound = [0; 21];
    bound[0] = SUITE;
    bound[1..9].copy_from_slice(&record.to_be_bytes());
    bound[9..13].copy_from_slice(&key_version.to_be_bytes());
    bound[13..].copy_from_slice(holder);
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstitutionKey, Stream};

    const HOLDER: &[u8; 8] = b"hospital";

    #[test]
    fn a_wrap_opens_only_for_its_record_version_holder_and_institution() {
        let mut chance = Stream::new([1; 32]);
        let institution = InstitutionKey::new(&mut chance).wrapper();
        let stranger = InstitutionKey::new(&mut chance).wrapper();
        let key = PersonKey::new(&mut chance);
        let wrap = institution.wrap(7, 1, HOLDER, &key, &mut chance);
        assert_eq!(wrap.len(), WRAP_BYTES);
        assert_eq!(
            institution
                .unwrap(7, 1, HOLDER, &wrap)
                .expect("its own place")
                .0,
            key.0
        );
        let refused = Error::NotOpened { what: What::Wrap };
        assert_eq!(
            institution
                .unwrap(8, 1, HOLDER, &wrap)
                .expect_err("another record"),
            refused
        );
        assert_eq!(
            institution
                .unwrap(7, 2, HOLDER, &wrap)
                .expect_err("another version"),
            refused
        );
        assert_eq!(
            institution
                .unwrap(7, 1, b"elsewher", &wrap)
                .expect_err("another holder"),
            refused
        );
        assert_eq!(
            stranger
                .unwrap(7, 1, HOLDER, &wrap)
                .expect_err("another institution"),
            refused
        );
    }

    #[test]
    fn an_altered_or_shortened_wrap_does_not_open() {
        let mut chance = Stream::new([1; 32]);
        let institution = InstitutionKey::new(&mut chance).wrapper();
        let wrap = institution.wrap(7, 1, HOLDER, &PersonKey::new(&mut chance), &mut chance);
        for bit in 0..wrap.len() * 8 {
            let mut altered = wrap.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(
                institution.unwrap(7, 1, HOLDER, &altered).is_err(),
                "bit {bit}"
            );
        }
        for length in 0..wrap.len() {
            assert!(
                institution.unwrap(7, 1, HOLDER, &wrap[..length]).is_err(),
                "length {length}"
            );
        }
    }

    #[test]
    fn two_wraps_of_one_key_look_different_and_show_nothing_of_it() {
        let mut chance = Stream::new([1; 32]);
        let institution = InstitutionKey::new(&mut chance).wrapper();
        let key = PersonKey::new(&mut chance);
        let one = institution.wrap(7, 1, HOLDER, &key, &mut chance);
        let two = institution.wrap(7, 1, HOLDER, &key, &mut chance);
        assert_ne!(one[1..], two[1..]);
        assert!(
            !one.windows(4)
                .any(|bytes| key.0.windows(4).any(|part| part == bytes))
        );
    }

    #[test]
    fn with_a_repeated_chance_different_keys_still_get_different_nonces() {
        let institution = InstitutionKey::new(&mut Stream::new([1; 32])).wrapper();
        let mut stuck = |bytes: &mut [u8]| bytes.fill(5);
        let one = institution.wrap(7, 1, HOLDER, &PersonKey([1; 32]), &mut stuck);
        let two = institution.wrap(7, 1, HOLDER, &PersonKey([2; 32]), &mut stuck);
        let three = institution.wrap(8, 1, HOLDER, &PersonKey([1; 32]), &mut stuck);
        assert_ne!(one[1..13], two[1..13]);
        assert_ne!(one[1..13], three[1..13]);
    }
}
