//! Who opened what: each opening on disk before anything is disclosed, and the tree over them all.
//!
//! * An opening and its place in the tree are one batch. Places are given out in the order in which
//!   batches reach the engine, and each batch asks for the place before its own, so there are no gaps.
//! * Time never runs backwards along the tree: an opening dated before the one in front of it was put in.
//! * A leaf is the hash of a commitment with a salt that only the key's holder knows. Nobody learns
//!   anything from it, and whoever is shown the statement can verify it without the store.
//! * A checkpoint vouches only for what is on disk.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use access::{Disclosure, Opening, Permitted, PermittedSet};
use fhir::RecordId;
use ledger::{Checkpoint, Frontier, Hash, Nodes, entry_of_commitment, leaf_hash, sha256};
use parking_lot::Mutex;
use seal::{Signer, SiteKey};

use crate::batch::Batch;
use crate::check::Checked;
use crate::engine::{CommitError, Space, Span};
use crate::error::{Error, Refused};
use crate::layout;
use crate::log::Openings;
use crate::read::covers;
use crate::store::Store;
use crate::tick::Tick;
use crate::write::refused;

/// Who opened a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpeningLine {
    /// Its place in the log.
    pub index: u64,
    /// Whose record.
    pub record: RecordId,
    /// When.
    pub at: Tick,
    /// Which account.
    pub account: u64,
    /// In which session.
    pub session: u64,
    /// HL7's code of the purpose.
    pub purpose: String,
    /// What was done.
    pub how: Disclosure,
}

/// What an opening says when it is open.
struct Plain {
    account: u64,
    session: u64,
    purpose: String,
    how: Disclosure,
    /// None for one that is older than the tree.
    index: Option<u64>,
}

impl Plain {
    /// `account 8 ‖ session 8 ‖ purpose`, and since there is a tree `‖ 00 ‖ how 1 ‖ index 8`.
    fn write(&self) -> Vec<u8> {
        let mut plain = self.account.to_be_bytes().to_vec();
        plain.extend_from_slice(&self.session.to_be_bytes());
        plain.extend_from_slice(self.purpose.as_bytes());
        if let Some(index) = self.index {
            plain.extend_from_slice(&[0, self.how.number()]);
            plain.extend_from_slice(&index.to_be_bytes());
        }
        plain
    }

    fn read(plain: &[u8]) -> Option<Plain> {
        let (account, rest) = plain.split_at_checked(8)?;
        let (session, rest) = rest.split_at_checked(8)?;
        let (purpose, more) = match rest.iter().position(|byte| *byte == 0) {
            Some(end) => (&rest[..end], Some(&rest[end + 1..])),
            None => (rest, None),
        };
        let (how, index) = match more {
            None => (Disclosure::Opened, None),
            Some([how, index @ ..]) if index.len() == 8 => (Disclosure::of_number(*how)?, Some(layout::number(index))),
            Some(_) => return None,
        };
        let purpose = String::from_utf8(purpose.to_vec()).ok().filter(|purpose| !purpose.is_empty())?;
        Some(Plain { account: layout::number(account), session: layout::number(session), purpose, how, index })
    }
}

/// The tree in memory: its edge as handed over, and as on disk.
pub(crate) struct Tree {
    signer: Signer,
    key: ledger::Key,
    handed_over: Mutex<Edge>,
    durable: Arc<Mutex<Durable>>,
}

#[derive(Default)]
struct Edge {
    frontier: Frontier,
    newest: Tick,
}

#[derive(Default)]
struct Durable {
    frontier: Frontier,
    /// Batches handed over and not answered yet.
    under_way: usize,
    /// A batch was refused: what was handed over has to be read anew.
    is_lost: bool,
    /// Leaves on disk whose predecessors have not been heard of.
    early: BTreeMap<u64, Vec<Hash>>,
}

impl Durable {
    fn add(&mut self, first: u64, leaves: Vec<Hash>) {
        self.early.insert(first, leaves);
        while let Some(leaves) = self.early.remove(&self.frontier.size()) {
            leaves.into_iter().for_each(|leaf| self.frontier.append(leaf, |_| {}));
        }
    }
}

