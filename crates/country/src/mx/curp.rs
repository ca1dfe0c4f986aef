//! CURP, *Clave Única de Registro de Población*: 18 signs made from the name,
//! the birth date, the sex, the state of birth, a differentiator and a check digit.
//!
//! We receive and check a CURP, we never make one for a real person (NOM-024).
//! The check digit is the sum of the signs' values, weighted 18 to 2, to the
//! next multiple of ten. An `Ñ` has a value in that rule and stands in no CURP: the registry writes `X` for it, as for
//! whatever else a name does not give.
//!
//! Where a foreigner has no CURP the tax office has one generic one written, for men and for women. Its check digit
//! follows, and it is nobody's: who bears it is not the same as another who does.
//!
//! **Invented persons** carry a state code beginning with `X` or `Z` that is
//! in no official list (`ZS`, Zacatecas, is real and excluded). RENAPO writes
//! only the 32 states and `NE`, so no living person can hold such a CURP.

use crate::digits::{day_exists, grouped};
use crate::identifier::{Flaw, Rules, Told, ToldSex, length};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The states of birth; `NE` is *nacido en el extranjero*.
pub const STATES: [&str; 33] = [
    "AS", "BC", "BS", "CC", "CL", "CM", "CS", "CH", "DF", "DG", "GT", "GR", "HG", "JC", "MC", "MN",
    "MS", "NT", "NL", "OC", "PL", "QT", "QR", "SP", "SL", "SR", "TC", "TS", "TL", "VZ", "YN", "ZS",
    "NE",
];

/// The generic CURP of foreigners, without its sex and its check digit: the one for women is written with two digits.
const GENERIC: (&str, &str) = ("XEXX010101", "NEXXXA");

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";

/// Two letters that stand where a state of birth would, but name none.
pub fn is_unassigned_state(state: &str) -> bool {
    state.len() == 2
        && state.starts_with(['X', 'Z'])
        && state.bytes().all(|byte| byte.is_ascii_uppercase())
        && !STATES.contains(&state)
}

/// The check digit of the first 17 signs; none if a sign has no value.
pub fn check_digit(body: &str) -> Option<u32> {
    let mut sum = 0;
    let mut count = 0;
    for (place, sign) in body.chars().enumerate() {
        let value = ALPHABET.chars().position(|letter| letter == sign)?;
        sum += value as u32 * 18_u32.checked_sub(place as u32)?;
        count += 1;
    }
    (count == 17).then_some((10 - sum % 10) % 10)
}

/// Whether an upper-case CURP without separators can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    length(value, 18)?;
    if value.starts_with(GENERIC.0) && value.get(11..17) == Some(GENERIC.1) {
        return Err(Flaw::Placeholder);
    }
    let signs: Vec<char> = value.chars().collect();
    for (index, sign) in signs.iter().enumerate() {
        let fits = match index {
            0 | 2 | 3 | 11 | 12 => is_letter(*sign),
            1 => matches!(sign, 'A' | 'E' | 'I' | 'O' | 'U' | 'X'),
            10 => matches!(sign, 'H' | 'M' | 'X'),
            13..=15 => is_letter(*sign) && !matches!(sign, 'A' | 'E' | 'I' | 'O' | 'U'),
            16 => is_letter(*sign) || sign.is_ascii_digit(),
            _ => sign.is_ascii_digit(),
        };
        if !fits {
            return Err(Flaw::Sign { place: index + 1 });
        }
    }
    let number = |from: usize| {
        signs[from].to_digit(10).unwrap_or(0) * 10 + signs[from + 1].to_digit(10).unwrap_or(0)
    };
    // The differentiator tells the century: a digit until 1999, a letter since.
    let century = if signs[16].is_ascii_digit() {
        1900
    } else {
        2000
    };
    if !day_exists(century + number(4), number(6), number(8)) {
        return Err(Flaw::BirthDate);
    }
    let state: String = signs[11..13].iter().collect();
    if !STATES.contains(&state.as_str()) && !is_unassigned_state(&state) {
        return Err(Flaw::Region);
    }
    let body: String = signs[..17].iter().collect();
    if check_digit(&body) == signs[17].to_digit(10) {
        Ok(())
    } else {
        Err(Flaw::CheckDigit)
    }
}

fn is_letter(sign: char) -> bool {
    sign.is_ascii_uppercase()
}

/// Name, birth date, the rest: `XEXX 010101 MNEXXXA4`.
fn display(value: &str) -> String {
    grouped(value, &[4, 6, 8], ' ')
}

fn is_synthetic(value: &str) -> bool {
    value.chars().count() == 18
        && is_unassigned_state(&value.chars().skip(11).take(2).collect::<String>())
}

/// Birth date and sex, which the key was made from. The differentiator (place 17, *homoclave*) keeps
/// two persons apart who would share the first sixteen signs, and tells the century: a digit for
/// births until 1999, a letter since 2000. An `X` as sex is written for non-binary persons.
fn tells(value: &str) -> Told {
    let signs: Vec<char> = value.chars().collect();
    let number = |from: usize| {
        let digit = |place: usize| signs.get(place).and_then(|sign| sign.to_digit(10));
        Some(digit(from)? * 10 + digit(from + 1)?)
    };
    let century = match signs.get(16) {
        Some(sign) if sign.is_ascii_digit() => 1900,
        _ => 2000,
    };
    let sex = match signs.get(10) {
        Some('M') => Some(ToldSex::Female),
        Some('H') => Some(ToldSex::Male),
        _ => Some(ToldSex::Other),
    };
    Told {
        birth_year: number(4).map(|year| century + year),
        birth_day: number(6).zip(number(8)),
        sex,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_follow_the_rule_and_a_typing_error_does_not() {
        for value in [
            "BOXW310820HNERXN09",
            "HEGG560427MVZRRL04",
            "GAMR020521HTSRNFA3",
            "LOPA850315MDFPRN08",
            "RAMJ120704HJCMRNA4",
            "GAHC200229MMCRRRB9",
            "MUXX010101MNEXXXB9",
        ] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        // The rule gives an Ñ a value; the registry writes X.
        assert_eq!(check_digit("MUÑO990101HOCXXX0"), Some(4));
        assert_eq!(check("MUÑO990101HOCXXX04"), Err(Flaw::Sign { place: 3 }));
        for generic in ["XEXX010101HNEXXXA4", "XEXX010101MNEXXXA8", "XEXX010101MNEXXXA4"] {
            assert_eq!(check(generic), Err(Flaw::Placeholder), "{generic}");
        }
        for (value, flaw) in [
            ("PEGJ850102HDFRNN08", Flaw::CheckDigit),
            (
                "PEGJ850102HDFRNN0",
                Flaw::Length {
                    expected: 18,
                    found: 17,
                },
            ),
            ("P1GJ850102HDFRNN09", Flaw::Sign { place: 2 }),
            ("PEGJ850230HDFRNN09", Flaw::BirthDate),
            ("PEGJ850102HKKRNN09", Flaw::Region),
        ] {
            assert_eq!(check(value), Err(flaw), "{value}");
        }
    }

    #[test]
    fn invented_persons_live_in_states_that_do_not_exist() {
        assert!(is_unassigned_state("XA") && is_unassigned_state("ZZ"));
        assert!(
            !is_unassigned_state("ZS") && !is_unassigned_state("NE") && !is_unassigned_state("DF")
        );
    }
}
