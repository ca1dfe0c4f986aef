//! Any element of FHIR as words for a reader.

use std::fmt::Write;

use fhir::{Kind, PartialDateTime, Value};

use crate::cards::medicines;
use crate::record::{Record, clinical, concept, quantity};
use crate::units;
use crate::voice::Voice;

/// The words of a value of any type; none where it says nothing a reader needs.
pub fn words(record: &Record<'_>, owner: Value<'_>, value: Value<'_>, voice: &Voice) -> Option<String> {
    match value.kind() {
        Kind::Null => None,
        Kind::Bool => value.as_bool().map(|flag| voice.say(if flag { "result-yes" } else { "result-no" })),
        Kind::Number => value.as_number().map(|text| voice.figure(text)),
        Kind::String => value.as_str().map(|text| string(&text, voice)).filter(|text| !text.is_empty()),
        Kind::Array => {
            let all: Vec<String> = value.items().filter_map(|item| words(record, owner, item, voice)).collect();
            (!all.is_empty()).then(|| all.join("\n"))
        }
        Kind::Object => object(record, owner, value, voice),
    }
}

/// Dates become dates of the reader; everything else stays.
fn string(text: &str, voice: &Voice) -> String {
    match PartialDateTime::parse(text) {
        Some(date) if text.len() >= 7 => voice.date_and_time(&date),
        _ => text.trim().to_owned(),
    }
}

fn object(record: &Record<'_>, owner: Value<'_>, value: Value<'_>, voice: &Voice) -> Option<String> {
    let has = |member: &str| value.get(member).is_some();
    if has("coding") {
        return record.says(value);
    }
    if has("reference") || (has("display") && !has("system")) {
        return record.name_of(owner, value);
    }
    if has("start") || has("end") {
        return period(value, voice);
    }
    if has("timing") || has("doseAndRate") || has("asNeededBoolean") {
        return medicines::dosage_text(value, voice);
    }
    if has("family") || has("given") {
        return clinical::human_name(value);
    }
    if has("line") || has("city") || has("state") || has("postalCode") || has("country") {
        return address(value, voice);
    }
    if has("currency") {
        return Some(format!("{} {}", voice.figure(value.get("value")?.as_number()?), concept::said(value, "currency")?));
    }
    if value.get("value").is_some_and(|figure| figure.kind() == Kind::Number) {
        return quantity::quantity_text(voice, value);
    }
    if has("numerator") || has("low") || has("high") {
        return range(record, owner, value, voice);
    }
    if has("code") && has("system") {
        return concept::said(value, "display").or_else(|| concept::said(value, "code"));
    }
    if let Some(text) = concept::said(value, "text").or_else(|| concept::said(value, "value")) {
        return Some(text);
    }
    parts(record, owner, value, voice)
}

/// A part of a resource without a meaning of its own: what its members say, in order.
fn parts(record: &Record<'_>, owner: Value<'_>, value: Value<'_>, voice: &Voice) -> Option<String> {
    let silent = |name: &str| matches!(name, "id" | "extension" | "modifierExtension" | "url" | "use" | "sequence" | "rank" | "assigner" | "linkId" | "number" | "uid" | "class") || name.starts_with('_');
    let all: Vec<String> = value.members().filter(|(name, _)| !silent(name)).filter_map(|(_, member)| words(record, owner, member, voice)).collect();
    (!all.is_empty()).then(|| all.join(", ").replace('\n', ", "))
}

/// A Period as two dates.
pub fn period(value: Value<'_>, voice: &Voice) -> Option<String> {
    let side = |member: &str| value.string(member).and_then(|text| PartialDateTime::parse(&text)).map(|date| voice.date_and_time(&date));
    match (side("start"), side("end")) {
        (Some(start), Some(end)) if start != end => Some(format!("{start} \u{2013} {end}")),
        (Some(start), Some(_)) => Some(start),
        (Some(start), None) => Some(voice.with("due-since", &[("date", &start)])),
        (None, Some(end)) => Some(format!("\u{2013} {end}")),
        (None, None) => None,
    }
}

fn range(record: &Record<'_>, owner: Value<'_>, value: Value<'_>, voice: &Voice) -> Option<String> {
    let side = |member: &str| value.get(member).and_then(|side| words(record, owner, side, voice));
    match (side("low").or_else(|| side("numerator")), side("high").or_else(|| side("denominator"))) {
        (Some(low), Some(high)) => Some(format!("{low} \u{2013} {high}")),
        (low, high) => low.or(high),
    }
}

/// An Address on one line, the nearest first; beside a province or state that ended, what it is today.
pub fn address(value: Value<'_>, voice: &Voice) -> Option<String> {
    let written = written(value)?;
    Some(match units::today(value, voice) {
        Some(today) => format!("{written} ({today})"),
        None => written,
    })
}

/// The same, only as it was written.
pub fn written(value: Value<'_>) -> Option<String> {
    if let Some(text) = concept::said(value, "text") {
        return Some(text);
    }
    let lines = value.get("line").into_iter().flat_map(|lines| lines.each().filter_map(|line| line.as_str().map(|text| text.into_owned())).collect::<Vec<_>>());
    let rest = ["city", "district", "state", "postalCode", "country"].into_iter().filter_map(|member| concept::said(value, member));
    let all: Vec<String> = lines.chain(rest).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The received text, indented for reading.
pub fn indented(value: Value<'_>) -> String {
    let mut out = String::new();
    write_indented(value, 0, &mut out);
    out
}

fn write_indented(value: Value<'_>, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    match value.kind() {
        Kind::Object => {
            out.push('{');
            let mut members = value.members();
            let mut is_first = true;
            while let Some((key, member)) = members.next_with_key() {
                if !is_first {
                    out.push(',');
                }
                is_first = false;
                line(out, depth + 1);
                let _ = write!(out, "{}: ", key.raw());
                write_indented(member, depth + 1, out);
            }
            if !is_first {
                line(out, depth);
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                write_indented(item, depth + 1, out);
            }
            if value.items().next().is_some() {
                line(out, depth);
            }
            out.push(']');
        }
        _ => out.push_str(value.raw()),
    }
}
