//! Whose a code system is, and what its owner asks.
//!
//! Nothing here is legal advice: it names the owner and where the terms are, and waits for a word.

use anyhow::{Result, bail};
use fhir::Document;

use super::Kind;

/// Who owns a code system, and where the terms are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Owner {
    system: String,
    terms: &'static str,
}

/// The beginnings of addresses whose owners ask something.
const OWNERS: [(&str, &str); 9] = [
    ("http://loinc.org", "LOINC is owned by Regenstrief Institute, Inc. and the LOINC Committee: free of charge under the license at https://loinc.org/license, which asks for its notice in every copy."),
    ("http://snomed.info", "SNOMED CT is owned by SNOMED International: it needs an affiliate licence (https://www.snomed.org/get-snomed) or a country that is a member."),
    ("http://hl7.org/fhir/sid/icd", "ICD is owned by the World Health Organization; a national modification also by the authority that publishes it. Terms: https://icd.who.int and the publisher's own."),
    ("http://id.who.int", "ICD-11 is owned by the World Health Organization: CC BY-ND 3.0 IGO, https://icd.who.int."),
    ("http://www.whocc.no/atc", "ATC is owned by the WHO Collaborating Centre for Drug Statistics Methodology, Oslo: no copying for commercial purposes, no change, https://www.whocc.no."),
    ("http://www.ama-assn.org/go/cpt", "CPT is owned by the American Medical Association: it needs its licence."),
    ("http://www.nlm.nih.gov/research/umls", "UMLS and RxNorm come from the United States National Library of Medicine; parts need a UMLS licence, https://uts.nlm.nih.gov."),
    ("http://www.nanda.org", "NANDA-I is owned by NANDA International: it needs its licence."),
    ("http://www.who.int/classifications", "This classification is owned by the World Health Organization: see its terms at https://www.who.int."),
];

/// The owner of a system, by its form or its address; none where nobody is known to ask anything.
pub fn owner(kind: Kind, url: &str) -> Option<Owner> {
    by_address(url).or_else(|| {
        let terms = "A file in ClaML is ICD or another classification with an owner: the World Health Organization, or the authority that publishes the modification.";
        (kind == Kind::Claml).then(|| Owner { system: url.to_owned(), terms })
    })
}

fn by_address(url: &str) -> Option<Owner> {
    OWNERS.iter().find(|(start, _)| url.starts_with(start)).map(|(_, terms)| Owner { system: url.to_owned(), terms })
}

/// The owner of a CodeSystem that holds concepts. Value sets and maps name codes and hold none.
pub fn of_resource(text: &str) -> Option<Owner> {
    let document = Document::read(text).ok()?;
    let root = document.root();
    let is_system = root.string("resourceType").as_deref() == Some("CodeSystem") && root.get("concept").is_some();
    is_system.then(|| by_address(&root.string("url")?)).flatten()
}

/// Names the owners, and goes on only with a word.
pub fn ask<'o>(owners: impl Iterator<Item = &'o Owner>, is_accepted: bool) -> Result<()> {
    let mut is_asked = false;
    for owner in owners {
        eprintln!("{}: {}", owner.system, owner.terms);
        is_asked = true;
    }
    if is_asked && !is_accepted {
        bail!("nothing was taken in; if the licence is yours and its terms are kept, say so with --accept-licence");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_known_by_form_and_by_address() {
        for (kind, url, is_owned) in [
            (Kind::Claml, "http://hl7.org/fhir/sid/icd-10", true),
            (Kind::Claml, "http://national.example/icd", true),
            (Kind::Table, "http://hl7.org/fhir/sid/icd-10-mx", true),
            (Kind::Table, "http://snomed.info/sct", true),
            (Kind::Table, "http://salud.example/servicios", false),
            (Kind::Loinc, "http://loinc.org", true),
            (Kind::Atc, "http://www.whocc.no/atc", true),
            (Kind::Cvx, "http://hl7.org/fhir/sid/cvx", false),
        ] {
            assert_eq!(owner(kind, url).is_some(), is_owned, "{url}");
        }
    }

    #[test]
    fn only_a_system_with_concepts_has_an_owner() {
        for (text, is_owned) in [
            (r#"{"resourceType":"CodeSystem","url":"http://loinc.org","concept":[{"code":"1-8"}]}"#, true),
            (r#"{"resourceType":"CodeSystem","url":"http://loinc.org","content":"not-present"}"#, false),
            (r#"{"resourceType":"ValueSet","url":"http://loinc.org/vs/LL1"}"#, false),
        ] {
            assert_eq!(of_resource(text).is_some(), is_owned, "{text}");
        }
    }
}
