//! What references mean inside one transaction: other entries of it, searches, this server.

use std::borrow::Cow;
use std::collections::HashMap;

use access::Caller;
use fhir::splice::write_string;
use fhir::{Issue, IssueCode, Reference, ResourceType, Value, home, is_id};
use search::{Matcher, Meta, Query};

use super::aim::Aim;
use super::{Deed, Order, Transaction, Trouble, entry};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::search::CONDITION_FINDS;

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
    /// The local resource that a reference's text leads to, in an entry that stands under `root`: see [`root_of`].
    pub fn target(&self, root: Option<&str>, text: &str) -> Option<(ResourceType, String)> {
        if let Some(target) = self.entry_named(root, text) {
            return Some(target.clone());
        }
        let reference = if self.base_url.is_empty() { Reference::parse(text) } else { Reference::within(text, &self.base_url) };
        reference.local().map(|(kind, id)| (kind, id.to_owned()))
    }

    /// What an entry of the bundle became that a reference in an entry under `root` names: by its whole address, by one
    /// that is completed with the root, and in either case without the version it may end with.
    /// A version of what lies at this server is that version, and no entry.
    /// <https://hl7.org/fhir/R4/bundle.html#references>
    fn entry_named(&self, root: Option<&str>, text: &str) -> Option<&(ResourceType, String)> {
        if let Some(target) = self.named(text) {
            return Some(target);
        }
        if self.by_url.is_empty() {
            return None;
        }
        match Reference::parse(text) {
            Reference::Local { version: Some(_), .. } if root? == self.base_url.trim_end_matches('/') => None,
            Reference::Local { kind, id, .. } => self.by_url.get(format!("{}/{kind}/{id}", root?).as_str()),
            Reference::Absolute(address) => match Reference::within(address, &self.base_url) {
                Reference::Local { .. } => None,
                _ => self.by_url.get(without_version(address)?),
            },
            _ => None,
        }
    }

    /// What a whole name leads to: as it is written, or with the UUID in small letters.
    fn named(&self, text: &str) -> Option<&(ResourceType, String)> {
        let as_written = self.by_url.get(text).or_else(|| self.by_search.get(text));
        as_written.or_else(|| self.by_url.get(&*name_of(text)).filter(|_| text.starts_with(UUID)))
    }

    /// The token that takes the place of a received one: a reference that names an entry of the
    /// bundle, a search, or this server by its full address. The entry it is in stands under `root`: see [`root_of`].
    pub fn rewrite(&self, root: Option<&str>, member: &str, value: Value<'_>) -> Option<String> {
        let raw = value.raw();
        if member == "div" {
            return if raw.contains(UUID) { self.relinked(&value.as_str()?) } else { None };
        }
        // The address that a definition bears for ever may well be the one its entry is listed under.
        let may_name_an_entry = raw.strip_prefix('"').is_some_and(|text| text.starts_with(UUID));
        if member != "reference" && !(may_name_an_entry && matches!(member, "url" | "uri" | "valueUri" | "valueUrl")) {
            return None;
        }
        let text: Cow<'_, str> = value.as_str()?;
        let named = if member == "reference" { self.entry_named(root, &text) } else { self.named(&text) };
        let target = match named {
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

    /// The token of a narrative whose links and images name entries of the bundle; none where none does.
    /// <https://hl7.org/fhir/R4/http.html#trules>
    fn relinked(&self, narrative: &str) -> Option<String> {
        let (mut told, mut rest, mut is_changed) = (String::with_capacity(narrative.len()), narrative, false);
        while let Some(at) = rest.find(UUID) {
            let (before, from) = rest.split_at(at);
            told.push_str(before);
            let quote = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\'') && is_link(&before[..before.len() - 1]));
            let address = quote.and_then(|quote| from.split(quote).next()).unwrap_or(UUID);
            match self.named(address) {
                Some((kind, id)) => {
                    told.push_str(&format!("{kind}/{id}"));
                    is_changed = true;
                }
                None => told.push_str(address),
            }
            rest = &from[address.len()..];
        }
        told.push_str(rest);
        is_changed.then(|| {
            let mut token = String::with_capacity(told.len() + told.len() / 8);
            write_string(&told, &mut token);
            token
        })
    }
}

/// The address of the server that an entry comes from, where its `fullUrl` ends like one of FHIR's own, as
/// `https://…/Patient/1`: the relative references of that entry are completed with it.
/// <https://hl7.org/fhir/R4/bundle.html#references>
pub(crate) fn root_of(full_url: &str) -> Option<&str> {
    if !full_url.starts_with("http://") && !full_url.starts_with("https://") {
        return None;
    }
    let (before, id) = without_version(full_url).unwrap_or(full_url).rsplit_once('/')?;
    let (root, kind) = before.rsplit_once('/')?;
    (is_id(id) && ResourceType::named(kind).is_some()).then_some(root)
}

