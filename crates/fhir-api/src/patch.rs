//! `PATCH /Type/{id}` and `PATCH /Type?criteria`: JSON Patch and FHIRPath Patch.
//! https://hl7.org/fhir/R4/http.html#patch

use crate::answer::Answer;
use crate::asked::Asked;
use chart::{Patch, Target};
use crate::negotiate::{Sent, only, sent};
use crate::outcome::Trouble;
use crate::update::criteria_missing;
use axum::body::Body;
use axum::http::header::{HeaderName, HeaderValue};
use fhir::ResourceType;

/// The formats of a patch, for Accept-Patch and the capability statement.
pub(crate) const FORMATS: [&str; 2] = ["application/json-patch+json", "application/fhir+json"];

pub(crate) async fn patch(asked: &Asked<'_>, kind: ResourceType, id: Option<&str>, body: Body) -> Result<Answer, Trouble> {
    let sent = sent(asked.headers)?;
    if !matches!(sent, Sent::Json | Sent::JsonPatch) {
        let accept = HeaderValue::from_static("application/json-patch+json, application/fhir+json");
        return Err(only("application/json-patch+json, application/fhir+json").with(HeaderName::from_static("accept-patch"), accept));
    }
    let criteria = match id {
        Some(_) => asked.names_by_id_alone().map(|()| String::new())?,
        None => asked.criteria().ok_or_else(criteria_missing)?,
    };
    let target = id.map_or(Target::Criteria(&criteria), Target::Id);
    let version = asked.version_insisted_on(kind, id).await?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let patch = if sent == Sent::JsonPatch { Patch::Json(&received) } else { Patch::FhirPath(&received) };
    let written = asked.chart.patch(asked.caller, kind, target, patch, version.as_deref()).await;
    Ok(asked.wrote(written.map_err(|cause| Trouble::from(cause).within(&received))?))
}
