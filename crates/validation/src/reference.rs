//! References that can be followed, to something of a type that may stand there.
//!
//! * Whether the target exists is for the door to ask; here only what the text itself says.
//! * An absolute address may lead to any server; if it ends like a FHIR address, its type counts.
//! * Rules: <https://hl7.org/fhir/R4/references.html>.

use crate::place::Place;
use crate::primitive::Primitive;
use crate::schema::{Member, Targets};
use crate::walk::Walk;
use fhir::{IssueCode, Kind, Reference, ResourceType, Value, is_id};
use std::borrow::Cow;

/// A Reference, already well-formed as an object.
pub(crate) fn check<'d>(walk: &mut Walk<'d, '_>, member: &Member, value: Value<'d>, place: &Place<'_>) {
    let said = value.get("type").filter(|said| said.kind() == Kind::String);
    let said_kind = said.and_then(|said| said.as_str()).and_then(|name| ResourceType::named(&name));
    let said_is_wrong = said_kind.is_some_and(|kind| member.targets.is_some_and(|targets| !targets.contains(kind)));
    if let (Some(said), true) = (said, said_is_wrong) {
        wrong_type(walk, member.targets, said, &place.member("type"));
    }
    let Some(reference) = value.get("reference").filter(|reference| reference.kind() == Kind::String) else { return };
    let Some(text) = reference.as_str() else { return };
    let place = place.member("reference");
    let offset = reference.span().start;
    let named = match Reference::parse(&text) {
        Reference::Local { kind, .. } => Some(kind),
        Reference::Conditional { kind, query } => {
            if !walk.options.conditional_references {
                walk.findings.error(IssueCode::Value, &place, offset, "A reference by search is understood only inside a transaction; name the resource as Type/id.");
            } else if query.is_empty() {
                walk.findings.error(IssueCode::Value, &place, offset, "A reference by search needs criteria after the question mark.");
            }
            Some(kind)
        }
        Reference::Contained(id) => contained(walk, id, reference, &place),
        Reference::Urn(text) => {
            if !is_urn(text) {
                walk.findings.error(IssueCode::Value, &place, offset, "A urn reference is urn:uuid: with a UUID or urn:oid: with an OID.");
            }
            walk.bundle.as_mut().and_then(|bundle| bundle.kind_of(text)).or_else(|| sent_along(walk, text))
        }
        Reference::Absolute(text) => {
            if text.bytes().any(|byte| byte <= b' ') {
                walk.findings.error(IssueCode::Value, &place, offset, "An address may not contain white space.");
            }
            absolute_kind(text).or_else(|| sent_along(walk, text))
        }
        Reference::Other(_) => {
            walk.findings.error(IssueCode::Value, &place, offset, "A reference is written as Type/id with an R4 type, as an absolute address, as urn:uuid:… or as #id of a contained resource.");
            None
        }
    };
    let Some(kind) = named else { return };
    if member.targets.is_some_and(|targets| !targets.contains(kind)) {
        wrong_type(walk, member.targets, reference, &place);
    } else if !said_is_wrong && said_kind.is_some_and(|said| said != kind) {
        walk.findings.error(IssueCode::Value, &place, offset, "Reference.type says another type than the reference; make them agree.");
    }
}

/// The type of what is sent along under that name.
fn sent_along(walk: &Walk<'_, '_>, full_url: &str) -> Option<ResourceType> {
    walk.options.sent_along.as_ref()?.get(full_url).copied()
}

/// A canonical, uri or url: what `#…` names must be there, and of a permitted type.
pub(crate) fn check_address<'d>(walk: &mut Walk<'d, '_>, primitive: Primitive, member: &Member, value: Value<'d>, place: &Place<'_>) {
    let raw = value.raw();
    if raw.starts_with("\"#") {
        let Some(text) = value.as_str() else { return };
        match primitive {
            Primitive::Canonical => {
                let kind = contained(walk, &text[1..], value, place);
                if let (Some(kind), Some(targets)) = (kind, member.targets)
                    && !targets.contains(kind)
                {
                    wrong_type(walk, member.targets, value, place);
                }
            }
            _ => note(walk, &text[1..], value),
        }
    } else if primitive == Primitive::Canonical
        && let Some(targets) = member.targets
        && let Some(text) = value.as_str()
        && let Some((kind, _)) = Reference::parse(text.split('|').next().unwrap_or_default()).local()
        && !targets.contains(kind)
    {
        // A canonical is any address; only one written as Type/id says what it leads to.
        wrong_type(walk, member.targets, value, place);
    }
}

