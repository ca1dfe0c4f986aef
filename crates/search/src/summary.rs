//! `_summary` and `_elements`: a part of a resource, its tokens as received, marked SUBSETTED.
//!
//! * `resourceType`, `id` and `meta` are always kept; so are mandatory and modifier elements,
//!   because without them the rest could mean something else.
//! * A part is never stored again: the mark tells a client not to send it back.
//!
//! <https://hl7.org/fhir/R4/search.html#summary>

use crate::query::{Query, Summary};
use fhir::definitions::{Element, Kind as TypeKind, Type, r4};
use fhir::{Kind, ResourceType, Value};

/// Which part of each resource is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection<'q> {
    /// Elements the standard marks as summary.
    Summary,
    /// The narrative and what is mandatory.
    Text,
    /// Everything but the narrative.
    Data,
    /// These top elements.
    Elements(&'q [String]),
}

impl<'q> Selection<'q> {
    /// The selection of `_summary` and `_elements`; none where the whole resource is wanted.
    /// Where both are given, the elements named decide. `_summary=count` wants no resource at
    /// all and is the caller's to see.
    pub fn of(summary: Option<Summary>, elements: &'q [String]) -> Option<Selection<'q>> {
        if !elements.is_empty() {
            return Some(Selection::Elements(elements));
        }
        match summary? {
            Summary::True => Some(Selection::Summary),
            Summary::Text => Some(Selection::Text),
            Summary::Data => Some(Selection::Data),
            Summary::Count | Summary::False => None,
        }
    }

    fn keeps(self, element: &Element) -> bool {
        match self {
            Selection::Summary => element.is_summary || element.min > 0 || element.is_modifier,
            Selection::Text => element.name == "text" || element.min > 0,
            Selection::Data => element.name != "text",
            Selection::Elements(names) => element.min > 0 || element.is_modifier || names.iter().any(|name| name == element.name),
        }
    }
}

impl Query {
    /// The part of each match that is wanted; none where it is the whole.
    pub fn selection(&self) -> Option<Selection<'_>> {
        Selection::of(self.summary, &self.elements)
    }
}

/// Appends the selected part of a resource as JSON.
pub fn write_selected(kind: ResourceType, resource: Value<'_>, selection: Selection<'_>, out: &mut String) {
    let Some(own) = r4().type_named(kind.name()) else { return resource.write_compact(out) };
    let mut marked = false;
    out.push('{');
    let mut separate = false;
    let mut members = resource.members();
    while let Some((key, value)) = members.next_with_key() {
        let raw = key.raw();
        let name = &raw[1..raw.len() - 1];
        match name {
            "resourceType" | "id" => write_member(raw, value, &mut separate, out),
            "meta" if value.kind() == Kind::Object => {
                marked = true;
                begin_member(raw, &mut separate, out);
                write_marked(value, out);
            }
            "meta" => {}
            _ => {
                let base = name.strip_prefix('_').unwrap_or(name);
                let Some((element, type_ref)) = own.element(base) else { continue };
                // The narrative of a summary is left out even where a profile makes it mandatory.
                if !selection.keeps(element) {
                    continue;
                }
                if selection == Selection::Summary {
                    if name.starts_with('_') && resource.get(base).is_some() {
                        continue;
                    }
                    begin_member(raw, &mut separate, out);
                    write_summary(type_ref.definition(), value, out);
                } else {
                    write_member(raw, value, &mut separate, out);
                }
            }
        }
    }
    if !marked {
        begin_member("\"meta\"", &mut separate, out);
        out.push_str(&format!("{{\"tag\":[{SUBSETTED}]}}"));
    }
    out.push('}');
}

/// Appends a value of a type with its summary elements only, at every depth.
fn write_summary(own: &Type, value: Value<'_>, out: &mut String) {
    match value.kind() {
        Kind::Array => {
            out.push('[');
            for (number, item) in value.items().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_summary(own, item, out);
            }
            out.push(']');
        }
        // A companion of a primitive, or a resource within one: as it is.
        Kind::Object if own.kind == TypeKind::Primitive || own.name == "Resource" => value.write_compact(out),
        Kind::Object => {
            out.push('{');
            let mut separate = false;
            let mut members = value.members();
            while let Some((key, member)) = members.next_with_key() {
                let raw = key.raw();
                let name = &raw[1..raw.len() - 1];
                let base = name.strip_prefix('_').unwrap_or(name);
                let Some((element, type_ref)) = own.element(base) else { continue };
                let companion_of_shown = name.starts_with('_') && value.get(base).is_some();
                if !Selection::Summary.keeps(element) || companion_of_shown {
                    continue;
                }
                begin_member(raw, &mut separate, out);
                write_summary(type_ref.definition(), member, out);
            }
            // An object of which nothing is summary stays valid JSON FHIR only with something in it.
            if !separate {
                out.pop();
                return value.write_compact(out);
            }
            out.push('}');
        }
        _ => out.push_str(value.raw()),
    }
}

