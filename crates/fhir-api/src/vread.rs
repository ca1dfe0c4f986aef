//! `GET /Type/{id}/_history/{version}`. https://hl7.org/fhir/R4/http.html#vread

use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::read::{PARAMETERS, show};
use fhir::ResourceType;

pub(crate) async fn vread(asked: &Asked<'_>, kind: ResourceType, id: &str, version: &str) -> Result<Answer, Trouble> {
    asked.knows_only(&PARAMETERS)?;
    let stored = asked.chart.vread(asked.caller, kind, id, version).await?;
    show(asked, stored)
}
