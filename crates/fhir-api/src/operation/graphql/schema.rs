//! The schema of a place, for introspection: made from the R4 definitions, one type at a time.
//! https://spec.graphql.org/October2021/#sec-Introspection
//!
//! * What is told works. A little works that is not told: arguments of elements that are no list,
//!   the elements of a choice by their common name, and lists of resources that may name anything.
//! * Names of nested types have an underscore in place of the point: `Patient_contact`.
//! * Pure and bounded: an answer of more values than a bound is refused, never cut.

use super::output::Out;
use super::query::{Field, Given, Selection};
use super::select::{collect, refused};
use crate::operation::Place;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::definitions::{Element, Kind, Type, TypeRef};
use fhir::splice::write_string;
use fhir::{IssueCode, ResourceType, r4};
use std::collections::BTreeSet;

/// Values of one answer about the schema: the usual query of a tool asks for a third of it.
const TOLD_MOST: usize = 3_000_000;
/// A parameter that may lead to more types than this leads to anything.
const TARGETS_MOST: usize = 20;

/// Answers `__schema` or `__type`.
pub(super) fn tell(place: Place<'_>, field: &Field, inner: &[&Selection]) -> Result<Out, Trouble> {
    let mut teller = Teller { place, told: 0, out: String::new() };
    match field.name.as_str() {
        "__schema" => teller.item(&Item::Schema, field, inner)?,
        _ => {
            let name = field.argument("name").and_then(Given::text).ok_or_else(|| refused(IssueCode::Required, field, "__type takes the name of a type"))?;
            match teller.exists(name) {
                true => teller.item(&Item::Type(Expression::named(name)), field, inner)?,
                false => teller.out.push_str("null"),
            }
        }
    }
    Ok(Out::Token(teller.out))
}

/// The name of a type as GraphQL can say it.
pub(super) fn graphql_name(name: &str) -> String {
    name.replace('.', "_")
}

/// A type as a field has it: a name, in a list or not, needed or not.
#[derive(Clone)]
struct Expression {
    name: String,
    list: bool,
    needed: bool,
}

impl Expression {
    fn named(name: &str) -> Expression {
        Expression { name: graphql_name(name), list: false, needed: false }
    }

    fn list(name: &str) -> Expression {
        Expression { list: true, ..Expression::named(name) }
    }

    fn needed(name: &str) -> Expression {
        Expression { needed: true, ..Expression::named(name) }
    }
}

/// A field or an argument.
#[derive(Clone)]
struct Part {
    name: String,
    arguments: Vec<Part>,
    of: Expression,
}

impl Part {
    fn new(name: &str, of: Expression) -> Part {
        Part { name: name.to_owned(), arguments: Vec::new(), of }
    }
}

/// Something an introspection can be about.
enum Item {
    Schema,
    Type(Expression),
    Field(Part),
    Argument(Part),
    Directive(&'static str),
}

const SCALARS: [&str; 5] = ["String", "Boolean", "Int", "Float", "ID"];
const DIRECTIVES: [&str; 6] = ["skip", "include", "flatten", "first", "singleton", "slice"];

/// What one member of an introspected object is.
enum Told {
    Null,
    Text(String),
    Truth(bool),
    One(Item),
    All(Vec<Item>),
    Texts(&'static [&'static str]),
}

struct Teller<'p> {
    place: Place<'p>,
    told: usize,
    out: String,
}