/// Remembers that a contained resource is referred to.
fn note<'d>(walk: &mut Walk<'d, '_>, id: &str, value: Value<'d>) {
    if let Some(contained) = &mut walk.scope.contained {
        // The reference's own text lives as long as the document, unless it was written with escapes.
        contained.named.insert(match value.as_str() {
            Some(Cow::Borrowed(text)) => Cow::Borrowed(&text[1..]),
            _ => Cow::Owned(id.to_owned()),
        });
    }
}

/// The type of the contained resource with that id; an issue if there is none (ref-1).
fn contained<'d>(walk: &mut Walk<'d, '_>, id: &str, value: Value<'d>, place: &Place<'_>) -> Option<ResourceType> {
    note(walk, id, value);
    let target = match id {
        // `#` is the resource that contains the one that says it.
        "" if walk.scope.is_contained() => Some(walk.scope.root),
        "" => None,
        _ => walk.scope.contained.as_ref().and_then(|contained| contained.get(id)),
    };
    if target.is_none() {
        walk.findings.error(IssueCode::NotFound, place, value.span().start, "There is no contained resource with this id; add it or refer to another (ref-1).");
    }
    ResourceType::named(&target?.string("resourceType")?)
}

fn wrong_type<'d>(walk: &mut Walk<'d, '_>, targets: Option<Targets>, value: Value<'d>, place: &Place<'_>) {
    let names = targets.map(|targets| targets.names()).unwrap_or_default();
    walk.findings.error(IssueCode::Value, place, value.span().start, format!("This may refer only to: {names}."));
}

/// `urn:uuid:` or `urn:oid:` with something that can be one; capital letters are forgiven here.
fn is_urn(text: &str) -> bool {
    match text.strip_prefix("urn:uuid:") {
        Some(uuid) => Primitive::Uuid.string_flaw(&format!("urn:uuid:{}", uuid.to_ascii_lowercase())).is_none(),
        None => text.starts_with("urn:oid:") && Primitive::Oid.string_flaw(text).is_none(),
    }
}

/// The type that an address ends with: `https://…/Patient/1` or `…/Patient/1/_history/2`.
fn absolute_kind(text: &str) -> Option<ResourceType> {
    named_by(text).map(|(kind, _)| kind)
}

/// The type and the id that an address ends with.
fn named_by(text: &str) -> Option<(ResourceType, &str)> {
    let mut steps = text.split(['?', '#']).next()?.rsplit('/');
    let (mut id, mut kind) = (steps.next()?, steps.next()?);
    if kind == "_history" {
        (id, kind) = (steps.next()?, steps.next()?);
    }
    if is_id(id) { ResourceType::named(kind).map(|kind| (kind, id)) } else { None }
}

/// An entry's fullUrl: absolute, and where it ends like a FHIR address, that of the resource in the entry. What is still
/// to be created has no id yet. <https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl>
pub(crate) fn check_full_url<'d>(walk: &mut Walk<'d, '_>, entry: Value<'d>, place: &Place<'_>) {
    let Some(full_url) = entry.get("fullUrl") else { return };
    let Some(text) = full_url.as_str() else { return };
    let (place, offset) = (place.member("fullUrl"), full_url.span().start);
    if !is_absolute(&text) {
        walk.findings.error(IssueCode::Value, &place, offset, "A fullUrl is a whole address, as https://…/Patient/1, or a urn:uuid: that means something in this bundle only.");
        return;
    }
    let is_created = entry.path(&["request", "method"]).and_then(|method| method.as_str()).is_some_and(|method| method == "POST");
    let (Some((kind, id)), Some(resource)) = (named_by(&text).filter(|_| text.starts_with("http") && !is_created), entry.get("resource")) else { return };
    let differs = |name: &str, wanted: &str| resource.string(name).is_some_and(|own| *own != *wanted);
    if differs("resourceType", kind.name()) || differs("id", id) {
        walk.findings.error(IssueCode::Value, &place, offset, "The fullUrl is the address of another resource than the one in the entry; make type and id agree, or use a urn:uuid:.");
    }
}

/// True where a text begins with a scheme, as `https:` and `urn:`.
fn is_absolute(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|letter: char| letter.is_ascii_alphabetic()) && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}
