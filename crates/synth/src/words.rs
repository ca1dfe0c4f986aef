//! The three languages, in one order, so that a text cannot miss one of them.

/// The same words in Spanish, Vietnamese and Russian.
pub(crate) type Words = [&'static str; 3];

/// Which of the three a population speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    Spanish = 0,
    Vietnamese = 1,
    Russian = 2,
}

impl Tongue {
    /// The language of a country's records.
    pub fn of(country: &country::Country) -> Tongue {
        match country.code.as_str() {
            "mx" => Tongue::Spanish,
            "vn" => Tongue::Vietnamese,
            _ => Tongue::Russian,
        }
    }

    /// These words in this language.
    pub fn say(self, words: &Words) -> &'static str {
        words[self as usize]
    }

    /// Mexico reports glucose in mg/dL, the others in mmol/L, and so on.
    pub fn molar(self) -> usize {
        usize::from(self != Tongue::Spanish)
    }
}
