//! Which files there are, in which order they are taken, and how they are opened.
//!
//! * Content decides, by the first bytes; names only order.
//! * Files of organisations, practitioners and places come first, then persons, then the rest.
//!   The order only saves waiting: any order ends in the same record.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use fhir::{ResourceType, home};
use indicatif::ProgressBar;

/// One file to be read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// On disk.
    pub size_bytes: u64,
    /// When it was last changed, in milliseconds since 1970.
    pub modified_ms: u64,
    /// Files of a lower rank are finished before those of a higher one begin.
    pub rank: u8,
}

/// What the named paths hold.
#[derive(Default)]
pub struct Listing {
    /// In the order in which they are taken.
    pub sources: Vec<Source>,
    /// What could not even be looked at, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// The files of some paths, folders with all that lies below them.
pub fn list(paths: &[PathBuf]) -> Result<Listing> {
    let mut listing = Listing::default();
    let mut seen = HashSet::new();
    for path in paths {
        let found = fs::metadata(path).with_context(|| format!("could not find {}", path.display()))?;
        if found.is_dir() {
            walk(path, &mut seen, &mut listing);
        } else {
            add(path.clone(), &mut seen, &mut listing);
        }
    }
    listing.sources.sort_by(|one, other| (one.rank, &one.path).cmp(&(other.rank, &other.path)));
    Ok(listing)
}

fn walk(folder: &Path, seen: &mut HashSet<PathBuf>, listing: &mut Listing) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) => return listing.unreadable.push((folder.to_owned(), cause.to_string())),
    };
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            // A link to a folder may lead round in a circle.
            Ok((path, kind)) if kind.is_dir() => walk(&path, seen, listing),
            Ok((path, kind)) if kind.is_file() || path.is_file() => add(path, seen, listing),
            Ok(_) => {}
            Err(cause) => listing.unreadable.push((folder.to_owned(), cause.to_string())),
        }
    }
}

fn add(path: PathBuf, seen: &mut HashSet<PathBuf>, listing: &mut Listing) {
    let looked = fs::canonicalize(&path).and_then(|real| Ok((real, fs::metadata(&path)?, rank(&path)?)));
    match looked {
        Ok((real, about, rank)) => {
            if seen.insert(real) {
                let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                let modified_ms = modified.map_or(0, |since| since.as_millis() as u64);
                listing.sources.push(Source { path, size_bytes: about.len(), modified_ms, rank });
            }
        }
        Err(cause) => listing.unreadable.push((path, cause.to_string())),
    }
}

/// Opens a file, decompressed where its first bytes say so. `bar` moves with the bytes on disk.
pub fn open(path: &Path, bar: &ProgressBar) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::with_capacity(256 << 10, bar.wrap_read(File::open(path)?));
    let start = file.fill_buf()?;
    let plain: Box<dyn Read + Send> = match start {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::with_buffer(file)?),
        [b'B', b'Z', b'h', ..] => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        _ => return Ok(Box::new(file)),
    };
    Ok(Box::new(BufReader::with_capacity(256 << 10, plain)))
}

/// How much of a file is looked at to rank it.
const PEEKED: u64 = 16 << 10;

/// When a file is due, by the first resource in it. What cannot be read is ranked anyhow: it is
/// named when it is its turn.
fn rank(path: &Path) -> io::Result<u8> {
    // An unreadable beginning shows again when the file is read, with its reason.
    let mut start = Vec::new();
    if let Ok(file) = open(path, &ProgressBar::hidden()) {
        let _ = file.take(PEEKED).read_to_end(&mut start);
    }
    Ok(first_type(&start).map_or(OTHERS, |kind| match kind {
        kind if home::is_shared(kind) => 0,
        ResourceType::PATIENT => 1,
        kind => match kind.name() {
            "Device" | "Encounter" => OTHERS - 1,
            "Provenance" | "List" | "Task" | "AppointmentResponse" | "EnrollmentResponse" => OTHERS + 1,
            _ => OTHERS,
        },
    }))
}

const OTHERS: u8 = 3;

/// The first resource type named in a text, a Bundle's content before the Bundle.
fn first_type(text: &[u8]) -> Option<ResourceType> {
    const MEMBER: &[u8] = b"\"resourceType\"";
    let mut rest = text;
    while let Some(at) = rest.windows(MEMBER.len()).position(|window| window == MEMBER) {
        rest = &rest[at + MEMBER.len()..];
        let value = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start).and_then(|value| value.strip_prefix(b"\""));
        let Some(value) = value else { continue };
        let end = value.iter().position(|byte| *byte == b'"').unwrap_or(0);
        match std::str::from_utf8(&value[..end]) {
            Ok("Bundle") => {}
            Ok(name) => return ResourceType::named(name),
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_type_inside_decides() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(first_type(text.as_bytes()).map(ResourceType::name), expected, "{text}");
        check(r#"{"resourceType":"Patient"}"#, Some("Patient"));
        check("{\n \"resourceType\" : \"Bundle\", \"entry\": [{\"resource\": {\"resourceType\": \"Organization\"", Some("Organization"));
        check(r#"{"resourceType":"Bundle"}"#, None);
        check("name,age", None);
    }
}
