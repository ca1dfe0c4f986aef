//! What the caller can read and write: formats, codings, indentation.
//!
//! * JSON is the one format. XML, Turtle and pages are 406, with a JSON outcome that says so.
//! * `_format` overrules Accept. https://hl7.org/fhir/R4/http.html#parameters
//! * A request body must say what it is: a body without Content-Type is 415, because a
//!   browser can be made to send one from a foreign page, with the user's sign-in, and
//!   without asking first.

use crate::outcome::Trouble;
use crate::parameters::Parameters;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, AsHeaderName, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use fhir::IssueCode;

/// The media types JSON is sent as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Media {
    FhirJson,
    /// For callers that ask for plain JSON: browsers show it where they would save the other.
    Json,
}

impl Media {
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Media::FhirJson => "application/fhir+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
        })
    }
}

/// What the caller can read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Format {
    pub media: Media,
    /// FHIR JSON was asked for by name, not by `*/*` or silence.
    pub is_explicit: bool,
    /// Accept names only types that are not FHIR: content to a Binary, 406 elsewhere.
    pub is_foreign: bool,
    pub pretty: bool,
}

impl Format {
    /// What is sent where nothing is asked for.
    pub const PLAIN: Format = Format { media: Media::FhirJson, is_explicit: false, is_foreign: false, pretty: false };
}

/// The format of the answer. 406 where only FHIR formats are named that this server does not write.
pub(crate) fn format(headers: &HeaderMap, parameters: &Parameters) -> Result<Format, Trouble> {
    let pretty = match parameters.only("_pretty")? {
        None | Some("false") => false,
        Some("true" | "") => true,
        Some(_) => return Err(Trouble::malformed(IssueCode::Value, "_pretty is true or false.").at("http._pretty")),
    };
    let format = match parameters.only("_format")? {
        Some(name) => named(name).ok_or_else(|| not_acceptable("http._format"))?,
        None => accepted(headers)?,
    };
    Ok(Format { pretty, ..format })
}

fn not_acceptable(place: &str) -> Trouble {
    Trouble::new(StatusCode::NOT_ACCEPTABLE, IssueCode::NotSupported, "This server writes JSON: ask for application/fhir+json.").at(place)
}

/// `_format`. An unescaped `+` arrives as a space.
fn named(name: &str) -> Option<Format> {
    let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let version_fits = !name.contains("fhirVersion") || name.contains("fhirVersion=4.0");
    let media = match essence.as_str() {
        "json" | "application/fhir+json" | "application/fhir json" | "application/json+fhir" | "application/json fhir" => Media::FhirJson,
        "application/json" | "text/json" => Media::Json,
        _ => return None,
    };
    version_fits.then_some(Format { media, is_explicit: true, ..Format::PLAIN })
}

fn accepted(headers: &HeaderMap) -> Result<Format, Trouble> {
    let mut lines = headers.get_all(ACCEPT).iter();
    let (first, more) = (lines.next(), lines.next().is_some());
    match first.map(HeaderValue::as_bytes) {
        None | Some(b"*/*" | b"") if !more => return Ok(Format::PLAIN),
        Some(b"application/fhir+json") if !more => return Ok(Format { is_explicit: true, ..Format::PLAIN }),
        Some(b"application/json") if !more => return Ok(Format { media: Media::Json, is_explicit: true, ..Format::PLAIN }),
        _ => {}
    }
    let (mut named, mut any, mut foreign, mut other_fhir) = (None::<(u16, Format)>, false, false, false);
    let mut consider = |quality: u16, media| {
        if quality > 0 && named.is_none_or(|(best, _)| quality > best) {
            named = Some((quality, Format { media, is_explicit: true, ..Format::PLAIN }));
        }
    };
    for range in list(headers, ACCEPT) {
        let (essence, quality) = with_quality(range);
        match essence.to_ascii_lowercase().as_str() {
            "application/fhir+json" | "application/json+fhir" if fhir_version_fits(range) => consider(quality, Media::FhirJson),
            "application/json" | "text/json" => consider(quality, Media::Json),
            "*/*" | "application/*" => any |= quality > 0,
            "application/fhir+xml" | "application/xml+fhir" | "application/xml" | "text/xml" | "application/fhir+turtle" | "text/turtle" | "application/fhir+json" => other_fhir = true,
            _ => foreign |= quality > 0,
        }
    }
    match named {
        Some((_, format)) => Ok(format),
        None if any => Ok(Format::PLAIN),
        None if foreign && !other_fhir => Ok(Format { is_foreign: true, ..Format::PLAIN }),
        None => Err(not_acceptable("http.Accept")),
    }
}

