//! A query, read: fragments and variables in their places, what is skipped left out.
//!
//! * The grammar is the parser's (apollo-parser); here it becomes a small tree of our own.
//! * Fragments that lead back to themselves are refused, and so is what grows past its bounds.

use crate::outcome::Trouble;
use apollo_parser::cst::{self, CstNode};
use apollo_parser::Parser;
use fhir::{IssueCode, Kind, Value};
use std::collections::HashMap;

/// Selections inside selections.
const DEPTH_MOST: usize = 40;
const TOKENS_MOST: usize = 30_000;
/// Fields after fragments are in their places.
const FIELDS_MOST: usize = 5_000;

/// One step of a selection.
pub(super) enum Selection {
    Field(Field),
    /// What is asked only of a type; of any, where none is named.
    On(Option<String>, Vec<Selection>),
}

/// A field.
pub(super) struct Field {
    pub name: String,
    /// The name in the answer.
    pub shown: String,
    pub arguments: Vec<(String, Given)>,
    pub directives: Vec<Directive>,
    pub selections: Vec<Selection>,
    /// Line and column in the query.
    pub at: (u32, u32),
}

/// A directive that is left to the execution.
pub(super) struct Directive {
    pub name: String,
    pub arguments: Vec<(String, Given)>,
}

/// The value of an argument.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Given {
    Null,
    /// A text, a number or a name, as it was written.
    Text(String),
    Truth(bool),
    List(Vec<Given>),
}

impl Field {
    pub fn argument(&self, name: &str) -> Option<&Given> {
        self.arguments.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.name == name)
    }
}

impl Given {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All texts: one, or those of a list. None where one is neither text nor truth.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Given::Null => Some(Vec::new()),
            Given::Text(text) => Some(vec![text.clone()]),
            Given::Truth(truth) => Some(vec![truth.to_string()]),
            Given::List(items) => items.iter().map(|item| item.texts().filter(|texts| texts.len() == 1).map(|mut texts| texts.remove(0))).collect(),
        }
    }
}

/// Reads a query and chooses its operation.
pub(super) fn read(text: &str, variables: Value<'_>, operation: Option<&str>) -> Result<Vec<Selection>, Trouble> {
    let tree = Parser::new(text).recursion_limit(DEPTH_MOST * 2).token_limit(TOKENS_MOST).parse();
    if let Some(error) = tree.errors().next() {
        let code = if error.is_limit() { IssueCode::TooCostly } else { IssueCode::Invalid };
        let (line, column) = position(text, error.index());
        // What was found instead may be a searched value; the place is enough.
        let expected = error.message().split(", got").next().unwrap_or_default();
        return Err(Trouble::malformed(code, format!("The query cannot be read at its line {line}, column {column}: {expected}.")));
    }
    let mut reader = Reader { text, variables: HashMap::new(), fragments: HashMap::new(), path: Vec::new(), fields: 0 };
    let mut operations = Vec::new();
    for definition in tree.document().definitions() {
        match definition {
            cst::Definition::OperationDefinition(one) => operations.push(one),
            cst::Definition::FragmentDefinition(one) => {
                let name = one.fragment_name().and_then(|name| name.name()).map(|name| name.text().to_string()).unwrap_or_default();
                reader.fragments.insert(name, one);
            }
            _ => return Err(invalid("A query holds operations and fragments, no types.")),
        }
    }
    let chosen = match operation {
        Some(name) => operations.into_iter().find(|one| one.name().is_some_and(|found| found.text() == name)),
        None if operations.len() > 1 => return Err(invalid("There are several operations; choose one by operationName.")),
        None => operations.into_iter().next(),
    };
    let chosen = chosen.ok_or_else(|| invalid("There is no such operation in the query.").at("http.operationName"))?;
    if chosen.operation_type().is_some_and(|kind| kind.query_token().is_none()) {
        return Err(Trouble::malformed(IssueCode::NotSupported, "GraphQL here reads; write by the FHIR API.").at("http.query"));
    }
    reader.define(&chosen, variables)?;
    let selections = chosen.selection_set().ok_or_else(|| invalid("The operation selects nothing."))?;
    reader.selections(&selections, 0)
}

fn invalid(message: impl Into<String>) -> Trouble {
    Trouble::malformed(IssueCode::Invalid, message).at("http.query")
}

/// Line and column, from 1, of a byte of the query.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1)
}

struct Reader<'q> {
    text: &'q str,
    variables: HashMap<String, Given>,
    fragments: HashMap<String, cst::FragmentDefinition>,
    /// The fragments that are being read.
    path: Vec<String>,
    fields: usize,
}

