//! Whether a narrative's `div` is XHTML that a page may show.
//!
//! * Accepted is what both an XML parser and a browser read in the same way; where the two
//!   disagree (CDATA sections, odd comments) it is refused, because script hides there.
//! * Elements and attributes are those R4 permits; there is no list of bad ones to keep up.
//! * Rules: <https://hl7.org/fhir/R4/narrative.html> (txt-1, txt-2).

/// Why a `div` is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// Not one well-formed XML element: tags, quotes, entities.
    NotWellFormed,
    /// The outermost element is not a `div` in the XHTML name space.
    NotADiv,
    /// An element R4 does not permit, as `script`, `form`, `iframe`.
    Element,
    /// An attribute R4 does not permit, as `onclick`.
    Attribute,
    /// An address or a style that could act.
    Active,
    /// Nothing to read in it.
    Blank,
}

impl Flaw {
    /// What is wrong and what to do.
    pub fn message(self) -> &'static str {
        match self {
            Flaw::NotWellFormed => "The narrative is not well-formed XHTML: close every element, quote every attribute, and of the named entities use only lt, gt, amp, quot and apos.",
            Flaw::NotADiv => "The narrative must be one div element with xmlns=\"http://www.w3.org/1999/xhtml\".",
            Flaw::Element => "The narrative contains an element that R4 does not permit there; keep to text, lists, tables, links and images (txt-1).",
            Flaw::Attribute => "The narrative contains an attribute that R4 does not permit there, for example an event handler; remove it (txt-1).",
            Flaw::Active => "The narrative contains an address or style that could act when shown; remove it (txt-1).",
            Flaw::Blank => "The narrative has nothing to read in it; give it some text or an image (txt-2).",
        }
    }
}

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Sections 7 to 11 and 15 of HTML 4.0 without the four exceptions, links and images. Sorted.
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "area", "b", "bdo", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
    "del", "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "map", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "tt", "u", "ul", "var",
];

/// Attributes that only describe. Sorted. `href`, `src`, `style`, `xmlns` and the like are looked at apart.
const ATTRIBUTES: &[&str] = &[
    "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellpadding", "cellspacing", "char", "charoff", "class", "clear",
    "colspan", "compact", "coords", "datetime", "dir", "frame", "headers", "height", "hspace", "id", "lang", "longdesc", "name", "noshade",
    "nowrap", "rowspan", "rules", "scope", "shape", "size", "span", "start", "summary", "tabindex", "title", "type", "usemap", "valign",
    "value", "vspace", "width", "xml:lang", "xml:space",
];

/// Attributes one element may carry; more than this is no narrative.
const MANY_ATTRIBUTES: usize = 24;

/// Elements inside each other; more than this is no narrative.
const MANY_LEVELS: usize = 200;

/// What is wrong with the text of a `div`, if anything.
pub fn flaw(text: &str) -> Option<Flaw> {
    Checker { text, at: 0, open: Vec::with_capacity(12), has_content: false }.check().err()
}

struct Checker<'t> {
    text: &'t str,
    at: usize,
    open: Vec<&'t str>,
    has_content: bool,
}

