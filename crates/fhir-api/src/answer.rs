//! Answers on their way out: headers, indentation, compression, HEAD.
//!
//! * Text goes to the socket as it lies in the answer; a long one goes in pieces, each made
//!   when the one before it has left.
//! * Nothing a person's record is shown in may be kept by a cache.

use crate::conditional::etag;
use crate::http_date;
use crate::negotiate::{Coding, Format, Media};
use crate::outcome::Trouble;
use crate::prefer::{PREFERENCE_APPLIED, Return};
use crate::pretty::pretty;
use axum::body::{Body, HttpBody};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use fhir::Moment;
use futures_util::stream::BoxStream;
use futures_util::{Stream, TryStreamExt};
use std::io::Write;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// From this many bytes on, compressing pays.
const WORTH_COMPRESSING_BYTES: usize = 1024;

/// What an answer carries.
pub(crate) enum Payload {
    Nothing,
    /// JSON.
    Text(String),
    /// JSON in order, made piece by piece.
    Pieces(Box<dyn Iterator<Item = String> + Send>),
    /// Pieces that are still to be read, one after the other; one that fails ends the connection.
    Stream(BoxStream<'static, std::io::Result<Bytes>>),
    /// Content of a Binary, with its type in the headers.
    Content(Vec<u8>),
}

/// An answer before it is written.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub version: Option<u32>,
    pub last_updated: Option<Moment>,
    pub location: Option<String>,
    pub applied: Option<Return>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How it is to look, where the address did not say it and a form did.
    pub format: Option<Format>,
    pub payload: Payload,
}

impl Answer {
    /// A status and JSON.
    pub fn text(status: StatusCode, text: String) -> Answer {
        Answer::of(status, Payload::Text(text))
    }

    /// 200 and JSON.
    pub fn ok(payload: Payload) -> Answer {
        Answer::of(StatusCode::OK, payload)
    }

    /// A status without a body.
    pub fn empty(status: StatusCode) -> Answer {
        Answer::of(status, Payload::Nothing)
    }

    fn of(status: StatusCode, payload: Payload) -> Answer {
        Answer { status, version: None, last_updated: None, location: None, applied: None, headers: Vec::new(), format: None, payload }
    }

    /// The same, saying which version it is of.
    pub fn of_version(self, version: u32, last_updated: Moment) -> Answer {
        Answer { version: Some(version), last_updated: Some(last_updated), ..self }
    }

    /// The same, telling which parameters a lenient caller went without.
    /// https://www.rfc-editor.org/rfc/rfc7234#section-5.5
    pub fn going_without(mut self, names: &[String]) -> Answer {
        let text = format!("199 - \"Parameters passed over: {}\"", names.join(", "));
        if let (false, Ok(value)) = (names.is_empty(), HeaderValue::from_str(&text)) {
            self.headers.push((header::WARNING, value));
        }
        self
    }
}

/// How the caller wants to have it.
#[derive(Clone, Copy)]
pub(crate) struct Wire<'r> {
    pub media: Media,
    pub pretty: bool,
    pub coding: Coding,
    pub is_head: bool,
    pub request_id: &'r str,
}

impl Wire<'_> {
    /// The wire of a negotiated format.
    pub fn with(self, format: Format) -> Self {
        Wire { media: format.media, pretty: format.pretty, ..self }
    }
}

