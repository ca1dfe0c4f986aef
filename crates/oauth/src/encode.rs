//! Bytes as text that can stand in an address, and back.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// base64url without padding.
pub(crate) fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of such a text.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The same, of a known length.
pub(crate) fn array<const N: usize>(text: &str) -> Option<[u8; N]> {
    bytes(text)?.try_into().ok()
}

/// SHA-256.
pub(crate) fn sha256(of: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, of).as_ref());
    out
}

/// Compares without telling by its time where two differ.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// The value of a parameter that may be there once. An error where it is there twice.
pub(crate) fn once<'p>(parameters: &'p [(String, String)], name: &str) -> Result<Option<&'p str>, ()> {
    let mut found = parameters.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(()),
        // RFC 6749 section 3.1: without a value is as if it were not there.
        (value, _) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// An address with further parameters.
pub(crate) fn with_parameters(address: &str, parameters: &[(&str, &str)]) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("{address}{joint}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_or_not_at_all() {
        let all = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect::<Vec<_>>();
        assert_eq!(once(&all(&[("a", "1"), ("b", "2")]), "b"), Ok(Some("2")));
        assert_eq!(once(&all(&[("a", "1")]), "b"), Ok(None));
        assert_eq!(once(&all(&[("a", "")]), "a"), Ok(None));
        assert_eq!(once(&all(&[("a", "1"), ("a", "1")]), "a"), Err(()));
    }

    #[test]
    fn parameters_are_added_behind_those_that_are_there() {
        assert_eq!(with_parameters("https://app.example/x", &[("code", "a b"), ("state", "&=é")]), "https://app.example/x?code=a+b&state=%26%3D%C3%A9");
        assert_eq!(with_parameters("https://app.example/?x=1", &[("a", "b")]), "https://app.example/?x=1&a=b");
    }
}
