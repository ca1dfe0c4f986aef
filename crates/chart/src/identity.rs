//! Which identifiers only one person may have.

use fhir::{ResourceType, Value};
use store::Claim;

/// The claims a resource makes: for a person, every identifier of a system the country pack calls unique.
pub(crate) fn claims(kind: ResourceType, resource: Value<'_>) -> Vec<Claim> {
    if kind != ResourceType::PATIENT {
        return Vec::new();
    }
    let mut claims = Vec::new();
    for identifier in resource.get("identifier").into_iter().flat_map(|identifiers| identifiers.each()) {
        // An identifier that was withdrawn no longer belongs to anybody.
        if identifier.string("use").as_deref() == Some("old") {
            continue;
        }
        let (Some(system), Some(value)) = (identifier.string("system"), identifier.string("value")) else { continue };
        let Some(known) = country::identifier_system(&system).filter(|known| known.unique) else { continue };
        let claim = Claim(format!("{system}|{}", known.normalise(&value)).into_bytes());
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    claims
}
