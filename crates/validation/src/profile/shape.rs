//! Codes of sets that nobody here holds whole, judged by how they are written.
//!
//! * What is written otherwise is surely no such code; what is written so may be one.
//! * Rules: <https://www.rfc-editor.org/rfc/rfc6838#section-4.2>, <https://hl7.org/fhir/R4/valueset-currencies.html>.

/// Sets of media types: R4's own, and the wider one of the languages of expressions.
const MEDIA_TYPES: [&str; 2] = ["http://hl7.org/fhir/ValueSet/mimetypes", "http://www.rfc-editor.org/bcp/bcp13.txt"];
const CURRENCIES: &str = "http://hl7.org/fhir/ValueSet/currencies";

/// Names that R4 gives formats of its own where it wants a media type.
/// <https://hl7.org/fhir/R4/http.html#mime-type>
const SHORT: [&str; 4] = ["json", "xml", "ttl", "html"];

/// The most signs of each half of a media type.
const LONGEST_NAME: usize = 127;

/// How a code of that set would be written, where this one is not; none also where a set tells nothing of it.
pub(super) fn breaks(set: &str, code: &str) -> Option<&'static str> {
    let url = set.split('|').next().unwrap_or(set);
    if MEDIA_TYPES.contains(&url) && !is_media_type(code) {
        return Some("A media type is written as type/subtype, as text/plain.");
    }
    if url == CURRENCIES && !(code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        return Some("A currency is written as the three capitals of ISO 4217, as MXN.");
    }
    None
}

fn is_media_type(code: &str) -> bool {
    let mut parts = code.split(';').map(str::trim);
    let whole = parts.next().unwrap_or_default();
    let is_whole = whole.split_once('/').is_some_and(|(kind, rest)| is_name(kind) && is_name(rest));
    let is_said = |part: &str| part.split_once('=').is_some_and(|(name, value)| is_name(name) && !value.is_empty());
    SHORT.contains(&code) || (is_whole && parts.all(is_said))
}

fn is_name(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    text.len() <= LONGEST_NAME && text.bytes().all(is_sign) && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_otherwise_is_no_media_type_and_no_currency() {
        let media = "http://hl7.org/fhir/ValueSet/mimetypes|4.0.1";
        for (set, code, fits) in [
            (media, "text/plain", true),
            (media, "application/fhir+json; fhirVersion=4.0", true),
            (media, "image/svg+xml", true),
            (media, "json", true),
            (media, "picture", false),
            (media, "text/", false),
            (media, "/plain", false),
            (media, "text/plain/x", false),
            (media, "text/plain;", false),
            (media, "text/plain; charset", false),
            (media, "text/pl\u{e4}in", false),
            (CURRENCIES, "VND", true),
            (CURRENCIES, "vnd", false),
            (CURRENCIES, "pesos", false),
            ("http://hl7.org/fhir/ValueSet/languages", "anything", true),
        ] {
            assert_eq!(breaks(set, code).is_none(), fits, "{set} {code}");
        }
    }
}
