//! `POST /`: transaction and batch. https://hl7.org/fhir/R4/http.html#transaction
//!
//! The body goes to the door as it came; the answer has one entry for each of the request's,
//! in its order.

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use chart::{EntryOutcome, EntryResult, Written, WrittenAs};
use crate::negotiate::must_be_json;
use crate::outcome::{Trouble, outcome};
use crate::page::{self, Head, bundle as bundle_of, write_full_url, write_history_entry};
use crate::prefer::Return;
use crate::search::searchset;
use crate::trim::Trim;
use axum::body::Body;
use axum::http::StatusCode;
use chart::{Hit, Method, Page, Stored};
use std::fmt::Write;

pub(crate) async fn bundle(asked: &Asked<'_>, body: Body) -> Result<Answer, Trouble> {
    must_be_json(asked.headers)?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let done = asked.chart.bundle(asked.caller, &received).await.map_err(|cause| Trouble::from(cause).within(&received))?;
    let kind = if done.is_transaction { "transaction-response" } else { "batch-response" };
    let returns = asked.prefer.returns.unwrap_or(Return::Minimal);
    let size_bytes = done.entries.iter().map(|entry| size_of(entry, returns)).sum();
    let (base, request_id) = (asked.base().into_owned(), asked.request_id.to_owned());
    let head = Head { kind, total: None, self_link: None, next_link: None };
    let write = move |entry: EntryOutcome, out: &mut String| Writing { base: &base, request_id: &request_id, body: &received, returns, out }.entry(entry);
    Ok(Answer { applied: asked.prefer.returns, ..Answer::ok(bundle_of(head, done.entries, size_bytes, write, None)) })
}

fn size_of(entry: &EntryOutcome, returns: Return) -> usize {
    match &entry.result {
        Ok(EntryResult::Read(stored)) => stored.text.len(),
        Ok(EntryResult::Written(written)) if returns == Return::Representation => written.stored.text.len(),
        Ok(EntryResult::Page(found)) => found.page.items.iter().map(|hit| hit.stored.text.len() + 160).sum(),
        _ => 0,
    }
}

/// A history asked for inside a bundle.
fn history_of(base: String, page: Page<Hit>) -> Payload {
    let head = Head { kind: "history", total: page.total, self_link: None, next_link: None };
    let size_bytes = page::size_of(page.items.iter().map(|hit| &hit.stored));
    bundle_of(head, page.items, size_bytes, move |hit, out| write_history_entry(&base, &hit.stored, &Trim::default(), out), None)
}

struct Writing<'a> {
    base: &'a str,
    request_id: &'a str,
    body: &'a [u8],
    returns: Return,
    out: &'a mut String,
}

impl Writing<'_> {
    fn entry(mut self, entry: EntryOutcome) {
        self.out.push('{');
        match entry.result {
            Ok(EntryResult::Written(written)) => self.written(&written),
            Ok(EntryResult::Read(stored)) => {
                write_full_url(self.base, &stored, self.out);
                self.out.push_str(",\"resource\":");
                self.out.push_str(&stored.text);
                self.out.push(',');
                self.response("200 OK", Some(&stored), false);
            }
            Ok(EntryResult::NotModified) => self.response("304 Not Modified", None, false),
            Ok(EntryResult::Page(found)) => {
                self.out.push_str("\"resource\":");
                let payload = match &found.query {
                    Some(query) => searchset(std::slice::from_ref(query), found.page, self.request_id),
                    None => history_of(self.base.to_owned(), found.page),
                };
                self.payload(payload);
                self.out.push(',');
                self.response("200 OK", None, false);
            }
            Err(cause) => self.refused(Trouble::from(cause).within(self.body)),
        }
        self.out.push('}');
    }

    fn written(&mut self, written: &Written) {
        let stored = &written.stored;
        let status = match written.done {
            WrittenAs::Created => "201 Created",
            // Deleted before, or never there: nothing comes back from a deletion.
            WrittenAs::Unchanged if stored.method == Method::Delete => "204 No Content",
            WrittenAs::Updated | WrittenAs::Unchanged => "200 OK",
            WrittenAs::Deleted => "204 No Content",
        };
        let is_there = !stored.text.is_empty();
        if is_there {
            write_full_url(self.base, stored, self.out);
            self.out.push(',');
        }
        if is_there && self.returns == Return::Representation {
            self.out.push_str("\"resource\":");
            self.out.push_str(&stored.text);
            self.out.push(',');
        }
        let open = self.returns == Return::Outcome || !written.issues.is_empty();
        // What was never there has no version to name.
        self.response(status, Some(stored).filter(|stored| stored.version > 0), is_there);
        if open {
            // The closing brace of `response` makes room for the outcome.
            self.out.pop();
            self.out.push_str(",\"outcome\":");
            self.out.push_str(&crate::outcome::all_well(self.request_id, "Done.", &written.issues));
            self.out.push('}');
        }
    }

    fn refused(&mut self, trouble: Trouble) {
        trouble.log(self.request_id);
        let _ = write!(self.out, "\"response\":{{\"status\":\"{}\",\"outcome\":{}}}", line(trouble.status), outcome(self.request_id, &trouble.issues));
    }

    fn response(&mut self, status: &str, stored: Option<&Stored>, with_location: bool) {
        let _ = write!(self.out, "\"response\":{{\"status\":\"{status}\"");
        if let Some(stored) = stored {
            if with_location {
                let _ = write!(self.out, ",\"location\":\"{}/{}/_history/{}\"", stored.kind.name(), stored.id, stored.version);
            }
            let _ = write!(self.out, ",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"", stored.version, stored.last_updated);
        }
        self.out.push('}');
    }

    fn payload(&mut self, payload: Payload) {
        match payload {
            Payload::Text(text) => self.out.push_str(&text),
            Payload::Pieces(pieces) => pieces.for_each(|piece| self.out.push_str(&piece)),
            Payload::Nothing | Payload::Content(_) | Payload::Stream(_) => self.out.push_str("{}"),
        }
    }
}

fn line(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}
