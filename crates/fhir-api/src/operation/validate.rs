//! `POST …/$validate`, `GET /Type/{id}/$validate`: what is wrong with a resource, without keeping it.
//! https://hl7.org/fhir/R4/resource-operation-validate.html
//!
//! * The answer is 200 with an OperationOutcome, however wrong the resource is.
//! * The rules are those of R4 itself, of the profiles asked for and claimed, and of the codes and
//!   extensions this site knows. A profile this site does not hold is never said to be met.

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

/// Profiles that one call may ask for.
const MOST_PROFILES: usize = 20;

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
    let profiles: Vec<String> = asked.parameters.pairs().filter(|(name, _)| *name == "profile").map(|(_, value)| value.to_owned()).collect();
    if profiles.len() > MOST_PROFILES {
        return Err(Trouble::malformed(IssueCode::TooCostly, format!("At most {MOST_PROFILES} profiles at once; ask again for the others.")).at("http.profile"));
    }
    let issues = match call.input.resource("resource") {
        Some(resource) => positioned(issues_of(resource, kind, id, &mode, &profiles, asked), call.input.bytes()),
        None => {
            let missing = || Trouble::malformed(IssueCode::Required, "Send the resource as the body, or as the parameter resource.").at("Parameters.parameter");
            let stored = asked.chart.read(asked.caller, kind, id.ok_or_else(missing)?).await?;
            let limits = Limits { size_bytes: asked.settings.body_limit_bytes, ..Limits::default() };
            match Document::read_within(&stored.text, limits) {
                Ok(document) => positioned(issues_of(document.root(), kind, id, &mode, &profiles, asked), stored.text.as_bytes()),
                Err(cause) => vec![(&cause).into()],
            }
        }
    };
    Ok(told(asked, &issues))
}

/// What is wrong with a resource.
fn issues_of(resource: Value<'_>, kind: ResourceType, id: Option<&str>, mode: &str, profiles: &[String], asked: &Asked<'_>) -> Vec<Issue> {
    if resource.string("resourceType").as_deref() != Some(kind.name()) {
        return vec![Issue::error(IssueCode::Invalid, "resourceType", format!("The resource is not a {kind}, the type the address names.")).of_rule("resource-type")];
    }
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let mut issues = asked.chart.validate_resource(resource, &profiles);
    if mode == "update" && resource.string("id").as_deref() != id {
        issues.push(Issue::error(IssueCode::Invalid, format!("{kind}.id"), "An update bears the id of the address.").of_rule("id-of-address"));
    }
    issues
}

fn told(asked: &Asked<'_>, issues: &[Issue]) -> Answer {
    let text = match issues.iter().any(|issue| issue.severity >= fhir::Severity::Warning) {
        true => outcome(asked.request_id, issues),
        false => all_well(asked.request_id, "Nothing is wrong with it by the rules of R4 and of its profiles.", issues),
    };
    Answer::text(StatusCode::OK, text)
}
