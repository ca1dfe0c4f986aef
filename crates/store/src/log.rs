//! The log of a shard: what each commit wrote, newest first, and who opened a record.

use std::ops::ControlFlow;

use access::PermittedSet;
use fhir::{RecordId, ResourceType};

use crate::engine::{Space, Span};
use crate::error::Error;
use crate::layout;
use crate::read::Location;
use crate::store::Store;
use crate::tick::Tick;
use crate::write::{HEAD_LINE, LINE_LENGTH, OPENINGS, VERSIONS};

/// What one commit wrote in one shard.
#[derive(Clone, Debug, Default)]
pub struct CommitLine {
    /// When.
    pub at: Tick,
    /// Which versions, in the order they were written. Empty for openings.
    pub versions: Vec<VersionLine>,
    /// The place in the log, for cursors.
    pub key: Vec<u8>,
    /// How often each record it touched was written to by then.
    pub(crate) heads: Vec<(RecordId, u64)>,
    /// The openings written with it.
    pub(crate) opened: Openings,
}

/// Openings counted without keeping them: a line tells the count and the sum of the digests of
/// those written with it, so that one taken out is missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Openings {
    count: u64,
    sum: u128,
}

impl Openings {
    pub fn add(&mut self, digest: u128) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(digest);
    }

    pub fn add_all(&mut self, others: Openings) {
        self.count += others.count;
        self.sum = self.sum.wrapping_add(others.sum);
    }

    /// `2 ‖ count 8 ‖ sum of digests 16`
    pub fn line(self) -> Vec<u8> {
        let mut line = vec![OPENINGS];
        line.extend_from_slice(&self.count.to_be_bytes());
        line.extend_from_slice(&self.sum.to_be_bytes());
        line
    }

    fn read(line: &[u8]) -> Option<Openings> {
        let (count, sum) = line.split_at_checked(8)?;
        Some(Openings { count: layout::number(count), sum: u128::from_be_bytes(sum.try_into().ok()?) })
    }
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

    /// Visits what was written in a shard from a time on, oldest commit first. A commit that is
    /// under way may still come to lie before one that was visited: only what is older than every
    /// commit under way is final. `set` says that an act over many records was decided before.
    pub fn history_forward(&self, _set: &PermittedSet, shard: u8, from: Tick, visit: &mut dyn FnMut(CommitLine) -> ControlFlow<()>) -> Result<(), Error> {
        let mut span = Span::prefix([shard, layout::COMMIT]);
        span.from = layout::commit_line_key(shard, from, [0; 4]).to_vec();
        let mut outcome = Ok(());
        self.data.scan(Space::Log, &span, &mut |key, sealed| {
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

    pub(crate) fn read_line(&self, key: &[u8], at: Tick, sealed: &[u8]) -> Result<CommitLine, Error> {
        let plain = self.lines.open(key, sealed)?;
        let damaged = || Error::Damaged("a line of the log could not be read");
        let mut line = CommitLine { at, key: key.to_vec(), ..CommitLine::default() };
        let parts = match plain.as_slice() {
            [VERSIONS, parts @ ..] => parts,
            [OPENINGS, openings @ ..] => {
                line.opened = Openings::read(openings).ok_or_else(damaged)?;
                return Ok(line);
            }
            _ => return Ok(line),
        };
        for part in parts.chunks(LINE_LENGTH) {
            if part.len() != LINE_LENGTH {
                return Err(damaged());
            }
            let record = RecordId(layout::number(&part[..8]));
            let kind = layout::number(&part[8..10]) as u16;
            if kind == HEAD_LINE {
                line.heads.push((record, layout::number(&part[10..])));
                continue;
            }
            let kind = ResourceType::from_number(kind).ok_or_else(damaged)?;
            let location = Location { record, entry: layout::number(&part[10..14]) as u32 };
            line.versions.push(VersionLine { kind, location, version: layout::number(&part[14..]) as u32 });
        }
        Ok(line)
    }

    /// What stands for an opening in its line. Keyed: nobody can look for openings whose digests cancel out.
    pub(crate) fn opening_digest(&self, key: &[u8], sealed: &[u8]) -> u128 {
        u128::from_be_bytes(self.tokens.claim("opening", &[key, sealed].concat()))
    }
}
