//! Pages of an answer in the order that `_sort` asks for.
//!
//! * What is ordered by the date of its type is read month by month; any other order takes one walk
//!   over all matches.
//! * What a walk saw beyond its page is remembered for the next pages, by type and id, within bounds:
//!   deep pages need not walk again. They are looked up as any page is, so what may no longer be seen
//!   is not there.
//! * What is remembered serves whoever asked, for the same query as of the same moment, and nobody else.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use access::{Caller, Grant, Permitted, Purpose};
use parking_lot::Mutex;
use search::Meta;
use search::sort::SortValue;
use store::Tick;

use super::look::{Look, Match};
use super::place::{Place, SortedAt};
use crate::error::Result;
use crate::history::stale;
use crate::stored::Stored;

/// Matches beyond a page that are remembered of one walk.
const MOST_AHEAD: usize = 10_000;
/// About how many bytes all that is remembered may take.
const MOST_BYTES: usize = 32 << 20;
/// What stands around a match that is remembered.
const AROUND_BYTES: usize = 96;

/// Whose answer to what: another caller, another query or another moment has one of its own.
#[derive(Clone, PartialEq)]
pub(crate) struct Asked {
    account: u64,
    session: u64,
    purpose: Purpose,
    grant: Option<Arc<Grant>>,
    about: String,
    tick: Tick,
}

impl Asked {
    /// What this caller asks, as of a moment.
    pub(super) fn new(caller: &Caller, about: &str, tick: Tick) -> Asked {
        Asked { account: caller.account.number, session: caller.session.number, purpose: caller.purpose, grant: caller.grant.clone(), about: about.to_owned(), tick }
    }
}

/// A match while it is being sorted.
#[derive(Clone)]
struct Ranked {
    /// Which of the looks found it.
    look: usize,
    at: SortedAt,
}

/// What comes after a place, in order and without a gap.
struct Run {
    asked: Asked,
    /// The place; none is the beginning.
    after: Option<SortedAt>,
    matches: Vec<Ranked>,
    /// True where nothing follows the last of them.
    is_whole: bool,
}

impl Run {
    fn size_bytes(&self) -> usize {
        self.matches.iter().map(|one| one.at.size_bytes() + AROUND_BYTES).sum::<usize>() + self.asked.about.len()
    }
}

/// What walks saw beyond their pages, the latest last.
#[derive(Default)]
pub(crate) struct Runs(Mutex<VecDeque<Run>>);

impl Runs {
    /// So many matches after a place, and whether nothing follows them; none where they are not known.
    fn known(&self, asked: &Asked, after: Option<&SortedAt>, wanted: usize, compare: &dyn Fn(&SortedAt, &SortedAt) -> Ordering) -> Option<(Vec<Ranked>, bool)> {
        let mut runs = self.0.lock();
        let number = runs.iter().position(|run| {
            let begins_before = match (&run.after, after) {
                (None, _) => true,
                (Some(begun), Some(after)) => compare(begun, after).is_le(),
                (Some(_), None) => false,
            };
            run.asked == *asked && begins_before && {
                let from = from(run, after, compare);
                run.is_whole || run.matches.len() - from >= wanted
            }
        })?;
        let run = runs.remove(number)?;
        let first = from(&run, after, compare);
        let found: Vec<Ranked> = run.matches[first..].iter().take(wanted).cloned().collect();
        let is_all = run.is_whole && first + found.len() == run.matches.len();
        runs.push_back(run);
        Some((found, is_all))
    }

    fn remember(&self, run: Run) {
        let size = run.size_bytes();
        if size > MOST_BYTES {
            return;
        }
        let mut runs = self.0.lock();
        // Who goes on has no use for what lies behind.
        runs.retain(|other| other.asked != run.asked);
        let mut held: usize = runs.iter().map(Run::size_bytes).sum();
        while held + size > MOST_BYTES
            && let Some(oldest) = runs.pop_front()
        {
            held -= oldest.size_bytes();
        }
        runs.push_back(run);
    }
}

/// Where in a run what comes after a place begins.
fn from(run: &Run, after: Option<&SortedAt>, compare: &dyn Fn(&SortedAt, &SortedAt) -> Ordering) -> usize {
    after.map_or(0, |after| run.matches.partition_point(|one| compare(&one.at, after).is_le()))
}

