//! `POST /Patient/{id}/$break-glass`: what is sealed of one person opens to this session, for a while.
//! FHIR R4 has no such operation; this one is ours.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use access::GlassReason;
use fhir::IssueCode;

pub(crate) const OPERATION: Operation = Operation {
    name: "break-glass",
    definition: "https://carnet.health/fhir/OperationDefinition/break-glass",
    at: &[At::Instance(&["Patient"])],
    methods: "POST",
    parameters: &["reason", "note"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(break_glass(asked, call)),
};

async fn break_glass(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let reasons: Vec<&str> = GlassReason::ALL.iter().map(|(_, word)| *word).collect();
    let wrong = |code| Trouble::malformed(code, format!("reason is one of {}; note says why in words.", reasons.join(", "))).at("Parameters.parameter");
    let reason = asked.parameters.first("reason").ok_or_else(|| wrong(IssueCode::Required))?;
    let reason = GlassReason::named(reason).ok_or_else(|| wrong(IssueCode::Value))?;
    let note = asked.parameters.first("note").ok_or_else(|| wrong(IssueCode::Required))?.to_owned();
    let until = asked.chart.break_glass(asked.caller, id, reason, &note).await?;
    let text = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"until\",\"valueInstant\":\"{until}\"}}]}}");
    Ok(Answer::ok(Payload::Text(text)))
}
