//! Where a reference leads inside the resource or bundle at hand.

use crate::Node;
use crate::model::model;
use fhir::Value;

/// The contained resource or bundle entry that `text` names. `from` is the element that
/// names it: inside a bundle, `#a` is looked for in the entry it stands in.
pub(crate) fn find_inside<'d>(text: &str, from: Option<Value<'d>>, resource: Option<Node<'d>>, root: Option<Node<'d>>) -> Option<Value<'d>> {
    if let Some(id) = text.strip_prefix('#') {
        let own = root.and_then(|root| root.value).zip(from).and_then(|(root, from)| enclosing(root, from));
        let containers = [own, resource.and_then(|node| node.value), root.and_then(|node| node.value)];
        return containers.into_iter().flatten().find_map(|container| {
            if id.is_empty() {
                return Some(container);
            }
            container.get("contained")?.each().find(|inner| inner.string("id").as_deref() == Some(id))
        });
    }
    let bundle = root.filter(|root| root.kind == model().known.bundle).and_then(|root| root.value)?;
    entry_named(bundle, text)
}

/// The innermost resource around a value, contained ones not counted.
fn enclosing<'d>(root: Value<'d>, inner: Value<'d>) -> Option<Value<'d>> {
    // Values of one document share its text, so places can be compared by address.
    let holds = |value: Value<'d>| {
        let (outer, place) = (value.raw().as_bytes().as_ptr_range(), inner.raw().as_ptr());
        outer.start <= place && place < outer.end
    };
    let (mut at, mut found) = (root, None);
    while holds(at) {
        if at.get("resourceType").is_some() {
            found = Some(at);
        }
        let below = at.members().filter(|(name, _)| name != "contained").map(|(_, member)| member).chain(at.items()).find(|value| holds(*value));
        match below {
            Some(below) if below != at => at = below,
            _ => break,
        }
    }
    found
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
        if let Some(inside) = find_inside(text, Some(reference), resource, root) {
            return inside.string("resourceType");
        }
    }
    reference.string("type")
}
