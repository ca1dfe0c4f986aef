//! From a request to an answer: who, what, how, and nothing escapes.

use crate::answer::{Answer, Wire, write, write_trouble};
use crate::asked::Asked;
use crate::caller::{Callers, Way};
use crate::capabilities::Capabilities;
use chart::{Chart, HistoryScope};
use crate::negotiate::{self, Coding, Format, Media};
use crate::operation::Doing;
use crate::outcome::Trouble;
use crate::parameters::{Parameters, decode};
use crate::prefer::prefer;
use crate::route::Route;
use crate::search::Among;
use crate::settings::{Settings, is_host, is_loopback};
use crate::{Api, bundle, create, delete, history, jobs, openapi, operation, patch, purpose, read, search, smart, update, vread};
use access::{Arrival, Role};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{HOST, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use fhir::{IssueCode, is_id};
use futures_util::FutureExt;
use oauth::Server;
use seal::{Chance, Stream};
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// An address longer than this is refused.
const ADDRESS_BYTES_MOST: usize = 16 * 1024;

/// The face, ready to answer. Cheap to clone.
#[derive(Clone)]
pub struct FhirApi(Arc<Inner>);

struct Inner {
    chart: Chart,
    settings: Settings,
    callers: Callers,
    oauth: Arc<Server>,
    capabilities: Capabilities,
    /// Tells the requests of this process apart from those of another.
    process: u32,
    requests: AtomicU64,
}

impl FhirApi {
    /// A face on a door.
    pub fn new(api: Api) -> FhirApi {
        let mut chance = Stream::new(api.seed);
        let mut process = [0; 4];
        chance.fill(&mut process);
        FhirApi(Arc::new(Inner {
            chart: api.chart,
            settings: api.settings,
            callers: Callers::new(api.open, api.oauth.clone(), chance),
            oauth: api.oauth,
            capabilities: Capabilities::default(),
            process: u32::from_le_bytes(process),
            requests: AtomicU64::new(0),
        }))
    }

    /// Answers a request whose path is below the base, or begins with it. Never fails: what
    /// goes wrong inside is an answer too.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let request_id = self.0.request_id(&parts.headers);
        let wire = Wire {
            media: Media::FhirJson,
            pretty: false,
            coding: negotiate::coding(&parts.headers),
            is_head: parts.method == Method::HEAD,
            request_id: &request_id,
        };
        let (mut format, mut answered) = (None, None);
        let work = self.0.serve(&parts, body, &request_id, &mut format);
        let trouble = match tokio::time::timeout(self.0.settings.answer_patience, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(Ok(answer))) => {
                answered = Some(answer);
                None
            }
            Ok(Ok(Err(trouble))) => Some(trouble),
            Ok(Err(_panic)) => Some(Trouble { inside: Some("a panic, told on standard error".to_owned()), ..Trouble::inside() }),
            Err(_elapsed) => Some(Trouble::later(
                StatusCode::SERVICE_UNAVAILABLE,
                IssueCode::Timeout,
                10,
                "The answer took too long. A write may or may not have happened: read before you repeat it.",
            )),
        };
        let told = answered.as_ref().and_then(|answer: &Answer| answer.format);
        let wire = told.or(format).map_or(wire, |format| wire.with(format));
        // An answer in pieces makes them when they leave; a panic then ends the connection.
        let write_out = AssertUnwindSafe(|| match (answered, trouble) {
            (Some(answer), _) => write(answer, wire),
            (None, trouble) => write_trouble(trouble.unwrap_or_else(Trouble::inside), wire),
        });
        std::panic::catch_unwind(write_out).unwrap_or_else(|_| write_trouble(Trouble::inside(), Wire { coding: Coding::Identity, ..wire }))
    }

    pub(crate) fn chart(&self) -> &Chart {
        &self.0.chart
    }

    pub(crate) fn oauth(&self) -> &Arc<Server> {
        &self.0.oauth
    }

    /// The role of whoever asks, for addresses beside the API; none for whoever is not signed in.
    pub async fn role(&self, parts: &Parts) -> Option<Role> {
        let way = Way { method: parts.method.as_str(), path: parts.uri.path() };
        let caller = self.0.callers.caller(&self.0.chart, way, &parts.headers, parts.extensions.get(), parts.extensions.get().copied()).await.ok()?;
        // No scope speaks of what lies beside the API.
        caller.grant.is_none().then_some(caller.account.role)
    }
}

impl Inner {
    /// The caller's id for this request if it can stand in an outcome, else one of ours.
    fn request_id(&self, headers: &HeaderMap) -> String {
        let given = headers.get(crate::answer::X_REQUEST_ID).and_then(|line| line.to_str().ok()).filter(|text| is_id(text));
        match given {
            Some(text) => text.to_owned(),
            None => {
                let number = self.requests.fetch_add(1, Relaxed);
                let mut id = String::with_capacity(24);
                for (digits, number) in [(8, self.process as u64), (10, number)] {
                    if !id.is_empty() {
                        id.push('-');
                    }
                    id.extend((0..digits).rev().map(|digit| char::from(b"0123456789abcdef"[(number >> (digit * 4)) as usize & 15])));
                }
                id
            }
        }
    }

