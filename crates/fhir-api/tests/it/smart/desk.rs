//! A clinic with programs: what a program sends to the endpoints, and how somebody answers it.

use std::sync::Arc;

use access::{Account, Role};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chart::{Chart, NewAccount, Terms};
use http_body_util::BodyExt;
use oauth::{Began, Bound, Client, NewClient, Patient, Proof, Server};
use serde_json::{Value, json};
use testkit::{Hands, caller};
use tower::ServiceExt;

/// Appendix B of RFC 7636.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const CALLBACK: &str = "https://app.example/callback";

pub struct Desk {
    pub chart: Chart,
    pub hands: Arc<Hands>,
    pub oauth: Arc<Server>,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|cause| panic!("{cause}: {} {}", self.status, self.text))
    }

    /// The status and the error of OAuth, as `400 invalid_grant`.
    pub fn told(&self) -> String {
        let error = serde_json::from_str::<Value>(&self.text).ok().and_then(|told| told["error"].as_str().map(str::to_owned));
        format!("{} {}", self.status.as_u16(), error.unwrap_or_default()).trim().to_owned()
    }
}

/// Two keys of a program: ES384 under `one`, ES256 under `two`.
pub struct Keys {
    one: Vec<u8>,
    two: Vec<u8>,
}

impl Keys {
    pub fn new() -> Keys {
        let chance = aws_lc_rs::rand::SystemRandom::new();
        let one = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &chance).unwrap();
        let two = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
        Keys { one: one.as_ref().to_vec(), two: two.as_ref().to_vec() }
    }

    pub fn jwks(&self) -> Value {
        let key = |kid: &str, crv: &str, public: &[u8]| {
            let (x, y) = public[1..].split_at((public.len() - 1) / 2);
            json!({ "kty": "EC", "crv": crv, "kid": kid, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
        };
        let one = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &self.one).unwrap();
        let two = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.two).unwrap();
        json!({ "keys": [key("one", "P-384", one.public_key().as_ref()), key("two", "P-256", two.public_key().as_ref())] })
    }

    /// Signs a header and claims with the key the header's `alg` wants.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let chance = aws_lc_rs::rand::SystemRandom::new();
        let pair = match header["alg"].as_str() {
            Some("ES256") => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.two),
            _ => EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &self.one),
        };
        let signature = pair.unwrap().sign(&chance, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

impl Desk {
    /// `ana`, a physician, and `lab`, a system; two patients `p` and `q` with an Observation each of
    /// the laboratory and of vital signs.
    pub fn open() -> Desk {
        Desk::asking(None)
    }

    /// The same, which may ask somebody for the keys of programs.
    pub fn asking(sources: Option<oauth::KeySources>) -> Desk {
        let clinic = testkit::clinic();
        for (login, role) in [("ana", Role::Physician), ("lab", Role::Integration)] {
            let new = NewAccount { login: login.into(), display: format!("Dr. {login}"), role, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
            clinic.chart.add_account(&caller(Role::Console).account, new, "correct-horse").unwrap();
        }
        let oauth = match sources {
            Some(sources) => Arc::new(Server::new(clinic.chart.drawer("oauth"), testkit::BASE_URL, clinic.chart.now()).with_key_sources(sources)),
            None => clinic.oauth(),
        };
        let api = fhir_api::Api { chart: clinic.chart.clone(), settings: fhir_api::Settings { base_url: Some(testkit::BASE_URL.to_owned()), ..Default::default() }, oauth: oauth.clone(), open: None, seed: [9; 32] };
        let face = fhir_api::FhirApi::new(api);
        let router = fhir_api::mounted_at("/fhir", face.clone()).merge(fhir_api::endpoints(&face));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let desk = Desk { chart: clinic.chart, hands: clinic.hands, oauth, router, runtime };
        desk.fill();
        desk
    }

    fn fill(&self) {
        let lab = basic("lab", "correct-horse");
        for patient in ["p", "q"] {
            self.put(&lab, &format!("Patient/{patient}"), &format!(r#"{{"resourceType":"Patient","id":"{patient}","gender":"female"}}"#));
            for (id, category) in [("lab", "laboratory"), ("vital", "vital-signs")] {
                self.put(&lab, &format!("Observation/{patient}-{id}"), &observation(&format!("{patient}-{id}"), patient, category));
            }
            self.put(&lab, &format!("Condition/{patient}-c"), &format!(r#"{{"resourceType":"Condition","id":"{patient}-c","subject":{{"reference":"Patient/{patient}"}},"asserter":{{"reference":"Practitioner/dr"}}}}"#));
        }
        self.put(&lab, "Practitioner/dr", r#"{"resourceType":"Practitioner","id":"dr"}"#);
    }

    fn put(&self, authorization: &str, path: &str, body: &str) {
        let reply = self.ask("PUT", &format!("/fhir/{path}"), &[("authorization", authorization), ("content-type", "application/fhir+json")], body);
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.ask_as(None, method, path, headers, body)
    }

    /// The same from a client that showed a certificate.
    pub fn ask_as(&self, certificate: Option<[u8; 32]>, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::new(Body::from(body.to_owned()));
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = path.parse().unwrap_or_else(|cause| panic!("{path}: {cause}"));
        request.headers_mut().insert("host", HeaderValue::from_static("127.0.0.1:8080"));
        request.extensions_mut().insert(access::Arrival { certificate, ..access::Arrival::default() });
        for (name, value) in headers {
            request.headers_mut().append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            Reply { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
        })
    }

    /// Sends a form to an endpoint.
    pub fn form(&self, endpoint: &str, authorization: Option<&str>, fields: &[(&str, &str)]) -> Reply {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(authorization.map(|header| ("authorization", header)));
        self.ask("POST", &format!("/oauth/{endpoint}"), &headers, &form(fields))
    }

    /// Registers a program that people use.
    pub fn app(&self, proof: Proof, scopes: &str) -> (Client, Option<String>) {
        let new = NewClient { name: "App".into(), proof, redirect_uris: vec![CALLBACK.into()], launch_uri: None, scopes: scopes.into(), login: None, introspects: false, bound: Bound::Free };
        let registration = self.oauth.register(&new, true, self.chart.now()).unwrap();
        (registration.client, registration.secret)
    }

    /// Registers a program that works in the name of `lab`.
    pub fn machine(&self, keys: &Keys, scopes: &str) -> Client {
        let new = NewClient { name: "Machine".into(), proof: Proof::Keys(keys.jwks().to_string()), redirect_uris: Vec::new(), launch_uri: None, scopes: scopes.into(), login: Some("lab".into()), introspects: false, bound: Bound::Free };
        self.oauth.register(&new, true, self.chart.now()).unwrap().client
    }

    /// `ana` lets a program have all it asks for, about the patient `p`; gives the code.
    pub fn code(&self, client: &Client, scopes: &str) -> String {
        self.code_with(client, scopes, &[])
    }

    /// The same, where more is asked.
    pub fn code_with(&self, client: &Client, scopes: &str, more: &[(&str, &str)]) -> String {
        let ana = self.chart.accounts().unwrap().into_iter().find(|account| account.login == "ana").unwrap();
        self.code_of(client, scopes, more, &ana)
    }

    /// The same, where somebody else lets it in.
    pub fn code_of(&self, client: &Client, scopes: &str, more: &[(&str, &str)], who: &Account) -> String {
        let parameters = [("response_type", "code"), ("client_id", &client.id), ("redirect_uri", CALLBACK), ("state", "s"), ("scope", scopes), ("aud", testkit::BASE_URL), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("nonce", "n")];
        let parameters: Vec<(String, String)> = parameters.iter().chain(more).map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let Began::Waiting(handle) = self.oauth.begin(&parameters, &|rule| self.chart.understands(rule), self.chart.now()).unwrap() else { panic!("{scopes}") };
        let era = self.chart.standing(who.number).unwrap().unwrap();
        if self.oauth.waiting(&handle, self.chart.now()).unwrap().wants_patient() {
            let record = self.chart.person_record(&caller(Role::Physician), "p").unwrap();
            assert!(self.oauth.choose(&handle, Patient { record: record.0, id: "p".into() }, self.chart.now()));
        }
        self.runtime.block_on(self.chart.keep_stand_in(who)).unwrap();
        let address = self.oauth.allow(&handle, |_| true, who.number, era, self.chart.now()).unwrap().unwrap();
        let code = address.split("code=").nth(1).unwrap_or_else(|| panic!("{address}"));
        code.split('&').next().unwrap().to_owned()
    }

    /// The same, and brings the code as a public program does.
    pub fn tokens(&self, client: &Client, scopes: &str) -> Value {
        self.tokens_for(client, &self.code(client, scopes))
    }

    /// What a public program gets for a code.
    pub fn tokens_for(&self, client: &Client, code: &str) -> Value {
        let reply = self.form("token", None, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)]);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// A token for access to what these scopes allow.
    pub fn access(&self, scopes: &str) -> String {
        let (client, _) = self.app(Proof::None, scopes);
        self.tokens(&client, scopes)["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks the API with a token.
    pub fn with(&self, token: &str, method: &str, path: &str, body: &str) -> Reply {
        let header = format!("Bearer {token}");
        let mut headers = vec![("authorization", header.as_str()), ("content-type", "application/fhir+json")];
        if path.contains("$export") {
            headers.push(("prefer", "respond-async"));
        }
        self.ask(method, &format!("/fhir{path}"), &headers, body)
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

pub fn observation(id: &str, patient: &str, category: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{category}"}}]}}],"code":{{"text":"x"}},"subject":{{"reference":"Patient/{patient}"}}}}"#
    )
}
