//! Gathers the forms of the packs and their parts, so that a new form is a file and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The files of a folder with this ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("could not list {}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be listed").path()).filter(|path| path.extension().is_some_and(|own| own == ending)).collect();
    found.sort();
    found
}

/// The folders that hold a country, in the order of their names.
fn countries(packs: &Path) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", packs.display());
    let entries = std::fs::read_dir(packs).unwrap_or_else(|error| panic!("could not list {}: {error}", packs.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be listed").path()).filter(|path| path.join("country.toml").is_file()).collect();
    found.sort();
    found
}

fn main() {
    let packs = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is")).join("packs");
    let mut code = String::new();
    for folder in countries(&packs) {
        let country = folder.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(code, "pub(crate) const {}: &[&str] = &[", country.to_uppercase());
        for path in files(&folder.join("forms"), "form") {
            let _ = writeln!(code, "    include_str!({path:?}),");
        }
        code.push_str("];\n");
    }
    code.push_str("pub(crate) const PARTS: &[(&str, &str)] = &[\n");
    for path in files(&packs.join("parts"), "part") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    std::fs::write(out.join("forms.rs"), code).expect("the list of forms could not be written");
}