impl<'t> Checker<'t> {
    fn check(mut self) -> Result<(), Flaw> {
        self.at = self.text.len() - self.text.trim_start().len();
        if !self.rest().starts_with("<div") {
            return Err(Flaw::NotADiv);
        }
        loop {
            if self.rest().starts_with('<') {
                self.markup()?;
                if self.open.is_empty() {
                    break;
                }
            } else {
                self.characters()?;
            }
        }
        if !self.rest().trim().is_empty() {
            return Err(Flaw::NotWellFormed);
        }
        if self.has_content { Ok(()) } else { Err(Flaw::Blank) }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Text up to the next tag.
    fn characters(&mut self) -> Result<(), Flaw> {
        let rest = self.rest();
        let length = rest.find('<').ok_or(Flaw::NotWellFormed)?;
        let run = &rest[..length];
        check_characters(run)?;
        self.has_content = self.has_content || !run.trim().is_empty();
        self.at += length;
        Ok(())
    }

    /// One tag or comment.
    fn markup(&mut self) -> Result<(), Flaw> {
        let rest = self.rest();
        if let Some(comment) = rest.strip_prefix("<!--") {
            let length = comment.find("--").ok_or(Flaw::NotWellFormed)?;
            // A browser ends a comment sooner than XML does when it begins like its own end.
            if !comment[length..].starts_with("-->") || comment.starts_with(['>', '-']) || comment[..length].ends_with('-') {
                return Err(Flaw::NotWellFormed);
            }
            self.at += 4 + length + 3;
            return Ok(());
        }
        if let Some(closing) = rest.strip_prefix("</") {
            let name = name_at(closing);
            let after = closing[name.len()..].trim_start();
            if !after.starts_with('>') || self.open.pop() != Some(name) {
                return Err(Flaw::NotWellFormed);
            }
            self.at = self.text.len() - after.len() + 1;
            return Ok(());
        }
        self.opening_tag()
    }

    fn opening_tag(&mut self) -> Result<(), Flaw> {
        let name = name_at(&self.rest()[1..]);
        if name.is_empty() {
            return Err(Flaw::NotWellFormed);
        }
        if ELEMENTS.binary_search(&name).is_err() {
            return Err(Flaw::Element);
        }
        self.at += 1 + name.len();
        let has_namespace = self.attributes(name)?;
        if self.open.is_empty() && (name != "div" || !has_namespace) {
            return Err(Flaw::NotADiv);
        }
        self.has_content = self.has_content || name == "img";
        if self.rest().starts_with("/>") {
            self.at += 2;
            return Ok(());
        }
        self.at += 1;
        if self.open.len() >= MANY_LEVELS {
            return Err(Flaw::NotWellFormed);
        }
        self.open.push(name);
        Ok(())
    }

    /// Reads attributes up to `>` or `/>`; true if the XHTML name space was among them.
    fn attributes(&mut self, element: &str) -> Result<bool, Flaw> {
        let mut seen = [""; MANY_ATTRIBUTES];
        let mut count = 0;
        let mut has_namespace = false;
        loop {
            let white = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.at += white;
            let rest = self.rest();
            if rest.starts_with('>') || rest.starts_with("/>") {
                return Ok(has_namespace);
            }
            let name = name_at(rest);
            if name.is_empty() || white == 0 || count == MANY_ATTRIBUTES || seen[..count].contains(&name) {
                return Err(Flaw::NotWellFormed);
            }
            seen[count] = name;
            count += 1;
            let after = rest[name.len()..].trim_start().strip_prefix('=').ok_or(Flaw::NotWellFormed)?.trim_start();
            let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\'')).ok_or(Flaw::NotWellFormed)?;
            let value = &after[1..];
            let value = &value[..value.find(quote).ok_or(Flaw::NotWellFormed)?];
            self.at = self.text.len() - after.len() + value.len() + 2;
            if value.contains('<') {
                return Err(Flaw::NotWellFormed);
            }
            check_characters(value)?;
            match name {
                "xmlns" if value == NAMESPACE => has_namespace = true,
                "xmlns" => return Err(Flaw::NotADiv),
                "href" | "cite" => check_address(value, false)?,
                "src" if element == "img" => check_address(value, true)?,
                "style" => check_style(value)?,
                _ if ATTRIBUTES.binary_search(&name).is_ok() => {}
                _ => return Err(Flaw::Attribute),
            }
        }
    }
}

/// The XML name at the beginning of a text; empty if there is none.
fn name_at(text: &str) -> &str {
    let is_name = |(place, byte): (usize, u8)| byte.is_ascii_alphabetic() || (place > 0 && (byte.is_ascii_digit() || matches!(byte, b':' | b'-' | b'_' | b'.')));
    let length = text.bytes().enumerate().take_while(|pair| is_name(*pair)).count();
    &text[..length]
}

/// Entities and characters that XML permits.
fn check_characters(text: &str) -> Result<(), Flaw> {
    if text.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')) {
        return Err(Flaw::NotWellFormed);
    }
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let entity = &rest[at + 1..];
        let end = entity.find(';').ok_or(Flaw::NotWellFormed)?;
        character(&entity[..end]).ok_or(Flaw::NotWellFormed)?;
        rest = &entity[end + 1..];
    }
    Ok(())
}

/// The character an entity stands for, if XML knows it without a DTD.
fn character(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = entity.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok()?,
                None if !digits.starts_with('+') => digits.parse().ok()?,
                _ => return None,
            };
            char::from_u32(code).filter(|letter| *letter >= ' ' || matches!(letter, '\t' | '\r' | '\n'))
        }
    }
}

/// The value a browser would act on: entities decoded, white space and controls gone, small letters.
fn acted_on(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut keep = |letter: char| {
        if letter > ' ' && letter != '\u{7f}' {
            out.extend(letter.to_lowercase());
        }
    };
    while let Some(at) = rest.find('&') {
        rest[..at].chars().for_each(&mut keep);
        let entity = &rest[at + 1..];
        let end = entity.find(';').unwrap_or(0);
        character(&entity[..end]).into_iter().for_each(&mut keep);
        rest = &entity[(end + 1).min(entity.len())..];
    }
    rest.chars().for_each(&mut keep);
    out
}

