//! Languages as BCP 47 writes them: `es`, `vi-VN`, `sr-Latn-RS`. <https://www.rfc-editor.org/rfc/rfc5646>
//!
//! * A tag that breaks the grammar is none. One that keeps it is a tag where its language is one of
//!   two letters, which are all here; what follows the language is judged by its form alone.
//! * The registry of languages with three letters is not here: of those nothing is said.

/// What FHIR calls the code system of languages.
pub const SYSTEM: &str = "urn:ietf:bcp:47";

/// A longer tag is none anybody means.
const LONGEST: usize = 100;

/// The languages of two letters in the registry: those of ISO 639-1, and six that it has withdrawn.
/// <https://www.iana.org/assignments/language-subtag-registry>
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu \
    fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku \
    kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw \
    sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Tags older than the grammar that break it and count all the same. <https://www.rfc-editor.org/rfc/rfc5646#section-2.2.8>
const IRREGULAR: [&str; 17] = [
    "en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo", "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de",
];

/// Whether a text is a language tag; none where only the registry could tell.
pub fn is_tag(text: &str) -> Option<bool> {
    if text.len() > LONGEST || !text.is_ascii() {
        return Some(false);
    }
    let tag = text.to_ascii_lowercase();
    if IRREGULAR.contains(&tag.as_str()) {
        return Some(true);
    }
    let parts: Vec<&str> = tag.split('-').collect();
    let (language, rest) = parts.split_first()?;
    if *language == "x" {
        return Some(is_private(&parts));
    }
    if !is_letters(language, 2..=8) || !follows(language, rest) {
        return Some(false);
    }
    // Four letters are kept free by the grammar: no tag begins with them.
    match language.len() {
        2 => Some(LANGUAGES.split_ascii_whitespace().any(|known| known == *language)),
        4 => Some(false),
        _ => None,
    }
}

/// What comes after the language: dialects, script, region, variants, extensions, private words.
fn follows(language: &str, mut rest: &[&str]) -> bool {
    let mut take = |is: &dyn Fn(&str) -> bool, most: usize| {
        let count = rest.iter().take(most).take_while(|part| is(part)).count();
        rest = &rest[count..];
    };
    if language.len() <= 3 {
        take(&|part| is_letters(part, 3..=3), 3);
    }
    take(&|part| is_letters(part, 4..=4), 1);
    take(&|part| is_letters(part, 2..=2) || part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()), 1);
    take(&|part| is_word(part, 5..=8) || is_word(part, 4..=4) && part.as_bytes()[0].is_ascii_digit(), usize::MAX);
    while let [first, after @ ..] = rest {
        if *first == "x" {
            return is_private(rest);
        }
        let count = after.iter().take_while(|part| is_word(part, 2..=8)).count();
        if !is_word(first, 1..=1) || count == 0 {
            return false;
        }
        rest = &after[count..];
    }
    true
}

/// `x-` and what people agreed on among themselves.
fn is_private(parts: &[&str]) -> bool {
    parts.len() > 1 && parts[1..].iter().all(|part| is_word(part, 1..=8))
}

fn is_letters(part: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_word(part: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_told_from_what_is_none_and_from_what_only_the_registry_knows() {
        let check = |tags: &str, expect: Option<bool>| {
            for tag in tags.split_ascii_whitespace() {
                assert_eq!(is_tag(tag), expect, "{tag}");
            }
        };
        check("es vi ru en es-MX vi-VN sr-Latn-RS es-419 zh-Hans-CN zh-yue-HK de-CH-1901 sl-rozaj-biske en-a-bbb-x-a x-house i-klingon en-GB-oed ES de-1996-u-co-phonebk", Some(true));
        check("zzzzzzzzzzz zz qq-MX es_MX es- -es e 1 es-x es-a 12-es abcd es-toolongsubtag es-MX-VN x x-toolongsubtag es--MX español", Some(false));
        check("nah yua cmn mis klingon", None);
        assert_eq!(is_tag(""), Some(false));
        assert_eq!(is_tag(&"en-x-".repeat(40)), Some(false));
        assert_eq!(is_tag("es MX"), Some(false));
    }

    #[test]
    fn the_languages_are_those_of_the_registry() {
        let all: Vec<&str> = LANGUAGES.split_ascii_whitespace().collect();
        assert_eq!(all.len(), 190);
        assert!(all.is_sorted() && all.iter().all(|one| is_letters(one, 2..=2)));
    }
}
