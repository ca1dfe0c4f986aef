//! Where a reference leads inside the resource or bundle at hand.

use crate::Node;
use crate::model::model;
use fhir::Value;

/// The contained resource or bundle entry that `text` names.
pub(crate) fn find_inside<'d>(text: &str, resource: Option<Node<'d>>, root: Option<Node<'d>>) -> Option<Value<'d>> {
    if let Some(id) = text.strip_prefix('#') {
        let containers = [resource, root];
        return containers.into_iter().flatten().filter_map(|container| container.value).find_map(|container| {
            if id.is_empty() {
                return Some(container);
            }
            container.get("contained")?.each().find(|inner| inner.string("id").as_deref() == Some(id))
        });
    }
    let bundle = root.filter(|root| root.kind == model().known.bundle).and_then(|root| root.value)?;
    entry_named(bundle, text)
}

/// The resource of the entry whose `fullUrl` is, or ends in, `text`.
fn entry_named<'d>(bundle: Value<'d>, text: &str) -> Option<Value<'d>> {
    let local = type_and_id(text).filter(|_| !text.contains("://") && !text.starts_with("urn:"));
    bundle.get("entry")?.each().find_map(|entry| {
        let resource = entry.get("resource")?;
        let full_url = entry.string("fullUrl");
        if full_url.as_deref() == Some(text) {
            return Some(resource);
        }
        let (kind, id) = local?;
        let matches = resource.string("resourceType").as_deref() == Some(kind) && resource.string("id").as_deref() == Some(id);
        let in_url = full_url.is_some_and(|url| url.strip_suffix(text).is_some_and(|base| base.ends_with('/')));
        (matches || in_url).then_some(resource)
    })
}

/// `Patient` and `1` of `Patient/1`, `https://…/Patient/1` and `Patient/1/_history/2`.
pub(crate) fn type_and_id(text: &str) -> Option<(&str, &str)> {
    let text = text.split_once(['?', '#', '|']).map_or(text, |(before, _)| before);
    let text = text.split_once("/_history/").map_or(text, |(before, _)| before);
    let mut steps = text.rsplit('/');
    let (id, kind) = (steps.next()?, steps.next()?);
    let is_type = kind.starts_with(|letter: char| letter.is_ascii_uppercase()) && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_type && !id.is_empty()).then_some((kind, id))
}

/// The resource type a Reference element names, if its text, its `type` or what is inside
/// the same resource tells.
pub(crate) fn named_type<'d>(reference: Value<'d>, resource: Option<Node<'d>>, root: Option<Node<'d>>) -> Option<std::borrow::Cow<'d, str>> {
    let text = reference.string("reference");
    if let Some(text) = &text {
        if !text.starts_with('#') && !text.starts_with("urn:") {
            if let Some((kind, _)) = type_and_id(text) {
                return Some(kind.to_owned().into());
            }
            if let Some((kind, _)) = text.split_once('?') {
                return Some(kind.to_owned().into());
            }
        }
        if let Some(inside) = find_inside(text, resource, root) {
            return inside.string("resourceType");
        }
    }
    reference.string("type")
}
