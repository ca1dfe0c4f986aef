//! What references mean inside one transaction: other entries of it, searches, this server.

use std::borrow::Cow;
use std::collections::HashMap;

use access::Caller;
use fhir::{Issue, IssueCode, Reference, ResourceType, Value, home, is_id};

use super::aim::Aim;
use super::{Order, Rules, Trouble, entry};
use crate::door::Chart;
use crate::error::{Error, Result};

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

impl Chart {
    /// What the references of this transaction mean: entries of the bundle, and searches.
    pub(super) fn name<'o>(&self, caller: &Caller, orders: &'o [Order<'_>], aims: &[Aim], rules: Rules, others: &'o [(String, ResourceType, String)]) -> std::result::Result<Names<'o>, Trouble> {
        let mut names = Names::default();
        names.base_url = self.inner.settings.base_url.clone();
        names.orphans_wait = rules.orphans_wait;
        for (order, aim) in orders.iter().zip(aims) {
            let target = (order.kind, aim.id.clone());
            if !aim.found {
                names.ours.insert(target.clone(), names.targets.len());
            }
            names.targets.push(target.clone());
            if let Some(full_url) = &order.full_url {
                names.by_url.insert(full_url, target);
            }
        }
        names.by_url.extend(others.iter().map(|(url, kind, id)| (url.as_str(), (*kind, id.clone()))));
        if rules.conditional_references {
            let mut refused = Vec::new();
            for (index, order) in orders.iter().enumerate() {
                let Some(body) = order.body else { continue };
                let mut trouble = None;
                home::reference_texts(body, &mut |text| {
                    if trouble.is_some() {
                        return;
                    }
                    let named = self.name_by_search(caller, &text, &mut names);
                    trouble = named.and_then(|()| if rules.repeatable { self.name_by_uuid(&text, &mut names) } else { Ok(()) }).err();
                });
                if let Some(cause) = trouble {
                    refused.push(entry(index, orders, cause));
                    if !rules.repeatable {
                        break;
                    }
                }
            }
            if !refused.is_empty() {
                return Err(Trouble::Several(refused));
            }
        }
        Ok(names)
    }

    pub(super) fn name_by_search(&self, caller: &Caller, text: &str, names: &mut Names<'_>) -> Result<()> {
        let Reference::Conditional { kind, query } = Reference::parse(text) else { return Ok(()) };
        if names.by_search.contains_key(text) {
            return Ok(());
        }
        let found = self.find_by_condition(caller, kind, query, 2)?;
        match found.as_slice() {
            [(_, id)] => {
                names.by_search.insert(text.to_owned(), (kind, id.clone()));
                Ok(())
            }
            [] => Err(refused(IssueCode::NotFound, format!("A reference by search to a {kind} finds nothing; send that resource first."))),
            _ => Err(refused(IssueCode::MultipleMatches, format!("A reference by search to a {kind} finds more than one; make it precise."))),
        }
    }

    /// In an import a UUID that another file gave to a resource is the id of that resource.
    pub(super) fn name_by_uuid(&self, text: &str, names: &mut Names<'_>) -> Result<()> {
        let Some(uuid) = text.strip_prefix("urn:uuid:").filter(|uuid| is_id(uuid)) else { return Ok(()) };
        if names.by_url.contains_key(text) || names.by_search.contains_key(text) {
            return Ok(());
        }
        for kind in ResourceType::all() {
            if self.store().locate(kind, uuid)?.is_some() {
                names.by_search.insert(text.to_owned(), (kind, uuid.to_owned()));
                return Ok(());
            }
        }
        match names.orphans_wait {
            true => Err(refused(IssueCode::NotFound, "A reference by UUID names nothing that has arrived; send that resource too.".to_owned())),
            false => Ok(()),
        }
    }
}

/// An order that is refused for what it names.
pub(super) fn refused(code: IssueCode, message: String) -> Error {
    Error::Refused(vec![Issue::error(code, "", message)])
}
