//! Where an extension may stand.
//!
//! Rules: <https://hl7.org/fhir/R4/defining-extensions.html#context>.

use super::survey::{Around, is_a};
use super::tree::{Place, Profile};
use fhirpath::{Collection, Context, Expression, Node};

/// Whether an extension of that definition may stand on `holder`, an element that `above` names
/// by the value it is part of. A path begins at the resource that holds the extension.
pub(super) fn permits(profile: &Profile, holder: Node<'_>, above: Option<(Node<'_>, &str)>, around: Around<'_>) -> bool {
    profile.contexts.is_empty() || profile.contexts.iter().any(|place| is_at(place, holder, above, around))
}

fn is_at(place: &Place, holder: Node<'_>, above: Option<(Node<'_>, &str)>, around: Around<'_>) -> bool {
    match place {
        Place::Element(path) => {
            let path = path.replace("[x]", "");
            let kind = holder.type_name();
            // `Element` is everything that can have an extension, a resource excepted; senders and
            // R4's own examples put such extensions on resources, too.
            let names_type = is_a(kind, &path) || path == "Element";
            let names_element = above.is_some_and(|(outer, element)| path.strip_suffix(element).and_then(|rest| rest.strip_suffix('.')).is_some_and(|kind| is_a(outer.type_name(), kind)));
            names_type || names_element
        }
        Place::Extension(url) => kind_is_extension(holder) && holder.value.and_then(|value| value.string("url")).as_deref() == Some(url.split('#').next().unwrap_or(url)),
        Place::Path(path) => {
            let Ok(expression) = Expression::parse(path) else { return true };
            let resource = Node::resource(around.resource);
            let context = Context { resource: Some(resource), root_resource: Some(Node::resource(around.container)), ..Context::default() };
            match expression.evaluate(&context, Collection::one(resource)) {
                Ok(found) => found.nodes().any(|node| node == holder),
                Err(_) => true,
            }
        }
    }
}

fn kind_is_extension(node: Node<'_>) -> bool {
    node.type_name() == "Extension"
}

/// Where it may stand, for a message.
pub(super) fn names(profile: &Profile) -> String {
    let all = profile.contexts.iter().map(|place| match place {
        Place::Element(path) | Place::Path(path) => path.clone(),
        Place::Extension(url) => format!("the extension {url}"),
    });
    all.take(8).collect::<Vec<_>>().join(", ")
}
