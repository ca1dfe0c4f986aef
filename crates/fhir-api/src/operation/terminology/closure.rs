//! `$closure`: a client's table of which codes lie below which, kept here and told step by step.
//! https://hl7.org/fhir/R4/conceptmap-operation-closure.html

use super::required;
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use chart::ClosureCode;
use fhir::{IssueCode, Value};

pub(crate) const OPERATION: Operation = Operation {
    name: "closure",
    definition: "http://hl7.org/fhir/OperationDefinition/ConceptMap-closure",
    at: &[At::System],
    methods: "POST",
    parameters: &["name", "concept", "version"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(closure(asked, call)),
};

/// A longer name is none.
const LONGEST_NAME: usize = 200;

async fn closure(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let name = asked.parameters.first("name").map(str::trim).filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME);
    let name = name.ok_or_else(|| required("http.name", "Name the table: up to 200 letters, your own choice. The name alone begins it."))?.to_owned();
    let concepts = call.input.all("concept").map(concept).collect::<Result<Vec<_>, _>>()?;
    let since = match asked.parameters.first("version") {
        None => None,
        Some(text) => Some(text.parse::<u32>().map_err(|_| Trouble::malformed(IssueCode::Value, "version is one that an earlier answer told.").at("http.version"))?),
    };
    let done = match (concepts.is_empty(), since) {
        (true, None) => asked.chart.begin_closure(asked.caller, &name).await,
        _ => asked.chart.extend_closure(asked.caller, &name, &concepts, since).await,
    };
    match done {
        Ok(closure) => Ok(Answer::text(StatusCode::OK, closure.resource(&name))),
        Err(cause) => {
            let is_absent = cause.issues().iter().any(|issue| issue.code == IssueCode::NotFound);
            let trouble = Trouble::from(cause);
            Err(if is_absent { Trouble { status: StatusCode::NOT_FOUND, ..trouble } } else { trouble })
        }
    }
}

fn concept(parameter: Value<'_>) -> Result<ClosureCode, Trouble> {
    let coding = parameter.get("valueCoding");
    let text = |name: &str| coding.and_then(|coding| coding.string(name)).map(|text| text.into_owned()).filter(|text| !text.is_empty());
    match (text("system"), text("code")) {
        (Some(system), Some(code)) => Ok(ClosureCode { system, version: text("version"), code }),
        _ => Err(required("Parameters.parameter", "Each concept is a Coding with system and code.")),
    }
}
