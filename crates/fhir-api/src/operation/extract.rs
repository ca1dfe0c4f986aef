//! `GET|POST /QuestionnaireResponse/{id}/$extract`, `POST /QuestionnaireResponse/$extract`: what a
//! response says of the person, as resources of their own.
//! http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract
//!
//! * Nothing is kept: the answer is a transaction that the caller may send.
//! * The Questionnaire is the one the response names, as it is held here.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::{Trouble, outcome};
use fhir::{Issue, IssueCode, ResourceType};

pub(crate) const OPERATION: Operation = Operation {
    name: "extract",
    definition: "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract",
    at: &[At::Type(&["QuestionnaireResponse"]), At::Instance(&["QuestionnaireResponse"])],
    methods: "GET, HEAD, POST",
    parameters: &["questionnaire-response"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(extract(asked, call)),
};

async fn extract(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let sent = call.input.resource("questionnaire-response");
    let response = match (call.place, sent) {
        (Place::Instance(..), Some(_)) => return Err(Trouble::malformed(IssueCode::NotSupported, "The address names the response already; leave the body out.").at("Parameters.parameter")),
        (Place::Instance(_, id), None) => {
            let kind = ResourceType::named("QuestionnaireResponse").ok_or_else(Trouble::inside)?;
            asked.chart.read(asked.caller, kind, id).await?.text
        }
        (_, Some(sent)) if sent.string("resourceType").as_deref() == Some("QuestionnaireResponse") => sent.raw().to_owned(),
        _ => return Err(Trouble::malformed(IssueCode::Required, "Send the QuestionnaireResponse, alone or as the parameter questionnaire-response.").at("Parameters.parameter")),
    };
    let (bundle, flaws) = asked.chart.extracted(asked.caller, &response).await?;
    let mut out = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"return\",\"resource\":{bundle}}}");
    tell(&flaws, &mut out);
    out.push_str("]}");
    Ok(Answer::ok(Payload::Text(out)))
}

/// What is wrong, as the parameter the guide has for it; nothing where nothing is.
pub(super) fn tell(flaws: &[Issue], out: &mut String) {
    if !flaws.is_empty() {
        out.push_str(&format!(",{{\"name\":\"issues\",\"resource\":{}}}", outcome("issues", flaws)));
    }
}
