//! `Encounter/$everything`: one stay or visit, with all that names it.
//!
//! First the encounter, its parts (a ward stay inside a hospital stay) and what names any of them;
//! then what those name in the same record, the person included; then the organisations,
//! practitioners and places. Other persons' records are not brought along.
//! <https://hl7.org/fhir/R4/encounter-operation-everything.html>

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Document, Issue, IssueCode, Moment, Reference, ResourceType, home};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::everything::note_shared;
use crate::history::stale;
use crate::stored::{Hit, Page, SearchMode, Stored};

/// Which part of it.
#[derive(Clone, Default, Debug)]
pub struct EncounterQuery {
    /// Only versions written at or after this moment.
    pub since: Option<Moment>,
    /// Only these types; empty for all.
    pub types: Vec<ResourceType>,
    /// At most so many on a page; none for all on one.
    pub count: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

type Name = (ResourceType, String);

/// A resource of the record and what it names.
struct Entry {
    stored: Stored,
    names: Vec<Name>,
}

impl Entry {
    fn name(&self) -> Name {
        (self.stored.kind, self.stored.id.clone())
    }
}

impl Chart {
    /// A page of everything about an encounter.
    pub async fn encounter_everything(&self, caller: &Caller, encounter_id: &str, query: &EncounterQuery) -> Result<Page<Hit>> {
        let (_, permitted) = self.find(caller, Act::Read, ResourceType::ENCOUNTER, encounter_id)?;
        let about = format!("encounter {encounter_id} {:?} {:?} {:?}", query.since, query.types, query.count);
        let (tick, skip) = match &query.cursor {
            None => (if query.count.is_some() { self.inner.times.settled().await } else { Tick::END }, 0),
            Some(cursor) => read_cursor(&self.opened_cursor(&about, cursor)?).ok_or_else(stale)?,
        };
        let all = self.of_encounter(caller, &permitted, encounter_id, tick)?;
        let shows = |hit: &Hit| {
            (query.types.is_empty() || query.types.contains(&hit.stored.kind)) && query.since.is_none_or(|since| hit.stored.last_updated >= since)
        };
        let mut shown: Vec<(Hit, Permitted)> = all.into_iter().filter(|(hit, _)| shows(hit)).collect();
        let total = shown.len();
        let size = query.count.map_or(usize::MAX, |count| count.clamp(1, self.inner.settings.largest_page));
        let rest = shown.split_off(skip.min(total));
        let (items, rights): (Vec<Hit>, Vec<Permitted>) = rest.into_iter().take(size).unzip();
        self.disclose(Disclosure::Summary, rights).await?;
        let end = skip + items.len();
        let next = (end < total).then(|| {
            let place = [tick.0.to_be_bytes(), (end as u64).to_be_bytes()].concat();
            self.store().seal_cursor(about.as_bytes(), &place)
        });
        Ok(Page { items, total: Some(total as u64), next, issues: Vec::new() })
    }

    /// All of it, in the one order it has at a tick.
    fn of_encounter(&self, caller: &Caller, permitted: &Permitted, encounter_id: &str, tick: Tick) -> Result<Vec<(Hit, Permitted)>> {
        let entries = self.entries_of(permitted, tick)?;
        let is_encounter = |entry: &Entry| entry.stored.kind == ResourceType::ENCOUNTER && entry.stored.id == encounter_id;
        let Some(encounter) = entries.iter().position(is_encounter) else {
            let (at, _) = self.find(caller, Act::Read, ResourceType::ENCOUNTER, encounter_id)?;
            return Err(match self.newest(permitted, ResourceType::ENCOUNTER, at)? {
                Some(stored) if stored.method == Method::Delete => Error::Gone { version: stored.version },
                _ => Error::NotFound,
            });
        };
        let stay = stay(&entries, encounter);
        let about: HashSet<Name> = stay.iter().map(|place| entries[*place].name()).collect();
        let named: HashSet<&Name> = stay.iter().flat_map(|place| &entries[*place].names).collect();
        let brought = entries.iter().filter(|entry| named.contains(&entry.name()) && !about.contains(&entry.name()));
        let matches = stay.iter().map(|place| (&entries[*place], SearchMode::Match));
        let chosen: Vec<(&Entry, SearchMode)> = matches.chain(brought.map(|entry| (entry, SearchMode::Include))).collect();
        let mut shared = BTreeSet::new();
        chosen.iter().for_each(|(entry, _)| note_shared(&entry.stored.text, &mut shared));
        let mut all: Vec<(Hit, Permitted)> = chosen.iter().map(|(entry, mode)| (Hit::new(entry.stored.clone(), *mode), permitted.clone())).collect();
        let set = self.permitted_set(caller, Act::Read)?;
        for (kind, id) in &shared {
            if let Some((right, stored)) = self.look_up(&set, *kind, id, tick)? {
                all.push((Hit::new(stored, SearchMode::Include), right));
            }
        }
        Ok(all)
    }

