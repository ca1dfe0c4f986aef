//! The style sheet, the script, the font and the mark, inside the binary.
//!
//! Their addresses carry a digest of all of them, so browsers may keep them for ever and a new
//! release is fetched at once.

use std::io::Write;
use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// One file, plain and compressed.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    plain: &'static [u8],
    /// Compressed once; none where it would not be shorter (the font is compressed already).
    gzip: Option<Vec<u8>>,
}

struct Shelf {
    assets: Vec<Asset>,
    digest: String,
}

const FILES: &[(&str, &str, &[u8])] = &[
    ("carnet.css", "text/css; charset=utf-8", include_bytes!("../assets/carnet.css")),
    ("carnet.js", "text/javascript; charset=utf-8", include_bytes!("../assets/carnet.js")),
    ("passkey.js", "text/javascript; charset=utf-8", include_bytes!("../assets/passkey.js")),
    ("form.js", "text/javascript; charset=utf-8", include_bytes!("../assets/form.js")),
    ("carnet.svg", "image/svg+xml", include_bytes!("../assets/carnet.svg")),
    ("carnet-sans.woff2", "font/woff2", include_bytes!("../assets/font/carnet-sans.woff2")),
];

fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(|| {
        let assets = FILES.iter().map(|(name, media_type, plain)| Asset { name, media_type, plain, gzip: Some(gzip(plain, 9)).filter(|short| short.len() < plain.len() * 9 / 10) }).collect();
        // FNV-1a over all bytes: it names a release, it proves nothing.
        let digest = FILES.iter().flat_map(|(_, _, plain)| plain.iter()).fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3));
        Shelf { assets, digest: format!("{digest:016x}") }
    })
}

/// Where an asset is found. All share one folder, so the style sheet names the font beside it.
pub fn address(name: &str) -> String {
    format!("/assets/{}/{name}", shelf().digest)
}

/// Bytes in gzip.
pub fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(level));
    // Writing into memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// True where the browser takes gzip.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some("gzip") && !words.any(|word| word == "q=0")
    })
}

/// Answers a request for an asset; an old digest is answered with 404, its page is old too.
pub fn answer(digest: &str, name: &str, headers: &HeaderMap) -> Response {
    let shelf = shelf();
    let Some(asset) = shelf.assets.iter().find(|asset| asset.name == name).filter(|_| digest == shelf.digest) else { return StatusCode::NOT_FOUND.into_response() };
    let packed = asset.gzip.as_ref().filter(|_| accepts_gzip(headers));
    let mut response = match packed {
        Some(bytes) => bytes.as_slice().into_response(),
        None => asset.plain.into_response(),
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    fields.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if packed.is_some() {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
