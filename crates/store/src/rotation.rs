//! Another institution key for a store, while it is in use.
//!
//! First the key of the site is wrapped under the new key, then new records take it, then every wrap
//! moves. Until the last has moved both keys are needed; nothing of the records themselves is written.

use std::collections::BTreeMap;

use seal::{InstitutionKey, Share};

use crate::engine::Engine;
use crate::error::Error;
use crate::keyring::{self, keep_site_key};
use crate::store::Store;

/// Under which keys a store lies, by fingerprints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyNames {
    /// The site: it stays when the institution's key is changed.
    pub site: [u8; 8],
    /// The institution's key in use.
    pub current: [u8; 8],
    /// The one whose wraps are being moved.
    pub older: Option<[u8; 8]>,
    /// False for a store of the first release: its site has no key of its own but the first
    /// institution key, which opens everything but the records for ever.
    pub is_apart: bool,
}

impl Store {
    /// True if the keyring can be opened with this key.
    pub fn is_known(keyring: &dyn Engine, key: &InstitutionKey) -> Result<bool, Error> {
        keyring::is_known(keyring, key)
    }

    /// Under which keys it lies.
    pub fn key_names(&self) -> KeyNames {
        let (current, older) = self.keys.named();
        let site = self.site.fingerprint();
        KeyNames { site, current, older, is_apart: self.is_apart }
    }

    /// How many records' keys are wrapped under each institution key. Reads the whole keyring.
    pub fn wraps(&self) -> Result<BTreeMap<[u8; 8], u64>, Error> {
        self.keys.holders()
    }

    /// Turns to another institution key: new records are wrapped under it from now on. Whoever calls
    /// has kept it where it outlives a crash. The same key again is no error.
    pub fn begin_rotation(&self, key: &InstitutionKey) -> Result<(), Error> {
        let (current, older) = self.keys.named();
        if older.is_some() && current != key.fingerprint() {
            return Err(Error::Rotating);
        }
        keep_site_key(&**self.keys.engine(), key, &self.site, &self.chances)?;
        self.keys.turn_to(key)
    }

    /// Moves every wrap to the key in use; `progress` is told how many are done. Others read and write meanwhile.
    pub fn move_wraps(&self, progress: &mut dyn FnMut(u64)) -> Result<u64, Error> {
        self.keys.move_wraps(&self.chances, progress)
    }

    /// Forgets the older key; an error while anything is wrapped under it.
    pub fn end_rotation(&self) -> Result<(), Error> {
        self.keys.retire()
    }

    /// Divides a key of this site into shares.
    pub fn shares_of(&self, key: &InstitutionKey) -> Vec<Share> {
        self.chances.with(|chance| key.shares(self.site.fingerprint(), chance))
    }

    /// What only a holder of the site's key can put under a text that is kept outside the store.
    pub fn tag(&self, text: &[u8]) -> [u8; 16] {
        self.site.tag(text)
    }
}
