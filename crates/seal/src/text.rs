//! Bytes as text: hexadecimal for key files, base64 for addresses.

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Hexadecimal of either case, exactly `N` bytes long.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let value = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

const ADDRESS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with the alphabet that needs no escape in an address, without padding.
/// RFC 4648, section 5.
pub(crate) fn to_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let six = group >> (18 - 6 * place) & 63;
            text.push(char::from(ADDRESS[six as usize]));
        }
    }
    text
}

/// The bytes of such a text; none when a character does not belong there or when
/// the unused bits of the last one are not zero, so that each has one spelling.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let six = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0u32;
        for byte in chunk {
            group = group << 6 | u32::from(six(*byte)?);
        }
        group <<= 6 * (4 - chunk.len());
        let [_, a, b, c] = group.to_be_bytes();
        match (chunk.len(), a, b, c) {
            (4, ..) => bytes.extend([a, b, c]),
            (3, _, _, 0) => bytes.extend([a, b]),
            (2, _, 0, 0) => bytes.push(a),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_the_standard_and_comes_back() {
        // The examples of RFC 4648, section 10, without their padding.
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(to_base64url(bytes.as_bytes()), text);
            assert_eq!(from_base64url(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(to_base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_text_that_is_no_base64_is_refused() {
        for text in ["Z", "Zg==", "Zm9+", "Zm9/", "Zh", "Zm9vY", "Zm 9", "é9vY"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }

    #[test]
    fn hexadecimal_comes_back() {
        assert_eq!(to_hex(&[0, 0x1f, 0xa0]), "001fa0");
        assert_eq!(from_hex("001fA0"), Some([0, 0x1f, 0xa0]));
        assert_eq!(from_hex::<3>("001fa"), None);
        assert_eq!(from_hex::<3>("001fg0"), None);
    }
}
