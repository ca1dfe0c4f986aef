//! Rough visitors on real sockets: slow, greedy, broken and too many.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::Urgency;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use front::{Front, Limits, Manners, Refusal, Settings};
use http::Method;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub struct Plain;

impl Manners for Plain {
    fn urgency(&self, method: &Method, path: &str) -> Option<Urgency> {
        match path {
            "/live" => None,
            "/search" => Some(Urgency::Search),
            _ if method == Method::POST => Some(Urgency::Write),
            _ => Some(Urgency::Read),
        }
    }

    fn refusal(&self, _path: &str, why: Refusal) -> Response {
        format!("{why:?}").into_response()
    }
}

pub struct Server {
    pub address: SocketAddr,
    pub front: Arc<Front>,
    stop: watch::Sender<bool>,
    _runtime: tokio::runtime::Runtime,
}

pub fn settings(limits: Limits) -> Settings {
    Settings { limits, tls: None, institutions: Vec::new(), proxies: Vec::new(), origins: Vec::new(), is_rate_limited: true }
}

pub fn serve(settings: Settings) -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let front = Front::new(settings, Arc::new(Plain)).unwrap();
    let router = Router::new()
        .route("/read", get(|| async { "read" }))
        .route("/live", get(|| async { "live" }))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/take", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route(
            "/search",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                "found"
            }),
        );
    let (stop, stopped) = watch::channel(false);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(front.clone().serve(listener, router, runtime.handle().clone(), stopped));
    Server { address, front, stop, _runtime: runtime }
}

impl Server {
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends bytes and reads all that comes back until the connection ends.
    pub fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        all(&mut stream)
    }

    pub fn status(&self, path: &str) -> u16 {
        status(&self.say(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()))
    }

    /// A count of the metrics.
    pub fn count(&self, name: &str) -> u64 {
        let metrics = self.front.metrics();
        metrics.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
    }
}

/// All that comes until the connection ends; a reset is an end too.
fn all(stream: &mut TcpStream) -> String {
    let (mut out, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => out.extend_from_slice(&piece[..length]),
            Err(cause) if cause.kind() == std::io::ErrorKind::WouldBlock => panic!("the connection does not end"),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

pub fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn patient(header_s: u64, idle_s: u64, grace_s: u64) -> Limits {
    Limits { header_s, idle_s, grace_s, ..Limits::default() }
}

#[test]
fn headers_by_the_byte_are_not_waited_for() {
    let server = serve(settings(patient(1, 60, 10)));
    let mut slow = server.connect();
    let began = Instant::now();
    slow.write_all(b"GET /read HTTP/1.1\r\n").unwrap();
    while began.elapsed() < Duration::from_secs(8) && slow.write_all(b"X: y\r\n").is_ok() {
        assert_eq!(server.status("/read"), 200, "others are served meanwhile");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(server.count("carnet_slow_headers_total") >= 1);
}

#[test]
fn an_idle_connection_ends_and_a_used_one_does_not() {
    let server = serve(settings(patient(5, 3, 10)));
    let mut idle = server.connect();
    let ask = b"GET /read HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut piece = [0; 4096];
    for _ in 0..5 {
        idle.write_all(ask).unwrap();
        assert!(idle.read(&mut piece).unwrap() > 0);
        std::thread::sleep(Duration::from_millis(900));
    }
    let began = Instant::now();
    assert_eq!(all(&mut idle), "");
    assert!(began.elapsed() < Duration::from_secs(6));
    assert_eq!(server.count("carnet_connections_idle_ended_total"), 1);
}

#[test]
fn a_body_by_the_byte_is_answered_with_408_and_a_steady_one_is_taken() {
    let server = serve(settings(patient(5, 60, 1)));
    let head = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n";
    let mut slow = server.connect();
    slow.write_all(head).unwrap();
    let mut feed = slow.try_clone().unwrap();
    let feeding = std::thread::spawn(move || while feed.write_all(b"x").is_ok() { std::thread::sleep(Duration::from_millis(100)) });
    let mut steady = server.connect();
    steady.write_all(head).unwrap();
    for _ in 0..8 {
        steady.write_all(&[b'x'; 1000]).unwrap();
        std::thread::sleep(Duration::from_millis(400));
    }
    let mut piece = [0; 4096];
    let length = steady.read(&mut piece).unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&piece[..length])), 200);
    let answer = all(&mut slow);
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close") && answer.ends_with("Slow"), "{answer}");
    feeding.join().unwrap();
    assert_eq!(server.count("carnet_slow_bodies_total"), 1);
}

#[test]
fn who_takes_no_answer_loses_the_connection() {
    let server = serve(settings(patient(5, 60, 1)));
    let mut greedy = server.connect();
    greedy.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let began = Instant::now();
    while server.count("carnet_slow_readers_total") == 0 {
        assert!(began.elapsed() < Duration::from_secs(8), "the reader who does not read stays");
        std::thread::sleep(Duration::from_millis(50));
    }
    while server.count("carnet_connections") > 0 {
        assert!(began.elapsed() < Duration::from_secs(8));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn too_many_and_too_long_headers_are_refused() {
    let server = serve(settings(Limits::default()));
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(100_000));
    let endless = "y".repeat(1_000_000);
    for (what, sent) in [("many", format!("GET /read HTTP/1.1\r\n{many}\r\n")), ("long", format!("GET /read HTTP/1.1\r\n{long}\r\n")), ("line", format!("GET /{endless} HTTP/1.1\r\n\r\n")), ("endless", endless.clone())] {
        let found = status(&server.say(sent.as_bytes()));
        assert!(matches!(found, 400 | 414 | 431 | 0), "{what}: {found}");
    }
    assert_eq!(status(&server.say(format!("GET /read HTTP/1.1\r\n{many}\r\n").as_bytes())), 431);
    assert_eq!(server.status("/read"), 200);
}

#[test]
fn garbage_is_refused_and_forgotten() {
    let server = serve(settings(patient(1, 60, 10)));
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    for round in 0..200 {
        let mut bytes: Vec<u8> = (0..(round * 7) % 900 + 1)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 56) as u8
            })
            .collect();
        // An end, so that what could be a beginning is not waited for.
        bytes.extend_from_slice(b"\r\n\r\n");
        let found = status(&server.say(&bytes));
        assert!(matches!(found, 0 | 400 | 431), "round {round}: {found}");
    }
    // A TLS greeting, and the preface of HTTP/2.
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        assert!(matches!(status(&server.say(bytes)), 0 | 400 | 505));
    }
    assert_eq!(server.status("/read"), 200);
}

