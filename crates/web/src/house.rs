//! What all pages share: the door, the sessions, who is calling, and how a page leaves.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use access::{Arrival, Role, Urgency};
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use parking_lot::Mutex;
use seal::Chance;
use tokio::sync::Semaphore;

use crate::assets;
use crate::browser::Browser;
use crate::door::Door;
use crate::frame::{Frame, SignedInAs};
use crate::pages::{account, accounts, activate, address, agreements, authorize, certificate, consents, coverage, fault, find, forms, glass, language, launch, new_password, openings, overdue, papers, passkeys, pdf, person, programs, provider, questions, register, same, second_factor, sending, sign_in, signing, trust, unusual, vaccine_event, verify};
use crate::session::{self, Entry, Sessions, Stage};
use crate::voice::Voice;
use crate::words::Language;

/// What the binary hands to the pages.
pub struct Web {
    /// The record's door.
    pub chart: chart::Chart,
    /// Who gives programs their codes; the API has the same one.
    pub oauth: Arc<oauth::Server>,
    /// Where session ids come from.
    pub chance: Box<dyn Chance + Send>,
    /// How the pages behave.
    pub settings: Settings,
}

/// How the pages behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The language of a visitor who asks for none that we speak.
    pub language: Language,
    /// Minutes east of UTC of the institution's clock.
    pub zone_offset_minutes: i16,
    /// True where pages are only served over TLS: cookies are then bound to it.
    pub is_secure: bool,
    /// A session ends after so many minutes without a request.
    pub idle_minutes: u32,
    /// What carries codes to persons; without it none are sent.
    pub post: Option<Arc<dyn chart::Post>>,
    /// A provider with which persons may sign in.
    pub provider: Option<Arc<oauth::Provider>>,
    /// In which algorithm the keys of staff sign documents.
    pub signature_algorithm: attest::Algorithm,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { language: Language::English, zone_offset_minutes: 0, is_secure: false, idle_minutes: 15, post: None, provider: None, signature_algorithm: attest::Algorithm::Es256 }
    }
}

/// The pages over the real door.
pub fn router(web: Web) -> Router {
    router_of(web.chart, web.oauth, web.chance, web.settings)
}

