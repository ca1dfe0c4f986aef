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

/// Which part of a resource is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'q> {
    /// `_summary`. `false` is the whole; `count` wants no resource at all, which is the
    /// caller's to see, and is the whole here.
    Summary(Summary),
    /// `_elements`: these top elements, with their type or without.
    Elements(&'q [String]),
}

impl<'q> Part<'q> {
    /// The part that `_summary` and `_elements` ask for; none where it is the whole. Where
    /// both are given, the summary decides.
    pub fn of(summary: Option<Summary>, elements: &'q [String]) -> Option<Part<'q>> {
        match summary {
            Some(summary @ (Summary::True | Summary::Text | Summary::Data)) => Some(Part::Summary(summary)),
            _ => (!elements.is_empty()).then_some(Part::Elements(elements)),
        }
    }

    fn is_whole(self) -> bool {
        matches!(self, Part::Summary(Summary::False | Summary::Count))
    }

    /// Whether an element of a type belongs to it.
    fn keeps(self, owner: &str, element: &Element) -> bool {
        match self {
            Part::Summary(Summary::True) => element.is_summary || element.min > 0 || element.is_modifier,
            Part::Summary(Summary::Text) => element.name == "text" || element.min > 0,
            Part::Summary(Summary::Data) => element.name != "text",
            Part::Summary(Summary::False | Summary::Count) => true,
            Part::Elements(names) => element.min > 0 || element.is_modifier || names.iter().any(|name| without_type(name, owner) == Some(element.name)),
        }
    }
}

impl Query {
    /// The part of each match that is wanted; none where it is the whole.
    pub fn part(&self) -> Option<Part<'_>> {
        Part::of(self.summary, &self.elements)
    }
}

/// The name of an element without its type: none where it is an element of another one (`Patient.name`).
fn without_type<'n>(name: &'n str, owner: &str) -> Option<&'n str> {
    match name.split_once('.') {
        None => Some(name),
        Some((named, element)) => (named == owner).then_some(element),
    }
}

/// Whether one of these types, or any where none is named, has a top element of that name, written
/// as in `_elements`: `birthDate`, `Patient.birthDate`.
pub fn has_element(kinds: &[ResourceType], name: &str) -> bool {
    let has = |kind: ResourceType| {
        let own = r4().type_named(kind.name()).zip(without_type(name, kind.name()));
        own.is_some_and(|(own, wanted)| own.elements.iter().any(|element| element.name == wanted))
    };
    if kinds.is_empty() { ResourceType::all().any(has) } else { kinds.iter().copied().any(has) }
}

/// The names of a type's top elements, for whoever named one that it has not.
pub fn elements_of(kind: ResourceType) -> String {
    let own = r4().type_named(kind.name());
    own.into_iter().flat_map(|own| own.elements.iter()).map(|element| element.name).collect::<Vec<_>>().join(", ")
}

/// `_summary=true`.
const SUMMARY: Part<'static> = Part::Summary(Summary::True);

