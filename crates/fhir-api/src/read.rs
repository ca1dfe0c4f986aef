//! `GET /Type/{id}`. https://hl7.org/fhir/R4/http.html#read

use crate::answer::Answer;
use crate::asked::Asked;
use crate::binary;
use crate::conditional::is_not_modified;
use crate::negotiate::must_read_fhir;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use chart::Stored;
use fhir::ResourceType;

/// What a read and a vread may be asked besides. https://hl7.org/fhir/R4/http.html#summary
pub(crate) const PARAMETERS: [&str; 2] = ["_summary", "_elements"];

pub(crate) async fn read(asked: &Asked<'_>, kind: ResourceType, id: &str) -> Result<Answer, Trouble> {
    asked.knows_only(&PARAMETERS)?;
    if crate::audit::is_of_log(kind, id) {
        return crate::audit::read(asked, id).await;
    }
    let stored = asked.chart.read(asked.caller, kind, id).await?;
    show(asked, stored)
}

/// The newest version or an earlier one, unless the reader has it already.
pub(crate) fn show(asked: &Asked<'_>, stored: Stored) -> Result<Answer, Trouble> {
    if is_not_modified(asked.headers, stored.version, stored.last_updated)? {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).of_version(stored.version, stored.last_updated));
    }
    if stored.kind == ResourceType::BINARY && !asked.format.is_explicit {
        return binary::content(stored);
    }
    must_read_fhir(asked.format)?;
    asked.show(stored)
}
