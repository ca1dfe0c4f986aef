//! The pieces resources share: names, addresses, telephones, references by identifier.

use country::Country;

use crate::day::push_padded;
use crate::json::Json;
use crate::names::FullName;
use crate::places::{self, FACILITY_SYSTEM, PRACTITIONER_SYSTEM};
use crate::words::Tongue;

/// Code systems written in many places.
pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10";
pub(crate) const ATC: &str = "http://www.whocc.no/atc";
pub(crate) const CVX: &str = "http://hl7.org/fhir/sid/cvx";
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";

/// A HumanName as the next item of a list.
pub(crate) fn human_name(json: &mut Json<'_>, name: &FullName, tongue: Tongue, usage: &str) {
    json.item();
    json.text("use", usage);
    json.text("text", &name.text(tongue));
    json.text("family", &name.family);
    if let Some((father, mother)) = name.halves {
        // The two halves, by the extensions HL7 publishes for them.
        json.open("_family");
        json.list("extension");
        for (kind, half) in [("fathers", father), ("mothers", mother)] {
            json.item();
            json.texts("url", &["http://hl7.org/fhir/StructureDefinition/humanname-", kind, "-family"]);
            json.text("valueString", half);
            json.close();
        }
        json.end_list();
        json.close();
    }
    json.list("given");
    for given in &name.given {
        json.string(given);
    }
    json.end_list();
    json.close();
}

/// A house nobody lives in, as its country writes it.
pub(crate) fn address_line(tongue: Tongue, street: usize, number: u32) -> String {
    let street = places::street(tongue, street);
    match tongue {
        Tongue::Spanish => format!("{street} {number}"),
        Tongue::Vietnamese => format!("Số {number}, {street}"),
        Tongue::Russian => format!("{street}, д. {}, кв. {}", number % 60 + 1, number),
    }
}

/// A telephone number in an area code that does not exist: 000 in all three countries.
pub(crate) fn telephone(tongue: Tongue, serial: u32) -> String {
    let mut text = String::with_capacity(18);
    text.push_str(match tongue {
        Tongue::Spanish => "+52 000 ",
        Tongue::Vietnamese => "+84 000 ",
        Tongue::Russian => "+7 000 ",
    });
    push_padded(&mut text, serial / 10_000 % 1000, 3);
    text.push(' ');
    push_padded(&mut text, serial % 10_000, 4);
    text
}

/// A reference to a facility by its identifier, as the members of an open object.
pub(crate) fn facility_members(json: &mut Json<'_>, country: &Country, tongue: Tongue, kind: &str, facility: usize) {
    json.texts("reference", &[kind, "?identifier=", FACILITY_SYSTEM, "|", &places::facility_code(country, facility)]);
    json.text("display", places::facility_name(tongue, facility));
}

/// A reference to a practitioner by identifier, as the members of an open object.
pub(crate) fn practitioner_members(json: &mut Json<'_>, country: &Country, signature: &str, practitioner: usize) {
    json.texts("reference", &["Practitioner?identifier=", PRACTITIONER_SYSTEM, "|", &places::practitioner_code(country, practitioner)]);
    json.text("display", signature);
}
