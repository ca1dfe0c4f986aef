//! Codes as words: what a CodeableConcept says to a reader.

use fhir::Value;

/// The text of a CodeableConcept: its own text, the display the user chose, any display, a code.
pub fn text(concept: Value<'_>) -> Option<String> {
    if let Some(own) = said(concept, "text") {
        return Some(own);
    }
    let codings = concept.get("coding")?;
    let chosen = codings.each().find(|coding| coding.get("userSelected").and_then(|flag| flag.as_bool()) == Some(true));
    chosen.and_then(|coding| said(coding, "display")).or_else(|| codings.each().find_map(|coding| said(coding, "display"))).or_else(|| codings.each().find_map(|coding| said(coding, "code")))
}

/// The texts of one or many concepts, joined.
pub fn texts(concepts: Option<Value<'_>>) -> Option<String> {
    let all: Vec<String> = concepts?.each().filter_map(text).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// A code worth showing in grey behind a name: of a classification people know by heart.
pub fn short_code(concept: Value<'_>) -> Option<String> {
    let known = concept.get("coding")?.each().find(|coding| coding.string("system").is_some_and(|system| system.contains("icd-10") || system.contains("/icd") || system.contains("2.16.840.1.113883.6.3")));
    known.and_then(|coding| said(coding, "code"))
}

/// True if the concept carries that code in any of its codings.
pub fn has_code(concept: Value<'_>, code: &str) -> bool {
    concept.get("coding").is_some_and(|codings| codings.each().any(|coding| coding.string("code").as_deref() == Some(code)))
}

/// True if any of one or many concepts carries that code.
pub fn any_code(concepts: Option<Value<'_>>, code: &str) -> bool {
    concepts.is_some_and(|concepts| concepts.each().any(|concept| has_code(concept, code)))
}

/// The code of the first coding.
pub fn first_code(concept: Option<Value<'_>>) -> Option<String> {
    said(concept?.first()?.path(&["coding"])?, "code")
}

/// A member that says something: not empty, not only space.
pub fn said(value: Value<'_>, member: &str) -> Option<String> {
    let text = value.string(member)?;
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concept_says_its_text_first_and_a_code_last() {
        for (concept, expected) in [
            (r#"{"coding":[{"code":"I10","display":"HTA"}],"text":"Presión alta"}"#, Some("Presión alta")),
            (r#"{"coding":[{"code":"x","display":"uno"},{"code":"y","display":"dos","userSelected":true}]}"#, Some("dos")),
            (r#"{"coding":[{"code":"x"},{"code":"y","display":"dos"}]}"#, Some("dos")),
            (r#"{"coding":[{"code":"I10"}],"text":" "}"#, Some("I10")),
            ("{}", None),
        ] {
            let document = fhir::Document::read(concept).unwrap();
            assert_eq!(text(document.root()).as_deref(), expected);
        }
    }
}
