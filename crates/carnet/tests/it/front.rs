//! The way in of the binary: headers, origins, health, metrics, TLS, and a log without secrets.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::{CARNET, Site};

/// A server with sign-in, its log in a file.
struct Server {
    child: Child,
    address: SocketAddr,
    log: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(site: &Site, options: &[&str]) -> Server {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = site.folder("logs").join("log.txt");
    let mut command = Command::new(CARNET);
    command.args(["serve", "--data"]).arg(&site.data).args(["--listen", &address.to_string()]).args(options).env("CARNET_LOG", "debug");
    command.stdin(Stdio::null()).stdout(File::create(site.folder("logs").join("out.txt")).unwrap()).stderr(File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "the server does not come up");
        assert!(child.try_wait().unwrap().is_none(), "the server went away: {}", std::fs::read_to_string(&log).unwrap());
        std::thread::sleep(Duration::from_millis(10));
    }
    Server { child, address, log }
}

/// What came back, headers and all.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    /// All cookies that were set, as a browser sends them back.
    fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| line.split_once(": ")).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.filter_map(|(_, value)| value.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

impl Server {
    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let host = if headers.iter().any(|line| line.starts_with("Host:")) { "" } else { "Host: localhost\r\n" };
        write!(stream, "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {}\r\n{lines}\r\n{body}", body.len()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Answer { status: head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0), head: head.to_owned(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Signs in at the pages and gives the cookies.
    fn sign_in(&self, login: &str, password: &str) -> (Answer, String) {
        let page = self.get("/sign-in");
        let cookie = format!("Cookie: {}", page.cookies());
        let form = format!("login={login}&password={password}&token={}", token(&page.body));
        let answer = self.ask("POST", "/sign-in", &[&cookie, FORM], &form);
        let cookies = answer.cookies();
        (answer, format!("Cookie: {cookies}"))
    }
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const JSON: &str = "Content-Type: application/fhir+json";

fn token(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Adds a sign-in and gives its Authorization header and its password.
fn user(site: &Site, login: &str, role: &str) -> (String, String) {
    let output = Command::new(CARNET).args(["user", "add", "--data"]).arg(&site.data).args([login, "--role", role]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let password = text.trim().rsplit(" / ").next().unwrap().to_owned();
    (format!("Authorization: Basic {}", base64(&format!("{login}:{password}"))), password)
}

fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for piece in text.as_bytes().chunks(3) {
        let bits = piece.iter().enumerate().fold(0u32, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
        out.extend((0..4).map(|place| if place <= piece.len() { SIGNS[(bits >> (18 - 6 * place)) as usize & 63] as char } else { '=' }));
    }
    out
}

/// Puts lines before the tables of the configuration, in place of those of the same name.
fn configure(site: &Site, lines: &[String]) {
    let file = site.data.join("carnet.toml");
    let old = std::fs::read_to_string(&file).unwrap();
    let name = |line: &str| line.split(" = ").next().unwrap_or_default().to_owned();
    let kept = old.lines().filter(|line| !lines.iter().any(|new| name(new) == name(line)));
    let text: Vec<String> = lines.iter().cloned().chain(kept.map(str::to_owned)).collect();
    std::fs::write(&file, text.join("\n")).unwrap();
}

/// Every address of pages and of what lies beside the faces, with something in its places.
const PAGES: &[&str] = &[
    "/",
    "/find",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/passkey",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/sign-in/provider/link",
    "/sign-in/activate",
    "/sign-in/forgotten",
    "/sign-in/new-password",
    "/sign-out",
    "/account",
    "/account/end",
    "/account/password",
    "/account/contact",
    "/account/factor-off",
    "/account/passkeys",
    "/account/programs",
    "/account/provider",
    "/account/provider/confirm",
    "/account/provider/link",
    "/account/recovery",
    "/account/second-factor",
    "/accounts",
    "/unusual",
    "/agreements",
    "/questions",
    "/overdue",
    "/overdue/{id}",
    "/language",
    "/person/{id}",
    "/person/{id}/timeline",
    "/person/{id}/vaccinations",
    "/person/{id}/vaccinations/certificate",
    "/person/{id}/vaccinations/event",
    "/person/{id}/vaccinations/file",
    "/.well-known/jwks.json",
    "/person/{id}/card",
    "/person/{id}/openings",
    "/person/{id}/openings/question",
    "/person/{id}/openings/answer",
    "/person/{id}/address",
    "/person/{id}/coverage",
    "/person/{id}/same",
    "/person/{id}/same/{other}",
    "/register",
    "/duplicates",
    "/person/{id}/same/{other}/apart",
    "/person/{id}/same/{other}/undo",
    "/person/{id}/same/{other}/later",
    "/person/{id}/glass",
    "/person/{id}/glass/mend",
    "/glass",
    "/person/{id}/forms",
    "/person/{id}/forms/{response}",
    "/person/{id}/trust",
    "/person/{id}/trust/slip",
    "/person/{id}/{list}",
    "/person/{id}/document/{kind}/{document}",
    "/assets/{digest}/{name}",
    "/authorize",
    "/programs",
    "/authorize/{handle}",
    "/person/{id}/launch",
    "/oauth/token",
    "/oauth/introspect",
    "/oauth/revoke",
    "/oauth/register",
    "/oauth/jwks",
    "/nowhere",
    "/healthz",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/account/signing-key",
    "/.well-known/crl/{file}",
    "/verify",
    "/verify/card",
    "/verify/authority",
    "/verify/authority.pem",
    "/verify/{code}",
    "/person/{id}/forms/{response}/send",
    "/person/{id}/forms/{response}/sign",
    "/person/{id}/forms/{response}/version/{version}",
    "/person/{id}/forms/{response}/evidence/{version}",
    "/person/{id}/forms/{response}/papers",
    "/person/{id}/forms/{response}/papers/{number}",
    "/person/{id}/forms/{response}/pdf",
    "/person/{id}/forms/{response}/version/{version}/pdf",
    "/person/{id}/forms/{response}/papers/{number}/pdf",
    "/csp-report",
];

/// One address of the API for each meaning an address can have, and operations at each place.
const API: [&str; 23] = [
    "/fhir",
    "/fhir/",
    "/fhir/metadata",
    "/fhir/openapi.json",
    "/fhir/_history",
    "/fhir/_search",
    "/fhir/Patient",
    "/fhir/Patient?name=x",
    "/fhir/Patient/_history",
    "/fhir/Patient/_search",
    "/fhir/Patient/a",
    "/fhir/Patient/absent",
    "/fhir/Patient/a/_history",
    "/fhir/Patient/a/_history/1",
    "/fhir/Patient/a/Observation",
    "/fhir/Patient/a/Observation/_search",
    "/fhir/Patient/a/$everything",
    "/fhir/Patient/a/$summary",
    "/fhir/$export",
    "/fhir/_jobs/1",
    "/fhir/_jobs/1/Patient.0.ndjson",
    "/fhir/Binary/b",
    "/fhir/Nothing/%zz",
];

#[test]
fn every_route_answers_with_care() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for source in ["../web/src/house.rs", "../fhir-api/src/oauth.rs", "src/way_in.rs"] {
        let text = std::fs::read_to_string(root.join(source)).unwrap();
        for route in text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(PAGES.contains(&route), "{source}: name {route} in this test");
        }
    }
    let site = Site::new();
    let (system, _) = user(&site, "lab", "integration");
    let (_, password) = user(&site, "ana", "physician");
    let server = start(&site, &[]);
    let put = server.ask("PUT", "/fhir/Patient/a", &[&system, JSON], r#"{"resourceType":"Patient","id":"a"}"#);
    assert_eq!(put.status, 201, "{}", put.body);
    let binary = server.ask("PUT", "/fhir/Binary/b", &[&system, "Content-Type: text/html", "X-Security-Context: Patient/a"], "<script>alert(1)</script>");
    assert_eq!(binary.status, 201, "{}", binary.body);
    let (signed_in, cookies) = server.sign_in("ana", &password);
    assert_eq!(signed_in.status, 303);
    let mut looked_at = 0;
    for path in PAGES.iter().chain(&API) {
        let path = path.replace("{id}", "a").replace("{list}", "results").replace("{kind}", "Observation").replace("{document}", "o").replace("{digest}", "0").replace("{name}", "carnet.css");
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
            for headers in [vec![], vec![cookies.as_str()], vec![system.as_str(), JSON], vec![system.as_str(), "Accept: text/html"]] {
                if method == "DELETE" && path.starts_with("/fhir/") && !headers.is_empty() {
                    continue;
                }
                let answer = server.ask(method, &path, &headers, "");
                let place = format!("{method} {path}\n{}", answer.head);
                assert!((200..=499).contains(&answer.status), "{place}");
                let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("no {name}: {place}"));
                let policy = header("content-security-policy");
                assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{place}");
                assert!(!policy.contains("unsafe") && !policy.contains('*'), "{place}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
                assert!(["no-referrer", "same-origin"].contains(&header("referrer-policy")), "{place}");
                assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{place}");
                assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{place}");
                assert_eq!(header("x-robots-tag"), "noindex, nofollow", "{place}");
                assert!(path.starts_with("/assets/") || header("cache-control") == "no-store", "{place}");
                // With what these say anybody checks a card or a signature; it is nobody's secret.
                let is_for_everybody = ["/.well-known/jwks.json", "/.well-known/crl/", "/verify/authority.pem"].iter().any(|open| path.starts_with(open)) && matches!(method, "GET" | "HEAD");
                assert!(answer.header("access-control-allow-origin").is_none_or(|origin| is_for_everybody && origin == "*"), "{place}");
                if header("content-security-policy").contains("script-src") {
                    assert!(!answer.body.contains("<style") && !answer.body.contains(" style=") && !answer.body.contains("<script>"), "{place}");
                }
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 700, "{looked_at}");
    let content = server.ask("GET", "/fhir/Binary/b", &[&system, "Accept: text/html"], "");
    assert_eq!((content.status, content.header("content-disposition"), content.header("content-type")), (200, Some("attachment"), Some("text/html")));
}

#[test]
fn pages_of_registered_origins_may_use_the_api_and_no_others() {
    let site = Site::new();
    configure(&site, &["cors_origins = [\"https://app.example\"]".to_owned()]);
    let (system, _) = user(&site, "lab", "integration");
    let server = start(&site, &[]);
    let preflight = |origin: &str| {
        let asks = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,content-type,if-match"];
        server.ask("OPTIONS", "/fhir/Patient/a", &[&format!("Origin: {origin}"), asks[0], asks[1]], "")
    };
    let allowed = preflight("https://app.example");
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(allowed.header("access-control-allow-methods").unwrap().contains("PUT"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("if-match"));
    assert!(allowed.header("vary").unwrap().to_ascii_lowercase().contains("origin"));
    let nowhere = server.ask("OPTIONS", "/fhir/Nope", &["Origin: https://app.example", "Access-Control-Request-Method: GET"], "");
    assert_eq!((nowhere.status, nowhere.body.contains("OperationOutcome")), (404, true));
    assert_eq!(server.ask("OPTIONS", "/fhir/Patient", &[], "").status, 200);
    for origin in ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", "https://app.example:444"] {
        assert_eq!(preflight(origin).header("access-control-allow-origin"), None, "{origin}");
    }
    for (origin, expect) in [("https://app.example", 201), ("https://evil.example", 403)] {
        let headers = [&format!("Origin: {origin}"), "Sec-Fetch-Site: cross-site", &system, JSON];
        let answer = server.ask("POST", "/fhir/Patient", &headers, r#"{"resourceType":"Patient"}"#);
        assert_eq!(answer.status, expect, "{origin}: {}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin").is_some(), expect == 201);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    // A page is nobody's to read from elsewhere.
    assert_eq!(server.ask("GET", "/sign-in", &["Origin: https://app.example"], "").header("access-control-allow-origin"), None);
}

#[test]
fn health_is_for_everybody_and_metrics_for_operators() {
    let site = Site::new();
    let (system, _) = user(&site, "lab", "integration");
    let (operator, _) = user(&site, "op", "operator");
    let server = start(&site, &[]);
    assert_eq!((server.get("/health/live").status, server.get("/healthz").body.as_str()), (200, "ok\n"));
    let ready = server.get("/health/ready");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\ntls: off\n"));
    assert_eq!(server.ask("GET", "/fhir/Patient/very-private-id", &[&system], "").status, 404);
    assert_eq!(server.ask("POST", "/csp-report", &["Content-Type: application/csp-report"], r#"{"csp-report":{"document-uri":"very-private-id"}}"#).status, 204);
    let metrics = server.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("carnet_requests_total{rank=\"read\",status=\"4xx\"} 1\n"), "{}", metrics.body);
    assert!(metrics.body.contains("carnet_csp_reports_total 1\n"));
    for word in ["very-private-id", "Patient", "lab", "op\"", "fhir"] {
        assert!(!metrics.body.contains(word), "{word}");
    }
    // Whoever comes through a proxy on this machine is not this machine.
    let brought = |headers: &[&str]| server.ask("GET", "/metrics", headers, "").status;
    assert_eq!(brought(&["X-Forwarded-For: 203.0.113.1"]), 401);
    assert_eq!(brought(&["Host: record.example"]), 401);
    assert_eq!(brought(&["Host: record.example", &system]), 401);
    assert_eq!(brought(&["Host: record.example", &operator]), 200);
}

#[test]
fn an_account_that_asks_too_often_waits_and_others_do_not() {
    let site = Site::new();
    let file = site.data.join("carnet.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("requests_per_system = 1000", "requests_per_system = 1").replace("requests_per_person = 50", "requests_per_person = 1")).unwrap();
    let (lab, _) = user(&site, "lab", "integration");
    let (other, _) = user(&site, "other", "integration");
    let (_, password) = user(&site, "ana", "physician");
    let server = start(&site, &[]);
    let statuses: Vec<u16> = (0..30).map(|_| server.ask("GET", "/fhir/Patient/a", &[&lab], "").status).collect();
    assert!(statuses[..10].iter().all(|status| *status == 404) && statuses.contains(&429), "{statuses:?}");
    let refused = server.ask("GET", "/fhir/Patient/a", &[&lab], "");
    assert!(refused.header("retry-after").is_some() && refused.body.contains("\"throttled\""), "{}", refused.head);
    assert_eq!(server.ask("GET", "/fhir/Patient/a", &[&other], "").status, 404);
    let (_, cookies) = server.sign_in("ana", &password);
    let pages: Vec<u16> = (0..30).map(|_| server.ask("GET", "/", &[&cookies], "").status).collect();
    assert!(pages[0] == 200 && pages.contains(&429), "{pages:?}");
}

/// What must never stand in a log, one mark for each kind of thing.
const MARKS: [&str; 12] = ["Zfamily", "Zgiven", "Zidentifier", "Zbirth", "Zdiagnosis", "Zlogin", "Zpassword", "Ztoken", "Zcookie", "Zquery", "Zpath", "Zhook"];

#[test]
fn no_log_line_names_a_person_or_a_secret() {
    let site = Site::new();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    configure(&site, &[format!("subscription_targets = [\"http://{gone}\"]"), "subscription_wait_ms = 10".to_owned(), "subscription_attempts = 2".to_owned()]);
    let (system, system_password) = user(&site, "lab", "integration");
    let (_, password) = user(&site, "ana", "physician");
    let server = start(&site, &[]);
    let patient = r#"{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:x","value":"Zidentifier"}],"name":[{"family":"Zfamily","given":["Zgiven"]}],"birthDate":"1990-01-01"}"#;
    let condition = r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/a"},"code":{"coding":[{"system":"urn:x","code":"Zdiagnosis"}],"text":"Zdiagnosis"}}"#;
    let subscription = format!(r#"{{"resourceType":"Subscription","id":"s","status":"requested","reason":"Zquery","criteria":"Condition?code=Zdiagnosis","channel":{{"type":"rest-hook","endpoint":"http://{gone}/Zhook","header":["Authorization: Bearer Ztoken"]}}}}"#);
    for (path, body) in [("Patient/a", patient), ("Subscription/s", subscription.as_str()), ("Condition/c", condition)] {
        let answer = server.ask("PUT", &format!("/fhir/{path}"), &[&system, JSON], body);
        assert!(answer.status < 300, "{path}: {}", answer.body);
    }
    let broken = patient.replace("1990-01-01", "Zbirth");
    let wrong = format!("Authorization: Basic {}", base64("Zlogin:Zpassword"));
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{broken},"request":{{"method":"PUT","url":"Patient/Zpath"}}}}]}}"#);
    let parameters = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{patient}}}]}}"#);
    for (method, path, headers, body) in [
        ("POST", "/fhir/Patient", [system.as_str(), JSON], broken.as_str()),
        ("POST", "/fhir/Patient", [&system, JSON], &patient[..90]),
        ("POST", "/fhir/Patient", [&system, "Content-Type: application/Zquery"], patient),
        ("PUT", "/fhir/Patient/b", [&system, JSON], patient),
        ("POST", "/fhir", [&system, JSON], &bundle),
        ("PATCH", "/fhir/Patient/a", [&system, "Content-Type: application/json-patch+json"], r#"[{"op":"test","path":"/name/0/family","value":"Zpath"}]"#),
        ("POST", "/fhir/Patient/$match", [&system, JSON], &parameters),
        ("POST", "/fhir/Patient/$validate", [&system, JSON], &broken),
        ("POST", "/fhir/$graphql", [&system, JSON], r#"{"query":"{ Zquery }"}"#),
        ("POST", "/fhir/Patient/_search", [&system, FORM], "name=Zfamily&identifier=urn:x|Zidentifier&Zquery=1"),
        ("GET", "/fhir/Patient?name=Zfamily&birthdate=Zbirth", [&system, ""], ""),
        ("GET", "/fhir/Patient?identifier=urn:x|Zidentifier&_include=Zquery", [&system, ""], ""),
        ("GET", "/fhir/Condition?code=Zdiagnosis", [&system, ""], ""),
        ("GET", "/fhir/Patient/Zpath", [&system, ""], ""),
        ("GET", "/fhir/Patient/Zpath_/x", [&system, ""], ""),
        ("GET", "/fhir/Zpath/%zz", [&system, ""], ""),
        ("GET", "/fhir/Patient/a/$summary", [&system, ""], ""),
        ("GET", "/fhir/Patient/a", [&system, ""], ""),
        ("GET", "/fhir/Patient/a", [&wrong, ""], ""),
        ("GET", "/fhir/Patient/a", ["Authorization: Bearer Ztoken", ""], ""),
        ("GET", "/fhir/Patient/a", [&system, "If-Match: Ztoken"], ""),
        ("GET", "/fhir/Patient/a?access_token=Ztoken", [&system, "Prefer: Zquery"], ""),
        ("GET", "/person/Zpath", ["Cookie: carnet=Zcookie; carnet_door=Zcookie", ""], ""),
        ("POST", "/sign-in", ["Cookie: carnet_door=Zcookie", FORM], "login=Zlogin&password=Zpassword&token=Ztoken"),
        ("POST", "/csp-report", ["Content-Type: application/csp-report", ""], r#"{"csp-report":{"document-uri":"Zpath"}}"#),
        ("Zquery", "/Zpath", ["Referer: http://x/Zpath", ""], ""),
    ] {
        let headers: Vec<&str> = headers.into_iter().filter(|line| !line.is_empty()).collect();
        let answer = server.ask(method, path, &headers, body);
        assert!((200..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
    }
    let (refused, _) = server.sign_in("Zlogin", "Zpassword");
    assert_eq!(refused.status, 422);
    let (_, cookies) = server.sign_in("ana", &password);
    let home = server.ask("GET", "/", &[&cookies], "");
    let found = server.ask("POST", "/find", &[&cookies, FORM], &format!("q=Zfamily&token={}", token(&home.body)));
    assert!(found.body.contains("Zfamily"), "{}", found.head);
    for path in ["/person/a", "/person/a/timeline", "/person/a/openings", "/person/a/document/Condition/c", "/find"] {
        assert_eq!(server.ask("GET", path, &[&cookies], "").status, 200, "{path}");
    }
    // Garbage is not repeated either.
    TcpStream::connect(server.address).unwrap().write_all(b"GET /Zpath Zquery\r\nZtoken\r\n\r\n").unwrap();
    let log = || std::fs::read_to_string(&server.log).unwrap();
    let began = Instant::now();
    while !log().contains("a subscription is in error") {
        assert!(began.elapsed() < Duration::from_secs(20), "the log says what goes wrong: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
    let secrets = [system_password.as_str(), &password, cookies.split("carnet=").nth(1).and_then(|rest| rest.split(';').next()).unwrap(), &base64("Zlogin:Zpassword")];
    for mark in MARKS.into_iter().chain(secrets) {
        assert!(!mark.is_empty() && !log().contains(mark), "{mark} in the log:\n{}", log());
    }
}

/// The last line a command says when it refuses to start.
fn refusal(site: &Site) -> String {
    let said = site.run("serve", &["--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 2, "{}", said.err);
    said.err
}

#[test]
fn what_cannot_be_set_up_is_said_at_once() {
    let site = Site::new();
    configure(&site, &["tls_certificate = \"nowhere.pem\"".to_owned(), "tls_key = \"nowhere.key\"".to_owned()]);
    assert!(refusal(&site).contains("could not read") && refusal(&site).contains("nowhere.pem"));
    configure(&site, &["tls_certificate = \"carnet.toml\"".to_owned(), "tls_key = \"carnet.toml\"".to_owned()]);
    assert!(refusal(&site).contains("holds no certificate in PEM"));
    let site = Site::new();
    configure(&site, &["cors_origins = [\"*\"]".to_owned()]);
    assert!(refusal(&site).contains("cors_origins"));
    let site = Site::new();
    let file = site.data.join("carnet.toml");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replace("at_work = 64", "at_work = 1")).unwrap();
    assert!(refusal(&site).contains("at_work is at least 8"));
}