impl Tree {
    pub fn new(key: &SiteKey) -> Tree {
        let signer = key.log_signer();
        let fingerprint: String = key.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = ledger::Key { name: format!("carnet.log/{fingerprint}"), public: signer.public_key() };
        Tree { signer, key, handed_over: Mutex::default(), durable: Arc::default() }
    }
}

/// A commitment and the key of its opening: `commitment 32 ‖ key 21`.
const LEAF_LENGTH: usize = 53;
const OPENING_LENGTH: usize = 21;
/// Openings that are taken into the tree with one batch.
const ADOPTED_AT_ONCE: usize = 4096;

fn damaged() -> Error {
    Error::Damaged("the tree over the openings could not be read")
}

impl Store {
    /// Writes openings: each person disclosed, by whom, when, why and how. `done` is called when they are on disk.
    pub fn record_openings(&self, openings: &[Opening], at: Tick, done: Box<dyn FnOnce(Result<(), Refused>) + Send>) {
        let mut edge = self.tree.handed_over.lock();
        if let Err(cause) = self.find_edge(&mut edge) {
            drop(edge);
            return done(Err(Refused::Store(cause)));
        }
        // Each batch has a time of its own, also while the clock is behind: of one time some lines would have the same key.
        let at = at.max(Tick(edge.newest.0 + 1));
        edge.newest = at;
        let first = edge.frontier.size();
        let mut batch = Batch::with_capacity(openings.len() * 3, openings.len() * 220);
        if let Some(before) = first.checked_sub(1) {
            batch.require_present(Space::Meta, &layout::tree_key(0, before));
        }
        let (mut lines, mut leaves): (BTreeMap<u8, Openings>, _) = (BTreeMap::new(), Vec::with_capacity(openings.len()));
        for (opening, index) in openings.iter().zip(first..) {
            let key = layout::opening_key(opening.record, at, self.chances.bytes());
            let Opening { account, session, purpose, how, .. } = *opening;
            let plain = Plain { account, session, purpose: purpose.code().to_owned(), how, index: Some(index) };
            let sealed = self.lines.seal_same(&key, &plain.write());
            // The line of the commit vouches for the openings written with it.
            lines.entry(opening.record.shard()).or_default().add(self.opening_digest(&key, &sealed));
            batch.put(Space::Log, &key, &sealed);
            leaves.push(self.put_leaf(&mut batch, &mut edge.frontier, &key, &plain));
        }
        for (shard, opened) in lines {
            let key = layout::commit_line_key(shard, at, self.chances.bytes());
            batch.put(Space::Log, &key, &self.lines.seal_same(&key, &opened.line()));
        }
        let durable = self.tree.durable.clone();
        durable.lock().under_way += 1;
        let heard = move |result: Result<crate::engine::Committed, CommitError>| {
            let mut state = durable.lock();
            state.under_way -= 1;
            match &result {
                Ok(_) => state.add(first, leaves),
                Err(_) => state.is_lost = true,
            }
            drop(state);
            done(result.map(|_| ()).map_err(|error| refused(error, &[])));
        };
        // Handed over under the lock: the order of the queue is the order of the tree.
        self.data.commit(batch, Box::new(heard));
    }

    /// Adds an opening to the tree and to the batch that makes it last.
    fn put_leaf(&self, batch: &mut Batch, frontier: &mut Frontier, key: &[u8; OPENING_LENGTH], plain: &Plain) -> Hash {
        let commitment = sha256(self.statement(key, plain).as_bytes());
        let mut value = [0; LEAF_LENGTH];
        value[..32].copy_from_slice(&commitment);
        value[32..].copy_from_slice(key);
        batch.put(Space::Meta, &layout::tree_key(0, frontier.size()), &value);
        let leaf = leaf_hash(&entry_of_commitment(&commitment));
        frontier.append(leaf, |node| {
            batch.put(Space::Meta, &layout::tree_key(node.level, node.index), &node.hash);
        });
        leaf
    }

    /// What is committed to, in words.
    fn statement(&self, key: &[u8], plain: &Plain) -> String {
        let salt = u128::from_be_bytes(self.tokens.claim("opening salt", key));
        let (record, at) = (layout::opening_record(key).0, layout::opening_time(key).0);
        let Plain { account, session, purpose, how, .. } = plain;
        let how = how.word();
        format!("carnet opening 1\nsalt {salt:032x}\nrecord {record:016x}\nmicroseconds {at}\naccount {account}\nsession {session:016x}\nhow {how}\npurpose {purpose}\n")
    }

