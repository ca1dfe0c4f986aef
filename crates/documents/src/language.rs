//! The languages this house speaks, and messages in them.
//!
//! * Each message is in all four; whoever owns some compares them in a test, by [`Words::keys`].
//! * Translations are compiled in, so one that cannot be read is a fault of the build.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

/// A language of pages and documents.
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
}

/// What stands where a key has no message; a test looks for it on every page.
pub const MISSING: &str = "⟦";

/// The texts of one file of translations, language by language.
pub struct Translations {
    /// English.
    pub english: &'static str,
    /// Spanish.
    pub spanish: &'static str,
    /// Vietnamese.
    pub vietnamese: &'static str,
    /// Russian.
    pub russian: &'static str,
}

/// Messages of one kind, in all languages.
pub struct Words {
    translations: Translations,
    bundles: OnceLock<Vec<FluentBundle<FluentResource>>>,
}

impl Words {
    /// The messages of four files with the same keys.
    pub const fn new(translations: Translations) -> Words {
        Words { translations, bundles: OnceLock::new() }
    }

    /// The message of a key, with its arguments.
    pub fn say(&self, language: Language, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let bundle = self.bundle(language);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("{MISSING}{key}⟧");
        };
        let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
        debug_assert!(faults.is_empty(), "the message {key} lacks an argument");
        text
    }

    /// True where a key has a message: of some codes only.
    pub fn has(&self, language: Language, key: &str) -> bool {
        self.bundle(language).has_message(key)
    }

    /// The keys of a language.
    pub fn keys(&self, language: Language) -> BTreeSet<&'static str> {
        let lines = self.source(language).lines().filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase()));
        lines.filter_map(|line| line.split(" =").next()).collect()
    }

    /// The file of a language.
    pub fn source(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.translations.english,
            Language::Spanish => self.translations.spanish,
            Language::Vietnamese => self.translations.vietnamese,
            Language::Russian => self.translations.russian,
        }
    }

    fn bundle(&self, language: Language) -> &FluentBundle<FluentResource> {
        let place = Language::ALL.iter().position(|other| *other == language).unwrap_or_default();
        &self.bundles.get_or_init(|| Language::ALL.into_iter().map(|language| self.read(language)).collect())[place]
    }

    fn read(&self, language: Language) -> FluentBundle<FluentResource> {
        let resource = FluentResource::try_new(self.source(language).to_owned()).expect("translations are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Isolating marks would travel into titles, attributes and copied text.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no key twice in one file");
        bundle
    }
}
