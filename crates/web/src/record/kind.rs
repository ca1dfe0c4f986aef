//! What an entry is to a clinician; never the name of a resource type.

use fhir::Value;

use super::{Item, concept};

/// The kinds of entry that a timeline tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Visit, HomeVisit, RemoteVisit, Emergency, Admission, Note, Result, Measurement, Imaging, Problem, Allergy, Medicine, Dispense,
    Vaccination, Procedure, Referral, Plan, Appointment, History, Family, Device, Consent, Administration, Other, Person,
}

/// Kind, its name in addresses, the key of its word.
const KINDS: &[(Kind, &str, &str)] = &[
    (Kind::Visit, "visit", "kind-visit"),
    (Kind::HomeVisit, "home-visit", "kind-home-visit"),
    (Kind::RemoteVisit, "remote-visit", "kind-remote-visit"),
    (Kind::Emergency, "emergency", "kind-emergency"),
    (Kind::Admission, "admission", "kind-admission"),
    (Kind::Note, "note", "kind-note"),
    (Kind::Result, "result", "kind-result"),
    (Kind::Measurement, "measurement", "kind-measurement"),
    (Kind::Imaging, "imaging", "kind-imaging"),
    (Kind::Problem, "problem", "kind-problem"),
    (Kind::Allergy, "allergy", "kind-allergy"),
    (Kind::Medicine, "medicine", "kind-medicine"),
    (Kind::Dispense, "dispense", "kind-dispense"),
    (Kind::Vaccination, "vaccination", "kind-vaccination"),
    (Kind::Procedure, "procedure", "kind-procedure"),
    (Kind::Referral, "referral", "kind-referral"),
    (Kind::Plan, "plan", "kind-plan"),
    (Kind::Appointment, "appointment", "kind-appointment"),
    (Kind::History, "history", "kind-history"),
    (Kind::Family, "family", "kind-family"),
    (Kind::Device, "device", "kind-device"),
    (Kind::Consent, "consent", "kind-consent"),
    (Kind::Administration, "administration", "kind-administration"),
    (Kind::Other, "other", "kind-other"),
    (Kind::Person, "person", "kind-person"),
];

impl Kind {
    /// The kinds in the order of the filter.
    pub fn all() -> impl Iterator<Item = Kind> {
        KINDS.iter().map(|(kind, _, _)| *kind)
    }

    /// Its name in addresses and style sheets.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _, _)| *kind == self).map_or("other", |(_, name, _)| name)
    }

    /// The kind of a name in an address.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.iter().find(|(_, other, _)| *other == name).map(|(kind, _, _)| *kind)
    }

    /// The key of its word.
    pub fn key(self) -> &'static str {
        KINDS.iter().find(|(kind, _, _)| *kind == self).map_or("kind-other", |(_, _, key)| key)
    }

    /// True for what is about care rather than about paying for it or keeping the record.
    pub fn is_clinical(self) -> bool {
        !matches!(self, Kind::Administration | Kind::Other | Kind::Person)
    }

    /// True for encounters.
    pub fn is_encounter(self) -> bool {
        matches!(self, Kind::Visit | Kind::HomeVisit | Kind::RemoteVisit | Kind::Emergency | Kind::Admission)
    }

    /// The kind of an entry.
    pub fn of(item: &Item<'_>) -> Kind {
        let root = || item.root();
        match item.type_name() {
            "Patient" | "Person" | "RelatedPerson" => Kind::Person,
            "Encounter" => Kind::of_encounter(root()),
            "Composition" | "DocumentReference" | "ClinicalImpression" | "DocumentManifest" | "QuestionnaireResponse" | "Communication" => Kind::Note,
            "Observation" => Kind::of_observation(root()),
            "DiagnosticReport" if concept::any_code(root().get("category"), "RAD") || concept::any_code(root().get("category"), "imaging") => Kind::Imaging,
            "DiagnosticReport" | "Specimen" | "MolecularSequence" => Kind::Result,
            "ImagingStudy" | "Media" => Kind::Imaging,
            "Condition" | "RiskAssessment" | "DetectedIssue" | "AdverseEvent" | "Flag" => Kind::Problem,
            "AllergyIntolerance" => Kind::Allergy,
            "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" | "Medication" | "NutritionOrder" | "VisionPrescription" => Kind::Medicine,
            "MedicationDispense" | "SupplyDelivery" => Kind::Dispense,
            "Immunization" | "ImmunizationRecommendation" | "ImmunizationEvaluation" => Kind::Vaccination,
            "Procedure" => Kind::Procedure,
            "ServiceRequest" | "DeviceRequest" | "SupplyRequest" | "CommunicationRequest" | "RequestGroup" | "Task" => Kind::Referral,
            "CarePlan" | "Goal" | "CareTeam" | "EpisodeOfCare" => Kind::Plan,
            "Appointment" | "AppointmentResponse" => Kind::Appointment,
            "FamilyMemberHistory" => Kind::Family,
            "Device" | "DeviceUseStatement" | "DeviceMetric" => Kind::Device,
            "Consent" => Kind::Consent,
            "Coverage" | "Claim" | "ClaimResponse" | "ExplanationOfBenefit" | "Account" | "ChargeItem" | "Invoice" | "Contract" | "CoverageEligibilityRequest"
            | "CoverageEligibilityResponse" | "EnrollmentRequest" | "EnrollmentResponse" | "PaymentNotice" | "PaymentReconciliation" => Kind::Administration,
            _ => Kind::Other,
        }
    }

    fn of_encounter(root: Value<'_>) -> Kind {
        match root.get("class").and_then(|class| class.string("code")).as_deref() {
            Some("EMER") => Kind::Emergency,
            Some("IMP" | "ACUTE" | "NONAC" | "SS" | "OBSENC") => Kind::Admission,
            Some("HH" | "FLD") => Kind::HomeVisit,
            Some("VR") => Kind::RemoteVisit,
            _ => Kind::Visit,
        }
    }

    fn of_observation(root: Value<'_>) -> Kind {
        let category = root.get("category");
        let is = |code: &str| concept::any_code(category, code);
        if is("vital-signs") {
            Kind::Measurement
        } else if is("social-history") || is("survey") {
            Kind::History
        } else if is("imaging") {
            Kind::Imaging
        } else {
            Kind::Result
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_name_and_is_found_by_it() {
        for kind in Kind::all() {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            assert!(kind.key().starts_with("kind-"));
        }
        assert_eq!(Kind::named("Observation"), None);
    }
}
