//! The words of documents, in four languages, and how a reader writes days and figures.
//!
//! * The four files of `translations/` have the same keys; a test compares them.
//! * A date keeps the precision it came with; a figure keeps its digits.

use std::sync::OnceLock;

use fhir::PartialDateTime;
use fhir::date::{Precision, civil_from_days};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

/// A language of the documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Language { English, Spanish, Vietnamese, Russian }

impl Language {
    /// All of them.
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

    /// The language of a code or a BCP 47 tag that begins with it.
    pub fn of_code(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
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

/// The language and the zone of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// The language.
    pub language: Language,
    /// Minutes east of UTC in which moments are told.
    pub zone_offset_minutes: i16,
}

/// What stands where a key has no message; a test looks for it.
pub const MISSING: &str = "⟦";

impl Voice {
    /// The message of a key.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message with texts in it.
    pub fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let bundle = bundle(self.language);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("{MISSING}{key}⟧");
        };
        let arguments: FluentArgs<'_> = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        let mut faults = Vec::new();
        bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned()
    }

    /// The message of a key, if there is one: for codes, of which only some have words.
    pub fn known(&self, key: &str) -> Option<String> {
        bundle(self.language).has_message(key).then(|| self.say(key))
    }

    /// A date as this language writes it: `14/03/1958`, `14.03.1958`, `03/1958`, `1958`.
    pub fn date(&self, date: &PartialDateTime) -> String {
        let sign = if self.language == Language::Russian { '.' } else { '/' };
        // A clinical time is told as the clock on that ward showed it; only times in UTC are moved.
        let (year, month, day) = match (date.precision >= Precision::Minute, date.offset_minutes) {
            (true, Some(0)) => {
                let local = date.range(0).0.0 + i64::from(self.zone_offset_minutes) * 60_000;
                civil_from_days(local.div_euclid(86_400_000))
            }
            _ => (date.year, date.month, date.day),
        };
        match date.precision {
            Precision::Year => format!("{year}"),
            Precision::Month => format!("{month:02}{sign}{year}"),
            _ => format!("{day:02}{sign}{month:02}{sign}{year}"),
        }
    }

    /// A decimal text as this language writes it.
    pub fn figure(&self, decimal: &str) -> String {
        let signed = decimal.replacen('-', "\u{2212}", 1);
        match self.language {
            Language::English | Language::Spanish => signed,
            Language::Vietnamese | Language::Russian => signed.replacen('.', ",", 1),
        }
    }
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: OnceLock<Vec<FluentBundle<FluentResource>>> = OnceLock::new();
    let place = Language::ALL.iter().position(|other| *other == language).unwrap_or_default();
    &BUNDLES.get_or_init(|| Language::ALL.into_iter().map(read).collect())[place]
}

/// Translations are compiled in, so one that cannot be read is a fault of this build.
fn read(language: Language) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(language.source().to_owned()).expect("translations are well formed");
    let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("no key twice in one file");
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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
    fn days_and_figures_are_written_as_the_reader_does() {
        let check = |language, date: &str, figure: &str| {
            let voice = Voice { language, zone_offset_minutes: 0 };
            assert_eq!(voice.date(&PartialDateTime::parse("1958-03-14").unwrap()), date);
            assert_eq!(voice.figure("-1.50"), figure);
        };
        check(Language::English, "14/03/1958", "\u{2212}1.50");
        check(Language::Russian, "14.03.1958", "\u{2212}1,50");
        let voice = Voice { language: Language::Spanish, zone_offset_minutes: 0 };
        assert_eq!(voice.date(&PartialDateTime::parse("1958").unwrap()), "1958");
        assert_eq!(voice.date(&PartialDateTime::parse("1958-03").unwrap()), "03/1958");
    }
}
