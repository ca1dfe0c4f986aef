//! The keys with which this site opens what others seal for it: sealed in the store, the newest first.
//!
//! Older ones stay, so that what is on its way still opens.

use anyhow::{Context, Result, bail};
use seal::{ReceivingKey, Stream};
use store::Drawer;
use zeroize::Zeroizing;

/// The room of the drawer.
pub const RECEIVING_ROOM: &str = "receiving";
const KEYS: &str = "keys";
/// Keys kept at most.
const MOST: usize = 20;
const TRIES: usize = 4;

/// All keys, the newest first; none where nobody has asked for one.
pub fn keys(drawer: &Drawer) -> Result<Vec<ReceivingKey>> {
    read(drawer.note(KEYS)?.map(Zeroizing::new).as_ref())
}

/// The newest key. One is made where there is none, or where another one is wanted.
pub fn key(drawer: &Drawer, wants_new: bool) -> Result<ReceivingKey> {
    for _ in 0..TRIES {
        let before = drawer.note(KEYS)?.map(Zeroizing::new);
        let mut all = read(before.as_ref())?;
        if !all.is_empty() && !wants_new {
            return Ok(all.swap_remove(0));
        }
        all.insert(0, ReceivingKey::new(&mut Stream::new(drawer.random())));
        all.truncate(MOST);
        let now: Zeroizing<Vec<u8>> = Zeroizing::new(all.iter().flat_map(|key| **key.expose()).collect());
        if drawer.keep(KEYS, before.as_ref().map(|note| note.as_slice()), &now)? {
            return Ok(all.swap_remove(0));
        }
    }
    bail!("others keep changing the keys; try again in a moment")
}

fn read(note: Option<&Zeroizing<Vec<u8>>>) -> Result<Vec<ReceivingKey>> {
    let Some(note) = note else { return Ok(Vec::new()) };
    let (keys, rest) = note.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(store::Error::Damaged("the keys for what others send could not be read")).context("nothing can be opened or told");
    }
    Ok(keys.iter().map(|key| ReceivingKey::of_bytes(Zeroizing::new(*key))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_one_key_until_it_wants_another_and_the_older_ones_stay() {
        let drawer = testkit::clinic().chart.drawer(RECEIVING_ROOM);
        assert!(keys(&drawer).unwrap().is_empty());
        let first = key(&drawer, false).unwrap().receiver();
        assert_eq!(key(&drawer, false).unwrap().receiver(), first);
        let second = key(&drawer, true).unwrap().receiver();
        assert_eq!(keys(&drawer).unwrap().iter().map(ReceivingKey::receiver).collect::<Vec<_>>(), [second, first]);
        for _ in 0..MOST {
            key(&drawer, true).unwrap();
        }
        assert_eq!(keys(&drawer).unwrap().len(), MOST);
    }
}