fn begin_member(raw_key: &str, separate: &mut bool, out: &mut String) {
    if *separate {
        out.push(',');
    }
    *separate = true;
    out.push_str(raw_key);
    out.push(':');
}

fn write_member(raw_key: &str, value: Value<'_>, separate: &mut bool, out: &mut String) {
    begin_member(raw_key, separate, out);
    value.write_compact(out);
}

const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
const SUBSETTED: &str = r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}"#;

/// Appends meta with the mark among its tags.
fn write_marked(meta: Value<'_>, out: &mut String) {
    let mut separate = false;
    let mut marked = false;
    out.push('{');
    let mut members = meta.members();
    while let Some((key, value)) = members.next_with_key() {
        if key.raw() == "\"tag\"" && value.kind() == Kind::Array {
            marked = true;
            begin_member(key.raw(), &mut separate, out);
            write_tags(value, out);
        } else {
            write_member(key.raw(), value, &mut separate, out);
        }
    }
    if !marked {
        begin_member("\"tag\"", &mut separate, out);
        out.push_str(&format!("[{SUBSETTED}]"));
    }
    out.push('}');
}

fn write_tags(tags: Value<'_>, out: &mut String) {
    out.push('[');
    let mut marked = false;
    for tag in tags.items() {
        tag.write_compact(out);
        out.push(',');
        marked |= tag.string("code").as_deref() == Some("SUBSETTED") && tag.string("system").as_deref() == Some(SYSTEM);
    }
    if marked {
        out.pop();
    } else {
        out.push_str(SUBSETTED);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    const PATIENT: &str = r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"}]},"text":{"status":"generated","div":"<div/>"},
        "active":true,"birthDate":"1958","_birthDate":{"extension":[{"url":"u","valueString":"v"}]},
        "name":[{"family":"F","extension":[{"url":"u","valueString":"v"}]}],"maritalStatus":{"text":"m"},
        "contact":[{"name":{"text":"c"}}],"communication":[{"language":{"text":"l"},"preferred":true}],"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#;

    fn check(resource: &str, selection: Selection<'_>, expect: &str) {
        let document = Document::read(resource).unwrap();
        let kind = ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
        let mut out = String::new();
        write_selected(kind, document.root(), selection, &mut out);
        Document::read(&out).unwrap();
        assert_eq!(out.replace(SUBSETTED, "MARK"), expect, "{selection:?}");
    }

    #[test]
    fn a_selection_keeps_what_it_names_and_what_the_rest_needs() {
        check(
            PATIENT,
            Selection::Summary,
            r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"active":true,"birthDate":"1958","name":[{"family":"F"}],"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
        );
        check(PATIENT, Selection::Text, r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"text":{"status":"generated","div":"<div/>"}}"#);
        let elements = vec!["birthDate".to_owned(), "maritalStatus".to_owned()];
        check(
            PATIENT,
            Selection::Elements(&elements),
            r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"active":true,"birthDate":"1958","_birthDate":{"extension":[{"url":"u","valueString":"v"}]},"maritalStatus":{"text":"m"},"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
        );
        check(
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"text":{"status":"empty","div":"<div/>"}}"#,
            Selection::Elements(&[]),
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"meta":{"tag":[MARK]}}"#,
        );
        check(
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"text":{"status":"empty","div":"<div/>"},"meta":{}}"#,
            Selection::Data,
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"meta":{"tag":[MARK]}}"#,
        );
    }

    #[test]
    fn the_mark_is_set_once() {
        let twice = format!(r#"{{"resourceType":"Basic","meta":{{"tag":[{SUBSETTED}]}},"code":{{"text":"c"}}}}"#);
        check(&twice, Selection::Text, r#"{"resourceType":"Basic","meta":{"tag":[MARK]},"code":{"text":"c"}}"#);
    }
}
