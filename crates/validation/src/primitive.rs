//! Whether a primitive is written as R4 says.
//!
//! The matchers are by hand because they run on every value ever written; a property
//! test compares each with the published regular expression.
//!
//! * The expressions' `\s` is taken as the six ASCII white space characters: a name with a
//!   no-break space is a name.
//! * Two rules go beyond the expressions because the text of the specification does: a date
//!   must exist in the calendar, and control characters are refused.
//! * Rules: <https://hl7.org/fhir/R4/datatypes.html#primitive>, <https://hl7.org/fhir/R4/json.html>.

use fhir::{Kind, Value};
use std::borrow::Cow;

/// A primitive type of R4.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Primitive {
    Boolean, Integer, UnsignedInt, PositiveInt, Decimal, String, Markdown, Code, Id, Uri, Url, Canonical, Oid, Uuid,
    Date, DateTime, Instant, Time, Base64Binary, Xhtml,
}

/// What is wrong with a primitive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// Not the kind of JSON value this type is written as.
    Kind,
    /// An empty string, or nothing but white space.
    Blank,
    /// More than 1 MiB.
    TooLong,
    /// A control character other than tab, carriage return and line feed.
    Control,
    /// A number outside the range of the type.
    Range,
    /// Not in the form of the type.
    Form,
    /// A day that the calendar does not have.
    NoSuchDay,
}

/// The most bytes of a string: <https://hl7.org/fhir/R4/datatypes.html#string>.
const STRING_BYTES: usize = 1024 * 1024;

impl Primitive {
    /// The primitive of that FHIR name; FHIRPath's system types stand for what R4 means by them.
    pub fn named(name: &str) -> Option<Primitive> {
        Some(match name {
            "boolean" => Primitive::Boolean,
            "integer" => Primitive::Integer,
            "unsignedInt" => Primitive::UnsignedInt,
            "positiveInt" => Primitive::PositiveInt,
            "decimal" => Primitive::Decimal,
            "string" | "http://hl7.org/fhirpath/System.String" => Primitive::String,
            "markdown" => Primitive::Markdown,
            "code" => Primitive::Code,
            "id" => Primitive::Id,
            "uri" => Primitive::Uri,
            "url" => Primitive::Url,
            "canonical" => Primitive::Canonical,
            "oid" => Primitive::Oid,
            "uuid" => Primitive::Uuid,
            "date" => Primitive::Date,
            "dateTime" => Primitive::DateTime,
            "instant" => Primitive::Instant,
            "time" => Primitive::Time,
            "base64Binary" => Primitive::Base64Binary,
            "xhtml" => Primitive::Xhtml,
            _ => return None,
        })
    }

    /// How it is written in JSON.
    pub fn kind(self) -> Kind {
        match self {
            Primitive::Boolean => Kind::Bool,
            Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt | Primitive::Decimal => Kind::Number,
            _ => Kind::String,
        }
    }

    /// What is wrong with a value, if anything. An `xhtml` is only looked at as a string here.
    pub fn flaw(self, value: Value<'_>) -> Option<Flaw> {
        if value.kind() != self.kind() {
            return Some(Flaw::Kind);
        }
        match self.kind() {
            Kind::Bool => None,
            Kind::Number => self.number_flaw(value.raw()),
            _ => match value.as_str()? {
                // The reader refuses raw control characters, so only escapes can bring them.
                Cow::Borrowed(text) if self.is_text() => text_flaw(self, text),
                Cow::Borrowed(text) => self.string_flaw(text),
                Cow::Owned(text) => self.string_flaw(&text),
            },
        }
    }

    /// `string` and `markdown`: nearly everything is permitted.
    fn is_text(self) -> bool {
        matches!(self, Primitive::String | Primitive::Markdown | Primitive::Xhtml)
    }

