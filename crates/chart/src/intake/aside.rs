//! Lines that are kept for a while, in sealed notes of bounded size: those that wait, and why
//! others were refused.
//!
//! * A note is filled up to a size and then another is begun, so that memory does not grow with
//!   the file.
//! * A line that is in the last note already is not added again: what was noted just before the
//!   plug was pulled is noted once.

use fhir::Issue;

use super::job::{self, Job};
use super::Rejected;
use crate::door::Chart;
use crate::error::Result;

/// A note that holds so much is full.
const FULL_BYTES: usize = 256 << 10;
/// Issues kept of one refused line: it is mended from the top.
const ISSUES_KEPT: usize = 20;

/// What is kept of one line.
pub(super) struct Piece {
    pub file: u32,
    /// 0 where the file as a whole is meant.
    pub line: u64,
    pub bytes: Vec<u8>,
}

impl Piece {
    /// Why a line was refused, or a file.
    pub fn refused(file: u32, line: Option<u64>, issues: &[Issue]) -> Piece {
        Piece { file, line: line.unwrap_or(0), bytes: store::flaws::write(&issues[..issues.len().min(ISSUES_KEPT)]) }
    }

    /// As somebody is told.
    pub fn into_rejected(self) -> Rejected {
        let line = Some(self.line).filter(|line| *line > 0);
        let position = line.map(|line| (u32::try_from(line).unwrap_or(u32::MAX), 1));
        let issues = store::flaws::read(&self.bytes).into_iter().map(|issue| Issue { position, ..issue }).collect();
        Rejected { line, issues }
    }
}

impl Chart {
    /// Adds pieces to the last of some notes, or begins another; how many notes there are then, and
    /// how many pieces were new.
    pub(super) fn add_pieces(&self, name: &dyn Fn(u32) -> String, notes: u32, pieces: Vec<Piece>) -> Result<(u32, u64)> {
        let last = match notes.checked_sub(1) {
            Some(last) => self.pieces(&name(last))?,
            None => Vec::new(),
        };
        let is_noted = |piece: &Piece| last.iter().any(|noted| (noted.file, noted.line) == (piece.file, piece.line));
        let new: Vec<Piece> = pieces.into_iter().filter(|piece| !is_noted(piece)).collect();
        if new.is_empty() {
            return Ok((notes, 0));
        }
        let size: usize = last.iter().map(|piece| piece.bytes.len()).sum();
        let (note, held) = if notes > 0 && size < FULL_BYTES { (notes - 1, last) } else { (notes, Vec::new()) };
        let bytes = write(held.iter().chain(&new));
        loop {
            let before = self.store().note(&name(note))?;
            if self.store().keep_note(&name(note), before.as_deref(), &bytes)? {
                return Ok((note + 1, new.len() as u64));
            }
        }
    }

    /// The pieces of a note; none where there is no such note.
    pub(super) fn pieces(&self, name: &str) -> Result<Vec<Piece>> {
        let note = self.store().note(name)?.unwrap_or_default();
        read(&note).ok_or_else(|| store::Error::Damaged("what an import put aside cannot be read").into())
    }

    pub(super) fn drop_pieces(&self, name: &str) -> Result<()> {
        Ok(self.store().drop_note(name)?)
    }

    /// Nothing is left of what a job had put aside. One note more than it counted may be there.
    pub(super) fn forget_pieces(&self, id: &str, job: &Job) -> Result<()> {
        let aside = &job.aside;
        for note in 0..=aside.notes {
            self.drop_pieces(&job::aside_name(id, aside.round, note))?;
        }
        for note in aside.next.saturating_sub(1)..aside.of {
            self.drop_pieces(&job::aside_name(id, aside.round.saturating_sub(1), note))?;
        }
        for (number, file) in job.files.iter().enumerate() {
            for note in 0..=file.notes {
                self.drop_pieces(&job::rejects_name(id, number, note))?;
            }
        }
        Ok(())
    }
}

/// `file 4 ‖ line 8 ‖ length 4 ‖ bytes`, one after the other.
fn write<'p>(pieces: impl Iterator<Item = &'p Piece>) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        out.extend_from_slice(&piece.file.to_be_bytes());
        out.extend_from_slice(&piece.line.to_be_bytes());
        out.extend_from_slice(&(piece.bytes.len() as u32).to_be_bytes());
        out.extend_from_slice(&piece.bytes);
    }
    out
}

fn read(mut rest: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (head, body) = rest.split_at_checked(16)?;
        let length = u32::from_be_bytes(head[12..].try_into().ok()?) as usize;
        let (bytes, after) = body.split_at_checked(length)?;
        pieces.push(Piece { file: u32::from_be_bytes(head[..4].try_into().ok()?), line: u64::from_be_bytes(head[4..12].try_into().ok()?), bytes: bytes.to_vec() });
        rest = after;
    }
    Some(pieces)
}
