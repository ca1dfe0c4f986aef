//! A resource written again for a document: references that lead out of it become words.
//!
//! * Everything else is token for token.
//! * A reference loses its address and keeps its display, identifier and type; one that had
//!   nothing else keeps the type it pointed to.

use fhir::splice::write_string;
use fhir::{Kind, Reference, Value};

/// Appends a resource. `stays` says which addresses lead to something in the document; `also` are
/// members to add, as JSON.
pub(crate) fn write(resource: Value<'_>, stays: &dyn Fn(&str) -> bool, also: &[(&str, String)], out: &mut String) {
    write_object(resource, stays, also, out);
}

fn write_value(value: Value<'_>, stays: &dyn Fn(&str) -> bool, out: &mut String) {
    match value.kind() {
        Kind::Object => write_object(value, stays, &[], out),
        Kind::Array => {
            out.push('[');
            for (number, item) in value.items().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_value(item, stays, out);
            }
            out.push(']');
        }
        _ => out.push_str(value.raw()),
    }
}

fn write_object(value: Value<'_>, stays: &dyn Fn(&str) -> bool, also: &[(&str, String)], out: &mut String) {
    let leads_out = value.get("reference").and_then(|text| text.as_str()).filter(|text| !text.starts_with('#') && !stays(text));
    let mut separator = '{';
    for (name, member) in value.members() {
        if leads_out.is_some() && (name == "reference" || name == "_reference") {
            continue;
        }
        out.push(separator);
        separator = ',';
        write_string(&name, out);
        out.push(':');
        write_value(member, stays, out);
    }
    if let (Some(text), '{') = (&leads_out, separator) {
        out.push_str("{\"type\":\"");
        out.push_str(Reference::parse(text).local().map_or("Resource", |(kind, _)| kind.name()));
        out.push('"');
        separator = ',';
    }
    for (name, json) in also {
        out.push(separator);
        separator = ',';
        write_string(name, out);
        out.push(':');
        out.push_str(json);
    }
    if separator == '{' {
        out.push('{');
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_becomes_words() {
        let text = r##"{"a":1.50,"s":{"reference":"Patient/1"},"e":{"reference":"Encounter/2"},"p":[{"reference":"Practitioner/3","display":"Ruiz"}],"c":{"reference":"#x"},"n":{}}"##;
        let document = fhir::Document::read(text).unwrap();
        let mut out = String::new();
        write(document.root(), &|text| text == "Patient/1", &[("z", "true".to_owned())], &mut out);
        assert_eq!(out, r##"{"a":1.50,"s":{"reference":"Patient/1"},"e":{"type":"Encounter"},"p":[{"display":"Ruiz"}],"c":{"reference":"#x"},"n":{},"z":true}"##);
        fhir::Document::read(&out).unwrap();
    }
}
