//! A newborn whom nobody has named yet: what is written down of a child of whom the mother and the day are known, and
//! which children of a mother are here already.
//!
//! * The Patient is called by the mother's name, as its country does; a RelatedPerson in the same record says who she
//!   is, and which Patient here.
//! * Whoever begins the record, a desk or a birth certificate, makes the same of it.
//! * A certificate takes up the record that a desk began, where sex, time and order leave no doubt which it is. Where
//!   several may be the child's, nothing is signed until somebody says which.

use std::collections::BTreeSet;

use ::forms::Json;
use access::Caller;
use country::provisional::Case;
use country::{Country, NameParts, provisional};
use fhir::date::Precision;
use fhir::{Document, PartialDateTime, Reference, ResourceType, Value};
use search::{Handling, Query};

use crate::births::{NOTIFICATION, TASKS};
use crate::born::Born;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::provenance::reference;
use crate::stored::Stored;

/// The system of an identifier that says which Patient here somebody is; its value is the logical id.
const PATIENT_HERE: &str = "https://carnet.health/id/patient";
/// When on the day of birth: <https://hl7.org/fhir/R4/extension-patient-birthtime.html>.
const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";
/// RelatedPersons looked at; no mother has so many of one day.
const MOST_LOOKED_AT: u32 = 100;
/// Children of one birth at most.
pub(crate) const MOST_AT_ONCE: u8 = 9;

/// Which of how many children of one birth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum BirthOrder {
    /// The only one.
    Single,
    /// One of several; which is not said.
    OneOfSeveral,
    /// The first, the second…
    Nth(u8),
}

/// What is known of a newborn.
pub(crate) struct Newborn<'n> {
    /// The mother's Patient.
    pub mother: &'n Json,
    /// The family name, if it is known already.
    pub family: Option<&'n str>,
    /// A code of `Patient.gender`.
    pub sex: &'n str,
    /// The day of birth.
    pub day: String,
    /// The moment of birth, with its zone.
    pub at: Option<String>,
    /// Which of how many.
    pub order: Option<BirthOrder>,
    /// The name says the order too.
    pub is_called_by_order: bool,
    /// Whose custom names the child.
    pub country: Option<&'n Country>,
}

impl Newborn<'_> {
    /// The elements of the Patient, always the same in the same order; none where nothing is known of one.
    pub fn elements(&self) -> Vec<(&'static str, Option<Json>)> {
        // Of one alone it is known that there was no other. https://hl7.org/fhir/R4/patient-definitions.html#Patient.multipleBirth_x_
        let (place, is_several) = match self.order {
            None => (None, None),
            Some(BirthOrder::Single) => (None, Some(false)),
            Some(BirthOrder::OneOfSeveral) => (None, Some(true)),
            Some(BirthOrder::Nth(place)) => (Some(place), None),
        };
        vec![
            ("name", self.name()),
            ("gender", Some(Json::text(self.sex))),
            ("birthDate", Some(Json::text(&self.day))),
            ("_birthDate", self.at.as_deref().map(at_birth)),
            ("multipleBirthInteger", place.map(|place| Json::Number(place.to_string()))),
            ("multipleBirthBoolean", is_several.map(Json::Bool)),
        ]
    }

    /// The surname that was told, else what its country calls the newborn of this mother.
    fn name(&self) -> Option<Json> {
        let mut name = Json::object([("use", Json::text("temp"))]);
        match self.family {
            Some(family) => name.set("family", Json::text(family)),
            None => {
                let called = called_by(self.mother, self.country?, self.sex)?;
                name.set("text", Json::Text(match self.order {
                    Some(BirthOrder::Nth(place)) if self.is_called_by_order => format!("{called} ({place})"),
                    _ => called,
                }));
            }
        }
        Some(Json::List(vec![name]))
    }
}

/// A Patient of what is known.
pub(crate) fn patient_of(known: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let mut patient = Json::object([("resourceType", Json::text("Patient"))]);
    for (name, value) in known {
        patient.set(name, value);
    }
    patient
}

/// The identifier of somebody who has no number yet.
pub(crate) fn provisional_number(case: Case, chance: u64) -> Json {
    Json::object([("use", Json::text("temp")), ("system", Json::text(provisional::SYSTEM)), ("value", Json::text(provisional::number(case, chance)))])
}

