//! `ValueSet/$expand`: the codes of a value set, also while somebody types.
//! https://hl7.org/fhir/R4/valueset-operation-expand.html

use super::{language, set_meant};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::IssueCode;
use std::fmt::Write;
use terminology::{Found, Wanted};

pub(crate) const OPERATION: Operation = Operation {
    name: "expand",
    definition: "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    at: &[At::Type(&["ValueSet"]), At::Instance(&["ValueSet"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "valueSet", "valueSetVersion", "filter", "offset", "count", "activeOnly", "includeDesignations", "displayLanguage", "excludeNested", "excludeNotForUI"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(expand(asked, call)),
};

/// Without `count` a larger expansion is refused: it would be a download, not an answer.
const MOST_AT_ONCE: usize = 50_000;

async fn expand(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let number = |name: &str| -> Result<Option<usize>, Trouble> {
        let wrong = || Trouble::malformed(IssueCode::Value, format!("{name} is a whole number.")).at(&format!("http.{name}"));
        asked.parameters.first(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
    };
    let truth = |name: &str| match asked.parameters.first(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Trouble::malformed(IssueCode::Value, format!("{name} is true or false.")).at(&format!("http.{name}"))),
    };
    let (offset, count) = (number("offset")?.unwrap_or(0), number("count")?);
    let (active_only, with_designations, choosable_only) = (truth("activeOnly")?, truth("includeDesignations")?, truth("excludeNotForUI")?);
    truth("excludeNested")?;
    let set = set_meant(asked, &call).await?;
    let language = language(asked);
    let filter = asked.parameters.first("filter").map(str::to_owned);
    let wanted = Wanted { filter: filter.as_deref(), active_only };
    let unknown = |why: String| {
        let message = format!("The value set cannot be expanded: it is built on {why}.");
        Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at("ValueSet.compose")
    };
    let mut members = set.expand(wanted, &asked.chart.knowledge()).map_err(unknown)?;
    members.retain(|one| !(choosable_only && one.concept().is_abstract));
    if count.is_none() && members.len() > MOST_AT_ONCE {
        let message = format!("The value set has more than {MOST_AT_ONCE} codes; ask for pages with offset and count, or type a filter.");
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::TooCostly, message));
    }
    let total = members.len();
    let shown = members.iter().skip(offset).take(count.unwrap_or(usize::MAX));
    let mut out = String::from("{\"resourceType\":\"ValueSet\"");
    let mut text = |name: &str, value: Option<&str>, out: &mut String| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(out, ",\"{name}\":");
            write_string(value, out);
        }
    };
    text("url", Some(&set.url), &mut out);
    text("version", set.version.as_deref(), &mut out);
    text("title", set.name.as_deref(), &mut out);
    let timestamp = asked.chart.now();
    text("copyright", set.copyright.as_deref(), &mut out);
    let _ = write!(out, ",\"status\":\"active\",\"expansion\":{{\"identifier\":\"urn:uuid:{}\",\"timestamp\":\"{timestamp}\",\"total\":{total},\"offset\":{offset}", uuid(asked.request_id));
    let mut parameters = Vec::new();
    for (name, member, value) in [("filter", "valueString", filter.as_deref()), ("displayLanguage", "valueCode", language.as_deref())] {
        if let Some(value) = value {
            let mut quoted = String::new();
            write_string(value, &mut quoted);
            parameters.push(format!("{{\"name\":\"{name}\",\"{member}\":{quoted}}}"));
        }
    }
    if active_only {
        parameters.push("{\"name\":\"activeOnly\",\"valueBoolean\":true}".to_owned());
    }
    if !parameters.is_empty() {
        let _ = write!(out, ",\"parameter\":[{}]", parameters.join(","));
    }
    for (place, member) in shown.enumerate() {
        out.push_str(if place == 0 { ",\"contains\":[" } else { "," });
        write_member(member, language.as_deref(), with_designations, &mut text, &mut out);
    }
    out.push_str(if total > offset && count != Some(0) { "]}}" } else { "}}" });
    Ok(Answer::text(StatusCode::OK, out))
}

fn write_member(member: &Found, language: Option<&str>, with_designations: bool, text: &mut impl FnMut(&str, Option<&str>, &mut String), out: &mut String) {
    out.push_str("{\"system\":");
    write_string(member.system(), out);
    let concept = member.concept();
    if concept.is_abstract {
        out.push_str(",\"abstract\":true");
    }
    if concept.is_inactive {
        out.push_str(",\"inactive\":true");
    }
    text("code", Some(&concept.code), out);
    text("display", concept.display_in(language), out);
    let designations = concept.designations.iter().filter(|_| with_designations);
    for (place, designation) in designations.clone().enumerate() {
        out.push_str(if place == 0 { ",\"designation\":[{" } else { ",{" });
        let mut one = String::new();
        text("language", designation.language.as_deref(), &mut one);
        if let Some(usage) = &designation.usage {
            let _ = write!(one, ",\"use\":{usage}");
        }
        text("value", Some(&designation.value), &mut one);
        out.push_str(one.trim_start_matches(','));
        out.push('}');
    }
    if designations.count() > 0 {
        out.push(']');
    }
    out.push('}');
}

/// A UUID that tells this expansion from others: made from the request's id.
fn uuid(request_id: &str) -> String {
    let digest = blake3::hash(request_id.as_bytes()).to_hex();
    format!("{}-{}-4{}-8{}-{}", &digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32])
}
