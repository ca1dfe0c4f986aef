//! `GET|POST …/$meta`: profiles, security labels and tags of a resource or a version, or those in use.
//! https://hl7.org/fhir/R4/resource-operation-meta.html

use super::{At, Call, EVERY_TYPE, Operation, Place, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use chart::{Labelling, Stored, WrittenAs};
use fhir::{Document, IssueCode};

pub(crate) const OPERATION: Operation = Operation {
    name: "meta",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-meta",
    at: &[At::System, At::Type(EVERY_TYPE), At::Instance(EVERY_TYPE), At::Version(EVERY_TYPE)],
    methods: "GET, HEAD, POST",
    parameters: &[],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(meta(asked, call)),
};

async fn meta(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    match call.place {
        Place::System => Ok(told(StatusCode::OK, &asked.chart.labels_in_use(asked.caller, &[]).await?)),
        Place::Type(kind) => Ok(told(StatusCode::OK, &asked.chart.labels_in_use(asked.caller, &[kind]).await?)),
        Place::Instance(kind, id) => Ok(of(&asked.chart.read(asked.caller, kind, id).await?)),
        Place::Version(kind, id, version) => Ok(of(&asked.chart.vread(asked.caller, kind, id, version).await?)),
    }
}

/// Adds or removes labels: what `$meta-add` and `$meta-delete` do.
pub(super) async fn label(asked: &mut Asked<'_>, call: Call<'_>, labelling: Labelling) -> Result<Answer, Trouble> {
    let Place::Instance(kind, id) = call.place else { return Err(Trouble::inside()) };
    let missing = || Trouble::malformed(IssueCode::Required, "Send the profiles, security labels and tags in the parameter meta, as valueMeta.").at("Parameters.parameter");
    let (member, meta) = call.input.value("meta").ok_or_else(missing)?;
    if member != "valueMeta" {
        return Err(missing());
    }
    // What is no Meta would pass unseen where only its lists are looked at.
    let known = ["id", "extension", "versionId", "lastUpdated", "source", "profile", "security", "tag"];
    let is_meta = meta.members().all(|(name, value)| known.contains(&name.strip_prefix('_').unwrap_or(&name)) && (!["profile", "security", "tag"].contains(&&*name) || value.kind() == fhir::Kind::Array));
    if meta.kind() != fhir::Kind::Object || !is_meta {
        return Err(Trouble::malformed(IssueCode::Structure, "valueMeta is a Meta: profile, security and tag are lists.").at("Parameters.parameter"));
    }
    // A source or a version is nothing that could be added or taken away: whoever sends one would believe that it was.
    let left: Vec<String> = meta.members().map(|(name, _)| name.into_owned()).filter(|name| !["profile", "security", "tag"].contains(&name.as_str())).collect();
    if !left.is_empty() {
        return Err(Trouble::malformed(IssueCode::NotSupported, format!("Only profile, security and tag are added and taken away; leave out {}.", left.join(", "))).at("Parameters.parameter"));
    }
    let version = asked.version_insisted_on(kind, Some(id)).await?;
    let written = asked.chart.label(asked.caller, kind, id, labelling, meta, version.as_deref()).await?;
    let location = (written.done == WrittenAs::Updated).then(|| format!("{}/{kind}/{id}/_history/{}", asked.base(), written.stored.version));
    Ok(Answer { location, ..of(&written.stored) })
}

/// The Meta of one version.
fn of(stored: &Stored) -> Answer {
    let mut text = String::new();
    if let Ok(document) = Document::read(&stored.text)
        && let Some(meta) = document.root().get("meta")
    {
        meta.write_compact(&mut text);
    }
    told(StatusCode::OK, &text).of_version(stored.version, stored.last_updated)
}

fn told(status: StatusCode, meta: &str) -> Answer {
    let value = if meta.is_empty() || meta == "{}" { String::new() } else { format!(",\"valueMeta\":{meta}") };
    // A parameter without a value would break the rule of Parameters; with none in use there is none to return.
    let text = if value.is_empty() { "{\"resourceType\":\"Parameters\"}".to_owned() } else { format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"return\"{value}}}]}}") };
    Answer::text(status, text)
}
