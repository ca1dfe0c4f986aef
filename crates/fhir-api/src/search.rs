//! `GET /Type?…`, `POST /Type/_search`, over several types, and in a compartment.
//! https://hl7.org/fhir/R4/http.html#search

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::negotiate::{Sent, format, must_read_fhir, only, sent};
use crate::outcome::{Trouble, outcome};
use crate::page::{Head, bundle, outcome_entry, size_of, write_hit};
use crate::parameters::Parameters;
use crate::trim::Trim;
use axum::body::Body;
use chart::{Hit, Page};
use fhir::{Issue, IssueCode, ResourceType};
use search::{Handling, Query, QueryContext, Summary, compartment};

/// A form of search parameters is never longer than this.
const FORM_LIMIT_BYTES: usize = 1024 * 1024;

/// What is searched.
#[derive(Clone, Copy)]
pub(crate) enum Among<'p> {
    /// The resources of a type.
    Type(ResourceType),
    /// The types that `_type` names.
    System,
    /// What belongs to a resource: of one type, or of all.
    Compartment(ResourceType, &'p str, Option<ResourceType>),
}

/// A search by address.
pub(crate) async fn search(asked: &Asked<'_>, among: Among<'_>) -> Result<Answer, Trouble> {
    search_by(asked, among, &asked.parameters).await
}

/// A search by form; what stands in the address counts too.
pub(crate) async fn search_by_form(asked: &Asked<'_>, among: Among<'_>, body: Body) -> Result<Answer, Trouble> {
    let received = asked.body(body, FORM_LIMIT_BYTES).await?;
    // Who asks by the address alone sends no form, and has nothing to say what it is.
    if !received.is_empty() && sent(asked.headers)? != Sent::Form {
        return Err(only("application/x-www-form-urlencoded"));
    }
    let text = std::str::from_utf8(&received).map_err(|_| Trouble::malformed(IssueCode::Invalid, "The form is not UTF-8."))?;
    let mut parameters = asked.parameters.clone();
    parameters.extend(Parameters::parse(text.trim())?);
    // `_format` and `_pretty` may stand in the form, too.
    let format = format(asked.headers, &parameters)?;
    must_read_fhir(format)?;
    Ok(Answer { format: Some(format), ..search_by(asked, among, &parameters).await? })
}

async fn search_by(asked: &Asked<'_>, among: Among<'_>, parameters: &Parameters) -> Result<Answer, Trouble> {
    if let Some(of_log) = crate::audit::within(asked, among, parameters)? {
        return crate::audit::search(asked, &of_log).await;
    }
    let queries = match among {
        Among::Type(kind) => vec![Query::parse(kind, pairs(parameters), handling(asked), context(asked)).map_err(Trouble::malformed_by)?],
        Among::System => Query::parse_across(pairs(parameters), handling(asked), context(asked)).map_err(Trouble::malformed_by)?,
        Among::Compartment(owner, id, kind) => in_compartment(asked, owner, id, kind, parameters)?,
    };
    if let Some(one) = queries.iter().find(|query| left_out(query) != left_out(&queries[0])) {
        // Left out for one type and kept for another, a filter would show the wrong resources.
        let names = once(left_out(&queries[0]).into_iter().chain(left_out(one)).collect()).join(", ");
        let message = format!("Not every type asked for has the parameters {names}. Ask for the types one by one, or leave the parameters out.");
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http._type"));
    }
    let mut page = asked.chart.search_across(asked.caller, &queries, parameters.only("_cursor")?).await?;
    let told = ships(parameters, &queries, &page);
    page.issues.extend(told);
    Ok(Answer::ok(searchset(&queries, page, asked.request_id)))
}