    /// What lives in a record, and what each names.
    fn entries_of(&self, permitted: &Permitted, tick: Tick) -> Result<Vec<Entry>> {
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let mut entries = Vec::new();
        self.store().scan_record(permitted, tick, &mut |entry| {
            if entry.method != Method::Delete {
                room_bytes = room_bytes.saturating_sub(entry.text.len());
                entries.push(Entry { names: self.names_in(entry.text), stored: Stored::from(entry) });
            }
            if room_bytes == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if room_bytes == 0 {
            let message = "The record in which this visit lies is larger than this server looks through at once. Search for what names the visit, as in Observation?encounter=7.";
            return Err(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]));
        }
        Ok(entries)
    }

    /// The local resources a text names, each once.
    pub(crate) fn names_in(&self, text: &str) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        let Ok(document) = Document::read(text) else { return names };
        home::reference_texts(document.root(), &mut |text| {
            if let Some((kind, id)) = Reference::within(&text, &self.inner.settings.base_url).local()
                && !names.iter().any(|(other, name)| *other == kind && name == id)
            {
                names.push((kind, id.to_owned()));
            }
        });
        names
    }
}

/// The encounter, its parts, and whatever names one of them, in that order.
fn stay(entries: &[Entry], encounter: usize) -> Vec<usize> {
    let mut parts = vec![encounter];
    let mut looked = 0;
    while let Some(place) = parts.get(looked).copied() {
        looked += 1;
        let whole = entries[place].name();
        let is_part = |entry: &Entry| entry.stored.kind == ResourceType::ENCOUNTER && is_part_of(entry, &whole);
        let found: Vec<usize> = (0..entries.len()).filter(|other| !parts.contains(other) && is_part(&entries[*other])).collect();
        parts.extend(found);
    }
    let names: HashSet<Name> = parts.iter().map(|place| entries[*place].name()).collect();
    let mut members = parts.clone();
    members.extend((0..entries.len()).filter(|place| !parts.contains(place) && entries[*place].stored.kind != ResourceType::ENCOUNTER && entries[*place].names.iter().any(|name| names.contains(name))));
    // Who wrote down what is told by the provenance of each.
    let all: HashSet<Name> = members.iter().map(|place| entries[*place].name()).collect();
    let told: Vec<usize> = (0..entries.len()).filter(|place| !members.contains(place) && entries[*place].stored.kind.name() == "Provenance" && entries[*place].names.iter().any(|name| all.contains(name))).collect();
    members.extend(told);
    members
}

fn is_part_of(entry: &Entry, whole: &Name) -> bool {
    let Ok(document) = Document::read(&entry.stored.text) else { return false };
    let part_of = document.root().path(&["partOf", "reference"]).and_then(|text| text.as_str());
    part_of.is_some_and(|text| Reference::parse(&text).local().is_some_and(|(kind, id)| kind == whole.0 && id == whole.1))
}

fn read_cursor(bytes: &[u8]) -> Option<(Tick, usize)> {
    let (tick, number) = bytes.split_at_checked(8)?;
    let number = u64::from_be_bytes(number.try_into().ok()?);
    Some((Tick(i64::from_be_bytes(tick.try_into().ok()?)), usize::try_from(number).ok()?))
}
