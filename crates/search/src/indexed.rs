//! Which parameters of a type have terms: few, because each is a key on disk.
//!
//! A usual resource has two keys of its own (entry and locator) and gets one term for its
//! code and one for its date; identifiers add two each, and only encounters, appointments
//! and tasks get terms for the institution and the people they are with, because those are
//! the worklists of a ward. References to persons and within a record need none: the record
//! is scanned.
//!
//! A change in this table changes what is on disk: postings must be rebuilt
//! (`carnet check --repair-index`).

use crate::parameter::{Parameter, parameter};
use fhir::ResourceType;
use std::sync::OnceLock;

/// What is indexed of one type.
pub(crate) struct Indexed {
    /// The parameter whose date decides the month.
    pub dating: Option<&'static Parameter>,
    /// What the resource is about.
    pub code: Option<&'static Parameter>,
    /// Identifiers.
    pub identifier: Option<&'static Parameter>,
    /// Names by word.
    pub name: Option<&'static Parameter>,
    /// A person's birth date.
    pub birth_date: Option<&'static Parameter>,
    /// Canonical address.
    pub url: Option<&'static Parameter>,
    /// References to what is no person, with the number each has on disk.
    pub references: Vec<(u8, &'static Parameter)>,
}

/// The parameter that dates each clinical type: when it happened or was asked for.
const DATING: &[(&str, &str)] = &[
    ("AdverseEvent", "date"), ("AllergyIntolerance", "date"), ("Appointment", "date"), ("AuditEvent", "date"),
    ("CarePlan", "date"), ("CareTeam", "date"), ("ChargeItem", "occurrence"), ("Claim", "created"),
    ("ClaimResponse", "created"), ("ClinicalImpression", "date"), ("Communication", "sent"),
    ("CommunicationRequest", "authored"), ("Composition", "date"), ("Condition", "recorded-date"), ("Consent", "date"),
    ("CoverageEligibilityRequest", "created"), ("CoverageEligibilityResponse", "created"),
    ("DetectedIssue", "identified"), ("DeviceRequest", "authored-on"), ("DiagnosticReport", "date"),
    ("DocumentManifest", "created"), ("DocumentReference", "date"), ("Encounter", "date"), ("EpisodeOfCare", "date"),
    ("ExplanationOfBenefit", "created"), ("FamilyMemberHistory", "date"), ("Flag", "date"), ("Goal", "start-date"),
    ("ImagingStudy", "started"), ("Immunization", "date"), ("ImmunizationEvaluation", "date"),
    ("ImmunizationRecommendation", "date"), ("Invoice", "date"), ("List", "date"), ("MeasureReport", "date"),
    ("Media", "created"), ("MedicationAdministration", "effective-time"), ("MedicationDispense", "whenhandedover"),
    ("MedicationRequest", "authoredon"), ("MedicationStatement", "effective"), ("NutritionOrder", "datetime"),
    ("Observation", "date"), ("Procedure", "date"), ("Provenance", "recorded"), ("QuestionnaireResponse", "authored"),
    ("RequestGroup", "authored"), ("RiskAssessment", "date"), ("ServiceRequest", "authored"), ("Specimen", "collected"),
    ("SupplyRequest", "date"), ("Task", "authored-on"), ("VisionPrescription", "datewritten"),
];

/// The parameter that says what each type is about, where it is selective.
const CODE: &[(&str, &str)] = &[
    ("AllergyIntolerance", "code"), ("Condition", "code"), ("DeviceRequest", "code"), ("DiagnosticReport", "code"),
    ("DocumentReference", "type"), ("Composition", "type"), ("Encounter", "type"),
    ("Immunization", "vaccine-code"), ("List", "code"), ("Media", "type"), ("Medication", "code"),
    ("MedicationAdministration", "code"), ("MedicationDispense", "code"), ("MedicationRequest", "code"),
    ("MedicationStatement", "code"), ("Observation", "code"), ("Procedure", "code"), ("ServiceRequest", "code"),
    ("Specimen", "type"), ("Task", "code"),
];

/// References worth a key: the worklists. The number is part of the disk format.
const REFERENCES: &[(&str, u8, &str)] = &[
    ("Appointment", 1, "actor"),
    ("Encounter", 1, "service-provider"),
    ("Encounter", 2, "participant"),
    ("PractitionerRole", 1, "practitioner"),
    ("PractitionerRole", 2, "organization"),
    ("Task", 1, "owner"),
];

/// Persons and directory entries that are looked for by name.
const NAMED: &[&str] = &["HealthcareService", "Location", "Organization", "Patient", "Person", "Practitioner"];

/// What is indexed of a type.
pub(crate) fn indexed(kind: ResourceType) -> &'static Indexed {
    static TABLE: [OnceLock<Indexed>; 256] = [const { OnceLock::new() }; 256];
    TABLE[kind.number() as usize].get_or_init(|| {
        let of = |table: &[(&str, &str)]| table.iter().find(|(name, _)| *name == kind.name()).and_then(|(_, code)| parameter(kind, code));
        Indexed {
            dating: of(DATING),
            code: of(CODE),
            identifier: parameter(kind, "identifier"),
            name: NAMED.contains(&kind.name()).then(|| parameter(kind, "name")).flatten(),
            birth_date: matches!(kind.name(), "Patient" | "Person").then(|| parameter(kind, "birthdate")).flatten(),
            url: parameter(kind, "url").filter(|found| found.kind() == fhir::definitions::ParameterKind::Uri && fhir::home::is_shared(kind)),
            references: REFERENCES.iter().filter(|(name, ..)| *name == kind.name()).filter_map(|(_, number, code)| Some((*number, parameter(kind, code)?))).collect(),
        }
    })
}

/// True for targets that live apart from persons' records.
pub(crate) fn is_indexed_target(kind: ResourceType) -> bool {
    fhir::home::is_shared(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_tables_is_a_parameter_that_works() {
        let both = DATING.iter().chain(CODE).copied().chain(REFERENCES.iter().map(|(name, _, code)| (*name, *code)));
        for (name, code) in both.chain(NAMED.iter().map(|name| (*name, "name"))) {
            let kind = ResourceType::named(name).unwrap_or_else(|| panic!("{name}"));
            assert!(parameter(kind, code).is_some(), "{name}.{code}");
        }
    }
}
