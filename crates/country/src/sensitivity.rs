//! What a country holds to be sensitive: which codes make a resource so, and who sees it then.
//!
//! Labels are HL7's (<http://terminology.hl7.org/CodeSystem/v3-ActCode>), so that what is marked in
//! `meta.security` and what is told by its codes fall under one rule.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A label: what bears it, and who sees that without breaking the glass.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// HL7's code: `HIV`, `PSY`.
    pub label: String,
    /// What it is about, by language.
    pub name: BTreeMap<String, String>,
    /// Roles that see it, by their words: `physician`.
    pub roles: Vec<String>,
    /// They must also have a relation of care with the person.
    pub needs_relation: bool,
    /// Codes that make a resource bear it.
    #[serde(default)]
    pub codes: Vec<CodeRange>,
    /// Borne by the person, it holds for the whole record.
    #[serde(default)]
    pub of_person: bool,
    /// Where it comes from.
    pub source: String,
    /// Whether the source says so, or it is proposed here.
    pub is_proposed: bool,
}

/// Codes of one system that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRange {
    /// A part of the system's address that tells it: `icd-10`, `loinc.org`.
    pub system: String,
    /// What the codes begin with.
    pub begins: Vec<String>,
    /// What begins so and is not meant.
    #[serde(default)]
    pub except: Vec<String>,
}

/// Whom a country takes for adolescent, and which labels then bear one more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adolescence {
    /// From this birthday.
    pub from_years: u8,
    /// Until before this one.
    pub until_years: u8,
    /// With any of these labels, what is told of an adolescent bears `ADOL` too.
    pub labels: Vec<String>,
}

/// What holds where no consent says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentRegime {
    /// Shown, unless the person refuses.
    OptOut,
    /// Hidden from other institutions, unless the person permits.
    OptIn,
}

/// A country's rules about what is sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivities {
    /// Where no consent speaks.
    pub consent: ConsentRegime,
    /// Who is adolescent.
    pub adolescence: Adolescence,
    /// The labels.
    #[serde(rename = "label")]
    pub labels: Vec<Sensitivity>,
}

impl Sensitivity {
    /// True for a code that makes a resource bear the label.
    pub fn holds(&self, system: &str, code: &str) -> bool {
        self.label == code && system.ends_with("v3-ActCode") || self.codes.iter().any(|range| range.holds(system, code))
    }
}

impl CodeRange {
    /// True for a code of the range.
    pub fn holds(&self, system: &str, code: &str) -> bool {
        system.contains(&self.system) && self.begins.iter().any(|begin| code.starts_with(begin.as_str())) && !self.except.iter().any(|begin| code.starts_with(begin.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use crate::all;

    fn labels_of(system: &str, code: &str) -> Vec<String> {
        let first = &all()[0].sensitivities;
        first.labels.iter().filter(|label| label.holds(system, code)).map(|label| label.label.clone()).collect()
    }

    #[test]
    fn codes_are_told_apart() {
        const ICD: &str = "http://hl7.org/fhir/sid/icd-10";
        for (system, code, label) in [
            (ICD, "B20.1", "HIV"),
            (ICD, "Z21", "HIV"),
            (ICD, "F20.0", "PSY"),
            (ICD, "F10.2", "ETH"),
            (ICD, "A54", "SEX"),
            (ICD, "O04", "SEX"),
            ("http://loinc.org", "56888-1", "HIV"),
            ("http://www.whocc.no/atc", "J05AR03", "HIV"),
            ("http://www.whocc.no/atc", "N05AH03", "PSY"),
        ] {
            assert_eq!(labels_of(system, code), [label], "{system} {code}");
        }
        for (system, code) in [(ICD, "J06.9"), (ICD, "F17.2"), (ICD, "B18"), ("http://loinc.org", "8480-6"), ("urn:x", "B20"), (ICD, "O80")] {
            assert!(labels_of(system, code).is_empty(), "{system} {code}");
        }
    }

    #[test]
    fn every_country_says_what_is_sensitive_in_four_languages() {
        for country in all() {
            let rules = &country.sensitivities;
            for label in ["HIV", "PSY", "SEX", "ETH", "ADOL", "EMPL"] {
                assert!(rules.labels.iter().any(|rule| rule.label == label), "{} {label}", country.code);
            }
            assert!(rules.labels.iter().all(|rule| rule.name.len() == 4 && !rule.source.is_empty() && !rule.roles.is_empty()), "{}", country.code);
            assert!(rules.adolescence.from_years < rules.adolescence.until_years, "{}", country.code);
        }
    }
}
