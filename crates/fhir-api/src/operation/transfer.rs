//! `POST /Patient/{id}/$assign-unit`, `POST /Patient/{id}/$transfer`: to which unit a person is assigned,
//! and that they go to another institution. Both are ours; what they write is plain FHIR.

use std::fmt::Write;

use chart::{Assigned, NewCoverage, Stored, Transfer};
use fhir::{Issue, IssueCode, Reference, ResourceType, Value};

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::{Trouble, outcome};

pub(crate) const ASSIGN_UNIT: Operation = Operation {
    name: "assign-unit",
    definition: "https://carnet.health/fhir/OperationDefinition/assign-unit",
    at: &[At::Instance(&["Patient"])],
    methods: "POST",
    parameters: &["unit", "reason"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(assign_unit(asked, call)),
};

pub(crate) const TRANSFER: Operation = Operation {
    name: "transfer",
    definition: "https://carnet.health/fhir/OperationDefinition/transfer",
    at: &[At::Instance(&["Patient"])],
    methods: "POST",
    parameters: &["unit", "ends", "until", "payor", "kind", "scheme", "number", "from", "reason"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(transfer(asked, call)),
};

async fn assign_unit(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let unit = one(&call, "unit", "Organization", asked)?.ok_or_else(|| wrong("unit", IssueCode::Required))?;
    let assigned = asked.chart.assign_unit(asked.caller, id, &unit, &reason(asked)?).await?;
    Ok(told(&assigned))
}

async fn transfer(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let unit = one(&call, "unit", "Organization", asked)?.ok_or_else(|| wrong("unit", IssueCode::Required))?;
    let payor = one(&call, "payor", "Organization", asked)?;
    let ends = call.input.all("ends").map(|given| reference(given, "Coverage", asked).ok_or_else(|| wrong("ends", IssueCode::Value))).collect::<Result<Vec<_>, _>>()?;
    let said = |name: &str| asked.parameters.first(name).unwrap_or_default().to_owned();
    let (until, kind, scheme, number, from, reason) = (said("until"), said("kind"), said("scheme"), said("number"), said("from"), reason(asked)?);
    if !ends.is_empty() && until.is_empty() {
        return Err(wrong("until", IssueCode::Required));
    }
    // What is said of a coverage that nobody names would be as if nobody had said it.
    if ends.is_empty() && !until.is_empty() {
        return Err(wrong("ends", IssueCode::Required));
    }
    if payor.is_none() && [&kind, &scheme, &number, &from].iter().any(|said| !said.is_empty()) {
        return Err(wrong("payor", IssueCode::Required));
    }
    // Nobody sits there who could be asked: what is odd about the payer is told with the answer.
    let begins = payor.as_deref().map(|payor| NewCoverage { payor, kind: &kind, scheme: &scheme, number: &number, from: &from, until: None, is_confirmed: true });
    let assigned = asked.chart.transfer(asked.caller, id, &Transfer { unit: &unit, ends: &ends, until: &until, begins, reason: &reason }).await?;
    Ok(told(&assigned))
}

/// What was written, each resource under what it is.
fn told(assigned: &Assigned) -> Answer {
    let mut text = String::from("{\"resourceType\":\"Parameters\",\"parameter\":[");
    let parts: Vec<(&str, &Stored)> = [("result", Some(&assigned.patient)), ("began", Some(&assigned.began)), ("ended", assigned.ended.as_ref())].into_iter().filter_map(|(name, stored)| Some((name, stored?))).chain(assigned.coverages.iter().map(|coverage| ("coverage", coverage))).collect();
    for (number, (name, stored)) in parts.iter().enumerate() {
        let _ = write!(text, "{}{{\"name\":\"{name}\",\"resource\":{}}}", if number == 0 { "" } else { "," }, stored.text);
    }
    if assigned.has_rare_payor {
        let message = "By its types the Organization that pays from now on treats. It is kept as it was said; if another one pays, correct Coverage.payor, and if this one always does, give it the type pay or ins, too.";
        let issue = Issue::warning(IssueCode::BusinessRule, "payor", message).of_rule("payor-asked");
        let _ = write!(text, ",{{\"name\":\"outcome\",\"resource\":{}}}", outcome("payor", &[issue]));
    }
    text.push_str("]}");
    Answer::ok(Payload::Text(text))
}

/// The id that a parameter refers to; none where it is not given.
fn one(call: &Call<'_>, name: &'static str, kind: &str, asked: &Asked<'_>) -> Result<Option<String>, Trouble> {
    call.input.all(name).next().map(|given| reference(given, kind, asked).ok_or_else(|| wrong(name, IssueCode::Value))).transpose()
}

fn reference(parameter: Value<'_>, kind: &str, asked: &Asked<'_>) -> Option<String> {
    let text = parameter.path(&["valueReference", "reference"])?.as_str()?.into_owned();
    let (of, id) = Reference::within(&text, &asked.base()).local()?;
    (Some(of) == ResourceType::named(kind)).then(|| id.to_owned())
}

fn reason(asked: &Asked<'_>) -> Result<String, Trouble> {
    asked.parameters.first("reason").map(str::to_owned).ok_or_else(|| wrong("reason", IssueCode::Required))
}

fn wrong(name: &str, code: IssueCode) -> Trouble {
    let message = match name {
        "reason" => "A parameter reason (valueString) says why, in one line and without names.".to_owned(),
        "until" => "A parameter until (valueDate) says the last day of the coverages that end.".to_owned(),
        "ends" => "Each parameter ends is a valueReference to a Coverage of this server, as Coverage/23; until is their last day.".to_owned(),
        "payor" => "The parameter payor is a valueReference to an Organization of this server, as Organization/23: who pays the coverage that begins, of which kind, scheme, number and from tell.".to_owned(),
        name => format!("The parameter {name} is a valueReference to an Organization of this server, as Organization/23."),
    };
    Trouble::malformed(code, message).at("Parameters.parameter")
}
