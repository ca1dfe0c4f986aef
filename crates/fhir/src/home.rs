//! Where a resource lives: the record of the person it is about, the shared space, or its own.
//!
//! * One home per resource, told by the first of its [`Rule::paths`] that leads to a person.
//! * Clinical data without any subject waits as *unassigned*; it is never guessed.
//! * Nothing here knows whether a reference's target exists.

use std::borrow::Cow;

use crate::{Document, Reference, ResourceType, Value};

/// What to do with a resource whose paths lead to no person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// It is about a person, but nobody said whom: a clerk assigns it.
    Unassigned,
    /// A record of its own. What it holds of persons is asked about as if it lay in their records.
    Own,
    /// It never concerns a person: organisations, practitioners, terminology.
    Shared,
}

/// Where one type looks for its home.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Element paths of references, in order of preference. Each leads to a Patient, or to a
    /// resource whose home is taken over (an encounter, a provenance's target).
    pub paths: &'static [&'static str],
    /// Without a person.
    pub fallback: Fallback,
}

/// The rule of a type. `Patient` has none: it *is* the home.
pub fn rule(kind: ResourceType) -> Rule {
    let about = |paths| Rule { paths, fallback: Fallback::Unassigned };
    let own = |paths| Rule { paths, fallback: Fallback::Own };
    let shared = Rule { paths: &[], fallback: Fallback::Shared };
    match kind.name() {
        "AllergyIntolerance" | "NutritionOrder" | "VisionPrescription" | "Immunization" => {
            about(&["patient", "encounter"])
        }
        "BodyStructure" | "FamilyMemberHistory" | "ClaimResponse" | "Claim" | "Consent" | "CoverageEligibilityRequest" | "CoverageEligibilityResponse"
        | "DetectedIssue" | "EpisodeOfCare" | "ExplanationOfBenefit" | "ImmunizationEvaluation" | "ImmunizationRecommendation"
        | "MolecularSequence" | "RelatedPerson" | "SupplyDelivery" => about(&["patient"]),
        "CarePlan" | "CareTeam" | "ClinicalImpression" | "Composition" | "Condition" | "DeviceRequest" | "DiagnosticReport" | "Flag"
        | "GuidanceResponse" | "ImagingStudy" | "Media" | "MedicationRequest" | "Observation" | "Procedure" | "QuestionnaireResponse"
        | "RequestGroup" | "RiskAssessment" | "ServiceRequest" => about(&["subject", "encounter"]),
        "AdverseEvent" => about(&["subject", "encounter"]),
        "Encounter" | "Goal" | "Specimen" | "DeviceUseStatement" => about(&["subject"]),
        "ChargeItem" | "MedicationAdministration" | "MedicationDispense" | "MedicationStatement" => about(&["subject", "context"]),
        "DocumentReference" => about(&["subject", "context.encounter"]),
        "Communication" | "CommunicationRequest" => own(&["subject", "encounter"]),
        "DocumentManifest" | "MeasureReport" | "Account" | "Contract" | "Invoice" | "Basic" => own(&["subject"]),
        "Coverage" => about(&["beneficiary"]),
        "EnrollmentRequest" => about(&["candidate"]),
        "EnrollmentResponse" => own(&["request"]),
        "ResearchSubject" => about(&["individual"]),
        "Appointment" => own(&["participant.actor"]),
        "AppointmentResponse" => own(&["actor", "appointment"]),
        "Task" => own(&["for", "encounter", "focus"]),
        "Provenance" => own(&["target"]),
        "List" => own(&["subject", "encounter"]),
        "Binary" => own(&["securityContext"]),
        "SupplyRequest" => own(&["deliverTo"]),
        "Device" => Rule { paths: &["patient"], fallback: Fallback::Shared },
        "DeviceMetric" => Rule { paths: &["source"], fallback: Fallback::Shared },
        "AuditEvent" | "BiologicallyDerivedProduct" | "Bundle" | "Group" | "Linkage" | "MessageHeader" | "OperationOutcome" | "Parameters"
        | "Patient" | "PaymentNotice" | "PaymentReconciliation" | "Person" | "VerificationResult" | "TestReport" => own(&[]),
        _ => shared,
    }
}

/// True for types whose instances are always in the shared space.
pub fn is_shared(kind: ResourceType) -> bool {
    let rule = rule(kind);
    rule.fallback == Fallback::Shared && rule.paths.is_empty()
}

/// The texts of the references under the type's home paths, in order of preference.
pub fn candidate_texts<'d>(kind: ResourceType, resource: Value<'d>) -> Vec<Cow<'d, str>> {
    let mut found = Vec::new();
    for path in rule(kind).paths {
        follow(resource, path, &mut |value| found.extend(value.string("reference")));
    }
    found
}