/// Writes an answer.
pub(crate) fn write(answer: Answer, wire: Wire<'_>) -> Response<Body> {
    let is_content = matches!(answer.payload, Payload::Content(_));
    let payload = match answer.payload {
        Payload::Pieces(pieces) if wire.pretty => Payload::Text(pretty(&pieces.collect::<String>())),
        Payload::Text(text) if wire.pretty => Payload::Text(pretty(&text)),
        payload => payload,
    };
    let is_empty = matches!(payload, Payload::Nothing);
    let compressed = match &payload {
        Payload::Nothing => false,
        Payload::Text(text) => text.len() >= WORTH_COMPRESSING_BYTES,
        Payload::Content(content) => content.len() >= WORTH_COMPRESSING_BYTES,
        Payload::Pieces(_) | Payload::Stream(_) => true,
    } && wire.coding != Coding::Identity;
    let body = match payload {
        Payload::Nothing => Body::empty(),
        Payload::Text(text) if compressed => Body::from(compress_whole(text.as_bytes(), wire.coding)),
        Payload::Content(content) if compressed => Body::from(compress_whole(&content, wire.coding)),
        Payload::Text(text) => Body::from(text),
        Payload::Content(content) => Body::from(content),
        Payload::Pieces(pieces) if compressed => in_pieces(Compressed::new(pieces, wire.coding)),
        Payload::Pieces(pieces) => in_pieces(pieces.map(Bytes::from)),
        Payload::Stream(pieces) if compressed => Body::from_stream(compressed_stream(pieces, wire.coding)),
        Payload::Stream(pieces) => Body::from_stream(pieces),
    };
    let length = body.size_hint().exact();
    let mut response = Response::new(if wire.is_head { Body::empty() } else { body });
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.reserve(10 + answer.headers.len());
    if let (true, Some(length), false) = (wire.is_head, length, is_empty) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !is_empty && !is_content {
        headers.insert(header::CONTENT_TYPE, wire.media.header());
    }
    if compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(if wire.coding == Coding::Gzip { "gzip" } else { "zstd" }));
    }
    if let Some(version) = answer.version {
        headers.insert(header::ETAG, etag(version));
    }
    if let Some(Ok(date)) = answer.last_updated.map(|moment| HeaderValue::from_bytes(&http_date::write(moment))) {
        headers.insert(header::LAST_MODIFIED, date);
    }
    if let Some(Ok(location)) = answer.location.map(HeaderValue::from_maybe_shared) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(applied) = answer.applied {
        headers.insert(
            PREFERENCE_APPLIED,
            HeaderValue::from_static(match applied {
                Return::Minimal => "return=minimal",
                Return::Representation => "return=representation",
                Return::Outcome => "return=OperationOutcome",
            }),
        );
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization, Prefer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(wire.request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
    for (name, value) in answer.headers {
        headers.insert(name, value);
    }
    response
}

/// Writes a refusal.
pub(crate) fn write_trouble(trouble: Trouble, wire: Wire<'_>) -> Response<Body> {
    trouble.log(wire.request_id);
    let text = crate::outcome::outcome(wire.request_id, &trouble.issues);
    write(Answer { version: trouble.version, headers: trouble.headers, ..Answer::text(trouble.status, text) }, wire)
}

fn in_pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    Body::from_stream(futures_util::stream::iter(pieces.map(Ok::<_, std::convert::Infallible>)))
}

/// Either compressor, writing into memory.
enum Compressor {
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    /// The library refused to start; the answer then ends early, which the reader notices.
    Broken,
}

impl Compressor {
    fn new(coding: Coding) -> Compressor {
        match coding {
            Coding::Zstd => zstd::stream::write::Encoder::new(Vec::new(), 1).map_or(Compressor::Broken, Compressor::Zstd),
            _ => Compressor::Gzip(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(2))),
        }
    }

    /// Takes one piece and gives what has come out so far. Writing into memory does not fail.
    fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        match self {
            Compressor::Gzip(encoder) => {
                let _ = encoder.write_all(piece);
                std::mem::take(encoder.get_mut())
            }
            Compressor::Zstd(encoder) => {
                let _ = encoder.write_all(piece);
                std::mem::take(encoder.get_mut())
            }
            Compressor::Broken => Vec::new(),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Compressor::Gzip(encoder) => encoder.finish().unwrap_or_default(),
            Compressor::Zstd(encoder) => encoder.finish().unwrap_or_default(),
            Compressor::Broken => Vec::new(),
        }
    }
}

fn compress_whole(bytes: &[u8], coding: Coding) -> Vec<u8> {
    if coding == Coding::Zstd {
        return zstd::bulk::compress(bytes, 1).unwrap_or_default();
    }
    let mut compressor = Compressor::new(coding);
    let mut out = compressor.push(bytes);
    out.extend_from_slice(&compressor.finish());
    out
}

