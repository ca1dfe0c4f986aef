//! Bundles, written by pasting stored tokens between our own.
//!
//! A resource that was stored is never read again to be sent. A small page is one text; a
//! large one is made in pieces while it leaves, and each resource is let go once it is out.

use crate::answer::Payload;
use crate::trim::Trim;
use chart::{Hit, Method, SearchMode, Stored};
use fhir::splice::write_string;
use std::fmt::Write;

/// Up to this size a page is one text with a known length.
const ONE_TEXT_BYTES: usize = 512 * 1024;
/// A piece of a larger page.
const PIECE_BYTES: usize = 128 * 1024;
/// What stands around a resource: full URL, mode, commas.
const AROUND_ENTRY_BYTES: usize = 160;

/// Everything before the entries.
pub(crate) struct Head<'a> {
    pub kind: &'a str,
    pub total: Option<u64>,
    pub self_link: Option<&'a str>,
    pub next_link: Option<&'a str>,
}

impl Head<'_> {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"{}\"", self.kind);
        if let Some(total) = self.total {
            let _ = write!(out, ",\"total\":{total}");
        }
        let links = [("self", self.self_link), ("next", self.next_link)];
        let mut opened = false;
        for (relation, url) in links.into_iter().filter_map(|(relation, url)| Some((relation, url?))) {
            out.push_str(if opened { "," } else { ",\"link\":[" });
            let _ = write!(out, "{{\"relation\":\"{relation}\",\"url\":");
            write_string(url, out);
            out.push('}');
            opened = true;
        }
        if opened {
            out.push(']');
        }
    }
}

/// A whole bundle. `size_bytes` is about how much the entries hold; `write` appends one,
/// `last` what stands after them (an outcome entry).
pub(crate) fn bundle<E: Send + 'static>(head: Head<'_>, entries: Vec<E>, size_bytes: usize, mut write: impl FnMut(E, &mut String) + Send + 'static, last: Option<String>) -> Payload {
    let expected = size_bytes + entries.len() * AROUND_ENTRY_BYTES + last.as_ref().map_or(0, String::len) + 512;
    let mut out = String::with_capacity(expected.min(PIECE_BYTES + PIECE_BYTES / 8).max(if expected <= ONE_TEXT_BYTES { expected } else { 0 }));
    head.write(&mut out);
    let mut entries = entries.into_iter();
    let mut last = last;
    let mut state = State::BeforeFirst;
    let mut fill = move |out: &mut String, limit: usize| -> bool {
        while out.len() < limit {
            let separator = if matches!(state, State::BeforeFirst) { ",\"entry\":[" } else { "," };
            if let Some(entry) = entries.next() {
                out.push_str(separator);
                write(entry, out);
                state = State::Within;
            } else if let Some(entry) = last.take() {
                out.push_str(separator);
                out.push_str(&entry);
                state = State::Within;
            } else {
                match state {
                    State::Done => return false,
                    State::BeforeFirst => out.push('}'),
                    State::Within => out.push_str("]}"),
                }
                state = State::Done;
                return true;
            }
        }
        true
    };
    if expected <= ONE_TEXT_BYTES {
        fill(&mut out, usize::MAX);
        return Payload::Text(out);
    }
    let mut begun = Some(out);
    Payload::Pieces(Box::new(std::iter::from_fn(move || {
        let mut piece = begun.take().unwrap_or_else(|| String::with_capacity(PIECE_BYTES + PIECE_BYTES / 8));
        fill(&mut piece, PIECE_BYTES).then_some(piece)
    })))
}

enum State {
    BeforeFirst,
    Within,
    Done,
}

/// `"fullUrl":"base/Type/id"`.
pub(crate) fn write_full_url(base: &str, stored: &Stored, out: &mut String) {
    out.push_str("\"fullUrl\":\"");
    out.push_str(base);
    out.push('/');
    out.push_str(stored.kind.name());
    out.push('/');
    out.push_str(&stored.id);
    out.push('"');
}

