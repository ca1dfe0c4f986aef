//! `_pretty`: the same tokens, indented for a reader.

/// Indents JSON by two spaces a level. Strings and numbers are copied as they are.
pub(crate) fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let mut depth = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = string_end(bytes, at);
                out.push_str(&text[at..end]);
                at = end;
                continue;
            }
            open @ (b'{' | b'[') => {
                let next = bytes[at + 1..].iter().position(|byte| !byte.is_ascii_whitespace()).map(|gap| at + 1 + gap);
                out.push(open as char);
                match next {
                    Some(place) if matches!(bytes[place], b'}' | b']') => {
                        out.push(bytes[place] as char);
                        at = place;
                    }
                    _ => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            close @ (b'}' | b']') => {
                depth = usize::saturating_sub(depth, 1);
                line(&mut out, depth);
                out.push(close as char);
            }
            b',' => {
                out.push(',');
                line(&mut out, depth);
            }
            b':' => out.push_str(": "),
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => {
                // A number or a literal: everything up to the next structure.
                let length = bytes[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(bytes.len() - at);
                out.push_str(&text[at..at + length]);
                at += length;
                continue;
            }
        }
        at += 1;
    }
    out.push('\n');
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// The place after the closing quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_and_lines_appear() {
        let text = r#"{"a":[1.0,{"b":"x,\"{é}"}],"c":{},"d":[ ],"e":null}"#;
        let expect = "{\n  \"a\": [\n    1.0,\n    {\n      \"b\": \"x,\\\"{é}\"\n    }\n  ],\n  \"c\": {},\n  \"d\": [],\n  \"e\": null\n}\n";
        assert_eq!(pretty(text), expect);
        assert_eq!(pretty(expect), expect);
    }
}
