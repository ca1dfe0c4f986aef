//! What a resource, a type or the whole store has been, newest first.

mod own;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use access::{Act, Caller, Deed, Disclosure, Permitted, PermittedSet};
use fhir::{Issue, IssueCode, Moment, ResourceType};
use store::{CommitLine, Location, Tick, VersionLine};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::{HistoryEntry, Page, Stored};
use own::{OwnPage, Spot};

/// Of what the history is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HistoryScope<'a> {
    /// Everything.
    System,
    /// All resources of a type.
    Type(ResourceType),
    /// One resource.
    Instance(ResourceType, &'a str),
}

/// Which part of it.
#[derive(Clone, Default, Debug)]
pub struct HistoryQuery {
    /// Only versions written at or after this moment.
    pub since: Option<Moment>,
    /// Only versions that were current at some time from the first moment to before the second.
    pub at: Option<(Moment, Moment)>,
    /// At most so many on a page.
    pub count: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Lines of a shard's log read at once.
const READ_AHEAD: usize = 64;

impl Chart {
    /// A page of a history.
    pub async fn history(&self, caller: &Caller, scope: HistoryScope<'_>, query: &HistoryQuery) -> Result<Page<HistoryEntry>> {
        match scope {
            HistoryScope::Instance(kind, id) => self.history_of_one(caller, kind, id, query).await,
            HistoryScope::Type(kind) => self.history_of_many(caller, Some(kind), query).await,
            HistoryScope::System => self.history_of_many(caller, None, query).await,
        }
    }

    fn page_size(&self, wanted: Option<usize>) -> usize {
        wanted.unwrap_or(self.inner.settings.usual_page).clamp(1, self.inner.settings.largest_page)
    }