impl Teller<'_> {
    fn item(&mut self, item: &Item, field: &Field, inner: &[&Selection]) -> Result<(), Trouble> {
        if inner.is_empty() {
            return Err(refused(IssueCode::Invalid, field, "Say which parts of the schema are wanted"));
        }
        let kind = item.kind();
        let mut fields = Vec::new();
        collect(kind, inner, &mut fields)?;
        self.out.push('{');
        let mut shown = BTreeSet::new();
        for (number, (part, inner)) in fields.into_iter().enumerate() {
            if !shown.insert(part.shown.clone()) {
                return Err(refused(IssueCode::Invalid, part, "Two parts of the schema would stand under one name; give one an alias"));
            }
            if !part.directives.is_empty() {
                return Err(refused(IssueCode::NotSupported, part, "The schema takes @skip and @include, no other directives"));
            }
            if number > 0 {
                self.out.push(',');
            }
            write_string(&part.shown, &mut self.out);
            self.out.push(':');
            let told = if part.name == "__typename" { Told::Text(kind.to_owned()) } else { self.member(item, part)? };
            self.write(told, part, &inner)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn write(&mut self, told: Told, field: &Field, inner: &[&Selection]) -> Result<(), Trouble> {
        self.told += 1;
        if self.told > TOLD_MOST {
            let message = format!("This would tell more than {TOLD_MOST} values of the schema; ask for one type by __type(name: …).");
            return Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::TooCostly, message));
        }
        match told {
            Told::Null => self.out.push_str("null"),
            Told::Text(text) => write_string(&text, &mut self.out),
            Told::Truth(truth) => self.out.push_str(if truth { "true" } else { "false" }),
            Told::One(item) => self.item(&item, field, inner)?,
            Told::Texts(texts) => {
                let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
                self.out.push_str(&format!("[{}]", quoted.join(",")));
            }
            Told::All(items) => {
                self.out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.out.push(',');
                    }
                    self.item(item, field, inner)?;
                }
                self.out.push(']');
            }
        }
        Ok(())
    }

    fn member(&self, item: &Item, field: &Field) -> Result<Told, Trouble> {
        let all = |parts: Vec<Part>, of: fn(Part) -> Item| Told::All(parts.into_iter().map(of).collect());
        Ok(match (item, field.name.as_str()) {
            (Item::Schema, "description" | "mutationType" | "subscriptionType") => Told::Null,
            (Item::Schema, "queryType") => Told::One(Item::Type(Expression::named(self.root()))),
            (Item::Schema, "types") => Told::All(self.types().iter().map(|name| Item::Type(Expression::named(name))).collect()),
            (Item::Schema, "directives") => Told::All(DIRECTIVES.into_iter().map(Item::Directive).collect()),
            (Item::Type(of), name) => self.of_type(of, name, field)?,
            (Item::Field(part) | Item::Argument(part), "name") => Told::Text(part.name.clone()),
            (Item::Field(part) | Item::Argument(part), "type") => Told::One(Item::Type(part.of.clone())),
            (Item::Field(part), "args") => all(part.arguments.clone(), Item::Argument),
            (Item::Field(_), "isDeprecated") => Told::Truth(false),
            (Item::Field(_), "description" | "deprecationReason") | (Item::Argument(_), "description" | "defaultValue") => Told::Null,
            (Item::Directive(name), "name") => Told::Text((*name).to_owned()),
            (Item::Directive(_), "description") => Told::Null,
            (Item::Directive(_), "isRepeatable") => Told::Truth(false),
            (Item::Directive(name), "locations") => Told::Texts(if matches!(*name, "skip" | "include") { &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"] } else { &["FIELD"] }),
            (Item::Directive(name), "args") => all(
                match *name {
                    "skip" | "include" => vec![Part::new("if", Expression::needed("Boolean"))],
                    "slice" => vec![Part::new("path", Expression::needed("String"))],
                    _ => Vec::new(),
                },
                Item::Argument,
            ),
            _ => return Err(refused(IssueCode::Invalid, field, format!("{} has no part of that name", item.kind()))),
        })
    }

    fn of_type(&self, of: &Expression, part: &str, field: &Field) -> Result<Told, Trouble> {
        let inside = match (of.needed, of.list) {
            (true, _) => Some(("NON_NULL", Expression { needed: false, ..of.clone() })),
            (_, true) => Some(("LIST", Expression { list: false, ..of.clone() })),
            _ => None,
        };
        let is_scalar = SCALARS.contains(&of.name.as_str());
        let is_union = of.name == "Resource";
        let is_plain = inside.is_none();
        Ok(match part {
            "kind" => Told::Text(inside.map_or(if is_scalar { "SCALAR" } else if is_union { "UNION" } else { "OBJECT" }, |one| one.0).to_owned()),
            "name" if is_plain => Told::Text(of.name.clone()),
            "ofType" => inside.map_or(Told::Null, |one| Told::One(Item::Type(one.1))),
            "fields" if is_plain && !is_scalar && !is_union => Told::All(self.fields(&of.name).into_iter().map(Item::Field).collect()),
            "interfaces" if is_plain && !is_scalar && !is_union => Told::All(Vec::new()),
            "possibleTypes" if is_plain && is_union => Told::All(ResourceType::all().map(|kind| Item::Type(Expression::named(kind.name()))).collect()),
            "name" | "description" | "fields" | "interfaces" | "possibleTypes" | "enumValues" | "inputFields" | "specifiedByURL" | "specifiedByUrl" => Told::Null,
            _ => return Err(refused(IssueCode::Invalid, field, "__Type has no part of that name")),
        })
    }

    /// The type at which a query begins.
    fn root(&self) -> &'static str {
        match self.place {
            Place::Instance(kind, _) | Place::Version(kind, ..) => kind.name(),
            _ => "Query",
        }
    }

    /// All types, each once, in alphabetical order.
    fn types(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = SCALARS.iter().map(|name| (*name).to_owned()).collect();
        all.extend(r4().types.iter().filter(|one| is_told(one)).map(|one| graphql_name(one.name)));
        all.extend(ResourceType::all().flat_map(|kind| [format!("{kind}Connection"), format!("{kind}Edge")]));
        all.insert("Resource".to_owned());
        all.insert(self.root().to_owned());
        all
    }

    fn exists(&self, name: &str) -> bool {
        self.types().contains(name)
    }

    fn fields(&self, name: &str) -> Vec<Part> {
        if name == "Query" {
            let only = match self.place {
                Place::Type(kind) => Some(kind),
                _ => None,
            };
            return ResourceType::all().filter(|kind| only.is_none_or(|only| only == *kind)).flat_map(of_query).collect();
        }
        let resource_of = |ending: &str| name.strip_suffix(ending).and_then(ResourceType::named);
        if let Some(kind) = resource_of("Connection") {
            let number = |name| Part::new(name, Expression::named("Int"));
            let text = |name| Part::new(name, Expression::named("String"));
            let edges = Part::new("edges", Expression::list(&format!("{kind}Edge")));
            return vec![number("count"), number("offset"), number("pagesize"), text("first"), text("previous"), text("next"), text("last"), edges];
        }
        if let Some(kind) = resource_of("Edge") {
            return vec![Part::new("mode", Expression::named("String")), Part::new("score", Expression::named("Float")), Part::new("resource", Expression::named(kind.name()))];
        }
        let Some(definition) = r4().types.iter().find(|one| graphql_name(one.name) == name) else { return Vec::new() };
        let mut fields: Vec<Part> = definition.elements.iter().flat_map(of_element).collect();
        if name == "Reference" {
            let arguments = vec![Part::new("optional", Expression::named("Boolean")), Part::new("type", Expression::named("String"))];
            fields.push(Part { arguments, ..Part::new("resource", Expression::named("Resource")) });
        }
        if let Some(kind) = ResourceType::named(name) {
            fields.push(Part::new("resourceType", Expression::needed("String")));
            for other in ResourceType::all().filter(|other| leads_to(*other, kind)) {
                fields.extend(searches(other, Some(Part::new("_reference", Expression::needed("String")))));
            }
        }
        fields
    }
}

