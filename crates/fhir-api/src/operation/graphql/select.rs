//! Elements of a tree by the fields of a query: which there are, which are kept, how they are named.
//!
//! * The schema is the table of R4 definitions; a field it does not have is refused with the type's name.
//! * Pure: nothing is read from the record here.

use super::query::{Directive, Field, Given, Selection};
use crate::outcome::Trouble;
use fhir::{IssueCode, Kind, Value, r4};
use fhirpath::{Collection, Context, Expression, Limits, Node};

/// Steps of one FHIRPath in a query, and how many are evaluated at most.
const STEPS_MOST: u64 = 20_000;
const EVALUATIONS_MOST: usize = 5_000;

/// How many FHIRPath evaluations a query has made.
#[derive(Default)]
pub(super) struct Evaluations(usize);

/// A refusal that tells where in the query.
pub(super) fn refused(code: IssueCode, field: &Field, message: impl AsRef<str>) -> Trouble {
    let (line, column) = field.at;
    Trouble::malformed(code, format!("{} (field {}, line {line}, column {column} of the query).", message.as_ref(), field.name))
}

/// The fields asked of a type, fragments opened, those of one name in the answer joined.
pub(super) fn collect<'s>(kind: &str, selections: &[&'s Selection], found: &mut Vec<(&'s Field, Vec<&'s Selection>)>) -> Result<(), Trouble> {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                let inner = field.selections.iter();
                let is_flat = |field: &Field| field.directive("flatten").is_some();
                // What is flattened away has no name in the answer. https://spec.graphql.org/October2021/#sec-Field-Selection-Merging
                let mut of_that_name = found.iter().filter(|(other, _)| other.shown == field.shown && !is_flat(other) && !is_flat(field));
                if of_that_name.any(|(other, _)| other.name != field.name || !same_arguments(other, field)) {
                    return Err(refused(IssueCode::Invalid, field, "Two fields under one name of the answer ask for different things; give one an alias"));
                }
                match found.iter_mut().find(|(other, _)| other.shown == field.shown && other.name == field.name && same_arguments(other, field) && other.directives.is_empty() && field.directives.is_empty()) {
                    Some((_, selections)) => selections.extend(inner),
                    None => found.push((field, inner.collect())),
                }
            }
            Selection::On(on, inner) => {
                let fits = match on.as_deref() {
                    None => true,
                    Some(on) if on == kind => true,
                    Some(on) => match r4().type_named(&on.replace('_', ".")) {
                        Some(on) => r4().type_named(kind).is_some_and(|kind| kind.is_a(on.name)),
                        None => return Err(Trouble::malformed(IssueCode::Invalid, "A fragment is on a type that R4 does not have.")),
                    },
                };
                if fits {
                    collect(kind, &inner.iter().collect::<Vec<_>>(), found)?;
                }
            }
        }
    }
    Ok(())
}

/// True where two fields are given the same, in whatever order.
fn same_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.len() == other.arguments.len() && one.arguments.iter().all(|argument| other.arguments.contains(argument))
}

/// The nodes of a field, and whether the element may have several.
pub(super) fn members<'d>(node: Node<'d>, field: &Field) -> Result<(Vec<Node<'d>>, bool), Trouble> {
    let name = field.name.as_str();
    let none = || refused(IssueCode::Invalid, field, format!("{} has no element of that name", if node.type_name().is_empty() { "This" } else { node.type_name() }));
    let definition = r4().type_named(node.type_name()).ok_or_else(none)?;
    let mut nodes = Vec::new();
    if let Some(plain) = name.strip_prefix('_') {
        let (element, chosen) = definition.element(plain).ok_or_else(none)?;
        if chosen.definition().kind != fhir::definitions::Kind::Primitive {
            return Err(none());
        }
        let companions = node.value.and_then(|value| value.get(name)).into_iter().flat_map(|value| value.each().collect::<Vec<_>>());
        nodes.extend(companions.filter(|value| !value.is_null()).map(|value| Node::element(value, "Element")));
        return Ok((nodes, element.max != Some(1)));
    }
    if let Some((element, _)) = definition.element(name) {
        let wanted = node.value.and_then(|value| value.get(name));
        // By its JSON name one type of a choice is meant, and only that.
        if !element.is_choice || wanted.is_some() {
            node.for_each_member(element.name, &mut |child| nodes.push(child));
        }
        return Ok((nodes, element.max != Some(1)));
    }
    let element = definition.elements.iter().find(|element| element.is_choice && element.name == name).ok_or_else(none)?;
    node.for_each_member(element.name, &mut |child| nodes.push(child));
    Ok((nodes, false))
}

