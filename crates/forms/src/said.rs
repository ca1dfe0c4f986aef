//! A text with its translations.
//! <https://hl7.org/fhir/R4/extension-translation.html>

use crate::address::CORE;
use crate::json::Json;

/// What a form says, in the language it was written in and in others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// As the form itself says it.
    pub plain: String,
    /// Language tag and text.
    pub translations: Vec<(String, String)>,
}

impl Said {
    /// The text of a member, with the translations beside it.
    pub(crate) fn of(object: &Json, name: &str) -> Said {
        let address = format!("{CORE}translation");
        let beside = object.get(&format!("_{name}"));
        let translations = beside.into_iter().flat_map(|beside| beside.extensions(&address)).filter_map(|one| {
            let part = |url: &str| one.extension(url).and_then(Json::as_str).map(str::to_owned);
            Some((part("lang")?, part("content")?))
        });
        Said { plain: object.string(name).unwrap_or_default().to_owned(), translations: translations.collect() }
    }

    /// The text in a language: `es` finds `es-MX`; the plain one where there is no translation.
    pub fn told(&self, language: &str) -> &str {
        let exact = self.translations.iter().find(|(own, _)| own.eq_ignore_ascii_case(language));
        let near = || self.translations.iter().find(|(own, _)| own.split('-').next().is_some_and(|first| first.eq_ignore_ascii_case(language)));
        exact.or_else(near).map_or(&self.plain, |(_, text)| text)
    }

    /// The text in every language it stands in.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.plain.as_str()).chain(self.translations.iter().map(|(_, text)| text.as_str()))
    }

    /// True without any text.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.translations.is_empty()
    }
}
