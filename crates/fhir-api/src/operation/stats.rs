//! `GET|POST /Observation/$stats`: figures over a person's measurements.
//! https://hl7.org/fhir/R4/observation-operation-stats.html

use super::input::is_simple;
use super::{At, Call, Input, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use chart::{Statistic, Stats, StatsQuery};
use fhir::splice::write_string;
use fhir::{IssueCode, Moment, PartialDateTime, Reference, ResourceType};
use std::fmt::Write;

pub(crate) const OPERATION: Operation = Operation {
    name: "stats",
    definition: "http://hl7.org/fhir/OperationDefinition/Observation-stats",
    at: &[At::Type(&["Observation"])],
    methods: "GET, HEAD, POST",
    parameters: &["subject", "code", "system", "coding", "duration", "period", "statistic", "include", "limit"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(stats(asked, call)),
};

const MS_PER_HOUR: f64 = 3_600_000.0;

async fn stats(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let (from, until) = span(asked, &call.input)?;
    let query = StatsQuery { subject: subject(asked)?, codes: codes(asked, &call.input)?, from, until, statistics: statistics(asked)? };
    let include = match asked.parameters.only("include")? {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong("include", "include is true or false.")),
    };
    let limit = match asked.parameters.only("limit")? {
        None => usize::MAX,
        Some(_) if !include => return Err(wrong("limit", "limit says how many sources are brought: it needs include=true.")),
        Some(text) => text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| wrong("limit", "limit is a whole number, 1 or more."))?,
    };
    let all = asked.chart.observation_stats(asked.caller, &query).await?;
    let mut out = String::from("{\"resourceType\":\"Parameters\",\"parameter\":[");
    for (number, one) in all.iter().enumerate() {
        out.push_str(if number == 0 { "{\"name\":\"statistics\",\"resource\":" } else { ",{\"name\":\"statistics\",\"resource\":" });
        write_observation(one, &query, &mut out);
        out.push('}');
    }
    let mut told = std::collections::HashSet::new();
    let sources = all.iter().flat_map(|one| &one.sources).filter(|source| told.insert(source.id.as_str()));
    for source in sources.take(if include { limit } else { 0 }) {
        out.push_str(",{\"name\":\"source\",\"resource\":");
        out.push_str(&source.text);
        out.push('}');
    }
    out.push_str("]}");
    Ok(Answer::text(StatusCode::OK, out))
}

fn wrong(name: &str, message: &str) -> Trouble {
    Trouble::malformed(IssueCode::Value, message).at(&format!("http.{name}"))
}

fn subject(asked: &Asked<'_>) -> Result<String, Trouble> {
    let text = asked.parameters.only("subject")?.ok_or_else(|| Trouble::malformed(IssueCode::Required, "Name the person in subject, as in Patient/23.").at("http.subject"))?;
    match Reference::within(text, &asked.base()) {
        Reference::Local { kind, id, .. } if kind == ResourceType::PATIENT => Ok(format!("{kind}/{id}")),
        _ => Err(wrong("subject", "subject names a Patient of this server, as in Patient/23.")),
    }
}

/// Codes with the one system, or codings that bring their own.
fn codes(asked: &Asked<'_>, input: &Input) -> Result<Vec<(Option<String>, String)>, Trouble> {
    let system = asked.parameters.only("system")?;
    let texts = asked.parameters.pairs().filter(|(name, _)| *name == "code").flat_map(|(_, list)| list.split(','));
    // In an address a code may bring its system, as a search parameter would.
    let mut codes: Vec<_> = texts.filter(|text| !text.is_empty()).map(|text| match text.split_once('|') {
        Some((system, code)) => (Some(system.to_owned()).filter(|system| !system.is_empty()), code.to_owned()),
        None => (system.map(str::to_owned), text.to_owned()),
    }).collect();
    for text in asked.parameters.pairs().filter(|(name, _)| *name == "coding").map(|(_, text)| text) {
        let (system, code) = text.split_once('|').ok_or_else(|| wrong("coding", "coding is system|code in an address and a valueCoding in a body."))?;
        codes.push((Some(system.to_owned()).filter(|system| !system.is_empty()), code.to_owned()));
    }
    for parameter in input.all("coding").filter(|parameter| !is_simple(*parameter)) {
        let coding = parameter.get("valueCoding").ok_or_else(|| wrong("coding", "coding is system|code in an address and a valueCoding in a body."))?;
        let code = coding.string("code").ok_or_else(|| wrong("coding", "A coding here has a code."))?;
        codes.push((coding.string("system").map(|text| text.into_owned()), code.into_owned()));
    }
    if codes.is_empty() {
        return Err(Trouble::malformed(IssueCode::Required, "Name what was measured in code (with system) or coding.").at("http.code"));
    }
    Ok(codes)
}

