//! The definitions table against the official package, where that is at hand.
//!
//! Looks for `fhir-r4-core` in the folder named by `CARNET_SHARED_DATA` and passes over where it is absent.
//! What differs on purpose is listed here and in `crates/fhir/definitions/ORIGIN.md`.

use fhir::definitions::{Element, Invariant, Kind, ParameterKind, Strength, r4};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Invariants whose official expression is flawed (see ORIGIN.md).
const CORRECTED_INVARIANTS: [&str; 3] = ["app-4", "bdl-8", "tim-9"];
/// Parameters of the package that are not among the 1,375: a general one, two examples, those of extensions.
const NOT_AMONG_THE_1375: [&str; 4] = ["filter", "example", "example-extension", "example-reference"];

fn official() -> Option<PathBuf> {
    let folder = Path::new(&std::env::var_os("CARNET_SHARED_DATA")?).join("fhir-r4-core");
    [folder.join("fhir-r4-core"), folder.join("package"), folder].into_iter().find(|f| f.join("StructureDefinition-Patient.json").exists())
}

/// The official resources of a type, by canonical URL.
fn resources(kind: &str) -> Option<BTreeMap<String, Value>> {
    let Some(folder) = official() else {
        println!("passed over: CARNET_SHARED_DATA names no folder with fhir-r4-core");
        return None;
    };
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(&format!("{kind}-")) {
            let resource: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            all.insert(text(&resource, "url").to_owned(), resource);
        }
    }
    Some(all)
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn array<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