    async fn serve(&self, parts: &Parts, body: Body, request_id: &str, chosen: &mut Option<Format>) -> Result<Answer, Trouble> {
        let headers = &parts.headers;
        let query = parts.uri.query().unwrap_or_default();
        if parts.uri.path().len() + query.len() > ADDRESS_BYTES_MOST {
            return Err(Trouble::new(StatusCode::URI_TOO_LONG, IssueCode::TooLong, "The address is too long; search by POST to _search."));
        }
        let path = decoded_path(below(parts.uri.path(), &self.settings.base_path))?;
        let route = Route::parse(&path);
        let host = self.host(parts)?;
        if let Ok(Route::Metadata) = route {
            Route::Metadata.check(&parts.method)?;
            let parameters = Parameters::parse(query)?;
            let format = negotiate::format(headers, &parameters)?;
            negotiate::must_read_fhir(format)?;
            *chosen = Some(format);
            return self.capabilities.answer(&self.settings.base(host), &self.chart, &smart::addresses(&self.oauth), &parameters);
        }
        if let Ok(Route::SmartConfiguration | Route::OpenIdConfiguration) = route {
            Route::SmartConfiguration.check(&parts.method)?;
            *chosen = Some(Format { media: Media::Json, ..negotiate::format(headers, &Parameters::default())? });
            return Ok(smart::configuration(&self.oauth));
        }
        if let Ok(Route::OpenApi) = route {
            Route::OpenApi.check(&parts.method)?;
            *chosen = Some(Format { media: Media::Json, ..negotiate::format(headers, &Parameters::default())? });
            return Ok(openapi::answer(&self.settings.base(host)));
        }
        let arrival = parts.extensions.get::<Arrival>();
        let whole = format!("{}{}", self.settings.base_path, below(parts.uri.path(), &self.settings.base_path));
        let way = Way { method: parts.method.as_str(), path: &whole };
        let caller = self.callers.caller(&self.chart, way, headers, arrival, parts.extensions.get().copied()).await?;
        let caller = purpose::asked_for(caller, headers)?;
        let route = route?;
        route.check(&parts.method)?;
        let is_registered = arrival.is_some_and(|arrival| arrival.is_from_registered_origin);
        // A token is sent by a program that has it, never by a browser of its own accord.
        let is_ambient = caller.grant.is_none() && !is_registered;
        if !parts.method.is_safe() && is_ambient && headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site") {
            return Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::Security, "A page of another site may not write here."));
        }
        let parameters = if query.is_empty() { Parameters::default() } else { Parameters::parse(query)? };
        let format = match negotiate::format(headers, &parameters) {
            // The form is still to be read, and what it says overrules Accept: there all of it is judged.
            Err(_) if is_form(route) => Format::PLAIN,
            format => format?,
        };
        *chosen = Some(format);
        let prefer = prefer(headers);
        let mut asked = Asked { chart: &self.chart, settings: &self.settings, headers, parameters, query, format, prefer, caller: &caller, request_id, host, capabilities: &self.capabilities, oauth: &self.oauth, passed_over: Arc::default() };
        let passed_over = asked.passed_over.clone();
        let answer = match (route, &parts.method) {
            (Route::Instance(kind, id), &Method::GET | &Method::HEAD) => read::read(&asked, kind, id).await?,
            (Route::Version(kind, id, version), _) => vread::vread(&asked, kind, id, version).await?,
            // The rest is boxed, so that a read does not carry the size of a transaction.
            (route, _) => answered(&mut asked, route, &parts.method, body).await?,
        };
        let names = passed_over.lock().clone();
        Ok(answer.going_without(&names))
    }

    /// The host the caller named; none where the settings know the base.
    fn host<'p>(&self, parts: &'p Parts) -> Result<Option<&'p str>, Trouble> {
        if self.settings.base_url.is_some() && !self.callers.is_open() {
            return Ok(None);
        }
        let named = match parts.headers.get(HOST) {
            Some(header) => header.to_str().ok(),
            None => parts.uri.authority().map(|authority| authority.as_str()),
        };
        let host = named.filter(|host| is_host(host)).ok_or_else(|| Trouble::malformed(IssueCode::Value, "The Host header is missing or is no host.").at("http.Host"))?;
        if self.callers.is_open() && !is_loopback(host) {
            let message = "Without sign-in this server answers only to localhost.";
            return Err(Trouble::new(StatusCode::MISDIRECTED_REQUEST, IssueCode::Security, message).at("http.Host"));
        }
        Ok(Some(host))
    }
}

