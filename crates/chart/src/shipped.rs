//! The definitions that ship: which addresses they bear.
//!
//! * They are used, and are no resources that are kept: a search for one finds nothing, and can be told why.
//! * What is kept under the same address counts before them, and is not looked at here.

use fhir::{ResourceType, r4};
use terminology::starter;
use validation::profile::shipped;

use crate::units;

/// Where R4's own types have their definitions.
const TYPES: &str = "http://hl7.org/fhir/StructureDefinition/";

/// True where a definition of that type with that canonical address, which names no version, ships with Carnet.
pub fn ships(kind: ResourceType, url: &str) -> bool {
    if url.contains('|') {
        return false;
    }
    match kind.name() {
        "CodeSystem" => r4().code_system(url).is_some() || starter::systems().contains(&url) || units::systems().any(|own| own == url),
        "ValueSet" => r4().value_set(url).is_some() || starter::sets().any(|own| own == url) || units::set(url).is_some(),
        "StructureDefinition" => shipped::definition(url).is_some() || url.strip_prefix(TYPES).filter(|name| !name.contains('.')).is_some_and(|name| r4().type_named(name).is_some()),
        "SearchParameter" => r4().parameter_by_url(url).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_known_by_its_type_and_address() {
        for (kind, url, expect) in [
            ("ValueSet", "http://hl7.org/fhir/ValueSet/administrative-gender", true),
            ("CodeSystem", "http://hl7.org/fhir/administrative-gender", true),
            ("CodeSystem", "http://loinc.org", true),
            ("StructureDefinition", "http://hl7.org/fhir/StructureDefinition/bp", true),
            ("StructureDefinition", "http://hl7.org/fhir/StructureDefinition/Patient", true),
            ("SearchParameter", "http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity", true),
            ("CodeSystem", "http://hl7.org/fhir/ValueSet/administrative-gender", false),
            ("ValueSet", "http://nowhere.example/set", false),
            ("StructureDefinition", "", false),
            ("StructureDefinition", "http://hl7.org/fhir/StructureDefinition/Patient.contact", false),
            ("ValueSet", "http://hl7.org/fhir/ValueSet/administrative-gender|1", false),
            ("Patient", "http://hl7.org/fhir/StructureDefinition/Patient", false),
        ] {
            assert_eq!(ships(ResourceType::named(kind).unwrap(), url), expect, "{kind} {url}");
        }
    }
}
