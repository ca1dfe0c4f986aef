//! Keys of programs that lie elsewhere: a program registers the address of its JWKS in place of the keys.
//!
//! * Only addresses at origins that the operator listed are asked, and only the one that was registered; a redirect
//!   is an answer without keys.
//! * What was fetched is good for ten minutes, and for an hour where nothing newer can be had. A name
//!   of a key that is not there is looked for again, twice a minute at most.

use std::sync::Arc;

use fhir::Moment;
use jsonwebtoken::jwk::JwkSet;
use url::{Host, Url};

use crate::assertion;
use crate::client::{self, ClientKind};
use crate::encode::once;
use crate::error::{Code, Refusal};
use crate::provider::{ProviderRequest, ProviderWire};
use crate::server::Server;
use crate::token::Presented;

/// How long keys are good.
const GOOD_MS: i64 = 10 * 60_000;
/// How long they are used where nothing newer can be had.
const LAST_MS: i64 = 60 * 60_000;
/// How soon they are asked for again.
const AGAIN_MS: i64 = 30_000;
/// The longest JWKS.
const LONGEST_BYTES: usize = 64 * 1024;
/// Addresses remembered at once.
const REMEMBERED_MOST: usize = 1_000;

/// Who may be asked for keys, and the way there.
#[derive(Clone, Debug)]
pub struct KeySources {
    /// Origins, as `https://app.example`.
    pub origins: Vec<String>,
    /// The way to them.
    pub wire: Arc<dyn ProviderWire>,
}

/// What came of asking an address.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// The keys that came last, and when.
    keys: Option<(Arc<JwkSet>, Moment)>,
    /// When it was asked last.
    asked_at: Moment,
}

impl Server {
    /// The server, where keys of programs may be fetched.
    pub fn with_key_sources(self, sources: KeySources) -> Server {
        Server { sources: Some(sources), ..self }
    }

    /// What is wrong with the address of keys.
    pub(crate) fn check_keys_address(&self, address: &str) -> Result<(), Refusal> {
        let wrong = |message| Err(Refusal { code: Code::InvalidClientMetadata, message });
        let Ok(url) = Url::parse(address) else { return wrong("jwks_uri is a whole address, as https://app.example/jwks.json.") };
        let is_this_machine = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if address.len() > 500 || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() || !(url.scheme() == "https" || (url.scheme() == "http" && is_this_machine)) {
            return wrong("jwks_uri begins with https (http only for this machine) and has no fragment, no user name and at most 500 bytes.");
        }
        if !self.is_listed(&url) {
            return wrong("jwks_uri lies at an origin that this server does not ask for keys: an operator lists it in `key_sources`, or the program sends `jwks`.");
        }
        Ok(())
    }

    fn is_listed(&self, url: &Url) -> bool {
        let own = url.origin();
        self.sources.as_ref().is_some_and(|sources| sources.origins.iter().any(|origin| Url::parse(origin).is_ok_and(|listed| listed.origin() == own)))
    }

    /// Fetches the keys that the proof of a request needs, where they lie elsewhere and are not known.
    /// What comes of it is seen when the request is looked at.
    pub async fn look_for_keys(&self, presented: &Presented<'_>, now: Moment) {
        let Some(address) = self.address_of_keys(presented, now) else { return };
        let Some(sources) = self.sources.clone().filter(|_| self.check_keys_address(&address).is_ok()) else { return };
        let answer = sources.wire.send(ProviderRequest { address: address.clone(), form: None, authorization: None }).await;
        let keys = match answer {
            Ok((200, body)) if body.len() <= LONGEST_BYTES => client::fetched_keys(&body),
            _ => None,
        };
        if keys.is_none() {
            // The address names nobody but a program; even so, it is not told.
            tracing::warn!("the keys of a program could not be fetched from its jwks_uri");
        }
        let mut memory = self.memory.lock();
        if memory.fetched.len() >= REMEMBERED_MOST {
            memory.fetched.retain(|_, fetched| now.0 - fetched.asked_at.0 < GOOD_MS);
        }
        if memory.fetched.len() < REMEMBERED_MOST || memory.fetched.contains_key(&address) {
            let before = memory.fetched.get(&address).and_then(|fetched| fetched.keys.clone());
            memory.fetched.insert(address, Fetched { keys: keys.map(|keys| (Arc::new(keys), now)).or(before), asked_at: now });
        }
    }

    /// Where keys are to be asked for now; none where that is not needed, or was done a moment ago.
    fn address_of_keys(&self, presented: &Presented<'_>, now: Moment) -> Option<String> {
        let assertion = once(presented.form, "client_assertion").ok()??;
        let client = self.known(&assertion::claimed_client(assertion)?).ok()??;
        let ClientKind::KeysAt(address) = &client.kind else { return None };
        let kid = assertion::claimed_key(assertion);
        let memory = self.memory.lock();
        let is_known = match memory.fetched.get(address) {
            None => false,
            Some(fetched) => {
                let holds = |keys: &JwkSet| kid.as_ref().is_some_and(|kid| keys.find(kid).is_some());
                let is_good = fetched.keys.as_ref().is_some_and(|(keys, at)| now.0 - at.0 < GOOD_MS && holds(keys));
                is_good || now.0 - fetched.asked_at.0 < AGAIN_MS
            }
        };
        (!is_known).then(|| address.clone())
    }

    /// The keys at an address, as far as they are known.
    pub(crate) fn keys_at(&self, address: &str, now: Moment) -> Option<Arc<JwkSet>> {
        self.memory.lock().fetched.get(address)?.keys.as_ref().filter(|(_, at)| now.0 - at.0 < LAST_MS).map(|(keys, _)| keys.clone())
    }
}
