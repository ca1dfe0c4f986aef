//! What a caller sees of a record: the table a jurist can read, and a slow model beside the rule.

mod model;
mod table;

use std::sync::Arc;

use access::{Act, Asker, Circumstances, Facts, Policy, Purpose, Role, Verdict, judge};
use fhir::{Document, Moment, PartialDateTime, ResourceType};

/// The first moment of a day.
pub(crate) fn day(text: &str) -> Moment {
    PartialDateTime::parse(text).unwrap_or_else(|| panic!("{text} is no date")).range(0).0
}

/// Learns a record from the newest versions of its resources.
pub(crate) fn learned(resources: &[String], policy: &Policy) -> Circumstances {
    let mut record = Circumstances::of_person();
    for text in resources {
        let document = Document::read(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
        let kind = fhir::home::resource_type_of(&document).expect("a story's resource has a type");
        if kind.name() == "Consent" {
            record.learn_consent(document.root(), Moment(0), policy);
        }
        if policy.reads_records() {
            record.learn(kind, text, true, policy);
        }
    }
    record
}

pub(crate) fn asker(role: &str, stands_for: &[&str], purpose: &str, at: Moment) -> Asker {
    Asker {
        role: Role::named(role).unwrap_or_else(|| panic!("{role} is no role")),
        purpose: Purpose::named(purpose).unwrap_or_else(|| panic!("{purpose} is no purpose")),
        act: Act::Read,
        account: 7,
        login: "ruiz".to_owned(),
        stands_for: stands_for.iter().map(|name| format!("Organization/{name}")).collect::<Vec<_>>().into(),
        at,
    }
}

/// What becomes of a resource: what hides nothing must not be asked about.
pub(crate) fn verdict(asker: &Asker, policy: &Policy, record: &Circumstances, broke_glass: bool, text: &str) -> Verdict {
    let document = Document::read(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
    let kind: ResourceType = fhir::home::resource_type_of(&document).expect("a story's resource has a type");
    let id = document.root().string("id").unwrap_or_default().into_owned();
    let found = judge(asker, policy, record, broke_glass, &Facts::new(kind, &id, text));
    if record.hide_nothing(policy) && asker.purpose != Purpose::Payment {
        assert!(found.shows(), "{found:?} of a record that hides nothing: {text}");
    }
    found
}

/// The first country's rules, as a site has them that turned them on.
pub(crate) fn policy() -> Policy {
    let rules = &country::all()[0].sensitivities;
    Policy { sensitivities: Arc::from(rules.labels.clone()), adolescence: Some(rules.adolescence.clone()), ..Policy::default() }
}
