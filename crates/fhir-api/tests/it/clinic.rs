//! The real door on a store in memory, asked in one line and judged in another.
//!
//! ```text
//! METHOD /path | Header: value <<< body => status code ; Header: value ; ~ text in the body ; !~ text not in it
//! ```
//!
//! Every request has a Host; one with a body is FHIR JSON unless the line says otherwise.
//! `| -Name` leaves a header out. `$1` stands for the id in the last Location.

use access::{Caller, Role};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use chart::{Chart, NewAccount, Terms};
use fhir::Document;
use http_body_util::BodyExt;
use std::sync::Arc;
use testkit::{Hands, caller};
use tower::ServiceExt;

pub struct Clinic {
    pub router: Router,
    pub chart: Chart,
    pub hands: Arc<Hands>,
    data: Arc<dyn store::engine::Engine>,
    keyring: Arc<dyn store::engine::Engine>,
    runtime: tokio::runtime::Runtime,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the first issue of an OperationOutcome; empty for anything else.
    pub fn code(&self) -> String {
        let Ok(text) = std::str::from_utf8(&self.body) else { return String::new() };
        let Ok(document) = Document::read(text) else { return String::new() };
        let root = document.root();
        if root.string("resourceType").as_deref() != Some("OperationOutcome") {
            return String::new();
        }
        root.path(&["issue", "code"]).and_then(|code| code.as_str()).unwrap_or_default().into_owned()
    }
}

impl Clinic {
    fn with(open: Option<Caller>, settings: fhir_api::Settings) -> Clinic {
        Clinic::around(testkit::clinic(), open, settings)
    }

    /// A face on a clinic that is there.
    pub fn around(below: testkit::Clinic, open: Option<Caller>, settings: fhir_api::Settings) -> Clinic {
        let api = fhir_api::Api { oauth: below.oauth(), chart: below.chart.clone(), settings, open, seed: [9; 32] };
        let router = fhir_api::mounted(api);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Clinic { router, chart: below.chart, hands: below.hands, data: below.data, keyring: below.keyring, runtime }
    }

    /// Another door on the same store, which everybody enters as an integration: what only memory
    /// held is gone.
    pub fn reopened(&self) -> Clinic {
        Clinic::around(testkit::clinic_on(self.data.clone(), self.keyring.clone(), 8), Some(caller(Role::Integration)), fhir_api::Settings::default())
    }

    /// Everybody is an integration.
    pub fn open() -> Clinic {
        Clinic::with(Some(caller(Role::Integration)), fhir_api::Settings::default())
    }

    /// Everybody is an integration, these origins may be notified, and the server knows its address.
    pub fn open_telling(targets: &[&str]) -> Clinic {
        let settings = fhir_api::Settings { base_url: Some(testkit::BASE_URL.to_owned()), ..Default::default() };
        Clinic::around(testkit::clinic_telling(targets), Some(caller(Role::Integration)), settings)
    }

    /// Everybody is of that role.
    pub fn open_as(role: Role) -> Clinic {
        Clinic::with(Some(caller(role)), fhir_api::Settings::default())
    }

    /// Everybody is an integration, and files may be fetched from `https://files.example`.
    pub fn fetching() -> Clinic {
        Clinic::around(testkit::clinic_fetching(&["https://files.example"]), Some(caller(Role::Integration)), fhir_api::Settings::default())
    }

    /// Everybody is an integration, and that origin may be notified.
    pub fn telling(target: &str) -> Clinic {
        Clinic::around(testkit::clinic_telling(&[target]), Some(caller(Role::Integration)), fhir_api::Settings::default())
    }

    /// Everybody is the command line, behind a door with these settings.
    pub fn set(settings: chart::Settings) -> Clinic {
        Clinic::around(testkit::clinic_set(settings), Some(caller(Role::Console)), fhir_api::Settings::default())
    }

    /// The same store, where everybody is of that role.
    pub fn seen_by(&self, role: Role) -> Clinic {
        self.seen_as(Some(caller(role)))
    }

    /// The same store, where everybody is that caller, or must sign in.
    pub fn seen_as(&self, open: Option<Caller>) -> Clinic {
        self.seen_with(open, fhir_api::Settings::default())
    }

    /// The same through a face with these settings.
    pub fn seen_with(&self, open: Option<Caller>, settings: fhir_api::Settings) -> Clinic {
        let api = fhir_api::Api { oauth: testkit::oauth(&self.chart), chart: self.chart.clone(), settings, open, seed: [9; 32] };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Clinic { router: fhir_api::mounted(api), chart: self.chart.clone(), hands: self.hands.clone(), data: self.data.clone(), keyring: self.keyring.clone(), runtime }
    }

