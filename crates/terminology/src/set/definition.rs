//! How a set is composed, written as `ValueSet.compose`.

use super::part::{Part, taken};
use super::{Body, Library, Set};
use fhir::splice::write_string;
use std::fmt::Write;

impl Set {
    /// How many codes that the set lists are not told, because their system, held whole, does not have them.
    pub fn left_out(&self, library: &dyn Library) -> usize {
        match &self.body {
            Body::Composed(composed) => composed.includes.iter().map(|part| part.lacking(library)).sum(),
            Body::Published(..) | Body::Untold(_) => 0,
        }
    }

    /// What the set is composed of, as JSON: of R4's own as R4 published it. A stored resource says it in its own words.
    pub fn definition(&self) -> String {
        match &self.body {
            Body::Composed(composed) => written(&composed.includes, &composed.excludes),
            Body::Untold(_) => written(&[], &[]),
            Body::Published(published, _) => {
                let (includes, excludes) = published.composed();
                let parts = |all: Vec<fhir::definitions::Taken>| all.into_iter().map(taken).collect::<Vec<_>>();
                written(&parts(includes), &parts(excludes))
            }
        }
    }
}

fn written(includes: &[Part], excludes: &[Part]) -> String {
    let mut out = String::from("{");
    if includes.iter().any(|part| part.active_only) {
        out.push_str("\"inactive\":false,");
    }
    out.push_str("\"include\":");
    list(includes, &mut out, part);
    if !excludes.is_empty() {
        out.push_str(",\"exclude\":");
        list(excludes, &mut out, part);
    }
    out.push('}');
    out
}

fn part(part: &Part, out: &mut String) {
    out.push('{');
    text("system", part.system.as_deref(), out);
    text("version", part.version.as_deref(), out);
    member("concept", &part.codes, out, |concept, out| {
        out.push('{');
        text("code", Some(&concept.code), out);
        text("display", concept.display.as_deref(), out);
        out.push('}');
    });
    member("filter", &part.filters, out, |filter, out| {
        out.push('{');
        for (name, value) in ["property", "op", "value"].into_iter().zip(filter.told()) {
            text(name, Some(value), out);
        }
        out.push('}');
    });
    member("valueSet", &part.sets, out, |set, out| write_string(set, out));
    out.push('}');
}

fn text(name: &str, value: Option<&str>, out: &mut String) {
    if let Some(value) = value {
        begin(name, out);
        write_string(value, out);
    }
}

fn member<T>(name: &str, all: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    if !all.is_empty() {
        begin(name, out);
        list(all, out, write);
    }
}

fn begin(name: &str, out: &mut String) {
    let _ = write!(out, "{}\"{name}\":", if out.ends_with('{') { "" } else { "," });
}

fn list<T>(all: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (number, one) in all.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write(one, out);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    #[test]
    fn a_definition_is_written_as_it_was_read() {
        let compose = r#"{"inactive":false,"include":[{"system":"urn:a","version":"1","concept":[{"code":"1","display":"\"One\""},{"code":"2"}]},{"system":"urn:b","filter":[{"property":"concept","op":"is-a","value":"x"}],"valueSet":["urn:set"]}],"exclude":[{"valueSet":["urn:other"]}]}"#;
        let text = format!(r#"{{"resourceType":"ValueSet","compose":{compose}}}"#);
        assert_eq!(Set::read(Document::read(&text).unwrap().root()).definition(), compose);
        let gender = Set::of_r4(fhir::r4().value_set("http://hl7.org/fhir/ValueSet/administrative-gender").unwrap());
        assert_eq!(gender.definition(), r#"{"include":[{"system":"http://hl7.org/fhir/administrative-gender"}]}"#);
    }
}
