//! Reading: where a resource lies, its versions, a record as a whole, the log.
//!
//! * What the residual of a right hides is not there: no version of it is visited, its tombstone
//!   neither, and nobody above can forget to ask.
//! * A resource is hidden by its newest content, whichever version is looked at; a version also
//!   by its own.

use std::cell::RefCell;
use std::ops::ControlFlow;

use access::{Facts, Permitted, Residual};
use fhir::{RecordId, ResourceType};
use seal::{BlockKey, Sealer};

use crate::engine::{Space, Span};
use crate::entry::{self, EntryRef, Method};
use crate::error::Error;
use crate::head::Head;
use crate::layout::{self, EntryKey};
use crate::store::Store;
use crate::tick::Tick;

/// Where a resource lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    /// In which record.
    pub record: RecordId,
    /// Its number there.
    pub entry: u32,
}

/// A term under which resources are found.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// The number of the parameter, part of the format.
    pub parameter: u16,
    /// The canonical value.
    pub value: &'a [u8],
    /// Months since 1970, or 0.
    pub month: u16,
}

/// A posting to write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedTerm {
    /// The number of the parameter, part of the format.
    pub parameter: u16,
    /// The canonical value.
    pub value: Vec<u8>,
    /// Months since 1970, or 0.
    pub month: u16,
    /// Seconds since 1970 of the clinical date, or 0.
    pub seconds: i64,
}

thread_local! {
    /// Where values are opened: one buffer a thread, so that a scan allocates nothing.
    static OPENED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends an empty buffer; a nested caller gets a fresh one.
fn with_buffer<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut buffer = OPENED.with(|kept| std::mem::take(&mut *kept.borrow_mut()));
    buffer.clear();
    let result = work(&mut buffer);
    // A giant attachment must not stay in memory for ever.
    if buffer.capacity() <= 1 << 20 {
        OPENED.with(|kept| *kept.borrow_mut() = buffer);
    }
    result
}

pub(crate) fn covers(permitted: &Permitted, record: RecordId) -> Result<(), Error> {
    if permitted.record() == record { Ok(()) } else { Err(Error::NotCovered) }
}

impl Store {
    /// Where the resource of that type and id lies. Says nothing about its content.
    pub fn locate(&self, kind: ResourceType, id: &str) -> Result<Option<Location>, Error> {
        let (token, key) = self.locator(kind, id);
        let mut found = None;
        self.data.view(Space::Locator, &token, &mut |value| found = Some(<[u8; 16]>::try_from(value)))?;
        match found {
            None => Ok(None),
            Some(Err(_)) => Err(Error::Damaged("a locator has the wrong length")),
            Some(Ok(block)) => match layout::read_locator_block(key.open(block)) {
                Some((record, entry)) => Ok(Some(Location { record, entry })),
                None => Err(Error::Damaged("a locator does not open")),
            },
        }
    }

    pub(crate) fn locator(&self, kind: ResourceType, id: &str) -> ([u8; 10], BlockKey) {
        self.tokens.term(kind.name(), id.as_bytes(), u16::MAX)
    }

    pub(crate) fn term(&self, term: Term<'_>) -> ([u8; 10], BlockKey) {
        let mut name = [0; 5];
        let name = decimal(term.parameter, &mut name);
        self.tokens.term(name, term.value, term.month)
    }

    pub(crate) fn token(&self, record: RecordId, kind: ResourceType) -> u16 {
        self.tokens.type_within(record.0, kind.number())
    }

    /// The head of a record, with its sealed bytes; none for a record that was never written.
    pub(crate) fn head(&self, record: RecordId) -> Result<Option<(Head, Vec<u8>)>, Error> {
        let key = layout::head_key(record);
        match self.data.get(Space::Record, &key)? {
            Some(sealed) => Ok(Some((Head::read(&self.heads.open(&key, &sealed)?)?, sealed))),
            None => Ok(None),
        }
    }

    /// What opens a record; none where it was erased, which looks like absent.
    fn sealer_of(&self, record: RecordId) -> Result<Option<std::sync::Arc<Sealer>>, Error> {
        match self.keys.find(record)? {
            None if self.erased(record)?.is_none() => Err(Error::KeyMissing),
            found => Ok(found),
        }
    }

    /// What opens a record that is gone through; none where nothing lies in it, and where it was erased. A record whose
    /// key is missing is not an empty one.
    fn sealer_to_scan(&self, record: RecordId) -> Result<Option<std::sync::Arc<Sealer>>, Error> {
        let found = self.keys.find(record)?;
        if found.is_some() || !self.has_head(record)? || self.erased(record)?.is_some() {
            return Ok(found);
        }
        // It may have come to be in between: its key comes first.
        self.keys.sealer(record).map(Some)
    }

