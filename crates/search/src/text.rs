//! The text of a query: splitting, percent-decoding, FHIR's escapes, and writing it again.

use std::fmt::Write;

/// Splits a query string at `&` and decodes names and values: `+` is a space, `%41` is `A`.
/// A percent sign without two hex digits stays as it is; bytes that are not UTF-8 become
/// replacement characters.
pub fn split_query(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |place: usize| bytes.get(place).and_then(|byte| (*byte as char).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends text so that [`split_query`] reads it back. What FHIR values often hold and a
/// query may hold as it is (`:`, `,`, `|`, `/`…) stays readable.
pub fn encode_into(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b',' | b'/' | b'$' | b'*' | b'@' | b'?' => {
                out.push(byte as char)
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// Splits at a separator that no backslash precedes; the parts keep their escapes.
pub(crate) fn split_escaped(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |letter| {
        let splits = letter == separator && !escaped;
        escaped = letter == '\\' && !escaped;
        splits
    })
}

/// Takes the backslash from `\,` `\|` `\$` and `\\`; any other backslash is itself.
/// <https://hl7.org/fhir/R4/search.html#escaping>
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some(next @ (',' | '|' | '$' | '\\'))) => {
                out.push(*next);
                letters.next();
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_split_and_decoded() {
        let pairs = split_query("name=Pe%C3%B1a+L%26C&&code=http://loinc.org|8480-6&flag&x=%zz%4");
        let expect = [("name", "Peña L&C"), ("code", "http://loinc.org|8480-6"), ("flag", ""), ("x", "%zz%4")];
        assert_eq!(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn what_is_encoded_reads_back() {
        for text in ["a b&c=d+e%f", "Đào|x,y\\,z", "#;\"'<>", ""] {
            let mut out = String::from("k=");
            encode_into(text, &mut out);
            assert_eq!(split_query(&out), [("k".to_owned(), text.to_owned())]);
        }
    }

    #[test]
    fn an_escaped_separator_does_not_split() {
        let parts: Vec<_> = split_escaped(r"a\,b,c\\,d,", ',').map(unescape).collect();
        assert_eq!(parts, ["a,b", r"c\", "d", ""]);
        assert_eq!(unescape(r"\x\|\$"), r"\x|$");
    }
}
