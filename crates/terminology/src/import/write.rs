//! Rows as a CodeSystem, and the value set of all its codes.

use super::{Name, Row, Said};
use crate::system::USES;
use fhir::splice::write_string;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is said of a code system as a whole.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct About {
    /// Its canonical address.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// Its name for programs.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Who owns it.
    pub publisher: Option<String>,
    /// What every copy has to say.
    pub copyright: Option<String>,
    /// The language of its displays.
    pub language: Option<String>,
}

/// The CodeSystem of some rows; complete, or a fragment where rows were rejected.
pub fn code_system(about: &About, rows: &[Row], is_complete: bool) -> String {
    let mut out = String::with_capacity(1024 + rows.len() * 200);
    out.push_str("{\"resourceType\":\"CodeSystem\"");
    let mut text = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            member(name, value, &mut out);
        }
    };
    text("language", about.language.as_deref());
    text("url", Some(&about.url));
    text("version", about.version.as_deref());
    text("name", Some(&about.name));
    text("title", Some(&about.title));
    text("status", Some("active"));
    text("publisher", about.publisher.as_deref());
    text("copyright", about.copyright.as_deref());
    out.push_str(",\"caseSensitive\":true");
    member("valueSet", &everything(&about.url), &mut out);
    if rows.iter().any(|row| !row.parents.is_empty()) {
        out.push_str(",\"hierarchyMeaning\":\"is-a\"");
    }
    let content = if is_complete { "complete" } else { "fragment" };
    let _ = write!(out, ",\"content\":\"{content}\",\"count\":{}", rows.len());
    write_properties(rows, &mut out);
    for (place, row) in rows.iter().enumerate() {
        out.push_str(if place == 0 { ",\"concept\":[" } else { "," });
        write_row(row, &mut out);
    }
    out.push_str(if rows.is_empty() { "}" } else { "]}" });
    out
}

/// The address of the set of all codes of a system.
fn everything(url: &str) -> String {
    format!("{url}?fhir_vs")
}

/// The ValueSet of all codes of a system.
pub fn value_set(about: &About) -> String {
    let mut out = String::from("{\"resourceType\":\"ValueSet\"");
    member("url", &everything(&about.url), &mut out);
    if let Some(version) = &about.version {
        member("version", version, &mut out);
    }
    member("name", &format!("{}All", about.name), &mut out);
    member("title", &format!("{}, all codes", about.title), &mut out);
    out.push_str(",\"status\":\"active\",\"compose\":{\"include\":[{\"system\":");
    write_string(&about.url, &mut out);
    out.push_str("}]}}");
    out
}

fn member(name: &str, value: &str, out: &mut String) {
    let _ = write!(out, ",\"{name}\":");
    write_string(value, out);
}

fn write_properties(rows: &[Row], out: &mut String) {
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for row in rows {
        for (name, said) in &row.properties {
            kinds.insert(name, if matches!(said, Said::Code(_)) { "code" } else { "string" });
        }
    }
    let known = [("parent", "code", rows.iter().any(|row| !row.parents.is_empty())), ("inactive", "boolean", rows.iter().any(|row| row.is_inactive)), ("notSelectable", "boolean", rows.iter().any(|row| row.is_abstract))];
    let mut is_first = true;
    let mut declare = |name: &str, uri: Option<String>, kind: &str| {
        out.push_str(if std::mem::take(&mut is_first) { ",\"property\":[{\"code\":" } else { ",{\"code\":" });
        write_string(name, out);
        if let Some(uri) = uri {
            member("uri", &uri, out);
        }
        member("type", kind, out);
        out.push('}');
    };
    for (name, kind, _) in known.iter().filter(|(.., is_used)| *is_used) {
        declare(name, Some(format!("http://hl7.org/fhir/concept-properties#{name}")), kind);
    }
    for (name, kind) in kinds {
        declare(name, None, kind);
    }
    if !is_first {
        out.push(']');
    }
}

fn write_row(row: &Row, out: &mut String) {
    out.push_str("{\"code\":");
    write_string(&row.code, out);
    for (name, value) in [("display", &row.display), ("definition", &row.definition)] {
        if let Some(value) = value {
            member(name, value, out);
        }
    }
    let others = row.names.iter().filter(|name| name.language.is_some() || row.display.as_deref() != Some(&*name.value));
    for (place, name) in others.clone().enumerate() {
        out.push_str(if place == 0 { ",\"designation\":[{" } else { ",{" });
        write_name(name, out);
    }
    if others.count() > 0 {
        out.push(']');
    }
    let mut is_first = true;
    let mut property = |name: &str, member: &str, value: &str, is_text: bool| {
        out.push_str(if std::mem::take(&mut is_first) { ",\"property\":[{\"code\":" } else { ",{\"code\":" });
        write_string(name, out);
        let _ = write!(out, ",\"{member}\":");
        if is_text { write_string(value, out) } else { out.push_str(value) }
        out.push('}');
    };
    row.parents.iter().for_each(|parent| property("parent", "valueCode", parent, true));
    if row.is_inactive {
        property("inactive", "valueBoolean", "true", false);
    }
    if row.is_abstract {
        property("notSelectable", "valueBoolean", "true", false);
    }
    for (name, said) in &row.properties {
        match said {
            Said::Code(code) => property(name, "valueCode", code, true),
            Said::Text(text) => property(name, "valueString", text, true),
        }
    }
    if !is_first {
        out.push(']');
    }
    out.push('}');
}

fn write_name(name: &Name, out: &mut String) {
    let from = out.len();
    if let Some(language) = &name.language {
        member("language", language, out);
    }
    if let Some(kind) = name.kind {
        let _ = write!(out, ",\"use\":{{\"system\":\"{USES}\",\"code\":\"{kind}\"}}");
    }
    member("value", &name.value, out);
    out.remove(from);
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::System;
    use fhir::Document;

    #[test]
    fn what_is_written_is_a_code_system_that_reads_the_same() {
        let about = About { url: "http://x.example/c".into(), version: Some("1".into()), name: "C".into(), title: "C \"quoted\"".into(), ..About::default() };
        let rows = [
            Row { code: "A".into(), display: Some("Alpha".into()), is_abstract: true, ..Row::default() },
            Row {
                code: "A.1".into(),
                display: Some("Tab\tand \u{1F600}".into()),
                definition: Some("It is".into()),
                parents: vec!["A".into()],
                names: vec![Name { language: Some("vi".into()), value: "Một".into(), kind: None }, Name { language: None, value: "covers this".into(), kind: Some("inclusion") }],
                properties: vec![("kind".into(), Said::Code("category".into())), ("note".into(), Said::Text("n".into()))],
                is_inactive: true,
                ..Row::default()
            },
        ];
        let text = code_system(&about, &rows, true);
        let document = Document::read(&text).unwrap();
        let system = System::read(document.root()).unwrap();
        assert!(system.is_complete() && system.concepts.len() == 2);
        let one = system.concept("A.1").unwrap();
        assert_eq!((one.display.as_deref(), one.display_in(Some("vi")), one.is_inactive, &one.parents[..]), (Some("Tab\tand \u{1F600}"), Some("Một"), true, &[0][..]));
        assert_eq!(one.properties.len(), 4);
        assert!(system.concept("A").unwrap().is_abstract);
        assert!(!System::read(Document::read(&code_system(&about, &rows, false)).unwrap().root()).unwrap().is_complete());
        assert_eq!(Document::read(&value_set(&about)).unwrap().root().string("url").as_deref(), Some("http://x.example/c?fhir_vs"));
    }
}
