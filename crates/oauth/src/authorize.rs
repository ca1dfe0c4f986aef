//! From a program's question to a code: what is asked, what a person chooses and allows, and how the browser goes back.
//!
//! * Until program and address are known to belong together nobody is sent anywhere.
//! * A question waits ten minutes, a code one; each is used once.

use access::Rule;
use fhir::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Client;
use crate::encode::{self, once, with_parameters};
use crate::error::{Code, Refusal, Result};
use crate::pkce;
use crate::scope::{Scope, Scopes};
use crate::server::{Server, make_room};
use crate::token::Issued;

/// How long somebody may take to answer.
const WAITING_MS: i64 = 10 * 60_000;
/// How long a launch from a page may take to come back.
const LAUNCH_MS: i64 = 5 * 60_000;

/// A patient that was chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Patient {
    /// The number of the record.
    pub record: u64,
    /// The id of the Patient.
    pub id: String,
}

/// What was open or chosen when a program was started.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LaunchContext {
    /// The patient.
    pub patient: Option<Patient>,
    /// The id of the encounter.
    pub encounter: Option<String>,
}

impl LaunchContext {
    /// Writes it into what a program is told.
    pub(crate) fn write(&self, told: &mut Value) {
        if let Some(patient) = &self.patient {
            told["patient"] = patient.id.clone().into();
        }
        if let Some(encounter) = &self.encounter {
            told["encounter"] = encounter.clone().into();
        }
    }
}

/// A program somebody started from a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Launch {
    /// The program.
    pub client: String,
    /// Who started it: nobody else may go on.
    pub account: u64,
    /// What was open.
    pub context: LaunchContext,
    at: Moment,
}

/// A question that waits for an answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Waiting {
    /// Who asks.
    pub client: Client,
    /// For what.
    pub scopes: Scopes,
    /// The account that started it from a page.
    pub account: Option<u64>,
    /// What was open or chosen.
    pub context: LaunchContext,
    /// Where the browser goes back to.
    pub redirect_uri: String,
    state: String,
    challenge: String,
    nonce: Option<String>,
    thumbprint: Option<String>,
    at: Moment,
}

impl Waiting {
    /// True where a patient must be chosen before anybody can be asked.
    pub fn wants_patient(&self) -> bool {
        self.scopes.needs_patient() && self.context.patient.is_none()
    }
}

/// How a question began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Began {
    /// It waits under this handle.
    Waiting(String),
    /// The browser goes back with a refusal.
    Back(String),
    /// Nobody is sent anywhere: a page says why.
    Refused(Refusal),
}

/// What is asked, as far as it could be read; else why not.
struct Asked {
    scopes: Scopes,
    challenge: String,
    nonce: Option<String>,
    thumbprint: Option<String>,
    launch: Option<String>,
}

impl Server {
    /// A program asks. `understands` says whether a rule's search means something here.
    pub fn begin(&self, parameters: &[(String, String)], understands: &dyn Fn(&Rule) -> bool, now: Moment) -> Result<Began> {
        let refused = |message| Ok(Began::Refused(Refusal { code: Code::InvalidRequest, message }));
        let (Ok(id), Ok(redirect_uri), Ok(state)) = (once(parameters, "client_id"), once(parameters, "redirect_uri"), once(parameters, "state")) else {
            return refused("A parameter is there twice.");
        };
        let Some(client) = self.known(id.unwrap_or_default())? else { return refused("The program is not registered here, or nobody has approved it yet.") };
        let Some(redirect_uri) = redirect_uri.filter(|address| client.redirect_uris.iter().any(|own| own == address)) else {
            return refused("The address to come back to is not, letter by letter, one that the program has registered.");
        };
        let back = |refusal: Refusal| Ok(Began::Back(self.back_with(redirect_uri, state, refusal)));
        let Some(state) = state.filter(|state| state.len() <= 2000) else { return back(Refusal { code: Code::InvalidRequest, message: "state is there once, with 1 to 2000 bytes." }) };
        let asked = match self.asked(&client, parameters, understands) {
            Ok(asked) => asked,
            Err(refusal) => return back(refusal),
        };
        let mut memory = self.memory.lock();
        let launch = asked.launch.as_ref().and_then(|handle| memory.launches.remove(handle)).filter(|launch| launch.client == client.id && now.0 - launch.at.0 < LAUNCH_MS);
        if asked.launch.is_some() && launch.is_none() {
            drop(memory);
            return back(Refusal { code: Code::InvalidRequest, message: "launch is unknown, used, over, or another program's: start again from the page." });
        }
        make_room(&mut memory.waiting, |waiting| now.0 - waiting.at.0 >= WAITING_MS)?;
        let handle = encode::text(self.drawer.random::<24>());
        let (account, context) = launch.map_or((None, LaunchContext::default()), |launch| (Some(launch.account), launch.context));
        let waiting = Waiting { client: client.clone(), scopes: asked.scopes, account, context, redirect_uri: redirect_uri.to_owned(), state: state.to_owned(), challenge: asked.challenge, nonce: asked.nonce, thumbprint: asked.thumbprint, at: now };
        memory.waiting.insert(handle.clone(), waiting);
        Ok(Began::Waiting(handle))
    }

