//! What a Task of this house asks, in the words of whoever reads it.
//!
//! * The server writes one text for everybody, in English; its code says what is asked, and the page says that.
//! * A Task of anybody else keeps its text.

use fhir::Value;

use super::concept;
use crate::voice::Voice;
use crate::words::Language;

/// The system of what a Task of ours asks for.
const TASKS: &str = "https://carnet.health/fhir/CodeSystem/task";
/// Behind this the text of an amendment names the elements that say something else.
const ELEMENTS: &str = "something else since: ";

/// What a Task of ours asks by its code; none for any other concept. `text` is the one that is stored.
pub(super) fn asked(concept: Value<'_>, text: &str, language: Language) -> Option<String> {
    let codings = concept.get("coding").into_iter().flat_map(|codings| codings.each());
    let code = codings.filter(|coding| concept::said(*coding, "system").as_deref() == Some(TASKS)).find_map(|coding| concept::said(coding, "code"))?;
    let voice = Voice { language, zone_offset_minutes: 0 };
    let elements = text.split_once(ELEMENTS).and_then(|(_, rest)| rest.split('.').next());
    Some(match (code.as_str(), elements) {
        ("birth-notification", _) => voice.say("task-birth-notification"),
        ("birth-annulment", _) => voice.say("task-birth-annulment"),
        ("birth-correction", _) => voice.say("task-birth-correction"),
        ("newborn-review", Some(elements)) => voice.with("task-newborn-amended", &[("elements", elements)]),
        ("newborn-review", None) => voice.say("task-newborn-annulled"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use fhir::Document;

    use super::*;

    #[test]
    fn what_the_server_asks_is_asked_in_the_readers_language() {
        let concept = |system: &str, code: &str| format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}],"text":"Birth notification"}}"#);
        let told = |system: &str, code: &str, text: &str, language| asked(Document::read(&concept(system, code)).unwrap().root(), text, language);
        for language in Language::ALL {
            for code in ["birth-notification", "birth-annulment", "birth-correction", "newborn-review"] {
                let words = told(TASKS, code, "Birth notification", language).unwrap();
                assert!(!words.is_empty() && !words.contains('⟦') && (language == Language::English || words != told(TASKS, code, "", Language::English).unwrap()), "{code}: {words}");
            }
            let amended = told(TASKS, "newborn-review", "The birth certificate was amended, and this record says something else since: gender, birthDate. Judge the record", language).unwrap();
            assert!(amended.contains("gender, birthDate") && !amended.contains('⟦'), "{amended}");
            assert_eq!(told("urn:elsewhere", "birth-notification", "", language), None);
            assert_eq!(told(TASKS, "another", "", language), None);
        }
        assert_eq!(told(TASKS, "birth-notification", "", Language::Spanish).as_deref(), Some("Aviso de nacimiento al registro"));
    }
}
