//! The words of the pages, in four languages.
//!
//! * The four files of `translations/` have the same keys; a test compares them.
//! * A message never contains markup; templates escape what it returns.
//! * Clinical text is not ours to translate: it stays as it was received.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

/// A language of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Language { English, Spanish, Vietnamese, Russian }

impl Language {
    /// All languages, in the order of the switch.
    pub const ALL: [Language; 4] = [Language::Spanish, Language::Vietnamese, Language::Russian, Language::English];

    /// `es`, `vi`, `ru`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
            Language::Vietnamese => "vi",
            Language::Russian => "ru",
        }
    }

    /// Its own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Spanish => "Español",
            Language::Vietnamese => "Tiếng Việt",
            Language::Russian => "Русский",
        }
    }

    /// The language of a code or a BCP 47 tag that begins with it.
    pub fn of_code(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The first language of an `Accept-Language` header that we speak. Weights are not read:
    /// browsers send their languages in order.
    pub fn accepted(header: &str) -> Option<Language> {
        header.split(',').find_map(|part| Language::of_code(part.split(';').next().unwrap_or_default().trim()))
    }

    fn identifier(self) -> LanguageIdentifier {
        match self {
            Language::English => langid!("en"),
            Language::Spanish => langid!("es"),
            Language::Vietnamese => langid!("vi"),
            Language::Russian => langid!("ru"),
        }
    }

    fn source(self) -> &'static str {
        match self {
            Language::English => include_str!("../translations/en.ftl"),
            Language::Spanish => include_str!("../translations/es.ftl"),
            Language::Vietnamese => include_str!("../translations/vi.ftl"),
            Language::Russian => include_str!("../translations/ru.ftl"),
        }
    }
}

/// What stands where a key has no message; a test looks for it on every page.
pub const MISSING: &str = "⟦";

/// The message of a key, with its arguments.
pub fn say(language: Language, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let bundle = bundle(language);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return format!("{MISSING}{key}⟧");
    };
    let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut faults = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
    debug_assert!(faults.is_empty(), "the message {key} lacks an argument");
    text
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: OnceLock<Vec<FluentBundle<FluentResource>>> = OnceLock::new();
    &BUNDLES.get_or_init(|| Language::ALL.into_iter().map(read).collect())[place(language)]
}

fn place(language: Language) -> usize {
    Language::ALL.iter().position(|other| *other == language).unwrap_or_default()
}

/// Translations are compiled in, so one that cannot be read is a fault of this build.
fn read(language: Language) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(language.source().to_owned()).expect("translations are well formed");
    let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
    // Isolating marks would travel into titles, attributes and copied text.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("no key twice in one file");
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(language: Language) -> BTreeSet<&'static str> {
        language.source().lines().filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase())).filter_map(|line| line.split(" =").next()).collect()
    }

    #[test]
    fn the_four_languages_have_the_same_keys() {
        for language in Language::ALL {
            let (ours, english) = (keys(language), keys(Language::English));
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
            for message in language.source().split("$count ->").skip(1) {
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