/// The pages over any door.
pub fn router_of(door: impl Door, oauth: Arc<oauth::Server>, chance: Box<dyn Chance + Send>, settings: Settings) -> Router {
    let house = Arc::new(House { door: Arc::new(door), oauth, sessions: Sessions::new(settings.idle_minutes), chance: Mutex::new(chance), settings, at_the_door: Arc::new(Semaphore::new(2)), begun: Mutex::default() });
    Router::new()
        .route("/", get(find::home))
        .route("/find", get(find::again).post(find::search))
        .route("/register", get(register::page).post(register::act))
        .route("/sign-in", get(sign_in::page).post(sign_in::act))
        .route("/sign-in/code", get(second_factor::code_page).post(second_factor::code))
        .route("/sign-in/passkey", post(passkeys::sign_in))
        .route("/sign-in/provider", get(provider::begin))
        .route("/sign-in/provider/back", get(provider::back))
        .route("/sign-in/provider/link", post(provider::link))
        .route("/sign-in/activate", get(activate::page).post(activate::act))
        .route("/sign-in/forgotten", get(new_password::forgotten_page).post(new_password::forgotten))
        .route("/sign-in/new-password", get(new_password::page).post(new_password::act))
        .route("/sign-out", post(sign_in::out))
        .route("/account", get(account::page))
        .route("/account/end", post(account::end))
        .route("/account/password", post(account::password))
        .route("/account/contact", post(account::contact))
        .route("/account/factor-off", post(account::factor_off))
        .route("/account/signing-key", post(account::signing_key))
        .route("/account/passkeys", get(passkeys::page).post(passkeys::act))
        .route("/account/provider", post(provider::act))
        .route("/account/provider/link", post(provider::begin_link))
        .route("/account/provider/confirm", get(provider::confirm_page))
        .route("/account/programs", get(consents::page).post(consents::act))
        .route("/account/recovery", get(second_factor::recovery).post(second_factor::kept))
        .route("/account/second-factor", get(second_factor::page).post(second_factor::act))
        .route("/accounts", get(accounts::page).post(accounts::act))
        .route("/authorize", get(authorize::begin))
        .route("/authorize/{handle}", get(authorize::page).post(authorize::act))
        .route("/programs", get(programs::page).post(programs::act))
        .route("/unusual", get(unusual::page).post(unusual::act))
        .route("/agreements", get(agreements::page).post(agreements::act))
        .route("/questions", get(questions::page).post(questions::act))
        .route("/overdue", get(overdue::choose))
        .route("/overdue/{id}", get(overdue::list))
        .route("/language", post(language::switch))
        .route("/person/{id}", get(person::overview))
        .route("/person/{id}/launch", post(launch::act))
        .route("/person/{id}/timeline", get(person::timeline))
        .route("/person/{id}/vaccinations", get(person::vaccinations))
        .route("/person/{id}/vaccinations/certificate", get(certificate::page).post(certificate::take_back))
        .route("/person/{id}/vaccinations/file", get(certificate::file))
        .route("/person/{id}/vaccinations/event", get(vaccine_event::page).post(vaccine_event::act))
        .route("/.well-known/jwks.json", get(certificate::keys))
        .route("/.well-known/crl/{file}", get(certificate::revoked))
        .route("/verify", get(verify::page).post(verify::ask))
        .route("/verify/card", get(verify::card_page).post(verify::card))
        .route("/verify/authority", get(verify::authority))
        .route("/verify/authority.pem", get(verify::authority_file))
        .route("/verify/{code}", get(verify::paper).post(verify::detail))
        .route("/person/{id}/card", get(person::card))
        .route("/person/{id}/openings", get(openings::page))
        .route("/person/{id}/openings/question", post(openings::question))
        .route("/person/{id}/openings/answer", post(openings::answer))
        .route("/person/{id}/forms", get(forms::list).post(forms::begin))
        // A long form is longer than anything else that is typed here.
        .route("/person/{id}/forms/{response}", get(forms::page).post(forms::act).layer(DefaultBodyLimit::max(512 * 1024)))
        .route("/person/{id}/forms/{response}/send", get(sending::page).post(sending::act))
        .route("/person/{id}/forms/{response}/sign", get(signing::page).post(signing::act))
        .route("/person/{id}/forms/{response}/version/{version}", get(signing::version))
        .route("/person/{id}/forms/{response}/pdf", get(pdf::document))
        .route("/person/{id}/forms/{response}/version/{version}/pdf", get(pdf::version))
        .route("/person/{id}/forms/{response}/evidence/{version}", get(signing::evidence))
        .route("/person/{id}/forms/{response}/papers", get(papers::page).post(papers::act))
        .route("/person/{id}/forms/{response}/papers/{number}", get(papers::print))
        .route("/person/{id}/forms/{response}/papers/{number}/pdf", get(pdf::paper))
        .route("/person/{id}/glass", get(glass::page).post(glass::act))
        .route("/person/{id}/glass/mend", post(glass::mend))
        .route("/glass", get(glass::queue).post(glass::answer))
        .route("/person/{id}/same", get(same::page))
        .route("/person/{id}/same/{other}", get(same::compare).post(same::merge))
        .route("/duplicates", get(same::queue))
        .route("/person/{id}/same/{other}/apart", post(same::apart))
        .route("/person/{id}/same/{other}/undo", post(same::undo))
        .route("/person/{id}/same/{other}/later", get(same::later).post(same::assign))
        .route("/person/{id}/address", get(address::page).post(address::act))
        .route("/person/{id}/coverage", get(coverage::page).post(coverage::act))
        .route("/person/{id}/trust", get(trust::page).post(trust::act))
        .route("/person/{id}/trust/slip", get(trust::slip).post(trust::slip_done))
        .route("/person/{id}/{list}", get(person::list))
        .route("/person/{id}/document/{kind}/{document}", get(person::document))
        .route("/assets/{digest}/{name}", get(asset))
        .fallback(fault::nothing_here)
        .layer(DefaultBodyLimit::max(16 * 1024))
        .layer(middleware::from_fn(guard))
        .with_state(house)
}

