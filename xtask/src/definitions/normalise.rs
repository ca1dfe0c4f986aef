//! Taking out again what the package's authors added to R4.
//!
//! Most of it is found by two rules: an element in a snapshot that neither the differential nor
//! the base type explains was never published; an element in a differential that is missing from
//! the snapshot was. What no rule finds is listed here, each line with the published value put back. `tests/published.rs` compares the result with the
//! official package.

use super::source::Package;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// What was taken out or put right, for the page of origin.
#[derive(Default)]
pub struct Changes {
    pub dropped: Vec<String>,
    pub corrected: Vec<String>,
}

/// Parameters that R4 does not have. The version gives away a third one and a whole resource.
const ADDED_PARAMETERS: [&str; 2] = ["DetectedIssue-status", "ServiceRequest-order-detail"];

/// Elements added to a differential too, where the rule cannot see them.
const ADDED_ELEMENTS: [&str; 1] = ["ResearchStudy.studyDesign"];

/// Value sets and code systems of a later release.
const LATER_VERSION: &str = "5.0.0";

const AUDIT_OBSERVERS: &[&str] = &["PractitionerRole", "Practitioner", "Organization", "Device", "Patient", "RelatedPerson"];
const MEASURE_SUBJECTS: &[&str] = &["Patient", "Practitioner", "PractitionerRole", "Location", "Device", "RelatedPerson", "Group"];
const MEASURE_SUBJECTS_AS_SEARCHED: &[&str] = &["Practitioner", "Group", "Device", "Patient", "PractitionerRole", "RelatedPerson", "Location"];

