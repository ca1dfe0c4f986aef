//! FHIRPath Patch: add, insert, delete, replace and move, told in a Parameters resource.
//!
//! * Operations are applied in order, each on the result of the one before; the first that
//!   cannot be ends all, and nothing is changed then.
//! * What no operation touches keeps its tokens.
//! * An object or list that a deletion leaves empty goes too, for FHIR has no empty ones.
//!
//! <https://hl7.org/fhir/R4/fhirpatch.html>

mod place;
mod value;

use crate::tree::{Tree, decoded};
use crate::{EvalError, Expression, Node, ParseError, TypeId};
use fhir::{Document, Kind, ReadError, Value};
use place::{Place, Step, locate};
use std::borrow::Cow;
use value::NewValue;

/// Most operations of one patch.
pub const MAX_OPERATIONS: usize = 1000;

/// Most steps that the paths of one patch may take together.
const MAX_STEPS: u64 = 4_000_000;
/// Most bytes that one patch may read and write: the length of the resource, once for each operation.
const MAX_BYTES: usize = 512 << 20;

/// Why a patch was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("operation {operation}{}: {problem}", shown(.path))]
pub struct PatchError {
    /// The operation, from 0.
    pub operation: usize,
    /// Its path, the texts in it left out; empty where none was given.
    pub path: String,
    /// What is wrong.
    #[source]
    pub problem: PatchProblem,
}

fn shown(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at {path}") }
}

/// The kinds of refusal.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum PatchProblem {
    #[error("a FHIRPath Patch is a Parameters resource")]
    NotParameters,
    #[error("a patch has at most 1000 operations")]
    TooMany,
    #[error("so many operations on so long a resource are too much at once")]
    TooLong,
    #[error("a parameter that is not named operation")]
    NotAnOperation,
    #[error("the part {0} is missing")]
    MissingPart(&'static str),
    #[error("the type of an operation is one of add, insert, delete, replace, move")]
    UnknownType,
    #[error("the path is not FHIRPath: {0}")]
    BadPath(ParseError),
    #[error("the path cannot be evaluated: {0}")]
    NotEvaluated(EvalError),
    #[error("the path finds nothing")]
    Nothing,
    #[error("the path finds {0} elements where one is wanted")]
    Several(usize),
    #[error("the path does not lead to an element of the resource")]
    NoElement,
    #[error("the resource itself cannot be replaced, deleted or moved")]
    WholeResource,
    #[error("there is no element of that name")]
    NoSuchElement,
    #[error("the element cannot have a value of that type")]
    WrongType,
    #[error("the element is there already and does not repeat")]
    AlreadyThere,
    #[error("the elements found are not one list")]
    NotAList,
    #[error("the index is not within the list of {0}")]
    BadIndex(usize),
    #[error("the result is not JSON that can be kept: {0}")]
    Unreadable(ReadError),
}

use PatchProblem::*;

/// The JSON text of `resource` after the operations of `patch`.
pub fn fhirpath_patch(resource: Value<'_>, patch: Value<'_>) -> Result<String, PatchError> {
    let whole = |problem| PatchError { operation: 0, path: String::new(), problem };
    if patch.string("resourceType").as_deref() != Some("Parameters") {
        return Err(whole(NotParameters));
    }
    let mut text = String::new();
    resource.write_compact(&mut text);
    let mut document = Document::read_owned(text).map_err(|error| whole(Unreadable(error)))?;
    let (mut steps, mut bytes) = (MAX_STEPS, 0);
    let operations = patch.get("parameter");
    for (number, parameter) in operations.iter().flat_map(|list| list.each()).enumerate() {
        if number == MAX_OPERATIONS {
            return Err(whole(TooMany));
        }
        let path = part(parameter, "path").and_then(text_of).unwrap_or_default();
        let refused = |problem| PatchError { operation: number, path: without_texts(&path), problem };
        bytes += document.text().len();
        if bytes > MAX_BYTES {
            return Err(refused(TooLong));
        }
        let text = apply(&document, parameter, &mut steps).map_err(refused)?;
        // Guards the promise that the result can be read again, nesting above all.
        document = Document::read_owned(text).map_err(|error| refused(Unreadable(error)))?;
    }
    Ok(document.text().to_owned())
}

/// A path as it may be shown and logged: what stands in quotes may be about a person.
fn without_texts(path: &str) -> String {
    let mut out = String::new();
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        out.push(letter);
        if matches!(letter, '\'' | '`' | '"') {
            while let Some(inner) = letters.next() {
                match inner {
                    '\\' => drop(letters.next()),
                    inner if inner == letter => break,
                    _ => {}
                }
            }
            out.push('…');
            out.push(letter);
        }
    }
    out
}

/// The part of that name.
fn part<'d>(parameter: Value<'d>, name: &str) -> Option<Value<'d>> {
    parameter.get("part")?.each().find(|part| part.string("name").as_deref() == Some(name))
}

