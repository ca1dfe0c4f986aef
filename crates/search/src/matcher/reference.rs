//! References to resources here and elsewhere. <https://hl7.org/fhir/R4/search.html#reference>

use super::text_of;
use crate::path::{Found, Shape};
use fhir::{Reference, ResourceType};
use std::borrow::Cow;

/// The type of addresses that may name a version.
pub(crate) const CANONICAL: &str = "canonical";

/// The text that names the target: `Reference.reference`, or the canonical itself. A resource
/// that stands in its place names itself.
pub(crate) fn text<'d>(found: Found<'d>) -> Option<Cow<'d, str>> {
    match found.shape() {
        Shape::Reference => text_of(found.value, "reference"),
        Shape::Resource => Some(Cow::Owned(format!("{}/{}", text_of(found.value, "resourceType")?, text_of(found.value, "id")?))),
        _ => found.value.as_str(),
    }
}

/// True if the value names that resource here: in that version, or in whatever one where none is asked for.
pub(super) fn names(found: Found<'_>, kind: Option<ResourceType>, id: &str, version: Option<&str>, base_url: &str) -> bool {
    let Some(text) = text(found) else { return false };
    // A parameter over canonical addresses may be asked with something that looks like an id.
    let is_text = found.shape() == Shape::Text;
    let named = if is_text { text.split_once('|').map_or(&*text, |(url, _)| url) } else { &*text };
    match Reference::within(named, base_url) {
        Reference::Local { kind: named, id: found, version: told } => found == id && kind.is_none_or(|kind| kind == named) && version.is_none_or(|version| told == Some(version)),
        _ => is_text && named == id && version.is_none(),
    }
}

/// True if the value names that address; a canonical one in any version, unless one is asked for.
pub(super) fn is_address(found: Found<'_>, address: &str) -> bool {
    text(found).is_some_and(|text| if found.shape() == Shape::Text { is_canonical(&text, address) } else { text == address })
}

fn is_canonical(text: &str, address: &str) -> bool {
    text == address || text.split_once('|').is_some_and(|(url, _)| url == address)
}

/// A canonical address as far as it was asked for: without its version where none was, because that means each of them.
/// <https://hl7.org/fhir/R4/references.html#canonical>
pub(super) fn asked_version<'t>(found: Found<'_>, text: &'t str, asked: &str) -> &'t str {
    match text.split_once('|') {
        Some((url, _)) if found.route.end == CANONICAL && !asked.contains('|') => url,
        _ => text,
    }
}
