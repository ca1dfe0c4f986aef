//! Resources with a canonical address in FHIR JSON: alone, in a Bundle, or in a package.
//!
//! * Of a package `package.json` describes it, and what lies in a folder of examples is none of it.
//! * A package is told by its content, not by its name. Nothing of it is written to the disk.
//! * A resource comes without its id: its canonical address names it here, and another's id may be taken.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use fhir::{Document, Limits, Value};

use crate::import::source;
use crate::progress;

/// What a file holds, piece by piece.
pub enum Found<'f> {
    /// One that is taken, and where in the file it lies.
    Resource { place: &'f str, text: &'f str },
    /// A resource of another type, or an example.
    Other { kind: &'f str },
    /// What a package says of itself.
    Description { text: &'f str },
    /// It is no JSON.
    Unreadable { place: &'f str, reason: String },
}

/// Bytes of a description that are looked at.
const LONGEST_DESCRIPTION: u64 = 1 << 20;
/// Where the magic of a tar archive lies.
const MAGIC: std::ops::Range<usize> = 257..262;

/// Calls `visit` with everything in a file; resources of these types are given with their text.
pub fn each(path: &Path, kinds: &[&str], visit: &mut dyn FnMut(Found<'_>) -> Result<()>) -> Result<()> {
    let size = std::fs::metadata(path).with_context(|| format!("could not find {}", path.display()))?.len();
    let bar = progress::bytes(size, "Reading");
    let trouble = || format!("could not read {}", path.display());
    let mut input = source::open(path, &bar).with_context(trouble)?;
    let mut start = Vec::new();
    input.by_ref().take(MAGIC.end as u64).read_to_end(&mut start).with_context(trouble)?;
    let is_archive = start.get(MAGIC) == Some(b"ustar");
    let input = start.as_slice().chain(input);
    let outcome = if is_archive { archive(input, kinds, visit) } else { one("", input, kinds, visit) };
    bar.finish_and_clear();
    outcome.with_context(trouble)
}

fn archive(input: impl Read, kinds: &[&str], visit: &mut dyn FnMut(Found<'_>) -> Result<()>) -> Result<()> {
    for entry in tar::Archive::new(input).entries()? {
        let mut entry = entry.context("the package is damaged")?;
        let name = entry.path().context("the package is damaged")?.display().to_string();
        let last = name.rsplit('/').next().unwrap_or_default();
        // What is no resource.
        if !entry.header().entry_type().is_file() || !last.ends_with(".json") || last.starts_with('.') {
            continue;
        }
        if last == "package.json" {
            let mut text = String::new();
            entry.by_ref().take(LONGEST_DESCRIPTION).read_to_string(&mut text).context("the package does not describe itself in UTF-8")?;
            visit(Found::Description { text: &text })?;
        } else if name.split('/').any(|folder| matches!(folder, "example" | "examples")) {
            visit(Found::Other { kind: "example" })?;
        } else {
            one(&name, entry, kinds, visit)?;
        }
    }
    Ok(())
}

/// One JSON text.
fn one(place: &str, input: impl Read, kinds: &[&str], visit: &mut dyn FnMut(Found<'_>) -> Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    input.take(seal::PLAIN_LIMIT_BYTES as u64 * 4 + 1).read_to_end(&mut bytes).context("it could not be read to its end")?;
    if bytes.len() > seal::PLAIN_LIMIT_BYTES * 4 {
        bail!("{place} has more than {} MiB", seal::PLAIN_LIMIT_BYTES * 4 >> 20);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let document = match Document::read_bytes(bytes, Limits::default()) {
        Ok(document) => document,
        Err(cause) => return visit(Found::Unreadable { place, reason: format!("It is no FHIR JSON: {cause}") }),
    };
    each_resource(place, document.root(), kinds, visit)
}

fn each_resource(place: &str, root: Value<'_>, kinds: &[&str], visit: &mut dyn FnMut(Found<'_>) -> Result<()>) -> Result<()> {
    match root.string("resourceType").as_deref() {
        Some(kind) if kinds.contains(&kind) => visit(Found::Resource { place, text: &without_id(root) }),
        Some("Bundle") => {
            for (number, entry) in root.get("entry").into_iter().flat_map(|entries| entries.items()).enumerate() {
                let place = format!("{place}{}entry[{number}]", if place.is_empty() { "" } else { " " });
                match entry.get("resource") {
                    // Bundles in Bundles are no packages.
                    Some(resource) if resource.string("resourceType").as_deref() != Some("Bundle") => each_resource(&place, resource, kinds, visit)?,
                    _ => visit(Found::Other { kind: "entry of a Bundle" })?,
                }
            }
            Ok(())
        }
        Some(kind) => visit(Found::Other { kind }),
        None => visit(Found::Unreadable { place, reason: "It is JSON, but no FHIR resource: resourceType is missing.".to_owned() }),
    }
}

fn without_id(resource: Value<'_>) -> String {
    let mut out = String::with_capacity(resource.raw().len());
    for (name, value) in resource.members().filter(|(name, _)| name != "id") {
        out.push_str(if out.is_empty() { "{" } else { "," });
        fhir::splice::write_string(&name, &mut out);
        out.push(':');
        out.push_str(value.raw());
    }
    out.push('}');
    out
}
