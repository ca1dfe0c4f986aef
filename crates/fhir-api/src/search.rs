//! `GET /Type?…` and `POST /Type/_search`. https://hl7.org/fhir/R4/http.html#search

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::negotiate::{Sent, only, sent};
use crate::outcome::{Trouble, outcome};
use crate::page::{Head, bundle, outcome_entry, size_of, write_hit};
use crate::parameters::Parameters;
use crate::trim::Trim;
use axum::body::Body;
use chart::{Hit, Page};
use fhir::{Issue, IssueCode, ResourceType};
use search::{Handling, Query, QueryContext, Summary};

/// A form of search parameters is never longer than this.
const FORM_LIMIT_BYTES: usize = 1024 * 1024;

/// A search by address.
pub(crate) async fn search(asked: &Asked<'_>, kind: ResourceType) -> Result<Answer, Trouble> {
    search_by(asked, kind, &asked.parameters).await
}

/// A search by form; what stands in the address counts too.
pub(crate) async fn search_by_form(asked: &Asked<'_>, kind: Option<ResourceType>, body: Body) -> Result<Answer, Trouble> {
    if sent(asked.headers)? != Sent::Form {
        return Err(only("application/x-www-form-urlencoded"));
    }
    let received = asked.body(body, FORM_LIMIT_BYTES).await?;
    let text = std::str::from_utf8(&received).map_err(|_| Trouble::malformed(IssueCode::Invalid, "The form is not UTF-8."))?;
    let mut parameters = asked.parameters.clone();
    parameters.extend(Parameters::parse(text.trim())?);
    match kind {
        Some(kind) => search_by(asked, kind, &parameters).await,
        None => search_across(asked, &parameters).await,
    }
}

/// A search over the types `_type` names; one at a time is what this server does.
pub(crate) async fn search_across(asked: &Asked<'_>, parameters: &Parameters) -> Result<Answer, Trouble> {
    let one_type = "A search here needs exactly one type in _type, as in ?_type=Observation&…; better, ask /Observation?….";
    let refuse = || Trouble::malformed(IssueCode::NotSupported, one_type).at("http._type");
    let mut parameters = parameters.clone();
    let kind = parameters.take("_type").and_then(|name| ResourceType::named(&name)).ok_or_else(refuse)?;
    search_by(asked, kind, &parameters).await
}

async fn search_by(asked: &Asked<'_>, kind: ResourceType, parameters: &Parameters) -> Result<Answer, Trouble> {
    let handling = if asked.prefer.lenient { Handling::Lenient } else { Handling::Strict };
    let context = QueryContext { default_offset_minutes: asked.settings.zone_offset_minutes, base_url: asked.base().into_owned() };
    let pairs = parameters.pairs().filter(|(name, _)| !matches!(*name, "_format" | "_pretty" | "_cursor"));
    let query = Query::parse(kind, pairs, handling, context).map_err(Trouble::malformed_by)?;
    let page = asked.chart.search(asked.caller, &query, parameters.first("_cursor")).await?;
    Ok(Answer::ok(searchset(&query, page, asked.request_id)))
}

/// A page of results as a searchset.
pub(crate) fn searchset(query: &Query, page: Page<Hit>, request_id: &str) -> Payload {
    let own = query.to_self_link();
    let next = page.next.as_deref().map(|cursor| {
        let mut next = own.clone();
        next.push_str(if own.contains('?') { "&_cursor=" } else { "?_cursor=" });
        crate::parameters::encode(cursor, &mut next);
        next
    });
    let dropped = query.dropped.iter().map(|one| Issue::warning(IssueCode::NotSupported, "", format!("The parameter {} was left out: {}", one.name, one.reason)));
    let issues: Vec<_> = dropped.chain(page.issues).collect();
    let told = (!issues.is_empty()).then(|| outcome_entry(&outcome(request_id, &issues)));
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let items = if query.summary == Some(Summary::Count) { Vec::new() } else { page.items };
    let trim = Trim::of(query.summary, query.elements.clone());
    let size_bytes = size_of(items.iter().map(|hit| &hit.stored));
    let base = query.context.base_url.clone();
    bundle(head, items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), told)
}
