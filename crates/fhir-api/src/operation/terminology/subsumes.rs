//! `CodeSystem/$subsumes`: which of two codes is the wider one.
//! https://hl7.org/fhir/R4/codesystem-operation-subsumes.html

use super::{Told, not_held, only_in_part, required, system_here, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::IssueCode;
use terminology::Library;

pub(crate) const OPERATION: Operation = Operation {
    name: "subsumes",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
    at: &[At::Type(&["CodeSystem"]), At::Instance(&["CodeSystem"])],
    methods: "GET, HEAD, POST",
    parameters: &["codeA", "codeB", "system", "version", "codingA", "codingB"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(subsumes(asked, call)),
};

async fn subsumes(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let side = |letter: char| -> Result<(Option<String>, String), Trouble> {
        let (name, alone) = (format!("coding{letter}"), asked.parameters.first(&format!("code{letter}")).map(str::to_owned));
        let (system, code) = match call.input.value(&name) {
            Some((member, value)) if member == "valueCoding" && alone.is_none() => (value.string("system").map(|text| text.into_owned()), value.string("code").map(|text| text.into_owned())),
            None if asked.parameters.first(&name).is_none() => (None, alone),
            _ => return Err(Trouble::malformed(IssueCode::Value, format!("{name} is a Coding in Parameters, and stands instead of code{letter}.")).at("Parameters.parameter")),
        };
        Ok((system, code.ok_or_else(|| required("Parameters.parameter", "Name two codes: codeA and codeB with their system, or codingA and codingB."))?))
    };
    let ((system_a, a), (system_b, b)) = (side('A')?, side('B')?);
    if system_a.is_some() && system_b.is_some() && system_a != system_b {
        return Err(Trouble::malformed(IssueCode::Value, "Both codes belong to one code system.").at("Parameters.parameter"));
    }
    let here = system_here(asked, &call).await?;
    let named = here.as_ref().map(|system| system.url.as_str()).or(asked.parameters.first("system"));
    let url_of = |address: &str| address.split('|').next().unwrap_or_default().to_owned();
    if named.is_some_and(|named| [&system_a, &system_b].into_iter().flatten().any(|own| url_of(own) != url_of(named))) {
        return Err(Trouble::malformed(IssueCode::Value, "A coding is of another code system than the one that is named.").at("Parameters.parameter"));
    }
    let system = match here {
        Some(system) => system,
        None => {
            let url = asked.parameters.first("system").map(str::to_owned).or(system_a).or(system_b).ok_or_else(|| required("http.system", "Name the codes' system."))?;
            asked.chart.knowledge().system(&versioned(&url, asked.parameters.first("version"))).ok_or_else(|| not_held("code system").at("http.system"))?
        }
    };
    let place = |code: &str| {
        let absent = || Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "The code system, as it is held here, does not have both codes.");
        system.place(code).ok_or_else(absent)
    };
    let (a, b) = (place(&a)?, place(&b)?);
    let outcome = match (system.is_a(b, a), system.is_a(a, b)) {
        _ if a == b => "equivalent",
        (true, _) => "subsumes",
        (_, true) => "subsumed-by",
        _ if system.is_complete() => "not-subsumed",
        _ => return Err(only_in_part()),
    };
    let mut told = Told::new();
    told.text("outcome", "valueCode", outcome);
    Ok(told.answer())
}
