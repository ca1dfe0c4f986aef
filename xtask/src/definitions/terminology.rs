//! Code systems and value sets, from the published resources to rows.

use super::source::Package;
use super::writer::{Strings, Writer};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;

const CONTENTS: [&str; 5] = ["complete", "fragment", "example", "not-present", "supplement"];
const CASE_DOES_NOT_MATTER: usize = 8;

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn array<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

struct Concept<'v> {
    code: &'v str,
    display: &'v str,
    parents: Vec<usize>,
    children: Vec<&'v str>,
}

/// The section of code systems, and how many concepts are in it.
pub fn write_systems(package: &Package, strings: &mut Strings) -> Result<(Writer, usize)> {
    let mut writer = Writer::default();
    let mut count = 0;
    writer.number(package.code_systems.len());
    for system in &package.code_systems {
        let url = text(system, "url");
        let content = text(system, "content");
        let content = CONTENTS.iter().position(|c| *c == content).with_context(|| format!("{url} is {content}"))?;
        let mut concepts = Vec::new();
        gather(array(system, "concept"), None, &mut concepts);
        link_children(&mut concepts);
        count += concepts.len();
        let mut body = Writer::default();
        body.list(&concepts, |w, concept| {
            w.inline(concept.code);
            w.inline(concept.display);
            w.list(&concept.parents, |w, parent| w.number(*parent));
        });
        writer.number(strings.place(url));
        writer.number(content + if system["caseSensitive"] == false { CASE_DOES_NOT_MATTER } else { 0 });
        writer.body(body);
    }
    Ok((writer, count))
}

fn gather<'v>(concepts: &'v [Value], parent: Option<usize>, all: &mut Vec<Concept<'v>>) {
    for concept in concepts {
        let place = all.len();
        let children = array(concept, "property").iter().filter(|p| p["code"] == "child");
        all.push(Concept {
            code: text(concept, "code"),
            display: text(concept, "display"),
            parents: parent.into_iter().collect(),
            children: children.map(|p| p["valueCode"].as_str().or(p["valueString"].as_str()).unwrap_or_default()).collect(),
        });
        gather(array(concept, "concept"), Some(place), all);
    }
}

/// Some concepts of v3 have a second parent, told by a property of that parent.
fn link_children(concepts: &mut [Concept]) {
    let places: HashMap<&str, usize> = concepts.iter().enumerate().map(|(place, c)| (c.code, place)).collect();
    for parent in 0..concepts.len() {
        for child in concepts[parent].children.clone() {
            if let Some(&child) = places.get(child)
                && !concepts[child].parents.contains(&parent)
            {
                concepts[child].parents.push(parent);
            }
        }
    }
}

/// The section of value sets.
pub fn write_sets(package: &Package, strings: &mut Strings) -> Result<Writer> {
    let mut writer = Writer::default();
    writer.number(package.value_sets.len());
    for set in &package.value_sets {
        let mut body = Writer::default();
        for member in ["include", "exclude"] {
            let parts = array(&set["compose"], member);
            body.number(parts.len());
            for part in parts {
                write_part(&mut body, part, strings).with_context(|| format!("could not read {}", text(set, "url")))?;
            }
        }
        writer.number(strings.place(text(set, "url")));
        writer.body(body);
    }
    Ok(writer)
}

fn write_part(w: &mut Writer, part: &Value, strings: &mut Strings) -> Result<()> {
    let concepts = array(part, "concept");
    let filters = array(part, "filter");
    w.optional(part["system"].as_str().map(|system| strings.place(system)));
    let sets: Vec<&str> = array(part, "valueSet").iter().filter_map(Value::as_str).collect();
    w.list(&sets, |w, url| w.number(strings.place(url.split('|').next().unwrap_or(url))));
    match (concepts.is_empty(), filters.is_empty()) {
        (true, true) => w.number(0),
        (false, true) => {
            w.number(1);
            w.list(concepts, |w, concept| w.inline(text(concept, "code")));
        }
        (true, false) => {
            w.number(2);
            w.list(filters, |w, filter| {
                for member in ["property", "op", "value"] {
                    w.number(strings.place(text(filter, member)));
                }
            });
        }
        (false, false) => bail!("a part has both concepts and filters"),
    }
    Ok(())
}