/// Addresses lead somewhere (http, https, mailto, tel, a place nearby); an image may be data.
fn check_address(value: &str, is_image: bool) -> Result<(), Flaw> {
    let value = acted_on(value);
    let scheme = value.split(['/', '?', '#']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme);
    let is_good = match scheme {
        None => true,
        Some("http" | "https" | "mailto" | "tel" | "ftp" | "urn" | "oid" | "cid") => true,
        Some("data") => is_image && value.starts_with("data:image/"),
        // `Patient/x:y` and `a.html:b` are not schemes a browser knows; only letters make one.
        Some(_) => false,
    };
    if is_good { Ok(()) } else { Err(Flaw::Active) }
}

/// Styles may not load code.
fn check_style(value: &str) -> Result<(), Flaw> {
    let value = acted_on(value);
    let acting = ["javascript:", "vbscript:", "expression(", "@import", "-moz-binding", "behavior:", "\\", "/*"];
    if acting.iter().any(|part| value.contains(part)) { Err(Flaw::Active) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inner: &str, expect: Option<Flaw>) {
        let text = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
        assert_eq!(flaw(&text), expect, "{inner}");
    }

    #[test]
    fn plain_narratives_pass() {
        assert!(ELEMENTS.is_sorted() && ATTRIBUTES.is_sorted());
        for inner in [
            "text",
            "<p>a &amp; b &#169; &#xA9;</p>",
            "<img src=\"data: image/png;base64,AAAA\" alt=\"x\"/>",
            "<a href=\"#x\" name='y'>z</a><br/>",
            "<a href=\"Patient/1\">z</a>",
            "<table border=\"1\"><tr><td colspan=\"2\" style=\"color: red\">1 > 0</td></tr></table>",
            "<!-- a comment -->x",
            "<ul >\n<li>đ ж ñ</li>\n</ul >",
        ] {
            check(inner, None);
        }
        assert_eq!(flaw(" <div xmlns='http://www.w3.org/1999/xhtml' lang=\"en\">x</div>\n"), None);
    }

    #[test]
    fn what_acts_or_is_malformed_is_refused() {
        use Flaw::*;
        for (inner, expect) in [
            ("<script>x</script>", Element),
            ("<SCRIPT>x</SCRIPT>", Element),
            ("<style>x</style>", Element),
            ("<iframe/>", Element),
            ("<svg/>", Element),
            ("<form>x</form>", Element),
            ("<input/>", Element),
            ("<p onclick=\"x\">x</p>", Attribute),
            ("<p hx-get=\"/\">x</p>", Attribute),
            ("<a href=\"javascript:x\">x</a>", Active),
            ("<a href=\" JaVa&#115;cript:x\">x</a>", Active),
            ("<a href=\"java&#10;script:x\">x</a>", Active),
            ("<a href=\"data:text/html,x\">x</a>", Active),
            ("<img src=\"data:text/html,x\"/>", Active),
            ("<p style=\"width: expression(x)\">x</p>", Active),
            ("<p style=\"background: url(java\\script:x)\">x</p>", Active),
            ("<p>x", NotWellFormed),
            ("<p>x</b>", NotWellFormed),
            ("<p class=x>x</p>", NotWellFormed),
            ("<p class=\"x\"id=\"y\">x</p>", NotWellFormed),
            ("<p class=\"a\" class=\"b\">x</p>", NotWellFormed),
            ("<p class=\"<\">x</p>", NotWellFormed),
            ("a & b", NotWellFormed),
            ("&nbsp;", NotWellFormed),
            ("&#1;", NotWellFormed),
            ("<![CDATA[x]]>", NotWellFormed),
            ("<!--><img src=\"x\"/>-->", NotWellFormed),
            ("<!-- a -- b -->x", NotWellFormed),
            ("<!DOCTYPE x>", NotWellFormed),
            ("<?php x ?>", NotWellFormed),
            ("", Blank),
            (" <p> \n</p>", Blank),
        ] {
            check(inner, Some(expect));
        }
        for text in ["", "text", "<p>x</p>", "<div>x</div>", "<div xmlns=\"other\">x</div>", "<divx>x</divx>"] {
            assert!(flaw(text).is_some(), "{text}");
        }
        assert_eq!(flaw("<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div><p>y</p>"), Some(NotWellFormed));
        assert_eq!(flaw(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}", "<p>".repeat(9999))), Some(NotWellFormed));
    }
}