/// 406 where the caller can read nothing but types that are not FHIR.
pub(crate) fn must_read_fhir(format: Format) -> Result<(), Trouble> {
    if format.is_foreign { Err(not_acceptable("http.Accept")) } else { Ok(()) }
}

/// True where Accept names a media type.
pub(crate) fn takes(headers: &HeaderMap, media: &str) -> bool {
    list(headers, ACCEPT).map(with_quality).any(|(essence, quality)| quality > 0 && essence.eq_ignore_ascii_case(media))
}

fn fhir_version_fits(range: &str) -> bool {
    let version = range.split(';').skip(1).filter_map(|part| part.trim().strip_prefix("fhirVersion=")).next();
    version.is_none_or(|version| version.trim_matches('"').starts_with("4.0"))
}

/// The items of all lines of a header, in order.
pub(crate) fn list(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

/// The part before `;` and the quality in thousandths; what is no quality counts as 1.
fn with_quality(item: &str) -> (&str, u16) {
    let mut parts = item.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let thousandths = quality.and_then(|text| text.parse::<f32>().ok()).map_or(1000.0, |number| number.clamp(0.0, 1.0) * 1000.0);
    (essence, thousandths as u16)
}

/// How a body is compressed on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// The best coding the caller takes. Where nothing we have is wanted, the answer goes out as it is.
pub(crate) fn coding(headers: &HeaderMap) -> Coding {
    if !headers.contains_key(ACCEPT_ENCODING) {
        return Coding::Identity;
    }
    let (mut gzip, mut zstd, mut identity, mut any) = (None, None, None, None);
    for item in list(headers, ACCEPT_ENCODING) {
        let (name, quality) = with_quality(item);
        let slot = match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut gzip,
            "zstd" => &mut zstd,
            "identity" => &mut identity,
            "*" => &mut any,
            _ => continue,
        };
        *slot = Some(quality);
    }
    let gzip = gzip.or(any).unwrap_or(0);
    let zstd = zstd.or(any).unwrap_or(0);
    // Silence about identity means: better than nothing.
    let identity = identity.unwrap_or(0);
    match () {
        () if zstd > 0 && zstd >= gzip && zstd >= identity => Coding::Zstd,
        () if gzip > 0 && gzip >= identity => Coding::Gzip,
        () => Coding::Identity,
    }
}

/// What a request body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sent {
    Json,
    JsonPatch,
    Form,
    /// Anything else; a Binary may be.
    Other,
}

/// What the body says it is. 415 where it says nothing or a charset that is not UTF-8.
pub(crate) fn sent(headers: &HeaderMap) -> Result<Sent, Trouble> {
    let unsupported = |message: &str| Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::NotSupported, message).at("http.Content-Type");
    let Some(header) = headers.get(CONTENT_TYPE) else {
        return Err(unsupported("Say what the body is: Content-Type: application/fhir+json."));
    };
    if header.as_bytes() == b"application/fhir+json" || header.as_bytes() == b"application/json" {
        return Ok(Sent::Json);
    }
    let Ok(text) = header.to_str() else {
        return Err(unsupported("The Content-Type cannot be read."));
    };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let sent = match essence.as_str() {
        "application/fhir+json" | "application/json" | "text/json" | "application/json+fhir" => Sent::Json,
        "application/json-patch+json" => Sent::JsonPatch,
        "application/x-www-form-urlencoded" => Sent::Form,
        _ => return Ok(Sent::Other),
    };
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") && !value.eq_ignore_ascii_case("us-ascii") {
            return Err(unsupported("Send UTF-8; other charsets are not read."));
        }
        if name.trim().eq_ignore_ascii_case("fhirVersion") && !value.starts_with("4.0") {
            return Err(unsupported("This server speaks FHIR 4.0."));
        }
    }
    Ok(sent)
}

