//! The work itself: parcels go to several threads, what comes back is counted, kept or put aside.
//!
//! * Several imports are under way at once, so that reading and sealing go on while a commit waits
//!   for the disk.
//! * So many bytes are under way at most.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use access::Caller;
use anyhow::{Context, Result};
use chart::{Arrival, Chart, Imported, Importer, arrivals};
use fhir::{Document, Issue, IssueCode, Limits, Value};
use indicatif::ProgressBar;
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::runtime::Runtime;

use super::note::{IMPORT_ROOM, Note};
use super::parcel::{Form, Names, Piece, Progress, Reader};
use super::rejects::{Content, Place, Rejects};
use super::source::{Listing, Source};
use super::splitter::is_whole_object;
use super::tally::Tally;
use super::waiting::Waiting;

/// Imports under way at once. More than the cores: most of them wait for the disk.
const WORKERS: usize = 8;
/// Bytes of text under way at once; a larger piece goes alone.
const ROOM_BYTES: usize = 128 << 20;
/// A Bundle with more entries than this is taken apart: a commit should stay small.
const MOST_ENTRIES: usize = 8192;

/// How patient the import still is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// More is to come.
    Early,
    /// Nothing more comes: what has no home because its subject never arrived is taken as it is.
    Late,
    /// What still waits is rejected.
    Last,
}

/// What became of an import.
pub struct Summary {
    /// Counts of this run.
    pub tally: Tally,
    /// Files read.
    pub files: u64,
    /// Rejected by this run and by the one it goes on with.
    pub rejected: u64,
    /// Where they lie.
    pub rejects_file: PathBuf,
}

/// An import under way.
pub struct Import {
    chart: Chart,
    caller: Caller,
    keep_flawed: bool,
    bar: ProgressBar,
    rejects: Rejects,
    note: Mutex<Note>,
    waiting: Mutex<Waiting>,
    /// Names that conditions gave another id than their own.
    aliases: RwLock<Names>,
    tally: Mutex<Tally>,
    rejected: AtomicU64,
    /// What was settled in this round.
    moved: AtomicU64,
    failure: Mutex<Option<anyhow::Error>>,
    room: Room,
}

impl Import {
    /// An import that has not begun.
    pub fn new(chart: Chart, caller: Caller, keep_flawed: bool, note: Note, rejects: Rejects, bar: ProgressBar, folder: &Path) -> Import {
        Import {
            chart,
            caller,
            keep_flawed,
            bar,
            rejects,
            note: Mutex::new(note),
            waiting: Mutex::new(Waiting::new(folder)),
            aliases: RwLock::default(),
            tally: Mutex::default(),
            rejected: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            failure: Mutex::default(),
            room: Room::default(),
        }
    }

