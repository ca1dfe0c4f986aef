//! Where a search parameter looks: its FHIRPath expression as a list of steps over the tree.
//!
//! The expressions of the published parameters are nearly all plain paths with a cast or a
//! small filter. They are compiled once, with the choice types of the definitions table
//! spelled out, so that walking them borrows from the resource and allocates nothing.
//!
//! * An expression that is not understood gives no [`Route`] and its parameter is not offered:
//!   a parameter never works by half.
//! * The general engine in `fhirpath` is the oracle of this one, in a test.

use fhir::definitions::{Definitions, TypeRef};
use fhir::{Kind, Reference, ResourceType, Value};

/// How the text of an element compares, derived from its FHIR type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Shape {
    Coding, CodeableConcept, Identifier, ContactPoint, HumanName, Address, Quantity, Money, Range, Period, Timing,
    Reference, Date, Boolean, Number, Text, Resource, SampledData, Other,
}

impl Shape {
    pub(crate) fn of(type_name: &str) -> Shape {
        match type_name {
            "Coding" => Shape::Coding,
            "CodeableConcept" => Shape::CodeableConcept,
            "Identifier" => Shape::Identifier,
            "ContactPoint" => Shape::ContactPoint,
            "HumanName" => Shape::HumanName,
            "Address" => Shape::Address,
            "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "SimpleQuantity" | "MoneyQuantity" => Shape::Quantity,
            "Money" => Shape::Money,
            "Range" => Shape::Range,
            "SampledData" => Shape::SampledData,
            "Period" => Shape::Period,
            "Timing" => Shape::Timing,
            "Reference" => Shape::Reference,
            "date" | "dateTime" | "instant" => Shape::Date,
            "boolean" => Shape::Boolean,
            "integer" | "decimal" | "positiveInt" | "unsignedInt" => Shape::Number,
            "string" | "code" | "uri" | "url" | "canonical" | "oid" | "uuid" | "id" | "markdown" | "time"
            | "http://hl7.org/fhirpath/System.String" => Shape::Text,
            _ => Shape::Other,
        }
    }
}

/// One step down the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Into a member, and into each item where it is a list.
    Member(Box<str>),
    /// `[0]`: the first item of the member before.
    FirstOf(Box<str>),
    /// `.where(system='phone')`.
    Where(Box<str>, Box<str>),
    /// `.where(resolve() is Patient)`.
    LeadsTo(ResourceType),
}

/// One way from a resource (or from a composite's context) to values of one type.
#[derive(Clone, Debug)]
pub struct Route {
    steps: Vec<Step>,
    /// The FHIR type at its end: `CodeableConcept`, `Patient.contact`.
    pub end: &'static str,
    /// How values at its end compare.
    pub shape: Shape,
    /// The element at its end belongs to a HumanName or an Address.
    pub in_name_or_address: bool,
    /// The required binding of the element at its end, if it has one.
    pub value_set: Option<&'static str>,
}

/// A value a [`Route`] led to.
#[derive(Clone, Copy, Debug)]
pub struct Found<'d> {
    /// The value itself.
    pub value: Value<'d>,
    /// The route that led to it.
    pub route: &'d Route,
}

impl Found<'_> {
    /// How it compares.
    pub fn shape(&self) -> Shape {
        self.route.shape
    }
}

impl Route {
    /// Compiles an expression for one type. None where any part of it that concerns this
    /// type is not understood. `resource_type` may be any type of the table; then the terms
    /// are relative to it (as in a composite's components).
    pub fn compile(expression: &str, type_name: &str, definitions: &'static Definitions) -> Option<Vec<Route>> {
        let mut routes = Vec::new();
        for term in split_outside(expression, '|') {
            match Draft::read(term.trim(), type_name, definitions)? {
                Some(drafts) => routes.extend(drafts.into_iter().map(Draft::finish)),
                None => continue,
            }
        }
        (!routes.is_empty()).then_some(routes)
    }

    /// Calls `visit` for each value until it says true; tells whether it did.
    pub fn any<'d>(&'d self, from: Value<'d>, resource: Value<'d>, visit: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        walk(&self.steps, self, from, resource, visit)
    }

    /// True if not everything at its elements is found.
    pub(crate) fn is_filtered(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Member(_)))
    }

    /// From here on only resources of that type: for a route that ends at any resource.
    pub(crate) fn narrow(&mut self, kind: ResourceType) {
        self.steps.push(Step::Where("resourceType".into(), kind.name().into()));
        self.end = kind.name();
    }

    /// The first member it enters: for tests of what a home path covers.
    pub fn member_path(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Member(name) | Step::FirstOf(name) => Some(&**name),
            _ => None,
        })
    }
}