/// The same texts, each with the path it stands under.
pub fn candidate_places<'d>(kind: ResourceType, resource: Value<'d>) -> Vec<(&'static str, Cow<'d, str>)> {
    let mut found = Vec::new();
    for path in rule(kind).paths {
        follow(resource, path, &mut |value| found.extend(value.string("reference").map(|text| (*path, text))));
    }
    found
}

/// The local references under the type's home paths, in order of preference.
pub fn candidates(kind: ResourceType, resource: Value<'_>) -> Vec<(ResourceType, String)> {
    let local = |text: &Cow<'_, str>| Reference::parse(text).local().map(|(kind, id)| (kind, id.to_owned()));
    candidate_texts(kind, resource).iter().filter_map(local).collect()
}

/// True if any of the type's home paths is filled at all, even by a display or an identifier.
pub fn names_a_subject(kind: ResourceType, resource: Value<'_>) -> bool {
    let mut named = false;
    for path in rule(kind).paths {
        follow(resource, path, &mut |value| {
            named |= value.get("reference").is_some();
        });
    }
    named
}

/// Calls `visit` for every value under a dotted path, through arrays.
fn follow<'d>(value: Value<'d>, path: &str, visit: &mut dyn FnMut(Value<'d>)) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let Some(member) = value.get(step) else { return };
    for item in member.each() {
        match rest {
            Some(rest) => follow(item, rest, visit),
            None => visit(item),
        }
    }
}

/// Calls `visit` with the text of every reference in a resource, in document order, those of
/// contained resources included: for guests and includes.
pub fn reference_texts<'d>(value: Value<'d>, visit: &mut dyn FnMut(Cow<'d, str>)) {
    for (name, member) in value.members() {
        // `Consent.provision.actor.reference` is itself a Reference.
        if name == "reference"
            && let Some(text) = member.as_str()
        {
            visit(text);
        } else {
            for item in member.each() {
                reference_texts(item, visit);
            }
        }
    }
}

/// The type a resource says it is.
pub fn resource_type_of(document: &Document<'_>) -> Option<ResourceType> {
    ResourceType::named(&document.root().string("resourceType")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let document = Document::read(text).unwrap();
        let kind = resource_type_of(&document).unwrap();
        let found: Vec<_> = candidates(kind, document.root()).iter().map(|(kind, id)| format!("{kind}/{id}")).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_resource_lives_with_its_subject_then_with_its_encounter() {
        check(r#"{"resourceType":"Observation","encounter":{"reference":"Encounter/e"},"subject":{"reference":"Patient/a"}}"#, &["Patient/a", "Encounter/e"]);
        check(r#"{"resourceType":"Coverage","payor":[{"reference":"Patient/b"}],"beneficiary":{"reference":"Patient/a"}}"#, &["Patient/a"]);
        check(r#"{"resourceType":"Binary","securityContext":{"reference":"DocumentReference/d"}}"#, &["DocumentReference/d"]);
        check(r#"{"resourceType":"DocumentReference","context":{"encounter":[{"reference":"Encounter/e"}]}}"#, &["Encounter/e"]);
        check(r#"{"resourceType":"Appointment","participant":[{"actor":{"reference":"Practitioner/p"}},{"actor":{"reference":"Patient/a"}}]}"#, &["Practitioner/p", "Patient/a"]);
    }

    #[test]
    fn every_reference_is_told_also_one_inside_an_element_of_that_name() {
        let text = r##"{"resourceType":"Consent","patient":{"reference":"Patient/a"},"provision":{"actor":[{"reference":{"reference":"Patient/b"}}]},
            "contained":[{"resourceType":"Basic","subject":{"reference":"#c","display":"x"}}],"note":[{"text":"reference"}]}"##;
        let mut found = Vec::new();
        reference_texts(Document::read(text).unwrap().root(), &mut |text| found.push(text.into_owned()));
        assert_eq!(found, ["Patient/a", "Patient/b", "#c"]);
    }

    #[test]
    fn organisations_are_shared_and_groups_stand_alone() {
        for name in ["Organization", "Practitioner", "ValueSet", "Medication", "Location"] {
            assert!(is_shared(ResourceType::named(name).unwrap()), "{name}");
        }
        for name in ["Group", "Bundle", "List", "Binary", "Patient", "Observation", "Device"] {
            assert!(!is_shared(ResourceType::named(name).unwrap()), "{name}");
        }
    }

    #[test]
    fn every_rule_names_references_of_its_type() {
        let r4 = crate::definitions::r4();
        for kind in ResourceType::all() {
            for path in rule(kind).paths {
                let mut owner = kind.name().to_owned();
                for step in path.split('.') {
                    let found = r4.type_named(&owner).unwrap_or_else(|| panic!("no type {owner}"));
                    let element = found.elements.iter().find(|element| element.name == step);
                    let element = element.unwrap_or_else(|| panic!("{kind}: no element {step} in {owner}"));
                    owner = element.types[0].code.to_owned();
                }
                assert_eq!(owner, "Reference", "{kind}.{path}");
            }
        }
    }
}
