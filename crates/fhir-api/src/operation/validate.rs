//! `POST …/$validate`, `GET /Type/{id}/$validate`: what is wrong with a resource, without keeping it.
//! https://hl7.org/fhir/R4/resource-operation-validate.html
//!
//! * The answer is 200 with an OperationOutcome, however wrong the resource is.
//! * The rules are those of R4 itself. A profile this server does not hold is never said to be met.

use super::{At, Call, EVERY_TYPE, Operation, Place, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::{Trouble, all_well, outcome, positioned};
use axum::http::StatusCode;
use fhir::{Document, Issue, IssueCode, Limits, ResourceType, Value};

pub(crate) const OPERATION: Operation = Operation {
    name: "validate",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    at: &[At::Type(EVERY_TYPE), At::Instance(EVERY_TYPE)],
    methods: "GET, HEAD, POST",
    parameters: &["resource", "mode", "profile"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(validate(asked, call)),
};

/// Where R4 keeps the definitions of its own types.
const BASE_PROFILE: &str = "http://hl7.org/fhir/StructureDefinition/";

async fn validate(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let (kind, id) = match call.place {
        Place::Type(kind) => (kind, None),
        Place::Instance(kind, id) => (kind, Some(id)),
        _ => return Err(Trouble::inside()),
    };
    let mode = asked.parameters.first("mode").unwrap_or_default().to_owned();
    if !["", "create", "update", "delete", "profile"].contains(&mode.as_str()) {
        return Err(Trouble::malformed(IssueCode::Value, "mode is create, update, delete or profile.").at("http.mode"));
    }
    if mode == "profile" && asked.parameters.first("profile").is_none() {
        return Err(Trouble::malformed(IssueCode::Required, "mode=profile wants the profile, in the parameter profile.").at("http.profile"));
    }
    if ["update", "delete"].contains(&mode.as_str()) && id.is_none() {
        return Err(Trouble::malformed(IssueCode::Value, "An update or a deletion is validated at the address of the resource, as Patient/23/$validate.").at("http.mode"));
    }
    if mode == "delete" {
        // Nothing here refuses a deletion: references to what is deleted stay as they are.
        let stored = asked.chart.read(asked.caller, kind, id.unwrap_or_default()).await?;
        return Ok(told(asked, &[]).of_version(stored.version, stored.last_updated));
    }
    if asked.parameters.pairs().any(|(name, value)| name == "profile" && !is_base(kind, value)) {
        let message = format!("This server does not hold that profile; it validates against {BASE_PROFILE}{kind}. Profiles arrive with a later release.");
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http.profile"));
    }
    let issues = match call.input.resource("resource") {
        Some(resource) => positioned(issues_of(resource, kind, id, &mode, asked), call.input.bytes()),
        None => {
            let missing = || Trouble::malformed(IssueCode::Required, "Send the resource as the body, or as the parameter resource.").at("Parameters.parameter");
            let stored = asked.chart.read(asked.caller, kind, id.ok_or_else(missing)?).await?;
            let limits = Limits { size_bytes: asked.settings.body_limit_bytes, ..Limits::default() };
            match Document::read_within(&stored.text, limits) {
                Ok(document) => positioned(issues_of(document.root(), kind, id, &mode, asked), stored.text.as_bytes()),
                Err(cause) => vec![(&cause).into()],
            }
        }
    };
    Ok(told(asked, &issues))
}

fn is_base(kind: ResourceType, profile: &str) -> bool {
    let profile = profile.strip_suffix("|4.0.1").unwrap_or(profile);
    profile.strip_prefix(BASE_PROFILE).is_some_and(|name| name == kind.name() || ["Resource", "DomainResource"].contains(&name))
}

/// What is wrong with a resource, and which of its own claims nobody looked at.
fn issues_of(resource: Value<'_>, kind: ResourceType, id: Option<&str>, mode: &str, asked: &Asked<'_>) -> Vec<Issue> {
    if resource.string("resourceType").as_deref() != Some(kind.name()) {
        return vec![Issue::error(IssueCode::Invalid, "resourceType", format!("The resource is not a {kind}, the type the address names."))];
    }
    let mut issues = asked.chart.validate_resource(resource);
    if mode == "update" && resource.string("id").as_deref() != id {
        issues.push(Issue::error(IssueCode::Invalid, format!("{kind}.id"), "An update bears the id of the address."));
    }
    let claimed = resource.get("meta").and_then(|meta| meta.get("profile")).into_iter().flat_map(|profiles| profiles.items().enumerate());
    for (number, profile) in claimed.filter(|(_, profile)| !profile.as_str().is_some_and(|url| is_base(kind, &url))) {
        let message = "This server does not hold this profile: whether the resource meets it was not looked at.";
        issues.push(Issue::information(IssueCode::NotSupported, format!("{kind}.meta.profile[{number}]"), message).at(profile.span().start));
    }
    issues
}

fn told(asked: &Asked<'_>, issues: &[Issue]) -> Answer {
    let text = match issues.iter().any(|issue| issue.severity >= fhir::Severity::Warning) {
        true => outcome(asked.request_id, issues),
        false => all_well(asked.request_id, "Nothing is wrong with it by the rules of R4.", issues),
    };
    Answer::text(StatusCode::OK, text)
}