    /// What is wrong with a number's text, which JSON has already found well-formed.
    pub fn number_flaw(self, text: &str) -> Option<Flaw> {
        let (digits, is_negative) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if self == Primitive::Decimal {
            return None;
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) || (digits.len() > 1 && digits.starts_with('0')) || digits.is_empty() {
            return Some(Flaw::Form);
        }
        // Eleven digits are beyond 32 bits; the fold below stays within 64.
        if digits.len() > 10 {
            return Some(Flaw::Range);
        }
        let size = digits.bytes().fold(0i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
        let number = if is_negative { -size } else { size };
        let least = match self {
            Primitive::PositiveInt => 1,
            Primitive::UnsignedInt => 0,
            _ => i64::from(i32::MIN),
        };
        if is_negative && self != Primitive::Integer {
            return Some(Flaw::Range);
        }
        (!(least..=i64::from(i32::MAX)).contains(&number)).then_some(Flaw::Range)
    }

    /// What is wrong with a decoded string.
    pub fn string_flaw(self, text: &str) -> Option<Flaw> {
        let bytes = text.as_bytes();
        let form = |is_good: bool| (!is_good).then_some(Flaw::Form);
        if bytes.is_empty() {
            return Some(Flaw::Blank);
        }
        match self {
            Primitive::Id => form(fhir::is_id(text)),
            Primitive::Code => code_flaw(bytes),
            Primitive::Uri | Primitive::Url | Primitive::Canonical => address_flaw(bytes),
            Primitive::Date => date_flaw(bytes, bytes.len()),
            Primitive::DateTime if bytes.len() <= 10 => date_flaw(bytes, bytes.len()),
            Primitive::DateTime | Primitive::Instant => instant_flaw(bytes),
            Primitive::Time => form(time_length(bytes) == Some(bytes.len())),
            Primitive::Oid => form(is_oid(bytes)),
            Primitive::Uuid => form(is_uuid(bytes)),
            Primitive::Base64Binary => form(is_base64(bytes)),
            _ if bytes.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')) => Some(Flaw::Control),
            _ => text_flaw(self, text),
        }
    }
}

/// A string without control characters.
fn text_flaw(primitive: Primitive, text: &str) -> Option<Flaw> {
    // The limit is the string's; a narrative has none of its own.
    if text.len() > STRING_BYTES && primitive != Primitive::Xhtml {
        return Some(Flaw::TooLong);
    }
    match text.as_bytes().first() {
        Some(0x21..=0x7E) => None,
        _ if text.trim().is_empty() => Some(Flaw::Blank),
        _ => None,
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0D)
}

/// `[^\s]+(\s[^\s]+)*`
fn code_flaw(bytes: &[u8]) -> Option<Flaw> {
    let mut after_white = true;
    for byte in bytes {
        let is_white_now = is_white(*byte);
        if *byte < 0x20 && !is_white_now {
            return Some(Flaw::Control);
        }
        if after_white && is_white_now {
            return Some(Flaw::Form);
        }
        after_white = is_white_now;
    }
    after_white.then_some(Flaw::Form)
}

/// `\S*`, and never empty.
fn address_flaw(bytes: &[u8]) -> Option<Flaw> {
    if bytes.iter().all(|byte| *byte > b' ') {
        return None;
    }
    Some(if bytes.iter().any(|byte| is_white(*byte)) { Flaw::Form } else { Flaw::Control })
}

fn two_digits(bytes: &[u8], at: usize) -> Option<u8> {
    match bytes.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of exactly `length` bytes.
fn date_flaw(bytes: &[u8], length: usize) -> Option<Flaw> {
    let (Some(century), Some(years)) = (two_digits(bytes, 0), two_digits(bytes, 2)) else { return Some(Flaw::Form) };
    let year = i32::from(century) * 100 + i32::from(years);
    if year == 0 {
        return Some(Flaw::Form);
    }
    if length == 4 {
        return None;
    }
    let month = match two_digits(bytes, 5) {
        Some(month @ 1..=12) if bytes[4] == b'-' => month,
        _ => return Some(Flaw::Form),
    };
    if length == 7 {
        return None;
    }
    let day = match two_digits(bytes, 8) {
        Some(day @ 1..=31) if length == 10 && bytes[7] == b'-' => day,
        _ => return Some(Flaw::Form),
    };
    (day > fhir::date::days_in_month(year, month)).then_some(Flaw::NoSuchDay)
}

/// A day, `T`, a time with seconds, and a zone.
fn instant_flaw(bytes: &[u8]) -> Option<Flaw> {
    if bytes.get(10) != Some(&b'T') {
        return Some(Flaw::Form);
    }
    let Some(length) = time_length(&bytes[11..]) else { return Some(Flaw::Form) };
    let zone = &bytes[11 + length..];
    let is_zone = match zone {
        [b'Z'] => true,
        [b'+' | b'-', rest @ ..] if rest.len() == 5 && rest[2] == b':' => {
            matches!((two_digits(rest, 0), two_digits(rest, 3)), (Some(0..=13), Some(0..=59)) | (Some(14), Some(0)))
        }
        _ => false,
    };
    if is_zone { date_flaw(bytes, 10) } else { Some(Flaw::Form) }
}

/// The bytes that `hh:mm:ss[.f]` takes at the beginning, if it stands there.
fn time_length(bytes: &[u8]) -> Option<usize> {
    if two_digits(bytes, 0)? > 23 || bytes.get(2) != Some(&b':') || two_digits(bytes, 3)? > 59 || bytes.get(5) != Some(&b':') || two_digits(bytes, 6)? > 60 {
        return None;
    }
    if bytes.get(8) != Some(&b'.') {
        return Some(8);
    }
    let digits = bytes[9..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(9 + digits)
}

/// `urn:oid:[0-2](\.(0|[1-9][0-9]*))+`
fn is_oid(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"urn:oid:") else { return false };
    let mut arcs = rest.split(|byte| *byte == b'.');
    let has_root = matches!(arcs.next(), Some([b'0'..=b'2']));
    let mut count = 0;
    has_root
        && arcs.all(|arc| {
            count += 1;
            !arc.is_empty() && arc.iter().all(u8::is_ascii_digit) && (arc.len() == 1 || arc[0] != b'0')
        })
        && count > 0
}

/// `urn:uuid:` and a UUID in small letters.
fn is_uuid(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"urn:uuid:") else { return false };
    rest.len() == 36
        && rest.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// `(\s*([0-9a-zA-Z\+/=]){4}\s*)+`: white space only between groups of four.
fn is_base64(bytes: &[u8]) -> bool {
    let mut in_group = 0u8;
    let mut has_group = false;
    for byte in bytes {
        if BASE64[*byte as usize] {
            in_group = (in_group + 1) & 3;
            has_group = true;
        } else if in_group != 0 || !is_white(*byte) {
            return false;
        }
    }
    has_group && in_group == 0
}

/// The letters of base64 and its padding.
const BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'+' | b'/' | b'=');
        byte += 1;
    }
    table
};