fn walk<'d>(steps: &'d [Step], route: &'d Route, value: Value<'d>, resource: Value<'d>, visit: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return !value.is_null() && visit(Found { value, route });
    };
    match step {
        Step::Member(name) => match member(value, name) {
            Some(found) if found.kind() == Kind::Array => found.items().any(|item| walk(rest, route, item, resource, visit)),
            Some(found) => walk(rest, route, found, resource, visit),
            None => false,
        },
        Step::FirstOf(name) => match member(value, name).and_then(|found| found.first()) {
            Some(first) => walk(rest, route, first, resource, visit),
            None => false,
        },
        Step::Where(name, text) => {
            member(value, name).is_some_and(|found| text_is(found, text)) && walk(rest, route, value, resource, visit)
        }
        Step::LeadsTo(kind) => leads_to(value, *kind, resource) && walk(rest, route, value, resource, visit),
    }
}

/// The member of that name, however its letters are escaped: nothing hides behind `n\u0061me`.
pub(crate) fn member<'d>(object: Value<'d>, name: &str) -> Option<Value<'d>> {
    let mut members = object.members();
    while let Some((key, value)) = members.next_with_key() {
        let raw = &key.raw().as_bytes()[1..key.raw().len() - 1];
        // An escaped name is always longer than what it says.
        if raw == name.as_bytes() || (raw.len() > name.len() && raw.contains(&b'\\') && text_is(key, name)) {
            return Some(value);
        }
    }
    None
}

/// True if a string value says exactly `text`.
pub(crate) fn text_is(value: Value<'_>, text: &str) -> bool {
    value.as_str().is_some_and(|found| found == text)
}

/// True if a Reference names a resource of that type: by its text, by `Reference.type`, or
/// by the contained resource it points at.
fn leads_to(reference: Value<'_>, kind: ResourceType, resource: Value<'_>) -> bool {
    if reference.kind() != Kind::Object {
        return false;
    }
    if let Some(text) = member(reference, "reference").and_then(|text| text.as_str())
        && let Some(found) = type_of_reference(&text, resource)
    {
        return found == kind;
    }
    member(reference, "type").is_some_and(|found| text_is(found, kind.name()))
}

/// The type a reference's text tells, if it tells one.
pub(crate) fn type_of_reference(text: &str, resource: Value<'_>) -> Option<ResourceType> {
    match Reference::parse(text) {
        Reference::Local { kind, .. } | Reference::Conditional { kind, .. } => Some(kind),
        Reference::Contained(id) => contained(resource, id).and_then(|found| ResourceType::named(&found.string("resourceType")?)),
        Reference::Absolute(address) => {
            let address = address.split_once("/_history/").map_or(address, |(before, _)| before);
            let mut steps = address.rsplit('/');
            let _id = steps.next()?;
            ResourceType::named(steps.next()?)
        }
        Reference::Urn(_) | Reference::Other(_) => None,
    }
}

/// The contained resource of that id.
pub(crate) fn contained<'d>(resource: Value<'d>, id: &str) -> Option<Value<'d>> {
    member(resource, "contained")?.items().find(|inner| member(*inner, "id").is_some_and(|found| text_is(found, id)))
}

/// A route being compiled.
#[derive(Clone)]
struct Draft {
    steps: Vec<Step>,
    end: &'static str,
    /// The choice element just entered, its types not yet spelled out.
    choice: Option<&'static [TypeRef]>,
    in_name_or_address: bool,
    value_set: Option<&'static str>,
}

impl Draft {
    /// Reads one term of a union. The outer `None`: not understood; the inner: not about this type.
    fn read(term: &str, type_name: &str, definitions: &'static Definitions) -> Option<Option<Vec<Draft>>> {
        let (inner, cast, rest) = match term.strip_prefix('(') {
            Some(after) => {
                let close = closing(after)?;
                let (path, cast) = after[..close].split_once(" as ").map_or((&after[..close], None), |(path, cast)| (path, Some(cast.trim())));
                (path.trim(), cast, &after[close + 1..])
            }
            None => match term.split_once(" as ") {
                Some((path, cast)) => (path.trim(), Some(cast.trim()), ""),
                None => (term, None, ""),
            },
        };
        let steps = split_outside(inner, '.');
        let (first, steps) = steps.split_first()?;
        let own = definitions.type_named(type_name)?;
        let start = Draft { steps: Vec::new(), end: own.name, choice: None, in_name_or_address: false, value_set: None };
        let mut drafts = vec![start];
        if first.starts_with(|letter: char| letter.is_ascii_uppercase()) {
            if *first != type_name && !(matches!(*first, "Resource" | "DomainResource") && ResourceType::named(type_name).is_some()) {
                return Some(None);
            }
        } else {
            drafts = follow(drafts, first, definitions)?;
        }
        for step in steps {
            drafts = follow(drafts, step, definitions)?;
        }
        if let Some(cast) = cast {
            drafts = narrow(drafts, cast)?;
        }
        for step in split_outside(rest, '.').iter().filter(|step| !step.is_empty()) {
            drafts = follow(drafts, step, definitions)?;
        }
        Some(Some(spell_out(drafts)))
    }

