//! Results as JSON, one value a line: what `carnet fhirpath` prints.
//!
//! * Elements keep their tokens, decimals their text.
//! * Dates are strings, quantities are objects like FHIR's Quantity.

use crate::quantity::Unit;
use crate::{Collection, Item};
use fhir::splice::write_string;
use std::fmt::Write;

/// One line for each item, each ended by a line feed.
pub fn to_json_lines(items: &Collection<'_>) -> String {
    let mut out = String::new();
    for item in items {
        write_item(item, &mut out);
        out.push('\n');
    }
    out
}

/// Appends one item as JSON.
pub fn write_item(item: &Item<'_>, out: &mut String) {
    match item {
        Item::Node(node) => match node.value.or(node.sibling) {
            Some(value) => value.write_compact(out),
            None => out.push_str("null"),
        },
        Item::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Item::String(text) => write_string(text, out),
        Item::Integer(value) => append(out, value),
        Item::Decimal(value) => append(out, value),
        Item::Date(date) => write_string(&date.to_string(), out),
        Item::DateTime(moment) => write_string(&moment.to_string(), out),
        Item::Time(time) => write_string(&time.to_string(), out),
        Item::Quantity(quantity) => {
            out.push_str("{\"value\":");
            append(out, &quantity.value);
            out.push_str(",\"unit\":");
            match &quantity.unit {
                Unit::Code(code) => {
                    write_string(code, out);
                    out.push_str(",\"system\":\"http://unitsofmeasure.org\",\"code\":");
                    write_string(code, out);
                }
                Unit::Calendar(unit) => write_string(unit.word(), out),
            }
            out.push('}');
        }
        Item::Type(kind) => {
            out.push_str("{\"namespace\":");
            write_string(kind.namespace.as_deref().unwrap_or("FHIR"), out);
            out.push_str(",\"name\":");
            write_string(&kind.name, out);
            out.push('}');
        }
    }
}

fn append(out: &mut String, value: &impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}