    /// Does something in the background from now on, whenever there is time.
    pub fn meanwhile(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    pub fn open_with(settings: fhir_api::Settings) -> Clinic {
        Clinic::with(Some(caller(Role::Integration)), settings)
    }

    /// One must sign in: `ana` with `correct-horse`, an integration.
    pub fn closed() -> Clinic {
        Clinic::closed_with(chart::Settings::default())
    }

    /// The same, behind a door with these settings.
    pub fn closed_with(settings: chart::Settings) -> Clinic {
        let clinic = Clinic::around(testkit::clinic_set(settings), None, fhir_api::Settings { base_url: Some("https://record.example/fhir".into()), ..Default::default() });
        let new = NewAccount { login: "ana".into(), display: "Ana".into(), role: Role::Integration, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
        clinic.chart.add_account(&caller(Role::Console).account, new, "correct-horse").unwrap();
        clinic
    }

    /// The same, where every request arrives so.
    pub fn arriving(mut self, arrival: access::Arrival) -> Clinic {
        self.router = self.router.layer(axum::Extension(arrival));
        self
    }

    async fn answered(router: Router, request: Request<Body>) -> Reply {
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Reply { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    /// The same request so many times at once, on several threads.
    pub fn at_once(&self, times: usize, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<Reply> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let request = || Clinic::request(method, path, headers, body.to_owned());
            let running: Vec<_> = (0..times).map(|_| tokio::spawn(Clinic::answered(self.router.clone(), request()))).collect();
            let mut replies = Vec::new();
            for one in running {
                replies.push(one.await.unwrap());
            }
            replies
        })
    }

    /// Asks with these headers and this body.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        self.runtime.block_on(Clinic::answered(self.router.clone(), Clinic::request(method, path, headers, body)))
    }

    /// Reads what is not there, from an address.
    pub fn ask_from(&self, address: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Clinic::request("GET", "/Patient/none", headers, "");
        request.extensions_mut().insert(address.parse::<std::net::IpAddr>().unwrap());
        self.runtime.block_on(Clinic::answered(self.router.clone(), request))
    }

    fn request(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
        let mut request = Request::new(body.into());
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = format!("/fhir{path}").parse().unwrap_or_else(|cause| panic!("{path}: {cause}"));
        request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
        for (name, value) in headers {
            match name.strip_prefix('-') {
                Some(gone) => drop(request.headers_mut().remove(gone)),
                None => drop(request.headers_mut().append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())),
            }
        }
        request
    }

    /// Sends FHIR JSON.
    pub fn put(&self, path: &str, body: impl Into<Body>) -> Reply {
        self.ask("PUT", path, &[("content-type", "application/fhir+json")], body)
    }

    /// Lets what goes on in the background go on.
    pub fn wait(&self) {
        self.runtime.block_on(async { tokio::time::sleep(std::time::Duration::from_millis(5)).await });
    }

    /// The answer of a job that goes on in the background, when it has ended.
    pub fn finished(&self, status: &str) -> Reply {
        loop {
            let answer = self.get(status);
            match answer.status.as_u16() {
                202 => self.wait(),
                200 => return answer,
                other => panic!("{other}: {}", answer.text()),
            }
        }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], "")
    }

    /// Plays a story: each line is asked and judged. All lines are played; what failed is told together.
    pub fn check(&self, story: &str) {
        let (mut last_id, mut failed) = (String::new(), 0);
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let line = line.replace("$1", &last_id);
            let Ok(reply) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.judge(&line))) else {
                failed += 1;
                continue;
            };
            let location = reply.header("location");
            if let Some(id) = location.split("/_history").next().and_then(|path| path.rsplit('/').next()).filter(|id| !id.is_empty()) {
                last_id = id.to_owned();
            }
        }
        assert_eq!(failed, 0, "lines failed, each told above");
    }

    fn judge(&self, line: &str) -> Reply {
        let (request, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("no => in {line}"));
        let (head, body) = request.split_once(" <<< ").unwrap_or((request, ""));
        let mut parts = head.split(" | ");
        let (method, path) = parts.next().unwrap().trim().split_once(' ').unwrap();
        let mut headers: Vec<(&str, &str)> = parts.map(|part| part.split_once(": ").unwrap_or((part, ""))).map(|(name, value)| (name.trim(), value.trim())).collect();
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.trim_start_matches('-').eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type", "application/fhir+json"));
        }
        let reply = self.ask(method, path.trim(), &headers, body.trim().to_owned());
        let told = || format!("{line}\n  found {} {:?}\n  {}", reply.status, reply.headers, String::from_utf8_lossy(&reply.body));
        let mut expectations = expected.split(" ; ");
        let mut first = expectations.next().unwrap().split_whitespace();
        assert_eq!(first.next().unwrap(), reply.status.as_str(), "{}", told());
        if let Some(code) = first.next() {
            assert_eq!(code, reply.code(), "{}", told());
        }
        for expectation in expectations.map(str::trim) {
            let body = String::from_utf8_lossy(&reply.body);
            if let Some(text) = expectation.strip_prefix("!~ ") {
                assert!(!body.contains(text), "has {text}: {}", told());
            } else if let Some(text) = expectation.strip_prefix("~ ") {
                assert!(body.contains(text), "lacks {text}: {}", told());
            } else if let Some(name) = expectation.strip_prefix('-') {
                assert!(reply.headers.get(name).is_none(), "has {name}: {}", told());
            } else {
                let (name, value) = expectation.split_once(": ").unwrap_or((expectation, ""));
                assert_eq!(reply.header(name), value, "{name}: {}", told());
            }
        }
        self.always(&reply, &told);
        reply
    }

    /// What is true of every answer.
    fn always(&self, reply: &Reply, told: &dyn Fn() -> String) {
        assert!(!reply.header("x-request-id").is_empty(), "{}", told());
        assert_eq!(reply.header("cache-control"), "no-store", "{}", told());
        assert!(!reply.status.is_server_error(), "{}", told());
        let is_error = reply.status.as_u16() >= 400;
        if is_error && !reply.body.is_empty() {
            assert!(!reply.code().is_empty(), "no outcome: {}", told());
        }
        let is_json = reply.header("content-type").contains("json");
        if is_json && !reply.body.is_empty() && reply.header("content-encoding").is_empty() {
            Document::read(reply.text()).unwrap_or_else(|cause| panic!("{cause}: {}", told()));
        }
    }
}
