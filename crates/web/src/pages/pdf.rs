//! Documents and papers as PDF/A: what the page says, for keeping and for the printer.
//!
//! * It passes the same door as the page. Beside the opening of the page it leaves one of a copy that was taken away.
//! * What stands on it is laid together in `press.rs`.
//! * What the file is called in somebody's folder names nobody.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chart::{Filled, PressError};

use super::fault::{self, Fault};
use super::forms::filled;
use crate::house::Reader;
use crate::press::{Errand, Press};

/// A document as it is now.
pub async fn document(reader: Reader, Path((id, response)): Path<(String, String)>) -> Response {
    match filled(&reader, &id, &response).await {
        Ok(filled) => made(reader, filled, None).await,
        Err(response) => response,
    }
}

/// A version of a document as it was.
pub async fn version(reader: Reader, Path((id, response, version)): Path<(String, String, String)>) -> Response {
    match super::signing::version_named(&reader, &id, &response, &version).await {
        Ok(filled) => made(reader, filled, None).await,
        Err(response) => response,
    }
}

/// A certificate or a certified copy.
pub async fn paper(reader: Reader, Path((id, response, number)): Path<(String, String, String)>) -> Response {
    match super::papers::found(&reader, &id, &response, &number).await {
        Ok((paper, filled)) => made(reader, filled, Some(paper)).await,
        Err(response) => response,
    }
}

async fn made(reader: Reader, filled: Filled, paper: Option<chart::Paper>) -> Response {
    let (house, voice) = (&reader.visitor.house, reader.visitor.voice);
    let press = Press::new(house.door.gate().clone(), &house.settings);
    let name = paper.as_ref().map_or_else(|| format!("document-version-{}.pdf", filled.stored.version), |paper| format!("{}-{}.pdf", paper.kind.word(), paper.number));
    let site = reader.visitor.site();
    match press.set(&reader.entry.caller, Errand { filled, paper, voice, site: &site }).await {
        Ok(pdf) => file(pdf, &name),
        Err(PressError::Door(error)) => fault::of_error(&reader.visitor, &error),
        Err(PressError::NotFinal) => fault::show(&reader.visitor, Fault::NotFound),
        Err(PressError::Failed(why)) => {
            tracing::error!(why, "a paper was not made");
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], voice.say("paper-failed")).into_response()
        }
    }
}

fn file(pdf: Vec<u8>, name: &str) -> Response {
    let name = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (HeaderName::from_static("content-disposition"), name)];
    (StatusCode::OK, headers, pdf).into_response()
}
