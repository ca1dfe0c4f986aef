//! A strict JSON reader that keeps what it read.
//!
//! [`Document::read`] makes a flat list of nodes that point into the text. Nothing is
//! copied or converted: a number is its text, a string is decoded when asked for.
//!
//! * Refused, with line, column and element: duplicate members, wrong nesting, trailing
//!   commas or text, depth over [`Limits::depth`], bad UTF-8 or escapes, control
//!   characters, numbers that are not JSON or longer than [`Limits::number_characters`].
//! * The order of members is the order of the text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// What a reader accepts at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nested objects and arrays.
    pub depth: usize,
    /// Characters of one number.
    pub number_characters: usize,
    /// Bytes of the whole text.
    pub size_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 100, number_characters: 100, size_bytes: u32::MAX as usize - 1 }
    }
}

/// What a [`Value`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Kind { Null, Bool, Number, String, Array, Object }

/// One token. Sixteen bytes; a member is a key node followed by its value's nodes.
#[derive(Clone, Copy, Debug)]
struct Node {
    start: u32,
    end: u32,
    /// Index of the first node after this one's subtree.
    next: u32,
    kind: Kind,
    /// For strings: contains a backslash.
    escaped: bool,
}

/// A text and its tree.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    text: Cow<'t, str>,
    nodes: Vec<Node>,
}

/// Why a text was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line}, column {column}")]
pub struct ReadError {
    /// What is wrong, without any of the text.
    pub problem: Problem,
    /// Byte offset in the text.
    pub offset: usize,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// The element that was being read: `name[0].family`; empty at the root.
    pub element: String,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Problem {
    Empty, TooLarge, NotUtf8, ByteOrderMark, TooDeep, DuplicateMember, ExpectedValue, ExpectedMember,
    ExpectedColon, ExpectedCommaOrEnd, TrailingComma, TrailingText, UnterminatedString,
    ControlCharacter, BadEscape, LoneSurrogate, BadNumber, NumberTooLong, BadLiteral, UnexpectedEnd,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Problem::Empty => "the body is empty; send one JSON object",
            Problem::TooLarge => "the body is larger than this server accepts",
            Problem::NotUtf8 => "the text is not UTF-8",
            Problem::ByteOrderMark => "the text begins with a byte order mark; remove it",
            Problem::TooDeep => "nested deeper than 100 levels",
            Problem::DuplicateMember => "the same member twice in one object",
            Problem::ExpectedValue => "a JSON value is expected here",
            Problem::ExpectedMember => "a member name in double quotes is expected here",
            Problem::ExpectedColon => "a colon is expected after the member name",
            Problem::ExpectedCommaOrEnd => "a comma or the closing bracket is expected here",
            Problem::TrailingComma => "a comma with nothing after it",
            Problem::TrailingText => "text after the end of the JSON value",
            Problem::UnterminatedString => "a string without its closing quote",
            Problem::ControlCharacter => "a control character inside a string; write it as an escape",
            Problem::BadEscape => "an escape that JSON does not know",
            Problem::LoneSurrogate => "half of a surrogate pair in an escape",
            Problem::BadNumber => "not a JSON number",
            Problem::NumberTooLong => "a number with more characters than this server keeps",
            Problem::BadLiteral => "neither true, false nor null",
            Problem::UnexpectedEnd => "the text ends in the middle of a value",
        })
    }
}

impl<'t> Document<'t> {
    /// Reads a whole text under the default [`Limits`].
    pub fn read(text: &'t str) -> Result<Document<'t>, ReadError> {
        Self::read_within(text, Limits::default())
    }

    /// Reads a whole text under `limits`.
    pub fn read_within(text: &'t str, limits: Limits) -> Result<Document<'t>, ReadError> {
        let nodes = Reader::new(text.as_bytes(), limits).read(text)?;
        Ok(Document { text: Cow::Borrowed(text), nodes })
    }

    /// Reads bytes, which must be UTF-8.
    pub fn read_bytes(bytes: &'t [u8], limits: Limits) -> Result<Document<'t>, ReadError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read_within(text, limits),
            Err(cause) => {
                let offset = cause.valid_up_to();
                let good = std::str::from_utf8(&bytes[..offset]).unwrap_or_default();
                let (line, column) = line_and_column(good, offset);
                Err(ReadError { problem: Problem::NotUtf8, offset, line, column, element: String::new() })
            }
        }
    }

    /// Reads a text and keeps it.
    pub fn read_owned(text: String) -> Result<Document<'static>, ReadError> {
        Self::read_owned_within(text, Limits::default())
    }

