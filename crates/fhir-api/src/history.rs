//! `GET /_history`, `/Type/_history`, `/Type/{id}/_history`.
//! https://hl7.org/fhir/R4/http.html#history

use crate::answer::Answer;
use crate::asked::Asked;
use chart::{HistoryQuery, HistoryScope};
use fhir::ResourceType;
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_history_entry};
use crate::trim::Trim;

const PARAMETERS: [&str; 6] = ["_since", "_at", "_count", "_cursor", "_summary", "_elements"];

pub(crate) async fn history(asked: &Asked<'_>, scope: HistoryScope<'_>) -> Result<Answer, Trouble> {
    asked.knows_only(&PARAMETERS)?;
    let kinds: Vec<ResourceType> = match scope {
        HistoryScope::System => Vec::new(),
        HistoryScope::Type(kind) | HistoryScope::Instance(kind, _) => vec![kind],
    };
    let trim = Trim::asked(&asked.parameters, &kinds, asked.prefer.lenient)?;
    asked.pass_over_elements(&kinds);
    let at = asked.date("_at")?.map(|date| date.range(asked.settings.zone_offset_minutes));
    let cursor = asked.parameters.only("_cursor")?.map(str::to_owned);
    let query = HistoryQuery { since: asked.moment("_since")?, at, count: asked.count()?, cursor };
    let path = match scope {
        HistoryScope::System => "/_history".to_owned(),
        HistoryScope::Type(kind) => format!("/{}/_history", kind.name()),
        HistoryScope::Instance(kind, id) => format!("/{}/{id}/_history", kind.name()),
    };
    let page = asked.chart.history(asked.caller, scope, &query).await?;
    let (own, next) = asked.links(&path, &PARAMETERS, page.next.as_deref());
    let head = Head { kind: "history", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|entry| &entry.stored));
    let base = asked.base().into_owned();
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |entry, out| write_history_entry(&base, &entry.stored, &trim, out), None)))
}
