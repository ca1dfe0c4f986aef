//! A word of a name, and how like another it is.
//!
//! * Every script has a Latin form; the received letters stay beside it, because an accent
//!   that is there on both sides and differs is another name (Hòa and Hoá), while one that
//!   is missing on one side is only a keyboard.
//! * Short words that differ by a letter are other names, not typing errors: most Vietnamese
//!   names are short, and all differ by one letter.

use crate::nickname::is_nickname;
use any_ascii::any_ascii;

/// One word of a name.
#[derive(Clone, PartialEq, Eq)]
pub struct Word {
    written: String,
    latin: String,
    romanised: String,
    is_cyrillic: bool,
}

impl std::fmt::Debug for Word {
    /// Never shows the word: it is a person's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Word of {} letters", self.latin.len())
    }
}

/// How two words agree, the nearest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Likeness {
    /// The same letters, but for case.
    Same,
    /// The same letters, where one side left the accents out (or wrote е for ё).
    Plain,
    /// The same name in another script, or romanised by another rule.
    Romanised,
    /// Кузнецов and Кузнецова.
    Gendered,
    /// A short form that dictionaries of names list, or an abbreviation.
    ShortForm,
    /// One letter more, less, other or exchanged.
    Typing,
    /// Both sides write accents, and other ones.
    OtherAccents,
    /// One side has only the first letter.
    Initial,
}

impl Likeness {
    /// The code that reasons use.
    pub fn code(self) -> &'static str {
        match self {
            Likeness::Same => "same",
            Likeness::Plain => "accents-left-out",
            Likeness::Romanised => "other-script-or-romanisation",
            Likeness::Gendered => "other-gender-ending",
            Likeness::ShortForm => "short-form",
            Likeness::Typing => "typing-error",
            Likeness::OtherAccents => "other-accents",
            Likeness::Initial => "initial",
        }
    }

    /// What the agreement weighs, where `share` of all persons bear the word.
    ///
    /// Each line is log2(m/u): how often the same person's name is written so, against how
    /// often another person's is.
    pub fn bits(self, share: f64) -> f64 {
        let ratio: f64 = match self {
            Likeness::Same => 1.0 / share,
            Likeness::Plain => 0.8 / share,
            Likeness::Romanised => 0.6 / share,
            Likeness::Gendered => 0.8 / share,
            Likeness::ShortForm => 0.3 / share,
            Likeness::Typing => 0.02 / (0.3 * share + 0.0015),
            Likeness::OtherAccents => 0.05 / share,
            Likeness::Initial => 2.0,
        };
        ratio.log2().clamp(0.2, 13.0)
    }
}

impl Word {
    /// A word as received.
    pub fn new(received: &str) -> Word {
        let written: String = received.to_lowercase().chars().filter(|letter| !matches!(letter, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '.')).collect();
        let latin: String = any_ascii(&written).to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let is_cyrillic = written.chars().any(|letter| ('\u{0400}'..='\u{04FF}').contains(&letter));
        Word { romanised: romanised(&latin), written, latin, is_cyrillic }
    }

    /// As received, in lower case and without apostrophes.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Its Latin letters without marks.
    pub fn latin(&self) -> &str {
        &self.latin
    }

    /// True for a word without any letter or digit.
    pub fn is_empty(&self) -> bool {
        self.latin.is_empty()
    }

    /// How it agrees with another; none where it does not.
    pub fn like(&self, other: &Word) -> Option<Likeness> {
        if self.is_empty() || other.is_empty() {
            return None;
        }
        if self.written == other.written {
            return Some(Likeness::Same);
        }
        let same_script = self.is_cyrillic == other.is_cyrillic;
        if self.latin == other.latin {
            return Some(match (same_script, self.has_marks() && other.has_marks()) {
                (false, _) => Likeness::Romanised,
                (true, true) if !self.is_cyrillic => Likeness::OtherAccents,
                _ => Likeness::Plain,
            });
        }
        let (left, right) = (&self.romanised, &other.romanised);
        if long_enough(left, right, if same_script { 5 } else { 3 }) && left == right {
            return Some(Likeness::Romanised);
        }
        if is_gendered(left, right) {
            return Some(Likeness::Gendered);
        }
        if is_nickname(&self.latin, &other.latin) {
            return Some(Likeness::ShortForm);
        }
        if self.latin.len() == 1 || other.latin.len() == 1 {
            return (self.latin.as_bytes()[0] == other.latin.as_bytes()[0]).then_some(Likeness::Initial);
        }
        if is_typing_error(&self.latin, &other.latin) || (!same_script && is_typing_error(left, right)) {
            return Some(Likeness::Typing);
        }
        None
    }

