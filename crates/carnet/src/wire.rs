//! HTTP/1.1 to others, over TLS with the certificates this machine trusts.
//!
//! * A redirect is an answer like any other: it is never followed.
//! * Why there was no answer is told in general words; addresses and headers are not.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task;
use std::time::Duration;

use anyhow::{Context, Result};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use hyper_util::rt::TokioExecutor;
use tower::Service;

/// An idle connection is kept so long.
const IDLE: Duration = Duration::from_secs(30);

/// Who this is, to others.
pub const USER_AGENT: &str = concat!("Carnet/", env!("CARGO_PKG_VERSION"));

type Connector = HttpConnector<Names>;

/// A way to others.
pub struct Wire {
    plain: Client<Connector, Full<Bytes>>,
    /// Only where somebody is reached by https: a machine without certificates can do without.
    sealed: Option<Client<HttpsConnector<Connector>, Full<Bytes>>>,
}

impl Wire {
    /// A way to these origins, which `key` of the configuration lists.
    pub fn new(origins: &[String], key: &str, names: Names) -> Result<Wire> {
        let mut plain = HttpConnector::new_with_resolver(names);
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(plain.clone());
        let sealed = match origins.iter().any(|origin| origin.starts_with("https:")) {
            true => {
                plain.enforce_http(false);
                let connector = HttpsConnectorBuilder::new()
                    .with_native_roots()
                    .with_context(|| format!("{key} names an https origin, but this machine trusts no certificates; install its ca-certificates"))?
                    .https_only()
                    .enable_http1()
                    .wrap_connector(plain);
                Some(Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector))
            }
            false => None,
        };
        Ok(Wire { plain: client, sealed })
    }

    /// Sends a request; the answer's head, or why there is none.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> std::result::Result<Response<Incoming>, &'static str> {
        let is_sealed = request.uri().scheme_str() == Some("https");
        let answer = match (&self.sealed, is_sealed) {
            (Some(client), true) => client.request(request).await,
            (None, true) => return Err("https is not set up; name the origin in carnet.toml and start the server again"),
            (_, false) => self.plain.request(request).await,
        };
        answer.map_err(|cause| match cause.is_connect() {
            true => "no connection to the other side, or its certificate is not trusted",
            false => "the connection to the other side broke off",
        })
    }
}

/// What names lead to.
#[derive(Clone)]
pub struct Names {
    resolver: GaiResolver,
    /// A name that leads to this machine or its own wire leads nowhere, unless it is `localhost`:
    /// whoever rules over a name's address must not reach what listens only here.
    abroad_only: bool,
}

impl Names {
    /// As this machine resolves them.
    pub fn all() -> Names {
        Names { resolver: GaiResolver::new(), abroad_only: false }
    }

    /// Only those of other machines, and `localhost`.
    pub fn abroad() -> Names {
        Names { abroad_only: true, ..Names::all() }
    }
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        self.resolver.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let is_open = !self.abroad_only || name.as_str().eq_ignore_ascii_case("localhost");
        let found = self.resolver.call(name);
        Box::pin(async move {
            let found: GaiAddrs = found.await?;
            let addresses: Vec<SocketAddr> = found.filter(|address| is_open || is_abroad(address.ip())).collect();
            match addresses.is_empty() {
                true => Err(io::Error::other("the name leads to no other machine")),
                false => Ok(addresses.into_iter()),
            }
        })
    }
}

fn is_abroad(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !(address.is_loopback() || address.is_unspecified() || address.is_link_local() || address.is_broadcast()),
        IpAddr::V6(address) => !(address.is_loopback() || address.is_unspecified() || address.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_here_is_told_from_one_that_leads_away() {
        for (address, expect) in [
            ("192.0.2.7", true),
            ("10.1.2.3", true),
            ("2001:db8::1", true),
            ("127.0.1.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("0.0.0.0", false),
            ("169.254.169.254", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_abroad(address.parse().unwrap()), expect, "{address}");
        }
    }
}
