//! Where an element stands in the JSON tree, and the small edits around it.

use super::value::NewValue;
use crate::TypeId;
use crate::tree::Tree;
use fhir::{Kind, Value};
use std::borrow::Cow;

/// One step down the JSON tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Member(String),
    Item(usize),
}

/// An element: the object that holds it, its JSON name, and its place where it repeats.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub parent: Vec<Step>,
    /// Without the underscore of a sibling.
    pub name: String,
    pub index: Option<usize>,
}

/// The steps from `root` to `target`.
pub(super) fn locate(root: Value<'_>, target: Value<'_>) -> Option<Vec<Step>> {
    let holds = |value: Value<'_>| (value.order()..value.order() + value.token_count() as u32).contains(&target.order());
    let mut steps = Vec::new();
    let mut at = root;
    while at.order() != target.order() {
        let (step, below) = match at.kind() {
            Kind::Object => at.members().find(|(_, member)| holds(*member)).map(|(name, member)| (Step::Member(name.into_owned()), member))?,
            Kind::Array => at.items().enumerate().find(|(_, item)| holds(*item)).map(|(index, item)| (Step::Item(index), item))?,
            _ => return None,
        };
        steps.push(step);
        at = below;
    }
    Some(steps)
}

impl Place {
    /// None for the resource itself.
    pub(super) fn of(mut steps: Vec<Step>) -> Option<Place> {
        let index = match steps.last()? {
            Step::Item(index) => {
                let index = *index;
                steps.pop();
                Some(index)
            }
            Step::Member(_) => None,
        };
        let Some(Step::Member(name)) = steps.pop() else { return None };
        let name = name.strip_prefix('_').map(str::to_owned).unwrap_or(name);
        Some(Place { parent: steps, name, index })
    }

    /// The object that holds it.
    pub(super) fn parent<'t, 'd>(&self, tree: &'t mut Tree<'d>) -> Option<&'t mut Tree<'d>> {
        walk(tree, &self.parent)
    }

    /// The object beside a primitive that has its id and extensions; made if absent.
    pub(super) fn sibling<'t, 'd>(&self, tree: &'t mut Tree<'d>) -> Option<&'t mut Tree<'d>> {
        let key = format!("_{}", self.name);
        let parent = self.parent(tree)?;
        let Some(index) = self.index else {
            if parent.member(&key).is_none() {
                parent.set(&key, Tree::Object(Vec::new()));
            }
            return parent.member(&key);
        };
        let is_absent = parent.member(&key).and_then(Tree::items).and_then(|items| items.get(index)).is_none_or(Tree::is_null);
        if is_absent {
            set_item(parent, &key, index, Some(Tree::Object(Vec::new())));
        }
        parent.member(&key)?.items()?.get_mut(index)
    }
}

/// The value at the end of the steps.
pub(super) fn walk<'t, 'd>(tree: &'t mut Tree<'d>, steps: &[Step]) -> Option<&'t mut Tree<'d>> {
    let mut at = tree;
    for step in steps {
        at = match step {
            Step::Member(name) => at.member(name)?,
            Step::Item(index) => at.items()?.get_mut(*index)?,
        };
    }
    Some(at)
}

/// The FHIR type of the object at the end of the steps.
pub(super) fn kind_at(root: Value<'_>, steps: &[Step]) -> TypeId {
    let own = |value: Value<'_>| value.string("resourceType").and_then(|name| TypeId::named(&name));
    let mut kind = own(root).unwrap_or(TypeId::UNKNOWN);
    let mut at = root;
    for step in steps {
        let below = match step {
            Step::Member(name) => {
                let bare = name.strip_prefix('_');
                kind = match bare {
                    Some(_) => TypeId::named("Element").unwrap_or(TypeId::UNKNOWN),
                    None => kind.row().member(name).map_or(TypeId::UNKNOWN, |(_, kind)| kind),
                };
                at.get(name)
            }
            Step::Item(index) => at.items().nth(*index),
        };
        let Some(below) = below else { return kind };
        at = below;
        kind = own(at).unwrap_or(kind);
    }
    kind
}

/// Sets one item of a list, which is made or filled with nulls as needed.
pub(super) fn set_item<'d>(parent: &mut Tree<'d>, key: &str, index: usize, value: Option<Tree<'d>>) {
    if parent.member(key).and_then(Tree::items).is_none() {
        parent.set(key, Tree::Array(Vec::new()));
    }
    let Some(items) = parent.member(key).and_then(Tree::items) else { return };
    while items.len() <= index {
        items.push(Tree::null());
    }
    items[index] = value.unwrap_or_else(Tree::null);
    if items.iter().all(Tree::is_null) {
        parent.remove(key);
    }
}

/// Inserts into a list of `length` items and into the list of its siblings.
pub(super) fn insert_item<'d>(parent: &mut Tree<'d>, name: &str, index: usize, length: usize, value: NewValue) {
    let sibling_key = format!("_{name}");
    let both = [(name, Some(value.text).filter(|text| text != "null")), (sibling_key.as_str(), value.sibling)];
    for (key, text) in both {
        let is_there = parent.member(key).is_some();
        if text.is_none() && !is_there {
            continue;
        }
        if !is_there {
            parent.set(key, Tree::Array(Vec::new()));
        }
        let Some(items) = parent.member(key).and_then(Tree::items) else { continue };
        while items.len() < length {
            items.push(Tree::null());
        }
        items.insert(index, text.map_or_else(Tree::null, |text| Tree::Text(Cow::Owned(text))));
    }
}

/// Takes away the objects and lists along the steps that have become empty.
pub(super) fn prune(tree: &mut Tree<'_>, steps: &[Step]) {
    for length in (1..=steps.len()).rev() {
        let Some(at) = walk(tree, &steps[..length]) else { return };
        let is_empty = at.members().is_some_and(|members| members.is_empty()) || at.items().is_some_and(|items| items.is_empty());
        if !is_empty {
            return;
        }
        let Some(parent) = walk(tree, &steps[..length - 1]) else { return };
        match &steps[length - 1] {
            Step::Member(name) => drop(parent.remove(name)),
            Step::Item(index) => {
                if let Some(items) = parent.items() {
                    items.remove(*index);
                }
            }
        }
    }
}