/// What a proxy in front and we could read differently must not become a second request.
#[test]
fn no_request_hides_in_the_body_of_another() {
    let server = serve(settings(patient(2, 2, 10)));
    let hidden = "GET /search HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, head) in [
        ("length and chunks", format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}", hidden.len() + 5)),
        ("chunks and length", format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n\r\n0\r\n\r\n{hidden}", hidden.len() + 5)),
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len())),
        ("a list of lengths", format!("Content-Length: 0, {}\r\n\r\n{hidden}", hidden.len())),
        ("a signed length", format!("Content-Length: +0\r\n\r\n{hidden}")),
        ("chunks spelt oddly", format!("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("chunks not last", format!("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}")),
        ("a space before the colon", format!("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("a folded line", format!("X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("a broken chunk", format!("Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{hidden}")),
        ("chunks of HTTP/1.0", String::new()),
    ] {
        let version = if head.is_empty() { "1.0" } else { "1.1" };
        let head = if head.is_empty() { format!("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n{hidden}") } else { head };
        let answer = server.say(format!("POST /take HTTP/{version}\r\nHost: x\r\n{head}").as_bytes());
        assert!(!answer.contains("found"), "{what}: {answer}");
        assert!(answer.matches("HTTP/1.").count() <= 1, "{what}: {answer}");
    }
}

#[test]
fn requests_sent_together_are_answered_in_order() {
    let server = serve(settings(Limits::default()));
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let last = "GET /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = server.say(format!("{}{}{}{last}", one("/search"), one("/read"), one("/live")).as_bytes());
    let places: Vec<usize> = ["found", "read", "live"].iter().map(|body| answer.find(body).unwrap()).collect();
    assert!(places.is_sorted(), "{answer}");
    assert_eq!(answer.matches("200 OK").count(), 4);
}

#[test]
fn thousands_of_silent_connections_keep_nobody_out() {
    let server = serve(settings(Limits { connections: 300, connections_per_address: 100_000, ..Limits::default() }));
    let mut silent = Vec::new();
    for number in 0..2000 {
        if silent.len() >= 700 {
            silent.clear();
        }
        silent.push(server.connect());
        if number % 200 == 0 {
            assert_eq!(server.status("/read"), 200, "after {number}");
        }
    }
    assert!(server.count("carnet_connections") <= 300);
    // What waits to be accepted is displaced a moment later.
    let began = Instant::now();
    while server.count("carnet_connections_displaced_total") <= 1000 {
        assert!(began.elapsed() < Duration::from_secs(10), "{} displaced", server.count("carnet_connections_displaced_total"));
        // Those that ended before the server came to accept them displaced nobody: on a busy machine it takes more of them.
        silent.push(server.connect());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_address_gets_so_many_connections_and_so_many_requests() {
    let server = serve(settings(Limits { connections_per_address: 5, requests_per_address: 3, ..Limits::default() }));
    let held: Vec<TcpStream> = (0..5).map(|_| server.connect()).collect();
    let mut said = Vec::new();
    for _ in 0..5 {
        said.push(status(&server.say(b"")));
    }
    assert_eq!(said, [503; 5]);
    drop(held);
    std::thread::sleep(Duration::from_millis(200));
    let answers: Vec<u16> = (0..100).map(|_| server.status("/read")).collect();
    let refused = answers.iter().filter(|status| **status == 429).count();
    assert!((20..=70).contains(&refused) && answers[..30].iter().all(|status| *status == 200), "{answers:?}");
    let answer = server.say(b"GET /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.to_ascii_lowercase().contains("retry-after: 1\r\n"), "{answer}");
    assert_eq!(server.status("/live"), 200, "whether it lives is always answered");
}

#[test]
fn open_answers_are_finished_before_the_end() {
    let server = serve(settings(Limits::default()));
    let mut asking = server.connect();
    asking.write_all(b"GET /search HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(15));
    server.stop.send(true).unwrap();
    assert!(all(&mut asking).ends_with("found"));
}

#[test]
fn every_answer_is_careful() {
    let server = serve(settings(Limits::default()));
    for path in ["/read", "/live", "/nowhere"] {
        let answer = server.say(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).to_ascii_lowercase();
        for line in ["content-security-policy: default-src 'none';", "x-content-type-options: nosniff", "referrer-policy: no-referrer", "cross-origin-opener-policy: same-origin", "cross-origin-resource-policy: same-origin", "cache-control: no-store"] {
            assert!(answer.contains(line), "{path} lacks {line}: {answer}");
        }
        assert!(!answer.contains("strict-transport-security"), "only over TLS");
    }
}
