//! Looking at many resources one after the other.
//!
//! * Whoever goes through them in the order in which they lie reads neighbours together.
//! * All of it sees one state: the one of the moment in which it began.

use std::sync::Arc;

use access::Permitted;
use fhir::{RecordId, ResourceType};
use seal::Sealer;

use crate::engine::{Cursor, Space, Span};
use crate::entry::EntryRef;
use crate::error::Error;
use crate::layout::EntryKey;
use crate::read::{Location, covers, open};
use crate::store::Store;
use crate::tick::Tick;

/// One look after the other, all at the same state of the store.
pub struct Browse<'s> {
    store: &'s Store,
    cursor: Box<dyn Cursor + 's>,
    /// What opens the record that was looked at last.
    sealer: Option<(RecordId, Arc<Sealer>)>,
    buffer: Vec<u8>,
}

impl Store {
    /// Begins to look at many resources.
    pub fn browse(&self) -> Result<Browse<'_>, Error> {
        Ok(Browse { store: self, cursor: self.data.cursor(Space::Record, &Span::all())?, sealer: None, buffer: Vec::new() })
    }
}

impl Browse<'_> {
    /// The number of a resource's newest version, a tombstone's too, which is read off its place and
    /// not opened; none where there is no such resource.
    pub fn newest_version(&mut self, permitted: &Permitted, kind: ResourceType, at: Location) -> Result<Option<u32>, Error> {
        covers(permitted, at.record)?;
        let wanted = EntryKey { record: at.record, token: self.store.token(at.record, kind), entry: at.entry, version: u32::MAX };
        if !permitted.residual().is_none() {
            let sealer = self.sealer(at.record)?;
            return Ok(self.store.shown_versions(&sealer, wanted, permitted.residual())?.first().copied());
        }
        self.cursor.seek(&wanted.bytes());
        let found = self.cursor.next()?.and_then(|(key, _)| EntryKey::read(key));
        Ok(found.filter(|found| found.entry_prefix() == wanted.entry_prefix()).map(|found| found.version))
    }

    /// Shows the version of a resource that was newest at a moment, and the number of the newest one
    /// there is. False if there was none.
    pub fn as_of(&mut self, permitted: &Permitted, kind: ResourceType, at: Location, moment: Tick, see: &mut dyn FnMut(EntryRef<'_>, u32)) -> Result<bool, Error> {
        covers(permitted, at.record)?;
        let sealer = self.sealer(at.record)?;
        let wanted = EntryKey { record: at.record, token: self.store.token(at.record, kind), entry: at.entry, version: u32::MAX };
        let shown = match permitted.residual() {
            residual if residual.is_none() => None,
            residual => Some(self.store.shown_versions(&sealer, wanted, residual)?),
        };
        self.cursor.seek(&wanted.bytes());
        let mut newest = None;
        while let Some((key, value)) = self.cursor.next()? {
            let Some(found) = EntryKey::read(key).filter(|found| found.entry_prefix() == wanted.entry_prefix()) else { break };
            let newest = *newest.get_or_insert(found.version);
            let entry = open(&sealer, key, value, &mut self.buffer)?;
            if entry.tick <= moment {
                let is_shown = shown.as_ref().is_none_or(|shown| shown.contains(&entry.version));
                if is_shown {
                    see(entry, newest);
                }
                return Ok(is_shown);
            }
        }
        Ok(false)
    }

    fn sealer(&mut self, record: RecordId) -> Result<Arc<Sealer>, Error> {
        match &self.sealer {
            Some((last, sealer)) if *last == record => Ok(sealer.clone()),
            _ => {
                let sealer = self.store.keys.sealer(record)?;
                self.sealer = Some((record, sealer.clone()));
                Ok(sealer)
            }
        }
    }
}
