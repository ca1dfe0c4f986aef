//! Which identifiers only one person may have, and which cannot be true.
//!
//! * A number that fails its own rules is kept, because the paper says so, and claims nothing: it is a slip or a
//!   placeholder, and the next person with it must not be turned away.
//! * So is a number that says a birth to come: a digit of its century is wrong, and it is the number of somebody who will
//!   be born. It is judged by the day on which the version was written (`meta.lastUpdated`), so that a version claims the
//!   same whenever it is asked; another version is judged anew.
//! * Versions before 0.2 claimed such numbers, too. What they claimed is given up when its holder changes.

use fhir::{Issue, IssueCode, Moment, ResourceType, Value};
use store::Claim;

/// The rule of a warning about a number that cannot be true.
pub(crate) const UNTRUE: &str = "identifier-untrue";

/// The claims a resource makes: for a person, every identifier of a system the country pack calls unique whose value can be true.
pub(crate) fn claims(kind: ResourceType, resource: Value<'_>) -> Vec<Claim> {
    of(kind, resource, true)
}

/// The claims that earlier versions of the program made for numbers that cannot be true, or could not on the day.
pub(crate) fn former_claims(kind: ResourceType, resource: Value<'_>) -> Vec<Claim> {
    of(kind, resource, false)
}

/// Every number that a person bears in such a system, true or not.
pub(crate) fn numbers(kind: ResourceType, resource: Value<'_>) -> Vec<Claim> {
    let mut all = claims(kind, resource);
    all.extend(former_claims(kind, resource));
    all
}

/// A warning for each number of a person that its system's own rules say cannot be true today. It never repeats the number.
pub(crate) fn doubts(kind: ResourceType, resource: Value<'_>, today: (i32, u8, u8)) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (place, identifier) in current(kind, resource) {
        let (Some(system), Some(value)) = (identifier.string("system"), identifier.string("value")) else { continue };
        let Some(known) = country::identifier_system(&system) else { continue };
        if let Err(flaw) = known.check_on(&value, today) {
            let message = format!("This number of the system {} {flaw}: {}. It is kept as it is and does not stand for its holder.", known.label, flaw.remedy());
            let issue = Issue::warning(IssueCode::BusinessRule, format!("Patient.identifier[{place}].value"), message).of_rule(UNTRUE);
            issues.push(Issue { offset: identifier.get("value").map(|value| value.span().start), ..issue });
        }
    }
    issues
}

/// The identifiers of a Patient that are in use, with their places. One that was withdrawn no longer belongs to anybody.
fn current<'d>(kind: ResourceType, resource: Value<'d>) -> impl Iterator<Item = (usize, Value<'d>)> {
    let identifiers = resource.get("identifier").filter(|_| kind == ResourceType::PATIENT);
    let numbered = identifiers.into_iter().flat_map(|identifiers| identifiers.each()).enumerate();
    numbered.filter(|(_, identifier)| identifier.string("use").as_deref() != Some("old"))
}

/// East of UTC, in minutes, where each day begins first: who is born there today is born.
const FIRST_ZONE: i16 = 14 * 60;

/// The day on which a version was written; none for what was not written yet.
fn written_on(resource: Value<'_>) -> Option<(i32, u8, u8)> {
    let text = resource.path(&["meta", "lastUpdated"])?;
    Some(Moment::parse(&text.as_str()?)?.civil(FIRST_ZONE))
}

fn of(kind: ResourceType, resource: Value<'_>, true_ones: bool) -> Vec<Claim> {
    let mut claims = Vec::new();
    let day = written_on(resource);
    let is_true = |known: &country::IdentifierSystem, value: &str| day.map_or_else(|| known.check(value), |day| known.check_on(value, day)).is_ok();
    for (_, identifier) in current(kind, resource) {
        let (Some(system), Some(value)) = (identifier.string("system"), identifier.string("value")) else { continue };
        let Some(known) = country::identifier_system(&system).filter(|known| known.unique && is_true(known, &value) == true_ones) else { continue };
        let claim = Claim(format!("{system}|{}", known.normalise(&value)).into_bytes());
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    #[test]
    fn a_number_that_cannot_be_true_claims_nothing_and_is_told_without_its_value() {
        let patient = r#"{"resourceType":"Patient","identifier":[
            {"system":"https://carnet.health/id/vn/cccd","value":"000 000 000 000"},
            {"system":"https://carnet.health/id/vn/cccd","value":"912158012345"},
            {"use":"old","system":"https://carnet.health/id/vn/cccd","value":"000000000001"},
            {"system":"urn:elsewhere","value":"000000000000"},{"value":"0"}]}"#;
        let document = Document::read(patient).unwrap();
        let texts = |claims: Vec<Claim>| claims.into_iter().map(|claim| String::from_utf8(claim.0).unwrap()).collect::<Vec<_>>();
        assert_eq!(texts(claims(ResourceType::PATIENT, document.root())), ["https://carnet.health/id/vn/cccd|912158012345"]);
        assert_eq!(texts(former_claims(ResourceType::PATIENT, document.root())), ["https://carnet.health/id/vn/cccd|000000000000"]);
        assert_eq!(numbers(ResourceType::PATIENT, document.root()).len(), 2);
        let doubts = doubts(ResourceType::PATIENT, document.root(), (2026, 3, 2));
        assert_eq!(doubts.iter().map(|one| (one.expression.as_str(), one.rule.as_str(), one.is_error())).collect::<Vec<_>>(), [("Patient.identifier[0].value", UNTRUE, false)]);
        assert!(!doubts[0].message.contains("000"), "{}", doubts[0].message);
        // Only persons are spoken of.
        let practitioner = ResourceType::named("Practitioner").unwrap();
        assert!(numbers(practitioner, document.root()).is_empty() && super::doubts(practitioner, document.root(), (2026, 3, 2)).is_empty());
    }

    #[test]
    fn a_number_that_says_a_birth_to_come_is_told_and_claims_nothing_once_it_is_written() {
        let patient = r#"{"resourceType":"Patient","identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"912390012345"}]}"#;
        let document = Document::read(patient).unwrap();
        let told = doubts(ResourceType::PATIENT, document.root(), (2026, 3, 2));
        assert!(matches!(&told[..], [one] if one.rule == UNTRUE && one.message.contains("birth in the future") && !one.message.contains("2090") && !one.is_error()), "{told:?}");
        assert_eq!(claims(ResourceType::PATIENT, document.root()).len(), 1);
        assert!(doubts(ResourceType::PATIENT, document.root(), (2090, 1, 1)).is_empty());
        for (written, claimed) in [("2026-03-02T08:00:00Z", 0), ("2089-12-31T09:59:59.999Z", 0), ("2089-12-31T10:00:00.000Z", 1), ("2095-06-01T00:00:00+07:00", 1)] {
            let patient = patient.replacen('{', &format!(r#"{{"meta":{{"lastUpdated":"{written}"}},"#), 1);
            let document = Document::read(&patient).unwrap();
            assert_eq!((claims(ResourceType::PATIENT, document.root()).len(), former_claims(ResourceType::PATIENT, document.root()).len()), (claimed, 1 - claimed), "{written}");
        }
    }
}
