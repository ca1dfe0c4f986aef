//! NSS, *Número de Seguridad Social* of the IMSS: sub-delegation (2), year of
//! registration (2), year of birth (2), consecutive number (4), Luhn digit.
//!
//! A worker's dependants share the number, so it is not unique.
//!
//! **Invented persons** carry sub-delegation `00`, `98` or `99`: the IMSS
//! counts its sub-delegations from 01 to 97. Eleven zeros are a placeholder.

use crate::digits::{digits, grouped, luhn};
use crate::identifier::{Flaw, Rules, Told, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The eleventh digit of the first ten; none if they are not ten digits.
pub fn check_digit(body: &str) -> Option<u32> {
    let body = digits(body)?;
    (body.len() == 10).then(|| luhn(&body))
}

/// Whether an NSS of digits only can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let digits = only_digits(value, 11)?;
    more_than_one_digit(&digits)?;
    if luhn(&digits[..10]) == digits[10] {
        Ok(())
    } else {
        Err(Flaw::CheckDigit)
    }
}

/// `98 98 76 5432 8`, as the parts are named.
fn display(value: &str) -> String {
    grouped(value, &[2, 2, 2, 4, 1], ' ')
}

fn is_synthetic(value: &str) -> bool {
    ["00", "98", "99"]
        .iter()
        .any(|range| value.starts_with(range))
}

fn tells(_: &str) -> Told {
    Told::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_follows_from_the_others() {
        for value in ["12345678903", "92718462341", "01079134563", "98987654328"] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        assert_eq!(check("00000000000"), Err(Flaw::Placeholder));
        assert_eq!(check("12345678904"), Err(Flaw::CheckDigit));
        assert_eq!(check("1234567890A"), Err(Flaw::Sign { place: 11 }));
        assert_eq!(
            check("123"),
            Err(Flaw::Length {
                expected: 11,
                found: 3
            })
        );
        assert_eq!(display("98987654328"), "98 98 76 5432 8");
    }
}
