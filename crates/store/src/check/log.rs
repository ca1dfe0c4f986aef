//! Verifying the log: everything its lines tell of is there, and every write and opening is told of.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fhir::RecordId;

use super::{Checked, Expected, Sum};
use crate::engine::{Space, Span};
use crate::erase::ErasedRecord;
use crate::error::Error;
use crate::head::Head;
use crate::layout;
use crate::log::Openings;
use crate::store::Store;
use crate::write::LINE_LENGTH;

/// What the log of a shard tells.
#[derive(Default)]
struct ShardLog {
    lines: u64,
    openings: u64,
    /// Versions told of that are not there.
    lost: u64,
    /// Heads that are older than a line.
    rolled_back: u64,
    /// Lines that do not open.
    broken: u64,
    /// Openings the lines tell of.
    told: Openings,
    /// Openings that are there.
    found: Openings,
}

impl Store {
    /// Every line opens, everything a line tells of is there, and there are as many lines as commits.
    pub(super) fn check_log(&self, expected: &Expected, checked: &mut Checked) -> Result<(), Error> {
        let mut writes = Sum::default();
        for shard in 0..=u8::MAX {
            let mut log = ShardLog::default();
            let mut outcome = Ok(());
            self.data.scan(Space::Log, &Span::prefix([shard]), &mut |key, sealed| {
                outcome = self.check_line(key, sealed, &expected.erased, &mut log, &mut writes);
                if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            outcome?;
            checked.log_lines += log.lines;
            checked.openings += log.openings;
            let commits = self.data.commit_number(shard)?;
            if log.lines != commits {
                checked.find(None, false, format!("shard {shard} had {commits} commits and its log has {} lines: something was taken out or put in", log.lines));
            }
            if log.lost > 0 {
                checked.find(None, false, format!("the log of shard {shard} tells of {} versions that are not in their records: a record was rolled back or cut", log.lost));
            }
            if log.rolled_back > 0 {
                checked.find(None, false, format!("the log of shard {shard} tells {} times of a record that was written to more often than its head says: it was rolled back", log.rolled_back));
            }
            if log.broken > 0 {
                checked.find(None, false, format!("{} lines in the log of shard {shard} do not open", log.broken));
            }
            if log.told != log.found {
                checked.find(None, false, format!("the openings in the log of shard {shard} are not those its lines tell of: some were taken out"));
            }
        }
        self.check_tree(checked)?;
        if writes != expected.writes {
            let what = format!("the heads of the records tell of {} writes, the log of {}, and they are not the same ones: lines were taken out of the log", expected.writes.count, writes.count);
            checked.find(None, false, what);
        }
        Ok(())
    }

    fn check_line(&self, key: &[u8], sealed: &[u8], erased: &BTreeMap<RecordId, ErasedRecord>, log: &mut ShardLog, writes: &mut Sum) -> Result<(), Error> {
        let Some(at) = layout::commit_line_time(key) else {
            log.openings += 1;
            log.found.add(self.opening_digest(key, sealed));
            log.broken += u64::from(self.lines.open(key, sealed).is_err());
            return Ok(());
        };
        log.lines += 1;
        let Ok(line) = self.read_line(key, at, sealed) else {
            log.broken += 1;
            return Ok(());
        };
        log.told.add_all(line.opened);
        for version in &line.versions {
            log.lost += u64::from(!erased.contains_key(&version.location.record) && !self.is_there(version)?);
        }
        for (record, commits) in line.heads {
            self.count_write(record, commits, writes);
            // A head that does not open has been named before.
            let older = !erased.contains_key(&record) && self.head(record).is_ok_and(|head| head.is_none_or(|(head, _)| head.commits < commits));
            log.rolled_back += u64::from(older);
        }
        Ok(())
    }
}

const _: () = assert!(LINE_LENGTH == 18 && Head::LENGTH == 44, "the format of lines and heads is fixed");