impl Flaw {
    /// What is wrong and what to do, of a primitive in an element of that type.
    pub(crate) fn message(self, primitive: Primitive, type_name: &str) -> String {
        match self {
            Flaw::Kind => {
                let kind = match primitive.kind() {
                    Kind::Bool => "true or false without quotes",
                    Kind::Number => "a number without quotes",
                    _ => "a string in double quotes",
                };
                format!("A {type_name} is written as {kind}.")
            }
            Flaw::Blank => "A value may not be empty or only white space; leave the element out.".to_owned(),
            Flaw::TooLong => "A string may have at most 1 MiB; send long content as an attachment.".to_owned(),
            Flaw::Control => "A string may not contain control characters other than tab, carriage return and line feed; remove them.".to_owned(),
            Flaw::NoSuchDay => "The calendar has no such day; correct the date.".to_owned(),
            Flaw::Range => match primitive {
                Primitive::PositiveInt => "A positiveInt lies between 1 and 2147483647.".to_owned(),
                Primitive::UnsignedInt => "An unsignedInt lies between 0 and 2147483647.".to_owned(),
                _ => "An integer lies between -2147483648 and 2147483647.".to_owned(),
            },
            Flaw::Form if primitive == Primitive::Id => format!("Not in the form of id: {}.", form(primitive)),
            Flaw::Form => format!("Not in the form of {type_name}: {}.", form(primitive)),
        }
    }
}

