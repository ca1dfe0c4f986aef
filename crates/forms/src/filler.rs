//! Who may fill a form in, as the form itself says.
//!
//! * A form that says nothing is for those who work here.
//! * A form that makes a certificate is theirs alone, whatever it says: what it states is theirs to answer for.

use crate::address::{CERTIFICATE, FILLERS};
use crate::json::Json;

/// As whom somebody fills a form in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filler {
    /// Somebody who works here.
    Staff,
    /// The person it is about.
    Person,
    /// A parent or guardian of that person.
    Guardian,
    /// Somebody whom the person, a court or a power of attorney named.
    Carer,
}

impl Filler {
    /// All of them.
    pub const ALL: [Filler; 4] = [Filler::Staff, Filler::Person, Filler::Guardian, Filler::Carer];

    /// As a form says it.
    pub fn code(self) -> &'static str {
        match self {
            Filler::Staff => "staff",
            Filler::Person => "person",
            Filler::Guardian => "guardian",
            Filler::Carer => "carer",
        }
    }

    /// The one of this code.
    pub fn of_code(code: &str) -> Option<Filler> {
        Filler::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Who may fill in this Questionnaire. A code that is not known lets nobody in.
    pub(crate) fn of(questionnaire: &Json) -> Vec<Filler> {
        let said: Vec<Option<Filler>> = questionnaire.extensions(FILLERS).map(|one| one.string("valueCode").and_then(Filler::of_code)).collect();
        let makes_certificate = questionnaire.extensions(CERTIFICATE).next().is_some();
        if said.is_empty() || makes_certificate {
            return vec![Filler::Staff];
        }
        Filler::ALL.into_iter().filter(|one| said.contains(&Some(*one))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_who_fills_it_in_and_a_certificate_is_for_staff() {
        let said = |codes: &[&str], more: &str| {
            let all: Vec<String> = codes.iter().map(|code| format!(r#"{{"url":"{FILLERS}","valueCode":"{code}"}}"#)).chain((!more.is_empty()).then(|| more.to_owned())).collect();
            Filler::of(&Json::read(&format!(r#"{{"extension":[{}]}}"#, all.join(","))).unwrap())
        };
        assert_eq!(said(&[], ""), [Filler::Staff]);
        assert_eq!(said(&["carer", "person"], ""), [Filler::Person, Filler::Carer]);
        assert_eq!(said(&["guardian", "staff"], ""), [Filler::Staff, Filler::Guardian]);
        assert_eq!(said(&["everybody"], ""), []);
        assert_eq!(said(&["person"], &format!(r#"{{"url":"{CERTIFICATE}"}}"#)), [Filler::Staff]);
    }
}
