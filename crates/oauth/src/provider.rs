//! Persons who sign in with an OpenID provider elsewhere: what is asked of it, and what its answer proves.
//!
//! * One provider, that of the configuration. Nothing is fetched from another origin than those listed,
//!   and a redirect is no answer.
//! * What the browser must bring back – state, nonce, verifier – lies in a cookie of that browser;
//!   nothing is kept here for those who never come back.
//! * A token is believed only when its signature is of a key of the provider, by an algorithm of the
//!   list, and it is meant for this site, for this sign-in, and not over.
//! * Nothing here knows an account.
//!
//! <https://openid.net/specs/openid-connect-core-1_0.html> · <https://www.rfc-editor.org/rfc/rfc9700>

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use fhir::Moment;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::encode;

/// What may sign; `none` and shared secrets may not.
const ALGORITHMS: [(&str, Algorithm); 5] = [("RS256", Algorithm::RS256), ("PS256", Algorithm::PS256), ("ES256", Algorithm::ES256), ("ES384", Algorithm::ES384), ("EdDSA", Algorithm::EdDSA)];
/// What the provider says of itself is asked for again after this time.
const KNOWN_MS: i64 = 3_600_000;
/// A key nobody knows makes us ask for the keys again, but not more often than this.
const AGAIN_MS: i64 = 60_000;
/// How far clocks may differ.
const SKEW_MS: i64 = 60_000;
/// How long somebody may take at the provider.
const ASKED_MS: i64 = 10 * 60_000;
/// The longest answer of a provider.
pub const PROVIDER_LONGEST: usize = 256 << 10;

/// What is sent to the provider.
#[derive(Clone, Debug)]
pub struct ProviderRequest {
    /// Where: always at a listed origin.
    pub address: String,
    /// The form that is posted; none to get.
    pub form: Option<String>,
    /// The name and secret of this site, where it has one.
    pub authorization: Option<String>,
}

/// An answer on its way: status and body, or in general words why there is none.
pub type ProviderAnswer<'a> = Pin<Box<dyn Future<Output = std::result::Result<(u16, Vec<u8>), &'static str>> + Send + 'a>>;

/// The way to a provider.
pub trait ProviderWire: Send + Sync + std::fmt::Debug {
    /// Sends it. A redirect is an answer like any other.
    fn send(&self, request: ProviderRequest) -> ProviderAnswer<'_>;
}

/// The provider, as the configuration says.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name, letter by letter as its tokens say.
    pub issuer: String,
    /// What people read on the button.
    pub name: String,
    /// Under which name it knows this site.
    pub client_id: String,
    /// The secret, where it gave one.
    pub secret: Option<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// A claim that must name a person's identifier, and the system of that identifier.
    pub identifier: Option<(String, String)>,
    /// Where browsers come back to.
    pub redirect_uri: String,
    /// Origins besides the issuer's from which keys and tokens may come.
    pub origins: Vec<String>,
}

