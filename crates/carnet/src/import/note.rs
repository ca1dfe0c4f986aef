//! Which files are done, so that an import that was killed does not begin anew.
//!
//! `DIR/import-progress.json`: a line about the import, then a line for each file of which every
//! resource is settled. The file goes away with the end of the import; without it nothing is
//! lost but time.
//!
//! * It speaks of one store: the store keeps the import's mark, too, and each line says how far it had come. What a
//!   backup that was put back does not hold is not done.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fhir::Document;
use fhir::splice::write_string;
use store::Drawer;

use super::source::Source;
use crate::keys::hex;

/// The room of the drawer in which the store keeps the mark of an import.
pub const IMPORT_ROOM: &str = "import";
const MARK: &str = "mark";

/// The files that are done.
pub struct Note {
    path: PathBuf,
    file: Option<File>,
    keep_flawed: bool,
    finished: HashMap<String, Finished>,
    rejects: Option<PathBuf>,
    /// What the store knows the import by; empty where that is still to be drawn.
    mark: String,
    /// How many commits the store has had.
    commits: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Finished {
    size_bytes: u64,
    modified_ms: u64,
    rejected: u64,
    /// How many commits the store had had by then.
    commits: u64,
}

impl Note {
    /// The note an earlier run left, if it was an import of the same kind into this very store, which has had so many
    /// commits; otherwise an empty one.
    pub fn open(folder: &Path, keep_flawed: bool, drawer: &Drawer, commits: u64) -> Result<Note> {
        let path = folder.join("import-progress.json");
        let kept = drawer.note(MARK)?.map(|mark| String::from_utf8_lossy(&mark).into_owned());
        let mut note = Note { path, file: None, keep_flawed, finished: HashMap::new(), rejects: None, mark: String::new(), commits };
        let text = match fs::read_to_string(&note.path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(note),
            Err(cause) => return Err(cause).with_context(|| format!("could not read {}", note.path.display())),
        };
        let mut lines = text.lines();
        if lines.next().and_then(|line| note.begin(line, kept.as_deref())).is_none() {
            return Ok(note);
        }
        for line in lines {
            // A line that was torn by the kill is a file that is done once more.
            let _ = note.learn(line);
        }
        Ok(note)
    }

    fn begin(&mut self, line: &str, kept: Option<&str>) -> Option<()> {
        let document = Document::read(line).ok()?;
        let root = document.root();
        // One of an older program has no mark.
        let mark = root.string("mark");
        let same = root.get("keepFlawed")?.as_bool()? == self.keep_flawed && mark.as_deref() == kept;
        self.mark = mark.filter(|_| same).map(|mark| mark.into_owned()).unwrap_or_default();
        self.rejects = same.then(|| root.string("rejects").map(|path| PathBuf::from(path.as_ref()))).flatten();
        same.then_some(())
    }

    fn learn(&mut self, line: &str) -> Option<()> {
        let document = Document::read(line).ok()?;
        let root = document.root();
        let number = |name: &str| root.get(name)?.as_number()?.parse().ok();
        let finished = Finished { size_bytes: number("size")?, modified_ms: number("modified")?, rejected: number("rejected")?, commits: number("commits").unwrap_or(0) };
        if finished.commits > self.commits {
            return None;
        }
        self.finished.insert(root.string("path")?.into_owned(), finished);
        Some(())
    }

    /// How many files an earlier run finished.
    pub fn finished_count(&self) -> usize {
        self.finished.len()
    }

    /// Where that run kept what it rejected.
    pub fn rejects(&self) -> Option<&Path> {
        self.rejects.as_deref()
    }

    /// True if an earlier run finished the file with this name.
    pub fn names(&self, path: &str) -> bool {
        self.finished.contains_key(path)
    }