    fn has_marks(&self) -> bool {
        !self.written.is_ascii()
    }
}

/// What the usual ways of writing Russian in Latin letters have in common.
fn romanised(latin: &str) -> String {
    let mut text = latin.replace("shch", "sc").replace("sch", "sc").replace("kh", "h").replace("tz", "c").replace("ts", "c").replace('x', "ks");
    text = text.replace(['y', 'j'], "i").replace("io", "e").replace("ie", "e");
    while text.contains("ii") {
        text = text.replace("ii", "i");
    }
    text
}

fn long_enough(left: &str, right: &str, letters: usize) -> bool {
    left.len() >= letters && right.len() >= letters
}

/// `kuznecov` and `kuznecova`, `ostrovski` and `ostrovskaia`.
fn is_gendered(left: &str, right: &str) -> bool {
    let (woman, man) = if left.len() > right.len() { (left, right) } else { (right, left) };
    if man.len() >= 4 && ["ov", "ev", "in"].iter().any(|ending| man.ends_with(ending)) && woman.strip_suffix('a') == Some(man) {
        return true;
    }
    let stem = woman.strip_suffix("aia");
    stem.is_some_and(|stem| stem.len() >= 3 && ["i", "oi"].iter().any(|ending| man.strip_suffix(ending) == Some(stem)))
}

/// Two letters exchanged; in longer words also one letter more, less or other, and in long
/// ones two. Short names are other names: Minh and Linh, Julia and Julio.
fn is_typing_error(left: &str, right: &str) -> bool {
    if left.len().abs_diff(right.len()) > 2 || left.len().min(right.len()) < 4 {
        return false;
    }
    let slips = strsim::osa_distance(left, right);
    let is_exchange = slips == 1 && left.len() == right.len() && strsim::levenshtein(left, right) == 2;
    (is_exchange && long_enough(left, right, 4))
        || (slips == 1 && left.len() != right.len() && long_enough(left, right, 5))
        || (slips == 1 && long_enough(left, right, 6))
        || (slips == 2 && long_enough(left, right, 9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Likeness::*;

    #[test]
    fn words_are_like_each_other_in_three_cultures() {
        for (left, right, like) in [
            ("Núñez", "NÚÑEZ", Some(Same)),
            ("Núñez", "Nunez", Some(Plain)),
            ("Nguyễn", "Nguyen", Some(Plain)),
            ("Đào", "Dao", Some(Plain)),
            ("Hòa", "Hoá", Some(OtherAccents)),
            ("Hoa", "Hòa", Some(Plain)),
            ("Семёнов", "Семенов", Some(Plain)),
            ("Щербаков", "Shcherbakov", Some(Romanised)),
            ("Юрий", "Iurii", Some(Romanised)),
            ("Yuriy", "Iurii", None),
            ("Наталья", "Natalia", Some(Romanised)),
            ("Хохлов", "Khokhlov", Some(Romanised)),
            ("Кузнецов", "Кузнецова", Some(Gendered)),
            ("Островский", "Островская", Some(Gendered)),
            ("Кузнецов", "Kuznetsova", Some(Gendered)),
            ("Александр", "Саша", Some(ShortForm)),
            ("Aleksandr", "Sasha", Some(ShortForm)),
            ("Guadalupe", "Lupita", Some(ShortForm)),
            ("María", "Ma.", Some(ShortForm)),
            ("José", "J.", Some(ShortForm)),
            ("Hernández", "Hernadez", Some(Typing)),
            ("Rodríguez", "Rodriguze", Some(Typing)),
            ("Fernanda", "F", Some(Initial)),
            ("Hoa", "Hoi", None),
            ("Lan", "Lam", None),
            ("Thien", "Then", None),
            ("Minh", "Linh", None),
            ("Thanh", "Khanh", None),
            ("Mario", "Maria", None),
            ("Maria", "Mraia", Some(Typing)),
            ("García", "López", None),
            ("Ana", "", None),
        ] {
            let (left_word, right_word) = (Word::new(left), Word::new(right));
            assert_eq!(left_word.like(&right_word), like, "{left} {right}");
            assert_eq!(right_word.like(&left_word), like, "{right} {left}");
        }
    }

    #[test]
    fn a_frequent_name_weighs_less_than_a_rare_one() {
        assert!(Same.bits(0.3) < 2.0 && Same.bits(0.001) > 9.0 && Same.bits(1e-9) <= 13.0);
        assert!(Typing.bits(0.004) < Plain.bits(0.004));
    }
}
