//! `Prefer`: what a writer wants back, and how strictly a search is read.
//! https://hl7.org/fhir/R4/http.html#ops

use crate::negotiate::list;
use axum::http::HeaderMap;
use axum::http::header::HeaderName;

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a writer wants back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Return {
    Minimal,
    Representation,
    Outcome,
}

/// What the caller prefers; none where nothing was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Prefer {
    pub returns: Option<Return>,
    /// Unknown parameters are dropped and reported, not refused.
    pub lenient: bool,
    /// The answer may come later, at an address of its own.
    pub respond_async: bool,
}

/// Reads all `Prefer` lines. A preference that is not known is no fault.
pub(crate) fn prefer(headers: &HeaderMap) -> Prefer {
    let mut found = Prefer::default();
    if !headers.contains_key(PREFER) {
        return found;
    }
    for item in list(headers, PREFER) {
        for part in item.split(';') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_ascii_lowercase());
            match (name.as_str(), value.as_str()) {
                ("return", "minimal") => found.returns = Some(Return::Minimal),
                ("return", "representation") => found.returns = Some(Return::Representation),
                ("return", "operationoutcome") => found.returns = Some(Return::Outcome),
                ("respond-async", "") => found.respond_async = true,
                ("handling", "lenient") => found.lenient = true,
                ("handling", "strict") => found.lenient = false,
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn preferences_are_read_however_they_are_written() {
        let cases = [
            ("return=minimal", Some(Return::Minimal), false),
            ("Return=\"representation\"", Some(Return::Representation), false),
            ("respond-async, return=OperationOutcome; handling=lenient", Some(Return::Outcome), true),
            ("handling=lenient,handling=strict", None, false),
            ("return=everything", None, false),
        ];
        for (line, returns, lenient) in cases {
            let headers = HeaderMap::from_iter([(PREFER, HeaderValue::from_static(line))]);
            assert_eq!(prefer(&headers), Prefer { returns, lenient, respond_async: line.contains("respond-async") }, "{line}");
        }
    }
}