/// What the arguments of a field and `@first` leave of its nodes.
pub(super) fn narrowed<'d>(nodes: Vec<Node<'d>>, root: Value<'d>, field: &Field, evaluations: &mut Evaluations) -> Result<Vec<Node<'d>>, Trouble> {
    let mut nodes = nodes;
    for (name, given) in &field.arguments {
        match name.as_str() {
            "_offset" | "_count" => {}
            "fhirpath" => {
                let text = given.text().ok_or_else(|| refused(IssueCode::Value, field, "fhirpath is a text"))?;
                let mut kept = Vec::new();
                for (index, node) in nodes.into_iter().enumerate() {
                    let found = evaluate(text, node, root, index, field, evaluations)?;
                    if found.as_boolean().unwrap_or(!found.is_empty()) {
                        kept.push(node);
                    }
                }
                nodes = kept;
            }
            _ => {
                let wanted = given.texts().ok_or_else(|| refused(IssueCode::Value, field, "an argument is a text or a list of texts"))?;
                let mut kept = Vec::new();
                for node in nodes {
                    if has(node, name, &wanted, field)? {
                        kept.push(node);
                    }
                }
                nodes = kept;
            }
        }
    }
    let number = |name: &str| match field.argument(name) {
        None | Some(Given::Null) => Ok(None),
        Some(given) => given.text().and_then(|text| text.parse::<usize>().ok()).map(Some).ok_or_else(|| refused(IssueCode::Value, field, format!("{name} is a whole number"))),
    };
    let (offset, count) = (number("_offset")?.unwrap_or(0), number("_count")?.unwrap_or(usize::MAX));
    let count = if field.directive("first").is_some() { count.min(1) } else { count };
    Ok(nodes.into_iter().skip(offset).take(count).collect())
}

/// Whether an element of a node has one of these values.
fn has(node: Node<'_>, name: &str, wanted: &[String], field: &Field) -> Result<bool, Trouble> {
    let known = r4().type_named(node.type_name()).and_then(|definition| definition.element(name));
    let Some((element, _)) = known else {
        return Err(refused(IssueCode::Invalid, field, format!("{} has no element of the name of the argument; there are its elements, fhirpath, _offset and _count", node.type_name())));
    };
    let mut found = false;
    node.for_each_member(element.name, &mut |child| found |= child.text().is_some_and(|text| wanted.iter().any(|one| *one == text)));
    Ok(found)
}

/// What `@slice` adds to the names of a node.
pub(super) fn slice<'d>(node: Node<'d>, root: Value<'d>, index: usize, field: &Field, evaluations: &mut Evaluations) -> Result<String, Trouble> {
    let Some(directive) = field.directive("slice") else { return Ok(String::new()) };
    let path = path_of(directive).ok_or_else(|| refused(IssueCode::Value, field, "@slice takes a path"))?;
    if path == "$index" {
        return Ok(format!(".{index}"));
    }
    let found = evaluate(path, node, root, index, field, evaluations)?;
    let text = match found.as_slice() {
        [fhirpath::Item::Node(node)] => node.text().map(|text| text.into_owned()),
        [fhirpath::Item::String(text)] => Some(text.to_string()),
        [fhirpath::Item::Integer(number)] => Some(number.to_string()),
        [fhirpath::Item::Boolean(truth)] => Some(truth.to_string()),
        _ => None,
    };
    Ok(text.map(|text| format!(".{text}")).unwrap_or_default())
}

fn path_of(directive: &Directive) -> Option<&str> {
    directive.arguments.iter().find(|(name, _)| name == "path" || name == "fhirpath")?.1.text()
}

fn evaluate<'d>(text: &str, node: Node<'d>, root: Value<'d>, index: usize, field: &Field, evaluations: &mut Evaluations) -> Result<Collection<'d>, Trouble> {
    evaluations.0 += 1;
    if evaluations.0 > EVALUATIONS_MOST {
        return Err(refused(IssueCode::TooCostly, field, format!("the query evaluates more than {EVALUATIONS_MOST} FHIRPath expressions")));
    }
    // `$index` is known here and to no expression by itself.
    let text = text.replace("$index", &index.to_string());
    let expression = Expression::parse(&text).map_err(|cause| refused(IssueCode::Invalid, field, format!("the FHIRPath cannot be read: {cause} of it")))?;
    let mut context = Context::of(root);
    context.limits = Limits { steps: STEPS_MOST, ..Limits::default() };
    expression.evaluate(&context, Collection::one(node)).map_err(|cause| refused(IssueCode::Processing, field, format!("the FHIRPath cannot be evaluated: {cause}")))
}

/// Whether a field may be asked for without or with a selection: a scalar has none, all else has one.
pub(super) fn is_scalar(node: Node<'_>, inner: &[&Selection], field: &Field) -> Result<bool, Trouble> {
    let scalar = node.is_primitive() || node.value.is_some_and(|value| !matches!(value.kind(), Kind::Object));
    match (scalar, inner.is_empty()) {
        (true, false) => Err(refused(IssueCode::Invalid, field, format!("{} has no elements to select; its extensions are under the name with an underscore", node.type_name()))),
        (false, true) => Err(refused(IssueCode::Invalid, field, format!("say which elements of {} are wanted", node.type_name()))),
        _ => Ok(scalar),
    }
}
