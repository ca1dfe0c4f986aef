//! What a CapabilityStatement may say about search: only what really works.

use crate::include::{can_include, names_by_address};
use crate::parameter::{Parameter, parameters};
use crate::query::Modifier;
use fhir::ResourceType;
use fhir::definitions::ParameterKind;

/// One search parameter of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Supported {
    /// The name in URLs.
    pub name: &'static str,
    /// FHIR's code of its kind: `token`, `date`…
    pub kind: &'static str,
    /// The canonical address of its definition.
    pub definition: &'static str,
}

impl From<&'static Parameter> for Supported {
    fn from(parameter: &'static Parameter) -> Supported {
        Supported { name: parameter.code(), kind: kind_code(parameter.kind()), definition: parameter.definition.url }
    }
}

/// The parameters that work on a type, in the order of their names.
pub fn supported(kind: ResourceType) -> impl Iterator<Item = Supported> {
    parameters(kind).iter().map(Supported::from)
}

/// The values `_include` takes on a type: `Observation:subject`, and `*`.
pub fn includes(kind: ResourceType) -> impl Iterator<Item = String> {
    let named = parameters(kind).iter().filter(|parameter| can_include(parameter) || names_by_address(parameter)).map(move |parameter| format!("{kind}:{}", parameter.code()));
    std::iter::once("*".to_owned()).chain(named)
}

/// The values `_revinclude` takes on a type: `Observation:subject` on a Patient.
pub fn reverse_includes(kind: ResourceType) -> impl Iterator<Item = String> {
    ResourceType::all().flat_map(move |source| {
        let leads_here = move |parameter: &&Parameter| can_include(parameter) && parameter.definition.targets.contains(&kind.name());
        parameters(source).iter().filter(leads_here).map(move |parameter| format!("{source}:{}", parameter.code()))
    })
}

/// The parameters that nearly every type has: told once for all types.
pub const COMMON: [&str; 6] = ["_content", "_profile", "_security", "_source", "_tag", "_text"];

/// What works on every type and is no parameter of the resource: name, kind, and the canonical
/// address where one is published.
pub const EVERYWHERE: [(&str, &str, Option<&str>); 14] = [
    ("_contained", "token", None),
    ("_containedType", "token", None),
    ("_count", "number", None),
    ("_elements", "token", None),
    ("_filter", "special", Some("http://hl7.org/fhir/SearchParameter/filter")),
    ("_has", "string", None),
    ("_include", "token", None),
    ("_list", "string", None),
    ("_revinclude", "token", None),
    ("_sort", "token", None),
    ("_summary", "token", None),
    ("_total", "token", None),
    ("_type", "token", None),
    ("_format", "token", None),
];

/// The modifiers that work on a parameter, as they stand in a URL.
pub fn modifiers(parameter: &Parameter) -> Vec<&'static str> {
    Modifier::NAMED.into_iter().filter(|modifier| modifier.works_on(parameter)).map(Modifier::name).collect()
}

/// FHIR's code of a kind.
pub fn kind_code(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Number => "number",
        ParameterKind::Date => "date",
        ParameterKind::String => "string",
        ParameterKind::Token => "token",
        ParameterKind::Reference => "reference",
        ParameterKind::Composite => "composite",
        ParameterKind::Quantity => "quantity",
        ParameterKind::Uri => "uri",
        ParameterKind::Special => "special",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hospital_asks_first_is_there() {
        let cases = [
            ("Patient", &["_id", "_lastUpdated", "birthdate", "family", "gender", "given", "identifier", "name", "phone"] as &[_]),
            ("Observation", &["category", "code", "code-value-quantity", "combo-code", "date", "encounter", "patient", "status", "subject", "value-quantity"]),
            ("Encounter", &["class", "date", "identifier", "patient", "service-provider", "status", "type"]),
            ("Condition", &["abatement-date", "category", "clinical-status", "code", "onset-date", "patient", "recorded-date"]),
        ];
        for (name, expect) in cases {
            let known: Vec<_> = supported(ResourceType::named(name).unwrap()).map(|one| one.name).collect();
            for code in expect {
                assert!(known.contains(code), "{name}.{code} is missing from {known:?}");
            }
        }
        assert!(includes(ResourceType::named("Observation").unwrap()).any(|one| one == "Observation:subject"));
        assert!(reverse_includes(ResourceType::PATIENT).any(|one| one == "Observation:subject"));
        assert!(reverse_includes(ResourceType::named("Medication").unwrap()).all(|one| one != "Observation:subject"));
    }

    /// The published parameters that are not offered, each with its reason.
    #[test]
    fn only_a_few_published_parameters_are_missing() {
        let mut missing: Vec<String> = Vec::new();
        for kind in ResourceType::all() {
            let known: Vec<_> = supported(kind).map(|one| one.name).collect();
            for definition in fhir::definitions::r4().parameters_of(kind.name()) {
                if !known.contains(&definition.code) {
                    missing.push(format!("{kind}.{}", definition.code));
                }
            }
        }
        missing.retain(|name| !NOT_OFFERED.iter().any(|(known, _)| known == name || known.strip_prefix('*').is_some_and(|end| name.ends_with(end))));
        assert_eq!(missing, Vec::<String>::new());
        for (name, reason) in NOT_OFFERED.iter().filter(|(name, _)| !name.starts_with('*')) {
            let (kind, code) = name.split_once('.').unwrap();
            assert!(supported(ResourceType::named(kind).unwrap()).all(|one| one.name != code), "{name} works now: {reason}");
        }
    }

    const NOT_OFFERED: &[(&str, &str)] = &[
        ("*._query", "no named query is kept"),
        ("*._filter", "no parameter of the resource: it holds others"),
    ];
}