/// 415 unless the body is JSON.
pub(crate) fn must_be_json(headers: &HeaderMap) -> Result<(), Trouble> {
    match sent(headers)? {
        Sent::Json => Ok(()),
        _ => Err(only("application/fhir+json")),
    }
}

/// 415 with the one type that is read here.
pub(crate) fn only(media: &'static str) -> Trouble {
    Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::NotSupported, format!("This address reads {media}."))
        .at("http.Content-Type")
        .with(HeaderName::from_static("accept"), HeaderValue::from_static(media))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn check(accept: &'static str, query: &str, expect: &str) {
        let lines: &[_] = if accept.is_empty() { &[] } else { &[(ACCEPT, accept)] };
        let found = match format(&headers(lines), &Parameters::parse(query).unwrap()) {
            Ok(Format { is_foreign: true, .. }) => "foreign".to_owned(),
            Ok(found) => format!("{:?}{}{}", found.media, if found.is_explicit { " named" } else { "" }, if found.pretty { " pretty" } else { "" }),
            Err(trouble) => trouble.status.as_u16().to_string(),
        };
        assert_eq!(found, expect, "Accept: {accept}, query {query}");
    }

    #[test]
    fn json_is_found_under_its_many_names() {
        check("", "", "FhirJson");
        check("*/*", "", "FhirJson");
        check("application/fhir+json", "", "FhirJson named");
        check("application/FHIR+json; fhirVersion=4.0", "", "FhirJson named");
        check("application/fhir+json; fhirVersion=3.0", "", "406");
        check("application/json", "_pretty=true", "Json named pretty");
        check("text/json;q=0.2, application/fhir+json;q=0.4", "", "FhirJson named");
        check("application/fhir+xml, application/fhir+json;q=0.1", "", "FhirJson named");
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "FhirJson");
        check("application/*", "", "FhirJson");
        check("application/fhir+xml", "", "406");
        check("text/turtle, text/html", "", "406");
        check("text/html", "", "foreign");
        check("application/json;q=0, image/png", "", "foreign");
        check("application/json;q=0", "", "406");
        check("application/fhir+xml", "_format=json", "FhirJson named");
        check("", "_format=application/fhir+json", "FhirJson named");
        check("", "_format=application%2Fjson", "Json named");
        check("application/fhir+json", "_format=xml", "406");
        check("", "_format=text/html", "406");
        check("", "_format=json&_pretty=perhaps", "400");
    }

    #[test]
    fn the_coding_is_the_one_wanted_most() {
        let cases = [
            ("gzip", Coding::Gzip),
            ("gzip, zstd", Coding::Zstd),
            ("gzip;q=1.0, zstd;q=0.5", Coding::Gzip),
            ("gzip;q=0.5, identity", Coding::Identity),
            ("*", Coding::Zstd),
            ("*;q=0.1, zstd;q=0", Coding::Gzip),
            ("br, deflate", Coding::Identity),
            ("gzip;q=0", Coding::Identity),
            ("", Coding::Identity),
            ("gzip;q=rubbish", Coding::Gzip),
        ];
        for (wanted, expect) in cases {
            assert_eq!(coding(&headers(&[(ACCEPT_ENCODING, wanted)])), expect, "{wanted}");
        }
        assert_eq!(coding(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn a_body_must_say_what_it_is() {
        let cases = [
            ("application/fhir+json", "Json"),
            ("application/json; charset=UTF-8", "Json"),
            ("application/fhir+json; charset=\"utf-8\"; fhirVersion=4.0", "Json"),
            ("application/json; charset=latin1", "415"),
            ("application/fhir+json; fhirVersion=5.0", "415"),
            ("application/json-patch+json", "JsonPatch"),
            ("application/x-www-form-urlencoded", "Form"),
            ("application/fhir+xml", "Other"),
            ("", "Other"),
        ];
        for (header, expect) in cases {
            let found = sent(&headers(&[(CONTENT_TYPE, header)])).map_or_else(|trouble| trouble.status.as_u16().to_string(), |sent| format!("{sent:?}"));
            assert_eq!(found, expect, "{header}");
        }
        assert_eq!(sent(&HeaderMap::new()).unwrap_err().status.as_u16(), 415);
    }
}
