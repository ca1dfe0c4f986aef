//! What an Organization is by its told types: whether somebody may be assigned to it, and whether it is asked if it pays.
//!
//! * Only what is told speaks: one without types, or with a type that is not known here, may be both.
//! * Nobody is assigned to an insurer. A hospital may pay for somebody, though mostly the one is chosen in place of the
//!   other: so it is asked, and never refused.
//! * One of several types is what any of them says: an institution that treats and pays is typed as both.
//!
//! Types are those of <https://terminology.hl7.org/CodeSystem-organization-type.html>; a laboratory is SNOMED CT's.

use fhir::Value;

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/organization-type";
const SNOMED: &str = "http://snomed.info/sct";

/// Nobody is assigned to these: insurers, payers, schools, sponsors, businesses, laboratories.
const NO_UNITS: [(&str, &str); 6] = [(TYPES, "ins"), (TYPES, "pay"), (TYPES, "edu"), (TYPES, "crs"), (TYPES, "bus"), (SNOMED, "261904005")];
/// These treat, and rarely pay: providers, departments, teams, sponsors, laboratories.
const RARE_PAYORS: [(&str, &str); 5] = [(TYPES, "prov"), (TYPES, "dept"), (TYPES, "team"), (TYPES, "crs"), (SNOMED, "261904005")];

/// Whether a person may be assigned to this Organization.
pub fn may_be_unit(organization: Value<'_>) -> bool {
    !is_only(organization, &NO_UNITS)
}

/// Whether somebody who names this Organization as a payer is asked if it truly pays.
pub fn is_asked_whether_it_pays(organization: Value<'_>) -> bool {
    is_only(organization, &RARE_PAYORS)
}

/// True where a type is told, and each one is of these by one of its codings.
fn is_only(organization: Value<'_>, these: &[(&str, &str)]) -> bool {
    let mut is_told = false;
    for concept in organization.get("type").into_iter().flat_map(|types| types.each()) {
        is_told = true;
        let mut codings = concept.get("coding").into_iter().flat_map(|codings| codings.each());
        let is_one = codings.any(|coding| {
            let (system, code) = (coding.string("system").unwrap_or_default(), coding.string("code").unwrap_or_default());
            these.iter().any(|(of, one)| *of == &*system && *one == &*code)
        });
        if !is_one {
            return false;
        }
    }
    is_told
}

#[cfg(test)]
mod tests {
    use fhir::Document;

    use super::*;

    #[test]
    fn what_is_told_of_an_organization_decides_and_what_is_not_known_forbids_nothing() {
        let typed = |codes: &[(&str, &str)]| {
            let types: Vec<String> = codes.iter().map(|(system, code)| format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#)).collect();
            format!(r#"{{"resourceType":"Organization","type":[{}]}}"#, types.join(","))
        };
        for (text, unit, pays) in [
            (r#"{"resourceType":"Organization"}"#.to_owned(), true, true),
            (typed(&[(TYPES, "prov")]), true, false),
            (typed(&[(TYPES, "dept")]), true, false),
            (typed(&[(TYPES, "ins")]), false, true),
            (typed(&[(TYPES, "pay")]), false, true),
            (typed(&[(TYPES, "prov"), (TYPES, "pay")]), true, true),
            (typed(&[(TYPES, "govt")]), true, true),
            (typed(&[(SNOMED, "261904005")]), false, false),
            (typed(&[("https://codes.example", "ins")]), true, true),
            (r#"{"resourceType":"Organization","type":[{"text":"Clinic"}]}"#.to_owned(), true, true),
        ] {
            let document = Document::read(&text).unwrap();
            assert_eq!((may_be_unit(document.root()), !is_asked_whether_it_pays(document.root())), (unit, pays), "{text}");
        }
    }
}
