//! Binary: the one type whose content may come and go as it is.
//! https://hl7.org/fhir/R4/binary.html#rest
//!
//! Whatever somebody stored is served so that no browser runs it: as a file to save, with
//! its type taken at its word, in a sandbox.

use crate::answer::{Answer, Payload};
use crate::outcome::Trouble;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::Stored;
use fhir::splice::write_string;
use fhir::{Document, IssueCode, Reference};

/// The reference that becomes `Binary.securityContext`.
const X_SECURITY_CONTEXT: HeaderName = HeaderName::from_static("x-security-context");

/// The decoded content of a stored Binary.
pub(crate) fn content(stored: Stored) -> Result<Answer, Trouble> {
    let document = Document::read(&stored.text).map_err(|_| Trouble::inside())?;
    let binary = document.root();
    let data = binary.string("data").unwrap_or_default();
    let packed: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(&packed).map_err(|_| {
        Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::Value, "The stored data is not base64; read the resource with Accept: application/fhir+json.")
    })?;
    let media = binary.string("contentType").filter(|media| is_media_type(media)).and_then(|media| HeaderValue::from_str(&media).ok());
    let headers = vec![
        (CONTENT_TYPE, media.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")),
    ];
    Ok(Answer { headers, ..Answer::ok(Payload::Content(bytes)) }.of_version(stored.version, stored.last_updated))
}

/// A Binary made of raw bytes: its type from Content-Type, whose it is from X-Security-Context.
/// `id` is set where the address names one.
pub(crate) fn wrap(headers: &HeaderMap, bytes: &[u8], id: Option<&str>) -> Result<Vec<u8>, Trouble> {
    let media = headers.get(CONTENT_TYPE).and_then(|line| line.to_str().ok()).filter(|media| is_media_type(media));
    let media = media.ok_or_else(|| Trouble::malformed(IssueCode::Value, "Content-Type is not a media type.").at("http.Content-Type"))?;
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 200);
    out.push_str("{\"resourceType\":\"Binary\"");
    if let Some(id) = id {
        out.push_str(",\"id\":");
        write_string(id, &mut out);
    }
    out.push_str(",\"contentType\":");
    write_string(media, &mut out);
    if let Some(context) = headers.get(X_SECURITY_CONTEXT) {
        let text = context.to_str().ok().filter(|text| !matches!(Reference::parse(text), Reference::Other(_) | Reference::Contained(_) | Reference::Urn(_)));
        let text = text.ok_or_else(|| Trouble::malformed(IssueCode::Value, "X-Security-Context is a reference, as Patient/23.").at("http.X-Security-Context"))?;
        out.push_str(",\"securityContext\":{\"reference\":");
        write_string(text, &mut out);
        out.push('}');
    }
    if !bytes.is_empty() {
        out.push_str(",\"data\":\"");
        STANDARD.encode_string(bytes, &mut out);
        out.push('"');
    }
    out.push('}');
    Ok(out.into_bytes())
}

/// `type/subtype` and its parameters, in characters a header may hold.
fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte));
    essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub)) && text.len() <= 200 && text.bytes().all(|byte| (0x20..0x7F).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_a_binary_and_come_back() {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (X_SECURITY_CONTEXT, HeaderValue::from_static("Patient/1"))]);
        let text = String::from_utf8(wrap(&headers, &[0, 1, 255], Some("b")).unwrap()).unwrap();
        assert_eq!(text, r#"{"resourceType":"Binary","id":"b","contentType":"application/pdf","securityContext":{"reference":"Patient/1"},"data":"AAH/"}"#);
        let stored = Stored { kind: fhir::ResourceType::BINARY, id: "b".into(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text, flaws: vec![] };
        let answer = content(stored).unwrap();
        assert!(matches!(answer.payload, Payload::Content(bytes) if bytes == [0, 1, 255]));
        assert_eq!(answer.headers[0].1, "application/pdf");
    }

    #[test]
    fn what_is_no_media_type_and_no_reference_is_refused() {
        for (media, context) in [("pdf", "Patient/1"), ("a/b\"", "Patient/1"), ("", "Patient/1"), ("application/pdf", "Ana"), ("application/pdf", "#x")] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media)), (X_SECURITY_CONTEXT, HeaderValue::from_static(context))]);
            assert_eq!(wrap(&headers, b"x", None).unwrap_err().status.as_u16(), 400, "{media} {context}");
        }
    }
}