    async fn history_of_one(&self, caller: &Caller, kind: ResourceType, id: &str, query: &HistoryQuery) -> Result<Page<HistoryEntry>> {
        self.check_scope(caller, Deed::Read, kind)?;
        let (at, permitted) = self.find(caller, Act::Read, kind, id)?;
        let about = format!("history {kind}/{id}");
        let below = match &query.cursor {
            Some(cursor) => self.opened_cursor(&about, cursor)?.as_slice().try_into().map(u32::from_be_bytes).map_err(|_| stale())?,
            None => u32::MAX,
        };
        let size = self.page_size(query.count);
        let mut window = Window::new(query);
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let (mut items, mut total, mut more, mut is_there) = (Vec::new(), 0, false, false);
        self.store().versions(&permitted, kind, at, &mut |entry| {
            is_there = true;
            if window.shows(entry.last_updated) {
                total += 1;
                if entry.version < below {
                    // A page of long versions is a shorter one.
                    if items.len() == size || room_bytes == 0 {
                        more = true;
                    } else {
                        room_bytes = room_bytes.saturating_sub(entry.text.len());
                        items.push(HistoryEntry { stored: Stored::from(entry) });
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        if !is_there {
            return Err(Error::NotFound);
        }
        self.disclose(Disclosure::History, [permitted]).await?;
        let last = items.last().map(|entry| entry.stored.version);
        let next = last.filter(|_| more).map(|version| self.store().seal_cursor(about.as_bytes(), &version.to_be_bytes()));
        Ok(Page { items, total: Some(total), next, issues: Vec::new() })
    }

    async fn history_of_many(&self, caller: &Caller, kind: Option<ResourceType>, query: &HistoryQuery) -> Result<Page<HistoryEntry>> {
        // To list what there is asks for the same letter as a search, of one type or of all.
        match kind {
            Some(kind) => self.check_scope(caller, Deed::Search, kind)?,
            None if caller.grant.as_ref().is_some_and(|grant| !grant.lists_anything()) => return Err(Error::Forbidden),
            None => {}
        }
        let about = format!("history {}", kind.map_or("*", ResourceType::name));
        let set = self.permitted_set(caller, Act::Read)?;
        if set.readable().is_some() && kind.is_none_or(own::lies_in_records) {
            let about = format!("own {about}");
            let after = match &query.cursor {
                Some(cursor) => Some(Spot::read(&self.opened_cursor(&about, cursor)?).ok_or_else(stale)?),
                None => None,
            };
            let settled = self.inner.times.settled().await;
            let OwnPage { items, seen, next } = self.own_page(caller, &set, kind, query, after, settled)?;
            self.disclose(Disclosure::History, seen).await?;
            let next = next.map(|spot| self.store().seal_cursor(about.as_bytes(), &spot.bytes()));
            return Ok(Page { items, total: None, next, issues: Vec::new() });
        }
        let began = match &query.cursor {
            Some(cursor) => Some(Began::read(&self.opened_cursor(&about, cursor)?).ok_or_else(stale)?),
            None => None,
        };
        // What is being written while the first page is made belongs to a later look.
        let settled = self.inner.times.settled().await;
        let size = self.page_size(query.count);
        let mut walk = Walk::new(self, &set, began.as_ref(), query.since);
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let (mut items, mut seen, mut next) = (Vec::new(), Vec::new(), None);
        let mut last: Option<Began> = None;
        loop {
            let (line, shard) = match walk.next() {
                Ok(Some(found)) => found,
                Ok(None) => break,
                // What was found until here is a page; the next one goes on behind all that was looked at. Who followed a link
                // is never refused, for then they could not go on: a page of theirs may be empty.
                Err(Error::TooCostly(_)) if last.is_some() || began.is_some() => {
                    next = last.as_ref().or(began.as_ref()).map(|place| walk.places(place));
                    break;
                }
                Err(cause) => return Err(cause),
            };
            if line.at > settled && began.is_none() {
                continue;
            }
            if query.since.is_some_and(|since| line.at.moment() < since) {
                break;
            }
            let skip = began.as_ref().map_or(0, |began| began.used_of(&line.key));
            for (used, version) in line.versions.iter().rev().enumerate().skip(skip) {
                let Some((permitted, stored)) = self.shown(caller, &set, kind, version, query)? else { continue };
                if items.len() == size || room_bytes == 0 {
                    next = last.take();
                    break;
                }
                room_bytes = room_bytes.saturating_sub(stored.text.len());
                items.push(HistoryEntry { stored });
                seen.push(permitted);
                last = Some(Began::Line(Used { shard, line: line.key.clone(), count: used + 1 }));
            }
            if next.is_some() {
                break;
            }
        }
        drop(walk);
        self.disclose(Disclosure::History, seen).await?;
        let next = next.map(|place| self.store().seal_cursor(about.as_bytes(), &place.bytes()));
        Ok(Page { items, total: None, next, issues: Vec::new() })
    }

    /// A version of a log line, if it is of the type, in the window and permitted.
    fn shown(&self, caller: &Caller, set: &PermittedSet, kind: Option<ResourceType>, line: &VersionLine, query: &HistoryQuery) -> Result<Option<(Permitted, Stored)>> {
        if kind.is_some_and(|kind| kind != line.kind) || self.check_scope(caller, Deed::Search, line.kind).is_err() {
            return Ok(None);
        }
        let Some(permitted) = self.right(set, line.location.record)? else { return Ok(None) };
        let mut stored = None;
        self.store().version(&permitted, line.kind, line.location, line.version, &mut |entry| stored = Some(Stored::from(entry)))?;
        let Some(stored) = stored else { return Ok(None) };
        if let Some((from, to)) = query.at {
            let replaced = self.replaced_at(&permitted, line.kind, line.location, line.version)?;
            if stored.last_updated >= to || replaced.is_some_and(|replaced| replaced <= from) {
                return Ok(None);
            }
        }
        Ok(Some((permitted, stored)))
    }

    /// When the version after this one was written.
    fn replaced_at(&self, permitted: &Permitted, kind: ResourceType, at: Location, version: u32) -> Result<Option<Moment>> {
        let mut replaced = None;
        self.store().version(permitted, kind, at, version + 1, &mut |entry| replaced = Some(entry.last_updated))?;
        Ok(replaced)
    }

    /// Opens a cursor, or says that it is none of ours about this.
    pub(crate) fn opened_cursor(&self, about: &str, cursor: &str) -> Result<Vec<u8>> {
        self.store().open_cursor(about.as_bytes(), cursor).ok_or_else(stale)
    }
}

/// The answer to a cursor that does not open.
pub(crate) fn stale() -> Error {
    let message = "This page link belongs to another query or was changed; start again from the first page.";
    Error::Malformed(vec![fhir::Issue::error(fhir::IssueCode::Invalid, "_cursor", message)])
}

/// Which versions of one resource, visited newest first, are asked for.
struct Window {
    since: Option<Moment>,
    at: Option<(Moment, Moment)>,
    replaced: Option<Moment>,
}

impl Window {
    fn new(query: &HistoryQuery) -> Window {
        Window { since: query.since, at: query.at, replaced: None }
    }

    fn shows(&mut self, written: Moment) -> bool {
        let replaced = self.replaced.replace(written);
        self.since.is_none_or(|since| written >= since)
            && self.at.is_none_or(|(from, to)| written < to && replaced.is_none_or(|replaced| replaced > from))
    }
}

/// Where a page of a history ended.
enum Began {
    /// At a line.
    Line(Used),
    /// Where little was to be seen: behind all that was looked at.
    Shards {
        /// May be among what is still to come.
        used: Used,
        /// Before which key the log of each shard goes on.
        places: Vec<Vec<u8>>,
    },
}

/// So many versions of a line of a shard were used, counted from its end.
#[derive(Clone)]
struct Used {
    shard: u8,
    line: Vec<u8>,
    count: usize,
}

/// Stands where a line has its shard: there are never so many.
const EVERY_SHARD: u8 = 0xff;

impl Began {
    fn used(&self) -> &Used {
        match self {
            Began::Line(used) | Began::Shards { used, .. } => used,
        }
    }

    /// How many versions of a line were used.
    fn used_of(&self, key: &[u8]) -> usize {
        let used = self.used();
        if used.line == key { used.count } else { 0 }
    }

    fn bytes(&self) -> Vec<u8> {
        let Used { shard, line, count } = self.used();
        let mut bytes = Vec::new();
        if let Began::Shards { places, .. } = self {
            bytes.extend_from_slice(&[EVERY_SHARD, places.len() as u8]);
            for place in places {
                bytes.push(place.len() as u8);
                bytes.extend_from_slice(place);
            }
        }
        bytes.push(*shard);
        bytes.extend_from_slice(&(*count as u32).to_be_bytes());
        bytes.extend_from_slice(line);
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Began> {
        let (first, rest) = bytes.split_first()?;
        if *first != EVERY_SHARD {
            return Used::read(bytes).map(Began::Line);
        }
        let (shards, mut rest) = rest.split_first()?;
        let mut places = Vec::new();
        for _ in 0..*shards {
            let (length, more) = rest.split_first()?;
            let (place, more) = more.split_at_checked(usize::from(*length))?;
            places.push(place.to_vec());
            rest = more;
        }
        Some(Began::Shards { used: Used::read(rest)?, places })
    }

    /// Before which key another shard's log goes on: lines of the same time in shards before this
    /// one are used up, in shards after it they are not.
    fn before(&self, shard: u8) -> Vec<u8> {
        if let Began::Shards { places, .. } = self
            && let Some(place) = places.get(usize::from(shard))
        {
            return place.clone();
        }
        let used = self.used();
        let mut key = used.line.clone();
        key[0] = shard;
        if shard == used.shard {
            // The line itself comes once more: part of it may be left.
            key.push(0);
        } else {
            key.truncate(10);
            if shard > used.shard {
                key.extend_from_slice(&[0xff; 5]);
            }
        }
        key
    }
}

impl Used {
    fn read(bytes: &[u8]) -> Option<Used> {
        let (shard, rest) = bytes.split_first()?;
        let (count, line) = rest.split_at_checked(4)?;
        Some(Used { shard: *shard, line: line.to_vec(), count: u32::from_be_bytes(count.try_into().ok()?) as usize })
    }
}

/// The lines of all shards, newest first; of one time, in the order of the shards.
struct Walk<'c> {
    chart: &'c Chart,
    set: &'c PermittedSet,
    shards: Vec<(Option<Vec<u8>>, VecDeque<CommitLine>, bool)>,
    since: Option<Moment>,
    /// Lines that may still be read, shown or not: where little is to be seen, a nation's log lies between two of them.
    left: usize,
    /// A line was given out: then whoever goes on from here has come further.
    has_given: bool,
}

impl<'c> Walk<'c> {
    fn new(chart: &'c Chart, set: &'c PermittedSet, began: Option<&Began>, since: Option<Moment>) -> Walk<'c> {
        let shards = (0..chart.store().shards()).map(|shard| (began.map(|began| began.before(shard)), VecDeque::new(), false));
        Walk { chart, set, shards: shards.collect(), since, left: chart.inner.settings.most_looked_at, has_given: false }
    }

    fn next(&mut self) -> Result<Option<(CommitLine, u8)>> {
        let mut newest: Option<(Tick, usize)> = None;
        for shard in 0..self.shards.len() {
            self.fill(shard)?;
            if let Some(line) = self.shards[shard].1.front() && newest.is_none_or(|(at, _)| line.at > at) {
                newest = Some((line.at, shard));
            }
        }
        self.has_given |= newest.is_some();
        Ok(newest.and_then(|(_, shard)| Some((self.shards[shard].1.pop_front()?, shard as u8))))
    }

    /// Where each shard goes on behind what was given out; where nothing of one was read, as far as `place` says.
    fn places(&self, place: &Began) -> Began {
        let places = self.shards.iter().enumerate().map(|(shard, (before, lines, _))| match lines.front() {
            // What is held already comes once more.
            Some(line) => {
                let mut key = line.key.clone();
                key.push(0);
                key
            }
            None => before.clone().unwrap_or_else(|| place.before(shard as u8)),
        });
        Began::Shards { used: place.used().clone(), places: places.collect() }
    }

    fn fill(&mut self, shard: usize) -> Result<()> {
        let (before, lines, ended) = &mut self.shards[shard];
        if !lines.is_empty() || *ended {
            return Ok(());
        }
        if self.left == 0 && self.has_given {
            return Err(too_costly());
        }
        let (mut seen, mut is_past, mut left) = (0, false, self.left);
        let (from, since) = (before.clone(), self.since);
        self.chart.store().history(self.set, shard as u8, from.as_deref(), &mut |line| {
            seen += 1;
            left = left.saturating_sub(1);
            is_past = since.is_some_and(|since| line.at.moment() < since);
            *before = Some(line.key.clone());
            if !line.versions.is_empty() {
                lines.push_back(line);
            }
            let goes_on = (seen < READ_AHEAD || lines.is_empty()) && !is_past && left > 0;
            if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        *ended = seen == 0 || is_past;
        let has_none = lines.is_empty() && !*ended;
        self.left = left;
        if left == 0 && has_none { Err(too_costly()) } else { Ok(()) }
    }
}

fn too_costly() -> Error {
    let message = "This history would look at more of the log than this server allows. Ask for what was written since a later moment, with _since, or for the history of one resource.";
    Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)])
}