/// The moment of a birth, beside its day.
pub(crate) fn at_birth(at: &str) -> Json {
    let extension = Json::object([("url", Json::text(BIRTH_TIME)), ("valueDateTime", Json::text(at))]);
    Json::object([("extension", Json::List(vec![extension]))])
}

/// What was begun for the child of a certificate.
pub(crate) enum Begun {
    /// Nothing.
    Nothing,
    /// This record.
    Record(Box<Stored>),
    /// One of several, and nobody knows which.
    Doubtful,
}

/// Of which child the record is sought.
pub(crate) struct Sought {
    day: String,
    sex: String,
    /// The minute of birth.
    at: Option<i64>,
    order: Option<BirthOrder>,
}

impl Sought {
    /// The child of a birth certificate.
    pub fn of(born: &Born) -> Sought {
        let of = |wanted: &str| born.elements.iter().find(|(name, _)| *name == wanted).and_then(|(_, value)| value.as_ref());
        let text = |name: &str| of(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let at = of("_birthDate").and_then(|one| one.each("extension").first()).and_then(|one| one.string("valueDateTime")).and_then(minute);
        let order = match (of("multipleBirthInteger"), of("multipleBirthBoolean").and_then(Json::as_bool)) {
            (Some(Json::Number(place)), _) => place.parse().ok().map(BirthOrder::Nth),
            (_, Some(false)) => Some(BirthOrder::Single),
            _ => None,
        };
        Sought { day: text("birthDate"), sex: text("gender"), at, order }
    }
}

/// The RelatedPerson that says who the mother of a child is.
pub(crate) fn mother_of(child: &str, mother: &Json) -> Json {
    let mut relation = Json::object([("resourceType", Json::text("RelatedPerson")), ("active", Json::Bool(true)), ("patient", reference(child))]);
    let kind = Json::object([("system", Json::text("http://terminology.hl7.org/CodeSystem/v3-RoleCode")), ("code", Json::text("MTH"))]);
    relation.set("relationship", Json::List(vec![Json::object([("coding", Json::List(vec![kind]))])]));
    for member in ["identifier", "name", "telecom"] {
        if let Some(value) = mother.get(member) {
            relation.set(member, value.clone());
        }
    }
    if let Some(id) = mother.string("id") {
        relation.push("identifier", Json::object([("use", Json::text("secondary")), ("system", Json::text(PATIENT_HERE)), ("value", Json::text(id))]));
    }
    relation
}

/// How a newborn is called, by the name the mother bears today.
pub(crate) fn called_by(mother: &Json, country: &Country, sex: &str) -> Option<String> {
    let names = mother.each("name");
    let of_use = |wanted: &str| names.iter().find(|name| name.string("use") == Some(wanted));
    let name = of_use("official").or_else(|| of_use("usual")).or_else(|| names.iter().find(|name| name.string("use") != Some("old")))?;
    let given: Vec<&str> = name.each("given").iter().filter_map(Json::as_str).collect();
    let family = name.string("family").unwrap_or_default();
    let family = if family.is_empty() && given.is_empty() { name.string("text").unwrap_or_default() } else { family };
    country.newborn_of(sex, &NameParts { family, given: &given })
}

/// Which of how many a Patient is.
pub(crate) fn order_of(patient: Value<'_>) -> Option<BirthOrder> {
    let place = patient.get("multipleBirthInteger").and_then(|number| number.as_number()).and_then(|text| text.parse().ok());
    place.map(BirthOrder::Nth).or_else(|| (patient.get("multipleBirthBoolean")?.as_bool() == Some(false)).then_some(BirthOrder::Single))
}

/// When a Patient was born, to the minute, if that was said.
fn minute_of(patient: Value<'_>) -> Option<i64> {
    let extensions = patient.path(&["_birthDate", "extension"])?;
    let told = extensions.each().find(|one| one.string("url").as_deref() == Some(BIRTH_TIME))?.string("valueDateTime")?;
    minute(&told)
}

fn minute(text: &str) -> Option<i64> {
    let date = PartialDateTime::parse(text).filter(|date| date.precision >= Precision::Minute)?;
    Some(date.range(0).0.0.div_euclid(60_000))
}

/// A minute of a day as a dateTime, in the zone that it names or, where it names none, that of the house.
pub(crate) fn told_at(text: &str, zone_offset_minutes: i16) -> Option<String> {
    let date = PartialDateTime::parse(text).filter(|date| date.precision >= Precision::Minute)?;
    let offset = date.offset_minutes.unwrap_or(zone_offset_minutes);
    let (sign, zone) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
    Some(format!("{:04}-{:02}-{:02}T{:02}:{:02}:00{sign}{:02}:{:02}", date.year, date.month, date.day, date.hour, date.minute, zone / 60, zone % 60))
}

impl Chart {
    /// The children of a mother who were born on a day, as far as the caller may see them: those whose record names
    /// her by her id here, or by a number that only she bears.
    pub(crate) async fn newborns_of(&self, caller: &Caller, mother: &str, day: &str) -> Result<Vec<Stored>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, mother)? else { return Ok(Vec::new()) };
        let mut her: BTreeSet<String> = self.joined(at.record)?.iter().map(|member| member.patient.clone()).collect();
        her.insert(mother.to_owned());
        let mut numbers: BTreeSet<String> = BTreeSet::new();
        for one in her {
            match self.read(caller, ResourceType::PATIENT, &one).await {
                Ok(stored) => numbers.extend(Document::read(&stored.text).map(|document| own_numbers(document.root())).unwrap_or_default()),
                Err(Error::NotFound | Error::Gone { .. }) => {}
                Err(cause) => return Err(cause),
            }
            numbers.insert(format!("{PATIENT_HERE}|{}", escaped(&one)));
        }
        let kind = ResourceType::named("RelatedPerson").ok_or(Error::NotFound)?;
        let numbers = numbers.into_iter().collect::<Vec<_>>().join(",");
        let pairs = [("identifier", numbers.as_str()), ("patient.birthdate", day)];
        let mut query = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        query.count = Some(MOST_LOOKED_AT);
        let mut children: Vec<Stored> = Vec::new();
        for hit in self.search(caller, &query, None).await?.items {
            let Some(child) = Document::read(&hit.stored.text).ok().and_then(|document| child_of(document.root())) else { continue };
            if children.iter().any(|known| known.id == child) {
                continue;
            }
            match self.read(caller, ResourceType::PATIENT, &child).await {
                Ok(stored) if Document::read(&stored.text).is_ok_and(|document| is_born_on(document.root(), day)) => children.push(stored),
                Ok(_) | Err(Error::NotFound | Error::Gone { .. }) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(children)
    }

    /// The record that was begun for the child of a birth certificate, if there is one and no other certificate took it.
    ///
    /// A child of another sex is another child, and so is one of several who was born at another time or in another
    /// order. Of those who are left, whoever was born in the same order, then at the same time, is the child; where
    /// that leaves several, nobody knows.
    pub(crate) async fn begun_for(&self, caller: &Caller, mother: &str, newborn: &Sought) -> Result<Begun> {
        let at = newborn.at;
        let mut fitting = Vec::new();
        for child in self.newborns_of(caller, mother, &newborn.day).await? {
            let Ok(document) = Document::read(&child.text) else { continue };
            let sex = document.root().string("gender").map_or_else(|| "unknown".to_owned(), |sex| sex.into_owned());
            let (order, born_at) = (order_of(document.root()), minute_of(document.root()));
            let is_of_sex = sex == newborn.sex || sex == "unknown" || newborn.sex == "unknown";
            let is_of_order = !matches!((order, newborn.order), (Some(BirthOrder::Nth(one)), Some(BirthOrder::Nth(other))) if one != other);
            let is_at_once = born_at.is_none() || at.is_none() || born_at == at;
            if is_of_sex && is_of_order && (is_at_once || !matches!(order, Some(BirthOrder::Nth(_)))) && !self.is_certified(caller, &child.id).await? {
                let is_same_order = order.is_some() && order == newborn.order;
                let is_same_time = born_at.is_some() && born_at == at;
                fitting.push(((!is_same_order, !is_same_time, !is_at_once), child));
            }
        }
        Ok(the_likeliest(fitting))
    }

    /// True where a birth certificate was about the child, also one that was annulled: what becomes of that record
    /// somebody judges.
    async fn is_certified(&self, caller: &Caller, child: &str) -> Result<bool> {
        let kind = ResourceType::named("Task").ok_or(Error::NotFound)?;
        let (code, address) = (format!("{TASKS}|{NOTIFICATION}"), format!("Patient/{child}"));
        let pairs = [("code", code.as_str()), ("patient", address.as_str())];
        let query = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        Ok(!self.search(caller, &query, None).await?.items.is_empty())
    }
}

/// The one that is before all others; of two that are equally near nobody knows which it is.
fn the_likeliest<R: Ord>(mut fitting: Vec<(R, Stored)>) -> Begun {
    fitting.sort_by(|one, other| one.0.cmp(&other.0));
    let is_doubtful = matches!(&fitting[..], [first, second, ..] if first.0 == second.0);
    match fitting.into_iter().next() {
        None => Begun::Nothing,
        Some(_) if is_doubtful => Begun::Doubtful,
        Some((_, child)) => Begun::Record(Box::new(child)),
    }
}

/// Numbers of a Patient by which nobody else is meant, as a query names them.
fn own_numbers(patient: Value<'_>) -> Vec<String> {
    let identifiers = patient.get("identifier").into_iter().flat_map(|all| all.each());
    let numbers = identifiers.filter_map(|one| {
        let (system, value) = (one.string("system")?, one.string("value")?);
        let is_own = country::identifier_system(&system).is_none_or(|known| known.unique && known.check(&value).is_ok());
        (is_own && !value.trim().is_empty()).then(|| format!("{}|{}", escaped(&system), escaped(&value)))
    });
    numbers.collect()
}

/// A text as a query holds it: <https://hl7.org/fhir/R4/search.html#escaping>.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|sign| matches!(sign, '\\' | ',' | '|' | '$').then_some('\\').into_iter().chain([sign])).collect()
}

