//! Carries notifications: HTTP/1.1, over TLS with the certificates this machine trusts.
//!
//! * A redirect is an answer like any other: it is never followed.
//! * Why something did not arrive is told in general words; addresses and headers are not.

use std::time::Duration;

use anyhow::{Context, Result};
use fhir_api::{Carrying, Courier, Parcel};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// An idle connection is kept so long.
const IDLE: Duration = Duration::from_secs(30);

/// Carries over HTTP.
pub struct HttpCourier {
    plain: Client<HttpConnector, Full<Bytes>>,
    /// Only where somebody is reached by https: a machine without certificates can do without.
    sealed: Option<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
}

impl HttpCourier {
    /// A courier for these origins.
    pub fn new(targets: &[String]) -> Result<HttpCourier> {
        let sealed = match targets.iter().any(|target| target.starts_with("https:")) {
            true => {
                let connector = HttpsConnectorBuilder::new()
                    .with_native_roots()
                    .context("subscription_targets names an https origin, but this machine trusts no certificates; install its ca-certificates")?
                    .https_only()
                    .enable_http1()
                    .build();
                Some(Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector))
            }
            false => None,
        };
        Ok(HttpCourier { plain: Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(HttpConnector::new()), sealed })
    }
}

impl Courier for HttpCourier {
    fn carry(&self, parcel: Parcel) -> Carrying<'_> {
        Box::pin(async move {
            let is_sealed = parcel.address.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
            let request = request(parcel)?;
            let answer = match (&self.sealed, is_sealed) {
                (Some(client), true) => client.request(request).await,
                (None, true) => return Err("https is not set up; name the origin in subscription_targets and start the server again"),
                (_, false) => self.plain.request(request).await,
            };
            match answer {
                Ok(answer) => Ok(answer.status().as_u16()),
                Err(cause) if cause.is_connect() => Err("no connection to the endpoint, or its certificate is not trusted"),
                Err(_) => Err("the connection to the endpoint broke off"),
            }
        })
    }
}

fn request(parcel: Parcel) -> std::result::Result<Request<Full<Bytes>>, &'static str> {
    let mut request = Request::builder().method(parcel.method).uri(parcel.address).header(USER_AGENT, concat!("Carnet/", env!("CARGO_PKG_VERSION")));
    if !parcel.body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/fhir+json");
    }
    for (name, value) in parcel.headers {
        let name = HeaderName::try_from(name).map_err(|_| "a header of the subscription cannot be sent")?;
        let mut value = HeaderValue::try_from(value).map_err(|_| "a header of the subscription cannot be sent")?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    request.body(Full::new(parcel.body)).map_err(|_| "the endpoint is no address that can be connected to")
}
