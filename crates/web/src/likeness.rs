//! How alike two registrations are, in words.

use chart::Grade;

use crate::voice::Voice;

/// The word for a grade.
pub fn grade(grade: Grade, voice: &Voice) -> String {
    voice.say(match grade {
        Grade::Certain => "same-certain",
        Grade::Probable => "same-probable",
        _ => "same-possible",
    })
}

/// The key of the word for an element that a reason is about.
pub fn field(element: &str) -> Option<&'static str> {
    match element.strip_prefix("Patient.")? {
        "name" | "name.family" | "name.given" => Some("field-name"),
        "birthDate" => Some("find-column-born"),
        "gender" => Some("sex"),
        "identifier" => Some("field-identifier"),
        "address" => Some("field-address"),
        "telecom" => Some("field-phone"),
        "contact" => Some("same-contact"),
        _ => None,
    }
}
