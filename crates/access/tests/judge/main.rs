//! What a caller sees of a record: the table a jurist can read, and a slow model beside the rule.

mod model;
mod table;

use std::sync::Arc;

use access::{Act, Asker, Care, Circumstances, Facts, Policy, Purpose, Role, Verdict, judge, tells_of_leaving};
use fhir::{Document, Moment, PartialDateTime, ResourceType};

/// The first moment of a day.
pub(crate) fn day(text: &str) -> Moment {
    PartialDateTime::parse(text).unwrap_or_else(|| panic!("{text} is no date")).range(0).0
}

/// Learns a record from the newest versions of its resources.
pub(crate) fn learned(resources: &[String], policy: &Policy) -> Circumstances {
    let mut record = Circumstances::of_person();
    let has_left = resources.iter().any(|text| Document::read(text).is_ok_and(|document| tells_of_leaving(document.root())));
    for text in resources {
        let document = Document::read(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
        let kind = fhir::home::resource_type_of(&document).expect("a story's resource has a type");
        if kind.name() == "Consent" {
            // Written when all of the story is past: each counts from its own day.
            record.learn_consent(document.root(), Moment(i64::MAX), policy);
        }
        if policy.reads_records() {
            record.learn(kind, text, true, policy);
        } else if has_left && Care::TYPES.contains(&kind.name()) {
            record.learn_care(kind, document.root(), policy);
        }
    }
    record.settle();
    record
}

/// An EpisodeOfCare that says that the person left an institution on a day.
pub(crate) fn left(institution: &str, day: &str) -> String {
    let coding = |code: &str| format!(r#"{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"{code}"}}]}}"#);
    format!(r#"{{"resourceType":"EpisodeOfCare","status":"finished","type":[{},{}],"managingOrganization":{{"reference":"Organization/{institution}-unit"}},"extension":[{{"url":"https://carnet.health/fhir/StructureDefinition/institution","valueReference":{{"reference":"Organization/{institution}"}}}}],"period":{{"end":"{day}T00:00:00Z"}}}}"#, coding("assigned-unit"), coding("transferred"))
}

pub(crate) fn asker(role: &str, stands_for: &[&str], purpose: &str, at: Moment) -> Asker {
    Asker {
        role: Role::named(role).unwrap_or_else(|| panic!("{role} is no role")),
        purpose: Purpose::named(purpose).unwrap_or_else(|| panic!("{purpose} is no purpose")),
        act: Act::Read,
        account: 7,
        login: "ruiz".to_owned(),
        stands_for: stands_for.iter().map(|name| format!("Organization/{name}")).collect::<Vec<_>>().into(),
        within: stands_for.iter().flat_map(|name| [format!("Organization/{name}"), format!("Organization/whole-of-{name}")]).collect::<Vec<_>>().into(),
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