/// Takes out what was added and puts back what was altered.
pub fn normalise(package: &mut Package) -> Result<Changes> {
    let mut changes = Changes::default();
    drop_later_releases(package, &mut changes);
    package.structures.retain(|s| s["kind"] != "logical");
    package.profiles = package.structures.extract_if(.., |s| s["derivation"] == "constraint").collect();
    drop_unexplained_elements(package, &mut changes)?;
    restore_missing_elements(package, &mut changes)?;
    put_right(package, &mut changes)?;
    Ok(changes)
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn drop_later_releases(package: &mut Package, changes: &mut Changes) {
    let mut drop = |shelf: &mut Vec<Value>, is_added: &dyn Fn(&Value) -> bool| {
        shelf.retain(|resource| {
            let added = is_added(resource);
            if added {
                changes.dropped.push(format!("{} {}", text(resource, "resourceType"), text(resource, "url")));
            }
            !added
        });
    };
    drop(&mut package.structures, &|s| text(s, "fhirVersion") != "4.0.1");
    drop(&mut package.search_parameters, &|p| text(p, "version") != "4.0.1" || ADDED_PARAMETERS.contains(&text(p, "id")));
    drop(&mut package.value_sets, &|s| text(s, "version") == LATER_VERSION);
    drop(&mut package.code_systems, &|s| text(s, "version") == LATER_VERSION);
}

/// An element that is in the snapshot, not in the differential, not inherited, and not what
/// every nested type has, was added; so was everything under it.
fn drop_unexplained_elements(package: &mut Package, changes: &mut Changes) -> Result<()> {
    let relative = |element: &Value| text(element, "path").split_once('.').map(|(_, rest)| rest.to_owned());
    let elements = |s: &Value, part: &str| -> Vec<Value> { s[part]["element"].as_array().cloned().unwrap_or_default() };
    let inherited: HashMap<String, HashSet<String>> = package
        .structures
        .iter()
        .map(|s| (text(s, "url").to_owned(), elements(s, "differential").iter().filter_map(relative).collect()))
        .collect();
    let base: HashMap<String, String> =
        package.structures.iter().map(|s| (text(s, "url").to_owned(), text(s, "baseDefinition").to_owned())).collect();
    for structure in &mut package.structures {
        let mut explained = HashSet::new();
        let mut url = text(structure, "url").to_owned();
        while let Some(own) = inherited.get(&url) {
            explained.extend(own.iter().cloned());
            url = base[&url].clone();
        }
        let snapshot = structure["snapshot"]["element"].as_array_mut().context("a StructureDefinition without snapshot")?;
        let mut added: Vec<String> = Vec::new();
        snapshot.retain(|element| {
            let path = text(element, "path");
            let Some(rest) = relative(element) else { return true };
            let usual = matches!(path.rsplit('.').next(), Some("id" | "extension" | "modifierExtension"));
            let under = added.iter().any(|parent| path.starts_with(&format!("{parent}.")));
            if under || (!usual && (!explained.contains(&rest) || ADDED_ELEMENTS.contains(&path))) {
                added.push(path.to_owned());
                if !under {
                    changes.dropped.push(format!("element {path}"));
                }
                return false;
            }
            true
        });
    }
    Ok(())
}

/// An element that is in the differential but not in the snapshot was taken away: it returns to
/// its place, after the one it follows in the differential.
fn restore_missing_elements(package: &mut Package, changes: &mut Changes) -> Result<()> {
    for structure in &mut package.structures {
        let differential = structure["differential"]["element"].as_array().cloned().unwrap_or_default();
        let snapshot = structure["snapshot"]["element"].as_array_mut().context("a StructureDefinition without snapshot")?;
        let mut previous = String::new();
        for element in differential {
            let path = text(&element, "path").to_owned();
            let is_added = ADDED_ELEMENTS.contains(&path.as_str());
            if !is_added && !snapshot.iter().any(|e| e["path"] == path.as_str()) {
                let under = format!("{previous}.");
                let place = snapshot.iter().rposition(|e| text(e, "path") == previous || text(e, "path").starts_with(&under));
                let place = place.with_context(|| format!("{path} follows nothing"))?;
                snapshot.insert(place + 1, element);
                changes.corrected.push(format!("element {path}: restored"));
            }
            previous = path;
        }
    }
    Ok(())
}

/// The published values of what was altered.
fn put_right(package: &mut Package, changes: &mut Changes) -> Result<()> {
    let references = |types: &[&str]| -> Value {
        json!([{ "code": "Reference", "targetProfile": types.iter().map(|t| format!("http://hl7.org/fhir/StructureDefinition/{t}")).collect::<Vec<_>>() }])
    };
    let elements: [(&str, &str, Value); 8] = [
        ("AuditEvent.source.observer", "type", references(AUDIT_OBSERVERS)),
        ("Bundle.entry.response.outcome", "type", json!([{ "code": "Resource" }])),
        ("DetectedIssue.status", "binding", json!({ "strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/observation-status" })),
        ("EvidenceVariable.characteristic", "min", json!(1)),
        ("EvidenceVariable.characteristic", "constraint", Value::Null),
        ("EvidenceVariable.characteristic.description", "type", json!([{ "code": "string" }])),
        ("MeasureReport.subject", "type", references(MEASURE_SUBJECTS)),
        ("ResearchStudy.site", "type", references(&["Location"])),
    ];
    for (path, member, published) in elements {
        let element = package
            .structures
            .iter_mut()
            .filter_map(|s| s["snapshot"]["element"].as_array_mut())
            .flatten()
            .find(|element| element["path"] == path)
            .with_context(|| format!("{path} is missing"))?;
        if member == "constraint" {
            let invariants = element["constraint"].as_array_mut().with_context(|| format!("{path} has no invariants"))?;
            let before = invariants.len();
            invariants.retain(|invariant| invariant["key"] != "evv-1");
            ensure!(invariants.len() + 1 == before, "{path} has no evv-1");
        } else {
            element[member] = published;
        }
        changes.corrected.push(format!("{path}: {member}"));
    }
    let parameters = [("clinical-patient", vec!["Patient", "Group"]), ("MeasureReport-subject", MEASURE_SUBJECTS_AS_SEARCHED.to_vec())];
    for (id, targets) in parameters {
        let parameter = package.search_parameters.iter_mut().find(|p| p["id"] == id).with_context(|| format!("{id} is missing"))?;
        parameter["target"] = json!(targets);
        changes.corrected.push(format!("SearchParameter {id}: target"));
    }
    let controls = package
        .code_systems
        .iter_mut()
        .find(|s| s["url"] == "http://hl7.org/fhir/questionnaire-item-control")
        .context("questionnaire-item-control is missing")?;
    for group in controls["concept"].as_array_mut().into_iter().flatten() {
        if let Some(inner) = group["concept"].as_array_mut() {
            inner.retain(|concept| concept["code"] != "multi-select");
        }
    }
    changes.corrected.push("CodeSystem questionnaire-item-control: the added code multi-select".to_owned());
    Ok(())
}
