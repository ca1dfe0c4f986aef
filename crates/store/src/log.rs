//! The log of a shard: what each commit wrote, newest first, and who opened a record.

use std::ops::ControlFlow;

use access::{Permitted, PermittedSet};
use fhir::{RecordId, ResourceType};

use crate::engine::{Space, Span};
use crate::error::Error;
use crate::layout;
use crate::read::{Location, covers};
use crate::store::Store;
use crate::tick::Tick;
use crate::write::{LINE_LENGTH, VERSIONS};

/// What one commit wrote in one shard.
#[derive(Clone, Debug, Default)]
pub struct CommitLine {
    /// When.
    pub at: Tick,
    /// Which versions, in the order they were written. Empty for openings.
    pub versions: Vec<VersionLine>,
    /// The place in the log, for cursors.
    pub key: Vec<u8>,
}

/// A version a commit wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionLine {
    /// The type.
    pub kind: ResourceType,
    /// Where it lies.
    pub location: Location,
    /// From 1.
    pub version: u32,
}

/// Who opened a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpeningLine {
    /// When.
    pub at: Tick,
    /// Which account.
    pub account: u64,
    /// In which session.
    pub session: u64,
    /// HL7's code of the purpose.
    pub purpose: String,
}

impl Store {
    /// Visits the commits of a shard, newest first, from before a place in the log.
    pub(crate) fn commits_back(&self, shard: u8, before: Option<&[u8]>, visit: &mut dyn FnMut(CommitLine) -> ControlFlow<()>) -> Result<(), Error> {
        let mut span = Span::prefix([shard, layout::COMMIT]);
        if let Some(before) = before {
            span.to = Some(before.to_vec());
        }
        let mut outcome = Ok(());
        self.data.scan_back(Space::Log, &span, &mut |key, sealed| {
            // An opening of a record whose second byte is 1 lies in between; its key is longer.
            let Some(at) = layout::commit_line_time(key) else { return ControlFlow::Continue(()) };
            match self.read_line(key, at, sealed) {
                Ok(line) => visit(line),
                Err(cause) => {
                    outcome = Err(cause);
                    ControlFlow::Break(())
                }
            }
        })?;
        outcome
    }

    /// Visits what was written in a shard, newest commit first, from before a place in its log.
    /// `set` says that an act over many records was decided before.
    pub fn history(&self, _set: &PermittedSet, shard: u8, before: Option<&[u8]>, visit: &mut dyn FnMut(CommitLine) -> ControlFlow<()>) -> Result<(), Error> {
        self.commits_back(shard, before, visit)
    }

    pub(crate) fn read_line(&self, key: &[u8], at: Tick, sealed: &[u8]) -> Result<CommitLine, Error> {
        let plain = self.lines.open(key, sealed)?;
        let mut line = CommitLine { at, versions: Vec::new(), key: key.to_vec() };
        let [VERSIONS, versions @ ..] = plain.as_slice() else { return Ok(line) };
        for version in versions.chunks(LINE_LENGTH) {
            let kind = version.get(8..10).and_then(|kind| ResourceType::from_number(layout::number(kind) as u16));
            let (Some(kind), LINE_LENGTH) = (kind, version.len()) else {
                return Err(Error::Damaged("a line of the log could not be read"));
            };
            let record = RecordId(layout::number(&version[..8]));
            let location = Location { record, entry: layout::number(&version[10..14]) as u32 };
            line.versions.push(VersionLine { kind, location, version: layout::number(&version[14..]) as u32 });
        }
        Ok(line)
    }

    /// Who opened a record, newest first, at most so many.
    pub fn openings(&self, permitted: &Permitted, record: RecordId, limit: usize) -> Result<Vec<OpeningLine>, Error> {
        covers(permitted, record)?;
        let mut prefix = record.0.to_be_bytes().to_vec();
        prefix.push(layout::OPENING);
        let (mut found, mut outcome) = (Vec::new(), Ok(()));
        self.data.scan_back(Space::Log, &Span::prefix(prefix), &mut |key, sealed| {
            if found.len() == limit {
                return ControlFlow::Break(());
            }
            match self.lines.open(key, sealed) {
                Ok(plain) if plain.len() > 16 => found.push(OpeningLine {
                    at: Tick(layout::number(&key[9..17]) as i64),
                    account: layout::number(&plain[..8]),
                    session: layout::number(&plain[8..16]),
                    purpose: String::from_utf8_lossy(&plain[16..]).into_owned(),
                }),
                Ok(_) => outcome = Err(Error::Damaged("an opening could not be read")),
                Err(cause) => outcome = Err(cause.into()),
            }
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome.map(|()| found)
    }
}