/// The text of a part's `valueString`, `valueCode`…
fn text_of<'d>(part: Value<'d>) -> Option<Cow<'d, str>> {
    part.members().find(|(name, _)| name.starts_with("value")).and_then(|(_, value)| value.as_str())
}

fn index_of(parameter: Value<'_>, name: &'static str) -> Result<usize, PatchProblem> {
    let found = part(parameter, name).ok_or(MissingPart(name))?;
    let number = found.members().find(|(name, _)| name.starts_with("value")).and_then(|(_, value)| value.as_number());
    number.and_then(|number| number.parse().ok()).ok_or(MissingPart(name))
}

/// The text after one operation.
fn apply(document: &Document<'_>, parameter: Value<'_>, steps: &mut u64) -> Result<String, PatchProblem> {
    if parameter.string("name").as_deref() != Some("operation") {
        return Err(NotAnOperation);
    }
    let root = document.root();
    let kind = part(parameter, "type").and_then(text_of).ok_or(MissingPart("type"))?;
    let path = part(parameter, "path").and_then(text_of).ok_or(MissingPart("path"))?;
    let expression = Expression::parse(&path).map_err(BadPath)?;
    let edit = Edit { root, expression: &expression, tree: Tree::Kept(root), steps };
    let tree = match &*kind {
        "add" => edit.add(parameter)?,
        "insert" => edit.insert(parameter)?,
        "delete" => edit.delete()?,
        "replace" => edit.replace(parameter)?,
        "move" => edit.move_item(parameter)?,
        _ => return Err(UnknownType),
    };
    Ok(tree.to_text())
}

struct Edit<'e, 'd> {
    root: Value<'d>,
    expression: &'e Expression,
    tree: Tree<'d>,
    /// What all operations together may still use.
    steps: &'e mut u64,
}

