//! Enough XML to read the published tests, and FHIR XML turned into FHIR JSON by the
//! definitions table. Only for tests: Carnet itself speaks JSON.

use fhir::definitions::{Element, Kind, Type, r4};

/// An element with its attributes, children and text.
#[derive(Debug, Default, Clone)]
pub struct Xml {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Xml>,
    /// All text directly inside.
    pub text: String,
    /// The element as it stood in the source.
    pub source: String,
}

impl Xml {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn child(&self, name: &str) -> Option<&Xml> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'x>(&'x self, name: &'x str) -> impl Iterator<Item = &'x Xml> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Reads a document and gives its outermost element.
pub fn parse(text: &str) -> Xml {
    let mut at = 0;
    let mut stack = vec![Xml::default()];
    let mut starts = vec![0];
    while let Some(open) = text[at..].find('<') {
        let plain = &text[at..at + open];
        stack.last_mut().unwrap().text.push_str(&decode(plain));
        at += open;
        let rest = &text[at..];
        let skip = |end: &str| rest.find(end).map(|found| found + end.len()).unwrap_or(rest.len());
        if rest.starts_with("<!--") {
            at += skip("-->");
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            at += skip(">");
        } else if rest.starts_with("</") {
            at += skip(">");
            let mut done = stack.pop().unwrap();
            done.source = text[starts.pop().unwrap()..at].to_owned();
            stack.last_mut().unwrap().children.push(done);
        } else {
            let end = tag_end(rest);
            let tag = &rest[1..end];
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let mut element = Xml::default();
            let name_end = tag.find(|letter: char| letter.is_whitespace()).unwrap_or(tag.len());
            element.name = tag[..name_end].to_owned();
            let mut attributes = tag[name_end..].trim();
            while let Some((name, after)) = attributes.split_once('=') {
                let after = after.trim_start();
                let quote = after.chars().next().unwrap();
                let close = after[1..].find(quote).unwrap();
                element.attributes.push((name.trim().to_owned(), decode(&after[1..=close])));
                attributes = after[close + 2..].trim_start();
            }
            let start = at;
            at += end + 1;
            if closed {
                element.source = text[start..at].to_owned();
                stack.last_mut().unwrap().children.push(element);
            } else {
                stack.push(element);
                starts.push(start);
            }
        }
    }
    let root = stack.pop().unwrap();
    root.children.into_iter().next().expect("a document element")
}

/// Where a tag ends: the first `>` outside quotes.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    panic!("a tag without its end")
}

fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
        let entity = &rest[at + 1..end];
        let code = entity.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16).unwrap()).or_else(|| entity.strip_prefix('#').map(|digits| digits.parse().unwrap()));
        match (entity, code) {
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            ("amp", _) => out.push('&'),
            ("quot", _) => out.push('"'),
            ("apos", _) => out.push('\''),
            (_, Some(code)) => out.push(char::from_u32(code).unwrap()),
            _ => panic!("entity {entity}"),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// A resource in FHIR XML as FHIR JSON.
pub fn resource_to_json(resource: &Xml) -> String {
    let mut out = format!("{{\"resourceType\":\"{}\"", resource.name);
    let kind = r4().type_named(&resource.name).unwrap_or_else(|| panic!("type {}", resource.name));
    members(resource, kind, &mut out);
    out.push('}');
    out
}

/// The members of an element of a complex type, each preceded by a comma.
fn members(element: &Xml, kind: &Type, out: &mut String) {
    for (name, value) in &element.attributes {
        if name == "id" || name == "url" {
            out.push_str(&format!(",\"{name}\":"));
            fhir::splice::write_string(value, out);
        }
    }
    let mut done: Vec<&str> = Vec::new();
    for child in &element.children {
        if done.contains(&child.name.as_str()) {
            continue;
        }
        done.push(&child.name);
        let same: Vec<&Xml> = element.all(&child.name).collect();
        let (definition, type_code) = element_named(kind, &child.name).unwrap_or_else(|| panic!("{} has no {}", kind.name, child.name));
        let repeats = definition.max != Some(1);
        let child_type = r4().type_named(type_code).unwrap_or_else(|| panic!("type {type_code}"));
        if child_type.kind == Kind::Primitive {
            primitives(&child.name, &same, type_code, repeats, out);
            continue;
        }
        let values: Vec<String> = same.iter().map(|one| complex(one, child_type, type_code)).collect();
        out.push_str(&format!(",\"{}\":", child.name));
        if repeats { out.push_str(&format!("[{}]", values.join(","))) } else { out.push_str(&values[0]) }
    }
}

fn complex(element: &Xml, kind: &Type, type_code: &str) -> String {
    if type_code == "Resource" {
        return resource_to_json(&element.children[0]);
    }
    let mut inner = String::new();
    members(element, kind, &mut inner);
    format!("{{{}}}", inner.strip_prefix(',').unwrap_or(&inner))
}

fn primitives(name: &str, same: &[&Xml], type_code: &str, repeats: bool, out: &mut String) {
    let value = |one: &Xml| -> String {
        let mut json = String::new();
        match (one.attribute("value"), type_code) {
            (None, "xhtml") => fhir::splice::write_string(&one.source, &mut json),
            (None, _) => json.push_str("null"),
            (Some(value), "boolean" | "integer" | "decimal" | "unsignedInt" | "positiveInt") => json.push_str(value),
            (Some(value), _) => fhir::splice::write_string(value, &mut json),
        }
        json
    };
    let sibling = |one: &Xml| -> String {
        if type_code == "xhtml" {
            return "null".to_owned();
        }
        let mut inner = String::new();
        members(&Xml { attributes: one.attributes.iter().filter(|(key, _)| key == "id").cloned().collect(), ..(*one).clone() }, r4().type_named("Element").unwrap(), &mut inner);
        if inner.is_empty() { "null".to_owned() } else { format!("{{{}}}", &inner[1..]) }
    };
    let list = |parts: Vec<String>| if repeats { format!("[{}]", parts.join(",")) } else { parts[0].clone() };
    let values: Vec<String> = same.iter().map(|one| value(one)).collect();
    let siblings: Vec<String> = same.iter().map(|one| sibling(one)).collect();
    if values.iter().any(|value| value != "null") {
        out.push_str(&format!(",\"{name}\":{}", list(values)));
    }
    if siblings.iter().any(|sibling| sibling != "null") {
        out.push_str(&format!(",\"_{name}\":{}", list(siblings)));
    }
}

fn element_named(kind: &Type, name: &str) -> Option<(&'static Element, &'static str)> {
    let kind = r4().type_named(kind.name)?;
    for element in &kind.elements {
        if !element.is_choice && element.name == name {
            return Some((element, element.types.first()?.code));
        }
        if let (true, Some(suffix)) = (element.is_choice, name.strip_prefix(element.name)) {
            let found = element.types.iter().find(|permitted| permitted.code.len() == suffix.len() && permitted.code[1..] == suffix[1..] && permitted.code[..1].eq_ignore_ascii_case(&suffix[..1]));
            if let Some(found) = found {
                return Some((element, found.code));
            }
        }
    }
    None
}
