//! `POST /Type`, and with If-None-Exist. https://hl7.org/fhir/R4/http.html#create

use crate::answer::Answer;
use crate::asked::Asked;
use crate::binary;
use crate::conditional::IF_NONE_EXIST;
use crate::negotiate::{Sent, only, sent};
use crate::outcome::Trouble;
use axum::body::Body;
use fhir::{IssueCode, ResourceType};

pub(crate) async fn create(asked: &Asked<'_>, kind: ResourceType, body: Body) -> Result<Answer, Trouble> {
    let is_json = content_fits(asked, kind)?;
    if asked.criteria().is_some() {
        // Some servers take the condition from the address; to pass over it here would make a second person.
        let message = "A create takes its condition in the header If-None-Exist, not in the address.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http.If-None-Exist"));
    }
    let condition = condition(asked, kind)?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let wrapped = if is_json { None } else { Some(binary::wrap(asked.headers, &received, None)?) };
    let text = wrapped.as_deref().unwrap_or(&received);
    let written = asked.chart.create(asked.caller, kind, text, condition.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(text))?))
}

/// True for JSON, false for the raw content of a Binary, 415 for anything else.
pub(crate) fn content_fits(asked: &Asked<'_>, kind: ResourceType) -> Result<bool, Trouble> {
    match sent(asked.headers)? {
        Sent::Json => Ok(true),
        _ if kind == ResourceType::BINARY => Ok(false),
        _ => Err(only("application/fhir+json")),
    }
}

/// The criteria of If-None-Exist. Some senders put `Patient?` or `?` in front.
fn condition(asked: &Asked<'_>, kind: ResourceType) -> Result<Option<String>, Trouble> {
    let Some(header) = asked.headers.get(IF_NONE_EXIST) else {
        return Ok(None);
    };
    let wrong = || Trouble::malformed(IssueCode::Invalid, "If-None-Exist holds search criteria, as identifier=system|value.").at("http.If-None-Exist");
    let text = std::str::from_utf8(header.as_bytes()).map_err(|_| wrong())?.trim();
    let criteria = text.strip_prefix(kind.name()).filter(|rest| rest.starts_with('?')).unwrap_or(text);
    let criteria = criteria.strip_prefix('?').unwrap_or(criteria);
    if criteria.is_empty() { Err(wrong()) } else { Ok(Some(criteria.to_owned())) }
}
