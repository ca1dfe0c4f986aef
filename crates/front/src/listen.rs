//! The listener: who may connect, how they are greeted, and how all of them are let go.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::HeaderValue;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::bucket::Buckets;
use crate::gate::{Accounts, Gate, Manners, Shared};
use crate::limits::Limits;
use crate::line::Line;
use crate::metrics::Metrics;
use crate::pulse::{Connections, LOOK_EVERY, Phase, Seat};
use crate::tls::{Certificate, Tls, TlsError, TlsFiles, fingerprint};
use crate::wire::Wire;

/// How often the files of TLS are looked at.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// What somebody reads who gets no connection. With TLS there is nobody to read it.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// What the way in is made of.
pub struct Settings {
    /// How much is too much.
    pub limits: Limits,
    /// Keys and certificates; plain HTTP without.
    pub tls: Option<TlsFiles>,
    /// The SHA-256 of clients' certificates, and the login each stands for.
    pub institutions: Vec<([u8; 32], String)>,
    /// Addresses whose X-Forwarded-For is believed.
    pub proxies: Vec<IpAddr>,
    /// Origins whose pages may use the API.
    pub origins: Vec<HeaderValue>,
    /// False for trials on this machine: no rate is limited.
    pub is_rate_limited: bool,
}

/// The way in.
pub struct Front {
    shared: Arc<Shared>,
    connections: Arc<Connections>,
    tls: Option<Tls>,
    institutions: Vec<([u8; 32], Arc<str>)>,
}

impl Front {
    /// Sets everything up; the files of TLS are read.
    pub fn new(settings: Settings, manners: Arc<dyn Manners>) -> Result<Arc<Front>, TlsError> {
        let mut limits = settings.limits;
        if !settings.is_rate_limited {
            (limits.requests_per_address, limits.requests_per_person, limits.requests_per_system) = (0, 0, 0);
        }
        let metrics = Arc::new(Metrics::default());
        let accounts = Accounts { buckets: Buckets::new(), per_person: limits.requests_per_person, per_system: limits.requests_per_system, metrics: metrics.clone() };
        let is_limited = accounts.per_person > 0 || accounts.per_system > 0;
        let tls = settings.tls.map(Tls::load).transpose()?;
        let shared = Shared {
            manners,
            metrics,
            line: Line::new(limits.at_work, limits.waiting, Duration::from_millis(limits.wait_ms)),
            addresses: Buckets::new(),
            proxies: settings.proxies,
            origins: settings.origins,
            allowance: is_limited.then(|| Arc::new(accounts) as Arc<_>),
            is_tls: tls.is_some(),
            limits: limits.clone(),
        };
        let institutions = settings.institutions.into_iter().map(|(print, login)| (print, login.into())).collect();
        Ok(Arc::new(Front { shared: Arc::new(shared), connections: Connections::new(limits), tls, institutions }))
    }

    /// Reads the files of TLS again, now.
    pub fn refresh(&self) {
        if let Some(tls) = &self.tls {
            tls.refresh();
        }
    }

    /// What is known of the certificate in use.
    pub fn certificate(&self) -> Certificate {
        self.tls.as_ref().map_or(Certificate::None, Tls::certificate)
    }

    /// A browser says that a page broke the policy. Only the fact is kept.
    pub fn count_csp_report(&self) {
        self.shared.metrics.csp_reports.add();
    }

    /// Everything counted, as Prometheus reads it.
    pub fn metrics(&self) -> String {
        let (at_work, waiting) = self.shared.line.counts();
        let is_kept = matches!(self.certificate(), Certificate::Kept(_));
        self.shared.metrics.write(&[
            ("carnet_connections", "Open connections.", self.connections.count() as u64),
            ("carnet_at_work", "Requests at work.", at_work as u64),
            ("carnet_waiting", "Requests waiting for their turn.", waiting as u64),
            ("carnet_certificate_refused", "1 while new TLS files cannot be used and the old ones are.", u64::from(is_kept)),
        ])
    }

    /// Serves until stopped; then open answers are finished. Long work is done on `work`.
    pub async fn serve(self: Arc<Front>, listener: TcpListener, router: Router, work: Handle, mut stopped: watch::Receiver<bool>) {
        let looking = tokio::spawn(self.clone().look());
        let refreshing = tokio::spawn(self.clone().refresh_again_and_again());
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => break,
            };
            let Ok((stream, peer)) = accepted else {
                // Out of file descriptors or memory: let some connections end.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            self.shared.metrics.accepted.add();
            let is_proxy = self.shared.proxies.contains(&peer.ip().to_canonical());
            let Some(seat) = self.connections.enter(peer.ip(), is_proxy, &self.shared.metrics) else {
                self.shared.metrics.turned_away.add();
                turn_away(stream, self.tls.is_some());
                continue;
            };
            let (front, router, work, watcher) = (self.clone(), router.clone(), work.clone(), graceful.watcher());
            tokio::spawn(async move {
                let pulse = seat.pulse.clone();
                tokio::select! {
                    () = front.greet(stream, peer, seat, router, work, watcher) => {}
                    () = pulse.ended() => {}
                }
            });
        }
        drop(listener);
        graceful.shutdown().await;
        looking.abort();
        refreshing.abort();
    }

    async fn look(self: Arc<Front>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.connections.look(&self.shared.metrics);
        }
    }

    async fn refresh_again_and_again(self: Arc<Front>) {
        loop {
            tokio::time::sleep(REFRESH_EVERY).await;
            self.refresh();
        }
    }

    async fn greet(&self, stream: TcpStream, peer: SocketAddr, seat: Seat, router: Router, work: Handle, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let mut gate = Gate { shared: self.shared.clone(), router, work, pulse: seat.pulse.clone(), peer, certified: None, certificate: None };
        let wire = Wire::new(stream, seat.pulse.clone());
        let Some(tls) = &self.tls else { return self.talk(wire, gate, watcher).await };
        match TlsAcceptor::from(tls.current()).accept(wire).await {
            Ok(stream) => {
                let presented = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
                gate.certificate = presented.map(|certificate| fingerprint(certificate));
                gate.certified = gate.certificate.and_then(|print| self.login(print));
                seat.pulse.enter(Phase::Asking);
                self.talk(stream, gate, watcher).await;
            }
            // Whoever knocks and goes, or speaks something else, is no error of ours.
            Err(_) => self.shared.metrics.handshakes_failed.add(),
        }
    }

    fn login(&self, print: [u8; 32]) -> Option<Arc<str>> {
        self.institutions.iter().find(|(known, _)| *known == print).map(|(_, login)| login.clone())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, gate: Gate, watcher: Watcher) {
        let limits = &self.shared.limits;
        let mut builder = hyper::server::conn::http1::Builder::new();
        // Without a timer hyper's own limit does nothing. It counts idle time as well, so it is
        // the longer one of both; the walk over all connections keeps the shorter one.
        builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(limits.idle_s.max(limits.header_s) + 5));
        builder.max_buf_size(limits.header_bytes).max_headers(limits.headers).half_close(false);
        let connection = builder.serve_connection(TokioIo::new(stream), gate);
        // A connection that breaks off is the client's affair.
        let _ = watcher.watch(connection).await;
    }
}

/// Says so where it can be read, and does not wait.
fn turn_away(mut stream: TcpStream, is_tls: bool) {
    if !is_tls {
        tokio::spawn(async move {
            let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(FULL)).await;
        });
    }
}
