//! Texts, names and addresses, as people type them.
//!
//! By default a text matches where it begins with what was asked, without case and accents.
//! In names and addresses each word asked for must begin some word of the same name: so
//! "lopez" finds "García López" and "nguyen an" finds "Nguyễn Văn An". A Cyrillic word is
//! also found by its Latin form. <https://hl7.org/fhir/R4/search.html#string>

use super::each;
use crate::fold;
use crate::path::{Found, Shape};
use crate::query::Modifier;
use fhir::Value;

/// Compares a string, name or address with what was asked.
pub(super) fn compare(found: Found<'_>, modifier: Modifier, exact: &str, folded: &str, by_word: bool) -> bool {
    let value = found.value;
    let parts: &[&str] = match found.shape() {
        Shape::HumanName => &NAME_PARTS,
        Shape::Address => &["text", "line", "city", "district", "state", "postalCode", "country"],
        Shape::CodeableConcept => &["text"],
        _ => return value.as_str().is_some_and(|text| text_matches(&text, modifier, exact, folded, by_word)),
    };
    if by_word && modifier == Modifier::Plain {
        return fold::words(folded).all(|asked| {
            parts.iter().any(|part| each(value, part).any(|item| item.as_str().is_some_and(|text| has_word(&text, asked))))
        });
    }
    parts.iter().any(|part| each(value, part).any(|item| item.as_str().is_some_and(|text| text_matches(&text, modifier, exact, folded, by_word))))
}

/// The parts of a HumanName that `name` looks at. Titles (`prefix`, `suffix`) are left out:
/// nobody is looked for by "Dr".
const NAME_PARTS: [&str; 3] = ["family", "given", "text"];

/// Calls `visit` with each text of a name that [`compare`] looks at.
pub(crate) fn each_name_part<'d>(name: Value<'d>, visit: &mut dyn FnMut(std::borrow::Cow<'d, str>)) {
    for part in NAME_PARTS {
        for item in each(name, part) {
            if let Some(text) = item.as_str() {
                visit(text);
            }
        }
    }
}

fn text_matches(text: &str, modifier: Modifier, exact: &str, folded: &str, by_word: bool) -> bool {
    match modifier {
        Modifier::Exact => text == exact,
        Modifier::Equals | Modifier::Below => with_folded(text, |text| text == folded),
        Modifier::Begins => with_folded(text, |text| text.starts_with(folded)),
        Modifier::Ends => with_folded(text, |text| text.ends_with(folded)),
        Modifier::Contains => with_folded(text, |text| text.contains(folded)),
        _ if by_word => fold::words(folded).all(|asked| has_word(text, asked)),
        _ => with_folded(text, |text| text.starts_with(folded)),
    }
}

/// True if some word of the text begins with the folded word asked for.
fn has_word(text: &str, asked: &str) -> bool {
    with_folded(text, |text| has_folded_word(text, asked))
}

/// The same of a text that is folded already.
pub(crate) fn has_folded_word(text: &str, asked: &str) -> bool {
    fold::words(text).any(|word| {
        word.starts_with(asked) || (asked.is_ascii() && !word.is_ascii() && {
            let mut latin = String::new();
            fold::transliterated(word, &mut latin) && latin.starts_with(asked)
        })
    })
}

/// Folds into a buffer that is kept, so that a usual text costs no allocation.
fn with_folded<T>(text: &str, look: impl FnOnce(&str) -> T) -> T {
    thread_local! {
        static BUFFER: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        fold::fold_into(text, buffer);
        look(buffer)
    })
}