    /// Reads a text under `limits` and keeps it.
    pub fn read_owned_within(text: String, limits: Limits) -> Result<Document<'static>, ReadError> {
        let nodes = Reader::new(text.as_bytes(), limits).read(&text)?;
        Ok(Document { text: Cow::Owned(text), nodes })
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { text: &self.text, nodes: &self.nodes, index: 0 }
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column, both from 1, of a byte offset.
    pub fn position(&self, offset: usize) -> (u32, u32) {
        line_and_column(&self.text, offset)
    }
}

/// A value inside a [`Document`]; cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    text: &'d str,
    nodes: &'d [Node],
    index: u32,
}

impl fmt::Debug for Value<'_> {
    /// Never shows content: a value may be about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?}, bytes {:?})", self.kind(), self.span())
    }
}

impl PartialEq for Value<'_> {
    /// The same place in the same document.
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.nodes, other.nodes)
    }
}

impl<'d> Value<'d> {
    #[inline]
    fn node(&self) -> Node {
        self.nodes[self.index as usize]
    }

    #[inline]
    fn at(&self, index: u32) -> Value<'d> {
        Value { index, ..*self }
    }

    /// What it is.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.node().kind
    }

    /// The value's tokens as received, quotes included.
    #[inline]
    pub fn raw(&self) -> &'d str {
        &self.text[self.span()]
    }

    /// Its place in the text, in bytes.
    #[inline]
    pub fn span(&self) -> Range<usize> {
        let node = self.node();
        node.start as usize..node.end as usize
    }

    /// A number that tells two values of one document apart and grows in document order.
    pub fn order(&self) -> u32 {
        self.index
    }

    /// How many tokens lie below and including this one: a measure of size.
    pub fn token_count(&self) -> usize {
        (self.node().next - self.index) as usize
    }

    /// The member of that name, if this is an object that has it.
    #[inline]
    pub fn get(&self, name: &str) -> Option<Value<'d>> {
        self.members().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The decoded string of a member.
    pub fn string(&self, name: &str) -> Option<Cow<'d, str>> {
        self.get(name)?.as_str()
    }

    /// Follows member names; at an array, its first item.
    pub fn path(&self, names: &[&str]) -> Option<Value<'d>> {
        names.iter().try_fold(*self, |value, name| value.first()?.get(name))?.first()
    }

    /// The first item of an array, or the value itself.
    pub fn first(&self) -> Option<Value<'d>> {
        if self.kind() == Kind::Array { self.items().next() } else { Some(*self) }
    }

    /// The members of an object, in order; nothing for other kinds.
    #[inline]
    pub fn members(&self) -> Members<'d> {
        let node = self.node();
        let is_object = node.kind == Kind::Object;
        Members { value: *self, next: self.index + 1, end: if is_object { node.next } else { self.index + 1 } }
    }

    /// The items of an array, in order; nothing for other kinds.
    #[inline]
    pub fn items(&self) -> Items<'d> {
        let node = self.node();
        let is_array = node.kind == Kind::Array;
        Items { value: *self, next: self.index + 1, end: if is_array { node.next } else { self.index + 1 } }
    }

    /// The items of an array, or the value itself: FHIR's "one or many".
    #[inline]
    pub fn each(&self) -> Items<'d> {
        let node = self.node();
        if node.kind == Kind::Array { self.items() } else { Items { value: *self, next: self.index, end: node.next } }
    }

    /// The decoded string, if it is one.
    #[inline]
    pub fn as_str(&self) -> Option<Cow<'d, str>> {
        let node = self.node();
        (node.kind == Kind::String).then(|| {
            let inner = &self.text[node.start as usize + 1..node.end as usize - 1];
            if node.escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
        })
    }

    /// True or false, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.raw() == "true")
    }

    /// The text of a number exactly as received.
    pub fn as_number(&self) -> Option<&'d str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// True for `null`.
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Appends the value without insignificant white space.
    pub fn write_compact(&self, out: &mut String) {
        crate::splice::write(*self, out, &mut |_, _| None);
    }
}

