//! What an emergency needs and no other card has: the blood group, and whom to call.

use fhir::Value;

use crate::record::{Record, concept};
use crate::voice::Voice;

/// Blood group and contacts.
#[derive(Clone, Debug, Default)]
pub struct Emergency {
    /// Each result about the blood group, the newest first: what it says and since when.
    pub blood: Vec<(String, String)>,
    /// Name, what they are to the person, how to reach them.
    pub contacts: Vec<(String, String, String)>,
}

/// ABO and Rh together, ABO, Rh; <https://loinc.org>.
const BLOOD_GROUP: [&str; 3] = ["882-1", "883-9", "10331-7"];

/// Reads both.
pub fn emergency(record: &Record<'_>, voice: &Voice) -> Emergency {
    let mut blood: Vec<(i64, String, String)> = Vec::new();
    for item in record.valid("Observation") {
        let root = item.root();
        let is_group = root.get("code").is_some_and(|code| BLOOD_GROUP.iter().any(|wanted| concept::has_code(code, wanted)));
        let said = root.get("valueCodeableConcept").and_then(|value| record.says(value)).or_else(|| root.string("valueString").map(|text| text.into_owned()));
        if let Some(said) = said.filter(|_| is_group && root.string("status").as_deref() != Some("cancelled")) {
            let when = record.when(item, voice);
            blood.push((when.map_or(i64::MIN, |when| when.at), said, when.map_or_else(String::new, |when| voice.date(&when.date))));
        }
    }
    blood.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let contacts = record.patient.root().get("contact").into_iter().flat_map(|contacts| contacts.each()).map(|contact| contact_of(contact, record)).collect();
    Emergency { blood: blood.into_iter().map(|(_, said, day)| (said, day)).collect(), contacts }
}

fn contact_of(contact: Value<'_>, record: &Record<'_>) -> (String, String, String) {
    let all = |value: Option<Value<'_>>, name: &str| -> Vec<String> {
        let parts = value.into_iter().flat_map(|value| value.each()).filter_map(|one| one.get(name));
        parts.flat_map(|part| part.each()).filter_map(|part| part.as_str().map(|text| text.into_owned())).collect()
    };
    let name = contact.get("name");
    let whole = all(name, "text");
    let name = if whole.is_empty() { [all(name, "given"), all(name, "family")].concat() } else { whole };
    let relations: Vec<String> = contact.get("relationship").into_iter().flat_map(|list| list.each()).filter_map(|one| record.says(one)).collect();
    (name.join(" "), relations.join(", "), all(contact.get("telecom"), "value").join(", "))
}
