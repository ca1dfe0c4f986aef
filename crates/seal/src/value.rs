//! A value that opens only where it belongs.
//!
//! `suite 1 ‖ dictionary 1 ‖ nonce 12 ‖ AES-256-GCM of the compressed value ‖ tag 16`,
//! with the suite, the dictionary and the [`Place`] as associated data.
//!
//! * Moved to another record, type, entry, version or kind, a value does not open.
//! * The nonce is hedged: a keyed hash of chance, place and the compressed value.
//!   Where a copied machine repeats its chance, only the same value at the same
//!   place repeats a nonce.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::compress::{compressed, decompressed};
use crate::{Chance, DictionaryId, Error, PersonKey, What};

/// Where a value belongs. Every part is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The record.
    pub record: u64,
    /// The number of the resource type.
    pub type_code: u16,
    /// The entry within the record.
    pub entry: u32,
    /// The version of the entry.
    pub version: u32,
    /// What kind of value it is, as the record façade numbers them.
    pub kind: u8,
}

impl Place {
    fn bytes(&self) -> [u8; 19] {
        let mut bytes = [0; 19];
        bytes[0..8].copy_from_slice(&self.record.to_be_bytes());
        bytes[8..10].copy_from_slice(&self.type_code.to_be_bytes());
        bytes[10..14].copy_from_slice(&self.entry.to_be_bytes());
        bytes[14..18].copy_from_slice(&self.version.to_be_bytes());
        bytes[18] = self.kind;
        bytes
    }
}

const SUITE: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
const FRONT: usize = 2 + NONCE;

/// What sealing adds to a compressed value, in bytes.
pub const VALUE_OVERHEAD_BYTES: usize = FRONT + TAG;

/// The largest plain value that is sealed or opened, in bytes. What may be larger
/// is cut into chunks by the record façade.
pub const PLAIN_LIMIT_BYTES: usize = 256 << 20;

/// Seals and opens the values of one person's record. Making one costs about a
/// microsecond; keep it while working on the record.
pub struct Sealer {
    key: LessSafeKey,
    nonce_key: [u8; 32],
    digest_key: [u8; 32],
}

impl Sealer {
    /// A sealer for the record of a key.
    pub fn new(person: &PersonKey) -> Sealer {
        let [mut key, nonce_key, digest_key] = person.sub_keys();
        let unbound =
            UnboundKey::new(&AES_256_GCM, &key).expect("the key has the length of the algorithm");
        key.zeroize();
        Sealer {
            key: LessSafeKey::new(unbound),
            nonce_key,
            digest_key,
        }
    }