fn last_step(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

fn plain(url: &str) -> &str {
    url.split('|').next().unwrap()
}

#[test]
fn every_published_type_and_element_is_here_and_no_other() {
    let Some(structures) = resources("StructureDefinition") else { return };
    let types: Vec<&Value> = structures.values().filter(|s| s["derivation"] != "constraint" && s["kind"] != "logical").collect();
    let mut expected: BTreeSet<String> = BTreeSet::new();
    let mut elements = 0;
    for structure in types {
        let name = text(structure, "type");
        let ours = r4().type_named(name).unwrap_or_else(|| panic!("{name} is missing"));
        expected.insert(name.to_owned());
        assert_eq!(ours.base, structure["baseDefinition"].as_str().map(last_step), "base of {name}");
        assert_eq!(ours.is_abstract, structure["abstract"] == true, "{name}");
        let snapshot = array(&structure["snapshot"], "element");
        same_invariants(name, &ours.invariants, &snapshot[0], &BTreeSet::new());
        if ours.kind == Kind::Primitive {
            same_pattern(name, ours.pattern, snapshot);
            continue;
        }
        let mut published: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for element in &snapshot[1..] {
            let (parent, _) = text(element, "path").rsplit_once('.').unwrap();
            published.entry(parent.to_owned()).or_default().push(element);
        }
        for (parent, children) in &published {
            expected.insert(parent.clone());
            let ours = r4().type_named(parent).unwrap_or_else(|| panic!("{parent} is missing"));
            let names: Vec<&str> = children.iter().map(|e| last_name(e)).collect();
            assert_eq!(ours.elements.iter().map(|e| e.name).collect::<Vec<_>>(), names, "elements of {parent}");
            for (ours, official) in ours.elements.iter().zip(children) {
                same_element(ours, official, &published);
                elements += 1;
            }
        }
    }
    let held: BTreeSet<String> = r4().types.iter().map(|t| t.name.to_owned()).collect();
    assert_eq!(held, expected);
    assert!(elements > 7_000, "{elements}");
}

fn last_name(element: &Value) -> &str {
    text(element, "path").rsplit('.').next().unwrap().trim_end_matches("[x]")
}

fn same_pattern(name: &str, ours: Option<&str>, snapshot: &[Value]) {
    let value = snapshot.iter().find(|e| text(e, "path").ends_with(".value"));
    let extensions = value.map(|value| array(&value["type"][0], "extension")).unwrap_or_default();
    let official = extensions.iter().find(|x| text(x, "url").ends_with("/regex")).map(|x| text(x, "valueString"));
    assert_eq!(ours, official, "pattern of {name}");
}

fn same_element(ours: &Element, official: &Value, published: &BTreeMap<String, Vec<&Value>>) {
    let path = text(official, "path");
    assert_eq!(u64::from(ours.min), official["min"].as_u64().unwrap(), "{path}");
    assert_eq!(ours.max.map_or("*".to_owned(), |max| max.to_string()), text(official, "max"), "{path}");
    assert_eq!(ours.is_choice, path.ends_with("[x]"), "{path}");
    assert_eq!(ours.is_modifier, official["isModifier"] == true, "{path}");
    assert_eq!(ours.is_summary, official["isSummary"] == true, "{path}");
    let strength = |strength| match strength {
        Strength::Required => "required",
        Strength::Extensible => "extensible",
        Strength::Preferred => "preferred",
        Strength::Example => "example",
    };
    let binding = official["binding"]["valueSet"].as_str().map(|url| (text(&official["binding"], "strength"), plain(url)));
    assert_eq!(ours.binding.map(|b| (strength(b.strength), b.value_set)), binding, "{path}");

    let types: Vec<(&str, Vec<&str>)> = ours.types.iter().map(|t| (t.code, t.targets.clone())).collect();
    let nested = published.contains_key(path);
    let official_types: Vec<(&str, Vec<&str>)> = match official["contentReference"].as_str() {
        Some(reference) => vec![(reference.trim_start_matches('#'), Vec::new())],
        None if nested => vec![(path, Vec::new())],
        None => array(official, "type").iter().map(|t| (code(t), targets(t))).collect(),
    };
    assert_eq!(types, official_types, "{path}");
    if nested {
        same_invariants(path, &r4().type_named(path).unwrap().invariants, official, &BTreeSet::new());
    } else {
        let on_types: BTreeSet<&str> = ours.types.iter().flat_map(|t| &t.definition().invariants).map(|i| i.key).collect();
        let own: Vec<Invariant> = ours.invariants.iter().copied().filter(|i| i.key != "sqty-1").collect();
        same_invariants(path, &own, official, &on_types);
    }
}

fn code(t: &Value) -> &str {
    let extension = array(t, "extension").iter().find(|x| text(x, "url").ends_with("structuredefinition-fhir-type"));
    extension.map_or(text(t, "code"), |x| text(x, "valueUrl"))
}

fn targets(t: &Value) -> Vec<&str> {
    let all: Vec<&str> = array(t, "targetProfile").iter().map(|url| last_step(url.as_str().unwrap())).collect();
    if all.contains(&"Resource") { Vec::new() } else { all }
}

fn same_invariants(place: &str, ours: &[Invariant], official: &Value, on_types: &BTreeSet<&str>) {
    let fact = |key: &str, is_error: bool, human: &str, expression: &str| {
        let expression = if CORRECTED_INVARIANTS.contains(&key) { "" } else { expression };
        format!("{key} {is_error} {human} {expression}")
    };
    let ours: BTreeSet<String> = ours.iter().map(|i| fact(i.key, i.is_error, i.human, i.expression)).collect();
    let official: BTreeSet<String> = array(official, "constraint")
        .iter()
        .filter(|c| c["expression"].is_string() && !on_types.contains(text(c, "key")))
        .map(|c| fact(text(c, "key"), c["severity"] == "error", text(c, "human"), text(c, "expression")))
        .collect();
    assert_eq!(ours, official, "invariants of {place}");
}

#[test]
fn every_published_search_parameter_is_here_and_no_other() {
    let Some(official) = resources("SearchParameter") else { return };
    for ours in &r4().search_parameters {
        let published = official.get(ours.url).unwrap_or_else(|| panic!("{} is not published", ours.url));
        let kind = match ours.kind {
            ParameterKind::Number => "number",
            ParameterKind::Date => "date",
            ParameterKind::String => "string",
            ParameterKind::Token => "token",
            ParameterKind::Reference => "reference",
            ParameterKind::Composite => "composite",
            ParameterKind::Quantity => "quantity",
            ParameterKind::Uri => "uri",
            ParameterKind::Special => "special",
        };
        let list = |member: &str| array(published, member).iter().map(|v| v.as_str().unwrap()).collect::<Vec<_>>();
        let components = array(published, "component").iter().map(|c| (text(c, "definition"), text(c, "expression"))).collect::<Vec<_>>();
        assert_eq!((ours.code, kind, ours.expression), (text(published, "code"), text(published, "type"), text(published, "expression")), "{}", ours.url);
        assert_eq!((&ours.bases, &ours.targets, &ours.components), (&list("base"), &list("target"), &components), "{}", ours.url);
    }
    for (url, published) in &official {
        let is_extension = text(published, "expression").contains("extension") || url.contains("-extensions-");
        let known = is_extension || NOT_AMONG_THE_1375.contains(&last_step(url));
        assert!(known || r4().parameter_by_url(url).is_some(), "{url} is missing");
    }
}

#[test]
fn every_published_code_system_and_its_concepts_are_here_and_no_other() {
    let Some(official) = resources("CodeSystem") else { return };
    let held: BTreeSet<&str> = r4().code_systems().map(|s| s.url()).collect();
    assert_eq!(held, official.keys().map(String::as_str).collect());
    for (url, published) in &official {
        let mut expected = Vec::new();
        gather(array(published, "concept"), None, &mut expected);
        let system = r4().code_system(url).unwrap();
        let ours: Vec<(&str, &str)> = system.concepts().map(|c| (c.code, c.display.unwrap_or_default())).collect();
        if last_step(url) == "v2-0550" {
            assert_eq!((ours.len(), expected.len()), (442, 446));
            continue;
        }
        assert_eq!(ours, expected.iter().map(|(code, display, _)| (*code, *display)).collect::<Vec<_>>(), "{url}");
        for ((code, _, parent), concept) in expected.iter().zip(system.concepts()) {
            let parents: Vec<&str> = concept.parents().map(|p| p.code).collect();
            assert!(parent.is_none_or(|parent| parents.contains(&parent)), "{url} {code}");
        }
    }
}

fn gather<'v>(concepts: &'v [Value], parent: Option<&'v str>, all: &mut Vec<(&'v str, &'v str, Option<&'v str>)>) {
    for concept in concepts {
        all.push((text(concept, "code"), text(concept, "display"), parent));
        gather(array(concept, "concept"), Some(text(concept, "code")), all);
    }
}

#[test]
fn every_published_value_set_is_here_and_holds_the_codes_it_lists() {
    let Some(official) = resources("ValueSet") else { return };
    let held: BTreeSet<&str> = r4().value_sets().map(|s| s.url()).collect();
    assert_eq!(held, official.keys().map(String::as_str).collect());
    let mut listed = 0;
    for (url, published) in &official {
        let set = r4().value_set(url).unwrap();
        let codes = |member: &str| -> BTreeSet<(String, String)> {
            let parts = array(&published["compose"], member).iter().filter(|part| array(part, "valueSet").is_empty());
            parts
                .flat_map(|part| array(part, "concept").iter().map(|c| (text(part, "system").to_owned(), text(c, "code").to_owned())))
                .collect()
        };
        let excluded = codes("exclude");
        for (system, code) in codes("include").difference(&excluded) {
            listed += 1;
            let found = set.contains(Some(system), code);
            assert_eq!(found, fhir::definitions::Membership::In, "{url} {system} {code}");
        }
        for (system, code) in &excluded {
            assert_eq!(set.contains(Some(system), code), fhir::definitions::Membership::Out, "{url} {system} {code}");
        }
    }
    assert!(listed > 10_000, "{listed}");
}