async fn asset(axum::extract::Path((digest, name)): axum::extract::Path<(String, String)>, headers: HeaderMap) -> Response {
    assets::answer(&digest, &name, &headers)
}

/// What the handlers share.
pub struct House {
    /// The record's door.
    pub door: Arc<dyn Door>,
    /// Who gives programs their codes.
    pub oauth: Arc<oauth::Server>,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Where ids come from.
    pub chance: Mutex<Box<dyn Chance + Send>>,
    /// How the pages behave.
    pub settings: Settings,
    /// A password costs tens of milliseconds of a core: two at a time leave room for care.
    pub at_the_door: Arc<Semaphore>,
    /// How often each form was begun since the server started, by its address: the used ones are offered first.
    pub begun: Mutex<HashMap<String, u32>>,
}

/// The name of the cookie of a session; over TLS it is bound to this very host.
pub fn session_cookie(settings: &Settings) -> &'static str {
    if settings.is_secure { "__Host-carnet" } else { "carnet" }
}

/// The name of the cookie that proves a form of somebody not signed in.
pub const DOOR_COOKIE: &str = "carnet_door";
/// The name of the cookie of a language somebody chose.
pub const LANGUAGE_COOKIE: &str = "carnet_language";

/// A cookie that ends with the browser, unseen by script and by other sites.
pub fn cookie(settings: &Settings, name: &str, value: &str) -> HeaderValue {
    let secure = if settings.is_secure { "; Secure" } else { "" };
    let ended = if value.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{ended}")).unwrap_or(HeaderValue::from_static(""))
}

/// The value of a cookie.
pub fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Anybody who asks for a page, signed in or not.
pub struct Visitor {
    /// The house.
    pub house: Arc<House>,
    /// How pages speak to them.
    pub voice: Voice,
    /// Path and query of the request, for coming back.
    pub path: String,
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The session, if there is one.
    pub session: Option<(String, Entry)>,
    /// The session of somebody who still owes a second factor.
    pub pending: Option<(String, Entry)>,
    /// Where the request comes from, as far as anybody knows.
    pub from: Option<IpAddr>,
}

impl FromRequestParts<Arc<House>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Visitor, Response> {
        let now = house.door.now();
        let id = cookie_of(&parts.headers, session_cookie(&house.settings));
        let found = id.and_then(|id| Some((id.to_owned(), standing_session(house, id, now)?)));
        let (session, pending) = match found {
            Some((id, entry)) if entry.stage == Stage::Whole => (Some((id, entry)), None),
            other => (None, other),
        };
        if let (Some(arrival), Some((_, entry))) = (parts.extensions.get::<Arrival>(), session.as_ref().or(pending.as_ref())) {
            arrival.take(&entry.caller.account).map_err(|seconds| {
                let mut response = refusal(StatusCode::TOO_MANY_REQUESTS);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            })?;
        }
        // What is opened in a window of its own, and no picture, file or script of it.
        let is_window = parts.method == Method::GET && parts.headers.get("sec-fetch-dest").is_none_or(|wanted| wanted == "document");
        if let Some((id, _)) = session.as_ref().filter(|_| is_window && parts.uri.path().starts_with("/person/")) {
            house.sessions.remember_place(id, parts.uri.path());
        }
        let chosen = cookie_of(&parts.headers, LANGUAGE_COOKIE).and_then(Language::of_code);
        let of_account = session.as_ref().and_then(|(_, entry)| Language::of_code(&entry.caller.account.language));
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Language::accepted);
        let language = chosen.or(of_account).or(accepted).unwrap_or(house.settings.language);
        // A form's own address is no place to come back to by GET.
        let path = match parts.uri.path() {
            "/sign-out" | "/language" => "/".to_owned(),
            // What a provider sends back stays in no page.
            "/sign-in/passkey" | "/sign-in/provider" | "/sign-in/provider/back" | "/sign-in/provider/link" => "/sign-in".to_owned(),
            "/account/end" | "/account/password" | "/account/contact" | "/account/factor-off" | "/account/signing-key" => "/account".to_owned(),
            _ => parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        };
        Ok(Visitor { house: house.clone(), voice: Voice { language, zone_offset_minutes: house.settings.zone_offset_minutes }, path, headers: parts.headers.clone(), session, pending, from: parts.extensions.get().copied() })
    }
}

