//! Asking the table: types by name, members of a type, search parameters, value sets.

use super::*;
use std::sync::OnceLock;

/// The R4 definitions, decoded on first use.
pub fn r4() -> &'static Definitions {
    static R4: OnceLock<Definitions> = OnceLock::new();
    R4.get_or_init(decode::definitions)
}

impl Definitions {
    /// The type of that name: `Patient`, `HumanName`, `Patient.contact`, `string`.
    pub fn type_named(&self, name: &str) -> Option<&Type> {
        self.type_by_name.get(name).map(|index| &self.types[*index as usize])
    }

    /// The search parameters that apply to a resource type, those of Resource and DomainResource included.
    pub fn parameters_of(&self, resource_type: &str) -> impl Iterator<Item = &SearchParameter> {
        self.parameters_by_type.get(resource_type).into_iter().flatten().map(|index| &self.search_parameters[*index as usize])
    }

    /// The parameter of that code on a type.
    pub fn parameter(&self, resource_type: &str, code: &str) -> Option<&SearchParameter> {
        self.parameters_of(resource_type).find(|parameter| parameter.code == code)
    }

    /// The parameter of that canonical URL (a version after `|` is passed over).
    pub fn parameter_by_url(&self, url: &str) -> Option<&SearchParameter> {
        let found = self.parameter_by_url.get(url).or_else(|| self.parameter_by_url.get(without_version(url)?));
        found.map(|index| &self.search_parameters[*index as usize])
    }

    /// The value set of that canonical URL (a version after `|` is passed over).
    pub fn value_set(&'static self, url: &str) -> Option<ValueSet> {
        self.terminology.value_set(url).or_else(|| self.terminology.value_set(without_version(url)?))
    }

    /// All published value sets.
    pub fn value_sets(&'static self) -> impl Iterator<Item = ValueSet> {
        self.terminology.value_sets()
    }

    /// The code system of that canonical URL (a version after `|` is passed over).
    pub fn code_system(&'static self, url: &str) -> Option<CodeSystem> {
        self.terminology.code_system(url).or_else(|| self.terminology.code_system(without_version(url)?))
    }

    /// All published code systems.
    pub fn code_systems(&'static self) -> impl Iterator<Item = CodeSystem> {
        self.terminology.code_systems()
    }

    /// What the published code system says of a code.
    pub fn concept(&'static self, system: &str, code: &str) -> Option<Concept> {
        self.code_system(system)?.concept(code)
    }
}

impl Type {
    /// The element and chosen type behind a member of a JSON object: `valueQuantity` is the
    /// element `value` as a `Quantity`. Of a primitive's companion ask without the underscore.
    #[inline]
    pub fn element(&self, json_name: &str) -> Option<(&Element, &TypeRef)> {
        let (element, type_ref) = self.members.find(json_name)?;
        let element = &self.elements[element];
        Some((element, &element.types[type_ref]))
    }

    /// True for the type itself and for everything it specialises: a `Patient` is a
    /// `DomainResource` and a `Resource`, an `Age` is a `Quantity`.
    pub fn is_a(&self, other: &str) -> bool {
        let mut this = self;
        loop {
            if this.name == other {
                return true;
            }
            match this.base_index {
                Some(base) => this = &r4().types[base as usize],
                None => return false,
            }
        }
    }
}

impl TypeRef {
    /// The type itself. For `Resource` this is the abstract type: the value says which one it is.
    #[inline]
    pub fn definition(&self) -> &'static Type {
        &r4().types[self.type_index as usize]
    }
}

/// The part before `|`. Some tables of HL7 v2 were published with a version in their URL, so the
/// whole is always tried first.
fn without_version(url: &str) -> Option<&str> {
    url.split_once('|').map(|(url, _)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_standard_is_held() {
        let resources = r4().types.iter().filter(|t| t.kind == Kind::Resource && !t.is_abstract).map(|t| t.name);
        assert_eq!(resources.collect::<Vec<_>>().len(), crate::ResourceType::all().count());
        for kind in crate::ResourceType::all() {
            assert!(r4().type_named(kind.name()).is_some_and(|t| t.is_a("Resource")), "{kind}");
        }
        assert_eq!(r4().search_parameters.len(), 1375);
    }

    #[test]
    fn a_member_of_an_object_leads_to_its_element_and_type() {
        let check = |of: &str, member: &str, element: &str, code: &str| {
            let found = r4().type_named(of).unwrap().element(member);
            let found = found.map(|(element, type_ref)| (element.name, type_ref.code, type_ref.definition().name));
            assert_eq!(found, Some((element, code, code)), "{of}.{member}");
        };
        check("Patient", "birthDate", "birthDate", "date");
        check("Patient", "deceasedBoolean", "deceased", "boolean");
        check("Patient", "contact", "contact", "Patient.contact");
        check("Patient", "contained", "contained", "Resource");
        check("Patient.contact", "name", "name", "HumanName");
        check("Observation", "valueQuantity", "value", "Quantity");
        check("Observation.component", "referenceRange", "referenceRange", "Observation.referenceRange");
        check("Questionnaire.item", "item", "item", "Questionnaire.item");
        check("Extension", "valueUnsignedInt", "value", "unsignedInt");
        check("Extension", "url", "url", "uri");
        for absent in ["value", "valueHumanName", "", "birthdate", "deceased"] {
            assert!(r4().type_named("Observation").unwrap().element(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn every_member_of_every_type_is_found() {
        for t in &r4().types {
            for element in &t.elements {
                for type_ref in &element.types {
                    let (found, chosen) = t.element(type_ref.json_name).unwrap();
                    assert_eq!((found.name, chosen.code), (element.name, type_ref.code), "{}", t.name);
                }
            }
        }
    }

    #[test]
    fn a_type_is_what_it_specialises() {
        let check = |name: &str, other: &str, expected: bool| assert_eq!(r4().type_named(name).unwrap().is_a(other), expected, "{name} {other}");
        check("Patient", "DomainResource", true);
        check("Bundle", "DomainResource", false);
        check("Bundle", "Resource", true);
        check("Age", "Quantity", true);
        check("code", "string", true);
        check("string", "code", false);
        check("Patient.contact", "BackboneElement", true);
    }

    #[test]
    fn search_parameters_are_found_by_type_and_by_url() {
        let parameter = |of: &str, code: &str| r4().parameter(of, code).map(|p| p.url.rsplit('/').next().unwrap());
        assert_eq!(parameter("Patient", "birthdate"), Some("individual-birthdate"));
        assert_eq!(parameter("Patient", "_id"), Some("Resource-id"));
        assert_eq!(parameter("Bundle", "_text"), None);
        assert_eq!(parameter("Patient", "_text"), Some("DomainResource-text"));
        assert_eq!(parameter("Patient", "code"), None);
        let url = "http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity";
        assert_eq!(r4().parameter_by_url(url).unwrap().components.len(), 2);
    }

    #[test]
    fn no_type_has_two_parameters_of_one_code() {
        for kind in crate::ResourceType::all() {
            let mut codes: Vec<_> = r4().parameters_of(kind.name()).map(|p| p.code).collect();
            let count = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), count, "{kind}");
        }
    }
}
