//! Whether a narrative is the small XHTML that FHIR allows: `htmlChecks()`.
//!
//! * One `div` as root, well nested, only formatting elements and their plain attributes,
//!   nothing that runs or loads, and something to read in it.
//!
//! <https://hl7.org/fhir/R4/narrative.html#xhtml>

const ELEMENTS: [&str; 65] = [
    "a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "img", "li", "map", "area", "object", "ol", "p", "pre", "q", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "tt", "ul", "var", "address", "bdo", "del", "ins", "kbd", "label", "u", "s", "strike", "center", "font", "nobr", "figure", "figcaption",
];

/// Elements of HTML's later fashions that FHIR leaves out.
const REFUSED: [&str; 9] = ["object", "center", "font", "nobr", "figure", "figcaption", "label", "strike", "s"];

const ATTRIBUTES: [&str; 44] = [
    "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign", "char", "charoff", "charset", "cite", "class",
    "colspan", "compact", "coords", "dir", "frame", "headers", "height", "href", "hreflang", "hspace", "id", "lang", "longdesc", "name", "nowrap", "rel", "rev", "rowspan",
    "rules", "scope", "shape", "span", "src", "start", "style", "summary", "tabindex", "title",
];

const MORE_ATTRIBUTES: [&str; 8] = ["type", "valign", "value", "vspace", "width", "usemap", "ismap", "xmlns"];

const MOST_NESTED: usize = 200;

/// True for a narrative that keeps the rules.
pub(crate) fn is_sound(text: &str) -> bool {
    read(text).is_some_and(|has_content| has_content)
}

/// Whether there is something to read; none where the rules are broken.
fn read(text: &str) -> Option<bool> {
    let mut rest = text.trim();
    let mut open: Vec<&str> = Vec::new();
    let mut has_content = false;
    let mut seen_root = false;
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else {
            return (rest.trim().is_empty() && open.is_empty() && seen_root).then_some(has_content);
        };
        let plain = &rest[..at];
        if open.is_empty() && !plain.trim().is_empty() {
            return None;
        }
        has_content |= !plain.trim().is_empty();
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = &comment[comment.find("-->")? + 3..];
        } else if let Some(closing) = rest.strip_prefix("</") {
            let end = closing.find('>')?;
            if open.pop()? != closing[..end].trim_end() {
                return None;
            }
            rest = &closing[end + 1..];
        } else {
            let end = tag_end(rest)?;
            let tag = &rest[1..end];
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let name = tag.split(|letter: char| letter.is_ascii_whitespace()).next().unwrap_or_default();
            let is_root = open.is_empty();
            let allowed = ELEMENTS.contains(&name) && !REFUSED.contains(&name);
            if !allowed || (is_root && (seen_root || name != "div")) || !attributes_are_sound(&tag[name.len()..], name) {
                return None;
            }
            seen_root = true;
            has_content |= name == "img";
            if !closed {
                open.push(name);
                if open.len() > MOST_NESTED {
                    return None;
                }
            }
            rest = &rest[end + 1..];
        }
    }
    (open.is_empty() && seen_root).then_some(has_content)
}

/// Where the tag ends: the first `>` outside quotes.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn attributes_are_sound(text: &str, element: &str) -> bool {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else { return false };
        let (name, after) = (name.trim(), after.trim_start());
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { return false };
        let Some(end) = after[1..].find(quote) else { return false };
        let value = &after[1..=end];
        let allowed = ATTRIBUTES.contains(&name) || MORE_ATTRIBUTES.contains(&name) || name.starts_with("xmlns:") || name == "xml:lang" || name == "xml:space";
        let scheme = value.trim_start().to_ascii_lowercase();
        let runs = matches!(name, "href" | "src") && (scheme.starts_with("javascript:") || scheme.starts_with("vbscript:") || scheme.starts_with("data:text"));
        if !allowed || runs || (name == "src" && element != "img") {
            return false;
        }
        rest = after[end + 2..].trim_start();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn only_the_small_xhtml_passes() {
        let cases = [
            ("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div>", true),
            ("<div><p>x<br/>y &lt; z</p><!-- note --></div>", true),
            ("<div><img src=\"#a\" alt='>'/></div>", true),
            ("<div> </div>", false),
            ("<div><p>x</div></p>", false),
            ("<p>x</p>", false),
            ("x", false),
            ("", false),
            ("<div>x</div><div>y</div>", false),
            ("<div><script>x</script></div>", false),
            ("<div onclick=\"x\">x</div>", false),
            ("<div><a href=\"javascript:x\">x</a></div>", false),
            ("<div><a href=\"https://x.example\">x</a></div>", true),
            ("<div>x", false),
            ("<div a>x</div>", false),
        ];
        for (text, expect) in cases {
            assert_eq!(is_sound(text), expect, "{text}");
        }
    }
}
