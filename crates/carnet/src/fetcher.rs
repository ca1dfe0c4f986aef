//! Fetches the files of imports.

use anyhow::Result;
use fhir_api::{Fetched, Fetcher, Fetching};
use futures_util::StreamExt;
use http::Request;
use http::header::{ACCEPT, ACCEPT_ENCODING, ETAG, LAST_MODIFIED, USER_AGENT};
use http_body_util::{BodyDataStream, Full};

use crate::wire::{self, Names, Wire};

/// Fetches over HTTP.
pub struct HttpFetcher(Wire);

impl HttpFetcher {
    /// A fetcher for these origins.
    pub fn new(sources: &[String]) -> Result<HttpFetcher> {
        Ok(HttpFetcher(Wire::new(sources, "import_sources", Names::abroad())?))
    }
}

impl Fetcher for HttpFetcher {
    fn fetch(&self, address: String) -> Fetching<'_> {
        Box::pin(async move {
            let request = Request::get(address)
                .header(USER_AGENT, wire::USER_AGENT)
                .header(ACCEPT, "application/fhir+ndjson, application/ndjson;q=0.9, */*;q=0.1")
                .header(ACCEPT_ENCODING, "gzip")
                .body(Full::default())
                .map_err(|_| "the file's address cannot be connected to")?;
            let answer = self.0.send(request).await?;
            let tag = answer.headers().get(ETAG).or_else(|| answer.headers().get(LAST_MODIFIED)).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
            let status = answer.status().as_u16();
            let pieces = BodyDataStream::new(answer.into_body()).map(|piece| piece.map_err(|_| "the connection broke off before the end of the file"));
            Ok(Fetched { status, tag, pieces: pieces.boxed() })
        })
    }
}
