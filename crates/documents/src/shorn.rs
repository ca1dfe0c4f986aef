//! A resource written again for a document: references that lead out of it become words.
//!
//! * Everything else is token for token.
//! * A reference loses its address and keeps its display, identifier and type. One that had nothing
//!   else is left out where the resource may do without it; elsewhere it says what it was.

use fhir::splice::write_string;
use fhir::{Kind, Reference, Value, r4};

/// What is in the document, and what is said of what is not.
pub(crate) struct Bounds<'b> {
    /// Which addresses lead to something in the document.
    pub stays: &'b dyn Fn(&str) -> bool,
    /// What in the document an address means that is called otherwise there; none where it is called so.
    pub means: &'b dyn Fn(&str) -> Option<String>,
    /// The words for what is not in it.
    pub outside: &'b str,
}

impl Bounds<'_> {
    fn leads_out(&self, value: Value<'_>) -> bool {
        value.get("reference").and_then(|text| text.as_str()).is_some_and(|text| !text.starts_with('#') && !(self.stays)(&text))
    }

    /// A reference that leads out and says nothing else.
    fn says_nothing(&self, value: Value<'_>) -> bool {
        self.leads_out(value) && value.members().all(|(name, _)| matches!(&*name, "reference" | "_reference" | "type"))
    }
}

/// Appends a resource; `also` are members to add, as JSON.
pub(crate) fn write(resource: Value<'_>, bounds: &Bounds<'_>, also: &[(&str, String)], out: &mut String) {
    let definition = resource.string("resourceType").and_then(|kind| r4().type_named(&kind));
    let may_be_absent = |name: &str| definition.and_then(|definition| definition.element(name)).is_some_and(|(element, _)| element.min == 0);
    let mut separator = '{';
    for (name, member) in resource.members() {
        let silent = |one: Value<'_>| one.kind() == Kind::Object && bounds.says_nothing(one);
        if may_be_absent(&name) && member.each().next().is_some() && member.each().all(silent) {
            continue;
        }
        out.push(separator);
        separator = ',';
        write_string(&name, out);
        out.push(':');
        write_value(member, bounds, out);
    }
    for (name, json) in also {
        out.push(separator);
        separator = ',';
        write_string(name, out);
        out.push(':');
        out.push_str(json);
    }
    out.push_str(if separator == '{' { "{}" } else { "}" });
}

fn write_value(value: Value<'_>, bounds: &Bounds<'_>, out: &mut String) {
    match value.kind() {
        Kind::Object => write_object(value, bounds, out),
        Kind::Array => {
            out.push('[');
            for (number, item) in value.items().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_value(item, bounds, out);
            }
            out.push(']');
        }
        _ => out.push_str(value.raw()),
    }
}

fn write_object(value: Value<'_>, bounds: &Bounds<'_>, out: &mut String) {
    let leads_out = bounds.leads_out(value);
    let mut separator = '{';
    for (name, member) in value.members().filter(|(name, _)| !leads_out || (name != "reference" && name != "_reference")) {
        out.push(separator);
        separator = ',';
        write_string(&name, out);
        out.push(':');
        match (&*name == "reference").then(|| member.as_str()).flatten().and_then(|text| (bounds.means)(&text)) {
            Some(meant) => write_string(&meant, out),
            None => write_value(member, bounds, out),
        }
    }
    if leads_out && bounds.says_nothing(value) {
        let text = value.string("reference").unwrap_or_default();
        if value.get("type").is_none()
            && let Some((kind, _)) = Reference::parse(&text).local()
        {
            out.push(separator);
            separator = ',';
            out.push_str("\"type\":\"");
            out.push_str(kind.name());
            out.push('"');
        }
        out.push(separator);
        separator = ',';
        out.push_str("\"display\":");
        write_string(bounds.outside, out);
    }
    out.push_str(if separator == '{' { "{}" } else { "}" });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let document = fhir::Document::read(text).unwrap();
        let mut out = String::new();
        let bounds = Bounds { stays: &|text| matches!(text, "Patient/1" | "Patient/2"), means: &|text| (text == "Patient/2").then(|| "Patient/1".to_owned()), outside: "elsewhere" };
        write(document.root(), &bounds, &[("z", "true".to_owned())], &mut out);
        assert_eq!(out, expect);
        fhir::Document::read(&out).unwrap();
    }

    #[test]
    fn what_leads_out_becomes_words() {
        check(
            r##"{"a":1.50,"s":{"reference":"Patient/1"},"p":[{"reference":"Practitioner/3","display":"Ruiz"}],"c":{"reference":"#x"},"n":{}}"##,
            r##"{"a":1.50,"s":{"reference":"Patient/1"},"p":[{"display":"Ruiz"}],"c":{"reference":"#x"},"n":{},"z":true}"##,
        );
    }

    #[test]
    fn what_is_called_otherwise_in_the_document_is_called_so() {
        check(
            r#"{"s":{"reference":"Patient/2","display":"Ana"},"p":[{"x":{"reference":"Patient/2"}},{"reference":"Patient/1"}]}"#,
            r#"{"s":{"reference":"Patient/1","display":"Ana"},"p":[{"x":{"reference":"Patient/1"}},{"reference":"Patient/1"}],"z":true}"#,
        );
    }

    #[test]
    fn what_says_nothing_is_left_out_where_it_may_be() {
        check(
            r#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/2","type":"Encounter"},"evidence":[{"detail":[{"reference":"Observation/3"}]}]}"#,
            r#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},"evidence":[{"detail":[{"type":"Observation","display":"elsewhere"}]}],"z":true}"#,
        );
        check(
            r#"{"resourceType":"DeviceUseStatement","device":{"reference":"Device/2"},"basedOn":[{"reference":"ServiceRequest/1"}],"derivedFrom":[{"reference":"ServiceRequest/1"},{"reference":"Patient/1"}]}"#,
            r#"{"resourceType":"DeviceUseStatement","device":{"type":"Device","display":"elsewhere"},"derivedFrom":[{"type":"ServiceRequest","display":"elsewhere"},{"reference":"Patient/1"}],"z":true}"#,
        );
    }
}
