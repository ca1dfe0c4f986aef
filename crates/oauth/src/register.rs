//! Who is registered, and how that changes: the sealed note `clients`.

use std::sync::Arc;

use fhir::Moment;

use crate::client::{self, Client, ClientKind, NewClient, Proof};
use crate::encode;
use crate::error::{Code, Error, Result, refused};
use crate::server::Server;

const NOTE: &str = "clients";
/// Programs a site may have.
const CLIENTS_MOST: usize = 1_000;
/// Programs that registered themselves and wait for somebody.
const WAITING_MOST: usize = 50;
/// A program for which nobody answered within this time is forgotten.
const WAITING_MS: i64 = 30 * fhir::date::DAY_MS;

/// A program that was registered, with what is told once.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The program.
    pub client: Client,
    /// Its secret, where it has one. Nobody will see it again.
    pub secret: Option<String>,
}

impl Server {
    /// Everything that is registered.
    pub fn clients(&self) -> Result<Arc<Vec<Client>>> {
        let mut held = self.clients.lock();
        if let Some(clients) = &*held {
            return Ok(clients.clone());
        }
        let clients = Arc::new(self.read_clients()?.1);
        *held = Some(clients.clone());
        Ok(clients)
    }

    /// The program of an identifier, approved or not.
    pub fn client(&self, id: &str) -> Result<Option<Client>> {
        Ok(self.clients()?.iter().find(|client| client.id == id).cloned())
    }

    /// True for the origin of a page of a program for which somebody answers.
    pub fn is_client_origin(&self, origin: &str) -> bool {
        self.clients().is_ok_and(|clients| clients.iter().filter(|client| client.approved).any(|client| client.origins().any(|own| own == origin)))
    }

    /// Registers a program. One that nobody answers for yet may do nothing until it is approved.
    pub fn register(&self, new: &NewClient, approved: bool, now: Moment) -> Result<Registration> {
        client::check(new)?;
        let (kind, secret) = match &new.proof {
            Proof::None => (ClientKind::Public, None),
            Proof::Secret => {
                let secret = encode::text(self.drawer.random::<32>());
                // 256 random bits: nothing is gained by a slow digest.
                (ClientKind::Secret(encode::text(encode::sha256(secret.as_bytes()))), Some(secret))
            }
            Proof::Keys(text) => (ClientKind::Keys(client::keys(text)?), None),
            Proof::KeysAt(address) => {
                self.check_keys_address(address)?;
                (ClientKind::KeysAt(address.clone()), None)
            }
        };
        let id = encode::text(self.drawer.random::<12>());
        let client = Client {
            id,
            name: new.name.clone(),
            kind,
            redirect_uris: new.redirect_uris.clone(),
            launch_uri: new.launch_uri.clone(),
            scopes: new.scopes.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
            login: new.login.clone(),
            introspects: new.introspects,
            bound: new.bound,
            approved,
            registered_at: now.0,
        };
        self.change_clients(|clients| {
            clients.retain(|client| client.approved || now.0 - client.registered_at < WAITING_MS);
            let waiting = clients.iter().filter(|client| !client.approved).count();
            if clients.len() >= CLIENTS_MOST || (!approved && waiting >= WAITING_MOST) {
                return refused(Code::TemporarilyUnavailable, "No more programs can be registered at the moment.");
            }
            clients.push(client.clone());
            Ok(())
        })?;
        Ok(Registration { client, secret })
    }

    /// Somebody answers for a program from now on. False if there is none.
    pub fn approve(&self, id: &str) -> Result<bool> {
        let mut found = false;
        self.change_clients(|clients| {
            for client in clients.iter_mut().filter(|client| client.id == id) {
                client.approved = true;
                found = true;
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Takes a program off; every token it holds is worth nothing from now on. False if there was none.
    pub fn remove(&self, id: &str) -> Result<bool> {
        let mut found = false;
        self.change_clients(|clients| {
            let before = clients.len();
            clients.retain(|client| client.id != id);
            found = clients.len() < before;
            Ok(())
        })?;
        Ok(found)
    }

    fn read_clients(&self) -> Result<(Option<Vec<u8>>, Vec<Client>)> {
        let Some(note) = self.drawer.note(NOTE)? else { return Ok((None, Vec::new())) };
        let clients = serde_json::from_slice(&note).map_err(|_| store::Error::Damaged("the registered programs could not be read"))?;
        Ok((Some(note), clients))
    }

    fn change_clients(&self, edit: impl FnOnce(&mut Vec<Client>) -> Result<()>) -> Result<()> {
        let mut held = self.clients.lock();
        let (before, mut clients) = self.read_clients()?;
        edit(&mut clients)?;
        let now = serde_json::to_vec(&clients).map_err(|_| store::Error::Damaged("the registered programs could not be written"))?;
        let is_kept = self.drawer.keep(NOTE, before.as_deref(), &now);
        *held = None;
        if is_kept? { Ok(()) } else { Err(Error::Busy) }
    }
}
