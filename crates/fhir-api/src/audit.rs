//! `GET /AuditEvent…` for those who watch over the record: the log of openings.
//!
//! Everybody else finds under AuditEvent what systems have sent of their own.

use access::may_audit;
use chart::{AUDIT_ID, AuditQuery};
use fhir::{Issue, IssueCode, Moment, PartialDateTime, Reference, ResourceType, is_id};

use crate::answer::Answer;
use crate::asked::{Asked, count_in};
use crate::outcome::{Trouble, outcome};
use crate::page::{Head, bundle, outcome_entry, size_of, write_hit};
use crate::parameters::{Parameters, is_showable};
use crate::read::show;
use crate::search::{Among, types_named};
use crate::trim::Trim;

const KNOWN: &[&str] = &["patient", "date", "agent", "_id", "_count", "_cursor"];

/// What a lenient caller may ask for besides: how much of each opening is shown.
const TRIMS: &[&str] = &["_summary", "_elements"];

/// Whether a search of this type by this caller is one of the log.
pub(crate) fn is_log(asked: &Asked<'_>, kind: ResourceType) -> bool {
    kind.name() == "AuditEvent" && may_audit(asked.caller)
}

/// What the log is asked where a search is one of it alone: by its type, by `_type`, or in what belongs to a person.
/// 400 in the compartment of anything else, which the log does not know, and where other types are named beside it: the
/// log has an order and parameters of its own, and to leave it out would say that nobody opened anything.
pub(crate) fn within(asked: &Asked<'_>, among: Among<'_>, parameters: &Parameters) -> Result<Option<Parameters>, Trouble> {
    let names: Vec<&str> = match among {
        Among::Type(kind) | Among::Compartment(_, _, Some(kind)) => vec![kind.name()],
        Among::System | Among::Compartment(_, _, None) => types_named(parameters).collect(),
    };
    let Some(log) = names.iter().copied().find(|name| ResourceType::named(name).is_some_and(|kind| is_log(asked, kind))) else { return Ok(None) };
    if names.iter().any(|name| *name != log) {
        let message = "The log of openings is asked for alone: at AuditEvent, or with _type=AuditEvent and no other type. Ask for the other types in a search of their own.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http._type"));
    }
    let mut of_log = match among {
        Among::Type(_) | Among::Compartment(_, _, Some(_)) => parameters.clone(),
        Among::System | Among::Compartment(_, _, None) => parameters.without("_type"),
    };
    match among {
        Among::Compartment(ResourceType::PATIENT, id, _) => of_log.push("patient", id),
        Among::Compartment(..) => {
            let message = "The log of openings is kept by person: ask for it at AuditEvent, or at Patient/[id]/AuditEvent.";
            return Err(Trouble::malformed(IssueCode::NotSupported, message));
        }
        _ => {}
    }
    Ok(Some(of_log))
}

/// Whether an id is one of the log; who may not read it is told that there is no such thing.
pub(crate) fn is_of_log(kind: ResourceType, id: &str) -> bool {
    kind.name() == "AuditEvent" && id.starts_with(AUDIT_ID)
}

/// One opening.
pub(crate) async fn read(asked: &Asked<'_>, id: &str) -> Result<Answer, Trouble> {
    show(asked, asked.chart.audit_event(asked.caller, id).await?)
}

