//! What is around the walk: the resource, what it contains, and the bundle it came in.
//!
//! * A contained resource is looked up by its id in one step, however many there are.
//! * Rules: <https://hl7.org/fhir/R4/references.html#contained> (dom-2 to dom-5).

use crate::place::Place;
use crate::walk::Walk;
use fhir::{IssueCode, Kind, ResourceType, Value};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The resource around the walk.
#[derive(Clone)]
pub(crate) struct Scope<'d> {
    /// The outermost one, whose `contained` holds what `#…` names.
    pub(crate) root: Value<'d>,
    /// The nearest one: the root or something contained in it.
    pub(crate) resource: Value<'d>,
    /// The contained resources of the root, if it has any.
    pub(crate) contained: Option<Box<Contained<'d>>>,
}

/// What a resource contains, and what refers to it.
#[derive(Clone)]
pub(crate) struct Contained<'d> {
    items: Value<'d>,
    by_id: HashMap<Cow<'d, str>, Value<'d>>,
    /// What `#…` was seen to name.
    pub(crate) named: HashSet<Cow<'d, str>>,
}

impl<'d> Contained<'d> {
    fn of(items: Value<'d>) -> Contained<'d> {
        let mut by_id = HashMap::new();
        for item in items.items() {
            if let Some(id) = item.string("id") {
                by_id.entry(id).or_insert(item);
            }
        }
        Contained { items, by_id, named: HashSet::new() }
    }

    /// The contained resource of that id.
    pub(crate) fn get(&self, id: &str) -> Option<Value<'d>> {
        self.by_id.get(id).copied()
    }
}

impl<'d> Scope<'d> {
    pub(crate) fn of(root: Value<'d>) -> Scope<'d> {
        Scope { root, resource: root, contained: root.get("contained").map(|items| Box::new(Contained::of(items))) }
    }

    pub(crate) fn is_contained(&self) -> bool {
        self.resource != self.root
    }
}

/// The entries of a bundle, by the address that others use for them.
pub(crate) struct Entries<'d> {
    bundle: Value<'d>,
    by_full_url: Option<HashMap<Cow<'d, str>, ResourceType>>,
}

impl<'d> Entries<'d> {
    pub(crate) fn of(bundle: Value<'d>) -> Entries<'d> {
        Entries { bundle, by_full_url: None }
    }

    /// The type of the entry with that fullUrl; the index is made when first asked for.
    pub(crate) fn kind_of(&mut self, full_url: &str) -> Option<ResourceType> {
        let bundle = self.bundle;
        let by_full_url = self.by_full_url.get_or_insert_with(|| {
            let entries = bundle.get("entry").into_iter().flat_map(|entries| entries.items());
            entries.filter_map(|entry| Some((entry.string("fullUrl")?, ResourceType::named(&entry.get("resource")?.string("resourceType")?)?))).collect()
        });
        by_full_url.get(full_url).copied()
    }
}

impl<'d> Walk<'d, '_> {
    /// What a contained resource must have and may not have (dom-2, dom-4, dom-5).
    pub(crate) fn check_contained(&mut self, value: Value<'d>, place: &Place<'_>) {
        if let Some(inner) = value.get("contained") {
            self.findings.error(IssueCode::Invariant, &place.member("contained"), inner.span().start, "A contained resource may not contain others; move them up (dom-2).");
        }
        if value.get("id").is_none() {
            self.findings.error(IssueCode::Required, &place.member("id"), value.span().start, "A contained resource needs an id, so that it can be referred to.");
        }
        let Some(meta) = value.get("meta") else { return };
        for (name, key) in [("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")] {
            if let Some(found) = meta.get(name) {
                let message = format!("A contained resource has no meta.{name} of its own; leave it out ({key}).");
                self.findings.error(IssueCode::Invariant, &place.member("meta").member(name), found.span().start, message);
            }
        }
    }

    /// dom-3: what is contained is referred to, or refers to what contains it.
    pub(crate) fn check_contained_use(&mut self, place: &Place<'_>) {
        let Some(contained) = self.scope.contained.take() else { return };
        for (index, one) in contained.items.items().enumerate() {
            let Some(id) = one.string("id") else { continue };
            let offset = one.span().start;
            if contained.get(&id).is_some_and(|first| first != one) {
                let message = "Two contained resources have this id; give each its own.";
                self.findings.error(IssueCode::Duplicate, &place.member("contained").item(index), offset, message);
            } else if !contained.named.contains(&id) && !refers_to_container(one) {
                let message = "Nothing refers to this contained resource, nor does it refer to what contains it (with the reference #); refer to it or leave it out (dom-3).";
                self.findings.error(IssueCode::Invariant, &place.member("contained").item(index), offset, message);
            }
        }
    }
}

/// True if anything in a contained resource is the reference `#`.
fn refers_to_container(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object => value.members().any(|(_, member)| refers_to_container(member)),
        Kind::Array => value.items().any(refers_to_container),
        _ => value.raw() == "\"#\"",
    }
}
