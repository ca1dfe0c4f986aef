//! `/oauth/…`: where programs get tokens, ask what one is worth, take one back, and register.
//!
//! * Forms come in, JSON goes out, never to be kept by a cache. A refusal has a code for programs
//!   and a sentence for whoever writes them; it repeats nothing that was sent.
//! * What is decided is decided in the room `oauth`; here it is only received and written.

use std::sync::Arc;

use ::oauth::{Accounts, Bound, Code, Error, NewClient, Presented, Proof, Server};
use access::{Arrival, Role};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Router, http};
use chart::Chart;
use serde_json::{Value, json};

use crate::face::FhirApi;
use crate::parameters::Parameters;

/// The most a request may hold: a JWKS of ten keys fits many times.
const BODY_BYTES: usize = 64 * 1024;

#[derive(Clone)]
struct Desk {
    chart: Chart,
    server: Arc<Server>,
}

/// The endpoints for programs, beside the API.
pub fn endpoints(face: &FhirApi) -> Router {
    let desk = Desk { chart: face.chart().clone(), server: face.oauth().clone() };
    Router::new()
        .route("/oauth/token", post(token))
        .route("/oauth/introspect", post(introspect))
        .route("/oauth/revoke", post(revoke))
        .route("/oauth/register", post(register))
        .route("/oauth/jwks", get(jwks))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(desk)
}

async fn token(State(desk): State<Desk>, arrival: Option<Extension<Arrival>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(desk, arrival, headers, body, |desk, presented| desk.server.token(presented, &Staff(&desk.chart), desk.chart.now()).map(Some)).await
}

async fn introspect(State(desk): State<Desk>, arrival: Option<Extension<Arrival>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(desk, arrival, headers, body, |desk, presented| desk.server.introspect(presented, &Staff(&desk.chart), desk.chart.now()).map(Some)).await
}

async fn revoke(State(desk): State<Desk>, arrival: Option<Extension<Arrival>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(desk, arrival, headers, body, |desk, presented| desk.server.revoke(presented, desk.chart.now()).map(|()| None)).await
}

async fn jwks(State(desk): State<Desk>) -> Response<Body> {
    match tokio::task::spawn_blocking(move || desk.server.jwks(desk.chart.now())).await {
        Ok(Ok(keys)) => written(StatusCode::OK, Some(&keys)),
        Ok(Err(error)) => refusal(&error),
        Err(_) => failed(),
    }
}

/// A program registers itself, and waits for somebody who answers for it.
/// https://www.rfc-editor.org/rfc/rfc7591
async fn register(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    if !is_media(&headers, "application/json") {
        return refused(Code::InvalidClientMetadata, "A registration is JSON (Content-Type: application/json).");
    }
    let new = match serde_json::from_slice::<Value>(&body).ok().as_ref().map(wanted) {
        Some(Ok(new)) => new,
        Some(Err(message)) => return refused(Code::InvalidClientMetadata, message),
        None => return refused(Code::InvalidClientMetadata, "The registration is no JSON."),
    };
    let done = tokio::task::spawn_blocking(move || -> ::oauth::Result<::oauth::Registration> {
        let registration = desk.server.register(&new, false, desk.chart.now())?;
        desk.chart.note_registration(&registration.client.id).map_err(below)?;
        Ok(registration)
    });
    let done = done.await;
    let registration = match done {
        Ok(Ok(registration)) => registration,
        Ok(Err(error)) => return refusal(&error),
        Err(_) => return failed(),
    };
    let client = registration.client;
    let mut told = json!({
        "client_id": client.id,
        "client_id_issued_at": client.registered_at.div_euclid(1000),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "scope": client.scopes,
        "token_endpoint_auth_method": method(&client.kind),
        "dpop_bound_access_tokens": client.bound == Bound::Key,
        "tls_client_certificate_bound_access_tokens": client.bound == Bound::Certificate,
        "carnet_status": "waits for the approval of an operator",
    });
    if let Some(secret) = registration.secret {
        told["client_secret"] = secret.into();
        told["client_secret_expires_at"] = 0.into();
    }
    written(StatusCode::CREATED, Some(&told))
}

fn method(kind: &::oauth::ClientKind) -> &'static str {
    match kind {
        ::oauth::ClientKind::Public => "none",
        ::oauth::ClientKind::Secret(_) => "client_secret_basic",
        ::oauth::ClientKind::Keys(_) | ::oauth::ClientKind::KeysAt(_) => "private_key_jwt",
    }
}

