//! Свидетельство о рождении: a series of a Roman number and two Cyrillic letters, then six digits,
//! as in `IV-ЮП № 123456`. Until the insurance is issued it is what a child has.
//!
//! The Roman number is typed with Latin or with Cyrillic letters; both are read. It has no check
//! digit. The layout is known from practice; no publication was reached. Forms are counted from
//! 000001, so six zeros are a placeholder.
//!
//! **Invented persons** carry the letters `ЪЪ`: no word begins with them and no office uses them.

use crate::identifier::{Flaw, Rules, Told};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// Whether a number without separators can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let signs: Vec<char> = value.chars().collect();
    let roman = signs.iter().take_while(|sign| is_roman(**sign)).count();
    // Х is also a letter of a series: the two letters stand before the six digits.
    let found = signs.len();
    let roman = roman.min(found.saturating_sub(8));
    if roman == 0 || found != roman + 8 {
        return Err(match signs.first() {
            Some(sign) if found >= 9 && !is_roman(*sign) => Flaw::Sign { place: 1 },
            _ if found > 8 => Flaw::Sign { place: roman + 1 },
            _ => Flaw::Length { expected: 9, found },
        });
    }
    for (index, sign) in signs.iter().enumerate().skip(roman) {
        let fits = if index < roman + 2 {
            ('А'..='Я').contains(sign)
        } else {
            sign.is_ascii_digit()
        };
        if !fits {
            return Err(Flaw::Sign { place: index + 1 });
        }
    }
    if signs[roman + 2..].iter().all(|sign| *sign == '0') {
        return Err(Flaw::Placeholder);
    }
    Ok(())
}

fn is_roman(sign: char) -> bool {
    matches!(sign, 'I' | 'V' | 'X' | 'L' | 'C' | 'І' | 'Х' | 'С')
}

/// `IV-ЮП № 123456`, as it is printed.
fn display(value: &str) -> String {
    let signs: Vec<char> = value.chars().collect();
    let Some(roman) = signs.len().checked_sub(8) else {
        return value.to_owned();
    };
    let part = |from: usize, to: usize| signs[from..to].iter().collect::<String>();
    format!(
        "{}-{} № {}",
        part(0, roman),
        part(roman, roman + 2),
        part(roman + 2, signs.len())
    )
}

fn is_synthetic(value: &str) -> bool {
    value.contains("ЪЪ")
}

fn tells(_: &str) -> Told {
    Told::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_and_number_are_read_with_either_alphabet() {
        for value in ["IVЮП123456", "IЪЪ000001", "ХХІАБ123456", "XIIХС123456"] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        assert_eq!(display("IVЮП123456"), "IV-ЮП № 123456");
        assert_eq!(check("IАА000000"), Err(Flaw::Placeholder));
        assert_eq!(check("IАА000001"), Ok(()));
        assert_eq!(check("4ЮП1234567"), Err(Flaw::Sign { place: 1 }));
        assert_eq!(check("IVЮП12345Z"), Err(Flaw::Sign { place: 10 }));
        assert_eq!(check("IVAB123456"), Err(Flaw::Sign { place: 3 }));
        assert_eq!(
            check("IЮП12"),
            Err(Flaw::Length {
                expected: 9,
                found: 5
            })
        );
    }
}
