//! The entries of a Bundle one by one, without reading it whole.
//!
//! * Only brackets and strings are followed; each entry is read strictly by itself afterwards,
//!   so that one that is broken does not take the others with it.
//! * Memory holds one entry.

use std::io::{self, BufRead};

/// Walks through a Bundle's text.
pub struct Entries<R> {
    source: R,
    depth: usize,
    /// The name of the member of the outermost object that is being read.
    member: Vec<u8>,
    /// True between its colon and the comma after its value.
    is_value: bool,
    is_in_entries: bool,
    is_over: bool,
    /// `Bundle.type`, once it was passed.
    kind: Vec<u8>,
}

impl<R: BufRead> Entries<R> {
    /// Begins at the start of a text.
    pub fn new(source: R) -> Entries<R> {
        Entries { source, depth: 0, member: Vec::new(), is_value: false, is_in_entries: false, is_over: false, kind: Vec::new() }
    }

    /// `Bundle.type` as far as it was passed.
    pub fn kind(&self) -> &[u8] {
        &self.kind
    }

    /// The text of the next entry; none after the last. An error where the text ends too early or
    /// an entry is larger than `most` bytes.
    pub fn next(&mut self, most: usize) -> io::Result<Option<Vec<u8>>> {
        let mut entry = Vec::new();
        let mut word = Vec::new();
        while let Some(byte) = self.byte()? {
            let collects = self.is_in_entries && self.depth >= 2;
            match byte {
                b'"' => {
                    word.clear();
                    let kept: &mut Vec<u8> = if collects && self.depth > 2 { &mut entry } else { &mut word };
                    string(&mut self.source, kept, most)?;
                    if self.depth == 1 {
                        self.read_word(&word);
                    }
                    continue;
                }
                b':' | b',' if self.depth == 1 => self.is_value = byte == b':',
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth == 2 && byte == b'[' && self.member == b"entry" {
                        self.is_in_entries = true;
                        continue;
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.is_in_entries && self.depth == 2 {
                        entry.push(byte);
                        return Ok(Some(entry));
                    }
                    if self.depth < 2 {
                        self.is_in_entries = false;
                    }
                    if self.depth == 0 {
                        self.is_over = true;
                    }
                }
                _ => {}
            }
            if self.is_in_entries && self.depth > 2 {
                entry.push(byte);
                if entry.len() > most {
                    return Err(io::Error::other("an entry is too large"));
                }
            }
        }
        if self.is_over { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// A string directly in the outermost object: a member's name, or a value.
    fn read_word(&mut self, word: &[u8]) {
        let word = word.strip_suffix(b"\"").and_then(|word| word.strip_prefix(b"\"")).unwrap_or(word);
        if !self.is_value {
            self.member = word.to_owned();
        } else if self.member == b"type" {
            self.kind = word.to_owned();
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        byte(&mut self.source)
    }
}

fn byte(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    let found = source.fill_buf()?.first().copied();
    if found.is_some() {
        source.consume(1);
    }
    Ok(found)
}

/// Copies a string, of which the opening quote was read, with both its quotes.
fn string(source: &mut impl BufRead, out: &mut Vec<u8>, most: usize) -> io::Result<()> {
    out.push(b'"');
    loop {
        match byte(source)? {
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(b'\\') => {
                out.push(b'\\');
                out.extend(byte(source)?);
            }
            Some(found) => {
                out.push(found);
                if found == b'"' {
                    return Ok(());
                }
            }
        }
        if out.len() > most {
            return Err(io::Error::other("an entry is too large"));
        }
    }
}

/// True if a text is one object from its first bracket to its last, nothing but white space around.
pub fn is_whole_object(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            (false, _) => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Vec<String>, bool) {
        let mut entries = Entries::new(text.as_bytes());
        let mut found = Vec::new();
        loop {
            match entries.next(1 << 20) {
                Ok(Some(entry)) => found.push(String::from_utf8(entry).unwrap()),
                Ok(None) => return (found, true),
                Err(_) => return (found, false),
            }
        }
    }

    #[test]
    fn entries_come_one_by_one_whatever_stands_around_them() {
        let check = |text: &str, expected: &[&str], whole: bool| {
            let (found, ended) = split(text);
            assert_eq!(found, expected, "{text}");
            assert_eq!(ended, whole, "{text}");
        };
        check(r#"{"resourceType":"Bundle","entry":[{"a":1},{"b":[{"c":"}]"}]}]}"#, &[r#"{"a":1}"#, r#"{"b":[{"c":"}]"}]}"#], true);
        check(r#"{"entry":[],"type":"batch"}"#, &[], true);
        check(r#"{"link":[{"entry":[{"x":1}]}],"entry" : [ {"y" : "\"" } ] }"#, &[r#"{"y" : "\"" }"#], true);
        check(r#"{"id":"entry","meta":{},"entry":[{"y":1}]"#, &[r#"{"y":1}"#], false);
        check(r#"{"entry":[{"y":1},{"z":"#, &[r#"{"y":1}"#], false);
    }

    #[test]
    fn the_type_is_told() {
        let mut entries = Entries::new(r#"{"id":"type","resourceType":"Bundle","type":"history","entry":[{"type":"x"}]}"#.as_bytes());
        entries.next(100).unwrap();
        assert_eq!(entries.kind(), b"history");
    }

    #[test]
    fn a_whole_object_is_told_from_a_part() {
        for (text, expected) in [("{}", true), (" {\"a\":[1]} \n", true), ("{\"a\":\"}\"", false), ("{} {}", false), ("[1]", true), ("1", false), ("", false)] {
            assert_eq!(is_whole_object(text.as_bytes()), expected, "{text}");
        }
    }
}