impl Reader<'_> {
    /// The variables of an operation, from the request or their defaults.
    fn define(&mut self, operation: &cst::OperationDefinition, given: Value<'_>) -> Result<(), Trouble> {
        let Some(definitions) = operation.variable_definitions() else { return Ok(()) };
        for definition in definitions.variable_definitions() {
            let name = definition.variable().and_then(|variable| variable.name()).map(|name| name.text().to_string()).unwrap_or_default();
            let is_needed = matches!(definition.ty(), Some(cst::Type::NonNullType(_)));
            let value = match given.get(&name) {
                Some(value) => given_of(value).ok_or_else(|| invalid(format!("The variable ${name} is a text, a number, a truth, or a list of these.")))?,
                None => match definition.default_value().and_then(|default| default.value()) {
                    Some(value) => self.given(&value)?,
                    None => Given::Null,
                },
            };
            if is_needed && value == Given::Null {
                return Err(Trouble::malformed(IssueCode::Required, format!("The variable ${name} needs a value.")));
            }
            self.variables.insert(name, value);
        }
        Ok(())
    }

    fn selections(&mut self, set: &cst::SelectionSet, depth: usize) -> Result<Vec<Selection>, Trouble> {
        if depth > DEPTH_MOST {
            return Err(Trouble::malformed(IssueCode::TooCostly, format!("The query is nested deeper than {DEPTH_MOST} levels.")));
        }
        let mut found = Vec::new();
        for selection in set.selections() {
            self.fields += 1;
            if self.fields > FIELDS_MOST {
                return Err(Trouble::malformed(IssueCode::TooCostly, format!("The query asks for more than {FIELDS_MOST} fields.")));
            }
            match selection {
                cst::Selection::Field(field) => found.extend(self.field(&field, depth)?.map(Selection::Field)),
                cst::Selection::InlineFragment(fragment) => {
                    if !self.is_wanted(fragment.directives())? {
                        continue;
                    }
                    let set = fragment.selection_set().ok_or_else(|| invalid("A fragment selects nothing."))?;
                    found.push(Selection::On(type_of(fragment.type_condition()), self.selections(&set, depth + 1)?));
                }
                cst::Selection::FragmentSpread(spread) => {
                    if !self.is_wanted(spread.directives())? {
                        continue;
                    }
                    let name = spread.fragment_name().and_then(|name| name.name()).map(|name| name.text().to_string()).unwrap_or_default();
                    let fragment = self.fragments.get(&name).cloned().ok_or_else(|| invalid(format!("There is no fragment {name} in the query.")))?;
                    if self.path.contains(&name) {
                        return Err(invalid(format!("The fragment {name} leads back to itself.")));
                    }
                    let set = fragment.selection_set().ok_or_else(|| invalid("A fragment selects nothing."))?;
                    self.path.push(name);
                    found.push(Selection::On(type_of(fragment.type_condition()), self.selections(&set, depth + 1)?));
                    self.path.pop();
                }
            }
        }
        Ok(found)
    }

    fn field(&mut self, field: &cst::Field, depth: usize) -> Result<Option<Field>, Trouble> {
        if !self.is_wanted(field.directives())? {
            return Ok(None);
        }
        let name = field.name().map(|name| name.text().to_string()).unwrap_or_default();
        let shown = field.alias().and_then(|alias| alias.name()).map_or_else(|| name.clone(), |alias| alias.text().to_string());
        let at = position(self.text, usize::from(field.syntax().text_range().start()));
        let selections = match field.selection_set() {
            Some(set) => self.selections(&set, depth + 1)?,
            None => Vec::new(),
        };
        let mut directives = Vec::new();
        for directive in field.directives().into_iter().flat_map(|all| all.directives()) {
            let name = directive.name().map(|name| name.text().to_string()).unwrap_or_default();
            match &*name {
                "skip" | "include" => {}
                "flatten" | "first" | "singleton" | "slice" => directives.push(Directive { name, arguments: self.arguments(directive.arguments())? }),
                _ => return Err(invalid(format!("There is no directive @{name}; there are @flatten, @first, @singleton, @slice, @skip and @include."))),
            }
        }
        Ok(Some(Field { name, shown, arguments: self.arguments(field.arguments())?, directives, selections, at }))
    }

    /// `@skip` and `@include`.
    fn is_wanted(&self, directives: Option<cst::Directives>) -> Result<bool, Trouble> {
        for directive in directives.into_iter().flat_map(|all| all.directives()) {
            let name = directive.name().map(|name| name.text().to_string()).unwrap_or_default();
            if name != "skip" && name != "include" {
                continue;
            }
            match self.arguments(directive.arguments())?.as_slice() {
                [(argument, Given::Truth(truth))] if argument == "if" => {
                    if *truth == (name == "skip") {
                        return Ok(false);
                    }
                }
                _ => return Err(invalid(format!("@{name} takes if: true or if: false."))),
            }
        }
        Ok(true)
    }

    fn arguments(&self, arguments: Option<cst::Arguments>) -> Result<Vec<(String, Given)>, Trouble> {
        let mut found = Vec::new();
        for argument in arguments.into_iter().flat_map(|all| all.arguments()) {
            let name = argument.name().map(|name| name.text().to_string()).unwrap_or_default();
            let value = argument.value().ok_or_else(|| invalid(format!("The argument {name} has no value.")))?;
            found.push((name, self.given(&value)?));
        }
        Ok(found)
    }

    fn given(&self, value: &cst::Value) -> Result<Given, Trouble> {
        Ok(match value {
            cst::Value::Variable(variable) => {
                let name = variable.name().map(|name| name.text().to_string()).unwrap_or_default();
                self.variables.get(&name).cloned().ok_or_else(|| invalid(format!("There is no variable ${name} in the operation.")))?
            }
            cst::Value::StringValue(text) => Given::Text(String::from(text)),
            cst::Value::FloatValue(_) | cst::Value::IntValue(_) => Given::Text(value.syntax().text().to_string().trim().to_owned()),
            cst::Value::EnumValue(name) => Given::Text(name.name().map(|name| name.text().to_string()).unwrap_or_default()),
            cst::Value::BooleanValue(truth) => Given::Truth(truth.true_token().is_some()),
            cst::Value::NullValue(_) => Given::Null,
            cst::Value::ListValue(list) => Given::List(list.values().map(|item| self.given(&item)).collect::<Result<_, _>>()?),
            cst::Value::ObjectValue(_) => return Err(invalid("Arguments here are texts, numbers, truths and lists of these.")),
        })
    }
}

