//! Conditions on a version: If-Match, If-None-Match, If-Modified-Since.
//! https://hl7.org/fhir/R4/http.html#concurrency

use crate::http_date;
use crate::negotiate::list;
use crate::outcome::Trouble;
use axum::http::header::{HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::HeaderMap;
use fhir::{IssueCode, Moment, is_id};

/// The criteria of a conditional create.
pub(crate) const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// What a header of version tags says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tags {
    /// `*`.
    Any,
    /// Version ids without quotes, at least one.
    Versions(Vec<String>),
}

/// If-Match.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<Tags>, Trouble> {
    tags(headers, IF_MATCH).map_err(|trouble| trouble.at("http.If-Match"))
}

/// If-None-Match.
pub(crate) fn if_none_match(headers: &HeaderMap) -> Result<Option<Tags>, Trouble> {
    tags(headers, IF_NONE_MATCH).map_err(|trouble| trouble.at("http.If-None-Match"))
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, Trouble> {
    if !headers.contains_key(&name) {
        return Ok(None);
    }
    let unreadable = || Trouble::malformed(IssueCode::Invalid, "A version is named as W/\"3\".");
    let mut versions = Vec::new();
    for item in list(headers, &name) {
        if item == "*" {
            return Ok(Some(Tags::Any));
        }
        let bare = item.strip_prefix("W/").or_else(|| item.strip_prefix("w/")).unwrap_or(item);
        // Some senders forget the quotes; a version id cannot be mistaken for anything else.
        let version = bare.strip_prefix('"').map_or(Some(bare), |rest| rest.strip_suffix('"')).filter(|version| is_id(version));
        versions.push(version.ok_or_else(unreadable)?.to_owned());
    }
    if versions.is_empty() { Err(unreadable()) } else { Ok(Some(Tags::Versions(versions))) }
}

/// True where a reader already has this version, so that 304 is the answer.
pub(crate) fn is_not_modified(headers: &HeaderMap, version: u32, last_updated: Moment) -> Result<bool, Trouble> {
    if let Some(tags) = if_none_match(headers)? {
        // With If-None-Match there, If-Modified-Since is not looked at. https://httpwg.org/specs/rfc9110.html#precedence
        return Ok(match tags {
            Tags::Any => true,
            Tags::Versions(versions) => versions.iter().any(|one| one.parse() == Ok(version)),
        });
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|line| line.to_str().ok()).and_then(http_date::read);
    Ok(since.is_some_and(|since| last_updated.0.div_euclid(1000) <= since.0.div_euclid(1000)))
}

/// `W/"3"`.
pub(crate) fn etag(version: u32) -> HeaderValue {
    let mut text = [0u8; 16];
    let mut at = text.len() - 1;
    text[at] = b'"';
    let mut rest = version;
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= 3;
    text[at..at + 3].copy_from_slice(b"W/\"");
    HeaderValue::from_bytes(&text[at..]).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn version_tags_are_read_weak_strong_and_bare() {
        let cases = [("W/\"3\"", "3"), ("\"3\"", "3"), ("3", "3"), ("W/\"1\", W/\"2\"", "1 2"), ("*", "*"), ("W/\"3", "400"), ("W/\"\"", "400"), ("\"a b\"", "400"), ("", "400")];
        for (line, expect) in cases {
            let found = match if_match(&headers(IF_MATCH, line)) {
                Ok(Some(Tags::Any)) => "*".to_owned(),
                Ok(Some(Tags::Versions(versions))) => versions.join(" "),
                Ok(None) => "none".to_owned(),
                Err(trouble) => trouble.status.as_u16().to_string(),
            };
            assert_eq!(found, expect, "{line}");
        }
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_reader_who_has_it_is_told_so() {
        let updated = Moment::parse("1994-11-06T08:49:37.500Z").unwrap();
        let cases = [
            (IF_NONE_MATCH, "W/\"3\"", true),
            (IF_NONE_MATCH, "\"2\", \"3\"", true),
            (IF_NONE_MATCH, "W/\"2\"", false),
            (IF_NONE_MATCH, "*", true),
            (IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT", true),
            (IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT", false),
            (IF_MODIFIED_SINCE, "yesterday", false),
        ];
        for (name, value, expect) in cases {
            assert_eq!(is_not_modified(&headers(name, value), 3, updated).unwrap(), expect, "{value}");
        }
        let mut both = headers(IF_NONE_MATCH, "W/\"2\"");
        both.insert(IF_MODIFIED_SINCE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(!is_not_modified(&both, 3, updated).unwrap());
    }

    #[test]
    fn a_version_is_a_weak_tag() {
        assert_eq!((etag(0), etag(7), etag(u32::MAX)), (HeaderValue::from_static("W/\"0\""), HeaderValue::from_static("W/\"7\""), HeaderValue::from_static("W/\"4294967295\"")));
    }
}
