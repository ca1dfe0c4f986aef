//! The institution's key: under which one the store lies, another one, and its shares.
//!
//! Where keys lie and in what form is the command line's affair; here is what the record and its
//! journal must know of it.

use std::collections::BTreeMap;

use access::Caller;
use fhir::Moment;
use seal::{InstitutionKey, Share};
pub use store::KeyNames;

use crate::acts::SiteAct;
use crate::door::Chart;
use crate::error::Result;

impl Chart {
    /// Under which keys the store lies, by fingerprints.
    pub fn key_names(&self) -> KeyNames {
        self.store().key_names()
    }

    /// How many records' keys are wrapped under each institution key. Reads the whole keyring.
    pub fn wraps(&self, caller: &Caller) -> Result<BTreeMap<[u8; 8], u64>> {
        self.may_maintain(caller)?;
        Ok(self.store().wraps()?)
    }

    /// Turns to another institution key, which is kept outside already. The same one again changes nothing.
    pub fn begin_rotation(&self, caller: &Caller, key: &InstitutionKey) -> Result<()> {
        self.may_maintain(caller)?;
        let is_new = self.key_names().current != key.fingerprint();
        self.store().begin_rotation(key)?;
        if is_new {
            self.note_act(&caller.account, SiteAct::TurnKey, &hex(&key.fingerprint()), "")?;
        }
        Ok(())
    }

    /// Moves every wrap to the key in use; `progress` is told how many are done.
    pub fn move_wraps(&self, caller: &Caller, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        self.may_maintain(caller)?;
        Ok(self.store().move_wraps(progress)?)
    }

    /// Lets the older key open nothing any more.
    pub fn end_rotation(&self, caller: &Caller) -> Result<()> {
        self.may_maintain(caller)?;
        let Some(older) = self.key_names().older else { return Ok(()) };
        self.store().end_rotation()?;
        self.note_act(&caller.account, SiteAct::RetireKey, &hex(&older), "")?;
        Ok(())
    }

    /// Divides the institution's key into shares that say whose they are.
    pub fn divide_key(&self, caller: &Caller, key: &InstitutionKey) -> Result<Vec<Share>> {
        self.may_maintain(caller)?;
        let shares = self.store().shares_of(key);
        let set = shares.first().map(|share| hex(&share.set)).unwrap_or_default();
        self.note_act(&caller.account, SiteAct::Share, &hex(&key.fingerprint()), &format!("division {set}"))?;
        Ok(shares)
    }

    /// Notes, at most every ten minutes, that something outside of the store vouches for it now.
    pub fn note_anchored(&self) -> Result<()> {
        let before = self.store().note(ANCHORED)?;
        let (now, then) = (self.now(), before.as_deref().and_then(read_moment));
        if then.is_some_and(|then| (0..ANCHORED_EVERY_MS).contains(&(now.0 - then.0))) {
            return Ok(());
        }
        // Whoever was faster has noted the same.
        self.store().keep_note(ANCHORED, before.as_deref(), now.0.to_string().as_bytes())?;
        Ok(())
    }

    /// When something outside of the store last vouched for it, as far as it knows.
    pub fn last_anchored(&self) -> Result<Option<Moment>> {
        Ok(self.store().note(ANCHORED)?.as_deref().and_then(read_moment))
    }

    /// The newest time at which anything was written.
    pub fn newest_write(&self) -> Result<Moment> {
        Ok(self.store().newest_tick()?.moment())
    }
}

const ANCHORED: &str = "anchored";
const ANCHORED_EVERY_MS: i64 = 600_000;

fn read_moment(note: &[u8]) -> Option<Moment> {
    std::str::from_utf8(note).ok()?.parse().ok().map(Moment)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