fn type_of(condition: Option<cst::TypeCondition>) -> Option<String> {
    Some(condition?.named_type()?.name()?.text().to_string())
}

/// A variable of the request.
fn given_of(value: Value<'_>) -> Option<Given> {
    Some(match value.kind() {
        Kind::Null => Given::Null,
        Kind::String => Given::Text(value.as_str()?.into_owned()),
        Kind::Number => Given::Text(value.raw().to_owned()),
        Kind::Bool => Given::Truth(value.as_bool()?),
        Kind::Array => Given::List(value.items().map(given_of).collect::<Option<_>>()?),
        Kind::Object => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn told(selections: &[Selection]) -> String {
        let one = |selection: &Selection| match selection {
            Selection::Field(field) if field.selections.is_empty() => field.shown.clone(),
            Selection::Field(field) => format!("{}{{{}}}", field.shown, told(&field.selections)),
            Selection::On(kind, selections) => format!("on {}{{{}}}", kind.as_deref().unwrap_or("any"), told(selections)),
        };
        selections.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn check(query: &str, variables: &str, expect: &str) {
        let variables = Document::read(variables).unwrap();
        let found = read(query, variables.root(), None).map_or_else(|trouble| format!("{}: {}", trouble.status.as_u16(), trouble.issues[0].message), |selections| told(&selections));
        assert!(if expect.starts_with("400") { found.starts_with("400") && found.contains(expect.trim_start_matches("400 ")) } else { found == expect }, "{query}\n  {found}");
    }

    #[test]
    fn fragments_and_variables_are_put_in_their_places() {
        check("{ id }", "{}", "id");
        check("query q { a: id name { given } }", "{}", "a name{given}");
        check("{ ...f } fragment f on Patient { id }", "{}", "on Patient{id}");
        check("query q($x: Boolean!) { id @skip(if: $x) name @include(if: $x) { given } }", r#"{"x":true}"#, "name{given}");
        check("query q($x: Boolean = true) { id @skip(if: $x) gender }", "{}", "gender");
        check("{ ... on Patient { id } }", "{}", "on Patient{id}");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        check("{", "{}", "400 cannot be read");
        check("", "{}", "400");
        check("{ PatientList(name: \"x\" \"secret\") { id } }", "{}", "400 column 25: expected R_PAREN.");
        check("mutation m { PatientCreate { id } }", "{}", "400 write by the FHIR API");
        check("{ ...f } fragment f on Patient { ...f }", "{}", "400 leads back");
        check("{ ...g }", "{}", "400 no fragment g");
        check("query q($x: String!) { id }", "{}", "400 needs a value");
        check("query q($x: String) { id }", r#"{"x":{}}"#, "400 a list of these");
        check("{ name(use: $u) { given } }", "{}", "400 no variable $u");
        check("{ id @upper }", "{}", "400 no directive @upper");
        check("{ id @skip }", "{}", "400 if: true");
        check("query a { id } query b { id }", "{}", "400 operationName");
        check("type Patient { id: ID }", "{}", "400 no types");
        check(&format!("{}id{}", "{a".repeat(60), "}".repeat(60)), "{}", "400");
        check(&format!("{{ {} }}", "id ".repeat(40_000)), "{}", "400");
        for hostile in ["{a", "[", "{a(b:[", "query q($x:[", "@", "...", "\"", "#\n{"] {
            check(&hostile.repeat(200_000), "{}", "400");
        }
        // Ten fragments of ten spreads each would be ten thousand million fields.
        let bomb: String = (0..10).map(|level| format!("fragment f{level} on Patient {{ {} }} ", if level == 9 { "id ".repeat(10) } else { format!("...f{} ", level + 1).repeat(10) })).collect();
        check(&format!("{{ ...f0 }} {bomb}"), "{}", "400 more than");
    }
}
