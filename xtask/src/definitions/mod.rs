//! `cargo xtask definitions`: the published R4 definitions become one compact table.
//!
//! The package is pinned by version and by the digest of every file read from it. What its
//! authors added or altered is taken out again (see `normalise`); what remains is told to
//! the reader in `ORIGIN.md`. The format of the table is described where it is read, in
//! `fhir::definitions::decode`.

mod normalise;
mod origin;
mod source;
pub use source::digest;
mod structures;
mod terminology;
mod writer;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use writer::{Strings, Writer};

/// Makes the table from the package at that path, or from a freshly fetched one.
pub fn make(from: Option<PathBuf>) -> Result<()> {
    let mut package = source::read(from)?;
    let changes = normalise::normalise(&mut package)?;
    let (table, counts) = table(&package)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/fhir/definitions");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("r4.bin"), &table).context("could not write the table")?;
    std::fs::write(folder.join("ORIGIN.md"), origin::page(&table, &counts, &changes)).context("could not write its origin")?;
    println!("{} bytes, {}", table.len(), source::digest(&table));
    for (what, count) in counts {
        println!("{count:>7} {what}");
    }
    Ok(())
}

/// How much of everything the table holds.
pub type Counts = Vec<(&'static str, usize)>;

fn table(package: &source::Package) -> Result<(Vec<u8>, Counts)> {
    let mut strings = Strings::default();
    let structures = structures::structures(package)?;
    let (invariants, types, distinct_invariants) = structures::write(&structures, &mut strings);
    let parameters = structures::write_parameters(package, &mut strings)?;
    let (systems, concepts) = terminology::write_systems(package, &mut strings)?;
    let sets = terminology::write_sets(package, &mut strings)?;
    let counts = vec![
        ("types, nested ones included", structures.len()),
        ("elements", structures.iter().map(|t| t.elements.len()).sum()),
        ("distinct invariants", distinct_invariants),
        ("search parameters", package.search_parameters.len()),
        ("code systems", package.code_systems.len()),
        ("concepts in them", concepts),
        ("value sets", package.value_sets.len()),
    ];
    let mut table = Writer::default();
    table.raw(b"R4D1");
    for section in [strings.section(), invariants, types, parameters, systems, sets] {
        table.section(section);
    }
    Ok((table.into_bytes(), counts))
}