fn statistics(asked: &Asked<'_>) -> Result<Vec<Statistic>, Trouble> {
    let mut statistics = Vec::new();
    for code in asked.parameters.pairs().filter(|(name, _)| *name == "statistic").flat_map(|(_, list)| list.split(',')).map(str::trim).filter(|code| !code.is_empty()) {
        let found = Statistic::of_code(code);
        if found.is_empty() {
            let mut known = Statistic::ALL.map(|row| row.1).to_vec();
            known.dedup();
            return Err(wrong("statistic", &format!("statistic is one of {}.", known.join(", "))));
        }
        for statistic in found {
            if !statistics.contains(&statistic) {
                statistics.push(statistic);
            }
        }
    }
    if statistics.is_empty() {
        return Err(Trouble::malformed(IssueCode::Required, "Name the figures in statistic, as in average,maximum,count.").at("http.statistic"));
    }
    Ok(statistics)
}

/// The time of interest: the last so many hours, or a period.
fn span(asked: &Asked<'_>, input: &Input) -> Result<(Option<Moment>, Option<Moment>), Trouble> {
    let period = input.value("period");
    match (asked.parameters.only("duration")?, period) {
        (Some(_), Some(_)) => Err(wrong("period", "Give a duration or a period, not both.")),
        (Some(text), None) => {
            let hours = text.parse::<f64>().ok().filter(|hours| *hours > 0.0 && *hours < 24.0 * 366.0 * 200.0);
            let hours = hours.ok_or_else(|| wrong("duration", "duration is a number of hours."))?;
            let now = asked.chart.now();
            Ok((Some(Moment(now.0 - (hours * MS_PER_HOUR) as i64)), Some(Moment(now.0 + 1))))
        }
        (None, Some((member, period))) if member == "valuePeriod" => {
            let zone = asked.settings.zone_offset_minutes;
            let side = |name: &str| match period.string(name) {
                None => Ok(None),
                Some(text) => PartialDateTime::parse(&text).map(|date| Some(date.range(zone))).ok_or_else(|| wrong("period", "A period has a start and an end that are dates.")),
            };
            Ok((side("start")?.map(|range| range.0), side("end")?.map(|range| range.1)))
        }
        (None, None) if asked.parameters.first("period").is_none() => Ok((None, None)),
        _ => Err(wrong("period", "A period is sent in a Parameters resource, as valuePeriod.")),
    }
}

/// One Observation with a component for each figure.
fn write_observation(stats: &Stats, query: &StatsQuery, out: &mut String) {
    out.push_str("{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[{");
    if let Some(system) = &stats.system {
        out.push_str("\"system\":");
        write_string(system, out);
        out.push(',');
    }
    out.push_str("\"code\":");
    write_string(&stats.code, out);
    if let Some(display) = &stats.display {
        out.push_str(",\"display\":");
        write_string(display, out);
    }
    out.push_str("}]},\"subject\":{\"reference\":");
    write_string(&query.subject, out);
    out.push('}');
    if query.from.is_some() || query.until.is_some() {
        let sides = [("start", query.from), ("end", query.until.map(|until| Moment(until.0 - 1)))];
        let sides: Vec<_> = sides.into_iter().filter_map(|(name, moment)| Some(format!("\"{name}\":\"{}\"", moment?))).collect();
        let _ = write!(out, ",\"effectivePeriod\":{{{}}}", sides.join(","));
    }
    out.push_str(",\"component\":[");
    for (number, (statistic, value)) in stats.figures.iter().enumerate() {
        out.push_str(if number == 0 { "{" } else { ",{" });
        let (code, display) = (statistic.code(), statistic.display());
        let _ = write!(out, "\"code\":{{\"coding\":[{{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-statistics\",\"code\":\"{code}\",\"display\":\"{display}\"}}");
        if let Some((part, display)) = statistic.part() {
            // R4 has one code for what are several figures.
            let _ = write!(out, ",{{\"system\":\"https://carnet.health/fhir/CodeSystem/regression-part\",\"code\":\"{part}\",\"display\":\"{display}\"}}");
        }
        out.push_str("]}");
        match (value, statistic.unit(stats.unit.as_deref().unwrap_or("1"))) {
            (None, _) => out.push_str(",\"dataAbsentReason\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/data-absent-reason\",\"code\":\"not-applicable\"}]}"),
            (Some(value), None) => {
                let _ = write!(out, ",\"valueInteger\":{value}");
            }
            (Some(value), Some(unit)) => {
                let _ = write!(out, ",\"valueQuantity\":{{\"value\":{value},\"unit\":");
                write_string(&unit, out);
                // What was measured in words is told in words.
                if stats.is_ucum || unit == "1" {
                    out.push_str(",\"system\":\"http://unitsofmeasure.org\",\"code\":");
                    write_string(&unit, out);
                }
                out.push('}');
            }
        }
        out.push('}');
    }
    out.push(']');
    if stats.passed_over > 0 {
        let _ = write!(out, ",\"note\":[{{\"text\":\"Of all that was asked, {} observation(s) with a modifierExtension, which may mean the contrary, are in no figure.\"}}]", stats.passed_over);
    }
    out.push('}');
}
