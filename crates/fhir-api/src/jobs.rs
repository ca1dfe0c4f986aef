//! `GET|DELETE /_jobs/{id}` and `GET /_jobs/{id}/{file}`: how far an export is, and its files.
//! https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-status-request
//!
//! * A file is streamed as it is read from the record, a piece at a time; one that breaks off is
//!   simply fetched again.
//! * Another account's job is not there.

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::trim::Trim;
use axum::http::header::{CONTENT_TYPE, EXPIRES, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::StatusCode;
use chart::{BulkState, moment_of};
use fhir::splice::write_string;
use fhir::{IssueCode, ResourceType};
use std::fmt::Write;

const X_PROGRESS: HeaderName = HeaderName::from_static("x-progress");
const NDJSON: HeaderValue = HeaderValue::from_static("application/fhir+ndjson");

/// How far a job is: 202 while it is counted, then its manifest.
pub(crate) fn status(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    let (request, state) = asked.chart.bulk(asked.caller, id)?;
    let (files, deleted, expires) = match state {
        BulkState::Counting(part) => {
            let mut answer = Answer::empty(StatusCode::ACCEPTED);
            answer.headers.push((RETRY_AFTER, HeaderValue::from_static("1")));
            answer.headers.extend(HeaderValue::try_from(format!("{:.0}% counted", part * 100.0)).map(|value| (X_PROGRESS, value)));
            return Ok(answer);
        }
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
    let mut answer = Answer::text(StatusCode::OK, out);
    answer.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    answer.headers.extend(HeaderValue::from_bytes(&crate::http_date::write(expires)).map(|value| (EXPIRES, value)));
    Ok(answer)
}

/// Ends a job.
pub(crate) fn end(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    asked.chart.end_bulk(asked.caller, id)?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// One file: `Observation.3.ndjson`, `deleted.0.ndjson`.
pub(crate) async fn file(asked: &Asked<'_>, id: &str, name: &str) -> Result<Answer, Trouble> {
    let absent = || Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "There is no such file; the job's manifest lists those there are.");
    let mut parts = name.strip_suffix(".ndjson").unwrap_or_default().split('.');
    let (what, shard) = (parts.next().unwrap_or_default(), parts.next().and_then(|shard| shard.parse::<u8>().ok()).ok_or_else(absent)?);
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
