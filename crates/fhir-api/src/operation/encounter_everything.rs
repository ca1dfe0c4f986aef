//! `GET|POST /Encounter/{id}/$everything`: a visit or stay with all that names it.
//! https://hl7.org/fhir/R4/encounter-operation-everything.html

use super::everything::types;
use super::{At, Call, Operation, Place, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_hit};
use crate::trim::Trim;
use chart::EncounterQuery;

pub(crate) const OPERATION: Operation = Operation {
    name: "everything",
    definition: "http://hl7.org/fhir/OperationDefinition/Encounter-everything",
    at: &[At::Instance(&["Encounter"])],
    methods: "GET, HEAD, POST",
    parameters: &PARAMETERS,
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(everything(asked, call)),
};

const PARAMETERS: [&str; 6] = ["_since", "_type", "_count", "_cursor", "_summary", "_elements"];

async fn everything(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let types = types(asked)?;
    let trim = Trim::asked(&asked.parameters, &types, asked.prefer.lenient)?;
    asked.pass_over_elements(&types);
    let query = EncounterQuery {
        since: asked.moment("_since")?,
        types,
        count: asked.count()?,
        cursor: asked.parameters.first("_cursor").map(str::to_owned),
    };
    let page = asked.chart.encounter_everything(asked.caller, id, &query).await?;
    let (own, next) = asked.links(&format!("/Encounter/{id}/$everything"), &PARAMETERS, page.next.as_deref());
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|hit| &hit.stored));
    let base = asked.base().into_owned();
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), None)))
}