    /// How many resources of this very file an earlier run rejected; none if it did not finish it.
    pub fn passes_over(&self, path: &str, source: &Source) -> Option<u64> {
        let found = self.finished.get(path)?;
        (found.size_bytes == source.size_bytes && found.modified_ms == source.modified_ms).then_some(found.rejected)
    }

    /// Forgets files that have changed since.
    pub fn keep_only(&mut self, sources: &[(String, Source)]) {
        let same: HashMap<String, Finished> =
            sources.iter().filter(|(path, source)| self.passes_over(path, source).is_some()).filter_map(|(path, _)| Some((path.clone(), *self.finished.get(path)?))).collect();
        self.finished = same;
    }

    /// Begins the file with what is known already.
    pub fn start(&mut self, rejects: &Path, drawer: &Drawer) -> Result<()> {
        while self.mark.is_empty() {
            let mark = hex(&drawer.random::<16>());
            if drawer.keep(MARK, drawer.note(MARK)?.as_deref(), mark.as_bytes())? {
                self.mark = mark;
            }
        }
        let mut text = String::from("{\"carnetImport\":1,\"rejects\":");
        write_string(&rejects.display().to_string(), &mut text);
        text.push_str(&format!(",\"keepFlawed\":{},\"mark\":\"{}\"}}\n", self.keep_flawed, self.mark));
        for (path, finished) in &self.finished {
            line(path, *finished, &mut text);
        }
        let new = self.path.with_extension("new");
        let open = |path: &Path| OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
        let mut file = open(&new).with_context(|| format!("could not make {}", new.display()))?;
        file.write_all(text.as_bytes()).and_then(|()| fs::rename(&new, &self.path)).with_context(|| format!("could not write {}", self.path.display()))?;
        self.file = Some(file);
        Ok(())
    }

    /// Notes that everything in a file is settled, in a store that has had so many commits.
    pub fn finish(&mut self, path: &str, source: &Source, rejected: u64, commits: u64) -> Result<()> {
        let mut text = String::new();
        line(path, Finished { size_bytes: source.size_bytes, modified_ms: source.modified_ms, rejected, commits }, &mut text);
        match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()).with_context(|| format!("could not write {}", self.path.display())),
            None => Ok(()),
        }
    }

    /// The import is over.
    pub fn remove(&mut self) {
        self.file = None;
        // One that stays only saves a later run some work.
        let _ = fs::remove_file(&self.path);
    }
}

fn line(path: &str, finished: Finished, out: &mut String) {
    out.push_str("{\"path\":");
    write_string(path, out);
    let Finished { size_bytes, modified_ms, rejected, commits } = finished;
    out.push_str(&format!(",\"size\":{size_bytes},\"modified\":{modified_ms},\"rejected\":{rejected},\"commits\":{commits}}}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_done_for_the_store_it_was_taken_into_and_for_no_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source { path: PathBuf::from("a.ndjson"), size_bytes: 5, modified_ms: 7, rank: 3 };
        let drawer = testkit::clinic().chart.drawer(IMPORT_ROOM);
        let rejects = folder.path().join("rejects-1.ndjson");
        let mut note = Note::open(folder.path(), false, &drawer, 0).unwrap();
        note.start(&rejects, &drawer).unwrap();
        note.finish("a", &source, 2, 10).unwrap();
        let passes = |drawer: &Drawer, commits| Note::open(folder.path(), false, drawer, commits).unwrap().passes_over("a", &source);
        assert_eq!(passes(&drawer, 10), Some(2));
        assert_eq!(passes(&drawer, 9), None, "put back to before the file was done");
        assert_eq!(passes(&testkit::clinic().chart.drawer(IMPORT_ROOM), 50), None, "put back to before the import began");
        // Whoever goes on keeps the mark and what is done.
        let mut again = Note::open(folder.path(), false, &drawer, 12).unwrap();
        assert_eq!(again.rejects(), Some(rejects.as_path()));
        again.start(&rejects, &drawer).unwrap();
        assert_eq!(passes(&drawer, 12), Some(2));
    }
}
