//! Functions on text. Positions count characters, not bytes.
//!
//! * A pattern is a regular expression of the `regex` crate, which never backtracks, so
//!   time is linear in the text; a pattern that compiles to more than 4 MiB is refused, or
//!   more than 256 KiB where it is made by the expression.
//!
//! <http://hl7.org/fhirpath/N1/#string-manipulation>

use super::{Evaluator, Frame, Result};
use crate::ast::{Call, Expr, Literal};
use crate::compare::system_value;
use crate::error::EvalError;
use crate::functions::Function;
use crate::{Collection, Item};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;

impl<'d> Evaluator<'_, '_, 'd> {
    pub(super) fn string_function(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Function::*;
        let name = call.function.name();
        if call.function == Join {
            return self.join(call, input, frame);
        }
        let text = self.string(input, name)?;
        let mut arguments: Vec<Option<Cow<'d, str>>> = Vec::new();
        if !matches!(call.function, Substring) {
            for argument in &call.arguments {
                let argument = self.eval(*argument, frame)?;
                arguments.push(self.string(&argument, name)?);
            }
        }
        let Some(text) = text else { return Ok(Collection::empty()) };
        self.work(text.len() / 16)?;
        if arguments.iter().any(Option::is_none) {
            return Ok(Collection::empty());
        }
        let argument = |at: usize| arguments.get(at).and_then(Option::as_deref).unwrap_or_default();
        let answer = |value: bool| Ok(Collection::one(value));
        let position = |found: Option<usize>| Ok(Collection::one(found.map_or(-1, |at| text[..at].chars().count() as i64)));
        match call.function {
            IndexOf => position(text.find(argument(0))),
            LastIndexOf => position(text.rfind(argument(0))),
            StartsWith => answer(text.starts_with(argument(0))),
            EndsWith => answer(text.ends_with(argument(0))),
            Contains => answer(text.contains(argument(0))),
            Upper => self.text(text.to_uppercase()),
            Lower => self.text(text.to_lowercase()),
            Trim => self.text(text.trim().to_owned()),
            Length => Ok(Collection::one(text.chars().count() as i64)),
            ToChars => {
                let letters = text.chars().map(|letter| Item::from(letter.to_string())).collect();
                self.bounded(letters)
            }
            Split => {
                let separator = argument(0);
                let parts: Collection<'d> = if separator.is_empty() {
                    text.chars().map(|letter| Item::from(letter.to_string())).collect()
                } else {
                    text.split(separator).map(|part| Item::from(part.to_owned())).collect()
                };
                self.bounded(parts)
            }
            Substring => self.substring(call, &text, frame),
            Replace => {
                let out = self.guarded_replace(&text, argument(0), argument(1))?;
                self.text(out)
            }
            Matches | MatchesFull => {
                let pattern = self.pattern(call, argument(0))?;
                self.work(text.len() / 4)?;
                answer(pattern.is_match(&text))
            }
            ReplaceMatches => {
                // An empty pattern would match between all letters; it replaces nothing.
                if argument(0).is_empty() {
                    return self.text(text.into_owned());
                }
                let pattern = self.pattern(call, argument(0))?;
                let matches = pattern.find_iter(&text).count();
                self.work(text.len() / 4 + matches)?;
                if matches.saturating_mul(argument(1).len().saturating_mul(text.len().max(1)).max(1)) > self.context.limits.string_bytes.saturating_mul(1024) {
                    return Err(EvalError::Limit("bytes in a text"));
                }
                self.text(pattern.replace_all(&text, argument(1)).into_owned())
            }
            Encode => match encode(&text, argument(0)) {
                Some(out) => self.text(out),
                None => Ok(Collection::empty()),
            },
            Decode => match decode(&text, argument(0)) {
                Some(out) => self.text(out),
                None => Ok(Collection::empty()),
            },
            Escape => match escape(&text, argument(0)) {
                Some(out) => self.text(out),
                None => Ok(Collection::empty()),
            },
            Unescape => match unescape(&text, argument(0)) {
                Some(out) => self.text(out),
                None => Ok(Collection::empty()),
            },
            _ => Ok(Collection::empty()),
        }
    }

    fn guarded_replace(&mut self, text: &str, from: &str, to: &str) -> Result<String> {
        let count = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
        if count.saturating_mul(to.len()).saturating_add(text.len()) > self.context.limits.string_bytes {
            return Err(EvalError::Limit("bytes in a text"));
        }
        Ok(text.replace(from, to))
    }

    fn substring(&mut self, call: &Call, text: &str, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let start = self.eval(call.arguments[0], frame)?;
        let Some(start) = self.integer(&start, "substring")? else { return Ok(Collection::empty()) };
        let length = match call.arguments.get(1) {
            Some(length) => {
                let length = self.eval(*length, frame)?;
                self.integer(&length, "substring")?
            }
            None => None,
        };
        let letters = text.chars().count() as i64;
        if start < 0 || start >= letters {
            return Ok(Collection::empty());
        }
        let length = length.unwrap_or(letters).max(0) as usize;
        self.text(text.chars().skip(start as usize).take(length).collect())
    }

    fn join(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let separator = match call.arguments.first() {
            Some(argument) => {
                let argument = self.eval(*argument, frame)?;
                self.string(&argument, "join")?.unwrap_or_default()
            }
            None => Cow::Borrowed(""),
        };
        if input.is_empty() {
            return Ok(Collection::empty());
        }
        let mut out = String::new();
        for (number, item) in input.iter().enumerate() {
            if number > 0 {
                out.push_str(&separator);
            }
            let value = system_value(item);
            let Some(text) = super::conversions::to_text(&value) else {
                return Err(EvalError::WrongType { what: "join", found: crate::compare::type_name(item).to_owned() });
            };
            out.push_str(&text);
            if out.len() > self.context.limits.string_bytes {
                return Err(EvalError::Limit("bytes in a text"));
            }
        }
        self.text(out)
    }

    /// The compiled pattern; one that stands in the expression is compiled once.
    fn pattern<'p>(&mut self, call: &'p Call, pattern: &str) -> Result<Cow<'p, Regex>> {
        let full = call.function == Function::MatchesFull;
        let is_literal = call.arguments.first().is_some_and(|argument| matches!(&self.nodes[*argument as usize], Expr::Literal(Literal::String(_))));
        if is_literal {
            // Not counted, so that the first evaluation has no other limit than the second;
            // the parser allows few patterns in one expression.
            return call.pattern.get_or_init(|| compile(pattern, full, 1 << 22)).as_ref().map(Cow::Borrowed).ok_or(EvalError::BadPattern);
        }
        self.work(COMPILING)?;
        compile(pattern, full, 1 << 18).map(Cow::Owned).ok_or(EvalError::BadPattern)
    }
}