/// Why somebody could not be let in. None of it says who.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProviderTrouble {
    /// It could not be reached, or answered something else than a provider does.
    #[error("the provider could not be asked: {0}")]
    Unreachable(&'static str),
    /// What it says of itself is not what the configuration says of it.
    #[error("the provider is not the one of the configuration: {0}")]
    Unlike(&'static str),
    /// The browser brings back something that was not asked, or too late.
    #[error("what came back was not asked for: {0}")]
    Unasked(&'static str),
    /// The provider said no, or somebody there did.
    #[error("the provider let nobody in")]
    Denied,
    /// Its token proves nothing.
    #[error("the token of the provider proves nothing: {0}")]
    Unproved(&'static str),
}

/// What the browser takes along and must bring back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProviderErrand {
    /// For the cookie: nobody else needs it.
    pub cookie: String,
    /// Where the browser is sent.
    pub address: String,
}

/// Who came, by the word of the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvedPerson {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// The system and value of the identifier it names, where one is asked for.
    pub identifier: Option<(String, String)>,
    /// Where the person wanted to go.
    pub back: String,
    /// When they proved themselves to the provider, where it says so.
    pub signed_in_at: Option<Moment>,
}

/// What the provider says of itself.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

struct Known {
    metadata: Metadata,
    keys: JwkSet,
    at: Moment,
    keys_at: Moment,
}

/// A provider that persons may sign in with.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    wire: Arc<dyn ProviderWire>,
    known: Mutex<Option<Arc<Known>>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// A provider and the way to it. Nothing is asked of it until somebody wants to sign in.
    pub fn new(settings: ProviderSettings, wire: Arc<dyn ProviderWire>) -> Provider {
        Provider { settings, wire, known: Mutex::default() }
    }

    /// What people read on the button.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Begins a sign-in: `chance` is new for each, `back` where the person wants to go.
    ///
    /// # Errors
    /// Where the provider cannot be asked, or is not the one of the configuration.
    pub async fn begin(&self, chance: &[u8; 96], back: &str, now: Moment) -> Result<ProviderErrand, ProviderTrouble> {
        self.begin_as(chance, back, false, now).await
    }

    /// The same, where the person must prove themselves to the provider anew, whoever is signed in there.
    ///
    /// # Errors
    /// Where the provider cannot be asked how.
    pub async fn begin_fresh(&self, chance: &[u8; 96], back: &str, now: Moment) -> Result<ProviderErrand, ProviderTrouble> {
        self.begin_as(chance, back, true, now).await
    }

    async fn begin_as(&self, chance: &[u8; 96], back: &str, is_fresh: bool, now: Moment) -> Result<ProviderErrand, ProviderTrouble> {
        let known = self.known(now).await?;
        let [state, nonce, verifier] = [0, 32, 64].map(|from| encode::text(&chance[from..from + 32]));
        let mut address = Url::parse(&known.metadata.authorization_endpoint).map_err(|_| ProviderTrouble::Unlike("its authorization_endpoint is no address"))?;
        let scope = std::iter::once("openid").chain(self.settings.scopes.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &encode::text(encode::sha256(verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256");
        if is_fresh {
            // Section 3.1.2.1 of OpenID Connect Core: asked anew, and told when.
            address.query_pairs_mut().append_pair("prompt", "login").append_pair("max_age", "0");
        }
        Ok(ProviderErrand { cookie: format!("{state}.{nonce}.{verifier}.{}.{}", now.0, encode::text(back)), address: address.into() })
    }

    /// Ends it: what the browser brought back, with its cookie.
    ///
    /// # Errors
    /// Where any of it does not prove who came.
    pub async fn finish(&self, cookie: &str, parameters: &[(String, String)], now: Moment) -> Result<ProvedPerson, ProviderTrouble> {
        use ProviderTrouble::{Denied, Unasked};
        let parts: Vec<&str> = cookie.split('.').collect();
        let [state, nonce, verifier, asked_at, back] = parts[..] else { return Err(Unasked("this browser asked nothing")) };
        let asked_at: i64 = asked_at.parse().map_err(|_| Unasked("this browser asked nothing"))?;
        if !(0..ASKED_MS).contains(&(now.0 - asked_at)) {
            return Err(Unasked("it took too long"));
        }
        let once = |name| encode::once(parameters, name).map_err(|()| Unasked("a parameter is there twice"));
        if !once("state")?.is_some_and(|brought| !state.is_empty() && encode::is_same(brought.as_bytes(), state.as_bytes())) {
            return Err(Unasked("the state is another one"));
        }
        // RFC 9207: who answers says so; another provider's answer is not for us.
        if once("iss")?.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Unasked("another provider answered"));
        }
        if once("error")?.is_some() {
            return Err(Denied);
        }
        let code = once("code")?.ok_or(Unasked("there is no code"))?;
        let token = self.exchange(code, verifier, now).await?;
        let claims = self.believe(&token, nonce, now).await?;
        let back = encode::bytes(back).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        Ok(ProvedPerson { issuer: self.settings.issuer.clone(), back, ..claims })
    }

    async fn exchange(&self, code: &str, verifier: &str, now: Moment) -> Result<String, ProviderTrouble> {
        let known = self.known(now).await?;
        // RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let authorization = self.settings.secret.as_ref().map(|secret| {
            let mut header = "Basic ".to_owned();
            fhir::base64::encode(format!("{}:{}", encoded(&self.settings.client_id), encoded(secret)).as_bytes(), &mut header);
            header
        });
        let form = self.form(code, verifier, authorization.is_none());
        let body = self.ask(ProviderRequest { address: known.metadata.token_endpoint.clone(), form: Some(form), authorization }).await?;
        let tokens: Tokens = serde_json::from_slice(&body).map_err(|_| ProviderTrouble::Unproved("there is no id_token"))?;
        Ok(tokens.id_token)
    }

    fn form(&self, code: &str, verifier: &str, names_itself: bool) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code").append_pair("code", code).append_pair("redirect_uri", &self.settings.redirect_uri).append_pair("code_verifier", verifier);
        if names_itself {
            form.append_pair("client_id", &self.settings.client_id);
        }
        form.finish()
    }

    /// Section 3.1.3.7 of OpenID Connect Core.
    async fn believe(&self, token: &str, nonce: &str, now: Moment) -> Result<ProvedPerson, ProviderTrouble> {
        use ProviderTrouble::Unproved;
        let header: Value = token.split('.').next().and_then(encode::bytes).and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(Unproved("it is no signed JWT"))?;
        let named = header["alg"].as_str().unwrap_or_default();
        let algorithm = ALGORITHMS.iter().find(|(name, _)| *name == named).map(|(_, algorithm)| *algorithm).ok_or(Unproved("its algorithm is not on the list"))?;
        if !header["crit"].is_null() {
            return Err(Unproved("it names conditions nobody here knows"));
        }
        let key = self.key(header["kid"].as_str(), now).await?;
        let mut validation = Validation::new(algorithm);
        // The times and names are looked at below, with the clock of the door.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(|_| Unproved("its signature is wrong"))?.claims;
        let text = |name: &str| claims[name].as_str().unwrap_or_default();
        if text("iss") != self.settings.issuer {
            return Err(Unproved("it is of another issuer"));
        }
        let audiences: Vec<&str> = match &claims["aud"] {
            Value::String(one) => vec![one],
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let client = self.settings.client_id.as_str();
        let party = claims["azp"].as_str();
        if !audiences.contains(&client) || (audiences.len() > 1 && party != Some(client)) || party.is_some_and(|party| party != client) {
            return Err(Unproved("it is meant for somebody else"));
        }
        let seconds = |name: &str| claims[name].as_f64().map(|seconds| (seconds * 1000.0) as i64);
        if seconds("exp").is_none_or(|exp| exp.saturating_add(SKEW_MS) <= now.0) {
            return Err(Unproved("it is over"));
        }
        if seconds("iat").is_none_or(|iat| iat > now.0.saturating_add(SKEW_MS)) || seconds("nbf").is_some_and(|nbf| nbf > now.0.saturating_add(SKEW_MS)) {
            return Err(Unproved("it is of the future"));
        }
        if nonce.is_empty() || !encode::is_same(text("nonce").as_bytes(), nonce.as_bytes()) {
            return Err(Unproved("it is of another sign-in"));
        }
        let subject = text("sub");
        if subject.is_empty() || subject.len() > 255 {
            return Err(Unproved("it names nobody"));
        }
        let identifier = match &self.settings.identifier {
            None => None,
            Some((claim, system)) => {
                let value = text(claim).trim();
                if value.is_empty() || value.len() > 255 {
                    return Err(Unproved("it lacks the claim that names the person"));
                }
                Some((system.clone(), value.to_owned()))
            }
        };
        Ok(ProvedPerson { issuer: String::new(), subject: subject.to_owned(), identifier, back: String::new(), signed_in_at: seconds("auth_time").map(Moment) })
    }

    /// The key of a name; where nobody knows it the keys are asked for again, now and then.
    async fn key(&self, kid: Option<&str>, now: Moment) -> Result<DecodingKey, ProviderTrouble> {
        let found = |keys: &JwkSet| match kid {
            Some(kid) => keys.find(kid).cloned(),
            // Section 10.1: without a name there may be one key only.
            None => if let [only] = keys.keys.as_slice() { Some(only.clone()) } else { None },
        };
        let known = self.known(now).await?;
        let key = match found(&known.keys) {
            Some(key) => Some(key),
            None if now.0 - known.keys_at.0 >= AGAIN_MS => {
                let keys = self.fetch_keys(&known.metadata.jwks_uri).await?;
                let key = found(&keys);
                let metadata = Metadata { issuer: known.metadata.issuer.clone(), authorization_endpoint: known.metadata.authorization_endpoint.clone(), token_endpoint: known.metadata.token_endpoint.clone(), jwks_uri: known.metadata.jwks_uri.clone() };
                *self.known.lock() = Some(Arc::new(Known { metadata, keys, at: known.at, keys_at: now }));
                key
            }
            None => None,
        };
        let key = key.ok_or(ProviderTrouble::Unproved("nobody knows its key"))?;
        DecodingKey::from_jwk(&key).map_err(|_| ProviderTrouble::Unproved("its key cannot be used"))
    }

    async fn known(&self, now: Moment) -> Result<Arc<Known>, ProviderTrouble> {
        if let Some(known) = self.known.lock().clone().filter(|known| (0..KNOWN_MS).contains(&(now.0 - known.at.0))) {
            return Ok(known);
        }
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let body = self.ask(ProviderRequest { address, form: None, authorization: None }).await?;
        let metadata: Metadata = serde_json::from_slice(&body).map_err(|_| ProviderTrouble::Unreachable("it does not say where it gives tokens"))?;
        // Section 4.3 of OpenID Connect Discovery: letter by letter.
        if metadata.issuer != self.settings.issuer {
            return Err(ProviderTrouble::Unlike("it calls itself otherwise"));
        }
        for address in [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri] {
            if !self.is_listed(address) {
                return Err(ProviderTrouble::Unlike("an address of it lies at an origin that is not listed"));
            }
        }
        let keys = self.fetch_keys(&metadata.jwks_uri).await?;
        let known = Arc::new(Known { metadata, keys, at: now, keys_at: now });
        *self.known.lock() = Some(known.clone());
        Ok(known)
    }

    async fn fetch_keys(&self, address: &str) -> Result<JwkSet, ProviderTrouble> {
        let body = self.ask(ProviderRequest { address: address.to_owned(), form: None, authorization: None }).await?;
        // Keys of kinds we do not know stand beside those we do.
        let all: Value = serde_json::from_slice(&body).map_err(|_| ProviderTrouble::Unreachable("its keys are no JWKS"))?;
        let keys = all["keys"].as_array().into_iter().flatten().filter(|key| key["use"].as_str().is_none_or(|usage| usage == "sig")).filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
        Ok(JwkSet { keys })
    }

    async fn ask(&self, request: ProviderRequest) -> Result<Vec<u8>, ProviderTrouble> {
        if !self.is_listed(&request.address) {
            return Err(ProviderTrouble::Unlike("an address of it lies at an origin that is not listed"));
        }
        let is_exchange = request.form.is_some();
        match self.wire.send(request).await.map_err(ProviderTrouble::Unreachable)? {
            (200, body) => Ok(body),
            (400..=499, _) if is_exchange => Err(ProviderTrouble::Denied),
            (300..=399, _) => Err(ProviderTrouble::Unreachable("it sends elsewhere, and nobody follows")),
            _ => Err(ProviderTrouble::Unreachable("it answered with a failure")),
        }
    }

    fn is_listed(&self, address: &str) -> bool {
        let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
        let Some(wanted) = origin(address) else { return false };
        std::iter::once(&self.settings.issuer).chain(&self.settings.origins).any(|listed| origin(listed) == Some(wanted.clone()))
    }
}
