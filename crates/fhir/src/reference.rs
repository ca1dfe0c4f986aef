//! References as FHIR writes them: `Patient/1`, `urn:uuid:…`, `#a`, `Patient?identifier=…`.

use crate::ResourceType;

/// What a reference's text says, before anyone looks whether the target exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reference<'t> {
    /// `Patient/1` or `Patient/1/_history/2`.
    Local {
        /// The type it names.
        kind: ResourceType,
        /// The logical id.
        id: &'t str,
        /// The version, where one is named.
        version: Option<&'t str>,
    },
    /// `#a`: a resource contained in the same one.
    Contained(&'t str),
    /// `urn:uuid:…` or `urn:oid:…`: another entry of the same bundle.
    Urn(&'t str),
    /// `Patient?identifier=…`: the one resource a search finds.
    Conditional {
        /// The type to search.
        kind: ResourceType,
        /// The query after the question mark.
        query: &'t str,
    },
    /// An absolute address. Its end may name a local resource: see [`Reference::within`].
    Absolute(&'t str),
    /// None of these.
    Other(&'t str),
}

impl<'t> Reference<'t> {
    /// Reads the text of `Reference.reference` or of a bundle entry's `fullUrl`.
    pub fn parse(text: &'t str) -> Reference<'t> {
        if let Some(id) = text.strip_prefix('#') {
            return Reference::Contained(id);
        }
        if text.starts_with("urn:") {
            return Reference::Urn(text);
        }
        let asked = text.split_once('?');
        // Before the absolute ones: what is searched for usually holds the address of its system.
        if let Some((kind, query)) = asked.and_then(|(kind, query)| Some((ResourceType::named(kind)?, query))) {
            return Reference::Conditional { kind, query };
        }
        if text.contains("://") {
            return Reference::Absolute(text);
        }
        if asked.is_some() {
            return Reference::Other(text);
        }
        let mut steps = text.split('/');
        let (kind, id) = (steps.next().and_then(ResourceType::named), steps.next().filter(|id| is_id(id)));
        let version = match (steps.next(), steps.next(), steps.next()) {
            (None, None, None) => None,
            (Some("_history"), Some(version), None) if is_id(version) => Some(version),
            _ => return Reference::Other(text),
        };
        match (kind, id) {
            (Some(kind), Some(id)) => Reference::Local { kind, id, version },
            _ => Reference::Other(text),
        }
    }

    /// Like [`Reference::parse`], but an absolute address under `base` is local.
    pub fn within(text: &'t str, base: &str) -> Reference<'t> {
        match text.strip_prefix(base.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/')) {
            Some(rest) => Reference::parse(rest),
            None => Reference::parse(text),
        }
    }

    /// The local type and id, if it is local.
    pub fn local(self) -> Option<(ResourceType, &'t str)> {
        match self {
            Reference::Local { kind, id, .. } => Some((kind, id)),
            _ => None,
        }
    }
}

/// True for a FHIR id: 1 to 64 of letters, digits, `-` and `.`.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_recognised() {
        let patient = ResourceType::PATIENT;
        let cases = [
            ("Patient/1", Reference::Local { kind: patient, id: "1", version: None }),
            ("Patient/a.b-C/_history/3", Reference::Local { kind: patient, id: "a.b-C", version: Some("3") }),
            ("#p", Reference::Contained("p")),
            ("urn:uuid:0", Reference::Urn("urn:uuid:0")),
            ("Patient?identifier=a|b", Reference::Conditional { kind: patient, query: "identifier=a|b" }),
            ("Patient?identifier=http://x.example|1", Reference::Conditional { kind: patient, query: "identifier=http://x.example|1" }),
            ("http://x.example/find?of=Patient", Reference::Absolute("http://x.example/find?of=Patient")),
            ("find?of=Patient", Reference::Other("find?of=Patient")),
            ("https://x.example/Patient/1", Reference::Absolute("https://x.example/Patient/1")),
            ("Patients/1", Reference::Other("Patients/1")),
            ("Patient", Reference::Other("Patient")),
            ("Patient/a_b", Reference::Other("Patient/a_b")),
            ("Patient/1/extra", Reference::Other("Patient/1/extra")),
            ("", Reference::Other("")),
        ];
        for (text, expect) in cases {
            assert_eq!(Reference::parse(text), expect, "{text}");
        }
        assert_eq!(Reference::within("http://h/fhir/Patient/1", "http://h/fhir/").local(), Some((patient, "1")));
        assert_eq!(Reference::within("http://h/fhirx/Patient/1", "http://h/fhir").local(), None);
    }
}
