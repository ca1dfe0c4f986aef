//! One request through the gate: counted, put in line, served, and sent out with care.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use access::{Account, Allowance, Arrival, Role, Urgency};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use http::header::{CONNECTION, ORIGIN, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::body::{Held, Paced};
use crate::bucket::Buckets;
use crate::headers::careful;
use crate::limits::Limits;
use crate::line::Line;
use crate::metrics::Metrics;
use crate::pulse::{Phase, Pulse, network};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How long somebody who was shed is asked to stay away, in seconds.
const SHED_WAIT_S: u32 = 2;

/// Why a request goes no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// 429: its address asked too often.
    TooOften,
    /// 503: there is too much to do.
    Busy,
    /// 408: its body came too slowly.
    Slow,
}

impl Refusal {
    /// The status that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// What the gate asks of those who know the addresses behind it.
pub trait Manners: Send + Sync + 'static {
    /// How urgent a request is; none for what is always served at once.
    fn urgency(&self, method: &Method, path: &str) -> Option<Urgency>;
    /// What somebody refused reads. Status and Retry-After are set by the gate.
    fn refusal(&self, path: &str, why: Refusal) -> Response;
}

/// What all requests share.
pub(crate) struct Shared {
    pub limits: Limits,
    pub manners: Arc<dyn Manners>,
    pub metrics: Arc<Metrics>,
    pub line: Arc<Line>,
    pub addresses: Buckets<IpAddr>,
    pub proxies: Vec<IpAddr>,
    pub origins: Vec<HeaderValue>,
    pub allowance: Option<Arc<dyn Allowance>>,
    pub is_tls: bool,
}

/// Counts the requests of accounts.
pub(crate) struct Accounts {
    pub buckets: Buckets<u64>,
    pub per_person: u32,
    pub per_system: u32,
    pub metrics: Arc<Metrics>,
}

impl Allowance for Accounts {
    fn take(&self, account: &Account) -> Result<(), u32> {
        let rate = if account.role == Role::Integration { self.per_system } else { self.per_person };
        self.buckets.take(account.number, rate, Instant::now()).inspect_err(|_| self.metrics.throttled_accounts.add())
    }
}

/// The gate as one connection sees it.
#[derive(Clone)]
pub(crate) struct Gate {
    pub shared: Arc<Shared>,
    pub router: Router,
    /// Where long work is done, so that it keeps no short answer waiting.
    pub work: Handle,
    pub pulse: Arc<Pulse>,
    pub peer: SocketAddr,
    pub certified: Option<Arc<str>>,
    /// SHA-256 of the certificate the client showed.
    pub certificate: Option<[u8; 32]>,
}

impl hyper::service::Service<Request<Incoming>> for Gate {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.pulse.enter(Phase::Served);
        let gate = self.clone();
        Box::pin(async move { Ok(gate.answer(request).await) })
    }
}

impl Gate {
    async fn answer(self, request: Request<Incoming>) -> Response {
        let (began, shared) = (Instant::now(), &*self.shared);
        let rank = shared.manners.urgency(request.method(), request.uri().path());
        let (mut response, turn) = self.pass(request, rank, began).await;
        careful(response.headers_mut(), shared.is_tls);
        shared.metrics.answered(rank, response.status(), began.elapsed());
        let pulse = self.pulse.clone();
        let response = response.map(|body| Body::new(Held::new(body, turn, pulse)));
        response
    }

    /// Serves a request when its turn has come, or refuses it.
    async fn pass(&self, request: Request<Incoming>, rank: Option<Urgency>, now: Instant) -> (Response, Option<crate::line::Turn>) {
        let shared = &*self.shared;
        let path = request.uri().path();
        let Some(rank) = rank else { return (self.serve(request, None).await, None) };
        let client = network(self.client(request.headers()));
        if let Err(seconds) = shared.addresses.take(client, shared.limits.requests_per_address, now) {
            shared.metrics.throttled_addresses.add();
            return (self.refuse(path, Refusal::TooOften, seconds), None);
        }
        let Some(turn) = shared.line.turn(rank).await else {
            shared.metrics.shed(rank);
            return (self.refuse(path, Refusal::Busy, SHED_WAIT_S), None);
        };
        (self.serve(request, Some(rank)).await, Some(turn))
    }

