//! Carries notifications.

use anyhow::Result;
use fhir_api::{Carrying, Courier, Parcel};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request};
use http_body_util::Full;
use hyper::body::Bytes;

use crate::wire::{self, Names, Wire};

/// Carries over HTTP.
pub struct HttpCourier(Wire);

impl HttpCourier {
    /// A courier for these origins.
    pub fn new(targets: &[String]) -> Result<HttpCourier> {
        Ok(HttpCourier(Wire::new(targets, "subscription_targets", Names::all())?))
    }
}

impl Courier for HttpCourier {
    fn carry(&self, parcel: Parcel) -> Carrying<'_> {
        Box::pin(async move { Ok(self.0.send(request(parcel)?).await?.status().as_u16()) })
    }
}

fn request(parcel: Parcel) -> std::result::Result<Request<Full<Bytes>>, &'static str> {
    let mut request = Request::builder().method(parcel.method).uri(parcel.address).header(USER_AGENT, wire::USER_AGENT);
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