/// A `fullUrl` as it is compared with others and with references: a UUID in small letters, an address without the
/// fragment and the version it may end with. <https://hl7.org/fhir/R4/bundle.html#references>
pub(crate) fn name_of(full_url: &str) -> Cow<'_, str> {
    let bare = address_of(full_url);
    match bare.starts_with(UUID) && bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(bare.to_ascii_lowercase()),
        false => Cow::Borrowed(bare),
    }
}

/// A `fullUrl` without the fragment and the version it may end with.
pub(crate) fn address_of(full_url: &str) -> &str {
    let bare = full_url.split_once('#').map_or(full_url, |(before, _)| before);
    without_version(bare).unwrap_or(bare)
}

/// An address without the version it ends with; none where it has none.
fn without_version(address: &str) -> Option<&str> {
    let (rest, version) = address.rsplit_once("/_history/")?;
    is_id(version).then_some(rest)
}

/// How a name begins that an entry has in its bundle only.
const UUID: &str = "urn:uuid:";

/// True where the value of an attribute follows that leads somewhere: `<a href=` and `<img src=`.
fn is_link(before: &str) -> bool {
    let Some(name) = before.trim_end().strip_suffix('=').map(str::trim_end) else { return false };
    ["href", "src"].into_iter().any(|attribute| name.strip_suffix(attribute).is_some_and(|rest| rest.ends_with(char::is_whitespace)))
}