/// Whose mother a RelatedPerson is, if it holds.
fn child_of(relation: Value<'_>) -> Option<String> {
    let codings = relation.get("relationship").into_iter().flat_map(|all| all.each()).filter_map(|one| one.get("coding")).flat_map(|all| all.each());
    let is_mother = codings.filter_map(|coding| coding.string("code")).any(|code| code == "MTH");
    let is_out_of_use = relation.get("active").and_then(|flag| flag.as_bool()) == Some(false);
    let text = relation.path(&["patient", "reference"])?.as_str()?.into_owned();
    match Reference::parse(&text) {
        Reference::Local { kind: ResourceType::PATIENT, id, .. } if is_mother && !is_out_of_use => Some(id.to_owned()),
        _ => None,
    }
}

fn is_born_on(patient: Value<'_>, day: &str) -> bool {
    patient.string("birthDate").as_deref() == Some(day) && patient.get("active").and_then(|flag| flag.as_bool()) != Some(false)
}

#[cfg(test)]
mod tests {
    use store::Method;

    use super::*;

    fn record(id: &str) -> Stored {
        Stored { kind: ResourceType::PATIENT, id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: Method::Create, text: String::new(), flaws: Vec::new() }
    }

    #[test]
    fn of_two_records_that_fit_alike_nobody_takes_either() {
        let told = |ranks: &[u8]| match the_likeliest(ranks.iter().enumerate().map(|(place, rank)| (*rank, record(&place.to_string()))).collect()) {
            Begun::Nothing => "nothing".to_owned(),
            Begun::Record(child) => child.id,
            Begun::Doubtful => "doubtful".to_owned(),
        };
        let stories: [(&[u8], &str); 6] = [(&[], "nothing"), (&[3], "0"), (&[3, 1], "1"), (&[1, 1], "doubtful"), (&[0, 1, 1], "0"), (&[1, 0, 0], "doubtful")];
        for (ranks, expect) in stories {
            assert_eq!(told(ranks), expect, "{ranks:?}");
        }
    }

    #[test]
    fn a_desk_and_a_certificate_make_the_same_of_a_newborn() {
        let mother = Json::read(r#"{"resourceType":"Patient","name":[{"family":"Prueba","given":["Rosa"]}]}"#).unwrap();
        let newborn = |order| Newborn { mother: &mother, family: None, sex: "female", day: "2026-03-01".to_owned(), at: None, order, is_called_by_order: true, country: country::by_code("mx") };
        let told = |order| patient_of(newborn(order).elements().into_iter().filter_map(|(name, value)| Some((name, value?)))).written();
        assert!(told(None).contains(r#""text":"Recién nacida de Rosa Prueba""#) && !told(None).contains("multipleBirth"));
        assert!(told(Some(BirthOrder::Single)).contains(r#""multipleBirthBoolean":false"#));
        assert!(told(Some(BirthOrder::OneOfSeveral)).contains(r#""multipleBirthBoolean":true"#));
        let second = told(Some(BirthOrder::Nth(2)));
        assert!(second.contains("Rosa Prueba (2)") && second.contains(r#""multipleBirthInteger":2"#), "{second}");
    }
}
