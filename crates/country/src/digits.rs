//! Decimal digits and the check sums several countries share.

/// The digits of a text that holds nothing else.
pub(crate) fn digits(text: &str) -> Option<Vec<u32>> {
    text.bytes()
        .map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0')))
        .collect()
}

/// The digit that makes `body` followed by it satisfy the Luhn rule (ISO/IEC 7812-1).
pub(crate) fn luhn(body: &[u32]) -> u32 {
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                *digit
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// A text cut into groups of the given lengths, joined by `sign`; a text of
/// another length stays as it is.
pub(crate) fn grouped(text: &str, lengths: &[usize], sign: char) -> String {
    let total: usize = lengths.iter().sum();
    if text.chars().count() != total {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let mut written = String::with_capacity(text.len() + lengths.len());
    for (place, length) in lengths.iter().enumerate() {
        if place > 0 {
            written.push(sign);
        }
        written.extend(letters.by_ref().take(*length));
    }
    written
}

/// A proleptic Gregorian day that exists.
pub(crate) fn day_exists(year: u32, month: u32, day: u32) -> bool {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    day >= 1 && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_cut_only_when_the_length_fits() {
        assert_eq!(
            grouped("001158012345", &[3, 3, 3, 3], ' '),
            "001 158 012 345"
        );
        assert_eq!(grouped("0011580", &[3, 3, 3, 3], ' '), "0011580");
    }

    #[test]
    fn the_29th_of_february_exists_only_in_leap_years() {
        let answers = [2000, 1900, 2024, 2023].map(|year| day_exists(year, 2, 29));
        assert_eq!(answers, [true, false, true, false]);
    }
}
