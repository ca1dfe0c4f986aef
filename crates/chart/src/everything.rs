//! `Patient/$everything`: the whole record, complete. It is never cut: what one answer cannot hold is refused, or comes
//! page by page where pages are asked for.
//!
//! First what lies in the record, and in those that were merged with it; then what lies in other
//! persons' records and names this person, then the organisations, practitioners and places that any
//! of it names.
//! <https://hl7.org/fhir/R4/patient-operation-everything.html>

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Document, Issue, IssueCode, Moment, PartialDateTime, Reference, ResourceType, home};
pub(crate) use fhir::happened::range as clinical_date;
use store::{EntryRef, Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::history::stale;
use crate::stored::{Hit, Page, SearchMode, Stored};

/// Which part of the record.
#[derive(Clone, Default, Debug)]
pub struct EverythingQuery {
    /// Only versions written at or after this moment.
    pub since: Option<Moment>,
    /// Only these types; empty for all.
    pub types: Vec<ResourceType>,
    /// Only what happened at or after the beginning of this date, and what has no date.
    pub start: Option<PartialDateTime>,
    /// Only what happened before the end of this date, and what has no date.
    pub end: Option<PartialDateTime>,
    /// At most so many on a page; none for all on one.
    pub count: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Where a page ended: in which of the person's records.
#[derive(Clone, Copy)]
enum Place {
    Start,
    Record(u8, [u8; 6]),
    Guest(u8, [u8; 8]),
    Named(u32),
}

impl Place {
    fn bytes(self) -> Vec<u8> {
        match self {
            Place::Start => vec![0],
            Place::Record(record, place) => [&[1, record][..], &place].concat(),
            Place::Guest(record, token) => [&[2, record][..], &token].concat(),
            Place::Named(number) => [&[3][..], &number.to_be_bytes()].concat(),
        }
    }

    fn read(bytes: &[u8]) -> Option<Place> {
        let (tag, rest) = bytes.split_first()?;
        Some(match tag {
            0 => Place::Start,
            1 => Place::Record(*rest.first()?, rest[1..].try_into().ok()?),
            2 => Place::Guest(*rest.first()?, rest[1..].try_into().ok()?),
            3 => Place::Named(u32::from_be_bytes(rest.try_into().ok()?)),
            _ => return None,
        })
    }
}

/// What has been gathered for a page.
struct Gathered {
    items: Vec<Hit>,
    last: Place,
    full: bool,
    size: usize,
    /// Bytes there is still room for; what comes last may be longer.
    room_bytes: usize,
}

impl Gathered {
    fn take(&mut self, stored: impl FnOnce() -> Stored, mode: SearchMode, place: Place) -> ControlFlow<()> {
        if self.items.len() == self.size || self.room_bytes == 0 {
            self.full = true;
            return ControlFlow::Break(());
        }
        let stored = stored();
        self.room_bytes = self.room_bytes.saturating_sub(stored.text.len());
        self.items.push(Hit::new(stored, mode));
        self.last = place;
        ControlFlow::Continue(())
    }
}

impl Chart {
    /// A page of everything about a person.
    pub async fn everything(&self, caller: &Caller, patient_id: &str, query: &EverythingQuery) -> Result<Page<Hit>> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let all = self.whole_person(caller, &permitted)?;
        // Pages go on only while the same records are one person's.
        let records: Vec<u64> = all.iter().skip(1).map(|right| right.record().0).collect();
        let about = format!("everything {patient_id} {records:?} {:?} {:?} {:?} {:?} {:?}", query.since, query.types, query.start, query.end, query.count);
        let (tick, from) = match &query.cursor {
            None => (if query.count.is_some() { self.inner.times.settled().await } else { Tick::END }, Place::Start),
            Some(cursor) => {
                let bytes = self.opened_cursor(&about, cursor)?;
                let (tick, place) = bytes.split_at_checked(8).ok_or_else(stale)?;
                (Tick(i64::from_be_bytes(tick.try_into().map_err(|_| stale())?)), Place::read(place).ok_or_else(stale)?)
            }
        };
        let patient = self.newest(&permitted, ResourceType::PATIENT, at)?.ok_or(Error::NotFound)?;
        if from_start(from) && patient.method == Method::Delete {
            return Err(Error::Gone { version: patient.version });
        }
        let filter = Filter { query, zone: self.inner.settings.zone_offset_minutes };
        let size = query.count.map_or(usize::MAX, |count| count.clamp(1, self.inner.settings.largest_page));
        let mut gathered = Gathered { items: Vec::new(), last: from, full: false, size, room_bytes: self.inner.settings.search_memory_bytes };
        let mut rights = all.clone();
        let mut named = BTreeSet::new();
        for (number, permitted) in (0u8..).zip(&all) {
            if !gathered.full {
                self.gather_record(permitted, number, tick, from, &filter, &mut named, &mut gathered)?;
            }
        }
        for number in 0..all.len() {
            if !gathered.full {
                self.gather_guests(caller, &all, number, tick, from, &filter, &mut named, &mut gathered, &mut rights)?;
            }
        }
        if !gathered.full {
            if !from_start(from) {
                // Earlier pages named things too: they are gathered again, from the record as it was.
                for permitted in &all {
                    self.named_in_record(caller, permitted, tick, &mut named)?;
                }
            }
            self.gather_named(caller, &named, tick, from, &filter, &mut gathered, &mut rights)?;
        }
        if gathered.full && query.count.is_none() {
            let message = "This record is larger than this server sends in one answer. Ask for it page by page, with _count, or for a part of it, with _type, start and end.";
            return Err(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]));
        }
        self.disclose(Disclosure::Summary, rights).await?;
        let next = gathered.full.then(|| {
            let mut place = tick.0.to_be_bytes().to_vec();
            place.extend_from_slice(&gathered.last.bytes());
            self.store().seal_cursor(about.as_bytes(), &place)
        });
        let total = (from_start(from) && !gathered.full).then_some(gathered.items.len() as u64);
        Ok(Page { items: gathered.items, total, next, issues: Vec::new() })
    }

    /// The rights on all records of a person of which one is permitted, that one first: those merged with it.
    pub(crate) fn whole_person(&self, caller: &Caller, permitted: &Permitted) -> Result<Vec<Permitted>> {
        let mut all = vec![permitted.clone()];
        for member in self.joined(permitted.record())?.iter().filter(|member| member.record != permitted.record()) {
            match self.permit(caller, permitted.act(), member.record) {
                Ok(right) => all.push(right),
                Err(Error::NotFound) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(all)
    }

    #[allow(clippy::too_many_arguments)]
    fn gather_record(&self, permitted: &Permitted, number: u8, tick: Tick, from: Place, filter: &Filter<'_>, named: &mut BTreeSet<(ResourceType, String)>, gathered: &mut Gathered) -> Result<()> {
        let mut visit = |entry: EntryRef<'_>| {
            if entry.method == Method::Delete {
                return ControlFlow::Continue(());
            }
            note_shared(entry.text, named);
            if !filter.shows(&entry) {
                return ControlFlow::Continue(());
            }
            gathered.take(|| Stored::from(entry), SearchMode::Match, Place::Record(number, entry.place()))
        };
        match from {
            Place::Start => self.store().scan_record(permitted, tick, &mut visit)?,
            Place::Record(last, _) if last < number => self.store().scan_record(permitted, tick, &mut visit)?,
            Place::Record(last, place) if last == number => self.store().scan_record_after(permitted, tick, place, &mut visit)?,
            _ => {}
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn gather_guests(&self, caller: &Caller, all: &[Permitted], number: usize, tick: Tick, from: Place, filter: &Filter<'_>, named: &mut BTreeSet<(ResourceType, String)>, gathered: &mut Gathered, rights: &mut Vec<Permitted>) -> Result<()> {
        let after = match from {
            Place::Named(_) => return Ok(()),
            Place::Guest(last, _) if usize::from(last) > number => return Ok(()),
            Place::Guest(last, token) if usize::from(last) == number => Some(token),
            _ => None,
        };
        let set = self.permitted_set(caller, Act::Read)?;
        for (token, kind, at) in self.guests(&all[number])?.into_iter().filter(|(token, ..)| after.is_none_or(|after| *token > after)) {
            if all.iter().any(|own| own.record() == at.record) {
                continue;
            }
            let Some(right) = self.right(&set, at.record)? else { continue };
            let mut flow = ControlFlow::Continue(());
            self.store().as_of(&right, kind, at, tick, &mut |entry| {
                if entry.method == Method::Delete {
                    return;
                }
                note_shared(entry.text, named);
                if filter.shows(&entry) {
                    flow = gathered.take(|| Stored::from(entry), SearchMode::Match, Place::Guest(number as u8, token));
                    rights.push(right.clone());
                }
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn guests(&self, permitted: &Permitted) -> Result<Vec<([u8; 8], ResourceType, store::Location)>> {
        let mut found = Vec::new();
        self.store().guests(permitted, &mut |token, kind, at| found.push((token, kind, at)))?;
        Ok(found)
    }

    fn named_in_record(&self, caller: &Caller, permitted: &Permitted, tick: Tick, named: &mut BTreeSet<(ResourceType, String)>) -> Result<()> {
        self.store().scan_record(permitted, tick, &mut |entry| {
            note_shared(entry.text, named);
            ControlFlow::Continue(())
        })?;
        let set = self.permitted_set(caller, Act::Read)?;
        for (_, kind, at) in self.guests(permitted)? {
            if let Some(right) = self.right(&set, at.record)? {
                self.store().as_of(&right, kind, at, tick, &mut |entry| note_shared(entry.text, named))?;
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn gather_named(&self, caller: &Caller, named: &BTreeSet<(ResourceType, String)>, tick: Tick, from: Place, filter: &Filter<'_>, gathered: &mut Gathered, rights: &mut Vec<Permitted>) -> Result<()> {
        let skip = if let Place::Named(number) = from { number as usize + 1 } else { 0 };
        let set = self.permitted_set(caller, Act::Read)?;
        for (number, (kind, id)) in (0u32..).zip(named).skip(skip) {
            if !filter.shows_type(*kind) {
                continue;
            }
            let Some((right, stored)) = self.look_up(&set, *kind, id, tick)? else { continue };
            if filter.query.since.is_some_and(|since| stored.last_updated < since) {
                continue;
            }
            rights.push(right);
            if gathered.take(|| stored, SearchMode::Include, Place::Named(number)).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn from_start(place: Place) -> bool {
    matches!(place, Place::Start)
}

/// Notes every reference to a type of the shared space. The text is ours and without white
/// space, so the member can be found without reading the whole tree.
pub(crate) fn note_shared(text: &str, named: &mut BTreeSet<(ResourceType, String)>) {
    const MEMBER: &str = "\"reference\":\"";
    let mut rest = text;
    while let Some(at) = rest.find(MEMBER) {
        rest = &rest[at + MEMBER.len()..];
        let Some(end) = rest.find('"') else { return };
        if rest[..end].contains('\\') {
            // An escape inside a reference is rare and legal: then the tree is read after all.
            return note_decoded(text, named);
        }
        if let Some((kind, id)) = Reference::parse(&rest[..end]).local() {
            if home::is_shared(kind) && !named.contains(&(kind, id.to_owned())) {
                named.insert((kind, id.to_owned()));
            }
        }
        rest = &rest[end..];
    }
}

/// The same by the tree, where references are written with escapes.
fn note_decoded(text: &str, named: &mut BTreeSet<(ResourceType, String)>) {
    let Ok(document) = Document::read(text) else { return };
    home::reference_texts(document.root(), &mut |text| {
        if let Some((kind, id)) = Reference::parse(&text).local()
            && home::is_shared(kind)
        {
            named.insert((kind, id.to_owned()));
        }
    });
}

struct Filter<'q> {
    query: &'q EverythingQuery,
    zone: i16,
}

impl Filter<'_> {
    fn shows_type(&self, kind: ResourceType) -> bool {
        self.query.types.is_empty() || self.query.types.contains(&kind)
    }

    fn shows(&self, entry: &EntryRef<'_>) -> bool {
        self.shows_type(entry.kind)
            && self.query.since.is_none_or(|since| entry.last_updated >= since)
            && ((self.query.start.is_none() && self.query.end.is_none()) || self.happened(entry))
    }

    /// True unless the resource has a clinical date and lies wholly outside the asked time.
    fn happened(&self, entry: &EntryRef<'_>) -> bool {
        let Ok(document) = Document::read(entry.text) else { return true };
        let Some((low, high)) = clinical_date(entry.kind, document.root(), self.zone) else { return true };
        self.query.start.is_none_or(|start| high > start.range(self.zone).0) && self.query.end.is_none_or(|end| low < end.range(self.zone).1)
    }
}
