//! The value of an operation: a parameter's `value[x]`, its resource, or its parts.

use super::PatchProblem::{self, NoSuchElement, WrongType};
use super::is_scalar;
use crate::TypeId;
use crate::tree::{Tree, quoted};
use fhir::Value;
use fhir::definitions::{Element, Type, r4};
use std::borrow::Cow;

/// A value ready to be put under a name.
pub(super) struct NewValue {
    /// The JSON name: `birthDate`, `valueQuantity`.
    pub name: String,
    /// All names the element might have in JSON.
    pub names: Vec<String>,
    /// JSON text; `null` where only the sibling has content.
    pub text: String,
    /// The object beside a primitive.
    pub sibling: Option<String>,
    /// The element is a list.
    pub repeats: bool,
}

impl NewValue {
    /// As members of an object, the list around it not included.
    pub(super) fn members<'d>(&self) -> Vec<(Cow<'d, str>, Tree<'d>)> {
        let mut out = Vec::new();
        if self.text != "null" {
            out.push((Cow::Owned(quoted(&self.name)), Tree::Text(Cow::Owned(self.text.clone()))));
        }
        if let Some(sibling) = &self.sibling {
            out.push((Cow::Owned(quoted(&format!("_{}", self.name))), Tree::Text(Cow::Owned(sibling.clone()))));
        }
        out
    }
}

fn published(kind: TypeId) -> Option<&'static Type> {
    r4().type_named(kind.name())
}

/// The element of that name: `value`, or as JSON has it, `valueQuantity`.
fn element(kind: TypeId, name: &str) -> Option<&'static Element> {
    let kind = published(kind)?;
    let by_name = kind.elements.iter().find(|element| element.name == name);
    by_name.or_else(|| kind.element(name).map(|(element, _)| element))
}

/// Whether the element is a list.
pub(super) fn repeats(kind: TypeId, name: &str) -> bool {
    element(kind, name).is_some_and(|element| element.max != Some(1))
}

/// The value of a part, for the element `name` of a type.
pub(super) fn read(given: Value<'_>, kind: TypeId, name: &str) -> Result<NewValue, PatchProblem> {
    let element = element(kind, name).ok_or(NoSuchElement)?;
    let mut type_code = None;
    let (mut text, mut sibling) = (None, None);
    if let Some(resource) = given.get("resource") {
        type_code = Some("Resource");
        text = Some(compact(resource));
    }
    let parameter = r4().type_named("Parameters.parameter").ok_or(NoSuchElement)?;
    for (member, value) in given.members() {
        let bare = member.strip_prefix('_').unwrap_or(&member);
        let Some(suffix) = bare.strip_prefix("value") else { continue };
        // `valueExtension` is no published choice, but clients send it and it is clear.
        let chosen = parameter.element(bare).map(|(_, chosen)| chosen.code).or_else(|| r4().type_named(suffix).map(|kind| kind.name));
        type_code = Some(chosen.ok_or(WrongType)?);
        if bare.len() == member.len() { text = Some(compact(value)) } else { sibling = Some(compact(value)) }
    }
    if type_code.is_none() {
        // A type without a name of its own is told part by part.
        let [only] = element.types.as_slice() else { return Err(WrongType) };
        let inner = TypeId::named(only.code).ok_or(WrongType)?;
        text = Some(parts_to_object(given, inner)?);
        type_code = Some(only.code);
    }
    let json = json_name(element, type_code.unwrap_or_default(), given)?;
    let names = element.types.iter().map(|permitted| choice_name(element, permitted.code)).collect();
    Ok(NewValue { name: json, names, text: text.unwrap_or_else(|| "null".to_owned()), sibling, repeats: element.max != Some(1) })
}

fn compact(value: Value<'_>) -> String {
    let mut out = String::new();
    value.write_compact(&mut out);
    out
}

fn choice_name(element: &Element, code: &str) -> String {
    if !element.is_choice {
        return element.name.to_owned();
    }
    let mut letters = code.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    element.name.chars().chain(first).chain(letters).collect()
}

/// The JSON name under which a value of that type stands. A plain element takes any value of
/// its JSON shape: clients write `valueString` for a code, as the published examples do.
fn json_name(element: &Element, type_code: &str, given: Value<'_>) -> Result<String, PatchProblem> {
    if element.is_choice {
        let fits = element.types.iter().any(|permitted| permitted.code == type_code);
        return if fits { Ok(choice_name(element, type_code)) } else { Err(WrongType) };
    }
    let wanted = element.types.first().map(|permitted| permitted.code).unwrap_or_default();
    let wants_scalar = TypeId::named(wanted).is_some_and(TypeId::is_primitive);
    let value = given.members().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
    let fits = match value {
        Some(value) if wants_scalar => is_scalar(value),
        Some(_) => type_code == wanted || TypeId::named(type_code).zip(TypeId::named(wanted)).is_some_and(|(given, wanted)| given.is_a(wanted) || wanted.is_a(given)),
        None => !wants_scalar || given.get("resource").is_none(),
    };
    if fits { Ok(element.name.to_owned()) } else { Err(WrongType) }
}

/// `part`s as the members of an object of a type.
fn parts_to_object(given: Value<'_>, kind: TypeId) -> Result<String, PatchProblem> {
    let mut lists: Vec<(String, Vec<NewValue>)> = Vec::new();
    for inner in given.get("part").ok_or(PatchProblem::MissingPart("value"))?.each() {
        let name = inner.string("name").ok_or(NoSuchElement)?;
        let value = read(inner, kind, &name)?;
        match lists.iter_mut().find(|(key, _)| *key == value.name) {
            Some((_, values)) if value.repeats => values.push(value),
            Some(_) => return Err(PatchProblem::AlreadyThere),
            None => lists.push((value.name.clone(), vec![value])),
        }
    }
    let mut object = Tree::Object(Vec::new());
    for (name, values) in lists {
        for (at, value) in values.into_iter().enumerate() {
            if value.repeats {
                super::place::insert_item(&mut object, &name, at, at, value);
            } else if let Some(members) = object.members() {
                members.extend(value.members());
            }
        }
    }
    Ok(object.to_text())
}
