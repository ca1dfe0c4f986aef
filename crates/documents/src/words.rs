//! The words of documents, in four languages, and how a reader writes days and figures.
//!
//! * The four files of `translations/` have the same keys; a test compares them.
//! * A date keeps the precision it came with; a figure keeps its digits.

use fhir::PartialDateTime;
use fhir::date::{DAY_MS, Precision, civil_from_days};
use fluent_bundle::FluentValue;

pub use crate::language::{Language, MISSING};
use crate::language::{Translations, Words};

static WORDS: Words = Words::new(Translations {
    english: include_str!("../translations/en.ftl"),
    spanish: include_str!("../translations/es.ftl"),
    vietnamese: include_str!("../translations/vi.ftl"),
    russian: include_str!("../translations/ru.ftl"),
});

/// The language and the zone of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// The language.
    pub language: Language,
    /// Minutes east of UTC in which moments are told.
    pub zone_offset_minutes: i16,
}

impl Voice {
    /// The message of a key.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message with texts in it.
    pub fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let arguments: Vec<(&str, FluentValue<'_>)> = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        WORDS.say(self.language, key, &arguments)
    }

    /// The message of a key, if there is one: for codes, of which only some have words.
    pub fn known(&self, key: &str) -> Option<String> {
        WORDS.has(self.language, key).then(|| self.say(key))
    }

    /// A date as this language writes it: `14/03/1958`, `14.03.1958`, `03/1958`, `1958`.
    pub fn date(&self, date: &PartialDateTime) -> String {
        let sign = if self.language == Language::Russian { '.' } else { '/' };
        // A clinical time is told as the clock on that ward showed it; only times in UTC are moved.
        let (year, month, day) = match (date.precision >= Precision::Minute, date.offset_minutes) {
            (true, Some(0)) => {
                let local = date.range(0).0.0 + i64::from(self.zone_offset_minutes) * 60_000;
                civil_from_days(local.div_euclid(DAY_MS))
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
