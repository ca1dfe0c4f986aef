//! Shares of an institution's key: any three of five put it together again, two tell nothing.
//!
//! * Each byte of the key is the constant of a polynomial over GF(256) whose other coefficients are
//!   drawn anew; a share is its value at the share's number (Shamir, *How to share a secret*, 1979).
//! * A share is a text to be printed and typed in again. Words behind each line notice a typing error
//!   and say which line; a share of another site, of another key or of another day is told apart.
//! * Nothing here looks anything up in a table by a secret.

mod field;
mod text;

use zeroize::{Zeroizing, ZeroizeOnDrop};

use crate::{Chance, InstitutionKey};

/// How many shares are made.
pub const SHARES: u8 = 5;
/// How many put the key together again.
pub const SHARES_NEEDED: u8 = 3;

/// One of five. Its secret is gone from memory when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Share {
    /// Which site's key it is a share of.
    pub site: [u8; 8],
    /// The fingerprint of the key.
    pub key: [u8; 8],
    /// Which division it belongs to: shares of two do not fit together.
    pub set: [u8; 4],
    /// From 1.
    pub number: u8,
    part: [u8; 32],
}

/// A key put together, and the shares that are not what they say.
#[derive(Debug)]
pub struct Recovered {
    /// The key.
    pub key: InstitutionKey,
    /// Numbers of shares that do not belong to it although they read well.
    pub wrong: Vec<u8>,
}

/// Why a share is none, or why several do not give a key. Never a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The text is not that of a share.
    #[error("line {line} {why}")]
    Text {
        /// The line, from one.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There are fewer than are needed.
    #[error("{given} shares were given and {SHARES_NEEDED} are needed; give more")]
    TooFew {
        /// How many different ones.
        given: usize,
    },
    /// Two shares do not belong together.
    #[error("share {number} in place {place} is of another {of} than the first one; leave it out, or leave out the others")]
    Mixed {
        /// Its number.
        number: u8,
        /// Its place in the list, from one.
        place: usize,
        /// Site, key or division.
        of: &'static str,
    },
    /// The same number twice.
    #[error("share {0} was given twice; give another one")]
    Twice(u8),
    /// They read well and belong together, and yet give another key.
    #[error("these shares do not give the key they name: at least one of them was altered; try others")]
    NotTheKey,
}

impl InstitutionKey {
    /// Divides the key for a site.
    pub fn shares(&self, site: [u8; 8], chance: &mut dyn Chance) -> Vec<Share> {
        let secret = self.expose();
        let mut coefficients = Zeroizing::new([[0; 32]; SHARES_NEEDED as usize]);
        coefficients[0] = *secret;
        coefficients[1..].iter_mut().for_each(|drawn| chance.fill(drawn));
        let mut set = [0; 4];
        chance.fill(&mut set);
        let share = |number| Share { site, key: self.fingerprint(), set, number, part: field::value_at(&*coefficients, number) };
        (1..=SHARES).map(share).collect()
    }

    /// Puts the key together again. With more shares than are needed, those that are wrong are named.
    pub fn of_shares(shares: &[Share]) -> Result<Recovered, ShareError> {
        belong_together(shares)?;
        let needed = usize::from(SHARES_NEEDED);
        if shares.len() < needed {
            return Err(ShareError::TooFew { given: shares.len() });
        }
        for chosen in choices(shares.len()) {
            let points = chosen.map(|place| (shares[place].number, &shares[place].part));
            let key = InstitutionKey::of_bytes(Zeroizing::new(field::interpolated(&points, 0)));
            if key.fingerprint() == shares[0].key {
                let is_wrong = |share: &&Share| field::interpolated(&points, share.number) != share.part;
                return Ok(Recovered { key, wrong: shares.iter().filter(is_wrong).map(|share| share.number).collect() });
            }
        }
        Err(ShareError::NotTheKey)
    }
}

fn belong_together(shares: &[Share]) -> Result<(), ShareError> {
    let Some(first) = shares.first() else { return Err(ShareError::TooFew { given: 0 }) };
    for (place, share) in shares.iter().enumerate() {
        let other = if share.site != first.site {
            Some("site")
        } else if share.key != first.key {
            Some("key")
        } else {
            (share.set != first.set).then_some("division")
        };
        if let Some(of) = other {
            return Err(ShareError::Mixed { number: share.number, place: place + 1, of });
        }
        if shares[..place].iter().any(|other| other.number == share.number) {
            return Err(ShareError::Twice(share.number));
        }
    }
    Ok(())
}

