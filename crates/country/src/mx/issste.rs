//! The number of an insured person of the ISSSTE.
//!
//! No published description was reached: what is known is that a number is followed by the kind of
//! beneficiary. So only signs and length are looked at, and that it is not one digit throughout; the system is a proposal.
//!
//! **Invented persons** carry numbers beginning `ZZ`, by our own agreement.

use crate::digits::digits;
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// Signs a number has at least and at most.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=18;

/// Whether a number without separators can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let found = value.chars().count();
    if !LENGTHS.contains(&found) {
        let expected = if found < *LENGTHS.start() {
            *LENGTHS.start()
        } else {
            *LENGTHS.end()
        };
        return Err(Flaw::Length { expected, found });
    }
    match value
        .chars()
        .position(|sign| !sign.is_ascii_uppercase() && !sign.is_ascii_digit())
    {
        Some(place) => Err(Flaw::Sign { place: place + 1 }),
        None => digits(value).map_or(Ok(()), |digits| more_than_one_digit(&digits)),
    }
}

fn display(value: &str) -> String {
    value.to_owned()
}

fn is_synthetic(value: &str) -> bool {
    value.starts_with("ZZ")
}

fn tells(_: &str) -> Told {
    Told::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signs_and_length_are_looked_at() {
        assert_eq!(check("ZZ12345678"), Ok(()));
        assert_eq!(check("00000000"), Err(Flaw::Placeholder));
        assert_eq!(check("ZZ00000000"), Ok(()));
        assert_eq!(check("ZZ12_45678"), Err(Flaw::Sign { place: 5 }));
        assert_eq!(
            check("ZZ1"),
            Err(Flaw::Length {
                expected: 6,
                found: 3
            })
        );
    }
}