/// One search result.
pub(crate) fn write_hit(base: &str, hit: &Hit, trim: &Trim, out: &mut String) {
    out.push('{');
    match &hit.inside {
        None => write_full_url(base, &hit.stored, out),
        Some((kind, id)) => {
            out.push_str("\"fullUrl\":");
            write_string(&format!("{base}/{}/{id}#{}", kind.name(), hit.stored.id), out);
        }
    }
    out.push_str(",\"resource\":");
    trim.write(&hit.stored, out);
    out.push_str(match hit.mode {
        SearchMode::Match => ",\"search\":{\"mode\":\"match\"}}",
        SearchMode::Include => ",\"search\":{\"mode\":\"include\"}}",
    });
}

/// An entry that tells what was ignored.
pub(crate) fn outcome_entry(outcome: &str) -> String {
    format!("{{\"resource\":{outcome},\"search\":{{\"mode\":\"outcome\"}}}}")
}

/// One line of a history: how the version came to be, and the version.
pub(crate) fn write_history_entry(base: &str, stored: &Stored, trim: &Trim, out: &mut String) {
    out.push('{');
    write_full_url(base, stored, out);
    if stored.method != Method::Delete {
        out.push_str(",\"resource\":");
        trim.write(stored, out);
    }
    let (verb, status) = match stored.method {
        Method::Create => ("POST", "201 Created"),
        Method::Update => ("PUT", "200 OK"),
        Method::Delete => ("DELETE", "204 No Content"),
    };
    let _ = write!(out, ",\"request\":{{\"method\":\"{verb}\",\"url\":\"{}", stored.kind.name());
    if stored.method != Method::Create {
        out.push('/');
        out.push_str(&stored.id);
    }
    let _ = write!(out, "\"}},\"response\":{{\"status\":\"{status}\",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}}}", stored.version, stored.last_updated);
}

/// About how many bytes these resources hold.
pub(crate) fn size_of<'a>(stored: impl Iterator<Item = &'a Stored>) -> usize {
    stored.map(|one| one.text.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(payload: Payload) -> (String, usize) {
        match payload {
            Payload::Text(text) => (text, 1),
            Payload::Pieces(pieces) => {
                let pieces: Vec<_> = pieces.collect();
                (pieces.concat(), pieces.len())
            }
            _ => unreachable!(),
        }
    }

    fn check(count: usize, each: usize, last: Option<&str>) -> (String, usize) {
        let entries: Vec<String> = (0..count).map(|_| format!("\"{}\"", "x".repeat(each))).collect();
        let head = Head { kind: "searchset", total: Some(count as u64), self_link: Some("http://h/\"a\""), next_link: None };
        let size = entries.iter().map(String::len).sum();
        let (text, pieces) = text(bundle(head, entries, size, |entry, out| out.push_str(&entry), last.map(str::to_owned)));
        let document = fhir::Document::read(&text).unwrap();
        let entries = document.root().get("entry").map_or(0, |entries| entries.items().count());
        assert_eq!(entries, count + last.is_some() as usize);
        assert_eq!(document.root().path(&["link", "url"]).unwrap().as_str().unwrap(), "http://h/\"a\"");
        (text, pieces)
    }

    #[test]
    fn a_page_is_one_text_or_many_pieces_and_always_json() {
        assert_eq!(check(0, 0, None).0, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":0,\"link\":[{\"relation\":\"self\",\"url\":\"http://h/\\\"a\\\"\"}]}");
        assert_eq!(check(0, 0, Some("1")).1, 1);
        assert_eq!(check(3, 10, Some("1")).1, 1);
        assert_eq!(check(100, 1000, None).1, 1);
        assert!(check(1000, 1000, Some("1")).1 > 5);
        assert!(check(10, 1_000_000, None).1 >= 10);
    }
}
