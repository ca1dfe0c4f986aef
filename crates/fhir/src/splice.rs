//! Writing a value again with recorded changes, everything else token for token.
//!
//! A write copies tokens, never re-encodes them, so decimal text, escapes and member
//! order stay as received; only insignificant white space goes, and the escapes in a member's name.

use crate::json::{Kind, Value};

/// What to put in the place of a value.
pub type Replacement = String;

/// Appends `value` without white space. For each scalar, `change` is asked with the decoded name
/// of the nearest member and the value; the JSON text it gives replaces the token.
pub fn write(value: Value<'_>, out: &mut String, change: &mut dyn FnMut(&str, Value<'_>) -> Option<Replacement>) {
    write_named("", value, out, change);
}

fn write_named(name: &str, value: Value<'_>, out: &mut String, change: &mut dyn FnMut(&str, Value<'_>) -> Option<Replacement>) {
    match value.kind() {
        Kind::Object => {
            out.push('{');
            let mut members = value.members();
            let mut first = true;
            while let Some((key, member)) = members.next_with_key() {
                if !first {
                    out.push(',');
                }
                first = false;
                let name = key.as_str().unwrap_or_default();
                write_key(key, &name, out);
                write_named(&name, member, out, change);
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (number, item) in value.items().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_named(name, item, out, change);
            }
            out.push(']');
        }
        _ => match change(name, value) {
            Some(replacement) => out.push_str(&replacement),
            None => out.push_str(value.raw()),
        },
    }
}

/// Appends a member's name and its colon. One that was written with escapes is written as it reads, so that nothing
/// hides behind them.
fn write_key(key: Value<'_>, name: &str, out: &mut String) {
    // An escaped name is always longer than what it says.
    if key.raw().len() == name.len() + 2 {
        out.push_str(key.raw());
    } else {
        write_string(name, out);
    }
    out.push(':');
}

/// Appends `text` as a JSON string, quotes included.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1F => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// What a server adds to a resource it stores.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The logical id.
    pub id: &'a str,
    /// `meta.versionId`.
    pub version: u32,
    /// `meta.lastUpdated`, already formatted as an instant.
    pub last_updated: &'a str,
}

/// Appends `resource` with id, version and time set; `reference` may rewrite the text of
/// any `reference` member (and of `url`-typed members that name an entry of a bundle).
///
/// `resourceType` stays where it was; `id` and `meta` keep their place if present, else
/// follow `resourceType`, or open the object where that comes later.
pub fn write_stamped(resource: Value<'_>, stamp: Stamp<'_>, out: &mut String, change: &mut dyn FnMut(&str, Value<'_>) -> Option<Replacement>) {
    let has = |name: &str| resource.get(name).is_some_and(|member| !member.is_null());
    let (mut id_due, mut meta_due) = (!has("id"), !has("meta"));
    let type_first = resource.members().next().is_some_and(|(key, _)| key == "resourceType");
    out.push('{');
    let mut separate = false;
    let mut due = |out: &mut String, separate: &mut bool| {
        if id_due {
            comma(out, separate);
            out.push_str("\"id\":");
            write_string(stamp.id, out);
            id_due = false;
        }
        if meta_due {
            comma(out, separate);
            out.push_str("\"meta\":");
            write_meta(None, stamp, out);
            meta_due = false;
        }
    };
    if !type_first {
        due(out, &mut separate);
    }
    let mut members = resource.members();
    while let Some((key, member)) = members.next_with_key() {
        // A name is what it says, however its letters are escaped.
        let name = key.as_str().unwrap_or_default();
        match &*name {
            "id" | "meta" if member.is_null() => continue,
            _ => comma(out, &mut separate),
        }
        match &*name {
            "id" => {
                out.push_str("\"id\":");
                write_string(stamp.id, out);
            }
            "meta" => {
                out.push_str("\"meta\":");
                write_meta(Some(member), stamp, out);
            }
            name => {
                write_key(key, name, out);
                write_named(name, member, out, change);
            }
        }
        if name == "resourceType" {
            due(out, &mut separate);
        }
    }
    due(out, &mut separate);
    out.push('}');
}

fn comma(out: &mut String, separate: &mut bool) {
    if *separate {
        out.push(',');
    }
    *separate = true;
}

/// The sender's meta with our version and time; whatever else it held stays.
fn write_meta(received: Option<Value<'_>>, stamp: Stamp<'_>, out: &mut String) {
    out.push_str(&format!("{{\"versionId\":\"{}\",\"lastUpdated\":\"{}\"", stamp.version, stamp.last_updated));
    if let Some(received) = received {
        let mut members = received.members();
        while let Some((key, member)) = members.next_with_key() {
            let name = key.as_str().unwrap_or_default();
            if matches!(&*name, "versionId" | "lastUpdated" | "_versionId" | "_lastUpdated") {
                continue;
            }
            out.push(',');
            write_key(key, &name, out);
            member.write_compact(out);
        }
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn check(input: &str, expect: &str) {
        let document = Document::read(input).unwrap();
        let mut out = String::new();
        let stamp = Stamp { id: "a", version: 2, last_updated: "T" };
        write_stamped(document.root(), stamp, &mut out, &mut |name, value| {
            (name == "reference" && value.raw() == "\"urn:uuid:1\"").then(|| "\"Patient/9\"".to_owned())
        });
        assert_eq!(out, expect);
        Document::read(&out).unwrap();
    }

    #[test]
    fn id_and_meta_are_set_and_all_else_stays() {
        check(r#"{"resourceType":"Basic"}"#, r#"{"resourceType":"Basic","id":"a","meta":{"versionId":"2","lastUpdated":"T"}}"#);
        check(r#"{"x":1.0, "resourceType":"Basic"}"#, r#"{"id":"a","meta":{"versionId":"2","lastUpdated":"T"},"x":1.0,"resourceType":"Basic"}"#);
        check(
            r#"{"resourceType":"Basic","meta":{"versionId":"7","profile":["p"]},"id":"old","subject":{"reference":"urn:uuid:1"}}"#,
            r#"{"resourceType":"Basic","meta":{"versionId":"2","lastUpdated":"T","profile":["p"]},"id":"a","subject":{"reference":"Patient/9"}}"#,
        );
    }

    #[test]
    fn nothing_hides_behind_an_escaped_name() {
        check(
            r#"{"resourceType":"Basic","\u0069d":"old","m\u0065ta":{"v\u0065rsionId":"7","profile":["p"]},"subject":{"ref\u0065rence":"urn:uuid:1"}}"#,
            r#"{"resourceType":"Basic","id":"a","meta":{"versionId":"2","lastUpdated":"T","profile":["p"]},"subject":{"reference":"Patient/9"}}"#,
        );
    }

    #[test]
    fn strings_are_escaped() {
        let mut out = String::new();
        write_string("a\"\\\n\u{1}é", &mut out);
        assert_eq!(out, "\"a\\\"\\\\\\n\\u0001é\"");
    }
}
