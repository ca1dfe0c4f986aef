//! A question with a code becomes an Observation.
//! <https://build.fhir.org/ig/HL7/sdc/extraction.html#observation-based-extraction>

use super::Taking;
use crate::answer::{Coding, Datum};
use crate::evaluate::quantity;
use crate::filling::Given;
use crate::item::Item;
use crate::json::Json;

impl Taking<'_, '_> {
    /// One Observation for each answer.
    pub(super) fn observe(&mut self, item: &Item, given: &Given, category: Option<&Json>) {
        for answer in &given.answers {
            let Some(value) = answer.value.as_ref().and_then(|value| observed(item, value)) else { continue };
            let mut resource = Json::object([("resourceType", Json::text("Observation")), ("status", Json::text("final"))]);
            if let Some(category) = category {
                resource.push("category", category.clone());
            }
            let coding = item.codes.iter().map(|code| Datum::Coding(code.clone()).json()).collect();
            let mut concept = Json::object([("coding", Json::List(coding))]);
            if !item.text.plain.is_empty() {
                concept.set("text", Json::text(&item.text.plain));
            }
            resource.set("code", concept);
            for (name, held) in [("subject", &self.source.subject), ("encounter", &self.source.encounter)] {
                if let Some(held) = held {
                    resource.set(name, held.clone());
                }
            }
            if let Some(authored) = &self.source.authored {
                resource.set("effectiveDateTime", Json::text(authored));
            }
            if let Some(author) = self.source.author.clone().filter(may_perform) {
                resource.push("performer", author);
            }
            resource.set(value.0, value.1);
            self.add(resource, None, None);
        }
    }
}

/// Whoever R4 lets perform an observation.
fn may_perform(author: &Json) -> bool {
    let kind = author.string("reference").and_then(|text| text.rsplit('/').nth(1));
    kind.is_none_or(|kind| matches!(kind, "Practitioner" | "PractitionerRole" | "Organization" | "Patient" | "RelatedPerson"))
}

/// The value as an Observation holds it: a code is a concept there, and a number has its unit.
fn observed(item: &Item, value: &Datum) -> Option<(&'static str, Json)> {
    Some(match value {
        Datum::Coding(coding) => ("valueCodeableConcept", concept(coding)),
        Datum::Decimal(text) | Datum::Integer(text) => match item.units.first() {
            Some(unit) => ("valueQuantity", Datum::Quantity(quantity(text.clone(), unit)).json()),
            None if matches!(value, Datum::Integer(_)) => ("valueInteger", value.json()),
            None => ("valueQuantity", Json::object([("value", Json::Number(text.clone()))])),
        },
        Datum::Date(text) => ("valueDateTime", Json::text(text)),
        Datum::Uri(text) => ("valueString", Json::text(text)),
        Datum::Reference(reference) => ("valueString", Json::text(reference.display.clone().or_else(|| reference.reference.clone())?)),
        Datum::Boolean(_) | Datum::DateTime(_) | Datum::Time(_) | Datum::Text(_) | Datum::Quantity(_) => (value.member(), value.json()),
        Datum::Attachment(_) => return None,
    })
}

/// A code as a concept.
pub(super) fn concept(coding: &Coding) -> Json {
    let mut concept = Json::object([("coding", Json::List(vec![Datum::Coding(coding.clone()).json()]))]);
    if let Some(display) = &coding.display {
        concept.set("text", Json::text(display));
    }
    concept
}
