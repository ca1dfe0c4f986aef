//! `POST /`: transaction and batch. https://hl7.org/fhir/R4/http.html#transaction
//!
//! The body goes to the door as it came; the answer has one entry for each of the request's,
//! in its order. What entries ask without changing anything is answered in `entry.rs`: in a
//! transaction after the writes, in a batch beside them.

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::entry::{self, Told};
use crate::negotiate::must_be_json;
use crate::outcome::{Trouble, outcome};
use crate::page::{Head, bundle as bundle_of, write_full_url};
use crate::prefer::Return;
use axum::body::Body;
use axum::http::StatusCode;
use chart::{EntryResult, Method, Stored, Written, WrittenAs};
use fhir::splice::write_string;
use futures_util::future::join;
use std::fmt::Write;

pub(crate) async fn bundle(asked: &Asked<'_>, body: Body) -> Result<Answer, Trouble> {
    must_be_json(asked.headers)?;
    asked.knows_only(&[])?;
    let received = asked.body(body, asked.settings.body_limit_bytes).await?;
    let refused = |cause: chart::Error| Trouble::from(cause).within(&received);
    let document = asked.chart.read_body(&received).map_err(refused)?;
    let bundle = asked.chart.read_bundle(document.root()).map_err(refused)?;
    let questions = bundle.questions();
    let is_transaction = bundle.is_transaction;
    let (done, told) = if is_transaction {
        for question in &questions {
            // Nothing was done yet, and nothing is: the whole is refused.
            entry::check(question).map_err(|trouble| Trouble { status: StatusCode::BAD_REQUEST, headers: Vec::new(), ..trouble })?;
        }
        let done = asked.chart.carry_out(asked.caller, bundle).await;
        let done = done.map_err(refused)?;
        (done, entry::answers(asked, &questions).await)
    } else {
        let (told, done) = join(entry::answers(asked, &questions), asked.chart.carry_out(asked.caller, bundle)).await;
        (done.map_err(refused)?, told)
    };
    let mut told = told.into_iter();
    let became = |result| match result {
        Ok(EntryResult::Written(written)) => Became::Written(Box::new(written)),
        Ok(EntryResult::Question) => told.next().map_or_else(|| Became::Refused(Box::new(Trouble::inside())), |told| Became::Told(Box::new(told))),
        Err(cause) => Became::Refused(Box::new(refused(cause))),
    };
    let entries: Vec<Became> = done.entries.into_iter().map(|entry| entry.result).map(became).collect();
    let returns = asked.prefer.returns.unwrap_or(Return::Minimal);
    let size_bytes = entries.iter().map(|entry| size_of(entry, returns)).sum();
    let kind = if is_transaction { "transaction-response" } else { "batch-response" };
    let (base, request_id) = (asked.base().into_owned(), asked.request_id.to_owned());
    let head = Head { kind, total: None, self_link: None, next_link: None };
    let write = move |entry: Became, out: &mut String| Writing { base: &base, request_id: &request_id, returns, out }.entry(entry);
    Ok(Answer { applied: asked.prefer.returns, ..Answer::ok(bundle_of(head, entries, size_bytes, write, None)) })
}

/// What became of an entry.
enum Became {
    Written(Box<Written>),
    Told(Box<Told>),
    Refused(Box<Trouble>),
}

fn size_of(entry: &Became, returns: Return) -> usize {
    match entry {
        Became::Written(written) if returns == Return::Representation => written.stored.text.len(),
        Became::Told(told) => told.size_bytes(),
        _ => 0,
    }
}

struct Writing<'a> {
    base: &'a str,
    request_id: &'a str,
    returns: Return,
    out: &'a mut String,
}

impl Writing<'_> {
    fn entry(mut self, entry: Became) {
        self.out.push('{');
        match entry {
            Became::Written(written) => self.written(&written),
            Became::Told(told) => self.told(*told),
            Became::Refused(trouble) => self.refused(*trouble),
        }
        self.out.push('}');
    }

    /// The answer that the same request would have outside.
    fn told(&mut self, told: Told) {
        let answer = match told.result {
            Ok(answer) => answer,
            Err(trouble) => return self.refused(trouble),
        };
        // Content and files are not answered inside a bundle, and what comes in pieces is one text here.
        if let (false, Payload::Text(text)) = (told.is_head, &answer.payload) {
            if let Some(full_url) = &told.full_url {
                self.out.push_str("\"fullUrl\":");
                write_string(full_url, self.out);
                self.out.push(',');
            }
            self.out.push_str("\"resource\":");
            self.out.push_str(text);
            self.out.push(',');
        }
        let _ = write!(self.out, "\"response\":{{\"status\":\"{}\"", line(answer.status));
        if let Some(version) = answer.version {
            let _ = write!(self.out, ",\"etag\":\"W/\\\"{version}\\\"\"");
        }
        if let Some(last_updated) = answer.last_updated {
            let _ = write!(self.out, ",\"lastModified\":\"{last_updated}\"");
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
        // What another entry makes under the same condition is there, too, though its text is told with that one.
        let is_there = stored.method != Method::Delete;
        if is_there {
            write_full_url(self.base, stored, self.out);
            self.out.push(',');
        }
        if !stored.text.is_empty() && written.is_shown && self.returns == Return::Representation {
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
}

fn line(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}
