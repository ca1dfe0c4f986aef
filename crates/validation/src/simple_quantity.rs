//! The elements whose Quantity must be a SimpleQuantity: a dose is "5 mg", never "< 5 mg".
//!
//! R4 says so by a profile on the element's type, which the definitions table does not hold.
//! A test compares this list with the official package where it is at hand.
//! <https://hl7.org/fhir/R4/datatypes.html#SimpleQuantity> (sqt-1)

/// Paths of elements, sorted; a nested type and its element.
const PATHS: &[&str] = &[
    "ActivityDefinition.quantity",
    "CarePlan.activity.detail.dailyAmount",
    "CarePlan.activity.detail.quantity",
    "Claim.item.quantity",
    "Claim.item.detail.quantity",
    "Claim.item.detail.subDetail.quantity",
    "ClaimResponse.addItem.quantity",
    "ClaimResponse.addItem.detail.quantity",
    "ClaimResponse.addItem.detail.subDetail.quantity",
    "Contract.term.asset.valuedItem.quantity",
    "Coverage.costToBeneficiary.value",
    "CoverageEligibilityRequest.item.quantity",
    "Dosage.maxDosePerAdministration",
    "Dosage.maxDosePerLifetime",
    "Dosage.doseAndRate.dose",
    "Dosage.doseAndRate.rate",
    "ExplanationOfBenefit.addItem.quantity",
    "ExplanationOfBenefit.addItem.detail.quantity",
    "ExplanationOfBenefit.addItem.detail.subDetail.quantity",
    "ExplanationOfBenefit.item.quantity",
    "ExplanationOfBenefit.item.detail.quantity",
    "ExplanationOfBenefit.item.detail.subDetail.quantity",
    "Immunization.doseQuantity",
    "MedicationAdministration.dosage.dose",
    "MedicationAdministration.dosage.rate",
    "MedicationDispense.daysSupply",
    "MedicationDispense.quantity",
    "MedicationKnowledge.amount",
    "MedicationKnowledge.administrationGuidelines.patientCharacteristics.characteristic",
    "MedicationKnowledge.drugCharacteristic.value",
    "MedicationKnowledge.kinetics.areaUnderCurve",
    "MedicationKnowledge.kinetics.lethalDose50",
    "MedicationKnowledge.packaging.quantity",
    "MedicationKnowledge.regulatory.maxDispense.quantity",
    "MedicationRequest.dispenseRequest.quantity",
    "MedicationRequest.dispenseRequest.initialFill.quantity",
    "NutritionOrder.enteralFormula.caloricDensity",
    "NutritionOrder.enteralFormula.maxVolumeToDeliver",
    "NutritionOrder.enteralFormula.administration.quantity",
    "NutritionOrder.enteralFormula.administration.rate",
    "NutritionOrder.oralDiet.nutrient.amount",
    "NutritionOrder.supplement.quantity",
    "Observation.referenceRange.high",
    "Observation.referenceRange.low",
    "Range.high",
    "Range.low",
    "SampledData.origin",
    "Specimen.collection.quantity",
    "Specimen.container.capacity",
    "Specimen.container.specimenQuantity",
    "SpecimenDefinition.typeTested.container.capacity",
    "SpecimenDefinition.typeTested.container.minimumVolume",
    "Substance.instance.quantity",
    "SupplyDelivery.suppliedItem.quantity",
    "VisionPrescription.lensSpecification.duration",
];

/// True if the element of that type (`Range`, `low`) takes SimpleQuantity only.
pub(crate) fn is_simple(type_name: &str, element: &str) -> bool {
    PATHS.binary_search_by(|path| {
        let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
        (owner, name).cmp(&(type_name, element))
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_names_elements_that_are_quantities() {
        assert!(PATHS.is_sorted_by_key(|path| path.rsplit_once('.')));
        for path in PATHS {
            let (owner, name) = path.rsplit_once('.').unwrap();
            let kind = fhir::r4().type_named(owner).unwrap_or_else(|| panic!("{owner}"));
            let element = kind.elements.iter().find(|element| element.name == name).unwrap_or_else(|| panic!("{path}"));
            assert!(element.types.iter().any(|one| one.code == "Quantity"), "{path}");
            assert!(is_simple(owner, name), "{path}");
        }
        assert!(!is_simple("Observation", "value"));
    }

    #[test]
    fn the_list_is_the_official_one() {
        let Some(data) = std::env::var_os("CARNET_SHARED_DATA") else {
            println!("passed over: CARNET_SHARED_DATA is not set");
            return;
        };
        let mut official = std::collections::BTreeSet::new();
        for kind in fhir::r4().types.iter().filter(|kind| !kind.name.contains('.')) {
            let path = std::path::Path::new(&data).join(format!("fhir-r4-core/fhir-r4-core/StructureDefinition-{}.json", kind.name));
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            let document = fhir::Document::read(&text).unwrap();
            for element in document.root().path(&["snapshot"]).unwrap().get("element").unwrap().items() {
                let has = element.get("type").into_iter().flat_map(|types| types.items()).filter_map(|one| one.path(&["profile"])?.as_str()).any(|profile| profile.ends_with("/SimpleQuantity"));
                if has {
                    official.insert(element.string("path").unwrap().trim_end_matches("[x]").to_owned());
                }
            }
        }
        if official.is_empty() {
            println!("passed over: the official package is not there");
            return;
        }
        assert_eq!(official, PATHS.iter().map(|path| (*path).to_owned()).collect());
    }
}
