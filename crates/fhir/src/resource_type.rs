//! The 146 resource types of R4, each with a number that is part of the disk format.

use std::fmt;

/// A resource type; its number never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(u16);

/// In alphabetical order. The place in this list plus one is the number on disk:
/// a later release appends, it never inserts.
const NAMES: &[&str] = &[
    "Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment", "AppointmentResponse",
    "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct", "BodyStructure", "Bundle", "CapabilityStatement",
    "CarePlan", "CareTeam", "CatalogEntry", "ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse",
    "ClinicalImpression", "CodeSystem", "Communication", "CommunicationRequest", "CompartmentDefinition",
    "Composition", "ConceptMap", "Condition", "Consent", "Contract", "Coverage", "CoverageEligibilityRequest",
    "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceDefinition", "DeviceMetric", "DeviceRequest",
    "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference", "EffectEvidenceSynthesis",
    "Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare", "EventDefinition",
    "Evidence", "EvidenceVariable", "ExampleScenario", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal",
    "GraphDefinition", "Group", "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization",
    "ImmunizationEvaluation", "ImmunizationRecommendation", "ImplementationGuide", "InsurancePlan", "Invoice",
    "Library", "Linkage", "List", "Location", "Measure", "MeasureReport", "Media", "Medication",
    "MedicationAdministration", "MedicationDispense", "MedicationKnowledge", "MedicationRequest",
    "MedicationStatement", "MedicinalProduct", "MedicinalProductAuthorization", "MedicinalProductContraindication",
    "MedicinalProductIndication", "MedicinalProductIngredient", "MedicinalProductInteraction",
    "MedicinalProductManufactured", "MedicinalProductPackaged", "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect", "MessageDefinition", "MessageHeader", "MolecularSequence", "NamingSystem",
    "NutritionOrder", "Observation", "ObservationDefinition", "OperationDefinition", "OperationOutcome",
    "Organization", "OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice", "PaymentReconciliation",
    "Person", "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire",
    "QuestionnaireResponse", "RelatedPerson", "RequestGroup", "ResearchDefinition", "ResearchElementDefinition",
    "ResearchStudy", "ResearchSubject", "RiskAssessment", "RiskEvidenceSynthesis", "Schedule", "SearchParameter",
    "ServiceRequest", "Slot", "Specimen", "SpecimenDefinition", "StructureDefinition", "StructureMap", "Subscription",
    "Substance", "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation",
    "SubstanceSourceMaterial", "SubstanceSpecification", "SupplyDelivery", "SupplyRequest", "Task",
    "TerminologyCapabilities", "TestReport", "TestScript", "ValueSet", "VerificationResult", "VisionPrescription",
];

impl ResourceType {
    /// `Patient`: every person's record begins with one.
    pub const PATIENT: ResourceType = ResourceType(103);
    /// `Encounter`.
    pub const ENCOUNTER: ResourceType = ResourceType(44);
    /// `Binary`: the one type whose content may be served as it is.
    pub const BINARY: ResourceType = ResourceType(9);
    /// `Bundle`.
    pub const BUNDLE: ResourceType = ResourceType(12);

    /// The type of that name, if R4 has it.
    pub fn named(name: &str) -> Option<ResourceType> {
        NAMES.binary_search(&name).ok().map(|place| ResourceType(place as u16 + 1))
    }

    /// The type of that number.
    pub fn from_number(number: u16) -> Option<ResourceType> {
        (number >= 1 && (number as usize) <= NAMES.len()).then_some(ResourceType(number))
    }

    /// Its number on disk, from 1.
    pub fn number(self) -> u16 {
        self.0
    }

    /// `Patient`, `Observation`…
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize - 1]
    }

    /// All types, in alphabetical order.
    pub fn all() -> impl Iterator<Item = ResourceType> {
        (1..=NAMES.len() as u16).map(ResourceType)
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name_and_its_number() {
        assert!(NAMES.is_sorted());
        for kind in ResourceType::all() {
            assert_eq!(ResourceType::named(kind.name()), Some(kind));
            assert_eq!(ResourceType::from_number(kind.number()), Some(kind));
        }
        assert_eq!(ResourceType::PATIENT.name(), "Patient");
        assert_eq!(ResourceType::ENCOUNTER.name(), "Encounter");
        assert_eq!(ResourceType::BINARY.name(), "Binary");
        assert_eq!(ResourceType::BUNDLE.name(), "Bundle");
        assert_eq!(ResourceType::named("Patients"), None);
        assert_eq!(ResourceType::from_number(0), None);
    }

    #[test]
    fn the_numbers_on_disk_have_not_moved() {
        let sample = [("Account", 1), ("Observation", 96), ("VisionPrescription", 146)];
        for (name, number) in sample {
            assert_eq!(ResourceType::named(name).unwrap().number(), number);
        }
    }
}