    fn asked(&self, client: &Client, parameters: &[(String, String)], understands: &dyn Fn(&Rule) -> bool) -> std::result::Result<Asked, Refusal> {
        let wrong = |code, message| Err(Refusal { code, message });
        let field = |name: &str| once(parameters, name).map_err(|()| Refusal { code: Code::InvalidRequest, message: "A parameter is there twice." });
        if field("request")?.is_some() {
            return wrong(Code::RequestNotSupported, "This server reads no requests as signed objects.");
        }
        if field("request_uri")?.is_some() {
            return wrong(Code::RequestUriNotSupported, "This server fetches no requests from elsewhere.");
        }
        if field("response_type")? != Some("code") {
            return wrong(Code::UnsupportedResponseType, "response_type is code.");
        }
        if field("response_mode")?.is_some_and(|mode| mode != "query") {
            return wrong(Code::InvalidRequest, "response_mode is query.");
        }
        if field("prompt")? == Some("none") {
            return wrong(Code::InteractionRequired, "Somebody is always asked.");
        }
        if field("aud")?.map(|aud| aud.trim_end_matches('/')) != Some(self.issuer()) {
            return wrong(Code::InvalidRequest, "aud is the base of this server's FHIR API.");
        }
        let challenge = field("code_challenge")?.filter(|challenge| pkce::is_challenge(challenge));
        let Some(challenge) = challenge.filter(|_| field("code_challenge_method") == Ok(Some("S256"))) else {
            return wrong(Code::InvalidRequest, "PKCE is required: code_challenge with code_challenge_method=S256.");
        };
        let nonce = field("nonce")?.map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > 2000) {
            return wrong(Code::InvalidRequest, "nonce has at most 2000 bytes.");
        }
        let thumbprint = field("dpop_jkt")?.map(str::to_owned);
        if thumbprint.as_ref().is_some_and(|text| encode::array::<32>(text).is_none()) {
            return wrong(Code::InvalidRequest, "dpop_jkt is the SHA-256 thumbprint of a key.");
        }
        let launch = field("launch")?.map(str::to_owned);
        let scope = field("scope")?.unwrap_or_default();
        if Scopes::are_too_many(scope) {
            return wrong(Code::InvalidScope, "scope names at most 200 scopes.");
        }
        let all = Scopes::parse(scope).within(&client.scopes());
        let scopes = all.filtered(|_, scope| match scope {
            // Nobody can allow in person what no person takes part in.
            Scope::Data(rule) => rule.reach != access::Reach::System && (rule.query.is_empty() || understands(rule)),
            Scope::Launch => launch.is_some(),
            _ => true,
        });
        if scopes.has_no_data() && !scopes.has(&Scope::OpenId) {
            return wrong(Code::InvalidScope, "None of the scopes can be given: they are misspelt, or more than the program is registered for.");
        }
        Ok(Asked { scopes, challenge: challenge.to_owned(), nonce, thumbprint, launch })
    }

    /// Where a refusal sends the browser. <https://www.rfc-editor.org/rfc/rfc9207>
    fn back_with(&self, redirect_uri: &str, state: Option<&str>, refusal: Refusal) -> String {
        let mut parameters = vec![("error", refusal.code.word()), ("error_description", refusal.message)];
        parameters.extend(state.map(|state| ("state", state)));
        parameters.push(("iss", self.issuer()));
        with_parameters(redirect_uri, &parameters)
    }

    /// The question of a handle, as long as it waits.
    pub fn waiting(&self, handle: &str, now: Moment) -> Option<Waiting> {
        self.memory.lock().waiting.get(handle).filter(|waiting| now.0 - waiting.at.0 < WAITING_MS).cloned()
    }

    /// Somebody chose a patient. False where the question does not wait any more, or was started with one.
    pub fn choose(&self, handle: &str, patient: Patient, now: Moment) -> bool {
        let mut memory = self.memory.lock();
        let waiting = memory.waiting.get_mut(handle).filter(|waiting| now.0 - waiting.at.0 < WAITING_MS && waiting.account.is_none());
        waiting.map(|waiting| waiting.context.patient = Some(patient)).is_some()
    }

    /// Somebody said no: where the browser goes.
    pub fn deny(&self, handle: &str, now: Moment) -> Option<String> {
        let waiting = self.take(handle, now)?;
        Some(self.back_with(&waiting.redirect_uri, Some(&waiting.state), Refusal { code: Code::AccessDenied, message: "Access was not given." }))
    }

    /// Somebody said yes to those scopes for which `keep` is true: where the browser goes.
    pub fn allow(&self, handle: &str, keep: impl Fn(usize) -> bool, account: u64, era: u64, now: Moment) -> Result<Option<String>> {
        let Some(waiting) = self.take(handle, now) else { return Ok(None) };
        let scopes = waiting.scopes.filtered(|place, _| keep(place));
        let denied = || self.back_with(&waiting.redirect_uri, Some(&waiting.state), Refusal { code: Code::AccessDenied, message: "Access was not given." });
        let is_anothers = waiting.account.is_some_and(|starter| starter != account);
        if is_anothers || (scopes.has_no_data() && !scopes.has(&Scope::OpenId)) || (scopes.needs_patient() && waiting.context.patient.is_none()) {
            return Ok(Some(denied()));
        }
        let mut context = waiting.context.clone();
        if !scopes.needs_patient() && !scopes.has(&Scope::Launch) {
            context = LaunchContext::default();
        }
        if !scopes.has(&Scope::LaunchEncounter) && !scopes.has(&Scope::Launch) {
            context.encounter = None;
        }
        let code = encode::text(self.drawer.random::<32>());
        let issued = Issued { client: waiting.client.id.clone(), redirect_uri: waiting.redirect_uri.clone(), challenge: waiting.challenge.clone(), scopes, context, account, era, nonce: waiting.nonce.clone(), thumbprint: waiting.thumbprint.clone(), at: now };
        let mut memory = self.memory.lock();
        make_room(&mut memory.codes, |issued| issued.is_over(now))?;
        memory.codes.insert(encode::sha256(code.as_bytes()), issued);
        Ok(Some(with_parameters(&waiting.redirect_uri, &[("code", &code), ("state", &waiting.state), ("iss", self.issuer())])))
    }

    fn take(&self, handle: &str, now: Moment) -> Option<Waiting> {
        self.memory.lock().waiting.remove(handle).filter(|waiting| now.0 - waiting.at.0 < WAITING_MS)
    }

    /// Somebody starts a program from a page: where the browser goes. None where the program cannot be started so.
    /// <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>
    pub fn launch(&self, client: &str, account: u64, context: LaunchContext, now: Moment) -> Result<Option<String>> {
        let Some(client) = self.known(client)? else { return Ok(None) };
        let Some(address) = &client.launch_uri else { return Ok(None) };
        let handle = encode::text(self.drawer.random::<24>());
        let mut memory = self.memory.lock();
        make_room(&mut memory.launches, |launch| now.0 - launch.at.0 >= LAUNCH_MS)?;
        memory.launches.insert(handle.clone(), Launch { client: client.id.clone(), account, context, at: now });
        Ok(Some(with_parameters(address, &[("iss", self.issuer()), ("launch", &handle)])))
    }
}
