//! The words of the pages, in four languages.
//!
//! * The four files of `translations/` have the same keys; a test compares them.
//! * A message never contains markup; templates escape what it returns.
//! * Clinical text is not ours to translate: it stays as it was received.

use documents::language::{Translations, Words};
pub use documents::language::{Language, MISSING};
use fluent_bundle::FluentValue;

static WORDS: Words = Words::new(Translations {
    english: include_str!("../translations/en.ftl"),
    spanish: include_str!("../translations/es.ftl"),
    vietnamese: include_str!("../translations/vi.ftl"),
    russian: include_str!("../translations/ru.ftl"),
});

/// The message of a key, with its arguments.
pub fn say(language: Language, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    WORDS.say(language, key, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_languages_have_the_same_keys() {
        for language in Language::ALL {
            let (ours, english) = (WORDS.keys(language), WORDS.keys(Language::English));
            let difference: Vec<_> = ours.symmetric_difference(&english).collect();
            assert!(difference.is_empty(), "{}: add or remove {difference:?}", language.code());
        }
    }

    #[test]
    fn every_plural_has_the_forms_its_language_needs() {
        let forms: [(Language, &[&str]); 4] = [
            (Language::English, &["[one]", "*[other]"]),
            (Language::Spanish, &["[one]", "[many]", "*[other]"]),
            (Language::Vietnamese, &["*[other]"]),
            (Language::Russian, &["[one]", "[few]", "[many]", "*[other]"]),
        ];
        for (language, needed) in forms {
            let mut plurals = 0;
            for message in WORDS.source(language).split("$count ->").skip(1) {
                plurals += 1;
                let variants = message.split("\n}").next().unwrap_or_default();
                // English "once, twice" is told by exact numbers.
                let exact = variants.contains("[1]") && variants.contains("[2]");
                for form in needed.iter().filter(|form| !(exact && **form == "[one]")) {
                    assert!(variants.contains(form), "{} lacks {form} in {variants}", language.code());
                }
            }
            assert!(plurals >= 12, "{}", language.code());
        }
    }

    #[test]
    fn counts_follow_the_language() {
        let count = |language, number: i64| say(language, "age-years", &[("count", FluentValue::from(number))]);
        let cases = [
            (Language::Russian, 1, "1 год"), (Language::Russian, 3, "3 года"), (Language::Russian, 12, "12 лет"),
            (Language::Russian, 21, "21 год"), (Language::Spanish, 1, "1 año"), (Language::Spanish, 67, "67 años"),
            (Language::Vietnamese, 1, "1 tuổi"), (Language::English, 1, "1 year"), (Language::English, 0, "0 years"),
        ];
        for (language, number, expected) in cases {
            assert_eq!(count(language, number), expected);
        }
    }

    #[test]
    fn a_language_is_found_by_its_tag_and_by_what_a_browser_sends() {
        assert_eq!(Language::of_code("es-MX"), Some(Language::Spanish));
        assert_eq!(Language::of_code("fr"), None);
        assert_eq!(Language::accepted("fr-CH, vi;q=0.9, en;q=0.8"), Some(Language::Vietnamese));
        assert_eq!(Language::accepted("*"), None);
    }
}
