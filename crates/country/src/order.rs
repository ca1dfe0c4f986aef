//! In which order names stand on a list: as the people of a country look for them.
//!
//! * In Vietnam by the name a person is called by, then the family, then what is between; elsewhere by the family first.
//! * ă, â, đ, ê, ô, ơ, ư, ñ and й are letters of their own, after the one they come from. Tones, accents and ё only decide
//!   between names that are otherwise alike.
//! * Case and punctuation do not count. A shorter word stands before a longer one.

use unicode_normalization::UnicodeNormalization;

use crate::name::NameParts;

/// What a name is sorted by: compare two of one list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct NameKey {
    letters: Vec<u32>,
    marks: Vec<u8>,
}

/// Between words: before every letter.
const SPACE: u32 = 1;
/// Between the parts of a name: before the space, so that a part alone stands first.
const PART: u32 = 0;
/// A letter of an alphabet and those made from it.
const VARIANTS: u32 = 8;

const GRAVE: char = '\u{300}';
const ACUTE: char = '\u{301}';
const CIRCUMFLEX: char = '\u{302}';
const TILDE: char = '\u{303}';
const BREVE: char = '\u{306}';
const DIAERESIS: char = '\u{308}';
const HOOK: char = '\u{309}';
const HORN: char = '\u{31b}';
const DOT_BELOW: char = '\u{323}';

impl NameKey {
    /// The key of a name; `called_last` where people are called by the last of their given names.
    pub fn of(called_last: bool, name: &NameParts<'_>) -> NameKey {
        let mut key = NameKey::default();
        let given: Vec<&str> = name.given.iter().flat_map(|part| part.split_whitespace()).collect();
        // A Vietnamese name is family, middle, and last what a person is called by.
        match (called_last, given.split_last()) {
            (true, Some((called, middle))) => {
                key.part([*called].into_iter());
                key.part(name.family.split_whitespace());
                key.part(middle.iter().copied());
            }
            _ => {
                key.part(name.family.split_whitespace());
                key.part(given.iter().copied());
            }
        }
        key
    }

    fn part<'w>(&mut self, words: impl Iterator<Item = &'w str>) {
        for (place, word) in words.enumerate() {
            if place > 0 {
                self.letters.push(SPACE);
            }
            self.word(word);
        }
        self.letters.push(PART);
    }

    fn word(&mut self, word: &str) {
        for letter in word.chars().flat_map(char::to_lowercase).collect::<String>().nfd() {
            if let Some((variant, mark)) = mark_of(letter) {
                let base = self.letters.last().copied().unwrap_or_default() / VARIANTS;
                match variant.filter(|_| base > 1).and_then(|_| made(char::from_u32(base)?, letter)) {
                    Some(variant) => *self.letters.last_mut().unwrap_or(&mut 0) = base * VARIANTS + variant,
                    None => *self.marks.last_mut().unwrap_or(&mut 0) = mark,
                }
            } else if letter == 'đ' {
                self.letters.push(u32::from('d') * VARIANTS + 1);
                self.marks.push(0);
            } else if letter.is_alphanumeric() {
                self.letters.push(u32::from(letter) * VARIANTS);
                self.marks.push(0);
            }
        }
    }
}

/// Whether a sign is a mark on the letter before it: whether it may make another letter of it, and its place among marks.
/// Tones stand in the order of Vietnamese schools: level, grave, hook, tilde, acute, dot.
fn mark_of(sign: char) -> Option<(Option<()>, u8)> {
    Some(match sign {
        GRAVE => (None, 1),
        HOOK => (None, 2),
        TILDE => (Some(()), 3),
        ACUTE => (None, 4),
        DOT_BELOW => (None, 5),
        DIAERESIS => (None, 6),
        CIRCUMFLEX | BREVE | HORN => (Some(()), 7),
        _ if unicode_normalization::char::is_combining_mark(sign) => (None, 8),
        _ => return None,
    })
}

/// The letter that a mark makes of another one.
fn made(base: char, mark: char) -> Option<u32> {
    match (base, mark) {
        ('a', BREVE) | ('e' | 'o', CIRCUMFLEX) | ('u', HORN) | ('n', TILDE) | ('и', BREVE) => Some(1),
        ('a', CIRCUMFLEX) | ('o', HORN) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::NameParts;

    /// Names as `family|given`, in the order in which they should stand.
    fn check(country: &str, names: &[&str]) {
        let country = crate::by_code(country).unwrap();
        let key = |name: &str| {
            let (family, given) = name.split_once('|').unwrap();
            country.sort_key(&NameParts { family, given: &[given] })
        };
        let mut sorted: Vec<&str> = names.iter().rev().copied().collect();
        sorted.sort_by_key(|name| key(name));
        assert_eq!(sorted, names);
    }

    #[test]
    fn vietnamese_names_stand_by_what_people_are_called() {
        check("vn", &["Trần|Văn An", "Lê|Thị Ánh", "Phạm|Ân", "Đỗ|Văn Dũng", "Nguyễn|Đức", "Lê|Hoa", "Nguyễn|Thị Hoa", "Nguyễn|Văn Hoa", "Trần|Hòa", "Bùi|Ơn", "Bùi|Uyên", "Bùi|Ưng"]);
    }

    /// Level, grave, hook, tilde, acute, dot; and a tone weighs less than the next word.
    #[test]
    fn tones_decide_last() {
        check("vn", &["Lê|Ma", "Lê|Mà", "Lê|Mả", "Lê|Mã", "Lê|Má", "Lê|Mạ"]);
        check("vn", &["Lê|Hà", "Mai|Ha"]);
        check("vn", &["Lê|Bả", "Lê|Bă", "Lê|Bằ", "Lê|Bâ", "Lê|Bấ"]);
    }

    #[test]
    fn spanish_names_stand_by_both_family_names_and_n_with_a_tilde_is_a_letter() {
        check("mx", &["Muniz|Ana", "Munoz Vega|Ana", "Muñoz|Ana", "Muñoz Arce|Luz", "Muñoz Vega|Ana", "Nava|Eva", "Núñez|Ana", "Olvera|Ana"]);
        // An accent decides only between names that are otherwise alike.
        check("mx", &["Perez|Ana", "Pérez|Ana", "Perez|Berta"]);
    }

    #[test]
    fn russian_names_stand_by_family_given_patronymic_and_yo_counts_as_ye() {
        check("ru", &["Ежов|Пётр", "Ёлкин|Анна", "Емельянов|Олег", "Иванов|Артём", "Иванова|Анна", "Йорданов|Лев", "Кедров|Яков"]);
        check("ru", &["Белов|Пётр", "Бёлов|Пётр", "Белов|Яков"]);
    }

    #[test]
    fn case_signs_and_absent_parts_do_not_matter() {
        let vn = crate::by_code("vn").unwrap();
        let key = |family: &str, given: &[&str]| vn.sort_key(&NameParts { family, given });
        assert_eq!(key("LÊ", &["thị", "HOA"]), key("Lê", &["Thị Hoa"]));
        assert_eq!(key("O'Brien", &["x"]), key("OBrien", &["x"]));
        assert!(key("", &[]) < key("Lê", &[]));
        assert!(key("\u{301}", &["\u{302}"]) < key("Lê", &["A"]));
    }
}
