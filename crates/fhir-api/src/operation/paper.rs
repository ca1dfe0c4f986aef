//! `GET|POST /QuestionnaireResponse/{id}/$paper`: a completed or signed document as PDF/A, in a language of the house.
//!
//! * It is the paper of the page, to the byte: the same press sets it, and it leaves the same line in the log, that of a
//!   copy that was taken away.
//! * Whoever asks for FHIR JSON by name is given a Binary that holds it.
//! * A program that may not read the Patient and the signatures gets none: a paper without them would lie.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::negotiate::{must_read_fhir, takes};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::PressError;
use fhir::IssueCode;

pub(crate) const OPERATION: Operation = Operation {
    name: "paper",
    definition: "https://carnet.health/fhir/OperationDefinition/QuestionnaireResponse-paper",
    at: &[At::Instance(&["QuestionnaireResponse"])],
    methods: "GET, HEAD, POST",
    parameters: &["_language"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(paper(asked, call)),
};

/// The media type of a paper.
pub(crate) const PDF: &str = "application/pdf";

async fn paper(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let wants_pdf = takes(asked.headers, PDF);
    if !wants_pdf {
        must_read_fhir(asked.format)?;
    }
    let filled = asked.chart.document_filled(asked.caller, id).await?;
    let press = asked.settings.press.clone().ok_or_else(|| Trouble::new(StatusCode::NOT_IMPLEMENTED, IssueCode::NotSupported, "This server sets no papers."))?;
    let (version, last_updated) = (filled.stored.version, filled.stored.last_updated);
    let language = asked.parameters.first("_language").unwrap_or_default().to_owned();
    let pdf = press.document(asked.caller, filled, &language, &asked.base()).await.map_err(|error| match error {
        PressError::Door(cause) => cause.into(),
        PressError::NotFinal => Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::BusinessRule, "What may still change is not for paper: complete it first.").at("QuestionnaireResponse.status"),
        PressError::Failed(why) => Trouble { inside: Some(why), ..Trouble::inside() },
    })?;
    if asked.format.is_explicit && !wants_pdf {
        let binary = format!("{{\"resourceType\":\"Binary\",\"contentType\":\"{PDF}\",\"data\":\"{}\"}}", STANDARD.encode(pdf));
        return Ok(Answer::ok(Payload::Text(binary)));
    }
    let name = HeaderValue::try_from(format!("attachment; filename=\"document-version-{version}.pdf\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = vec![
        (CONTENT_TYPE, HeaderValue::from_static(PDF)),
        (CONTENT_DISPOSITION, name),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")),
    ];
    Ok(Answer { headers, ..Answer::ok(Payload::Content(pdf)) }.of_version(version, last_updated))
}
