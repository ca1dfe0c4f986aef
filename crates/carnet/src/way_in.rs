//! The way in to this site: its limits and certificates from the configuration, what is urgent
//! among the faces' addresses, and the addresses beside them: health, metrics, reports.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use access::{Role, Urgency};
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chart::Chart;
use fhir_api::FhirApi;
use front::{Certificate, Front, Manners, Refusal, Settings, TlsFiles};
use http::header::{CONTENT_TYPE, FORWARDED, HOST, VIA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::Config;

/// Where the API lies.
const API: &str = "/fhir";
/// How long a browser may rely on what a preflight said.
const PREFLIGHT: Duration = Duration::from_secs(600);
/// Open files that are not connections: the store's, and the usual few.
const OTHER_FILES: usize = 1024;

/// What is urgent, and what somebody refused reads, as the faces say.
struct Faces;

impl Manners for Faces {
    fn urgency(&self, method: &Method, path: &str) -> Option<Urgency> {
        // Whether the process lives, what it counts, and what a browser asks before it asks.
        if matches!(path, "/healthz" | "/health/live" | "/health/ready" | "/metrics" | "/csp-report") || method == Method::OPTIONS {
            return None;
        }
        match path.strip_prefix(API) {
            Some(below) if below.is_empty() || below.starts_with('/') => Some(fhir_api::urgency(method, below)),
            _ => web::urgency(method, path),
        }
    }

    fn refusal(&self, path: &str, why: Refusal) -> Response {
        if path.starts_with(API) { fhir_api::refusal(why.status()) } else { web::refusal(why.status()) }
    }
}

/// Sets up the way in.
pub fn front(config: &Config, listen: SocketAddr, open: bool) -> Result<Arc<Front>> {
    let tls = tls(config)?;
    if tls.is_none() && !listen.ip().is_loopback() {
        eprintln!(
            "WARNING: {listen} is served WITHOUT TLS. Passwords and records cross the network in the clear. \
             Set tls_certificate and tls_key, or listen on 127.0.0.1 behind a proxy with TLS."
        );
    }
    let mut limits = config.limits.clone();
    if let Some(fault) = limits.fault() {
        bail!("[limits]: {fault}");
    }
    if let Some(files) = open_files_most().filter(|files| limits.connections + OTHER_FILES > *files) {
        limits.connections = files.saturating_sub(OTHER_FILES).max(64);
        eprintln!("WARNING: this process may open {files} files, so at most {} connections are taken; raise the limit (ulimit -n) or lower connections in [limits].", limits.connections);
    }
    let settings = Settings {
        limits,
        tls,
        institutions: institutions(config)?,
        proxies: config.proxies.iter().map(|text| text.parse::<IpAddr>().map(|address| address.to_canonical()).with_context(|| format!("proxies lists addresses, as 10.0.0.5, not {text}"))).collect::<Result<_>>()?,
        origins: origins(config)?,
        is_rate_limited: !open,
    };
    Front::new(settings, Arc::new(Faces)).context("TLS could not be set up")
}

fn tls(config: &Config) -> Result<Option<TlsFiles>> {
    let (certificate, key) = match (&config.tls_certificate, &config.tls_key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        (None, None) if config.tls_client_ca.is_some() || config.tls_client_crl.is_some() => bail!("tls_client_ca and tls_client_crl want tls_certificate and tls_key"),
        (None, None) => return Ok(None),
        _ => bail!("tls_certificate and tls_key are set together or not at all"),
    };
    let clients_required = match config.tls_clients.as_str() {
        "optional" => false,
        "required" => true,
        other => bail!("tls_clients is `optional` or `required`, not `{other}`"),
    };
    if config.tls_client_ca.is_none() && (clients_required || config.tls_client_crl.is_some()) {
        bail!("tls_clients = \"required\" and tls_client_crl want tls_client_ca");
    }
    Ok(Some(TlsFiles { certificate, key, client_ca: config.tls_client_ca.clone(), client_crl: config.tls_client_crl.clone(), clients_required }))
}

fn institutions(config: &Config) -> Result<Vec<([u8; 32], String)>> {
    if !config.institution.is_empty() && config.tls_client_ca.is_none() {
        bail!("[[institution]] wants tls_client_ca");
    }
    let read = |institution: &crate::config::Institution| {
        let digits: Vec<u8> = institution.certificate_sha256.bytes().filter(|byte| *byte != b':').map(|byte| (byte as char).to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        <[u8; 32]>::try_from(bytes).ok().filter(|_| digits.len() == 64)
    };
    let named = |institution: &crate::config::Institution| format!("[[institution]] of {}: certificate_sha256 is 64 hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256` prints them", institution.login);
    config.institution.iter().map(|one| Ok((read(one).with_context(|| named(one))?, one.login.clone()))).collect()
}

/// Every login that a certificate stands for is an account of a connected system.
pub fn check_institutions(config: &Config, chart: &Chart) -> Result<()> {
    let accounts = if config.institution.is_empty() { Vec::new() } else { chart.accounts()? };
    for one in &config.institution {
        match accounts.iter().find(|account| account.login == one.login).map(|account| account.role) {
            Some(Role::Integration) => {}
            Some(role) => bail!("[[institution]]: {} is {}, and a certificate signs in systems only (role integration)", one.login, role.word()),
            None => bail!("[[institution]]: there is no sign-in {}; add it with `carnet user add --role integration`", one.login),
        }
    }
    Ok(())
}

fn origins(config: &Config) -> Result<Vec<HeaderValue>> {
    let is_origin = |text: &&String| crate::config::is_target(text) && !text.ends_with('/');
    if let Some(wrong) = config.cors_origins.iter().find(|text| !is_origin(text)) {
        bail!("cors_origins lists origins as https://app.example (no path, no slash at the end, no *; plain http only for this machine), not {wrong}");
    }
    config.cors_origins.iter().map(|text| HeaderValue::from_str(&text.to_ascii_lowercase()).context("cors_origins lists origins as https://app.example")).collect()
}

/// The API for pages of listed origins and of registered programs. Credentials are never a cookie there, so none is allowed.
pub fn cors(config: &Config, oauth: Arc<oauth::Server>) -> Result<CorsLayer> {
    let asks = ["accept", "authorization", "content-type", "content-encoding", "if-match", "if-none-match", "if-modified-since", "if-none-exist", "prefer", "x-request-id", "x-security-context", "dpop"];
    let hears = ["content-location", "etag", "last-modified", "location", "preference-applied", "retry-after", "x-progress", "x-request-id", "expires", "warning", "www-authenticate"];
    let listed = origins(config)?;
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| listed.contains(origin) || origin.to_str().is_ok_and(|origin| oauth.is_client_origin(origin))))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(asks.map(HeaderName::from_static))
        .expose_headers(hears.map(HeaderName::from_static))
        .max_age(PREFLIGHT))
}

