//! Identifiers that pass every check and belong to nobody.
//!
//! Each lies in a range its issuer does not use (see the modules of `country`
//! for which and why), and follows from the person's place by a bijection, so
//! that two persons of a population never share one. Populations of several
//! seeds begin far apart in the same range, so that they can live in one store.

use country::mx::{curp, nss};
use country::ru::{enp, snils};

use crate::day::{Day, push_padded};
use crate::names::FullName;

/// Where somebody is among all who might be invented.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Of the population.
    pub seed: u64,
    /// Of the person or the household within it.
    pub index: u64,
}

/// A bijection of the numbers below `modulus`: neighbours land far apart.
/// `factor` and `modulus` have no common divisor.
fn spread(place: Place, factor: u64, modulus: u64) -> u64 {
    let at = u128::from(place.index) + u128::from(beginning(place.seed, modulus));
    (at % u128::from(modulus) * u128::from(factor) % u128::from(modulus)) as u64
}

/// Where the population of a seed begins. Multiples of the golden ratio lie as evenly on a circle
/// as multiples of one number can: of the first `k` seeds no two begin nearer than `modulus / 3k`.
fn beginning(seed: u64, modulus: u64) -> u64 {
    let turn = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((u128::from(turn) * u128::from(modulus)) >> 64) as u64
}

/// State codes no state has: `X` or `Z` and a letter, without `ZS`.
const STATE_LETTERS: &[u8; 25] = b"ABCDEFGHIJKLMNOPQRTUVWXYZ";
const CONSONANTS: &[u8; 21] = b"BCDFGHJKLMNPQRSTVWXYZ";

/// A CURP. Its first letters and its date are the person's; its state does
/// not exist, and the three inner consonants are a serial number, which real
/// ones are not: that is what keeps it unique.
pub(crate) fn curp(place: Place, name: &FullName, woman: bool, birth: Day) -> String {
    let (first, second) = name.halves.unwrap_or(("X", "X"));
    let given = name
        .given
        .iter()
        .find(|given| !matches!(**given, "José" | "María") || name.given.len() == 1)
        .unwrap_or(&"X");
    let mut value = String::with_capacity(18);
    let letters: Vec<char> = first.chars().map(plain).collect();
    value.push(letters[0]);
    value.push(letters[1..].iter().copied().find(|letter| "AEIOU".contains(*letter)).unwrap_or('X'));
    value.push(second.chars().next().map_or('X', plain));
    value.push(given.chars().next().map_or('X', plain));
    if UNSEEMLY.contains(&value.as_str()) {
        value.replace_range(1..2, "X");
    }
    let (year, month, day) = birth.parts();
    push_padded(&mut value, (year % 100) as u32, 2);
    push_padded(&mut value, month, 2);
    push_padded(&mut value, day, 2);
    value.push(if woman { 'M' } else { 'H' });
    let serial = spread(place, 3_266_489, 9_261 * 50 * 10);
    let state = serial / 9_261 % 50;
    value.push(if state < 25 { 'X' } else { 'Z' });
    value.push(char::from(STATE_LETTERS[(state % 25) as usize]));
    let inner = serial % 9_261;
    for consonant in [inner / 441, inner / 21 % 21, inner % 21] {
        value.push(char::from(CONSONANTS[consonant as usize]));
    }
    let differentiator = (serial / 463_050) as u8;
    value.push(char::from(if year < 2000 { b'0' } else { b'A' } + differentiator));
    let check = curp::check_digit(&value).unwrap_or(0);
    push_padded(&mut value, check, 1);
    value
}

/// First four letters that would make a word nobody wants on a card.
const UNSEEMLY: &[&str] = &["CACA", "CACO", "CAGA", "CAGO", "COGE", "COJA", "COJE", "COJO", "COLA", "CULO", "FETO", "LOCA", "LOCO", "MAME", "MEAR", "MION", "MOCO", "MULA", "PEDA", "PEDO", "PENE", "POPO", "PUTA", "PUTO", "RATA", "ROBA", "ROBE", "ROBO", "RUIN", "SENO", "TETA", "VACA", "VAGA", "VAGO"];

/// A capital without its accent; Ñ becomes X, as the registry writes it.
fn plain(letter: char) -> char {
    match letter.to_uppercase().next().unwrap_or('X') {
        'Á' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ó' => 'O',
        'Ú' | 'Ü' => 'U',
        letter if letter.is_ascii_uppercase() => letter,
        _ => 'X',
    }
}