/// The part of all that several looks find which comes after a place, in the order the first
/// query asks for; equal ones are ordered by type and id.
pub(super) fn sorted_page(looks: &[Look<'_>], asked: Asked, after: Option<Place>, size: usize) -> Result<(Vec<(usize, Match)>, bool)> {
    let mut after = match after {
        None => None,
        Some(Place::Sorted(at)) => Some(*at),
        Some(_) => return Err(stale()),
    };
    let Some(first) = looks.first() else { return Ok((Vec::new(), false)) };
    let query = &first.query;
    let compare = |left: &SortedAt, right: &SortedAt| {
        let by_values = query.compare_sorted(&left.values, &right.values);
        by_values.then_with(|| left.kind.number().cmp(&right.kind.number())).then_with(|| left.id.cmp(&right.id))
    };
    let runs = &first.chart.inner.runs;
    let (mut matches, mut more) = (Vec::new(), false);
    loop {
        let (found, is_all) = match runs.known(&asked, after.as_ref(), size + 1, &compare) {
            Some(known) => known,
            None => {
                let run = run_after(looks, asked.clone(), after.as_ref(), size + 1, &compare)?;
                let found: Vec<Ranked> = run.matches.iter().take(size + 1).cloned().collect();
                let is_all = run.is_whole && found.len() == run.matches.len();
                if run.matches.len() > found.len() {
                    runs.remember(run);
                }
                (found, is_all)
            }
        };
        for Ranked { look, at } in &found {
            let Some((permitted, stored)) = shown(first, at)? else { continue };
            if matches.len() == size {
                more = true;
                break;
            }
            first.beyond.hold(stored.text.len());
            matches.push((*look, Match { stored, permitted, place: Place::Sorted(Box::new(at.clone())), inside: None }));
        }
        // Some of what was remembered may not be seen any more: what follows takes its place.
        after = found.last().map(|last| last.at.clone());
        if more || is_all || after.is_none() {
            break;
        }
    }
    first.beyond.broken()?;
    Ok((matches, more))
}

fn shown(look: &Look<'_>, at: &SortedAt) -> Result<Option<(Permitted, Stored)>> {
    look.chart.look_up(look.set, at.kind, &at.id, look.tick)
}

/// Walks for what comes after a place: so many at least, where there are, and what is seen beyond
/// them without walking on for it.
fn run_after(looks: &[Look<'_>], asked: Asked, after: Option<&SortedAt>, wanted: usize, compare: &dyn Fn(&SortedAt, &SortedAt) -> Ordering) -> Result<Run> {
    let (query, beyond) = (&looks[0].query, looks[0].beyond);
    let descending = query.sort[0].descending;
    let is_before = |value: &SortValue, other: &SortValue| if descending { value > other } else { value < other };
    let most = Cell::new(wanted + MOST_AHEAD);
    let (all, is_cut): (RefCell<Vec<Ranked>>, Cell<bool>) = (RefCell::default(), Cell::new(false));
    // Where looks ended before their last match: nothing from there on is known without a gap.
    let ended: RefCell<Option<SortValue>> = RefCell::default();
    let keep_first = |all: &mut Vec<Ranked>| {
        all.sort_by(|left, right| compare(&left.at, &right.at));
        is_cut.set(is_cut.get() || all.len() > most.get());
        all.drain(most.get().min(all.len())..).for_each(|one| beyond.let_go(one.at.size_bytes()));
    };
    for (number, look) in looks.iter().enumerate() {
        // Enough where the last one of the page comes before anything that may follow.
        let is_enough = |nearest: SortValue| {
            let mut all = all.borrow_mut();
            keep_first(&mut all);
            let last = all.get(wanted - 1).and_then(|last| last.at.values.first().cloned().flatten());
            let enough = last.is_some_and(|last| is_before(&last, &nearest));
            let mut ended = ended.borrow_mut();
            if enough && ended.as_ref().is_none_or(|ended| is_before(&nearest, ended)) {
                *ended = Some(nearest);
            }
            enough
        };
        look.walk_for_sorting(after, &is_enough, &mut |entry, resource, _, _| {
            beyond.note_answer();
            let meta = Meta { id: entry.id, last_updated: entry.last_updated, version: entry.version };
            let at = SortedAt { values: look.query.sort_values(resource, meta), kind: entry.kind, id: entry.id.to_owned() };
            if after.is_some_and(|after| compare(&at, after).is_le()) {
                return ControlFlow::Continue(());
            }
            let mut all = all.borrow_mut();
            if !beyond.has_room(at.size_bytes()) {
                // What lies beyond the page is worth no refusal.
                most.set(wanted);
                keep_first(&mut all);
            }
            if !beyond.hold(at.size_bytes()) {
                return ControlFlow::Break(());
            }
            all.push(Ranked { look: number, at });
            if all.len() >= 2 * most.get() + 1024 {
                keep_first(&mut all);
            }
            ControlFlow::Continue(())
        })?;
    }
    let mut matches = all.into_inner();
    keep_first(&mut matches);
    matches.iter().skip(wanted).for_each(|one| beyond.let_go(one.at.size_bytes()));
    let ended = ended.into_inner();
    if let Some(ended) = &ended {
        matches.retain(|one| one.at.values.first().and_then(Option::as_ref).is_some_and(|value| is_before(value, ended)));
    }
    Ok(Run { asked, after: after.cloned(), is_whole: ended.is_none() && !is_cut.get(), matches })
}
