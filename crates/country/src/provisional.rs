//! Numbers for persons who have none yet: a newborn, somebody unknown in an emergency, a foreigner
//! without papers.
//!
//! * A provisional number is ours and says so: one letter for the case, ten signs, one check sign.
//!   It can never be taken for a CURP, a number of twelve digits, a СНИЛС or a policy.
//! * It tells nothing of the person, is never given twice, and is kept as history
//!   (`Identifier.use` = `old` with its period) when the true number comes.
//! * Chance enters as an argument.

use crate::identifier::Flaw;

/// The system of provisional numbers in `Identifier.system`.
pub const SYSTEM: &str = "https://carnet.health/id/provisional";

/// For whom a provisional number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A newborn whose birth is not registered yet; the record names the mother.
    Newborn,
    /// Somebody who cannot say who they are.
    Unknown,
    /// A person of another country without a number of this one.
    Foreigner,
}

impl Case {
    const ALL: [(Case, char); 3] = [
        (Case::Newborn, 'N'),
        (Case::Unknown, 'U'),
        (Case::Foreigner, 'F'),
    ];

    fn letter(self) -> char {
        Case::ALL
            .iter()
            .find(|(case, _)| *case == self)
            .map_or('U', |(_, letter)| *letter)
    }
}

/// No I, L, O, U: they are taken for others when read aloud or copied by hand.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs between the letter and the check sign: 50 bits, enough for a country for ever.
const LENGTH: usize = 10;

/// A number for a case from fifty bits of chance: `N-7K2M9-3QX4T-V`.
pub fn number(case: Case, chance: u64) -> String {
    let body: Vec<u8> = (0..LENGTH)
        .map(|place| (chance >> (5 * place) & 31) as u8)
        .collect();
    let sign = |value: u8| SIGNS[usize::from(value)] as char;
    let text: String = body.iter().map(|value| sign(*value)).collect();
    let (first, second) = text.split_at(LENGTH / 2);
    format!(
        "{}-{first}-{second}-{}",
        case.letter(),
        sign(check_sign(case.letter(), &body))
    )
}

/// Reads a number, grouped or not, in either case, with O for 0 and I or L for 1.
///
/// # Errors
/// The first flaw; it never repeats the number.
pub fn read(value: &str) -> Result<Case, Flaw> {
    let signs: Vec<char> = value
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '-')
        .flat_map(char::to_uppercase)
        .collect();
    if signs.len() != LENGTH + 2 {
        return Err(Flaw::Length {
            expected: LENGTH + 2,
            found: signs.len(),
        });
    }
    let case = Case::ALL
        .iter()
        .find(|(_, letter)| *letter == signs[0])
        .map(|(case, _)| *case)
        .ok_or(Flaw::Sign { place: 1 })?;
    let mut body = Vec::with_capacity(LENGTH + 1);
    for (place, sign) in signs.iter().enumerate().skip(1) {
        body.push(value_of(*sign).ok_or(Flaw::Sign { place: place + 1 })?);
    }
    if check_sign(signs[0], &body[..LENGTH]) == body[LENGTH] {
        Ok(case)
    } else {
        Err(Flaw::CheckDigit)
    }
}

fn value_of(sign: char) -> Option<u8> {
    let sign = match sign {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    SIGNS
        .iter()
        .position(|own| *own as char == sign)
        .map(|place| place as u8)
}

/// Weights are odd, so that one wrong sign is always noticed; neighbours weigh differently, so that
/// most exchanged ones are too.
fn check_sign(letter: char, body: &[u8]) -> u8 {
    let sum: u32 = body
        .iter()
        .zip([3_u32, 5, 7, 9, 11, 13, 15, 17, 19, 21])
        .map(|(value, weight)| u32::from(*value) * weight)
        .sum();
    ((sum + letter as u32) % 32) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_read_back_however_it_is_written(chance in any::<u64>(), which in 0..3_usize) {
            let case = Case::ALL[which].0;
            let number = number(case, chance);
            prop_assert_eq!(read(&number), Ok(case));
            prop_assert_eq!(read(&number.to_lowercase().replace('-', " ")), Ok(case));
            prop_assert_eq!(read(&number.replace('1', "l").replace('0', "o")), Ok(case));
        }

        #[test]
        fn one_wrong_sign_is_noticed(chance in any::<u64>(), place in 0..12_usize, other in 1..32_u8) {
            let number: Vec<char> = number(Case::Unknown, chance).chars().filter(|sign| *sign != '-').collect();
            let mut wrong = number.clone();
            let value = value_of(wrong[place]).unwrap_or(0);
            wrong[place] = SIGNS[usize::from((value + other) % 32)] as char;
            prop_assume!(wrong[place] != number[place]);
            prop_assert!(read(&wrong.iter().collect::<String>()).is_err());
        }

        #[test]
        fn no_provisional_number_can_be_taken_for_a_national_one(chance in any::<u64>()) {
            let number = number(Case::Newborn, chance);
            for system in crate::all().iter().flat_map(|country| &country.identifiers).filter(|system| system.unique) {
                prop_assert!(system.check(&number).is_err(), "{}", system.key);
            }
        }
    }

    #[test]
    fn what_is_no_number_is_told_by_its_place() {
        assert_eq!(
            read("N-123"),
            Err(Flaw::Length {
                expected: 12,
                found: 4
            })
        );
        assert_eq!(read("Q-00000-00000-0"), Err(Flaw::Sign { place: 1 }));
        assert_eq!(read("N-00U00-00000-0"), Err(Flaw::Sign { place: 4 }));
    }
}
