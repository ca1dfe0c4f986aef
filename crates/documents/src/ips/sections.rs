//! The sections of a summary: their codes, and which part of a record belongs into each.
//!
//! * What was refuted, entered in error or not done belongs into none.
//! * Of measurements the newest of each kind, place of the body and method is told, of a medicine that was renewed the
//!   newest prescription; of everything else, all that counts today.

use std::collections::HashSet;

use fhir::{Moment, PartialDateTime, Value};

use super::{Item, Setting};
use super::entries::Absent;
use crate::reading::{code, concept, date, has_code};

/// One section.
pub(super) struct Section {
    /// Its name among our words: `problems`.
    pub key: &'static str,
    /// LOINC.
    pub code: &'static str,
    /// The columns of its table, by their names among our words.
    pub columns: &'static [&'static str],
    /// What belongs into it.
    holds: fn(&str, Value<'_>) -> bool,
    /// What makes two resources one line, of which the newest is told; none where each is a line.
    same: Option<fn(Value<'_>) -> Option<String>>,
    /// What is said where there is nothing; none where the section is then left out.
    pub absent: Option<Absent>,
}

const LOINC: &str = "http://loinc.org";
/// No known allergy, in SNOMED CT.
const NO_ALLERGY: &str = "716186003";
/// The same, and no known allergy to drugs, to food and to what surrounds somebody.
const NO_ALLERGIES: [&str; 4] = [NO_ALLERGY, "409137002", "429625007", "428607008"];
const SMOKING: &str = "72166-2";
const ALCOHOL: &str = "74013-4";
/// Pregnancy status, expected dates of delivery, and counts of pregnancies by their outcome.
const PREGNANCY: [&str; 16] = [
    "82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4", "11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4", "11977-6", "11996-6", "69043-8",
];

/// In the order in which they are read.
pub(super) const SECTIONS: [Section; 12] = [
    Section {
        key: "allergies",
        code: "48765-2",
        columns: &["what", "reaction", "criticality", "since"],
        holds: is_allergy,
        same: Some(denied),
        absent: Some(Absent { kind: "AllergyIntolerance", code: "no-allergy-info", display: "No information about allergies" }),
    },
    Section {
        key: "problems",
        code: "11450-4",
        columns: &["what", "since", "severity"],
        holds: is_problem,
        same: None,
        absent: Some(Absent { kind: "Condition", code: "no-problem-info", display: "No information about problems" }),
    },
    Section {
        key: "medications",
        code: "10160-0",
        columns: &["what", "dose", "since"],
        holds: is_medication,
        same: Some(medicine_and_dose),
        absent: Some(Absent { kind: "MedicationStatement", code: "no-medication-info", display: "No information about medications" }),
    },
    Section { key: "immunizations", code: "11369-6", columns: &["what", "when", "dose-number"], holds: is_immunization, same: None, absent: None },
    Section { key: "results", code: "30954-2", columns: &["what", "result", "when"], holds: is_result, same: Some(kind_of_finding), absent: None },
    Section { key: "procedures", code: "47519-4", columns: &["what", "when"], holds: is_procedure, same: None, absent: None },
    Section { key: "devices", code: "46264-8", columns: &["what", "since"], holds: is_device, same: None, absent: None },
    Section { key: "vitals", code: "8716-3", columns: &["what", "result", "when"], holds: is_vital, same: Some(kind_of_finding), absent: None },
    Section { key: "pregnancy", code: "10162-6", columns: &["what", "result", "when"], holds: is_pregnancy, same: Some(kind_of_finding), absent: None },
    Section { key: "social", code: "29762-2", columns: &["what", "result", "when"], holds: is_social, same: Some(kind_of_finding), absent: None },
    Section { key: "past", code: "11348-0", columns: &["what", "since", "until"], holds: is_past, same: None, absent: None },
    Section { key: "plans", code: "18776-5", columns: &["what", "activities", "since"], holds: is_plan, same: None, absent: None },
];

/// When something happened, by its usual names.
pub(super) const WHEN: [&str; 14] = [
    "onsetDateTime", "onsetPeriod", "effectiveDateTime", "effectivePeriod", "effectiveInstant", "performedDateTime", "performedPeriod", "occurrenceDateTime", "timingDateTime", "timingPeriod", "period", "authoredOn",
    "recordedDate", "issued",
];

impl Section {
    /// What of a record belongs into it, the newest first.
    pub fn choose<'d>(&self, items: &[Item<'d>], setting: &Setting<'_>) -> Vec<Item<'d>> {
        let belongs = |item: &&Item<'d>| (self.holds)(item.kind.name(), item.root) && !has_ended(item.root, setting);
        let mut chosen: Vec<(Moment, Item<'d>)> = items.iter().filter(belongs).map(|item| (moment(item.root), *item)).collect();
        chosen.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.name().cmp(&right.1.name())));
        if let Some(same) = self.same {
            let mut known = HashSet::new();
            chosen.retain(|(_, item)| same(item.root).is_none_or(|key| known.insert(key)));
        }
        // That there is no allergy stands beside none, whatever was said before one was known.
        if chosen.iter().any(|(_, item)| is_allergy(item.kind.name(), item.root) && denied(item.root).is_none()) {
            chosen.retain(|(_, item)| denied(item.root).is_none_or(|code| code != NO_ALLERGY));
        }
        chosen.into_iter().map(|(_, item)| item).collect()
    }
}

/// Of the left and of the right eye, or taken in two ways, are two findings: the newer one says nothing of the other.
fn kind_of_finding(root: Value<'_>) -> Option<String> {
    let said = |name: &str| code(root.get(name)).or_else(|| concept(root.get(name)));
    let kind = said("code")?;
    Some([kind, said("bodySite").unwrap_or_default(), said("method").unwrap_or_default()].join("\n"))
}