/// Appends that part of a resource as JSON, marked as one.
pub fn write_part(kind: ResourceType, resource: Value<'_>, part: Part<'_>, out: &mut String) {
    let Some(own) = r4().type_named(kind.name()).filter(|_| !part.is_whole()) else { return resource.write_compact(out) };
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
                if !part.keeps(kind.name(), element) {
                    continue;
                }
                if part == SUMMARY {
                    if name.starts_with('_') && !is_needed(resource.get(base)) {
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
                let is_left_out = name.starts_with('_') && !is_needed(value.get(base));
                if !SUMMARY.keeps(own.name, element) || is_left_out {
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

/// True where a summary needs the companion of a primitive: nothing else stands there, or the list has gaps that only
/// the companion fills. <https://hl7.org/fhir/R4/json.html#primitive>
fn is_needed(primitive: Option<Value<'_>>) -> bool {
    primitive.is_none_or(|primitive| primitive.is_null() || primitive.kind() == Kind::Array && primitive.items().any(|item| item.is_null()))
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

    fn check(resource: &str, part: Part<'_>, expect: &str) {
        let document = Document::read(resource).unwrap();
        let kind = ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
        let mut out = String::new();
        write_part(kind, document.root(), part, &mut out);
        Document::read(&out).unwrap();
        assert_eq!(out.replace(SUBSETTED, "MARK"), expect, "{part:?}");
    }

    #[test]
    fn a_selection_keeps_what_it_names_and_what_the_rest_needs() {
        check(
            PATIENT,
            SUMMARY,
            r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"active":true,"birthDate":"1958","name":[{"family":"F"}],"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
        );
        check(PATIENT, Part::Summary(Summary::Text), r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"text":{"status":"generated","div":"<div/>"}}"#);
        let elements = vec!["birthDate".to_owned(), "maritalStatus".to_owned()];
        check(
            PATIENT,
            Part::Elements(&elements),
            r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"active":true,"birthDate":"1958","_birthDate":{"extension":[{"url":"u","valueString":"v"}]},"maritalStatus":{"text":"m"},"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
        );
        let elements = ["Patient.birthDate", "Observation.maritalStatus"].map(str::to_owned);
        check(
            PATIENT,
            Part::Elements(&elements),
            r#"{"resourceType":"Patient","id":"1","meta":{"versionId":"1","tag":[{"code":"x"},MARK]},"active":true,"birthDate":"1958","_birthDate":{"extension":[{"url":"u","valueString":"v"}]},"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}"#,
        );
        check(
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"text":{"status":"empty","div":"<div/>"}}"#,
            Part::Elements(&[]),
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"meta":{"tag":[MARK]}}"#,
        );
        check(
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"text":{"status":"empty","div":"<div/>"},"meta":{}}"#,
            Part::Summary(Summary::Data),
            r#"{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"n"}],"valueQuantity":{"value":1.50,"unit":"u"},"meta":{"tag":[MARK]}}"#,
        );
    }

    #[test]
    fn an_element_is_one_that_a_type_has() {
        let (patient, observation) = (ResourceType::PATIENT, ResourceType::named("Observation").unwrap());
        for (kinds, name, expect) in [
            (&[patient][..], "birthDate", true), (&[patient], "Patient.birthDate", true), (&[patient], "id", true), (&[patient], "meta", true), (&[patient], "text", true),
            (&[patient], "bogus", false), (&[patient], "Patient.bogus", false), (&[patient], "status", false), (&[patient], "Observation.status", false), (&[patient], "Bogus.name", false),
            (&[patient], "name.family", false), (&[patient], "birthdate", false), (&[patient], "", false), (&[patient], "Patient.", false),
            (&[patient, observation], "status", true), (&[patient, observation], "Patient.status", false), (&[observation], "value", true), (&[], "status", true), (&[], "Patient.status", false), (&[], "bogus", false),
        ] {
            assert_eq!(has_element(kinds, name), expect, "{name}");
        }
        assert!(elements_of(patient).contains("birthDate, ") && !elements_of(patient).contains("status"), "{}", elements_of(patient));
    }

    #[test]
    fn a_list_with_gaps_keeps_what_fills_them() {
        let absent = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}"#;
        let named = |name: &str| format!(r#"{{"resourceType":"Patient","name":[{{{name}}}]}}"#);
        let gaps = format!(r#""given":["A",null,"C"],"_given":[null,{absent},null]"#);
        check(&named(&gaps), SUMMARY, &format!(r#"{{"resourceType":"Patient","name":[{{{gaps}}}],"meta":{{"tag":[MARK]}}}}"#));
        // Without gaps an extension is no part of a summary.
        check(&named(&format!(r#""given":["A"],"_given":[{absent}]"#)), SUMMARY, r#"{"resourceType":"Patient","name":[{"given":["A"]}],"meta":{"tag":[MARK]}}"#);
        let plan = format!(r#"{{"resourceType":"CarePlan","status":"active","intent":"plan","subject":{{"display":"x"}},"instantiatesUri":[null,"urn:x"],"_instantiatesUri":[{absent},null]}}"#);
        check(&plan, SUMMARY, &format!(r#"{},"meta":{{"tag":[MARK]}}}}"#, &plan[..plan.len() - 1]));
        let elements = vec!["instantiatesUri".to_owned()];
        check(&plan, Part::Elements(&elements), &format!(r#"{},"meta":{{"tag":[MARK]}}}}"#, &plan[..plan.len() - 1]));
    }

    #[test]
    fn the_mark_is_set_once() {
        let twice = format!(r#"{{"resourceType":"Basic","meta":{{"tag":[{SUBSETTED}]}},"code":{{"text":"c"}}}}"#);
        check(&twice, Part::Summary(Summary::Text), r#"{"resourceType":"Basic","meta":{"tag":[MARK]},"code":{"text":"c"}}"#);
    }
}
