//! Số chứng minh nhân dân, the nine digits of the identity card before the twelve of today.
//!
//! A person who got a number of twelve digits keeps this one as history (`Identifier.use` = `old`
//! with its period): papers of years ago carry it. It has no check digit, so only signs and length
//! can be looked at, and that they are not one digit throughout. The first digits told the province that issued it; no list was reached.
//!
//! **Invented persons** carry numbers beginning `00`, by our own agreement.

use crate::digits::grouped;
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// Whether a number of digits only can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    more_than_one_digit(&only_digits(value, 9)?)
}

fn display(value: &str) -> String {
    grouped(value, &[3, 3, 3], ' ')
}

fn is_synthetic(value: &str) -> bool {
    value.starts_with("00")
}

fn tells(_: &str) -> Told {
    Told::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_and_nothing_else() {
        assert_eq!(check("001234567"), Ok(()));
        assert_eq!(check("000000000"), Err(Flaw::Placeholder));
        assert_eq!(check("00123456A"), Err(Flaw::Sign { place: 9 }));
        assert_eq!(
            check("001234567890"),
            Err(Flaw::Length {
                expected: 9,
                found: 12
            })
        );
        assert_eq!(display("001234567"), "001 234 567");
    }
}