    /// True if a record was ever written to, and not erased since: every commit leaves a head. Much less work than a look
    /// for what lies in it.
    pub(crate) fn has_head(&self, record: RecordId) -> Result<bool, Error> {
        Ok(self.data.view(Space::Record, &layout::head_key(record), &mut |_| {})?)
    }

    /// True if anything lies in a record.
    pub(crate) fn is_in_use(&self, record: RecordId) -> Result<bool, Error> {
        let mut is_in_use = false;
        self.data.scan(Space::Record, &Span::prefix(record.0.to_be_bytes()), &mut |_, _| {
            is_in_use = true;
            ControlFlow::Break(())
        })?;
        Ok(is_in_use)
    }

    /// Shows the newest version of a resource, tombstones included. False if there is none.
    pub fn newest(&self, permitted: &Permitted, kind: ResourceType, at: Location, see: &mut dyn FnMut(EntryRef<'_>)) -> Result<bool, Error> {
        self.as_of(permitted, kind, at, Tick::END, see)
    }

    /// Shows the version of a resource that was newest at a moment. False if there was none.
    pub fn as_of(&self, permitted: &Permitted, kind: ResourceType, at: Location, moment: Tick, see: &mut dyn FnMut(EntryRef<'_>)) -> Result<bool, Error> {
        covers(permitted, at.record)?;
        let Some(sealer) = self.sealer_of(at.record)? else { return Ok(false) };
        let key = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version: 0 };
        let shown = match permitted.residual() {
            residual if residual.is_none() => None,
            residual => Some(self.shown_versions(&sealer, key, residual)?),
        };
        let mut seen = false;
        self.every_version(&sealer, key, &mut |entry| {
            if entry.tick > moment {
                return ControlFlow::Continue(());
            }
            // The one that was newest then decides: an older one in its place would be a lie.
            if shown.as_ref().is_none_or(|shown| shown.contains(&entry.version)) {
                seen = true;
                see(entry);
            }
            ControlFlow::Break(())
        })?;
        Ok(seen)
    }

    /// Visits the versions of a resource, newest first.
    pub fn versions(&self, permitted: &Permitted, kind: ResourceType, at: Location, visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        covers(permitted, at.record)?;
        let Some(sealer) = self.sealer_of(at.record)? else { return Ok(()) };
        let key = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version: 0 };
        if permitted.residual().is_none() {
            return self.every_version(&sealer, key, visit);
        }
        let shown = self.shown_versions(&sealer, key, permitted.residual())?;
        self.every_version(&sealer, key, &mut |entry| if shown.contains(&entry.version) { visit(entry) } else { ControlFlow::Continue(()) })
    }

    /// Visits the versions under a key, newest first, whoever asks.
    fn every_version(&self, sealer: &Sealer, key: EntryKey, visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        let mut outcome = Ok(());
        with_buffer(|buffer| {
            self.data.scan(Space::Record, &Span::prefix(key.entry_prefix()), &mut |key, value| {
                match open(sealer, key, value, buffer) {
                    // Two types of a record may share a token, but never an entry number.
                    Ok(entry) => visit(entry),
                    Err(cause) => {
                        outcome = Err(cause);
                        ControlFlow::Break(())
                    }
                }
            })
        })?;
        outcome
    }

    /// The versions of a resource that a residual shows: none where it hides the newest content. A
    /// tombstone is shown with what it ended.
    pub(crate) fn shown_versions(&self, sealer: &Sealer, key: EntryKey, residual: &Residual) -> Result<Vec<u32>, Error> {
        let (mut shown, mut tombstones) = (Vec::new(), Vec::new());
        let mut is_first = true;
        self.every_version(sealer, key, &mut |entry| {
            if entry.method == Method::Delete {
                tombstones.push(entry.version);
                return ControlFlow::Continue(());
            }
            let is_shown = shows(residual, &entry);
            if is_first && !is_shown {
                return ControlFlow::Break(());
            }
            is_first = false;
            let ended = std::mem::take(&mut tombstones);
            if is_shown {
                shown.extend(ended);
                shown.push(entry.version);
            }
            ControlFlow::Continue(())
        })?;
        Ok(shown)
    }

