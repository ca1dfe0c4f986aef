//! Being built.
use super::*;
use std::sync::OnceLock;

/// The R4 definitions, decoded on first use.
pub fn r4() -> &'static Definitions {
    static R4: OnceLock<Definitions> = OnceLock::new();
    R4.get_or_init(|| Definitions { types: Vec::new(), search_parameters: Vec::new(), type_by_name: HashMap::new(), parameters_by_type: HashMap::new(), terminology: decode::Terminology })
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
}