    fn refuse(&self, path: &str, why: Refusal, seconds: u32) -> Response {
        let mut response = self.shared.manners.refusal(path, why);
        *response.status_mut() = why.status();
        if why != Refusal::Slow {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    async fn serve(&self, request: Request<Incoming>, rank: Option<Urgency>) -> Response {
        let shared = &*self.shared;
        let path = request.uri().path().to_owned();
        let (mut parts, body) = request.into_parts();
        let origin = parts.headers.get(ORIGIN);
        parts.extensions.insert(Arrival {
            certified: self.certified.clone(),
            certificate: self.certificate,
            is_from_registered_origin: origin.is_some_and(|origin| shared.origins.contains(origin)),
            allowance: shared.allowance.clone(),
        });
        parts.extensions.insert(axum::extract::ConnectInfo(self.peer));
        let client = self.client(&parts.headers);
        parts.extensions.insert(client);
        if body.is_end_stream() {
            return self.run(Request::from_parts(parts, Body::empty()), rank).await;
        }
        let body = Paced::new(body, shared.limits.pace_bytes_s, Duration::from_secs(shared.limits.grace_s));
        let is_slow: Arc<AtomicBool> = body.is_slow.clone();
        let response = self.run(Request::from_parts(parts, Body::new(body)), rank).await;
        if !is_slow.load(Relaxed) {
            return response;
        }
        shared.metrics.slow_bodies.add();
        let mut refusal = self.refuse(&path, Refusal::Slow, 0);
        // What may still come of this body belongs to nobody.
        refusal.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        refusal
    }

    /// Short work is done here, long work where it keeps nobody waiting.
    async fn run(&self, request: Request<Body>, rank: Option<Urgency>) -> Response {
        let router = self.router.clone();
        if rank.is_none_or(|rank| rank <= Urgency::Read) {
            return infallible(router.oneshot(request).await);
        }
        let work = self.work.spawn(router.oneshot(request));
        let _abort = Abort(work.abort_handle());
        match work.await {
            Ok(answered) => infallible(answered),
            // A face answers its own panics; this one came from between.
            Err(_) => Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty()).unwrap_or_default(),
        }
    }

    /// Who asks: the peer, or whom a proxy of ours says it speaks for.
    fn client(&self, headers: &HeaderMap) -> IpAddr {
        client(&self.shared.proxies, self.peer.ip(), headers)
    }
}

/// A client that goes away takes its work with it.
struct Abort(tokio::task::AbortHandle);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn infallible(answered: Result<Response, Infallible>) -> Response {
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The last address that a proxy of ours has added: those before it are the client's own claim.
fn client(proxies: &[IpAddr], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !proxies.contains(&peer.to_canonical()) {
        return peer;
    }
    let named = headers.get_all(X_FORWARDED_FOR).into_iter().filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(',')).filter_map(|text| text.trim().parse::<IpAddr>().ok());
    named.filter(|address| !proxies.contains(address)).last().unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_of_ours_may_say_for_whom_it_speaks() {
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.5".parse().unwrap()];
        for (peer, header, expect) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "198.51.100.1, 10.0.0.5", "198.51.100.1"),
            ("127.0.0.1", "unknown", "127.0.0.1"),
            ("127.0.0.1", "", "127.0.0.1"),
        ] {
            let headers = HeaderMap::from_iter([(X_FORWARDED_FOR, HeaderValue::from_static(header))]);
            assert_eq!(client(&proxies, peer.parse().unwrap(), &headers).to_string(), expect, "{peer} {header}");
        }
    }
}
