//! A question that names an element fills it.
//! <https://build.fhir.org/ig/HL7/sdc/extraction.html#definition-based-extraction>
//!
//! * The resource begins where a context names its type; everything below that names an element of
//!   that type goes into it.
//! * A group that names an element begins a new one of it, into which its questions go.
//! * Which elements are lists and which types they have, the R4 table says.

use super::Taking;
use super::observation::concept;
use crate::address::SDC;
use crate::answer::Datum;
use crate::evaluate::{Names, answer_node, here_of, nodes_of};
use crate::filling::Given;
use crate::item::Item;
use crate::json::Json;
use fhir::definitions::{Kind, Type};
use fhir::{Value, is_id, r4};
use fhirpath::{Expression, write_item};

/// Where a resource begins.
pub(super) struct Begun {
    kind: &'static Type,
    profile: Option<String>,
    full_url: Option<String>,
    id: Option<String>,
    fixed: Vec<Json>,
}

/// What an item, or the form, says of the resource it begins. The older extension names a type,
/// the newer one a definition.
pub(super) fn context_of(holder: &Json) -> Option<Begun> {
    let fixed = || holder.extensions(&format!("{SDC}definitionExtractValue")).cloned().collect();
    if let Some(one) = holder.extensions(&format!("{SDC}definitionExtract")).next() {
        let definition = one.extension("definition")?.as_str()?;
        let part = |name: &str| one.extension(name).and_then(Json::as_str).map(str::to_owned);
        let name = definition.split('|').next()?.rsplit('/').next()?;
        let is_core = definition.starts_with("http://hl7.org/fhir/StructureDefinition/");
        let kind = r4().type_named(name)?;
        return Some(Begun { kind, profile: (!is_core).then(|| definition.to_owned()), full_url: part("fullUrl"), id: part("resourceId"), fixed: fixed() });
    }
    let code = holder.extension(&format!("{SDC}itemExtractionContext"))?.as_str()?;
    let kind = r4().type_named(code).filter(|kind| kind.kind == Kind::Resource)?;
    Some(Begun { kind, profile: None, full_url: None, id: None, fixed: fixed() })
}

