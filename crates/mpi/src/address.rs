//! Where somebody lives, as far as it helps: the street and the place.

use crate::word::Word;
use fhir::Value;

/// A line with fewer letters is nobody's street.
const LEAST_LETTERS: usize = 6;

/// One address, in Latin letters without marks.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Address {
    line: String,
    place: String,
    postal_code: String,
}

impl std::fmt::Debug for Address {
    /// Never shows where somebody lives.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address")
    }
}

impl Address {
    pub fn read(value: Value<'_>) -> Option<Address> {
        let folded = |text: &str| text.split(|letter: char| !letter.is_alphanumeric()).map(|word| Word::new(word).latin().to_owned()).collect::<String>();
        let member = |name: &str| value.string(name).map(|text| folded(&text)).unwrap_or_default();
        let lines = value.get("line").into_iter().flat_map(|lines| lines.each());
        let line = lines.filter_map(|line| line.as_str().map(|text| folded(&text))).collect();
        let place = ["city", "district", "state"].into_iter().map(member).find(|text| !text.is_empty()).unwrap_or_default();
        let address = Address { line, place, postal_code: member("postalCode") };
        (address != Address::default()).then_some(address)
    }

    /// Street and number, where they say more than "no number".
    pub fn street(&self) -> Option<&str> {
        (self.line.chars().count() >= LEAST_LETTERS).then_some(self.line.as_str())
    }

    /// Bits and a code for two addresses; none where they cannot be compared.
    pub fn like(&self, other: &Address) -> Option<(f64, &'static str)> {
        let same = |left: &str, right: &str| (!left.is_empty() && !right.is_empty()).then_some(left == right);
        let place = same(&self.postal_code, &other.postal_code).or_else(|| same(&self.place, &other.place));
        match (same(&self.line, &other.line), place) {
            (Some(true), Some(true) | None) => Some((7.0, "same-street")),
            (_, Some(true)) => Some((1.5, "same-place")),
            // People move.
            (Some(false), _) | (_, Some(false)) => Some((-0.5, "differs")),
            (None, None) => None,
        }
    }
}
