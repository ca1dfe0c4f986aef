//! `GET|DELETE /_jobs/{id}` and `GET /_jobs/{id}/{file}`: how far an export or an import is, and its files.
//! https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-status-request
//!
//! * A file is streamed as it is read from the record, a piece at a time; one that breaks off is
//!   simply fetched again.
//! * What an import refused is told as OperationOutcomes, one a line, each with its line.
//! * Another account's job is not there.

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::negotiate;
use crate::outcome::Trouble;
use crate::trim::Trim;
use axum::http::header::{CONTENT_TYPE, EXPIRES, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use chart::{BulkState, Error, IntakeResult, IntakeState, Rejected, moment_of};
use fhir::splice::write_string;
use fhir::{IssueCode, Moment, ResourceType};
use std::fmt::Write;

const X_PROGRESS: HeaderName = HeaderName::from_static("x-progress");
const NDJSON: HeaderValue = HeaderValue::from_static("application/fhir+ndjson");
/// What a client may call the files of a job; all of it means the same.
const LINES: [&str; 3] = ["application/fhir+ndjson", "application/ndjson", "application/x-ndjson"];

/// True where Accept names lines of JSON. https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-output-file-request
pub(crate) fn takes_lines(headers: &HeaderMap) -> bool {
    LINES.iter().any(|name| negotiate::takes(headers, name))
}

/// How far a job is: 202 while it is under way, then its manifest.
pub(crate) fn status(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    let (request, state) = match asked.chart.bulk(asked.caller, id) {
        Err(Error::NotFound) => return import_status(asked, id),
        found => found?,
    };
    let (files, deleted, expires) = match state {
        BulkState::Waiting => return Ok(under_way("waits until a second person agrees".to_owned())),
        BulkState::Declined => return Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, "A privacy officer declined the export; the journal of the site says why.")),
        BulkState::Counting(part) => return Ok(under_way(format!("{:.0}% counted", part * 100.0))),
        BulkState::Failed(_) => return Err(Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, IssueCode::Exception, "The export broke down; delete it and begin another.")),
        BulkState::Ready { files, deleted, expires } => (files, deleted, expires),
    };
    let base = asked.base();
    let mut out = format!("{{\"transactionTime\":\"{}\",\"request\":", moment_of(request.at));
    write_string(&request.address, &mut out);
    out.push_str(",\"requiresAccessToken\":true,\"output\":[");
    for (number, ((shard, kind), count)) in files.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{{\"type\":\"{kind}\",\"url\":\"{base}/_jobs/{id}/{kind}.{shard}.ndjson\",\"count\":{count}}}");
    }
    out.push_str("],\"deleted\":[");
    for (number, (shard, count)) in deleted.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{{\"type\":\"Bundle\",\"url\":\"{base}/_jobs/{id}/deleted.{shard}.ndjson\",\"count\":{count}}}");
    }
    out.push_str("],\"error\":[]}");
    Ok(manifest(out, expires))
}

fn import_status(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    let (request, state) = asked.chart.intake(asked.caller, id)?;
    let (at, expires, files) = match state {
        IntakeState::Working { files_read, files, lines, waiting, rejected } => {
            return Ok(under_way(format!("{files_read} of {files} files read, {lines} lines, {waiting} waiting, {rejected} refused")));
        }
        IntakeState::Failed(_) => return Err(Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, IssueCode::Exception, "The import broke down; delete it and begin it again: what was taken in is not doubled.")),
        IntakeState::Ended { at, expires, files } => (at, expires, files),
    };
    let base = asked.base();
    let mut out = format!("{{\"transactionTime\":\"{at}\",\"request\":");
    write_string(&request.address, &mut out);
    if !request.source.is_empty() {
        out.push_str(",\"inputSource\":");
        write_string(&request.source, &mut out);
    }
    out.push_str(",\"requiresAccessToken\":true,\"output\":[");
    write_results(&files, &mut out, &|_, file, out| {
        let _ = write!(out, "\"type\":\"{}\",\"count\":{}", file.file.kind, file.taken);
        true
    });
    out.push_str("],\"error\":[");
    write_results(&files, &mut out, &|number, file, out| {
        let _ = write!(out, "\"type\":\"OperationOutcome\",\"count\":{},\"url\":\"{base}/_jobs/{id}/refused.{number}.ndjson\"", file.rejected);
        file.rejected > 0
    });
    out.push_str("]}");
    Ok(manifest(out, expires))
}

/// Writes one object for each file that `write` does not leave out.
fn write_results(files: &[IntakeResult], out: &mut String, write: &dyn Fn(usize, &IntakeResult, &mut String) -> bool) {
    let mut is_first = true;
    for (number, file) in files.iter().enumerate() {
        let mut one = String::new();
        if write(number, file, &mut one) {
            out.push_str(if std::mem::take(&mut is_first) { "{" } else { ",{" });
            out.push_str(&one);
            out.push_str(",\"inputUrl\":");
            write_string(&file.file.url, out);
            out.push('}');
        }
    }
}

