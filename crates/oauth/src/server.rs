//! The server: what it remembers, and what lies sealed below it.

use std::collections::HashMap;
use std::sync::Arc;

use fhir::Moment;
use parking_lot::Mutex;
use store::Drawer;

use crate::authorize::{Launch, Waiting};
use crate::binding::UsedProofs;
use crate::client::Client;
use crate::error::{Code, Refusal, Result};
use crate::family::Family;
use crate::fetched::{Fetched, KeySources};
use crate::key::SigningKey;
use crate::token::Issued;

/// Requests, codes and launches of each kind that are remembered at once; far more than a site has.
const REMEMBERED_MOST: usize = 20_000;

/// The authorization server of a site. One for all faces.
pub struct Server {
    pub(crate) drawer: Drawer,
    pub(crate) addresses: Addresses,
    pub(crate) memory: Mutex<Memory>,
    /// What lies in notes, read once: this process is the only one that holds the store.
    pub(crate) clients: Mutex<Option<Arc<Vec<Client>>>>,
    pub(crate) families: Mutex<HashMap<u64, Arc<Vec<Family>>>>,
    pub(crate) key: Mutex<Option<Arc<SigningKey>>>,
    pub(crate) began: Moment,
    /// Who may be asked for the keys of programs; nobody where there is none.
    pub(crate) sources: Option<KeySources>,
}

/// Where things are, as programs are told.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The base of the API, which also names this server.
    pub issuer: String,
    /// The same without the path.
    pub origin: String,
}

/// What is forgotten when the process ends: nothing that lives longer than ten minutes.
#[derive(Default)]
pub(crate) struct Memory {
    pub waiting: HashMap<String, Waiting>,
    pub launches: HashMap<String, Launch>,
    pub codes: HashMap<[u8; 32], Issued>,
    /// Codes that were used, and which family came of them.
    pub spent: HashMap<[u8; 32], Spent>,
    /// Families of programs that work without a person.
    pub machines: HashMap<[u8; 16], Arc<Family>>,
    /// Assertions that were used, with the moment from which they are worth nothing anyway.
    pub assertions: HashMap<[u8; 32], Moment>,
    /// Proofs of keys that were used.
    pub proofs: UsedProofs,
    /// Keys of programs that were fetched.
    pub fetched: HashMap<String, Fetched>,
}

/// A code that was used, or is being used.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub account: u64,
    /// The family that comes of it, whether or not it is written yet.
    pub family: [u8; 16],
    pub at: Moment,
    /// Somebody brought it a second time: nothing may come of it.
    pub is_brought_again: bool,
}

impl Server {
    /// A server over its sealed notes, for an API at `base_url` (as `https://record.example/fhir`).
    /// `now` is the moment at which the process begins.
    pub fn new(drawer: Drawer, base_url: &str, now: Moment) -> Server {
        let issuer = base_url.trim_end_matches('/').to_owned();
        let origin = issuer.find("://").and_then(|scheme| issuer[scheme + 3..].find('/').map(|slash| issuer[..scheme + 3 + slash].to_owned())).unwrap_or_else(|| issuer.clone());
        Server { drawer, addresses: Addresses { issuer, origin }, memory: Mutex::default(), clients: Mutex::default(), families: Mutex::default(), key: Mutex::default(), began: now, sources: None }
    }

    /// The name of this server, which is the base of the API.
    pub fn issuer(&self) -> &str {
        &self.addresses.issuer
    }

    /// Where people are asked.
    pub fn authorization_endpoint(&self) -> String {
        format!("{}/authorize", self.addresses.origin)
    }

    /// Where codes become tokens.
    pub fn token_endpoint(&self) -> String {
        self.endpoint("token")
    }

    /// The address of one of the endpoints for programs.
    pub fn endpoint(&self, name: &str) -> String {
        format!("{}/oauth/{name}", self.addresses.origin)
    }
}

/// Makes room for one more, or says that there is none.
pub(crate) fn make_room<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, is_over: impl Fn(&V) -> bool) -> Result<()> {
    if map.len() < REMEMBERED_MOST {
        return Ok(());
    }
    map.retain(|_, one| !is_over(one));
    if map.len() < REMEMBERED_MOST {
        return Ok(());
    }
    Err(Refusal { code: Code::TemporarilyUnavailable, message: "Too many at once; try again in a minute." }.into())
}
