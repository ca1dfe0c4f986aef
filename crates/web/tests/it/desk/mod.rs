//! A site on RocksDB with a small form, and somebody who sits before its pages.

use std::sync::Arc;

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chart::{NewAccount, Terms};
use fhir::ResourceType;
use http_body_util::BodyExt;
use store_rocks::{Options, Rocks};
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

pub const PASSWORD: &str = "a secret word";

pub struct Site {
    pub router: Router,
    pub chart: chart::Chart,
    pub hands: Arc<testkit::Hands>,
    _folder: tempfile::TempDir,
}

pub struct Reader<'s> {
    site: &'s Site,
    pub cookies: String,
    pub token: String,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// As words; of a file only what are some.
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn location(&self) -> String {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

/// A form with one question; what it asks of who signs is in the extensions.
pub fn small_form(name: &str, extensions: &str) -> String {
    let extensions = if extensions.is_empty() { String::new() } else { format!(r#""extension":[{extensions}],"#) };
    format!(r#"{{"resourceType":"Questionnaire",{extensions}"url":"https://form.example/{name}","version":"1","title":"Small {name}","status":"active","subjectType":["Patient"],"item":[{{"linkId":"note","text":"Note","type":"string","required":true}}]}}"#)
}

pub async fn site(forms: &[String], algorithm: attest::Algorithm) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
    let clinic = testkit::clinic_on(open("record"), open("keyring"), 7);
    for (login, role, licence) in [("ana", Role::Physician, "L-1"), ("ruiz", Role::Physician, ""), ("desk", Role::Admissions, ""), ("auditor", Role::Auditor, "")] {
        let new = NewAccount { login: login.into(), display: format!("Dr. {login}"), role, institution: "Test clinic".into(), language: "en".into(), terms: Terms { licence: licence.into(), ..Terms::default() } };
        clinic.chart.add_account(&testkit::caller(Role::Console).account, new, PASSWORD).unwrap();
    }
    let system = testkit::caller(Role::Integration);
    for (id, name, born) in [("p", "Prueba", "1958-03-14"), ("other", "Otra", "1990-01-01")] {
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{name}","given":["Rosa"]}}],"gender":"female","birthDate":"{born}"}}"#);
        clinic.chart.update(&system, ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
    }
    for text in forms {
        clinic.chart.keep_form(&testkit::caller(Role::Console), text).await.unwrap();
    }
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let router = router_of(clinic.chart.clone(), clinic.oauth(), Box::new(chance), Settings { language: Language::English, signature_algorithm: algorithm, ..Settings::default() });
    Site { router, chart: clinic.chart, hands: clinic.hands, _folder: folder }
}

impl Site {
    pub async fn ask(&self, request: Request<Body>) -> Page {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let is_file = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/pdf");
        let text = if is_file { String::from_utf8_lossy(&bytes).into_owned() } else { String::from_utf8(bytes.clone()).unwrap() };
        Page { status: parts.status, headers: parts.headers, text, bytes }
    }

    /// Somebody who is not signed in.
    pub async fn stranger(&self) -> Reader<'_> {
        let page = self.ask(Request::get("/sign-in").body(Body::empty()).unwrap()).await;
        Reader { site: self, token: token(&page.text), cookies: cookie(&page.headers) }
    }

    pub async fn sign_in(&self, login: &str) -> Reader<'_> {
        let stranger = self.stranger().await;
        let page = stranger.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}");
        let cookies = cookie(&page.headers);
        let page = self.ask(Request::get("/account").header(header::COOKIE, &cookies).body(Body::empty()).unwrap()).await;
        Reader { site: self, token: token(&page.text), cookies }
    }

    /// The resources of a type in a person's record, as texts.
    pub async fn record(&self, kind: &str) -> Vec<String> {
        let record = self.chart.person(&testkit::caller(Role::Integration), "p").await.unwrap();
        record.resources.iter().filter(|one| one.kind.name() == kind).map(|one| one.text.clone()).collect()
    }

    /// The person becomes one who may be a mother, with what else is said of her.
    pub async fn mother(&self, more: &str) {
        let body = format!(r#"{{"resourceType":"Patient","id":"p","name":[{{"family":"Prueba","given":["Rosa"]}}],"gender":"female",{more}}}"#);
        self.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, "p", body.as_bytes(), None).await.unwrap();
    }

    pub fn form(&self, end: &str) -> String {
        self.chart.forms().unwrap().iter().rfind(|one| one.form.url.ends_with(end)).unwrap().id.clone()
    }
}

impl Reader<'_> {
    pub async fn get(&self, path: &str) -> Page {
        self.site.ask(Request::get(path).header(header::HOST, "record.example").header(header::COOKIE, &self.cookies).body(Body::empty()).unwrap()).await
    }

    /// The same page in a language.
    pub async fn get_in(&self, path: &str, language: Language) -> Page {
        let cookies = format!("{}; carnet_language={}", self.cookies, language.code());
        self.site.ask(Request::get(path).header(header::HOST, "record.example").header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", &self.token);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let request = Request::post(path).header(header::HOST, "record.example").header(header::COOKIE, &self.cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body.finish())).unwrap();
        self.site.ask(request).await
    }

    /// Begins a form about the person and says where it is.
    pub async fn begin(&self, end: &str) -> String {
        let page = self.post("/person/p/forms", &[("form", &self.site.form(end))]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        page.location()
    }

    /// Sends an act with the version that the page shows.
    pub async fn act(&self, place: &str, act: &str, more: &[(&str, &str)]) -> Page {
        let page = self.get(place).await;
        let version = between(&page.text, "name=\"version\" value=\"", "\"");
        // A page says which questions were on it.
        let asked: Vec<String> = more.iter().filter_map(|(name, _)| name.strip_prefix("a::").or_else(|| name.strip_prefix("o::"))).map(|link_id| format!("p::{link_id}")).collect();
        let mut fields = vec![("version", version.as_str()), ("act", act)];
        fields.extend(more);
        fields.extend(asked.iter().map(|name| (name.as_str(), "1")));
        self.post(place, &fields).await
    }
}

pub fn token(page: &str) -> String {
    between(page, "name=\"token\" value=\"", "\"")
}

pub fn between(text: &str, start: &str, end: &str) -> String {
    text.split(start).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default().to_owned()
}

fn cookie(headers: &HeaderMap) -> String {
    headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()?.split(';').next()).filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}
