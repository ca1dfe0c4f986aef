//! JSON written straight into a text, without a tree in between.
//!
//! A comma is due exactly when the last sign written does not open something,
//! so the writer needs no state of its own.

use crate::day::{Day, Moment, push_decimal, push_padded};

/// The text being written, and the handful of moves that write it.
pub(crate) struct Json<'a> {
    pub out: &'a mut String,
    /// Resources get no narrative, as in many real systems.
    pub bare: bool,
}

impl<'a> Json<'a> {
    pub fn new(out: &'a mut String) -> Json<'a> {
        Json { out, bare: false }
    }

    fn comma(&mut self) {
        if !matches!(self.out.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(',');
        }
    }

    /// `"name":`
    pub fn key(&mut self, name: &str) {
        self.comma();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    /// `"name":{`, to be closed with [`Json::close`].
    pub fn open(&mut self, name: &str) {
        self.key(name);
        self.out.push('{');
    }

    /// `{` as the next item of a list.
    pub fn item(&mut self) {
        self.comma();
        self.out.push('{');
    }

    /// `}`
    pub fn close(&mut self) {
        self.out.push('}');
    }

    /// `"name":[`, to be closed with [`Json::end_list`].
    pub fn list(&mut self, name: &str) {
        self.key(name);
        self.out.push('[');
    }

    /// `]`
    pub fn end_list(&mut self) {
        self.out.push(']');
    }

    /// `"name":"value"`, escaped.
    pub fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        self.string(value);
    }

    /// A string made of several pieces.
    pub fn texts(&mut self, name: &str, pieces: &[&str]) {
        self.key(name);
        self.out.push('"');
        for piece in pieces {
            escape(self.out, piece);
        }
        self.out.push('"');
    }

    /// `"value"` as the next item of a list or after a key.
    pub fn string(&mut self, value: &str) {
        self.comma();
        self.out.push('"');
        escape(self.out, value);
        self.out.push('"');
    }

    /// `"name":true`
    pub fn flag(&mut self, name: &str, value: bool) {
        self.key(name);
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// `"name":7.40` with this many places.
    pub fn decimal(&mut self, name: &str, value: f64, places: u8) {
        self.key(name);
        push_decimal(self.out, value, places);
    }

    /// `"name":42`
    pub fn number(&mut self, name: &str, value: u32) {
        self.key(name);
        push_padded(self.out, value, 1);
    }

    /// `"name":"2026-11-22"`
    pub fn day(&mut self, name: &str, day: Day) {
        self.key(name);
        self.out.push('"');
        day.write(self.out);
        self.out.push('"');
    }

    /// `"name":"2026-11-22T09:05:00-06:00"`
    pub fn moment(&mut self, name: &str, moment: Moment) {
        self.key(name);
        self.out.push('"');
        moment.write(self.out);
        self.out.push('"');
    }

    /// The same with the seconds of something agreed upon: none.
    pub fn agreed(&mut self, name: &str, moment: Moment) {
        self.key(name);
        self.out.push('"');
        moment.write_whole(self.out);
        self.out.push('"');
    }

    /// `"name":{"start":…,"end":…}`
    pub fn period(&mut self, name: &str, start: Moment, end: Option<Moment>) {
        self.open(name);
        self.moment("start", start);
        if let Some(end) = end {
            self.moment("end", end);
        }
        self.close();
    }

    /// `"name":{"reference":"urn:uuid:…"}` with an optional display.
    pub fn reference(&mut self, name: &str, id: Id, display: &str) {
        self.open(name);
        self.reference_members(id, display);
        self.close();
    }

    /// The same as the next item of a list.
    pub fn reference_item(&mut self, id: Id, display: &str) {
        self.item();
        self.reference_members(id, display);
        self.close();
    }

    fn reference_members(&mut self, id: Id, display: &str) {
        self.key("reference");
        self.out.push_str("\"urn:uuid:");
        id.write(self.out);
        self.out.push('"');
        if !display.is_empty() {
            self.text("display", display);
        }
    }

    /// `"coding":[{"system":…,"code":…,"display":…}]`
    pub fn coding(&mut self, system: &str, code: &str, display: &str) {
        self.list("coding");
        self.coding_item(system, code, display);
        self.end_list();
    }

    /// One coding as the next item of a list.
    pub fn coding_item(&mut self, system: &str, code: &str, display: &str) {
        self.item();
        self.text("system", system);
        self.text("code", code);
        if !display.is_empty() {
            self.text("display", display);
        }
        self.close();
    }

    /// A whole CodeableConcept with one coding and perhaps a text.
    pub fn concept(&mut self, name: &str, system: &str, code: &str, display: &str, text: &str) {
        self.open(name);
        self.coding(system, code, display);
        if !text.is_empty() {
            self.text("text", text);
        }
        self.close();
    }

    /// `"name":[…]` with one such CodeableConcept.
    pub fn concepts(&mut self, name: &str, system: &str, code: &str, display: &str, text: &str) {
        self.list(name);
        self.item();
        self.coding(system, code, display);
        if !text.is_empty() {
            self.text("text", text);
        }
        self.close();
        self.end_list();
    }

    /// A Quantity with a UCUM unit.
    pub fn quantity(&mut self, name: &str, value: f64, places: u8, unit: &str, ucum: &str) {
        self.open(name);
        self.decimal("value", value, places);
        // A number without a dimension has a UCUM code and nothing to print.
        if unit != "1" {
            self.text("unit", unit);
        }
        self.text("system", "http://unitsofmeasure.org");
        self.text("code", ucum);
        self.close();
    }

    /// A generated narrative of one or more paragraphs, each a heading and a text.
    pub fn narrative(&mut self, paragraphs: &[(&str, &str)]) {
        if !self.bare {
            self.prose(paragraphs);
        }
    }

    /// The same, also in a record that is bare otherwise: a document's section.
    pub fn prose(&mut self, paragraphs: &[(&str, &str)]) {
        self.open("text");
        self.text("status", "generated");
        self.key("div");
        self.out.push_str("\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">");
        for (heading, text) in paragraphs {
            self.out.push_str("<p>");
            if !heading.is_empty() {
                self.out.push_str("<b>");
                escape_markup(self.out, heading);
                self.out.push_str("</b> ");
            }
            escape_markup(self.out, text);
            self.out.push_str("</p>");
        }
        self.out.push_str("</div>\"");
        self.close();
    }
}

/// Appends a text with what JSON forbids escaped.
pub(crate) fn escape(out: &mut String, text: &str) {
    if !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(text);
        return;
    }
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            sign if sign < ' ' => out.push(' '),
            sign => out.push(sign),
        }
    }
}

