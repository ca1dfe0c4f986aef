//! Seals for small things under the institution's key: heads, locators, claims,
//! log entries, cursors.
//!
//! They are sealed by the billion under one key, and some are rewritten often, so
//! they use AES-256-GCM-SIV (RFC 8452), which survives a repeated nonce.
//!
//! * What a thing is *about* (its key in the store, say) is authenticated: moved
//!   elsewhere it does not open.
//! * Each purpose has its own key.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::text::{from_base64url, to_base64url};
use crate::{Chance, Error, What};

/// What a small thing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The head of a record.
    Head,
    /// From a type and id to the record.
    Locator,
    /// A claim on something unique.
    Claim,
    /// An entry of the log of openings.
    LogEntry,
    /// The place in a search where the next page begins.
    Cursor,
    /// What the store knows of itself.
    Meta,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 6] = [
        Purpose::Head,
        Purpose::Locator,
        Purpose::Claim,
        Purpose::LogEntry,
        Purpose::Cursor,
        Purpose::Meta,
    ];

    /// The label of its key. Part of the format.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Purpose::Head => "carnet/head/1",
            Purpose::Locator => "carnet/locator/1",
            Purpose::Claim => "carnet/claim/1",
            Purpose::LogEntry => "carnet/log/1",
            Purpose::Cursor => "carnet/cursor/1",
            Purpose::Meta => "carnet/meta/1",
        }
    }
}

/// `suite ‖ nonce 12 ‖ sealed ‖ tag 16`: the nonce was drawn.
const DRAWN: u8 = 1;
/// `suite ‖ sealed ‖ tag 16`: the nonce follows from what it is about.
const DERIVED: u8 = 2;

const NONCE: usize = 12;
const TAG: usize = 16;

/// What [`SmallSealer::seal`] adds, in bytes; [`SmallSealer::seal_same`] adds twelve fewer.
pub const SMALL_OVERHEAD_BYTES: usize = 1 + NONCE + TAG;

/// Seals and opens the small things of one purpose.
pub struct SmallSealer {
    purpose: Purpose,
    key: LessSafeKey,
}

impl SmallSealer {
    pub(crate) fn new(purpose: Purpose, mut key: [u8; 32]) -> SmallSealer {
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, &key)
            .expect("the key has the length of the algorithm");
        key.zeroize();
        SmallSealer {
            purpose,
            key: LessSafeKey::new(unbound),
        }
    }

    /// Seals, differently each time.
    pub fn seal(&self, about: &[u8], plain: &[u8], chance: &mut dyn Chance) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        chance.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(plain.len() + SMALL_OVERHEAD_BYTES);
        sealed.push(DRAWN);
        sealed.extend_from_slice(&nonce);
        self.seal_after(sealed, nonce, about, plain)
    }

    /// Seals, and gives the same bytes for the same thing about the same: writing
    /// it twice is writing it once. Who sees both learns that they are equal.
    pub fn seal_same(&self, about: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + 1 + TAG);
        sealed.push(DERIVED);
        self.seal_after(sealed, derived_nonce(about), about, plain)
    }

    /// Opens what was sealed about the same.
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let what = What::Small(self.purpose);
        let not_opened = || Error::NotOpened { what };
        let (&suite, rest) = sealed.split_first().ok_or_else(not_opened)?;
        let (nonce, rest) = match suite {
            DRAWN => {
                let (nonce, rest) = rest.split_at_checked(NONCE).ok_or_else(not_opened)?;
                (
                    Nonce::try_assume_unique_for_key(nonce).map_err(|_| not_opened())?,
                    rest,
                )
            }
            DERIVED => (Nonce::assume_unique_for_key(derived_nonce(about)), rest),
            _ => return Err(Error::UnknownSuite { what, suite }),
        };
        // This algorithm has no opening with the tag apart in every build of the library.
        let mut plain = rest.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(Bound { suite, about }.bytes()), &mut plain)
            .map_err(|_| not_opened())?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Seals into text that fits an address.
    pub fn seal_text(&self, about: &[u8], plain: &[u8], chance: &mut dyn Chance) -> String {
        to_base64url(&self.seal(about, plain, chance))
    }

    /// Opens such a text.
    pub fn open_text(&self, about: &[u8], text: &str) -> Result<Vec<u8>, Error> {
        let sealed = from_base64url(text).ok_or(Error::NotOpened {
            what: What::Small(self.purpose),
        })?;
        self.open(about, &sealed)
    }

    fn seal_after(
        &self,
        mut front: Vec<u8>,
        nonce: [u8; NONCE],
        about: &[u8],
        plain: &[u8],
    ) -> Vec<u8> {
        let start = front.len();
        let suite = front[0];
        front.extend_from_slice(plain);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(Bound { suite, about }.bytes()),
                &mut front[start..],
            )
            .expect("a small thing is within the limits of the algorithm");
        front.extend_from_slice(tag.as_ref());
        front
    }
}

