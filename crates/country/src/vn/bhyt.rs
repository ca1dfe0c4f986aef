//! The number of a health-insurance card (thẻ BHYT): group of beneficiaries
//! (2 letters), level of benefit (1 to 5), province (2), ten digits of social insurance.
//!
//! Newer cards print only the ten digits; both are accepted. Since 1 August 2025 the personal number of twelve digits
//! stands in their place (Vietnam Social Security, as the press of 7 August 2025 tells), and is judged as one.
//!
//! **Invented persons** carry province `00` (and ten digits beginning `00`):
//! provinces begin with 01.
//!
//! Ten digits that are all the same, as zeros, are a placeholder, in both forms.

use super::cccd;
use crate::digits::grouped;
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The groups of beneficiaries. The list is from memory of practice, not from
/// a published table, so it is a hint for forms and not a reason to refuse.
pub const GROUPS: [&str; 48] = [
    "DN", "HX", "CH", "NN", "TK", "HC", "XK", "HT", "TB", "NO", "CT", "XB", "TN", "CS", "QN", "CA",
    "CY", "XN", "MS", "CC", "CK", "CB", "KC", "HD", "TE", "BT", "HN", "DT", "DK", "XD", "TS", "TC",
    "TQ", "TA", "TY", "HG", "LS", "PV", "CN", "HS", "SV", "GB", "GD", "TH", "TV", "TD", "ND", "ID",
];

/// Whether a card number without separators can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    match value.chars().count() {
        10 => return more_than_one_digit(&only_digits(value, 10)?),
        12 => return cccd::check(value),
        _ => {}
    }
    crate::identifier::length(value, 15)?;
    for (index, sign) in value.chars().enumerate() {
        let fits = match index {
            0 | 1 => sign.is_ascii_uppercase(),
            2 => matches!(sign, '1'..='5'),
            _ => sign.is_ascii_digit(),
        };
        if !fits {
            return Err(Flaw::Sign { place: index + 1 });
        }
    }
    more_than_one_digit(&only_digits(&value[5..], 10)?)
}

/// `GD 4 01 012 345 6789`, or the ten digits alone as `012 345 6789`.
fn display(value: &str) -> String {
    match value.len() {
        10 => grouped(value, &[3, 3, 4], ' '),
        12 => (cccd::RULES.display)(value),
        _ => grouped(value, &[2, 1, 2, 3, 3, 4], ' '),
    }
}

fn is_synthetic(value: &str) -> bool {
    match value.len() {
        10 => value.starts_with("00"),
        12 => (cccd::RULES.is_synthetic)(value),
        _ => value.get(3..5) == Some("00"),
    }
}

/// The personal number tells what it tells; the others nothing.
fn tells(value: &str) -> Told {
    match value.len() {
        12 => (cccd::RULES.tells)(value),
        _ => Told::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_card_are_read() {
        assert_eq!(check("GD4011234567890"), Ok(()));
        assert_eq!(check("1234567890"), Ok(()));
        assert_eq!(check("GD9011234567890"), Err(Flaw::Sign { place: 3 }));
        assert_eq!(check("G14011234567890"), Err(Flaw::Sign { place: 2 }));
        assert_eq!(check("GD40112345"), Err(Flaw::Sign { place: 1 }));
        assert_eq!(display("GD4011234567890"), "GD 4 01 123 456 7890");
    }

    #[test]
    fn the_personal_number_is_the_number_of_the_insurance() {
        assert_eq!(check("001090123456"), Ok(()));
        assert_eq!(check("003090123456"), Err(Flaw::Region));
        assert_eq!(check("000000000000"), Err(Flaw::Placeholder));
        assert_eq!(display("001090123456"), "001 090 123 456");
        assert_eq!(tells("001090123456").birth_year, Some(1990));
        assert!(is_synthetic("912090123456") && !is_synthetic("001090123456"));
    }

    #[test]
    fn zeros_and_one_digit_repeated_are_nobodys_number() {
        for value in ["0000000000", "7777777777", "TE1000000000000", "TE1010000000000"] {
            assert_eq!(check(value), Err(Flaw::Placeholder), "{value}");
        }
        for value in ["0000000001", "TE1000000000001"] {
            assert_eq!(check(value), Ok(()), "{value}");
            assert!(is_synthetic(value));
        }
    }
}
