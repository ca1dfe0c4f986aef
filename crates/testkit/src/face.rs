//! Whole requests to the FHIR API in front of a clinic in memory: what reads GraphQL, Parameters,
//! filters of an export, criteria of a subscription and questions about codes.

use std::cell::RefCell;

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use fhir::Document;
use http_body_util::BodyExt;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// So many requests are sent to one clinic before the next one opens.
const REQUESTS_A_CLINIC: u32 = 400;

const THERE: [(&str, &str); 5] = [
    ("/Patient/a", r#"{"resourceType":"Patient","id":"a","name":[{"family":"Ruiz","given":["Ana"]}],"birthDate":"1958-03-14"}"#),
    ("/Encounter/e", r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"}}"#),
    ("/Observation/o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://x.example/animals","code":"C"}]},"subject":{"reference":"Patient/a"},"encounter":{"reference":"Encounter/e"},"valueQuantity":{"value":5.40,"system":"http://unitsofmeasure.org","code":"mg"}}"#),
    ("/CodeSystem/animals", r#"{"resourceType":"CodeSystem","id":"animals","url":"http://x.example/animals","status":"active","content":"complete","concept":[{"code":"A","display":"Animal","concept":[{"code":"C","display":"Cat"}]}]}"#),
    ("/ValueSet/pets", r#"{"resourceType":"ValueSet","id":"pets","url":"http://x.example/pets","status":"active","compose":{"include":[{"system":"http://x.example/animals"}]}}"#),
];

struct Desk {
    router: Router,
    runtime: Runtime,
    asked: u32,
}

impl Desk {
    fn open() -> Desk {
        let clinic = crate::clinic_telling(&["https://told.example"]);
        let api = fhir_api::Api { oauth: clinic.oauth(), chart: clinic.chart, settings: fhir_api::Settings::default(), open: Some(crate::caller(Role::Integration)), seed: [9; 32] };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let mut desk = Desk { router: fhir_api::mounted(api), runtime, asked: 0 };
        for (path, body) in THERE {
            let (status, text) = desk.ask(Method::PUT, format!("/fhir{path}").parse().expect("an address"), "application/fhir+json", &[], body.as_bytes());
            assert_eq!(status, 201, "{}", String::from_utf8_lossy(&text));
        }
        desk
    }

    fn ask(&mut self, method: Method, uri: Uri, media: &str, headers: &[(HeaderName, HeaderValue)], body: &[u8]) -> (u16, Vec<u8>) {
        let mut request = Request::new(Body::from(body.to_vec()));
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
        if !body.is_empty() {
            request.headers_mut().insert("content-type", HeaderValue::try_from(media).unwrap_or(HeaderValue::from_static("application/fhir+json")));
        }
        request.headers_mut().extend(headers.iter().cloned());
        self.asked += 1;
        let router = self.router.clone();
        self.runtime.block_on(async {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes().to_vec()).expect("an answer that began is finished");
            (parts.status.as_u16(), body)
        })
    }
}

/// A request: `METHOD /path` on the first line, further headers on lines of their own, an empty
/// line, the body. Whatever it is, it is answered, never by a failure, and a refusal is an
/// OperationOutcome.
pub fn request(bytes: &[u8]) {
    thread_local! {
        static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
    }
    let head_ends = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = head_ends.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.lines();
    let Some((method, path)) = lines.next().and_then(|line| line.split_once(' ')).filter(|(_, path)| path.starts_with(['/', '?'])) else { return };
    let (Ok(method), Ok(uri)) = (method.parse::<Method>(), format!("/fhir{path}").parse::<Uri>()) else { return };
    let mut media = "application/fhir+json";
    let mut headers = Vec::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if name.eq_ignore_ascii_case("content-type") {
            media = value;
        } else if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
            && name != "host"
        {
            headers.push((name, value));
        }
    }
    let is_head = method == Method::HEAD;
    let (status, answer) = DESK.with_borrow_mut(|desk| {
        let desk = match desk {
            Some(open) if open.asked < REQUESTS_A_CLINIC => open,
            _ => desk.insert(Desk::open()),
        };
        desk.ask(method, uri, media, &headers, body)
    });
    assert!(status < 500, "the server failed: {status} {}", String::from_utf8_lossy(&answer));
    if status >= 400 && !is_head && !headers.iter().any(|(name, _)| name == "accept-encoding") {
        let document = Document::read_owned(String::from_utf8(answer).expect("a refusal is text")).expect("a refusal is JSON");
        assert_eq!(document.root().string("resourceType").as_deref(), Some("OperationOutcome"), "{status}");
    }
}