    fn finish(self) -> Route {
        let shape = if ResourceType::named(self.end).is_some() || self.end == "Resource" { Shape::Resource } else { Shape::of(self.end) };
        Route { steps: self.steps, end: self.end, shape, in_name_or_address: self.in_name_or_address, value_set: self.value_set }
    }
}

/// Applies one step of the expression to every draft.
fn follow(drafts: Vec<Draft>, step: &str, definitions: &'static Definitions) -> Option<Vec<Draft>> {
    if let Some(argument) = call(step, "as").or_else(|| call(step, "ofType")) {
        return narrow(drafts, argument);
    }
    if let Some(argument) = call(step, "where") {
        let test = filter(argument)?;
        return Some(spell_out(drafts).into_iter().map(|mut draft| { draft.steps.push(test.clone()); draft }).collect());
    }
    if let Some(url) = call(step, "extension") {
        let is_url = Step::Where("url".into(), url.strip_prefix('\'')?.strip_suffix('\'').filter(|url| !url.contains('\''))?.into());
        return follow(drafts, "extension", definitions).map(|drafts| drafts.into_iter().map(|mut draft| { draft.steps.push(is_url.clone()); draft }).collect());
    }
    let (name, first_only) = step.strip_suffix("[0]").map_or((step, false), |name| (name, true));
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut next = Vec::new();
    for mut draft in spell_out(drafts) {
        let Some(element) = definitions.type_named(draft.end).and_then(|owner| owner.elements.iter().find(|element| element.name == name)) else {
            // One type of a choice has the element, another has not.
            continue;
        };
        draft.in_name_or_address = matches!(draft.end, "HumanName" | "Address");
        draft.value_set = element.binding.filter(|binding| binding.strength == fhir::definitions::Strength::Required).map(|binding| binding.value_set);
        if element.is_choice {
            draft.choice = Some(&element.types);
            next.push(draft);
        } else {
            let end = element.types.first()?.code;
            draft.steps.push(if first_only { Step::FirstOf(name.into()) } else { Step::Member(name.into()) });
            draft.end = end;
            next.push(draft);
        }
    }
    (!next.is_empty()).then_some(next)
}

/// `as Quantity`: keeps the drafts of that type. One published parameter writes `DateTime`.
fn narrow(drafts: Vec<Draft>, cast: &str) -> Option<Vec<Draft>> {
    let cast = cast.strip_prefix("FHIR.").unwrap_or(cast);
    let kept: Vec<_> = spell_out(drafts).into_iter().filter(|draft| draft.end.eq_ignore_ascii_case(cast) || (draft.end == "Resource" && ResourceType::named(cast).is_some())).collect();
    (!kept.is_empty()).then_some(kept)
}

/// Every draft that stands on a choice becomes one draft a type.
fn spell_out(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out = Vec::with_capacity(drafts.len());
    for draft in drafts {
        match draft.choice {
            None => out.push(draft),
            Some(types) => {
                for found in types {
                    let mut one = draft.clone();
                    one.choice = None;
                    one.steps.push(Step::Member(found.json_name.into()));
                    one.end = found.code;
                    out.push(one);
                }
            }
        }
    }
    out
}

/// The filters the published parameters use.
fn filter(argument: &str) -> Option<Step> {
    if let Some(kind) = argument.strip_prefix("resolve() is ") {
        return ResourceType::named(kind.trim()).map(Step::LeadsTo);
    }
    let (name, text) = argument.split_once('=')?;
    let (name, text) = (name.trim(), text.trim().strip_prefix('\'')?.strip_suffix('\'')?);
    (name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !text.contains('\'')).then(|| Step::Where(name.into(), text.into()))
}

/// The argument of `name(argument)`.
fn call<'t>(step: &'t str, name: &str) -> Option<&'t str> {
    step.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

/// Where the bracket that was opened just before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(at, letter)| {
        depth += match letter { '(' => 1, ')' => -1, _ => 0 };
        (depth == 0).then_some(at)
    })
}

/// Splits at `separator` outside brackets and quotes.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ if letter == separator && depth == 0 && !quoted => {
                parts.push(&text[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}
