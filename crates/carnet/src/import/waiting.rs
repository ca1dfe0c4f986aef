//! What waits for something that has not arrived, on disk, in a file without a name.
//!
//! The file vanishes with the process: what waited in an import that was killed is in the files
//! it came from.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::parcel::{Form, Piece, Progress};

/// Pieces that wait.
pub struct Waiting {
    folder: PathBuf,
    file: Option<BufWriter<File>>,
    files: Vec<Arc<Progress>>,
    /// Where a file stands among them, by where it lies in memory: it stays there as long as it stands here.
    numbers: HashMap<usize, usize>,
    pieces: u64,
}

impl Waiting {
    /// Nothing waits yet.
    pub fn new(folder: &Path) -> Waiting {
        Waiting { folder: folder.to_owned(), file: None, files: Vec::new(), numbers: HashMap::new(), pieces: 0 }
    }

    /// True if nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pieces == 0
    }

    /// Puts a piece away until the next round.
    pub fn keep(&mut self, piece: &Piece, due: &[u32]) -> Result<()> {
        if self.file.is_none() {
            self.file = Some(BufWriter::new(nameless(&self.folder)?));
        }
        let files = &mut self.files;
        let number = *self.numbers.entry(Arc::as_ptr(&piece.file) as usize).or_insert_with(|| {
            files.push(piece.file.clone());
            files.len() - 1
        });
        let (form, place) = match piece.form {
            Form::Document => (0u8, 0),
            Form::Line(line) => (1, line),
            Form::Entry(entry) => (2, entry),
        };
        let mut head = (number as u32).to_be_bytes().to_vec();
        head.push(form);
        head.extend_from_slice(&place.to_be_bytes());
        head.extend_from_slice(&(due.len() as u32).to_be_bytes());
        due.iter().for_each(|one| head.extend_from_slice(&one.to_be_bytes()));
        head.extend_from_slice(&(piece.text.len() as u64).to_be_bytes());
        self.pieces += 1;
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(&head).and_then(|()| file.write_all(&piece.text)));
        written.context("could not put aside what waits")
    }

    /// Everything that waits, to be tried again; what waits from now on is kept anew.
    pub fn take(&mut self) -> Result<Round> {
        let files = std::mem::take(&mut self.files);
        self.numbers.clear();
        let left = std::mem::take(&mut self.pieces);
        let source = match self.file.take() {
            None => None,
            Some(file) => {
                let mut file = file.into_inner().map_err(|cause| cause.into_error()).context("could not put aside what waits")?;
                file.seek(SeekFrom::Start(0)).context("could not go back to what waits")?;
                Some(BufReader::with_capacity(256 << 10, file))
            }
        };
        Ok(Round { source, files, left })
    }
}

/// What waited, piece by piece.
pub struct Round {
    source: Option<BufReader<File>>,
    files: Vec<Arc<Progress>>,
    left: u64,
}

impl Round {
    /// The next piece.
    pub fn next(&mut self) -> Result<Option<Piece>> {
        let Some(source) = self.source.as_mut().filter(|_| self.left > 0) else { return Ok(None) };
        self.left -= 1;
        let lost = "could not read what waits";
        let number = u32::from_be_bytes(bytes(source).context(lost)?) as usize;
        let [form] = bytes(source).context(lost)?;
        let place = u64::from_be_bytes(bytes(source).context(lost)?);
        let count = u32::from_be_bytes(bytes(source).context(lost)?);
        let mut due = Vec::new();
        for _ in 0..count {
            due.push(u32::from_be_bytes(bytes(source).context(lost)?));
        }
        let mut text = vec![0; u64::from_be_bytes(bytes(source).context(lost)?) as usize];
        source.read_exact(&mut text).context(lost)?;
        let form = match form {
            0 => Form::Document,
            1 => Form::Line(place),
            _ => Form::Entry(place),
        };
        let file = self.files.get(number).context(lost)?.clone();
        Ok(Some(Piece { file, form, text, due: Some(due) }))
    }
}

fn bytes<const N: usize>(source: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A file that only this process can reach.
fn nameless(folder: &Path) -> Result<File> {
    let path = folder.join("import-waiting.tmp");
    let made = OpenOptions::new().create(true).truncate(true).read(true).write(true).mode(0o600).open(&path);
    let file = made.with_context(|| format!("could not make {}", path.display()))?;
    fs::remove_file(&path).with_context(|| format!("could not take its name from {}", path.display()))?;
    Ok(file)
}
