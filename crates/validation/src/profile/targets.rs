//! What references lead to, inside what was sent.
//!
//! * `#id`: contained. In a bundle: the entry whose fullUrl it is, or, of a relative reference,
//!   the entry beside it on the same server.
//! * What is elsewhere has only the type its address tells; nothing is fetched.
//! * Rules: <https://hl7.org/fhir/R4/bundle.html#references>.

use super::rules::kind_of;
use super::survey::{Around, Survey, is_a, offset};
use super::tree::Profile;
use crate::place::Place;
use fhir::{IssueCode, Reference, Severity, Value};
use fhirpath::Node;

/// What a reference leads to.
pub(super) struct Target<'d> {
    /// The resource, where it is part of what was sent.
    pub(super) value: Option<Value<'d>>,
    /// Its type, where that is known.
    pub(super) kind: Option<String>,
}

impl<'d> Survey<'d, '_> {
    /// Remembers the entries of a bundle, and of bundles in it.
    pub(super) fn note_entries(&mut self, resource: Value<'d>) {
        if resource.string("resourceType").as_deref() != Some("Bundle") {
            return;
        }
        for entry in resource.get("entry").into_iter().flat_map(|entries| entries.items()) {
            let Some(inner) = entry.get("resource") else { continue };
            match entry.string("fullUrl") {
                Some(url) => drop(self.entries.entry(url.into_owned()).or_insert(inner)),
                None => {
                    if let (Some(kind), Some(id)) = (inner.string("resourceType"), inner.string("id")) {
                        self.entries.entry(format!("{kind}/{id}")).or_insert(inner);
                    }
                }
            }
            self.note_entries(inner);
        }
    }

    /// The same surroundings with the resource of the entry they are in.
    pub(super) fn entry_around(&self, around: Around<'d>) -> Around<'d> {
        let full_url = around.full_url.or_else(|| {
            // An entry is found again by its resource.
            self.root.get("entry").into_iter().flat_map(|entries| entries.items()).find(|entry| entry.get("resource") == Some(around.container)).and_then(|entry| entry.get("fullUrl"))
        });
        Around { full_url, ..around }
    }

    /// What the reference of a node leads to; nothing where it has none.
    pub(super) fn target(&self, node: Node<'d>, around: Around<'d>) -> Option<Target<'d>> {
        let value = node.value?;
        let text = match value.kind() {
            fhir::Kind::String => value.as_str()?,
            _ => match value.string("reference") {
                Some(text) => text,
                None => return value.string("type").map(|kind| Target { value: None, kind: Some(kind.into_owned()) }),
            },
        };
        let parsed = Reference::parse(&text);
        let found = match parsed {
            Reference::Contained("") => Some(around.container),
            Reference::Contained(id) => around.container.get("contained").into_iter().flat_map(|all| all.items()).find(|one| one.string("id").as_deref() == Some(id)),
            _ => self.entries.get(&*text).copied().or_else(|| self.beside(&text, around)),
        };
        let kind = match found {
            Some(found) => found.string("resourceType").map(|kind| kind.into_owned()),
            None => match parsed {
                Reference::Local { kind, .. } | Reference::Conditional { kind, .. } => Some(kind.name().to_owned()),
                Reference::Absolute(address) => address.rsplit('/').skip(1).find_map(|step| fhir::ResourceType::named(step)).map(|kind| kind.name().to_owned()),
                _ => value.string("type").map(|kind| kind.into_owned()),
            },
        };
        Some(Target { value: found, kind })
    }

    /// The entry a relative reference means: on the server of the entry it is said in.
    fn beside(&self, text: &str, around: Around<'d>) -> Option<Value<'d>> {
        let own = around.full_url.and_then(|url| url.as_str());
        let own = own.as_deref().unwrap_or_default();
        let kind = around.container.string("resourceType")?;
        let base = own.rfind(&format!("/{kind}/")).map(|place| &own[..=place])?;
        self.entries.get(&format!("{base}{text}")).copied()
    }

    /// What `a.b.resolve()` leads to, whether it is here or only its type is known.
    pub(super) fn led_to(&self, node: Node<'d>, steps: &[&str], around: Around<'d>) -> Vec<Target<'d>> {
        let mut here = vec![node];
        for step in steps.iter().filter(|step| **step != "$this" && **step != "resolve()") {
            let mut below = Vec::new();
            here.iter().for_each(|node| node.for_each_member(step, &mut |found| below.push(found)));
            here = below;
        }
        here.into_iter().filter_map(|node| self.target(node, around)).collect()
    }

    /// A reference against the profiles that its target must meet.
    pub(super) fn leads_to(&mut self, profile: &Profile, targets: &[&str], node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        if targets.is_empty() {
            return;
        }
        let Some(target) = self.target(node, around) else { return };
        let kinds: Vec<Option<String>> = targets.iter().map(|address| kind_of(self, address)).collect();
        let fits = |kind: &Option<String>| match (&target.kind, kind) {
            (Some(kind), Some(wanted)) => is_a(kind, wanted),
            _ => true,
        };
        if !kinds.iter().any(fits) {
            let names: Vec<String> = kinds.into_iter().flatten().collect();
            let message = format!("By the profile {} this may refer only to: {}.", profile.url, names.join(", "));
            return self.findings.ruled("reference-type").error(IssueCode::Value, place, offset(node), message);
        }
        let Some(value) = target.value else { return };
        let verdicts: Vec<Option<bool>> = targets.iter().map(|address| self.meets(Node::resource(value), address, around)).collect();
        if verdicts.iter().all(|verdict| *verdict == Some(false)) {
            let message = format!("What this refers to meets none of the profiles that {} permits: {}.", profile.url, targets.join(", "));
            return self.findings.ruled("reference-profile").error(IssueCode::Value, place, offset(node), message);
        }
        if !verdicts.contains(&Some(true)) {
            for address in targets.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(address, _)| *address) {
                self.not_held(address, node, place);
            }
        }
    }

    /// A reference by urn leads to an entry of the bundle it came in; one that is relative does in a document, which holds
    /// what it speaks of. <https://hl7.org/fhir/R4/documents.html>
    pub(super) fn is_led_somewhere(&mut self, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        let Some(reference) = node.value.and_then(|value| value.get("reference")) else { return };
        let Some(text) = reference.as_str() else { return };
        if self.root.string("resourceType").as_deref() != Some("Bundle") || self.entries.contains_key(&*text) {
            return;
        }
        let bundle = self.root.string("type");
        let severity = match Reference::parse(&text) {
            _ if text.starts_with("urn:uuid:") && matches!(bundle.as_deref(), Some("document" | "message" | "transaction")) => Severity::Error,
            _ if text.starts_with("urn:uuid:") => Severity::Warning,
            // It may lie at the server the document comes from.
            Reference::Local { .. } if bundle.as_deref() == Some("document") && self.beside(&text, around).is_none() => Severity::Warning,
            _ => return,
        };
        self.findings.ruled("reference-absent").add(severity, IssueCode::NotFound, &place.member("reference"), reference.span().start, "No entry of the Bundle has this as its fullUrl; add the entry or refer to another.");
    }
}
