//! The parts of a person's name and the order in which they are spoken.

/// Which part of a name comes first in speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameOrder {
    /// Given names, then surnames.
    GivenFirst,
    /// The family name, then the rest.
    FamilyFirst,
}

/// Into which element of a `HumanName` a part of a name goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamePlace {
    /// `HumanName.family`; several parts are one text with spaces between them.
    Family,
    /// `HumanName.given`, each part in its turn.
    Given,
}

/// A part of a name as a desk asks for it, in the order of the papers.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamePart {
    /// Its place in a `HumanName`.
    pub place: NamePlace,
    /// Most people have it; it is asked for as one that must be there.
    pub usual: bool,
    /// What it is called, by language (`en`, `es`, `vi`, `ru`).
    pub label: std::collections::BTreeMap<String, String>,
}

/// A name as FHIR `HumanName` carries it.
#[derive(Debug, Clone, Copy)]
pub struct NameParts<'a> {
    /// `HumanName.family`; two surnames in one text where a country has two.
    pub family: &'a str,
    /// `HumanName.given` in their order; a patronymic is the last of them,
    /// Vietnamese middle names stand before the name a person is called by.
    pub given: &'a [&'a str],
}

/// The parts that are there, in their order, one space between them.
pub(crate) fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut written = String::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        if !written.is_empty() {
            written.push(' ');
        }
        written.push_str(part);
    }
    written
}

/// A name in the order in which it is spoken.
pub(crate) fn spoken(order: NameOrder, name: &NameParts<'_>) -> String {
    let (family, given) = (name.family.trim(), joined(name.given.iter().copied()));
    match order {
        NameOrder::GivenFirst => joined([given.as_str(), family].into_iter()),
        NameOrder::FamilyFirst => joined([family, given.as_str()].into_iter()),
    }
}

/// `FAMILY Given Given`, with or without a comma after the family name.
pub(crate) fn family_in_capitals(name: &NameParts<'_>, comma: bool) -> String {
    let family = name.family.trim().to_uppercase();
    let rest = joined(name.given.iter().copied());
    if family.is_empty() || rest.is_empty() {
        return family + &rest;
    }
    family + if comma { ", " } else { " " } + &rest
}
