//! `PUT /Type/{id}`, update as create, and `PUT /Type?criteria`.
//! https://hl7.org/fhir/R4/http.html#update

use crate::answer::Answer;
use crate::asked::Asked;
use crate::binary;
use crate::conditional::{Tags, if_none_match};
use crate::create::content_fits;
use crate::outcome::Trouble;
use axum::body::Body;
use fhir::{IssueCode, ResourceType};

pub(crate) async fn update(asked: &Asked<'_>, kind: ResourceType, id: &str, body: Body) -> Result<Answer, Trouble> {
    let is_json = content_fits(asked, kind)?;
    asked.names_by_id_alone()?;
    let version = expected(asked, kind, Some(id)).await?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let wrapped = if is_json { None } else { Some(binary::wrap(asked.headers, &received, Some(id))?) };
    let text = wrapped.as_deref().unwrap_or(&received);
    let written = asked.chart.update(asked.caller, kind, id, text, version.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(text))?))
}

pub(crate) async fn update_where(asked: &Asked<'_>, kind: ResourceType, body: Body) -> Result<Answer, Trouble> {
    crate::negotiate::must_be_json(asked.headers)?;
    let criteria = asked.criteria().ok_or_else(criteria_missing)?;
    let version = expected(asked, kind, None).await?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let written = asked.chart.update_where(asked.caller, kind, &criteria, &received, version.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(&received))?))
}

/// A conditional write without a condition would be about anything.
pub(crate) fn criteria_missing() -> Trouble {
    Trouble::malformed(IssueCode::Required, "Name the resource by its id, or by criteria, as in /Patient?identifier=system|value.").at("http.id")
}

/// To the door: nothing may be there yet.
const NOTHING: &str = "0";

/// The version that must be there, by If-Match, or that none may be, by `If-None-Match: *`.
async fn expected(asked: &Asked<'_>, kind: ResourceType, id: Option<&str>) -> Result<Option<String>, Trouble> {
    let version = asked.version_insisted_on(kind, id).await?;
    match (if_none_match(asked.headers)?, version) {
        (None, version) => Ok(version),
        (Some(Tags::Any), None) => Ok(Some(NOTHING.to_owned())),
        _ => Err(Trouble::malformed(IssueCode::NotSupported, "On a write, If-None-Match is * and stands without If-Match.").at("http.If-None-Match")),
    }
}