impl<'d> Edit<'_, 'd> {
    fn found(&mut self, expression: &Expression) -> Result<Vec<Node<'d>>, PatchProblem> {
        let items = expression.evaluate_within(self.root, self.steps).map_err(NotEvaluated)?;
        let nodes: Vec<Node<'d>> = items.nodes().collect();
        if nodes.len() == items.len() { Ok(nodes) } else { Err(NoElement) }
    }

    /// The one element the path finds.
    fn single(&mut self) -> Result<Node<'d>, PatchProblem> {
        match self.found(self.expression)?.as_slice() {
            [] => Err(Nothing),
            [node] => Ok(*node),
            several => Err(Several(several.len())),
        }
    }

    fn place(&self, node: Node<'d>) -> Result<Place, PatchProblem> {
        let steps = locate(self.root, node.value.or(node.sibling).ok_or(NoElement)?).ok_or(NoElement)?;
        Place::of(steps).ok_or(WholeResource)
    }

    fn delete(mut self) -> Result<Tree<'d>, PatchProblem> {
        let found = self.found(self.expression)?;
        // To delete what is not there is to have it deleted.
        let node = match found.as_slice() {
            [] => return Ok(self.tree),
            [node] => *node,
            several => return Err(Several(several.len())),
        };
        let place = self.place(node)?;
        let parent = place.parent(&mut self.tree).ok_or(NoElement)?;
        for key in [place.name.clone(), format!("_{}", place.name)] {
            let Some(index) = place.index else {
                parent.remove(&key);
                continue;
            };
            let Some(items) = parent.member(&key).and_then(Tree::items) else { continue };
            if index < items.len() {
                items.remove(index);
            }
            if items.iter().all(Tree::is_null) {
                parent.remove(&key);
            }
        }
        place::prune(&mut self.tree, &place.parent);
        Ok(self.tree)
    }

    fn replace(mut self, parameter: Value<'_>) -> Result<Tree<'d>, PatchProblem> {
        let node = self.single()?;
        let place = self.place(node)?;
        let parent_kind = place::kind_at(self.root, &place.parent);
        let element = parent_kind.row().member(&place.name).map(|(child, _)| child.name).unwrap_or(&place.name).to_owned();
        let value = value::read(part(parameter, "value").ok_or(MissingPart("value"))?, parent_kind, &element)?;
        let parent = place.parent(&mut self.tree).ok_or(NoElement)?;
        let sibling_key = format!("_{}", place.name);
        let Some(index) = place.index else {
            let members = parent.members().ok_or(NoElement)?;
            // A choice that changes its type changes its name, in its place.
            if members.iter().any(|(key, _)| decoded(key) == place.name) {
                members.retain(|(key, _)| decoded(key) != sibling_key);
            }
            let at = members.iter().position(|(key, _)| [&place.name, &sibling_key].iter().any(|name| decoded(key) == ***name)).ok_or(NoElement)?;
            members.splice(at..=at, value.members());
            return Ok(self.tree);
        };
        place::set_item(parent, &place.name, index, Some(Tree::Text(Cow::Owned(value.text.clone()))));
        let sibling = value.sibling.clone().map(|text| Tree::Text(Cow::Owned(text)));
        if sibling.is_some() || parent.member(&sibling_key).is_some() {
            place::set_item(parent, &sibling_key, index, sibling);
        }
        Ok(self.tree)
    }

    fn add(mut self, parameter: Value<'_>) -> Result<Tree<'d>, PatchProblem> {
        let node = self.single()?;
        let name = part(parameter, "name").and_then(text_of).ok_or(MissingPart("name"))?;
        let given = part(parameter, "value").ok_or(MissingPart("value"))?;
        if node.is_primitive() {
            let place = self.place(node)?;
            let element = TypeId::named("Element").ok_or(NoSuchElement)?;
            let value = value::read(given, element, &name)?;
            let sibling = place.sibling(&mut self.tree).ok_or(NoElement)?;
            put(sibling, value)?;
            return Ok(self.tree);
        }
        let steps = locate(self.root, node.value.ok_or(NoElement)?).ok_or(NoElement)?;
        let value = value::read(given, node.kind, &name)?;
        let parent = place::walk(&mut self.tree, &steps).ok_or(NoElement)?;
        put(parent, value)?;
        Ok(self.tree)
    }

    /// Where the list is that the path finds, and how long it is. An empty list is found by
    /// the path without its last name.
    fn list(&mut self) -> Result<(Vec<Step>, String, usize), PatchProblem> {
        let nodes = self.found(self.expression)?;
        if nodes.is_empty() {
            let (parent, name) = self.expression.without_last_member().ok_or(Nothing)?;
            let parents = self.found(&parent)?;
            let [parent] = parents.as_slice() else { return Err(Nothing) };
            if !value::repeats(parent.kind, &name) {
                return Err(NoSuchElement);
            }
            let steps = locate(self.root, parent.value.ok_or(NoElement)?).ok_or(NoElement)?;
            return Ok((steps, name, 0));
        }
        let mut places = Vec::new();
        for node in nodes {
            places.push(self.place(node)?);
        }
        let first = &places[0];
        let one_list = places.iter().enumerate().all(|(at, place)| place.parent == first.parent && place.name == first.name && place.index == Some(at));
        if one_list { Ok((first.parent.clone(), first.name.clone(), places.len())) } else { Err(NotAList) }
    }

    fn insert(mut self, parameter: Value<'_>) -> Result<Tree<'d>, PatchProblem> {
        let index = index_of(parameter, "index")?;
        let (steps, name, length) = self.list()?;
        if index > length {
            return Err(BadIndex(length));
        }
        let kind = place::kind_at(self.root, &steps);
        let value = value::read(part(parameter, "value").ok_or(MissingPart("value"))?, kind, &name)?;
        let parent = place::walk(&mut self.tree, &steps).ok_or(NoElement)?;
        place::insert_item(parent, &name, index, length, value);
        Ok(self.tree)
    }

    fn move_item(mut self, parameter: Value<'_>) -> Result<Tree<'d>, PatchProblem> {
        let (source, destination) = (index_of(parameter, "source")?, index_of(parameter, "destination")?);
        let (steps, name, length) = self.list()?;
        if source >= length || destination >= length {
            return Err(BadIndex(length));
        }
        let parent = place::walk(&mut self.tree, &steps).ok_or(NoElement)?;
        for key in [name.clone(), format!("_{name}")] {
            let Some(items) = parent.member(&key).and_then(Tree::items) else { continue };
            while items.len() < length {
                items.push(Tree::null());
            }
            let moved = items.remove(source);
            items.insert(destination, moved);
        }
        Ok(self.tree)
    }
}

/// Adds a value to an object: at the end of its list, or as a member that is not there yet.
fn put(parent: &mut Tree<'_>, value: NewValue) -> Result<(), PatchProblem> {
    if value.repeats {
        let length = parent.member(&value.name).and_then(Tree::items).map_or(0, |items| items.len());
        let siblings = parent.member(&format!("_{}", value.name)).and_then(Tree::items).map_or(0, |items| items.len());
        let name = value.name.clone();
        place::insert_item(parent, &name, length.max(siblings), length.max(siblings), value);
        return Ok(());
    }
    let members = parent.members().ok_or(NoElement)?;
    let there = members.iter().any(|(key, _)| value.names.iter().any(|name| decoded(key).trim_start_matches('_') == name));
    if there {
        return Err(AlreadyThere);
    }
    members.extend(value.members());
    Ok(())
}

/// True for JSON kinds that hold a primitive.
fn is_scalar(value: Value<'_>) -> bool {
    !matches!(value.kind(), Kind::Object | Kind::Array)
}
