//! Arithmetic of GF(256) with the polynomial of AES (FIPS 197, section 4), in constant time.

/// The product of two elements.
fn product(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut sum) = (a, b, 0);
    for _ in 0..8 {
        sum ^= a & 0u8.wrapping_sub(b & 1);
        let carry = 0u8.wrapping_sub(a >> 7);
        a = (a << 1) ^ (0x1b & carry);
        b >>= 1;
    }
    sum
}

/// What an element must be multiplied with to give 1; 0 for 0. It is the 254th power.
fn inverse(a: u8) -> u8 {
    let mut result = 1;
    for bit in (0..8).rev() {
        result = product(result, result);
        // 254 is 11111110.
        if bit > 0 {
            result = product(result, a);
        }
    }
    result
}

/// The values at a place of polynomials that are given by their coefficients, the constants first.
pub(super) fn value_at(coefficients: &[[u8; 32]], place: u8) -> [u8; 32] {
    let mut values = [0; 32];
    for coefficient in coefficients.iter().rev() {
        for (value, coefficient) in values.iter_mut().zip(coefficient) {
            *value = product(*value, place) ^ coefficient;
        }
    }
    values
}

/// The values at a place of the polynomials of least degree through points at different places.
pub(super) fn interpolated(points: &[(u8, &[u8; 32])], place: u8) -> [u8; 32] {
    let mut values = [0; 32];
    for (number, (own, part)) in points.iter().enumerate() {
        let others = points.iter().enumerate().filter(|(other, _)| *other != number);
        let weight = others.fold(1, |weight, (_, (other, _))| product(weight, product(place ^ other, inverse(own ^ other))));
        for (value, part) in values.iter_mut().zip(*part) {
            *value ^= product(*part, weight);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_standard() {
        // FIPS 197, sections 4.2 and 4.2.1.
        for (a, b, expect) in [(0x57, 0x83, 0xc1), (0x57, 0x02, 0xae), (0x57, 0x04, 0x47), (0x57, 0x08, 0x8e), (0x57, 0x10, 0x07), (0x57, 0x13, 0xfe)] {
            assert_eq!((product(a, b), product(b, a)), (expect, expect), "{a:02x} · {b:02x}");
        }
    }

    #[test]
    fn every_element_but_zero_has_one_inverse_and_the_laws_hold() {
        assert_eq!(inverse(0), 0);
        for a in 1..=255 {
            assert_eq!(product(a, inverse(a)), 1, "{a:02x}");
        }
        for (a, b, c) in (0..=255u8).flat_map(|a| [(a, 0x1d, 0x93), (a, a, 0x02), (a, 0xff, 0x80)]) {
            assert_eq!(product(a, b ^ c), product(a, b) ^ product(a, c));
            assert_eq!(product(a, product(b, c)), product(product(a, b), c));
        }
    }

    #[test]
    fn a_polynomial_goes_through_its_points() {
        // 5 + 3x + 2x²: at 1 it is 5 ^ 3 ^ 2, at 2 it is 5 ^ 6 ^ 8.
        let coefficients = [[5; 32], [3; 32], [2; 32]];
        assert_eq!(value_at(&coefficients, 0), [5; 32]);
        assert_eq!(value_at(&coefficients, 1), [4; 32]);
        assert_eq!(value_at(&coefficients, 2), [11; 32]);
        let values: Vec<_> = (0..=255).map(|place| value_at(&coefficients, place)).collect();
        let points = [7u8, 90, 201].map(|place| (place, &values[usize::from(place)]));
        for place in 0..=255u8 {
            assert_eq!(interpolated(&points, place), values[usize::from(place)]);
        }
    }
}
