//! Profiles that ship with Carnet, as data: one StructureDefinition a line, its differential only.
//!
//! Where each comes from stands in `profiles/ORIGIN.md`.

use super::tree::Profile;
use fhir::Document;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Each file, later ones before earlier ones where an address has several versions.
const FILES: &[&str] = &[include_str!("../../profiles/r4.ndjson"), include_str!("../../profiles/ips-2.0.0.ndjson"), include_str!("../../profiles/balp.ndjson")];

/// Base profiles of base profiles.
const MOST_DEEP: u32 = 16;

/// A line of a file, read when somebody asks for it.
struct Line {
    version: String,
    text: &'static str,
    profile: OnceLock<Option<Arc<Profile>>>,
}

fn lines() -> &'static HashMap<&'static str, Vec<Line>> {
    static LINES: OnceLock<HashMap<&'static str, Vec<Line>>> = OnceLock::new();
    LINES.get_or_init(|| {
        let mut all: HashMap<&'static str, Vec<Line>> = HashMap::new();
        for text in FILES.iter().flat_map(|file| file.lines()).filter(|line| !line.is_empty()) {
            let member = |name: &str| {
                let start = text.find(&format!("\"{name}\":\""))? + name.len() + 4;
                text[start..].split('"').next()
            };
            if let Some(url) = member("url") {
                all.entry(url).or_default().push(Line { version: member("version").unwrap_or_default().to_owned(), text, profile: OnceLock::new() });
            }
        }
        all
    })
}

/// The text of the shipped StructureDefinition of a canonical address.
pub fn definition(address: &str) -> Option<&'static str> {
    line(address).map(|line| line.text)
}

/// The shipped profile of a canonical address, `url` or `url|version`; without a version the newest.
pub fn profile(address: &str) -> Option<Arc<Profile>> {
    below(address, 0)
}

/// The addresses of all that ships, with their versions.
pub fn addresses() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().iter().flat_map(|(url, all)| all.iter().map(|line| (*url, line.version.as_str())))
}

fn line(address: &str) -> Option<&'static Line> {
    let (url, version) = address.split_once('|').map_or((address, None), |(url, version)| (url, Some(version)));
    lines().get(url)?.iter().rev().find(|line| version.is_none_or(|version| line.version == version))
}

fn below(address: &str, depth: u32) -> Option<Arc<Profile>> {
    let line = line(address)?;
    if depth > MOST_DEEP {
        return None;
    }
    let read = || {
        let document = Document::read(line.text).ok()?;
        Profile::read(document.root(), &|base| below(base, depth + 1)).ok().map(Arc::new)
    };
    line.profile.get_or_init(read).clone()
}
