//! Số định danh cá nhân, the twelve digits on the identity card (CCCD):
//! province of registration (3), century and sex (1), year of birth (2), random (6). Whoever was registered abroad has the
//! code of that country in place of a province (NĐ 137/2015, article 13; TT 07/2016/TT-BCA). Its list was not reached: any
//! three digits from 100 on are taken, a proposal.
//!
//! No check digit is published, so only structure can be checked. Since
//! 1 July 2025 it is also the health identifier; a number may be cancelled
//! and issued anew, and a newborn has none until its birth is registered.
//!
//! **Invented persons** carry a province from 900 to 999: provinces were
//! numbered 001 to 096, and keep their numbers after the mergers of 2025.
//!
//! Six zeros behind a province, or one digit throughout, are a placeholder.

use crate::digits::grouped;
use crate::identifier::{Flaw, Rules, Told, ToldSex, more_than_one_digit, only_digits};

pub(crate) const RULES: Rules = Rules {
    check,
    display,
    is_synthetic,
    tells,
};

/// The provinces numbers were issued in, before the mergers of 2025.
pub const PROVINCES: [u32; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

/// Codes of countries lie above those of provinces.
const FIRST_COUNTRY: u32 = 100;

/// Whether a number of digits only can be true.
pub(crate) fn check(value: &str) -> Result<(), Flaw> {
    let digits = only_digits(value, 12)?;
    more_than_one_digit(&digits)?;
    let province = digits[0] * 100 + digits[1] * 10 + digits[2];
    if province < 900 && digits[6..].iter().all(|digit| *digit == 0) {
        return Err(Flaw::Placeholder);
    }
    if PROVINCES.contains(&province) || province >= FIRST_COUNTRY {
        Ok(())
    } else {
        Err(Flaw::Region)
    }
}

/// The year of birth and whether the holder is a woman, as the number says.
pub fn birth_year_and_sex(value: &str) -> Option<(u32, bool)> {
    check(value).ok()?;
    let digits = crate::digits::digits(value)?;
    let century = 1900 + digits[3] / 2 * 100;
    Some((century + digits[4] * 10 + digits[5], digits[3] % 2 == 1))
}

/// `001 158 012 345`, as people read it aloud.
fn display(value: &str) -> String {
    grouped(value, &[3, 3, 3, 3], ' ')
}

fn is_synthetic(value: &str) -> bool {
    value.starts_with('9')
}

fn tells(value: &str) -> Told {
    let found = birth_year_and_sex(value);
    let sex = |is_woman| {
        if is_woman {
            ToldSex::Female
        } else {
            ToldSex::Male
        }
    };
    Told {
        birth_year: found.map(|(year, _)| year),
        birth_day: None,
        sex: found.map(|(_, is_woman)| sex(is_woman)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_tells_birth_year_and_sex() {
        assert_eq!(birth_year_and_sex("006315001234"), Some((2015, true)));
        assert_eq!(birth_year_and_sex("001090123456"), Some((1990, false)));
    }

    #[test]
    fn a_province_that_never_was_is_a_flaw() {
        assert_eq!(check("003090123456"), Err(Flaw::Region));
        assert_eq!(check("000090123456"), Err(Flaw::Region));
        assert_eq!(
            check("00109012345"),
            Err(Flaw::Length {
                expected: 12,
                found: 11
            })
        );
        assert_eq!(check("097090123456"), Err(Flaw::Region));
        assert_eq!(check("912090123456"), Ok(()));
        // Born abroad.
        assert_eq!(check("132090123456"), Ok(()));
        assert_eq!(check("132090000000"), Err(Flaw::Placeholder));
        for value in ["000000000000", "001000000000", "001090000000", "999999999999"] {
            assert_eq!(check(value), Err(Flaw::Placeholder), "{value}");
        }
        // Invented persons are counted from zero.
        assert_eq!(check("900090000000"), Ok(()));
        assert_eq!(display("001158012345"), "001 158 012 345");
    }
}