/// The members of an object.
#[derive(Clone)]
pub struct Members<'d> {
    value: Value<'d>,
    next: u32,
    end: u32,
}

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Value<'d>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let key = self.value.at(self.next);
        let member = self.value.at(self.next + 1);
        self.next = member.node().next;
        Some((key.as_str().unwrap_or_default(), member))
    }
}

impl<'d> Members<'d> {
    /// Like `next`, with the key's own node, for callers that want its place.
    #[inline]
    pub fn next_with_key(&mut self) -> Option<(Value<'d>, Value<'d>)> {
        if self.next >= self.end {
            return None;
        }
        let key = self.value.at(self.next);
        let member = self.value.at(self.next + 1);
        self.next = member.node().next;
        Some((key, member))
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'d> {
    value: Value<'d>,
    next: u32,
    end: u32,
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let item = self.value.at(self.next);
        self.next = item.node().next;
        Some(item)
    }
}

/// Line and column, both from 1, of a byte offset; the column counts characters.
fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
    (line, column)
}

/// Decodes the inside of a string that the reader has already checked.
fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at + 1];
        let mut used = at + 2;
        match escape {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'u' => {
                let first = hex4(rest.as_bytes(), at + 2);
                used = at + 6;
                let code = if (0xD800..0xDC00).contains(&first) {
                    let second = hex4(rest.as_bytes(), at + 8);
                    used = at + 12;
                    0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF)
                } else {
                    first
                };
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(other as char),
        }
        rest = &rest[used..];
    }
    out.push_str(rest);
    out
}

fn hex4(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |sum, byte| sum * 16 + (*byte as char).to_digit(16).unwrap_or(0))
}

/// An object or array that is still open.
struct Open {
    node: u32,
    /// First entry of this object in `Reader::keys`; arrays keep none.
    keys_from: usize,
    is_object: bool,
    count: u32,
    seen: Option<HashSet<String>>,
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    limits: Limits,
    nodes: Vec<Node>,
    open: Vec<Open>,
    /// Key nodes of all open objects, innermost last.
    keys: Vec<u32>,
}

/// From this many members on, an object's keys are kept in a hash set.
const MANY_MEMBERS: u32 = 24;

impl<'t> Reader<'t> {
    fn new(bytes: &'t [u8], limits: Limits) -> Self {
        Reader { bytes, at: 0, limits, nodes: Vec::with_capacity(bytes.len() / 12 + 4), open: Vec::with_capacity(16), keys: Vec::with_capacity(32) }
    }

    fn read(mut self, text: &str) -> Result<Vec<Node>, ReadError> {
        match self.read_all(text) {
            Ok(()) => Ok(self.nodes),
            Err((problem, offset)) => {
                let (line, column) = line_and_column(text, offset);
                Err(ReadError { problem, offset, line, column, element: self.element(text) })
            }
        }
    }