    /// Compresses and seals a value, and appends it to `out`. After an error, `out`
    /// is as it was.
    pub fn seal(
        &self,
        place: &Place,
        plain: &[u8],
        dictionary: DictionaryId,
        chance: &mut dyn Chance,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if plain.len() > PLAIN_LIMIT_BYTES {
            return Err(Error::TooLarge {
                limit_bytes: PLAIN_LIMIT_BYTES,
            });
        }
        let bound = bound(SUITE, dictionary.number(), place);
        compressed(plain, dictionary, |frame| {
            let nonce = self.nonce(&bound, frame, chance);
            let start = out.len();
            out.reserve(frame.len() + VALUE_OVERHEAD_BYTES);
            out.extend_from_slice(&bound[..2]);
            out.extend_from_slice(&nonce);
            out.extend_from_slice(frame);
            let sealed = self.key.seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut out[start + FRONT..],
            );
            match sealed {
                Ok(tag) => out.extend_from_slice(tag.as_ref()),
                // The plain frame must not stay behind.
                Err(_) => out.truncate(start),
            }
            sealed_or(out.len() > start)
        })?
    }

    /// Opens a value and appends its plain bytes to `out`. After an error, `out` is
    /// as it was.
    pub fn open(&self, place: &Place, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let what = What::Value;
        let &[suite, dictionary, ..] = sealed else {
            return Err(Error::NotOpened { what });
        };
        if suite != SUITE {
            return Err(Error::UnknownSuite { what, suite });
        }
        if sealed.len() < VALUE_OVERHEAD_BYTES {
            return Err(Error::NotOpened { what });
        }
        let (front, rest) = sealed.split_at(FRONT);
        let (frame, tag) = rest.split_at(rest.len() - TAG);
        let bound = Aad::from(bound(suite, dictionary, place));
        decompressed(frame.len(), dictionary, PLAIN_LIMIT_BYTES, out, |plain| {
            Nonce::try_assume_unique_for_key(&front[2..])
                .and_then(|nonce| {
                    self.key
                        .open_separate_gather(nonce, bound, frame, tag, plain)
                })
                .map_err(|_| Error::NotOpened { what })
        })
    }

    /// A keyed number for a sealed value at its place. Numbers of many values are
    /// added (wrapping) into a head, so that a missing, added, moved or rolled back
    /// value is noticed without opening any. That a value is unaltered only opening
    /// it shows.
    pub fn digest(&self, place: &Place, sealed: &[u8]) -> u128 {
        let nonce_from = sealed.len().min(FRONT);
        let tag_from = sealed.len().saturating_sub(TAG).max(nonce_from);
        let mut bytes = [0; 19 + FRONT + TAG + 4];
        bytes[..19].copy_from_slice(&place.bytes());
        bytes[19..19 + nonce_from].copy_from_slice(&sealed[..nonce_from]);
        let tag = &sealed[tag_from..];
        bytes[19 + FRONT..19 + FRONT + tag.len()].copy_from_slice(tag);
        // A value is far below 4 GiB; the length tells a torn one apart as well.
        bytes[19 + FRONT + TAG..].copy_from_slice(&(sealed.len() as u32).to_be_bytes());
        let hash = blake3::keyed_hash(&self.digest_key, &bytes);
        hash.as_bytes()[..16]
            .iter()
            .fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    fn nonce(&self, bound: &[u8; 21], frame: &[u8], chance: &mut dyn Chance) -> [u8; NONCE] {
        let mut drawn = [0; 16];
        chance.fill(&mut drawn);
        let mut hash = blake3::Hasher::new_keyed(&self.nonce_key);
        hash.update(&drawn).update(bound).update(frame);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&hash.finalize().as_bytes()[..NONCE]);
        nonce
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.nonce_key.zeroize();
        self.digest_key.zeroize();
    }
}

fn sealed_or(done: bool) -> Result<(), Error> {
    if done { Ok(()) } else { Err(Error::Refused) }
}