/// A medicine taken in the same way; none where either is not said, so that nothing is lost.
fn medicine_and_dose(root: Value<'_>) -> Option<String> {
    let medicine = root.get("medicationCodeableConcept").and_then(|medicine| code(Some(medicine)).or_else(|| concept(Some(medicine))));
    let medicine = medicine.or_else(|| root.path(&["medicationReference", "reference"])?.as_str().map(|text| text.into_owned()))?;
    let dose = root.get("dosage").or_else(|| root.get("dosageInstruction"))?;
    let mut dose_text = String::new();
    dose.write_compact(&mut dose_text);
    Some(format!("{medicine}\n{dose_text}"))
}

fn moment(root: Value<'_>) -> Moment {
    date(root, &WHEN).map_or(Moment(i64::MIN), |date: PartialDateTime| date.range(0).0)
}

fn status<'v>(root: Value<'v>) -> String {
    root.string("status").unwrap_or_default().into_owned()
}

fn is_false(root: Value<'_>) -> bool {
    has_code(root.get("verificationStatus"), "", &["refuted", "entered-in-error"])
}

fn is_over(root: Value<'_>) -> bool {
    has_code(root.get("clinicalStatus"), "", &["inactive", "resolved", "remission"]) || root.members().any(|(name, _)| name.starts_with("abatement") && name != "abatementBoolean")
}

fn is_allergy(kind: &str, root: Value<'_>) -> bool {
    kind == "AllergyIntolerance" && !is_false(root) && !is_over(root)
}

/// Which allergies somebody was asked about and knows none of: the code of that statement.
fn denied(root: Value<'_>) -> Option<String> {
    NO_ALLERGIES.iter().find(|code| has_code(root.get("code"), "", &[**code])).map(|code| (*code).to_owned())
}

fn is_problem(kind: &str, root: Value<'_>) -> bool {
    kind == "Condition" && root.get("code").is_some() && !is_false(root) && !is_over(root)
}

fn is_past(kind: &str, root: Value<'_>) -> bool {
    kind == "Condition" && root.get("code").is_some() && !is_false(root) && is_over(root)
}

fn is_medication(kind: &str, root: Value<'_>) -> bool {
    match kind {
        "MedicationStatement" => matches!(&*status(root), "active" | "intended" | "on-hold"),
        "MedicationRequest" => matches!(&*status(root), "active" | "on-hold") && root.get("doNotPerform").is_none_or(|value| value.raw() != "true"),
        _ => false,
    }
}

/// Whether a medicine says itself that its course is over: each of its dosages, or the time of a statement. What says nothing goes on.
fn has_ended(root: Value<'_>, setting: &Setting<'_>) -> bool {
    if !matches!(root.string("resourceType").as_deref(), Some("MedicationRequest" | "MedicationStatement")) {
        return false;
    }
    let is_past = |end: Option<Value<'_>>| end.and_then(|end| PartialDateTime::parse(&end.as_str()?)).is_some_and(|end| end.range(setting.zone_offset_minutes).1 <= setting.now);
    let dosages: Vec<Value<'_>> = root.get("dosageInstruction").or_else(|| root.get("dosage")).map(|all| all.each().collect()).unwrap_or_default();
    let is_through = !dosages.is_empty() && dosages.iter().all(|one| is_past(one.path(&["timing", "repeat", "boundsPeriod", "end"])));
    is_through || is_past(root.path(&["effectivePeriod", "end"]))
}

fn is_immunization(kind: &str, root: Value<'_>) -> bool {
    kind == "Immunization" && status(root) == "completed"
}

fn is_procedure(kind: &str, root: Value<'_>) -> bool {
    kind == "Procedure" && root.get("code").is_some() && matches!(&*status(root), "completed" | "in-progress")
}

fn is_device(kind: &str, root: Value<'_>) -> bool {
    kind == "DeviceUseStatement" && matches!(&*status(root), "active" | "on-hold")
}

fn is_plan(kind: &str, root: Value<'_>) -> bool {
    kind == "CarePlan" && matches!(&*status(root), "active" | "on-hold")
}

fn is_finding(kind: &str, root: Value<'_>) -> bool {
    kind == "Observation" && matches!(&*status(root), "final" | "amended" | "corrected")
}

fn is_of(root: Value<'_>, categories: &[&str]) -> bool {
    has_code(root.get("category"), "", categories)
}

fn is_pregnancy(kind: &str, root: Value<'_>) -> bool {
    is_finding(kind, root) && has_code(root.get("code"), LOINC, &PREGNANCY)
}

fn is_social(kind: &str, root: Value<'_>) -> bool {
    is_finding(kind, root) && !is_pregnancy(kind, root) && (is_of(root, &["social-history"]) || has_code(root.get("code"), LOINC, &[SMOKING, ALCOHOL]))
}

fn is_vital(kind: &str, root: Value<'_>) -> bool {
    is_finding(kind, root) && is_of(root, &["vital-signs"])
}

fn is_result(kind: &str, root: Value<'_>) -> bool {
    // A report of measurements is told by its measurements; one of words, by its conclusion.
    if kind == "DiagnosticReport" {
        return matches!(&*status(root), "final" | "amended" | "corrected") && root.get("result").is_none() && root.get("conclusion").is_some();
    }
    let has_content = || root.members().any(|(name, _)| name.starts_with("value")) || root.get("component").is_some();
    is_finding(kind, root) && has_content() && is_of(root, &["laboratory", "imaging"]) && !is_pregnancy(kind, root) && !is_social(kind, root)
}
