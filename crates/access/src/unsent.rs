//! What a person is still writing.
//!
//! * A form that a person fills in, or somebody who acts for them, is theirs until it is sent: what nobody has sent,
//!   nobody has said. Only its author sees it, and no purpose, role or broken glass opens it to another.
//! * Each version is asked about for itself: what was typed before it was sent stays the author's afterwards.
//! * Whoever holds the keys of the house sees it, as all.

use fhir::{Reference, ResourceType, Value};

use crate::{Facts, Sieve};

/// Who a form is from that a person fills in, or somebody who acts for them: `Patient/1`, `RelatedPerson/2`. None for
/// any other resource.
fn teller(kind: ResourceType, root: Value<'_>) -> Option<String> {
    if kind.name() != "QuestionnaireResponse" {
        return None;
    }
    let author = root.path(&["author", "reference"])?.as_str()?;
    let (kind, id) = Reference::parse(&author).local()?;
    matches!(kind.name(), "Patient" | "RelatedPerson").then(|| format!("{kind}/{id}"))
}

/// The author of a form that a person is still writing; none for what was sent, and for anything else.
pub fn unsent_author(kind: ResourceType, root: Value<'_>) -> Option<String> {
    teller(kind, root).filter(|_| root.string("status").as_deref() == Some("in-progress"))
}

/// True where versions of a resource may be what a person is, or was, still writing: its newest version is theirs. Of
/// what was deleted or cannot be read nobody knows.
pub(crate) fn may_be_unsent(kind: ResourceType, newest: Option<Value<'_>>) -> bool {
    kind.name() == "QuestionnaireResponse" && newest.is_none_or(|root| teller(kind, root).is_some())
}

/// Hides what a person is still writing from all but its author.
pub(crate) struct Unsent {
    /// As whom the caller writes in the record; none who writes as staff or a system.
    pub author: Option<String>,
}

impl Sieve for Unsent {
    fn shows(&self, resource: &Facts<'_>) -> bool {
        if resource.kind().name() != "QuestionnaireResponse" {
            return true;
        }
        let Some(root) = resource.root() else { return false };
        unsent_author(resource.kind(), root).is_none_or(|author| self.author.as_deref() == Some(&author))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_author_sees_what_a_person_is_still_writing() {
        let kind = |name| ResourceType::named(name).unwrap();
        let staff = Unsent { author: None };
        let own = Unsent { author: Some("Patient/p".into()) };
        let mother = Unsent { author: Some("RelatedPerson/m".into()) };
        for (of, status, author, seen) in [
            ("QuestionnaireResponse", "in-progress", r#"{"reference":"Patient/p"}"#, [false, true, false]),
            ("QuestionnaireResponse", "in-progress", r#"{"reference":"Patient/p/_history/2"}"#, [false, true, false]),
            ("QuestionnaireResponse", "in-progress", r#"{"reference":"RelatedPerson/m"}"#, [false, false, true]),
            ("QuestionnaireResponse", "in-progress", r#"{"reference":"RelatedPerson/f"}"#, [false, false, false]),
            ("QuestionnaireResponse", "completed", r#"{"reference":"Patient/p"}"#, [true, true, true]),
            ("QuestionnaireResponse", "in-progress", r#"{"reference":"Practitioner/d"}"#, [true, true, true]),
            ("QuestionnaireResponse", "in-progress", r#"{"display":"Patient/p"}"#, [true, true, true]),
            ("Task", "in-progress", r#"{"reference":"Patient/p"}"#, [true, true, true]),
        ] {
            let text = format!(r#"{{"status":"{status}","author":{author}}}"#);
            let facts = Facts::new(kind(of), "q", &text);
            assert_eq!([&staff, &own, &mother].map(|sieve| sieve.shows(&facts)), seen, "{of} {text}");
        }
        assert!(!staff.shows(&Facts::new(kind("QuestionnaireResponse"), "q", "{")), "what cannot be read is hidden");
    }
}
