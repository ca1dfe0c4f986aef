//! What can be read off a resource without knowing its type: its codes, its labels, whom it names.

use fhir::{Reference, Value, home};

/// The codes of HL7 for how confidential something is.
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// Tells the system and code of every coding in a resource, those of contained resources too.
pub(crate) fn each_coding(value: Value<'_>, tell: &mut dyn FnMut(&str, &str)) {
    if let Some(code) = value.string("code") {
        tell(&value.string("system").unwrap_or_default(), &code);
    }
    for (_, member) in value.members() {
        member.each().for_each(|item| each_coding(item, tell));
    }
}

/// True where a value refers to the local resource of that name (`Encounter/1`).
pub(crate) fn names(value: Value<'_>, name: &str) -> bool {
    let mut found = false;
    home::reference_texts(value, &mut |text| found |= is_name(&text, name));
    found
}

/// True where a reference's text leads to the local resource of that name.
pub(crate) fn is_name(text: &str, name: &str) -> bool {
    Reference::parse(text).local().is_some_and(|(kind, id)| name.split_once('/') == Some((kind.name(), id)))
}

/// Tells the system and code of each label in `meta.security`.
pub(crate) fn each_label(resource: Value<'_>, tell: &mut dyn FnMut(&str, &str)) {
    let labels = resource.get("meta").and_then(|meta| meta.get("security"));
    for label in labels.into_iter().flat_map(|labels| labels.each()) {
        if let Some(code) = label.string("code") {
            tell(&label.string("system").unwrap_or_default(), &code);
        }
    }
}
