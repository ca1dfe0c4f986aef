//! Query strings and forms, decoded.

use crate::outcome::Trouble;
use fhir::IssueCode;

/// Names and values in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

/// More pairs than any honest query has.
const PAIRS_MOST: usize = 1000;

impl Parameters {
    /// Reads `a=1&b=2`. 400 where an escape is no escape or decodes to no UTF-8.
    pub fn parse(text: &str) -> Result<Parameters, Trouble> {
        let mut pairs = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let decoded = decode(name).zip(decode(value));
            let Some(pair) = decoded else {
                return Err(Trouble::malformed(IssueCode::Invalid, "The query holds an escape that cannot be decoded; a percent sign is written %25.").at("http"));
            };
            if pairs.len() == PAIRS_MOST {
                return Err(Trouble::malformed(IssueCode::TooLong, "The query has more parameters than this server reads."));
            }
            pairs.push(pair);
        }
        Ok(Parameters(pairs))
    }

    /// All pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of that name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The value of a name that has one. 400 where another value follows: one of them would be passed over unsaid.
    pub fn only(&self, name: &str) -> Result<Option<&str>, Trouble> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            let message = format!("{name} is given more than once with different values; give it once.");
            return Err(Trouble::malformed(IssueCode::Value, message).at(&format!("http.{name}")));
        }
        Ok(first)
    }

    /// The same without what bears that name.
    pub fn without(&self, name: &str) -> Parameters {
        Parameters(self.0.iter().filter(|(other, _)| other != name).cloned().collect())
    }

    /// Adds the pairs of another list.
    pub fn extend(&mut self, more: Parameters) {
        self.0.extend(more.0);
    }

    /// Adds a pair.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }
}

/// True for the name of a parameter as one is written. Somebody may have put anything where a name belongs, a person's
/// name as well: only such a one is repeated.
pub(crate) fn is_showable(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.'))
}

/// Decodes one name or value of a query; none where it cannot be decoded.
pub(crate) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                let digit = |place: usize| bytes.get(place).and_then(|byte| (*byte as char).to_digit(16));
                out.push((digit(at + 1)? * 16 + digit(at + 2)?) as u8);
                at += 2;
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    // A NUL in a query is never meant well.
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

/// Appends a value so that it can stand in a query.
pub(crate) fn encode(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b',' => out.push(byte as char),
            _ => {
                out.push('%');
                out.push(HEX[(byte >> 4) as usize] as char);
                out.push(HEX[(byte & 15) as usize] as char);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_in_order() {
        let parameters = Parameters::parse("a=1&&b=%C3%A9+x&a=2&c&d==&%61=3").unwrap();
        let pairs: Vec<_> = parameters.pairs().collect();
        assert_eq!(pairs, [("a", "1"), ("b", "é x"), ("a", "2"), ("c", ""), ("d", "="), ("a", "3")]);
        assert_eq!(parameters.first("a"), Some("1"));
        assert_eq!((parameters.only("b").unwrap(), parameters.only("nothing").unwrap()), (Some("é x"), None));
        assert_eq!(parameters.only("a").unwrap_err().status.as_u16(), 400);
        assert_eq!(Parameters::parse("a=1&b=2&a=1").unwrap().only("a").unwrap(), Some("1"));
        assert_eq!(parameters.without("a").pairs().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "c", "d"]);
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "%ff=1", "a=%C3%28", "a=%00"] {
            assert_eq!(Parameters::parse(text).unwrap_err().status.as_u16(), 400, "{text}");
        }
        assert!(Parameters::parse(&"a&".repeat(2000)).is_err());
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["a|b", "é & ü", "100%+1", "a/b:c,d", ""] {
            let mut encoded = String::new();
            encode(text, &mut encoded);
            assert_eq!(decode(&encoded).as_deref(), Some(text));
            assert!(encoded.is_ascii() && !encoded.contains(['&', '+', ' ', '#']));
        }
    }
}