/// What a program wants to be registered as.
fn wanted(asked: &Value) -> Result<NewClient, &'static str> {
    let text = |name: &str| match &asked[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err("client_name, scope, token_endpoint_auth_method, jwks_uri and initiate_login_uri are texts."),
    };
    let is_set = |name: &str| match &asked[name] {
        Value::Null => Ok(false),
        Value::Bool(is_set) => Ok(*is_set),
        _ => Err("dpop_bound_access_tokens and tls_client_certificate_bound_access_tokens are true or false."),
    };
    let bound = match (is_set("dpop_bound_access_tokens")?, is_set("tls_client_certificate_bound_access_tokens")?) {
        (false, false) => Bound::Free,
        (true, false) => Bound::Key,
        (false, true) => Bound::Certificate,
        (true, true) => return Err("Tokens are bound to a key or to a certificate, not to both."),
    };
    let redirect_uris = match &asked["redirect_uris"] {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or("redirect_uris is a list of addresses.")?,
        _ => return Err("redirect_uris is a list of addresses."),
    };
    if !asked["jwks_uri"].is_null() && asked["token_endpoint_auth_method"].as_str() != Some("private_key_jwt") {
        return Err("A program with a jwks_uri proves itself by private_key_jwt.");
    }
    let proof = match text("token_endpoint_auth_method")?.as_deref() {
        Some("none") => Proof::None,
        None | Some("client_secret_basic") => Proof::Secret,
        Some("private_key_jwt") => match (text("jwks_uri")?, asked["jwks"].is_null()) {
            (Some(address), true) => Proof::KeysAt(address),
            (None, _) => Proof::Keys(asked["jwks"].to_string()),
            (Some(_), false) => return Err("A program sends `jwks` or `jwks_uri`, not both."),
        },
        Some(_) => return Err("token_endpoint_auth_method is none, client_secret_basic or private_key_jwt."),
    };
    Ok(NewClient {
        name: text("client_name")?.ok_or("A program has a client_name.")?,
        proof,
        redirect_uris,
        launch_uri: text("initiate_login_uri")?,
        scopes: text("scope")?.ok_or("A program says in `scope` all it will ever ask for.")?,
        // Only somebody here can say in whose name a program works, and whom it may ask about.
        login: None,
        introspects: false,
        bound,
    })
}

async fn answer(desk: Desk, arrival: Option<Extension<Arrival>>, headers: HeaderMap, body: Bytes, act: impl FnOnce(&Desk, &Presented<'_>) -> ::oauth::Result<Option<Value>> + Send + 'static) -> Response<Body> {
    if !is_media(&headers, "application/x-www-form-urlencoded") {
        return refused(Code::InvalidRequest, "The request is a form (Content-Type: application/x-www-form-urlencoded).");
    }
    let authorization = match headers.get(AUTHORIZATION).map(HeaderValue::to_str) {
        None => None,
        Some(Ok(header)) => Some(header.to_owned()),
        Some(Err(_)) => return refused(Code::InvalidClient, "The Authorization header cannot be read."),
    };
    let Some(form) = std::str::from_utf8(&body).ok().and_then(|text| Parameters::parse(text).ok()) else { return refused(Code::InvalidRequest, "The form cannot be read.") };
    let form: Vec<(String, String)> = form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let certificate = arrival.and_then(|Extension(arrival)| arrival.certificate);
    let Some(proofs) = headers.get_all("dpop").iter().map(|line| line.to_str().ok().map(str::to_owned)).collect::<Option<Vec<_>>>() else {
        return refused(Code::InvalidDpopProof, "The DPoP header cannot be read.");
    };
    desk.server.look_for_keys(&Presented { form: &form, ..Presented::default() }, desk.chart.now()).await;
    let done = tokio::task::spawn_blocking(move || act(&desk, &Presented { form: &form, authorization: authorization.as_deref(), proofs: &proofs, certificate }));
    match done.await {
        Ok(Ok(told)) => written(StatusCode::OK, told.as_ref()),
        Ok(Err(error)) => refusal(&error),
        Err(_) => failed(),
    }
}

fn is_media(headers: &HeaderMap, wanted: &str) -> bool {
    let essence = headers.get(CONTENT_TYPE).and_then(|line| line.to_str().ok()).and_then(|line| line.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

fn refused(code: Code, message: &'static str) -> Response<Body> {
    let status = match code {
        Code::InvalidClient => StatusCode::UNAUTHORIZED,
        Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = written(status, Some(&json!({ "error": code.word(), "error_description": message })));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Carnet programs\", charset=\"UTF-8\""));
    }
    response
}

fn refusal(error: &Error) -> Response<Body> {
    match error {
        Error::Refused(refusal) => refused(refusal.code, refusal.message),
        Error::Busy => refused(Code::TemporarilyUnavailable, "Something else changed at the same moment; try again."),
        Error::Store(_) => {
            tracing::error!(%error, "what is kept of programs could not be read or written");
            failed()
        }
    }
}

fn failed() -> Response<Body> {
    written(StatusCode::INTERNAL_SERVER_ERROR, Some(&json!({ "error": "server_error", "error_description": "The server failed to answer." })))
}

fn written(status: StatusCode, told: Option<&Value>) -> Response<Body> {
    let mut response = Response::new(told.map_or_else(Body::empty, |told| Body::from(told.to_string())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if told.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(http::header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The accounts of the record, as the authorization server asks about them.
struct Staff<'a>(&'a Chart);

impl Accounts for Staff<'_> {
    fn era(&self, account: u64) -> Result<Option<u64>, store::Error> {
        self.0.standing(account).map_err(below)
    }

    fn system(&self, login: &str) -> Result<Option<(u64, u64)>, store::Error> {
        let Some(account) = self.0.accounts().map_err(below)?.into_iter().find(|account| account.login == login && account.role == Role::Integration) else { return Ok(None) };
        Ok(self.era(account.number)?.map(|era| (account.number, era)))
    }

    fn fhir_user(&self, account: u64) -> Option<String> {
        let holder = self.0.account_of(account).ok()??;
        match holder.role {
            Role::Person => self.0.own_patient(&holder).ok()?.map(|patient| format!("Patient/{patient}")),
            _ => Some(format!("Practitioner/{}", chart::stand_in_id(account))),
        }
    }
}

fn below(error: chart::Error) -> store::Error {
    match error {
        chart::Error::Store(cause) => cause,
        _ => store::Error::Damaged("the accounts could not be read"),
    }
}
