//! `POST /Patient/$match`: who in the record may be the person described, and why.
//! https://hl7.org/fhir/R4/patient-operation-match.html
//!
//! * A reason names a field, what was seen there and its weight; never a value.
//! * A description travels in a body: names and numbers do not belong into an address.

use super::{At, Call, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::{Trouble, outcome};
use crate::page::{Head, bundle, outcome_entry, size_of, write_full_url};
use axum::http::StatusCode;
use chart::{MatchWish, Matched};
use fhir::IssueCode;
use std::fmt::Write;

pub(crate) const OPERATION: Operation = Operation {
    name: "match",
    definition: "http://hl7.org/fhir/OperationDefinition/Patient-match",
    at: &[At::Type(&["Patient"])],
    methods: "POST",
    parameters: &["resource", "onlyCertainMatches", "count"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(match_person(asked, call)),
};

const GRADE: &str = "http://hl7.org/fhir/StructureDefinition/match-grade";
const REASON: &str = "https://carnet.health/fhir/StructureDefinition/match-reason";
/// Where nobody says how many.
const USUAL_COUNT: usize = 20;
const MOST_COUNT: usize = 100;

async fn match_person(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::malformed(IssueCode::Required, "The person is described by a Patient, alone or as the parameter resource.").at("Parameters.parameter");
    let patient = call.input.resource("resource").ok_or_else(missing)?;
    if patient.string("resourceType").as_deref() != Some("Patient") {
        return Err(missing());
    }
    let wish = MatchWish { only_certain: truth(asked, "onlyCertainMatches")?, count: count(asked)? };
    let matches = asked.chart.match_person(asked.caller, patient, wish).await?;
    let head = Head { kind: "searchset", total: Some(matches.items.len() as u64), self_link: None, next_link: None };
    let size_bytes = size_of(matches.items.iter().map(|one| &one.patient));
    let base = asked.base().into_owned();
    let told = (!matches.issues.is_empty()).then(|| outcome_entry(&outcome(asked.request_id, &matches.issues)));
    Ok(Answer::ok(bundle(head, matches.items, size_bytes, move |one, out| write_match(&base, &one, out), told)))
}

fn truth(asked: &Asked<'_>, name: &str) -> Result<bool, Trouble> {
    match asked.parameters.first(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Trouble::malformed(IssueCode::Value, format!("{name} is true or false.")).at("Parameters.parameter")),
    }
}

fn count(asked: &Asked<'_>) -> Result<usize, Trouble> {
    let Some(text) = asked.parameters.first("count") else { return Ok(USUAL_COUNT) };
    let wrong = || Trouble::new(StatusCode::BAD_REQUEST, IssueCode::Value, format!("count is a whole number from 1 to {MOST_COUNT}.")).at("Parameters.parameter");
    text.parse().ok().filter(|count| (1..=MOST_COUNT).contains(count)).ok_or_else(wrong)
}

fn write_match(base: &str, one: &Matched, out: &mut String) {
    out.push('{');
    write_full_url(base, &one.patient, out);
    out.push_str(",\"resource\":");
    out.push_str(&one.patient.text);
    let _ = write!(out, ",\"search\":{{\"extension\":[{{\"url\":\"{GRADE}\",\"valueCode\":\"{}\"}}", one.grade.code());
    for reason in &one.reasons {
        let _ = write!(
            out,
            ",{{\"url\":\"{REASON}\",\"extension\":[{{\"url\":\"element\",\"valueString\":\"{}\"}},{{\"url\":\"code\",\"valueCode\":\"{}\"}},{{\"url\":\"weight\",\"valueDecimal\":{:.1}}}]}}",
            reason.field, reason.code, reason.bits
        );
    }
    let _ = write!(out, "],\"mode\":\"match\",\"score\":{:.4}}}}}", one.score);
}
