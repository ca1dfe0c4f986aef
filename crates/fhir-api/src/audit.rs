//! `GET /AuditEvent…` for those who watch over the record: the log of openings.
//!
//! Everybody else finds under AuditEvent what systems have sent of their own.

use access::may_audit;
use chart::{AUDIT_ID, AuditQuery};
use fhir::{IssueCode, Moment, PartialDateTime, ResourceType};

use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_hit};
use crate::parameters::Parameters;
use crate::read::show;
use crate::trim::Trim;

const KNOWN: &[&str] = &["patient", "date", "agent", "_id", "_count", "_cursor"];

/// Whether a search of this type by this caller is one of the log.
pub(crate) fn is_log(asked: &Asked<'_>, kind: ResourceType) -> bool {
    kind.name() == "AuditEvent" && may_audit(asked.caller)
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
    let unknown = parameters.pairs().find(|(name, _)| !KNOWN.contains(name) && !matches!(*name, "_format" | "_pretty"));
    if let Some((_, _)) = unknown.filter(|_| !asked.prefer.lenient) {
        let message = format!("The log of openings is searched by {}; take the other parameters out.", KNOWN.join(", "));
        return Err(Trouble::malformed(IssueCode::NotSupported, message));
    }
    let mut query = AuditQuery {
        patient: parameters.first("patient").map(|text| text.strip_prefix("Patient/").unwrap_or(text).to_owned()),
        agent: parameters.first("agent").map(str::to_owned),
        ids: parameters.first("_id").map(|text| text.split(',').map(str::to_owned).collect()),
        count: asked.count()?,
        cursor: parameters.first("_cursor").map(str::to_owned),
        ..AuditQuery::default()
    };
    for (_, text) in parameters.pairs().filter(|(name, _)| *name == "date") {
        narrow(&mut query, text, asked.settings.zone_offset_minutes)?;
    }
    let page = asked.chart.audit_events(asked.caller, &query).await?;
    let kept = || parameters.pairs().filter(|(name, _)| KNOWN.contains(name));
    let own = asked.link("/AuditEvent", kept());
    let next = page.next.as_deref().map(|cursor| asked.link("/AuditEvent", kept().filter(|(name, _)| *name != "_cursor").chain([("_cursor", cursor)])));
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|hit| &hit.stored));
    let kind = ResourceType::named("AuditEvent").ok_or_else(Trouble::inside)?;
    let (base, trim) = (asked.base().into_owned(), Trim::asked(parameters, &[kind], asked.prefer.lenient)?);
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), None)))
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