fn bound(suite: u8, dictionary: u8, place: &Place) -> [u8; 21] {
    let mut bound = [0; 21];
    bound[0] = suite;
    bound[1] = dictionary;
    bound[2..].copy_from_slice(&place.bytes());
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    const HERE: Place = Place {
        record: 7,
        type_code: 3,
        entry: 11,
        version: 2,
        kind: 1,
    };
    const PLAIN: &[u8] = br#"{"resourceType":"Observation","status":"final","valueString":"a value a value a value"}"#;

    fn sealer(seed: u8) -> Sealer {
        Sealer::new(&PersonKey::new(&mut Stream::new([seed; 32])))
    }

    fn seal(sealer: &Sealer, place: &Place, plain: &[u8], chance: &mut dyn Chance) -> Vec<u8> {
        let mut out = Vec::new();
        sealer
            .seal(place, plain, DictionaryId::NONE, chance, &mut out)
            .expect("seals");
        out
    }

    fn open(sealer: &Sealer, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        sealer.open(place, sealed, &mut out).map(|()| out)
    }

    #[test]
    fn a_value_comes_back_whatever_its_length_and_is_appended() {
        let (sealer, mut chance) = (sealer(1), Stream::new([9; 32]));
        let mut noise = vec![0; 300_000];
        chance.fill(&mut noise);
        for plain in [&b""[..], b"x", PLAIN, &PLAIN.repeat(50_000), &noise] {
            let mut sealed = b"before".to_vec();
            sealer
                .seal(&HERE, plain, DictionaryId::NONE, &mut chance, &mut sealed)
                .expect("seals");
            let mut opened = b"earlier".to_vec();
            sealer
                .open(&HERE, &sealed[6..], &mut opened)
                .expect("opens");
            assert_eq!(
                (&sealed[..6], &opened[..7]),
                (&b"before"[..], &b"earlier"[..])
            );
            assert!(opened[7..] == *plain, "{} bytes", plain.len());
        }
    }

    #[test]
    fn a_value_opens_only_at_its_place_and_for_its_person() {
        let sealer_ = sealer(1);
        let sealed = seal(&sealer_, &HERE, PLAIN, &mut Stream::new([9; 32]));
        let refused = Err(Error::NotOpened { what: What::Value });
        for place in [
            Place { record: 8, ..HERE },
            Place {
                type_code: 4,
                ..HERE
            },
            Place { entry: 12, ..HERE },
            Place { version: 3, ..HERE },
            Place { kind: 2, ..HERE },
        ] {
            assert_eq!(open(&sealer_, &place, &sealed), refused, "{place:?}");
            assert_ne!(
                sealer_.digest(&place, &sealed),
                sealer_.digest(&HERE, &sealed),
                "{place:?}"
            );
        }
        assert_eq!(open(&sealer(2), &HERE, &sealed), refused);
        assert_ne!(
            sealer(2).digest(&HERE, &sealed),
            sealer_.digest(&HERE, &sealed)
        );
        assert_eq!(
            open(&sealer_, &HERE, &sealed).expect("its own place"),
            PLAIN
        );
    }

    #[test]
    fn a_value_with_any_bit_changed_or_any_byte_missing_does_not_open() {
        let sealer = sealer(1);
        let sealed = seal(&sealer, &HERE, PLAIN, &mut Stream::new([9; 32]));
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&sealer, &HERE, &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(
                open(&sealer, &HERE, &sealed[..length]).is_err(),
                "length {length}"
            );
            assert_ne!(
                sealer.digest(&HERE, &sealed[..length]),
                sealer.digest(&HERE, &sealed)
            );
        }
    }

    #[test]
    fn a_failed_opening_leaves_nothing_behind() {
        let sealer = sealer(1);
        let mut sealed = seal(&sealer, &HERE, PLAIN, &mut Stream::new([9; 32]));
        sealed[20] ^= 1;
        let mut out = b"earlier".to_vec();
        assert!(sealer.open(&HERE, &sealed, &mut out).is_err());
        assert_eq!(out, b"earlier");
    }

    #[test]
    fn with_a_repeated_chance_only_the_same_value_at_the_same_place_repeats_a_nonce() {
        let sealer = sealer(1);
        let nonce = |place: &Place, plain: &[u8]| {
            let mut stuck = |bytes: &mut [u8]| bytes.fill(5);
            seal(&sealer, place, plain, &mut stuck)[2..14].to_vec()
        };
        assert_eq!(nonce(&HERE, PLAIN), nonce(&HERE, PLAIN));
        assert_ne!(nonce(&HERE, PLAIN), nonce(&HERE, &PLAIN[1..]));
        assert_ne!(
            nonce(&HERE, PLAIN),
            nonce(&Place { version: 3, ..HERE }, PLAIN)
        );
    }

    #[test]
    fn a_value_of_a_newer_suite_or_dictionary_says_so() {
        let sealer = sealer(1);
        let mut sealed = seal(&sealer, &HERE, PLAIN, &mut Stream::new([9; 32]));
        sealed[1] = 200;
        assert_eq!(
            open(&sealer, &HERE, &sealed),
            Err(Error::UnknownDictionary { dictionary: 200 })
        );
        sealed[0] = 9;
        assert_eq!(
            open(&sealer, &HERE, &sealed),
            Err(Error::UnknownSuite {
                what: What::Value,
                suite: 9
            })
        );
    }

    #[test]
    fn a_value_larger_than_the_limit_is_refused_before_it_takes_memory() {
        let mut out = Vec::new();
        let refused = Err(Error::TooLarge { limit_bytes: 1000 });
        let frame =
            compressed(&vec![0; 1 << 20], DictionaryId::NONE, <[u8]>::to_vec).expect("compresses");
        let result = decompressed(frame.len(), 0, 1000, &mut out, |room| {
            room.copy_from_slice(&frame);
            Ok(())
        });
        assert_eq!(result, refused);
        assert!(out.capacity() < 2000);
    }

    #[test]
    fn digests_are_spread_and_do_not_depend_on_order_when_added() {
        let (sealer, mut chance) = (sealer(1), Stream::new([9; 32]));
        let digests: Vec<u128> = (0..200)
            .map(|entry| {
                let place = Place { entry, ..HERE };
                sealer.digest(&place, &seal(&sealer, &place, PLAIN, &mut chance))
            })
            .collect();
        let sum = |order: &mut dyn Iterator<Item = &u128>| {
            order.fold(0u128, |sum, one| sum.wrapping_add(*one))
        };
        assert_eq!(sum(&mut digests.iter()), sum(&mut digests.iter().rev()));
        let mut sorted = digests.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), digests.len());
    }
}