/// `OPTIONS` of what is no address of the API is `404`, as any other method there: who answers browsers before they ask
/// knows no addresses.
pub async fn known_addresses(request: Request, next: Next) -> Response {
    let below = request.uri().path().strip_prefix(API).filter(|below| below.is_empty() || below.starts_with('/'));
    let is_nowhere = request.method() == Method::OPTIONS && below.is_some_and(|below| !fhir_api::is_address(below));
    if is_nowhere { fhir_api::refusal(StatusCode::NOT_FOUND) } else { next.run(request).await }
}

#[derive(Clone)]
struct Beside {
    front: Arc<Front>,
    face: FhirApi,
    chart: Chart,
}

/// The addresses beside the faces.
pub fn beside(front: Arc<Front>, face: FhirApi, chart: Chart) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/csp-report", post(report))
        .with_state(Beside { front, face, chart })
}

/// Whether it can serve, and what an operator should look at although it can.
async fn ready(State(beside): State<Beside>) -> Response {
    let certificate = match beside.front.certificate() {
        Certificate::None => "tls: off",
        Certificate::Current => "tls: the certificate files are in use",
        Certificate::Kept(_) => "tls: the certificate files changed and cannot be used; those before are in use; the log says why",
    };
    match beside.chart.commit_numbers() {
        Ok(_) if !beside.chart.takes_writes() => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: the store refuses to write since an earlier write failed\n{certificate}\n")).into_response(),
        Ok(_) => format!("ready\n{certificate}\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: the store does not answer\n{certificate}\n")).into_response(),
    }
}

/// How often budgets of persons were reached, and what waits for privacy officers: numbers only.
fn alarms(chart: &Chart) -> String {
    let (soft, hard) = chart.budget_alarms_counted();
    let mut out = format!("# HELP carnet_budget_alarms_total Openings that reached a budget of persons an hour.\n# TYPE carnet_budget_alarms_total counter\ncarnet_budget_alarms_total{{limit=\"soft\"}} {soft}\ncarnet_budget_alarms_total{{limit=\"hard\"}} {hard}\n");
    let refused = crate::cosignatures::REFUSED.load(std::sync::atomic::Ordering::Relaxed);
    out.push_str(&format!("# HELP carnet_log_witness_refusals_total Times a witness said that the log of openings was put back or rewritten.\n# TYPE carnet_log_witness_refusals_total counter\ncarnet_log_witness_refusals_total {refused}\n"));
    match chart.duties_of_all() {
        Ok(duties) => {
            let queues = [("glass", duties.glass), ("unusual", duties.unusual), ("questions", duties.questions), ("agreements", duties.agreements)];
            out.push_str("# HELP carnet_reviews_waiting What waits for the answer of a privacy officer.\n# TYPE carnet_reviews_waiting gauge\n");
            out.extend(queues.iter().map(|(word, queue)| format!("carnet_reviews_waiting{{queue=\"{word}\"}} {}\n", queue.waiting)));
            out.push_str("# HELP carnet_oldest_review_seconds How long the oldest of them has waited.\n# TYPE carnet_oldest_review_seconds gauge\n");
            let age = |since: Option<fhir::Moment>| since.map_or(0, |since| (chart.now().0 - since.0).max(0) / 1000);
            out.extend(queues.iter().map(|(word, queue)| format!("carnet_oldest_review_seconds{{queue=\"{word}\"}} {}\n", age(queue.since))));
        }
        Err(error) => tracing::error!(%error, "what waits for privacy officers could not be counted"),
    }
    out
}

