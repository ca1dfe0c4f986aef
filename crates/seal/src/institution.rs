//! The key of an institution, from which every other key of a store comes.
//!
//! It lies outside the store, in a small text that a person can print, lock
//! away and type in again. Whoever has it and the disks can read everything;
//! whoever lost it can read nothing.

use aws_lc_rs::hkdf;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::person::Wrapper;
use crate::signer::Signer;
use crate::small::{Purpose, SmallSealer};
use crate::text::{from_hex, to_hex};
use crate::tokens::Tokens;
use crate::{Chance, Error};

/// Thirty-two random bytes. Gone from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InstitutionKey([u8; 32]);

const FIRST_LINE: &str = "carnet institution key 1";

impl InstitutionKey {
    /// A new key.
    pub fn new(chance: &mut dyn Chance) -> InstitutionKey {
        let mut key = [0; 32];
        chance.fill(&mut key);
        InstitutionKey(key)
    }

    /// The key as a text of three lines: a version, the key, and a check that
    /// notices a torn copy or a typing error.
    pub fn to_file_text(&self) -> String {
        let groups: Vec<String> = self.0.chunks(4).map(to_hex).collect();
        format!(
            "{FIRST_LINE}\nkey   {}\ncheck {}\n",
            groups.join(" "),
            to_hex(&self.check())
        )
    }

    /// The key out of its text. White space and the case of letters do not matter.
    pub fn from_file_text(text: &str) -> Result<InstitutionKey, Error> {
        let wrong = |line, why| Error::KeyFile { line, why };
        let mut lines = text
            .lines()
            .map(str::trim)
            .enumerate()
            .filter(|(_, line)| !line.is_empty());
        let mut next = || lines.next().map(|(place, line)| (place + 1, line));
        let (first, version) = next().ok_or(wrong(1, "is missing: the file is empty"))?;
        if version.split_whitespace().ne(FIRST_LINE.split(' ')) {
            return Err(wrong(first, "does not say \"carnet institution key 1\""));
        }
        let mut field = |name: &str, missing, unlike| {
            let (place, line) = next().ok_or(wrong(first + 1, missing))?;
            let value = line.strip_prefix(name).ok_or(wrong(place, unlike))?;
            Ok((place, value.split_whitespace().collect::<String>()))
        };
        let (place, mut digits) =
            field("key", "is missing: the key", "does not begin with \"key\"")?;
        let key = from_hex(&digits).map(InstitutionKey);
        digits.zeroize();
        let key = key.ok_or(wrong(place, "is not a key of 64 hexadecimal digits"))?;
        let (place, check) = field(
            "check",
            "is missing: the check",
            "does not begin with \"check\"",
        )?;
        if from_hex(&check) != Some(key.check()) {
            return Err(wrong(
                place,
                "does not fit the key: one of the two was copied wrongly",
            ));
        }
        match next() {
            Some((place, _)) => Err(wrong(place, "is one too many")),
            None => Ok(key),
        }
    }

    /// Eight bytes that name the key without revealing it, so that a store can say
    /// that it was given the key of another one.
    pub fn fingerprint(&self) -> [u8; 8] {
        self.sub_key("carnet/fingerprint/1")
    }

    /// What wraps the keys of persons.
    pub fn wrapper(&self) -> Wrapper {
        Wrapper::new(
            self.sub_key("carnet/wrap/1"),
            self.sub_key("carnet/wrap nonce/1"),
        )
    }

    /// What turns the terms of an index into tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.sub_key("carnet/index/1"))
    }

    /// What seals the small things of one purpose.
    pub fn small(&self, purpose: Purpose) -> SmallSealer {
        SmallSealer::new(purpose, self.sub_key(purpose.label()))
    }

    /// What signs the checkpoints of the log of openings.
    pub fn log_signer(&self) -> Signer {
        Signer::new(self.sub_key("carnet/log signing/1"))
    }

    fn check(&self) -> [u8; 8] {
        self.sub_key("carnet/file check/1")
    }

    /// A key for one use, by HKDF-SHA-256 (RFC 5869).
    fn sub_key<const N: usize>(&self, label: &str) -> [u8; N] {
        let mut key = [0; N];
        // Expanding fails only for more than 255 hashes of output; ours is at most one.
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"carnet institution")
            .extract(&self.0)
            .expand(&[label.as_bytes()], Length(N))
            .and_then(|output| output.fill(&mut key))
            .expect("a key is shorter than 255 hashes");
        key
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl std::fmt::Debug for InstitutionKey {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("InstitutionKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn key() -> InstitutionKey {
        InstitutionKey::new(&mut Stream::new([1; 32]))
    }

    #[test]
    fn a_key_comes_back_from_its_text_however_it_is_spaced() {
        let text = key().to_file_text();
        for copy in [
            text.clone(),
            text.replace(' ', "  "),
            text.replace('\n', "\r\n\r\n"),
            text.trim().into(),
        ] {
            assert_eq!(
                InstitutionKey::from_file_text(&copy).expect(&copy).0,
                key().0
            );
        }
    }

    #[test]
    fn a_torn_or_mistyped_copy_is_noticed() {
        let text = key().to_file_text();
        for length in 0..text.trim_end().len() {
            assert!(
                InstitutionKey::from_file_text(&text[..length]).is_err(),
                "cut after {length} bytes"
            );
        }
        let start = text.find("key   ").expect("the key's line") + 6;
        for place in start..text.len() {
            let mut copy = text.clone().into_bytes();
            if copy[place].is_ascii_hexdigit() {
                copy[place] = if copy[place] == b'0' { b'1' } else { b'0' };
                let copy = String::from_utf8(copy).expect("still text");
                assert!(
                    InstitutionKey::from_file_text(&copy).is_err(),
                    "digit {place} changed"
                );
            }
        }
        assert!(InstitutionKey::from_file_text(&format!("{text}more\n")).is_err());
        assert!(InstitutionKey::from_file_text(&text.replace("key 1", "key 2")).is_err());
    }

    #[test]
    fn the_error_of_a_key_file_never_shows_the_key() {
        let text = key().to_file_text();
        let line = text.lines().nth(1).expect("the key's line");
        let error = InstitutionKey::from_file_text(&text.replace("check ", "check 0"))
            .expect_err("a wrong check");
        for group in line.split(' ').skip(3) {
            assert!(!format!("{error} {error:?}").contains(group));
        }
    }

    #[test]
    fn the_key_of_the_log_follows_from_the_institutions_and_is_no_other() {
        let other = InstitutionKey::new(&mut Stream::new([2; 32]));
        assert_eq!(key().log_signer().public_key(), key().log_signer().public_key());
        assert_ne!(key().log_signer().public_key(), other.log_signer().public_key());
        assert_ne!(key().log_signer().sign(b"a"), key().log_signer().sign(b"b"));
    }

    #[test]
    fn every_use_has_a_key_of_its_own() {
        let labels = [
            "carnet/wrap/1",
            "carnet/wrap nonce/1",
            "carnet/index/1",
            "carnet/fingerprint/1",
            "carnet/log signing/1",
        ];
        let mut keys: Vec<[u8; 32]> = labels
            .into_iter()
            .chain(Purpose::ALL.map(Purpose::label))
            .map(|label| key().sub_key(label))
            .collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
