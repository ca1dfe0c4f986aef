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
        self.parameter_by_url.get(without_version(url)).map(|index| &self.search_parameters[*index as usize])
    }

    /// The value set of that canonical URL (a version after `|` is passed over).
    pub fn value_set(&'static self, url: &str) -> Option<ValueSet> {
        self.terminology.value_set(without_version(url))
    }

    /// All published value sets.
    pub fn value_sets(&'static self) -> impl Iterator<Item = ValueSet> {
        self.terminology.value_sets()
    }

    /// The code system of that canonical URL (a version after `|` is passed over).
    pub fn code_system(&'static self, url: &str) -> Option<CodeSystem> {
        self.terminology.code_system(without_version(url))
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

fn without_version(url: &str) -> &str {
    url.split_once('|').map_or(url, |(url, _)| url)
}
