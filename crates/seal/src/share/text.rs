//! A share as a text of ten lines, made to be printed, read aloud and typed in again.
//!
//! Words are pronounceable: consonant, vowel, consonant, vowel, consonant stand for sixteen bits.

use super::{SHARES, SHARES_NEEDED, Share, ShareError};
use crate::text::{from_hex, to_hex};

const FIRST_LINE: &str = "carnet key share 1";
const LINES: usize = 4;

impl Share {
    /// The text of the share.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{FIRST_LINE}\nsite   {}\nkey    {}\nset    {}\nshare  {} of {SHARES}; any {SHARES_NEEDED} put the key together again\n",
            to_hex(&self.site),
            to_hex(&self.key),
            to_hex(&self.set),
            self.number
        );
        for (number, chunk) in (1..).zip(self.part.chunks(8)) {
            let groups: Vec<String> = chunk.chunks(2).map(to_hex).collect();
            text.push_str(&format!("{number}      {}   {}\n", groups.join(" "), words(&self.line_check(number, chunk))));
        }
        text.push_str(&format!("check  {}\n", words(&self.check())));
        text
    }

    /// A share out of its text. White space and the case of letters do not matter.
    pub fn from_text(text: &str) -> Result<Share, ShareError> {
        let text = text.to_lowercase();
        let mut lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let mut last = 0;
        let mut next = |name: &str| {
            let (place, line) = lines.next().map(|(place, line)| (place + 1, line)).ok_or(wrong(last + 1, "is missing"))?;
            last = place;
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.split_first() {
                Some((first, rest)) if *first == name => Ok((place, rest.concat())),
                _ => Err(wrong(place, "does not begin as a line of a share does there")),
            }
        };
        let (place, version) = next("carnet")?;
        if version != "keyshare1" {
            return Err(wrong(place, "does not say \"carnet key share 1\""));
        }
        let mut share = Share { site: hex(next("site")?)?, key: hex(next("key")?)?, set: hex(next("set")?)?, number: 0, part: [0; 32] };
        let (place, told) = next("share")?;
        let expected = |number: u8| format!("{number}of{SHARES};any{SHARES_NEEDED}putthekeytogetheragain");
        share.number = (1..=SHARES).find(|number| told == expected(*number)).ok_or(wrong(place, "does not say which share it is, or how many there are"))?;
        for number in 1..=LINES as u8 {
            let (place, told) = next(&number.to_string())?;
            let (digits, check) = told.split_at_checked(16).ok_or(wrong(place, "is too short"))?;
            let part: [u8; 8] = hex((place, digits.to_owned()))?;
            if check != words(&share.line_check(number, &part)) {
                return Err(wrong(place, "does not fit the word at its end, or the lines before it: something was typed wrongly"));
            }
            share.part[usize::from(number - 1) * 8..][..8].copy_from_slice(&part);
        }
        let (place, check) = next("check")?;
        if check != words(&share.check()) {
            return Err(wrong(place, "does not fit the share: something was typed wrongly"));
        }
        match lines.next() {
            Some((place, _)) => Err(wrong(place + 1, "is one too many")),
            None => Ok(share),
        }
    }

    /// Two bytes over a line and everything that names the share.
    fn line_check(&self, number: u8, part: &[u8]) -> [u8; 2] {
        let mut hash = self.named();
        hash.update(&[number]).update(part);
        let mut check = [0; 2];
        hash.finalize_xof().fill(&mut check);
        check
    }

    /// Eight bytes over all of it.
    fn check(&self) -> [u8; 8] {
        let mut hash = self.named();
        hash.update(&[0]).update(&self.part);
        let mut check = [0; 8];
        hash.finalize_xof().fill(&mut check);
        check
    }

    fn named(&self) -> blake3::Hasher {
        let mut hash = blake3::Hasher::new();
        hash.update(b"carnet key share 1").update(&self.site).update(&self.key).update(&self.set).update(&[self.number]);
        hash
    }
}

fn wrong(line: usize, why: &'static str) -> ShareError {
    ShareError::Text { line, why }
}

fn hex<const N: usize>((line, digits): (usize, String)) -> Result<[u8; N], ShareError> {
    from_hex(&digits).ok_or(wrong(line, "has not as many hexadecimal digits as belong there"))
}

/// Bytes as words with hyphens between them.
fn words(bytes: &[u8]) -> String {
    let words: Vec<String> = bytes.chunks_exact(2).map(|pair| word(u16::from_be_bytes([pair[0], pair[1]]))).collect();
    words.join("-")
}

fn word(bits: u16) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeiu";
    let consonant = |shift: u16| char::from(CONSONANTS[usize::from(bits >> shift & 15)]);
    let vowel = |shift: u16| char::from(VOWELS[usize::from(bits >> shift & 3)]);
    [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].into_iter().collect()
}
