//! The key of an institution, under which every other key of a store is wrapped.
//!
//! It lies outside the store, in a small text that a person can print, lock
//! away and type in again, and can be changed: only wraps are made anew. Whoever has it and the disks can read everything;
//! whoever lost it can read nothing.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::person::{PersonKey, Wrapper};
use crate::site::{FINGERPRINT, SiteKey, sub_key};
use crate::text::{from_hex, to_hex};
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
        sub_key(&self.0, FINGERPRINT)
    }

    /// What wraps the keys of persons.
    pub fn wrapper(&self) -> Wrapper {
        Wrapper::new(
            sub_key(&self.0, "carnet/wrap/1"),
            sub_key(&self.0, "carnet/wrap nonce/1"),
        )
    }

    /// The key of the site, to lie in the keyring.
    pub fn wrap_site(&self, site: &SiteKey, chance: &mut dyn Chance) -> Vec<u8> {
        self.wrapper().wrap(NO_RECORD, NO_VERSION, &self.fingerprint(), &PersonKey::of(site.0), chance)
    }

    /// The key of the site out of the keyring.
    pub fn unwrap_site(&self, wrap: &[u8]) -> Result<SiteKey, Error> {
        Ok(SiteKey(self.wrapper().unwrap(NO_RECORD, NO_VERSION, &self.fingerprint(), wrap)?.bytes()))
    }

    /// The key of a site that was made before there were two: the same bytes.
    pub fn as_site(&self) -> SiteKey {
        SiteKey(self.0)
    }

    /// The key as it is, to be wrapped by a token or divided into shares.
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// A key that was kept elsewhere as it is.
    pub fn of_bytes(bytes: Zeroizing<[u8; 32]>) -> InstitutionKey {
        InstitutionKey(*bytes)
    }

    fn check(&self) -> [u8; 8] {
        sub_key(&self.0, "carnet/file check/1")
    }
}

/// What the wrap of a site's key is bound to: the keys of records begin with version 1.
const NO_RECORD: u64 = 0;
const NO_VERSION: u32 = 0;

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
    fn the_key_of_a_site_opens_under_its_institutions_key_only() {
        let (mine, other) = (key(), InstitutionKey::new(&mut Stream::new([2; 32])));
        let site = SiteKey::new(&mut Stream::new([3; 32]));
        let wrap = mine.wrap_site(&site, &mut Stream::new([4; 32]));
        assert_eq!(mine.unwrap_site(&wrap).expect("its own").fingerprint(), site.fingerprint());
        assert!(other.unwrap_site(&wrap).is_err());
        // No record's wrap is a site's, whatever its number.
        let of_record = mine.wrapper().wrap(0, 1, &mine.fingerprint(), &PersonKey::of([9; 32]), &mut Stream::new([5; 32]));
        assert!(mine.unwrap_site(&of_record).is_err());
        assert_eq!(mine.as_site().fingerprint(), mine.fingerprint(), "as in the first release");
    }
}