/// Every three of so many.
fn choices(count: usize) -> impl Iterator<Item = [usize; SHARES_NEEDED as usize]> {
    (0..count).flat_map(move |a| (a + 1..count).flat_map(move |b| (b + 1..count).map(move |c| [a, b, c])))
}

impl std::fmt::Debug for Share {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(form, "Share {}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    const SITE: [u8; 8] = *b"hospital";

    fn key(seed: u8) -> InstitutionKey {
        InstitutionKey::new(&mut Stream::new([seed; 32]))
    }

    fn shares(seed: u8) -> Vec<Share> {
        key(1).shares(SITE, &mut Stream::new([seed; 32]))
    }

    #[test]
    fn any_three_of_five_give_the_key_in_any_order() {
        let shares = shares(2);
        for [a, b, c] in choices(5) {
            for order in [[a, b, c], [c, a, b], [b, c, a], [c, b, a]] {
                let recovered = InstitutionKey::of_shares(&order.map(|place| shares[place].clone())).expect("three");
                assert_eq!(*recovered.key.expose(), *key(1).expose());
                assert!(recovered.wrong.is_empty());
            }
        }
        assert_eq!(InstitutionKey::of_shares(&shares[..2]).expect_err("two"), ShareError::TooFew { given: 2 });
    }

    #[test]
    fn two_shares_fit_every_key_there_is() {
        let shares = shares(2);
        // Whatever the first byte of the key: some third share would give it, another one each time.
        let mut thirds: Vec<u8> = (0..=255u8)
            .map(|byte| {
                let mut wanted = *key(1).expose();
                wanted[0] = byte;
                let points = [(0, &wanted), (1, &shares[0].part), (2, &shares[1].part)];
                field::interpolated(&points, 3)[0]
            })
            .collect();
        thirds.sort_unstable();
        assert!(thirds.into_iter().eq(0..=255));
    }

    #[test]
    fn shares_that_do_not_belong_together_are_told_apart() {
        let mine = shares(2);
        let check = |third: Share, expect: ShareError| {
            assert_eq!(InstitutionKey::of_shares(&[mine[0].clone(), mine[1].clone(), third]).expect_err("mixed"), expect);
        };
        let mixed = |of| ShareError::Mixed { number: 3, place: 3, of };
        check(key(1).shares(*b"elsewher", &mut Stream::new([2; 32])).remove(2), mixed("site"));
        check(key(7).shares(SITE, &mut Stream::new([2; 32])).remove(2), mixed("key"));
        check(shares(3).remove(2), mixed("division"));
        check(mine[1].clone(), ShareError::Twice(2));
    }

    #[test]
    fn an_altered_share_gives_no_key_and_is_named_where_there_are_enough() {
        let mut given = shares(2);
        given[3].part[31] ^= 1;
        assert_eq!(InstitutionKey::of_shares(&given[1..4]).expect_err("one is altered"), ShareError::NotTheKey);
        let recovered = InstitutionKey::of_shares(&given).expect("four are right");
        assert_eq!((*recovered.key.expose(), recovered.wrong), (*key(1).expose(), vec![4]));
    }

    #[test]
    fn every_share_comes_back_from_its_text() {
        for share in shares(2) {
            let text = share.to_text();
            for copy in [text.clone(), text.replace('\n', "\r\n\r\n"), text.to_uppercase(), text.replace("   ", " ")] {
                assert_eq!(Share::from_text(&copy).expect(&copy), share);
            }
        }
    }

    #[test]
    fn a_typing_error_is_noticed_and_its_line_named() {
        let text = shares(2)[1].to_text();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate().skip(1) {
            for (at, letter) in line.char_indices().filter(|(_, letter)| letter.is_ascii_alphanumeric()) {
                let mut changed = line.to_string();
                let other = if letter == 'b' { "d" } else { "b" };
                changed.replace_range(at..at + 1, other);
                let mut copy = lines.clone();
                copy[number] = &changed;
                let error = Share::from_text(&copy.join("\n")).expect_err(&changed);
                // What stands in the first lines is vouched for by the words of the others.
                assert!(matches!(error, ShareError::Text { line, .. } if line == number + 1 || number < 5), "{error}: {changed}");
            }
        }
        for length in 0..text.trim_end().len() {
            assert!(Share::from_text(&text[..length]).is_err(), "cut after {length} bytes");
        }
        assert!(Share::from_text(&format!("{text}more\n")).is_err());
    }
}