fn form(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt => "digits only, without fraction or exponent",
        Primitive::Code => "no white space at either end and no two in a row",
        Primitive::Id => "1 to 64 letters, digits, '-' and '.'",
        Primitive::Uri | Primitive::Url | Primitive::Canonical => "no white space",
        Primitive::Oid => "urn:oid: and numbers separated by dots",
        Primitive::Uuid => "urn:uuid: and a UUID in small letters",
        Primitive::Date => "YYYY, YYYY-MM or YYYY-MM-DD",
        Primitive::DateTime => "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with seconds and a zone (Z or +hh:mm)",
        Primitive::Instant => "YYYY-MM-DDThh:mm:ss with seconds and a zone (Z or +hh:mm)",
        Primitive::Time => "hh:mm:ss, without a zone",
        Primitive::Base64Binary => "base64 in groups of four characters, padded with =",
        _ => "see the R4 specification",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    use regex::Regex;

    /// The published expressions, anchored, with `\s` as ASCII white space.
    fn published(primitive: Primitive) -> Regex {
        let published = match primitive {
            Primitive::Base64Binary => r"(\s*([0-9a-zA-Z\+/=]){4}\s*)+",
            Primitive::Canonical | Primitive::Uri | Primitive::Url => r"\S*",
            Primitive::Code => r"[^\s]+(\s[^\s]+)*",
            Primitive::Date => r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1]))?)?",
            Primitive::DateTime => r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1])(T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00)))?)?)?",
            Primitive::Instant => r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))",
            Primitive::Id => r"[A-Za-z0-9\-\.]{1,64}",
            Primitive::Integer => r"-?([0]|([1-9][0-9]*))",
            Primitive::Markdown | Primitive::String => r"[ \r\n\t\S]+",
            Primitive::Oid => r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
            Primitive::PositiveInt => r"[1-9][0-9]*",
            Primitive::Time => r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?",
            Primitive::UnsignedInt => r"[0]|([1-9][0-9]*)",
            Primitive::Uuid => r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            _ => r"(?s).*",
        };
        let ascii = published
            .replace(r"[^\s]", r"[^ \t\n\r\x0B\x0C]")
            .replace(r"[ \r\n\t\S]", r"[^\x0B\x0C]")
            .replace(r"\S", r"[^ \t\n\r\x0B\x0C]")
            .replace(r"\s", r"[ \t\n\r\x0B\x0C]");
        Regex::new(&format!("^(?:{ascii})$")).unwrap()
    }

    /// The rules that the specification states beside the expressions, said slowly.
    fn beside(primitive: Primitive, text: &str) -> bool {
        let has_control = text.chars().any(|letter| (letter as u32) < 32 && !matches!(letter, '\t' | '\r' | '\n' | '\u{b}' | '\u{c}'));
        let is_blank = text.chars().all(char::is_whitespace);
        let day_exists = || {
            let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
            let (Some(year), Some(month), Some(day)) = (part(0, 4), part(5, 7), part(8, 10)) else { return true };
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            day <= [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1]
        };
        match primitive {
            Primitive::Date | Primitive::DateTime | Primitive::Instant => day_exists(),
            Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt => text.parse::<i32>().is_ok(),
            Primitive::String | Primitive::Markdown => !has_control && !is_blank,
            _ => !has_control && !text.is_empty(),
        }
    }

    fn agree(primitive: Primitive, expression: &Regex, text: &str) {
        let expect = expression.is_match(text) && beside(primitive, text);
        let found = match primitive.kind() {
            Kind::Number => primitive.number_flaw(text),
            _ => primitive.string_flaw(text),
        };
        assert_eq!(found.is_none(), expect, "{primitive:?} {text:?} gave {found:?}");
    }

    const FORMS: &[(Primitive, &str)] = &[
        (Primitive::Integer, "-?[0-9]{1,12}|[-0-9.eE+]{0,6}"),
        (Primitive::UnsignedInt, "-?[0-9]{1,12}|[-0-9.eE+]{0,6}"),
        (Primitive::PositiveInt, "-?[0-9]{1,12}|[-0-9.eE+]{0,6}"),
        (Primitive::String, "[ \\r\\n\\ta\u{a0}\u{1}\u{b}]{0,5}"),
        (Primitive::Markdown, "[ \\r\\n\\ta\u{a0}\u{1}\u{b}]{0,5}"),
        (Primitive::Code, "[ \\tab\u{1}\u{b}]{0,6}"),
        (Primitive::Id, "[A-Za-z0-9.-]{0,70}|[A-Za-z_ .-]{0,5}"),
        (Primitive::Uri, "[a-z:/ \\t\u{1}é]{0,6}"),
        (Primitive::Url, "[a-z:/ \\t\u{1}é]{0,6}"),
        (Primitive::Canonical, "[a-z:/| \\t\u{1}é]{0,6}"),
        (Primitive::Oid, "urn:oid:[0-3](\\.[0-9]{0,3}){0,4}|urn:oid:[0-9.]{0,4}"),
        (Primitive::Uuid, "urn:uuid:[0-9a-fA]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{3,4}-[0-9a-f]{12}"),
        (Primitive::Date, "[0-2][09][0-9]{2}(-[01][0-9](-[0-3][0-9])?)?|[0-9-]{0,11}"),
        (Primitive::DateTime, "[0-2][09][0-9]{2}(-[01][0-9](-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,4})?(Z|[+-][01][0-9]:[0-6][0-9])?)?)?)?"),
        (Primitive::Instant, "[0-2][09][0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,4})?(Z|[+-][01][0-9]:[0-6][0-9])?"),
        (Primitive::Time, "[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{0,4})?)?"),
        (Primitive::Base64Binary, "[ \\n]{0,2}([a-zA-Z0-9+/=]{4}[ \\t]{0,2}){0,3}[a-z=!]{0,2}"),
    ];

    #[test]
    fn every_matcher_agrees_with_the_published_expression() {
        let config = ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        for (primitive, form) in FORMS {
            let expression = published(*primitive);
            let near = proptest::string::string_regex(form).unwrap();
            runner.run(&near, |text| { agree(*primitive, &expression, &text); Ok(()) }).unwrap();
            runner.run(&any::<String>(), |text| { agree(*primitive, &expression, &text); Ok(()) }).unwrap();
            // One letter away from what is nearly right.
            let changed = (near, any::<prop::sample::Index>(), prop::char::range(' ', '~'));
            runner
                .run(&changed, |(text, place, letter)| {
                    let mut letters: Vec<char> = text.chars().collect();
                    if !letters.is_empty() {
                        let place = place.index(letters.len());
                        letters[place] = letter;
                    }
                    agree(*primitive, &expression, &letters.into_iter().collect::<String>());
                    Ok(())
                })
                .unwrap();
        }
    }

    #[test]
    fn the_expressions_in_this_test_are_the_published_ones() {
        for (primitive, _) in FORMS {
            let name = format!("{primitive:?}");
            let name = name[..1].to_lowercase() + &name[1..];
            let Some(kind) = fhir::r4().type_named(&name) else { continue };
            let Some(pattern) = kind.pattern else { continue };
            let text = pattern.replace(r"[^\s]", r"[^ \t\n\r\x0B\x0C]").replace(r"[ \r\n\t\S]", r"[^\x0B\x0C]").replace(r"\S", r"[^ \t\n\r\x0B\x0C]").replace(r"\s", r"[ \t\n\r\x0B\x0C]");
            assert_eq!(published(*primitive).as_str(), format!("^(?:{text})$"), "{name}");
        }
    }

    #[test]
    fn the_edges_of_each_form() {
        use Flaw::{Blank, Control, Form, NoSuchDay, Range};
        let cases: &[(Primitive, &str, Option<Flaw>)] = &[
            (Primitive::Date, "2023-02-29", Some(NoSuchDay)),
            (Primitive::Date, "2024-02-29", None),
            (Primitive::Date, "0000", Some(Form)),
            (Primitive::DateTime, "2024-02-29T10:00", Some(Form)),
            (Primitive::DateTime, "2024-02-29T10:00:00", Some(Form)),
            (Primitive::DateTime, "2024-02-29T10:00:00+14:00", None),
            (Primitive::DateTime, "2024-02-29T10:00:00+14:01", Some(Form)),
            (Primitive::Instant, "2024-02-29", Some(Form)),
            (Primitive::String, "\u{a0}", Some(Blank)),
            (Primitive::String, "a\u{a0}b", None),
            (Primitive::String, "a\u{7}", Some(Control)),
            (Primitive::Code, "in progress", None),
            (Primitive::Code, "in  progress", Some(Form)),
            (Primitive::Code, " a", Some(Form)),
            (Primitive::Integer, "2147483648", Some(Range)),
            (Primitive::Integer, "-2147483648", None),
            (Primitive::Integer, "1.0", Some(Form)),
            (Primitive::PositiveInt, "0", Some(Range)),
        ];
        for (primitive, text, expect) in cases {
            let found = if primitive.kind() == Kind::Number { primitive.number_flaw(text) } else { primitive.string_flaw(text) };
            assert_eq!(found, *expect, "{primitive:?} {text:?}");
        }
    }
}