/// A session that is alive and whose account may still be used as it was when the session began.
/// Asked on every request, so that a block or a new password counts on the next one.
fn standing_session(house: &House, id: &str, now: fhir::Moment) -> Option<Entry> {
    let entry = house.sessions.find(id, now)?;
    match house.door.gate().standing(entry.caller.account.number) {
        Ok(era) if era == Some(entry.era) => Some(entry),
        Ok(_) => {
            house.sessions.close(id);
            None
        }
        Err(error) => {
            tracing::error!(%error, "whether an account may be used could not be read");
            None
        }
    }
}

impl Visitor {
    /// The only page for somebody who still owes a second factor.
    pub fn next_step(&self) -> &'static str {
        match &self.pending {
            Some((_, entry)) if entry.stage == Stage::Enrolment => "/account/second-factor",
            Some((_, entry)) if entry.stage == Stage::Passkey => "/account/passkeys",
            Some(_) => "/sign-in/code",
            None => "/",
        }
    }

    /// The session, whole or not.
    pub fn any_session(&self) -> Option<&(String, Entry)> {
        self.session.as_ref().or(self.pending.as_ref())
    }

    /// The page of an act that is over for want of a passkey: whoever has one comes with it, whoever has none
    /// adds one first. None where the site wants none of this account.
    pub fn wants_passkey(&self, signed_in: &chart::SignedIn) -> Option<Result<Response, chart::Error>> {
        let gate = self.house.door.gate();
        if !gate.owes_passkey(&signed_in.account) {
            return None;
        }
        Some(gate.passkeys(signed_in.account.number).map(|passkeys| match passkeys.is_empty() {
            true => self.begin_session(signed_in.clone(), Stage::Passkey, Redirect::to("/account/passkeys").into_response()),
            false => crate::pages::sign_in::again(self, StatusCode::FORBIDDEN, self.voice.say("sign-in-passkey-only"), signed_in.account.login.clone(), "/".to_owned()),
        }))
    }

    /// Opens a session in place of the one there is; the answer sends its cookie.
    pub fn begin_session(&self, signed_in: chart::SignedIn, stage: Stage, response: Response) -> Response {
        let id = self.open_session(signed_in, stage);
        self.with_session(&id, response)
    }

    /// Opens a session in place of the one there is, and says its id.
    pub fn open_session(&self, signed_in: chart::SignedIn, stage: Stage) -> String {
        if let Some((id, _)) = self.any_session() {
            self.house.sessions.close(id);
        }
        let browser = Browser::of(self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default());
        let house = &self.house;
        house.sessions.open(signed_in, stage, browser, house.door.now(), house.chance.lock().as_mut())
    }

    /// An answer that sends the cookie of a new session and takes back that of the door.
    pub fn with_session(&self, id: &str, mut response: Response) -> Response {
        let settings = &self.house.settings;
        for (name, value) in [(session_cookie(settings), id), (DOOR_COOKIE, "")] {
            response.headers_mut().append(header::SET_COOKIE, cookie(settings, name, value));
        }
        response
    }

    /// Does something at the gate that takes its time; two at once leave room for care.
    pub async fn at_the_gate<T: Send + 'static>(&self, act: impl FnOnce(&chart::Chart) -> chart::Result<T> + Send + 'static) -> Result<T, Response> {
        let Ok(permit) = self.house.at_the_door.clone().acquire_owned().await else { return Err(fault::show(self, fault::Fault::Failed)) };
        let door = self.house.door.clone();
        // It goes on where the browser has gone away, and keeps its place until it ends.
        let acted = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            act(door.gate())
        });
        match acted.await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(fault::of_error(self, &error)),
            Err(_) => Err(fault::show(self, fault::Fault::Failed)),
        }
    }

    /// The address of this site as its visitor typed it.
    pub fn site(&self) -> String {
        let scheme = if self.house.settings.is_secure { "https" } else { "http" };
        let host = self.headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        format!("{scheme}://{host}")
    }

    /// The frame of a page. A visitor without a session gets the proof of the door's cookie.
    pub fn frame(&self, door_token: &str) -> Frame {
        let signed_in = self.session.as_ref().map(|(_, entry)| SignedInAs { display: entry.caller.account.display.clone(), institution: entry.caller.account.institution.clone(), token: entry.token.clone(), keeps_accounts: accounts::keeps(&entry.caller.account), keeps_programs: programs::keeps(&entry.caller.account), breaks_glass: access::may_break_glass(&entry.caller), reviews_glass: entry.caller.account.role == access::Role::PrivacyOfficer, is_person: entry.caller.account.role == Role::Person, keeps_watch: entry.caller.account.role == Role::PrivacyOfficer, receives_persons: entry.caller.account.role.receives_persons(), merges: access::may_merge(&entry.caller), registers: access::may_register(&entry.caller), recalls: access::may_recall(&entry.caller), reads_forms: entry.caller.account.role == Role::Person || forms::may_write(entry.caller.account.role) });
        let token = self.any_session().map_or_else(|| door_token.to_owned(), |(_, entry)| entry.token.clone());
        Frame { voice: self.voice, path: self.path.clone(), token, signed_in, acts_for: false, is_copy: false }
    }

    /// The proof a form must carry: the session's, else the one in the door's cookie.
    pub fn expected_token(&self) -> &str {
        self.any_session().map_or_else(|| cookie_of(&self.headers, DOOR_COOKIE).unwrap_or_default(), |(_, entry)| entry.token.as_str())
    }

    /// True where a form carries its proof.
    pub fn proves(&self, form: &HashMap<String, String>) -> bool {
        session::is_same(form.get("token").map_or("", String::as_str), self.expected_token())
    }

    /// A page for somebody who may not be signed in; it brings the door's cookie if need be.
    pub fn show_at_door<T: Template>(&self, status: StatusCode, page: impl FnOnce(Frame) -> T) -> Response {
        if self.any_session().is_some() {
            return show(status, &page(self.frame("")));
        }
        let held = cookie_of(&self.headers, DOOR_COOKIE).filter(|token| token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).map(str::to_owned);
        let is_new = held.is_none();
        let token = held.unwrap_or_else(|| session::random_hex(self.house.chance.lock().as_mut()));
        let mut response = show(status, &page(self.frame(&token)));
        if is_new {
            response.headers_mut().append(header::SET_COOKIE, cookie(&self.house.settings, DOOR_COOKIE, &token));
        }
        response
    }
}

