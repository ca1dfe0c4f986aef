//! `_text` and `_content`: words looked for in all that a resource says.
//!
//! * A word asked for begins some word of the text; case and accents make no difference.
//! * Words side by side must all be there; `AND`, `OR`, `NOT`, brackets and "words in a row" may
//!   be written, as R4 shows it. <https://hl7.org/fhir/R4/search.html#content>
//! * `_text` reads the narrative, `_content` every text of the resource, the narrative included.

use crate::fold;
use crate::path::member;
use fhir::{Kind, Value};

/// Words that must be there, or one of which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// All of them.
    All(Vec<Words>),
    /// One of them.
    Any(Vec<Words>),
    /// It must not be there.
    Not(Box<Words>),
    /// Folded words in a row; the last one may go on.
    Row(String),
}

/// Brackets within brackets.
const DEEPEST: usize = 8;
/// Words in one value.
const MOST_WORDS: usize = 50;
/// Stands between texts that do not belong together: no folded text holds it.
const BETWEEN: &str = " | ";

impl Words {
    /// Reads what was asked. The error says what was expected, never a word.
    pub(crate) fn read(text: &str) -> Result<Words, String> {
        let mut reader = Reader { tokens: tokens(text)?, at: 0, depth: 0 };
        let words = reader.any()?;
        if reader.at < reader.tokens.len() {
            return Err("a bracket closes that was never opened".into());
        }
        Ok(words)
    }

    /// Whether a folded text has what is wanted.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        match self {
            Words::All(all) => all.iter().all(|one| one.are_in(text)),
            Words::Any(any) => any.iter().any(|one| one.are_in(text)),
            Words::Not(inner) => !inner.are_in(text),
            Words::Row(row) if row.contains(' ') => text.match_indices(row.as_str()).any(|(at, _)| at == 0 || text.as_bytes()[at - 1] == b' '),
            Words::Row(word) => crate::matcher::has_folded_word(text, word),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Row(String),
}

/// Words, quoted rows and signs.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Some(Token::Open), &rest[1..]),
            ')' => (Some(Token::Close), &rest[1..]),
            '"' => {
                let (row, after) = rest[1..].split_once('"').ok_or("a closing quotation mark is missing")?;
                (row_of(row), after)
            }
            _ => {
                let ends = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(ends);
                let token = match word.to_ascii_lowercase().as_str() {
                    "and" => Some(Token::And),
                    "or" => Some(Token::Or),
                    "not" => Some(Token::Not),
                    _ => row_of(word),
                };
                (token, after)
            }
        };
        tokens.extend(token);
        if tokens.len() > MOST_WORDS {
            return Err(format!("{MOST_WORDS} words and signs are the most"));
        }
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// A hyphenated word is a row of two; signs alone are nothing.
fn row_of(text: &str) -> Option<Token> {
    let folded = fold::fold(text);
    (!folded.is_empty()).then_some(Token::Row(folded))
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn takes(&mut self, token: &Token) -> bool {
        let is_here = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_here);
        is_here
    }

    /// `OR` binds less than `AND`.
    fn any(&mut self) -> Result<Words, String> {
        let mut parts = vec![self.all()?];
        while self.takes(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(only_or(parts, Words::Any))
    }

    fn all(&mut self) -> Result<Words, String> {
        let mut parts = vec![self.one()?];
        while self.takes(&Token::And) || matches!(self.tokens.get(self.at), Some(Token::Open | Token::Not | Token::Row(_))) {
            parts.push(self.one()?);
        }
        Ok(only_or(parts, Words::All))
    }

    fn one(&mut self) -> Result<Words, String> {
        if self.takes(&Token::Not) {
            return self.one().map(|inner| Words::Not(Box::new(inner)));
        }
        if self.takes(&Token::Open) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("brackets nest deeper than this server follows".into());
            }
            let inner = self.any()?;
            self.depth -= 1;
            return if self.takes(&Token::Close) { Ok(inner) } else { Err("a closing bracket is missing".into()) };
        }
        match self.tokens.get_mut(self.at) {
            Some(Token::Row(row)) => {
                self.at += 1;
                Ok(Words::Row(std::mem::take(row)))
            }
            _ => Err("at least one word is expected, as aspirin or (bone OR liver) AND metastases".into()),
        }
    }
}

fn only_or(mut parts: Vec<Words>, several: fn(Vec<Words>) -> Words) -> Words {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}