    fn read_all(&mut self, text: &str) -> Result<(), (Problem, usize)> {
        if self.bytes.len() > self.limits.size_bytes {
            return Err((Problem::TooLarge, self.limits.size_bytes));
        }
        if self.bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
            return Err((Problem::ByteOrderMark, 0));
        }
        self.white();
        if self.at == self.bytes.len() {
            return Err((Problem::Empty, self.at));
        }
        loop {
            // Here a value begins.
            let opened = self.value()?;
            if opened {
                // An empty container closes at once; otherwise its first member or item follows.
                self.white();
                let (closing, is_object) = self.innermost();
                if self.peek() == Some(closing) {
                    self.close();
                } else {
                    if is_object {
                        self.key(text)?;
                    }
                    continue;
                }
            }
            // Here a value has ended.
            loop {
                if self.open.is_empty() {
                    self.white();
                    return if self.at == self.bytes.len() { Ok(()) } else { Err((Problem::TrailingText, self.at)) };
                }
                self.white();
                let (closing, is_object) = self.innermost();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.white();
                        if matches!(self.peek(), Some(b'}' | b']')) {
                            return Err((Problem::TrailingComma, self.at));
                        }
                        if is_object {
                            self.key(text)?;
                        }
                        break;
                    }
                    Some(byte) if byte == closing => self.close(),
                    Some(_) => return Err((Problem::ExpectedCommaOrEnd, self.at)),
                    None => return Err((Problem::UnexpectedEnd, self.at)),
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn white(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn innermost(&self) -> (u8, bool) {
        match self.open.last() {
            Some(open) if open.is_object => (b'}', true),
            _ => (b']', false),
        }
    }

    fn push(&mut self, kind: Kind, start: usize, escaped: bool) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: start as u32, end: self.at as u32, next, kind, escaped });
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(open) = self.open.pop() {
            self.keys.truncate(open.keys_from);
            let next = self.nodes.len() as u32;
            let node = &mut self.nodes[open.node as usize];
            node.end = self.at as u32;
            node.next = next;
        }
    }

    /// Reads one value; true if it is an object or array that is now open.
    fn value(&mut self) -> Result<bool, (Problem, usize)> {
        let start = self.at;
        if let Some(open) = self.open.last_mut() && !open.is_object {
            open.count += 1;
        }
        match self.peek() {
            Some(b'{' | b'[') => {
                if self.open.len() >= self.limits.depth {
                    return Err((Problem::TooDeep, start));
                }
                let is_object = self.bytes[start] == b'{';
                self.open.push(Open { node: self.nodes.len() as u32, keys_from: self.keys.len(), is_object, count: 0, seen: None });
                self.at += 1;
                self.push(if is_object { Kind::Object } else { Kind::Array }, start, false);
                return Ok(true);
            }
            Some(b'"') => {
                let escaped = self.skip_string()?;
                self.push(Kind::String, start, escaped);
            }
            Some(b'-' | b'0'..=b'9') => {
                self.skip_number()?;
                self.push(Kind::Number, start, false);
            }
            Some(b't') => self.literal(b"true", Kind::Bool)?,
            Some(b'f') => self.literal(b"false", Kind::Bool)?,
            Some(b'n') => self.literal(b"null", Kind::Null)?,
            Some(_) => return Err((Problem::ExpectedValue, start)),
            None => return Err((Problem::UnexpectedEnd, start)),
        }
        Ok(false)
    }

    fn literal(&mut self, word: &[u8], kind: Kind) -> Result<(), (Problem, usize)> {
        let start = self.at;
        if !self.bytes[start..].starts_with(word) {
            return Err((Problem::BadLiteral, start));
        }
        self.at += word.len();
        self.push(kind, start, false);
        Ok(())
    }

    fn key(&mut self, text: &str) -> Result<(), (Problem, usize)> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err((Problem::ExpectedMember, start)),
            None => return Err((Problem::UnexpectedEnd, start)),
        }
        let escaped = self.skip_string()?;
        self.push(Kind::String, start, escaped);
        let index = self.nodes.len() as u32 - 1;
        self.refuse_duplicate(text, index)?;
        self.keys.push(index);
        self.white();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err((Problem::ExpectedColon, self.at)),
            None => return Err((Problem::UnexpectedEnd, self.at)),
        }
        self.white();
        Ok(())
    }

    fn refuse_duplicate(&mut self, text: &str, index: u32) -> Result<(), (Problem, usize)> {
        let node = self.nodes[index as usize];
        let duplicate = Err((Problem::DuplicateMember, node.start as usize));
        let decoded = |node: &Node| {
            let inner = &text[node.start as usize + 1..node.end as usize - 1];
            if node.escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
        };
        let key = decoded(&node);
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.count += 1;
        if let Some(seen) = &mut open.seen {
            return if seen.insert(key.into_owned()) { Ok(()) } else { duplicate };
        }
        let siblings = &self.keys[open.keys_from..];
        if siblings.iter().any(|sibling| {
            let other = &self.nodes[*sibling as usize];
            // Equal text of unescaped keys means equal length, which most keys rule out at once.
            if !other.escaped && !node.escaped && other.end - other.start != node.end - node.start {
                return false;
            }
            decoded(other) == key
        }) {
            return duplicate;
        }
        if open.count >= MANY_MEMBERS {
            let mut seen: HashSet<String> = siblings.iter().map(|sibling| decoded(&self.nodes[*sibling as usize]).into_owned()).collect();
            seen.insert(key.into_owned());
            open.seen = Some(seen);
        }
        Ok(())
    }

    /// Moves past a string; true if it contains an escape.
    fn skip_string(&mut self) -> Result<bool, (Problem, usize)> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            self.skip_plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.skip_escape()?;
                }
                Some(byte) if byte < 0x20 => return Err((Problem::ControlCharacter, self.at)),
                Some(_) => self.at += 1,
                None => return Err((Problem::UnterminatedString, start)),
            }
        }
    }

    /// Moves past characters that need no look, eight at a time.
    fn skip_plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = 0x8080_8080_8080_8080;
        let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        while let Some(chunk) = self.bytes.get(self.at..self.at + 8) {
            let Ok(chunk) = <[u8; 8]>::try_from(chunk) else { return };
            let word = u64::from_le_bytes(chunk);
            let quote = has_zero(word ^ (ONES * b'"' as u64));
            let slash = has_zero(word ^ (ONES * b'\\' as u64));
            let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
            let stop = quote | slash | control;
            if stop != 0 {
                self.at += stop.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    fn skip_escape(&mut self) -> Result<(), (Problem, usize)> {
        let start = self.at;
        match self.bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let first = self.hex_at(start + 2).ok_or((Problem::BadEscape, start))?;
                self.at += 6;
                match first {
                    0xD800..=0xDBFF => {
                        let pair = self.bytes.get(self.at..self.at + 2) == Some(b"\\u");
                        let second = if pair { self.hex_at(self.at + 2) } else { None };
                        if !second.is_some_and(|code| (0xDC00..0xE000).contains(&code)) {
                            return Err((Problem::LoneSurrogate, start));
                        }
                        self.at += 6;
                    }
                    0xDC00..=0xDFFF => return Err((Problem::LoneSurrogate, start)),
                    _ => {}
                }
            }
            Some(_) => return Err((Problem::BadEscape, start)),
            None => return Err((Problem::UnexpectedEnd, start)),
        }
        Ok(())
    }

    fn hex_at(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 4)?;
        digits.iter().all(u8::is_ascii_hexdigit).then(|| hex4(self.bytes, at))
    }

    fn skip_number(&mut self) -> Result<(), (Problem, usize)> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err((Problem::BadNumber, start)),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits(start)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits(start)?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'-' | b'+' | b'a'..=b'z' | b'A'..=b'Z')) {
            return Err((Problem::BadNumber, start));
        }
        if self.at - start > self.limits.number_characters {
            return Err((Problem::NumberTooLong, start));
        }
        Ok(())
    }

    fn some_digits(&mut self, start: usize) -> Result<(), (Problem, usize)> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err((Problem::BadNumber, start));
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// The element being read when the reader stopped: `entry[2].resource.name[0]`.
    /// Member names come from the sender, so odd ones are shown as `?`.
    fn element(&self, text: &str) -> String {
        let mut out = String::new();
        for (level, open) in self.open.iter().enumerate() {
            if open.is_object {
                let keys_to = self.open.get(level + 1).map_or(self.keys.len(), |inner| inner.keys_from);
                let Some(last) = self.keys[open.keys_from.min(keys_to)..keys_to].last() else { continue };
                let node = self.nodes[*last as usize];
                let name = &text[node.start as usize + 1..node.end as usize - 1];
                let plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(if plain { name } else { "?" });
            } else {
                out.push_str(&format!("[{}]", open.count.saturating_sub(1)));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_received_is_kept() {
        let text = r#"{ "b":1.500,"a":[true,null,"x\u00e9\n\ud83d\ude00"],"c":{} }"#;
        let document = Document::read(text).unwrap();
        let root = document.root();
        let keys: Vec<_> = root.members().map(|(key, _)| key.into_owned()).collect();
        assert_eq!(keys, ["b", "a", "c"]);
        assert_eq!(root.get("b").unwrap().as_number(), Some("1.500"));
        let items: Vec<_> = root.get("a").unwrap().items().collect();
        assert_eq!(items.len(), 3);
        assert_eq!(items[2].as_str().unwrap(), "xé\n😀");
        let mut out = String::new();
        root.write_compact(&mut out);
        assert_eq!(out, r#"{"b":1.500,"a":[true,null,"x\u00e9\n\ud83d\ude00"],"c":{}}"#);
    }

    #[test]
    fn rubbish_is_refused_with_its_place() {
        use Problem::*;
        let many: String = (0..30).map(|n| format!("\"k{n}\":1,")).collect();
        let deep = "[".repeat(101);
        let long = format!("[{}]", "9".repeat(101));
        let cases: &[(&str, Problem, u32, &str)] = &[
            ("", Empty, 1, ""),
            ("  ", Empty, 3, ""),
            ("{\"a\":1,\"a\":2}", DuplicateMember, 8, "a"),
            ("{\"a\":1,\"\\u0061\":2}", DuplicateMember, 8, "a"),
            ("{\"name\":[{\"family\":}]}", ExpectedValue, 20, "name[0].family"),
            ("{\"a\":[1,2}", ExpectedCommaOrEnd, 10, "a[1]"),
            ("{\"a\":1]", ExpectedCommaOrEnd, 7, "a"),
            ("[1,]", TrailingComma, 4, "[0]"),
            ("{\"a\":1,}", TrailingComma, 8, "a"),
            ("{a:1}", ExpectedMember, 2, ""),
            ("{\"a\" 1}", ExpectedColon, 6, "a"),
            ("{} {}", TrailingText, 4, ""),
            ("\"abc", UnterminatedString, 1, ""),
            ("\"a\u{1}\"", ControlCharacter, 3, ""),
            ("\"\\x\"", BadEscape, 2, ""),
            ("\"\\ud800\"", LoneSurrogate, 2, ""),
            ("\"\\udc00\"", LoneSurrogate, 2, ""),
            ("01", BadNumber, 1, ""),
            ("1.", BadNumber, 1, ""),
            ("-", BadNumber, 1, ""),
            ("1e", BadNumber, 1, ""),
            ("tru", BadLiteral, 1, ""),
            ("NaN", ExpectedValue, 1, ""),
            ("[1", UnexpectedEnd, 3, "[0]"),
            ("{\"a\":", UnexpectedEnd, 6, "a"),
            (&deep, TooDeep, 101, ""),
            (&long, NumberTooLong, 2, "[0]"),
        ];
        for (text, problem, column, element) in cases {
            let error = Document::read(text).unwrap_err();
            assert_eq!(error.problem, *problem, "{text:.40}");
            assert_eq!((error.line, error.column), (1, *column), "{text:.40}");
            if *problem != TooDeep {
                assert_eq!(&error.element, element, "{text:.40}");
            }
        }
        let twice = format!("{{{many}\"k3\":1}}");
        assert_eq!(Document::read(&twice).unwrap_err().problem, DuplicateMember);
        let bad = Document::read_bytes(b"{\"a\":\"\xff\"}", Limits::default()).unwrap_err();
        assert_eq!((bad.problem, bad.offset), (NotUtf8, 6));
        let third = Document::read("{\n \"é\": [\n  1 2]}").unwrap_err();
        assert_eq!((third.line, third.column, third.problem), (3, 5, ExpectedCommaOrEnd));
    }
}
