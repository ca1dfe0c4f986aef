//! `GET|POST /SearchParameter/{id}/$status`: whether a parameter of the site is in force, and how
//! much of what was there before is indexed by it. FHIR R4 has no such operation; this one is ours.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use chart::IndexState;

pub(crate) const OPERATION: Operation = Operation {
    name: "status",
    definition: "https://carnet.health/fhir/OperationDefinition/search-parameter-status",
    at: &[At::Instance(&["SearchParameter"])],
    methods: "GET, HEAD, POST",
    parameters: &[],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(status(asked, call)),
};

async fn status(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let (state, percent) = match asked.chart.index_state(asked.caller, id).await? {
        IndexState::Absent => ("not-in-force", 0),
        IndexState::Building(percent) => ("building", percent),
        IndexState::Ready => ("ready", 100),
    };
    let text = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"state\",\"valueCode\":\"{state}\"}},{{\"name\":\"percent\",\"valueInteger\":{percent}}}]}}");
    Ok(Answer::ok(Payload::Text(text)))
}