fn under_way(progress: String) -> Answer {
    let mut answer = Answer::empty(StatusCode::ACCEPTED);
    answer.headers.push((RETRY_AFTER, HeaderValue::from_static("1")));
    answer.headers.extend(HeaderValue::try_from(progress).map(|value| (X_PROGRESS, value)));
    answer
}

fn manifest(text: String, expires: Moment) -> Answer {
    let mut answer = Answer::text(StatusCode::OK, text);
    answer.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    answer.headers.extend(HeaderValue::from_bytes(&crate::http_date::write(expires)).map(|value| (EXPIRES, value)));
    answer
}

/// Ends a job.
pub(crate) fn end(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    match asked.chart.end_bulk(asked.caller, id) {
        Err(Error::NotFound) => asked.chart.end_intake(asked.caller, id)?,
        ended => ended?,
    }
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// What an import refused of one of its files.
fn refused(asked: &Asked<'_>, id: &str, number: usize) -> Result<Answer, Trouble> {
    let first = asked.chart.intake_rejects(asked.caller, id, number, 0)?;
    let (chart, caller, id) = (asked.chart.clone(), asked.caller.clone(), id.to_owned());
    let pieces = futures_util::stream::try_unfold((0, first), move |(part, found)| {
        let (chart, caller, id) = (chart.clone(), caller.clone(), id.clone());
        async move {
            let Some(found) = found else { return Ok(None) };
            let text: String = found.iter().map(|one| outcome_of(number, one) + "\n").collect();
            let next = chart.intake_rejects(&caller, &id, number, part + 1).map_err(std::io::Error::other)?;
            Ok(Some((bytes::Bytes::from(text), (part + 1, next))))
        }
    });
    let mut answer = Answer::ok(Payload::Stream(Box::pin(pieces)));
    answer.headers.push((CONTENT_TYPE, NDJSON));
    Ok(answer)
}

/// Its id names the file, counted from 0 as in the manifest, and the line.
fn outcome_of(number: usize, rejected: &Rejected) -> String {
    match rejected.line {
        Some(line) => crate::outcome::outcome(&format!("file-{number}-line-{line}"), &rejected.issues),
        None => crate::outcome::outcome(&format!("file-{number}"), &rejected.issues),
    }
}

/// One file: `Observation.3.ndjson`, `deleted.0.ndjson`.
pub(crate) async fn file(asked: &Asked<'_>, id: &str, name: &str) -> Result<Answer, Trouble> {
    let absent = || Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "There is no such file; the job's manifest lists those there are.");
    let mut parts = name.strip_suffix(".ndjson").unwrap_or_default().split('.');
    let (what, number) = (parts.next().unwrap_or_default(), parts.next().and_then(|number| number.parse::<u16>().ok()).ok_or_else(absent)?);
    if what == "refused" && parts.next().is_none() {
        return refused(asked, id, number.into());
    }
    let shard = u8::try_from(number).map_err(|_| absent())?;
    let kind = match what {
        "deleted" => None,
        name => Some(ResourceType::named(name).ok_or_else(absent)?),
    };
    let (request, state) = asked.chart.bulk(asked.caller, id)?;
    let BulkState::Ready { files, deleted, .. } = state else { return Err(absent()) };
    let is_listed = kind.map_or(deleted.contains_key(&shard), |kind| files.contains_key(&(shard, kind)));
    if !is_listed || parts.next().is_some() {
        return Err(absent());
    }
    let elements = request.elements.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let trim = Trim::of(None, elements);
    let (chart, caller, id) = (asked.chart.clone(), asked.caller.clone(), id.to_owned());
    let pieces = futures_util::stream::try_unfold(Some(None), move |after: Option<Option<fhir::RecordId>>| {
        let (chart, caller, id, trim) = (chart.clone(), caller.clone(), id.clone(), trim.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let step = chart.bulk_lines(&caller, &id, kind, shard, after).await.map_err(std::io::Error::other)?;
            let mut text = String::with_capacity(step.lines.iter().map(|one| one.text.len() + 1).sum());
            for stored in &step.lines {
                match kind {
                    Some(_) => trim.write(stored, &mut text),
                    None => {
                        let _ = write!(text, "{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{{\"request\":{{\"method\":\"DELETE\",\"url\":\"{}/{}\"}}}}]}}", stored.kind, stored.id);
                    }
                }
                text.push('\n');
            }
            Ok(Some((bytes::Bytes::from(text), step.next.map(Some))))
        }
    });
    let mut answer = Answer::ok(Payload::Stream(Box::pin(pieces)));
    answer.headers.push((CONTENT_TYPE, NDJSON));
    Ok(answer)
}