    /// Shows one version of a resource. False if there is none of that number.
    pub fn version(&self, permitted: &Permitted, kind: ResourceType, at: Location, version: u32, see: &mut dyn FnMut(EntryRef<'_>)) -> Result<bool, Error> {
        covers(permitted, at.record)?;
        let Some(sealer) = self.sealer_of(at.record)? else { return Ok(false) };
        let place = EntryKey { record: at.record, token: self.token(at.record, kind), entry: at.entry, version };
        if !permitted.residual().is_none() && !self.shown_versions(&sealer, place, permitted.residual())?.contains(&version) {
            return Ok(false);
        }
        let key = place.bytes();
        let mut outcome = Ok(());
        let found = with_buffer(|buffer| {
            self.data.view(Space::Record, &key, &mut |value| match open(&sealer, &key, value, buffer) {
                Ok(entry) => see(entry),
                Err(cause) => outcome = Err(cause),
            })
        })?;
        outcome.map(|()| found)
    }

    /// Visits the resources of some types in a record as they were at a moment, tombstones included,
    /// from after a place ([`EntryRef::place`]) where one is given.
    pub fn scan_types(&self, permitted: &Permitted, kinds: &[ResourceType], moment: Tick, after: Option<[u8; 6]>, visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        let record = permitted.record();
        let Some(sealer) = self.sealer_to_scan(record)? else { return Ok(()) };
        let mut tokens: Vec<u16> = kinds.iter().map(|kind| self.token(record, *kind)).collect();
        tokens.sort_unstable();
        tokens.dedup();
        let after = after.map(|after| after_place(record, after));
        // Most records have nothing of most types: one cursor learns that for all of them.
        let mut looking = if tokens.len() > 1 { Some(self.data.cursor(Space::Record, &Span::prefix(record.0.to_be_bytes()))?) } else { None };
        for token in tokens {
            let mut span = Span::prefix(layout::entries_prefix(record, Some(token)));
            if let Some(after) = &after && *after > span.from {
                span.from.clone_from(after);
            }
            if let Some(looking) = &mut looking {
                looking.seek(&span.from);
                if !looking.next()?.is_some_and(|(key, _)| span.holds(key)) {
                    continue;
                }
            }
            let mut stopped = false;
            self.scan_span(permitted, &sealer, &span, moment, None, &mut |entry| {
                if !kinds.contains(&entry.kind) {
                    return ControlFlow::Continue(());
                }
                let flow = visit(entry);
                stopped = flow.is_break();
                flow
            })?;
            if stopped {
                break;
            }
        }
        Ok(())
    }

    /// Visits every resource of a record as it was at a moment, tombstones included, and verifies
    /// the record against its head: a missing, added or rolled back value is an error.
    pub fn scan_record(&self, permitted: &Permitted, moment: Tick, visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        let record = permitted.record();
        let Some(sealer) = self.sealer_to_scan(record)? else { return Ok(()) };
        let span = Span::prefix(record.0.to_be_bytes());
        let mut tally = Tally::default();
        let stopped = self.scan_span(permitted, &sealer, &span, moment, Some(&mut tally), visit)?;
        if !stopped {
            tally.verify(self, record)?;
        }
        Ok(())
    }

    /// Visits every version of every resource of a record, those of one resource together and newest
    /// first: for what must be known of a record before anybody may see any of it.
    pub fn scan_versions(&self, permitted: &Permitted, visit: &mut dyn FnMut(EntryRef<'_>)) -> Result<(), Error> {
        let record = permitted.record();
        let Some(sealer) = self.sealer_to_scan(record)? else { return Ok(()) };
        let mut outcome = Ok(());
        with_buffer(|buffer| {
            self.data.scan(Space::Record, &Span::prefix(layout::entries_prefix(record, None)), &mut |key, value| match open(&sealer, key, value, buffer) {
                Ok(entry) if permitted.residual().is_none() => {
                    visit(entry);
                    ControlFlow::Continue(())
                }
                Ok(_) => {
                    outcome = Err(Error::NotCovered);
                    ControlFlow::Break(())
                }
                Err(cause) => {
                    outcome = Err(cause);
                    ControlFlow::Break(())
                }
            })
        })?;
        outcome
    }

    /// Visits the resources of a record as they were at a moment, tombstones included, that come
    /// after a place ([`EntryRef::place`]). For later pages: nothing is verified as a whole.
    pub fn scan_record_after(&self, permitted: &Permitted, moment: Tick, after: [u8; 6], visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        let record = permitted.record();
        let Some(sealer) = self.sealer_to_scan(record)? else { return Ok(()) };
        let mut span = Span::prefix(layout::entries_prefix(record, None));
        span.from = after_place(record, after);
        self.scan_span(permitted, &sealer, &span, moment, None, visit)?;
        Ok(())
    }

    fn scan_span(
        &self,
        permitted: &Permitted,
        sealer: &Sealer,
        span: &Span,
        moment: Tick,
        mut tally: Option<&mut Tally>,
        visit: &mut dyn FnMut(EntryRef<'_>) -> ControlFlow<()>,
    ) -> Result<bool, Error> {
        let mut outcome = Ok(false);
        let mut shown = None;
        let mut asked = Asked { store: self, sealer, residual: permitted.residual(), entry: None, versions: None };
        with_buffer(|buffer| {
            self.data.scan(Space::Record, span, &mut |key, value| {
                if let Some(tally) = tally.as_deref_mut() {
                    tally.count(sealer, key, value);
                }
                let Some(at) = EntryKey::read(key) else { return ControlFlow::Continue(()) };
                if shown == Some(at.entry) {
                    return ControlFlow::Continue(());
                }
                let opened = open(sealer, key, value, buffer);
                let opened = opened.and_then(|entry| Ok((asked.about(at, &entry)?, entry)));
                match opened {
                    Ok((_, entry)) if entry.tick > moment => ControlFlow::Continue(()),
                    Ok((false, _)) => {
                        shown = Some(at.entry);
                        ControlFlow::Continue(())
                    }
                    Ok((true, entry)) => {
                        shown = Some(at.entry);
                        let flow = visit(entry);
                        if flow.is_break() {
                            outcome = Ok(true);
                        }
                        flow
                    }
                    Err(cause) => {
                        outcome = Err(cause);
                        ControlFlow::Break(())
                    }
                }
            })
        })?;
        outcome
    }

    /// Visits the records in which the person of this record is named as a guest: where each resource
    /// lies, in the order of their tokens, which are lasting places in the list.
    pub fn guests(&self, permitted: &Permitted, visit: &mut dyn FnMut([u8; 8], ResourceType, Location)) -> Result<(), Error> {
        let record = permitted.record();
        let Some(sealer) = self.sealer_to_scan(record)? else { return Ok(()) };
        let mut prefix = record.0.to_be_bytes().to_vec();
        prefix.push(layout::GUEST);
        let mut outcome = Ok(());
        let mut found = Vec::new();
        with_buffer(|buffer| {
            self.data.scan(Space::Record, &Span::prefix(prefix), &mut |key, value| {
                match open_guest(&sealer, key, value, buffer) {
                    Ok(pointer) => found.push((layout::guest_token(key), pointer)),
                    Err(cause) => {
                        outcome = Err(cause);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            })
        })?;
        outcome?;
        for (token, (kind, location)) in found {
            visit(token, kind, location);
        }
        Ok(())
    }

    /// True if a version the log tells of lies in its record.
    pub(crate) fn is_there(&self, version: &crate::log::VersionLine) -> Result<bool, Error> {
        let at = version.location;
        let key = EntryKey { record: at.record, token: self.token(at.record, version.kind), entry: at.entry, version: version.version };
        Ok(self.data.view(Space::Record, &key.bytes(), &mut |_| {})?)
    }

    /// Visits the records of a store that come after one, in the order of their numbers.
    pub fn records(&self, after: Option<RecordId>, visit: &mut dyn FnMut(RecordId) -> ControlFlow<()>) -> Result<(), Error> {
        let mut cursor = self.data.cursor(Space::Record, &Span::all())?;
        let mut next = match after {
            Some(RecordId(u64::MAX)) => return Ok(()),
            Some(RecordId(number)) => RecordId(number + 1),
            None => RecordId(0),
        };
        loop {
            cursor.seek(&layout::head_key(next));
            let Some((key, _)) = cursor.next()? else { return Ok(()) };
            // A key too short to be ours is named after what it would begin; the walk goes on behind it.
            let mut first = [0; 8];
            let length = key.len().min(8);
            first[..length].copy_from_slice(&key[..length]);
            let record = RecordId(layout::number(&first));
            if visit(record).is_break() {
                return Ok(());
            }
            match record.0.checked_add(1) {
                Some(number) => next = RecordId(number),
                None => return Ok(()),
            }
        }
    }
}

fn shows(residual: &Residual, entry: &EntryRef<'_>) -> bool {
    residual.shows(&Facts::new(entry.kind, entry.id, entry.text))
}

/// What a scan asks of a residual: of most entries the newest content alone.
struct Asked<'a> {
    store: &'a Store,
    sealer: &'a Sealer,
    residual: &'a Residual,
    /// The entry the scan is at.
    entry: Option<u32>,
    /// Its versions that are shown, where its newest one alone did not tell.
    versions: Option<Vec<u32>>,
}

impl Asked<'_> {
    /// True where this version may be shown. Versions of an entry come newest first.
    fn about(&mut self, at: EntryKey, entry: &EntryRef<'_>) -> Result<bool, Error> {
        if self.residual.is_none() {
            return Ok(true);
        }
        if self.entry != Some(at.entry) {
            (self.entry, self.versions) = (Some(at.entry), None);
            if entry.method != Method::Delete {
                let is_shown = shows(self.residual, entry);
                // An older version may be asked about next: it is not shown where this one is not.
                self.versions = if is_shown { None } else { Some(Vec::new()) };
                return Ok(is_shown);
            }
        }
        if self.versions.is_none() {
            self.versions = Some(self.store.shown_versions(self.sealer, at, self.residual)?);
        }
        Ok(self.versions.as_ref().is_some_and(|versions| versions.contains(&at.version)))
    }
}

/// The first key after all versions of the entry at a place.
fn after_place(record: RecordId, place: [u8; 6]) -> Vec<u8> {
    // Version 0 does not exist: its key sorts after every version of the entry.
    let key = EntryKey { record, token: u16::from_be_bytes([place[0], place[1]]), entry: layout::number(&place[2..]) as u32, version: 0 };
    key.bytes().to_vec()
}

/// Opens one version. A key that is no entry's, or a value that does not open there, is damage.
pub(crate) fn open<'b>(sealer: &Sealer, key: &[u8], value: &[u8], buffer: &'b mut Vec<u8>) -> Result<EntryRef<'b>, Error> {
    let at = EntryKey::read(key).ok_or(Error::Damaged("an entry lies under a key that is none"))?;
    buffer.clear();
    sealer.open(&at.place(), value, buffer)?;
    entry::read(buffer, at)
}

pub(crate) fn open_guest(sealer: &Sealer, key: &[u8], value: &[u8], buffer: &mut Vec<u8>) -> Result<(ResourceType, Location), Error> {
    let damaged = Error::Damaged("a guest pointer could not be read");
    let token = key.get(9..17).and_then(|token| <[u8; 8]>::try_from(token).ok()).ok_or(damaged.clone())?;
    let guest = RecordId(layout::number(&key[..8]));
    buffer.clear();
    sealer.open(&layout::guest_place(guest, token), value, buffer)?;
    let kind = buffer.get(..2).and_then(|kind| ResourceType::from_number(layout::number(kind) as u16));
    match (kind, buffer.len()) {
        (Some(kind), 14) => Ok((kind, Location { record: RecordId(layout::number(&buffer[2..10])), entry: layout::number(&buffer[10..]) as u32 })),
        _ => Err(damaged),
    }
}

/// What a scan of a whole record counts, to be compared with the head.
#[derive(Default)]
pub(crate) struct Tally {
    head: Option<Vec<u8>>,
    found: Head,
}

impl Tally {
    pub fn count(&mut self, sealer: &Sealer, key: &[u8], value: &[u8]) {
        match key.get(8) {
            Some(&layout::HEAD) => self.head = Some(value.to_vec()),
            Some(&layout::ENTRY) => {
                if let Some(at) = EntryKey::read(key) {
                    self.found.add(sealer.digest(&at.place(), value));
                }
            }
            Some(&layout::GUEST) => {
                if let Some(token) = key.get(9..17).and_then(|token| <[u8; 8]>::try_from(token).ok()) {
                    let guest = RecordId(layout::number(&key[..8]));
                    self.found.add(sealer.digest(&layout::guest_place(guest, token), value));
                }
            }
            _ => {}
        }
    }

    /// Compares with the head; how often it says the record was written to.
    pub fn verify(&self, store: &Store, record: RecordId) -> Result<u64, Error> {
        let nothing = self.found.values == 0;
        match &self.head {
            None if nothing => Ok(0),
            None => Err(Error::Damaged("a record has lost its head")),
            Some(sealed) => {
                let head = Head::read(&store.heads.open(&layout::head_key(record), sealed)?)?;
                if head.values == self.found.values && head.sum == self.found.sum {
                    Ok(head.commits)
                } else {
                    Err(Error::Damaged("a record does not agree with its head: something was dropped, added or rolled back"))
                }
            }
        }
    }
}

/// A number as decimal text without allocating.
fn decimal(mut number: u16, buffer: &mut [u8; 5]) -> &str {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}