    /// Where the next opening goes, read anew after a batch that was refused.
    fn find_edge(&self, edge: &mut Edge) -> Result<(), Error> {
        let mut durable = self.tree.durable.lock();
        if !durable.is_lost {
            return Ok(());
        }
        if durable.under_way > 0 {
            return Err(crate::engine::Error::WritesStopped.into());
        }
        *edge = self.read_edge()?;
        *durable = Durable { frontier: edge.frontier.clone(), ..Durable::default() };
        Ok(())
    }

    fn read_edge(&self) -> Result<Edge, Error> {
        let (mut size, mut newest) = (0, Tick(0));
        let mut outcome = Ok(());
        self.data.scan_back(Space::Meta, &Span::prefix([layout::TREE, 0]), &mut |key, leaf| {
            match read_leaf(key, leaf) {
                Some((index, _, opening)) => (size, newest) = (index + 1, layout::opening_time(opening)),
                None => outcome = Err(damaged()),
            }
            ControlFlow::Break(())
        })?;
        outcome?;
        let frontier = Frontier::read(size, |level, index| self.hashes(level, index..index + 1).map(|hashes| hashes[0]))?;
        Ok(Edge { frontier, newest })
    }

    /// Reads the edge of the tree; the first time, takes in the openings that are older than it.
    pub(crate) fn open_tree(&self) -> Result<(), Error> {
        // What cannot be read keeps openings from being written, and the check names it.
        self.tree.durable.lock().is_lost = true;
        let mut edge = self.tree.handed_over.lock();
        if self.find_edge(&mut edge).is_ok() && self.data.get(Space::Meta, &layout::TREE_BEGAN)?.is_none() {
            self.adopt(&mut edge)?;
        }
        Ok(())
    }

    /// In the order of time; after a kill in the middle it goes on where it was.
    fn adopt(&self, edge: &mut Edge) -> Result<(), Error> {
        let mut older: Vec<(Tick, [u8; OPENING_LENGTH])> = Vec::new();
        self.data.scan(Space::Log, &Span::all(), &mut |key, _| {
            if let Ok(key) = <[u8; OPENING_LENGTH]>::try_from(key) {
                older.push((layout::opening_time(&key), key));
            }
            ControlFlow::Continue(())
        })?;
        older.sort_unstable();
        let rest = older.get(edge.frontier.size() as usize..).unwrap_or_default();
        for chunk in rest.chunks(ADOPTED_AT_ONCE) {
            let mut batch = Batch::with_capacity(chunk.len(), chunk.len() * 64);
            for (at, key) in chunk {
                let Some(sealed) = self.data.get(Space::Log, key)? else { return Err(damaged()) };
                // One that does not open is taken in as it is: the check names it.
                let plain = self.lines.open(key, &sealed).ok().and_then(|plain| Plain::read(&plain));
                let plain = plain.unwrap_or(Plain { account: 0, session: 0, purpose: String::new(), how: Disclosure::Opened, index: None });
                self.put_leaf(&mut batch, &mut edge.frontier, key, &plain);
                edge.newest = *at;
            }
            self.commit_tree(batch)?;
        }
        let mut batch = Batch::new();
        batch.put(Space::Meta, &layout::TREE_BEGAN, &edge.frontier.size().to_be_bytes());
        self.commit_tree(batch)?;
        self.tree.durable.lock().frontier = edge.frontier.clone();
        Ok(())
    }

    fn commit_tree(&self, batch: Batch) -> Result<(), Error> {
        match self.data.commit_wait(batch) {
            Ok(_) => Ok(()),
            Err(CommitError::Engine(cause)) => Err(cause.into()),
            Err(_) => Err(damaged()),
        }
    }

    /// How many openings are in the log, on disk.
    pub fn log_size(&self) -> u64 {
        self.tree.durable.lock().frontier.size()
    }

    /// The public key of the log.
    pub fn log_key(&self) -> &ledger::Key {
        &self.tree.key
    }

