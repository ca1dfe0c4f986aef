//! Rows that were not kept: a line each, in the form of every import's rejects.
//!
//! ```text
//! {"file":"…","line":3,"issues":[{"severity":"error","code":"invalid","expression":"","message":"…"}],"concept":"A00.1"}
//! ```

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fhir::splice::write_string;
use fhir::{Issue, IssueCode};
use terminology::import::Reject;

use crate::import::rejects;

/// The rejects file; made when there is something to keep.
pub struct Rejected {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Rejected {
    /// The file that was named, or a new one in the site's folder.
    pub fn open(folder: &Path, named: Option<&Path>) -> Result<Rejected> {
        Ok(Rejected { path: rejects::new_path(folder, named)?, file: None, count: 0 })
    }

    /// Where it lies, or would.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many were kept in it.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Keeps rows of a file.
    pub fn keep(&mut self, file: &Path, rows: &[Reject]) -> Result<()> {
        for row in rows {
            let issue = Issue::error(IssueCode::Invalid, "", &*row.reason);
            self.write(file, &format!(",\"line\":{}", row.line), &[issue], row.code.as_deref())?;
        }
        Ok(())
    }

    /// Keeps a resource's place (an entry of a package, or nothing) and what is wrong with it.
    pub fn keep_issues(&mut self, file: &Path, place: &str, issues: &[Issue]) -> Result<()> {
        let mut told = String::new();
        if !place.is_empty() {
            told.push_str(",\"entry\":");
            write_string(place, &mut told);
        }
        self.write(file, &told, issues, None)
    }

    fn write(&mut self, file: &Path, place: &str, issues: &[Issue], code: Option<&str>) -> Result<()> {
        let mut line = String::from("{\"file\":");
        write_string(&file.display().to_string(), &mut line);
        line.push_str(place);
        line.push_str(",\"issues\":");
        rejects::write_issues(issues, &mut line);
        if let Some(code) = code {
            line.push_str(",\"concept\":");
            write_string(code, &mut line);
        }
        line.push_str("}\n");
        if self.file.is_none() {
            let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&self.path);
            self.file = Some(BufWriter::new(made.with_context(|| format!("could not make {}", self.path.display()))?));
        }
        self.count += 1;
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(line.as_bytes()));
        written.with_context(|| format!("could not write {}", self.path.display()))
    }

    /// Sees to it that everything kept is on disk.
    pub fn settle(&mut self) -> Result<()> {
        let settled = self.file.as_mut().map_or(Ok(()), |file| file.flush().and_then(|()| file.get_ref().sync_data()));
        settled.with_context(|| format!("could not write {}", self.path.display()))
    }
}
