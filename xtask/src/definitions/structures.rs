//! Types, elements, invariants and search parameters, from the published resources to rows.

use super::source::Package;
use super::writer::{Strings, Writer};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A type, ready to be written.
pub struct Type {
    pub name: String,
    kind: usize,
    base: Option<String>,
    pattern: Option<String>,
    invariants: Vec<Invariant>,
    pub elements: Vec<Element>,
}

/// An element, ready to be written.
pub struct Element {
    name: String,
    flags: usize,
    min: usize,
    max: Option<usize>,
    binding: Option<(usize, String)>,
    types: Vec<(String, String, Vec<String>)>,
    invariants: Vec<Invariant>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Invariant {
    key: String,
    is_error: bool,
    human: String,
    expression: String,
}

const PRIMITIVE: usize = 0;
const COMPLEX: usize = 1;
const RESOURCE: usize = 2;
const NESTED: usize = 3;
const ABSTRACT: usize = 16;
const STRENGTHS: [&str; 4] = ["required", "extensible", "preferred", "example"];
const KINDS: [&str; 9] = ["number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"];

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn array<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

fn last_step(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn without_version(url: &str) -> String {
    url.split('|').next().unwrap_or(url).to_owned()
}

/// Where invariants are stated besides the element itself: by type or path of a nested type, by profile.
struct Stated<'v> {
    on_types: HashMap<&'v str, HashSet<String>>,
    on_profiles: HashMap<&'v str, Vec<Invariant>>,
}

/// All types, nested ones after the type they belong to.
pub fn structures(package: &Package) -> Result<Vec<Type>> {
    let of_root = |s: &Value| invariants(&s["snapshot"]["element"][0]);
    let stated = Stated {
        on_types: package
            .structures
            .iter()
            .flat_map(|s| array(&s["snapshot"], "element"))
            .map(|e| (text(e, "path"), invariants(e).into_iter().map(|i| i.key).collect()))
            .collect(),
        on_profiles: package.profiles.iter().map(|s| (text(s, "url"), of_root(s))).collect(),
    };
    let mut all = Vec::new();
    for structure in &package.structures {
        let elements = array(&structure["snapshot"], "element");
        let root = elements.first().with_context(|| format!("{} has no elements", text(structure, "url")))?;
        let name = text(structure, "type");
        let kind = match text(structure, "kind") {
            "primitive-type" => PRIMITIVE,
            "complex-type" => COMPLEX,
            "resource" => RESOURCE,
            other => bail!("{name} is of an unknown kind {other}"),
        };
        let base = structure["baseDefinition"].as_str().map(|url| last_step(url).to_owned());
        all.push(Type {
            name: name.to_owned(),
            kind: kind + if structure["abstract"] == true { ABSTRACT } else { 0 },
            base,
            pattern: if kind == PRIMITIVE { pattern(elements) } else { None },
            invariants: invariants(root),
            elements: if kind == PRIMITIVE { Vec::new() } else { children(name, elements, &stated)? },
        });
        for nested in elements.iter().skip(1).filter(|e| is_nested(text(e, "path"), elements) && kind != PRIMITIVE) {
            let path = text(nested, "path");
            all.push(Type {
                name: path.to_owned(),
                kind: NESTED,
                base: Some(type_code(&nested["type"][0])),
                pattern: None,
                invariants: invariants(nested),
                elements: children(path, elements, &stated)?,
            });
        }
    }
    Ok(all)
}

fn is_nested(path: &str, elements: &[Value]) -> bool {
    elements.iter().any(|e| text(e, "path").strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn children(parent: &str, elements: &[Value], stated: &Stated) -> Result<Vec<Element>> {
    elements
        .iter()
        .filter(|e| {
            text(e, "path").strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| !rest.contains('.'))
        })
        .map(|e| element(e, elements, stated).with_context(|| format!("could not read {}", text(e, "path"))))
        .collect()
}

fn element(e: &Value, all: &[Value], stated: &Stated) -> Result<Element> {
    let path = text(e, "path");
    let last = path.rsplit('.').next().unwrap_or_default();
    let name = last.trim_end_matches("[x]");
    let is_choice = last.ends_with("[x]");
    let nested = is_nested(path, all);
    let types: Vec<(String, String, Vec<String>)> = if let Some(reference) = e["contentReference"].as_str() {
        vec![(reference.trim_start_matches('#').to_owned(), name.to_owned(), Vec::new())]
    } else if nested {
        vec![(path.to_owned(), name.to_owned(), Vec::new())]
    } else {
        array(e, "type").iter().map(|t| (type_code(t), json_name(name, is_choice, &type_code(t)), targets(t))).collect()
    };
    let binding = match e["binding"]["valueSet"].as_str() {
        Some(url) => {
            let strength = text(&e["binding"], "strength");
            let strength = STRENGTHS.iter().position(|s| *s == strength).with_context(|| format!("a binding is {strength}"))?;
            Some((strength, without_version(url)))
        }
        None => None,
    };
    // A nested type carries what is stated on its element, so that content references share it.
    let own = if nested {
        Vec::new()
    } else {
        let on_type = |code: &str, key: &str| stated.on_types.get(code).is_some_and(|keys| keys.contains(key));
        // A Quantity without comparator is a profile of Quantity; for the other types of a choice its rule holds by itself.
        let of_profiles = array(e, "type").iter().flat_map(|t| {
            let profiles = array(t, "profile").iter().filter_map(Value::as_str).filter_map(|url| stated.on_profiles.get(url));
            profiles.flatten().filter(|i| !on_type(text(t, "code"), &i.key)).cloned()
        });
        let on_every_type = |key: &str| types.iter().all(|(code, ..)| on_type(code, key));
        invariants(e).into_iter().filter(|i| !on_every_type(&i.key)).chain(of_profiles).collect()
    };
    let flag = |bit: usize, is_set: bool| if is_set { bit } else { 0 };
    Ok(Element {
        name: name.to_owned(),
        flags: flag(1, is_choice) + flag(2, e["isModifier"] == true) + flag(4, e["isSummary"] == true) + flag(8, binding.is_some()),
        min: e["min"].as_u64().context("no minimum")? as usize,
        max: match text(e, "max") {
            "*" => None,
            number => Some(number.parse().context("no maximum")?),
        },
        binding,
        types,
        invariants: own,
    })
}

/// The FHIR type behind a type reference: `System.String` is told apart by an extension.
fn type_code(t: &Value) -> String {
    let extension = array(t, "extension").iter().find(|x| text(x, "url").ends_with("structuredefinition-fhir-type"));
    extension.map_or(text(t, "code"), |x| text(x, "valueUrl")).to_owned()
}

fn json_name(name: &str, is_choice: bool, code: &str) -> String {
    match code.split_at_checked(1) {
        Some((first, rest)) if is_choice => format!("{name}{}{rest}", first.to_ascii_uppercase()),
        _ => name.to_owned(),
    }
}

fn targets(t: &Value) -> Vec<String> {
    let names: Vec<String> = array(t, "targetProfile").iter().filter_map(Value::as_str).map(|url| last_step(url).to_owned()).collect();
    if names.iter().any(|name| name == "Resource") { Vec::new() } else { names }
}

fn pattern(elements: &[Value]) -> Option<String> {
    let value = elements.iter().find(|e| text(e, "path").ends_with(".value"))?;
    let extension = array(&value["type"][0], "extension").iter().find(|x| text(x, "url").ends_with("/regex"))?;
    extension["valueString"].as_str().map(str::to_owned)
}

fn invariants(e: &Value) -> Vec<Invariant> {
    let mut all: Vec<Invariant> = Vec::new();
    for constraint in array(e, "constraint") {
        let one = Invariant {
            key: text(constraint, "key").to_owned(),
            is_error: text(constraint, "severity") == "error",
            human: text(constraint, "human").to_owned(),
            expression: text(constraint, "expression").to_owned(),
        };
        if !one.expression.is_empty() && !all.iter().any(|other| other.key == one.key) {
            all.push(one);
        }
    }
    all
}

/// The sections of invariants and types, and how many distinct invariants there are.
pub fn write(types: &[Type], strings: &mut Strings) -> (Writer, Writer, usize) {
    let mut places: HashMap<&Invariant, usize> = HashMap::new();
    let mut distinct: Vec<&Invariant> = Vec::new();
    for one in types.iter().flat_map(|t| t.invariants.iter().chain(t.elements.iter().flat_map(|e| &e.invariants))) {
        places.entry(one).or_insert_with(|| {
            distinct.push(one);
            distinct.len() - 1
        });
    }
    let mut first = Writer::default();
    first.list(&distinct, |w, one| {
        w.number(strings.place(&one.key));
        w.number(usize::from(one.is_error));
        w.number(strings.place(&one.human));
        w.number(strings.place(&one.expression));
    });
    let mut second = Writer::default();
    second.list(types, |w, t| {
        w.number(strings.place(&t.name));
        w.number(t.kind);
        w.optional(t.base.as_ref().map(|base| strings.place(base)));
        w.optional(t.pattern.as_ref().map(|pattern| strings.place(pattern)));
        w.list(&t.invariants, |w, one| w.number(places[one]));
        w.list(&t.elements, |w, e| {
            w.number(strings.place(&e.name));
            w.number(e.flags);
            w.number(e.min);
            w.optional(e.max);
            if let Some((strength, value_set)) = &e.binding {
                w.number(*strength);
                w.number(strings.place(value_set));
            }
            w.list(&e.types, |w, (code, json_name, targets)| {
                w.number(strings.place(code));
                w.number(strings.place(json_name));
                w.list(targets, |w, target| w.number(strings.place(target)));
            });
            w.list(&e.invariants, |w, one| w.number(places[one]));
        });
    });
    (first, second, distinct.len())
}

/// The section of search parameters.
pub fn write_parameters(package: &Package, strings: &mut Strings) -> Result<Writer> {
    let mut writer = Writer::default();
    writer.number(package.search_parameters.len());
    for parameter in &package.search_parameters {
        let kind = text(parameter, "type");
        let kind = KINDS.iter().position(|k| *k == kind).with_context(|| format!("a search parameter of type {kind}"))?;
        let names = |member: &str| -> Vec<&str> { array(parameter, member).iter().filter_map(Value::as_str).collect() };
        writer.number(strings.place(text(parameter, "code")));
        writer.number(strings.place(text(parameter, "url")));
        writer.number(kind);
        writer.list(&names("base"), |w, base| w.number(strings.place(base)));
        writer.number(strings.place(text(parameter, "expression")));
        writer.list(&names("target"), |w, target| w.number(strings.place(target)));
        writer.list(array(parameter, "component"), |w, component| {
            w.number(strings.place(text(component, "definition")));
            w.number(strings.place(text(component, "expression")));
        });
    }
    Ok(writer)
}
