//! Counting what answers a query: as many as a walk would show, and nobody is shown.
//!
//! * A resource is counted unopened where its posting tells by itself that it answers
//!   ([`search::certain`]), and it has had one version only, which is older than the count. Any other
//!   one is opened, and the matcher decides.
//! * Where somebody may see part of a record, what lies in it is opened: a posting does not tell that
//!   there is something for them.
//! * Resources are looked at in the order in which they lie, the shards by several threads.

use std::collections::HashSet;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use access::Permitted;
use fhir::RecordId;
use search::{Certain, Contained, Plan, SPANNING, Summary, TermQuery, Total, UNDATED};
use store::{Browse, Location, Posting, Term, Tick};

use super::look::{Look, first_posting};
use super::place::Place;
use crate::error::Result;

/// More threads than this are not taken from others for one count.
const MOST_THREADS: usize = 4;
/// Fewer candidates in a shard than this are not worth a thread.
const WORTH_A_THREAD: usize = 512;
/// More commits than this since a count's tick are not told apart: then everything is opened.
const MOST_COMMITS: usize = 100_000;

/// Candidates whose memory is reckoned together.
const HELD_AT_ONCE: usize = 4096;

/// A posting that was read and not followed yet.
#[derive(Clone, Copy)]
struct Candidate {
    location: Location,
    bucket: u16,
    /// Which of the term's values.
    value: u16,
    seconds: i64,
}

/// What a shard's candidates are counted by.
struct Counting<'c> {
    term: &'c TermQuery,
    certain: Option<Certain>,
    in_use: (u16, u16),
}

