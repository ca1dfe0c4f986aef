//! Request bodies: received whole, within limits, decompressed.
//!
//! * A body is measured while it arrives and while it is decompressed: neither a long one
//!   nor a bomb of four kilobytes takes more memory than the limit.
//! * A sender who stops sending is answered, not waited for.

use crate::outcome::Trouble;
use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use fhir::IssueCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::io::Read;
use std::time::Duration;

/// Receives a body of at most `limit_bytes`, before and after decompression.
pub(crate) async fn receive(headers: &HeaderMap, body: Body, limit_bytes: usize, patience: Duration) -> Result<Bytes, Trouble> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|line| line.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit_bytes as u64) {
        return Err(too_large(limit_bytes));
    }
    let whole = match tokio::time::timeout(patience, Limited::new(body, limit_bytes).collect()).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => return Err(too_large(limit_bytes)),
        Ok(Err(_)) => return Err(Trouble::malformed(IssueCode::Incomplete, "The body ended before it was complete.")),
        Err(_) => return Err(Trouble::new(StatusCode::REQUEST_TIMEOUT, IssueCode::Timeout, "The body did not arrive in time.")),
    };
    let Some(coding) = headers.get(CONTENT_ENCODING) else {
        return Ok(whole);
    };
    let unpacked = match coding.as_bytes().to_ascii_lowercase().as_slice() {
        b"identity" | b"" => return Ok(whole),
        b"gzip" | b"x-gzip" => unpack(flate2::read::MultiGzDecoder::new(&whole[..]), limit_bytes),
        b"zstd" => match zstd::stream::read::Decoder::with_buffer(&whole[..]) {
            // The window is memory too: 8 MiB is what every decoder must take (RFC 9659).
            Ok(mut decoder) => decoder.window_log_max(23).map_err(|_| Packed::Broken).and_then(|()| unpack(decoder, limit_bytes)),
            Err(_) => Err(Packed::Broken),
        },
        _ => {
            return Err(Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::NotSupported, "Content-Encoding is gzip, zstd or nothing.")
                .at("http.Content-Encoding")
                .with(ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd")));
        }
    };
    unpacked.map(Bytes::from).map_err(|why| match why {
        Packed::TooLarge => too_large(limit_bytes),
        Packed::Broken => Trouble::malformed(IssueCode::Structure, "The compressed body is broken or ends too early.").at("http.Content-Encoding"),
    })
}

enum Packed {
    TooLarge,
    Broken,
}

fn unpack(decoder: impl Read, limit_bytes: usize) -> Result<Vec<u8>, Packed> {
    let mut out = Vec::new();
    decoder.take(limit_bytes as u64 + 1).read_to_end(&mut out).map_err(|_| Packed::Broken)?;
    if out.len() > limit_bytes { Err(Packed::TooLarge) } else { Ok(out) }
}

fn too_large(limit_bytes: usize) -> Trouble {
    Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, IssueCode::TooLong, format!("The body is larger than the {limit_bytes} bytes this address takes."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn check(coding: &'static str, sent: Vec<u8>, expect: Result<&[u8], u16>) {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let found = runtime.block_on(receive(&headers, Body::from(sent), 1000, Duration::from_secs(5)));
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{coding}"),
            (Err(found), Err(expect)) => assert_eq!(found.status.as_u16(), expect, "{coding}"),
            (found, expect) => panic!("{coding}: {found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn bodies_are_unpacked_within_the_limit() {
        check("", b"{}".to_vec(), Ok(b"{}"));
        check("gzip", gzip(b"{}"), Ok(b"{}"));
        check("GZIP", gzip(b"{}"), Ok(b"{}"));
        check("zstd", zstd::encode_all(&b"{}"[..], 1).unwrap(), Ok(b"{}"));
        check("identity", vec![b' '; 1000], Ok(&[b' '; 1000]));
        check("identity", vec![b' '; 1001], Err(413));
        check("gzip", gzip(&[b' '; 10_000_000]), Err(413));
        check("zstd", zstd::encode_all(&[b' '; 10_000_000][..], 1).unwrap(), Err(413));
        check("gzip", gzip(&[b' '; 500])[..12].to_vec(), Err(400));
        check("zstd", zstd::encode_all(&[b' '; 500][..], 1).unwrap()[..6].to_vec(), Err(400));
        check("gzip", b"{}".to_vec(), Err(400));
        check("zstd", b"{}".to_vec(), Err(400));
        check("br", b"{}".to_vec(), Err(415));
        check("gzip, gzip", gzip(&gzip(b"{}")), Err(415));
    }

    #[test]
    fn a_sender_who_stops_is_answered() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let trouble = runtime.block_on(async { receive(&HeaderMap::new(), never, 1000, Duration::from_millis(5)).await }).unwrap_err();
        assert_eq!(trouble.status.as_u16(), 408);
        let broken = Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]));
        let trouble = runtime.block_on(async { receive(&HeaderMap::new(), broken, 1000, Duration::from_millis(5)).await }).unwrap_err();
        assert_eq!(trouble.status.as_u16(), 400);
    }
}
