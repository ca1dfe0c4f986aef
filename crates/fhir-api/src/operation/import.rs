//! `$import` on the system: the beginning of a bulk import.
//! https://github.com/smart-on-fhir/bulk-import/blob/master/import.md

use super::{At, Call, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LOCATION, HeaderValue};
use chart::{IntakeFile, IntakeRequest};
use fhir::{IssueCode, ResourceType, Value};

pub(crate) const OPERATION: Operation = Operation {
    name: "import",
    // The draft has no OperationDefinition of its own.
    definition: "https://carnet.health/fhir/OperationDefinition/import",
    at: &[At::System],
    methods: "POST",
    parameters: &["inputFormat", "inputSource", "storageDetail", "input"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(import(asked, call)),
};

async fn import(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    if !asked.prefer.respond_async {
        return Err(Trouble::malformed(IssueCode::Required, "An import takes its time: send Prefer: respond-async and ask again at the address you are given.").at("http.Prefer"));
    }
    let is_ndjson = asked.parameters.first("inputFormat").is_some_and(|format| ["application/fhir+ndjson", "application/ndjson", "ndjson"].contains(&format));
    if !is_ndjson {
        let message = "Name the format of the files: the parameter inputFormat is application/fhir+ndjson.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("Parameters.parameter.where(name='inputFormat')"));
    }
    for storage in call.input.all("storageDetail") {
        if part(storage, "type").is_some_and(|kind| kind != "https") {
            let message = "Files are fetched by https, without keys of their own: storageDetail.type is https, or left out.";
            return Err(Trouble::malformed(IssueCode::NotSupported, message).at("Parameters.parameter.where(name='storageDetail')"));
        }
    }
    let files = call.input.all("input").enumerate().map(|(number, input)| file(input, number)).collect::<Result<Vec<_>, _>>()?;
    let source = asked.parameters.first("inputSource").unwrap_or_default();
    if source.chars().any(char::is_control) || source.len() > 2048 {
        return Err(Trouble::malformed(IssueCode::Value, "inputSource is an address.").at("Parameters.parameter.where(name='inputSource')"));
    }
    let request = IntakeRequest { files, source: source.to_owned(), address: asked.link("/$import", std::iter::empty()) };
    let id = asked.chart.begin_intake(asked.caller, request)?;
    let status = HeaderValue::try_from(format!("{}/_jobs/{id}", asked.base())).map_err(|_| Trouble::inside())?;
    let mut answer = Answer::text(StatusCode::ACCEPTED, crate::outcome::all_well(asked.request_id, "The import has begun; Content-Location tells where to ask for it.", &[]));
    answer.headers.push((CONTENT_LOCATION, status));
    Ok(answer)
}

fn file(input: Value<'_>, number: usize) -> Result<IntakeFile, Trouble> {
    let place = format!("Parameters.parameter.where(name='input')[{number}]");
    let wrong = |message: &str| Trouble::malformed(IssueCode::Value, message).at(&place);
    let kind = part(input, "type").and_then(|name| ResourceType::named(&name)).ok_or_else(|| wrong("Each input has a part type: the resource type of FHIR R4 that all lines of the file are."))?;
    let url = part(input, "url").ok_or_else(|| wrong("Each input has a part url: where the file lies."))?;
    Ok(IntakeFile { kind, url })
}

/// The text of a part.
fn part(parameter: Value<'_>, name: &str) -> Option<String> {
    let mut parts = parameter.get("part")?.items();
    let found = parts.find(|part| part.string("name").as_deref() == Some(name))?;
    let text = found.members().find(|(member, _)| member.starts_with("value")).and_then(|(_, value)| value.as_str().map(|text| text.into_owned()));
    text
}
