//! `DELETE /Type/{id}` and `DELETE /Type?criteria`. https://hl7.org/fhir/R4/http.html#delete
//!
//! Nothing is destroyed: a deletion is a version that says so.

use crate::answer::Answer;
use crate::asked::Asked;
use chart::{Target, WrittenAs};
use crate::outcome::{Trouble, all_well};
use crate::prefer::Return;
use crate::update::criteria_missing;
use axum::http::StatusCode;
use fhir::ResourceType;

pub(crate) async fn delete(asked: &Asked<'_>, kind: ResourceType, id: Option<&str>) -> Result<Answer, Trouble> {
    let criteria = match id {
        Some(_) => asked.names_by_id_alone().map(|()| String::new())?,
        None => asked.criteria().ok_or_else(criteria_missing)?,
    };
    let target = id.map_or(Target::Criteria(&criteria), Target::Id);
    let version = asked.version_insisted_on(kind, id).await?;
    let written = asked.chart.delete(asked.caller, kind, target, version.as_deref()).await?;
    let answer = match asked.prefer.returns {
        Some(Return::Outcome | Return::Representation) => {
            let message = if written.done == WrittenAs::Deleted { "Deleted." } else { "It was deleted before." };
            let text = all_well(asked.request_id, message, &written.issues);
            Answer { applied: Some(Return::Outcome), ..Answer::text(StatusCode::OK, text) }
        }
        _ => Answer::empty(StatusCode::NO_CONTENT),
    };
    Ok(Answer { version: Some(written.stored.version), ..answer })
}
