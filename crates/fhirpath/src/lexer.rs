//! Text into tokens, each with its place.
//!
//! * White space and comments disappear here.
//! * Strings and delimited names are decoded here, numbers and dates keep their text.

use crate::error::ParseError;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A name or a word operator; which one, the parser knows.
    Word(String),
    /// A name in back quotes (or, as in old expressions, double quotes): never an operator.
    Delimited(String),
    /// `'text'`, decoded.
    String(String),
    /// Digits, perhaps with a point and more digits.
    Number(String),
    /// What follows `@`.
    Moment(String),
    /// `$this`, `$index`, `$total`, without the sign.
    Dollar(String),
    /// `%name`, without the sign.
    Constant(String),
    /// Punctuation and sign operators.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// A token and its byte offset.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub token: Token,
    pub offset: usize,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 23] = ["!=", "!~", "<=", ">=", ".", "[", "]", "(", ")", "{", "}", ",", "+", "-", "*", "/", "&", "|", "=", "~", "<", ">", ";"];

pub(crate) fn tokens(text: &str) -> Result<Vec<Placed>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut out = Vec::new();
    loop {
        lexer.skip_blank()?;
        let offset = lexer.at;
        let token = lexer.next()?;
        let is_end = token == Token::End;
        out.push(Placed { token, offset });
        if is_end {
            return Ok(out);
        }
    }
}

/// A parse error at a byte offset.
pub(crate) fn error_at(text: &str, offset: usize, message: impl Into<String>) -> ParseError {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
    ParseError { line, column, message: message.into() }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, offset: usize, message: &str) -> Result<T, ParseError> {
        Err(error_at(self.text, offset, message))
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}', '\u{a0}']);
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                let Some(end) = trimmed.find("*/") else { return self.fail(self.at, "a comment without its closing */") };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Token, ParseError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        match first {
            'A'..='Z' | 'a'..='z' | '_' => Ok(Token::Word(self.word())),
            '0'..='9' => Ok(Token::Number(self.number())),
            '\'' => Ok(Token::String(self.quoted('\'')?)),
            '`' => Ok(Token::Delimited(self.quoted('`')?)),
            '"' => Ok(Token::Delimited(self.quoted('"')?)),
            '@' => self.moment(),
            '$' => {
                self.at += 1;
                let word = self.word();
                if !matches!(word.as_str(), "this" | "index" | "total") {
                    return self.fail(self.at - word.len() - 1, "after $ only this, index or total can stand");
                }
                Ok(Token::Dollar(word))
            }
            '%' => self.constant(),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Token::Sign(sign))
                }
                None => self.fail(self.at, "a character that has no meaning here"),
            },
        }
    }

    fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !accept(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> String {
        self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_').to_owned()
    }

    fn number(&mut self) -> String {
        let start = self.at;
        self.take_while(|byte| byte.is_ascii_digit());
        let mut after = self.rest().bytes();
        // `1.toString()` is an integer and a call.
        if after.next() == Some(b'.') && after.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|byte| byte.is_ascii_digit());
        }
        self.text[start..self.at].to_owned()
    }

    fn constant(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        self.at += 1;
        let name = match self.rest().chars().next() {
            Some('`') => self.quoted('`')?,
            Some('\'') => self.quoted('\'')?,
            Some('"') => self.quoted('"')?,
            _ => self.word(),
        };
        if name.is_empty() {
            return self.fail(start, "after % a name is expected");
        }
        Ok(Token::Constant(name))
    }

    /// `@2015`, `@2015-02-04T14:34:28.123+10:00`, `@T14:34`.
    fn moment(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        self.at += 1;
        let text = self.text;
        let from = self.at;
        let digits = |lexer: &mut Self| lexer.take_while(|byte| byte.is_ascii_digit()).len();
        if !self.rest().starts_with('T') {
            if digits(self) != 4 {
                return self.fail(start, "a date begins with a year of four digits");
            }
            for _ in 0..2 {
                let dash = self.rest().starts_with('-') && self.rest()[1..].starts_with(|letter: char| letter.is_ascii_digit());
                if !dash {
                    break;
                }
                self.at += 1;
                if digits(self) != 2 {
                    return self.fail(start, "a month and a day have two digits");
                }
            }
        }
        if self.rest().starts_with('T') {
            self.at += 1;
            self.take_while(|byte| byte.is_ascii_digit() || byte == b':');
            if self.rest().starts_with('.') && self.rest()[1..].starts_with(|letter: char| letter.is_ascii_digit()) {
                self.at += 1;
                digits(self);
            }
            if self.rest().starts_with('Z') {
                self.at += 1;
            } else if self.rest().starts_with(['+', '-']) {
                let zone = &self.rest().as_bytes()[1..];
                let is_zone = zone.len() >= 5 && zone[2] == b':' && [0, 1, 3, 4].iter().all(|at| zone[*at].is_ascii_digit());
                if is_zone {
                    self.at += 6;
                }
            }
        }
        Ok(Token::Moment(text[from..self.at].to_owned()))
    }

    fn quoted(&mut self, quote: char) -> Result<String, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.at += at + 1;
                return Ok(out);
            }
            if letter != '\\' {
                out.push(letter);
                continue;
            }
            let escaped = match letters.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, 'f')) => '\u{c}',
                Some((_, same @ ('\'' | '"' | '`' | '\\' | '/'))) => same,
                Some((_, 'u')) => {
                    let unit = hex(&mut letters);
                    match unit {
                        Some(high @ 0xD800..=0xDBFF) => {
                            let pair = letters.next().map(|(_, letter)| letter) == Some('\\') && letters.next().map(|(_, letter)| letter) == Some('u');
                            let low = if pair { hex(&mut letters) } else { None };
                            match low.filter(|low| (0xDC00..0xE000).contains(low)).and_then(|low| char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))) {
                                Some(letter) => letter,
                                None => return self.fail(self.at + at, "half of a surrogate pair"),
                            }
                        }
                        Some(unit) => match char::from_u32(unit) {
                            Some(letter) => letter,
                            None => return self.fail(self.at + at, "half of a surrogate pair"),
                        },
                        None => return self.fail(self.at + at, "after \\u four hexadecimal digits are expected"),
                    }
                }
                _ => return self.fail(self.at + at, "an escape that FHIRPath does not know"),
            };
            out.push(escaped);
        }
        self.fail(start, "a text without its closing quote")
    }
}

fn hex(letters: &mut std::str::CharIndices<'_>) -> Option<u32> {
    (0..4).try_fold(0, |sum, _| Some(sum * 16 + letters.next()?.1.to_digit(16)?))
}