impl<'d> Taking<'_, 'd> {
    /// A resource that the whole form fills.
    pub(super) fn define_whole(&mut self, begun: &Begun, root: Value<'d>, names: &Names<'d>) {
        let form = self.form;
        let filling = crate::filling::Filling::read(&Json::of(root));
        let mut resource = self.begin(begun);
        let mut has_any = false;
        self.below(&form.items, &filling.items, root, names, begun.kind, begun.kind.name, &mut resource, &mut has_any);
        self.end(begun, resource, has_any, root, names);
    }

    /// A resource that an item and what lies below it fill.
    pub(super) fn define(&mut self, begun: &Begun, item: &'d Item, given: &Given, node: Value<'d>, names: &Names<'d>) {
        let mut resource = self.begin(begun);
        let mut has_any = false;
        if item.kind.is_question() {
            self.one(item, given, node, names, begun.kind, begun.kind.name, &mut resource, &mut has_any);
        } else {
            self.below(&item.items, &given.items, node, names, begun.kind, begun.kind.name, &mut resource, &mut has_any);
        }
        self.end(begun, resource, has_any, node, names);
    }

    fn begin(&self, begun: &Begun) -> Json {
        let mut resource = Json::object([("resourceType", Json::text(begun.kind.name))]);
        if let Some(profile) = &begun.profile {
            resource.set("meta", Json::object([("profile", Json::List(vec![Json::text(profile)]))]));
        }
        resource
    }

    fn end(&mut self, begun: &Begun, mut resource: Json, has_any: bool, node: Value<'d>, names: &Names<'d>) {
        if !has_any {
            return;
        }
        for one in &begun.fixed {
            self.fixed(one, begun.kind, begun.kind.name, &mut resource, node, names);
        }
        for (name, held) in [("subject", self.source.subject.clone()), ("patient", self.source.subject.clone()), ("encounter", self.source.encounter.clone())] {
            if let (Some(held), None, true) = (held, resource.get(name), begun.kind.element(name).is_some()) {
                resource.set(name, held);
            }
        }
        let told = |taking: &Self, text: &Option<String>| {
            let expression = Expression::parse(text.as_deref()?).ok()?;
            let mut found = String::new();
            write_item(taking.pass.give(&expression, here_of(node), names).first()?, &mut found);
            Json::read(&found).ok()?.as_str().map(str::to_owned)
        };
        let (full_url, id) = (told(self, &begun.full_url), told(self, &begun.id).filter(|id| is_id(id)));
        self.add(resource, full_url, id);
    }

    #[allow(clippy::too_many_arguments)]
    fn below(&mut self, items: &'d [Item], given: &[Given], parent: Value<'d>, names: &Names<'d>, kind: &'static Type, path: &str, target: &mut Json, has_any: &mut bool) {
        let nodes = nodes_of(Some(parent), given);
        for (one, node) in given.iter().zip(nodes) {
            let (Some(item), Some(node)) = (items.iter().find(|item| item.link_id == one.link_id), node) else { continue };
            // What begins a resource of its own is not part of this one.
            if context_of(&item.source).is_none() {
                self.one(item, one, node, names, kind, path, target, has_any);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn one(&mut self, item: &'d Item, given: &Given, node: Value<'d>, names: &Names<'d>, kind: &'static Type, path: &str, target: &mut Json, has_any: &mut bool) {
        let steps = item.definition.as_deref().and_then(|definition| steps_of(definition, path));
        if !item.kind.is_question() {
            match steps {
                // A new element of a list, or the one there is.
                Some(steps) if !steps.is_empty() => {
                    let Some(element) = open(kind, &steps, true) else { return self.flaw(&item.link_id, "No such element can be filled.") };
                    let mut own = Json::Object(Vec::new());
                    let mut has_own = false;
                    let path = format!("{path}.{}", steps.join("."));
                    self.below(&item.items, &given.items, node, names, element.0, &path, &mut own, &mut has_own);
                    for one in item.guide("definitionExtractValue").cloned().collect::<Vec<_>>() {
                        self.fixed(&one, element.0, &path, &mut own, node, names);
                    }
                    if has_own {
                        place(target, kind, &steps, own);
                        *has_any = true;
                    }
                }
                _ => self.below(&item.items, &given.items, node, names, kind, path, target, has_any),
            }
            return;
        }
        if let Some(steps) = steps.filter(|steps| !steps.is_empty()) {
            let mut values: Vec<&Datum> = given.answers.iter().filter_map(|answer| answer.value.as_ref()).collect();
            if values.len() > 1 && !open(kind, &steps, false).is_some_and(|(_, is_list)| is_list) {
                // Nobody knows which was meant: none stands for the others.
                self.flaw(&item.link_id, &format!("The element {path}.{} holds one value, and it is given {}. Fill a list with this question, or let it have one answer.", steps.join("."), values.len()));
                values.clear();
            }
            for value in values {
                match fitted(kind, &steps, value) {
                    Some((steps, json)) => {
                        place(target, kind, &steps, json);
                        *has_any = true;
                    }
                    None => self.flaw(&item.link_id, "The answer does not fit the element it is for."),
                }
            }
        }
        for (at, answer) in given.answers.iter().enumerate() {
            if let Some(below) = answer_node(Some(node), &given.answers, at) {
                self.below(&item.items, &answer.items, below, names, kind, path, target, has_any);
            }
        }
    }

    /// A value that is always there, or that a formula gives.
    fn fixed(&mut self, one: &Json, kind: &'static Type, path: &str, target: &mut Json, node: Value<'d>, names: &Names<'d>) {
        let Some(steps) = one.extension("definition").and_then(Json::as_str).and_then(|definition| steps_of(definition, path)) else { return };
        let mut values: Vec<Json> = one.extensions("fixed-value").filter_map(|one| one.choice("value").map(|(_, value)| value.clone())).collect();
        if let Some(text) = one.extension("expression").and_then(|expression| expression.string("expression")) {
            match Expression::parse(text) {
                Ok(expression) => {
                    for item in &self.pass.give(&expression, here_of(node), names) {
                        let mut found = String::new();
                        write_item(item, &mut found);
                        values.extend(Json::read(&found));
                    }
                }
                Err(error) => self.flaw("", &format!("An expression cannot be read: {error}.")),
            }
        }
        for value in values {
            let member = value_member(&value);
            match Datum::read(member, &value).and_then(|datum| fitted(kind, &steps, &datum)) {
                Some((steps, json)) => place(target, kind, &steps, json),
                None if open(kind, &steps, false).is_some() => place(target, kind, &steps, value),
                None => self.flaw("", "A value does not fit the element it is for."),
            }
        }
    }
}

/// The member that would hold a value of this shape.
fn value_member(value: &Json) -> &'static str {
    match value {
        Json::Bool(_) => "valueBoolean",
        Json::Number(text) if text.contains(['.', 'e', 'E']) => "valueDecimal",
        Json::Number(_) => "valueInteger",
        Json::Object(_) if value.get("code").is_some() && value.get("value").is_none() => "valueCoding",
        Json::Object(_) if value.get("value").is_some() => "valueQuantity",
        Json::Object(_) if value.get("reference").is_some() => "valueReference",
        _ => "valueString",
    }
}

/// The steps from where we are to the element a definition names; none where it lies elsewhere.
fn steps_of<'s>(definition: &'s str, path: &str) -> Option<Vec<&'s str>> {
    let own = definition.split_once('#').map_or(definition, |(_, path)| path);
    let rest = own.strip_prefix(path)?;
    match rest.strip_prefix('.') {
        Some(rest) => Some(rest.split('.').map(|step| step.split(':').next().unwrap_or(step)).collect()),
        None if rest.is_empty() => Some(Vec::new()),
        None => None,
    }
}