/// Counts, for this machine and for operators.
async fn metrics(State(beside): State<Beside>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let may = is_of_this_machine(peer, &parts.headers) || matches!(beside.face.role(&parts).await, Some(Role::Operator | Role::Console));
    if !may {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic realm=\"Carnet\", charset=\"UTF-8\"")], "The metrics are for this machine and for operators.\n").into_response();
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], format!("{}{}", beside.front.metrics(), alarms(&beside.chart))).into_response()
}

/// True for a process of this machine. A proxy on it brings others, and shows by what it adds or by the host it names.
fn is_of_this_machine(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let is_brought = [FORWARDED, VIA, HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip")].iter().any(|name| headers.contains_key(name));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_here = host.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| host.trim_matches(['[', ']']).parse::<IpAddr>()).is_ok_and(|address| address.is_loopback());
    let is_named = host.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case("localhost"));
    peer.ip().to_canonical().is_loopback() && !is_brought && (is_here || is_named)
}

/// What the report says is not read: it may hold addresses.
async fn report(State(beside): State<Beside>) -> StatusCode {
    beside.front.count_csp_report();
    StatusCode::NO_CONTENT
}

/// How many files this process may open, as the system says.
fn open_files_most() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<(), &str>) {
        let config: Config = toml::from_str(text).unwrap();
        let found = tls(&config).map(drop).and_then(|()| institutions(&config).map(drop)).and_then(|()| origins(&config).map(drop));
        match (found, expect) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expect)) => assert!(format!("{found:#}").contains(expect), "{text}: {found:#}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn what_does_not_fit_together_is_said_before_anybody_connects() {
        let print = "ab".repeat(32);
        let pair = "tls_certificate = \"c\"\ntls_key = \"k\"\n";
        check("", Ok(()));
        check(pair, Ok(()));
        check("tls_key = \"k\"", Err("set together"));
        check("tls_client_ca = \"a\"", Err("want tls_certificate"));
        check(&format!("{pair}tls_clients = \"required\""), Err("want tls_client_ca"));
        check(&format!("{pair}tls_client_ca = \"a\"\ntls_clients = \"maybe\""), Err("`optional` or `required`"));
        check(&format!("{pair}tls_client_ca = \"a\"\n[[institution]]\ncertificate_sha256 = \"{print}\"\nlogin = \"lab\""), Ok(()));
        check(&format!("{pair}tls_client_ca = \"a\"\n[[institution]]\ncertificate_sha256 = \"{}\"\nlogin = \"lab\"", "AB:".repeat(32)), Ok(()));
        check(&format!("{pair}tls_client_ca = \"a\"\n[[institution]]\ncertificate_sha256 = \"abc\"\nlogin = \"lab\""), Err("64 hexadecimal digits"));
        check(&format!("[[institution]]\ncertificate_sha256 = \"{print}\"\nlogin = \"lab\""), Err("wants tls_client_ca"));
        check("cors_origins = [\"https://app.example\"]", Ok(()));
        for wrong in ["*", "null", "https://app.example/", "https://*.example", "http://app.example"] {
            check(&format!("cors_origins = [\"{wrong}\"]"), Err("cors_origins"));
        }
    }

    #[test]
    fn a_proxy_on_this_machine_is_not_this_machine() {
        let x_forwarded_for = HeaderName::from_static("x-forwarded-for");
        for (peer, host, extra, expect) in [
            ("127.0.0.1:9", "127.0.0.1:8080", None, true),
            ("127.0.0.1:9", "localhost:8080", None, true),
            ("[::1]:9", "[::1]:8080", None, true),
            ("127.0.0.1:9", "record.example", None, false),
            ("127.0.0.1:9", "127.0.0.1.record.example", None, false),
            ("127.0.0.1:9", "127.0.0.1:8080", Some(x_forwarded_for), false),
            ("127.0.0.1:9", "127.0.0.1:8080", Some(VIA), false),
            ("203.0.113.1:9", "127.0.0.1:8080", None, false),
        ] {
            let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            headers.extend(extra.clone().map(|name| (name, HeaderValue::from_static("203.0.113.1"))));
            assert_eq!(is_of_this_machine(peer.parse().unwrap(), &headers), expect, "{peer} {host} {extra:?}");
        }
    }

    #[test]
    fn health_waits_for_nobody_and_a_summary_goes_first() {
        for (method, path, expect) in [
            (Method::GET, "/health/live", None),
            (Method::GET, "/metrics", None),
            (Method::OPTIONS, "/fhir/Patient", None),
            (Method::GET, "/fhir/Patient/1/$summary", Some(Urgency::Emergency)),
            (Method::GET, "/fhir/Patient", Some(Urgency::Search)),
            (Method::GET, "/fhirx", Some(Urgency::Read)),
            (Method::GET, "/person/1", Some(Urgency::Emergency)),
        ] {
            assert_eq!(Faces.urgency(&method, path), expect, "{method} {path}");
        }
    }
}