    /// The signed note over everything that is on disk.
    pub fn log_checkpoint(&self) -> String {
        let frontier = self.tree.durable.lock().frontier.clone();
        let checkpoint = Checkpoint { origin: self.tree.key.name.clone(), size: frontier.size(), root: frontier.root() };
        ledger::sign(&checkpoint, &self.tree.key, |text| self.tree.signer.sign(text))
    }

    /// Hashes of a tile of a level; none where the log has not come so far.
    pub fn log_tile(&self, level: u8, index: u64, width: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(range) = self.tile_range(level, index, width) else { return Ok(None) };
        Ok(Some(self.hashes(level, range)?.concat()))
    }

    /// The entries below a tile of level 0, each behind its length in two bytes: commitments, nothing else.
    pub fn log_entries(&self, index: u64, width: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(range) = self.tile_range(0, index, width) else { return Ok(None) };
        let entries = self.leaves(range)?.into_iter().flat_map(|(commitment, _)| {
            let entry = entry_of_commitment(&commitment);
            [&(entry.len() as u16).to_be_bytes()[..], &entry].concat()
        });
        Ok(Some(entries.collect()))
    }

    fn tile_range(&self, level: u8, index: u64, width: u64) -> Option<Range<u64>> {
        let count = self.log_size().checked_shr(8 * u32::from(level)).unwrap_or(0);
        let from = index.checked_mul(ledger::TILE_WIDTH)?;
        let to = from.checked_add(width)?;
        (to <= count).then_some(from..to)
    }

    /// A file that shows that an opening is in the log. It says what was opened by numbers only.
    pub fn prove_opening(&self, _set: &PermittedSet, index: u64) -> Result<Option<String>, Error> {
        let note = self.log_checkpoint();
        let size = Checkpoint::verified(&note, &self.tree.key)?.size;
        if index >= size {
            return Ok(None);
        }
        let (_, key) = self.leaves(index..index + 1)?[0];
        let sealed = self.data.get(Space::Log, &key)?.ok_or_else(damaged)?;
        let plain = Plain::read(&self.lines.open(&key, &sealed)?).ok_or_else(damaged)?;
        let proof = ledger::inclusion(self, index, size)?;
        Ok(Some(ledger::inclusion_file(&self.statement(&key, &plain), index, &proof, &note)))
    }

    /// A file that shows that the log only adds to what it was at an older checkpoint.
    pub fn prove_growth(&self, old_note: &str) -> Result<String, Error> {
        self.compare_with_checkpoint(old_note)?;
        let old = Checkpoint::verified(old_note, &self.tree.key)?;
        let note = self.log_checkpoint();
        let size = Checkpoint::verified(&note, &self.tree.key)?.size;
        Ok(ledger::consistency_file(&ledger::consistency(self, old.size, size)?, &note))
    }

    /// The hashes that show that the log of a size only adds to that of an older one.
    pub fn log_consistency(&self, old: u64, size: u64) -> Result<Vec<ledger::Hash>, Error> {
        ledger::consistency(self, old, size)
    }

    /// Compares the log with a checkpoint it once had.
    pub fn compare_with_checkpoint(&self, note: &str) -> Result<(), Error> {
        let kept = Checkpoint::verified(note, &self.tree.key)?;
        let found = self.log_size();
        if kept.size <= found && ledger::root(self, kept.size)? == kept.root {
            return Ok(());
        }
        Err(Error::LogRewritten { found, anchored: kept.size })
    }