impl Look<'_> {
    /// How many answer.
    pub(super) fn count(&self) -> Result<u64> {
        match self.by_postings() {
            Some(counting) => {
                if self.scans_everything() {
                    self.beyond.expect_postings();
                }
                self.count_shards(&counting)
            }
            None => self.count_by_walking(),
        }
    }

    /// What is counted without walking, and by which term.
    fn by_postings(&self) -> Option<Counting<'_>> {
        match &self.plan {
            Plan::Postings(terms) if self.query.contained == Contained::False => terms.first().map(|term| self.counting(term)),
            // Everything of a dated type has a posting by its date.
            Plan::Type { listing: Some(listing) } => Some(self.counting(listing)).filter(|counting| counting.certain.is_some()),
            _ => None,
        }
    }

    /// True for a count that need not open all it counts.
    pub(super) fn counts_by_postings_alone(&self) -> bool {
        let counts = self.query.summary == Some(Summary::Count) || self.query.count == Some(0) || matches!(self.query.total, Some(Total::Accurate | Total::Estimate));
        counts && self.by_postings().is_some_and(|counting| counting.certain.is_some())
    }

    fn count_by_walking(&self) -> Result<u64> {
        let mut count = 0;
        self.walk(None, &mut |_, _, _, _| {
            self.beyond.note_answer();
            count += 1;
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    fn counting<'c>(&self, term: &'c TermQuery) -> Counting<'c> {
        Counting { term, certain: search::certain(&self.query, term, &|term, system| self.chart.is_sole_system(term, system)), in_use: self.chart.months_in_use() }
    }

    /// The shards one after the other; by several threads where there is much to count.
    fn count_shards(&self, counting: &Counting<'_>) -> Result<u64> {
        let shards = self.chart.store().shards();
        let (first, candidates) = self.count_shard(counting, 0)?;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = if candidates < WORTH_A_THREAD { 1 } else { cores.min(MOST_THREADS) };
        let next = AtomicU8::new(1);
        let work = || -> Result<u64> {
            let mut count = 0;
            loop {
                let shard = next.fetch_add(1, Relaxed);
                if shard >= shards {
                    return Ok(count);
                }
                count += self.count_shard(counting, shard)?.0;
            }
        };
        let counted: Vec<Result<u64>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let joined = others.into_iter().map(|other| other.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
            joined.chain([own]).collect()
        });
        counted.into_iter().try_fold(first, |sum, one| Ok(sum + one?))
    }

    /// How many of one shard answer, and how many were candidates.
    fn count_shard(&self, counting: &Counting<'_>, shard: u8) -> Result<(u64, usize)> {
        // Begun first, so that what has come since the tick is among what the log tells afterwards.
        let mut browse = self.chart.store().browse()?;
        let mut candidates = self.candidates(counting, shard)?;
        candidates.sort_unstable_by_key(|candidate| (candidate.location.record, candidate.location.entry));
        let newcomers = match counting.certain {
            Some(_) => self.written_since(shard)?,
            None => None,
        };
        let mut count = 0;
        // Candidates of one record come one after the other.
        let mut last: Option<(RecordId, Option<Permitted>)> = None;
        for candidate in &candidates {
            let record = candidate.location.record;
            let right = match last.take() {
                Some((same, right)) if same == record => right,
                _ => self.chart.right(self.set, record)?,
            };
            let (_, right) = last.insert((record, right));
            let Some(permitted) = right else { continue };
            let tells = permitted.residual().is_none() && counting.certain.is_some_and(|certain| certain.holds(candidate.bucket, candidate.seconds));
            let counted = if tells && newcomers.as_ref().is_some_and(|new| !new.contains(&candidate.location)) {
                match browse.newest_version(permitted, self.query.resource_type, candidate.location)? {
                    None => false,
                    Some(1) => true,
                    Some(_) => self.answers(counting, *candidate, permitted, &mut browse)?,
                }
            } else {
                self.answers(counting, *candidate, permitted, &mut browse)?
            };
            if counted {
                self.beyond.note_answer();
                count += 1;
            }
        }
        (0..candidates.len().div_ceil(HELD_AT_ONCE)).for_each(|_| self.beyond.let_go(HELD_AT_ONCE * size_of::<Candidate>()));
        self.beyond.broken()?;
        Ok((count, candidates.len()))
    }

    /// The postings of a shard that may lead to an answer.
    fn candidates(&self, counting: &Counting<'_>, shard: u8) -> Result<Vec<Candidate>> {
        let (earliest, latest) = search::beginnings(&self.query);
        let mut candidates = Vec::new();
        for bucket in counting.term.buckets.newest_first(counting.in_use) {
            let is_dated = bucket != SPANNING && bucket != UNDATED;
            let probes = self.probes(counting.term, bucket);
            for (number, value) in (0u16..).zip(&counting.term.values) {
                let mut failed = None;
                let term = Term { parameter: counting.term.parameter.0, value, month: bucket };
                self.chart.store().postings(self.set, term, shard, None, &mut |posting| {
                    if !self.beyond.pass() {
                        return ControlFlow::Break(());
                    }
                    let Posting { location, seconds, .. } = posting;
                    let in_time = !is_dated || (earliest..=latest).contains(&seconds);
                    if in_time && !self.passes_over(location.record) {
                        match self.lacks(&probes, posting) {
                            Ok(false) => {}
                            Ok(true) => return ControlFlow::Continue(()),
                            Err(cause) => {
                                failed = Some(cause);
                                return ControlFlow::Break(());
                            }
                        }
                        if candidates.len() % HELD_AT_ONCE == 0 && !self.beyond.hold(HELD_AT_ONCE * size_of::<Candidate>()) {
                            return ControlFlow::Break(());
                        }
                        candidates.push(Candidate { location, bucket, value: number, seconds });
                    }
                    ControlFlow::Continue(())
                })?;
                if let Some(cause) = failed {
                    return Err(cause);
                }
            }
        }
        self.beyond.broken()?;
        Ok(candidates)
    }

    /// Opens the resource of a posting and lets the matcher decide. One that has several postings of
    /// the term is counted at the first of them only, as a walk shows it.
    fn answers(&self, counting: &Counting<'_>, candidate: Candidate, permitted: &Permitted, browse: &mut Browse<'_>) -> Result<bool> {
        if !self.beyond.spend() {
            return Ok(false);
        }
        let (kind, mut answers) = (self.query.resource_type, false);
        browse.as_of(permitted, kind, candidate.location, self.tick, &mut |entry, newest| {
            // The only version there ever was has one posting of one value.
            let has_one = newest == 1 && counting.term.values.len() == 1;
            let _ = self.consider(entry, permitted, Place::Id(0), &mut |_, resource, _, _| {
                let this = Some((candidate.bucket, candidate.value, candidate.seconds));
                answers = has_one || first_posting(counting.term, counting.in_use, &self.query.context.custom, kind, resource) == this;
                ControlFlow::Break(())
            });
        })?;
        Ok(answers)
    }

    /// What was written in a shard after the tick; none where it is too much to tell.
    fn written_since(&self, shard: u8) -> Result<Option<HashSet<Location>>> {
        let (mut written, mut commits) = (HashSet::new(), 0);
        self.chart.store().history_forward(self.set, shard, Tick(self.tick.0.saturating_add(1)), &mut |line| {
            written.extend(line.versions.iter().map(|version| version.location));
            commits += 1;
            if commits > MOST_COMMITS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok((commits <= MOST_COMMITS).then_some(written))
    }
}