/// Answers at an address, once it is known who asks: a request, or an entry of a bundle that changes nothing.
pub(crate) fn answered<'a>(asked: &'a mut Asked<'_>, route: Route<'a>, method: &'a Method, body: Body) -> Doing<'a> {
    Box::pin(async move {
        let reads_what_is_there = match route {
            // A paper is content, as that of a Binary: the operation says what is read there.
            Route::Operation(operation, _) => operation.name == operation::paper::OPERATION.name,
            // The files of a job are asked for by their own names, which are not those of one resource.
            Route::JobFile(..) => jobs::takes_lines(asked.headers),
            route => is_form(route),
        };
        if !reads_what_is_there {
            negotiate::must_read_fhir(asked.format)?;
        }
        rest(asked, route, method, body).await
    })
}

/// True where the parameters, `_format` among them, may stand in the body.
fn is_form(route: Route<'_>) -> bool {
    matches!(route, Route::SystemSearch | Route::TypeSearch(_) | Route::CompartmentSearch(..))
}

async fn rest(asked: &mut Asked<'_>, route: Route<'_>, method: &Method, body: Body) -> Result<Answer, Trouble> {
    match (route, method.as_str()) {
        (Route::System, "POST") => bundle::bundle(asked, body).await,
        (Route::System, _) => search::search(asked, Among::System).await,
        (Route::SystemSearch, _) => search::search_by_form(asked, Among::System, body).await,
        (Route::SystemHistory, _) => history::history(asked, HistoryScope::System).await,
        (Route::Type(kind), "POST") => create::create(asked, kind, body).await,
        (Route::Type(kind), "PUT") => update::update_where(asked, kind, body).await,
        (Route::Type(kind), "PATCH") => patch::patch(asked, kind, None, body).await,
        (Route::Type(kind), "DELETE") => delete::delete(asked, kind, None).await,
        (Route::Type(kind), _) => search::search(asked, Among::Type(kind)).await,
        (Route::TypeSearch(kind), _) => search::search_by_form(asked, Among::Type(kind), body).await,
        (Route::Compartment(owner, id, kind), _) => search::search(asked, Among::Compartment(owner, id, kind)).await,
        (Route::CompartmentSearch(owner, id, kind), _) => search::search_by_form(asked, Among::Compartment(owner, id, kind), body).await,
        (Route::TypeHistory(kind), _) => history::history(asked, HistoryScope::Type(kind)).await,
        (Route::Metadata, _) => asked.capabilities.answer(&asked.base(), asked.chart, &smart::addresses(asked.oauth), &asked.parameters),
        (Route::Version(kind, id, version), _) => vread::vread(asked, kind, id, version).await,
        (Route::Instance(kind, id), "GET" | "HEAD") => read::read(asked, kind, id).await,
        (Route::Instance(kind, id), "PUT") => update::update(asked, kind, id, body).await,
        (Route::Instance(kind, id), "PATCH") => patch::patch(asked, kind, Some(id), body).await,
        (Route::Instance(kind, id), "DELETE") => delete::delete(asked, kind, Some(id)).await,
        (Route::InstanceHistory(kind, id), _) => history::history(asked, HistoryScope::Instance(kind, id)).await,
        (Route::Job(id), "DELETE") => jobs::end(asked, id),
        (Route::Job(id), _) => jobs::status(asked, id),
        (Route::JobFile(id, name), _) => jobs::file(asked, id, name).await,
        (Route::Operation(operation, place), "POST") => operation.call(asked, place, Some(body)).await,
        (Route::Operation(operation, place), _) => operation.call(asked, place, None).await,
        (route, _) => Err(Trouble::not_allowed(route.allow())),
    }
}

/// The path below the base, whether or not a router has already taken the base off.
fn below<'p>(path: &'p str, base_path: &str) -> &'p str {
    match path.strip_prefix(base_path) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Some senders escape the dollar sign. An escaped slash is never part of an address here.
pub(crate) fn decoded_path(path: &str) -> Result<Cow<'_, str>, Trouble> {
    if !path.contains('%') {
        return Ok(Cow::Borrowed(path));
    }
    let slashes = |text: &str| text.matches('/').count();
    let decoded = decode(path).filter(|decoded| slashes(decoded) == slashes(path));
    decoded.map(Cow::Owned).ok_or_else(|| Trouble::no_such_address("There is no such address in FHIR R4."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_taken_off_once() {
        for (path, expect) in [("/fhir/Patient/1", "/Patient/1"), ("/Patient/1", "/Patient/1"), ("/fhir", ""), ("/fhirx", "/fhirx"), ("/", "/")] {
            assert_eq!(below(path, "/fhir"), expect);
        }
        assert_eq!(decoded_path("/Patient/1/%24everything").unwrap(), "/Patient/1/$everything");
        assert!(decoded_path("/Patient%2F1").is_err());
        assert!(decoded_path("/Patient/%zz").is_err());
    }
}