/// Somebody who is signed in. Everybody else is sent to the door, and comes back to the page.
pub struct Reader {
    /// The visitor.
    pub visitor: Visitor,
    /// Id of the session.
    pub session: String,
    /// What it holds.
    pub entry: Entry,
}

impl FromRequestParts<Arc<House>> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Reader, Response> {
        let visitor = Visitor::from_request_parts(parts, house).await?;
        match visitor.session.clone() {
            Some((session, entry)) => Ok(Reader { visitor, session, entry }),
            None if visitor.pending.is_some() => Err(Redirect::to(visitor.next_step()).into_response()),
            None => {
                let is_page = parts.method == Method::GET && ["/person/", "/authorize/"].iter().any(|start| parts.uri.path().starts_with(start));
                let back = if is_page { format!("/sign-in?back={}", parts.uri.path()) } else { "/sign-in".to_owned() };
                Err(Redirect::to(&back).into_response())
            }
        }
    }
}

impl Reader {
    /// The frame of a page.
    pub fn frame(&self) -> Frame {
        self.visitor.frame("")
    }

    /// Now.
    pub fn now(&self) -> fhir::Moment {
        self.visitor.house.door.now()
    }
}

/// A page on its way out.
pub fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// How urgent a request for a page is; none for what is served without looking into a record.
pub fn urgency(method: &Method, path: &str) -> Option<Urgency> {
    let mut steps = path.split('/').skip(1);
    match (steps.next(), steps.nth(1)) {
        (Some("assets"), _) => None,
        // What somebody at a bedside sees first.
        (Some("person"), None) if method.is_safe() => Some(Urgency::Emergency),
        _ => Some(Urgency::Read),
    }
}

