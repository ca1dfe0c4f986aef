//! Compartments: what belongs to a patient, an encounter, a practitioner, a device, a related person.
//! <https://hl7.org/fhir/R4/compartmentdefinition.html>
//!
//! * The table is the published one (`definitions/ORIGIN.md`).
//! * Belonging is told by references alone; where a resource lies is another matter.

use crate::link::{Link, What};
use crate::parameter::{Parameter, parameter};
use crate::query::Query;
use fhir::ResourceType;

const PUBLISHED: &str = include_str!("../definitions/compartments.tsv");

/// The types whose compartments exist.
pub const OWNERS: [&str; 5] = ["Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"];

/// True for types that have a compartment.
pub fn has_compartment(kind: ResourceType) -> bool {
    OWNERS.contains(&kind.name())
}

/// The types that may belong to a compartment, in the order of their names.
pub fn members(owner: ResourceType) -> impl Iterator<Item = ResourceType> {
    rows(owner).filter_map(|(member, _)| ResourceType::named(member))
}

/// The parameters of a type of which one must lead to the compartment's resource; none where the
/// type never belongs to it.
pub fn parameters_of(owner: ResourceType, member: ResourceType) -> Option<Vec<&'static Parameter>> {
    let (_, codes) = rows(owner).find(|(name, _)| *name == member.name())?;
    Some(codes.split(',').filter_map(|code| parameter(member, code)).collect())
}

fn rows(owner: ResourceType) -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLISHED.lines().filter_map(move |line| {
        let mut fields = line.split('\t');
        (fields.next() == Some(owner.name())).then(|| Some((fields.next()?, fields.next()?))).flatten()
    })
}

impl Query {
    /// The same, only about what belongs to the compartment of a resource. None where the type
    /// of the query never does.
    pub fn within_compartment(mut self, owner: ResourceType, id: &str) -> Option<Query> {
        let parameters = parameters_of(owner, self.resource_type)?;
        self.place = Some(format!("{}/{id}/{}", owner.name(), self.resource_type.name()));
        self.links.push(Link { what: What::Compartment { kind: owner, id: id.to_owned(), others: Vec::new(), parameters }, text: (String::new(), String::new()) });
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_parameter_works_here() {
        for line in PUBLISHED.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            assert!(OWNERS.contains(&fields[0]), "{line}");
            let member = ResourceType::named(fields[1]).unwrap_or_else(|| panic!("{line}"));
            for code in fields[2].split(',').filter(|code| *code != "{def}") {
                assert!(parameter(member, code).is_some(), "{line}: {code}");
            }
        }
        assert!(members(ResourceType::PATIENT).count() > 60);
    }
}