/// Told where nothing is found under the url of a definition that ships: an empty page looks as if it were unknown here.
fn ships(parameters: &Parameters, queries: &[Query], page: &Page<Hit>) -> Option<Issue> {
    let is_counted = queries.first().is_none_or(|query| query.summary == Some(Summary::Count) || query.count == Some(0));
    if is_counted || !page.items.is_empty() || parameters.first("_cursor").is_some() {
        return None;
    }
    let mut urls = parameters.pairs().filter(|(name, _)| *name == "url").flat_map(|(_, urls)| urls.split(','));
    let message = "A definition with this url ships with Carnet: it is used wherever codes and profiles are looked at, and is no stored resource that could be read or found.";
    urls.any(|url| queries.iter().any(|query| chart::ships(query.resource_type, url))).then(|| Issue::information(IssueCode::Informational, "", message))
}

/// What lenient handling left out of a query.
fn left_out(query: &Query) -> Vec<&str> {
    once(query.dropped.iter().map(|dropped| dropped.name.as_str()).collect())
}

/// The same names, each once.
fn once(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}

fn handling(asked: &Asked<'_>) -> Handling {
    if asked.prefer.lenient { Handling::Lenient } else { Handling::Strict }
}

/// The place a query is asked in.
pub(crate) fn context(asked: &Asked<'_>) -> QueryContext {
    QueryContext {
        default_offset_minutes: asked.settings.zone_offset_minutes,
        base_url: asked.base().into_owned(),
        may_explain: chart::may_ask_why(asked.caller),
        codes: asked.chart.codes(),
        custom: asked.chart.custom(),
    }
}

/// What is for the search, not for the face.
fn pairs(parameters: &Parameters) -> impl Iterator<Item = (&str, &str)> + Clone {
    parameters.pairs().filter(|(name, _)| !matches!(*name, "_format" | "_pretty" | "_cursor"))
}

/// The types that `_type` names, given once or several times.
pub(crate) fn types_named(parameters: &Parameters) -> impl Iterator<Item = &str> {
    parameters.pairs().filter(|(name, _)| *name == "_type").flat_map(|(_, names)| names.split(','))
}

/// One query for each type that may belong there. https://hl7.org/fhir/R4/http.html#vsearch
fn in_compartment(asked: &Asked<'_>, owner: ResourceType, id: &str, kind: Option<ResourceType>, parameters: &Parameters) -> Result<Vec<Query>, Trouble> {
    let never = || Trouble::no_such_address(format!("Nothing of that type belongs to the compartment of a {owner}."));
    let kinds: Vec<ResourceType> = match (kind, parameters.first("_type")) {
        (Some(kind), _) => vec![kind],
        (None, None) => compartment::members(owner).collect(),
        (None, Some(_)) => {
            let wrong = || Trouble::malformed(IssueCode::Value, "_type lists resource types of FHIR R4, as in Observation,Condition.").at("http._type");
            let mut kinds = Vec::new();
            for name in types_named(parameters) {
                let kind = ResourceType::named(name).ok_or_else(wrong)?;
                // Named twice it is asked for once.
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            kinds
        }
    };
    let (mut queries, mut refused) = (Vec::new(), Vec::new());
    for member in kinds.iter().copied() {
        let own = pairs(parameters).filter(|(name, _)| kind.is_some() || *name != "_type");
        match Query::parse_among(member, &kinds, own, handling(asked), context(asked)) {
            Ok(query) => queries.push(query.within_compartment(owner, id).ok_or_else(never)?),
            // Over all types, only those that have what was asked for; a type that was named is answered or refused.
            Err(issues) => refused.push(issues),
        }
    }
    let is_named = kind.is_some() || parameters.first("_type").is_some();
    // A type without the parameter tells less than one that has it and cannot read the value.
    let telling = refused.iter().position(|issues| issues.iter().any(|issue| issue.code != IssueCode::NotSupported));
    let told = match telling {
        Some(at) => Some(refused.swap_remove(at)),
        None => refused.pop(),
    };
    match (queries.is_empty() || is_named, told) {
        (true, Some(issues)) => Err(Trouble::malformed_by(issues)),
        _ => Ok(queries),
    }
}

/// A page of results as a searchset.
pub(crate) fn searchset(queries: &[Query], page: Page<Hit>, request_id: &str) -> Payload {
    let own = Query::self_link_across(queries);
    let query = &queries[0];
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