/// What somebody reads who is refused before their language is known: all of them.
pub fn refusal(status: StatusCode) -> Response {
    let key = if status == StatusCode::TOO_MANY_REQUESTS { "refused-too-often" } else { "refused-busy" };
    let said = Language::ALL.map(|language| Voice { language, zone_offset_minutes: 0 }.say(key));
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], said.join("\n\n") + "\n").into_response()
}

/// What browsers may do with our pages: nothing but show them, and tell us when something tried more.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; report-uri /csp-report";

/// The page of a form that is filled in: its script saves it here while somebody types.
#[derive(Clone, Copy)]
pub struct FormPage;

/// Where the answer to a form of this page may send a browser besides our own pages: an origin, or
/// the scheme of an application, as a content security policy writes it.
#[derive(Clone)]
pub struct FormTarget(pub String);

/// Refuses forms from elsewhere, sets the headers of every answer, compresses pages.
async fn guard(request: Request, next: Next) -> Response {
    let takes_gzip = assets::accepts_gzip(request.headers());
    let is_foreign = request.method() == Method::POST && !is_our_own(request.headers());
    let response = if is_foreign { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await };
    let target = response.extensions().get::<FormTarget>().cloned();
    let saves = response.extensions().get::<FormPage>().is_some();
    let mut response = compress(response, takes_gzip).await;
    let fields = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex, nofollow"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ] {
        fields.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(policy) = target.and_then(|FormTarget(target)| HeaderValue::try_from(POLICY.replace("form-action 'self'", &format!("form-action 'self' {target}"))).ok()) {
        fields.insert(HeaderName::from_static("content-security-policy"), policy);
    }
    if let Some(policy) = saves.then(|| HeaderValue::try_from(POLICY.replace("img-src", "connect-src 'self'; img-src")).ok()).flatten() {
        fields.insert(HeaderName::from_static("content-security-policy"), policy);
    }
    // A shared machine must not keep a page about a person.
    fields.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// True unless a browser says that another site made it send this: by `Sec-Fetch-Site`, or in
/// older browsers by an `Origin` that is not the host that was asked.
fn is_our_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(header::HOST)),
        (None, None) => true,
    }
}

/// Tokens in a compressed page could be guessed by its length if others could make a browser send
/// words into it; a strict cookie and the check above leave nobody who could.
async fn compress(response: Response, takes_gzip: bool) -> Response {
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if !takes_gzip || !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Cookie"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(assets::gzip(&bytes, 4)))
}


#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_the_most_urgent_page_and_assets_wait_for_nobody() {
        for (method, path, expect) in [
            (Method::GET, "/person/a", Some(Urgency::Emergency)),
            (Method::GET, "/person/a/timeline", Some(Urgency::Read)),
            (Method::POST, "/find", Some(Urgency::Read)),
            (Method::GET, "/", Some(Urgency::Read)),
            (Method::GET, "/assets/1/carnet.css", None),
        ] {
            assert_eq!(urgency(&method, path), expect, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_refusal_speaks_all_languages() {
        for (status, word) in [(StatusCode::SERVICE_UNAVAILABLE, "lát nữa"), (StatusCode::TOO_MANY_REQUESTS, "demasiadas")] {
            let response = refusal(status);
            assert_eq!(response.status(), status);
            let bytes = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            assert!(text.contains(word) && text.split("\n\n").count() == 4 && !text.contains("refused-"), "{text}");
        }
    }
}
