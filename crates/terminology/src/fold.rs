//! Text as people search for it: without case, accents, apostrophes or double spaces.
//!
//! * Folding the same text always gives the same bytes: they are part of the disk format,
//!   because postings hold folded words.
//! * Cyrillic stays Cyrillic; [`transliterated`] gives the Latin form of such a word as a
//!   second one, as machine-readable passports write it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends the folded text: lower case, no marks, one space between words, none at the ends.
pub fn fold_into(text: &str, out: &mut String) {
    let from = out.len();
    if text.is_ascii() {
        for byte in text.bytes() {
            push(byte.to_ascii_lowercase() as char, from, out);
        }
    } else {
        for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
            for lower in letter.to_lowercase().filter(|letter| !is_combining_mark(*letter)) {
                match base_letters(lower) {
                    "" => push(lower, from, out),
                    base => base.chars().for_each(|letter| push(letter, from, out)),
                }
            }
        }
    }
    if out.len() > from && out.ends_with(' ') {
        out.pop();
    }
}

/// The folded text.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

fn push(letter: char, from: usize, out: &mut String) {
    match letter {
        // O'Brien, О’Генри, N'Guyen: people leave the apostrophe out.
        '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '`' | '\u{00B4}' | '\u{02B9}' | '\u{02BB}' => {}
        _ if letter.is_alphanumeric() => out.push(letter),
        _ if out.len() > from && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

/// Letters that Unicode does not decompose, but people type without their mark.
fn base_letters(letter: char) -> &'static str {
    match letter {
        'đ' | 'ð' => "d",
        'ø' => "o",
        'ł' => "l",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    }
}

/// The Latin form of a folded word with Cyrillic letters; false where it has none.
pub fn transliterated(folded_word: &str, out: &mut String) -> bool {
    if !folded_word.chars().any(is_cyrillic) {
        return false;
    }
    folded_word.chars().for_each(|letter| match latin(letter) {
        Some(latin) => out.push_str(latin),
        None => out.push(letter),
    });
    true
}

fn is_cyrillic(letter: char) -> bool {
    ('\u{0400}'..='\u{04FF}').contains(&letter)
}

/// ICAO Doc 9303-3, table for Cyrillic; folding has already made `ё` `е` and `й` `и`.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a", 'б' => "b", 'в' => "v", 'г' => "g", 'д' => "d", 'е' => "e", 'ж' => "zh", 'з' => "z", 'и' => "i",
        'к' => "k", 'л' => "l", 'м' => "m", 'н' => "n", 'о' => "o", 'п' => "p", 'р' => "r", 'с' => "s", 'т' => "t",
        'у' => "u", 'ф' => "f", 'х' => "kh", 'ц' => "ts", 'ч' => "ch", 'ш' => "sh", 'щ' => "shch", 'ъ' => "ie",
        'ы' => "y", 'ь' => "", 'э' => "e", 'ю' => "iu", 'я' => "ia", 'і' => "i", 'є' => "ie", 'ґ' => "g",
        _ => return None,
    })
}

/// The words of a folded text.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_find_names_without_marks() {
        let cases = [
            ("Nguyễn Thị Đào", "nguyen thi dao"),
            ("Đỗ Ươm", "do uom"),
            ("Peña-López", "pena lopez"),
            ("  Straße   7 ", "strasse 7"),
            ("Артём Королёв", "артем королев"),
            ("Андрей", "андреи"),
            ("O\u{2019}Brien", "obrien"),
            ("o'brien", "obrien"),
            ("ÅSA", "asa"),
            ("İzmir", "izmir"),
            ("王小明", "王小明"),
            ("ﬁne", "fine"),
            ("...", ""),
            ("", ""),
        ];
        for (text, expect) in cases {
            assert_eq!(fold(text), expect, "{text}");
            assert_eq!(fold(&fold(text)), expect, "folding twice: {text}");
        }
    }

    #[test]
    fn a_cyrillic_word_has_a_latin_form() {
        let cases = [("королев", Some("korolev")), ("щукин", Some("shchukin")), ("юлия", Some("iuliia")), ("smith", None)];
        for (word, expect) in cases {
            let mut out = String::new();
            assert_eq!(transliterated(word, &mut out).then_some(out.as_str()), expect, "{word}");
        }
    }
}