/// The narrative, folded; none where there is none.
pub(crate) fn narrative(resource: Value<'_>) -> Option<String> {
    let div = member(resource, "text").filter(|text| text.kind() == Kind::Object).and_then(|text| member(text, "div")?.as_str())?;
    let mut out = String::new();
    add_markup(&div, &mut out);
    Some(out)
}

/// Every text of a resource, folded. Attached data is bytes, not text.
pub(crate) fn everything(resource: Value<'_>) -> String {
    let mut out = String::new();
    add_all(resource, &mut out);
    out
}

fn add_all(value: Value<'_>, out: &mut String) {
    match value.kind() {
        Kind::Object => {
            for (name, member) in value.members() {
                match (name.as_ref(), member.as_str()) {
                    ("data", Some(_)) => {}
                    ("div", Some(text)) => add_markup(&text, out),
                    _ => add_all(member, out),
                }
            }
        }
        Kind::Array => value.items().for_each(|item| add_all(item, out)),
        _ => {
            if let Some(text) = value.as_str() {
                add(&text, out);
            }
        }
    }
}

fn add(text: &str, out: &mut String) {
    if !out.is_empty() {
        out.push_str(BETWEEN);
    }
    fold::fold_into(text, out);
}

/// Tags that stand within a word or a sentence; any other ends it.
const INLINE: [&str; 16] = ["a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"];

/// XHTML without its tags.
fn add_markup(markup: &str, out: &mut String) {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag = rest.starts_with('<');
        let Some(end) = rest.find(if rest.starts_with("<!--") { "-->" } else if is_tag { ">" } else { ";" }) else { break };
        let inner = &rest[1..end];
        if is_tag {
            let name = inner.trim_start_matches('/').split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
            if !INLINE.contains(&name) {
                add(&text, out);
                text.clear();
            }
        } else {
            text.push(letter_of(inner));
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    add(&text, out);
}

/// The letter of an entity; a space for one that says nothing.
fn letter_of(entity: &str) -> char {
    let number = entity.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    // `eacute`, `ntilde`: folded, they are their first letter.
    let accented = ["acute", "grave", "circ", "tilde", "uml", "cedil", "ring", "slash", "caron"].iter().find_map(|mark| entity.strip_suffix(mark));
    number.and_then(char::from_u32).or_else(|| accented.filter(|letter| letter.len() == 1)?.chars().next()).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn check(resource: &str, found_in_narrative: &[&str], found_in_all: &[&str], in_neither: &[&str]) {
        let document = Document::read(resource).unwrap();
        let (text, all) = (narrative(document.root()).unwrap_or_default(), everything(document.root()));
        let has = |words: &str, text: &str| Words::read(words).unwrap_or_else(|cause| panic!("{words}: {cause}")).are_in(text);
        for words in found_in_narrative {
            assert!(has(words, &text) && has(words, &all), "{words}: {text} / {all}");
        }
        for words in found_in_all {
            assert!(!has(words, &text) && has(words, &all), "{words}: {text} / {all}");
        }
        for words in in_neither {
            assert!(!has(words, &text) && !has(words, &all), "{words}: {text} / {all}");
        }
    }

    #[test]
    fn words_are_found_in_what_is_said() {
        check(
            r#"{"resourceType":"Condition","text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Infecci&oacute;n de or<b>i</b>na</p><p>Grave&#160;y &#x441;&#x442;&#x430;&#x440;</p></div>"},
                "code":{"text":"Pielonefritis aguda"},"note":[{"text":"No aspirin"}]}"#,
            &["infeccion", "INFECCIÓN", "orina", "infec orin", "grave", "\"infeccion de\"", "стар", "star", "grave AND NOT leve", "leve OR grave", "(leve or grave) and infeccion"],
            &["pielonefritis", "aguda pielo", "aspirin", "\"no asp\"", "pielonefritis OR leve"],
            &["ielonefritis", "leve", "\"orina grave\"", "xhtml", "aspirin leve", "NOT infeccion", "\"de infeccion\"", "oacute"],
        );
        check(r#"{"resourceType":"Binary","data":"YXNwaXJpbg==","contentType":"text/plain"}"#, &[], &["plain"], &["yxnwaxjpbg"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for words in ["", " - ", "and", "(a", "a)", "a OR", "NOT", "\"a", &"x ".repeat(60), &"(".repeat(20)] {
            assert!(Words::read(words).is_err(), "{words}");
        }
    }
}
