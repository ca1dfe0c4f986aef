//! What there is to tell: versions in the log after a place, in one order, that answer.
//!
//! * The order is time, then shard, then the line's chance, then the order within a commit.
//! * Only what is settled is looked at: nothing can come to lie before it any more.

use access::{Act, Caller, Disclosure, Permitted, PermittedSet};
use fhir::{Document, Moment, ResourceType};
use search::{Matcher, Meta, Query};
use store::{CommitLine, Method, Tick, VersionLine};
use std::ops::ControlFlow;

use super::{Subscribed, Wanted, topic::Topic};
use crate::door::Chart;
use crate::error::Result;
use crate::search::beyond::Beyond;
use crate::stored::Stored;

/// Lines read of each shard at once.
const READ_AHEAD: usize = 256;

/// A place in the log of the whole store. What lies before it is done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub(super) at: Tick,
    pub(super) shard: u8,
    pub(super) line: [u8; 4],
    /// So many versions of the line are done.
    pub(super) used: u16,
}

impl Place {
    pub(super) const LENGTH: usize = 15;

    /// Before everything that is written at a moment or later.
    pub fn before(moment: Moment) -> Place {
        Place { at: Tick::at(moment), shard: 0, line: [0; 4], used: 0 }
    }

    pub(super) fn bytes(&self) -> [u8; Place::LENGTH] {
        let mut bytes = [0; Place::LENGTH];
        bytes[..8].copy_from_slice(&self.at.0.to_be_bytes());
        bytes[8] = self.shard;
        bytes[9..13].copy_from_slice(&self.line);
        bytes[13..].copy_from_slice(&self.used.to_be_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Place> {
        let (at, rest) = bytes.split_at_checked(8)?;
        let [shard, line @ .., high, low] = rest else { return None };
        Some(Place { at: Tick(i64::from_be_bytes(at.try_into().ok()?)), shard: *shard, line: line.try_into().ok()?, used: u16::from_be_bytes([*high, *low]) })
    }

    fn of(line: &CommitLine, shard: u8) -> Place {
        let chance = line.key.get(10..14).and_then(|chance| chance.try_into().ok()).unwrap_or_default();
        Place { at: line.at, shard, line: chance, used: 0 }
    }
}

/// All versions of a line are done, however many there are.
const ALL: u16 = u16::MAX;

/// How many versions of a line are done, as a place tells it.
fn counted(versions: usize) -> u16 {
    u16::try_from(versions).unwrap_or(ALL)
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// The place after it.
    pub place: Place,
    /// The version that says so.
    pub stored: Stored,
}

/// A part of what happened.
#[derive(Clone, Debug)]
pub struct Events {
    /// In order.
    pub found: Vec<Event>,
    /// Everything before has been looked at.
    pub reached: Place,
    /// There is more in the log.
    pub more: bool,
}

impl Chart {
    /// What happened after a place that a subscription waits for and the caller may see: at most
    /// so many events. The openings they leave are on disk.
    pub async fn subscription_events(&self, caller: &Caller, subscribed: &Subscribed, after: Place, most: usize) -> Result<Events> {
        let settled = self.inner.times.settled().await;
        let (events, rights) = self.events_after(caller, subscribed, after, settled, most)?;
        if subscribed.telling.discloses() {
            self.disclose(Disclosure::Notify, rights).await?;
        }
        Ok(events)
    }

    /// Events that were delivered, for whoever asks again: those the caller may see.
    pub async fn subscription_events_at(&self, caller: &Caller, subscribed: &Subscribed, places: &[Place]) -> Result<Vec<Option<Event>>> {
        let set = self.permitted_set(caller, Act::Read)?;
        let (mut found, mut rights) = (Vec::new(), Vec::new());
        for place in places {
            let mut one = None;
            self.store().history_forward(&set, place.shard, place.at, &mut |line| {
                if Place::of(&line, place.shard).line == place.line && line.at == place.at {
                    one = line.versions.get(usize::from(place.used).wrapping_sub(1)).copied();
                }
                if line.at > place.at || one.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            let shown = one.map(|version| self.version_of(&set, &version)).transpose()?.flatten();
            found.push(shown.map(|(permitted, stored)| {
                rights.push(permitted);
                Event { place: *place, stored }
            }));
        }
        if subscribed.telling.discloses() {
            self.disclose(Disclosure::Notify, rights).await?;
        }
        Ok(found)
    }

    fn events_after(&self, caller: &Caller, subscribed: &Subscribed, after: Place, settled: Tick, most: usize) -> Result<(Events, Vec<Permitted>)> {
        let set = self.permitted_set(caller, Act::Read)?;
        let (lines, more) = self.lines_after(&set, after, settled)?;
        let (mut found, mut rights) = (Vec::new(), Vec::new());
        let mut reached = after;
        for (place, line) in &lines {
            let skip = if (place.at, place.shard, place.line) == (after.at, after.shard, after.line) { usize::from(after.used) } else { 0 };
            for (number, version) in line.versions.iter().enumerate().skip(skip) {
                reached = Place { used: counted(number + 1), ..*place };
                if let Some((permitted, stored)) = self.event_of(&set, subscribed, version, place.at)? {
                    rights.push(permitted);
                    found.push(Event { place: reached, stored });
                    // Within what cannot be counted nobody stops: the rest of the line is told at once.
                    if found.len() >= most && reached.used < ALL {
                        return Ok((Events { found, reached, more: true }, rights));
                    }
                }
            }
            reached = Place { used: counted(line.versions.len()), ..*place };
        }
        Ok((Events { found, reached, more }, rights))
    }

    /// The next lines of all shards in order, and whether there are more.
    fn lines_after(&self, set: &PermittedSet, after: Place, settled: Tick) -> Result<(Vec<(Place, CommitLine)>, bool)> {
        let mut all: Vec<(Place, CommitLine)> = Vec::new();
        let mut end: Option<Place> = None;
        for shard in 0..self.store().shards() {
            let mut count = 0;
            let mut last = None;
            self.store().history_forward(set, shard, after.at, &mut |line| {
                if line.at > settled {
                    return ControlFlow::Break(());
                }
                let place = Place::of(&line, shard);
                // The line that was begun comes once more; those before it do not.
                if place < (Place { used: 0, ..after }) || (place == Place { used: 0, ..after } && (after.used == ALL || line.versions.len() <= usize::from(after.used))) {
                    return ControlFlow::Continue(());
                }
                if count == READ_AHEAD {
                    // Beyond here this shard was not read: others wait for it.
                    end = Some(end.map_or(place, |end| end.min(place)));
                    return ControlFlow::Break(());
                }
                count += 1;
                last = Some(place);
                if !line.versions.is_empty() {
                    all.push((place, line));
                }
                ControlFlow::Continue(())
            })?;
            // Lines without versions move the place on, too.
            if let Some(place) = last.filter(|place| all.last().is_none_or(|(known, _)| known < place)) {
                all.push((place, CommitLine::default()));
            }
        }
        all.sort_by_key(|(place, _)| *place);
        if let Some(end) = end {
            all.retain(|(place, _)| *place < end);
        }
        Ok((all, end.is_some()))
    }

    fn event_of(&self, set: &PermittedSet, subscribed: &Subscribed, version: &VersionLine, at: Tick) -> Result<Option<(Permitted, Stored)>> {
        if version.kind != subscribed.kind() {
            return Ok(None);
        }
        let Some((permitted, stored)) = self.version_of(set, version)? else { return Ok(None) };
        let happened = match &subscribed.wanted {
            Wanted::Criteria(query) => self.answers(set, query, &stored, at)?,
            Wanted::Topic { topic, filters } => self.answers_all(set, filters, &stored, at)? && self.happened(topic, &permitted, version, &stored)?,
        };
        Ok(happened.then_some((permitted, stored)))
    }

    fn version_of(&self, set: &PermittedSet, version: &VersionLine) -> Result<Option<(Permitted, Stored)>> {
        let Some(permitted) = self.right(set, version.location.record)? else { return Ok(None) };
        let mut stored = None;
        self.store().version(&permitted, version.kind, version.location, version.version, &mut |entry| stored = Some(Stored::from(entry)))?;
        Ok(stored.filter(|stored| stored.method != Method::Delete).map(|stored| (permitted, stored)))
    }

    /// True if a version answers what a topic waits for, and the one before did not.
    fn happened(&self, topic: &Topic, permitted: &Permitted, version: &VersionLine, stored: &Stored) -> Result<bool> {
        if topic.only_new {
            return Ok(stored.method == Method::Create && self.meets(topic, topic.now, stored)?);
        }
        if !self.meets(topic, topic.now, stored)? {
            return Ok(false);
        }
        let mut before = None;
        if version.version > 1 {
            self.store().version(permitted, version.kind, version.location, version.version - 1, &mut |entry| before = Some(Stored::from(entry)))?;
        }
        match before.filter(|before| before.method != Method::Delete) {
            Some(before) => Ok(!self.meets(topic, topic.before_not, &before)?),
            None => Ok(true),
        }
    }

    fn meets(&self, topic: &Topic, criteria: &str, stored: &Stored) -> Result<bool> {
        let Some(kind) = ResourceType::named(topic.kind) else { return Ok(false) };
        let pairs = search::split_query(criteria);
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = Query::parse(kind, pairs, search::Handling::Strict, self.query_context()).map_err(crate::error::Error::Malformed)?;
        // A topic's own searches look at the resource alone.
        let Ok(document) = Document::read(&stored.text) else { return Ok(false) };
        Ok(Matcher::new(&query).matches(document.root(), meta(stored)))
    }

    fn answers_all(&self, set: &PermittedSet, queries: &[Query], stored: &Stored, at: Tick) -> Result<bool> {
        for query in queries {
            if !self.answers(set, query, stored, at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// True if a version answers a query; what lies beyond it is taken as it was when it was written.
    fn answers(&self, set: &PermittedSet, query: &Query, stored: &Stored, at: Tick) -> Result<bool> {
        let Ok(document) = Document::read(&stored.text) else { return Ok(false) };
        // Whoever waits for news of one of a person's Patients is told of all of them.
        let wider = self.naming_whole_persons(std::slice::from_ref(query))?;
        let query = wider.as_ref().and_then(|(queries, _)| queries.first()).unwrap_or(query);
        if !query.looks_beyond() {
            return Ok(Matcher::new(query).matches(document.root(), meta(stored)));
        }
        let beyond = Beyond::new(self, set, at);
        let answers = Matcher::new(query).matches_in(document.root(), meta(stored), &beyond);
        beyond.broken().map(|()| answers)
    }
}

impl Subscribed {
    fn kind(&self) -> ResourceType {
        match &self.wanted {
            Wanted::Criteria(query) => query.resource_type,
            Wanted::Topic { topic, .. } => ResourceType::named(topic.kind).unwrap_or(ResourceType::PATIENT),
        }
    }
}

fn meta(stored: &Stored) -> Meta<'_> {
    Meta { id: &stored.id, last_updated: stored.last_updated, version: stored.version }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscription::TOPICS;

    #[test]
    fn a_line_of_more_versions_than_are_counted_is_done_as_a_whole() {
        assert_eq!([0, 1, 65_534, 65_535, 65_536, 1 << 20].map(counted), [0, 1, 65_534, ALL, ALL, ALL]);
    }

    #[test]
    fn every_topic_is_a_search_that_can_be_read() {
        for topic in TOPICS {
            let kind = ResourceType::named(topic.kind).unwrap();
            for criteria in [topic.before_not, topic.now] {
                let pairs = search::split_query(criteria);
                let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), search::Handling::Strict, search::QueryContext::default());
                assert!(query.is_ok(), "{}: {criteria}", topic.url);
            }
            for filter in topic.filters {
                assert!(search::parameter(kind, filter).is_some(), "{}: {filter}", topic.url);
            }
        }
    }
}
