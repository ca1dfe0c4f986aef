//! Profiles, security labels and tags: those in use, and adding or taking away some of one resource.
//!
//! * A version is added, never overwritten: changed labels are a new version, and those of an
//!   older version stay as they were.
//! * Adding what is there, or taking away what is not, changes nothing.
//! * What is in use is told without whose it is: nobody is disclosed by it.
//! * A version that the house makes of another keeps its security labels and tags: what they hide stays hidden.
//!
//! <https://hl7.org/fhir/R4/resource-operation-meta-add.html>

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ::forms::Json;
use access::{Act, Caller};
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, Kind, Moment, ResourceType, Value, home};
use store::Method;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Written;
use crate::transaction::{Deed, Rules};
use crate::write::order;

/// What happens to labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Labelling {
    /// Those named are there afterwards.
    Add,
    /// Those named are gone afterwards.
    Remove,
}

/// The members of a Meta that are lists of labels.
const LISTS: [&str; 3] = ["profile", "security", "tag"];

impl Chart {
    /// Adds or removes profiles, security labels and tags; whatever else `meta` holds is passed over.
    /// Where a version is insisted on and another one is there, it is refused.
    pub async fn label(&self, caller: &Caller, kind: ResourceType, id: &str, labelling: Labelling, meta: Value<'_>, if_match: Option<&str>) -> Result<Written> {
        for _ in 0..8 {
            let was = self.read(caller, kind, id).await?;
            if if_match.is_some_and(|wanted| wanted != was.version.to_string()) {
                return Err(Error::VersionMismatch { current: was.version });
            }
            let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
            let text = relabelled(before.root(), labelling, meta);
            let document = self.read_body(text.as_bytes())?;
            let mut one = order(Deed::Update, kind, Some(document.root()));
            (one.id, one.if_match) = (Some(id.to_owned()), Some(was.version.to_string()));
            match self.transact(caller, &[one], Rules::default()).await {
                // Somebody wrote in between: the labels go onto what is there now.
                Err(Error::VersionMismatch { .. }) => continue,
                result => return result?.pop().ok_or(Error::NotFound),
            }
        }
        Err(Error::Conflict("others keep writing to the same resource; try again in a moment"))
    }

