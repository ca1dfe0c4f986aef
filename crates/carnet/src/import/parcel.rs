//! From files to parcels: pieces of text small enough to be worked on by themselves.
//!
//! * A piece is a document, a line, or one entry of a Bundle that is too large to be read whole.
//! * A file is finished when all its pieces are settled.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chart::arrivals;
use fhir::{Document, Issue, IssueCode, Limits, ResourceType, Value, splice};
use indicatif::ProgressBar;

use super::source::{self, Source};
use super::splitter::{Entries, is_whole_object};

/// The largest document that is read whole, the largest line and the largest entry.
pub const LARGEST: usize = 256 << 20;
/// Pieces and bytes of a parcel at most, unless a single piece is larger.
const PIECES: usize = 128;
const BYTES: usize = 512 << 10;

/// A file under way.
pub struct Progress {
    /// Its full path.
    pub path: String,
    /// What it is.
    pub source: Source,
    /// Pieces that are not settled, and one more while it is being read.
    open: AtomicUsize,
    /// Resources of it that were rejected.
    pub rejected: AtomicU64,
}

impl Progress {
    /// A file that is about to be read.
    pub fn new(path: String, source: Source) -> Arc<Progress> {
        Arc::new(Progress { path, source, open: AtomicUsize::new(1), rejected: AtomicU64::new(0) })
    }

    /// One piece more.
    pub fn begin_piece(&self) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    /// One piece is settled, or the reading ended. True if that was the last.
    pub fn end_piece(&self) -> bool {
        self.open.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

/// What the text of a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A whole file: a resource or a Bundle.
    Document,
    /// A line: the same.
    Line(u64),
    /// One entry of a Bundle, its references already resolved.
    Entry(u64),
}

/// A piece of a file.
pub struct Piece {
    /// Which file.
    pub file: Arc<Progress>,
    /// What it is, and where it lay.
    pub form: Form,
    /// As it arrived.
    pub text: Vec<u8>,
    /// For what waited: which of its resources are still due.
    pub due: Option<Vec<u32>>,
}

/// Why a file could not be read, or not to its end.
pub type Unreadable = Issue;

/// Reads files and hands out parcels.
pub struct Reader<'r> {
    parcel: Vec<Piece>,
    bytes: usize,
    send: &'r mut dyn FnMut(Vec<Piece>),
    bar: ProgressBar,
}

impl<'r> Reader<'r> {
    /// A reader that moves a bar and hands its parcels to `send`.
    pub fn new(bar: ProgressBar, send: &'r mut dyn FnMut(Vec<Piece>)) -> Reader<'r> {
        Reader { parcel: Vec::new(), bytes: 0, send, bar }
    }

    /// Reads one file to its end, or says why not.
    pub fn read(&mut self, file: &Arc<Progress>) -> Result<(), Unreadable> {
        let mut text = source::open(&file.source.path, &self.bar).map_err(|cause| unreadable(&cause))?;
        let mut line = Vec::new();
        let mut number = 0;
        // The first line that is not empty tells what the file is.
        while line.trim_ascii().is_empty() {
            line.clear();
            number += 1;
            if read_line(&mut text, &mut line).map_err(|cause| unreadable(&cause))? == 0 {
                return Err(issue("The file is empty."));
            }
        }
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        let named_lines = file.path.contains(".ndjson") || file.path.contains(".jsonl");
        if line.trim_ascii().first() != Some(&b'{') && !named_lines {
            return Err(issue("This is no FHIR JSON: neither a resource nor NDJSON."));
        }
        if line.len() < LARGEST && !named_lines && text.fill_buf().map_err(|cause| unreadable(&cause))?.is_empty() {
            self.push(file, Form::Document, line);
            return Ok(());
        }
        if line.len() < LARGEST && (is_whole_object(&line) || named_lines) {
            return self.read_lines(file, text, line, number);
        }
        if line.len() < LARGEST {
            let rest = (LARGEST - line.len()) as u64;
            (&mut text).take(rest).read_to_end(&mut line).map_err(|cause| unreadable(&cause))?;
        }
        if line.len() < LARGEST {
            self.push(file, Form::Document, line);
            return Ok(());
        }
        drop((text, line));
        let path = file.source.path.clone();
        // Twice: first what the entries are called, then the entries.
        let mut first = source::open(&path, &ProgressBar::hidden()).map_err(|cause| unreadable(&cause))?;
        let mut second = source::open(&path, &ProgressBar::hidden()).map_err(|cause| unreadable(&cause))?;
        self.split(file, &mut first, &mut second)
    }

    fn read_lines(&mut self, file: &Arc<Progress>, mut text: Box<dyn BufRead + Send>, mut line: Vec<u8>, mut number: u64) -> Result<(), Unreadable> {
        loop {
            if line.len() >= LARGEST {
                return Err(issue("A line is too large; nothing after it was read."));
            }
            if !line.trim_ascii().is_empty() {
                self.push(file, Form::Line(number), line.trim_ascii().to_vec());
            }
            line.clear();
            number += 1;
            match read_line(&mut text, &mut line) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(cause) => return Err(unreadable(&cause)),
            }
        }
    }

