//! СНИЛС, the number of a personal insurance account: nine digits and two of control.
//!
//! Control = the digits weighted 9 to 1, modulo 101, where 100 and 101 are
//! written 00; the rule holds for numbers above 001-001-998.
//!
//! **Invented persons** carry numbers from 900-000-000: they are issued in
//! ascending blocks of which none known to us begins with 3 or more. That is
//! an observation, not a published rule.
//!
//! Nine zeros are nobody's number: they stand where none is known.

use crate::digits::digits;
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The two control digits of the first nine; none if they are not nine digits.
pub fn control(body: &str) -> Option<u32> {
    let body = digits(body)?;
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, digit)| digit * 9_u32.saturating_sub(place as u32))
        .sum();
    (body.len() == 9).then_some(sum % 101 % 100)
}

/// Whether a number of digits only can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let digits = only_digits(value, 11)?;
    let number = digits[..9]
        .iter()
        .fold(0, |number, digit| number * 10 + digit);
    more_than_one_digit(&digits)?;
    if number == 0 {
        return Err(Flaw::Placeholder);
    }
    let found = digits[9] * 10 + digits[10];
    if number <= 1_001_998 || control(&value[..9]) == Some(found) {
        Ok(())
    } else {
        Err(Flaw::CheckDigit)
    }
}

/// `112-233-445 95`, as it is printed.
fn display(value: &str) -> String {
    if value.len() != 11 {
        return value.to_owned();
    }
    format!(
        "{}-{}-{} {}",
        &value[..3],
        &value[3..6],
        &value[6..9],
        &value[9..]
    )
}

fn is_synthetic(value: &str) -> bool {
    value.starts_with('9')
}

fn tells(_: &str) -> Told {
    Told::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_follows_from_the_number() {
        for value in ["11223344595", "08765430200", "00100199965", "16072239750"] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        assert_eq!(check("11223344596"), Err(Flaw::CheckDigit));
        assert_eq!(check("1122334459X"), Err(Flaw::Sign { place: 11 }));
        assert_eq!(display("11223344595"), "112-233-445 95");
    }

    #[test]
    fn zeros_and_one_digit_repeated_are_nobodys_number() {
        for value in ["00000000000", "00000000017", "11111111111", "99999999999"] {
            assert_eq!(check(value), Err(Flaw::Placeholder), "{value}");
        }
        // Invented persons begin at 900-000-000.
        assert_eq!(check("90000000081"), Ok(()));
        assert!(is_synthetic("90000000081"));
    }

    #[test]
    fn the_oldest_numbers_have_no_rule() {
        assert_eq!(check("00000000100"), Ok(()));
        assert_eq!(check("00100199800"), Ok(()));
    }
}
