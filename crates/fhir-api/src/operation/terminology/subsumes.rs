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

/// One of the two codes.
struct Side {
    system: Option<String>,
    version: Option<String>,
    code: String,
}

async fn subsumes(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let side = |letter: char| -> Result<Side, Trouble> {
        let (name, alone) = (format!("coding{letter}"), asked.parameters.first(&format!("code{letter}")).map(str::to_owned));
        let (system, version, code) = match call.input.value(&name) {
            Some((member, value)) if member == "valueCoding" && alone.is_none() => {
                let text = |name: &str| value.string(name).map(|text| text.into_owned());
                (text("system"), text("version"), text("code"))
            }
            None if asked.parameters.first(&name).is_none() => (None, None, alone),
            _ => return Err(Trouble::malformed(IssueCode::Value, format!("{name} is a Coding in Parameters, and stands instead of code{letter}.")).at("Parameters.parameter")),
        };
        let code = code.ok_or_else(|| required("Parameters.parameter", "Name two codes: codeA and codeB with their system, or codingA and codingB."))?;
        Ok(Side { system, version, code })
    };
    let (Side { system: system_a, version: version_a, code: a }, Side { system: system_b, version: version_b, code: b }) = (side('A')?, side('B')?);
    if system_a.is_some() && system_b.is_some() && system_a != system_b {
        return Err(Trouble::malformed(IssueCode::Value, "Both codes belong to one code system.").at("Parameters.parameter"));
    }
    let here = system_here(asked, &call).await?;
    // In two versions of a system two codes may lie otherwise: which of them is meant is not chosen here.
    let version = {
        let own = here.as_ref().and_then(|system| system.version.as_deref());
        let all: Vec<&str> = [asked.parameters.first("version"), version_a.as_deref(), version_b.as_deref(), own].into_iter().flatten().collect();
        if all.iter().any(|one| *one != all[0]) {
            return Err(Trouble::malformed(IssueCode::Value, "Both codes are asked about in one version of the code system, and different ones are named.").at("http.version"));
        }
        all.first().map(|version| (*version).to_owned())
    };
    let named = here.as_ref().map(|system| system.url.as_str()).or(asked.parameters.first("system"));
    let url_of = |address: &str| address.split('|').next().unwrap_or_default().to_owned();
    if named.is_some_and(|named| [&system_a, &system_b].into_iter().flatten().any(|own| url_of(own) != url_of(named))) {
        return Err(Trouble::malformed(IssueCode::Value, "A coding is of another code system than the one that is named.").at("Parameters.parameter"));
    }
    let system = match here {
        Some(system) => system,
        None => {
            let url = asked.parameters.first("system").map(str::to_owned).or(system_a).or(system_b).ok_or_else(|| required("http.system", "Name the codes' system."))?;
            asked.chart.knowledge().system(&versioned(&url, version.as_deref())).ok_or_else(|| not_held("code system").at("http.system"))?
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