/// A page of openings, newest first.
pub(crate) async fn search(asked: &Asked<'_>, parameters: &Parameters) -> Result<Answer, Trouble> {
    let unknown: Vec<&str> = parameters.pairs().map(|(name, _)| name).filter(|name| !KNOWN.contains(name) && !matches!(*name, "_format" | "_pretty")).collect();
    if !unknown.is_empty() && !asked.prefer.lenient {
        let message = format!("The log of openings is searched by {}; take the other parameters out.", KNOWN.join(", "));
        return Err(Trouble::malformed(IssueCode::NotSupported, message));
    }
    let base = asked.base();
    let patients = listed(parameters, "patient")?.map(|texts| texts.into_iter().map(|text| patient(text, &base)).collect::<Result<Vec<_>, Trouble>>()).transpose()?;
    let mut query = AuditQuery {
        patient: patients.map(|ids| ids.join(",")),
        agent: listed(parameters, "agent")?.map(|names| names.join(",")),
        ids: listed(parameters, "_id")?.map(|ids| ids.into_iter().map(id_alone).collect::<Result<Vec<_>, Trouble>>()).transpose()?,
        count: count_in(parameters)?,
        cursor: parameters.first("_cursor").map(str::to_owned),
        ..AuditQuery::default()
    };
    for (_, text) in parameters.pairs().filter(|(name, _)| *name == "date") {
        narrow(&mut query, text, asked.settings.zone_offset_minutes)?;
    }
    let page = asked.chart.audit_events(asked.caller, &query).await?;
    let kept = || parameters.pairs().filter(|(name, _)| KNOWN.contains(name) || TRIMS.contains(name));
    let dropped = unknown.iter().filter(|name| !TRIMS.contains(name));
    let named = |name: &str| if is_showable(name) { format!("The parameter {name}") } else { "A parameter with an unreadable name".to_owned() };
    let issues: Vec<Issue> = dropped.map(|name| Issue::warning(IssueCode::NotSupported, "", format!("{} was left out: the log of openings is not searched by it.", named(name)))).collect();
    let told = (!issues.is_empty()).then(|| outcome_entry(&outcome(asked.request_id, &issues)));
    let own = asked.link("/AuditEvent", kept());
    let next = page.next.as_deref().map(|cursor| asked.link("/AuditEvent", kept().filter(|(name, _)| *name != "_cursor").chain([("_cursor", cursor)])));
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|hit| &hit.stored));
    let kind = ResourceType::named("AuditEvent").ok_or_else(Trouble::inside)?;
    let (base, trim) = (asked.base().into_owned(), Trim::asked(parameters, &[kind], asked.prefer.lenient)?);
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), told)))
}

/// The values of a parameter, any of which will do. Twice would ask for both at once, and an opening has one of each.
fn listed<'p>(parameters: &'p Parameters, name: &'static str) -> Result<Option<Vec<&'p str>>, Trouble> {
    let mut given = parameters.pairs().filter(|(other, _)| *other == name).map(|(_, text)| text);
    let Some(text) = given.next() else { return Ok(None) };
    let values: Vec<&str> = text.split(',').map(str::trim).collect();
    if given.next().is_some() || values.iter().any(|value| value.is_empty()) {
        let message = format!("{name} is given once and not empty; several values, of which any will do, are parted by commas.");
        return Err(Trouble::malformed(IssueCode::Value, message).at(&format!("http.{name}")));
    }
    Ok(Some(values))
}

/// An id, as other searches want it too: nothing bears one with its type.
fn id_alone(text: &str) -> Result<String, Trouble> {
    match is_id(text) {
        true => Ok(text.to_owned()),
        false => Err(Trouble::malformed(IssueCode::Value, "_id is an id alone, without its type before it.").at("http._id")),
    }
}

/// The id of a Patient named as `23`, `Patient/23`, or by the whole address here.
fn patient<'t>(text: &'t str, base: &str) -> Result<&'t str, Trouble> {
    match Reference::within(text, base).local() {
        Some((ResourceType::PATIENT, id)) => Ok(id),
        None if is_id(text) => Ok(text),
        _ => Err(Trouble::malformed(IssueCode::Value, "patient names a Patient of this server, as Patient/23.").at("http.patient")),
    }
}

/// Narrows the times by `date=ge2024-05-17`.
fn narrow(query: &mut AuditQuery, text: &str, zone_offset_minutes: i16) -> Result<(), Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "date is a date with eq, ge, gt, le or lt before it, as ge2024-05-17 or 2024-05-17T08:00:00Z.").at("http.date");
    let (prefix, date) = match text.get(..2).filter(|prefix| prefix.bytes().all(|byte| byte.is_ascii_lowercase())) {
        Some(prefix) => (prefix, &text[2..]),
        None => ("eq", text),
    };
    // The plus of a zone arrives as a space where the sender did not escape it.
    let (start, end): (Moment, Moment) = PartialDateTime::parse(&date.replace(' ', "+")).ok_or_else(wrong)?.range(zone_offset_minutes);
    let (from, to) = match prefix {
        "eq" => (Some(start), Some(end)),
        "ge" => (Some(start), None),
        "gt" => (Some(end), None),
        "le" => (None, Some(end)),
        "lt" => (None, Some(start)),
        _ => return Err(wrong()),
    };
    query.from = query.from.max(from);
    query.to = match (query.to, to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(())
}
