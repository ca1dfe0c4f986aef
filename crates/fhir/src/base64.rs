//! Base64 as FHIR's `base64Binary` allows it: the standard alphabet, white space between groups.

/// The bytes a text stands for; none where it is not base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held, mut padding) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    let whole = match held {
        0 => padding == 0,
        4 => padding == 2,
        2 => padding == 1,
        _ => false,
    };
    (whole && bits == 0).then_some(bytes)
}

/// Appends the base64 of bytes.
pub fn encode(bytes: &[u8], out: &mut String) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let word = (group[0] as u32) << 16 | (*group.get(1).unwrap_or(&0) as u32) << 8 | *group.get(2).unwrap_or(&0) as u32;
        for place in 0..4 {
            let letter = if place <= group.len() { LETTERS[(word >> (18 - 6 * place) & 63) as usize] } else { b'=' };
            out.push(letter as char);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37 % 251) as u8).collect();
            let mut text = String::new();
            encode(&bytes, &mut text);
            assert_eq!(decode(&text), Some(bytes), "{text}");
        }
        for (text, expect) in [("Zm9v", Some("foo")), ("Zm9v\nYg==", Some("foob")), ("Zg", None), ("Z===", None), ("Zm9=v", None), ("Zm-_", None), ("Zh==", None)] {
            assert_eq!(decode(text).as_deref(), expect.map(str::as_bytes), "{text}");
        }
    }
}
