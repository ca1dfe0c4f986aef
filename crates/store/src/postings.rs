//! Postings: who was ever written with a term.
//!
//! * They lie in a list for each shard, in an order that looks like chance.
//! * One is the whole answer: whether a resource has a term needs one look-up, and mostly no read.
//! * A posting says nothing to whoever does not know its term.

use std::ops::ControlFlow;

use access::{Act, PermittedSet};
use seal::{BlockKey, BlockOpener};

use crate::engine::{Cursor, Space, Span};
use crate::error::Error;
use crate::layout;
use crate::read::{Location, Term};
use crate::store::Store;

/// One posting: a resource that had the term at some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Posting {
    /// Where it lies.
    pub location: Location,
    /// Seconds since 1970 of its clinical date; 0 where it has none.
    pub seconds: i64,
    /// The place in the list, for cursors.
    pub block: [u8; 16],
}

impl Posting {
    /// None where the key is none of a posting.
    fn read(key: &[u8], shard: u8, opener: &BlockOpener) -> Option<Posting> {
        let block = key.get(TOKEN_ENDS..).and_then(|block| <[u8; 16]>::try_from(block).ok())?;
        let (record, entry, seconds) = layout::read_posting_block(shard, opener.open(block));
        Some(Posting { location: Location { record, entry }, seconds, block })
    }
}

/// A term, to ask of resources that something else led to whether they have it too.
pub struct Probe {
    token: [u8; 10],
    key: BlockKey,
}

impl Probe {
    /// Where the posting of a resource that has the term lies.
    fn key_of(&self, location: Location, seconds: i64) -> [u8; 27] {
        let block = self.key.seal(layout::posting_block(location.record, location.entry, seconds));
        layout::posting_key(location.record.shard(), self.token, block)
    }
}

/// Where the shard and the token of a posting end, and its block begins.
const TOKEN_ENDS: usize = 11;
/// Resources asked about with one call to the engine.
const ASKED_AT_ONCE: usize = 256;

/// Reads the lists of many terms, one after the other, as they all were when it began.
pub struct Lists<'s> {
    store: &'s Store,
    cursor: Box<dyn Cursor + 's>,
}

impl Store {
    /// Visits the postings of a term in one shard that come after a place in the list.
    /// `set` says that an act over many records was decided before.
    pub fn postings(&self, set: &PermittedSet, term: Term<'_>, shard: u8, after: Option<[u8; 16]>, visit: &mut dyn FnMut(Posting) -> ControlFlow<()>) -> Result<(), Error> {
        may_read(set)?;
        let (token, key) = self.term(term);
        let opener = key.opener();
        let mut span = Span::prefix(list_of(shard, token));
        if let Some(after) = after {
            span.from = layout::posting_key(shard, token, after).to_vec();
        }
        self.data.scan(Space::Posting, &span, &mut |key, _| match Posting::read(key, shard, &opener) {
            Some(posting) if Some(posting.block) != after => visit(posting),
            _ => ControlFlow::Continue(()),
        })?;
        Ok(())
    }

    /// Begins to read the lists of many terms.
    /// `set` says that an act over many records was decided before.
    pub fn lists(&self, set: &PermittedSet) -> Result<Lists<'_>, Error> {
        may_read(set)?;
        Ok(Lists { store: self, cursor: self.data.jumps(Space::Posting)? })
    }

    /// Makes a term ready to be asked about.
    pub fn probe(&self, term: Term<'_>) -> Probe {
        let (token, key) = self.term(term);
        Probe { token, key }
    }

    /// Whether a resource was ever written with a term while it dated from these seconds (0 where it has no date).
    /// That is much less work than opening it, however many have the term.
    /// `set` says that an act over many records was decided before.
    pub fn had(&self, set: &PermittedSet, probe: &Probe, location: Location, seconds: i64) -> Result<bool, Error> {
        may_read(set)?;
        Ok(self.data.view(Space::Posting, &probe.key_of(location, seconds), &mut |_| {})?)
    }

    /// The same of many resources at once, which have no date: those that were ever written with the term, in their order.
    pub fn had_among(&self, set: &PermittedSet, probe: &Probe, locations: &[Location]) -> Result<Vec<Location>, Error> {
        may_read(set)?;
        let mut had = Vec::new();
        for some in locations.chunks(ASKED_AT_ONCE) {
            let keys: Vec<[u8; 27]> = some.iter().map(|location| probe.key_of(*location, 0)).collect();
            let keys: Vec<&[u8]> = keys.iter().map(<[u8; 27]>::as_slice).collect();
            let found = self.data.multi_get(Space::Posting, &keys)?;
            had.extend(some.iter().zip(found).filter(|(_, found)| found.is_some()).map(|(location, _)| *location));
        }
        Ok(had)
    }
}

impl Lists<'_> {
    /// Visits the postings of a term in one shard.
    pub fn of(&mut self, term: Term<'_>, shard: u8, visit: &mut dyn FnMut(Posting) -> ControlFlow<()>) -> Result<(), Error> {
        let (token, key) = self.store.term(term);
        let (list, opener) = (list_of(shard, token), key.opener());
        self.cursor.seek(&list);
        while let Some((key, _)) = self.cursor.next()? {
            if !key.starts_with(&list) {
                break;
            }
            if let Some(posting) = Posting::read(key, shard, &opener)
                && visit(posting).is_break()
            {
                break;
            }
        }
        Ok(())
    }
}

fn may_read(set: &PermittedSet) -> Result<(), Error> {
    if set.act() == Act::Maintain { Err(Error::NotCovered) } else { Ok(()) }
}

/// What the keys of a term's postings in a shard begin with.
fn list_of(shard: u8, token: [u8; 10]) -> [u8; TOKEN_ENDS] {
    let mut list = [0; TOKEN_ENDS];
    list.copy_from_slice(&layout::posting_key(shard, token, [0; 16])[..TOKEN_ENDS]);
    list
}