struct Bound<'a> {
    suite: u8,
    about: &'a [u8],
}

impl Bound<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.about.len());
        bytes.push(self.suite);
        bytes.extend_from_slice(self.about);
        bytes
    }
}

fn derived_nonce(about: &[u8]) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&blake3::hash(about).as_bytes()[..NONCE]);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstitutionKey, Stream};

    fn sealer(purpose: Purpose) -> SmallSealer {
        InstitutionKey::new(&mut Stream::new([1; 32])).as_site().small(purpose)
    }

    #[test]
    fn a_small_thing_opens_only_about_the_same_and_for_its_purpose() {
        let heads = sealer(Purpose::Head);
        let drawn = heads.seal(b"record 7", b"head", &mut Stream::new([2; 32]));
        assert_eq!(drawn.len(), 4 + SMALL_OVERHEAD_BYTES);
        let derived = heads.seal_same(b"record 7", b"head");
        assert_eq!(derived.len(), 4 + SMALL_OVERHEAD_BYTES - 12);
        let refused = Err(Error::NotOpened {
            what: What::Small(Purpose::Head),
        });
        for sealed in [drawn, derived] {
            assert_eq!(
                heads.open(b"record 7", &sealed).expect("its own place"),
                b"head"
            );
            assert_eq!(heads.open(b"record 8", &sealed), refused);
            assert!(sealer(Purpose::Locator).open(b"record 7", &sealed).is_err());
            for bit in 0..sealed.len() * 8 {
                let mut altered = sealed.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                assert!(heads.open(b"record 7", &altered).is_err(), "bit {bit}");
            }
            for length in 0..sealed.len() {
                assert!(
                    heads.open(b"record 7", &sealed[..length]).is_err(),
                    "length {length}"
                );
            }
        }
    }

    #[test]
    fn the_same_thing_about_the_same_is_sealed_the_same_only_on_request() {
        let locators = sealer(Purpose::Locator);
        let mut chance = Stream::new([2; 32]);
        assert_eq!(
            locators.seal_same(b"a", b"1"),
            locators.seal_same(b"a", b"1")
        );
        assert_ne!(
            locators.seal_same(b"a", b"1"),
            locators.seal_same(b"a", b"2")
        );
        assert_ne!(
            locators.seal_same(b"a", b"1"),
            locators.seal_same(b"b", b"1")
        );
        assert_ne!(
            locators.seal(b"a", b"1", &mut chance),
            locators.seal(b"a", b"1", &mut chance)
        );
    }

    #[test]
    fn a_cursor_travels_in_an_address_and_comes_back() {
        let cursors = sealer(Purpose::Cursor);
        let mut chance = Stream::new([2; 32]);
        for length in 0..40 {
            let plain = vec![b'x'; length];
            let text = cursors.seal_text(b"search", &plain, &mut chance);
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
                "{text}"
            );
            assert_eq!(
                cursors.open_text(b"search", &text).expect("comes back"),
                plain
            );
        }
        for text in ["", "%", "AAAA", "AQ"] {
            assert!(cursors.open_text(b"search", text).is_err(), "{text}");
        }
    }
}
