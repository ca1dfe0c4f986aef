//! A newborn whom nobody has named yet: what is written down of a child of whom the mother and the day are known, and
//! which children of a mother are here already.
//!
//! * The Patient is called by the mother's name, as its country does; a RelatedPerson in the same record says who she
//!   is, and which Patient here.
//! * Whoever begins the record, a desk or a birth certificate, makes the same of it.
//! * A certificate takes up the record that a desk began, where sex, time and order leave no doubt which it is.

use std::collections::BTreeSet;

use ::forms::Json;
use access::Caller;
use country::{Country, NameParts};
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
    /// Whose custom names the child.
    pub country: Option<&'n Country>,
}

impl Newborn<'_> {
    /// The Patient, without a number.
    pub fn patient(&self) -> Json {
        let mut child = Json::object([("resourceType", Json::text("Patient"))]);
        let called = self.country.and_then(|country| called_by(self.mother, country, self.sex));
        if called.is_some() || self.family.is_some() {
            let mut name = Json::object([("use", Json::text("temp"))]);
            for (member, value) in [("text", called), ("family", self.family.map(str::to_owned))] {
                if let Some(value) = value {
                    name.set(member, Json::Text(value));
                }
            }
            child.set("name", Json::List(vec![name]));
        }
        child.set("gender", Json::text(self.sex));
        child.set("birthDate", Json::text(&self.day));
        if let Some(at) = &self.at {
            child.set("_birthDate", at_birth(at));
        }
        match self.order {
            Some(BirthOrder::Single) => child.set("multipleBirthBoolean", Json::Bool(false)),
            Some(BirthOrder::Nth(place)) => child.set("multipleBirthInteger", Json::Number(place.to_string())),
            None => {}
        }
        child
    }
}

/// The moment of a birth, beside its day.
pub(crate) fn at_birth(at: &str) -> Json {
    let extension = Json::object([("url", Json::text(BIRTH_TIME)), ("valueDateTime", Json::text(at))]);
    Json::object([("extension", Json::List(vec![extension]))])
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
        let order = match of("multipleBirthInteger") {
            Some(Json::Number(place)) => place.parse().ok().map(BirthOrder::Nth),
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
    /// A child of another sex is another child, and so is one of several who was born at another time or in another order.
    pub(crate) async fn begun_for(&self, caller: &Caller, mother: &str, newborn: &Sought) -> Result<Option<Stored>> {
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
                fitting.push((born_at != at, order, child.id.clone(), child));
            }
        }
        fitting.sort_by(|one, other| (one.0, one.1, &one.2).cmp(&(other.0, other.1, &other.2)));
        Ok(fitting.into_iter().next().map(|(.., child)| child))
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
