//! `GET|POST /Patient/{id}/$everything`: the whole record, never cut unsaid.
//!
//! Without an id it is the records of all persons whom the caller may see. R4 lets a server answer
//! by the asynchronous pattern, and no Bundle can hold a nation: it becomes a job like an export's,
//! for those who may export, and is said to be one.
//! https://hl7.org/fhir/R4/patient-operation-everything.html

use super::{At, Call, Operation, Place, Reads, export};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_hit};
use crate::trim::{self, Trim};
use axum::http::StatusCode;
use chart::{BulkLevel, BulkRequest, EverythingQuery};
use fhir::{IssueCode, ResourceType};

pub(crate) const OPERATION: Operation = Operation {
    name: "everything",
    definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    at: &[At::Type(&["Patient"]), At::Instance(&["Patient"])],
    methods: "GET, HEAD, POST",
    parameters: &PARAMETERS,
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(everything(asked, call)),
};

const PARAMETERS: [&str; 8] = ["_since", "_type", "start", "end", "_count", "_cursor", "_summary", "_elements"];

async fn everything(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return of_everybody(asked).await };
    let types = types(asked)?;
    let trim = Trim::asked(&asked.parameters, &types, asked.prefer.lenient)?;
    asked.pass_over_elements(&types);
    let query = EverythingQuery {
        since: asked.moment("_since")?,
        types,
        start: asked.date("start")?,
        end: asked.date("end")?,
        count: asked.count()?,
        cursor: asked.parameters.first("_cursor").map(str::to_owned),
    };
    let zone = asked.settings.zone_offset_minutes;
    if let (Some(start), Some(end)) = (&query.start, &query.end)
        && start.range(zone).0 >= end.range(zone).1
    {
        return Err(Trouble::malformed(IssueCode::Value, "end lies before start.").at("http.end"));
    }
    let page = asked.chart.everything(asked.caller, id, &query).await?;
    let (own, next) = asked.links(&format!("/Patient/{id}/$everything"), &PARAMETERS, page.next.as_deref());
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|hit| &hit.stored));
    let base = asked.base().into_owned();
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), None)))
}

/// The records of all persons, as a job.
async fn of_everybody(asked: &Asked<'_>) -> Result<Answer, Trouble> {
    if !asked.prefer.respond_async {
        let message = "This is the whole record of every person and takes its time: send Prefer: respond-async and fetch it as files, or name one, as in Patient/23/$everything.";
        return Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::TooCostly, message));
    }
    if let Some(name) = ["start", "end", "_count", "_cursor", "_summary"].into_iter().find(|name| asked.parameters.first(name).is_some()) {
        let message = format!("{name} is for one person's record; of everybody's there are _since, _type and _elements, and Patient/$export has _typeFilter.");
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at(&format!("http.{name}")));
    }
    let shown = ["_since", "_type", "_elements"];
    let types = types(asked)?;
    asked.pass_over_elements(&types);
    let request = BulkRequest {
        level: BulkLevel::Patients,
        elements: trim::elements(&asked.parameters, &types, asked.prefer.lenient)?.join(","),
        types,
        since: asked.moment("_since")?,
        filters: Vec::new(),
        address: asked.link("/Patient/$everything", asked.parameters.pairs().filter(|(name, _)| shown.contains(name))),
        at: Default::default(),
    };
    export::begin(asked, request).await
}

/// `_type`.
pub(super) fn types(asked: &Asked<'_>) -> Result<Vec<ResourceType>, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "_type lists resource types of FHIR R4, as in Observation,Condition.").at("http._type");
    let lists = asked.parameters.pairs().filter(|(name, _)| *name == "_type");
    lists.flat_map(|(_, list)| list.split(',')).map(|name| ResourceType::named(name.trim()).ok_or_else(wrong)).collect()
}