    /// Hands out a Bundle's entries as pieces, with what they call each other resolved.
    pub fn split(&mut self, file: &Arc<Progress>, first: &mut dyn BufRead, second: &mut dyn BufRead) -> Result<(), Unreadable> {
        let mut names = Names::default();
        let mut entries = Entries::new(first);
        let mut count = 0;
        while let Some(entry) = entries.next(LARGEST).map_err(|cause| unreadable(&cause))? {
            count += 1;
            if let Ok(document) = Document::read_bytes(&entry, Limits::default()) {
                names.learn(document.root());
            }
        }
        if count == 0 || !arrivals::is_taken_apart(entries.kind()) {
            return Err(issue("This is too large, or not well formed, and is no Bundle whose entries could be taken one by one."));
        }
        let mut entries = Entries::new(second);
        let mut number = 0;
        while let Some(entry) = entries.next(LARGEST).map_err(|cause| unreadable(&cause))? {
            let resolved = match Document::read_bytes(&entry, Limits::default()) {
                Ok(document) => names.resolve(document.root()).into_bytes(),
                // It is refused when it is its turn.
                Err(_) => entry,
            };
            self.push(file, Form::Entry(number), resolved);
            number += 1;
        }
        Ok(())
    }

    fn push(&mut self, file: &Arc<Progress>, form: Form, text: Vec<u8>) {
        file.begin_piece();
        if self.bytes > 0 && self.bytes + text.len() > BYTES {
            self.flush();
        }
        self.bytes += text.len();
        self.parcel.push(Piece { file: file.clone(), form, text, due: None });
        if self.parcel.len() >= PIECES {
            self.flush();
        }
    }

    /// Hands out what is left.
    pub fn flush(&mut self) {
        self.bytes = 0;
        let parcel = std::mem::take(&mut self.parcel);
        if !parcel.is_empty() {
            (self.send)(parcel);
        }
    }
}

fn read_line(text: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    text.take(LARGEST as u64).read_until(b'\n', line)
}

/// What the entries of a Bundle call each other, and what they are called here.
#[derive(Default)]
pub struct Names(HashMap<String, (ResourceType, String)>);

impl Names {
    /// Remembers an entry, unless a condition decides what it becomes.
    fn learn(&mut self, entry: Value<'_>) {
        let arrival = arrivals::entry(entry);
        let has_condition = arrival.if_none_exist.is_some() || arrival.url.as_ref().is_some_and(|url| url.contains('?'));
        if has_condition {
            return;
        }
        if let (Some(name), Some(full_url)) = (arrival.name(), arrival.full_url) {
            self.0.insert(full_url, name);
        }
    }

    /// Remembers one name.
    pub fn insert(&mut self, full_url: String, kind: ResourceType, id: String) {
        self.0.insert(full_url, (kind, id));
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text with the references rewritten that are known.
    pub fn resolve(&self, value: Value<'_>) -> String {
        let mut out = String::with_capacity(value.raw().len());
        splice::write(value, &mut out, &mut |member, value| {
            // What has an id by its content keeps it, although the content changes here.
            if member == "fullUrl" {
                let name = value.as_str().filter(|name| !bears_an_id(name))?;
                let (_, id) = self.0.get(name.as_ref())?;
                return Some(format!("\"urn:uuid:{id}\""));
            }
            let is_link = matches!(member, "reference") || (matches!(member, "url" | "uri" | "valueUri" | "valueUrl") && value.raw().starts_with("\"urn:uuid:"));
            if !is_link {
                return None;
            }
            let (kind, id) = self.0.get(value.as_str()?.as_ref())?;
            Some(format!("\"{kind}/{id}\""))
        });
        out
    }
}

/// True for a name that says the id: a UUID, or an address that ends with one.
fn bears_an_id(full_url: &str) -> bool {
    fhir::is_id(full_url.strip_prefix("urn:uuid:").unwrap_or_else(|| full_url.rsplit('/').next().unwrap_or_default()))
}

fn issue(message: &str) -> Issue {
    Issue::error(IssueCode::Structure, "", message)
}

fn unreadable(cause: &io::Error) -> Issue {
    Issue::error(IssueCode::Incomplete, "", format!("The file could not be read to its end: {cause}."))
}