    /// A Meta with every profile, security label and tag in use on resources of some types (empty
    /// for all) that the caller may see.
    pub async fn labels_in_use(&self, caller: &Caller, kinds: &[ResourceType]) -> Result<String> {
        let set = self.permitted_set(caller, Act::Read)?;
        let settled = self.inner.times.settled().await;
        let mut labels = Labels::default();
        let settings = &self.inner.settings;
        let is_scan = !matches!(kinds, [kind] if home::is_shared(*kind)) && !settings.allow_scans;
        let mut left = if is_scan { settings.most_looked_at.min(settings.most_scanned) } else { settings.most_looked_at };
        let until = Moment(self.now().0.saturating_add(settings.search_patience.as_millis() as i64));
        let mut failed = None;
        let mut look = |record| {
            let permitted = match self.right(&set, record) {
                Ok(Some(permitted)) => permitted,
                Ok(None) => return ControlFlow::Continue(()),
                Err(cause) => {
                    failed = Some(cause);
                    return ControlFlow::Break(());
                }
            };
            let mut visit = |entry: store::EntryRef<'_>| {
                if left == 0 || (left.is_multiple_of(CLOCK_EVERY) && self.now() > until) {
                    failed = Some(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", TOO_MANY)]));
                    return ControlFlow::Break(());
                }
                left -= 1;
                if entry.method != Method::Delete && (kinds.is_empty() || kinds.contains(&entry.kind)) {
                    labels.note(entry.text);
                }
                ControlFlow::Continue(())
            };
            let scanned = match kinds {
                [] => self.store().scan_record(&permitted, settled, &mut visit),
                kinds => self.store().scan_types(&permitted, kinds, settled, None, &mut visit),
            };
            if let Err(cause) = scanned {
                failed = Some(cause.into());
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        match kinds {
            [kind] if home::is_shared(*kind) => {
                let _ = self.store().shared_records(*kind).try_for_each(&mut look);
            }
            _ => self.store().records(None, &mut look)?,
        }
        failed.map_or_else(|| Ok(labels.written()), Err)
    }
}

/// The refusal to take off a label that keeps a resource from others.
pub(crate) fn keepers_of_labels() -> Error {
    let message = "A label that keeps this resource from others (confidentiality R or V, or what this site calls sensitive) is taken off by the records clerk or a connected system, and not by whoever treats. Send meta.security as it stands; more labels may be added.";
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Resource.meta.security", message).of_rule("label-keeper")])
}

/// Takes off what a version says of itself, but for the security labels and tags: its own, and those of the version that it
/// comes after. What is kept from others stays so when it is put right.
pub(crate) fn keep_labels(json: &mut Json, before: Option<&Json>) {
    let mut kept = Json::Object(Vec::new());
    for name in ["security", "tag"] {
        let mut labels: Vec<Json> = Vec::new();
        for meta in [json.get("meta"), before.and_then(|before| before.get("meta"))].into_iter().flatten() {
            for label in meta.each(name) {
                if !labels.contains(label) {
                    labels.push(label.clone());
                }
            }
        }
        if !labels.is_empty() {
            kept.set(name, Json::List(labels));
        }
    }
    json.remove("meta");
    if !kept.members().is_empty() {
        json.set("meta", kept);
    }
}

const TOO_MANY: &str = "Telling the labels in use would look at more resources, or take longer, than this server allows. Ask for one type, or for one resource.";
/// Resources between two looks at the clock.
const CLOCK_EVERY: usize = 1024;

/// Labels by what makes them the same, each as it was first met.
#[derive(Default)]
struct Labels([BTreeMap<String, String>; 3]);

impl Labels {
    fn note(&mut self, text: &str) {
        // Most resources have no labels, and that is seen without reading the tree.
        if !LISTS.iter().any(|list| text.contains(list)) {
            return;
        }
        let Ok(document) = Document::read(text) else { return };
        let Some(meta) = document.root().get("meta") else { return };
        for (place, list) in LISTS.iter().enumerate() {
            for label in meta.get(list).into_iter().flat_map(|labels| labels.items()).filter(|label| !label.is_null()) {
                self.0[place].entry(key(label)).or_insert_with(|| compact(label));
            }
        }
    }

    fn written(self) -> String {
        let lists: Vec<_> = LISTS.iter().zip(self.0).filter(|(_, labels)| !labels.is_empty()).map(|(list, labels)| {
            let labels: Vec<_> = labels.into_values().collect();
            format!("\"{list}\":[{}]", labels.join(","))
        }).collect();
        format!("{{{}}}", lists.join(","))
    }
}

/// What makes two labels the same: a profile its address without more, a coding its system and code.
fn key(label: Value<'_>) -> String {
    match label.kind() {
        Kind::Object => format!("{}|{}", label.string("system").unwrap_or_default(), label.string("code").unwrap_or_default()),
        _ => label.as_str().unwrap_or_default().into_owned(),
    }
}

fn compact(value: Value<'_>) -> String {
    let mut out = String::new();
    value.write_compact(&mut out);
    out
}

/// The resource with other labels, everything else token for token.
fn relabelled(resource: Value<'_>, labelling: Labelling, change: Value<'_>) -> String {
    let was = resource.get("meta");
    let mut meta: Vec<String> = Vec::new();
    for (name, value) in was.iter().flat_map(|meta| meta.members()) {
        if !LISTS.contains(&name.strip_prefix('_').unwrap_or(&name)) {
            meta.push(format!("{}:{}", quoted(&name), compact(value)));
        }
    }
    for list in LISTS {
        relabel(list, was, labelling, change, &mut meta);
    }
    let meta = format!("\"meta\":{{{}}}", meta.join(","));
    let mut members: Vec<String> = Vec::new();
    for (name, value) in resource.members() {
        members.push(if name == "meta" { meta.clone() } else { format!("{}:{}", quoted(&name), compact(value)) });
    }
    if was.is_none() {
        members.push(meta);
    }
    format!("{{{}}}", members.join(","))
}

/// One list of labels after a change. The companions of profiles (`_profile`) go with them.
fn relabel(list: &str, was: Option<Value<'_>>, labelling: Labelling, change: Value<'_>, out: &mut Vec<String>) {
    let items = |meta: Option<Value<'_>>, name: &str| -> Vec<(String, String)> {
        let labels = meta.and_then(|meta| meta.get(name)).into_iter().flat_map(|labels| labels.items().collect::<Vec<_>>());
        labels.map(|label| (key(label), compact(label))).collect()
    };
    let companion = format!("_{list}");
    let (mut labels, mut companions) = (items(was, list), items(was, &companion));
    let named = items(Some(change), list);
    match labelling {
        Labelling::Add => {
            for label in named {
                if !labels.iter().any(|(key, _)| *key == label.0) {
                    labels.push(label);
                }
            }
        }
        Labelling::Remove => {
            let kept: Vec<bool> = labels.iter().map(|(key, _)| !named.iter().any(|(other, _)| other == key)).collect();
            let is_kept = |place: &usize| kept.get(*place).copied().unwrap_or(true);
            labels = labels.into_iter().enumerate().filter(|(place, _)| is_kept(place)).map(|(_, label)| label).collect();
            companions = companions.into_iter().enumerate().filter(|(place, _)| is_kept(place)).map(|(_, label)| label).collect();
        }
    }
    for (name, labels) in [(list, labels), (companion.as_str(), companions)] {
        if !labels.is_empty() {
            let labels: Vec<_> = labels.into_iter().map(|(_, text)| text).collect();
            out.push(format!("\"{name}\":[{}]", labels.join(",")));
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(labelling: Labelling, meta: &str, change: &str, expect: &str) {
        let before = Document::read_owned(format!(r#"{{"resourceType":"Basic","meta":{meta},"id":"a"}}"#)).unwrap();
        let change = Document::read(change).unwrap();
        let text = relabelled(before.root(), labelling, change.root());
        assert_eq!(text, format!(r#"{{"resourceType":"Basic","meta":{expect},"id":"a"}}"#));
    }

    #[test]
    fn labels_are_added_once_and_the_rest_stays() {
        let coding = r#"{"tag":[{"system":"s","code":"a"}]}"#;
        check(Labelling::Add, r#"{"versionId":"1"}"#, coding, r#"{"versionId":"1","tag":[{"system":"s","code":"a"}]}"#);
        check(Labelling::Add, r#"{"tag":[{"system":"s","code":"a","display":"A"}]}"#, coding, r#"{"tag":[{"system":"s","code":"a","display":"A"}]}"#);
        check(Labelling::Add, r#"{"profile":["p"],"source":"urn:x"}"#, r#"{"profile":["p","q"],"versionId":"9"}"#, r#"{"source":"urn:x","profile":["p","q"]}"#);
    }

    #[test]
    fn labels_are_taken_away_with_their_companions() {
        let change = r#"{"profile":["p"],"security":[{"system":"s","code":"R"}]}"#;
        check(Labelling::Remove, r#"{"profile":["p","q"],"_profile":[{"id":"1"},{"id":"2"}],"security":[{"system":"s","code":"R"}]}"#, change, r#"{"profile":["q"],"_profile":[{"id":"2"}]}"#);
        check(Labelling::Remove, r#"{"tag":[{"system":"t","code":"R"}]}"#, change, r#"{"tag":[{"system":"t","code":"R"}]}"#);
    }
}