/// Appends a text for XHTML inside JSON; a line break becomes `<br/>`.
fn escape_markup(out: &mut String, text: &str) {
    let plain = !text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&'));
    if plain {
        out.push_str(text);
        return;
    }
    for sign in text.chars() {
        match sign {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("<br/>"),
            sign if sign < ' ' => out.push(' '),
            sign => out.push(sign),
        }
    }
}

/// A random UUID (version 4) that is not random at all: it follows from the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub u64, pub u64);

impl Id {
    /// The id of the `number`th thing under a key.
    pub fn of(key: u64, number: u64) -> Id {
        let high = crate::chance::mix(key, number.wrapping_mul(2));
        let low = crate::chance::mix(key ^ 0x5851_F42D_4C95_7F2D, number.wrapping_mul(2) + 1);
        Id((high & !0xF000) | 0x4000, (low & !(0xC000 << 48)) | (0x8000 << 48))
    }

    /// Appends `f81d4fae-7dec-41d0-a765-00a0c91e6bf6`.
    pub fn write(self, out: &mut String) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let bits = (u128::from(self.0) << 64) | u128::from(self.1);
        for place in 0..32 {
            if matches!(place, 8 | 12 | 16 | 20) {
                out.push('-');
            }
            let nibble = (bits >> (124 - place * 4)) & 15;
            out.push(char::from(HEX[nibble as usize]));
        }
    }
}

/// Appends standard Base64 with padding.
pub(crate) fn base64(out: &mut String, bytes: &[u8]) {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let word = u32::from(three[0]) << 16
            | u32::from(three.get(1).copied().unwrap_or(0)) << 8
            | u32::from(three.get(2).copied().unwrap_or(0));
        for place in 0..4 {
            if place <= three.len() {
                out.push(char::from(SIGNS[(word >> (18 - place * 6)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_and_nowhere_else() {
        let mut out = String::new();
        let mut json = Json::new(&mut out);
        json.item();
        json.text("a", "x\"y\\\n");
        json.list("b");
        json.string("one");
        json.item();
        json.number("c", 0);
        json.close();
        json.end_list();
        json.flag("d", true);
        json.close();
        assert_eq!(out, r#"{"a":"x\"y\\\n","b":["one",{"c":0}],"d":true}"#);
    }

    #[test]
    fn base64_pads_as_everyone_does() {
        for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            let mut out = String::new();
            base64(&mut out, text.as_bytes());
            assert_eq!(out, encoded);
        }
    }

    #[test]
    fn ids_are_version_4_uuids() {
        let mut out = String::new();
        Id::of(7, 3).write(&mut out);
        assert_eq!((out.len(), &out[14..15]), (36, "4"));
        assert!("89ab".contains(&out[19..20]));
    }
}