impl Item {
    fn kind(&self) -> &'static str {
        match self {
            Item::Schema => "__Schema",
            Item::Type(_) => "__Type",
            Item::Field(_) => "__Field",
            Item::Argument(_) => "__InputValue",
            Item::Directive(_) => "__Directive",
        }
    }
}

/// Scalars have names of GraphQL; what is abstract has no values, but for the companions of primitives.
fn is_told(one: &Type) -> bool {
    one.kind != Kind::Primitive && (!one.is_abstract || one.name == "Element") && !one.elements.is_empty()
}

/// One resource by its id, a list, a connection.
fn of_query(kind: ResourceType) -> Vec<Part> {
    let mut parts = vec![Part { arguments: vec![Part::new("id", Expression::needed("ID"))], ..Part::new(kind.name(), Expression::named(kind.name())) }];
    parts.extend(searches(kind, None));
    parts
}

fn searches(kind: ResourceType, about: Option<Part>) -> Vec<Part> {
    let criteria = search::capability::supported(kind).map(|one| Part::new(&argument_name(one.name), Expression::list("String")));
    let paging = [Part::new("_count", Expression::named("Int")), Part::new("_sort", Expression::named("String"))];
    let arguments: Vec<Part> = about.into_iter().chain(criteria).chain(paging).collect();
    let mut of_connection = arguments.clone();
    of_connection.push(Part::new("_cursor", Expression::named("String")));
    vec![
        Part { arguments, ..Part::new(&format!("{kind}List"), Expression::list(kind.name())) },
        Part { arguments: of_connection, ..Part::new(&format!("{kind}Connection"), Expression::named(&format!("{kind}Connection"))) },
    ]
}

