//! What could not be taken in: a line each, with its place, its reasons and itself.
//!
//! ```text
//! {"file":"…","line":3,"issues":[{"severity":"error","code":"required","expression":"…","message":"…"}],"resource":{…}}
//! ```
//!
//! * `line` counts lines of NDJSON, `entry` entries of a Bundle from 0. A file that cannot be read
//!   at all has neither; it stays where it is and is named.
//! * What is not even JSON is kept as `text`, bytes that are not text as `base64`.
//! * The file holds patients' data as it arrived: only its owner may read it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fhir::splice::{self, write_string};
use fhir::{Document, Issue, Value};
use parking_lot::Mutex;

use super::note::Note;

/// Where something lay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line of an NDJSON file, from 1.
    pub line: Option<u64>,
    /// The entry of a Bundle, from 0.
    pub entry: Option<u64>,
}

/// What is kept of it.
pub enum Content<'c> {
    /// The resource, or the entry where there is none.
    Json(Value<'c>),
    /// It could not be read.
    Bytes(&'c [u8]),
    /// The file stays where it is.
    Nothing,
}

/// The rejects file; made when there is something to keep.
pub struct Rejects {
    path: PathBuf,
    file: Mutex<Option<BufWriter<File>>>,
}

impl Rejects {
    /// The file that was named, the one an interrupted run began, or a new one in the site's folder.
    pub fn open(folder: &Path, named: Option<&Path>, note: &Note) -> Result<Rejects> {
        let begun = note.rejects().filter(|path| path.exists() && named.is_none_or(|named| named == *path));
        if let Some(path) = begun {
            let file = go_on(path, note)?;
            return Ok(Rejects { path: path.to_owned(), file: Mutex::new(Some(BufWriter::new(file))) });
        }
        let path = new_path(folder, named)?;
        Ok(Rejects { path, file: Mutex::new(None) })
    }

    /// Where it lies, or would.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps one.
    pub fn keep(&self, file: &str, place: Place, issues: &[Issue], content: Content<'_>) -> Result<()> {
        let mut line = String::from("{\"file\":");
        write_string(file, &mut line);
        for (name, number) in [("line", place.line), ("entry", place.entry)] {
            if let Some(number) = number {
                line.push_str(&format!(",\"{name}\":{number}"));
            }
        }
        line.push_str(",\"issues\":");
        write_issues(issues, &mut line);
        match content {
            Content::Json(value) => {
                line.push_str(if value.get("resourceType").is_some() { ",\"resource\":" } else { ",\"content\":" });
                splice::write(value, &mut line, &mut |_, _| None);
            }
            Content::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    line.push_str(",\"text\":");
                    write_string(text, &mut line);
                }
                Err(_) => {
                    line.push_str(",\"base64\":\"");
                    fhir::base64::encode(bytes, &mut line);
                    line.push('"');
                }
            },
            Content::Nothing => {}
        }
        line.push_str("}\n");
        let mut file = self.file.lock();
        if file.is_none() {
            let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&self.path);
            *file = Some(BufWriter::new(made.with_context(|| format!("could not make {}", self.path.display()))?));
        }
        let written = file.as_mut().map_or(Ok(()), |file| file.write_all(line.as_bytes()));
        written.with_context(|| format!("could not write {}", self.path.display()))
    }

    /// Sees to it that everything kept so far is on disk.
    pub fn settle(&self) -> Result<()> {
        let mut file = self.file.lock();
        let settled = file.as_mut().map_or(Ok(()), |file| file.flush().and_then(|()| file.get_ref().sync_data()));
        settled.with_context(|| format!("could not write {}", self.path.display()))
    }
}

/// Where a new file lies: at the place that was named, or in a folder under the next free number.
pub fn new_path(folder: &Path, named: Option<&Path>) -> Result<PathBuf> {
    let path = match named {
        Some(path) if path.exists() => bail!("{} exists; name another file for what is rejected", path.display()),
        Some(path) => path.to_owned(),
        None => {
            let mut number = 1;
            while folder.join(format!("rejects-{number}.ndjson")).exists() {
                number += 1;
            }
            folder.join(format!("rejects-{number}.ndjson"))
        }
    };
    std::path::absolute(path).context("the place of the rejects file is not known")
}

/// Goes on with the file of a run that was interrupted: what it says of files that are read once
/// more goes out.
fn go_on(path: &Path, note: &Note) -> Result<File> {
    let trouble = || format!("could not go on with {}", path.display());
    let new = path.with_extension("new");
    let before = BufReader::new(File::open(path).with_context(trouble)?);
    let made = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new);
    let mut after = BufWriter::new(made.with_context(trouble)?);
    for line in before.split(b'\n') {
        let line = line.with_context(trouble)?;
        let Ok(document) = Document::read_bytes(&line, fhir::Limits::default()) else { continue };
        if document.root().string("file").is_some_and(|file| note.names(&file)) {
            after.write_all(&line).and_then(|()| after.write_all(b"\n")).with_context(trouble)?;
        }
    }
    let file = after.into_inner().map_err(|cause| cause.into_error()).with_context(trouble)?;
    file.sync_data().and_then(|()| fs::rename(&new, path)).with_context(trouble)?;
    Ok(file)
}

/// Issues as JSON.
pub fn write_issues(issues: &[Issue], out: &mut String) {
    out.push('[');
    for (number, issue) in issues.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(&format!("{{\"severity\":\"{}\",\"code\":\"{}\",\"expression\":", issue.severity.code(), issue.code.code()));
        write_string(&issue.expression, out);
        out.push_str(",\"message\":");
        write_string(&issue.message, out);
        out.push('}');
    }
    out.push(']');
}