impl Chart {
    /// What the references of this transaction mean: entries of the bundle, and searches.
    pub(super) fn name<'o>(&self, act: &Transaction<'o>, aims: &[Aim]) -> std::result::Result<Names<'o>, Trouble> {
        let Transaction { caller, orders, rules, others, .. } = *act;
        let mut names = Names::default();
        names.base_url = self.inner.settings.base_url.clone();
        names.orphans_wait = rules.orphans_wait;
        for (order, aim) in orders.iter().zip(aims) {
            let target = (order.kind, aim.id.clone());
            if !aim.found {
                names.ours.insert(target.clone(), names.targets.len());
            }
            names.targets.push(target.clone());
            // What is deleted is named by nothing that is written beside it.
            if let Some(full_url) = order.full_url.as_ref().filter(|_| order.deed != Deed::Delete) {
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
                    let named = self.name_by_search(caller, &text, orders, aims, &mut names);
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

    /// What a reference by search means once the transaction is done: what is made and changed by it counts as it will be.
    /// <https://hl7.org/fhir/R4/http.html#trules>
    pub(super) fn name_by_search(&self, caller: &Caller, text: &str, orders: &[Order<'_>], aims: &[Aim], names: &mut Names<'_>) -> Result<()> {
        let Reference::Conditional { kind, query } = Reference::parse(text) else { return Ok(()) };
        if names.by_search.contains_key(text) {
            return Ok(());
        }
        let find = |limit: usize| self.find_by_condition(caller, kind, query, limit).map(|found| found.into_iter().map(|(_, id)| id).collect::<Vec<String>>());
        let mut found = find(CONDITION_FINDS)?;
        let ours: Vec<(&Order<'_>, &Aim)> = orders.iter().zip(aims).filter(|(order, aim)| order.kind == kind && !aim.found).collect();
        if !ours.is_empty() {
            if found.iter().any(|id| ours.iter().any(|(_, aim)| aim.id == *id)) {
                found = find(CONDITION_FINDS + ours.len())?;
            }
            let parsed = Query::parse_condition(kind, query, self.query_context()).map_err(Error::Malformed)?;
            // What lies at the other end of a link may be of this transaction, too: there only deletions are known.
            let is_judged = !parsed.looks_beyond();
            found.retain(|id| !ours.iter().any(|(order, aim)| aim.id == *id && (is_judged || order.deed == Deed::Delete)));
            for (order, aim) in ours.iter().filter(|(order, _)| is_judged && order.deed != Deed::Delete) {
                let meta = Meta { id: &aim.id, last_updated: self.now(), version: 1 };
                if order.body.is_some_and(|body| Matcher::new(&parsed).matches(body, meta)) {
                    found.push(aim.id.clone());
                }
            }
        }
        match found.as_slice() {
            [id] => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    #[test]
    fn a_reference_is_completed_with_the_address_that_its_entry_comes_from() {
        let patient = ResourceType::PATIENT;
        let mut names = Names { base_url: "http://here.example/fhir".to_owned(), ..Names::default() };
        names.by_url.insert("http://a.example/fhir/Patient/1", (patient, "new".to_owned()));
        names.by_url.insert("http://here.example/fhir/Patient/1", (patient, "own".to_owned()));
        for (full_url, text, expect) in [
            (Some("http://a.example/fhir/Observation/9"), "Patient/1", Some("new")),
            (Some("http://a.example/fhir/Observation/9/_history/2"), "Patient/1/_history/4", Some("new")),
            (Some("http://here.example/fhir/Observation/9"), "Patient/1", Some("own")),
            (None, "http://a.example/fhir/Patient/1", Some("new")),
            (None, "http://a.example/fhir/Patient/1/_history/3", Some("new")),
            // No entry is meant: what is here already, or a version of it.
            (Some("http://here.example/fhir/Observation/9"), "Patient/1/_history/2", Some("1")),
            (None, "http://here.example/fhir/Patient/1/_history/2", Some("1")),
            (Some("http://a.example/fhir/Observation/9"), "Patient/2", Some("2")),
            (Some("http://b.example/fhir/Observation/9"), "Patient/1", Some("1")),
            (Some("http://a.example/fhir/urn/9"), "Patient/1", Some("1")),
            (Some("urn:uuid:11111111-1111-4111-8111-111111111111"), "Patient/1", Some("1")),
            (None, "Patient/1", Some("1")),
            (None, "http://b.example/fhir/Patient/1", None),
            (None, "http://a.example/fhir/Patient/1/_history/", None),
        ] {
            let target = names.target(full_url.and_then(root_of), text);
            assert_eq!(target.as_ref().map(|(_, id)| id.as_str()), expect, "{text} in {full_url:?}");
        }
    }

    #[test]
    fn a_full_url_is_compared_without_what_is_not_of_its_resource() {
        for (full_url, expect) in [
            ("urn:uuid:11111111-1111-4111-8111-11111111111A", "urn:uuid:11111111-1111-4111-8111-11111111111a"),
            ("http://a.example/fhir/Patient/1/_history/2", "http://a.example/fhir/Patient/1"),
            ("http://a.example/fhir/Patient/A#x", "http://a.example/fhir/Patient/A"),
            ("http://a.example/fhir/Patient/A", "http://a.example/fhir/Patient/A"),
        ] {
            assert_eq!(name_of(full_url), expect);
        }
        let mut names = Names::default();
        names.by_url.insert("urn:uuid:1a", (ResourceType::PATIENT, "new".to_owned()));
        for text in ["urn:uuid:1a", "urn:uuid:1A"] {
            assert_eq!(names.target(None, text).map(|(_, id)| id).as_deref(), Some("new"), "{text}");
        }
        // A fragment is something inside of it.
        assert_eq!(names.target(None, "http://a.example/fhir/Patient/1#x"), None);
    }

    #[test]
    fn links_and_images_of_a_narrative_lead_to_what_the_entries_became() {
        let kind = |name: &str| ResourceType::named(name).unwrap();
        let mut names = Names::default();
        names.by_url.insert("urn:uuid:1a", (kind("Binary"), "b".to_owned()));
        names.by_url.insert("urn:uuid:1ab", (kind("Patient"), "p".to_owned()));
        for (narrative, expect) in [
            (r#"<img alt="x" src="urn:uuid:1a"/>"#, Some(r#"<img alt="x" src="Binary/b"/>"#)),
            (r#"<a href = 'urn:uuid:1ab'>é</a><a href="urn:uuid:none">?</a>"#, Some(r#"<a href = 'Patient/p'>é</a><a href="urn:uuid:none">?</a>"#)),
            (r#"<img src="urn:uuid:1a"/><img src="urn:uuid:1a"/>"#, Some(r#"<img src="Binary/b"/><img src="Binary/b"/>"#)),
            // What is said is no link, nor is the value of another attribute or a part of an address.
            (r#"<p title="urn:uuid:1a">urn:uuid:1a</p>"#, None),
            (r#"<a href="urn:uuid:1ac">?</a>"#, None),
            (r#"<a href="urn:uuid:"#, None),
            (r#"<p>urn:uuid:</p>"#, None),
        ] {
            let mut body = String::from("{\"div\":");
            write_string(narrative, &mut body);
            body.push('}');
            let document = Document::read(&body).unwrap();
            let token = names.rewrite(None, "div", document.root().get("div").unwrap());
            let told = token.map(|token| Document::read(&format!("{{\"div\":{token}}}")).unwrap().root().string("div").unwrap().into_owned());
            assert_eq!(told.as_deref(), expect, "{narrative}");
        }
    }
}
