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
    if let Some(tags) = if_none_match(asked.headers)? {
        must_not_be_there(asked, kind, id, tags).await?;
    }
    let version = asked.version_insisted_on(kind, Some(id)).await?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let wrapped = if is_json { None } else { Some(binary::wrap(asked.headers, &received, Some(id))?) };
    let text = wrapped.as_deref().unwrap_or(&received);
    let written = asked.chart.update(asked.caller, kind, id, text, version.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(text))?))
}

pub(crate) async fn update_where(asked: &Asked<'_>, kind: ResourceType, body: Body) -> Result<Answer, Trouble> {
    crate::negotiate::must_be_json(asked.headers)?;
    let criteria = asked.criteria().ok_or_else(criteria_missing)?;
    let version = asked.version_insisted_on(kind, None).await?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let written = asked.chart.update_where(asked.caller, kind, &criteria, &received, version.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(&received))?))
}

/// A conditional write without a condition would be about anything.
pub(crate) fn criteria_missing() -> Trouble {
    Trouble::malformed(IssueCode::Required, "Name the resource by its id, or by criteria, as in /Patient?identifier=system|value.")
}

/// If-None-Match on a write: `*` means only if nothing is there.
async fn must_not_be_there(asked: &Asked<'_>, kind: ResourceType, id: &str, tags: Tags) -> Result<(), Trouble> {
    let current = match asked.chart.read(asked.caller, kind, id).await {
        Ok(stored) => stored.version,
        Err(chart::Error::NotFound | chart::Error::Gone { .. }) => return Ok(()),
        Err(other) => return Err(other.into()),
    };
    let meets = match tags {
        Tags::Any => true,
        Tags::Versions(versions) => versions.iter().any(|one| one.parse() == Ok(current)),
    };
    if meets {
        return Err(Trouble { version: Some(current), ..Trouble::condition_fails("If-None-Match names what is there.").at("http.If-None-Match") });
    }
    Ok(())
}
