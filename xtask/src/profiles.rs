//! `cargo xtask profiles`: from a published guide to what a validator needs of it.
//!
//! * Of each StructureDefinition that constrains: its address, type, base, contexts, and of each
//!   element of the differential what can be checked. Texts for readers stay behind.
//! * One a line, in the order of their addresses, so that a new release shows as a difference.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use std::path::Path;
use std::process::Command;

/// Members kept of a StructureDefinition; `url` comes first, the reader looks for it.
const DEFINITION: &[&str] = &["resourceType", "url", "version", "name", "status", "kind", "abstract", "context", "type", "baseDefinition", "derivation"];
/// Members kept of an element, beside `fixed[x]`, `pattern[x]`, `minValue[x]` and `maxValue[x]`.
const ELEMENT: &[&str] = &["id", "path", "sliceName", "slicing", "min", "max", "type", "maxLength", "isModifier", "mustSupport"];
const MAXIMUM: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

/// Writes the profiles of a package, packed or unpacked, to a file.
pub fn make(package: &Path, file: &Path) -> Result<()> {
    let workshop = std::env::temp_dir().join(format!("carnet-profiles-{}", std::process::id()));
    let folder = if package.is_dir() {
        package.to_owned()
    } else {
        std::fs::create_dir_all(&workshop)?;
        let status = Command::new("tar").arg("xzf").arg(package).arg("-C").arg(&workshop).status().context("could not start tar")?;
        ensure!(status.success(), "tar ended with {status}");
        workshop.join("package")
    };
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        let is_structure = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("StructureDefinition-") && name.ends_with(".json"));
        if !is_structure {
            continue;
        }
        let whole: Value = serde_json::from_slice(&std::fs::read(&path)?).with_context(|| format!("{} is not JSON", path.display()))?;
        if whole["derivation"] == "constraint" {
            lines.push((whole["url"].as_str().unwrap_or_default().to_owned(), slim(&whole)));
        }
    }
    if workshop.exists() {
        std::fs::remove_dir_all(&workshop)?;
    }
    if lines.is_empty() {
        bail!("{} holds no profiles", folder.display());
    }
    lines.sort();
    let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(file, &text)?;
    println!("{} profiles, {} bytes, SHA-256 {}", lines.len(), text.len(), crate::definitions::digest(text.as_bytes()));
    Ok(())
}

/// One line; its members in the order of [`DEFINITION`], the elements last.
fn slim(whole: &Value) -> String {
    let elements: Vec<Value> = whole["differential"]["element"].as_array().into_iter().flatten().map(element).collect();
    let members = DEFINITION.iter().filter_map(|name| Some(format!("\"{name}\":{}", whole.get(name)?))).collect::<Vec<_>>();
    format!("{{{},\"differential\":{{\"element\":{}}}}}", members.join(","), Value::Array(elements))
}

fn only(whole: &Value, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), whole.get(name)?.clone()))).collect()
}

fn element(whole: &Value) -> Value {
    let mut kept = only(whole, ELEMENT);
    for (name, value) in whole.as_object().into_iter().flatten() {
        if ["fixed", "pattern", "minValue", "maxValue"].iter().any(|choice| name.strip_prefix(choice).is_some_and(|rest| rest.starts_with(char::is_uppercase))) {
            kept.insert(name.clone(), value.clone());
        }
    }
    if let Some(types) = kept.get_mut("type").and_then(Value::as_array_mut) {
        types.iter_mut().for_each(|one| *one = Value::Object(only(one, &["code", "profile", "targetProfile"])));
    }
    if let Some(slicing) = kept.get_mut("slicing") {
        *slicing = Value::Object(only(slicing, &["discriminator", "ordered", "rules"]));
    }
    if let Some(binding) = whole.get("binding") {
        let mut bound = only(binding, &["strength", "valueSet"]);
        let maximum: Vec<Value> = binding["extension"].as_array().into_iter().flatten().filter(|one| one["url"] == MAXIMUM).cloned().collect();
        if !maximum.is_empty() {
            bound.insert("extension".to_owned(), Value::Array(maximum));
        }
        kept.insert("binding".to_owned(), Value::Object(bound));
    }
    if let Some(constraints) = whole["constraint"].as_array() {
        let own = constraints.iter().filter(|one| one["expression"].is_string()).map(|one| Value::Object(only(one, &["key", "severity", "human", "expression", "source"])));
        kept.insert("constraint".to_owned(), own.collect());
    }
    Value::Object(kept)
}
