//! What is kept in a record of nobody's and holds what is somebody's: a Bundle with resources of persons in it.
//!
//! * It is shown where each resource in it would be, if that lay in the record of every person it names.
//! * Who is named and is not here changes nothing. Where it cannot be told what is known of somebody, nothing is shown.
//! * What only names persons, as a Group does, is not asked about: each of them is, where the name leads.

use std::collections::BTreeSet;
use std::sync::Arc;

use fhir::{Document, Reference, ResourceType, Value, home};

use crate::{Around, Asker, Facts, Known, Policy, Sieve, judge};

/// Hides what holds something that is hidden.
pub(crate) struct Kept {
    pub asker: Arc<Asker>,
    pub policy: Arc<Policy>,
    pub around: Arc<dyn Around>,
}

impl Sieve for Kept {
    fn shows(&self, resource: &Facts<'_>) -> bool {
        if !may_hold(resource.text()) {
            return true;
        }
        let Some(root) = resource.root() else { return false };
        let (held, named) = held_by(root);
        let mut records = Vec::new();
        for id in &named {
            match self.around.person(id) {
                Err(_untold) => return false,
                Ok(Known::Nobody) => {}
                Ok(Known::Person(record, broke_glass)) => {
                    if !broke_glass && !record.hide_nothing(&self.policy) {
                        records.push(record);
                    }
                }
            }
        }
        held.iter().all(|(kind, value)| {
            let id = value.string("id").unwrap_or_default();
            let facts = Facts::new(*kind, &id, value.raw());
            records.iter().all(|record| judge(&self.asker, &self.policy, record, false, &facts).shows())
        })
    }
}

/// False where no other resource lies inside one: of most that is seen without reading the tree.
fn may_hold(text: &str) -> bool {
    text.matches("\"resourceType\"").nth(1).is_some() || text.contains("\\u")
}

/// What lies inside a resource and may be somebody's, and the ids of the Patients named there; nobody where nothing does.
fn held_by(root: Value<'_>) -> (Vec<(ResourceType, Value<'_>)>, BTreeSet<String>) {
    let (mut held, mut named) = (Vec::new(), BTreeSet::new());
    each_held(root, &mut |kind, value| {
        if kind == ResourceType::PATIENT {
            named.extend(value.string("id").map(|id| id.into_owned()));
        }
        if !home::is_shared(kind) {
            held.push((kind, value));
        }
    });
    if held.is_empty() {
        return (held, BTreeSet::new());
    }
    home::reference_texts(root, &mut |text| {
        named.extend(Reference::parse(&text).local().filter(|(kind, _)| *kind == ResourceType::PATIENT).map(|(_, id)| id.to_owned()));
    });
    (held, named)
}

/// The ids of the Patients of whom something lies inside a resource, as a Bundle: whoever sees that sees them.
pub fn persons_held(text: &str) -> BTreeSet<String> {
    let document = Document::read(text).ok().filter(|_| may_hold(text));
    document.map(|document| held_by(document.root()).1).unwrap_or_default()
}

/// Tells each resource that lies inside another one, however deep.
fn each_held<'d>(value: Value<'d>, tell: &mut dyn FnMut(ResourceType, Value<'d>)) {
    for (_, member) in value.members() {
        for item in member.each() {
            if let Some(kind) = item.string("resourceType").and_then(|name| ResourceType::named(&name)) {
                tell(kind, item);
            }
            each_held(item, tell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Circumstances, Purpose, Role, Untold};
    use fhir::Moment;

    /// Knows Ana, who refuses that anybody sees her Observations.
    #[derive(Debug)]
    struct Ana {
        broke_glass: bool,
    }

    impl Around for Ana {
        fn content(&self, _kind: ResourceType, _id: &str) -> Result<Option<String>, Untold> {
            Err(Untold)
        }

        fn person(&self, patient_id: &str) -> Result<Known, Untold> {
            let consent = r#"{"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"dateTime":"2026-01-01","provision":{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]}}"#;
            let mut record = Circumstances::of_person();
            if patient_id == "ana" {
                record.learn_consent(Document::read(consent).unwrap().root(), Moment(0), &Policy::default());
            }
            match patient_id {
                "ana" | "bao" => Ok(Known::Person(Arc::new(record), self.broke_glass)),
                "lost" => Err(Untold),
                _ => Ok(Known::Nobody),
            }
        }
    }

    #[test]
    fn a_bundle_is_shown_where_everything_in_it_would_be() {
        let asker = Asker { role: Role::Physician, purpose: Purpose::Treatment, act: Act::Read, account: 1, login: String::new(), stands_for: Arc::default(), within: Arc::default(), at: Moment(1_772_000_000_000) };
        let sieve = |broke_glass| Kept { asker: Arc::new(asker.clone()), policy: Arc::default(), around: Arc::new(Ana { broke_glass }) };
        let about = |of: &str, who: &str| format!(r#"{{"resourceType":"{of}","id":"x","subject":{{"reference":"Patient/{who}"}}}}"#);
        let bundle = |entries: &[String]| format!(r#"{{"resourceType":"Bundle","entry":[{}]}}"#, entries.iter().map(|one| format!(r#"{{"resource":{one}}}"#)).collect::<Vec<_>>().join(","));
        let unnamed = r#"{"resourceType":"Observation","id":"x","encounter":{"reference":"Encounter/e"}}"#.to_owned();
        for (text, shown) in [
            (bundle(&[about("Observation", "ana")]), false),
            (bundle(&[about("Condition", "ana")]), true),
            (bundle(&[about("Observation", "bao"), about("Condition", "bao")]), true),
            (bundle(&[about("Condition", "bao"), about("Observation", "ana")]), false),
            // Whose it is that names no person is not guessed: whoever is named beside it counts.
            (bundle(&[r#"{"resourceType":"Patient","id":"ana"}"#.to_owned(), unnamed.clone()]), false),
            (bundle(&[unnamed]), true),
            (bundle(&[bundle(&[about("Observation", "ana")])]), false),
            (bundle(&[r#"{"resourceType":"Practitioner","id":"p"}"#.to_owned(), about("Condition", "ana")]), true),
            (bundle(&[about("Observation", "of-another-house")]), true),
            (bundle(&[about("Condition", "lost")]), false),
            (bundle(&[about("Observation", "ana").replace("resourceType", "resource\\u0054ype")]), false),
            (r#"{"resourceType":"Group","member":[{"entity":{"reference":"Patient/ana"}}]}"#.to_owned(), true),
        ] {
            let kind = ResourceType::named(Document::read(&text).unwrap().root().string("resourceType").as_deref().unwrap()).unwrap();
            assert_eq!(sieve(false).shows(&Facts::new(kind, "k", &text)), shown, "{text}");
            let is_lost = text.contains("lost");
            assert_eq!(sieve(true).shows(&Facts::new(kind, "k", &text)), !is_lost, "with the glass broken: {text}");
        }
    }
}