    /// Who opened a record, newest first, at most so many, from before an opening.
    pub fn openings(&self, permitted: &Permitted, record: RecordId, before: Option<u64>, limit: usize) -> Result<Vec<OpeningLine>, Error> {
        covers(permitted, record)?;
        let mut prefix = record.0.to_be_bytes().to_vec();
        prefix.push(layout::OPENING);
        let mut span = Span::prefix(prefix);
        if let Some(before) = before {
            let Some((_, key)) = self.leaves(before..before.saturating_add(1)).ok().and_then(|leaves| leaves.first().copied()) else { return Ok(Vec::new()) };
            let mut end = layout::opening_key(record, Tick(layout::opening_time(&key).0 + 1), [0; 4]).to_vec();
            end.truncate(17);
            span.to = Some(end);
        }
        let (mut found, mut outcome): (Vec<OpeningLine>, _) = (Vec::new(), Ok(()));
        self.data.scan_back(Space::Log, &span, &mut |key, sealed| {
            // Those of one tick are read together: their keys do not tell their order.
            if found.len() >= limit && found.last().is_none_or(|last| key.get(9..17) != Some(&last.at.0.to_be_bytes()[..])) {
                return ControlFlow::Break(());
            }
            match self.opening_line(key, sealed) {
                Ok(line) if before.is_none_or(|before| line.index < before) => found.push(line),
                Ok(_) => {}
                Err(cause) => outcome = Err(cause),
            }
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        found.sort_by_key(|line| std::cmp::Reverse(line.index));
        found.truncate(limit);
        outcome.map(|()| found)
    }

    /// The opening at a place in the log, if it is one of the record.
    pub fn opening_at(&self, permitted: &Permitted, index: u64) -> Result<Option<OpeningLine>, Error> {
        if index >= self.log_size() {
            return Ok(None);
        }
        let (_, key) = self.leaves(index..index + 1)?[0];
        if layout::opening_record(&key) != permitted.record() {
            return Ok(None);
        }
        let sealed = self.data.get(Space::Log, &key)?.ok_or_else(damaged)?;
        self.opening_line(&key, &sealed).map(Some)
    }

    /// Visits all openings, newest first, from before a place in the log. `set` says that an act
    /// over many records was decided before.
    pub fn openings_back(&self, _set: &PermittedSet, before: u64, visit: &mut dyn FnMut(OpeningLine) -> ControlFlow<()>) -> Result<(), Error> {
        let mut end = before.min(self.log_size());
        while end > 0 {
            let start = end.saturating_sub(ledger::TILE_WIDTH);
            for (_, key) in self.leaves(start..end)?.into_iter().rev() {
                end -= 1;
                let sealed = self.data.get(Space::Log, &key)?.ok_or_else(damaged)?;
                let plain = Plain::read(&self.lines.open(&key, &sealed)?).ok_or_else(damaged)?;
                if visit(line_of(&key, plain, end)).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// How many openings there were before a time.
    pub fn openings_before(&self, _set: &PermittedSet, at: Tick) -> Result<u64, Error> {
        self.partition(self.log_size(), |key| layout::opening_time(key) < at)
    }

    /// The first place, below a size, whose opening is not below something the log is sorted by.
    fn partition(&self, size: u64, is_below: impl Fn(&[u8; OPENING_LENGTH]) -> bool) -> Result<u64, Error> {
        let (mut from, mut to) = (0, size);
        while from < to {
            let middle = from + (to - from) / 2;
            if is_below(&self.leaves(middle..middle + 1)?[0].1) { from = middle + 1 } else { to = middle }
        }
        Ok(from)
    }

    fn opening_line(&self, key: &[u8], sealed: &[u8]) -> Result<OpeningLine, Error> {
        let unread = || Error::Damaged("an opening could not be read");
        let plain = Plain::read(&self.lines.open(key, sealed)?).ok_or_else(unread)?;
        let key: [u8; OPENING_LENGTH] = key.try_into().map_err(|_| unread())?;
        let index = match plain.index {
            Some(index) => index,
            // Those older than the tree were taken in sorted.
            None => {
                let adopted = self.data.get(Space::Meta, &layout::TREE_BEGAN)?.ok_or_else(damaged)?;
                self.partition(layout::number(&adopted).min(self.log_size()), |other| (layout::opening_time(other), other) < (layout::opening_time(&key), &key))?
            }
        };
        Ok(line_of(&key, plain, index))
    }

    /// Commitments and keys of openings, in the order of the log.
    fn leaves(&self, range: Range<u64>) -> Result<Vec<(Hash, [u8; OPENING_LENGTH])>, Error> {
        let mut leaves = Vec::with_capacity((range.end - range.start) as usize);
        let span = Span::between(layout::tree_key(0, range.start), layout::tree_key(0, range.end));
        self.data.scan(Space::Meta, &span, &mut |key, value| match read_leaf(key, value) {
            Some((index, commitment, opening)) if index == range.start + leaves.len() as u64 => {
                leaves.push((commitment, *opening));
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(()),
        })?;
        if leaves.len() as u64 == range.end - range.start { Ok(leaves) } else { Err(damaged()) }
    }

    /// Every opening has its place, every place its opening, and the hashes above are those of the leaves.
    pub(crate) fn check_tree(&self, checked: &mut Checked) -> Result<(), Error> {
        let mut frontier = Frontier::default();
        let mut seen = Seen::default();
        self.data.scan(Space::Meta, &Span::prefix([layout::TREE]), &mut |key, value| {
            match key.get(1) {
                Some(0) => self.check_leaf(key, value, &mut frontier, &mut seen),
                _ if key == layout::TREE_BEGAN => {}
                _ => seen.nodes += 1,
            }
            ControlFlow::Continue(())
        })?;
        let size = frontier.size();
        let expected = (1..8).map(|level| size >> (8 * level)).sum::<u64>();
        if seen.nodes != expected || seen.is_wrong_above {
            checked.find(None, false, "the hashes above the openings are not those of the openings");
        }
        if seen.gaps > 0 || size != checked.openings {
            checked.find(None, false, format!("the log holds {} openings and its tree {size}, with {} gaps: some were taken out or put in", checked.openings, seen.gaps));
        }
        if seen.wrong > 0 {
            checked.find(None, false, format!("{} openings are not those the tree was grown over: they were dropped, changed or reordered", seen.wrong));
        }
        if seen.back_dated > 0 {
            checked.find(None, false, format!("{} openings are dated before those in front of them in the log", seen.back_dated));
        }
        Ok(())
    }

    fn check_leaf(&self, key: &[u8], value: &[u8], frontier: &mut Frontier, seen: &mut Seen) {
        let Some((index, commitment, opening)) = read_leaf(key, value) else {
            seen.wrong += 1;
            return;
        };
        seen.gaps += u64::from(index != frontier.size());
        let at = layout::opening_time(opening);
        seen.back_dated += u64::from(at < seen.newest);
        seen.newest = at;
        let plain = self.data.get(Space::Log, opening).ok().flatten().and_then(|sealed| self.lines.open(opening, &sealed).ok()).and_then(|plain| Plain::read(&plain));
        let stands = plain.is_some_and(|plain| plain.index.is_none_or(|told| told == index) && sha256(self.statement(opening, &plain).as_bytes()) == commitment);
        seen.wrong += u64::from(!stands);
        frontier.append(leaf_hash(&entry_of_commitment(&commitment)), |node| {
            let kept = self.data.get(Space::Meta, &layout::tree_key(node.level, node.index)).ok().flatten();
            seen.is_wrong_above |= kept.as_deref() != Some(&node.hash);
        });
    }
}

/// What a look at the tree has seen.
#[derive(Default)]
struct Seen {
    nodes: u64,
    gaps: u64,
    wrong: u64,
    back_dated: u64,
    is_wrong_above: bool,
    newest: Tick,
}

impl Nodes for Store {
    type Error = Error;

    fn hashes(&self, level: u8, range: Range<u64>) -> Result<Vec<Hash>, Error> {
        if level == 0 {
            return Ok(self.leaves(range)?.into_iter().map(|(commitment, _)| leaf_hash(&entry_of_commitment(&commitment))).collect());
        }
        let mut hashes = Vec::with_capacity((range.end - range.start) as usize);
        let span = Span::between(layout::tree_key(level, range.start), layout::tree_key(level, range.end));
        self.data.scan(Space::Meta, &span, &mut |key, value| match value.try_into() {
            Ok(hash) if layout::number(&key[2..]) == range.start + hashes.len() as u64 => {
                hashes.push(hash);
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(()),
        })?;
        if hashes.len() as u64 == range.end - range.start { Ok(hashes) } else { Err(damaged()) }
    }
}

fn line_of(key: &[u8; OPENING_LENGTH], plain: Plain, index: u64) -> OpeningLine {
    let Plain { account, session, purpose, how, .. } = plain;
    OpeningLine { index, record: layout::opening_record(key), at: layout::opening_time(key), account, session, purpose, how }
}

/// Index, commitment and the key of the opening.
fn read_leaf<'v>(key: &[u8], value: &'v [u8]) -> Option<(u64, Hash, &'v [u8; OPENING_LENGTH])> {
    let (commitment, opening) = value.split_at_checked(32)?;
    (key.len() == 10).then_some(())?;
    Some((layout::number(&key[2..]), commitment.try_into().ok()?, opening.try_into().ok()?))
}