/// An NSS, the same for everyone in a household; sub-delegation 00, 98 or 99.
pub(crate) fn nss(household: Place, holder_birth: Day) -> String {
    let serial = spread(household, 77_291, 10_000 * 40 * 3);
    let mut value = String::with_capacity(11);
    value.push_str(["00", "98", "99"][(serial / 400_000) as usize]);
    let (year, _, _) = holder_birth.parts();
    push_padded(&mut value, (year as u32 + 19 + (serial / 10_000 % 4) as u32) % 100, 2);
    push_padded(&mut value, year as u32 % 100, 2);
    push_padded(&mut value, (serial % 10_000) as u32, 4);
    let check = nss::check_digit(&value).unwrap_or(0);
    push_padded(&mut value, check, 1);
    value
}

/// A personal number in a province from 900 to 999.
pub(crate) fn cccd(place: Place, woman: bool, birth: Day) -> String {
    let serial = spread(place, 61_803_399, 100_000_000);
    let (year, _, _) = birth.parts();
    let mut value = String::with_capacity(12);
    push_padded(&mut value, 900 + (serial / 1_000_000) as u32, 3);
    push_padded(&mut value, ((year - 1900) / 100 * 2) as u32 + u32::from(woman), 1);
    push_padded(&mut value, year as u32 % 100, 2);
    push_padded(&mut value, (serial % 1_000_000) as u32, 6);
    value
}

/// A health-insurance card of province 00.
pub(crate) fn bhyt(place: Place, age: i32) -> String {
    let serial = spread(place, 27_182_819, 100_000_000);
    let group = match age {
        ..6 => "TE1",
        6..18 => "HS4",
        60.. => "HT3",
        _ => ["DN4", "GD4", "HC4"][(serial % 3) as usize],
    };
    let mut value = String::with_capacity(15);
    value.push_str(group);
    // Nothing but zeros would be a placeholder: the one who comes to zero is counted beyond the others.
    value.push_str(if serial == 0 { "0001" } else { "0000" });
    push_padded(&mut value, serial as u32, 8);
    value
}

/// A СНИЛС from 900-000-000.
pub(crate) fn snils(place: Place) -> String {
    let serial = spread(place, 61_803_399, 100_000_000);
    let mut value = String::with_capacity(11);
    value.push('9');
    push_padded(&mut value, serial as u32, 8);
    let control = snils::control(&value).unwrap_or(0);
    push_padded(&mut value, control, 2);
    value
}

/// A policy number of region 00.
pub(crate) fn enp(place: Place) -> String {
    let serial = match spread(place, 3_141_592_653_589, 10_000_000_000_000) {
        // Nothing but zeros would be a placeholder: the one who comes to zero gets the number of half a turn later, which no population reaches.
        0 => 5_000_000_000_000,
        serial => serial,
    };
    let mut value = String::with_capacity(16);
    value.push_str("00");
    push_padded(&mut value, (serial / 100_000) as u32, 8);
    push_padded(&mut value, (serial % 100_000) as u32, 5);
    let check = enp::check_digit(&value).unwrap_or(0);
    push_padded(&mut value, check, 1);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn spreading_never_lands_twice_on_one_number() {
        for (factor, modulus) in [(3_266_489, 4_630_500), (77_291, 1_200_000)] {
            let seen: HashSet<u64> = (0..modulus).map(|index| spread(Place { seed: 3, index }, factor, modulus)).collect();
            assert_eq!(seen.len() as u64, modulus);
        }
        for (factor, modulus) in [(61_803_399_u64, 100_000_000_u64), (27_182_819, 100_000_000), (3_141_592_653_589, 10_000_000_000_000)] {
            // Powers of ten share no divisor with a number ending in 1, 3, 7 or 9.
            assert!(matches!(factor % 10, 1 | 3 | 7 | 9) && factor < modulus);
        }
    }

    /// The first person of seed 0 stands at zero everywhere.
    #[test]
    fn nobody_gets_a_placeholder_for_a_number() {
        let birth = Day::of(2000, 1, 1);
        for index in 0..3 {
            let place = Place { seed: 0, index };
            for (country, key, value) in [("vn", "cccd", cccd(place, true, birth)), ("vn", "bhyt", bhyt(place, 3)), ("ru", "snils", snils(place)), ("ru", "enp", enp(place)), ("mx", "nss", nss(place, birth))] {
                let system = country::by_code(country).unwrap().identifier(key).unwrap();
                assert_eq!(system.check(&value), Ok(()), "{key} {index}");
                assert!(system.is_synthetic(&value), "{key} {index}");
            }
        }
    }

    #[test]
    fn populations_of_several_seeds_begin_far_apart() {
        for modulus in [4_630_500, 100_000_000] {
            for seeds in [10, 100, 500] {
                let mut all: Vec<u64> = (0..seeds).map(|seed| beginning(seed, modulus)).collect();
                all.sort_unstable();
                all.push(all[0] + modulus);
                let nearest = all.windows(2).map(|both| both[1] - both[0]).min();
                assert!(nearest >= Some(modulus / (3 * seeds)), "{seeds} seeds among {modulus}");
            }
        }
    }
}
