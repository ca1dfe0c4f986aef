//! A fixed set of published words, each with a number, found in a few nanoseconds.
//!
//! * Built once from words that are part of the program; never grows, so no sender can
//!   choose words that make it slow.

/// Words and their numbers, at most half full.
pub(crate) struct Words {
    slots: Vec<(&'static str, u16)>,
    shift: u32,
}

const FREE: u16 = u16::MAX;

impl Words {
    /// A set of words, numbered in order; of equal words the first counts.
    pub(crate) fn new(words: impl ExactSizeIterator<Item = &'static str>) -> Words {
        assert!(words.len() < usize::from(FREE), "a set of words holds less than 65,535");
        let size = (words.len() * 2).next_power_of_two().max(2);
        let mut set = Words { slots: vec![("", FREE); size], shift: 64 - size.trailing_zeros() };
        for (number, word) in words.enumerate() {
            let mut place = set.place(word);
            while set.slots[place].1 != FREE && set.slots[place].0 != word {
                place = (place + 1) & (size - 1);
            }
            if set.slots[place].1 == FREE {
                set.slots[place] = (word, number as u16);
            }
        }
        set
    }

    /// The number of a word.
    #[inline]
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        let mut place = self.place(word);
        loop {
            let (found, number) = self.slots[place];
            if number == FREE {
                return None;
            }
            if found == word {
                return Some(usize::from(number));
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// First and last bytes and the length tell nearly all words of FHIR apart.
    #[inline]
    fn place(&self, word: &str) -> usize {
        let bytes = word.as_bytes();
        let (first, last) = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
        } else {
            (bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)), 0)
        };
        let mixed = (first ^ last.rotate_left(23) ^ (bytes.len() as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_and_no_other() {
        let all = ["", "a", "ab", "abc", "code", "status", "valueQuantity", "valueDateTime", "valueString", "status"];
        let words = Words::new(all.into_iter());
        for (number, word) in all.iter().enumerate().take(9) {
            assert_eq!(words.find(word), Some(number), "{word}");
        }
        assert_eq!(words.find("status"), Some(5));
        for other in ["b", "valueTime", "abcd", "Code"] {
            assert_eq!(words.find(other), None, "{other}");
        }
        assert_eq!(Words::new([].into_iter()).find("a"), None);
    }
}