/// The dash of a parameter is no sign of a GraphQL name.
fn argument_name(parameter: &str) -> String {
    parameter.replace('-', "_")
}

/// True where a search parameter of a type is meant to lead to another.
fn leads_to(kind: ResourceType, target: ResourceType) -> bool {
    search::parameters(kind).iter().any(|parameter| {
        let targets = &parameter.definition.targets;
        parameter.kind() == fhir::definitions::ParameterKind::Reference && targets.len() <= TARGETS_MOST && targets.contains(&target.name())
    })
}

/// An element by its JSON names, each primitive with its companion for extensions.
fn of_element(element: &Element) -> Vec<Part> {
    let is_list = element.max != Some(1);
    let mut parts = Vec::new();
    for one in &element.types {
        let name = one.json_name;
        let is_primitive = one.definition().kind == Kind::Primitive;
        let mut part = Part::new(name, Expression { list: is_list, ..Expression::named(told_type(one)) });
        if is_list {
            part.arguments = filters(one);
        }
        parts.push(part);
        if is_primitive {
            parts.push(Part::new(&format!("_{name}"), Expression { list: is_list, ..Expression::named("Element") }));
        }
    }
    parts
}

/// What a list can be narrowed by.
fn filters(of: &TypeRef) -> Vec<Part> {
    let definition = of.definition();
    let is_plain = |element: &&Element| !element.is_choice && element.types.iter().all(|one| one.definition().kind == Kind::Primitive);
    let own = definition.elements.iter().filter(is_plain).map(|element| Part::new(element.name, Expression::list("String")));
    let general = [Part::new("fhirpath", Expression::named("String")), Part::new("_offset", Expression::named("Int")), Part::new("_count", Expression::named("Int"))];
    own.chain(general).collect()
}

/// What GraphQL calls a type.
fn told_type(of: &TypeRef) -> &'static str {
    let definition = of.definition();
    match (definition.kind, definition.name) {
        (Kind::Primitive, "boolean") => "Boolean",
        (Kind::Primitive, "integer" | "positiveInt" | "unsignedInt") => "Int",
        (Kind::Primitive, "decimal") => "Float",
        (Kind::Primitive, _) => "String",
        (_, "DomainResource") => "Resource",
        (_, name) => name,
    }
}