    /// Takes in everything. Fails if the store or the disk does.
    pub fn run(self, listing: Listing) -> Result<Summary> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().context("no threads could be started")?;
        let mut sources: Vec<(String, Source)> = Vec::with_capacity(listing.sources.len());
        for source in listing.sources {
            let path = std::path::absolute(&source.path).with_context(|| format!("where is {}?", source.path.display()))?;
            sources.push((path.display().to_string(), source));
        }
        {
            let mut note = self.note.lock();
            note.keep_only(&sources);
            note.start(self.rejects.path(), &self.chart.drawer(IMPORT_ROOM))?;
        }
        for (path, reason) in &listing.unreadable {
            self.reject_file(&path.display().to_string(), Issue::error(IssueCode::Incomplete, "", format!("It could not be read: {reason}.")))?;
        }
        let (sender, receiver) = sync_channel::<(Vec<Piece>, Turn)>(WORKERS);
        let receiver = Arc::new(Mutex::new(receiver));
        let files = std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                let receiver = receiver.clone();
                scope.spawn(|| self.serve(&runtime, receiver));
            }
            let hand_over = |parcel: Vec<Piece>, turn| {
                self.room.enter(size_of(&parcel));
                // The workers are there as long as this scope.
                let _ = sender.send((parcel, turn));
            };
            let outcome = self.read_all(&sources, &mut |parcel| hand_over(parcel, Turn::Early));
            let outcome = outcome.and_then(|files| self.retry(&hand_over).map(|()| files));
            drop(sender);
            outcome
        })?;
        if let Some(cause) = self.failure.lock().take() {
            return Err(cause);
        }
        self.rejects.settle()?;
        self.note.lock().remove();
        Ok(Summary { tally: self.tally.into_inner(), files, rejected: self.rejected.into_inner(), rejects_file: self.rejects.path().to_owned() })
    }

    fn read_all(&self, sources: &[(String, Source)], send: &mut dyn FnMut(Vec<Piece>)) -> Result<u64> {
        let mut reader = Reader::new(self.bar.clone(), send);
        let (mut rank, mut files) = (None, 0);
        for (path, source) in sources {
            if self.has_failed() {
                break;
            }
            if let Some(rejected) = self.note.lock().passes_over(path, source) {
                self.rejected.fetch_add(rejected, Ordering::Relaxed);
                self.bar.inc(source.size_bytes);
                continue;
            }
            if rank.replace(source.rank).is_some_and(|before| before != source.rank) {
                reader.flush();
                self.room.wait_until_empty();
            }
            let file = Progress::new(path.clone(), source.clone());
            if let Err(issue) = reader.read(&file) {
                file.rejected.fetch_add(1, Ordering::Relaxed);
                self.reject_file(path, issue)?;
            }
            self.end_piece(&file)?;
            files += 1;
        }
        reader.flush();
        self.room.wait_until_empty();
        Ok(files)
    }

    /// Tries what waits again until nothing moves any more, then says why it is left.
    fn retry(&self, hand_over: &dyn Fn(Vec<Piece>, Turn)) -> Result<()> {
        let mut turn = Turn::Early;
        while !self.waiting.lock().is_empty() && !self.has_failed() {
            self.moved.store(0, Ordering::SeqCst);
            let mut round = self.waiting.lock().take()?;
            let (mut parcel, mut bytes) = (Vec::new(), 0);
            while let Some(piece) = round.next()? {
                bytes += piece.text.len();
                parcel.push(piece);
                if parcel.len() >= 128 || bytes > 512 << 10 {
                    hand_over(std::mem::take(&mut parcel), turn);
                    bytes = 0;
                }
            }
            hand_over(parcel, turn);
            self.room.wait_until_empty();
            if self.moved.load(Ordering::SeqCst) == 0 {
                turn = if turn == Turn::Early { Turn::Late } else { Turn::Last };
            }
        }
        Ok(())
    }

    /// Works on parcels until there are no more.
    fn serve(&self, runtime: &Runtime, receiver: Arc<Mutex<Receiver<(Vec<Piece>, Turn)>>>) {
        loop {
            let received = receiver.lock().recv();
            let Ok((parcel, turn)) = received else { return };
            let _given_back = Inside { room: &self.room, bytes: size_of(&parcel) };
            if self.has_failed() {
                continue;
            }
            if let Err(cause) = self.work(runtime, parcel, turn) {
                self.failure.lock().get_or_insert(cause);
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.failure.lock().is_some()
    }

    /// Works on one parcel: single resources together, each Bundle by itself.
    fn work(&self, runtime: &Runtime, parcel: Vec<Piece>, turn: Turn) -> Result<()> {
        let texts: Vec<Cow<'_, [u8]>> = parcel.iter().map(|piece| self.with_aliases(piece)).collect();
        let mut singles = Vec::new();
        let mut alone = Vec::new();
        let documents: Vec<_> = texts.iter().map(|text| Document::read_bytes(text, Limits::default())).collect();
        for (piece, document) in parcel.iter().zip(&documents) {
            let root = match document {
                Ok(document) => document.root(),
                Err(cause) => {
                    self.unreadable(runtime, piece, Issue::from(cause), turn)?;
                    continue;
                }
            };
            if let Form::Entry(_) = piece.form {
                singles.push((piece, arrivals::entry(root)));
                continue;
            }
            match arrivals::entries(root).map(|entries| entries.collect::<Vec<_>>()) {
                None => singles.push((piece, arrivals::whole(root))),
                Some(entries) if entries.len() > MOST_ENTRIES => {
                    let split = self.split(runtime, piece, turn);
                    self.after_split(piece, split?, None)?;
                }
                Some(entries) => alone.push((piece, root, entries)),
            }
        }
        let (pieces, arrived): (Vec<&Piece>, Vec<Arrival<'_>>) = singles.into_iter().unzip();
        let fates = self.take(runtime, &arrived, turn)?;
        for ((piece, arrival), fate) in pieces.into_iter().zip(&arrived).zip(fates) {
            self.settle(piece, std::slice::from_ref(arrival), vec![fate], turn, false)?;
        }
        for (piece, root, entries) in alone {
            let mut arrived: Vec<Arrival<'_>> = entries.into_iter().map(arrivals::entry).collect();
            // A history begins with the newest version.
            let is_history = root.string("type").as_deref() == Some("history");
            if is_history {
                arrived.reverse();
            }
            let mut fates = self.take(runtime, &arrived, turn)?;
            if is_history {
                arrived.reverse();
                fates.reverse();
            }
            self.settle(piece, &arrived, fates, turn, true)?;
        }
        Ok(())
    }

    /// A piece that waited may name what has got another id in the meantime.
    fn with_aliases<'p>(&self, piece: &'p Piece) -> Cow<'p, [u8]> {
        let aliases = self.aliases.read();
        if piece.due.is_some() && !aliases.is_empty() && let Ok(document) = Document::read_bytes(&piece.text, Limits::default()) {
            return Cow::Owned(aliases.resolve(document.root()).into_bytes());
        }
        Cow::Borrowed(&piece.text)
    }

    fn take(&self, runtime: &Runtime, arrivals: &[Arrival<'_>], turn: Turn) -> Result<Vec<Imported>> {
        let importer = Importer { keep_flawed: self.keep_flawed, more_to_come: turn == Turn::Early };
        Ok(runtime.block_on(self.chart.import_in_order(&self.caller, arrivals, importer))?)
    }

    /// Counts what was kept, keeps what was rejected, puts aside what waits.
    fn settle(&self, piece: &Piece, arrivals: &[Arrival<'_>], fates: Vec<Imported>, turn: Turn, is_bundle: bool) -> Result<()> {
        let mut tally = Tally::default();
        let mut waits = Vec::new();
        for (number, (arrival, fate)) in arrivals.iter().zip(fates).enumerate() {
            // What was settled in an earlier round went along only because the others name it.
            if piece.due.as_ref().is_some_and(|due| due.binary_search(&(number as u32)).is_err()) {
                continue;
            }
            let issues = match fate {
                Imported::Kept { kind, id, done, flawed } => {
                    tally.keep(kind.name(), done, flawed);
                    self.moved.fetch_add(1, Ordering::Relaxed);
                    if let Some(full_url) = &arrival.full_url && full_url.strip_prefix("urn:uuid:").is_some_and(|uuid| uuid != id) {
                        self.aliases.write().insert(full_url.clone(), kind, id);
                    }
                    continue;
                }
                Imported::Waiting(_) if turn != Turn::Last => {
                    waits.push(number as u32);
                    continue;
                }
                Imported::Waiting(issues) | Imported::Rejected(issues) => issues,
            };
            let place = match piece.form {
                Form::Line(line) => Place { line: Some(line), entry: is_bundle.then_some(number as u64) },
                Form::Entry(entry) => Place { line: None, entry: Some(entry) },
                Form::Document => Place { line: None, entry: is_bundle.then_some(number as u64) },
            };
            let kind = arrival.body.and_then(|body| body.string("resourceType")).filter(|kind| fhir::ResourceType::named(kind).is_some());
            tally.reject(kind.as_deref().unwrap_or(NO_RESOURCE));
            let content = arrival.body.map_or(Content::Nothing, Content::Json);
            self.reject(&piece.file, place, &issues, content)?;
        }
        self.tally.lock().add(tally);
        if waits.is_empty() { self.end_piece(&piece.file) } else { self.waiting.lock().keep(piece, &waits) }
    }

    /// A text that is no JSON may still be lines, or a Bundle of which one entry is broken.
    fn unreadable(&self, runtime: &Runtime, piece: &Piece, cause: Issue, turn: Turn) -> Result<()> {
        let split = match piece.form {
            Form::Document if is_lines(&piece.text) => {
                let mut failure = None;
                for (number, line) in piece.text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
                    piece.file.begin_piece();
                    let line = Piece { file: piece.file.clone(), form: Form::Line(number as u64 + 1), text: line.trim_ascii().to_vec(), due: None };
                    failure = failure.or(self.work(runtime, vec![line], turn).err());
                }
                failure.map_or(Ok(Ok(())), Err)?
            }
            Form::Document => self.split(runtime, piece, turn)?,
            Form::Line(_) | Form::Entry(_) => Err(cause.clone()),
        };
        self.after_split(piece, split, Some(cause))
    }

    /// Takes a Bundle entry by entry. The inner error says why it could not be done to the end.
    fn split(&self, runtime: &Runtime, piece: &Piece, turn: Turn) -> Result<std::result::Result<(), Issue>> {
        let mut failure = None;
        let mut send = |parcel| failure = failure.take().or(self.work(runtime, parcel, turn).err());
        let mut reader = Reader::new(ProgressBar::hidden(), &mut send);
        let outcome = reader.split(&piece.file, &mut piece.text.as_slice(), &mut piece.text.as_slice());
        reader.flush();
        failure.map_or(Ok(outcome), Err)
    }

    fn after_split(&self, piece: &Piece, outcome: std::result::Result<(), Issue>, cause: Option<Issue>) -> Result<()> {
        if let Err(issue) = outcome {
            let place = match piece.form {
                Form::Line(line) => Place { line: Some(line), entry: None },
                Form::Entry(entry) => Place { line: None, entry: Some(entry) },
                Form::Document => Place { line: None, entry: None },
            };
            // A file that cannot be read stays where it is; a part of one is kept with its reason.
            let content = if piece.form == Form::Document { Content::Nothing } else { Content::Bytes(&piece.text) };
            self.reject(&piece.file, place, &[cause.unwrap_or(issue)], content)?;
            self.tally.lock().reject(UNREADABLE);
        }
        self.end_piece(&piece.file)
    }

    fn reject(&self, file: &Progress, place: Place, issues: &[Issue], content: Content<'_>) -> Result<()> {
        file.rejected.fetch_add(1, Ordering::Relaxed);
        self.rejected.fetch_add(1, Ordering::Relaxed);
        self.rejects.keep(&file.path, place, issues, content)
    }

    fn reject_file(&self, path: &str, issue: Issue) -> Result<()> {
        self.bar.suspend(|| eprintln!("{path}: {}", issue.message));
        self.rejected.fetch_add(1, Ordering::Relaxed);
        self.tally.lock().reject(UNREADABLE);
        self.rejects.keep(path, Place { line: None, entry: None }, &[issue], Content::Nothing)
    }

    /// A piece is settled; with the last one the file is, and that is noted.
    fn end_piece(&self, file: &Progress) -> Result<()> {
        if !file.end_piece() {
            return Ok(());
        }
        let rejected = file.rejected.load(Ordering::SeqCst);
        if rejected > 0 {
            self.rejects.settle()?;
        }
        let commits: u64 = self.chart.commit_numbers()?.iter().sum();
        self.note.lock().finish(&file.path, &file.source, rejected, commits)
    }
}

const UNREADABLE: &str = "(unreadable)";
const NO_RESOURCE: &str = "(no resource)";

/// True if a later line of a text that is no JSON is a resource by itself.
fn is_lines(text: &[u8]) -> bool {
    let resource = |line: &[u8]| is_whole_object(line) && Document::read_bytes(line, Limits::default()).is_ok_and(|document| has_type(document.root()));
    text.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{")).skip(1).take(4).any(resource)
}

fn has_type(root: Value<'_>) -> bool {
    root.get("resourceType").is_some()
}

fn size_of(parcel: &[Piece]) -> usize {
    parcel.iter().map(|piece| piece.text.len()).sum()
}

/// How many bytes are under way.
#[derive(Default)]
struct Room {
    /// Bytes, and parcels.
    inside: Mutex<(usize, usize)>,
    left: Condvar,
}

impl Room {
    /// Waits until there is room. A giant goes in when it is alone.
    fn enter(&self, bytes: usize) {
        let mut inside = self.inside.lock();
        while inside.1 > 0 && inside.0 + bytes > ROOM_BYTES {
            self.left.wait(&mut inside);
        }
        inside.0 += bytes;
        inside.1 += 1;
    }

    fn wait_until_empty(&self) {
        let mut inside = self.inside.lock();
        while inside.1 > 0 {
            self.left.wait(&mut inside);
        }
    }
}

/// A parcel in the room; it leaves when dropped, even by a panic.
struct Inside<'r> {
    room: &'r Room,
    bytes: usize,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut inside = self.room.inside.lock();
        inside.0 -= self.bytes;
        inside.1 -= 1;
        drop(inside);
        self.room.left.notify_all();
    }
}
