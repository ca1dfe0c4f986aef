//! What a vaccination card says: a name, a birth date, and each dose that was given.
//! <https://build.fhir.org/ig/HL7/fhir-shc-vaccination-ig/>
//!
//! * Without a name or a birth date there is no card: the guide wants both of a person.
//! * Which days have been only the caller knows: a dose to come is theirs to leave out.

use fhir::{Document, Value};
use serde_json::{Value as Json, json};

use crate::card::Card;
use crate::key::{Error, Signer};

/// Cards that are made of one record at most.
const MOST_CARDS: usize = 20;

/// The cards of a person, and what could not stand on any.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// One code each, the earliest doses first.
    pub cards: Vec<Card>,
    /// Doses without a code or a date, or that were entered in error, not given, or not in full strength.
    pub left_out: usize,
    /// The person has no name or no birth date, so there is no card.
    pub lacks_person: bool,
}

struct Dose {
    place: usize,
    when: String,
    said: Json,
}

/// Makes the vaccination cards of a person from the texts of a Patient and of Immunizations.
///
/// # Errors
/// The key could not be read; a name is too long for any card.
pub fn cards_of(signer: &Signer, issuer: &str, issued: i64, patient: &str, immunizations: &[&str]) -> Result<Given, Error> {
    let mut doses: Vec<Dose> = immunizations.iter().enumerate().filter_map(|(place, text)| dose(place, text)).collect();
    let mut given = Given { left_out: immunizations.len() - doses.len(), ..Given::default() };
    doses.sort_by(|one, other| one.when.cmp(&other.when));
    let rid = Document::read(patient).ok().and_then(|document| Some(signer.rid(&document.root().string("id")?))).transpose()?;
    // One that is issued in the second in which others were taken back would be taken back with them.
    let good_from = rid.as_deref().map(|rid| signer.good_from(rid)).transpose()?.flatten();
    let issued = good_from.map_or(issued, |good_from| issued.max(good_from));
    let Some(person) = Document::read(patient).ok().and_then(|document| person(document.root())) else {
        given.lacks_person = true;
        return Ok(given);
    };
    let mut rest = &doses[..];
    while !rest.is_empty() && given.cards.len() < MOST_CARDS {
        // As many as fit into one code.
        let mut count = rest.len();
        let jws = loop {
            match signer.sign_card(issuer, issued, &["immunization"], &bundle(&person, &rest[..count]), rid.as_deref()) {
                Err(Error::TooLong) if count > 1 => count = count * 3 / 4,
                other => break other?,
            }
        };
        given.cards.push(Card { jws, doses: rest[..count].iter().map(|dose| dose.place).collect() });
        rest = &rest[count..];
    }
    given.left_out += rest.len();
    Ok(given)
}

fn bundle(person: &Json, doses: &[Dose]) -> Json {
    let entry = |(number, resource): (usize, &Json)| json!({ "fullUrl": format!("resource:{number}"), "resource": resource });
    let all: Vec<Json> = std::iter::once(person).chain(doses.iter().map(|dose| &dose.said)).enumerate().map(entry).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": all })
}

/// The person of a card; none without a name or a birth date.
fn person(patient: Value<'_>) -> Option<Json> {
    let names: Vec<Value<'_>> = patient.get("name").into_iter().flat_map(|names| names.each()).collect();
    let of_use = |wanted: &str| names.iter().find(|name| name.string("use").as_deref() == Some(wanted));
    let name = of_use("official").or_else(|| of_use("usual")).or(names.first())?;
    let given: Vec<String> = name.get("given").into_iter().flat_map(|given| given.each().filter_map(|one| one.as_str().map(|text| text.into_owned())).collect::<Vec<_>>()).collect();
    let mut shown = json!({});
    if let Some(family) = name.string("family") {
        shown["family"] = json!(family);
    }
    if !given.is_empty() {
        shown["given"] = json!(given);
    }
    let says_nothing = |shown: &Json| shown.as_object().is_some_and(serde_json::Map::is_empty);
    if let (Some(text), true) = (name.string("text"), says_nothing(&shown)) {
        shown["text"] = json!(text);
    }
    let born = patient.string("birthDate").filter(|_| !says_nothing(&shown))?;
    Some(json!({ "resourceType": "Patient", "name": [shown], "birthDate": born }))
}

fn dose(place: usize, text: &str) -> Option<Dose> {
    let document = Document::read(text).ok()?;
    let root = document.root();
    let is_subpotent = root.get("isSubpotent").and_then(|value| value.as_bool()) == Some(true);
    if root.string("status").as_deref() != Some("completed") || is_subpotent {
        return None;
    }
    // A day is enough for whoever checks, and says less.
    let when: String = root.string("occurrenceDateTime")?.chars().take(10).collect();
    let codings = root.get("vaccineCode")?.get("coding").into_iter().flat_map(|codings| codings.each()).filter_map(|coding| Some(json!({ "system": coding.string("system")?, "code": coding.string("code")? })));
    let codings: Vec<Json> = codings.take(2).collect();
    if codings.is_empty() {
        return None;
    }
    let mut said = json!({ "resourceType": "Immunization", "status": "completed", "vaccineCode": { "coding": codings }, "patient": { "reference": "resource:0" }, "occurrenceDateTime": when });
    if let Some(lot) = root.string("lotNumber") {
        said["lotNumber"] = json!(lot);
    }
    Some(Dose { place, when, said })
}
