//! ЕНП, the unified number of a policy of compulsory medical insurance:
//! sixteen digits, the last one after ISO HL7 27931 (the Luhn rule).
//!
//! **Invented persons** carry region `00` in the first two digits: regions
//! are numbered from 01. A number of one digit throughout, as sixteen zeros, is a placeholder,
//! though its last digit follows from the others.

use crate::digits::{digits, grouped, luhn};
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The sixteenth digit of the first fifteen; none if they are not fifteen digits.
pub fn check_digit(body: &str) -> Option<u32> {
    let body = digits(body)?;
    (body.len() == 15).then(|| luhn(&body))
}

/// Whether a number of digits only can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let digits = only_digits(value, 16)?;
    more_than_one_digit(&digits)?;
    if digits[2..15].iter().all(|digit| *digit == 0) {
        return Err(Flaw::Placeholder);
    }
    if luhn(&digits[..15]) == digits[15] {
        Ok(())
    } else {
        Err(Flaw::CheckDigit)
    }
}

/// `8451 9991 2289 9990`, as it is printed.
fn display(value: &str) -> String {
    grouped(value, &[4, 4, 4, 4], ' ')
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
    fn the_last_digit_follows_from_the_others() {
        for value in ["8451999122899990", "0845123456789014", "7751890612004150"] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        assert_eq!(check("8451999122899991"), Err(Flaw::CheckDigit));
        assert_eq!(
            check("845199912289999"),
            Err(Flaw::Length {
                expected: 16,
                found: 15
            })
        );
        assert_eq!(display("8451999122899990"), "8451 9991 2289 9990");
    }

    #[test]
    fn zeros_and_one_digit_repeated_are_nobodys_number() {
        // All satisfy the Luhn rule; the last is a region with nothing behind it.
        for value in ["0000000000000000", "8888888888888888", "7700000000000008"] {
            assert_eq!(check(value), Err(Flaw::Placeholder), "{value}");
        }
        assert_eq!(check("0000000000000018"), Ok(()));
    }
}
