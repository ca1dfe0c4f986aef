//! Received markup and attachments, made safe to show.
//!
//! * What leaves [`safe`] contains neither script, style, address, form nor picture.
//! * Attachments are shown when they are text; anything else is only named.

use ammonia::Builder;
use fhir::Value;

use crate::record::concept;

/// Elements of FHIR narrative that carry meaning. Addresses and pictures are left out: a page
/// of a record never loads or points to what a sender chose.
const ELEMENTS: [&str; 38] = [
    "p", "br", "div", "span", "b", "i", "u", "strong", "em", "small", "big", "sub", "sup", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h1", "h2", "h3",
    "h4", "h5", "h6", "blockquote", "pre", "code", "hr", "q",
];

/// Narrative that may stand in a page. Headings become paragraphs' size by the style sheet.
pub fn safe(markup: &str) -> String {
    let mut builder = Builder::empty();
    builder.tags(ELEMENTS.into_iter().collect());
    builder.tag_attributes([("td", ["colspan", "rowspan"].into_iter().collect()), ("th", ["colspan", "rowspan"].into_iter().collect())].into_iter().collect());
    builder.clean_content_tags(["script", "style", "title"].into_iter().collect());
    // A second h1, h2… would break the outline of the page.
    let clean = builder.clean(markup).to_string();
    (1..=6).fold(clean, |text, level| text.replace(&format!("<h{level}>"), "<p><strong>").replace(&format!("</h{level}>"), "</strong></p>"))
}

/// The words of narrative, one line per block; none where there are no words.
pub fn plain(markup: &str) -> Option<String> {
    let mut broken = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        broken.push_str(&rest[..at]);
        let tag = rest[at + 1..].trim_start_matches('/');
        if ["p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4"].iter().any(|name| tag.strip_prefix(name).is_some_and(|next| next.starts_with(['>', ' ', '/']))) {
            broken.push('\n');
        }
        broken.push('<');
        rest = &rest[at + 1..];
    }
    broken.push_str(rest);
    let mut builder = Builder::empty();
    builder.clean_content_tags(["script", "style", "title"].into_iter().collect());
    let words = unescape(&builder.clean(&broken).to_string());
    let lines: Vec<String> = words.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What the cleaner escapes, read back; the template escapes again.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", "\u{a0}").replace("&#39;", "'").replace("&amp;", "&")
}

/// The readable text of a note: its text attachments, else the narrative of its sections, else
/// its own narrative.
pub fn text_of(note: Value<'_>) -> Option<String> {
    let attachments: Vec<String> = attachments(note).into_iter().filter_map(|attachment| attachment.text).collect();
    if !attachments.is_empty() {
        return Some(attachments.join("\n"));
    }
    let sections: Vec<String> = note.get("section").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()).filter_map(|section| plain(section.path(&["text", "div"])?.as_str()?.as_ref())).collect();
    if !sections.is_empty() {
        return Some(sections.join("\n"));
    }
    plain(note.path(&["text", "div"])?.as_str()?.as_ref())
}

/// An attachment, as far as it can be read.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// Its title or media type.
    pub title: String,
    /// The media type, may be empty.
    pub media_type: String,
    /// Its words, where it is text.
    pub text: Option<String>,
    /// The local `Binary` it lies in, where it is not inline.
    pub binary: Option<String>,
}

/// The attachments of a DocumentReference, DiagnosticReport or Media.
pub fn attachments(root: Value<'_>) -> Vec<Attachment> {
    let contents = root.get("content").into_iter().flat_map(|all| all.each().map(|content| content.get("attachment").unwrap_or(content)).collect::<Vec<_>>());
    let forms = root.get("presentedForm").into_iter().flat_map(|all| all.each().collect::<Vec<_>>());
    contents.chain(forms).map(attachment).collect()
}

fn attachment(attachment: Value<'_>) -> Attachment {
    let media_type = concept::said(attachment, "contentType").unwrap_or_default();
    let text = attachment.string("data").and_then(|data| decode_text(&media_type, &data));
    let binary = concept::said(attachment, "url").and_then(|url| url.strip_prefix("Binary/").map(str::to_owned));
    Attachment { title: concept::said(attachment, "title").unwrap_or_else(|| media_type.clone()), media_type, text, binary }
}

/// The words of a Binary, if it is text.
pub fn text_of_binary(binary: Value<'_>) -> Option<String> {
    decode_text(&concept::said(binary, "contentType")?, &binary.string("data")?)
}

/// The words of base64 content, if its media type is one of text.
pub fn decode_text(media_type: &str, data: &str) -> Option<String> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !matches!(essence, "text/plain" | "text/html" | "application/xhtml+xml" | "text/markdown" | "text/rtf" | "") || essence == "text/rtf" {
        return None;
    }
    let text = String::from_utf8(base64(data)?).ok()?;
    if matches!(essence, "text/html" | "application/xhtml+xml") { plain(&text) } else { Some(text) }
}

/// Bytes of base64 (RFC 4648, white space allowed); none where it is not.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0);
    for sign in text.bytes().filter(|sign| !sign.is_ascii_whitespace() && *sign != b'=') {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_dangerous_survives() {
        for hostile in [
            "<script>alert(1)</script>", "<p onclick=\"x()\">a</p>", "<img src=x onerror=y>", "<a href=\"javascript:x\">a</a>", "<style>*{}</style>", "<p style=\"color:red\">a</p>", "<iframe src=//x></iframe>",
            "<svg><script>x</script></svg>", "<math><mi//xlink:href=\"data:x,<script>\">", "<form action=/x><input></form>", "<table><td style=x class=y>a", "<div xmlns=\"http://www.w3.org/1999/xhtml\" id=q>a</div>",
        ] {
            let clean = safe(hostile).to_lowercase();
            for trace in ["script", "onclick", "onerror", "javascript", "style", "iframe", "src", "href", "form", "input", "svg", "class", "id=", "xmlns"] {
                assert!(!clean.contains(trace), "{trace} in {clean}");
            }
        }
    }

    #[test]
    fn meaning_survives_and_headings_do_not_break_the_outline() {
        assert_eq!(safe("<div><h2>Plan</h2><ul><li>A &amp; B</li></ul></div>"), "<div><p><strong>Plan</strong></p><ul><li>A &amp; B</li></ul></div>");
        assert_eq!(plain("<div><p>Ho  3 ngày</p><p>Sốt &lt; 38</p></div>").as_deref(), Some("Ho 3 ngày\nSốt < 38"));
        assert_eq!(plain("<div> </div>"), None);
    }

    #[test]
    fn base64_is_read_and_anything_else_is_not() {
        assert_eq!(base64("Zm9vYg==").as_deref(), Some(&b"foob"[..]));
        assert_eq!(base64("Zm9v\nYmFy").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(base64("Z*9v"), None);
        assert_eq!(decode_text("text/plain; charset=utf-8", "aG9sYQ==").as_deref(), Some("hola"));
        assert_eq!(decode_text("application/pdf", "aG9sYQ=="), None);
    }
}
