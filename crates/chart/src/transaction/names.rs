//! What references mean inside one transaction: other entries of it, searches, this server.

use std::borrow::Cow;
use std::collections::HashMap;

use fhir::{Reference, ResourceType, Value};

/// What the references of one transaction mean.
#[derive(Default)]
pub(crate) struct Names<'o> {
    pub base_url: String,
    pub orphans_wait: bool,
    pub by_url: HashMap<&'o str, (ResourceType, String)>,
    pub by_search: HashMap<String, (ResourceType, String)>,
    pub ours: HashMap<(ResourceType, String), usize>,
    pub targets: Vec<(ResourceType, String)>,
}

impl Names<'_> {
    /// The local resource a reference's text leads to.
    pub fn target(&self, text: &str) -> Option<(ResourceType, String)> {
        if let Some(target) = self.by_url.get(text).or_else(|| self.by_search.get(text)) {
            return Some(target.clone());
        }
        let reference = if self.base_url.is_empty() { Reference::parse(text) } else { Reference::within(text, &self.base_url) };
        reference.local().map(|(kind, id)| (kind, id.to_owned()))
    }

    /// The token that takes the place of a received one: a reference that names an entry of the
    /// bundle, a search, or this server by its full address.
    pub fn rewrite(&self, member: &str, value: Value<'_>) -> Option<String> {
        let raw = value.raw();
        // The address that a definition bears for ever may well be the one its entry is listed under.
        let may_name_an_entry = raw.starts_with("\"urn:uuid:");
        if member != "reference" && !(may_name_an_entry && matches!(member, "url" | "uri" | "valueUri" | "valueUrl")) {
            return None;
        }
        let text: Cow<'_, str> = value.as_str()?;
        let target = match self.by_url.get(text.as_ref()).or_else(|| self.by_search.get(text.as_ref())) {
            Some((kind, id)) => format!("\"{kind}/{id}\""),
            None if member == "reference" && !self.base_url.is_empty() && text.starts_with(&self.base_url) => {
                match Reference::within(&text, &self.base_url) {
                    Reference::Local { kind, id, version: None } => format!("\"{kind}/{id}\""),
                    Reference::Local { kind, id, version: Some(version) } => format!("\"{kind}/{id}/_history/{version}\""),
                    _ => return None,
                }
            }
            None => return None,
        };
        Some(target)
    }
}