/// Pieces, compressed as they come.
struct Compressed {
    pieces: Box<dyn Iterator<Item = String> + Send>,
    compressor: Option<Compressor>,
}

impl Compressed {
    fn new(pieces: Box<dyn Iterator<Item = String> + Send>, coding: Coding) -> Compressed {
        Compressed { pieces, compressor: Some(Compressor::new(coding)) }
    }
}

impl Iterator for Compressed {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        loop {
            let compressor = self.compressor.as_mut()?;
            let out = match self.pieces.next() {
                Some(piece) => compressor.push(piece.as_bytes()),
                None => self.compressor.take()?.finish(),
            };
            if !out.is_empty() || self.compressor.is_none() {
                return Some(Bytes::from(out));
            }
        }
    }
}

/// The same for pieces that are still to be read. One that fails ends the connection before the
/// compressor has written its end, so that its reader notices.
fn compressed_stream(pieces: BoxStream<'static, std::io::Result<Bytes>>, coding: Coding) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    futures_util::stream::try_unfold((pieces, Some(Compressor::new(coding))), |(mut pieces, mut compressor)| async move {
        loop {
            let Some(packing) = compressor.as_mut() else { return Ok(None) };
            let out = match pieces.try_next().await? {
                Some(piece) => packing.push(&piece),
                None => compressor.take().map(Compressor::finish).unwrap_or_default(),
            };
            if !out.is_empty() || compressor.is_none() {
                return Ok(Some((Bytes::from(out), (pieces, compressor))));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::io::Read;

    fn body(answer: Answer, coding: Coding, is_head: bool) -> (Vec<u8>, Option<String>) {
        let wire = Wire { media: Media::FhirJson, pretty: false, coding, is_head, request_id: "r" };
        let response = write(answer, wire);
        let length = response.headers().get(header::CONTENT_LENGTH).map(|value| value.to_str().unwrap().to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        (runtime.block_on(response.into_body().collect()).unwrap().to_bytes().to_vec(), length)
    }

    fn unpack(bytes: &[u8], coding: Coding) -> String {
        let mut out = String::new();
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_string(&mut out).unwrap(),
            Coding::Zstd => zstd::stream::read::Decoder::new(bytes).unwrap().read_to_string(&mut out).unwrap(),
            Coding::Identity => return String::from_utf8(bytes.to_vec()).unwrap(),
        };
        out
    }

    #[test]
    fn whole_or_in_pieces_packed_or_not_the_text_is_the_same() {
        let text: String = (0..40_000).map(|number| format!("{number},")).collect();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
            let (whole, _) = body(Answer::ok(Payload::Text(text.clone())), coding, false);
            assert!(unpack(&whole, coding) == text, "{coding:?}");
            let pieces: Vec<_> = text.as_bytes().chunks(1000).map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect();
            let (in_pieces, _) = body(Answer::ok(Payload::Pieces(Box::new(pieces.into_iter()))), coding, false);
            assert!(unpack(&in_pieces, coding) == text, "{coding:?}");
            let read: Vec<_> = text.as_bytes().chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let (streamed, _) = body(Answer::ok(Payload::Stream(Box::pin(futures_util::stream::iter(read)))), coding, false);
            assert!(unpack(&streamed, coding) == text, "{coding:?}");
            assert!(coding == Coding::Identity || streamed.len() < text.len() / 2, "{coding:?}");
        }
    }

    #[test]
    fn a_stream_that_fails_has_no_end() {
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
            let pieces = [Ok(Bytes::from_static(b"one")), Err(std::io::Error::other("gone"))];
            let wire = Wire { media: Media::FhirJson, pretty: false, coding, is_head: false, request_id: "r" };
            let response = write(Answer::ok(Payload::Stream(Box::pin(futures_util::stream::iter(pieces)))), wire);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            assert!(runtime.block_on(response.into_body().collect()).is_err(), "{coding:?}");
        }
    }

    #[test]
    fn head_tells_the_length_and_sends_nothing() {
        let (sent, length) = body(Answer::ok(Payload::Text("{}".into())), Coding::Identity, true);
        assert_eq!((sent.len(), length.as_deref()), (0, Some("2")));
    }
}