/// Steps that compiling a pattern counts for: it may take milliseconds.
const COMPILING: usize = 10_000;

fn compile(pattern: &str, full: bool, most_bytes: usize) -> Option<Regex> {
    if pattern.len() > 10_000 {
        return None;
    }
    let pattern = rust_syntax(pattern);
    let text = if full { format!("^(?:{pattern})$") } else { pattern.into_owned() };
    // The language asks for single-line mode: a point matches line ends too.
    RegexBuilder::new(&text).dot_matches_new_line(true).size_limit(most_bytes).build().ok()
}

/// PCRE allows to escape what needs none (`\_`, `\ `, `\/`); the crate does not, for letters
/// and a few signs. Look-around, which the crate lacks, stays and is refused.
fn rust_syntax(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains("\\_") && !pattern.contains("\\'") && !pattern.contains("\\\"") {
        return Cow::Borrowed(pattern);
    }
    Cow::Owned(pattern.replace("\\_", "_").replace("\\'", "'").replace("\\\"", "\""))
}

fn encode(text: &str, format: &str) -> Option<String> {
    match format {
        "hex" => Some(text.bytes().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Some(base64(text.as_bytes(), STANDARD)),
        "urlbase64" => Some(base64(text.as_bytes(), URL)),
        _ => None,
    }
}

fn decode(text: &str, format: &str) -> Option<String> {
    let bytes = match format {
        "hex" => {
            let digits: Vec<u8> = text.chars().map(|letter| letter.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
            digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())?
        }
        "base64" => unbase64(text, STANDARD)?,
        "urlbase64" => unbase64(text, URL)?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |sum, byte| sum << 8 | *byte as u32) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(alphabet[(bits >> (18 - 6 * place) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn unbase64(text: &str, alphabet: &[u8; 64]) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let value = alphabet.iter().position(|letter| *letter == byte)? as u32;
        bits = (bits << 6 | value) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

fn escape(text: &str, target: &str) -> Option<String> {
    match target {
        "html" => Some(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")),
        "json" => {
            let mut out = String::new();
            fhir::splice::write_string(text, &mut out);
            Some(out[1..out.len() - 1].to_owned())
        }
        _ => None,
    }
}

fn unescape(text: &str, target: &str) -> Option<String> {
    match target {
        "html" => Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")),
        "json" => {
            // Already decoded quotes are put back behind their escapes before reading.
            let mut quoted = String::from("\"");
            let mut letters = text.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '\\' => {
                        quoted.push('\\');
                        quoted.extend(letters.next());
                    }
                    '"' => quoted.push_str("\\\""),
                    other => quoted.push(other),
                }
            }
            quoted.push('"');
            let document = fhir::Document::read(&quoted).ok()?;
            document.root().as_str().map(Cow::into_owned)
        }
        _ => None,
    }
}