/// The type behind the last step, and whether it is a list.
fn open(kind: &'static Type, steps: &[&str], is_group: bool) -> Option<(&'static Type, bool)> {
    let mut at = kind;
    let mut is_list = false;
    for step in steps {
        let (element, type_ref) = at.element(step)?;
        (at, is_list) = (type_ref.definition(), element.max != Some(1));
    }
    (!is_group || at.kind != Kind::Primitive).then_some((at, is_list))
}

/// An answer in the shape of the element it is for; a choice of types takes the one that fits.
fn fitted<'s>(kind: &'static Type, steps: &[&'s str], value: &Datum) -> Option<(Vec<std::borrow::Cow<'s, str>>, Json)> {
    let (last, before) = steps.split_last()?;
    let holder = if before.is_empty() { kind } else { open(kind, before, false)?.0 };
    let bare = last.strip_suffix("[x]").unwrap_or(last);
    let mut candidates: Vec<(&'static str, &'static str)> = Vec::new();
    match holder.element(last) {
        Some((_, type_ref)) => candidates.push((type_ref.json_name, type_ref.code)),
        None => candidates.extend(holder.elements.iter().filter(|element| element.name == bare && element.is_choice).flat_map(|element| element.types.iter().map(|one| (one.json_name, one.code)))),
    }
    let (name, json) = candidates.into_iter().find_map(|(name, code)| Some((name, shaped(code, value)?)))?;
    let mut path: Vec<std::borrow::Cow<'s, str>> = before.iter().map(|step| std::borrow::Cow::Borrowed(*step)).collect();
    path.push(name.into());
    Some((path, json))
}

/// A value as one of a type; none where that cannot be.
fn shaped(code: &str, value: &Datum) -> Option<Json> {
    Some(match (code, value) {
        ("boolean", Datum::Boolean(_)) => value.json(),
        ("CodeableConcept", Datum::Coding(coding)) => concept(coding),
        ("CodeableConcept", Datum::Text(text)) => Json::object([("text", Json::text(text))]),
        ("Coding", Datum::Coding(_)) | ("Reference", Datum::Reference(_)) | ("Attachment", Datum::Attachment(_)) => value.json(),
        ("code", Datum::Coding(coding)) => Json::text(coding.code.as_deref()?),
        ("string" | "markdown", Datum::Coding(coding)) => Json::text(coding.display.as_deref().or(coding.code.as_deref())?),
        ("code" | "id" | "string" | "markdown" | "uri" | "url" | "canonical" | "oid" | "uuid", Datum::Text(text) | Datum::Uri(text)) => Json::text(text),
        ("date", Datum::Date(text) | Datum::DateTime(text)) => Json::text(text.split('T').next()?),
        ("dateTime", Datum::Date(text) | Datum::DateTime(text)) | ("instant", Datum::DateTime(text)) | ("time", Datum::Time(text)) => Json::text(text),
        ("date" | "dateTime" | "instant" | "time", Datum::Text(text)) => Json::text(text),
        ("decimal", Datum::Decimal(_) | Datum::Integer(_)) => value.json(),
        ("decimal", Datum::Quantity(quantity)) if quantity.comparator.is_none() => Json::Number(quantity.value.clone()?),
        ("integer" | "positiveInt" | "unsignedInt", Datum::Integer(_)) => value.json(),
        ("Quantity" | "SimpleQuantity" | "Age" | "Duration" | "Distance" | "Count", Datum::Quantity(_)) => value.json(),
        ("Quantity" | "SimpleQuantity", Datum::Decimal(text) | Datum::Integer(text)) => Json::object([("value", Json::Number(text.clone()))]),
        ("Annotation", Datum::Text(text)) => Json::object([("text", Json::text(text))]),
        _ => return None,
    })
}

/// Puts a value at the end of a path, making what is missing on the way. A list on the way is
/// entered at its last element; at the end of the path one is added to it.
fn place(target: &mut Json, kind: &'static Type, steps: &[impl AsRef<str>], value: Json) {
    let Some((first, rest)) = steps.split_first() else { return };
    let name = first.as_ref();
    let Some((element, type_ref)) = kind.element(name) else { return };
    let is_list = element.max != Some(1);
    if rest.is_empty() {
        return if is_list { target.push(name, value) } else { target.set(name, value) };
    }
    if target.get(name).is_none() {
        let empty = Json::Object(Vec::new());
        target.set(name, if is_list { Json::List(vec![empty]) } else { empty });
    }
    if let Json::Object(members) = target
        && let Some((_, held)) = members.iter_mut().find(|(own, _)| own == name)
    {
        let below = match held {
            Json::List(items) => items.last_mut(),
            one => Some(one),
        };
        if let Some(below) = below {
            place(below, type_ref.definition(), rest, value);
        }
    }
}
